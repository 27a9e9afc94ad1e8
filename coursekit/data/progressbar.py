"""A progress bar of one line that keeps quiet where nobody watches.

Libraries' bars leave a widget behind in a saved notebook; this one leaves an empty line.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

_PAUSE = 0.1  # seconds between two drawings


def somebody_watches() -> bool:
    """Tell whether a bar would be seen.

    It would on a terminal and in a live notebook. Quick runs (`COURSEKIT_QUICK`), which build and
    test notebooks, are never watched.
    """
    if os.environ.get("COURSEKIT_QUICK") == "1":
        return False
    return sys.stderr.isatty() or _in_notebook()


class Bar:
    """A line with a label, a bar and a note.

    Its names are those that pooch asks of a progress bar.

    Args:
        label: what is going on, two or three words.
        total: the amount at which the bar is full; None when it is not known yet.
        write: shows a line in place of the last one.
    """

    def __init__(self, label: str, total: float | None, write: Callable[[str], Any]) -> None:
        self.label, self.total, self._write = label, total, write
        self._amount, self._drawn = 0.0, 0.0

    def move_to(self, amount: float, note: str = "") -> None:
        """Fill the bar up to `amount` and show `note` beside it."""
        self._amount = amount
        if monotonic() - self._drawn > _PAUSE:
            self._drawn = monotonic()
            self._write(f"{self.label} {self._picture()} {note}")

    def update(self, amount: float) -> None:
        """Move on by `amount`."""
        self.move_to(self._amount + amount)

    def reset(self) -> None:
        """Empty the bar."""
        self.move_to(0)

    def close(self) -> None:
        """Remove the line."""
        self._write("")

    def _picture(self) -> str:
        if not self.total:
            return f"{self._amount:,.0f}"
        part = min(self._amount / self.total, 1)
        return f"[{'#' * round(30 * part):<30}] {part:.0%}"


@contextmanager
def progress_bar(label: str, total: float | None = None, shown: bool = True) -> Iterator[Bar]:
    """Show a bar while the block runs, and remove it afterwards.

    Args:
        label, total: as for `Bar`.
        shown: False keeps quiet even where somebody watches.
    """
    bar = Bar(label, total, _writer() if shown and somebody_watches() else lambda line: None)
    try:
        yield bar
    finally:
        bar.close()


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    return type(shell).__name__ == "ZMQInteractiveShell"


def _writer() -> Callable[[str], Any]:
    """A function that shows a line in place of the last one."""
    if not _in_notebook():
        return lambda line: sys.stderr.write(f"\r{line[:79]:<79}\r")  # never buffered
    from IPython.display import display

    handle = display({"text/plain": ""}, raw=True, display_id=True)
    return lambda line: handle.update({"text/plain": line}, raw=True)
