"""Microscopes at random places with random settings, and what Python says of them."""

import random

import numpy as np

from coursekit.widgets import PixelMicroscope
from coursekit.widgets.microscope_state import neighborhood


def microscope_cases(count: int = 80) -> list[dict]:
    """Snapshots of states, with the numbers and the sentence that belong to them."""
    dice, numbers = random.Random(0), np.random.default_rng(0)
    return [_described(random_microscope(dice, numbers)) for _ in range(count)]


def random_microscope(dice: random.Random, numbers: np.random.Generator) -> PixelMicroscope:
    """A microscope on random pixels."""
    height, width, channels = dice.randint(1, 12), dice.randint(1, 12), dice.choice([1, 3])
    return PixelMicroscope(
        numbers.integers(0, 256, (height, width, channels), dtype=np.uint8),
        position=(dice.randrange(height), dice.randrange(width)),
        dtype=dice.choice(["uint8", "uint8", "float32"]),
        order=dice.choice(["HWC", "CHW"]),
        bit=dice.choice([None, None, *range(8)]),
        brightness=dice.choice([0, dice.randint(-255, 255)]),
        overflow=dice.choice(["wrap", "saturate"]),
    )


def shown_numbers(scope: PixelMicroscope) -> np.ndarray:
    """Numbers (H, W, C) as the picture writes them."""
    shown = scope.shown()
    alone = scope.bit is not None and scope.dtype == "uint8"
    return shown // 2**scope.bit % 2 if alone else shown


def _described(scope: PixelMicroscope) -> dict:
    return {
        "state": scope.snapshot()["state"],
        "sentence": scope.sentence,
        "numbers": shown_numbers(scope)[scope.position].tolist(),
        "positions": scope.flat_positions(),
        "area": list(neighborhood(scope.position, scope.image.shape)),
    }
