"""The weight index as a still picture, for pages that run no script."""

from typing import Any

import numpy as np

from coursekit.widgets.index_state import shape_in
from coursekit.widgets.still import HUES, outline, tints

_GAP = 1  # cells between two channels


def draw(widget: Any, figure: Any) -> None:
    """Filters side by side, their channels below each other; the index above them."""
    axes, weights, chosen = figure.subplots(), widget.weights, widget.selected()
    filters, channels, rows, cols = weights.shape
    down, across = rows + _GAP, cols + _GAP
    levels = weights / (abs(weights).max() or 1)
    sheet = np.ones((channels * down - _GAP, filters * across - _GAP, 3))
    for f, c in np.ndindex(filters, channels):
        place = np.s_[c * down : c * down + rows, f * across : f * across + cols]
        sheet[place] = tints(levels[f, c], "weights")
    # One picture of all: an axes a map would take half a second.
    axes.imshow(sheet, interpolation="nearest")
    axes.set_axis_off()
    for f, c in np.ndindex(filters, channels):
        x, y = f * across - 0.5, c * down - 0.5
        axes.add_patch(outline(x, y, (cols, rows), "black", 0.8))
        for row, col in np.argwhere(chosen[f, c]):
            axes.add_patch(outline(x + col, y + row, (1, 1), "#1b1b1b", 1.6))
    for f in range(filters):
        middle = f * across + (cols - 1) / 2
        axes.text(middle, -1, f"filter {f}", ha="center", va="bottom", size=9)
    for c in range(channels):
        axes.text(-1, c * down + (rows - 1) / 2, f"channel {c}", ha="right", va="center", size=9)
    shape = ", ".join(map(str, shape_in(widget.order, weights.shape)))
    title = f"w[{widget.index}]    {widget.order}'s order, shape ({shape})"
    figure.suptitle(title, size=11, color=HUES["weights"], weight="bold")
