"""The pooling router in JupyterLab and in a page without a kernel, moved by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_stepper import FAINT, OVERFLOWS, TEN_PAGES, numbers, page_with, wait_for_kernel

from coursekit import layers
from coursekit.exercises import EXERCISES
from coursekit.widgets import PoolingRouter

pytestmark = pytest.mark.browser

SENTENCE = ".ck-pooling .ck-sentence"
MAP, OUT, INDEX, DOUT, DX = (
    f".ck-block.ck-{name} .ck-cell" for name in ("x", "out", "index", "dout", "dx")
)
MAKE = "from coursekit.widgets import PoolingRouter\nrouter = PoolingRouter()\nrouter"


def open_page(offline_page, tmp_path, monkeypatch, *routers):
    page = offline_page.page
    page.goto(page_with(tmp_path, monkeypatch, *routers))
    page.wait_for_selector("[data-coursekit-ready]")
    return page


def test_the_hand_reaches_the_kernel_and_the_kernel_the_page(lab):
    lab.open_cells(MAKE, "after = 1")
    lab.run_all()
    page = lab.page
    page.wait_for_selector(".ck-pooling")
    assert lab.errors() == []
    cells = page.locator(".jp-Cell").count()
    page.locator(OUT).nth(1).click()
    wait_for_kernel(lab, "router.step", 2)
    for key in ("ArrowRight", "a", "b", "d", "d", "x"):
        page.keyboard.press(key)
    wait_for_kernel(lab, "router.step", 3)
    assert page.inner_text(SENTENCE) == lab.kernel_eval("router.sentence")
    page.locator(MAP).nth(16).click()
    wait_for_kernel(lab, "router.pixel", [2, 2])
    page.get_by_label("overwrite").check()
    wait_for_kernel(lab, "router.rule", "overwrite")
    page.get_by_label("Stride s").focus()
    page.keyboard.press("ArrowLeft")
    wait_for_kernel(lab, "list(router.dout.shape)", [3, 5])
    page.locator(DOUT).first.click()
    page.keyboard.type("-3")
    page.keyboard.press("Enter")
    wait_for_kernel(lab, "float(router.dout[0, 0])", -3)
    lab.kernel_run("router.rule, router.kind = 'accumulate', 'average'")
    page.wait_for_function(
        "(said) => document.querySelector('.ck-pooling .ck-sentence').innerText === said",
        arg=lab.kernel_eval("router.sentence"),
    )
    assert page.locator(".jp-Cell").count() == cells


def test_stepping_overwriting_and_editing_without_a_kernel(offline_page, tmp_path, monkeypatch):
    page = open_page(offline_page, tmp_path, monkeypatch, PoolingRouter())
    page.get_by_role("button", name="First").click()
    page.get_by_role("button", name="Step").click()
    assert page.inner_text(SENTENCE).endswith("Its dout is added at dx[1, 2]: 3 + 2 = 5.")
    page.get_by_label("overwrite").check()
    assert page.inner_text(SENTENCE).endswith("the 3 there is lost.")
    assert page.locator(DX + ".ck-wrong").all_inner_texts() == ["2"]
    page.get_by_label("accumulate").check()
    assert page.locator(DX + ".ck-wrong").count() == 0
    page.locator(MAP).first.click()
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    assert numbers(page, OUT)[0] == 10
    page.get_by_label("average").check()
    assert page.locator(INDEX + ":visible").count() == 0
    assert offline_page.problems == []


def test_predict_then_reveal_by_keyboard(offline_page, tmp_path, monkeypatch):
    page = open_page(offline_page, tmp_path, monkeypatch, PoolingRouter(predict=True))
    assert page.locator(DX + ":visible").count() == 0
    page.get_by_label("Predicted gradient").focus()
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    assert page.inner_text(".ck-feedback") == (
        "Not 2: that is one window's share, the last: the shares are added. It is 5."
    )
    page.keyboard.press("ArrowRight")  # the focus went on to the gradient
    page.wait_for_selector(".ck-question:visible")
    page.get_by_label("Predicted gradient").fill("0")
    page.keyboard.press("Enter")
    assert page.inner_text(".ck-feedback") == "Right: 0."
    assert offline_page.problems == []


def test_the_students_wrong_numbers_are_marked(offline_page, tmp_path, monkeypatch):
    forward, backward = (
        EXERCISES[name].mistakes[slug].function
        for name, slug in (
            ("max_pool2d_forward", "index-in-the-window"),
            ("max_pool2d_backward", "overwritten"),
        )
    )
    router = PoolingRouter(forward=forward, backward=backward)
    page = open_page(offline_page, tmp_path, monkeypatch, router)
    assert page.locator(DX + ".ck-wrong").all_inner_texts() == ["2"]
    assert page.locator(OUT + ".ck-wrong").count() == 0
    assert page.locator(INDEX + ".ck-wrong").count() > 0
    assert "1 of 35 numbers of dx are wrong." in page.inner_text(".ck-whose")


@TEN_PAGES
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 9))
def test_numbers_on_the_page_are_the_layers(offline_page, tmp_path, monkeypatch, k, stride, seed):
    x = np.random.default_rng(seed).normal(size=(5, 6)).round(1)
    router = PoolingRouter(x, None, k, stride)
    page = open_page(offline_page, tmp_path, monkeypatch, router)
    assert page.inner_text(SENTENCE) == router.sentence
    maps, dout = (np.float64(part)[None, None] for part in (router.x, router.dout))
    out, index = layers.max_pool2d_forward(maps, k, stride)
    dx = layers.max_pool2d_backward(dout, maps, k, stride)
    np.testing.assert_allclose(numbers(page, OUT), out.ravel(), atol=0.0051)
    np.testing.assert_array_equal(numbers(page, INDEX), index.ravel())
    np.testing.assert_allclose(numbers(page, DX), dx.ravel(), atol=0.0051)


def test_it_answers_fast(offline_page, tmp_path, monkeypatch):
    large = PoolingRouter(np.ones((8, 10)), None, 3, 1, ties="even split")
    page = open_page(offline_page, tmp_path, monkeypatch, large)
    page.locator(OUT).nth(20).click()
    handler = """async () => {
      const times = [];
      for (let n = 0; n < 41; n += 1) {
        const start = performance.now();
        document.activeElement.dispatchEvent(
          new KeyboardEvent("keydown", {key: n % 2 ? "ArrowLeft" : "ArrowRight", bubbles: true}));
        await new Promise((done) => setTimeout(done)); // it is drawn
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b)[20];
    }"""
    assert page.evaluate(handler) < 100  # some 2 on an idle machine
    assert offline_page.problems == []


@pytest.mark.parametrize("width", [320, 700, 1280])
def test_nothing_sticks_out_at_any_width(offline_page, tmp_path, monkeypatch, width):
    routers = [
        PoolingRouter(np.ones((8, 10)), None, 1, 1),
        PoolingRouter(),
        PoolingRouter(np.ones((2, 2))),
        PoolingRouter(predict=True),
    ]
    offline_page.page.set_viewport_size({"width": width, "height": 800})
    page = open_page(offline_page, tmp_path, monkeypatch, *routers)
    assert page.evaluate(OVERFLOWS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(offline_page, tmp_path, monkeypatch, scheme):
    offline_page.page.emulate_media(color_scheme=scheme)
    wrong = EXERCISES["max_pool2d_backward"].mistakes["spread-as-average-pooling"].function
    routers = [PoolingRouter(), PoolingRouter(rule="overwrite"), PoolingRouter(backward=wrong)]
    page = open_page(offline_page, tmp_path, monkeypatch, *routers)
    assert page.evaluate(FAINT) == []
