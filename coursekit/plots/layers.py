"""Layers as drawings: which pixels a window reads, and how far a stack of layers sees."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from coursekit import shapes
from coursekit.drawings import FAINT, INK, INPUT, OUTPUT, PAPER, WEIGHTS
from coursekit.plots.figures import WIDTH, new_axes

PALE_INPUT, PALE_WEIGHTS, PALE_OUTPUT = "#cfe5f3", "#fbe3d4", "#cdebe0"


def show_windows(
    row: int | np.ndarray,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    *,
    alt: str,
    unread: Iterable[int] = (),
    title: str = "",
) -> Axes:
    """Show a row of pixels and, below it, where every window's taps stand.

    row: how many pixels, or their colors: (W,) or (W, 3), bytes. unread: positions to hatch.
    """
    colors = None if isinstance(row, int) else np.asarray(row) / 255
    w_in = row if colors is None else len(colors)
    count = shapes.output_size(w_in, kernel_size, stride, padding, dilation)
    axes = _drawing(-padding - 3.6, w_in + padding + 2.2, count + 1, alt, title)
    _draw_pixels(axes, w_in, padding, colors)
    for position in unread:
        _cell(axes, position, 0, PAPER, INK, str(position), hatch="////")
    for window in range(count):
        axes.text(-padding - 0.9, window + 1, f"window {window}", ha="right", va="center")
        for tap in range(kernel_size):
            pixel = window * stride - padding + tap * dilation
            _cell(axes, pixel, window + 1, PALE_WEIGHTS, WEIGHTS)
        _cell(axes, w_in + padding + 1, window + 1, PALE_OUTPUT, OUTPUT, str(window))
    return axes


def _draw_pixels(axes: Axes, w_in: int, padding: int, colors: np.ndarray | None) -> None:
    """The top row: numbered pixels between their padding."""
    for position in range(-padding, w_in + padding):
        if not 0 <= position < w_in:
            _cell(axes, position, 0, PAPER, FAINT, "pad")
            continue
        fill = PALE_INPUT if colors is None else np.broadcast_to(colors[position], 3)
        _cell(axes, position, 0, fill, INPUT, str(position))
    axes.text(-padding - 0.9, 0, "pixels", ha="right", va="center")
    axes.text(w_in + padding + 1, 0, "output", ha="center", va="center")


def show_stack(layers: Sequence[tuple[int, int]], *, alt: str, title: str = "") -> Axes:
    """Show which input pixels one output of a stack of layers can see.

    layers: (kernel_size, stride) of each layer, first layer first.
    """
    needed, jumps = [1], [1]
    for kernel_size, stride in reversed(layers):
        needed.insert(0, (needed[0] - 1) * stride + kernel_size)
    for _, stride in layers:
        jumps.append(jumps[-1] * stride)
    half = (needed[0] - 1) / 2
    axes = _drawing(-half - 3.8, half + 1.2, len(needed), alt, title)
    for level, (count, jump) in enumerate(zip(needed, jumps, strict=True)):
        y = len(layers) - level
        fill, edge = (PALE_OUTPUT, OUTPUT) if level else (PALE_INPUT, INPUT)
        for n in range(count):
            words = str(n) if level == 0 else ""
            _cell(axes, (n - (count - 1) / 2) * jump, y, fill, edge, words)
        name = f"after layer {level}" if level else "pixels"
        axes.text(-half - 0.9, y, name, ha="right", va="center")
    _cone(axes, [(count - 1) / 2 * jump for count, jump in zip(needed, jumps, strict=True)])
    return axes


def _cone(axes: Axes, reaches: Sequence[float]) -> None:
    """Lines from the one output down to the outermost pixels it can see."""
    depth = len(reaches) - 1
    for side in (-1, 1):
        for level in range(depth):
            ends = [side * (reaches[level + 1] + 0.45), side * (reaches[level] + 0.45)]
            y = depth - level
            axes.plot(ends, [y - 1 + 0.42, y - 0.42], color=WEIGHTS, linewidth=1.6)


def _drawing(left: float, right: float, rows: int, alt: str, title: str) -> Axes:
    """Empty Axes in units of one cell, rows counted downward from 0; cells are square."""
    side = min(0.42, WIDTH / (right - left))
    axes = new_axes(side * (rows + 0.3) + (0.45 if title else 0.1), alt)[0, 0]
    axes.set_title(title)
    axes.set_xlim(left, right)
    axes.set_ylim(rows - 0.4, -0.7)
    axes.set_aspect("equal")
    axes.axis("off")
    return axes


def _cell(
    axes: Axes, x: float, y: float, fill: Any, edge: str, words: str = "", hatch: str = ""
) -> None:
    """One square of a drawing, centered on (x, y)."""
    axes.add_patch(
        Rectangle((x - 0.45, y - 0.42), 0.9, 0.84, facecolor=fill, edgecolor=edge, hatch=hatch)
    )
    plate = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5} if hatch else None
    axes.text(x, y, words, ha="center", va="center", fontsize=9, color=_ink_on(fill), bbox=plate)


def _ink_on(fill: Any) -> str:
    if isinstance(fill, str):
        return INK
    return INK if float(np.dot(fill, (0.299, 0.587, 0.114))) > 0.55 else PAPER
