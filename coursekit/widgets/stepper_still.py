"""The convolution stepper as a still picture, for pages that run no script."""

from typing import Any

import numpy as np

from coursekit.widgets.stepper_state import partial_sums
from coursekit.widgets.still import Panel, draw_numbers, frame, page
from coursekit.widgets.wording import number_text


def draw(stepper: Any, figure: Any) -> None:
    """Input channels above their kernels; at the right the output and its sum."""
    channels = range(len(stepper.image))
    above, below = page(figure).below([1.6, 1])
    *inputs, output = above.beside([1] * (len(channels) + 1))
    *kernels, total = below.beside([1] * (len(channels) + 1))
    for c, image, kernel in zip(channels, inputs, kernels, strict=True):
        _draw_input(stepper, image, c)
        draw_numbers(kernel, stepper.weights[c], "weights", f"weights w[{c}]")
    _draw_output(stepper, output)
    _write_sum(stepper, total)


def _draw_input(stepper: Any, panel: Panel, channel: int) -> None:
    setting, (row, col) = stepper.setting, stepper.position
    ring = setting.padding
    values = np.pad(stepper.image[channel], ring)
    unread = np.zeros(values.shape, bool)
    rows, cols = stepper.never_read()
    unread[np.array(rows, int) + ring, :] = True
    unread[:, np.array(cols, int) + ring] = True
    outside = np.pad(np.zeros(stepper.image.shape[1:], bool), ring, constant_values=True)
    title = f"input channel {channel + 1}"
    draw_numbers(panel, values, "input", title, hatched=unread & ~outside, faint=outside)
    extent = setting.extent()
    if stepper.revealed and stepper.possible():
        frame(panel, row * setting.stride, col * setting.stride, extent, "weights")


def _draw_output(stepper: Any, panel: Panel) -> None:
    if not stepper.possible() or not stepper.revealed:
        text = "?" if stepper.possible() else "no output"
        panel.write(0.5, 0.5, text, 18, "center")
        return
    values = stepper.output()
    rows, cols = values.shape
    draw_numbers(panel, values, "output", f"output {rows} × {cols}")
    frame(panel, *stepper.position, 1, "output")


def _write_sum(stepper: Any, panel: Panel) -> None:
    if not stepper.possible() or not stepper.revealed:
        return
    sums = partial_sums(stepper.image, stepper.weights, stepper.setting, stepper.position)
    lines = [(f"channel {c + 1}", value) for c, value in enumerate(sums)]
    lines += [("+ bias", stepper.bias), ("= output", sums.sum() + stepper.bias)]
    _, _, width, height = panel.box
    step, edge = min(18, height / len(lines)), min(width, 160)
    size = min(10, 0.8 * step, edge / 9)
    for i, (name, value) in enumerate(lines):
        weight, at = "bold" if name[0] == "=" else "normal", (i + 0.5) * step / height
        panel.write(0, at, name, size, "left", weight)
        panel.write(edge / width, at, number_text(value), size, "right", weight)
