"""Exercise of lecture 10: the share of images whose class is among the k best."""

from collections.abc import Callable

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import distinct
from coursekit.exercises.properties import expects

Found = Callable[..., float]


def top_k_accuracy(scores: np.ndarray, labels: np.ndarray, k: int = 5) -> float:
    """Share of images whose right class is among the k best scores.

    scores: (N, K). labels: right classes (N,), whole numbers from 0 to K − 1. k: from 1 to K; with
    1 it is the usual accuracy. Returns one number from 0 to 1.

    >>> top_k_accuracy(np.array([[5.0, 4.0, 1.0], [0.0, 3.0, 2.0]]), np.array([1, 0]), k=2)
    0.5
    """
    best = scores.argsort(axis=1)[:, -k:]
    return float((best == labels[:, np.newaxis]).any(axis=1).mean())


def ranked_batch(
    rng: np.random.Generator, n: int, classes: int, ranks: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Scores (n, classes) without ties, and labels of these ranks in turn; 0 is the best score."""
    scores = distinct(rng, n, classes)
    order = (-scores).argsort(axis=1)
    return scores, order[np.arange(n), np.resize(ranks, n)]


def _cases(rng: np.random.Generator) -> list[Case]:
    def batch(group: str, n: int, classes: int, k: int, ranks: list[int]) -> Case:
        named = {} if k == 5 else {"k": k}
        return Case(group, ranked_batch(rng, n, classes, ranks), named)

    return [
        batch("top 1", 7, 4, 1, [0, 1, 2, 0, 3]),
        batch("top 1", 5, 5, 1, [1, 0, 0, 4]),
        batch("top 5", 12, 12, 5, [0, 4, 5, 1, 11, 3, 2]),
        batch("top 5", 9, 10, 5, [4, 5, 9]),
        batch("other numbers", 8, 6, 2, [0, 1, 2, 5, 1]),
        batch("other numbers", 6, 7, 3, [2, 3, 0, 6, 6]),
        batch("one image", 1, 8, 3, [2]),
        batch("one image", 1, 8, 3, [3]),
        batch("all classes", 6, 3, 3, [2, 0, 1]),
        batch("good and bad", 6, 8, 3, [0, 1, 2]),
        batch("good and bad", 6, 8, 3, [7, 6, 5]),
        Case("good and bad", (np.array(_SCORES_LIKE_LABELS), np.array([3, 1])), {"k": 1}),
        Case("other numbers", (np.array(_DIGITS), np.array([1, 0])), {"k": 3}),
    ]


# The best score of the first image is 3.0, as is its label: not the same for all that.
_SCORES_LIKE_LABELS = [[3.0, 0.0, 2.0, 1.0], [0.0, 1.0, 3.0, 2.0]]

# The best classes of the first image are 12, 11 and 10: a 1 is in each, and none is class 1.
_DIGITS = [[float(i) for i in range(13)], [float(-i) for i in range(13)]]


def _scored(k: int, rows: list[list[float]], labels: list[int]) -> Case:
    return Case("small", (np.array(rows), np.array(labels)), {"k": k})


_SMALL = (
    _scored(1, [[1.0, 2.0]], [1]),
    _scored(1, [[1.0, 2.0]], [0]),
    _scored(1, [[1.0, 2.0], [5.0, 4.0]], [0, 0]),
    _scored(2, [[1.0, 2.0, 3.0]], [1]),
    _scored(2, [[1.0, 2.0, 3.0]], [0]),
    _scored(2, [[1.0, 2.0, 3.0], [5.0, 4.0, 0.0]], [1, 2]),
    _scored(2, [[1.0, 2.0, 3.0], [5.0, 4.0, 0.0], [6.0, 7.0, 8.0]], [1, 2, 2]),
    Case("small", (np.arange(6.0)[np.newaxis], np.array([1]))),
    Case("small", (np.arange(7.0)[np.newaxis], np.array([1]))),
)


def _from(share: Callable[[np.ndarray, np.ndarray, int], float]) -> Found:
    """A function like top_k_accuracy from hits (N, K), best class first, scores and k."""

    def top_k_accuracy(scores: np.ndarray, labels: np.ndarray, k: int = 5) -> float:
        hits = (-scores).argsort(axis=1) == labels[:, np.newaxis]
        return float(share(hits, scores, k))

    return top_k_accuracy


def _along_images(scores: np.ndarray, labels: np.ndarray, k: int = 5) -> float:
    best = (-scores).argsort(axis=0)[:k]
    return float((best == labels).any(axis=0).mean())  # an error, unless N = K


def _labels_along_columns(scores: np.ndarray, labels: np.ndarray, k: int = 5) -> float:
    best = (-scores).argsort(axis=1)[:, :k]
    return float(np.isin(labels, best).mean())


def _values(scores: np.ndarray, labels: np.ndarray, k: int = 5) -> float:
    best = -np.sort(-scores, axis=1)[:, :k]
    return float((best == labels[:, np.newaxis]).any(axis=1).mean())


MISTAKES = {
    "worst-classes": Mistake(
        _from(lambda hits, s, k: hits[:, -k:].any(axis=1).mean()),
        "the k smallest scores are taken",
        "Print the scores of the classes that you pick. Are they the largest?",
    ),
    "all-must-hit": Mistake(
        _from(lambda hits, s, k: hits[:, :k].all(axis=1).mean()),
        "all k guesses must be the right class",
        "Is one hit among the k guesses enough?",
    ),
    "mean-over-the-guesses": Mistake(
        _from(lambda hits, s, k: hits[:, :k].mean()),
        "the hits are averaged over the k guesses too",
        "Every image is found: do you get 1? By how many do you divide?",
    ),
    "hits-counted": Mistake(
        _from(lambda hits, s, k: hits[:, :k].sum()),
        "the hits are counted",
        "Half of the images are found: which number do you give?",
    ),
    "error-returned": Mistake(
        _from(lambda hits, s, k: 1 - hits[:, :k].any(axis=1).mean()),
        "the share of images that were missed is returned",
        "Every image is found: which number do you give, and which one should it be?",
    ),
    "percent": Mistake(
        _from(lambda hits, s, k: 100 * hits[:, :k].any(axis=1).mean()),
        "percent are returned",
        "Half of the images are found: which number do you give?",
    ),
    "one-too-few": Mistake(
        _from(lambda hits, s, k: hits[:, : k - 1].any(axis=1).mean()),
        "one guess too few is looked at",
        "With k = 1, how many guesses do you look at?",
    ),
    "one-too-many": Mistake(
        _from(lambda hits, s, k: hits[:, : k + 1].any(axis=1).mean()),
        "one guess too many is looked at",
        "With k = 1, how many guesses do you look at?",
    ),
    "best-left-out": Mistake(
        _from(lambda hits, s, k: hits[:, 1 : k + 1].any(axis=1).mean()),
        "the best guess is left out, and one more at the end is looked at",
        "At which position does the best guess stand in your sorted list?",
    ),
    "only-the-kth": Mistake(
        _from(lambda hits, s, k: hits[:, k - 1].mean()),
        "only the guess at position k is looked at",
        "The best guess is right: does it count for k = 5?",
    ),
    "only-the-best": Mistake(
        _from(lambda hits, s, k: hits[:, 0].mean()),
        "only the best guess is looked at, whatever k is",
        "Does your result change when you change k?",
    ),
    "always-five": Mistake(
        _from(lambda hits, s, k: hits[:, :5].any(axis=1).mean()),
        "five guesses are looked at, whatever k is",
        "Does your result change when you change k?",
    ),
    "over-the-classes": Mistake(
        _from(lambda hits, s, k: hits[:, :k].sum() / s.shape[1]),
        "the hits are divided by the number of classes",
        "Which axis of the scores counts the images?",
    ),
    "over-k": Mistake(
        _from(lambda hits, s, k: hits[:, :k].sum() / k),
        "the hits are divided by k",
        "Can your result be above 1? By how many should you divide?",
    ),
    "best-images": Mistake(
        _along_images,
        "the best images of each class are searched, and not the best classes of each image",
        "One list of guesses for each image: which shape has your sorted array?",
    ),
    "in-any-image": Mistake(
        _labels_along_columns,
        "an image counts as found when any image's guesses hold its class",
        "In whose list of guesses should an image's class be found?",
    ),
    "scores-for-classes": Mistake(
        _values,
        "the labels are compared with scores, and not with classes",
        "Print your k best guesses: are they classes or scores?",
    ),
}

TOP_K_ACCURACY = Exercise(
    name="top_k_accuracy",
    lecture="10_gpu_training",
    points=1,
    reference=top_k_accuracy,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects("best", _SMALL[0], "With k = 1 the best guess is right"),
        expects("second", _SMALL[1], "With k = 1 the second guess does not count"),
        expects("second-of-two", _SMALL[3], "With k = 2 the second guess counts"),
        expects("third", _SMALL[4], "With k = 2 the third guess does not count"),
        expects("all-classes", _scored(2, [[1.0, 2.0]], [0]), "Two guesses of two always hit"),
        expects("two-images", _SMALL[5], "One of two images is found"),
        expects("five", _SMALL[7], "Without k five guesses count, and the fifth is right"),
    ),
    shows={
        "one image": ("best-images",),
        "good and bad": ("in-any-image",),
    },
    smallest=lambda: _SMALL,
)
