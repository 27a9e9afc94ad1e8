"""Exercise of lecture 12: the patches of images that a unit responds to most."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.inputs import counted, distinct
from coursekit.exercises.parts import Parts
from coursekit.exercises.properties import contrast, expects, part, which_parts
from coursekit.shapes import output_size

Array = np.ndarray
Found = tuple[Array, Array]


def top_patches(
    maps: Array, images: Array, receptive_field: int, jump: int, start: int, k: int = 9
) -> Found:
    """Cut out the k patches of images that one unit responds to most.

    maps: the unit's activations (N, H', W') on images (N, C, H, W); no two are equal. Of every
    image only the strongest place counts. receptive_field, jump, start, in pixels and the same for
    rows and columns: what stands at row i of a map sees the rows from start + jump·i on,
    receptive_field of them; behind a padding start is negative.
    Returns (numbers, patches): the numbers of the k images, strongest first, (k,), and what the
    unit saw of them, (k, C, receptive_field, receptive_field). What lies outside of an image is 0.
    Zeiler and Fergus (2014), figure 2.

    >>> maps = np.array([[[1.0, 2.0]], [[5.0, 3.0]]])
    >>> images = np.array([[[[1.0, 2.0, 3.0]]], [[[4.0, 5.0, 6.0]]]])
    >>> numbers, patches = top_patches(maps, images, receptive_field=1, jump=2, start=0, k=2)
    >>> numbers, patches.ravel()
    (array([1, 0]), array([4., 3.]))
    """
    numbers = maps.max(axis=(1, 2)).argsort()[::-1][:k]
    margin = ((0, 0), (receptive_field, receptive_field), (receptive_field, receptive_field))
    patches = []
    for number in numbers:
        row, column = np.unravel_index(maps[number].argmax(), maps.shape[1:])
        top, left = (receptive_field + start + jump * place for place in (row, column))
        padded = np.pad(images[number], margin)
        patches.append(padded[:, top : top + receptive_field, left : left + receptive_field])
    return numbers, np.stack(patches)


# --- inputs --------------------------------------------------------------------------------------

# group: (N, C, H, W), receptive_field, jump, padding, k
LAYERS = {
    "one image": [((1, 1, 6, 9), 3, 1, 0, 1), ((1, 3, 9, 7), 4, 2, 0, 1)],
    "several images": [((5, 1, 5, 7), 2, 1, 0, 3), ((6, 2, 7, 5), 3, 1, 0, 4)],
    "strides": [((5, 1, 11, 9), 3, 2, 0, 3), ((4, 2, 10, 14), 2, 4, 0, 2)],
    "padding": [((4, 1, 5, 6), 3, 1, 1, 4), ((5, 2, 6, 4), 5, 1, 2, 5)],
    "deep layers": [((6, 3, 16, 12), 9, 4, 3, 4), ((5, 1, 14, 15), 7, 2, 3, 5)],
    "nine of them": [((11, 1, 6, 7), 3, 2, 1, None)],
}


def _corner(n: int, rows: int, columns: int) -> tuple[int, int]:
    """The four corners of a map in turn, and then its middle."""
    return [(0, columns - 1), (rows - 1, 0), (rows // 2, columns // 2), (0, 0)][n % 4]


def _case(rng: np.random.Generator, group: str, *layer: Any) -> Case:
    """Some maxima at the corners, where the padding is; the strongest image has all large values.

    So several places of one image are larger than the best of others. The weakest one has no
    positive value at all.
    """
    shape, field, jump, padding, k = layer
    sizes = [output_size(side, field, jump, padding) for side in shape[2:]]
    maps = distinct(rng, shape[0], *sizes)
    order = rng.permutation(shape[0])
    maps += 3 * maps.size * (order == order.max())[:, None, None]
    if shape[0] > 1:
        maps -= 3 * maps.size * (order == 0)[:, None, None]
    for n in range(0, shape[0], 2 if shape[0] > 1 else 1):
        largest = np.unravel_index(maps[n].argmax(), sizes)
        corner = _corner(n // 2 + int(rng.integers(2)), *sizes)
        maps[n][largest], maps[n][corner] = maps[n][corner], maps[n][largest]
    named = {} if k is None else {"k": k}
    return Case(group, (maps, distinct(rng, *shape), field, jump, -padding), named)


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = [_case(rng, group, *layer) for group, several in LAYERS.items() for layer in several]
    return cases + _PARTS.alone(cases[2:6])


def _small(maps: Any, images: Array, *view: int, k: int = 1) -> Case:
    return Case("small", (np.array(maps, dtype=float), images, *view), {"k": k})


_SMALL = (
    _small([[[1, 2]]], counted(1, 1, 1, 2), 1, 1, 0),
    _small([[[1], [2]]], counted(1, 1, 2, 1), 1, 1, 0),
    _small([[[1, 2, 3], [6, 5, 4]]], counted(1, 1, 2, 3), 1, 1, 0),
    _small([[[1, 2]]], counted(1, 1, 1, 3), 1, 2, 0),
    _small([[[1, 2]]], counted(1, 1, 2, 3), 2, 1, 0),
    _small([[[2, 1]]], counted(1, 1, 3, 4), 3, 1, -1),
    _small([[[1, 2, 3], [4, 9, 6], [7, 8, 5]]], counted(1, 1, 3, 3), 3, 1, -1),
    _small([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], counted(1, 1, 3, 3), 3, 1, -1),
    _small([[[1, 2]]], counted(1, 1, 2, 4), 3, 2, -1),
    _small([[[1]], [[2]]], counted(2, 1, 1, 1), 1, 1, 0),
    _small([[[1]], [[2]]], counted(2, 1, 1, 1), 1, 1, 0, k=2),
    _small([[[3]], [[1]], [[2]]], counted(3, 1, 1, 1), 1, 1, 0, k=2),
    _small([[[4, 5]], [[3, 1]]], counted(2, 1, 1, 2), 1, 1, 0, k=2),
    _small([[[4, 3]], [[5, 1]]], counted(2, 1, 1, 2), 1, 1, 0, k=2),
    _small([[[1, 2]]], counted(1, 2, 1, 2), 1, 1, 0),
)

# --- known mistakes ------------------------------------------------------------------------------

Rank = Callable[[Array, int], Array]  # maps, k -> numbers
Place = Callable[[Array], tuple[int, int]]  # map -> row, column
Corner = Callable[[int, int, int, int], int]  # place, receptive_field, jump, start -> first pixel
Cut = Callable[[Array, int, int, int], Array]  # image, top, left, size -> patch


def _ranked(maps: Array, k: int) -> Array:
    return maps.max(axis=(1, 2)).argsort()[::-1][:k]


def _strongest(one: Array) -> tuple[int, int]:
    return tuple(np.unravel_index(one.argmax(), one.shape))


def _first_pixel(place: int, field: int, jump: int, start: int) -> int:
    return start + jump * place


def _padded(mode: str = "constant") -> Cut:
    """Cut out of an image with a wide margin."""

    def cut(image: Array, top: int, left: int, size: int) -> Array:
        margin = max(size, -top, -left, top, left)
        padded = np.pad(image, ((0, 0), (margin, margin), (margin, margin)), mode=mode)
        top, left = top + margin, left + margin
        return padded[:, top : top + size, left : left + size]

    return cut


def _shifted_inside(image: Array, top: int, left: int, size: int) -> Array:
    top, left = (
        max(0, min(at, side - size)) for at, side in zip((top, left), image.shape[1:], strict=True)
    )
    return _padded()(image, top, left, size)


def _in_the_corner(image: Array, top: int, left: int, size: int) -> Array:
    """What lies inside, put at the upper left of a patch of zeros."""
    inside = image[:, max(0, top) : max(0, top + size), max(0, left) : max(0, left + size)]
    patch = np.zeros((len(image), size, size))
    patch[:, : inside.shape[1], : inside.shape[2]] = inside
    return patch


def _larger(image: Array, top: int, left: int, size: int) -> Array:
    return _padded()(image, top, left, size + 1)


def _smaller(image: Array, top: int, left: int, size: int) -> Array:
    return _padded()(image, top, left, size)[:, :-1, :-1]


def _from(
    rank: Rank = _ranked,
    place: Place = _strongest,
    corner: Corner = _first_pixel,
    cut: Cut = _padded(),  # noqa: B008
) -> Callable[..., Found]:
    """A function like top_patches from other steps."""

    def wrong_patches(
        maps: Array, images: Array, receptive_field: int, jump: int, start: int, k: int = 9
    ) -> Found:
        numbers = rank(maps, k)
        patches = []
        for number in numbers:
            view = receptive_field, jump, start
            top, left = (corner(int(at), *view) for at in place(maps[number]))
            patches.append(cut(images[number], top, left, receptive_field))
        return numbers, np.stack(patches)

    return wrong_patches


def _several_of_an_image(
    maps: Array, images: Array, receptive_field: int, jump: int, start: int, k: int = 9
) -> Found:
    numbers, rows, columns = np.unravel_index(maps.ravel().argsort()[::-1][:k], maps.shape)
    places = zip(numbers, rows, columns, strict=True)
    cut = _padded()
    return numbers, np.stack(
        [
            cut(images[n], start + jump * int(i), start + jump * int(j), receptive_field)
            for n, i, j in places
        ]
    )


def _first_images(maps: Array, images: Array, *view: int, k: int = 9) -> Found:
    """The right places, cut out of images 0, 1, 2, …"""
    numbers = _ranked(maps, k)
    _, patches = _from(rank=lambda m, k: np.arange(k))(maps[numbers], images, *view, k=k)
    return numbers, patches


def _values_returned(maps: Array, images: Array, *view: int, k: int = 9) -> Found:
    numbers, patches = top_patches(maps, images, *view, k=k)
    return maps.max(axis=(1, 2))[numbers], patches


def _places_scaled(
    maps: Array, images: Array, receptive_field: int, jump: int, start: int, k: int = 9
) -> Found:
    """Places stretched by image size over map size."""
    numbers, patches = _ranked(maps, k), []
    for number in numbers:
        sizes = zip(_strongest(maps[number]), images.shape[2:], maps.shape[1:], strict=True)
        top, left = (int(at) * side // count for at, side, count in sizes)
        patches.append(_padded()(images[number], top, left, receptive_field))
    return numbers, np.stack(patches)


def _exchanged(maps: Array, images: Array, *view: int, k: int = 9) -> Found:
    numbers, patches = top_patches(maps, images, *view, k=k)
    return patches, numbers


_VIEW = "Which pixel of the image is the first that place 0 of the map sees, and which place 1?"
_ORDER = "Write down the largest number of each map. In which order do the images come?"
_EDGE = "A field of 3 pixels starts one pixel left of the image: which of its columns is outside?"
_SIZE = "How many pixels does the unit see along one side?"
_ROW = "A map is 6 wide: in which row and column is the place that argmax calls 7?"
MISTAKES = {
    "several-of-one-image": Mistake(
        _several_of_an_image,
        "an image may come several times",
        "Print your numbers: does an image come twice?",
    ),
    "jump-ignored": Mistake(
        _from(corner=lambda at, field, jump, start: start + at), "jump is ignored", _VIEW
    ),
    "start-ignored": Mistake(
        _from(corner=lambda at, field, jump, start: jump * at),
        "start is ignored, and with it the padding",
        _VIEW,
    ),
    "places-taken-for-pixels": Mistake(
        _from(corner=lambda at, field, jump, start: at),
        "places in the map are taken for pixels of the image",
        _VIEW,
    ),
    "start-subtracted": Mistake(
        _from(corner=lambda at, field, jump, start: jump * at - start),
        "start is subtracted",
        "With padding the first field begins outside the image. On which side?",
    ),
    "start-times-jump": Mistake(
        _from(corner=lambda at, field, jump, start: jump * (at + start)),
        "start is multiplied by the jump as well",
        _VIEW,
    ),
    "field-as-step": Mistake(
        _from(corner=lambda at, field, jump, start: start + field * at),
        "neighboring places see fields side by side",
        "Do the fields of two neighboring places overlap? By how much are they apart?",
    ),
    "centered": Mistake(
        _from(corner=lambda at, field, jump, start: jump * at - field // 2),
        "the patch is centered on jump times the place",
        "Without padding, is place 0 of the map at the middle of what it sees?",
    ),
    "centered-on-the-start": Mistake(
        _from(corner=lambda at, field, jump, start: start + jump * at - field // 2),
        "the first pixel of the field is taken for its middle",
        "Is start + jump·i the first row that is seen, or the middle one?",
    ),
    "places-stretched": Mistake(_places_scaled, "the map is stretched over the image", _VIEW),
    "rows-and-columns-exchanged": Mistake(
        _from(place=lambda one: _strongest(one)[::-1]), "row and column are exchanged", _ROW
    ),
    "counted-by-the-height": Mistake(
        _from(place=lambda one: divmod(int(one.argmax()), one.shape[0])),
        "the place is divided by the height of the map, and not by its width",
        _ROW,
    ),
    "columns-first": Mistake(
        _from(place=lambda one: (one.argmax() % one.shape[0], one.argmax() // one.shape[0])),
        "places are counted down the columns",
        _ROW,
    ),
    "weakest-place": Mistake(
        _from(place=lambda one: _strongest(-one)),
        "the weakest place of every image is cut out",
        "Which number of its map stands at the place that you cut out?",
    ),
    "weakest-images": Mistake(
        _from(rank=lambda maps, k: maps.max(axis=(1, 2)).argsort()[:k]),
        "the images with the weakest maxima are taken",
        _ORDER,
    ),
    "strongest-last": Mistake(
        _from(rank=lambda maps, k: maps.max(axis=(1, 2)).argsort()[-k:]),
        "the strongest image comes last",
        _ORDER,
    ),
    "first-images": Mistake(
        _from(rank=lambda maps, k: np.arange(min(k, len(maps)))),
        "the first k images are taken, in their own order",
        _ORDER,
    ),
    "ranked-by-the-mean": Mistake(
        _from(rank=lambda maps, k: maps.mean(axis=(1, 2)).argsort()[::-1][:k]),
        "images are ranked by their mean activation",
        "Which image has the single largest activation, and is it your first?",
    ),
    "ranked-by-magnitude": Mistake(
        _from(
            rank=lambda maps, k: np.abs(maps).max(axis=(1, 2)).argsort()[::-1][:k],
            place=lambda one: _strongest(np.abs(one)),
        ),
        "strongly negative activations count as strong",
        "Is −7 a stronger response than 3, or a weaker one?",
    ),
    "cut-out-of-the-first-images": Mistake(
        _first_images,
        "the patches are cut out of images 0, 1, 2, …",
        "Your first patch: out of which image is it cut, and which is its number?",
    ),
    "moved-inside": Mistake(
        _from(cut=_shifted_inside), "fields that reach over the edge are moved inside", _EDGE
    ),
    "put-in-the-corner": Mistake(
        _from(cut=_in_the_corner),
        "what lies inside is put in the upper left corner of the patch",
        _EDGE,
    ),
    "edge-repeated": Mistake(
        _from(cut=_padded("edge")),
        "the image's edge is repeated outside of it",
        "What did the unit see outside of the image? Which value has a padding?",
    ),
    "one-pixel-too-large": Mistake(
        _from(cut=_larger), "the patches are one pixel too large", _SIZE
    ),
    "one-pixel-too-small": Mistake(
        _from(cut=_smaller), "the patches are one pixel too small", _SIZE
    ),
    "values-returned": Mistake(
        _values_returned,
        "activations are returned in place of the images' numbers",
        "Print the first of your results: does it say which images?",
    ),
    "patches-first": Mistake(
        _exchanged, "the patches come before the numbers", "In which order are the two asked for?"
    ),
    "one-too-few": Mistake(
        _from(rank=lambda maps, k: _ranked(maps, k)[: max(1, k - 1)]),
        "one patch too few is cut out, where there are several",
        "How many patches did you get, and how many are asked for?",
    ),
}

_PARTS = Parts("numbers", "patches")
TOP_PATCHES = Exercise(
    name="top_patches",
    lecture="12_seeing_inside",
    points=3,
    reference=top_patches,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects("column", _SMALL[0], "The largest is in column 1, and so is pixel 2", part(1)),
        expects("row", _SMALL[1], "The largest is in row 1, and so is pixel 2", part(1)),
        expects("place", _SMALL[2], "The largest is in row 1, column 0: pixel 4", part(1)),
        expects("jump", _SMALL[3], "With jump 2, column 1 of the map sees pixel column 2", part(1)),
        expects("field", _SMALL[4], "A field of 2 from column 1 on", part(1)),
        expects("middle", _SMALL[6], "With start −1, the middle of the map sees it all", part(1)),
        expects("border", _SMALL[7], "At the corner the field reaches over the edge", part(1)),
        expects("best-image", _SMALL[9], "Image 1 has the largest activation", part(0)),
        expects("order", _SMALL[11], "The strongest image comes first", part(0)),
        expects("once", _SMALL[12], "Each image counts once", part(0)),
        contrast(
            "channels",
            _SMALL[0],
            _SMALL[14],
            "Your patch is right for one channel, and wrong for two.",
            part(1),
            right_for=lambda images, **_: images.shape[1] == 1,
        ),
        which_parts(_SMALL[12], ("numbers", "patches")),
    ),
    shows={
        "several images": (
            "ranked-by-the-mean",
            "places-stretched",
        ),
        "strides": (
            "ranked-by-the-mean",
            "ranked-by-magnitude",
        ),
        "padding": ("ranked-by-the-mean",),
        "numbers alone": ("ranked-by-magnitude",),
    },
    smallest=lambda: _SMALL,
    agrees=_PARTS.agrees,
    alike=_PARTS.agrees,
    draw=_PARTS.draw,
)
