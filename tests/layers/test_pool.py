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
    assert_fresh,
    examples,
    numbers,
    tied_numbers,
    torch_gradients,
)

from coursekit.layers import (
    avg_pool2d_backward,
    avg_pool2d_backward_loops,
    avg_pool2d_forward,
    avg_pool2d_forward_loops,
    check_gradient,
    global_avg_pool2d_backward,
    global_avg_pool2d_backward_loops,
    global_avg_pool2d_forward,
    global_avg_pool2d_forward_loops,
    max_pool2d_backward,
    max_pool2d_backward_loops,
    max_pool2d_forward,
    max_pool2d_forward_loops,
)


@dataclass(frozen=True)
class Case:
    x: tuple[int, int, int, int]
    kernel_size: tuple[int, int]
    stride: tuple[int, int] | None = None
    padding: tuple[int, int] = (0, 0)
    ceil_mode: bool = False
    seed: int = 0

    @property
    def settings(self):
        names = ("kernel_size", "stride", "padding", "ceil_mode")
        return {name: getattr(self, name) for name in names}

    def x_and_dout(self, out_shape, dtype, make=numbers):
        return make(self.x, self.seed, dtype), numbers(out_shape, self.seed + 1, dtype)


@st.composite
def cases(draw):
    """Non-square everything; overlapping, touching and skipping windows."""
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    stride = draw(st.none() | st.tuples(st.integers(1, 5), st.integers(1, 5)))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    least = [max(1, k - 2 * p) for k, p in zip(kernel, padding, strict=True)]
    image = [size + draw(st.integers(0, 7)) for size in least]
    x = (draw(st.integers(1, 3)), draw(st.integers(1, 3)), *image)
    return Case(x, kernel, stride, padding, draw(st.booleans()), draw(SEEDS))


KERNEL_IS_IMAGE = Case((1, 1, 3, 4), (3, 4))
ALEXNET = Case((2, 3, 13, 11), (3, 3), (2, 2))
HANGS_OVER = Case((2, 2, 8, 7), (3, 2), (2, 2), (1, 1), ceil_mode=True)
LARGE_KERNEL = Case((1, 2, 17, 19), (16, 18), (1, 1))  # more than 255 taps


@examples(150)
@given(cases(), DTYPES, st.sampled_from([numbers, tied_numbers]))
@example(KERNEL_IS_IMAGE, np.float32, tied_numbers)
@example(ALEXNET, np.float64, tied_numbers)
@example(HANGS_OVER, np.float32, numbers)
@example(LARGE_KERNEL, np.float64, numbers)
def test_max_agrees_with_torch_and_loops(case, dtype, make):
    def layer(x):
        return torch.nn.functional.max_pool2d(x, **case.settings)

    x = make(case.x, case.seed, dtype)
    expected, expected_index = torch.nn.functional.max_pool2d(
        torch.from_numpy(x.copy()), **case.settings, return_indices=True
    )
    out, index = max_pool2d_forward(x, **case.settings)
    assert_agree(out, expected, dtype)
    assert index.dtype == np.int64
    assert np.array_equal(index, expected_index)
    loops_out, loops_index = max_pool2d_forward_loops(x, **case.settings)
    assert np.array_equal(loops_out, out)
    assert np.array_equal(loops_index, index)

    dout = numbers(out.shape, case.seed + 1, dtype)
    _, (gradient,) = torch_gradients(layer, (x,), dout)
    dx = max_pool2d_backward(dout, x, **case.settings)
    assert_agree(dx, gradient, dtype)
    assert_fresh((out, dx), (x, dout))
    assert_agree(max_pool2d_backward_loops(dout, x, **case.settings), dx, dtype)
    assert np.array_equal(max_pool2d_backward(dout, x, **case.settings, index=index), dx)


def test_a_flat_window_gives_its_whole_gradient_to_the_first_pixel():
    dx = max_pool2d_backward(np.full((1, 1, 2, 2), 3.0), np.zeros((1, 1, 4, 4)), 2)
    assert dx.sum() == 12
    assert np.array_equal(np.argwhere(dx[0, 0] == 3), [[0, 0], [0, 2], [2, 0], [2, 2]])


