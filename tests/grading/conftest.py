"""Fixtures of the grader's tests: the released lecture, and a sandbox that is looked for once."""

import json

import handins
import pytest

from coursekit.grading import batch
from coursekit.grading.probe import best_way


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    (folder / f"{handins.LECTURE}.ipynb").write_text(json.dumps(handins.untouched()))
    return folder


@pytest.fixture(scope="session")
def way():
    found, why = best_way()
    assert found.sealed, f"these tests need bubblewrap: {why}"
    return found


@pytest.fixture
def hand_in(tmp_path):
    """Write submissions, student to notebook or raw bytes, one file each."""
    folder = tmp_path / "submissions"
    folder.mkdir()

    def write(**notebooks):
        for student, notebook in notebooks.items():
            data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
            (folder / f"{student}.ipynb").write_bytes(data)
        return folder

    return write


@pytest.fixture
def grade(hand_in, tmp_path, release):
    """Grade submissions in this process, and return the records by student."""

    def graded(**notebooks):
        folder = hand_in(**notebooks)
        out = tmp_path / "out"
        records = batch.grade_folder(folder, out, release=release, executor=handins.Here())
        return {record.student: record for record in records}

    return graded
