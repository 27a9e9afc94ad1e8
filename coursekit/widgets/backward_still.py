"""The backward stepper as a still picture, for pages that run no script."""

from typing import Any

import numpy as np

from coursekit.widgets.backward_state import Term, index_text, partial_sum
from coursekit.widgets.still import draw_numbers, frame
from coursekit.widgets.wording import number_text

_MOST_LINES = 11  # terms that the still picture writes out


def draw(stepper: Any, figure: Any) -> None:
    """The chosen channel, its filters and douts, the gradient, and the terms that make it."""
    if not stepper.possible():
        figure.text(0.5, 0.5, "no output", size=18, ha="center", va="center")
        return
    filters = range(len(stepper.w)) if stepper.mode == "dx" else [_filter(stepper)]
    grid = figure.add_gridspec(len(filters), 5, width_ratios=[1.3, 0.8, 1, 1.3, 1.5])
    shown = stepper.terms() if stepper.revealed else []
    _draw_image(stepper, figure.add_subplot(grid[:, 0]))
    for row, f in enumerate(filters):
        _draw_filter(stepper, figure.add_subplot(grid[row, 1]), f)
        _draw_dout(stepper, figure.add_subplot(grid[row, 2]), f, shown)
    _draw_gradient(stepper, figure.add_subplot(grid[:, 3]))
    _write_terms(stepper, figure.add_subplot(grid[:, 4]), shown)


def _channel(stepper: Any) -> int:
    return {"dx": stepper.pixel[0], "dw": stepper.weight[1], "db": 0}[stepper.mode]


def _filter(stepper: Any) -> int:
    return stepper.weight[0] if stepper.mode == "dw" else stepper.filter


def _draw_image(stepper: Any, axes: Any) -> None:
    channel, ring = _channel(stepper), stepper.padding
    outside = np.pad(np.zeros(stepper.x.shape[1:], bool), ring, constant_values=True)
    draw_numbers(axes, np.pad(stepper.x[channel], ring), "input", f"x[{channel}]", faint=outside)
    if stepper.mode == "dx":
        frame(axes, stepper.pixel[1] + ring, stepper.pixel[2] + ring, 1, "gradient")


def _draw_filter(stepper: Any, axes: Any, f: int) -> None:
    channel = _channel(stepper)
    draw_numbers(axes, stepper.w[f, channel], "weights", index_text("w", (f, channel)))
    if stepper.mode == "dw":
        frame(axes, *stepper.weight[2:], 1, "gradient")


def _draw_dout(stepper: Any, axes: Any, f: int, shown: list[Term]) -> None:
    draw_numbers(axes, stepper.dout[f], "gradient", f"dout[{f}]")
    for term in shown:
        if term.place[0] == f:
            frame(axes, *term.place[1:], 1, "output")


def _draw_gradient(stepper: Any, axes: Any) -> None:
    if not stepper.revealed:
        axes.text(0.5, 0.5, "?", size=18, ha="center", va="center")
        axes.set_axis_off()
        return
    values, channel, f = stepper.gradients()[stepper.mode], _channel(stepper), _filter(stepper)
    if stepper.mode == "dx":
        draw_numbers(axes, values[channel], "gradient", f"∂L/∂x[{channel}]")
        frame(axes, *stepper.pixel[1:], 1, "gradient")
    elif stepper.mode == "dw":
        draw_numbers(axes, values[f, channel], "gradient", f"∂L/∂w[{f}, {channel}]")
        frame(axes, *stepper.weight[2:], 1, "gradient")
    else:
        draw_numbers(axes, values[None], "gradient", "∂L/∂b")
        frame(axes, 0, f, 1, "gradient")


def _write_terms(stepper: Any, axes: Any, shown: list[Term]) -> None:
    axes.set_axis_off()
    added = shown[: stepper.term]
    lines = [_line(term) for term in added[:_MOST_LINES]]
    if len(added) > _MOST_LINES:
        lines.append((f"{len(added) - _MOST_LINES} more", "…"))
    if stepper.revealed:
        last = "sum" if len(added) == len(shown) else f"sum of {len(added)} of {len(shown)} terms"
        lines.append((last, number_text(partial_sum(shown, stepper.term))))
    for i, (name, value) in enumerate(lines):
        weight = "bold" if i == len(lines) - 1 else "normal"
        height = 1 - i * 0.077
        axes.text(0, height, name, va="top", size=8.5, weight=weight)
        axes.text(1, height, value, va="top", ha="right", size=8.5, weight=weight)


def _line(term: Term) -> tuple[str, str]:
    factor = f" × {number_text(term.factor)}" if term.name else ""
    return f"{index_text('dout', term.place)}: {number_text(term.dout)}{factor}", number_text(
        term.product
    )
