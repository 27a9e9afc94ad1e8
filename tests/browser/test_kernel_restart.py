"""A restarted kernel: the last picture stays, with a note; what needs no kernel goes on."""

import pytest
from test_live_trainer_page import MAKE as TRAINER
from test_live_trainer_page import NET, wait_for
from test_stepper import OUTPUT, SENTENCE, show

from coursekit.widgets import ConvolutionStepper

pytestmark = pytest.mark.browser

NOTE = (
    "The kernel that made this picture is gone: Python no longer hears what is done here. "
    "Run this cell again to connect them."
)
RUN = """async (number) => {
  window.rig.panel.content.activeCellIndex = number;
  await window.jupyterapp.commands.execute("notebook:run-cell");
}"""
RESTART = """async () => {
  const { sessionContext } = window.rig.panel;
  await sessionContext.restartKernel();
  window.rig.kernel = sessionContext.session.kernel;
  await window.rig.kernel.info;
}"""


def restart(lab):
    """Restart the kernel, as the menu does after its question; wait for the widget's note."""
    lab.page.evaluate(RESTART)
    lab.page.wait_for_selector(".ck-gone:visible")
    assert lab.page.inner_text(".ck-gone") == NOTE
    assert lab.errors() == []


def run_again(lab, *numbers):
    for number in numbers:
        lab.page.evaluate(RUN, number)
    lab.page.wait_for_selector(".ck-root")
    lab.page.wait_for_selector(".ck-gone", state="hidden")
    assert lab.errors() == []


def test_a_trainer_that_trained_keeps_its_picture_and_trains_anew(lab):
    lab.open_cells(NET, TRAINER + "\ntrainer.start()\ntrainer")
    lab.run_all()
    wait_for(lab, "trainer.running and trainer.steps > 30")
    page = lab.page
    page.wait_for_function(
        "() => Number(document.querySelector('.ck-readouts dd').innerText.replace(',', '')) > 900"
    )
    restart(lab)
    seen = page.inner_text(".ck-readouts")
    page.wait_for_timeout(5000)  # longer than it waits for an answer or a slow batch
    assert page.inner_text(".ck-readouts") == seen
    assert page.locator(".ck-chart").count() == 3
    assert page.locator(".ck-trainer .ck-note:visible").count() == 0
    assert page.locator(".ck-controls button:not([disabled])").count() == 0
    page.locator(".ck-layer input").first.check()
    assert page.locator(".ck-facts dd").first.inner_text() == "4×8×8"
    run_again(lab, 0, 1)
    wait_for(lab, "[trainer.running and trainer.steps > 5, len(threads())]", [True, 1])
    assert lab.problems == []


def test_a_stepper_goes_on_by_itself_and_says_what_it_misses(lab):
    before = "def twice(x, w, b, stride, padding):\n    return 0 * x[:, :1, :5, :5]"
    show(lab, "forward=twice", before)
    page = lab.page
    assert "Numbers by your twice" in page.inner_text(".ck-whose")
    restart(lab)
    page.locator(OUTPUT).nth(1).click()
    page.keyboard.press("ArrowDown")
    own = " Your twice gives 0."
    assert page.inner_text(SENTENCE) == ConvolutionStepper(position=(1, 1)).sentence + own
    page.get_by_label("Stride s").focus()
    page.keyboard.press("ArrowRight")
    assert page.inner_text(SENTENCE) == ConvolutionStepper(stride=2, position=(1, 1)).sentence
    unanswered = "Your twice has not answered for these numbers yet."
    assert page.inner_text(".ck-whose").endswith(unanswered)
    assert page.inner_text(".ck-gone") == NOTE
    run_again(lab, 0, 1)
    page.locator(OUTPUT).nth(2).click()
    wait_for(lab, "list(stepper.position)", [0, 2])
    assert lab.problems == []
