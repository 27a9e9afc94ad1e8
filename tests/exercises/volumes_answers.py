"""Answers to the exercises of lecture 03 as students write them: valid ones, and unlisted bugs."""

import numpy as np

from coursekit.exercises import Case

# --- valid --------------------------------------------------------------------------------------


def neuron_by_sum(chunk, weights, bias):
    return np.sum(chunk * weights) + bias


def neuron_by_dot(chunk, weights, bias):
    return np.dot(chunk.ravel(), weights.ravel()) + bias


def neuron_by_loops(chunk, weights, bias):
    total = 0.0
    for k in range(chunk.shape[0]):
        for i in range(chunk.shape[1]):
            for j in range(chunk.shape[2]):
                total += float(chunk[k, i, j]) * float(weights[k, i, j])
    return total + bias


def neuron_in_single(chunk, weights, bias):
    return np.float32(np.einsum("cij,cij->", chunk, weights)) + np.float32(bias)


def column_by_neurons(chunk, weights, biases):
    return [neuron_by_sum(chunk, weights[d], biases[d]) for d in range(len(weights))]


def column_by_axes(chunk, weights, biases):
    return np.sum(weights * chunk, axis=(1, 2, 3)) + biases


def column_by_product(chunk, weights, biases):
    return weights.reshape(len(weights), -1) @ chunk.reshape(-1) + biases


def column_in_single(chunk, weights, biases):
    out = np.zeros(len(weights), dtype=np.float32)
    for d in range(len(weights)):
        out[d] = np.tensordot(chunk, weights[d], 3) + biases[d]
    return out


def count_by_formulas(kind, in_shape, out_channels, kernel_size):
    c, h, w = in_shape
    oh, ow = h - kernel_size + 1, w - kernel_size + 1
    if kind == "convolution":
        return out_channels * (c * kernel_size**2 + 1)
    if kind == "locally connected":
        return oh * ow * out_channels * (c * kernel_size**2 + 1)
    return oh * ow * out_channels * (c * h * w + 1)


def count_by_arrays(kind, in_shape, out_channels, kernel_size):
    c, h, w = in_shape
    places = (h - kernel_size + 1) * (w - kernel_size + 1)
    sizes = {
        "convolution": (out_channels, c * kernel_size**2),
        "locally connected": (out_channels * places, c * kernel_size**2),
        "fully connected": (out_channels * places, np.prod(in_shape)),
    }
    neurons, weights = sizes[kind]
    return neurons * weights + neurons


def local_by_loops(x, w, b):
    f, oh, ow, _, kh, kw = w.shape
    out = np.zeros((len(x), f, oh, ow))
    for a in range(len(x)):
        for m in range(f):
            for i in range(oh):
                for j in range(ow):
                    chunk = x[a, :, i : i + kh, j : j + kw]
                    out[a, m, i, j] = np.sum(chunk * w[m, i, j]) + b[m, i, j]
    return out


def local_by_einsum(x, w, b):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[4:], axis=(2, 3))
    return np.einsum("ncijuv,fijcuv->nfij", windows, w) + b


def local_by_places(x, w, b, stride=1, padding=0):
    f, oh, ow, _, kh, kw = w.shape
    out = np.empty((len(x), f, oh, ow), dtype=np.float32)
    for i in range(oh):
        for j in range(ow):
            rows = x[:, :, i : i + kh, j : j + kw].reshape(len(x), -1)
            out[:, :, i, j] = rows @ w[:, i, j].reshape(f, -1).T + b[:, i, j]
    return out


