"""The patch browser in JupyterLab and in a page without a kernel, moved by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest
from test_stepper import FAINT, OVERFLOWS, page_with, wait_for_kernel

sys.path.append(str(Path(__file__).parents[1] / "widgets"))
from patch_cases import tiny_browser, tiny_dataset

pytestmark = pytest.mark.browser

SENTENCE = ".ck-patches .ck-sentence"
LEVELS = """canvas => [...canvas.getContext("2d")
  .getImageData(0, 0, canvas.width, canvas.height).data].filter((_, i) => i % 4 !== 3)"""


def opened(offline_page, tmp_path, monkeypatch, *browsers):
    page = offline_page.page
    page.goto(page_with(tmp_path, monkeypatch, *browsers))
    page.wait_for_selector("[data-coursekit-ready]")
    return page


def test_mouse_and_keys_reach_the_kernel(lab):
    folder = str(Path(__file__).parents[1] / "widgets")
    make = f"import sys\nsys.path.append({folder!r})\nfrom patch_cases import tiny_browser\n"
    lab.open_cells("1", make + "widget = tiny_browser()\nwidget", "2")
    lab.run_all()
    page = lab.page
    page.wait_for_selector(".ck-card")
    cells = page.locator(".jp-Cell").count()
    page.locator(".ck-card").nth(1).click()
    wait_for_kernel(lab, "widget.patch", 1)
    for key in ("ArrowDown", "ArrowRight", "a", "d", "d"):
        page.keyboard.press(key)
    wait_for_kernel(lab, "widget.patch", 5)
    page.get_by_label("relu2").check()
    page.get_by_role("slider", name="Unit").focus()
    page.keyboard.press("End")
    wait_for_kernel(lab, "[widget.layer, widget.unit]", ["relu2", 4])
    assert page.inner_text(SENTENCE) == lab.kernel_eval("widget.sentence")
    lab.kernel_run("widget.own = widget.found['images'][0]")
    page.get_by_text("your image: ").wait_for()
    assert page.inner_text(SENTENCE) == lab.kernel_eval("widget.sentence")
    lab.kernel_run("widget.own = 'cat'")
    page.get_by_text("own holds").wait_for()
    assert page.locator(".jp-Cell").count() == cells


def test_pixels_on_the_page_are_the_patches(offline_page, tmp_path, monkeypatch):
    browser = tiny_browser()
    page = opened(offline_page, tmp_path, monkeypatch, browser)
    for layer, unit in (("relu1", 2), ("relu2", 1)):
        browser.layer, browser.unit = layer, unit
        page.get_by_label(layer).check()
        page.get_by_role("slider", name="Unit").fill(str(unit))
        projections = browser.shown_layer()["projections"][unit]
        for i, pair in enumerate(zip(browser.patches(), projections, strict=True)):
            canvases = page.locator(".ck-card").nth(i).locator("canvas")
            for j, expected in enumerate(pair):
                assert canvases.nth(j).evaluate(LEVELS) == expected.ravel().tolist()
        assert page.inner_text(SENTENCE) == browser.sentence
    assert offline_page.problems == []


def test_without_a_mouse_or_a_kernel(offline_page, tmp_path, monkeypatch):
    page = opened(offline_page, tmp_path, monkeypatch, tiny_browser())
    page.get_by_label("relu1").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert "it is dead." in page.inner_text(SENTENCE)
    assert page.get_by_text("Dead: no image excites this unit.").is_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    browser = tiny_browser()
    browser.layer, browser.unit, browser.patch = "relu2", 3, 6
    assert page.inner_text(SENTENCE) == browser.sentence
    assert page.locator("[role=radio][aria-checked=true]").count() == 1
    assert offline_page.problems == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_stands_out(offline_page, tmp_path, monkeypatch, width, scheme):
    offline_page.page.set_viewport_size({"width": width, "height": 900})
    offline_page.page.emulate_media(color_scheme=scheme)
    dead = tiny_browser(1)
    dead.layer, dead.unit = "relu2", 2
    own = np.asarray(tiny_dataset().test.images[3])
    page = opened(offline_page, tmp_path, monkeypatch, tiny_browser(own=own), dead)
    offline_page.screenshot(f"patches_{scheme}_{width}")
    assert page.evaluate(OVERFLOWS) == []
    assert page.evaluate(FAINT) == []
