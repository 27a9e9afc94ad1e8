"""Step a convolution window over a small image: sizes, sums, what is never read."""

from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets

from coursekit import shapes
from coursekit.widgets import stepper_state
from coursekit.widgets.forgiving import Array, Number, Whole
from coursekit.widgets.settling import Settling
from coursekit.widgets.stepper_answer import SECONDS, answer
from coursekit.widgets.stepper_state import (
    SETTINGS,
    Axis,
    Setting,
    convolve,
    generated_weights,
    size_table,
)

# The rim of a coffee cup: rows 60–160, columns 140–240 of scikit-image's `coffee` (Rachel
# Michetti, CC0), reduced to 7×7; tenths, so that every sum can be redone by hand.
_CUP = """
    6679987 6789877 7789877 7689776 6689766 6679877 6668988
    3347865 2258655 2268555 1268543 1258532 1138533 1126745
    1126643 1147533 1157432 0057321 0047310 0027311 0015511"""
_SETTINGS = ("kernel_size", "stride", "padding", "dilation")


def cup() -> np.ndarray:
    """Corner of a photograph, (3, 7, 7), in tenths from 0 to 0.9."""
    digits = [int(digit) for digit in "".join(_CUP.split())]
    return (np.array(digits, np.float32) / 10).reshape(3, 7, 7)


