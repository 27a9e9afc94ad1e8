"""Train a network before one's eyes: curves, every layer at work, settings changed on the way."""

import copy
from typing import Any

import numpy as np
from torch import Tensor, nn

from coursekit.data.augment import Augmentation
from coursekit.problem import Problem
from coursekit.training.history import History
from coursekit.training.measuring import Score, evaluate
from coursekit.widgets import live_trainer_kernel as kernel
from coursekit.widgets.live_trainer_loop import Loop
from coursekit.widgets.live_trainer_net import as_code, require_net
from coursekit.widgets.live_trainer_page import SETTINGS
from coursekit.widgets.live_trainer_pixels import as_pixels
from coursekit.widgets.live_trainer_report import Report
from coursekit.widgets.live_trainer_running import AT_ONCE, RunningTrainer
from coursekit.widgets.live_trainer_saving import FORMAT, read_saved, read_weights, to_json
from coursekit.widgets.live_trainer_sets import read_sets
from coursekit.widgets.live_trainer_words import stable_text

_FOR_A_PICTURE = 3.0  # seconds


class LiveTrainer(RunningTrainer):
    """Trains a network while its curves, layers and answers are watched.

    net: takes x (n, C, H, W), returns logits (n, classes); trained in place, where it is.
    train_set: a `coursekit.data.Dataset`, `Batches`, or (x, labels), x (N, C, H, W). Images in
    uint8 are normalized with the training images' mean and deviation, others taken as they are.
    test_set: batches or (x, labels); the data set's own by default.
    validation_set: the same; or the part of the training images to hold out; or None.
    lr, momentum, batch_size, weight_decay: those of `coursekit.training.sgd`; each can be set at
    any time, from Python too, and holds from the next batch on.
    augment: what is done to training batches. seed: of their order.
    pretrained: weights for the button "Load pretrained", a state dict or the path of one.
    autostart: begin to train at once.
    Raises Problem when the net is no module or a set cannot be read. What goes wrong later is
    said in `problem`.
    """

    script = "live_trainer.js"

    def __init__(
        self,
        net: nn.Module,
        train_set: Any,
        test_set: Any = None,
        *,
        validation_set: Any = 0.1,
        lr: float = 0.02,
        momentum: float = 0.9,
        batch_size: int = 32,
        weight_decay: float = 5e-4,
        class_names: Any = None,
        augment: Augmentation | None = None,
        seed: int = 0,
        pretrained: Any = None,
        autostart: bool = False,
    ) -> None:
        self.net = require_net(net)
        device = next(net.parameters()).device
        self._sets = read_sets(train_set, test_set, validation_set, class_names, augment, device)
        self._seed, self._pretrained, self.cell = seed, pretrained, kernel.this_cell()
        super().__init__(batch_size=32, has_pretrained=pretrained is not None)
        given = {"lr": lr, "momentum": momentum, "batch_size": batch_size}
        for name, value in (given | {"weight_decay": weight_decay}).items():
            setattr(self, name, value)
        kernel.enter(self)
        kernel.listen()
        self._take_net(net)
        # A net that takes long for a few images is looked at while the notebook goes on.
        self.later(self._after_change)
        self._worker.wait(AT_ONCE)
        self.observe(_setting_changed, SETTINGS)
        self.observe(_probe_changed, "probe")
        if autostart:
            self.start()

    # ---- the network and its state ----

    def _take_net(self, net: nn.Module) -> None:
        """Train this net from now on."""
        self.net = net
        self._loop = Loop(net, self._sets, self.setting, self._seed)
        self._initial = copy.deepcopy(net.state_dict())
        self._report = Report(self._loop)
        self.definition = as_code(net, kernel.names())
        parameters = sum(parameter.numel() for parameter in net.parameters())
        sets = {name: getattr(self._sets, name) for name in ("train", "validation", "test")}
        counts = {name: len(images.labels) if images else 0 for name, images in sets.items()}
        self.totals = counts | {"parameters": parameters}
        self.graph_start = 0
        self.complain("training", "")

    def change_net(self, net: nn.Module, wait: bool = True) -> None:
        """Train another net on the same images; raises Problem when it is none."""
        require_net(net)
        self.pause(wait=False)
        net = net.to(next(self.net.parameters()).device)
        future = self.later(lambda: (self._take_net(net), self._after_change()))
        if wait:
            future.result()

    def restart(self, wait: bool = True) -> None:
        """Begin anew: the first weights, the first batch, empty curves.

        While training runs, it goes on from there.
        """
        self.complain("training", "")
        self._between(self._restart, wait)

    def _restart(self) -> None:
        self.net.load_state_dict(self._initial)
        self._loop.forget(self.setting)
        self._report.forget()
        self.graph_start = 0

    def clear_graph(self) -> None:
        """Draw the curves from here on; `history` keeps everything."""
        self.graph_start = self._loop.steps

    def snapshot(self) -> dict[str, Any]:
        """Everything, as JSON: the page, and under "network" what `restore` goes on from."""
        return super().snapshot() | {"network": self.saved()}

    def saved(self) -> dict[str, Any]:
        """What the button "Save" writes: the network alone."""
        with self._lock:
            state = to_json(self._loop.state())
        return {"format": FORMAT, "setting": self.setting._asdict(), "state": state}

    def restore(self, saved: Any, wait: bool = True) -> None:
        """Go on from a snapshot, or from the file that the button "Save" wrote.

        saved: what `snapshot` returned, its JSON text, or the path of a file.
        Raises Problem when it is no snapshot, or one of another net; then nothing changes.
        """
        found = read_saved(saved, self.net)
        for name in SETTINGS:
            setattr(self, name, found["setting"][name])
        self.complain("training", "")
        self._between(lambda: self._load(found["state"]), wait)

    def _load(self, state: dict[str, Any]) -> None:
        self._loop.load(state, self.setting)
        self._report.forget()
        self.graph_start = 0

    def load_pretrained(self, wait: bool = True) -> None:
        """Take the weights given as `pretrained`; raises Problem when they do not fit."""
        if self._pretrained is None:
            raise Problem("There are no pretrained weights; give LiveTrainer pretrained=…")
        weights = read_weights(self._pretrained, self.net)
        self.complain("training", "")
        self._between(lambda: self._load_weights(weights), wait)

    def _load_weights(self, weights: dict[str, Tensor]) -> None:
        self.net.load_state_dict(weights)
        self._loop.forget(self.setting)
        self._report.forget()

    # ---- reading ----

    @property
    def history(self) -> History:
        """Losses and learning rates of every step, validation scores of every epoch."""
        return self._loop.history

    @property
    def steps(self) -> int:
        """Batches trained."""
        return self._loop.steps

    @property
    def examples(self) -> int:
        """Images seen, each time counted."""
        return self._loop.examples

    @property
    def gradients(self) -> dict[str, Any]:
        """Root mean square gradient of every weight by layer, and the steps it was read at."""
        columns = zip(*self._loop.gradients, strict=True)
        layers = dict(zip(self._loop.weights, map(list, columns), strict=False))
        return {"steps": list(self._loop.gradient_steps), "layers": layers}

    def test(self) -> Score | None:
        """Measure loss and accuracy on all test images, each once, with the present weights.

        None where there are no test images.
        """
        if self._sets.test is None:
            return None
        self.later(self.test_all).result()
        return self._report.test

    def test_all(self) -> None:
        """Measure all test images, and show it."""
        with self._lock:
            self._report.test = evaluate(self.net, self._sets.test.batches())
        self.readouts = self._report.readouts(self.weight_decay)
        self.sentence = self.say()

    def predict(self, image: Any) -> list[tuple[str, float]]:
        """The three likeliest classes of a picture of one's own, with their probabilities.

        image: (H, W), (H, W, 3) or (C, H, W), uint8 or from 0 to 1, of any size.
        Raises Problem when it is no picture.
        """
        shape = self._sets.train.x.shape[1:]
        pixels = as_pixels(np.asarray(image), tuple(shape))
        return self.later(lambda: self._report.predict(pixels)).result()

    def show_own(self, image: np.ndarray) -> None:
        """Show what the net makes of a picture, uint8 (H, W, 3)."""
        pixels = as_pixels(image, tuple(self._sets.train.x.shape[1:]))
        self._guarded(lambda: setattr(self, "own", self._report.own(pixels)))

    def stable_text(self) -> str:
        """Text that is the same on every machine: sizes and steps, no results."""
        layers = sum(not list(module.children()) for module in self.net.modules())
        return stable_text(self.totals["parameters"], layers, self.steps)

    def draw(self, figure: Any) -> None:
        """Draw curves, weights and answers."""
        from coursekit.widgets.live_trainer_still import draw

        if self.phase == "ready":
            self._worker.wait(_FOR_A_PICTURE)  # it may still be looking at its layers
        draw(self, figure)


def _setting_changed(change: Any) -> None:
    """Mark the step in the curves; the loop reads the new value by itself."""
    trainer = change.owner
    if trainer.steps:
        trainer._report.marks.append([trainer.steps, f"{change.name} {change.new:g}"])


def _probe_changed(change: Any) -> None:
    trainer = change.owner
    trainer._worker.do(lambda: trainer._guarded(trainer._show))
