"""Exercise of lecture 13: how large the weights of a rectified network should start."""

from collections.abc import Callable

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.factors import common_factor
from coursekit.exercises.properties import expects


def he_std(in_channels: int, kernel_size: int, slope: float = 0.0) -> float:
    """Standard deviation to draw a convolution's first weights with.

    √(2 / ((1 + slope²) · fan_in)), where fan_in is how many numbers of its input one neuron adds
    up. kernel_size: of a square kernel, in pixels. slope: of the rectifier for negative numbers, 0
    for ReLU. He and others (2015), equation 15. Returns one number.

    >>> he_std(2, 1), he_std(2, 2)
    (1.0, 0.5)
    """
    fan_in = in_channels * kernel_size**2
    return float(np.sqrt(2 / ((1 + slope**2) * fan_in)))


def _cases(rng: np.random.Generator) -> list[Case]:
    def some(*kernels: int) -> tuple[int, int]:
        return int(rng.integers(3, 300)), int(rng.choice(kernels))

    return [
        Case("1 × 1 kernels", (some(1))),
        Case("1 × 1 kernels", (some(1))),
        Case("one channel", (1, int(rng.integers(2, 12)))),
        Case("larger kernels", (3, 7)),
        *(Case("larger kernels", some(2, 3, 4, 5, 11)) for _ in range(3)),
        *(Case("PReLU", some(2, 3, 5), {"slope": float(rng.choice([0.25, 0.5]))}) for _ in "ab"),
        Case("PReLU", some(3, 4), {"slope": -0.75}),
        Case("no rectifier", some(2, 3), {"slope": 1.0}),
    ]


_SMALL = (
    Case("small", (2, 1)),
    Case("small", (3, 1)),
    Case("small", (1, 3)),
    Case("small", (2, 3)),
    Case("small", (2, 3), {"slope": 0.5}),
    Case("small", (2, 3), {"slope": -0.75}),
)


def _from(formula: Callable[[int, int, float], float]) -> Callable[..., float]:
    def he_std(in_channels: int, kernel_size: int, slope: float = 0.0) -> float:
        return float(formula(in_channels, kernel_size, slope))

    return he_std


_FAN = "How many numbers does one neuron of the layer add up?"
_SLOPE = "Which factor do you use for slope 0, which for slope 1, and how much passes in each?"
MISTAKES = {
    "variance": Mistake(
        _from(lambda c, k, a: 2 / ((1 + a**2) * c * k**2)),
        "the variance is returned",
        "Is your formula a variance or its square root?",
    ),
    "kernel-forgotten": Mistake(
        _from(lambda c, k, a: np.sqrt(2 / ((1 + a**2) * c))), "fan_in is the channels alone", _FAN
    ),
    "channels-forgotten": Mistake(
        _from(lambda c, k, a: np.sqrt(2 / ((1 + a**2) * k**2))),
        "fan_in is the pixels of the kernel alone",
        _FAN,
    ),
    "kernel-not-squared": Mistake(
        _from(lambda c, k, a: np.sqrt(2 / ((1 + a**2) * c * k))),
        "fan_in counts one side of the kernel",
        _FAN,
    ),
    "bias-counted": Mistake(
        _from(lambda c, k, a: np.sqrt(2 / ((1 + a**2) * (c * k**2 + 1)))),
        "fan_in counts the bias as well",
        "Is the bias a weight that multiplies an input?",
    ),
    "no-factor-two": Mistake(
        _from(lambda c, k, a: np.sqrt(1 / (c * k**2))),
        "the rectifier is left out, as in Xavier's initialization",
        "A ReLU throws half of the numbers away. What makes up for that?",
    ),
    "no-factor-two-with-slope": Mistake(
        _from(lambda c, k, a: np.sqrt(1 / ((1 + a**2) * c * k**2))),
        "the factor 2 is left out",
        "A ReLU throws half of the numbers away. What makes up for that?",
    ),
    "two-outside-the-root": Mistake(
        _from(lambda c, k, a: 2 / np.sqrt((1 + a**2) * c * k**2)),
        "the 2 stands outside the root",
        "Square your result for slope 0: which number stands above fan_in?",
    ),
    "uniform-bound": Mistake(
        _from(lambda c, k, a: np.sqrt(6 / ((1 + a**2) * c * k**2))),
        "the bound of a uniform distribution is returned",
        "Is a standard deviation asked for, or the largest weight?",
    ),
    "slope-ignored": Mistake(
        _from(lambda c, k, a: np.sqrt(2 / (c * k**2))), "the slope is not used", _SLOPE
    ),
    "slope-not-squared": Mistake(
        _from(lambda c, k, a: np.sqrt(2 / ((1 + a) * c * k**2))), "the slope is not squared", _SLOPE
    ),
    "slope-subtracted": Mistake(
        _from(lambda c, k, a: np.sqrt(2 / (c * k**2)) * np.sqrt(max(1 - a**2, 0))),
        "the weights shrink by the factor 1 − slope² under the root",
        _SLOPE,
    ),
    "slope-multiplies": Mistake(
        _from(lambda c, k, a: np.sqrt(2 * (1 + a**2) / (c * k**2))),
        "1 + slope² multiplies, and does not divide",
        "More passes with a larger slope: should the weights be larger or smaller?",
    ),
    "fixed": Mistake(
        _from(lambda c, k, a: 0.01),
        "the result is always 0.01, as in AlexNet",
        "Does your result change with the number of channels?",
    ),
    "always-one": Mistake(
        _from(lambda c, k, a: 1.0),
        "the result is always 1, as of randn without a factor",
        "Does your result change with the number of channels?",
    ),
    "pytorchs-default": Mistake(
        _from(lambda c, k, a: np.sqrt(1 / (3 * c * k**2))),
        "the weights are as small as PyTorch makes them by default",
        "Measure a fresh nn.Conv2d(64, 64, 3): is its std the one that He et al. derive?",
    ),
    "root-forgotten-in-the-denominator": Mistake(
        _from(lambda c, k, a: np.sqrt(2) / ((1 + a**2) * c * k**2)),
        "the root is drawn of the 2 only",
        "Four times as many inputs: should the weights be half as large, or a quarter?",
    ),
}

HE_STD = Exercise(
    name="he_std",
    lecture="13_rectifiers_and_ensembles",
    points=1,
    reference=he_std,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        common_factor([Case("", (2, 1)), Case("", (3, 5)), Case("", (3, 5), {"slope": 0.5})]),
        expects("one-pixel", Case("", (2, 1)), "A neuron that adds up two numbers needs std 1"),
        expects("channels", Case("", (8, 1)), "Four times as many inputs halve the std"),
        expects("kernel", Case("", (2, 2)), "Two channels of 2 × 2 pixels are eight inputs"),
        expects("slope", Case("", (1, 1), {"slope": 1.0}), "With slope 1 nothing is lost"),
        expects("half-slope", Case("", (1, 1), {"slope": 0.5}), "With slope 0.5 it is √(2/1.25)"),
    ),
    smallest=lambda: _SMALL,
)
