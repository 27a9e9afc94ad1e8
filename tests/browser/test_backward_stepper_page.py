"""The backward stepper in JupyterLab and in a page without a kernel, moved by hand."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_stepper import FAINT, OVERFLOWS, numbers, page_with, wait_for_kernel

from coursekit.widgets import BackwardStepper
from coursekit.widgets.backward_state import chosen

pytestmark = pytest.mark.browser

SENTENCE = ".ck-backward .ck-sentence"
PIXELS = ".ck-x .ck-cell"
DOUT = ".ck-dout .ck-cell"
GRADIENT = ".ck-gradients .ck-cell"
MAKE = "from coursekit.widgets import BackwardStepper\nstepper = BackwardStepper({})\nstepper"
SPOILED = """
from coursekit import layers
def conv2d_backward(dout, x, w, stride=1, padding=0):
    dx, dw, db = layers.conv2d_backward(dout, x, w, stride, padding)
    dx[:, :, 0] = 100
    return dx, dw, db
"""


def show(lab, arguments="", before="import numpy as np"):
    """A notebook with cells around a stepper, run."""
    lab.open_cells(before, MAKE.format(arguments), "after = 1")
    lab.run_all()
    lab.page.wait_for_selector(".ck-backward")
    assert lab.errors() == []


def open_page(offline_page, tmp_path, monkeypatch, *steppers):
    page = offline_page.page
    page.goto(page_with(tmp_path, monkeypatch, *steppers))
    page.wait_for_selector("[data-coursekit-ready]")
    return page


def test_mouse_and_keys_choose_a_pixel_and_the_kernel_knows(lab):
    show(lab)
    page = lab.page
    cells, selected = page.locator(".jp-Cell").count(), None
    page.locator(PIXELS).nth(0).click()
    wait_for_kernel(lab, "stepper.pixel", [0, 0, 0])
    selected = lab.active_cell()
    assert page.inner_text(SENTENCE) == (
        "Pixel x[0, 0, 0] was read by 1 output. Term 1 of 1: dout[0, 0, 0] times w[0, 0, 0, 0], "
        "1 × 1 = 1; the sum is 1."
    )
    for key in ("ArrowDown", "ArrowRight", "a", "b", "d", "d", "x"):
        page.keyboard.press(key)
    wait_for_kernel(lab, "stepper.pixel", [0, 1, 1])
    assert page.inner_text(SENTENCE) == lab.kernel_eval("stepper.sentence")
    assert page.locator(DOUT + ".ck-used").count() == 4
    page.locator(GRADIENT).nth(24).click()
    wait_for_kernel(lab, "stepper.pixel", [0, 4, 4])
    assert (page.locator(".jp-Cell").count(), lab.active_cell()) == (cells, selected)


def test_buttons_and_clicks_walk_the_terms(lab):
    show(lab)
    page = lab.page
    page.get_by_role("button", name="First").click()
    wait_for_kernel(lab, "stepper.term", 1)
    page.get_by_role("button", name="Step").click()
    wait_for_kernel(lab, "stepper.term", 2)
    assert "the sum so far is 4." in page.inner_text(SENTENCE)
    assert page.locator(DOUT + ".ck-added").count() == 2
    page.locator(DOUT).nth(6).click()
    wait_for_kernel(lab, "stepper.term", 7)
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector("button[aria-label=Play]")
    wait_for_kernel(lab, "stepper.term", 9)
    assert page.inner_text(SENTENCE) == lab.kernel_eval("stepper.sentence")


def test_modes_stride_and_typed_numbers_reach_the_kernel(lab):
    show(lab)
    page = lab.page
    page.get_by_label("∂L/∂w, of a weight").check()
    wait_for_kernel(lab, "stepper.mode", "dw")
    page.locator(".ck-w .ck-cell").nth(4).click()
    wait_for_kernel(lab, "stepper.weight", [0, 0, 1, 1])
    page.get_by_label("Padding p").focus()
    page.keyboard.press("ArrowRight")
    wait_for_kernel(lab, "list(stepper.dout.shape)", [1, 5, 5])
    wait_for_kernel(lab, "stepper.term", 25)
    page.locator(DOUT).first.click()
    page.keyboard.type("-3")
    page.keyboard.press("Enter")
    wait_for_kernel(lab, "float(stepper.dout[0, 0, 0])", -3)
    assert page.inner_text(SENTENCE) == lab.kernel_eval("stepper.sentence")
    page.get_by_label("∂L/∂b, of a bias").check()
    wait_for_kernel(lab, "len(stepper.terms())", 25)
    lab.kernel_run("stepper.mode, stepper.pixel = 'dx', (0, 0, 3)")
    page.wait_for_function(
        "(said) => document.querySelector('.ck-backward .ck-sentence').innerText === said",
        arg=lab.kernel_eval("stepper.sentence"),
    )


def test_the_students_own_backward_is_drawn_and_marked(lab):
    show(lab, "backward=conv2d_backward", before=SPOILED)
    page = lab.page
    page.wait_for_selector(GRADIENT + ".ck-wrong")
    assert page.locator(GRADIENT + ".ck-wrong").count() == 5
    assert page.inner_text(".ck-whose") == (
        "Gradients by your conv2d_backward: 5 of 25 numbers of dx differ from the sums."
    )
    page.locator(PIXELS).first.click()
    wait_for_kernel(lab, "stepper.pixel", [0, 0, 0])
    assert page.inner_text(SENTENCE).endswith("the sum is 1. Your conv2d_backward gives 100.")


def test_predict_then_reveal_by_keyboard(offline_page, tmp_path, monkeypatch):
    page = open_page(offline_page, tmp_path, monkeypatch, BackwardStepper(predict=True))
    assert page.locator(DOUT + ".ck-used").count() == page.locator(GRADIENT + ":visible").count()
    page.locator(PIXELS).nth(1).click()
    assert page.inner_text(".ck-question p") == "How many terms does ∂L/∂x[0, 0, 1] add up?"
    page.get_by_label("Predicted number of terms").focus()
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    assert page.inner_text(".ck-feedback") == (
        "Not 9: that is the number of weights in the kernel: not each of them met this pixel. "
        "It is 2."
    )
    assert page.locator(DOUT + ".ck-used").count() == 2
    page.keyboard.press("ArrowRight")  # the focus went on to the gradient
    page.wait_for_selector(".ck-question:visible")
    page.get_by_label("Predicted number of terms").fill("3")
    page.keyboard.press("Enter")
    assert page.inner_text(".ck-feedback") == "Right: 3."
    assert offline_page.problems == []


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 2),
    st.sampled_from(["dx", "dw", "db"]),
    st.integers(0, 9),
)
def test_numbers_on_the_page_are_the_layers(
    offline_page, tmp_path, monkeypatch, k, stride, padding, mode, seed
):
    draws = np.random.default_rng(seed)
    x, w = draws.normal(size=(2, 4, 5)), draws.normal(size=(2, 2, k, k))
    stepper = BackwardStepper(x.round(1), w.round(1), None, stride, padding, mode)
    page = open_page(offline_page, tmp_path, monkeypatch, stepper)
    assert page.inner_text(SENTENCE) == stepper.sentence
    right = stepper.gradients()[mode].ravel()
    np.testing.assert_allclose(numbers(page, GRADIENT), right, atol=0.0051)
    if mode == "dx":
        np.testing.assert_array_equal(numbers(page, ".ck-uses .ck-cell"), stepper.uses().ravel())
    sums = page.locator(".ck-ledger tbody td:last-child").all_inner_texts()
    assert len(sums) == len(stepper.terms())
    if sums:
        total = stepper.gradients()[mode][chosen(stepper)]
        assert float(sums[-1].replace("−", "-")) == pytest.approx(total, abs=0.0051)


def test_widget_lives_in_a_file_and_answers_fast(offline_page, tmp_path, monkeypatch):
    large = BackwardStepper(np.ones((3, 10, 10)), np.ones((3, 3, 3, 3)), padding=2)
    page = open_page(offline_page, tmp_path, monkeypatch, large)
    page.locator(PIXELS).nth(30).click()
    handler = """async () => {
      const times = [];
      const key = (name) => document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", {key: name, bubbles: true}));
      for (let n = 0; n < 41; n += 1) {
        const start = performance.now();
        key(n % 2 ? "ArrowLeft" : "ArrowRight");
        await new Promise((done) => setTimeout(done)); // it is drawn
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b)[20];
    }"""
    assert page.evaluate(handler) < 100  # some 2 on an idle machine
    page.get_by_label("Stride s").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(DOUT).count() == 3 * 6 * 6
    assert offline_page.problems == []


@pytest.mark.parametrize("width", [320, 700, 1280])
def test_nothing_sticks_out_at_any_width(offline_page, tmp_path, monkeypatch, width):
    steppers = [
        BackwardStepper(np.ones((3, 10, 10)), np.ones((3, 3, 5, 5)), padding=2),
        BackwardStepper(np.ones((3, 10, 10)), np.ones((3, 3, 5, 5)), mode="dw"),
        BackwardStepper(np.ones((1, 2, 2))),
        BackwardStepper(predict=True),
    ]
    offline_page.page.set_viewport_size({"width": width, "height": 800})
    page = open_page(offline_page, tmp_path, monkeypatch, *steppers)
    offline_page.screenshot(f"backward_sizes_{width}")
    assert page.evaluate(OVERFLOWS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(offline_page, tmp_path, monkeypatch, scheme):
    offline_page.page.emulate_media(color_scheme=scheme)
    x = np.linspace(-1, 1, 72).reshape(2, 6, 6)
    w = np.linspace(-2, 2, 36).reshape(2, 2, 3, 3)

    def conv2d_backward(dout, x, w, stride=1, padding=0):
        return 0 * x, 0 * w, 0 * w[:, 0, 0, 0]

    steppers = [
        BackwardStepper(x, w, stride=2, padding=1, mode=mode, backward=own)
        for mode, own in (("dx", None), ("dw", None), ("db", None), ("dx", conv2d_backward))
    ]
    page = open_page(offline_page, tmp_path, monkeypatch, *steppers)
    offline_page.screenshot(f"backward_{scheme}", ".ck-backward")
    assert page.evaluate(FAINT) == []
