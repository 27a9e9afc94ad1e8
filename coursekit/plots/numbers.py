"""Numbers as curves and bars, labeled where they are drawn."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from coursekit.drawings import FAINT, GRADIENT, INK, INPUT, OUTPUT, WEIGHTS
from coursekit.plots.figures import new_axes

CURVES = (OUTPUT, GRADIENT, WEIGHTS, INPUT, INK)


def plot_curves(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    x_label: str,
    y_label: str,
    alt: str,
    title: str = "",
    dots: bool = False,
) -> Axes:
    """Plot named curves, each labeled at its last point.

    curves: name -> (x values, y values). dots: mark every point, for whole-number data.
    """
    axes = new_axes(3.4, alt)[0, 0]
    for (name, (x, y)), color in zip(curves.items(), CURVES, strict=False):
        axes.plot(x, y, color=color, linewidth=1.8, marker="o" if dots else "", markersize=5)
        axes.annotate(
            name, (x[-1], y[-1]), (8, 0), textcoords="offset points", color=color, va="center"
        )
    axes.set(xlabel=x_label, ylabel=y_label, title=title)
    _whole_ticks(axes, curves)
    axes.grid(axis="y", color=FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    return axes


def _whole_ticks(axes: Axes, curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> None:
    """No half pixels on an axis that counts."""
    for axis, side in ((axes.xaxis, 0), (axes.yaxis, 1)):
        values = np.concatenate([np.asarray(curve[side], dtype=float) for curve in curves.values()])
        if (values == values.round()).all():
            axis.set_major_locator(MaxNLocator(integer=True))


def plot_bars(values: Mapping[str, float], *, x_label: str, alt: str, title: str = "") -> Axes:
    """Plot named numbers as bars from the top down, each with its value at its end."""
    axes = new_axes(0.34 * len(values) + (1.1 if title else 0.8), alt)[0, 0]
    bars = axes.barh(list(values), list(values.values()), color=OUTPUT, height=0.68)
    axes.bar_label(bars, labels=[f"{value:,}" for value in values.values()], padding=5)
    axes.invert_yaxis()
    axes.set(xlabel=x_label, title=title)
    axes.margins(x=0.14)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines[["bottom", "left"]].set_visible(False)
    return axes
