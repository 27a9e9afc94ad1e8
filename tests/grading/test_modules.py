"""Exercises whose answer is a class: built, checked in the notebook and graded behind the wall."""

import json

import pytest

from coursekit.building.copies import make_copy
from coursekit.building.source import read_lecture
from coursekit.checking import check
from coursekit.exercises import EXERCISES
from coursekit.grading.marking import Marker
from coursekit.grading.notebooks import read_notebook
from coursekit.grading.program import read_release

LECTURE = "11_going_deeper"
SOURCE = '''# %% [markdown]
# # Going deeper

# %%
import torch
from torch import nn
from torch.nn import functional as F

from coursekit import check

# %% exercise="Inception"
class Inception(nn.Module):
    """Four branches, stacked."""

    def __init__(self, in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj):
        super().__init__()
        ### BEGIN SOLUTION
        self.one = nn.Conv2d(in_channels, ch1x1, 1)
        self.three_reduced = nn.Conv2d(in_channels, ch3x3red, 1)
        self.three = nn.Conv2d(ch3x3red, ch3x3, 3, padding=1)
        self.five_reduced = nn.Conv2d(in_channels, ch5x5red, 1)
        self.five = nn.Conv2d(ch5x5red, ch5x5, 5, padding=2)
        self.projection = nn.Conv2d(in_channels, pool_proj, 1)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        three = self.three(F.relu(self.three_reduced(x)))
        five = self.five(F.relu(self.five_reduced(x)))
        pooled = self.projection(F.max_pool2d(x, 3, stride=1, padding=1))
        return F.relu(torch.cat([self.one(x), three, five, pooled], dim=1))
        ### END SOLUTION

# %% check="Inception" points=3
check(Inception)
'''
ALEXNET = """import torch
from torch import nn


def alexnet(num_classes=1000):
    def conv(into, out, size, *where):
        return nn.Conv2d(into, out, size, *where), nn.ReLU(inplace=True)

    net, pool = nn.Module(), nn.MaxPool2d(3, 2)
    net.features = nn.Sequential(
        *conv(3, 64, 11, 4, 2), pool, *conv(64, 192, 5, 1, 2), pool, *conv(192, 384, 3, 1, 1),
        *conv(384, 256, 3, 1, 1), *conv(256, 256, 3, 1, 1), pool,
    )
    net.classifier = nn.Sequential(
        nn.Dropout(), nn.Linear(9216, 4096), nn.ReLU(),
        nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, num_classes),
    )
    net.forward = lambda x: net.classifier(net.features(x).flatten(1))
    return net
"""


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """The student's and the solved copy of a lecture with a class in it."""
    path = tmp_path_factory.mktemp("source") / f"{LECTURE}.py"
    path.write_text(SOURCE)
    lecture = read_lecture(path)
    return {k: json.loads(json.dumps(make_copy(lecture, k))) for k in ("student", "solved")}


@pytest.fixture(scope="module")
def mark(copies, tmp_path_factory, way):
    """Grade the solved copy with another source of the exercise's cell, and a cell before it."""
    folder = tmp_path_factory.mktemp("graded")
    (folder / "release").mkdir()
    (folder / "release" / f"{LECTURE}.ipynb").write_text(json.dumps(copies["student"]))
    release = read_release(folder / "release")
    with Marker(way) as marker:

        def marked(source=None, before="", name="Inception", copy="solved"):
            notebook = json.loads(json.dumps(copies[copy]))
            place = next(i for i, c in enumerate(notebook["cells"]) if c["id"] == "Inception")
            if source:
                notebook["cells"][place]["source"] = source
            added = {**notebook["cells"][place], "id": "added", "metadata": {}, "source": before}
            notebook["cells"].insert(place, added)
            (folder / "handed_in.ipynb").write_text(json.dumps(notebook))
            handed_in = read_notebook(folder / "handed_in.ipynb")
            return marker.mark(handed_in, [EXERCISES[name]], release, {name: 7})[0]

        yield marked


def source_of(copy):
    return next(cell["source"] for cell in copy["cells"] if cell.get("id") == "Inception")


# --- the notebook --------------------------------------------------------------------------------


def test_the_students_copy_keeps_the_class_and_loses_both_solutions(copies):
    source = source_of(copies["student"])
    assert source.count('raise NotImplementedError("Inception")') == 2
    assert "self.one" not in source and "super().__init__()" in source


def test_an_untouched_class_is_not_attempted(copies, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(tmp_path / "progress.json"))
    space = run(source_of(copies["student"]))
    assert check(space["Inception"]).status == "not attempted"


def test_a_class_of_which_only_init_is_written_is_not_attempted(copies):
    source = source_of(copies["student"]).replace("raise NotImplementedError", "pass  #", 1)
    assert check(run(source)["Inception"], keep=False).status == "not attempted"


def test_the_solved_class_passes(copies):
    assert check(run(source_of(copies["solved"]))["Inception"], keep=False).status == "passed"


def run(source):
    space = {"__name__": "__main__"}
    exec(SOURCE.split("# %%")[2].split("\n", 1)[1] + source, space)
    return space


