"""Known mistakes of a convolution: the right windows, wrongly weighted and added up."""

from collections.abc import Callable

import numpy as np

from coursekit.exercises.exercise import Mistake
from coursekit.exercises.wrong_convolutions import (
    Array,
    Weigh,
    convolution,
    one_each,
    weighted,
    with_weights,
)


def _scaled_down(by: Callable[[Array], int]) -> Callable[..., Array]:
    return convolution(weigh=lambda chunks, w: weighted(chunks, w) / by(w[0]))


def _sums_multiplied(chunks: Array, w: Array) -> Array:
    sums = chunks.sum(axis=(1, 4, 5))[:, np.newaxis]
    return sums * w.sum(axis=(1, 2, 3))[:, np.newaxis, np.newaxis]


def _sums_multiplied_by_channel(chunks: Array, w: Array) -> Array:
    return np.einsum("nchw,fc->nfhw", chunks.sum(axis=(4, 5)), w.sum(axis=(2, 3)))


def _channel_first(w: Array) -> Array:
    if len(w) != w.shape[1]:
        raise IndexError("a filter index out of bounds")
    return w.swapaxes(0, 1)


def _channel_first_in_whole_chunks(w: Array) -> Array:
    """w[:, f] for filter f: with one filter, its first channel is used for all."""
    return np.broadcast_to(w[:, :1], w.shape) if len(w) == 1 else _channel_first(w)


def _only_channel(channel: int) -> Weigh:
    part = slice(channel, channel + 1 or None)
    return lambda chunks, w: weighted(chunks[:, part], w[:, part])


def _bias_along_the_width(b: Array, w: Array) -> Array:
    return b  # an error, unless the map is as wide as there are filters


def _recut(axes: tuple[int, ...]) -> Callable[[Array], Array]:
    """The right numbers computed with their axes in this order, then re-cut to (N, F, H', W')."""
    return lambda out: np.ascontiguousarray(out.transpose(axes)).reshape(out.shape)


def _only_first_image(out: Array) -> Array:
    return np.concatenate([out[:1], 0 * out[1:]])


_ORIENTATION = "Feed an image with a single 1. What comes out, and in which orientation?"
_ZERO = "Give it an all-zero image. What should you see?"
_OWN_BIAS = "Does each map have its own bias? Give it an all-zero image and look at every map."
_SUM = "Divide your answer by the right one, with bias 0: is it a constant? Which?"
_ORDER = "Multiply first or add up first? Try a filter whose weights add up to 0."
_CHANNELS = "Try a pure red image, then a pure green and a pure blue one. Does each count?"
_AXES = "Print the shape of your result and say what each number counts. Is it (N, F, H', W')?"
_RECUT = "The numbers are all there. Did you move axes at the end, or re-cut the memory?"
_BATCH = "Give it two different images. Is the second map the second image's?"

