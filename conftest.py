"""Strict runs of the lectures: `pytest --nbval notebooks build/solved`.

Text outputs must equal the stored ones. Pictures differ between machines, and the HTML of a live
kernel is not stored, so neither is compared. Nothing a lecture saves lands beside it. How long each
one took is printed, and written to build/tables/times.md.
"""

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest

_NOT_COMPARED = (
    "text/html",
    "image/png",
    "application/vnd.coursekit.widget+json",
    "application/vnd.coursekit.answer+json",
)
_FOLDER = pytest.StashKey[str]()
_TABLE = Path(__file__).parent / "build" / "tables" / "times.md"
_seconds: Counter[str] = Counter()  # by notebook


def pytest_configure(config: pytest.Config) -> None:
    """Give the kernels what the builder gave them: a quick run, progress kept elsewhere."""
    if not config.getoption("nbval", default=False):
        return
    config.stash[_FOLDER] = tempfile.mkdtemp(prefix="coursekit-nbval-")
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


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what the cells of a notebook took, the start of its kernel included."""
    notebook = report.nodeid.partition("::")[0]
    if notebook.endswith(".ipynb"):
        _seconds[notebook] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the times, and write them down."""
    if not _seconds:
        return
    lines = [f"| {name} | {seconds:.1f} |" for name, seconds in sorted(_seconds.items())]
    students = sum(seconds for name, seconds in _seconds.items() if name.startswith("notebooks/"))
    lines.append(f"| all of notebooks/ | {students:.1f} |")
    table = "\n".join(["| notebook | seconds |", "| --- | --- |", *lines])
    _TABLE.parent.mkdir(parents=True, exist_ok=True)
    _TABLE.write_text(table + "\n", encoding="utf-8")
    terminalreporter.write_line(table)
