"""Helpers of the ConvNet course. Light on purpose: imports neither torch nor matplotlib."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# The few names notebooks use, and the modules they live in; loaded when first used.
_HOMES = {
    "check": "coursekit.checking",
    "mine": "coursekit.checking",
    "progress": "coursekit.checking",
}
__all__ = ["__version__", "check", "mine", "progress"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"coursekit has no {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
