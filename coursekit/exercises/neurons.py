"""Exercises of lecture 03: one neuron of a volume, and a column of them."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import alternating, counted, fewest_first, halves
from coursekit.exercises.properties import constant_ratio, contrast, expects, scales

LECTURE = "03_3d_activations"
Array = np.ndarray

# --- neuron_output ------------------------------------------------------------------------------


def neuron_output(chunk: np.ndarray, weights: np.ndarray, bias: float) -> float:
    """Output of one neuron, before its ReLU.

    chunk: the part of the image that it sees, (C, kH, kW). weights: (C, kH, kW), one for each
    number of the chunk. bias: one number. Returns one number: all the products added up, over
    channels, rows and columns, plus the bias.

    >>> neuron_output(np.ones((3, 5, 5)), np.full((3, 5, 5), 2.0), bias=1.0)
    151.0
    """
    return float(np.sum(chunk * weights) + bias)


SHAPES = {
    "one number": [(1, 1, 1)],
    "one channel": [(1, 3, 3), (1, 2, 4)],
    "several channels": [(3, 3, 3), (4, 2, 2)],
    "not square": [(3, 2, 5), (2, 4, 3)],
    "as in the lecture": [(3, 5, 5)],
}


def _neuron_cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case(group, (halves(rng, *shape), halves(rng, *shape), float(halves(rng, 1)[0])))
        for group, several in SHAPES.items()
        for shape in several * 2
    ]


def _small_neurons() -> Iterator[Case]:
    for shape in fewest_first(product((1, 2, 3), repeat=3)):
        for bias in (0.0, 1.0):
            yield Case("small", (counted(*shape), alternating(*shape), bias))


_ZERO = "Give it a chunk of zeros. What should come out?"
_CONSTANT = "Set the bias to 0 and divide your answer by the right one. Which number is that?"
_ONE = "How many numbers does one neuron put out, and how many does yours?"
_PAIRS = "A chunk with a single 1: which weight comes out, and which one belongs to that place?"
NEURON_MISTAKES = {
    "bias-forgotten": Mistake(lambda x, w, b: np.sum(x * w), "the bias is forgotten", _ZERO),
    "bias-subtracted": Mistake(lambda x, w, b: np.sum(x * w) - b, "the bias is subtracted", _ZERO),
    "bias-for-every-weight": Mistake(
        lambda x, w, b: np.sum(x * w + b),
        "the bias is added once for every weight",
        "How often is the bias added for one output number?",
    ),
    "bias-for-every-channel": Mistake(
        lambda x, w, b: np.sum(x * w) + len(x) * b,
        "the bias is added once for every channel",
        "How often is the bias added for one output number?",
    ),
    "bias-multiplied-in": Mistake(
        lambda x, w, b: np.sum(x * w) * b, "the bias is a factor and not a summand", _ZERO
    ),
    "sums-multiplied": Mistake(
        lambda x, w, b: np.sum(x) * np.sum(w) + b,
        "chunk and weights are added up first, and multiplied afterwards",
        "Multiply first or add up first? Try weights that add up to 0.",
    ),
    "sums-multiplied-by-channel": Mistake(
        lambda x, w, b: np.sum(x.sum(axis=(1, 2)) * w.sum(axis=(1, 2))) + b,
        "in each channel, chunk and weights are added up first and multiplied afterwards",
        "Multiply first or add up first? Try weights that add up to 0.",
    ),
    "mean-instead-of-sum": Mistake(
        lambda x, w, b: np.mean(x * w) + b, "the products are averaged, not added up", _CONSTANT
    ),
    "mean-over-channels": Mistake(
        lambda x, w, b: np.sum(x * w) / len(x) + b,
        "the channels are averaged, not added up",
        _CONSTANT,
    ),
    "only-the-first-channel": Mistake(
        lambda x, w, b: np.sum(x[0] * w[0]) + b,
        "only the first channel is summed",
        "Change a number in the last channel. Does your result change?",
    ),
    "only-the-last-channel": Mistake(
        lambda x, w, b: np.sum(x[-1] * w[-1]) + b,
        "only the last channel is left of the sum",
        "Change a number in the first channel. Does your result change?",
    ),
    "one-number-a-channel": Mistake(
        lambda x, w, b: np.sum(x * w, axis=(1, 2)) + b,
        "the channels are not added up",
        _ONE,
    ),
    "not-added-up": Mistake(
        lambda x, w, b: x * w + b, "the products are not added up at all", _ONE
    ),
    "weights-rotated": Mistake(
        lambda x, w, b: np.sum(x * w[:, ::-1, ::-1]) + b, "the weights are rotated by 180°", _PAIRS
    ),
    "weights-reversed": Mistake(
        lambda x, w, b: np.sum(x * w[::-1, ::-1, ::-1]) + b, "the weights are reversed", _PAIRS
    ),
    "channels-reversed": Mistake(
        lambda x, w, b: np.sum(x * w[::-1]) + b, "the weights' channels are reversed", _PAIRS
    ),
    "relu-inside": Mistake(
        lambda x, w, b: max(np.sum(x * w) + b, 0.0),
        "a negative result is set to 0",
        "Can the sum be negative? Which step comes after this one?",
    ),
}

_CHUNK, _WEIGHTS = counted(2, 2, 3) - 4, alternating(2, 2, 3)
NEURON_OUTPUT = Exercise(
    name="neuron_output",
    lecture=LECTURE,
    points=1,
    reference=neuron_output,
    cases=_neuron_cases,
    mistakes=NEURON_MISTAKES,
    properties=(
        expects(
            "zero-chunk",
            Case("", (0 * _CHUNK, _WEIGHTS, 7.0)),
            "A chunk of zeros leaves the bias",
        ),
        constant_ratio(
            [
                Case("", (x, w, 0.0))
                for x, w in [
                    (_CHUNK, _WEIGHTS),
                    (_CHUNK[:1], _WEIGHTS[:1]),
                    (-_CHUNK[:, :1, :2], _WEIGHTS[:, :1, :2]),
                ]
            ],
            when="With bias 0",
        ),
        expects(
            "one-number",
            Case("", (np.array([[[0.0, 1.0, 0.0]]]), np.array([[[2.0, 5.0, 9.0]]]), 0.0)),
            "The chunk [0, 1, 0] picks the second of the weights 2, 5, 9",
        ),
        scales(
            "linear",
            Case("", (_CHUNK, _WEIGHTS, 0.0)),
            Case("", (-2 * _CHUNK, _WEIGHTS, 0.0)),
            "With bias 0, a chunk times -2 should give the result times -2; yours does not.",
        ),
        contrast(
            "channels",
            Case("", (_CHUNK[:1], _WEIGHTS[:1], 3.0)),
            Case("", (_CHUNK, _WEIGHTS, 3.0)),
            "With one channel your result is right, with two it is not.",
            right_for=lambda chunk, **_: len(chunk) == 1,
        ),
        contrast(
            "bias",
            Case("", (_CHUNK, _WEIGHTS, 0.0)),
            Case("", (_CHUNK, _WEIGHTS, 3.0)),
            "With bias 0 your result is right, with bias 3 it is not.",
            right_for=lambda bias, **_: bias == 0,
        ),
    ),
    shows={
        "one number": ("relu-inside",),
        "one channel": ("relu-inside",),
        "several channels": ("relu-inside",),
        "not square": ("relu-inside",),
        "as in the lecture": ("relu-inside",),
    },
    smallest=_small_neurons,
)

# --- neuron_column ------------------------------------------------------------------------------


def neuron_column(chunk: np.ndarray, weights: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """Outputs of several neurons that see the same chunk.

    chunk: (C, kH, kW). weights: (D, C, kH, kW), those of neuron d are weights[d]. biases: (D,), one
    for each neuron. Returns D numbers, (D,): each neuron's products added up, plus its bias. No
    ReLU yet.

    >>> neuron_column(np.ones((3, 5, 5)), np.ones((2, 3, 5, 5)), np.array([0.0, 5.0]))
    array([75., 80.])
    """
    return np.array([neuron_output(chunk, w, b) for w, b in zip(weights, biases, strict=True)])


COLUMNS = {
    "one neuron": [(1, 3, 2, 3), (1, 2, 3, 3)],
    "several neurons": [(4, 1, 3, 2), (5, 3, 2, 2)],
    "as many neurons as channels": [(3, 3, 2, 3), (2, 2, 3, 2)],
    "as many neurons as columns": [(4, 2, 3, 4), (3, 4, 2, 3)],
    "square": [(2, 3, 3, 3), (6, 3, 5, 5)],
}


def _column_cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case(group, (halves(rng, *shape[1:]), halves(rng, *shape), halves(rng, shape[0])))
        for group, several in COLUMNS.items()
        for shape in several
    ]


def _small_columns() -> Iterator[Case]:
    for d, c, h, w in fewest_first(product((1, 2, 3), (1, 2), (1, 2), (1, 2, 3))):
        for biases in (np.zeros(d), counted(d)):
            yield Case("small", (counted(c, h, w), alternating(d, c, h, w), biases))


def _summed(chunk: Array, weights: Array) -> Array:
    return np.sum(chunk * weights, axis=(1, 2, 3))


def _channel_first(chunk: Array, weights: Array, biases: Array) -> Array:
    """weights[:, d] taken for those of neuron d."""
    if len(weights) != len(chunk):
        raise IndexError("a neuron index out of bounds")
    return _summed(chunk, weights.swapaxes(0, 1)) + biases


def _after(change: Callable[[Array], Array]) -> Callable[..., Array]:
    """The right column, changed at the end."""
    return lambda chunk, weights, biases: change(_summed(chunk, weights) + biases)


_FORM = "Print the shape of your result. How many neurons are there?"
COLUMN_MISTAKES = {
    "bias-forgotten": Mistake(lambda x, w, b: _summed(x, w), "the biases are forgotten", _ZERO),
    "bias-subtracted": Mistake(
        lambda x, w, b: _summed(x, w) - b, "the biases are subtracted", _ZERO
    ),
    "first-bias-everywhere": Mistake(
        lambda x, w, b: _summed(x, w) + b[0],
        "the first bias is used for every neuron",
        "Does each neuron have a bias of its own? Give it a chunk of zeros.",
    ),
    "biases-summed": Mistake(
        lambda x, w, b: _summed(x, w) + b.sum(),
        "all biases are added to every neuron",
        "Does each neuron have a bias of its own? Give it a chunk of zeros.",
    ),
    "bias-for-every-weight": Mistake(
        lambda x, w, b: _summed(x, w) + x.size * b,
        "each bias is added once for every weight",
        "How often is the bias added for one output number?",
    ),
    "bias-for-every-channel": Mistake(
        lambda x, w, b: _summed(x, w) + len(x) * b,
        "each bias is added once for every channel",
        "How often is the bias added for one output number?",
    ),
    "first-neuron-everywhere": Mistake(
        lambda x, w, b: np.sum(x * w[0]) + b,
        "the first neuron's weights are used for all",
        "Do your neurons differ by more than a constant?",
    ),
    "last-neuron-everywhere": Mistake(
        lambda x, w, b: np.sum(x * w[-1]) + b,
        "the last neuron's weights are used for all",
        "Do your neurons differ by more than a constant?",
    ),
    "one-number-for-all": Mistake(
        lambda x, w, b: np.sum(_summed(x, w) + b), "all the neurons are added up", _FORM
    ),
    "channels-not-added-up": Mistake(
        lambda x, w, b: np.sum(x * w, axis=(2, 3)) + b[:, np.newaxis],
        "the channels are not added up",
        _FORM,
    ),
    "neurons-added-up": Mistake(
        lambda x, w, b: np.sum(x * w, axis=0) + b.sum(),
        "the sum runs over the neurons and not over the chunk",
        _FORM,
    ),
    "sum-without-channels": Mistake(
        lambda x, w, b: np.sum(x * w, axis=(0, 2, 3)),
        "the sum runs over the neurons in place of the channels",
        _FORM,
    ),
    "as-a-volume": Mistake(
        _after(lambda column: column[:, np.newaxis, np.newaxis]),
        "the column is returned as a volume of shape (D, 1, 1)",
        _FORM,
    ),
    "channel-before-neuron": Mistake(
        _channel_first,
        "the first two axes of the weights are taken in the other order",
        "Which comes first in the shape of the weights: neurons or channels?",
    ),
    "only-the-first-channel": Mistake(
        lambda x, w, b: np.sum(x[0] * w[:, 0], axis=(1, 2)) + b,
        "only the first channel is summed",
        "Change a number in the last channel. Does your result change?",
    ),
    "mean-instead-of-sum": Mistake(
        lambda x, w, b: _summed(x, w) / x.size + b,
        "the products are averaged, not added up",
        _CONSTANT,
    ),
    "mean-over-channels": Mistake(
        lambda x, w, b: _summed(x, w) / len(x) + b,
        "the channels are averaged, not added up",
        _CONSTANT,
    ),
    "sums-multiplied": Mistake(
        lambda x, w, b: x.sum() * w.sum(axis=(1, 2, 3)) + b,
        "chunk and weights are added up first, and multiplied afterwards",
        "Multiply first or add up first? Try weights that add up to 0.",
    ),
    "weights-rotated": Mistake(
        lambda x, w, b: _summed(x, w[:, :, ::-1, ::-1]) + b,
        "the weights are rotated by 180°",
        _PAIRS,
    ),
    "neurons-reversed": Mistake(
        _after(lambda column: column[::-1]),
        "the neurons come in the opposite order",
        "Which neuron's output is the first of your column?",
    ),
    "relu-inside": Mistake(
        _after(lambda column: np.maximum(column, 0)),
        "negative results are set to 0",
        "Can the sum be negative? Which step comes after this one?",
    ),
    "whole-numbers-only": Mistake(
        _after(lambda column: column.astype(int)),
        "all fractions are cut off, as in an array of whole numbers",
        "Which dtype did you allocate for the result?",
    ),
}

_TWO, _BIASES = alternating(2, 2, 2, 3), np.array([7.0, -9.0])
NEURON_COLUMN = Exercise(
    name="neuron_column",
    lecture=LECTURE,
    points=2,
    reference=neuron_column,
    cases=_column_cases,
    mistakes=COLUMN_MISTAKES,
    properties=(
        expects(
            "zero-chunk",
            Case("", (0 * _CHUNK, _TWO, _BIASES)),
            "A chunk of zeros leaves each neuron its bias",
        ),
        constant_ratio(
            [
                Case("", (x, w, np.zeros(len(w))))
                for x, w in [
                    (_CHUNK, _TWO),
                    (_CHUNK[:1], _TWO[:, :1]),
                    (-_CHUNK[:, :1, :2], alternating(3, 2, 1, 2)),
                ]
            ],
            when="With biases of 0",
        ),
        expects(
            "one-number",
            Case(
                "",
                (np.array([[[0.0, 1.0]]]), np.array([[[[2.0, 5.0]]], [[[3.0, 8.0]]]]), np.zeros(2)),
            ),
            "The chunk [0, 1] picks the second weight of the neurons [2, 5] and [3, 8]",
        ),
        scales(
            "linear",
            Case("", (_CHUNK, _TWO, 0 * _BIASES)),
            Case("", (-2 * _CHUNK, _TWO, 0 * _BIASES)),
            "With biases 0, a chunk times -2 should give the results times -2; yours does not.",
        ),
        contrast(
            "channels",
            Case("", (_CHUNK[:1], _TWO[:, :1], _BIASES)),
            Case("", (_CHUNK, _TWO, _BIASES)),
            "With one channel your results are right, with two they are not.",
            right_for=lambda chunk, **_: len(chunk) == 1,
        ),
        contrast(
            "neurons",
            Case("", (_CHUNK, _TWO[:1], _BIASES[:1])),
            Case("", (_CHUNK, _TWO, _BIASES)),
            "For one neuron your result is right, for two it is not.",
            right_for=lambda weights, **_: len(weights) == 1,
        ),
    ),
    shows={
        "one neuron": ("relu-inside",),
        "as many neurons as channels": ("relu-inside",),
        "several neurons": ("relu-inside",),
        "as many neurons as columns": ("relu-inside",),
    },
    smallest=_small_columns,
)
