"""What happened during a training run, step by step and epoch by epoch."""

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from coursekit.training.measuring import Score
from coursekit.training.processes import mean_over_processes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass
class History:
    """Curves of a training run.

    Attributes:
        loss: of every step's batch.
        lr: learning rate at every step.
        epochs: the validation `Score` after every epoch, or None where nothing was validated.
        seconds: time spent in training steps, up to the end of every epoch.
        stopped: why training ended early, a sentence; empty if it did not.
    """

    loss: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    epochs: list[Score | None] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    stopped: str = ""
    _unseen: list[tuple[Tensor, float]] = field(default_factory=list, repr=False, compare=False)

    def add_step(self, loss: Tensor, lr: float) -> None:
        """Note a step's loss and learning rate.

        Reading a loss waits for the device, so the steps are read sixteen at a time.
        """
        self._unseen.append((loss.detach(), lr))
        if len(self._unseen) == 16:
            self.look()

    def look(self) -> None:
        """Read the losses noted since the last look.

        Sets `stopped` if one is no number. Under torchrun the mean over the processes is read.
        """
        if self._unseen:
            losses, lrs = zip(*self._unseen, strict=True)
            self._take(mean_over_processes(torch.stack(losses)).tolist(), lrs)
            self._unseen.clear()

    def _take(self, losses: list[float], lrs: tuple[float, ...]) -> None:
        self.loss += losses
        self.lr += lrs
        bad = next((i for i, loss in enumerate(losses) if not isfinite(loss)), None)
        if bad is not None:
            step = len(self.loss) - len(losses) + bad + 1
            self.stopped = (
                f"The loss became {losses[bad]} at step {step} with a learning rate of "
                f"{lrs[bad]:.3g}, so training stopped; try a smaller one."
            )

    def add_epoch(self, seconds: float, score: Score | None) -> None:
        """Note an epoch's time and the validation score after it."""
        self.seconds.append(sum(self.seconds[-1:]) + seconds)
        self.epochs.append(score)

    @property
    def accuracy(self) -> list[float]:
        """Validation accuracy after every epoch, 0…1."""
        return [score.accuracy for score in self.epochs if score]

    def state(self) -> dict[str, Any]:
        """Return the history as plain lists, as a checkpoint keeps it."""
        return {
            "loss": self.loss,
            "lr": self.lr,
            "epochs": [score and tuple(score) for score in self.epochs],
            "seconds": self.seconds,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "History":
        """Return the history that `state` was made from."""
        return cls(**state | {"epochs": [score and Score(*score) for score in state["epochs"]]})

    def __repr__(self) -> str:
        if not self.loss:
            return "no training yet"
        text = f"{len(self.epochs)} epochs, {len(self.loss)} steps"
        text += f": loss {self.loss[0]:.3f} → {_recent(self.loss):.3f}"
        if self.accuracy:
            text += f", validation accuracy {self.accuracy[-1]:.1%}"
        return f"{text}. {self.stopped}".rstrip()

    def plot(self) -> "Axes":
        """Draw every step's loss and, beside it, the validation accuracy after every epoch.

        Returns:
            The axes of the loss; those of the accuracy are the next in ``.figure.axes``.
        """
        from coursekit.drawings import FAINT, OUTPUT
        from coursekit.plots.figures import new_axes

        axes = new_axes(2.8, f"Training curve: {self!r}", 1, 2 if self.accuracy else 1)[0]
        steps = range(1, len(self.loss) + 1)
        axes[0].plot(steps, self.loss, color=FAINT, linewidth=0.8)
        axes[0].plot(steps, _smooth(self.loss), color=OUTPUT, linewidth=1.8)
        axes[0].set(xlabel="step", ylabel="loss", ylim=(0, None))
        axes[0].set_title("training loss, batch by batch and smoothed")
        if self.accuracy:
            self._plot_accuracy(axes[1])
        return axes[0]

    def _plot_accuracy(self, axes: "Axes") -> None:
        from coursekit.drawings import GRADIENT

        width = len(self.loss) / len(self.epochs)
        ends = [width * (i + 1) for i, score in enumerate(self.epochs) if score]
        axes.plot(ends, self.accuracy, "o-", color=GRADIENT, linewidth=1.8, markersize=5)
        last = (ends[-1], self.accuracy[-1])
        axes.annotate(f"{last[1]:.0%}", last, (0, 7), textcoords="offset points", ha="center")
        axes.set(xlabel="step", ylabel="accuracy", xlim=(0, None), ylim=(0, 1))
        axes.set_title("validation accuracy after each epoch")


def _recent(losses: list[float]) -> float:
    """Mean of the last tenth, which is steadier than the last step."""
    last = losses[-max(1, len(losses) // 10) :]
    return sum(last) / len(last)


def _smooth(losses: list[float]) -> list[float]:
    """Moving average over about a fiftieth of the run, without lag at the start."""
    keep = 1 - 1 / max(1, len(losses) // 50)
    smooth, value, weight = [], 0.0, 0.0
    for loss in losses:
        value, weight = keep * value + loss, keep * weight + 1
        smooth.append(value / weight)
    return smooth
