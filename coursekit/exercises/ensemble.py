"""Exercise of lecture 13: several networks decide together."""

from collections.abc import Callable

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.properties import expects


def ensemble_predict(scores: np.ndarray) -> np.ndarray:
    """Classes that several networks choose by their mean probabilities.

    scores: logits (M, N, K) of M networks for N images and K classes, of any size: 1000 is no
    mistake. Each network's scores are turned into probabilities by softmax, the probabilities are
    averaged over the networks, and each image gets the class with the largest mean. Returns whole
    numbers (N,).

    >>> ensemble_predict(np.array([[[9.0, 0.0, 0.0]], [[0.0, 1.0, 0.9]], [[0.0, 1.0, 0.9]]]))
    array([0])
    """
    return _probabilities(scores).mean(axis=0).argmax(axis=1)


def _probabilities(scores: np.ndarray, axis: int = 2) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def clear_scores(
    rng: np.random.Generator, members: int, images: int, classes: int, spread: float = 2.0
) -> np.ndarray:
    """Random scores whose best class is clear in every image."""
    kept: list[np.ndarray] = []
    while len(kept) < images:
        strength = rng.uniform(0.3, 2, (members, 1))
        one = rng.normal(size=(members, classes)) * spread * strength
        two = np.sort(_probabilities(one, axis=1).mean(axis=0))[-2:]
        if two[1] - two[0] > 0.01:
            kept.append(one)
    return np.stack(kept, axis=1)


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case("one network", (clear_scores(rng, 1, 8, 4),)),
        Case("two networks", (clear_scores(rng, 2, 30, 4),)),
        Case("many networks", (clear_scores(rng, 5, 40, 6),)),
        Case("many networks", (clear_scores(rng, 7, 30, 3),)),
        Case("as many networks as images", (clear_scores(rng, 5, 5, 5),)),
        Case("large scores", (clear_scores(rng, 3, 20, 4) + 1000,)),
        Case("large scores", (_one_sure_and_outvoted(),)),
        Case(
            "networks of different levels",
            (clear_scores(rng, 3, 20, 4) + np.array([0.0, -2000.0, 900.0])[:, None, None],),
        ),
    ]


def _one_sure_and_outvoted() -> np.ndarray:
    """One image: a network gives class 1 a score of 4000, two others are for class 0."""
    return np.array([[[0.0, 4000.0, 1.0]], [[5.0, 0.0, 1.0]], [[6.0, 0.0, 1.0]]])


def _small() -> list[Case]:
    rng = np.random.default_rng(3)
    sizes = [(1, 1, 2), (2, 1, 2), (2, 1, 3), (3, 1, 3), (3, 2, 3), (3, 4, 3), (3, 3, 3), (5, 6, 3)]
    drawn = [np.round(clear_scores(rng, *size), 1) for size in sizes for _ in range(6)]
    drawn += [drawn[one] + 1000 for one in range(20, 40)]
    levels = np.array([0.0, -2000.0, 900.0])[:, None, None]
    drawn += [one + levels for one in drawn[18:36]]
    return [Case("small", (scores,)) for scores in [*drawn, _one_sure_and_outvoted()]]


def _votes(scores: np.ndarray) -> np.ndarray:
    classes = scores.argmax(axis=2)
    return np.array([np.bincount(one, minlength=scores.shape[2]).argmax() for one in classes.T])


def _surest(scores: np.ndarray) -> np.ndarray:
    return _probabilities(scores).max(axis=0).argmax(axis=1)


