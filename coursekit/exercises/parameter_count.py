"""Exercise of lecture 03: the parameters of three kinds of layer."""

from collections.abc import Callable, Iterator
from itertools import product
from math import prod

import numpy as np

from coursekit import shapes
from coursekit.exercises.exercise import Case, Exercise, Mistake, Property
from coursekit.exercises.inputs import fewest_first
from coursekit.exercises.properties import expects

CONVOLUTION, LOCAL, FULL = KINDS = ("convolution", "locally connected", "fully connected")


def parameter_count(
    kind: str, in_shape: tuple[int, int, int], out_channels: int, kernel_size: int
) -> int:
    """Weights and biases of a layer, by how its neurons share them.

    kind: "convolution" (each map has one filter and one bias), "locally connected" (each output
    neuron has a filter and a bias of its own) or "fully connected" (each output neuron has a weight
    for every number of the input, and a bias). in_shape: (C, H, W) of the input. kernel_size: one
    number, the kernel is square. Stride 1 and no padding: in all three kinds the output is
    (out_channels, H − kernel_size + 1, W − kernel_size + 1). Returns a whole number.

    >>> [parameter_count(kind, (3, 32, 32), 6, 5) for kind in KINDS]
    [456, 357504, 14455392]
    """
    channels, height, width = in_shape
    out_size = height - kernel_size + 1, width - kernel_size + 1
    if kind == CONVOLUTION:
        return shapes.conv2d_parameters(channels, out_channels, kernel_size)
    if kind == LOCAL:
        return shapes.locally_connected_parameters(channels, out_channels, kernel_size, out_size)
    return shapes.linear_parameters(prod(in_shape), out_channels * prod(out_size))


