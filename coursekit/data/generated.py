"""Generated data sets: colored shapes, and the look-alikes chihuahua and muffin."""

from collections.abc import Callable

import numpy as np
import torch

from coursekit.data.dataset import Dataset, Examples

Grid = tuple[np.ndarray, np.ndarray]  # coordinates u (right), v (down), each (N, H, W)


def _disk(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.hypot(u, v) - 0.9


def _square(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(abs(u), abs(v)) - 0.75


def _triangle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(0.87 * abs(u) - 0.5 * v, v) - 0.45


def _cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    bars = np.minimum(abs(u), abs(v)) - 0.25, np.maximum(abs(u), abs(v)) - 0.95
    return np.maximum(*bars)


def _half_disk(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(np.hypot(u, v - 0.4) - 1.0, v - 0.4)


def _stripes(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(0.17 - abs((u + 1.02) % 0.68 - 0.34), _square(u, v))


def _outline(shape: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    return lambda u, v: abs(shape(u, v) + 0.1) - 0.14


# class -> signed distance: negative inside the shape, in units of half its width
_SHAPES: dict[str, Callable[..., np.ndarray]] = {
    "disk": _disk,
    "ring": _outline(_disk),
    "square": _square,
    "frame": _outline(_square),
    "triangle": _triangle,
    "triangle outline": _outline(_triangle),
    "cross": _cross,
    "half disk": _half_disk,
    "stripes": _stripes,
    "saltire": lambda u, v: _cross((u + v) * 0.707, (u - v) * 0.707),
}


def shapes(train: int = 5000, test: int = 1000, seed: int = 0) -> Dataset:
    """Generate 3×32×32 images of one colored shape each.

    Ten shapes in random colors at random places, sizes and slight turns, with noise.

    Args:
        train, test: number of images, the same of each class.

    >>> made = shapes(train=20, test=10)
    >>> made.train.images.shape, made.train.labels.bincount().tolist()
    (torch.Size([20, 3, 32, 32]), [2, 2, 2, 2, 2, 2, 2, 2, 2, 2])
    """
    rng = np.random.default_rng(seed)
    return Dataset(
        name="shapes",
        train=_examples(_shape_images, len(_SHAPES), train, rng),
        test=_examples(_shape_images, len(_SHAPES), test, rng),
        class_names=tuple(_SHAPES),
        source="Generated shapes; no photographs.",
    )


def look_alikes(train: int = 2000, test: int = 500, seed: int = 0) -> Dataset:
    """Generate 3×32×32 pictures of chihuahuas and muffins.

    Both are a brown blob with dark dots on a random ground, anywhere, of any size. In a chihuahua
    the dots are two eyes above a nose; in a muffin they are blueberries, smaller and anyhow. Dots
    and blob are equally dark and large in both, so templates of pixels fail; what the dots look
    like, wherever they are, tells.

    Args:
        train, test: number of images, the same of each class.

    >>> look_alikes(train=6, test=2).class_names
    ('chihuahua', 'muffin')
    """
    rng = np.random.default_rng(seed)
    return Dataset(
        name="look_alikes",
        train=_examples(_look_alike_images, 2, train, rng),
        test=_examples(_look_alike_images, 2, test, rng),
        class_names=("chihuahua", "muffin"),
        source="Generated look-alikes; no photographs.",
    )


def _examples(
    draw: Callable[[np.ndarray, np.random.Generator], np.ndarray],
    classes: int,
    count: int,
    rng: np.random.Generator,
) -> Examples:
    """`count` examples in random order, every class as often as any other."""
    labels = rng.permutation(np.arange(count) % classes)
    pixels = draw(labels, rng) + rng.normal(0, 0.03, (count, 3, 32, 32))
    images = np.rint(255 * pixels.clip(0, 1)).astype(np.uint8)
    return Examples(torch.from_numpy(images), torch.from_numpy(labels))


def _grid(rng: np.random.Generator, count: int, reach: float, turn: float, size: Grid) -> Grid:
    """Coordinates in which each picture's object is centered, upright and of radius 1."""
    v, u = (np.mgrid[:32, :32] - 15.5)[:, None] / 16  # -1…1 across the picture
    u, v = (axis - rng.uniform(-reach, reach, (count, 1, 1)) for axis in (u, v))
    angle = rng.uniform(-turn, turn, (count, 1, 1))
    cos, sin = np.cos(angle), np.sin(angle)
    radius = rng.uniform(*size, (count, 1, 1))
    return (u * cos + v * sin) / radius, (v * cos - u * sin) / radius


def _paint(pixels: np.ndarray, distance: np.ndarray, color: np.ndarray, soft: float) -> np.ndarray:
    """Lay `color` (N, 3) over pixels (N, 3, H, W) where `distance` (N, H, W) is negative."""
    cover = (0.5 - distance / soft).clip(0, 1)[:, None]
    return pixels * (1 - cover) + color[:, :, None, None] * cover


def _shape_images(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count = len(labels)
    u, v = _grid(rng, count, reach=0.3, turn=0.3, size=(0.45, 0.7))
    distance = np.empty((count, 32, 32))
    for label, shape in enumerate(_SHAPES.values()):
        distance[labels == label] = shape(u[labels == label], v[labels == label])
    ground = rng.uniform(0, 1, (count, 3))
    color = (ground + rng.uniform(0.35, 0.65, (count, 3))) % 1  # far from the ground's color
    pixels = np.broadcast_to(ground[:, :, None, None], (count, 3, 32, 32))
    return _paint(pixels, distance, color, soft=0.12)


def _look_alike_images(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count = len(labels)
    u, v = _grid(rng, count, reach=0.42, turn=0.35, size=(0.45, 0.7))
    pixels = np.broadcast_to(rng.uniform(0, 1, (count, 3, 1, 1)), (count, 3, 32, 32))
    brown = np.array([0.78, 0.55, 0.33]) + rng.uniform(-0.12, 0.12, (count, 3))
    pixels = _paint(pixels, np.hypot(u, v) - 1, brown, soft=0.15)
    dark = brown * rng.uniform(0.1, 0.35, (count, 1))
    dots = np.where((labels == 0)[:, None, None], _face(rng, count), _berries(rng, count))
    for x, y, radius in dots.transpose(1, 2, 0)[..., None, None]:
        pixels = _paint(pixels, np.hypot(u - x, v - y) - radius, dark, soft=0.1)
    return pixels


def _face(rng: np.random.Generator, count: int) -> np.ndarray:
    """Two eyes and a nose as (u, v, radius), and two dots of no size: (N, 5, 3)."""
    face = np.array([[-0.4, -0.2], [0.4, -0.2], [0.0, 0.4]])
    spots = face + rng.normal(0, 0.05, (count, 3, 2))
    spots = np.concatenate([spots, np.full((count, 2, 2), 9.0)], axis=1)
    return np.concatenate([spots, np.full((count, 5, 1), 0.17)], axis=2)


def _berries(rng: np.random.Generator, count: int) -> np.ndarray:
    """Five dots anywhere on the muffin, apart from each other, as (u, v, radius): (N, 5, 3)."""
    found = np.empty((0, 5, 2))
    while len(found) < count:
        tries = rng.uniform(-0.75, 0.75, (4 * count, 5, 2))
        gaps = np.linalg.norm(tries[:, :, None] - tries[:, None], axis=3) + 9 * np.eye(5)
        apart = (gaps > 0.35).all((1, 2)) & (np.linalg.norm(tries, axis=2) < 0.75).all(1)
        found = np.concatenate([found, tries[apart]])
    # together as large as three dots of radius 0.17
    return np.concatenate([found[:count], np.full((count, 5, 1), 0.17 * 0.6**0.5)], axis=2)
