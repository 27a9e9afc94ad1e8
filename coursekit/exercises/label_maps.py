"""Exercise of lecture 01: how right is a label map, averaged over its classes."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from coursekit.exercises.agreement import share
from coursekit.exercises.exercise import Case, Exercise, Mistake, Property
from coursekit.exercises.properties import expects


def mean_iou(prediction: np.ndarray, truth: np.ndarray, num_classes: int) -> float:
    """Mean over classes of intersection over union.

    prediction, truth: label maps (H, W) of whole numbers from 0 to num_classes − 1, one class a
    pixel. A class's intersection are the pixels that both maps give to it, its union those that at
    least one does. A class that occurs in neither map has no IoU and is left out of the mean.
    Returns one number from 0 to 1.

    >>> mean_iou(np.array([[0, 1, 1]]), np.array([[0, 0, 1]]), 3)  # 1/2 and 1/2; class 2 left out
    0.5
    """
    ious = []
    for label in range(num_classes):
        union = np.sum((prediction == label) | (truth == label))
        if union > 0:
            ious.append(np.sum((prediction == label) & (truth == label)) / union)
    return float(np.mean(ious))


def _counts(
    prediction: np.ndarray, truth: np.ndarray, num_classes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels of each class: in both maps, in the prediction, in the truth."""
    masks = [(prediction == label, truth == label) for label in range(num_classes)]
    both = np.array([np.sum(ours & theirs) for ours, theirs in masks])
    return both, *(np.array([pair[k].sum() for pair in masks]) for k in (0, 1))


def _maps(rng: np.random.Generator, group: str, ours: str, theirs: str, num_classes: int) -> Case:
    """Two 4×7 maps in which these classes occur, the truth's mostly found again."""
    shape = (4, 7)
    truth = rng.permutation(np.resize([int(c) for c in theirs], 28)).reshape(shape)
    other = rng.permutation(np.resize([int(c) for c in ours], 28)).reshape(shape)
    seen = np.isin(truth, [int(c) for c in ours])
    prediction = np.where(seen & (rng.random(shape) < 0.6), truth, other)
    return Case(group, (prediction, truth, num_classes))


def _cases(rng: np.random.Generator) -> list[Case]:
    every, nobody, one = "every class in both maps", "a class in no map", "a class in one map only"
    cases = [_maps(rng, every, "0012", "00112", 3), _maps(rng, every, "0113", "01233", 4)]
    cases += [_maps(rng, every, "01", "001", 2), _maps(rng, every, "0001223", "0012334", 5)]
    cases += [_maps(rng, nobody, "013", "00133", 4), _maps(rng, nobody, "12", "0112", 5)]
    cases += [_maps(rng, nobody, "002", "0022", 3)]
    cases += [_maps(rng, one, "0123", "0011", 4), _maps(rng, one, "001", "0123", 4)]
    cases += [_maps(rng, one, "13", "0111", 5)]
    missed = np.array([[0, 0, 1], [1, 2, 0]]), np.array([[0, 2, 1], [1, 0, 0]])
    cases += [Case(every, (*missed, 3))]  # class 2 is in both maps, at other pixels
    same = rng.integers(0, 3, (3, 5))
    return [*cases, Case("the same map twice", (same, same.copy(), 4))]


def _small_maps() -> Iterator[Case]:
    for width in (1, 2, 3):
        for labels in product(range(3), repeat=2 * width):
            maps = np.array(labels).reshape(2, 1, width)
            yield Case("small", (maps[0], maps[1], 3))


def _mean_from(formula: Callable[..., float]) -> Callable[..., float]:
    """A function like mean_iou from the pixels of each class: both, ours, theirs."""

    def mean_iou(prediction: np.ndarray, truth: np.ndarray, num_classes: int) -> float:
        return float(formula(*_counts(prediction, truth, num_classes)))

    return mean_iou


def _ious(both: np.ndarray, ours: np.ndarray, theirs: np.ndarray, absent: float) -> np.ndarray:
    """IoU of each class; ``absent`` for one that no map has."""
    union = ours + theirs - both
    return np.where(union > 0, both / np.maximum(union, 1), absent)


def _over(both: np.ndarray, total: np.ndarray) -> float:
    """Mean of a share, over the classes that have a total."""
    return np.mean(both[total > 0] / total[total > 0])


def _first_left_out(prediction: np.ndarray, truth: np.ndarray, num_classes: int) -> float:
    both, ours, theirs = _counts(prediction, truth, num_classes)
    return float(np.nanmean(_ious(both, ours, theirs, np.nan)[1:]))


def _last_left_out(prediction: np.ndarray, truth: np.ndarray, num_classes: int) -> float:
    return mean_iou(prediction, truth, num_classes - 1)


