"""The widgets in Notebook 7: shown, moved by keyboard, heard by the kernel, moved from Python."""

import pytest
from test_stepper import OUTPUT, SENTENCE, START, numbers, wait_for_kernel

pytestmark = pytest.mark.browser

CELL = "from coursekit.widgets import ConvolutionStepper\nstepper = ConvolutionStepper()\nstepper"
TRAINER = """from coursekit.data import load
from torch import nn
from coursekit.widgets import LiveTrainer
net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))
trainer = LiveTrainer(net, load("digits"))
trainer"""


def test_keyboard_kernel_and_python_agree(notebook7):
    notebook7.open_cells("1", CELL, "2")
    notebook7.run_all()
    page = notebook7.page
    assert "Notebook" in page.evaluate("() => window.jupyterapp.name")
    page.wait_for_selector(OUTPUT)
    cells = page.locator(".jp-Cell").count()
    assert page.inner_text(SENTENCE) == START
    page.locator(OUTPUT).first.click()
    for key in ("ArrowDown", "ArrowRight", "a", "d", "d"):  # a adds a cell, dd deletes one
        page.keyboard.press(key)
    wait_for_kernel(notebook7, "list(stepper.position)", [1, 1])
    assert page.inner_text(SENTENCE) == notebook7.kernel_eval("stepper.sentence")
    notebook7.kernel_run("stepper.bias = 2; stepper.position = (0, 0)")
    page.get_by_text("with the bias 2 the sum is").first.wait_for()
    expected = notebook7.kernel_eval("stepper.output().ravel().tolist()")
    assert numbers(page, OUTPUT) == pytest.approx(expected, abs=0.0051)
    assert page.locator(".jp-Cell").count() == cells
    assert notebook7.errors() == []


def test_a_network_trains_and_pauses(notebook7):
    notebook7.open_cells(TRAINER)
    notebook7.run_all()
    page = notebook7.page
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Pause", exact=True).wait_for()
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Pause", exact=True).click()
    wait_for_kernel(notebook7, "trainer.running", False)
    assert notebook7.kernel_eval("trainer.steps") > 0
    assert notebook7.errors() == []
