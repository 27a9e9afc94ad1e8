"""What students get: a feedback page each, and Gradescope's results.json."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from coursekit.files import write_whole
from coursekit.grading.marks import Row, number
from coursekit.grading.page import page
from coursekit.grading.record import Record, file_name
from coursekit.reports import to_html, to_text

_STYLE = "th{padding-right:1.5em}.coursekit-report{margin:1.2em 0}"


def write_feedback(out: Path, records: Sequence[Record], rows: Sequence[Row]) -> None:
    """Write every student's feedback: a page of their own, and results.json for Gradescope."""
    by_student = {row.student: row for row in rows}
    for record in records:
        name, row = file_name(record.student), by_student[record.student]
        write_whole(out / "feedback" / f"{name}.html", feedback_html(record, row))
        results = json.dumps(gradescope(record, row), indent=1) + "\n"
        write_whole(out / "gradescope" / name / "results.json", results)


def feedback_html(record: Record, row: Row) -> str:
    """One self-contained page: every report as the student's own check showed it."""
    parts = [f"<h1>Feedback for {escape(record.student)}</h1>"]
    if record.marks:
        parts.append(f"<p><strong>{escape(_total(row))}</strong></p>")
        parts.append(_table(record, row))
    else:
        parts.append(f"<p>Nothing could be graded: {escape(record.note)}.</p>")
    parts += [to_html(one.report) for one in record.marks]
    if record.cells:
        items = "".join(f"<li>{escape(words)}</li>" for words in record.cells)
        parts.append(f"<h2>Cells that did not run to their end</h2><ul>{items}</ul>")
    version = escape(str(record.evidence.get("coursekit", "")))
    parts.append(f"<footer>Graded with coursekit {version}, with fresh random inputs.</footer>")
    return page(f"Feedback for {record.student}", "".join(parts), _STYLE)


def _total(row: Row) -> str:
    words = f"{number(row.total)} of {number(row.most)} points"
    if not row.penalty:
        return words
    earned = number(sum(row.points.values()))
    return f"{words}: {earned} earned, less {row.penalty:.0%} for handing in late"


def _table(record: Record, row: Row) -> str:
    """Points by exercise, where the class counts otherwise than the reports below say."""
    found = {one.report.exercise: one.report for one in record.marks}
    plain = all(
        row.points[name] == report.points and row.worth[name] == report.max_points
        for name, report in found.items()
    )
    if plain:
        return ""
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        f"<td>{number(row.points[name])} of {number(row.worth[name])}</td></tr>"
        for name in found
    )
    return f"<table><caption>As your class counts them</caption>{lines}</table>"


def gradescope(record: Record, row: Row) -> dict[str, Any]:
    """Gradescope's results.json: a test an exercise."""
    tests = [
        {
            "name": one.report.exercise,
            "score": row.points[one.report.exercise],
            "max_score": row.worth[one.report.exercise],
            "status": "passed" if one.report.status == "passed" else "failed",
            "output": to_text(one.report),
        }
        for one in record.marks
    ]
    said = _total(row) if row.penalty else ""
    if not tests:
        said = f"Nothing could be graded: {record.note}."
    return {"score": row.total, "output": said, "tests": tests}


def everything(record: Record) -> str:
    """A record as plain text, with what its marks rest on."""
    lines = [f"{record.student}: {record.status}", *([record.note] if record.note else [])]
    for one in record.marks:
        lines += ["", to_text(one.report), f"  seed {one.seed}, {one.seconds:g} s"]
    if record.cells:
        lines += ["", "Cells that did not run to their end:", *record.cells]
    lines += ["", "What this rests on:"]
    lines += [f"  {name}: {found}" for name, found in record.evidence.items()]
    return "\n".join(lines)
