"""Layers as pictures: activations, weights and the gradients of both, small enough to send."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.inspection.filters import filter_pictures
from coursekit.widgets.live_trainer_looking import Seen

MOST_MAPS, MOST_VALUES, WIDEST = 24, 128, 48  # drawn of a layer; pixels of a map
_MOST_FILTERS, _MOST_SLICES = 10, 12  # of a convolution that is no first one


class Sheet:
    """Pictures of all layers in one row of bytes.

    A picture is {"shape": (n, h, w) or (n, h, w, 3), "at": its place in the bytes, "scale": the
    value drawn strongest, "of": how many there are, "columns": in a row, "signed"}. Signed
    pictures hold 128 + 127·value/scale, one byte a value.
    """

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []
        self._length = 0

    def data(self) -> np.ndarray:
        """All bytes, uint8 (length,)."""
        return np.concatenate([np.zeros(0, np.uint8), *self._parts])

    def add(self, levels: np.ndarray, **facts: Any) -> dict[str, Any]:
        """Keep a picture of bytes; what is said of it."""
        at, self._length = self._length, self._length + levels.size
        self._parts.append(np.ascontiguousarray(levels).ravel())
        return {"shape": list(levels.shape), "at": at} | facts

    def signed(self, values: Tensor, of: int, columns: int = 0) -> dict[str, Any]:
        """Keep values (n, h, w), the strongest of which sets the scale."""
        values = torch.nan_to_num(values.detach().float(), 0.0, 0.0, 0.0).cpu()
        scale = values.abs().max().item()
        levels = (128 + 127 * values / (scale or 1)).round().to(torch.uint8).numpy()
        return self.add(levels, scale=scale, of=of, columns=columns, signed=True)


def layer_pictures(seen: list[Seen]) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Pictures and extremes of every layer, with the bytes they are in.

    Each layer: "activation" and "gradient" as (lowest, highest) or None, "pictures" by name:
    activations, activation gradients, weights, weight gradients, as far as it has them.
    """
    sheet = Sheet()
    return [_layer(one, sheet) for one in seen], sheet.data()


def _layer(one: Seen, sheet: Sheet) -> dict[str, Any]:
    pictures = {"activations": _maps(one.activation, sheet)}
    if one.gradient is not None:
        pictures["activation gradients"] = _maps(one.gradient, sheet)
    weight = getattr(one.module, "weight", None)
    if isinstance(weight, Tensor) and weight.ndim in (2, 4):
        pictures["weights"] = _weights(weight, one.module, sheet)
        if weight.grad is not None:
            pictures["weight gradients"] = _weights(weight.grad, one.module, sheet)
    return {
        "activation": _extremes(one.activation),
        "gradient": _extremes(one.gradient),
        "pictures": pictures,
    }


def _extremes(values: Tensor | None) -> list[float] | None:
    if values is None or not bool(values.isfinite().all()):
        return None
    return [values.min().item(), values.max().item()]


def _maps(values: Tensor, sheet: Sheet) -> dict[str, Any]:
    """(C, H, W) as C maps; anything else as one strip of numbers."""
    if values.ndim != 3:
        flat = values.flatten()
        return sheet.signed(flat[:MOST_VALUES].view(1, 1, -1), of=len(flat))
    shown, side = values[:MOST_MAPS].detach().float(), max(values.shape[1:])
    if side > WIDEST:
        shown = F.avg_pool2d(shown, -(-side // WIDEST), ceil_mode=True)
    return sheet.signed(shown, of=len(values))


def _weights(weight: Tensor, module: nn.Module, sheet: Sheet) -> dict[str, Any]:
    """Filters in color where they see colors; otherwise slice by slice, a filter a row."""
    weight = weight.detach()
    if weight.ndim == 2:
        return sheet.signed(weight[:64, :MOST_VALUES][None], of=len(weight))
    filters, slices, height, width = weight.shape
    if slices == 3 and height > 1 and module.in_channels == 3:
        made = filter_pictures(torch.nan_to_num(weight[:MOST_MAPS].float(), 0.0, 0.0, 0.0))
        return sheet.add(made.pictures, scale=made.scale, of=filters, columns=0, signed=False)
    if height == width == 1:
        return sheet.signed(weight[:64, :MOST_VALUES, 0, 0][None], of=filters)
    rows = MOST_MAPS if slices == 1 else _MOST_FILTERS
    shown = weight[:rows, :_MOST_SLICES]
    columns = 0 if slices == 1 else shown.shape[1]
    return sheet.signed(shown.flatten(0, 1), of=filters, columns=columns)


def top_three(logits: Tensor, names: tuple[str, ...]) -> list[list[tuple[str, float]]]:
    """The three likeliest classes of each row of logits, with their probabilities."""
    chances, classes = logits.softmax(1).topk(min(3, logits.shape[1]))
    rows = zip(chances.tolist(), classes.tolist(), strict=True)
    return [
        [(_named(c, names), p if p == p else 0.0) for p, c in zip(*row, strict=True)]
        for row in rows
    ]


def _named(label: int, names: tuple[str, ...]) -> str:
    return names[label] if label < len(names) else f"class {label}"
