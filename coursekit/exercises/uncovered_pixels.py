"""The exercise uncovered_pixels: what no window reads."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit import shapes
from coursekit.exercises.agreement import Disagreement, disagreement, named
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.one_axis import LECTURE, by_value, layer_case, small_layers


def _uncovered_cases(rng: np.random.Generator) -> list[Case]:
    def whole(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    cases = [layer_case("all covered", 7, 3, stride=2), layer_case("all covered", 12, 5)]
    cases += [layer_case("all covered", 4 + 3 * whole(2, 9), 4, stride=3)]
    cases += [layer_case("pixels left at the end", 8, 3, stride=2)]
    cases += [
        layer_case("pixels left at the end", 5 + 4 * n + whole(1, 3), 5, stride=4)
        for n in (1, 2, 3, 4)
    ]
    cases += [layer_case("gaps between windows", 10, 2, stride=3)]
    cases += [layer_case("gaps between windows", whole(14, 30), 2, stride=4) for _ in range(3)]
    cases += [
        layer_case("padding", 8, 3, stride=2, padding=1),
        layer_case("padding", 7, 3, stride=4, padding=1),
        layer_case("padding", 9, 2, stride=3, padding=2),
        layer_case("padding", 4, 3, stride=3, padding=1),
    ]
    cases += [
        layer_case("padding", whole(10, 30), whole(2, 4), stride=whole(4, 6), padding=whole(1, 2))
        for _ in range(4)
    ]
    cases += [
        layer_case("dilation", 8, 2, stride=4, dilation=2),
        layer_case("dilation", 12, 3, stride=5, padding=1, dilation=2),
        layer_case("dilation", 20, 2, stride=3, dilation=3),
        layer_case("dilation", whole(20, 30), 3, stride=6, dilation=2),
    ]
    return cases


def _same_positions(got: Any, expected: list[int], case: Case) -> Disagreement | None:
    """Any collection of whole numbers, in any order."""
    if isinstance(got, (int, np.integer)) and not isinstance(got, bool):
        words = f"it returned {named(got)}; a list of positions is asked for, [] if there are none"
        return Disagreement("type", words)
    if isinstance(got, (set, frozenset)):
        got = sorted(got)
    if isinstance(got, np.ndarray) and got.ndim == 1:
        got = got.tolist()
    if not isinstance(got, (list, tuple, range)):
        return Disagreement("type", f"it returned {named(got)}, where a list is asked for")
    if any(disagreement(one, 0) and disagreement(one, 0).kind == "type" for one in got):
        return Disagreement("type", "its list holds something that is no whole number")
    if sorted(got) == expected:
        return None
    return Disagreement("value", f"it gave {list(got)}, not {expected}")


def _unread(read: Callable[[int, int, int, int, int], set[int]]) -> Callable[..., list[int]]:
    """A function with uncovered_pixels' signature from the set of pixels it takes as read."""

    def uncovered_pixels(
        w_in: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
    ) -> list[int]:
        taken = read(w_in, kernel_size, stride, padding, dilation)
        return [position for position in range(w_in) if position not in taken]

    return uncovered_pixels


def _taps(starts: range, k: int, d: int) -> set[int]:
    return {start + u * d for start in starts for u in range(k)}


def _starts(w: int, k: int, s: int, p: int, d: int) -> range:
    """Where the windows start, counted from the first pixel of the image."""
    return range(-p, -p + s * shapes.output_size(w, k, s, p, d), s)


