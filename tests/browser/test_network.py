"""The network explorer in JupyterLab and in a page without a kernel, moved and drawn by hand."""

import io
import random
import sys
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from test_stepper import FAINT, OVERFLOWS, page_with, wait_for_kernel

sys.path.append(str(Path(__file__).parents[1] / "widgets"))
from network_cases import random_net, tiny_explorer, tiny_images

from coursekit.widgets import NetworkExplorer

pytestmark = pytest.mark.browser

SENTENCE = ".ck-explorer-net .ck-sentence"
VALUES = "cells => cells.map(cell => Number(cell.dataset.value))"


def opened(offline_page, tmp_path, monkeypatch, *explorers):
    page = offline_page.page
    page.goto(page_with(tmp_path, monkeypatch, *explorers))
    page.wait_for_selector("[data-coursekit-ready]")
    return page


def probabilities(page):
    return page.eval_on_selector_all(".ck-classes [data-value]", VALUES)


def choose(page, layer):
    page.locator(".ck-layer-column b", has_text=layer).first.click()


def to_first_neuron(page):
    page.locator(".ck-map .ck-net-field").press("Home")
    for _ in range(8):
        page.keyboard.press("ArrowUp")


def test_numbers_on_the_page_are_torchs(offline_page, tmp_path, monkeypatch):
    explorer = tiny_explorer()
    page = opened(offline_page, tmp_path, monkeypatch, explorer)
    for image in (2, 1):
        explorer.image = image
        page.get_by_role("radio", name=f"Image {image}").click()
        for layer in explorer.layers:
            choose(page, layer["name"])
            explorer.layer, explorer.unit = layer["name"], 0
            explorer.position = (0, 0)
            if len(layer["shape"]) == 3:
                to_first_neuron(page)
            result = page.locator(".ck-total [data-value]").get_attribute("data-value")
            expected = explorer.activations()[layer["name"]].ravel()[0]
            assert float(result) == pytest.approx(expected, abs=1e-4)
            assert page.inner_text(SENTENCE) == explorer.sentence
        np.testing.assert_allclose(probabilities(page), explorer.outputs[-1], atol=1e-4)
    assert offline_page.problems == []


@pytest.mark.parametrize("seed", range(8))
def test_numbers_of_random_networks_are_torchs(offline_page, tmp_path, monkeypatch, seed):
    dice = random.Random(seed)
    images = np.random.default_rng(seed).random((2, 3, 8, 6), np.float32)
    explorer = NetworkExplorer(random_net(dice, (3, 8, 6)).eval(), images)
    explorer.image = 1
    explorer.layer = dice.choice(explorer.layers)["name"]
    values = explorer.activations()[explorer.layer].reshape(explorer.shown_layer()["shape"])
    explorer.unit = dice.randrange(len(values))
    if values.ndim == 3:
        explorer.position = tuple(dice.randrange(size) for size in values.shape[1:])
    page = opened(offline_page, tmp_path, monkeypatch, explorer)
    shown = float(page.locator(".ck-total [data-value]").get_attribute("data-value"))
    place = explorer.position if values.ndim == 3 else ()
    assert shown == pytest.approx(values[explorer.unit, *place], abs=1e-4)
    np.testing.assert_allclose(probabilities(page), explorer.outputs[-1], atol=1e-4)
    assert page.inner_text(SENTENCE) == explorer.sentence
    assert offline_page.problems == []


