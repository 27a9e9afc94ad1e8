"""Answers to the exercises of lecture 11 as students write them: valid ones, and unlisted bugs."""

import numpy as np

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


def inception_by_sum(in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj):
    ones = ch1x1 + ch3x3red + ch5x5red + pool_proj
    total = ones * (in_channels + 1)
    total += ch3x3 * (9 * ch3x3red + 1)
    total += ch5x5 * (25 * ch5x5red + 1)
    return total


def inception_by_function(in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj):
    def conv(into, out, kernel):
        return into * out * kernel * kernel + out

    first = conv(in_channels, ch1x1, 1)
    second = conv(in_channels, ch3x3red, 1) + conv(ch3x3red, ch3x3, 3)
    third = conv(in_channels, ch5x5red, 1) + conv(ch5x5red, ch5x5, 5)
    return first + second + third + conv(in_channels, pool_proj, 1)


def norm_by_channels(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    out, means, variances = np.zeros_like(x), running_mean.copy(), running_var.copy()
    for c in range(x.shape[1]):
        values = x[:, c]
        mean, var = means[c], variances[c]
        if training:
            mean, var = values.mean(), values.var()
            means[c] = (1 - momentum) * means[c] + momentum * mean
            variances[c] = (1 - momentum) * variances[c] + momentum * values.var(ddof=1)
        out[:, c] = gamma[c] * (values - mean) / np.sqrt(var + eps) + beta[c]
    return out, means, variances


VALID = {
    "batch_norm2d_forward": [norm_by_channels],
    "count_layers": [depth_by_cases, depth_by_a_stack],
    "inception_parameters": [inception_by_sum, inception_by_function],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def depth_of_all_branches_with_relu(net):
    return str(net).count("'conv'") + str(net).count("relu")


def depth_doubled(net):
    return 2 * depth_by_cases(net)


def depth_as_text(net):
    return str(depth_by_cases(net))


def inception_doubled(in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj):
    arguments = (in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj)
    return 2 * inception_by_sum(*arguments)


def inception_sum_of_maps(in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj):
    return ch1x1 + ch3x3 + ch5x5 + pool_proj


def norm_without_running(x, gamma, beta, running_mean, running_var, training=True, **named):
    return norm_by_channels(x, gamma, beta, running_mean, running_var, training, **named)[0]


def norm_out_doubled(x, gamma, beta, running_mean, running_var, training=True, **named):
    given = (x, 2 * gamma, 2 * beta, running_mean, running_var, training)
    return norm_by_channels(*given, **named)


def depth_of_the_longest_list(net):
    if isinstance(net, str):
        return int(net in ("conv", "linear"))
    parts = [max(net, key=len)] if isinstance(net, tuple) else net
    return sum(depth_of_the_longest_list(part) for part in parts)


def depth_of_the_empty_as_one(net):
    if isinstance(net, str):
        return int(net in ("conv", "linear"))
    depths = [depth_of_the_empty_as_one(part) for part in net] or [1]
    return max(depths) if isinstance(net, tuple) else sum(depths)


def depth_returned_inside_the_loop(net):
    if isinstance(net, str):
        return int(net in ("conv", "linear"))
    for part in net:
        return depth_returned_inside_the_loop(part)
    return 0


def depth_of_two_branches(net):
    if isinstance(net, str):
        return int(net in ("conv", "linear"))
    depths = [depth_of_two_branches(part) for part in net]
    return max(depths[0], depths[1]) if isinstance(net, tuple) else sum(depths)


UNLISTED = {
    "batch_norm2d_forward": {
        norm_without_running: "type",
        norm_out_doubled: "property:normalized",
    },
    "inception_parameters": {
        inception_doubled: "property:common-factor",
        inception_sum_of_maps: "property:smallest",
    },
    "count_layers": {
        depth_of_all_branches_with_relu: "property:",
        depth_doubled: "property:common-factor",
        depth_as_text: "type",
        depth_of_the_longest_list: "value",
        depth_of_the_empty_as_one: "value",
        depth_returned_inside_the_loop: "property:in-a-row",
        depth_of_two_branches: "value",
    },
}
