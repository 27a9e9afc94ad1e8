"""The locally connected layer: a convolution that shares no weights.

    out[n, f, i, j] = b[f, i, j] + Σ_c Σ_u Σ_v padded[n, c, i·s + u, j·s + v] · w[f, i, j, c, u, v]

Every neuron (f, i, j) sees the same chunk of the image as in a convolution, but through weights and
a bias of its own. So backward adds nothing up over positions: each weight was used once an image.
"""

import numpy as np

from coursekit.layers.inputs import Floats, IntOrPair, require_floats, require_shape
from coursekit.layers.windows import Windows, place_windows


def locally_connected_forward(
    x: Floats, w: Floats, b: Floats, stride: IntOrPair = 1, padding: IntOrPair = 0
) -> Floats:
    """Weight each window of the images with weights of its own.

    x: images (N, C, H, W). w: (F, H', W', C, kH, kW), one filter for each output neuron.
    b: biases (F, H', W'). Sizes in pixels, one number or (vertical, horizontal).
    Returns (N, F, H', W') in x's dtype.
    Raises ValueError for shapes and sizes that do not fit, TypeError for dtypes.

    >>> w = np.arange(4.0).reshape(1, 2, 2, 1, 1, 1)  # a 1×1 filter for each of 2×2 places
    >>> locally_connected_forward(np.ones((1, 1, 2, 2)), w, np.zeros((1, 2, 2)))
    array([[[[0., 1.],
             [2., 3.]]]])
    """
    windows = _place_neurons(x, w, stride, padding)
    _require_bias(b, w)
    seen = windows.slide(windows.pad(x))  # (N, C, kH, kW, H', W')
    return np.einsum("ncuvij,fijcuv->nfij", seen, w) + b


def locally_connected_backward(
    dout: Floats, x: Floats, w: Floats, stride: IntOrPair = 1, padding: IntOrPair = 0
) -> tuple[Floats, Floats, Floats]:
    """Gradients of a locally connected layer's loss by x, w and b.

    dout: gradient by the output (N, F, H', W'); the rest as given to ``locally_connected_forward``.
    Returns (dx, dw, db), shaped as x, w and b. Raises as ``locally_connected_forward`` does.

    >>> x, w = np.full((1, 1, 2, 2), 3.0), np.ones((1, 2, 2, 1, 1, 1))
    >>> dx, dw, db = locally_connected_backward(np.ones((1, 1, 2, 2)), x, w)
    >>> dw.ravel()  # a convolution's one weight would get 12
    array([3., 3., 3., 3.])
    """
    windows = _place_neurons(x, w, stride, padding)
    _require_dout(dout, x, w)
    padded = windows.pad(x)
    dw = np.einsum("nfij,ncuvij->fijcuv", dout, windows.slide(padded))
    shares = np.einsum("nfij,fijcuv->uvncij", dout, w)
    dpadded = np.zeros_like(padded)
    for tap, share in zip(
        windows.taps(dpadded), shares.reshape(-1, *shares.shape[2:]), strict=True
    ):
        tap += share
    return windows.inside(dpadded).copy(), dw, dout.sum(axis=0)


def locally_connected_forward_loops(
    x: Floats, w: Floats, b: Floats, stride: IntOrPair = 1, padding: IntOrPair = 0
) -> Floats:
    """``locally_connected_forward`` in plain loops: one neuron at a time."""
    windows = _place_neurons(x, w, stride, padding)
    _require_bias(b, w)
    padded = windows.pad(x)
    out = np.empty((len(x), *w.shape[:3]), x.dtype)
    for n, f, i, j in np.ndindex(out.shape):
        rows, columns = windows.at(i, j)
        out[n, f, i, j] = np.sum(padded[n, :, rows, columns] * w[f, i, j]) + b[f, i, j]
    return out


def locally_connected_backward_loops(
    dout: Floats, x: Floats, w: Floats, stride: IntOrPair = 1, padding: IntOrPair = 0
) -> tuple[Floats, Floats, Floats]:
    """``locally_connected_backward`` in plain loops: each neuron hands its gradient on."""
    windows = _place_neurons(x, w, stride, padding)
    _require_dout(dout, x, w)
    padded = windows.pad(x)
    dpadded, dw, db = np.zeros_like(padded), np.zeros_like(w), np.zeros(w.shape[:3], w.dtype)
    for n, f, i, j in np.ndindex(dout.shape):
        chunk = (n, slice(None), *windows.at(i, j))
        dpadded[chunk] += dout[n, f, i, j] * w[f, i, j]
        dw[f, i, j] += dout[n, f, i, j] * padded[chunk]
        db[f, i, j] += dout[n, f, i, j]
    return windows.inside(dpadded), dw, db


def _place_neurons(x: Floats, w: Floats, stride: IntOrPair, padding: IntOrPair) -> Windows:
    """Check x and w against each other; where the neurons then look."""
    axes = "(F, H', W', C, kH, kW)"
    require_floats(x=x, w=w)
    require_shape("x", x, (None,) * 4, "(N, C, H, W)")
    require_shape("w", w, (None,) * 6, axes)
    windows = place_windows(x.shape[2:], w.shape[4:], stride, padding)
    require_shape("w", w, (len(w), *windows.out, x.shape[1], *w.shape[4:]), axes)
    return windows


def _require_bias(b: Floats, w: Floats) -> None:
    require_floats(w=w, b=b)
    require_shape("b", b, w.shape[:3], "(F, H', W')")


def _require_dout(dout: Floats, x: Floats, w: Floats) -> None:
    require_floats(dout=dout, x=x)
    require_shape("dout", dout, (len(x), *w.shape[:3]), "(N, F, H', W')")
