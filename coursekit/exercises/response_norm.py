"""Exercise of lecture 09: AlexNet's local response normalization."""

from collections.abc import Callable

import numpy as np

from coursekit import layers
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import counted, halves
from coursekit.exercises.properties import constant_ratio, contrast, expects


def local_response_norm(
    x: np.ndarray, size: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0
) -> np.ndarray:
    """Divide each number by the strength of its neighbors across maps.

    x: (N, C, H, W). Each number is divided by (k + alpha · S) to the power of beta, where S is the
    sum of the squares at the same pixel in ``size`` maps: the number's own map and (size − 1) / 2
    on either side, fewer at the ends; size is odd. alpha is the paper's: PyTorch divides its alpha
    by size, and the paper does not. Returns x's shape; x stays as it is.
    Krizhevsky, Sutskever and Hinton (2012), section 3.3.

    >>> x = np.full((1, 3, 1, 1), 2.0)
    >>> local_response_norm(x, size=3, alpha=1, beta=1, k=0).ravel()
    array([0.25      , 0.16666667, 0.25      ])
    """
    return layers.local_response_norm_forward(x, size, alpha, beta, k, convention="paper")


def _cases(rng: np.random.Generator) -> list[Case]:
    strong = {"alpha": 0.5}
    return [
        Case("one map", (halves(rng, 1, 1, 3, 4),), {"size": 1, **strong}),
        Case("one map", (halves(rng, 2, 4, 3, 5),), {"size": 1, **strong}),
        Case("three maps", (halves(rng, 1, 5, 4, 6),), {"size": 3, **strong}),
        Case("three maps", (halves(rng, 1, 6, 5, 5),), {"size": 3, "alpha": 0.25, "beta": 0.5}),
        Case("five maps", (halves(rng, 1, 9, 4, 5),), strong),
        Case("five maps", (halves(rng, 2, 7, 5, 4),), {"alpha": 0.125, "k": 1.0}),
        Case("fewer maps than the window", (halves(rng, 2, 3, 6, 7),), strong),
        Case("batch", (halves(rng, 4, 6, 5, 6),), {"size": 3, "alpha": 1.0, "beta": 1.0, "k": 0.5}),
        Case("AlexNet's constants", (100 * halves(rng, 2, 8, 6, 7),)),
    ]


def _small() -> list[Case]:
    shapes = [(1, 1, 1, 1), (1, 2, 1, 1), (1, 3, 1, 1), (1, 1, 1, 3), (1, 1, 3, 3), (2, 1, 1, 2)]
    shapes += [(1, 4, 1, 1), (1, 6, 1, 1), (2, 2, 1, 2)]
    named = {"alpha": 0.5}
    return [
        Case("small", (sign * counted(*shape),), {"size": size, **named, **more})
        for shape in shapes
        for size in (1, 3, 5)
        for sign in (1, -1)
        for more in ({}, {"beta": 0.5, "k": 1.5})
    ] + [Case("small", (100 * counted(1, 3, 1, 1),))]


def _neighbors(squares: np.ndarray, before: int, after: int) -> np.ndarray:
    """Sums over maps from ``before`` in front of each to ``after`` behind it."""
    maps = range(squares.shape[1])
    sums = [squares[:, max(i - before, 0) : i + after + 1].sum(axis=1) for i in maps]
    return np.stack(sums, axis=1)


