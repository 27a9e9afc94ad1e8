"""Exercise of lecture 09: parameters of a convolution in groups."""

from collections.abc import Callable

import numpy as np

from coursekit import shapes
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.factors import common_factor
from coursekit.exercises.properties import expects


def grouped_parameters(
    in_channels: int, out_channels: int, kernel_size: int, groups: int = 1, bias: bool = True
) -> int:
    """Weights and biases of a convolution in groups, counted.

    kernel_size: of a square kernel, in pixels. groups: the channels are split into this many equal
    groups, in and out, and each group of filters sees its own group of channels only. bias: whether
    every filter has one. Returns a whole number. Raises ValueError where groups does not divide
    both numbers of channels.

    >>> grouped_parameters(3, 6, 5), grouped_parameters(96, 256, 5, groups=2)
    (456, 307456)
    """
    return shapes.conv2d_parameters(in_channels, out_channels, kernel_size, groups, bias)


def _cases(rng: np.random.Generator) -> list[Case]:
    def some(groups: int) -> tuple[int, int, int]:
        into, out, kernel = (int(n) for n in rng.integers((2, 9, 2), (8, 20, 8)))
        return into * groups, out * groups, kernel

    many = int(rng.integers(7, 40))
    return [
        Case("one group", (3, 6, 5)),
        Case("one group", some(1)),
        Case("one group", some(1), {"bias": True}),
        Case("1 × 1 kernels", (7, 13, 1)),
        Case("1 × 1 kernels", (*some(1)[:2], 1)),
        Case("no bias", some(1), {"bias": False}),
        Case("no bias", some(2), {"groups": 2, "bias": False}),
        Case("two groups", (96, 256, 5), {"groups": 2}),
        Case("two groups", some(2), {"groups": 2}),
        Case("many groups", some(3), {"groups": 3}),
        Case("many groups", some(5), {"groups": 5}),
        Case("a group a channel", (12, 24, 3), {"groups": 12}),
        Case("a group a channel", (many, 3 * many, 5), {"groups": many}),
        Case("groups that do not divide", (6, 9, 3), {"groups": 2}),
        Case("groups that do not divide", (9, 6, 3), {"groups": 2}),
        Case("groups that do not divide", (7, 12, 3), {"groups": 3}),
        Case("groups that do not divide", (3, 4, 3), {"groups": 5}),
        Case("groups that do not divide", (5 * many + 2, 5 * many, 3), {"groups": 5}),
    ]


_SMALL = (
    Case("small", (1, 1, 1)),
    Case("small", (2, 1, 1)),
    Case("small", (1, 2, 1)),
    Case("small", (1, 1, 2)),
    Case("small", (2, 3, 2)),
    Case("small", (2, 3, 2), {"bias": False}),
    Case("small", (2, 4, 3), {"groups": 2}),
    Case("small", (2, 4, 3), {"groups": 2, "bias": False}),
    Case("small", (2, 3, 1), {"groups": 2}),
    Case("small", (3, 2, 1), {"groups": 2}),
)


def _from(formula: Callable[[int, int, int, int, bool], int]) -> Callable[..., int]:
    """A function like grouped_parameters from a formula; it refuses the same groups."""

    def grouped_parameters(
        in_channels: int, out_channels: int, kernel_size: int, groups: int = 1, bias: bool = True
    ) -> int:
        if in_channels % groups or out_channels % groups:
            raise ValueError("groups does not divide the channels")
        return formula(in_channels, out_channels, kernel_size, groups, bias)

    return grouped_parameters


