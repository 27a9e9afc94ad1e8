"""Many submissions at a time, in processes of which any one may die."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from coursekit.grading.record import Record
from coursekit.grading.task import Task, failed, grade


def grade_all(tasks: list[Task], jobs: int, executor: Executor | None = None) -> Iterator[Record]:
    """The record of every task, as each is done.

    jobs: processes. executor: any of concurrent.futures' kind, in place of those.
    """
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
