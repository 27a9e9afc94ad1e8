"""Answers as students write them; the slug above each is the mistake its check must name."""

import numpy as np


# one-number-a-channel
def neuron_output(chunk, weights, bias):
    return (chunk * weights).sum(axis=(1, 2)) + bias


# first-bias-everywhere
def neuron_column(chunk, weights, biases):
    return np.array([np.sum(chunk * w) + biases[0] for w in weights])


# weights-shared
def locally_connected_forward(x, w, b):
    n, (f, rows, columns, _, kh, kw) = len(x), w.shape
    out = np.zeros((n, f, rows, columns))
    for i in range(rows):
        for j in range(columns):
            chunk = x[:, None, :, i : i + kh, j : j + kw]
            out[:, :, i, j] = np.sum(chunk * w[:, 0, 0], axis=(2, 3, 4)) + b[:, i, j]
    return out


# depth-forgotten-in-convolution
def parameter_count(kind, in_shape, out_channels, kernel_size):
    channels, height, width = in_shape
    neurons = out_channels * (height - kernel_size + 1) * (width - kernel_size + 1)
    if kind == "convolution":
        return out_channels * (kernel_size**2 + 1)
    if kind == "locally connected":
        return neurons * (channels * kernel_size**2 + 1)
    return neurons * (channels * height * width + 1)
