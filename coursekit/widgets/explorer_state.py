"""What the architecture explorer shows, without a page; explorer_state.js is its twin."""

from math import floor
from typing import Any

from coursekit.widgets.explorer_tables import ADDED_UP, UNITS

ORDERS = ("network order", "largest first")
SCALES = ("linear", "logarithmic")
SHOWN = ("all layers", "layers with weights")


def rows_shown(parcel: dict[str, Any], quantity: str, order: str, shown: str) -> list[int]:
    """Numbers of the layers in the list, from top to bottom."""
    learned, values = parcel["values"]["multiply-adds"], parcel["values"][quantity]
    rows = [row for row in range(len(values)) if shown == SHOWN[0] or learned[row]]
    if order == ORDERS[1]:
        rows.sort(key=lambda row: -values[row])  # stable, as in the browser
    return rows


def text(value: int, quantity: str) -> str:
    """A number with its unit.

    >>> text(604661, "memory"), text(11, "receptive field"), text(96, "channels")
    ('604,661 bytes', '11 pixels', '96 channels')
    """
    unit = UNITS.get(quantity, quantity)
    return f"{value:,} {unit[:-1] if value == 1 and unit.endswith('s') else unit}"


def tenths(part: float, whole: float) -> str:
    """A ratio with one decimal, halves up, as in the browser.

    >>> tenths(138357544, 60965224)
    '2.3'
    """
    return f"{floor(10 * part / whole + 0.5) / 10:.1f}"


def sentence(explorer: Any) -> str:
    """What the picture shows, in a few sentences, word for word as in the browser."""
    name, parcel, row = explorer.current()
    quantity = explorer.quantity
    value, values = parcel["values"][quantity][row], parcel["values"][quantity]
    start = (
        f"{name}, layer {row} of {len(values) - 1}: {parcel['labels'][row]} "
        f"({parcel['kinds'][row]}), output {parcel['shapes'][row]}."
    )
    made = f"{quantity.capitalize()}: {parcel['formulas'][quantity][row]}."
    return " ".join(filter(None, [start, made, _share(value, values, quantity), _total(explorer)]))


def _share(value: int, values: list[int], quantity: str) -> str:
    total = sum(values)
    if quantity not in ADDED_UP or not value:
        return ""
    return f"That is {tenths(100 * value, total)} % of the network's {text(total, quantity)}."


def _total(explorer: Any) -> str:
    """Both networks side by side, where two are shown."""
    if not explorer.compared:
        return ""
    names = explorer.network, explorer.compared
    first, second = (_whole(explorer.tables[name], explorer.quantity) for name in names)
    said = f"{names[0]} has {text(first, explorer.quantity)} {_kind(explorer.quantity)}"
    said += f", {names[1]} {second:,}"
    return f"{said}: {tenths(second, first)} times as many." if first else f"{said}."


def _kind(quantity: str) -> str:
    return "in all" if quantity in ADDED_UP else "at most"


def _whole(parcel: dict[str, Any], quantity: str) -> int:
    values = parcel["values"][quantity]
    return sum(values) if quantity in ADDED_UP else max(values)
