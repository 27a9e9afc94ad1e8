import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from layer_checks import DTYPES, SEEDS, assert_agree, assert_fresh, examples, numbers

from coursekit.layers import (
    check_gradient,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_loops,
)

LOSSES = [softmax_cross_entropy, softmax_cross_entropy_loops]


def labels_for(shape, seed):
    labels = np.random.default_rng(seed).integers(0, shape[1], shape[0])
    labels.flags.writeable = False
    return labels


@pytest.mark.parametrize("loss_function", LOSSES)
@examples(50)
@given(
    shape=st.tuples(st.integers(1, 7), st.integers(1, 9)),
    spread=st.sampled_from([0.01, 1.0, 300.0]),
    dtype=DTYPES,
    seed=SEEDS,
)
def test_agrees_with_torch(loss_function, shape, spread, dtype, seed):
    scores, labels = numbers(shape, seed, dtype) * dtype(spread), labels_for(shape, seed)
    tensor = torch.from_numpy(scores.copy()).requires_grad_()
    expected = torch.nn.functional.cross_entropy(tensor, torch.from_numpy(labels.copy()))
    expected.backward()
    loss, dscores = loss_function(scores, labels)
    assert_agree(loss, expected.detach(), dtype)
    assert_agree(dscores, tensor.grad, dtype)
    assert_fresh((dscores,), (scores,))


@examples(30)
@given(st.tuples(st.integers(1, 5), st.integers(1, 6)), DTYPES, SEEDS)
def test_softmax_agrees_with_torch(shape, dtype, seed):
    scores = numbers(shape, seed, dtype)
    assert_agree(softmax(scores), torch.softmax(torch.from_numpy(scores.copy()), 1), dtype)


@pytest.mark.parametrize("loss_function", LOSSES)
def test_one_confident_image_does_not_break_another(loss_function):
    scores = np.array([[1000.0, 0.0], [-800.0, -1000.0], [0.0, 0.0]])
    loss, dscores = loss_function(scores, np.array([0, 0, 1]))
    assert loss == pytest.approx(np.log(2) / 3)
    assert np.allclose(dscores, [[0, 0], [0, 0], [1 / 6, -1 / 6]])


@pytest.mark.parametrize("loss_function", LOSSES)
def test_guessing_costs_the_logarithm_of_the_classes(loss_function):
    loss, _ = loss_function(np.zeros((50, 10)), np.arange(50) % 10)
    assert loss == pytest.approx(np.log(10))


@pytest.mark.parametrize("loss_function", LOSSES)
def test_central_differences(loss_function):
    scores, labels = numbers((4, 5), 0), labels_for((4, 5), 1)
    _, dscores = loss_function(scores, labels)
    check_gradient(lambda scores: loss_function(scores, labels)[0], scores, dscores)


@pytest.mark.parametrize("loss_function", LOSSES)
@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (np.array([0, 3]), ValueError, "labels go from 0 to 3; expected classes from 0 to 2"),
        (np.array([-1, 1]), ValueError, "labels go from -1 to 1"),
        (np.array([0.0, 1.0]), TypeError, "labels are of type float64; .* whole numbers"),
        ([0, 1], TypeError, "labels are of type list"),
        (np.eye(3, dtype=int)[:2], ValueError, r"labels has shape \(2, 3\); expected \(N,\)"),
    ],
)
def test_refuses_labels(loss_function, labels, error, message):
    with pytest.raises(error, match=message):
        loss_function(np.zeros((2, 3)), labels)
