"""Probes: small programs that turn a student's object into plain values.

A class cannot cross the wall of the sealed grader, and numbers can. So a probe runs where the
student's code lives, in the notebook's kernel or in the sealed worker: it builds the object from
plain arguments, asks it one question and hands back arrays, numbers and texts. It knows no expected
value, no reference and no mark. Self-contained: the worker runs this file too (standard library and
NumPy; torch is imported where it is called).
"""

import contextlib
import functools
import math
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np

LARGE = 1 << 20  # numbers in a tensor whose values are cut from one shared block
PERIOD, PERIODS = 1_000_003, 39  # numbers of that block before it repeats, and how often it does
MOST_PARAMETERS = 150_000_000

OVERWRITTEN = "its += or in-place ReLU overwrites maps that the way back still needs"

Probed = Callable[..., Any]


def module(build: Callable[..., Any]) -> Probed:
    """Ask a small nn.Module, however its parts are named.

    build: the student's class, or function, that makes the module. Returns a function of

    question: "tensors" (what the state dict holds), "output", "training" (the output in training
    mode) or "gradient" (of a weighted sum of the outputs, by the input).
    arguments: plain values for ``build``. x: input, an array. seed: of the weights.

    Weights are the same on both sides of the wall because both draw them by one rule, from the
    seed, each tensor's kind ("weight", "bias", …) and its shape.
    """
    return _probed(build)


def named_module(build: Callable[..., Any]) -> Probed:
    """Ask a small nn.Module whose names are prescribed: tensors of one shape differ by name."""
    return _probed(build, ranked=True)


def large_module(build: Callable[..., Any]) -> Probed:
    """Ask an nn.Module of many million parameters; it is built without its first random values."""
    return _probed(build, ranked=True, device="meta")


PROBES = {probe.__name__: probe for probe in (module, named_module, large_module)}


def _probed(build: Callable[..., Any], ranked: bool = False, device: str = "cpu") -> Probed:
    import torch  # here, and not within the time limit of a call

    small = device != "meta"

    @functools.wraps(build, assigned=(), updated=())
    def ask(question: str, arguments: tuple, x: np.ndarray | None = None, seed: int = 0) -> Any:
        """Build the module and ask it one question."""
        with torch.random.fork_rng(devices=[]), _one_thread() if small else nullcontext():
            torch.manual_seed(seed)
            with torch.device(device):
                built = _built(build, arguments)
            if question == "tensors":
                return _tensors(built)
            _fill(built, seed, ranked)
            return _answer(built, question, torch.from_numpy(x), seed)

    return ask


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Small maps are done before a second thread wakes up, and a busy machine has none to give."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _built(build: Callable[..., Any], arguments: tuple) -> Any:
    """A fresh module, or a TypeError that says what there is instead."""
    from torch import nn

    if isinstance(build, nn.Module):
        kind = type(build).__name__
        raise TypeError(f"this {kind} is built already; check {kind} itself, without parentheses")
    built = build(*arguments)
    if not isinstance(built, nn.Module):
        raise TypeError(f"it makes a {type(built).__name__}, where an nn.Module is asked for")
    if type(built).forward is nn.Module.forward and "forward" not in vars(built):
        raise TypeError("it has no method `forward`; is it indented into the class?")
    return built


def _answer(built: Any, question: str, x: Any, seed: int) -> Any:
    """The output of one pass, or the gradient that comes back from it."""
    import torch

    torch.manual_seed(seed)  # of dropout
    if question != "gradient":
        with torch.no_grad():
            return _plain(built.train(question == "training")(x))
    x.requires_grad_()
    out = built.eval()(x.clone())  # as inside a network: made by another layer
    if not isinstance(out, torch.Tensor) or not out.requires_grad:
        return np.zeros_like(x.detach()) if isinstance(out, torch.Tensor) else out
    weights = torch.from_numpy(_values("out", tuple(out.shape), 0, seed))
    try:
        (out * weights).sum().backward()
    except RuntimeError as error:
        if "inplace" not in str(error):
            raise
        raise RuntimeError(OVERWRITTEN) from None
    return np.zeros_like(x.detach()) if x.grad is None else _plain(x.grad)


