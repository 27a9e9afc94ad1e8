"""Fetching published files: whole and verified, or not at all."""

import logging
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pooch
from filelock import FileLock

from coursekit.data.progressbar import progress_bar
from coursekit.data.registry import RemoteFile

logging.getLogger("pooch").setLevel(logging.WARNING)  # the progress bar says it already


class DataUnavailable(OSError):
    """A data set is neither on this machine nor to be had; the message says what to do."""


def data_folder() -> Path:
    """Return the folder of the downloaded data sets.

    It is `COURSEKIT_DATA` where that is set, else the user's cache folder.

    >>> data_folder().is_absolute() or "COURSEKIT_DATA" in os.environ
    True
    """
    chosen = os.environ.get("COURSEKIT_DATA")
    return Path(chosen).expanduser() if chosen else Path(pooch.os_cache("coursekit"))


def fetch(file: RemoteFile, folder: Path) -> Path:
    """Return the path of `file` in `folder`, downloading it first if missing.

    A download gets its name only after its md5 has been verified, so an interrupted one leaves
    nothing behind; call again to repeat it. Of several processes at once, one downloads.
    A file already there is taken as it is.

    Raises:
        DataUnavailable: no address delivered the published bytes, or `folder` cannot be written.
    """
    path = folder / file.name
    if path.exists():
        return path
    with _alone_in(folder, file.name):
        return path if path.exists() else _download(file, folder)


def unpack(archive: Path, top: str) -> Path:
    """Unpack a tar archive beside itself and return its folder `top`.

    The folder gets its name only when everything is out of the archive.

    Raises:
        DataUnavailable: the archive is damaged or does not hold a folder `top`.
    """
    target = archive.parent / top
    with _alone_in(archive.parent, archive.name):
        return target if target.is_dir() else _extract(archive, target)


def _extract(archive: Path, target: Path) -> Path:
    try:
        with _scratch(target) as scratch, tarfile.open(archive) as tar:
            tar.extractall(scratch, filter="data")
            return (scratch / target.name).rename(target)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataUnavailable(
            f"{archive} cannot be unpacked ({error}); make room on the disk or, if the "
            "archive is damaged, delete it, and load again."
        ) from error


def _download(file: RemoteFile, folder: Path) -> Path:
    failures = []
    for address in file.addresses:
        try:
            return _verified(file, address, folder)
        except (OSError, ValueError) as error:  # requests' errors are OSErrors
            failures.append(f"{address} ({_in_short(error)})")
    raise DataUnavailable(
        f"{file.name} could not be downloaded from {' or '.join(failures)}; with a network, load "
        f"again, or put the file by hand at {folder / file.name}."
    )


def _verified(file: RemoteFile, address: str, folder: Path) -> Path:
    """Download under a temporary name, compare md5s, rename."""
    with progress_bar(file.name) as bar, _scratch(folder / file.name) as scratch:
        # identity: a server that labels a .gz as gzip-encoded would have it unpacked on the way
        downloader = pooch.HTTPDownloader(
            progressbar=bar, chunk_size=2**16, headers={"Accept-Encoding": "identity"}
        )
        found = pooch.retrieve(address, file.checksum, file.name, scratch, downloader=downloader)
        return Path(found).rename(folder / file.name)


def _in_short(error: Exception) -> str:
    """One clause for what went wrong; network libraries write paragraphs."""
    if "hash" in str(error).lower():
        return "what came was not the published file: wrong md5"
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status:
        return f"the server answered {status}"
    return getattr(error, "strerror", None) or type(error).__name__


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A folder beside `target` to prepare it in; what a killed run left there is removed."""
    scratch = target.parent / f".{target.name}.part"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _alone_in(folder: Path, what: str) -> Iterator[None]:
    """Hold `folder` for one process at a time, creating it where needed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f".{what}.lock")
        lock.acquire()
    except OSError as error:
        raise DataUnavailable(
            f"{what} is to go into {folder}, which cannot be written ({error.strerror}); set "
            "COURSEKIT_DATA to a folder of yours, or put the file there by hand."
        ) from error
    try:
        yield
    finally:
        lock.release()
