"""One neuron of a network in numbers and words; network_state.js says the same in the browser."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from coursekit.widgets.wording import number_text


@dataclass(frozen=True)
class Sum:
    """Chunk times weights of one neuron of a convolutional or linear layer.

    chunk, weights: (C, rows, columns); where a linear layer's last row is not full, both are 0.
    """

    chunk: np.ndarray
    weights: np.ndarray
    bias: float

    @property
    def parts(self) -> np.ndarray:
        """Sum of products of each channel, (C,)."""
        return (self.chunk * self.weights).sum((1, 2))


def spans(layer: dict[str, Any], in_size: list[int], place: tuple[int, int]) -> list[np.ndarray]:
    """Rows and columns of the input that a window layer's neuron looks at; some may be outside.

    in_size: (H, W) of the input. place: row and column of the neuron.
    """
    if layer["kind"] == "adaptive":
        out = layer["shape"][1:]
        return [
            np.arange(at * size // n, -(-(at + 1) * size // n))
            for at, size, n in zip(place, in_size, out, strict=True)
        ]
    return [
        at * layer["stride"][i] - layer["padding"][i] + layer["dilation"][i] * np.arange(k)
        for i, (at, k) in enumerate(zip(place, layer["kernel"], strict=True))
    ]


def window(x: np.ndarray, rows: np.ndarray, columns: np.ndarray, outside: float) -> np.ndarray:
    """Numbers of maps (C, H, W) at these rows and columns, `outside` beyond the edge."""
    _, height, width = x.shape
    found = x[:, rows.clip(0, height - 1)][:, :, columns.clip(0, width - 1)]
    inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
    return np.where(inside, found, outside)


def full_color(explorer: Any, at: int, unit: int) -> float:
    """The number that gets the full color in a unit's map: of its layer, its own, or of all."""
    of_layers = [float(abs(out).max()) or 1.0 for out in explorer.outputs]
    if explorer.color_range == "network":
        return max(of_layers)
    one = explorer.outputs[at][unit]
    own = explorer.color_range == "unit" and one.size > 1
    return float(abs(one).max()) or 1.0 if own else of_layers[at]


def neuron_sum(layer: dict[str, Any], x: np.ndarray, unit: int, place: tuple[int, int]) -> Sum:
    """Chunk, weights and bias of one neuron; x: the layer's input, (C, H, W) or (n,)."""
    weights, bias = layer["weight"][unit].astype(np.float64), float(layer["bias"][unit])
    if layer["kind"] == "conv":
        first = unit // (layer["shape"][0] // layer["groups"]) * len(weights)
        rows, columns = spans(layer, x.shape[1:], place)
        return Sum(window(x, rows, columns, 0)[first : first + len(weights)], weights, bias)
    spare = (0, prod(layer["grid"]) - len(weights))
    return Sum(*(np.pad(part, spare).reshape(layer["grid"]) for part in (x, weights)), bias)


# ---- the sentence ----


def sentence(explorer: Any) -> str:
    """What the picture shows, word for word as in the browser."""
    layer, at = explorer.shown_layer(), explorer.layers.index(explorer.shown_layer())
    unit, place = explorer.unit, explorer.position
    where = f"{layer['name']}, unit {unit} of 0 to {layer['shape'][0] - 1}"
    if len(layer["shape"]) == 3:
        height, width = layer["shape"][1:]
        where += f", row {place[0]}, column {place[1]} of {height} by {width}"
    x = explorer.outputs[at - 1] if at else None
    value = float(explorer.outputs[at][(unit, *place)[: explorer.outputs[at].ndim]])
    before = explorer.layers[at - 1] if at else None
    text = _TEXTS[layer["kind"]](layer, before, x, unit, place, value)
    return f"{where}: {text}. {_verdict(explorer)}"


def _verdict(explorer: Any) -> str:
    shares = explorer.outputs[-1]
    best = int(shares.argmax())
    name = explorer.class_names[best]
    image = f"image {explorer.image}" if explorer.own is None else "your image"
    return f"For {image} the network says {name}, probability {number_text(shares[best])}."


def _input_text(layer: Any, before: Any, x: Any, unit: int, place: Any, value: float) -> str:
    return f"the network gets {number_text(value)}"


def _sum_text(layer: Any, before: Any, x: Any, unit: int, place: Any, value: float) -> str:
    found = neuron_sum(layer, x, unit, place)
    parts, bias = found.parts, number_text(found.bias)
    terms = [f"channel {c} adds {number_text(part)}" for c, part in enumerate(parts)]
    if len(parts) == 1:
        terms = [f"inputs times weights add {number_text(parts[0])}"]
    elif len(parts) > 4:
        largest = int(abs(parts).argmax())
        total = number_text(parts.sum())
        terms = [f"{len(parts)} channels add {total}, of which {terms[largest]}"]
    return f"{', '.join(terms)}; with the bias {bias} the result is {number_text(value)}"


def _relu_text(layer: Any, before: Any, x: Any, unit: int, place: Any, value: float) -> str:
    given = x[(unit, *place)[: x.ndim]]
    return f"max(0, {number_text(given)}) is {number_text(value)}"


def _pool_text(layer: Any, before: Any, x: Any, unit: int, place: Any, value: float) -> str:
    rows, columns = spans(layer, x.shape[1:], place)
    count = len(rows) * len(columns)
    if layer["kind"] != "maxpool":
        return f"the mean of {count} numbers is {number_text(value)}"
    i, j = divmod(int(window(x[unit][None], rows, columns, -np.inf).argmax()), len(columns))
    there = f"row {rows[i]}, column {columns[j]} of {before['name']}"
    return f"the largest of {count} numbers is {number_text(value)}, from {there}"


def _flatten_text(layer: Any, before: Any, x: Any, unit: int, place: Any, value: float) -> str:
    if x.ndim == 1:
        return f"{number_text(value)}, as before"
    channel, row, column = np.unravel_index(unit, x.shape)
    there = f"unit {channel}, row {row}, column {column} of {before['name']}"
    return f"{number_text(value)}, the number of {there}"


def _softmax_text(layer: Any, before: Any, x: Any, unit: int, place: Any, value: float) -> str:
    total = np.exp(x - x.max()).sum()
    own = number_text(np.exp(x[unit] - x.max()))
    return (
        f"the score is {number_text(x[unit])}; e to the score less the largest score is {own}, "
        f"divided by their sum {number_text(total)} it is {number_text(value)}"
    )


_TEXTS = {
    "input": _input_text,
    "conv": _sum_text,
    "linear": _sum_text,
    "relu": _relu_text,
    "maxpool": _pool_text,
    "avgpool": _pool_text,
    "adaptive": _pool_text,
    "flatten": _flatten_text,
    "softmax": _softmax_text,
}
