"""Predict first, then reveal: a cell that keeps its answer back until it is given a guess."""

from dataclasses import dataclass
from typing import Any

from coursekit.exercises.agreement import disagreement


@dataclass(frozen=True)
class Revealed:
    """What became of one prediction; shows itself as its sentence.

    right: True or False, or None where nothing was guessed yet.
    """

    right: bool | None
    sentence: str

    def __repr__(self) -> str:
        return self.sentence


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
        return Revealed(None, words)
    if disagreement(guess, answer) is None:
        return Revealed(True, f"You predicted {guess}, and that is right.")
    return Revealed(False, f"You predicted {guess}; it is {answer}. Read on to see why.")
