"""When two answers are the same: type, shape, dtype and value, each with its own sentence."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit.exercises.wording import cut, printed, written

RETURNED_NOTHING = "it returned nothing (None), as a function without `return` does"
OF_A_SHARE = 1e-5
MOST_LISTED = 100_000  # entries of a list that are read as numbers, where fewer are asked for
TOLERANCE = {"float64": 1e-6, "float32": 2e-4, "float16": 5e-3}  # relative to the largest value


@dataclass(frozen=True)
class Disagreement:
    """Why a value is not the expected one.

    kind: "type" | "shape" | "dtype" | "not finite" | "value".
    """

    kind: str
    sentence: str


def disagreement(got: Any, expected: Any, case: Any = None) -> Disagreement | None:
    """How a value differs from the expected one, or None where it agrees.

    Lists, tuples and arrays of the same numbers agree, and so do NumPy's and Python's integers.

    >>> disagreement(np.int64(5), 5), disagreement([1, 2], (1, 2))
    (None, None)
    >>> disagreement(5.0, 5).kind
    'type'
    """
    if isinstance(expected, np.ndarray):
        return _array_disagreement(got, expected)
    if isinstance(expected, (tuple, list)):
        return _sequence_disagreement(got, expected)
    return _scalar_disagreement(got, expected)


def part_disagreement(got: Any, expected: Any) -> Disagreement | None:
    """As disagreement, for one of several values: None there is no forgotten `return`.

    >>> part_disagreement(None, 5).sentence
    'it is None, where a value is asked for'
    """
    if got is None and expected is not None:
        return Disagreement("type", "it is None, where a value is asked for")
    return disagreement(got, expected)


def _scalar_disagreement(got: Any, expected: Any) -> Disagreement | None:
    if got is None and expected is not None:
        return Disagreement("type", RETURNED_NOTHING)
    if isinstance(expected, (bool, str, type(None))):
        if type(got) in (type(expected), np.bool_ if isinstance(expected, bool) else str):
            right = got == expected
            words = f"it gave {printed(got, 38)}, not {expected!r}"
            return None if right else Disagreement("value", words)
        return Disagreement("type", f"it returned {named(got)}, not {named(expected)}")
    number = _as_number(got)
    if number is None:
        return Disagreement("type", f"it returned {named(got)}, where one number is asked for")
    if isinstance(expected, (int, np.integer)) and not isinstance(number, int):
        return Disagreement("type", f"it returned {named(got)}; a count is a whole number (int)")
    return _number_disagreement(number, expected, got)


def _number_disagreement(number: float, expected: float, got: Any) -> Disagreement | None:
    if isinstance(number, int) and isinstance(expected, (int, np.integer)):
        close = number == expected
    elif np.isfinite(expected) and not np.isfinite(number):
        return Disagreement("not finite", f"it gave {number}, where {expected + 0.0:.4g} is right")
    else:
        tolerance = TOLERANCE.get(getattr(got, "dtype", np.dtype(float)).name, 1e-6)
        close = bool(np.isclose(number, expected, rtol=tolerance, atol=1e-12, equal_nan=True))
    words = f"it gave {number:.6g}, not {expected + 0.0:.6g}"
    return None if close else Disagreement("value", words)


def share(got: Any, expected: float, case: Any = None) -> Disagreement | None:
    """As disagreement, for a share of 1: what keeps a denominator from being 0 does not count.

    >>> share(0.4999975, 0.5), share(0.49, 0.5).kind
    (None, 'value')
    """
    number = _as_number(got)
    near = number is not None and abs(number - expected) < OF_A_SHARE
    return None if near else disagreement(got, expected)


def _sequence_disagreement(got: Any, expected: Any) -> Disagreement | None:
    if got is None:
        return Disagreement("type", RETURNED_NOTHING)
    if not isinstance(got, (tuple, list, np.ndarray, range)):
        found = named(got)
        return Disagreement("type", f"it returned {found}, where {len(expected)} values are asked")
    if len(got) != len(expected):
        return Disagreement("shape", f"it returned {len(got)} values, not {len(expected)}")
    for position, (one, right) in enumerate(zip(got, expected, strict=True)):
        found = part_disagreement(one, right)
        if found:
            return Disagreement(found.kind, f"at position {position}, {found.sentence}")
    return None


def _array_disagreement(got: Any, expected: np.ndarray) -> Disagreement | None:
    if got is None:
        return Disagreement("type", RETURNED_NOTHING)
    if isinstance(got, (list, tuple, range)) and len(got) > max(MOST_LISTED, expected.size):
        return Disagreement("shape", f"its length is {len(got)}, not {len(expected)}")
    array = as_array(got)
    if array is None:
        return Disagreement("type", f"it returned {named(got)}, where an array of numbers is asked")
    if array.shape != expected.shape:
        return Disagreement("shape", f"its shape is {array.shape}, not {expected.shape}")
    if (array.dtype.kind == "f") != (expected.dtype.kind == "f"):
        return Disagreement("dtype", f"its dtype is {array.dtype}, not {expected.dtype}")
    if not expected.size:
        return None
    if expected.dtype.kind != "f":
        wrong = array != expected
    else:
        wrong = ~np.isclose(array, expected, rtol=0, atol=_tolerance(array, expected))
        wrong &= ~(np.isnan(array) & np.isnan(expected))
    if not wrong.any():
        return None
    if np.isfinite(expected).all() and not np.isfinite(array).all():
        return Disagreement("not finite", "some of its values are nan or infinite")
    share = f"{int(wrong.sum())} of its {wrong.size} values differ"
    return Disagreement("value", share)


def _tolerance(array: np.ndarray, expected: np.ndarray) -> float:
    finite = np.abs(expected[np.isfinite(expected)])
    return TOLERANCE.get(array.dtype.name, 1e-6) * (float(finite.max()) if finite.size else 1.0)


def as_array(value: Any) -> np.ndarray | None:
    """The value as a numeric array, or None where it is none (ragged, text, objects)."""
    if hasattr(value, "detach"):  # a torch tensor, where torch is allowed
        value = value.detach().cpu().numpy()
    if not isinstance(value, (np.ndarray, list, tuple, range)):
        return None
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        value = value.astype(float).filled(np.nan)  # what is masked is missing
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "buif" else None


def named(value: Any) -> str:
    """A value with its type, short enough for a sentence.

    >>> named(5.0), named(np.zeros((2, 3)))
    ('5.0 (a float)', 'an array of shape (2, 3)')
    """
    if isinstance(value, np.ndarray) and value.ndim:
        odd = "" if value.dtype.kind in "buif" else f" and dtype {value.dtype}"
        return f"an array of shape {value.shape}{odd}"
    kind = type(value).__name__
    text = cut(written(value, 38), 38)
    return f"{text} ({'an' if kind[0] in 'aeiou' else 'a'} {kind})"


def _as_number(value: Any) -> int | float | None:
    """One plain number, from Python's and NumPy's scalars and 0-d arrays."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if isinstance(value, (np.ndarray, np.generic)) and value.ndim == 0:
        value = value.item()
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
