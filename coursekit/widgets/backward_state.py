"""What the backward stepper shows, without a page; backward_state.js is its twin."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from coursekit import layers, shapes
from coursekit.widgets.backward_answer import answered_number
from coursekit.widgets.wording import count_text, number_text

MODES = ("dx", "dw", "db")
_LEVELS = (1, -2, 0.5, 2, -1, 1.5, -0.5)


@dataclass(frozen=True)
class Term:
    """One use of the chosen number: the output (f, i, j), its dout, and what that is times.

    factor is the weight in dx, the pixel in dw and 1 in db; name says which, "padding" for the
    zeros of the padding, "" in db.
    """

    place: tuple[int, int, int]
    dout: float
    factor: float
    name: str

    @property
    def product(self) -> float:
        """What this use adds to the gradient."""
        return self.dout * self.factor


def generated(*shape: int) -> np.ndarray:
    """Small numbers of either sign, in a pattern without symmetry; the same in the browser.

    >>> generated(1, 2, 3)
    array([[[ 1. ,  2. , -0.5],
            [ 0.5,  1.5, -2. ]]], dtype=float32)
    """
    steps = (1, 5, 2, 3)[-len(shape) :]
    index = sum(step * axis for step, axis in zip(steps, np.indices(shape), strict=True))
    return np.array(_LEVELS, np.float32)[index % len(_LEVELS)]


def output_shape(stepper: Any) -> tuple[int, int, int] | None:
    """Shape (F, H', W') of the layer's output; None where no window fits."""
    size, (stride, padding) = stepper.w.shape[2], (stepper.stride, stepper.padding)
    try:
        rows, cols = (shapes.output_size(n, size, stride, padding) for n in stepper.x.shape[1:])
    except ValueError:
        return None
    return len(stepper.w), rows, cols


def gradients(stepper: Any) -> dict[str, np.ndarray]:
    """The three gradients, as the course's layer computes them in float64."""
    dout, x, w = (getattr(stepper, name).astype(np.float64) for name in ("dout", "x", "w"))
    dx, dw, db = layers.conv2d_backward(dout[None], x[None], w, stepper.stride, stepper.padding)
    return {"dx": dx[0], "dw": dw, "db": db}


def uses_along(position: int, windows: int, kernel_size: int, stride: int, padding: int) -> list:
    """Pairs (i, u), along one axis: output i reads this position through tap u.

    >>> uses_along(2, windows=3, kernel_size=3, stride=1, padding=0)
    [(0, 2), (1, 1), (2, 0)]
    """
    taps = ((i, position + padding - i * stride) for i in range(windows))
    return [(i, u) for i, u in taps if 0 <= u < kernel_size]


def uses_map(stepper: Any) -> np.ndarray:
    """How many outputs read each pixel of a channel, all filters counted: (H, W)."""
    filters, *windows = output_shape(stepper) or (0, 0, 0)
    size, stride, padding = stepper.w.shape[2], stepper.stride, stepper.padding
    rows, cols = (
        [len(uses_along(at, count, size, stride, padding)) for at in range(n)]
        for n, count in zip(stepper.x.shape[1:], windows, strict=True)
    )
    return filters * np.outer(rows, cols)


def terms(stepper: Any) -> list[Term]:
    """Every use of the chosen number, output by output; empty where nothing used it."""
    shape = output_shape(stepper)
    if shape is None:
        return []
    listed = {"dx": _terms_of_pixel, "dw": _terms_of_weight, "db": _terms_of_bias}
    return listed[stepper.mode](stepper, shape)


def _terms_of_pixel(stepper: Any, shape: tuple[int, int, int]) -> list[Term]:
    channel, row, col = stepper.pixel
    setting = stepper.w.shape[2], stepper.stride, stepper.padding
    rows, cols = uses_along(row, shape[1], *setting), uses_along(col, shape[2], *setting)
    found = []
    for f, (i, u), (j, v) in product(range(shape[0]), rows, cols):
        place, weight = (f, i, j), (f, channel, u, v)
        found.append(_term(stepper, place, stepper.w[weight], index_text("w", weight)))
    return found


