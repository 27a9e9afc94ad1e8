"""Builds lectures: reads the sources, runs both copies, writes what came out."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from nbformat import NotebookNode

from coursekit.building.copies import KINDS, cell_ids, make_copy
from coursekit.building.course import Course
from coursekit.building.execution import CellFailed, run_copy
from coursekit.building.problem import BuildProblem
from coursekit.building.source import Lecture, read_lecture
from coursekit.building.store import restore_outputs, save_outputs
from coursekit.files import write_whole
from coursekit.problem import Problem

MAX_BYTES = 400_000  # of a committed notebook


@dataclass(frozen=True)
class Run:
    """How copies are run."""

    timeout: float = 300.0  # seconds a cell
    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    force: bool = False  # run again although nothing changed


@dataclass(frozen=True)
class Outcome:
    """What became of one lecture."""

    stem: str
    changed: tuple[Path, ...] = ()
    problem: str | None = None


def build_lectures(course: Course, stems: Sequence[str], run: Run) -> Iterator[Outcome]:
    """Build lectures, several at a time; tell of each when done.

    A lecture with a problem leaves all its files as they were and does not stop the others.
    Raises BuildProblem for an unknown stem.
    """
    with running_copies(course, course.find(stems), run) as running:
        for stem, copies in running.items():
            yield _written(course, stem, copies)


def _written(course: Course, stem: str, copies: list[Future]) -> Outcome:
    try:
        student, solved = (copy.result() for copy in copies)
        return Outcome(stem, tuple(_write(course, stem, student, solved)))
    except Problem as problem:
        return Outcome(stem, problem=str(problem))


@contextmanager
def running_copies(
    course: Course, sources: dict[str, Path], run: Run, kinds: Sequence[str] = KINDS
) -> Iterator[dict[str, list[Future]]]:
    """The copies of each lecture as futures, in teaching order.

    A future's result raises BuildProblem when that copy has a problem. Leaving early ends what
    still runs.
    """
    pool = ThreadPoolExecutor(run.jobs)
    running = {
        stem: [pool.submit(finished_copy, course, path, kind, run) for kind in kinds]
        for stem, path in sources.items()
    }
    try:
        yield running
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        _end_kernels([copy for copies in running.values() for copy in copies])


def _end_kernels(copies: list[Future]) -> None:
    """Ctrl-C reaches no kernel, and a thread waits for its kernel: end them from here."""
    while not all(copy.done() for copy in copies):
        for process in filter(_is_kernel, psutil.Process().children()):
            process.kill()
        time.sleep(0.2)


def _is_kernel(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return any("ipykernel_launcher" in word for word in process.cmdline())
    return False


def finished_copy(course: Course, path: Path, kind: str, run: Run) -> NotebookNode:
    """One copy of a lecture, with the outputs of a run.

    Raises BuildProblem for a source that cannot be read or a cell that does not run cleanly.
    """
    lecture = read_lecture(path)
    copy = make_copy(lecture, kind)
    place = course.outputs(lecture.stem, kind)
    if run.force or not restore_outputs(copy, place, course.lock):
        _run(lecture, copy, kind, run.timeout)
        save_outputs(copy, place, course.lock)
    if kind == "student":
        drop_own_outputs(copy)
    nbformat.validate(copy)
    return copy


def _run(lecture: Lecture, copy: NotebookNode, kind: str, timeout: float) -> None:
    try:
        run_copy(copy, timeout, snapshots=kind == "solved")
    except CellFailed as problem:
        lines = dict(zip(cell_ids(lecture), (cell.line for cell in lecture.cells), strict=True))
        sentence = f"{kind} copy of {lecture.stem}: {problem}"
        raise BuildProblem.at(lecture.path, lines[problem.cell_id], sentence) from problem


def drop_own_outputs(notebook: NotebookNode) -> None:
    """Forget what checks said and how long things took: students get their own."""
    for cell in notebook.cells:
        is_check = "check" in cell.metadata.get("coursekit", {})
        if is_check or "timed" in cell.metadata.get("tags", []):
            cell.outputs = []


def _write(
    course: Course, stem: str, student: NotebookNode, solved: NotebookNode
) -> Iterator[Path]:
    text = as_text(student)
    _require_small(course.notebook(stem), student, len(text.encode()))
    files = {course.notebook(stem): text, course.solved(stem): as_text(solved)}
    if any("nbgrader" in cell.metadata for cell in student.cells):
        files[course.release(stem)] = as_text(_without_outputs(student))
    for path, content in files.items():
        if write_whole(path, content):
            yield path


def as_text(notebook: NotebookNode) -> str:
    """A notebook as stored: sorted, indented, with a last newline."""
    return nbformat.writes(notebook) + "\n"


def _without_outputs(notebook: NotebookNode) -> NotebookNode:
    bare = nbformat.from_dict(notebook)
    for cell in bare.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return bare


def _require_small(path: Path, notebook: NotebookNode, size: int) -> None:
    if size <= MAX_BYTES:
        return
    sizes = {cell.id: len(str(cell.get("outputs", ""))) for cell in notebook.cells}
    biggest = sorted(sizes, key=sizes.get, reverse=True)[:3]
    listed = ", ".join(f"{cell_id!r} {sizes[cell_id] // 1000} kB" for cell_id in biggest)
    raise BuildProblem(
        f"{path}: would have {size // 1000} kB, at most {MAX_BYTES // 1000} are committed; "
        f"the biggest outputs are of the cells {listed}"
    )
