"""Answers travel from one notebook to the next, with what they need and nothing else."""

import math
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from coursekit import check, checking, mine, records, sources

HALF = 0.5
BORDERS = (0, (1, 2))
TABLE = np.arange(3)


def room(w_in, padding):
    return w_in + 2 * padding


def with_helpers(w_in, kernel_size, stride=1, padding=0, dilation=1):
    """Uses a function, constants and modules of its notebook."""
    left = room(w_in, padding) - dilation * (kernel_size - 1) - 1
    if left < BORDERS[0]:
        raise ValueError(f"{left} is less than {HALF}")
    return math.floor(np.floor_divide(left, stride)) + 1


def uses_an_array(x):
    return TABLE[x]


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


class Doubler:
    """A class is carried like a function."""

    factor = 2

    def __call__(self, x):
        return self.factor * x * HALF


def makes_closure():
    offset = 3
    return lambda x: x + offset


def carried(function, name=None):
    text = sources.self_contained(function, name or function.__name__)
    return sources.defined(text, name or function.__name__)


def test_what_a_function_needs_comes_along():
    assert [carried(with_helpers)(w, 3, 2) for w in (7, 8)] == [3, 3]
    assert "TABLE" not in sources.self_contained(with_helpers, "with_helpers")


def test_functions_that_call_each_other_and_classes():
    assert carried(even)(10) and not carried(odd)(10)
    assert carried(Doubler)()(7) == 7


def test_a_function_may_get_the_exercises_name():
    assert carried(with_helpers, "output_size")(7, 3) == 5


@pytest.mark.parametrize("function", [uses_an_array, makes_closure(), np.add, 3, len])
def test_what_cannot_be_written_down_is_not_carried(function):
    text = sources.self_contained(function, "f")
    assert text is None or sources.defined(text, "f") in (None, function)


@pytest.mark.parametrize("text", ["1 / 0", "def f(:", "g = 3", "f = 3", ""])
def test_a_text_that_defines_nothing_is_nothing(text):
    assert sources.defined(text, "f") is None


# --- from one notebook to the next ----------------------------------------------------------------

FIRST = """
import numpy as np
from coursekit import check

def room(w, p):
    return w + 2 * p

def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):
    left = room(w_in, padding) - dilation * (kernel_size - 1) - 1
    if left < 0:
        raise ValueError
    return int(np.floor(left / stride)) + 1

print(check(output_size).status)
"""
SECOND = """
from coursekit import mine
size = mine("output_size")
print(size.whose, size(8, 3, 2), size.function.__module__.startswith("coursekit"))
"""


def kernel(source, folder):
    """Run cells as a notebook does: compiled from text that only linecache knows."""
    program = (
        "import linecache, sys\n"
        f"text = {source!r}\n"
        "linecache.cache['<cell>'] = (len(text), None, text.splitlines(True), '<cell>')\n"
        "exec(compile(text, '<cell>', 'exec'), sys.modules['__main__'].__dict__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_the_next_notebook_has_the_students_own(tmp_path):
    assert kernel(FIRST, tmp_path) == ["passed"]
    assert kernel(SECOND, tmp_path) == ["yours", "3", "False"]


def test_a_later_failure_takes_it_back(tmp_path):
    kernel(FIRST, tmp_path)
    assert kernel(FIRST.replace("2 * p", "p"), tmp_path) != ["passed"]
    assert kernel(SECOND, tmp_path)[0] == "the"


@pytest.fixture
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(checking, "_passed", {})
    monkeypatch.setattr(checking, "_refused", {})


def test_a_kept_answer_that_no_longer_passes_is_not_used(own_progress, monkeypatch):
    tried = []
    report = check(with_helpers, "output_size")
    wrong = textwrap.dedent("""
        def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):
            return 3
    """)
    records.keep(report, wrong)
    checking._passed.clear()
    defined = sources.defined
    monkeypatch.setattr(sources, "defined", lambda *given: tried.append(given) or defined(*given))
    assert mine("output_size").whose == "the course's"
    assert mine("output_size").whose == "the course's"
    assert len(tried) == 1  # it is not tried again and again


def test_mine_of_an_earlier_notebook_may_be_used_in_an_answer(own_progress):
    check(with_helpers, "output_size")
    checking._passed.clear()
    size = mine("output_size")
    assert size.whose == "yours"
    text = sources.self_contained(size, "size")
    assert sources.defined(text, "size")(7, 3) == 5
