"""The slides of a lecture, before they are laid out: a title, its blocks and its notes each."""

import base64
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from coursekit.building.outputs import SNAPSHOT
from coursekit.building.problem import BuildProblem
from coursekit.building.prose import BadProse, color_code, parts, to_html
from coursekit.building.shown import shown_code
from coursekit.building.solution import hide_solution, unmark_solution
from coursekit.building.source import Cell, Lecture
from coursekit.predictions import ANSWER
from coursekit.widgets.page import widget_html

SHORT = 4  # lines of code that may stand between words and their picture
_MINUTES = re.compile(r"\bTime:\s*(\d+(?:\.\d+)?)\s*min")


@dataclass
class Slide:
    """One heading with everything below it; the browser makes pages of it."""

    level: int  # 1: the lecture's title, 2: a topic, 3: within a topic
    title: str
    blocks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def slides_of(lecture: Lecture, solved: NotebookNode, solutions: bool) -> list[Slide]:
    """The slides of a lecture, in order.

    solved: its copy that has run, for pictures and widgets. solutions: show the exercises'
    solutions too. Raises BuildProblem for a lecture that does not start with a title, or prose
    that cannot be shown.
    """
    slides: list[Slide] = []
    for cell, made in zip(lecture.cells, solved.cells, strict=True):
        try:
            _add_cell(slides, cell, made, solutions, folder=lecture.path.parents[1] / "notebooks")
        except BadProse as problem:
            raise BuildProblem.at(lecture.path, cell.line, str(problem)) from problem
        if not slides:
            raise BuildProblem.at(lecture.path, cell.line, "starts without a title; add '# …'")
    _add_total_time(slides[0], lecture)
    return slides


def _add_cell(
    slides: list[Slide], cell: Cell, made: NotebookNode, solutions: bool, folder: Path
) -> None:
    if "instructor" in cell.tags:
        if slides:
            slides[-1].notes.append(_note(cell, folder))
    elif cell.kind == "markdown":
        for part in parts(cell.source, folder):
            if part.level:
                slides.append(Slide(part.level, part.title))
            if part.body and slides:
                slides[-1].blocks.append(f'<div class="part text">{part.body}</div>')
    elif slides and not cell.check:
        slides[-1].blocks.extend(_code_blocks(cell, made, solutions))


def _note(cell: Cell, folder: Path) -> str:
    if cell.kind == "markdown":
        return to_html(cell.source, folder)
    return f"<pre>{html.escape(cell.source)}</pre>"


def _add_total_time(title: Slide, lecture: Lecture) -> None:
    notes = (cell.source for cell in lecture.cells if "instructor" in cell.tags)
    minutes = sum(float(found) for note in notes for found in _MINUTES.findall(note))
    if minutes:
        title.notes.insert(0, f"<p><strong>Total time: {minutes:g} min</strong></p>")


def _code_blocks(cell: Cell, made: NotebookNode, solutions: bool) -> Iterator[str]:
    if cell.exercise:
        yield _exercise(hide_solution(cell.source, cell.exercise), "exercise", "Exercise")
        if solutions:
            yield _exercise(unmark_solution(cell.source), "solution", "One solution")
        return
    answers = [output.data[ANSWER] for output in made.outputs if ANSWER in output.get("data", {})]
    outputs = [output for output in made.outputs if ANSWER not in output.get("data", {})]
    said = "".join(_text(output) for output in outputs if _is_text(output))
    pictures = [_picture(output) for output in outputs if not _is_text(output)]
    code = shown_code(cell.source)
    pre = f"<pre><code>{color_code(code)}</code></pre>" if code else ""
    talk = [f'<div class="part cell">{pre}{said}</div>'] if pre or said else []
    # A picture belongs to the words before it; only a short call fits in between.
    later = bool(pictures) and code.count("\n") >= SHORT
    yield from [*pictures, *talk] if later else [*talk, *pictures]
    yield from map(_folded, answers)


def _folded(answer: str) -> str:
    """What the room was asked to predict, to be opened once it has."""
    words = f"<summary>The answer</summary>\n<p>{html.escape(answer)}</p>"
    return f'<div class="part text"><details>{words}</details></div>'


def _exercise(source: str, kind: str, words: str) -> str:
    badge = f'<div class="badge {kind}">{words}</div>'
    return (
        f'<div class="part cell">{badge}'
        f'<pre class="{kind}"><code>{color_code(source)}</code></pre></div>'
    )


def _is_text(output: NotebookNode) -> bool:
    if output.output_type == "stream":
        return True
    return not {"image/png", "text/html"} & set(output.data)


def _text(output: NotebookNode) -> str:
    text = output.text if output.output_type == "stream" else output.data.get("text/plain", "")
    return f'<pre class="output">{html.escape(text.rstrip())}</pre>' if text.strip() else ""


def _picture(output: NotebookNode) -> str:
    if "image/png" not in output.data:
        return f'<div class="part"><div class="html">{output.data["text/html"]}</div></div>'
    alt = output.metadata.get("image/png", {}).get("alt") or output.data.get("text/plain", "")
    if SNAPSHOT in output.data:
        return widget_html(output.data, alt).replace('"ck-embedded"', '"part ck-embedded"', 1)
    picture = output.data["image/png"].strip()
    width, height = png_size(picture)
    return (
        f'<figure class="part"><img alt="{html.escape(alt)}" width="{width}" height="{height}" '
        f'src="data:image/png;base64,{picture}"></figure>'
    )


def png_size(picture: str) -> tuple[int, int]:
    """Width and height in pixels of a PNG given as base64.

    Both stand as four bytes each in its first chunk, after 16 bytes.
    """
    head = base64.b64decode(picture[:32])
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
