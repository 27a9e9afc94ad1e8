"""Pooling: one number for each window, each map on its own.

Max pooling keeps the largest number and *which pixel it was*; backward hands the whole gradient to
that pixel. Average pooling shares it among all. Where windows overlap, shares are added.
"""

import numpy as np
import numpy.typing as npt

from coursekit.layers.inputs import Floats, IntOrPair, require_floats, require_shape
from coursekit.layers.windows import Windows, place_pooling_windows

Indices = npt.NDArray[np.int64]


def max_pool2d_forward(
    x: Floats,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    ceil_mode: bool = False,
) -> tuple[Floats, Indices]:
    """The largest number of each window, and where it was.

    x: maps (N, C, H, W). Sizes in pixels; without a stride the windows stand side by side. Padding
    never wins. ceil_mode: keep a last window that hangs over the edge.
    Returns out (N, C, H', W') and index (N, C, H', W'), each maximum's position in the flattened
    H·W plane as in PyTorch's ``return_indices``; among equals the first in row order.
    Raises ValueError for shapes and sizes that do not fit, TypeError for dtypes.

    >>> out, index = max_pool2d_forward(np.array([[[[1.0, 5.0, 2.0], [5.0, 0.0, 7.0]]]]), 2, 1)
    >>> out, index
    (array([[[[5., 7.]]]]), array([[[[1, 5]]]]))
    """
    windows = _place(x, kernel_size, stride, padding, ceil_mode)
    padded = windows.pad(x, fill=-np.inf)
    out = np.full((*x.shape[:2], *windows.out), -np.inf, x.dtype)
    for tap in windows.taps(padded):
        np.maximum(out, tap, out=out)

    # The number of the first tap that holds the maximum = how many taps pass before it is met.
    searching = np.ones(out.shape, bool)
    passed = np.zeros(out.shape, np.min_scalar_type(windows.kernel[0] * windows.kernel[1]))
    for tap in list(windows.taps(padded))[:-1]:
        searching &= tap != out
        passed += searching
    return out, _flat_positions(passed, windows)


def max_pool2d_backward(
    dout: Floats,
    x: Floats,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    ceil_mode: bool = False,
    index: Indices | None = None,
) -> Floats:
    """Gradient of max pooling: each maximum receives its window's share.

    dout: gradient by the output (N, C, H', W'); the rest as given to ``max_pool2d_forward``.
    index: what forward returned; searched again where it is left out.
    Returns dx (N, C, H, W). A pixel that is the maximum of several windows receives all their
    shares. Raises as ``max_pool2d_forward`` does.

    >>> max_pool2d_backward(np.ones((1, 1, 1, 2)), np.array([[[[1.0, 9.0, 2.0]]]]), (1, 2), 1)
    array([[[[0., 2., 0.]]]])
    """
    windows = _place(x, kernel_size, stride, padding, ceil_mode)
    _require_dout(dout, x, windows)
    if index is None:
        _, index = max_pool2d_forward(x, kernel_size, stride, padding, ceil_mode)
    _require_index(index, dout, x)
    dx = np.zeros(x.shape, x.dtype)
    n, c, h, w = x.shape
    first_pixel = np.arange(0, dx.size, h * w).reshape(n, c, 1, 1)  # of each plane
    np.add.at(dx.reshape(-1), (first_pixel + index).reshape(-1), dout.reshape(-1))
    return dx


def avg_pool2d_forward(
    x: Floats,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    count_include_pad: bool = True,
) -> Floats:
    """The mean of each window.

    x: maps (N, C, H, W). Sizes in pixels; without a stride the windows stand side by side.
    count_include_pad: whether padding's zeros count as pixels (as PyTorch does by default).
    Returns (N, C, H', W'). Raises ValueError for shapes and sizes, TypeError for dtypes.

    >>> avg_pool2d_forward(np.array([[[[1.0, 2.0], [3.0, 6.0]]]]), 2)
    array([[[[3.]]]])
    """
    windows = _place(x, kernel_size, stride, padding)
    out = np.zeros((*x.shape[:2], *windows.out), x.dtype)
    for tap in windows.taps(windows.pad(x)):
        out += tap
    return out / _pixels(windows, count_include_pad, x.dtype)


