"""What a class decides: weights, late penalties, overrides; a slip in them is a sentence."""

import json
import re
import zipfile

import handins as h
import pytest
from typer.testing import CliRunner

from coursekit.cli import app
from coursekit.grading import marks
from coursekit.grading.marking import Marked
from coursekit.grading.record import Record
from coursekit.grading.rules import Rules, read_rules
from coursekit.problem import Problem
from coursekit.reports import Report

RULES = """
[weights]
output_size = 6
same_padding = 0

[late]
deadline = 2026-11-20T12:00:00Z
grace_minutes = 30
per_day = 0.25
most = 0.5

[student.ada]
deadline = 2026-11-22T12:00:00Z
points = { receptive_field = 1.5 }
note = "explained it in the office hour"
"""


def rules_of(tmp_path, text):
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    return read_rules(tmp_path / "rules.toml")


def record(student="bob", handed_in="2026-11-20T12:00:00+00:00", share=1.0):
    reports = [Report(name, "partly", most * share, most, "") for name, most in h.POINTS.items()]
    evidence = {"sealed": True, "handed_in": handed_in}
    return Record(student, "", "graded", marks=tuple(map(Marked, reports)), evidence=evidence)


def row(tmp_path, *args, **kwargs):
    return marks.rows([record(*args, **kwargs)], rules_of(tmp_path, RULES))[0]


def test_weights_scale_what_was_earned(tmp_path):
    half = row(tmp_path, share=0.5)
    assert half.points == {
        "output_size": 3, "uncovered_pixels": 1, "same_padding": 0, "receptive_field": 1.5,
    }  # fmt: skip
    assert (half.total, half.most) == (5.5, 11)


@pytest.mark.parametrize(
    ("handed_in", "share"),
    [
        ("2026-11-20T11:59:59+00:00", 0),
        ("2026-11-20T12:30:00+00:00", 0),  # within the grace
        ("2026-11-20T13:30:00+01:00", 0),  # the same moment in another zone
        ("2026-11-20T12:30:01+00:00", 0.25),
        ("2026-11-21T12:30:00+00:00", 0.25),
        ("2026-11-21T12:30:01+00:00", 0.5),
        ("2027-01-01T00:00:00+00:00", 0.5),  # never more than the most
    ],
)
def test_each_day_begun_costs(tmp_path, handed_in, share):
    late = row(tmp_path, handed_in=handed_in)
    assert late.penalty == share
    assert late.total == pytest.approx(11 * (1 - share))
    assert ("late by" in late.note) == (share > 0)


def test_what_holds_for_one_student(tmp_path):
    ada = row(tmp_path, "ada", "2026-11-22T12:00:00+00:00")
    assert ada.points["receptive_field"] == 1.5
    assert (ada.penalty, ada.total) == (0, 9.5)
    assert ada.note == "explained it in the office hour"


def test_without_a_time_there_is_no_penalty_but_a_note(tmp_path):
    unknown = row(tmp_path, handed_in=None)
    assert (unknown.penalty, unknown.note) == (0, "no time of handing in is known")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("weights = 3", "weights is 3; expected a table, [weights]"),
        ("[weigths]", "the file names 'weigths'; did you mean weights?"),
        ("[weights]\noutputsize = 1", "[weights] names 'outputsize'; did you mean output_size?"),
        ("[weights]\noutput_size = -1", "output_size is -1; expected a number from 0 to 10,000"),
        ("[weights]\noutput_size = true", "output_size is True; expected a number"),
        ("[weights]\noutput_size = nan", "output_size is nan; expected a number"),
        ("[late]\nper_day = 0.1", "[late] has no deadline; write deadline = "),
        ("[late]\ndeadline = 2026-11-20T12:00:00", "expected a time with its zone, such as"),
        ("[late]\ndeadline = 2026-11-20", "[late] deadline is 2026-11-20; expected a time"),
        ("[late]\ndeadline = 2026-11-20T12:00:00Z\nper_day = 10", "per_day is 10; expected a n"),
        ("[student.ada]\ndeadline = 2026-11-20T12:00:00Z", "the file has no [late] table"),
        ("[student.ada]\npoint = 3", "[student.ada] names 'point'; did you mean points?"),
        ("[student.ada]\nnote = 3", "[student.ada] note is 3; expected text in quotes"),
        ("[student]\nada = 3", "[student.ada] is 3; expected a table"),
        ("[weights", "is not TOML"),
    ],
)
def test_a_slip_is_one_sentence(tmp_path, text, sentence):
    with pytest.raises(Problem, match=re.escape(sentence)) as problem:
        rules_of(tmp_path, text)
    assert str(problem.value).startswith(str(tmp_path / "rules.toml"))
    assert "\n" not in str(problem.value)


