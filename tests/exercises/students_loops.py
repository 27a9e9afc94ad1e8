"""Bugs as students write them into plain loops, each with the name that a check must give it.

Written without looking at the known mistakes, which are mostly whole-array variants: a name must
not depend on how an answer is written.
"""

import math
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

BUGS: dict[str, list[tuple[Callable[..., Any], str]]] = {}
CHANGES: list[dict[str, Callable[..., Any]]] = []  # of conv2d_forward, one bug each


def bug(exercise: str, slug: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function under its exercise and the mistake's expected name."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        BUGS.setdefault(exercise, []).append((function, slug))
        return function

    return enter


# --- conv2d_forward: one loop over all output numbers, with one line changed --------------------


def convolve(x, w, b, stride, padding, **changed):
    """The loops; ``changed`` replaces one of their steps."""
    step = {
        "pad": lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))),
        "height": lambda h, kh, s, p: (h + 2 * p - kh) // s + 1,
        "width": lambda w, kw, s, p: (w + 2 * p - kw) // s + 1,
        "top": lambda i, s, kh: i * s,
        "left": lambda j, s, kw: j * s,
        "number": lambda chunk, w, m: np.sum(chunk * w[m]),
        "bias": lambda b, m, c: b[m],
        "out": np.zeros,
        "rows": range,
    } | changed
    n, c, h, width = x.shape
    f, _, kh, kw = w.shape
    oh = step["height"](h, kh, stride, padding)
    ow = step["width"](width, kw, stride, padding)
    xp = step["pad"](x, padding)
    out = step["out"]((n, f, oh, ow))
    for a in range(n):
        for m in range(f):
            for i in step["rows"](oh):
                for j in step["rows"](ow):
                    top, left = step["top"](i, stride, kh), step["left"](j, stride, kw)
                    chunk = xp[a, :, top : top + kh, left : left + kw]
                    out[a, m, i, j] = step["number"](chunk, w, m) + step["bias"](b, m, c)
    return out


def conv(slug: str, **changed: Any) -> None:
    """Enter the loops with these steps changed."""
    CHANGES.append(changed)

    @bug("conv2d_forward", slug)
    def conv2d_forward(x, w, b, stride=1, padding=0):
        return convolve(x, w, b, stride, padding, **changed)


