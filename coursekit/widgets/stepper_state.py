"""What the convolution stepper shows, without a page; stepper_state.js is its twin."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from numbers import Real
from typing import Any

import numpy as np

from coursekit import answers, shapes
from coursekit.widgets.stepper_answer import SECONDS, answered_number
from coursekit.widgets.wording import count_text, number_text

KERNEL_SIZES, STRIDES, PADDINGS, DILATIONS = range(1, 8), range(1, 5), range(5), range(1, 4)
SETTINGS = tuple(product(KERNEL_SIZES, STRIDES, PADDINGS, DILATIONS))


def size_table(
    function: Callable[..., Any], width: int, seconds: float = SECONDS
) -> list[float | None]:
    """What a size function says for every setting; None where it raises or says no number.

    Order: kernel size, stride, padding, dilation, the last running fastest. The function is
    called as (width, kernel_size, stride, padding), with dilation only where it is not 1.
    When the time is over the list ends, short of SETTINGS.

    >>> size_table(shapes.output_size, 7)[:6]
    [7, 7, 7, 9, 9, 9]
    """
    table: list[float | None] = []
    prints = contextlib.redirect_stdout(io.StringIO())  # a student's, 420 times
    with prints, contextlib.suppress(answers.TimeUp), answers.time_limit(seconds):
        for setting in SETTINGS:
            table.append(_said(function, width, setting))
    return table


def _said(function: Callable[..., Any], width: int, setting: tuple[int, ...]) -> float | None:
    arguments = setting if setting[-1] > 1 else setting[:-1]
    try:
        answer = function(width, *arguments)
        value = float(answer)
    except Exception:
        return None
    if not isinstance(answer, Real) or not np.isfinite(value):
        return None
    return int(value) if value.is_integer() else value


@dataclass(frozen=True)
class Axis:
    """One axis of the output: windows that fit, what the size function says, windows drawn."""

    fit: int | None
    said: float | None
    drawn: int | None


@dataclass(frozen=True)
class Setting:
    """Kernel size, stride, padding and dilation, the same for rows and columns."""

    kernel_size: int
    stride: int
    padding: int
    dilation: int

    def values(self) -> tuple[int, int, int, int]:
        """The four numbers, in this order."""
        return self.kernel_size, self.stride, self.padding, self.dilation

    def extent(self) -> int:
        """Pixels from the kernel's first tap to its last, both counted."""
        return shapes.kernel_extent(self.kernel_size, self.dilation)

    def table_index(self) -> int:
        """Place of this setting in a `size_table`."""
        strides, paddings, dilations = len(STRIDES), len(PADDINGS), len(DILATIONS)
        index = (self.kernel_size - 1) * strides + self.stride - 1
        return (index * paddings + self.padding) * dilations + self.dilation - 1

    def axis(self, width: int, table: list[float | None]) -> Axis:
        """One axis of an input `width` pixels wide."""
        try:
            fit = shapes.output_size(width, *self.values())
        except ValueError:
            return Axis(None, table[self.table_index()], None)
        said = table[self.table_index()]
        drawable = isinstance(said, int) and 1 <= said <= fit + 3
        return Axis(fit, said, said if drawable else fit)

    def never_read(self, width: int, windows: int) -> list[int]:
        """Positions along one axis that none of the first `windows` windows reads."""
        taps = product(range(windows), range(self.kernel_size))
        read = {i * self.stride + u * self.dilation - self.padding for i, u in taps}
        return [position for position in range(width) if position not in read]


def partial_sums(
    image: np.ndarray, weights: np.ndarray, setting: Setting, position: tuple[int, int]
) -> np.ndarray:
    """Sum of products of each channel, (C,), in float64, for the output at `position`."""
    padded = np.pad(image.astype(np.float64), [(0, 0), *[(setting.padding,) * 2] * 2])
    top, left = (setting.stride * index for index in position)
    extent = setting.extent()
    rows = slice(top, top + extent, setting.dilation)
    cols = slice(left, left + extent, setting.dilation)
    return (padded[:, rows, cols] * weights).sum((1, 2))


