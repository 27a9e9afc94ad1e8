"""Exercise of lecture 08: one step of gradient descent with momentum and weight decay."""

from collections.abc import Callable

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import halves
from coursekit.exercises.parts import Parts
from coursekit.exercises.properties import constant_ratio, contrast, expects, part, which_parts

Step = tuple[np.ndarray, np.ndarray]


def sgd_momentum_step(
    w: np.ndarray,
    dw: np.ndarray,
    v: np.ndarray,
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
) -> Step:
    """New weights and new velocity after one step downhill.

    w, dw, v: weights, their gradient and their velocity before the step, three arrays of one
    shape. lr: the learning rate. As in PyTorch, weight decay joins the gradient first,
    g = dw + weight_decay · w; then the velocity is momentum · v + g; then the weights move by lr
    times the *new* velocity, against it. Returns (w, v), two new arrays: those given stay.

    >>> sgd_momentum_step(np.array([1.0]), np.array([2.0]), np.array([10.0]), lr=0.1)
    (array([-0.1]), array([11.]))
    """
    v = momentum * v + dw + weight_decay * w
    return w - lr * v, v


def _cases(rng: np.random.Generator) -> list[Case]:
    def arrays(*shape: int) -> tuple[np.ndarray, ...]:
        return tuple(halves(rng, *shape) for _ in range(3))

    def resting(*shape: int) -> tuple[np.ndarray, ...]:
        return halves(rng, *shape), halves(rng, *shape), np.zeros(shape)

    filters = (2, 3, 2, 2)
    return [
        Case("no momentum", (*arrays(5), 0.25), {"momentum": 0.0}),
        Case("no momentum", (*arrays(*filters), 0.5), {"momentum": 0.0}),
        Case("first step", (*resting(4), 0.125)),
        Case("first step", (*resting(3, 5), 0.5), {"momentum": 0.75}),
        Case("momentum", (*arrays(6), 0.125)),
        Case("momentum", (*arrays(*filters), 0.25), {"momentum": 0.75}),
        Case("momentum", (*arrays(3, 4), 0.5), {"momentum": 0.25}),
        Case("weight decay", (*arrays(6), 0.5), {"momentum": 0.0, "weight_decay": 0.25}),
        Case("weight decay", (*arrays(2, 5), 0.25), {"momentum": 0.0, "weight_decay": 0.125}),
        Case("momentum and weight decay", (*arrays(7), 0.5), {"weight_decay": 0.25}),
        Case(
            "momentum and weight decay",
            (*arrays(*filters), 0.25),
            {"momentum": 0.5, "weight_decay": 0.125},
        ),
    ]


def _step(w: float, dw: float, v: float, lr: float, **named: float) -> Case:
    return Case("small", (np.array([w]), np.array([dw]), np.array([v]), lr), named)


_SMALL = (
    _step(1.0, 2.0, 0.0, 0.5, momentum=0.0),
    _step(1.0, 2.0, 4.0, 0.5, momentum=0.5),
    _step(1.0, 2.0, 4.0, 0.25),
    _step(3.0, 2.0, 4.0, 0.5, momentum=0.0, weight_decay=0.25),
    _step(3.0, 2.0, 4.0, 0.5, momentum=0.5, weight_decay=0.25),
)


def _from(formula: Callable[..., Step]) -> Callable[..., Step]:
    """A function like sgd_momentum_step from a formula in w, g (with decay), v, lr and momentum."""

    def sgd_momentum_step(
        w: np.ndarray,
        dw: np.ndarray,
        v: np.ndarray,
        lr: float,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
    ) -> Step:
        return formula(w, dw + weight_decay * w, v, lr, momentum)

    return sgd_momentum_step


