"""Makes submissions to lecture 05: right, wrong, broken and hostile ones, from the real lecture."""

import copy
import json
import re
from concurrent.futures import Future
from pathlib import Path

from coursekit.building.copies import make_copy
from coursekit.building.source import read_lecture

LECTURE = "05_stride_and_padding"
NAMES = ("output_size", "uncovered_pixels", "same_padding", "receptive_field")
POINTS = {"output_size": 3, "uncovered_pixels": 2, "same_padding": 2, "receptive_field": 3}
SOURCE = Path(__file__).parents[2] / "solutions" / f"{LECTURE}.py"


def lecture_copy(kind):
    """The student's or the solved copy of the lecture, as plain JSON."""
    return json.loads(json.dumps(make_copy(read_lecture(SOURCE), kind)))


STUDENT, SOLVED = lecture_copy("student"), lecture_copy("solved")


def untouched():
    return copy.deepcopy(STUDENT)


def solved():
    return copy.deepcopy(SOLVED)


def cell_of(notebook, name):
    """The cell of an exercise."""
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)


def solution(name):
    return cell_of(SOLVED, name)["source"]


def answered(notebook=None, **sources):
    """A solved notebook in which some exercises have another source."""
    notebook = notebook or solved()
    for name, source in sources.items():
        cell_of(notebook, name)["source"] = source
    return notebook


def with_cell(source, before=None, notebook=None):
    """A solved notebook with one more code cell: at the end, or before an exercise."""
    notebook = notebook or solved()
    place = len(notebook["cells"])
    if before:
        place = notebook["cells"].index(cell_of(notebook, before))
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    notebook["cells"].insert(place, {**cell, "id": f"added-{place}", "source": source})
    return notebook


def without(notebook, *names):
    """A notebook from which exercise cells were deleted."""
    notebook["cells"] = [cell for cell in notebook["cells"] if cell.get("id") not in names]
    return notebook


def with_body(name, body):
    """The source of an exercise whose function does something else."""
    header = solution(name).split("\n")[0]
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return f"{header}\n{lines}\n"


def doing_first(name, body):
    """The right answer, after the function has done something else as well."""
    right = solution(name)
    start = right.index('"""', right.index('"""') + 3) + 3  # after the docstring
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return f"{right[:start]}\n{lines}{right[start:]}"


def old_format(notebook):
    """The notebook as nbformat 3 kept it: worksheets, `input`, no ids, no metadata."""
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            lines = cell["source"].splitlines(True)
            cells.append({"cell_type": "code", "input": lines, "language": "python", "outputs": []})
        else:
            cells.append({"cell_type": "markdown", "source": cell["source"]})
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}


def stripped(notebook):
    """The notebook without any metadata or ids, as some converters leave it."""
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    notebook["metadata"] = {}
    return notebook


def with_outputs(notebook, megabytes):
    """The notebook with a huge output in it."""
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    text = "x" * (megabytes << 20)
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [text]}]
    return notebook


def renamed(name, new):
    return re.sub(rf"def {name}\b", f"def {new}", solution(name))


def conflicted(name):
    return f"<<<<<<< HEAD\n{solution(name)}\n=======\npass\n>>>>>>> theirs\n"


def text_of(notebook):
    return json.dumps(notebook)


class Here:
    """An executor that runs everything at once, in this process."""

    def submit(self, function, *args):
        future = Future()
        future.set_result(function(*args))
        return future
