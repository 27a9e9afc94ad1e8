"""Boxes on a picture."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from coursekit.drawings import OUTPUT, PAPER, WEIGHTS
from coursekit.plots.figures import WIDTH, new_axes

# From the first kind of boxes to the last: color and line.
LOOKS = ((OUTPUT, "--"), (WEIGHTS, "-"))


def show_boxes(
    image: np.ndarray,
    boxes: Mapping[str, Sequence[Sequence[float]]],
    *,
    alt: str,
    title: str = "",
) -> Axes:
    """Show a picture with boxes of two kinds, each kind named below it.

    image: (H, W, 3), bytes. boxes: name -> boxes (left, top, right, bottom) in pixels.
    """
    height, width = image.shape[:2]
    axes = new_axes(0.9 * WIDTH * height / width + 0.7, alt)[0, 0]
    axes.imshow(image, extent=(0, width, height, 0), interpolation="nearest")
    for (name, some), (color, line) in zip(boxes.items(), LOOKS, strict=False):
        for i, (left, top, right, bottom) in enumerate(some):
            place = (left, top), right - left, bottom - top
            axes.add_patch(Rectangle(*place, fill=False, ec=PAPER, lw=4))
            axes.add_patch(
                Rectangle(*place, fill=False, ec=color, lw=2, ls=line, label="" if i else name)
            )
    axes.set(title=title, xticks=[0, width], yticks=[0, height], xlabel="x (pixels)")
    axes.set_ylabel("y (pixels)")
    axes.spines[:].set_visible(False)
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.08), ncols=len(boxes), frameon=False)
    return axes
