"""Exercise of lecture 12: the filters of a first layer in one picture."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit import drawings
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import halves
from coursekit.exercises.properties import contrast, expects

Array = np.ndarray


def filter_grid(w: Array, columns: int, gap: int = 1) -> Array:
    """Show the filters of a first layer in one picture, on one common scale.

    w: weights (F, 3, kH, kW), not all of them 0. columns: filters in a row; they come row by row,
    and the last row may not be full. gap: white pixels between neighboring filters.
    Returns a picture (H, W, 3) of numbers from 0 to 1, with H = rows·kH + (rows − 1)·gap and
    W likewise: weight 0 is 0.5, the weight of the largest magnitude of *all* filters is 1 or, where
    it is negative, 0, and all others lie in proportion. Gaps and empty places are 1.

    >>> filter_grid(np.array([[[[2.0]], [[0.0]], [[-1.0]]]]), columns=1)
    array([[[1.  , 0.5 , 0.25]]])
    """
    f, channels, kh, kw = w.shape
    levels = 0.5 + w / (2 * np.abs(w).max())
    rows = -(-f // columns)
    picture = np.ones((rows * (kh + gap) - gap, columns * (kw + gap) - gap, channels))
    for n in range(f):
        top, left = n // columns * (kh + gap), n % columns * (kw + gap)
        picture[top : top + kh, left : left + kw] = levels[n].transpose(1, 2, 0)
    return picture


# --- inputs --------------------------------------------------------------------------------------


def _filters(rng: np.random.Generator, *shape: int) -> Array:
    """Filters of very different strength, none symmetric; the strongest weight is negative."""
    w = halves(rng, *shape) * rng.choice([0.25, 0.5, 1.0], (shape[0], 1, 1, 1))
    w[0, 1, 0, -1] = -5.5
    w[-1, 0, -1, 0] = 5.0
    return w


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(group: str, shape: tuple[int, ...], columns: int, *gap: int) -> Case:
        return Case(group, (_filters(rng, *shape), columns, *gap))

    dead = _filters(rng, 5, 3, 3, 3)
    dead[2] = 0
    faint = _filters(rng, 4, 3, 2, 2)
    faint[1] = 0.25
    return [
        case("one filter", (1, 3, 5, 5), 1),
        case("one filter", (1, 3, 3, 3), 1, 2),
        case("one row", (4, 3, 3, 3), 4),
        Case("one row", (-_filters(rng, 2, 3, 5, 5), 2)),
        case("several rows", (6, 3, 3, 3), 3),
        Case("several rows", (_filters(rng, 6, 3, 4, 4)[::-1], 2)),  # the strongest comes last
        case("last row not full", (7, 3, 3, 3), 3),
        case("last row not full", (2, 3, 3, 3), 3),
        case("kernels that are not square", (6, 3, 3, 5), 2),
        case("kernels that are not square", (4, 3, 4, 2), 3),
        case("other gaps", (6, 3, 3, 3), 3, 0),
        case("other gaps", (5, 3, 2, 3), 2, 3),
        Case("dead filters", (dead, 3)),
        Case("dead filters", (faint, 2)),
    ]


def _small(rows: list[list[float]], columns: int, *gap: int) -> Case:
    """Filters of one pixel each, by their three weights."""
    return Case("small", (np.array(rows, dtype=float)[:, :, None, None], columns, *gap))


_WIDE = Case("", (np.arange(-5.0, 1).reshape(1, 3, 1, 2), 1))
_TALL = Case("", (np.arange(-5.0, 1).reshape(1, 3, 2, 1), 1))
_SMALL = (
    _small([[2, 0, -1]], 1),
    _small([[1, 0, -2]], 1),
    _WIDE,
    _TALL,
    Case("small", (np.arange(-11.0, 1).reshape(1, 3, 2, 2), 1)),
    _small([[2, 2, 2], [1, 1, 1]], 2),
    _small([[2, 0, 2], [0, 0, 0]], 2),
    _small([[2, 2, 2], [1, 1, 1]], 1),
    _small([[2, 2, 2], [1, 1, 1], [-1, -1, -1]], 2),
    _small([[2, 2, 2], [1, 1, 1]], 2, 0),
    _small([[2, 2, 2], [1, 1, 1]], 2, 2),
    Case("small", (np.arange(-29.0, 1).reshape(2, 3, 1, 5), 2)),
    Case("small", (np.arange(-47.0, 1).reshape(4, 3, 2, 2), 2)),
)

# --- known mistakes ------------------------------------------------------------------------------


def _symmetric(w: Array, largest: Array) -> Array:
    return 0.5 + w / (2 * largest)


def _stretched(w: Array, low: Array, high: Array) -> Array:
    return (w - low) / (high - low)


def _scaled(levels: Callable[[Array], Array], guarded: bool = False) -> Callable[..., Array]:
    """A function like filter_grid with other levels; guarded: 0.5 where a scale is 0."""

    def wrong_grid(w: Array, columns: int, gap: int = 1) -> Array:
        shown = np.asarray(levels(w), dtype=float)
        return _laid_out(np.nan_to_num(shown, nan=0.5) if guarded else shown, columns, gap)

    return wrong_grid


def _by_place(f: int, columns: int) -> list[tuple[int, int]]:
    return [divmod(n, columns) for n in range(f)]


def _laid_out(
    levels: Array,
    columns: int,
    gap: int,
    places: Callable[[int, int], list[tuple[int, int]]] = _by_place,
    blank: float = 1.0,
    tile: Callable[[Array], Array] = lambda one: one.transpose(1, 2, 0),
) -> Array:
    """Levels (F, 3, kH, kW) as a picture, with other places, gaps or tiles."""
    f, _, kh, kw = levels.shape
    rows = -(-f // columns)
    picture = np.full((rows * (kh + gap) - gap, columns * (kw + gap) - gap, 3), blank)
    for one, (row, column) in zip(levels, places(f, columns), strict=True):
        top, left = row * (kh + gap), column * (kw + gap)
        picture[top : top + kh, left : left + kw] = tile(one)
    return picture


def _right_levels(w: Array) -> Array:
    return _symmetric(w, np.abs(w).max())


def _placed(**changes: Any) -> Callable[..., Array]:
    """A function like filter_grid with other arguments of _laid_out."""
    return lambda w, columns, gap=1: _laid_out(_right_levels(w), columns, gap, **changes)


def _framed(before: bool) -> Callable[..., Array]:
    """A gap behind the last filters too, and in front of the first."""

    def wrong_grid(w: Array, columns: int, gap: int = 1) -> Array:
        around = (gap if before else 0, gap)
        picture = filter_grid(w, columns, gap)
        return np.pad(picture, (around, around, (0, 0)), constant_values=1.0)

    return wrong_grid


def _down_the_columns(f: int, columns: int) -> list[tuple[int, int]]:
    rows = -(-f // columns)
    return [(n % rows, n // rows) for n in range(f)]


def _only_full_rows(w: Array, columns: int, gap: int = 1) -> Array:
    return filter_grid(w[: len(w) // columns * columns], columns, gap)


def _rows_taken(w: Array, columns: int, gap: int = 1) -> Array:
    """`columns` taken for the number of rows."""
    return filter_grid(w, -(-len(w) // columns), gap)


def _over(*axes: int) -> Callable[[Array], Array]:
    """Levels whose scale is taken over these axes only."""
    return lambda w: _symmetric(w, np.abs(w).max(axis=axes, keepdims=True))


def _stretched_over(*axes: int) -> Callable[[Array], Array]:
    return lambda w: _stretched(w, w.min(axis=axes, keepdims=True), w.max(axis=axes, keepdims=True))


_COMMON = "Two filters, one twice as strong: does it look twice as strong in your picture?"
_ZERO = "Which gray is a weight of 0, and is it the same gray in every picture?"
_SIGN = "A weight of 1 and a weight of −1: which of them is brighter?"
_AXES = "Look at one filter alone, wider than tall: did you move axes, or re-cut the memory?"
_GAP = "Two filters 5 wide side by side with gap 1: how wide is the picture?"
_PLACE = "With 3 columns, in which row and column does filter 4 stand, counted from 0?"
MISTAKES = {
    "each-filter-on-its-own": Mistake(
        _scaled(_over(1, 2, 3), guarded=True), "every filter has a scale of its own", _COMMON
    ),
    "each-filter-divided-by-its-zero": Mistake(
        _scaled(_over(1, 2, 3)),
        "every filter has a scale of its own, which is 0 for a dead one",
        "What is the largest weight of a filter that is all 0, and what do you divide by?",
    ),
    "each-filter-from-black-to-white": Mistake(
        _scaled(_stretched_over(1, 2, 3), guarded=True),
        "every filter is stretched from black to white on its own",
        _COMMON,
    ),
    "each-filter-stretched-by-its-zero": Mistake(
        _scaled(_stretched_over(1, 2, 3)),
        "every filter is stretched from black to white, which divides by 0 where it is flat",
        "What are the smallest and the largest weight of a filter that is all 0?",
    ),
    "each-channel-on-its-own": Mistake(
        _scaled(_over(0, 2, 3)),
        "every color has a scale of its own",
        "A filter with the same weights in red and in green: is its picture yellow?",
    ),
    "from-black-to-white": Mistake(
        _scaled(lambda w: _stretched(w, w.min(), w.max())),
        "the smallest weight is black and the largest white, so that 0 is no middle gray",
        _ZERO,
    ),
    "largest-instead-of-magnitude": Mistake(
        _scaled(lambda w: _symmetric(w, w.max())),
        "the scale is the largest weight, though a negative one is larger in magnitude",
        "What happens to a weight of −6 when your largest is 5?",
    ),
    "not-scaled": Mistake(
        _scaled(lambda w: 0.5 + w / 2),
        "the weights are not divided by a scale",
        "Print the smallest and the largest number of your picture: are they within 0 and 1?",
    ),
    "weights-as-they-are": Mistake(
        _scaled(lambda w: w),
        "the weights are shown as they are",
        "Print the smallest and the largest number of your picture: are they within 0 and 1?",
    ),
    "clipped": Mistake(
        _scaled(lambda w: np.clip(w, 0, 1)),
        "the weights are cut off at 0 and 1",
        "How many of the weights are negative, and where are they in your picture?",
    ),
    "not-shifted": Mistake(
        _scaled(lambda w: w / np.abs(w).max()), "a weight of 0 is shown as 0", _ZERO
    ),
    "not-halved": Mistake(
        _scaled(lambda w: 0.5 + w / np.abs(w).max()),
        "the scaled weights are not halved before 0.5 is added",
        "From −1 to 1 is a range of 2. How wide is the range from 0 to 1?",
    ),
    "negatives-cut": Mistake(
        _scaled(lambda w: np.maximum(w, 0) / np.abs(w).max()), "negative weights are black", _SIGN
    ),
    "magnitudes": Mistake(
        _scaled(lambda w: np.abs(w) / np.abs(w).max()), "the sign of the weights is lost", _SIGN
    ),
    "sign-reversed": Mistake(
        _scaled(lambda w: 1 - _right_levels(w)), "positive weights are dark", _SIGN
    ),
    "up-to-255": Mistake(
        _scaled(lambda w: 255 * _right_levels(w)),
        "filters are shown from 0 to 255",
        "For floats matplotlib expects 0 to 1. Which range have your filters?",
    ),
    "re-cut": Mistake(
        _placed(tile=lambda one: one.reshape(*one.shape[1:], 3)),
        "the filters are reshaped, and not transposed",
        _AXES,
    ),
    "colors-reversed": Mistake(
        _placed(tile=lambda one: one[::-1].transpose(1, 2, 0)),
        "red and blue are exchanged",
        "A filter with weights in its first channel only: which color has it?",
    ),
    "filters-turned": Mistake(
        _placed(tile=lambda one: one.transpose(2, 1, 0)),
        "rows and columns of the filters are exchanged",
        "A filter for vertical edges: which way do its stripes run in your picture?",
    ),
    "filters-upside-down": Mistake(
        _placed(tile=lambda one: one[:, ::-1].transpose(1, 2, 0)),
        "the filters stand upside down",
        "Where in your picture is w[0, :, 0, 0]?",
    ),
    "channels-first": Mistake(
        lambda w, columns, gap=1: filter_grid(w, columns, gap).transpose(2, 0, 1),
        "the picture's channels come first",
        "Print the shape of your picture: is it (H, W, 3)?",
    ),
    "gray": Mistake(
        _placed(tile=lambda one: one.mean(axis=0)[:, :, None]),
        "the colors of a filter are averaged",
        "What does a filter see in color that it does not see in gray?",
    ),
    "gap-ignored": Mistake(
        lambda w, columns, gap=1: filter_grid(w, columns, 0), "there is no gap", _GAP
    ),
    "gap-always-one": Mistake(
        lambda w, columns, gap=1: filter_grid(w, columns, 1), "the gap is always 1", _GAP
    ),
    "gap-after-the-last": Mistake(
        _framed(before=False), "a gap follows the last row and column too", _GAP
    ),
    "gap-around": Mistake(_framed(before=True), "there is a gap around the picture too", _GAP),
    "gap-black": Mistake(
        _placed(blank=0.0), "gaps and empty places are black", "Which number is white?"
    ),
    "gap-gray": Mistake(
        _placed(blank=0.5),
        "gaps and empty places have the gray of weight 0",
        "Can you tell a dead filter from a gap in your picture?",
    ),
    "down-the-columns": Mistake(
        _placed(places=_down_the_columns), "the filters are put column by column", _PLACE
    ),
    "columns-taken-for-rows": Mistake(
        _rows_taken, "`columns` is taken for the number of rows", _PLACE
    ),
    "only-full-rows": Mistake(
        _only_full_rows,
        "a last row that is not full is left out",
        "How many rows do 7 filters need, three in a row?",
    ),
}


def _drawn(case: Case, expected: Any, got: Any) -> str:
    """Color by color, so that each is drawn as a picture."""
    got = np.asarray(got, dtype=float)
    if got.shape != expected.shape:
        return ""
    return drawings.expected_got_difference(expected.transpose(2, 0, 1), got.transpose(2, 0, 1))


FILTER_GRID = Exercise(
    name="filter_grid",
    lecture="12_seeing_inside",
    points=2,
    reference=filter_grid,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects("levels", _SMALL[0], "2 is the largest weight and white, 0 is 0.5, −1 halfway"),
        expects("negative", _SMALL[1], "−2 has the largest magnitude, so it is black"),
        expects("row", _WIDE, "One filter of one row, its three channels as colors"),
        expects("column", _TALL, "One filter of one column, its three channels as colors"),
        expects("common-scale", _SMALL[5], "Filters of 2 and of 1 with a white gap of one pixel"),
        expects("dead", _SMALL[6], "A filter that is all 0 is gray beside another"),
        expects("rows", _SMALL[7], "With one column, the second filter stands below the first"),
        expects("no-gap", _SMALL[9], "Without a gap two filters of one pixel are two pixels"),
        expects("wide-gap", _SMALL[10], "Gap 2 puts two white pixels between them"),
        contrast(
            "last-row",
            _SMALL[7],
            _SMALL[8],
            "Your picture is right where every row is full, and wrong where the last is not.",
            right_for=lambda w, columns, **_: len(w) % columns == 0,
        ),
    ),
    smallest=lambda: _SMALL,
    draw=_drawn,
)
