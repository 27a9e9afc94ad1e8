"""Published ImageNet weights: fetched from their official addresses, verified, loaded.

The files are torchvision's. The eight hexadecimal digits in each name begin the SHA-256 of the
file, which is how a damaged or exchanged one is noticed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pooch
import torch
from torch import nn

from coursekit.data.download import data_folder
from coursekit.data.progressbar import progress_bar

_OFFICIAL = "https://download.pytorch.org/models/"
ADDRESSES = {
    "alexnet": _OFFICIAL + "alexnet-owt-7be5be79.pth",
    "vgg11": _OFFICIAL + "vgg11-8a719046.pth",
    "vgg16": _OFFICIAL + "vgg16-397923af.pth",
    "vgg19": _OFFICIAL + "vgg19-dcbb9e9d.pth",
    "googlenet": _OFFICIAL + "googlenet-1378be20.pth",
    "resnet18": _OFFICIAL + "resnet18-f37072fd.pth",
    "resnet34": _OFFICIAL + "resnet34-b627a593.pth",
    "resnet50": _OFFICIAL + "resnet50-0676ba61.pth",
    "resnet101": _OFFICIAL + "resnet101-63fe2227.pth",
    "resnet152": _OFFICIAL + "resnet152-394f9c45.pth",
}
# Top-1 and top-5 accuracy of some of these files in percent, on the 50,000 validation images of
# ImageNet, one crop each, as torchvision's documentation gives them.
PUBLISHED_ACCURACY = {
    "alexnet": (56.522, 79.066),
    "vgg16": (71.592, 90.382),
    "googlenet": (69.778, 89.530),
    "resnet34": (73.314, 91.420),
    "resnet152": (78.312, 94.046),
}
IMAGENET_CLASSES = 1000  # what every one of these files was trained to tell apart

Model = TypeVar("Model", bound=nn.Module)


class WeightsUnavailable(OSError):
    """Published weights are neither here nor to be had; the message says what to do."""


def published(name: str, build: Callable[[], Model], num_classes: int = IMAGENET_CLASSES) -> Model:
    """Build a network and give it its published weights.

    build: called on the meta device, so that no memory is spent on random numbers that the file
    replaces at once. The network is in training mode, as PyTorch's always are: call ``.eval()``.
    Raises WeightsUnavailable when the file cannot be had, ValueError for other num_classes.
    """
    if num_classes != IMAGENET_CLASSES:
        raise ValueError(
            f"the published weights of {name} tell {IMAGENET_CLASSES} classes apart, not "
            f"{num_classes}: load them as they are, then replace the last layer"
        )
    path = fetch_weights(name)
    with torch.device("meta"):
        model = build()
    weights = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(weights, assign=True)
    return model


def fetch_weights(name: str) -> Path:
    """Return the path of a network's published weights, downloading them first if missing.

    They are kept in the folder "models" of the course's data (`COURSEKIT_DATA`).
    Raises WeightsUnavailable when they cannot be had or are not the published ones.
    """
    address = ADDRESSES[name]
    path = data_folder() / "models" / address.rpartition("/")[2]
    if path.exists():
        _verify(path, advice="delete it and load again")
        return path
    _download(address, path)
    try:
        _verify(path, advice=f"{address} delivered something else, load again later")
    except WeightsUnavailable:
        path.unlink()
        raise
    return path


def _download(address: str, path: Path) -> None:
    try:
        with progress_bar(path.name) as bar:
            downloader = pooch.HTTPDownloader(progressbar=bar, chunk_size=2**16)
            pooch.retrieve(address, None, path.name, path.parent, downloader=downloader)
    except OSError as error:  # requests' errors are OSErrors
        raise WeightsUnavailable(
            f"{path.name} could not be downloaded from {address} ({type(error).__name__}); with "
            f"a network, load again, or put the file by hand at {path}"
        ) from None


def _verify(path: Path, advice: str) -> None:
    """Compare a file's SHA-256 with the digits at the end of its name."""
    expected = path.stem.rpartition("-")[2]
    found = pooch.file_hash(str(path), alg="sha256")[: len(expected)]
    if found != expected:
        raise WeightsUnavailable(
            f"{path} is not the published file: its SHA-256 begins with {found} instead of "
            f"{expected}; {advice}"
        )
