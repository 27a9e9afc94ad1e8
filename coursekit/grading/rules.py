"""What a class decides about its marks: weights, late penalties and overrides, in one TOML file.

    [weights]                 # points that an exercise is worth, in place of the course's own
    output_size = 5
    same_padding = 0          # does not count

    [late]
    deadline = 2026-11-20T23:59:00+01:00
    grace_minutes = 10
    per_day = 0.1             # of the points, for each day begun
    most = 0.5

    [student.ada]
    deadline = 2026-11-27T23:59:00+01:00      # an extension
    points = { output_size = 2.5 }            # replaces what the grader found
    note = "explained it in the office hour"

Rules change what is handed out, never the records: after editing them nothing is graded again.
"""

import difflib
import math
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from coursekit.exercises import EXERCISES
from coursekit.problem import Problem

TABLES = {"weights", "late", "student"}
LATE = {"deadline", "grace_minutes", "per_day", "most"}
STUDENT = {"deadline", "points", "note"}


@dataclass(frozen=True)
class Late:
    """What handing in late costs: a share of the points for each day begun."""

    deadline: datetime
    grace: timedelta = timedelta()
    per_day: float = 0.0
    most: float = 1.0


@dataclass(frozen=True)
class Override:
    """What holds for one student only."""

    deadline: datetime | None = None
    points: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Rules:
    """All rules of a class; without any, points are the course's own."""

    weights: Mapping[str, float] = field(default_factory=dict)
    late: Late | None = None
    students: Mapping[str, Override] = field(default_factory=dict)

    def most(self, exercise: str) -> float:
        """Points that an exercise is worth."""
        return self.weights.get(exercise, EXERCISES[exercise].points)

    def points(self, student: str, found: Mapping[str, float]) -> dict[str, float]:
        """A student's points by exercise, from those that the grader found.

        >>> Rules({"output_size": 6.0}).points("ada", {"output_size": 1.5})
        {'output_size': 3.0}
        """
        fixed = self.students.get(student, Override()).points
        share = {name: points / EXERCISES[name].points for name, points in found.items()}
        return {name: fixed.get(name, share[name] * self.most(name)) for name in found}

    def penalty(self, student: str, handed_in: str | None) -> tuple[float, str]:
        """The share of the points that being late costs, and a note about it."""
        own = self.students.get(student, Override())
        if not self.late:
            return 0.0, own.note
        if handed_in is None:
            return 0.0, _joined("no time of handing in is known", own.note)
        deadline = (own.deadline or self.late.deadline) + self.late.grace
        days = math.ceil((datetime.fromisoformat(handed_in) - deadline) / timedelta(days=1))
        if days <= 0:
            return 0.0, own.note
        share = min(days * self.late.per_day, self.late.most)
        unit = "day" if days == 1 else "days"
        return share, _joined(f"late by {days} {unit} (-{share:.0%})", own.note)


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))


def read_rules(path: Path) -> Rules:
    """Read a class's rules. Raises Problem with one sentence for whatever is wrong in the file."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise Problem(f"{path}: cannot be read ({why})") from problem
    except tomllib.TOMLDecodeError as problem:
        raise Problem(f"{path}: is not TOML: {problem}") from problem
    try:
        return _rules(found)
    except ValueError as problem:
        raise Problem(f"{path}: {problem}") from problem


def _rules(found: Mapping[str, Any]) -> Rules:
    _require_known(found, TABLES, "the file")
    for name, table in found.items():
        _require(isinstance(table, dict), f"{name} is {table!r}; expected a table, [{name}]")
    students = {
        name: _override(name, table, "late" in found)
        for name, table in found.get("student", {}).items()
    }
    late = _late(found["late"]) if "late" in found else None
    return Rules(_points(found.get("weights", {}), "[weights]"), late, students)


def _late(table: Mapping[str, Any]) -> Late:
    _require_known(table, LATE, "[late]")
    _require("deadline" in table, "[late] has no deadline; write deadline = 2026-11-20T23:59:00Z")
    return Late(
        _moment(table["deadline"], "[late] deadline"),
        timedelta(minutes=_number(table.get("grace_minutes", 0), "[late] grace_minutes")),
        _number(table.get("per_day", 0), "[late] per_day", 1),
        _number(table.get("most", 1), "[late] most", 1),
    )


def _override(name: str, table: Any, has_deadline: bool) -> Override:
    place = f"[student.{name}]"
    _require(isinstance(table, dict), f"{place} is {table!r}; expected a table")
    _require_known(table, STUDENT, place)
    note = table.get("note", "")
    _require(isinstance(note, str), f"{place} note is {note!r}; expected text in quotes")
    deadline = table.get("deadline")
    if deadline is not None:
        _require(has_deadline, f"{place} has a deadline, but the file has no [late] table")
        deadline = _moment(deadline, f"{place} deadline")
    return Override(deadline, _points(table.get("points", {}), f"{place} points"), note)


def _points(table: Any, place: str) -> dict[str, float]:
    _require(isinstance(table, dict), f"{place} is {table!r}; expected exercise = points")
    _require_known(table, EXERCISES, place)
    return {name: _number(value, f"{place} {name}") for name, value in table.items()}


def _number(value: Any, place: str, most: float = 10_000) -> float:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most
    _require(fits, f"{place} is {value!r}; expected a number from 0 to {most:,}")
    return float(value)


def _moment(value: Any, place: str) -> datetime:
    fits = isinstance(value, datetime) and value.tzinfo is not None
    example = "2026-11-20T23:59:00+01:00"
    _require(fits, f"{place} is {value!s}; expected a time with its zone, such as {example}")
    return value


def _require_known(table: Mapping[str, Any], known: Collection[str], place: str) -> None:
    for name in set(table) - set(known):
        close = difflib.get_close_matches(name, known, 1)
        some = ", ".join(sorted(known)[:8])
        hint = f"did you mean {close[0]}?" if close else f"known are {some}"
        raise ValueError(f"{place} names {name!r}; {hint}")


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ValueError(sentence)
