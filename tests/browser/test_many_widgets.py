"""Ten different widgets in one notebook: each answers to its keys, and soon."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SIDE, DOWN = ("ArrowRight", "ArrowLeft"), ("ArrowDown", "ArrowUp")
CELL = ".ck-cell[tabindex='0']"
# Name, how it is made, what takes the focus, keys that change what it says and change it back.
TEN = [
    ("PixelMicroscope", "widgets.PixelMicroscope()", ".ck-picture", SIDE),
    ("TaskPicker", "widgets.TaskPicker()", ".ck-options button[tabindex='0']", SIDE),
    ("WeightIndex", "widgets.WeightIndex()", CELL, SIDE),
    ("VolumeExplorer", "widgets.VolumeExplorer()", ".ck-volumes", SIDE),
    ("ConvolutionStepper", "widgets.ConvolutionStepper()", f".ck-result {CELL}", SIDE),
    ("BackwardStepper", "widgets.BackwardStepper()", CELL, SIDE),
    ("PoolingRouter", "widgets.PoolingRouter()", CELL, SIDE),
    ("ArchitectureExplorer", "widgets.ArchitectureExplorer()", ".ck-bars", DOWN),
    ("PatchBrowser", "tiny_browser()", ".ck-card[tabindex='0']", SIDE),
    ("NetworkExplorer", "tiny_explorer()", ".ck-map .ck-net-field", SIDE),
]
SET_UP = f"""import sys
sys.path.append({str(Path(__file__).parents[1] / "widgets")!r})
from coursekit import widgets
from network_cases import tiny_explorer
from patch_cases import tiny_browser"""
# Radio groups in which not one is chosen, and ids that two elements have.
CLASHES = """(cell) => {
  const within = [...document.querySelectorAll(`${cell} .ck-root`)];
  const radios = (root) => Object.groupBy(
    root.querySelectorAll("input[type=radio]"), (box) => box.name);
  const groups = within.flatMap((root) => Object.entries(radios(root)));
  const unchosen = groups.filter(([, boxes]) => boxes.filter((box) => box.checked).length !== 1);
  const ids = [...document.querySelectorAll(`${cell} .ck-root [id]`)].map(({ id }) => id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
  return [...unchosen.map(([name]) => name), ...twice];
}"""
OUTPUT = ".jp-Notebook .jp-Cell[data-windowed-list-index='{}'] .jp-OutputArea-output"
MOST_MS = 100  # a handler takes a few ms on a quiet machine; benchmarks/each_widget.py measures it


def test_ten_widgets_in_one_notebook(lab):
    made = [f"w{number} = {make}\nw{number}" for number, (_, make, *_) in enumerate(TEN, 1)]
    lab.open_cells(SET_UP, *made, name="ten.ipynb")
    lab.run_all()
    assert lab.errors() == []
    for number in range(1, len(TEN) + 1):
        assert_answers(lab, number)
    assert lab.problems == []


def test_two_of_a_kind_do_not_take_each_others_choices(lab):
    """Every widget is a module of its own; a name that each counted from 1 would be shared."""
    pairs = [f"display({make}, {make})" for _, make, *_ in TEN]
    lab.open_cells(SET_UP, *pairs, name="pairs.ipynb")
    lab.run_all()
    assert lab.errors() == []
    for number, (name, *_) in enumerate(TEN, 1):
        scroll_to(lab, number)
        lab.page.wait_for_function(
            "(cell) => document.querySelectorAll(`${cell} .ck-sentence`).length === 2",
            arg=OUTPUT.format(number),
        )
        assert lab.page.evaluate(CLASHES, OUTPUT.format(number)) == [], name


def scroll_to(lab, number):
    """Bring a cell into sight."""
    lab.page.evaluate("(at) => window.rig.panel.content.scrollToItem(at, 'start')", number)


def assert_answers(lab, number):
    """A key changes the sentence on the page and in the kernel, and its handler is quick."""
    name, _, focus, keys = TEN[number - 1]
    page = lab.page
    cell = OUTPUT.format(number)
    scroll_to(lab, number)
    page.wait_for_selector(f"{cell} .ck-sentence")
    before = page.inner_text(f"{cell} .ck-sentence")
    assert before == lab.kernel_eval(f"w{number}.sentence")
    page.focus(f"{cell} {focus}")
    page.keyboard.press(keys[0])
    page.wait_for_function(
        "([place, text]) => document.querySelector(place).innerText !== text",
        arg=[f"{cell} .ck-sentence", before],
    )
    said = page.inner_text(f"{cell} .ck-sentence")
    assert lab.kernel_eval(f"w{number}.sentence") == said, name
    times = sorted(lab.handler_times(keys, 21))
    assert times[len(times) // 2] < MOST_MS, f"{name}: {times}"
