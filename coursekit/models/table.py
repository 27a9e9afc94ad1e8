"""The table of a network: one row a layer, totals at the foot, as text and as HTML."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import overload


@dataclass(frozen=True)
class Layer:
    """One row: what a layer makes of one image.

    Attributes:
        name: where the layer stands in the model, as in its state dict ("features.0").
        kind: class of the module ("Conv2d"), or name of the function ("add").
        output_shape: (C, H, W), or (features,); without the batch.
        neurons: values computed by a convolution or a fully connected layer; else 0.
        parameters: values learned; a layer used twice counts them once.
        macs: multiply-adds of convolutions and fully connected layers.
        memory: bytes of the new array the layer makes; 0 when it works in place.
        receptive_field: input pixels one output can see, along the width, padding included.
        jump: input pixels from one output to its right neighbor.
        start: first input column the leftmost output sees; negative inside the padding.
        depth: convolutions and fully connected layers on the longest way here, this one included.
        weights: shape of the weights, (F, C / groups, kH, kW) or (F, C); () without multiply-adds.
        groups: groups of a convolution.
        window: (width in, kernel extent, stride, padding) along the width; () without a window.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    neurons: int
    parameters: int
    macs: int
    memory: int
    receptive_field: int
    jump: int
    start: int
    depth: int
    weights: tuple[int, ...] = ()
    groups: int = 1
    window: tuple[int, ...] = ()


class ArchitectureTable(Sequence[Layer]):
    """The layers of a network in the order they run; row 0 is the input.

    A sequence of `Layer` rows: index, slice, loop. A slice and `of_kind` are tables again, so
    their totals are there for the asking: ``table.of_kind("Linear").parameters``.
    """

    def __init__(self, title: str, layers: Iterable[Layer]) -> None:
        self.title = title
        self._layers = tuple(layers)

    @overload
    def __getitem__(self, index: int) -> Layer: ...
    @overload
    def __getitem__(self, index: slice) -> "ArchitectureTable": ...
    def __getitem__(self, index):
        if isinstance(index, slice):
            return ArchitectureTable(self.title, self._layers[index])
        return self._layers[index]

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._layers)

    def layer(self, name: str) -> Layer:
        """Return the row of that name, the first if there are several.

        Raises KeyError when no layer is called so.
        """
        for row in self:
            if row.name == name:
                return row
        names = ", ".join(dict.fromkeys(row.name for row in self))
        raise KeyError(f"{self.title} has no layer {name!r}; its layers are {names}")

    def of_kind(self, *kinds: str) -> "ArchitectureTable":
        """Return the table of the layers of these kinds only, such as "Conv2d"."""
        return ArchitectureTable(self.title, (row for row in self if row.kind in kinds))

    @property
    def neurons(self) -> int:
        """Neurons of all layers: values computed by layers with weights, for one image."""
        return sum(row.neurons for row in self)

    @property
    def parameters(self) -> int:
        """Parameters of all layers."""
        return sum(row.parameters for row in self)

    @property
    def macs(self) -> int:
        """Multiply-adds of all layers, for one image."""
        return sum(row.macs for row in self)

    @property
    def memory(self) -> int:
        """Bytes of all arrays made for one image, its own included."""
        return sum(row.memory for row in self)

    @property
    def depth(self) -> int:
        """Convolutions and fully connected layers on the longest way to the last rows."""
        return max((row.depth for row in self), default=0)

    def __str__(self) -> str:
        rows = [_HEADINGS, *(_cells(row) for row in self), self._foot()]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
        lines = [_aligned(row, widths) for row in rows]
        rule = "─" * len(lines[0])
        return "\n".join([self.title, lines[0], rule, *lines[1:-1], rule, lines[-1]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = _html_row(_HEADINGS, 'th scope="col"')
        body = "".join(_html_row(_cells(row), "td") for row in self)
        return (
            '<table style="border-collapse: collapse; white-space: nowrap; '
            'font-variant-numeric: tabular-nums">'
            f"<caption>{escape(self.title)}</caption>"
            f"<thead>{head}</thead><tbody>{body}</tbody>"
            f'<tfoot style="border-top: 1px solid; font-weight: bold">'
            f"{_html_row(self._foot(), 'td')}</tfoot></table>"
        )

    def _foot(self) -> tuple[str, ...]:
        numbers = (f"{n:,}" for n in (self.neurons, self.parameters, self.macs))
        return ("total", f"depth {self.depth}", "", *numbers, _bytes(self.memory), "", "")


_HEADINGS = (
    *("layer", "kind", "output"),
    *("neurons", "parameters", "multiply-adds", "memory", "sees (px)", "jump (px)"),
)
_WORDS = 2  # the first columns are words, set to the left; numbers stand to the right


def _cells(row: Layer) -> tuple[str, ...]:
    return (
        row.name,
        row.kind,
        "×".join(str(size) for size in row.output_shape),
        *(f"{n:,}" if n else "" for n in (row.neurons, row.parameters, row.macs)),
        _bytes(row.memory) if row.memory else "",
        f"{row.receptive_field:,}",
        f"{row.jump:,}",
    )


def _bytes(count: int) -> str:
    if count >= 2**20:
        return f"{count / 2**20:,.2f} MiB"
    return f"{count / 2**10:,.1f} KiB" if count >= 2**10 else f"{count} B"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        cell.ljust(width) if column < _WORDS else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()


def _html_row(cells: Sequence[str], tag: str) -> str:
    name = tag.split()[0]
    aligned = ["left"] * _WORDS + ["right"] * (len(cells) - _WORDS)
    return (
        "<tr>"
        + "".join(
            f'<{tag} style="padding: 0 0.5em; text-align: {side}">{escape(cell)}</{name}>'
            for cell, side in zip(cells, aligned, strict=True)
        )
        + "</tr>"
    )
