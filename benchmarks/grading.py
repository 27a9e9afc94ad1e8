"""`coursekit grade` beside nbgrader's autograde, on the same submissions in one run.

    python benchmarks/grading.py [--students 100] [--nbgrader 5]

The submissions answer lecture 05: right, half done, wrong and untouched ones in turn. Ours are
graded with one process and with one for every core; nbgrader grades the first few of them, its
own way, in one batch after generate_assignment. Recorded are wall-clock seconds a submission, of
the whole command with its start. Results go to results/grading.json.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from coursekit.building.copies import make_copy
from coursekit.building.source import read_lecture

LECTURE = "05_stride_and_padding"
ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "grading.json"
WRONG = "def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):\n    return w_in"


def submissions() -> list[dict]:
    """One notebook of each kind, as plain JSON."""
    lecture = read_lecture(ROOT / "solutions" / f"{LECTURE}.py")
    student, solved = make_copy(lecture, "student"), make_copy(lecture, "solved")
    half, wrong = json.loads(json.dumps(solved)), json.loads(json.dumps(solved))
    for cell, untouched in zip(half["cells"], _exercises_of(student, half), strict=True):
        cell["source"] = untouched
    for cell in wrong["cells"]:
        cell["source"] = WRONG if cell["id"] == "output_size" else cell["source"]
    return [solved, half, wrong, student]


def _exercises_of(student: dict, notebook: dict) -> list[str]:
    """The notebook's sources, with every exercise after the second as students get it."""
    stubs = {cell["id"]: cell["source"] for cell in student["cells"] if "exercise" in _own(cell)}
    left = list(stubs)[2:]
    return [stubs[c["id"]] if c["id"] in left else c["source"] for c in notebook["cells"]]


def _own(cell: dict) -> dict:
    return cell["metadata"].get("coursekit", {})


def hand_in(folder: Path, count: int) -> None:
    """Write nbgrader's submitted tree, which both graders read."""
    kinds = submissions()
    for number in range(count):
        notebook = json.loads(json.dumps(kinds[number % len(kinds)]))
        # Everybody has a cell of their own: the same cells would be run only once.
        own = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        notebook["cells"].append({**own, "id": "own", "source": f"# notes of student {number}"})
        place = folder / "submitted" / f"student{number:04}" / LECTURE / f"{LECTURE}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(notebook))
    release = folder / "source" / LECTURE / f"{LECTURE}.ipynb"
    release.parent.mkdir(parents=True)
    release.write_text(json.dumps(kinds[-1]))


def seconds_of(command: list[str], folder: Path) -> float:
    """How long a command takes; its output is shown only when it fails."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return time.perf_counter() - started


def ours(folder: Path, jobs: int) -> float:
    """Seconds that `coursekit grade` takes for all submissions."""
    out = ["--out", f"out{jobs}", "--jobs", str(jobs), "--release", "source", "--require-sandbox"]
    program = ["-c", "from coursekit.cli import main; main()"]
    return seconds_of([sys.executable, *program, "grade", "submitted", *out], folder)


def nbgraders(folder: Path, count: int) -> float:
    """Seconds that nbgrader takes for the first submissions, in one batch."""
    program = [sys.executable, "-m", "nbgrader"]
    seconds_of([*program, "generate_assignment", LECTURE], folder)
    few = "student000[" + "".join(str(number) for number in range(count)) + "]"
    return seconds_of([*program, "autograde", LECTURE, f"--student={few}"], folder)


def measure(students: int, few: int) -> dict:
    """Both graders on one class."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="coursekit-grading-") as name:
        folder = Path(name)
        hand_in(folder, students)
        rows = {
            "coursekit, 1 process": ours(folder, 1) / students,
            f"coursekit, {cores} processes": ours(folder, cores) / students,
            "nbgrader, 1 process": nbgraders(folder, few) / few,
        }
    return {
        "students": students,
        "students graded by nbgrader": few,
        "cores": cores,
        "machine": platform.machine(),
        "python": platform.python_version(),
        "nbgrader": version("nbgrader"),
        "load before": os.getloadavg()[0],
        "seconds a submission": {name: round(value, 3) for name, value in rows.items()},
    }


def main() -> None:
    """Measure, show a table and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--nbgrader", type=int, default=5, help="at most 9")
    wanted = parser.parse_args()
    results = measure(wanted.students, min(wanted.nbgrader, 9))
    table = Table("grader", "seconds a submission", box=None)
    for name, seconds in results["seconds a submission"].items():
        table.add_row(name, f"{seconds:.3f}")
    Console().print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