conv("kernel-rotated", number=lambda chunk, w, m: np.sum(chunk * w[m, :, ::-1, ::-1]))  # 40
conv("kernel-and-channels-reversed", number=lambda chunk, w, m: np.sum(chunk * np.flip(w[m])))
conv("bias-forgotten", bias=lambda b, m, c: 0)  # 41
conv("bias-for-every-channel", bias=lambda b, m, c: c * b[m])  # 42
conv("first-bias-everywhere", bias=lambda b, m, c: b[0])  # 44
conv(
    "padding-all-before", pad=lambda x, p: np.pad(x, ((0, 0), (0, 0), (2 * p, 0), (2 * p, 0)))
)  # 46
conv(
    "padding-counted-once",
    pad=lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, 0), (p, 0))),
    height=lambda h, kh, s, p: (h + p - kh) // s + 1,
    width=lambda w, kw, s, p: (w + p - kw) // s + 1,
)  # 48
conv(
    "padding-after-only",
    pad=lambda x, p: np.pad(x, ((0, 0), (0, 0), (0, p), (0, p))),
    height=lambda h, kh, s, p: (h + p - kh) // s + 1,
    width=lambda w, kw, s, p: (w + p - kw) // s + 1,
)
conv(
    "padding-ignored",
    pad=lambda x, p: x,
    height=lambda h, kh, s, p: (h - kh) // s + 1,
    width=lambda w, kw, s, p: (w - kw) // s + 1,
)  # 49
conv("every-axis-padded-in-whole-chunks", pad=lambda x, p: np.pad(x, p))  # 50
conv(
    "edge-values-repeated",
    pad=lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode="edge"),
)  # 51
conv(
    "size-rounded-up-and-cut",
    height=lambda h, kh, s, p: math.ceil((h + 2 * p - kh) / s) + 1,
    width=lambda w, kw, s, p: math.ceil((w + 2 * p - kw) / s) + 1,
)  # 53
conv(
    "size-rounded-up",
    pad=lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, p + 4), (p, p + 4))),
    height=lambda h, kh, s, p: math.ceil((h + 2 * p - kh) / s) + 1,
    width=lambda w, kw, s, p: math.ceil((w + 2 * p - kw) / s) + 1,
)
conv(
    "padding-counted-once",
    height=lambda h, kh, s, p: (h + p - kh) // s + 1,
    width=lambda w, kw, s, p: (w + p - kw) // s + 1,
)  # 54
conv(
    "plus-one-forgotten",
    height=lambda h, kh, s, p: (h + 2 * p - kh) // s,
    width=lambda w, kw, s, p: (w + 2 * p - kw) // s,
)  # 55
conv("kernel-transposed", number=lambda chunk, w, m: np.sum(chunk * w[m].transpose(0, 2, 1)))  # 58
conv("channels-reversed", number=lambda chunk, w, m: np.sum(chunk[::-1] * w[m]))  # 60
conv("whole-numbers-only", out=lambda shape: np.zeros(shape, dtype=int))  # 61
conv("stride-for-rows-only", left=lambda j, s, kw: j)  # 62
conv("stride-for-columns-only", top=lambda i, s, kh: i)
conv("windows-start-at-i-j", top=lambda i, s, kh: i, left=lambda j, s, kw: j)  # 64
conv("windows-a-kernel-apart", top=lambda i, s, kh: i * kh, left=lambda j, s, kw: j * kw)  # 65
conv("first-filter-everywhere", number=lambda chunk, w, m: np.sum(chunk * w[0]))  # 66
conv("only-the-first-channel", number=lambda chunk, w, m: np.sum(chunk[0] * w[m, 0]))  # 67
conv("mean-instead-of-sum", number=lambda chunk, w, m: np.mean(chunk * w[m]))  # 69
conv("mean-over-channels", number=lambda chunk, w, m: np.mean(np.sum(chunk * w[m], (1, 2))))  # 70
conv("sums-multiplied", number=lambda chunk, w, m: np.sum(chunk) * np.sum(w[m]))  # 71
conv("last-row-and-column-zero", rows=lambda n: range(n - 1))  # 73
conv(
    "stride-ignored",
    height=lambda h, kh, s, p: h + 2 * p - kh + 1,
    width=lambda w, kw, s, p: w + 2 * p - kw + 1,
    top=lambda i, s, kh: i,
    left=lambda j, s, kw: j,
)


def number_by_number(x, w, b, stride, padding, oh, ow, step):
    """Seven loops, in which a window that hangs over the edge is an error."""
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    out = np.zeros((len(x), len(w), oh, ow))
    for n, m, i, j in np.ndindex(*out.shape):
        out[n, m, i, j] = b[m]
        for c, u, v in np.ndindex(*w.shape[1:]):
            row, column = step(i, w.shape[2]) + u, step(j, w.shape[3]) + v
            out[n, m, i, j] += xp[n, c, row, column] * w[m, c, u, v]
    return out


@bug("conv2d_forward", "square-as-the-height-by-index")  # 56
def conv_square_by_number(x, w, b, stride=1, padding=0):
    oh = (x.shape[2] + 2 * padding - w.shape[2]) // stride + 1
    return number_by_number(x, w, b, stride, padding, oh, oh, lambda i, k: i * stride)


@bug("conv2d_forward", "windows-a-kernel-apart-by-index")  # 65
def conv_kernel_apart_by_number(x, w, b, stride=1, padding=0):
    oh = (x.shape[2] + 2 * padding - w.shape[2]) // stride + 1
    ow = (x.shape[3] + 2 * padding - w.shape[3]) // stride + 1
    return number_by_number(x, w, b, stride, padding, oh, ow, lambda i, k: i * k)


