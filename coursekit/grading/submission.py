"""Finds what was handed in: by whom, which files, and for which lectures."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from coursekit.exercises import EXERCISES
from coursekit.grading.notebooks import Notebook, Unreadable, read_notebook
from coursekit.problem import Problem

NOT_HANDED_IN = {".csv", ".md"}  # lists and notes that lie beside the submissions
DEEPEST = 3  # folders below a student's own


@dataclass(frozen=True)
class Submission:
    """What one student handed in: the notebook for each lecture, and what is wrong with the rest.

    notebooks: by lecture; troubles: one sentence each, for the teacher.
    """

    student: str
    notebooks: dict[str, Notebook]
    troubles: tuple[str, ...] = ()

    @property
    def unreadable(self) -> bool:
        """Whether there is nothing to grade."""
        return not self.notebooks


def read_submissions(folder: Path) -> list[Submission]:
    """Every submission in a folder: a file or folder for each student.

    Raises Problem when the folder is none, or holds nothing.
    """
    if not folder.is_dir():
        raise Problem(f"{folder}: found no folder; give the one with the students' submissions")
    read = [_read(student, files) for student, files in sorted(_handed_in(folder).items())]
    if not read:
        raise Problem(f"{folder}: found no submissions; give one notebook or folder a student")
    return [_placed(one, _only_lecture(read)) for one in read]


@dataclass(frozen=True)
class _Read:
    student: str
    notebooks: tuple[Notebook, ...]
    troubles: tuple[str, ...]


def _handed_in(folder: Path) -> dict[str, list[Path]]:
    """The files of each student."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__")) or path.suffix.lower() in NOT_HANDED_IN:
            continue
        is_folder = path.is_dir() and not path.is_symlink()
        name = os.fsencode(path.name).decode(errors="replace")
        student = name if is_folder else name.split(".")[0]
        found.setdefault(student, []).extend(_notebooks_in(path) if is_folder else [path])
    return found


def _notebooks_in(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and depth < DEEPEST)
        yield from (Path(place, name) for name in sorted(files) if _may_be_notebook(name))


def _may_be_notebook(name: str) -> bool:
    return ".ipynb" in name.lower() and not name.startswith(".")


def _read(student: str, files: Iterable[Path]) -> _Read:
    notebooks, troubles = [], []
    for path in files:
        try:
            notebooks.append(read_notebook(path))
        except Unreadable as problem:
            troubles.append(str(problem))
    if not notebooks and not troubles:
        troubles.append("the folder holds no notebook")
    return _Read(student, tuple(notebooks), tuple(troubles))


def _only_lecture(read: Iterable[_Read]) -> str | None:
    """The lecture that all recognizable notebooks belong to, if it is one."""
    lectures = {lecture_of(notebook) for one in read for notebook in one.notebooks} - {None}
    return lectures.pop() if len(lectures) == 1 else None


def _placed(read: _Read, default: str | None) -> Submission:
    """Give every lecture its notebook; of several, the one named as it, or the newest."""
    submission = Submission(read.student, {}, read.troubles)
    by_lecture: dict[str, list[Notebook]] = {}
    for notebook in read.notebooks:
        lecture = lecture_of(notebook) or default
        if lecture is None:
            trouble = f"{notebook.path.name} has no exercise of this course in it"
            submission = replace(submission, troubles=(*submission.troubles, trouble))
        else:
            by_lecture.setdefault(lecture, []).append(notebook)
    for lecture, several in by_lecture.items():
        chosen = max(several, key=lambda one: (one.path.stem == lecture, _changed(one.path)))
        submission.notebooks[lecture] = chosen
        if len(several) > 1:
            trouble = f"{len(several)} notebooks of {lecture}; graded {chosen.path.name}"
            submission = replace(submission, troubles=(*submission.troubles, trouble))
    return submission


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


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
        yield from re.findall(r"^def (\w+)", cell.source, re.MULTILINE)
