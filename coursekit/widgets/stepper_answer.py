"""What a student's own convolution makes of the stepper's numbers."""

import contextlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit import answers
from coursekit.widgets.forgiving import pack, unpack

SECONDS = 5.0  # the most a student's function may take


def answer(stepper: Any, forward: Callable[..., np.ndarray]) -> dict[str, Any]:
    """Numbers of `forward` for the stepper's image and setting, or a sentence why there are none.

    Carries what it was asked, so that the browser knows whether it still fits.
    """
    asked = {
        "setting": list(stepper.setting.values()),
        "image": pack(stepper.image),
        "weights": pack(stepper.weights),
        "bias": stepper.bias,
    }
    name = getattr(forward, "__name__", "function")
    reply = {"name": name, "whose": getattr(forward, "whose", "yours"), "numbers": None}
    try:
        numbers = _called(stepper, forward)
    except answers.TimeUp:
        return reply | asked | {"problem": f"had not answered after {SECONDS:g} s"}
    except Exception as error:
        return reply | asked | {"problem": f"stopped with {type(error).__name__}: {error}"}
    problem = _mismatch(numbers, stepper.fitting_size())
    if not problem:
        reply["numbers"] = pack(numbers[0].astype(np.float32))
    return reply | asked | {"problem": problem}


def answered_number(reply: dict[str, Any] | None, position: tuple[int, int]) -> float | None:
    """The answer's number at one position; None where there is none."""
    if not reply or reply["numbers"] is None:
        return None
    numbers = unpack(reply["numbers"])[0]
    inside = all(at < n for at, n in zip(position, numbers.shape, strict=True))
    return float(numbers[position]) if inside else None


def _called(stepper: Any, forward: Callable[..., np.ndarray]) -> np.ndarray:
    x = stepper.image[None].astype(np.float64)
    w = stepper.weights[None].astype(np.float64)
    keywords = {"stride": stepper.stride, "padding": stepper.padding}
    if stepper.dilation > 1:
        keywords["dilation"] = stepper.dilation
    with contextlib.redirect_stdout(io.StringIO()), answers.time_limit(SECONDS):
        return np.asarray(forward(x, w, np.array([stepper.bias]), **keywords))


def _mismatch(numbers: np.ndarray, size: tuple[int, int]) -> str:
    expected = (1, 1, *size)
    if numbers.shape != expected:
        return f"gives shape {numbers.shape}; expected {expected}"
    if numbers.dtype.kind not in "fiu":
        return f"gives an array of {numbers.dtype}; expected numbers"
    return ""
