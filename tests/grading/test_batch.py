"""Batches: every form of handing in, going on after a crash, and what is said without a sandbox."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import handins as h
import pytest
from typer.testing import CliRunner

from coursekit.cli import app
from coursekit.grading import batch, record, task
from coursekit.grading import marks as class_marks
from coursekit.grading.marking import Marked, Marker
from coursekit.grading.record import Record, file_name
from coursekit.grading.rules import Rules
from coursekit.grading.submission import Submission, read_submissions
from coursekit.problem import Problem
from coursekit.reports import Report


def marks(out):
    with open(out / "marks.csv", newline="", encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def put(path, notebook):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))


# --- forms of handing in --------------------------------------------------------------------------


def test_files_folders_and_nbgraders_tree_are_one(tmp_path, release, way):
    folder, name = tmp_path / "submitted", f"{h.LECTURE}.ipynb"
    put(folder / "ada.ipynb", h.solved())
    put(folder / "bob" / name, h.solved())
    put(folder / "cleo" / h.LECTURE / name, h.solved())
    put(folder / "dan" / "any name (1).ipynb", h.stripped(h.solved()))
    put(folder / "eve" / ".ipynb_checkpoints" / name, h.solved())
    (folder / "students.csv").write_text("ada\nbob\n")
    (folder / ".hidden").write_text("")
    batch.grade_folder(folder, tmp_path / "out", 1, release=release)
    rows = marks(tmp_path / "out")
    assert {s: (r["total"], r["status"]) for s, r in rows.items()} == {
        "ada": ("10", "graded"),
        "bob": ("10", "graded"),
        "cleo": ("10", "graded"),
        "dan": ("10", "graded"),
        "eve": ("0", "unreadable"),
    }
    assert "holds no notebook" in rows["eve"]["note"]


def test_of_several_notebooks_of_one_lecture_one_counts(tmp_path, release, way):
    folder, name = tmp_path / "in", f"{h.LECTURE}.ipynb"
    put(folder / "ada" / name, h.solved())
    put(folder / "ada" / f"Copy of {name}", h.untouched())
    batch.grade_folder(folder, tmp_path / "out", 1, release=release)
    row = marks(tmp_path / "out")["ada"]
    assert (row["total"], row["status"]) == ("10", "needs a look")
    assert f"2 notebooks of {h.LECTURE}; graded {name}" in row["note"]


def test_links_and_pipes_are_not_followed(tmp_path, release, way):
    folder = tmp_path / "in"
    put(folder / "ada.ipynb", h.solved())
    os.symlink(folder / "ada.ipynb", folder / "bob.ipynb")
    os.symlink(tmp_path, folder / "cleo")
    os.mkfifo(folder / "dan.ipynb")
    batch.grade_folder(folder, tmp_path / "out", 1, release=release)
    rows = marks(tmp_path / "out")
    assert {student: row["status"] for student, row in rows.items()} == {
        "ada": "graded",
        "bob": "unreadable",
        "cleo": "unreadable",
        "dan": "unreadable",
    }
    assert "is a link" in rows["bob"]["note"]
    assert "is not a file" in rows["dan"]["note"]


def test_modules_beside_a_notebook_shadow_nothing(tmp_path, release, way):
    folder = tmp_path / "in"
    needs_numpy = h.doing_first("same_padding", "import numpy\nassert numpy.arange(3).sum() == 3")
    put(folder / "ada" / f"{h.LECTURE}.ipynb", h.answered(same_padding=needs_numpy))
    for module in ("numpy", "json", "answers", "coursekit"):
        (folder / "ada" / f"{module}.py").write_text("raise SystemExit('shadowed')\n")
    batch.grade_folder(folder, tmp_path / "out", 1, release=release)
    assert marks(tmp_path / "out")["ada"]["total"] == "10"


@pytest.mark.parametrize("missing", ["nowhere", "empty"])
def test_no_submissions_is_one_sentence(tmp_path, missing, way):
    (tmp_path / "empty").mkdir()
    result = CliRunner().invoke(
        app, ["grade", str(tmp_path / missing), "--out", str(tmp_path / "o")]
    )
    assert isinstance(result.exception, Problem)
    assert str(result.exception).count("\n") == 0


# --- going on -------------------------------------------------------------------------------------


def test_a_second_run_grades_only_what_changed(tmp_path, release, way):
    folder, out = tmp_path / "in", tmp_path / "out"
    for student in ("ada", "bob"):
        put(folder / f"{student}.ipynb", h.solved())
    first = {r.student: r for r in batch.grade_folder(folder, out, 1, release=release)}
    put(folder / "bob.ipynb", h.untouched())
    second = {r.student: r for r in batch.grade_folder(folder, out, 1, release=release)}
    assert second["ada"] == first["ada"]
    assert marks(out)["bob"]["total"] == "0"
    assert second["bob"].marks[0].seed == first["bob"].marks[0].seed


def test_the_seed_of_another_machine(tmp_path, release, way, monkeypatch):
    """The same seed gives the same cases; with another one, what was found fits no more."""
    folder = tmp_path / "in"
    put(folder / "ada.ipynb", h.solved())
    how = {"release": release, "executor": h.Here()}
    (there,) = batch.grade_folder(folder, tmp_path / "there", **how, seed=5)
    (here,) = batch.grade_folder(folder, tmp_path / "here", **how, seed=5)
    assert [one.seed for one in there.marks] == [one.seed for one in here.marks]
    run = counting(monkeypatch)
    assert batch.grade_folder(folder, tmp_path / "here", **how) == [here]
    assert run == []
    batch.grade_folder(folder, tmp_path / "here", **how, seed=6)
    assert len(run) == 4


def counting(monkeypatch):
    """The exercises that are really run from now on, by name."""
    run = []
    mark_one = Marker._mark_one
    monkeypatch.setattr(
        Marker,
        "_mark_one",
        lambda self, one, *rest: run.append(one.name) or mark_one(self, one, *rest),
    )
    return run


def test_the_same_cells_are_not_run_twice(grade, monkeypatch, tmp_path):
    run = counting(monkeypatch)
    wrong = h.answered(same_padding=h.with_body("same_padding", "return 1 / 0"))
    found = grade(ada=h.solved(), bob=wrong, cleo=h.solved(), dan=wrong, eve=h.untouched())
    assert sorted(run) == sorted(2 * h.NAMES)  # of ada's and bob's notebooks
    assert found["cleo"].marks == found["ada"].marks
    assert found["dan"].points == found["bob"].points
    assert sum(found["eve"].points.values()) == 0
    assert marks(tmp_path / "out")["dan"]["total"] == "8"


def test_after_a_fix_only_what_it_touches_is_run(grade, monkeypatch):
    loud = h.with_cell("raise ValueError('of my own')", before="output_size", notebook=h.solved())
    before = grade(ada=loud)["ada"]
    run = counting(monkeypatch)
    versions = dict.fromkeys(h.NAMES, "as it was")
    monkeypatch.setattr(task, "exercise_digest", versions.get)
    first = grade(ada=loud)["ada"]
    assert sorted(run) == sorted(h.NAMES)  # every digest is new once
    run.clear()
    versions["same_padding"] = "fixed"
    second = grade(ada=loud)["ada"]
    assert run == ["same_padding"]
    assert first.points == second.points == before.points
    assert second.cells == before.cells != ()


def test_one_student_is_graded_anew_and_everything_shown(grade, monkeypatch, tmp_path, release):
    grade(ada=h.solved(), bob=h.solved())
    run = counting(monkeypatch)
    places = [str(tmp_path / "submissions"), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(batch, "grade_all", lambda tasks, jobs, executor: map(task.grade, tasks))
    options = ["--release", str(release), "--student", "bob", "--verbose"]
    result = CliRunner().invoke(app, ["grade", *places, *options])
    assert result.exit_code == 0, result.output
    assert sorted(run) == sorted(h.NAMES)
    for words in ("bob: graded", "output_size: passed, 3 of 3 points", "seed", "sandbox:"):
        assert words in result.output
    missing = CliRunner().invoke(app, ["grade", *places, "--student", "bop"])
    assert str(missing.exception) == "no submission is bop's; there are bob"


def test_a_record_that_was_cut_off_is_made_again(tmp_path, release, way):
    folder, out = tmp_path / "in", tmp_path / "out"
    put(folder / "ada.ipynb", h.solved())
    batch.grade_folder(folder, out, 1, release=release)
    place = record.record_path(out, "ada")
    place.write_text(place.read_text()[:100])
    batch.grade_folder(folder, out, 1, release=release)
    assert marks(out)["ada"]["total"] == "10"


@pytest.mark.slow
def test_killing_the_grader_loses_nothing(tmp_path, release, way):
    folder, out = tmp_path / "in", tmp_path / "out"
    for student in "abcdef":
        slow = h.with_cell(f"import time\ntime.sleep(0.3)  # {student}", before="output_size")
        put(folder / f"{student}.ipynb", slow)
    program = "from coursekit.cli import main; main()"
    options = ["--out", str(out), "--jobs", "1", "--release", str(release)]
    command = [sys.executable, "-c", program, "grade", str(folder), *options]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while len(list(out.glob("records/*.json"))) < 2:
        time.sleep(0.05)
        assert running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in out.glob("records/*.json")}
    assert 2 <= len(kept) < 6
    for path in out.glob("records/*.json"):
        assert json.loads(path.read_text())["status"] == "graded"
    batch.grade_folder(folder, out, 2, release=release)
    assert {row["total"] for row in marks(out).values()} == {"10"}
    assert len(marks(out)) == 6
    for name, changed in kept.items():
        assert (out / "records" / name).stat().st_mtime_ns == changed


def test_two_graders_at_once_do_not_mix(tmp_path, hand_in, release, way):
    folder = hand_in(ada=h.solved())

    class Second(batch.Listener):
        """Starts another grader while the first one is at work."""

        def progress(self, done, total, student=""):
            with pytest.raises(Problem, match="another grader is at work there"):
                batch.grade_folder(folder, tmp_path / "out", 1, release=release)

    batch.grade_folder(folder, tmp_path / "out", 1, release=release, listener=Second())
    assert marks(tmp_path / "out")["ada"]["total"] == "10"
    batch.grade_folder(folder, tmp_path / "out", 1, release=release)  # the lock is gone


def test_a_failure_of_the_grader_is_tried_again(tmp_path, release, way, grade, monkeypatch):
    def fails(*anything):
        raise RuntimeError("a bug of ours")

    with monkeypatch.context() as patched:
        patched.setattr(task, "_marks", fails)
        assert "a bug of ours" in grade(ada=h.solved())["ada"].note
    folder = tmp_path / "submissions"
    records = batch.grade_folder(folder, tmp_path / "out", 1, release=release)
    assert sum(records[0].points.values()) == 10


# --- without a sandbox ----------------------------------------------------------------------------


@pytest.fixture
def no_bubblewrap(monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.mark.slow
def test_without_bubblewrap_the_marks_are_the_same_and_it_is_said(
    no_bubblewrap, hand_in, tmp_path, release
):
    loop = h.doing_first("receptive_field", "while True:\n    pass")
    bomb = h.doing_first(
        "receptive_field", "held = []\nwhile True:\n    held.append(bytes(1 << 27))"
    )
    hand_in(
        ada=h.solved(),
        bob=h.answered(receptive_field=loop),
        cleo=h.answered(receptive_field=bomb),
        dan=h.with_cell("import os\nos._exit(0)", before="output_size"),
    )
    options = ["--out", str(tmp_path / "out"), "--jobs", "1", "--release", str(release)]
    result = CliRunner().invoke(app, ["grade", str(tmp_path / "submissions"), *options])
    assert result.exit_code == 0, result.output
    assert "NOT SEALED" in result.stderr
    assert "bwrap" in result.stderr
    rows = marks(tmp_path / "out")
    assert [row["total"] for row in rows.values()] == ["10", "7", "7", "10"]
    assert all(class_marks.UNSEALED in row["note"] for row in rows.values())


def test_without_bubblewrap_a_required_sandbox_stops_it(no_bubblewrap, hand_in, tmp_path, release):
    folder = hand_in(ada=h.solved())
    with pytest.raises(Problem, match="no sandbox: bubblewrap"):
        batch.grade_folder(folder, tmp_path / "out", require_sandbox=True, release=release)
    assert not (tmp_path / "out").exists()


def test_a_bubblewrap_that_does_not_work_is_no_sandbox(hand_in, tmp_path, release, monkeypatch):
    (tmp_path / "bin").mkdir()
    broken = tmp_path / "bin" / "bwrap"
    broken.write_text("#!/bin/sh\necho 'no namespaces for you' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:/usr/bin:/bin")
    with pytest.raises(Problem, match="no namespaces for you"):
        batch.grade_folder(hand_in(ada=h.solved()), tmp_path / "o", require_sandbox=True)


# --- what comes out -------------------------------------------------------------------------------


def test_every_record_carries_its_evidence(grade):
    found = grade(ada=h.solved())["ada"]
    assert found.evidence["sealed"] is True
    assert set(found.evidence) >= {"coursekit", "python", "numpy", "sandbox", "sources", "seconds"}
    assert len(found.evidence["sources"][h.LECTURE]["sha256"]) == 64
    assert len({one.seed for one in found.marks}) == 4


def test_gradescope_gets_a_test_an_exercise(grade, tmp_path):
    grade(ada=h.answered(same_padding="same_padding = 3"))
    found = json.loads((tmp_path / "out" / "gradescope" / "ada" / "results.json").read_text())
    assert found["score"] == 8
    assert {one["name"]: (one["score"], one["status"]) for one in found["tests"]} == {
        "output_size": (3, "passed"),
        "uncovered_pixels": (2, "passed"),
        "same_padding": (0, "failed"),
        "receptive_field": (3, "passed"),
    }


def test_a_page_needs_nothing_but_itself(grade, tmp_path):
    wrong = h.with_body("output_size", "return w_in // stride")
    grade(ada=h.answered(output_size=wrong))
    page = (tmp_path / "out" / "feedback" / "ada.html").read_text(encoding="utf-8")
    assert 'lang="en"' in page
    assert "<svg" in page
    for outside in ("<script", "<link", "src=", "@import", "url("):
        assert outside not in page


def test_what_the_code_printed_is_in_the_feedback(grade, tmp_path):
    talks = "print('<i>', kernel_size)\nreturn w_in // stride"
    found = grade(ada=h.answered(output_size=h.with_body("output_size", talks)))["ada"]
    report = next(one.report for one in found.marks if one.report.exercise == "output_size")
    assert report.printed.text == "<i> 2"
    page = (tmp_path / "out" / "feedback" / "ada.html").read_text(encoding="utf-8")
    assert "Your code printed" in page
    assert "&lt;i&gt; 2" in page
    results = json.loads((tmp_path / "out" / "gradescope" / "ada" / "results.json").read_text())
    assert "| <i> 2" in results["tests"][0]["output"]
    assert record.read_record(tmp_path / "out", "ada") == found


def test_names_of_students_break_nothing(tmp_path, release, way):
    folder, out = tmp_path / "in", tmp_path / "out"
    names = ["=cmd|'/c calc'!A1", "Ådá Lövelace", "a<b>&c", "x" * 200, "-1"]
    for name in names:
        (folder / name).mkdir(parents=True)
    put(folder / names[1] / f"{h.LECTURE}.ipynb", h.untouched())
    batch.grade_folder(folder, out, 1, release=release)
    rows = marks(out)
    assert len(rows) == 5
    assert not any(student.startswith(("=", "-")) for student in rows)
    assert len(list((out / "feedback").iterdir())) == 5
    page = out / "feedback" / f"{file_name('a<b>&c')}.html"
    assert "a&lt;b&gt;&amp;c" in page.read_text(encoding="utf-8")


def test_out_that_cannot_be_written_is_one_sentence(tmp_path, release, way, hand_in):
    folder = hand_in(ada=h.untouched())
    (tmp_path / "out").write_text("a file, not a folder")
    with pytest.raises(Problem, match="could not be written"):
        batch.grade_folder(folder, tmp_path / "out", 1, release=release)


# Makes its first argument a mount that cannot be written, as a share that fell to read-only.
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'


def test_out_on_a_read_only_mount_is_one_sentence_and_loses_nothing(tmp_path, hand_in, release):
    folder, out = hand_in(ada=h.untouched()), tmp_path / "out"
    command = [sys.executable, "-c", "from coursekit.cli import main; main()", "grade", str(folder)]
    command += ["--out", str(out), "--release", str(release), "--jobs", "1", "--yes"]
    assert not subprocess.run(command, capture_output=True).returncode
    before = {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    hand_in(ada=h.solved())
    alone = ["unshare", "--mount", *["--map-root-user"][: bool(os.getuid())], "sh", "-c", READ_ONLY]
    done = subprocess.run([*alone, "sh", str(out), *command], capture_output=True, text=True)
    if done.stderr.startswith(("unshare:", "mount:")):
        pytest.skip(f"this machine lets nobody mount: {done.stderr.strip()}")
    said = done.stdout + done.stderr
    assert "could not be written (Read-only file system)" in " ".join(said.split())
    assert done.returncode and "Traceback" not in said
    assert before == {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    assert not subprocess.run(command, capture_output=True).returncode
    assert marks(out)["ada"]["total"] == "10"


class Deadly(Submission):
    """A submission that ends the grader's process as soon as that one looks at it."""

    def __reduce__(self):
        return os._exit, (1,)


