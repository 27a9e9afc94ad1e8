"""Small arrays as tinted cells with their numbers in them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from coursekit.drawings import FAINT, GRADIENT, INK, INPUT, OUTPUT, WEIGHTS
from coursekit.plots.figures import WIDTH, new_axes

ROLES = {"input": INPUT, "weights": WEIGHTS, "output": OUTPUT, "gradient": GRADIENT}
NEGATIVE = "#80868b"
CELL = 0.42  # inches, the most one cell is wide


def show_numbers(
    arrays: Sequence[np.ndarray],
    *,
    alt: str,
    titles: Sequence[str],
    roles: Sequence[str] | str = "gradient",
) -> Axes:
    """Show small arrays side by side, their numbers written into the cells.

    arrays: (H, W) each; the larger a number the stronger its cell is tinted, gray below zero.
    roles: the color of each, or of all: "input", "weights", "output" or "gradient".
    Returns the first Axes; all of them are in ``.figure.axes``.
    """
    several = [roles] * len(arrays) if isinstance(roles, str) else roles
    widths = [array.shape[1] for array in arrays]
    side = min(CELL, (WIDTH - 0.5 * len(arrays)) / sum(widths))
    height = side * max(len(array) for array in arrays) + 0.6
    axes = new_axes(height, alt, columns=len(arrays))[0]
    for one, array, title, role in zip(axes, arrays, titles, several, strict=True):
        one.imshow(_tints(np.asarray(array, float), ROLES[role]))
        one.set_title(f"{title}\n{array.shape}", fontsize=10)
        _write(one, array)
    return axes[0]


def _tints(array: np.ndarray, color: str) -> np.ndarray:
    """Colors (H, W, 3): paper at 0, seven tenths of the color (gray below zero) at the largest."""
    strength = 0.7 * np.abs(array) / (np.abs(array).max(initial=0) or 1)
    ends = np.where(array[..., None] < 0, to_rgb(NEGATIVE), to_rgb(color))
    return 1 - strength[..., None] * (1 - ends)


def _write(axes: Axes, array: np.ndarray) -> None:
    for (row, col), value in np.ndenumerate(array):
        words = f"{value:.3g}".replace("-", "−")
        axes.text(col, row, words, ha="center", va="center", fontsize=9, color=INK)
    axes.set_xticks(np.arange(-0.5, array.shape[1]), labels=[])
    axes.set_yticks(np.arange(-0.5, array.shape[0]), labels=[])
    axes.grid(color=FAINT, linewidth=0.7)
    axes.tick_params(length=0)
    axes.spines[:].set(visible=True, color=FAINT)
