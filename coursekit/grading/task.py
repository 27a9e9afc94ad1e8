"""Grades one submission; whatever happens, there is a record."""

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

from coursekit.exercises import EXERCISES
from coursekit.exercises.exercise import Exercise
from coursekit.grading.marking import Marked, Marker
from coursekit.grading.program import Release, read_release
from coursekit.grading.record import GRADED, NEEDS_A_LOOK, UNREADABLE, Record, evidence
from coursekit.grading.sandbox import Way
from coursekit.grading.sealed import CannotStart
from coursekit.grading.submission import Submission
from coursekit.grading.values import clean
from coursekit.grading.versions import exercise_digest

MOST_NOTE = 2_000  # characters


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
    """One submission, and how it is to be graded.

    known: marks that were found before, by their basis; they are not found again.
    """

    submission: Submission
    settings: Settings
    known: Mapping[str, Marked] = field(default_factory=dict, compare=False)

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
            {name: exercise_digest(name) for name in self.bases},
        ]
        return _digest(parts)

    @cached_property
    def bases(self) -> dict[str, str]:
        """By exercise, a digest of all that its mark depends on, whoever handed it in."""
        settings, found = self.settings, {}
        for lecture, notebook in self.submission.notebooks.items():
            cells = [
                (cell.number, cell.source, cell.exercise, cell.check) for cell in notebook.cells
            ]
            handed_out = sorted(released(settings.release).cells.get(lecture, ()))
            common = _digest([cells, handed_out, evidence(settings.way), settings.seed])
            for one in _exercises_of(lecture):
                found[one.name] = _digest([common, one.name, exercise_digest(one.name)])
        return found

    def knowing(self, known: Mapping[str, Marked]) -> "Task":
        """The same task with those marks that it need not find."""
        own = {basis: known[basis] for basis in self.bases.values() if basis in known}
        return replace(self, known=own)

    @property
    def all_known(self) -> bool:
        """Whether nothing is left to run."""
        return set(self.bases.values()) <= self.known.keys()

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
        marks = _marks(task)
    except CannotStart as problem:
        return failed(task, f"the sandbox did not start: {problem}")
    except Exception as problem:  # one bad submission never stops the others
        return failed(task, f"the grader failed on it: {type(problem).__name__}: {problem}")
    looks = [*submission.troubles, *(one.look for one in marks if one.look)]
    record = _record(task, NEEDS_A_LOOK if looks else GRADED, "; ".join(looks))
    times = {"started": round(started), "seconds": round(time.time() - started, 2)}
    cells = tuple(dict.fromkeys(words for one in marks for words in one.cells))
    return replace(record, marks=tuple(marks), cells=cells, evidence=record.evidence | times)


def failed(task: Task, note: str) -> Record:
    """The record of a failure of ours; the next run tries again."""
    return replace(_record(task, NEEDS_A_LOOK, note[:300]), key="")


def _record(task: Task, status: str, note: str) -> Record:
    found = evidence(task.settings.way) | {"sources": task.sources()}
    found["handed_in"] = task.submission.handed_in
    return Record(task.student, task.key(), status, clean(note, MOST_NOTE), evidence=found)


def _marks(task: Task) -> list[Marked]:
    settings, bases = task.settings, task.bases
    marker = _marker(settings.way, threading.get_ident())
    marks = dict(task.known)
    for lecture, notebook in task.submission.notebooks.items():
        wanted = [one for one in _exercises_of(lecture) if bases[one.name] not in marks]
        if wanted:
            seeds = {one.name: _seed_of(settings.seed, one.name) for one in wanted}
            found = marker.mark(notebook, wanted, released(settings.release), seeds)
            for one in found:
                basis = bases[one.report.exercise]
                marks[basis] = replace(one, basis=basis)
    return [marks[basis] for basis in bases.values()]


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


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
