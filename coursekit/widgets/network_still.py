"""The network explorer as a still picture, for pages that run no script."""

from typing import Any

import numpy as np

from coursekit.widgets.lettering import write
from coursekit.widgets.network_state import full_color, neuron_sum, spans, window
from coursekit.widgets.still import FILLS, HUES, Panel, draw_numbers, page, tints
from coursekit.widgets.wording import number_text

_ROWS = 10  # units of a layer that are drawn
_MAP, _GAP = 32, 3  # pixels of a drawn map, and between two
_LONGEST = 14  # classes that are written


def draw(explorer: Any, figure: Any) -> None:
    """Above a column of maps for each layer; below image, chosen map, its numbers, classes."""
    figure.set_size_inches(9, 5.6)
    above, below = page(figure).below([1.5, 1], gap=12)
    _draw_layers(above, explorer)
    image, here, numbers, classes = below.beside([1, 1, 1.2, 1.1])
    _draw_image(image, explorer)
    _draw_map(here, explorer)
    _draw_neuron(numbers, explorer)
    _draw_classes(classes, explorer)


def _draw_layers(panel: Panel, explorer: Any) -> None:
    """One picture of all columns: a picture a map would take seconds."""
    step, count = _MAP + _GAP, len(explorer.layers)
    sheet = np.ones((_ROWS * step, count * step * 3 // 2, 3))
    for at in range(count):
        left = at * step * 3 // 2
        for unit, one in enumerate(explorer.outputs[at][:_ROWS]):
            place = slice(unit * step, unit * step + _MAP), slice(left, left + _MAP)
            sheet[place] = _framed(_map_colors(explorer, at, unit, one))
    panel.show(sheet)
    for at, layer in enumerate(explorer.layers):
        _name_column(panel, at * step * 3 // 2 + _MAP / 2, layer, explorer)
    at = explorer.layers.index(explorer.shown_layer())
    if explorer.unit < _ROWS:
        corner = at * step * 3 // 2 - 1, explorer.unit * step - 1
        panel.outline(*corner, (_MAP + 1, _MAP + 1), "#1b1b1b", 2)


def _map_colors(explorer: Any, at: int, unit: int, one: np.ndarray) -> np.ndarray:
    """Colors of a unit's map, stretched to a square of _MAP pixels."""
    hue = "input" if explorer.layers[at]["kind"] == "input" else "output"
    values = one.reshape(one.shape or (1, 1)) / full_color(explorer, at, unit)
    rows, cols = (np.arange(_MAP) * n // _MAP for n in values.shape)
    return tints(values[np.ix_(rows, cols)], hue, strongest=1)


def _framed(colors: np.ndarray) -> np.ndarray:
    colors[[0, -1]] = colors[:, [0, -1]] = 0.78
    return colors


def _name_column(panel: Panel, middle: float, layer: dict[str, Any], explorer: Any) -> None:
    name = f"{layer['name']}\n{'×'.join(map(str, layer['shape']))}"
    color = HUES["input" if layer["kind"] == "input" else "output"]
    weight = "bold" if layer["name"] == explorer.layer else "normal"
    size = min(7, 100 / len(explorer.layers))
    place = panel.corner[0] + (middle + 0.5) * panel.cell, panel.corner[1] - 3 - 1.2 * size
    write(panel.axes, place, name, size, "center", weight, color)


def _draw_image(panel: Panel, explorer: Any) -> None:
    image = explorer.images[explorer.image] if explorer.own is None else explorer.own
    low, high = explorer.network["range"]
    levels = ((image - low) / (high - low)).clip(0, 1)
    panel.show(levels.transpose(1, 2, 0) if len(levels) == 3 else levels[0], "gray")
    panel.name("your image" if explorer.own is not None else f"image {explorer.image}")
    panel.border()


def _draw_map(panel: Panel, explorer: Any) -> None:
    at = explorer.layers.index(explorer.shown_layer())
    out = explorer.outputs[at]
    one = out[explorer.unit].reshape(out.shape[1:] or (1, 1))
    hue = "input" if explorer.layer == "input" else "output"
    full = full_color(explorer, at, explorer.unit)
    panel.show(tints(one / full, hue, strongest=1))
    panel.border()
    row, column = explorer.position
    panel.outline(column - 0.5, row - 0.5, (1, 1), "#1b1b1b", 2)
    panel.name(f"{explorer.layer}, unit {explorer.unit}")


def _draw_neuron(panel: Panel, explorer: Any) -> None:
    """The window of a pooling, chunk times weights of a sum, else the one number."""
    layer, at = explorer.shown_layer(), explorer.layers.index(explorer.shown_layer())
    unit, place, outputs = explorer.unit, explorer.position, explorer.outputs
    if layer["kind"] in ("conv", "linear"):
        found = neuron_sum(layer, outputs[at - 1], unit, place)
        title = f"chunk × weights, channel {explorer.channel} of {len(found.chunk)}"
        products = (found.chunk * found.weights)[explorer.channel]
        draw_numbers(panel, products, "weights", title)
    elif layer["kind"] in ("maxpool", "avgpool", "adaptive"):
        x = outputs[at - 1][unit][None]
        seen = window(x, *spans(layer, x.shape[1:], place), 0)[0]
        draw_numbers(panel, seen, "input", f"window in {explorer.layers[at - 1]['name']}")
    else:
        value = outputs[at][(unit, *place)[: outputs[at].ndim]]
        draw_numbers(panel, np.full((1, 1), value), "output", "the number of this neuron")


def _draw_classes(panel: Panel, explorer: Any) -> None:
    """Bars as long as their probabilities, the most probable class first."""
    order = np.argsort(-explorer.outputs[-1], kind="stable")[:_LONGEST]
    panel.write(0.5, 0.05, "softmax: probability", 9, "center")
    height = 0.88 / max(len(order), 5)
    for place, i in enumerate(order):
        share, middle = float(explorer.outputs[-1][i]), 0.12 + (place + 0.5) * height
        panel.bar(0.5, middle - 0.4 * height, (0.5 * share, 0.8 * height), FILLS["output"])
        name = f"{explorer.class_names[i]}: {number_text(explorer.outputs[-1][i])}"
        panel.write(0.48, middle, name, 7, "right")
