"""Residual blocks as they come out wrong; loaded only when one is asked for."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Way:
    """How a block is built; the defaults are right.

    first: what follows the first convolution, in order; "n" is the normalization, "r" the ReLU.
    second: the same for the second. shortcut: "", "none", or "r" for a ReLU on it. end: what
    follows the addition. projected: when the shortcut has a projection: "as needed", "never",
    "always", "for stride" or "for width". projection: its layers, "cn" where right.
    """

    first: str = "nr"
    second: str = "n"
    shortcut: str = ""
    end: str = "r"
    join: str = "add"
    projected: str = "as needed"
    projection: str = "cn"
    projection_stride: bool = True
    stride_in: int = 1
    padding: int = 1
    bias: bool = False
    pre_activation: bool = False


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a shortcut around them."""

    def __init__(self, in_channels: int, channels: int, stride: int = 1, way: Way = Way()) -> None:
        super().__init__()
        self.way = way
        strides = {1: (stride, 1), 2: (1, stride), 3: (stride, stride)}[way.stride_in]
        kept = {"kernel_size": 3, "padding": way.padding, "bias": way.bias}
        self.conv1 = nn.Conv2d(in_channels, channels, stride=strides[0], **kept)
        self.conv2 = nn.Conv2d(channels, channels, stride=strides[1], **kept)
        if "n" in way.first:
            self.bn1 = nn.BatchNorm2d(in_channels if way.pre_activation else channels)
        if "n" in way.second:
            self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = self._projection(in_channels, channels, stride)

    def _projection(self, in_channels: int, channels: int, stride: int) -> nn.Module | None:
        wider, smaller = in_channels != channels, stride != 1
        needed = {
            "as needed": wider or smaller,
            "never": False,
            "always": True,
            "for stride": smaller,
            "for width": wider,
        }[self.way.projected]
        if not needed:
            return None
        stride = stride if self.way.projection_stride else 1
        layers: dict[str, nn.Module] = {
            "c": nn.Conv2d(in_channels, channels, 1, stride, bias=self.way.bias),
            "n": nn.BatchNorm2d(channels),
            "r": nn.ReLU(),
        }
        return nn.Sequential(*(layers[letter] for letter in self.way.projection))

    def forward(self, x: Tensor) -> Tensor:
        """Join the two ways in the wrong or right manner."""
        way = self.way
        if way.pre_activation:
            out = self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))
        else:
            out = self._follow(way.first, 1, self.conv1(x))
            out = self._follow(way.second, 2, self.conv2(out))
        if way.shortcut == "none":
            return self._follow(way.end, 0, out)
        shortcut = x if self.downsample is None else self.downsample(x)
        shortcut = self._follow(way.shortcut, 0, shortcut)
        joined = torch.cat([out, shortcut], dim=1) if way.join == "stack" else out + shortcut
        return self._follow(way.end, 0, joined)

    def _follow(self, letters: str, number: int, x: Tensor) -> Tensor:
        for letter in letters:
            x = F.relu(x) if letter == "r" else getattr(self, f"bn{number}")(x)
        return x