def avg_pool2d_backward(
    dout: Floats,
    x: Floats,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    count_include_pad: bool = True,
) -> Floats:
    """Gradient of average pooling: every pixel of a window an equal share.

    dout: gradient by the output (N, C, H', W'); the rest as given to ``avg_pool2d_forward``.
    Returns dx (N, C, H, W).

    >>> avg_pool2d_backward(np.full((1, 1, 1, 1), 8.0), np.zeros((1, 1, 2, 2)), 2)
    array([[[[2., 2.],
             [2., 2.]]]])
    """
    windows = _place(x, kernel_size, stride, padding)
    _require_dout(dout, x, windows)
    share = dout / _pixels(windows, count_include_pad, x.dtype)
    dpadded = np.zeros((*x.shape[:2], *windows.canvas), x.dtype)
    for tap in windows.taps(dpadded):
        tap += share
    return windows.inside(dpadded).copy()


def global_avg_pool2d_forward(x: Floats) -> Floats:
    """The mean of each map: (N, C, H, W) to (N, C).

    Lin, Chen, Yan (2013); the end of GoogLeNet and ResNet.

    >>> global_avg_pool2d_forward(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[1.5, 5.5]])
    """
    _require_maps(x)
    return x.mean(axis=(2, 3))


def global_avg_pool2d_backward(dout: Floats, x: Floats) -> Floats:
    """Gradient of each map's mean: (N, C) to (N, C, H, W).

    >>> global_avg_pool2d_backward(np.array([[6.0]]), np.zeros((1, 1, 1, 3)))
    array([[[[2., 2., 2.]]]])
    """
    _require_maps(x)
    _require_means(dout, x)
    pixels = x.shape[2] * x.shape[3]
    return np.broadcast_to(dout[:, :, np.newaxis, np.newaxis] / pixels, x.shape).astype(x.dtype)


def max_pool2d_forward_loops(
    x: Floats,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    ceil_mode: bool = False,
) -> tuple[Floats, Indices]:
    """``max_pool2d_forward`` in plain loops: one window at a time."""
    windows = _place(x, kernel_size, stride, padding, ceil_mode)
    out = np.empty((*x.shape[:2], *windows.out), x.dtype)
    index = np.empty(out.shape, np.int64)
    for n, c, i, j in np.ndindex(out.shape):
        rows, columns = windows.on_image(i, j)
        window = x[n, c, rows, columns]
        u, v = np.unravel_index(np.argmax(window), window.shape)  # the first among equals
        out[n, c, i, j] = window[u, v]
        index[n, c, i, j] = (rows.start + u) * x.shape[3] + columns.start + v
    return out, index


def max_pool2d_backward_loops(
    dout: Floats,
    x: Floats,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    ceil_mode: bool = False,
) -> Floats:
    """``max_pool2d_backward`` in plain loops: add each share at the stored index."""
    windows = _place(x, kernel_size, stride, padding, ceil_mode)
    _require_dout(dout, x, windows)
    _, index = max_pool2d_forward_loops(x, kernel_size, stride, padding, ceil_mode)
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        row, column = divmod(index[n, c, i, j], x.shape[3])
        dx[n, c, row, column] += dout[n, c, i, j]
    return dx


def avg_pool2d_forward_loops(
    x: Floats,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    count_include_pad: bool = True,
) -> Floats:
    """``avg_pool2d_forward`` in plain loops: one window at a time."""
    windows = _place(x, kernel_size, stride, padding)
    out = np.empty((*x.shape[:2], *windows.out), x.dtype)
    for n, c, i, j in np.ndindex(out.shape):
        rows, columns = windows.on_image(i, j)
        window = x[n, c, rows, columns]
        pixels = np.prod(windows.kernel) if count_include_pad else window.size
        out[n, c, i, j] = window.sum() / pixels
    return out


