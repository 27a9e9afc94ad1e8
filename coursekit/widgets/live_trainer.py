"""Train a network before one's eyes: curves, every layer at work, settings changed on the way."""

import copy
import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import perf_counter
from typing import Any

import numpy as np
from torch import Tensor, nn

from coursekit.data.augment import Augmentation
from coursekit.problem import Problem
from coursekit.training.history import History
from coursekit.training.measuring import Score, evaluate
from coursekit.widgets import live_trainer_kernel as kernel
from coursekit.widgets.live_trainer_loop import Loop, Misfit, Setting
from coursekit.widgets.live_trainer_net import as_code, require_net
from coursekit.widgets.live_trainer_page import SETTINGS, TrainerPage
from coursekit.widgets.live_trainer_pixels import as_pixels
from coursekit.widgets.live_trainer_report import Report
from coursekit.widgets.live_trainer_saving import FORMAT, read_saved, read_weights, to_json
from coursekit.widgets.live_trainer_sets import read_sets
from coursekit.widgets.live_trainer_words import sentence, slow, stable_text
from coursekit.widgets.live_trainer_worker import Allowance, Worker, sparing_a_core

_SHARE = 0.05  # of the training time, for looking and telling; messages themselves cost more
_SLOW = 2.0  # seconds a batch
_AT_ONCE = 1.0  # seconds that a cell waits for what usually takes less


