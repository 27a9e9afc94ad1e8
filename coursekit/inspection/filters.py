"""Filters as pictures."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


class FilterPictures(NamedTuple):
    """A layer's filters, ready to be shown.

    pictures: uint8 (F, kH, kW, 3) or, for gray images, (F, kH, kW); weight 0 is mid-gray, 128.
    dead: bool (F,), filters that are flat beside the others.
    scale: the weight that is shown as 255; −scale is shown as 1.
    """

    pictures: np.ndarray
    dead: np.ndarray
    scale: float


def filter_pictures(weight: Tensor, flat: float = 0.05) -> FilterPictures:
    """Turn first-layer filters into pictures on one common scale.

    With a scale of its own for each filter a dead one would look as strong as any other.

    Args:
        weight: (F, C, kH, kW), C = 3 or 1; deeper filters have no colors to show.
        flat: a filter is dead when its largest weight minus its smallest is below this part of
            the median filter's.

    Raises:
        ValueError: the weights are not those of a first layer.

    >>> filter_pictures(torch.zeros(6, 3, 5, 5)).pictures.shape
    (6, 5, 5, 3)
    """
    if weight.ndim != 4 or weight.shape[1] not in (1, 3):
        raise ValueError(
            f"The weights have shape {tuple(weight.shape)}, but only filters (F, 3, kH, kW) or "
            "(F, 1, kH, kW) are pictures; show a deeper layer by the patches its units like."
        )
    weight = weight.detach().float().cpu()
    scale = weight.abs().max().item()
    levels = 128 + 127 * weight / (scale or 1)
    pictures = levels.round().to(torch.uint8).permute(0, 2, 3, 1).squeeze(3).numpy()
    spread = weight.flatten(1).amax(1) - weight.flatten(1).amin(1)
    dead = (spread < flat * spread.median()) | (spread == 0)
    return FilterPictures(pictures, dead.numpy(), scale)
