"""What the pooling router shows, without a page; pooling_state.js is its twin."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit import shapes
from coursekit.widgets.pooling_answer import answered_number
from coursekit.widgets.wording import number_text

KINDS, TIES, RULES = ("max", "average"), ("first", "even split"), ("accumulate", "overwrite")
_MOST_TERMS = 4  # that a sentence writes out
Pixel = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """One window: its place (i, j) in the output, its number, and who receives its gradient.

    winners: the pixels that hold the maximum, all of the window's for an average; takers: those
    of them that receive equal parts of dout, `share` each.
    """

    place: Pixel
    value: float
    winners: tuple[Pixel, ...]
    takers: tuple[Pixel, ...]
    dout: float

    @property
    def share(self) -> float:
        """What each taker receives."""
        return self.dout / len(self.takers)


def output_shape(router: Any) -> Pixel | None:
    """Shape (H', W') of the output; None where no window fits."""
    try:
        rows, cols = (
            shapes.output_size(n, router.kernel_size, router.stride) for n in router.x.shape
        )
    except ValueError:
        return None
    return rows, cols


def windows(router: Any) -> list[Window]:
    """Every window, row by row; empty where none fits."""
    shape = output_shape(router)
    return [] if shape is None else [_window(router, place) for place in np.ndindex(shape)]


def _window(router: Any, place: Pixel) -> Window:
    size = router.kernel_size
    top, left = (at * router.stride for at in place)
    values = router.x[top : top + size, left : left + size].astype(np.float64)
    largest = values.max()
    chosen = values == largest if router.kind == "max" else np.ones_like(values, bool)
    winners = tuple((top + int(u), left + int(v)) for u, v in np.argwhere(chosen))
    alone = router.kind == "max" and router.ties == "first"
    value = float(largest if router.kind == "max" else values.mean())
    return Window(place, value, winners, winners[:1] if alone else winners, _dout(router, place))


def _dout(router: Any, place: Pixel) -> float:
    return float(router.dout[place])


def routed(router: Any, count: int | None = None, rule: str | None = None) -> np.ndarray:
    """Gradient (H, W) after the first `count` windows, all of them when not given."""
    dx = np.zeros(router.x.shape)
    for window in windows(router)[:count]:
        for pixel in window.takers:
            before = dx[pixel] if (rule or router.rule) == "accumulate" else 0
            dx[pixel] = before + window.share
    return dx


def index_text(name: str, index: tuple[int, ...]) -> str:
    """An array's element as Python writes it.

    >>> index_text("x", (2, 1))
    'x[2, 1]'
    """
    return f"{name}[{', '.join(map(str, index))}]"


def sentence(router: Any) -> str:
    """What the picture shows, in a sentence or a few, word for word as in the browser."""
    if output_shape(router) is None:
        return (
            f"No output: a window of {router.kernel_size} × {router.kernel_size} pixels does not "
            f"fit into a map of {router.x.shape[0]} × {router.x.shape[1]}. Take a smaller window."
        )
    if not router.revealed:
        return (
            f"What is ∂L/∂{index_text('x', router.pixel)}? Windows of {router.kernel_size} with "
            f"stride {router.stride}, {router.kind} pooling. Type the number, then check."
        )
    if router.step == 0:
        return "No window has handed on its gradient yet: dx is 0 everywhere. Step to begin."
    found = windows(router)
    parts = [_window_text(router, found), _hand_text(router, found[router.step - 1])]
    if router.step == len(found):
        parts += [_pixel_text(router, found), _total_text(router), _answer_text(router)]
    return " ".join(filter(None, parts))


def _window_text(router: Any, found: list[Window]) -> str:
    window = found[router.step - 1]
    start = f"Window [{_pair(window.place)}], {router.step} of {len(found)}:"
    value, count = number_text(window.value), len(window.winners)
    if router.kind == "average":
        return f"{start} the mean of its {router.kernel_size**2} pixels is {value}."
    row, col = window.winners[0]
    width = router.x.shape[1]
    name, index = index_text("x", (row, col)), f"index {row}·{width} + {col} = {row * width + col}"
    if count == 1:
        return f"{start} the maximum is {name} = {value}, {index}."
    if router.ties == "first":
        return f"{start} {count} pixels hold the maximum {value}; the first is {name}, {index}."
    return f"{start} {count} pixels hold the maximum {value} and share the gradient."


def _hand_text(router: Any, window: Window) -> str:
    dout, adds = number_text(window.dout), router.rule == "accumulate"
    if len(window.takers) > 1:
        verb = "Each receives" if adds else "Each is overwritten with"
        share = number_text(window.share)
        return f"{verb} 1/{len(window.takers)} of its dout {dout}: {share}."
    (pixel,) = window.takers
    name = index_text("dx", pixel)
    before = float(routed(router, router.step - 1)[pixel])
    if adds:
        after = number_text(before + window.dout)
        return f"Its dout is added at {name}: {number_text(before)} + {dout} = {after}."
    if before == 0:
        return f"Its dout {dout} is written to {name}."
    return f"Its dout {dout} overwrites {name}: the {number_text(before)} there is lost."


def _pixel_text(router: Any, found: list[Window]) -> str:
    shares = [(window.place, window.share) for window in found if router.pixel in window.takers]
    name = f"Pixel {index_text('x', router.pixel)}"
    if not shares:
        return f"{name} receives from no window: its gradient is 0."
    total = number_text(sum(share for _, share in shares))
    if len(shares) > _MOST_TERMS:
        text = f"{name} receives from {len(shares)} windows: {total}."
    else:
        places = " and ".join(f"[{_pair(place)}]" for place, _ in shares)
        terms = " + ".join(number_text(share) for _, share in shares)
        end = f" = {total}" if len(shares) > 1 else ""
        plural = "s" if len(shares) > 1 else ""
        text = f"{name} receives from window{plural} {places}: {terms}{end}."
    if router.rule == "overwrite" and len(shares) > 1:
        text += f" Overwriting keeps the last, {number_text(shares[-1][1])}."
    return text


def _total_text(router: Any) -> str:
    handed, kept = float(router.dout.astype(np.float64).sum()), float(routed(router).sum())
    text = f"dout adds up to {number_text(handed)}, dx to {number_text(kept)}"
    return f"{text}." if close(handed, kept) else f"{text}: gradient was lost."


def _answer_text(router: Any) -> str:
    number = answered_number(router) if router.rule == "accumulate" else None
    if number is None:
        return ""
    own = router.answer["backward"]
    owner = "Your" if own["whose"] == "yours" else "The course's"
    return f"{owner} {own['name']} gives {number_text(number)}."


def close(a: float, b: float) -> bool:
    """Whether two numbers are the same but for rounding in float32."""
    return abs(a - b) <= 1e-4 * max(1, abs(b))


def _pair(place: Pixel) -> str:
    return ", ".join(map(str, place))
