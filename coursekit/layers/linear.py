"""The fully connected layer: every output sees every input through a weight of its own."""

import numpy as np

from coursekit.layers.inputs import Floats, require_floats, require_shape


def linear_forward(x: Floats, w: Floats, b: Floats) -> Floats:
    """x·wᵀ + b: one score for each row of w.

    x: features (N, D). w: weights (K, D), as PyTorch stores them. b: biases (K,).
    Returns (N, K). Images first need ``x.reshape(len(x), -1)``.
    Raises ValueError for shapes that do not fit, TypeError for dtypes.

    >>> linear_forward(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [0.0, 1.0]]), np.ones(2))
    array([[12.,  3.]])
    """
    _require_features(x, w)
    _require_bias(b, w)
    return x @ w.T + b


def linear_backward(dout: Floats, x: Floats, w: Floats) -> tuple[Floats, Floats, Floats]:
    """Gradients of a linear layer's loss by x, w and b.

    dout: gradient by the output (N, K). Returns (dx, dw, db), shaped as x, w and b.

    >>> linear_backward(np.array([[2.0]]), np.array([[1.0, 3.0]]), np.array([[5.0, 7.0]]))
    (array([[10., 14.]]), array([[2., 6.]]), array([2.]))
    """
    _require_features(x, w)
    _require_dout(dout, x, w)
    return dout @ w, dout.T @ x, dout.sum(axis=0)


def linear_forward_loops(x: Floats, w: Floats, b: Floats) -> Floats:
    """``linear_forward`` in plain loops: one score at a time."""
    _require_features(x, w)
    _require_bias(b, w)
    out = np.empty((len(x), len(w)), x.dtype)
    for n, k in np.ndindex(out.shape):
        out[n, k] = np.sum(x[n] * w[k]) + b[k]
    return out


def linear_backward_loops(dout: Floats, x: Floats, w: Floats) -> tuple[Floats, Floats, Floats]:
    """``linear_backward`` in plain loops: each score hands its gradient on."""
    _require_features(x, w)
    _require_dout(dout, x, w)
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros(len(w), w.dtype)
    for n, k in np.ndindex(dout.shape):
        dx[n] += dout[n, k] * w[k]
        dw[k] += dout[n, k] * x[n]
        db[k] += dout[n, k]
    return dx, dw, db


def _require_features(x: Floats, w: Floats) -> None:
    require_floats(x=x, w=w)
    require_shape("x", x, (None, None), "(N, D)")
    require_shape("w", w, (None, x.shape[1]), "(K, D)")


def _require_bias(b: Floats, w: Floats) -> None:
    require_floats(w=w, b=b)
    require_shape("b", b, (len(w),), "(K,)")


def _require_dout(dout: Floats, x: Floats, w: Floats) -> None:
    require_floats(dout=dout, x=x)
    require_shape("dout", dout, (len(x), len(w)), "(N, K)")
