"""What students call themselves and their files harms neither the grader nor a page."""

import csv
import io
import json
import os
import time

import handins as h
import pytest
from rich.console import Console
from typer.testing import CliRunner

from coursekit.cli import app
from coursekit.grading import batch, summary
from coursekit.grading.marks import Change
from coursekit.grading.notebooks import Cell, Notebook
from coursekit.grading.progress import Terminal
from coursekit.grading.record import file_name
from coursekit.grading.submission import Submission, read_submissions
from coursekit.problem import Problem

NAME = f"{h.LECTURE}.ipynb"
ODD = [
    "[/b]",  # markup of the terminal's progress bar, and none that closes
    "[link=file:///etc]x",
    "a\x1b[2J\x1b]0;owned\x07",
    "<script>alert(1)</script>".replace("/", "∕"),
    "%2e%2e%2f..%2fetc",
    "=cmd|'!A1",
    "\u202egnp.exe",
    "x" * 255,
    "ada",
    "аda",  # with a Cyrillic а
    "CON",
    "e\u0301mile",
    "émile",
]


@pytest.fixture(scope="module")
def graded(tmp_path_factory, release, way):
    folder = tmp_path_factory.mktemp("names")
    for student in [*ODD, *map(file_name, ODD)]:
        (folder / "in" / student).mkdir(parents=True, exist_ok=True)
        (folder / "in" / student / NAME).write_text(json.dumps(h.untouched()))
    os.mkdir(os.fsencode(folder / "in") + b"/\xff\xfe")
    os.symlink("/etc/passwd", os.fsencode(folder / "in" / "ada") + b"/\xff\x1b[31m.ipynb")
    places = ["grade", str(folder / "in"), "--out", str(folder / "out")]
    result = CliRunner().invoke(app, [*places, "--release", str(release), "--jobs", "1"])
    assert result.exit_code == 0, result.exception
    return folder, result


def rows(folder):
    with open(folder / "out" / "marks.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_name_is_a_row_and_a_page_of_its_own(graded):
    folder, _ = graded
    people = len(list((folder / "in").iterdir()))
    found = rows(folder)
    assert len({row["student"] for row in found}) == len(found) == people
    assert len(list((folder / "out" / "feedback").iterdir())) == people
    assert len(list((folder / "out" / "records").glob("*.json"))) == people


def test_nothing_of_a_name_acts(graded):
    folder, result = graded
    for row in rows(folder):
        assert not row["student"].startswith(("=", "+", "-", "@"))
    pages = [p.read_text(encoding="utf-8") for p in (folder / "out").rglob("*.html")]
    told = [result.output, (folder / "out" / "marks.csv").read_text(encoding="utf-8"), *pages]
    assert all("\x1b" not in text for text in told)
    assert all("<script" not in page for page in pages)
    assert sorted(path.name for path in folder.iterdir()) == ["in", "out"]


def test_a_link_with_an_impossible_name_is_told_of(graded):
    folder, _ = graded
    (ada,) = (row for row in rows(folder) if row["student"] == "ada")
    assert "is a link; hand in the notebook itself" in ada["note"]


def test_a_terminal_shows_names_as_they_are():
    terminal = Terminal()
    terminal.console = terminal.bar.live.console = Console(file=io.StringIO(), width=100)
    with terminal:
        terminal.progress(1, 2, "[/b] mallory")
        terminal.bar.refresh()
        terminal.warn("a folder called [/x]")
        assert terminal.replaces([Change("[/i]mallory", "total", "1", "2")])
    shown = terminal.console.file.getvalue()
    for words in ("a folder called [/x]", "[/i]mallory"):
        assert words in shown


def test_names_with_dots_are_names(tmp_path):
    for name in ("j.doe.ipynb", "j.smith.ipynb", "ada.ipynb.txt", "J. R. Moe.IPYNB"):
        (tmp_path / name).write_text(json.dumps(h.untouched()))
    (tmp_path / "dr.md").mkdir()
    (tmp_path / "notes.md").write_text("")
    students = [one.student for one in read_submissions(tmp_path)]
    assert students == ["J. R. Moe", "ada", "dr.md", "j.doe", "j.smith"]


@pytest.mark.parametrize(
    "cell", ["\n" * 190_000, '"""x\n' * 45_000, "'''\n" * 45_000, "#" * 190_000, '"""' * 60_000]
)
def test_no_answer_takes_long_to_show(cell):
    source = f"{cell}\ndef output_size(w_in): return w_in\n"
    notebook = Notebook(None, "", h.LECTURE, (Cell(1, source),))
    before = time.perf_counter()
    shown = summary._source("output_size", Submission("ada", {h.LECTURE: notebook}))
    assert time.perf_counter() - before < 20
    assert len(shown) < 4_000


# --- places ---------------------------------------------------------------------------------------


def test_out_within_the_submissions_is_refused(hand_in, tmp_path, release):
    folder = hand_in(ada=h.solved())
    for out in (folder, folder / "out", folder / "deep" / "out"):
        with pytest.raises(Problem, match="lies in the submissions' folder"):
            batch.grade_folder(folder, out, release=release, executor=h.Here())
    assert [path.name for path in folder.iterdir()] == ["ada.ipynb"]


def test_submissions_within_out_are_left_alone(hand_in, tmp_path, release, way):
    folder = hand_in(ada=h.untouched())
    mine = folder / ".ada.ipynb.part"  # somebody's download
    mine.write_text("x")
    batch.grade_folder(folder, tmp_path, release=release, executor=h.Here())
    assert mine.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["nowhere", "--out", "out"], "nowhere: found no folder"),
        (["empty", "--out", "out"], "empty: found no submissions"),
        (["file", "--out", "out"], "file: it cannot be unpacked (File is not a zip file)"),
        (["in", "--out", "file"], "file: could not be written"),
        (["in", "--out", "in/out"], "in/out: lies in the submissions' folder"),
        (["in", "--out", "out", "--rules", "file"], "file: is not TOML"),
        (["in", "--out", "out", "--rules", "nowhere"], "nowhere: cannot be read (No such file"),
        (["in", "--out", "out", "--student", "adam"], "no submission is adam's; there are ada"),
        (["in", "--out", "out", "--release", "empty"], "empty: holds no notebooks"),
        (["in", "--out", "out", "--verbose"], "name one with --student"),
        (["in", "--out", "out", "--sheet", "file"], "file: say which column"),
        (["in", "--out", "out", "--scheduler", "x"], "x: no Dask scheduler answers there"),
    ],
)
def test_what_cannot_be_graded_is_one_sentence(tmp_path, monkeypatch, way, options, sentence):
    monkeypatch.chdir(tmp_path)
    for folder in ("in", "empty"):
        (tmp_path / folder).mkdir()
    (tmp_path / "in" / "ada.ipynb").write_text(json.dumps(h.untouched()))
    (tmp_path / "file").write_text("not what it should be\n")
    result = CliRunner().invoke(app, ["grade", *options])
    assert isinstance(result.exception, Problem)
    assert sentence in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not (tmp_path / "out" / "marks.csv").exists()


def test_rules_for_nobody_are_told_of(hand_in, tmp_path, release, way):
    folder = hand_in(ada=h.untouched())
    (tmp_path / "rules.toml").write_text("[student.adda]\nnote = 'an extension'\n")
    options = ["--out", str(tmp_path / "out"), "--rules", str(tmp_path / "rules.toml")]
    result = CliRunner().invoke(app, ["grade", str(folder), *options, "--release", str(release)])
    assert result.exit_code == 0, result.output
    assert "no submission is adda's; there are ada" in " ".join(result.stderr.split())
