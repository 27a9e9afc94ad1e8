"""What a linear classifier makes of three classes, in the plane of its scores."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from coursekit.drawings import GRADIENT, INPUT, WEIGHTS
from coursekit.plots.figures import new_axes

CLASSES = ((INPUT, "o"), (WEIGHTS, "s"), (GRADIENT, "^"))  # color and mark of each class
_ANGLES = np.deg2rad([90, 210, 330])
CORNERS = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)  # one a class, (3, 2)
REACH = 1.6  # from the middle to the edge of the picture


def plot_three_classes(
    views: Mapping[str, tuple[np.ndarray, np.ndarray]], names: Sequence[str], *, alt: str
) -> Axes:
    """Plot the scores of three classes as points, and the lines between the winners.

    Three scores that add up to 1 have their place in a plane: each pulls toward its class's
    corner, and where one is largest, a third of the plane belongs to its class.

    views: title -> (scores (N, 3), each row adding up to 1; labels (N,)), side by side. names: one
    a class. Returns the first plane's Axes; all of them are in ``.figure.axes``.
    """
    axes = new_axes(2.75, alt, 1, len(views))
    for one, (title, (scores, labels)) in zip(axes.flat, views.items(), strict=True):
        _tint_thirds(one)
        points = np.clip(scores @ CORNERS, -REACH, REACH)
        for label, (name, (color, mark)) in enumerate(zip(names, CLASSES, strict=True)):
            x, y = points[labels == label].T
            one.scatter(x, y, s=10, color=color, marker=mark, linewidths=0, label=name)
        one.set_title(title, fontsize=11)
        one.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xticks=[], yticks=[], aspect="equal")
        one.spines[:].set_visible(False)
    first = axes.flat[0]
    first.figure.legend(
        *first.get_legend_handles_labels(),
        loc="outside lower center",
        ncols=3,
        frameon=False,
        markerscale=2,
    )
    return first


def _tint_thirds(axes: Axes) -> None:
    """Tint each place with the class that scores highest there."""
    at = np.linspace(-REACH, REACH, 241)
    plane = np.stack(np.meshgrid(at, at), axis=-1)
    tints = 1 - 0.2 * (1 - np.array([to_rgb(color) for color, _ in CLASSES]))
    winners = (plane @ CORNERS.T).argmax(axis=-1)
    axes.imshow(tints[winners], extent=(-REACH, REACH, -REACH, REACH), origin="lower")
