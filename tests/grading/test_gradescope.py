"""The autograder that is uploaded to Gradescope, and a run of it as Gradescope does one."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import handins as h
import pytest
from typer.testing import CliRunner

from coursekit.cli import app
from coursekit.grading.gradescope import run, write_autograder
from coursekit.problem import Problem

ROOT = Path(__file__).parents[2]


@pytest.fixture
def unpacked(tmp_path):
    """The zip as Gradescope unpacks it."""
    target = tmp_path / "autograder.zip"
    result = CliRunner().invoke(
        app, ["gradescope", h.LECTURE, "--root", str(ROOT), "--out", str(target)]
    )
    assert result.exit_code == 0, result.output
    place = tmp_path / "autograder"
    with zipfile.ZipFile(target) as zipped:
        zipped.extractall(place / "source")
        modes = {one.filename: one.external_attr >> 16 for one in zipped.infolist()}
    assert modes["run_autograder"] & 0o111 and modes["setup.sh"] & 0o111
    (place / "submission").mkdir()
    return place


def results(place):
    return json.loads((place / "results" / "results.json").read_text())


def test_a_submission_is_graded_with_what_is_in_the_zip(unpacked, way):
    wrong = h.answered(same_padding="same_padding = 3")
    (unpacked / "submission" / "homework (2).ipynb").write_text(json.dumps(wrong))
    program = f"from coursekit.grading.gradescope import Path, run; run(Path({str(unpacked)!r}))"
    environment = os.environ | {"PYTHONPATH": str(unpacked / "source")}
    told = subprocess.run(
        [sys.executable, "-c", f"import coursekit; print(coursekit.__file__); {program}"],
        env=environment, cwd=unpacked, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.startswith(str(unpacked / "source" / "coursekit"))
    found = results(unpacked)
    assert found["score"] == 8
    assert {one["name"]: one["score"] for one in found["tests"]}["same_padding"] == 0


def test_nothing_handed_in_is_a_sentence(unpacked):
    run(unpacked)
    assert results(unpacked)["score"] == 0
    assert "holds no notebook" in results(unpacked)["output"]


def test_weights_are_taken_along(tmp_path, unpacked, way):
    (unpacked / "source" / "rules.toml").write_text("[weights]\noutput_size = 6\n")
    (unpacked / "submission" / "a.ipynb").write_text(json.dumps(h.solved()))
    run(unpacked)
    assert results(unpacked)["score"] == 13


def test_the_same_course_gives_the_same_zip(tmp_path):
    for name in ("one.zip", "two.zip"):
        write_autograder(tmp_path / name, ROOT, h.LECTURE)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_scripts_are_sound(unpacked):
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["sh", "-n", str(unpacked / "source" / name)], check=True)


def test_what_cannot_be_made_is_a_sentence(tmp_path):
    with pytest.raises(Problem, match="no lecture is called 99; there are 00_start_here"):
        write_autograder(tmp_path / "a.zip", ROOT, "99")
    with pytest.raises(Problem, match="run `coursekit build"):
        write_autograder(tmp_path / "a.zip", tmp_path, h.LECTURE)
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="could not be written"):
        write_autograder(tmp_path / "file" / "a.zip", ROOT, h.LECTURE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
