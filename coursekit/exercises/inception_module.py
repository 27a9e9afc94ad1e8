"""Exercise of lecture 11: GoogLeNet's module, four kernel sizes side by side."""

from itertools import permutations
from typing import Any

import numpy as np

from coursekit import probes
from coursekit.exercises.agreement import disagreement
from coursekit.exercises.exercise import Case, Exercise, Mistake, Property
from coursekit.exercises.modules import (
    Compared,
    asked,
    built_by,
    for_one,
    images,
    in_training,
    with_gradient,
)
from coursekit.exercises.properties import only_border

BRANCHES = ("1×1", "3×3", "5×5", "pooling")


def Inception(  # a class's name, because it stands in for one
    in_channels: int,
    ch1x1: int,
    ch3x3red: int,
    ch3x3: int,
    ch5x5red: int,
    ch5x5: int,
    pool_proj: int,
) -> Any:
    """Build an inception module as published, without batch normalization.

    Four branches over the same maps: 1×1; 1×1 to ch3x3red maps, then 3×3; 1×1 to ch5x5red maps,
    then 5×5; 3×3 max pooling, then 1×1 to pool_proj maps. Every convolution has biases and is
    followed by ReLU; every branch keeps the size. Returns an nn.Module from (N, in_channels, H, W)
    to (N, ch1x1 + ch3x3 + ch5x5 + pool_proj, H, W), stacked in this order; its parts may have any
    names. Szegedy and others (2014), figure 2b.
    """
    from coursekit.models.googlenet import Inception as published

    channels = (ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj)
    return published(in_channels, *channels, as_published=True)


_SMALL, _EQUAL = (3, 5, 2, 4, 1, 3, 2), (2, 3, 2, 3, 1, 3, 3)
_GOOGLENET = (192, 64, 96, 128, 16, 32, 32)


def _cases(rng: np.random.Generator) -> list[Case]:
    seed = int(rng.integers(1 << 31))

    def output(group: str, widths: tuple[int, ...], *shape: int, question: str = "output") -> Case:
        count, *sides = shape
        return asked(group, question, widths, images(rng, count, widths[0], *sides), seed)

    def widths() -> tuple[int, ...]:
        """Four different numbers where 1×1 convolutions end, so that no two are mixed up."""
        ends = rng.permutation(np.arange(2, 9)).tolist()
        return int(rng.integers(2, 7)), *ends[:6]

    return [
        output("one image", widths(), 1, 6, 7),
        output("one image", widths(), 1, 5, 5),
        output("several images", widths(), 3, 7, 5),
        output("training", widths(), 2, 5, 6, question="training"),
        output("branches equally wide", _EQUAL, 2, 5, 6),
        output("GoogLeNet's first module", _GOOGLENET, 1, 7, 7),
        asked("weights and biases", "tensors", widths()),
        asked("weights and biases", "tensors", _GOOGLENET),
        output("gradient", widths(), 2, 5, 6, question="gradient"),
    ]


def _maps(widths: tuple[int, ...], *sides: int) -> np.ndarray:
    """One image for the module: few different numbers, both signs."""
    shape = (1, widths[0], *sides)
    return np.arange(np.prod(shape)).reshape(shape) * 7 % 11 / 4 - 1.0


def _output(widths: tuple[int, ...], *sides: int) -> Case:
    return asked("small", "output", widths, _maps(widths, *sides))


_ONES = (1, 1, 1, 1, 1, 1, 1)
_EXAMPLES = (  # what is built, then what comes out
    asked("small", "tensors", _SMALL),
    _output(_ONES, 1, 1),
    _output(_ONES, 3, 3),
    _output(_SMALL, 3, 3),
    _output(_SMALL, 5, 6),
    _output(_EQUAL, 3, 4),
)


def _blocks(out: np.ndarray) -> list[np.ndarray]:
    """The maps of each branch of the small module."""
    ends = np.cumsum([_SMALL[1], _SMALL[3], _SMALL[5]])
    return np.split(np.asarray(out), ends, axis=1)


def _order(got: list[Any], expected: list[Any]) -> str | None:
    """The order in which the right maps come, if it is another."""
    blocks = _blocks(expected[0])
    for order in list(permutations(range(4)))[1:]:
        if disagreement(got[0], np.concatenate([blocks[i] for i in order], axis=1)) is None:
            found = ", ".join(BRANCHES[i] for i in order)
            return f"All maps are right, but stacked in another order. Yours: {found}."
    return None


def _branches(got: list[Any], expected: list[Any]) -> str | None:
    """Which branches are right."""
    wrong: dict[bool, list[str]] = {False: [], True: []}
    for name, mine, right in zip(BRANCHES, _blocks(got[0]), _blocks(expected[0]), strict=True):
        wrong[disagreement(mine, right) is not None].append(name)
    if not all(wrong.values()):
        return None
    return f"Branches right: {', '.join(wrong[False])}. Not right yet: {', '.join(wrong[True])}."


def _wrong(**changes: Any) -> Any:
    def load() -> Any:
        """The wrong module, changed in this way."""
        from coursekit.exercises import wrong_inceptions as wrong

        way = wrong.Way(**changes)
        return lambda *channels: wrong.Inception(*channels, way=way)

    return built_by(load, "Inception")


