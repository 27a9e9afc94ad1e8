"""What usually goes wrong in max pooling's backward pass."""

from collections.abc import Callable

import numpy as np

from coursekit import layers
from coursekit.exercises import wrong_convolutions as wrong
from coursekit.exercises.chunks import starts
from coursekit.exercises.exercise import Mistake
from coursekit.exercises.inputs import counted
from coursekit.exercises.pooling_windows import places_of

Array = np.ndarray
Hand = Callable[[Array, Array], Array]  # (window, its gradient (N, C, 1, 1)) -> what pixels receive


def _routed(
    hand: Hand, places: wrong.Places = wrong.RIGHT_PLACES, overwrite: str = ""
) -> Callable[..., Array]:
    """Each window hands out its gradient in another way, at other places, or overwriting.

    overwrite: "" adds up; "window" replaces all that its pixels had; "winner" only where there is
    something to hand out.
    """

    def max_pool2d_backward(
        dout: Array, x: Array, kernel_size: int, stride: int | None = None
    ) -> Array:
        dx = np.zeros(x.shape)
        rows, columns = places_of(x.shape, kernel_size, stride, places)
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                here = np.s_[:, :, row : row + kernel_size, column : column + kernel_size]
                share = hand(x[here], dout[:, :, i : i + 1, j : j + 1])
                keep = {"": True, "window": False, "winner": share == 0}[overwrite]
                dx[here] = dx[here] * keep + share
        return dx

    return max_pool2d_backward


def _to_first(window: Array, d: Array) -> Array:
    """The whole gradient to the first maximum."""
    flat = window.reshape(*window.shape[:2], -1)
    mask = np.arange(flat.shape[2]) == flat.argmax(axis=2)[:, :, np.newaxis]
    return mask.reshape(window.shape) * d


def _to_all(window: Array, d: Array) -> Array:
    return (window == window.max(axis=(2, 3), keepdims=True)) * d


def _as_the_first_map(window: Array, d: Array) -> Array:
    return _to_first(np.broadcast_to(window[:, :1], window.shape), d)


def _of_the_largest_map(window: Array, d: Array) -> Array:
    return (window == window.max(axis=(1, 2, 3), keepdims=True)) * d


def _moved(move: Callable[..., tuple[Array, Array]]) -> Callable[..., Array]:
    """The gradient put elsewhere in its map: move(index, height, width) -> row, column."""

    def max_pool2d_backward(
        dout: Array, x: Array, kernel_size: int, stride: int | None = None
    ) -> Array:
        index = layers.max_pool2d_forward(x, kernel_size, stride)[1]
        dx = np.zeros(x.shape)
        for n, c, i, j in np.ndindex(dout.shape):
            row, column = move(index[n, c, i, j], *x.shape[2:])
            dx[n, c, row, column] += dout[n, c, i, j]
        return dx

    return max_pool2d_backward


def _only_first_image(dout: Array, x: Array, kernel_size: int, stride: int | None = None) -> Array:
    dx = layers.max_pool2d_backward(dout, x, kernel_size, stride)
    dx[1:] = 0
    return dx


