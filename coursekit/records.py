"""Progress, kept beside the notebooks in one small JSON file."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from coursekit.exercises import EXERCISES
from coursekit.files import replace_text
from coursekit.reports import Report


def record_file() -> Path:
    """Where progress is kept: COURSEKIT_PROGRESS, or progress.json in the current folder."""
    return Path(os.environ.get("COURSEKIT_PROGRESS", "progress.json")).absolute()


def read_records() -> dict[str, dict[str, Any]]:
    """The kept results by exercise; empty where there are none or the file is damaged."""
    try:
        found = json.loads(record_file().read_text(encoding="utf-8"))["exercises"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return (
        {k: v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}
    )


def kept_answer(exercise: str) -> str | None:
    """The source of the answer that passed last, in whichever notebook that was."""
    found = read_records().get(exercise, {})
    answer = found.get("answer")
    return answer if found.get("last") == "passed" and isinstance(answer, str) else None


def keep(report: Report, answer: str | None = None) -> str | None:
    """Write one report's result down; returns a sentence when that was not possible.

    answer: the source of what was checked, if it can be carried to other notebooks.
    The file is replaced in one step under a lock, so two notebooks never lose each other's marks.
    """
    path = record_file()
    try:
        with FileLock(f"{path}.lock", timeout=3):
            records = read_records()
            records[report.exercise] = _entry(report, records.get(report.exercise, {}), answer)
            replace_text(path, json.dumps({"exercises": records}, indent=1, sort_keys=True) + "\n")
    except (OSError, Timeout) as error:
        reason = getattr(error, "strerror", None) or "another notebook holds it"
        return f"Your progress could not be written to {path.name} ({reason})."
    return None


def _entry(report: Report, before: Mapping[str, Any], answer: str | None) -> dict[str, Any]:
    """The best result so far, and how the last check ended."""
    best = {"status": report.status, "points": report.points}
    if float(before.get("points", -1)) > report.points:
        best = {"status": before["status"], "points": before["points"]}
    carried = {"answer": answer} if answer and report.status == "passed" else {}
    return {**best, "last": report.status, **carried}


@dataclass(frozen=True)
class Row:
    """One exercise in the progress table."""

    lecture: str
    exercise: str
    status: str
    points: float
    max_points: float


class Progress:
    """The table of all exercises and how far they are; shows itself."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.points = sum(row.points for row in rows)
        self.max_points = sum(row.max_points for row in rows)

    def __repr__(self) -> str:
        lines = [f"{r.lecture:<28}{r.exercise:<28}{r.status}" for r in self.rows]
        return "\n".join([*lines, self._total()])

    def _repr_html_(self) -> str:
        left = 'style="text-align:left"'
        head = "".join(f"<th {left}>{t}</th>" for t in ("lecture", "exercise", "status", "points"))
        body = "".join(
            f"<tr><td {left}>{escape(r.lecture)}</td><td {left}><code>{escape(r.exercise)}</code>"
            f"</td><td {left}>{r.status}</td><td>{r.points:g} of {r.max_points:g}</td></tr>"
            for r in self.rows
        )
        return (
            f"<table><caption>{self._total()}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _total(self) -> str:
        done = sum(row.status == "passed" for row in self.rows)
        return (
            f"{done} of {len(self.rows)} exercises passed, "
            f"{self.points:g} of {self.max_points:g} points"
        )


def progress(lecture: str | None = None) -> Progress:
    """How far you are: every exercise of the course with its best result.

    lecture: the beginning of a lecture's name, such as "05", to see that one alone.
    """
    kept = read_records()
    rows = []
    for exercise in EXERCISES.values():
        if not exercise.lecture.startswith(lecture or ""):
            continue
        record = kept.get(exercise.name, {})
        status, points = record.get("status", "not attempted"), float(record.get("points", 0))
        rows.append(Row(exercise.lecture, exercise.name, status, points, exercise.points))
    return Progress(sorted(rows, key=lambda row: row.lecture))