def _in_the_padded_row(
    w_in: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> list[int]:
    return shapes.uncovered_pixels(w_in + 2 * padding, kernel_size, stride, 0, dilation)


def _counted_from_one(
    w_in: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> list[int]:
    return [i + 1 for i in shapes.uncovered_pixels(w_in, kernel_size, stride, padding, dilation)]


def _end_of(last: Callable[[int, int, int, int, int], int]) -> Callable[..., list[int]]:
    return _unread(lambda w, k, s, p, d: set(range(last(w, k, s, p, d))))


UNCOVERED_PIXELS = Exercise(
    name="uncovered_pixels",
    lecture=LECTURE,
    points=2,
    reference=shapes.uncovered_pixels,
    cases=_uncovered_cases,
    agrees=_same_positions,
    alike=_same_positions,
    mistakes={
        "padded-positions": Mistake(
            _in_the_padded_row,
            "positions are counted in the padded row",
            "Which number does the image's own first pixel have?",
        ),
        "padding-ignored": Mistake(
            _unread(lambda w, k, s, p, d: _taps(_starts(w, k, s, 0, d), k, d)),
            "the padding is ignored",
            "With padding 1, where does the first window stand?",
        ),
        "padding-counted-once": Mistake(
            _unread(lambda w, k, s, p, d: _taps(range(-p, w - d * (k - 1), s), k, d)),
            "the padding is counted on one side only, before the first pixel",
            "On how many sides of the row do zeros stand? Where may the last window end?",
        ),
        "only-the-end": Mistake(
            _end_of(lambda w, k, s, p, d: _starts(w, k, s, p, d)[-1] + d * (k - 1) + 1),
            "only pixels after the last window are looked at",
            "With a stride larger than the kernel, what happens between two windows?",
        ),
        "solid-windows": Mistake(
            _unread(lambda w, k, s, p, d: _taps(_starts(w, k, s, p, d), d * (k - 1) + 1, 1)),
            "a dilated kernel is taken to read the pixels between its taps too",
            "Which pixels does a kernel of 2 taps with dilation 3 multiply by a weight?",
        ),
        "dilation-ignored": Mistake(
            _unread(lambda w, k, s, p, d: _taps(_starts(w, k, s, p, 1), k, 1)),
            "dilation is ignored",
            "How far apart are two neighboring taps?",
        ),
        "one-window-too-few": Mistake(
            _unread(lambda w, k, s, p, d: _taps(_starts(w, k, s, p, d)[:-1], k, d)),
            "the last window is forgotten",
            "Count the windows of output_size(7, 3, stride=2). Does your loop visit each?",
        ),
        "width-modulo-stride": Mistake(
            _end_of(lambda w, k, s, p, d: w - w % s),
            "the remainder of width over stride is taken as uncovered",
            "In a row of 7 with a kernel of 3 and stride 2, is pixel 6 in no window?",
        ),
        "counted-from-one": Mistake(
            _counted_from_one,
            "positions are counted from one",
            "Which index does Python give the first pixel?",
        ),
        "covered-instead": Mistake(
            lambda w_in, kernel_size, stride=1, padding=0, dilation=1: sorted(
                _taps(_starts(w_in, kernel_size, stride, padding, dilation), kernel_size, dilation)
                & set(range(w_in))
            ),
            "the covered pixels are returned",
            "For a kernel of 1 at stride 1 nothing is left uncovered. What do you return there?",
        ),
    },
    properties=(
        by_value(
            "stride-one",
            layer_case("", 6, 3),
            "At stride 1 the windows overlap and read every pixel",
            "uncovered_pixels",
            _same_positions,
        ),
        by_value(
            "all-covered",
            layer_case("", 7, 3, stride=2),
            "The last window reads pixels 4, 5 and 6",
            "uncovered_pixels",
            _same_positions,
        ),
        by_value(
            "end",
            layer_case("", 8, 3, stride=2),
            "The last window reads pixels 4, 5 and 6 of the eight",
            "uncovered_pixels",
            _same_positions,
        ),
        by_value(
            "gaps",
            layer_case("", 7, 1, stride=3),
            "Windows of one pixel stand at 0, 3 and 6",
            "uncovered_pixels",
            _same_positions,
        ),
        by_value(
            "padding-shifts-the-windows",
            layer_case("", 4, 1, stride=2, padding=1),
            "Counted from the image's first pixel, windows of one stand at -1, 1 and 3",
            "uncovered_pixels",
            _same_positions,
        ),
        by_value(
            "holes",
            layer_case("", 3, 2, stride=3, dilation=2),
            "The two taps are at pixels 0 and 2",
            "uncovered_pixels",
            _same_positions,
        ),
    ),
    smallest=small_layers,
)