def _by(combine: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """A function like ensemble_predict from another way to make one table (N, K)."""

    def ensemble_predict(scores: np.ndarray) -> np.ndarray:
        return combine(scores).argmax(axis=1)

    return ensemble_predict


def _plain_softmax(scores: np.ndarray) -> np.ndarray:
    return np.exp(scores) / np.exp(scores).sum(axis=2, keepdims=True)


def _one_shift(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum(axis=2, keepdims=True)


_AXES = "Print the shape after every step. Which axis counts networks, images, classes?"
_NUMBER = "Where does exp end for a score of 1000, and what is left of one of -2000?"
MISTAKES = {
    "scores-averaged": Mistake(
        _by(lambda s: s.mean(axis=0)),
        "the scores are averaged, and not the probabilities",
        "One network shouts 900 and the others say 5: whose opinion counts in your mean?",
    ),
    "majority-vote": Mistake(
        _votes,
        "every network casts one vote",
        "Two networks are barely for A, one is certain of B: who should win?",
    ),
    "surest-network": Mistake(
        _surest,
        "the network that is surest decides",
        "Three networks are fairly sure of A, one is a bit surer of B: who should win?",
    ),
    "first-network": Mistake(
        _by(lambda s: s[0]), "the first network decides alone", "What do the other networks say?"
    ),
    "last-network": Mistake(
        _by(lambda s: s[-1]), "the last network decides alone", "What do the other networks say?"
    ),
    "least-probable": Mistake(
        _by(lambda s: -_probabilities(s).mean(axis=0)),
        "the class with the smallest mean is taken",
        "Print the mean probabilities of one image. Which of them do you want?",
    ),
    "softmax-over-the-networks": Mistake(
        _by(lambda s: _probabilities(s, axis=0).mean(axis=0) + 0 * s[0]),
        "the probabilities add up to 1 over the networks",
        "Which probabilities should add up to 1?",
    ),
    "softmax-over-the-images": Mistake(
        _by(lambda s: _probabilities(s, axis=1).mean(axis=0)),
        "the probabilities add up to 1 over the images",
        "Which probabilities should add up to 1?",
    ),
    "softmax-of-the-mean-times-scores": Mistake(
        _by(lambda s: (_probabilities(s) * s).mean(axis=0)),
        "the probabilities are multiplied by the scores before they are averaged",
        "What is averaged: probabilities, or something else?",
    ),
    "averaged-over-the-images": Mistake(
        lambda scores: _probabilities(scores).mean(axis=1).argmax(axis=1),
        "the probabilities are averaged over the images",
        _AXES,
    ),
    "best-image-of-each-class": Mistake(
        lambda scores: _probabilities(scores).mean(axis=0).argmax(axis=0),
        "the best image of each class is returned",
        _AXES,
    ),
    "every-network's-own": Mistake(
        lambda scores: scores.argmax(axis=2), "each network's own choice is returned", _AXES
    ),
    "probabilities-returned": Mistake(
        lambda scores: _probabilities(scores).mean(axis=0),
        "the mean probabilities are returned, and not the classes",
        "What should come out for one image: one number or K of them?",
    ),
    "no-maximum-subtracted": Mistake(
        _by(lambda s: _plain_softmax(s).mean(axis=0)), "the scores go into exp as they are", _NUMBER
    ),
    "one-maximum-for-all": Mistake(
        _by(lambda s: _one_shift(s).mean(axis=0)),
        "the largest score of all networks is subtracted from every network's scores",
        _NUMBER,
    ),
    "exp-not-normalized": Mistake(
        _by(lambda s: np.exp(s - s.max(axis=(0, 2), keepdims=True)).mean(axis=0)),
        "the exponentials are averaged without being divided by their sum",
        "Do each network's numbers for one image add up to 1?",
    ),
}

_CALM = np.array([[[4.0, 0.0, 0.0]], [[0.0, 0.2, 0.1]], [[0.0, 0.2, 0.1]]])
ENSEMBLE_PREDICT = Exercise(
    name="ensemble_predict",
    lecture="13_rectifiers_and_ensembles",
    points=2,
    reference=ensemble_predict,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects("one-network", Case("", (_CALM[:1],)), "One network alone decides"),
        expects("agreed", Case("", (np.repeat(_CALM[:1], 3, 0),)), "All networks agree"),
        expects("sure-one", Case("", (_CALM,)), "One sure network outweighs two that waver"),
        expects(
            "two-images",
            Case("", (np.concatenate([_CALM, _CALM[:, :, ::-1]], axis=1),)),
            "The second image mirrors the first, so its class does",
        ),
        expects("large-scores", Case("", (_CALM + 1000,)), "1000 more everywhere changes nothing"),
    ),
    shows={
        "two networks": (
            "scores-averaged",
            "surest-network",
            "exp-not-normalized",
        ),
        "as many networks as images": (
            "scores-averaged",
            "majority-vote",
            "surest-network",
            "first-network",
            "last-network",
            "softmax-over-the-images",
            "softmax-of-the-mean-times-scores",
            "exp-not-normalized",
            "best-image-of-each-class",
        ),
        "networks of different levels": (
            "scores-averaged",
            "surest-network",
        ),
        "one network": ("softmax-over-the-images",),
    },
    hides={
        "one network": ("softmax-of-the-mean-times-scores",),
    },
    smallest=_small,
)
