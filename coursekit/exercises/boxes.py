"""Exercise of lecture 01: how far a box is right."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import numpy as np

from coursekit import drawings
from coursekit.exercises.agreement import share
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import fewest_first
from coursekit.exercises.properties import expects

Box = Sequence[float]


def iou(box_a: Box, box_b: Box) -> float:
    """Overlap of two boxes: intersection over union.

    A box is (left, top, right, bottom) in pixels, counted from the image's upper left corner: it is
    right − left wide and bottom − top high. Returns one number, from 0 for boxes that are apart or
    only touch to 1 for one and the same box.

    >>> iou((0, 0, 2, 2), (1, 0, 3, 2))  # one column of three is shared
    0.3333333333333333
    """
    width, height = _shared_sides(box_a, box_b)
    shared = max(0, width) * max(0, height)
    return shared / (_area(box_a) + _area(box_b) - shared)


def _shared_sides(a: Box, b: Box) -> tuple[float, float]:
    """Width and height of the intersection; negative where there is a gap."""
    return min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _iou_cases(rng: np.random.Generator) -> list[Case]:
    def whole(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    cases = [Case("overlapping", ((0, 0, 4, 2), (3, 1, 6, 8)))]
    for _ in range(4):
        x, y, w, h = whole(0, 20), whole(0, 20), whole(4, 9), whole(10, 19)
        dx, dy = whole(1, w - 1), whole(1, h - 1)
        first, second = (x, y, x + w, y + h), (x + dx, y - dy, x + dx + w + 2, y - dy + h + 1)
        cases.append(Case("overlapping", (first, second)))
        cases.append(Case("overlapping", (second, first)))
        inner = (x + 1, y + 2, x + w - whole(0, 2), y + h - whole(0, 5))
        cases.append(Case("one inside the other", (first, inner)))
        cases.append(Case("one inside the other", (inner, first)))
        beside = (x + w + whole(1, 5), y + whole(-3, 3), x + w + whole(6, 9), y + h)
        below = (x + whole(-3, 3), y + h + whole(1, 5), x + w, y + h + whole(6, 9))
        corner = (beside[0], below[1], beside[2], below[3])
        cases += [Case("apart", (first, far)) for far in (beside, below, corner)]
        cases.append(Case("touching", (first, (x + w, y + 1, x + w + 3, y + h))))
        cases.append(Case("touching", (first, (x + 1, y - 4, x + w, y))))
    # So far apart that minus times minus is more than both boxes, and nearly as much.
    cases += [Case("apart", ((0, 0, 2, 2), far)) for far in ((9, 9, 11, 11), (4, 5, 6, 7))]
    cases.append(Case("one inside the other", ((5, 2, 8, 4), (5, 2, 8, 4))))
    cases.append(Case("fractions of a pixel", ((0.5, 1.25, 4.5, 2.75), (2.0, 0.5, 4.75, 2.25))))
    cases.append(Case("fractions of a pixel", ((0.0, 0.0, 0.5, 0.75), (0.25, 0.25, 1.0, 1.5))))
    cases.append(Case("fractions of a pixel", ((0.0, 0.0, 0.5, 0.5), (0.25, 0.0, 0.75, 0.5))))
    x, y, w, h = (whole(1, 40) / 8 for _ in range(4))
    shifted = (x + w / 2, y - h / 4, x + 2 * w, y + h / 2)
    cases.append(Case("fractions of a pixel", ((x, y, x + w, y + h), shifted)))
    return cases


def _small_boxes() -> Iterator[Case]:
    for w, h, x, y in fewest_first(product((1, 2, 3), (1, 2), range(4), range(3))):
        yield Case("small", ((0, 0, 2, 1), (x, y, x + w, y + h)))


def _iou_from(formula: Callable[..., float]) -> Callable[[Box, Box], float]:
    """A function like iou from a formula in intersection, both areas and both boxes."""

    def iou(box_a: Box, box_b: Box) -> float:
        width, height = _shared_sides(box_a, box_b)
        shared = max(0, width) * max(0, height)
        return formula(shared, _area(box_a), _area(box_b), box_a, box_b)

    return iou


def _hull(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _unclamped(shared: Callable[[float, float], float]) -> Callable[[Box, Box], float]:
    def formula(_: float, area_a: float, area_b: float, a: Box, b: Box) -> float:
        both = shared(*_shared_sides(a, b))
        return both / (area_a + area_b - both)

    return _iou_from(formula)


def _inclusive(a: Box, b: Box) -> float:
    """iou of boxes whose right and bottom pixels belong to them."""
    return iou((a[0], a[1], a[2] + 1, a[3] + 1), (b[0], b[1], b[2] + 1, b[3] + 1))


def _corner_and_size(a: Box, b: Box) -> float:
    return iou(*((x, y, x + w, y + h) for x, y, w, h in (a, b)))


def _flat(a: Box, b: Box) -> float:
    """iou of the boxes' widths alone."""
    return iou((a[0], 0, a[2], 1), (b[0], 0, b[2], 1))


def _extremes_exchanged(shared: float, area_a: float, area_b: float, a: Box, b: Box) -> float:
    return _area(_hull(a, b)) / (area_a + area_b - _area(_hull(a, b)))


