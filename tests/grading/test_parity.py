"""The sealed grader says what the student's own check said, for every exercise of the course."""

import socket
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from coursekit import diagnosis
from coursekit.answers import call
from coursekit.exercises import EXERCISES
from coursekit.grading import wire
from coursekit.grading.marking import SealedAnswer
from coursekit.grading.runner import Runner
from coursekit.grading.sealed import Run


def answers_to_try():
    """Every reference and every known mistake; all but a few of the mistakes are `slow`."""
    for name, exercise in EXERCISES.items():
        yield pytest.param(name, exercise.reference, id=f"{name}-reference")
        for count, (slug, mistake) in enumerate(exercise.mistakes.items()):
            marks = [pytest.mark.slow] if count >= 2 else []
            yield pytest.param(name, mistake.function, id=f"{name}-{slug}", marks=marks)


class Beside:
    """A runner in a thread of this process: everything but the walls."""

    def __init__(self, function):
        ours, theirs = socket.socketpair()
        self.run = Run(ours, SimpleNamespace(memory=1 << 40, inside=list))
        self.runner = Runner(theirs)
        self.runner.found = function
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        try:
            self.runner.serve()
        except wire.Closed:
            self.runner.channel.close()

    def __enter__(self):
        self.thread.start()
        return self.run

    def __exit__(self, *error):
        self.run.channel.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.run.channel.close()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "function"), list(answers_to_try()))
def test_a_wall_between_changes_no_report(name, function, monkeypatch):
    # As long as it takes: what is found in half a second depends on what else the machine does.
    monkeypatch.setattr(diagnosis, "SEARCH_SECONDS", 60)
    exercise = replace(EXERCISES[name], seconds=5)
    asked = exercise.taking_cases(function)
    near = diagnosis.examine(exercise, lambda case: call(asked, case.args, case.kwargs, 5))
    with Beside(function) as run:
        far = diagnosis.examine(exercise, SealedAnswer(run, exercise))
    assert (far.status, far.points, far.mistake, far.found) == (
        near.status,
        near.points,
        near.mistake,
        near.found,
    )
    assert far.sentence == near.sentence
    assert (far.printed, far.example) == (near.printed, near.example)


@pytest.mark.parametrize("name", ["neuron_counts", "occlusion_map"])
def test_prints_and_crashes_come_through_the_wall(name):
    def answer(first, second, *rest, **named):
        print("first\tis", type(first).__name__, "\nsecond\x07 <b>")  # noqa: T201
        raise ValueError(name)

    exercise = EXERCISES[name]
    near = diagnosis.examine(exercise, lambda case: call(answer, case.args, case.kwargs))
    with Beside(answer) as run:
        far = diagnosis.examine(exercise, SealedAnswer(run, exercise))
    assert near.printed.text.endswith("second <b>")
    assert far.printed.text.endswith("second <b>")
    assert far.sentence == near.sentence
