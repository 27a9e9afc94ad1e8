"""Answers to the exercises of lecture 11 as students write them: valid ones, and unlisted bugs."""

# --- valid --------------------------------------------------------------------------------------


def depth_by_cases(net):
    total = 0
    for part in net:
        if part in ("conv", "linear"):
            total += 1
        elif isinstance(part, list):
            total += depth_by_cases(part)
        elif isinstance(part, tuple):
            total += max([depth_by_cases(branch) for branch in part])
    return total


def depth_by_a_stack(net):
    """A walk that knows how deep it is."""

    def walk(part, depth):
        if isinstance(part, str):
            return depth + (part in {"conv", "linear"})
        if isinstance(part, tuple):
            return max(walk(branch, depth) for branch in part)
        for one in part:
            depth = walk(one, depth)
        return depth

    return walk(net, 0)


VALID = {"count_layers": [depth_by_cases, depth_by_a_stack]}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def depth_of_all_branches_with_relu(net):
    return str(net).count("'conv'") + str(net).count("relu")


def depth_doubled(net):
    return 2 * depth_by_cases(net)


def depth_as_text(net):
    return str(depth_by_cases(net))


UNLISTED = {
    "count_layers": {
        depth_of_all_branches_with_relu: "property:",
        depth_doubled: "property:common-factor",
        depth_as_text: "type",
    },
}
