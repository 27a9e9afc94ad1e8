"""The points a lecture announces are those its exercises are worth."""

import re
from pathlib import Path

import pytest

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
