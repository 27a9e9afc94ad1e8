"""Exercise of lecture 07: the gradient of max pooling."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from coursekit import layers
from coursekit.exercises.agreement import Disagreement, as_array, disagreement
from coursekit.exercises.exercise import Case, Exercise, Property
from coursekit.exercises.inputs import alternating, counted, distinct, halves
from coursekit.exercises.pooling_windows import (
    LECTURE,
    call,
    maps_with_ties,
    nothing_left,
    out_shape,
    places_of,
    random_maps,
    side_by_side,
    small_maps,
    step,
)
from coursekit.exercises.properties import constant_ratio, contrast, expects
from coursekit.exercises.wrong_routing import ROUTING_MISTAKES

Array = np.ndarray


def max_pool2d_backward(
    dout: np.ndarray, x: np.ndarray, kernel_size: int, stride: int | None = None
) -> np.ndarray:
    """Gradient of max pooling by its input.

    dout: gradient of the loss by the output of max_pool2d_forward(x, kernel_size, stride),
    (N, C, H', W'). x: maps (N, C, H, W). kernel_size, stride: as in the forward pass, so without a
    stride windows stand side by side. Returns floats (N, C, H, W): each window hands its dout to
    the pixel that is its maximum, and a pixel that is the maximum of several windows receives them
    all. Where a window has several maxima, one of them receives the gradient, whichever you like,
    or all of them equal parts of it. dout and x stay as they are.

    >>> max_pool2d_backward(np.array([[[[5.0]]]]), np.array([[[[1.0, 2.0], [3.0, 0.0]]]]), 2)
    array([[[[0., 0.],
             [5., 0.]]]])
    """
    return layers.max_pool2d_backward(dout, x, kernel_size, stride)


def _case(
    group: str, x: Array, kernel_size: int, stride: int | None, rng: np.random.Generator
) -> Case:
    dout = halves(rng, *out_shape(x.shape, kernel_size, stride))
    return Case(group, (dout, x, kernel_size), call(stride))


def _maxima_at(rng: np.random.Generator, shape: tuple[int, int], *places: tuple[int, int]) -> Array:
    """A map whose largest numbers are at these places."""
    x = distinct(rng, 1, 1, *shape)
    for place in places:
        x[(0, 0, *place)] += 100
    return x


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = [_case(group, x, k, s, rng) for group, x, k, s in random_maps(rng)]
    # Windows whose maxima are still inside the map when row and column are mixed up.
    wide, tall = (
        _maxima_at(rng, *at) for at in (((3, 4), (0, 1), (1, 2)), ((4, 3), (1, 0), (2, 1)))
    )
    cases += [_case("not square", x, 2, None, rng) for x in (wide, tall)]
    top = _maxima_at(rng, (2, 4), (0, 1), (0, 3))
    cases += [_case("not square", top, 2, None, rng)]
    ties = [_case("several maxima", x, k, s, rng) for x, k, s in maps_with_ties(rng)]
    return cases + ties


def _small_cases() -> Iterator[Case]:
    for x, kernel_size, stride in small_maps():
        dout = counted(*out_shape(x.shape, kernel_size, stride)) + 1
        yield Case("small", (dout, x, kernel_size), call(stride))
        if x.shape == (1, 1, 2, 2) and kernel_size == 2:
            yield _FLAT


# --- ties --------------------------------------------------------------------------------------


def _windows(case: Case) -> Iterator[tuple[Any, Array]]:
    """(where in the maps, where in dout) of each window, one map after the other."""
    dout, x, k = case.args
    rows, columns = places_of(x.shape, k, case.kwargs.get("stride"))
    for n, c, i, j in np.ndindex(dout.shape):
        row, column = rows[i], columns[j]
        yield np.s_[n, c, row : row + k, column : column + k], dout[n, c, i, j]


def _overlap(case: Case) -> bool:
    return step(case.args[2], case.kwargs.get("stride")) < case.args[2]


def _gathered(dx: Array, case: Case) -> Array:
    """All that equal pixels of a window receive, gathered at the first of them."""
    x, gathered = case.args[1], dx.copy()
    for here, _ in _windows(case):
        _, first, which = np.unique(x[here], return_index=True, return_inverse=True)
        sums = np.zeros(x[here].size)
        np.add.at(sums, first[which.ravel()], dx[here].ravel())
        gathered[here] = sums.reshape(x[here].shape)
    return gathered


def _shared_fairly(dx: Array, case: Case) -> bool:
    """Whether no pixel receives more than its window's gradient, or of the opposite sign."""
    for here, d in _windows(case):
        share = dx[here] * np.sign(d)
        if share.min() < -1e-4 * abs(d) or share.max() > (1 + 1e-4) * abs(d):
            return False
    return True


def _agrees(got: Any, expected: Array, case: Case) -> Disagreement | None:
    """Any one of a window's maxima may receive the gradient, or all may share it."""
    found = disagreement(got, expected)
    if found is None or found.kind != "value" or _overlap(case):
        return found
    array = as_array(got)
    same = disagreement(_gathered(array, case), _gathered(expected, case)) is None
    return None if same and _shared_fairly(array, case) else found


