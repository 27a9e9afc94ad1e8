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


VALID = {
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


UNLISTED = {
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
        conv_without_options: "raised",
        conv_writes_into_x: "changed input",
        conv_of_text: "type",
        conv_relu_and_mean: "property:zero-image",
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


WIDE = {"conv2d_forward": any_layer}
