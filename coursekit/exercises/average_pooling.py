"""Exercise of lecture 07: the gradient of average pooling."""

from collections.abc import Callable, Iterator

import numpy as np

from coursekit import layers
from coursekit.exercises import wrong_convolutions as wrong
from coursekit.exercises.chunks import starts
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import alternating, counted, halves
from coursekit.exercises.pooling_windows import (
    LECTURE,
    call,
    nothing_left,
    out_shape,
    places_of,
    random_maps,
    side_by_side,
    small_maps,
)
from coursekit.exercises.properties import constant_ratio, contrast, expects

Array = np.ndarray


def avg_pool2d_backward(
    dout: np.ndarray, x: np.ndarray, kernel_size: int, stride: int | None = None
) -> np.ndarray:
    """Gradient of average pooling by its input.

    dout: gradient of the loss by the output of average pooling, (N, C, H', W'), where
    H' = ⌊(H − kernel_size) / stride⌋ + 1 and W' likewise. x: maps (N, C, H, W). kernel_size: height
    and width of the windows. stride: pixels from one window to the next; without it windows stand
    side by side. Returns floats (N, C, H, W): each window hands every pixel of it an equal part of
    its dout, and a pixel in several windows receives a part from each. dout and x stay as they are.

    >>> avg_pool2d_backward(np.array([[[[8.0]]]]), np.zeros((1, 1, 2, 3)), 2)
    array([[[[2., 2., 0.],
             [2., 2., 0.]]]])
    """
    return layers.avg_pool2d_backward(dout, x, kernel_size, stride)


def _cases(rng: np.random.Generator) -> list[Case]:
    maps = list(random_maps(rng))
    group, x, *layer = maps[0]
    maps.append((group, x * rng.integers(0, 2, x.shape), *layer))  # a pixel may be 0
    return [
        Case(group, (halves(rng, *out_shape(x.shape, k, s)), x, k), call(s))
        for group, x, k, s in maps
    ]


def _small_cases() -> Iterator[Case]:
    for x, kernel_size, stride in small_maps():
        dout = counted(*out_shape(x.shape, kernel_size, stride)) + 1
        yield Case("small", (dout, x, kernel_size), call(stride))


# --- known mistakes ----------------------------------------------------------------------------

Hand = Callable[[Array, Array], Array]  # (window, its gradient (N, C, 1, 1)) -> what pixels receive


def _equal(window: Array, d: Array) -> Array:
    return np.broadcast_to(d / window[0, 0].size, window.shape)


def _shared(
    hand: Hand = _equal, places: wrong.Places = wrong.RIGHT_PLACES, keep: bool = True
) -> Callable[..., Array]:
    """Each window hands out its gradient in another way, at other places, or overwriting."""

    def avg_pool2d_backward(
        dout: Array, x: Array, kernel_size: int, stride: int | None = None
    ) -> Array:
        dx = np.zeros(x.shape)
        rows, columns = places_of(x.shape, kernel_size, stride, places)
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                here = np.s_[:, :, row : row + kernel_size, column : column + kernel_size]
                share = hand(x[here], dout[:, :, i : i + 1, j : j + 1])
                dx[here] = dx[here] * keep + share
        return dx

    return avg_pool2d_backward


def _to_the_maximum(window: Array, d: Array) -> Array:
    return (window == window.max(axis=(2, 3), keepdims=True)) * d


def _to_the_first(window: Array, d: Array) -> Array:
    return d * (np.arange(window[0, 0].size) == 0).reshape(window.shape[2:])


def _divided(by: Callable[[Array, Array], float]) -> Callable[..., Array]:
    """The whole gradient to every pixel, divided by a number made of dout and x."""
    whole = _shared(lambda window, d: np.broadcast_to(d, window.shape))

    def avg_pool2d_backward(
        dout: Array, x: Array, kernel_size: int, stride: int | None = None
    ) -> Array:
        return whole(dout, x, kernel_size, stride) / by(dout, x)

    return avg_pool2d_backward


def _per_visit(dout: Array, x: Array, kernel_size: int, stride: int | None = None) -> Array:
    """Divided by the number of windows that read the pixel, too."""
    visits = avg_pool2d_backward(np.ones_like(dout), x, kernel_size, stride) * kernel_size**2
    return avg_pool2d_backward(dout, x, kernel_size, stride) / np.maximum(visits, 1)


def _only_first_image(dout: Array, x: Array, kernel_size: int, stride: int | None = None) -> Array:
    dx = avg_pool2d_backward(dout, x, kernel_size, stride)
    dx[1:] = 0
    return dx


