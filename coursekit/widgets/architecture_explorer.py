"""Compare networks layer by layer: every number as a bar, with the formula it comes from."""

from typing import Any

from coursekit.widgets import explorer_state
from coursekit.widgets.explorer_tables import QUANTITIES, Tables, known_tables
from coursekit.widgets.forgiving import Choice, Forgiving, Whole
from coursekit.widgets.picture import LivePicture


class Name(Forgiving):
    """Name of one of the explorer's networks; "" where none is allowed."""

    def __init__(self, optional: bool = False, **keywords: Any) -> None:
        super().__init__("", **keywords)
        self.optional = optional

    def validate(self, owner: Any, value: Any) -> str:
        """The name, or the one before it."""
        self.known = tuple(owner.tables)
        return super().validate(owner, value)

    def read(self, value: Any) -> str:
        """The name; raises ValueError."""
        if isinstance(value, str) and (value in self.known or (self.optional and value == "")):
            return value
        offered = ", ".join(map(repr, self.known))
        raise ValueError(f"is {value!r}; this picture has {offered}")


class ArchitectureExplorer(LivePicture):
    """Shows every layer of a network as a bar, and one layer in words and formulas.

    tables: what `coursekit.models.architecture_table` returns: one table, a list, or a dict from
    name to table; AlexNet to ResNet when not given. network, compared: names of tables, compared
    may be "" for none. quantity: "neurons", "parameters", "multiply-adds", "memory" (bytes),
    "receptive field", "width" (pixels) or "channels". order, scale, shown: as their words say.
    layer: number of the selected layer, 0 is the input; side: 0 when it is one of `network`,
    1 when it is one of `compared`. All of them can be set and read at any time.
    """

    script = "architecture_explorer.js"
    remembered = ("network", "compared", "order", "quantity", "scale", "shown", "side", "layer")
    tables = Tables({}).tag(sync=True)
    network = Name().tag(sync=True)
    compared = Name(optional=True).tag(sync=True)
    quantity = Choice(*QUANTITIES).tag(sync=True)
    order = Choice(*explorer_state.ORDERS).tag(sync=True)
    scale = Choice(*explorer_state.SCALES).tag(sync=True)
    shown = Choice(*explorer_state.SHOWN).tag(sync=True)
    layer = Whole(0, 599).tag(sync=True)
    side = Whole(0, 1).tag(sync=True)

    def __init__(
        self,
        tables: Any = None,
        network: str | None = None,
        compared: str = "",
        quantity: str = "parameters",
        layer: int | str = 1,
        **settings: str,
    ) -> None:
        super().__init__()
        self.tables = known_tables() if tables is None else tables
        if not self.tables:
            self._trait_values["tables"] = Tables({}).read(known_tables())
        self.network = next(iter(self.tables))
        for name, value in {"network": network, "compared": compared}.items():
            if value is not None:
                setattr(self, name, value)
        self.quantity = quantity
        for name, value in settings.items():
            setattr(self, name, value)
        self.select(layer)
        self.observe(self._replace_tables, "tables")
        self.observe(self._speak, ["network", "compared", "quantity", "layer", "side"])
        self._speak()

    def select(self, layer: int | str, side: int = 0) -> None:
        """Select a layer by its number or its name; side 1 is the compared network."""
        if isinstance(layer, str):
            parcel = self.tables[(self.network, self.compared or self.network)[side]]
            found = [row for name in ("names", "labels") for row in _places(parcel[name], layer)]
            if not found:
                known = ", ".join(dict.fromkeys(parcel["labels"]))
                self.complain("layer", f"layer is {layer!r}; this network has {known}.")
                return
            layer = found[0]
        with self.hold_trait_notifications():
            self.side, self.layer = side, layer

    def current(self) -> tuple[str, dict[str, Any], int]:
        """Network, its numbers and the row of the selected layer."""
        name = self.compared if self.side and self.compared else self.network
        parcel = self.tables[name]
        return name, parcel, min(self.layer, len(parcel["names"]) - 1)

    def row(self) -> dict[str, Any]:
        """Name, kind, shape and every number of the selected layer."""
        name, parcel, row = self.current()
        found = {"network": name, "name": parcel["names"][row], "kind": parcel["kinds"][row]}
        return found | {quantity: parcel["values"][quantity][row] for quantity in QUANTITIES}

    def rows(self) -> list[int]:
        """Numbers of the layers listed for `network`, from top to bottom."""
        parcel = self.tables[self.network]
        return explorer_state.rows_shown(parcel, self.quantity, self.order, self.shown)

    def _replace_tables(self, change: Any) -> None:
        """Networks that are no longer there give way to the first one."""
        with self.hold_trait_notifications():
            if self.network not in self.tables:
                self.network = next(iter(self.tables))
            if self.compared not in self.tables:
                self.compared = ""
        self._speak()

    def _speak(self, change: Any = None) -> None:
        self.sentence = explorer_state.sentence(self)

    def __repr__(self) -> str:
        return f"ArchitectureExplorer(network={self.network!r}, quantity={self.quantity!r})"

    def draw(self, figure: Any) -> None:
        """Draw the bars of one or two networks; the selected layer's name is bold."""
        from coursekit.widgets.explorer_still import draw

        draw(self, figure)


def _places(names: list[str], wanted: str) -> list[int]:
    return [row for row, name in enumerate(names) if name == wanted]
