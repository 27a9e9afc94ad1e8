"""What the weight index shows, without a page; index_state.js is its twin.

A place has four parts, (filter, channel, row, column); a part is a number, or None for all of them.
An index has the same parts in an order of its own, and may leave out the last ones.
"""

import re
from collections.abc import Sequence
from math import prod

from coursekit.widgets.wording import number_text

# For each axis of the array in memory: which part of a place it counts.
ORDERS = {"PyTorch": (0, 1, 2, 3), "TensorFlow": (2, 3, 1, 0)}
NOUNS = ("filter", "channel", "row", "column")
Part = int | None


def read_index(text: str) -> list[Part]:
    """The parts of an index as people write it: ``2, :, 3`` or ``w[2, :, 3]``.

    Raises ValueError with one sentence.

    >>> read_index("w[2, :, -1]")
    [2, None, -1]
    """
    inner = re.fullmatch(r"\s*(?:w?\s*\[(.*)\]|([^\[\]]*))\s*", str(text))
    words = [word.strip() for word in (inner[1] or inner[2] or "").split(",")] if inner else ["?"]
    if words == [""]:
        return []
    if not 0 < len(words) <= 4 or not all(re.fullmatch(r":|-?\d{1,6}", word) for word in words):
        raise ValueError(
            f"is {str(text)[:40]!r}; write up to four whole numbers or colons, for example 2, :, 3"
        )
    return [None if word == ":" else int(word) for word in words]


def index_text(parts: Sequence[Part]) -> str:
    """An index as it is written: ``2, :, 3``."""
    return ", ".join(":" if part is None else str(part) for part in parts)


def shape_in(order: str, shape: Sequence[int]) -> tuple[int, ...]:
    """Shape (F, C, kH, kW) as an array in another order has it."""
    return tuple(shape[axis] for axis in ORDERS[order])


def place_of(parts: Sequence[Part], order: str, shape: Sequence[int]) -> tuple[Part, ...]:
    """The place that an index means; raises IndexError with words for a sentence.

    >>> place_of([3, 1, 0, 2], "TensorFlow", (6, 3, 5, 5))
    (2, 0, 3, 1)
    """
    place: list[Part] = [None] * 4
    for number, (part, axis) in enumerate(zip(parts, ORDERS[order], strict=False)):
        if part is None:
            continue
        count = shape[axis]
        if not -count <= part < count:
            noun = NOUNS[axis] + ("" if count == 1 else "s")
            raise IndexError(f"axis {number} counts {count} {noun}, from 0 to {count - 1}")
        place[axis] = part % count
    return tuple(place)


def index_of(place: Sequence[Part], order: str) -> list[Part]:
    """The index that means a place; colons at its end are left out."""
    parts = [place[axis] for axis in ORDERS[order]]
    while parts and parts[-1] is None:
        parts.pop()
    return parts


def flat_position(place: Sequence[int], order: str, shape: Sequence[int]) -> int:
    """Place of one weight in memory, counted from 0."""
    position = 0
    for axis in ORDERS[order]:
        position = position * shape[axis] + place[axis]
    return position


def flat_formula(place: Sequence[int], order: str, shape: Sequence[int]) -> str:
    """How the flat position comes about: ((2·3 + 0)·5 + 3)·5 + 1."""
    first, *others = ORDERS[order]
    text = str(place[first])
    for number, axis in enumerate(others):
        inner = f"({text})" if number else text
        text = f"{inner}·{shape[axis]} + {place[axis]}"
    return text


def other_order(order: str) -> str:
    """The order that this one is confused with."""
    return next(name for name in ORDERS if name != order)


def spoken(place: Sequence[Part]) -> str:
    """A place in words: filter 2, every channel, row 3, every column."""
    return ", ".join(
        f"every {noun}" if part is None else f"{noun} {part}"
        for noun, part in zip(NOUNS, place, strict=True)
    )


def sentence(parts: Sequence[Part], order: str, shape: Sequence[int], weights: object) -> str:
    """What an index means, in a sentence or a few, word for word as in the browser."""
    stored = ", ".join(map(str, shape_in(order, shape)))
    start = f"w[{index_text(parts)}] in {order}'s order, shape ({stored}),"
    try:
        place = place_of(parts, order, shape)
    except IndexError as error:
        return f"{start} raises an IndexError: {error}."
    return f"{start} {_meaning(place, order, shape, weights)} {_trap(parts, place, order, shape)}"


def _meaning(place: tuple, order: str, shape: Sequence[int], weights: object) -> str:
    if None in place:
        left = [shape[axis] for axis in ORDERS[order] if place[axis] is None]
        result = f"({', '.join(map(str, left))}{',' * (len(left) == 1)})"
        return f"is an array of shape {result} with {prod(left)} weights: {spoken(place)}."
    value = number_text(weights[place])
    formula = flat_formula(place, order, shape)
    position = flat_position(place, order, shape)
    return (
        f"is one weight: {spoken(place)}. Its value is {value}, its place in memory {formula} = "
        f"{position}."
    )


def _trap(parts: Sequence[Part], place: tuple, order: str, shape: Sequence[int]) -> str:
    other = other_order(order)
    start = f"In {other}'s order the same numbers"
    try:
        found = place_of(parts, other, shape)
    except IndexError as error:
        return f"{start} raise an IndexError: {error}."
    if found == place:
        return f"{start} mean the same."
    return f"{start} mean something else: {spoken(found)}."
