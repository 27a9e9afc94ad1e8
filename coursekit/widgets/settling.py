"""Pictures whose parts are made to fit each other after every change."""

from typing import Any

import numpy as np
import traitlets

from coursekit.widgets.backward_state import generated
from coursekit.widgets.picture import LivePicture


class Settling(LivePicture):
    """A picture that settles, then says what it shows, whenever one of its traits changes."""

    _settling = False

    def _take(self, change: Any) -> None:
        """Make everything fit what changed; a change made here starts nothing anew."""
        if self._settling:
            return
        self._settling = True
        try:
            self._settle(change)
            self._speak()
        finally:
            self._settling = False

    def _settle(self, change: Any) -> None:
        raise NotImplementedError

    def _speak(self) -> None:
        raise NotImplementedError


class WithDout(Settling):
    """A picture that keeps a `dout` of its output's size."""

    def __init__(self, **values: Any) -> None:
        self._douts: dict[tuple[int, ...], np.ndarray] = {}
        super().__init__(**values)

    def output_shape(self) -> tuple[int, ...] | None:
        """Shape of the layer's output; None where no window fits."""
        raise NotImplementedError

    def possible(self) -> bool:
        """Whether a window fits at all."""
        return self.output_shape() is not None

    def _fit_dout(self) -> None:
        """A dout of the output's size: the last one of that size, or a generated one."""
        shape = self.output_shape()
        if shape is None:
            return
        if self.dout.shape != shape:
            known = self._douts.get(shape)
            self.dout = generated(*shape) if known is None else known
        self._douts[shape] = self.dout

    @traitlets.validate("dout")
    def _fitting_dout(self, proposal: Any) -> np.ndarray:
        shape = self.output_shape() if not self._settling else None
        if shape is None or proposal.value.shape == shape:
            return proposal.value
        found = proposal.value.shape
        self.complain("dout", f"dout has shape {found}; the output has {shape}.")
        return self.dout


def nearest(place: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The nearest place inside an array of this shape.

    >>> nearest((-1, 2), (4, 2))
    (0, 1)
    """
    return tuple(min(max(at, 0), n - 1) for at, n in zip(place, shape, strict=True))
