"""Grades a folder of submissions: in parallel, one record each, and going on where it was."""

import contextlib
import hashlib
import json
import multiprocessing
import os
import secrets
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from coursekit.building.files import write_whole
from coursekit.exercises import EXERCISES
from coursekit.exercises.exercise import Exercise
from coursekit.grading import export
from coursekit.grading.marking import Marked, Marker
from coursekit.grading.program import Release, read_release
from coursekit.grading.record import (
    GRADED,
    NEEDS_A_LOOK,
    UNREADABLE,
    Record,
    evidence,
    read_record,
    write_record,
)
from coursekit.grading.sandbox import Way
from coursekit.grading.sealed import CannotStart, best_way, open_leaks
from coursekit.grading.submission import Submission, read_submissions
from coursekit.problem import Problem

NOT_SEALED = "NOT SEALED: {why}. Limits on time and memory hold, but a student's code {leaks}."
RELEASED = Path(__file__).parents[2] / "notebooks"  # beside the package, in a checkout


@dataclass(frozen=True)
class Settings:
    """How a batch is graded.

    seed: of the random cases, the same for every student. release: the notebooks as handed out.
    """

    way: Way
    seed: int
    release: Path = RELEASED


@dataclass(frozen=True)
class Task:
    """One submission to grade, and the key its record will carry."""

    submission: Submission
    key: str
    settings: Settings


class Listener:
    """Hears how a batch goes; this one keeps quiet."""

    def warn(self, sentence: str) -> None:
        """Something the teacher must know, before anything is graded."""

    def progress(self, done: int, total: int) -> None:
        """So many of all submissions have their record."""


def grade_folder(
    folder: Path,
    out: Path,
    jobs: int = os.cpu_count() or 1,
    require_sandbox: bool = False,
    release: Path = RELEASED,
    executor: Executor | None = None,
    listener: Listener | None = None,
) -> list[Record]:
    """Grade every submission of a folder and write marks and feedback.

    out: where marks.csv, feedback/, gradescope/ and records/ go; records that are there already
    and still fit are kept. executor: any of concurrent.futures' kind, in place of ``jobs``
    processes. Returns the records by student.

    Raises Problem when nothing can be graded, or when a sandbox is required and none works.
    """
    listener = listener or Listener()
    way, why = best_way()
    if require_sandbox and not way.sealed:
        raise Problem(f"no sandbox: {why}; install bubblewrap or leave out --require-sandbox")
    submissions = read_submissions(folder)
    if not way.sealed:
        listener.warn(NOT_SEALED.format(why=why, leaks=", ".join(open_leaks())))
    settings = Settings(way, _seed(out), release)
    tasks = [Task(one, _key(one, settings), settings) for one in submissions]
    records = {task.submission.student: _kept(out, task) for task in tasks}
    waiting = [task for task in tasks if not records[task.submission.student]]
    listener.progress(len(tasks) - len(waiting), len(tasks))
    for record in _graded(waiting, jobs, executor):
        write_record(out, record)
        export.write_feedback(out, record)
        records[record.student] = record
        listener.progress(sum(map(bool, records.values())), len(tasks))
    done = [record for record in records.values() if record]
    export.write_marks(out, done)
    return done


def _kept(out: Path, task: Task) -> Record | None:
    """The record of an earlier run, if it would come out the same today."""
    record = read_record(out, task.submission.student)
    return record if record and record.key == task.key else None


def _seed(out: Path) -> int:
    """The batch's seed: drawn once, so that a batch that goes on uses the same cases."""
    place = out / "records" / ".seed"
    with contextlib.suppress(OSError, ValueError):
        return int(place.read_text())
    seed = secrets.randbits(31)
    write_whole(place, f"{seed}\n")
    return seed


