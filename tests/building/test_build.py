"""`coursekit build`, run as its users run it, on a tiny course in a temporary folder."""

import difflib
import errno
import hashlib
import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest

from coursekit import files
from coursekit.building import lectures
from coursekit.building.course import Course
from coursekit.building.lectures import Run, build_lectures
from coursekit.building.outputs import SNAPSHOT

SOURCES = Path(__file__).parents[1] / "fixtures" / "solutions"


def new_course(folder: Path) -> Course:
    shutil.copytree(SOURCES, folder / "solutions")
    return Course(folder)


def build(course: Course, *stems: str, **settings) -> dict[str, lectures.Outcome]:
    outcomes = build_lectures(course, stems, Run(timeout=60, **settings))
    return {outcome.stem: outcome for outcome in outcomes}


def edit(course: Course, old: str, new: str) -> None:
    path = course.root / "solutions" / "01_doubling.py"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Course:
    """A course that has been built; tests leave it as it is."""
    course = new_course(tmp_path_factory.mktemp("built"))
    assert all(outcome.problem is None for outcome in build(course).values())
    return course


@pytest.fixture
def course(built, tmp_path) -> Course:
    """A built course of the test's own, with what earlier runs left."""
    shutil.copytree(built.root, tmp_path / "course")
    return Course(tmp_path / "course")


def read(path: Path):
    return nbformat.read(path, as_version=4)


def digests(course: Course, pattern: str = "*") -> dict[str, str]:
    """Every file's digest: small enough for pytest to show a difference."""
    files = (path for path in sorted(course.root.rglob(pattern)) if path.is_file())
    return {
        str(path.relative_to(course.root)): hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        for path in files
    }


def test_three_notebooks_come_out(built):
    student, solved = read(built.notebook("01_doubling")), read(built.solved("01_doubling"))
    release = read(built.release("01_doubling"))
    assert len(solved.cells) > len(student.cells) == len(release.cells)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in release.cells)
    for notebook in (student, solved, release):
        nbformat.validate(notebook)


def is_timed(cell) -> bool:
    return "timed" in cell.metadata.get("tags", [])


