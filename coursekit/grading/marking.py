"""Marks one exercise of one notebook: the sealed worker answers, everything else happens here."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate, takewhile
from typing import Any

from coursekit import answers, diagnosis
from coursekit.answers import Outcome
from coursekit.checking import READY_MADE
from coursekit.exercises import EXERCISES
from coursekit.exercises.exercise import Case, Exercise
from coursekit.grading.notebooks import Notebook
from coursekit.grading.program import Release, Step, absence, steps, untouched
from coursekit.grading.sandbox import Way
from coursekit.grading.sealed import GRACE, Ended, Lost, Overtime, Run, SealedWorker
from coursekit.grading.values import clean
from coursekit.reports import Report

CELL_SECONDS = 5.0  # one cell; after that only its definitions count
LOADING_SECONDS = 30.0  # all cells; after that only definitions count
SLACK = 2.0  # a call may take so many times longer than in the student's own check
MOST_TOGETHER = 500_000  # characters of the cells in one request
MOST_WHOLE = 3  # cells that may end the process before all are only run for their definitions
MOST_RESTARTS = 20
MOST_TRIES = 2  # of an answer whose process ends: it may have been killed from outside
FAILURES = {None, "raised", "too slow", "not attempted", "stopped"}  # what a worker may report
UNLOADED = "could not be run: the notebook's other cells end the Python process or never end"


@dataclass(frozen=True)
class Marked:
    """One exercise's report, whether a person should look at it, and what it rests on.

    cells: a sentence for each cell that could not be run. basis: a digest of all that the report
    depends on; where it is the same, so is the report.
    """

    report: Report
    look: str = ""
    seed: int = 0
    seconds: float = 0.0
    cells: tuple[str, ...] = ()
    basis: str = ""


@dataclass
class Session:
    """What is known of one notebook's cells: those to run, what happened, and what to leave out.

    problems: a sentence for each cell that failed, by number. suspects: the cells during which the
    process ended once.
    """

    steps: list[Step]
    problems: dict[int, str] = field(default_factory=dict)
    suspects: set[int] = field(default_factory=set)
    restarts: int = 0
    weakened: int = 0

    @property
    def told(self) -> tuple[str, ...]:
        """The problems so far, as sentences."""
        return tuple(f"Cell {number} {words}." for number, words in sorted(self.problems.items()))

    def lost(self, position: int, why: Lost) -> None:
        """Note that the process was lost in a cell.

        A process that ended once may have been killed from outside, so the cell gets another try;
        one that ends it again is run less.
        """
        self.restarts += 1
        step = self.steps[position]
        if isinstance(why, Ended) and step.number not in self.suspects:
            self.suspects.add(step.number)
            return
        self.problems[step.number] = f"ended the Python process: {why}"
        self._weaken(position)

    def _weaken(self, position: int) -> None:
        """Run only a cell's definitions, then nothing of it.

        Where several cells end the process, only the definitions of all.
        """
        self.weakened += 1
        step = self.steps[position]
        if step.definitions:
            self.steps[position] = replace(step, source="")
        for place in [position] if self.weakened < MOST_WHOLE else range(len(self.steps)):
            self.steps[place] = replace(self.steps[place], definitions=True)


class Marker:
    """Marks exercises with workers that stay warm; one for each set of packages."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self._workers: dict[tuple[str, ...], SealedWorker] = {}

    def __enter__(self) -> "Marker":
        return self

    def __exit__(self, *error: Any) -> None:
        for worker in self._workers.values():
            worker.stop()

    def mark(
        self,
        notebook: Notebook,
        exercises: Sequence[Exercise],
        release: Release,
        seeds: dict[str, int],
    ) -> list[Marked]:
        """Mark exercises of one lecture's notebook, in order.

        seeds: of the random cases, by exercise. Raises CannotStart when no worker comes up.
        """
        lecture = exercises[0].lecture
        session = Session(steps(notebook, lecture, release))
        marked = []
        for exercise in exercises:
            started = time.monotonic()
            if untouched(exercise.name, notebook, lecture, release):
                one = Marked(_without_calls(exercise, Outcome(failure="not attempted")))
            else:
                one = self._mark_one(exercise, notebook, session, seeds[exercise.name])
                if one.report.found == "too slow" and _busy():  # perhaps not the answer's fault
                    one = self._mark_one(exercise, notebook, session, seeds[exercise.name])
            seconds = round(time.monotonic() - started, 3)
            found = {"seed": seeds[exercise.name], "seconds": seconds, "cells": session.told}
            marked.append(replace(one, **found))
        return marked

    def _mark_one(
        self, exercise: Exercise, notebook: Notebook, session: Session, seed: int
    ) -> Marked:
        may_use = tuple(sorted(exercise.may_use))
        worker = self._workers.setdefault(may_use, SealedWorker(self.way, may_use))
        for _ in range(MOST_TRIES):
            run = _loaded(worker, exercise, session)
            if run is None:
                return _refused(exercise, UNLOADED, look=f"{exercise.name} {UNLOADED}")
            try:
                one = _examined(exercise, notebook, session, run, seed)
            finally:
                worker.end(run)
            if not run.ended:
                break
        return one


