"""Chunks of images at any starts, right or wrong: what known mistakes are built from."""

from collections.abc import Sequence

import numpy as np

Starts = Sequence[int]


def starts(size: int, kernel_size: int, stride: int = 1, padding: int = 0) -> range:
    """Where windows start on one padded axis.

    >>> list(starts(7, 3, stride=2, padding=1))
    [0, 2, 4, 6]
    """
    return range(0, size + 2 * padding - kernel_size + 1, stride)


def padded(x: np.ndarray, before: int, after: int, **options: str) -> np.ndarray:
    """Images (N, C, H, W) with more rows and columns around them.

    before, after: how many, above and left, below and right; zeros unless np.pad gets a mode.

    >>> padded(np.ones((1, 1, 1, 1)), 0, 1)
    array([[[[1., 0.],
             [0., 0.]]]])
    """
    around = (before, after)
    return np.pad(x, ((0, 0), (0, 0), around, around), **options)


def chunks_at(x: np.ndarray, rows: Starts, columns: Starts, kernel: Sequence[int]) -> np.ndarray:
    """Windows that start at these rows and columns.

    x: (N, C, H, W). Returns (N, C, H', W', kH, kW).
    Raises IndexError for a window that hangs over the edge.
    """
    return x[_places(rows, columns, kernel)]


def cut_chunk(x: np.ndarray, row: int, column: int, kernel: Sequence[int]) -> np.ndarray:
    """The window that a slice gives, cut off at the edge."""
    return x[:, :, row : row + kernel[0], column : column + kernel[1]]


def added_at(shape: Sequence[int], parts: np.ndarray, rows: Starts, columns: Starts) -> np.ndarray:
    """Parts of windows added up where the windows stand.

    shape: (N, C, H, W) of the result. parts: (N, C, H', W', kH, kW).
    """
    total = np.zeros(shape)
    np.add.at(total, _places(rows, columns, parts.shape[4:]), parts)
    return total


def written_at(
    shape: Sequence[int], parts: np.ndarray, rows: Starts, columns: Starts
) -> np.ndarray:
    """As ``added_at``, but each part overwrites the ones before.

    Windows come row by row.
    """
    total = np.zeros(shape)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            here = np.s_[:, :, row : row + parts.shape[4], column : column + parts.shape[5]]
            total[here] = parts[:, :, i, j]
    return total


def _places(rows: Starts, columns: Starts, kernel: Sequence[int]) -> tuple:
    u = np.array(rows, dtype=int)[:, np.newaxis] + np.arange(kernel[0])  # (H', kH)
    v = np.array(columns, dtype=int)[:, np.newaxis] + np.arange(kernel[1])  # (W', kW)
    return np.s_[:, :, u[:, np.newaxis, :, np.newaxis], v[np.newaxis, :, np.newaxis, :]]
