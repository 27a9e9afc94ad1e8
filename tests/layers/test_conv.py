import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from layer_checks import (
    DTYPES,
    SEEDS,
    assert_agree,
    assert_all_agree,
    assert_fresh,
    examples,
    numbers,
    torch_gradients,
)
from threadpoolctl import threadpool_limits

from coursekit.layers import (
    check_gradient,
    conv2d_backward,
    conv2d_backward_loops,
    conv2d_forward,
    conv2d_forward_loops,
)
from coursekit.layers.columns import Columns
from coursekit.layers.windows import place_windows


@dataclass(frozen=True)
class Case:
    x: tuple[int, ...]
    w: tuple[int, ...]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    seed: int = 0

    @property
    def settings(self):
        names = ("stride", "padding", "dilation", "groups")
        return {name: getattr(self, name) for name in names}

    @property
    def out(self):
        windows = place_windows(self.x[2:], self.w[2:], self.stride, self.padding, self.dilation)
        return (self.x[0], self.w[0], *windows.out)

    def arrays(self, dtype):
        shapes = (self.x, self.w, self.w[:1], self.out)
        return [numbers(shape, self.seed + i, dtype) for i, shape in enumerate(shapes)]

    def torch(self, x, w, b):
        return torch.nn.functional.conv2d(x, w, b, **self.settings)


