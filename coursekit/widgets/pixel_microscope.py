"""Look at a picture's pixels: their numbers, bits, sums in 8 bits, and places in memory."""

from typing import Any

import numpy as np
import traitlets

from coursekit.widgets import microscope_state
from coursekit.widgets.forgiving import Choice, Whole, pack, unpack
from coursekit.widgets.microscope_state import Bit, Pixels, Place
from coursekit.widgets.picture import LivePicture

_SETTINGS = ("position", "dtype", "order", "bit", "brightness", "overflow")


def color_field() -> np.ndarray:
    """Picture (32, 48, 3) in which red rises to the right, green downward, blue to the left."""
    down, right = np.mgrid[0:1:32j, 0:1:48j]
    return np.rint(255 * np.stack([right, down, 1 - right], axis=2)).astype(np.uint8)


class PixelMicroscope(LivePicture):
    """Shows the numbers behind a picture, pixel by pixel.

    image: (H, W), (H, W, C) or (C, H, W), one channel or three, at most 512×512; whole numbers
    from 0 to 255 or floats from 0 to 1. position: (row, column). dtype: "uint8" or "float32", in
    which numbers are shown and added. order: "HWC" or "CHW", what memory holds after what. bit:
    7 (worth 128) to 0 (worth 1) shows that bit alone. brightness: −255 to 255, added to every
    number, which in 8 bits wraps around or, with overflow="saturate", stops at 0 and 255.
    Everything can be read back and set: ``microscope.position``, ``microscope.values``.
    """

    script = "pixel_microscope.js"
    remembered = ("position", "order", "dtype", "overflow", "brightness", "bit")
    image = Pixels(np.zeros((1, 1, 1), np.uint8)).tag(sync=True, to_json=pack, from_json=unpack)
    position = Place((0, 0)).tag(sync=True)
    dtype = Choice("uint8", "float32").tag(sync=True)
    order = Choice("HWC", "CHW").tag(sync=True)
    bit = Bit(0, 7).tag(sync=True)
    brightness = Whole(-255, 255).tag(sync=True)
    overflow = Choice("wrap", "saturate").tag(sync=True)

    def __init__(
        self,
        image: Any = None,
        position: tuple[int, int] | None = None,
        dtype: str = "uint8",
        order: str = "HWC",
        *,
        bit: int | None = None,
        brightness: int = 0,
        overflow: str = "wrap",
    ) -> None:
        super().__init__(image=color_field(), bit=None, brightness=0)
        with self.hold_sync():
            if image is not None:
                self.image = image
            height, width, _ = self.image.shape
            self.position = (height // 2, width // 2) if position is None else position
            self.dtype, self.order, self.bit = dtype, order, bit
            self.brightness, self.overflow = brightness, overflow
            self._speak()
        self.observe(self._take, ["image", *_SETTINGS])

    @property
    def values(self) -> np.ndarray:
        """Numbers of the pixel as shown, (C,): uint8, or floats in units of 255."""
        return self.shown()[self.position]

    def shown(self) -> np.ndarray:
        """Picture after the brightness was added, (H, W, C)."""
        return microscope_state.added(self.image, self.brightness, self.dtype, self.overflow)

    def flat_positions(self) -> list[int]:
        """Places of the pixel's numbers in memory, one a channel, counted from 0."""
        shape = self.image.shape
        return [
            microscope_state.flat_position(self.position, channel, shape, self.order)
            for channel in range(shape[2])
        ]

    @traitlets.validate("position")
    def _inside(self, proposal: Any) -> tuple[int, int]:
        nearest = self._nearest(proposal.value)
        if nearest != proposal.value:
            outside = f"position {proposal.value} is outside the image; the nearest is {nearest}"
            self.complain("position", f"{outside}.")
        return nearest

    def _nearest(self, position: tuple[int, int]) -> tuple[int, int]:
        row, column = (
            min(max(at, 0), n - 1) for at, n in zip(position, self.image.shape, strict=False)
        )
        return row, column

    def _take(self, change: Any) -> None:
        if change.name == "image":
            self.position = self._nearest(self.position)
        self._speak()

    def _speak(self) -> None:
        self.sentence = microscope_state.sentence(self)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in _SETTINGS)
        return f"PixelMicroscope({values})"

    def draw(self, figure: Any) -> None:
        """Draw picture, neighborhood and the pixel's numbers."""
        from coursekit.widgets.microscope_still import draw

        draw(self, figure)
