"""Exercises of lecture 13: a ReLU that learns its negative slope, forward and backward."""

from collections.abc import Callable

import numpy as np

from coursekit import layers
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import alternating, counted, halves
from coursekit.exercises.parts import Parts
from coursekit.exercises.properties import constant_ratio, contrast, expects, part, which_parts

LECTURE = "13_rectifiers_and_ensembles"
Gradients = tuple[np.ndarray, np.ndarray]


def prelu_forward(x: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Keep positive numbers, multiply the others by their channel's slope.

    x: (N, C, H, W). a: learned slopes, (C,), one for each channel, or (1,), one for all; they may
    be negative or above 1. Returns x's shape; x and a stay as they are. He and others (2015).

    >>> prelu_forward(np.array([-4.0, 3.0]).reshape(1, 2, 1, 1), np.array([0.25, 0.5])).ravel()
    array([-1.,  3.])
    """
    return layers.prelu_forward(x, a)


def prelu_backward(dout: np.ndarray, x: np.ndarray, a: np.ndarray) -> Gradients:
    """Gradients of the loss by a PReLU's input and slopes.

    dout: gradient by the output, shaped as x, (N, C, H, W). a: slopes, (C,) or (1,). Returns
    (dx, da), shaped as x and as a. x is never exactly 0 here. The arrays given stay as they are.

    >>> dout = np.array([1.0, 10.0]).reshape(1, 1, 1, 2)
    >>> x = np.array([-2.0, 3.0]).reshape(1, 1, 1, 2)
    >>> dx, da = prelu_backward(dout, x, np.array([0.25]))
    >>> dx.ravel(), da
    (array([ 0.25, 10.  ]), array([-2.]))
    """
    return layers.prelu_backward(dout, x, a)


SHAPES = {
    "one channel": [(1, 1, 3, 4), (2, 1, 2, 3)],
    "several channels": [(1, 3, 2, 4), (1, 4, 3, 2)],
    "batch": [(3, 2, 4, 3), (2, 4, 2, 3)],
    "as many columns as channels": [(2, 3, 2, 3), (3, 4, 5, 4)],
    "one slope for all": [(2, 3, 2, 4), (3, 4, 3, 2)],
}


def _slopes(rng: np.random.Generator, group: str, channels: int) -> np.ndarray:
    """Different slopes, some of them negative or above 1."""
    drawn = rng.permutation([0.25, -0.5, 1.5, 0.125, -1.25])
    return drawn[: 1 if group == "one slope for all" else channels]


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case(group, (halves(rng, *shape), _slopes(rng, group, shape[1])))
        for group, shapes in SHAPES.items()
        for shape in shapes
    ]


def _backward_cases(rng: np.random.Generator) -> list[Case]:
    return [Case(one.group, (halves(rng, *one.args[0].shape), *one.args)) for one in _cases(rng)]


_TINY = [(1, 1, 1, 1), (1, 1, 1, 2), (1, 2, 1, 1), (2, 1, 1, 1), (1, 2, 1, 2), (2, 2, 1, 2)]
_TINY += [(1, 3, 1, 3), (2, 2, 2, 1), (3, 2, 1, 1)]


def _small_cases() -> list[Case]:
    slopes = np.array([0.25, -0.5, 1.5])
    return [
        Case("small", (alternating(*shape), slopes[start : start + shape[1]]))
        for shape in _TINY
        for start in (0, 1, 2)
        if start + shape[1] <= 3
    ] + [Case("small", (alternating(1, 2, 1, 3), slopes[:1]))]


def _small_backward() -> list[Case]:
    return [
        Case("small", (sign * counted(*one.args[0].shape), *one.args))
        for one in _small_cases()
        for sign in (1.0, -1.0)
    ]


def _wide(a: np.ndarray) -> np.ndarray:
    return a.reshape(-1, 1, 1)


_FORGOTTEN = "Put in -4 with the slope 0.25: what comes out, and what should?"
_POSITIVE = "Put in 3 with the slope 0.25: what comes out, and what should?"
_OWNER = "Set all slopes to 0 but one: in which part of the result do negative numbers remain?"
MISTAKES = {
    "relu": Mistake(
        lambda x, a: np.maximum(x, 0), "negative numbers become 0, as in a ReLU", _FORGOTTEN
    ),
    "fixed-slope": Mistake(
        lambda x, a: np.where(x > 0, x, 0.25 * x),
        "the slope is always 0.25",
        "Does your result change when you change a?",
    ),
    "leaky": Mistake(
        lambda x, a: np.where(x > 0, x, 0.01 * x),
        "the slope is always 0.01",
        "Does your result change when you change a?",
    ),
    "positive-numbers-scaled-too": Mistake(
        lambda x, a: _wide(a) * x, "every number is multiplied by the slope", _POSITIVE
    ),
    "positive-numbers-scaled-instead": Mistake(
        lambda x, a: np.where(x > 0, _wide(a) * x, x),
        "the positive numbers are multiplied by the slope, and not the negative ones",
        _POSITIVE,
    ),
    "only-the-negative-part": Mistake(
        lambda x, a: _wide(a) * np.minimum(x, 0), "positive numbers become 0", _POSITIVE
    ),
    "sign-lost": Mistake(
        lambda x, a: np.where(x > 0, x, -_wide(a) * x),
        "negative numbers are multiplied by minus the slope",
        _FORGOTTEN,
    ),
    "slope-instead-of-product": Mistake(
        lambda x, a: np.where(x > 0, x, _wide(a) + 0 * x),
        "negative numbers are replaced by the slope",
        "Put in -4 and -8: should both give the same?",
    ),
    "maximum-of-both": Mistake(
        lambda x, a: np.maximum(x, _wide(a) * x),
        "the larger of x and a·x is taken",
        "Try a slope above 1 with a negative number: which of the two is larger?",
    ),
    "first-slope-for-all": Mistake(
        lambda x, a: layers.prelu_forward(x, a[:1]), "the first slope is used for all", _OWNER
    ),
    "mean-slope-for-all": Mistake(
        lambda x, a: layers.prelu_forward(x, np.array([a.mean()])),
        "the mean of the slopes is used for all channels",
        _OWNER,
    ),
    "slopes-along-the-columns": Mistake(
        lambda x, a: np.where(x > 0, x, a * x), "the slopes are laid along the columns", _OWNER
    ),
    "slopes-reversed": Mistake(
        lambda x, a: layers.prelu_forward(x, a[::-1].copy()),
        "the slopes are used in reverse order",
        _OWNER,
    ),
}

PRELU_FORWARD = Exercise(
    name="prelu_forward",
    lecture=LECTURE,
    points=1,
    reference=prelu_forward,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects("positive", Case("", (np.full((1, 1, 1, 1), 3.0), np.array([0.25]))), "3 stays 3"),
        expects(
            "negative",
            Case("", (np.full((1, 1, 1, 1), -4.0), np.array([0.25]))),
            "-4 with the slope 0.25 becomes",
        ),
        expects(
            "steep",
            Case("", (np.full((1, 1, 1, 1), -4.0), np.array([2.0]))),
            "-4 with the slope 2 becomes",
        ),
        contrast(
            "channels",
            Case("", (alternating(1, 1, 2, 3), np.array([0.25]))),
            Case("", (alternating(1, 2, 2, 3), np.array([0.25, -0.5]))),
            "Your result is right for one channel, and wrong for two.",
            right_for=lambda x, **_: x.shape[1] == 1,
        ),
        contrast(
            "batch",
            Case("", (alternating(1, 2, 1, 3), np.array([0.25, -0.5]))),
            Case("", (alternating(3, 2, 1, 3), np.array([0.25, -0.5]))),
            "Your result is right for one image, and wrong for three.",
            right_for=lambda x, **_: len(x) == 1,
        ),
        contrast(
            "shared",
            Case("", (alternating(1, 2, 1, 3), np.array([0.25, -0.5]))),
            Case("", (alternating(1, 2, 1, 3), np.array([0.25]))),
            "Your result is right with a slope a channel, and wrong with one for all.",
            right_for=lambda x, a: len(a) == x.shape[1],
        ),
    ),
    shows={
        "one channel": ("fixed-slope",),
        "one slope for all": ("fixed-slope",),
        "several channels": ("maximum-of-both",),
        "batch": ("maximum-of-both",),
        "as many columns as channels": ("maximum-of-both",),
    },
    hides={
        "one channel": ("maximum-of-both",),
        "one slope for all": ("maximum-of-both",),
    },
    smallest=_small_cases,
)

# --- backward -----------------------------------------------------------------------------------

Formula = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]  # of dout, x, a


def _collected(per_number: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Numbers (N, C, H, W) added up for each slope."""
    return per_number.sum(axis=None if len(a) == 1 else (0, 2, 3)).reshape(a.shape)


def _dx(dout: np.ndarray, x: np.ndarray, a: np.ndarray) -> np.ndarray:
    return np.where(x > 0, 1, _wide(a)) * dout


def _da(dout: np.ndarray, x: np.ndarray, a: np.ndarray) -> np.ndarray:
    return _collected(np.minimum(x, 0) * dout, a)


def _from(dx: Formula = _dx, da: Formula = _da) -> Callable[..., Gradients]:
    """A function like prelu_backward from other formulas."""

    def prelu_backward(dout: np.ndarray, x: np.ndarray, a: np.ndarray) -> Gradients:
        return dx(dout, x, a), da(dout, x, a)

    return prelu_backward


_SLOPE = "What is the slope of a PReLU at -4, and what at 3?"
_WHO = "Which numbers of x are multiplied by the slope? Do the others tell it anything?"
_SUM = "Raise one slope a little: by how much does each output change, and the loss in all?"
BACKWARD_MISTAKES = {
    "slope-ignored": Mistake(_from(dx=lambda dout, x, a: dout.copy()), "dx is dout itself", _SLOPE),
    "relu": Mistake(
        _from(dx=lambda dout, x, a: np.where(x > 0, dout, 0.0)),
        "dx is 0 where x is negative, as in a ReLU",
        _SLOPE,
    ),
    "scaled-everywhere": Mistake(
        _from(dx=lambda dout, x, a: _wide(a) * dout), "all of dx is multiplied by a", _SLOPE
    ),
    "scaled-where-positive": Mistake(
        _from(dx=lambda dout, x, a: np.where(x > 0, _wide(a), 1) * dout),
        "dx is multiplied by the slope where x is positive",
        _SLOPE,
    ),
    "sign-of-dout": Mistake(
        _from(
            lambda dout, x, a: np.where(dout > 0, 1, _wide(a)) * dout,
            lambda dout, x, a: _collected(np.where(dout > 0, 0, x * dout), a),
        ),
        "the sign of dout decides, and not that of x",
        "Whose sign chose the branch in the forward pass?",
    ),
    "output-as-dx": Mistake(
        _from(dx=lambda dout, x, a: np.where(x > 0, 1, _wide(a)) * x),
        "dx is the forward pass's output",
        "Double dout. Does your dx double?",
    ),
    "first-slope-for-all": Mistake(
        _from(dx=lambda dout, x, a: _dx(dout, x, a[:1])),
        "dx uses the first slope for all channels",
        "Which slope multiplied the numbers of the second channel?",
    ),
    "da-of-positive-numbers": Mistake(
        _from(da=lambda dout, x, a: _collected(np.maximum(x, 0) * dout, a)),
        "da collects from the positive numbers",
        _WHO,
    ),
    "da-of-all-numbers": Mistake(
        _from(da=lambda dout, x, a: _collected(x * dout, a)), "da collects from all numbers", _WHO
    ),
    "da-without-x": Mistake(
        _from(da=lambda dout, x, a: _collected((x < 0) * dout, a)),
        "da leaves out the factor x",
        "Raise the slope by 0.1: how much does the output change at x = -1, and at x = -10?",
    ),
    "da-without-dout": Mistake(
        _from(da=lambda dout, x, a: _collected(np.minimum(x, 0), a)),
        "da leaves out the factor dout",
        "Double dout. Does your da double?",
    ),
    "da-with-the-slope": Mistake(
        _from(da=lambda dout, x, a: _collected(_wide(a) * np.minimum(x, 0) * dout, a)),
        "da has the slope as one more factor",
        "What is the derivative of a · x by a?",
    ),
    "da-reversed": Mistake(
        _from(da=lambda dout, x, a: -_da(dout, x, a)), "da has the other sign", _SUM
    ),
    "da-averaged": Mistake(
        _from(da=lambda dout, x, a: _da(dout, x, a) * len(a) / x.size),
        "da is averaged over the numbers that share a slope",
        _SUM,
    ),
    "da-averaged-over-the-batch": Mistake(
        _from(da=lambda dout, x, a: _da(dout, x, a) / len(x)),
        "da is averaged over the images",
        _SUM,
    ),
    "da-of-the-first-image": Mistake(
        _from(da=lambda dout, x, a: _da(dout[:1], x[:1], a)),
        "da collects from the first image only",
        _SUM,
    ),
    "da-not-collected": Mistake(
        _from(da=lambda dout, x, a: np.minimum(x, 0) * dout),
        "da is not added up: it has a number for every number of x",
        "How many slopes are there, and how many numbers has your da?",
    ),
    "da-always-one-for-all": Mistake(
        _from(da=lambda dout, x, a: np.full(a.shape, (np.minimum(x, 0) * dout).sum())),
        "da is added up over the channels as well",
        "Does the slope of one channel multiply numbers of another?",
    ),
}

_NAMES = Parts("dx", "da")
_A, _X, _D = np.array([0.25, -0.5]), alternating(1, 2, 1, 2), counted(1, 2, 1, 2)
_BATCH = Case("", (counted(2, 2, 1, 3), alternating(2, 2, 1, 3), _A))
PRELU_BACKWARD = Exercise(
    name="prelu_backward",
    lecture=LECTURE,
    points=2,
    reference=prelu_backward,
    cases=_backward_cases,
    mistakes=BACKWARD_MISTAKES,
    properties=(
        constant_ratio((Case("", (_D, _X, _A)), _BATCH), part(0), "dx"),
        constant_ratio((Case("", (_D, _X, _A)), _BATCH), part(1), "da"),
        expects(
            "dx-positive",
            Case("", (_D, np.abs(_X), _A)),
            "Where x is positive, dx is dout",
            part(0),
        ),
        expects(
            "dx-negative",
            Case("", (_D, -np.abs(_X), _A)),
            "Where x is negative, dx is dout times the channel's slope",
            part(0),
        ),
        expects(
            "da-positive",
            Case("", (_D, np.abs(_X), _A)),
            "Where no number is negative, no slope took part",
            part(1),
        ),
        expects("da", Case("", (_D, _X, _A)), "Each negative x adds x · dout to da", part(1)),
        contrast(
            "batch",
            Case("", (_D, _X, _A)),
            _BATCH,
            "Your gradients are right for one image, and wrong for two.",
            right_for=lambda x, **_: len(x) == 1,
        ),
        which_parts(Case("", (_D, _X, _A)), ("dx", "da")),
    ),
    shows={
        "one channel": (
            "da-averaged-over-the-batch",
            "da-of-the-first-image",
        ),
    },
    smallest=_small_backward,
    agrees=_NAMES.agrees,
    alike=_NAMES.agrees,
    draw=_NAMES.draw,
)
