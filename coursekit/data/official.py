"""Readers of the official file layouts: CIFAR-10's batches, MNIST's idx files, Imagenette."""

import gzip
import hashlib
import pickle
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from coursekit.data.download import DataUnavailable, data_folder, fetch, unpack
from coursekit.data.registry import (
    CIFAR10_ARCHIVE,
    CIFAR10_FOLDER,
    CIFAR10_TEST,
    CIFAR10_TRAIN,
    IMAGENETTE_ARCHIVE,
    IMAGENETTE_FOLDER,
    RemoteFile,
)

Arrays = tuple[np.ndarray, np.ndarray]  # images (N, C, H, W) uint8, labels (N,) int64


def is_here(name: str, folder: Path | None = None) -> bool:
    """Tell whether a downloadable data set lies in `folder` already."""
    folder = folder or data_folder()
    if name == "cifar10":
        return (folder / CIFAR10_FOLDER).is_dir()
    if name == "imagenette":
        return (folder / IMAGENETTE_FOLDER).is_dir()
    return _idx_home(name, folder).is_dir()


def read_cifar10(folder: Path) -> tuple[Arrays, Arrays, bool]:
    """Read CIFAR-10 (Krizhevsky, 2009) in its python layout.

    Returns:
        train (50000, 3, 32, 32), test (10000, 3, 32, 32), and whether all files are the
        published ones, byte for byte.
    """
    home = folder / CIFAR10_FOLDER
    if not home.is_dir():
        home = unpack(fetch(CIFAR10_ARCHIVE, folder), CIFAR10_FOLDER)
    train = [_cifar_batch(home / name) for name in CIFAR10_TRAIN]
    test = _cifar_batch(home / "test_batch")
    official = all(
        hashlib.md5((home / name).read_bytes()).hexdigest() == md5
        for name, md5 in (CIFAR10_TRAIN | CIFAR10_TEST).items()
    )
    images, labels = (np.concatenate(part) for part in zip(*train, strict=True))
    return (images, labels), test, official


class _ArraysOnly(pickle.Unpickler):
    """Unpickles arrays and plain values; a pickle could otherwise run anything."""

    def find_class(self, module: str, name: str) -> Any:
        """Look up a class the pickle asks for; only arrays' are given."""
        arrays = module in ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
        if arrays and name in ("ndarray", "dtype", "_reconstruct"):
            return super().find_class(module, name)
        if (module, name) == ("_codecs", "encode"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no image file needs")


def _cifar_batch(path: Path) -> Arrays:
    """One file of 10,000 images: (10000, 3, 32, 32) and (10000,)."""
    try:
        with path.open("rb") as file:
            content = _ArraysOnly(file, encoding="latin1").load()
        images = np.asarray(content["data"], dtype=np.uint8).reshape(10_000, 3, 32, 32)
        labels = np.asarray(content["labels"], dtype=np.int64).reshape(10_000)
    except (OSError, EOFError, KeyError, ValueError, TypeError, pickle.UnpicklingError) as error:
        raise _damaged(path, error) from error
    _require(path, labels.min() >= 0 and labels.max() <= 9, "its labels are not 0 to 9")
    return images, labels


def read_mnist(
    name: str, files: tuple[RemoteFile, ...], folder: Path
) -> tuple[Arrays, Arrays, bool]:
    """Read MNIST or Fashion-MNIST from idx files (LeCun et al., 1998).

    Args:
        name: the data set's own folder, since both use the same file names.
        files: train images, train labels, test images, test labels.

    Returns:
        train (60000, 1, 28, 28), test (10000, 1, 28, 28), and whether all files are the
        published ones, byte for byte.
    """
    home = _idx_home(name, folder)
    paths = [fetch(file, home) for file in files]
    official = all(
        hashlib.md5(path.read_bytes()).hexdigest() == file.md5
        for path, file in zip(paths, files, strict=True)
    )
    images, labels, test_images, test_labels = paths
    train = _idx(images, (60_000, 28, 28))[:, None], _idx(labels, (60_000,)).astype(np.int64)
    test = _idx(test_images, (10_000, 28, 28))[:, None], _idx(test_labels, (10_000,))
    return train, (test[0], test[1].astype(np.int64)), official


def _idx_home(name: str, folder: Path) -> Path:
    """The folder of an idx data set: ours, or the one torchvision made."""
    there = {"mnist": "MNIST/raw", "fashion_mnist": "FashionMNIST/raw"}[name]
    return folder / there if (folder / there).is_dir() else folder / name


def _idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """The bytes of one gzipped idx file, which must have exactly `shape`."""
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, error) from error
    header = 4 + 4 * len(shape)  # magic 0, 0, 8 (bytes), rank; then the sizes, big-endian
    found = tuple(np.frombuffer(content[:header], dtype=">u4"))
    expected = (0x0800 + len(shape), *shape)
    _require(path, found == expected, f"its header is {found} instead of {expected}")
    _require(path, len(content) == header + np.prod(shape), "it ends too early or too late")
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape).copy()


def find_imagenette(folder: Path) -> Path:
    """Return the folder imagenette2-160 (Howard, 2019), downloaded where missing."""
    home = folder / IMAGENETTE_FOLDER
    if not home.is_dir():
        home = unpack(fetch(IMAGENETTE_ARCHIVE, folder), IMAGENETTE_FOLDER)
    for part in ("train", "val"):
        _require(home / part, (home / part).is_dir(), "there is no such folder")
    return home


def _require(path: Path, condition: bool, complaint: str) -> None:
    if not condition:
        raise _damaged(path, complaint)


def _damaged(path: Path, why: object) -> DataUnavailable:
    return DataUnavailable(
        f"{path} is damaged or incomplete ({why}); delete {path.parent} or put a whole copy there, "
        "and load again."
    )
