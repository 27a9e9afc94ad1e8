"""Answers that are several arrays, such as (dx, dw, db): each is named when it is wrong."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from coursekit import drawings
from coursekit.exercises.agreement import (
    RETURNED_NOTHING,
    Disagreement,
    as_array,
    disagreement,
    named,
    part_disagreement,
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
        if isinstance(got, np.ndarray) and got.shape == (len(expected), *np.shape(expected[0])):
            got = tuple(got)  # parts of one shape, stacked
        if not isinstance(got, (tuple, list)):
            words = f"it returned {named(got)}, where {asked} are asked for"
            return Disagreement("type", words)
        if len(got) != len(self.names):
            return Disagreement("shape", f"it returned {len(got)} values, not {asked}")
        asked_alone = [name for name in self.names if case.group == f"{name} alone"]
        for name, mine, right in zip(self.names, got, expected, strict=True):
            found = part_disagreement(mine, right) if name in (asked_alone or self.names) else None
            if found:
                return Disagreement(found.kind, f"{name}: {found.sentence}")
        return None

    def alone(self, cases: Sequence[Case], *names: str) -> list[Case]:
        """The cases again, in a group "dx alone" and so on, where only that part is looked at.

        So a right part earns its points beside a wrong one. names: all of them where none is given.
        """
        groups = [f"{name} alone" for name in names or self.names]
        return [replace(case, group=group) for group in groups for case in cases]

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