def _sums(x: np.ndarray, size: int) -> np.ndarray:
    return _neighbors(x**2, size // 2, size // 2)


def _from(
    sums: Callable[[np.ndarray, int], np.ndarray] = _sums,
    scale: Callable[..., np.ndarray] = lambda s, n, alpha, beta, k: (k + alpha * s) ** -beta,
) -> Callable[..., np.ndarray]:
    """A function like local_response_norm from other sums or another scale."""

    def local_response_norm(
        x: np.ndarray, size: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0
    ) -> np.ndarray:
        return x * scale(sums(x, size), size, alpha, beta, k)

    return local_response_norm


def _around_the_end(x: np.ndarray, size: int) -> np.ndarray:
    half = size // 2
    return sum(np.roll(x**2, shift, axis=1) for shift in range(-half, half + 1))


def _without_itself(x: np.ndarray, size: int) -> np.ndarray:
    return _sums(x, size) - x**2


def _along(axis: int) -> Callable[[np.ndarray, int], np.ndarray]:
    def sums(x: np.ndarray, size: int) -> np.ndarray:
        return _sums(x.swapaxes(1, axis), size).swapaxes(1, axis)

    return sums


def _in_space(x: np.ndarray, size: int) -> np.ndarray:
    rows = _sums(x, 1).swapaxes(1, 2)
    rows = _neighbors(rows, size // 2, size // 2).swapaxes(1, 2).swapaxes(1, 3)
    return _neighbors(rows, size // 2, size // 2).swapaxes(1, 3)


def _mean_of_those_there(x: np.ndarray, size: int) -> np.ndarray:
    return _sums(x, size) / _sums(np.ones_like(x), size)


_FORMULA = "Four constants: k, size, alpha and beta. Where does each of them stand?"
_REACH = "Make one map 1 and all others 0: which maps' scales does it change?"
MISTAKES = {
    "alpha-divided-by-size": Mistake(
        _from(scale=lambda s, n, alpha, beta, k: (k + alpha / n * s) ** -beta),
        "alpha is divided by size, as in PyTorch",
        "Read the formula in the text: does it hold a sum or a mean of squares?",
    ),
    "mean-of-the-maps-there": Mistake(
        _from(_mean_of_those_there),
        "the squares are averaged over the maps that are there",
        "Read the formula in the text: does it hold a sum or a mean of squares?",
    ),
    "k-always-1": Mistake(
        _from(scale=lambda s, n, alpha, beta, k: (1 + alpha * s) ** -beta),
        "k is always 1, the library's default",
        _FORMULA,
    ),
    "k-forgotten": Mistake(
        _from(scale=lambda s, n, alpha, beta, k: (alpha * s) ** -beta), "k is left out", _FORMULA
    ),
    "alpha-forgotten": Mistake(
        _from(scale=lambda s, n, alpha, beta, k: (k + s) ** -beta), "alpha is left out", _FORMULA
    ),
    "beta-forgotten": Mistake(
        _from(scale=lambda s, n, alpha, beta, k: 1 / (k + alpha * s)), "beta is left out", _FORMULA
    ),
    "square-root": Mistake(
        _from(scale=lambda s, n, alpha, beta, k: (k + alpha * s) ** -0.5),
        "a square root stands where the power of beta should",
        _FORMULA,
    ),
    "power-of-the-sum-alone": Mistake(
        _from(scale=lambda s, n, alpha, beta, k: 1 / (k + (alpha * s) ** beta)),
        "k stands outside the power",
        _FORMULA,
    ),
    "multiplied": Mistake(
        _from(scale=lambda s, n, alpha, beta, k: (k + alpha * s) ** beta),
        "numbers are multiplied by the scale, and not divided",
        "Strong neighbors: should they make a number larger or smaller?",
    ),
    "square-forgotten": Mistake(
        _from(lambda x, n: _neighbors(np.abs(x), n // 2, n // 2)),
        "magnitudes are added up, and not squares",
        "Double the input: what becomes of the sum in the scale?",
    ),
    "size-on-either-side": Mistake(
        _from(lambda x, n: _neighbors(x**2, n, n)), "size maps on either side count", _REACH
    ),
    "maps-before-only": Mistake(
        _from(lambda x, n: _neighbors(x**2, n // 2, 0)), "only the maps before count", _REACH
    ),
    "maps-after-only": Mistake(
        _from(lambda x, n: _neighbors(x**2, 0, n // 2)), "only the maps after count", _REACH
    ),
    "last-neighbor-missing": Mistake(
        _from(lambda x, n: _neighbors(x**2, n // 2, max(n // 2 - 1, 0))),
        "the last map of every window is left out",
        _REACH,
    ),
    "all-maps": Mistake(
        _from(lambda x, n: (x**2).sum(axis=1, keepdims=True) + 0 * x), "all maps count", _REACH
    ),
    "itself-left-out": Mistake(_from(_without_itself), "a number's own square is left out", _REACH),
    "around-the-end": Mistake(
        _from(_around_the_end), "the first map counts as the last one's neighbor", _REACH
    ),
    "neighbors-along-the-columns": Mistake(
        _from(_along(3)),
        "neighbors are taken along the columns, and not across maps",
        "Is it numbers of other pixels, or of other maps, that weaken a number?",
    ),
    "neighbors-in-space": Mistake(
        _from(_in_space),
        "neighbors are taken in a square of pixels, and not across maps",
        "Is it numbers of other pixels, or of other maps, that weaken a number?",
    ),
}

_X = counted(1, 6, 1, 1)
LOCAL_RESPONSE_NORM = Exercise(
    name="local_response_norm",
    lecture="09_alexnet",
    points=2,
    reference=local_response_norm,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        constant_ratio(
            (
                Case("", (_X,), {"size": 3, "alpha": 0.5}),
                Case("", (counted(1, 4, 2, 1),), {"size": 1, "alpha": 1.0}),
            )
        ),
        expects(
            "one-number",
            Case("", (np.full((1, 1, 1, 1), 2.0),), {"size": 1, "alpha": 1.0, "beta": 1.0}),
            "One number 2 with k = 2, alpha = beta = 1 is divided by 2 + 4",
        ),
        expects(
            "three-maps",
            Case("", (np.ones((1, 3, 1, 1)),), {"size": 3, "alpha": 1.0, "beta": 1.0, "k": 0.0}),
            "With k = 0 and alpha = beta = 1, a map of ones is divided by the maps in its window",
        ),
        contrast(
            "neighbors",
            Case("", (_X,), {"size": 1, "alpha": 0.5}),
            Case("", (_X,), {"size": 3, "alpha": 0.5}),
            "Your result is right where each map stands alone, and wrong with neighbors.",
            right_for=lambda size, **_: size == 1,
        ),
        contrast(
            "beta",
            Case("", (_X,), {"alpha": 0.5, "beta": 1.0}),
            Case("", (_X,), {"alpha": 0.5, "beta": 0.75}),
            "Your result is right for beta = 1, and wrong for beta = 0.75.",
            right_for=lambda beta, **_: beta == 1,
        ),
        contrast(
            "batch",
            Case("", (_X,), {"alpha": 0.5}),
            Case("", (counted(2, 6, 1, 1),), {"alpha": 0.5}),
            "Your result is right for one image, and wrong for two.",
            right_for=lambda x, **_: len(x) == 1,
        ),
    ),
    smallest=_small,
)
