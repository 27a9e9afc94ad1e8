"""Answers as students write them; the slug above each is the mistake its check must name."""

import numpy as np
import torch
from torch import nn


# biases-forgotten
def inception_parameters(in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj):
    ones = in_channels * (ch1x1 + ch3x3red + ch5x5red + pool_proj)
    return ones + 9 * ch3x3red * ch3x3 + 25 * ch5x5red * ch5x5


# pooling-with-stride-3
class Inception(nn.Module):
    def __init__(self, in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj):
        super().__init__()
        self.one = nn.Conv2d(in_channels, ch1x1, 1)
        self.three_reduced = nn.Conv2d(in_channels, ch3x3red, 1)
        self.three = nn.Conv2d(ch3x3red, ch3x3, 3, padding=1)
        self.five_reduced = nn.Conv2d(in_channels, ch5x5red, 1)
        self.five = nn.Conv2d(ch5x5red, ch5x5, 5, padding=2)
        self.pool = nn.MaxPool2d(3, padding=1)
        self.projection = nn.Conv2d(in_channels, pool_proj, 1)

    def forward(self, x):
        one = torch.relu(self.one(x))
        three = torch.relu(self.three(torch.relu(self.three_reduced(x))))
        five = torch.relu(self.five(torch.relu(self.five_reduced(x))))
        pooled = torch.relu(self.projection(self.pool(x)))
        return torch.cat([one, three, five, pooled], dim=1)


# branches-added
def count_layers(net):
    if isinstance(net, str):
        return int(net in ("conv", "linear"))
    return sum(count_layers(part) for part in net)


# biased-in-both
def batch_norm2d_forward(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    mean, var = running_mean.copy(), running_var.copy()
    if training:
        mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var
    normalized = (x - mean[:, None, None]) / np.sqrt(var[:, None, None] + eps)
    out = gamma[:, None, None] * normalized + beta[:, None, None]
    return out, running_mean.copy(), running_var.copy()


# relu-before-the-addition
class BasicBlock(nn.Module):
    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or in_channels != channels:
            projection = nn.Conv2d(in_channels, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(channels))

    def forward(self, x):
        out = torch.relu(self.bn1(self.conv1(x)))
        out = torch.relu(self.bn2(self.conv2(out)))
        return out + (x if self.downsample is None else self.downsample(x))
