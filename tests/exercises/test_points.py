"""The points a lecture announces are those its exercises are worth."""

import re
from pathlib import Path

import numpy as np
import pytest

from coursekit import diagnosis
from coursekit.exercises import EXERCISES

SOLUTIONS = Path(__file__).parents[2] / "solutions"
CHECKS = [
    (path.stem, name, float(points))
    for path in sorted(SOLUTIONS.glob("*.py"))
    for name, points in re.findall(
        r'^# %% check="(\w+)" points=([\d.]+)', path.read_text(encoding="utf-8"), re.M
    )
]


@pytest.mark.parametrize(("stem", "name", "points"), CHECKS)
def test_points_and_lecture_agree(stem, name, points):
    assert (EXERCISES[name].lecture, EXERCISES[name].points) == (stem, points)


@pytest.mark.parametrize("stem", sorted({stem for stem, _, _ in CHECKS}))
def test_a_written_lecture_has_all_its_exercises(stem):
    specified = {name for name, exercise in EXERCISES.items() if exercise.lecture == stem}
    assert specified == {name for lecture, name, _ in CHECKS if lecture == stem}


def values(given):
    """Arguments as something that can be compared; one function is like another."""
    if isinstance(given, np.ndarray):
        return given.shape, given.dtype.str, given.tobytes()
    if isinstance(given, dict):
        return tuple((name, values(value)) for name, value in given.items())
    if isinstance(given, (list, tuple)):
        return tuple(map(values, given))
    return "function" if callable(given) else repr(given)


def inputs(name, seed):
    """What is asked in each group."""
    cases = diagnosis.draw(EXERCISES[name], seed)
    return {(case.group, values((case.args, case.kwargs))) for case in cases}


@pytest.mark.parametrize("name", EXERCISES)
def test_no_points_for_a_table_of_the_notebooks_inputs(name):
    """The grader draws other numbers than the notebook: some in every group that earns points."""
    known, graded = inputs(name, 0), inputs(name, 1)
    assert {group for group, _ in graded - known} == {group for group, _ in graded}
