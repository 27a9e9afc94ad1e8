"""The weight index as a still picture, for pages that run no script."""

from typing import Any

import numpy as np

from coursekit.widgets.index_state import shape_in
from coursekit.widgets.still import FILLS, HUES

_GRAY = (0.6, 0.62, 0.65)


def draw(widget: Any, figure: Any) -> None:
    """Filters side by side, their channels below each other; the index above them."""
    from matplotlib.colors import to_rgb

    weights, chosen = widget.weights, widget.selected()
    filters, channels = weights.shape[:2]
    panels = figure.subplots(channels, filters, squeeze=False)
    top = abs(weights).max() or 1
    for (f, c), axes in np.ndenumerate(panels.T):
        level = weights[f, c][..., None] / top
        ends = np.where(level < 0, _GRAY, to_rgb(FILLS["weights"]))
        axes.imshow(1 - 0.75 * abs(level) * (1 - ends))
        axes.set(xticks=[], yticks=[])
        _frame_chosen(axes, chosen[f, c])
        if c == 0:
            axes.set_title(f"filter {f}", size=9)
        if f == 0:
            axes.set_ylabel(f"channel {c}", size=9)
    shape = ", ".join(map(str, shape_in(widget.order, weights.shape)))
    title = f"w[{widget.index}]    {widget.order}'s order, shape ({shape})"
    figure.suptitle(title, size=11, color=HUES["weights"], weight="bold")


def _frame_chosen(axes: Any, chosen: np.ndarray) -> None:
    from matplotlib.patches import Rectangle

    for row, col in np.argwhere(chosen):
        corner = (col - 0.5, row - 0.5)
        axes.add_patch(Rectangle(corner, 1, 1, fill=False, ec="#1b1b1b", lw=1.6, clip_on=False))
