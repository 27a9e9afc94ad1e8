"""Convolution: every window of the image, weighted by the same filters.

    out[n, f, i, j] = b[f] + Σ_c Σ_u Σ_v padded[n, c, i·s + u·d, j·s + v·d] · w[f, c, u, v]

with stride s and dilation d. The filter is not turned around: strictly this is
cross-correlation, as in every deep-learning library. Backward follows from the same sum: wherever
x was multiplied by w, x's gradient receives dout · w and w's gradient receives dout · x, and *all*
uses are added up.

With ``groups`` the channels fall into that many equal groups and each filter sees only its own
(Krizhevsky et al., 2012, to spread AlexNet over two GPUs).
"""

import numpy as np

from coursekit.layers.columns import Columns
from coursekit.layers.inputs import Floats, IntOrPair, is_whole, require_floats, require_shape
from coursekit.layers.threads import share_images
from coursekit.layers.windows import Windows, place_windows


def conv2d_forward(
    x: Floats,
    w: Floats,
    b: Floats,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> Floats:
    """Slide filters over images; one map for each filter.

    x: images (N, C, H, W). w: filters (F, C/groups, kH, kW). b: biases (F,). Sizes in pixels, one
    number or (vertical, horizontal). Returns (N, F, H', W') in x's dtype.
    Raises ValueError for shapes and sizes that do not fit, TypeError for dtypes.

    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> conv2d_forward(x, np.ones((1, 1, 2, 2)), np.zeros(1))
    array([[[[ 8., 12.],
             [20., 24.]]]])
    >>> conv2d_forward(np.ones((2, 3, 32, 32)), np.ones((6, 3, 5, 5)), np.zeros(6)).shape
    (2, 6, 28, 28)
    """
    windows = _place_filters(x, w, stride, padding, dilation, groups)
    _require_bias(b, w)
    out = np.empty((len(x), len(w), *windows.out), x.dtype)
    filters = _filter_rows(w, b, groups)

    def convolve(part: slice) -> None:
        _convolve(x[part], filters, windows, out[part])

    share_images(convolve, len(x), out[0].size * w[0].size)
    return out


def conv2d_backward(
    dout: Floats,
    x: Floats,
    w: Floats,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> tuple[Floats, Floats, Floats]:
    """Gradients of a convolution's loss by x, w and b.

    dout: gradient by the output (N, F, H', W'); the rest as given to ``conv2d_forward``.
    Returns (dx, dw, db), shaped as x, w and b. Raises as ``conv2d_forward`` does.

    >>> x, w = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    >>> dx, dw, db = conv2d_backward(np.ones((1, 1, 2, 2)), x, w)
    >>> dx[0, 0]  # how many windows used each pixel
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    windows = _place_filters(x, w, stride, padding, dilation, groups)
    _require_dout(dout, x, w, windows)
    dx = np.empty(x.shape, x.dtype)
    rows = _filter_rows(w, np.zeros(len(w), w.dtype), groups)
    # One column for each filter, turned once rather than in every product.
    filters = np.ascontiguousarray(rows.swapaxes(1, 2))

    def convolve_back(part: slice) -> Floats:
        return _convolve_back(dout[part], x[part], filters, windows, dx[part])

    dfilters = sum(share_images(convolve_back, len(x), dout[0].size * w[0].size))
    drows = dfilters.swapaxes(1, 2).reshape(len(w), -1)
    return dx, drows[:, 1:].reshape(w.shape), drows[:, 0].copy()


def conv2d_forward_loops(
    x: Floats,
    w: Floats,
    b: Floats,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> Floats:
    """``conv2d_forward`` in plain loops: one output number at a time."""
    windows = _place_filters(x, w, stride, padding, dilation, groups)
    _require_bias(b, w)
    padded = windows.pad(x)
    out = np.empty((len(x), len(w), *windows.out), x.dtype)
    for n, f, i, j in np.ndindex(out.shape):
        rows, columns = windows.at(i, j)
        chunk = padded[n, _seen_channels(f, w, groups), rows, columns]  # (C/groups, kH, kW)
        out[n, f, i, j] = np.sum(chunk * w[f]) + b[f]
    return out


def conv2d_backward_loops(
    dout: Floats,
    x: Floats,
    w: Floats,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> tuple[Floats, Floats, Floats]:
    """``conv2d_backward`` in plain loops: each output number hands its gradient on."""
    windows = _place_filters(x, w, stride, padding, dilation, groups)
    _require_dout(dout, x, w, windows)
    padded = windows.pad(x)
    dpadded, dw, db = np.zeros_like(padded), np.zeros_like(w), np.zeros(len(w), w.dtype)
    for n, f, i, j in np.ndindex(dout.shape):
        chunk = (n, _seen_channels(f, w, groups), *windows.at(i, j))
        dpadded[chunk] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * padded[chunk]
        db[f] += dout[n, f, i, j]
    return windows.inside(dpadded), dw, db


def _convolve(x: Floats, filters: Floats, windows: Windows, out: Floats) -> None:
    """Write the maps of some images to ``out``.

    filters: one row for each, (G, F/G, 1 + C/G·kH·kW).
    """
    images = _by_group(x, len(filters))
    maps = out.reshape(len(x), *filters.shape[:2], -1)  # (N, G, F/G, H'·W')
    buffer = _columns_buffer(windows, images, out.shape[1])
    share = np.empty_like(maps[:1])  # channels are split only where one image fills the buffer
    for block in buffer.blocks():
        columns = buffer.unfold(images, block)  # (n, G, rows, H'·W')
        target, part = maps[block.images], filters[:, :, block.rows]
        if block.channels.start == 0:
            np.matmul(part, columns, out=target)
        else:
            target += np.matmul(part, columns, out=share)


def _convolve_back(
    dout: Floats, x: Floats, filters: Floats, windows: Windows, dx: Floats
) -> Floats:
    """Write the gradients of some images to ``dx``; return the filters' gradient.

    filters: one column for each, (G, 1 + C/G·kH·kW, F/G); so is their gradient.
    """
    groups, _, size = filters.shape
    images, dimages = _by_group(x, groups), _by_group(dx, groups)
    dmaps = dout.reshape(len(x), groups, size, -1)  # (N, G, F/G, H'·W')
    dfilters = np.zeros_like(filters)
    buffer = _columns_buffer(windows, images, dout.shape[1])
    for block in buffer.blocks():
        columns, dmap = buffer.unfold(images, block), dmaps[block.images]
        target = dfilters[:, block.rows]
        for share in columns @ dmap.swapaxes(2, 3):  # one image's
            target += share
        np.matmul(filters[:, block.rows], dmap, out=columns)
        buffer.fold(block, dimages)
    return dfilters


def _seen_channels(f: int, w: Floats, groups: int) -> slice:
    """The channels that filter f sees: those of its group."""
    group, size = f // (len(w) // groups), w.shape[1]
    return slice(group * size, (group + 1) * size)


def _by_group(x: Floats, groups: int) -> Floats:
    n, c, h, w = x.shape
    return x.reshape(n, groups, c // groups, h, w)


def _filter_rows(w: Floats, b: Floats, groups: int) -> Floats:
    """Each filter as one row, its bias in front: (G, F/G, 1 + C/G·kH·kW)."""
    rows = np.concatenate([b[:, np.newaxis], w.reshape(len(w), -1)], axis=1)
    return rows.reshape(groups, len(w) // groups, -1)


def _columns_buffer(windows: Windows, images: Floats, filters: int) -> Columns:
    """A buffer of at most four times one image's input and output."""
    n, groups, channels, h, w = images.shape
    one_image = groups * channels * h * w + filters * windows.out[0] * windows.out[1]
    return Columns(windows, (n, groups, channels), 4 * one_image, images.dtype)


def _place_filters(
    x: Floats,
    w: Floats,
    stride: IntOrPair,
    padding: IntOrPair,
    dilation: IntOrPair,
    groups: int,
) -> Windows:
    """Check x and w against each other; where the filters then stand."""
    require_floats(x=x, w=w)
    require_shape("x", x, (None,) * 4, "(N, C, H, W)")
    require_shape("w", w, (None,) * 4, "(F, C/groups, kH, kW)")
    if not is_whole(groups, least=1) or x.shape[1] % groups or len(w) % groups:
        raise ValueError(
            f"groups is {groups!r}; expected a whole number that divides "
            f"the {x.shape[1]} channels of x and the {len(w)} filters of w"
        )
    channels = x.shape[1] // groups
    require_shape("w", w, (len(w), channels, *w.shape[2:]), "(F, C/groups, kH, kW)")
    return place_windows(x.shape[2:], w.shape[2:], stride, padding, dilation)


def _require_bias(b: Floats, w: Floats) -> None:
    require_floats(w=w, b=b)
    require_shape("b", b, (len(w),), "(F,)")


def _require_dout(dout: Floats, x: Floats, w: Floats, windows: Windows) -> None:
    require_floats(dout=dout, x=x)
    require_shape("dout", dout, (len(x), len(w), *windows.out), "(N, F, H', W')")
