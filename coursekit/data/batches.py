"""Batches of a data set that lies in memory: no worker processes, no copying to and fro."""

from collections.abc import Iterator

import torch
from torch import Tensor

from coursekit.data.augment import Augmentation
from coursekit.data.dataset import Dataset, Examples


class Batches:
    """Batches of normalized images, ready on the device.

    Iterating once over it is one epoch. The order and the augmentation of an epoch follow from
    `seed` and `epoch` alone, so a run that stopped can go on as if it had not.

    Args:
        dataset: where the images, their mean and their std come from.
        part: "train", "validation" or "test".
        batch_size: images a batch, over all processes together.
        shuffle: new order each epoch; by default only for training images.
        augment: what is done to each batch of training images.
        device: where the batches are wanted; the images are moved there once.
        seed: the source of all randomness.
        drop_last: leave out a last batch that is smaller; by default only when shuffled.
        rank, processes: this process takes every batch's share number `rank` of `processes`.

    Raises:
        ValueError: there are no such images, or the settings contradict each other or the data.
    """

    def __init__(
        self,
        dataset: Dataset,
        part: str = "train",
        batch_size: int = 128,
        *,
        shuffle: bool | None = None,
        augment: Augmentation | None = None,
        device: str | torch.device = "cpu",
        seed: int = 0,
        drop_last: bool | None = None,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        examples = _part(dataset, part)
        _check(dataset, part, batch_size, augment, processes)
        self.batch_size, self.seed, self.rank, self.processes = batch_size, seed, rank, processes
        self.shuffle = part == "train" if shuffle is None else shuffle
        self.drop_last = self.shuffle if drop_last is None else drop_last
        self.augment, self.epoch = augment, 0
        images = examples.images.to(device)  # convolutions are faster with the channels last
        self.images = dataset.normalize(images.contiguous(memory_format=torch.channels_last))
        self.labels = examples.labels.to(device)
        if not len(self):
            raise ValueError(
                f"batch_size is {batch_size}, but there are only {len(self.labels)} {part} images; "
                "choose a smaller batch_size."
            )

    def __len__(self) -> int:
        """Number of batches in an epoch."""
        whole, rest = divmod(len(self.labels), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield (x, labels): float32 (n, C, H, W) and int64 (n,)."""
        generator = torch.Generator().manual_seed(self.seed * 100_003 + self.epoch)
        self.epoch += 1
        count = len(self.labels)
        order = torch.randperm(count, generator=generator) if self.shuffle else torch.arange(count)
        generator.manual_seed(generator.initial_seed() + 7919 * self.rank)  # own augmentation
        for batch in order.split(self.batch_size)[: len(self)]:
            mine = batch.tensor_split(self.processes)[self.rank].to(self.labels.device)
            x = self.images[mine]
            yield (self.augment(x, generator) if self.augment else x), self.labels[mine]


def _part(dataset: Dataset, part: str) -> Examples:
    examples = getattr(dataset, part, None) if part in ("train", "validation", "test") else None
    if examples is None:
        raise ValueError(
            f"{dataset.name} has no {part!r} images; choose 'train' or 'test', or hold some out "
            "with with_validation() and choose 'validation'."
        )
    return examples


def _check(
    dataset: Dataset, part: str, batch_size: int, augment: Augmentation | None, processes: int
) -> None:
    """Refuse settings that would spoil training or measuring without a word."""
    if batch_size < 1 or batch_size % processes:
        raise ValueError(
            f"batch_size is {batch_size}, but must be a positive multiple of the number of "
            f"processes, {processes}."
        )
    if augment and part != "train":
        raise ValueError(f"{part} images are never augmented; give augment only with 'train'.")
    if augment and augment.flip and not dataset.may_flip:
        raise ValueError(
            f"A mirror image in {dataset.name} is no longer of its class; use flip=False."
        )
