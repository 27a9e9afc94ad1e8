"""The convolution stepper in JupyterLab and in a page without a kernel, moved by hand."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coursekit import layers
from coursekit.widgets import ConvolutionStepper
from coursekit.widgets.page import host_script, widget_html

pytestmark = pytest.mark.browser

SENTENCE = ".ck-stepper .ck-sentence"
OUTPUT = ".ck-result .ck-cell"
MAKE = "from coursekit.widgets import ConvolutionStepper\nstepper = ConvolutionStepper({})\nstepper"
START = (
    "Output row 1, column 1 of 5 by 5: channel 1 adds 0.4, channel 2 adds 0, "
    "channel 3 adds 0.1; with the bias 0 the sum is 0.5."
)

# A page for each of ten random settings.
TEN_PAGES = settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# Elements wider than the widget; the window itself may reach past the input.
OVERFLOWS = """() => [...document.querySelectorAll(".ck-root")].flatMap((root) => {
  const edge = root.getBoundingClientRect().right;
  return [...root.querySelectorAll(":not(.ck-window)")].filter((part) =>
    part.checkVisibility() && part.getBoundingClientRect().right > edge + 1)
    .map((part) => `${part.className}: ${part.getBoundingClientRect().right} > ${edge}`);
})"""
# Texts with a contrast below 4.5 against the color behind them. Colors are read from a canvas:
# the page computes them in several notations.
FAINT = """() => {
  const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (part) => {
    const color = rgba(getComputedStyle(part).backgroundColor);
    return color[3] === 255 ? color : behind(part.parentElement);
  };
  const ratio = (part) => {
    const [a, b] = [light(rgba(getComputedStyle(part).color)), light(behind(part))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  return [...document.querySelectorAll(".ck-root *")]
    .filter((part) => [...part.childNodes].some((node) => node.data?.trim()))
    .filter((part) => part.checkVisibility() && !(ratio(part) >= 4.5))
    .map((part) => `${part.className} ${part.textContent} ${ratio(part).toFixed(2)}`);
}"""


def show(lab, arguments="", before="import numpy as np", wait=OUTPUT):
    """A notebook with cells around a stepper, run."""
    lab.open_cells(before, MAKE.format(arguments), "after = 1")
    lab.run_all()
    lab.page.wait_for_selector(wait)
    assert lab.errors() == []


def wait_for_kernel(lab, expression, value):
    """Wait until the kernel has heard what the page did."""
    for _ in range(100):
        found = lab.kernel_eval(expression)
        if found == value:
            return
        lab.page.wait_for_timeout(100)
    assert found == value


def numbers(page, selector):
    """Numbers of the cells on the page, in their order."""
    texts = page.locator(selector).all_inner_texts()
    return [float(text.replace("−", "-")) for text in texts]


def test_mouse_and_keys_move_the_window_and_the_kernel_knows(lab):
    show(lab)
    page = lab.page
    assert page.inner_text(SENTENCE) == START
    page.locator(OUTPUT).nth(7).click()
    wait_for_kernel(lab, "stepper.position", [1, 2])
    selected = lab.active_cell()
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    wait_for_kernel(lab, "stepper.position", [2, 1])
    assert page.inner_text(SENTENCE) == lab.kernel_eval("stepper.sentence")
    assert page.inner_text(SENTENCE) == (
        "Output row 3, column 2 of 5 by 5: channel 1 adds 0.8, channel 2 adds −0.1, "
        "channel 3 adds 0.5; with the bias 0 the sum is 1.2."
    )
    for key, place in (("End", [2, 4]), ("Home", [2, 0]), ("Control+End", [4, 4])):
        page.keyboard.press(key)
        wait_for_kernel(lab, "stepper.position", place)
    assert lab.active_cell() == selected


def test_keys_do_not_reach_the_notebook(lab):
    """In JupyterLab's command mode a, b and dd add and delete cells, arrows change the cell."""
    show(lab)
    page = lab.page
    cells = page.locator(".jp-Cell").count()
    page.locator(OUTPUT).first.click()
    selected = lab.active_cell()
    for key in ("a", "b", "d", "d", "ArrowDown", "ArrowUp", "m", "x"):
        page.keyboard.press(key)
    page.get_by_label("Stride s").focus()
    for key in ("b", "ArrowRight", "d", "d"):
        page.keyboard.press(key)
    wait_for_kernel(lab, "stepper.stride", 2)
    assert page.locator(".jp-Cell").count() == cells
    assert lab.active_cell() == selected


def test_numbers_on_the_page_are_those_of_numpy(lab):
    show(lab, "stride=2, padding=1, bias=0.5")
    lab.kernel_run("stepper.position = (1, 2)")
    lab.page.wait_for_function(
        "() => document.querySelector('.ck-sum caption').innerText[4] === '1'"
    )
    stepper = ConvolutionStepper(stride=2, padding=1, bias=0.5)
    shown = numbers(lab.page, OUTPUT)
    np.testing.assert_allclose(shown, stepper.output().ravel(), atol=0.0051)
    padded = np.pad(stepper.image, [(0, 0), (1, 1), (1, 1)])
    inputs = numbers(lab.page, ".ck-hue-input .ck-cell")
    np.testing.assert_allclose(inputs, padded.ravel(), atol=1e-6)
    window = numbers(lab.page, ".ck-lens .ck-hue-input")
    np.testing.assert_allclose(window, padded[:, 2:5, 4:7].ravel(), atol=1e-6)
    parts = (padded[:, 2:5, 4:7] * stepper.weights).sum((1, 2))
    ledger = lab.page.locator(".ck-sum td").all_inner_texts()
    said = [float(ledger[i].replace("−", "-")) for i in (0, 1, 2, 4)]
    np.testing.assert_allclose(said, [*parts, parts.sum() + 0.5], atol=0.0051)


@TEN_PAGES
@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2),
    st.integers(0, 9),
)  # fmt: skip
def test_numbers_on_the_page_are_the_layers(
    offline_page, tmp_path, monkeypatch, channels, k, stride, padding, dilation, seed
):
    dice = np.random.default_rng(seed)
    image, weights = dice.normal(size=(channels, 7, 6)), dice.normal(size=(channels, k, k))
    how = {"stride": stride, "padding": padding, "dilation": dilation}
    stepper = ConvolutionStepper(image, weights, 0.25, kernel_size=k, **how)
    image, weights = (np.float64(part)[None] for part in (stepper.image, stepper.weights))
    out = layers.conv2d_forward(image, weights, np.array([0.25]), **how)[0, 0]
    row, col = stepper.position = tuple(int(dice.integers(size)) for size in out.shape)
    page = offline_page.page
    page.goto(page_with(tmp_path, monkeypatch, stepper))
    page.wait_for_selector("[data-coursekit-ready]")
    np.testing.assert_allclose(numbers(page, OUTPUT), out.ravel(), atol=0.0051)
    assert page.inner_text(SENTENCE) == stepper.sentence
    ledger = page.locator(".ck-sum td").all_inner_texts()
    assert float(ledger[-1].replace("−", "-")) == pytest.approx(out[row, col], abs=0.0051)
    assert len(ledger) == channels + 2


