"""The grader is killed, or the disk is full, at every step of its writing; nothing is lost."""

import contextlib
import errno
import os
import signal

import handins as h
import psutil
import pytest

from coursekit import files
from coursekit.grading import batch, task
from coursekit.grading.sealed import Run
from coursekit.problem import Problem

pytestmark = pytest.mark.slow

WRONG = h.with_body("same_padding", "return 7, 7")
CLASS = {"ada": h.answered(same_padding=WRONG), "bob": {"cells": 3}}


class Countdown:
    """Stands for os.replace, which makes every file; at one call of it, something happens."""

    def __init__(self, step, happens, afterwards=False):
        self.left, self.happens, self.afterwards = step, happens, afterwards
        self.replace = os.replace

    def __call__(self, source, target):
        self.left -= 1
        if self.left == 0 and not self.afterwards:
            self.happens()
        self.replace(source, target)
        if self.left == 0:
            self.happens()


def graded(folder, out, release):
    batch.grade_folder(folder, out, release=release, executor=h.Here(), seed=1)


def products(out):
    """What was handed out, but for the times it took."""
    kept = ("marks.csv", "summary.html", "feedback", "gradescope")
    return {
        str(path.relative_to(out)): path.read_text(encoding="utf-8")
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.relative_to(out).parts[0] in kept
    }


@pytest.fixture
def undisturbed(tmp_path, hand_in, release, way):
    """The submissions, the products of a run that nothing disturbs, and its steps."""
    folder, out = hand_in(**CLASS), tmp_path / "undisturbed"
    count = Countdown(0, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files.os, "replace", count)
        graded(folder, out, release)
    return folder, products(out), -count.left


def killed_at(step, afterwards, folder, out, release):
    """Grade in a process of its own that is killed at one step; whether it was."""
    child = os.fork()
    if not child:
        try:
            task._marker.cache_clear()  # the workers are the parent's
            die = lambda: os.kill(os.getpid(), signal.SIGKILL)  # noqa: E731
            files.os.replace = Countdown(step, die, afterwards)
            graded(folder, out, release)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("afterwards", [False, True])
def test_killed_at_every_step_and_started_again(undisturbed, tmp_path, release, afterwards):
    folder, due, steps = undisturbed
    assert steps >= 9
    for step in range(1, steps + 1):
        out = tmp_path / f"out{step}"
        assert killed_at(step, afterwards, folder, out, release)
        graded(folder, out, release)
        assert products(out) == due, step


def test_killed_again_and_again_it_still_ends(undisturbed, tmp_path, release):
    folder, due, _ = undisturbed
    out = tmp_path / "again"
    tries = 1
    while killed_at(2, False, folder, out, release):  # one step further each time
        tries += 1
        assert tries < 30
    assert tries > 4
    assert products(out) == due


@pytest.mark.parametrize(
    "number, words",
    [(errno.ENOSPC, "No space left on device"), (errno.EROFS, "Read-only file system")],
)
def test_a_full_disk_is_a_sentence_and_what_was_there_stays(
    undisturbed, tmp_path, release, number, words
):
    folder, due, steps = undisturbed

    def full():
        raise OSError(number, words)

    for step in range(1, steps + 1):
        out = tmp_path / f"full{step}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(files.os, "replace", Countdown(step, full))
            with pytest.raises(Problem, match=rf"could not be written \({words}"):
                graded(folder, out, release)
        graded(folder, out, release)
        assert products(out) == due, step
        assert not list(out.rglob("*.part"))


def only_the_runner(worker):
    """Of a worker's processes, the one that runs a student's code: the youngest."""
    return worker.inside()[-1:]


def all_of_it(worker):
    return [*worker.inside(), worker.process]


@pytest.mark.parametrize("victims", [only_the_runner, all_of_it])
def test_a_worker_killed_at_any_request_costs_nothing(
    undisturbed, tmp_path, release, monkeypatch, victims
):
    folder, due, _ = undisturbed
    send, asked = Run._send, []

    def dangerous(run, message, *rest):
        asked.append(message.get("do"))
        if len(asked) == step:
            for process in victims(run.worker):
                with contextlib.suppress(psutil.NoSuchProcess):  # its parent's end ended it
                    process.kill()
        send(run, message, *rest)

    monkeypatch.setattr(Run, "_send", dangerous)
    killed = set()
    for step in (1, 2, 3, 4, 5, 6, 9, 20, 40):
        asked.clear()
        out = tmp_path / f"{step}"
        graded(folder, out, release)
        killed.add(asked[step - 1])
        if products(out) != due:  # no worker came up: said so, and the next run tries again
            assert "sandbox did not start" in (out / "marks.csv").read_text(encoding="utf-8")
            step = 0
            graded(folder, out, release)
        assert products(out) == due, asked[:step]
    assert killed == {"begin", "cells", "about", "call"}, asked[:40]
