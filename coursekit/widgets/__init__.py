"""Pictures that answer to the hand: numbers drawn in the browser, state readable from Python."""

from importlib import import_module
from typing import Any

# Each widget and its module; loaded when first used, so that this package stays light.
_HOMES = {
    "ArchitectureExplorer": "coursekit.widgets.architecture_explorer",
    "BackwardStepper": "coursekit.widgets.backward_stepper",
    "ConvolutionStepper": "coursekit.widgets.convolution_stepper",
    "LivePicture": "coursekit.widgets.picture",
    "LiveTrainer": "coursekit.widgets.live_trainer",
    "NetworkExplorer": "coursekit.widgets.network_explorer",
    "PoolingRouter": "coursekit.widgets.pooling_router",
    "VolumeExplorer": "coursekit.widgets.volume_explorer",
    "WeightIndex": "coursekit.widgets.weight_index",
    "TaskPicker": "coursekit.widgets.task_picker",
    "PatchBrowser": "coursekit.widgets.patch_browser",
    "PixelMicroscope": "coursekit.widgets.pixel_microscope",
}
__all__ = [
    "ArchitectureExplorer",
    "BackwardStepper",
    "ConvolutionStepper",
    "LivePicture",
    "LiveTrainer",
    "NetworkExplorer",
    "PatchBrowser",
    "PixelMicroscope",
    "PoolingRouter",
    "TaskPicker",
    "VolumeExplorer",
    "WeightIndex",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"coursekit.widgets has no {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
