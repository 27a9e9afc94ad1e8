"""Reads notebooks leniently, as data: whatever a student's tools made of them."""

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

MOST_BYTES = 100 << 20  # of a notebook file
MOST_SOURCE = 200_000  # characters of a cell that is looked at


class Unreadable(Exception):
    """A file that is no notebook; the text is a sentence that says what it is instead."""


@dataclass(frozen=True)
class Cell:
    """A code cell: its place among all cells, counted from 1, and what it was made for."""

    number: int
    source: str
    exercise: str | None = None
    check: str | None = None

    @cached_property
    def plain(self) -> str:
        """The source without what editors change by themselves."""
        return "\n".join(line.rstrip() for line in self.source.strip().splitlines())


@dataclass(frozen=True)
class Notebook:
    """A notebook's code cells, and the lecture it says it belongs to.

    changed: the file's time, in seconds since 1970.
    """

    path: Path
    digest: str
    lecture: str | None
    cells: tuple[Cell, ...]
    changed: float = 0.0


def read_notebook(path: Path) -> Notebook:
    """Read a notebook of any format, with or without its metadata.

    Raises Unreadable with the sentence a student or teacher needs.
    """
    data, changed = _bytes_of(path)
    tree = _tree(_text(data))
    cells = tuple(_code_cells(_cells_of(tree)))
    lecture = _within(tree, "metadata", "coursekit", "lecture")
    return Notebook(
        path,
        hashlib.sha256(data).hexdigest(),
        lecture if isinstance(lecture, str) else None,
        cells,
        changed,
    )


def _bytes_of(path: Path) -> tuple[bytes, float]:
    """A plain file's content and time; links, pipes and devices are not followed or waited for."""
    try:
        if path.is_symlink():
            raise Unreadable(f"{path.name} is a link; hand in the notebook itself")
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            _require_plain_file(path.name, found)
            return file.read(MOST_BYTES + 1), found.st_mtime
    except OSError as problem:
        raise Unreadable(f"{path.name} cannot be read ({problem.strerror})") from problem


def _require_plain_file(name: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable(f"{name} is not a file")
    if found.st_size > MOST_BYTES:
        size = f"{found.st_size >> 20} MB"
        raise Unreadable(f"{name} has {size}; clear its outputs and save it again")


def _text(data: bytes) -> str:
    if not data.strip():
        raise Unreadable("the file is empty")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return data.decode(encoding, errors="replace")


def _tree(text: str) -> dict[str, Any]:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError, MemoryError) as problem:
        raise Unreadable(_not_json(text, problem)) from problem
    if not isinstance(tree, dict):
        raise Unreadable("the file is JSON but not a notebook")
    return tree


def _not_json(text: str, problem: BaseException) -> str:
    start = text.lstrip()[:200].lower()
    if "<<<<<<< " in text and ">>>>>>> " in text:
        return "the file holds unresolved merge conflicts (<<<<<<<); keep one of the two versions"
    if start.startswith(("<!doctype", "<html")):
        return "the file is a web page, not a notebook; download the .ipynb itself"
    if start.startswith("pk\x03\x04"):
        return "the file is a zip archive; hand in the .ipynb inside it"
    if start.startswith("{") and text.rstrip()[-1] != "}":
        return "the file breaks off in the middle; save and hand it in again"
    where = f" (line {problem.lineno})" if isinstance(problem, json.JSONDecodeError) else ""
    return f"the file is not a notebook: it is not JSON{where}"


def _cells_of(tree: Mapping[str, Any]) -> list[Any]:
    """All cells of a notebook, in order: nbformat 4 keeps one list, 3 one a worksheet."""
    if isinstance(tree.get("cells"), list):
        return tree["cells"]
    sheets = tree.get("worksheets")
    if not isinstance(sheets, list):
        raise Unreadable("the file is JSON but not a notebook: it has no cells")
    lists = [_within(sheet, "cells") for sheet in sheets]
    return [cell for cells in lists if isinstance(cells, list) for cell in cells]


def _code_cells(cells: list[Any]) -> list[Cell]:
    found = []
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = _joined(cell.get("source", cell.get("input")))
        exercise, check = _purpose(cell)
        if source.strip() and len(source) <= MOST_SOURCE:
            found.append(Cell(number, source, exercise, check))
    return found


def _joined(source: Any) -> str:
    """The source, which is one text or a list of lines."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _purpose(cell: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The exercise a cell answers and the one it checks: by metadata, otherwise by its id."""
    own = _within(cell, "metadata", "coursekit")
    own = own if isinstance(own, dict) else {}
    grade_id = _within(cell, "metadata", "nbgrader", "grade_id") or cell.get("id")
    grade_id = grade_id if isinstance(grade_id, str) else ""
    check = own.get("check") or (grade_id.startswith("check-") and grade_id[6:]) or None
    exercise = own.get("exercise") or (grade_id if not check else None) or None
    return (
        exercise if isinstance(exercise, str) else None,
        check if isinstance(check, str) else None,
    )


def _within(tree: Any, *keys: str) -> Any:
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree
