"""Exercise of lecture 11: batch normalization, forward."""

from collections.abc import Callable

import numpy as np

from coursekit import layers
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import counted, halves
from coursekit.exercises.parts import Parts
from coursekit.exercises.properties import contrast, expects, part, which_parts

Normalized = tuple[np.ndarray, np.ndarray, np.ndarray]


def batch_norm2d_forward(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Normalized:
    """Give each channel mean beta and standard deviation gamma.

    x: (N, C, H, W). gamma, beta, running_mean, running_var: (C,).
    In training each channel is normalized, (x − mean) / √(var + eps), by its own mean and biased
    variance over batch and pixels, then multiplied by gamma and shifted by beta; and the running
    values move a little towards the batch's: new = (1 − momentum) · old + momentum · batch, where
    the variance is the unbiased one (divided by one number less), as in PyTorch. At test time
    (training=False) the running values normalize, and stay.
    Returns (out, running_mean, running_var), new arrays: those given stay. Ioffe, Szegedy (2015).

    >>> x, one, zero = np.array([1.0, 3.0]).reshape(2, 1, 1, 1), np.ones(1), np.zeros(1)
    >>> out, mean, var = batch_norm2d_forward(x, one, zero, zero, one, eps=0)
    >>> out.ravel(), mean, var
    (array([-1.,  1.]), array([0.2]), array([1.1]))
    """
    return layers.batch_norm2d_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )


def _cases(rng: np.random.Generator) -> list[Case]:
    def batch(group: str, *shape: int, scale: float = 1.0, **named: float) -> Case:
        c = shape[1]
        x = scale * (halves(rng, *shape) + 3 * np.arange(1, c + 1)[:, None, None])
        vectors = halves(rng, c) + 5, halves(rng, c), halves(rng, c), np.abs(halves(rng, c)) + 0.5
        return Case(group, (x, *vectors), named)

    return [
        batch("training", 3, 2, 2, 3),
        batch("training", 2, 4, 3, 2),
        batch("training", 4, 3, 1, 3, momentum=0.25),
        batch("as many columns as channels", 2, 3, 2, 3, momentum=0.5),
        batch("one image", 1, 3, 4, 2),
        batch("small numbers", 3, 2, 2, 3, scale=0.01, eps=0.01),
        batch("small numbers", 2, 3, 2, 2, scale=0.01, eps=0.25),
        batch("test time", 3, 2, 2, 3, training=False),
        batch("test time", 1, 4, 1, 1, training=False, eps=0.5),
    ]


def _small() -> list[Case]:
    found = []
    for shape in [(2, 1, 1, 1), (1, 1, 1, 3), (2, 2, 1, 1), (2, 2, 1, 2), (3, 3, 1, 1)]:
        c = shape[1]
        vectors = counted(c) + 1, counted(c) - 3, counted(c), counted(c) + 0.5
        for named in ({}, {"momentum": 0.25}, {"eps": 0.5}, {"training": False}):
            found.append(Case("small", (counted(*shape) ** 2, *vectors), named))
    return found


def _wide(values: np.ndarray) -> np.ndarray:
    return values[:, None, None] if values.ndim == 1 else values


AXES = (0, 2, 3)
Out = Callable[..., np.ndarray]  # of x, mean, var, gamma, beta and eps


def _out(x, mean, var, gamma, beta, eps):
    return _wide(gamma) * (x - _wide(mean)) / np.sqrt(_wide(var) + eps) + _wide(beta)


def _moved(old: np.ndarray, new: np.ndarray, momentum: float) -> np.ndarray:
    return (1 - momentum) * old + momentum * new


def _unbiased(x: np.ndarray) -> np.ndarray:
    return x.var(axis=AXES, ddof=1)


def _biased(x: np.ndarray) -> np.ndarray:
    return x.var(axis=AXES)


