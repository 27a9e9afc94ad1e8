"""Exercise of lecture 12: which part of an image a classifier goes by."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import alternating, counted, halves
from coursekit.exercises.properties import constant_ratio, contrast, expects

Array = np.ndarray
Classify = Callable[[Array], Array]


def occlusion_map(
    classify: Classify, x: Array, label: int, size: int = 8, stride: int = 4, fill: float = 0.0
) -> Array:
    """Measure how much the score drops while a square hides part of the image.

    classify: takes images (N, C, H, W) and returns their scores (N, classes). x: one image
    (C, H, W), the same after the call as before. label: the class whose score is looked at. size:
    side of the square in pixels. stride: pixels from one place of the square to the next; the
    first is the upper left corner, and no place hangs over the edge. fill: value of the hidden
    pixels, in all channels.
    Returns (rows, columns), one number for each place: the score of x − the score of the image with
    the square there. Zeiler and Fergus (2014), figure 7.

    >>> occlusion_map(lambda images: images.sum(axis=(2, 3)), np.array([[[1.0, 5.0]]]), 0, 1, 1)
    array([[1., 5.]])
    """
    h, w = x.shape[1:]
    before = classify(x[np.newaxis])[0, label]
    tops, lefts = range(0, h - size + 1, stride), range(0, w - size + 1, stride)
    drops = np.zeros((len(tops), len(lefts)))
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            hidden = x.copy()
            hidden[:, top : top + size, left : left + size] = fill
            drops[i, j] = before - classify(hidden[np.newaxis])[0, label]
    return drops


# --- inputs --------------------------------------------------------------------------------------


class Classifier:
    """A classifier that prints as one would write it; one class for every channel."""

    def __init__(self, words: str, function: Classify) -> None:
        self.words, self.function = words, function

    def __call__(self, images: Array) -> Array:
        images = np.asarray(images, dtype=float)
        if images.ndim != 4:
            raise ValueError(f"images have shape {images.shape}; expected (N, C, H, W)")
        return self.function(images)

    def __repr__(self) -> str:
        return f"lambda images: {self.words}"


def _weighted(images: Array) -> Array:
    return (alternating(*images.shape[2:]) * images).sum(axis=(2, 3))


def _mixed(images: Array) -> Array:
    """Each class by its own channel and the next one, and not linear."""
    sums = _weighted(images)
    return 40 + sums / 4 + (np.roll(images, -1, axis=1) ** 2).mean(axis=(2, 3))


SUMS = Classifier("images.sum(axis=(2, 3))", lambda images: images.sum(axis=(2, 3)))
WEIGHTED = Classifier("(weights * images).sum(axis=(2, 3))", _weighted)  # weights: -1, 2, -3, …
MIXED = Classifier("scores_of(images)", _mixed)
CONSTANT = Classifier(
    "np.full(images.shape[:2], 0.5)", lambda images: np.full(images.shape[:2], 0.5)
)


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(group: str, shape: tuple[int, ...], label: int, *square: int, **fill: float) -> Case:
        return Case(group, (MIXED, halves(rng, *shape), label, *square), fill)

    return [
        case("stride 1", (2, 5, 5), 0, 2, 1),
        case("stride 1", (3, 4, 4), 1, 1, 1),
        case("larger strides", (3, 7, 7), 2, 3, 2),
        case("larger strides", (2, 9, 9), 1, 2, 3),
        case("side by side", (3, 6, 6), 1, 2, 2),
        case("pixels left over", (2, 8, 8), 1, 3, 2),
        case("pixels left over", (3, 7, 7), 0, 3, 3),
        case("images that are not square", (3, 5, 9), 2, 2, 2),
        case("images that are not square", (2, 8, 4), 0, 3, 1),
        case("other fills", (3, 5, 6), 1, 2, 2, fill=1.5),
        case("other fills", (2, 6, 5), 1, 3, 1, fill=-2.0),
        case("the usual square", (3, 16, 17), 2),
    ]


def _small(classify: Classifier, x: Any, *square: int, **fill: float) -> Case:
    return Case("small", (classify, np.array(x, dtype=float), *square), fill)


_SMALL = (
    _small(SUMS, [[[3]]], 0, 1, 1),
    _small(SUMS, [[[1, 5]]], 0, 1, 1),
    _small(SUMS, [[[1], [5]]], 0, 1, 1),
    _small(SUMS, [[[1, 5, 2]]], 0, 1, 2),
    _small(SUMS, [[[1, 5, 2], [3, 4, 6]]], 0, 2, 1),
    _small(SUMS, [[[1, 5]]], 0, 1, 1, fill=3.0),
    _small(SUMS, [[[1, -5]]], 0, 1, 1),
    _small(SUMS, [[[1, 5]], [[2, 3]]], 1, 1, 1),
    _small(SUMS, [[[4, 6]], [[2, 3]]], 0, 1, 1),
    _small(SUMS, [[[1, 5, 2, 7]]], 0, 1, 3),
    _small(WEIGHTED, counted(1, 3, 4), 0, 2, 1),
    _small(MIXED, counted(2, 2, 2), 1, 1, 1),
    _small(MIXED, counted(2, 2, 3), 0, 2, 1, fill=1.0),
    _small(MIXED, counted(3, 3, 4), 1, 2, 2),
)

# --- known mistakes ------------------------------------------------------------------------------

Hide = Callable[[Array, int, int, int, float], None]  # into hidden: top, left, size, fill
Compare = Callable[[Array, Array, int], Any]  # scores before, scores after, label


def _square(hidden: Array, top: int, left: int, size: int, fill: float) -> None:
    hidden[:, top : top + size, left : left + size] = fill


def _inside(length: int, size: int, stride: int) -> Sequence[int]:
    return range(0, length - size + 1, stride)


def _drop(before: Array, after: Array, label: int) -> float:
    return before[label] - after[label]


def _from(
    compare: Compare = _drop,
    hide: Hide = _square,
    places: Callable[[int, int, int], Sequence[int]] = _inside,
    restored: bool = True,
) -> Callable[..., Array]:
    """A function like occlusion_map from other steps; restored: each square is taken off again."""

    def wrong_map(
        classify: Classify, x: Array, label: int, size: int = 8, stride: int = 4, fill: float = 0.0
    ) -> Array:
        before, hidden = classify(x[np.newaxis])[0], x.copy()
        tops, lefts = (places(length, size, stride) for length in x.shape[1:])
        drops = np.zeros((len(tops), len(lefts)))
        for i, j in np.ndindex(drops.shape):
            hidden = x.copy() if restored else hidden
            hide(hidden, tops[i], lefts[j], size, fill)
            drops[i, j] = compare(before, classify(hidden[np.newaxis])[0], label)
        return drops

    return wrong_map


def _in_place(
    classify: Classify, x: Array, label: int, size: int = 8, stride: int = 4, fill: float = 0.0
) -> Array:
    """The squares stay in the image that was given."""
    drops = _from(restored=False)(classify, x, label, size, stride, fill)
    for top in _inside(x.shape[1], size, stride):
        for left in _inside(x.shape[2], size, stride):
            _square(x, top, left, size, fill)
    return drops


def _changed(change: Callable[..., tuple[Any, ...]]) -> Callable[..., Array]:
    """A function like occlusion_map that takes other sizes, strides or fills."""

    def wrong_map(
        classify: Classify, x: Array, label: int, size: int = 8, stride: int = 4, fill: float = 0.0
    ) -> Array:
        return occlusion_map(classify, x, *change(label, size, stride, fill))

    return wrong_map


def _one_channel(hidden: Array, top: int, left: int, size: int, fill: float) -> None:
    _square(hidden[:1], top, left, size, fill)


def _all_else(hidden: Array, top: int, left: int, size: int, fill: float) -> None:
    kept = hidden[:, top : top + size, left : left + size].copy()
    hidden[:] = fill
    hidden[:, top : top + size, left : left + size] = kept


def _centered(hidden: Array, top: int, left: int, size: int, fill: float) -> None:
    top, left = top - size // 2, left - size // 2
    hidden[:, max(0, top) : top + size, max(0, left) : left + size] = fill


def _one_larger(hidden: Array, top: int, left: int, size: int, fill: float) -> None:
    _square(hidden, top, left, size + 1, fill)


def _row_for_column(hidden: Array, top: int, left: int, size: int, fill: float) -> None:
    _square(hidden, left, top, size, fill)


def _transposed(*args: Any, **named: Any) -> Array:
    return occlusion_map(*args, **named).T


def _flat(*args: Any, **named: Any) -> Array:
    return occlusion_map(*args, **named).ravel()


_LEFT = "Hide something that does not matter at all: which number do you give there?"
_SIGN = "A square hides what the classifier went by: is your number positive or negative there?"
_PLACES = "In a row of 8 pixels, squares of 3, stride 2: at which pixels do they start?"
_AGAIN = "When the second square is put in, is the first one gone?"
_FILL = "Call it with fill = 0 and with fill = 1: do the results differ?"
_LABEL = "Which class's score do you look at, before and after?"
MISTAKES = {
    "score-instead-of-drop": Mistake(
        _from(lambda before, after, label: after[label]),
        "the score that is left is returned, and not by how much it drops",
        _LEFT,
    ),
    "rise-instead-of-drop": Mistake(
        _from(lambda before, after, label: after[label] - before[label]),
        "the difference is taken the other way round",
        _SIGN,
    ),
    "relative": Mistake(
        _from(lambda before, after, label: (before[label] - after[label]) / before[label]),
        "the drop is divided by the score of x",
        "In which units is a drop: in those of the score, or in percent?",
    ),
    "share-left": Mistake(
        _from(lambda before, after, label: after[label] / before[label]),
        "the share of the score that is left is returned",
        _LEFT,
    ),
    "magnitude": Mistake(
        _from(lambda before, after, label: abs(before[label] - after[label])),
        "a score that rises counts as one that drops",
        "Can hiding a part help the class? What sign has the drop then?",
    ),
    "rises-cut": Mistake(
        _from(lambda before, after, label: max(0.0, before[label] - after[label])),
        "a score that rises counts as unchanged",
        "Can hiding a part help the class? What sign has the drop then?",
    ),
    "best-score": Mistake(
        _from(lambda before, after, label: before.max() - after.max()),
        "the largest score is looked at, of whichever class",
        _LABEL,
    ),
    "best-score-after": Mistake(
        _from(lambda before, after, label: before[label] - after.max()),
        "the largest score is looked at once the square is there",
        _LABEL,
    ),
    "first-class": Mistake(
        _changed(lambda label, size, stride, fill: (0, size, stride, fill)),
        "the first class's score is looked at, whatever the label",
        _LABEL,
    ),
    "all-classes": Mistake(
        _from(lambda before, after, label: (before - after).sum()),
        "the drops of all classes are added up",
        _LABEL,
    ),
    "squares-stay": Mistake(
        _from(restored=False), "the squares stay in the image, one after the other", _AGAIN
    ),
    "squares-stay-in-x": Mistake(_in_place, "the squares are put into x itself, and stay", _AGAIN),
    "stride-ignored": Mistake(
        _changed(lambda label, size, stride, fill: (label, size, 1, fill)),
        "the square moves by one pixel, whatever the stride",
        _PLACES,
    ),
    "side-by-side": Mistake(
        _changed(lambda label, size, stride, fill: (label, size, size, fill)),
        "the squares stand side by side, whatever the stride",
        _PLACES,
    ),
    "size-and-stride-exchanged": Mistake(
        _changed(lambda label, size, stride, fill: (label, stride, size, fill)),
        "size and stride are exchanged",
        "With size 3 and stride 2: how many pixels are hidden at once?",
    ),
    "places-ignore-the-stride": Mistake(
        _from(places=lambda length, size, stride: range((length - size) // stride + 1)),
        "there are as many places as the stride asks for, but they are one pixel apart",
        "Where does the second square start when the stride is 3?",
    ),
    "last-place-forgotten": Mistake(
        _from(places=lambda length, size, stride: range(0, max(1, length - size), stride)),
        "the last place is left out where it just fits",
        "A square as large as the image: how many places has it?",
    ),
    "over-the-edge": Mistake(
        _from(places=lambda length, size, stride: range(0, length, stride)),
        "squares may hang over the edge of the image",
        _PLACES,
    ),
    "centered": Mistake(
        _from(places=lambda length, size, stride: range(0, length, stride), hide=_centered),
        "the square is centered on every pixel that a stride leads to",
        "Where is the first square: at the corner, or half outside of the image?",
    ),
    "one-pixel-larger": Mistake(
        _from(hide=_one_larger),
        "the square is one pixel larger",
        "How many pixels are in a[2:5], and how many did you want to hide?",
    ),
    "fill-ignored": Mistake(
        _changed(lambda label, size, stride, fill: (label, size, stride, 0.0)),
        "the square is always 0",
        _FILL,
    ),
    "always-gray": Mistake(
        _changed(lambda label, size, stride, fill: (label, size, stride, 0.5)),
        "the square is always 0.5",
        _FILL,
    ),
    "one-channel": Mistake(
        _from(hide=_one_channel),
        "only the first channel is hidden",
        "Look at the hidden image in color. Is there still something to see under the square?",
    ),
    "everything-else-hidden": Mistake(
        _from(hide=_all_else),
        "everything but the square is hidden",
        "Look at one of your hidden images: what is left of it?",
    ),
    "row-and-column-exchanged": Mistake(
        _from(hide=_row_for_column),
        "the square's row and column are exchanged",
        "In place (0, 1) of your result, which pixels were hidden?",
    ),
    "map-turned": Mistake(
        _transposed,
        "rows and columns of the result are exchanged",
        "In place (0, 1) of your result, which pixels were hidden?",
    ),
    "flat": Mistake(_flat, "the result is left flat", "Which shape has the map of the places?"),
}

_RATIO = (
    Case("", (WEIGHTED, counted(1, 2, 3), 0, 1, 1)),
    Case("", (SUMS, counted(1, 3, 3), 0, 2, 1)),
)
OCCLUSION_MAP = Exercise(
    name="occlusion_map",
    lecture="12_seeing_inside",
    points=2,
    reference=occlusion_map,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects(
            "constant",
            Case("", (CONSTANT, counted(1, 1, 3), 0, 1, 1)),
            "A classifier that always says 0.5 never drops",
        ),
        constant_ratio(_RATIO),
        expects("one-pixel", _SMALL[0], "The sum of one pixel 3 drops by 3 when it is hidden"),
        expects("columns", _SMALL[1], "Hiding 1 of [[1, 5]] costs the sum 1, hiding 5 costs 5"),
        expects("rows", _SMALL[2], "Hiding 1 of [[1], [5]] costs the sum 1, hiding 5 costs 5"),
        expects("stride", _SMALL[3], "With stride 2 the pixels 1 and 2 of [[1, 5, 2]] are hidden"),
        expects("size", _SMALL[4], "Squares of 2 × 2 hide 1 + 5 + 3 + 4, then 5 + 2 + 4 + 6"),
        expects("left-over", _SMALL[9], "In 4 pixels, stride 3 leads to pixels 0 and 3"),
        expects("fill", _SMALL[5], "A 3 in the place of 1 costs −2, in the place of 5 it costs 2"),
        expects("rise", _SMALL[6], "Hiding −5 makes the sum rise by 5"),
        expects("label", _SMALL[7], "Class 1 is the sum of channel 1, [[2, 3]]"),
        contrast(
            "channels",
            _SMALL[1],
            Case("", (MIXED, counted(2, 1, 2), 0, 1, 1)),
            "Your result is right for one channel, and wrong for two.",
            right_for=lambda x, **_: len(x) == 1,
        ),
    ),
    shows={
        "the usual square": (
            "magnitude",
            "rises-cut",
            "best-score",
            "best-score-after",
        ),
        "stride 1": (
            "best-score",
            "best-score-after",
        ),
        "larger strides": (
            "best-score",
            "best-score-after",
        ),
        "side by side": (
            "best-score",
            "best-score-after",
        ),
        "pixels left over": (
            "best-score",
            "best-score-after",
        ),
        "images that are not square": (
            "best-score",
            "best-score-after",
        ),
        "other fills": (
            "best-score",
            "best-score-after",
        ),
    },
    smallest=lambda: _SMALL,
)
