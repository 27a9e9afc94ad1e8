"""A property of answers that are one number each: all of them wrong by the same factor."""

from collections.abc import Sequence
from typing import Any

from coursekit.exercises.exercise import Case, Property
from coursekit.exercises.properties import Pick, anything, as_fraction, ratio, whole


def common_factor(cases: Sequence[Case], pick: Pick = whole, name: str = "it") -> Property:
    """On inputs of several kinds the answer is off by one and the same factor.

    pick: the number to look at, where an answer has several parts; name: what it is called.
    """

    def verdict(got: list[Any], expected: list[Any]) -> str | None:
        pairs = [(pick(mine), pick(right)) for mine, right in zip(got, expected, strict=True)]
        found = [ratio(mine, right) for mine, right in pairs if mine or right]
        words = {as_fraction(one) if one else "0" for one in found if one is not None}
        if None in found or len(words) != 1 or words == {"1"}:
            return None
        if words == {"0"}:
            return f"Whatever the input, {name} is 0."
        return (
            f"Whatever the input, {name} is {words.pop()} times the right one. "
            "Where does such a factor come from?"
        )

    return Property("common-factor", tuple(cases), verdict, about=anything)
