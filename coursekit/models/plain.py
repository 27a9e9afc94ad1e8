"""Deep networks for small digits, with or without shortcuts, to see what depth alone does.

>>> from coursekit.models import BasicBlock, architecture_table
>>> [architecture_table(digit_stack(PlainBlock, n), (1, 8, 8)).depth for n in (3, 12)]
[8, 26]
>>> architecture_table(digit_stack(BasicBlock, 12), (1, 8, 8)).depth
26
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


class PlainBlock(nn.Module):
    """Two normalized 3×3 convolutions in a row: ResNet's block without its shortcut.

    (N, in_channels, H, W) to (N, channels, H, W), nothing below 0.
    """

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """One after the other."""
        x = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(x)))


def digit_stack(block: Callable[..., nn.Module], blocks: int, channels: int = 8) -> nn.Sequential:
    """Build a network of 2 + 2 · blocks layers for digits.

    Images (N, 1, H, W) to logits (N, 10): a 3×3 convolution, the blocks, the mean of every map, a
    fully connected layer. block: called with (channels, channels), has two convolutions.
    """
    body = [block(channels, channels) for _ in range(blocks)]
    last = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10)]
    return nn.Sequential(nn.Conv2d(1, channels, 3, padding=1, bias=False), *body, *last)
