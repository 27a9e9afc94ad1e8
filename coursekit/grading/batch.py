"""Grades a folder of submissions: one record each, going on where it was."""

import contextlib
import os
import secrets
from concurrent.futures import Executor
from pathlib import Path

from coursekit.files import write_whole
from coursekit.grading import export, marks
from coursekit.grading.marks import Change, Row
from coursekit.grading.pool import grade_all
from coursekit.grading.probe import best_way, open_leaks
from coursekit.grading.record import Record, read_record, write_record
from coursekit.grading.rules import Rules
from coursekit.grading.sandbox import Way
from coursekit.grading.submission import read_submissions
from coursekit.grading.summary import write_summary
from coursekit.grading.task import Settings, Task, released
from coursekit.problem import Problem

RELEASED = Path(__file__).parents[2] / "notebooks"  # beside the package, in a checkout
NOT_SEALED = "NOT SEALED: {why}. Limits on time and memory hold, but a student's code {leaks}."


class Listener:
    """Hears how a batch goes; this one keeps quiet."""

    def warn(self, sentence: str) -> None:
        """Something the teacher must know, before anything is graded."""

    def progress(self, done: int, total: int) -> None:
        """So many of all submissions have their record."""

    def replaces(self, changes: list[Change]) -> bool:
        """Marks would replace those of an earlier run; whether they may."""
        return True


def grade_folder(
    folder: Path,
    out: Path,
    jobs: int = os.cpu_count() or 1,
    require_sandbox: bool = False,
    release: Path = RELEASED,
    rules: Rules | None = None,
    executor: Executor | None = None,
    listener: Listener | None = None,
) -> list[Record]:
    """Grade every submission and write marks and feedback.

    folder: of submissions, or a platform's zip file. out: where marks.csv, feedback/, gradescope/
    and records/ go; records that are there already and still fit are kept. rules: of the class.
    executor: any of concurrent.futures' kind, in place of ``jobs`` processes. Returns the
    records, by student.

    Raises Problem when nothing can be graded, or when a sandbox is required and none works.
    """
    listener = listener or Listener()
    submissions = read_submissions(folder)
    way = _way(require_sandbox, listener)
    settings = Settings(way, _seed(out), release)
    tasks = [Task(submission, settings) for submission in submissions]
    records = {task.student: _kept(out, task) for task in tasks}
    waiting = [task for task in tasks if not records[task.student]]
    done = len(tasks) - len(waiting)
    listener.progress(done, len(tasks))
    for record in grade_all(waiting, jobs, executor):
        write_record(out, record)
        records[record.student] = record
        done += 1
        listener.progress(done, len(tasks))
    found = list(records.values())
    rows = marks.rows(found, rules or Rules())
    _hand_out(out, found, rows, listener)
    write_summary(out, found, rows, submissions, released(release).stubs)
    return found


def _hand_out(out: Path, records: list[Record], rows: list[Row], listener: Listener) -> None:
    """Write marks and feedback, unless they would replace others and may not."""
    changes = marks.changes(out, rows)
    if changes and not listener.replaces(changes):
        raise Problem(f"{out / marks.NAME} is as it was; the new records are kept beside it")
    export.write_feedback(out, records, rows)
    marks.write_marks(out, rows)


def _way(require_sandbox: bool, listener: Listener) -> Way:
    if not hasattr(os, "fork"):
        raise Problem("grading needs Linux or macOS; on Windows, use it inside WSL")
    way, why = best_way()
    if require_sandbox and not way.sealed:
        raise Problem(f"no sandbox: {why}; install bubblewrap or leave out --require-sandbox")
    if not way.sealed:
        listener.warn(NOT_SEALED.format(why=why, leaks=", ".join(open_leaks())))
    return way


def _kept(out: Path, task: Task) -> Record | None:
    """The record of an earlier run, if it would come out the same today."""
    record = read_record(out, task.student)
    return record if record and record.key == task.key() else None


def _seed(out: Path) -> int:
    """The batch's seed: drawn once, so that a batch that goes on uses the same cases."""
    place = out / "records" / ".seed"
    with contextlib.suppress(OSError, ValueError):
        return int(place.read_text())
    seed = secrets.randbits(31)
    write_whole(place, f"{seed}\n")
    return seed
