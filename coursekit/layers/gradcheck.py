"""Is the backward pass right? Wiggle every number and watch the loss.

Central differences, (f(x + h) − f(x − h)) / 2h, err by about h² and by rounding over h; in float64
h = 1e-5 balances the two. Check the forward pass against known numbers *first*: a wrong forward
with a backward that fits it passes every gradient check.
"""

from collections.abc import Callable

import numpy as np

from coursekit.layers.inputs import Floats, require_floats, require_shape

Loss = Callable[[Floats], float]


def numerical_gradient(f: Loss, x: Floats, h: float = 1e-5) -> Floats:
    """Gradient of a loss by central differences.

    f: takes an array shaped as x, returns one number. x: float64 of any shape, which stays as it
    is; f is called twice for each of its numbers. Returns dx, shaped as x.
    To check a layer with output gradient dout, let f(x) be ``(layer(x) * dout).sum()``.
    Raises TypeError for another dtype: in float32 the differences drown in rounding.

    >>> numerical_gradient(lambda x: (x**2).sum(), np.array([3.0, -1.0])).round(6)
    array([ 6., -2.])
    """
    _require_double(x=x)
    wiggled, dx = x.copy(), np.empty(x.shape)
    for place in np.ndindex(x.shape):
        wiggled[place] = x[place] + h
        above = f(wiggled)
        wiggled[place] = x[place] - h
        below = f(wiggled)
        wiggled[place] = x[place]
        dx[place] = (above - below) / (2 * h)
    return dx


def relative_error(got: Floats, expected: Floats) -> float:
    """Largest difference, relative to the largest number of either array.

    Returns 0 where both are zero throughout. Raises ValueError when the shapes differ.

    >>> relative_error(np.array([1.0, 0.0]), np.array([1.0, 0.5]))
    0.5
    """
    require_floats(got=got)
    require_shape("got", got, expected.shape, "the shape expected")
    largest = max(np.abs(got).max(initial=0), np.abs(expected).max(initial=0))
    if largest == 0:
        return 0.0
    return float(np.abs(got - expected).max() / largest)


def check_gradient(
    f: Loss, x: Floats, gradient: Floats, h: float = 1e-5, tolerance: float = 1e-6
) -> float:
    """Compare a gradient with central differences.

    f, x and h: as for ``numerical_gradient``. gradient: what the backward pass gave, shaped as x.
    Returns the relative error. Raises AssertionError when it exceeds the tolerance, naming the
    entry that is furthest off and its ratio. Near a kink (ReLU at 0, tied maxima) the two sides
    differ, and a right gradient may be refused.

    >>> check_gradient(lambda x: (x**2).sum(), np.ones(2), np.full(2, 2.0)) < 1e-6
    True
    >>> check_gradient(lambda x: (x**2).sum(), np.ones(2), np.array([2.0, 1.0]))
    Traceback (most recent call last):
    AssertionError: gradient[1] is 1, central differences give 2 (ratio 0.5); relative error 0.5
    """
    _require_double(x=x, gradient=gradient)
    require_shape("gradient", gradient, x.shape, "the shape of x")
    numerical = numerical_gradient(f, x, h)
    error = relative_error(gradient, numerical)
    if error <= tolerance:
        return error
    worst = np.unravel_index(np.argmax(np.abs(gradient - numerical)), x.shape)
    got, expected = gradient[worst], numerical[worst]
    ratio = f"ratio {got / expected:.3g}" if expected else "which is no ratio"
    place = ", ".join(str(i) for i in worst)
    raise AssertionError(
        f"gradient[{place}] is {got:.6g}, central differences give {expected:.6g} ({ratio}); "
        f"relative error {error:.2g}"
    )


def _require_double(**arrays: Floats) -> None:
    for name, array in arrays.items():
        require_floats(**{name: array})
        if array.dtype != np.float64:
            raise TypeError(
                f"{name} has dtype {array.dtype}; expected float64, in which central differences "
                f"are exact enough: use {name}.astype(np.float64)"
            )
