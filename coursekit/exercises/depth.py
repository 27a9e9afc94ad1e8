"""Exercise of lecture 11: how many layers deep a network is."""

from collections.abc import Callable, Sequence

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.factors import common_factor
from coursekit.exercises.properties import expects

Net = Sequence


def count_layers(net: Net) -> int:
    """Depth of a network: its layers with weights, along the longest way through it.

    net: a list of what comes one after the other. A text is one layer: "conv" and "linear" have
    weights and count, anything else ("relu", "max_pool", "batch_norm", …) does not. A list inside
    is a block, layer after layer. A tuple holds branches side by side, each of them a list; the
    deepest of them counts. Returns a whole number.

    >>> block = (["conv", "relu", "conv"], [])  # a residual block: two convolutions and a shortcut
    >>> count_layers(["conv", "max_pool", block, block, "linear"])
    6
    """
    if isinstance(net, str):
        return int(net in ("conv", "linear"))
    depths = [count_layers(part) for part in net]
    return max(depths, default=0) if isinstance(net, tuple) else sum(depths)


RESIDUAL = (["conv", "batch_norm", "relu", "conv", "batch_norm"], [])
PROJECTED = (["conv", "batch_norm", "relu", "conv"], ["conv", "batch_norm"])
BOTTLENECK = (["conv", "relu", "conv", "relu", "conv"], [])
INCEPTION = (["conv"], ["conv", "relu", "conv"], ["conv", "conv"], ["max_pool", "conv"])
FACTORIZED = (["conv"], ["conv", "conv"], ["conv", "conv", "conv"], ["max_pool", "conv"])


def _nets(rng: np.random.Generator) -> list[Case]:
    def plain(convolutions: int, linears: int) -> list[str]:
        body = ["conv", "relu"] * convolutions + ["max_pool"]
        return body + ["linear", "relu", "dropout"] * (linears - 1) + ["linear", "softmax"]

    few, some, many = (int(n) for n in rng.permutation(np.arange(2, 8))[:3])
    stages = [[RESIDUAL] * few, [PROJECTED] + [RESIDUAL] * some, [PROJECTED] * many]
    return [
        Case("plain", (plain(few, some),)),
        Case("plain", (plain(13, 3),)),
        Case("plain", (["relu", "max_pool"],)),
        Case("plain", (["batch_norm", "relu", "conv", "linear"],)),
        Case("blocks in a row", ([["conv", "relu"] * few, ["conv", ["conv", "relu"]], "linear"],)),
        Case("blocks in a row", ([[["conv"] * many, "max_pool"]] * some + ["linear"],)),
        Case("residual", (["conv", "max_pool", *stages, "avg_pool", "linear"],)),
        Case("residual", (["conv", *[BOTTLENECK] * some, "linear"],)),
        Case("residual", (["conv", (["max_pool"], []), "linear"],)),
        Case("inception", (["conv", "conv", *[INCEPTION] * few, "avg_pool", "linear"],)),
        Case("inception", ([INCEPTION, "max_pool", ["conv", INCEPTION], "linear"],)),
        Case("inception", (["conv", FACTORIZED, "avg_pool", "linear"],)),
        Case("branches in branches", ([(["conv", RESIDUAL], ["conv"]), "linear"],)),
        Case("branches in branches", ([([INCEPTION, "conv"], ["linear"] * few)],)),
        Case("branches in branches", ([(["conv", RESIDUAL], ["conv", "relu", "max_pool"])],)),
        Case("shallow branch last", ([(["conv"] * 5, ["conv"]), (["conv"], ["conv"] * 3)],)),
        Case("shallow branch last", ([(["conv"] * (some + many), ["conv"] * few), "linear"],)),
    ]