def test_python_moves_the_picture(lab):
    show(lab)
    lab.kernel_run("stepper.kernel_size = 4; stepper.stride = 2; stepper.position = (0, 1)")
    lab.page.wait_for_function(
        "() => document.querySelectorAll('.ck-result .ck-cell').length === 4"
    )
    lab.page.wait_for_function(
        "(said) => document.querySelector('.ck-stepper .ck-sentence').innerText === said",
        arg=lab.kernel_eval("stepper.sentence"),
    )
    assert lab.page.get_by_label("Kernel size k").input_value() == "4"
    unread = lab.page.locator(".ck-hue-input .ck-unread").count()
    assert unread == 3 * (49 - 36)


def test_a_bench_of_random_questions(lab):
    show(lab, "np.ones((1, 8, 8)), predict=True", wait=".ck-question")
    page = lab.page
    right = "stepper.fitting_size()[1]"
    another = page.get_by_role("button", name="Another question")
    asked = set()
    for number in range(1, 7):
        another.click()
        page.wait_for_selector(".ck-question:not([hidden])")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == (
            "Predicted width"
        )
        said = page.inner_text(SENTENCE)
        wait_for_kernel(lab, "stepper.sentence", said)
        asked.add(said)
        width = lab.kernel_eval(right) + (number % 3 == 0)
        page.keyboard.type(str(width))
        page.keyboard.press("Enter")
        page.wait_for_selector(OUTPUT)
        assert page.inner_text(".ck-feedback").startswith("Not" if number % 3 == 0 else "Right")
        assert page.inner_text(".ck-score") == f"{number - number // 3} of {number} right"
    wait_for_kernel(lab, "stepper.score", [4, 6])
    assert len(asked) > 3
    page.get_by_label("Ask me first").uncheck()
    page.wait_for_selector(".ck-bench", state="hidden")