def _plain(value: Any) -> Any:
    import torch

    return np.array(value.detach()) if isinstance(value, torch.Tensor) else value


# --- tensors -----------------------------------------------------------------------------------


def _held(part: Any, prefix: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    """(name, where it is kept, under which key) of everything a state dict holds.

    Read from the modules' own dictionaries, because methods can be overridden.
    """
    own = vars(part)
    for kind in ("_parameters", "_buffers"):
        for key, tensor in own[kind].items():
            if tensor is not None and key not in own["_non_persistent_buffers_set"]:
                yield prefix + key, own[kind], key
    for name, child in own["_modules"].items():
        if child is not None:
            yield from _held(child, f"{prefix}{name}.")


def _tensors(built: Any) -> list[list[Any]]:
    """[name, shape] of every tensor, and [kind, sizes] of every layer that slides a window."""
    held = [[name, list(holder[key].shape)] for name, holder, key in _held(built)]
    return [held, [[type(layer).__name__, _sizes(layer)] for layer in _sliding(built)]]


def _sliding(part: Any) -> Iterator[Any]:
    for child in vars(part)["_modules"].values():
        if hasattr(child, "kernel_size"):
            yield child
        elif child is not None:
            yield from _sliding(child)


def _sizes(layer: Any) -> list[list[int]]:
    """Kernel, stride and padding of a layer, each for both axes."""
    kernel, stride = _pair(layer.kernel_size), _pair(layer.stride)
    padding = layer.padding
    if isinstance(padding, str):
        padding = [(size - 1) // 2 if padding == "same" else 0 for size in kernel]
    return [kernel, stride, _pair(padding)]


def _pair(size: Any) -> list[int]:
    return [size, size] if isinstance(size, int) else list(size)


def _fill(built: Any, seed: int, ranked: bool) -> None:
    """Give every tensor its values by the rule."""
    import torch
    from torch import nn

    held = sorted(_held(built), key=lambda one: _natural(one[0]))
    if sum(holder[key].numel() for _, holder, key in held) > MOST_PARAMETERS:
        raise ValueError(f"it has more than {MOST_PARAMETERS:,} parameters")
    seen: dict[tuple[str, tuple[int, ...]], int] = {}
    for _, holder, key in held:
        tensor, shape = holder[key], tuple(holder[key].shape)
        rank = seen[key, shape] = seen.get((key, shape), -1) + 1
        if not tensor.is_floating_point():  # the number of batches that were seen
            holder[key] = torch.zeros(shape, dtype=tensor.dtype)
            continue
        values = torch.from_numpy(_values(key, shape, rank if ranked else 0, seed))
        if not tensor.is_meta:
            tensor.data.copy_(values)
        elif isinstance(tensor, nn.Parameter):
            holder[key] = nn.Parameter(values, requires_grad=False)
        else:
            holder[key] = values


def _natural(name: str) -> list[Any]:
    """Names in the order people count: features.8 before features.10."""
    return [(word.isdigit(), int(word) if word.isdigit() else word) for word in name.split(".")]


@functools.lru_cache(maxsize=128)
def _values(kind: str, shape: tuple[int, ...], rank: int, seed: int) -> np.ndarray:
    """Random numbers, float32, that keep a network's maps at about one size."""
    drawn = zlib.crc32(f"{kind} {shape} {rank} {seed}".encode())
    count = math.prod(shape)
    if count > LARGE:
        run = _block()[drawn % PERIOD :]
        return np.resize(run, shape) if count > len(run) else run[:count].reshape(shape)
    values = np.random.default_rng(drawn).uniform(-1, 1, shape)
    if kind == "running_var":
        values = 1 + values / 2
    elif len(shape) > 1:
        values *= math.sqrt(6 / math.prod(shape[1:]))  # He's variance, 2 / fan_in
    return values.astype(np.float32)


@functools.lru_cache(maxsize=1)
def _block() -> np.ndarray:
    """One long run of random numbers, of which large weights are pieces: 156 MB, made once."""
    once = np.random.default_rng(0).uniform(-0.0255, 0.0255, PERIOD)  # for fan_in 9216
    return np.broadcast_to(once.astype(np.float32), (PERIODS, PERIOD)).ravel()
