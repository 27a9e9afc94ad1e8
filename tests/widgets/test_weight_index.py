"""The weight index without a browser: indices against NumPy's own, sentence, twin under node."""

import random

import numpy as np
import pytest
from twins import node_agrees

from coursekit.widgets import WeightIndex
from coursekit.widgets.index_state import ORDERS, flat_position, index_text, read_index

SHAPE = (4, 3, 2, 5)
WEIGHTS = np.arange(120.0).reshape(SHAPE) / 100


def stored(order):
    """The weights as an array in one framework's order."""
    return WEIGHTS.transpose(ORDERS[order])


def random_index(dice):
    parts = [dice.choice([None, dice.randint(-5, 5)]) for _ in range(dice.randint(0, 4))]
    return index_text(parts)


@pytest.mark.parametrize("seed", range(200))
def test_an_index_means_what_numpy_makes_of_it(seed):
    dice = random.Random(seed)
    order, index = dice.choice(list(ORDERS)), random_index(dice)
    widget = WeightIndex(WEIGHTS, index, order)
    parts = tuple(slice(None) if part is None else part for part in read_index(index))
    try:
        expected = np.atleast_1d(stored(order)[parts])
    except IndexError as error:
        assert "raises an IndexError" in widget.sentence
        assert f"axis {str(error).split('axis ')[1].split()[0]} counts" in widget.sentence
        assert not widget.selected().any()
        return
    np.testing.assert_array_equal(np.sort(WEIGHTS[widget.selected()]), np.sort(expected.ravel()))
    if expected.size > 1:
        assert f"{expected.size} weights" in widget.sentence


@pytest.mark.parametrize("order", ORDERS)
def test_flat_positions_are_numpys(order):
    memory = np.ascontiguousarray(stored(order)).ravel()
    for place in np.ndindex(SHAPE):
        assert memory[flat_position(place, order, SHAPE)] == WEIGHTS[place]


def test_another_order_keeps_the_weight():
    widget = WeightIndex(index=(2, 0, 3, 1))
    assert widget.place == (2, 0, 3, 1)
    widget.order = "TensorFlow"
    assert (widget.index, widget.place) == ("3, 1, 0, 2", (2, 0, 3, 1))
    widget.index = "w[2]"
    widget.order = "PyTorch"
    assert widget.index == ":, :, 2"


def test_sentence_word_for_word():
    assert WeightIndex(index="2, 0, 3, 1").sentence == (
        "w[2, 0, 3, 1] in PyTorch's order, shape (6, 3, 5, 5), is one weight: filter 2, channel 0, "
        "row 3, column 1. Its value is 0.4, its place in memory ((2·3 + 0)·5 + 3)·5 + 1 = 166. In "
        "TensorFlow's order the same numbers raise an IndexError: axis 2 counts 3 channels, from 0 "
        "to 2."
    )
    assert WeightIndex(index="1, 2").sentence == (
        "w[1, 2] in PyTorch's order, shape (6, 3, 5, 5), is an array of shape (5, 5) with 25 "
        "weights: filter 1, channel 2, every row, every column. In TensorFlow's order the same "
        "numbers mean something else: every filter, every channel, row 1, column 2."
    )


@pytest.mark.parametrize("index", ["abc", "1, 2, 3, 4, 5", "1.5", None, 3.5, object(), "2,,1"])
def test_what_is_no_index_keeps_the_picture(index):
    widget = WeightIndex(index="1, 2")
    widget.index = index
    assert widget.index == "1, 2"
    assert "write up to four whole numbers or colons" in widget.problem
    assert widget.still()


def test_bad_weights_and_orders_leave_a_sentence():
    widget = WeightIndex(np.ones((2, 2)), order="Caffe")
    assert "weights has shape (2, 2)" in widget.problem
    assert "order is 'Caffe'" in widget.problem
    widget.weights = np.ones((1, 1, 1, 1))
    assert "raises an IndexError" in widget.sentence


def described(dice):
    widget = WeightIndex(WEIGHTS, random_index(dice), dice.choice(list(ORDERS)))
    chosen = np.flatnonzero(widget.selected()).tolist()
    return {"state": widget.snapshot()["state"], "sentence": widget.sentence, "chosen": chosen}


def test_the_browser_says_the_same(tmp_path):
    dice = random.Random(0)
    cases = [described(dice) for _ in range(300)]
    node_agrees(tmp_path, "index_check.mjs", "COURSEKIT_INDICES", cases)
