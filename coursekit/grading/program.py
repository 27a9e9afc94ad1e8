"""What of a notebook is run for a mark, and what is said when an exercise is not found in it."""

import ast
import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from coursekit.grading.definitions import defines
from coursekit.grading.notebooks import Cell, Notebook, Unreadable, read_notebook

KEEPS_ITS_CODE = re.compile(r"%%(time|timeit|capture|prun)\b.*")
TIMED_LINE = re.compile(r"^([ \t]*)%time[ \t]+", re.MULTILINE)
# What only IPython understands: magics, shell lines, help, prompts, an indented cell.
NOT_PLAIN = re.compile(r"(?m)^[ \t]*[%!?]|\?[ \t]*$|=[ \t]*[%!]|^[ \t]*>>>|^[ \t]*In \[|\A\s+\S")
MOST_TRANSFORMED = 20_000  # characters; IPython reads a cell once for every magic in it
MOST_KEPT = 2_000  # cells of which is kept what was found out about them
MOST_NAMES = 200  # functions of a notebook that a missing one is compared with
LOOK_ALIKES = str.maketrans("асеорхуіјѕԁοραν", "aceopxyijsdopav")  # Cyrillic and Greek to Latin


@dataclass(frozen=True)
class Step:
    """One cell to run: its number, its code, and whether only what it defines matters."""

    number: int
    source: str
    definitions: bool = False


@dataclass(frozen=True)
class Release:
    """The notebooks as students got them: lecture to the text of their cells."""

    cells: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def unchanged(self, lecture: str, cell: Cell) -> bool:
        """Whether a cell is as it was handed out, wherever it stands."""
        return cell.plain in self.cells.get(lecture, ())

    @property
    def stubs(self) -> dict[str, str]:
        """All code of each lecture."""
        return {lecture: "\n".join(sorted(cells)) for lecture, cells in self.cells.items()}


def read_release(folder: Path) -> Release:
    """The released notebooks of a folder, if there is one."""
    cells = {}
    for path in sorted(folder.rglob("*.ipynb")):
        try:
            notebook = read_notebook(path)
        except Unreadable:
            continue
        cells[notebook.lecture or path.stem] = frozenset(cell.plain for cell in notebook.cells)
    return Release(cells)


def steps(notebook: Notebook, lecture: str, release: Release) -> list[Step]:
    """The cells to run, in order.

    No checks, and of the lecture's own cells only the definitions.
    """
    found = [
        Step(cell.number, plain_python(cell.source), release.unchanged(lecture, cell))
        for cell in notebook.cells
        if not cell.check
    ]
    return [step for step in found if not step.definitions or _defines_something(step.source)]


@lru_cache(maxsize=MOST_KEPT)
def _defines_something(source: str) -> bool:
    try:
        return any(map(defines, ast.parse(source).body))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True  # running it names the line


@lru_cache(maxsize=MOST_KEPT)
def plain_python(source: str) -> str:
    """A cell's code without IPython's own syntax.

    Magics become calls, which do nothing.

    >>> plain_python("%time x = 3")
    'x = 3'
    """
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        return plain_python(rest) if KEEPS_ITS_CODE.match(first) else ""
    source = TIMED_LINE.sub(r"\1", source)
    if len(source) > MOST_TRANSFORMED or not NOT_PLAIN.search(source):
        return source
    try:
        return _ipython().transform_cell(source).rstrip("\n")
    except (SyntaxError, ValueError, RecursionError):
        return source  # running it names the line


@cache
def _ipython() -> Any:
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager()


def untouched(name: str, notebook: Notebook, lecture: str, release: Release) -> bool:
    """Whether everything that defines an exercise is as handed out."""
    defines = re.compile(
        rf"\b(?:def|class|as)\s+{name}\b|\b{name}\s*[=,](?!=)|import\s[^\n]{{0,200}}\b{name}\b"
    )
    found = [cell for cell in notebook.cells if not cell.check and defines.search(cell.source)]
    return bool(found) and all(release.unchanged(lecture, cell) for cell in found)


def absence(name: str, instead: str, notebook: Notebook, problems: Mapping[int, str]) -> str:
    """Why there is no function or class of an exercise's name.

    To be read after that name. instead: the type of what has the name, if anything has. problems:
    what happened to cells, by number.
    """
    own = [cell for cell in notebook.cells if cell.exercise == name]
    defines = re.compile(rf"\b(?:def|class)\s+{name}\b")
    own = own or [cell for cell in notebook.cells if defines.search(cell.source)]
    for cell in own:
        if re.search(r"(?m)^(<<<<<<<|>>>>>>>) ", cell.source):
            return "has unresolved merge conflict markers (<<<<<<<) in its cell"
    for cell in own:
        if cell.number in problems:
            return f"could not be run: its cell {problems[cell.number]}"
    if instead:
        return f"is {instead}, not a function: define it with `def`"
    return _misnamed(name, own, notebook) or (
        "is not defined in its cell" if own else "is nowhere in this notebook; its cell was deleted"
    )


def _misnamed(name: str, own: Iterable[Cell], notebook: Notebook) -> str:
    in_own = [found for cell in own for found in _defined(cell)]
    anywhere = [found for cell in notebook.cells for found in _defined(cell)][:MOST_NAMES]
    for found in anywhere:
        if found != name and _latin(found) == _latin(name):
            odd = next((c for c in found if not c.isascii()), found[0])
            return f"is written with look-alike letters, such as {_described(odd)}"
    close = difflib.get_close_matches(name, anywhere, n=1, cutoff=0.75)
    for found in [*in_own[-1:], *close]:
        return f"is not defined, but {found} is: give it the name {name}"
    return ""


def _defined(cell: Cell) -> list[str]:
    return re.findall(r"(?m)^(?:def|class)\s+(\w{1,60})\b", cell.source)


def _latin(name: str) -> str:
    return unicodedata.normalize("NFKC", name).translate(LOOK_ALIKES).lower()


def _described(letter: str) -> str:
    return f"{letter!r} ({unicodedata.name(letter, 'an unknown letter').lower()})"
