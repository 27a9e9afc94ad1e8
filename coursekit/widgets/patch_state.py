"""What the patch browser holds, in words; patch_state.js says the same in the browser."""

from typing import Any

import numpy as np

from coursekit.widgets.forgiving import Forgiving
from coursekit.widgets.microscope_state import Pixels
from coursekit.widgets.wording import number_text


class LayerName(Forgiving):
    """Name of one of the layers that the owner offers."""

    def validate(self, owner: Any, value: Any) -> Any:
        """The name, or the one before it."""
        names = [layer["name"] for layer in owner.layers]
        if isinstance(value, str) and value in names:
            owner.complain(self.name, "")
            return value
        choice = f"layer is {value!r}; choose one of {', '.join(names)}"
        owner.complain(self.name, f"{choice}. The picture keeps what it had.")
        return owner._trait_values.get(self.name, names[0])


class OwnImage(Pixels):
    """One's own image (H, W, C) of bytes or None; of the size of the images that were searched."""

    def read(self, value: Any) -> np.ndarray | None:
        """Bytes (H, W, C), or None for no image; raises ValueError."""
        return None if value is None else super().read(value)

    def validate(self, owner: Any, value: Any) -> Any:
        """The image, or the one before it where the network cannot take this one."""
        before = owner._trait_values.get(self.name)
        image, expected = super().validate(owner, value), owner.image_shape
        if image is None or image.shape == expected:
            return image
        sizes = f"own has shape {image.shape}; the network takes {expected}: resize it"
        owner.complain(self.name, f"{sizes}. The picture keeps what it had.")
        return before


def sentence(browser: Any) -> str:
    """What the picture shows, word for word as in the browser."""
    layer, unit = browser.shown_layer(), browser.unit
    start = f"{layer['name']}, unit {unit} of 0 to {len(layer['values']) - 1}"
    if layer["values"][unit, 0] <= 0:
        text = f"{start}, responds to none of the {browser.found['searched']} images: it is dead."
    else:
        text = f"{start}: {_patch_text(browser, layer)}"
    return f"{text} {_own_text(browser, layer)}".strip()


def _patch_text(browser: Any, layer: dict[str, Any]) -> str:
    unit, patch, size = browser.unit, browser.patch, layer["size"]
    image = browser.found["numbers"][layer["images"][unit, patch]]
    box = layer["boxes"][unit, patch]
    text = (
        f"{layer['values'].shape[1]} images excite it most, in patches of {size}×{size} pixels. "
        f"Patch {patch + 1}, activation {number_text(layer['values'][unit, patch])}: "
        f"{place_text(box)} of test image {image}"
    )
    outside = size * size - _inside(box, browser.image_shape)
    return text + (f"; {outside} of its {size * size} pixels are padding." if outside else ".")


def place_text(box: Any) -> str:
    """Rows and columns of a box (top, left, bottom, right), both ends included."""
    top, left, bottom, right = (number_text(side) for side in np.subtract(box, [0, 0, 1, 1]))
    return f"rows {top} to {bottom}, columns {left} to {right}"


def _inside(box: Any, shape: tuple[int, ...]) -> int:
    """Pixels of a box that lie in the image."""
    top, left, bottom, right = (int(side) for side in box)
    return (min(bottom, shape[0]) - max(top, 0)) * (min(right, shape[1]) - max(left, 0))


def own_place(browser: Any) -> tuple[float, list[int]]:
    """Strongest activation on one's own image, and the box (4 sides) it comes from."""
    layer = browser.shown_layer()
    one = browser.own_maps[browser.layers.index(layer)][browser.unit]
    row, column = np.unravel_index(one.argmax(), one.shape)
    top, left = (layer["start"] + layer["jump"] * int(at) for at in (row, column))
    return float(one.max()), [top, left, top + layer["size"], left + layer["size"]]


def _own_text(browser: Any, layer: dict[str, Any]) -> str:
    if browser.own is None:
        return ""
    value, box = own_place(browser)
    if value <= 0:
        return "It does not respond to your image."
    return f"On your image its largest activation is {number_text(value)}: {place_text(box)}."
