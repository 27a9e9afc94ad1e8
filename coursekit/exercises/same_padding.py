"""The exercise same_padding: the zeros that keep a row as wide as it is."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from coursekit import shapes
from coursekit.exercises.agreement import Disagreement, disagreement, named
from coursekit.exercises.exercise import Case, Exercise, Mistake, Property
from coursekit.exercises.one_axis import LECTURE, by_value


def _same_padding_cases(rng: np.random.Generator) -> list[Case]:
    def case(group: str, kernel_size: int, dilation: int = 1) -> Case:
        return Case(group, (kernel_size,), {} if dilation == 1 else {"dilation": dilation})

    odd = [case("odd kernels", k) for k in (1, 3, 5, 7, 11, 2 * int(rng.integers(6, 60)) + 1)]
    even = [case("even kernels", k) for k in (2, 4, 6, 8, 2 * int(rng.integers(5, 60)))]
    dilated = [case("dilation", k, d) for k, d in ((3, 2), (3, 3), (5, 2), (2, 2), (4, 3), (2, 3))]
    more = [case("dilation", int(rng.integers(2, 9)), int(rng.integers(2, 6))) for _ in range(4)]
    return odd + even + dilated + more


def _keeps_the_width(got: Any, expected: Any, case: Case) -> Disagreement | None:
    """Either side may get the spare zero, as long as the two differ by at most one."""
    if isinstance(got, (int, np.integer)) and not isinstance(got, bool):
        words = f"it returned {named(got)}; two numbers are asked for, (before, after)"
        return Disagreement("type", words)
    found = disagreement(got, expected)
    if found is None or found.kind != "value":
        return found
    return disagreement(tuple(got)[::-1], expected) and found


def _padding_from(formula: Callable[[int, int], tuple[int, int]]) -> Callable[..., Any]:
    def same_padding(kernel_size: int, dilation: int = 1) -> tuple[int, int]:
        return formula(kernel_size, dilation)

    return same_padding


def _halves(total: int) -> tuple[int, int]:
    return total // 2, total - total // 2


def _padding_verdict(got: list[Any], expected: list[Any]) -> str | None:
    """Adds up what was returned, which is what the width depends on."""
    total, right = sum(got[0]), sum(expected[0])
    if total != right:
        return (
            f"With same_padding(4) = {tuple(got[0])!r}, a row of 8 pixels becomes "
            f"{8 + total - 3} wide instead of staying 8."
        )
    return None


SAME_PADDING = Exercise(
    name="same_padding",
    lecture=LECTURE,
    points=2,
    reference=shapes.same_padding,
    cases=_same_padding_cases,
    agrees=_keeps_the_width,
    alike=_keeps_the_width,
    mistakes={
        "half-the-kernel-on-both-sides": Mistake(
            _padding_from(lambda k, d: ((d * (k - 1) + 1) // 2,) * 2),
            "half of the kernel, rounded down, is put on both sides",
            "Try a kernel 4 wide on 8 pixels: how wide is the output then?",
        ),
        "half-the-rest-on-both-sides": Mistake(
            _padding_from(lambda k, d: (d * (k - 1) // 2,) * 2),
            "an odd number of zeros is cut down to an even one",
            "How many zeros does a kernel 4 wide need in all? Did every one of them find a side?",
        ),
        "dilation-ignored": Mistake(
            _padding_from(lambda k, d: _halves(k - 1)),
            "dilation is ignored",
            "How many pixels wide is a kernel of 3 with dilation 2?",
        ),
        "half-the-kernel-without-dilation": Mistake(
            _padding_from(lambda k, d: (k // 2,) * 2),
            "kernel_size // 2 is put on both sides, whatever the dilation",
            "Which kernels does this rule hold for? Try one that is even, and one that is dilated.",
        ),
        "half-the-rest-without-dilation": Mistake(
            _padding_from(lambda k, d: ((k - 1) // 2,) * 2),
            "half of kernel_size - 1, rounded down, is put on both sides, whatever the dilation",
            "Which kernels does this rule hold for? Try one that is even, and one that is dilated.",
        ),
        "extent-k-times-d": Mistake(
            _padding_from(lambda k, d: _halves(d * k - 1)),
            "a dilated kernel is taken to be kernel_size · dilation pixels wide",
            "How many pixels is it from the first to the last tap, both counted?",
        ),
        "all-on-both-sides": Mistake(
            _padding_from(lambda k, d: (d * (k - 1),) * 2),
            "all the zeros are put on each side",
            "How many zeros are there now in all, and how many windows too many do they make?",
        ),
        "all-on-one-side": Mistake(
            _padding_from(lambda k, d: (0, d * (k - 1))),
            "all the zeros are put on one side of the row",
            "The width is kept. But where in the row does the middle of the first window stand?",
        ),
        "one-zero-too-many": Mistake(
            _padding_from(lambda k, d: _halves(d * (k - 1) + 1)),
            "as many zeros are added as the kernel is wide",
            "How many zeros does a kernel 1 pixel wide need?",
        ),
    },
    properties=(
        by_value(
            "one-wide-kernel",
            Case("", (1,)),
            "A kernel 1 pixel wide keeps the width by itself",
            "same_padding",
        ),
        by_value(
            "vgg",
            Case("", (3,)),
            "A kernel 3 wide loses one pixel at each end",
            "same_padding",
        ),
        Property("even-kernel", (Case("", (4,)),), _padding_verdict),
        by_value(
            "dilated-extent",
            Case("", (3,), {"dilation": 2}),
            "A kernel of 3 with dilation 2 is 5 pixels wide and loses two at each end",
            "same_padding",
        ),
    ),
    smallest=lambda: (
        Case("small", (k,), {} if d == 1 else {"dilation": d})
        for d, k in product((1, 2, 3), range(1, 8))
    ),
)