_SHARE = "If one pixel of a 2×2 window grows by 1, by how much does the mean grow?"
_OVERLAP = "Use kernel_size 3 and stride 2: how many windows send a part to a pixel in the overlap?"
_START = "Where did the forward windows start? Try stride 2 with kernel_size 3."
_CHAIN = "Give it a dout of zeros. What should come out?"
_RATIO = "Divide your answer by the right one: is it a constant? Which?"
MISTAKES = {
    "not-divided": Mistake(
        _shared(lambda window, d: np.broadcast_to(d, window.shape)),
        "every pixel of a window receives the whole gradient",
        _SHARE,
    ),
    "divided-by-one-side": Mistake(
        _shared(lambda window, d: np.broadcast_to(d / window.shape[2], window.shape)),
        "the gradient is divided by kernel_size, not by the number of pixels in a window",
        _SHARE,
    ),
    "divided-by-the-map": Mistake(
        _divided(lambda dout, x: x[0, 0].size),
        "the gradient is divided by the number of pixels in a map",
        _RATIO,
    ),
    "divided-by-the-outputs": Mistake(
        _divided(lambda dout, x: dout[0, 0].size),
        "the gradient is divided by the number of windows",
        _RATIO,
    ),
    "divided-by-the-batch-too": Mistake(
        _shared(lambda window, d: _equal(window, d) / len(window)),
        "the gradient is divided by the number of images as well",
        _RATIO,
    ),
    "divided-by-the-visits-too": Mistake(
        _per_visit,
        "what a pixel receives is averaged over its windows and not added up",
        _OVERLAP,
    ),
    "to-the-maximum": Mistake(
        _shared(_to_the_maximum),
        "the maximum of each window receives all of the gradient",
        "Which numbers of a window change its mean if you wiggle them?",
    ),
    "to-the-first-of-the-window": Mistake(
        _shared(_to_the_first),
        "the upper left pixel of each window receives all of the gradient",
        "Which numbers of a window change its mean if you wiggle them?",
    ),
    "multiplied-by-x": Mistake(
        _shared(lambda window, d: _equal(window, d) * window),
        "the gradient is multiplied by x",
        _SHARE,
    ),
    "overwritten": Mistake(
        _shared(keep=False), "each window overwrites what its pixels had received before", _OVERLAP
    ),
    "upstream-ignored": Mistake(
        _shared(lambda window, d: _equal(window, np.ones_like(d))),
        "every dout is taken to be 1",
        _CHAIN,
    ),
    "windows-start-at-i-j": Mistake(
        _shared(places=wrong.on_both(wrong.unstrided)),
        "windows start at every pixel, whatever the stride",
        _START,
    ),
    "windows-a-kernel-apart": Mistake(
        _shared(places=wrong.on_both(wrong.kernel_apart)),
        "windows stand a kernel apart, whatever the stride",
        _START,
    ),
    "stride-for-rows-only": Mistake(
        _shared(places=wrong.on_each(starts, wrong.unstrided)),
        "windows move by the stride downward, and by one pixel to the right",
        _START,
    ),
    "last-row-and-column-forgotten": Mistake(
        _shared(places=wrong.on_both(wrong.all_but_the_last)),
        "the last row and the last column of windows hand nothing back",
        "How many windows has the forward pass? Does your loop visit each?",
    ),
    "only-the-first-image": Mistake(
        _only_first_image,
        "only the first image receives a gradient",
        "Give it two images. Who hands a gradient to the second?",
    ),
}

# --- what can be seen of a bug that nobody listed ----------------------------------------------

_DEEP = halves(np.random.default_rng(5), 2, 2, 5, 7)


def _case(x: Array, kernel_size: int, stride: int | None = None) -> Case:
    dout = alternating(*out_shape(x.shape, kernel_size, stride)) + 4.5
    return Case("", (dout, x, kernel_size), call(stride))


AVG_POOL2D_BACKWARD = Exercise(
    name="avg_pool2d_backward",
    lecture=LECTURE,
    points=2,
    reference=avg_pool2d_backward,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects(
            "no-gradient",
            Case("", (np.zeros((1, 1, 1, 1)), counted(1, 1, 2, 2), 2)),
            "With dout = 0 no pixel receives anything",
        ),
        constant_ratio((_case(_DEEP, 2), _case(_DEEP, 3))),
        expects(
            "one-window",
            Case("", (np.full((1, 1, 1, 1), 8.0), counted(1, 1, 2, 2), 2)),
            "A 2×2 window with dout = 8 hands 2 to each of its pixels",
        ),
        expects(
            "overlap",
            Case("", (np.array([[[[4.0, 8.0]]]]), counted(1, 1, 2, 3), 2), {"stride": 1}),
            "Two 2×2 windows with dout = 4 and 8 share the middle column, which receives 1 + 2",
        ),
        contrast(
            "maps",
            _case(_DEEP[:1, :1], 2),
            _case(_DEEP[:1], 2),
            "With one map your gradient is right, with two it is not.",
            right_for=lambda x, **_: x.shape[1] == 1,
        ),
        contrast(
            "batch",
            _case(_DEEP[:1], 2),
            _case(_DEEP, 2),
            "For one image your gradient is right, for two it is not.",
            right_for=lambda x, **_: len(x) == 1,
        ),
        contrast(
            "overlapping",
            _case(_DEEP[:, :, :, :5], 3, 3),
            _case(_DEEP[:, :, :, :5], 3, 2),
            "Where windows stand side by side your gradient is right, "
            "where they overlap it is not.",
            right_for=side_by_side,
        ),
        contrast(
            "gaps",
            _case(_DEEP[:, :, :, :5], 2, 2),
            _case(_DEEP[:, :, :, :5], 2, 3),
            "Where windows stand side by side your gradient is right, with gaps it is not.",
            right_for=side_by_side,
        ),
        contrast(
            "left-over",
            _case(_DEEP[:, :, :4, :6], 2),
            _case(_DEEP, 2),
            "Where windows use all pixels your gradient is right, "
            "where a row or a column is left over it is not.",
            right_for=nothing_left,
        ),
    ),
    smallest=_small_cases,
)
