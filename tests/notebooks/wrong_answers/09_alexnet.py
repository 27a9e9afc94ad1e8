"""Answers as students write them; the slug above each is the mistake its check must name."""

from collections import OrderedDict

import numpy as np
from torch import nn


# the-papers-first-number
def neuron_counts(input_shape, layers):
    h, w = input_shape[1:]
    counts = []
    for kind, channels, k, s, p in layers:
        if kind == "linear":
            counts.append(channels)
            continue
        h, w = (h + 2 * p - k) // s + 1, (w + 2 * p - k) // s + 1
        if kind == "conv":
            counts.append(h * (channels // 2) * channels)
    return counts


# groups-ignored
def grouped_parameters(in_channels, out_channels, kernel_size, groups=1, bias=True):
    if in_channels % groups or out_channels % groups:
        raise ValueError("groups must divide the channels")
    return out_channels * (in_channels * kernel_size * kernel_size + bias)


# size-on-either-side
def local_response_norm(x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    out = np.zeros_like(x)
    for i in range(x.shape[1]):
        near = x[:, max(0, i - size) : i + size + 1]
        out[:, i] = x[:, i] / (k + alpha * (near**2).sum(axis=1)) ** beta
    return out


# first-not-padded-then-averaged
def alexnet(num_classes=1000):
    features = nn.Sequential(
        nn.Conv2d(3, 64, 11, stride=4),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
    )
    classifier = nn.Sequential(
        nn.Dropout(),
        nn.Linear(9216, 4096),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Linear(4096, num_classes),
    )
    middle = nn.AdaptiveAvgPool2d(6)
    return nn.Sequential(
        OrderedDict(features=features, avg=middle, flat=nn.Flatten(), classifier=classifier)
    )
