"""What a check says: status, points, the sentence read first, and how it is shown."""

import re
from dataclasses import dataclass, field
from html import escape
from typing import Any

from coursekit import drawings

ICONS = {
    "passed": ("M3 8.5l3.5 3.5L13 5", "#007a55"),
    "partly": ("M3 8h10", "#a15c00"),
    "failed": ("M4 4l8 8M12 4l-8 8", "#b3261e"),
    "not attempted": ("M8 4v5M8 11.5v.5", "#5f6368"),
}

COLOR_CODE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")  # of a terminal
MOST_SHOWN, MOST_LINES = 600, 12  # characters and lines of what the student's code printed


@dataclass(frozen=True)
class GroupResult:
    """One labeled group of cases: whether all were right, and its share of the points."""

    label: str
    passed: bool
    points: float
    max_points: float


@dataclass(frozen=True)
class Example:
    """The smallest input on which the answer fails."""

    call: str
    got: str
    expected: str
    picture: str = ""  # SVG text, or nothing


@dataclass(frozen=True)
class Printed:
    """The start of what the student's code printed during one call."""

    call: str
    text: str


@dataclass(frozen=True)
class Report:
    """The result of one check; shows itself as HTML and as text.

    status: "passed" | "partly" | "failed" | "not attempted". mistake: the known mistake's slug, or
    None. found: what the diagnosis rests on ("mistake", "raised", "shape", "property:linear", …).
    printed: what the code printed while it was called on the example, or else on another input.
    """

    exercise: str
    status: str
    points: float
    max_points: float
    sentence: str
    mistake: str | None = None
    hint: str = ""
    groups: tuple[GroupResult, ...] = ()
    example: Example | None = None
    found: str = ""
    notes: tuple[str, ...] = field(default=())
    printed: Printed | None = None

    def __float__(self) -> float:
        return float(self.points)

    def _repr_html_(self) -> str:
        return to_html(self)

    def __repr__(self) -> str:
        return to_text(self)


def readable(text: str) -> str:
    """The start of what a student's code printed, without color codes and what does not print.

    >>> readable("\\x1b[31mx\\x1b[0m = 3\\n")
    'x = 3'
    """
    plain = COLOR_CODE.sub("", text)
    text = "".join(c for c in plain if c.isprintable() or c in "\n\t").strip("\n")
    shown = "\n".join(text[:MOST_SHOWN].split("\n")[:MOST_LINES])
    return shown if len(shown) == len(text) else f"{shown}\n…"


def points_text(report: Report) -> str:
    """Points as read aloud: "1.5 of 2 points"."""
    return f"{report.points:g} of {report.max_points:g} points"


def to_text(report: Report) -> str:
    """The report as plain lines."""
    lines = [f"{report.exercise}: {report.status}, {points_text(report)}", report.sentence]
    if report.example:
        example = report.example
        lines += [f"  {example.call}", f"  yours: {example.got}", f"  right: {example.expected}"]
    if report.hint:
        lines.append(f"Look here: {report.hint}")
    if report.groups and report.status != "passed":
        lines.append("; ".join(f"{g.label}: {_word(g)}" for g in report.groups))
    if report.printed:
        lines.append(f"Your code printed, for {report.printed.call}:")
        lines += [f"  | {line}" for line in report.printed.text.split("\n")]
    return "\n".join([*lines, *report.notes])


def to_html(report: Report) -> str:
    """The report as a self-contained piece of HTML."""
    color = ICONS[report.status][1]
    parts = [
        f'<div><strong style="color:{color}">{_icon(report.status)} '
        f"{escape(report.exercise)}: {report.status}</strong> · {points_text(report)}</div>",
        f'<div style="margin:.3em 0">{escape(report.sentence)}</div>',
    ]
    if report.example:
        parts.append(_example_html(report.example))
    if report.hint:
        parts.append(f"<div><strong>Look here:</strong> {escape(report.hint)}</div>")
    if report.groups and report.status != "passed":
        parts.append(_groups_html(report.groups))
    if report.printed:
        parts.append(_printed_html(report.printed))
    parts += [f"<div><em>{escape(note)}</em></div>" for note in report.notes]
    return (
        f'<div class="coursekit-report" role="group" aria-label="Check of {report.exercise}" '
        f'style="border-left:4px solid {color};padding:.4em .9em;background:#fff;color:#202124;'
        f'max-width:52em;line-height:1.45">{"".join(parts)}</div>'
    )


def _example_html(example: Example) -> str:
    rows: list[tuple[str, Any]] = [("yours", example.got), ("right", example.expected)]
    cells = "".join(
        f'<tr><th scope="row" style="text-align:left;padding:0 .8em 0 0">{name}</th>'
        f'<td style="text-align:left"><code style="background:none;color:inherit">'
        f"{escape(value)}</code></td></tr>"
        for name, value in rows
    )
    return (
        f'<div><code style="background:none;color:inherit">{escape(example.call)}</code></div>'
        f'<table style="margin:.2em 0 .4em 0;background:none;color:inherit">{cells}</table>'
        f"{example.picture}"
    )


def _printed_html(printed: Printed) -> str:
    return (
        f'<div style="margin:.4em 0 0 0">Your code printed, for <code style="background:none;'
        f'color:inherit">{escape(printed.call)}</code>:</div>'
        f'<pre style="margin:.1em 0;padding:0 0 0 .8em;border-left:2px solid #d7dbe0;'
        f'background:none;color:inherit;white-space:pre-wrap">{escape(printed.text)}</pre>'
    )


def _groups_html(groups: tuple[GroupResult, ...]) -> str:
    chips = "".join(
        f'<li style="display:inline-block;margin:0 .9em 0 0">'
        f"{_icon('passed' if g.passed else 'failed')} {escape(g.label)}: {_word(g)}</li>"
        for g in groups
    )
    return f'<ul style="list-style:none;margin:.4em 0 0 0;padding:0">{chips}</ul>'


def _word(group: GroupResult) -> str:
    return "right" if group.passed else "not yet"


def _icon(status: str) -> str:
    path, color = ICONS[status]
    return drawings.icon(path, color)
