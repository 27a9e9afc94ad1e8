"""The pixel microscope as a still picture, for pages that run no script."""

from typing import Any

import numpy as np

from coursekit.widgets.lettering import write_cells
from coursekit.widgets.microscope_state import (
    added,
    channel_names,
    flat_position,
    index_text,
    level_text,
    neighborhood,
)


def draw(scope: Any, figure: Any) -> None:
    """Picture with its magnified part framed, that part with numbers, the pixel's numbers."""
    figure.set_layout_engine("none")  # which would draw everything twice
    margins = {"left": 0.01, "right": 0.99, "top": 0.92, "bottom": 0.02, "wspace": 0.04}
    shares = {"width_ratios": [1.15, 1.1, 1], **margins}
    left, middle, right = figure.subplots(1, 3, gridspec_kw=shares)
    area = neighborhood(scope.position, scope.image.shape)
    screen = _on_screen(scope)
    left.imshow(screen, interpolation="nearest")
    left.set_title(f"picture {scope.image.shape[0]} × {scope.image.shape[1]}", fontsize=9)
    _frame(left, *area)
    _draw_neighbors(scope, middle, screen, area)
    _write_pixel(scope, right)
    for axes in (left, middle):
        axes.set_xticks([])
        axes.set_yticks([])


def _numbers(scope: Any) -> np.ndarray:
    """What is written into the pixels, (H, W, C)."""
    shown = scope.shown()
    alone = scope.bit is not None and scope.dtype == "uint8"
    return (shown >> scope.bit) & 1 if alone else shown


def _on_screen(scope: Any) -> np.ndarray:
    """Colors (H, W, 3) from 0 to 1."""
    numbers = _numbers(scope)
    alone = scope.bit is not None or scope.dtype == "float32"
    bright = np.clip(numbers / (1.0 if alone else 255.0), 0, 1)
    return np.broadcast_to(bright, (*bright.shape[:2], 3))


def _frame(axes: Any, top: int, left: int, rows: int, cols: int) -> None:
    from matplotlib.patches import Rectangle

    for color, width in (("black", 4), ("white", 2)):
        axes.add_artist(
            Rectangle((left - 0.5, top - 0.5), cols, rows, fill=False, ec=color, lw=width)
        )


def _draw_neighbors(
    scope: Any, axes: Any, screen: np.ndarray, area: tuple[int, int, int, int]
) -> None:
    top, left, rows, cols = area
    part = np.s_[top : top + rows, left : left + cols]
    axes.imshow(screen[part], interpolation="nearest")
    axes.set_title(f"rows {top}–{top + rows - 1}, columns {left}–{left + cols - 1}", fontsize=9)
    light = screen[part] @ (0.299, 0.587, 0.114)
    numbers, texts = _numbers(scope)[part], np.empty(light.shape, object)
    for place in np.ndindex(light.shape):
        texts[place] = "\n".join(map(level_text, numbers[place]))
    for chosen, color in ((light > 0.5, "black"), (light <= 0.5, "white")):
        write_cells(axes, texts, chosen, color, lambda _: 5.8)
    _frame(axes, scope.position[0] - top, scope.position[1] - left, 1, 1)


def _write_pixel(scope: Any, axes: Any) -> None:
    axes.set_axis_off()
    row, column = scope.position
    lines = [f"row {row}, column {column}"]
    lines += [_channel_line(scope, name, c) for c, name in enumerate(_names(scope))]
    if scope.bit is not None and scope.dtype == "uint8":
        lines += [f"shown: bit {scope.bit}, worth {2**scope.bit}"]
    place = flat_position(scope.position, 0, scope.image.shape, scope.order)
    lines += [f"{scope.dtype}, {scope.order}"]
    lines += [f"{index_text(scope.position, 0, scope.order)} is", f"number {place} in memory"]
    for i, line in enumerate(lines):
        weight = "bold" if i == 0 else "normal"
        axes.text(0, 0.95 - 0.11 * i, line, va="top", weight=weight, fontsize=10)


def _names(scope: Any) -> tuple[str, ...]:
    return channel_names(scope.image.shape[2])


def _channel_line(scope: Any, name: str, channel: int) -> str:
    """As "red 200 = 11001000", or what an addition makes of it."""
    value = scope.values[channel]
    words = f"{name} {level_text(value)}"
    if scope.brightness:
        level = scope.image[scope.position][channel]
        before = level_text(added(level[None], 0, scope.dtype, scope.overflow)[0])
        words = f"{name} {before} → {level_text(value)}"
    return words if scope.dtype == "float32" else f"{words} = {int(value):08b}"
