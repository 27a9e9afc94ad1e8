"""Grade sheets of Moodle and Canvas: filled in by the surest name, and nothing else changed."""

import csv
import re

import pytest

from coursekit.grading.grade_sheet import fill_in
from coursekit.grading.marks import Row
from coursekit.problem import Problem

MOODLE = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,Feedback comments\n"
    'Participant 11,"Lovelace, Ada",ada@school.org,Submitted,,20.00,\n'
    "Participant 12,Émilie du Châtelet,emilie@school.org,Submitted,,20.00,well done\n"
    "Participant 13,Bob,bob@school.org,No submission,3.00,20.00,\n"
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Stride (991),Final Score\n"
    "    Points Possible,,,,,5,(read only)\n"
    '"Lovelace, Ada",1234,s-1,ada,A,,\n'
    '"Noether, Emmy",77,s-2,emmy,A,2,\n'
)


def row(student, total, most=10.0):
    return Row(student, {"output_size": total}, total, most, "graded", "")


def filled(tmp_path, text, rows, column=None):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(text, encoding="utf-8")
    missing = fill_in(sheet, rows, tmp_path / "out.csv", column)
    return (tmp_path / "out.csv").read_text(encoding="utf-8"), missing


def test_moodles_sheet_keeps_all_but_the_grades(tmp_path):
    rows = [row("Lovelace Ada_11", 7.5), row("Émilie_du Châtelet_12", 10), row("ghost_99", 1)]
    text, missing = filled(tmp_path, MOODLE, rows)
    assert missing == ["ghost_99"]
    assert text == MOODLE.replace("Submitted,,20.00,\n", "Submitted,15,20.00,\n").replace(
        "Submitted,,20.00,w", "Submitted,20,20.00,w"
    )


def test_canvass_gradebook_by_number_and_by_login(tmp_path):
    rows = [row("lovelaceada_1234", 10), row("emmy", 5)]
    text, missing = filled(tmp_path, CANVAS, rows, "Stride")
    assert missing == []
    assert [line["Stride (991)"] for line in csv.DictReader(text.splitlines())] == ["5", "5", "2.5"]
    assert filled(tmp_path, CANVAS, rows, "Stride (991)")[0] == text


def test_semicolons_and_email_addresses(tmp_path):
    text = "Email address;Maximum Grade;Grade\nada@school.org;12,5;\n"
    filled_in, missing = filled(tmp_path, text, [row("Ada@school.org", 5)])
    assert missing == []
    assert filled_in == text.replace("12,5;\n", "12,5;6.25\n")


def test_a_name_of_two_people_names_nobody(tmp_path):
    text = "Username,Full name,Grade\nbob1,Bob,\nbob2,Bob,\n"
    filled_in, missing = filled(tmp_path, text, [row("Bob", 5), row("bob2", 7)])
    assert missing == ["Bob"]
    assert filled_in == text.replace("bob2,Bob,", "bob2,Bob,7")


@pytest.mark.parametrize(
    ("text", "column", "sentence"),
    [
        (CANVAS, None, "say which column gets the marks, with --column; it has Section, Stride"),
        (CANVAS, "Strid", "no column is called 'Strid'; it has"),
        ("Student,x,x\nada,1,2\n", "x", "more than one column is called 'x'"),
        ("a,Grade\n1,2\n", None, "has no column that names students"),
        ("", None, "is empty"),
    ],
)
def test_a_sheet_that_does_not_fit_is_a_sentence(tmp_path, text, column, sentence):
    with pytest.raises(Problem, match=re.escape(sentence)):
        filled(tmp_path, text, [row("ada", 1)], column)
    assert not (tmp_path / "out.csv").exists()


def test_no_sheet_is_a_sentence(tmp_path):
    with pytest.raises(Problem, match="cannot be read"):
        fill_in(tmp_path / "none.csv", [], tmp_path / "out.csv")
    (tmp_path / "latin.csv").write_bytes("Full name,Grade\nÉmilie,\n".encode("latin-1"))
    with pytest.raises(Problem, match="is not UTF-8 text"):
        fill_in(tmp_path / "latin.csv", [], tmp_path / "out.csv")
