"""Dropout: in training each number is silenced with probability p, at test none.

Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), in the "inverted" form of PyTorch:
survivors are divided by 1 − p in training, so that the mean stays and testing needs no change.
p is the probability of being *dropped*; some courses call the probability of staying p.
The chance comes in as an array, so that the same call always gives the same result: a gradient can
be checked and an answer compared, whichever way it is written.
"""

import numpy as np

from coursekit.layers.inputs import Floats, fraction, require_floats, require_shape


def dropout_forward(
    x: Floats, p: float, uniform: Floats, training: bool = True
) -> tuple[Floats, Floats]:
    """Silence numbers at random and scale the others up.

    x: any shape. p: probability of being dropped. uniform: one draw from 0 to 1 for each number of
    x, as from rng.random(x.shape); where it is below p the number is dropped. At test time
    (training=False) nothing is dropped or scaled, whatever was drawn.
    Returns (out, mask), both shaped as x: out = x·mask, and mask holds 0 or 1/(1 − p).
    Raises ValueError for shapes and unless 0 ≤ p ≤ 1, TypeError for dtypes.

    >>> dropout_forward(np.array([3.0, 3.0]), 0.25, np.array([0.1, 0.7]))
    (array([0., 4.]), array([0.        , 1.33333333]))
    """
    _require_chance(x, p, uniform)
    mask = _mask(x, p, uniform, training)
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
    x: Floats, p: float, uniform: Floats, training: bool = True
) -> tuple[Floats, Floats]:
    """``dropout_forward`` in plain loops: one draw for each number."""
    _require_chance(x, p, uniform)
    mask = np.ones_like(x)
    for place in np.ndindex(x.shape):
        if training:
            mask[place] = 1 / (1 - p) if uniform[place] >= p else 0
    return x * mask, mask


def dropout_backward_loops(dout: Floats, mask: Floats) -> Floats:
    """``dropout_backward`` in plain loops: one number at a time."""
    _require_like(dout, mask)
    dx = np.empty_like(dout)
    for place in np.ndindex(dout.shape):
        dx[place] = dout[place] * mask[place]
    return dx


def _mask(x: Floats, p: float, uniform: Floats, training: bool) -> Floats:
    """0 for the dropped, 1/(1 − p) for the survivors, in x's dtype."""
    if not training:
        return np.ones(x.shape, x.dtype)
    survivors = uniform >= p
    scale = 1 / (1 - p) if p < 1 else 0.0  # with p = 1 nothing survives
    return survivors * x.dtype.type(scale)


def _require_chance(x: Floats, p: float, uniform: Floats) -> None:
    require_floats(x=x)
    require_floats(uniform=uniform)  # apart from x, whose dtype it need not share
    require_shape("uniform", uniform, x.shape, "the shape of x")
    fraction("p", p)


def _require_like(dout: Floats, mask: Floats) -> None:
    require_floats(dout=dout, mask=mask)
    require_shape("dout", dout, mask.shape, "the shape of mask")
