"""The command line: `coursekit COMMAND`. Every command loads its part of the package itself."""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
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
Force = Annotated[bool, typer.Option("--force", help="Run again what did not change.")]
Timeout = Annotated[float, typer.Option(min=1, help="Seconds a cell may run.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Notebooks run at a time.")]


@app.callback()
def course() -> None:
    """Build, present and grade the ConvNet course."""


@app.command()
def build(
    stems: Stems = None,
    root: Root = Path(),
    force: Force = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; name what is stale.")] = (
        False
    ),
    execute: Annotated[bool, typer.Option(help="With --check: compare outputs too.")] = True,
    timeout: Timeout = 300.0,
    jobs: Jobs = None,
) -> None:
    """Make notebooks/, build/solved/ and build/release/ from solutions/."""
    from coursekit.building.course import Course
    from coursekit.building.lectures import Run, build_lectures
    from coursekit.building.staleness import stale_notebooks

    run = Run(timeout, jobs or os.cpu_count() or 1, force)
    if check:
        _tell(stale_notebooks(Course(root), stems or (), run, execute))
        typer.echo("every notebook is what its source gives")
        return
    _tell(_built(build_lectures(Course(root), stems or (), run)))


@app.command()
def slides(
    stems: Stems = None,
    every: Annotated[bool, typer.Option("--all", help="Every lecture.")] = False,
    root: Root = Path(),
    solutions: Annotated[bool, typer.Option("--solutions", help="Show solutions too.")] = False,
    force: Force = False,
    timeout: Timeout = 300.0,
    jobs: Jobs = None,
) -> None:
    """Make build/slides/STEM.html: one file that opens anywhere, without a network."""
    from coursekit.building.course import Course
    from coursekit.building.lectures import Run
    from coursekit.building.slides import build_slides

    if every == bool(stems):
        raise typer.BadParameter("name the lectures to make slides of, or give --all")
    run = Run(timeout, jobs or os.cpu_count() or 1, force)
    _tell(_built(build_slides(Course(root), stems or (), run, solutions)))


def _built(outcomes: Iterator) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.problem:
            yield outcome.problem
        else:
            changed = ", ".join(str(path) for path in outcome.changed)
            typer.echo(f"{outcome.stem}: {changed or 'up to date'}")


def _tell(problems: Iterable[str]) -> None:
    """Print each problem as it comes; end with status 1 if there was any."""
    found = 0
    for problem in problems:
        found += 1
        typer.echo(problem, err=True)
    if found:
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Say what this machine has and what each missing thing costs."""
    from rich.console import Console
    from rich.table import Table

    from coursekit import doctor

    checkup = doctor.examine()
    table = Table("part", "", "found", "what its absence costs", box=None, pad_edge=False)
    for one in checkup.findings:
        sign = "[green]there[/]" if one.present else "[yellow]missing[/]"
        table.add_row(one.name, sign, one.found, "" if one.present else one.cost)
    console = Console()
    console.print(table)
    console.print(repr(checkup), style="bold")
    if not checkup.ready:
        raise typer.Exit(1)


@app.command()
def grade(
    submissions: Annotated[
        Path, typer.Argument(help="Folder with a file or folder a student, or a platform's zip.")
    ],
    out: Annotated[Path, typer.Option(help="Where marks.csv and feedback/ go.")],
    jobs: Annotated[int | None, typer.Option(min=1, help="Submissions at a time.")] = None,
    require_sandbox: Annotated[
        bool, typer.Option("--require-sandbox", help="Refuse to grade without bubblewrap.")
    ] = False,
    release: Annotated[
        Path | None, typer.Option(help="Notebooks as handed out; the course's own otherwise.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Dask's address, to grade on its machines.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="TOML file with weights, late penalties and overrides.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Replace earlier marks unasked.")] = False,
    student: Annotated[
        str | None, typer.Option(help="Grade this one anew, whatever was found before.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="With --student: show everything it did.")
    ] = False,
    sheet: Annotated[
        Path | None, typer.Option(help="Grade sheet that Moodle or Canvas exported, to fill in.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="The sheet's column; Moodle's is found without.")
    ] = None,
    gradebook: Annotated[
        str | None, typer.Option(help="nbgrader's: a file, or a database's address.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the random cases, to grade as elsewhere.")
    ] = None,
) -> None:
    """Grade submissions, each sealed off; go on where an earlier run stopped."""
    from coursekit.grading import export, marks, summary
    from coursekit.grading.batch import RELEASED, grade_folder
    from coursekit.grading.grade_sheet import require_usable
    from coursekit.grading.pool import cluster
    from coursekit.grading.progress import Terminal
    from coursekit.grading.rules import Rules, read_rules

    if verbose and not student:
        raise Problem("--verbose shows how one student was graded; name one with --student")
    cores = jobs or os.cpu_count() or 1
    decided = read_rules(rules) if rules else Rules()
    if sheet:
        require_usable(sheet, column)
    if gradebook:
        from coursekit.grading.gradebook import require_gradebook, write_gradebook

        require_gradebook(gradebook)
    machines = cluster(scheduler) if scheduler else contextlib.nullcontext()
    with machines as executor, Terminal(ask=sys.stdin.isatty() and not yes) as terminal:
        how = (cores, require_sandbox, release or RELEASED, decided, executor, terminal)
        records = grade_folder(submissions, out, *how, [student] if student else [], seed)
    rows = marks.rows(records, decided)
    for status in ("graded", "needs a look", "unreadable"):
        typer.echo(f"{status}: {sum(record.status == status for record in records)}")
    typer.echo(f"marks: {out / marks.NAME}; summary: {out / summary.NAME}")
    if verbose and student:
        typer.echo(export.everything(next(one for one in records if one.student == student)))
    if sheet:
        _fill_in(sheet, out, rows, column)
    if gradebook:
        entered = write_gradebook(gradebook, records, rows)
        typer.echo(f"nbgrader's gradebook: {entered} submissions entered")


def _fill_in(sheet: Path, out: Path, rows: list, column: str | None) -> None:
    from coursekit.grading.grade_sheet import fill_in

    filled = out / f"filled-{sheet.name}"
    missing = fill_in(sheet, rows, filled, column)
    typer.echo(f"grade sheet to import: {filled}")
    if missing:
        typer.echo(f"not in the grade sheet: {', '.join(missing)}", err=True)


@app.command()
def gradescope(
    lecture: Annotated[str, typer.Argument(help="Its stem, such as 05_stride_and_padding.")],
    out: Annotated[Path, typer.Option(help="The zip file to write.")] = Path("autograder.zip"),
    root: Root = Path(),
    rules: Annotated[Path | None, typer.Option(help="TOML file with weights.")] = None,
) -> None:
    """Make the autograder that you upload to Gradescope."""
    from coursekit.grading.gradescope import write_autograder
    from coursekit.grading.rules import read_rules

    if rules:
        read_rules(rules)  # a slip in it is said here, not to students
    size = write_autograder(out, root, lecture, rules)
    typer.echo(f"{out}: {size / 1e6:.1f} MB; upload it as the autograder of {lecture}")


def main() -> None:
    """Run the command line; problems are sentences, with status 1."""
    try:
        app()
    except Problem as problem:
        typer.echo(str(problem), err=True)
        sys.exit(1)