def test_keys_walk_from_the_image_to_one_sum(offline_page, tmp_path, monkeypatch):
    page = opened(offline_page, tmp_path, monkeypatch, tiny_explorer())
    page.get_by_role("radio", name="Image 0").press("ArrowRight")
    page.locator(".ck-layer-column[aria-checked=true]").focus()
    for key in ("ArrowLeft", "ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    page.locator(".ck-map .ck-net-field").focus()
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    page.get_by_role("slider", name="Channel").press("ArrowRight")
    row, column = 5, 4
    explorer = tiny_explorer(unit=2)
    explorer.image, explorer.position = 1, (row, column)
    assert page.inner_text(SENTENCE) == explorer.sentence
    chunk = tiny_images()[1, 1, row - 1 : row + 2, column - 1 : column + 2]
    shown = page.locator(".ck-net-lens .ck-cell > span:first-child").all_inner_texts()
    np.testing.assert_allclose([float(text) for text in shown], chunk.ravel(), atol=0.0051)
    assert "channel 1" in page.inner_text(".ck-sum .ck-net-here")
    assert page.locator(".ck-explorer-net .ck-numbers .ck-title").inner_text() == (
        "chunk × weights: channel 1, from unit 1 of input"
    )


def test_a_click_in_a_small_map_chooses_its_unit(offline_page, tmp_path, monkeypatch):
    page = opened(offline_page, tmp_path, monkeypatch, tiny_explorer())
    sheet = page.locator(".ck-layer-column").nth(2).locator("canvas")
    box = sheet.bounding_box()
    sheet.click(position={"x": box["width"] / 2, "y": 0.62 * box["height"]})
    assert page.inner_text(SENTENCE).startswith("relu1, unit 2 of 0 to 3,")


def test_drawing_answers_at_once(offline_page, tmp_path, monkeypatch):
    explorer = tiny_explorer()
    page = opened(offline_page, tmp_path, monkeypatch, explorer)
    page.locator(".ck-easel .ck-net-field").focus()
    for key in ("ArrowUp", "ArrowLeft", " "):
        page.keyboard.press(key)
    own = tiny_images()[0].copy()
    own[:, 3, 2] = 1
    explorer.own = own
    np.testing.assert_allclose(probabilities(page), explorer.outputs[-1], atol=1e-4)
    assert page.inner_text(SENTENCE) == explorer.sentence
    page.get_by_role("combobox", name="Brush").select_option("red")
    canvas = page.locator(".ck-easel canvas")
    box = canvas.bounding_box()
    canvas.click(position={"x": 0.5 * box["width"] / 6, "y": 0.5 * box["height"] / 8})
    own[:, 0, 0] = [1, 0, 0]
    explorer.own = own
    np.testing.assert_allclose(probabilities(page), explorer.outputs[-1], atol=1e-4)
    page.get_by_role("button", name="Empty").click()
    explorer.own = np.zeros_like(own)
    np.testing.assert_allclose(probabilities(page), explorer.outputs[-1], atol=1e-4)
    page.get_by_role("button", name="Undo all").click()
    explorer.own = None
    assert page.inner_text(SENTENCE) == explorer.sentence
    assert offline_page.problems == []


def test_own_file(offline_page, tmp_path, monkeypatch):
    explorer = tiny_explorer()
    page = opened(offline_page, tmp_path, monkeypatch, explorer)
    file = io.BytesIO()
    Image.new("RGB", (60, 80), (255, 0, 51)).save(file, "PNG")
    upload = page.get_by_label("Image from a file")
    upload.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": file.getvalue()})
    page.get_by_text("For your image").first.wait_for()
    explorer.own = np.broadcast_to(np.array([1, 0, 0.2])[:, None, None], (3, 8, 6))
    np.testing.assert_allclose(probabilities(page), explorer.outputs[-1], atol=1e-4)
    upload.set_input_files({"name": "b.png", "mimeType": "image/png", "buffer": b"no picture"})
    page.get_by_text("b.png is no picture that this browser reads").wait_for()
    assert page.inner_text(SENTENCE) == explorer.sentence


def test_python_and_page_agree_in_jupyterlab(lab):
    folder = str(Path(__file__).parents[1] / "widgets")
    make = f"import sys\nsys.path.append({folder!r})\nfrom network_cases import tiny_explorer\n"
    lab.open_cells("1", make + "widget = tiny_explorer()\nwidget", "2")
    lab.run_all()
    page = lab.page
    page.wait_for_selector(SENTENCE)
    cells = page.locator(".jp-Cell").count()
    choose(page, "pool1")
    for key in ("ArrowDown", "a", "d", "d"):
        page.keyboard.press(key)
    wait_for_kernel(lab, "[widget.layer, widget.unit]", ["pool1", 1])
    page.locator(".ck-easel .ck-net-field").press(" ")
    wait_for_kernel(lab, "widget.own is not None and float(widget.own[0, 4, 3])", 1)
    page.get_by_role("radio", name="unit", exact=True).check()
    wait_for_kernel(lab, "widget.color_range", "unit")
    assert page.inner_text(SENTENCE) == lab.kernel_eval("widget.sentence")
    lab.kernel_run("widget.own = None; widget.image = 2; widget.layer = 'fc'")
    page.get_by_text("For image 2").first.wait_for()
    assert page.inner_text(SENTENCE) == lab.kernel_eval("widget.sentence")
    lab.kernel_run("widget.own = 'cat'")
    page.get_by_text("own could not be read as numbers").wait_for()
    assert page.locator(".jp-Cell").count() == cells
    assert lab.errors() == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_stands_out_and_is_accessible(offline_page, tmp_path, monkeypatch, width, scheme):
    offline_page.page.set_viewport_size({"width": width, "height": 900})
    offline_page.page.emulate_media(color_scheme=scheme)
    channels = 1 if width == 320 else 3
    page = opened(offline_page, tmp_path, monkeypatch, tiny_explorer(channels))
    offline_page.screenshot(f"network_{scheme}_{width}")
    assert page.evaluate(OVERFLOWS) == []
    assert page.evaluate(FAINT) == []
    found = Axe().run(page, context="body").response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
