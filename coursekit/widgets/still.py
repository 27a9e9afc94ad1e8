"""Grids of numbers on a matplotlib figure, in the widgets' colors."""

from functools import cache
from typing import Any

import numpy as np

from coursekit.widgets.wording import number_text

# After Okabe and Ito (2008), "Color universal design", as dark as text needs; as in kit.css.
HUES = {"input": "#0072b2", "weights": "#ad5700", "output": "#007a59", "gradient": "#a0447a"}
FILLS = {"input": "#56b4e9", "weights": "#e69f00", "output": "#2bb58c", "gradient": "#cc79a7"}
_GRAY, _GRAY_FILL, _HATCH = "#5f6368", "#a3a7ad", "#8c8f94"


def draw_numbers(
    axes: Any,
    values: np.ndarray,
    hue: str,
    title: str,
    hatched: np.ndarray | None = None,
    faint: np.ndarray | None = None,
) -> None:
    """Draw (H, W) numbers as tinted cells: color above zero, gray below.

    hatched: cells struck through; faint: cells whose number is gray, as in padding; both (H, W).
    """
    axes.imshow(_tints(values, hue), aspect="equal")
    axes.set_title(title, fontsize=9)
    _rule(axes, values.shape)
    if max(values.shape) <= 16:
        _write(axes, values, faint)
    for row, col in np.argwhere(hatched) if hatched is not None else ():
        _strike(axes, row, col)


def frame(axes: Any, row: float, col: float, extent: int, hue: str) -> None:
    """Frame `extent`×`extent` cells whose first is (row, col)."""
    from matplotlib.patches import Rectangle

    corner = (col - 0.5, row - 0.5)
    patch = Rectangle(corner, extent, extent, fill=False, ec=HUES[hue], lw=2.5, zorder=4)
    patch.set_clip_on(False)
    axes.add_patch(patch)


def _tints(values: np.ndarray, hue: str) -> np.ndarray:
    """Colors (H, W, 3): white at zero, three quarters of the hue (or gray) at the largest."""
    from matplotlib.colors import to_rgb

    known = np.nan_to_num(values)
    strength = 0.75 * abs(known) / (abs(known).max() or 1)
    ends = np.where(known[..., None] < 0, to_rgb(_GRAY_FILL), to_rgb(FILLS[hue]))
    return 1 - strength[..., None] * (1 - ends)


def _rule(axes: Any, shape: tuple[int, int]) -> None:
    """Lines between the cells; ticks with a grid would take most of a picture's time."""
    rows, cols = (np.arange(n + 1) - 0.5 for n in shape)
    lines = {"colors": "#999999", "linewidth": 0.5, "zorder": 2}
    axes.hlines(rows, cols[0], cols[-1], **lines)
    axes.vlines(cols, rows[0], rows[-1], **lines)
    axes.set(xticks=[], yticks=[], xlim=(cols[0], cols[-1]), ylim=(rows[-1], rows[0]))


def _write(axes: Any, values: np.ndarray, faint: np.ndarray | None) -> None:
    texts = {
        place: "·" if np.isnan(value) else number_text(value)
        for place, value in np.ndenumerate(values)
    }
    longest = max(map(len, texts.values()))
    for (row, col), text in texts.items():
        color = _GRAY if faint is not None and faint[row, col] else "black"
        look = {"ha": "center", "va": "center", "color": color, "zorder": 5, "longest": longest}
        axes.add_artist(_fitting_text()(col, row, text, **look))


@cache
def _fitting_text() -> type:
    """Texts that fit a cell of their axes, however wide the page's layout makes it."""
    from matplotlib.text import Text

    class FittingText(Text):
        def __init__(self, *place: Any, longest: int, **look: Any) -> None:
            super().__init__(*place, **look)
            self.longest = longest  # signs of the longest text of the axes: all have one size
            self.set_in_layout(False)

        def draw(self, renderer: Any) -> None:
            (left, _), (right, _) = self.axes.transData.transform([(0, 0), (1, 0)])
            cell = (right - left) * 72 / self.figure.dpi  # in points
            self.set_fontsize(min(9, 0.42 * cell, 1.4 * cell / self.longest))
            super().draw(renderer)

    return FittingText


def _strike(axes: Any, row: int, col: int) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((col - 0.5, row - 0.5), 1, 1, fill=False, hatch="///", ec=_HATCH, lw=0)
    )