@bug("conv2d_forward", "left-over-pixels-refused")  # 53
def conv_rounded_up_by_number(x, w, b, stride=1, padding=0):
    oh = math.ceil((x.shape[2] + 2 * padding - w.shape[2]) / stride) + 1
    ow = math.ceil((x.shape[3] + 2 * padding - w.shape[3]) / stride) + 1
    return number_by_number(x, w, b, stride, padding, oh, ow, lambda i, k: i * stride)


@bug("conv2d_forward", "square-as-the-height")  # 56
def conv_square(x, w, b, stride=1, padding=0):
    height = (x.shape[2] + 2 * padding - w.shape[2]) // stride + 1
    return convolve(x, w, b, stride, padding, width=lambda *_: height)


@bug("conv2d_forward", "channel-before-filter")  # 59
def conv_channel_first(x, w, b, stride=1, padding=0):
    out = convolve(x, w, b, stride, padding, number=lambda chunk, w, m: 0)
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    for n, m, i, j in np.ndindex(*out.shape):
        for c in range(x.shape[1]):
            rows = slice(i * stride, i * stride + w.shape[2])
            columns = slice(j * stride, j * stride + w.shape[3])
            out[n, m, i, j] += np.sum(xp[n, c, rows, columns] * w[c, m])
    return out


@bug("conv2d_forward", "only-the-last-channel")  # 68
def conv_last_channel(x, w, b, stride=1, padding=0):
    def number(chunk, w, m):
        total = 0
        for c in range(len(chunk)):
            total = np.sum(chunk[c] * w[m, c])
        return total

    return convolve(x, w, b, stride, padding, number=number)


@bug("conv2d_forward", "relu-inside")  # 74
def conv_relu(x, w, b, stride=1, padding=0):
    return np.maximum(0, convolve(x, w, b, stride, padding))


@bug("conv2d_forward", "every-axis-padded")  # 50, channel by channel
def conv_padding_everything(x, w, b, stride=1, padding=0):
    def number(chunk, w, m):
        return sum(np.sum(chunk[c] * w[m, c]) for c in range(w.shape[1]))

    return convolve(x, w, b, stride, padding, pad=np.pad, number=number)


def combined_bugs() -> Iterator[Callable[..., Any]]:
    """conv2d_forward with two steps wrong at once."""
    for first, second in combinations(CHANGES, 2):
        if first.keys() & second.keys():
            continue

        def conv2d_forward(x, w, b, stride=1, padding=0, changed=first | second):
            return convolve(x, w, b, stride, padding, **changed)

        yield conv2d_forward


# --- conv2d_backward: the same loop, with one line changed --------------------------------------


def backpropagate(dout, x, w, stride, padding, **changed):
    """The loops; ``changed`` replaces one of their steps."""
    step = {
        "dx": lambda old, g, w, m: old + g * w[m],
        "dw": lambda old, g, chunk: old + g * chunk,
        "db": lambda old, g: old + g,
        "start": lambda i, s: i * s,
        "crop": lambda dxp, x, p: dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]],
        "seen": lambda x, xp: xp,
    } | changed
    kh, kw = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dxp, dw, db = np.zeros(xp.shape), np.zeros(w.shape), np.zeros(len(w))
    for n, m, i, j in np.ndindex(*dout.shape):
        top, left = step["start"](i, stride), step["start"](j, stride)
        here = (n, slice(None), slice(top, top + kh), slice(left, left + kw))
        g = dout[n, m, i, j]
        dxp[here] = step["dx"](dxp[here], g, w, m)
        dw[m] = step["dw"](dw[m], g, step["seen"](x, xp)[here])
        db[m] = step["db"](db[m], g)
    return step["crop"](dxp, x, padding), dw, db


