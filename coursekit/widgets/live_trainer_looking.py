"""What a net computes for one image and how it should change: every layer, forward and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.training.measuring import evaluating
from coursekit.widgets.live_trainer_loop import require_fit


@dataclass
class Seen:
    """One layer at work on one image.

    name: as in the net's state dict; used again, with a number. activation: (C, H, W) or
    (features,); gradient of the loss by it: the same shape, or None where it has none.
    """

    name: str
    module: nn.Module
    activation: Tensor
    gradient: Tensor | None = None


def look(net: nn.Module, x: Tensor, label: Tensor, classes: int) -> list[Seen]:
    """See every layer's activation and its gradient for one image.

    The net is in evaluation meanwhile; its weights' gradients stay as they are.

    Args:
        x: (1, C, H, W); label: int64 (1,), whose cross-entropy is followed back.

    >>> net = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(inplace=True), nn.Flatten(),
    ...                     nn.Linear(96, 10))
    >>> seen = look(net, torch.zeros(1, 3, 8, 8), torch.tensor([0]), 10)
    >>> [(one.name, tuple(one.activation.shape)) for one in seen]
    [('0', (6, 4, 4)), ('1', (6, 4, 4)), ('2', (96,)), ('3', (10,))]
    """
    with evaluating(net), torch.enable_grad(), _watched(net) as seen:
        logits = net(x)
        require_fit(logits, label, classes)
        outputs = [one.activation for one in seen]
        followed = [output for output in outputs if output.requires_grad]
        gradients = torch.autograd.grad(F.cross_entropy(logits, label), followed, allow_unused=True)
    by_output = {id(output): g for output, g in zip(followed, gradients, strict=True)}
    for one, output in zip(seen, outputs, strict=True):
        gradient = by_output.get(id(output))
        one.activation = output.detach()[0]
        one.gradient = None if gradient is None else gradient[0]
    return seen


@contextmanager
def _watched(net: nn.Module) -> Iterator[list[Seen]]:
    """Collect the outputs of all layers while the block runs the net."""
    seen: list[Seen] = []
    names = {module: name for name, module in net.named_modules() if not list(module.children())}

    def keep(module: nn.Module, _inputs: Any, output: Any) -> Any:
        if not isinstance(output, Tensor):
            return output
        uses = sum(one.module is module for one in seen)
        name = names[module] or type(module).__name__
        seen.append(Seen(name if not uses else f"{name} ({uses + 1})", module, output))
        return output.clone()  # a ReLU that works in place then changes the copy

    hooks = [module.register_forward_hook(keep) for module in names]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def describe(seen: list[Seen]) -> list[dict[str, Any]]:
    """Facts of every layer that training does not change.

    name, kind, size ("10×32×32"), window ("3×3, stride 1, padding 1"; empty where there is none)
    and parameters ("10·3·3·3 + 10 = 280"; empty where there are none).

    >>> net = nn.Sequential(nn.Conv2d(1, 8, 5), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32, 10))
    >>> facts = describe(look(net, torch.zeros(1, 1, 8, 8), torch.tensor([0]), 10))
    >>> facts[0]["parameters"], facts[1]["window"], facts[3]["parameters"]
    ('8·1·5·5 + 8 = 208', '2×2, stride 2', '10·32 + 10 = 330')
    """
    counted: set[int] = set()
    facts = []
    for one in seen:
        size = "×".join(map(str, one.activation.shape))
        again = id(one.module) in counted
        counted.add(id(one.module))
        parameters = "shared with its first use" if again else parameter_text(one.module)
        if again and not list(one.module.parameters()):
            parameters = ""
        facts.append(
            {
                "name": one.name,
                "kind": type(one.module).__name__,
                "size": size,
                "window": _window(one.module),
                "parameters": parameters,
            }
        )
    return facts


def parameter_text(module: nn.Module) -> str:
    """How a layer's parameters are counted.

    >>> parameter_text(nn.Conv2d(3, 10, 3)), parameter_text(nn.BatchNorm2d(10))
    ('10·3·3·3 + 10 = 280', '10 + 10 = 20')
    """
    shapes = [tuple(parameter.shape) for parameter in module.parameters()]
    total = sum(map(prod, shapes))
    terms = " + ".join("·".join(map(str, shape)) or "1" for shape in shapes)
    return f"{terms} = {total:,}" if shapes else ""


def _window(module: nn.Module) -> str:
    kernel_size = getattr(module, "kernel_size", None)
    if kernel_size is None:
        return ""
    parts = [_pair(kernel_size), f"stride {_pair(module.stride, short=True)}"]
    parts += [
        f"{name} {_pair(value, short=True)}"
        for name, usual in (("padding", 0), ("dilation", 1), ("groups", 1))
        if _pair(value := getattr(module, name, usual), short=True) != str(usual)
    ]
    return ", ".join(parts)


def _pair(size: Any, short: bool = False) -> str:
    """3×3, or for short just 3 where both are the same."""
    sizes = [size, size] if isinstance(size, int) else list(size)
    if isinstance(size, str):
        return size
    return str(sizes[0]) if short and len(set(sizes)) == 1 else "×".join(map(str, sizes))
