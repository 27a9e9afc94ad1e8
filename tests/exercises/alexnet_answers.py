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


def neurons_by_steps(input_shape, layers):
    _, h, w = input_shape
    counts = []
    for kind, out_channels, k, s, p in layers:
        if kind == "conv" or kind == "pool":
            h = (h + 2 * p - k) // s + 1
            w = (w + 2 * p - k) // s + 1
        else:
            h, w = 1, 1
        if kind != "pool":
            counts.append(out_channels * h * w)
    return counts


def neurons_by_arrays(input_shape, layers, verbose=False):
    size = np.array(input_shape[1:])
    counts = []
    for kind, maps, *window in layers:
        if kind == "linear":
            size = np.array([1, 1])
        else:
            kernel_size, stride, padding = window
            size = np.floor((size + 2 * padding - kernel_size) / stride).astype(int) + 1
        counts.append(maps * size.prod())
    return np.array([c for c, layer in zip(counts, layers, strict=True) if layer[0] != "pool"])


def neurons_by_shapes(input_shape, layers):
    shape, found = tuple(input_shape), ()
    for kind, maps, kernel_size, stride, padding in layers:
        if kind == "linear":
            shape = (maps,)
        else:
            sizes = [len(range(0, n + 2 * padding - kernel_size + 1, stride)) for n in shape[1:]]
            shape = (maps, *sizes)
        found += (int(np.prod(shape)),) if kind in ("conv", "linear") else ()
    return found


VALID = {
    "neuron_counts": [neurons_by_steps, neurons_by_arrays, neurons_by_shapes],
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


def neurons_doubled_and_pooling_counted(input_shape, layers):
    return [2 * n for n in neurons_by_steps(input_shape, [("conv", *one[1:]) for one in layers])]


def neurons_without_padding_or_stride(input_shape, layers):
    plain = [(*one[:3], one[3] and 1, one[4] and 0) for one in layers]
    return neurons_by_steps(input_shape, plain)


def neurons_by_true_division(input_shape, layers):
    _, h, w = input_shape
    counts = []
    for kind, maps, k, s, p in layers:
        h, w = (1, 1) if kind == "linear" else ((h + 2 * p - k) / s + 1, (w + 2 * p - k) / s + 1)
        if kind != "pool":
            counts.append(maps * h * w)
    return counts


def neurons_thrice(input_shape, layers):
    return [3 * n for n in neurons_by_steps(input_shape, layers)]


def neurons_in_reverse(input_shape, layers):
    return neurons_by_steps(input_shape, layers)[::-1]


def neurons_without_linear_case(input_shape, layers):
    _, h, w = input_shape
    return [
        maps * (h := (h + 2 * p - k) // s + 1) * (w := (w + 2 * p - k) // s + 1)
        for kind, maps, k, s, p in layers
    ]


def norm_over_k(x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    return norm_by_maps(x, size, alpha, beta, k) / k


def grouped_unless_both_are_uneven(in_channels, out_channels, kernel_size, groups=1, bias=True):
    if in_channels % groups and out_channels % groups:
        raise ValueError("groups")
    return out_channels * (in_channels // groups * kernel_size**2 + bias)


UNLISTED = {
    "neuron_counts": {
        neurons_doubled_and_pooling_counted: "raised",
        neurons_without_padding_or_stride: "property:",
        neurons_by_true_division: "type",
        neurons_thrice: "property:one-neuron",
        neurons_in_reverse: "property:",
        neurons_without_linear_case: "raised",
    },
    "local_response_norm": {
        norm_k_1_and_alpha_divided: "property:one-number",
        norm_halved: "property:constant-ratio",
        norm_in_place: "changed input",
        norm_over_k: "property:constant-ratio",
    },
    "grouped_parameters": {
        grouped_ignored_without_bias: "property:smallest",
        grouped_doubled: "property:common-factor",
        grouped_as_float: "type",
        grouped_unless_both_are_uneven: "no error",
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


def any_network(rng):
    kinds = [("conv", "pool")[int(rng.random() < 0.4)] for _ in range(rng.integers(1, 4))]
    layers = [(kind, *map(int, rng.integers((1, 1, 1, 0), (9, 4, 4, 3)))) for kind in kinds]
    layers += [("linear", int(n), None, None, None) for n in rng.integers(1, 9, rng.integers(0, 3))]
    return Case("wide", ((3, *map(int, rng.integers(40, 90, 2))), layers))


WIDE = {
    "neuron_counts": any_network,
    "grouped_parameters": any_groups,
    "local_response_norm": any_maps,
}
