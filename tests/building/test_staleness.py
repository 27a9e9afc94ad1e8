"""`coursekit build --check`: every way a committed notebook can differ from its source."""

import json
import shutil
from pathlib import Path

import pytest

from coursekit.building.course import Course
from coursekit.building.lectures import Run, build_lectures
from coursekit.building.staleness import stale_notebooks

SOURCES = Path(__file__).parents[1] / "fixtures" / "solutions"
RUN = Run(timeout=60)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    shutil.copytree(SOURCES, folder / "solutions")
    assert [outcome.problem for outcome in build_lectures(Course(folder), (), RUN)] == [None]
    return folder


@pytest.fixture
def course(built, tmp_path) -> Course:
    shutil.copytree(built, tmp_path / "course")
    return Course(tmp_path / "course")


def complaints(course: Course, execute: bool = True) -> list[str]:
    return list(stale_notebooks(course, (), RUN, execute))


def tamper(course: Course, change) -> None:
    """Change the stored notebook as another program would, keeping its layout."""
    path = course.notebook("01_doubling")
    notebook = json.loads(path.read_text())
    change(notebook, {cell["id"]: cell for cell in notebook["cells"]})
    path.write_text(json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False) + "\n")


def output_with(notebook: dict, mime: str) -> dict:
    outputs = (output for cell in notebook["cells"] for output in cell.get("outputs", []))
    return next(output for output in outputs if mime in output.get("data", {}))


@pytest.mark.parametrize("execute", [True, False])
def test_a_fresh_build_is_up_to_date(course, execute):
    assert complaints(course, execute) == []


@pytest.mark.parametrize("execute", [True, False])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda nb, by: by["double"].update(source="x = 1"), "('double'): its source"),
        (lambda nb, by: by["double"]["metadata"].update(a=1), "('double'): its metadata"),
        (lambda nb, by: by["check-double"]["metadata"]["nbgrader"].update(points=9), "metadata"),
        (lambda nb, by: nb["cells"].remove(by["double"]), "('double'): is missing"),
        (lambda nb, by: nb["cells"].append(nb["cells"][0] | {"id": "new"}), "('new'): is not in"),
        (lambda nb, by: nb["cells"].reverse(), "another order"),
        (lambda nb, by: nb["metadata"].update(a=1), "its metadata"),
        (lambda nb, by: nb.update(nbformat_minor=4), "its format is 4.4"),
    ],
)
def test_hand_edits_are_named(course, change, words, execute):
    tamper(course, change)
    (complaint,) = complaints(course, execute)
    assert words in complaint
    assert str(course.notebook("01_doubling")) in complaint
    assert "\n" not in complaint


@pytest.mark.parametrize(
    "change",
    [
        lambda nb, by: output_with(nb, "text/plain")["data"].update({"text/plain": ["other"]}),
        lambda nb, by: output_with(nb, "image/png")["metadata"]["image/png"].update(alt="other"),
        lambda nb, by: output_with(nb, "image/png")["data"].pop("image/png"),
        lambda nb, by: by["check-double"].update(
            outputs=[{"output_type": "stream", "name": "stdout", "text": ["hello"]}]
        ),
    ],
)
def test_changed_outputs_are_named_when_cells_are_run(course, change):
    tamper(course, change)
    (complaint,) = complaints(course)
    assert "its output differs" in complaint
    assert complaints(course, execute=False) == []


def test_other_pixels_are_no_difference(course):
    tamper(course, lambda nb, by: output_with(nb, "image/png")["data"].update({"image/png": "AA"}))
    assert complaints(course) == []


@pytest.mark.parametrize("execute", [True, False])
def test_an_edited_source_makes_the_notebook_stale(course, execute):
    path = course.root / "solutions" / "01_doubling.py"
    path.write_text(path.read_text().replace("Twice a number", "Two times a number"))
    assert len(complaints(course, execute)) == 1


@pytest.mark.parametrize("execute", [True, False])
def test_missing_damaged_and_leftover_notebooks_are_named(course, execute):
    path = course.notebook("01_doubling")
    path.rename(path.with_name("02_gone.ipynb"))
    leftover, missing = complaints(course, execute)
    assert "02_gone.ipynb: has no source" in leftover
    assert "is missing" in missing
    for damage in ("{", "[]", "{}", '{"nbformat": 4, "nbformat_minor": 5}'):
        path.write_text(damage)
        assert "cannot be read as a notebook" in complaints(course, execute)[1]


def test_another_layout_of_the_file_is_named(course):
    path = course.notebook("01_doubling")
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))
    (complaint,) = complaints(course, execute=False)
    assert "was written by another program" in complaint


@pytest.mark.parametrize("execute", [True, False])
def test_a_bad_source_is_named(course, execute):
    (course.root / "solutions" / "01_doubling.py").write_text("# %% points=1\n1\n")
    (complaint,) = complaints(course, execute)
    assert "01_doubling.py:1: " in complaint
