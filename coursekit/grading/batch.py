"""Grades a folder of submissions: one record each, going on where it was."""

import contextlib
import difflib
import os
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Executor
from pathlib import Path

from filelock import FileLock, Timeout

from coursekit.files import write_whole
from coursekit.grading import export, marks
from coursekit.grading.marking import Marked
from coursekit.grading.marks import Change, Row
from coursekit.grading.pool import grade_all
from coursekit.grading.probe import best_way, open_leaks
from coursekit.grading.record import Record, read_record, write_record
from coursekit.grading.rules import Rules
from coursekit.grading.sandbox import Way
from coursekit.grading.submission import Submission, read_submissions
from coursekit.grading.summary import write_summary
from coursekit.grading.task import Settings, Task, grade, released
from coursekit.problem import Problem

RELEASED = Path(__file__).parents[2] / "notebooks"  # beside the package, in a checkout
NOT_SEALED = "NOT SEALED: {why}. Limits on time and memory hold, but a student's code {leaks}."


Run = Callable[[list[Task]], Iterator[Record]]


class Listener:
    """Hears how a batch goes; this one keeps quiet."""

    def warn(self, sentence: str) -> None:
        """Something the teacher must know, before anything is graded."""

    def progress(self, done: int, total: int, student: str = "") -> None:
        """So many of all submissions have their record, the last of them a student's."""

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
    again: Collection[str] = (),
    seed: int | None = None,
) -> list[Record]:
    """Grade every submission and write marks and feedback.

    folder: of submissions, or a platform's zip file. out: where marks.csv, feedback/, gradescope/
    and records/ go; records that are there already and still fit are kept. rules: of the class.
    executor: any of concurrent.futures' kind, in place of ``jobs`` processes. again: students who
    are graded anew whatever was found before. seed: of the random cases; drawn when none is given.
    Returns the records, by student.

    Raises Problem when nothing can be graded, or when a sandbox is required and none works.
    """
    listener = listener or Listener()
    _require_apart(folder, out)
    submissions = read_submissions(folder)
    _require_students(again, submissions)
    if release != RELEASED and not released(release).cells:
        raise Problem(f"{release}: holds no notebooks; give the lectures as they were handed out")
    _doubt_students((rules or Rules()).students, submissions, listener)
    way = _way(require_sandbox, listener)
    with _alone(out):
        settings = Settings(way, _seed(out, seed), release)
        tasks = [Task(submission, settings) for submission in submissions]
        found = _records(out, tasks, again, listener, lambda new: grade_all(new, jobs, executor))
        rows = marks.rows(found, rules or Rules())
        _hand_out(out, found, rows, listener)
        write_summary(out, found, rows, submissions, released(release).stubs)
        return found


def _records(
    out: Path, tasks: list[Task], again: Collection[str], listener: Listener, run: Run
) -> list[Record]:
    """Every task's record, in order: the earlier one where it still fits, or else a new one."""
    earlier = {task.student: read_record(out, task.student) for task in tasks}
    earlier |= dict.fromkeys(again)
    records = {task.student: _kept(earlier[task.student], task) for task in tasks}
    waiting = [task for task in tasks if not records[task.student]]
    done = len(tasks) - len(waiting)
    listener.progress(done, len(tasks))
    for record in _graded(waiting, {} if again else _known(earlier.values()), run):
        write_record(out, record)
        records[record.student] = record
        done += 1
        listener.progress(done, len(tasks), record.student)
    return list(records.values())


def _hand_out(out: Path, records: list[Record], rows: list[Row], listener: Listener) -> None:
    """Write marks and feedback, unless they would replace others and may not."""
    changes = marks.changes(out, rows)
    if changes and not listener.replaces(changes):
        raise Problem(f"{out / marks.NAME} is as it was; the new records are kept beside it")
    export.write_feedback(out, records, rows)
    marks.write_marks(out, rows)


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keep other graders out of a folder, until this one ends, however it ends."""
    lock = FileLock(out / "records" / ".lock", timeout=0)
    try:
        Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        for half_written in _half_written(out):  # by a grader that was killed
            half_written.unlink()
    except Timeout as problem:
        words = "another grader is at work there; wait for it, or give another folder"
        raise Problem(f"{out}: {words}") from problem
    except OSError as problem:
        raise Problem(f"{out}: could not be written ({problem.strerror})") from problem
    try:
        yield
    finally:
        lock.release()


def _require_apart(folder: Path, out: Path) -> None:
    """What is handed out may not lie among what was handed in: it would be graded as well."""
    if folder.is_dir() and out.resolve().is_relative_to(folder.resolve()):
        raise Problem(f"{out}: lies in the submissions' folder; give --out a place outside of it")


def _half_written(out: Path) -> Iterator[Path]:
    """Files of ours that were not finished; other folders in there may be anybody's."""
    yield from out.glob(".*.part")
    for folder in ("records", "feedback", "gradescope"):
        yield from (out / folder).rglob(".*.part")


def _require_students(names: Collection[str], submissions: list[Submission]) -> None:
    for sentence in _unknown(names, submissions):
        raise Problem(sentence)


def _doubt_students(
    names: Collection[str], submissions: list[Submission], listener: Listener
) -> None:
    """Say for whom there are rules but no submission: perhaps a slip, perhaps a late one."""
    for sentence in _unknown(names, submissions):
        listener.warn(f"The rules name a student, but {sentence}")


def _unknown(names: Collection[str], submissions: list[Submission]) -> Iterator[str]:
    students = {one.student for one in submissions}
    for name in names:
        if name not in students:
            close = difflib.get_close_matches(name, students, 3, 0.3) or sorted(students)[:3]
            yield f"no submission is {name}'s; there are {', '.join(close)}"


def _way(require_sandbox: bool, listener: Listener) -> Way:
    if not hasattr(os, "fork"):
        raise Problem("grading needs Linux or macOS; on Windows, use it inside WSL")
    way, why = best_way()
    if require_sandbox and not way.sealed:
        raise Problem(f"no sandbox: {why}; install bubblewrap or leave out --require-sandbox")
    if not way.sealed:
        listener.warn(NOT_SEALED.format(why=why, leaks=", ".join(open_leaks())))
    return way


def _kept(record: Record | None, task: Task) -> Record | None:
    """The record of an earlier run, if it would come out the same today."""
    return record if record and record.key == task.key() else None


def _known(records: Iterable[Record | None]) -> dict[str, Marked]:
    """Marks that hold for whoever hands in the same; none that a person should look at."""
    marks = (one for record in records if record for one in record.marks)
    return {one.basis: one for one in marks if one.basis and not one.look}


def _graded(waiting: list[Task], known: dict[str, Marked], run: Run) -> Iterator[Record]:
    """A record of every task; what several handed in alike is run once."""
    firsts = {frozenset(task.bases.values()): task.student for task in waiting}.values()
    for first in (True, False):
        tasks = [task for task in waiting if (task.student in firsts) == first]
        informed = [task.knowing(known) for task in tasks]
        yield from (grade(task) for task in informed if task.all_known)
        for record in run([task for task in informed if not task.all_known]):
            known |= _known([record])
            yield record


def _seed(out: Path, seed: int | None) -> int:
    """The batch's seed: drawn once, so that a batch that goes on uses the same cases."""
    place = out / "records" / ".seed"
    if seed is None:
        with contextlib.suppress(OSError, ValueError):
            return int(place.read_text())
        seed = secrets.randbits(31)
    write_whole(place, f"{seed}\n")
    return seed
