"""A sealed worker as the grader sees it: started, asked, watched, and ended."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psutil

from coursekit.grading import wire
from coursekit.grading.sandbox import Launch, Way, launch, readable_places

START_SECONDS = 60.0  # to load NumPy, or torch, on a busy machine
GRACE = 1.5  # seconds after its own time limit until a worker is ended from outside
WATCH_EVERY = 0.2  # seconds
MOST_ASKED = 200_000  # calls back into the grader within one call
MEMORY = 512 << 20  # bytes of data of one process; twice that of all together
MEMORY_WITH_PACKAGES = 4 << 30
MOST_PROCESSES = 48
ENDED = "by os._exit, a crash in compiled code, or a limit on memory or CPU time"
# What a worker's replies may hold, and as which type.
REPLIES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("sentence", "printed", "kind", "instead"), (str,)),
    **dict.fromkeys(("function", "calls", "files"), (bool,)),
    "failure": (str, type(None)),
    "uses": (list,),
    "seconds": (int, float),
}
LIMITS = {
    "RLIMIT_CPU": 120,  # seconds
    "RLIMIT_FSIZE": 16 << 20,
    "RLIMIT_NOFILE": 256,
    "RLIMIT_CORE": 0,
}


class Lost(Exception):
    """The worker died, hung or went over a limit; the text completes "it …"."""


class Ended(Lost):
    """The worker's process ended, by its own doing or killed from outside."""


class Overtime(Lost):
    """The worker did not even react to the end of its time."""


class CannotStart(Exception):
    """No worker comes up in this way on this machine."""


