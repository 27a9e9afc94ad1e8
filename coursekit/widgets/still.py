"""Grids of numbers on a matplotlib figure, in the widgets' colors."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from coursekit.widgets.wording import number_text

# After Okabe and Ito (2008), "Color universal design", as dark as text needs; as in kit.css.
HUES = {"input": "#0072b2", "weights": "#ad5700", "output": "#007a59", "gradient": "#a0447a"}
FILLS = {"input": "#56b4e9", "weights": "#e69f00", "output": "#2bb58c", "gradient": "#cc79a7"}
_DIGIT = 0.73  # a digit's height, in sizes of its font
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
    largest = abs(np.nan_to_num(values)).max() or 1
    axes.imshow(tints(values / largest, hue), aspect="equal")
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


def tints(levels: np.ndarray, hue: str, strongest: float = 0.75) -> np.ndarray:
    """Colors (…, 3) of levels from −1 to 1: white at zero, the hue above, gray below.

    strongest: how much of the hue there is at the ends.
    """
    from matplotlib.colors import to_rgb

    known = np.nan_to_num(levels)[..., None]
    ends = np.where(known < 0, to_rgb(_GRAY_FILL), to_rgb(FILLS[hue]))
    return 1 - strongest * abs(known).clip(0, 1) * (1 - ends)


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
        # Not add_patch, which would measure every outline.
        axes.add_artist(_cell_texts()(places, color, size))


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

        def outlines(self) -> list[tuple[np.ndarray, np.ndarray]]:
            """Vertices, in pixels of the page, and codes of each text's outline."""
            to_page = self.axes.transData.transform
            (left, _), (right, _) = to_page([(0, 0), (1, 0)])
            points = self.size((right - left) * 72 / self.figure.dpi)
            scale = points * self.figure.dpi / 72
            middles = to_page([(col, row) for col, row, _ in self.places])
            unit = [_outline_of(text) for *_, text in self.places]
            return [(scale * v + middle, c) for (v, c), middle in zip(unit, middles, strict=True)]

        def get_path(self) -> Path:
            vertices, codes = zip(*self.outlines(), strict=True)
            return Path(np.concatenate(vertices), np.concatenate(codes))

        def get_transform(self) -> Affine2D:
            return Affine2D()

    return CellTexts


@cache
def _outline_of(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (n, 2) and codes (n,) of one or more lines around (0, 0), at size 1."""
    lines, vertices, codes = text.split("\n"), [], []
    for number, line in enumerate(lines):
        glyphs = [_glyph(sign) for sign in line]
        low = ((len(lines) - 1) / 2 - number) * 1.2 - _DIGIT / 2
        left = -sum(width for _, width in glyphs) / 2
        for shape, width in glyphs:
            vertices.append(shape.vertices + np.array((left, low)))
            codes.append(shape.codes)
            left += width
    return np.concatenate(vertices), np.concatenate(codes)


@cache
def _glyph(sign: str) -> tuple[Any, float]:
    """The outline of one sign, and how far the next one stands from it, at size 1."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath, text_to_path

    font = FontProperties(size=100)
    width, *_ = text_to_path.get_text_width_height_descent(sign, font, ismath=False)
    return TextPath((0, 0), sign, size=1, prop=font), width / 100


def _strike(axes: Any, row: int, col: int) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((col - 0.5, row - 0.5), 1, 1, fill=False, hatch="///", ec=_HATCH, lw=0)
    )
