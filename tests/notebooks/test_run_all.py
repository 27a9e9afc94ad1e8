"""Run All always works, whatever the answers are; and each check says what it saw.

The untouched and the solved copies are run by the builder and by nbval; here run two more of each
lecture: every answer wrong, and answers that hang, crash, are missing and right, side by side. In
both, all predictions are made, and wrong.
"""

import itertools
import re
from pathlib import Path

import nbformat
import pytest

from coursekit.building.execution import run_copy
from coursekit.exercises import EXERCISES

ROOT = Path(__file__).parents[2]
STEMS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.slow

NO_GUESS = "guess = None\n"

# One exercise in a file of wrong answers: the slug of the mistake, and the code.
WRONG_ANSWER = re.compile(
    r"^# ([a-z0-9-]+)\n((?:def|class) (\w+)(?s:.*?))(?=\n\n\n|\Z)", re.MULTILINE
)


def wrong_answers(stem):
    """Exercise -> (code as a student writes it, the known mistake that the check must name)."""
    text = (Path(__file__).parent / "wrong_answers" / f"{stem}.py").read_text(encoding="utf-8")
    return {name: (code, slug) for slug, code, name in WRONG_ANSWER.findall(text)}


def student(stem):
    return nbformat.read(ROOT / "notebooks" / f"{stem}.ipynb", as_version=4)


def exercises_in(notebook):
    return [cell.id for cell in notebook.cells if "exercise" in cell.metadata.get("coursekit", {})]


def run_with(stem, answers):
    """Run the student's copy with some exercise cells replaced; what each check then says."""
    notebook = student(stem)
    predictions = [cell for cell in notebook.cells if cell.source.startswith(NO_GUESS)]
    assert len(predictions) >= 3
    for cell in predictions:
        cell.source = cell.source.replace(NO_GUESS, "guess = -7\n")
    checks = [cell for cell in notebook.cells if "check" in cell.metadata.get("coursekit", {})]
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    for cell in checks:  # the builder drops what a check shows; here it is wanted as text
        cell.source = f"print({cell.source.strip()})"
    run_copy(notebook, timeout=120)
    for cell in predictions:
        assert "You predicted -7; it is " in cell.outputs[-1].data["text/plain"]
    return {c.metadata.coursekit.check: "".join(o.text for o in c.outputs) for c in checks}


def solved_cells(stem):
    path = ROOT / "build" / "solved" / f"{stem}.ipynb"
    assert path.exists(), "run `coursekit build` first"
    solved = nbformat.read(path, as_version=4)
    return {cell.id: cell.source for cell in solved.cells if cell.id in exercises_in(solved)}


def broken(code, body):
    """A student's cell that keeps its first lines and does something else in the function."""
    head = re.match(r"(?s:.*?)^( *)def .*?:\n", code, re.MULTILINE)
    return head[0] + "\n".join(f"{head[1]}    {line}" for line in body)


@pytest.mark.parametrize("stem", STEMS)
def test_every_answer_wrong(stem):
    wrong = wrong_answers(stem)
    assert wrong.keys() == set(exercises_in(student(stem)))
    said = run_with(stem, {name: code for name, (code, _) in wrong.items()})
    for name, (_, slug) in wrong.items():
        mistake = EXERCISES[name].mistakes[slug]
        assert f"Your answer equals what one gets if {mistake.sentence}." in said[name]
        assert mistake.hint in said[name]


def hang(name, code):
    return broken(code, ["while True:", "    pass"]), (
        f"The check stopped {name}(",
        "Look for a loop that never ends",
    )


def crash(name, code):
    return broken(code, ["return 1 / 0"]), ("its line `return 1 / 0` raised ZeroDivisionError",)


@pytest.mark.parametrize("stem", STEMS)
def test_answers_that_hang_crash_are_missing_and_right(stem):
    solved = solved_cells(stem)
    ways = (
        hang,
        crash,
        lambda name, code: (None, (f"{name} is not attempted yet.",)),
        lambda name, code: (solved[name], (f"{name}: passed",)),
    )
    wrong = wrong_answers(stem).items()
    mixed = {
        name: way(name, code)
        for (name, (code, _)), way in zip(wrong, itertools.cycle(ways), strict=False)
    }
    answers = {name: answer for name, (answer, _) in mixed.items() if answer}
    said = run_with(stem, answers)
    for name, (_, words) in mixed.items():
        assert all(each in said[name] for each in words), said[name]


@pytest.mark.parametrize("stem", STEMS)
def test_the_solved_copy_passes_every_check(stem):
    solved = nbformat.read(ROOT / "build" / "solved" / f"{stem}.ipynb", as_version=4)
    checks = [cell for cell in solved.cells if "check" in cell.metadata.get("coursekit", {})]
    assert len(checks) == len(exercises_in(solved))
    for cell in checks:
        assert f"{cell.metadata.coursekit.check}: passed" in cell.outputs[-1].data["text/plain"]
