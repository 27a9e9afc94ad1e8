"""Measuring a network: loss, accuracy, predictions."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.training.hardware import in_precision
from coursekit.training.processes import sum_over_processes


class Score(NamedTuple):
    """How well a network does on `images` images.

    loss: mean cross-entropy an image, in nats; accuracy: 0…1.
    """

    loss: float
    accuracy: float
    images: int


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Switch a model to evaluation without gradients, and back afterwards.

    Every layer gets its own mode back, also one that was frozen in a model in training.
    """
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def predict(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    precision: torch.dtype = torch.float32,
) -> tuple[Tensor, Tensor]:
    """Return the logits of all images with their labels.

    Args:
        batches: of (x, labels), x (n, C, H, W) and labels (n,).

    Returns:
        logits float32 (N, classes) and labels (N,), on the CPU.

    Raises:
        ValueError: there are no batches.
    """
    device = next(model.parameters()).device
    found: list[tuple[Tensor, Tensor]] = []
    with evaluating(model):
        for x, labels in batches:
            found.append((in_precision(precision, model, x.to(device)), labels.to(device)))
    if not found:
        raise ValueError("There are no images to evaluate; give at least one batch.")
    logits, labels = (torch.cat(part).cpu() for part in zip(*found, strict=True))
    return logits, labels


def evaluate(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    precision: torch.dtype = torch.float32,
) -> Score:
    """Measure loss and accuracy over all images, each counting the same.

    Under torchrun the images of all processes are counted together.

    Args:
        batches: of (x, labels), x (n, C, H, W) and labels (n,); sizes may differ.

    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(1, 2))
    >>> evaluate(model, [(torch.zeros(3, 1, 1, 1), torch.zeros(3, dtype=torch.long))]).images
    3
    """
    logits, labels = predict(model, batches, precision)
    loss = F.cross_entropy(logits, labels, reduction="sum")
    right = (logits.argmax(1) == labels).sum()
    sums = torch.stack([loss, right, torch.tensor(len(labels))]).double()
    sums = sum_over_processes(sums, next(model.parameters()).device)
    loss_sum, right_sum, images = sums.tolist()
    return Score(loss_sum / images, right_sum / images, int(images))
