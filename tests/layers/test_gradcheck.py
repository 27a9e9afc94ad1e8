import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layer_checks import SEEDS, examples, numbers

from coursekit.layers import check_gradient, numerical_gradient, relative_error


@examples(30)
@given(st.lists(st.integers(0, 4), max_size=3).map(tuple), SEEDS)
def test_numerical_gradient_of_a_known_function(shape, seed):
    x = np.asarray(numbers(shape, seed))
    dx = numerical_gradient(lambda x: np.sin(x).sum(), x)
    assert dx.shape == x.shape
    assert np.allclose(dx, np.cos(x), atol=1e-8)


def test_numerical_gradient_leaves_x_as_it_is():
    x = numbers((3, 2), 0)  # read-only
    seen = []
    numerical_gradient(lambda x: seen.append(x.copy()) or 0.0, x, h=0.5)
    assert np.isclose(np.abs(np.array(seen) - x).sum(axis=(1, 2)), 0.5).all()


def test_float32_is_refused():
    with pytest.raises(TypeError, match="x has dtype float32; expected float64"):
        numerical_gradient(np.sum, np.ones(2, np.float32))
    with pytest.raises(TypeError, match="gradient has dtype float32"):
        check_gradient(np.sum, np.ones(2), np.ones(2, np.float32))


def test_relative_error():
    assert relative_error(np.zeros(3), np.zeros(3)) == 0
    assert relative_error(np.array([2.0, 1.0]), np.array([4.0, 1.0])) == 0.5
    assert relative_error(np.array([4.0, 1.0]), np.array([2.0, 1.0])) == 0.5
    with pytest.raises(ValueError, match=r"got has shape \(3,\)"):
        relative_error(np.zeros(3), np.zeros(2))


def test_a_wrong_gradient_is_named():
    x = numbers((2, 3), 0)
    right = 2 * x
    assert check_gradient(lambda x: (x**2).sum(), x, right) < 1e-8
    wrong = right.copy()
    wrong[1, 2] *= 3
    with pytest.raises(AssertionError, match=r"gradient\[1, 2\] is .* \(ratio 3\)"):
        check_gradient(lambda x: (x**2).sum(), x, wrong)
    wrong[1, 2] = np.nan
    with pytest.raises(AssertionError, match=r"gradient\[1, 2\] is nan"):
        check_gradient(lambda x: (x**2).sum(), x, wrong)


def test_a_gradient_where_none_is_due():
    with pytest.raises(AssertionError, match=r"gradient\[0\] is 1, central differences give 0 "):
        check_gradient(lambda x: 0.0, np.ones(1), np.ones(1))
