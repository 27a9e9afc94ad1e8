"""Exercise of lecture 07: max pooling forward, values and indices."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from coursekit import layers
from coursekit.exercises.agreement import Disagreement, disagreement
from coursekit.exercises.exercise import Case, Exercise, Property
from coursekit.exercises.inputs import counted, distinct
from coursekit.exercises.parts import Parts
from coursekit.exercises.pooling_windows import (
    LECTURE,
    call,
    maps_with_ties,
    nothing_left,
    places_of,
    random_maps,
    side_by_side,
    small_maps,
    step,
    tied,
)
from coursekit.exercises.properties import contrast, expects, part, which_parts
from coursekit.exercises.wrong_poolings import FORWARD_MISTAKES, Pooled

Array = np.ndarray


def max_pool2d_forward(
    x: np.ndarray, kernel_size: int, stride: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The largest number of each window, and where it is.

    x: maps (N, C, H, W). kernel_size: height and width of the windows, in pixels. stride: pixels
    from one window to the next; without it windows stand side by side. Windows that hang over the
    edge are left out: H' = ⌊(H − kernel_size) / stride⌋ + 1, and W' likewise. Returns (out, index),
    both (N, C, H', W'): the maxima, and as whole numbers the position of each in its map, counted
    row by row as in x[n, c].ravel(). Where a window has several maxima, any of them will do.

    >>> max_pool2d_forward(np.array([[[[1.0, 5.0, 2.0], [3.0, 0.0, 7.0]]]]), 2, stride=1)
    (array([[[[5., 7.]]]]), array([[[[1, 5]]]]))
    """
    return layers.max_pool2d_forward(x, kernel_size, stride)


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = [Case(group, (x, k), call(s)) for group, x, k, s in random_maps(rng)]
    below = [(x - np.ceil(x.max()) - 1, k, s) for _, x, k, s in list(random_maps(rng))[::4]]
    cases += [Case("negative numbers", (x, k), call(s)) for x, k, s in below]
    # The same far below any number that one might start the search from.
    cases += [Case("negative numbers", (x * 2.0**30, k), call(s)) for x, k, s in below[:1]]
    # More positions than a byte can count.
    cases += [Case("not square", (distinct(rng, 1, 1, 9, 30), 3))]
    cases += [Case("several maxima", (x, k), call(s)) for x, k, s in maps_with_ties(rng)]
    return cases + _PARTS.alone(cases[3:7], "out")


_PARTS = Parts("out", "index")


def _agrees(got: Any, expected: tuple[Array, Array], case: Case) -> Disagreement | None:
    """Any maximum of a window may be its index."""
    found = _PARTS.agrees(got, expected, case)
    if found is None or found.kind != "value" or disagreement(got[0], expected[0]):
        return found
    x, kernel_size = case.args
    index, stride = np.asarray(got[1]), step(kernel_size, case.kwargs.get("stride"))
    if not _is_maximum(index, expected[0], x):
        return found
    row, column = np.divmod(index, x.shape[3])
    rows, columns = places_of(x.shape, kernel_size, stride)
    down, right = row - np.array(rows)[:, np.newaxis], column - np.array(columns)
    inside = (down >= 0) & (down < kernel_size) & (right >= 0) & (right < kernel_size)
    return None if inside.all() else found


def _is_maximum(index: Array, maxima: Array, x: Array) -> bool:
    """Whether all of them are positions in their maps that hold the maxima."""
    if index.min() < 0 or index.max() >= x.shape[2] * x.shape[3]:
        return False
    return bool((_at(index, x) == maxima).all())


def _at(index: Array, x: Array) -> Array:
    """The numbers at these positions of the maps; nan where there is no such position."""
    flat = x.reshape(*x.shape[:2], -1)
    inside = (index >= 0) & (index < flat.shape[2])
    safe = np.where(inside, index, 0).reshape(*x.shape[:2], -1)
    return np.where(inside, np.take_along_axis(flat, safe, axis=2).reshape(index.shape), np.nan)


