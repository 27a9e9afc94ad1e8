"""A network as a line of code, and back."""

from collections import OrderedDict
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from coursekit.problem import Problem

_SCOPE = {"nn": nn, "torch": torch, "F": F, "OrderedDict": OrderedDict}


def as_code(net: nn.Module, names: dict[str, Any]) -> str:
    """Python expression that builds such a net with new weights; empty where there is none.

    names: the notebook's variables; a class among them is called without arguments.

    >>> print(as_code(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), {}))
    nn.Sequential(
        nn.Flatten(start_dim=1, end_dim=-1),
        nn.Linear(in_features=4, out_features=2, bias=True),
    )
    """
    kind = type(net).__name__
    if type(net) is not nn.Sequential:
        return f"{kind}()" if names.get(kind) is type(net) else ""
    layers = dict(net.named_children())
    named = any(not name.isdigit() for name in layers)
    lines = [f"    {f'{n}=' if named else ''}nn.{layer!r},\n" for n, layer in layers.items()]
    start, end = ("nn.Sequential(OrderedDict(\n", "))") if named else ("nn.Sequential(\n", ")")
    code = start + "".join(lines) + end
    try:
        return code if repr(eval(code, dict(_SCOPE))) == repr(net) else ""
    except Exception:  # a layer whose repr is no code, such as a student's own
        return ""


def built(code: str, names: dict[str, Any]) -> nn.Module:
    """The net that an expression makes, with the notebook's variables at hand.

    Raises Problem when it stops, or makes something else.
    """
    try:
        net = eval(code.strip(), _SCOPE | names)
    except Exception as error:
        raise Problem(
            f"This definition stops with {type(error).__name__}: {error}; the network stays."
        ) from None
    return require_net(net)


def require_net(net: Any) -> nn.Module:
    """Return `net`; raises Problem unless it is a module with weights to train."""
    if not isinstance(net, nn.Module):
        raise Problem(f"The net is a {type(net).__name__}; expected an nn.Module.")
    if not any(parameter.requires_grad for parameter in net.parameters()):
        raise Problem(f"{type(net).__name__} has no weights to train; add a layer with weights.")
    return net