SUM_MISTAKES = {
    "kernel-rotated": Mistake(
        with_weights(lambda w: w[:, :, ::-1, ::-1]), "the kernel is rotated by 180°", _ORIENTATION
    ),
    "kernel-and-channels-reversed": Mistake(
        with_weights(lambda w: w[:, ::-1, ::-1, ::-1]),
        "the kernel is rotated by 180° and its channels are reversed",
        _ORIENTATION,
    ),
    "kernel-upside-down": Mistake(
        with_weights(lambda w: w[:, :, ::-1]), "the kernel is turned upside down", _ORIENTATION
    ),
    "kernel-mirrored": Mistake(
        with_weights(lambda w: w[:, :, :, ::-1]), "the kernel is mirrored", _ORIENTATION
    ),
    "kernel-transposed": Mistake(
        with_weights(lambda w: w.swapaxes(2, 3)),
        "rows and columns of the kernel are exchanged",
        "To which filter do vertical edges respond: to one that compares left and right?",
    ),
    "channel-before-filter": Mistake(
        with_weights(_channel_first),
        "the first two axes of w are taken in the other order",
        "Which comes first in the shape of w: output depth or input depth?",
    ),
    "channel-before-filter-in-whole-chunks": Mistake(
        with_weights(_channel_first_in_whole_chunks),
        "w[:, f] is taken for filter f, and not w[f]",
        "Which comes first in the shape of w: output depth or input depth?",
    ),
    "channels-reversed": Mistake(
        with_weights(lambda w: w[:, ::-1]), "the channels of the filters are reversed", _CHANNELS
    ),
    "only-the-first-channel": Mistake(
        convolution(weigh=_only_channel(0)), "only the first channel is summed", _CHANNELS
    ),
    "only-the-last-channel": Mistake(
        convolution(weigh=_only_channel(-1)),
        "each channel overwrites the one before, so that only the last is left",
        "What happened to red and green?",
    ),
    "first-filter-everywhere": Mistake(
        with_weights(lambda w: np.repeat(w[:1], len(w), axis=0)),
        "the first filter is used for every map",
        "Are your maps different, apart from a constant?",
    ),
    "last-filter-everywhere": Mistake(
        with_weights(lambda w: np.repeat(w[-1:], len(w), axis=0)),
        "the last filter is used for every map",
        "Are your maps different, apart from a constant?",
    ),
    "mean-instead-of-sum": Mistake(
        _scaled_down(np.size), "the products of a chunk are averaged, not added up", _SUM
    ),
    "mean-over-channels": Mistake(
        _scaled_down(len), "the channels are averaged, not added up", _SUM
    ),
    "sums-multiplied": Mistake(
        convolution(weigh=_sums_multiplied),
        "chunk and filter are added up first, and multiplied afterwards",
        _ORDER,
    ),
    "sums-multiplied-by-channel": Mistake(
        convolution(weigh=_sums_multiplied_by_channel),
        "in each channel, chunk and filter are added up first and multiplied afterwards",
        _ORDER,
    ),
    "bias-forgotten": Mistake(convolution(bias=lambda b, w: 0), "the bias is forgotten", _ZERO),
    "bias-subtracted": Mistake(
        convolution(bias=lambda b, w: -one_each(b, w)), "the bias is subtracted", _ZERO
    ),
    "bias-for-every-channel": Mistake(
        convolution(bias=lambda b, w: w.shape[1] * one_each(b, w)),
        "the bias is added once for every channel",
        "How often is b added for one output number?",
    ),
    "bias-for-every-tap": Mistake(
        convolution(bias=lambda b, w: w[0].size * one_each(b, w)),
        "the bias is added once for every weight",
        "How often is b added for one output number?",
    ),
    "first-bias-everywhere": Mistake(
        convolution(bias=lambda b, w: b[0]), "the first bias is used for every map", _OWN_BIAS
    ),
    "biases-summed": Mistake(
        convolution(bias=lambda b, w: b.sum()), "all biases are added to every map", _OWN_BIAS
    ),
    "bias-along-the-width": Mistake(
        convolution(bias=_bias_along_the_width),
        "the biases are laid along the width of the maps",
        "Which axis of your result has one entry for each bias?",
    ),
    "relu-inside": Mistake(
        convolution(finish=lambda out: np.maximum(out, 0)),
        "negative results are set to 0",
        "Can a filter respond with a negative number? Which step comes after this layer?",
    ),
    "whole-numbers-only": Mistake(
        convolution(finish=lambda out: out.astype(int)),
        "all fractions are cut off, as in an array of whole numbers",
        "Which dtype did you allocate for the result?",
    ),
    "first-image-everywhere": Mistake(
        convolution(finish=lambda out: np.repeat(out[:1], len(out), axis=0)),
        "the first image is used for the whole batch",
        _BATCH,
    ),
    "only-the-first-image": Mistake(
        convolution(finish=_only_first_image), "only the first image is computed", _BATCH
    ),
    "maps-last": Mistake(
        convolution(finish=lambda out: out.transpose(0, 2, 3, 1)), "the maps' axis is last", _AXES
    ),
    "maps-first": Mistake(
        convolution(finish=lambda out: out.swapaxes(0, 1)),
        "maps come before images",
        _AXES,
    ),
    "height-and-width-exchanged": Mistake(
        convolution(finish=lambda out: out.swapaxes(2, 3)),
        "height and width of the result are exchanged",
        _AXES,
    ),
    "re-cut-from-maps-last": Mistake(
        convolution(finish=_recut((0, 2, 3, 1))),
        "a result with the maps last is re-cut to the right shape, and no axis is moved",
        _RECUT,
    ),
    "re-cut-from-maps-first": Mistake(
        convolution(finish=_recut((1, 0, 2, 3))),
        "a result with the maps first is re-cut to the right shape, and no axis is moved",
        _RECUT,
    ),
}
