"""The copies of a lecture before they run: solved for teachers, with stubs for students."""

import hashlib

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from coursekit.building.solution import hide_solution, unmark_solution
from coursekit.building.source import Cell, Lecture

KINDS = ("student", "solved")
NOT_COMPARED = "nbval-ignore-output"
NOT_REPEATABLE = {"slow", "timed"}  # tags of cells that may put out something else each time


def make_copy(lecture: Lecture, kind: str) -> NotebookNode:
    """The student's or the solved copy of a lecture, not yet run.

    kind: "student" (solutions and instructor cells removed) or "solved". A cell has the same id
    in both. Also returns what nbgrader needs to take the student's copy as a release.
    """
    notebook = nbformat.v4.new_notebook()
    notebook.metadata = _notebook_metadata(lecture.stem)
    for cell_id, cell in zip(cell_ids(lecture), lecture.cells, strict=True):
        if kind == "solved" or "instructor" not in cell.tags:
            notebook.cells.append(_make_cell(cell, cell_id, kind))
    return notebook


def cell_ids(lecture: Lecture) -> list[str]:
    """Ids that survive edits of other cells, one a cell.

    An exercise has its name, its check "check-" before it, any other cell a hash of its text;
    equal texts are numbered.
    """
    seen: dict[str, int] = {}
    ids = []
    for cell in lecture.cells:
        cell_id = _plain_id(cell)
        seen[cell_id] = seen.get(cell_id, 0) + 1
        ids.append(cell_id if seen[cell_id] == 1 else f"{cell_id}-{seen[cell_id]}")
    return ids


def _plain_id(cell: Cell) -> str:
    if cell.exercise:
        return cell.exercise
    if cell.check:
        return f"check-{cell.check}"
    return hashlib.sha256(f"{cell.kind}\n{cell.source}".encode()).hexdigest()[:12]


def _notebook_metadata(stem: str) -> NotebookNode:
    return nbformat.from_dict(
        {
            "coursekit": {"lecture": stem},
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        }
    )


def _make_cell(cell: Cell, cell_id: str, kind: str) -> NotebookNode:
    metadata = _cell_metadata(cell)
    if cell.kind == "markdown":
        return nbformat.v4.new_markdown_cell(cell.source, id=cell_id, metadata=metadata)
    source = unmark_solution(cell.source) if cell.exercise else cell.source
    made = nbformat.v4.new_code_cell(source, id=cell_id, metadata=metadata)
    if cell.exercise:
        # The solved copy keeps the released checksum: it is what a perfect student hands in.
        made.source = hide_solution(cell.source, cell.exercise)
    if "nbgrader" in metadata:
        made.metadata.nbgrader.checksum = compute_checksum(made)
    if kind == "solved":
        made.source = source
    return made


def _cell_metadata(cell: Cell) -> dict:
    tags = list(cell.tags)
    if cell.check or not NOT_REPEATABLE.isdisjoint(tags):
        tags.append(NOT_COMPARED)
    metadata: dict = {"tags": tags} if tags else {}
    if cell.exercise:
        metadata["coursekit"] = {"exercise": cell.exercise}
        metadata["deletable"] = False
        metadata["nbgrader"] = _nbgrader_metadata(cell.exercise, solution=True)
    if cell.check:
        metadata["coursekit"] = {"check": cell.check}
        metadata["deletable"] = metadata["editable"] = False
        metadata["nbgrader"] = _nbgrader_metadata(f"check-{cell.check}", solution=False)
        metadata["nbgrader"]["points"] = cell.points
    return metadata


def _nbgrader_metadata(grade_id: str, solution: bool) -> dict:
    """nbgrader's schema 3: a solution cell to edit, or a locked, graded check."""
    return {
        "schema_version": 3,
        "cell_type": "code",
        "grade_id": grade_id,
        "solution": solution,
        "grade": not solution,
        "locked": not solution,
        "task": False,
    }
