"""Exercise of lecture 08: dropout."""

from collections.abc import Callable

import numpy as np

from coursekit import layers
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import halves
from coursekit.exercises.parts import Parts
from coursekit.exercises.properties import constant_ratio, contrast, expects, part, which_parts

Dropped = tuple[np.ndarray, np.ndarray]


def dropout_forward(x: np.ndarray, p: float, uniform: np.ndarray, training: bool = True) -> Dropped:
    """Silence numbers at random and scale the others up.

    x: activations, any shape. p: probability of being *dropped*, as in PyTorch, 0 ≤ p < 1.
    uniform: one random number from 0 to 1 for each number of x, drawn for you; where it is below p
    the number of x is dropped. In training the survivors are scaled up so that the mean stays; at
    test time (training=False) nothing is dropped or scaled.
    Returns (out, mask), both of x's shape: out = x · mask, so mask is the factor of each number.

    >>> dropout_forward(np.array([3.0, 3.0]), 0.25, np.array([0.1, 0.7]))
    (array([0., 4.]), array([0.        , 1.33333333]))
    """
    return layers.dropout_forward(x, p, uniform, training)


def _cases(rng: np.random.Generator) -> list[Case]:
    def drawn(p: float, *shape: int) -> tuple[np.ndarray, float, np.ndarray]:
        """Numbers of which some fall, some stay, and some lie between p and 1 − p."""
        uniform = rng.permutation((np.arange(np.prod(shape)) + 0.37) / np.prod(shape))
        return halves(rng, *shape), p, uniform.reshape(shape)

    return [
        Case("training", drawn(0.2, 12)),
        Case("training", drawn(0.75, 3, 4)),
        Case("training", drawn(0.3, 2, 3, 4, 2), {"training": True}),
        Case("half of them", drawn(0.5, 4, 5)),
        Case("nothing to drop", drawn(0.0, 9)),
        Case("test time", drawn(0.2, 3, 5), {"training": False}),
        Case("test time", drawn(0.75, 2, 3, 4, 2), {"training": False}),
    ]


def _small(p: float, uniform: list[float], **named: bool) -> Case:
    return Case("small", (np.arange(1.0, 1 + len(uniform)), p, np.array(uniform)), named)


_SMALL = (
    _small(0.25, [0.6]),
    _small(0.25, [0.1, 0.6, 0.9]),
    _small(0.75, [0.1, 0.6, 0.9]),
    _small(0.25, [0.1, 0.6, 0.9], training=False),
)


def _from(
    mask: Callable[[np.ndarray, float], np.ndarray],
    at_test: Callable[[float], float] = lambda p: 1.0,
) -> Callable[..., Dropped]:
    """A function like dropout_forward from another mask, and another factor at test time."""

    def dropout_forward(
        x: np.ndarray, p: float, uniform: np.ndarray, training: bool = True
    ) -> Dropped:
        factor = mask(uniform, p) if training else np.full(x.shape, at_test(p))
        return x * factor, factor

    return dropout_forward


def _always_on(x: np.ndarray, p: float, uniform: np.ndarray, training: bool = True) -> Dropped:
    return dropout_forward(x, p, uniform)


def _plain_mask(x: np.ndarray, p: float, uniform: np.ndarray, training: bool = True) -> Dropped:
    out, mask = dropout_forward(x, p, uniform, training)
    return out, (mask > 0) * 1.0


def _never_on(x: np.ndarray, p: float, uniform: np.ndarray, training: bool = True) -> Dropped:
    return x.copy(), np.ones(x.shape)


def _exchanged(x: np.ndarray, p: float, uniform: np.ndarray, training: bool = True) -> Dropped:
    return dropout_forward(x, p, uniform, not training)


def _right(uniform: np.ndarray, p: float) -> np.ndarray:
    return (uniform >= p) / (1 - p)


