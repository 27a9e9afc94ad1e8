"""SpeedNet: a small net that learns CIFAR-10 in seconds on a laptop.

Keller Jordan: "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024, shrunk for a CPU.

Special: the first layer is not learned but computed, as the filters that whiten the training
images' patches; every later convolution starts as the identity, so that depth costs nothing at
first.

>>> sum(p.numel() for p in speednet().parameters() if p.requires_grad)
232010
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


def speednet(
    images: Tensor | None = None,
    widths: Sequence[int] = (64, 96),
    kernel_size: int = 4,
    stride: int = 2,
    num_classes: int = 10,
) -> nn.Sequential:
    """Build the network for small color images.

    Args:
        images: normalized training images (N, 3, H, W) to compute the first layer from; without
            them it stays random.
        widths: channels of each group of two convolutions; every group halves the image.
        kernel_size, stride: of the first layer; stride 2 makes everything four times as fast.

    Returns:
        images (N, 3, H, W) to logits (N, num_classes).
    """
    whiten = nn.Conv2d(3, 6 * kernel_size**2, kernel_size, stride, padding=1, bias=False)
    whiten.weight.requires_grad_(False)
    if images is not None:
        whiten.weight.data = whitening_filters(images, kernel_size)
    groups = [_group(*pair) for pair in pairwise((whiten.out_channels, *widths))]
    return nn.Sequential(
        whiten,
        nn.ReLU(),
        *(layer for group in groups for layer in group),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(widths[-1], num_classes),
        _Scale(1 / 9),  # small logits at first, so that a large learning rate does no harm
    )


def whitening_filters(images: Tensor, kernel_size: int, smallest: float = 5e-4) -> Tensor:
    """Return filters that make the images' patches uncorrelated, of variance 1.

    Args:
        images: (N, C, H, W); a few thousand are enough.
        kernel_size: k, side of the patches in pixels.
        smallest: variance below which a direction is not scaled up any further.

    Returns:
        (2·C·k·k, C, k, k): the eigenvectors of the patches' covariance, largest variance first,
        each divided by its standard deviation, and then their negatives.
    """
    c, k = images.shape[1], kernel_size
    patches = images[:4096].unfold(2, k, 2).unfold(3, k, 2)  # (N, C, H', W', k, k)
    patches = patches.permute(0, 2, 3, 1, 4, 5).reshape(-1, c * k * k)
    covariance = torch.cov(patches.T)
    variances, directions = torch.linalg.eigh(covariance)
    filters = (directions / (variances + smallest).sqrt()).T.flip(0).view(-1, c, k, k)
    return torch.cat([filters, -filters])


class _Scale(nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """Scale x, of any shape."""
        return self.factor * x


def _group(in_channels: int, out_channels: int) -> list[nn.Module]:
    """Convolution, pooling by 2, convolution; normalized, and the identity at first."""
    layers = [
        nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    ]
    nn.init.dirac_(layers[0].weight.data[:in_channels])
    nn.init.dirac_(layers[4].weight)
    return layers
