"""How a batch shows itself in a terminal."""

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from coursekit.grading.batch import Listener


class Terminal(Listener):
    """A progress bar on stderr, and warnings that cannot be overlooked."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        columns = (TextColumn("Grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns, console=self.console)
        self.task = self.bar.add_task("grading", total=None)

    def __enter__(self) -> "Terminal":
        self.bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.stop()

    def warn(self, sentence: str) -> None:
        """Print a warning in a red frame."""
        self.console.print(Panel(sentence, border_style="bold red", style="bold"))

    def progress(self, done: int, total: int) -> None:
        """Move the bar."""
        self.bar.update(self.task, completed=done, total=total)
