"""A progress bar that keeps quiet where nobody watches."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Bar(Protocol):
    """What the owner of a bar may do with it."""

    def move_to(self, amount: float, note: str = "") -> None:
        """Fill the bar up to `amount` and show `note` beside it."""


def somebody_watches() -> bool:
    """Tell whether a bar would be seen.

    It would on a terminal and in a live notebook.

    Quick runs (`COURSEKIT_QUICK`), which build and test notebooks, are never watched.
    """
    if os.environ.get("COURSEKIT_QUICK") == "1":
        return False
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    return sys.stderr.isatty() or type(shell).__name__ == "ZMQInteractiveShell"


class _RichBar:
    """A task of a rich progress display, in the shape pooch asks of a bar."""

    def __init__(self, display: Any, label: str, total: float | None) -> None:
        self._display = display
        self._task = display.add_task(label, total=total, note="")

    @property
    def total(self) -> float | None:
        """The amount at which the bar is full."""
        return self._display.tasks[self._task].total

    @total.setter
    def total(self, value: float | None) -> None:
        self._display.update(self._task, total=value or None)

    def move_to(self, amount: float, note: str = "") -> None:
        """Fill the bar up to `amount` and show `note` beside it."""
        self._display.update(self._task, completed=amount, note=note)

    def update(self, amount: float) -> None:
        """Move on by `amount`."""
        self._display.update(self._task, advance=amount)

    def reset(self) -> None:
        """Empty the bar."""
        self._display.update(self._task, completed=0)

    def close(self) -> None:
        """Draw the bar as it stands."""
        self._display.refresh()


@contextmanager
def progress_bar(label: str, total: float | None = None, shown: bool = True) -> Iterator[Bar]:
    """Show a bar while the block runs, and remove it afterwards.

    Args:
        label: what is going on, two or three words.
        total: the amount at which the bar is full; None when it is not known yet.
        shown: False keeps quiet even where somebody watches.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), "{task.percentage:>3.0f} %")
    with Progress(
        *columns,
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(stderr=True),
        transient=True,
        disable=not (shown and somebody_watches()),
    ) as display:
        yield _RichBar(display, label, total)