def back(slug: str, finish: Callable[..., Any] | None = None, **changed: Any) -> None:
    """Enter the loops with these steps changed, or something done at the end."""

    @bug("conv2d_backward", slug)
    def conv2d_backward(dout, x, w, stride=1, padding=0):
        result = backpropagate(dout, x, w, stride, padding, **changed)
        return finish(*result, dout, x) if finish else result


back("dx-overwritten", dx=lambda old, g, w, m: g * w[m])  # 76
back("dw-of-the-last-position", dw=lambda old, g, chunk: g * chunk)  # 77
back("db-of-the-last-position", db=lambda old, g: g)
back("db-mean", lambda dx, dw, db, dout, x: (dx, dw, dout.mean(axis=(0, 2, 3))))  # 79
back("db-by-image", lambda dx, dw, db, dout, x: (dx, dw, dout.sum(axis=(1, 2, 3))))  # 81
back("db-by-position", lambda dx, dw, db, dout, x: (dx, dw, dout.sum(axis=0)))  # 82
back("db-not-computed", lambda dx, dw, db, dout, x: (dx, dw, np.zeros_like(db)))  # 83
back("windows-start-at-i-j", start=lambda i, s: i)  # 84
back("dw-rotated", lambda dx, dw, db, dout, x: (dx, dw[:, :, ::-1, ::-1], db))  # 86
back("dw-averaged-over-the-batch", lambda dx, dw, db, dout, x: (dx, dw / len(x), db))  # 87
back(
    "all-divided-by-the-batch",
    lambda dx, dw, db, dout, x: (dx / len(x), dw / len(x), db / len(x)),
)  # 88
back("dx-of-the-padded-image", crop=lambda dxp, x, p: dxp)  # 89
back("dx-empty-without-padding", crop=lambda dxp, x, p: dxp[:, :, p:-p, p:-p])  # 91
back("dx-not-computed", lambda dx, dw, db, dout, x: (np.zeros_like(x), dw, db))  # 92
back("dx-kernel-rotated", dx=lambda old, g, w, m: old + g * w[m, :, ::-1, ::-1])  # 93
back("dw-from-the-unpadded-image", seen=lambda x, xp: x)  # 95
back("dout-ignored", dx=lambda old, g, w, m: old + w[m], dw=lambda old, g, chunk: old + chunk,
     db=lambda old, g: old + 1)  # fmt: skip


@bug("conv2d_backward", "dw-of-the-last-image")  # 78
def conv_back_last_image(dout, x, w, stride=1, padding=0):
    dx, _, db = backpropagate(dout, x, w, stride, padding)
    for n in range(len(x)):
        dw = backpropagate(dout[n : n + 1], x[n : n + 1], w, stride, padding)[1]
    return dx, dw, db


@bug("conv2d_backward", "dx-of-the-last-filter")  # 94
def conv_back_last_filter(dout, x, w, stride=1, padding=0):
    _, dw, db = backpropagate(dout, x, w, stride, padding)
    for m in range(len(w)):
        dx = backpropagate(dout[:, m : m + 1], x, w[m : m + 1], stride, padding)[0]
    return dx, dw, db


# --- max_pool2d_forward -------------------------------------------------------------------------


def pool(x, kernel_size, stride, **changed):
    """The loops; ``changed`` replaces one of their steps."""
    step = {
        "value": np.max,
        "at": np.argmax,
        "size": lambda n, k, s: (n - k) // s + 1,
        "start": lambda i, s, k: i * s,
    } | changed
    n, c, h, w = x.shape
    oh, ow = step["size"](h, kernel_size, stride), step["size"](w, kernel_size, stride)
    out, index = np.zeros((n, c, oh, ow)), np.zeros((n, c, oh, ow), dtype=np.int64)
    for a, m, i, j in np.ndindex(n, c, oh, ow):
        top = step["start"](i, stride, kernel_size)
        left = step["start"](j, stride, kernel_size)
        window = x[a, m, top : top + kernel_size, left : left + kernel_size]
        out[a, m, i, j] = step["value"](window)
        u, v = divmod(int(step["at"](window)), window.shape[1])
        index[a, m, i, j] = (top + u) * w + left + v
    return out, index


