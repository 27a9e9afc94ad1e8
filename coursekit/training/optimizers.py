"""Gradient descent with momentum, and the moving average of the weights it walks through."""

import copy
from typing import Any

import torch
from torch import Tensor, nn


def sgd(
    model: nn.Module, lr: float = 0.02, momentum: float = 0.9, weight_decay: float = 5e-4
) -> torch.optim.SGD:
    """Build SGD with Nesterov momentum and sensible weight decay.

    Weights of convolutions and fully connected layers decay; biases and the scales and offsets of
    normalization layers, which are vectors, do not (He et al., 2019, "Bag of tricks").

    Args:
        lr: 0.02 is safe for plain nets; with batch normalization five times as much is faster.

    >>> groups = sgd(nn.Sequential(nn.Conv2d(3, 6, 5), nn.BatchNorm2d(6))).param_groups
    >>> [(group["weight_decay"], len(group["params"])) for group in groups]
    [(0.0005, 1), (0, 3)]
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    decaying = [parameter for parameter in trained if parameter.ndim > 1]
    others = [parameter for parameter in trained if parameter.ndim <= 1]
    groups = [
        {"params": decaying, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0},
    ]
    groups = [group for group in groups if group["params"]]
    return torch.optim.SGD(groups, lr=lr, momentum=momentum, nesterov=momentum > 0)


class MovingAverage:
    """A copy of a model whose weights follow the model's slowly (Polyak and Juditsky, 1992).

    Args:
        model: the model in training.
        decay: part of the average kept at each step, as 0.99, and less during the first steps;
            None keeps no average, and the methods do nothing.
    """

    def __init__(self, model: nn.Module, decay: float | None) -> None:
        if decay is not None and not 0 < decay < 1:
            raise ValueError(f"decay is {decay}, but must lie between 0 and 1, as 0.99.")
        self.decay, self.steps = decay, 0
        self.model = None if decay is None else copy.deepcopy(model).requires_grad_(False)

    def of(self, model: nn.Module) -> nn.Module:
        """Return the averaged copy, or `model` itself where there is none."""
        return model if self.model is None else self.model

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Move the average a little towards the model; counters are copied."""
        if self.model is None:
            return
        self.steps += 1
        keep = min(self.decay, self.steps / (self.steps + 10))
        pairs = _pairs(self.model, model)
        floats = [pair for pair in pairs if pair[0].is_floating_point()]
        torch._foreach_lerp_([mine for mine, _ in floats], [now for _, now in floats], 1 - keep)
        for mine, now in pairs:
            if not mine.is_floating_point():
                mine.copy_(now)

    @torch.no_grad()
    def copy_to(self, model: nn.Module) -> None:
        """Give the averaged weights to `model`."""
        for mine, target in [] if self.model is None else _pairs(self.model, model):
            target.copy_(mine)

    def state(self) -> dict[str, Any] | None:
        """Return what a checkpoint keeps."""
        if self.model is None:
            return None
        return {"steps": self.steps, "weights": self.model.state_dict()}

    def load_state(self, state: dict[str, Any] | None) -> None:
        """Go back to what `state()` returned, for the same decay."""
        if self.model is not None:
            self.steps = state["steps"]
            self.model.load_state_dict(state["weights"])


def _pairs(average: nn.Module, model: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """Tensors of the same name in both, parameters and buffers."""
    there = model.state_dict()
    return [(tensor, there[name]) for name, tensor in average.state_dict().items()]
