"""Exercise of lecture 03: a convolution that shares no weights."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from coursekit import layers
from coursekit.exercises.chunks import chunks_at, starts
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import alternating, counted, fewest_first, halves
from coursekit.exercises.properties import constant_ratio, contrast, expects, scales

Array = np.ndarray


def locally_connected_forward(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Weight each window of the images with weights of its own.

    x: images (N, C, H, W). w: (F, H', W', C, kH, kW), the weights of output neuron (f, i, j) are
    w[f, i, j]. b: biases (F, H', W'), one for each neuron. Returns floats (N, F, H', W'), where
    H' = H − kH + 1 and W' = W − kW + 1: each neuron's window, which starts at row i and column j,
    times its weights, added up, plus its bias.

    >>> w = np.arange(4.0).reshape(1, 2, 2, 1, 1, 1)  # a 1×1 filter for each of 2×2 places
    >>> locally_connected_forward(np.ones((1, 1, 2, 2)), w, np.zeros((1, 2, 2)))
    array([[[[0., 1.],
             [2., 3.]]]])
    """
    return layers.locally_connected_forward(x, w, b)


# (N, C, H, W), (F, kH, kW)
LAYERS = {
    "one channel, one map": [((1, 1, 4, 5), (1, 2, 3)), ((1, 1, 3, 6), (1, 3, 2))],
    "several channels": [((1, 5, 4, 5), (1, 2, 2)), ((1, 2, 5, 3), (1, 3, 2))],
    "several maps": [((1, 1, 4, 3), (3, 2, 2)), ((1, 2, 3, 5), (2, 2, 3))],
    "batch": [((3, 2, 3, 4), (2, 2, 2)), ((2, 3, 4, 3), (1, 1, 2))],
    "square": [((1, 1, 4, 4), (1, 3, 3)), ((2, 2, 4, 4), (2, 2, 2))],
}


def sizes_of_weights(image: tuple[int, ...], f: int, kh: int, kw: int) -> tuple[int, ...]:
    """Shape of w: (F, H', W', C, kH, kW)."""
    return f, image[2] - kh + 1, image[3] - kw + 1, image[1], kh, kw


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for group, several in LAYERS.items():
        for image, filters in several:
            shape = sizes_of_weights(image, *filters)
            arrays = halves(rng, *image), halves(rng, *shape), halves(rng, *shape[:3])
            cases.append(Case(group, arrays))
    return cases


