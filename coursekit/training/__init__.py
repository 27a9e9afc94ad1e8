"""Training and evaluation of PyTorch networks: `fit` is the loop, the rest is what it is given."""

from coursekit.training.checkpoint import CheckpointMismatch
from coursekit.training.costs import bytes_for_backward, images_per_second
from coursekit.training.hardware import best_device, best_precision
from coursekit.training.history import History
from coursekit.training.loop import fit
from coursekit.training.measuring import Score, evaluate, evaluating, predict
from coursekit.training.optimizers import MovingAverage, sgd
from coursekit.training.processes import Processes, processes
from coursekit.training.schedules import constant, cosine, one_cycle, step

__all__ = [
    "CheckpointMismatch",
    "History",
    "MovingAverage",
    "Processes",
    "Score",
    "best_device",
    "best_precision",
    "bytes_for_backward",
    "constant",
    "cosine",
    "evaluate",
    "evaluating",
    "fit",
    "images_per_second",
    "one_cycle",
    "predict",
    "processes",
    "sgd",
    "step",
]
