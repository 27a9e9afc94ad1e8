"""Walk a convolution's gradients: every use of a pixel, a weight or a bias, term by term."""

from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets

from coursekit.widgets import backward_state
from coursekit.widgets.backward_answer import answer
from coursekit.widgets.backward_state import MODES, Term, generated, output_shape
from coursekit.widgets.convolution_stepper import cup
from coursekit.widgets.forgiving import Array, Forgiving, Whole
from coursekit.widgets.settling import WithDout, nearest

_CHOICES = {"dx": "pixel", "dw": "weight", "db": "filter"}


class _Mode(Forgiving):
    """One of the three gradients, by name."""

    def read(self, value: Any) -> str:
        """The name as it is; raises ValueError."""
        if value not in MODES:
            raise ValueError(f'is {value!r}; expected "dx", "dw" or "db"')
        return value


class BackwardStepper(WithDout):
    """Shows where a convolution's gradients come from, one term at a time.

    x: image (C, H, W), at most (3, 10, 10); w: filters (F, C, k, k), at most (3, 3, 5, 5);
    dout: gradient of the loss by the output, (F, H', W'); each generated when not given.
    mode: "dx", "dw" or "db". backward: a ``conv2d_backward`` whose numbers are drawn and compared
    with the sums. Everything can be read back and set: ``stepper.pixel = (0, 2, 2)``,
    ``stepper.weight``, ``stepper.filter``, ``stepper.term``, ``stepper.sentence``.
    """

    script = "backward_stepper.js"
    remembered = (
        "x",
        "w",
        "stride",
        "padding",
        "dout",
        "mode",
        "filter",
        "pixel",
        "weight",
        "predict",
        "revealed",
        "term",
    )
    x = Array((3, 10, 10))
    w = Array((3, 3, 5, 5))
    dout = Array((3, 14, 14))
    stride = Whole(1, 4).tag(sync=True)
    padding = Whole(0, 2).tag(sync=True)
    mode = _Mode("dx").tag(sync=True)
    pixel = traitlets.Tuple(*[traitlets.Int()] * 3, default_value=(0, 0, 0)).tag(sync=True)
    weight = traitlets.Tuple(*[traitlets.Int()] * 4, default_value=(0, 0, 0, 0)).tag(sync=True)
    filter = traitlets.Int(0).tag(sync=True)
    term = traitlets.Int(0, help="how many terms the sum has so far").tag(sync=True)
    predict = traitlets.Bool(False, help="ask for the number of terms first").tag(sync=True)
    prediction = traitlets.Float(None, allow_none=True).tag(sync=True)
    revealed = traitlets.Bool(True).tag(sync=True)
    feedback = traitlets.Unicode(help="what became of the prediction").tag(sync=True)
    answer = traitlets.Instance(dict, allow_none=True, help="numbers of `backward`").tag(sync=True)

    def __init__(
        self,
        x: Any = None,
        w: Any = None,
        dout: Any = None,
        stride: int = 1,
        padding: int = 0,
        mode: str = "dx",
        *,
        backward: Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]] | None = None,
        predict: bool = False,
    ) -> None:
        self._backward, self._settling, self._asked = backward, True, None
        start = {"x": cup()[:1, :5, :5], "w": generated(1, 1, 3, 3), "dout": generated(1, 3, 3)}
        super().__init__(**start, predict=predict, revealed=not predict)
        self._settling = False
        self.observe(self._take, [*start, "stride", "padding", "mode", *_CHOICES.values()])
        self.observe(self._take, ["term", "revealed", "predict"])
        given = {"x": x, "w": w, "stride": stride, "padding": padding, "dout": dout, "mode": mode}
        with self.hold_sync():
            for name, value in given.items():
                if value is not None:
                    setattr(self, name, value)
            self.pixel = nearest((0, self.x.shape[1] // 2, self.x.shape[2] // 2), self.x.shape)
            self.term = len(self.terms())
            self._speak()

    def terms(self) -> list[Term]:
        """Every use of the chosen number, output by output."""
        return backward_state.terms(self)

    def gradients(self) -> dict[str, np.ndarray]:
        """The three gradients under "dx", "dw" and "db", shaped as x, w and b."""
        return backward_state.gradients(self)

    def uses(self) -> np.ndarray:
        """How many outputs read each pixel of a channel, (H, W)."""
        return backward_state.uses_map(self)

    def output_shape(self) -> tuple[int, int, int] | None:
        """Shape (F, H', W') of the output; None where the kernel does not fit."""
        return output_shape(self)

    def _settle(self, change: Any) -> None:
        if change.name == "x" and len(self.x) != self.w.shape[1]:
            self.w = generated(len(self.w), len(self.x), *self.w.shape[2:])
        self._fit_dout()
        for name, shape in (("pixel", self.x.shape), ("weight", self.w.shape)):
            setattr(self, name, nearest(getattr(self, name), shape))
        self.filter = min(max(self.filter, 0), len(self.w) - 1)
        new_place = change.name in ("mode", *_CHOICES.values(), "stride", "padding", "predict")
        if self.predict and new_place:
            self.revealed, self.prediction, self.feedback = False, None, ""
        count = len(self.terms())
        self.term = min(max(self.term, 0), count) if change.name == "term" else count

    @traitlets.validate("w")
    def _fitting_weights(self, proposal: Any) -> np.ndarray:
        _, channels, height, width = proposal.value.shape
        if height != width:
            sentence = f"is {height} by {width}; this picture draws square kernels."
        elif channels != len(self.x) and not self._settling:
            sentence = f"has {channels} channels and x {len(self.x)}; give as many."
        else:
            return proposal.value
        self.complain("w", f"w {sentence}")
        return self.w

    @traitlets.validate("pixel", "weight", "filter", "term")
    def _inside(self, proposal: Any) -> Any:
        """The nearest place there is, and a sentence where that is another."""
        name, value = proposal.trait.name, proposal.value
        if self._settling:
            return value
        if name == "filter":
            near = min(max(value, 0), len(self.w) - 1)
        elif name == "term":
            near = min(max(value, 0), len(self.terms()))
        else:
            near = nearest(value, (self.x if name == "pixel" else self.w).shape)
        outside = f"{name} {value} is outside the picture; the nearest is {near}."
        self.complain(name, "" if near == value else outside)
        return near

    def _speak(self) -> None:
        if self._backward is not None:
            parts = (part.tobytes() for part in (self.x, self.w, self.dout))
            asked = (self.stride, self.padding, self.w.shape, *parts)
            if asked != self._asked:
                self.answer = answer(self, self._backward) if self.possible() else None
            self._asked = asked
        self.sentence = backward_state.sentence(self)

    def __repr__(self) -> str:
        return f'BackwardStepper(stride={self.stride}, padding={self.padding}, mode="{self.mode}")'

    def draw(self, figure: Any) -> None:
        """Draw x, w, dout and the chosen gradient, with the uses marked."""
        from coursekit.widgets.backward_still import draw

        draw(self, figure)
