"""From records to marks: one row a student, under the rules of the class."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from coursekit.exercises import EXERCISES
from coursekit.files import write_whole
from coursekit.grading.record import UNREADABLE, Record
from coursekit.grading.rules import Rules
from coursekit.problem import Problem

UNSEALED = "graded outside a sandbox"
NAME = "marks.csv"
EARLIER = "marks.before.csv"  # what a run replaced


@dataclass(frozen=True)
class Row:
    """One student's marks.

    points: by exercise, as the class weighs them, before any penalty. total: after it.
    """

    student: str
    points: dict[str, float]
    total: float
    most: float
    status: str
    note: str
    penalty: float = 0.0
    worth: dict[str, float] = field(default_factory=dict)  # the most points, by exercise


class Change(NamedTuple):
    """A mark that a new run gives otherwise than the one before."""

    student: str
    column: str
    before: str
    after: str


def rows(records: Sequence[Record], rules: Rules) -> list[Row]:
    """The marks of all, by student."""
    names = exercises_in(records)
    worth = {name: rules.most(name) for name in names}
    return [_row(record, worth, rules) for record in sorted(records, key=lambda one: one.student)]


def _row(record: Record, worth: dict[str, float], rules: Rules) -> Row:
    found = {name: record.points.get(name, 0.0) for name in worth}
    points = rules.points(record.student, found)
    share, late = rules.penalty(record.student, record.evidence.get("handed_in"))
    notes = [*_notes(record, worth), *([late] if late else [])]
    total = sum(points.values()) * (1 - share)
    most = sum(worth.values())
    return Row(record.student, points, total, most, record.status, "; ".join(notes), share, worth)


def exercises_in(records: Iterable[Record]) -> list[str]:
    """The exercises of all lectures that anybody handed in."""
    lectures = {EXERCISES[name].lecture for one in records for name in one.points}
    return [one.name for one in EXERCISES.values() if one.lecture in lectures]


def _notes(record: Record, names: Iterable[str]) -> list[str]:
    handed_in = {EXERCISES[name].lecture for name in record.points}
    wanted = dict.fromkeys(EXERCISES[name].lecture for name in names)
    notes = [record.note] if record.note else []
    if record.status != UNREADABLE:
        notes += [f"no notebook of {lecture}" for lecture in wanted if lecture not in handed_in]
    if not record.evidence.get("sealed"):
        notes.append(UNSEALED)
    return notes


def write_marks(out: Path, found: Sequence[Row]) -> None:
    """Write marks.csv: one row a student, one column an exercise; keep what it replaces."""
    place, text = out / NAME, _text(found)
    if place.is_file() and place.read_bytes() != text.encode():
        write_whole(out / EARLIER, place.read_text(encoding="utf-8", errors="replace"))
    write_whole(place, text)


def _text(found: Sequence[Row]) -> str:
    names = list(found[0].worth) if found else []
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["student", *names, "total", "max", "status", "note"])
    for row in found:
        points = [*(row.points[name] for name in names), row.total, row.most]
        numbers = [number(value) for value in points]
        lines.writerow([cell(row.student), *numbers, row.status, cell(row.note[:500])])
    return text.getvalue()


def changes(out: Path, found: Sequence[Row]) -> list[Change]:
    """What differs from the marks that lie in a folder: points, totals, and who is new or gone."""
    earlier = _earlier(out / NAME)
    if earlier is None:
        return []
    now = {one["student"]: one for one in csv.DictReader(io.StringIO(_text(found)))}
    differing = []
    for student in sorted(earlier.keys() | now.keys()):
        before, after = earlier.get(student, {}), now.get(student, {})
        columns = dict.fromkeys([*before, *after])
        for column in columns if before and after else ["total"]:
            pair = before.get(column, ""), after.get(column, "")
            if pair[0] != pair[1] and column not in ("max", "note"):
                differing.append(Change(student, column, *pair))
    return differing


def _earlier(place: Path) -> dict[str, dict[str, str]] | None:
    try:
        text = place.read_text(encoding="utf-8")
        return {one["student"]: one for one in csv.DictReader(io.StringIO(text))}
    except FileNotFoundError:
        return None
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as problem:
        sentence = (
            f"{place} cannot be read as marks of an earlier run; move it away and grade again"
        )
        raise Problem(sentence) from problem


def cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = " ".join(text.split())
    return f"'{text}" if text[:1] in tuple("=+-@") else text


def number(value: float) -> str:
    """A number of points as people write it.

    >>> number(2.50001)
    '2.5'
    """
    return f"{value:.4f}".rstrip("0").rstrip(".")
