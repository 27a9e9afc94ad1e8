"""The task picker as a still picture, for pages that run no script."""

from textwrap import fill
from typing import Any

import numpy as np

from coursekit.widgets.picker_state import answered, output_text
from coursekit.widgets.picker_tasks import SCENE, TASKS, pixels
from coursekit.widgets.still import HUES

# One color a class, as in task_picker.css; each tile carries the class's first letter as well.
CLASS_COLORS = ("#56b4e9", "#999999", "#009e73", "#d55e00", "#e69f00", "#cc79a7", "#f0e442")


def draw(picker: Any, figure: Any) -> None:
    """Scene with the answer at the left; at the right the six tasks and their output types."""
    left, right = figure.subplots(1, 2, width_ratios=[1.5, 1])
    left.imshow(SCENE.image, interpolation="nearest", extent=_extent())
    left.set_axis_off()
    left.set_title(TASKS[picker.task].question)
    if picker.task == "segmentation" and answered(picker, "segmentation"):
        _draw_tiles(left, picker.tiles)
    if picker.task == "detection":
        _draw_boxes(left, picker)
    focus = TASKS[picker.task].focus
    if focus:
        _frame(left, focus, "gradient", "--")
    _write_tasks(right, picker)


def _extent() -> tuple[int, int, int, int]:
    height, width = SCENE.labels.shape
    return 0, width, height, 0


def _frame(axes: Any, box: Any, hue: str, style: str = "-") -> None:
    from matplotlib.patches import Rectangle

    left, top, right, bottom = box
    size = right - left, bottom - top
    axes.add_artist(Rectangle((left, top), *size, fill=False, ec="white", lw=4))
    axes.add_artist(Rectangle((left, top), *size, fill=False, ec=HUES[hue], lw=2, ls=style))


def _draw_boxes(axes: Any, picker: Any) -> None:
    if "detection" in picker.compared:
        for person in SCENE.people:
            _frame(axes, person, "output", "--")
    for box in picker.boxes:
        _frame(axes, box, "weights")


def _draw_tiles(axes: Any, tiles: np.ndarray) -> None:
    from matplotlib.colors import to_rgb

    colors = np.array([to_rgb(color) for color in CLASS_COLORS])
    axes.imshow(colors[pixels(tiles)], alpha=0.6, interpolation="nearest", extent=_extent())


def _write_tasks(axes: Any, picker: Any) -> None:
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    for i, task in enumerate(TASKS.values()):
        height, chosen = 1 - 0.125 * i, task.name == picker.task
        weight = "bold" if chosen else "normal"
        mark = "answered: " if answered(picker, task.name) else ""
        axes.text(0, height, task.title, va="top", size=10, weight=weight)
        axes.text(0, height - 0.055, mark + task.output, va="top", size=8.5, color="#5f6368")
    text = fill(f"output: {output_text(picker)}", 52)
    axes.text(0, 0.2, text, va="top", size=8.5, family="monospace", color=HUES["output"])
