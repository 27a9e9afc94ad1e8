"""The architecture explorer in JupyterLab and in a page without a kernel, moved by hand."""

import pytest
from test_stepper import FAINT, OVERFLOWS, page_with, wait_for_kernel

from coursekit.widgets import ArchitectureExplorer
from coursekit.widgets.explorer_tables import QUANTITIES, known_tables

pytestmark = pytest.mark.browser

SENTENCE = ".ck-explorer .ck-sentence"
SELECTED = "[aria-selected='true']"


def test_mouse_keys_and_menus_reach_the_kernel(lab):
    make = "from coursekit.widgets import ArchitectureExplorer\nw = ArchitectureExplorer()\nw"
    lab.open_cells("1", make, "2")
    lab.run_all()
    page = lab.page
    page.wait_for_selector(SELECTED)
    cells = page.locator(".jp-Cell").count()
    page.get_by_role("option", name="conv2 Conv2d").click()
    wait_for_kernel(lab, "w.row()['name']", "features.conv2")
    page.get_by_role("listbox", name="Layers of AlexNet (2012)").focus()
    for key in ("ArrowDown", "PageDown", "a", "d", "d"):
        page.keyboard.press(key)
    wait_for_kernel(lab, "w.layer", 16)
    page.keyboard.press("End")
    wait_for_kernel(lab, "w.row()['parameters']", 4_097_000)
    page.get_by_label("multiply-adds", exact=True).check()
    page.get_by_label("largest first").check()
    page.get_by_label("logarithmic").check()
    page.get_by_label("layers with weights").check()
    wait_for_kernel(
        lab,
        "[w.quantity, w.order, w.scale, w.shown]",
        ["multiply-adds", "largest first", "logarithmic", "layers with weights"],
    )
    page.get_by_label("Compare with").select_option("ResNet-34 (2015)")
    wait_for_kernel(lab, "w.compared", "ResNet-34 (2015)")
    page.get_by_role("listbox", name="Layers of AlexNet (2012)").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    wait_for_kernel(lab, "[w.side, w.row()['network']]", [1, "ResNet-34 (2015)"])
    page.get_by_label("Network", exact=True).select_option("VGG-16 (2014)")
    wait_for_kernel(lab, "[w.network, w.side, w.layer]", ["VGG-16 (2014)", 0, 1])
    assert page.inner_text(SENTENCE) == lab.kernel_eval("w.sentence")
    assert page.locator(".jp-Cell").count() == cells
    lab.kernel_run("w.network = 'LeNet'\nw.select('classifier.0')")
    page.get_by_text("network is 'LeNet'").wait_for()
    assert "25,088" in page.inner_text(".ck-details")


@pytest.mark.parametrize("name", known_tables())
def test_bars_and_numbers_are_those_of_the_table(offline_page, tmp_path, monkeypatch, name):
    table, page = known_tables()[name], offline_page.page
    page.goto(page_with(tmp_path, monkeypatch, ArchitectureExplorer({name: table})))
    page.wait_for_selector("[data-coursekit-ready]")
    page.add_style_tag(content=".ck-length { transition: none !important; }")
    for quantity in QUANTITIES:
        page.get_by_label(quantity, exact=True).check()
        shown = page.locator(".ck-number").all_inner_texts()
        values = [0 if text == "–" else int(text.replace(",", "")) for text in shown]
        explorer = ArchitectureExplorer({name: table}, quantity=quantity)
        assert values == explorer.tables[name]["values"][quantity]
        widths = page.evaluate(
            "() => [...document.querySelectorAll('.ck-length')].map((bar) => "
            "bar.getBoundingClientRect().width / bar.parentElement.getBoundingClientRect().width)"
        )
        assert widths == pytest.approx([value / max(values) for value in values], abs=0.01)
        assert page.inner_text(SENTENCE) == explorer.sentence
    assert offline_page.problems == []


@pytest.mark.parametrize("width", [320, 700, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_stands_out(offline_page, tmp_path, monkeypatch, width, scheme):
    page = offline_page.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    two = ArchitectureExplorer(
        network="GoogLeNet (2014)",
        compared="VGG-16 (2014)",
        quantity="multiply-adds",
        layer="inception3a.branch2.1.conv",
        scale="logarithmic",
    )
    page.goto(page_with(tmp_path, monkeypatch, ArchitectureExplorer(), two))
    page.wait_for_selector("[data-coursekit-ready]")
    offline_page.screenshot(f"explorer_{scheme}_{width}")
    assert page.evaluate(OVERFLOWS) == []
    assert page.evaluate(FAINT) == []


def test_a_key_is_answered_at_once(offline_page, tmp_path, monkeypatch):
    page = offline_page.page
    page.goto(page_with(tmp_path, monkeypatch, ArchitectureExplorer(network="GoogLeNet (2014)")))
    page.wait_for_selector("[data-coursekit-ready]")
    page.get_by_role("listbox").focus()
    milliseconds = page.evaluate(
        """async () => {
          const box = document.querySelector(".ck-bars");
          const times = [];
          for (let i = 0; i < 60; i += 1) {
            const start = performance.now();
            box.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown", bubbles: true}));
            await new Promise((done) => setTimeout(done)); // it is drawn
            times.push(performance.now() - start);
          }
          return times.sort((a, b) => a - b)[30];
        }"""
    )
    assert page.locator(SELECTED).inner_text().startswith("inception")
    assert milliseconds < 100, milliseconds  # about 1 on an idle machine
