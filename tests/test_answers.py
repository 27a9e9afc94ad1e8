"""Calling strangers' functions: time limits, crashes in words, inputs left alone."""

import functools
import gc
import linecache
import os
import sys
import threading
import time
import warnings

import numpy as np
import pytest

from coursekit import answers


def spin(x):
    while True:
        pass


def spin_and_catch(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue


def sleepy(x):
    time.sleep(1000)


@pytest.mark.parametrize("function", [spin, spin_and_catch, sleepy])
def test_endless_answers_are_stopped(function):
    start = time.monotonic()
    outcome = answers.call(function, (1,), seconds=0.3)
    assert outcome.failure == "too slow"
    assert "0.3 s" in outcome.sentence
    assert time.monotonic() - start < 5


def test_endless_answers_are_stopped_in_other_threads():
    found = []
    thread = threading.Thread(target=lambda: found.append(answers.call(spin, (1,), seconds=0.3)))
    thread.start()
    thread.join(10)
    assert found[0].failure == "too slow"


def test_the_alarm_is_gone_afterwards():
    answers.call(spin, (1,), seconds=0.1)
    time.sleep(0.2)
    assert answers.call(abs, (-3,), seconds=5).value == 3
    time.sleep(0.2)


def test_the_students_own_line_is_quoted():
    def helper(x):
        return x / 0

    def answer(x):
        return helper(x)

    words = answers.call(answer, (1,)).sentence
    assert words == "its line `return x / 0` raised ZeroDivisionError: division by zero"


def test_an_exception_that_cannot_print_itself():
    class Odd(Exception):
        def __str__(self):
            raise RuntimeError

    def answer(x):
        raise Odd

    assert answers.call(answer, (1,)).sentence == "its line `raise Odd` raised Odd"


@pytest.mark.parametrize("function", [lambda x: exit(), lambda x: [0] * 10**15])
def test_exit_and_memory_are_only_failures(function):
    assert answers.call(function, (1,)).failure == "raised"


def test_deep_recursion_is_a_failure():
    def answer(x):
        return answer(x)

    assert "RecursionError" in answers.call(answer, (1,)).sentence


def test_written_inputs_are_noticed_and_the_caller_keeps_its_own():
    def relu(x):
        x[x < 0] = 0
        return x

    x = np.array([-1.0, 2.0])
    outcome = answers.call(relu, (x,))
    assert outcome.changed_input
    assert x.tolist() == [-1.0, 2.0]
    assert not answers.call(np.abs, (x,)).changed_input


def test_nan_inputs_are_not_taken_for_changed():
    assert not answers.call(np.sum, (np.array([np.nan]),)).changed_input


def test_prints_are_kept_and_warnings_swallowed(capsys):
    def answer(x):
        print("debug", x)  # noqa: T201
        warnings.warn("look out", stacklevel=1)
        return np.array([1.0]) / 0

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome = answers.call(answer, (1,))
    assert outcome.printed == "debug 1\n"
    assert capsys.readouterr() == ("", "")


def test_modules_used_looks_into_classes_and_their_bases():
    from torch import nn

    class Helper:
        def size(self, x):
            return np.prod(x.shape)

    class Answer(nn.Module):
        def forward(self, x):
            return Helper().size(x)

    assert answers.modules_used(Answer) == {"torch", "numpy"}


class Callable:
    """An object that is called like a function."""

    def __call__(self, x):
        import torch

        return torch.ones(1) / x / "two"


@pytest.mark.parametrize(
    "function", [Callable(), Callable().__call__, functools.partial(Callable().__call__)]
)
def test_objects_methods_and_partials_are_looked_into(function):
    assert "torch" in answers.modules_used(function)
    assert answers.call(function, (1,)).sentence.startswith("its line `return torch.ones(1) / x")


def test_a_line_of_a_method_is_quoted():
    class Answer:
        def __init__(self, x):
            self.x = x / 0

    assert answers.call(Answer, (1,)).sentence.startswith("its line `self.x = x / 0` raised")


def test_modules_used_sees_helpers_and_imports_inside():
    import torch.nn.functional as F

    def helper(x):
        return F.relu(x)

    def direct(x):
        from torch.nn import functional

        return functional.relu(x)

    direct_globals = {"helper": helper, "__name__": "elsewhere"}
    exec("def through(x):\n    return helper(x)", direct_globals)
    assert "torch" in answers.modules_used(direct)
    assert answers.modules_used(lambda x: np.sum(x)) == {"numpy"}
    assert "coursekit" not in answers.modules_used(direct_globals["through"])


def test_prints_before_a_crash_are_kept():
    def answer(x):
        print("before")  # noqa: T201
        return x / 0

    assert answers.call(answer, (1,)).printed == "before\n"


def test_endless_prints_fill_no_memory_and_are_stopped():
    def answer(x):
        while True:
            print("again")  # noqa: T201

    outcome = answers.call(answer, (1,), seconds=1)
    assert outcome.failure == "too slow"
    assert len(outcome.printed) == answers.MOST_PRINTED


def test_a_very_long_line_is_quoted_in_part():
    source = f"def answer(x):\n    return x / 0{' + 1' * 500}"
    linecache.cache["long.py"] = (len(source), None, source.splitlines(True), "long.py")
    space = {}
    exec(compile(source, "long.py", "exec"), space)
    words = answers.call(space["answer"], (1,)).sentence
    assert words.startswith("its line `return x / 0 + 1")
    assert len(words) < 250


class Final(BaseException):
    """What no `except Exception` catches."""


@pytest.mark.parametrize(
    "error", [Final("over"), GeneratorExit(), BaseExceptionGroup("several", [Final()])]
)
def test_whatever_is_raised_is_only_a_failure(error):
    def answer(x):
        raise error

    outcome = answers.call(answer, (1,))
    assert outcome.failure == "raised"
    assert f"raised {type(error).__name__}" in outcome.sentence


def test_an_interruption_stops_the_check():
    def answer(x):
        raise KeyboardInterrupt

    assert answers.call(answer, (1,)).failure == "stopped"


def test_an_answer_may_close_its_output_and_leave_its_folder(tmp_path):
    here = os.getcwd()

    def answer(x):
        print("last words")  # noqa: T201
        sys.stdout.close()
        os.chdir(tmp_path)
        return x

    outcome = answers.call(answer, (1,))
    assert (outcome.value, outcome.printed) == (1, "last words\n")
    assert os.getcwd() == here


def test_an_async_answer_warns_of_nothing(recwarn):
    async def answer(x):
        return x

    assert answers.call(answer, (1,)).failure is None
    gc.collect()  # also of what other tests left, which may warn of other things
    assert not [one for one in recwarn.list if "never awaited" in str(one.message)]


def test_a_line_that_cannot_be_read_is_not_quoted():
    space = {}
    exec("def f():\n    return missing", space)
    assert answers.call(space["f"]).sentence == "it raised NameError: name 'missing' is not defined"
