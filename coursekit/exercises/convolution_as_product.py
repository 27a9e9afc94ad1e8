"""Exercise of lecture 04: a convolution as one matrix product."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from coursekit.exercises import wrong_convolutions as wrong
from coursekit.exercises.chunks import chunks_at, padded, starts
from coursekit.exercises.convolution import LECTURE, layer_cases, small_cases
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import alternating, counted, halves
from coursekit.exercises.parts import Parts
from coursekit.exercises.properties import (
    constant_ratio,
    contrast,
    expects,
    part,
    which_parts,
)

Array = np.ndarray


def conv2d_im2col(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int = 1, padding: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Convolve by one matrix product of filters and windows.

    x: images (N, C, H, W). w: filters (F, C, kH, kW). b: biases (F,). stride, padding: whole
    numbers of pixels. Returns (out, columns). columns, (N, C·kH·kW, H'·W'), holds one window of the
    padded image in each column: windows follow one another as the output's pixels do, row by row,
    and the numbers of a window in the order of w[f].ravel(). out, (N, F, H', W'), is what
    conv2d_forward gives: w.reshape(F, -1) times columns, plus b[f], in the shape of the maps.

    >>> out, columns = conv2d_im2col(np.ones((2, 3, 32, 32)), np.ones((6, 3, 5, 5)), np.zeros(6))
    >>> out.shape, columns.shape
    ((2, 6, 28, 28), (2, 75, 784))
    """
    windows = sliding_window_view(padded(x, padding, padding), w.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]  # (N, C, H', W', kH, kW)
    columns = _unfold(windows)
    out = w.reshape(len(w), -1) @ columns + b[:, np.newaxis]
    return out.reshape(len(x), len(w), *windows.shape[2:4]), columns


def _unfold(chunks: Array) -> Array:
    """(N, C, H', W', kH, kW) to columns (N, C·kH·kW, H'·W')."""
    n, c, height, width, kh, kw = chunks.shape
    return chunks.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * kh * kw, height * width)


def _cases(rng: np.random.Generator) -> list[Case]:
    image, filters = halves(rng, 1, 1, 3, 3), halves(rng, 4, 1, 2, 2)
    as_many = Case("as many filters as places", (image, filters, halves(rng, 4)))
    cases = [*layer_cases(rng), as_many]
    return cases + _PARTS.alone(cases[5:7])


# --- known mistakes ----------------------------------------------------------------------------

Result = tuple[Array, Array]


def _fold(out: Array, chunks: Array) -> Array:
    """(N, F, H'·W') to maps (N, F, H', W')."""
    return out.reshape(*out.shape[:2], *chunks.shape[2:4])


def _times(w: Array, columns: Array, b: Array) -> Array:
    return w.reshape(len(w), -1) @ columns + b[:, np.newaxis]


def _right(chunks: Array, w: Array, b: Array) -> Result:
    columns = _unfold(chunks)
    return _fold(_times(w, columns, b), chunks), columns


def _on_windows(
    pad: Callable[[Array, int], Array] = lambda x, p: padded(x, p, p),
    places: wrong.Places = wrong.RIGHT_PLACES,
    result: Callable[[Array, Array, Array], Result] = _right,
) -> Callable[..., Result]:
    """conv2d_im2col on other windows, or with another way from windows to the result."""

    def conv2d_im2col(x: Array, w: Array, b: Array, stride: int = 1, padding: int = 0) -> Result:
        rows, columns = places(x.shape[2:], w.shape[2:], stride, padding)
        return result(chunks_at(pad(x, padding), rows, columns, w.shape[2:]), w, b)

    return conv2d_im2col


def _from_columns(columns_of: Callable[[Array], Array]) -> Callable[..., Result]:
    """Wrong columns, multiplied by the filters all the same."""

    def result(chunks: Array, w: Array, b: Array) -> Result:
        columns = columns_of(chunks)
        return _fold(_times(w, columns, b), chunks), columns

    return _on_windows(result=result)


