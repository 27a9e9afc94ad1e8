"""Walk through a whole small network: every activation, down to the numbers of one neuron."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from coursekit.widgets import network_state
from coursekit.widgets.forgiving import Array, Choice, Whole, pack
from coursekit.widgets.patch_state import LayerName
from coursekit.widgets.picture import LivePicture

_LARGEST = (24, 3, 32, 32)  # images, channels, rows, columns


class _Images(Array):
    """Images (N, C, H, W), always of the size the network was opened with."""

    def validate(self, owner: Any, value: Any) -> Any:
        """The images, or those before them where the network cannot take these."""
        before = owner._trait_values.get(self.name)
        images, expected = super().validate(owner, value), owner.image_shape
        if images.shape[1:] == expected:
            return images
        sizes = f"images have shape {images.shape}; the network takes (N, *{expected})"
        owner.complain(self.name, f"{sizes}. The picture keeps what it had.")
        return before


class _OwnImage(Array):
    """One image (C, H, W), or None."""

    def read(self, value: Any) -> np.ndarray | None:
        """Contiguous float32 copy, or None; raises ValueError."""
        return None if value is None else super().read(_plain(value))

    def validate(self, owner: Any, value: Any) -> Any:
        """The image, or the one before it where the network cannot take this one."""
        before = owner._trait_values.get(self.name)
        image, expected = super().validate(owner, value), owner.image_shape
        if image is None or image.shape == expected:
            return image
        sizes = f"own has shape {image.shape}; the network takes {expected}"
        owner.complain(self.name, f"{sizes}. The picture keeps what it had.")
        return before


def _pack_own(image: np.ndarray | None, _owner: Any) -> dict[str, Any] | None:
    return None if image is None else pack(image)


class NetworkExplorer(LivePicture):
    """Shows every activation of a small trained network, down to one neuron's numbers.

    model: an nn.Sequential of Conv2d, ReLU, MaxPool2d, AvgPool2d, AdaptiveAvgPool2d, Flatten,
    Linear and Softmax; its weights are copied. images: (N, C, H, W), at most (24, 3, 32, 32);
    whole numbers of 8 bits are divided by 255. class_names: one word a class. mean, std: one
    number or one a channel; the network gets (images − mean)/std.

    The browser computes the network, so another image answers at once. It can be read back and
    set: ``explorer.image``, ``explorer.own`` (C, H, W), ``explorer.layer`` (a name),
    ``explorer.unit``, ``explorer.position`` (row, column), ``explorer.channel`` of the sum;
    ``explorer.color_range``, "layer", "unit" or "network": whose largest number has full color.

    Raises:
        ValueError: a layer that the browser cannot compute, or images the network does not take.
    """

    script = "network_explorer.js"
    remembered = ("image", "layer", "unit", "position", "channel", "color_range")
    network = traitlets.Dict(help="layers, weights, scale and offset of the input").tag(sync=True)
    images = _Images(_LARGEST)
    class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    image = Whole(0, _LARGEST[0] - 1).tag(sync=True)
    own = _OwnImage(_LARGEST[1:]).tag(to_json=_pack_own)
    layer = LayerName("input").tag(sync=True)
    unit = Whole(0, 99_999).tag(sync=True)
    position = traitlets.Tuple(*[traitlets.Int()] * 2, default_value=(0, 0)).tag(sync=True)
    channel = Whole(0, 99_999).tag(sync=True)
    color_range = Choice("layer", "unit", "network").tag(sync=True)

    def __init__(
        self,
        model: Any,
        images: Any,
        class_names: Sequence[str] | None = None,
        *,
        mean: Any = 0.0,
        std: Any = 1.0,
        layer: str | None = None,
        unit: int = 0,
    ) -> None:
        from coursekit.widgets.network_layers import plain_layers

        pixels, low, high = _pixels(images)
        self.image_shape = pixels.shape[1:]
        found = plain_layers(model, self.image_shape)
        first = {"name": "input", "kind": "input", "shape": list(self.image_shape)}
        self.layers = [first, *(layer for layer, _ in found)]
        self._modules = [module for _, module in found]
        self.scale, self.offset = _affine(mean, std, self.image_shape[0])
        names = _class_names(class_names, self.layers[-1]["shape"][0])
        network = self._network(low, high)
        super().__init__(network=network, images=pixels, class_names=names, own=None)
        self.outputs = self._respond()
        self.observe(self._take, ["images", "image", "own", "layer", "unit", "position", "channel"])
        self.layer = layer or self.layers[1]["name"]
        self.unit, (height, width) = unit, (*self.shown_layer()["shape"], 1, 1)[1:3]
        self.position = (height // 2, width // 2)
        self._take(None)

    def shown_layer(self) -> dict[str, Any]:
        """The present layer: name, kind, shape and what its kind needs."""
        return next(each for each in self.layers if each["name"] == self.layer)

    def activations(self) -> dict[str, np.ndarray]:
        """Every layer's numbers for the present image, by name: (C, H, W) or (n,)."""
        return {layer["name"]: out for layer, out in zip(self.layers, self.outputs, strict=True)}

    def _network(self, low: float, high: float) -> dict[str, Any]:
        layers = [
            {name: pack(v) if isinstance(v, np.ndarray) else v for name, v in layer.items()}
            for layer in self.layers
        ]
        scaling = {"scale": self.scale.tolist(), "offset": self.offset.tolist()}
        return {"layers": layers, **scaling, "range": [low, high]}

    def _respond(self) -> list[np.ndarray]:
        from coursekit.widgets.network_layers import run

        picture = self.images[self.image] if self.own is None else self.own
        scale, offset = (each[:, None, None] for each in (self.scale, self.offset))
        return run(self._modules, picture.astype(np.float64) * scale + offset)

    def _take(self, change: Any) -> None:
        if change is not None and change.name in ("images", "image", "own"):
            if self.image >= len(self.images):
                self.image = len(self.images) - 1
            self.outputs = self._respond()
        if change is not None and change.name == "layer":
            self.unit = min(self.unit, self.shown_layer()["shape"][0] - 1)
            self.channel, self.position = 0, self._nearest(self.position)
        self.sentence = network_state.sentence(self)

    def _nearest(self, place: tuple[int, int]) -> tuple[int, int]:
        rows, columns = (*self.shown_layer()["shape"], 1, 1)[1:3]
        return min(max(place[0], 0), rows - 1), min(max(place[1], 0), columns - 1)

    @traitlets.validate("position")
    def _inside(self, proposal: Any) -> tuple[int, int]:
        nearest = self._nearest(proposal.value)
        outside = f"position {proposal.value} is outside the map; the nearest is {nearest}."
        self.complain("position", "" if nearest == tuple(proposal.value) else outside)
        return nearest

    @traitlets.validate("unit", "image", "channel")
    def _within(self, proposal: Any) -> int:
        name, value = proposal.trait.name, proposal.value
        layer = self.shown_layer()
        count = {"unit": layer["shape"][0], "image": max(len(self.images), 1)}
        last = count.get(name, self._channels(layer)) - 1
        if value > last:
            self.complain(name, f"{name} is {value}; the last one is {last}.")
        return min(value, last)

    def _channels(self, layer: dict[str, Any]) -> int:
        """Channels that a neuron of the layer sums over."""
        if layer["kind"] == "linear":
            return layer["grid"][0]
        return layer["weight"].shape[1] if layer["kind"] == "conv" else 1

    def __repr__(self) -> str:
        return f"NetworkExplorer(layer={self.layer!r}, unit={self.unit}, position={self.position})"

    def draw(self, figure: Any) -> None:
        """Draw the maps of all layers; below, the chosen map, its numbers and the classes."""
        from coursekit.widgets.network_still import draw

        draw(self, figure)


