"""Exercise of lecture 13: ILSVRC's measure, as its tables print it."""

from collections.abc import Callable, Sequence

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.factors import common_factor
from coursekit.exercises.properties import expects

Guesses = Sequence[Sequence[str]]


def top5_error(guesses: Guesses, truths: Sequence[str]) -> float:
    """Percent of the images whose class is not among the first five guesses.

    guesses: for each of N images the names of the classes that were guessed, best first; five of
    them or more. truths: the right names, N of them. Returns one number from 0 to 100.

    >>> guesses = [["fox", "dog", "cat", "owl", "bee"], ["jet", "car", "bus", "van", "kart"]]
    >>> top5_error(guesses, ["cat", "train"])
    50.0
    """
    missed = sum(truth not in five[:5] for five, truth in zip(guesses, truths, strict=True))
    return 100 * missed / len(truths)


NAMES = ["cat", "catamaran", "dog", "hot dog", "fox", "owl", "bee", "beer", "jet", "car"]
NAMES += ["cart", "bus", "van", "pan", "panda", "ant", "pants"]


def _named(rng: np.random.Generator, group: str, count: int, places: list[int]) -> Case:
    """One image for each place: where the right class stands among its guesses; −1: nowhere."""
    guesses, truths = [], []
    for place in places:
        order = [str(name) for name in rng.permutation(NAMES)]
        guesses.append(order[:count])
        truths.append(order[place if place >= 0 else count])
    return Case(group, (guesses, truths))


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        _named(rng, "five guesses", 5, [0, 1, -1, 4, 2, 3, 0]),
        _named(rng, "five guesses", 5, [3, -1, -1, 4]),
        _named(rng, "all found", 5, [4, 0, 2]),
        Case("all found", ([["cat"] * 5], ["cat"])),  # where even five hits are possible
        _named(rng, "none found", 5, [-1, -1, -1, -1]),
        _named(rng, "more guesses", 8, [5, 0, 6, 4, -1]),
        _named(rng, "more guesses", 7, [4, 5, 1]),
        Case("more guesses", ([sorted(NAMES[:8], reverse=True)], ["owl"])),  # the last by name
        Case("similar names", ([["catamaran", "dog", "jet", "bus", "van"]], ["cat"])),
        Case("similar names", ([["cat", "dog", "jet", "bus", "van"], NAMES[2:7]], ["cart", "dog"])),
        Case("similar names", ([["hot dog", "catamaran", "jet", "bus", "van"]], ["dog"])),
        _named(rng, "similar names", 5, [-1, 2, -1, 0, -1]),
    ]


_FIVE = ["fox", "dog", "cat", "owl", "bee"]
_SMALL = (
    Case("small", ([_FIVE], ["fox"])),
    Case("small", ([_FIVE], ["bee"])),
    Case("small", ([_FIVE], ["jet"])),
    Case("small", ([[*_FIVE, "jet"]], ["jet"])),
    Case("small", ([_FIVE, _FIVE], ["fox", "jet"])),
    Case("small", ([_FIVE, _FIVE, _FIVE], ["owl", "jet", "dog"])),
    Case("small", ([["catamaran", "dog", "fox", "owl", "bee"]], ["cat"])),
)


def _from(error: Callable[[list[list[bool]]], float]) -> Callable[..., float]:
    """A function like top5_error from a table: for each image, whether each guess is right."""

    def top5_error(guesses: Guesses, truths: Sequence[str]) -> float:
        pairs = zip(guesses, truths, strict=True)
        return float(error([[guess == truth for guess in one] for one, truth in pairs]))

    return top5_error


def _mean(values: list[float]) -> float:
    return float(np.mean(values))


def _as_text(guesses: Guesses, truths: Sequence[str]) -> float:
    pairs = zip(guesses, truths, strict=True)
    return 100 * _mean([not any(truth in guess for guess in one[:5]) for one, truth in pairs])


def _in_any(guesses: Guesses, truths: Sequence[str]) -> float:
    said = {guess for one in guesses for guess in one[:5]}
    return 100 * _mean([truth not in said for truth in truths])


