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


def norm_by_maps(x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    channels, half = x.shape[1], size // 2
    out = np.zeros_like(x)
    for c in range(channels):
        around = x[:, max(0, c - half) : min(channels, c + half + 1)]
        out[:, c] = x[:, c] / (k + alpha * (around**2).sum(axis=1)) ** beta
    return out


def norm_by_padding(x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    x = x.astype(np.float32)
    half = size // 2
    squares = np.pad(x * x, ((0, 0), (half, half), (0, 0), (0, 0)))
    total = sum(squares[:, i : i + x.shape[1]] for i in range(size))
    return x / (k + alpha * total) ** beta


VALID = {
    "grouped_parameters": [grouped_by_groups, grouped_by_shape],
    "local_response_norm": [norm_by_maps, norm_by_padding],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def grouped_ignored_without_bias(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return in_channels * out_channels * kernel_size**2


def grouped_doubled(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return 2 * grouped_by_groups(in_channels, out_channels, kernel_size, groups, bias)


def grouped_as_float(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels / groups * kernel_size**2 + bias)


def norm_k_1_and_alpha_divided(x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    return norm_by_maps(x, size, alpha / size, beta, 1.0)


def norm_halved(x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    return norm_by_maps(x, size, alpha, beta, k) / 2


def norm_in_place(x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    x[:] = norm_by_maps(x, size, alpha, beta, k)
    return x


UNLISTED = {
    "local_response_norm": {
        norm_k_1_and_alpha_divided: "property:one-number",
        norm_halved: "property:constant-ratio",
        norm_in_place: "changed input",
    },
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


def any_maps(rng):
    named = {"size": int(rng.choice([1, 3, 5])), "alpha": float(rng.random())}
    return Case("wide", (rng.normal(size=rng.integers(1, 6, 4)),), named)


WIDE = {"grouped_parameters": any_groups, "local_response_norm": any_maps}
