"""Activations: each number on its own, so images of any shape."""

import numpy as np

from coursekit.layers.inputs import Floats, require_floats, require_shape


def relu_forward(x: Floats) -> Floats:
    """max(x, 0) of every number.

    x: any shape; returns the same shape. Raises TypeError for dtypes.

    >>> relu_forward(np.array([-1.5, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    require_floats(x=x)
    return np.maximum(x, 0)


def relu_backward(dout: Floats, x: Floats) -> Floats:
    """Gradient of ReLU: dout where x was positive, else 0.

    At exactly 0 any slope from 0 to 1 is right; PyTorch and we take 0.

    >>> relu_backward(np.array([5.0, 6.0, 7.0]), np.array([-1.5, 0.0, 2.0]))
    array([0., 0., 7.])
    """
    _require_like(dout, x)
    return np.where(x > 0, dout, np.zeros((), x.dtype))


def prelu_forward(x: Floats, a: Floats) -> Floats:
    """x where positive, a·x elsewhere; a is learned.

    x: (N, C, …). a: slopes (C,), one for each channel, or (1,), shared by all.
    Returns x's shape. He, Zhang, Ren, Sun (2015).
    Raises ValueError for shapes that do not fit, TypeError for dtypes.

    >>> prelu_forward(np.array([[-4.0, -4.0, 3.0]]), np.array([0.25, 0.5, 0.5]))
    array([[-1., -2.,  3.]])
    """
    return np.where(x > 0, x, _slopes(a, x) * x)


def prelu_backward(dout: Floats, x: Floats, a: Floats) -> tuple[Floats, Floats]:
    """Gradients of PReLU's loss by x and a.

    dout: gradient by the output, shaped as x. Returns (dx, da), shaped as x and a: a slope
    collects x·dout from every negative x that it multiplied.

    >>> prelu_backward(np.array([[1.0], [10.0]]), np.array([[-2.0], [3.0]]), np.array([0.25]))
    (array([[ 0.25],
           [10.  ]]), array([-2.]))
    """
    slopes = _slopes(a, x)
    _require_like(dout, x)
    dx = np.where(x > 0, dout, slopes * dout)
    per_number = np.where(x > 0, np.zeros((), x.dtype), x * dout)
    shared = a.shape == (1,)
    axes = None if shared else (0, *range(2, x.ndim))  # all but the channels
    return dx, per_number.sum(axis=axes).reshape(a.shape)


def relu_forward_loops(x: Floats) -> Floats:
    """``relu_forward`` in plain loops: one number at a time."""
    require_floats(x=x)
    out = np.empty_like(x)
    for place in np.ndindex(x.shape):
        out[place] = max(x[place], 0)
    return out


def relu_backward_loops(dout: Floats, x: Floats) -> Floats:
    """``relu_backward`` in plain loops: one number at a time."""
    _require_like(dout, x)
    dx = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        if x[place] > 0:
            dx[place] = dout[place]
    return dx


def prelu_forward_loops(x: Floats, a: Floats) -> Floats:
    """``prelu_forward`` in plain loops: one number at a time."""
    _slopes(a, x)  # refuses what does not fit
    out = np.empty_like(x)
    for place in np.ndindex(x.shape):
        slope = a[place[1] % len(a)]  # a[channel], or a[0] where it is shared
        out[place] = x[place] if x[place] > 0 else slope * x[place]
    return out


def prelu_backward_loops(dout: Floats, x: Floats, a: Floats) -> tuple[Floats, Floats]:
    """``prelu_backward`` in plain loops: one number at a time."""
    _slopes(a, x)
    _require_like(dout, x)
    dx, da = dout.copy(), np.zeros_like(a)
    for place in np.ndindex(x.shape):
        channel = place[1] % len(a)
        if x[place] <= 0:
            dx[place] = a[channel] * dout[place]
            da[channel] += x[place] * dout[place]
    return dx, da


def _slopes(a: Floats, x: Floats) -> Floats:
    """a shaped to multiply x: (C, 1, …, 1), or (1,)."""
    require_floats(x=x, a=a)
    if x.ndim < 2:
        raise ValueError(f"x has shape {x.shape}; expected (N, C, …): at least two axes")
    if a.shape == (1,):
        return a
    require_shape("a", a, (x.shape[1],), "(C,)")
    return a.reshape(-1, *[1] * (x.ndim - 2))


def _require_like(dout: Floats, x: Floats) -> None:
    require_floats(dout=dout, x=x)
    require_shape("dout", dout, x.shape, "the shape of x")
