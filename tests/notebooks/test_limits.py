"""What the strict runs of the notebooks say of one that takes too much."""

import importlib.util
from pathlib import Path

import psutil
import pytest


@pytest.fixture
def strict():
    """The root's conftest once more, with nothing counted yet."""
    path = Path(__file__).parents[2] / "conftest.py"
    spec = importlib.util.spec_from_file_location("strict_runs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_within_the_limits_nothing_is_said(strict):
    strict._costs["notebooks/04.ipynb"] = strict.Cost(clock=500, processor=80, peak=1900)
    assert strict._too_much() == []


def test_too_much_time_and_memory_are_said(strict):
    strict._costs["build/solved/04.ipynb"] = strict.Cost(processor=91, peak=2001)
    assert strict._too_much() == [
        "build/solved/04.ipynb takes 91 s of processor time, and may take 90 s of processor time.",
        "build/solved/04.ipynb takes 2001 MB of memory, and may take 2000 MB of memory.",
    ]


def test_together_they_may_take_less_than_each_may(strict):
    for number in range(14):
        strict._costs[f"notebooks/{number}.ipynb"] = strict.Cost(processor=60)
    assert strict._too_much() == [
        "All of notebooks/ take 840 s of processor time, and may take 720 s."
    ]


def test_what_a_process_took(strict):
    me = psutil.Process()
    seconds, peak = strict._taken(me.pid)
    assert 0 < seconds <= sum(me.cpu_times()[:4])
    if psutil.LINUX:
        assert 0.9 * me.memory_info().rss / 1e6 < peak