def test_a_module_that_is_built_already_is_explained(copies):
    built = run(source_of(copies["solved"]))["Inception"](1, 1, 1, 1, 1, 1, 1)
    report = check(built, exercise="Inception", keep=False)
    assert "check Inception itself, without parentheses" in report.sentence


def test_a_class_that_inherits_the_answer_is_refused():
    from coursekit.models.googlenet import Inception as Theirs

    class Inception(Theirs):
        pass

    assert "calls coursekit" in check(Inception, keep=False).sentence


# --- behind the wall -----------------------------------------------------------------------------


def test_a_right_class_gets_its_points(mark):
    assert (mark().report.status, mark().look) == ("passed", "")


def test_an_untouched_class_gets_none(mark):
    assert mark(copy="student").report.status == "not attempted"


def test_a_right_network_of_61_million_parameters_gets_its_points(mark):
    one = mark(ALEXNET, name="alexnet")
    assert (one.report.status, one.look) == ("passed", "")


def test_a_wrong_class_is_named(mark, copies):
    source = source_of(copies["solved"]).replace("[self.one(x), three", "[three, self.one(x)")
    assert mark(source).report.found == "property:order"
    source = source_of(copies["solved"]).replace("return F.relu(", "return (")
    assert mark(source).report.mistake == "relu-at-the-ends-forgotten"


def test_a_crash_quotes_the_students_own_line(mark, copies):
    source = source_of(copies["solved"]).replace("padding=2", "padding=0").replace("F.relu", "")
    assert "its line `return (torch.cat(" in mark(source).report.sentence


def test_a_renamed_class_is_found(mark, copies):
    one = mark(source_of(copies["solved"]).replace("class Inception", "class InceptionModule"))
    assert one.look == (
        "Inception is not defined, but InceptionModule is: give it the name Inception"
    )


@pytest.mark.slow
def test_a_class_that_never_answers_is_stopped(mark, copies):
    source = source_of(copies["solved"]).replace(
        "three = self", "while True: pass\n        x = self"
    )
    assert mark(source).report.found == "too slow"


WRONG = """
class Inception(nn.Module):
    def __init__(self, c, *widths):
        super().__init__()
        self.widths = c, *widths
    def forward(self, x):
        c, one, _, three, _, five, pool = self.widths
        return torch.zeros(len(x), one + three + five + pool, *x.shape[2:])
"""
LYING = (
    WRONG
    + """
    def shapes(self):
        c, one, red3, three, red5, five, pool = self.widths
        pairs = (c, one, 1), (c, red3, 1), (red3, three, 3), (c, red5, 1), (red5, five, 5)
        convs = [nn.Conv2d(*pair) for pair in (*pairs, (c, pool, 1))]
        return nn.ModuleList(convs)
    def state_dict(self, *args, **kwargs):
        return nn.Module.state_dict(self.shapes())
    def named_parameters(self, *args, **kwargs):
        return self.shapes().named_parameters()
    def parameters(self, *args, **kwargs):
        return self.shapes().parameters()
    def load_state_dict(self, *args, **kwargs):
        return "<All keys matched successfully>"
"""
)
EQUAL = (
    WRONG
    + """
    def __call__(self, x):
        return Yes(torch.zeros(1))
class Yes(torch.Tensor):
    __eq__ = lambda *a: True
    def __torch_function__(self, *a, **k): return True
"""
)
ATTACKS = {
    "wrong": (WRONG, ""),
    "a state dict that is not its own": (LYING, ""),
    "equal to everything": (EQUAL, ""),
    "patched comparisons": (
        WRONG,
        "import torch, numpy as np\n"
        "for place in (torch, np, torch.testing):\n"
        "    for name in ('equal', 'allclose', 'isclose', 'array_equal', 'assert_close'):\n"
        "        setattr(place, name, lambda *a, **k: True)\n",
    ),
    "patched inputs and outputs": (
        WRONG,
        "import torch\n"
        "torch.from_numpy = lambda array: torch.zeros(array.shape)\n"
        "torch.manual_seed = torch.set_num_threads = lambda *a: None\n"
        "torch.nn.Module.eval = torch.nn.Module.train = lambda self, *a: self\n"
        "torch.Tensor.detach = lambda self: self\n",
    ),
    "another probe": (
        WRONG,
        "import gc\n"
        "for one in gc.get_objects():\n"
        "    if isinstance(one, dict) and 'large_module' in one and 'module' in one:\n"
        "        one['module'] = lambda build: lambda *a: [[], []]\n",
    ),
    "a stolen reference": (
        "from coursekit.models.googlenet import Inception as Theirs\n"
        "class Inception(Theirs):\n    pass\n",
        "",
    ),
    "a reference from elsewhere": (
        "import torchvision\nInception = torchvision.models.googlenet.Inception\n",
        "",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_points_that_are_not_due(mark, attack):
    source, before = ATTACKS[attack]
    assert mark(source, before).report.points == 0


def test_whatever_else_is_patched_a_right_class_may_still_pass(mark):
    """Numbers decide, and not how they came about."""
    assert mark(before="torch.allclose = None").report.status == "passed"
