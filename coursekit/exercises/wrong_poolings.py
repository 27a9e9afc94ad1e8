"""What usually goes wrong in max pooling's forward pass."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit import layers
from coursekit.exercises import wrong_convolutions as wrong
from coursekit.exercises.chunks import Starts, starts
from coursekit.exercises.exercise import Mistake
from coursekit.exercises.pooling_windows import places_of

Array = np.ndarray
Pooled = tuple[Any, Any]


def _argmax(window: Array) -> Array:
    return window.reshape(*window.shape[:2], -1).argmax(axis=2)


def _pooled(
    value: Callable[[Array], Array] = lambda window: window.max(axis=(2, 3)),
    where: Callable[[Array], Array] = _argmax,
    places: wrong.Places = wrong.RIGHT_PLACES,
    larger: int = 0,
) -> Callable[..., Pooled]:
    """Max pooling with another value, another position in the window, or other windows.

    As with slices in a loop, a window that hangs over the edge is cut there.
    """

    def max_pool2d_forward(x: Array, kernel_size: int, stride: int | None = None) -> Pooled:
        rows, columns = places_of(x.shape, kernel_size, stride, places)
        out = np.zeros((*x.shape[:2], len(rows), len(columns)))
        index = np.zeros(out.shape, int)
        size = kernel_size + larger
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                window = x[:, :, row : row + size, column : column + size]
                out[:, :, i, j] = value(window)
                u, v = np.divmod(where(window), window.shape[3])
                index[:, :, i, j] = (row + u) * x.shape[3] + column + v
        return out, index

    return max_pool2d_forward


def _indexed(change: Callable[..., Array]) -> Callable[..., Pooled]:
    """The right values; index changed, given row, column, top, left and shape of x."""

    def wrong_index(x: Array, kernel_size: int, stride: int | None = None) -> Pooled:
        out, index = layers.max_pool2d_forward(x, kernel_size, stride)
        rows, columns = places_of(x.shape, kernel_size, stride)
        top, left = np.array(rows)[:, np.newaxis], np.array(columns)
        row, column = np.divmod(index, x.shape[3])
        return out, change(row, column, top + 0 * left, left + 0 * top, x.shape) + 0 * index

    return wrong_index


def _in_window(x: Array, kernel_size: int, stride: int | None = None) -> Pooled:
    out, index = layers.max_pool2d_forward(x, kernel_size, stride)
    rows, columns = places_of(x.shape, kernel_size, stride)
    row, column = np.divmod(index, x.shape[3])
    return out, (row - np.array(rows)[:, np.newaxis]) * kernel_size + column - np.array(columns)


def _largest_magnitude(window: Array) -> Array:
    flat = window.reshape(*window.shape[:2], -1)
    at = np.abs(flat).argmax(axis=2)[:, :, np.newaxis]
    return np.take_along_axis(flat, at, axis=2)[:, :, 0]


def _decided_by_the_first_map(window: Array) -> Array:
    flat = window.reshape(*window.shape[:2], -1)
    at = np.broadcast_to(flat[:, :1].argmax(axis=2)[:, :, np.newaxis], (*flat.shape[:2], 1))
    return np.take_along_axis(flat, at, axis=2)[:, :, 0]


def _as_many_as_strides(n: int, k: int, s: int, p: int) -> Starts:
    return [i * s for i in range(n // s)]


def _border_left_at_zero(x: Array, kernel_size: int, stride: int | None = None) -> Pooled:
    out, index = layers.max_pool2d_forward(x, kernel_size, stride)
    out[:, :, -1], out[:, :, :, -1] = 0, 0
    return out, index


def _first_image_only(x: Array, kernel_size: int, stride: int | None = None) -> Pooled:
    out, index = layers.max_pool2d_forward(x, kernel_size, stride)
    out[1:], index[1:] = 0, 0
    return out, index


def _whole_array(row: Array, column: Array, top: Array, left: Array, shape: tuple) -> Array:
    n, c, h, w = shape
    return np.arange(n * c).reshape(n, c, 1, 1) * h * w + row * w + column


def _whole_image(row: Array, column: Array, top: Array, left: Array, shape: tuple) -> Array:
    _, c, h, w = shape
    return np.arange(c).reshape(c, 1, 1) * h * w + row * w + column


_LARGEST = "Take one window and its numbers. Is yours the largest of them?"
_FALLING = "Test with an image that falls to the right and downward. Is yours the largest?"
_CONSTANT = "Should pooling a constant image change its value?"
_MAPS = "Pooling works on each map by itself. Do your maps depend on one another?"
_STRIDE = "Try kernel_size 3 and stride 2: where do the first two windows start?"
_SIZE = "7 pixels, kernel_size 2, stride 2: do 3 windows fit, or 4?"
_SQUARE = "Use maps of 7×9. How tall and how wide should the result be?"
_PLACE = "Look up x[n, c].ravel()[index[n, c, i, j]]. Is it out[n, c, i, j]?"
_BATCH = "Give it two different images. Is out[1] the second one's?"
FORWARD_MISTAKES = {
    "last-of-the-window": Mistake(
        _pooled(lambda window: window[:, :, -1, -1]),
        "the lower right number of each window is taken",
        _FALLING,
    ),
    "first-of-the-window": Mistake(
        _pooled(lambda window: window[:, :, 0, 0]),
        "the upper left number of each window is taken",
        _LARGEST,
    ),
    "mean": Mistake(
        _pooled(lambda window: window.mean(axis=(2, 3))), "the windows are averaged", _LARGEST
    ),
    "minimum": Mistake(
        _pooled(lambda window: window.min(axis=(2, 3))), "the smallest number is taken", _LARGEST
    ),
    "sum": Mistake(
        _pooled(lambda window: window.sum(axis=(2, 3))), "the windows are added up", _CONSTANT
    ),
    "largest-magnitude": Mistake(
        _pooled(_largest_magnitude),
        "the number farthest from 0 is taken",
        "Which of -5 and 2 is larger?",
    ),
    "starts-at-zero": Mistake(
        _pooled(lambda window: np.maximum(window.max(axis=(2, 3)), 0)),
        "the search for the largest number starts at 0",
        "What is the largest number of a window in which all are negative?",
    ),
    "over-all-maps": Mistake(
        _pooled(lambda window: window.max(axis=(1, 2, 3))[:, np.newaxis]),
        "the maximum is taken over all maps",
        _MAPS,
    ),
    "decided-by-the-first-map": Mistake(
        _pooled(_decided_by_the_first_map),
        "the first map decides for all maps which pixel is taken",
        _MAPS,
    ),
    "stride-ignored": Mistake(
        lambda x, kernel_size, stride=None: layers.max_pool2d_forward(x, kernel_size),
        "windows stand side by side, whatever the stride",
        _STRIDE,
    ),
    "stride-one-by-default": Mistake(
        lambda x, kernel_size, stride=1: layers.max_pool2d_forward(x, kernel_size, stride),
        "windows move by one pixel where no stride is given",
        "Without a stride, where does the second window start?",
    ),
    "stride-always-one": Mistake(
        _pooled(places=wrong.on_both(wrong.every_pixel)),
        "windows move by one pixel, whatever the stride",
        _STRIDE,
    ),
    "stride-for-rows-only": Mistake(
        _pooled(places=wrong.on_each(starts, wrong.unstrided)),
        "windows move by the stride downward, and by one pixel to the right",
        _STRIDE,
    ),
    "windows-start-at-i-j": Mistake(
        _pooled(places=wrong.on_both(wrong.unstrided)),
        "the size is right for the stride, but windows start at every pixel",
        "Where is the window of out[0, 0, 1, 1]?",
    ),
    "windows-a-kernel-apart": Mistake(
        _pooled(places=wrong.on_both(wrong.kernel_apart)),
        "as many windows as is right stand a kernel apart instead of a stride",
        _STRIDE,
    ),
    "size-rounded-up": Mistake(
        _pooled(places=wrong.on_both(wrong.rounded_up)),
        "a last window that hangs over the edge is kept",
        _SIZE,
    ),
    "size-over-stride": Mistake(
        _pooled(places=wrong.on_both(_as_many_as_strides)),
        "the size is divided by the stride, whatever the kernel",
        "Try kernel_size 3 and stride 2 on 7 pixels: how many windows fit?",
    ),
    "plus-one-forgotten": Mistake(
        _pooled(places=wrong.on_both(wrong.all_but_the_last)),
        "the last row and the last column of windows are missing",
        "A window 1 pixel wide on 5 pixels with stride 1: on how many places can it stand?",
    ),
    "last-row-and-column-zero": Mistake(
        _border_left_at_zero,
        "the last row and the last column stay 0",
        "Look at the last row and the last column of your result. Who writes there?",
    ),
    "square-as-the-height": Mistake(
        _pooled(places=wrong.as_many_columns_as_rows),
        "the result is as wide as it is tall",
        _SQUARE,
    ),
    "square-as-the-width": Mistake(
        _pooled(places=wrong.as_many_rows_as_columns),
        "the result is as tall as it is wide",
        _SQUARE,
    ),
    "window-one-too-large": Mistake(
        _pooled(larger=1),
        "windows are one row and one column too large",
        "How many numbers are in a[2:4]?",
    ),
    "only-the-first-image": Mistake(_first_image_only, "only the first image is pooled", _BATCH),
    "index-in-the-window": Mistake(
        _in_window, "the position is counted within the window, not within the map", _PLACE
    ),
    "index-by-the-height": Mistake(
        _indexed(lambda row, column, top, left, shape: row * shape[2] + column),
        "the row is multiplied by the height of the map",
        "In a map of 2×5, which position has the first pixel of the second row?",
    ),
    "index-column-by-column": Mistake(
        _indexed(lambda row, column, top, left, shape: column * shape[2] + row),
        "positions are counted column by column",
        "In a map of 2×5, which position has the first pixel of the second row?",
    ),
    "index-column-times-width": Mistake(
        _indexed(lambda row, column, top, left, shape: column * shape[3] + row),
        "row and column of the position are exchanged",
        "In a map of 2×5, which position has the first pixel of the second row?",
    ),
    "index-in-the-whole-array": Mistake(
        _indexed(_whole_array), "positions are counted through all images and maps", _PLACE
    ),
    "index-in-the-image": Mistake(
        _indexed(_whole_image), "positions are counted through all maps of an image", _PLACE
    ),
    "index-of-the-window": Mistake(
        _indexed(lambda row, column, top, left, shape: top * shape[3] + left),
        "the position is that of the window's first pixel",
        _PLACE,
    ),
    "index-from-one": Mistake(
        _indexed(lambda row, column, top, left, shape: row * shape[3] + column + 1),
        "positions are counted from 1",
        _PLACE,
    ),
    "index-of-the-smallest": Mistake(
        _pooled(where=lambda window: _argmax(-window)),
        "the position is that of the smallest number",
        _PLACE,
    ),
    "index-first": Mistake(
        lambda x, kernel_size, stride=None: layers.max_pool2d_forward(x, kernel_size, stride)[::-1],
        "index is returned before out",
        "In which order are the two results asked for?",
    ),
}
