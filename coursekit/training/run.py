"""Everything around the steps of a training run: rates, bar, validation, checkpoints."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor, nn

from coursekit.data.batches import Batches
from coursekit.data.folders import FolderBatches
from coursekit.data.progressbar import Bar, progress_bar
from coursekit.training.checkpoint import Checkpoint
from coursekit.training.history import History
from coursekit.training.measuring import Score, evaluate
from coursekit.training.optimizers import MovingAverage
from coursekit.training.processes import is_first
from coursekit.training.schedules import Schedule

AnyBatches = Batches | FolderBatches | list[tuple[Tensor, Tensor]]


@dataclass
class Run:
    """One training run; its batches come with all that happens between steps done.

    Before a step the learning rate is set, after an epoch the model is measured and the checkpoint
    written. The arguments are those of `fit`.
    """

    model: nn.Module
    train: AnyBatches
    validation: AnyBatches | None
    epochs: int
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    average: MovingAverage
    precision: torch.dtype
    checkpoint: str | Path | None

    def __post_init__(self) -> None:
        self.top_lrs = [group["lr"] for group in self.optimizer.param_groups]
        settings = {
            "epochs": self.epochs,
            "batches": len(self.train),
            "lr": self.top_lrs,
            "ema": self.average.decay,
        }
        self.saved = Checkpoint(self.checkpoint, self.model, self.optimizer, self.average, settings)
        self.history: History = self.saved.restore()

    @contextmanager
    def batches(self) -> Iterator[Iterator[tuple[Tensor, Tensor]]]:
        """Give the batches of all epochs still to do.

        They are pairs (x, labels) on the model's device. Afterwards the optimizer has the
        learning rates it came with.
        """
        self.model.train()
        steps = self.epochs * len(self.train)
        try:
            with progress_bar("training", steps, shown=is_first()) as bar:
                yield self._all_batches(bar)
        finally:
            self._set_lr(1.0)

    def _all_batches(self, bar: Bar) -> Iterator[tuple[Tensor, Tensor]]:
        for epoch in range(len(self.history.epochs), self.epochs):
            started = perf_counter()
            yield from self._batches_of_epoch(epoch, bar)
            self.history.look()
            if self.history.stopped:
                return
            seconds = perf_counter() - started
            self.history.add_epoch(seconds, self._score())
            self.saved.save(self.history)

    def _batches_of_epoch(self, epoch: int, bar: Bar) -> Iterator[tuple[Tensor, Tensor]]:
        if hasattr(self.train, "epoch"):
            self.train.epoch = epoch  # the same order whether or not the run was cut here
        device = next(self.model.parameters()).device
        for i, (x, labels) in enumerate(self.train):
            progress = epoch + i / len(self.train)
            self._set_lr(self.schedule(progress / self.epochs))
            bar.move_to(progress * len(self.train), f"epoch {epoch + 1} of {self.epochs}")
            yield x.to(device), labels.to(device)
            if self.history.stopped:
                return

    def _set_lr(self, factor: float) -> None:
        for group, top in zip(self.optimizer.param_groups, self.top_lrs, strict=True):
            group["lr"] = top * factor

    def _score(self) -> Score | None:
        if self.validation is None:
            return None
        return evaluate(self.average.of(self.model), self.validation, self.precision)
