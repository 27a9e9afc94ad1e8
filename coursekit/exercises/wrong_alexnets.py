"""AlexNets as they come out wrong; loaded only when one is asked for."""

import zlib
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MOST_REMEMBERED = 64  # maps, of at most 0.8 MB an image


@dataclass(frozen=True)
class Way:
    """How the network is built; the defaults are right.

    groups: of the second, fourth and fifth convolution. pooled_to: 6, where the maps are averaged
    to 6×6 whatever comes. dropout: before which of the three fully connected layers, and p.
    """

    channels: tuple[int, ...] = (64, 192, 384, 256, 256)
    groups: int = 1
    padding: int = 2
    pooled_to: int | None = None
    pool_size: int = 3
    rectified_maps: bool = True
    rectified_hidden: bool = True
    normalized: bool = False
    rows_first: bool = True
    dropout: tuple[int, ...] = (0, 1)
    p: float = 0.5
    always_dropping: bool = False
    bias: bool = True
    end: str = ""


class AlexNet(nn.Module):
    """Images (N, 3, 224, 224) to logits (N, num_classes)."""

    def __init__(self, num_classes: int = 1000, way: Way = Way()) -> None:
        super().__init__()
        self.way = way
        a, b, c, d, e = way.channels
        g, bias = way.groups, way.bias
        self.convolutions = nn.ModuleList(
            [
                nn.Conv2d(3, a, 11, stride=4, padding=way.padding, bias=bias),
                nn.Conv2d(a, b, 5, padding=2, groups=g, bias=bias),
                nn.Conv2d(b, c, 3, padding=1, bias=bias),
                nn.Conv2d(c, d, 3, padding=1, groups=g, bias=bias),
                nn.Conv2d(d, e, 3, padding=1, groups=g, bias=bias),
            ]
        )
        widths = (e * 36, 4096, 4096, num_classes)
        self.linears = nn.ModuleList([nn.Linear(*ends, bias=bias) for ends in pairwise(widths)])

    def forward(self, x: Tensor) -> Tensor:
        """The five convolutions, then the three fully connected layers."""
        way = self.way
        for number, convolution in enumerate(self.convolutions):
            x = _made(convolution, x)
            x = F.relu(x) if way.rectified_maps else x
            if way.normalized and number < 2:
                x = F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=2.0)
            x = F.max_pool2d(x, way.pool_size, 2) if number in (0, 1, 4) else x
        x = F.adaptive_avg_pool2d(x, way.pooled_to) if way.pooled_to else x
        x = (x if way.rows_first else x.permute(0, 2, 3, 1)).flatten(1)
        for number, linear in enumerate(self.linears):
            if number in way.dropout:
                x = F.dropout(x, way.p, self.training or way.always_dropping)
            x = _made(linear, x)
            x = F.relu(x) if number < 2 and way.rectified_hidden else x
        if way.end == "relu":
            return F.relu(x)
        return torch.softmax(x, dim=1) if way.end == "softmax" else x


_remembered: dict[tuple, Tensor] = {}


def _made(layer: nn.Module, x: Tensor) -> Tensor:
    """What a layer makes of x, remembered: these networks differ in little, and take their time.

    Weights come from the probe, so a few of them tell one layer from another.
    """
    some = tuple(layer.weight.flatten()[:: layer.weight.numel() // 7].tolist())
    key = (str(layer), some, tuple(x.shape), zlib.crc32(x.contiguous().numpy()))
    if key not in _remembered:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[key] = layer(x)
    return _remembered[key]
