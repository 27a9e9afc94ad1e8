"""The patches of images that a unit responds to most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.inspection.activations import find_layer, recorded, split_use
from coursekit.models.tracing import architecture_table
from coursekit.training.measuring import evaluating


@dataclass(frozen=True)
class TopPatches:
    """For every unit of a layer, the places in the images that excite it most.

    Attributes:
        values: the activations, (units, k), largest first.
        images: numbers of the images, (units, k); no image comes twice for a unit.
        boxes: (units, k, 4): top, left, bottom and right of the receptive field in the image, in
            pixels; bottom and right excluded, the padding included, so they may lie outside.
    """

    values: Tensor
    images: Tensor
    boxes: Tensor

    def patches(self, unit: int, images: Tensor, fill: int = 128) -> Tensor:
        """Crop the patches of a unit out of the images.

        Args:
            images: all images, uint8 (N, C, H, W), in the order they were searched in.
            fill: level of the pixels outside an image, which the unit sees as padding.

        Returns:
            uint8 (k, C, size, size).
        """
        h, w = images.shape[2:]
        crops = []
        for number, box in zip(self.images[unit].tolist(), self.boxes[unit].tolist(), strict=True):
            top, left, bottom, right = box
            inside = images[number, :, max(top, 0) : bottom, max(left, 0) : right]
            outside = (max(-left, 0), max(right - w, 0), max(-top, 0), max(bottom - h, 0))
            crops.append(F.pad(inside, outside, value=fill))
        return torch.stack(crops)


def top_patches(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    layers: Sequence[str],
    k: int = 9,
) -> dict[str, TopPatches]:
    """Find the k places in images that excite each unit most.

    All layers are searched in one pass over the images, and of each image only the strongest
    place counts (Zeiler and Fergus, 2014, figure 2).

    Args:
        batches: of (x, labels), x (n, C, H, W), in a fixed order, as `Batches(dataset, "test")`.
        layers: names of layers as in `activations`, with outputs (n, units, H', W') or (n, units).

    Returns:
        layer name -> `TopPatches`.

    Raises:
        ValueError: a layer does not exist, or there are fewer than k images.
    """
    best: dict[str, _Best] = {name: _Best(k) for name in layers}
    seen, shape, device = 0, (), next(model.parameters()).device
    for name in layers:
        find_layer(model, name)
    for x, _ in batches:
        with evaluating(model), recorded(model, layers) as outputs:
            model(x.to(device))
        for name in layers:
            best[name].add(outputs[name], seen)
        seen, shape = seen + len(x), tuple(x.shape[1:])
    if seen < k:
        raise ValueError(f"There are {seen} images, but the best {k} are asked for.")
    return {name: best[name].result(_View(model, name, shape)) for name in layers}


class _Best:
    """The k largest activations of every unit so far."""

    def __init__(self, k: int) -> None:
        self.k = k
        self.values = self.images = self.places = torch.empty(0, 0)
        self.width = 0

    def add(self, output: Tensor, first: int) -> None:
        """Consider some more images' outputs, (n, units, H', W').

        first: the number of the first of them.
        """
        self.width = output.shape[3] if output.ndim == 4 else 0
        values, places = output.flatten(2).max(2) if self.width else (output, output.long() * 0)
        numbers = torch.arange(first, first + len(output), device=output.device)
        numbers = numbers[:, None].expand_as(places)
        if len(self.values):
            values = torch.cat([self.values, values])
            places = torch.cat([self.places, places])
            numbers = torch.cat([self.images, numbers])
        # stable, so that of equal images the earlier one stays
        order = values.sort(dim=0, descending=True, stable=True).indices[: self.k]
        self.values, self.places, self.images = (
            tensor.gather(0, order) for tensor in (values, places, numbers)
        )

    def result(self, view: "_View") -> TopPatches:
        """Put the units first, and boxes for places."""
        values, images, places = (t.T.cpu() for t in (self.values, self.images, self.places))
        return TopPatches(values, images, view.boxes(places, self.width))


class _View:
    """Which pixels the units of a layer see."""

    def __init__(self, model: nn.Module, layer: str, image_shape: tuple[int, ...]) -> None:
        name, use = split_use(layer)
        rows = [row for row in architecture_table(model, image_shape) if row.name == name]
        self.row, self.image_shape = rows[use - 1], image_shape

    def boxes(self, places: Tensor, width: int) -> Tensor:
        """Boxes (…, 4) of the flat positions `places` (…).

        width: of the maps they are in; 0 where the layer has none.
        """
        h, w = self.image_shape[1:]
        if not width:
            return torch.tensor([0, 0, h, w]).expand(*places.shape, 4)
        corner = torch.stack([places // width, places % width], dim=-1)
        corner = self.row.start + self.row.jump * corner
        return torch.cat([corner, corner + self.row.receptive_field], dim=-1)
