"""nbgrader's gradebook receives the marks: points, weights, penalties; twice is once."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

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
    with pytest.raises(Problem, match=r"psycopg is missing|Connection refused|connection failed"):
        write("postgresql://nobody:secret@127.0.0.1:1/none", [record("ada")])


def test_a_password_is_never_shown(tmp_path):
    for address in ("postgresql://ada:secret@127.0.0.1:1/none", "unheardof://ada:secret@host/x"):
        with pytest.raises(Problem) as problem:
            write(address, [record("ada")])
        assert "secret" not in str(problem.value)
        assert "ada:…@" in str(problem.value)


# --- PostgreSQL -----------------------------------------------------------------------------------


def programs():
    """The folder of PostgreSQL's programs, or None."""
    found = shutil.which("initdb")
    places = [Path(found).resolve()] if found else Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((place.parent for place in places), default=None)


@pytest.fixture(scope="module")
def server():
    """The address of a fresh PostgreSQL database; its server refuses to run as root."""
    pytest.importorskip("psycopg", reason="pip install 'coursekit[postgresql]' to try PostgreSQL")
    if not programs():
        pytest.skip("apt-get install postgresql to try PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="coursekit-postgresql-"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    as_user = {}
    if os.getuid() == 0:
        os.chown(folder, 65534, 65534)
        as_user = {"user": 65534, "group": 65534, "extra_groups": []}

    def run(program, *options):
        command = [programs() / program, *options]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, **as_user)

    run("initdb", "-D", folder / "data", "-A", "trust", "-U", "grader", "--no-sync")
    run("pg_ctl", "-D", folder / "data", "-o", settings, "-l", folder / "log", "-w", "start")
    try:
        yield f"postgresql://grader@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_into_postgresql_and_again(server):
    def found():
        with Gradebook(server.replace("://", "+psycopg://")) as book:
            several = book.assignment_submissions(LECTURE)
            return {one.student.id: (one.score, one.max_score) for one in several}

    assert write(server, [record("ada"), record("bob", share=0.5)]) == 2
    assert found() == {"ada": (10, 10), "bob": (5, 10)}
    assert write(server, [record("bob", share=0.75)]) == 1
    assert found() == {"ada": (10, 10), "bob": (7.5, 10)}
