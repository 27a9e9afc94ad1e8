"""The live trainer in JupyterLab and in a page without a kernel."""

import json
import re

import numpy as np
import pytest
from PIL import Image
from test_stepper import FAINT, OVERFLOWS

from coursekit.widgets.page import host_script, widget_html

pytestmark = pytest.mark.browser

SENTENCE = ".ck-trainer .ck-sentence"
READY = ".ck-trainer .ck-labeled:not([disabled])"
NET = """
import threading, time
import torch
from torch import nn
from coursekit.widgets import LiveTrainer
def data(count, seed):
    numbers = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    x = torch.randn(count, 1, 8, 8, generator=numbers)
    x[torch.arange(count), 0, 2 * labels] += 2
    return x, labels
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Linear(64, 3))
def threads():
    return [t.name for t in threading.enumerate() if t.name == "LiveTrainer"]
"""
MAKE = """trainer = LiveTrainer(net(), data(400, 0), data(60, 1), lr=0.01,
                      class_names=["top", "middle", "low"])
trainer"""


def show(lab, make=MAKE, before=""):
    lab.open_cells(NET + before, make)
    lab.run_all()
    lab.page.wait_for_selector(READY)
    assert lab.errors() == []


def wait_for(lab, expression, value=True):
    """Wait until an expression in the kernel has a value."""
    for _ in range(100):
        found = lab.kernel_eval(expression)
        if found == value:
            return
        lab.page.wait_for_timeout(100)
    assert found == value


def press(lab, name):
    lab.page.get_by_role("button", name=name, exact=True).click()


def test_train_pause_change_and_restart_by_hand(lab):
    show(lab)
    page = lab.page
    assert page.inner_text(SENTENCE) == "Ready to train."
    press(lab, "Train")
    wait_for(lab, "trainer.running and trainer.steps > 30")
    page.wait_for_function(
        "() => Number(document.querySelector('.ck-readouts dd').innerText.replace(',', '')) > 900"
    )
    page.get_by_label("Learning rate", exact=True).select_text()
    page.keyboard.type("0,002", delay=150)  # while the numbers are shown anew, again and again
    page.keyboard.press("Enter")
    page.get_by_label("Batch size: double").click()
    wait_for(lab, "[trainer.history.lr[-1], trainer.batch_size]", [0.002, 64])
    press(lab, "Pause")
    wait_for(lab, "[trainer.phase, len(threads())]", ["paused", 0])
    said = lab.kernel_eval("trainer.sentence")
    page.wait_for_function(
        f"(said) => document.querySelector('{SENTENCE}').innerText === said", arg=said
    )
    assert lab.kernel_eval("[m[1] for m in trainer.curves['marks']]") == [
        "lr 0.002",
        "batch_size 64",
    ]
    steps = lab.kernel_eval("trainer.steps")
    press(lab, "One batch")
    wait_for(lab, "trainer.steps", steps + 1)
    press(lab, "Clear graphs")
    wait_for(lab, "trainer.graph_start", steps + 1)
    press(lab, "Restart")
    wait_for(lab, "[trainer.steps, trainer.phase]", [0, "ready"])
    page.wait_for_function(
        f"() => document.querySelector('{SENTENCE}').innerText === 'Ready to train.'"
    )


def test_numbers_on_the_page_are_those_of_the_kernel(lab):
    show(lab)
    lab.kernel_run("trainer.run(steps=40)")
    page = lab.page
    page.wait_for_function("() => document.querySelector('.ck-readouts dd').innerText === '1,280'")
    shown = page.locator(".ck-readouts dd > span").all_inner_texts()
    found = lab.kernel_eval("trainer.readouts")
    assert shown[1] == f"{found['loss']:.3g}".ljust(5, "0")[: len(shown[1])]
    assert shown[3:6] == [
        f"{100 * found[f'{n}_accuracy']:.1f} %" for n in ("train", "validation", "test")
    ]
    assert page.locator(".ck-facts dd").nth(2).inner_text() == "4·1·3·3 + 4 = 40"
    layers = page.locator(".ck-layer").all_inner_texts()
    assert layers[0].split() == ["0", "Conv2d", "4×8×8"]
    page.locator(".ck-layer input").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(".ck-facts dd").first.inner_text() == "4×8×8"
    assert page.locator(".ck-sheet").count() == 2  # ReLU: activations and their gradients
    bars = page.locator(".ck-answer").first.locator(".ck-bars li").all_inner_texts()
    top = lab.kernel_eval("trainer.tests['answers'][0]")
    assert [bar.split()[0] for bar in bars] == [name for name, _ in top]
    assert float(bars[0].split()[1]) == pytest.approx(100 * top[0][1], abs=0.051)