def _alike(got: Any, other: Array, case: Case) -> Disagreement | None:
    """As a known mistake's, whichever of equal pixels receives it."""
    found = disagreement(got, other)
    if found is None or found.kind != "value" or _overlap(case):
        return found
    return disagreement(_gathered(as_array(got), case), _gathered(other, case))


# --- what can be seen of a bug that nobody listed ----------------------------------------------

_DEEP = np.random.default_rng(4).permutation(140).reshape(2, 2, 5, 7) - 70.0


def _known(x: Array, kernel_size: int, stride: int | None = None) -> Case:
    dout = alternating(*out_shape(x.shape, kernel_size, stride)) + 4.5
    return Case("", (dout, x, kernel_size), call(stride))


def _window(slug: str, x: list[list[float]], why: str, dout: float = 5.0) -> Property:
    case = Case("", (np.full((1, 1, 1, 1), dout), np.array([[x]]), 2))
    return expects(slug, case, f"{why} {x}, with dout = {dout:g}")


_FLAT = Case("", (np.full((1, 1, 1, 1), 8.0), np.zeros((1, 1, 2, 2)), 2))


def _flat_verdict(got: list[Any], expected: list[Any]) -> str | None:
    total = float(np.sum(got[0]))
    if np.isclose(total, 8):
        return None
    return (
        "A flat 2×2 window with dout = 8 has 8 to hand out, to one pixel or in equal parts; "
        f"yours hands out {total:g}."
    )


MAX_POOL2D_BACKWARD = Exercise(
    name="max_pool2d_backward",
    lecture=LECTURE,
    points=4,
    reference=max_pool2d_backward,
    cases=_cases,
    agrees=_agrees,
    alike=_alike,
    mistakes=ROUTING_MISTAKES,
    properties=(
        _window("no-gradient", [[1.0, 2.0], [4.0, 3.0]], "In the window", 0.0),
        constant_ratio((_known(_DEEP, 2), _known(_DEEP, 3))),
        _window("rising", [[1.0, 2.0], [3.0, 4.0]], "The maximum is the last of the window"),
        _window("falling", [[4.0, 3.0], [2.0, 1.0]], "The maximum is the first of the window"),
        _window("negative", [[-4.0, -1.0], [-2.0, -3.0]], "The maximum is the second of"),
        expects(
            "wins-twice",
            Case(
                "",
                (np.array([[[[3.0, 5.0]]]]), np.array([[[[1.0, 9.0, 2.0], [0.0, 4.0, 3.0]]]]), 2),
                {"stride": 1},
            ),
            "In [[1, 9, 2], [0, 4, 3]] the 9 is the maximum of both windows and receives 3 + 5",
        ),
        Property("flat", (_FLAT,), _flat_verdict),
        contrast(
            "maps",
            _known(_DEEP[:1, :1], 2),
            _known(_DEEP[:1], 2),
            "With one map your gradient is right, with two it is not.",
            right_for=lambda x, **_: x.shape[1] == 1,
        ),
        contrast(
            "batch",
            _known(_DEEP[:1], 2),
            _known(_DEEP, 2),
            "For one image your gradient is right, for two it is not.",
            right_for=lambda x, **_: len(x) == 1,
        ),
        contrast(
            "overlapping",
            _known(_DEEP[:, :, :, :5], 3, 3),
            _known(_DEEP[:, :, :, :5], 3, 2),
            "Where windows stand side by side your gradient is right, "
            "where they overlap it is not.",
            right_for=side_by_side,
        ),
        contrast(
            "gaps",
            _known(_DEEP[:, :, :, :5], 2, 2),
            _known(_DEEP[:, :, :, :5], 2, 3),
            "Where windows stand side by side your gradient is right, with gaps it is not.",
            right_for=side_by_side,
        ),
        contrast(
            "left-over",
            _known(_DEEP[:, :, :4, :6], 2),
            _known(_DEEP, 2),
            "Where windows use all pixels your gradient is right, "
            "where a row or a column is left over it is not.",
            right_for=nothing_left,
        ),
        contrast(
            "square",
            _known(_DEEP[:, :, :4, :4], 2),
            _known(_DEEP[:, :, :4, :6], 2),
            "For square maps your gradient is right, for wide ones it is not.",
            right_for=lambda x, **_: x.shape[2] == x.shape[3],
        ),
    ),
    shows={
        "overlapping": ("negative-windows-get-nothing",),
        "several maps": ("negative-windows-get-nothing",),
        "batch": ("negative-windows-get-nothing",),
        "several maxima": ("windows-a-kernel-apart",),
    },
    hides={
        "side by side": ("negative-windows-get-nothing",),
        "pixels left over": ("negative-windows-get-nothing",),
        "not square": ("negative-windows-get-nothing",),
    },
    smallest=_small_cases,
)
