"""Exercise of lecture 04: the convolution layer."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from coursekit import layers
from coursekit.exercises.chunks import starts
from coursekit.exercises.exercise import Case, Exercise, Property
from coursekit.exercises.inputs import alternating, counted, fewest_first, halves
from coursekit.exercises.properties import (
    constant_offset,
    constant_ratio,
    contrast,
    expects,
    only_border,
    scales,
)
from coursekit.exercises.wrong_sums import SUM_MISTAKES
from coursekit.exercises.wrong_windows import WINDOW_MISTAKES

LECTURE = "04_convolution"


def conv2d_forward(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """Slide filters over images; one map for each filter.

    x: images (N, C, H, W). w: filters (F, C, kH, kW). b: biases (F,). stride, padding: whole
    numbers of pixels, the same for rows and columns; padding puts zeros on all four sides.
    Returns floats (N, F, H', W') with H' = ⌊(H + 2·padding − kH) / stride⌋ + 1, and W' likewise.
    Each output number is the sum over c, u and v of a chunk of the padded image times the filter,
    padded[n, c, i·stride + u, j·stride + v] · w[f, c, u, v], plus b[f]. The filter is not turned
    around. x, w and b stay as they are.

    >>> conv2d_forward(np.ones((2, 3, 32, 32)), np.ones((6, 3, 5, 5)), np.zeros(6)).shape
    (2, 6, 28, 28)
    """
    return layers.conv2d_forward(x, w, b, stride, padding)


def fits(stride: int, x: np.ndarray, w: np.ndarray, padding: int = 0, **others: np.ndarray) -> bool:
    """Whether the stride leaves no row and no column over."""
    sizes = zip(x.shape[2:], w.shape[2:], strict=True)
    return all((size + 2 * padding - kernel) % stride == 0 for size, kernel in sizes)


# (N, C, H, W), (F, kH, kW), stride, padding
LAYERS = {
    "one channel, one filter": [((1, 1, 5, 6), (1, 3, 3), 1, 0), ((1, 1, 4, 7), (1, 2, 3), 1, 0)],
    "several channels": [((1, 3, 5, 6), (1, 3, 2), 1, 0), ((1, 2, 6, 5), (2, 3, 3), 1, 0)],
    "several filters": [((1, 1, 4, 6), (3, 2, 3), 1, 0), ((1, 2, 5, 5), (3, 3, 3), 1, 0)],
    "batch": [((3, 2, 4, 6), (2, 2, 3), 1, 0), ((2, 5, 5, 4), (2, 2, 2), 1, 0)],
    "not square": [((1, 1, 4, 9), (2, 3, 3), 1, 0), ((2, 2, 8, 4), (1, 2, 3), 1, 0)],
    "padding": [
        ((2, 1, 4, 5), (2, 3, 3), 1, 1),
        ((1, 2, 4, 6), (2, 3, 2), 1, 2),
        ((2, 3, 5, 4), (2, 2, 3), 1, 1),
    ],
    "stride": [
        ((1, 2, 7, 9), (2, 3, 3), 2, 0),
        ((1, 2, 7, 9), (2, 3, 2), 2, 0),
        ((2, 1, 8, 7), (1, 3, 3), 2, 0),
        ((1, 1, 9, 8), (1, 2, 2), 3, 0),
    ],
    "padding and stride": [
        ((2, 1, 7, 9), (2, 3, 3), 2, 1),
        ((2, 2, 7, 8), (2, 3, 3), 2, 1),
        ((1, 3, 6, 9), (2, 2, 3), 3, 1),
        ((1, 2, 5, 7), (3, 4, 3), 2, 2),
    ],
}


def options(stride: int = 1, padding: int = 0) -> dict[str, int]:
    """Stride and padding by name, left out where they have defaults."""
    return {k: v for k, v in (("stride", stride), ("padding", padding)) if v != (k == "stride")}


def layer_cases(rng: np.random.Generator) -> list[Case]:
    """Random images, filters and biases for each of LAYERS."""
    return [
        Case(
            group,
            (halves(rng, *image), halves(rng, f, image[1], kh, kw), halves(rng, f)),
            options(stride, padding),
        )
        for group, several in LAYERS.items()
        for image, (f, kh, kw), stride, padding in several
    ]


def small_layers() -> Iterator[tuple[tuple[int, ...], tuple[int, ...], int, int]]:
    """Tiny layers that fit, the simplest first: image, filters, stride, padding."""
    one_or_two, sides = (1, 2), (1, 2, 3, 4)
    # padding and a stride above 1 count as much as a row and a column more
    ranges = (*[one_or_two] * 3, sides, sides, one_or_two, one_or_two, (0, 2), (0, 2))
    for n, c, f, h, w, kh, kw, more_stride, more_padding in fewest_first(product(*ranges)):
        stride, padding = 1 + more_stride // 2, more_padding // 2
        fits = starts(h, kh, stride, padding) and starts(w, kw, stride, padding)
        if fits and h * w <= 12:
            yield (n, c, h, w), (f, c, kh, kw), stride, padding


def small_cases() -> Iterator[Case]:
    """Tiny layers with numbers that are easy to follow, first without bias."""
    for image, filters, stride, padding in small_layers():
        for b in (np.zeros(filters[0]), counted(filters[0])):
            yield Case(
                "small", (counted(*image), alternating(*filters), b), options(stride, padding)
            )


# --- what can be seen of a bug that nobody listed ----------------------------------------------

_X = np.random.default_rng(7).integers(-4, 5, (2, 3, 6, 7)).astype(float)
_W = np.random.default_rng(8).integers(1, 5, (2, 3, 3, 2)) * np.array([1.0, -1.0])
_B = np.array([7.0, -9.0])
_NONE = np.zeros(2)


def _case(x: np.ndarray, w: np.ndarray, b: np.ndarray, **named: int) -> Case:
    return Case("", (x, w, b), named)


def _one_pixel(column: int) -> Case:
    image = np.zeros((1, 1, 3, 6))
    image[0, 0, 1, column] = 1
    return _case(image, counted(1, 1, 2, 3), np.zeros(1))


def _moves(got: list[Any], expected: list[Any]) -> str | None:
    left, right = (np.asarray(value, dtype=float) for value in got)
    if np.allclose(left[..., :-1], right[..., 1:]):
        return None
    return "A bright pixel moved one to the right should move its trace one to the right."


PROPERTIES = (
    expects(
        "zero-image",
        _case(np.zeros((1, 3, 3, 3)), _W, _B),
        "In an all-zero image nothing is weighted, so each map holds its bias",
    ),
    constant_ratio(
        (
            _case(_X[:1], _W, _NONE),
            _case(_X[:1, :2], _W[:, :2, :2], _NONE),
            _case(_X[:, :, :5, :6], _W[:1, :, :, :1], _NONE[:1], padding=1),
            _case(_X, _W, _NONE, stride=2),
        ),
        when="With b = 0",
    ),
    constant_offset(
        _case(_X[:1], _W, _B),
        "Each of your maps is off by one number everywhere. Which number is added to all of a map?",
    ),
    expects(
        "impulse",
        _one_pixel(2),
        "With b = 0 a single 1 prints the kernel [[1, 2, 3], [4, 5, 6]], its last tap first",
    ),
    Property("shift", (_one_pixel(2), _one_pixel(3)), _moves),
    scales(
        "linear",
        _case(_X[:1], _W, _NONE),
        _case(-2 * _X[:1], _W, _NONE),
        "With b = 0, an image times -2 should give the result times -2; yours does not.",
    ),
    expects(
        "constant-image",
        _case(np.ones((1, 1, 3, 4)), alternating(1, 1, 2, 3) + 3, np.zeros(1)),
        "In an image of ones every window adds up the filter's weights, 2 + 5 + 0 + 7 - 2 + 9",
    ),
    contrast(
        "channels",
        _case(_X[:1, :1], _W[:1, :1], _B[:1]),
        _case(_X[:1], _W[:1], _B[:1]),
        "With one channel your result is right, with three it is not.",
        right_for=lambda x, **_: x.shape[1] == 1,
    ),
    contrast(
        "filters",
        _case(_X[:1], _W[:1], _B[:1]),
        _case(_X[:1], _W, _B),
        "With one filter your result is right, with two it is not.",
        right_for=lambda w, **_: len(w) == 1,
    ),
    contrast(
        "batch",
        _case(_X[:1], _W, _B),
        _case(_X, _W, _B),
        "For one image your result is right, for two it is not.",
        right_for=lambda x, **_: len(x) == 1,
    ),
    contrast(
        "wide",
        _case(_X[:1, :, :5, :5], _W[..., :2, :], _B),
        _case(_X[:1, :, :5], _W[..., :2, :], _B),
        "Under square kernels your result is right for a square image, "
        "and wrong for one that is wider than tall.",
        right_for=lambda x, w, **_: x.shape[2] == x.shape[3] and w.shape[2] == w.shape[3],
    ),
    contrast(
        "tall",
        _case(_X[:1, :, :5, :5], _W[..., :2, :], _B),
        _case(_X[:1, :, :, :5], _W[..., :2, :], _B),
        "Under square kernels your result is right for a square image, "
        "and wrong for one that is taller than wide.",
        right_for=lambda x, w, **_: x.shape[2] == x.shape[3] and w.shape[2] == w.shape[3],
    ),
    only_border(
        _case(_X, _W[:, :, :, :1].repeat(3, axis=3), _B, padding=1),
        "With padding 1 your result is right inside and wrong along the border. "
        "What stands outside the image?",
        about=lambda padding, **_: padding == 1,
    ),
    contrast(
        "padding",
        _case(_X, _W, _B),
        _case(_X, _W, _B, padding=1),
        "Without padding your result is right, with padding 1 it is not.",
        right_for=lambda padding, **_: padding == 0,
    ),
    contrast(
        "wide-padding",
        _case(_X, _W, _B, padding=1),
        _case(_X, _W, _B, padding=2),
        "With padding 1 your result is right, with padding 2 it is not.",
        right_for=lambda padding, **_: padding == 1,
    ),
    contrast(
        "stride",
        _case(_X[:, :, :5, :6], _W, _B),
        _case(_X[:, :, :5, :6], _W, _B, stride=2),
        "With stride 1 your result is right, with stride 2 it is not.",
        right_for=lambda stride, **_: stride == 1,
    ),
    contrast(
        "left-over",
        _case(_X[:, :, :5, :6], _W, _B, stride=2),
        _case(_X, _W, _B, stride=2),
        "With stride 2 your result is right where all pixels are used, "
        "and wrong where the stride leaves a row or a column over.",
        right_for=lambda stride, **of: stride == 2 and fits(stride, **of),
    ),
    contrast(
        "padding-with-stride",
        _case(_X, _W, _B, stride=2),
        _case(_X, _W, _B, stride=2, padding=1),
        "With stride 2 your result is right without padding, and wrong with padding 1.",
        right_for=lambda stride, padding, **_: stride == 2 and padding == 0,
    ),
)

CONV2D_FORWARD = Exercise(
    name="conv2d_forward",
    lecture=LECTURE,
    points=5,
    reference=conv2d_forward,
    cases=layer_cases,
    mistakes=WINDOW_MISTAKES | SUM_MISTAKES,
    properties=PROPERTIES,
    shows={
        "several channels": ("first-bias-everywhere",),
        "not square": ("first-bias-everywhere",),
    },
    smallest=small_cases,
)
