"""Tables of networks as the architecture explorer takes them: numbers and their formulas."""

from collections.abc import Mapping, Sequence
from functools import cache
from math import prod
from typing import Any

from coursekit.models import ArchitectureTable, Layer
from coursekit.widgets.forgiving import Forgiving

# What a bar may show, and the attribute of a row it comes from, where there is one.
QUANTITIES = {
    "neurons": "neurons",
    "parameters": "parameters",
    "multiply-adds": "macs",
    "memory": "memory",
    "receptive field": "receptive_field",
    "width": "",
    "channels": "",
}
UNITS = {"memory": "bytes", "receptive field": "pixels", "width": "pixels"}
ADDED_UP = ("neurons", "parameters", "multiply-adds", "memory")
MOST_TABLES, MOST_LAYERS = 12, 600
FLOAT32 = 4  # bytes


class Tables(Forgiving):
    """Tables of networks by name, kept as plain lists and texts for the browser."""

    def read(self, value: Any) -> dict[str, dict[str, Any]]:
        """Parcels by name; raises ValueError."""
        tables = _named(value)
        if not 0 < len(tables) <= MOST_TABLES:
            raise ValueError(f"holds {len(tables)} tables; this picture takes 1 to {MOST_TABLES}")
        for name, table in tables.items():
            if not isinstance(table, ArchitectureTable):
                raise ValueError(
                    f"has a {type(table).__name__} for {name!r}; give tables made by "
                    "coursekit.models.architecture_table"
                )
            if not 0 < len(table) <= MOST_LAYERS:
                raise ValueError(
                    f"has {len(table)} layers for {name!r}; this picture takes 1 to {MOST_LAYERS}"
                )
        return {str(name): parcel(table) for name, table in tables.items()}


def _named(value: Any) -> dict[str, Any]:
    """Tables by their names, or by their titles where there are none."""
    if isinstance(value, ArchitectureTable):
        return {value.title: value}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return {getattr(table, "title", str(i)): table for i, table in enumerate(value)}
    kind = type(value).__name__
    raise ValueError(f"is a {kind}; give a table, a list of tables or a dict from name to table")


@cache
def known_tables() -> dict[str, ArchitectureTable]:
    """Tables of six networks of the course, by the names that people use."""
    import torch

    from coursekit import models

    networks = {
        "AlexNet (2012)": models.alexnet_2012,
        "AlexNet in one tower (2014)": models.alexnet,
        "ZFNet (2013)": models.zfnet,
        "VGG-16 (2014)": models.vgg16,
        "GoogLeNet (2014)": models.googlenet_2014,
        "ResNet-34 (2015)": models.resnet34,
    }
    with torch.device("meta"):  # shapes only: 388 million weights are never made
        return {
            name: models.architecture_table(build(), models.INPUT_SHAPES[build])
            for name, build in networks.items()
        }


def parcel(table: ArchitectureTable) -> dict[str, Any]:
    """A table as it travels: names, shapes, numbers and formulas, one entry a layer."""
    return {
        "names": [row.name for row in table],
        "labels": _labels([row.name for row in table]),
        "kinds": [row.kind for row in table],
        "shapes": ["×".join(map(str, row.output_shape)) for row in table],
        "values": {name: [value_of(row, name) for row in table] for name in QUANTITIES},
        "formulas": {name: [formula(row, name) for row in table] for name in QUANTITIES},
    }


def _labels(names: Sequence[str]) -> list[str]:
    """Last parts of the names where they tell the layers apart, otherwise the names."""
    short = [name.rpartition(".")[2] for name in names]
    return short if len(set(short)) == len(set(names)) else list(names)


def value_of(row: Layer, quantity: str) -> int:
    """One number of a row."""
    if quantity == "width":
        return row.output_shape[-1] if len(row.output_shape) > 1 else 1
    if quantity == "channels":
        return row.output_shape[0]
    return int(getattr(row, QUANTITIES[quantity]))


def formula(row: Layer, quantity: str) -> str:
    """How a row's number comes about, with the numbers put in.

    >>> row = Layer("conv1", "Conv2d", (96, 55, 55), 290400, 34944, 105415200, 1161600, 11, 4, 0,
    ...             1, (96, 3, 11, 11), 1, (227, 11, 4, 0))
    >>> formula(row, "parameters"), formula(row, "width")
    ('96 · (3 · 11 · 11 + 1) = 34,944', '(227 + 2 · 0 − 11) / 4 + 1 = 55')
    """
    value = value_of(row, quantity)
    if quantity == "memory" and not value:
        return "0, it works in place"
    made = _MAKERS[quantity](row, value)
    return f"{made} = {value:,}" if made else f"{value:,}"


def _product(shape: Sequence[int]) -> str:
    return " · ".join(f"{size:,}" for size in shape)


def _weights_of_one(row: Layer) -> str:
    """Weights of one filter; channels in groups are written as a fraction."""
    channels, *kernel = row.weights[1:]
    shared = f"{channels * row.groups:,}/{row.groups}" if row.groups > 1 else f"{channels:,}"
    return " · ".join([shared, *map(str, kernel)])


def _neurons(row: Layer, value: int) -> str:
    return _product(row.output_shape) if value and len(row.output_shape) > 1 else ""


def _parameters(row: Layer, value: int) -> str:
    if not row.weights:
        return ""
    filters, weights = row.weights[0], prod(row.weights)
    if value == weights + filters:
        return f"{filters:,} · ({_weights_of_one(row)} + 1)"
    return f"{filters:,} · {_weights_of_one(row)}" if value == weights else ""


def _macs(row: Layer, value: int) -> str:
    if not row.weights or value != row.neurons * prod(row.weights[1:]):
        return ""
    return f"{row.neurons:,} neurons · {_weights_of_one(row)} weights"


def _memory(row: Layer, value: int) -> str:
    numbers = prod(row.output_shape)
    return f"{_product(row.output_shape)} · {FLOAT32} bytes" if value == numbers * FLOAT32 else ""


def _field(row: Layer, value: int) -> str:
    if not row.window:
        return ""
    _, extent, stride, _ = row.window
    jump = row.jump // stride
    return f"{value - (extent - 1) * jump:,} + ({extent} − 1) · {jump}"


def _width(row: Layer, value: int) -> str:
    if not row.window:
        return ""
    w_in, extent, stride, padding = row.window
    room = w_in + 2 * padding - extent
    whole = f"({w_in} + 2 · {padding} − {extent}) / {stride}"
    if room // stride + 1 != value:
        return ""
    return f"{whole} + 1" if room % stride == 0 else f"⌊{whole}⌋ + 1"


def _channels(row: Layer, value: int) -> str:
    return "number of filters" if row.weights else ""


_MAKERS = {
    "neurons": _neurons,
    "parameters": _parameters,
    "multiply-adds": _macs,
    "memory": _memory,
    "receptive field": _field,
    "width": _width,
    "channels": _channels,
}
