"""Run All always works: untouched, half done, wrong, endless; and each check says what it saw.

The solved copies and the untouched ones are run by the builder and by nbval as well.
"""

from pathlib import Path

import nbformat
import pytest

from coursekit.building.execution import run_copy
from coursekit.exercises import EXERCISES

ROOT = Path(__file__).parents[2]
STEMS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.slow

# exercise -> (a wrong answer as a student writes it, the known mistake the check must name)
WRONG = {
    "count_numbers": (
        "def count_numbers(height, width, channels=3):\n    return height * width",
        "channels-forgotten",
    ),
    "output_size": (
        "def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):\n"
        "    return (w_in + 2 * padding - dilation * (kernel_size - 1) - 1) // stride",
        "plus-one-forgotten",
    ),
    "same_padding": (
        "def same_padding(kernel_size, dilation=1):\n    return (kernel_size - 1) // 2, "
        "(kernel_size - 1) - (kernel_size - 1) // 2",
        "dilation-ignored",
    ),
    "uncovered_pixels": (
        "def uncovered_pixels(w_in, kernel_size, stride=1, padding=0, dilation=1):\n"
        "    return list(range(w_in - w_in % stride, w_in))",
        "width-modulo-stride",
    ),
    "receptive_field": (
        "def receptive_field(layers):\n    return sum(k for k, _ in layers)",
        "sum-of-kernels",
    ),
}


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


@pytest.mark.parametrize("stem", STEMS)
def test_every_answer_wrong(stem):
    names = exercises_in(student(stem))
    said = run_with(stem, {name: WRONG[name][0] for name in names})
    for name in names:
        mistake = EXERCISES[name].mistakes[WRONG[name][1]]
        assert f"Your answer equals what one gets if {mistake.sentence}." in said[name]
        assert mistake.hint in said[name]


@pytest.mark.parametrize("stem", STEMS)
def test_an_answer_loops_for_ever(stem):
    names = exercises_in(student(stem))
    endless = WRONG[names[0]][0].split("\n")[0] + "\n    while True:\n        pass"
    said = run_with(stem, {names[0]: endless})
    assert f"The check stopped {names[0]}(" in said[names[0]]
    assert "Look for a loop that never ends" in said[names[0]]


@pytest.mark.parametrize("stem", STEMS)
def test_every_answer_crashes(stem):
    names = exercises_in(student(stem))
    crash = {name: WRONG[name][0].split("\n")[0] + "\n    return 1 / 0" for name in names}
    for name, words in run_with(stem, crash).items():
        assert "its line `return 1 / 0` raised ZeroDivisionError" in words, name


@pytest.mark.parametrize("stem", STEMS)
def test_solved(stem):
    for words in run_with(stem, solved_cells(stem)).values():
        assert "passed" in words