def test_interrupt_pauses_training_between_cells_and_the_kernel_answers(lab):
    show(lab)
    press(lab, "Train")
    wait_for(lab, "trainer.running and trainer.steps > 5")
    lab.page.evaluate("() => window.rig.kernel.interrupt()")
    wait_for(lab, "[trainer.running, len(threads())]", [False, 0])
    assert "The kernel was interrupted" in lab.kernel_eval("trainer.problem")
    press(lab, "Resume")
    wait_for(lab, "trainer.running")


def test_running_the_cell_again_stops_the_first_trainer(lab):
    show(lab, MAKE + "\ntrainer.start()\ntrainer")
    wait_for(lab, "trainer.running and trainer.steps > 5")
    lab.kernel_run("first = trainer")
    lab.page.evaluate(
        "() => { window.rig.panel.content.activeCellIndex = 1; "
        "return window.jupyterapp.commands.execute('notebook:run-cell'); }"
    )
    wait_for(
        lab,
        "[trainer is first, first.running, trainer.running, len(threads())]",
        [False, False, True, 1],
    )
    assert "took over" in lab.kernel_eval("first.problem")


def test_closing_the_output_pauses_training(lab):
    show(lab, MAKE + "\ntrainer.start()\ntrainer")
    wait_for(lab, "trainer.running and trainer.steps > 5")
    lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    wait_for(lab, "[trainer.running, len(threads())]", [False, 0])
    assert lab.kernel_eval("trainer.problem").startswith("The picture was closed")


def test_a_batch_of_five_seconds_freezes_neither_cell_nor_page(lab):
    slow = """
class Slow(nn.Flatten):
    def forward(self, x):
        time.sleep(5 if self.training else 0)
        return super().forward(x)
"""
    make = """started = time.time()
trainer = LiveTrainer(nn.Sequential(Slow(), nn.Linear(64, 3)), data(400, 0), autostart=True)
took = time.time() - started
trainer"""
    show(lab, make, slow)
    assert lab.kernel_eval("took") < 3
    lab.page.wait_for_selector(".ck-note:has-text('Still computing a batch')")
    started = lab.kernel_eval("time.time()")
    lab.kernel_run("trainer.pause()")
    assert lab.kernel_eval("time.time()") - started < 3
    wait_for(lab, "len(threads())", 0)
    assert re.search(r"takes \d\.\d s, and nothing answers", lab.kernel_eval("trainer.problem"))


def test_save_and_load_a_file(lab, tmp_path):
    show(lab)
    lab.kernel_run("trainer.run(steps=10)")
    with lab.page.expect_download() as download:
        press(lab, "Save network")
    path = tmp_path / "network.json"
    download.value.save_as(path)
    assert json.loads(path.read_text())["format"].startswith("coursekit live trainer")
    lab.kernel_run("trainer.restart()")
    lab.page.get_by_label("Load network…").set_input_files(path)
    wait_for(lab, "trainer.steps", 10)
    path.write_text("{}")
    lab.page.get_by_label("Load network…").set_input_files(path)
    lab.page.wait_for_selector(".ck-problem:has-text('This is no saved network')")
    assert lab.kernel_eval("trainer.steps") == 10


def test_change_the_network_and_try_a_picture(lab, tmp_path):
    show(lab)
    page = lab.page
    page.locator(".ck-definition summary").click()
    assert "nn.Conv2d(1, 4, kernel_size=(3, 3)" in page.input_value(".ck-code")
    page.locator(".ck-code").fill("nn.Sequential(nn.Flatten(), nn.Linear(64, 3))")
    press(lab, "Use this network")
    wait_for(lab, "[fact['kind'] for fact in trainer.layers]", ["Flatten", "Linear"])
    assert page.locator(".ck-layer").count() == 2
    page.locator(".ck-code").fill("nn.Sequential(")
    press(lab, "Use this network")
    page.wait_for_selector(".ck-problem:has-text('This definition stops with SyntaxError')")
    Image.fromarray(np.full((30, 50, 3), 200, np.uint8)).save(tmp_path / "own.png")
    page.get_by_label("Try a picture of yours…").set_input_files(tmp_path / "own.png")
    page.wait_for_selector(".ck-own .ck-bars li")
    assert page.locator(".ck-own .ck-bars li").count() == 3


