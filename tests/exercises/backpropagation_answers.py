"""Answers to the exercises of lecture 06 as students write them: valid ones, and unlisted bugs."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from coursekit.exercises import Case

# --- valid: relu_backward -----------------------------------------------------------------------


def relu_by_mask(dout, x):
    return dout * (x > 0)


def relu_with_slope_one_at_zero(dout, x):
    return np.where(x >= 0, dout, 0.0)


def relu_with_half_a_slope_at_zero(dout, x):
    return dout * np.heaviside(x, 0.5)


def relu_by_copy(dout, x):
    dx = dout.astype(np.float32)
    dx[x <= 0] = 0
    return dx


# --- valid: conv2d_backward ---------------------------------------------------------------------


def conv_by_loops(dout, x, w, stride=1, padding=0):
    n_images, _, h, width = x.shape
    f, _, kh, kw = w.shape
    around = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    xp = np.pad(x, around)
    dxp, dw, db = np.zeros(xp.shape), np.zeros(w.shape), np.zeros(f)
    for n in range(n_images):
        for m in range(f):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    top, left = i * stride, j * stride
                    g = dout[n, m, i, j]
                    dxp[n, :, top : top + kh, left : left + kw] += g * w[m]
                    dw[m] += g * xp[n, :, top : top + kh, left : left + kw]
                    db[m] += g
    return dxp[:, :, padding : padding + h, padding : padding + width], dw, db


def conv_by_taps(dout, x, w, stride=1, padding=0):
    h, width = x.shape[2:]
    xp = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    dxp, dw = np.zeros_like(xp), np.empty_like(w)
    oh, ow = dout.shape[2:]
    for u in range(w.shape[2]):
        for v in range(w.shape[3]):
            seen = np.s_[:, :, u : u + stride * oh : stride, v : v + stride * ow : stride]
            dw[:, :, u, v] = np.einsum("nfij,ncij->fc", dout, xp[seen])
            dxp[seen] += np.einsum("nfij,fc->ncij", dout, w[:, :, u, v])
    dx = dxp[:, :, padding : h + padding, padding : width + padding]
    return [dx, dw, np.einsum("nfij->f", dout)]


def conv_by_columns(dout, x, w, stride=1, padding=0):
    n_images, c, h, width = x.shape
    kh, kw = w.shape[2:]
    xp = np.zeros((n_images, c, h + 2 * padding, width + 2 * padding), dtype=np.float32)
    xp[:, :, padding : padding + h, padding : padding + width] = x
    windows = sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    dw = np.tensordot(dout.astype(np.float32), windows, axes=([0, 2, 3], [0, 2, 3]))
    dcols = np.tensordot(dout, w, axes=(1, 0))  # (N, H', W', C, kH, kW)
    dxp = np.zeros_like(xp)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            top, left = i * stride, j * stride
            dxp[:, :, top : top + kh, left : left + kw] += dcols[:, i, j]
    if padding:
        dxp = dxp[:, :, padding:-padding, padding:-padding]
    return dxp, dw, dout.sum((0, 2, 3), dtype=np.float32)


def conv_by_numbers(dout, x, w, stride=1, padding=0):
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(len(w))
    for n, f, i, j in np.ndindex(*dout.shape):
        db[f] += dout[n, f, i, j]
        for u in range(w.shape[2]):
            for v in range(w.shape[3]):
                row, column = i * stride + u - padding, j * stride + v - padding
                if 0 <= row < x.shape[2] and 0 <= column < x.shape[3]:
                    dx[n, :, row, column] += dout[n, f, i, j] * w[f, :, u, v]
                    dw[f, :, u, v] += dout[n, f, i, j] * x[n, :, row, column]
    return dx, dw, db


# --- valid: numerical_gradient ------------------------------------------------------------------


def gradient_on_a_copy(f, x, h=1e-5):
    dx = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += h
        down[place] -= h
        dx[place] = (f(up) - f(down)) / (2 * h)
    return dx


def gradient_in_place(f, x, h=1e-5):
    dx = np.zeros(x.shape)
    walk = np.nditer(x, flags=["multi_index"])
    for _ in walk:
        place = walk.multi_index
        before = x[place]
        x[place] = before + h
        above = f(x)
        x[place] = before - h
        below = f(x)
        x[place] = before
        dx[place] = (above - below) / (2 * h)
    return dx


def gradient_there_and_back(f, x, h=1e-5):
    flat = x.reshape(-1)
    dx = np.zeros(flat.shape)
    for i in range(len(flat)):
        flat[i] += h
        above = f(x)
        flat[i] -= 2 * h
        below = f(x)
        flat[i] += h
        dx[i] = (above - below) / 2 / h
    return dx.reshape(x.shape)


# --- valid: locally_connected_backward ----------------------------------------------------------


def local_by_loops(dout, x, w):
    kh, kw = w.shape[4:]
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(w.shape[:3])
    for n in range(dout.shape[0]):
        for f in range(dout.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    g = dout[n, f, i, j]
                    dx[n, :, i : i + kh, j : j + kw] += g * w[f, i, j]
                    dw[f, i, j] += g * x[n, :, i : i + kh, j : j + kw]
                    db[f, i, j] += g
    return dx, dw, db


def local_by_einsum(dout, x, w, stride=1, padding=0):
    kh, kw = w.shape[4:]
    windows = sliding_window_view(x, (kh, kw), axis=(2, 3))
    dw = np.einsum("nfij,ncijuv->fijcuv", dout, windows)
    dx = np.zeros_like(x)
    for u in range(kh):
        for v in range(kw):
            share = np.einsum("nfij,fijc->ncij", dout, w[..., u, v])
            dx[:, :, u : u + dout.shape[2], v : v + dout.shape[3]] += share
    return [dx, dw, dout.sum(0)]


def local_in_single(dout, x, w):
    return tuple(g.astype(np.float32) for g in local_by_loops(dout, x, w))


VALID = {
    "relu_backward": [
        relu_by_mask,
        relu_with_slope_one_at_zero,
        relu_with_half_a_slope_at_zero,
        relu_by_copy,
    ],
    "conv2d_backward": [conv_by_loops, conv_by_taps, conv_by_columns, conv_by_numbers],
    "numerical_gradient": [gradient_on_a_copy, gradient_in_place, gradient_there_and_back],
    "locally_connected_backward": [local_by_loops, local_by_einsum, local_in_single],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def relu_threshold_two(dout, x):
    return dout * (x > 2)


def relu_halved(dout, x):
    return dout * (x > 0) / 2


def relu_in_place(dout, x):
    dout[x <= 0] = 0
    return dout


def relu_as_mask(dout, x):
    return x > 0


def relu_doubled_at_zero(dout, x):
    return dout * (x > 0) + 2 * dout * (x == 0)


def conv_flipped_and_averaged(dout, x, w, stride=1, padding=0):
    dx, dw, db = conv_by_taps(dout, x, w[:, :, ::-1, ::-1], stride, padding)
    return dx, dw / len(x), db


def conv_dw_flipped_upside_down(dout, x, w, stride=1, padding=0):
    dx, dw, db = conv_by_taps(dout, x, w, stride, padding)
    return dx, dw[:, :, ::-1], db


def conv_all_halved(dout, x, w, stride=1, padding=0):
    return [g / 2 for g in conv_by_taps(dout, x, w, stride, padding)]


def conv_without_stride(dout, x, w, stride=1, padding=0):
    if stride > 1:
        return np.zeros_like(x), np.zeros_like(w), dout.sum((0, 2, 3))
    return conv_by_taps(dout, x, w, 1, padding)


def conv_only_dx(dout, x, w, stride=1, padding=0):
    return conv_by_taps(dout, x, w, stride, padding)[0]


def conv_without_db(dout, x, w, stride=1, padding=0):
    return tuple(conv_by_taps(dout, x, w, stride, padding)[:2])


def conv_db_none(dout, x, w, stride=1, padding=0):
    return *conv_by_taps(dout, x, w, stride, padding)[:2], None


def conv_border_wrong(dout, x, w, stride=1, padding=0):
    dx, dw, db = conv_by_taps(dout, x, w, stride, padding)
    if padding:
        dx = dx.copy()
        dx[:, :, 0] = 0
    return dx, dw, db


def conv_dout_scaled_in_place(dout, x, w, stride=1, padding=0):
    dout *= 1.5
    return [g / 1.5 for g in conv_by_taps(dout, x, w, stride, padding)]


def conv_two_slips(dout, x, w, stride=1, padding=0):
    dx, dw, db = conv_by_taps(dout, x, w, stride, padding)
    return dx[:, ::-1], dw, db / len(x)


def gradient_of_absolutes(f, x, h=1e-5):
    return np.abs(gradient_on_a_copy(f, x, h))


def gradient_one_sided_and_halved(f, x, h=1e-5):
    dx = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        up = x.copy()
        up[place] += h
        dx[place] = (f(up) - f(x)) / h / 2 + 1
    return dx


def gradient_of_last_axis(f, x, h=1e-5):
    return np.array([gradient_on_a_copy(f, row, h) for row in x])


def gradient_calls_f_without_x(f, x, h=1e-5):
    return f()


def local_scaled(dout, x, w):
    dx, dw, db = local_by_loops(dout, x, w)
    return dx, 3 * dw, db


def local_next_neuron(dout, x, w):
    return local_by_loops(dout, x, np.roll(w, 1, axis=2))


def local_two_slips(dout, x, w):
    dx, dw, db = local_by_loops(dout, x, w)
    return dx / len(x), dw, db + 1


def relu_divided_by_the_size(dout, x):
    return dout * (x > 0) / x.size


def conv_dw_divided_by_the_filters(dout, x, w, stride=1, padding=0):
    dx, dw, db = conv_by_taps(dout, x, w, stride, padding)
    return dx, dw / len(w), db


def conv_border_wrong_at_stride_one(dout, x, w, stride=1, padding=0):
    if stride > 1:
        return conv_by_taps(dout, x, w, stride, padding)
    return conv_border_wrong(dout, x, w, stride, padding)


def gradient_of_higher_order(f, x, h=1e-5):
    return (4 * gradient_on_a_copy(f, x, h) - gradient_on_a_copy(f, x, 2 * h)) / 3


def local_dx_divided_by_the_maps(dout, x, w):
    dx, dw, db = local_by_loops(dout, x, w)
    return dx / len(w), dw, db


def relu_from_a_half(dout, x):
    return dout * (x >= 0.5)


UNLISTED = {
    "relu_backward": {
        relu_threshold_two: "property:positive",
        relu_halved: "property:constant-ratio",
        relu_in_place: "changed input",
        relu_as_mask: "dtype",
        relu_doubled_at_zero: "value",
        relu_divided_by_the_size: "property:constant-ratio",
        relu_from_a_half: "value",
    },
    "conv2d_backward": {
        conv_flipped_and_averaged: "property:",
        conv_dw_flipped_upside_down: "property:one-window-dw",
        conv_all_halved: "property:constant-ratio-dx",
        conv_without_stride: "property:stride",
        conv_only_dx: "type",
        conv_without_db: "shape",
        conv_db_none: "type",
        conv_border_wrong: "property:border",
        conv_dout_scaled_in_place: "changed input",
        conv_two_slips: "property:",
        conv_dw_divided_by_the_filters: "property:constant-ratio-dw",
        conv_border_wrong_at_stride_one: "property:padding",
    },
    "numerical_gradient": {
        gradient_of_absolutes: "property:squares",
        gradient_one_sided_and_halved: "property:constant-loss",
        gradient_of_last_axis: "raised",
        gradient_calls_f_without_x: "raised",
        gradient_of_higher_order: "property:central",
    },
    "locally_connected_backward": {
        local_scaled: "property:constant-ratio-dw",
        local_next_neuron: "property:two-outputs-dx",
        local_two_slips: "property:no-gradient-db",
        local_dx_divided_by_the_maps: "property:constant-ratio-dx",
    },
}

# --- inputs of all kinds ------------------------------------------------------------------------


def any_relu(rng):
    shape = rng.integers(1, 5, rng.integers(1, 5))
    return Case("wide", (rng.normal(size=shape), rng.normal(size=shape).round(1)))


def any_convolution(rng):
    n, c, f, oh, ow = rng.integers(1, 4, 5)
    kh, kw = rng.integers(1, 4, 2)
    stride, padding = int(rng.integers(1, 4)), int(rng.integers(0, 3))
    over = rng.integers(0, stride, 2)
    h, w = (np.array([oh, ow]) - 1) * stride + (kh, kw) + over - 2 * padding
    h, w = max(int(h), 1), max(int(w), 1)
    if min(h + 2 * padding - kh, w + 2 * padding - kw) < 0:
        return any_convolution(rng)
    shape = n, f, (h + 2 * padding - kh) // stride + 1, (w + 2 * padding - kw) // stride + 1
    arrays = (rng.normal(size=s) for s in (shape, (n, c, h, w), (f, c, kh, kw)))
    return Case("wide", tuple(arrays), {"stride": stride, "padding": padding})


def any_loss(rng):
    x = rng.integers(-20, 21, rng.integers(1, 4, rng.integers(1, 4))) / 8
    factors = rng.normal(size=x.shape)
    return Case("wide", (lambda x: (factors * x**3).sum() + x.sum() ** 2, x, 0.5))


def any_local(rng):
    n, c, f, oh, ow, kh, kw = rng.integers(1, 4, 7)
    shapes = (n, f, oh, ow), (n, c, oh + kh - 1, ow + kw - 1), (f, oh, ow, c, kh, kw)
    return Case("wide", tuple(rng.normal(size=shape) for shape in shapes))


WIDE = {
    "relu_backward": any_relu,
    "conv2d_backward": any_convolution,
    "numerical_gradient": any_loss,
    "locally_connected_backward": any_local,
}