_WHICH = "An image is found: does your number rise or fall?"
MISTAKES = {
    "accuracy-returned": Mistake(
        _from(lambda hits: 100 * _mean([any(one[:5]) for one in hits])),
        "the percent of images that were found are returned",
        _WHICH,
    ),
    "share-of-found": Mistake(
        _from(lambda hits: _mean([any(one[:5]) for one in hits])),
        "the share of images that were found is returned",
        _WHICH,
    ),
    "not-in-percent": Mistake(
        _from(lambda hits: 1 - _mean([any(one[:5]) for one in hits])),
        "a share from 0 to 1 is returned",
        "The table says 4.94 (error %). In which unit is yours?",
    ),
    "misses-counted": Mistake(
        _from(lambda hits: sum(not any(one[:5]) for one in hits)),
        "the missed images are counted",
        "Twice as many images, as good as before: should the error double?",
    ),
    "top-1": Mistake(
        _from(lambda hits: 100 * (1 - _mean([one[0] for one in hits]))),
        "only the best guess counts, which is the top-1 error",
        "The right class is guessed second: is that an error here?",
    ),
    "top-4": Mistake(
        _from(lambda hits: 100 * (1 - _mean([any(one[:4]) for one in hits]))),
        "only four guesses are looked at",
        "The right class is guessed fifth: is that an error here?",
    ),
    "top-6": Mistake(
        _from(lambda hits: 100 * (1 - _mean([any(one[:6]) for one in hits]))),
        "six guesses are looked at",
        "The right class is guessed sixth: is that an error here?",
    ),
    "best-guess-left-out": Mistake(
        _from(lambda hits: 100 * (1 - _mean([any(one[1:5]) for one in hits]))),
        "the best guess is left out",
        "At which position does the best guess stand?",
    ),
    "all-guesses": Mistake(
        _from(lambda hits: 100 * (1 - _mean([any(one) for one in hits]))),
        "all guesses count, however many there are",
        "Someone names all 1000 classes: what is their top-5 error?",
    ),
    "last-five": Mistake(
        _from(lambda hits: 100 * (1 - _mean([any(one[-5:]) for one in hits]))),
        "the last five guesses are looked at",
        "With ten guesses, which five are the best?",
    ),
    "all-must-hit": Mistake(
        _from(lambda hits: 100 * (1 - _mean([all(one[:5]) for one in hits]))),
        "all five guesses must be right",
        "Is one hit among five enough?",
    ),
    "mean-over-the-guesses": Mistake(
        _from(lambda hits: 100 * (1 - _mean([sum(one[:5]) / 5 for one in hits]))),
        "every wrong guess counts as a fifth of an error",
        "Every image is found at the first guess: is your error 0?",
    ),
    "only-the-fifth": Mistake(
        _from(lambda hits: 100 * (1 - _mean([one[4] for one in hits]))),
        "only the fifth guess is looked at",
        "The right class is guessed first: is that an error here?",
    ),
    "names-within-names": Mistake(
        _as_text,
        "a guess counts when its text contains the right name",
        "Is a catamaran a cat?",
    ),
    "any-image's-guesses": Mistake(
        _in_any,
        "an image counts as found when any image's guesses hold its class",
        "In whose list of guesses should an image's class be found?",
    ),
}

TOP5_ERROR = Exercise(
    name="top5_error",
    lecture="13_rectifiers_and_ensembles",
    points=1,
    reference=top5_error,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        common_factor((_SMALL[2], _SMALL[4], _SMALL[5])),
        expects("first", _SMALL[0], "The best guess is right, so nothing was missed"),
        expects("fifth", _SMALL[1], "The fifth guess is right, so nothing was missed"),
        expects("missed", _SMALL[2], "The only image was missed"),
        expects("sixth", _SMALL[3], "The sixth guess does not count"),
        expects("half", _SMALL[4], "One of two images was missed"),
        expects("one-of-three", _SMALL[5], "One of three images was missed"),
    ),
    shows={
        "five guesses": ("any-image's-guesses",),
        "more guesses": ("any-image's-guesses",),
        "similar names": ("any-image's-guesses",),
    },
    hides={
        "five guesses": ("names-within-names",),
        "none found": ("names-within-names",),
        "more guesses": ("names-within-names",),
    },
    smallest=lambda: _SMALL,
)
