"""A sequential PyTorch network as plain layers that a browser can compute."""

from collections.abc import Callable
from copy import deepcopy
from math import prod
from typing import Any

import numpy as np
import torch
from torch import nn

MOST_PARAMETERS = 400_000  # more would make a page heavy and a keystroke slow
_WIDE = 8  # inputs a row where a linear layer follows no maps

Layer = dict[str, Any]


def plain_layers(model: nn.Module, image_shape: tuple[int, ...]) -> list[tuple[Layer, nn.Module]]:
    """Layers in order, each with its module in float64.

    model: nn.Sequential, also nested; Dropout and Identity change nothing and are left out; a
    softmax is added where there is none. image_shape: (C, H, W). A layer has name, kind, shape
    of its output ((C, H, W) or (n,)) and what its kind needs: kernel, stride, padding, dilation
    as pairs, groups, weight, bias, grid ((C, rows, columns), how a linear layer's inputs stand).

    Raises:
        ValueError: the network has a layer of another kind, or does not take such images.
    """
    modules = _modules(model)
    _require_small(model)
    x = torch.zeros(1, *image_shape, dtype=torch.float64)
    found: list[tuple[Layer, nn.Module]] = []
    for name, module in modules:
        layer = {"name": _name(name, module, found), **_described(name, module)}
        before, x = x, _output(name, module, x)
        layer["shape"] = list(x.shape[1:])
        if layer["kind"] == "linear":
            layer["grid"] = _grid(before, found)
        found.append((layer, module))
    _require_scores(found, x)
    return found


def run(modules: list[nn.Module], image: np.ndarray) -> list[np.ndarray]:
    """What each layer gives for an image (C, H, W), the image first; float64."""
    x = torch.from_numpy(image.astype(np.float64))[None]
    outputs = [x]
    with torch.no_grad():
        for module in modules:
            x = module(x.clone())  # a ReLU may work in place
            outputs.append(x)
    return [each[0].numpy() for each in outputs]


def _modules(model: Any) -> list[tuple[str, nn.Module]]:
    if not isinstance(model, nn.Sequential):
        raise ValueError(
            f"model is {type(model).__name__}; expected nn.Sequential, whose order of layers is "
            "known: put the layers into one."
        )
    own = deepcopy(model).cpu().double().eval()
    leaves = [(n, m) for n, m in own.named_modules() if not isinstance(m, nn.Sequential)]
    leaves = [(n, m) for n, m in leaves if not isinstance(m, nn.Dropout | nn.Identity)]
    if not leaves:
        raise ValueError("model has no layers; give it at least one nn.Linear.")
    if not isinstance(leaves[-1][1], nn.Softmax):
        leaves.append(("softmax", nn.Softmax(dim=1)))
    return leaves


def _require_small(model: nn.Module) -> None:
    count = sum(each.numel() for each in model.parameters())
    if count > MOST_PARAMETERS:
        raise ValueError(
            f"model has {count:,} parameters; the browser computes at most {MOST_PARAMETERS:,}: "
            "take a smaller network."
        )
    for name, each in model.named_parameters():
        if not torch.isfinite(each).all():
            raise ValueError(f"{name} holds nan or infinite values; train the model again.")


def _name(name: str, module: nn.Module, found: list) -> str:
    """The module's own name, or kind and number where nn.Sequential only counted."""
    if not name.rpartition(".")[2].isdigit():
        return name
    word = {"Conv2d": "conv", "MaxPool2d": "pool", "AvgPool2d": "pool"}.get(type(module).__name__)
    word = word or type(module).__name__.lower().removesuffix("2d")
    return f"{word}{1 + sum(layer['name'].rstrip('0123456789') == word for layer, _ in found)}"


