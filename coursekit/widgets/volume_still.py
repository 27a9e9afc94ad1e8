"""The volume explorer as a still picture, for pages that run no script."""

from itertools import pairwise
from typing import Any

import numpy as np

from coursekit.widgets.still import HUES
from coursekit.widgets.volume_state import FULL, KINDS, Volume
from coursekit.widgets.wording import number_text

_STEP = 4.0  # pixels of the image between two slices of a stack
_POSITIVE, _NEGATIVE, _WEIGHT = (20, 150, 112), (120, 124, 130), (206, 130, 10)


def draw(explorer: Any, figure: Any) -> None:
    """Both volumes, the chunk and the column; below them the counts and the sum."""
    volume = explorer.volume()
    channels = len(volume.image)
    figure.set_layout_engine("none")  # which would draw everything twice
    margins = {"left": 0.01, "right": 0.99, "top": 0.92, "bottom": 0.02, "hspace": 0.16}
    grid = figure.add_gridspec(2, 1, height_ratios=[1.9, 1], **margins)
    below = grid[1].subgridspec(1, channels + 1, width_ratios=[2.9] + [1] * channels)
    axes = figure.add_subplot(grid[0], anchor="W")
    _, height, width = volume.image.shape
    left = width + 30 + _STEP * len(volume.image)
    chunks = [_input_slice(axes, volume, explorer.position, c) for c in range(len(volume.image))]
    output = explorer.output()
    spots = [_output_slice(axes, explorer, output, left, d) for d in range(len(output))]
    _join(axes, chunks, HUES["weights"])
    _join(axes, spots, HUES["output"])
    near, chosen = chunks[0], spots[explorer.position[0]]
    ends = [[(near[0][1], near[1][i]), (chosen[0][0], chosen[1][i])] for i in (0, 1)]
    _draw_lines(axes, ends, HUES["weights"], "--")
    right = left + volume.out_shape[2] + _STEP * len(output)
    highest = 0.6 * _STEP * max(channels - 1, len(output) - 1) + 5
    axes.set(xlim=(-1, right + 1), ylim=(max(height, volume.out_shape[1]) + 1, -highest))
    axes.set_aspect("equal")
    axes.set_axis_off()
    _title(axes, (-1, -highest), "input x", volume.image.shape, "input")
    _title(axes, (left, -highest), "output h", volume.out_shape, "output")
    _write(figure.add_subplot(below[0]), explorer, volume)
    weights, _ = volume.neuron(explorer.position)
    for c in range(channels):
        _draw_weights(figure.add_subplot(below[c + 1]), weights[c], abs(weights).max() or 1, c)


def _title(axes: Any, at: tuple, name: str, shape: tuple[int, ...], hue: str) -> None:
    words = f"{name}: {' × '.join(map(str, shape))}"
    axes.text(*at, words, color=HUES[hue], size=10, weight="bold", va="bottom")


def _input_slice(axes: Any, volume: Volume, place: tuple, channel: int) -> tuple:
    """Draw one channel of the input; the chunk's (left, right) and (top, bottom)."""
    pixels = volume.image[channel] / (abs(volume.image).max() or 1)
    _show(axes, np.repeat(pixels.clip(0, 1)[..., None], 3, axis=2), 0, channel, HUES["input"])
    height, width = volume.chunk(*place[1:]).shape[1:]
    top, left = (0, 0) if volume.kind == FULL else place[1:]
    return _frame(axes, (left, top, width, height), 0, channel, HUES["weights"], 2)


def _output_slice(axes: Any, explorer: Any, output: np.ndarray, left: float, index: int) -> tuple:
    """Draw one slice of the output; the neuron's (left, right) and (top, bottom)."""
    chosen, row, col = explorer.position
    tints = _tinted(output[index] / (abs(output[index]).max() or 1), _POSITIVE)
    faded = 0.15 if index < chosen else 1.0
    _show(axes, tints, left, index, HUES["output"], alpha=faded)
    edge, width = ("#1b1b1b", 2.5) if index == chosen else (HUES["output"], 1.2)
    return _frame(axes, (left + col - 0.5, row - 0.5, 2, 2), 0, index, edge, width)


def _draw_weights(axes: Any, weights: np.ndarray, most: float, channel: int) -> None:
    axes.imshow(_tinted(weights / most, _WEIGHT), interpolation="nearest")
    axes.set_title(f"weights, channel {channel + 1}", size=9, color=HUES["weights"])
    axes.set(xticks=[], yticks=[])


def _tinted(levels: np.ndarray, hue: tuple[int, int, int]) -> np.ndarray:
    """Colors (H, W, 3) of levels from −1 to 1: the hue above zero, gray below."""
    ends = np.where(levels[..., None] < 0, _NEGATIVE, hue) / 255
    return 1 - abs(levels[..., None]) * (1 - ends)


def _show(
    axes: Any, picture: np.ndarray, left: float, depth: int, edge: str, alpha: float = 1.0
) -> None:
    """A slice of a stack: each further one stands a step to the right and up."""
    height, width = picture.shape[:2]
    x, y = left + depth * _STEP, -depth * _STEP * 0.6
    extent = (x, x + width, y + height, y)
    axes.imshow(picture, extent=extent, zorder=30 - 2 * depth, alpha=alpha, interpolation="nearest")
    _frame(axes, (left, 0, width, height), 0, depth, edge, 0.8, behind=True)


def _frame(
    axes: Any, box: tuple, left: float, depth: int, edge: str, line: float, behind: bool = False
) -> tuple:
    from matplotlib.patches import Rectangle

    x, y = box[0] + left + depth * _STEP, box[1] - depth * _STEP * 0.6
    order = 31 - 2 * depth if behind else 61
    # Not add_patch, which would measure every frame.
    axes.add_artist(Rectangle((x, y), *box[2:], fill=False, ec=edge, lw=line, zorder=order))
    return (x, x + box[2]), (y, y + box[3])


def _join(axes: Any, boxes: list[tuple], color: str) -> None:
    """Edges from each square to the one behind it."""
    edges = []
    for ((x0, x1), (y0, y1)), ((u0, u1), (v0, v1)) in pairwise(boxes):
        edges += [[(x0, y0), (u0, v0)], [(x1, y1), (u1, v1)]]
    _draw_lines(axes, edges, color)


def _draw_lines(axes: Any, ends: list[list[tuple]], color: str, style: str = "-") -> None:
    from matplotlib.collections import LineCollection

    lines = LineCollection(ends, colors=color, linewidths=1, linestyles=style, zorder=60)
    axes.add_collection(lines, autolim=False)


def _write(axes: Any, explorer: Any, volume: Volume) -> None:
    """The three counts, the present one bold, and the sum."""
    axes.set_axis_off()
    for line, kind in enumerate(KINDS):
        words = f"{kind}: {volume.parameters(kind):,} parameters"
        weight = "bold" if kind == volume.kind else "normal"
        axes.text(0, 1 - 0.16 * line, words, size=9, va="top", weight=weight)
    place, bias = explorer.position, number_text(volume.neuron(explorer.position)[1])
    h = volume.response(place)
    lines = [f"channel {c + 1}  {number_text(part)}" for c, part in enumerate(volume.parts(place))]
    where = ", ".join(map(str, place))
    total = f"h[{where}] = {number_text(h)}"
    if explorer.relu:
        total += f",  ReLU(h) = {number_text(max(h, 0))}"
    axes.text(0, 0.45, ",  ".join([*lines, f"bias {bias}"]), size=9, va="top")
    axes.text(0, 0.25, total, size=11, va="top", color=HUES["output"], weight="bold")
