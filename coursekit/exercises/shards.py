"""Exercise of lecture 10: which images each of several processes trains on."""

from collections.abc import Callable
from math import ceil
from typing import Any

import numpy as np

from coursekit.exercises.agreement import Disagreement, disagreement
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.properties import expects


def shard_indices(num_images: int, rank: int, world_size: int) -> list[int]:
    """Images that one of several processes trains on, dealt out like cards.

    rank: this process, from 0 to world_size − 1. Process 0 takes image 0, process 1 image 1, and so
    on round after round. All processes need equally many images, or the fastest waits for ever: if
    the last round is short, it is filled up from image 0 on, as PyTorch's DistributedSampler does.
    Images 0 … num_images − 1 are already in random order; num_images ≥ world_size.
    Returns whole numbers in the order in which they are dealt.

    >>> shard_indices(5, 0, 2), shard_indices(5, 1, 2)
    ([0, 2, 4], [1, 3, 0])
    """
    rounds = ceil(num_images / world_size)
    return [(rank + turn * world_size) % num_images for turn in range(rounds)]


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = [Case("one process", (int(rng.integers(5, 15)), 0, 1))]
    for _ in range(3):
        world = int(rng.integers(3, 7))
        even = world * int(rng.integers(3, 6))
        uneven = even + int(rng.integers(1, world))
        cases += [Case("even", (even, rank, world)) for rank in (0, 1, world - 1)]
        cases += [Case("a short last round", (uneven, rank, world)) for rank in range(world)]
    some = int(rng.integers(14, 60))
    cases += [Case("two processes", (n, rank, 2)) for n in (8, 9, 13, some) for rank in (0, 1)]
    return cases


def _small() -> list[Case]:
    return [
        Case("small", (n, rank, world))
        for n in range(1, 9)
        for world in range(1, min(n, 4) + 1)
        for rank in range(world)
    ]


def _blocks(n: int, rank: int, world: int) -> list[int]:
    size = ceil(n / world)
    return [(rank * size + i) % n for i in range(size)]


def _block_without_rest(n: int, rank: int, world: int) -> list[int]:
    return list(range(rank * (n // world), (rank + 1) * (n // world)))


def _ragged_blocks(n: int, rank: int, world: int) -> list[int]:
    size = ceil(n / world)
    return list(range(rank * size, min((rank + 1) * size, n)))


def _short_block(n: int, rank: int, world: int) -> list[int]:
    size = n // world
    return list(range(rank * size, n if rank == world - 1 else (rank + 1) * size))


def _filled_with(filler: Callable[[int, int, int], int]) -> Callable[..., list[int]]:
    """A function like shard_indices that fills a short last round with other images."""

    def shard_indices(num_images: int, rank: int, world_size: int) -> list[int]:
        own = list(range(rank, num_images, world_size))
        missing = ceil(num_images / world_size) - len(own)
        return own + missing * [filler(num_images, rank, world_size)]

    return shard_indices


_PARTS = "Two processes, six images: write down both lists. Who gets image 1?"
_REST = "Five images, two processes: how many images does each of them get?"
_FILL = "Five images, two processes: which image comes again to fill the last round?"
MISTAKES = {
    "last-round-ragged": Mistake(
        lambda num_images, rank, world_size: list(range(rank, num_images, world_size)),
        "a short last round is not filled up",
        _REST,
    ),
    "last-round-dropped": Mistake(
        lambda num_images, rank, world_size: list(
            range(rank, num_images // world_size * world_size, world_size)
        ),
        "a short last round is left out",
        "Five images, two processes: does anybody ever train on image 4?",
    ),
    "blocks": Mistake(_blocks, "every process takes one block of neighbors, filled up", _PARTS),
    "blocks-without-the-rest": Mistake(
        _block_without_rest, "every process takes one block, and the rest is left out", _PARTS
    ),
    "ragged-blocks": Mistake(
        _ragged_blocks, "every process takes one block, and the last a shorter one", _PARTS
    ),
    "last-block-longer": Mistake(
        _short_block, "every process takes one block, and the last a longer one", _PARTS
    ),
    "everything-for-everyone": Mistake(
        lambda num_images, rank, world_size: list(range(num_images)),
        "every process takes all images",
        "What do four processes gain if each of them sees every image?",
    ),
    "filled-with-image-0": Mistake(
        _filled_with(lambda n, rank, world: 0), "the last round is filled with image 0 only", _FILL
    ),
    "filled-with-the-own-first": Mistake(
        _filled_with(lambda n, rank, world: rank),
        "a process fills the last round with its own first image",
        _FILL,
    ),
    "filled-with-the-last": Mistake(
        _filled_with(lambda n, rank, world: n - 1),
        "the last round is filled with the last image",
        _FILL,
    ),
    "filled-from-the-end": Mistake(
        _filled_with(lambda n, rank, world: n - world + rank),
        "a process fills the last round with its own last image",
        _FILL,
    ),
    "counted-from-one": Mistake(
        lambda num_images, rank, world_size: [
            (rank + 1 + turn * world_size) % num_images
            for turn in range(ceil(num_images / world_size))
        ],
        "every process starts one image late",
        "Which image does process 0 start with?",
    ),
    "backwards": Mistake(
        lambda num_images, rank, world_size: shard_indices(
            num_images, world_size - 1 - rank, world_size
        ),
        "the processes are numbered from the last to the first",
        "Which image does process 0 start with?",
    ),
    "rank-as-step": Mistake(
        lambda num_images, rank, world_size: [
            (rank + turn * (rank + 1)) % num_images for turn in range(ceil(num_images / world_size))
        ],
        "the step from one image to the next depends on the rank",
        "Between two images of one process: how many others are dealt out?",
    ),
    "only-the-first-round": Mistake(
        lambda num_images, rank, world_size: [rank],
        "only the first round is dealt",
        "How many rounds do six images make for two processes?",
    ),
    "one-round-too-many": Mistake(
        lambda num_images, rank, world_size: [
            (rank + turn * world_size) % num_images for turn in range(num_images // world_size + 1)
        ],
        "one more round is dealt when the images already suffice",
        "Six images, two processes: how many images should each get?",
    ),
}


def _in_order(got: Any, expected: list[int], case: Case) -> Disagreement | None:
    """Whole numbers in the right order, in any container."""
    if isinstance(got, np.ndarray) and got.ndim == 1 and got.dtype.kind in "iu":
        got = got.tolist()
    return disagreement(got, expected)


SHARD_INDICES = Exercise(
    name="shard_indices",
    lecture="10_gpu_training",
    points=1,
    reference=shard_indices,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects("one-process", Case("", (4, 0, 1)), "One process takes all images in order"),
        expects("first", Case("", (2, 1, 2)), "Process 1 takes image 1"),
        expects("rounds", Case("", (4, 0, 2)), "Process 0 of two takes every second image"),
        expects("rounds-of-three", Case("", (6, 1, 3)), "Process 1 of three takes 1 and 1 + 3"),
        expects("filled", Case("", (5, 1, 2)), "The last round lacks one image; image 0 fills it"),
        expects("filled-next", Case("", (7, 2, 3)), "Images 0 and 1 fill the last round"),
    ),
    shows={
        "a short last round": ("filled-with-image-0",),
    },
    smallest=_small,
    agrees=_in_order,
    alike=_in_order,
)
