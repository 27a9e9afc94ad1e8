"""What a student's own column of neurons makes of the explorer's numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit import answers
from coursekit.widgets.volume_state import Volume

_SECONDS = 1.0  # it is asked again at every move


def column_answer(volume: Volume, place: tuple, function: Callable[..., Any]) -> dict[str, Any]:
    """Numbers that `function` gives for the column at one place, or why there are none.

    function: takes chunk (C, kH, kW), weights (D, C, kH, kW) and biases (D,), returns (D,).
    The reply's "sums" are those of the question, so that the browser knows whether it still fits;
    "gave_up" says that it was too slow to be asked again.
    """
    places = [(d, *place[1:]) for d in range(len(volume.filters))]
    sums = [volume.response(each) for each in places]
    whose = getattr(function, "whose", "yours")
    name = getattr(function, "__name__", "function")
    reply = {"name": name, "whose": whose, "sums": sums, "numbers": None, "problem": ""}
    reply["gave_up"] = False
    neurons = [volume.neuron(each) for each in places]
    weights, biases = np.stack([w for w, _ in neurons]), np.array([b for _, b in neurons])
    outcome = answers.call(function, (volume.chunk(*place[1:]), weights, biases), None, _SECONDS)
    if outcome.failure:
        slow = outcome.failure == "too slow"
        advice = " and is not asked again; run this cell again to ask it" if slow else ""
        problem = f"gave no numbers: {outcome.sentence.rstrip('.')}{advice}"
        return reply | {"gave_up": slow, "problem": problem}
    return reply | _read(outcome.value, len(sums))


def _read(value: Any, count: int) -> dict[str, Any]:
    if value is None:
        return {"problem": "gave None, as a function without return does"}
    try:
        numbers = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        return {"problem": f"gave {type(value).__name__}; expected an array of {count} numbers"}
    if numbers.shape != (count,):
        return {"problem": f"gave shape {numbers.shape}; expected {(count,)}"}
    if not np.isfinite(numbers).all():
        return {"problem": "gave numbers that are not finite"}
    return {"numbers": numbers.tolist()}
