"""Grades one submission; whatever happens, there is a record."""

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from coursekit.exercises import EXERCISES
from coursekit.exercises.exercise import Exercise
from coursekit.grading.marking import Marked, Marker
from coursekit.grading.program import Release, read_release
from coursekit.grading.record import GRADED, NEEDS_A_LOOK, UNREADABLE, Record, evidence
from coursekit.grading.sandbox import Way
from coursekit.grading.sealed import CannotStart
from coursekit.grading.submission import Submission


@dataclass(frozen=True)
class Settings:
    """How a batch is graded.

    seed: of the random cases, the same for every student. release: the notebooks as handed out.
    """

    way: Way
    seed: int
    release: Path


@dataclass(frozen=True)
class Task:
    """One submission, and how it is to be graded."""

    submission: Submission
    settings: Settings

    @property
    def student(self) -> str:
        """Whose submission it is."""
        return self.submission.student

    def key(self) -> str:
        """A digest of all that the record depends on."""
        settings = self.settings
        parts = [
            self.sources(),
            self.submission.troubles,
            self.submission.handed_in,
            evidence(settings.way),
            settings.seed,
            {name: sorted(cells) for name, cells in released(settings.release).cells.items()},
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def sources(self) -> Mapping[str, Mapping[str, str]]:
        """The files that are graded, by lecture."""
        return {
            lecture: {"file": notebook.path.name, "sha256": notebook.digest}
            for lecture, notebook in self.submission.notebooks.items()
        }


def grade(task: Task) -> Record:
    """Grade one submission."""
    submission = task.submission
    if submission.unreadable:
        return _record(task, UNREADABLE, "; ".join(submission.troubles))
    started = time.time()
    try:
        marks, cells = _marks(task)
    except CannotStart as problem:
        return failed(task, f"the sandbox did not start: {problem}")
    except Exception as problem:  # one bad submission never stops the others
        return failed(task, f"the grader failed on it: {type(problem).__name__}: {problem}")
    looks = [*submission.troubles, *(one.look for one in marks if one.look)]
    record = _record(task, NEEDS_A_LOOK if looks else GRADED, "; ".join(looks))
    times = {"started": round(started), "seconds": round(time.time() - started, 2)}
    return replace(record, marks=tuple(marks), cells=tuple(cells), evidence=record.evidence | times)


def failed(task: Task, note: str) -> Record:
    """The record of a failure of ours; the next run tries again."""
    return replace(_record(task, NEEDS_A_LOOK, note[:300]), key="")


def _record(task: Task, status: str, note: str) -> Record:
    found = evidence(task.settings.way) | {"sources": task.sources()}
    found["handed_in"] = task.submission.handed_in
    return Record(task.student, task.key(), status, note, evidence=found)


def _marks(task: Task) -> tuple[list[Marked], list[str]]:
    settings = task.settings
    marker = _marker(settings.way, threading.get_ident())
    marks: list[Marked] = []
    cells: list[str] = []
    for lecture, notebook in task.submission.notebooks.items():
        exercises = _exercises_of(lecture)
        seeds = {one.name: _seed_of(settings.seed, one.name) for one in exercises}
        marked, problems = marker.mark(notebook, exercises, released(settings.release), seeds)
        marks += marked
        cells += [f"Cell {number} {words}." for number, words in sorted(problems.items())]
    return marks, cells


def _exercises_of(lecture: str) -> list[Exercise]:
    return [one for one in EXERCISES.values() if one.lecture == lecture]


def _seed_of(seed: int, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:4], "big")


@cache
def _marker(way: Way, thread: int) -> Marker:
    """The marker of this thread, whose workers stay warm from one submission to the next."""
    return Marker(way)


@cache
def released(folder: Path) -> Release:
    """The notebooks as students got them."""
    return read_release(folder)
