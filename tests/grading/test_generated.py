"""Three hundred submissions whose marks are known: every mixture of right, mistaken, untouched and
broken answers, and notebooks that somebody's tools have been at."""

import csv
import itertools
import json
import os
import textwrap

import handins as h
import pytest

from coursekit import check
from coursekit.exercises import EXERCISES
from coursekit.grading import batch

pytestmark = pytest.mark.slow

KINDS = ("right", "mistaken", "untouched", "broken")
MISTAKES = {
    "output_size": "return (w_in + padding - dilation * (kernel_size - 1) - 1) // stride + 1",
    "uncovered_pixels": "return list(range(w_in - w_in % stride, w_in))",
    "same_padding": "before = (kernel_size - 1) // 2\nreturn before, kernel_size - 1 - before",
    "receptive_field": "return sum(kernel_size for kernel_size, _ in layers)",
}
BROKEN = ("def {}(:\n    return 3", "{} = 3", "def {}(*given):\n    raise RuntimeError(given)")


def source(name, kind, number):
    """The cell of an exercise, answered in one of four ways."""
    if kind == "right":
        return h.solution(name)
    if kind == "mistaken":
        return h.with_body(name, MISTAKES[name])
    if kind == "untouched":
        return h.cell_of(h.STUDENT, name)["source"]
    return BROKEN[number % len(BROKEN)].format(name)


def points_of_the_mistake(name):
    """What the student's own check gives for it, in the notebook."""
    header = h.solution(name).split("\n")[0]
    scope = {}
    exec(f"{header}\n{textwrap.indent(MISTAKES[name], '    ')}", scope)
    report = check(scope[name], exercise=name, keep=False)
    assert report.mistake, name
    return report.points


def tampered(notebook, number):
    """The notebook after what tools, colleagues and habits do to it; no mark may change."""
    cells = notebook["cells"]
    ways = (
        lambda: [cell.pop("id", None) or cell.update(metadata={}) for cell in cells],
        lambda: cells.reverse() if number % 2 else cells.insert(0, code("%matplotlib inline\n!ls")),
        lambda: cells.append(code("import warnings; warnings.warn('hi'); print('x' * 10**6)")),
        lambda: cells.insert(3, code("1 / 0")),
        lambda: cells.append(code("name = input('your name? ')\n%time name")),
        lambda: notebook.update(nbformat_minor=2, metadata={"kernelspec": {"name": "julia"}}),
    )
    ways[number % len(ways)]()
    return notebook


def code(text):
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": text}


@pytest.fixture(scope="module")
def classes():
    """Student to notebook, and to the kind of each of four answers."""
    mixtures = list(itertools.product(KINDS, repeat=4))
    mixtures += list(itertools.islice(itertools.cycle(mixtures[::7]), 44))
    made = {}
    for number, kinds in enumerate(mixtures):
        sources = {
            name: source(name, kind, number) for name, kind in zip(h.NAMES, kinds, strict=True)
        }
        notebook = h.answered(h.untouched(), **sources)
        notebook["cells"].append(code(f"# notes of student {number}"))
        made[f"s{number:03}"] = (tampered(notebook, number) if number >= 256 else notebook, kinds)
    return made


def test_every_mark_is_what_is_due(classes, tmp_path, release, way):
    folder = tmp_path / "in"
    folder.mkdir()
    for student, (notebook, _) in classes.items():
        (folder / f"{student}.ipynb").write_text(json.dumps(notebook))
    assert len(list(folder.iterdir())) == 300
    batch.grade_folder(folder, tmp_path / "out", os.cpu_count() or 1, release=release, seed=1)
    with open(tmp_path / "out" / "marks.csv", newline="", encoding="utf-8") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    due = {
        name: {"right": EXERCISES[name].points, "mistaken": points_of_the_mistake(name)}
        for name in h.NAMES
    }
    wrong = {
        (student, name, kind): (rows[student][name], rows[student]["note"])
        for student, (_, kinds) in classes.items()
        for name, kind in zip(h.NAMES, kinds, strict=True)
        if float(rows[student][name]) != pytest.approx(due[name].get(kind, 0), abs=1e-3)
    }
    assert wrong == {}


def test_the_mistakes_are_the_known_ones():
    for name in MISTAKES:
        assert 0 <= points_of_the_mistake(name) < EXERCISES[name].points
