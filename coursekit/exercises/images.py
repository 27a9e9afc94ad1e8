"""Exercises of lecture 02: the axes and the values of images."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

from coursekit.exercises.agreement import Disagreement, as_array, disagreement
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import counted, fewest_first
from coursekit.exercises.properties import contrast, expects

LECTURE = "02_images_as_tensors"

# --- to_chw -------------------------------------------------------------------------------------


def to_chw(image: np.ndarray) -> np.ndarray:
    """Move the channels of an image to the front.

    image: (H, W, C), as image files are read. Returns (C, H, W) of the same dtype: channel c of the
    result is the picture image[:, :, c], unturned.

    >>> to_chw(np.zeros((32, 48, 3))).shape
    (3, 32, 48)
    """
    return image.transpose(2, 0, 1)


def _pixels(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.integers(0, 256, shape, dtype=np.uint8)


def _to_chw_cases(rng: np.random.Generator) -> list[Case]:
    sizes = {
        "wider than tall": [(4, 6, 3), (2, 7, 3)],
        "taller than wide": [(5, 3, 3), (7, 2, 3)],
        "square": [(4, 4, 3), (3, 3, 3)],
        "other depths": [(3, 5, 1), (4, 3, 2), (2, 3, 4)],
    }
    cases = [Case(group, (_pixels(rng, *s),)) for group, several in sizes.items() for s in several]
    floats = [Case("floats", (rng.integers(-9, 10, s) / 4,)) for s in [(3, 4, 3), (4, 2, 3)]]
    return cases + floats


def _recut(*axes: int) -> Callable[[np.ndarray], np.ndarray]:
    """Memory re-cut to a shape with these axes of the image, nothing moved."""
    return lambda image: image.reshape([image.shape[axis] for axis in axes])


_AXES_HINT = (
    "Print the shape of your result and say aloud what each number counts. Is it (C, H, W)?"
)
_UP_HINT = "Test with an image that is wider than it is tall. Which way is up?"
_RECUT_HINT = "Look at one channel as a picture. Did you move axes, or re-cut the memory?"
TO_CHW_MISTAKES = {
    "reshaped": Mistake(
        _recut(2, 0, 1), "the memory is re-cut into a new shape, and no axis is moved", _RECUT_HINT
    ),
    "reshaped-to-width-first": Mistake(
        _recut(2, 1, 0),
        "the memory is re-cut into a new shape, with height and width exchanged",
        _RECUT_HINT,
    ),
    "height-and-width-exchanged": Mistake(
        lambda image: image.transpose(2, 1, 0),
        "height and width are exchanged as well",
        _UP_HINT,
    ),
    "unchanged": Mistake(lambda image: image, "the axes stay as they are", _AXES_HINT),
    "only-height-and-width-exchanged": Mistake(
        lambda image: image.transpose(1, 0, 2),
        "height and width are exchanged and the channels stay last",
        _AXES_HINT,
    ),
    "channels-in-the-middle": Mistake(
        lambda image: image.transpose(0, 2, 1), "the channels end up in the middle", _AXES_HINT
    ),
    "moved-the-other-way": Mistake(
        lambda image: image.transpose(1, 2, 0),
        "the first axis is moved to the end, which is the way from (C, H, W) back",
        _AXES_HINT,
    ),
    "channels-reversed": Mistake(
        lambda image: image[..., ::-1].transpose(2, 0, 1),
        "the order of the channels is reversed",
        "Which channel of a pure red image is bright in your result?",
    ),
    "upside-down": Mistake(
        lambda image: image[::-1].transpose(2, 0, 1),
        "the picture is turned upside down",
        "Where is the first row of the image in your result?",
    ),
    "mirrored": Mistake(
        lambda image: image[:, ::-1].transpose(2, 0, 1),
        "the picture is mirrored",
        "Where is the first column of the image in your result?",
    ),
    "with-a-batch-axis": Mistake(
        lambda image: image.transpose(2, 0, 1)[np.newaxis],
        "an axis for a batch is put in front",
        "How many axes has one image, and how many has yours?",
    ),
    "scaled": Mistake(
        lambda image: image.transpose(2, 0, 1) / 255,
        "the values are divided by 255",
        "Which numbers were asked to change: the shape's or the pixels'?",
    ),
}


def _small_images() -> Iterator[Case]:
    for h, w, c in fewest_first(product((1, 2, 3), (1, 2, 3), (1, 2, 3))):
        yield Case("small", (counted(h, w, c).astype(np.uint8),))


_STRIPED = np.tile(np.array([1, 2, 3], np.uint8), (2, 4, 1))
TO_CHW = Exercise(
    name="to_chw",
    lecture=LECTURE,
    points=1,
    reference=to_chw,
    cases=_to_chw_cases,
    mistakes=TO_CHW_MISTAKES,
    properties=(
        expects(
            "one-color",
            Case("", (_STRIPED[:1],)),
            "In an image of one color, each channel holds one value",
        ),
        expects(
            "one-channel",
            Case("", (counted(2, 3, 1),)),
            "A gray image has one channel, which is the picture itself",
        ),
        expects(
            "two-pixels",
            Case("", (counted(1, 2, 3),)),
            "Channel 0 holds the first number of each pixel, and so on",
        ),
        contrast(
            "rows",
            Case("", (-counted(1, 4, 3),)),
            Case("", (-counted(3, 4, 3),)),
            "An image of one row comes out right, one of three rows does not.",
            right_for=lambda image: len(image) == 1,
        ),
    ),
    smallest=_small_images,
)

# --- to_uint8 -----------------------------------------------------------------------------------


def to_uint8(x: np.ndarray) -> np.ndarray:
    """Turn real numbers into pixel values.

    x: floats of any shape, meant to lie between 0 (black) and 255 (white), as a filter returns
    them. Returns the same shape with dtype uint8: every number rounded to the nearest whole number;
    what lies below 0 becomes 0, and what lies above 255 becomes 255.

    >>> to_uint8(np.array([-1.0, 127.9, 256.0]))
    array([  0, 128, 255], dtype=uint8)
    """
    return np.clip(np.round(x), 0, 255).astype(np.uint8)


def _levels(rng: np.random.Generator, low: float, high: float, *shape: int) -> np.ndarray:
    """Random numbers, none of them halfway between two whole ones."""
    return rng.integers(low, high, shape) + rng.choice([-0.4, -0.25, 0, 0.1, 0.25, 0.4], shape)


def _to_uint8_cases(rng: np.random.Generator) -> list[Case]:
    whole = [rng.integers(0, 256, shape).astype(float) for shape in ((3, 4), (2, 5, 3))]
    inside = [np.array([127.9, 0.4, 254.6]), _levels(rng, 1, 255, 4, 6), _levels(rng, 1, 255, 3, 9)]
    dark = [np.array([-1.0, 5.0]), _levels(rng, -300, 60, 3, 7), _levels(rng, -9, 9, 2, 3, 5)]
    bright = [
        np.array([256.0, 300.7, 255.3]),
        _levels(rng, 200, 700, 3, 7),
        _levels(rng, 250, 265, 4, 4),
    ]
    singles = [_levels(rng, -400, 600, 3, 4, 5).astype(np.float32)]
    groups = {
        "whole numbers": whole,
        "fractions": inside,
        "below 0": dark,
        "above 255": bright,
        "float32": singles,
    }
    return [Case(group, (x,)) for group, several in groups.items() for x in several]


def _agrees_as_uint8(got: Any, expected: np.ndarray, case: Case) -> Disagreement | None:
    """Values, and the dtype itself."""
    found = disagreement(got, expected)
    array = as_array(got)
    if found is None and array.dtype != np.uint8:
        return Disagreement("dtype", f"its dtype is {array.dtype}, not uint8")
    return found


def _alike_with_dtype(got: Any, other: np.ndarray, case: Case) -> Disagreement | None:
    """As a known mistake's: equal values of the same dtype."""
    same = disagreement(got, other) is None and as_array(got).dtype == other.dtype
    return None if same else Disagreement("value", "it differs")