_INDEX = "Forward stores the index of the maximum. How many indices does it store for a window?"
_TWICE = "Use kernel_size 3, stride 2 and a bright pixel in the overlap: who sends it a gradient?"
_WIGGLE = "Which number of a window would change its output if you wiggled it?"
_START = "Where did the forward windows start? Try stride 2 with kernel_size 3."
_SIZE = "If the maximum grows by 0.1, by how much does the output grow?"
_CHAIN = "Give it a dout of zeros. What should come out?"
_OWN = "Each map has its own winners. Do yours depend on another map?"
_PLACE = "In a map of 2×5, in which row and column is the pixel with index 7?"
ROUTING_MISTAKES = {
    "to-all-maxima": Mistake(
        _routed(_to_all), "every maximum of a window receives its whole gradient", _INDEX
    ),
    "to-all-maxima-overwriting": Mistake(
        _routed(_to_all, overwrite="window"),
        "every maximum receives the whole gradient, and windows overwrite one another",
        _INDEX,
    ),
    "to-all-maxima-and-overwritten": Mistake(
        _routed(_to_all, overwrite="winner"),
        "every maximum receives the whole gradient, and one that wins twice keeps the last only",
        _INDEX,
    ),
    "overwritten": Mistake(
        _routed(_to_first, overwrite="winner"),
        "a pixel that wins twice keeps the last gradient only",
        _TWICE,
    ),
    "windows-overwritten": Mistake(
        _routed(_to_first, overwrite="window"),
        "each window overwrites what its pixels had received before",
        _TWICE,
    ),
    "spread-as-average-pooling": Mistake(
        _routed(lambda window, d: np.ones_like(window) * d / window[0, 0].size),
        "every pixel of a window receives an equal part",
        _WIGGLE,
    ),
    "whole-gradient-to-every-pixel": Mistake(
        _routed(lambda window, d: np.ones_like(window) * d),
        "every pixel of a window receives its whole gradient",
        _WIGGLE,
    ),
    "to-the-smallest": Mistake(
        _routed(lambda window, d: _to_first(-window, d)),
        "the smallest number of a window receives its gradient",
        "Print the index you stored. Is the number there the largest of its window?",
    ),
    "to-the-first-of-the-window": Mistake(
        _routed(lambda window, d: _to_first(-counted(*window.shape), d)),
        "the upper left pixel of each window receives its gradient",
        _WIGGLE,
    ),
    "divided-by-the-window": Mistake(
        _routed(lambda window, d: _to_first(window, d) / window[0, 0].size),
        "the maximum receives the gradient divided by the size of the window",
        _SIZE,
    ),
    "multiplied-by-the-maximum": Mistake(
        _routed(lambda window, d: _to_first(window, d) * window),
        "the gradient is multiplied by the maximum",
        _SIZE,
    ),
    "upstream-ignored": Mistake(
        _routed(lambda window, d: _to_first(window, np.ones_like(d))),
        "each maximum receives 1, whatever dout",
        _CHAIN,
    ),
    "upstream-ignored-and-overwritten": Mistake(
        _routed(lambda window, d: _to_first(window, np.ones_like(d)), overwrite="winner"),
        "maxima are marked with 1, whatever dout",
        _CHAIN,
    ),
    "negative-windows-get-nothing": Mistake(
        _routed(lambda window, d: _to_first(window, d) * (window >= 0)),
        "windows in which all numbers are negative hand nothing back",
        "What is the largest number of a window in which all are negative?",
    ),
    "decided-by-the-first-map": Mistake(
        _routed(_as_the_first_map), "the first map decides for all maps who wins", _OWN
    ),
    "only-the-largest-map": Mistake(
        _routed(_of_the_largest_map),
        "only the map with the largest number of all receives a gradient",
        _OWN,
    ),
    "windows-start-at-i-j": Mistake(
        _routed(_to_first, wrong.on_both(wrong.unstrided)),
        "windows start at every pixel, whatever the stride",
        _START,
    ),
    "windows-a-kernel-apart": Mistake(
        _routed(_to_first, wrong.on_both(wrong.kernel_apart)),
        "windows stand a kernel apart, whatever the stride",
        _START,
    ),
    "stride-for-rows-only": Mistake(
        _routed(_to_first, wrong.on_each(starts, wrong.unstrided)),
        "windows move by the stride downward, and by one pixel to the right",
        _START,
    ),
    "last-row-and-column-forgotten": Mistake(
        _routed(_to_first, wrong.on_both(wrong.all_but_the_last)),
        "the last row and the last column of windows hand nothing back",
        "How many windows has the forward pass? Does your loop visit each?",
    ),
    "index-by-the-height": Mistake(
        _moved(lambda index, height, width: divmod(index, height)),
        "the index is divided by the height of the map to find its row",
        _PLACE,
    ),
    "row-and-column-exchanged": Mistake(
        _moved(lambda index, height, width: divmod(index, width)[::-1]),
        "row and column of the index are exchanged",
        _PLACE,
    ),
    "only-the-first-image": Mistake(
        _only_first_image,
        "only the first image receives a gradient",
        "Give it two images. Who hands a gradient to the second?",
    ),
}