def _never_refused(
    in_channels: int, out_channels: int, kernel_size: int, groups: int = 1, bias: bool = True
) -> int:
    return out_channels * (in_channels // groups * kernel_size**2 + bias)


_DEEP = "With 4 channels in 2 groups: through how many channels does one filter reach?"
_BIAS = "How many filters are there, and how many biases has each?"
MISTAKES = {
    "groups-ignored": Mistake(
        _from(lambda c, f, k, g, b: f * (c * k * k + b)), "groups are ignored", _DEEP
    ),
    "divided-by-groups-twice": Mistake(
        _from(lambda c, f, k, g, b: f // g * (c // g * k * k + b)),
        "the filters of one group only are counted",
        "How many filters are there in all groups together?",
    ),
    "divided-twice-but-not-the-bias": Mistake(
        _from(lambda c, f, k, g, b: f // g * (c // g) * k * k + f * b),
        "the weights of one group only are counted",
        "How many filters are there in all groups together?",
    ),
    "biases-divided-too": Mistake(
        _from(lambda c, f, k, g, b: f * (c * k * k + b) // g),
        "the biases are divided by the groups as well",
        _BIAS,
    ),
    "times-groups": Mistake(
        _from(lambda c, f, k, g, b: f * (c * k * k * g + b)),
        "the weights are multiplied by the groups",
        "Do groups make a layer larger or smaller?",
    ),
    "bias-forgotten": Mistake(
        _from(lambda c, f, k, g, b: f * (c // g) * k * k), "biases are never counted", _BIAS
    ),
    "bias-always": Mistake(
        _from(lambda c, f, k, g, b: f * (c // g * k * k + 1)),
        "biases are counted even without any",
        "What should bias=False change?",
    ),
    "one-bias-in-all": Mistake(
        _from(lambda c, f, k, g, b: f * (c // g) * k * k + b), "one bias is counted in all", _BIAS
    ),
    "a-bias-for-every-group": Mistake(
        _from(lambda c, f, k, g, b: f * (c // g) * k * k + g * b),
        "one bias a group is counted",
        _BIAS,
    ),
    "a-bias-for-every-input-channel": Mistake(
        _from(lambda c, f, k, g, b: f * (c // g) * (k * k + b)),
        "every channel of a filter has a bias of its own",
        _BIAS,
    ),
    "kernel-not-squared": Mistake(
        _from(lambda c, f, k, g, b: f * (c // g * k + b)),
        "the kernel is counted along one side",
        "How many pixels does a 5 × 5 kernel cover?",
    ),
    "input-channels-forgotten": Mistake(
        _from(lambda c, f, k, g, b: f * (k * k + b)),
        "filters have one channel only",
        "How deep is a filter of a color image?",
    ),
    "filters-forgotten": Mistake(
        _from(lambda c, f, k, g, b: c // g * k * k + b),
        "only one filter is counted",
        "How many filters make a layer with 6 output channels?",
    ),
    "channels-exchanged": Mistake(
        _from(lambda c, f, k, g, b: c * (f // g * k * k + b)),
        "input and output channels are exchanged",
        "Which of the two numbers of channels is the number of filters?",
    ),
    "uneven-groups-accepted": Mistake(
        _never_refused,
        "channels that cannot be split evenly still get a count",
        "How would you split 9 channels into 2 equal groups?",
    ),
}

GROUPED_PARAMETERS = Exercise(
    name="grouped_parameters",
    lecture="09_alexnet",
    points=2,
    reference=grouped_parameters,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        common_factor((_SMALL[4], _SMALL[6], Case("", (6, 9, 1), {"groups": 3}))),
        expects("smallest", _SMALL[0], "One weight and one bias are two parameters"),
        expects("in-channels", _SMALL[1], "Two channels in: two weights and a bias"),
        expects("out-channels", _SMALL[2], "Two filters of one weight, two biases"),
        expects("kernel", _SMALL[3], "Four weights and a bias"),
        expects("no-bias", _SMALL[5], "Three filters of 2 · 2 · 2 weights, no bias"),
        expects("groups", _SMALL[6], "Four filters through 1 channel of 3 × 3, four biases"),
        expects(
            "groups-of-two",
            Case("", (4, 2, 1), {"groups": 2}),
            "Two filters through 2 channels of 1 × 1, two biases",
        ),
    ),
    smallest=lambda: _SMALL,
)
