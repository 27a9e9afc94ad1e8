"""Exercise of lecture 04: the work of a convolution."""

from collections.abc import Callable
from itertools import product

import numpy as np

from coursekit import shapes
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import fewest_first
from coursekit.exercises.properties import expects


def conv2d_macs(
    in_channels: int, out_channels: int, kernel_size: int, out_size: tuple[int, int]
) -> int:
    """Multiply-adds of a convolution on one image.

    kernel_size: one number, the kernel is square. out_size: (height, width) of the output. A
    multiply-add is one multiplication and the addition after it; biases are not counted. Returns a
    whole number.

    >>> conv2d_macs(3, 6, 5, (28, 28))
    352800
    """
    return shapes.conv2d_macs(in_channels, out_channels, kernel_size, out_size)


def _cases(rng: np.random.Generator) -> list[Case]:
    def layer(group: str, c: int, f: int, k: int, height: int, width: int) -> Case:
        return Case(group, (c, f, k, (height, width)))

    def whole(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    cases = [layer("first layers", 3, 6, 5, 28, 28), layer("first layers", 3, 96, 11, 55, 55)]
    cases += [layer("first layers", 1, whole(2, 9), 3, whole(5, 20), whole(21, 40))]
    cases += [
        layer("deeper layers", whole(8, 64), whole(65, 128), k, whole(7, 30), whole(31, 50))
        for k in (2, 3, 5)
    ]
    cases += [layer("1×1 kernels", whole(8, 64), whole(2, 7), 1, 7, 7)]
    cases += [layer("1×1 kernels", whole(8, 64), whole(65, 99), 1, whole(4, 9), whole(10, 20))]
    cases += [layer("not square", 3, 4, 3, 9, 20), layer("not square", 4, 3, 2, 31, 6)]
    cases += [layer("not square", whole(2, 9), whole(2, 9), 3, whole(20, 60), whole(3, 19))]
    return cases


def _from(formula: Callable[..., float]) -> Callable[..., float]:
    """A function like conv2d_macs from a formula in C, F, k, H', W'."""

    def conv2d_macs(
        in_channels: int, out_channels: int, kernel_size: int, out_size: tuple[int, int]
    ) -> float:
        return formula(in_channels, out_channels, kernel_size, *out_size)

    return conv2d_macs


_SHARED = "Weight sharing saves weights. Does it save any multiplication?"
_DEPTH = "For one output number, how many products are added up?"
_SQUARE = "How many output numbers has a map of 4 × 9?"
MISTAKES = {
    "doubled": Mistake(
        _from(lambda c, f, k, h, w: 2 * c * f * k * k * h * w),
        "a multiplication and an addition are counted as two",
        "Is a multiply and an add one operation or two in this count?",
    ),
    "depth-forgotten": Mistake(
        _from(lambda c, f, k, h, w: f * k * k * h * w), "the input's depth is forgotten", _DEPTH
    ),
    "kernel-counted-once": Mistake(
        _from(lambda c, f, k, h, w: c * f * k * h * w), "the kernel is taken for one row", _DEPTH
    ),
    "kernel-forgotten": Mistake(
        _from(lambda c, f, k, h, w: c * f * h * w), "the kernel's size is forgotten", _DEPTH
    ),
    "filters-forgotten": Mistake(
        _from(lambda c, f, k, h, w: c * k * k * h * w),
        "only one filter is counted",
        "How many maps does the layer compute?",
    ),
    "positions-forgotten": Mistake(
        _from(lambda c, f, k, h, w: c * f * k * k), "the weights are counted", _SHARED
    ),
    "parameters": Mistake(
        _from(lambda c, f, k, h, w: (c * k * k + 1) * f), "the parameters are counted", _SHARED
    ),
    "biases-counted": Mistake(
        _from(lambda c, f, k, h, w: (c * k * k + 1) * f * h * w),
        "adding the bias is counted as well",
        "Which part of the work does the definition leave out?",
    ),
    "biases-counted-once": Mistake(
        _from(lambda c, f, k, h, w: c * k * k * f * h * w + f),
        "the biases are counted as well",
        "Which part of the work does the definition leave out?",
    ),
    "neurons": Mistake(
        _from(lambda c, f, k, h, w: f * h * w), "the output numbers are counted", _DEPTH
    ),
    "square-as-the-height": Mistake(
        _from(lambda c, f, k, h, w: c * f * k * k * h * h),
        "the output is taken to be as wide as it is tall",
        _SQUARE,
    ),
    "square-as-the-width": Mistake(
        _from(lambda c, f, k, h, w: c * f * k * k * w * w),
        "the output is taken to be as tall as it is wide",
        _SQUARE,
    ),
    "one-side-only": Mistake(
        _from(lambda c, f, k, h, w: c * f * k * k * h), "only one column is counted", _SQUARE
    ),
    "sides-added": Mistake(
        _from(lambda c, f, k, h, w: c * f * k * k * (h + w)),
        "height and width of the output are added",
        _SQUARE,
    ),
    "last-multiplication-without-addition": Mistake(
        _from(lambda c, f, k, h, w: (c * k * k - 1) * f * h * w),
        "only the additions between the products are counted",
        "A 1×1 kernel on one channel: how many multiplications does each output take?",
    ),
}

CONV2D_MACS = Exercise(
    name="conv2d_macs",
    lecture="04_convolution",
    points=1,
    reference=conv2d_macs,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects("one", Case("", (1, 1, 1, (1, 1))), "One weight at one place: one multiply-add"),
        expects("kernel", Case("", (1, 1, 3, (1, 1))), "A 3×3 kernel at one place multiplies nine"),
        expects("depth", Case("", (5, 1, 1, (1, 1))), "Five channels at one place: five products"),
        expects("filters", Case("", (1, 7, 1, (1, 1))), "Seven filters at one place: seven"),
        expects("places", Case("", (1, 1, 1, (4, 9))), "One weight at 4 · 9 places"),
    ),
    smallest=lambda: (
        Case("small", (c, f, k, (h, w)))
        for c, f, k, h, w in fewest_first(product((1, 2, 3), repeat=5))
    ),
)
