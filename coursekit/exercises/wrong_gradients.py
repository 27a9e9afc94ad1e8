"""What usually goes wrong in a convolution's backward pass."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.exercises.chunks import added_at, chunks_at, cut_chunk, padded, written_at
from coursekit.exercises.exercise import Mistake
from coursekit.exercises.wrong_convolutions import (
    RIGHT_PLACES,
    Array,
    Places,
    kernel_apart,
    on_both,
    unstrided,
)

Gradients = tuple[Any, Any, Any]
Part = Callable[
    [Array, Array, Array, int, int], Any
]  # (dout, x, w, stride, padding) -> one of them
Crop = Callable[[Array, Array, int], Array]  # (gradient of the padded image, x, padding)


def shares(dout: Array, w: Array) -> Array:
    """What each window hands to its pixels.

    dout: (N, F, H', W'). Returns (N, C, H', W', kH, kW).
    """
    return np.einsum("nfhw,fcuv->nchwuv", dout, w)


def inside(dpadded: Array, x: Array, p: int) -> Array:
    """The image's own part of the gradient of the padded image."""
    return dpadded[:, :, p : p + x.shape[2], p : p + x.shape[3]]


def dx_by(
    hand: Callable[[Array, Array], Array] = shares,
    spread: Callable[..., Array] = added_at,
    places: Places = RIGHT_PLACES,
    crop: Crop = inside,
) -> Part:
    """dx with other shares, spreading, places or cropping."""

    def dx(dout: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
        canvas = padded(x, padding, padding).shape
        rows, columns = places(x.shape[2:], w.shape[2:], stride, padding)
        return crop(spread(canvas, hand(dout, w), rows, columns), x, padding)

    return dx


def dw_by(
    add: str = "nfhw,nchwuv->fcuv",
    places: Places = RIGHT_PLACES,
    pad: Callable[[Array, int], Array] = lambda x, p: padded(x, p, p),
) -> Part:
    """dw with other sums, places or padding."""

    def dw(dout: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
        rows, columns = places(x.shape[2:], w.shape[2:], stride, padding)
        return np.einsum(add, dout, chunks_at(pad(x, padding), rows, columns, w.shape[2:]))

    return dw


def _db(dout: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    return dout.sum(axis=(0, 2, 3))


_DX, _DW = dx_by(), dw_by()


def gradients(
    dx: Part = _DX,
    dw: Part = _DW,
    db: Part = _db,
    finish: Callable[[Gradients, Array], Gradients] = lambda all_three, dout: all_three,
) -> Callable[..., Gradients]:
    """A backward pass of which one part or another is wrong."""

    def conv2d_backward(
        dout: Array, x: Array, w: Array, stride: int = 1, padding: int = 0
    ) -> Gradients:
        parts = tuple(part(dout, x, w, stride, padding) for part in (dx, dw, db))
        return finish(parts, dout)

    return conv2d_backward


# --- dx ----------------------------------------------------------------------------------------


def _of_filter(f: int) -> Callable[[Array, Array], Array]:
    part = slice(f, f + 1 or None)
    return lambda dout, w: shares(dout[:, part], w[part])


def _minus_zero(dpadded: Array, x: Array, p: int) -> Array:
    return dpadded[:, :, p:-p, p:-p]


def _top_left(dpadded: Array, x: Array, p: int) -> Array:
    return dpadded[:, :, : x.shape[2], : x.shape[3]]


def _channel_first(dout: Array, w: Array) -> Array:
    if len(w) != w.shape[1]:
        raise ValueError("filters and channels do not match")
    return shares(dout, w.swapaxes(0, 1))


def _in_all(change: Callable[[Part], Part]) -> Callable[..., Gradients]:
    """The same change in every part."""
    return gradients(change(_DX), change(_DW), change(_db))


def _as_if_ones(part: Part) -> Part:
    return lambda dout, x, w, s, p: part(np.ones_like(dout), x, w, s, p)


def _averaged_over_images(part: Part) -> Part:
    return lambda dout, x, w, s, p: part(dout, x, w, s, p) / len(dout)


# --- dw and db ---------------------------------------------------------------------------------


def _of_image(part: Part, n: int) -> Part:
    """A part from one image of the batch alone."""
    one = slice(n, n + 1 or None)
    return lambda dout, x, w, s, p: part(dout[one], x[one], w, s, p)


def _of_last_place(part: Part) -> Part:
    """A part from the last output of the last image alone."""

    def last(dout: Array, x: Array, w: Array, s: int, p: int) -> Array:
        only = np.zeros_like(dout)
        only[-1, :, -1, -1] = dout[-1, :, -1, -1]
        return part(only, x, w, s, p)

    return last


def _dw_by_slices(dout: Array, x: Array, w: Array, stride: int, padding: int) -> Array:
    """dw on the image without its padding; windows are cut off where they hang over."""
    dw = np.zeros(w.shape)
    for i, j in np.ndindex(dout.shape[2:]):
        chunk = cut_chunk(x, i * stride, j * stride, w.shape[2:])
        dw += np.einsum("nf,ncuv->fcuv", dout[:, :, i, j], chunk)
    return dw


def _changed(part: Part, change: Callable[[Array], Any]) -> Part:
    return lambda dout, x, w, s, p: change(part(dout, x, w, s, p))


def _db_over(*axes: int, **options: bool) -> Part:
    return lambda dout, x, w, s, p: dout.sum(axis=axes, **options)


def _mean_over_outputs(part: Part) -> Part:
    return lambda dout, x, w, s, p: part(dout, x, w, s, p) / dout[:, 0].size


def _reordered(*order: int) -> Callable[..., Gradients]:
    return gradients(finish=lambda all_three, dout: tuple(all_three[k] for k in order))


_FED = "One input pixel fed many outputs. Which gradients should it receive?"
_MAPS = "How many of the maps looked at this pixel? Did each send its gradient back?"
_USED = "The weight was used at every position. Does each use count in your dw?"
_BATCH = "Who else used this weight: how many images are there?"
_FLIP = "Add dout · w where you read x. Does that need a flip?"
_START = "Repeat your check with stride 2. Where did the forward windows start?"
_FORM = "Which shape must each gradient have?"
_RATIO = "Is the ratio to the numerical gradient constant? Which constant?"
_CROP = "Print the shapes of x and dx, without padding and with padding 1. Are they the same?"
_UPSTREAM = "Give it a dout of zeros. What should every gradient be?"
_BIAS = "To how many outputs was b[f] added? How do they count in db[f]?"
_BIAS_SHAPE = "Which shape has b? Print the shape of your db: is it the same?"

DX_MISTAKES = {
    "dx-overwritten": Mistake(
        gradients(dx=dx_by(_of_filter(-1), written_at)),
        "each window and each filter overwrites dx instead of adding to it",
        _FED,
    ),
    "dx-overwritten-by-windows": Mistake(
        gradients(dx=dx_by(spread=written_at)),
        "each window overwrites dx instead of adding to it",
        _FED,
    ),
    "dx-of-the-last-filter": Mistake(
        gradients(dx=dx_by(_of_filter(-1))), "only the last map sends its gradient to dx", _MAPS
    ),
    "dx-of-the-first-filter": Mistake(
        gradients(dx=dx_by(_of_filter(0))), "only the first map sends its gradient to dx", _MAPS
    ),
    "dx-kernel-rotated": Mistake(
        gradients(dx=dx_by(lambda dout, w: shares(dout, w[:, :, ::-1, ::-1]))),
        "the kernel is rotated by 180° in dx",
        _FLIP,
    ),
    "dx-kernel-transposed": Mistake(
        gradients(dx=dx_by(lambda dout, w: shares(dout, w.swapaxes(2, 3)))),
        "rows and columns of the kernel are exchanged in dx",
        "Compare dx of a single output with the kernel, tap by tap. Which way does it lie?",
    ),
    "dx-channel-before-filter": Mistake(
        gradients(dx=dx_by(_channel_first)),
        "the first two axes of w are taken in the other order in dx",
        "Which comes first in the shape of w: output depth or input depth?",
    ),
    "dx-windows-start-at-i-j": Mistake(
        gradients(dx=dx_by(places=on_both(unstrided))),
        "windows start at every pixel in dx, whatever the stride",
        _START,
    ),
    "windows-start-at-i-j": Mistake(
        gradients(dx=dx_by(places=on_both(unstrided)), dw=dw_by(places=on_both(unstrided))),
        "windows start at every pixel, whatever the stride",
        _START,
    ),
    "windows-a-kernel-apart": Mistake(
        gradients(dx=dx_by(places=on_both(kernel_apart)), dw=dw_by(places=on_both(kernel_apart))),
        "windows stand a kernel apart instead of a stride",
        _START,
    ),
    "dx-of-the-padded-image": Mistake(
        gradients(dx=dx_by(crop=lambda dpadded, x, p: dpadded)),
        "the gradient of the padded image is returned",
        _CROP,
    ),
    "dx-empty-without-padding": Mistake(
        gradients(dx=dx_by(crop=_minus_zero)),
        "the padding is cut off as [p:-p], with padding 0 as well",
        "What is a[0:-0]? Try padding 0.",
    ),
    "dx-cropped-at-the-corner": Mistake(
        gradients(dx=dx_by(crop=_top_left)),
        "dx is cut from the upper left corner of the padded image",
        "Where in the padded image does pixel (0, 0) of x stand?",
    ),
    "dx-not-computed": Mistake(
        gradients(dx=_changed(_DX, np.zeros_like)),
        "dx stays 0",
        "Which layer is below this one? What does it learn from a gradient of 0?",
    ),
    "dx-without-weights": Mistake(
        gradients(dx=dx_by(lambda dout, w: shares(dout, np.ones_like(w)))),
        "dout is handed to the pixels without being multiplied by the weights",
        "A pixel was multiplied by a weight. How much does the output change with it?",
    ),
    "dx-averaged-over-filters": Mistake(
        gradients(dx=dx_by(lambda dout, w: shares(dout, w) / len(w))),
        "the maps' gradients are averaged in dx, not added up",
        _RATIO,
    ),
}

DW_MISTAKES = {
    "dw-of-the-last-position": Mistake(
        gradients(dw=_of_last_place(_DW)), "each position overwrites dw", _USED
    ),
    "dw-of-the-last-image": Mistake(
        gradients(dw=_of_image(_DW, -1)), "each image overwrites dw", _BATCH
    ),
    "dw-of-the-first-image": Mistake(
        gradients(dw=_of_image(_DW, 0)), "only the first image counts in dw", _BATCH
    ),
    "dw-rotated": Mistake(
        gradients(dw=_changed(_DW, lambda dw: dw[:, :, ::-1, ::-1])),
        "dw is rotated by 180°",
        "Compare dw[0, 0] with finite differences, tap by tap. Is every number at its place?",
    ),
    "dw-averaged-over-the-batch": Mistake(
        gradients(dw=_averaged_over_images(_DW)),
        "dw is averaged over the images",
        "Is the sum over the batch divided anywhere in the forward pass?",
    ),
    "dw-averaged-over-all-outputs": Mistake(
        gradients(dw=_mean_over_outputs(_DW)),
        "dw is averaged over images and positions",
        _RATIO,
    ),
    "dw-from-the-unpadded-image": Mistake(
        gradients(dw=_dw_by_slices),
        "dw is computed on the image without its padding",
        "Which image did the windows of the forward pass read?",
    ),
    "dw-from-the-unpadded-image-by-index": Mistake(
        gradients(dw=dw_by(pad=lambda x, p: x)),
        "dw is computed on the image without its padding, where windows hang over",
        "Which image did the windows of the forward pass read?",
    ),
    "dw-not-computed": Mistake(
        gradients(dw=_changed(_DW, np.zeros_like)),
        "dw stays 0",
        "Does w influence the loss? What is its gradient then?",
    ),
    "dw-without-dout": Mistake(
        gradients(dw=_as_if_ones(_DW)), "dw takes every dout to be 1", _UPSTREAM
    ),
    "dw-channel-before-filter": Mistake(
        gradients(dw=dw_by("nfhw,nchwuv->cfuv")), "dw has channels before filters", _FORM
    ),
    "dw-windows-start-at-i-j": Mistake(
        gradients(dw=dw_by(places=on_both(unstrided))),
        "windows start at every pixel in dw, whatever the stride",
        _START,
    ),
}

DB_MISTAKES = {
    "db-mean": Mistake(
        gradients(db=_mean_over_outputs(_db)), "db is the mean of dout and not its sum", _BIAS
    ),
    "db-by-image": Mistake(
        gradients(db=_db_over(1, 2, 3)), "db has one number for each image", _BIAS_SHAPE
    ),
    "db-by-position": Mistake(
        gradients(db=_db_over(0)), "db is summed over the images only", _BIAS_SHAPE
    ),
    "db-by-image-and-map": Mistake(
        gradients(db=_db_over(2, 3)), "db is summed over the positions only", _BIAS_SHAPE
    ),
    "db-axes-kept": Mistake(
        gradients(db=_db_over(0, 2, 3, keepdims=True)),
        "the summed axes of db are kept, with length 1",
        _BIAS_SHAPE,
    ),
    "db-one-number": Mistake(
        gradients(db=_db_over(0, 1, 2, 3)), "db is one number for all filters", _BIAS_SHAPE
    ),
    "db-as-a-column": Mistake(
        gradients(db=_changed(_db, lambda db: db[:, np.newaxis])),
        "db has the shape (F, 1)",
        _BIAS_SHAPE,
    ),
    "db-not-computed": Mistake(
        gradients(db=_changed(_db, np.zeros_like)), "db stays 0", "Does b influence the loss?"
    ),
    "db-of-the-last-image": Mistake(
        gradients(db=_of_image(_db, -1)), "each image overwrites db", _BIAS
    ),
    "db-of-the-last-position": Mistake(
        gradients(db=_of_last_place(_db)), "each position overwrites db", _BIAS
    ),
    "db-counts-outputs": Mistake(
        gradients(db=_as_if_ones(_db)), "db counts the outputs of each map", _UPSTREAM
    ),
    "db-averaged-over-the-batch": Mistake(
        gradients(db=_averaged_over_images(_db)), "db is averaged over the images", _BIAS
    ),
}

ALL_MISTAKES = {
    "all-divided-by-the-batch": Mistake(
        _in_all(_averaged_over_images), "every gradient is divided by the number of images", _RATIO
    ),
    "parameters-divided-by-the-batch": Mistake(
        gradients(dw=_averaged_over_images(_DW), db=_averaged_over_images(_db)),
        "dw and db are divided by the number of images",
        _RATIO,
    ),
    "dout-ignored": Mistake(_in_all(_as_if_ones), "every dout is taken to be 1", _UPSTREAM),
    "parameters-of-the-last-image": Mistake(
        gradients(dw=_of_image(_DW, -1), db=_of_image(_db, -1)),
        "each image overwrites dw and db",
        _BATCH,
    ),
    "parameters-of-the-last-position": Mistake(
        gradients(dw=_of_last_place(_DW), db=_of_last_place(_db)),
        "each position overwrites dw and db",
        _USED,
    ),
    "everything-overwritten": Mistake(
        gradients(
            dx_by(_of_filter(-1), written_at), dw=_of_last_place(_DW), db=_of_last_place(_db)
        ),
        "`=` stands where `+=` should, in all three gradients",
        "How often is each number of dx, dw and db written to in your loops?",
    ),
    "dw-first": Mistake(
        _reordered(1, 0, 2),
        "dw is returned before dx",
        "In which order are the three gradients asked for?",
    ),
    "dx-last": Mistake(
        _reordered(1, 2, 0),
        "dx is returned last",
        "In which order are the three gradients asked for?",
    ),
}

BACKWARD_MISTAKES = DX_MISTAKES | DW_MISTAKES | DB_MISTAKES | ALL_MISTAKES
