"""Strict runs of the lectures: `pytest --nbval notebooks build/solved`.

Text outputs must equal the stored ones. Pictures differ between machines, and the HTML of a live
kernel is not stored, so neither is compared. Nothing a lecture saves lands beside it. What each one
took, in time and in memory, is printed, held against the limits below, and written to
build/tables/times.md.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbval.kernel
import psutil
import pytest
from jupyter_client.manager import KernelManager

from coursekit.building.execution import sockets_in

_NOT_COMPARED = (
    "text/html",
    "image/png",
    "application/vnd.coursekit.widget+json",
    "application/vnd.coursekit.answer+json",
)
_FOLDER = pytest.StashKey[str]()
_TABLE = Path(__file__).parent / "build" / "tables" / "times.md"
# A lecture may take 60 s on two quiet cores, and all students' copies 8 minutes. On a busy machine
# the clock says little; the processor's seconds grow too, but by half at most.
_PROCESSOR_S, _ALL_PROCESSOR_S, _PEAK_MB = 90, 12 * 60, 2000


@dataclass
class Cost:
    """What a notebook took.

    clock: seconds, the start of its kernel included. processor: seconds of all cores, those of
    the processes it started included. peak: most memory that its kernel ever held, in MB.
    """

    clock: float = 0.0
    processor: float = 0.0
    peak: float = 0.0


_costs: dict[str, Cost] = {}  # by notebook


def pytest_configure(config: pytest.Config) -> None:
    """Give the kernels what the builder gave them: a quick run, progress kept elsewhere."""
    if not config.getoption("nbval", default=False):
        return
    folder = config.stash[_FOLDER] = tempfile.mkdtemp(prefix="coursekit-nbval-")
    nbval.kernel.KernelManager = lambda **given: KernelManager(**given, **sockets_in(folder))
    os.environ["COURSEKIT_QUICK"] = "1"
    os.environ["PYTHONHASHSEED"] = "0"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let every lecture start without progress: its first cell is about to start its kernel."""
    if folder := item.config.stash.get(_FOLDER, None):
        os.environ["COURSEKIT_PROGRESS"] = os.path.join(
            folder, item.path.parent.name, f"{item.path.stem}.json"
        )


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Compare what a stored notebook has in common with a live one."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += _NOT_COMPARED


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the lectures saved."""
    shutil.rmtree(config.stash.get(_FOLDER, ""), ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Note behind every cell what its kernel has taken so far; the report carries it along."""
    try:
        return (yield)
    finally:
        if (kernel := getattr(item.parent, "kernel", None)) and kernel.is_alive():
            item.user_properties.append(("taken", _taken(kernel.km.provisioner.pid)))


def _taken(pid: int) -> tuple[float, float]:
    """Seconds of processor time, and MB of memory at the peak, of a living process."""
    times = psutil.Process(pid).cpu_times()
    status = Path(f"/proc/{pid}/status")  # only Linux tells the peak from outside
    found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text()) if status.exists() else None
    seconds = times.user + times.system + times.children_user + times.children_system
    return seconds, int(found[1]) * 1024 / 1e6 if found else 0.0


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what the cells of a notebook took."""
    notebook = report.nodeid.partition("::")[0]
    if not notebook.endswith(".ipynb"):
        return
    cost = _costs.setdefault(notebook, Cost())
    cost.clock += report.duration
    for processor, peak in (value for key, value in report.user_properties if key == "taken"):
        cost.processor, cost.peak = max(cost.processor, processor), max(cost.peak, peak)


def _students() -> Cost:
    """All students' copies one after the other."""
    costs = [cost for name, cost in _costs.items() if name.startswith("notebooks/")]
    clock, processor = sum(cost.clock for cost in costs), sum(cost.processor for cost in costs)
    return Cost(clock, processor, max((cost.peak for cost in costs), default=0))


def _too_much() -> list[str]:
    """One sentence for each limit that is not kept."""
    found = [
        f"{name} takes {value:.0f} {unit}, and may take {limit} {unit}."
        for name, cost in _costs.items()
        for value, limit, unit in (
            (cost.processor, _PROCESSOR_S, "s of processor time"),
            (cost.peak, _PEAK_MB, "MB of memory"),
        )
        if value > limit
    ]
    if (seconds := _students().processor) > _ALL_PROCESSOR_S:
        found.append(
            f"All of notebooks/ take {seconds:.0f} s of processor time, and may take "
            f"{_ALL_PROCESSOR_S} s."
        )
    return found


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if a limit is not kept."""
    if _too_much():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the notebooks took, and write it down."""
    if not _costs:
        return
    rows = {**dict(sorted(_costs.items())), "all of notebooks/": _students()}
    lines = [
        "| notebook | seconds | processor seconds | peak MB |",
        "| --- | --- | --- | --- |",
        *(f"| {n} | {c.clock:.1f} | {c.processor:.1f} | {c.peak:.0f} |" for n, c in rows.items()),
    ]
    _TABLE.parent.mkdir(parents=True, exist_ok=True)
    _TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    terminalreporter.write_line("\n".join([*lines, *_too_much()]))
