"""Answers that are several arrays, such as (dx, dw, db): each is named when it is wrong."""

import re
from typing import Any

import numpy as np

from coursekit import drawings
from coursekit.exercises.agreement import (
    RETURNED_NOTHING,
    Disagreement,
    as_array,
    disagreement,
    named,
)
from coursekit.exercises.exercise import Case


class Parts:
    """Compares and draws answers whose parts have these names, in order."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def agrees(self, got: Any, expected: Any, case: Case) -> Disagreement | None:
        """The first part that differs, by its name."""
        asked = f"({', '.join(self.names)})"
        if got is None:
            return Disagreement("type", RETURNED_NOTHING)
        if not isinstance(got, (tuple, list)):
            words = f"it returned {named(got)}, where {asked} are asked for"
            return Disagreement("type", words)
        if len(got) != len(self.names):
            return Disagreement("shape", f"it returned {len(got)} values, not {asked}")
        for name, mine, right in zip(self.names, got, expected, strict=True):
            found = disagreement(mine, right)
            if found:
                return Disagreement(found.kind, f"{name}: {found.sentence}")
        return None

    def draw(self, case: Case, expected: Any, got: Any) -> str:
        """Expected, got and difference of the first part that differs and can be drawn."""
        for name, mine, right in zip(self.names, got, expected, strict=True):
            array = as_array(mine)
            if (
                array is None
                or array.shape != np.shape(right)
                or disagreement(array, right) is None
            ):
                continue
            return (
                ""
                if array.size < 2
                else titled(name, drawings.expected_got_difference(right, array))
            )
        return ""


def titled(title: str, picture: str) -> str:
    """A picture with a line of text above it."""
    width, height = (float(n) for n in re.search(r'viewBox="0 0 (\S+) (\S+)"', picture).groups())
    words = re.search(r'aria-label="([^"]*)"', picture).group(1)
    body = drawings.text(0, 8, title) + picture.replace("<svg ", '<svg y="22" ', 1)
    return drawings.svg(width, height + 22, body, f"{title}: {words}")
