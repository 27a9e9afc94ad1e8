"""Loading a data set by its name."""

from collections.abc import Callable
from pathlib import Path

import torch

from coursekit.data.dataset import Dataset, Examples
from coursekit.data.download import data_folder
from coursekit.data.folders import ImageFolders
from coursekit.data.generated import look_alikes, shapes
from coursekit.data.official import Arrays, find_imagenette, is_here, read_cifar10, read_mnist
from coursekit.data.packaged import digits, photo_patches
from coursekit.data.registry import (
    CIFAR10_CLASSES,
    FASHION_CLASSES,
    FASHION_FILES,
    IMAGENETTE_CLASSES,
    MNIST_FILES,
)

DOWNLOADABLE = ("cifar10", "fashion_mnist", "mnist", "imagenette")
PACKAGED: dict[str, Callable[[], Dataset]] = {
    "photo_patches": photo_patches,
    "digits": digits,
    "shapes": shapes,
    "look_alikes": look_alikes,
}


def load(name: str, folder: str | Path | None = None) -> Dataset | ImageFolders:
    """Load a data set, downloading it first where needed.

    Args:
        name: "photo_patches", "digits", "shapes" or "look_alikes", which are always there, or
            "cifar10", "fashion_mnist", "mnist" or "imagenette", which are downloaded once.
        folder: where downloaded files lie; `COURSEKIT_DATA` or the user's cache folder by default.
            A copy there in the official layout is used as it is.

    Returns:
        A `Dataset`, all images in memory; for "imagenette" an `ImageFolders`.

    Raises:
        ValueError: the name is unknown.
        DataUnavailable: the files are missing and cannot be downloaded, or they are damaged.

    >>> load("digits").train.images.shape
    torch.Size([1437, 1, 8, 8])
    """
    if name in PACKAGED:
        return PACKAGED[name]()
    if name not in DOWNLOADABLE:
        names = ", ".join((*PACKAGED, *DOWNLOADABLE))
        raise ValueError(f"There is no data set {name!r}; choose one of {names}.")
    return _DOWNLOADED[name](Path(folder).expanduser() if folder else data_folder())


def cifar10_or_photos(folder: str | Path | None = None) -> Dataset:
    """Load CIFAR-10 if it is on this machine, else `photo_patches`.

    Downloads nothing. Both have ten classes and 3×32×32 images; `.source` says which it is.

    >>> cifar10_or_photos().name in ("cifar10", "photo_patches")
    True
    """
    here = is_here("cifar10", Path(folder).expanduser() if folder else None)
    return load("cifar10", folder) if here else load("photo_patches")


def _cifar10(folder: Path) -> Dataset:
    train, test, official = read_cifar10(folder)
    return _in_memory(
        "cifar10", train, test, CIFAR10_CLASSES, "CIFAR-10 (Krizhevsky, 2009)", official
    )


def _mnist(folder: Path) -> Dataset:
    train, test, official = read_mnist("mnist", MNIST_FILES, folder)
    credit = "MNIST handwritten digits (LeCun et al., 1998)"
    return _in_memory("mnist", train, test, tuple("0123456789"), credit, official, may_flip=False)


def _fashion_mnist(folder: Path) -> Dataset:
    train, test, official = read_mnist("fashion_mnist", FASHION_FILES, folder)
    credit = "Fashion-MNIST (Xiao et al., 2017)"
    return _in_memory("fashion_mnist", train, test, FASHION_CLASSES, credit, official)


def _imagenette(folder: Path) -> ImageFolders:
    return ImageFolders(
        find_imagenette(folder),
        IMAGENETTE_CLASSES,
        "Imagenette, ten classes of ImageNet at 160 pixels (Howard, 2019).",
    )


_DOWNLOADED = {
    "cifar10": _cifar10,
    "mnist": _mnist,
    "fashion_mnist": _fashion_mnist,
    "imagenette": _imagenette,
}


def _in_memory(
    name: str,
    train: Arrays,
    test: Arrays,
    class_names: tuple[str, ...],
    credit: str,
    official: bool,
    may_flip: bool = True,
) -> Dataset:
    """Wrap what a reader returned; say so where the files are not the published ones."""
    which = "." if official else "; a copy whose files differ from the published ones."
    parts = [Examples(*map(torch.from_numpy, part)) for part in (train, test)]
    return Dataset(name, *parts, class_names, credit + which, may_flip)
