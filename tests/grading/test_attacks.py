"""Hostile submissions get the marks that are due, and do no harm."""

import csv
import json
import os
import socket
import time
from pathlib import Path

import handins as h
import psutil
import pytest
from attacks import TARGET, attacks
from tricks import tricks

import coursekit
from coursekit.grading.batch import grade_folder

pytestmark = pytest.mark.slow

SECRET = "swordfish-of-the-grader"
NAMES = [*attacks("", 0, ""), *tricks()]


def living_workers():
    """Workers below this process, and those that nobody waits for any more.

    Those of other graders on this machine have a parent.
    """
    ours = psutil.Process().children(recursive=True)
    orphans = [one for one in psutil.process_iter(["ppid"]) if one.info["ppid"] == 1]
    return {one.pid for one in [*ours, *orphans] if _is_living_worker(one)}


def _is_living_worker(process):
    try:
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and "coursekit.grading.worker" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


class Played:
    """What a batch of attacks left: marks, pages, and whatever they touched."""

    def __init__(self, folder, release, server):
        self.sentinel = folder / "sentinel"
        self.sentinel.mkdir()
        (self.sentinel / "secret").write_text(SECRET)
        self.server = server
        course = str(Path(coursekit.__file__).parents[1])
        self.due = attacks(str(self.sentinel), server.getsockname()[1], course) | tricks()
        self.before = living_workers()
        (folder / "in").mkdir()
        for student, due in self.due.items():
            (folder / "in" / f"{student}.ipynb").write_text(json.dumps(due.handed_in))
        self.out = folder / "out"
        how = {"require_sandbox": True, "release": release, "seed": 1}
        grade_folder(folder / "in", self.out, 3, **how)
        with open(self.out / "marks.csv", newline="", encoding="utf-8") as file:
            self.marks = {row["student"]: row for row in csv.DictReader(file)}

    def page(self, student):
        return (self.out / "feedback" / f"{student}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def played(tmp_path_factory, release, way):
    os.environ["COURSEKIT_SECRET"] = SECRET
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Played(tmp_path_factory.mktemp("attacks"), release, server)
    del os.environ["COURSEKIT_SECRET"]


@pytest.mark.parametrize("student", NAMES)
def test_marks_are_those_that_are_due(played, student):
    due, row = played.due[student], played.marks[student]
    for name in h.NAMES:
        assert float(row[name]) == pytest.approx(due.points[name], abs=0.01), (name, row)
    assert row["status"] == (due.status or row["status"]), row["note"]
    for words in due.words:
        assert words in played.page(student)


def test_files_are_untouched(played):
    assert sorted(path.name for path in played.sentinel.iterdir()) == ["secret"]
    package = Path(coursekit.__file__).parent
    assert (package / "shapes.py").exists()
    assert not (package.parent / "planted.py").exists()


def test_nothing_of_the_grader_reaches_a_page(played):
    for student in NAMES:
        assert SECRET not in played.page(student)


def test_no_page_runs_what_a_student_wrote(played):
    for page in played.out.rglob("*.html"):
        assert "<script" not in page.read_text(encoding="utf-8"), page.name


def test_nothing_was_planted(played):
    assert not Path("/tmp/planted").exists()


def test_nobody_reached_the_network(played):
    played.server.settimeout(0.1)
    with pytest.raises(TimeoutError):
        played.server.accept()


def test_no_process_stays_behind(played):
    stop = time.monotonic() + 10
    while living_workers() - played.before and time.monotonic() < stop:
        time.sleep(0.05)
    assert living_workers() - played.before == set()


# --- from one submission to the next: they share a worker ----------------------------------------


def test_the_next_submission_finds_nothing_of_the_last(grade):
    leave = "open('/tmp/note', 'w').write('7'); open('/dev/shm/note', 'w').write('7')"
    look = (
        "import os, resource\n"
        "if os.listdir('/tmp') + os.listdir('/dev/shm'):\n    return 7, 7\n"
        "if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 100:\n    return 7, 7\n"
        "if len(os.sched_getaffinity(0)) != len(os.sched_getaffinity(1)):\n    return 7, 7"
    )
    lower = (
        "import os, resource\n"
        "for number in (1, os.getppid()):\n"
        "    for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_NPROC):\n"
        "        try:\n            resource.prlimit(number, limit, (1, 1))\n"
        "        except OSError:\n            pass\n"
        "    try:\n        os.sched_setaffinity(number, {0})\n"
        "    except OSError:\n        pass"
    )
    records = grade(
        a=h.answered(**{TARGET: h.doing_first(TARGET, leave)}),
        b=h.answered(**{TARGET: h.doing_first(TARGET, look)}),
        c=h.answered(**{TARGET: h.doing_first(TARGET, lower)}),
        d=h.answered(**{TARGET: h.doing_first(TARGET, look)}),
    )
    assert {student: one.points[TARGET] for student, one in records.items()} == dict.fromkeys(
        "abcd", 2
    )


def test_a_loop_costs_its_time_and_no_more(grade):
    before = time.monotonic()
    loop = h.doing_first("receptive_field", "while True:\n    pass")
    records = grade(a=h.answered(receptive_field=loop))
    assert time.monotonic() - before < 30
    assert sum(records["a"].points.values()) == 7