class SealedWorker:
    """One enclosed process that runs exercises one after the other, each in a fresh fork.

    way: how it is enclosed; may_use: packages besides NumPy that the code may import.
    """

    def __init__(self, way: Way, may_use: Sequence[str] = ()) -> None:
        self.way, self.may_use = way, tuple(may_use)
        self.memory = MEMORY_WITH_PACKAGES if may_use else MEMORY
        self.process: subprocess.Popen | None = None
        self.control: socket.socket | None = None
        self.launch: Launch | None = None

    def __enter__(self) -> "SealedWorker":
        return self

    def __exit__(self, *error: Any) -> None:
        self.stop()

    def run(self, exercise: str) -> "Run":
        """A fresh runner for one exercise. Raises CannotStart."""
        if self.process is None:
            self._start()
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self.control, [b"r"], [theirs.fileno()])
        except OSError:  # it died between two exercises
            self.stop()
            self._start()
            socket.send_fds(self.control, [b"r"], [theirs.fileno()])
        theirs.close()
        run = Run(ours, self)
        readable = readable_places(self.way, self.may_use)
        begin = {"do": "begin", "exercise": exercise, "limits": self._limits()}
        try:
            run.held, _ = run.ask({**begin, "readable": readable}, (), 10)
        except Lost as problem:
            self.stop()
            raise CannotStart(str(problem)) from problem
        return run

    def _limits(self) -> dict[str, int]:
        limits = {**LIMITS, "RLIMIT_DATA": self.memory}
        if self.way.sealed:  # elsewhere it would count all of the user's processes
            limits["RLIMIT_NPROC"] = MOST_PROCESSES
        return limits

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self.control = ours
        self.launch = launch(self.way, self.may_use, theirs.fileno())
        self.process = subprocess.Popen(
            self.launch.command,
            env=self.launch.environment,
            cwd=self.launch.folder or "/",
            start_new_session=True,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        theirs.close()
        ours.settimeout(START_SECONDS)
        try:
            ready = ours.recv(5)
        except OSError:
            ready = b""
        if ready != b"ready":
            self.process.kill()
            said = self.process.stderr.read().decode(errors="replace").strip().splitlines()
            self.stop()
            raise CannotStart(said[-1] if said else "the worker did not start")

    def end(self, run: "Run") -> None:
        """End a run; its worker too, if anything was left there."""
        run.channel.close()
        try:
            self.control.settimeout(5)
            self.control.sendall(b"e")
            clean = self.control.recv(1) == b"c"
        except OSError:
            clean = False
        if not clean:
            self.stop()

    def stop(self) -> None:
        """Kill the worker and everything in it."""
        if self.process is None:
            return
        for one in [*self.inside(), self.process]:
            with contextlib.suppress(psutil.Error, OSError):
                one.kill()
        self.process.wait()
        self.process.stderr.close()
        self.control.close()
        if self.launch.folder:
            shutil.rmtree(self.launch.folder, ignore_errors=True)
        self.process = None

    def inside(self) -> list[psutil.Process]:
        """Every process of the worker, the keeper first."""
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.Error:
            return []


class Run:
    """One exercise's run in a worker: ask, and wait no longer than allowed."""

    def __init__(self, channel: socket.socket, worker: SealedWorker) -> None:
        self.channel, self.worker = channel, worker
        channel.settimeout(WATCH_EVERY / 2)
        self._looked = time.monotonic()
        self.held: dict[str, Any] = {}  # which of the kernel's filters are on
        self._lost: Lost | None = None  # after which nothing it says counts

    @property
    def ended(self) -> bool:
        """Whether its process ended while it was asked."""
        return isinstance(self._lost, Ended)

    def ask(
        self, message: dict[str, Any], values: Any, seconds: float
    ) -> tuple[dict[str, Any], Any]:
        """Send a request and return the reply and its values.

        seconds: after which the worker is given up. Raises Lost.
        """
        return next(self.ask_for(1, message, values, seconds))

    def ask_for(
        self, replies: int, message: dict[str, Any], values: Any, seconds: float
    ) -> Iterator[tuple[dict[str, Any], Any]]:
        """Send a request to which there are several replies, and hand on each as it comes.

        seconds: for each of them, after which the worker is given up. Raises Lost.
        """
        functions: list[Callable[..., Any]] = []
        with self._losing():
            self._send(message, values, functions)
        for _ in range(replies):
            with self._losing():
                deadline = time.monotonic() + seconds
                reply = self._reply(functions, lambda: self._watch(deadline))  # noqa: B023
            yield reply

    @contextlib.contextmanager
    def _losing(self) -> Iterator[None]:
        """Turn what goes wrong into Lost, once and for all."""
        if self._lost:
            raise self._lost
        try:
            yield
        except wire.Closed:
            self._lost = Ended(ENDED)
        except wire.BadFrame:
            self._lost = Lost("it wrote something else than an answer")
        except Lost as problem:
            self._lost = problem
        if self._lost:
            raise self._lost

    def _reply(self, functions: list[Callable[..., Any]], tick: Callable[[], None]) -> Any:
        """The reply; questions to the functions that were sent are answered before it."""
        for _ in range(MOST_ASKED):
            reply, values = wire.receive(self.channel, tick)
            if "ask" not in reply:
                return _checked(reply), values
            self._send(*_answered(functions, reply["ask"], values))
        raise Lost("it called the function it was given without end")

    def _send(self, message: dict[str, Any], values: Any, functions: Any = None) -> None:
        self.channel.settimeout(5)
        try:
            wire.send(self.channel, message, values, functions)
        finally:
            self.channel.settimeout(WATCH_EVERY / 2)

    def _watch(self, deadline: float) -> None:
        now = time.monotonic()
        if now > deadline:
            raise Overtime("it did not stop when its time was over")
        if now - self._looked > WATCH_EVERY:
            self._looked = now
            self._look_inside()

    def _look_inside(self) -> None:
        """Memory and processes of the whole worker; limits of the kernel count one process."""
        inside = self.worker.inside()
        if len(inside) > MOST_PROCESSES + 16:
            raise Lost("it started too many processes")
        used = 0
        for process in inside:
            with contextlib.suppress(psutil.Error):
                used += process.memory_info().rss
        if used > 2 * self.worker.memory:
            raise Lost(f"it used more than {2 * self.worker.memory >> 20} MB of memory")


def _checked(reply: dict[str, Any]) -> dict[str, Any]:
    """A reply whose fields have the types they should; strangers' code may have written it."""
    for name, value in reply.items():
        if not isinstance(value, REPLIES.get(name, ())):
            raise wire.BadFrame(f"{name!r} in a reply is a {type(value).__name__}")
    if not all(isinstance(one, str) for one in reply.get("uses", ())):
        raise wire.BadFrame("'uses' in a reply holds something else than names")
    return reply


def _answered(
    functions: list[Callable[..., Any]], position: Any, values: Any
) -> tuple[dict[str, str], Any]:
    """What a function of the grader's says, or raises, to the arguments a worker sent."""
    if type(position) is not int or not 0 <= position < len(functions):
        raise wire.BadFrame("a question to no function")
    if not isinstance(values, tuple):
        raise wire.BadFrame("a question without arguments")
    try:
        return {}, functions[position](*values)
    except Exception as problem:  # the student called it with arguments it cannot take
        return {"raised": type(problem).__name__, "text": str(problem)[:200]}, ()
