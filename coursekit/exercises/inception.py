"""Exercise of lecture 11: parameters of GoogLeNet's module."""

from collections.abc import Callable

import numpy as np

from coursekit import shapes
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.factors import common_factor
from coursekit.exercises.properties import expects


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = [Case("GoogLeNet", (192, 64, 96, 128, 16, 32, 32))]
    cases += [Case("GoogLeNet", (832, 384, 192, 384, 48, 128, 128))]
    cases += [Case("GoogLeNet", tuple(16 * int(n) for n in rng.integers(2, 30, 7)))]
    names = ("small modules", "small modules", "large modules", "large modules")
    for name, most in zip(names, (9, 20, 100, 300), strict=True):
        cases.append(Case(name, tuple(int(n) for n in rng.integers(2, most, 7))))
    return cases


_SMALL = (
    Case("small", (1, 1, 1, 1, 1, 1, 1)),
    Case("small", (2, 1, 1, 1, 1, 1, 1)),
    Case("small", (1, 2, 3, 4, 5, 6, 7)),
    Case("small", (3, 5, 2, 7, 4, 1, 6)),
)

Pieces = list[tuple[int, int, int]]  # in_channels, out_channels, kernel_size of each convolution


def _pieces(c: int, one: int, red3: int, three: int, red5: int, five: int, pool: int) -> Pieces:
    branches = [(c, one, 1), (c, red3, 1), (red3, three, 3), (c, red5, 1), (red5, five, 5)]
    return [*branches, (c, pool, 1)]


def _from(
    change: Callable[[Pieces], Pieces] = lambda pieces: pieces,
    count: Callable[[int, int, int], int] = lambda c, f, k: f * (c * k * k + 1),
) -> Callable[..., int]:
    """A function like inception_parameters from other convolutions, or another way to count one."""

    def inception_parameters(*channels: int) -> int:
        return sum(count(*piece) for piece in change(_pieces(*channels)))

    return inception_parameters


def _replaced(*changes: tuple[int, tuple[int, int] | None, int | None]) -> Callable[..., int]:
    """Other convolutions at some places.

    changes: the place, (place, side) of the number of channels that it wrongly starts from, and
    the kernel that it wrongly has.
    """

    def change(pieces: Pieces) -> Pieces:
        changed = list(pieces)
        for at, source, kernel in changes:
            c, f, k = pieces[at]
            changed[at] = (pieces[source[0]][source[1]] if source else c, f, kernel or k)
        return changed

    return _from(change)


_BIAS = "How many biases has a convolution to 64 maps?"
_INTO = "How many maps does the 5×5 convolution get, after its reduction?"
MISTAKES = {
    "biases-forgotten": Mistake(
        _from(count=lambda c, f, k: f * c * k * k), "biases are not counted", _BIAS
    ),
    "one-bias-a-convolution": Mistake(
        _from(count=lambda c, f, k: f * c * k * k + 1), "every convolution has one bias", _BIAS
    ),
    "kernels-not-squared": Mistake(
        _from(count=lambda c, f, k: f * (c * k + 1)),
        "kernels are counted along one side",
        "How many pixels does a 5 × 5 kernel cover?",
    ),
    "reductions-skipped": Mistake(
        _replaced((2, (0, 0), None), (4, (0, 0), None)),
        "the large kernels start from all input channels",
        _INTO,
    ),
    "reductions-skipped-and-dropped": Mistake(
        _from(lambda p: [p[0], (p[0][0], p[2][1], 3), (p[0][0], p[4][1], 5), p[5]]),
        "there are no reductions, and the large kernels start from all input channels",
        _INTO,
    ),
    "reductions-not-counted": Mistake(
        _from(lambda p: [p[0], p[2], p[4], p[5]]),
        "the 1×1 reductions are not counted",
        "How many convolutions does the picture of the module show?",
    ),
    "one-by-one-forgotten": Mistake(
        _from(lambda p: p[1:]), "the 1×1 branch is not counted", "How many branches are there?"
    ),
    "projection-forgotten": Mistake(
        _from(lambda p: p[:-1]),
        "the 1×1 behind the pooling is not counted",
        "What comes after the pooling?",
    ),
    "projection-with-kernel-3": Mistake(
        _replaced((5, None, 3)),
        "the convolution behind the pooling is counted as 3×3",
        "Which of the two in the last branch is 3×3: the pooling or the convolution?",
    ),
    "fives-as-threes": Mistake(
        _replaced((4, None, 3)), "the 5×5 is counted as 3×3", "How many weights has a 5×5 kernel?"
    ),
    "reductions-exchanged": Mistake(
        _from(lambda p: [*p[:2], (p[3][1], p[2][1], 3), p[3], (p[1][1], p[4][1], 5), p[5]]),
        "each large kernel starts from the other's reduction",
        _INTO,
    ),
    "one-after-the-other": Mistake(
        _from(
            lambda p: [
                p[0],
                (p[0][1], p[1][1], 1),
                p[2],
                (p[2][1], p[3][1], 1),
                p[4],
                (p[4][1], p[5][1], 1),
            ]
        ),
        "every branch starts from the one before it",
        "Do the branches stand side by side, or one after the other?",
    ),
}

INCEPTION_PARAMETERS = Exercise(
    name="inception_parameters",
    lecture="11_going_deeper",
    points=1,
    reference=shapes.inception_parameters,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        common_factor((_SMALL[0], _SMALL[2], _SMALL[3])),
        expects("smallest", _SMALL[0], "With one map everywhere: 1 + 1 + 9 + 1 + 25 + 1, 6 biases"),
        expects("input", _SMALL[1], "One more input channel meets four 1×1 filters"),
        expects("first-branch", Case("", (1, 2, 1, 1, 1, 1, 1)), "One more 1×1 filter adds two"),
        expects("three", Case("", (1, 1, 1, 2, 1, 1, 1)), "One more 3×3 filter adds ten"),
        expects("five", Case("", (1, 1, 1, 1, 1, 2, 1)), "One more 5×5 filter adds 26"),
        expects("reduction", Case("", (1, 1, 1, 1, 2, 1, 1)), "One map more for the 5×5: 2 + 25"),
    ),
    shows={
        "small modules": ("reductions-exchanged",),
    },
    smallest=lambda: _SMALL,
)
