"""The training loop of the live trainer, one batch at a time, with everything it reports."""

from collections import deque
from time import perf_counter
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit.training.history import History
from coursekit.training.measuring import evaluate
from coursekit.training.optimizers import sgd
from coursekit.widgets.live_trainer_sets import Sets
from coursekit.widgets.live_trainer_stream import Stream
from coursekit.widgets.wording import count_text

_GRADIENTS_EVERY, _MOST_GRADIENTS = 5, 600  # steps; kept, then every other one
_RECENT = 1000  # images over which the training accuracy is averaged


class Setting(NamedTuple):
    """What can be changed between two batches."""

    lr: float
    momentum: float
    batch_size: int
    weight_decay: float


class Misfit(ValueError):
    """The net and its data do not fit; the message is a sentence."""


class Loop:
    """Trains a net batch by batch; the losses are those of `coursekit.training.fit`.

    Attributes:
        history: of every step and epoch; forward_ms, backward_ms: an example, smoothed.
        gradients: one list of root mean square gradients, one a weight, for every step in
            `gradient_steps`.
        validating: seconds that the last step spent on measuring after its epoch.
    """

    def __init__(self, net: nn.Module, sets: Sets, setting: Setting, seed: int) -> None:
        self.net, self.sets = net.to(memory_format=torch.channels_last), sets
        self.stream = Stream(sets.train, sets.augment, seed)
        self.weights = {
            name.rpartition(".")[0] or name: parameter
            for name, parameter in net.named_parameters()
            if parameter.requires_grad and parameter.ndim > 1
        }
        self.forget(setting)

    def forget(self, setting: Setting) -> None:
        """Drop what was learned about the training, not the weights."""
        self.optimizer = sgd(self.net, setting.lr, setting.momentum, setting.weight_decay)
        self.stream.restart()
        self.history, self.examples, self.seconds = History(), 0, 0.0
        self.forward_ms = self.backward_ms = None
        self.validating = 0.0
        self.gradient_steps: list[int] = []
        self.gradients: list[list[float]] = []
        self.gradients_every = _GRADIENTS_EVERY
        self._answers: deque[tuple[int, int]] = deque()  # (right, images) of the last batches
        self._answered = 0

    @property
    def steps(self) -> int:
        """Batches trained."""
        return len(self.history.loss)

    def step(self, setting: Setting) -> None:
        """Train one batch.

        Raises Misfit when the net's output does not fit the labels, and whatever the net raises.
        A loss that is no number leaves the weights alone and a sentence in ``history.stopped``.
        """
        self._apply(setting)
        self.validating = 0.0
        x, labels = self.stream.next(setting.batch_size)
        if not self.net.training:
            self.net.train()
        started = self._now()
        logits = self.net(x)
        require_fit(logits, labels, len(self.sets.class_names))
        loss = F.cross_entropy(logits, labels)
        between = self._now()
        self.history.add_step(loss, setting.lr)
        self.history.look()
        if self.history.stopped:
            return
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self._note(logits, labels, started, between)
        if self.stream.at_end(setting.batch_size):
            self._end_epoch()

    def _apply(self, setting: Setting) -> None:
        for group in self.optimizer.param_groups:
            group["lr"], group["momentum"] = setting.lr, setting.momentum
            group["nesterov"] = setting.momentum > 0
            if group["params"][0].ndim > 1:  # biases never decay, see `sgd`
                group["weight_decay"] = setting.weight_decay

    def _now(self) -> float:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        return perf_counter()

    def _note(self, logits: Tensor, labels: Tensor, started: float, between: float) -> None:
        ended, count = self._now(), len(labels)
        self.seconds += ended - started
        self.forward_ms = _smoothed(self.forward_ms, 1000 * (between - started) / count)
        self.backward_ms = _smoothed(self.backward_ms, 1000 * (ended - between) / count)
        self.examples += count
        self._answers.append((int((logits.argmax(1) == labels).sum()), count))
        self._answered += count
        while self._answered - self._answers[0][1] >= _RECENT:
            self._answered -= self._answers.popleft()[1]
        if self.steps % self.gradients_every == 1:
            self._note_gradients()

    def _note_gradients(self) -> None:
        self.gradient_steps.append(self.steps)
        self.gradients.append(self._gradient_sizes())
        if len(self.gradients) > _MOST_GRADIENTS:
            self.gradients_every *= 2
            del self.gradient_steps[1::2], self.gradients[1::2]

    def _gradient_sizes(self) -> list[float]:
        found = [p.grad for p in self.weights.values()]
        sizes = [torch.zeros(()) if g is None else g.square().mean().sqrt().cpu() for g in found]
        return torch.stack(sizes).tolist() if sizes else []

    def _end_epoch(self) -> None:
        started, held = self._now(), self.sets.validation
        score = evaluate(self.net, held.batches()) if held else None
        self.validating = self._now() - started
        self.history.add_epoch(self.seconds, score)
        self.seconds = 0.0

    @property
    def train_accuracy(self) -> float | None:
        """Share of right answers among the last thousand training images, 0…1.

        Each was counted before its own batch changed the weights.
        """
        right = sum(right for right, _ in self._answers)
        return right / self._answered if self._answered else None

    @torch.no_grad()
    def decay_loss(self, weight_decay: float) -> float:
        """½ · weight_decay · (sum of the squares of all weights that decay)."""
        squares = sum(p.square().sum().item() for p in self.weights.values())
        return 0.5 * weight_decay * squares

    def state(self) -> dict[str, Any]:
        """Everything that training goes on from; tensors as they are."""
        return {
            "weights": self.net.state_dict(),
            "momenta": {
                name: self.optimizer.state[p]["momentum_buffer"]
                for name, p in self.net.named_parameters()
                if self.optimizer.state.get(p, {}).get("momentum_buffer") is not None
            },
            "history": self.history.state(),
            "examples": self.examples,
            "seconds": self.seconds,
            "answers": list(self._answers),
            "gradient_steps": self.gradient_steps,
            "gradients": self.gradients,
            "gradients_every": self.gradients_every,
            "stream": self.stream.state(),
        }

    def load(self, state: dict[str, Any], setting: Setting) -> None:
        """Go back to what `state` returned, for a net of the same shapes."""
        self.forget(setting)
        self.net.load_state_dict(state["weights"])
        for name, parameter in self.net.named_parameters():
            if name in state["momenta"]:
                momentum = state["momenta"][name].to(parameter, copy=True)
                self.optimizer.state[parameter]["momentum_buffer"] = momentum
        self.history = History.from_state(
            {name: list(curve) for name, curve in state["history"].items()}
        )
        self.examples, self.seconds = state["examples"], state["seconds"]
        self._answers = deque(map(tuple, state["answers"]))
        self._answered = sum(count for _, count in self._answers)
        self.gradient_steps = list(state["gradient_steps"])
        self.gradients = list(state["gradients"])
        self.gradients_every = state["gradients_every"]
        self.stream.load(state["stream"])


def require_fit(logits: Tensor, labels: Tensor, classes: int) -> None:
    """Raise Misfit unless the logits are (n, at least `classes`)."""
    shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
    fits = isinstance(logits, Tensor) and logits.ndim == 2 and len(logits) == len(labels)
    if not fits or logits.shape[1] < classes:
        given = count_text(len(labels), "image")
        raise Misfit(
            f"The net's output for {given} is {shape}; these labels need ({len(labels)}, "
            f"{classes}), one number a class: change the last layers."
        )


def _smoothed(before: float | None, now: float) -> float:
    return now if before is None else 0.9 * before + 0.1 * now
