"""Every widget that needs no kernel, in JupyterLab: how it opens, and how it follows the hand.

    python benchmarks/each_widget.py [--presses 60] [--only NAME …]

Opening counts from the cell's `display(widget)`, by the kernel's clock, to the first frame painted
with the widget in it: the still picture that the notebook keeps, the messages, the module and the
drawing are in it, making the widget is not. `still` is the part of it that the still picture takes.
Each widget is shown five times, after one for warming up; the median counts.
The handler is measured in the page: from a key event until the page can take the next one. Drawing
follows in a turn of its own; it is part of what comes after, from key to repaint, which counts
real presses, from the browser's time of the event to the frame after the sentence has changed;
then 60 presses come in two seconds, 30 a second: how many were painted before the next one came.
All that is done in three rounds over the widgets. The limits are for a quiet machine: a widget's
quietest round counts, and the last column has the medians of all.
The first row is what the page itself takes for a widget of one number.
Results go to results/each_widget.json.
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from statistics import median

import pytest
from rich.console import Console
from rich.table import Table
from widgets import COUNT, DONE, WATCH, outputs, p95

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "each_widget.json"
PRESSES = int(os.environ.get("PRESSES", "60"))
ROUNDS = 3
ONLY = os.environ.get("ONLY", "").splitlines()
LIMITS = {"open_ms": "≤ 300", "handler_p95_ms": "≤ 4", "key_median_ms": "≤ 16"}
LIMITS["painted_of_60"] = "≥ 60"

# What no widget can undercut here: a key adds one to a number that the kernel is told.
LEAST = """function render({ model, el }) {
  const made = (tag, values) => Object.assign(document.createElement(tag), values);
  const number = made("p", {className: "ck-sentence", tabIndex: 0});
  const root = made("div", {className: "ck-root"});
  number.textContent = "0";
  number.addEventListener("keydown", (event) => {
    event.stopPropagation();
    model.set("number", model.get("number") + 1);
    model.save_changes();
    number.textContent = model.get("number");
  });
  root.append(number);
  el.append(root);
}
export default { render };
"""
SET_UP = f"""import sys, time, torch, anywidget, traitlets
sys.path.append({str(ROOT / "tests" / "widgets")!r})
torch.set_num_threads(1)
import numpy as np
from IPython.display import display
from coursekit import widgets
from coursekit.data import photograph
from coursekit.models import example_convnet
from patch_cases import tiny_browser
rng = np.random.default_rng(0)
def explorer():
    return widgets.NetworkExplorer(example_convnet(), rng.random((12, 3, 32, 32)), layer="conv2")
class Least(anywidget.AnyWidget):
    number = traitlets.Int().tag(sync=True)
    _esm = {LEAST!r}
    def still(self):
        return b""
def show(widget):
    begun = time.time()
    widget.still()
    still, begun = time.time() - begun, time.time()
    display(widget)
    return 1000 * still, 1000 * begun
