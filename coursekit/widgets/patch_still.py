"""The patch browser as a still picture, for pages that run no script."""

from typing import Any

import numpy as np

from coursekit.widgets.patch_state import own_place
from coursekit.widgets.still import HUES
from coursekit.widgets.wording import number_text


def draw(browser: Any, figure: Any) -> None:
    """At the left patches and projections side by side; at the right the chosen one's image."""
    layer, unit, patch = browser.shown_layer(), browser.unit, browser.patch
    columns = 1 if browser.own is None else 2
    grid, *right = figure.subplots(1, 1 + columns, width_ratios=[2.6, *[1] * columns])
    grid.set_axis_off()
    if layer["values"][unit, 0] <= 0:
        grid.text(0.5, 0.5, "dead: no image excites this unit", ha="center", size=12)
        right[0].set_axis_off()
    else:
        _draw_pairs(grid, browser.patches(), layer["projections"][unit], patch)
        number = layer["images"][unit, patch]
        title = f"patch {patch + 1}, test image {browser.found['numbers'][number]}"
        _draw_place(right[0], browser.found["images"][number], layer["boxes"][unit, patch], title)
    name = f"{layer['name']}, unit {unit}: patches and their projections, {layer['size']} pixels"
    grid.set_title(name, fontsize=10)
    if browser.own is not None:
        value, box = own_place(browser)
        title = f"your image: {number_text(value)}"
        _draw_place(right[1], browser.own, box if value > 0 else None, title)


def _draw_pairs(axes: Any, patches: np.ndarray, projections: np.ndarray, chosen: int) -> None:
    """Five pairs a row: the patch above, its projection below; a frame around the chosen pair."""
    from matplotlib.patches import Rectangle

    across = 5
    for i, pair in enumerate(zip(patches, projections, strict=True)):
        x, y = 1.1 * (i % across), 2.3 * (i // across)
        for row, picture in enumerate(pair):
            extent = (x, x + 1, y + row + 1, y + row)
            axes.imshow(_color(picture), extent=extent, interpolation="nearest")
        if i == chosen:
            frame = Rectangle((x - 0.04, y - 0.04), 1.08, 2.08, fill=False, ec=HUES["input"], lw=3)
            axes.add_patch(frame)
    rows = -(-len(patches) // across)
    axes.set(xlim=(-0.1, 1.1 * across), ylim=(2.3 * rows - 0.2, -0.1), aspect="equal")


def _draw_place(axes: Any, image: np.ndarray, box: Any, title: str) -> None:
    from matplotlib.patches import Rectangle

    h, w = image.shape[:2]
    axes.imshow(_color(image), extent=(0, w, h, 0), interpolation="nearest")
    axes.set_title(title, fontsize=9)
    axes.set_axis_off()
    if box is None:
        return
    top, left, bottom, right = (int(side) for side in box)
    rim = 0.02 * w  # half of a frame at the image's edge lies outside
    shown = Rectangle((-rim, -rim), w + 2 * rim, h + 2 * rim, transform=axes.transData)
    for color, width in (("white", 4), (HUES["input"], 2)):
        frame = Rectangle((left, top), right - left, bottom - top, fill=False, ec=color)
        frame.set(linewidth=width)
        axes.add_patch(frame).set_clip_path(shown)


def _color(picture: np.ndarray) -> np.ndarray:
    return picture if picture.shape[2] == 3 else np.repeat(picture, 3, axis=2)
