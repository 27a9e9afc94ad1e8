"""Route numbers through a pooling layer: maxima forward, their gradients back to the winners."""

from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets

from coursekit.widgets import pooling_state
from coursekit.widgets.forgiving import Array, Choice, Whole
from coursekit.widgets.pooling_answer import answer
from coursekit.widgets.pooling_state import KINDS, RULES, TIES, Window, output_shape
from coursekit.widgets.settling import WithDout, nearest

# With windows of 3 and stride 2: one winner twice, one window of zeros only, no square.
MAP = np.array(
    [
        [1, 0, 2, 0, 0, 0, 0],
        [0, 4, 9, 1, 0, 0, 0],
        [3, 0, 5, 0, 0, 0, 0],
        [0, 6, 0, 2, 0, 8, 1],
        [2, 0, 3, 0, 1, 0, 4],
    ],
    np.float32,
)
DOUT = np.array([[3, 2, 9], [1, -2, 4]], np.float32)


class PoolingRouter(WithDout):
    """Shows which pixel gives each window's number, and which pixels receive its gradient.

    x: map (H, W), at most (8, 10); dout: gradient of the loss by the output, (H', W'); generated
    when not given. kind: "max" or "average". ties: "first" or "even split". rule: "accumulate", or
    "overwrite" to see what goes wrong. forward, backward: a ``max_pool2d_forward`` and a
    ``max_pool2d_backward`` whose numbers are compared. Everything can be read back and set:
    ``router.pixel = (1, 2)``, ``router.step`` (windows gone so far), ``router.sentence``.
    """

    script = "pooling_router.js"
    remembered = (
        "x",
        "kind",
        "kernel_size",
        "stride",
        "dout",
        "ties",
        "rule",
        "pixel",
        "predict",
        "revealed",
        "step",
    )
    x = Array((8, 10))
    dout = Array((8, 10))
    kernel_size = Whole(1, 4).tag(sync=True)
    stride = Whole(1, 4).tag(sync=True)
    kind = Choice(*KINDS).tag(sync=True)
    ties = Choice(*TIES).tag(sync=True)
    rule = Choice(*RULES).tag(sync=True)
    pixel = traitlets.Tuple(*[traitlets.Int()] * 2, default_value=(0, 0)).tag(sync=True)
    step = traitlets.Int(0, help="how many windows have handed on their gradient").tag(sync=True)
    predict = traitlets.Bool(False, help="ask for the pixel's gradient first").tag(sync=True)
    prediction = traitlets.Float(None, allow_none=True).tag(sync=True)
    revealed = traitlets.Bool(True).tag(sync=True)
    feedback = traitlets.Unicode(help="what became of the prediction").tag(sync=True)
    answer = traitlets.Instance(dict, allow_none=True, help="the student's numbers").tag(sync=True)

    def __init__(
        self,
        x: Any = None,
        dout: Any = None,
        kernel_size: int = 3,
        stride: int = 2,
        kind: str = "max",
        *,
        ties: str = "first",
        rule: str = "accumulate",
        forward: Callable[..., Any] | None = None,
        backward: Callable[..., Any] | None = None,
        predict: bool = False,
    ) -> None:
        self._functions, self._settling, self._asked = (forward, backward), True, None
        start = {"kernel_size": 3, "stride": 2, "predict": predict, "revealed": not predict}
        super().__init__(x=MAP, dout=DOUT, **start)
        self._settling = False
        self.observe(self._take, ["x", "dout", "kernel_size", "stride", "kind", "ties", "rule"])
        self.observe(self._take, ["pixel", "step", "revealed", "predict"])
        given = {"x": x, "kernel_size": kernel_size, "stride": stride, "dout": dout}
        with self.hold_sync():
            for name, value in (given | {"kind": kind, "ties": ties, "rule": rule}).items():
                if value is not None:
                    setattr(self, name, value)
            self.pixel = self._busiest()
            self.step = len(self.windows())
            self._speak()

    def windows(self) -> list[Window]:
        """Every window with its number and the pixels that receive its gradient."""
        return pooling_state.windows(self)

    def gradient(self) -> np.ndarray:
        """Gradient of the map (H, W), by the chosen rules."""
        return pooling_state.routed(self)

    def output_shape(self) -> tuple[int, int] | None:
        """Shape (H', W') of the output; None where no window fits."""
        return output_shape(self)

    def _busiest(self) -> tuple[int, int]:
        """The pixel that receives from most windows, the first of them."""
        taken = np.zeros(self.x.shape, int)
        for window in self.windows():
            np.add.at(taken, tuple(np.transpose(window.takers)), 1)
        row, col = np.unravel_index(taken.argmax(), taken.shape)
        return int(row), int(col)

    def _settle(self, change: Any) -> None:
        self._fit_dout()
        self.pixel = nearest(self.pixel, self.x.shape)
        if self.predict and change.name not in ("step", "revealed", "dout", "rule"):
            self.revealed, self.prediction, self.feedback = False, None, ""
        count = len(self.windows())
        self.step = min(max(self.step, 0), count) if change.name == "step" else count

    @traitlets.validate("pixel", "step")
    def _inside(self, proposal: Any) -> Any:
        """The nearest place there is, and a sentence where that is another."""
        name, value = proposal.trait.name, proposal.value
        if self._settling:
            return value
        count = len(self.windows())
        pixel = name == "pixel"
        near = nearest(value, self.x.shape) if pixel else min(max(value, 0), count)
        outside = f"{name} {value} is outside the picture; the nearest is {near}."
        self.complain(name, "" if near == value else outside)
        return near

    def _speak(self) -> None:
        if any(self._functions):
            asked = (self.x.shape, self.x.tobytes(), self.dout.tobytes(), self.kernel_size)
            asked += (self.stride,)
            if asked != self._asked:
                self.answer = answer(self, *self._functions) if self.possible() else None
            self._asked = asked
        self.sentence = pooling_state.sentence(self)

    def __repr__(self) -> str:
        return (
            f"PoolingRouter(kernel_size={self.kernel_size}, stride={self.stride}, "
            f'kind="{self.kind}", rule="{self.rule}")'
        )

    def draw(self, figure: Any) -> None:
        """Draw map, output, dout and gradient, with the current window and its winners marked."""
        from coursekit.widgets.pooling_still import draw

        draw(self, figure)
