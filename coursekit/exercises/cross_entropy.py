"""Exercise of lecture 08: the loss of a classifier, and its gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit import layers
from coursekit.exercises.agreement import disagreement
from coursekit.exercises.exercise import Case, Exercise, Mistake, Property
from coursekit.exercises.factors import common_factor
from coursekit.exercises.inputs import halves
from coursekit.exercises.parts import Parts
from coursekit.exercises.properties import constant_ratio, contrast, expects, part, which_parts

Answer = tuple[float, np.ndarray]


def softmax_cross_entropy(scores: np.ndarray, labels: np.ndarray) -> Answer:
    """Mean of −log(probability of the right class), and its gradient.

    scores: of N images for K classes, floats (N, K) of any size: 1000 is no mistake. labels: the
    right classes (N,), whole numbers from 0 to K − 1. Returns loss, one number, the mean over the
    images with the natural logarithm; and dscores (N, K), the derivative of that loss by every
    score. scores stays as it is.

    >>> loss, dscores = softmax_cross_entropy(np.zeros((1, 4)), np.array([2]))
    >>> print(f"{loss:.4f}", dscores)  # guessing among 4 costs ln 4
    1.3863 [[ 0.25  0.25 -0.75  0.25]]
    """
    return layers.softmax_cross_entropy(scores, labels)


def _case(group: str, scores: Any, labels: Any) -> Case:
    return Case(group, (np.array(scores, dtype=float), np.array(labels)))


def _cases(rng: np.random.Generator) -> list[Case]:
    def labels(n: int, k: int) -> np.ndarray:
        drawn = rng.integers(0, k, n)
        drawn[:2] = rng.permutation(k)[: len(drawn[:2])]  # not all of one class
        return drawn

    def one_image(k: int) -> Case:
        """The second best class is right: a loss near 0 has few digits in single precision."""
        scores = halves(rng, 1, k)
        return _case("one image", scores, scores.argsort(axis=1)[:, -2])

    sizes = {
        "several images": [(3, 5), (6, 4), (5, 3)],
        "as many images as classes": [(4, 4)],
    }
    cases = [one_image(k) for k in (4, 6)]
    cases += [
        _case(group, halves(rng, n, k), labels(n, k))
        for group, several in sizes.items()
        for n, k in several
    ]
    cases.append(_case("guessing", np.zeros((5, 10)), labels(5, 10)))
    cases.append(_case("large scores", 1000 + halves(rng, 3, 4), labels(3, 4)))
    wide = halves(rng, 2, 3)
    wide[:, 1] += 4000  # so nothing but a row's own maximum will do
    cases.append(_case("large scores", wide, [1, 1]))
    far = halves(rng, 3, 4) + np.array([[0.0], [-1000.0], [500.0]])
    cases.append(_case("images of very different scores", far, labels(3, 4)))
    sure = halves(rng, 3, 5)
    right = labels(3, 5)
    sure[np.arange(3), right] -= 45.0
    cases.append(_case("sure and wrong", sure, right))
    return cases


_SMALL = (
    _case("small", [[0.0, 0.0]], [0]),
    _case("small", [[1.0, 0.0]], [0]),
    _case("small", [[0.0, 2.0], [0.0, 0.0]], [0, 1]),
    _case("small", [[0.0, 2.0, 1.0], [0.0, 0.0, 3.0]], [0, 2]),
    _case("small", [[1000.0, 999.0]], [0]),
    _case("small", [[0.0, 0.0], [-1000.0, -1000.0]], [0, 1]),
    _case("small", [[0.0, 40.0]], [0]),
    _case("small", [[0.0, 4000.0, 1.0]], [1]),
)

# --- known mistakes -----------------------------------------------------------------------------

Formula = Callable[[np.ndarray, np.ndarray], Any]  # of probabilities (N, K) and labels (N,)


def _softmax(scores: np.ndarray, axis: int = 1) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _unshifted(scores: np.ndarray) -> np.ndarray:
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def _shifted_by_one(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum(axis=1, keepdims=True)


def _picked(p: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return p[np.arange(len(labels)), labels]


def _loss(p: np.ndarray, labels: np.ndarray) -> float:
    return -np.log(_picked(p, labels)).mean()


def _gradient(p: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return (p - np.eye(p.shape[1])[labels]) / len(p)


def _from(
    loss: Formula = _loss,
    gradient: Formula = _gradient,
    softmax: Callable[[np.ndarray], np.ndarray] = _softmax,
) -> Callable[[np.ndarray, np.ndarray], Answer]:
    """A function like softmax_cross_entropy from other formulas."""

    def softmax_cross_entropy(scores: np.ndarray, labels: np.ndarray) -> Answer:
        p = softmax(scores)
        return loss(p, labels), gradient(p, labels)

    return softmax_cross_entropy


def _one_in_every_column(p: np.ndarray, labels: np.ndarray) -> np.ndarray:
    gradient = p.copy()
    gradient[:, labels] -= 1
    return gradient / len(p)


def _summed_pairs(p: np.ndarray, labels: np.ndarray) -> float:
    return -np.log(p[:, labels]).sum() / len(p)


def _mean_of_pairs(p: np.ndarray, labels: np.ndarray) -> float:
    return -np.log(p[:, labels]).mean()


def _plus(epsilon: float) -> Mistake:
    return Mistake(
        _from(lambda p, y: -np.log(_picked(p, y) + epsilon).mean()),
        f"the logarithm is taken of the probability plus {epsilon:g}",
        "How much should an image cost whose right class has the probability exp(-40)?",
    )


_PAIRS = "Print the shape of what you pick from the probabilities. How many do you need an image?"
_BATCH = "Put the same image into the batch twice. What should become of the loss?"
MISTAKES = {
    "no-maximum-subtracted": Mistake(
        _from(softmax=_unshifted),
        "the scores go into exp as they are",
        "What is exp(1000)? May you subtract the same number from all scores of an image?",
    ),
    "one-maximum-for-all": Mistake(
        _from(softmax=_shifted_by_one),
        "the largest score of the whole batch is subtracted from every image's scores",
        "One image has scores around 0 and one around -1000. What is left of the second?",
    ),
    "softmax-over-the-batch": Mistake(
        _from(softmax=lambda scores: _softmax(scores, axis=0)),
        "the probabilities add up to 1 over the images, and not over the classes",
        "Which sums of probabilities should be 1: those of rows or those of columns?",
    ),
    "softmax-twice": Mistake(
        _from(softmax=lambda scores: _softmax(_softmax(scores))),
        "softmax is applied twice",
        "What is the smallest loss that you can reach with perfect scores?",
    ),
    "every-pair-summed": Mistake(
        _from(_summed_pairs),
        "the loss picks every label's class from every image, and adds them all up",
        _PAIRS,
    ),
    "every-pair-averaged": Mistake(
        _from(_mean_of_pairs),
        "the loss picks every label's class from every image, and averages them all",
        _PAIRS,
    ),
    "every-pair-summed-in-both": Mistake(
        _from(_summed_pairs, _one_in_every_column),
        "loss and gradient pick every label's class from every image, and add them up",
        _PAIRS,
    ),
    "every-pair-averaged-in-both": Mistake(
        _from(_mean_of_pairs, _one_in_every_column),
        "loss and gradient pick every label's class from every image",
        _PAIRS,
    ),
    "every-pair-in-the-gradient": Mistake(
        _from(gradient=_one_in_every_column),
        "the gradient subtracts 1 at every label's class from every image",
        "Print one row of dscores. For how many classes of one image do you subtract 1?",
    ),
    "summed-not-averaged": Mistake(
        _from(lambda p, y: -np.log(_picked(p, y)).sum(), lambda p, y: _gradient(p, y) * len(p)),
        "loss and gradient are added up over the images, and not averaged",
        _BATCH,
    ),
    "loss-summed": Mistake(
        _from(lambda p, y: -np.log(_picked(p, y)).sum()),
        "the loss is added up over the images, and not averaged",
        _BATCH,
    ),
    "gradient-not-averaged": Mistake(
        _from(gradient=lambda p, y: _gradient(p, y) * len(p)),
        "the gradient is not divided by the number of images",
        "Your loss is a mean over the images. What does that do to its derivative?",
    ),
    "averaged-over-classes-too": Mistake(
        _from(lambda p, y: _loss(p, y) / p.shape[1]),
        "the loss is divided by the number of classes as well",
        "What does pure guessing among 10 classes cost: ln 10, or a tenth of it?",
    ),
    "averaged-over-classes-in-both": Mistake(
        _from(lambda p, y: _loss(p, y) / p.shape[1], lambda p, y: _gradient(p, y) / p.shape[1]),
        "loss and gradient are divided by the number of classes as well",
        "What does pure guessing among 10 classes cost: ln 10, or a tenth of it?",
    ),
    "minus-forgotten": Mistake(
        _from(lambda p, y: -_loss(p, y)),
        "the minus before the logarithm is forgotten",
        "Can a loss be negative here? Which sign has the logarithm of a probability?",
    ),
    "logarithm-to-base-2": Mistake(
        _from(lambda p, y: _loss(p, y) / np.log(2)),
        "the logarithm is to base 2",
        "Guessing between two classes: is your loss 1, or 0.693?",
    ),
    "logarithm-to-base-10": Mistake(
        _from(lambda p, y: _loss(p, y) / np.log(10)),
        "the logarithm is to base 10",
        "Guessing among ten classes: is your loss 1, or 2.303?",
    ),
    "probability-without-logarithm": Mistake(
        _from(lambda p, y: -_picked(p, y).mean()),
        "the logarithm is left out",
        "What should a right class with probability 1 cost, and what one with probability 0?",
    ),
    "gradient-without-the-minus-one": Mistake(
        _from(gradient=lambda p, y: p / len(p)),
        "the gradient is the probabilities alone",
        "Your gradient pushes every score down. Which one of each image should go up?",
    ),
    "gradient-reversed": Mistake(
        _from(gradient=lambda p, y: -_gradient(p, y)),
        "the gradient has the other sign",
        "Raise the right class's score a little: does the loss rise or fall?",
    ),
    "gradient-at-the-right-class-only": Mistake(
        _from(gradient=lambda p, y: _gradient(p, y) * np.eye(p.shape[1])[y]),
        "only the right classes' scores get a gradient",
        "Raise a wrong class's score: what happens to the right class's probability?",
    ),
    "probabilities-returned": Mistake(
        _from(gradient=lambda p, y: p),
        "the probabilities are returned in place of the gradient",
        "What do the numbers of one row of a gradient add up to here?",
    ),
    "epsilon-one-hundredth": _plus(0.01),
    "epsilon-1e-5": _plus(1e-5),
    "epsilon-1e-7": _plus(1e-7),
    "epsilon-1e-8": _plus(1e-8),
    "epsilon-1e-9": _plus(1e-9),
    "epsilon-1e-10": _plus(1e-10),
    "epsilon-1e-12": _plus(1e-12),
}

# --- what can be seen of a bug that nobody listed -----------------------------------------------


def _rows_sum_to_zero(case: Case) -> Property:
    def verdict(got: list[Any], expected: list[Any]) -> str | None:
        sums = np.asarray(got[0][1], dtype=float).sum(axis=1)
        if disagreement(sums + 1, np.ones(len(sums))) is None:
            return None
        return (
            "Adding one number to all scores of an image changes no probability, so each row of "
            "dscores must add up to 0; yours does not."
        )

    return Property("rows-sum-to-zero", (case,), verdict)


_ONE = _case("", [[1.0, -0.5, 2.0]], [1])
_TWO = _case("", [[1.0, -0.5, 2.0], [0.5, 3.0, 0.0]], [1, 0])
_FOUR = _case("", [[1.0, -0.5], [2.0, 1.0], [0.5, 3.0], [0.0, -1.0]], [1, 0, 0, 1])
_NAMES = Parts("loss", "dscores")
SOFTMAX_CROSS_ENTROPY = Exercise(
    name="softmax_cross_entropy",
    lecture="08_training",
    points=3,
    reference=softmax_cross_entropy,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        common_factor((_TWO, _FOUR, _ONE), part(0), "the loss"),
        constant_ratio((_TWO, _FOUR), part(1), "dscores"),
        expects(
            "guessing",
            _case("", np.zeros((1, 4)), [2]),
            "Four equal scores are a guess, which costs ln 4",
            part(0),
        ),
        expects(
            "guessing-gradient",
            _case("", np.zeros((1, 4)), [2]),
            "With four equal scores each has the probability 1/4, so dscores is",
            part(1),
        ),
        expects("one-image", _ONE, "One image costs −log of its probability", part(0)),
        _rows_sum_to_zero(_ONE),
        contrast(
            "batch",
            _ONE,
            _TWO,
            "Your answer is right for one image, and wrong for two.",
            right_for=lambda scores, **_: len(scores) == 1,
        ),
        expects(
            "large-scores",
            _case("", [[1000.0, 1000.0]], [0]),
            "Two equal scores cost ln 2, however large they are",
            part(0),
        ),
        expects(
            "sure-and-wrong",
            _case("", [[0.0, 40.0]], [0]),
            "A score 40 below the best costs 40",
            part(0),
        ),
        which_parts(_TWO, ("loss", "dscores")),
    ),
    shows={
        "as many images as classes": (
            "every-pair-averaged",
            "epsilon-1e-7",
        ),
        "large scores": ("every-pair-averaged",),
        "images of very different scores": (
            "every-pair-averaged",
            "epsilon-1e-7",
        ),
        "one image": ("epsilon-1e-7",),
        "several images": ("epsilon-1e-8",),
    },
    hides={
        "one image": ("epsilon-1e-8",),
        "as many images as classes": ("epsilon-1e-8",),
        "images of very different scores": ("epsilon-1e-8",),
    },
    smallest=lambda: _SMALL,
    agrees=_NAMES.agrees,
    alike=_NAMES.agrees,
    draw=_NAMES.draw,
)