def pooling(slug: str, **changed: Any) -> None:
    """Enter the loops with these steps changed."""

    @bug("max_pool2d_forward", slug)
    def max_pool2d_forward(x, kernel_size, stride=None):
        return pool(x, kernel_size, kernel_size if stride is None else stride, **changed)


pooling("last-of-the-window", value=lambda w: w[-1, -1], at=lambda w: w.size - 1)  # 97
pooling("last-of-the-window", value=lambda w: w[-1, -1])
pooling("first-of-the-window", value=lambda w: w[0, 0], at=lambda w: 0)  # 98
pooling("mean", value=np.mean)  # 99
pooling("mean", value=np.mean, at=lambda w: 0)
pooling("minimum", value=np.min, at=np.argmin)  # 100
pooling("starts-at-zero", value=lambda w: max(0, w.max()))  # 102
pooling("sum", value=np.sum)  # 105
pooling("windows-start-at-i-j", start=lambda i, s, k: i)  # 107
pooling("size-rounded-up", size=lambda n, k, s: math.ceil((n - k) / s) + 1)  # 109
pooling("size-over-stride", size=lambda n, k, s: n // s)  # 110
pooling("windows-a-kernel-apart", start=lambda i, s, k: i * k)


@bug("max_pool2d_forward", "starts-at-zero")  # 102, with the position found along the way
def pool_from_zero(x, kernel_size, stride=None):
    stride = stride or kernel_size
    out, index = pool(x, kernel_size, stride)
    for n, c, i, j in np.ndindex(*out.shape):
        best, place = 0, 0
        for u in range(i * stride, i * stride + kernel_size):
            for v in range(j * stride, j * stride + kernel_size):
                if x[n, c, u, v] > best:
                    best, place = x[n, c, u, v], u * x.shape[3] + v
        out[n, c, i, j], index[n, c, i, j] = best, place
    return out, index


@bug("max_pool2d_forward", "over-all-maps")  # 103
def pool_over_maps(x, kernel_size, stride=None):
    stride = stride or kernel_size
    out, index = pool(x, kernel_size, stride)
    for n, c, i, j in np.ndindex(*out.shape):
        top, left = i * stride, j * stride
        out[n, c, i, j] = np.max(x[n, :, top : top + kernel_size, left : left + kernel_size])
    return out, index


@bug("max_pool2d_forward", "stride-ignored")  # 106
def pool_without_stride(x, kernel_size, stride=None):
    return pool(x, kernel_size, kernel_size)


@bug("max_pool2d_forward", "stride-one-by-default")  # 26
def pool_stride_one(x, kernel_size, stride=1):
    return pool(x, kernel_size, stride)


@bug("max_pool2d_forward", "square-as-the-height")  # 111
def pool_square(x, kernel_size, stride=None):
    stride = stride or kernel_size
    height = (x.shape[2] - kernel_size) // stride + 1
    out, index = pool(x, kernel_size, stride)
    if out.shape[3] < height:
        raise IndexError
    return out[:, :, :, :height], index[:, :, :, :height]


# --- max_pool2d_backward ------------------------------------------------------------------------


def route(dout, x, kernel_size, stride, put, start=lambda i, s: i * s):
    """The loops; put(dx of the window, window, g) writes into the first."""
    stride = stride or kernel_size
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dout.shape):
        top, left = start(i, stride), start(j, stride)
        here = (n, c, slice(top, top + kernel_size), slice(left, left + kernel_size))
        put(dx[here], x[here], dout[n, c, i, j])
    return dx


