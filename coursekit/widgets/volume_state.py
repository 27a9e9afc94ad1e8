"""What the volume explorer shows, without a page; volume_state.js is its twin."""

from dataclasses import dataclass
from functools import cache
from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from coursekit import shapes
from coursekit.widgets.wording import number_text

CONVOLUTION, LOCAL, FULL = KINDS = ("convolution", "locally connected", "fully connected")
MOST_NEURONS = 8
_OFFSETS, _LONGEST = 1 << 14, 1 << 13  # where a neuron's own weights start; the most it has
Place = tuple[int, int, int]


def generated_filters(channels: int, size: int) -> np.ndarray:
    """Filters (8, C, k, k) that each look for something, in tenths."""
    away = np.arange(size) - (size - 1) / 2
    down, across = np.sign(away)[:, None], np.sign(away)[None, :]
    center = np.maximum(abs(away)[:, None], abs(away)) <= 1
    flat = np.ones((size, size))
    first = np.where(np.arange(channels) == 0, 0.2, -0.1)[:, None, None]
    last = np.where(np.arange(channels) == channels - 1, 0.2, -0.1)[:, None, None]
    kinds = [0.2 * across * flat, 0.2 * down * flat, np.where(center, 0.4, -0.2), first * flat]
    kinds += [0.2 * np.sign(down + across), 0.1 * flat, 0.2 * np.sign(down - across), last * flat]
    return np.stack([np.broadcast_to(kind, (channels, size, size)) for kind in kinds])


def generated_biases() -> np.ndarray:
    """Biases (8,), one for each of the generated filters."""
    return np.array([0, 0.1, -0.1, 0.2, 0, -2, 0.3, -0.2])


@dataclass(frozen=True)
class Volume:
    """One layer on one image: (C, H, W) to (D, H', W'), stride 1, no padding.

    image: (C, H, W), as it stands before the layer. filters: (D, C, k, k). biases: (D,).
    kind: one of `KINDS`; without sharing the filters give way to generated weights, every neuron's
    its own.
    """

    image: np.ndarray
    filters: np.ndarray
    biases: np.ndarray
    kind: str

    @property
    def out_shape(self) -> tuple[int, int, int]:
        """Shape of the output, (D, H', W')."""
        size = self.filters.shape[-1]
        _, height, width = self.image.shape
        return len(self.filters), height - size + 1, width - size + 1

    @property
    def weights_each(self) -> int:
        """Weights of one neuron."""
        return self.image.size if self.kind == FULL else prod(self.filters.shape[1:])

    def parameters(self, kind: str) -> int:
        """Weights and biases of the whole layer if it were of this kind."""
        count, channels, size, _ = self.filters.shape
        if kind == CONVOLUTION:
            return shapes.conv2d_parameters(channels, count, size)
        if kind == LOCAL:
            out_size = self.out_shape[1:]
            return shapes.locally_connected_parameters(channels, count, size, out_size)
        return shapes.linear_parameters(self.image.size, prod(self.out_shape))

    def chunk(self, row: int, col: int) -> np.ndarray:
        """What the neurons at one place see: (C, k, k), or the whole image."""
        if self.kind == FULL:
            return self.image
        size = self.filters.shape[-1]
        return self.image[:, row : row + size, col : col + size]

    def neuron(self, place: Place) -> tuple[np.ndarray, float]:
        """Weights, shaped as the chunk, and bias of one neuron."""
        if self.kind == CONVOLUTION:
            return self.filters[place[0]], float(self.biases[place[0]])
        start = _starts(np.array(place))
        own = _numbers()[start : start + self.weights_each]
        shape = self.chunk(*place[1:]).shape
        return own.reshape(shape) / _thinner(self.kind), float(_own_bias(start))

    def parts(self, place: Place) -> np.ndarray:
        """Sum of products of each channel, (C,)."""
        return (self.chunk(*place[1:]) * self.neuron(place)[0]).sum((1, 2))

    def response(self, place: Place) -> float:
        """Output h of one neuron, before its ReLU."""
        return float(self.parts(place).sum()) + self.neuron(place)[1]

    def slice(self, index: int) -> np.ndarray:
        """Outputs of one slice, (H', W'), before their ReLU."""
        rows, cols = self.out_shape[1:]
        size = self.filters.shape[-1]
        chunks = sliding_window_view(self.image, (size, size), axis=(1, 2))  # (C, H', W', k, k)
        if self.kind == CONVOLUTION:
            return np.einsum("cijuv,cuv->ij", chunks, self.filters[index]) + self.biases[index]
        places = np.stack(np.broadcast_arrays(index, *np.indices((rows, cols))))
        starts = _starts(places)
        own = sliding_window_view(_numbers(), self.weights_each)[starts] / _thinner(self.kind)
        if self.kind == FULL:
            return own @ self.image.ravel() + _own_bias(starts)
        own = own.reshape(rows, cols, *self.filters.shape[1:])
        return np.einsum("cijuv,ijcuv->ij", chunks, own) + _own_bias(starts)


