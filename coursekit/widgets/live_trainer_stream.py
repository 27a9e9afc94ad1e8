"""Training batches whose size may change at any time."""

from typing import Any

import torch
from torch import Tensor

from coursekit.data.augment import Augmentation
from coursekit.widgets.live_trainer_sets import Images


class Stream:
    """Endless batches; those of `coursekit.data.Batches` while their size stays the same.

    images: what to draw from; augment: what is done to each batch; seed: of the order.
    """

    def __init__(self, images: Images, augment: Augmentation | None, seed: int) -> None:
        self.images, self.augment, self.seed = images, augment, seed
        self.restart()

    def restart(self) -> None:
        """Go back to before the first batch."""
        self.epoch, self.place = -1, len(self.images.labels)
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        self.epoch, self.place = self.epoch + 1, 0
        self.generator = torch.Generator().manual_seed(self.seed * 100_003 + self.epoch)
        self.order = torch.randperm(len(self.images.labels), generator=self.generator)
        self.generator.manual_seed(self.generator.initial_seed())  # as Batches does

    def next(self, size: int) -> tuple[Tensor, Tensor]:
        """Draw x (n, C, H, W) and labels (n,), n = size or, of fewer images, all of them."""
        if self.at_end(size):
            self._begin_epoch()
        rows = self.order[self.place : self.place + size].to(self.images.labels.device)
        self.place += len(rows)
        x = self.images.x[rows]
        return (self.augment(x, self.generator) if self.augment else x), self.images.labels[rows]

    def at_end(self, size: int) -> bool:
        """Whether the epoch has no whole batch left."""
        return self.place + min(size, len(self.order)) > len(self.order)

    def state(self) -> dict[str, Any]:
        """Place in the stream, as plain numbers."""
        generator = self.generator.get_state().numpy().tobytes().hex()
        return {"epoch": self.epoch, "place": self.place, "generator": generator}

    def load(self, state: dict[str, Any]) -> None:
        """Go to the place that `state` describes."""
        self.epoch = state["epoch"] - 1
        self._begin_epoch()
        self.place = state["place"]
        generator = torch.frombuffer(bytearray.fromhex(state["generator"]), dtype=torch.uint8)
        self.generator.set_state(generator)
