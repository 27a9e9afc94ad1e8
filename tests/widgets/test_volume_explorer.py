"""The volume explorer without a browser: numbers against the layers, sentence, twin under node."""

import random

import numpy as np
import pytest
from twins import node_agrees

from coursekit import layers
from coursekit.data import photograph
from coursekit.exercises.neurons import neuron_column
from coursekit.widgets import VolumeExplorer
from coursekit.widgets.volume_state import KINDS


def own_arrays(explorer):
    """Weights (D, H', W', ...) and biases (D, H', W') of every neuron."""
    volume = explorer.volume()
    places = list(np.ndindex(volume.out_shape))
    weights, biases = zip(*(volume.neuron(place) for place in places), strict=True)
    return (
        np.reshape(weights, (*volume.out_shape, *weights[0].shape)),
        np.reshape(biases, volume.out_shape),
    )


def small(seed, **settings):
    """An explorer of a random image (2, 7, 8) with three random 3×3 filters."""
    numbers = np.random.default_rng(seed)
    image, weights = numbers.normal(size=(2, 7, 8)), numbers.normal(size=(3, 2, 3, 3))
    return VolumeExplorer(image, weights, numbers.normal(size=3), **settings)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_outputs_are_the_layers(kind, seed):
    explorer = small(seed, sharing=kind)
    volume = explorer.volume()
    x = volume.image[None]
    w, b = own_arrays(explorer)
    if kind == "convolution":
        expected = layers.conv2d_forward(x, volume.filters, volume.biases)[0]
    elif kind == "locally connected":
        expected = layers.locally_connected_forward(x, w, b)[0]
    else:
        expected = (w.reshape(w[..., 0, 0, 0].size, -1) @ x.ravel()).reshape(b.shape) + b
    np.testing.assert_allclose(explorer.output(), expected, atol=1e-9)
    explorer.relu = True
    np.testing.assert_allclose(explorer.output(), np.maximum(expected, 0), atol=1e-9)
    place = (2, 1, 3)
    explorer.position = place
    assert volume.parts(place).sum() + volume.neuron(place)[1] == pytest.approx(expected[place])


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_counted_from_the_arrays(kind):
    explorer = small(0, sharing=kind)
    volume = explorer.volume()
    w, b = own_arrays(explorer)
    arrays = (volume.filters, volume.biases) if kind == "convolution" else (w, b)
    assert volume.parameters(kind) == sum(array.size for array in arrays)


def test_the_lectures_three_counts():
    volume = VolumeExplorer().volume()
    assert [volume.parameters(kind) for kind in KINDS] == [456, 357504, 14455392]


def test_weights_follow_only_where_they_are_shared():
    for kind in KINDS:
        volume = small(1, sharing=kind).volume()
        here, there = (volume.neuron((0, 0, col))[0] for col in (0, 1))
        assert np.array_equal(here, there) == (kind == "convolution")


@pytest.mark.parametrize("shift", [(2, 3), (-1, 0), (0, -4), (8, 8)])
def test_only_the_convolution_moves_along(shift):
    sentences = {kind: VolumeExplorer(sharing=kind, shift=shift).sentence for kind in KINDS}
    compared = (28 - abs(shift[0])) * (28 - abs(shift[1]))
    assert f"slice 0, {compared} of {compared} numbers moved along" in sentences["convolution"]
    for kind in KINDS[1:]:
        same = int(sentences[kind].split("in slice 0, ")[1].split()[0])
        assert same < compared / 50


def test_sentence_word_for_word():
    explorer = VolumeExplorer(position=(2, 8, 12), relu=True)
    assert explorer.sentence == (
        "Neuron h[2, 8, 12] of 6 × 28 × 28: channel 1 adds 0.47, channel 2 adds 0.34, "
        "channel 3 adds 0.13; with the bias −0.1, h is 0.83, and 0.83 after the ReLU. Its 75 "
        "weights and its bias serve all 784 neurons of its slice; the layer has 456 parameters."
    )


def test_the_default_image_is_the_photograph():
    cup = photograph("coffee", size=32).transpose(2, 0, 1) / 255
    np.testing.assert_allclose(VolumeExplorer().image, cup, atol=0.0051)


def test_neurons_can_be_added_and_removed():
    explorer = VolumeExplorer(neurons=2, position=(1, 3, 4))
    explorer.neurons = 8
    assert explorer.output().shape == (8, 28, 28)
    explorer.neurons = 1
    assert explorer.position == (0, 3, 4)
    own = np.ones((2, 3, 3, 3))
    explorer.weights = own
    assert explorer.neurons == 2
    np.testing.assert_array_equal(explorer.weights[:2], own)


