"""Arrays as pictures."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes

from coursekit.plots.figures import WIDTH, new_axes

PANEL = 3.6  # inches, the most one picture is wide


def show_image(image: np.ndarray, *, alt: str, title: str = "") -> Axes:
    """Show one picture, titled with its shape.

    image: (H, W), (H, W, 1) or (H, W, 3); bytes in 0…255 or floats in 0…1.
    """
    return show_grid([image], titles=[title], alt=alt)


def show_channels(
    image: np.ndarray, *, alt: str, names: Sequence[str] = ("red", "green", "blue"), axis: int = 0
) -> Axes:
    """Show each channel of an array as its own gray picture.

    image: (C, H, W), or (H, W, C) with axis=-1; names: one for each channel.
    Returns the first picture's Axes; all of them are in ``.figure.axes``.
    """
    planes = np.moveaxis(np.asarray(image), axis, 0)
    if len(names) != len(planes):
        raise ValueError(
            f"there are {len(planes)} channels along axis {axis} and {len(names)} names; give one "
            "name for each channel, and axis=-1 for an array (H, W, C)"
        )
    return show_grid(planes, titles=names, alt=alt)


def show_grid(
    images: Iterable[np.ndarray],
    *,
    alt: str,
    titles: Sequence[str] | None = None,
    columns: int = 4,
) -> Axes:
    """Show pictures side by side, each titled with its shape.

    images: arrays as for ``show_image``; gray floats share one scale, bytes are 0…255.
    Returns the first picture's Axes; all of them are in ``.figure.axes``.
    """
    pictures = [np.asarray(image) for image in images]
    columns = min(columns, len(pictures))
    rows = math.ceil(len(pictures) / columns)
    panel = min(WIDTH / columns, PANEL)
    tallest = max(picture.shape[0] / picture.shape[1] for picture in pictures)
    axes = new_axes(rows * (panel * tallest * 0.86 + 0.75), alt, rows, columns)
    low, high = _common_scale(pictures)
    for one, picture, title in zip(
        axes.flat, pictures, titles or [""] * len(pictures), strict=False
    ):
        one.imshow(picture, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        one.set_title(f"{title}\n{picture.shape}".strip())
        _mark_pixels(one, *picture.shape[:2])
    for one in axes.flat[len(pictures) :]:
        one.axis("off")
    axes[0, 0].set_ylabel("row")
    return axes[0, 0]


def _common_scale(pictures: Sequence[np.ndarray]) -> tuple[float, float]:
    if all(picture.dtype == np.uint8 for picture in pictures):
        return 0, 255
    low = min(float(picture.min()) for picture in pictures)
    high = max(float(picture.max()) for picture in pictures)
    return min(low, 0.0), max(high, 1.0)


def _mark_pixels(axes: Axes, height: int, width: int) -> None:
    """Number the first and the last row and column only."""
    axes.set_xticks([0, width - 1])
    axes.set_yticks([0, height - 1])
    axes.set_xlabel("column", labelpad=-8)
    axes.tick_params(length=0, labelsize=9)
    axes.spines[:].set_visible(False)
