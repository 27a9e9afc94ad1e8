"""What the exercises of lecture 05 share: layers along one axis, and telling values."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from coursekit import shapes
from coursekit.exercises.agreement import Disagreement, disagreement
from coursekit.exercises.exercise import Case, Property
from coursekit.exercises.properties import short, telling

LECTURE = "05_stride_and_padding"
Agrees = Callable[[Any, Any, Case], Disagreement | None]
DEFAULTS = {"stride": 1, "padding": 0, "dilation": 1}


def layer_case(group: str, w_in: int, kernel_size: int, **options: int) -> Case:
    """One layer on one axis; options that have their default value are left out of the call."""
    named_options = {k: v for k, v in options.items() if v != DEFAULTS[k]}
    return Case(group, (w_in, kernel_size), named_options)


def small_layers() -> Iterator[Case]:
    """All small layers, those with the fewest options and the smallest numbers first."""
    options = product(range(1, 10), range(1, 5), (1, 2, 3), (0, 1, 2), (1, 2))
    possible = [o for o in options if shapes.kernel_extent(o[1], o[4]) <= o[0] + 2 * o[3]]
    possible.sort(key=lambda o: ((o[2] > 1) + (o[3] > 0) + (o[4] > 1), sum(o)))
    for w_in, kernel_size, stride, padding, dilation in possible:
        yield layer_case(
            "small", w_in, kernel_size, stride=stride, padding=padding, dilation=dilation
        )


def by_value(slug: str, case: Case, why: str, call: str, agrees: Agrees = disagreement) -> Property:
    """A property that is one telling value: why it must be so, and what came instead."""

    def words(mine: Any, right: Any) -> str:
        return f"{why}, so {case.written(call)} is {short(right)}; yours gives {short(mine)}."

    return telling(slug, case, words, agrees=agrees)
