"""Find a weight by its index, and the index by its weight, in two frameworks' orders."""

import contextlib
from typing import Any

import numpy as np

from coursekit.widgets.forgiving import Array, Choice, Forgiving
from coursekit.widgets.index_state import (
    ORDERS,
    Part,
    index_of,
    index_text,
    place_of,
    read_index,
    sentence,
)
from coursekit.widgets.picture import LivePicture
from coursekit.widgets.volume_state import generated_filters


class Index(Forgiving):
    """An index into four axes, kept as text: ``2, :, 3``."""

    def read(self, value: Any) -> str:
        """The index as text; raises ValueError."""
        if isinstance(value, tuple | list):
            value = index_text([None if part in (None, slice(None)) else part for part in value])
        return index_text(read_index(value))


class WeightIndex(LivePicture):
    """Shows a layer's weights with four axes, and which of them an index means.

    weights: (F, C, kH, kW), at most (8, 4, 7, 7); generated when not given. index: what stands
    between the brackets of ``w[…]``, as text or a tuple, in `order`: "PyTorch" (out, in, kH, kW)
    or "TensorFlow" (kH, kW, in, out). Another order keeps the weight and rewrites its index.
    """

    script = "weight_index.js"
    remembered = ("order", "index")
    weights = Array((8, 4, 7, 7))
    index = Index("").tag(sync=True)
    order = Choice(*ORDERS).tag(sync=True)

    def __init__(
        self,
        weights: Any = None,
        index: str | tuple = (2, 0, 3, 1),
        order: str = "PyTorch",
    ) -> None:
        super().__init__(weights=generated_filters(3, 5)[:6])
        if weights is not None:
            self.weights = weights
        self.order = order
        self.index = index
        self.observe(self._reorder, "order")
        self.observe(self._speak, ["weights", "index"])
        self._speak()

    @property
    def place(self) -> tuple[Part, ...] | None:
        """(filter, channel, row, column) that the index means; None where it is out of range."""
        try:
            return place_of(read_index(self.index), self.order, self.weights.shape)
        except IndexError:
            return None

    def selected(self) -> np.ndarray:
        """Which weights the index means, (F, C, kH, kW), bool."""
        chosen = np.zeros(self.weights.shape, bool)
        if self.place is not None:
            chosen[tuple(slice(None) if part is None else part for part in self.place)] = True
        return chosen

    def _reorder(self, change: Any) -> None:
        """Keep the weight; what an index out of range means in another order, nobody knows."""
        parts, shape = read_index(self.index), self.weights.shape
        with contextlib.suppress(IndexError):
            self.index = index_text(index_of(place_of(parts, change.old, shape), change.new))
        self._speak()

    def _speak(self, change: Any = None) -> None:
        parts = read_index(self.index)
        self.sentence = sentence(parts, self.order, self.weights.shape, self.weights)

    def __repr__(self) -> str:
        return f"WeightIndex(index={self.index!r}, order={self.order!r})"

    def draw(self, figure: Any) -> None:
        """Draw every filter's channels; the weights that the index means are framed."""
        from coursekit.widgets.index_still import draw

        draw(self, figure)
