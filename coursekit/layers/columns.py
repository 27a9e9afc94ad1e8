"""Windows laid side by side as columns, so that a convolution is one matrix product.

Copying every window of every image ("im2col": Chellapilla, Puri, Simard, 2006) would take kH·kW
times the memory of the images. Here a few images, or some channels of one image, are copied at a
time into one buffer that is used again and again and mostly stays in the processor's cache.

The first row of the columns is all ones: the bias is the weight of an input that is always 1, and
comes out of the same product.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from coursekit.layers.inputs import Floats
from coursekit.layers.windows import Windows


class Block(NamedTuple):
    """A part of the work: some images, and some channels of each group."""

    images: slice
    channels: slice
    rows: slice  # what these channels fill of all 1 + C/G·kH·kW rows; the ones go with the first


class Columns:
    """A buffer that holds the windows of a block of images as columns.

    windows: where they stand. shape: (N, G, C/G), the images' axes before H and W.
    budget: the most numbers the buffer may hold; one channel of each group always fits.
    """

    def __init__(
        self, windows: Windows, shape: tuple[int, int, int], budget: int, dtype: np.dtype
    ) -> None:
        self.shape, self.taps = shape, windows.kernel[0] * windows.kernel[1]
        positions = windows.out[0] * windows.out[1]
        n, c = self._block_size(budget // positions)
        groups = shape[1]
        self.block = (n, c)

        # Between calls the canvas's border is 0 and the first row of the columns is 1.
        self._canvas = np.zeros((n, groups, c, *windows.canvas), dtype)
        self._image, self._windows = windows.inside(self._canvas), windows.slide(self._canvas)
        self._matrix = np.empty((n, groups, 1 + c * self.taps, positions), dtype)
        self._buffer = self._matrix[:, :, 1:].reshape(n, groups, c, *windows.kernel, *windows.out)
        self._matrix[:, :, 0] = 1

    def _block_size(self, rows: int) -> tuple[int, int]:
        """Images, and channels of each group, that fill at most ``rows`` rows."""
        n, groups, channels = self.shape
        images = rows // (groups * (1 + channels * self.taps))
        if images >= 1:
            return min(n, images), channels
        most = max(1, (rows // groups - 1) // self.taps)
        parts = -(-channels // most)
        return 1, -(-channels // parts)  # parts of nearly equal size

    def blocks(self) -> Iterator[Block]:
        """Every part of the work, image after image."""
        (n, _, channels), (step, part) = self.shape, self.block
        for first in range(0, n, step):
            for low in range(0, channels, part):
                high = min(low + part, channels)
                rows = slice(low * self.taps + (low > 0), high * self.taps + 1)
                yield Block(slice(first, first + step), slice(low, high), rows)

    def unfold(self, x: Floats, block: Block) -> Floats:
        """Copy a block's windows into columns: (n, G, rows, H'·W').

        x: all images (N, G, C/G, H, W).
        """
        part = x[block.images, :, block.channels]
        n, c = len(part), part.shape[2]
        self._image[:n, :, :c] = part
        self._buffer[:n, :, :c] = self._windows[:n, :, :c]
        with_ones = block.channels.start == 0
        return self._matrix[:n, :, 0 if with_ones else 1 : 1 + c * self.taps]

    def fold(self, block: Block, dx: Floats) -> None:
        """Add columns up at the pixels they were copied from.

        By now the columns that ``unfold`` returned hold gradients; the sums are written to this
        block's part of dx (N, G, C/G, H, W).
        """
        part = dx[block.images, :, block.channels]
        n, c = len(part), part.shape[2]
        self._canvas.fill(0)
        for u, v in np.ndindex(self._buffer.shape[3:5]):
            pixels = self._windows[:n, :, :c, u, v]
            pixels += self._buffer[:n, :, :c, u, v]  # in one tap no pixel is met twice
        part[...] = self._image[:n, :, :c]
        self._canvas.fill(0)
        self._matrix[:, :, 0] = 1
