"""Exercises of lecture 05: sizes along one axis, in whole pixels."""

from collections.abc import Callable, Iterator
from itertools import product
from math import ceil, prod
from typing import Any

import numpy as np

from coursekit import drawings, shapes
from coursekit.exercises.agreement import Disagreement, disagreement, named
from coursekit.exercises.exercise import Case, Exercise, Mistake, Property

LECTURE = "05_stride_and_padding"
Agrees = Callable[[Any, Any, Case], Disagreement | None]
DEFAULTS = {"stride": 1, "padding": 0, "dilation": 1}


def layer_case(group: str, w_in: int, kernel_size: int, **options: int) -> Case:
    """One layer on one axis; options that have their default value are left out of the call."""
    named_options = {k: v for k, v in options.items() if v != DEFAULTS[k]}
    return Case(group, (w_in, kernel_size), named_options)


def _small_layers() -> Iterator[Case]:
    """All small layers, those with the fewest options and the smallest numbers first."""
    options = product(range(1, 10), range(1, 5), (1, 2, 3), (0, 1, 2), (1, 2))
    possible = [o for o in options if shapes.kernel_extent(o[1], o[4]) <= o[0] + 2 * o[3]]
    possible.sort(key=lambda o: ((o[2] > 1) + (o[3] > 0) + (o[4] > 1), sum(o)))
    for w_in, kernel_size, stride, padding, dilation in possible:
        yield layer_case(
            "small", w_in, kernel_size, stride=stride, padding=padding, dilation=dilation
        )


def _draw_windows(case: Case, expected: Any, got: Any) -> str:
    """The pixels and as many windows as the larger of the two answers has."""
    layer = {**DEFAULTS, **case.kwargs}
    count = max(int(expected), int(got) if isinstance(got, (int, np.integer)) else 0)
    if case.args[0] > 16 or not 0 < count <= 16:
        return ""
    return drawings.windows_on_pixels(*case.args, **layer, count=count)


def _by_value(
    slug: str, case: Case, why: str, call: str, agrees: Agrees = disagreement
) -> Property:
    """A property that is one telling value: why it must be so, and what came instead."""

    def verdict(got: list[Any], expected: list[Any]) -> str | None:
        if agrees(got[0], expected[0], case) is None:
            return None
        return f"{why}, so {case.written(call)} is {expected[0]}; yours gives {got[0]!r}."

    return Property(slug, (case,), verdict)


# --- output_size -------------------------------------------------------------------------------


