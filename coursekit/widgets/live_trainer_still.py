"""The live trainer as a still picture: curves, what the first layer weighs, the answers."""

from itertools import pairwise
from typing import Any

import numpy as np

from coursekit.widgets.forgiving import unpack
from coursekit.widgets.live_trainer_words import percent
from coursekit.widgets.still import FILLS, HUES

_STYLES = {
    1: ("training", "input", "-"),
    2: ("validation", "weights", "--"),
    3: ("test", "output", ":"),
}


def draw(trainer: Any, figure: Any) -> None:
    """Curves above; the first weights and the answers below."""
    grid = figure.add_gridspec(2, 3, height_ratios=[1.25, 1])
    _draw_loss(trainer, figure.add_subplot(grid[0, 0]))
    _draw_accuracy(trainer, figure.add_subplot(grid[0, 1]))
    _draw_gradients(trainer, figure.add_subplot(grid[0, 2]))
    _draw_weights(trainer, figure.add_subplot(grid[1, 0]))
    _draw_answers(trainer, figure.add_subplot(grid[1, 1:]))


def _axes(axes: Any, title: str) -> None:
    axes.set_title(title, fontsize=9, loc="left")
    axes.tick_params(labelsize=7, which="both")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_loss(trainer: Any, axes: Any) -> None:
    _axes(axes, "loss of every batch (nats)")
    losses = np.array(trainer.history.loss[trainer.graph_start :])
    steps = trainer.graph_start + 1 + np.arange(len(losses))
    axes.plot(steps, losses, color="0.75", lw=0.7)
    if len(losses):
        width = max(1, len(losses) // 20)
        means = np.convolve(losses, np.ones(width) / width, "valid")
        axes.plot(steps[width - 1 :], means, color=HUES["input"])
        axes.set_ylim(0, min(12, 1.05 * np.nanmax(losses)))


def _draw_accuracy(trainer: Any, axes: Any) -> None:
    _axes(axes, "accuracy")
    measures = np.array(trainer.curves.get("measures") or np.zeros((0, 4)), float)
    for column, (name, hue, style) in _STYLES.items():
        known = measures[~np.isnan(measures[:, column])]
        if len(known):
            marks = "." if len(known) < 20 else ""
            axes.plot(
                known[:, 0], known[:, column], color=HUES[hue], ls=style, marker=marks, label=name
            )
    axes.set_ylim(0, 1)
    if axes.get_lines():
        axes.legend(fontsize=7, frameon=False)


def _draw_gradients(trainer: Any, axes: Any) -> None:
    _axes(axes, "root mean square gradient by layer")
    found = trainer.gradients
    heights = _apart([sizes[-1] for sizes in found["layers"].values()])
    mark = "." if len(found["steps"]) == 1 else ""
    for i, (name, sizes) in enumerate(found["layers"].items()):
        shade = i / max(1, len(found["layers"]) - 1)
        color = (0.1 + 0.6 * shade, 0.3, 0.75 - 0.3 * shade)
        axes.semilogy(found["steps"], sizes, color=color, lw=1, marker=mark)
        axes.text(found["steps"][-1], heights[i], f" {name}", fontsize=6, va="center")
    tops = [1.1 * height for height in heights if height < np.inf]
    axes.set_ylim(top=max([axes.get_ylim()[1], *tops]))


def _apart(ends: list[float]) -> list[float]:
    """Heights of the names at the curves' ends, on a logarithmic scale, that can be read."""
    heights = list(ends)
    order = sorted(range(len(ends)), key=ends.__getitem__)
    for below, above in pairwise(order):
        heights[above] = max(heights[above], 1.45 * heights[below])
    return heights


def _draw_weights(trainer: Any, axes: Any) -> None:
    axes.set_axis_off()
    data = trainer.pictures.get("data")
    named = zip(trainer.layers, trainer.pictures.get("layers", []), strict=True)
    first = next(((f, p["weights"]) for f, p in named if "weights" in p), None)
    if data is None or first is None:
        return
    fact, picture = first
    axes.imshow(_tiled(unpack(data), picture), interpolation="nearest")
    axes.set_title(f"weights of {fact['name']}", fontsize=9, loc="left")


def _tiled(data: np.ndarray, picture: dict[str, Any]) -> np.ndarray:
    """The pictures side by side, (H, W, 3) from 0 to 1."""
    shape, at = picture["shape"], picture["at"]
    levels = data[at : at + int(np.prod(shape))].reshape(shape)
    colors = levels / 255 if levels.ndim == 4 else _tinted((levels.astype(float) - 128) / 127)
    across = picture["columns"] or -(-len(colors) // 2)
    rows = -(-len(colors) // across)
    count, height, width, _ = colors.shape
    tiles = np.ones((rows * across, height + 1, width + 1, 3))
    tiles[:count, :height, :width] = colors
    tiles = tiles.reshape(rows, across, height + 1, width + 1, 3).swapaxes(1, 2)
    return tiles.reshape(rows * (height + 1), across * (width + 1), 3)


def _tinted(strength: np.ndarray) -> np.ndarray:
    from matplotlib.colors import to_rgb

    end = np.where(strength[..., None] < 0, to_rgb("#5f6368"), to_rgb(FILLS["weights"]))
    return 1 - np.abs(strength)[..., None] * (1 - end)


def _draw_answers(trainer: Any, axes: Any) -> None:
    axes.set_axis_off()
    if not trainer.tests:
        return
    images = unpack(trainer.tests["images"])
    apart = 1.6  # sides of an image; the words below are wider than it
    axes.set(xlim=(0, apart * len(images)), ylim=(-1.1, 1), aspect="equal")
    for i, image in enumerate(images):
        axes.imshow(image, extent=(apart * i, apart * i + 0.9, 0.05, 0.95))
        (name, chance), truth = trainer.tests["answers"][i][0], trainer.tests["truth"][i]
        verdict = "right" if name == truth else "wrong"
        words = f"{_short(truth)}\n{verdict} {percent(chance)}"
        words += "" if name == truth else f"\n{_short(name)}"
        color = HUES["output"] if name == truth else "#b3261e"
        axes.text(apart * i, -0.05, words, fontsize=6, va="top", color=color)
    axes.set_title(f"{trainer.tests['from']} images, the likeliest answer", fontsize=9, loc="left")


def _short(name: str) -> str:
    return name if len(name) <= 10 else f"{name[:8]}…"
