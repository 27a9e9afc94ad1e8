"""Networks and explorers small enough for tests of the network explorer."""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

from coursekit.widgets import NetworkExplorer

torch.set_num_threads(1)  # networks this small are fastest on one core


def tiny_net(channels=3):
    """Convolution, ReLU, pooling and a linear layer on images of 8×6 pixels."""
    torch.manual_seed(0)
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(channels, 4, 3, padding=1),
            relu1=nn.ReLU(inplace=True),
            pool1=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc=nn.Linear(4 * 4 * 3, 3),
        )
    )


def tiny_images(channels=3, count=3):
    """Random images of 8×6 pixels, from 0 to 1."""
    return np.random.default_rng(0).random((count, channels, 8, 6), np.float32)


def tiny_explorer(channels=3, **settings):
    """An explorer of the tiny network with three classes."""
    chosen = {"class_names": ["cat", "dog", "fish"]} | settings
    return NetworkExplorer(tiny_net(channels), tiny_images(channels), **chosen)


def random_net(dice, image_shape):
    """A network of random layers that takes images of this shape."""
    torch.manual_seed(dice.randrange(10**6))
    layers, x = [], torch.zeros(1, *image_shape)
    for _ in range(dice.randint(1, 4)):
        layer = random_layer(dice, x.shape)
        x = layer(x)
        layers += [layer, nn.ReLU(inplace=dice.random() < 0.5)] if dice.random() < 0.6 else [layer]
    layers += [nn.Flatten(), nn.Linear(x[0].numel(), 7), nn.Dropout(), nn.Linear(7, 4, bias=False)]
    return nn.Sequential(*layers, *[nn.Softmax(dim=1)] * dice.randint(0, 1))


def random_layer(dice, shape):
    """A layer with maps that fits an input of this shape, (1, C, H, W)."""
    channels, smallest = shape[1], min(shape[2:])
    size, stride = dice.randint(1, min(3, smallest)), dice.randint(1, 2)
    dilation = dice.randint(1, 2) if smallest > 2 * (size - 1) else 1
    groups = dice.choice([g for g in (1, 2, 3) if channels % g == 0])
    return dice.choice(
        [
            nn.Conv2d(channels, 6, size, stride, dice.randint(0, 2), dilation, groups),
            nn.Conv2d(channels, 6, (size, 1), padding="same" if size % 2 else "valid"),
            nn.MaxPool2d(size, stride, size // 2, dilation),
            nn.AvgPool2d(size, stride, size // 2),
            nn.AdaptiveAvgPool2d((dice.randint(1, shape[2]), dice.randint(1, shape[3]))),
        ]
    )