_ONE_MINUS = "For two boxes that are the same: which number do you give, and which one do you want?"
IOU_MISTAKES = {
    "gap-counted-as-overlap": Mistake(
        _unclamped(lambda width, height: width * height),
        "boxes that are apart get a negative width or height, which is used as it is",
        "Two boxes with a gap between them: how wide is their intersection for you?",
    ),
    "only-the-product-clamped": Mistake(
        _unclamped(lambda width, height: max(0, width * height)),
        "the intersection's area is kept from being negative, but not its width and height",
        "Put one box to the right of the other *and* below it. What is minus times minus?",
    ),
    "union-is-the-sum": Mistake(
        _iou_from(lambda shared, a, b, *_: shared / (a + b)),
        "the union is taken to be the sum of both areas",
        "How often is a pixel counted that lies in both boxes?",
    ),
    "dice": Mistake(
        _iou_from(lambda shared, a, b, *_: 2 * shared / (a + b)),
        "the intersection is divided by the mean of both areas",
        "Is the union of two boxes that are apart as large as one of them?",
    ),
    "over-the-first-box": Mistake(
        _iou_from(lambda shared, a, b, *_: shared / a),
        "the intersection is divided by the first box's area",
        "What do you get when the first box lies inside a huge second one?",
    ),
    "over-the-second-box": Mistake(
        _iou_from(lambda shared, a, b, *_: shared / b),
        "the intersection is divided by the second box's area",
        "What do you get when the second box lies inside a huge first one?",
    ),
    "over-the-smaller-box": Mistake(
        _iou_from(lambda shared, a, b, *_: shared / min(a, b)),
        "the intersection is divided by the smaller box's area",
        "A tiny box inside a huge one: should that count as a perfect match?",
    ),
    "over-the-larger-box": Mistake(
        _iou_from(lambda shared, a, b, *_: shared / max(a, b)),
        "the intersection is divided by the larger box's area",
        "Is the union ever larger than the larger box?",
    ),
    "over-the-enclosing-box": Mistake(
        _iou_from(lambda shared, a_area, b_area, a, b: shared / _area(_hull(a, b))),
        "the union is taken to be the box around both boxes",
        "Two boxes touch at one corner: which pixels of the box around them lie in neither?",
    ),
    "not-divided": Mistake(
        _iou_from(lambda shared, *_: shared),
        "the area of the intersection is returned",
        "Is your result between 0 and 1, whatever the boxes?",
    ),
    "one-minus": Mistake(
        _iou_from(lambda shared, a, b, *_: 1 - shared / (a + b - shared)),
        "1 − IoU is returned",
        _ONE_MINUS,
    ),
    "percent": Mistake(
        _iou_from(lambda shared, a, b, *_: 100 * shared / (a + b - shared)),
        "the result is given in percent",
        _ONE_MINUS,
    ),
    "whole-number-division": Mistake(
        _iou_from(lambda shared, a, b, *_: shared // (a + b - shared)),
        "the division cuts the fraction off",
        "What does your division give for 1 and 3?",
    ),
    "pixels-counted-inclusively": Mistake(
        _inclusive,
        "the right and bottom edges are counted as one more pixel",
        "How wide is a box from 0 to 2, in pixels?",
    ),
    "corner-and-size": Mistake(
        _corner_and_size,
        "the last two numbers of a box are read as its width and height",
        "What do the third and the fourth number of a box say?",
    ),
    "widths-only": Mistake(
        _flat, "only the widths of the boxes are compared", "What if one box is moved far down?"
    ),
    "minimum-and-maximum-exchanged": Mistake(
        _iou_from(_extremes_exchanged),
        "minimum and maximum are exchanged, which gives the box around both",
        "Which of two left edges is the intersection's: the one further left or further right?",
    ),
}


def _draw_boxes(case: Case, expected: float, got: float) -> str:
    """Both boxes, where they fit into a small picture."""
    a, b = case.args
    left, top, right, bottom = _hull(a, b)
    scale = 130 / max(right - left, bottom - top)

    def outline(box: Box, color: str) -> str:
        x, y = (box[0] - left) * scale + 2, (box[1] - top) * scale + 2
        width, height = (box[2] - box[0]) * scale, (box[3] - box[1]) * scale
        return (
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{color}" '
            f'fill-opacity="0.3" stroke="{color}" stroke-width="2"/>'
        )

    body = outline(a, drawings.INPUT) + outline(b, drawings.WEIGHTS)
    size = (right - left) * scale + 4, (bottom - top) * scale + 4
    return drawings.svg(*size, body, f"The boxes {a} and {b}.")


IOU = Exercise(
    name="iou",
    lecture="01_recognition",
    points=2,
    reference=iou,
    cases=_iou_cases,
    mistakes=IOU_MISTAKES,
    properties=(
        expects("same-box", Case("", ((1, 2, 4, 4), (1, 2, 4, 4))), "A box overlaps itself fully"),
        expects("apart", Case("", ((0, 0, 2, 1), (5, 0, 6, 1))), "Boxes apart share no pixel"),
        expects(
            "apart-both-ways",
            Case("", ((0, 0, 4, 3), (5, 4, 9, 7))),
            "Boxes apart in both directions share no pixel",
        ),
        expects(
            "inside",
            Case("", ((0, 0, 4, 2), (1, 0, 2, 2))),
            "A box of 2 pixels inside one of 8 has their ratio as its overlap",
        ),
        expects(
            "shifted",
            Case("", ((0, 0, 2, 1), (1, 0, 3, 1))),
            "One pixel is shared, and three lie in one box or the other",
        ),
        expects(
            "shifted-down",
            Case("", ((0, 0, 1, 2), (0, 1, 1, 3))),
            "One pixel is shared, and three lie in one box or the other",
        ),
    ),
    smallest=_small_boxes,
    agrees=share,
    alike=share,
    draw=_draw_boxes,
)