def _alike(got: Any, other: Pooled, case: Case) -> Disagreement | None:
    """As a known mistake's values; an index is free where the value is wrong or has equals."""
    found = _PARTS.agrees(got, other, case)
    if found is None or found.kind != "value" or disagreement(got[0], other[0]):
        return found
    x, kernel_size = case.args
    right = max_pool2d_forward(x, kernel_size, **case.kwargs)[0]
    index = np.asarray(got[1])
    if other[0].shape == right.shape:
        free = (other[0] != right) | tied(x, kernel_size, case.kwargs.get("stride"))
    else:
        free = _at(index, x) == other[0]
    return None if (free | (index == other[1])).all() else found


# --- what can be seen of a bug that nobody listed ----------------------------------------------

_X = np.random.default_rng(3).permutation(84).reshape(2, 2, 3, 7) - 40.0
_DEEP = np.random.default_rng(4).permutation(140).reshape(2, 2, 5, 7) - 70.0
_FOUR = counted(1, 1, 2, 2)


def _case(x: Array, kernel_size: int, stride: int | None = None) -> Case:
    return Case("", (x, kernel_size), call(stride))


def _small_cases() -> Iterator[Case]:
    for x, kernel_size, stride in small_maps():
        yield _case(x, kernel_size, stride)


def _largest(slug: str, x: Array, why: str) -> Property:
    return expects(slug, _case(x, 2), f"{why} {x[0, 0].tolist()}, the largest number", part(0))


MAX_POOL2D_FORWARD = Exercise(
    name="max_pool2d_forward",
    lecture=LECTURE,
    points=3,
    reference=max_pool2d_forward,
    cases=_cases,
    agrees=_agrees,
    alike=_alike,
    draw=_PARTS.draw,
    mistakes=FORWARD_MISTAKES,
    properties=(
        expects(
            "one-pixel",
            _case(counted(1, 1, 1, 3), 1),
            "With kernel_size 1 every number is its window's largest",
            part(0),
        ),
        _largest("constant", 0 * _FOUR + 7, "In the constant window"),
        _largest("rising", _FOUR, "In the rising window"),
        _largest("falling", _FOUR[..., ::-1, ::-1], "In the falling window"),
        _largest("negative", -_FOUR, "In the negative window"),
        expects(
            "index",
            _case(np.array([[[[1.0, 2.0], [9.0, 3.0]]]]), 2),
            "In [[1, 2], [9, 3]] the 9 is number 2 of 0, 1, 2, 3",
            part(1),
        ),
        expects(
            "index-in-the-map",
            _case(np.array([[[[1.0, 2.0, 0.0, 8.0], [3.0, 4.0, 5.0, 6.0]]]]), 2),
            "In [[1, 2, 0, 8], [3, 4, 5, 6]] the maxima 4 and 8 are numbers 5 and 3",
            part(1),
        ),
        contrast(
            "maps",
            _case(_X[:1, :1], 2),
            _case(_X[:1], 2),
            "With one map your results are right, with two they are not.",
            right_for=lambda x, **_: x.shape[1] == 1,
        ),
        contrast(
            "batch",
            _case(_X[:1], 2),
            _case(_X, 2),
            "For one image your results are right, for two they are not.",
            right_for=lambda x, **_: len(x) == 1,
        ),
        contrast(
            "overlapping",
            _case(_DEEP[:, :, :, :5], 3, 3),
            _case(_DEEP[:, :, :, :5], 3, 2),
            "Where windows stand side by side your results are right, "
            "where they overlap they are not.",
            right_for=side_by_side,
        ),
        contrast(
            "gaps",
            _case(_DEEP[:, :, :, :5], 2, 2),
            _case(_DEEP[:, :, :, :5], 2, 3),
            "Where windows stand side by side your results are right, with gaps they are not.",
            right_for=side_by_side,
        ),
        contrast(
            "left-over",
            _case(_DEEP[:, :, :4, :6], 2),
            _case(_DEEP, 2),
            "Where windows use all pixels your results are right, "
            "where a row or a column is left over they are not.",
            right_for=nothing_left,
        ),
        which_parts(_case(_DEEP, 2, 2), ("out", "index")),
    ),
    shows={
        "overlapping": ("starts-at-zero",),
        "several maps": ("starts-at-zero",),
        "batch": ("starts-at-zero",),
    },
    hides={
        "side by side": ("starts-at-zero",),
        "pixels left over": ("starts-at-zero",),
        "not square": ("starts-at-zero",),
        "out alone": ("starts-at-zero",),
    },
    smallest=_small_cases,
)
