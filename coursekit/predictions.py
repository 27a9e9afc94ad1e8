"""Predict first, then reveal: a cell that keeps its answer back until it is given a guess."""

import os
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from coursekit.exercises.agreement import disagreement

ANSWER = "application/vnd.coursekit.answer+json"  # for slides, where it is folded away


@dataclass(frozen=True)
class Revealed:
    """What became of one prediction; shows itself as its sentence.

    right: True or False, or None where nothing was guessed yet. answer: what was to be predicted.
    """

    right: bool | None
    sentence: str
    answer: Any

    def __repr__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """The sentence, and the answer where a copy is run for the slides."""
        bundle = {"text/plain": self.sentence}
        if os.environ.get("COURSEKIT_SNAPSHOT") == "1":
            bundle[ANSWER] = in_words(self.answer)
        return bundle


def in_words(answer: Any) -> str:
    """An answer as a slide says it.

    >>> in_words(58800), in_words(1 / 3), in_words([10, 24, 24]), in_words(True)
    ('58,800', '0.3333', '[10, 24, 24]', 'True')
    """
    if isinstance(answer, Integral) and not isinstance(answer, bool):
        return f"{answer:,}"
    return (
        f"{answer:.4g}"
        if isinstance(answer, Real) and not isinstance(answer, bool)
        else str(answer)
    )


def reveal(guess: Any, answer: Any) -> Revealed:
    """Compare a guess with the answer; without a guess, tell nothing.

    guess: a number, a list of numbers, or None as long as there is none.

    >>> reveal(None, 3)
    Your turn: write your prediction in place of None and run this cell again.
    >>> reveal(4, 3)
    You predicted 4; it is 3. Read on to see why.
    >>> reveal(3, 3)
    You predicted 3, and that is right.
    """
    if guess is None:
        words = "Your turn: write your prediction in place of None and run this cell again."
        return Revealed(None, words, answer)
    if disagreement(guess, answer) is None:
        return Revealed(True, f"You predicted {guess}, and that is right.", answer)
    return Revealed(False, f"You predicted {guess}; it is {answer}. Read on to see why.", answer)
