"""Exercise of lecture 10: a loss that does not ask for certainty."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.factors import common_factor
from coursekit.exercises.inputs import halves
from coursekit.exercises.properties import contrast, expects


def label_smoothing_loss(scores: np.ndarray, labels: np.ndarray, smoothing: float = 0.1) -> float:
    """Mean cross-entropy against labels that leave some doubt.

    scores: logits (N, K) of any size. labels: right classes (N,). smoothing: the probability, from
    0 to 1, that is spread evenly over *all* K classes, the right one among them; the right class
    gets the remaining 1 − smoothing on top, as in PyTorch. For each image the loss is the sum over
    the classes of −target · log(softmax). Returns its mean over the images.
    Szegedy and others (2016).

    >>> round(label_smoothing_loss(np.array([[0.0, np.log(3.0)]]), np.array([1]), 0.5), 4)
    0.5623
    """
    target = smoothed(scores, labels, smoothing)
    return float(-(target * log_softmax(scores)).sum(axis=1).mean())


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Logarithms of the probabilities, (N, K), without overflow."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def smoothed(scores: np.ndarray, labels: np.ndarray, smoothing: float) -> np.ndarray:
    """Target probabilities (N, K)."""
    classes = scores.shape[1]
    return (1 - smoothing) * np.eye(classes)[labels] + smoothing / classes


def _case(group: str, scores: Any, labels: Any, *smoothing: float) -> Case:
    return Case(group, (np.array(scores, dtype=float), np.array(labels), *smoothing))


def _cases(rng: np.random.Generator) -> list[Case]:
    def batch(group: str, n: int, k: int, *smoothing: float, far: float = 0.0) -> Case:
        scores = halves(rng, n, k) + far * np.arange(n)[:, np.newaxis]
        return _case(group, scores, rng.permutation(np.arange(n) % k), *smoothing)

    return [
        batch("no smoothing", 3, 4, 0.0),
        batch("no smoothing", 5, 3, 0.0),
        batch("one image", 1, 4),
        batch("one image", 1, 6, 0.25),
        batch("several images", 3, 5),
        batch("several images", 6, 4, 0.3),
        batch("as many images as classes", 4, 4, 0.2),
        batch("two classes", 3, 2, 0.4),
        batch("everything spread", 3, 5, 1.0),
        batch("large scores", 4, 3, 0.1, far=1000.0),
        _case("large scores", 1000 + halves(rng, 2, 3), [0, 2], 0.1),
    ]


_SMALL = (
    _case("small", [[0.0, 2.0]], [1], 0.0),
    _case("small", [[0.0, 2.0]], [1], 0.5),
    _case("small", [[0.0, 2.0, 1.0]], [1], 0.5),
    _case("small", [[0.0, 2.0, 1.0], [0.5, 0.0, 3.0]], [1, 0], 0.5),
    _case("small", [[0.0, 2.0, 1.0]], [1]),
    _case("small", [[1000.0, 1001.0]], [0], 0.5),
    _case("small", [[0.0, 0.0], [1000.0, 1000.0]], [0, 1], 0.5),
)

Target = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


def _from(
    target: Target = smoothed,
    over: Callable[[np.ndarray], Any] = lambda costs: costs.sum(axis=1).mean(),
    log_p: Callable[[np.ndarray], np.ndarray] = log_softmax,
) -> Callable[..., float]:
    """A function like label_smoothing_loss from another target, mean or log-softmax.

    over: costs (N, K) of all images and classes to one number.
    """

    def label_smoothing_loss(
        scores: np.ndarray, labels: np.ndarray, smoothing: float = 0.1
    ) -> float:
        return float(over(-target(scores, labels, smoothing) * log_p(scores)))

    return label_smoothing_loss


def _one_hot(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return np.eye(scores.shape[1])[labels]


def _among_the_others(scores: np.ndarray, labels: np.ndarray, smoothing: float) -> np.ndarray:
    right, others = _one_hot(scores, labels), scores.shape[1] - 1
    return right * (1 - smoothing) + (1 - right) * smoothing / others


def _all_but_last(scores: np.ndarray, labels: np.ndarray, smoothing: float) -> np.ndarray:
    classes = scores.shape[1]
    return (1 - smoothing) * _one_hot(scores, labels) + smoothing / (classes - 1)


def _not_divided(scores: np.ndarray, labels: np.ndarray, smoothing: float) -> np.ndarray:
    return (1 - smoothing) * _one_hot(scores, labels) + smoothing


def _right_in_full(scores: np.ndarray, labels: np.ndarray, smoothing: float) -> np.ndarray:
    return _one_hot(scores, labels) + smoothing / scores.shape[1]


def _right_class_alone(scores: np.ndarray, labels: np.ndarray, smoothing: float) -> np.ndarray:
    return (1 - smoothing) * _one_hot(scores, labels)


def _right_class_less(scores: np.ndarray, labels: np.ndarray, smoothing: float) -> np.ndarray:
    right = _one_hot(scores, labels)
    return right * (1 - smoothing) + (1 - right) * smoothing / scores.shape[1]


def _every_other(scores: np.ndarray, labels: np.ndarray, smoothing: float) -> np.ndarray:
    right = _one_hot(scores, labels)
    return right * (1 - smoothing) + (1 - right) * smoothing


def _unshifted(scores: np.ndarray) -> np.ndarray:
    return np.log(np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True))


def _one_shift(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return np.log(powers / powers.sum(axis=1, keepdims=True))


_SUM = "What do the target probabilities of one image add up to?"
_RIGHT = "Four classes, smoothing 0.2: which target probability has the right class?"
_MEAN = "Put the same image into the batch twice. What should become of the loss?"
MISTAKES = {
    "smoothing-ignored": Mistake(
        _from(lambda scores, labels, s: _one_hot(scores, labels)),
        "there is no smoothing",
        "Does your result change when you change the smoothing?",
    ),
    "spread-over-the-others": Mistake(
        _from(_among_the_others),
        "the smoothing is spread over the wrong classes only",
        _RIGHT,
    ),
    "divided-by-one-class-less": Mistake(
        _from(_all_but_last), "the smoothing is divided by K − 1 and given to all K classes", _SUM
    ),
    "right-class-gets-no-share": Mistake(
        _from(_right_class_less),
        "the right class gets no share of what is spread over all K classes",
        _SUM,
    ),
    "smoothing-not-divided": Mistake(
        _from(_not_divided), "every class gets the whole smoothing", _SUM
    ),
    "others-get-the-whole-smoothing": Mistake(
        _from(_every_other), "every wrong class gets the whole smoothing", _SUM
    ),
    "right-class-in-full": Mistake(
        _from(_right_in_full), "the right class keeps its whole 1 and gets a share as well", _SUM
    ),
    "other-classes-forgotten": Mistake(
        _from(_right_class_alone), "only the right class counts, with 1 − smoothing", _SUM
    ),
    "smoothing-and-rest-exchanged": Mistake(
        _from(lambda scores, labels, s: smoothed(scores, labels, 1 - s)),
        "1 − smoothing is spread, and the right class gets smoothing on top",
        "With smoothing 0, which target should the right class have?",
    ),
    "summed-over-the-images": Mistake(
        _from(over=np.sum), "the loss is added up over the images, and not averaged", _MEAN
    ),
    "averaged-over-the-classes": Mistake(
        _from(over=np.mean),
        "the costs of the classes are averaged, and not added up",
        "With smoothing 0: does guessing among 10 classes cost ln 10, or a tenth of it?",
    ),
    "minus-forgotten": Mistake(
        _from(over=lambda costs: -costs.sum(axis=1).mean()),
        "the minus before the logarithm is forgotten",
        "Can a loss be negative here? Which sign has the logarithm of a probability?",
    ),
    "no-maximum-subtracted": Mistake(
        _from(log_p=_unshifted),
        "the scores go into exp as they are",
        "What is exp(1000)? May you subtract the same number from all scores of an image?",
    ),
    "one-maximum-for-all": Mistake(
        _from(log_p=_one_shift),
        "the largest score of the whole batch is subtracted from every image's scores",
        "One image has scores around 0 and one around -1000. What is left of the second?",
    ),
    "softmax-twice": Mistake(
        _from(log_p=lambda scores: log_softmax(np.exp(log_softmax(scores)))),
        "softmax is applied twice",
        "What is the smallest loss that you can reach without smoothing?",
    ),
    "softmax-forgotten": Mistake(
        _from(log_p=lambda scores: scores),
        "the scores themselves stand where their log-softmax should",
        "Add 5 to all scores of an image. Should its loss change?",
    ),
}

_ONE, _LABEL = [[0.0, 2.0, 1.0]], [1]
_TWO = [[0.0, 2.0, 1.0], [3.0, 0.5, -1.0]]
LABEL_SMOOTHING_LOSS = Exercise(
    name="label_smoothing_loss",
    lecture="10_gpu_training",
    points=2,
    reference=label_smoothing_loss,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        common_factor([_case("", _TWO, [1, 2], 0.5), _case("", _ONE, _LABEL, 0.25)]),
        expects(
            "guessing",
            _case("", [[0.0] * 4], [2], 0.0),
            "Without smoothing, four equal scores cost ln 4",
        ),
        expects(
            "guessing-smoothed",
            _case("", [[0.0] * 4], [2], 0.5),
            "Four equal scores cost ln 4 with any smoothing: the targets add up to 1",
        ),
        contrast(
            "smoothing",
            _case("", _ONE, _LABEL, 0.0),
            _case("", _ONE, _LABEL, 0.5),
            "Your loss is right without smoothing, and wrong with it.",
            right_for=lambda smoothing, **_: smoothing == 0,
        ),
        contrast(
            "batch",
            _case("", _ONE, _LABEL, 0.5),
            _case("", _TWO, [1, 2], 0.5),
            "Your loss is right for one image, and wrong for two.",
            right_for=lambda scores, **_: len(scores) == 1,
        ),
        contrast(
            "default",
            _case("", _ONE, _LABEL, 0.1),
            _case("", _ONE, _LABEL),
            "Your loss is right with smoothing 0.1, and wrong without: which default has it?",
        ),
    ),
    shows={
        "two classes": (
            "smoothing-ignored",
            "spread-over-the-others",
            "others-get-the-whole-smoothing",
            "smoothing-and-rest-exchanged",
        ),
        "everything spread": (
            "smoothing-ignored",
            "spread-over-the-others",
            "smoothing-and-rest-exchanged",
        ),
    },
    smallest=lambda: _SMALL,
)
