"""nbgrader's gradebook receives the marks: points, weights, penalties; twice is once."""

import pytest
from nbgrader.api import Gradebook
from test_rules import RULES, record, rules_of

from coursekit.grading import marks
from coursekit.grading.gradebook import write_gradebook
from coursekit.grading.rules import Rules
from coursekit.problem import Problem

pytestmark = pytest.mark.slow

LECTURE = "05_stride_and_padding"


def submissions(place):
    with Gradebook(f"sqlite:///{place}") as book:
        return {
            one.student.id: (one.score, one.max_score, one.late_submission_penalty)
            for one in book.assignment_submissions(LECTURE)
        }


def write(place, records, rules=None):
    return write_gradebook(str(place), records, marks.rows(records, rules or Rules()))


def test_points_by_exercise_and_again(tmp_path):
    place = tmp_path / "gradebook.db"
    assert write(place, [record("ada"), record("bob", share=0.5)]) == 2
    assert submissions(place) == {"ada": (10, 10, 0), "bob": (5, 10, 0)}
    assert write(place, [record("bob", share=0.75)]) == 1
    assert submissions(place) == {"ada": (10, 10, 0), "bob": (7.5, 10, 0)}
    with Gradebook(f"sqlite:///{place}") as book:
        grade = book.find_grade("check-output_size", LECTURE, LECTURE, "ada")
        assert (grade.auto_score, grade.max_score) == (3, 3)


def test_an_environment_that_is_not_activated(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")  # nbgrader calls alembic by its name alone
    write(tmp_path / "g.db", [record("ada")])
    assert submissions(tmp_path / "g.db") == {"ada": (10, 10, 0)}


def test_weights_and_lateness(tmp_path):
    late = record("eve", "2026-11-21T12:00:00+00:00")
    write(tmp_path / "g.db", [late], rules_of(tmp_path, RULES))
    assert submissions(tmp_path / "g.db") == {"eve": (11, 11, 2.75)}


def test_what_an_instructor_entered_stays(tmp_path):
    place = tmp_path / "g.db"
    write(place, [record("ada", share=0.5)])
    with Gradebook(f"sqlite:///{place}") as book:
        book.find_grade("check-output_size", LECTURE, LECTURE, "ada").manual_score = 3
        book.db.commit()
    write(place, [record("ada", share=0.5)])
    assert submissions(place)["ada"][0] == 5 - 1.5 + 3


def test_no_database_is_a_sentence(tmp_path):
    with pytest.raises(Problem, match="gradebook could not be written"):
        write(tmp_path / "none" / "g.db", [record("ada")])
    with pytest.raises(Problem, match=r"install \w+, which this database needs"):
        write("postgresql://nobody@127.0.0.1:1/none", [record("ada")])
