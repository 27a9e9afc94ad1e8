"""How right boxes and label maps are, by the browser's own rule and by a student's function."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from coursekit import answers
from coursekit.widgets.picker_tasks import SCENE, pixels

ENOUGH = 0.5  # the overlap from which a box counts as found (Everingham et al., 2010, PASCAL VOC)
SECONDS = 2.0  # that one call of a student's function may take


def overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two boxes (left, top, right, bottom).

    >>> overlap((0, 0, 2, 2), (1, 0, 3, 2))
    0.3333333333333333
    """
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0, width) * max(0, height)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def overlaps(boxes: Sequence[Sequence[float]]) -> list[list[float]]:
    """Overlap of each box with each person of the scene."""
    return [[overlap(box, person) for person in SCENE.people] for box in boxes]


def matched(table: Sequence[Sequence[float]]) -> list[int | None]:
    """The person that each box finds, or None; each person is found once, by its best box.

    table: overlaps, a row for each box and a column for each person.

    >>> matched([[0.6, 0.0], [0.8, 0.1], [0.0, 0.4]])
    [None, 0, None]
    """
    pairs = [(-value, i, j) for i, row in enumerate(table) for j, value in enumerate(row)]
    found: list[int | None] = [None] * len(table)
    for value, i, j in sorted(pairs):
        if -value >= ENOUGH and found[i] is None and j not in found:
            found[i] = j
    return found


def mean_overlap(tiles: np.ndarray) -> float:
    """Mean over the classes of intersection over union of a map of tiles with the truth."""
    ours, truth, classes = pixels(tiles), SCENE.labels, range(len(SCENE.class_names))
    pairs = [(ours == label, truth == label) for label in classes]
    values = [(a & b).sum() / (a | b).sum() for a, b in pairs if (a | b).any()]
    return float(sum(values) / len(values))


def right_share(tiles: np.ndarray) -> float:
    """Part of the pixels whose label is right."""
    return float((pixels(tiles) == SCENE.labels).mean())


def score_boxes(function: Callable[..., Any], boxes: Sequence[Sequence[float]]) -> dict[str, Any]:
    """What a student's iou makes of the boxes: a table of numbers, or a sentence why there is none.

    Carries the boxes, so that the browser knows whether it still fits.
    """
    reply = _signed(function) | {"asked": [list(box) for box in boxes], "numbers": None}
    table = []
    for box in boxes:
        row = []
        for person in SCENE.people:
            number, problem = _number(function, (tuple(box), person), f"{tuple(box)} and {person}")
            if problem:
                return reply | {"problem": problem}
            row.append(number)
        table.append(row)
    return reply | {"numbers": table}


def score_tiles(function: Callable[..., Any], tiles: np.ndarray) -> dict[str, Any]:
    """What a student's mean_iou makes of the label map: a number, or why there is none."""
    args = (pixels(tiles), SCENE.labels.astype(np.int64), len(SCENE.class_names))
    number, problem = _number(function, args, "this label map")
    return _signed(function) | {
        "asked": tiles.astype(int).ravel().tolist(),
        "numbers": number,
        "problem": problem,
    }


def _signed(function: Callable[..., Any]) -> dict[str, Any]:
    name = getattr(function, "__name__", "function")
    return {"name": name, "whose": getattr(function, "whose", "yours"), "problem": ""}


def _number(
    function: Callable[..., Any], args: Sequence[Any], asked: str
) -> tuple[float | None, str]:
    """The number a function gives, or what is wrong with it."""
    outcome = answers.call(function, args, seconds=SECONDS)
    if outcome.failure:
        return None, f"gave no number for {asked}: {outcome.sentence}"
    try:
        number = float(outcome.value)
    except (TypeError, ValueError):
        number = float("nan")
    if not np.isfinite(number):
        return None, f"gave {_short(outcome.value)} for {asked}; expected one number"
    return number, ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "…"