def convolve(
    image: np.ndarray, weights: np.ndarray, bias: float, setting: Setting, size: tuple[int, int]
) -> np.ndarray:
    """Output of `size` (rows, cols); nan where a window reaches past the padded image."""
    out = np.full(size, np.nan)
    for row, col in np.ndindex(*size):
        ends = [at * setting.stride + setting.extent() for at in (row, col)]
        if all(e <= n + 2 * setting.padding for e, n in zip(ends, image.shape[1:], strict=True)):
            out[row, col] = partial_sums(image, weights, setting, (row, col)).sum() + bias
    return out


def generated_weights(channels: int, size: int) -> np.ndarray:
    """Kernel (C, k, k) of any size that shows something.

    Left-to-right edges in the first channel, top-to-bottom edges in the second, the center in
    the third, and so on again.
    """
    away = np.arange(size) - (size - 1) / 2
    edges = np.broadcast_to(np.sign(away), (size, size))
    center = np.maximum(abs(away)[:, None], abs(away)) < 1
    kinds = [edges, edges.T, center]
    return np.stack([kinds[c % 3] for c in range(channels)]).astype(np.float32)


def sentence(stepper: Any) -> str:
    """What a stepper shows, in a sentence or a few, word for word as in the browser."""
    rows, cols = stepper.axes()
    if rows.fit is None or cols.fit is None:
        return _impossible(stepper)
    if not stepper.revealed:
        return _question(stepper)
    texts = [_position(stepper, rows, cols), _answer(stepper), _claim(stepper, rows, cols)]
    return " ".join(filter(None, [*texts, _unread(stepper)]))


def _impossible(stepper: Any) -> str:
    setting = stepper.setting
    extent = setting.extent()
    padded = min(stepper.image.shape[1:]) + 2 * setting.padding
    return (
        f"No output: the kernel spans {count_text(extent, 'pixel')}, the padded input "
        f"only {padded}. Take a smaller kernel or dilation, or more padding."
    )


def _question(stepper: Any) -> str:
    kernel_size, stride, padding, dilation = stepper.setting.values()
    _, height, width = stepper.image.shape
    return (
        f"How wide is the output? The input is {height} by {width}, kernel size {kernel_size}, "
        f"stride {stride}, padding {padding}, dilation {dilation}. Type the width, then check."
    )


def _position(stepper: Any, rows: Axis, cols: Axis) -> str:
    row, col = stepper.position
    place = f"Output row {row + 1}, column {col + 1} of {rows.drawn} by {cols.drawn}"
    if row >= rows.fit or col >= cols.fit:
        return f"{place}: this window reaches past the padded input."
    sums = partial_sums(stepper.image, stepper.weights, stepper.setting, (row, col))
    terms = ", ".join(f"channel {c + 1} adds {number_text(s)}" for c, s in enumerate(sums))
    total = number_text(sums.sum() + stepper.bias)
    return f"{place}: {terms}; with the bias {number_text(stepper.bias)} the sum is {total}."


def _answer(stepper: Any) -> str:
    number = answered_number(stepper.answer, stepper.position)
    if number is None:
        return ""
    return f"{_owner(stepper.answer)} {stepper.answer['name']} gives {number_text(number)}."


def _owner(thing: dict[str, Any]) -> str:
    return "Your" if thing["whose"] == "yours" else "The course's"


def _claim(stepper: Any, rows: Axis, cols: Axis) -> str:
    if (rows.said, cols.said) == (rows.fit, cols.fit):
        return ""
    said = ["no number" if axis.said is None else number_text(axis.said) for axis in (rows, cols)]
    owner = _owner(stepper.table)
    return f"{owner} output_size says {' by '.join(said)}; {rows.fit} by {cols.fit} windows fit."


def _unread(stepper: Any) -> str:
    rows, cols = map(len, stepper.never_read())
    named = [count_text(n, noun) for n, noun in ((rows, "row"), (cols, "column")) if n]
    return f"Never read: {' and '.join(named)} of the input." if named else ""
