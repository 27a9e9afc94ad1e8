import numpy as np
import pytest
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
    batch_norm2d_backward,
    batch_norm2d_backward_loops,
    batch_norm2d_forward,
    batch_norm2d_forward_loops,
    check_gradient,
    local_response_norm_backward,
    local_response_norm_backward_loops,
    local_response_norm_forward,
    local_response_norm_forward_loops,
)

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 8), st.integers(1, 4), st.integers(1, 4))
CONSTANTS = st.fixed_dictionaries(
    {
        "size": st.integers(1, 6),
        "alpha": st.floats(0, 2),
        "beta": st.floats(0.1, 1.5),
        "k": st.floats(0.5, 2),
    }
)


@examples(80)
@given(SHAPES, CONSTANTS, DTYPES, SEEDS)
def test_response_norm_agrees_with_torch_and_loops(shape, constants, dtype, seed):
    def layer(x):
        return torch.nn.functional.local_response_norm(x, **constants)

    x, dout = numbers(shape, seed, dtype), numbers(shape, seed + 1, dtype)
    constants_here = {**constants, "convention": "pytorch"}
    expected, (gradient,) = torch_gradients(layer, (x,), dout)
    out = local_response_norm_forward(x, **constants_here)
    dx = local_response_norm_backward(dout, x, **constants_here)
    assert_agree(out, expected, dtype)
    assert_agree(dx, gradient, dtype)
    assert_fresh((out, dx), (x, dout))
    assert_agree(local_response_norm_forward_loops(x, **constants_here), out, dtype)
    assert_agree(local_response_norm_backward_loops(dout, x, **constants_here), dx, dtype)


def test_alexnets_constants_in_both_conventions():
    x, dout = 20 * numbers((2, 9, 4, 5), 0), numbers((2, 9, 4, 5), 1)
    paper = local_response_norm_forward(x, convention="paper")  # 5, 1e-4, 0.75, 2
    library = torch.nn.functional.local_response_norm(torch.from_numpy(x), 5, 5e-4, 0.75, 2.0)
    assert_agree(paper, library, np.float64)
    by_hand = x[0, 1, 2, 3] / (2 + 1e-4 * (x[0, :4, 2, 3] ** 2).sum()) ** 0.75
    assert paper[0, 1, 2, 3] == pytest.approx(by_hand)
    assert not np.allclose(paper, local_response_norm_forward(x, convention="pytorch"), rtol=1e-3)
    one = local_response_norm_backward(dout, x, convention="paper")
    other = local_response_norm_backward(dout, x, alpha=5e-4, convention="pytorch")
    assert_agree(one, other, np.float64)


@pytest.mark.parametrize("size", [1, 4, 5])
def test_response_norm_central_differences(size):
    x, dout = numbers((2, 6, 2, 3), 0), numbers((2, 6, 2, 3), 1)
    constants = {"size": size, "alpha": 0.3, "beta": 0.6, "k": 1.5, "convention": "paper"}
    dx = local_response_norm_backward(dout, x, **constants)
    check_gradient(lambda x: (local_response_norm_forward(x, **constants) * dout).sum(), x, dx)


@pytest.mark.parametrize("bad", [{"convention": "caffe"}, {"convention": "paper", "size": 0}])
def test_response_norm_refuses(bad):
    with pytest.raises(ValueError, match="expected"):
        local_response_norm_forward(np.ones((1, 1, 1, 1)), **bad)


def batch(shape, seed, dtype=np.float64):
    """x, dout, gamma, beta, running mean, running variance."""
    x, dout = numbers(shape, seed, dtype), numbers(shape, seed + 1, dtype)
    gamma, beta, mean = (numbers(shape[1], seed + i, dtype) for i in (2, 3, 4))
    return x, dout, gamma, beta, mean, np.abs(numbers(shape[1], seed + 5, dtype)) + dtype(0.1)


@examples(80)
@given(SHAPES, st.booleans(), st.floats(0, 1), st.floats(1e-5, 1e-1), DTYPES, SEEDS)
def test_batch_norm_agrees_with_torch_and_loops(shape, training, momentum, eps, dtype, seed):
    shape = (shape[0] + 1, *shape[1:])  # at least two numbers a channel
    x, dout, gamma, beta, mean, var = batch(shape, seed, dtype)
    torch_mean, torch_var = torch.from_numpy(mean.copy()), torch.from_numpy(var.copy())

    def layer(x, gamma, beta):
        return torch.nn.functional.batch_norm(
            x, torch_mean, torch_var, gamma, beta, training, momentum, eps
        )

    expected, gradients = torch_gradients(layer, (x, gamma, beta), dout)
    arguments = (x, gamma, beta, mean, var, training, momentum, eps)
    out, new_mean, new_var = batch_norm2d_forward(*arguments)
    assert_all_agree((out, new_mean, new_var), (expected, torch_mean, torch_var), dtype)
    back = batch_norm2d_backward(dout, x, gamma, mean, var, training, eps)
    assert_all_agree(back, gradients, dtype)
    assert_fresh((out, new_mean, new_var, *back), (x, dout, gamma, beta, mean, var))
    assert_all_agree(batch_norm2d_forward_loops(*arguments), (out, new_mean, new_var), dtype)
    loops = batch_norm2d_backward_loops(dout, x, gamma, mean, var, training, eps)
    assert_all_agree(loops, back, dtype)


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_central_differences(training):
    x, dout, gamma, beta, mean, var = batch((3, 2, 2, 3), 0)

    def loss(x, gamma, beta):
        out, _, _ = batch_norm2d_forward(x, gamma, beta, mean, var, training)
        return (out * dout).sum()

    dx, dgamma, dbeta = batch_norm2d_backward(dout, x, gamma, mean, var, training)
    check_gradient(lambda x: loss(x, gamma, beta), x, dx)
    check_gradient(lambda gamma: loss(x, gamma, beta), gamma, dgamma)
    check_gradient(lambda beta: loss(x, gamma, beta), beta, dbeta)


def test_a_bias_before_batch_norm_is_lost():
    x, _, gamma, beta, mean, var = batch((4, 2, 3, 3), 0)
    plain, _, _ = batch_norm2d_forward(x, gamma, beta, mean, var)
    shifted, _, _ = batch_norm2d_forward(x + 5, gamma, beta, mean, var)
    assert np.allclose(plain, shifted)


def test_one_number_a_channel_has_no_variance():
    x, _, gamma, beta, mean, var = batch((1, 2, 1, 1), 0)
    with pytest.raises(ValueError, match=r"x has shape \(1, 2, 1, 1\).*training=False"):
        batch_norm2d_forward(x, gamma, beta, mean, var)
    assert batch_norm2d_forward(x, gamma, beta, mean, var, training=False)[0].shape == x.shape