def _terms_of_weight(stepper: Any, shape: tuple[int, int, int]) -> list[Term]:
    f, channel, u, v = stepper.weight
    found = []
    for i, j in product(range(shape[1]), range(shape[2])):
        at = i * stepper.stride + u - stepper.padding, j * stepper.stride + v - stepper.padding
        inside = all(0 <= p < n for p, n in zip(at, stepper.x.shape[1:], strict=True))
        name = index_text("x", (channel, *at)) if inside else "padding"
        found.append(_term(stepper, (f, i, j), stepper.x[channel, *at] if inside else 0, name))
    return found


def _terms_of_bias(stepper: Any, shape: tuple[int, int, int]) -> list[Term]:
    places = product([stepper.filter], range(shape[1]), range(shape[2]))
    return [_term(stepper, place, 1, "") for place in places]


def _term(stepper: Any, place: tuple[int, int, int], factor: float, name: str) -> Term:
    return Term(place, float(stepper.dout[place]), float(factor), name)


def chosen(stepper: Any) -> tuple[int, ...]:
    """Index of the chosen number in x, w or b, whichever the mode asks for."""
    return {"dx": stepper.pixel, "dw": stepper.weight, "db": (stepper.filter,)}[stepper.mode]


def index_text(name: str, index: tuple[int, ...]) -> str:
    """An array's element as Python writes it.

    >>> index_text("x", (0, 2, 1))
    'x[0, 2, 1]'
    """
    return f"{name}[{', '.join(map(str, index))}]"


def sentence(stepper: Any) -> str:
    """What the picture shows, in a sentence or a few, word for word as in the browser."""
    if output_shape(stepper) is None:
        return _impossible(stepper)
    if not stepper.revealed:
        return _question(stepper)
    found = terms(stepper)
    parts = [_uses(stepper, len(found)), _step(stepper, found), _answer(stepper, found)]
    return " ".join(filter(None, parts))


def _impossible(stepper: Any) -> str:
    size, shortest = stepper.w.shape[2], min(stepper.x.shape[1:]) + 2 * stepper.padding
    return (
        f"No output: the kernel is {count_text(size, 'pixel')} wide, the padded input only "
        f"{shortest}. Take more padding."
    )


def _name(stepper: Any) -> str:
    return index_text(stepper.mode[1], chosen(stepper))


def _question(stepper: Any) -> str:
    return (
        f"How many terms does ∂L/∂{_name(stepper)} add up? Stride {stepper.stride}, padding "
        f"{stepper.padding}. Type the number, then check."
    )


def _uses(stepper: Any, count: int) -> str:
    name = _name(stepper)
    if count == 0:
        return f"No output read {name}: its gradient is 0."
    words = {
        "dx": f"Pixel {name} was read by {count_text(count, 'output')}",
        "dw": f"Weight {name} was used at {count_text(count, 'place')}",
        "db": f"Bias {name} was added to {count_text(count, 'output')}",
    }
    return f"{words[stepper.mode]}."


def _step(stepper: Any, found: list[Term]) -> str:
    if not found or stepper.term == 0:
        return ""
    term, total = found[stepper.term - 1], number_text(partial_sum(found, stepper.term))
    value = f"{index_text('dout', term.place)} = {number_text(term.dout)}"
    if term.name:
        numbers = f"{number_text(term.dout)} × {number_text(term.factor)}"
        factor = term.name if term.name != "padding" else "a zero of the padding"
        value = f"{index_text('dout', term.place)} times {factor}, {numbers} = "
        value += number_text(term.product)
    finished = stepper.term == len(found)
    end = f"the sum is {total}" if finished else f"the sum so far is {total}"
    return f"Term {stepper.term} of {len(found)}: {value}; {end}."


def partial_sum(found: list[Term], count: int) -> float:
    """Sum of the first `count` terms."""
    return sum(term.product for term in found[:count])


def _answer(stepper: Any, found: list[Term]) -> str:
    number = answered_number(stepper.answer, stepper.mode, chosen(stepper))
    if number is None or stepper.term < len(found):
        return ""
    owner = "Your" if stepper.answer["whose"] == "yours" else "The course's"
    return f"{owner} {stepper.answer['name']} gives {number_text(number)}."
