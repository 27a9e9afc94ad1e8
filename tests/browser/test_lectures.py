"""The lectures in JupyterLab, used as a student uses them."""

from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.browser

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
STEPPER = next(path for path in NOTEBOOKS if path.stem == "05_stride_and_padding")
START = next(path for path in NOTEBOOKS if path.stem == "00_start_here")

SELECT = """async (id) => {
  const notebook = window.rig.panel.content;
  const index = notebook.widgets.findIndex((cell) => cell.model.id === id);
  notebook.activeCellIndex = index;
  await notebook.scrollToItem(index, "center");
  await window.jupyterapp.commands.execute("notebook:enter-edit-mode");
}"""
OUTPUT_TEXT = """async (id) => {
  const notebook = window.rig.panel.content;
  const index = notebook.widgets.findIndex((cell) => cell.model.id === id);
  await notebook.scrollToItem(index, "center");  // Lab attaches what is in view
  return notebook.widgets[index].outputArea?.node.innerText ?? "";
}"""
IDLE = "() => window.rig.kernel.status === 'idle'"

WRONG = """def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return (w_in + padding - dilation * (kernel_size - 1) - 1) // stride + 1"""
RIGHT = """def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):
    steps = w_in + 2 * padding - dilation * (kernel_size - 1) - 1
    if steps < 0:
        raise ValueError("no window fits")
    return steps // stride + 1"""


def cell_id(path, words):
    """The id of the first code cell with these words in it."""
    cells = nbformat.read(path, as_version=4).cells
    return next(cell.id for cell in cells if cell.cell_type == "code" and words in cell.source)


def write_and_run(lab, cell, source):
    """Replace a cell's text by hand and press Shift+Enter."""
    lab.page.evaluate(SELECT, cell)
    lab.page.keyboard.press("Control+A")
    lab.page.keyboard.insert_text(source)
    run(lab)


def run(lab, cell=None):
    if cell:
        lab.page.evaluate(SELECT, cell)
    lab.page.keyboard.press("Shift+Enter")
    lab.page.wait_for_timeout(200)
    lab.page.wait_for_function(IDLE)


def said(lab, cell, words):
    """The text of a cell's output, as soon as it holds these words."""
    for _ in range(100):
        text = lab.page.evaluate(OUTPUT_TEXT, cell)
        if words in text:
            return text
        lab.page.wait_for_timeout(100)
    raise AssertionError(f"{words!r} is not in the output of {cell}: {text!r}")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_run_all_of_an_untouched_lecture(lab, path):
    lab.open(path)
    lab.run_all()
    assert lab.errors() == []
    assert lab.problems == []
    lab.screenshot(f"lecture_{path.stem}")


def test_an_exercise_wrong_and_then_right(lab):
    lab.open(STEPPER)
    lab.run_all()
    assert "not attempted yet" in said(lab, "check-output_size", "not attempted")
    write_and_run(lab, "output_size", WRONG)
    run(lab, "check-output_size")
    report = said(lab, "check-output_size", "padding is counted on one side only")
    assert "On how many sides of the row do zeros stand?" in report
    lab.screenshot("exercise_wrong")
    write_and_run(lab, "output_size", RIGHT)
    run(lab, "check-output_size")
    assert "3 of 3 points" in said(lab, "check-output_size", "output_size: passed")
    assert lab.kernel_eval("mine('output_size').whose") == "yours"
    stepper = cell_id(STEPPER, "ConvolutionStepper(")
    run(lab, stepper)
    assert "Sizes drawn by your output_size" in said(lab, stepper, "Sizes drawn by your")
    lab.screenshot("stepper_with_own_function")
    assert lab.errors() == []


def test_a_students_wrong_sizes_are_drawn_only_after_passing(lab):
    lab.open(STEPPER)
    write_and_run(lab, "output_size", WRONG)
    lab.run_all()
    assert lab.kernel_eval("mine('output_size').whose") == "the course's"
    assert lab.errors() == []


def test_progress_is_kept_from_one_notebook_to_the_next(lab):
    lab.open(START)
    lab.run_all(seconds=120)
    write_and_run(
        lab,
        "count_numbers",
        "def count_numbers(height, width, channels=3):\n    return height * width * channels",
    )
    run(lab, "check-count_numbers")
    said(lab, "check-count_numbers", "count_numbers: passed")
    table = cell_id(START, "progress(")
    run(lab, table)
    assert "count_numbers" in said(lab, table, "passed")
