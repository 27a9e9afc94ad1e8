"""Files that are written whole or not at all."""

import os
from pathlib import Path

from coursekit.problem import Problem


def write_whole(path: Path, text: str) -> bool:
    """Write a text file atomically, and only when it changes.

    Returns whether the file changed. Raises Problem when it cannot be written; what was there
    before is then still there.
    """
    try:
        if path.is_file() and path.read_bytes() == text.encode():
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, text)
    except OSError as problem:
        sentence = f"{path}: could not be written ({problem.strerror}); it is as it was"
        raise Problem(sentence) from problem
    return True


def replace_text(path: Path, text: str) -> None:
    """Put a text in a file's place in one step; raises OSError and then leaves nothing behind."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
