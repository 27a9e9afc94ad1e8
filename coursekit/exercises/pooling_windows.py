"""Windows of pooling layers, and the inputs on which answers are tried."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from coursekit.exercises.chunks import Starts, starts
from coursekit.exercises.inputs import distinct, fewest_first
from coursekit.exercises.wrong_convolutions import RIGHT_PLACES, Array, Places

LECTURE = "07_pooling"

# (N, C, H, W), kernel_size, stride
LAYERS = {
    "side by side": [((1, 1, 4, 6), 2, None), ((1, 2, 6, 9), 3, None), ((1, 1, 4, 4), 2, 2)],
    "pixels left over": [((1, 1, 5, 7), 2, None), ((1, 2, 8, 7), 3, 2)],
    "overlapping": [((1, 1, 7, 9), 3, 2), ((2, 1, 5, 7), 3, 2), ((1, 2, 3, 5), 2, 1)],
    "gaps": [((1, 1, 7, 8), 2, 3), ((1, 2, 5, 5), 1, 2), ((1, 1, 8, 5), 2, 3)],
    "several maps": [((1, 3, 4, 6), 2, None), ((1, 4, 3, 4), 2, 1)],
    "batch": [((3, 2, 4, 5), 2, None), ((2, 2, 5, 7), 3, 2)],
    "not square": [((1, 1, 3, 9), 2, None), ((2, 1, 9, 4), 3, 1)],
}


def call(stride: int | None) -> dict[str, int]:
    """The stride by name, left out where there is none."""
    return {} if stride is None else {"stride": stride}


def step(kernel_size: int, stride: int | None) -> int:
    """The stride, which is the kernel where none is given."""
    return kernel_size if stride is None else stride


def side_by_side(kernel_size: int, stride: int | None = None, **others: Array) -> bool:
    """Whether windows neither overlap nor leave gaps."""
    return step(kernel_size, stride) == kernel_size


def nothing_left(x: Array, kernel_size: int, stride: int | None = None, **others: Array) -> bool:
    """Whether windows side by side use all pixels."""
    return side_by_side(kernel_size, stride) and not any(n % kernel_size for n in x.shape[2:])


def places_of(
    shape: tuple[int, ...], kernel_size: int, stride: int | None, places: Places = RIGHT_PLACES
) -> tuple[Starts, Starts]:
    """Where the windows start: rows and columns."""
    return places(shape[2:], (kernel_size, kernel_size), step(kernel_size, stride), 0)


def out_shape(shape: tuple[int, ...], kernel_size: int, stride: int | None) -> tuple[int, ...]:
    """(N, C, H', W')."""
    rows, columns = places_of(shape, kernel_size, stride)
    return *shape[:2], len(rows), len(columns)


def random_maps(rng: np.random.Generator) -> Iterator[tuple[str, Array, int, int | None]]:
    """Group, maps without equal numbers, kernel_size and stride for each of LAYERS."""
    for group, several in LAYERS.items():
        for shape, kernel_size, stride in several:
            yield group, distinct(rng, *shape), kernel_size, stride


def maps_with_ties(rng: np.random.Generator) -> Iterator[tuple[Array, int, int | None]]:
    """Maps whose windows have several maxima and do not overlap.

    As behind a ReLU, where one 2×2 window in sixteen is all zeros; and flat ones.
    """
    for shape, kernel_size, stride in (((2, 2, 4, 6), 2, None), ((1, 2, 7, 8), 3, 4)):
        yield np.maximum(rng.integers(-4, 3, shape), 0) / 2, kernel_size, stride
    yield np.full((1, 2, 4, 4), -1.5), 2, None
    yield rng.integers(-3, 0, (2, 1, 3, 9)).astype(float), 3, None


def tied(x: Array, kernel_size: int, stride: int | None) -> Array:
    """Which windows have more than one maximum: (N, C, H', W')."""
    rows, columns = places_of(x.shape, kernel_size, stride)
    found = np.zeros(out_shape(x.shape, kernel_size, stride), bool)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            window = x[:, :, row : row + kernel_size, column : column + kernel_size]
            maximum = window.max(axis=(2, 3), keepdims=True)
            found[:, :, i, j] = (window == maximum).sum(axis=(2, 3)) > 1
    return found


def small_maps() -> Iterator[tuple[Array, int, int | None]]:
    """Tiny maps without equal numbers, the simplest first: rising, falling, negative, mixed."""
    lengths = product((1, 2), (1, 2), (1, 2, 3, 4, 5), (1, 2, 3, 4, 5), (1, 2, 3), (0, 2, 3, 4))
    for n, c, h, w, k, more in fewest_first(lengths):
        if not starts(h, k) or not starts(w, k) or h * w > 15:
            continue
        rising = np.arange(1.0, n * c * h * w + 1)
        mixed = np.random.default_rng(1).permutation(rising)
        for values in (rising, rising[::-1], -rising, mixed):
            yield values.reshape(n, c, h, w), k, more - 1 if more else None
