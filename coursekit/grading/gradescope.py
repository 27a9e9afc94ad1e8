"""The zip file that an instructor uploads to Gradescope, and what runs of it there.

Gradescope unpacks the zip to /autograder/source, runs setup.sh once, and run_autograder for every
submission, which lies in /autograder/submission; it then reads /autograder/results/results.json.
"""

import contextlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from coursekit.exercises import EXERCISES
from coursekit.grading.batch import Listener, grade_folder
from coursekit.grading.record import file_name
from coursekit.problem import Problem

STUDENT = "you"  # Gradescope knows whose submission it is
RULES = "rules.toml"
SETUP = """\
#!/bin/sh
# Run once by Gradescope, when the autograder is built.
set -e
cd /autograder/source
apt-get update
apt-get install -y --no-install-recommends bubblewrap
# the newest Python there is; Ubuntu 22.04 calls an older one python3
for version in 3.13 3.12 3.11; do
    apt-get install -y --no-install-recommends python$version python$version-venv && break
done
python$version -m venv .venv
export PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
.venv/bin/python -m pip install --no-cache-dir -r requirements.lock
.venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation .
"""
RUN = """\
#!/bin/sh
# Run by Gradescope for every submission.
cd /autograder/source
exec .venv/bin/python -c "from coursekit.grading.gradescope import run; run()"
"""
WHERE = Path("/autograder")


def write_autograder(zip_file: Path, root: Path, lecture: str, rules: Path | None = None) -> int:
    """Write the zip for one lecture; returns its bytes.

    root: the course's folder, with coursekit/, notebooks/ and requirements.lock in it. rules: a
    class's weights; late penalties are Gradescope's business. Raises Problem.
    """
    known = dict.fromkeys(one.lecture for one in EXERCISES.values())
    if lecture not in known:
        raise Problem(f"no lecture is called {lecture}; there are {', '.join(known)}")
    notebook = root / "notebooks" / f"{lecture}.ipynb"
    if not notebook.is_file():
        raise Problem(f"{notebook}: is not there; run `coursekit build {lecture}` first")
    part = zip_file.with_name(f".{zip_file.name}.part")
    try:
        zip_file.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as zipped:
            _add(zipped, "setup.sh", SETUP.encode(), executable=True)
            _add(zipped, "run_autograder", RUN.encode(), executable=True)
            for path in [*_package(root), notebook]:
                _add(zipped, path.relative_to(root).as_posix(), path.read_bytes())
            if rules:
                _add(zipped, RULES, rules.read_bytes())
        part.replace(zip_file)
    except OSError as problem:
        raise Problem(f"{zip_file}: could not be written ({problem})") from problem
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return zip_file.stat().st_size


def _package(root: Path) -> Iterator[Path]:
    """What is needed to install coursekit."""
    yield from (root / name for name in ("pyproject.toml", "requirements.lock", "README.md"))
    yield from sorted(
        path
        for path in (root / "coursekit").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def _add(zipped: zipfile.ZipFile, name: str, data: bytes, executable: bool = False) -> None:
    """Add a file with a fixed date: the same course gives the same zip."""
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.external_attr = (0o755 if executable else 0o644) << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    zipped.writestr(member, data)


def run(place: Path = WHERE) -> None:
    """Grade the submission that lies there; whatever happens, results.json says so."""
    with TemporaryDirectory() as folder:
        try:
            results = _graded(place, Path(folder))
        except Problem as problem:
            results = {"score": 0, "output": f"This could not be graded: {problem}."}
    (place / "results").mkdir(exist_ok=True)
    (place / "results" / "results.json").write_text(json.dumps(results, indent=1))


def _graded(place: Path, folder: Path) -> dict:
    from coursekit.grading.rules import Rules, read_rules

    submitted = folder / "in" / STUDENT
    shutil.copytree(place / "submission", submitted, symlinks=True)
    rules = place / "source" / RULES
    told = Told()
    grade_folder(
        folder / "in",
        folder / "out",
        1,
        release=place / "source" / "notebooks",
        rules=read_rules(rules) if rules.is_file() else Rules(),
        listener=told,
    )
    found = folder / "out" / "gradescope" / file_name(STUDENT) / "results.json"
    results = json.loads(found.read_text(encoding="utf-8"))
    if told.warnings:  # for the instructor: students do not see an autograder's own output
        print("\n".join(told.warnings))  # noqa: T201
    return results


class Told(Listener):
    """Keeps the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, sentence: str) -> None:
        """Keep it."""
        self.warnings.append(sentence)
