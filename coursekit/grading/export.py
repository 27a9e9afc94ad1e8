"""What grading hands out: marks.csv, a feedback page a student, Gradescope's results.json."""

import csv
import io
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from coursekit.exercises import EXERCISES
from coursekit.files import write_whole
from coursekit.grading.record import UNREADABLE, Record, file_name
from coursekit.reports import to_html, to_text

STYLE = (
    "body{font-family:system-ui,sans-serif;line-height:1.5;max-width:60em;margin:2em auto;"
    "padding:0 1em;color:#202124;background:#fff}h1{font-size:1.5em}"
    ".coursekit-report{margin:1.2em 0}footer{color:#5f6368;font-size:.85em;margin-top:3em}"
)
UNSEALED = "graded outside a sandbox"


def write_all(out: Path, records: Sequence[Record]) -> None:
    """Write the marks of all and the feedback of each."""
    for record in records:
        write_feedback(out, record)
    write_marks(out, records)


def write_marks(out: Path, records: Sequence[Record]) -> None:
    """Write marks.csv: one row a student, one column an exercise."""
    names = exercises_in(records)
    most = sum(EXERCISES[name].points for name in names)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["student", *names, "total", "max", "status", "note"])
    for record in sorted(records, key=lambda one: one.student):
        points = [record.points.get(name, 0.0) for name in names]
        row = [_cell(record.student), *map(_number, [*points, sum(points), most])]
        rows.writerow([*row, record.status, _cell(_note(record, names))])
    write_whole(out / "marks.csv", text.getvalue())


def exercises_in(records: Sequence[Record]) -> list[str]:
    """The exercises of all lectures that anybody handed in."""
    lectures = {EXERCISES[name].lecture for one in records for name in one.points}
    return [one.name for one in EXERCISES.values() if one.lecture in lectures]


def _note(record: Record, names: Sequence[str]) -> str:
    handed_in = {EXERCISES[name].lecture for name in record.points}
    wanted = dict.fromkeys(EXERCISES[name].lecture for name in names)
    notes = [record.note] if record.note else []
    if record.status != UNREADABLE:
        notes += [f"no notebook of {lecture}" for lecture in wanted if lecture not in handed_in]
    if not record.evidence.get("sealed"):
        notes.append(UNSEALED)
    return "; ".join(notes)[:500]


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = " ".join(text.split())
    return f"'{text}" if text[:1] in tuple("=+-@") else text


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def write_feedback(out: Path, record: Record) -> None:
    """Write a student's feedback: a page of their own, and results.json for Gradescope."""
    name = file_name(record.student)
    write_whole(out / "feedback" / f"{name}.html", feedback_html(record))
    results = json.dumps(gradescope(record), indent=1) + "\n"
    write_whole(out / "gradescope" / name / "results.json", results)


def feedback_html(record: Record) -> str:
    """One self-contained page: every report as the student's own check showed it."""
    points = sum(one.report.points for one in record.marks)
    most = sum(one.report.max_points for one in record.marks)
    parts = [f"<h1>Feedback for {escape(record.student)}</h1>"]
    if record.marks:
        parts.append(f"<p><strong>{_number(points)} of {_number(most)} points</strong></p>")
    else:
        parts.append(f"<p>Nothing could be graded: {escape(record.note)}.</p>")
    parts += [to_html(one.report) for one in record.marks]
    if record.cells:
        items = "".join(f"<li>{escape(words)}</li>" for words in record.cells)
        parts.append(f"<h2>Cells that did not run to their end</h2><ul>{items}</ul>")
    version = escape(str(record.evidence.get("coursekit", "")))
    parts.append(f"<footer>Graded with coursekit {version}, with fresh random inputs.</footer>")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Feedback for {escape(record.student)}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def gradescope(record: Record) -> dict[str, Any]:
    """Gradescope's results.json: a test an exercise."""
    tests = [
        {
            "name": one.report.exercise,
            "score": one.report.points,
            "max_score": one.report.max_points,
            "status": "passed" if one.report.status == "passed" else "failed",
            "output": to_text(one.report),
        }
        for one in record.marks
    ]
    score = sum(test["score"] for test in tests)
    said = "" if tests else f"Nothing could be graded: {record.note}."
    return {"score": score, "output": said, "tests": tests}
