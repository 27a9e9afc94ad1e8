"""The weight index in JupyterLab and in a page without a kernel, moved by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_stepper import FAINT, OVERFLOWS, TEN_PAGES, page_with, wait_for_kernel

from coursekit.widgets import WeightIndex

pytestmark = pytest.mark.browser

SENTENCE = ".ck-weight-index .ck-sentence"
CELL = ".ck-filters .ck-cell"


def test_click_keys_and_typing_reach_the_kernel(lab):
    make = "from coursekit.widgets import WeightIndex\nwidget = WeightIndex()\nwidget"
    lab.open_cells("1", make, "2")
    lab.run_all()
    page = lab.page
    page.wait_for_selector(CELL)
    page.locator(CELL).nth(30 * 6 + 7).click()  # row 6 is row 1 of channel 1, column 7 of filter 1
    wait_for_kernel(lab, "widget.place", [1, 1, 1, 2])
    cells = page.locator(".jp-Cell").count()
    for key in ("ArrowRight", "ArrowDown", "a", "b", "d", "d"):
        page.keyboard.press(key)
    wait_for_kernel(lab, "widget.place", [1, 1, 2, 3])
    page.get_by_label("TensorFlow").check()
    wait_for_kernel(lab, "[widget.order, widget.index]", ["TensorFlow", "2, 3, 1, 1"])
    page.get_by_label("Index, for example").fill("w[:, :, 0]")
    page.keyboard.press("Enter")
    wait_for_kernel(lab, "[widget.index, int(widget.selected().sum())]", [":, :, 0", 150])
    page.get_by_label("Place in memory").fill("7")
    wait_for_kernel(lab, "widget.place", [1, 1, 0, 0])
    page.get_by_label("filter, axis 3").press("ArrowUp")
    wait_for_kernel(lab, "widget.place", [2, 1, 0, 0])
    assert page.inner_text(SENTENCE) == lab.kernel_eval("widget.sentence")
    page.get_by_label("Index, for example").fill("nonsense")
    page.keyboard.press("Enter")
    assert page.get_by_text("Write up to four whole numbers").is_visible()
    assert page.locator(".jp-Cell").count() == cells
    lab.kernel_run("widget.index = '9'")
    page.wait_for_function("() => document.querySelectorAll('.ck-picked').length === 1")
    assert "IndexError: axis 0 counts 5 rows" in page.inner_text(".ck-expression")


def test_marks_on_the_page_are_numpys(offline_page, tmp_path, monkeypatch):
    numbers = np.random.default_rng(0).normal(size=(3, 2, 4, 3))
    widgets = [WeightIndex(numbers, index, order) for index in ("1", ":, 2, 1, 0", "-1, :, 1")
               for order in ("PyTorch", "TensorFlow")]  # fmt: skip
    page = offline_page.page
    page.goto(page_with(tmp_path, monkeypatch, *widgets))
    page.wait_for_selector("[data-coursekit-ready]")
    for i, widget in enumerate(widgets):
        root = page.locator(".ck-weight-index").nth(i)
        assert root.locator(f"{CELL}.ck-picked").count() == int(widget.selected().sum())
        assert root.locator(".ck-sentence").inner_text() == widget.sentence
    assert offline_page.problems == []


ORDERS = {"PyTorch": (0, 1, 2, 3), "TensorFlow": (2, 3, 1, 0)}
PART = st.none() | st.integers(-2, 1)


@TEN_PAGES
@given(st.lists(PART, min_size=1, max_size=4), st.sampled_from(list(ORDERS)), st.integers(0, 9))
def test_the_numbers_that_are_marked_are_numpys(
    offline_page, tmp_path, monkeypatch, index, order, seed
):
    weights = np.float32(np.random.default_rng(seed).normal(size=(3, 2, 4, 3)))
    text = ", ".join(":" if part is None else str(part) for part in index)
    stored = weights.transpose(ORDERS[order])
    meant = stored[tuple(slice(None) if part is None else part for part in index)]
    page = offline_page.page
    page.goto(page_with(tmp_path, monkeypatch, WeightIndex(weights, text, order)))
    page.wait_for_selector("[data-coursekit-ready]")
    marked = page.locator(f"{CELL}.ck-picked").evaluate_all("(cells) => cells.map((c) => c.title)")
    found = sorted(float(title.split("=")[1].replace("−", "-")) for title in marked)
    np.testing.assert_allclose(found, np.sort(meant.ravel()), atol=0.0051)


@pytest.mark.parametrize("width", [320, 700, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_stands_out(offline_page, tmp_path, monkeypatch, width, scheme):
    page = offline_page.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    widgets = [WeightIndex(index="2"), WeightIndex(np.ones((2, 1, 3, 3)), "9")]
    page.goto(page_with(tmp_path, monkeypatch, *widgets))
    page.wait_for_selector("[data-coursekit-ready]")
    offline_page.screenshot(f"index_{scheme}_{width}")
    assert page.evaluate(OVERFLOWS) == []
    assert page.evaluate(FAINT) == []
