"""What a training step costs: time, as images a second, and memory, as bytes kept for later."""

from time import perf_counter

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.training.hardware import in_precision


def images_per_second(
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    *,
    precision: torch.dtype = torch.float32,
    steps: int = 5,
) -> float:
    """Measure how many images a second forward and backward take.

    One more step runs first and does not count: it fetches memory and, with torch.compile,
    translates. The clock is read only when the device has finished.

    Args:
        x, labels: one batch, (N, C, H, W) and (N,), on the model's device.
        precision: number format of the convolutions.
        steps: how many steps are timed; the fastest counts, since other programs only slow it down.
    """
    seconds = [_timed_step(model, x, labels, precision) for _ in range(steps + 1)]
    model.zero_grad(set_to_none=True)
    return len(x) / min(seconds[1:])


def _timed_step(model: nn.Module, x: Tensor, labels: Tensor, precision: torch.dtype) -> float:
    _wait_for(x.device)
    started = perf_counter()
    model.zero_grad(set_to_none=True)
    F.cross_entropy(in_precision(precision, model, x), labels).backward()
    _wait_for(x.device)
    return perf_counter() - started


def _wait_for(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def bytes_for_backward(model: nn.Module, x: Tensor) -> int:
    """Count the bytes that a forward pass keeps for the backward pass.

    Inputs of convolutions, outputs of ReLUs, places of maxima and the like; each once, and not
    the model's weights, which are there anyway.

    >>> bytes_for_backward(nn.Sequential(nn.Linear(3, 2), nn.ReLU()), torch.zeros(5, 3))
    100
    """
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, Tensor] = {}  # the tensors themselves, or an address would be used again

    def note(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        model(x)
    return sum(t.untyped_storage().nbytes() for at, t in kept.items() if at not in weights)
