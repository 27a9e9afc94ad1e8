import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from layer_checks import DTYPES, SEEDS, assert_agree, assert_fresh, examples, numbers

from coursekit.layers import (
    check_gradient,
    dropout_backward,
    dropout_backward_loops,
    dropout_forward,
    dropout_forward_loops,
)

SHAPES = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)


def drawn(x, seed):
    return np.random.default_rng(seed).random(x.shape)


@examples(60)
@given(SHAPES, st.floats(0, 1), st.booleans(), DTYPES, SEEDS)
def test_fast_and_loops_drop_the_same(shape, p, training, dtype, seed):
    x, dout = numbers(shape, seed, dtype), numbers(shape, seed + 1, dtype)
    out, mask = dropout_forward(x, p, drawn(x, seed), training)
    loops_out, loops_mask = dropout_forward_loops(x, p, drawn(x, seed), training)
    assert_agree(out, loops_out, dtype)
    assert_agree(mask, loops_mask, dtype)
    dx = dropout_backward(dout, mask)
    assert_agree(dx, dropout_backward_loops(dout, mask), dtype)
    assert_fresh((out, dx, mask), (x, dout))


@pytest.mark.parametrize("p", [0.0, 0.25, 0.5, 0.9])
def test_keeps_the_mean_and_drops_a_share_p(p):
    x = np.full((200, 500), 10.0)
    out, mask = dropout_forward(x, p, drawn(x, 0))
    assert out.mean() == pytest.approx(10, rel=0.02)
    assert (mask == 0).mean() == pytest.approx(p, abs=0.01)
    assert set(np.unique(mask)) <= {0, 1 / (1 - p)}


@pytest.mark.parametrize("p", [0.25, 0.5, 0.75])
def test_survivors_are_scaled_as_in_torch(p):
    x = numbers((30, 40), 0)
    out, _ = dropout_forward(x, p, drawn(x, 0))
    theirs = torch.nn.functional.dropout(torch.from_numpy(x.copy()), p).numpy()
    both = (out != 0) & (theirs != 0)
    assert both.any()
    assert np.allclose(out[both], theirs[both])


def test_both_ends_of_p_and_testing():
    x = numbers((3, 4), 0)
    assert np.array_equal(dropout_forward(x, 0, drawn(x, 0))[0], x)
    assert not dropout_forward(x, 1, drawn(x, 0))[0].any()
    assert np.array_equal(dropout_forward(x, 0.5, drawn(x, 0), training=False)[0], x)


def test_both_dtypes_drop_the_same_and_a_draw_of_p_stays():
    x = numbers((3, 4), 0)
    masks = [
        dropout_forward(x.astype(dtype), 0.5, drawn(x, 1))[1] for dtype in (np.float32, np.float64)
    ]
    assert np.array_equal(*masks)
    assert dropout_forward(np.ones(2), 0.25, np.array([0.25, 0.2]))[0].tolist() == [4 / 3, 0]


def test_central_differences_with_the_same_draw():
    x, dout = numbers((4, 5), 0), numbers((4, 5), 1)
    _, mask = dropout_forward(x, 0.4, drawn(x, 3))
    dx = dropout_backward(dout, mask)
    check_gradient(lambda x: (dropout_forward(x, 0.4, drawn(x, 3))[0] * dout).sum(), x, dx)


def test_refuses_bad_chance():
    x = np.ones(3)
    for forward in (dropout_forward, dropout_forward_loops):
        with pytest.raises(ValueError, match="p is 50; expected a number from 0 to 1"):
            forward(x, 50, drawn(x, 0))
        with pytest.raises(ValueError, match=r"uniform has shape \(2,\); expected the shape of x"):
            forward(x, 0.5, np.ones(2))
        with pytest.raises(TypeError, match="uniform is of type Generator; expected a NumPy array"):
            forward(x, 0.5, np.random.default_rng(0))
