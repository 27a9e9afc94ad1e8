"""Finds what was handed in: by whom, which files, and for which lectures."""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from coursekit.exercises import EXERCISES
from coursekit.grading.archives import ENDING, MOST_OF_A_STUDENT, BadArchive, unpack, unpacked
from coursekit.grading.notebooks import Notebook, Unreadable, read_notebook
from coursekit.problem import Problem

NOT_HANDED_IN = {".csv", ".md"}  # lists and notes that lie beside the submissions
NOT_A_STUDENT = {"__MACOSX", "__pycache__"}
DEEPEST = 3  # folders below a student's own


@dataclass(frozen=True)
class Submission:
    """What one student handed in: the notebook for each lecture, and what is wrong with the rest.

    notebooks: by lecture; troubles: one sentence each, for the teacher. handed_in: when, as a
    platform noted it, in ISO 8601 with a time zone; None where only the file's own time is known,
    which every copying changes.
    """

    student: str
    notebooks: dict[str, Notebook]
    troubles: tuple[str, ...] = ()
    handed_in: str | None = None

    @property
    def unreadable(self) -> bool:
        """Whether there is nothing to grade."""
        return not self.notebooks


def read_submissions(folder: Path) -> list[Submission]:
    """Every submission: of a folder with a file or folder a student, or a platform's zip file.

    Raises Problem when there is none to be found.
    """
    if folder.is_file():
        with unpacked(folder) as inside:
            return _read_folder(inside, "archive")
    if not folder.is_dir():
        raise Problem(f"{folder}: found no folder; give the one with the students' submissions")
    return _read_folder(folder, None)


def _read_folder(folder: Path, clock: str | None) -> list[Submission]:
    read = [_read(student, files, clock) for student, files in sorted(_handed_in(folder).items())]
    if not read:
        raise Problem(f"{folder}: found no submissions; give one notebook or folder a student")
    return [_placed(one, _only_lecture(read)) for one in read]


@dataclass(frozen=True)
class _Read:
    student: str
    notebooks: tuple[Notebook, ...]
    troubles: tuple[str, ...]
    times: tuple[datetime, ...] = ()


def _handed_in(folder: Path) -> dict[str, list[Path]]:
    """The files of each student."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        is_folder = path.is_dir() and not path.is_symlink()
        note = not is_folder and path.suffix.lower() in NOT_HANDED_IN
        if path.name.startswith(".") or path.name in NOT_A_STUDENT or note:
            continue
        student = _student(path.name if is_folder else ENDING.sub("", path.name))
        found.setdefault(student, []).extend(_notebooks_in(path) if is_folder else [path])
    return found


def _student(name: str) -> str:
    """A name that can be shown; of two that look the same then, each is still its own.

    >>> _student("ada"), _student("ada\x1b[2J")
    ('ada', 'ada_[2J-604f4726')
    """
    shown = "".join(c if c.isprintable() else "_" for c in name)
    if shown == name:
        return name
    return f"{shown}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"


def _notebooks_in(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and depth < DEEPEST)
        yield from (Path(place, name) for name in sorted(files) if _may_be_notebook(name))


def _may_be_notebook(name: str) -> bool:
    wanted = ".ipynb" in name.lower() or name.lower().endswith(".zip")
    return wanted and not name.startswith(".")


def _read(student: str, files: Iterable[Path], clock: str | None) -> _Read:
    notebooks, troubles, times = [], [], []
    for path in files:
        try:
            found = _unzipped(path) if _is_archive(path) else [read_notebook(path)]
        except (Unreadable, BadArchive) as problem:
            troubles.append(str(problem))
        else:
            notebooks += found
            times.append(_noted_time(path.parent) or (_file_time(path) if clock else None))
    if not notebooks and not troubles:
        troubles.append("the folder holds no notebook")
    return _Read(student, tuple(notebooks), tuple(troubles), tuple(filter(None, times)))


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and not path.is_symlink()


def _unzipped(archive: Path) -> list[Notebook]:
    """The notebooks of a zip file that a student handed in."""
    with TemporaryDirectory(prefix="coursekit-") as place:
        try:
            unpack(archive, Path(place), MOST_OF_A_STUDENT)
        except BadArchive as problem:
            raise BadArchive(f"{archive.name}: {problem}") from problem
        inside = [path for path in _notebooks_in(Path(place)) if not _is_archive(path)]
        if not inside:
            raise BadArchive(f"{archive.name} holds no notebook")
        return [read_notebook(path) for path in inside]


def _noted_time(folder: Path) -> datetime | None:
    """When nbgrader says the files of a folder were handed in."""
    with contextlib.suppress(OSError, ValueError):
        words = (folder / "timestamp.txt").read_text(encoding="utf-8")[:80].split()
        when = datetime.fromisoformat(" ".join(words[:2]))
        return when.replace(tzinfo=ZoneInfo(words[2]) if len(words) > 2 else UTC)
    return None


def _file_time(path: Path) -> datetime | None:
    """A file's time in an archive, which is in the platform's zone; here: this machine's."""
    with contextlib.suppress(OSError, ValueError):
        return datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return None


def _only_lecture(read: Iterable[_Read]) -> str | None:
    """The lecture that all recognizable notebooks belong to, if it is one."""
    lectures = {lecture_of(notebook) for one in read for notebook in one.notebooks} - {None}
    return lectures.pop() if len(lectures) == 1 else None


def _placed(read: _Read, default: str | None) -> Submission:
    """Give every lecture its notebook; of several, the one named as it, or the newest."""
    when = max(read.times).astimezone(UTC).isoformat() if read.times else None
    submission = Submission(read.student, {}, read.troubles, when)
    by_lecture: dict[str, list[Notebook]] = {}
    for notebook in read.notebooks:
        lecture = lecture_of(notebook) or default
        if lecture is None:
            trouble = f"{notebook.path.name} has no exercise of this course in it"
            submission = replace(submission, troubles=(*submission.troubles, trouble))
        else:
            by_lecture.setdefault(lecture, []).append(notebook)
    for lecture, several in by_lecture.items():
        chosen = max(several, key=lambda one: (one.path.stem == lecture, one.changed))
        submission.notebooks[lecture] = chosen
        if len(several) > 1:
            trouble = f"{len(several)} notebooks of {lecture}; graded {chosen.path.name}"
            submission = replace(submission, troubles=(*submission.troubles, trouble))
    return submission


def lecture_of(notebook: Notebook) -> str | None:
    """The lecture a notebook belongs to, if that can be told.

    It says so itself, or its file's name or its exercises tell.
    """
    lectures = {exercise.lecture for exercise in EXERCISES.values()}
    if notebook.lecture in lectures:
        return notebook.lecture
    names = f"{notebook.path.parent.name}/{notebook.path.stem}"
    for lecture in sorted(lectures):
        if lecture in names:
            return lecture
    votes = [EXERCISES[name].lecture for name in _names_in(notebook) if name in EXERCISES]
    return max(sorted(set(votes)), key=votes.count) if votes else None


def _names_in(notebook: Notebook) -> Iterator[str]:
    for cell in notebook.cells:
        yield from filter(None, (cell.exercise, cell.check))
        yield from re.findall(r"^(?:def|class) (\w+)", cell.source, re.MULTILINE)
