"""`coursekit grade` beside nbgrader's autograde, on the same submissions in one run.

    python benchmarks/grading.py [--students 100] [--nbgrader 100]

The submissions answer lecture 05 (four NumPy exercises): right, half done, wrong and untouched ones
in turn, and no two the same. Every run is a whole command with its start. Ours grade all of them
with one process and with one for every core, each three times, before, between and after nbgrader,
which grades in two batches after generate_assignment. Then come classes of other sizes, and as the
limit of the machine a plain loop, once for every core, in turn and at once. Recorded are wall-clock
seconds (medians of ours) and the grader's own peak memory. Results go to results/grading.json.
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
from statistics import median

from rich.console import Console
from rich.table import Table

from coursekit.building.copies import make_copy
from coursekit.building.source import read_lecture

LECTURE = "05_stride_and_padding"
ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "grading.json"
# `coursekit grade`, which then says what its process needed at most.
OURS = """
import json, resource, sys
from coursekit.cli import main
try:
    main()
finally:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    needed = {"peak memory, MB": round(peak / 1024), "torch loaded": "torch" in sys.modules}
    print(json.dumps(needed))
"""
TURNS = 3
LOOP = "for number in range(60_000_000): pass"  # a second or two of one core
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


def hand_in(folder: Path, count: int, both: int) -> None:
    """Write nbgrader's submitted tree, which both graders read.

    both: how many nbgrader grades too, in two batches; their names begin with a and b.
    """
    kinds = submissions()
    for number in range(count):
        notebook = json.loads(json.dumps(kinds[number % len(kinds)]))
        # Everybody has a cell of their own: the same cells would be run only once.
        own = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        notebook["cells"].append({**own, "id": "own", "source": f"# notes of student {number}"})
        batch = "c" if number >= both else "ab"[2 * number >= both]
        place = folder / "submitted" / f"{batch}{number:04}" / LECTURE / f"{LECTURE}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(notebook))
    release = folder / "source" / LECTURE / f"{LECTURE}.ipynb"
    release.parent.mkdir(parents=True)
    release.write_text(json.dumps(kinds[-1]))


def timed(command: list[str], folder: Path) -> tuple[float, str]:
    """Seconds that a command takes, and what it says; when it fails, that is shown."""
    # nbgrader calls alembic by its name, which lies beside our Python
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = os.environ | {"PATH": path}
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return time.perf_counter() - started, done.stdout


def ours(folder: Path, jobs: int) -> tuple[float, dict]:
    """Seconds that `coursekit grade` takes for all submissions, and what it needed."""
    with tempfile.TemporaryDirectory() as out:
        options = ["--out", out, "--jobs", str(jobs), "--release", "source", "--require-sandbox"]
        command = [sys.executable, "-c", OURS, "grade", "submitted", *options]
        seconds, said = timed(command, folder)
    return seconds, json.loads(said.splitlines()[-1])


def nbgraders(folder: Path, batch: str) -> float:
    """Seconds that nbgrader takes for one batch of the submissions."""
    command = [sys.executable, "-m", "nbgrader", "autograde", LECTURE, f"--student={batch}*"]
    return timed(command, folder)[0]


def side_by_side(folder: Path, students: int, both: int, cores: int) -> dict:
    """Both graders on one class, in turn."""
    hand_in(folder, students, both)
    runs: dict[int, list[float]] = {1: [], cores: []}

    def all_of_ours() -> None:
        for jobs, seconds in runs.items():
            seconds.append(ours(folder, jobs)[0])

    all_of_ours()
    timed([sys.executable, "-m", "nbgrader", "generate_assignment", LECTURE], folder)
    theirs = nbgraders(folder, "a")
    all_of_ours()
    theirs += nbgraders(folder, "b")
    all_of_ours()
    rows = {f"coursekit, {jobs} process{'es' * (jobs > 1)}": runs[jobs] for jobs in runs}
    found = {name: median(seconds) / students for name, seconds in rows.items()}
    return found | {"nbgrader, 1 process": theirs / both}


def of_sizes(folder: Path, sizes: list[int], cores: int) -> list[dict]:
    """Seconds with one process and with all cores, and memory, for classes of several sizes."""
    found = []
    for size in sizes:
        place = folder / f"of{size}"
        hand_in(place, size, 0)
        turns = [(ours(place, 1)[0], *ours(place, cores)) for _ in range(TURNS)]
        one, every = (median(column) for column in list(zip(*turns, strict=True))[:2])
        row = {"students": size, "one process": round(one, 2), "all cores": round(every, 2)}
        found.append({**row, "times as fast": round(one / every, 2), **turns[-1][-1]})
    return found


def limit(cores: int) -> float:
    """How many times as fast this machine runs a plain loop with all its cores."""
    command = [sys.executable, "-c", LOOP]

    def seconds(at_once: int) -> float:
        started = time.perf_counter()
        for _ in range(cores // at_once):
            for loop in [subprocess.Popen(command) for _ in range(at_once)]:
                loop.wait()
        return time.perf_counter() - started

    turns = [(seconds(1), seconds(cores)) for _ in range(TURNS)]
    in_turn, together = (median(column) for column in zip(*turns, strict=True))
    return round(in_turn / together, 2)


def measure(students: int, both: int) -> dict:
    """Everything, with what it was measured on."""
    cores, load = os.cpu_count() or 1, os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="coursekit-grading-") as name:
        folder = Path(name)
        rows = side_by_side(folder / "class", students, both, cores)
        sizes = of_sizes(folder, [students // 4, students // 2, students, 4 * students], cores)
        most = limit(cores)
    theirs, best = rows["nbgrader, 1 process"], rows[list(rows)[1]]
    return {
        "students": students,
        "students graded by nbgrader": both,
        "cores": cores,
        "machine": platform.machine(),
        "python": platform.python_version(),
        "nbgrader": version("nbgrader"),
        "load before": load,
        "seconds a submission": {name: round(value, 3) for name, value in rows.items()},
        "times nbgrader's throughput": round(theirs / best, 1),
        "classes": sizes,
        "times as fast a plain loop": most,
    }


def main() -> None:
    """Measure, show a table and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--nbgrader", type=int, help="how many it grades; all of them otherwise")
    wanted = parser.parse_args()
    results = measure(wanted.students, min(wanted.nbgrader or wanted.students, wanted.students))
    table = Table("grader", "seconds a submission", box=None)
    for name, seconds in results["seconds a submission"].items():
        table.add_row(name, f"{seconds:.3f}")
    Console().print(table, results["times nbgrader's throughput"], results["classes"])
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
