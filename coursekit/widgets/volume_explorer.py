"""Walk through a volume of neurons: what each sees, its weights, and who shares them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets

from coursekit.widgets import volume_state
from coursekit.widgets.forgiving import Array, Choice, Whole
from coursekit.widgets.settling import Settling
from coursekit.widgets.volume_answer import column_answer
from coursekit.widgets.volume_state import (
    CONVOLUTION,
    KINDS,
    MOST_NEURONS,
    Volume,
    generated_biases,
    generated_filters,
    moved,
)
from coursekit.widgets.wording import number_text

_START = (0, 12, 10)  # on the cup's rim
_FURTHEST = 8  # pixels that the image can be moved


def coffee() -> np.ndarray:
    """The packaged photograph of a cup of coffee, (3, 32, 32), in hundredths from 0 to 1."""
    from coursekit.data import photograph

    return (photograph("coffee", size=32) / 255).round(2).transpose(2, 0, 1)


class VolumeExplorer(Settling):
    """Shows a layer as a volume of neurons, with one neuron's chunk, weights and sum.

    image: (C, H, W), at most (4, 40, 40). weights: (D, C, k, k), at most 8 filters, and bias: (D,);
    neurons that are not given are generated. sharing: "convolution", "locally connected" or
    "fully connected"; the latter two have generated weights, each neuron's its own. column: a
    function of chunk, weights and biases, a student's or the course's, whose numbers are compared
    with the sums. Everything can be read back and set: ``explorer.position = (0, 3, 7)``,
    ``explorer.sharing``, ``explorer.sentence``.
    """

    script = "volume_explorer.js"
    remembered = ("neurons", "sharing", "shift", "relu", "position", "unraveled")
    image = Array((4, 40, 40))
    weights = Array((MOST_NEURONS, 4, 7, 7))
    bias = Array((MOST_NEURONS,))
    neurons = Whole(1, MOST_NEURONS).tag(sync=True)
    sharing = Choice(*KINDS).tag(sync=True)
    position = traitlets.Tuple(*[traitlets.Int()] * 3, default_value=(0, 0, 0)).tag(sync=True)
    relu = traitlets.Bool(False, help="whether a ReLU follows").tag(sync=True)
    unraveled = traitlets.Bool(False, help="slices side by side").tag(sync=True)
    shift = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 0)).tag(sync=True)
    answer = traitlets.Instance(dict, allow_none=True, help="numbers of `column`").tag(sync=True)

    def __init__(
        self,
        image: Any = None,
        weights: Any = None,
        bias: Any = None,
        neurons: int | None = None,
        sharing: str = CONVOLUTION,
        position: tuple[int, int, int] | None = None,
        *,
        column: Callable[..., Any] | None = None,
        relu: bool = False,
        unraveled: bool = False,
        shift: tuple[int, int] = (0, 0),
    ) -> None:
        self._column, self._settling = None, False  # asked when everything is in its place
        start = {"image": coffee(), "weights": generated_filters(3, 5), "bias": generated_biases()}
        super().__init__(**start, neurons=6, relu=relu, unraveled=unraveled)
        names = ["image", "weights", "bias", "neurons", "sharing", "position", "relu", "shift"]
        self.observe(self._take, names)
        given = {"image": image, "weights": weights, "bias": bias, "neurons": neurons}
        given |= {"sharing": sharing, "shift": shift}
        with self.hold_sync():
            for name, value in given.items():
                if value is not None:
                    setattr(self, name, value)
            if neurons is None and weights is not None and np.shape(weights) == self.weights.shape:
                self.neurons = len(self.weights)  # none of them is generated
            self.position = self._nearest(_START) if position is None else position
            self._column = column
            self._speak()

    def volume(self, shift: tuple[int, int] | None = None) -> Volume:
        """The layer as it stands, on the image moved by `shift` (down, right)."""
        image = moved(self.image, self.shift if shift is None else shift)
        filters = self.weights[: self.neurons].astype(np.float64)
        return Volume(image, filters, self.bias[: self.neurons].astype(np.float64), self.sharing)

    def output(self) -> np.ndarray:
        """The output volume, (D, H', W'), after the ReLU if there is one."""
        volume = self.volume()
        out = np.stack([volume.slice(index) for index in range(self.neurons)])
        return np.maximum(out, 0) if self.relu else out

    def _settle(self, change: Any) -> None:
        if change.name == "weights" and len(change.new) < MOST_NEURONS:
            self.neurons = len(change.new)
            spare = generated_filters(*change.new.shape[1:3])[self.neurons :]
            self.weights = np.concatenate([change.new, spare])
        if change.name == "bias" and len(change.new) < MOST_NEURONS:
            spare = generated_biases()[len(change.new) :]
            self.bias = np.concatenate([change.new, spare])
        if change.name == "image" and not _fits(self.weights, change.new):
            size = min(self.weights.shape[-1], *change.new.shape[1:])
            self.weights = generated_filters(len(change.new), size)
        nearest = self._nearest(self.position)
        if nearest != self.position:
            self.position = nearest

    @traitlets.validate("weights")
    def _fitting_weights(self, proposal: Any) -> np.ndarray:
        shape = proposal.value.shape
        if not len(self.image) or _fits(proposal.value, self.image) or self._settling:
            return proposal.value
        self.complain(
            "weights",
            f"weights have shape {shape}; an image of {self.image.shape} takes (filters, "
            f"{len(self.image)}, k, k) with square kernels. The picture keeps what it had.",
        )
        return self.weights

    def _nearest(self, position: tuple[int, int, int]) -> tuple[int, int, int]:
        shape = self.volume().out_shape
        return tuple(min(max(at, 0), n - 1) for at, n in zip(position, shape, strict=True))

    @traitlets.validate("position")
    def _inside(self, proposal: Any) -> tuple[int, int, int]:
        nearest = self._nearest(proposal.value) if self.neurons and self.image.size else (0, 0, 0)
        outside = f"position {proposal.value} is outside the output; the nearest is {nearest}"
        self.complain("position", "" if nearest == proposal.value else outside)
        return nearest

    @traitlets.validate("shift")
    def _near(self, proposal: Any) -> tuple[int, int]:
        near = tuple(min(max(by, -_FURTHEST), _FURTHEST) for by in proposal.value)
        far = f"shift is {proposal.value}; the image moves at most {_FURTHEST} pixels: it is {near}"
        self.complain("shift", "" if near == proposal.value else far)
        return near

    def _speak(self) -> None:
        volume, place = self.volume(), self.position
        if self._column is not None:
            self.answer = column_answer(volume, place, self._column)
            if self.answer["gave_up"]:
                self._column = None  # each move would wait for it again
        found = (0, 0)
        if self.shift != (0, 0):
            before = self.volume((0, 0))
            found = volume_state.translation_test(before, volume, place[0], self.shift)
        texts = [
            volume_state.neuron_sentence(volume, place, self.relu),
            volume_state.sharing_sentence(volume),
            volume_state.shift_sentence(self.shift, place[0], *found),
            self._answer_sentence(),
        ]
        self.sentence = " ".join(filter(None, texts))

    def _answer_sentence(self) -> str:
        if not self.answer:
            return ""
        owner = "Your" if self.answer["whose"] == "yours" else "The course's"
        name, numbers = self.answer["name"], self.answer["numbers"]
        if numbers is None:
            return f"{owner} {name} {self.answer['problem']}."
        return f"{owner} {name} gives {number_text(numbers[self.position[0]])}."

    def __repr__(self) -> str:
        return f"VolumeExplorer(neurons={self.neurons}, sharing={self.sharing!r})"

    def draw(self, figure: Any) -> None:
        """Draw both volumes, the chunk, the weights and the sum of the present neuron."""
        from coursekit.widgets.volume_still import draw

        draw(self, figure)


def _fits(weights: np.ndarray, image: np.ndarray) -> bool:
    _, channels, height, width = weights.shape
    return channels == len(image) and height == width <= min(image.shape[1:])
