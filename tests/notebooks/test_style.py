"""The course's style as numbers, read from the built student notebooks.

Every run prints them. The bounds are those of the hands-on courses teachers praise.
"""

import re
import statistics
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
STEMS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
# What a heading that is no question may start with.
VERBS = {"ask", "build", "change", "choose", "compare", "compute", "count", "draw", "find"}
VERBS |= {"follow", "implement", "keep", "look", "make", "measure", "move", "play", "predict"}
VERBS |= {"put", "recompute", "score", "see", "show", "split", "step", "take", "test", "train"}
VERBS |= {"try", "turn", "use", "walk", "watch", "write"}
BOUNDS = {
    "cells": (25, 60),
    "prose %": (45, 100),
    "code lines, median": (1, 6),
    "code lines, most": (1, 30),
    "code after prose %": (75, 100),
    "code in a row": (1, 3),
    "H1": (1, 1),
    "H2": (4, 9),
    "figures": (3, 8),
    "figures of a cell": (1, 1),
    "learnings": (3, 5),
    "takeaways": (3, 5),
    "kB": (1, 400),
}


@dataclass(frozen=True)
class Notebook:
    """A student notebook as its reader meets it."""

    path: Path
    cells: list

    @property
    def text(self) -> str:
        """All prose, without fenced code."""
        prose = (cell.source for cell in self.cells if cell.cell_type == "markdown")
        return re.sub(r"^```.*?^```", "", "\n\n".join(prose), flags=re.DOTALL | re.MULTILINE)

    def headings(self, level: int) -> list[str]:
        """Headings of one level, in order."""
        return re.findall(rf"^{'#' * level} (.+)$", self.text, flags=re.MULTILINE)

    @property
    def closing(self) -> str:
        """Everything from the last heading of level 2 on."""
        return self.text[self.text.rindex("\n## ") :]

    @property
    def figures(self) -> list[list]:
        """The pictures of each cell that has some."""
        found = [
            [out for out in cell.get("outputs", []) if "image/png" in out.get("data", {})]
            for cell in self.cells
        ]
        return [pictures for pictures in found if pictures]


@cache
def notebook(stem: str) -> Notebook:
    path = ROOT / "notebooks" / f"{stem}.ipynb"
    return Notebook(path, nbformat.read(path, as_version=4).cells)


def bullets(text: str) -> list[str]:
    """Items of the first list in a text."""
    first = re.search(r"(?:^[*-] .+\n?(?:^  .+\n?)*)+", text, flags=re.MULTILINE)
    return re.findall(r"^[*-] ", first[0], flags=re.MULTILINE) if first else []


def longest_run(kinds: list[str]) -> int:
    runs = re.findall("c+", "".join(kind[0] for kind in kinds))
    return max(map(len, runs))


@cache
def numbers(stem: str) -> dict[str, float]:
    book = notebook(stem)
    kinds = [cell.cell_type for cell in book.cells]
    lines = [
        sum(bool(line.strip()) for line in cell.source.splitlines())
        for cell in book.cells
        if cell.cell_type == "code"
    ]
    pairs = list(zip(["", *kinds], kinds, strict=False))
    announced = sum(pair == ("markdown", "code") for pair in pairs)
    return {
        "cells": len(kinds),
        "prose %": round(100 * kinds.count("markdown") / len(kinds)),
        "code lines, median": statistics.median(lines),
        "code lines, most": max(lines),
        "code after prose %": round(100 * announced / kinds.count("code")),
        "code in a row": longest_run(kinds),
        "H1": len(book.headings(1)),
        "H2": len(book.headings(2)),
        "figures": len(book.figures),
        "figures of a cell": max(map(len, book.figures), default=0),
        "learnings": len(bullets(book.cells[0].source)),
        "takeaways": len(bullets(book.closing)),
        "kB": round(book.path.stat().st_size / 1000),
    }


def test_there_are_lectures():
    assert STEMS


@pytest.mark.parametrize("stem", STEMS)
def test_numbers(stem, capsys):
    found = numbers(stem)
    table = [f"{name:20}{found[name]:>8g}   {low}-{high}" for name, (low, high) in BOUNDS.items()]
    with capsys.disabled():
        sys.stdout.write("\n".join(["", stem, *table, ""]))
    outside = {
        name: found[name] for name, (low, high) in BOUNDS.items() if not low <= found[name] <= high
    }
    assert outside == {}


@pytest.mark.parametrize("stem", STEMS)
def test_sections_ask_or_do(stem):
    for heading in notebook(stem).headings(2):
        asks = heading.endswith("?")
        assert asks or heading.split()[0].lower() in VERBS, f"{heading!r} neither asks nor acts"


@pytest.mark.parametrize("stem", STEMS)
def test_every_figure_has_alternative_text(stem):
    for figure in (picture for pictures in notebook(stem).figures for picture in pictures):
        alt = figure.metadata.get("image/png", {}).get("alt", "")
        assert len(alt.split()) >= 5, f"{alt!r} does not say what the picture shows"


@pytest.mark.parametrize("stem", STEMS)
def test_opening_names_product_learnings_needs_and_minutes(stem):
    opening = notebook(stem).cells[0].source
    assert opening.startswith("# ")
    product, learnings = opening.split("You will learn")
    assert re.search(r"\*\*[^*]{20,}\*\*", product), "no product in bold"
    assert "You need" in learnings
    assert "minutes" in opening or "seconds" in opening


@pytest.mark.parametrize("stem", STEMS)
def test_closing_has_questions_reading_and_what_comes_next(stem):
    closing = notebook(stem).closing
    assert "### Open questions" in closing
    reading = closing.split("### Further reading")[1]
    links = re.findall(r"\]\(https?://[^)\s]+\)(.{0,3})", re.sub(r"\s+", " ", reading))
    assert links
    assert all(":" in after for after in links), "a link without a description"
    assert "**Next:**" in reading
