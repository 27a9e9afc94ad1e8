"""Text on still pictures, as shapes: matplotlib draws its own in ten times the time."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

_DIGIT = 0.73  # a digit's height, in sizes of its font


def write(
    axes: Any,
    place: tuple[float, float],
    text: str,
    size: float = 10,
    side: str = "left",
    weight: str = "normal",
    color: str = "black",
) -> None:
    """Write lines whose middle is as high as `place`, which lies at their left, center or right.

    axes: with a point as their unit. size: points.
    """
    widest = max(_width_of(line, weight) for line in text.split("\n"))
    x = place[0] + size * widest * {"left": 0.5, "center": 0, "right": -0.5}[side]
    places = [(x, place[1], text)]
    axes.add_artist(_cell_texts()(places, color, lambda _: size, axes.transData, weight))


def write_cells(
    axes: Any,
    texts: np.ndarray,
    chosen: np.ndarray,
    color: str,
    size: Callable[[float], float],
    cells: Any = None,
) -> None:
    """Write texts (H, W), of one line or more, into the middle of the chosen cells (H, W).

    size: points, from the points that a cell is wide on the finished page. cells: the transform of
    their places (column, row), where that is not the axes' own.
    """
    places = [(col, row, texts[row, col]) for row, col in np.argwhere(chosen)]
    if places:
        # Not add_patch, which would measure every outline.
        axes.add_artist(_cell_texts()(places, color, size, cells or axes.transData))


@cache
def _cell_texts() -> type:
    """Many short texts as one shape, as large as the page's layout then lets them be.

    Hundreds of matplotlib's own texts, each measured and drawn alone, would take a second.
    """
    from matplotlib.patches import Patch
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D, Transform

    class CellTexts(Patch):
        def __init__(
            self,
            places: list[tuple[int, int, str]],
            color: str,
            size: Callable[[float], float],
            cells: Transform,
            weight: str = "normal",
        ) -> None:
            super().__init__(facecolor=color, linewidth=0, zorder=5)
            self.places, self.size, self.cells, self.weight = places, size, cells, weight
            self.set_in_layout(False)

        def outlines(self) -> list[tuple[np.ndarray, np.ndarray]]:
            """Vertices, in pixels of the page, and codes of each text's outline."""
            to_page = self.cells.transform
            (left, _), (right, _) = to_page([(0, 0), (1, 0)])
            points = self.size((right - left) * 72 / self.figure.dpi)
            scale = points * self.figure.dpi / 72
            middles = to_page([(col, row) for col, row, _ in self.places])
            unit = [_outline_of(text, self.weight) for *_, text in self.places]
            return [(scale * v + middle, c) for (v, c), middle in zip(unit, middles, strict=True)]

        def get_path(self) -> Path:
            vertices, codes = zip(*self.outlines(), strict=True)
            return Path(np.concatenate(vertices), np.concatenate(codes))

        def get_transform(self) -> Affine2D:
            return Affine2D()

    return CellTexts


@cache
def _outline_of(text: str, weight: str = "normal") -> tuple[np.ndarray, np.ndarray]:
    """Vertices (n, 2) and codes (n,) of one or more lines around (0, 0), at size 1."""
    lines, vertices, codes = text.split("\n"), [], []
    for number, line in enumerate(lines):
        glyphs = [_glyph(sign, weight) for sign in line]
        low = ((len(lines) - 1) / 2 - number) * 1.2 - _DIGIT / 2
        left = -_width_of(line, weight) / 2
        for shape, kinds, width in glyphs:
            vertices.append(shape + np.array((left, low)))
            codes.append(kinds)
            left += width
    return np.concatenate(vertices), np.concatenate(codes)


def _width_of(line: str, weight: str) -> float:
    """How wide a line is, at size 1."""
    return sum(_glyph(sign, weight)[2] for sign in line)


@cache
def _glyph(sign: str, weight: str = "normal") -> tuple[np.ndarray, np.ndarray, float]:
    """Vertices and codes of one sign, and how far the next one stands from it, at size 1."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath, text_to_path

    font = FontProperties(size=100, weight=weight)
    width, *_ = text_to_path.get_text_width_height_descent(sign, font, ismath=False)
    if sign.isspace():
        return np.empty((0, 2)), np.empty(0, np.uint8), width / 100
    outline = TextPath((0, 0), sign, size=1, prop=font)
    return outline.vertices, outline.codes, width / 100
