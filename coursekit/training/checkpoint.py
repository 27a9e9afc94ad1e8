"""Saving a training run after every epoch, and going on from there as if nothing had happened."""

import os
import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from coursekit.training.history import History
from coursekit.training.optimizers import MovingAverage
from coursekit.training.processes import is_first


class CheckpointMismatch(ValueError):
    """A checkpoint is damaged or belongs to another run; the message says what to do."""


class Checkpoint:
    """The file of one run; without a path nothing is kept.

    Args:
        path: the file, or None.
        settings: what must be the same for the run to be the same, as epochs and lr.
    """

    def __init__(
        self,
        path: str | Path | None,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        average: MovingAverage,
        settings: dict[str, Any],
    ) -> None:
        self.path = Path(path) if path else None
        self.model, self.optimizer, self.average = model, optimizer, average
        self.settings = settings

    def save(self, history: History) -> None:
        """Write the state after an epoch.

        The old file stays until the new one is whole.
        """
        if self.path is None or not is_first():
            return
        state = {
            "settings": self.settings,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.state(),
            "history": history.state(),
            "random": _random_state(),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f".{self.path.name}.part")
        torch.save(state, part)
        os.replace(part, self.path)

    def restore(self) -> History:
        """Bring everything to where the file left it.

        Returns:
            The history so far; an empty one where there is no file.

        Raises:
            CheckpointMismatch: the file is damaged or of another run.
        """
        if self.path is None or not self.path.exists():
            return History()
        state = self._read()
        self._require_same(state)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.load_state(state["average"])
        _set_random_state(state["random"])
        return History.from_state(state["history"])

    def _read(self) -> dict[str, Any]:
        try:
            return torch.load(self.path, map_location="cpu", weights_only=True)
        except (RuntimeError, EOFError, OSError, pickle.UnpicklingError) as error:
            raise CheckpointMismatch(
                f"{self.path} is no checkpoint or a damaged one; delete it to start anew, or "
                "choose another file."
            ) from error

    def _require_same(self, state: dict[str, Any]) -> None:
        """Refuse another run's state before anything of it is loaded."""
        then, now = state.get("settings", {}), dict(self.settings)
        if _shapes(state.get("model", {})) != _shapes(self.model.state_dict()):
            then, now = {"weights": "those of another model"}, {"weights": "this model's"}
        for name, value in now.items():
            if then.get(name) != value:
                raise CheckpointMismatch(
                    f"{self.path} is from a run with {name}={then.get(name)}, but now it is "
                    f"{value}; delete it to start anew, or choose another file."
                )


def _shapes(weights: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in weights.items()}


def _random_state() -> dict[str, Any]:
    """States of the generators that dropout draws from."""
    on_gpu = torch.cuda.get_rng_state() if torch.cuda.is_available() else None
    return {"cpu": torch.get_rng_state(), "cuda": on_gpu}


def _set_random_state(state: dict[str, Any]) -> None:
    torch.set_rng_state(state["cpu"])
    if state["cuda"] is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])