def test_a_process_that_dies_costs_only_its_own_submission(
    tmp_path, release, way, hand_in, monkeypatch
):
    folder = hand_in(ada=h.solved(), bob=h.with_cell("'bob'"), cleo=h.solved())
    ada, bob, cleo = read_submissions(folder)
    deadly = Deadly(bob.student, bob.notebooks)
    monkeypatch.setattr(batch, "read_submissions", lambda folder: [ada, deadly, cleo])
    batch.grade_folder(folder, tmp_path / "out", 1, release=release)
    rows = marks(tmp_path / "out")
    assert [row["total"] for row in rows.values()] == ["10", "0", "10"]
    assert rows["bob"]["status"] == "needs a look"
    assert "ended the grader's own process" in rows["bob"]["note"]


def test_a_lecture_that_somebody_left_out_counts_as_nothing(tmp_path):
    start = Marked(Report("count_numbers", "passed", 1, 1, ""))
    sizes = Marked(Report("same_padding", "passed", 2, 2, ""))
    sealed = {"sealed": True}
    both = Record("ada", "", "graded", marks=(start, sizes), evidence=sealed)
    one = Record("bob", "", "graded", marks=(sizes,), evidence=sealed)
    class_marks.write_marks(tmp_path, class_marks.rows([one, both], Rules()))
    rows = marks(tmp_path)
    assert {student: (row["total"], row["max"]) for student, row in rows.items()} == {
        "ada": ("3", "11"),
        "bob": ("2", "11"),
    }
    assert rows["bob"]["note"] == "no notebook of 00_start_here"
