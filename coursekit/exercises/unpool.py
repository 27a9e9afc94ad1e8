"""Exercise of lecture 12: pooling undone with its switches."""

from collections.abc import Callable

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import counted, halves
from coursekit.exercises.properties import constant_ratio, contrast, expects


def unpool(pooled: np.ndarray, index: np.ndarray, height: int, width: int) -> np.ndarray:
    """Put every pooled value back where its maximum was.

    pooled: (N, C, H', W'). index: whole numbers of the same shape, the position of each maximum in
    its own map before pooling, row · width + column, as max_pool2d_forward returns it; no position
    comes twice in a map. height, width: of the maps before pooling. Returns (N, C, height, width),
    0 everywhere else. Zeiler and Fergus (2014) call the positions switches.

    >>> unpool(np.array([[[[7.0, 5.0]]]]), np.array([[[[4, 2]]]]), 2, 3)
    array([[[[0., 0., 5.],
             [0., 7., 0.]]]])
    """
    maps = pooled.shape[:2]
    out = np.zeros((*maps, height * width))
    np.put_along_axis(out, index.reshape(*maps, -1), pooled.reshape(*maps, -1), axis=2)
    return out.reshape(*maps, height, width)


def _case(group: str, rng: np.random.Generator, pooled: tuple[int, ...], h: int, w: int) -> Case:
    """Different positions in every map, in no order."""
    n, c, *small = pooled
    drawn = [rng.permutation(h * w)[: np.prod(small)] for _ in range(n * c)]
    return Case(group, (halves(rng, *pooled), np.reshape(drawn, pooled), h, w))


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        _case("one map", rng, (1, 1, 2, 3), 4, 6),
        _case("one map", rng, (1, 1, 3, 2), 7, 5),
        Case("one map", (halves(rng, 1, 1, 2, 2), np.array([[[[0, 5], [2, 3]]]]), 2, 3)),
        _case("several maps", rng, (1, 4, 2, 2), 5, 6),
        _case("batch", rng, (3, 2, 2, 3), 6, 7),
        _case("batch", rng, (2, 3, 3, 3), 7, 6),
        _case("batch", rng, (2, 1, 2, 2), 4, 5),
        _case("square maps", rng, (2, 2, 2, 2), 4, 4),
    ]


def _small() -> list[Case]:
    rng = np.random.default_rng(5)
    shapes = [((1, 1, 1, 1), 2, 3), ((1, 1, 1, 2), 2, 3), ((1, 1, 1, 2), 2, 4)]
    shapes += [((1, 1, 2, 1), 3, 3), ((1, 2, 1, 1), 2, 2), ((2, 1, 1, 1), 2, 2)]
    return [
        Case("small", (counted(*pooled), *_case("", rng, pooled, h, w).args[1:]))
        for pooled, h, w in shapes
        for _ in range(3)
    ]


Put = Callable[[np.ndarray, np.ndarray, np.ndarray, int, int], None]  # out, values, positions


def _from(put: Put) -> Callable[..., np.ndarray]:
    """A function like unpool from how the values of one map are put into its zeros."""

    def unpool(pooled: np.ndarray, index: np.ndarray, height: int, width: int) -> np.ndarray:
        out = np.zeros((*pooled.shape[:2], height, width))
        for n, c in np.ndindex(pooled.shape[:2]):
            put(out[n, c], pooled[n, c], index[n, c], height, width)
        return out

    return unpool


def _flat(out: np.ndarray, values: np.ndarray, at: np.ndarray, h: int, w: int) -> None:
    out.reshape(-1)[at.ravel()] = values.ravel()


def _columns_first(out: np.ndarray, values: np.ndarray, at: np.ndarray, h: int, w: int) -> None:
    out[at % h, at // h] = values


def _of_pooled_width(out: np.ndarray, values: np.ndarray, at: np.ndarray, h: int, w: int) -> None:
    out[at // values.shape[1] % h, at % values.shape[1]] = values


def _sorted(out: np.ndarray, values: np.ndarray, at: np.ndarray, h: int, w: int) -> None:
    _flat(out, values, np.sort(at.ravel()), h, w)


def _one_late(out: np.ndarray, values: np.ndarray, at: np.ndarray, h: int, w: int) -> None:
    _flat(out, values, (at + 1) % (h * w), h, w)


def _ones(out: np.ndarray, values: np.ndarray, at: np.ndarray, h: int, w: int) -> None:
    _flat(out, np.ones_like(values), at, h, w)


def _first_switches(p: np.ndarray, index: np.ndarray, h: int, w: int) -> np.ndarray:
    return unpool(p, np.broadcast_to(index[:1, :1], index.shape), h, w)


def _first_image(p: np.ndarray, index: np.ndarray, h: int, w: int) -> np.ndarray:
    return unpool(p, np.broadcast_to(index[:1], index.shape), h, w)


def _exchanged(p: np.ndarray, index: np.ndarray, h: int, w: int) -> np.ndarray:
    return unpool(p, index, h, w).reshape(*p.shape[:2], w, h)


_ROW = "A map is 6 wide: in which row and column is position 7?"
_OWN = "Does every map have switches of its own?"
MISTAKES = {
    "columns-first": Mistake(_from(_columns_first), "positions are counted down the columns", _ROW),
    "pooled-width": Mistake(
        _from(_of_pooled_width), "positions are counted in rows of the pooled width", _ROW
    ),
    "one-late": Mistake(
        _from(_one_late), "every value lands one position late", "Which pixel is position 0?"
    ),
    "switches-sorted": Mistake(
        _from(_sorted),
        "the positions are sorted before the values are put there",
        "Which position belongs to the first pooled value?",
    ),
    "ones": Mistake(
        _from(_ones),
        "the places are marked with 1 and not with the values",
        "Double the pooled values. Does your result double?",
    ),
    "first-map's-switches": Mistake(
        _first_switches, "the first map's positions are used for all maps", _OWN
    ),
    "first-image's-switches": Mistake(
        _first_image, "the first image's positions are used for all images", _OWN
    ),
    "height-and-width-exchanged": Mistake(
        _exchanged,
        "height and width of the result are exchanged",
        "Print the shape of your result: which of its axes is the height?",
    ),
    "nothing-put-back": Mistake(
        _from(lambda *_: None), "nothing is put back", "Which line writes into your zeros?"
    ),
}

_ONE = Case("", (np.array([[[[7.0, 5.0]]]]), np.array([[[[4, 2]]]]), 2, 3))
UNPOOL = Exercise(
    name="unpool",
    lecture="12_seeing_inside",
    points=1,
    reference=unpool,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        constant_ratio((_ONE, Case("", (counted(1, 2, 1, 1), np.array([[[[3]], [[1]]]]), 2, 2)))),
        expects("two-values", _ONE, "In maps 3 wide, position 4 is row 1, column 1, and 2 row 0"),
        contrast(
            "maps",
            _ONE,
            Case("", (counted(1, 2, 1, 1), np.array([[[[3]], [[1]]]]), 2, 2)),
            "Your result is right for one map, and wrong for two.",
            right_for=lambda pooled, **_: pooled.shape[1] == 1,
        ),
        contrast(
            "batch",
            _ONE,
            Case("", (counted(2, 1, 1, 1), np.array([[[[3]]], [[[1]]]]), 2, 2)),
            "Your result is right for one image, and wrong for two.",
            right_for=lambda pooled, **_: len(pooled) == 1,
        ),
    ),
    smallest=_small,
)
