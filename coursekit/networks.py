"""A network that one lecture trains and a later one opens: kept beside the progress."""

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import torch
from torch import nn

from coursekit.models import INPUT_SHAPES
from coursekit.records import record_file


def keep_network(net: nn.Module, name: str, build: Callable[[], nn.Module], data: str) -> str:
    """Keep a trained network for later lectures; returns a sentence that says where, or why not.

    name: under which it is opened again. build: the function of `coursekit.models` that built it.
    data: name of the data set it was trained on.
    """
    path = _place(name)
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        torch.save({"build": build.__name__, "data": data, "weights": net.state_dict()}, part)
        os.replace(part, path)
    except (OSError, RuntimeError) as error:
        with suppress(OSError):
            part.unlink()
        return f"The network could not be kept in {path.parent} ({error})."
    return f"The network is kept in {path.name}, beside your progress."


def open_network(name: str, data: str) -> nn.Module | None:
    """Open a kept network, on the CPU; None where there is none that saw this data set.

    name, data: as in `keep_network`.
    """
    try:
        kept = torch.load(_place(name), map_location="cpu", weights_only=True)
        if kept["data"] != data:
            return None
        net = {build.__name__: build for build in INPUT_SHAPES}[kept["build"]]()
        net.load_state_dict(kept["weights"])
    except (OSError, EOFError, LookupError, RuntimeError, TypeError, pickle.UnpicklingError):
        return None  # missing, damaged or of another version: the lecture trains one
    return net


def _place(name: str) -> Path:
    return record_file().with_name(f"{name}.pt")
