"""The convolution stepper as a still picture, for pages that run no script."""

from typing import Any

import numpy as np

from coursekit.widgets.stepper_state import partial_sums
from coursekit.widgets.still import draw_numbers, frame
from coursekit.widgets.wording import number_text


def draw(stepper: Any, figure: Any) -> None:
    """Input channels above their kernels; at the right the output and its sum."""
    channels = len(stepper.image)
    axes = figure.subplots(
        2, channels + 1, height_ratios=[1.6, 1], squeeze=False, gridspec_kw={"wspace": 0.05}
    )
    for c in range(channels):
        _draw_input(stepper, axes[0, c], c)
        draw_numbers(axes[1, c], stepper.weights[c], "weights", f"weights w[{c}]")
    _draw_output(stepper, axes[0, channels])
    _write_sum(stepper, axes[1, channels])


def _draw_input(stepper: Any, axes: Any, channel: int) -> None:
    setting, (row, col) = stepper.setting, stepper.position
    ring = setting.padding
    values = np.pad(stepper.image[channel], ring)
    unread = np.zeros(values.shape, bool)
    rows, cols = stepper.never_read()
    unread[np.array(rows, int) + ring, :] = True
    unread[:, np.array(cols, int) + ring] = True
    outside = np.pad(np.zeros(stepper.image.shape[1:], bool), ring, constant_values=True)
    title = f"input channel {channel + 1}"
    draw_numbers(axes, values, "input", title, hatched=unread & ~outside, faint=outside)
    extent = setting.extent()
    if stepper.revealed and stepper.possible():
        frame(axes, row * setting.stride, col * setting.stride, extent, "weights")


def _draw_output(stepper: Any, axes: Any) -> None:
    if not stepper.possible() or not stepper.revealed:
        text = "?" if stepper.possible() else "no output"
        axes.text(0.5, 0.5, text, size=18, ha="center", va="center")
        axes.set_axis_off()
        return
    values = stepper.output()
    rows, cols = values.shape
    draw_numbers(axes, values, "output", f"output {rows} × {cols}")
    frame(axes, *stepper.position, 1, "output")


def _write_sum(stepper: Any, axes: Any) -> None:
    axes.set_axis_off()
    if not stepper.possible() or not stepper.revealed:
        return
    sums = partial_sums(stepper.image, stepper.weights, stepper.setting, stepper.position)
    lines = [(f"channel {c + 1}", value) for c, value in enumerate(sums)]
    lines += [("+ bias", stepper.bias), ("= output", sums.sum() + stepper.bias)]
    for i, (name, value) in enumerate(lines):
        height = 0.95 - i * 0.18
        axes.text(0.05, height, name, va="top", weight="bold" if name[0] == "=" else "normal")
        axes.text(0.95, height, number_text(value), va="top", ha="right")
