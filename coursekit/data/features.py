"""Features made by hand, as before networks learned them: histograms of gradients."""

import numpy as np


def gradients(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Strength and direction of the brightness's slope at every pixel.

    images: (N, C, H, W), 0…255. Returns the strength (N, H, W), in brightness from 0 to 1 over two
    pixels, and the direction (N, H, W), an angle from 0 to below π: light to dark and dark to light
    count as the same. At the border both are 0.

    >>> step = np.zeros((1, 1, 3, 4))
    >>> step[..., 2:] = 255  # dark on the left, light on the right
    >>> strength, direction = gradients(step)
    >>> strength[0, 1], direction[0, 1, 1]
    (array([0., 1., 1., 0.]), np.float64(0.0))
    """
    gray = np.asarray(images, np.float64).mean(axis=1) / 255
    across, down = np.zeros_like(gray), np.zeros_like(gray)
    across[:, 1:-1, 1:-1] = gray[:, 1:-1, 2:] - gray[:, 1:-1, :-2]
    down[:, 1:-1, 1:-1] = gray[:, 2:, 1:-1] - gray[:, :-2, 1:-1]
    return np.hypot(across, down), np.arctan2(down, across) % np.pi


def gradient_histograms(images: np.ndarray, cell: int = 8, bins: int = 9) -> np.ndarray:
    """Histogram of gradient directions in every cell, scaled to length 1.

    A short version of HOG (Dalal and Triggs, 2005, "Histograms of oriented gradients for human
    detection"), with one cell a block.

    images: (N, C, H, W), 0…255; H and W are multiples of `cell`, in pixels. bins: directions that
    are told apart. Returns (N, H/cell · W/cell · bins).

    >>> gradient_histograms(np.zeros((2, 3, 32, 32))).shape
    (2, 144)
    """
    strength, angle = gradients(images)
    n, height, width = strength.shape
    if height % cell or width % cell:
        raise ValueError(f"images are {height}×{width}; give a cell that divides both, not {cell}")
    bin_ = np.minimum((angle * (bins / np.pi)).astype(int), bins - 1)
    votes = np.stack([strength * (bin_ == k) for k in range(bins)], axis=-1)
    cells = votes.reshape(n, height // cell, cell, width // cell, cell, bins).sum(axis=(2, 4))
    lengths = np.linalg.norm(cells, axis=-1, keepdims=True)
    return (cells / (lengths + 0.05)).reshape(n, -1)  # 0.05: no direction in a cell of noise alone
