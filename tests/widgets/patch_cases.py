"""Networks, data and browsers small enough for tests of the patch browser."""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

from coursekit.data import Dataset, Examples
from coursekit.widgets import PatchBrowser

torch.set_num_threads(1)  # networks this small are fastest on one core


def tiny_dataset(channels=3, images=24):
    """Random images of 12×10 pixels."""
    rng = np.random.default_rng(0)
    shape = (images, channels, 12, 10)
    part = Examples(
        torch.from_numpy(rng.integers(0, 256, shape, dtype=np.uint8)),
        torch.from_numpy(rng.integers(0, 2, images)),
    )
    return Dataset("tiny", part, part, ("a", "b"), "Random numbers.")


def tiny_net(channels=3):
    """Two layers of which the second has a dead unit, number 2."""
    torch.manual_seed(0)
    net = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(channels, 4, 3, padding=1),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(4, 5, 3, padding=1),
            relu2=nn.ReLU(),
            flatten=nn.Flatten(),
            fc=nn.Linear(5 * 6 * 5, 2),
        )
    )
    with torch.no_grad():
        net.conv2.weight[2], net.conv2.bias[2] = 0, -1
    return net


def tiny_browser(channels=3, **settings):
    """A browser of both layers with 7 patches a unit."""
    dataset = tiny_dataset(channels)
    chosen = {"layers": ("relu1", "relu2"), "k": 7} | settings
    return PatchBrowser(tiny_net(channels), dataset, **chosen)
