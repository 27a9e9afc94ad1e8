"""Grids of numbers on a matplotlib figure, in the widgets' colors."""

from collections.abc import Callable
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
    axes.set_title(title, fontsize=9, y=1)  # where it goes anyway: looking for ticks takes long
    _rule(axes, values.shape)
    if max(values.shape) <= 16:
        _write(axes, values, faint)
    for row, col in np.argwhere(hatched) if hatched is not None else ():
        _strike(axes, row, col)


def frame(axes: Any, row: float, col: float, extent: int, hue: str) -> None:
    """Frame `extent`×`extent` cells whose first is (row, col)."""
    axes.add_patch(outline(col - 0.5, row - 0.5, (extent, extent), HUES[hue], 2.5))


def outline(x: float, y: float, size: tuple[float, float], color: str, width: float) -> Any:
    """A frame without a filling, (width, height) large, that may run out of its axes."""
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), *size, fill=False, ec=color, lw=width, zorder=4, clip_on=False)


def _tints(values: np.ndarray, hue: str) -> np.ndarray:
    """Colors (H, W, 3): white at zero, three quarters of the hue (or gray) at the largest."""
    from matplotlib.colors import to_rgb

    known = np.nan_to_num(values)
    strength = 0.75 * abs(known) / (abs(known).max() or 1)
    ends = np.where(known[..., None] < 0, to_rgb(_GRAY_FILL), to_rgb(FILLS[hue]))
    return 1 - strength[..., None] * (1 - ends)


def _rule(axes: Any, shape: tuple[int, int]) -> None:
    """Lines between the cells and around them; an axis and its ticks would take much longer."""
    rows, cols = (np.arange(n + 1) - 0.5 for n in shape)
    lines = {"colors": "#999999", "linewidth": 0.5, "zorder": 2}
    axes.hlines(rows, cols[0], cols[-1], **lines)
    axes.vlines(cols, rows[0], rows[-1], **lines)
    axes.set(xlim=(cols[0], cols[-1]), ylim=(rows[-1], rows[0]))
    axes.set_axis_off()
    height, width = shape
    axes.add_patch(outline(-0.5, -0.5, (width, height), "black", 0.8))


def _write(axes: Any, values: np.ndarray, faint: np.ndarray | None) -> None:
    texts = np.empty(values.shape, object)
    for place, value in np.ndenumerate(values):
        texts[place] = "·" if np.isnan(value) else number_text(value)
    longest = max(map(len, texts.flat))
    gray = np.zeros(values.shape, bool) if faint is None else faint
    for chosen, color in ((~gray, "black"), (gray, _GRAY)):
        write_cells(
            axes, texts, chosen, color, lambda cell: min(9, 0.42 * cell, 1.4 * cell / longest)
        )


def write_cells(
    axes: Any,
    texts: np.ndarray,
    chosen: np.ndarray,
    color: str,
    size: Callable[[float], float],
) -> None:
    """Write texts (H, W), of one line or more, into the middle of the chosen cells (H, W).

    size: points, from the points that a cell is wide on the finished page.
    """
    places = [(col, row, texts[row, col]) for row, col in np.argwhere(chosen)]
    if places:
        axes.add_patch(_cell_texts()(places, color, size))


@cache
def _cell_texts() -> type:
    """Many short texts as one shape, as large as the page's layout then lets them be.

    Hundreds of matplotlib's own texts, each measured and drawn alone, would take a second.
    """
    from matplotlib.patches import Patch
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

    class CellTexts(Patch):
        def __init__(
            self,
            places: list[tuple[int, int, str]],
            color: str,
            size: Callable[[float], float],
        ) -> None:
            super().__init__(facecolor=color, linewidth=0, zorder=5)
            self.places, self.size = places, size
            self.set_in_layout(False)

        def cell_paths(self) -> list[Path]:
            """The shape of each text, in pixels of the page."""
            to_page = self.axes.transData.transform
            (left, _), (right, _) = to_page([(0, 0), (1, 0)])
            points = self.size((right - left) * 72 / self.figure.dpi)
            scale = points * self.figure.dpi / 72
            middles = to_page([(col, row) for col, row, _ in self.places])
            return [
                _lines(text).transformed(Affine2D().scale(scale).translate(*middle))
                for (*_, text), middle in zip(self.places, middles, strict=True)
            ]

        def get_path(self) -> Path:
            return Path.make_compound_path(*self.cell_paths())

        def get_transform(self) -> Affine2D:
            return Affine2D()

    return CellTexts


@cache
def _lines(text: str) -> Any:
    """The outline of one or more lines around (0, 0), one unit high a line."""
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    lines = [TextPath((0, 0), line, size=1) for line in text.split("\n")]
    _, height = TextPath((0, 0), "0", size=1).get_extents().size
    parts = []
    for number, line in enumerate(lines):
        below = (number - (len(lines) - 1) / 2) * 1.2
        shift = (-line.get_extents().size[0] / 2 - line.get_extents().x0, -height / 2 - below)
        parts.append(Path(line.vertices + shift, line.codes))
    return Path.make_compound_path(*parts)


def _strike(axes: Any, row: int, col: int) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((col - 0.5, row - 0.5), 1, 1, fill=False, hatch="///", ec=_HATCH, lw=0)
    )
