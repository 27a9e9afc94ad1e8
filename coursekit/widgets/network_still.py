"""The network explorer as a still picture, for pages that run no script."""

from typing import Any

import numpy as np

from coursekit.widgets.network_state import full_color, neuron_sum, spans, window
from coursekit.widgets.still import FILLS, HUES, draw_numbers, outline, tints
from coursekit.widgets.wording import number_text

_ROWS = 10  # units of a layer that are drawn
_MAP, _GAP = 32, 3  # pixels of a drawn map, and between two
_LONGEST = 14  # classes that are written


def draw(explorer: Any, figure: Any) -> None:
    """Above a column of maps for each layer; below image, chosen map, its numbers, classes."""
    figure.set_size_inches(9, 5.6)
    above, below = figure.subfigures(2, 1, height_ratios=[1.5, 1])
    _draw_layers(above.subplots(), explorer)
    image, here, numbers, classes = below.subplots(1, 4, width_ratios=[1, 1, 1.2, 1.1])
    _draw_image(image, explorer)
    _draw_map(here, explorer)
    _draw_neuron(numbers, explorer)
    _draw_classes(classes, explorer)


def _draw_layers(axes: Any, explorer: Any) -> None:
    """One picture of all columns: an axes a map would take seconds."""
    step, count = _MAP + _GAP, len(explorer.layers)
    sheet = np.ones((_ROWS * step, count * step * 3 // 2, 3))
    for at, layer in enumerate(explorer.layers):
        left = at * step * 3 // 2
        for unit, one in enumerate(explorer.outputs[at][:_ROWS]):
            place = slice(unit * step, unit * step + _MAP), slice(left, left + _MAP)
            sheet[place] = _framed(_map_colors(explorer, at, unit, one))
        _name_column(axes, left + _MAP / 2, layer, explorer)
    axes.imshow(sheet, interpolation="nearest")
    axes.set_axis_off()
    at = explorer.layers.index(explorer.shown_layer())
    if explorer.unit < _ROWS:
        _frame(axes, at * step * 3 // 2 - 1, explorer.unit * step - 1, (_MAP + 1, _MAP + 1))


def _map_colors(explorer: Any, at: int, unit: int, one: np.ndarray) -> np.ndarray:
    """Colors of a unit's map, stretched to a square of _MAP pixels."""
    hue = "input" if explorer.layers[at]["kind"] == "input" else "output"
    values = one.reshape(one.shape or (1, 1)) / full_color(explorer, at, unit)
    rows, cols = (np.arange(_MAP) * n // _MAP for n in values.shape)
    return tints(values[np.ix_(rows, cols)], hue, strongest=1)


def _framed(colors: np.ndarray) -> np.ndarray:
    colors[[0, -1]] = colors[:, [0, -1]] = 0.78
    return colors


def _name_column(axes: Any, middle: float, layer: dict[str, Any], explorer: Any) -> None:
    size = "×".join(map(str, layer["shape"]))
    look = {"ha": "center", "va": "bottom", "fontsize": min(7, 100 / len(explorer.layers))}
    look["color"] = HUES["input" if layer["kind"] == "input" else "output"]
    look["weight"] = "bold" if layer["name"] == explorer.layer else "normal"
    axes.text(middle, -4, f"{layer['name']}\n{size}", **look)


def _frame(axes: Any, x: float, y: float, size: tuple[float, float]) -> None:
    axes.add_patch(outline(x, y, size, "#1b1b1b", 2))


def _draw_image(axes: Any, explorer: Any) -> None:
    image = explorer.images[explorer.image] if explorer.own is None else explorer.own
    low, high = explorer.network["range"]
    levels = ((image - low) / (high - low)).clip(0, 1)
    axes.imshow(levels.transpose(1, 2, 0) if len(levels) == 3 else levels[0], "gray")
    axes.set_title(
        "your image" if explorer.own is not None else f"image {explorer.image}", fontsize=9
    )
    axes.set(xticks=[], yticks=[])


def _draw_map(axes: Any, explorer: Any) -> None:
    at = explorer.layers.index(explorer.shown_layer())
    out = explorer.outputs[at]
    one = out[explorer.unit].reshape(out.shape[1:] or (1, 1))
    hue = "input" if explorer.layer == "input" else "output"
    full = full_color(explorer, at, explorer.unit)
    axes.imshow(tints(one / full, hue, strongest=1), interpolation="nearest")
    row, column = explorer.position
    _frame(axes, column - 0.5, row - 0.5, (1, 1))
    axes.set_title(f"{explorer.layer}, unit {explorer.unit}", fontsize=9)
    axes.set(xticks=[], yticks=[])


def _draw_neuron(axes: Any, explorer: Any) -> None:
    """The window of a pooling, chunk times weights of a sum, else the one number."""
    layer, at = explorer.shown_layer(), explorer.layers.index(explorer.shown_layer())
    unit, place, outputs = explorer.unit, explorer.position, explorer.outputs
    if layer["kind"] in ("conv", "linear"):
        found = neuron_sum(layer, outputs[at - 1], unit, place)
        title = f"chunk × weights, channel {explorer.channel} of {len(found.chunk)}"
        products = (found.chunk * found.weights)[explorer.channel]
        draw_numbers(axes, products, "weights", title)
    elif layer["kind"] in ("maxpool", "avgpool", "adaptive"):
        x = outputs[at - 1][unit][None]
        seen = window(x, *spans(layer, x.shape[1:], place), 0)[0]
        draw_numbers(axes, seen, "input", f"window in {explorer.layers[at - 1]['name']}")
    else:
        value = outputs[at][(unit, *place)[: outputs[at].ndim]]
        draw_numbers(axes, np.full((1, 1), value), "output", "the number of this neuron")


def _draw_classes(axes: Any, explorer: Any) -> None:
    order = np.argsort(-explorer.outputs[-1], kind="stable")[:_LONGEST]
    shares = explorer.outputs[-1][order]
    axes.barh(range(len(order)), shares, color=FILLS["output"])
    names = [f"{explorer.class_names[i]}: {number_text(explorer.outputs[-1][i])}" for i in order]
    axes.set_yticks(range(len(order)), labels=names, fontsize=7)
    axes.set(xlim=(0, 1), ylim=(len(order) - 0.4, -0.6), xticks=[])
    axes.set_title("softmax: probability", fontsize=9)
    axes.spines[:].set_visible(False)
