"""One batch, several cores: each thread computes its own images from start to end.

Left alone, NumPy's BLAS spreads every single matrix product over the cores and waits for the
slowest, dozens of times a call; on a busy machine that is slower than one core. Here BLAS keeps to
one core while the images are shared out, and the threads meet once. How many threads: as many as
BLAS was set to (OMP_NUM_THREADS, threadpoolctl), so that one stays one.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from threading import Lock
from typing import TypeVar

from threadpoolctl import ThreadpoolController

Result = TypeVar("Result")

# Multiply-adds for one image. Below, its steps take microseconds, threads would mostly wait for
# each other's turn in the interpreter, and BLAS by itself keeps to one core anyway.
WORTH_SHARING = 4_000_000

_sharing = Lock()


def share_images(work: Callable[[slice], Result], images: int, multiply_adds: int) -> list[Result]:
    """Call ``work`` on parts of a batch, one part a thread.

    work: takes the slice of images that is its part. multiply_adds: what one image costs; where
    that is little, the batch is one part. Returns what each part returned, in order.

    >>> share_images(lambda part: part.stop - part.start, images=10, multiply_adds=0)
    [10]
    """
    blas = _blas()
    threads = min([images, *(library.num_threads for library in blas.lib_controllers)])
    # BLAS has one setting for the whole process: whoever comes second computes alone.
    alone = threads < 2 or not blas.lib_controllers or multiply_adds < WORTH_SHARING
    if alone or not _sharing.acquire(blocking=False):
        return [work(slice(0, images))]
    bounds = [images * thread // threads for thread in range(threads + 1)]
    try:
        with blas.limit(limits=1), ThreadPoolExecutor(threads) as pool:
            return list(pool.map(work, [slice(*part) for part in pairwise(bounds)]))
    finally:
        _sharing.release()


@cache
def _blas() -> ThreadpoolController:
    """The matrix library that NumPy loaded."""
    return ThreadpoolController().select(user_api="blas")
