"""All answers of the `…_answers.py` files beside this one, by exercise."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from coursekit.exercises import Case

MODULES = [
    importlib.import_module(path.stem)
    for path in sorted(Path(__file__).parent.glob("*_answers.py"))
]


def gathered(name: str) -> dict[str, Any]:
    """The dictionaries of this name in all files, as one."""
    found: dict[str, Any] = {}
    for module in MODULES:
        for exercise, value in getattr(module, name, {}).items():
            assert exercise not in found, f"{exercise} has {name} in two files"
            found[exercise] = value
    return found


VALID: dict[str, list[Callable[..., Any]]] = gathered("VALID")
UNLISTED: dict[str, dict[Callable[..., Any], str]] = gathered("UNLISTED")
# Inputs of all kinds, wider than the exercise's own cases: to tell whether two functions differ.
WIDE: dict[str, Callable[[np.random.Generator], Case]] = gathered("WIDE")
