"""Sizes and counts held against PyTorch's own layers, and against the lectures' numbers."""

import doctest

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn

from coursekit import shapes

small = st.integers(1, 9)
sides = st.integers(1, 40)


def parameters(layer: nn.Module) -> int:
    return sum(parameter.numel() for parameter in layer.parameters())


def on_meta(layer: nn.Module, *shape: int) -> tuple[int, ...]:
    return tuple(layer.to("meta")(torch.empty(shape, device="meta")).shape)


def test_the_examples_in_the_docstrings_hold() -> None:
    results = doctest.testmod(shapes)
    assert results.attempted > 10
    assert results.failed == 0


# --- sizes --------------------------------------------------------------------------------------


@given(w_in=sides, kernel_size=small, stride=small, padding=st.integers(0, 4), dilation=small)
def test_output_size_is_pytorchs(w_in, kernel_size, stride, padding, dilation) -> None:
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    layer = nn.Conv1d(1, 1, kernel_size, **options)
    if shapes.kernel_extent(kernel_size, dilation) > w_in + 2 * padding:
        with pytest.raises(ValueError, match="does not fit into"):
            shapes.output_size(w_in, kernel_size, **options)
        return
    expected = on_meta(layer, 1, 1, w_in)[-1]
    assert shapes.output_size(w_in, kernel_size, **options) == expected


@given(
    w_in=sides, kernel_size=small, stride=small, padding=st.integers(0, 4), ceil_mode=st.booleans()
)
def test_pool_output_size_is_pytorchs(w_in, kernel_size, stride, padding, ceil_mode) -> None:
    assume(2 * padding <= kernel_size <= w_in + 2 * padding)  # PyTorch refuses the others
    layer = nn.MaxPool1d(kernel_size, stride, padding, ceil_mode=ceil_mode)
    expected = on_meta(layer, 1, 1, w_in)[-1]
    assert shapes.pool_output_size(w_in, kernel_size, stride, padding, ceil_mode) == expected


def test_windows_stand_side_by_side_when_no_stride_is_given() -> None:
    assert shapes.pool_output_size(6, 3) == on_meta(nn.MaxPool2d(3), 1, 1, 6, 6)[-1]


@given(kernel_size=small, dilation=small, w_in=sides)
def test_same_padding_is_pytorchs(kernel_size, dilation, w_in) -> None:
    layer = nn.Conv1d(1, 1, kernel_size, padding="same", dilation=dilation)
    before, after = layer._reversed_padding_repeated_twice
    assert shapes.same_padding(kernel_size, dilation) == (before, after)
    width = w_in + before + after
    assert shapes.output_size(width, kernel_size, dilation=dilation) == w_in


@given(w_in=sides, kernel_size=small, stride=small, padding=st.integers(0, 3), dilation=small)
def test_uncovered_pixels_have_no_gradient(w_in, kernel_size, stride, padding, dilation) -> None:
    assume(shapes.kernel_extent(kernel_size, dilation) <= w_in + 2 * padding)
    row = torch.ones(1, 1, w_in, requires_grad=True)
    kernel = torch.ones(1, 1, kernel_size)
    nn.functional.conv1d(row, kernel, None, stride, padding, dilation).sum().backward()
    unread = (row.grad[0, 0] == 0).nonzero().flatten().tolist()
    assert shapes.uncovered_pixels(w_in, kernel_size, stride, padding, dilation) == unread


def test_sizes_of_the_lectures() -> None:
    assert [shapes.output_size(7, 3, s) for s in (1, 2)] == [5, 3]
    assert shapes.uncovered_pixels(7, 3, 2) == []
    assert (shapes.output_size(8, 3, 2), shapes.uncovered_pixels(8, 3, 2)) == (3, [7])
    assert shapes.output_size(7, 3, stride=2, padding=1) == 4
    assert shapes.output_size(32, 3, padding=1) == 32
    # AlexNet: 227 gives 55 exactly; 224 leaves a pixel over, with or without padding.
    assert shapes.uncovered_pixels(227, 11, 4) == []
    assert shapes.uncovered_pixels(224, 11, 4) == [223]
    assert shapes.output_size(224, 11, 4) == 54
    assert shapes.output_size(227, 11, 4) == shapes.output_size(224, 11, 4, 2) == 55
    # ZFNet: 110 → 55 needs padding in the convolution and ceil mode in the pooling.
    assert shapes.output_size(224, 7, 2) == 109
    assert shapes.output_size(224, 7, 2, padding=1) == 110
    assert shapes.pool_output_size(110, 3, 2) == 54
    assert shapes.pool_output_size(110, 3, 2, ceil_mode=True) == 55
    assert shapes.pool_output_size(110, 3, 2, padding=1) == 55


