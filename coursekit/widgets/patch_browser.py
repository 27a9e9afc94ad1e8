"""Browse a network's units by the patches of images that excite them most."""

from typing import Any

import numpy as np
import traitlets

from coursekit.widgets import patch_state
from coursekit.widgets.forgiving import Whole, pack
from coursekit.widgets.patch_state import LayerName, OwnImage
from coursekit.widgets.picture import LivePicture


class PatchBrowser(LivePicture):
    """Shows what excites the units of a network: layer, unit, top patches, projections.

    model: an nn.Module whose rectifiers are nn.ReLU(inplace=False). dataset: its test images are
    searched. layers: names as in `coursekit.inspection.activations`, each with maps. k: patches
    of a unit, at most one of each image. images: how many test images are searched. most: units
    of a layer that are shown. own: an image of one's own, (H, W, C) or (C, H, W), of the size
    the network takes; its activations are shown as well.

    Everything is computed when the browser is made. It can be read back and set:
    ``browser.layer``, ``browser.unit``, ``browser.patch`` (from 0), ``browser.own``.

    Raises:
        ValueError: a layer does not exist or has no maps, or there are fewer than k images.
    """

    script = "patch_browser.js"
    remembered = ("layer", "unit", "patch")
    catalog = traitlets.Dict(help="images, patches and projections").tag(sync=True)
    layer = LayerName("").tag(sync=True)
    unit = Whole(0, 9999).tag(sync=True)
    patch = Whole(0, 99).tag(sync=True)
    own = OwnImage(None).tag(
        sync=True, to_json=lambda image, _: image if image is None else pack(image)
    )
    answer = traitlets.Dict(help="activations on one's own image").tag(sync=True)

    def __init__(
        self,
        model: Any,
        dataset: Any,
        layers: tuple[str, ...] = ("relu1", "relu2", "relu3"),
        *,
        k: int = 9,
        images: int = 500,
        most: int = 32,
        own: Any = None,
    ) -> None:
        from coursekit.widgets.patch_catalog import catalog

        self.model, self.dataset = model, dataset
        self.found = catalog(model, dataset, tuple(layers), k, images, most)
        self.layers: list[dict[str, Any]] = self.found["layers"]
        self.image_shape: tuple[int, ...] = self.found["images"].shape[1:]
        self.own_maps: list[np.ndarray] = []
        super().__init__(catalog=_parcels(self.found), layer=self.layers[0]["name"], own=None)
        self.own = own
        self._take(None)
        self.observe(self._take, ["layer", "unit", "patch", "own"])

    def shown_layer(self) -> dict[str, Any]:
        """The present layer: name, size, jump, start, values, images, boxes, projections."""
        return next(each for each in self.layers if each["name"] == self.layer)

    def patches(self) -> np.ndarray:
        """The unit's patches, strongest first, uint8 (k, size, size, C); padding is 128."""
        layer, size = self.shown_layer(), self.shown_layer()["size"]
        pixels = self.found["images"][layer["images"][self.unit]]
        margin = ((0, 0), (size, size), (size, size), (0, 0))
        padded = np.pad(pixels, margin, constant_values=128)
        corners = layer["boxes"][self.unit][:, :2] + size
        return np.stack(
            [
                image[top : top + size, left : left + size]
                for image, (top, left) in zip(padded, corners, strict=True)
            ]
        )

    @traitlets.validate("unit", "patch")
    def _within(self, proposal: Any) -> int:
        name, value = proposal.trait.name, proposal.value
        last = self.shown_layer()["values"].shape[name == "patch"] - 1
        if value > last:
            self.complain(name, f"{name} is {value}; the last one is {last}.")
        return min(value, last)

    def _take(self, change: Any) -> None:
        if change is None or change.name == "own":
            self._respond()
        if change is not None and change.name == "layer":
            self.unit = min(self.unit, len(self.shown_layer()["values"]) - 1)
        self.sentence = patch_state.sentence(self)

    def _respond(self) -> None:
        """Let the network look at one's own image."""
        from coursekit.widgets.patch_catalog import maps_of

        shown = self.own is not None
        self.own_maps = maps_of(self.model, self.dataset, self.own, self.layers) if shown else []
        self.answer = {"maps": [pack(maps) for maps in self.own_maps]}

    def __repr__(self) -> str:
        return f"PatchBrowser(layer={self.layer!r}, unit={self.unit}, patch={self.patch})"

    def draw(self, figure: Any) -> None:
        """Draw the unit's patches with their projections, and where the chosen one lies."""
        from coursekit.widgets.patch_still import draw

        draw(self, figure)


def _parcels(value: Any) -> Any:
    """The catalog as it travels: arrays as parcels of bytes."""
    if isinstance(value, np.ndarray):
        return pack(value)
    if isinstance(value, dict):
        return {name: _parcels(part) for name, part in value.items()}
    return [_parcels(part) for part in value] if isinstance(value, list) else value
