"""The source of a lecture: jupytext's percent format and four markers, read and checked."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jupytext

from coursekit.building.problem import BuildProblem
from coursekit.building.solution import BadMarker, solution_blocks

TAGS = ("instructor", "slow", "timed")
MARKERS = ("exercise", "check", "points", "tags")
_STEM = re.compile(r"\d\d_[a-z0-9_]+")
# Leaves room for "check-" within the 64 characters of a cell id.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,49}")
_CELL_LINE = re.compile(r"^#\s*%%(\s|$)")
# jupytext refuses these without saying where.
_TAGS_NOT_A_LIST = re.compile(r"^#\s*%%\s.*\btags=(?!\[)(\S*)")


@dataclass(frozen=True)
class Cell:
    """One cell of a source: its text, its place and its markers."""

    kind: str  # "code" or "markdown"
    source: str
    line: int  # of its "# %%", counted from 1
    exercise: str | None = None
    check: str | None = None
    points: float | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lecture:
    """A lecture as its source has it, solved and complete."""

    stem: str
    path: Path
    cells: tuple[Cell, ...]


def find_sources(folder: Path) -> dict[str, Path]:
    """The lectures of a folder, stem to path, in teaching order.

    >>> find_sources(Path("no such folder"))
    {}
    """
    found = sorted(folder.glob("*.py"))
    return {path.stem: path for path in found if _STEM.fullmatch(path.stem)}


def read_lecture(path: Path) -> Lecture:
    """Read and check one lecture's source.

    Raises BuildProblem, naming file and line, for text that cannot be read and for markers that
    contradict each other.
    """
    text = _read_text(path)
    cells = tuple(_cells(path, text))
    if not cells:
        raise BuildProblem.at(path, 1, "found no cells; a lecture starts with '# %% [markdown]'")
    for cell in cells:
        _require_sound_cell(path, cell)
    _require_pairs(path, cells)
    return Lecture(path.stem, path, cells)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise BuildProblem(f"{path}: could not be read as UTF-8 text ({problem})") from problem


def _cells(path: Path, text: str) -> Iterator[Cell]:
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if found := _TAGS_NOT_A_LIST.match(line):
            raise BuildProblem.at(path, number, f'found tags={found[1]}; write tags=["slow"]')
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
    except Exception as problem:  # jupytext lets the errors of YAML and nbformat through
        sentence = str(problem).splitlines()[0]
        raise BuildProblem.at(path, 1, f"could not be read as a notebook: {sentence}") from problem
    after = 0
    for cell in notebook.cells:
        line = _cell_line(path, lines, after)
        after = line + len(cell.source.splitlines())
        yield _marked_cell(path, line, cell)


def _cell_line(path: Path, lines: list[str], after: int) -> int:
    """Number, from 1, of the next "# %%" at or below ``after`` lines."""
    for number in range(after, len(lines)):
        if _CELL_LINE.match(lines[number]):
            return number + 1
    raise BuildProblem.at(path, 1, "found text outside of any cell; put '# %%' above it")


def _marked_cell(path: Path, line: int, cell) -> Cell:
    markers = {key: value for key, value in cell.metadata.items() if key != "lines_to_next_cell"}
    if "incorrectly_encoded_metadata" in markers:
        found = markers["incorrectly_encoded_metadata"]
        raise BuildProblem.at(
            path, line, f'could not read {found!r}; write for example exercise="name" or points=2'
        )
    unknown = [key for key in markers if key not in MARKERS]
    if unknown:
        found = f"{unknown[0]}={markers[unknown[0]]!r}"
        raise BuildProblem.at(path, line, f"unknown marker {found}; known: {', '.join(MARKERS)}")
    if cell.cell_type not in ("code", "markdown"):
        raise BuildProblem.at(path, line, f"found a {cell.cell_type} cell; use code or markdown")
    tags = markers.pop("tags", [])
    if any(tag not in TAGS for tag in tags):
        raise BuildProblem.at(path, line, f"unknown tags {tags!r}; known: {', '.join(TAGS)}")
    return Cell(cell.cell_type, cell.source, line, tags=tuple(tags), **markers)


def _require_sound_cell(path: Path, cell: Cell) -> None:
    for sentence in _flaws(cell):
        raise BuildProblem.at(path, cell.line, sentence)
    try:
        blocks = solution_blocks(cell.source)
    except BadMarker as problem:
        raise BuildProblem.at(path, cell.line + 1 + problem.offset, str(problem)) from problem
    if blocks and not cell.exercise:
        line = cell.line + 1 + blocks[0].begin
        raise BuildProblem.at(path, line, "found a solution in a cell without exercise=…")
    if cell.exercise and not blocks:
        raise BuildProblem.at(
            path, cell.line, f"exercise {cell.exercise!r} has no solution block to hide"
        )


def _flaws(cell: Cell) -> Iterator[str]:
    name = cell.exercise or cell.check
    if cell.exercise is not None and cell.check is not None:
        yield "a cell is an exercise or a check, not both; split it in two"
    if cell.exercise is None and cell.check is None:
        if cell.points is not None:
            yield "points belong to a check; add check=… or remove them"
        return
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield f"{name!r} cannot name an exercise; use a function's name of at most 50 characters"
    if cell.kind != "code":
        yield f"{name!r} marks a text cell; exercises and checks are code"
    if "instructor" in cell.tags:
        yield f"{name!r} is for students; remove the tag instructor"
    yield from _flaws_of_points(cell)
    if cell.exercise and not _defines(cell.source, name):
        yield f"exercise {name!r} defines no function or class of that name"


def _flaws_of_points(cell: Cell) -> Iterator[str]:
    if cell.exercise and cell.points is not None:
        yield f"points belong to the check of {cell.exercise!r}; move them there"
    if cell.check:
        if cell.points is None:
            yield f"check {cell.check!r} has no points; add for example points=2"
        elif isinstance(cell.points, bool) or not isinstance(cell.points, int | float):
            yield f"check {cell.check!r} has points={cell.points!r}; write a number"
        elif not 0 < cell.points < float("inf"):
            yield f"check {cell.check!r} has points={cell.points!r}; write a number above 0"


def _defines(source: str, name: str) -> bool:
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return True  # running the cell names the line better than this could
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return any(isinstance(node, kinds) and node.name == name for node in body)


def _require_pairs(path: Path, cells: tuple[Cell, ...]) -> None:
    exercises = _by_name(path, cells, "exercise")
    checks = _by_name(path, cells, "check")
    for name, cell in exercises.items():
        if name not in checks:
            raise BuildProblem.at(path, cell.line, f'exercise {name!r} has no check="{name}" cell')
    for name, cell in checks.items():
        if name not in exercises:
            raise BuildProblem.at(path, cell.line, f'check {name!r} has no exercise="{name}" cell')
        if cell.line < exercises[name].line:
            raise BuildProblem.at(path, cell.line, f"check {name!r} comes before its exercise")


def _by_name(path: Path, cells: tuple[Cell, ...], marker: str) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for cell in cells:
        name = getattr(cell, marker)
        if name is None:
            continue
        if name in found:
            raise BuildProblem.at(
                path, cell.line, f"{marker} {name!r} is already on line {found[name].line}"
            )
        found[name] = cell
    return found
