"""Pictures that answer to the hand: numbers drawn in the browser, state readable from Python."""

from importlib import import_module
from typing import Any

# Each widget and its module; loaded when first used, so that this package stays light.
_HOMES = {
    "ConvolutionStepper": "coursekit.widgets.convolution_stepper",
    "LivePicture": "coursekit.widgets.picture",
}
__all__ = ["ConvolutionStepper", "LivePicture"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"coursekit.widgets has no {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
