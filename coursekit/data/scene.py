"""One drawn scene with its ground truth: a market below a palace in the mountains.

Everything is a polygon with a class and, for people, a number; the picture, the label map and the
boxes all come from the same polygons, so the truth is exact.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT, TILE = 192, 120, 8  # pixels
CLASS_NAMES = ("sky", "mountain", "trees", "building", "vendors", "people", "ground")
SKY, MOUNTAIN, TREES, BUILDING, VENDORS, PEOPLE, GROUND = range(7)
_FINE = 4  # points a pixel, along each axis, that the picture is averaged from

Point = tuple[float, float]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Part:
    """One polygon of the scene.

    label: its class; color: as "#rrggbb"; points: (x, y) in pixels; person: 1, 2, … for people, 0
    for everything else.
    """

    label: int
    color: str
    points: tuple[Point, ...]
    person: int = 0


@dataclass(frozen=True)
class Scene:
    """The picture and what is true of it.

    image: uint8 (H, W, 3). labels: uint8 (H, W), positions in `class_names`. people: one box
    (left, top, right, bottom) in pixels a person, from left to right. street_light, palace,
    group: boxes around what the questions are about. parts: the polygons, from back to front.
    """

    image: np.ndarray
    labels: np.ndarray
    people: tuple[Box, ...]
    street_light: Box
    palace: Box
    group: Box
    parts: tuple[Part, ...]
    class_names: tuple[str, ...] = CLASS_NAMES


@cache
def market_scene() -> Scene:
    """Draw the scene that lecture 01 asks its six questions about.

    >>> scene = market_scene()
    >>> scene.image.shape, scene.labels.shape, len(scene.people)
    ((120, 192, 3), (120, 192), 5)
    """
    lamp, palace, people = _street_light(), _palace(), _people()
    behind = [*_sky(), *_mountains(), *palace, *_ground(), *_trees()]
    in_front = [part for person in people[1:] for part in person]
    parts = [*behind, *people[0], *_stalls(), *lamp, *in_front]
    numbers = _drawn(parts, [part.person for part in parts])
    boxes = sorted(_box_of(numbers == n) for n in range(1, len(people) + 1))
    arrays = _picture(parts), _drawn(parts, [part.label for part in parts])
    for array in arrays:
        array.flags.writeable = False  # one scene for everybody
    return Scene(
        *arrays,
        people=tuple(boxes),
        street_light=_around(lamp),
        palace=_around(palace),
        group=_around([*people[1], *people[2]]),
        parts=tuple(parts),
    )


def tile_labels(labels: np.ndarray) -> np.ndarray:
    """Most frequent class of every tile of 8×8 pixels.

    labels: (H, W). Returns uint8 (H/8, W/8): the best that a map of tiles can say.

    >>> tile_labels(market_scene().labels).shape
    (15, 24)
    """
    rows, cols = labels.shape[0] // TILE, labels.shape[1] // TILE
    tiles = labels.reshape(rows, TILE, cols, TILE).swapaxes(1, 2).reshape(rows, cols, -1)
    counts = np.stack([(tiles == label).sum(2) for label in range(len(CLASS_NAMES))])
    return counts.argmax(0).astype(np.uint8)


def _canvas(mode: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new(mode, (WIDTH * _FINE, HEIGHT * _FINE))
    return picture, ImageDraw.Draw(picture)


def _fine(part: Part) -> list[Point]:
    return [(x * _FINE, y * _FINE) for x, y in part.points]


def _picture(parts: list[Part]) -> np.ndarray:
    """Colors (H, W, 3), each pixel the mean of the points in it."""
    picture, pen = _canvas("RGB")
    for part in parts:
        pen.polygon(_fine(part), fill=part.color)
    return np.asarray(picture.reduce(_FINE)).copy()


def _drawn(parts: list[Part], values: list[int]) -> np.ndarray:
    """A number (H, W) for each pixel, that of the part in front at the pixel's middle."""
    picture, pen = _canvas("L")
    for part, value in zip(parts, values, strict=True):
        pen.polygon(_fine(part), fill=value)
    middle = slice(_FINE // 2, None, _FINE)
    return np.asarray(picture)[middle, middle].copy()


def _box_of(mask: np.ndarray) -> Box:
    """Smallest box around a mask's pixels; right and bottom are the first pixel outside."""
    rows, cols = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1


def _around(parts: list[Part]) -> Box:
    """Box around parts, with two pixels of air, inside the picture."""
    points = np.array([point for part in parts for point in part.points])
    left, top = np.floor(points.min(0)).astype(int) - 2
    right, bottom = np.ceil(points.max(0)).astype(int) + 2
    return max(0, int(left)), max(0, int(top)), min(WIDTH, int(right)), min(HEIGHT, int(bottom))


# ---- shapes ----


def _rectangle(left: float, top: float, right: float, bottom: float) -> tuple[Point, ...]:
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _ellipse(x: float, y: float, across: float, down: float) -> tuple[Point, ...]:
    """Twenty-four points around (x, y), `across` and `down` away from it."""
    angles = np.arange(24) * (np.pi / 12)
    rim = zip(x + across * np.cos(angles), y + down * np.sin(angles), strict=True)
    return tuple((round(float(u), 3), round(float(v), 3)) for u, v in rim)


# ---- what is in the scene, from back to front ----


def _sky() -> list[Part]:
    clouds = [(40, 14, 15, 3.5), (50, 11, 9, 4), (128, 20, 13, 3), (136, 17.5, 8, 3.5)]
    blue = Part(SKY, "#a9d3f0", _rectangle(0, 0, WIDTH, HEIGHT))
    return [blue, *(Part(SKY, "#f2f7fb", _ellipse(*cloud)) for cloud in clouds)]


def _mountains() -> list[Part]:
    ridges = {
        "#8d99ab": ((0, 44), (22, 26), (38, 40), (62, 22), (84, 44), (110, 76), (0, 78)),
        "#75839a": ((98, 66), (136, 34), (152, 46), (174, 28), (192, 42), (192, 76), (98, 76)),
        "#8a8f6a": ((34, 78), (66, 60), (88, 54), (120, 54), (140, 62), (166, 80)),
    }
    snow = [
        ((62, 22), (71, 31), (65, 30), (61, 34), (54.5, 28)),
        ((174, 28), (182, 34.5), (176, 35), (172, 38), (167, 33)),
    ]
    parts = [Part(MOUNTAIN, color, points) for color, points in ridges.items()]
    return [*parts[:2], *(Part(MOUNTAIN, "#f4f6f8", cap) for cap in snow), parts[2]]


def _palace() -> list[Part]:
    walls = {
        "#f3ead8": ((70, 60), (74, 40), (136, 40), (140, 60)),
        "#efe2c8": ((78, 40), (80, 33), (130, 33), (132, 40)),
        "#9b3a2f": ((92, 50), (94, 26), (116, 26), (118, 50)),
    }
    roofs = [_rectangle(92, 24, 118, 26), ((98, 24), (105, 19), (112, 24))]
    roofs += [_rectangle(78, 31.5, 92, 33), _rectangle(118, 31.5, 132, 33)]
    parts = [Part(BUILDING, color, points) for color, points in walls.items()]
    parts += [Part(BUILDING, "#c9962b", roof) for roof in roofs]
    return parts + [Part(BUILDING, "#4b3a30", window) for window in _windows()]


def _windows() -> list[tuple[Point, ...]]:
    white = [(x, y) for y in (43, 49, 55) for x in (77, 82, 87, 121, 126, 131)]
    red = [(x, y) for y in (30, 36, 42) for x in (97, 101.5, 106, 110.5)]
    upper = [(x, 35) for x in (83, 88, 121, 126)]
    return [_rectangle(x, y, x + 2, y + 3) for x, y in white + red + upper]


def _ground() -> list[Part]:
    square = ((0, 74), (60, 70), (130, 70), (192, 74), (192, 120), (0, 120))
    path = ((100, 70), (110, 70), (140, 120), (86, 120))
    return [Part(GROUND, "#cdb892", square), Part(GROUND, "#ddcdae", path)]


def _trees() -> list[Part]:
    crowns = [(8, 58, 12, 15), (22, 66, 9, 10), (184, 56, 12, 16), (170, 66, 9, 10)]
    trunks = [_rectangle(6.5, 70, 9.5, 84), _rectangle(182.5, 70, 185.5, 84)]
    trunks += [_rectangle(21, 74, 23, 82), _rectangle(169, 74, 171, 82)]
    parts = [Part(TREES, "#6b4a2f", trunk) for trunk in trunks]
    greens = ("#3f7a45", "#4f8d50", "#376e40", "#4b8850")
    crowned = zip(crowns, greens, strict=True)
    return parts + [Part(TREES, green, _ellipse(*crown)) for crown, green in crowned]


def _stalls() -> list[Part]:
    return [*_stall(24, "#b3392f", "#e8862e"), *_stall(146, "#2f6fb3", "#d9c23a")]


def _stall(left: float, cloth: str, fruit: str) -> list[Part]:
    """A table with fruit under a striped awning, 36 pixels wide."""
    posts = [_rectangle(left + x, 76, left + x + 1.5, 100) for x in (1, 33.5)]
    parts = [Part(VENDORS, "#7a5a3a", post) for post in posts]
    for i in range(6):
        top, low = left + 3 + 5 * i, left + 6 * i
        stripe = ((top, 68), (top + 5, 68), (low + 6, 77), (low, 77))
        parts.append(Part(VENDORS, cloth if i % 2 == 0 else "#f5efe3", stripe))
    parts.append(Part(VENDORS, "#8d6a45", _rectangle(left + 1, 92, left + 35, 104)))
    heaps = [_ellipse(left + 5 + 5.2 * i, 91, 2.6, 2.4) for i in range(6)]
    return parts + [Part(VENDORS, fruit, heap) for heap in heaps]


def _street_light() -> list[Part]:
    """The list of classes has none for it; it is filed under "building", being built."""
    pole = [_rectangle(139.2, 62, 140.8, 112), _rectangle(137.5, 109, 142.5, 112)]
    lamp = [((136.5, 56), (143.5, 56), (142, 62), (138, 62)), _rectangle(137.5, 54, 142.5, 56)]
    return [
        *(Part(BUILDING, "#2d3138", points) for points in pole),
        Part(BUILDING, "#ffe9a3", lamp[0]),
        Part(BUILDING, "#2d3138", lamp[1]),
    ]


def _people() -> list[list[Part]]:
    """The seller behind the left stall, who stands behind things, and four people in front."""
    return [
        _person(1, 33, 102, 24, "#5b4a86"),
        _person(2, 54, 117, 32, "#1f7a6b", reach=-11),
        _person(3, 68, 118, 21, "#c4573d"),
        _person(4, 118, 114, 30, "#2c5fa0", stride=3),
        _person(5, 102, 88, 15, "#7c3a5e"),
    ]


def _person(
    number: int, x: float, foot: float, h: float, coat: str, reach: float = 0, stride: float = 1
) -> list[Part]:
    """A person h pixels tall around x, feet at y = foot; `reach`: how far an arm is stretched."""

    def placed(color: str, points: tuple[Point, ...]) -> Part:
        """A part of the body; points (to the right, up) in heights, from between the feet."""
        return Part(PEOPLE, color, tuple((x + u * h, foot - v * h) for u, v in points), number)

    step, hand = stride / h, reach / h
    shapes = [
        ("#3a3f4a", ((-0.1, 0.42), (0, 0.42), (-step, 0), (-step - 0.08, 0))),
        ("#3a3f4a", ((0, 0.42), (0.1, 0.42), (step + 0.08, 0), (step, 0))),
        (coat, ((-0.11, 0.8), (0.11, 0.8), (0.15, 0.38), (-0.15, 0.38))),
        (coat, ((0, 0.74), (hand, 0.66), (hand, 0.58), (0, 0.62))),
        ("#d9a784", _ellipse(0, 0.89, 0.095, 0.11)),
        ("#2b211c", _ellipse(0, 0.945, 0.095, 0.055)),
    ]
    return [placed(color, points) for color, points in shapes]