class LiveTrainer(TrainerPage):
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
        self._lock, self._allowance = threading.RLock(), Allowance(_SHARE)
        self._worker = Worker(self._turn, self._rest)
        super().__init__(batch_size=32, has_pretrained=pretrained is not None)
        given = {"lr": lr, "momentum": momentum, "batch_size": batch_size}
        for name, value in (given | {"weight_decay": weight_decay}).items():
            setattr(self, name, value)
        kernel.enter(self)
        kernel.listen()
        self._take_net(net)
        # A net that takes long for a few images is looked at while the notebook goes on.
        self.later(self._after_change)
        self._worker.wait(_AT_ONCE)
        self.observe(_setting_changed, SETTINGS)
        self.observe(_probe_changed, "probe")
        if autostart:
            self.start()

    # ---- training ----

    def start(self) -> None:
        """Train in the background until `pause`; returns at once."""
        if self._may_train() and not self.running:
            self.phase = "running"
            self.sentence = self.say()
            self._worker.begin()

    def pause(self, wait: bool = True, why: str = "") -> None:
        """Stop training after the batch that is being computed.

        wait: for at most a second, so that the numbers are those of the pause. why: what to tell.
        """
        if self.running:
            self.phase = "pausing"
            self.complain("pause", why)
            self._worker.end()
        if wait:
            self._worker.wait(_AT_ONCE)

    @property
    def running(self) -> bool:
        """Whether batches are being trained in the background."""
        return self._worker.turning

    def run(self, steps: int | None = None, epochs: int | None = None) -> None:
        """Train in this cell, and return when it is done.

        Give one of steps (batches) and epochs. Nothing of the result depends on time.
        """
        whole = max(1, len(self._sets.train.labels) // self.batch_size)
        wanted = steps if steps is not None else (1 if epochs is None else epochs) * whole
        self._halt()
        if not self._may_train():
            return
        self.phase = "running"
        try:
            with sparing_a_core():
                self._train(wanted, every=max(1, wanted // 10))
        finally:  # also when the cell is interrupted
            self._rest()

    def step(self, count: int = 1) -> None:
        """Train `count` batches, and return when they are done."""
        self.run(steps=count)

    def one_batch(self) -> None:
        """Train one batch in the background's thread, and show it."""
        if self._may_train():
            self._batch()
            self._rest()

    def _train(self, steps: int, every: int) -> None:
        for i in range(1, steps + 1):
            if not self._batch():
                return
            self._tell_due()
            if i % every == 0 and i < steps:
                self._guarded(lambda: self._report.measure(test=False))

    def _turn(self) -> bool:
        """One batch in the background, and what is due after it; whether to go on."""
        if not self._batch():
            return False
        self._tell_due()
        self._measure_due()
        why = self.unwatched(kernel.quiet_since(self._heard))
        if why:
            self.pause(wait=False, why=why)
        return not why

    def _batch(self) -> bool:
        """Train one batch; whether that went well."""
        started = perf_counter()
        well = self._guarded(lambda: self._loop.step(self.setting))
        stopped = self._loop.history.stopped
        if stopped:
            self.complain("training", f"{stopped} Restart first.")
        took = perf_counter() - started
        self._allowance.earn(took)
        if took > _SLOW:
            self.complain("slow", slow(took, self.batch_size))
        return well and not stopped

    def _guarded(self, work: Callable[[], Any]) -> bool:
        """Do what calls the student's net; whether it went well. If not, a sentence says why."""
        try:
            with self._lock:
                work()
        except Misfit as misfit:
            self.complain("training", str(misfit))
        except Exception as error:
            words = f"{type(error).__name__}: {error}".rstrip(".")
            self.complain("training", f"The net stopped with {words}.")
        else:
            return True
        return False

    def _may_train(self) -> bool:
        """Whether there is anything against training; a net that failed may try again."""
        self.complain("pause", "")
        self.complain("slow", "")
        if not self._loop.history.stopped:
            self.complain("training", "")
        return not self._loop.history.stopped

    def _halt(self) -> None:
        """End the background thread, however long its batch takes."""
        self._worker.end()
        self._worker.wait()

    def replaced(self) -> None:
        """Stop for good: another trainer has this one's cell or its weights."""
        if self.running:
            self.pause(wait=False, why="Another LiveTrainer took over, so this one was paused.")

    def close(self) -> None:
        """Stop training and take the widget off its pages."""
        worker = getattr(self, "_worker", None)
        if worker is not None:
            worker.end()
        super().close()

    # ---- what is shown ----

    def _tell_due(self) -> None:
        """Send what the pages should know by now, as far as time for it has been earned."""
        spend = self._allowance.spend
        spend("numbers", 0.04, self._tell_numbers)
        spend("pictures", 0.4, lambda: self._guarded(self._tell_pictures))
        spend("sentence", 3.0, lambda: self.tell(sentence=self.say()))

    def _measure_due(self) -> None:
        spend = self._allowance.spend
        spend("validation", 0.7, lambda: self._measured(test=False))
        spend("test", 2.0, lambda: self._measured(test=True))

    def _measured(self, test: bool) -> None:
        self._guarded(lambda: self._report.measure(test))
        self.tell(curves=self._report.curves())
        self._told = self._loop.steps

    def _tell_numbers(self) -> None:
        self.tell(
            readouts=self._report.readouts(self.weight_decay),
            curves=self._report.new_losses(self._told),
        )
        self._told = self._loop.steps

    def _tell_pictures(self) -> None:
        layers, pictures = self._report.pictures(self.probe)
        self.tell(layers=layers, pictures=pictures, tests=self._report.answers())

    def _rest(self) -> None:
        """Bring all traits to where training ended."""
        well = not self._complaints.get("training")
        if well:
            self._guarded(self._report.measure)
            self._guarded(self._show)
        self._settle("paused" if well else "stopped")

    def _show(self) -> None:
        """Look at every layer and at the answers."""
        self.layers, self.pictures = self._report.pictures(self.probe)
        self.tests = self._report.answers()

    def _settle(self, phase: str) -> None:
        self.phase = phase
        self.readouts = self._report.readouts(self.weight_decay)
        self.curves = self._report.curves()
        self._told = self._loop.steps
        self.sentence = self.say()

    def tell_all(self) -> None:
        """Send everything that is shown, as a page that has just opened needs it."""
        if self.running:
            self._worker.do(self._tell_everything)

    def _tell_everything(self) -> None:
        self._told = 0
        self.tell(curves=self._report.curves(), phase=self.phase, sentence=self.say())
        self._told = self._loop.steps
        self._tell_numbers()
        self._guarded(self._tell_pictures)

    def say(self) -> str:
        """The sentence for the present numbers."""
        return sentence(self.phase, self._report.readouts(self.weight_decay))

    def later(self, job: Callable[[], Any]) -> Future:
        """Do something between two batches."""
        return self._worker.do(job)

    def _between(self, job: Callable[[], Any], wait: bool) -> None:
        """Do something between two batches, then show it."""
        future = self.later(lambda: (job(), self._after_change()))
        if wait and not self.running:
            future.result()

    def _after_change(self) -> None:
        self._guarded(self._show)
        self._settle("running" if self.running else "paused" if self._loop.steps else "ready")

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
    def setting(self) -> Setting:
        """Learning rate, momentum, batch size and weight decay."""
        return Setting(*(getattr(self, name) for name in SETTINGS))

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

        draw(self, figure)


def _setting_changed(change: Any) -> None:
    """Mark the step in the curves; the loop reads the new value by itself."""
    trainer = change.owner
    if trainer.steps:
        trainer._report.marks.append([trainer.steps, f"{change.name} {change.new:g}"])


def _probe_changed(change: Any) -> None:
    trainer = change.owner
    trainer._worker.do(lambda: trainer._guarded(trainer._show))
