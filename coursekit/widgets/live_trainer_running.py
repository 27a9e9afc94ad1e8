"""How a live trainer runs: in its thread or in a cell, telling and measuring on the way."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import perf_counter
from typing import Any

from coursekit.widgets import live_trainer_kernel as kernel
from coursekit.widgets.live_trainer_loop import Loop, Misfit, Setting
from coursekit.widgets.live_trainer_page import SETTINGS, TrainerPage
from coursekit.widgets.live_trainer_report import ON_THE_WAY, Report
from coursekit.widgets.live_trainer_words import sentence, slow
from coursekit.widgets.live_trainer_worker import Allowance, Worker, sparing_a_core

# Shares of the training time, and the least seconds between two times. Watching costs some more:
# the page's answers, and the threads that send.
_PACE = {"numbers": (0.015, 0.1), "pictures": (0.01, 0.5), "measures": (0.015, 1.0)}
_SLOW = 2.0  # seconds a batch
AT_ONCE = 1.0  # seconds that a cell waits for what usually takes less


class RunningTrainer(TrainerPage):
    """Trains `_loop`, shows `_report`; both belong to the net that is trained now."""

    _loop: Loop
    _report: Report

    def __init__(self, **settings: Any) -> None:
        self._lock = threading.RLock()
        self._allowances = {name: Allowance(*pace) for name, pace in _PACE.items()}
        self._worker = Worker(self._turn, self._rest)
        super().__init__(**settings)

    @property
    def setting(self) -> Setting:
        """Learning rate, momentum, batch size and weight decay."""
        return Setting(*(getattr(self, name) for name in SETTINGS))

    def start(self) -> None:
        """Train in the background until `pause`; returns at once."""
        if self._may_train() and not self.running:
            self.phase = "running"
            self.sentence = self.say()
            self.expect_watchers()
            self._worker.begin()

    def pause(self, wait: bool = True, why: str = "") -> None:
        """Stop training after the batch that is being computed.

        wait: for at most a second, so that the numbers are those of the pause. why: what to tell.
        """
        if self.running:
            self.phase = "pausing"
            self.complain("pause", why)
            self._worker.end()
            if not self._worker.at_work and self.phase == "pausing":
                self.phase = "paused"  # it had just ended by itself
        if wait:
            self._worker.wait(AT_ONCE)

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
                self._guarded(lambda: self._report.measure(ON_THE_WAY))

    def _turn(self) -> bool:
        """One batch in the background, and what is due after it; whether to go on."""
        if not self._batch():
            return False
        self._tell_due()
        self._allowances["measures"].spend(self._measured)
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
        self._allowances["measures"].charge(self._loop.validating)
        for allowance in self._allowances.values():
            allowance.earn(took - self._loop.validating)
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
        self._allowances["numbers"].spend(self._tell_numbers)
        self._allowances["pictures"].spend(lambda: self._guarded(self._tell_pictures))

    def _measured(self) -> None:
        self._guarded(lambda: self._report.measure(ON_THE_WAY))
        self.tell(curves=self._report.curves(), sentence=self.say())
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
