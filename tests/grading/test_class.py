"""`coursekit grade` on a whole class: right marks and feedback for each, whatever was handed in."""

import csv
import json

import pytest
from submissions import CLASS
from typer.testing import CliRunner

from coursekit.cli import app
from coursekit.exercises import EXERCISES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def graded(tmp_path_factory, release, way):
    """The folder that grading the whole class once, by the command, leaves behind."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "in").mkdir()
    for student, due in CLASS.items():
        data = due.handed_in
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        (folder / "in" / f"{student}.ipynb").write_bytes(data)
    out = folder / "out"
    options = ["--out", str(out), "--jobs", "3", "--release", str(release), "--require-sandbox"]
    result = CliRunner().invoke(app, ["grade", str(folder / "in"), *options])
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def marks(graded):
    with open(graded / "marks.csv", newline="", encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_every_student_has_a_row_and_a_page(graded, marks):
    assert set(marks) == set(CLASS)
    assert {path.stem for path in (graded / "feedback").iterdir()} == set(CLASS)


@pytest.mark.parametrize("student", CLASS)
def test_marks_are_those_that_are_due(marks, student):
    due, row = CLASS[student], marks[student]
    for name in EXERCISES:
        if name in row:
            assert float(row[name]) == pytest.approx(due.points.get(name, 0), abs=0.01), name
    assert float(row["total"]) == pytest.approx(sum(due.points.values()), abs=0.02)
    assert (float(row["max"]), row["status"]) == (10, due.status)


@pytest.mark.parametrize("student", [name for name, due in CLASS.items() if due.words])
def test_feedback_says_what_is_wrong(graded, marks, student):
    page = (graded / "feedback" / f"{student}.html").read_text(encoding="utf-8")
    for words in CLASS[student].words:
        assert words in page
