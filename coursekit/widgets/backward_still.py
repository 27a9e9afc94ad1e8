"""The backward stepper as a still picture, for pages that run no script."""

from typing import Any

import numpy as np

from coursekit.widgets.backward_state import Term, index_text, partial_sum
from coursekit.widgets.still import Panel, draw_numbers, frame, page
from coursekit.widgets.wording import number_text

_MOST_LINES = 11  # terms that the still picture writes out


def draw(stepper: Any, figure: Any) -> None:
    """The chosen channel, its filters and douts, the gradient, and the terms that make it."""
    if not stepper.possible():
        page(figure).write(0.5, 0.5, "no output", 18, "center")
        return
    filters = range(len(stepper.w)) if stepper.mode == "dx" else [_filter(stepper)]
    image, weights, douts, gradient, terms = page(figure).beside([1.3, 0.8, 1, 1.3, 1.5])
    shown = stepper.terms() if stepper.revealed else []
    _draw_image(stepper, image)
    rows = [1] * len(filters)
    for f, left, right in zip(filters, weights.below(rows), douts.below(rows), strict=True):
        _draw_filter(stepper, left, f)
        _draw_dout(stepper, right, f, shown)
    _draw_gradient(stepper, gradient)
    _write_terms(stepper, terms, shown)


def _channel(stepper: Any) -> int:
    return {"dx": stepper.pixel[0], "dw": stepper.weight[1], "db": 0}[stepper.mode]


def _filter(stepper: Any) -> int:
    return stepper.weight[0] if stepper.mode == "dw" else stepper.filter


def _draw_image(stepper: Any, panel: Panel) -> None:
    channel, ring = _channel(stepper), stepper.padding
    outside = np.pad(np.zeros(stepper.x.shape[1:], bool), ring, constant_values=True)
    draw_numbers(panel, np.pad(stepper.x[channel], ring), "input", f"x[{channel}]", faint=outside)
    if stepper.mode == "dx":
        frame(panel, stepper.pixel[1] + ring, stepper.pixel[2] + ring, 1, "gradient")


def _draw_filter(stepper: Any, panel: Panel, f: int) -> None:
    channel = _channel(stepper)
    draw_numbers(panel, stepper.w[f, channel], "weights", index_text("w", (f, channel)))
    if stepper.mode == "dw":
        frame(panel, *stepper.weight[2:], 1, "gradient")


def _draw_dout(stepper: Any, panel: Panel, f: int, shown: list[Term]) -> None:
    draw_numbers(panel, stepper.dout[f], "gradient", f"dout[{f}]")
    for term in shown:
        if term.place[0] == f:
            frame(panel, *term.place[1:], 1, "output")


def _draw_gradient(stepper: Any, panel: Panel) -> None:
    if not stepper.revealed:
        panel.write(0.5, 0.5, "?", 18, "center")
        return
    values, channel, f = stepper.gradients()[stepper.mode], _channel(stepper), _filter(stepper)
    if stepper.mode == "dx":
        draw_numbers(panel, values[channel], "gradient", f"∂L/∂x[{channel}]")
        frame(panel, *stepper.pixel[1:], 1, "gradient")
    elif stepper.mode == "dw":
        draw_numbers(panel, values[f, channel], "gradient", f"∂L/∂w[{f}, {channel}]")
        frame(panel, *stepper.weight[2:], 1, "gradient")
    else:
        draw_numbers(panel, values[None], "gradient", "∂L/∂b")
        frame(panel, 0, f, 1, "gradient")


def _write_terms(stepper: Any, panel: Panel, shown: list[Term]) -> None:
    added = shown[: stepper.term]
    lines = [_line(term) for term in added[:_MOST_LINES]]
    if len(added) > _MOST_LINES:
        lines.append((f"{len(added) - _MOST_LINES} more", "…"))
    if stepper.revealed:
        last = "sum" if len(added) == len(shown) else f"sum of {len(added)} of {len(shown)} terms"
        lines.append((last, number_text(partial_sum(shown, stepper.term))))
    for i, (name, value) in enumerate(lines):
        weight = "bold" if i == len(lines) - 1 else "normal"
        height = 0.05 + i * 0.077
        panel.write(0, height, name, 8.5, "left", weight)
        panel.write(1, height, value, 8.5, "right", weight)


def _line(term: Term) -> tuple[str, str]:
    factor = f" × {number_text(term.factor)}" if term.name else ""
    return f"{index_text('dout', term.place)}: {number_text(term.dout)}{factor}", number_text(
        term.product
    )