def test_three_small_kernels_see_what_a_large_one_sees_for_fewer_weights() -> None:
    assert shapes.receptive_field([(3, 1)] * 3) == shapes.receptive_field([(7, 1)]) == 7
    channels = 10
    stacked = 3 * shapes.conv2d_parameters(channels, channels, 3, bias=False)
    single = shapes.conv2d_parameters(channels, channels, 7, bias=False)
    assert (stacked, single) == (27 * channels**2, 49 * channels**2)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3)), min_size=1, max_size=5))
def test_receptive_field_is_the_input_needed_for_one_output(layers) -> None:
    needed = 1
    for kernel_size, stride in reversed(layers):
        needed = (needed - 1) * stride + kernel_size
    assert shapes.receptive_field(layers) == needed


# --- counts -------------------------------------------------------------------------------------


@given(depth=st.tuples(small, small), groups=small, kernel_size=st.tuples(small, small), bias=...)
def test_conv2d_parameters_are_pytorchs(
    depth: tuple[int, int], groups: int, kernel_size: tuple[int, int], bias: bool
) -> None:
    in_channels, out_channels = depth[0] * groups, depth[1] * groups
    layer = nn.Conv2d(in_channels, out_channels, kernel_size, groups=groups, bias=bias)
    counted = shapes.conv2d_parameters(in_channels, out_channels, kernel_size, groups, bias)
    assert counted == parameters(layer)


@given(in_features=sides, out_features=sides, bias=...)
def test_linear_parameters_are_pytorchs(in_features: int, out_features: int, bias: bool) -> None:
    layer = nn.Linear(in_features, out_features, bias=bias)
    assert shapes.linear_parameters(in_features, out_features, bias) == parameters(layer)


def test_the_three_kinds_of_layer_of_lecture_03() -> None:
    side = shapes.output_size(32, 5)
    assert shapes.neuron_count((6, side, side)) == 4_704
    assert shapes.conv2d_parameters(3, 6, 5) == 456
    assert shapes.locally_connected_parameters(3, 6, 5, side) == 357_504
    assert shapes.locally_connected_parameters(3, 6, (5, 5), (side, side)) == 357_504
    assert shapes.linear_parameters(3 * 32 * 32, 6 * side * side) == 14_455_392
    assert shapes.conv2d_macs(3, 6, 5, side) == 352_800


def test_multiply_adds_are_the_multiplications_of_the_loops() -> None:
    in_channels, out_channels, groups, kernel_size, size = 6, 4, 2, (2, 3), (3, 5)
    multiplications = sum(
        1
        for _f in range(out_channels)
        for _i in range(size[0])
        for _j in range(size[1])
        for _c in range(in_channels // groups)
        for _u in range(kernel_size[0])
        for _v in range(kernel_size[1])
    )
    assert multiplications == shapes.conv2d_macs(
        in_channels, out_channels, kernel_size, size, groups
    )
    assert shapes.linear_macs(20, 30) == len([(i, j) for i in range(20) for j in range(30)])


def test_groups_must_divide_both_numbers_of_channels() -> None:
    for in_channels, out_channels, name in ((3, 4, "in_channels"), (4, 3, "out_channels")):
        with pytest.raises(ValueError, match=rf"{name} is 3, .* 2 equal groups: choose"):
            shapes.conv2d_parameters(in_channels, out_channels, 1, groups=2)


def test_inception_parameters_count_six_convolutions() -> None:
    row = (480, 192, 96, 208, 16, 48, 64)  # inception 4a
    in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj = row
    layers = [
        nn.Conv2d(in_channels, ch1x1, 1),
        nn.Conv2d(in_channels, ch3x3red, 1),
        nn.Conv2d(ch3x3red, ch3x3, 3, padding=1),
        nn.Conv2d(in_channels, ch5x5red, 1),
        nn.Conv2d(ch5x5red, ch5x5, 5, padding=2),
        nn.Conv2d(in_channels, pool_proj, 1),
    ]
    assert shapes.inception_parameters(*row) == sum(parameters(layer) for layer in layers)


def test_alexnets_neurons_and_the_number_that_cannot_be() -> None:
    layers = [(96, 55), (256, 27), (384, 13), (384, 13), (256, 13)]
    neurons = [shapes.neuron_count((depth, side, side)) for depth, side in layers]
    assert neurons == [290_400, 186_624, 64_896, 64_896, 43_264]
    assert sum(neurons) + 4096 + 4096 + 1000 == 659_272
    # The caption's 253,440 has the depth of one GPU in the place of a side.
    assert 55 * 48 * 96 == 253_440 != neurons[0]
    assert shapes.neuron_count((3, 224, 224)) == 150_528
    assert shapes.neuron_count((3, 227, 227)) == 154_587


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((0, 3), "w_in"),
        ((5, 0), "kernel_size"),
        ((5, 3, 0), "stride"),
        ((5, 3, 1, -1), "padding"),
        ((5, 3, 1, 0, 0), "dilation"),
    ],
)
def test_an_impossible_layer_is_named(arguments, name) -> None:
    with pytest.raises(ValueError, match=f"{name} is .* at least"):
        shapes.output_size(*arguments)