@st.composite
def cases(draw, most=6):
    """Non-square everything; the image is often exactly as large as the kernel."""
    groups = draw(st.integers(1, 3))
    channels, filters = (groups * draw(st.integers(1, 3)) for _ in range(2))
    kernel, stride, dilation = (
        draw(st.tuples(st.integers(1, top), st.integers(1, top))) for top in (4, 3, 2)
    )
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    least = [
        max(1, d * (k - 1) + 1 - 2 * p) for k, d, p in zip(kernel, dilation, padding, strict=True)
    ]
    image = [size + draw(st.integers(0, most)) for size in least]
    x = (draw(st.integers(1, 3)), channels, *image)
    w = (filters, channels // groups, *kernel)
    return Case(x, w, stride, padding, dilation, groups, draw(SEEDS))


KERNEL_IS_IMAGE = Case((1, 1, 3, 5), (2, 1, 3, 5))
WIDE_STRIDE = Case((2, 3, 7, 9), (4, 3, 2, 1), stride=(3, 4))
# 25 rows a channel and only one map out: the channels of one image do not fit the buffer at once.
MANY_CHANNELS = Case((2, 7, 8, 9), (1, 7, 5, 5), padding=(2, 2))
DEPTHWISE = Case((3, 4, 6, 5), (8, 1, 3, 3), padding=(1, 1), groups=4)


@examples(150)
@given(cases(), DTYPES)
@example(KERNEL_IS_IMAGE, np.float32)
@example(WIDE_STRIDE, np.float64)
@example(MANY_CHANNELS, np.float64)
@example(MANY_CHANNELS, np.float32)
@example(DEPTHWISE, np.float64)
def test_agrees_with_torch(case, dtype):
    x, w, b, dout = case.arrays(dtype)
    expected, gradients = torch_gradients(case.torch, (x, w, b), dout)
    out = conv2d_forward(x, w, b, **case.settings)
    assert_agree(out, expected, dtype)
    back = conv2d_backward(dout, x, w, **case.settings)
    assert_all_agree(back, gradients, dtype)
    assert_fresh((out, *back), (x, w, b, dout))


@examples(25)
@given(cases(most=3), DTYPES)
@example(MANY_CHANNELS, np.float64)
def test_loops_agree_with_fast(case, dtype):
    x, w, b, dout = case.arrays(dtype)
    out = conv2d_forward_loops(x, w, b, **case.settings)
    assert_agree(out, conv2d_forward(x, w, b, **case.settings), dtype)
    loops = conv2d_backward_loops(dout, x, w, **case.settings)
    assert_all_agree(loops, conv2d_backward(dout, x, w, **case.settings), dtype)


@examples(15)
@given(cases(most=2))
@example(KERNEL_IS_IMAGE)
def test_central_differences(case):
    x, w, b, dout = case.arrays(np.float64)

    def loss(x, w, b):
        return (conv2d_forward(x, w, b, **case.settings) * dout).sum()

    dx, dw, db = conv2d_backward(dout, x, w, **case.settings)
    check_gradient(lambda x: loss(x, w, b), x, dx)
    check_gradient(lambda w: loss(x, w, b), w, dw)
    check_gradient(lambda b: loss(x, w, b), b, db)


def test_one_number_stands_for_both_axes():
    x, w, b, _ = Case((2, 2, 9, 8), (3, 2, 3, 3)).arrays(np.float64)
    for name, value in (("stride", 2), ("padding", 1), ("dilation", 2)):
        one = conv2d_forward(x, w, b, **{name: value})
        assert np.array_equal(one, conv2d_forward(x, w, b, **{name: [value, value]}))


def test_images_whose_memory_is_in_another_order():
    x = numbers((2, 9, 8, 3), 0).transpose(0, 3, 1, 2)  # as read from a file: rows, columns, RGB
    w, b = numbers((4, 3, 3, 3), 1), numbers(4, 2)
    dout = numbers((2, 7, 6, 4), 3).transpose(0, 3, 1, 2)
    ordered = [np.ascontiguousarray(array) for array in (x, dout)]
    assert_agree(conv2d_forward(x, w, b), conv2d_forward(ordered[0], w, b), np.float64)
    assert_all_agree(
        conv2d_backward(dout, x, w), conv2d_backward(ordered[1], ordered[0], w), np.float64
    )


def test_a_gradient_adds_up_over_the_batch():
    x, w, _, dout = Case((3, 2, 6, 5), (4, 2, 3, 3)).arrays(np.float64)
    _, dw, db = conv2d_backward(dout, x, w)
    parts = [conv2d_backward(dout[n : n + 1], x[n : n + 1], w) for n in range(3)]
    assert_agree(dw, sum(part[1] for part in parts), np.float64)
    assert_agree(db, sum(part[2] for part in parts), np.float64)


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "stride", "padding"),
    [
        ((2, 64, 27, 27), (192, 64, 5, 5), 1, 2),
        ((2, 128, 28, 28), (128, 128, 3, 3), 1, 1),
        ((20, 3, 31, 31), (25, 3, 3, 3), 2, 1),
    ],
)
def test_memory_stays_near_one_image(x_shape, w_shape, stride, padding):
    x, w, b = (numbers(s, i, np.float32) for i, s in enumerate((x_shape, w_shape, w_shape[:1])))
    with threadpool_limits(1):  # each thread holds a buffer of its own
        conv2d_forward(x, w, b, stride, padding)  # what is imported on first use is not counted
        tracemalloc.start()
        out = conv2d_forward(x, w, b, stride, padding)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    one_image = x[0].nbytes + out[0].nbytes
    # Four for the columns; the padded images and one product beside the result and the weights.
    assert peak - out.nbytes - w.nbytes < 6.5 * one_image


@examples(100)
@given(cases())
def test_columns_hold_at_most_their_budget(case):
    windows = place_windows(case.x[2:], case.w[2:], case.stride, case.padding, case.dilation)
    groups, taps = case.groups, case.w[2] * case.w[3]
    shape = (case.x[0], groups, case.x[1] // groups)
    positions = windows.out[0] * windows.out[1]
    smallest = groups * (1 + taps) * positions
    for budget in (smallest, 3 * smallest, 20 * smallest):
        columns = Columns(windows, shape, budget, np.float64)
        blocks = list(columns.blocks())
        x = numbers((*shape, *case.x[2:]), case.seed)
        assert all(columns.unfold(x, block).base.size <= budget for block in blocks)
        covered = np.zeros(shape, int)
        for block in blocks:
            covered[block.images, :, block.channels] += 1
        assert (covered == 1).all()