def test_image_of_another_depth_gets_filters_that_fit():
    explorer = VolumeExplorer()
    explorer.image = np.ones((1, 4, 6))
    assert explorer.problem == ""
    assert explorer.weights.shape == (8, 1, 4, 4)
    assert explorer.output().shape == (6, 1, 3)


def test_bad_values_keep_the_picture_and_leave_a_sentence():
    explorer = VolumeExplorer(np.full((3, 8, 8), np.nan), neurons=99, sharing="none")
    for words in ("image holds 192 values", "neurons is 99", "sharing is 'none'"):
        assert words in explorer.problem
    explorer.weights = np.ones((2, 3, 4, 5))
    assert "weights have shape (2, 3, 4, 5)" in explorer.problem
    explorer.position = (9, 0, 40)
    assert explorer.position == (5, 0, 27)
    assert "position (9, 0, 40) is outside" in explorer.problem
    explorer.shift = (0, 99)
    assert explorer.shift == (0, 8)
    assert explorer.still()


def test_the_students_column_is_compared():
    explorer = VolumeExplorer(column=neuron_column, position=(1, 2, 3))
    np.testing.assert_allclose(explorer.answer["numbers"], explorer.output()[:, 2, 3], atol=1e-9)
    assert explorer.sentence.endswith("Your neuron_column gives 0.9.")
    explorer.sharing = "fully connected"
    np.testing.assert_allclose(explorer.answer["numbers"], explorer.output()[:, 2, 3], atol=1e-9)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda x, w, b: np.zeros((2, 2)), "gave shape (2, 2); expected (6,)"),
        (lambda x, w, b: None, "gave None"),
        (lambda x, w, b: 1 / 0, "gave no numbers"),
        (lambda x, w, b: b * np.nan, "gave numbers that are not finite"),
        (lambda x, w, b: ["a"] * 6, "gave list; expected an array of 6 numbers"),
    ],
)
def test_a_column_that_gives_no_numbers_leaves_a_sentence(answer, problem):
    explorer = VolumeExplorer(column=answer)
    assert explorer.answer["numbers"] is None
    assert problem in explorer.sentence


def test_an_endless_column_is_stopped_and_asked_once():
    asked = []

    def column(chunk, weights, biases):
        asked.append(chunk)
        while True:
            pass

    explorer = VolumeExplorer(column=column)
    explorer.position = (0, 3, 3)
    assert len(asked) == 1
    said = "Your column gave no numbers: it had not answered after 1 s and is not asked again; "
    assert said + "run this cell again to ask it." in explorer.sentence


# ---- the browser's twin ----


def described(dice):
    explorer = small(
        dice.randrange(99),
        sharing=dice.choice(KINDS),
        neurons=dice.randint(1, 8),
        relu=dice.random() < 0.5,
        shift=(dice.randint(-2, 2), dice.randint(-2, 2)),
        column=dice.choice([None, neuron_column, lambda chunk, w, b: b]),
    )
    explorer.position = tuple(dice.randrange(n) for n in explorer.volume().out_shape)
    return {
        "state": explorer.snapshot()["state"],
        "sentence": explorer.sentence,
        "output": np.maximum(explorer.output(), 0).ravel().tolist(),
        "relu": explorer.relu,
        "counts": [explorer.volume().parameters(kind) for kind in KINDS],
        "code": repr(explorer),
    }


def test_the_browser_says_the_same(tmp_path):
    dice = random.Random(0)
    cases = [described(dice) for _ in range(60)]
    node_agrees(tmp_path, "volume_check.mjs", "COURSEKIT_VOLUMES", cases)


@pytest.mark.parametrize("filters", [1, 4, 8])
def test_own_filters_are_all_shown_and_nothing_else(filters):
    """Also where the usual first neuron is outside the output."""
    weights = np.ones((filters, 1, 2, 2))
    explorer = VolumeExplorer(np.ones((1, 5, 5)), weights, position=(filters - 1, 4, 0))
    assert (explorer.neurons, explorer.output().shape[0]) == (filters, filters)
    assert explorer.position == (filters - 1, 3, 0)
    explorer = VolumeExplorer(np.ones((1, 5, 5)), weights)
    assert (explorer.position, explorer.problem) == ((0, 3, 3), "")
