"""A picture of one's own, brought to the size that a net takes."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.problem import Problem


def as_pixels(image: np.ndarray, shape: tuple[int, int, int]) -> Tensor:
    """Picture as float32 (1, C, H, W) of `shape`, from 0 to 255.

    image: (H, W), (H, W, 1), (H, W, 3), (H, W, 4) or (C, H, W); uint8, or from 0 to 1. The middle
    is cut to the shape's proportions; gray and color are made of each other.
    Raises Problem when it is no picture.

    >>> as_pixels(np.full((20, 40), 0.5), (3, 10, 10)).shape
    torch.Size([1, 3, 10, 10])
    """
    channels, height, width = shape
    planes = _planes(image, channels)
    planes = planes.mean(0, keepdim=True) if channels == 1 else planes.expand(channels, -1, -1)
    return F.interpolate(
        _middle(planes, height / width)[None], (height, width), mode="bilinear", antialias=True
    )


def _planes(image: np.ndarray, channels: int) -> Tensor:
    """(1 or `channels`, H, W), from 0 to 255."""
    known = image.dtype.kind in "fiub" and image.size and bool(np.isfinite(image).all())
    if not known or image.ndim not in (2, 3):
        raise Problem(
            f"The picture has shape {image.shape} and type {image.dtype}; expected finite numbers "
            "(H, W), (H, W, 3) or (C, H, W)."
        )
    values = torch.tensor(image.astype(np.float32)) * (1 if image.dtype == np.uint8 else 255)
    if image.ndim == 2:
        return values[None]
    if image.shape[2] in (1, 3, 4) and image.shape[0] not in (1, channels):
        values = values[..., :3].permute(2, 0, 1)
    if len(values) not in (1, channels) and channels != 1:
        raise Problem(f"The picture has {len(values)} channels; this net takes {channels}.")
    return values


def _middle(planes: Tensor, proportion: float) -> Tensor:
    """The largest middle part whose height is `proportion` times its width."""
    _, height, width = planes.shape
    rows = max(1, min(height, round(width * proportion)))
    cols = max(1, min(width, round(height / proportion)))
    top, left = (height - rows) // 2, (width - cols) // 2
    return planes[:, top : top + rows, left : left + cols]
