"""Answers to the exercises of lecture 07 as students write them: valid ones, and unlisted bugs."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from coursekit.exercises import Case

# --- valid: max_pool2d_forward ------------------------------------------------------------------


def pool_by_loops(x, kernel_size, stride=None):
    if stride is None:
        stride = kernel_size
    n, c, h, w = x.shape
    oh, ow = (h - kernel_size) // stride + 1, (w - kernel_size) // stride + 1
    out = np.zeros((n, c, oh, ow))
    index = np.zeros((n, c, oh, ow), dtype=int)
    for a in range(n):
        for m in range(c):
            for i in range(oh):
                for j in range(ow):
                    top, left = i * stride, j * stride
                    window = x[a, m, top : top + kernel_size, left : left + kernel_size]
                    u, v = divmod(int(np.argmax(window)), kernel_size)
                    out[a, m, i, j] = window[u, v]
                    index[a, m, i, j] = (top + u) * w + left + v
    return out, index


def pool_by_windows(x, kernel_size, stride=None):
    stride = stride or kernel_size
    k = (kernel_size, kernel_size)
    windows = sliding_window_view(x, k, axis=(2, 3))[:, :, ::stride, ::stride]
    flat = windows.reshape(*windows.shape[:4], -1)
    u, v = np.unravel_index(flat.argmax(axis=-1), k)
    rows = np.arange(windows.shape[2])[:, None] * stride + u
    columns = np.arange(windows.shape[3]) * stride + v
    return [flat.max(axis=-1), rows * x.shape[3] + columns]


def pool_taking_the_last(x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    n, c, h, w = x.shape
    oh, ow = (h - kernel_size) // stride + 1, (w - kernel_size) // stride + 1
    out = np.full((n, c, oh, ow), -np.inf, dtype=np.float32)
    index = np.empty(out.shape, dtype=np.int32)
    for u in range(kernel_size):
        for v in range(kernel_size):
            tap = x[:, :, u : u + oh * stride : stride, v : v + ow * stride : stride]
            tap = tap[:, :, :oh, :ow]
            at = (np.arange(oh)[:, None] * stride + u) * w + np.arange(ow) * stride + v
            index = np.where(tap >= out, at, index)
            out = np.maximum(out, tap)
    return out, index


# --- valid: max_pool2d_backward -----------------------------------------------------------------


def routed_to_the_first(dout, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + kernel_size, left : left + kernel_size]
        u, v = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, top + u, left + v] += dout[n, c, i, j]
    return dx


def routed_by_index(dout, x, kernel_size, stride=None):
    index = pool_taking_the_last(x, kernel_size, stride)[1]
    dx = np.zeros_like(x).reshape(*x.shape[:2], -1)
    for n, c, i, j in np.ndindex(dout.shape):
        dx[n, c, index[n, c, i, j]] += dout[n, c, i, j]
    return dx.reshape(x.shape)


def split_evenly(dout, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    dx = np.zeros(x.shape, dtype=np.float32)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows = slice(i * stride, i * stride + kernel_size)
            columns = slice(j * stride, j * stride + kernel_size)
            window = x[:, :, rows, columns]
            mask = window == window.max(axis=(2, 3), keepdims=True)
            share = dout[:, :, i, j] / mask.sum(axis=(2, 3))
            dx[:, :, rows, columns] += mask * share[:, :, None, None]
    return dx


def routed_at_random(dout, x, kernel_size, stride=None):
    rng = np.random.default_rng(0)
    stride = stride or kernel_size
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + kernel_size, left : left + kernel_size]
        winners = np.argwhere(window == window.max())
        u, v = winners[rng.integers(len(winners))]
        dx[n, c, top + u, left + v] += dout[n, c, i, j]
    return dx


# --- valid: avg_pool2d_backward -----------------------------------------------------------------


def averaged_by_windows(dout, x, kernel_size, stride=None):
    if stride is None:
        stride = kernel_size
    dx = np.zeros(x.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            top, left = i * stride, j * stride
            share = dout[:, :, i, j][:, :, None, None] / kernel_size**2
            dx[:, :, top : top + kernel_size, left : left + kernel_size] += share
    return dx


def averaged_by_taps(dout, x, kernel_size, stride=None):
    stride = stride or kernel_size
    oh, ow = dout.shape[2:]
    dx = np.zeros(x.shape, dtype=np.float32)
    for u in range(kernel_size):
        for v in range(kernel_size):
            rows = u + stride * np.arange(oh)
            columns = v + stride * np.arange(ow)
            dx[:, :, rows[:, None], columns] += dout / (kernel_size * kernel_size)
    return dx


def averaged_by_numbers(dout, x, kernel_size, stride=None):
    stride = stride if stride else kernel_size
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        for u in range(kernel_size):
            for v in range(kernel_size):
                dx[n, c, i * stride + u, j * stride + v] += dout[n, c, i, j] / kernel_size**2
    return dx.tolist()


VALID = {
    "max_pool2d_forward": [pool_by_loops, pool_by_windows, pool_taking_the_last],
    "max_pool2d_backward": [routed_to_the_first, routed_by_index, split_evenly, routed_at_random],
    "avg_pool2d_backward": [averaged_by_windows, averaged_by_taps, averaged_by_numbers],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def pool_second_largest(x, kernel_size, stride=None):
    out, index = pool_by_windows(x, kernel_size, stride)
    return out - 1, index


def pool_mean_with_wrong_stride(x, kernel_size, stride=None):
    windows = sliding_window_view(x, (kernel_size, kernel_size), axis=(2, 3))
    out = windows[:, :, ::kernel_size, ::kernel_size].mean(axis=(4, 5))
    return out, np.zeros(out.shape, int)


def pool_values_only(x, kernel_size, stride=None):
    return pool_by_windows(x, kernel_size, stride)[0]


def pool_float_index(x, kernel_size, stride=None):
    out, index = pool_by_windows(x, kernel_size, stride)
    return out, index.astype(float)


def pool_index_of_another_maximum(x, kernel_size, stride=None):
    out, index = pool_by_windows(x, kernel_size, stride)
    return out, index[..., ::-1]


def pool_absolute_and_index_in_window(x, kernel_size, stride=None):
    out, index = pool_by_windows(np.abs(x), kernel_size, stride)
    return out, index % kernel_size


def pool_writes_into_x(x, kernel_size, stride=None):
    result = pool_by_windows(x.copy(), kernel_size, stride)
    x[x < 0] = 0
    return result


def routed_halved(dout, x, kernel_size, stride=None):
    return routed_to_the_first(dout, x, kernel_size, stride) / 2


def routed_too_much_on_ties(dout, x, kernel_size, stride=None):
    first = routed_to_the_first(dout, x, kernel_size, stride)
    last = routed_by_index(dout, x, kernel_size, stride)
    return np.where(first == 0, last, first)


def routed_to_tied_with_signs(dout, x, kernel_size, stride=None):
    first = routed_to_the_first(dout, x, kernel_size, stride)
    last = routed_by_index(dout, x, kernel_size, stride)
    return 2 * first - last


def routed_smallest_and_overwritten(dout, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + kernel_size, left : left + kernel_size]
        u, v = np.unravel_index(window.argmin(), window.shape)
        dx[n, c, top + u, left + v] = dout[n, c, i, j]
    return dx


def routed_and_stride_forgotten_when_small(dout, x, kernel_size, stride=None):
    stride = kernel_size if stride is None or stride < kernel_size else stride
    return routed_to_the_first(dout, x, kernel_size, stride)


def averaged_halved(dout, x, kernel_size, stride=None):
    return averaged_by_windows(dout, x, kernel_size, stride) / 2


def averaged_one_map_short(dout, x, kernel_size, stride=None):
    dx = averaged_by_windows(dout, x, kernel_size, stride)
    dx[:, 1:] *= 0.5
    return dx


def averaged_twice(dout, x, kernel_size, stride=None):
    dx = averaged_by_windows(dout, x, kernel_size, stride)
    return dx[:, :, ::-1]


def pool_of_windows_at_i_j_with_the_right_index(x, kernel_size, stride=None):
    """Right on the one small map where the maxima of both windows are equal."""
    stride = stride or kernel_size
    right, index = pool_by_windows(x, kernel_size, stride)
    out = np.zeros(right.shape)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i : i + kernel_size, j : j + kernel_size].max(axis=(2, 3))
    return out, index


def pool_from_minus_a_million(x, kernel_size, stride=None):
    out, index = pool_by_windows(x, kernel_size, stride)
    return np.maximum(out, -1e6), index


def pool_index_in_a_byte(x, kernel_size, stride=None):
    out, index = pool_by_windows(x, kernel_size, stride)
    return out, index.astype(np.uint8)


def routed_divided_by_the_maps(dout, x, kernel_size, stride=None):
    return routed_to_the_first(dout, x, kernel_size, stride) / x.shape[1]


def averaged_and_divided_by_the_maps(dout, x, kernel_size, stride=None):
    return averaged_by_windows(dout, x, kernel_size, stride) / x.shape[1]


def averaged_where_x_is_not_zero(dout, x, kernel_size, stride=None):
    return averaged_by_windows(dout, x, kernel_size, stride) * (x != 0)


UNLISTED = {
    "max_pool2d_forward": {
        pool_second_largest: "property:one-pixel",
        pool_mean_with_wrong_stride: "shape",
        pool_values_only: "type",
        pool_float_index: "dtype",
        pool_index_of_another_maximum: "property:",
        pool_absolute_and_index_in_window: "property:negative",
        pool_writes_into_x: "changed input",
        pool_of_windows_at_i_j_with_the_right_index: "property:which-parts",
        pool_from_minus_a_million: "value",
        pool_index_in_a_byte: "value",
    },
    "max_pool2d_backward": {
        routed_halved: "property:constant-ratio",
        routed_too_much_on_ties: "property:flat",
        routed_to_tied_with_signs: "value",
        routed_smallest_and_overwritten: "property:",
        routed_and_stride_forgotten_when_small: "raised",
        routed_divided_by_the_maps: "property:constant-ratio",
    },
    "avg_pool2d_backward": {
        averaged_halved: "property:constant-ratio",
        averaged_one_map_short: "property:maps",
        averaged_twice: "value",
        averaged_and_divided_by_the_maps: "property:constant-ratio",
        averaged_where_x_is_not_zero: "value",
    },
}

# --- inputs of all kinds ------------------------------------------------------------------------


def any_maps(rng):
    n, c, k, oh, ow = rng.integers(1, 4, 5)
    stride = int(rng.integers(1, 5))
    over = rng.integers(0, stride, 2)
    h, w = (np.array([oh, ow]) - 1) * stride + k + over
    return rng.normal(size=(n, c, h, w)), int(k), stride, (n, c, oh, ow)


def any_pooling(rng):
    x, k, stride, _ = any_maps(rng)
    return Case("wide", (x, k), {"stride": stride})


def any_gradient(rng):
    x, k, stride, shape = any_maps(rng)
    return Case("wide", (rng.normal(size=shape), x, k), {"stride": stride})


WIDE = {
    "max_pool2d_forward": any_pooling,
    "max_pool2d_backward": any_gradient,
    "avg_pool2d_backward": any_gradient,
}
