"""Known mistakes of a convolution: windows in the wrong places, or on the wrong padding."""

from collections.abc import Callable

import numpy as np

from coursekit.exercises.chunks import Starts, cut_chunk, padded, starts
from coursekit.exercises.exercise import Mistake
from coursekit.exercises.wrong_convolutions import (
    Array,
    Places,
    all_but_the_last,
    as_many_columns_as_rows,
    as_many_rows_as_columns,
    convolution,
    every_pixel,
    kernel_apart,
    on_both,
    on_each,
    rounded_up,
    unstrided,
)


def _padding_once(n: int, k: int, s: int, p: int) -> Starts:
    return range(0, n + p - k + 1, s)


def _padding_never(n: int, k: int, s: int, p: int) -> Starts:
    return starts(n, k, s)


def _refusing(n: int, k: int, s: int, p: int) -> Starts:
    if (n + 2 * p - k) % s:
        raise ValueError("the last window hangs over the edge")
    return starts(n, k, s, p)


_RIGHT = convolution()


def _by_slices(places: Places) -> Callable[..., Array]:
    """A convolution in loops, at places of which some may hang over the edge.

    A slice that is cut to one row or column there multiplies a whole filter without complaint;
    any other cut ends in an error.
    """

    def conv2d_forward(x: Array, w: Array, b: Array, stride: int = 1, padding: int = 0) -> Array:
        canvas = padded(x, padding, padding)
        rows, columns = places(x.shape[2:], w.shape[2:], stride, padding)
        out = np.zeros((len(x), len(w), len(rows), len(columns)))
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                chunk = cut_chunk(canvas, row, column, w.shape[2:])
                out[:, :, i, j] = (chunk[:, np.newaxis] * w).sum(axis=(2, 3, 4)) + b
        return out

    return conv2d_forward


def _rounded_up_and_empty(bias_there: bool) -> Callable[..., Array]:
    """One more row and column where the stride leaves pixels over, which nothing is written to."""

    def conv2d_forward(x: Array, w: Array, b: Array, stride: int = 1, padding: int = 0) -> Array:
        sizes = zip(x.shape[2:], w.shape[2:], strict=True)
        height, width = (len(rounded_up(n, k, stride, padding)) for n, k in sizes)
        out = np.zeros((len(x), len(w), height, width))
        inside = _RIGHT(x, w, 0 * b, stride, padding)
        out[:, :, : inside.shape[2], : inside.shape[3]] = inside
        if not bias_there:
            b = b[:, np.newaxis, np.newaxis] * np.ones(inside.shape[1:])
            b = padded(b[np.newaxis], 0, 1)[:, :, :height, :width]
            return out + b
        return out + b[:, np.newaxis, np.newaxis]

    return conv2d_forward


def _border_left_at_zero(bias_there: bool) -> Callable[..., Array]:
    """The last row and column of the output never written to."""

    def conv2d_forward(x: Array, w: Array, b: Array, stride: int = 1, padding: int = 0) -> Array:
        out = _RIGHT(x, w, b, stride, padding)
        rest = b[:, np.newaxis] if bias_there else 0
        out[:, :, -1], out[:, :, :, -1] = rest, rest
        return out

    return conv2d_forward


def _every_axis_padded(x: Array, w: Array, b: Array, stride: int = 1, padding: int = 0) -> Array:
    """np.pad(x, p), and loops over as many images and channels as x has."""
    shifted = np.pad(x, padding)[: len(x), : x.shape[1]]
    return _RIGHT(shifted, w, b, stride, 0)


def _every_axis_padded_in_whole_chunks(
    x: Array, w: Array, b: Array, stride: int = 1, padding: int = 0
) -> Array:
    """np.pad(x, p), and chunks of all the channels that there are now."""
    if padding and x.shape[1] > 1:
        raise ValueError("chunk and filter differ in depth")
    deep = np.pad(x, padding)[: len(x)]
    return _RIGHT(deep.sum(axis=1, keepdims=True) if padding else deep, w, b, stride, 0)


def _rows_only(x: Array, padding: int) -> Array:
    return padded(x, padding, padding)[..., padding : padding + x.shape[3]]


def _columns_only(x: Array, padding: int) -> Array:
    return padded(x, padding, padding)[:, :, padding : padding + x.shape[2]]


_SIDES = "On which sides of the image do zeros stand, and how many on each?"
_OUTSIDE = "The inside is right. What values do you expect outside the image?"
_SPACE = "Which of the four axes are space? What should padding do to the others?"
_LEFT_OVER = "Try 8 wide, kernel 3, stride 2: would one more window hang over the edge?"
_SQUARE = "Use an image of 7×9. How tall and how wide should the map be?"
_BOTH_STEPS = "By how much does the window move to the right, and by how much downward?"
_BORDER = "Look at the last row and the last column of your result. Who writes there?"

