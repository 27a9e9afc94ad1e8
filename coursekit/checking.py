"""check() and mine(): what a notebook calls."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from coursekit import answers, diagnosis, records, sources
from coursekit.answers import Outcome
from coursekit.exercises import EXERCISES
from coursekit.exercises.exercise import Case, Exercise
from coursekit.records import progress
from coursekit.reports import Report

__all__ = ["Mine", "check", "mine", "progress"]

# Packages that hold the very thing an exercise asks for.
READY_MADE = {"torch", "torchvision", "tensorflow", "jax", "scipy", "skimage", "sklearn", "cv2"}
READY_MADE |= {"coursekit"}

_passed: dict[str, Callable[..., Any]] = {}  # answers that passed, here or in another notebook
_refused: dict[str, str] = {}  # sources of answers that passed elsewhere and do not here


def check(
    answer: Callable[..., Any], exercise: str | None = None, keep: bool = True
) -> Report | float:
    """Check an answer: right, or which mistake it is.

    exercise: the exercise's name; the function's own name where it is left out.
    keep: whether the result counts as yours: in progress() and for mine().
    Returns a Report; under nbgrader, the number of points it asks for.
    """
    found = find_exercise(answer, exercise)
    report = diagnosis.examine(found, local_answer(found, answer))
    if keep:
        report = _kept(report, answer)
    return float(report) if os.environ.get("NBGRADER_EXECUTION") else report


def _kept(report: Report, answer: Callable[..., Any]) -> Report:
    """Remember the result, in this kernel and beside the notebook."""
    source = None
    if report.status == "passed":
        _passed[report.exercise] = answer
        source = sources.self_contained(answer, report.exercise)
    else:
        _passed.pop(report.exercise, None)
    trouble = None if report.status == "not attempted" else records.keep(report, source)
    return replace(report, notes=(trouble,)) if trouble else report


def find_exercise(answer: Any, name: str | None) -> Exercise:
    """The exercise an answer belongs to, or a ValueError that lists what there is."""
    name = name or getattr(answer, "__name__", type(answer).__name__)
    if name not in EXERCISES:
        raise ValueError(
            f"there is no exercise named {name!r}; give its name as check(f, exercise=…), one of: "
            + ", ".join(sorted(EXERCISES))
        )
    return EXERCISES[name]


def local_answer(exercise: Exercise, function: Callable[..., Any]) -> diagnosis.Answer:
    """Turn a function of this kernel into what the diagnosis asks for."""
    words = _refusal(exercise, function)
    if words:
        return lambda case: Outcome(failure="forbidden", sentence=words)
    asked = exercise.taking_cases(answers.by_position(function, exercise.parameters))

    def answer(case: Case) -> Outcome:
        return answers.call(asked, case.args, case.kwargs, exercise.seconds)

    return answer


def _refusal(exercise: Exercise, function: Any) -> str:
    """Why an answer is not tried at all, or nothing; what the specification holds may be."""
    if not callable(function):
        return f"is {type(function).__name__}, not a function: define it with `def`"
    module = getattr(function, "__module__", None) or ""
    if function is exercise.reference or module.startswith("coursekit.exercises."):
        return ""
    if module.split(".")[0] == "coursekit" and getattr(function, "whose", "") != "yours":
        return "is the course's own; the point is to write this one yourself"
    used = (answers.modules_used(function) & READY_MADE) - set(exercise.may_use)
    called = ", ".join(sorted(used))
    return f"calls {called}; the point is to write this one yourself" if used else ""


class Mine:
    """The student's function once its check has passed, and the course's until then.

    whose: "yours" or "the course's".
    """

    def __init__(self, function: Callable[..., Any], whose: str) -> None:
        self.function, self.whose = function, whose
        self.__name__ = getattr(function, "__name__", "function")
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"{self.__name__} ({self.whose})"


def mine(name: str) -> Mine:
    """Your own function once its check has passed, otherwise the course's.

    A function that passed in another notebook is carried over, and checked once more.

    >>> mine("output_size")
    output_size (the course's)
    """
    exercise = find_exercise(None, name)
    if name not in _passed:
        _carry_over(exercise)
    if name in _passed:
        return Mine(answers.by_position(_passed[name], exercise.parameters), "yours")
    return Mine(exercise.reference, "the course's")


def _carry_over(exercise: Exercise) -> None:
    """Take the answer that passed in another notebook, if it still does."""
    text = records.kept_answer(exercise.name)
    if not text or _refused.get(exercise.name) == text:
        return
    answer = sources.defined(text, exercise.name)
    if answer and diagnosis.examine(exercise, local_answer(exercise, answer)).status == "passed":
        _passed[exercise.name] = answer
    else:
        _refused[exercise.name] = text
