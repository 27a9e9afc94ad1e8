"""The training loop."""

import warnings
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.training.hardware import best_precision, in_precision
from coursekit.training.history import History
from coursekit.training.optimizers import MovingAverage, sgd
from coursekit.training.processes import together
from coursekit.training.run import AnyBatches, Run
from coursekit.training.schedules import Schedule, one_cycle


def fit(
    model: nn.Module,
    train: AnyBatches,
    validation: AnyBatches | None = None,
    *,
    epochs: int = 1,
    optimizer: torch.optim.Optimizer | None = None,
    schedule: Schedule | None = None,
    label_smoothing: float = 0.0,
    ema: float | None = None,
    precision: torch.dtype | None = None,
    compile: bool = False,
    checkpoint: str | Path | None = None,
) -> History:
    """Train a classifier, in place.

    It runs where the model is. The model's weights are laid out with the channels last, and
    convolutions run in bfloat16 where the hardware is faster with it. If the loss becomes nan,
    training stops, with a sentence in `History.stopped`. Under torchrun, inside `processes()`,
    all processes train one model.

    Args:
        model: takes x (n, C, H, W), returns logits (n, classes).
        train: `Batches`, or a list of (x, labels) with labels int64 (n,).
        validation: the same; measured after every epoch.
        epochs: times that all training images are seen.
        optimizer: `sgd(model)` by default.
        schedule: learning rate by progress; `one_cycle()` by default.
        label_smoothing: probability spread over all classes (Szegedy et al., 2016).
        ema: decay of a moving average of the weights, as 0.99; the average is what is measured,
            and what the model holds in the end.
        precision: number format of the convolutions; the machine's fastest by default.
        compile: translate the model first (torch.compile); pays on long runs on a GPU.
        checkpoint: file to save to after every epoch; a run that finds it goes on from there.

    Returns:
        History: loss and learning rate of every step, validation score of every epoch.

    Raises:
        CheckpointMismatch: the checkpoint is of another run.
    """
    device = next(model.parameters()).device
    precision = precision or best_precision(device)
    model.to(memory_format=torch.channels_last)
    forward = together(torch.compile(model) if compile else model)
    optimizer, average = optimizer or sgd(model), MovingAverage(model, ema)
    schedule = schedule or one_cycle()
    run = Run(model, train, validation, epochs, optimizer, schedule, average, precision, checkpoint)

    with run.batches() as batches:
        for x, labels in batches:
            logits = in_precision(precision, forward, x)
            loss = F.cross_entropy(logits, labels, label_smoothing=label_smoothing)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            average.update(model)
            run.history.add_step(loss, lr=optimizer.param_groups[0]["lr"])

    average.copy_to(model)
    if run.history.stopped:
        warnings.warn(run.history.stopped, RuntimeWarning, stacklevel=2)
    return run.history
