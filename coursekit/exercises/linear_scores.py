"""Exercise of lecture 01: the scores of a linear classifier."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from coursekit import layers
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import alternating, counted, fewest_first, halves
from coursekit.exercises.properties import constant_ratio, contrast, expects, scales


def linear_scores(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Scores of a linear classifier, one for each image and class.

    x: N images as rows of D features (N, D). w: one template for each of K classes (K, D). b: one
    bias a class (K,). Returns (N, K): each image's features weighted by each class's template and
    added up, plus that class's bias.

    >>> linear_scores(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [0.0, 1.0]]), np.ones(2))
    array([[12.,  3.]])
    """
    return layers.linear_forward(x, w, b)


def _scores_case(rng: np.random.Generator, group: str, n: int, d: int, k: int) -> Case:
    return Case(group, (halves(rng, n, d), halves(rng, k, d), halves(rng, k)))


def _scores_cases(rng: np.random.Generator) -> list[Case]:
    sizes = {
        "one image": [(1, 5, 3), (1, 4, 4)],
        "several images": [(4, 5, 3), (6, 3, 5)],
        "as many classes as features": [(3, 4, 4), (2, 5, 5)],
        "as many images as classes": [(3, 6, 3), (4, 2, 4)],
        "one class": [(3, 5, 1)],
    }
    return [_scores_case(rng, group, *size) for group, several in sizes.items() for size in several]


def _small_scores() -> Iterator[Case]:
    for n, d, k in fewest_first(product((1, 2), (1, 2, 3), (1, 2))):
        for bias in (0 * counted(k), counted(k)):
            yield Case("small", (counted(n, d), alternating(k, d), bias))


def _softmax(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _bias_by_image(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (w @ x.T + b).T  # an error, unless there are as many images as classes


_BIAS_HINT = "Give it an image of zeros. What should you see?"
_SHAPE_HINT = "Print the shape of your result. Which axis counts images, and which classes?"
SCORES_MISTAKES = {
    "bias-forgotten": Mistake(lambda x, w, b: x @ w.T, "the bias is forgotten", _BIAS_HINT),
    "bias-subtracted": Mistake(lambda x, w, b: x @ w.T - b, "the bias is subtracted", _BIAS_HINT),
    "first-bias-everywhere": Mistake(
        lambda x, w, b: x @ w.T + b[0],
        "the first class's bias is used for every class",
        "How many biases are there, and which class does each belong to?",
    ),
    "bias-for-every-feature": Mistake(
        lambda x, w, b: x @ w.T + x.shape[1] * b,
        "the bias is added once for every feature",
        "How often is the bias added for one score?",
    ),
    "bias-along-the-images": Mistake(
        _bias_by_image,
        "the biases are laid along the images",
        "Does every image have a bias, or every class?",
    ),
    "templates-not-transposed": Mistake(
        lambda x, w, b: x @ w + b,
        "each column of w is taken for a template, and not each row",
        "Is a template a row or a column of w? Try more features than classes.",
    ),
    "classes-first": Mistake(
        lambda x, w, b: (x @ w.T + b).T,
        "images and classes are exchanged in the result",
        _SHAPE_HINT,
    ),
    "classes-returned": Mistake(
        lambda x, w, b: (x @ w.T + b).argmax(axis=1),
        "the best class is returned, and not the scores",
        _SHAPE_HINT,
    ),
    "first-image-only": Mistake(
        lambda x, w, b: w @ x[0] + b, "only the first image is scored", _SHAPE_HINT
    ),
    "mean-instead-of-sum": Mistake(
        lambda x, w, b: x @ w.T / x.shape[1] + b,
        "the weighted features are averaged",
        "Set the bias to 0 and divide your answer by the right one: is it a constant?",
    ),
    "softmax-applied": Mistake(
        lambda x, w, b: _softmax(x @ w.T + b),
        "softmax turns the scores into probabilities",
        "Can a score be negative, or above 1?",
    ),
    "relu-applied": Mistake(
        lambda x, w, b: np.maximum(x @ w.T + b, 0),
        "negative scores are set to 0",
        "Can a class get a negative score?",
    ),
    "sums-multiplied": Mistake(
        lambda x, w, b: np.outer(x.sum(axis=1), w.sum(axis=1)) + b,
        "features and weights are added up first, and multiplied afterwards",
        "Which comes first: multiplying or adding up?",
    ),
}

_SCORES = (np.array([[1.0, 2.0, 4.0]]), np.array([[1.0, -3.0, 2.0], [5.0, 0.0, -4.0]]))
_PAIR = (np.array([[1.0, 2.0, 4.0], [3.0, -1.0, 5.0]]), _SCORES[1])
_NO_BIAS, _BIAS = np.zeros(2), np.array([7.0, -9.0])
LINEAR_SCORES = Exercise(
    name="linear_scores",
    lecture="01_recognition",
    points=2,
    reference=linear_scores,
    cases=_scores_cases,
    mistakes=SCORES_MISTAKES,
    properties=(
        expects(
            "zero-image",
            Case("", (0 * _SCORES[0], _SCORES[1], _BIAS)),
            "An image of zeros leaves only the biases as its scores",
        ),
        constant_ratio(
            [
                Case("", (*_SCORES, _NO_BIAS)),
                Case("", (counted(3, 2), alternating(4, 2), np.zeros(4))),
            ],
            when="With b = 0",
        ),
        expects(
            "one-feature",
            Case("", (np.array([[0.0, 1.0, 0.0]]), _SCORES[1], _NO_BIAS)),
            "With b = 0, an image whose second feature alone is 1 scores each second weight",
        ),
        scales(
            "linear",
            Case("", (*_SCORES, _NO_BIAS)),
            Case("", (-2 * _SCORES[0], _SCORES[1], _NO_BIAS)),
            "With b = 0, an image times -2 should give every score times -2; yours does not.",
        ),
        contrast(
            "bias",
            Case("", (*_SCORES, _NO_BIAS)),
            Case("", (*_SCORES, _BIAS)),
            "Your scores are right with b = 0 and wrong with other biases.",
            right_for=lambda b, **_: not b.any(),
        ),
        contrast(
            "batch",
            Case("", (*_SCORES, _BIAS)),
            Case("", (*_PAIR, _BIAS)),
            "Your scores are right for one image and wrong for two.",
            right_for=lambda x, **_: len(x) == 1,
        ),
    ),
    shows={
        "one image": ("relu-applied",),
        "one class": ("relu-applied",),
    },
    smallest=_small_scores,
)
