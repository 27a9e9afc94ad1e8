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
    conv2d_forward,
    locally_connected_backward,
    locally_connected_backward_loops,
    locally_connected_forward,
    locally_connected_forward_loops,
)
from coursekit.layers.windows import place_windows


@st.composite
def cases(draw):
    """(x shape, w shape, stride, padding), non-square everything."""
    n, c, f = (draw(st.integers(1, 3)) for _ in range(3))
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    stride = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    least = [max(1, k - 2 * p) for k, p in zip(kernel, padding, strict=True)]
    image = tuple(size + draw(st.integers(0, 4)) for size in least)
    out = place_windows(image, kernel, stride, padding).out
    return (n, c, *image), (f, *out, c, *kernel), stride, padding


def arrays(x_shape, w_shape, seed, dtype):
    shapes = (x_shape, w_shape, w_shape[:3], (x_shape[0], *w_shape[:3]))
    return [numbers(shape, seed + i, dtype) for i, shape in enumerate(shapes)]


def torch_locally_connected(w_shape, stride, padding):
    _, h, w, c, *kernel = w_shape

    def layer(x, weights, b):
        columns = torch.nn.functional.unfold(x, kernel, stride=stride, padding=padding)
        seen = columns.reshape(len(x), c, *kernel, h, w)
        return torch.einsum("ncuvij,fijcuv->nfij", seen, weights) + b

    return layer


@examples(80)
@given(cases(), DTYPES, SEEDS)
def test_agrees_with_torch_and_with_loops(case, dtype, seed):
    x_shape, w_shape, stride, padding = case
    x, w, b, dout = arrays(x_shape, w_shape, seed, dtype)
    layer = torch_locally_connected(w_shape, stride, padding)
    expected, gradients = torch_gradients(layer, (x, w, b), dout)
    out = locally_connected_forward(x, w, b, stride, padding)
    back = locally_connected_backward(dout, x, w, stride, padding)
    assert_agree(out, expected, dtype)
    assert_all_agree(back, gradients, dtype)
    assert_fresh((out, *back), (x, w, b, dout))
    assert_agree(locally_connected_forward_loops(x, w, b, stride, padding), out, dtype)
    assert_all_agree(locally_connected_backward_loops(dout, x, w, stride, padding), back, dtype)


@examples(10)
@given(cases(), SEEDS)
def test_central_differences(case, seed):
    x_shape, w_shape, stride, padding = case
    x, w, b, dout = arrays(x_shape, w_shape, seed, np.float64)

    def loss(x, w, b):
        return (locally_connected_forward(x, w, b, stride, padding) * dout).sum()

    dx, dw, db = locally_connected_backward(dout, x, w, stride, padding)
    check_gradient(lambda x: loss(x, w, b), x, dx)
    check_gradient(lambda w: loss(x, w, b), w, dw)
    check_gradient(lambda b: loss(x, w, b), b, db)


@examples(30)
@given(cases(), SEEDS)
def test_with_equal_weights_everywhere_it_is_a_convolution(case, seed):
    x_shape, w_shape, stride, padding = case
    f, *places, c, kh, kw = w_shape
    x, filters, b = numbers(x_shape, seed), numbers((f, c, kh, kw), seed + 1), numbers(f, seed + 2)
    shared_w = np.broadcast_to(filters[:, None, None], w_shape)
    shared_b = np.broadcast_to(b[:, None, None], (f, *places))
    out = locally_connected_forward(x, shared_w, shared_b, stride, padding)
    assert_agree(out, conv2d_forward(x, filters, b, stride, padding), np.float64)


def test_parameters_of_the_lecture():
    x, w, b = numbers((1, 3, 32, 32), 0), numbers((6, 28, 28, 3, 5, 5), 1), numbers((6, 28, 28), 2)
    assert locally_connected_forward(x, w, b).shape == (1, 6, 28, 28)
    assert w.size + b.size == 357_504
