"""Inception modules as they come out wrong; loaded only when one is asked for."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Way:
    """How a module is built; the defaults are right.

    rectified: which convolutions a ReLU follows: "all", "none", "ends" or "reductions".
    join: the axis along which branches are stacked, or "sum". start: "side by side", or "chained".
    padding, wide_padding: of the 3×3 and of the 5×5. pool: its (stride, padding), where wrong.
    """

    rectified: str = "all"
    order: tuple[int, ...] = (0, 1, 2, 3)
    join: int | str = 1
    kernel_size: int = 5
    padding: int = 1
    wide_padding: int = 2
    pool: tuple[int, int] | None = None
    average: bool = False
    projection: str = "last"
    reduced: bool = True
    start: str = "side by side"
    bias: bool = True
    norm: bool = False


class Inception(nn.Module):
    """Four branches, (N, in_channels, H, W) to (N, the sum of the ends, H, W)."""

    def __init__(
        self, c: int, one: int, red3: int, three: int, red5: int, five: int, proj: int, way: Way
    ) -> None:
        super().__init__()
        self.way = way
        chained = way.start == "chained"
        starts = (c, one, three, five) if chained else (c, c, c, c)
        reduce3, reduce5 = (red3, red5) if way.reduced else (None, None)
        padding = way.wide_padding - (5 - way.kernel_size) // 2
        self.branch1 = self._ends(starts[0], one, 1, 0)
        self.branch2 = self._wide(starts[1], reduce3, three, 3, way.padding)
        self.branch3 = self._wide(starts[2], reduce5, five, way.kernel_size, padding)
        pool = nn.MaxPool2d(3, *way.pool) if way.pool else _Pool(way.average)
        last = [] if way.projection == "none" else [self._ends(starts[3], proj, 1, 0)]
        parts = [*last, pool] if way.projection == "first" else [pool, *last]
        self.branch4 = nn.Sequential(*parts)

    def _wide(self, c: int, reduced: int | None, out: int, size: int, padding: int) -> nn.Module:
        end = self._ends(reduced or c, out, size, padding)
        if reduced is None:
            return end
        first = self._convolution(c, reduced, 1, 0, self.way.rectified in ("all", "reductions"))
        return nn.Sequential(first, end)

    def _ends(self, c: int, out: int, size: int, padding: int) -> nn.Module:
        return self._convolution(c, out, size, padding, self.way.rectified in ("all", "ends"))

    def _convolution(self, c: int, out: int, size: int, padding: int, relu: bool) -> nn.Module:
        bias = self.way.bias and not self.way.norm
        layers = [nn.Conv2d(c, out, size, padding=padding, bias=bias)]
        layers += [nn.BatchNorm2d(out)] if self.way.norm else []
        return nn.Sequential(*layers, *([nn.ReLU()] if relu else []))

    def forward(self, x: Tensor) -> Tensor:
        """All branches, joined in the wrong or right way."""
        outs, into = [], x
        for branch in (self.branch1, self.branch2, self.branch3, self.branch4):
            outs.append(branch(into))
            into = outs[-1] if self.way.start == "chained" else x
        outs = [outs[place] for place in self.way.order]
        return sum(outs) if self.way.join == "sum" else torch.cat(outs, dim=self.way.join)


class _Pool(nn.Module):
    """A pooling that keeps the size, with no sizes of its own to be compared."""

    def __init__(self, average: bool) -> None:
        super().__init__()
        self.average = average

    def forward(self, x: Tensor) -> Tensor:
        pool = F.avg_pool2d if self.average else F.max_pool2d
        return pool(x, 3, stride=1, padding=1)
