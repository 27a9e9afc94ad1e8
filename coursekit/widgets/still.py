"""Grids of numbers on a page of panels, in the widgets' colors, drawn by matplotlib."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.widgets.lettering import write, write_cells
from coursekit.widgets.wording import number_text

# After Okabe and Ito (2008), "Color universal design", as dark as text needs; as in kit.css.
HUES = {"input": "#0072b2", "weights": "#ad5700", "output": "#007a59", "gradient": "#a0447a"}
FILLS = {"input": "#56b4e9", "weights": "#e69f00", "output": "#2bb58c", "gradient": "#cc79a7"}
_TITLE, _MARGIN = 16, 6  # points
_GRAY, _GRAY_FILL, _HATCH = "#5f6368", "#a3a7ad", "#8c8f94"


class Panel:
    """A box on the page, in points from its upper left corner, with a line for a title.

    What is drawn in it has coordinates (x, y) in cells of a grid, y downward, whose first cell has
    its middle at (0, 0). Many panels share one set of axes, of which each would take long to make.
    """

    def __init__(self, axes: Any, left: float, top: float, width: float, height: float) -> None:
        self.axes, self.box = axes, (left, top, width, height)
        self.lay_out((1, 1))

    def lay_out(self, shape: tuple[int, ...]) -> None:
        """Make room for (H, W) square cells, as large as they can be, in the middle."""
        from matplotlib.transforms import Affine2D

        left, top, width, height = self.box
        rows, cols = shape[:2]
        self.shape, self.cell = (rows, cols), min(width / cols, (height - _TITLE) / rows)
        x, y = (room - self.cell * n for room, n in ((width, cols), (height - _TITLE, rows)))
        self.corner = left + x / 2, top + _TITLE + y / 2
        places = Affine2D().translate(0.5, 0.5).scale(self.cell).translate(*self.corner)
        self.transform = places + self.axes.transData

    def beside(self, shares: Sequence[float], gap: float = 10) -> list["Panel"]:
        """Panels side by side, with these shares of the width."""
        left, top, width, height = self.box
        return [Panel(self.axes, left + x, top, w, height) for x, w in _parts(width, shares, gap)]

    def below(self, shares: Sequence[float], gap: float = 4) -> list["Panel"]:
        """Panels below each other, with these shares of the height."""
        left, top, width, height = self.box
        return [Panel(self.axes, left, top + y, width, h) for y, h in _parts(height, shares, gap)]

    def show(self, colors: np.ndarray, cmap: str | None = None) -> None:
        """Cells of these colors (H, W, 3), or numbers (H, W) for a color map."""
        self.lay_out(colors.shape)
        (x, y), (rows, cols) = self.corner, self.shape
        extent = (x, x + cols * self.cell, y + rows * self.cell, y)
        self.axes.imshow(colors, cmap, extent=extent, interpolation="nearest", aspect="auto")

    def name(self, title: str) -> None:
        """A title above the cells."""
        middle = self.corner[0] + self.shape[1] * self.cell / 2
        write(self.axes, (middle, self.corner[1] - 7), title, 9, "center")

    def write(self, x: float, y: float, text: str, *look: Any) -> None:
        """Text at shares of the panel's width and height, from its upper left corner."""
        left, top, width, height = self.box
        write(self.axes, (left + x * width, top + y * height), text, *look)

    def bar(self, x: float, y: float, size: tuple[float, float], color: str) -> None:
        """A filled bar at shares of the panel's width and height, (width, height) of them large."""
        from matplotlib.patches import Rectangle

        left, top, width, height = self.box
        corner = left + x * width, top + y * height
        self.axes.add_artist(Rectangle(corner, size[0] * width, size[1] * height, fc=color, lw=0))

    def outline(self, x: float, y: float, size: tuple[float, float], color: str, w: float) -> None:
        """A frame, (width, height) cells large, whose upper left corner is (x, y)."""
        frame = outline(x, y, size, color, w)
        frame.set_transform(self.transform)
        self.axes.add_artist(frame)

    def border(self) -> None:
        """A line around all cells."""
        self.outline(-0.5, -0.5, self.shape[::-1], "black", 0.8)


