"""A convolution of which one step is wrong, to build known mistakes from."""

from collections.abc import Callable
from math import ceil
from typing import Any

import numpy as np

from coursekit.exercises.chunks import Starts, chunks_at, padded, starts

Array = np.ndarray
Axis = Callable[[int, int, int, int], Starts]  # (size, kernel_size, stride, padding)
Places = Callable[[tuple[int, ...], tuple[int, ...], int, int], tuple[Starts, Starts]]
Weigh = Callable[[Array, Array], Array]


def weighted(chunks: Array, w: Array) -> Array:
    """Every chunk weighted by every filter.

    chunks: (N, C, H', W', kH, kW). Returns (N, F, H', W').
    """
    return np.einsum("nchwuv,fcuv->nfhw", chunks, w)


def on_both(axis: Axis) -> Places:
    """The same rule for rows and for columns."""
    return on_each(axis, axis)


def on_each(rows: Axis, columns: Axis) -> Places:
    """A rule for rows and another one for columns."""
    return lambda image, kernel, s, p: (
        rows(image[0], kernel[0], s, p),
        columns(image[1], kernel[1], s, p),
    )


def _zeros_around(x: Array, padding: int) -> Array:
    return padded(x, padding, padding)


def one_each(b: Array, w: Array) -> Array:
    """One bias for each map, as is right: (F, 1, 1)."""
    return b[:, np.newaxis, np.newaxis]


RIGHT_PLACES = on_both(starts)


def convolution(
    pad: Callable[[Array, int], Array] = _zeros_around,
    places: Places = RIGHT_PLACES,
    weigh: Weigh = weighted,
    bias: Callable[[Array, Array], Any] = one_each,
    finish: Callable[[Array], Array] = np.asarray,
) -> Callable[..., Array]:
    """A convolution of which one step or another is wrong."""

    def conv2d_forward(x: Array, w: Array, b: Array, stride: int = 1, padding: int = 0) -> Array:
        rows, columns = places(x.shape[2:], w.shape[2:], stride, padding)
        chunks = chunks_at(pad(x, padding), rows, columns, w.shape[2:])
        return finish(weigh(chunks, w) + bias(b, w))

    return conv2d_forward


def with_weights(change: Callable[[Array], Array]) -> Callable[..., Array]:
    """A convolution with other weights than those given."""
    return convolution(weigh=lambda chunks, w: weighted(chunks, change(w)))


# --- windows -----------------------------------------------------------------------------------


def unstrided(n: int, k: int, s: int, p: int) -> Starts:
    """As many windows as is right, side by side one pixel apart."""
    return range(len(starts(n, k, s, p)))


def every_pixel(n: int, k: int, s: int, p: int) -> Starts:
    """Windows of stride 1, whatever the stride."""
    return starts(n, k, 1, p)


def kernel_apart(n: int, k: int, s: int, p: int) -> Starts:
    """As many windows as is right, a kernel apart."""
    return [i * k for i in unstrided(n, k, s, p)]


def all_but_the_last(n: int, k: int, s: int, p: int) -> Starts:
    """One window too few."""
    return starts(n, k, s, p)[:-1]


def rounded_up(n: int, k: int, s: int, p: int) -> Starts:
    """With a last window that may hang over the edge."""
    return [i * s for i in range(ceil((n + 2 * p - k) / s) + 1)]


def as_many_columns_as_rows(
    image: tuple[int, ...], kernel: tuple[int, ...], s: int, p: int
) -> tuple[Starts, Starts]:
    """The output taken to be square, as tall as it is."""
    rows = starts(image[0], kernel[0], s, p)
    return rows, rows


def as_many_rows_as_columns(
    image: tuple[int, ...], kernel: tuple[int, ...], s: int, p: int
) -> tuple[Starts, Starts]:
    """The output taken to be square, as wide as it is."""
    columns = starts(image[1], kernel[1], s, p)
    return columns, columns