def avg_pool2d_backward_loops(
    dout: Floats,
    x: Floats,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    count_include_pad: bool = True,
) -> Floats:
    """``avg_pool2d_backward`` in plain loops: one window at a time."""
    windows = _place(x, kernel_size, stride, padding)
    _require_dout(dout, x, windows)
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dout.shape):
        rows, columns = windows.on_image(i, j)
        window = dx[n, c, rows, columns]
        pixels = np.prod(windows.kernel) if count_include_pad else window.size
        window += dout[n, c, i, j] / pixels
    return dx


def global_avg_pool2d_forward_loops(x: Floats) -> Floats:
    """``global_avg_pool2d_forward`` in plain loops: one map at a time."""
    _require_maps(x)
    out = np.empty(x.shape[:2], x.dtype)
    for n, c in np.ndindex(out.shape):
        out[n, c] = x[n, c].sum() / x[n, c].size
    return out


def global_avg_pool2d_backward_loops(dout: Floats, x: Floats) -> Floats:
    """``global_avg_pool2d_backward`` in plain loops: one map at a time."""
    _require_maps(x)
    _require_means(dout, x)
    dx = np.empty_like(x)
    for n, c in np.ndindex(dout.shape):
        dx[n, c] = dout[n, c] / x[n, c].size
    return dx


def _flat_positions(taps: npt.NDArray[np.unsignedinteger], windows: Windows) -> Indices:
    """Position in the flattened H·W plane of a tap of each window."""
    u, v = np.divmod(taps, windows.kernel[1])
    top = np.arange(windows.out[0])[:, np.newaxis] * windows.stride[0] - windows.padding[0]
    left = np.arange(windows.out[1]) * windows.stride[1] - windows.padding[1]
    # Only a window that is −∞ throughout can "win" in the padding: take its nearest pixel.
    row = np.clip(top + u, 0, windows.image[0] - 1)
    column = np.clip(left + v, 0, windows.image[1] - 1)
    return row * windows.image[1] + column


def _pixels(windows: Windows, count_include_pad: bool, dtype: np.dtype) -> Floats:
    """How many pixels each window averages: (H', W')."""
    real = windows.pad(np.ones(windows.image, dtype), fill=float(count_include_pad))
    return sum(windows.taps(real))


def _place(
    x: Floats,
    kernel_size: IntOrPair,
    stride: IntOrPair | None,
    padding: IntOrPair,
    ceil_mode: bool = False,
) -> Windows:
    _require_maps(x)
    return place_pooling_windows(x.shape[2:], kernel_size, stride, padding, ceil_mode)


def _require_maps(x: Floats) -> None:
    require_floats(x=x)
    require_shape("x", x, (None,) * 4, "(N, C, H, W)")


def _require_dout(dout: Floats, x: Floats, windows: Windows) -> None:
    require_floats(dout=dout, x=x)
    require_shape("dout", dout, (*x.shape[:2], *windows.out), "(N, C, H', W')")


def _require_means(dout: Floats, x: Floats) -> None:
    require_floats(dout=dout, x=x)
    require_shape("dout", dout, x.shape[:2], "(N, C)")


def _require_index(index: Indices, dout: Floats, x: Floats) -> None:
    require_shape("index", index, dout.shape, "(N, C, H', W')")
    plane = x.shape[2] * x.shape[3]
    whole = np.issubdtype(index.dtype, np.integer)
    if not whole or index.min() < 0 or index.max() >= plane:
        raise ValueError(
            f"index holds {index.dtype} numbers from {index.min()} to {index.max()}; "
            f"expected positions from 0 to {plane - 1}, as max_pool2d_forward returns them"
        )
