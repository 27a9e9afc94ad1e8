"""The picture of everything a network computes for one image."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from coursekit import plots
from coursekit.drawings import OUTPUT
from coursekit.plots.activations import SIDE, STEP

IMAGE = np.zeros((8, 8, 3), np.uint8)
MAPS = np.stack([np.full((2, 2), -1.0), np.array([[0.0, 3.0], [1.0, 1.0]])])
LAYERS = {"conv": MAPS, "fc": np.array([1.0, 1.0, 1.0])}


@pytest.fixture
def axes():
    yield plots.show_activations(IMAGE, LAYERS, {"cat": 0.75, "dog": 0.25}, alt="All of it.")
    plt.close("all")


def square(axes, column, row):
    """The pixels (SIDE, SIDE, 3) of one square of the drawing."""
    canvas = axes.images[0].get_array()
    return np.asarray(canvas)[row * STEP :, column * STEP :][:SIDE, :SIDE]


def test_it_names_layers_and_classes(axes):
    assert [text.get_text() for text in axes.texts] == [
        *("image", "conv", "fc"),
        *("cat", "dog", "softmax"),
    ]
    assert plots.description(axes) == "All of it."


def test_a_map_is_enlarged_and_shares_its_layers_scale(axes):
    assert np.all(square(axes, 1, 0) == 0)  # the least value of the layer
    second = square(axes, 1, 1)
    assert np.all(second[:16, 16:] == 1)  # the largest
    assert np.allclose(second[:16, :16], 0.25)
    assert np.allclose(second[16:], 0.5)


def test_equal_values_and_bytes_have_a_gray_too(axes):
    assert np.all(square(axes, 2, 2) == 0)
    assert np.all(square(axes, 0, 0) == 0)


def test_bars_are_as_long_as_the_probabilities(axes):
    bars = [bar for bar in axes.patches if to_hex(bar.get_facecolor()).upper() == OUTPUT]
    assert bars[0].get_width() == pytest.approx(3 * bars[1].get_width())


def test_a_gray_image_will_do():
    drawn = plots.show_activations(np.full((4, 4), 255, np.uint8), LAYERS, {"a": 1.0}, alt="Gray.")
    assert np.all(square(drawn, 0, 0) == 1)
    plt.close("all")
