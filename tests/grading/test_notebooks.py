"""Reading notebooks, choosing what to run of them, and saying why an exercise is not found."""

import json
import time

import handins as h
import pytest

from coursekit.grading.notebooks import Cell, Notebook, Unreadable, read_notebook
from coursekit.grading.program import (
    Release,
    absence,
    plain_python,
    read_release,
    steps,
    untouched,
)
from coursekit.grading.submission import lecture_of


def read(tmp_path, notebook, name="a.ipynb"):
    path = tmp_path / name
    path.write_text(json.dumps(notebook))
    return read_notebook(path)


def of_cells(*sources, exercise="same_padding"):
    cells = tuple(Cell(n, source, exercise) for n, source in enumerate(sources, start=1))
    return Notebook(None, "", None, cells)


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [lambda nb: nb, h.stripped, h.old_format], ids=["as it is", "stripped", "format 3"]
)
def test_every_format_gives_the_same_code(tmp_path, change):
    found = read(tmp_path, change(h.solved()))
    assert [cell.source for cell in found.cells] == [
        cell["source"] for cell in h.solved()["cells"] if cell["cell_type"] == "code"
    ]


def test_cells_are_known_by_metadata_or_by_id(tmp_path):
    by_metadata, by_id = h.solved(), h.solved()
    for cell in by_metadata["cells"]:
        cell["id"] = "x"
    for cell in by_id["cells"]:
        cell["metadata"] = {}
    for notebook in (by_metadata, by_id):
        cells = read(tmp_path, notebook).cells
        assert {cell.exercise for cell in cells} >= set(h.NAMES)
        assert {cell.check for cell in cells} >= set(h.NAMES)


@pytest.mark.parametrize(
    "odd",
    [
        {"cells": [None, 3, "x", {"cell_type": "code"}, {"cell_type": "code", "source": None}]},
        {"cells": [{"cell_type": "code", "source": ["a = 1\n", 3, "b = 2"], "metadata": 7}]},
        {"cells": [{"cell_type": "code", "source": "x", "id": 3, "metadata": {"nbgrader": []}}]},
        {"worksheets": [None, {"cells": None}, {"cells": [{"cell_type": "code", "input": 3}]}]},
    ],
)
def test_odd_notebooks_are_read_as_far_as_they_go(tmp_path, odd):
    assert all(isinstance(cell.source, str) for cell in read(tmp_path, odd).cells)


def test_a_file_over_the_limit_is_named_with_its_size(tmp_path):
    path = tmp_path / "a.ipynb"
    with open(path, "wb") as file:
        file.truncate(200 << 20)
    with pytest.raises(Unreadable, match="200 MB; clear its outputs"):
        read_notebook(path)


def test_lectures_are_known_by_metadata_name_or_exercises(tmp_path):
    assert lecture_of(read(tmp_path, h.solved())) == h.LECTURE
    assert lecture_of(read(tmp_path, h.stripped(h.solved()))) == h.LECTURE
    bare = {"cells": []}
    assert lecture_of(read(tmp_path, bare, f"ada_{h.LECTURE} (2).ipynb")) == h.LECTURE
    assert lecture_of(read(tmp_path, bare)) is None


# --- what runs ------------------------------------------------------------------------------------


def test_of_the_lectures_own_cells_only_definitions_run(tmp_path, release):
    released = read_release(release)
    notebook = read(tmp_path, h.with_cell("guess = 1 + 2\nprint(guess)"))
    found = steps(notebook, h.LECTURE, released)
    whole = {step.number for step in found if not step.definitions}
    exercises = {cell.number for cell in notebook.cells if cell.exercise in h.NAMES}
    assert whole == exercises | {notebook.cells[-1].number}
    assert not {cell.number for cell in notebook.cells if cell.check} & {s.number for s in found}


def test_untouched_means_nothing_defines_it_anew(tmp_path, release):
    released = read_release(release)

    def says(notebook):
        return untouched("same_padding", read(tmp_path, notebook), h.LECTURE, released)

    assert says(h.untouched())
    assert not says(h.solved())
    assert not says(h.with_cell("same_padding = lambda k, d=1: 0", notebook=h.untouched()))
    assert not says(h.with_cell("from mine import same_padding", notebook=h.untouched()))
    assert not says(h.without(h.untouched(), "same_padding"))
    assert untouched("same_padding", read(tmp_path, h.untouched()), h.LECTURE, Release()) is False


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("x = 3", "x = 3"),
        ("%%time\nx = 3", "x = 3"),
        ("%%capture out\nx = 3", "x = 3"),
        ("%%bash\nrm -rf /", ""),
        ("%%writefile same_padding.py\nx", ""),
        ("%timeit -n 3 f(3)", "get_ipython().run_line_magic('timeit', '-n 3 f(3)')"),
        ("    x = 3\n    y = 4", "x = 3\ny = 4"),
        (">>> x = 3", "x = 3"),
        (
            "%matplotlib inline\nx = 3",
            "get_ipython().run_line_magic('matplotlib', 'inline')\nx = 3",
        ),
        ("!pip install x", "get_ipython().system('pip install x')"),
        ("text = '''\n%time\n'''", "text = '''\n%time\n'''"),
        ("x = 5 %3", "x = 5 %3"),
        ("def f(:", "def f(:"),
    ],
)
def test_cells_become_plain_python(cell, code):
    assert plain_python(cell) == code


@pytest.mark.parametrize(
    "cell", ["\n" * 199_000 + "x", "% " * 99_000, "=" * 199_000, "import " * 28_000, "? " * 99_000]
)
def test_no_cell_takes_long_to_look_at(cell):
    before = time.perf_counter()
    plain_python(cell)
    notebook = of_cells(cell)
    untouched("same_padding", notebook, "", Release())
    absence("same_padding", "", notebook, {})
    assert time.perf_counter() - before < 20


# --- what is said ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["def padding_same(k): pass"], "is not defined, but padding_same is: give it the name"),
        (["x = 3", "def same_paddding(k): pass"], "is not defined, but same_paddding is"),
        (["def s\u0430me_padding(k): pass"], "'\u0430' (cyrillic small letter a)"),
        (["<<<<<<< HEAD\ndef same_padding(k): pass"], "merge conflict markers"),
        (["x = 3"], "is not defined in its cell"),
        ([], "nowhere in this notebook; its cell was deleted"),
    ],
)
def test_a_missing_function_is_explained(cells, said):
    assert said in absence("same_padding", "", of_cells(*cells), {})


def test_what_happened_to_its_cell_comes_first():
    notebook = of_cells("def same_padding(k): pass")
    assert "its cell broke" in absence("same_padding", "", notebook, {1: "broke"})
    assert "is int, not a function" in absence("same_padding", "int", notebook, {})
