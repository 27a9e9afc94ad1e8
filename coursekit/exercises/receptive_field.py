"""The exercise receptive_field: how far one output sees through a stack of layers."""

from collections.abc import Callable
from itertools import product
from math import prod
from typing import Any

import numpy as np

from coursekit import shapes
from coursekit.exercises.agreement import Disagreement, disagreement
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.one_axis import LECTURE, by_value

ALEXNET = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)]
VGG16 = [
    layer for n in (2, 2, 3, 3, 3) for layer in [*([(3, 1)] * n), (2, 2)]
]  # 13 convolutions, 5 poolings


def _receptive_field_cases(rng: np.random.Generator) -> list[Case]:
    def stack(depth: int, strides: tuple[int, ...]) -> list[tuple[int, int]]:
        return [(int(rng.integers(1, 8)), int(rng.choice(strides))) for _ in range(depth)]

    one = [Case("one layer or none", ([layer],)) for layer in [(3, 1), (5, 2), (1, 1), (11, 4)]]
    one += [Case("one layer or none", ([],))]
    one += [Case("one layer or none", ([(int(rng.integers(12, 80)), 3)],))]
    plain = [Case("stride 1", ([(3, 1)] * n,)) for n in (2, 3, 4)]
    plain += [Case("stride 1", (stack(n, (1,)),)) for n in (2, 3, 5)]
    strided = [Case("strides", ([(3, 2), (3, 1)],)), Case("strides", ([(2, 2)] * 3,))]
    strided += [Case("strides", (stack(n, (1, 2, 3)),)) for n in (2, 3, 4, 5)]
    lengths = rng.integers(1, 5, 4)  # of stages as VGG's
    stages = [layer for n in lengths for layer in [(3, 1)] * int(n) + [(2, 2)]]
    nets = [Case("whole networks", (list(net),)) for net in (ALEXNET, VGG16, ALEXNET[:3], stages)]
    return one + plain + strided + nets


def _field_from(step: Callable[[int, int, int, int], tuple[int, int]], start: int = 1) -> Any:
    """A function with receptive_field's signature from (field, jump, k, s) -> (field, jump)."""

    def receptive_field(layers: list[tuple[int, int]]) -> int:
        field, jump = start, 1
        for kernel_size, stride in layers:
            field, jump = step(field, jump, kernel_size, stride)
        return field

    return receptive_field


def _agrees(got: Any, expected: int, case: Case) -> Disagreement | None:
    """A whole number; where there is no layer also 1.0, which NumPy makes of an empty list."""
    return None if not case.args[0] and got == 1.0 else disagreement(got, expected)


RECEPTIVE_FIELD = Exercise(
    name="receptive_field",
    lecture=LECTURE,
    points=3,
    reference=shapes.receptive_field,
    cases=_receptive_field_cases,
    mistakes={
        "sum-of-kernels": Mistake(
            lambda layers: sum(k for k, _ in layers),
            "the kernel sizes are added up",
            "How many *new* pixels does a second 3-wide layer add on each side?",
        ),
        "stride-ignored": Mistake(
            lambda layers: 1 + sum(k - 1 for k, _ in layers),
            "the strides are ignored",
            "After a stride-2 layer, one step to the right is how many input pixels?",
        ),
        "own-stride-counted": Mistake(
            _field_from(lambda f, j, k, s: (f + (k - 1) * j * s, j * s)),
            "a layer's own stride already widens its own kernel",
            "Where do the taps of one kernel stand: next to each other, or its stride apart?",
        ),
        "strides-added": Mistake(
            _field_from(lambda f, j, k, s: (f + (k - 1) * j, j + s - 1)),
            "strides are added up instead of multiplied",
            "Two stride-2 layers: one step of the second is how many input pixels?",
        ),
        "only-the-stride-before": Mistake(
            _field_from(lambda f, j, k, s: (f + (k - 1) * j, s)),
            "only the stride of the layer just before is used",
            "What do the strides of all the earlier layers do to one step?",
        ),
        "starts-at-zero": Mistake(
            _field_from(lambda f, j, k, s: (f + (k - 1) * j, j * s), start=0),
            "the count starts at 0",
            "With no layer at all, how many pixels does one value see?",
        ),
        "k-instead-of-k-minus-one": Mistake(
            _field_from(lambda f, j, k, s: (f + k * j, j * s)),
            "each layer adds its whole kernel",
            "A kernel 1 pixel wide: how many pixels does it add?",
        ),
        "k-times-jump": Mistake(
            _field_from(lambda f, j, k, s: (f + k * j, j * s), start=0),
            "each layer adds its whole kernel, and the count starts at 0",
            "How many pixels do the windows of two neighboring outputs share?",
        ),
        "product-of-kernels": Mistake(
            lambda layers: prod(k for k, _ in layers),
            "the kernel sizes are multiplied",
            "Draw two 3-wide layers on paper: do the windows of neighbors overlap?",
        ),
        "layers-in-reverse": Mistake(
            lambda layers: shapes.receptive_field(layers[::-1]),
            "the layers are taken from the last to the first",
            "Which layer is nearest to the image: the first in the list or the last?",
        ),
    },
    properties=(
        by_value(
            "one-wide-kernel",
            Case("", ([(1, 1)],)),
            "A kernel 1 pixel wide sees one pixel",
            "receptive_field",
        ),
        by_value(
            "one-layer",
            Case("", ([(5, 1)],)),
            "One layer sees its own kernel",
            "receptive_field",
        ),
        by_value(
            "own-stride",
            Case("", ([(5, 2)],)),
            "The stride moves the window and does not widen it",
            "receptive_field",
        ),
        by_value(
            "two-layers",
            Case("", ([(3, 1), (3, 1)],)),
            "The second layer adds one pixel on each side",
            "receptive_field",
        ),
        by_value(
            "after-a-stride",
            Case("", ([(1, 2), (3, 1)],)),
            "The second layer's three taps stand two input pixels apart, at 0, 2 and 4",
            "receptive_field",
        ),
        by_value(
            "strides-multiply",
            Case("", ([(1, 2), (1, 3), (2, 1)],)),
            "Two neighbors in the third layer stand 2 · 3 = 6 input pixels apart",
            "receptive_field",
        ),
    ),
    agrees=_agrees,
    smallest=lambda: (
        Case("small", (list(stack),))
        for depth in (0, 1, 2, 3)
        for stack in product([(1, 1), (2, 1), (3, 1), (2, 2), (3, 2)], repeat=depth)
    ),
)
