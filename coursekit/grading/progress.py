"""How a batch shows itself in a terminal."""

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.prompt import Confirm
from rich.table import Table
from rich.text import Text

from coursekit.grading.batch import Listener
from coursekit.grading.marks import Change

MOST_CHANGES = 40  # lines that are shown of them


class Terminal(Listener):
    """A progress bar on stderr, warnings that cannot be overlooked, and a question.

    ask: whether a person is there to say if marks may be replaced.
    """

    def __init__(self, ask: bool = False) -> None:
        self.ask = ask
        self.console = Console(stderr=True)
        count = (TextColumn("Grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Progress(
            *count, TextColumn("{task.fields[student]}", markup=False), console=self.console
        )
        self.task = self.bar.add_task("grading", total=None, student="")

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.stop()

    def warn(self, sentence: str) -> None:
        """Print a warning in a red frame."""
        self.console.print(Panel(Text(sentence), border_style="bold red", style="bold"))

    def progress(self, done: int, total: int, student: str = "") -> None:
        """Move the bar, which is not there before."""
        self.bar.start()
        self.bar.update(self.task, completed=done, total=total, student=student[:30])

    def replaces(self, changes: list[Change]) -> bool:
        """Show what changes; ask where somebody can answer."""
        self.bar.stop()
        table = Table(*Change._fields, title="Marks that differ from the earlier run", box=None)
        for change in changes[:MOST_CHANGES]:
            table.add_row(*map(Text, change))
        self.console.print(table)
        if len(changes) > MOST_CHANGES:
            self.console.print(f"… and {len(changes) - MOST_CHANGES} more")
        return not self.ask or Confirm.ask("Replace the earlier marks?", console=self.console)
