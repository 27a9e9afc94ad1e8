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
    torch_gradients,
)

from coursekit.layers import (
    check_gradient,
    linear_backward,
    linear_backward_loops,
    linear_forward,
    linear_forward_loops,
)

SIZES = st.tuples(st.integers(1, 6), st.integers(1, 8), st.integers(1, 5))


def arrays(sizes, seed, dtype=np.float64):
    n, d, k = sizes
    shapes = ((n, d), (k, d), (k,), (n, k))
    return [numbers(shape, seed + i, dtype) for i, shape in enumerate(shapes)]


@examples(50)
@given(SIZES, DTYPES, SEEDS)
def test_agrees_with_torch_and_loops(sizes, dtype, seed):
    x, w, b, dout = arrays(sizes, seed, dtype)
    expected, gradients = torch_gradients(torch.nn.functional.linear, (x, w, b), dout)
    out, back = linear_forward(x, w, b), linear_backward(dout, x, w)
    assert_agree(out, expected, dtype)
    assert_all_agree(back, gradients, dtype)
    assert_fresh((out, *back), (x, w, b, dout))
    assert_agree(linear_forward_loops(x, w, b), out, dtype)
    assert_all_agree(linear_backward_loops(dout, x, w), back, dtype)


def test_central_differences():
    x, w, b, dout = arrays((3, 4, 2), 0)
    dx, dw, db = linear_backward(dout, x, w)
    check_gradient(lambda x: (linear_forward(x, w, b) * dout).sum(), x, dx)
    check_gradient(lambda w: (linear_forward(x, w, b) * dout).sum(), w, dw)
    check_gradient(lambda b: (linear_forward(x, w, b) * dout).sum(), b, db)
