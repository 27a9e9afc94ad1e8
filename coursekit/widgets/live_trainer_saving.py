"""A trained network as JSON, and back."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from coursekit.problem import Problem

FORMAT = "coursekit live trainer 1"


def to_json(state: Any) -> Any:
    """The same with every tensor as dtype, shape and base64."""
    if isinstance(state, Tensor):
        array = state.detach().cpu().contiguous().numpy()
        text = base64.b64encode(array.tobytes()).decode()
        return {"dtype": str(array.dtype), "shape": list(array.shape), "base64": text}
    if isinstance(state, dict):
        return {name: to_json(part) for name, part in state.items()}
    if isinstance(state, list | tuple):
        return [to_json(part) for part in state]
    return state


def from_json(state: Any) -> Any:
    """The inverse of `to_json`."""
    if isinstance(state, dict) and state.keys() == {"dtype", "shape", "base64"}:
        data = np.frombuffer(base64.b64decode(state["base64"]), state["dtype"])
        return torch.from_numpy(data.reshape(state["shape"]).copy())
    if isinstance(state, dict):
        return {name: from_json(part) for name, part in state.items()}
    if isinstance(state, list):
        return [from_json(part) for part in state]
    return state


def read_saved(saved: Any, net: nn.Module) -> dict[str, Any]:
    """What `LiveTrainer.snapshot` made, checked against the net.

    saved: the snapshot, its part "network", either as JSON text, or the path of such a file.
    Raises Problem when it is none of these or belongs to another net.
    """
    if isinstance(saved, Path) or (isinstance(saved, str) and saved.lstrip()[:1] != "{"):
        saved = _text_of(Path(saved))
    try:
        saved = json.loads(saved) if isinstance(saved, str) else saved
        saved = saved.get("network", saved)
        if saved["format"] != FORMAT:
            raise KeyError
        state = from_json(saved["state"])
        weights = state["weights"]
        state["momenta"], state["history"], state["stream"], saved["setting"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Problem(
            "This is no saved network of a LiveTrainer, or a damaged one; nothing was changed."
        ) from None
    require_same(weights, net)
    return {"state": state, "setting": saved["setting"]}


def read_weights(given: Any, net: nn.Module) -> dict[str, Tensor]:
    """A state dict, or the one in a file that torch.save wrote, checked against the net."""
    if not isinstance(given, dict):
        try:
            given = torch.load(given, map_location="cpu", weights_only=True)
        except Exception as error:
            raise Problem(f"The weights in {given} could not be read: {error}.") from None
    require_same(given, net)
    return given


def require_same(weights: dict[str, Any], net: nn.Module) -> None:
    """Raise Problem unless the weights have the net's names and shapes."""
    found = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    expected = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    if found == expected:
        return
    name = next(n for n in [*expected, *found] if found.get(n) != expected.get(n))
    raise Problem(
        f"These weights are of another net: {name} is {found.get(name, 'missing')} there and "
        f"{expected.get(name, 'missing')} here; nothing was changed."
    )


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise Problem(f"{path} could not be read: {error}.") from None
