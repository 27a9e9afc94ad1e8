"""Exercise of lecture 09: neurons of every layer of a network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, prod
from typing import Any

import numpy as np

from coursekit import shapes
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.properties import expects

Layer = tuple[str, int, int | None, int | None, int | None]
Shape = tuple[int, int, int]

ALEXNET: list[Layer] = [
    ("conv", 96, 11, 4, 0),
    ("pool", 96, 3, 2, 0),
    ("conv", 256, 5, 1, 2),
    ("pool", 256, 3, 2, 0),
    ("conv", 384, 3, 1, 1),
    ("conv", 384, 3, 1, 1),
    ("conv", 256, 3, 1, 1),
    ("pool", 256, 3, 2, 0),
    ("linear", 4096, None, None, None),
    ("linear", 4096, None, None, None),
    ("linear", 1000, None, None, None),
]


def neuron_counts(input_shape: Shape, layers: Sequence[Layer]) -> list[int]:
    """Neurons of every layer of a network that has weights.

    input_shape: (C, H, W) of the image. layers: from the image to the scores, each of them
    (kind, out_channels, kernel_size, stride, padding). kind is "conv", "pool" or "linear"; a
    "linear" layer has out_channels neurons that see everything before them, and None for the rest.
    Returns a list of whole numbers, one for every "conv" and "linear": the values it computes for
    one image. A "pool" makes the maps smaller and has no neurons of its own.

    >>> neuron_counts((3, 32, 32), [("conv", 6, 5, 1, 0), ("pool", 6, 2, 2, 0)])
    [4704]
    """
    height, width = input_shape[1:]
    counts = []
    for kind, channels, kernel_size, stride, padding in layers:
        if kind == "linear":
            height = width = 1
        else:
            height = shapes.output_size(height, kernel_size, stride, padding)
            width = shapes.output_size(width, kernel_size, stride, padding)
        if kind != "pool":
            counts.append(channels * height * width)
    return counts


# --- inputs --------------------------------------------------------------------------------------


def conv(out_channels: int, kernel_size: int, stride: int = 1, padding: int = 0) -> Layer:
    """A convolution as the exercise writes it."""
    return "conv", out_channels, kernel_size, stride, padding


def pool(channels: int, kernel_size: int, stride: int, padding: int = 0) -> Layer:
    """A pooling as the exercise writes it."""
    return "pool", channels, kernel_size, stride, padding


def linear(out_features: int) -> Layer:
    """A fully connected layer as the exercise writes it."""
    return "linear", out_features, None, None, None


def _cases(rng: np.random.Generator) -> list[Case]:
    def maps() -> int:
        return 2 * int(rng.integers(3, 20))

    def case(group: str, shape: Shape, *layers: Layer) -> Case:
        return Case(group, (shape, list(layers)))

    high, wide = (int(n) for n in rng.integers((40, 60), (50, 75)))
    c, d = maps(), maps()
    back = [conv(64, 11, 4, 2), *ALEXNET[1:2], conv(192, 5, 1, 2), *ALEXNET[3:]]
    return [
        case("one convolution", (3, 32, 32), conv(6, 5)),
        case("one convolution", (3, 40, 40), conv(maps(), 3)),
        case("stride", (3, 33, 33), conv(maps(), 3, 2)),
        case("stride", (1, 50, 50), conv(maps(), 5, 3)),
        case("padding", (3, 24, 24), conv(maps(), 5, 1, 2)),
        case("padding", (3, 31, 31), conv(maps(), 7, 2, 3)),
        case("several layers", (3, 41, 41), conv(c, 5, 2), conv(d, 3, 1, 1), conv(maps(), 4, 2, 1)),
        case("pooling", (3, 30, 30), conv(c, 3, 1, 1), pool(c, 3, 2), conv(d, 3)),
        case("pooling", (3, 36, 36), conv(c, 5), pool(c, 2, 2), pool(c, 3, 2, 1), conv(d, 2)),
        case("fully connected layers", (3, 20, 20), conv(c, 5), linear(maps()), linear(10)),
        case("fully connected layers", (1, 28, 28), linear(maps()), linear(10)),
        case("images that are not square", (3, high, wide), conv(c, 5, 2, 1), conv(d, 3)),
        case("images that are not square", (3, wide, high), conv(c, 4, 3)),
        Case("whole networks", ((3, 227, 227), ALEXNET)),
        Case("whole networks", ((3, 224, 224), back)),
        case("whole networks", (3, 227, 227), *ALEXNET[:-1], linear(maps())),
    ]


_SMALL = tuple(
    Case("small", (shape, layers))
    for shape, layers in (
        ((1, 1, 1), [conv(1, 1)]),
        ((1, 1, 2), [conv(1, 1)]),
        ((1, 2, 1), [conv(3, 1)]),
        ((2, 1, 1), [conv(1, 1)]),
        ((1, 4, 4), [conv(1, 3)]),
        ((1, 3, 5), [conv(2, 3)]),
        ((1, 5, 5), [conv(1, 1, 2)]),
        ((1, 6, 6), [conv(1, 3, 2)]),
        ((1, 3, 3), [conv(1, 3, 1, 1)]),
        ((2, 4, 6), [linear(5)]),
        ((1, 2, 2), [conv(1, 1), conv(2, 2)]),
        ((1, 4, 4), [conv(1, 1), pool(1, 2, 2)]),
        ((1, 5, 5), [conv(1, 1), pool(1, 2, 2), conv(1, 1)]),
        ((1, 2, 3), [conv(2, 1), linear(3), linear(2)]),
        ((1, 6, 6), [conv(4, 3, 2)]),
        ((1, 3, 6), [conv(4, 3)]),
    )
)

# --- known mistakes ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Computed:
    """A layer and the shapes before and after it."""

    kind: str
    before: Shape
    after: Shape
    kernel_size: int | None


Axis = Callable[[int, int, int, int], int]  # size, kernel_size, stride, padding -> size


def _right_axis(n: int, k: int, s: int, p: int) -> int:
    return (n + 2 * p - k) // s + 1


def _trace(
    shape: Shape, layers: Sequence[Layer], axis: Axis = _right_axis, pooled: Axis | None = None
) -> list[Computed]:
    """Every layer with its shapes.

    axis: the size rule of all layers, or of convolutions only where pooled is given.
    """
    found = []
    for kind, channels, *window in layers:
        rule = (pooled or axis) if kind == "pool" else axis
        sizes = (1, 1) if kind == "linear" else [rule(n, *window) for n in shape[1:]]
        found.append(Computed(kind, shape, (channels, *sizes), window[0]))
        shape = found[-1].after
    return found


def _from(
    count: Callable[[Computed], Any] = lambda layer: prod(layer.after),
    counted: tuple[str, ...] = ("conv", "linear"),
    axis: Axis = _right_axis,
    pooled: Axis | None = None,
) -> Callable[..., list[Any]]:
    """A function like neuron_counts from another count, other layers or other sizes."""

    def neuron_counts(input_shape: Shape, layers: Sequence[Layer]) -> list[Any]:
        trace = _trace(input_shape, layers, axis, pooled)
        return [count(layer) for layer in trace if layer.kind in counted]

    return neuron_counts


def _parameters(layer: Computed) -> int:
    seen = layer.before[0] * layer.kernel_size**2 if layer.kernel_size else prod(layer.before)
    return layer.after[0] * (seen + 1)


def _of_the_paper(layer: Computed) -> int:
    channels, height, _ = layer.after
    return channels if layer.kind == "linear" else height * (channels // 2) * channels


def _one_gpu(layer: Computed) -> int:
    return layer.after[0] // 2 * layer.after[1] * layer.after[2]


def _maps_kept(shape: Shape, layers: Sequence[Layer]) -> list[int]:
    """A linear layer has its neurons at every place of the maps before it."""
    h, w = shape[1:]
    counts = []
    for kind, channels, *window in layers:
        if kind != "linear":
            h, w = _right_axis(h, *window), _right_axis(w, *window)
        counts += [channels * h * w] if kind != "pool" else []
    return counts


def _always_from_the_image(shape: Shape, layers: Sequence[Layer]) -> list[int]:
    return [count for layer in layers for count in neuron_counts(shape, [layer])]


def _square(side: int) -> Callable[..., list[int]]:
    return lambda shape, layers: neuron_counts((shape[0], shape[side], shape[side]), layers)


_SIZE = "How many places can a 3-wide kernel stand on, in a row of 5 pixels?"
_VALUES = "A layer of 6 maps, each 28 × 28: how many values does it compute?"
_WHICH = "Which of the layers have weights, and is there a number for each of them?"
MISTAKES = {
    "the-papers-first-number": Mistake(
        _from(_of_the_paper),
        "half the number of maps is used for the width, as in the paper's 253,440 = 55 · 48 · 96",
        "The paper's first number is 55 · 48 · 96. How wide are the maps of the first layer?",
    ),
    "one-gpu": Mistake(
        _from(_one_gpu),
        "only half the maps are counted, those on one of the two GPUs",
        "How many of the maps does the layer compute on both GPUs together?",
    ),
    "maps-forgotten": Mistake(
        _from(lambda layer: layer.after[1] * layer.after[2]), "only one map is counted", _VALUES
    ),
    "one-axis": Mistake(
        _from(lambda layer: layer.after[0] * layer.after[1]),
        "only one side of the maps is counted",
        _VALUES,
    ),
    "maps-of-the-layer-before": Mistake(
        _from(lambda layer: layer.before[0] * layer.after[1] * layer.after[2]),
        "the maps that go into a layer are counted, not those that come out",
        "What does a filter give: how many maps come out of a layer with 6 filters?",
    ),
    "size-before-the-layer": Mistake(
        _from(lambda layer: layer.after[0] * layer.before[1] * layer.before[2]),
        "the size of the maps before the layer is used",
        "Are the neurons of a layer in front of its kernel or behind it?",
    ),
    "parameters": Mistake(
        _from(_parameters),
        "weights and biases are counted",
        "Neurons or parameters: are you counting values computed, or values learned?",
    ),
    "shapes-returned": Mistake(
        _from(lambda layer: layer.after), "shapes are returned in place of numbers", _VALUES
    ),
    "pooling-counted": Mistake(
        _from(counted=("conv", "pool", "linear")), "poolings are counted too", _WHICH
    ),
    "linear-not-counted": Mistake(
        _from(counted=("conv",)), "the fully connected layers are not counted", _WHICH
    ),
    "input-counted": Mistake(
        lambda shape, layers: [prod(shape), *neuron_counts(shape, layers)],
        "the image is counted as well",
        "Are the pixels of the image computed by a layer?",
    ),
    "total": Mistake(
        lambda shape, layers: sum(neuron_counts(shape, layers)),
        "the sum over all layers is returned",
        "How many numbers are asked for, one or one for each layer?",
    ),
    "running-total": Mistake(
        lambda shape, layers: list(accumulate(neuron_counts(shape, layers))),
        "every number also contains those before it",
        "Do you start anew for every layer?",
    ),
    "last-layer-forgotten": Mistake(
        lambda shape, layers: neuron_counts(shape, layers[:-1]),
        "the last layer is left out",
        _WHICH,
    ),
    "always-from-the-image": Mistake(
        _always_from_the_image,
        "every layer is taken to start from the image",
        "What does the second layer see: the image, or the maps of the first?",
    ),
    "pooling-ignored": Mistake(
        _from(pooled=lambda n, k, s, p: n),
        "poolings leave the maps as large as they were",
        "A pooling with stride 2 stands between two layers: what does the second one get?",
    ),
    "pooling-rounded-up": Mistake(
        _from(pooled=lambda n, k, s, p: ceil((n + 2 * p - k) / s) + 1),
        "poolings are rounded up",
        "Would the last window of the pooling hang over the edge?",
    ),
    "pooling-over-its-stride": Mistake(
        _from(pooled=lambda n, k, s, p: n // s),
        "poolings divide the size by their stride, whatever the kernel",
        "Where does the last window of a 3-wide pooling start, in a row of 55?",
    ),
    "linear-keeps-the-maps": Mistake(
        _maps_kept,
        "a fully connected layer is counted at every place of the maps",
        "How many values does a fully connected layer with 10 neurons compute?",
    ),
    "width-taken-from-the-height": Mistake(
        _square(1),
        "the image is taken to be as wide as high",
        "Try an image of 7 × 9 pixels: how wide and how high are your maps?",
    ),
    "height-taken-from-the-width": Mistake(
        _square(2),
        "the image is taken to be as high as wide",
        "Try an image of 7 × 9 pixels: how wide and how high are your maps?",
    ),
    "plus-one-forgotten": Mistake(
        _from(axis=lambda n, k, s, p: (n + 2 * p - k) // s),
        "the + 1 is forgotten in the size",
        _SIZE,
    ),
    "padding-counted-once": Mistake(
        _from(axis=lambda n, k, s, p: (n + p - k) // s + 1),
        "the padding is counted on one side only",
        "On how many sides of the row do zeros stand?",
    ),
    "padding-ignored": Mistake(
        _from(axis=lambda n, k, s, p: (n - k) // s + 1),
        "padding is ignored",
        "How wide is the row after zeros were put on both of its ends?",
    ),
    "stride-ignored": Mistake(
        _from(axis=lambda n, k, s, p: n + 2 * p - k + 1),
        "the stride is ignored",
        "By how many pixels does the window move from one neuron to the next?",
    ),
    "ceil-instead-of-floor": Mistake(
        _from(axis=lambda n, k, s, p: ceil((n + 2 * p - k) / s) + 1),
        "sizes are rounded up",
        "What happens to pixels that are left over when the window takes its last step?",
    ),
    "kernel-ignored": Mistake(
        _from(axis=lambda n, k, s, p: (n + 2 * p - 1) // s + 1),
        "the kernel is taken to be 1 pixel wide",
        _SIZE,
    ),
}

NEURON_COUNTS = Exercise(
    name="neuron_counts",
    lecture="09_alexnet",
    points=2,
    reference=neuron_counts,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        expects("one-neuron", _SMALL[0], "One pixel under a 1×1 kernel is one neuron"),
        expects("not-square", _SMALL[1], "A 1×1 kernel has a place on each of 1 × 2 pixels"),
        expects("maps", _SMALL[2], "Three maps of 2 × 1"),
        expects("channels-in", _SMALL[3], "A filter goes through all channels and gives one map"),
        expects("kernel", _SMALL[4], "A 3×3 kernel has 2 × 2 places on 4 × 4 pixels"),
        expects("stride", _SMALL[6], "With stride 2, windows start at pixels 0, 2 and 4"),
        expects("left-over", _SMALL[7], "In 6 pixels a 3-wide window starts at 0 and 2"),
        expects("padding", _SMALL[8], "Padding 1 keeps the size under a 3×3 kernel"),
        expects("linear", _SMALL[9], "A fully connected layer has its 5 neurons"),
        expects("two-layers", _SMALL[10], "Four neurons, then a 2×2 kernel with one place on them"),
        expects("pooling", _SMALL[11], "The pooling has no neurons of its own"),
        expects("after-pooling", _SMALL[12], "25 neurons, pooled to 2 × 2 maps, then 4"),
        expects("ends", _SMALL[13], "12 neurons, then 3, then 2"),
    ),
    shows={
        "stride": ("the-papers-first-number",),
        "fully connected layers": ("the-papers-first-number",),
        "images that are not square": (
            "padding-counted-once",
            "ceil-instead-of-floor",
        ),
    },
    smallest=lambda: _SMALL,
)
