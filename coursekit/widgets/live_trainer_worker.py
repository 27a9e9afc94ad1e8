"""The thread of a live trainer: at most one, ending by itself when nothing is left to do."""

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from weakref import WeakMethod

import torch


@contextmanager
def sparing_a_core() -> Iterator[None]:
    """Let torch use all cores but one in this thread.

    The last one is for the page that draws: where torch's threads have to wait for a core, each
    small layer takes many times as long.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, min(before, (os.cpu_count() or 2) - 1)))
    try:
        yield
    finally:
        torch.set_num_threads(before)


_AT_WORK: "set[Worker]" = set()


@atexit.register
def _end_all() -> None:
    """Let the batches end before Python does: torch aborts a process that cuts them off."""
    for worker in list(_AT_WORK):
        worker.end()
        worker.wait(10)


class Worker:
    """Does jobs one after the other and, while asked to, takes turns between them.

    turn: a method that does a little work and says whether to go on; rest: a method called when
    the turns end. Both belong to an owner who is held weakly: when it is gone, the thread ends.
    """

    def __init__(self, turn: Callable[[], bool], rest: Callable[[], None]) -> None:
        self._turn, self._rest = WeakMethod(turn), WeakMethod(rest)
        self._lock = threading.Lock()
        self._jobs: deque[tuple[Callable[[], Any], Future]] = deque()
        self._thread: threading.Thread | None = None
        self.turning = False  # whether turns are wanted

    def begin(self) -> None:
        """Take turns from now on."""
        with self._lock:
            self.turning = True
            self._ensure_thread()

    def end(self) -> None:
        """Take no more turns after this one; the owner rests."""
        with self._lock:
            if self.turning:
                self.turning = False
                self._jobs.append((self._let_rest, Future()))

    def do(self, job: Callable[[], Any]) -> Future:
        """Do a job between two turns, or now where there are none."""
        future: Future = Future()
        with self._lock:
            self._jobs.append((job, future))
            self._ensure_thread()
        return future

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the thread has ended; whether it has."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(seconds)
        return self._thread is None

    @property
    def at_work(self) -> bool:
        """Whether the thread is alive."""
        return self._thread is not None

    def _ensure_thread(self) -> None:
        if self._thread is None:
            _AT_WORK.add(self)
            self._thread = threading.Thread(target=self._work, name="LiveTrainer", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        with sparing_a_core():
            while task := self._next():
                task()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            if self._jobs:
                job, future = self._jobs.popleft()
                return lambda: _fulfil(job, future)
            if self.turning:
                return self._take_turn
            _AT_WORK.discard(self)
            self._thread = None  # under the lock: who asks now gets a new thread
            return None

    def _take_turn(self) -> None:
        turn = self._turn()
        if turn is None or not turn():
            self.end()

    def _let_rest(self) -> None:
        rest = self._rest()
        if rest is not None:
            rest()


def _fulfil(job: Callable[[], Any], future: Future) -> None:
    try:
        future.set_result(job())
    except Exception as error:  # told to whoever waits for the result
        future.set_exception(error)


class Allowance:
    """Time for one kind of looking or telling: a small share of the time spent training.

    share: seconds allowed for each second of training; pause: the least seconds between two times.
    """

    def __init__(self, share: float, pause: float) -> None:
        self.share, self.pause, self.balance, self._last = share, pause, 0.0, -1e9

    def earn(self, seconds: float) -> None:
        """Note time spent training."""
        self.balance = min(self.balance + self.share * seconds, 0.02)

    def charge(self, seconds: float) -> None:
        """Note time spent on what this is for."""
        self.balance -= seconds

    def spend(self, work: Callable[[], Any]) -> None:
        """Work if that is affordable and the last time is long enough ago."""
        started = perf_counter()
        if self.balance < 0 or started - self._last < self.pause:
            return
        work()
        self._last = perf_counter()
        self.charge(self._last - started)