"""
# Code, what takes the focus, and two keys that go there and back.
SIDE = ("ArrowRight", "ArrowLeft")
EACH = {
    "a single number": ("Least()", ".ck-sentence", SIDE),
    "TaskPicker": ("widgets.TaskPicker('segmentation')", ".ck-cursor", SIDE),
    "PixelMicroscope": ("widgets.PixelMicroscope(photograph('astronaut'))", ".ck-picture", SIDE),
    "VolumeExplorer": ("widgets.VolumeExplorer()", ".ck-volumes", SIDE),
    "WeightIndex": ("widgets.WeightIndex()", ".ck-cell[tabindex='0']", SIDE),
    "ConvolutionStepper": (
        "widgets.ConvolutionStepper(rng.normal(size=(3, 12, 12)))",
        ".ck-result .ck-cell[tabindex='0']",
        SIDE,
    ),
    "BackwardStepper": (
        "widgets.BackwardStepper(rng.normal(size=(3, 10, 10)), rng.normal(size=(3, 3, 3, 3)))",
        ".ck-cell[tabindex='0']",
        SIDE,
    ),
    "PoolingRouter": (
        "widgets.PoolingRouter(rng.integers(0, 3, (8, 10)), None, 3, 1)",
        ".ck-cell[tabindex='0']",
        SIDE,
    ),
    "ArchitectureExplorer": (
        "widgets.ArchitectureExplorer(network='GoogLeNet (2014)')",
        ".ck-bars",
        ("ArrowDown", "ArrowUp"),
    ),
    "PatchBrowser": ("tiny_browser()", ".ck-card[tabindex='0']", SIDE),
    "NetworkExplorer": ("explorer()", ".ck-map .ck-net-field", SIDE),
}
SILENT = {"TaskPicker"}  # its keys move a mark of which the sentence says nothing

# Waits for the end of the first frame with a widget in it; by the clock that the kernel has, too.
OPENS = """([place, focus]) => {
  const output = document.querySelector(place);
  window.opened = new Promise((done) => {
    const look = () => {
      const said = output.querySelector(".ck-root .ck-sentence")?.textContent;
      if (!said || !output.querySelector(focus)) return requestAnimationFrame(look);
      scheduler.postTask(() => done(Date.now()), {priority: "user-blocking"});
    };
    requestAnimationFrame(look);
  });
}"""
SCROLL = """async (number) => {
  window.rig.panel.content.activeCellIndex = number;
  await window.rig.panel.content.scrollToItem(number, "start");
}"""
RUN_CELL = f"""async (number) => {{
  await ({SCROLL})(number);
  await window.jupyterapp.commands.execute("notebook:run-cell");
}}"""


def opening(lab, number: int, name: str) -> tuple[list[float], list[float]]:
    """Milliseconds of five openings, and of the still picture in each."""
    all_, stills = [], []
    lab.page.evaluate(SCROLL, number)
    for _ in range(6):
        lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-cell-output')")
        lab.page.evaluate(OPENS, [outputs(number), EACH[name][1]])
        lab.page.evaluate(RUN_CELL, number)
        painted = lab.page.evaluate("() => window.opened")
        still, begun = lab.kernel_eval("found")
        all_.append(painted - begun)
        stills.append(still)
    return all_[1:], stills[1:]


def presses(lab, place: str, name: str, pause: float, wait: bool) -> list:
    """Milliseconds from each press to its repaint, as many as were seen."""
    _, focus, keys = EACH[name]
    lab.page.focus(f"{place} {focus}")
    lab.page.evaluate(WATCH, [place if name in SILENT else f"{place} .ck-sentence", False])
    for count in range(PRESSES):
        lab.page.keyboard.press(keys[count % 2])
        if wait:
            lab.page.wait_for_function(COUNT, arg=count + 1)
        lab.page.wait_for_timeout(pause)
    lab.page.wait_for_timeout(300)
    return lab.page.evaluate(DONE)


def followed(lab, number: int, name: str) -> dict[str, float]:
    """How one widget follows the hand, in one round."""
    _, focus, keys = EACH[name]
    place = outputs(number)
    lab.page.evaluate(SCROLL, number)
    lab.page.focus(f"{place} {focus}")
    handler = lab.handler_times(keys, PRESSES)
    times = presses(lab, place, name, 40, wait=True)
    painted = presses(lab, place, name, 33, wait=False)
    return {
        "handler_median_ms": round(median(handler), 2),
        "handler_p95_ms": round(p95(handler), 2),
        "key_median_ms": round(median(times), 1),
        "key_p95_ms": round(p95(times), 1),
        "painted_of_60": round(60 * min(1, len(painted) / PRESSES)),
    }


def row(openings: list[float], stills: list[float], rounds: list[dict]) -> dict[str, float | str]:
    """What one widget's openings and rounds come to: the quietest round, the fewest painted."""
    quietest = min(rounds, key=lambda each: each["key_median_ms"])
    medians = sorted(each["key_median_ms"] for each in rounds)
    return {
        "open_ms": round(median(openings)),
        "still_ms": round(median(stills)),
        **quietest,
        "painted_of_60": min(each["painted_of_60"] for each in rounds),
        "key_median_ms, all rounds": " ".join(map(str, medians)),
    }


def test_each(lab):
    """Not a test: the fixtures of the browser tests give a JupyterLab."""
    names = [name for name in EACH if not ONLY or name in ONLY]
    cells = [f"widget = {EACH[name][0]}" for name in names]
    shown = [f"{cell}\nfound = show(widget)" for cell in cells]
    lab.open_cells(SET_UP, *shown, name="each.ipynb")
    load = round(os.getloadavg()[0], 1)
    lab.page.evaluate(RUN_CELL, 0)
    opened = {name: opening(lab, number, name) for number, name in enumerate(names, 1)}
    rounds = {name: [] for name in names}
    for _ in range(ROUNDS):
        for number, name in enumerate(names, 1):
            rounds[name].append(followed(lab, number, name))
    rows = {name: row(*opened[name], rounds[name]) for name in names}
    assert lab.errors() == []
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    report = {"machine": machine, "load": load, "limits": LIMITS, "widgets": rows}
    if not ONLY:
        RESULTS.write_text(json.dumps(report, indent=1) + "\n")
    show(rows)


def show(rows: dict[str, dict[str, float | str]]) -> None:
    """Print the table."""
    columns = list(next(iter(rows.values())))
    table = Table("", *(f"{name}\n{LIMITS.get(name, '')}" for name in columns))
    for name, row in rows.items():
        table.add_row(name, *(str(row[column]) for column in columns))
    Console(width=140).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--presses", type=int, default=60)
    parser.add_argument("--only", nargs="*", default=[], help="names of widgets; writes no results")
    options = parser.parse_args()
    os.environ |= {"PRESSES": str(options.presses), "ONLY": "\n".join(options.only)}
    folders = [str(Path(__file__).parent), str(ROOT / "tests" / "browser")]
    sys.path[:0] = folders
    sys.exit(pytest.main(["-q", "-s", "-p", "conftest", "-p", "no:cacheprovider", __file__]))
