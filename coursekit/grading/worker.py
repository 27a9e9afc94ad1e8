"""The sealed worker: a keeper that forks one runner for each exercise.

Started by the grader inside the sandbox. Inputs go in and raw values come out; no expected value,
no reference, no case's name and no mark ever enters here, so there is nothing to steal and nothing
to patch. The keeper itself never runs a student's code. Self-contained, like all it imports.
"""

import contextlib
import ctypes
import os
import select
import signal
import socket
import sys
from itertools import islice

from coursekit.grading import wire
from coursekit.grading.runner import Runner

WRITABLE = ("/tmp", "/dev/shm")  # in a sandbox, where nothing else is
MOST_FILES = 20_000  # each takes about a kilobyte of the machine's memory
LOOK_EVERY = 0.1  # seconds
SET_DUMPABLE, SET_CHILD_SUBREAPER = 4, 36  # of prctl(2)


def keep(control: socket.socket) -> None:
    """Fork a runner for every channel that comes in.

    Told so, end it and all it started, and say whether anything was left behind. Returns when the
    grader hangs up.
    """
    control.send(b"ready")
    while True:
        _, handles, _, _ = socket.recv_fds(control, 1, 1)
        if not handles:
            return
        runner = os.fork()
        if not runner:
            control.close()
            _run_and_exit(handles[0])
        os.close(handles[0])
        told = _told(control, runner)
        clean = _end_run(runner)
        if not told:
            return
        control.send(b"c" if clean else b"d")


def _told(control: socket.socket, runner: int) -> bytes:
    """What the grader says next; meanwhile, whoever fills the memory with empty files is ended."""
    while not select.select([control], [], [], LOOK_EVERY)[0]:
        if _files() > MOST_FILES:
            _kill(runner)
    return control.recv(1)


def _files() -> int:
    """Files where they may be written; their bytes are limited by the kernel."""
    if _alone():
        found = (os.statvfs(place) for place in WRITABLE)
        return sum(one.f_files - one.f_ffree for one in found)
    each = (
        name for _, folders, files in os.walk(os.environ["HOME"]) for name in [*folders, *files]
    )
    return sum(1 for _ in islice(each, MOST_FILES + 1))


def _alone() -> bool:
    """Whether nobody is in this pid namespace but us and what the runner started."""
    return os.getpid() == 1


def _kill(runner: int) -> None:
    os.kill(-1 if _alone() else runner, signal.SIGKILL)


def _end_run(runner: int) -> bool:
    """Kill the runner and its children; whether it left nothing behind."""
    clean = _alone() and _processes() <= {1, runner}
    _kill(runner)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1 if _alone() else runner, 0)
    # only now, when nobody is left who could write
    return clean and not any(os.listdir(folder) for folder in WRITABLE)


def _processes() -> set[int]:
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


def harden(user: int) -> None:
    """Close this process to its children; as root, become another user first."""
    if user and not os.getuid():
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(SET_DUMPABLE, 0, 0, 0, 0)
        libc.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _run_and_exit(handle: int) -> None:
    try:
        Runner(socket.socket(fileno=handle)).serve()
    except (wire.Closed, wire.BadFrame):
        pass
    finally:
        os._exit(0)


def main() -> None:
    """Load packages, then keep.

    Arguments: number of the control channel, user id to take (0: none), packages.
    """
    handle, user, packages = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    for name in packages:
        __import__(name)
    sys.path.pop(0)  # from here on `import coursekit` finds stand-ins
    harden(user)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    keep(socket.socket(fileno=handle))