def _output_size_cases(rng: np.random.Generator) -> list[Case]:
    def whole(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    cases = [layer_case("plain", w, k) for w, k in ((32, 5), (7, 3), (5, 1), (6, 6))]
    cases += [layer_case("plain", whole(12, 64), whole(1, 9)) for _ in range(4)]
    cases += [layer_case("padding", 32, 3, padding=1), layer_case("padding", 5, 5, padding=2)]
    cases += [
        layer_case("padding", whole(9, 64), whole(2, 9), padding=whole(1, 4)) for _ in range(4)
    ]
    cases += [layer_case("stride that fits", k + s * n, k, stride=s) for k, s, n in _triples(whole)]
    cases += [
        layer_case("stride that leaves pixels over", k + s * n + whole(1, s - 1), k, stride=s)
        for k, s, n in _triples(whole)
    ]
    cases += [
        layer_case("padding and stride", 224, 7, stride=2, padding=3),
        layer_case("padding and stride", 224, 11, stride=4, padding=2),
        layer_case("padding and stride", 7, 3, stride=2, padding=1),
    ]
    cases += [
        layer_case(
            "padding and stride", whole(9, 64), whole(2, 8), stride=whole(2, 5), padding=whole(1, 3)
        )
        for _ in range(6)
    ]
    cases += [layer_case("dilation", 7, 3, dilation=2), layer_case("dilation", 9, 2, dilation=4)]
    cases += [
        layer_case(
            "dilation",
            whole(24, 64),
            whole(2, 5),
            stride=whole(1, 3),
            padding=whole(0, 2),
            dilation=whole(2, 4),
        )
        for _ in range(6)
    ]
    cases += [
        layer_case("kernels that do not fit", 3, 5),
        layer_case("kernels that do not fit", 2, 3, stride=2),
        layer_case("kernels that do not fit", 3, 7, stride=3, padding=1),
        layer_case("kernels that do not fit", 4, 3, dilation=3),
    ]
    return cases


def _triples(whole: Callable[[int, int], int]) -> list[tuple[int, int, int]]:
    """(kernel_size, stride, steps) of layers whose windows fit exactly."""
    return [(3, 2, 2)] + [(whole(2, 7), whole(2, 5), whole(3, 12)) for _ in range(5)]


def _size_from(formula: Callable[[int, int, int, int, int], float]) -> Callable[..., Any]:
    """A function with output_size's signature from a formula in w, k, s, p, d."""

    def output_size(
        w_in: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
    ) -> float:
        return formula(w_in, kernel_size, stride, padding, dilation)

    return output_size


def _reject_fractions(w: int, k: int, s: int, p: int, d: int) -> int:
    if (w + 2 * p - d * (k - 1) - 1) % s:
        raise ValueError("the layer does not fit")
    return shapes.output_size(w, k, s, p, d)


OUTPUT_SIZE_MISTAKES = {
    "plus-one-forgotten": Mistake(
        _size_from(lambda w, k, s, p, d: (w + 2 * p - d * (k - 1) - 1) // s),
        "the + 1 is forgotten",
        "How many places can a kernel 1 pixel wide stand on, in a row of 5 pixels?",
    ),
    "padding-counted-once": Mistake(
        _size_from(lambda w, k, s, p, d: (w + p - d * (k - 1) - 1) // s + 1),
        "the padding is counted on one side only",
        "On how many sides of the row do zeros stand?",
    ),
    "padding-ignored": Mistake(
        _size_from(lambda w, k, s, p, d: (w - d * (k - 1) - 1) // s + 1),
        "padding is ignored",
        "How wide is the row after zeros were put on both of its ends?",
    ),
    "ceil-instead-of-floor": Mistake(
        _size_from(lambda w, k, s, p, d: ceil((w + 2 * p - d * (k - 1) - 1) / s) + 1),
        "the division is rounded up",
        "Would the last window hang over the edge?",
    ),
    "rounded-to-nearest": Mistake(
        _size_from(lambda w, k, s, p, d: round((w + 2 * p - d * (k - 1) - 1) / s) + 1),
        "the division is rounded to the nearest whole number",
        "If three quarters of a step are left, can the kernel make that step?",
    ),
    "fractions-rejected": Mistake(
        _size_from(_reject_fractions),
        "layers that leave pixels over are refused",
        "The formula has floor brackets: what becomes of the pixels left over?",
    ),
    "divided-too-early": Mistake(
        _size_from(lambda w, k, s, p, d: w // s + (2 * p - d * (k - 1) - 1) // s + 1),
        "parts of the sum are divided by the stride and rounded on their own",
        "Add everything up first. Where in the formula does the division stand?",
    ),
    "stride-ignored": Mistake(
        _size_from(lambda w, k, s, p, d: w + 2 * p - d * (k - 1)),
        "the stride is ignored",
        "By how many pixels does the window move from one output to the next?",
    ),
    "width-over-stride": Mistake(
        _size_from(lambda w, k, s, p, d: w // s),
        "the width is divided by the stride, whatever the kernel",
        "Where does the last window of a 3-pixel kernel start, in a row of 7?",
    ),
    "dilation-ignored": Mistake(
        _size_from(lambda w, k, s, p, d: (w + 2 * p - k) // s + 1),
        "dilation is ignored",
        "With dilation 2, how many pixels lie between the first and the last tap?",
    ),
    "extent-k-times-d": Mistake(
        _size_from(lambda w, k, s, p, d: (w + 2 * p - d * k) // s + 1),
        "a dilated kernel is taken to be kernel_size · dilation pixels wide",
        "How many pixels is it from the first to the last tap, both counted?",
    ),
    "no-error-for-wide-kernels": Mistake(
        _size_from(lambda w, k, s, p, d: (w + 2 * p - d * (k - 1) - 1) // s + 1),
        "a kernel wider than the padded image still gets a size",
        "What should happen when not even one window fits?",
    ),
    "int-of-a-negative-number": Mistake(
        _size_from(lambda w, k, s, p, d: int((w + 2 * p - d * (k - 1) - 1) / s) + 1),
        "`int(…)` cuts a negative fraction up to zero",
        "What is int(-0.5)? And should a kernel that does not fit have a size at all?",
    ),
}

OUTPUT_SIZE = Exercise(
    name="output_size",
    lecture=LECTURE,
    points=3,
    reference=shapes.output_size,
    cases=_output_size_cases,
    mistakes=OUTPUT_SIZE_MISTAKES,
    properties=(
        _by_value(
            "one-wide-kernel",
            layer_case("", 5, 1),
            "A kernel 1 pixel wide can stand on every pixel",
            "output_size",
        ),
        _by_value(
            "kernel-as-wide-as-image",
            layer_case("", 6, 6),
            "A kernel as wide as the row can stand in one place only",
            "output_size",
        ),
        _by_value(
            "one-step-less",
            layer_case("", 7, 3),
            "The last window starts 3 pixels before the end of the row",
            "output_size",
        ),
        _by_value(
            "padding-both-sides",
            layer_case("", 5, 1, padding=2),
            "Padding 2 puts two zeros on each side, which makes 9 places for a 1-pixel kernel",
            "output_size",
        ),
        _by_value(
            "windows-start-a-stride-apart",
            layer_case("", 7, 1, stride=3),
            "Windows start at pixels 0, 3 and 6",
            "output_size",
        ),
        _by_value(
            "leftover-pixels",
            layer_case("", 8, 3, stride=2),
            "Windows start at pixels 0, 2 and 4, and one starting at 6 would hang over the edge",
            "output_size",
        ),
        _by_value(
            "zeros-are-walked-over-too",
            layer_case("", 4, 3, stride=2, padding=1),
            "Counted in the padded row of 6, windows start at 0 and 2",
            "output_size",
        ),
        _by_value(
            "dilated-extent",
            layer_case("", 5, 3, dilation=2),
            "The taps of the dilated kernel are at pixels 0, 2 and 4, which fits once",
            "output_size",
        ),
    ),
    smallest=_small_layers,
    draw=_draw_windows,
)


# --- same_padding ------------------------------------------------------------------------------


def _same_padding_cases(rng: np.random.Generator) -> list[Case]:
    def case(group: str, kernel_size: int, dilation: int = 1) -> Case:
        return Case(group, (kernel_size,), {} if dilation == 1 else {"dilation": dilation})

    odd = [case("odd kernels", k) for k in (1, 3, 5, 7, 11)]
    even = [case("even kernels", k) for k in (2, 4, 6, 8)]
    dilated = [case("dilation", k, d) for k, d in ((3, 2), (3, 3), (5, 2), (2, 2), (4, 3), (2, 3))]
    more = [case("dilation", int(rng.integers(2, 9)), int(rng.integers(2, 6))) for _ in range(4)]
    return odd + even + dilated + more


def _keeps_the_width(got: Any, expected: Any, case: Case) -> Disagreement | None:
    """Either side may get the spare zero, as long as the two differ by at most one."""
    if isinstance(got, (int, np.integer)) and not isinstance(got, bool):
        words = f"it returned {named(got)}; two numbers are asked for, (before, after)"
        return Disagreement("type", words)
    found = disagreement(got, expected)
    if found is None or found.kind != "value":
        return found
    return disagreement(tuple(got)[::-1], expected) and found


def _padding_from(formula: Callable[[int, int], tuple[int, int]]) -> Callable[..., Any]:
    def same_padding(kernel_size: int, dilation: int = 1) -> tuple[int, int]:
        return formula(kernel_size, dilation)

    return same_padding


def _halves(total: int) -> tuple[int, int]:
    return total // 2, total - total // 2


def _padding_verdict(got: list[Any], expected: list[Any]) -> str | None:
    """Adds up what was returned, which is what the width depends on."""
    total, right = sum(got[0]), sum(expected[0])
    if total != right:
        return (
            f"With same_padding(4) = {tuple(got[0])!r}, a row of 8 pixels becomes "
            f"{8 + total - 3} wide instead of staying 8."
        )
    return None


SAME_PADDING = Exercise(
    name="same_padding",
    lecture=LECTURE,
    points=2,
    reference=shapes.same_padding,
    cases=_same_padding_cases,
    agrees=_keeps_the_width,
    alike=_keeps_the_width,
    mistakes={
        "half-the-kernel-on-both-sides": Mistake(
            _padding_from(lambda k, d: ((d * (k - 1) + 1) // 2,) * 2),
            "half of the kernel, rounded down, is put on both sides",
            "Try a kernel 4 wide on 8 pixels: how wide is the output then?",
        ),
        "half-the-rest-on-both-sides": Mistake(
            _padding_from(lambda k, d: (d * (k - 1) // 2,) * 2),
            "an odd number of zeros is cut down to an even one",
            "How many zeros does a kernel 4 wide need in all? Did every one of them find a side?",
        ),
        "dilation-ignored": Mistake(
            _padding_from(lambda k, d: _halves(k - 1)),
            "dilation is ignored",
            "How many pixels wide is a kernel of 3 with dilation 2?",
        ),
        "half-the-kernel-without-dilation": Mistake(
            _padding_from(lambda k, d: (k // 2,) * 2),
            "kernel_size // 2 is put on both sides, whatever the dilation",
            "Which kernels does this rule hold for? Try one that is even, and one that is dilated.",
        ),
        "extent-k-times-d": Mistake(
            _padding_from(lambda k, d: _halves(d * k - 1)),
            "a dilated kernel is taken to be kernel_size · dilation pixels wide",
            "How many pixels is it from the first to the last tap, both counted?",
        ),
        "all-on-both-sides": Mistake(
            _padding_from(lambda k, d: (d * (k - 1),) * 2),
            "all the zeros are put on each side",
            "How many zeros are there now in all, and how many windows too many do they make?",
        ),
        "all-on-one-side": Mistake(
            _padding_from(lambda k, d: (0, d * (k - 1))),
            "all the zeros are put after the row",
            "The width is kept. But where in the row does the middle of the first window stand?",
        ),
        "one-zero-too-many": Mistake(
            _padding_from(lambda k, d: _halves(d * (k - 1) + 1)),
            "as many zeros are added as the kernel is wide",
            "How many zeros does a kernel 1 pixel wide need?",
        ),
    },
    properties=(
        _by_value(
            "one-wide-kernel",
            Case("", (1,)),
            "A kernel 1 pixel wide keeps the width by itself",
            "same_padding",
        ),
        _by_value(
            "vgg",
            Case("", (3,)),
            "A kernel 3 wide loses one pixel at each end",
            "same_padding",
        ),
        Property("even-kernel", (Case("", (4,)),), _padding_verdict),
        _by_value(
            "dilated-extent",
            Case("", (3,), {"dilation": 2}),
            "A kernel of 3 with dilation 2 is 5 pixels wide and loses two at each end",
            "same_padding",
        ),
    ),
    smallest=lambda: (
        Case("small", (k,), {} if d == 1 else {"dilation": d})
        for d, k in product((1, 2, 3), range(1, 8))
    ),
)


# --- uncovered_pixels --------------------------------------------------------------------------


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
    if isinstance(got, np.ndarray) and got.ndim == 1 and (got.dtype.kind in "iu" or not got.size):
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
        _by_value(
            "stride-one",
            layer_case("", 6, 3),
            "At stride 1 the windows overlap and read every pixel",
            "uncovered_pixels",
            _same_positions,
        ),
        _by_value(
            "all-covered",
            layer_case("", 7, 3, stride=2),
            "The last window reads pixels 4, 5 and 6",
            "uncovered_pixels",
            _same_positions,
        ),
        _by_value(
            "end",
            layer_case("", 8, 3, stride=2),
            "The last window reads pixels 4, 5 and 6 of the eight",
            "uncovered_pixels",
            _same_positions,
        ),
        _by_value(
            "gaps",
            layer_case("", 7, 1, stride=3),
            "Windows of one pixel stand at 0, 3 and 6",
            "uncovered_pixels",
            _same_positions,
        ),
        _by_value(
            "padding-shifts-the-windows",
            layer_case("", 4, 1, stride=2, padding=1),
            "Counted from the image's first pixel, windows of one stand at -1, 1 and 3",
            "uncovered_pixels",
            _same_positions,
        ),
        _by_value(
            "holes",
            layer_case("", 3, 2, stride=3, dilation=2),
            "The two taps are at pixels 0 and 2",
            "uncovered_pixels",
            _same_positions,
        ),
    ),
    smallest=_small_layers,
)


# --- receptive_field ---------------------------------------------------------------------------

ALEXNET = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)]
VGG16 = [
    layer for n in (2, 2, 3, 3, 3) for layer in [*([(3, 1)] * n), (2, 2)]
]  # 13 convolutions, 5 poolings


def _receptive_field_cases(rng: np.random.Generator) -> list[Case]:
    def stack(depth: int, strides: tuple[int, ...]) -> list[tuple[int, int]]:
        return [(int(rng.integers(1, 8)), int(rng.choice(strides))) for _ in range(depth)]

    one = [Case("one layer", ([layer],)) for layer in [(3, 1), (5, 2), (1, 1), (11, 4)]]
    plain = [Case("stride 1", ([(3, 1)] * n,)) for n in (2, 3, 4)]
    plain += [Case("stride 1", (stack(n, (1,)),)) for n in (2, 3, 5)]
    strided = [Case("strides", ([(3, 2), (3, 1)],)), Case("strides", ([(2, 2)] * 3,))]
    strided += [Case("strides", (stack(n, (1, 2, 3)),)) for n in (2, 3, 4, 5)]
    nets = [Case("whole networks", (list(net),)) for net in (ALEXNET, VGG16, ALEXNET[:3])]
    return one + plain + strided + nets


def _field_from(step: Callable[[int, int, int, int], tuple[int, int]], start: int = 1) -> Any:
    """A function with receptive_field's signature from (field, jump, k, s) -> (field, jump)."""

    def receptive_field(layers: list[tuple[int, int]]) -> int:
        field, jump = start, 1
        for kernel_size, stride in layers:
            field, jump = step(field, jump, kernel_size, stride)
        return field

    return receptive_field


RECEPTIVE_FIELD = Exercise(
    name="receptive_field",
    lecture=LECTURE,
    points=3,
    reference=shapes.receptive_field,
    cases=_receptive_field_cases,
    mistakes={
        "sum-of-kernels": Mistake(
            lambda layers: sum(k for k, _ in layers),
            "the kernel sizes are added up",
            "How many *new* pixels does a second 3-wide layer add on each side?",
        ),
        "stride-ignored": Mistake(
            lambda layers: 1 + sum(k - 1 for k, _ in layers),
            "the strides are ignored",
            "After a stride-2 layer, one step to the right is how many input pixels?",
        ),
        "own-stride-counted": Mistake(
            _field_from(lambda f, j, k, s: (f + (k - 1) * j * s, j * s)),
            "a layer's own stride already widens its own kernel",
            "Where do the taps of one kernel stand: next to each other, or its stride apart?",
        ),
        "strides-added": Mistake(
            _field_from(lambda f, j, k, s: (f + (k - 1) * j, j + s - 1)),
            "strides are added up instead of multiplied",
            "Two stride-2 layers: one step of the second is how many input pixels?",
        ),
        "only-the-stride-before": Mistake(
            _field_from(lambda f, j, k, s: (f + (k - 1) * j, s)),
            "only the stride of the layer just before is used",
            "What do the strides of all the earlier layers do to one step?",
        ),
        "starts-at-zero": Mistake(
            _field_from(lambda f, j, k, s: (f + (k - 1) * j, j * s), start=0),
            "the count starts at 0",
            "With no layer at all, how many pixels does one value see?",
        ),
        "k-instead-of-k-minus-one": Mistake(
            _field_from(lambda f, j, k, s: (f + k * j, j * s)),
            "each layer adds its whole kernel",
            "A kernel 1 pixel wide: how many pixels does it add?",
        ),
        "k-times-jump": Mistake(
            _field_from(lambda f, j, k, s: (f + k * j, j * s), start=0),
            "each layer adds its whole kernel, and the count starts at 0",
            "How many pixels do the windows of two neighboring outputs share?",
        ),
        "product-of-kernels": Mistake(
            lambda layers: prod(k for k, _ in layers),
            "the kernel sizes are multiplied",
            "Draw two 3-wide layers on paper: do the windows of neighbors overlap?",
        ),
        "layers-in-reverse": Mistake(
            lambda layers: shapes.receptive_field(layers[::-1]),
            "the layers are taken from the last to the first",
            "Which layer is nearest to the image: the first in the list or the last?",
        ),
    },
    properties=(
        _by_value(
            "one-wide-kernel",
            Case("", ([(1, 1)],)),
            "A kernel 1 pixel wide sees one pixel",
            "receptive_field",
        ),
        _by_value(
            "one-layer",
            Case("", ([(5, 1)],)),
            "One layer sees its own kernel",
            "receptive_field",
        ),
        _by_value(
            "own-stride",
            Case("", ([(5, 2)],)),
            "The stride moves the window and does not widen it",
            "receptive_field",
        ),
        _by_value(
            "two-layers",
            Case("", ([(3, 1), (3, 1)],)),
            "The second layer adds one pixel on each side",
            "receptive_field",
        ),
        _by_value(
            "after-a-stride",
            Case("", ([(1, 2), (3, 1)],)),
            "The second layer's three taps stand two input pixels apart, at 0, 2 and 4",
            "receptive_field",
        ),
        _by_value(
            "strides-multiply",
            Case("", ([(1, 2), (1, 3), (2, 1)],)),
            "Two neighbors in the third layer stand 2 · 3 = 6 input pixels apart",
            "receptive_field",
        ),
    ),
    smallest=lambda: (
        Case("small", (list(stack),))
        for depth in (1, 2, 3)
        for stack in product([(1, 1), (2, 1), (3, 1), (2, 2), (3, 2)], repeat=depth)
    ),
)
