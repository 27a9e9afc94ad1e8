"""Augmentation: every image of a batch gets its own random change, all at once on the device."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


def random_shift(x: Tensor, padding: int, generator: torch.Generator) -> Tensor:
    """Shift each image by up to `padding` pixels: pad, then crop.

    Args:
        x: (N, C, H, W).
        padding: pixels of mirrored border added on each side before a crop of (H, W).
        generator: the source of the random offsets, one pair an image.

    Returns:
        (N, C, H, W), a new tensor.

    >>> x = torch.arange(4.0).expand(1, 1, 2, 4)
    >>> random_shift(x, 1, torch.Generator().manual_seed(1))[0, 0]
    tensor([[1., 2., 3., 2.],
            [1., 2., 3., 2.]])
    """
    n, _, h, w = x.shape
    padded = F.pad(x, (padding,) * 4, mode="reflect")
    crops = padded.unfold(2, h, 1).unfold(3, w, 1)  # a view: (N, C, 2p+1, 2p+1, H, W)
    dy, dx = torch.randint(2 * padding + 1, (2, n), generator=generator).to(x.device)
    return crops[torch.arange(n, device=x.device), :, dy, dx]


def random_flip(x: Tensor, generator: torch.Generator) -> Tensor:
    """Mirror each image left to right with probability one half.

    Args:
        x: (N, C, H, W).

    Returns:
        (N, C, H, W), a new tensor.

    >>> x = torch.arange(3.0).expand(4, 1, 1, 3)
    >>> random_flip(x, torch.Generator().manual_seed(0))[:, 0, 0]
    tensor([[2., 1., 0.],
            [0., 1., 2.],
            [2., 1., 0.],
            [2., 1., 0.]])
    """
    flipped = (torch.rand(len(x), generator=generator) < 0.5).to(x.device)
    return torch.where(flipped[:, None, None, None], x.flip(3), x)


def random_cutout(x: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Blank one square in each image (DeVries and Taylor, 2017).

    Args:
        x: normalized images (N, C, H, W); blank is 0, the mean color.
        size: side of the square in pixels; its center may lie anywhere in the image.

    Returns:
        (N, C, H, W), a new tensor.

    >>> random_cutout(torch.ones(1, 1, 4, 4), 2, torch.Generator().manual_seed(4))[0, 0]
    tensor([[1., 1., 1., 1.],
            [1., 0., 0., 1.],
            [1., 0., 0., 1.],
            [1., 1., 1., 1.]])
    """
    n, _, h, w = x.shape
    inside = []
    for length in (h, w):
        center = torch.randint(length, (n, 1), generator=generator)
        offset = torch.arange(length) - center + size // 2
        inside.append(((offset >= 0) & (offset < size)).to(x.device))
    hole = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return x.masked_fill(hole, 0)


def random_gray(x: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Replace the color of some images by gray.

    Args:
        x: (N, C, H, W).
        probability: of an image to lose its color.

    Returns:
        (N, C, H, W); in a gray image every channel is the mean of the channels.

    >>> red = torch.tensor([3.0, 0.0, 0.0]).view(1, 3, 1, 1)
    >>> random_gray(red, 1.0, torch.Generator().manual_seed(0)).flatten()
    tensor([1., 1., 1.])
    """
    chosen = (torch.rand(len(x), generator=generator) < probability).to(x.device)
    return torch.where(chosen[:, None, None, None], x.mean(1, keepdim=True), x)


@dataclass(frozen=True)
class Augmentation:
    """What is done to the images of a training batch; 0 or False leaves it out.

    Attributes:
        shift: pixels by which an image is moved at most, up, down, left and right.
        flip: mirror half of the images.
        cutout: side of the blanked square in pixels.
        gray: probability of losing the color.
    """

    shift: int = 0
    flip: bool = False
    cutout: int = 0
    gray: float = 0.0

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Return the batch x (N, C, H, W) changed at random; x itself stays as it is."""
        if self.shift:
            x = random_shift(x, self.shift, generator)
        if self.flip:
            x = random_flip(x, generator)
        if self.cutout:
            x = random_cutout(x, self.cutout, generator)
        if self.gray:
            x = random_gray(x, self.gray, generator)
        return x
