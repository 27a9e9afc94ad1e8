"""Numbers to try an answer on: random, but exact in every float type, and tiny ones to show."""

from collections.abc import Iterable, Iterator

import numpy as np


def halves(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random multiples of ½ from −4 to 4, none of them 0.

    Their sums and products are exact in float32 too, so no right answer fails by rounding.
    """
    return rng.integers(1, 9, shape) * rng.choice([-0.5, 0.5], shape)


def distinct(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random odd multiples of ¼ around 0, no two of them equal.

    So no window has two maxima, and no maximum is 0.
    """
    count = int(np.prod(shape))
    return (rng.permutation(count).reshape(shape) - count // 2) / 2 + 0.25


def counted(*shape: int) -> np.ndarray:
    """1, 2, 3, … in the given shape.

    >>> counted(2, 3)
    array([[1., 2., 3.],
           [4., 5., 6.]])
    """
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


def alternating(*shape: int) -> np.ndarray:
    """−1, 2, −3, 4, … in the given shape: both signs, no symmetry.

    >>> alternating(4)
    array([-1.,  2., -3.,  4.])
    """
    values = counted(*shape)
    return np.where(values % 2, -values, values)


def fewest_first(options: Iterable[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    """The options from the smallest sum upward.

    >>> list(fewest_first([(2, 1), (1, 1), (1, 2)]))
    [(1, 1), (2, 1), (1, 2)]
    """
    return iter(sorted(options, key=sum))
