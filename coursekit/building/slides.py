"""One lecture as one HTML file of slides that needs nothing else: no kernel, no network."""

import base64
import html
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from itertools import groupby
from pathlib import Path

from coursekit.building.course import Course
from coursekit.building.deck import Slide, slides_of
from coursekit.building.lectures import Outcome, Run, running_copies
from coursekit.building.source import read_lecture
from coursekit.files import write_whole
from coursekit.problem import Problem
from coursekit.widgets.page import host_script

_ASSETS = Path(__file__).parents[1] / "slides"
_FONTS = {
    "regular": "font-weight: 400",
    "italic": "font-weight: 400; font-style: italic",
    "semibold": "font-weight: 600",
}


def build_slides(
    course: Course, stems: Sequence[str], run: Run, solutions: bool = False
) -> Iterator[Outcome]:
    """Write build/slides/STEM.html of each lecture, telling of each as it is done.

    solutions: show the exercises' solutions too. Raises BuildProblem for an unknown stem.
    """
    sources = course.find(stems)
    with running_copies(course, sources, run, kinds=["solved"]) as running:
        for stem, (solved,) in running.items():
            yield _written(course.slides(stem), sources[stem], solved, solutions)


def _written(target: Path, source: Path, solved: Future, solutions: bool) -> Outcome:
    try:
        text = page(slides_of(read_lecture(source), solved.result(), solutions))
        return Outcome(source.stem, (target,) if write_whole(target, text) else ())
    except Problem as problem:
        return Outcome(source.stem, problem=str(problem))


def page(slides: Sequence[Slide]) -> str:
    """The HTML file of some slides; the first is the title."""
    title = re.sub(r"<[^>]+>", "", slides[0].title)
    body = "\n".join(_topics(slides))
    values = {
        "title": html.escape(html.unescape(title)),
        "styles": "\n".join([_asset("reveal.css"), _fonts(), _asset("deck.css")]),
        "slides": body,
        "reveal": _reveal(),
        "notes": _asset("notes.js"),
        "host": host_script() if "ck-embedded" in body else "",
        "deck": _asset("deck.js"),
    }
    return re.sub(r"{{(\w+)}}", lambda name: values[name[1]], _asset("deck.html"))


def _topics(slides: Sequence[Slide]) -> Iterator[str]:
    """One section a topic: a slide of level 1 or 2 and those of level 3 below it."""
    number = 0
    numbered = []
    for slide in slides:
        number += slide.level < 3
        numbered.append((number, slide))
    for _, group in groupby(numbered, key=lambda pair: pair[0]):
        topic = [slide for _, slide in group]
        yield f"<section>\n{''.join(_articles(topic))}</section>"


def _articles(topic: list[Slide]) -> Iterator[str]:
    first, *rest = topic
    # A topic without words of its own is named above the headings of its parts.
    if first.blocks or not rest:
        yield _article(first, "")
    else:
        rest[0].notes[:0] = first.notes
    for slide in rest:
        yield _article(slide, f'<p class="topic">{first.title}</p>' if slide.level == 3 else "")


def _article(slide: Slide, above: str) -> str:
    kind = "title" if slide.level == 1 else ""
    notes = f'<aside class="notes">{"".join(slide.notes)}</aside>' if slide.notes else ""
    blocks = "\n".join(slide.blocks)
    return (
        f'<article class="page {kind}"><header>{above}<h2>{slide.title}</h2></header>\n'
        f"{blocks}\n{notes}</article>\n"
    )


def _reveal() -> str:
    """reveal.js, told that only sections outside of a page's body are slides.

    A widget or a report may well be made of sections.
    """
    script = _asset("reveal.js")
    for selector in ("section", ".slides section"):
        script = script.replace(f'"{selector}"', f'"{selector}:not(.body section)"')
    return script


def _asset(name: str) -> str:
    text = (_ASSETS / name).read_text(encoding="utf-8")
    return re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)


def _fonts() -> str:
    return "\n".join(_font(name, style) for name, style in _FONTS.items())


def _font(name: str, style: str) -> str:
    data = (_ASSETS / f"source-sans-pro-{name}.woff").read_bytes()
    source = f"data:font/woff;base64,{base64.b64encode(data).decode()}"
    return f'@font-face {{ font-family: "Source Sans Pro"; {style}; src: url({source}); }}'