_PADS = "How large is each branch's output on 7×7 maps?"
_NEGATIVE = "Can a value of your output be negative? Of what a wide kernel gets?"
_STACK = "64, 128, 32 and 32 maps go in. How many should come out?"
_ORDER = "Which branch's maps come first in yours, and in the docstring?"
MISTAKES = {
    "summed": Mistake(_wrong(join="sum"), "the branches are added up, not stacked", _STACK),
    "stacked-along-the-batch": Mistake(
        _wrong(join=0), "the branches are stacked along the batch", "Which axis are the maps in?"
    ),
    "stacked-along-the-height": Mistake(
        _wrong(join=2), "the branches are stacked along the height", "Which axis are the maps in?"
    ),
    "stacked-along-the-width": Mistake(
        _wrong(join=3), "the branches are stacked along the width", "Which axis are the maps in?"
    ),
    "pooling-branch-first": Mistake(
        _wrong(order=(3, 0, 1, 2)), "the pooling branch comes first", _ORDER
    ),
    "fives-before-threes": Mistake(
        _wrong(order=(0, 2, 1, 3)), "the 5×5 branch comes before the 3×3 branch", _ORDER
    ),
    "branches-reversed": Mistake(
        _wrong(order=(3, 2, 1, 0)), "the branches come in reversed order", _ORDER
    ),
    "relu-forgotten": Mistake(_wrong(rectified="none"), "there is no ReLU", _NEGATIVE),
    "relu-after-reductions-forgotten": Mistake(
        _wrong(rectified="ends"), "no ReLU follows the 1×1 reductions", _NEGATIVE
    ),
    "relu-at-the-ends-forgotten": Mistake(
        _wrong(rectified="reductions"),
        "no ReLU follows the last convolution of a branch",
        _NEGATIVE,
    ),
    "convolutions-not-padded": Mistake(
        _wrong(padding=0, wide_padding=0), "the 3×3 and the 5×5 have no padding", _PADS
    ),
    "pooling-not-padded": Mistake(_wrong(pool=(1, 0)), "the pooling has no padding", _PADS),
    "fives-padded-like-threes": Mistake(
        _wrong(wide_padding=1), "the 5×5 has the padding of a 3×3", _PADS
    ),
    "pooling-with-stride-3": Mistake(
        _wrong(pool=(3, 1)),
        "the pooling moves by its own size",
        "Which stride does nn.MaxPool2d take when you give none?",
    ),
    "pooling-with-stride-3-not-padded": Mistake(
        _wrong(pool=(3, 0)),
        "the pooling moves by its own size and has no padding",
        "Which stride does nn.MaxPool2d take when you give none?",
    ),
    "pooling-averages": Mistake(
        _wrong(average=True), "the pooling averages", "Which pooling does the picture show?"
    ),
    "projection-before-pooling": Mistake(
        _wrong(projection="first"),
        "the last branch convolves first and pools then",
        "What does the last branch do first?",
    ),
    "projection-forgotten": Mistake(
        _wrong(projection="none"),
        "the last branch ends with the pooling",
        "How many maps does the last branch give?",
    ),
    "fives-as-threes": Mistake(
        _wrong(kernel_size=3),
        "the 5×5 branch has a 3×3 kernel, as in torchvision",
        "How many pixels does each of your kernels see?",
    ),
    "reductions-forgotten": Mistake(
        _wrong(reduced=False),
        "the large kernels start from the input, without their reductions",
        "How many maps does the 5×5 get in the picture?",
    ),
    "one-after-the-other": Mistake(
        _wrong(start="chained"),
        "every branch starts from the output of the one before",
        "Which maps does each branch look at?",
    ),
    "biases-forgotten": Mistake(
        _wrong(bias=False), "the convolutions have no biases", "Which numbers does a filter learn?"
    ),
    "norms-in-place-of-biases": Mistake(
        _wrong(norm=True),
        "batch normalization stands in place of the biases, as in torchvision",
        "Was there batch normalization when GoogLeNet won?",
    ),
}

_TWO = np.concatenate([_maps(_SMALL, 4, 5), -_maps(_SMALL, 4, 5)])
COMPARED = Compared(named=False)
INCEPTION = Exercise(
    name="Inception",
    lecture="11_going_deeper",
    points=3,
    reference=Inception,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        COMPARED.property(_SMALL),
        Property("order", (_output(_SMALL, 4, 5),), _order),
        Property("branches", (_output(_SMALL, 4, 5),), _branches),
        only_border(
            _output(_SMALL, 9, 9), "Right inside, wrong at the border: look at the padding."
        ),
        for_one(_output(_SMALL, 4, 5), asked("", "output", _SMALL, _TWO), "module"),
        in_training(
            _SMALL,
            _maps(_SMALL, 4, 5),
            "Your module is right after eval(), and wrong after train().",
        ),
        with_gradient(_SMALL, _maps(_SMALL, 4, 5)),
    ),
    shows={
        "branches equally wide": ("fives-as-threes",),
    },
    smallest=lambda: _EXAMPLES,
    agrees=COMPARED.agrees,
    alike=COMPARED.alike,
    may_use=("torch",),
    probe=probes.module,
    draw=COMPARED.draw,
)