def _cast(prepare: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: prepare(x).astype(np.uint8)


def _stretched(x: np.ndarray) -> np.ndarray:
    spread = max(float(np.ptp(x)), 1e-9)
    return np.round((x - x.min()) / spread * 255)


_CLIP_HINT = "How many values fit in 8 bits? What comes after 255, and what before 0?"
_ROUND_HINT = "Which whole number is nearest to 127.9, and which one do you give?"
TO_UINT8_MISTAKES = {
    "cast-only": Mistake(
        _cast(lambda x: x), "the numbers are cast, without rounding or clipping", _CLIP_HINT
    ),
    "not-clipped": Mistake(_cast(np.round), "numbers outside of 0 to 255 wrap around", _CLIP_HINT),
    "not-rounded": Mistake(
        _cast(lambda x: np.clip(x, 0, 255)), "the fraction is cut off", _ROUND_HINT
    ),
    "rounded-up": Mistake(
        _cast(lambda x: np.clip(np.ceil(x), 0, 255)), "every fraction is rounded up", _ROUND_HINT
    ),
    "not-clipped-below": Mistake(
        _cast(lambda x: np.minimum(np.round(x), 255)), "negative numbers wrap around", _CLIP_HINT
    ),
    "not-clipped-above": Mistake(
        _cast(lambda x: np.maximum(np.round(x), 0)), "numbers above 255 wrap around", _CLIP_HINT
    ),
    "clipped-at-256": Mistake(
        _cast(lambda x: np.clip(np.round(x), 0, 256)),
        "the numbers are clipped at 256",
        "There are 256 values, counted from 0. Which is the largest?",
    ),
    "not-cast": Mistake(
        lambda x: np.clip(np.round(x), 0, 255),
        "the right values keep their dtype, float",
        "Print the dtype of your result. How many bytes does one number take?",
    ),
    "not-cast-and-not-rounded": Mistake(
        lambda x: np.clip(x, 0, 255),
        "the values are clipped, and neither rounded nor cast",
        "Print the dtype of your result. Can it hold fractions?",
    ),
    "scaled-by-255": Mistake(
        _cast(lambda x: np.clip(np.round(x * 255), 0, 255)),
        "the numbers are taken to lie between 0 and 1",
        "Which number stands for white in x: 1 or 255?",
    ),
    "stretched": Mistake(
        _cast(_stretched),
        "the numbers are stretched to fill 0 to 255",
        "An image of 100s only: what should become of it?",
    ),
    "negative-made-positive": Mistake(
        _cast(lambda x: np.clip(np.round(np.abs(x)), 0, 255)),
        "the minus of negative numbers is dropped",
        "What is darker than black? And what do you show for -200?",
    ),
    "signed-bytes": Mistake(
        lambda x: np.clip(np.round(x), -128, 127).astype(np.int8),
        "bytes with a sign are used, which end at 127",
        "What is the largest number in your result?",
    ),
}


def _small_levels() -> Iterator[Case]:
    for value in (0, 1, 0.4, 1.6, 255, 256, -1, 257.3, -0.4, 254.6, 300.7, -200):
        yield Case("small", (np.array([float(value)]),))
    yield Case("small", (np.array([100.0, 101.0]),))


TO_UINT8 = Exercise(
    name="to_uint8",
    lecture=LECTURE,
    points=2,
    reference=to_uint8,
    cases=_to_uint8_cases,
    agrees=_agrees_as_uint8,
    alike=_alike_with_dtype,
    mistakes=TO_UINT8_MISTAKES,
    properties=tuple(
        expects(slug, Case("", (np.array(values, dtype=float),)), why)
        for slug, values, why in (
            ("black", [0, 0], "Black stays black"),
            ("whole", [1, 100, 255], "Whole numbers from 0 to 255 stay as they are"),
            ("down", [1.25, 100.4], "Below one half the nearest whole number is the lower one"),
            ("up", [1.75, 100.6], "Above one half the nearest whole number is the higher one"),
            ("below", [-1, -200], "Nothing is darker than black"),
            ("above", [256, 500], "Nothing is brighter than white"),
        )
    ),
    shows={
        "above 255": (
            "not-rounded",
            "rounded-up",
        ),
        "float32": ("not-rounded",),
    },
    smallest=_small_levels,
)
