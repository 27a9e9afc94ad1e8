"""Many submissions at a time, in processes of which any one may die."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from coursekit.grading.record import Record
from coursekit.grading.task import Task, failed, grade
from coursekit.problem import Problem

ANSWERS_WITHIN = 10  # seconds in which a scheduler answers


def grade_all(tasks: list[Task], jobs: int, executor: Executor | None = None) -> Iterator[Record]:
    """The record of every task, as each is done.

    jobs: processes. executor: any of concurrent.futures' kind, in place of those.
    """
    if not tasks:
        return
    if executor:
        yield from _graded(executor, tasks)
        return
    waiting = {task.student: task for task in tasks}
    try:
        with _processes(jobs) as pool:
            for record in _graded(pool, tasks):
                del waiting[record.student]
                yield record
    except BrokenProcessPool:
        yield from map(_graded_alone, waiting.values())


@contextlib.contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """An executor over the machines of a Dask scheduler, such as tcp://10.0.0.1:8786.

    Every machine needs the same coursekit and the release's notebooks at the same place. Raises
    Problem when nobody answers there.
    """
    try:
        from distributed import Client
    except ImportError as problem:
        raise Problem("--scheduler needs Dask: pip install 'coursekit[cluster]'") from problem
    nobody = f"{address}: no Dask scheduler answers there; is it running?"
    if "://" not in address:
        raise Problem(nobody)
    try:
        client = Client(address, timeout=ANSWERS_WITHIN, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as problem:
        raise Problem(nobody) from problem
    with client:
        if not client.scheduler_info()["workers"]:
            raise Problem(f"{address}: the scheduler has no workers; start some with `dask worker`")
        yield client.get_executor(pure=False)


def _graded(executor: Executor, tasks: Iterable[Task]) -> Iterator[Record]:
    for future in as_completed([executor.submit(grade, task) for task in tasks]):
        yield future.result()


def _processes(jobs: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin_process)


def _graded_alone(task: Task) -> Record:
    """Grade in a process of its own what may have killed the last one."""
    try:
        with _processes(1) as pool:
            return pool.submit(grade, task).result()
    except BrokenProcessPool:
        return failed(task, "grading it ended the grader's own process")


def _begin_process() -> None:
    """Leave Ctrl-C to the parent, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