VALID = {
    "neuron_output": [neuron_by_sum, neuron_by_dot, neuron_by_loops, neuron_in_single],
    "neuron_column": [column_by_neurons, column_by_axes, column_by_product, column_in_single],
    "parameter_count": [count_by_formulas, count_by_arrays],
    "locally_connected_forward": [local_by_loops, local_by_einsum, local_by_places],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def neuron_halved(chunk, weights, bias):
    return np.sum(chunk * weights) / 2 + bias


def neuron_of_absolutes(chunk, weights, bias):
    return np.sum(np.abs(chunk) * weights) + bias


def neuron_mean_without_bias(chunk, weights, bias):
    return np.mean(chunk * weights)


def neuron_of_two_channels(chunk, weights, bias):
    return np.sum(chunk[:2] * weights[:2]) + bias


def neuron_by_matrices(chunk, weights, bias):
    return np.sum(chunk @ weights) + bias


def column_rotated_without_bias(chunk, weights, biases):
    return np.sum(weights[..., ::-1, ::-1] * chunk, axis=(1, 2, 3))


def column_first_right(chunk, weights, biases):
    out = np.zeros(len(weights))
    out[0] = np.sum(chunk * weights[0]) + biases[0]
    return out


def column_writes_into_weights(chunk, weights, biases):
    weights *= chunk
    return weights.sum(axis=(1, 2, 3)) + biases


def count_in_bytes(kind, in_shape, out_channels, kernel_size):
    return 4 * count_by_formulas(kind, in_shape, out_channels, kernel_size)


def count_two_slips(kind, in_shape, out_channels, kernel_size):
    c, h, w = in_shape
    if kind == "convolution":
        return out_channels * c * kernel_size**2
    return count_by_formulas(kind, (c, w, h + 1), out_channels, kernel_size)


def count_of_one_kind(kind, in_shape, out_channels, kernel_size):
    assert kind == "convolution"
    return count_by_formulas(kind, in_shape, out_channels, kernel_size)


def local_next_place(x, w, b):
    return local_by_einsum(x, np.roll(w, 1, axis=2), b)


def local_shared_without_bias(x, w, b):
    return local_by_einsum(x, np.broadcast_to(w[:, :1, :1], w.shape), 0 * b)


def local_as_convolution(x, w, b):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[4:], axis=(2, 3))
    return np.einsum("ncijuv,fcuv->nfij", windows, w[:, 0, 0]) + b[:, 0, 0]


def column_divided_by_the_neurons(chunk, weights, biases):
    return np.tensordot(weights, chunk, 3) / len(weights) + biases


def local_divided_by_the_maps(x, w, b):
    return local_by_einsum(x, w, 0 * b) / len(w) + b


def local_of_three_channels(x, w, b):
    return local_by_einsum(x[:, :3], w[:, :, :, :3], b)


def column_divided_by_the_width(chunk, weights, biases):
    return np.tensordot(weights, chunk, 3) / chunk.shape[2] + biases


UNLISTED = {
    "neuron_output": {
        neuron_halved: "property:constant-ratio",
        neuron_of_absolutes: "property:linear",
        neuron_mean_without_bias: "property:zero-chunk",
        neuron_of_two_channels: "value",
        neuron_by_matrices: "raised",
    },
    "neuron_column": {
        column_rotated_without_bias: "property:zero-chunk",
        column_first_right: "property:zero-chunk",
        column_writes_into_weights: "changed input",
        column_divided_by_the_neurons: "property:constant-ratio",
        column_divided_by_the_width: "property:constant-ratio",
    },
    "parameter_count": {
        count_in_bytes: "property:one-weight",
        count_two_slips: "property:one-weight",
        count_of_one_kind: "raised",
    },
    "locally_connected_forward": {
        local_next_place: "property:own-weights",
        local_shared_without_bias: "property:zero-image",
        local_as_convolution: "raised",
        local_divided_by_the_maps: "property:constant-ratio",
        local_of_three_channels: "value",
    },
}

# --- inputs of all kinds ------------------------------------------------------------------------


def any_neuron(rng):
    shape = rng.integers(1, 6, 3)
    return Case("wide", (rng.normal(size=shape), rng.normal(size=shape), float(rng.normal())))


def any_column(rng):
    d, *shape = rng.integers(1, 6, 4)
    arrays = rng.normal(size=shape), rng.normal(size=(d, *shape)), rng.normal(size=d)
    return Case("wide", arrays)


def any_count(rng):
    c, h, w, f, k = rng.integers(1, 9, 5).tolist()
    kind = ["convolution", "locally connected", "fully connected"][rng.integers(3)]
    return Case("wide", (kind, (c, h + k - 1, w + k - 1), f, k))


def any_local(rng):
    n, c, f, oh, ow, kh, kw = rng.integers(1, 4, 7)
    x = rng.normal(size=(n, c, oh + kh - 1, ow + kw - 1))
    return Case("wide", (x, rng.normal(size=(f, oh, ow, c, kh, kw)), rng.normal(size=(f, oh, ow))))


WIDE = {
    "neuron_output": any_neuron,
    "neuron_column": any_column,
    "parameter_count": any_count,
    "locally_connected_forward": any_local,
}
