"""Unpacks what students and learning platforms hand over as zip files: notebooks, and no more.

An archive is a stranger's. Nothing is written but notebooks of a bounded size, under names of our
own making; links, absolute paths and paths that climb out have no effect.
"""

import contextlib
import os
import re
import stat
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from coursekit.grading.notebooks import MOST_BYTES
from coursekit.problem import Problem

MOST_MEMBERS = 50_000
MOST_OF_A_CLASS = 8 << 30  # bytes that all notebooks of one archive may unpack to
MOST_OF_A_STUDENT = 4 * MOST_BYTES
CHUNK = 1 << 20

# What Moodle and Canvas call the files and folders of their downloads.
MOODLE = re.compile(
    r"^(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?$"
)
CANVAS = re.compile(r"^(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_(?P<hand_in>\d+)_(?P<file>.+)$")
# What of a file's name is not the student's.
ENDING = re.compile(r"\.(ipynb|zip)\b.*$|(?<=.)\.\w*$", re.IGNORECASE | re.DOTALL)


class BadArchive(Exception):
    """A zip file that cannot be used; the text is a sentence that says why."""


@contextlib.contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """A folder with one folder a student, made from a platform's download.

    Raises Problem when the archive cannot be read or holds no notebook.
    """
    with TemporaryDirectory(prefix="coursekit-") as place:
        folder = Path(place)
        try:
            found = unpack(archive, folder, MOST_OF_A_CLASS, by_student=True)
        except BadArchive as problem:
            raise Problem(f"{archive}: {problem}; download it again from the platform") from problem
        if not found:
            raise Problem(f"{archive}: found no notebook in it; give the students' submissions")
        yield folder


def unpack(archive: Path, folder: Path, most: int, by_student: bool = False) -> int:
    """Write an archive's notebooks, and zip files of students, below a folder.

    most: bytes of all together. by_student: give each student's files a folder of their own.
    Returns how many files there are. Raises BadArchive.
    """
    found = 0
    try:
        with zipfile.ZipFile(archive) as zipped:
            if len(zipped.infolist()) > MOST_MEMBERS:
                raise BadArchive(f"it holds more than {MOST_MEMBERS:,} files")
            for member in zipped.infolist():
                target = _target(member, by_student)
                if target is None:
                    continue
                most -= _write(zipped, member, folder / target, most)
                found += 1
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as problem:
        raise BadArchive(f"it cannot be unpacked ({problem})") from problem
    except (OSError, zlib.error) as problem:
        raise BadArchive(f"it cannot be read ({problem})") from problem
    return found


def _target(member: zipfile.ZipInfo, by_student: bool) -> Path | None:
    """Where a member goes, by plain names only; None for what is no hand-in."""
    if stat.S_ISLNK(member.external_attr >> 16) or member.is_dir():
        return None
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    parts = [part for part in parts if part not in ("/", "..", ".")]
    if not parts or not _is_wanted(parts) or len(parts) > 8:
        return None
    names = [_plain(part) for part in parts]
    return Path(*_by_student(names)) if by_student else Path(*names)


def _is_wanted(parts: list[str]) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    name = parts[-1].lower()
    return not hidden and (".ipynb" in name or name.endswith(".zip") or name == "timestamp.txt")


def _plain(name: str) -> str:
    """A name without what a file system might trip over."""
    return "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name)[-120:]


def _by_student(names: list[str]) -> list[str]:
    """The same path with the student's own folder in front.

    >>> _by_student(["Ada L_17_assignsubmission_file", "05.ipynb"])
    ['Ada L_17', '05.ipynb']
    >>> _by_student(["lovelaceada_LATE_17_99_05.ipynb"])
    ['lovelaceada_17', '99', '05.ipynb']
    """
    moodle, canvas = MOODLE.match(names[0]), CANVAS.match(names[0])
    if moodle:
        rest = [moodle["file"]] if moodle["file"] and len(names) == 1 else names[1:]
        return [f"{moodle['name']}_{moodle['id']}", *rest]
    if canvas and len(names) == 1:
        return [f"{canvas['name']}_{canvas['id']}", canvas["hand_in"], canvas["file"]]
    return names if len(names) > 1 else [ENDING.sub("", names[0]), names[0]]


def _write(zipped: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Write one member, whatever size it claims to have; returns its bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with zipped.open(member) as source, target.open("wb") as file:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > most:
                raise BadArchive("it unpacks to more than a class can hand in")
            if written <= MOST_BYTES + 1:  # the reader then says that this notebook is too large
                file.write(chunk)
    with contextlib.suppress(ValueError, OverflowError):
        stamp = time.mktime((*member.date_time, 0, 0, -1))
        os.utime(target, (stamp, stamp))
    return written