_NETS = (
    Case("small", (["conv"],)),
    Case("small", (["linear"],)),
    Case("small", (["conv", "relu"],)),
    Case("small", (["conv", "max_pool", "linear"],)),
    Case("small", (["conv", ["conv", "relu"]],)),
    Case("small", ([(["conv"], ["conv", "conv"])],)),
    Case("small", ([(["conv", "conv"], ["conv"]), "linear"],)),
    Case("small", ([(["conv", "conv", "conv"], [])],)),
    Case("small", ([(["conv", "conv"], ["linear"], ["conv"] * 3)],)),
    Case("small", ([(["conv", (["conv"], ["conv", "conv"])], ["conv"])],)),
)


def _counting(
    kinds: tuple[str, ...] | None = ("conv", "linear"),
    branches: Callable[[list[int]], int] = max,
    block: Callable[[list[int]], int] = sum,
) -> Callable[[Net], int]:
    """A function like count_layers from what counts, and how branches and blocks are put together.

    kinds: None counts everything.
    """

    def count(part: Net) -> int:
        if isinstance(part, str):
            return int(kinds is None or part in kinds)
        depths = [count(one) for one in part] or [0]
        return branches(depths) if isinstance(part, tuple) else block(depths)

    return lambda net: count(list(net))


def _top_only(net: Net) -> int:
    return sum(part in ("conv", "linear") for part in net if isinstance(part, str))


def _blocks_as_one(net: Net) -> int:
    return sum(part in ("conv", "linear") if isinstance(part, str) else 1 for part in net)


_WEIGHTS = "Which of these kinds of layers have weights: conv, relu, max_pool, linear?"
_BRANCH = "A number goes through one branch or the other: through how many layers at most?"
LAYER_MISTAKES = {
    "everything-counted": Mistake(_counting(None), "layers without weights count too", _WEIGHTS),
    "linear-forgotten": Mistake(_counting(("conv",)), "only convolutions count", _WEIGHTS),
    "convolutions-forgotten": Mistake(_counting(("linear",)), "only linear layers count", _WEIGHTS),
    "pooling-counted": Mistake(
        _counting(("conv", "linear", "max_pool", "avg_pool")), "pooling counts too", _WEIGHTS
    ),
    "branches-added": Mistake(
        _counting(branches=sum), "the layers of all branches are added up", _BRANCH
    ),
    "shallowest-branch": Mistake(
        _counting(branches=min), "the branch with the fewest layers counts", _BRANCH
    ),
    "first-branch": Mistake(
        _counting(branches=lambda depths: depths[0]), "only the first branch counts", _BRANCH
    ),
    "last-branch": Mistake(
        _counting(branches=lambda depths: depths[-1]), "only the last branch counts", _BRANCH
    ),
    "branches-as-one": Mistake(
        _counting(branches=lambda depths: 1), "branches side by side count as one layer", _BRANCH
    ),
    "blocks-ignored": Mistake(
        _top_only,
        "layers inside blocks and branches are not counted",
        "How deep is a network that is one block of three convolutions?",
    ),
    "blocks-as-one": Mistake(
        _blocks_as_one,
        "a block or a group of branches counts as one layer",
        "How deep is a network that is one block of three convolutions?",
    ),
    "deepest-part-only": Mistake(
        _counting(block=max),
        "only the deepest part of a block counts",
        "Two convolutions, one after the other: how many layers does a number pass?",
    ),
}

COUNT_LAYERS = Exercise(
    name="count_layers",
    lecture="11_going_deeper",
    points=2,
    reference=count_layers,
    cases=_nets,
    mistakes=LAYER_MISTAKES,
    properties=(
        common_factor((_NETS[0], _NETS[3], _NETS[6])),
        expects("one-convolution", _NETS[0], "One convolution is one layer"),
        expects("one-linear", _NETS[1], "One linear layer is one layer"),
        expects("relu", _NETS[2], "A ReLU has no weights"),
        expects("in-a-row", _NETS[3], "A convolution and a linear layer, and pooling between"),
        expects("block", _NETS[4], "A convolution, and a block with another"),
        expects("branches", _NETS[5], "The deeper of two branches has two layers"),
        expects("shortcut", _NETS[7], "The other branch is a shortcut"),
        expects("nested", _NETS[9], "The deepest way leads through three convolutions"),
    ),
    smallest=lambda: _NETS,
)
