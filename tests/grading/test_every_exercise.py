"""For every exercise of the course: right answers get all points behind the wall, however the
notebook around them looks, and answers with other parameter names do too."""

import ast
import json

import handins as h
import pytest

from coursekit.building.copies import make_copy
from coursekit.building.source import read_lecture
from coursekit.exercises import EXERCISES
from coursekit.grading.marking import Marker
from coursekit.grading.notebooks import read_notebook
from coursekit.grading.program import read_release

pytestmark = pytest.mark.slow

LECTURES = sorted({one.lecture for one in EXERCISES.values()})
CLUTTER = [
    "%matplotlib inline\n!pip list\nfiles = !ls",
    "import warnings\nwarnings.warn('careful')\nprint('x' * 10**5)",
    "import matplotlib.pyplot as plt\nfig, axes = plt.subplots(2, 3)\naxes[0].plot([1])",
    "name = input('Your name? ')\nanswer = int(name or 3)",
    "raise RuntimeError('left over from trying things out')",
    "def helper(x):\n    return x",
    "%%bash\necho hello",
    "assert False",
]


def code(source):
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}


def copy_of(lecture, kind):
    path = h.SOURCE.parent / f"{lecture}.py"
    return json.loads(json.dumps(make_copy(read_lecture(path), kind)))


def cluttered(notebook, stubs):
    """No ids, no metadata; clutter between the cells, every stub before its answer."""
    cells = [code(CLUTTER[0])]
    for number, cell in enumerate(h.stripped(notebook)["cells"]):
        cells += [*stubs.pop(number, ()), cell, code(CLUTTER[number % len(CLUTTER)])]
    return {**notebook, "cells": cells}


def renamed_parameters(source, name):
    """The same function with every parameter called otherwise."""
    tree = ast.parse(source)
    function = next(n for n in ast.walk(tree) if getattr(n, "name", "") == name)
    names = {one.arg for one in function.args.args}
    for node in ast.walk(function):
        if isinstance(node, ast.arg) and node.arg in names:
            node.arg += "_mine"
        if isinstance(node, ast.Name) and node.id in names:
            node.id += "_mine"
    return ast.unparse(tree)


def renamed(notebook):
    for cell in notebook["cells"]:
        name = cell.get("id")
        if name in EXERCISES and not EXERCISES[name].probe:
            cell["source"] = renamed_parameters(cell["source"], name)
    return notebook


def split(notebook):
    """Every exercise's cell in two: a helper with its own imports first, the function last."""
    cells = []
    for cell in notebook["cells"]:
        if cell.get("id") in EXERCISES:
            *before, last = ast.parse(cell["source"]).body
            cells += [code(ast.unparse(one)) for one in before]
            cells.append({**cell, "source": f"# mine\n\n{ast.unparse(last)}\n"})
        else:
            cells.append(cell)
    return {**notebook, "cells": cells}


@pytest.fixture(scope="module")
def marked(tmp_path_factory, way):
    folder = tmp_path_factory.mktemp("every")
    with Marker(way) as marker:

        def mark(lecture, notebook):
            """Points by exercise, and what the grader wants looked at."""
            (folder / "release").mkdir(exist_ok=True)
            student = folder / "release" / f"{lecture}.ipynb"
            student.write_text(json.dumps(copy_of(lecture, "student")))
            (folder / f"{lecture}.ipynb").write_text(json.dumps(notebook))
            wanted = [one for one in EXERCISES.values() if one.lecture == lecture]
            seeds = {one.name: 2026 + place for place, one in enumerate(wanted)}
            handed_in = read_notebook(folder / f"{lecture}.ipynb")
            found = marker.mark(handed_in, wanted, read_release(folder / "release"), seeds)
            return {
                one.report.exercise: one.report.points if not one.look else one.look
                for one in found
            }

        yield mark


def due(lecture):
    return {one.name: one.points for one in EXERCISES.values() if one.lecture == lecture}


@pytest.mark.parametrize("lecture", LECTURES)
def test_the_solved_lecture_gets_all_points(marked, lecture):
    assert marked(lecture, copy_of(lecture, "solved")) == due(lecture)


@pytest.mark.parametrize("lecture", LECTURES)
def test_clutter_and_lost_metadata_cost_nothing(marked, lecture):
    stubs = {
        number: [cell]
        for number, cell in enumerate(copy_of(lecture, "student")["cells"])
        if cell.get("id") in EXERCISES
    }
    notebook = cluttered(copy_of(lecture, "solved"), stubs)
    assert marked(lecture, notebook) == due(lecture)


@pytest.mark.parametrize("lecture", LECTURES)
def test_other_parameter_names_and_split_cells_cost_nothing(marked, lecture):
    assert marked(lecture, renamed(split(copy_of(lecture, "solved")))) == due(lecture)


@pytest.mark.parametrize("lecture", LECTURES)
def test_an_untouched_lecture_gets_nothing(marked, lecture):
    assert marked(lecture, copy_of(lecture, "student")) == dict.fromkeys(due(lecture), 0)
