"""Exercises of lecture 02: a patch of an image, and the statistics of its channels."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import counted, fewest_first, halves
from coursekit.exercises.parts import Parts
from coursekit.exercises.properties import contrast, expects, part, which_parts

LECTURE = "02_images_as_tensors"

# --- extract_patch ------------------------------------------------------------------------------


def extract_patch(image: np.ndarray, row: int, column: int, height: int, width: int) -> np.ndarray:
    """Cut a patch out of an image, all channels of it.

    image: (C, H, W). row, column: of the patch's upper left pixel, counted from 0. height, width:
    of the patch, in pixels; it lies inside the image. Returns (C, height, width).

    >>> extract_patch(np.arange(12).reshape(1, 3, 4), row=1, column=2, height=2, width=1)
    array([[[ 6],
            [10]]])
    """
    return image[:, row : row + height, column : column + width]


def _patch_cases(rng: np.random.Generator) -> list[Case]:
    def patch(group: str, *where: int) -> Case:
        return Case(group, (rng.integers(0, 256, (3, 9, 12), dtype=np.uint8), *where))

    def whole(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    cases = [patch("at the corner", 0, 0, 3, 5), patch("at the corner", 0, 0, 4, 2)]
    cases += [patch("square patches", whole(1, 4), whole(5, 7), n, n) for n in (2, 3, 4)]
    cases += [patch("square patches", 5, 2, 3, 3)]
    cases += [
        patch("patches that are not square", whole(1, 3), whole(4, 6), whole(2, 3), whole(4, 5))
        for _ in range(3)
    ]
    cases += [patch("patches that are not square", 4, 1, 4, 2)]
    cases += [patch("up to the edge", 6, 8, 3, 4), patch("up to the edge", 0, 7, 9, 5)]
    deep = [halves(rng, 1, 6, 8), halves(rng, 6, 7, 5)]
    cases += [Case("other depths", (image, 1, 2, 4, 3)) for image in deep]
    return cases


def _patch_from(cut: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """A function with extract_patch's signature."""

    def extract_patch(
        image: np.ndarray, row: int, column: int, height: int, width: int
    ) -> np.ndarray:
        return cut(image, row, column, height, width)

    return extract_patch