def test_outputs_are_kept_but_not_those_of_checks_and_of_timed_cells(built):
    student, solved = read(built.notebook("01_doubling")), read(built.solved("01_doubling"))
    for own in (lambda cell: cell.id == "check-double", is_timed):
        assert [cell.outputs for cell in student.cells if own(cell)] == [[]]
        assert all(cell.outputs for cell in solved.cells if own(cell))
    assert any(cell.get("outputs") for cell in student.cells)
    counts = [cell.execution_count for cell in student.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_pictures_keep_their_text_and_lose_their_html(built):
    pictures = [
        output
        for cell in read(built.notebook("01_doubling")).cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert [sorted(picture.data) for picture in pictures] == [["image/png", "text/plain"]] * 2
    assert [picture.metadata for picture in pictures] == [
        {"image/png": {"alt": "A line through the doubles of 1, 2 and 3."}},
        {"image/png": {"alt": "A blue square stands still."}},
    ]
    assert "widgets" not in read(built.notebook("01_doubling")).metadata


def test_only_the_solved_copy_can_bring_widgets_to_life(built):
    def mime_types(path):
        outputs = (output for cell in read(path).cells for output in cell.get("outputs", []))
        return {mime for output in outputs for mime in output.get("data", {})}

    assert SNAPSHOT in mime_types(built.solved("01_doubling"))
    assert mime_types(built.notebook("01_doubling")) == {"image/png", "text/plain"}


def test_building_again_gives_the_same_bytes(course):
    """Even of a lecture that measures times: only the solved copy shows them."""
    solved = course.solved("01_doubling")
    before, files = read(solved), digests(course, "*.ipynb")
    assert build(course, force=True)["01_doubling"].changed == (solved,)
    again = digests(course, "*.ipynb")
    assert [name for name in files if files[name] != again[name]] == [
        str(solved.relative_to(course.root))
    ]
    after = read(solved)
    for cell in filter(is_timed, [*before.cells, *after.cells]):
        assert float(cell.outputs.pop().text) > 0
    assert after == before


def test_unchanged_code_does_not_run_again(course, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("ran again")

    monkeypatch.setattr(lectures, "run_copy", refuse)
    edit(course, "Twice a number", "Two times a number")
    changed = build(course)["01_doubling"].changed
    assert course.notebook("01_doubling") in changed
    with pytest.raises(AssertionError, match="ran again"):
        build(course, force=True)


def test_a_small_edit_is_a_small_diff(course):
    before = course.notebook("01_doubling").read_text().splitlines()
    edit(course, "Twice a number", "Two times a number")
    edit(course, "twice = 2 * x", "twice = x + x")
    edit(course, "numbers = [1, 2, 3]", "numbers = [1, 2, 3, 4]")
    build(course)
    after = course.notebook("01_doubling").read_text().splitlines()
    changes = [
        line
        for line in difflib.unified_diff(before, after, lineterm="", n=0)
        if line[0] in "+-" and line[:3] not in ("+++", "---")
    ]
    pictures = [line for line in changes if '"image/png"' in line]
    assert len(changes) - len(pictures) <= 12
    assert not any("x + x" in line for line in changes)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("numbers = [1, 2, 3]", "numbers = 1 / 0", "raised ZeroDivisionError: division by zero"),
        (
            "numbers = [1, 2, 3]",
            "numbers = 1\nfrom warnings import warn\nwarn('old')",
            "UserWarning: old",
        ),
        ("numbers = [1, 2, 3]", "numbers = object()", "memory address"),
        ("numbers = [1, 2, 3]", "numbers = 1; print('1 %', end='\\r')", "progress bar"),
        ("numbers = [1, 2, 3]", "raise ValueError('two\\nlines')", "raised ValueError: two"),
        ("numbers = [1, 2, 3]", "import os; os._exit(1)", "ended the Python process"),
        ("numbers = [1, 2, 3]", "while True: pass", "did not finish in time"),
        ("numbers = [1, 2, 3]", "numbers = list(range(200000))\nprint(numbers)", "are committed"),
        ('exercise="double"', "exercise=double", "could not read"),
    ],
)
def test_a_bad_cell_is_named_and_changes_nothing(course, old, new, words):
    before = digests(course, "*.ipynb")
    edit(course, old, new)
    outcome = {o.stem: o for o in build_lectures(course, (), Run(timeout=4))}["01_doubling"]
    assert words in outcome.problem
    assert "\n" not in outcome.problem
    assert "01_doubling" in outcome.problem
    after = digests(course, "*.ipynb")
    assert after == before


def test_a_failing_cell_is_named_with_its_line(course):
    edit(course, "numbers = [1, 2, 3]", "numbers = 1 / 0")
    lines = (course.root / "solutions" / "01_doubling.py").read_text().splitlines()
    line = lines.index("import math")  # the cell starts on the line before, counted from 1
    assert f"01_doubling.py:{line}: " in build(course)["01_doubling"].problem


def test_one_bad_lecture_does_not_stop_the_others(course):
    (course.root / "solutions" / "02_bad.py").write_text("# %%\n1 / 0\n")
    (course.root / "solutions" / "03_good.py").write_text("# %%\n1 + 1\n")
    outcomes = build(course, jobs=3)
    assert list(outcomes) == ["01_doubling", "02_bad", "03_good"]
    assert "02_bad.py:1: " in outcomes["02_bad"].problem
    assert not course.notebook("02_bad").exists()
    assert course.notebook("03_good").exists()
    assert not course.release("03_good").exists()  # nothing to hand in


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_notebook(course, monkeypatch, broken):
    before = course.notebook("01_doubling").read_bytes()
    edit(course, "Twice a number", "Two times a number")

    def fail(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, broken, fail)
    problem = build(course)["01_doubling"].problem
    assert "No space left on device" in problem
    assert course.notebook("01_doubling").read_bytes() == before
    assert not list(course.root.rglob("*.part"))


def test_a_folder_that_cannot_be_made_is_named(course):
    shutil.rmtree(course.root / "notebooks")
    (course.root / "notebooks").write_text("in the way")
    assert "notebooks" in build(course)["01_doubling"].problem


def test_damaged_stored_outputs_are_not_used(course):
    place = course.outputs("01_doubling", "student")
    for damage in ("", "[]", "{", json.dumps({"key": 1})):
        place.write_text(damage)
        assert build(course)["01_doubling"].problem is None


def test_nothing_is_left_behind_where_the_command_ran(built):
    assert not list(built.root.rglob("progress.json*"))
    assert sorted(path.name for path in built.root.iterdir()) == ["build", "notebooks", "solutions"]