def _right_but(columns_of: Callable[[Array], Array]) -> Callable[..., Result]:
    """The right maps beside columns in another form."""
    return _on_windows(result=lambda chunks, w, b: (_right(chunks, w, b)[0], columns_of(chunks)))


def _right_columns(maps_of: Callable[[Array, Array, Array], Array]) -> Callable[..., Result]:
    """The right columns beside other maps, made from columns, w and b: (N, F, H'·W')."""

    def result(chunks: Array, w: Array, b: Array) -> Result:
        columns = _unfold(chunks)
        return _fold(maps_of(columns, w, b), chunks), columns

    return _on_windows(result=result)


def _channels_last(chunks: Array) -> Array:
    n, c, height, width, kh, kw = chunks.shape
    return chunks.transpose(0, 4, 5, 1, 2, 3).reshape(n, kh * kw * c, height * width)


def _columns_of_places(chunks: Array) -> Array:
    return _unfold(chunks.swapaxes(2, 3))


def _kernels_turned(chunks: Array) -> Array:
    return _unfold(chunks.swapaxes(4, 5))


def _never_moved(chunks: Array) -> Array:
    n, c, height, width, kh, kw = chunks.shape
    return chunks.reshape(n, c * kh * kw, height * width)


def _one_matrix(chunks: Array) -> Array:
    columns = _unfold(chunks)
    return columns.swapaxes(0, 1).reshape(columns.shape[1], -1)


def _ones_on_top(chunks: Array) -> Array:
    columns = _unfold(chunks)
    return np.concatenate([np.ones_like(columns[:, :1]), columns], axis=1)


def _flat(chunks: Array, w: Array, b: Array) -> Result:
    columns = _unfold(chunks)
    return _times(w, columns, b), columns


def _recut(chunks: Array, w: Array, b: Array) -> Result:
    out, columns = _right(chunks, w, b)
    return np.ascontiguousarray(out.swapaxes(0, 1)).reshape(out.shape), columns


def _filters_recut(columns: Array, w: Array, b: Array) -> Array:
    return w.reshape(-1, len(w)).T @ columns + b[:, np.newaxis]


