"""Features made by hand, and the linear classifier that is put on them."""

import numpy as np
import pytest

from coursekit.data.features import gradient_histograms, gradients
from coursekit.inspection.separation import fit_linear, right_share


def ramp(angle):
    """A picture (1, 1, 16, 16) that gets brighter in one direction, by 4 of 255 a pixel."""
    row, column = np.mgrid[:16, :16]
    return (4 * (np.cos(angle) * column + np.sin(angle) * row) + 100)[None, None]


@pytest.mark.parametrize("angle", [0, 0.5, np.pi / 2, 2.5])
def test_gradients_of_a_ramp_are_the_same_everywhere(angle):
    strength, direction = gradients(ramp(angle))
    assert np.allclose(strength[0, 1:-1, 1:-1], 8 / 255)
    turned = np.abs(direction[0, 1:-1, 1:-1] - angle)
    assert np.allclose(np.minimum(turned, np.pi - turned), 0)


@pytest.mark.parametrize(("angle", "bin_"), [(0.1, 0), (1.6, 4), (3.0, 8), (3.0 + np.pi, 8)])
def test_all_edges_of_a_ramp_are_in_one_bin(angle, bin_):
    cells = gradient_histograms(ramp(angle)).reshape(4, 9)
    assert (cells.argmax(axis=1) == bin_).all()
    assert np.count_nonzero(cells) == 4


def test_color_and_brightness_do_not_matter():
    image = np.random.default_rng(0).integers(0, 100, (1, 3, 16, 16))
    mixed = image[:, [2, 0, 1]] + 50
    assert np.allclose(gradient_histograms(image), gradient_histograms(mixed))


def test_cells_must_fit():
    with pytest.raises(ValueError, match="20×20; give a cell that divides both, not 8"):
        gradient_histograms(np.zeros((1, 3, 20, 20)))


@pytest.mark.parametrize("features", [5, 80])
def test_fitted_classifier_minimizes_the_penalized_error(features):
    """Checked against the normal equations, with more and with fewer features than images."""
    numbers = np.random.default_rng(features)
    x, labels = numbers.normal(size=(40, features)), numbers.integers(0, 3, 40)
    w, b = fit_linear(x, labels)
    missed = np.eye(3)[labels] - x @ w.T - b
    decay = 0.05 * np.square(x - x.mean(axis=0)).sum() / features
    assert np.allclose(missed.sum(axis=0), 0)
    assert np.allclose(missed.T @ x, decay * w)
    assert np.allclose((x @ w.T + b).sum(axis=1), 1)


def test_units_of_the_features_do_not_matter():
    numbers = np.random.default_rng(0)
    x, labels = numbers.normal(size=(30, 4)), numbers.integers(0, 2, 30)
    scores = [
        scale * x @ (pair := fit_linear(scale * x, labels))[0].T + pair[1] for scale in (1, 9)
    ]
    assert np.allclose(*scores)
    assert 0 <= right_share(scores[0], labels) <= 1