_ABSENT_HINT = "A class that occurs in neither map: was anything about it right or wrong?"
_FOUND_HINT = "Which classes do you average over? Try one that only one of the maps has."
_UNION_HINT = "Take the pixels of one class in both maps: how often is each counted below the line?"
MISTAKES = {
    "pixel-accuracy": Mistake(
        _mean_from(lambda both, ours, theirs: both.sum() / theirs.sum()),
        "the share of right pixels is returned",
        "A tiny object in a large background: how much does it count for you?",
    ),
    "absent-classes-are-zero": Mistake(
        _mean_from(lambda both, ours, theirs: np.mean(_ious(both, ours, theirs, 0))),
        "a class that occurs in neither map counts as 0",
        _ABSENT_HINT,
    ),
    "absent-classes-are-one": Mistake(
        _mean_from(lambda both, ours, theirs: np.mean(_ious(both, ours, theirs, 1))),
        "a class that occurs in neither map counts as 1",
        _ABSENT_HINT,
    ),
    "absent-classes-are-nan": Mistake(
        _mean_from(lambda both, ours, theirs: np.mean(_ious(both, ours, theirs, np.nan))),
        "a class that occurs in neither map is 0 divided by 0",
        _ABSENT_HINT,
    ),
    "only-classes-of-the-truth": Mistake(
        _mean_from(lambda both, ours, theirs: np.mean(_ious(both, ours, theirs, 0)[theirs > 0])),
        "classes that only the prediction has are left out",
        _FOUND_HINT,
    ),
    "only-classes-of-the-prediction": Mistake(
        _mean_from(lambda both, ours, theirs: np.mean(_ious(both, ours, theirs, 0)[ours > 0])),
        "classes that only the truth has are left out",
        _FOUND_HINT,
    ),
    "only-classes-of-both-maps": Mistake(
        _mean_from(
            lambda both, ours, theirs: np.mean(
                _ious(both, ours, theirs, 0)[(ours > 0) & (theirs > 0)]
            )
        ),
        "classes that only one of the maps has are left out",
        _FOUND_HINT,
    ),
    "only-classes-that-were-hit": Mistake(
        _mean_from(lambda both, ours, theirs: np.mean(_ious(both, ours, theirs, 0)[both > 0])),
        "classes without a single right pixel are left out",
        _FOUND_HINT,
    ),
    "union-is-the-sum": Mistake(
        _mean_from(lambda both, ours, theirs: _over(both, ours + theirs)),
        "the union is taken to be the sum of both areas",
        _UNION_HINT,
    ),
    "dice": Mistake(
        _mean_from(lambda both, ours, theirs: _over(2 * both, ours + theirs)),
        "the intersection is divided by the mean of both areas",
        _UNION_HINT,
    ),
    "over-the-truth": Mistake(
        _mean_from(lambda both, ours, theirs: _over(both, theirs)),
        "the intersection is divided by the truth's pixels",
        "A prediction that gives every pixel to class 0: how good is class 0 for you?",
    ),
    "over-the-prediction": Mistake(
        _mean_from(lambda both, ours, theirs: _over(both, ours)),
        "the intersection is divided by the prediction's pixels",
        "A prediction that finds one pixel of a large object: how good is that for you?",
    ),
    "weighted-by-size": Mistake(
        _mean_from(
            lambda both, ours, theirs: np.sum(theirs / theirs.sum() * _ious(both, ours, theirs, 0))
        ),
        "large classes count more than small ones",
        "Does every class have the same say in your mean?",
    ),
    "all-classes-pooled": Mistake(
        _mean_from(lambda both, ours, theirs: both.sum() / (ours + theirs - both).sum()),
        "intersections and unions are added up over the classes before they are divided",
        "What is averaged: pixels, or the IoUs of the classes?",
    ),
    "class-zero-left-out": Mistake(
        _first_left_out, "class 0 is left out", "Which is the first class your loop visits?"
    ),
    "last-class-left-out": Mistake(
        _last_left_out, "the last class is left out", "Which is the last class your loop visits?"
    ),
    "summed-not-averaged": Mistake(
        _mean_from(lambda both, ours, theirs: np.sum(_ious(both, ours, theirs, 0))),
        "the classes' IoUs are added up and not averaged",
        "Two maps that are the same: what do you give?",
    ),
}


def _telling(slug: str, ours: str, theirs: str, num_classes: int, why: str) -> Property:
    prediction, truth = (np.array([[int(c) for c in row]]) for row in (ours, theirs))
    where = f"For {prediction.tolist()} against {truth.tolist()} {why}"
    return expects(slug, Case("", (prediction, truth, num_classes)), where)


MEAN_IOU = Exercise(
    name="mean_iou",
    lecture="01_recognition",
    points=3,
    reference=mean_iou,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        _telling("same-map", "011", "011", 2, "every class is found completely"),
        _telling("nothing-right", "000", "111", 2, "no class has a pixel in common"),
        _telling("two-classes", "0111", "0001", 2, "both classes share 1 of 3 pixels"),
        _telling("unequal-classes", "0001", "0011", 2, "the IoUs are 2/3 and 1/2"),
        _telling("absent-class", "00", "00", 2, "class 1 occurs nowhere and is left out"),
        _telling("missed-class", "00", "01", 2, "the IoUs are 1/2 and 0"),
        _telling("invented-class", "01", "00", 2, "the IoUs are 1/2 and 0"),
    ),
    smallest=_small_maps,
    agrees=share,
    alike=share,
)
