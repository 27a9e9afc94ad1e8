"""Whether a committed notebook is what its source would give now."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursekit.building.copies import NOT_COMPARED, make_copy
from coursekit.building.course import Course
from coursekit.building.lectures import Run, as_text, running_copies
from coursekit.building.source import read_lecture
from coursekit.problem import Problem

_DATA_URI = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=\s]*")
_REMEDY = "run coursekit build and commit the result"


def stale_notebooks(
    course: Course, stems: Sequence[str], run: Run, execute: bool = True
) -> Iterator[str]:
    """Name every stale notebook and its first differing cell, in sentences.

    execute: compare outputs too; pictures, whose pixels differ between machines, only by being
    there and by their alternative text. Without stems, leftover notebooks are named as well.
    """
    sources = course.find(stems)
    if not stems:
        yield from _leftovers(course, set(sources))
    if not execute:
        for stem, path in sources.items():
            yield from _guarded(course.notebook(stem), lambda p=path: _unrun(p), execute)
        return
    with running_copies(course, sources, run, kinds=["student"]) as running:
        for stem, (copy,) in running.items():
            yield from _guarded(course.notebook(stem), copy.result, execute)


def _leftovers(course: Course, stems: set[str]) -> Iterator[str]:
    for path in sorted((course.root / "notebooks").glob("*.ipynb")):
        if path.stem not in stems:
            yield f"{path}: has no source solutions/{path.stem}.py; delete it or add the source"


def _unrun(path: Path) -> NotebookNode:
    return make_copy(read_lecture(path), "student")


def _guarded(path: Path, expect: Callable[[], NotebookNode], execute: bool) -> Iterator[str]:
    try:
        difference = first_difference(expect(), path, execute)
    except Problem as problem:
        yield str(problem)
        return
    if difference:
        yield f"{path}: {difference}; {_REMEDY}"


def first_difference(expected: NotebookNode, path: Path, execute: bool) -> str | None:
    """What the notebook at ``path`` has other than expected, or None.

    execute: compare outputs and execution counts too.
    """
    if not path.is_file():
        return "is missing"
    try:
        text = path.read_text(encoding="utf-8")
        found = nbformat.v4.reads(text)
        versions = (found.nbformat, found.nbformat_minor, len(found.cells))
    except (OSError, ValueError, AttributeError, TypeError) as problem:
        return f"cannot be read as a notebook ({problem})"
    if versions[:2] != (expected.nbformat, expected.nbformat_minor):
        return f"its format is {versions[0]}.{versions[1]}, which the builder does not write"
    difference = _order_difference(expected, found)
    for number, pair in enumerate(zip(expected.cells, found.cells, strict=False), start=1):
        what = _cell_difference(*pair, execute)
        if what and not difference:
            difference = f"cell {number} ({pair[0].id!r}): {what}"
    return difference or _file_difference(expected, found, text)


def _order_difference(expected: NotebookNode, found: NotebookNode) -> str | None:
    wanted = [cell.id for cell in expected.cells]
    there = [cell.get("id") for cell in found.cells]
    for number, cell in enumerate(found.cells, start=1):
        if cell.get("id") not in wanted:
            return f"cell {number} ({cell.get('id')!r}): is not in the source"
    for number, cell_id in enumerate(wanted, start=1):
        if cell_id not in there:
            return f"cell {number} ({cell_id!r}): is missing"
    return None if wanted == there else "the cells are in another order than in the source"


def _cell_difference(expected: NotebookNode, found: NotebookNode, execute: bool) -> str | None:
    for key in ("cell_type", "source", "metadata"):
        if expected.get(key) != found.get(key):
            return f"its {key} differs from the source"
    if not execute or expected.cell_type != "code":
        return None
    if expected.execution_count != found.execution_count:
        return "its execution count differs from a run of the source"
    # Slow work may say something else each time; checks and timed cells have no output at all.
    varies = NOT_COMPARED in expected.metadata.get("tags", []) and expected.outputs
    if not varies and _comparable(expected.outputs) != _comparable(found.outputs):
        return "its output differs from a run of the source"
    return None


def _comparable(outputs: list[NotebookNode]) -> list[dict]:
    return [{key: _without_pixels(value) for key, value in output.items()} for output in outputs]


def _without_pixels(value):
    if isinstance(value, str):
        return _DATA_URI.sub("data:image", value)
    if not isinstance(value, dict):
        return value
    return {
        key: "a picture"
        if key == "image/png" and isinstance(inner, str)
        else _without_pixels(inner)
        for key, inner in value.items()
    }


def _file_difference(expected: NotebookNode, found: NotebookNode, text: str) -> str | None:
    """Whatever is left once cells agree: the notebook's own metadata and how it is written."""
    if expected.metadata != found.metadata:
        return "its metadata differs from the source"
    return None if as_text(found) == text else "was written by another program"
