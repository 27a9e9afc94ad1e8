"""Where the windows of a convolution or a pooling stand on an image.

Window (i, j) starts at pixel (i·stride, j·stride) of the *padded* image and reads one pixel for
each tap (u, v) of the kernel, ``dilation`` apart. Everything here is geometry: rows before
columns, sizes in pixels, and leading axes (images, channels, …) left alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from coursekit.layers.inputs import Floats, IntOrPair, Pair, pair
from coursekit.shapes import kernel_extent, output_size, pool_output_size


@dataclass(frozen=True)
class Windows:
    """Windows (i, j), 0 ≤ i < H', 0 ≤ j < W', standing on an H×W image."""

    image: Pair
    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    out: Pair  # (H', W')

    @property
    def extent(self) -> Pair:
        """Pixels from a window's first tap to its last, both counted."""
        return (
            kernel_extent(self.kernel[0], self.dilation[0]),
            kernel_extent(self.kernel[1], self.dilation[1]),
        )

    @property
    def canvas(self) -> Pair:
        """Size of the padded image: wide enough for windows that hang over."""
        sizes = zip(self.image, self.padding, self.out, self.stride, self.extent, strict=True)
        rows, columns = (max(h + 2 * p, (n - 1) * s + e) for h, p, n, s, e in sizes)
        return rows, columns

    def pad(self, x: Floats, fill: float = 0.0) -> Floats:
        """A padded copy of the images (…, H, W)."""
        canvas = np.full((*x.shape[:-2], *self.canvas), fill, x.dtype)
        self.inside(canvas)[...] = x
        return canvas

    def inside(self, canvas: Floats) -> Floats:
        """The image's own pixels in a padded image, a view."""
        (h, w), (top, left) = self.image, self.padding
        # Not canvas[top:-top]: with padding 0 that would be empty.
        return canvas[..., top : top + h, left : left + w]

    def at(self, i: int, j: int) -> tuple[slice, slice]:
        """Rows and columns of the padded image that window (i, j) reads."""
        top, left = i * self.stride[0], j * self.stride[1]
        rows = slice(top, top + self.extent[0], self.dilation[0])
        columns = slice(left, left + self.extent[1], self.dilation[1])
        return rows, columns

    def on_image(self, i: int, j: int) -> tuple[slice, slice]:
        """Rows and columns of the unpadded image that window (i, j) covers."""
        (h, w), (top, left) = self.image, self.padding
        rows, columns = self.at(i, j)
        return (
            slice(max(rows.start - top, 0), min(rows.stop - top, h)),
            slice(max(columns.start - left, 0), min(columns.stop - left, w)),
        )

    def slide(self, canvas: Floats) -> Floats:
        """All windows of padded images, as a view.

        canvas: (…, padded H, padded W). Returns (…, kH, kW, H', W'), nothing copied:
        ``slide(canvas)[…, u, v, i, j]`` is what tap (u, v) of window (i, j) reads; writing to it
        writes to the canvas.
        """
        (sh, sw), (dh, dw) = self.stride, self.dilation
        everywhere = sliding_window_view(canvas, self.extent, axis=(-2, -1), writeable=True)
        windows = everywhere[..., ::sh, ::sw, ::dh, ::dw]  # (…, ≥H', ≥W', kH, kW)
        return np.moveaxis(windows, (-2, -1), (-4, -3))

    def taps(self, canvas: Floats) -> Iterator[Floats]:
        """What each tap reads in all windows: kH·kW views (…, H', W').

        Each is the padded image shifted and strided; they come in row order.
        """
        windows = self.slide(canvas)
        for u, v in np.ndindex(self.kernel):
            yield windows[..., u, v, :, :]


def place_windows(
    image: Pair,
    kernel_size: IntOrPair,
    stride: IntOrPair,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
) -> Windows:
    """Windows of a convolution on an image of size (H, W).

    Raises ValueError when a size is impossible or the kernel exceeds the padded image.

    >>> place_windows((7, 9), (3, 5), stride=2, padding=(1, 0)).out
    (4, 3)
    """
    kernel, steps, border, spacing = (
        pair("kernel_size", kernel_size),
        pair("stride", stride),
        pair("padding", padding, least=0),
        pair("dilation", dilation),
    )
    _require_room(image, kernel, border, spacing)
    axes = zip(image, kernel, steps, border, spacing, strict=True)
    rows, columns = (output_size(*axis) for axis in axes)
    return Windows(image, kernel, steps, border, spacing, (rows, columns))


def place_pooling_windows(
    image: Pair,
    kernel_size: IntOrPair,
    stride: IntOrPair | None,
    padding: IntOrPair,
    ceil_mode: bool = False,
) -> Windows:
    """Windows of a pooling; side by side where no stride is given.

    Raises ValueError as ``place_windows`` does, and when padding exceeds half the kernel: a window
    might then hold no pixel at all.

    >>> place_pooling_windows((7, 9), 3, stride=2, padding=0).out
    (3, 4)
    """
    kernel = pair("kernel_size", kernel_size)
    steps = kernel if stride is None else pair("stride", stride)
    border = pair("padding", padding, least=0)
    if 2 * border[0] > kernel[0] or 2 * border[1] > kernel[1]:
        raise ValueError(
            f"padding is {border} with kernel_size {kernel}; expected at most half the kernel"
        )
    _require_room(image, kernel, border, (1, 1))
    axes = zip(image, kernel, steps, border, strict=True)
    rows, columns = (pool_output_size(*axis, ceil_mode=ceil_mode) for axis in axes)
    return Windows(image, kernel, steps, border, (1, 1), (rows, columns))


def _require_room(image: Pair, kernel: Pair, padding: Pair, dilation: Pair) -> None:
    extent = [kernel_extent(k, d) for k, d in zip(kernel, dilation, strict=True)]
    padded = [size + 2 * p for size, p in zip(image, padding, strict=True)]
    if extent[0] > padded[0] or extent[1] > padded[1]:
        raise ValueError(
            f"kernel_size {kernel} with dilation {dilation} spans {extent[0]}×{extent[1]} pixels, "
            f"more than the padded image of {padded[0]}×{padded[1]}: "
            "use a smaller kernel_size or more padding"
        )
