"""What a mark depends on besides the submission: digests of the code that finds it."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import coursekit
from coursekit.exercises import CONCEPTS, EXERCISES

PACKAGE = Path(coursekit.__file__).parent
# What has no part in marks; a new picture in a widget grades nobody again.
NO_PART = {"building", "data", "inspection", "plots", "slides", "training", "widgets"}
NO_PART |= {"checking.py", "cli.py", "doctor.py", "predictions.py", "records.py"}


@cache
def engine_digest() -> str:
    """A digest of the code that all marks depend on: the package, without single exercises."""
    own = {Path(concept.__file__) for concept in CONCEPTS}
    paths = [path for path in PACKAGE.rglob("*.py") if path not in own]
    return _digest(path for path in paths if path.relative_to(PACKAGE).parts[0] not in NO_PART)


@cache
def exercise_digest(name: str) -> str:
    """A digest of the file that an exercise is written in."""
    wanted = EXERCISES[name]
    homes = [one for one in CONCEPTS if any(wanted is value for value in vars(one).values())]
    return _digest(Path(home.__file__) for home in homes)


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