def _busy() -> bool:
    """Whether more is going on than this machine has cores for."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def _refused(exercise: Exercise, sentence: str, look: str = "") -> Marked:
    return Marked(_without_calls(exercise, Outcome(failure="forbidden", sentence=sentence)), look)


def _without_calls(exercise: Exercise, outcome: Outcome) -> Report:
    """The report of an answer that is not called: every case comes to the same."""
    return diagnosis.examine(exercise, lambda case: outcome, _cases(exercise.name, 0))


# --- the notebook's cells ------------------------------------------------------------------------


def _loaded(worker: SealedWorker, exercise: Exercise, session: Session) -> Run | None:
    """A run with the notebook's cells in it; a cell that kills it is run less, and all again."""
    stop = time.monotonic() + 2 * LOADING_SECONDS
    while session.restarts <= MOST_RESTARTS and time.monotonic() < stop:
        run = worker.run(exercise.name)
        if _run_cells(run, session):
            return run
        worker.end(run)
    return None


def _run_cells(run: Run, session: Session) -> bool:
    """Run every cell; whether the process outlived them."""
    position, stop = 0, time.monotonic() + LOADING_SECONDS
    while position < len(session.steps):
        cells = _next_cells(session.steps[position:])
        request = {"do": "cells", "cells": cells, "seconds": stop - time.monotonic()}
        request["cell_seconds"] = CELL_SECONDS
        try:
            for reply, _ in run.ask_for(len(cells), request, (), CELL_SECONDS + GRACE):
                _note(session, position, reply)
                position += 1
                if time.monotonic() > stop + LOADING_SECONDS:
                    raise Overtime("all cells together did not end in time")
        except Lost as problem:
            session.lost(min(position, len(session.steps) - 1), problem)
            return False
    return True


def _next_cells(steps: Sequence[Step]) -> list[list[Any]]:
    """As many cells as fit into one request, whatever letters they hold; at least one."""
    sizes = accumulate(len(one.source) + 50 for one in steps)
    count = sum(1 for _ in takewhile(lambda size: size < MOST_TOGETHER, sizes))
    return [[f"<cell {one.number}>", one.source, one.definitions] for one in steps[: count or 1]]


def _note(session: Session, position: int, reply: dict[str, Any]) -> None:
    """Keep what went wrong in a cell; one that was too slow is run less from here on."""
    step = session.steps[position]
    if reply.get("kind"):
        session.problems.setdefault(step.number, clean(reply.get("sentence", ""), 400))
    if reply.get("kind") == "too slow":
        session.steps[position] = replace(step, definitions=True)


# --- the calls -----------------------------------------------------------------------------------


def _examined(
    exercise: Exercise, notebook: Notebook, session: Session, run: Run, seed: int
) -> Marked:
    try:
        about, _ = run.ask({"do": "about"}, (), 5)
    except Lost as problem:
        return _refused(exercise, f"could not be looked at: {problem}", look=str(problem))
    if not about.get("function"):
        instead = clean(about.get("instead", ""), 60)
        why = absence(exercise.name, instead, notebook, session.problems)
        return _refused(exercise, why, look=f"{exercise.name} {why}")
    used = set(about.get("uses", ())) & READY_MADE - set(exercise.may_use)
    if used:
        words = f"calls {', '.join(sorted(used))}; the point is to write this one yourself"
        return _refused(exercise, words)
    cases = _cases(exercise.name, seed)
    patient = replace(exercise, seconds=exercise.seconds * SLACK)
    report = diagnosis.examine(patient, SealedAnswer(run, patient), cases)
    look = f"{exercise.name}: {report.sentence}" if report.found == "lost" else ""
    return Marked(report, look)


@lru_cache(maxsize=2 * len(EXERCISES))  # of one batch, and for what is not called
def _cases(name: str, seed: int) -> list[Case]:
    """An exercise's cases, which keep what the reference makes of them for the next student."""
    return diagnosis.draw(EXERCISES[name], seed)


class SealedAnswer:
    """The student's function behind the wall: a case goes in, an Outcome comes out.

    Whether an input was changed is seen here, from what the worker sends back.
    """

    def __init__(self, run: Run, exercise: Exercise) -> None:
        self.run, self.seconds = run, exercise.seconds
        self.probe = exercise.probe.__name__ if exercise.probe else ""
        self.parameters = exercise.parameters

    def __call__(self, case: Case) -> Outcome:
        sent = (tuple(case.args), dict(case.kwargs))
        request = {"do": "call", "seconds": self.seconds, "probe": self.probe}
        request["parameters"] = self.parameters
        try:
            reply, values = self.run.ask(request, sent, self.seconds + GRACE)
        except Overtime as problem:
            return Outcome(failure="too slow", sentence=str(problem))
        except Lost as problem:
            return Outcome(failure="lost", sentence=str(problem))
        return _outcome(reply, values, sent)


def _outcome(reply: dict[str, Any], values: Any, sent: Any) -> Outcome:
    """An Outcome from a reply, which a student's code may have forged."""
    failure = reply.get("failure")
    if failure not in FAILURES:
        return Outcome(failure="lost", sentence="it wrote something else than an answer")
    printed = reply.get("printed", "")[: answers.MOST_PRINTED]
    if failure:
        sentence = clean(reply.get("sentence", ""), 400)
        return Outcome(failure=failure, sentence=sentence, printed=printed)
    if not isinstance(values, tuple) or len(values) != 2:
        return Outcome(failure="lost", sentence="it wrote something else than an answer")
    value, after = values
    return Outcome(value=value, changed_input=not answers.same(sent, after), printed=printed)