def test_predict_then_reveal_by_keyboard(lab):
    show(lab, "np.ones((1, 8, 8)), stride=2, predict=True", wait=".ck-question")
    page = lab.page
    assert page.inner_text(SENTENCE).startswith("How wide is the output? The input is 8 by 8")
    assert page.locator(OUTPUT).count() == page.locator(".ck-hue-input .ck-unread").count() == 0
    assert page.inner_text(".ck-numbers").endswith("= ?")
    page.get_by_label("Predicted width").focus()
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    page.wait_for_selector(OUTPUT)
    assert page.inner_text(".ck-feedback") == (
        "Not 4: that is the size rounded up: a step that does not fit whole is not taken. It is 3."
    )
    assert "⌊2.5⌋ + 1" in page.inner_text(".ck-numbers")
    wait_for_kernel(lab, "[stepper.prediction, stepper.revealed]", [4, True])
    assert lab.kernel_eval("stepper.feedback") == page.inner_text(".ck-feedback")
    page.keyboard.press("ArrowRight")  # the focus went on to the output
    wait_for_kernel(lab, "stepper.position", [0, 1])
    page.get_by_label("Padding p").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".ck-question")
    page.get_by_label("Predicted width").fill("4")
    page.keyboard.press("Enter")
    page.wait_for_selector(OUTPUT)
    assert page.inner_text(".ck-feedback") == "Right: 4."


def test_the_students_functions_draw_the_picture(lab):
    own = (
        "def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):\n"
        "    return w_in - kernel_size + 2\n"
        "def conv2d_forward(x, w, b, stride=1, padding=0):\n"
        "    return __import__('numpy').zeros((1, 1, 5, 5))"
    )
    show(lab, "output_size=output_size", before=own)
    page = lab.page
    assert page.locator(OUTPUT).count() == 36
    assert page.inner_text(".ck-whose") == "Sizes drawn by your output_size."
    assert page.inner_text(SENTENCE).endswith("Your output_size says 6 by 6; 5 by 5 windows fit.")
    assert page.locator(OUTPUT + ".ck-wrong").count() == 11
    lab.open_cells(own, MAKE.format("forward=conv2d_forward"), name="own.ipynb")
    lab.run_all()
    page.wait_for_selector(OUTPUT + ".ck-wrong")
    sums = ConvolutionStepper().output()
    wrong = int((abs(sums) > 1e-4).sum())
    assert page.inner_text(".ck-whose").endswith(
        f"Numbers by your conv2d_forward: {wrong} of 25 differ from the sums."
    )
    assert page.locator(OUTPUT + ".ck-wrong").count() == wrong


def test_pixels_weights_and_bias_are_changed_by_typing(lab):
    show(lab)
    page = lab.page
    page.locator(".ck-hue-input .ck-cell").first.click()
    page.keyboard.type("-2,5")
    page.keyboard.press("Enter")
    wait_for_kernel(lab, "float(stepper.image[0, 0, 0])", -2.5)
    page.locator(".ck-lens .ck-cell").nth(1).click()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    wait_for_kernel(lab, "float(stepper.weights[0, 0, 1])", 3)
    page.get_by_label("bias").fill("1.5")
    page.keyboard.press("Tab")
    wait_for_kernel(lab, "stepper.bias", 1.5)
    page.locator(".ck-lens .ck-cell").nth(1).click()
    page.keyboard.type("abc")
    page.keyboard.press("Escape")
    assert lab.kernel_eval("float(stepper.weights[0, 0, 1])") == 3
    assert page.inner_text(SENTENCE) == lab.kernel_eval("stepper.sentence")


def test_a_number_changed_by_the_kernel_waits_for_the_editor_above_it(lab):
    show(lab)
    page = lab.page
    cells = page.locator(".ck-lens .ck-cell")  # above a weight stands its pixel
    cells.nth(1).click()
    page.keyboard.type("7")
    lab.kernel_run("stepper.weights = np.full((3, 3, 3), 4.0)")
    page.wait_for_function("document.querySelector('.ck-lens .ck-cell').innerText.endsWith('4')")
    assert cells.nth(1).locator("input").input_value() == "7"
    page.keyboard.press("Escape")
    assert cells.nth(1).inner_text().endswith("4")


def test_bad_values_leave_a_sentence_and_a_picture_that_still_moves(lab):
    show(lab, "np.full((3, 5, 5), np.nan), stride=9")
    problem = lab.page.inner_text(".ck-problem")
    assert "image holds 75 values that cannot be drawn" in problem
    assert "stride is 9" in problem
    lab.page.locator(OUTPUT).nth(1).click()
    wait_for_kernel(lab, "stepper.position", [0, 1])


