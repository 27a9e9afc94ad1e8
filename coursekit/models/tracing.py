"""What a network makes of one image, layer by layer, from one pass without a single number.

Tensors on PyTorch's "meta" device have a shape and no values, so the pass costs milliseconds and
no memory, even for VGG's 138 million parameters. Every call of a torch function is seen on its
way, also in networks that write ``F.relu`` or ``+`` instead of a module.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from coursekit.models.table import ArchitectureTable, Layer
from coursekit.shapes import kernel_extent, neuron_count, receptive_field, same_padding


def architecture_table(
    model: nn.Module, input_shape: Sequence[int], training: bool = False
) -> ArchitectureTable:
    """Return the table of a network's layers for one image.

    Layers are the modules of torch.nn and, outside of them, the functions that make a new array;
    a fully connected layer counts as a convolution as wide as the map before it.

    model: stays as it is; it may live on any device, also on "meta".
    input_shape: of one image, (C, H, W).
    training: trace the network as it runs in training, with dropout and auxiliary heads.
    Raises ValueError when the network does not take such an image.

    >>> net = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2))
    >>> table = architecture_table(net, (3, 32, 32))
    >>> table[1].output_shape, table.parameters, table.macs, table[-1].receptive_field
    ((6, 28, 28), 456, 352800, 6)
    """
    name, shadow = type(model).__name__, _shadow(model).train(training)
    dtype = next((parameter.dtype for parameter in shadow.parameters()), torch.float32)
    count = 2 if training else 1  # batch normalization refuses to train on a single value
    images = torch.empty((count, *input_shape), dtype=dtype, device="meta")
    recorder = _Recorder(shadow, images)
    try:
        with recorder, torch.no_grad():
            shadow(images)
    except (RuntimeError, ValueError, IndexError) as error:
        raise ValueError(
            f"{name} does not take an image of shape {tuple(input_shape)}: after "
            f"{recorder.rows[-1].name} it stops with “{error}”; give (channels, height, width) "
            "as the network expects them"
        ) from None
    return ArchitectureTable(name, recorder.rows)


class _Reach(NamedTuple):
    """How far one output sees, along the width, in input pixels."""

    windows: tuple[tuple[int, int], ...]  # (extent, stride), on the widest way here
    start: int
    depth: int
    width: int  # of the map it stands in
    last: tuple[int, ...] = ()  # (width in, extent, stride, padding) of the last window

    @property
    def field(self) -> int:
        """The receptive field."""
        return receptive_field(self.windows)

    @property
    def jump(self) -> int:
        """Pixels to the neighbor's receptive field."""
        return prod(stride for _, stride in self.windows)


def _widest(reaches: Sequence[_Reach]) -> _Reach:
    """Where branches meet, an output sees what the widest of them sees."""
    start = min(reach.start for reach in reaches)
    depth = max(reach.depth for reach in reaches)
    return max(reaches, key=lambda reach: reach.field)._replace(start=start, depth=depth)


