"""Plain values as a JSON tree and bytes, and back; every other object loses its life on the way.

Nothing is ever unpickled. Self-contained: the worker runs this file too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

MOST_NUMBERS = 64 << 20  # bytes of one frame's arrays
MOST_ITEMS = 200_000  # values in one frame that are not in an array
MOST_DEEP = 12  # lists in lists
MOST_TEXT = 2_000  # characters of one text
DTYPES = frozenset(
    "|b1 |i1 |u1 <i2 <i4 <i8 <u2 <u4 <u8 <f2 <f4 <f8 <c8 <c16".split()  # noqa: SIM905
)


class BadFrame(Exception):
    """Bytes that are no frame, or a frame over the limits."""


class TooBig(Exception):
    """A value with more numbers or text than a frame may hold."""


class Packer:
    """Turns values into a JSON tree, and their arrays into blocks of bytes.

    A plain JSON value stands for itself; everything else is an object with one letter: a array,
    n NumPy scalar, T torch tensor, t tuple, s set, d dict, r range, g random generator, f function,
    o other object.
    """

    def __init__(self, functions: list[Callable[..., Any]] | None) -> None:
        self.parts: list[bytes] = []
        self.size = 0
        self.items = 0
        self.functions = functions

    def pack(self, value: Any, depth: int = 0) -> Any:
        """The tree that stands for a value."""
        kind = type(value)
        self.items += 1
        if self.items > MOST_ITEMS:
            raise TooBig(f"more than {MOST_ITEMS} values")
        if depth > MOST_DEEP:
            return _other(value)
        if value is None or kind is bool or kind is float:
            return value
        if isinstance(value, int) and not isinstance(value, np.generic):
            # its bare number, whatever a subclass makes of it
            number = int.__index__(value)
            return number if number.bit_length() < 10_000 else _other(value)
        if kind is str:
            return value if len(value) <= MOST_TEXT else _other(value)
        if isinstance(value, (np.ndarray, np.generic)):
            return self._pack_array(value)
        return self._pack_several(value, depth)

    def _pack_several(self, value: Any, depth: int) -> Any:
        def each(items: Any) -> list[Any]:
            """The trees of several values."""
            return [self.pack(item, depth + 1) for item in items]

        if isinstance(value, list):
            return each(list.__iter__(value))
        if isinstance(value, tuple):
            return {"t": each(tuple.__iter__(value))}
        if type(value) in (set, frozenset):
            return {"s": each(value)}
        if isinstance(value, dict):
            return {"d": [each(pair) for pair in dict.items(value)]}
        if type(value) is range:
            return {"r": [value.start, value.stop, value.step]}
        return self._pack_rare(value)

    def _pack_rare(self, value: Any) -> Any:
        if isinstance(value, float):
            return float.__float__(value)
        if hasattr(value, "detach") and hasattr(value, "numpy"):  # a torch tensor
            return {"T": self._pack_array(value.detach().cpu().numpy())}
        if self.functions is None:
            return _other(value)
        if type(value) is np.random.Generator:
            return {"g": value.bit_generator.state}
        if callable(value):
            self.functions.append(value)
            return {"f": len(self.functions) - 1}
        return _other(value)

    def _pack_array(self, value: Any) -> Any:
        array = np.asarray(value)
        letter = "n" if isinstance(value, np.generic) else "a"
        dtype = array.dtype.newbyteorder("<")
        if dtype.str not in DTYPES:
            return _other(value)
        start, self.size = self.size, self.size + array.nbytes
        if self.size > MOST_NUMBERS:
            raise TooBig(f"more than {MOST_NUMBERS >> 20} MB of numbers")
        self.parts.append(np.ascontiguousarray(array, dtype=dtype).tobytes())
        return {letter: [start, dtype.str, list(array.shape)]}


def _other(value: Any) -> dict[str, list[str]]:
    """What remains of an object that cannot cross: its type's name and how it prints."""
    try:
        shown = repr(value)
    except Exception:  # a student's object may not print
        shown = "…"
    return {"o": [type(value).__name__, clean(shown, 80)]}


def clean(text: Any, most: int) -> str:
    """The start of a stranger's text, without what does not print."""
    return "".join(c for c in str(text)[:most] if c.isprintable())


def unpack(tree: Any, payload: bytearray, function: Callable[[int], Any] | None) -> Any:
    """The values that a tree and its bytes stand for.

    function: makes the stand-in for a function that was sent; without it functions and generators
    are refused. Raises BadFrame, or what Python raises, for a tree that is none.
    """

    def value_of(tree: Any, depth: int) -> Any:
        """What one branch stands for."""
        if depth > MOST_DEEP + 2:
            raise BadFrame("values nested too deeply")
        if isinstance(tree, list):
            return [value_of(item, depth + 1) for item in tree]
        if not isinstance(tree, dict):
            return tree
        ((letter, inside),) = tree.items()
        if letter in ("a", "n"):
            array = _array(inside, payload)
            return array if letter == "a" else array[()]
        if letter == "T":
            return _tensor(value_of(inside, depth + 1), function is not None)
        if letter in ("g", "f"):
            return _input_only(letter, inside, function)
        return _gathered(letter, [value_of(item, depth + 1) for item in inside])

    return value_of(tree, 0)


def _array(inside: list[Any], payload: bytearray) -> np.ndarray:
    start, dtype, shape = inside
    if dtype not in DTYPES:
        raise BadFrame("an array of an unknown dtype")
    count = 1
    for length in shape:
        if type(length) is not int or length < 0:
            raise BadFrame("an array of an impossible shape")
        count *= length
    if not count:
        return np.zeros(shape, dtype)
    return np.frombuffer(payload, dtype, count, start).reshape(shape).copy()


def _tensor(array: np.ndarray, as_input: bool) -> Any:
    """A tensor is one again where a student's code gets it; the grader compares arrays."""
    if not as_input:
        return array
    import torch

    return torch.from_numpy(array)


def _input_only(letter: str, inside: Any, function: Callable[[int], Any] | None) -> Any:
    if function is None:
        raise BadFrame("a function where a value belongs")
    if letter == "f":
        return function(inside)
    generator = np.random.Generator(np.random.PCG64())
    generator.bit_generator.state = inside
    return generator


def _gathered(letter: str, items: list[Any]) -> Any:
    if letter == "t":
        return tuple(items)
    if letter == "s":
        return set(items)
    if letter == "d":
        return dict(items)
    if letter == "r":
        return range(*items)
    if letter == "o":
        return foreign(*items)
    raise BadFrame("a value of an unknown kind")


def foreign(name: str, shown: str) -> Any:
    """A lifeless object that has another's type name and prints as it.

    >>> foreign("generator", "<generator f>"), type(foreign("generator", "")).__name__
    (<generator f>, 'generator')
    """
    shown = clean(shown, 80)
    return type(clean(name, 60) or "object", (), {"__repr__": lambda self: shown})()
