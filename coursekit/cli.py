"""The command line: `coursekit COMMAND`. Every command loads its part of the package itself."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from coursekit.problem import Problem

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
Root = Annotated[Path, typer.Option(help="Folder of the course, with solutions/ in it.")]
Stems = Annotated[list[str] | None, typer.Argument(help="Lectures, such as 04_convolution.")]


@app.callback()
def course() -> None:
    """Build, present and grade the ConvNet course."""


@app.command()
def build(
    stems: Stems = None,
    root: Root = Path(),
    force: Annotated[bool, typer.Option(help="Run again although nothing changed.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds a cell may run.")] = 300.0,
    jobs: Annotated[int, typer.Option(min=1, help="Notebooks run at a time.")] = os.cpu_count()
    or 1,
) -> None:
    """Make notebooks/, build/solved/ and build/release/ from solutions/."""
    from coursekit.building.course import Course
    from coursekit.building.lectures import Run, build_lectures

    problems = 0
    for outcome in build_lectures(Course(root), stems or (), Run(timeout, jobs, force)):
        if outcome.problem:
            problems += 1
            typer.echo(outcome.problem, err=True)
        else:
            changed = ", ".join(str(path) for path in outcome.changed)
            typer.echo(f"{outcome.stem}: {changed or 'up to date'}")
    if problems:
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; a problem is one sentence on stderr and a status of 1."""
    try:
        app()
    except Problem as problem:
        typer.echo(str(problem), err=True)
        sys.exit(1)
