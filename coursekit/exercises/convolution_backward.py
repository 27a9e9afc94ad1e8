"""Exercise of lecture 06: the gradients of a convolution."""

from collections.abc import Iterator

import numpy as np

from coursekit import layers
from coursekit.exercises import convolution
from coursekit.exercises.chunks import starts
from coursekit.exercises.exercise import Case, Exercise
from coursekit.exercises.inputs import alternating, counted, halves
from coursekit.exercises.parts import Parts
from coursekit.exercises.properties import (
    constant_ratio,
    contrast,
    expects,
    only_border,
    part,
    which_parts,
)
from coursekit.exercises.wrong_gradients import BACKWARD_MISTAKES

Array = np.ndarray


def conv2d_backward(
    dout: np.ndarray, x: np.ndarray, w: np.ndarray, stride: int = 1, padding: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of a convolution by its input, weights and biases.

    dout: gradient of the loss by the output of conv2d_forward(x, w, b, stride, padding),
    (N, F, H', W'). x: images (N, C, H, W). w: filters (F, C, kH, kW). Returns (dx, dw, db), floats
    shaped as x, w and b: dx (N, C, H, W), dw (F, C, kH, kW), db (F,). Every use counts: a pixel
    receives dout · w from all the outputs that read it, a weight dout · x from all the places and
    images where it was used, a bias the dout of every output it was added to. Nothing is averaged.
    dout, x and w stay as they are.

    >>> x, w = np.array([[[[1.0, 2.0, 3.0]]]]), np.array([[[[5.0, 7.0]]]])
    >>> conv2d_backward(np.array([[[[1.0, 10.0]]]]), x, w)
    (array([[[[ 5., 57., 70.]]]]), array([[[[21., 32.]]]]), array([11.]))
    """
    return layers.conv2d_backward(dout, x, w, stride, padding)


LAYERS = {
    **{group: several for group, several in convolution.LAYERS.items() if group != "not square"},
    "padding and stride": [
        *convolution.LAYERS["padding and stride"],
        ((1, 2, 8, 7), (2, 3, 3), 4, 1),
    ],
}


def _shape_of_output(
    image: tuple[int, ...], filters: tuple[int, ...], stride: int, padding: int
) -> tuple[int, ...]:
    sizes = zip(image[2:], filters[2:], strict=True)
    places = (len(starts(n, k, stride, padding)) for n, k in sizes)
    return image[0], filters[0], *places


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for group, several in LAYERS.items():
        for image, (f, kh, kw), stride, padding in several:
            filters = (f, image[1], kh, kw)
            dout = halves(rng, *_shape_of_output(image, filters, stride, padding))
            arrays = dout, halves(rng, *image), halves(rng, *filters)
            cases.append(Case(group, arrays, convolution.options(stride, padding)))
    return cases + _PARTS.alone([cases[4], cases[-3]])


def _small_cases() -> Iterator[Case]:
    for image, filters, stride, padding in convolution.small_layers():
        dout = counted(*_shape_of_output(image, filters, stride, padding)) + 1
        yield Case(
            "small",
            (dout, counted(*image), alternating(*filters)),
            convolution.options(stride, padding),
        )


# --- what can be seen of a bug that nobody listed ----------------------------------------------

_X = counted(2, 2, 5, 6) - 30
_W = alternating(2, 2, 3, 2)


def _case(x: Array, w: Array, **named: int) -> Case:
    stride, padding = named.get("stride", 1), named.get("padding", 0)
    dout = alternating(*_shape_of_output(x.shape, w.shape, stride, padding)) + 2
    return Case("", (dout, x, w), named)


def _row(dout: list[float]) -> Case:
    """The image [1, 2, 3] under the kernel [5, 7]."""
    x, w = np.array([[[[1.0, 2.0, 3.0]]]]), np.array([[[[5.0, 7.0]]]])
    return Case("", (np.array([[[dout]]]), x, w))


_WHOLE = Case(
    "",
    (
        np.ones((1, 1, 1, 1)),
        counted(1, 1, 2, 2),
        np.array([[[[5.0, 7.0], [11.0, 13.0]]]]),
    ),
)
_ONE = _case(_X[:1, :1], _W[:1, :1])
_BATCHES = (_case(_X, _W), _case(_X[:1], _W[:, :, :2]))
NAMES = ("dx", "dw", "db")
_PARTS = Parts(*NAMES)
PROPERTIES = (
    *(
        expects(f"no-gradient-{name}", _row([0.0, 0.0]), f"With dout = 0, {name} is 0", part(k))
        for k, name in enumerate(NAMES)
    ),
    *(constant_ratio(_BATCHES, part(k), name) for k, name in enumerate(NAMES)),
    expects(
        "one-output-dx",
        _row([1.0, 0.0]),
        "The image [1, 2, 3] under the kernel [5, 7]: with dout = [1, 0], dx is the kernel "
        "where its first window stood",
        part(0),
    ),
    expects(
        "one-output-dw",
        _row([1.0, 0.0]),
        "The image [1, 2, 3] under the kernel [5, 7]: with dout = [1, 0], dw is the first window",
        part(1),
    ),
    expects(
        "one-window-dx",
        _WHOLE,
        "The image [[1, 2], [3, 4]] under [[5, 7], [11, 13]] has one output: with dout = [[1]], "
        "dx is the kernel",
        part(0),
    ),
    expects(
        "one-window-dw",
        _WHOLE,
        "The image [[1, 2], [3, 4]] under [[5, 7], [11, 13]] has one output: with dout = [[1]], "
        "dw is the image",
        part(1),
    ),
    expects(
        "two-outputs-dx",
        _row([1.0, 1.0]),
        "The image [1, 2, 3] under the kernel [5, 7]: with dout = [1, 1] both windows hand their "
        "shares to the middle pixel, 7 + 5",
        part(0),
    ),
    expects(
        "two-outputs-dw",
        _row([1.0, 1.0]),
        "The image [1, 2, 3] under the kernel [5, 7]: with dout = [1, 1], dw is the sum of the "
        "windows [1, 2] and [2, 3]",
        part(1),
    ),
    expects(
        "two-outputs-db",
        _row([2.0, 3.0]),
        "With dout = [2, 3], b was added to both outputs",
        part(2),
    ),
    contrast(
        "channels",
        _ONE,
        _case(_X[:1], _W[:1]),
        "With one channel your gradients are right, with two they are not.",
        right_for=lambda x, **_: x.shape[1] == 1,
    ),
    contrast(
        "filters",
        _ONE,
        _case(_X[:1, :1], _W[:, :1]),
        "With one filter your gradients are right, with two they are not.",
        right_for=lambda w, **_: len(w) == 1,
    ),
    contrast(
        "batch",
        _case(_X[:1], _W),
        _case(_X, _W),
        "For one image your gradients are right, for two they are not.",
        right_for=lambda x, **_: len(x) == 1,
    ),
    only_border(
        _case(_X, _W, padding=1),
        "With padding 1 your dx is right inside and wrong along the border.",
        part(0),
        about=lambda padding, **_: padding == 1,
    ),
    contrast(
        "padding",
        _case(_X, _W),
        _case(_X, _W, padding=1),
        "Without padding your gradients are right, with padding 1 they are not.",
        right_for=lambda padding, **_: padding == 0,
    ),
    contrast(
        "no-padding",
        _case(_X, _W, padding=1),
        _case(_X, _W),
        "With padding 1 your gradients are right, without padding they are not.",
        right_for=lambda padding, **_: padding == 1,
    ),
    contrast(
        "stride",
        _case(_X[:, :, :, :4], _W),
        _case(_X[:, :, :, :4], _W, stride=2),
        "With stride 1 your gradients are right, with stride 2 they are not.",
        right_for=lambda stride, **_: stride == 1,
    ),
    contrast(
        "left-over",
        _case(_X[:, :, :, :4], _W, stride=2),
        _case(_X[:, :, :, :5], _W, stride=2),
        "With stride 2 your gradients are right where all pixels are used, "
        "and wrong where the stride leaves a column over.",
        right_for=lambda stride, **of: stride == 2 and convolution.fits(stride, **of),
    ),
    contrast(
        "padding-with-stride",
        _case(_X, _W, stride=2),
        _case(_X, _W, stride=2, padding=1),
        "With stride 2 your gradients are right without padding, and wrong with padding 1.",
        right_for=lambda stride, padding, **_: stride == 2 and padding == 0,
    ),
    which_parts(_BATCHES[0], NAMES),
)

CONV2D_BACKWARD = Exercise(
    name="conv2d_backward",
    lecture="06_backpropagation",
    points=6,
    reference=conv2d_backward,
    cases=_cases,
    agrees=_PARTS.agrees,
    alike=_PARTS.agrees,
    draw=_PARTS.draw,
    mistakes=BACKWARD_MISTAKES,
    properties=PROPERTIES,
    shows={
        "stride": ("db-of-the-last-image",),
    },
    smallest=_small_cases,
)
