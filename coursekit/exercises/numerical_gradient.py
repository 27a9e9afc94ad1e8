"""Exercise of lecture 06: the gradient of any loss, by central differences."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from coursekit import layers
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import counted, halves
from coursekit.exercises.properties import constant_ratio, contrast, expects

Array = np.ndarray


def numerical_gradient(
    f: Callable[[np.ndarray], float], x: np.ndarray, h: float = 1e-5
) -> np.ndarray:
    """Gradient of a loss by central differences.

    f: takes a float64 array shaped as x and returns one number. x: float64, any shape; after the
    call it holds the same numbers as before. h: the step. Returns floats shaped as x: for each
    number of x, with the others as they are, (f with it h larger − f with it h smaller) / 2h.

    >>> numerical_gradient(lambda x: (x**2).sum(), np.array([3.0, -1.0])).round(6)
    array([ 6., -2.])
    """
    return layers.numerical_gradient(f, x, h)


class Loss:
    """A loss that prints as one would write it; outside this process it is asked by message."""

    def __init__(self, words: str, function: Callable[[Array], float]) -> None:
        self.words, self.function = words, function

    def __call__(self, x: Array) -> float:
        return float(self.function(x))

    def __repr__(self) -> str:
        return f"lambda x: {self.words}"


def _weighted(x: Array) -> float:
    return (counted(*np.shape(x)) * x**2).sum()


SQUARES = Loss("(x**2).sum()", lambda x: (x**2).sum())
CUBES = Loss("(x**3).sum()", lambda x: (x**3).sum())
TOTAL = Loss("5 * x.sum()", lambda x: 5 * x.sum())
FIFTHS = Loss("(x**5).sum()", lambda x: (x**5).sum())
NEIGHBORS = Loss("(x[1:] * x[:-1]).sum()", lambda x: (x[1:] * x[:-1]).sum())
WEIGHTED = Loss("(counted * x**2).sum()", _weighted)  # counted: 1, 2, 3, … in the shape of x
MIXED = Loss("x.sum() ** 2 + (x**3).sum()", lambda x: x.sum() ** 2 + (x**3).sum())


def _usual(rng: np.random.Generator, *shape: int) -> Array:
    """Numbers to which 1e-5 can be added and taken off again without a trace of rounding.

    So an answer that changes x and changes it back exactly is not blamed for the last bit.
    """
    return rng.choice([2.25, 2.5, 2.75, 3.0, 3.25, 3.5], shape) * rng.choice([-1, 1], shape)


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = [Case("one number", (loss, halves(rng, 1), 0.5)) for loss in (SQUARES, CUBES, TOTAL)]
    cases += [
        Case("vectors", (loss, halves(rng, 4), 0.25)) for loss in (CUBES, NEIGHBORS, WEIGHTED)
    ]
    cases += [
        Case("matrices", (loss, halves(rng, *shape), 0.5))
        for loss, shape in ((CUBES, (3, 2)), (WEIGHTED, (2, 3)), (MIXED, (2, 2)))
    ]
    cases += [Case("images", (loss, halves(rng, 2, 1, 2, 3), 0.25)) for loss in (WEIGHTED, MIXED)]
    cases += [
        Case("the usual step", (loss, _usual(rng, *shape)))
        for loss, shape in ((CUBES, (3,)), (MIXED, (2, 3)), (WEIGHTED, (1, 2, 2)))
    ]
    cases += [Case("other steps", (MIXED, halves(rng, 3), h)) for h in (1.0, 0.125, 2.0)]
    # The differences of higher order are exact for cubes, as those of a tiny step are.
    cases += [Case("other steps", (FIFTHS, halves(rng, 2), 0.5))]
    return cases


def _small() -> Iterator[Case]:
    inputs = ([1.0], [2.0], [1.0, 2.0], [[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]])
    for h, x, loss in product((1.0, 0.5), inputs, (TOTAL, SQUARES, CUBES, MIXED)):
        yield Case("small", (loss, np.array(x), h))


# --- known mistakes ----------------------------------------------------------------------------


def _each(difference: Callable[..., float]) -> Callable[..., Array]:
    """Every number of x wiggled on its own; difference(f, x with +h, x, x with −h, h)."""

    def numerical_gradient(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
        dx = np.zeros(x.shape)
        for place in np.ndindex(x.shape):
            step = np.zeros(x.shape)
            step[place] = h
            dx[place] = difference(f, x + step, x, x - step, h)
        return dx

    return numerical_gradient


def _left_where_it_is(own_copy: bool) -> Callable[..., Array]:
    """Each number stays h smaller after its turn."""

    def numerical_gradient(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
        x = x.copy() if own_copy else x
        dx = np.zeros(x.shape)
        for place in np.ndindex(x.shape):
            before = x[place]
            x[place] = before + h
            above = f(x)
            x[place] = before - h
            dx[place] = (above - f(x)) / (2 * h)
        return dx

    return numerical_gradient


def _left_above(own_copy: bool) -> Callable[..., Array]:
    """A difference to one side, and each number stays h larger after its turn."""

    def numerical_gradient(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
        x = x.copy() if own_copy else x
        dx = np.zeros(x.shape)
        for place in np.ndindex(x.shape):
            below = f(x)
            x[place] += h
            dx[place] = (f(x) - below) / h
        return dx

    return numerical_gradient


def _all_at_once(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> float:
    return (f(x + h) - f(x - h)) / (2 * h)


def _all_at_once_everywhere(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    return np.full(x.shape, _all_at_once(f, x, h))


def _row_by_row(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    dx = np.zeros(x.shape)
    for i in range(len(x)):
        step = np.zeros(x.shape)
        step[i] = h
        dx[i] = (f(x + step) - f(x - step)) / (2 * h)
    return dx


def _flat(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    return numerical_gradient(f, x, h).ravel()


def _fixed_step(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    return numerical_gradient(f, x, 1e-5)


def _in_single(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    """Everything in float32, in which 1e-5 is not much more than the last digit of 3."""
    single = x.astype(np.float32)
    dx = np.zeros_like(single)
    for place in np.ndindex(x.shape):
        before = single[place]
        single[place] = before + h
        above = f(single)
        single[place] = before - h
        dx[place] = (above - f(single)) / (2 * h)
        single[place] = before
    return dx


def _averaged(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    return numerical_gradient(f, x, h) / x.size


_ONE_SIDE = "Try f(x) = x² at x = 0 with h = 1. What is its slope there, and what do you get?"
_RATIO = "Try f(x) = 5x. Which slope do you get, and how far apart are your two points?"
_BACK = "Print x before and after each turn of your loop. Is it the same?"
_ONE_AT_A_TIME = "When you ask for the slope along one number, what do the others do?"
MISTAKES = {
    "one-sided": Mistake(
        _each(lambda f, above, x, below, h: (f(above) - f(x)) / h),
        "the difference is taken to one side, from x to x + h",
        _ONE_SIDE,
    ),
    "one-sided-below": Mistake(
        _each(lambda f, above, x, below, h: (f(x) - f(below)) / h),
        "the difference is taken to one side, from x − h to x",
        _ONE_SIDE,
    ),
    "divided-by-h": Mistake(
        _each(lambda f, above, x, below, h: (f(above) - f(below)) / h),
        "the difference over two steps is divided by one",
        _RATIO,
    ),
    "one-side-divided-by-two-steps": Mistake(
        _each(lambda f, above, x, below, h: (f(above) - f(x)) / (2 * h)),
        "the difference over one step is divided by two",
        _RATIO,
    ),
    "divided-by-two-only": Mistake(
        _each(lambda f, above, x, below, h: (f(above) - f(below)) / 2),
        "the difference is halved and not divided by the step",
        _RATIO,
    ),
    "not-divided": Mistake(
        _each(lambda f, above, x, below, h: f(above) - f(below)),
        "the difference is not divided at all",
        _RATIO,
    ),
    "multiplied-instead-of-divided": Mistake(
        _each(lambda f, above, x, below, h: (f(above) - f(below)) / 2 * h),
        "the halved difference is multiplied by h, as in `/ 2 * h`",
        "In which order does Python work out a / 2 * h?",
    ),
    "sign-reversed": Mistake(
        _each(lambda f, above, x, below, h: (f(below) - f(above)) / (2 * h)),
        "the difference is taken the other way round",
        "Try f(x) = 5x: does it rise or fall, and what does your sign say?",
    ),
    "second-difference": Mistake(
        _each(lambda f, above, x, below, h: (f(above) - 2 * f(x) + f(below)) / h**2),
        "the second derivative is computed",
        "Try f(x) = 5x. What is its slope, and what do you get?",
    ),
    "not-set-back": Mistake(
        _left_where_it_is(own_copy=False), "each number of x stays h smaller after its turn", _BACK
    ),
    "not-set-back-in-a-copy": Mistake(
        _left_where_it_is(own_copy=True),
        "each number of the copy of x stays h smaller after its turn",
        _BACK,
    ),
    "one-sided-and-not-set-back": Mistake(
        _left_above(own_copy=False),
        "the difference is taken to one side, and each number of x stays h larger",
        _BACK,
    ),
    "one-sided-and-not-set-back-in-a-copy": Mistake(
        _left_above(own_copy=True),
        "the difference is taken to one side, and each number of the copy stays h larger",
        _BACK,
    ),
    "all-at-once": Mistake(
        _all_at_once,
        "all the numbers of x are moved at once, which gives one number",
        _ONE_AT_A_TIME,
    ),
    "all-at-once-everywhere": Mistake(
        _all_at_once_everywhere, "all the numbers of x are moved at once", _ONE_AT_A_TIME
    ),
    "row-by-row": Mistake(
        _row_by_row,
        "x[i] is moved, which is a whole row where x has more than one axis",
        "If x has shape (2, 3), how many numbers does x[0] hold?",
    ),
    "left-flat": Mistake(
        _flat, "the result is left as a flat vector", "Which shape must the gradient have?"
    ),
    "step-ignored": Mistake(
        _fixed_step,
        "the step is always 1e-5, whatever h",
        "Call it with h = 1 and with h = 2 on f(x) = x³: should the results differ?",
    ),
    "in-float32": Mistake(
        _in_single,
        "the differences are taken in float32, where they drown in rounding",
        "Which dtype has x when you add 1e-5 to it? How many digits does that keep?",
    ),
    "averaged": Mistake(
        _averaged,
        "the gradient is divided by the number of numbers in x",
        "Is the ratio to the right gradient constant? Which constant?",
    ),
}

_VECTOR = np.array([3.0, -1.0])
NUMERICAL_GRADIENT = Exercise(
    name="numerical_gradient",
    lecture="06_backpropagation",
    points=2,
    reference=numerical_gradient,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects(
            "constant-loss",
            Case("", (Loss("7.0", lambda x: 7.0), _VECTOR, 0.5)),
            "A loss that never changes has no slope",
        ),
        constant_ratio(
            [Case("", (WEIGHTED, x, 0.5)) for x in (counted(2), counted(5))]
            + [Case("", (WEIGHTED, counted(3), 0.25))]
        ),
        expects(
            "linear", Case("", (TOTAL, _VECTOR, 0.5)), "5 · x.sum() rises by 5 for each number"
        ),
        expects("squares", Case("", (SQUARES, _VECTOR, 0.5)), "The slope of x² is 2x"),
        expects(
            "central",
            Case("", (CUBES, np.array([0.0]), 1.0)),
            "For x³ at 0 with h = 1 the difference is (1 − (−1)) / 2",
        ),
        expects(
            "neighbors",
            Case("", (NEIGHBORS, np.array([2.0, 3.0, 5.0]), 0.5)),
            "x₀x₁ + x₁x₂ at [2, 3, 5]: each slope is the sum of the neighbors",
        ),
        contrast(
            "axes",
            Case("", (WEIGHTED, counted(4), 0.5)),
            Case("", (WEIGHTED, counted(2, 2), 0.5)),
            "For a vector your gradient is right, for a matrix it is not.",
            right_for=lambda x, **_: x.ndim == 1,
        ),
        contrast(
            "step",
            Case("", (CUBES, counted(2), 1.0)),
            Case("", (CUBES, counted(2), 0.5)),
            "With h = 1 your gradient is right, with h = 0.5 it is not.",
            right_for=lambda h, **_: h == 1,
        ),
    ),
    smallest=_small,
)