def _decay_from(decayed: Callable[..., tuple[np.ndarray, np.ndarray]]) -> Callable[..., Step]:
    """A function like sgd_momentum_step from another weight decay.

    decayed: (w, dw, weight_decay, lr) to the weights to start from and the gradient.
    """

    def sgd_momentum_step(
        w: np.ndarray,
        dw: np.ndarray,
        v: np.ndarray,
        lr: float,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
    ) -> Step:
        start, g = decayed(w, dw, weight_decay, lr)
        v = momentum * v + g
        return start - lr * v, v

    return sgd_momentum_step


_STORED = "Two steps with the same gradient: is the second one longer than the first?"
_UNITS = "Which velocity do you return for v = 0, dw = 1 and lr = 0.1? Which one is asked for?"
_DECAY = "Set dw and v to 0: do the weights shrink, and by how much for lr = 1?"
MISTAKES = {
    "uphill": Mistake(
        _from(lambda w, g, v, lr, m: (w + lr * (m * v + g), m * v + g)),
        "the step is added to the weights",
        "Which way does the gradient point: to a larger loss or to a smaller one?",
    ),
    "gradient-subtracted-from-velocity": Mistake(
        _from(lambda w, g, v, lr, m: (w - lr * (m * v - g), m * v - g)),
        "the gradient is subtracted from the velocity",
        "With v = 0: does your step go with the gradient or against it?",
    ),
    "velocity-forgotten": Mistake(
        _from(lambda w, g, v, lr, m: (w - lr * g, g)),
        "the old velocity is left out, which is plain gradient descent",
        _STORED,
    ),
    "plain-descent": Mistake(
        _from(lambda w, g, v, lr, m: (w - lr * g, v.copy())),
        "the weights move by the gradient alone, and the velocity stays as it was",
        _STORED,
    ),
    "velocity-not-returned": Mistake(
        _from(lambda w, g, v, lr, m: (w - lr * (m * v + g), v.copy())),
        "the old velocity is returned",
        "Does the new velocity survive until the next step?",
    ),
    "old-velocity-used": Mistake(
        _from(lambda w, g, v, lr, m: (w - lr * v, m * v + g)),
        "the weights move by the old velocity",
        "With v = 0 and a gradient of 1: do the weights move at all?",
    ),
    "learning-rate-in-the-velocity": Mistake(
        _from(lambda w, g, v, lr, m: (w - (m * v + lr * g), m * v + lr * g)),
        "the learning rate is part of the velocity",
        _UNITS,
    ),
    "velocity-points-downhill": Mistake(
        _from(lambda w, g, v, lr, m: (w + m * v - lr * g, m * v - lr * g)),
        "the velocity is the step itself: learning rate and minus are part of it",
        _UNITS,
    ),
    "learning-rate-twice": Mistake(
        _from(lambda w, g, v, lr, m: (w - lr * (m * v + lr * g), m * v + lr * g)),
        "the learning rate is in the velocity and in the step",
        "With v = 0: how far do the weights move for lr = 0.1 and a gradient of 1?",
    ),
    "learning-rate-ignored": Mistake(
        _from(lambda w, g, v, lr, m: (w - (m * v + g), m * v + g)),
        "the learning rate is not used",
        "Halve the learning rate. Does your step change?",
    ),
    "gradient-damped": Mistake(
        _from(lambda w, g, v, lr, m: (w - lr * (m * v + (1 - m) * g), m * v + (1 - m) * g)),
        "the gradient is multiplied by 1 − momentum",
        "With v = 0: does the first step depend on the momentum?",
    ),
    "gradient-times-momentum": Mistake(
        _from(lambda w, g, v, lr, m: (w - lr * m * (v + g), m * (v + g))),
        "the gradient is multiplied by the momentum too",
        "With v = 0: does the first step depend on the momentum?",
    ),
    "momentum-ignored": Mistake(
        _from(lambda w, g, v, lr, m: (w - lr * (v + g), v + g)),
        "the old velocity is kept in full",
        "With a gradient of 0: does the velocity fade?",
    ),
    "nesterov": Mistake(
        _from(lambda w, g, v, lr, m: (w - lr * (g + m * (m * v + g)), m * v + g)),
        "the step looks ahead, as Nesterov's does",
        "By what do the weights move: by the new velocity, or by something more?",
    ),
    "decay-ignored": Mistake(
        _decay_from(lambda w, dw, decay, lr: (w, dw)), "weight decay is ignored", _DECAY
    ),
    "decay-reversed": Mistake(
        _decay_from(lambda w, dw, decay, lr: (w, dw - decay * w)),
        "weight decay has the other sign",
        "Set dw and v to 0: do the weights shrink or grow?",
    ),
    "decay-doubled": Mistake(
        _decay_from(lambda w, dw, decay, lr: (w, dw + 2 * decay * w)),
        "weight decay has a factor 2",
        _DECAY,
    ),
    "decay-halved": Mistake(
        _decay_from(lambda w, dw, decay, lr: (w, dw + decay * w / 2)),
        "weight decay has a factor 1/2",
        _DECAY,
    ),
    "decay-beside-the-velocity": Mistake(
        _decay_from(lambda w, dw, decay, lr: (w - lr * decay * w, dw)),
        "weights decay directly, and not through the velocity",
        "Set dw and v to 0: which velocity is left after the step?",
    ),
    "decay-without-the-learning-rate": Mistake(
        _decay_from(lambda w, dw, decay, lr: (w - decay * w, dw)),
        "weights decay directly, and whatever the learning rate",
        "Set dw and v to 0 and lr to 0: do the weights move?",
    ),
    "decay-of-every-weight-alike": Mistake(
        _decay_from(lambda w, dw, decay, lr: (w, dw + decay)),
        "weight decay is added to the gradient without the weights",
        "Should a large weight and a small one be pulled by the same amount?",
    ),
    "velocity-first": Mistake(
        _from(lambda w, g, v, lr, m: (m * v + g, w - lr * (m * v + g))),
        "velocity and weights are returned in the other order",
        "Which of the two results does the caller take for the weights?",
    ),
}

