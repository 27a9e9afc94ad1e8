"""Answers to the exercises of lecture 04 as students write them: valid ones, and unlisted bugs."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from coursekit.exercises import Case

# --- valid --------------------------------------------------------------------------------------


def conv_by_loops(x, w, b, stride=1, padding=0):
    n_images, c, h, width = x.shape
    f, _, kh, kw = w.shape
    oh = (h + 2 * padding - kh) // stride + 1
    ow = (width + 2 * padding - kw) // stride + 1
    padded = np.zeros((n_images, c, h + 2 * padding, width + 2 * padding))
    padded[:, :, padding : padding + h, padding : padding + width] = x
    out = np.zeros((n_images, f, oh, ow))
    for n in range(n_images):
        for m in range(f):
            for i in range(oh):
                for j in range(ow):
                    top, left = i * stride, j * stride
                    chunk = padded[n, :, top : top + kh, left : left + kw]
                    out[n, m, i, j] = np.sum(chunk * w[m]) + b[m]
    return out


def conv_by_all_loops(x, w, b, stride=1, padding=0):
    n, c, h, ww = x.shape
    f, _, kh, kw = w.shape
    oh, ow = (h + 2 * padding - kh) // stride + 1, (ww + 2 * padding - kw) // stride + 1
    out = np.empty((n, f, oh, ow), dtype=np.float32)
    for a in range(n):
        for m in range(f):
            for i in range(oh):
                for j in range(ow):
                    total = float(b[m])
                    for k in range(c):
                        for u in range(kh):
                            for v in range(kw):
                                r, q = i * stride + u - padding, j * stride + v - padding
                                if 0 <= r < h and 0 <= q < ww:
                                    total += x[a, k, r, q] * w[m, k, u, v]
                    out[a, m, i, j] = total
    return out


def conv_by_einsum(x, w, b, stride=1, padding=0):
    around = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    windows = sliding_window_view(np.pad(x, around), w.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return np.einsum("ncijuv,fcuv->nfij", windows, w) + b[None, :, None, None]


def conv_by_shifts(x, w, b, stride=1, padding=0):
    kh, kw = w.shape[2:]
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    oh = (padded.shape[2] - kh) // stride + 1
    ow = (padded.shape[3] - kw) // stride + 1
    out = np.zeros((x.shape[0], w.shape[0], oh, ow)) + b[:, None, None]
    for u in range(kh):
        for v in range(kw):
            seen = padded[:, :, u : u + stride * oh : stride, v : v + stride * ow : stride]
            out += np.tensordot(seen, w[:, :, u, v], axes=(1, 1)).transpose(0, 3, 1, 2)
    return out


def conv_in_single(x, w, b, stride=1, padding=0, *, verbose=False):
    x, w, b = x.astype(np.float32), w.astype(np.float32), b.astype(np.float32)
    return conv_by_einsum(x, w, b, stride, padding)


def conv_as_lists(x, w, b, stride=1, padding=0):
    return conv_by_loops(x, w, b, stride, padding).tolist()


def im2col_by_windows(x, w, b, stride=1, padding=0):
    around = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    windows = sliding_window_view(np.pad(x, around), w.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    n, c, oh, ow, kh, kw = windows.shape
    columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * kh * kw, oh * ow)
    out = np.einsum("fk,nkp->nfp", w.reshape(len(w), -1), columns) + b[:, None]
    return out.reshape(n, len(w), oh, ow), columns


def im2col_by_loops(x, w, b, stride=1, padding=0):
    n_images, c, h, width = x.shape
    f, _, kh, kw = w.shape
    oh = (h + 2 * padding - kh) // stride + 1
    ow = (width + 2 * padding - kw) // stride + 1
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    columns = np.zeros((n_images, c * kh * kw, oh * ow))
    for i in range(oh):
        for j in range(ow):
            top, left = i * stride, j * stride
            chunk = xp[:, :, top : top + kh, left : left + kw]
            columns[:, :, i * ow + j] = chunk.reshape(n_images, -1)
    out = np.zeros((n_images, f, oh, ow), dtype=np.float32)
    for n in range(n_images):
        out[n] = (w.reshape(f, -1) @ columns[n]).reshape(f, oh, ow) + b.reshape(f, 1, 1)
    return out, columns


def im2col_by_index(x, w, b, stride=1, padding=0):
    n, c, h, ww = x.shape
    f, c, kh, kw = w.shape
    xp = np.zeros((n, c, h + 2 * padding, ww + 2 * padding))
    xp[:, :, padding : padding + h, padding : padding + ww] = x
    oh, ow = (xp.shape[2] - kh) // stride + 1, (xp.shape[3] - kw) // stride + 1
    rows = np.tile(np.repeat(np.arange(kh), kw), c)[:, None]
    rows = rows + stride * np.repeat(np.arange(oh), ow)
    cols = np.tile(np.arange(kw), kh * c)[:, None] + stride * np.tile(np.arange(ow), oh)
    channels = np.repeat(np.arange(c), kh * kw)[:, None]
    columns = xp[:, channels, rows, cols]
    out = (w.reshape(f, -1) @ columns).reshape(n, f, oh, ow)
    out += b[None, :, None, None]
    return [out, columns]


def macs_by_product(in_channels, out_channels, kernel_size, out_size):
    height, width = out_size
    return in_channels * kernel_size**2 * out_channels * height * width


def macs_by_shapes(in_channels, out_channels, kernel_size, out_size):
    out = np.zeros((out_channels, *out_size), dtype=np.uint8)
    return out.size * np.prod((in_channels, kernel_size, kernel_size))


VALID = {
    "conv2d_im2col": [im2col_by_windows, im2col_by_loops, im2col_by_index],
    "conv2d_macs": [macs_by_product, macs_by_shapes],
    "conv2d_forward": [
        conv_by_loops,
        conv_by_all_loops,
        conv_by_einsum,
        conv_by_shifts,
        conv_in_single,
        conv_as_lists,
    ],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def conv_rotated_without_bias(x, w, b, stride=1, padding=0):
    return conv_by_einsum(x, w[:, :, ::-1, ::-1], 0 * b, stride, padding)


def conv_halved(x, w, b, stride=1, padding=0):
    return conv_by_einsum(x, w / 2, b, stride, padding)


def conv_plus_one(x, w, b, stride=1, padding=0):
    return conv_by_einsum(x, w, b + 1, stride, padding)


def conv_absolute(x, w, b, stride=1, padding=0):
    return conv_by_einsum(x, w, 0 * b, stride, padding).__abs__() + b[:, None, None]


def conv_without_middle_channel(x, w, b, stride=1, padding=0):
    w = w.copy()
    w[:, 1:2] = 0
    return conv_by_einsum(x, w, b, stride, padding)


def conv_padded_with_ones(x, w, b, stride=1, padding=0):
    around = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    return conv_by_einsum(np.pad(x, around, constant_values=1), w, b, stride)


def conv_stride_in_the_kernel(x, w, b, stride=1, padding=0):
    wide = np.zeros((*w.shape[:2], *w.shape[2:]))
    wide[:, :, ::stride, ::stride] = w[:, :, ::stride, ::stride]
    return conv_by_einsum(x, wide, b, stride, padding)


def conv_padding_three(x, w, b, stride=1, padding=0):
    return conv_by_einsum(x, w, b, stride, min(padding, 1))


def conv_last_image_wrong(x, w, b, stride=1, padding=0):
    out = conv_by_einsum(x, w, b, stride, padding)
    out[1:] += 1
    return out


def conv_crashes_with_stride(x, w, b, stride=1, padding=0):
    if stride > 1:
        return x[len(x)]
    return conv_by_einsum(x, w, b, stride, padding)


def conv_without_options(x, w, b):
    return conv_by_einsum(x, w, b)


def conv_writes_into_x(x, w, b, stride=1, padding=0):
    out = conv_by_einsum(x, w, b, stride, padding)
    x *= 2
    return out


def conv_of_text(x, w, b, stride=1, padding=0):
    return "out"


def conv_relu_and_mean(x, w, b, stride=1, padding=0):
    return np.maximum(conv_by_einsum(x, w / w[0].size, b, stride, padding), 0)


def im2col_only_out(x, w, b, stride=1, padding=0):
    return conv_by_einsum(x, w, b, stride, padding)


def im2col_without_columns(x, w, b, stride=1, padding=0):
    return conv_by_einsum(x, w, b, stride, padding), np.zeros(1)


def im2col_columns_doubled(x, w, b, stride=1, padding=0):
    out, columns = im2col_by_windows(x, w, b, stride, padding)
    return out, 2 * columns


def im2col_reversed_rows(x, w, b, stride=1, padding=0):
    out, columns = im2col_by_windows(x, w, b, stride, padding)
    return out, columns[:, ::-1]


def im2col_bias_twice(x, w, b, stride=1, padding=0):
    return im2col_by_windows(x, w, 2 * b, stride, padding)


def im2col_of_first_stride(x, w, b, stride=1, padding=0):
    out, columns = im2col_by_windows(x, w, b, stride, padding)
    if stride > 1:
        columns = columns[:, :, ::-1]
    return out, columns


def macs_thousands(in_channels, out_channels, kernel_size, out_size):
    return macs_by_product(in_channels, out_channels, kernel_size, out_size) // 1000


def macs_as_float(in_channels, out_channels, kernel_size, out_size):
    return float(macs_by_product(in_channels, out_channels, kernel_size, out_size))


def macs_padded(in_channels, out_channels, kernel_size, out_size):
    height, width = (n + kernel_size - 1 for n in out_size)
    return macs_by_product(in_channels, out_channels, kernel_size, (height, width))


def conv_divided_by_the_filters(x, w, b, stride=1, padding=0):
    return conv_by_einsum(x, w / len(w), b, stride, padding)


def conv_of_three_channels(x, w, b, stride=1, padding=0):
    return conv_by_einsum(x[:, :3], w[:, :3], b, stride, padding)


def conv_zero_without_padding(x, w, b, stride=1, padding=0):
    n, c, height, width = x.shape
    padded = np.zeros((n, c, height + 2 * padding, width + 2 * padding))
    if padding:
        padded[:, :, padding:-padding, padding:-padding] = x
    return conv_by_einsum(padded, w, b, stride)


def conv_edge_repeated_at_stride_one(x, w, b, stride=1, padding=0):
    around = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    padded = np.pad(x, around, mode="edge" if stride == 1 else "constant")
    return conv_by_einsum(padded, w, b, stride)


def conv_divided_by_the_height(x, w, b, stride=1, padding=0):
    return conv_by_einsum(x, w / x.shape[2], b, stride, padding)


def conv_without_stride_yet(x, w, b, stride=1, padding=0):
    if stride > 1:
        raise NotImplementedError
    return conv_by_einsum(x, w, b, stride, padding)


UNLISTED = {
    "conv2d_im2col": {
        im2col_only_out: "type",
        im2col_without_columns: "shape",
        im2col_columns_doubled: "property:one-window",
        im2col_reversed_rows: "property:one-window",
        im2col_bias_twice: "property:zero-image",
        im2col_of_first_stride: "property:stride",
    },
    "conv2d_macs": {
        macs_thousands: "property:one",
        macs_as_float: "type",
        macs_padded: "property:kernel",
    },
    "conv2d_forward": {
        conv_rotated_without_bias: "property:zero-image",
        conv_halved: "property:constant-ratio",
        conv_plus_one: "property:zero-image",
        conv_absolute: "property:",
        conv_without_middle_channel: "property:channels",
        conv_padded_with_ones: "property:border",
        conv_stride_in_the_kernel: "property:stride",
        conv_padding_three: "shape",
        conv_last_image_wrong: "property:batch",
        conv_crashes_with_stride: "raised",
        conv_without_stride_yet: "raised",
        conv_without_options: "raised",
        conv_writes_into_x: "changed input",
        conv_of_text: "type",
        conv_relu_and_mean: "property:zero-image",
        conv_divided_by_the_filters: "property:constant-ratio",
        conv_of_three_channels: "value",
        conv_zero_without_padding: "property:impulse",
        conv_edge_repeated_at_stride_one: "property:padding",
        conv_divided_by_the_height: "property:constant-ratio",
    },
}

# --- inputs of all kinds ------------------------------------------------------------------------


def any_layer(rng):
    n, c, f = rng.integers(1, 4, 3)
    kh, kw = rng.integers(1, 4, 2)
    stride, padding = int(rng.integers(1, 4)), int(rng.integers(0, 3))
    h, w = rng.integers(3, 8, 2)
    arrays = (rng.normal(size=(n, c, h, w)), rng.normal(size=(f, c, kh, kw)), rng.normal(size=f))
    return Case("wide", arrays, {"stride": stride, "padding": padding})


def any_count(rng):
    c, f, k, h, w = rng.integers(1, 9, 5).tolist()
    return Case("wide", (c, f, k, (h, w)))


WIDE = {"conv2d_forward": any_layer, "conv2d_im2col": any_layer, "conv2d_macs": any_count}
