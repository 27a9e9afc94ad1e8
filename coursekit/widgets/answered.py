"""What is wrong with the arrays that a student's function gave back."""

from typing import Any

import numpy as np


def mismatch(value: Any, expected: dict[str, tuple[int, ...]]) -> str:
    """Why a value is not the expected arrays, in words; empty where it is.

    expected: shapes by name, in the order of the tuple.
    """
    names = ", ".join(expected)
    if not isinstance(value, tuple | list) or len(value) != len(expected):
        return f"gives {type(value).__name__}; expected {len(expected)} arrays ({names})"
    for part, (name, shape) in zip(value, expected.items(), strict=True):
        try:
            array = np.asarray(part)
        except ValueError:
            return f"gives a {name} that is no array"
        if array.shape != shape:
            return f"gives a {name} of shape {array.shape}; expected {shape}"
        if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            return f"gives a {name} that holds something else than finite numbers"
    return ""
