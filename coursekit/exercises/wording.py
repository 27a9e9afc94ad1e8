"""Values in words: as one would type them, short, and without memory addresses."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

MOST_NUMBERS = 9  # of an array that is written out; a larger one is given by its shape
MOST_TEXT = 160  # characters of one value
DIGITS = 8  # of a number; what only rounding left behind is not shown
ADDRESS = re.compile(r" (object )?at 0x[0-9a-fA-F]+")


def written(value: Any, most: int = MOST_TEXT) -> str:
    """A value as one would type it; what is long is cut.

    Large arrays are given by their shape, functions by their name. most: characters.

    >>> written([np.zeros((5, 4)), (np.float64(0.5), "a")])
    "[array of shape (5, 4), (0.5, 'a')]"
    >>> written(np.array([0.1 + 0.2])), written(written), written(list(range(1000)), most=20)
    ('[0.3]', 'written', '[0, 1, 2, 3, 4, 5, 6, 7, … 1000 in all]')
    """
    if hasattr(value, "detach"):  # a torch tensor, where torch is allowed
        return _array(value.detach().cpu().numpy(), "tensor")
    if isinstance(value, (np.ndarray, np.generic)):
        return _array(value, "array")
    if type(value) in (list, tuple):
        opening, closing = ("[", "]") if isinstance(value, list) else ("(", ")")
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        items = (written(one, most) for one in value)
        return opening + _joined(items, len(value), most) + comma + closing
    if type(value) is dict:
        items = (f"{written(key, most)}: {written(one, most)}" for key, one in value.items())
        return "{" + _joined(items, len(value), most) + "}"
    if type(value) is float:
        return repr(float(f"{value:.{DIGITS}g}") + 0.0)  # which makes 0.0 of -0.0
    return printed(value, most)


def printed(value: Any, most: int = MOST_TEXT) -> str:
    """A value as it prints itself, cut after some characters.

    >>> printed("a" * 100, most=10), printed(np.random.default_rng(1))
    ("'aaaaaaaa…", 'Generator(PCG64)')
    """
    text = repr(value)
    if callable(value) and ADDRESS.search(text) and hasattr(value, "__name__"):
        text = value.__name__ if value.__name__.isidentifier() else "a function"
    return cut(ADDRESS.sub("", text), most)


def cut(text: str, most: int) -> str:
    """A text, or its start and an ellipsis.

    >>> cut("stride", 6), cut("padding", 6)
    ('stride', 'paddi…')
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def _array(value: Any, kind: str) -> str:
    if value.size > MOST_NUMBERS:
        return f"{kind} of shape {tuple(value.shape)}"
    return written(value.tolist())


def _joined(items: Iterable[str], count: int, most: int) -> str:
    """As many texts as fit, and how many there are."""
    kept: list[str] = []
    for item in items:
        if len(", ".join(kept)) >= most:
            return ", ".join([*kept, f"… {count} in all"])
        kept.append(item)
    return ", ".join(kept)