def test_keys_do_not_reach_the_notebook(lab):
    show(lab)
    page = lab.page
    cells = page.locator(".jp-Cell").count()
    page.get_by_label("Momentum", exact=True).focus()
    for key in ("b", "a", "ArrowDown", "d", "d"):
        page.keyboard.press(key)
    wait_for(lab, "trainer.momentum", 0.8)
    assert page.locator(".jp-Cell").count() == cells


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_screenshots(lab, theme):
    """Kept under build/screenshots for people to look at."""
    show(lab)
    lab.kernel_run("trainer.run(steps=60)")
    lab.theme(f"JupyterLab {theme}")
    lab.page.wait_for_timeout(300)
    lab.page.set_viewport_size({"width": 1280, "height": 1600})
    assert lab.screenshot(f"trainer_{theme.lower()}_1280", ".ck-trainer").stat().st_size > 10_000
    lab.page.set_viewport_size({"width": 800, "height": 2000})
    assert lab.screenshot(f"trainer_{theme.lower()}_800", ".ck-trainer").stat().st_size > 10_000
    assert lab.page.evaluate(OVERFLOWS) == []


# ---- pages without a kernel ----


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """A file with a trained trainer and no kernel; its address, and the trainer."""
    space = {}
    exec(NET, space)
    trainer = space["LiveTrainer"](
        space["net"](),
        space["data"](400, 0),
        space["data"](60, 1),
        class_names=["top", "middle", "low"],
    )
    trainer.run(steps=30)
    monkeypatch.setenv("COURSEKIT_SNAPSHOT", "1")
    widget = widget_html(trainer._repr_mimebundle_()[0])
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><meta charset='utf-8'>{widget}{host_script()}", "utf-8")
    return path.as_uri(), trainer


def test_recorded_training_can_be_looked_at_without_a_kernel(offline_page, recorded):
    page, (address, trainer) = offline_page.page, recorded
    page.goto(address)
    page.wait_for_selector("[data-coursekit-ready]")
    assert page.inner_text(SENTENCE) == trainer.sentence
    assert page.inner_text(".ck-note").startswith("Recorded: to train, open the notebook")
    assert page.locator(".ck-controls button:not([disabled])").count() == 0
    assert page.locator("img:visible").count() == 0
    page.locator(".ck-layer input").nth(4).check()
    assert page.locator(".ck-facts dd").nth(1).inner_text() == "3·64 + 3 = 195"
    assert page.locator(".ck-sheet").count() == 4
    assert offline_page.problems == []