_MEANS = "Average a great many outputs in training and at test time. Are the two means equal?"
_LOUDER = "A quarter survives: must each of them speak louder or more quietly, and how much?"
_WHICH = "With p = 0.25, a draw of 0.1 and one of 0.9: which of the two numbers is dropped?"
MISTAKES = {
    "not-scaled": Mistake(
        _from(lambda u, p: (u >= p) * 1.0), "the survivors are not scaled up", _MEANS
    ),
    "scaled-at-test-instead": Mistake(
        _from(lambda u, p: (u >= p) * 1.0, lambda p: 1 - p),
        "nothing is scaled in training, and everything is scaled down at test time",
        "The scaling should be over after training. What is left to do at test time?",
    ),
    "scaled-at-test-too": Mistake(
        _from(_right, lambda p: 1 - p),
        "everything is scaled in training and once more at test time",
        "Once is enough: where is the mean already right?",
    ),
    "scaled-up-at-test-too": Mistake(
        _from(_right, lambda p: 1 / (1 - p)),
        "everything is scaled up at test time too",
        "Nothing is dropped at test time. What is there to make up for?",
    ),
    "divided-by-p": Mistake(
        _from(lambda u, p: (u >= p) / (p or 1)),
        "the survivors are divided by p, the share that was dropped",
        "Which share survives? The mean after should be the mean before.",
    ),
    "times-the-survivors-share": Mistake(
        _from(lambda u, p: (u >= p) * (1 - p)),
        "the survivors are multiplied by 1 − p, and not divided by it",
        _LOUDER,
    ),
    "times-p": Mistake(
        _from(lambda u, p: (u >= p) * p), "the survivors are multiplied by p", _LOUDER
    ),
    "p-taken-for-keeping": Mistake(
        _from(lambda u, p: (u < p) / (p or 1)),
        "p is taken for the probability of being kept",
        "With p = 0.2, which share of the numbers should be 0?",
    ),
    "dropped-and-kept-exchanged": Mistake(
        _from(lambda u, p: (u < p) / (1 - p)),
        "the numbers to drop are kept, and the others dropped",
        _WHICH,
    ),
    "largest-draws-dropped": Mistake(
        _from(lambda u, p: (u < 1 - p) / (1 - p)),
        "the numbers with the largest draws are dropped, and not those with the smallest",
        _WHICH,
    ),
    "active-at-test-time": Mistake(
        _always_on, "dropout is active at test time too", "Should one image get two predictions?"
    ),
    "never-active": Mistake(
        _never_on, "nothing is ever dropped", "How many zeros does your output have in training?"
    ),
    "training-and-test-exchanged": Mistake(
        _exchanged,
        "training and test time are exchanged",
        "In which of the two modes should numbers be dropped?",
    ),
    "mask-without-the-scale": Mistake(
        _plain_mask,
        "the mask holds 0 and 1, while out is scaled",
        "Multiply x by your mask: do you get your out?",
    ),
    "half-always": Mistake(
        _from(lambda u, p: (u >= 0.5) / 0.5),
        "half of the numbers are dropped, whatever p is",
        "Does your output change when you change p?",
    ),
    "uniform-as-mask": Mistake(
        _from(lambda u, p: u / (1 - p)),
        "the draws themselves are used as the mask",
        "A number is dropped or kept: how many different values should a mask hold?",
    ),
}

_X, _U = np.array([1.0, 2.0, -3.0, 4.0]), np.array([0.1, 0.6, 0.9, 0.3])
_NAMES = Parts("out", "mask")
DROPOUT_FORWARD = Exercise(
    name="dropout_forward",
    lecture="08_training",
    points=2,
    reference=dropout_forward,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects(
            "test-time",
            Case("", (_X, 0.25, _U), {"training": False}),
            "At test time out is x itself",
            part(0),
        ),
        expects(
            "nothing-to-drop", Case("", (_X, 0.0, _U)), "With p = 0 nothing is dropped", part(0)
        ),
        constant_ratio((Case("", (_X, 0.25, _U)), Case("", (_X, 0.75, _U))), part(0), "out"),
        expects(
            "zeros",
            Case("", (np.ones(4), 0.5, _U)),
            "With p = 0.5 and the draws 0.1, 0.6, 0.9 and 0.3, the first and the last 1 fall",
            part(0),
        ),
        contrast(
            "scale",
            Case("", (_X, 0.5, _U)),
            Case("", (_X, 0.25, _U)),
            "Your answer is right for p = 0.5, and wrong for p = 0.25.",
            right_for=lambda p, **_: p == 0.5,
        ),
        which_parts(Case("", (_X, 0.25, _U)), ("out", "mask")),
    ),
    smallest=lambda: _SMALL,
    agrees=_NAMES.agrees,
    alike=_NAMES.agrees,
    draw=_NAMES.draw,
)