def _from(
    out: Out = _out,
    mean_of: Callable[[np.ndarray], np.ndarray] = lambda x: x.mean(axis=AXES),
    var_of: Callable[[np.ndarray], np.ndarray] = _biased,
    moved: Callable[..., np.ndarray] = _moved,
    kept_var: Callable[[np.ndarray], np.ndarray] = _unbiased,
    test_out: Out | None = None,
) -> Callable[..., Normalized]:
    """A function like batch_norm2d_forward with some of its steps exchanged."""

    def batch_norm2d_forward(
        x: np.ndarray,
        gamma: np.ndarray,
        beta: np.ndarray,
        running_mean: np.ndarray,
        running_var: np.ndarray,
        training: bool = True,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> Normalized:
        if not training:
            result = (test_out or out)(x, running_mean, running_var, gamma, beta, eps)
            return result, running_mean.copy(), running_var.copy()
        mean = moved(running_mean, x.mean(axis=AXES), momentum)
        var = moved(running_var, kept_var(x), momentum)
        return out(x, mean_of(x), var_of(x), gamma, beta, eps), mean, var

    return batch_norm2d_forward


def _over(axes: tuple[int, ...]) -> Callable[..., Normalized]:
    return _from(
        mean_of=lambda x: x.mean(axis=axes, keepdims=True),
        var_of=lambda x: x.var(axis=axes, keepdims=True),
    )


def _batch_at_test(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, *rest, **named):
    out = layers.batch_norm2d_forward(x, gamma, beta, *rest, **named)
    if named.get("training", True):
        return out
    eps = named.get("eps", 1e-5)
    return _out(x, x.mean(axis=AXES), x.var(axis=AXES), gamma, beta, eps), *out[1:]


_AXES = "Each channel has one mean. How many numbers of the batch does it average?"
_RUNNING = "Start from running mean 0, batch mean 10, momentum 0.1: which mean do you keep?"
_BESSEL = "Which of the two variances divides by N, and which by N − 1?"
MISTAKES = {
    "every-image-on-its-own": Mistake(_over((2, 3)), "every image is normalized on its own", _AXES),
    "every-pixel-on-its-own": Mistake(
        _over((0,)), "every pixel is normalized on its own, over the batch only", _AXES
    ),
    "all-channels-together": Mistake(
        _over((0, 1, 2, 3)), "all channels are normalized by one mean and variance", _AXES
    ),
    "over-the-channels": Mistake(
        _over((1, 2, 3)), "every image is normalized over its channels and pixels", _AXES
    ),
    "no-square-root": Mistake(
        _from(lambda x, m, v, g, b, e: _wide(g) * (x - _wide(m)) / (_wide(v) + e) + _wide(b)),
        "numbers are divided by the variance",
        "Which standard deviation has a channel after your normalization?",
    ),
    "unbiased-in-both": Mistake(
        _from(var_of=_unbiased), "the unbiased variance normalizes as well", _BESSEL
    ),
    "biased-in-both": Mistake(
        _from(kept_var=_biased), "the biased variance is kept as running variance", _BESSEL
    ),
    "variances-exchanged": Mistake(
        _from(var_of=_unbiased, kept_var=_biased),
        "the unbiased variance normalizes, and the biased one is kept",
        _BESSEL,
    ),
    "eps-outside-the-root": Mistake(
        _from(
            lambda x, m, v, g, b, e: _wide(g) * (x - _wide(m)) / (_wide(v) ** 0.5 + e) + _wide(b)
        ),
        "eps is added outside the root",
        "Try a constant channel: by what is it divided?",
    ),
    "eps-forgotten": Mistake(
        _from(lambda x, m, v, g, b, e: _out(x, m, v, g, b, 0)),
        "eps is left out",
        "Try a constant channel: by what is it divided?",
    ),
    "momentum-exchanged": Mistake(
        _from(moved=lambda old, new, m: m * old + (1 - m) * new),
        "the old running values are multiplied by momentum, and the batch's by the rest",
        _RUNNING,
    ),
    "running-values-not-moved": Mistake(
        _from(moved=lambda old, new, m: old.copy()), "the running values never move", _RUNNING
    ),
    "running-values-replaced": Mistake(
        _from(moved=lambda old, new, m: new), "the last batch's values are kept", _RUNNING
    ),
    "running-standard-deviation": Mistake(
        _from(kept_var=lambda x: np.sqrt(_unbiased(x))),
        "the running variance collects standard deviations",
        "In which unit is a variance, and in which one a standard deviation?",
    ),
    "batch-values-at-test": Mistake(
        _batch_at_test,
        "the batch's own mean and variance are used at test time",
        "Predict one image alone and inside a batch: should the answers differ?",
    ),
    "gamma-and-beta-exchanged": Mistake(
        _from(lambda x, m, v, g, b, e: _out(x, m, v, b, g, e)),
        "gamma and beta are exchanged",
        "Which of the two scales, and which one shifts?",
    ),
    "beta-before-gamma": Mistake(
        _from(lambda x, m, v, g, b, e: _out(x, m, v, g, g * b, e)),
        "beta is added before gamma multiplies",
        "With gamma 2 and beta 3: which mean has your channel?",
    ),
    "gamma-and-beta-forgotten": Mistake(
        _from(lambda x, m, v, g, b, e: _out(x, m, v, 1 + 0 * g, 0 * b, e)),
        "gamma and beta are left out",
        "Does your result change when you change gamma or beta?",
    ),
    "mean-not-subtracted": Mistake(
        _from(lambda x, m, v, g, b, e: _out(x, 0 * m, v, g, b, e)),
        "the mean is not subtracted",
        "Which mean has a channel after your normalization?",
    ),
}

_VECTORS = (np.array([2.0]), np.array([3.0]), np.array([1.0]), np.array([4.0]))
_LINE = np.array([1.0, 3.0, 8.0]).reshape(3, 1, 1, 1)
_ONES = (np.ones(1), np.zeros(1), np.zeros(1), np.ones(1))
_NAMES = Parts("out", "running_mean", "running_var")
BATCH_NORM2D_FORWARD = Exercise(
    name="batch_norm2d_forward",
    lecture="11_going_deeper",
    points=3,
    reference=batch_norm2d_forward,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects("normalized", Case("", (_LINE, *_ONES)), "With gamma 1, beta 0, out is", part(0)),
        expects("scaled", Case("", (_LINE, *_VECTORS)), "With gamma 2, beta 3, out is", part(0)),
        expects("running-mean", Case("", (_LINE, *_VECTORS)), "0.9 · 1 + 0.1 · 4 is", part(1)),
        expects("running-var", Case("", (_LINE, *_VECTORS)), "0.9 · 4 + 0.1 · 13 is", part(2)),
        contrast(
            "test-time",
            Case("", (_LINE, *_VECTORS)),
            Case("", (_LINE, *_VECTORS), {"training": False}),
            "Your answer is right in training, and wrong at test time.",
            right_for=lambda training, **_: training,
        ),
        which_parts(Case("", (_LINE, *_VECTORS)), ("out", "running_mean", "running_var")),
    ),
    shows={
        "training": ("eps-forgotten",),
    },
    hides={
        "as many columns as channels": ("eps-forgotten",),
        "one image": ("eps-forgotten",),
    },
    smallest=_small,
    agrees=_NAMES.agrees,
    alike=_NAMES.agrees,
    draw=_NAMES.draw,
)