WINDOW_MISTAKES = {
    "padding-all-before": Mistake(
        convolution(pad=lambda x, p: padded(x, 2 * p, 0)),
        "all the zeros are put above and to the left",
        "Where does the first window stand?",
    ),
    "padding-all-after": Mistake(
        convolution(pad=lambda x, p: padded(x, 0, 2 * p)),
        "all the zeros are put below and to the right",
        "Where does the first window stand?",
    ),
    "padding-counted-once": Mistake(
        convolution(pad=lambda x, p: padded(x, p, 0), places=on_both(_padding_once)),
        "padding is counted on one side only, above and to the left",
        _SIDES,
    ),
    "padding-after-only": Mistake(
        convolution(pad=lambda x, p: padded(x, 0, p), places=on_both(_padding_once)),
        "zeros are put below and to the right only",
        _SIDES,
    ),
    "padding-ignored": Mistake(
        convolution(pad=lambda x, p: x, places=on_both(_padding_never)),
        "the padding is ignored",
        "Compare the shape of your result with the formula, for padding 1. What is missing?",
    ),
    "padding-ignored-in-the-size": Mistake(
        convolution(places=on_both(_padding_never)),
        "the image is padded, and the output's size computed without padding",
        "Compare the shape of your result with the formula, for padding 1. What is missing?",
    ),
    "rows-padded-only": Mistake(
        convolution(pad=_rows_only, places=on_each(starts, _padding_never)),
        "zeros are put above and below only",
        _SIDES,
    ),
    "columns-padded-only": Mistake(
        convolution(pad=_columns_only, places=on_each(_padding_never, starts)),
        "zeros are put to the left and right only",
        _SIDES,
    ),
    "every-axis-padded": Mistake(
        _every_axis_padded,
        "images and channels are padded as well as rows and columns",
        _SPACE,
    ),
    "every-axis-padded-in-whole-chunks": Mistake(
        _every_axis_padded_in_whole_chunks,
        "images and channels are padded too, so that chunks are deeper than filters",
        _SPACE,
    ),
    "edge-values-repeated": Mistake(
        convolution(pad=lambda x, p: padded(x, p, p, mode="edge")),
        "the values at the edge are repeated outside the image",
        _OUTSIDE,
    ),
    "image-mirrored-outside": Mistake(
        convolution(pad=lambda x, p: padded(x, p, p, mode="reflect")),
        "the image is mirrored outside its edges",
        _OUTSIDE,
    ),
    "image-repeated-outside": Mistake(
        convolution(pad=lambda x, p: padded(x, p, p, mode="wrap")),
        "the image starts over outside its edges",
        _OUTSIDE,
    ),
    "size-rounded-up": Mistake(
        convolution(pad=lambda x, p: padded(x, p, p + 3), places=on_both(rounded_up)),
        "the size is rounded up, and zeros stand where the last window hangs over",
        _LEFT_OVER,
    ),
    "size-rounded-up-and-cut": Mistake(
        _by_slices(on_both(rounded_up)),
        "the size is rounded up, and the last window is cut off where it hangs over",
        _LEFT_OVER,
    ),
    "size-rounded-up-and-zero": Mistake(
        _rounded_up_and_empty(bias_there=False),
        "the size is rounded up, and the last row and column stay 0",
        _LEFT_OVER,
    ),
    "size-rounded-up-and-bias": Mistake(
        _rounded_up_and_empty(bias_there=True),
        "the size is rounded up, and the last row and column hold the bias alone",
        _LEFT_OVER,
    ),
    "left-over-pixels-refused": Mistake(
        convolution(places=on_both(_refusing)),
        "an image in which the stride leaves pixels over ends in an error",
        "The formula for the size has floor brackets: what becomes of the pixels left over?",
    ),
    "plus-one-forgotten": Mistake(
        convolution(places=on_both(all_but_the_last)),
        "the last row and the last column of windows are missing",
        "A kernel 1 pixel wide on 5 pixels: on how many places can it stand?",
    ),
    "square-as-the-height": Mistake(
        _by_slices(as_many_columns_as_rows), "the map is as wide as it is tall", _SQUARE
    ),
    "square-as-the-height-by-index": Mistake(
        convolution(places=as_many_columns_as_rows),
        "the map is as wide as it is tall, which is an error where it does not fit",
        _SQUARE,
    ),
    "square-as-the-width": Mistake(
        _by_slices(as_many_rows_as_columns), "the map is as tall as it is wide", _SQUARE
    ),
    "square-as-the-width-by-index": Mistake(
        convolution(places=as_many_rows_as_columns),
        "the map is as tall as it is wide, which is an error where it does not fit",
        _SQUARE,
    ),
    "stride-for-rows-only": Mistake(
        convolution(places=on_each(starts, unstrided)),
        "windows move by the stride downward, and by one pixel to the right",
        _BOTH_STEPS,
    ),
    "stride-for-columns-only": Mistake(
        convolution(places=on_each(unstrided, starts)),
        "windows move by the stride to the right, and by one pixel downward",
        _BOTH_STEPS,
    ),
    "stride-for-rows-only-everywhere": Mistake(
        convolution(places=on_each(starts, every_pixel)),
        "the stride is used for rows only, in the size as well",
        _BOTH_STEPS,
    ),
    "stride-for-columns-only-everywhere": Mistake(
        convolution(places=on_each(every_pixel, starts)),
        "the stride is used for columns only, in the size as well",
        _BOTH_STEPS,
    ),
    "stride-ignored": Mistake(
        convolution(places=on_both(every_pixel)), "the stride is ignored", _BOTH_STEPS
    ),
    "windows-start-at-i-j": Mistake(
        convolution(places=on_both(unstrided)),
        "the size is right for the stride, but windows start at every pixel",
        "Where is the window of output (1, 1) with stride 2?",
    ),
    "windows-a-kernel-apart": Mistake(
        _by_slices(on_both(kernel_apart)),
        "windows stand a kernel apart instead of a stride",
        "With stride 1, do neighboring windows share pixels?",
    ),
    "windows-a-kernel-apart-by-index": Mistake(
        convolution(places=on_both(kernel_apart)),
        "windows stand a kernel apart, which is an error where they do not fit",
        "With stride 1, do neighboring windows share pixels?",
    ),
    "last-row-and-column-zero": Mistake(
        _border_left_at_zero(bias_there=False),
        "the last row and the last column stay 0",
        _BORDER,
    ),
    "last-row-and-column-bias": Mistake(
        _border_left_at_zero(bias_there=True),
        "the last row and the last column hold the bias alone",
        _BORDER,
    ),
}
