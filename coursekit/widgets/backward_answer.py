"""What a student's own backward pass makes of the backward stepper's numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit import answers
from coursekit.widgets.answered import mismatch
from coursekit.widgets.forgiving import pack, unpack

SECONDS = 5.0  # the most a student's function may take


def answer(stepper: Any, backward: Callable[..., Any], seconds: float = SECONDS) -> dict[str, Any]:
    """Gradients by `backward` for the stepper's numbers, or a sentence why there are none.

    Carries what it was asked, so that the browser knows whether it still fits.
    """
    asked = {name: pack(getattr(stepper, name)) for name in ("x", "w", "dout")}
    asked |= {"stride": stepper.stride, "padding": stepper.padding}
    name = getattr(backward, "__name__", "function")
    reply = {"name": name, "whose": getattr(backward, "whose", "yours"), "numbers": None}
    arrays = [getattr(stepper, name).astype(np.float64) for name in ("dout", "x", "w")]
    given = arrays[0][None], arrays[1][None], arrays[2]
    sizes = {"stride": stepper.stride, "padding": stepper.padding}
    outcome = answers.call(_plain(backward), given, sizes, seconds)
    expected = {"dx": given[1].shape, "dw": given[2].shape, "db": given[2].shape[:1]}
    problem = outcome.sentence or mismatch(outcome.value, expected)
    if not problem:
        dx, dw, db = (np.asarray(part, np.float32) for part in outcome.value)
        reply["numbers"] = {"dx": pack(dx[0]), "dw": pack(dw), "db": pack(db)}
    return reply | asked | {"problem": problem}


def answered_number(
    reply: dict[str, Any] | None, mode: str, index: tuple[int, ...]
) -> float | None:
    """The answer's number for one pixel, weight or bias; None where there is none."""
    if not reply or reply["numbers"] is None:
        return None
    return float(unpack(reply["numbers"][mode])[index])


def _plain(backward: Callable[..., Any]) -> Callable[..., Any]:
    """The student's function behind ``mine``, whose own line a failure then names."""
    return getattr(backward, "function", backward)
