"""Answers to the exercises of lecture 09 as students write them: valid ones, and unlisted bugs."""

import numpy as np

from coursekit.exercises import Case

# --- valid --------------------------------------------------------------------------------------


def grouped_by_groups(in_channels, out_channels, kernel_size, groups=1, bias=True):
    if in_channels % groups != 0 or out_channels % groups != 0:
        raise ValueError("groups")
    total = 0
    for _ in range(groups):
        total += (out_channels // groups) * (in_channels // groups) * kernel_size**2
    if bias:
        total += out_channels
    return total


def grouped_by_shape(in_channels, out_channels, kernel_size, groups=1, bias=True):
    assert in_channels % groups == out_channels % groups == 0
    w = np.zeros((out_channels, in_channels // groups, kernel_size, kernel_size))
    return w.size + (out_channels if bias else 0)


VALID = {"grouped_parameters": [grouped_by_groups, grouped_by_shape]}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def grouped_ignored_without_bias(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return in_channels * out_channels * kernel_size**2


def grouped_doubled(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return 2 * grouped_by_groups(in_channels, out_channels, kernel_size, groups, bias)


def grouped_as_float(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels / groups * kernel_size**2 + bias)


UNLISTED = {
    "grouped_parameters": {
        grouped_ignored_without_bias: "property:smallest",
        grouped_doubled: "property:common-factor",
        grouped_as_float: "type",
    },
}

# --- inputs of all kinds ------------------------------------------------------------------------


def any_groups(rng):
    c, f, k = rng.integers(1, 13, 3).tolist()
    named = {"groups": int(rng.integers(1, 4)), "bias": bool(rng.random() < 0.5)}
    return Case("wide", (c, f, k), named)


WIDE = {"grouped_parameters": any_groups}
