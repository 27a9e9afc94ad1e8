"""Exercise of lecture 08: the share of images that were recognized."""

from collections.abc import Callable, Sequence

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.factors import common_factor
from coursekit.exercises.inputs import distinct
from coursekit.exercises.properties import expects

Batches = Sequence[tuple[np.ndarray, np.ndarray]]


def accuracy(batches: Batches) -> float:
    """Share of the images whose largest score is the right class's.

    batches: list of pairs (scores, labels), scores (n, K) and labels (n,), whole numbers from 0 to
    K − 1; the last batch is often shorter than the others. Returns one number from 0 to 1, the
    share of all images together.

    >>> full = (np.array([[5.0, 1.0], [4.0, 2.0]]), np.array([0, 0]))
    >>> rest = (np.array([[3.0, 7.0]]), np.array([0]))
    >>> accuracy([full, rest])
    0.6666666666666666
    """
    right = sum(int((scores.argmax(axis=1) == labels).sum()) for scores, labels in batches)
    return right / sum(len(labels) for _, labels in batches)


def _batch(rng: np.random.Generator, right: int, n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """n images of which this many are right."""
    scores = distinct(rng, n, k)
    best = scores.argmax(axis=1)
    wrong = (best + rng.integers(1, k, n)) % k
    hit = rng.permutation(n) < right
    return scores, np.where(hit, best, wrong)


def _cases(rng: np.random.Generator) -> list[Case]:
    tried = {
        "one batch": [[(3, 5, 4)], [(4, 7, 3)], [(1, 3, 5)]],
        "as many images as classes": [[(3, 4, 4)], [(2, 5, 5)]],
        "equal batches": [[(3, 4, 3), (1, 4, 3), (4, 4, 3)]],
        "short last batch": [[(6, 6, 4), (5, 6, 4), (0, 2, 4)], [(1, 5, 3), (2, 5, 3), (2, 2, 3)]],
        "all right, all wrong": [[(5, 5, 3), (2, 2, 3)], [(0, 4, 3), (0, 1, 3)]],
    }
    one_image = Case("one batch", ([(np.array([[2.0, 1.0]]), np.array([0]))],))
    return [
        one_image,
        *(
            Case(group, ([_batch(rng, *batch) for batch in batches],))
            for group, several in tried.items()
            for batches in several
        ),
    ]


def _scored(*batches: tuple[list[list[float]], list[int]]) -> Case:
    return Case("small", ([(np.array(s), np.array(y)) for s, y in batches],))


_SMALL = (
    _scored(([[2.0, 1.0]], [0])),
    _scored(([[2.0, 1.0]], [1])),
    _scored(([[2.0, 1.0], [3.0, 5.0]], [1, 1])),
    _scored(([[2.0, 1.0], [3.0, 5.0], [4.0, 0.0]], [0, 1, 1])),
    _scored(([[2.0, 1.0], [3.0, 5.0]], [0, 1]), ([[4.0, 0.0]], [1])),
    _scored(([[2.0, 1.0], [3.0, 5.0]], [1, 1]), ([[4.0, 0.0]], [0])),
    _scored(([[2.0, 1.0], [3.0, 5.0]], [0, 1]), ([[4.0, 0.0], [1.0, 2.0]], [1, 1])),
)


def _from(formula: Callable[[np.ndarray, np.ndarray, Batches], float]) -> Callable[..., float]:
    """A function like accuracy from right and all images of each batch."""

    def accuracy(batches: Batches) -> float:
        right = np.array([(scores.argmax(axis=1) == labels).sum() for scores, labels in batches])
        return formula(right, np.array([len(labels) for _, labels in batches]), batches)

    return accuracy


def _best_image(batches: Batches) -> float:
    right = sum((scores.argmax(axis=0) == labels).sum() for scores, labels in batches)
    return float(right / sum(len(labels) for _, labels in batches))


def _worst_class(batches: Batches) -> float:
    return accuracy([(-scores, labels) for scores, labels in batches])


def _positive(batches: Batches) -> float:
    return accuracy([(scores > 0, labels) for scores, labels in batches])


_SHORT = "One batch of 100 images, all right, and one of 1, wrong: which share of 101 is right?"
_UNIT = "Half of the images are right: which number do you give?"
MISTAKES = {
    "mean-of-the-batches": Mistake(
        _from(lambda right, n, _: float(np.mean(right / n))),
        "the accuracies of the batches are averaged, however long each is",
        _SHORT,
    ),
    "every-batch-taken-as-full": Mistake(
        _from(lambda right, n, _: right.sum() / (n[0] * len(n))),
        "every batch is taken to be as long as the first",
        _SHORT,
    ),
    "last-batch-dropped": Mistake(
        _from(lambda right, n, _: right[:-1].sum() / max(n[:-1].sum(), 1)),
        "the last batch is left out",
        "How many images do you count, and how many are there?",
    ),
    "last-batch-only": Mistake(
        _from(lambda right, n, _: right[-1] / n[-1]),
        "only the last batch is counted",
        "What becomes of the first batch's count when the second batch comes?",
    ),
    "first-batch-only": Mistake(
        _from(lambda right, n, _: right[0] / n[0]),
        "only the first batch is counted",
        "Where does your function return: inside the loop or after it?",
    ),
    "right-over-the-last-batch": Mistake(
        _from(lambda right, n, _: right.sum() / n[-1]),
        "all right images are divided by the length of the last batch",
        "Can your result be above 1? By how many images do you divide?",
    ),
    "right-over-the-batches": Mistake(
        _from(lambda right, n, _: right.sum() / len(n)),
        "the right images are divided by the number of batches",
        "Can your result be above 1? What does the length of the list count?",
    ),
    "batches-summed": Mistake(
        _from(lambda right, n, _: float(np.sum(right / n))),
        "the accuracies of the batches are added up",
        "Can your result be above 1?",
    ),
    "over-classes-too": Mistake(
        _from(lambda right, n, b: right.sum() / sum(scores.size for scores, _ in b)),
        "the right images are divided by the number of scores",
        "Every image right: do you get 1? By what do you divide?",
    ),
    "best-image-of-each-class": Mistake(
        _best_image,
        "the best image of each class is searched, and not the best class of each image",
        "One answer for each image: how long is the list of your predictions?",
    ),
    "smallest-score": Mistake(
        _worst_class,
        "the class with the smallest score is predicted",
        "Which class does a linear classifier choose, looking at its scores?",
    ),
    "first-positive-score": Mistake(
        _positive,
        "the first class with a positive score is predicted",
        "Two classes have a positive score. Which one is meant?",
    ),
    "count-returned": Mistake(
        _from(lambda right, n, _: float(right.sum())), "the right images are counted", _UNIT
    ),
    "percent": Mistake(
        _from(lambda right, n, _: 100 * right.sum() / n.sum()), "percent are returned", _UNIT
    ),
    "error-returned": Mistake(
        _from(lambda right, n, _: 1 - right.sum() / n.sum()),
        "the share of wrong images is returned",
        "Every image is right: which number do you give, and which one should it be?",
    ),
    "rounded": Mistake(
        _from(lambda right, n, _: round(right.sum() / n.sum(), 2)),
        "the result is rounded to two places",
        "Two of three images are right: how many digits has your answer?",
    ),
}

ACCURACY = Exercise(
    name="accuracy",
    lecture="08_training",
    points=1,
    reference=accuracy,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        common_factor((_SMALL[2], _SMALL[3])),
        expects("one-right", _SMALL[0], "The only image is right"),
        expects("one-wrong", _SMALL[1], "The only image is wrong"),
        expects("one-batch", _SMALL[3], "Two of three images are right"),
        expects("short-batch", _SMALL[4], "Two of three images in two batches are right"),
    ),
    shows={
        "as many images as classes": (
            "best-image-of-each-class",
            "first-positive-score",
        ),
        "one batch": ("first-positive-score",),
        "equal batches": ("first-positive-score",),
        "all right, all wrong": ("first-positive-score",),
    },
    smallest=lambda: _SMALL,
)