# What ConvNetJS's demo offers, and what a step, a fair test and gradients over time add.
CONTROLS = {
    "pause and resume": ("button", "Resume"),
    "a single step": ("button", "One batch"),
    "from the beginning": ("button", "Restart"),
    "learning rate": ("textbox", "Learning rate"),
    "learning rate, change": ("button", "Learning rate: half"),
    "momentum": ("textbox", "Momentum"),
    "momentum, change": ("button", "Momentum: more"),
    "batch size": ("textbox", "Batch size"),
    "batch size, change": ("button", "Batch size: double"),
    "weight decay": ("textbox", "Weight decay"),
    "weight decay, change": ("button", "Weight decay: double"),
    "save a snapshot as JSON": ("button", "Save network"),
    "go on from a snapshot": ("button", "Load network…"),
    "pretrained weights": ("button", "Load pretrained"),
    "clear the graphs": ("button", "Clear graphs"),
    "try an image of one's own": ("button", "Try a picture of yours…"),
    "test accuracy of all images": ("button", "Measure all test images"),
    "the network as a program": ("textbox", "The network, as Python"),
    "change the network": ("button", "Use this network"),
    "whose layers are shown": ("button", "middle, answered middle: show the layers for it"),
    "which layer is shown": ("radio", "0 Conv2d 4×8×8"),
}
NUMBER, PERCENT = r"−?\d[\d.,e−]*", r"\d+\.\d %"
READOUTS = {
    "forward time of an example": rf"Forward\n{NUMBER} ms\nan example",
    "backward time of an example": rf"Backward\n{NUMBER} ms\nan example",
    "classification loss": rf"Classification loss\n{NUMBER}",
    "decay loss": rf"Decay loss\n{NUMBER}",
    "training accuracy": rf"Training accuracy\n{PERCENT}",
    "validation accuracy": rf"Validation accuracy\n{PERCENT}",
    "examples seen": r"Examples seen\n960",
    "test accuracy": rf"Test accuracy\n{PERCENT}\nof 60 images",
    "type and size": r"0 Conv2d 4×8×8",
    "filter size and stride": r"Window\n3×3, stride 1, padding 1",
    "activations, least and largest": rf"Activations\n{NUMBER} to {NUMBER}",
    "gradients, least and largest": rf"Their gradients\n{NUMBER} to {NUMBER}",
    "parameters, as a sum": r"4·1·3·3 \+ 4 = 40",
    "activation maps": r"activations 4 of 8×8",
    "activation gradients": r"activation gradients 4 of 8×8",
    "weights": r"\bweights 4 of 3×3",
    "weight gradients": r"weight gradients 4 of 3×3",
    "three likeliest classes": rf"right: top\s+top\n{PERCENT}\n\w+\n{PERCENT}\n\w+\n{PERCENT}",
}
GRAPHS = {
    "loss": r"Loss from \S+ to \S+, 30 steps",
    "accuracies": r"Accuracy: training .* %, validation .* %, test .* %",
    "gradients by layer": r"Gradients by layer: 0 Conv2d \S+, 4 Linear \S+",
}


def test_everything_that_convnetjs_offers(offline_page, recorded):
    page = offline_page.page
    page.goto(recorded[0])
    page.wait_for_selector("[data-coursekit-ready]")
    page.locator(".ck-layer input").nth(0).check()
    page.locator(".ck-definition summary").click()
    missing = [
        name
        for name, (role, label) in CONTROLS.items()
        if page.get_by_role(role, name=label, exact=True, include_hidden=True).count() == 0
    ]
    text = page.inner_text(".ck-trainer")
    missing += [name for name, words in READOUTS.items() if not re.search(words, text)]
    graphs = [c.get_attribute("aria-label") for c in page.locator(".ck-chart").all()]
    missing += [name for name, words in GRAPHS.items() if not re.search(words, "\n".join(graphs))]
    assert missing == [], text


def drawn(page, selector):
    """How many different colors a canvas holds."""
    return page.evaluate(
        """(selector) => { const canvas = document.querySelector(selector);
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size; }""",
        selector,
    )


def test_curves_and_pictures_are_drawn(offline_page, recorded):
    page, (address, trainer) = offline_page.page, recorded
    page.goto(address)
    page.wait_for_selector("[data-coursekit-ready]")
    for i in range(3):
        assert drawn(page, f".ck-figure:nth-child({i + 1}) > .ck-chart") > 4
    assert drawn(page, ".ck-sheet") > 4
    labels = [c.get_attribute("aria-label") for c in page.locator(".ck-chart").all()]
    assert labels[0].endswith("30 steps")
    assert f"test {100 * trainer.readouts['test_accuracy']:.1f} %" in labels[1]
    assert labels[2].startswith("Gradients by layer: 0 Conv2d ")


@pytest.mark.parametrize("width", [320, 700, 1920])
def test_nothing_sticks_out_at_any_width(offline_page, recorded, width):
    page = offline_page.page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(recorded[0])
    page.wait_for_selector("[data-coursekit-ready]")
    offline_page.screenshot(f"trainer_{width}", ".ck-trainer")
    assert page.evaluate(OVERFLOWS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(offline_page, recorded, scheme):
    page = offline_page.page
    page.emulate_media(color_scheme=scheme)
    page.goto(recorded[0])
    page.wait_for_selector("[data-coursekit-ready]")
    assert page.evaluate(FAINT) == []