def test_a_window_of_minus_infinity_points_into_the_image():
    x = np.full((1, 1, 3, 4), -np.inf)
    settings = {"kernel_size": 3, "stride": 2, "padding": 1}
    _, expected = torch.nn.functional.max_pool2d(
        torch.from_numpy(x), **settings, return_indices=True
    )
    for forward in (max_pool2d_forward, max_pool2d_forward_loops):
        out, index = forward(x, **settings)
        assert (out == -np.inf).all()
        assert np.array_equal(index, expected)


def test_padding_never_wins():
    x = np.full((1, 1, 3, 3), -5.0)
    out, _ = max_pool2d_forward(x, 3, stride=1, padding=1)
    assert (out == -5).all()


@examples(15)
@given(cases())
def test_max_central_differences(case):
    # A permutation: neighbors differ by 1, so no step of 1e-5 changes a winner.
    x = np.random.default_rng(case.seed).permutation(np.arange(float(np.prod(case.x))))
    x = x.reshape(case.x)
    dout = numbers(max_pool2d_forward(x, **case.settings)[0].shape, case.seed)
    dx = max_pool2d_backward(dout, x, **case.settings)
    check_gradient(lambda x: (max_pool2d_forward(x, **case.settings)[0] * dout).sum(), x, dx)


@pytest.mark.parametrize("bad", [np.zeros((1, 1, 2, 2)), np.full((1, 1, 2, 2), 16)])
def test_an_index_that_is_none_is_refused(bad):
    with pytest.raises(ValueError, match=r"index holds .*; expected positions from 0 to 15"):
        max_pool2d_backward(np.ones((1, 1, 2, 2)), np.ones((1, 1, 4, 4)), 2, index=bad)


@examples(100)
@given(cases(), DTYPES, st.booleans())
@example(KERNEL_IS_IMAGE, np.float32, False)
def test_average_agrees_with_torch_and_loops(case, dtype, count_include_pad):
    settings = {**case.settings, "count_include_pad": count_include_pad}
    del settings["ceil_mode"]
    x = numbers(case.x, case.seed, dtype)
    out = avg_pool2d_forward(x, **settings)
    dout = numbers(out.shape, case.seed + 1, dtype)
    expected, (gradient,) = torch_gradients(
        lambda x: torch.nn.functional.avg_pool2d(x, **settings), (x,), dout
    )
    assert_agree(out, expected, dtype)
    dx = avg_pool2d_backward(dout, x, **settings)
    assert_agree(dx, gradient, dtype)
    assert_fresh((out, dx), (x, dout))
    assert_agree(avg_pool2d_forward_loops(x, **settings), out, dtype)
    assert_agree(avg_pool2d_backward_loops(dout, x, **settings), dx, dtype)


@examples(10)
@given(cases())
def test_average_central_differences(case):
    settings = (case.kernel_size, case.stride, case.padding)
    x = numbers(case.x, case.seed)
    dout = numbers(avg_pool2d_forward(x, *settings).shape, case.seed + 1)
    dx = avg_pool2d_backward(dout, x, *settings)
    check_gradient(lambda x: (avg_pool2d_forward(x, *settings) * dout).sum(), x, dx)


def test_the_corner_of_an_image_of_ones():
    corner = avg_pool2d_forward(np.ones((1, 1, 4, 4)), 3, stride=1, padding=1)[0, 0, 0, 0]
    assert corner == pytest.approx(4 / 9)
    real = avg_pool2d_forward(np.ones((1, 1, 4, 4)), 3, 1, 1, count_include_pad=False)
    assert (real == 1).all()


@examples(30)
@given(st.tuples(*[st.integers(1, 5)] * 4), DTYPES, SEEDS)
def test_global_average_agrees_with_torch_and_loops(shape, dtype, seed):
    x, dout = numbers(shape, seed, dtype), numbers(shape[:2], seed + 1, dtype)
    expected, (gradient,) = torch_gradients(lambda x: x.mean((2, 3)), (x,), dout)
    out, dx = global_avg_pool2d_forward(x), global_avg_pool2d_backward(dout, x)
    assert_agree(out, expected, dtype)
    assert_agree(dx, gradient, dtype)
    assert_fresh((out, dx), (x, dout))
    assert_agree(global_avg_pool2d_forward_loops(x), out, dtype)
    assert_agree(global_avg_pool2d_backward_loops(dout, x), dx, dtype)