def test_no_file_is_a_sentence(tmp_path):
    with pytest.raises(Problem, match="cannot be read"):
        read_rules(tmp_path / "none.toml")


def test_without_rules_points_are_the_courses_own():
    (plain,) = marks.rows([record()], Rules())
    assert (plain.points, plain.total, plain.most) == (h.POINTS, 10, 10)


# --- the whole way: from a late zip file to the marks, and what changed ---------------------------


def grade(tmp_path, release, *options):
    places = [str(tmp_path / "in.zip"), "--out", str(tmp_path / "out"), "--release", str(release)]
    return CliRunner().invoke(app, ["grade", *places, "--jobs", "1", *options])


def test_from_a_late_download_to_marks_and_feedback(tmp_path, release, way):
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as file:
        member = zipfile.ZipInfo(f"Ada L_7_assignsubmission_file/{h.LECTURE}.ipynb")
        member.date_time = (2026, 11, 25, 12, 0, 0)
        file.writestr(member, json.dumps(h.solved()))
    (tmp_path / "rules.toml").write_text(RULES)
    assert grade(tmp_path, release).exit_code == 0
    plain = (tmp_path / "out" / "marks.csv").read_text()
    assert "Ada L_7,3,2,2,3,10,10,graded,\n" in plain

    result = grade(tmp_path, release, "--rules", str(tmp_path / "rules.toml"))
    assert result.exit_code == 0, result.output
    assert "Marks that differ from the earlier run" in result.stderr
    assert re.search(r"Ada L_7\s+total\s+10\s+5\.5", result.stderr)
    assert (tmp_path / "out" / "marks.before.csv").read_text() == plain
    now = (tmp_path / "out" / "marks.csv").read_text()
    assert "Ada L_7,6,0,2,3,5.5,11,graded,late by 5 days (-50%)" in now
    (page,) = (tmp_path / "out" / "feedback").glob("*.html")
    words = page.read_text(encoding="utf-8")
    assert "5.5 of 11 points: 11 earned, less 50% for handing in late" in words
    assert "<td>6 of 6</td>" in words
    (results,) = (tmp_path / "out" / "gradescope").glob("*/results.json")
    assert json.loads(results.read_text())["score"] == 5.5


@pytest.mark.slow
def test_a_sheet_and_a_gradebook_are_filled_in(tmp_path, release, way):
    from nbgrader.api import Gradebook

    with zipfile.ZipFile(tmp_path / "in.zip", "w") as file:
        file.writestr(f"Ada L_7_assignsubmission_file/{h.LECTURE}.ipynb", json.dumps(h.solved()))
    sheet, book = tmp_path / "sheet.csv", tmp_path / "g.db"
    sheet.write_text("Identifier,Grade,Maximum Grade\nParticipant 7,,5\n")
    bad = grade(tmp_path, release, "--sheet", str(tmp_path / "none.csv"))
    assert "cannot be read" in str(bad.exception)
    bad = grade(tmp_path, release, "--gradebook", str(tmp_path / "none" / "g.db"))
    assert "gradebook could not be written" in str(bad.exception)
    assert not (tmp_path / "out").exists()  # said before anything was graded
    result = grade(tmp_path, release, "--sheet", str(sheet), "--gradebook", str(book))
    assert result.exit_code == 0, result.output
    filled = (tmp_path / "out" / "filled-sheet.csv").read_text()
    assert filled == "Identifier,Grade,Maximum Grade\nParticipant 7,5,5\n"
    with Gradebook(f"sqlite:///{book}") as found:
        assert [one.score for one in found.assignment_submissions(h.LECTURE)] == [10]


def test_who_says_no_keeps_the_earlier_marks(tmp_path):
    marks.write_marks(tmp_path, marks.rows([record(share=0.5)], Rules()))
    before = (tmp_path / "marks.csv").read_bytes()
    changes = marks.changes(tmp_path, marks.rows([record(), record("eve")], Rules()))
    assert ("bob", "total", "5", "10") in changes
    assert ("eve", "total", "", "10") in changes
    assert (tmp_path / "marks.csv").read_bytes() == before


def test_an_unreadable_earlier_file_is_a_sentence(tmp_path):
    (tmp_path / "marks.csv").write_text("something else\n1,2\n")
    with pytest.raises(Problem, match="move it away and grade again"):
        marks.changes(tmp_path, marks.rows([record()], Rules()))