_MOVED = "Write the image as 1, 2, 3, … and look at your first column: is it the first window?"
_ORDER = "Compare one column of yours with the first window's ravel(). Is it in the same order?"
_FORM = "Print the shape of your columns: is it (N, C·kH·kW, H'·W')?"
_ZERO = "Give it an all-zero image. What should you see?"
_SIDES = "On which sides of the image do zeros stand, and how many on each?"
_STEPS = "By how much does the window move to the right, and by how much downward?"
_SQUARE = "Use an image of 7×9. How tall and how wide should the map be?"
MISTAKES = {
    "axes-never-moved": Mistake(
        _from_columns(_never_moved),
        "the windows are re-cut into columns and no axis is moved",
        _MOVED,
    ),
    "channels-last-in-a-column": Mistake(
        _from_columns(_channels_last),
        "a column holds the channels of one pixel side by side, and a filter does not",
        _ORDER,
    ),
    "channels-last-in-column-and-filter": Mistake(
        _right_but(_channels_last),
        "columns and filters both hold the channels of one pixel side by side",
        _ORDER,
    ),
    "windows-transposed": Mistake(
        _from_columns(_kernels_turned),
        "each window is laid out column by column, and each filter row by row",
        _ORDER,
    ),
    "places-column-by-column": Mistake(
        _from_columns(_columns_of_places),
        "windows follow one another down the image, and not along its rows",
        "Which window is the second one: to the right of the first, or below it?",
    ),
    "columns-transposed": Mistake(
        _right_but(lambda chunks: _unfold(chunks).swapaxes(1, 2)),
        "windows are the rows and not the columns of the matrix",
        _FORM,
    ),
    "one-matrix-for-the-batch": Mistake(
        _right_but(_one_matrix), "all images share one matrix of columns", _FORM
    ),
    "row-of-ones": Mistake(
        _right_but(_ones_on_top), "the columns have a row of ones for the bias", _FORM
    ),
    "columns-first": Mistake(
        _on_windows(result=lambda chunks, w, b: _right(chunks, w, b)[::-1]),
        "the columns are returned before the maps",
        "In which order are the two results asked for?",
    ),
    "maps-left-flat": Mistake(
        _on_windows(result=_flat),
        "the maps are left as rows of H'·W' numbers",
        "Print the shape of out. How many axes has a map?",
    ),
    "maps-re-cut": Mistake(
        _on_windows(result=_recut),
        "maps that come before images are re-cut to the right shape, and no axis is moved",
        "Give it two images. Is out[1] the result of the second one?",
    ),
    "filters-re-cut": Mistake(
        _right_columns(_filters_recut),
        "the filters are re-cut into columns of a matrix instead of rows",
        "Look at the first row of your weight matrix. Is it w[0].ravel()?",
    ),
    "kernel-rotated": Mistake(
        _right_columns(lambda columns, w, b: _times(w[:, :, ::-1, ::-1].copy(), columns, b)),
        "the kernel is rotated by 180°",
        "Feed an image with a single 1. What comes out, and in which orientation?",
    ),
    "bias-forgotten": Mistake(
        _right_columns(lambda columns, w, b: _times(w, columns, 0 * b)),
        "the bias is forgotten",
        _ZERO,
    ),
    "first-bias-everywhere": Mistake(
        _right_columns(lambda columns, w, b: _times(w, columns, 0 * b) + b[0]),
        "the first bias is used for every map",
        _ZERO,
    ),
    "bias-along-the-places": Mistake(
        _right_columns(lambda columns, w, b: w.reshape(len(w), -1) @ columns + b),
        "the biases are laid along the places",
        "Which axis of your product has one entry for each bias?",
    ),
    "mean-instead-of-sum": Mistake(
        _right_columns(lambda columns, w, b: _times(w / w[0].size, columns, b)),
        "the products are averaged, not added up",
        "Divide your maps by the right ones, with bias 0: is it a constant? Which?",
    ),
    "relu-inside": Mistake(
        _right_columns(lambda columns, w, b: np.maximum(_times(w, columns, b), 0)),
        "negative results are set to 0",
        "Can a filter respond with a negative number?",
    ),
    "padding-ignored": Mistake(
        _on_windows(lambda x, p: x, wrong.on_both(lambda n, k, s, p: starts(n, k, s))),
        "the padding is ignored",
        "Compare the shape of your result with the formula, for padding 1. What is missing?",
    ),
    "padding-all-before": Mistake(
        _on_windows(lambda x, p: padded(x, 2 * p, 0)),
        "all the zeros are put above and to the left",
        _SIDES,
    ),
    "padding-counted-once": Mistake(
        _on_windows(
            lambda x, p: padded(x, p, 0),
            wrong.on_both(lambda n, k, s, p: range(0, n + p - k + 1, s)),
        ),
        "padding is counted on one side only, above and to the left",
        _SIDES,
    ),
    "edge-values-repeated": Mistake(
        _on_windows(lambda x, p: padded(x, p, p, mode="edge")),
        "the values at the edge are repeated outside the image",
        "What values do you expect outside the image?",
    ),
    "stride-ignored": Mistake(
        _on_windows(places=wrong.on_both(wrong.every_pixel)), "the stride is ignored", _STEPS
    ),
    "stride-for-rows-only": Mistake(
        _on_windows(places=wrong.on_each(starts, wrong.unstrided)),
        "windows move by the stride downward, and by one pixel to the right",
        _STEPS,
    ),
    "windows-start-at-i-j": Mistake(
        _on_windows(places=wrong.on_both(wrong.unstrided)),
        "the size is right for the stride, but windows start at every pixel",
        "Where is the window of output (1, 1) with stride 2?",
    ),
    "size-rounded-up": Mistake(
        _on_windows(lambda x, p: padded(x, p, p + 3), wrong.on_both(wrong.rounded_up)),
        "the size is rounded up, and zeros stand where the last window hangs over",
        "Try 8 wide, kernel 3, stride 2: would one more window hang over the edge?",
    ),
    "plus-one-forgotten": Mistake(
        _on_windows(places=wrong.on_both(wrong.all_but_the_last)),
        "the last row and the last column of windows are missing",
        "A kernel 1 pixel wide on 5 pixels: on how many places can it stand?",
    ),
    "square-as-the-height": Mistake(
        _on_windows(places=wrong.as_many_columns_as_rows),
        "the map is as wide as it is tall",
        _SQUARE,
    ),
    "square-as-the-width": Mistake(
        _on_windows(places=wrong.as_many_rows_as_columns),
        "the map is as tall as it is wide",
        _SQUARE,
    ),
}

