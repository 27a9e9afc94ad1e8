"""Grading on the workers of a Dask scheduler gives the marks of this machine's own processes."""

import handins as h
import pytest
from typer.testing import CliRunner

from coursekit.cli import app
from coursekit.grading import batch, pool
from coursekit.problem import Problem

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address():
    from distributed import LocalCluster

    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**settings, host="127.0.0.1", processes=True) as cluster:
        yield cluster.scheduler_address


def test_the_same_marks_on_a_cluster(address, hand_in, tmp_path, release, way, monkeypatch):
    wrong = h.with_body("output_size", "return w_in // stride")
    folder = hand_in(
        ada=h.solved(), bob=h.untouched(), cleo=h.answered(output_size=wrong), dan={"cells": 3}
    )
    options = ["--out", str(tmp_path / "cluster"), "--release", str(release), "--seed", "7"]
    with monkeypatch.context() as patch:
        patch.delattr(pool, "_processes")  # nothing is graded by processes of this machine's own
        result = CliRunner().invoke(app, ["grade", str(folder), *options, "--scheduler", address])
    assert result.exit_code == 0, result.output
    batch.grade_folder(folder, tmp_path / "alone", 1, release=release, seed=7)
    marks = (tmp_path / "cluster" / "marks.csv").read_text()
    assert marks == (tmp_path / "alone" / "marks.csv").read_text()
    assert len(marks.splitlines()) == 5


def test_nobody_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr(pool, "ANSWERS_WITHIN", 1)
    with (
        pytest.raises(Problem, match=r"tcp://127\.0\.0\.1:1: no Dask scheduler answers there"),
        pool.cluster("tcp://127.0.0.1:1"),
    ):
        raise AssertionError


def test_an_address_that_is_none_is_a_sentence():
    with pytest.raises(Problem, match="no Dask scheduler answers there"), pool.cluster("nowhere:x"):
        raise AssertionError
