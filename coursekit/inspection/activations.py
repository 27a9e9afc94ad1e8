"""Recording what every layer computes."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from coursekit.training.measuring import evaluating


def activations(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Return the output of every layer for a batch of images.

    Args:
        x: images (N, C, H, W).

    Returns:
        name -> output, in the order of computation; a layer that is used again gets a number, as
        "relu (2)". Outputs are copies: a ReLU that works in place changes none of them.

    >>> net = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(inplace=True))
    >>> outputs = activations(net, torch.randn(1, 3, 32, 32))
    >>> {name: tuple(output.shape) for name, output in outputs.items()}
    {'0': (1, 6, 28, 28), '1': (1, 6, 28, 28)}
    """
    leaves = [name for name, module in model.named_modules() if not list(module.children())]
    with evaluating(model), recorded(model, leaves) as outputs:
        model(x)
    return outputs


@contextmanager
def recorded(model: nn.Module, layers: Sequence[str]) -> Iterator[dict[str, Tensor]]:
    """Collect copies of some layers' outputs while the block runs the model.

    Raises:
        ValueError: the model has no such layer.
    """
    outputs: dict[str, Tensor] = {}

    def keep(name: str, output: Tensor) -> None:
        uses = sum(key == name or key.startswith(f"{name} (") for key in outputs)
        outputs[name if not uses else f"{name} ({uses + 1})"] = output.clone()

    hooks = [
        find_layer(model, name).register_forward_hook(
            lambda _module, _inputs, output, name=name: keep(name, output)
        )
        for name in dict.fromkeys(split_use(layer)[0] for layer in layers)
    ]
    try:
        yield outputs
    finally:
        for hook in hooks:
            hook.remove()


def find_layer(model: nn.Module, name: str) -> nn.Module:
    """Return the layer of that name, as `activations` names it.

    Raises:
        ValueError: there is none; the message lists the layers.
    """
    layers = dict(model.named_modules())
    module_name = split_use(name)[0]
    if module_name not in layers or not name:
        names = ", ".join(key for key, module in layers.items() if not list(module.children()))
        raise ValueError(f"The model has no layer {name!r}; choose one of {names}.")
    return layers[module_name]


def split_use(layer: str) -> tuple[str, int]:
    """Split a layer's name into its module's and the use, from 1.

    >>> split_use("layer1.0.relu (2)"), split_use("conv1")
    (('layer1.0.relu', 2), ('conv1', 1))
    """
    name, _, use = layer.removesuffix(")").partition(" (")
    return name, int(use or 1)


def active_share(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], layer: str) -> Tensor:
    """Return on what part of the images each unit responds.

    A unit responds where it is above 0 somewhere. A unit with 0 is dead: no image makes it respond.

    Args:
        batches: of (x, labels), x (n, C, H, W).
        layer: name of a layer with outputs (n, units, H', W') or (n, units).

    Returns:
        float32 (units,), 0…1.
    """
    active, images = torch.zeros(()), 0
    for x, _ in batches:
        with evaluating(model), recorded(model, [layer]) as outputs:
            model(x)
        positive = (outputs[layer] > 0).view(*outputs[layer].shape[:2], -1)
        active = active + positive.any(2).sum(0).cpu()
        images += len(x)
    return active.float() / images
