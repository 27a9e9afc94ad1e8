"""Strict runs of the lectures: `pytest --nbval notebooks build/solved`.

Text outputs must equal the stored ones. Pictures differ between machines, and the HTML of a live
kernel is not stored, so neither is compared. Nothing a lecture saves lands beside it.
"""

import os
import shutil
import tempfile

import pytest

_NOT_COMPARED = ("text/html", "image/png", "application/vnd.coursekit.widget+json")
_FOLDER = pytest.StashKey[str]()


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
