"""What a live trainer shows of its loop: numbers, curves, pictures, answers."""

from math import isfinite
from typing import Any

import numpy as np
import torch

from coursekit.training.measuring import Score, evaluate, evaluating
from coursekit.widgets.forgiving import pack
from coursekit.widgets.live_trainer_looking import describe, look
from coursekit.widgets.live_trainer_loop import Loop, require_fit
from coursekit.widgets.live_trainer_pictures import layer_pictures, top_three
from coursekit.widgets.live_trainer_sets import Images

SHOWN_IMAGES = 8
AT_REST, ON_THE_WAY = 1000, 250  # images of each set to measure
_MOST_MEASURES = 600


class Report:
    """Everything that is shown of one loop. Nothing here changes the training.

    Attributes:
        measures: [step, training, validation, test accuracy], the last two or None.
        marks: [step, what was changed there].
    """

    def __init__(self, loop: Loop) -> None:
        self.loop, self.sets = loop, loop.sets
        self.measures: list[list[float | None]] = []
        self.marks: list[list[Any]] = []
        self.validation: Score | None = None
        self.test: Score | None = None
        self.shown = (self.sets.test or self.sets.validation or self.sets.train).first(SHOWN_IMAGES)

    def forget(self) -> None:
        """Drop what was measured."""
        self.measures, self.marks, self.validation, self.test = [], [], None, None

    def measure(self, most: int = AT_REST) -> None:
        """Measure validation and test accuracy at the present weights.

        On at most so many images of each, the same every time, each counted once.
        """
        self.validation = self._score(self.sets.validation, most)
        self.test = self._score(self.sets.test, most)
        shares = [score and score.accuracy for score in (self.validation, self.test)]
        self.measures.append([self.loop.steps, self.loop.train_accuracy, *shares])
        if len(self.measures) > _MOST_MEASURES:
            del self.measures[1::2]

    def _score(self, images: Images | None, most: int) -> Score | None:
        return images and evaluate(self.loop.net, images.first(most).batches())

    def readouts(self, weight_decay: float) -> dict[str, Any]:
        """The numbers, by name; None where there is none yet."""
        loop, recent = self.loop, self.loop.history.loss[-20:]
        numbers = {
            "steps": loop.steps,
            "examples": loop.examples,
            "epoch": loop.stream.epoch + 1,
            "loss": sum(recent) / len(recent) if recent else None,
            "decay_loss": loop.decay_loss(weight_decay),
            "train_accuracy": loop.train_accuracy,
            "validation_accuracy": self.validation and self.validation.accuracy,
            "test_accuracy": self.test and self.test.accuracy,
            "test_images": self.test.images if self.test else 0,
            "forward_ms": loop.forward_ms,
            "backward_ms": loop.backward_ms,
        }
        return {name: _finite(number) for name, number in numbers.items()}

    def new_losses(self, since: int) -> dict[str, Any]:
        """The losses of all steps after the first `since`."""
        losses = np.array(self.loop.history.loss[since:], np.float32)
        return {"from": since, "loss": pack(losses)}

    def curves(self) -> dict[str, Any]:
        """All curves: losses, accuracies, gradients of the weights by layer, marks."""
        rows = np.array(self.loop.gradients, np.float32)
        return self.new_losses(0) | {
            "measures": [[_finite(number) for number in row] for row in self.measures],
            "marks": self.marks,
            "gradients": {
                "steps": list(self.loop.gradient_steps),
                "names": list(self.loop.weights),
                "values": pack(rows.reshape(-1, len(self.loop.weights))),
            },
        }

    def pictures(self, probe: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Facts of the layers, and their pictures for one of the images shown.

        Raises what the net raises, and Misfit when it does not fit the labels.
        """
        at = min(probe, len(self.shown.labels) - 1)
        x, labels = self.shown.x[at : at + 1], self.shown.labels[at : at + 1]
        seen = look(self.loop.net, x, labels, len(self.sets.class_names))
        layers, data = layer_pictures(seen)
        facts = [
            fact | {"activation": layer["activation"], "gradient": layer["gradient"]}
            for fact, layer in zip(describe(seen), layers, strict=True)
        ]
        return facts, {"layers": [layer["pictures"] for layer in layers], "data": pack(data)}

    def answers(self) -> dict[str, Any]:
        """The images shown, what they are, and the net's three likeliest classes for each."""
        names = self.sets.class_names
        with evaluating(self.loop.net):
            logits = self.loop.net(self.shown.x)
        require_fit(logits, self.shown.labels, len(names))
        return {
            "images": pack(self.sets.pixels(self.shown.x)),
            "truth": [names[label] for label in self.shown.labels.tolist()],
            "answers": top_three(logits, names),
            "from": "test" if self.sets.test else "validation" if self.sets.validation else "train",
        }

    def own(self, pixels: torch.Tensor) -> dict[str, Any]:
        """A picture, as the net gets it, and the answers to it."""
        seen = self.sets.pixels(self.sets.normalize(pixels).to(self.sets.low.device))
        return {"image": pack(seen), "answers": self.predict(pixels)}

    def predict(self, pixels: torch.Tensor) -> list[tuple[str, float]]:
        """The three likeliest classes of one picture (1, C, H, W), 0 to 255."""
        x = self.sets.normalize(pixels).to(self.shown.x.device)
        with evaluating(self.loop.net):
            return top_three(self.loop.net(x), self.sets.class_names)[0]


def _finite(number: Any) -> Any:
    """Browsers read no nan."""
    return number if number is None or isfinite(number) else None


def lifted(value: Any, buffers: list[Any]) -> Any:
    """A message without its bytes: they are appended to `buffers`, their number stays."""
    if isinstance(value, dict) and value.keys() == {"shape", "dtype", "data"}:
        buffers.append(value["data"])
        return {"shape": value["shape"], "dtype": value["dtype"], "buffer": len(buffers) - 1}
    if isinstance(value, dict):
        return {name: lifted(part, buffers) for name, part in value.items()}
    return value
