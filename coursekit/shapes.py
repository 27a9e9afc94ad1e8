"""Sizes and counts of convolutional layers, in plain integers.

Sizes are in pixels, one axis at a time: an image that is not square asks twice.
Counts are of three kinds that are easily confused: neurons are values computed, parameters are
values learned, and multiply-adds (a multiplication and the addition after it) are the work.
"""

from collections.abc import Sequence
from math import prod


def kernel_extent(kernel_size: int, dilation: int = 1) -> int:
    """Pixels from a dilated kernel's first tap to its last, both counted.

    >>> kernel_extent(3), kernel_extent(3, dilation=2)
    (3, 5)
    """
    return dilation * (kernel_size - 1) + 1


def output_size(
    w_in: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Width of a convolution's output, in pixels.

    ⌊(w_in + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1: the first window always
    stands at the left edge, and every further whole step of ``stride`` that still fits adds one.

    Raises ValueError when a size is impossible or the kernel is wider than the padded image.

    >>> output_size(32, 5), output_size(7, 3, stride=2), output_size(224, 11, stride=4, padding=2)
    (28, 3, 55)
    """
    _require_layer(w_in, kernel_size, stride, padding, dilation)
    steps = w_in + 2 * padding - kernel_extent(kernel_size, dilation)
    if steps < 0:
        raise ValueError(
            f"a kernel {kernel_extent(kernel_size, dilation)} pixels wide does not fit into "
            f"{w_in + 2 * padding} padded pixels: use a smaller kernel_size or more padding"
        )
    return steps // stride + 1


def same_padding(kernel_size: int, dilation: int = 1) -> tuple[int, int]:
    """Padding (before, after) that keeps the width at stride 1.

    An even extent needs an odd number of zeros: the spare one goes after, as in PyTorch's
    ``padding="same"``.

    >>> same_padding(3), same_padding(3, dilation=2), same_padding(4)
    ((1, 1), (2, 2), (1, 2))
    """
    _require_layer(1, kernel_size, 1, 0, dilation)
    total = kernel_extent(kernel_size, dilation) - 1
    return total // 2, total - total // 2


def uncovered_pixels(
    w_in: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> list[int]:
    """Positions of the input pixels that no window ever reads, rising.

    Position 0 is the image's first pixel; padding has no positions.

    >>> uncovered_pixels(7, 3, stride=2), uncovered_pixels(8, 3, stride=2)
    ([], [7])
    """
    windows = output_size(w_in, kernel_size, stride, padding, dilation)
    read = {i * stride + u * dilation - padding for i in range(windows) for u in range(kernel_size)}
    return [position for position in range(w_in) if position not in read]


def receptive_field(layers: Sequence[tuple[int, int]]) -> int:
    """Input pixels that one output of a stack of layers can see, along one axis.

    layers: (kernel_size, stride) of each convolution or pooling, first layer first. Each layer
    adds (kernel_size − 1) · jump, where jump is the product of the strides before it.

    >>> receptive_field([(3, 1), (3, 1), (3, 1)])
    7
    """
    field, jump = 1, 1
    for kernel_size, stride in layers:
        _require_layer(1, kernel_size, stride, 0, 1)
        field += (kernel_size - 1) * jump
        jump *= stride
    return field


def pool_output_size(
    w_in: int,
    kernel_size: int,
    stride: int | None = None,
    padding: int = 0,
    ceil_mode: bool = False,
) -> int:
    """Width of a pooling layer's output, in pixels.

    Without a stride the windows stand side by side, as in PyTorch. With ``ceil_mode`` a last
    window may hang over the right edge, as long as it starts inside the image or its left padding.

    >>> pool_output_size(7, 2), pool_output_size(7, 2, ceil_mode=True)
    (3, 4)
    >>> pool_output_size(110, 3, stride=2), pool_output_size(110, 3, stride=2, ceil_mode=True)
    (54, 55)
    """
    stride = kernel_size if stride is None else stride
    windows = output_size(w_in, kernel_size, stride, padding)
    left_over = (w_in + 2 * padding - kernel_size) % stride
    starts_inside = windows * stride < w_in + padding
    return windows + (1 if ceil_mode and left_over and starts_inside else 0)


def neuron_count(output_shape: Sequence[int]) -> int:
    """Neurons of a layer: the values it computes for one image.

    output_shape: (C, H, W), or (C,) for a fully connected layer.

    >>> neuron_count((96, 55, 55)), neuron_count((4096,))
    (290400, 4096)
    """
    return prod(output_shape)


def conv2d_parameters(
    in_channels: int,
    out_channels: int,
    kernel_size: int | tuple[int, int],
    groups: int = 1,
    bias: bool = True,
) -> int:
    """Weights and biases of a convolution, counted.

    Every filter extends through all channels of its group and adds one bias:
    out_channels · (in_channels / groups · kH · kW + 1). The size of the image does not enter.

    >>> conv2d_parameters(3, 6, 5), conv2d_parameters(96, 256, 5, groups=2)
    (456, 307456)
    """
    return out_channels * (
        _weights_per_neuron(in_channels, out_channels, kernel_size, groups) + bias
    )


def locally_connected_parameters(
    in_channels: int,
    out_channels: int,
    kernel_size: int | tuple[int, int],
    out_size: int | tuple[int, int],
    bias: bool = True,
) -> int:
    """Weights and biases of a convolution that shares none.

    out_size: pixels of the output, (H, W) or one number for a square. Each of its positions has
    filters and biases of its own.

    >>> locally_connected_parameters(3, 6, 5, 28)
    357504
    """
    height, width = _pair(out_size)
    return height * width * conv2d_parameters(in_channels, out_channels, kernel_size, bias=bias)


def linear_parameters(in_features: int, out_features: int, bias: bool = True) -> int:
    """Weights and biases of a fully connected layer, counted.

    >>> linear_parameters(3 * 32 * 32, 6 * 28 * 28)
    14455392
    """
    return conv2d_parameters(in_features, out_features, kernel_size=1, bias=bias)


def conv2d_macs(
    in_channels: int,
    out_channels: int,
    kernel_size: int | tuple[int, int],
    out_size: int | tuple[int, int],
    groups: int = 1,
) -> int:
    """Multiply-adds of a convolution on one image.

    out_size: pixels of the output, (H, W) or one number for a square. One multiply-add for every
    weight of every neuron, so weight sharing saves none; biases and ReLUs are not counted.
    "FLOPs" usually means twice this number, and in many papers this number itself.

    >>> conv2d_macs(3, 6, 5, out_size=28)
    352800
    """
    weights = _weights_per_neuron(in_channels, out_channels, kernel_size, groups)
    return weights * neuron_count((out_channels, *_pair(out_size)))


def linear_macs(in_features: int, out_features: int) -> int:
    """Multiply-adds of a fully connected layer on one image.

    >>> linear_macs(9216, 4096)
    37748736
    """
    return conv2d_macs(in_features, out_features, kernel_size=1, out_size=1)


def inception_parameters(
    in_channels: int,
    ch1x1: int,
    ch3x3red: int,
    ch3x3: int,
    ch5x5red: int,
    ch5x5: int,
    pool_proj: int,
) -> int:
    """Weights and biases of an inception module, counted.

    Four branches start from the same in_channels maps: a 1×1 convolution to ch1x1 maps; a 1×1 to
    ch3x3red and from there a 3×3 to ch3x3; a 1×1 to ch5x5red and from there a 5×5 to ch5x5; and a
    max pooling, then a 1×1 to pool_proj. Every filter has a bias. Returns a whole number.
    Szegedy and others (2014), one row of Table 1.

    >>> inception_parameters(192, 64, 96, 128, 16, 32, 32)
    163696
    """
    convolutions = [(in_channels, ch1x1, 1), (in_channels, ch3x3red, 1), (ch3x3red, ch3x3, 3)]
    convolutions += [(in_channels, ch5x5red, 1), (ch5x5red, ch5x5, 5), (in_channels, pool_proj, 1)]
    return sum(conv2d_parameters(*convolution) for convolution in convolutions)


def _weights_per_neuron(
    in_channels: int, out_channels: int, kernel_size: int | tuple[int, int], groups: int
) -> int:
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if groups < 1 or channels % groups:
            raise ValueError(
                f"{name} is {channels}, which cannot be split into {groups} equal groups: "
                "choose groups that divide both numbers of channels"
            )
    return in_channels // groups * prod(_pair(kernel_size))


def _pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else tuple(size)


def _require_layer(w_in: int, kernel_size: int, stride: int, padding: int, dilation: int) -> None:
    smallest = {"w_in": (w_in, 1), "kernel_size": (kernel_size, 1), "stride": (stride, 1)}
    smallest |= {"padding": (padding, 0), "dilation": (dilation, 1)}
    for name, (value, least) in smallest.items():
        if value < least:
            raise ValueError(f"{name} is {value}; it must be a whole number of at least {least}")