_ARRAYS = (np.array([2.0, -1.0]), np.array([0.5, 3.0]), np.array([4.0, -2.0]))
_REST = (_ARRAYS[0], _ARRAYS[1], np.zeros(2))
_NAMES = Parts("w", "v")
_PLAIN = {"momentum": 0.0}
SGD_MOMENTUM_STEP = Exercise(
    name="sgd_momentum_step",
    lecture="08_training",
    points=2,
    reference=sgd_momentum_step,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects(
            "plain-descent",
            Case("", (*_REST, 0.5), _PLAIN),
            "Without momentum and weight decay the weights move by lr · dw, downhill",
            part(0),
        ),
        expects("first-velocity", Case("", (*_REST, 0.5)), "From v = 0 it becomes dw", part(1)),
        expects(
            "coasting",
            Case("", (_ARRAYS[0], np.zeros(2), _ARRAYS[2], 0.5), {"momentum": 0.5}),
            "With a gradient of 0 the velocity is multiplied by the momentum",
            part(1),
        ),
        constant_ratio((Case("", (*_ARRAYS, 0.5)), Case("", (*_ARRAYS, 0.25))), part(1), "v"),
        contrast(
            "momentum",
            Case("", (*_ARRAYS, 0.5), _PLAIN),
            Case("", (*_ARRAYS, 0.5)),
            "Your step is right without momentum, and wrong with it.",
            right_for=lambda momentum, **_: momentum == 0,
        ),
        contrast(
            "weight-decay",
            Case("", (*_ARRAYS, 0.5)),
            Case("", (*_ARRAYS, 0.5), {"weight_decay": 0.25}),
            "Your step is right without weight decay, and wrong with it.",
            right_for=lambda weight_decay, **_: weight_decay == 0,
        ),
        which_parts(Case("", (*_ARRAYS, 0.5), {"weight_decay": 0.25}), ("w", "v")),
    ),
    smallest=lambda: _SMALL,
    agrees=_NAMES.agrees,
    alike=_NAMES.agrees,
    draw=_NAMES.draw,
)