def _parts(length: float, shares: Sequence[float], gap: float) -> list[tuple[float, float]]:
    """Start and length of each part of a length, with gaps between them."""
    lengths = np.array(shares) / sum(shares) * (length - gap * (len(shares) - 1))
    return list(zip(np.cumsum([0, *(lengths[:-1] + gap)]), lengths, strict=True))


def page(figure: Any) -> Panel:
    """All of a figure as one panel, but for a margin."""
    figure.set_layout_engine("none")
    width, height = (72 * inches for inches in figure.get_size_inches())
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0), autoscale_on=False)
    axes.set_axis_off()
    return Panel(axes, _MARGIN, _MARGIN, width - 2 * _MARGIN, height - 2 * _MARGIN)


def draw_numbers(
    panel: Panel,
    values: np.ndarray,
    hue: str,
    title: str,
    hatched: np.ndarray | None = None,
    faint: np.ndarray | None = None,
) -> None:
    """Draw (H, W) numbers as tinted cells: color above zero, gray below.

    hatched: cells struck through; faint: cells whose number is gray, as in padding; both (H, W).
    """
    largest = abs(np.nan_to_num(values)).max() or 1
    panel.show(tints(values / largest, hue))
    panel.name(title)
    _rule(panel)
    if max(values.shape) <= 16:
        _write(panel, values, faint)
    if hatched is not None and hatched.any():
        _strike(panel, hatched)


def frame(panel: Panel, row: float, col: float, extent: int, hue: str) -> None:
    """Frame `extent`×`extent` cells whose first is (row, col)."""
    panel.outline(col - 0.5, row - 0.5, (extent, extent), HUES[hue], 2.5)


def outline(x: float, y: float, size: tuple[float, float], color: str, width: float) -> Any:
    """A frame without a filling, (width, height) large, that may run out of its axes."""
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), *size, fill=False, ec=color, lw=width, zorder=4, clip_on=False)


def tints(levels: np.ndarray, hue: str, strongest: float = 0.75) -> np.ndarray:
    """Colors (…, 3) of levels from −1 to 1: white at zero, the hue above, gray below.

    strongest: how much of the hue there is at the ends.
    """
    from matplotlib.colors import to_rgb

    known = np.nan_to_num(levels)[..., None]
    ends = np.where(known < 0, to_rgb(_GRAY_FILL), to_rgb(FILLS[hue]))
    return 1 - strongest * abs(known).clip(0, 1) * (1 - ends)


def _rule(panel: Panel) -> None:
    """Lines between the cells and around them."""
    from matplotlib.collections import LineCollection

    rows, cols = panel.shape
    across = [((-0.5, y - 0.5), (cols - 0.5, y - 0.5)) for y in range(1, rows)]
    down = [((x - 0.5, -0.5), (x - 0.5, rows - 0.5)) for x in range(1, cols)]
    look = {"colors": "#999999", "linewidth": 0.5, "zorder": 2, "transform": panel.transform}
    panel.axes.add_collection(LineCollection(across + down, **look), autolim=False)
    panel.border()


def _write(panel: Panel, values: np.ndarray, faint: np.ndarray | None) -> None:
    texts = np.empty(values.shape, object)
    for place, value in np.ndenumerate(values):
        texts[place] = "·" if np.isnan(value) else number_text(value)
    longest = max(map(len, texts.flat))
    gray = np.zeros(values.shape, bool) if faint is None else faint

    def size(cell: float) -> float:
        return min(9, 0.42 * cell, 1.4 * cell / longest)

    for chosen, color in ((~gray, "black"), (gray, _GRAY)):
        write_cells(panel.axes, texts, chosen, color, size, panel.transform)


def _strike(panel: Panel, cells: np.ndarray) -> None:
    """Slanting lines over some of the cells."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    squares = [Rectangle((col - 0.5, row - 0.5), 1, 1) for row, col in np.argwhere(cells)]
    look = {"facecolor": "none", "edgecolor": _HATCH, "hatch": "///", "linewidth": 0}
    panel.axes.add_collection(
        PatchCollection(squares, transform=panel.transform, zorder=3, **look), autolim=False
    )
