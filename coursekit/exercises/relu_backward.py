"""Exercise of lecture 06: the gradient of ReLU."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from coursekit import layers
from coursekit.exercises.agreement import Disagreement, as_array, disagreement
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import halves
from coursekit.exercises.properties import constant_ratio, contrast, expects


def relu_backward(dout: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Gradient of ReLU by its input.

    dout: gradient of the loss by ReLU's output, any shape. x: ReLU's input, of the same shape.
    Returns floats of that shape: dout where x is positive, 0 where it is negative. Where x is
    exactly 0 either will do, and anything between.

    >>> relu_backward(np.array([5.0, 7.0]), np.array([-1.5, 2.0]))
    array([0., 7.])
    """
    return layers.relu_backward(dout, x)


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(group: str, sign: int, *shape: int) -> Case:
        x = halves(rng, *shape)
        return Case(group, (halves(rng, *shape), np.abs(x) * sign if sign else x))

    cases = [case("positive inputs", 1, 3, 4), case("negative inputs", -1, 3, 5)]
    cases += [case("both signs", 0, 4, 5), case("both signs", 0, 3, 7)]
    tiny = halves(rng, 3, 4) / 1024  # the slope changes at 0, and not a little above
    cases.append(Case("both signs", (halves(rng, 3, 4), tiny)))
    cases += [case("any shape", 0, *shape) for shape in ((9,), (2, 3, 2, 4), (2, 2, 3))]
    for shape in ((4, 5), (2, 3, 3, 2)):
        zeros = halves(rng, *shape) * rng.integers(0, 2, shape)
        cases.append(Case("inputs of exactly 0", (halves(rng, *shape), zeros)))
    return cases


def _small() -> Iterator[Case]:
    for dout, x in product((1.0, 2.0, -1.0), (1.0, -1.0, 2.0, -2.0)):
        yield Case("small", (np.array([dout]), np.array([x])))


def _agrees(got: Any, expected: np.ndarray, case: Case) -> Disagreement | None:
    """Any slope from 0 to 1 where x is 0."""
    found = disagreement(got, expected)
    if found is None or found.kind != "value":
        return found
    dout, x = case.args
    array = as_array(got)
    slack = 1e-3 * np.abs(dout)  # for float32
    between = (array >= np.minimum(dout, 0) - slack) & (array <= np.maximum(dout, 0) + slack)
    return disagreement(np.where((x == 0) & between, expected, array), expected)


def _alike(got: Any, other: np.ndarray, case: Case) -> Disagreement | None:
    """As a known mistake's, wherever x is not 0."""
    found = disagreement(got, other)
    if found is None or found.kind != "value":
        return found
    there = case.args[1] != 0
    return disagreement(as_array(got)[there], other[there])


_CHAIN = "Give it a dout of zeros. What should come out?"
_WHERE = "Where was the slope 0?"
MISTAKES = {
    "mask-missing": Mistake(
        lambda dout, x: dout.copy(), "dout is handed on everywhere", f"{_WHERE} Try x = [-1, 1]."
    ),
    "mask-on-dout": Mistake(
        lambda dout, x: dout * (dout > 0),
        "the sign of dout decides, and not that of x",
        "Whose sign decides? Try a negative dout at a positive x.",
    ),
    "mask-on-both": Mistake(
        lambda dout, x: dout * ((x > 0) & (dout > 0)),
        "a gradient passes only where dout is positive as well",
        "May a gradient be negative where x is positive?",
    ),
    "mask-inverted": Mistake(
        lambda dout, x: dout * (x < 0),
        "gradients pass where x is negative",
        f"{_WHERE} Try x = [-1, 1].",
    ),
    "upstream-ignored": Mistake(
        lambda dout, x: (x > 0).astype(float), "the slope is returned, without dout", _CHAIN
    ),
    "forward-returned": Mistake(
        lambda dout, x: np.maximum(x, 0),
        "the output of ReLU is returned, and not its gradient",
        _CHAIN,
    ),
    "multiplied-by-x": Mistake(
        lambda dout, x: dout * x,
        "dout is multiplied by x itself",
        "What is the slope of ReLU at 3? And at 5?",
    ),
    "multiplied-by-the-output": Mistake(
        lambda dout, x: dout * np.maximum(x, 0),
        "dout is multiplied by ReLU's output",
        "What is the slope of ReLU at 3? And at 5?",
    ),
    "arguments-exchanged": Mistake(
        lambda dout, x: x * (dout > 0),
        "dout and x are exchanged",
        "Which of the two arguments comes first?",
    ),
    "leaky": Mistake(
        lambda dout, x: dout * np.where(x > 0, 1, 0.01),
        "a hundredth of the gradient passes where x is negative",
        "How steep is ReLU at -1?",
    ),
    "sign-of-x": Mistake(
        lambda dout, x: dout * np.sign(x),
        "dout is multiplied by the sign of x",
        "How steep is ReLU at -1?",
    ),
}

_DOUT, _X = np.array([[3.0, -2.0, 5.0]]), np.array([[1.0, 4.0, -6.0]])
RELU_BACKWARD = Exercise(
    name="relu_backward",
    lecture="06_backpropagation",
    points=1,
    reference=relu_backward,
    cases=_cases,
    agrees=_agrees,
    alike=_alike,
    mistakes=MISTAKES,
    properties=(
        expects("no-gradient", Case("", (0 * _DOUT, _X)), "With dout = 0 every gradient is 0"),
        constant_ratio([Case("", (_DOUT, _X))]),
        expects(
            "positive",
            Case("", (_DOUT, np.abs(_X))),
            "Where x is positive ReLU changes nothing, so dout passes",
        ),
        expects(
            "negative",
            Case("", (_DOUT, -np.abs(_X))),
            "Where x is negative ReLU gives 0, however x changes",
        ),
        expects(
            "large",
            Case("", (_DOUT, 100 * _X)),
            "The slope is 1 for any positive x, however large",
        ),
        contrast(
            "shape",
            Case("", (_DOUT, _X)),
            Case("", (np.repeat(_DOUT, 2, axis=0), np.stack([_X[0], -_X[0]]))),
            "For one row your gradient is right, for two rows it is not.",
            right_for=lambda x, **_: x.ndim == 1 or (x.ndim == 2 and len(x) == 1),
        ),
    ),
    smallest=_small,
)
