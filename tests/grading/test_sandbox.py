"""What holds inside a worker, in every way this machine can enclose one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

import coursekit
from coursekit.grading.lockdown import OWN_PROCESS_ONLY, REFUSED
from coursekit.grading.packages import package_paths
from coursekit.grading.probe import best_way, open_leaks
from coursekit.grading.sandbox import BUBBLEWRAP, OPEN, OWN_USER, ways
from coursekit.grading.sealed import Ended, Lost, Overtime, SealedWorker

WAYS = ways()
SEALED = [way for way in WAYS if way.sealed]


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def worker(request):
    with SealedWorker(request.param) as worker:
        yield worker


def answer(worker, source, *args, seconds=5):
    """What a student's function `f` comes to in a fresh run: value, or its failure's sentence."""
    run = worker.run("f")
    cells = [["<cell 1>", source, False]]
    run.ask({"do": "cells", "cells": cells, "seconds": 5, "cell_seconds": 5}, (), 10)
    try:
        reply, values = run.ask({"do": "call", "seconds": seconds}, (args, {}), seconds + 2)
    finally:
        worker.end(run)
    return reply["sentence"] if reply["failure"] else values[0]


def can(worker, statement):
    """Whether a statement raises no OSError inside."""
    lines = "\n        ".join(statement.splitlines())
    source = f"def f():\n    try:\n        {lines}\n        return True\n"
    return answer(worker, source + "    except OSError:\n        return False")


def test_this_machine_can_seal():
    way, why = best_way()
    assert (way.sealed, why) == (True, "")
    assert way.own_user == (os.getuid() == 0)


def test_values_come_and_go(worker):
    double = "import numpy as np\ndef f(x):\n    return np.asarray(x) * 2"
    assert np.array_equal(answer(worker, double, np.arange(4.0)), [0, 2, 4, 6])


@pytest.mark.parametrize("place", ["exercises/__init__.py", "shapes.py", "diagnosis.py"])
def test_the_answers_are_nowhere(worker, place):
    assert not can(worker, f"open({str(Path(coursekit.__file__).parent / place)!r})")


@pytest.mark.parametrize("place", ["/etc/passwd", "/proc/1/environ", "/root", "/home", "/var/log"])
def test_the_machine_is_out_of_sight(worker, place):
    listing = f"import os\n(os.listdir if os.path.isdir({place!r}) else open)({place!r})"
    if worker.way.sealed and place == "/root":
        listing += "\nif set(os.listdir('/root')) <= {'.pyenv'}: raise OSError('only the library')"
    assert not can(worker, listing)


@pytest.mark.parametrize("place", ["/usr/lib/x", "/etc/x", "/x", "/dev/x", "/proc/self/comm"])
def test_nothing_outside_can_be_written(worker, place):
    assert not can(worker, f"open({place!r}, 'w').write('x')")


# A system call by its number, as only ctypes can make it.
CALLS = (
    "import ctypes, os, platform\n"
    "number = {{'x86_64': 0, 'aarch64': 1}}[platform.machine()]\n"
    "done = ctypes.CDLL(None).syscall(NUMBERS['{0}'][number], {1})\n"
    "if done < 0: raise OSError"
)
NUMBERS = REFUSED | OWN_PROCESS_ONLY


@pytest.mark.parametrize(
    "statement",
    [
        "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('\\0x')",
        "import os\nos.kill(os.getppid(), 0)",
        "import os\nos.kill(-1, 0)",
        "import os\nos.memfd_create('x')",
        "import os\nos.chmod('/tmp', 0o777)",
        "import os\nos.sched_setaffinity(os.getppid(), {0})",
        "import os\nopen('own', 'w').write('x')\nos.open('own', os.O_RDONLY | os.O_TRUNC)",
        "import os\nopen('own', 'w').write('x')\nos.open('own', 3 | os.O_TRUNC)",
        "import os\nopen('own', 'w').write('x')\nos.fchmod(os.open('own', os.O_RDONLY), 0)",
        "import fcntl, os\nfcntl.fcntl(os.pipe()[0], 8, os.getppid())",  # F_SETOWN
        "import fcntl, json\nfcntl.flock(open(json.__file__), fcntl.LOCK_SH)",
        "import fcntl, json\nfcntl.lockf(open(json.__file__), fcntl.LOCK_SH)",
        "import fcntl, json\nfcntl.fcntl(open(json.__file__), 1024, fcntl.F_RDLCK)",  # F_SETLEASE
        "import fcntl, json\nfcntl.fcntl(open(json.__file__), 37, bytes(32))",  # F_OFD_SETLK
        CALLS.format("inotify_init1", "0"),
        "import fcntl, os, socket\n"
        "fcntl.ioctl(socket.socketpair()[0], 0x8901, os.getppid().to_bytes(4, 'little'))",
        CALLS.format("rt_sigqueueinfo", "os.getppid(), 0, (ctypes.c_int * 32)(0, 0, -1)"),
        CALLS.format("pidfd_open", "os.getppid(), 0"),
        CALLS.format("memfd_secret", "0"),
        CALLS.format("utimes", "b'own', None"),
        CALLS.format("ptrace", "16, os.getppid(), 0, 0"),
        "import os, resource\nresource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))",
        "import resource\nresource.setrlimit(resource.RLIMIT_DATA, (1 << 60, 1 << 60))"
        "\nraise OSError if resource.getrlimit(resource.RLIMIT_DATA)[0] < 1 << 60 else KeyError",
    ],
)
def test_what_no_answer_needs_is_refused(worker, statement):
    statement = statement.replace("NUMBERS", repr(NUMBERS))
    guarded = f"try:\n    exec({statement!r})\nexcept ValueError:\n    raise OSError from None"
    assert not can(worker, guarded)


def test_packages_that_are_not_allowed_are_not_there(worker):
    source = "import importlib.util as u\ndef f():\n    return [n for n in NAMES if u.find_spec(n)]"
    names = ["torch", "scipy", "skimage", "sklearn", "matplotlib", "coursekit", "pip", "numpy"]
    assert answer(worker, source.replace("NAMES", repr(names))) == ["numpy"]


def test_allowed_packages_are_there():
    with SealedWorker(SEALED[-1], ("psutil",)) as worker:
        assert answer(worker, "import psutil\ndef f():\n    return psutil.__name__") == "psutil"


def test_coursekit_is_never_allowed():
    assert "coursekit" not in package_paths(("coursekit", "numpy"))


def test_memory_ends_in_an_error(worker):
    said = answer(worker, "def f():\n    return len(bytes(8 << 30))")
    assert "MemoryError" in said


def test_disk_is_small(worker):
    source = "def f():\n    with open('full', 'wb') as file:\n        file.write(bytes(200 << 20))"
    assert "raised OSError" in answer(worker, source)


def test_empty_files_are_counted(worker):
    source = (
        "import os, time\ndef f(count):\n    for number in range(count):\n"
        "        os.symlink('x', f'{number}')\n    time.sleep(1)\n    return number"
    )
    assert answer(worker, source, 1000) == 999
    with pytest.raises(Ended):
        answer(worker, source, 10**9, seconds=60)
    assert answer(worker, source, 1) == 0


def test_shared_memory_counts(worker):
    worker.memory = 1 << 27
    source = (
        "import mmap, time\ndef f():\n    held = mmap.mmap(-1, 1 << 29)\n"
        "    while held.tell() < 1 << 29:\n        held.write(bytes(1 << 20))\n    time.sleep(9)"
    )
    with pytest.raises(Lost, match="memory"):
        answer(worker, source)


@pytest.mark.slow
def test_stubborn_answers_are_ended_from_outside(worker):
    source = (
        "import signal\ndef f():\n    signal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
        "    while True:\n        pass"
    )
    with pytest.raises(Overtime):
        answer(worker, source, seconds=0.5)
    assert answer(worker, "def f():\n    return 3") == 3


@pytest.mark.parametrize("way", SEALED, ids=lambda way: way.name)
def test_processes_are_counted_and_all_end(way):
    source = (
        "import os, time\ndef f():\n    for count in range(500):\n        try:\n"
        "            if not os.fork():\n                time.sleep(99)\n"
        "        except OSError:\n            return count\n    return 500"
    )
    with SealedWorker(way) as worker:
        kernel_counts = way is OWN_USER or os.getuid() != 0
        if kernel_counts:
            assert answer(worker, source) < 60
        else:  # the kernel counts none of root's processes; the grader's own watch does
            with pytest.raises(Lost, match=r"too many processes|more than \d+ MB of memory"):
                answer(worker, source.replace("return 500", "time.sleep(9)"))
        assert answer(worker, "def f():\n    return 3") == 3
        assert len(worker.inside()) <= 2


def test_a_worker_stays_warm_and_runs_are_strangers():
    with SealedWorker(SEALED[0]) as worker:
        assert answer(worker, "import numpy\nnumpy.x = 3\ndef f():\n    return numpy.x") == 3
        first = worker.process.pid
        said = answer(worker, "import numpy\ndef f():\n    return numpy.x")
        assert "has no attribute 'x'" in said
        assert worker.process.pid == first


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_workers_end_with_the_grader(way):
    program = (
        "import time\nfrom coursekit.grading import sandbox\n"
        "from coursekit.grading.sealed import SealedWorker\n"
        f"worker = SealedWorker(sandbox.{NAMES[way]})\nworker.run('f')\n"
        "print(*[p.pid for p in worker.inside()], flush=True)\ntime.sleep(60)"
    )
    grader = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    inside = [int(number) for number in grader.stdout.readline().split()]
    assert len(inside) >= 1
    grader.send_signal(signal.SIGKILL)
    grader.communicate()
    stop = time.monotonic() + 10
    while any(_lives(number) for number in inside) and time.monotonic() < stop:
        time.sleep(0.05)
    assert not any(_lives(number) for number in inside)


NAMES = {OWN_USER: "OWN_USER", BUBBLEWRAP: "BUBBLEWRAP", OPEN: "OPEN"}


def _lives(number):
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_outside_of_a_sandbox_it_is_said_what_is_open():
    assert any("shares memory" in leak for leak in open_leaks())


def test_system_calls_have_two_different_numbers_each():
    for column in (0, 1):
        numbers = [pair[column] for pair in REFUSED.values()]
        assert all(0 < number < 500 for number in numbers)
    assert len({pair[0] for pair in REFUSED.values()}) == len(REFUSED)


def test_functions_of_the_grader_answer_and_raise_as_if_they_were_there(worker):
    def mean(x):
        return np.asarray(x).reshape(2, 2).mean()

    source = "def f(g):\n    return g([[1, 2], [3, 6]])"
    assert answer(worker, source, mean) == 3
    said = answer(worker, "def f(g):\n    return g([1, 2, 3])", mean)
    assert "return g([1, 2, 3])` raised ValueError: cannot reshape" in said


def test_files_of_its_own_are_as_ever(worker):
    """Filters on opening files let pass what writes."""
    source = (
        "import os\ndef f():\n    open('own', 'w').write('abc')\n    open('own', 'r+').write('x')\n"
        "    open('own', 'a').write('d')\n    read = open('own').read()\n"
        "    os.close(os.open('own', os.O_RDWR | os.O_TRUNC))\n    return read, open('own').read()"
    )
    assert answer(worker, source) == ("xbcd", "")
