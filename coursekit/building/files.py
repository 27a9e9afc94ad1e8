"""Files that are written whole or not at all."""

import os
from pathlib import Path

from coursekit.building.problem import BuildProblem


def write_whole(path: Path, text: str) -> bool:
    """Write a text file atomically, and only when it changes.

    Returns whether the file changed. Raises BuildProblem when it cannot be written; what was
    there before is then still there.
    """
    try:
        if path.is_file() and path.read_bytes() == text.encode():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text)
    except OSError as problem:
        raise BuildProblem(
            f"{path}: could not be written ({problem.strerror}); it is as it was"
        ) from problem
    return True


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
