"""Exercise of lecture 02: how many bytes a tensor takes."""

from collections.abc import Callable
from math import prod

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.properties import expects


def storage_bytes(shape: tuple[int, ...], bits: int = 8) -> int:
    """Bytes that an uncompressed tensor takes.

    shape: any number of axes, such as (C, H, W) for an image or (N, C, H, W) for a batch. bits: of
    one number, 8 for pixel values as they are stored, 32 for float32. Returns a whole number.

    >>> storage_bytes((3, 32, 32)), storage_bytes((3, 32, 32), bits=32)
    (3072, 12288)
    """
    return prod(shape) * bits // 8


def _storage_cases(rng: np.random.Generator) -> list[Case]:
    def sizes(*most: int) -> tuple[int, ...]:
        return tuple(int(rng.integers(2, m)) for m in most)

    cases = [Case("8 bits", ((3, 32, 32),))]
    cases += [Case("8 bits", ((3, *sizes(300, 200)),)) for _ in range(2)]
    cases += [Case("gray images", ((1, *sizes(300, 200)),)), Case("gray images", (sizes(90, 60),))]
    cases += [Case("batches", (sizes(64, 5, 90, 60),)) for _ in range(2)]
    cases += [Case("other numbers", (sizes(5, 40, 70), bits)) for bits in (16, 32, 64)]
    return [*cases, Case("other numbers", (sizes(9, 5, 40, 70),), {"bits": 32})]


def _storage_from(formula: Callable[[tuple[int, ...], int], int]) -> Callable[..., int]:
    def storage_bytes(shape: tuple[int, ...], bits: int = 8) -> int:
        return formula(shape, bits)

    return storage_bytes


STORAGE_MISTAKES = {
    "channels-forgotten": Mistake(
        _storage_from(lambda shape, bits: prod(shape[-2:]) * bits // 8),
        "only height and width are counted",
        "How many numbers does one pixel of a color image hold?",
    ),
    "batch-forgotten": Mistake(
        _storage_from(lambda shape, bits: prod(shape[-3:]) * bits // 8),
        "only one image of a batch is counted",
        "What does the first of four axes count?",
    ),
    "last-axis-forgotten": Mistake(
        _storage_from(lambda shape, bits: prod(shape[:3]) * bits // 8),
        "only the first three axes are counted",
        "How many axes has a batch of images? Did each take part?",
    ),
    "bits-returned": Mistake(
        _storage_from(lambda shape, bits: prod(shape) * bits),
        "bits are returned",
        "How many bits make one byte?",
    ),
    "always-one-byte": Mistake(
        _storage_from(lambda shape, bits: prod(shape)),
        "every number is taken to need one byte",
        "How many bytes does one float32 take?",
    ),
    "levels-instead-of-bits": Mistake(
        _storage_from(lambda shape, bits: prod(shape) * 2**bits // 8),
        "the number of levels is used instead of the number of bits",
        "How many bits does it take to write down one of 256 levels?",
    ),
    "axes-added": Mistake(
        _storage_from(lambda shape, bits: sum(shape) * bits // 8),
        "the axes are added up",
        "Two rows of three pixels: is that 5 pixels or 6?",
    ),
    "kilobytes": Mistake(
        _storage_from(lambda shape, bits: prod(shape) * bits // 8 // 1024),
        "kilobytes are returned",
        "In which unit is the answer asked for?",
    ),
    "always-three-channels": Mistake(
        _storage_from(lambda shape, bits: 3 * prod(shape[-2:]) * bits // 8),
        "every image is taken to have three channels",
        "How many channels has a gray image?",
    ),
    "one-number-too-many": Mistake(
        _storage_from(lambda shape, bits: (prod(shape) + 1) * bits // 8),
        "one number too many is counted",
        "An image of one pixel with one channel: how many numbers is that?",
    ),
}

STORAGE_BYTES = Exercise(
    name="storage_bytes",
    lecture="02_images_as_tensors",
    points=1,
    reference=storage_bytes,
    cases=_storage_cases,
    mistakes=STORAGE_MISTAKES,
    properties=(
        expects("one-byte", Case("", ((1, 1, 1),)), "One number of 8 bits takes one byte"),
        expects("one-pixel", Case("", ((3, 1, 1),)), "One color pixel takes three bytes"),
        expects("axes", Case("", ((2, 3, 5),)), "The axes are multiplied, 2 · 3 · 5 numbers"),
        expects("one-float", Case("", ((1, 1, 1), 32)), "One number of 32 bits takes four bytes"),
        expects("batch", Case("", ((4, 1, 1, 1),)), "Four images of one byte take four bytes"),
    ),
    smallest=lambda: (
        Case("small", (shape,), {} if bits == 8 else {"bits": bits})
        for bits in (8, 16, 32)
        for shape in [(1, 1, 1), (1, 2, 3), (3, 1, 1), (3, 1, 2), (2, 3), (2, 3, 2, 2)]
    ),
)
