"""What every layer asks of its inputs, refused in one sentence where it is not met."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Pair = tuple[int, int]
IntOrPair = int | Sequence[int]


def require_floats(**arrays: Floats) -> None:
    """Refuse anything but NumPy arrays of one floating dtype.

    Layers compute in the dtype they are given, so the arrays of one call must share it.

    >>> require_floats(x=np.zeros(3), w=np.zeros(2))
    >>> require_floats(x=np.arange(3))
    Traceback (most recent call last):
    TypeError: x has dtype int64; layers compute in float32 or float64: use x.astype(np.float32)
    """
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise TypeError(
                f"{name} is of type {type(array).__name__}; expected a NumPy array: "
                f"use np.asarray({name}, dtype=np.float32)"
            )
        if array.dtype not in (np.float32, np.float64):
            raise TypeError(
                f"{name} has dtype {array.dtype}; layers compute in float32 or float64: "
                f"use {name}.astype(np.float32)"
            )
    if len({array.dtype for array in arrays.values()}) > 1:
        found = ", ".join(f"{name} {array.dtype}" for name, array in arrays.items())
        raise TypeError(f"the dtypes differ ({found}); expected one: convert with .astype")


def require_shape(
    name: str, array: npt.NDArray[np.generic], expected: Sequence[int | None], axes: str
) -> None:
    """Refuse an array whose shape is not the expected one.

    expected: one length for each axis, None where any length of at least 1 will do.
    axes: the axes in words, such as ``(N, C, H, W)``, for the message.

    >>> require_shape("b", np.zeros(3), (6,), "(F,)")
    Traceback (most recent call last):
    ValueError: b has shape (3,); expected (F,) = (6,)
    """
    fits = array.ndim == len(expected) and all(
        found >= 1 if wanted is None else found == wanted
        for found, wanted in zip(array.shape, expected, strict=True)
    )
    if fits:
        return
    known = any(wanted is not None for wanted in expected)
    lengths = ", ".join("?" if wanted is None else str(wanted) for wanted in expected)
    values = f" = ({lengths}{',' if len(expected) == 1 else ''})" if known else ""
    rule = "" if known else f": {len(expected)} axes, none of length 0"
    raise ValueError(f"{name} has shape {array.shape}; expected {axes}{values}{rule}")


def pair(name: str, size: IntOrPair, least: int = 1) -> Pair:
    """One number for both axes, or (vertical, horizontal), as a pair.

    Raises ValueError unless both are whole numbers of at least ``least``.

    >>> pair("stride", 2), pair("padding", (0, 1), least=0)
    ((2, 2), (0, 1))
    >>> pair("padding", -1, least=0)
    Traceback (most recent call last):
    ValueError: padding is -1; expected a whole number of at least 0, or a pair of them
    """
    both = (size, size) if isinstance(size, Integral) else size
    valid = isinstance(both, (tuple, list)) and len(both) == 2
    if not valid or not all(is_whole(number, least) for number in both):
        raise ValueError(
            f"{name} is {size!r}; expected a whole number of at least {least}, or a pair of them"
        )
    return int(both[0]), int(both[1])


def is_whole(number: object, least: int) -> bool:
    """Whether it is an integer of at least ``least``, and no bool."""
    return isinstance(number, Integral) and not isinstance(number, bool) and number >= least


def fraction(name: str, value: float) -> float:
    """A number from 0 to 1, both allowed; anything else is refused.

    >>> fraction("p", 50)
    Traceback (most recent call last):
    ValueError: p is 50; expected a number from 0 to 1
    """
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value!r}; expected a number from 0 to 1")
    return float(value)