def _key(submission: Submission, settings: Settings) -> str:
    """What a record depends on; a record with another key is made again."""
    parts = [
        {lecture: one.digest for lecture, one in submission.notebooks.items()},
        submission.troubles,
        evidence(settings.way.name, settings.way.sealed),
        settings.seed,
        {lecture: sorted(cells) for lecture, cells in _release(settings.release).cells.items()},
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def _release(folder: Path) -> Release:
    return read_release(folder)


# --- many at a time ------------------------------------------------------------------------------


def _graded(tasks: list[Task], jobs: int, executor: Executor | None) -> Iterator[Record]:
    """Every task's record, as it is done; a task that kills its process costs only itself."""
    if executor:
        yield from (future.result() for future in as_completed(_submit(executor, tasks)))
        return
    waiting = list(tasks)
    try:
        with _processes(min(jobs, len(tasks) or 1)) as pool:
            for future in as_completed(_submit(pool, tasks)):
                record = future.result()
                waiting = [task for task in waiting if task.submission.student != record.student]
                yield record
    except BrokenProcessPool:
        for task in waiting:
            yield _graded_alone(task)


def _submit(executor: Executor, tasks: Iterable[Task]) -> list:
    return [executor.submit(grade, task) for task in tasks]


def _processes(jobs: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin_process)


def _graded_alone(task: Task) -> Record:
    try:
        with _processes(1) as pool:
            return pool.submit(grade, task).result()
    except BrokenProcessPool:
        return _failed(task, "grading it ended the grader's own process")


def _begin_process() -> None:
    """Leave Ctrl-C to the parent, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


@cache
def _marker(way: Way, thread: int) -> Marker:
    return Marker(way)


# --- one submission ------------------------------------------------------------------------------


def grade(task: Task) -> Record:
    """Grade one submission; whatever happens, there is a record."""
    submission = task.submission
    if submission.unreadable:
        return _record(task, UNREADABLE, "; ".join(submission.troubles))
    started = time.time()
    try:
        marks, cells = _marks(task)
    except CannotStart as problem:
        return _failed(task, f"the sandbox did not start: {problem}")
    except Exception as problem:  # one bad submission never stops the others
        return _failed(task, f"the grader failed on it: {type(problem).__name__}: {problem}")
    looks = [one.look for one in marks if one.look]
    status = NEEDS_A_LOOK if looks or submission.troubles else GRADED
    record = _record(task, status, "; ".join([*submission.troubles, *looks]))
    times = {"started": round(started), "seconds": round(time.time() - started, 2)}
    return replace(record, marks=tuple(marks), cells=tuple(cells), evidence=record.evidence | times)


def _marks(task: Task) -> tuple[list[Marked], list[str]]:
    marker = _marker(task.settings.way, threading.get_ident())
    marks: list[Marked] = []
    cells: list[str] = []
    for lecture, notebook in task.submission.notebooks.items():
        exercises = exercises_of(lecture)
        seeds = {one.name: _seed_of(task.settings.seed, one.name) for one in exercises}
        release = _release(task.settings.release)
        marked, problems = marker.mark(notebook, exercises, release, seeds)
        marks += marked
        cells += [f"Cell {number} {words}." for number, words in sorted(problems.items())]
    return marks, cells


def exercises_of(lecture: str) -> list[Exercise]:
    """The exercises of one lecture, in their order."""
    return [one for one in EXERCISES.values() if one.lecture == lecture]


def _seed_of(seed: int, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:4], "big")


def _failed(task: Task, note: str) -> Record:
    """The record of a failure that is not the student's; the next run tries again."""
    return replace(_record(task, NEEDS_A_LOOK, note[:300]), key="")


def _record(task: Task, status: str, note: str) -> Record:
    settings = task.settings
    found = evidence(settings.way.name, settings.way.sealed)
    found["sources"] = {
        lecture: {"file": notebook.path.name, "sha256": notebook.digest}
        for lecture, notebook in task.submission.notebooks.items()
    }
    return Record(task.submission.student, task.key, status, note, evidence=found)
