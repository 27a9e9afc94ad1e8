"""Predict first, then reveal."""

import numpy as np
import pytest

from coursekit.predictions import ANSWER, reveal


def test_without_a_guess_the_answer_stays_hidden():
    shown = reveal(None, 3072)
    assert shown.right is None
    assert "3072" not in repr(shown)


def test_only_slides_are_told_the_answer(monkeypatch):
    shown = reveal(None, 3072)
    assert shown._repr_mimebundle_() == {"text/plain": repr(shown)}
    monkeypatch.setenv("COURSEKIT_SNAPSHOT", "1")
    assert shown._repr_mimebundle_()[ANSWER] == "3,072"


@pytest.mark.parametrize(("guess", "answer"), [(3, 3), (np.int64(3), 3), ([7], [7]), (0.5, 0.5)])
def test_a_right_guess(guess, answer):
    assert reveal(guess, answer).right is True


@pytest.mark.parametrize(("guess", "answer"), [(4, 3), (3.5, 3), ("three", 3), ([], [7])])
def test_a_wrong_guess_hears_the_answer(guess, answer):
    shown = reveal(guess, answer)
    assert shown.right is False
    assert f"it is {answer}" in repr(shown)
