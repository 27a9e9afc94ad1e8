"""Puts marks into nbgrader's own gradebook, through its API."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from coursekit.exercises import EXERCISES
from coursekit.grading.marks import Row, exercises_in
from coursekit.grading.record import Record
from coursekit.problem import Problem


def write_gradebook(place: str, records: Sequence[Record], rows: Sequence[Row]) -> int:
    """Write every student's points by exercise; returns the submissions written.

    place: a file, for SQLite, or a database address such as postgresql://user@host/name. What
    instructors entered by hand in nbgrader stays. Raises Problem when there is no such database.
    """
    by_student = {row.student: row for row in rows}
    lectures = dict.fromkeys(EXERCISES[name].lecture for name in exercises_in(records))
    worth = rows[0].worth if rows else {}
    with _open(place) as book:
        for lecture in lectures:
            _announce(book, lecture, worth)
        return sum(_enter(book, record, by_student[record.student]) for record in records)


def require_gradebook(place: str) -> None:
    """Raise Problem when no gradebook can be opened there, before a class is graded for it."""
    with _open(place):
        pass


@contextmanager
def _open(place: str) -> Iterator[Any]:
    """nbgrader's gradebook; whatever goes wrong with it becomes a Problem."""
    try:
        with _opened(place) as book:
            yield book
    except ImportError as problem:
        how = "; pip install 'coursekit[postgresql]'" if problem.name == "psycopg" else ""
        words = f"{problem.name or problem} is missing, which this database needs{how}"
        raise Problem(f"{_shown(place)}: {words}") from problem
    except Exception as problem:
        words = _shown(str(problem).splitlines()[0][:200])
        sentence = f"{_shown(place)}: nbgrader's gradebook could not be written: {words}"
        raise Problem(sentence) from problem


def _shown(address: str) -> str:
    """A database's address without the password.

    >>> _shown("postgresql://ada:secret@host/marks")
    'postgresql://ada:…@host/marks'
    """
    return re.sub(r"(//[^:@/]*):[^@]*@", r"\1:…@", address)


@contextmanager
def _opened(place: str) -> Iterator[Any]:
    from nbgrader.api import Gradebook

    # nbgrader starts alembic by its name; it lies beside our Python, which need not be on PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    with patch.dict(os.environ, PATH=path):
        address = place if "://" in place else f"sqlite:///{Path(place).resolve()}"
        # the driver of our extra, whichever of them this SQLAlchemy takes by itself
        address = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", address)
        with Gradebook(address) as book:
            yield book


def _announce(book: Any, lecture: str, worth: dict[str, float]) -> None:
    """The assignment, its notebook, and the cells that carry points."""
    book.update_or_create_assignment(lecture)
    book.update_or_create_notebook(lecture, lecture)
    for name in _exercises_of(lecture, worth):
        settings = {"max_score": worth[name], "cell_type": "code"}
        book.update_or_create_grade_cell(f"check-{name}", lecture, lecture, **settings)


def _enter(book: Any, record: Record, row: Row) -> int:
    from nbgrader.api import MissingEntry

    lectures = dict.fromkeys(EXERCISES[name].lecture for name in record.points)
    book.update_or_create_student(row.student)
    for lecture in lectures:
        with suppress(MissingEntry):  # an earlier run's may lack cells that are there today
            _require_same_cells(book, lecture, row.student)
        book.update_or_create_submission(lecture, row.student, **_times(record))
        names = _exercises_of(lecture, row.worth)
        for name in names:
            grade = book.find_grade(f"check-{name}", lecture, lecture, row.student)
            grade.auto_score = row.points[name]
        notebook = book.find_submission_notebook(lecture, lecture, row.student)
        notebook.late_submission_penalty = row.penalty * sum(row.points[name] for name in names)
    book.db.commit()
    return len(lectures)


def _require_same_cells(book: Any, lecture: str, student: str) -> None:
    """Make a submission anew where the assignment has cells by now that it does not know."""
    known = {
        grade.name for grade in book.find_submission_notebook(lecture, lecture, student).grades
    }
    wanted = {cell.name for cell in book.find_notebook(lecture, lecture).grade_cells}
    if known != wanted:
        book.remove_submission(lecture, student)


def _times(record: Record) -> dict[str, str]:
    handed_in = record.evidence.get("handed_in")
    return {"timestamp": handed_in} if handed_in else {}


def _exercises_of(lecture: str, worth: dict[str, float]) -> list[str]:
    return [name for name in worth if EXERCISES[name].lecture == lecture]