def routing(slug: str, put: Callable[..., None], **changed: Any) -> None:
    """Enter the loops with these steps changed."""

    @bug("max_pool2d_backward", slug)
    def max_pool2d_backward(dout, x, kernel_size, stride=None):
        return route(dout, x, kernel_size, stride, put, **changed)


def winner(window):
    return np.unravel_index(np.argmax(window), window.shape)


def add_to_winner(d, window, g):
    d[winner(window)] += g


def add_to_all_maxima(d, window, g):
    d += (window == window.max()) * g


def assign_mask(d, window, g):
    d[...] = (window == window.max()) * g


def assign_to_all_maxima(d, window, g):
    d[window == window.max()] = g


def assign_to_winner(d, window, g):
    d[winner(window)] = g


def spread(d, window, g):
    d += g / window.size


def add_to_smallest(d, window, g):
    d[np.unravel_index(np.argmin(window), window.shape)] += g


def add_part_to_winner(d, window, g):
    d[winner(window)] += g / window.size


def add_one(d, window, g):
    d[winner(window)] += 1


def write_one(d, window, g):
    d[winner(window)] = 1


routing("to-all-maxima", add_to_all_maxima)  # 114
routing("to-all-maxima-overwriting", assign_mask)  # 115
routing("spread-as-average-pooling", spread)  # 116
routing("to-the-smallest", add_to_smallest)  # 118
routing("divided-by-the-window", add_part_to_winner)  # 120
routing("upstream-ignored", add_one)  # 122
routing("upstream-ignored-and-overwritten", write_one)
routing("to-all-maxima-and-overwritten", assign_to_all_maxima)  # 115
routing("overwritten", assign_to_winner)  # 123
routing("windows-start-at-i-j", add_to_winner, start=lambda i, s: i)  # 124


@bug("max_pool2d_backward", "index-by-the-height")  # 119
def route_by_height(dout, x, kernel_size, stride=None):
    _, index = pool(x, kernel_size, stride or kernel_size)
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dout.shape):
        row, column = index[n, c, i, j] // x.shape[2], index[n, c, i, j] % x.shape[2]
        dx[n, c, row, column] += dout[n, c, i, j]
    return dx


@bug("max_pool2d_backward", "decided-by-the-first-map")  # 125
def route_as_first_map(dout, x, kernel_size, stride=None):
    _, index = pool(x, kernel_size, stride or kernel_size)
    dx = np.zeros(x.shape).reshape(*x.shape[:2], -1)
    for n, c, i, j in np.ndindex(*dout.shape):
        dx[n, c, index[n, 0, i, j]] += dout[n, c, i, j]
    return dx.reshape(x.shape)


# --- the rest -----------------------------------------------------------------------------------


@bug("to_chw", "reshaped")  # 1
def chw_reshaped(image):
    h, w, c = image.shape
    return image.reshape(c, h, w)


@bug("to_chw", "height-and-width-exchanged")  # 2
def chw_transposed(image):
    return image.T


@bug("to_chw", "unchanged")  # 3
def chw_unchanged(image):
    return image


@bug("to_uint8", "cast-only")  # 7
def uint8_cast(x):
    return x.astype("uint8")


@bug("storage_bytes", "channels-forgotten")  # 13
def bytes_of_pixels(shape, bits=8):
    return shape[-1] * shape[-2] * bits // 8


@bug("parameter_count", "depth-forgotten-in-convolution")  # 27
def count_flat_filters(kind, in_shape, out_channels, kernel_size):
    c, h, w = in_shape
    places = (h - kernel_size + 1) * (w - kernel_size + 1)
    if kind == "convolution":
        return out_channels * kernel_size * kernel_size + out_channels
    if kind == "locally connected":
        return places * out_channels * (kernel_size * kernel_size * c + 1)
    return (c * h * w + 1) * out_channels * places


@bug("conv2d_macs", "doubled")  # 34
def macs_as_flops(in_channels, out_channels, kernel_size, out_size):
    return 2 * in_channels * out_channels * kernel_size**2 * out_size[0] * out_size[1]


