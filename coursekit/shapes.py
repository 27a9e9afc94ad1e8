"""Sizes and counts of convolutional layers, in plain integers.

One axis at a time: an image that is not square asks twice. Sizes are in pixels.
"""

from collections.abc import Sequence


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


def _require_layer(w_in: int, kernel_size: int, stride: int, padding: int, dilation: int) -> None:
    smallest = {"w_in": (w_in, 1), "kernel_size": (kernel_size, 1), "stride": (stride, 1)}
    smallest |= {"padding": (padding, 0), "dilation": (dilation, 1)}
    for name, (value, least) in smallest.items():
        if value < least:
            raise ValueError(f"{name} is {value}; it must be a whole number of at least {least}")