def _mixed(n: np.ndarray | int) -> np.ndarray:
    """Whole numbers that look like chance, the same ones in the browser."""
    n = np.atleast_1d(np.asarray(n, np.uint32))
    n = (n ^ n >> 16) * np.uint32(0x7FEB352D)
    n = (n ^ n >> 15) * np.uint32(0x846CA68B)
    return n ^ n >> 16


@cache
def _numbers() -> np.ndarray:
    """Hundredths from −0.2 to 0.2; a neuron's own weights are a piece of them."""
    return (_mixed(np.arange(_OFFSETS + _LONGEST)) % 41 - 20.0) / 100


def _starts(places: np.ndarray) -> np.ndarray:
    """Where the own weights of neurons start; places: (3, ...), slice, row and column."""
    starts = _mixed(places[0] * 1600 + places[1] * 40 + places[2] + 99991) % _OFFSETS
    return starts.reshape(places.shape[1:]).astype(int)


def _own_bias(start: np.ndarray) -> np.ndarray:
    return (_mixed(start + 7).reshape(np.shape(start)) % 11 - 5.0) / 10


def _thinner(kind: str) -> int:
    """Many weights are smaller ones, so that sums stay of one size."""
    return 10 if kind == FULL else 1


def moved(image: np.ndarray, shift: tuple[int, int]) -> np.ndarray:
    """Image (C, H, W) moved by (down, right) pixels; its edges are repeated."""
    rows, cols = (
        np.clip(np.arange(n) - by, 0, n - 1) for n, by in zip(image.shape[1:], shift, strict=True)
    )
    return image[:, rows][:, :, cols].astype(np.float64)


def translation_test(before: Volume, after: Volume, index: int, shift: tuple[int, int]) -> tuple:
    """How many outputs of a slice moved with the image, and how many could have.

    An output moved with it if the neuron that stands `shift` further gives the same number.
    """
    old, new = before.slice(index), after.slice(index)
    for axis, by in enumerate(shift):
        keep = max(old.shape[axis] - abs(by), 0)
        old = np.take(old, np.arange(keep) + max(-by, 0), axis)
        new = np.take(new, np.arange(keep) + max(by, 0), axis)
    same = abs(old - new) <= 1e-9 * np.maximum(1, abs(old))
    return int(same.sum()), same.size


# ---- the sentence ----


def neuron_sentence(volume: Volume, place: Place, relu: bool) -> str:
    """One neuron's sum, word for word as in the browser."""
    size = " × ".join(map(str, volume.out_shape))
    terms = ", ".join(
        f"channel {c + 1} adds {number_text(part)}" for c, part in enumerate(volume.parts(place))
    )
    h = volume.response(place)
    after = f", and {number_text(max(h, 0))} after the ReLU" if relu else ""
    where = ", ".join(map(str, place))
    bias = number_text(volume.neuron(place)[1])
    return (
        f"Neuron h[{where}] of {size}: {terms}; with the bias {bias}, h is {number_text(h)}{after}."
    )


def sharing_sentence(volume: Volume) -> str:
    """Who else uses a neuron's weights, and what that costs."""
    each, total = f"{volume.weights_each:,}", f"{volume.parameters(volume.kind):,}"
    neurons = f"{prod(volume.out_shape[1:]):,}"
    if volume.kind == CONVOLUTION:
        whose = f"Its {each} weights and its bias serve all {neurons} neurons of its slice"
    elif volume.kind == LOCAL:
        whose = f"Its {each} weights and its bias are its own"
    else:
        whose = f"Its {each} weights, one for every number of the input, and its bias are its own"
    return f"{whose}; the layer has {total} parameters."


def shift_sentence(shift: tuple[int, int], index: int, same: int, compared: int) -> str:
    """What the translation test found; empty where the image was not moved."""
    if shift == (0, 0):
        return ""
    names = (("down", "up"), ("right", "left"))
    steps = [f"{abs(by)} {name[by < 0]}" for by, name in zip(shift, names, strict=True) if by]
    return (
        f"The image moved {', '.join(steps)}: in slice {index}, {same:,} of {compared:,} numbers "
        "moved along with it."
    )
