"""How a worker is enclosed: bubblewrap where the machine has it, and what holds without.

Inside bubblewrap a worker sees the Python library, NumPy and its own few files, all read-only; an
empty /tmp that is thrown away; no network, no other process, no environment and no coursekit.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import coursekit
from coursekit.grading.packages import package_paths, third_party_folders

PACKAGE = Path(coursekit.__file__).parent
# What the worker runs; nothing else of coursekit is there.
WORKER_FILES = (
    "__init__.py",
    "answers.py",
    "probes.py",
    "grading/__init__.py",
    "grading/definitions.py",
    "grading/lockdown.py",
    "grading/runner.py",
    "grading/stand_ins.py",
    "grading/values.py",
    "grading/wire.py",
    "grading/worker.py",
)
START = (
    "import sys; sys.path[:0] = [sys.argv.pop(1)]; sys.path.append(sys.path[0] + '/packages'); "
    "from coursekit.grading.worker import main; main()"
)
PRIVATE_DISK = 64 << 20  # bytes of a worker's /tmp
SHARED_MEMORY = 16 << 20  # bytes of a worker's /dev/shm
NOBODY = 65534
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class Way:
    """One way to enclose a worker.

    sealed: whether walls of the kernel keep a student's code from files, processes and network.
    own_user: whether the worker takes a user id of its own, which only root can give it.
    """

    name: str
    sealed: bool
    own_user: bool = False


OWN_USER = Way("bubblewrap, with a user id of its own", sealed=True, own_user=True)
BUBBLEWRAP = Way("bubblewrap", sealed=True)
OPEN = Way("no sandbox: limits only", sealed=False)


def ways() -> list[Way]:
    """The ways to try on this machine, the strongest first."""
    if not shutil.which("bwrap"):
        return [OPEN]
    return [OWN_USER, BUBBLEWRAP, OPEN] if os.getuid() == 0 else [BUBBLEWRAP, OPEN]


@dataclass(frozen=True)
class Launch:
    """What starts one worker: its command, its environment, and a folder to remove afterwards."""

    command: list[str]
    environment: dict[str, str]
    folder: Path | None = None


def launch(way: Way, may_use: Sequence[str], handle: int) -> Launch:
    """The command that starts a worker.

    may_use: packages it gets besides NumPy; handle: number of its control channel.
    """
    packages = ("numpy", *may_use)
    user = _unused_user() if way.own_user else 0
    arguments = [str(handle), str(user), *packages]
    if way.sealed:
        command = [*_bubblewrap(way), *_view(packages), "--", *_python("/sealed"), *arguments]
        return Launch(command, {})
    folder = Path(tempfile.mkdtemp(prefix="coursekit-worker-"))
    _link_files(folder, packages)
    environment = {**ENVIRONMENT, "HOME": str(folder), "TMPDIR": str(folder)}
    return Launch([*_python(str(folder)), *arguments], environment, folder)


def _unused_user() -> int:
    """A user id that nobody has: limits on the number of processes count by user."""
    return 2_000_000_000 + os.getpid() % 100_000_000


def _python(sealed: str) -> list[str]:
    return [_interpreter(), "-I", "-S", "-B", "-c", START, sealed]


def _interpreter() -> str:
    """The interpreter itself, not a virtual environment's link to it."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def _bubblewrap(way: Way) -> list[str]:
    command = [str(shutil.which("bwrap"))]
    command += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--new-session", "--die-with-parent", "--as-pid-1"]
    if way.own_user:
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    command += ["--clearenv"]
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    return command


def _view(packages: tuple[str, ...]) -> list[str]:
    """The file system a sealed worker sees, as bubblewrap's options."""
    libraries = {place: place for place in _library_folders()}
    own = {Path("/sealed", name): path for name, path in _worker_view(packages).items()}
    options = []
    for folder in _parents([*libraries, *own]):
        options += ["--perms", "0755", "--dir", str(folder)]
    for name in ("lib", "lib64"):
        if Path("/", name).is_symlink():
            options += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
    for inside, path in (libraries | own).items():
        options += ["--ro-bind", str(path), str(inside)]
    options += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for place in sorted(third_party_folders()):
        if place.is_dir() and any(place.is_relative_to(library) for library in libraries):
            options += ["--tmpfs", str(place), "--remount-ro", str(place)]
    return [*options, *_scratch()]


def _scratch() -> list[str]:
    """Devices and the only two places that can be written to, both small; then all is closed."""
    options = ["--proc", "/proc", "--dev", "/dev"]
    for place, size in (("/dev/shm", SHARED_MEMORY), ("/tmp", PRIVATE_DISK)):
        options += ["--perms", "1777", "--size", str(size), "--tmpfs", place]
    for place in ("/proc", "/dev", "/"):
        options += ["--remount-ro", place]
    return [*options, "--chdir", "/tmp"]


def _parents(places: list[Path]) -> list[Path]:
    """Every folder above some places, from the top; bubblewrap would close them to other users."""
    found = {parent for place in places for parent in place.parents}
    return sorted(folder for folder in found if folder != Path("/"))


def _library_folders() -> list[Path]:
    """Where the shared libraries and Python's own library are, and the interpreter."""
    found = [Path("/usr/lib"), Path("/usr/lib64"), Path("/lib"), Path("/lib64")]
    found += [Path(sys.base_prefix, "lib"), Path(sys.base_exec_prefix, "lib")]
    real = [path for path in dict.fromkeys(found) if path.is_dir() and not path.is_symlink()]
    return [*real, Path(_interpreter())]


def readable_places(way: Way, may_use: Sequence[str]) -> list[str]:
    """What a worker may read outside of bubblewrap; inside, walls decide."""
    if way.sealed:
        return []
    holes = third_party_folders()
    places = [part for place in _library_folders() for part in _around(place, holes)]
    view = _worker_view(("numpy", *may_use))
    return [str(place) for place in [*places, *view.values(), Path("/dev/urandom")]]


def _around(folder: Path, holes: set[Path]) -> Iterator[Path]:
    """A folder, or the parts of it that are not in the holes."""
    if folder in holes:
        return
    if any(hole.is_relative_to(folder) for hole in holes):
        for part in folder.iterdir():
            yield from _around(part, holes)
    else:
        yield folder


def _worker_view(packages: tuple[str, ...]) -> dict[str, Path]:
    """The worker's own files and its packages, by their place below its folder."""
    files = {f"coursekit/{name}": PACKAGE / name for name in WORKER_FILES}
    return files | {f"packages/{name}": path for name, path in package_paths(packages).items()}


def _link_files(folder: Path, packages: tuple[str, ...]) -> None:
    for name, path in _worker_view(packages).items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(path)
