"""What the patch browser shows, computed once: top patches, projections, maps of one's image."""

from typing import Any

import numpy as np
import torch
from torch import nn

from coursekit.data import Dataset
from coursekit.inspection import activations, deconvnet, top_patches
from coursekit.inspection.patches import TopPatches
from coursekit.models.tracing import architecture_table


def catalog(
    model: nn.Module, dataset: Dataset, layers: tuple[str, ...], k: int, images: int, most: int
) -> dict[str, Any]:
    """Find the k top patches of every unit and project each back to the pixels.

    images: number of test images that are searched. most: units of a layer that are kept.
    Returns {"searched", "numbers" (M,), "images" (M, H, W, C), "layers": one dict a layer}: only
    the M images with a patch are kept, and `numbers` says which of the test images they are.

    Raises:
        ValueError: a layer does not exist or has no maps, or there are fewer than k images.
    """
    pixels, labels = (each[:images] for each in dataset.test)
    rows = {row.name: row for row in architecture_table(model, tuple(pixels.shape[1:]))}
    _require_maps(rows, layers)
    x = dataset.normalize(pixels).to(next(model.parameters()).device)
    found = top_patches(model, list(zip(x.split(128), labels.split(128), strict=True)), layers, k)
    kept = {name: found[name].images[:most].contiguous() for name in layers}
    numbers = torch.unique(torch.cat([each.flatten() for each in kept.values()]))
    return {
        "searched": len(pixels),
        "numbers": numbers.int().numpy(),
        "images": pixels[numbers].permute(0, 2, 3, 1).contiguous().numpy(),
        "layers": [
            {
                "name": name,
                "size": rows[name].receptive_field,
                "jump": rows[name].jump,
                "start": rows[name].start,
                "values": found[name].values[:most].float().numpy(),
                "images": torch.searchsorted(numbers, kept[name]).int().numpy(),
                "boxes": found[name].boxes[:most].int().numpy(),
                "projections": _projections(model, x, name, found[name], len(kept[name])),
            }
            for name in layers
        ],
    }


def _require_maps(rows: dict[str, Any], layers: tuple[str, ...]) -> None:
    for name in layers:
        if name not in rows or len(rows[name].output_shape) != 3:
            maps = ", ".join(key for key, row in rows.items() if len(row.output_shape) == 3)
            raise ValueError(f"The model has no layer {name!r} with maps; choose out of {maps}.")


def _projections(
    model: nn.Module, x: torch.Tensor, layer: str, top: TopPatches, units: int
) -> np.ndarray:
    """Deconvnet pictures of the patches, uint8 (units, k, size, size, C); 0 is mid-gray, 128."""
    shown = []
    for unit in range(units):
        back = deconvnet(model, x[top.images[unit]], layer, unit).cpu()
        levels = 128 + 127 * back / (back.abs().max().item() or 1)
        one = TopPatches(top.values[unit], torch.arange(len(back))[None], top.boxes[unit][None])
        shown.append(one.patches(0, levels.round().to(torch.uint8)).permute(0, 2, 3, 1))
    return torch.stack(shown).numpy()


def maps_of(
    model: nn.Module, dataset: Dataset, image: np.ndarray, layers: list[dict[str, Any]]
) -> list[np.ndarray]:
    """Activations on one image (H, W, C) of bytes: for each layer float32 (units, H', W')."""
    x = dataset.normalize(torch.from_numpy(image.copy()).permute(2, 0, 1)[None])
    outputs = activations(model, x.to(next(model.parameters()).device))
    return [outputs[each["name"]][0, : len(each["values"])].cpu().numpy() for each in layers]
