"""What each layer of a network costs, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from coursekit.drawings import INK, OUTPUT, WEIGHTS
from coursekit.plots.figures import new_axes

COLORS = (WEIGHTS, OUTPUT, INK)


def plot_shares(
    names: Sequence[str], columns: Mapping[str, Sequence[float]], *, alt: str, least: float = 0.05
) -> Axes:
    """Plot how several totals are shared out, as bars in percent.

    names: what shares, from the top down. columns: title -> one number for each name, of which the
    share of the column's sum is drawn. least: smallest share that is written beside its bar.
    Returns the first Axes; all of them are in ``.figure.axes``.
    """
    axes = new_axes(0.25 * len(names) + 0.6, alt, columns=len(columns))[0]
    for one, (title, values), color in zip(axes, columns.items(), COLORS, strict=False):
        shares = np.asarray(values, float) / np.sum(values)
        bars = one.barh(range(len(names)), shares, color=color, height=0.72)
        labels = [f"{share:.0%}" if share >= least else "" for share in shares]
        one.bar_label(bars, labels=labels, padding=4, fontsize=10)
        one.set_title(title)
        one.set_xlim(0, 1.25 * shares.max())
        one.set_xticks([])
        one.set_yticks(range(len(names)), names if one is axes[0] else [], fontsize=10)
        one.invert_yaxis()
        one.tick_params(axis="y", length=0)
        one.spines["bottom"].set_visible(False)
    return axes[0]