def small_layers() -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Tiny layers, the simplest first: shapes of images and weights."""
    lengths = product((1, 2), (1, 2), (1, 2), (1, 2, 3), (1, 2, 3), (1, 2), (1, 2))
    for n, c, f, h, w, kh, kw in fewest_first(lengths):
        if kh <= h and kw <= w:
            yield (n, c, h, w), sizes_of_weights((n, c, h, w), f, kh, kw)


def _small_cases() -> Iterator[Case]:
    for image, weights in small_layers():
        for b in (np.zeros(weights[:3]), counted(*weights[:3])):
            yield Case("small", (counted(*image), alternating(*weights), b))


# --- known mistakes ----------------------------------------------------------------------------


def weighted(chunks: Array, w: Array) -> Array:
    """Each chunk weighted by its own weights.

    chunks: (N, C, H', W', kH, kW). Returns (N, F, H', W').
    """
    return np.einsum("nchwuv,fhwcuv->nfhw", chunks, w)


def chunks_of(x: Array, w: Array) -> Array:
    """The windows that the neurons see: (N, C, H', W', kH, kW)."""
    kernel = w.shape[4:]
    return chunks_at(x, starts(x.shape[2], kernel[0]), starts(x.shape[3], kernel[1]), kernel)


def _local(
    weights: Callable[[Array], Array] = np.asarray,
    biases: Callable[[Array], Array] = np.asarray,
    weigh: Callable[[Array, Array], Array] = weighted,
    finish: Callable[[Array], Array] = np.asarray,
) -> Callable[..., Array]:
    """The layer with other weights or biases, another sum, or a change at the end."""

    def locally_connected_forward(x: Array, w: Array, b: Array) -> Array:
        return finish(weigh(chunks_of(x, w), weights(w)) + biases(b))

    return locally_connected_forward


def _same_everywhere(w: Array) -> Array:
    return np.broadcast_to(w[:, :1, :1], w.shape)


def _one_short(x: Array, w: Array, b: Array) -> Array:
    return locally_connected_forward(x, w, b)[:, :, :-1, :-1]


def _border_left_at_zero(out: Array) -> Array:
    out = out.copy()
    out[:, :, -1], out[:, :, :, -1] = 0, 0
    return out


_SHARING = "Take an image of ones: do two neurons of one map give different numbers?"
_ZERO = "Give it an all-zero image. What should you see?"
_CONSTANT = "Divide your answer by the right one, with biases 0: is it a constant? Which?"
_BATCH = "Give it two different images. Is the second map the second image's?"
MISTAKES = {
    "weights-shared": Mistake(
        _local(weights=_same_everywhere),
        "the weights of place (0, 0) are used everywhere, as a convolution does",
        _SHARING,
    ),
    "weights-averaged": Mistake(
        _local(weights=lambda w: w.mean(axis=(1, 2), keepdims=True) + 0 * w),
        "the weights are averaged over the places",
        _SHARING,
    ),
    "bias-shared": Mistake(
        _local(biases=lambda b: b[:, :1, :1]),
        "the bias of place (0, 0) is used for its whole map",
        _ZERO,
    ),
    "bias-forgotten": Mistake(_local(biases=lambda b: 0 * b), "the biases are forgotten", _ZERO),
    "bias-subtracted": Mistake(_local(biases=lambda b: -b), "the biases are subtracted", _ZERO),
    "biases-summed": Mistake(
        _local(biases=lambda b: b.sum(axis=(1, 2), keepdims=True)),
        "every place adds all the biases of its map",
        _ZERO,
    ),
    "row-and-column-exchanged": Mistake(
        _local(weights=lambda w: w.swapaxes(1, 2)),
        "row and column of the place are exchanged in w",
        "Which weights does the neuron in row 0 and column 1 use: w[0, 0, 1] or w[0, 1, 0]?",
    ),
    "first-map-everywhere": Mistake(
        _local(weights=lambda w: np.repeat(w[:1], len(w), axis=0)),
        "the first map's weights are used for every map",
        "Do your maps differ by more than their biases?",
    ),
    "kernel-rotated": Mistake(
        _local(weights=lambda w: w[..., ::-1, ::-1]),
        "each set of weights is rotated by 180°",
        "Feed an image with a single 1. Which weight of which neuron comes out?",
    ),
    "channels-reversed": Mistake(
        _local(weights=lambda w: w[:, :, :, ::-1]),
        "the channels of the weights are reversed",
        "Try a pure red image. Which channel's weights come out?",
    ),
    "only-the-first-channel": Mistake(
        _local(weigh=lambda chunks, w: weighted(chunks[:, :1], w[:, :, :, :1])),
        "only the first channel is summed",
        "Change a number in the last channel. Does your result change?",
    ),
    "only-the-last-channel": Mistake(
        _local(weigh=lambda chunks, w: weighted(chunks[:, -1:], w[:, :, :, -1:])),
        "each channel overwrites the one before, so that only the last is left",
        "Change a number in the first channel. Does your result change?",
    ),
    "mean-instead-of-sum": Mistake(
        _local(weigh=lambda chunks, w: weighted(chunks, w) / w[0, 0, 0].size),
        "the products of a chunk are averaged, not added up",
        _CONSTANT,
    ),
    "mean-over-channels": Mistake(
        _local(weigh=lambda chunks, w: weighted(chunks, w) / w.shape[3]),
        "the channels are averaged, not added up",
        _CONSTANT,
    ),
    "sums-multiplied": Mistake(
        _local(
            weigh=lambda chunks, w: (
                chunks.sum(axis=(1, 4, 5))[:, np.newaxis] * w.sum(axis=(3, 4, 5))
            )
        ),
        "chunk and weights are added up first, and multiplied afterwards",
        "Multiply first or add up first? Try weights that add up to 0.",
    ),
    "relu-inside": Mistake(
        _local(finish=lambda out: np.maximum(out, 0)),
        "negative results are set to 0",
        "Can the sum be negative? Which step comes after this layer?",
    ),
    "whole-numbers-only": Mistake(
        _local(finish=lambda out: out.astype(int)),
        "all fractions are cut off, as in an array of whole numbers",
        "Which dtype did you allocate for the result?",
    ),
    "plus-one-forgotten": Mistake(
        _one_short,
        "the last row and the last column of neurons are missing",
        "A kernel 1 pixel wide on 5 pixels: on how many places can it stand?",
    ),
    "last-row-and-column-zero": Mistake(
        _local(finish=_border_left_at_zero),
        "the last row and the last column stay 0",
        "Look at the last row and the last column of your result. Who writes there?",
    ),
    "first-image-everywhere": Mistake(
        _local(finish=lambda out: np.repeat(out[:1], len(out), axis=0)),
        "the first image is used for the whole batch",
        _BATCH,
    ),
    "only-the-first-image": Mistake(
        _local(finish=lambda out: np.concatenate([out[:1], 0 * out[1:]])),
        "only the first image is computed",
        _BATCH,
    ),
    "maps-first": Mistake(
        _local(finish=lambda out: out.swapaxes(0, 1)),
        "maps come before images",
        "Print the shape of your result and say what each number counts. Is it (N, F, H', W')?",
    ),
}

# --- what can be seen of a bug that nobody listed ----------------------------------------------

_X = counted(2, 2, 3, 4) - 9
_W = alternating(2, 2, 3, 2, 2, 2)
_SAME = np.broadcast_to(_W[:, :1, :1], _W.shape).copy()
_B = alternating(2, 2, 3) + 3


def _case(x: Array, w: Array, b: Array) -> Case:
    return Case("", (x, w, b))


LOCALLY_CONNECTED_FORWARD = Exercise(
    name="locally_connected_forward",
    lecture="03_3d_activations",
    points=3,
    reference=locally_connected_forward,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects(
            "zero-image",
            _case(0 * _X[:1, :1], _W[:, :, :, :1], _B),
            "In an all-zero image nothing is weighted, so each neuron gives its bias",
        ),
        constant_ratio(
            (
                _case(_X, _W, 0 * _B),
                _case(_X[:, :1], _W[:, :, :, :1], 0 * _B),
                _case(_X[:1, :, :1, :3], _W[:1, :1, :, :, :1, :1], 0 * _B[:1, :1]),
            ),
            when="With b = 0",
        ),
        expects(
            "own-weights",
            _case(np.ones((1, 1, 1, 3)), counted(1, 1, 3, 1, 1, 1), np.zeros((1, 1, 3))),
            "On [1, 1, 1] the 1×1 weights 1, 2, 3 of the three places come out",
        ),
        scales(
            "linear",
            _case(_X, _W, 0 * _B),
            _case(-2 * _X, _W, 0 * _B),
            "With biases 0, an image times -2 should give the result times -2; yours does not.",
        ),
        contrast(
            "sharing",
            _case(_X, _SAME, _B),
            _case(_X, _W, _B),
            "Where all places have the same weights your result is right, "
            "and wrong where each has its own.",
            right_for=lambda w, **_: (w == w[:, :1, :1]).all(),
        ),
        contrast(
            "channels",
            _case(_X[:, :1], _W[:, :, :, :1], _B),
            _case(_X, _W, _B),
            "With one channel your result is right, with two it is not.",
            right_for=lambda x, **_: x.shape[1] == 1,
        ),
        contrast(
            "maps",
            _case(_X, _W[:1], _B[:1]),
            _case(_X, _W, _B),
            "With one map your result is right, with two it is not.",
            right_for=lambda w, **_: len(w) == 1,
        ),
        contrast(
            "batch",
            _case(_X[:1], _W, _B),
            _case(_X, _W, _B),
            "For one image your result is right, for two it is not.",
            right_for=lambda x, **_: len(x) == 1,
        ),
    ),
    smallest=_small_cases,
)
