"""Everything a network computes for one image, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from coursekit.drawings import FAINT, INK, OUTPUT
from coursekit.plots.figures import WIDTH, new_axes

SIDE, GAP = 32, 4  # pixels of one map on the drawing, and of the space around it
STEP = SIDE + GAP


def show_activations(
    image: np.ndarray,
    activations: Mapping[str, np.ndarray],
    probabilities: Mapping[str, float],
    *,
    alt: str,
    title: str = "",
) -> Axes:
    """Show an image, all maps of every layer, and what the network answers.

    image: (H, W) or (H, W, 3), bytes. activations: layer -> array (C, H', W'), or (K,) for a fully
    connected layer, in the order of computation. probabilities: class -> its probability.
    A column is a layer, with a gray scale of its own: black its least value, white its largest.
    """
    columns = [_column(np.asarray(array)) for array in activations.values()]
    rows = max(map(len, columns))
    wide = STEP * (len(columns) + 1)
    canvas = np.ones((STEP * rows, wide, 3))
    _put(canvas, 0, [_enlarged(_as_color(image))])
    for number, column in enumerate(columns, start=1):
        _put(canvas, number, [_as_color(one) for one in column])
    whole = wide + 5 * STEP  # the answer stands to the right
    axes = new_axes(WIDTH * (canvas.shape[0] + 2 * STEP) / whole, alt)[0, 0]
    axes.imshow(canvas, extent=(0, wide, canvas.shape[0], 0), interpolation="nearest")
    _name_columns(axes, ["image", *activations])
    _draw_answer(axes, probabilities, wide)
    axes.set(title=title, xlim=(0, whole), ylim=(canvas.shape[0], -1.6 * STEP))
    axes.axis("off")
    return axes


def _column(array: np.ndarray) -> list[np.ndarray]:
    """The maps of one layer (SIDE, SIDE) in 0…1, all on one scale."""
    low, high = float(array.min()), float(array.max())
    scaled = (array - low) / (high - low or 1.0)
    maps = scaled if scaled.ndim == 3 else scaled[:, None, None]
    return [_enlarged(one) for one in maps]


def _enlarged(one: np.ndarray) -> np.ndarray:
    """A map (H, W) or (H, W, 3) as (SIDE, SIDE, …), every number a block of pixels."""
    rows, columns = (np.arange(SIDE) * size // SIDE for size in one.shape[:2])
    return one[rows][:, columns]


def _as_color(one: np.ndarray) -> np.ndarray:
    """(H, W, 3) in 0…1 of a gray or colored picture, bytes or floats in 0…1."""
    scaled = one / 255 if one.dtype == np.uint8 else one
    return np.repeat(scaled[..., None], 3, axis=2) if scaled.ndim == 2 else scaled


def _put(canvas: np.ndarray, column: int, pictures: Sequence[np.ndarray]) -> None:
    left = column * STEP
    for row, picture in enumerate(pictures):
        top = row * STEP
        canvas[max(top - 1, 0) : top + SIDE + 1, max(left - 1, 0) : left + SIDE + 1] = 0.8
        canvas[top : top + SIDE, left : left + SIDE] = picture


def _name_columns(axes: Axes, names: Sequence[str]) -> None:
    for column, name in enumerate(names):
        x = column * STEP + SIDE / 2
        axes.text(x, -GAP, name, rotation=60, ha="left", va="bottom", fontsize=9, color=INK)


def _draw_answer(axes: Axes, probabilities: Mapping[str, float], left: float) -> None:
    """A bar for every class, its length the probability."""
    for row, (name, probability) in enumerate(probabilities.items()):
        y = row * STEP + SIDE / 2
        axes.barh(y + 8, 4.6 * STEP, 7, left=left, color=FAINT)
        axes.barh(y + 8, 4.6 * STEP * probability, 7, left=left, color=OUTPUT)
        axes.text(left, y - 5, name, va="center", fontsize=9, color=INK)
    axes.text(left, -GAP, "softmax", rotation=60, ha="left", va="bottom", fontsize=9, color=INK)
