"""One record a submission: everything its marks rest on, as a JSON file written whole."""

import hashlib
import json
import platform
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import coursekit
from coursekit.files import write_whole
from coursekit.grading.marking import Marked
from coursekit.grading.sandbox import Way
from coursekit.grading.versions import engine_digest
from coursekit.reports import Example, GroupResult, Printed, Report

GRADED, NEEDS_A_LOOK, UNREADABLE = "graded", "needs a look", "unreadable"


@dataclass(frozen=True)
class Record:
    """What grading one submission came to.

    status: "graded" | "needs a look" | "unreadable". note: for the teacher, one line. cells: what
    happened to cells that failed. evidence: sources, versions, sandbox, times.
    """

    student: str
    key: str
    status: str
    note: str = ""
    marks: tuple[Marked, ...] = ()
    cells: tuple[str, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def points(self) -> dict[str, float]:
        """Points by exercise."""
        return {one.report.exercise: one.report.points for one in self.marks}


def write_record(folder: Path, record: Record) -> None:
    """Write a record down, whole or not at all."""
    write_whole(record_path(folder, record.student), json.dumps(asdict(record)) + "\n")


def read_record(folder: Path, student: str) -> Record | None:
    """A student's record, or None where none can be read."""
    try:
        found = json.loads(record_path(folder, student).read_text(encoding="utf-8"))
        found["marks"] = tuple(_marked(one) for one in found["marks"])
        found["cells"] = tuple(found["cells"])
        return Record(**found)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _marked(found: dict[str, Any]) -> Marked:
    report = found.pop("report")
    report["groups"] = tuple(GroupResult(**group) for group in report["groups"])
    report["example"] = Example(**report["example"]) if report["example"] else None
    report["notes"] = tuple(report["notes"])
    found["cells"] = tuple(found["cells"])
    report["printed"] = Printed(**report["printed"]) if report["printed"] else None
    return Marked(Report(**report), **found)


def record_path(folder: Path, student: str) -> Path:
    """Where a student's record is kept."""
    return folder / "records" / f"{file_name(student)}.json"


def file_name(student: str) -> str:
    """A file name for a student: safe everywhere, and their own.

    >>> file_name("ada")
    'ada'
    """
    safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in student)[:80]
    if safe == student and not re.search(r"-[0-9a-f]{8}$", student):  # or it could be another's
        return student
    return f"{safe}-{hashlib.sha256(student.encode(errors='replace')).hexdigest()[:8]}"


def evidence(way: Way) -> dict[str, Any]:
    """What a mark rests on besides the submission."""
    return {
        "coursekit": coursekit.__version__,
        "grader": engine_digest(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "sandbox": way.name,
        "sealed": way.sealed,
    }