class _Recorder(TorchFunctionMode):
    """Writes a row for every function that makes something out of the image."""

    def __init__(self, model: nn.Module, images: Tensor) -> None:
        super().__init__()
        self._count = len(images)
        self._uncounted = {id(parameter): parameter.numel() for parameter in model.parameters()}
        self._open: list[tuple[str, nn.Module]] = []  # the modules now running, outermost first
        for name, module in model.named_modules():
            module.register_forward_pre_hook(lambda m, _, name=name: self._open.append((name, m)))
            module.register_forward_hook(self._leave)
        images.reach = _Reach((), 0, 0, images.shape[-1])
        self.rows = [_row("input", "input", images, 0, images.nbytes // self._count, 0)]

    def _leave(self, *_: Any) -> None:
        self._open.pop()

    def __torch_function__(self, function, types, args=(), kwargs=None) -> Any:
        kwargs = kwargs or {}
        result = function(*args, **kwargs)
        given = list(_tensors((args, kwargs)))
        seen = [tensor for tensor in given if hasattr(tensor, "reach")]
        made = list(_tensors(result)) if seen else []
        if made:
            name = function.__name__.strip("_")
            reach = _reach(name, args, kwargs, seen, made[0])
            for tensor in made:
                tensor.reach = reach
            self._write(name, given, seen, made[0])
        return result

    def _write(self, function: str, given: list, seen: list, made: Tensor) -> None:
        in_place = any(made is tensor for tensor in seen)
        if made._base is not None and not in_place:
            return  # a view computes nothing: flatten, reshape, a slice
        name, module = self._open[-1]
        parameters = sum(self._uncounted.pop(id(tensor), 0) for tensor in given)
        macs = made[0].numel() * given[1][0].numel() if function in _WEIGHTED else 0
        weights, groups = _weights(given) if macs else ((), 1)
        memory = 0 if in_place else made.nbytes // self._count
        if _is_layer(module):
            row = _row(name, type(module).__name__, made, parameters, memory, macs)
        elif memory or parameters:
            name = f"{name}.{function}".lstrip(".")
            row = _row(name, function, made, parameters, memory, macs)
        else:
            return
        self.rows.append(replace(row, weights=weights, groups=groups))


def _weights(given: list[Tensor]) -> tuple[tuple[int, ...], int]:
    """Shape of a layer's weights, and its groups."""
    image, weight = given[:2]
    groups = image.shape[1] // weight.shape[1] if weight.dim() == 4 else 1
    return tuple(weight.shape), groups


_WEIGHTED = ("conv2d", "linear")
_WINDOWED = {
    "conv2d": ("input", "weight", "bias", "stride", "padding", "dilation"),
    "max_pool2d": ("input", "kernel_size", "stride", "padding", "dilation"),
    "max_pool2d_with_indices": ("input", "kernel_size", "stride", "padding", "dilation"),
    "avg_pool2d": ("input", "kernel_size", "stride", "padding"),
}
_FITTED = ("linear", "mean", "amax", "adaptive_avg_pool2d", "adaptive_max_pool2d")


def _reach(function: str, args: tuple, kwargs: dict, seen: list[Tensor], made: Tensor) -> _Reach:
    """How far the outputs of a function see."""
    before = _widest([tensor.reach for tensor in seen])
    window, width = (1, 1, 0), before.width
    if function in _WINDOWED:
        window = _window(dict(zip(_WINDOWED[function], args, strict=False)) | kwargs)
    if function in _FITTED:
        width = made.shape[-1] if made.dim() > 2 else 1
        window = _fitted_window(before.width, width)
    extent, stride, padding = window
    windows = before.windows if (extent, stride) == (1, 1) else (*before.windows, (extent, stride))
    return _Reach(
        windows,
        before.start - padding * before.jump,
        before.depth + (function in _WEIGHTED),
        made.shape[-1] if made.dim() > 2 else width,
        (before.width, *window) if function in _WINDOWED or function in _FITTED else (),
    )


def _window(given: dict[str, Any]) -> tuple[int, int, int]:
    """(extent, stride, padding) along the width, from a convolution's or pooling's arguments."""
    is_pooling = "kernel_size" in given
    kernel_size = _last(given["kernel_size"] if is_pooling else given["weight"].shape)
    dilation = _last(given.get("dilation", 1))
    stride = _last(given.get("stride") or (kernel_size if is_pooling else 1))
    padding = given.get("padding", 0)
    if isinstance(padding, str):
        padding = same_padding(kernel_size, dilation)[0] if padding == "same" else 0
    return kernel_extent(kernel_size, dilation), stride, _last(padding)


def _fitted_window(w_in: int, w_out: int) -> tuple[int, int, int]:
    """(extent, stride, padding) of windows that share out a whole map evenly.

    A single window takes in everything and, having no neighbor, leaves the jump as it is.
    """
    stride = w_in // w_out if w_out > 1 else 1
    return w_in - (w_out - 1) * stride, stride, 0


def _last(size: int | Sequence[int]) -> int:
    return size if isinstance(size, int) else size[-1]


def _row(name: str, kind: str, made: Tensor, parameters: int, memory: int, macs: int) -> Layer:
    shape = tuple(made.shape[1:])
    return Layer(
        name=name,
        kind=kind,
        output_shape=shape,
        neurons=neuron_count(shape) if macs else 0,
        parameters=parameters,
        macs=macs,
        memory=memory,
        receptive_field=made.reach.field,
        jump=made.reach.jump,
        start=made.reach.start,
        depth=made.reach.depth,
        window=made.reach.last,
    )


def _is_layer(module: nn.Module) -> bool:
    """Whether a module is one of PyTorch's own layers."""
    return type(module).__module__.startswith("torch.nn.") and not any(module.children())


def _shadow(model: nn.Module) -> nn.Module:
    """A copy of a network whose tensors have shapes but no values."""
    empty = {id(p): nn.Parameter(torch.empty_like(p, device="meta")) for p in model.parameters()}
    empty |= {id(b): torch.empty_like(b, device="meta") for b in model.buffers()}
    return copy.deepcopy(model, empty)


def _tensors(value: Any) -> Iterator[Tensor]:
    """All tensors in nested tuples, lists and dicts, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(tuple(value.values()))
    elif isinstance(value, tuple | list):
        yield from chain.from_iterable(map(_tensors, value))