def _plain(value: Any) -> Any:
    """A tensor as an array; anything else as it is."""
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value


def _pixels(images: Any) -> tuple[np.ndarray, float, float]:
    """Images as float32 and the numbers that stand for black and white; raises ValueError."""
    images = _plain(images)
    try:
        pixels = Array(_LARGEST).read(images)
    except ValueError as error:
        raise ValueError(f"images {error}.") from None
    if getattr(images, "dtype", None) == np.uint8:
        pixels = pixels / np.float32(255)
    low, high = float(pixels.min()), float(pixels.max())
    if low >= 0 and high <= 1:
        return pixels, 0.0, 1.0
    return pixels, low, high if high > low else low + 1


def _affine(mean: Any, std: Any, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Scale and offset, (C,) each, that do what (x − mean)/std does."""
    try:
        mean, std = (
            np.broadcast_to(np.asarray(each, np.float64), (channels,)) for each in (mean, std)
        )
    except (TypeError, ValueError):
        wanted = f"expected one number each, or {channels}, one a channel"
        raise ValueError(f"mean is {mean!r} and std {std!r}; {wanted}.") from None
    if not (np.isfinite(mean).all() and np.isfinite(std).all() and (std > 0).all()):
        raise ValueError(f"mean is {mean} and std {std}; expected finite numbers and std above 0.")
    return 1 / std, -mean / std


def _class_names(names: Sequence[str] | None, count: int) -> list[str]:
    chosen = [f"class {i}" for i in range(count)] if names is None else [str(n) for n in names]
    if len(chosen) != count:
        raise ValueError(f"class_names has {len(chosen)} words; the network tells {count} apart.")
    return chosen
