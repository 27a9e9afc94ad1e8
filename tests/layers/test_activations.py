import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from layer_checks import (
    DTYPES,
    SEEDS,
    assert_agree,
    assert_all_agree,
    assert_fresh,
    examples,
    numbers,
    tied_numbers,
    torch_gradients,
)

from coursekit.layers import (
    check_gradient,
    prelu_backward,
    prelu_backward_loops,
    prelu_forward,
    prelu_forward_loops,
    relu_backward,
    relu_backward_loops,
    relu_forward,
    relu_forward_loops,
)

SHAPES = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple)
MAKERS = st.sampled_from([numbers, tied_numbers])  # the latter holds many exact zeros


@examples(60)
@given(SHAPES, DTYPES, SEEDS, MAKERS)
def test_relu_agrees_with_torch_and_loops(shape, dtype, seed, make):
    x, dout = make(shape, seed, dtype), numbers(shape, seed + 1, dtype)
    expected, (gradient,) = torch_gradients(torch.relu, (x,), dout)
    out, dx = relu_forward(x), relu_backward(dout, x)
    assert_agree(out, expected, dtype)
    assert_agree(dx, gradient, dtype)
    assert_fresh((out, dx), (x, dout))
    assert_agree(relu_forward_loops(x), out, dtype)
    assert_agree(relu_backward_loops(dout, x), dx, dtype)


@examples(80)
@given(SHAPES, st.booleans(), DTYPES, SEEDS, MAKERS)
def test_prelu_agrees_with_torch_and_loops(shape, shared, dtype, seed, make):
    x, dout = make(shape, seed, dtype), numbers(shape, seed + 1, dtype)
    a = numbers(1 if shared else shape[1], seed + 2, dtype)
    expected, gradients = torch_gradients(torch.nn.functional.prelu, (x, a), dout)
    out, back = prelu_forward(x, a), prelu_backward(dout, x, a)
    assert_agree(out, expected, dtype)
    assert_all_agree(back, gradients, dtype)
    assert_fresh((out, *back), (x, a, dout))
    assert_agree(prelu_forward_loops(x, a), out, dtype)
    assert_all_agree(prelu_backward_loops(dout, x, a), back, dtype)


def test_central_differences():
    x, a, dout = numbers((2, 3, 4, 5), 0), numbers(3, 1), numbers((2, 3, 4, 5), 2)
    assert np.abs(x).min() > 1e-4  # no kink within the step
    check_gradient(lambda x: (relu_forward(x) * dout).sum(), x, relu_backward(dout, x))
    dx, da = prelu_backward(dout, x, a)
    check_gradient(lambda x: (prelu_forward(x, a) * dout).sum(), x, dx)
    check_gradient(lambda a: (prelu_forward(x, a) * dout).sum(), a, da)


def test_slopes_of_zero_make_relu():
    x = numbers((2, 3, 4, 5), 0)
    assert np.array_equal(prelu_forward(x, np.zeros(3)), relu_forward(x))
