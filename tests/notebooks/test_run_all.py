"""Run All always works: untouched, half done, wrong, endless; and each check says what it saw.

The solved copies and the untouched ones are run by the builder and by nbval as well.
"""

import re
from pathlib import Path

import nbformat
import pytest

from coursekit.building.execution import run_copy
from coursekit.exercises import EXERCISES

ROOT = Path(__file__).parents[2]
STEMS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.slow

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
    checks = [cell for cell in notebook.cells if "check" in cell.metadata.get("coursekit", {})]
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    for cell in checks:  # the builder drops what a check shows; here it is wanted as text
        cell.source = f"print({cell.source.strip()})"
    run_copy(notebook, timeout=120)
    return {c.metadata.coursekit.check: "".join(o.text for o in c.outputs) for c in checks}


def solved_cells(stem):
    path = ROOT / "build" / "solved" / f"{stem}.ipynb"
    assert path.exists(), "run `coursekit build` first"
    solved = nbformat.read(path, as_version=4)
    return {cell.id: cell.source for cell in solved.cells if cell.id in exercises_in(solved)}


@pytest.mark.parametrize("stem", STEMS)
def test_untouched(stem):
    said = run_with(stem, {})
    assert said.keys() == set(exercises_in(student(stem)))
    for name, words in said.items():
        assert f"{name} is not attempted yet." in words


@pytest.mark.parametrize("stem", STEMS)
def test_half_answered(stem):
    solved = solved_cells(stem)
    half = dict(list(solved.items())[::2])
    for name, words in run_with(stem, half).items():
        assert ("passed" in words) == (name in half), words


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


@pytest.mark.parametrize("stem", STEMS)
def test_an_answer_loops_for_ever(stem):
    name, (code, _) = next(iter(wrong_answers(stem).items()))
    said = run_with(stem, {name: broken(code, ["while True:", "    pass"])})
    assert f"The check stopped {name}(" in said[name]
    assert "Look for a loop that never ends" in said[name]


@pytest.mark.parametrize("stem", STEMS)
def test_every_answer_crashes(stem):
    answers = wrong_answers(stem).items()
    crash = {name: broken(code, ["return 1 / 0"]) for name, (code, _) in answers}
    for name, words in run_with(stem, crash).items():
        assert "its line `return 1 / 0` raised ZeroDivisionError" in words, name


@pytest.mark.parametrize("stem", STEMS)
def test_solved(stem):
    for words in run_with(stem, solved_cells(stem)).values():
        assert "passed" in words
