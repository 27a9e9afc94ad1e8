"""Small pictures as SVG text: light, sharp, and without matplotlib.

Colors mean the same in the whole course: input blue, weights orange, output green, gradient purple.
"""

from html import escape

import numpy as np

INPUT, WEIGHTS, OUTPUT, GRADIENT = "#0072B2", "#D55E00", "#009E73", "#8B4A9C"
INK, PAPER, FAINT = "#202124", "#ffffff", "#d7dbe0"
CELL = 26  # pixels of one square
TITLE = 84  # pixels that "yours − right" takes
MOST_CELLS = 14  # a larger array is cut to this many rows and columns around its worst place


def icon(path: str, color: str) -> str:
    """A 16-pixel line icon; decoration, the words beside it carry the meaning."""
    return (
        '<svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true" '
        f'style="vertical-align:-2px"><path d="{path}" fill="none" stroke="{color}" '
        'stroke-width="2.4" stroke-linecap="round"/></svg>'
    )


def svg(width: float, height: float, body: str, words: str) -> str:
    """An SVG picture with its alternative text."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(words)}" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" '
        f'style="max-width:100%;height:auto;background:{PAPER}" '
        f'font-family="sans-serif" font-size="12">{body}</svg>'
    )


def text(
    x: float, y: float, words: str, color: str = INK, anchor: str = "start", size: int = 12
) -> str:
    """One line of text, vertically centered on y."""
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{color}" text-anchor="{anchor}" font-size="{size}" '
        f'dominant-baseline="central">{escape(words)}</text>'
    )


def square(x: float, y: float, fill: str, edge: str = FAINT, words: str = "") -> str:
    """One cell of a grid, with a number in it where there is one."""
    box = (
        f'<rect x="{x:g}" y="{y:g}" width="{CELL - 2}" height="{CELL - 2}" rx="2" '
        f'fill="{fill}" stroke="{edge}"/>'
    )
    half = (CELL - 2) / 2
    size = 12 if len(words) < 4 else 10
    return box + (text(x + half, y + half, words, _ink_on(fill), "middle", size) if words else "")


def windows_on_pixels(
    w_in: int, kernel_size: int, stride: int, padding: int, dilation: int, count: int
) -> str:
    """A row of pixels with its padding, and one row below for each window of a kernel.

    count: how many windows to draw; those that hang over the edge are drawn where they hang.
    """
    padded = w_in + 2 * padding
    reach = max(padded, (count - 1) * stride + dilation * (kernel_size - 1) + 1)
    left = 64
    row = "".join(
        square(left + i * CELL, 0, *_pixel_look(i - padding, w_in)) for i in range(padded)
    )
    body = text(0, CELL / 2, "pixels") + row
    for i in range(count):
        y = (i + 1) * CELL
        taps = [i * stride + u * dilation for u in range(kernel_size)]
        edge = "#b3261e" if taps[-1] >= padded else WEIGHTS
        body += text(0, y + CELL / 2, f"window {i}")
        body += "".join(square(left + t * CELL, y, "#fbe3d4", edge) for t in taps)
    words = (
        f"{w_in} pixels with {padding} zeros on each side, and {count} windows of {kernel_size} "
        f"taps, {stride} apart"
    )
    return svg(left + reach * CELL, (count + 1) * CELL, body, words)


def _pixel_look(position: int, w_in: int) -> tuple[str, str, str]:
    """Fill, edge and words of one pixel; zeros of the padding are pale and say 0."""
    inside = 0 <= position < w_in
    return ("#cfe5f3", INPUT, str(position)) if inside else (PAPER, FAINT, "0")


def expected_got_difference(expected: np.ndarray, got: np.ndarray) -> str:
    """Three heat maps of the worst plane: expected, got, and got − expected.

    expected, got: arrays of one shape, any number of axes; the last two are drawn.
    """
    planes, where = _worst_plane(expected, got)
    right, mine = planes
    difference = mine - right
    scale = float(np.abs(planes[np.isfinite(planes)]).max(initial=0)) or 1.0
    step = max(right.shape[1] * CELL, TITLE) + 18
    body = ""
    for k, (title, plane) in enumerate(
        [("right", right), ("yours", mine), ("yours − right", difference)]
    ):
        body += text(k * step, 8, title) + _heat_map(plane, k * step, 20, scale)
    wrong = int((np.abs(difference) > 1e-6 * scale).sum())
    words = f"Right, yours and their difference{where}; {wrong} of {right.size} values differ."
    return svg(3 * step, right.shape[0] * CELL + 22, body, words)


def _worst_plane(expected: np.ndarray, got: np.ndarray) -> tuple[np.ndarray, str]:
    """The pair of 2-D planes that differ most, cut around the worst place, and which they are."""
    two = np.stack([np.asarray(a, dtype=float) for a in (expected, got)])
    while two.ndim < 3:
        two = two[:, None]
    planes = two.reshape(2, -1, *two.shape[-2:])
    gap = np.nan_to_num(np.abs(planes[1] - planes[0]), nan=np.inf)
    worst = np.unravel_index(int(gap.argmax()), gap.shape)
    index = np.unravel_index(worst[0], two.shape[1:-2]) if two.ndim > 3 else ()
    cut = tuple(
        slice(start := max(0, min(at - MOST_CELLS // 2, n - MOST_CELLS)), start + MOST_CELLS)
        for at, n in zip(worst[1:], two.shape[-2:], strict=True)
    )
    where = f" at index {tuple(int(i) for i in index)} of the leading axes" if index else ""
    return planes[(slice(None), worst[0], *cut)], where


def _heat_map(plane: np.ndarray, left: float, top: float, scale: float) -> str:
    return "".join(
        square(left + j * CELL, top + i * CELL, _shade(value / scale), FAINT, _short(value))
        for i, row in enumerate(plane)
        for j, value in enumerate(row)
    )


def _shade(level: float) -> str:
    """Blue below zero, white at zero, orange above; nan is gray."""
    if not np.isfinite(level):
        return "#9aa0a6"
    strength = min(1.0, abs(level))
    end = (213, 94, 0) if level > 0 else (0, 114, 178)
    return "#" + "".join(f"{round(255 + (channel - 255) * strength):02x}" for channel in end)


def _ink_on(fill: str) -> str:
    red, green, blue = (int(fill[i : i + 2], 16) for i in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else PAPER


def _short(value: float) -> str:
    """At most four characters."""
    if not np.isfinite(value):
        return "nan" if np.isnan(value) else "inf"
    for digits in (2, 1, 0):
        words = f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
        if len(words) <= 4:
            return "0" if words in ("-0", "") else words
    return "…"
