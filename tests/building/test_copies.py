"""The copies of a lecture before they run: what students see, ids, nbgrader's metadata."""

import re
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum

from coursekit.building.copies import KINDS, make_copy
from coursekit.building.source import read_lecture

SOURCE = Path(__file__).parents[1] / "fixtures" / "solutions" / "01_doubling.py"


@pytest.fixture
def copies():
    lecture = read_lecture(SOURCE)
    return {kind: make_copy(lecture, kind) for kind in KINDS}


def cell(notebook, cell_id):
    return next(cell for cell in notebook.cells if cell.id == cell_id)


def test_students_get_stubs_and_no_instructor_cells(copies):
    student, solved = copies["student"], copies["solved"]
    assert 'raise NotImplementedError("double")' in cell(student, "double").source
    assert "2 * x" not in nbformat.writes(student)
    assert "Ask the room" not in nbformat.writes(student)
    assert "2 * x" in cell(solved, "double").source
    assert "Ask the room" in nbformat.writes(solved)
    assert "SOLUTION" not in nbformat.writes(student) + nbformat.writes(solved)


def test_both_copies_share_ids_that_are_valid(copies):
    student = [cell.id for cell in copies["student"].cells]
    solved = [cell.id for cell in copies["solved"].cells]
    assert [cell_id for cell_id in solved if cell_id in student] == student
    assert len(set(solved)) == len(solved)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell_id) for cell_id in solved)
    assert {"double", "check-double"} <= set(student)
    for notebook in copies.values():
        nbformat.validate(notebook)


def test_equal_cells_get_different_ids(tmp_path):
    path = tmp_path / "07_twice.py"
    path.write_text("# %%\nx = 1\n# %%\nx = 1\n# %%\nx = 2\n")
    first, second, third = (cell.id for cell in make_copy(read_lecture(path), "student").cells)
    assert second == f"{first}-2"
    assert third != first


def test_ids_of_other_cells_survive_an_insertion(tmp_path):
    text = SOURCE.read_text()
    path = tmp_path / SOURCE.name
    path.write_text(text.replace("# %%\nimport math", "# %%\nnew = 1\n# %%\nimport math"))
    before = {cell.id for cell in make_copy(read_lecture(SOURCE), "student").cells}
    after = {cell.id for cell in make_copy(read_lecture(path), "student").cells}
    assert before < after
    assert len(after) == len(before) + 1


def test_nbgrader_accepts_the_metadata(copies):
    for notebook in copies.values():
        MetadataValidator().validate_nb(notebook)


def test_nbgrader_finds_one_solution_and_one_locked_graded_check(copies):
    solution = cell(copies["student"], "double").metadata.nbgrader
    check = cell(copies["student"], "check-double").metadata.nbgrader
    assert (solution.solution, solution.grade, solution.locked) == (True, False, False)
    assert (check.solution, check.grade, check.locked) == (False, True, True)
    assert (check.points, check.grade_id, solution.grade_id) == (2, "check-double", "double")


def test_checksums_are_of_the_released_cells(copies):
    for kind in KINDS:
        for cell_id in ("double", "check-double"):
            released = cell(copies["student"], cell_id)
            stored = cell(copies[kind], cell_id).metadata.nbgrader.checksum
            assert stored == compute_checksum(released)


def test_slow_and_timed_cells_and_checks_are_not_compared(copies):
    tags = [cell.metadata.get("tags", []) for cell in copies["student"].cells]
    assert tags.count(["nbval-ignore-output"]) == 1
    assert tags.count(["slow", "nbval-ignore-output"]) == 1
    assert tags.count(["timed", "nbval-ignore-output"]) == 1


def test_lectures_say_which_they_are(copies):
    assert copies["student"].metadata.coursekit.lecture == "01_doubling"
