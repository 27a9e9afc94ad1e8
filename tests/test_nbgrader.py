"""nbgrader alone, with its defaults, gives the same marks as the course's own grader."""

import csv
import json
import os
import sys
from pathlib import Path

import pytest
from traitlets.config import Config

sys.path.insert(0, str(Path(__file__).parent / "grading"))
import handins as h

from coursekit.grading.batch import grade_folder

PADDING_IGNORED = h.with_body(
    "output_size", "return (w_in - dilation * (kernel_size - 1) - 1) // stride + 1"
)
CLASS = {
    "ada": h.solved(),
    "bob": h.untouched(),
    "cleo": h.answered(output_size=PADDING_IGNORED, same_padding="def same_padding(: pass"),
}


def put(path, notebook):
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder of nbgrader's, after generate_assignment, collecting and autograde."""
    from nbgrader.apps import NbGraderAPI

    # nbgrader starts its database tool by name, which only an activated environment finds.
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    root = tmp_path_factory.mktemp("course")
    name = f"{h.LECTURE}.ipynb"
    put(root / "source" / h.LECTURE / name, h.untouched())
    config = Config()
    config.CourseDirectory.root = str(root)
    nbgrader = NbGraderAPI(config=config)
    assert nbgrader.generate_assignment(h.LECTURE)["success"]
    for student, notebook in CLASS.items():
        put(root / "submitted" / student / h.LECTURE / name, notebook)
        assert nbgrader.autograde(h.LECTURE, student)["success"]
    yield root, nbgrader
    monkeypatch.undo()


@pytest.fixture(scope="module")
def marks(course):
    """Points by student and exercise, from nbgrader's gradebook."""
    with course[1].gradebook as gradebook:
        return {
            submission.student.id: {
                grade.name.removeprefix("check-"): grade.score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(h.LECTURE)
        }


@pytest.mark.slow
def test_right_answers_get_all_points(marks):
    assert marks["ada"] == h.POINTS


@pytest.mark.slow
def test_untouched_answers_get_none(marks):
    assert marks["bob"] == dict.fromkeys(h.NAMES, 0)


@pytest.mark.slow
def test_partly_right_answers_get_the_right_part(marks):
    assert 0 < marks["cleo"]["output_size"] < h.POINTS["output_size"]
    assert marks["cleo"]["output_size"] == pytest.approx(3 * 3 / 7, abs=0.01)
    assert marks["cleo"]["same_padding"] == 0
    assert marks["cleo"]["uncovered_pixels"] == 2


@pytest.mark.slow
def test_no_check_writes_to_stderr(course):
    for student in CLASS:
        path = course[0] / "autograded" / student / h.LECTURE / f"{h.LECTURE}.ipynb"
        for cell in json.loads(path.read_text())["cells"]:
            if "check" in cell["metadata"].get("coursekit", {}):
                streams = [output.get("name") for output in cell["outputs"]]
                assert "stderr" not in streams


@pytest.mark.slow
def test_the_courses_own_grader_agrees(course, marks, tmp_path):
    release = course[0] / "source"
    grade_folder(course[0] / "submitted", tmp_path, 1, release=release)
    with open(tmp_path / "marks.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            ours = {name: float(row[name]) for name in h.NAMES}
            assert ours == pytest.approx(marks[row["student"]], abs=0.01)