class ConvolutionStepper(Settling):
    """Steps a window over an image and shows every number of a convolution.

    image: (C, H, W), at most (6, 32, 32); weights: (C, k, k), generated when not given;
    bias: one number. output_size: the function whose sizes the picture draws, a student's or
    the course's; forward: a ``conv2d_forward`` whose numbers it draws and compares with the sums.
    Everything can be read back and set: ``stepper.stride = 2``, ``stepper.position``,
    ``stepper.sentence``.
    """

    script = "convolution_stepper.js"
    remembered = (
        "image",
        "kernel_size",
        "weights",
        "bias",
        "stride",
        "padding",
        "dilation",
        "position",
        "predict",
        "revealed",
    )
    image = Array((6, 32, 32))
    weights = Array((6, 7, 7))
    bias = Number(0.0).tag(sync=True)
    kernel_size = Whole(1, 7).tag(sync=True)
    stride = Whole(1, 4).tag(sync=True)
    padding = Whole(0, 4).tag(sync=True)
    dilation = Whole(1, 3).tag(sync=True)
    position = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 0)).tag(
        sync=True
    )
    predict = traitlets.Bool(False, help="ask for the size first").tag(sync=True)
    prediction = traitlets.Float(None, allow_none=True).tag(sync=True)
    revealed = traitlets.Bool(True).tag(sync=True)
    feedback = traitlets.Unicode(help="what became of the prediction").tag(sync=True)
    score = traitlets.Tuple(
        traitlets.Int(), traitlets.Int(), default_value=(0, 0), help="right answers, answers"
    ).tag(sync=True)
    table = traitlets.Dict(help="sizes by whose function, for every setting").tag(sync=True)
    answer = traitlets.Instance(dict, allow_none=True, help="numbers of `forward`").tag(sync=True)

    def __init__(
        self,
        image: Any = None,
        weights: Any = None,
        bias: Any = None,
        kernel_size: int = 3,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        output_size: Callable[..., int] | None = None,
        *,
        forward: Callable[..., np.ndarray] | None = None,
        predict: bool = False,
        position: tuple[int, int] = (0, 0),
    ) -> None:
        self._output_size, self._forward = output_size or shapes.output_size, forward
        self._kernels: dict[int, np.ndarray] = {}
        self._settling, self._asked = False, None
        start = {"image": cup(), "weights": generated_weights(3, 3), "bias": 0.0}
        super().__init__(**start, kernel_size=3, predict=predict, revealed=not predict)
        self._shown = self.setting
        self._measure()
        self.observe(self._take, ["image", "weights", "bias", *_SETTINGS, "position", "revealed"])
        given = {"image": image, "bias": bias, "kernel_size": kernel_size, "weights": weights}
        given |= {"stride": stride, "padding": padding, "dilation": dilation}
        with self.hold_sync():
            for name, value in given.items():
                if value is not None:
                    setattr(self, name, value)
            self.position = position
            self._speak()

    @property
    def setting(self) -> Setting:
        """Kernel size, stride, padding and dilation."""
        return Setting(*(getattr(self, name) for name in _SETTINGS))

    def axes(self) -> tuple[Axis, Axis]:
        """Rows and columns of the output."""
        _, height, width = self.image.shape
        rows, cols = self.table["rows"], self.table["cols"]
        return self.setting.axis(height, rows), self.setting.axis(width, cols)

    def possible(self) -> bool:
        """Whether the kernel fits into the padded image at all."""
        return all(axis.fit is not None for axis in self.axes())

    def ask_another(self, seed: int | None = None) -> None:
        """Ask for the size of a random layer that fits; a seed always asks the same."""
        shortest = min(self.image.shape[1:])
        others = [
            setting
            for setting in (Setting(*values) for values in SETTINGS)
            if setting != self.setting and setting.extent() <= shortest + 2 * setting.padding
        ]
        asked = others[np.random.default_rng(seed).integers(len(others))]
        self.predict = True
        with self.hold_sync():
            for name, value in zip(_SETTINGS, asked.values(), strict=True):
                setattr(self, name, value)

    def output(self) -> np.ndarray:
        """Output as drawn, (H', W'); nan where a window reaches past the padded image."""
        rows, cols = (axis.drawn for axis in self.axes())
        return convolve(self.image, self.weights, self.bias, self.setting, (rows, cols))

    def fitting_size(self) -> tuple[int, int]:
        """Rows and columns of windows that fit, whatever the size function says."""
        rows, cols = (axis.fit or 0 for axis in self.axes())
        return rows, cols

    def never_read(self) -> tuple[list[int], list[int]]:
        """Rows and columns of the image that no window reads."""
        _, height, width = self.image.shape
        rows, cols = (axis.drawn or 0 for axis in self.axes())
        return self.setting.never_read(height, rows), self.setting.never_read(width, cols)

    def _measure(self) -> None:
        """Ask the size function about every setting of this image."""
        _, height, width = self.image.shape
        whose = getattr(self._output_size, "whose", "yours")
        if self._output_size is shapes.output_size:
            whose = "the course's"
        rows = size_table(self._output_size, height)
        cols = rows if height == width else size_table(self._output_size, width)
        unasked = len(SETTINGS) - min(len(rows), len(cols))
        late = f"output_size had not answered for {unasked} settings after {SECONDS:g} s."
        self.complain("output_size", late if unasked else "")
        rows, cols = (table + [None] * (len(SETTINGS) - len(table)) for table in (rows, cols))
        self.table = {"whose": whose, "rows": rows, "cols": cols}

    def _settle(self, change: Any) -> None:
        if change.name == "image" and change.new.shape != change.old.shape:
            self._measure()
            if len(change.new) != len(change.old):
                self._kernels.clear()
                self.weights = generated_weights(len(change.new), self.kernel_size)
        if change.name == "weights":
            self.kernel_size = change.new.shape[1]
        if self.weights.shape[1] != self.kernel_size:
            self.weights = self._kernel(self.kernel_size)
        self._kernels[self.kernel_size] = self.weights
        if self.predict and self.setting != self._shown:
            self.revealed, self.prediction, self.feedback = False, None, ""
        self._shown = self.setting
        nearest = self._nearest(self.position)
        if nearest != self.position:
            self.position = nearest

    def _kernel(self, size: int) -> np.ndarray:
        """The last kernel of this size, or a generated one."""
        known = self._kernels.get(size)
        return generated_weights(len(self.image), size) if known is None else known

    @traitlets.validate("weights")
    def _fitting_weights(self, proposal: Any) -> np.ndarray:
        channels, height, width = proposal.value.shape
        if height != width:
            sentence = f"are {height} by {width}; this picture draws square kernels"
        elif channels != len(self.image):
            sentence = f"have {channels} channels and the image {len(self.image)}; give as many"
        else:
            return proposal.value
        self.complain("weights", f"weights {sentence}")
        return self.weights

    def _nearest(self, position: tuple[int, int]) -> tuple[int, int]:
        drawn = [axis.drawn or 1 for axis in self.axes()]
        row, col = (min(max(at, 0), n - 1) for at, n in zip(position, drawn, strict=True))
        return row, col

    @traitlets.validate("position")
    def _inside(self, proposal: Any) -> tuple[int, int]:
        nearest = self._nearest(proposal.value) if self.table else proposal.value
        outside = f"position {proposal.value} is outside the output; the nearest is {nearest}"
        self.complain("position", "" if nearest == proposal.value else outside)
        return nearest

    def _speak(self) -> None:
        if self._forward is not None:
            asked = (
                *self.setting.values(),
                self.bias,
                self.image.tobytes(),
                self.weights.tobytes(),
            )
            if asked != self._asked:
                self.answer = answer(self, self._forward) if self.possible() else None
            self._asked = asked
        self.sentence = stepper_state.sentence(self)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)}" for name in _SETTINGS)
        return f"ConvolutionStepper({values})"

    def draw(self, figure: Any) -> None:
        """Draw input channels, kernels and output at the present position."""
        from coursekit.widgets.stepper_still import draw

        draw(self, figure)
