"""The toy exercise of lecture 00."""

from itertools import product

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake


def count_numbers(height: int, width: int, channels: int = 3) -> int:
    """How many numbers an image holds.

    >>> count_numbers(32, 32)
    3072
    """
    return height * width * channels


def _cases(rng: np.random.Generator) -> list[Case]:
    color = [Case("color images", (int(h), int(w))) for h, w in rng.integers(2, 300, (4, 2))]
    gray = [Case("gray images", (int(h), int(w), 1)) for h, w in rng.integers(2, 300, (3, 2))]
    more = [Case("other depths", tuple(map(int, row))) for row in rng.integers(4, 40, (3, 3))]
    return [Case("color images", (32, 32)), *color, *gray, *more]


COUNT_NUMBERS = Exercise(
    name="count_numbers",
    lecture="00_start_here",
    points=1,
    reference=count_numbers,
    cases=_cases,
    mistakes={
        "channels-forgotten": Mistake(
            lambda height, width, channels=3: height * width,
            "the channels are forgotten",
            "One pixel of a color image: how many numbers is that?",
        ),
        "always-three-channels": Mistake(
            lambda height, width, channels=3: height * width * 3,
            "every image is taken to have three channels",
            "How many channels has a gray image?",
        ),
        "added": Mistake(
            lambda height, width, channels=3: height + width + channels,
            "the three sizes are added",
            "Two rows of three pixels: is that 5 pixels or 6?",
        ),
        "height-squared": Mistake(
            lambda height, width, channels=3: height * height * channels,
            "the image is taken to be square",
            "What comes out for an image that is wider than it is tall?",
        ),
    },
    smallest=lambda: (Case("small", sizes) for sizes in product((1, 2, 3), (1, 2, 3), (1, 3))),
)