def _cases(rng: np.random.Generator) -> list[Case]:
    def layers(group: str, c: int, h: int, w: int, f: int, k: int) -> list[Case]:
        return [Case(f"{kind}{group}", (kind, (c, h, w), f, k)) for kind in KINDS]

    def whole(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    cases = layers("", 3, 32, 32, 6, 5)
    for _ in range(3):
        cases += layers("", whole(2, 9), whole(7, 12), whole(13, 20), whole(10, 15), whole(2, 5))
    cases += layers("", 4, 17, 8, 5, 3)
    return cases + [Case("1×1 kernels", (kind, (whole(2, 9), 4, 6), 7, 1)) for kind in KINDS]


def _small() -> Iterator[Case]:
    for c, h, w, f, k in fewest_first(product((1, 2, 3), (1, 2, 3), (1, 2, 3), (1, 2, 3), (1, 2))):
        if k <= min(h, w):
            yield from (Case("small", (kind, (c, h, w), f, k)) for kind in KINDS)


Formula = Callable[[int, int, int, int, int], float]  # of C, H, W, F, k


def _changed(**formulas: Formula) -> Callable[..., float]:
    """parameter_count with another formula for one kind or more."""
    kinds = {"convolution": CONVOLUTION, "local": LOCAL, "full": FULL}
    changed = {kinds[name]: formula for name, formula in formulas.items()}

    def wrong(
        kind: str, in_shape: tuple[int, int, int], out_channels: int, kernel_size: int
    ) -> float:
        if kind in changed:
            return changed[kind](*in_shape, out_channels, kernel_size)
        return parameter_count(kind, in_shape, out_channels, kernel_size)

    return wrong


def _places(h: int, w: int, k: int) -> int:
    return (h - k + 1) * (w - k + 1)


def _all_kinds(
    filters: Callable[[int, int], int], places: Callable[[int, int, int], int], bias: int
) -> Callable[..., float]:
    """All three kinds, from the weights of a filter, the output's pixels, and biases a neuron."""
    return _changed(
        convolution=lambda c, h, w, f, k: f * (filters(c, k) + bias),
        local=lambda c, h, w, f, k: f * places(h, w, k) * (filters(c, k) + bias),
        full=lambda c, h, w, f, k: f * places(h, w, k) * (c * h * w + bias),
    )


def _squares(c: int, k: int) -> int:
    return c * k * k


def _kinds_exchanged(
    kind: str, in_shape: tuple[int, int, int], out_channels: int, kernel_size: int
) -> int:
    other = {CONVOLUTION: LOCAL, LOCAL: CONVOLUTION}.get(kind, kind)
    return parameter_count(other, in_shape, out_channels, kernel_size)


_BIAS = "Each neuron adds one more number to its sum. Who owns it?"
_DEPTH = "Filters always extend through the full depth of the input. How many weights is that?"
_SHARED = "Which of these weights are shared by neurons at different places, and which are not?"
_OUTPUT = "How many places can a kernel of 5 stand on, in a row of 32?"
_EVERY = "How many numbers of the input does one fully connected neuron see?"
MISTAKES = {
    "bias-forgotten": Mistake(
        _all_kinds(_squares, _places, 0), "the biases are forgotten in all three kinds", _BIAS
    ),
    "bias-forgotten-in-convolution": Mistake(
        _changed(convolution=lambda c, h, w, f, k: f * c * k * k),
        "the biases of the convolution are forgotten",
        _BIAS,
    ),
    "bias-forgotten-in-locally-connected": Mistake(
        _changed(local=lambda c, h, w, f, k: f * _places(h, w, k) * c * k * k),
        "the biases of the locally connected layer are forgotten",
        _BIAS,
    ),
    "bias-forgotten-in-fully-connected": Mistake(
        _changed(full=lambda c, h, w, f, k: f * _places(h, w, k) * c * h * w),
        "the biases of the fully connected layer are forgotten",
        _BIAS,
    ),
    "one-bias-a-map": Mistake(
        _changed(local=lambda c, h, w, f, k: f * (_places(h, w, k) * c * k * k + 1)),
        "the neurons of a locally connected map share one bias",
        _BIAS,
    ),
    "one-bias-a-map-everywhere": Mistake(
        _changed(
            local=lambda c, h, w, f, k: f * (_places(h, w, k) * c * k * k + 1),
            full=lambda c, h, w, f, k: f * (_places(h, w, k) * c * h * w + 1),
        ),
        "each map has one bias, in the kinds that share nothing as well",
        _BIAS,
    ),
    "one-bias-a-weight": Mistake(
        _changed(convolution=lambda c, h, w, f, k: 2 * f * c * k * k),
        "each weight of the convolution has a bias",
        "How many biases does one output neuron add?",
    ),
    "depth-forgotten": Mistake(
        _all_kinds(lambda c, k: k * k, _places, 1), "a filter is taken for one channel deep", _DEPTH
    ),
    "depth-forgotten-in-convolution": Mistake(
        _changed(convolution=lambda c, h, w, f, k: f * (k * k + 1)),
        "a filter of the convolution is taken for one channel deep",
        _DEPTH,
    ),
    "depth-forgotten-in-fully-connected": Mistake(
        _changed(full=lambda c, h, w, f, k: f * _places(h, w, k) * (h * w + 1)),
        "a fully connected neuron is taken to see one channel",
        _EVERY,
    ),
    "kernel-counted-once": Mistake(
        _all_kinds(lambda c, k: c * k, _places, 1),
        "a kernel is taken for one row",
        "How many numbers are in a kernel of size 5?",
    ),
    "convolution-times-places": Mistake(
        _changed(convolution=lambda c, h, w, f, k: f * _places(h, w, k) * (c * k * k + 1)),
        "a convolution has a filter at every place",
        _SHARED,
    ),
    "locally-connected-shares": Mistake(
        _changed(local=lambda c, h, w, f, k: f * (c * k * k + 1)),
        "a locally connected layer shares its filters",
        _SHARED,
    ),
    "kinds-exchanged": Mistake(
        _kinds_exchanged, "convolution and locally connected are exchanged", _SHARED
    ),
    "fully-connected-sees-a-chunk": Mistake(
        _changed(full=lambda c, h, w, f, k: f * _places(h, w, k) * (c * k * k + 1)),
        "a fully connected neuron is taken to see a chunk",
        _EVERY,
    ),
    "one-neuron-a-channel": Mistake(
        _changed(full=lambda c, h, w, f, k: f * (c * h * w + 1)),
        "the fully connected layer has one neuron for each output channel",
        "How many numbers does the output hold? Does each need a neuron?",
    ),
    "plus-one-forgotten": Mistake(
        _all_kinds(_squares, lambda h, w, k: (h - k) * (w - k), 1),
        "the output is taken to be H − kernel_size tall",
        _OUTPUT,
    ),
    "output-as-large-as-the-input": Mistake(
        _all_kinds(_squares, lambda h, w, k: h * w, 1),
        "the output is taken to be as large as the input",
        _OUTPUT,
    ),
    "square-as-the-height": Mistake(
        _all_kinds(_squares, lambda h, w, k: (h - k + 1) ** 2, 1),
        "the output is taken to be as wide as it is tall",
        "An input of 7×9 and a kernel of 3: how tall and how wide is the output?",
    ),
    "square-as-the-width": Mistake(
        _all_kinds(_squares, lambda h, w, k: (w - k + 1) ** 2, 1),
        "the output is taken to be as tall as it is wide",
        "An input of 7×9 and a kernel of 3: how tall and how wide is the output?",
    ),
    "neurons": Mistake(
        lambda kind, in_shape, out_channels, kernel_size: (
            out_channels * _places(*in_shape[1:], kernel_size)
        ),
        "the neurons are counted",
        "One counts values computed, the other values learned. Which is asked for?",
    ),
}


def _telling(slug: str, kind: str, in_shape: tuple, f: int, k: int, why: str) -> Property:
    return expects(slug, Case("", (kind, in_shape, f, k)), f"{kind.capitalize()}: {why}")


PARAMETER_COUNT = Exercise(
    name="parameter_count",
    lecture="03_3d_activations",
    points=3,
    reference=parameter_count,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        _telling("one-weight", CONVOLUTION, (1, 1, 1), 1, 1, "one weight and one bias"),
        _telling("kernel", CONVOLUTION, (1, 5, 5), 1, 3, "a 3×3 filter and one bias"),
        _telling("depth", CONVOLUTION, (4, 1, 1), 1, 1, "a filter 4 deep and one bias"),
        _telling("filters", CONVOLUTION, (1, 1, 1), 5, 1, "5 filters of one weight and a bias"),
        _telling("places", LOCAL, (1, 2, 3), 1, 1, "at each of 2 · 3 places one weight and a bias"),
        _telling("fewer-places", LOCAL, (1, 2, 4), 1, 2, "at 1 · 3 places 4 weights and a bias"),
        _telling("local-depth", LOCAL, (4, 1, 1), 3, 1, "3 neurons with 4 weights and a bias"),
        _telling("full", FULL, (1, 2, 3), 1, 1, "6 neurons with 6 weights and a bias"),
        _telling("full-depth", FULL, (4, 1, 2), 3, 1, "6 neurons with 8 weights and a bias"),
        _telling("full-places", FULL, (1, 2, 4), 1, 2, "3 neurons with 8 weights and a bias"),
    ),
    smallest=_small,
)