@bug("relu_backward", "mask-missing")  # 127
def relu_everything(dout, x):
    return dout


@bug("relu_backward", "mask-on-dout")  # 128
def relu_of_dout(dout, x):
    return np.maximum(dout, 0)


@bug("locally_connected_forward", "weights-shared")  # 226
def local_convolution(x, w, b):
    out = np.zeros((len(x), *b.shape))
    for n, f, i, j in np.ndindex(*out.shape):
        chunk = x[n, :, i : i + w.shape[4], j : j + w.shape[5]]
        out[n, f, i, j] = np.sum(chunk * w[f, 0, 0]) + b[f, i, j]
    return out


@bug("locally_connected_backward", "shared-everywhere")
def local_back_shared(dout, x, w):
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(w.shape[:3])
    for n, f, i, j in np.ndindex(*dout.shape):
        rows, columns = slice(i, i + w.shape[4]), slice(j, j + w.shape[5])
        dx[n, :, rows, columns] += dout[n, f, i, j] * w[f, i, j]
        dw[f] += dout[n, f, i, j] * x[n, :, rows, columns]
        db[f] += dout[n, f, i, j]
    return dx, dw, db


@bug("numerical_gradient", "one-sided")
def gradient_forward(f, x, h=1e-5):
    dx = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        y = x.copy()
        y[place] += h
        dx[place] = (f(y) - f(x)) / h
    return dx


@bug("linear_scores", "templates-not-transposed")
def scores_untransposed(x, w, b):
    return np.dot(x, w) + b


@bug("iou", "gap-counted-as-overlap")
def iou_unclamped(a, b):
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h
    return w * h / union


@bug("channel_statistics", "image-by-image")
def statistics_by_image(images):
    return images.mean(axis=(2, 3)), images.std(axis=(2, 3))


@bug("neuron_output", "sums-multiplied")
def neuron_by_sums(chunk, weights, bias):
    return chunk.sum() * weights.sum() + bias


@bug("neuron_column", "first-bias-everywhere")
def column_with_one_bias(chunk, weights, biases):
    return np.array([np.sum(chunk * weight) + biases[0] for weight in weights])


@bug("extract_patch", "row-and-column-exchanged")
def patch_by_x_and_y(image, row, column, height, width):
    return image[:, column : column + height, row : row + width]


@bug("mean_iou", "absent-classes-are-nan")
def iou_of_nothing(prediction, truth, num_classes):
    ious = []
    for k in range(num_classes):
        p, t = prediction == k, truth == k
        ious.append((p & t).sum() / (p | t).sum())
    return np.mean(ious)


@bug("avg_pool2d_backward", "overwritten")
def averaged_overwriting(dout, x, kernel_size, stride=None):
    stride = stride or kernel_size
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dout.shape):
        top, left = i * stride, j * stride
        part = dout[n, c, i, j] / kernel_size**2
        dx[n, c, top : top + kernel_size, left : left + kernel_size] = part
    return dx


@bug("uncovered_pixels", "padding-counted-once")
def uncovered_with_zeros_before(w_in, kernel_size, stride=1, padding=0, dilation=1):
    windows = (w_in + padding - dilation * (kernel_size - 1) - 1) // stride + 1
    left = set(range(w_in))
    for i in range(windows):
        for u in range(kernel_size):
            left.discard(i * stride + u * dilation - padding)
    return sorted(left)


@bug("same_padding", "all-on-one-side")
def padding_all_before(kernel_size, dilation=1):
    return dilation * (kernel_size - 1), 0


@bug("mean_iou", "only-classes-of-both-maps")
def iou_of_common_classes(prediction, truth, num_classes):
    common = np.intersect1d(prediction, truth)
    shares = [(prediction == k, truth == k) for k in common]
    return np.mean([np.sum(p & t) / np.sum(p | t) for p, t in shares])
