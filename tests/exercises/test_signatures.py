"""Layers and exercises of one name stand in for each other: mine() gives either."""

import inspect

import numpy as np
import pytest
from collected import VALID

from coursekit import layers, shapes
from coursekit.exercises import EXERCISES
from coursekit.layers import check_gradient, dropout_backward

PAIRS = [
    (name, getattr(module, name))
    for name in EXERCISES
    for module in (layers, shapes)
    if hasattr(module, name)
]


def parameters(function):
    """Name, default and kind of each."""
    found = inspect.signature(function).parameters.values()
    return [(one.name, one.default, one.kind) for one in found]


def test_there_are_such_pairs():
    names = {name for name, _ in PAIRS}
    assert {"conv2d_forward", "max_pool2d_backward", "dropout_forward", "output_size"} <= names


@pytest.mark.parametrize(("name", "ours"), PAIRS)
def test_one_name_has_one_signature(name, ours):
    asked, found = parameters(EXERCISES[name].reference), parameters(ours)
    assert asked == found[: len(asked)]
    assert all(default is not inspect.Parameter.empty for _, default, _ in found[len(asked) :])


@pytest.mark.parametrize(("name", "ours"), PAIRS)
def test_a_layer_passes_the_exercise_of_its_name(name, ours):
    for case in EXERCISES[name].cases(np.random.default_rng(1)):
        try:
            expected = EXERCISES[name].reference(*case.args, **case.kwargs)
        except ValueError:
            with pytest.raises(ValueError, match=r"\w"):
                ours(*case.args, **case.kwargs)
            continue
        got = ours(*case.args, **case.kwargs)
        assert EXERCISES[name].agrees(got, expected, case) is None


@pytest.mark.parametrize(
    "forward", [EXERCISES["dropout_forward"].reference, *VALID["dropout_forward"]]
)
@pytest.mark.parametrize("training", [True, False])
def test_any_right_dropout_goes_with_the_courses_backward(forward, training):
    rng = np.random.default_rng(0)
    x, dout, uniform = rng.normal(size=(4, 5)), rng.normal(size=(4, 5)), rng.random((4, 5))
    mask = np.asarray(forward(x, 0.4, uniform, training)[1], dtype=float)
    dx = dropout_backward(dout, mask)

    def loss(x):
        return (layers.dropout_forward(x, 0.4, uniform, training)[0] * dout).sum()

    check_gradient(loss, x, dx)
