"""Data sets and photographs of the course.

Photographs need no torch, so everything else is loaded when first used.
"""

from importlib import import_module
from typing import Any

from coursekit.data.photographs import PHOTOGRAPHS, photograph

_HOMES = {
    "Augmentation": "augment",
    "Batches": "batches",
    "DataUnavailable": "download",
    "Dataset": "dataset",
    "Examples": "dataset",
    "ImageFolders": "folders",
    "cifar10_or_photos": "loading",
    "data_folder": "download",
    "half_size": "pixels",
    "is_here": "official",
    "load": "loading",
    "shuffle_pixels": "pixels",
}
__all__ = ["PHOTOGRAPHS", "photograph", *_HOMES]  # noqa: PLE0604 - its keys are strings


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"coursekit.data has no {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(f"coursekit.data.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
