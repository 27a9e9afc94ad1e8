"""The exercise output_size: how many windows stand on a row of pixels."""

from collections.abc import Callable
from math import ceil
from typing import Any

import numpy as np

from coursekit import drawings, shapes
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.one_axis import DEFAULTS, LECTURE, by_value, layer_case, small_layers


def _draw_windows(case: Case, expected: Any, got: Any) -> str:
    """The pixels and as many windows as the larger of the two answers has."""
    layer = {**DEFAULTS, **case.kwargs}
    count = max(int(expected), int(got) if isinstance(got, (int, np.integer)) else 0)
    if case.args[0] > 16 or not 0 < count <= 16:
        return ""
    return drawings.windows_on_pixels(*case.args, **layer, count=count)


def _output_size_cases(rng: np.random.Generator) -> list[Case]:
    def whole(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    cases = [layer_case("plain", w, k) for w, k in ((32, 5), (7, 3), (5, 1), (6, 6))]
    cases += [layer_case("plain", whole(12, 64), whole(1, 9)) for _ in range(4)]
    cases += [
        layer_case("padding", w, k, padding=p) for w, k, p in ((32, 3, 1), (5, 5, 2), (1, 3, 1))
    ]
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
    w, p = whole(3, 20), whole(1, 3)
    cases += [layer_case("kernels that do not fit", w, w + 2 * p + whole(1, 5), padding=p)]
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
        by_value(
            "one-wide-kernel",
            layer_case("", 5, 1),
            "A kernel 1 pixel wide can stand on every pixel",
            "output_size",
        ),
        by_value(
            "kernel-as-wide-as-image",
            layer_case("", 6, 6),
            "A kernel as wide as the row can stand in one place only",
            "output_size",
        ),
        by_value(
            "one-step-less",
            layer_case("", 7, 3),
            "The last window starts 3 pixels before the end of the row",
            "output_size",
        ),
        by_value(
            "padding-both-sides",
            layer_case("", 5, 1, padding=2),
            "Padding 2 puts two zeros on each side, which makes 9 places for a 1-pixel kernel",
            "output_size",
        ),
        by_value(
            "windows-start-a-stride-apart",
            layer_case("", 7, 1, stride=3),
            "Windows start at pixels 0, 3 and 6",
            "output_size",
        ),
        by_value(
            "leftover-pixels",
            layer_case("", 8, 3, stride=2),
            "Windows start at pixels 0, 2 and 4, and one starting at 6 would hang over the edge",
            "output_size",
        ),
        by_value(
            "zeros-are-walked-over-too",
            layer_case("", 4, 3, stride=2, padding=1),
            "Counted in the padded row of 6, windows start at 0 and 2",
            "output_size",
        ),
        by_value(
            "dilated-extent",
            layer_case("", 5, 3, dilation=2),
            "The taps of the dilated kernel are at pixels 0, 2 and 4, which fits once",
            "output_size",
        ),
    ),
    shows={
        "dilation": (
            "ceil-instead-of-floor",
            "rounded-to-nearest",
            "fractions-rejected",
            "divided-too-early",
            "padding-counted-once",
            "padding-ignored",
        ),
        "stride that leaves pixels over": ("rounded-to-nearest",),
        "stride that fits": ("width-over-stride",),
    },
    hides={
        "stride that leaves pixels over": ("divided-too-early",),
    },
    smallest=small_layers,
    draw=_draw_windows,
)
