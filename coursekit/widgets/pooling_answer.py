"""What a student's own pooling makes of the pooling router's numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit import answers
from coursekit.widgets.answered import mismatch
from coursekit.widgets.forgiving import pack, unpack

SECONDS = 5.0  # the most a student's function may take


def answer(
    router: Any,
    forward: Callable[..., Any] | None,
    backward: Callable[..., Any] | None,
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """Numbers by `forward` and `backward` for the router's, or sentences why there are none.

    Carries what they were asked, so that the browser knows whether they still fit.
    """
    reply = {name: pack(getattr(router, name)) for name in ("x", "dout")}
    reply |= {"kernel_size": router.kernel_size, "stride": router.stride}
    x, dout = (getattr(router, name).astype(np.float64)[None, None] for name in ("x", "dout"))
    out, shape = {"out": dout.shape, "index": dout.shape}, {"dx": x.shape}
    sizes = router.kernel_size, router.stride
    reply["forward"] = forward and _ask(forward, (x, *sizes), out, seconds)
    reply["backward"] = backward and _ask(backward, (dout, x, *sizes), shape, seconds)
    return reply


def _ask(
    function: Callable[..., Any], given: tuple, expected: dict[str, tuple], seconds: float
) -> dict[str, Any]:
    name = getattr(function, "__name__", "function")
    reply = {"name": name, "whose": getattr(function, "whose", "yours"), "numbers": None}
    # `mine` wraps the student's function, whose own line a failure should name.
    outcome = answers.call(getattr(function, "function", function), given, {}, seconds)
    value = (outcome.value,) if len(expected) == 1 else outcome.value
    problem = outcome.sentence or mismatch(value, expected)
    if not problem:
        parts = zip(expected, value, strict=True)
        reply["numbers"] = {part: pack(np.asarray(a, np.float32)[0, 0]) for part, a in parts}
    return reply | {"problem": problem}


def answered_number(router: Any) -> float | None:
    """The answer's gradient of the chosen pixel; None where there is none."""
    own = (router.answer or {}).get("backward")
    if not own or own["numbers"] is None or router.kind != "max":
        return None
    return float(unpack(own["numbers"]["dx"])[router.pixel])
