"""Dropout: in training each number is silenced with probability p, at test none.

Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), in the "inverted" form of PyTorch:
survivors are divided by 1 − p in training, so that the mean stays and testing needs no change.
p is the probability of being *dropped*; some courses call the probability of staying p.
"""

import numpy as np

from coursekit.layers.inputs import Floats, fraction, require_floats, require_shape


def dropout_forward(
    x: Floats, p: float, rng: np.random.Generator, training: bool = True
) -> tuple[Floats, Floats]:
    """Silence numbers at random and scale the others up.

    x: any shape. p: probability of being dropped. rng: where the chance comes from, one draw for
    each number of x in training, none otherwise.
    Returns (out, mask), both shaped as x: out = x·mask, and mask holds 0 or 1/(1 − p).
    Raises ValueError unless 0 ≤ p ≤ 1, TypeError for dtypes and for a missing generator.

    >>> out, mask = dropout_forward(np.ones(6), 0.5, np.random.default_rng(1))
    >>> out
    array([2., 2., 0., 2., 0., 0.])
    """
    _require_chance(x, p, rng)
    mask = _mask(x, p, rng, training)
    return x * mask, mask


def dropout_backward(dout: Floats, mask: Floats) -> Floats:
    """Gradient of dropout: what was silent learns nothing.

    dout: gradient by the output. mask: what ``dropout_forward`` returned; drawing a new one would
    differentiate another network. Returns dx, shaped as mask.

    >>> dropout_backward(np.array([3.0, 3.0]), np.array([2.0, 0.0]))
    array([6., 0.])
    """
    _require_like(dout, mask)
    return dout * mask


def dropout_forward_loops(
    x: Floats, p: float, rng: np.random.Generator, training: bool = True
) -> tuple[Floats, Floats]:
    """``dropout_forward`` in plain loops: one draw for each number."""
    _require_chance(x, p, rng)
    mask = np.ones_like(x)
    for place in np.ndindex(x.shape):
        if training:
            mask[place] = 1 / (1 - p) if rng.random() >= p else 0
    return x * mask, mask


def dropout_backward_loops(dout: Floats, mask: Floats) -> Floats:
    """``dropout_backward`` in plain loops: one number at a time."""
    _require_like(dout, mask)
    dx = np.empty_like(dout)
    for place in np.ndindex(dout.shape):
        dx[place] = dout[place] * mask[place]
    return dx


def _mask(x: Floats, p: float, rng: np.random.Generator, training: bool) -> Floats:
    """0 for the dropped, 1/(1 − p) for the survivors, in x's dtype."""
    if not training:
        return np.ones(x.shape, x.dtype)
    survivors = rng.random(x.shape) >= p
    scale = 1 / (1 - p) if p < 1 else 0.0  # with p = 1 nothing survives
    return survivors * x.dtype.type(scale)


def _require_chance(x: Floats, p: float, rng: np.random.Generator) -> None:
    require_floats(x=x)
    fraction("p", p)
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng is of type {type(rng).__name__}; expected a random generator: "
            "use np.random.default_rng(seed)"
        )


def _require_like(dout: Floats, mask: Floats) -> None:
    require_floats(dout=dout, mask=mask)
    require_shape("dout", dout, mask.shape, "the shape of mask")
