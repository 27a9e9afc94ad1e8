"""Exercise of lecture 08: a random crop and a random mirror image."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import counted, distinct
from coursekit.exercises.properties import contrast, expects


def random_crop_flip(
    x: np.ndarray, padding: int, offsets: np.ndarray, flips: np.ndarray
) -> np.ndarray:
    """Shift every image by a few pixels and mirror some of them.

    x: images (N, C, H, W). padding: pixels of zeros put on all four sides of every image.
    offsets: (N, 2), drawn for you: row and column, from 0 to 2·padding, of the padded image's pixel
    that becomes the upper left one. flips: (N,) of bool, drawn for you: the images to mirror left
    to right after cropping. Returns (N, C, H, W), new images of the old size; x stays as it is.

    >>> x = np.array([[[[1.0, 2.0]]]])
    >>> random_crop_flip(x, 1, np.array([[1, 0]]), np.array([True]))
    array([[[[1., 0.]]]])
    """
    around = ((0, 0), (padding, padding), (padding, padding))
    h, w = x.shape[2:]
    out = np.empty_like(x)
    for n, (row, column) in enumerate(offsets):
        crop = np.pad(x[n], around)[:, row : row + h, column : column + w]
        out[n] = crop[:, :, ::-1] if flips[n] else crop
    return out


def _batch(
    rng: np.random.Generator, group: str, shape: tuple[int, ...], padding: int, flips: Any
) -> Case:
    offsets = rng.integers(0, 2 * padding + 1, (shape[0], 2))
    offsets[0] = 0, 2 * padding
    offsets[1:2] = 2 * padding, max(padding - 1, 0)
    return Case(group, (distinct(rng, *shape), padding, offsets, np.array(flips, dtype=bool)))


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        _batch(rng, "one image, cropped", (1, 3, 5, 6), 1, [0]),
        _batch(rng, "one image, cropped", (1, 3, 4, 7), 2, [0]),
        _batch(rng, "one image, mirrored", (1, 3, 4, 6), 0, [1]),
        _batch(rng, "one image, mirrored", (1, 1, 5, 5), 0, [1]),
        _batch(rng, "cropped and mirrored", (1, 3, 5, 7), 2, [1]),
        _batch(rng, "batch", (4, 3, 5, 6), 2, [0, 1, 0, 0]),
        _batch(rng, "batch", (3, 2, 6, 4), 3, [1, 1, 0]),
        _batch(rng, "square images", (3, 3, 5, 5), 1, [1, 0, 1]),
    ]


def _small(shape: tuple[int, ...], padding: int, offsets: list[Any], flips: list[bool]) -> Case:
    return Case("small", (counted(*shape), padding, np.array(offsets), np.array(flips)))


_SMALL = (
    _small((1, 1, 1, 2), 0, [[0, 0]], [False]),
    _small((1, 1, 1, 3), 0, [[0, 0]], [True]),
    _small((1, 1, 2, 3), 0, [[0, 0]], [True]),
    _small((1, 1, 1, 3), 1, [[1, 1]], [False]),
    _small((1, 1, 2, 3), 1, [[1, 0]], [False]),
    _small((1, 1, 2, 2), 1, [[0, 1]], [False]),
    _small((1, 1, 1, 3), 1, [[1, 0]], [True]),
    _small((1, 3, 1, 2), 0, [[0, 0]], [True]),
    _small((2, 1, 1, 2), 1, [[1, 0], [1, 2]], [False, True]),
    _small((2, 1, 1, 2), 1, [[1, 2], [1, 0]], [True, False]),
)

Crop = Callable[[np.ndarray, int, Any, bool], np.ndarray]  # one image, padding, offset, flip


def _one(image: np.ndarray, padding: int, offset: Any, flip: bool, mode: str = "constant") -> Any:
    _, h, w = image.shape
    padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding)), mode=mode)
    crop = padded[:, offset[0] : offset[0] + h, offset[1] : offset[1] + w]
    return crop[:, :, ::-1] if flip else crop


def _from(crop: Crop) -> Callable[..., np.ndarray]:
    """A function like random_crop_flip from what is done to one image."""

    def random_crop_flip(
        x: np.ndarray, padding: int, offsets: np.ndarray, flips: np.ndarray
    ) -> np.ndarray:
        several = zip(x, offsets, flips, strict=True)
        return np.stack([crop(image, padding, offset, flip) for image, offset, flip in several])

    return random_crop_flip


def _flipped_along(axis: int) -> Crop:
    def crop(image: np.ndarray, padding: int, offset: Any, flip: bool) -> np.ndarray:
        cropped = _one(image, padding, offset, False)
        return np.flip(cropped, axis) if flip else cropped

    return crop


def _flipped_first(image: np.ndarray, padding: int, offset: Any, flip: bool) -> np.ndarray:
    return _one(image[:, :, ::-1] if flip else image, padding, offset, False)


def _half_turn(image: np.ndarray, padding: int, offset: Any, flip: bool) -> np.ndarray:
    cropped = _one(image, padding, offset, False)
    return cropped[:, ::-1, ::-1] if flip else cropped


def _transposed(image: np.ndarray, padding: int, offset: Any, flip: bool) -> np.ndarray:
    cropped = _one(image, padding, offset, False)
    return cropped.transpose(0, 2, 1) if flip else cropped


def _left_over(image: np.ndarray, padding: int, offset: Any, flip: bool) -> np.ndarray:
    """What is left of the image itself, without padding."""
    cropped = image[:, offset[0] :, offset[1] :]
    return cropped[:, :, ::-1] if flip else cropped


def _rolled(image: np.ndarray, padding: int, offset: Any, flip: bool) -> np.ndarray:
    rolled = np.roll(image, (padding - offset[0], padding - offset[1]), axis=(1, 2))
    return rolled[:, :, ::-1] if flip else rolled


_LINE = "Take an image that is one row of three pixels: what should its mirror image be?"
_EDGE = "Which value do the pixels have that come in from outside the image?"
MISTAKES = {
    "channels-reversed": Mistake(
        _from(_flipped_along(0)),
        "the channels are reversed, and not the columns",
        "Which axis of an image (C, H, W) is its width?",
    ),
    "upside-down": Mistake(
        _from(_flipped_along(1)), "images are turned upside down", "Which axis is the width?"
    ),
    "half-turn": Mistake(_from(_half_turn), "images are mirrored in both directions", _LINE),
    "transposed": Mistake(
        _from(_transposed), "rows and columns are exchanged instead of mirroring", _LINE
    ),
    "never-mirrored": Mistake(
        _from(lambda image, p, at, flip: _one(image, p, at, False)),
        "no image is mirrored",
        "Look at one batch beside its originals. Which ones should be mirrored?",
    ),
    "always-mirrored": Mistake(
        _from(lambda image, p, at, flip: _one(image, p, at, True)),
        "every image is mirrored",
        "Look at one batch beside its originals. Which ones should be mirrored?",
    ),
    "the-others-mirrored": Mistake(
        _from(lambda image, p, at, flip: _one(image, p, at, not flip)),
        "the images that should stay are mirrored, and the others not",
        "What does True in flips say about its image?",
    ),
    "one-crop-for-all": Mistake(
        lambda x, p, at, flips: random_crop_flip(x, p, np.repeat(at[:1], len(x), 0), flips),
        "all images are cropped at the first one's place",
        "Look at one batch: is every image shifted by the same amount?",
    ),
    "one-flip-for-all": Mistake(
        lambda x, p, at, flips: random_crop_flip(x, p, at, np.repeat(flips[:1], len(x))),
        "all images are mirrored when the first one is",
        "Look at one batch: are all of its images mirrored, or none?",
    ),
    "one-draw-for-all": Mistake(
        lambda x, p, at, flips: random_crop_flip(
            x, p, np.repeat(at[:1], len(x), 0), np.repeat(flips[:1], len(x))
        ),
        "all images are cropped and mirrored as the first one is",
        "Look at one batch: does every image have a draw of its own?",
    ),
    "row-and-column-exchanged": Mistake(
        _from(lambda image, p, at, flip: _one(image, p, at[::-1], flip)),
        "the offset's row is taken for its column",
        "Crop at row 0 and the last column: which corner of the image do you see?",
    ),
    "shifted-the-other-way": Mistake(
        _from(lambda image, p, at, flip: _one(image, p, 2 * p - at, flip)),
        "images are shifted the other way",
        "Crop at offset (0, 0): at which corner of the result should the zeros be?",
    ),
    "never-cropped": Mistake(
        _from(lambda image, p, at, flip: _one(image, 0, (0, 0), flip)),
        "no image is shifted",
        "Do the offsets change anything in your result?",
    ),
    "offset-ignored": Mistake(
        _from(lambda image, p, at, flip: _one(image, p, (0, 0), flip)),
        "every crop starts at the padded image's corner",
        "Do the offsets change anything in your result?",
    ),
    "edge-repeated": Mistake(
        _from(lambda image, p, at, flip: _one(image, p, at, flip, "edge")),
        "the padding repeats the pixels of the edge",
        _EDGE,
    ),
    "mirrored-at-the-edge": Mistake(
        _from(lambda image, p, at, flip: _one(image, p, at, flip, "reflect")),
        "the padding mirrors the image at its edge",
        _EDGE,
    ),
    "rolled-around": Mistake(
        _from(_rolled), "pixels that leave on one side come in on the other", _EDGE
    ),
    "padding-forgotten": Mistake(
        _from(_left_over),
        "images are cropped without being padded first",
        "Print the shape of one crop. Where did the missing pixels go?",
    ),
    "padded-image-returned": Mistake(
        _from(
            lambda image, p, at, flip: np.pad(_one(image, 0, (0, 0), flip), [(0, 0)] + 2 * [(p, p)])
        ),
        "the whole padded image is returned",
        "How large should the result be, for an image of 32 × 32 and padding 4?",
    ),
    "mirrored-before-cropping": Mistake(
        _from(_flipped_first),
        "images are mirrored before they are cropped",
        "Crop first, then mirror: on which side do the zeros end up?",
    ),
}

_IMAGE = counted(1, 3, 3, 4)
_STILL, _MIRROR = np.array([False]), np.array([True])


def _at(row: int, column: int, flips: np.ndarray = _STILL, padding: int = 1) -> Case:
    return Case("", (_IMAGE, padding, np.array([[row, column]]), flips))


def _line(padding: int, column: int, flip: bool) -> Case:
    at = np.array([[padding, column]])
    return Case("", (counted(1, 1, 1, 3), padding, at, np.array([flip])))


RANDOM_CROP_FLIP = Exercise(
    name="random_crop_flip",
    lecture="08_training",
    points=2,
    reference=random_crop_flip,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects("unchanged", _line(1, 1, False), "Cropped in the middle, 1, 2, 3 stays"),
        expects("mirrored", _line(0, 0, True), "The mirror image of 1, 2, 3 is"),
        expects("left", _line(1, 0, False), "From the padded row 0, 1, 2, 3, 0 it takes the first"),
        expects("right", _line(1, 2, False), "From the padded row 0, 1, 2, 3, 0 it takes the last"),
        contrast(
            "columns",
            _at(1, 1),
            _at(1, 2),
            "Right where no image is shifted sideways, wrong for one of three channels that is.",
            right_for=lambda padding, offsets, **_: (offsets[:, 1] == padding).all(),
        ),
        contrast(
            "rows",
            _at(1, 1),
            _at(2, 1),
            "Right where no image is shifted up or down, wrong for one of three channels that is.",
            right_for=lambda padding, offsets, **_: (offsets[:, 0] == padding).all(),
        ),
        contrast(
            "both",
            _at(1, 2),
            _at(1, 2, _MIRROR),
            "Right where no image is mirrored, wrong for one that is shifted and mirrored.",
            right_for=lambda flips, **_: not flips.any(),
        ),
        contrast(
            "batch",
            _at(0, 1),
            Case("", (counted(2, 3, 3, 4), 1, np.array([[0, 1], [2, 0]]), np.array([False, True]))),
            "Your result is right for one image, and wrong for two.",
            right_for=lambda x, **_: len(x) == 1,
        ),
    ),
    smallest=lambda: _SMALL,
)
