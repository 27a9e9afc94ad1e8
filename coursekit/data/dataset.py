"""A data set in memory: images, labels, names, where it comes from, how it is normalized."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor


class Examples(NamedTuple):
    """Images with their labels.

    images: uint8 (N, C, H, W); labels: int64 (N,).
    """

    images: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Dataset:
    """Training and test images with all that belongs to them.

    Attributes:
        name: the name it was loaded by.
        train, test: `Examples`, uint8 (N, C, H, W) and int64 (N,).
        class_names: the word for each label.
        source: one sentence saying which data these are and whom they come from.
        may_flip: whether the mirror image of a picture is still of the same class.
        groups: int64 (N_train,); training images of one group show the same thing (patches that
            overlap, say) and are never torn apart by a split. By default only exact copies of
            an image are a group.
        validation: `Examples` held out of the training images, or None.
    """

    name: str
    train: Examples
    test: Examples
    class_names: tuple[str, ...]
    source: str
    may_flip: bool = True
    groups: Tensor | None = field(default=None, repr=False)
    validation: Examples | None = None

    def __repr__(self) -> str:
        shape = "×".join(map(str, self.train.images.shape[1:]))
        held_out = f" + {len(self.validation.labels)} validation" if self.validation else ""
        return (
            f"{self.name}: {len(self.train.labels)} training{held_out} + {len(self.test.labels)} "
            f"test images of {shape}, {len(self.class_names)} classes. {self.source}"
        )

    @cached_property
    def mean(self) -> Tensor:
        """Mean of each channel over the training images, (C,), in 0…1."""
        return self._moments[0]

    @cached_property
    def std(self) -> Tensor:
        """Standard deviation of each channel over the training images, (C,), in 0…1."""
        return self._moments[1]

    @cached_property
    def _moments(self) -> tuple[Tensor, Tensor]:
        # From counts of the 256 levels: exact, and without a float copy of the images.
        levels = torch.arange(256, dtype=torch.float64) / 255
        channels = self.train.images.transpose(0, 1).flatten(1)
        share = torch.stack([torch.bincount(c, minlength=256) for c in channels]).double()
        share /= channels.shape[1]
        mean = share @ levels
        variance = share @ levels.square() - mean.square()
        return mean.float(), variance.clamp_min(0).sqrt().float()

    def normalize(self, images: Tensor) -> Tensor:
        """Turn uint8 images into float32 of mean 0 and spread 1.

        Args:
            images: uint8 (N, C, H, W).

        Returns:
            float32 (N, C, H, W): (x/255 − mean)/std by channel, statistics of the training
            images only.
        """
        mean, std = (m.view(-1, 1, 1).to(images.device) for m in (self.mean, self.std))
        x = images.to(torch.float32, copy=True)  # then in place: CIFAR-10 takes 600 MB
        return x.sub_(255 * mean).div_(255 * std.clamp_min(1e-6))

    def with_validation(self, fraction: float = 0.1, seed: int = 0) -> "Dataset":
        """Hold out part of the training images as a validation set.

        Whole groups are held out, of every class about `fraction` of its images; mean and std of
        the result come from what is left for training.

        Raises:
            ValueError: `fraction` is not between 0 and 1, or leaves one side empty.
        """
        if not 0 < fraction < 1:
            raise ValueError(f"fraction is {fraction}, but must lie between 0 and 1.")
        groups = _copies(self.train.images) if self.groups is None else self.groups
        held = _hold_out(self.train.labels, groups, fraction, seed)
        if held.all() or not held.any():
            raise ValueError(
                f"{fraction:.0%} of {len(held)} training images leaves one side empty; choose "
                "another fraction."
            )
        return replace(
            self,
            train=_select(self.train, ~held),
            validation=_select(self.train, held),
            groups=groups[~held],
        )

    def smaller(self, train: int, test: int, seed: int = 0) -> "Dataset":
        """Keep a random, class-balanced part of the images.

        Args:
            train, test: how many images to keep of each; more than there are keeps all.
        """
        generator = torch.Generator().manual_seed(seed)
        kept = _balanced(self.train.labels, train, generator)
        return replace(
            self,
            train=_select(self.train, kept),
            test=_select(self.test, _balanced(self.test.labels, test, generator)),
            groups=None if self.groups is None else self.groups[kept],
        )


def _select(examples: Examples, which: Tensor) -> Examples:
    return Examples(examples.images[which], examples.labels[which])


def _copies(images: Tensor) -> Tensor:
    """A number for each image, (N,), the same for images of the same pixels."""
    rows = np.ascontiguousarray(images.flatten(1).cpu().numpy())
    whole = rows.view(np.dtype((np.void, rows.shape[1]))).ravel()
    return torch.from_numpy(np.unique(whole, return_inverse=True)[1])


def _hold_out(labels: Tensor, groups: Tensor, fraction: float, seed: int) -> Tensor:
    """Mask (N,) of about `fraction` of each class, never part of a group."""
    generator = torch.Generator().manual_seed(seed)
    held = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        members = groups[labels == label]
        names, sizes = members.unique(return_counts=True)
        order = torch.randperm(len(names), generator=generator)
        taken = sizes[order].cumsum(0) <= max(1, round(fraction * len(members)))
        held |= torch.isin(groups, names[order][taken])
    return held


def _balanced(labels: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Indices of `count` images, as many of each class as can be, in random order."""
    order = torch.randperm(len(labels), generator=generator)
    rank = torch.empty_like(order)  # which number an image has within its class
    for label in labels.unique():
        mine = labels[order] == label
        rank[mine] = torch.arange(int(mine.sum()))
    return order[rank.argsort(stable=True)][:count]
