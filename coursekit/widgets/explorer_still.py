"""The architecture explorer as a still picture, for pages that run no script."""

from typing import Any

from coursekit.widgets.explorer_state import SCALES, SHOWN, rows_shown
from coursekit.widgets.explorer_tables import UNITS
from coursekit.widgets.still import FILLS

_MOST_NAMES = 26  # more bars than that have no room for their names
_HUES = {"Conv2d": "weights", "Linear": "output"}
_GRAY = "#a3a7ad"


def draw(explorer: Any, figure: Any) -> None:
    """One list of bars, or two side by side, on the same scale."""
    names = [name for name in (explorer.network, explorer.compared) if name]
    panels = figure.subplots(1, len(names), sharex=True, squeeze=False)[0]
    figure.suptitle(f"{explorer.quantity} of every layer", size=11, weight="bold")
    for side, (axes, name) in enumerate(zip(panels, names, strict=True)):
        _bars(explorer, axes, name, selected=explorer.side == side or len(names) == 1)


def _bars(explorer: Any, axes: Any, name: str, selected: bool) -> None:
    from matplotlib.ticker import EngFormatter

    parcel, quantity = explorer.tables[name], explorer.quantity
    rows = rows_shown(parcel, quantity, explorer.order, explorer.shown)
    if len(rows) > _MOST_NAMES:
        rows = rows_shown(parcel, quantity, explorer.order, SHOWN[1])
    values = [parcel["values"][quantity][row] for row in rows]
    colors = [_color(parcel["kinds"][row]) for row in rows]
    bars = axes.barh(range(len(rows)), values, color=colors)
    if explorer.scale == SCALES[1]:
        axes.set_xscale("log")
    axes.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axes.invert_yaxis()
    axes.set_title(name, size=9)
    axes.set_xlabel(UNITS.get(quantity, quantity), size=8)
    axes.tick_params(labelsize=7)
    axes.margins(x=0.16, y=0.01)
    axes.spines[["top", "right"]].set_visible(False)
    if len(rows) > _MOST_NAMES:
        axes.set_yticks([])
        return
    axes.set_yticks(range(len(rows)), [parcel["labels"][row] for row in rows])
    if selected and explorer.current()[2] in rows:
        axes.get_yticklabels()[rows.index(explorer.current()[2])].set_weight("bold")
    axes.bar_label(bars, [f"{value:,}" if value else "" for value in values], size=6.5, padding=2)


def _color(kind: str) -> str:
    if "Pool" in kind:
        return FILLS["input"]
    return FILLS[_HUES[kind]] if kind in _HUES else _GRAY