# --- what can be seen of a bug that nobody listed ----------------------------------------------

_X, _W = counted(2, 2, 5, 6), alternating(2, 2, 3, 2)
_B = np.array([7.0, -9.0])
_case = partial(Case, "")
_PARTS = Parts("out", "columns")
CONV2D_IM2COL = Exercise(
    name="conv2d_im2col",
    lecture=LECTURE,
    points=4,
    reference=conv2d_im2col,
    cases=_cases,
    agrees=_PARTS.agrees,
    alike=_PARTS.agrees,
    draw=_PARTS.draw,
    mistakes=MISTAKES,
    properties=(
        expects(
            "one-window",
            _case((counted(1, 2, 1, 2), alternating(1, 2, 1, 2), np.zeros(1))),
            "A kernel as large as the image has one window, the image in the order of w[0].ravel()",
            part(1),
        ),
        expects(
            "order-of-places",
            _case((counted(1, 1, 2, 3), np.ones((1, 1, 1, 1)), np.zeros(1))),
            "A 1×1 kernel on [[1, 2, 3], [4, 5, 6]] visits its pixels row by row",
            part(1),
        ),
        expects(
            "two-windows",
            _case((counted(1, 1, 1, 3), alternating(1, 1, 1, 2), np.zeros(1))),
            "On [1, 2, 3] a kernel 2 wide has the windows [1, 2] and [2, 3], one in each column",
            part(1),
        ),
        expects(
            "zero-image",
            _case((np.zeros((1, 2, 3, 2)), _W, _B)),
            "In an all-zero image nothing is weighted, so each map holds its bias",
            part(0),
        ),
        which_parts(_case((_X, _W, _B)), ("out", "columns")),
        constant_ratio(
            (_case((_X[:1], _W, 0 * _B)), _case((_X[:1], _W[:, :, :2], 0 * _B))), part(0), "out"
        ),
        contrast(
            "channels",
            _case((_X[:1, :1], _W[:, :1], _B)),
            _case((_X[:1], _W, _B)),
            "With one channel your results are right, with two they are not.",
            right_for=lambda x, **_: x.shape[1] == 1,
        ),
        contrast(
            "batch",
            _case((_X[:1], _W, _B)),
            _case((_X, _W, _B)),
            "For one image your results are right, for two they are not.",
            right_for=lambda x, **_: len(x) == 1,
        ),
        contrast(
            "padding",
            _case((_X, _W, _B)),
            _case((_X, _W, _B), {"padding": 1}),
            "Without padding your results are right, with padding 1 they are not.",
            right_for=lambda padding, **_: padding == 0,
        ),
        contrast(
            "stride",
            _case((_X, _W, _B)),
            _case((_X, _W, _B), {"stride": 2}),
            "With stride 1 your results are right, with stride 2 they are not.",
            right_for=lambda stride, **_: stride == 1,
        ),
        contrast(
            "padding-with-stride",
            _case((_X, _W, _B), {"stride": 2}),
            _case((_X, _W, _B), {"stride": 2, "padding": 1}),
            "With stride 2 your results are right without padding, and wrong with padding 1.",
            right_for=lambda stride, padding, **_: stride == 2 and padding == 0,
        ),
    ),
    shows={
        "batch": ("first-bias-everywhere",),
        "not square": ("first-bias-everywhere",),
        "several channels": ("first-bias-everywhere",),
    },
    smallest=small_cases,
)