_XY_HINT = "Arrays say rows first. Cut far to the right, near the top: what do you see?"
_MIDDLE_HINT = "Which pixel of the patch do row and column name: a corner or the middle?"
_SIZE_HINT = "Print the shape of your patch: is it (C, height, width)?"
PATCH_MISTAKES = {
    "row-and-column-exchanged": Mistake(
        _patch_from(lambda image, r, c, h, w: image[:, c : c + h, r : r + w]),
        "row and column are exchanged",
        _XY_HINT,
    ),
    "height-and-width-exchanged": Mistake(
        _patch_from(lambda image, r, c, h, w: image[:, r : r + w, c : c + h]),
        "height and width are exchanged",
        "Cut a patch that is wider than it is tall. Which way does it lie?",
    ),
    "x-and-y-exchanged": Mistake(
        _patch_from(lambda image, r, c, h, w: image[:, c : c + w, r : r + h]),
        "the axes of the image are taken to be width first",
        _XY_HINT,
    ),
    "channels-taken-to-be-last": Mistake(
        _patch_from(lambda image, r, c, h, w: image[r : r + h, c : c + w]),
        "the image is cut as if its channels came last",
        "Print the shape of the image. Which axis counts the channels?",
    ),
    "one-channel": Mistake(
        _patch_from(lambda image, r, c, h, w: image[0, r : r + h, c : c + w]),
        "only the first channel is cut out",
        _SIZE_HINT,
    ),
    "ends-at-the-size": Mistake(
        _patch_from(lambda image, r, c, h, w: image[:, r:h, c:w]),
        "the patch ends at row `height` and column `width`",
        "A patch of 2 rows that starts at row 5: in which row does it end?",
    ),
    "one-row-and-column-too-many": Mistake(
        _patch_from(lambda image, r, c, h, w: image[:, r : r + h + 1, c : c + w + 1]),
        "the patch is one row and one column too large",
        "How many numbers are in a[2:4]?",
    ),
    "one-row-and-column-too-few": Mistake(
        _patch_from(lambda image, r, c, h, w: image[:, r : r + h - 1, c : c + w - 1]),
        "the patch is one row and one column too small",
        "How many numbers are in a[2:4]?",
    ),
    "counted-from-one": Mistake(
        _patch_from(lambda image, r, c, h, w: image[:, r - 1 : r - 1 + h, c - 1 : c - 1 + w]),
        "rows and columns are counted from 1",
        "Which index has the first row?",
    ),
    "one-pixel-too-far": Mistake(
        _patch_from(lambda image, r, c, h, w: image[:, r + 1 : r + 1 + h, c + 1 : c + 1 + w]),
        "the patch starts one row and one column too late",
        "Which index has the first row?",
    ),
    "centered": Mistake(
        _patch_from(lambda image, r, c, h, w: extract_patch(image, r - h // 2, c - w // 2, h, w)),
        "row and column are taken for the middle of the patch",
        _MIDDLE_HINT,
    ),
    "centered-and-odd": Mistake(
        _patch_from(
            lambda image, r, c, h, w: image[
                :, r - h // 2 : r + h // 2 + 1, c - w // 2 : c + w // 2 + 1
            ]
        ),
        "row and column are taken for the middle, and as much is cut on each side of it",
        _MIDDLE_HINT,
    ),
    "channels-moved-to-the-end": Mistake(
        _patch_from(lambda image, r, c, h, w: image[:, r : r + h, c : c + w].transpose(1, 2, 0)),
        "the patch's channels are moved to the end",
        _SIZE_HINT,
    ),
}


def _small_patches() -> Iterator[Case]:
    for c, h, w in ((1, 2, 2), (1, 2, 3), (2, 3, 4)):
        corners = product(range(h), range(w), range(1, h + 1), range(1, w + 1))
        inside = [o for o in fewest_first(corners) if o[0] + o[2] <= h and o[1] + o[3] <= w]
        yield from (Case("small", (counted(c, h, w), *where)) for where in inside)


EXTRACT_PATCH = Exercise(
    name="extract_patch",
    lecture=LECTURE,
    points=2,
    reference=extract_patch,
    cases=_patch_cases,
    mistakes=PATCH_MISTAKES,
    properties=(
        expects(
            "whole-image",
            Case("", (counted(1, 2, 3), 0, 0, 2, 3)),
            "A patch as large as the image is the image",
        ),
        expects(
            "one-pixel",
            Case("", (counted(1, 2, 3), 0, 2, 1, 1)),
            "The pixel in row 0 and column 2 of [[1, 2, 3], [4, 5, 6]]",
        ),
        expects(
            "one-pixel-below",
            Case("", (counted(1, 3, 2), 2, 0, 1, 1)),
            "The pixel in row 2 and column 0 of [[1, 2], [3, 4], [5, 6]]",
        ),
        contrast(
            "channels",
            Case("", (counted(1, 5, 6), 1, 2, 3, 2)),
            Case("", (counted(4, 5, 6), 1, 2, 3, 2)),
            "With one channel your patch is right, with four it is not.",
            right_for=lambda image, **_: len(image) == 1,
        ),
    ),
    smallest=_small_patches,
)

# --- channel_statistics -------------------------------------------------------------------------


def channel_statistics(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each channel.

    images: (N, C, H, W), floats or uint8. Returns (mean, std), two arrays (C,) of floats in the
    images' own units, each taken over all pixels of all images. The standard deviation is the root
    of the mean squared distance from the mean (divided by the number of values, not one less).

    >>> mean, std = channel_statistics(np.array([[[[1.0, 3.0]], [[5.0, 5.0]]]]))
    >>> mean, std
    (array([2., 5.]), array([1., 0.]))
    """
    return images.mean(axis=(0, 2, 3)), images.std(axis=(0, 2, 3))


def _statistics_cases(rng: np.random.Generator) -> list[Case]:
    def shifted(*shape: int) -> np.ndarray:
        """Each image and channel with a level and a contrast of its own."""
        level = rng.integers(-6, 7, (*shape[:2], 1, 1))
        return halves(rng, *shape) * rng.integers(1, 4, (*shape[:2], 1, 1)) + level

    cases = [Case("one image", (shifted(1, 3, 4, 5),)), Case("one image", (shifted(1, 2, 5, 3),))]
    cases += [Case("several images", (shifted(*s),)) for s in [(2, 3, 4, 6), (5, 3, 2, 3)]]
    cases += [Case("other depths", (shifted(*s),)) for s in [(3, 1, 4, 2), (2, 6, 3, 4)]]
    cases += [Case("as deep as wide", (shifted(3, 4, 5, 4),))]
    cases += [Case("as deep as wide", (shifted(3, 3, 3, 3),))]
    pixels = [rng.integers(0, 256, s, dtype=np.uint8) for s in [(3, 3, 4, 5), (2, 1, 6, 4)]]
    cases += [Case("uint8 images", (images,)) for images in pixels]
    return cases + _MEAN_STD.alone(cases[2:4])


def _over(*axes: int, **options: bool) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Mean and standard deviation over these axes."""
    return lambda x: (x.mean(axis=axes, **options), x.std(axis=axes, **options))


def _std_from(spread: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], tuple]:
    """The right means, and a spread from the images as floats."""
    return lambda x: (x.mean(axis=(0, 2, 3)), spread(np.asarray(x, dtype=float)))


def _overflowing(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = x.mean(axis=(0, 2, 3))
    return mean, np.sqrt((x**2).mean(axis=(0, 2, 3)) - mean**2)


def _scaled(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return x.mean(axis=(0, 2, 3)) / 255, x.std(axis=(0, 2, 3)) / 255


_AXIS_HINT = "Print the shape of your mean. How many channels are there, and how many numbers?"
STATISTICS_MISTAKES = {
    "over-everything": Mistake(
        lambda x: (x.mean(), x.std()), "one number is taken for all channels together", _AXIS_HINT
    ),
    "image-by-image": Mistake(_over(2, 3), "each image gets its own statistics", _AXIS_HINT),
    "pixel-by-pixel": Mistake(_over(0), "each position gets its own statistics", _AXIS_HINT),
    "channels-averaged-too": Mistake(
        _over(1, 2, 3), "the statistics are taken over the channels, for each image", _AXIS_HINT
    ),
    "channels-taken-to-be-last": Mistake(
        _over(0, 1, 2), "the last axis is taken for the channels", _AXIS_HINT
    ),
    "axes-kept": Mistake(
        _over(0, 2, 3, keepdims=True), "the averaged axes are kept, with length 1", _AXIS_HINT
    ),
    "first-image-only": Mistake(
        lambda x: _over(0, 2, 3)(x[:1]),
        "only the first image is looked at",
        "Change a pixel of the last image. Does your result change?",
    ),
    "variance": Mistake(
        _std_from(lambda x: x.var(axis=(0, 2, 3))),
        "the variance is returned in place of its root",
        "If every value is doubled, by how much does your second result grow?",
    ),
    "divided-by-one-less": Mistake(
        _std_from(lambda x: x.std(axis=(0, 2, 3), ddof=1)),
        "the squared distances are divided by the number of values minus one",
        "By which number does your library divide? Try a channel of two pixels, 1 and 3.",
    ),
    "mean-of-the-images-stds": Mistake(
        _std_from(lambda x: x.std(axis=(2, 3)).mean(axis=0)),
        "the standard deviations of the single images are averaged",
        "One image all black and one all white: what is the spread over both?",
    ),
    "std-of-the-images-means": Mistake(
        _std_from(lambda x: x.mean(axis=(2, 3)).std(axis=0)),
        "the spread of the single images' means is taken",
        "One single image: is the spread of its pixels 0?",
    ),
    "mean-not-subtracted": Mistake(
        _std_from(lambda x: np.sqrt((x**2).mean(axis=(0, 2, 3)))),
        "the mean is not subtracted before squaring",
        "A channel in which all values are 7: what is its spread?",
    ),
    "mean-distance": Mistake(
        _std_from(lambda x: np.abs(x - x.mean(axis=(0, 2, 3), keepdims=True)).mean(axis=(0, 2, 3))),
        "the mean distance from the mean is taken, without squaring",
        "Three pixels 0 and one pixel 4: what do you give, and what is the root of 3?",
    ),
    "squares-overflow": Mistake(
        _overflowing,
        "pixels are squared in 8 bits, where 16 times 16 is 0",
        "Which dtype do your squares have? What is its largest number?",
    ),
    "std-first": Mistake(
        lambda x: _over(0, 2, 3)(x)[::-1],
        "mean and standard deviation are returned in the other order",
        "In which order are the two results asked for?",
    ),
    "divided-by-255": Mistake(
        _scaled,
        "the values are divided by 255",
        "In which units are your mean and std, and in which are the images?",
    ),
}


def _small_batches() -> Iterator[Case]:
    for shape in fewest_first(product((1, 2, 3), (1, 2), (1, 2), (1, 2, 3))):
        yield Case("small", (counted(*shape) ** 2,))
    yield Case("small", (np.array([[[[16, 0]]]], dtype=np.uint8),))


_BATCH = np.array([[[[1.0, 3.0]], [[4.0, 4.0]]], [[[7.0, 5.0]], [[0.0, 8.0]]]])
_MEAN_STD = Parts("mean", "std")
CHANNEL_STATISTICS = Exercise(
    name="channel_statistics",
    lecture=LECTURE,
    points=2,
    reference=channel_statistics,
    cases=_statistics_cases,
    agrees=_MEAN_STD.agrees,
    alike=_MEAN_STD.agrees,
    draw=_MEAN_STD.draw,
    mistakes=STATISTICS_MISTAKES,
    properties=(
        expects(
            "constant",
            Case("", (np.full((2, 1, 1, 2), 7.0),)),
            "If all values are 7, their mean is 7",
            part(0),
        ),
        expects(
            "constant-spread",
            Case("", (np.full((2, 1, 1, 2), 7.0),)),
            "If all values are 7, their spread is 0",
            part(1),
        ),
        expects(
            "three-values",
            Case("", (np.array([[[[1.0, 1.0, 7.0]]]]),)),
            "The mean of 1, 1 and 7",
            part(0),
        ),
        expects("two-values", Case("", (_BATCH[:1, :1],)), "1 and 3 lie 1 from 2", part(1)),
        contrast(
            "channels",
            Case("", (_BATCH[:, :1],)),
            Case("", (_BATCH,)),
            "With one channel your results are right, with two they are not.",
            lambda value: np.concatenate(value),
            right_for=lambda images: images.shape[1] == 1,
        ),
        contrast(
            "batch",
            Case("", (_BATCH[:1],)),
            Case("", (_BATCH,)),
            "For one image your results are right, for two they are not.",
            lambda value: np.concatenate(value),
            right_for=lambda images: len(images) == 1,
        ),
        which_parts(Case("", (_BATCH,)), ("mean", "std")),
    ),
    smallest=_small_batches,
)
