"""Data sets whose pixels were rearranged: halved in size, or shuffled by one fixed order."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from coursekit.data.dataset import Dataset, Examples


def half_size(dataset: Dataset) -> Dataset:
    """Average squares of 2×2 pixels in every image.

    Returns a data set of images (N, C, H // 2, W // 2).

    >>> from coursekit.data import load
    >>> half_size(load("digits")).train.images.shape
    torch.Size([1437, 1, 4, 4])
    """
    return _changed(dataset, lambda images: avg_pool2d(images.float(), 2).round().to(torch.uint8))


def pixel_order(height: int, width: int, seed: int = 0) -> Tensor:
    """Draw one random order of the positions of an image, int64 (height·width,).

    >>> sorted(pixel_order(2, 2).tolist())
    [0, 1, 2, 3]
    """
    return torch.randperm(height * width, generator=torch.Generator().manual_seed(seed))


def shuffle_pixels(dataset: Dataset, seed: int = 0) -> Dataset:
    """Move the pixels of every image to new places, the same for all images.

    A pixel keeps its channels together, and no number is lost or changed: in each image the pixel
    at position i, counted row by row, is the one that was at `pixel_order(H, W, seed)[i]`.

    >>> from coursekit.data import load
    >>> digits = load("digits")
    >>> shuffled = shuffle_pixels(digits)
    >>> digits.train.images[0].sum() == shuffled.train.images[0].sum()
    tensor(True)
    """
    order = pixel_order(*dataset.train.images.shape[2:], seed)
    return _changed(dataset, lambda images: images.flatten(2)[:, :, order].reshape(images.shape))


def _changed(dataset: Dataset, change: Callable[[Tensor], Tensor]) -> Dataset:
    """The data set with another version of its images (N, C, H, W)."""
    parts = {"train": dataset.train, "test": dataset.test, "validation": dataset.validation}
    there = {name: part for name, part in parts.items() if part is not None}
    new = {name: Examples(change(part.images), part.labels) for name, part in there.items()}
    return replace(dataset, **new)
