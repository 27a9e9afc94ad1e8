"""axe-core finds nothing to complain about in any widget: exported and live, light and dark."""

import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_stepper import page_with

from coursekit import widgets

sys.path.insert(0, str(Path(__file__).parents[1] / "widgets"))
from network_cases import tiny_explorer
from patch_cases import tiny_browser

pytestmark = pytest.mark.browser

NEED_A_NETWORK = {"LiveTrainer", "PatchBrowser", "NetworkExplorer"}
NAMES = [name for name in widgets.__all__ if name not in {"LivePicture", *NEED_A_NETWORK}]
TRAINER = (
    "from coursekit.data import load\nfrom torch import nn\n"
    "from coursekit.widgets import LiveTrainer\n"
    "net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))\n"
    "digits = load('digits')\n"
    "picture = LiveTrainer(net, digits.train, digits.test)\npicture.run(steps=3)\npicture"
)


def complaints(page, selector):
    """What axe-core finds wrong within an element, one line a finding."""
    found = Axe().run(page, context=selector).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found
        for node in one["nodes"]
    ]


def test_axe_finds_what_is_wrong(offline_page):
    page = offline_page.page
    page.set_content("<button></button><p style='color:#aaa;background:#fff'>faint</p>")
    found = {one.partition(":")[0] for one in complaints(page, "body")}
    assert found >= {"button-name", "color-contrast"}


def made(name):
    """A widget as it is by default; of a tiny network where it needs one."""
    small = {"PatchBrowser": tiny_browser, "NetworkExplorer": tiny_explorer}
    return small.get(name, getattr(widgets, name))()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*NAMES, "NetworkExplorer", "PatchBrowser"])
def test_exported(offline_page, tmp_path, monkeypatch, name, scheme):
    page = offline_page.page
    page.emulate_media(color_scheme=scheme)
    page.goto(page_with(tmp_path, monkeypatch, made(name)))
    page.wait_for_selector("[data-coursekit-ready]")
    assert page.locator("button, input, select, [tabindex]").count() >= 2
    assert complaints(page, "body") == []


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_live_in_jupyterlab(lab, theme):
    shown = [f"from coursekit.widgets import {name}\n{name}()" for name in NAMES]
    lab.open_cells(*shown, TRAINER, name="accessible.ipynb")
    lab.theme(theme)
    lab.run_all()
    assert lab.errors() == []
    for number, name in enumerate([*NAMES, "LiveTrainer"]):
        lab.page.evaluate("(at) => window.rig.panel.content.scrollToItem(at, 'start')", number)
        cell = f".jp-Notebook .jp-Cell[data-windowed-list-index='{number}'] .jp-OutputArea-output"
        lab.page.wait_for_selector(f"{cell} .ck-sentence")
        assert complaints(lab.page, cell) == [], name