def test_buttons_step_play_and_stop(lab):
    show(lab, "stride=4")
    page = lab.page
    page.get_by_role("button", name="Step").click()
    page.get_by_role("button", name="Play").click()
    wait_for_kernel(lab, "stepper.position", [1, 1])
    page.wait_for_selector("button[aria-label=Play]")
    page.get_by_role("button", name="Back").click()
    wait_for_kernel(lab, "stepper.position", [1, 0])
    page.get_by_role("button", name="First").click()
    wait_for_kernel(lab, "stepper.position", [0, 0])


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_screenshots(lab, theme):
    """Kept under build/screenshots for people to look at."""
    show(lab, "stride=2, padding=1")
    lab.theme(f"JupyterLab {theme}")
    lab.page.locator(OUTPUT).nth(5).click()
    wide = lab.screenshot(f"stepper_{theme.lower()}_1280", ".ck-stepper")
    lab.page.set_viewport_size({"width": 800, "height": 1300})
    narrow = lab.screenshot(f"stepper_{theme.lower()}_800", ".ck-stepper")
    assert wide.stat().st_size > 10_000
    assert narrow.stat().st_size > 10_000
    assert lab.page.evaluate(OVERFLOWS) == []


def page_with(tmp_path, monkeypatch, *steppers):
    """A file with widgets and no kernel."""
    monkeypatch.setenv("COURSEKIT_SNAPSHOT", "1")
    widgets = "".join(widget_html(stepper._repr_mimebundle_()[0]) for stepper in steppers)
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><meta charset='utf-8'>{widgets}{host_script()}", "utf-8")
    return path.as_uri()


def test_widget_lives_in_a_file_without_kernel_or_network(offline_page, tmp_path, monkeypatch):
    page = offline_page.page
    page.goto(page_with(tmp_path, monkeypatch, ConvolutionStepper(), ConvolutionStepper(stride=2)))
    page.wait_for_selector("[data-coursekit-ready]")
    assert page.locator(".ck-stepper").count() == 2
    assert page.locator("img:visible").count() == 0
    first = page.locator(".ck-stepper").first
    first.get_by_label("Padding p").focus()
    page.keyboard.press("ArrowRight")
    first.locator(OUTPUT).nth(8).click()
    page.keyboard.press("ArrowRight")
    expected = ConvolutionStepper(padding=1, position=(1, 2)).sentence
    assert first.locator(".ck-sentence").inner_text() == expected
    assert page.locator(OUTPUT).count() == 49 + 9
    assert offline_page.problems == []


def test_still_picture_stays_where_the_script_cannot_run(offline_page, tmp_path, monkeypatch):
    stepper = ConvolutionStepper()
    stepper._esm = "export default { render() { throw new Error('no'); } };"
    page = offline_page.page
    page.goto(page_with(tmp_path, monkeypatch, stepper))
    page.wait_for_selector("[data-coursekit-ready]")
    assert page.locator("img:visible").get_attribute("alt") == stepper.sentence


@pytest.mark.parametrize("width", [320, 700, 1024, 1920])
def test_nothing_sticks_out_at_any_width(offline_page, tmp_path, monkeypatch, width):
    steppers = [
        ConvolutionStepper(np.ones((3, 32, 32)), kernel_size=7, padding=4),
        ConvolutionStepper(np.ones((1, 3, 3))),
        ConvolutionStepper(np.ones((6, 12, 12)), padding=2, dilation=2),
        ConvolutionStepper(predict=True),
    ]
    page = offline_page.page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(page_with(tmp_path, monkeypatch, *steppers))
    page.wait_for_selector("[data-coursekit-ready]")
    offline_page.screenshot(f"stepper_sizes_{width}")
    assert page.evaluate(OVERFLOWS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(offline_page, tmp_path, monkeypatch, scheme):
    """Contrast of at least 4.5:1 for every text; numbers of hatched cells and padding too."""
    page = offline_page.page
    page.emulate_media(color_scheme=scheme)
    image = np.linspace(-1, 1, 192).reshape(3, 8, 8)
    stepper = ConvolutionStepper(image, stride=2, output_size=lambda *s: 4)
    page.goto(page_with(tmp_path, monkeypatch, stepper, ConvolutionStepper(padding=2)))
    page.wait_for_selector("[data-coursekit-ready]")
    faint = page.evaluate(FAINT)
    assert faint == []