def _output(name: str, module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    try:
        with torch.no_grad():
            return module(x.clone())
    except RuntimeError as error:
        shape, reason = tuple(x.shape[1:]), str(error).splitlines()[0].rstrip(".")
        raise ValueError(
            f"layer {name!r} does not take what reaches it, {shape}: {reason}."
        ) from None


def _grid(before: torch.Tensor, found: list) -> list[int]:
    """How a linear layer's inputs stand: as the maps before the flatten, or in rows of eight."""
    flattened = found and found[-1][0]["kind"] == "flatten" and len(found) > 1
    maps = found[-2][0]["shape"] if flattened else []
    return list(maps) if len(maps) == 3 else [1, -(-before.shape[1] // _WIDE), _WIDE]


def _require_scores(found: list, x: torch.Tensor) -> None:
    for layer, _ in found:
        if prod(layer["shape"]) > 2**17:
            raise ValueError(
                f"layer {layer['name']!r} gives {layer['shape']}; take smaller images."
            )
    if x.dim() != 2:
        raise ValueError(
            f"model gives {tuple(x.shape[1:])} for an image; expected one score a class: end it "
            "with nn.Flatten() and nn.Linear."
        )


# ---- one layer of each kind ----


def _described(name: str, module: nn.Module) -> Layer:
    for kind, describe in _KINDS.items():
        if isinstance(module, kind):
            return describe(name, module)
    known = ", ".join(kind.__name__ for kind in _KINDS)
    raise ValueError(
        f"layer {name!r} is {type(module).__name__}; the browser computes {known}: replace it."
    )


def _refuse(name: str, module: nn.Module, *settings: tuple[str, Any]) -> None:
    for setting, expected in settings:
        if (found := getattr(module, setting)) != expected:
            raise ValueError(
                f"layer {name!r} has {setting}={found!r}; the browser computes {expected!r} only."
            )


def _conv(name: str, module: nn.Conv2d) -> Layer:
    _refuse(name, module, ("padding_mode", "zeros"))
    padding = 0 if module.padding == "valid" else module.padding
    if padding == "same":
        total = [d * (k - 1) for k, d in zip(module.kernel_size, module.dilation, strict=True)]
        if any(n % 2 for n in total):
            raise ValueError(f"layer {name!r} pads one side more than the other; give a number.")
        padding = [n // 2 for n in total]
    window = _window(module.kernel_size, module.stride, padding, module.dilation)
    return {"kind": "conv", "groups": module.groups, **window, **_numbers(module)}


def _linear(name: str, module: nn.Linear) -> Layer:
    return {"kind": "linear", **_numbers(module)}


def _numbers(module: nn.Conv2d | nn.Linear) -> Layer:
    weight = module.weight.detach().numpy()
    bias = np.zeros(len(weight)) if module.bias is None else module.bias.detach().numpy()
    return {"weight": weight.astype(np.float32), "bias": bias.astype(np.float32)}


def _max_pool(name: str, module: nn.MaxPool2d) -> Layer:
    _refuse(name, module, ("ceil_mode", False), ("return_indices", False))
    window = _window(module.kernel_size, module.stride, module.padding, module.dilation)
    return {"kind": "maxpool", **window}


def _average_pool(name: str, module: nn.AvgPool2d) -> Layer:
    _refuse(name, module, ("ceil_mode", False), ("divisor_override", None))
    if module.padding not in (0, (0, 0)):
        _refuse(name, module, ("count_include_pad", True))
    window = _window(module.kernel_size, module.stride, module.padding, 1)
    return {"kind": "avgpool", **window}


def _window(kernel: Any, stride: Any, padding: Any, dilation: Any) -> Layer:
    given = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    return {name: [n, n] if isinstance(n, int) else list(n) for name, n in given.items()}


def _flatten(name: str, module: nn.Flatten) -> Layer:
    _refuse(name, module, ("start_dim", 1), ("end_dim", -1))
    return {"kind": "flatten"}


def _softmax(name: str, module: nn.Softmax) -> Layer:
    if module.dim not in (1, -1):
        _refuse(name, module, ("dim", 1))
    return {"kind": "softmax"}


_KINDS: dict[type[nn.Module], Callable[[str, Any], Layer]] = {
    nn.Conv2d: _conv,
    nn.ReLU: lambda name, module: {"kind": "relu"},
    nn.MaxPool2d: _max_pool,
    nn.AvgPool2d: _average_pool,
    nn.AdaptiveAvgPool2d: lambda name, module: {"kind": "adaptive"},
    nn.Flatten: _flatten,
    nn.Linear: _linear,
    nn.Softmax: _softmax,
}
