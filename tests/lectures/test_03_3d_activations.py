"""What lecture 03 says is so: every number of its prose, recomputed here and by PyTorch."""

import numpy as np
import pytest
import torch
from reading import Lecture
from torch import nn
from torch.nn.functional import conv2d

from coursekit import models, shapes
from coursekit.data import photograph
from coursekit.exercises.locally_connected import locally_connected_forward
from coursekit.exercises.neurons import neuron_column, neuron_output
from coursekit.exercises.parameter_count import KINDS, parameter_count
from coursekit.widgets import VolumeExplorer, WeightIndex

LECTURE = Lecture("03_3d_activations")
says = LECTURE.says
IMAGE = (photograph("coffee", size=32) / 255).round(2).transpose(2, 0, 1)
LAYER = VolumeExplorer(IMAGE).volume()


def test_the_image_and_its_first_neuron():
    assert (IMAGE.shape, IMAGE.size) == ((3, 32, 32), 3072)
    explorer = VolumeExplorer(IMAGE, neurons=1, position=(0, 19, 5))
    assert says("The neuron's chunk starts at row 19 and column 5")
    chunk, weights = IMAGE[:, 19:24, 5:10], np.tile([-0.2, -0.2, 0, 0.2, 0.2], (3, 5, 1))
    np.testing.assert_allclose(explorer.volume().neuron((0, 19, 5))[0], weights, atol=1e-7)
    parts = explorer.volume().parts((0, 19, 5))
    np.testing.assert_allclose(parts, (chunk * weights).sum((1, 2)), atol=1e-6)
    np.testing.assert_allclose(parts, np.round(parts, 2), atol=1e-6)  # the picture rounds nothing
    assert explorer.volume().neuron((0, 19, 5))[1] == 0
    assert says("There are 75 weights, one bias, and *one* number comes out")
    assert explorer.volume().weights_each == 75


def test_examples_of_the_exercises():
    ones = np.ones((3, 5, 5))
    assert neuron_output(ones, 2 * ones, 1.0) == 151.0
    assert says("gives 151.0")
    assert neuron_column(ones, np.ones((2, 3, 5, 5)), np.array([0.0, 5.0])).tolist() == [75, 80]
    w = np.arange(4.0).reshape(1, 2, 2, 1, 1, 1)
    out = locally_connected_forward(np.ones((1, 1, 2, 2)), w, np.zeros((1, 2, 2)))
    assert out.tolist() == [[[[0, 1], [2, 3]]]]
    assert says('parameter_count("convolution", (3, 32, 32), 6, 5) is 456')


def test_a_neuron_and_its_negative_are_never_both_active():
    chunk, weights = IMAGE[:, 12:17, 10:15], LAYER.filters[0]
    pair = [neuron_output(chunk, sign * weights, 0.0) for sign in (1, -1)]
    assert pair[0] == -pair[1] != 0


def test_the_six_neurons_look_for_what_is_said():
    left, top, center, red, diagonal, bright = LAYER.filters
    assert np.array_equal(left, left[:, :1].repeat(5, 1)) and (np.diff(left[0, 0]) >= 0).all()
    assert np.allclose(top, left.transpose(0, 2, 1))
    assert center[0, 2, 2] > 0 > center[0, 0, 0]
    assert (red[0] > 0).all() and (red[1:] < 0).all()
    assert np.allclose(diagonal, diagonal.transpose(0, 2, 1)) and diagonal[0, 0, 0] < 0
    assert (bright > 0).all() and np.ptp(bright) == 0


def test_places_and_neurons():
    assert shapes.output_size(32, 5) == 28
    assert shapes.neuron_count(LAYER.out_shape) == 28 * 28 * 6 == 4704
    assert says("so there are 28 places in a row") and says(
        "$6 \\times 28 \\times 28$: 4,704 neurons"
    )
    assert says("meets all 784 chunks") and 28 * 28 == 784


def test_a_convolution_is_a_locally_connected_layer_that_repeats_itself():
    w = np.broadcast_to(LAYER.filters[:, None, None], (6, 28, 28, 3, 5, 5))
    b = np.broadcast_to(LAYER.biases[:, None, None], (6, 28, 28))
    ours = locally_connected_forward(IMAGE[None], w, b)
    theirs = conv2d(*(torch.tensor(a) for a in (IMAGE[None], LAYER.filters, LAYER.biases)))
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-12)


def test_the_three_counts():
    counts = [parameter_count(kind, (3, 32, 32), 6, 5) for kind in KINDS]
    assert counts == [456, 357504, 14455392]
    assert counts[0] == sum(p.numel() for p in nn.Conv2d(3, 6, 5).parameters())
    with torch.device("meta"):
        full = nn.Linear(3 * 32 * 32, 6 * 28 * 28)
    assert counts[2] == sum(p.numel() for p in full.parameters())
    for words in ("how sharing turns 14,455,392 numbers to learn into 456", "(357,504 parameters)",
                  "14,455,392 parameters became 357,504"):  # fmt: skip
        assert says(words)


def test_one_neuron_more():
    more, before = ([parameter_count(k, (3, 32, 32), f, 5) for k in KINDS] for f in (7, 6))
    assert [a - b for a, b in zip(more, before, strict=True)] == [76, 59584, 2409232]
    assert says("28 · 28 · 76 = 59,584") and says("28 · 28 · 3,073 = 2,409,232")


def test_the_tips_name_what_wrong_answers_forget():
    assert (6 * 75, 6 * (5 * 5 + 1), 28 * 28 * 6 * 76) == (450, 156, 357504)
    assert says("450 forgets the biases, 156 the depth, and 357,504 is the locally connected layer")
    assert parameter_count("convolution", (3, 32, 32), 6, 1) == 6 * 4 == 24 and says("6 · 4 = 24")


def test_the_image_grows():
    local, full = (parameter_count(kind, (3, 224, 224), 6, 5) for kind in KINDS[1:])
    assert round(local / 1e6) == 22 and says("about 22 million")
    assert round(full / 1e9) == 44 and says("44 billion")


def test_the_three_matrices():
    pixels = torch.eye(36).reshape(36, 1, 6, 6)
    kernel = torch.linspace(0.3, 1, 9).reshape(1, 1, 3, 3)
    shared = conv2d(pixels, kernel).reshape(36, 16).T
    assert shared.shape == (16, 36)
    assert int((shared != 0).sum()) == 16 * 9 == 144
    assert len(shared[shared != 0].unique()) == 9
    full = 0.3 + 0.7 * torch.rand(16, 36, generator=torch.Generator().manual_seed(0))
    assert len(full.unique()) == full.numel() == 576
    assert says("16 · 36 = 576 different weights") and says("16 · 9 = 144")


def test_only_shared_weights_let_the_output_move():
    moved = np.roll(IMAGE, 2, axis=2)
    drawn = np.random.default_rng(0).normal(size=(6, 28, 28, 3, 5, 5))
    repeated = np.broadcast_to(LAYER.filters[:, None, None], drawn.shape)
    for weights, expected in ((repeated, 728), (drawn, 0)):
        before, after = (
            locally_connected_forward(x[None], weights, np.zeros((6, 28, 28)))
            for x in (IMAGE, moved)
        )
        assert np.isclose(after[0, 0, :, 2:], before[0, 0, :, :-2]).sum() == expected
    assert says("how many of these 728 give the number") and 28 * 26 == 728


@pytest.mark.parametrize(
    ("build", "least", "most", "words"),
    [
        (models.alexnet_2012, 96, 384, "AlexNet has 96 to 384"),
        (models.vgg16, 64, 512, "VGG-16 64 to 512"),
        (models.resnet152, 64, 2048, "ResNet-152 has up to 2,048"),
    ],
)
def test_filters_of_real_networks(build, least, most, words):
    with torch.device("meta"):
        network = build()
    counts = [each.out_channels for each in network.modules() if isinstance(each, nn.Conv2d)]
    assert (min(counts), max(counts)) == (least, most)
    assert says(words)


def test_the_network_of_lecture_08_has_ten_filters_everywhere():
    counts = {
        m.out_channels for m in models.example_convnet().modules() if isinstance(m, nn.Conv2d)
    }
    assert counts == {10}


def test_four_axes():
    weight = nn.Conv2d(3, 6, kernel_size=5).weight
    assert tuple(weight.shape) == LAYER.filters.shape == (6, 3, 5, 5)
    assert says("Our layer has the shape (6, 3, 5, 5)") and says("the 450 weights")
    flat = np.ravel_multi_index((2, 0, 3, 1), weight.shape)
    assert flat == 2 * 75 + 0 * 25 + 3 * 5 + 1 == 166
    assert says(r"$2 \cdot 75 + 0 \cdot 25 + 3 \cdot 5 + 1 = 166$")
    assert weight.flatten()[flat] == weight[2, 0, 3, 1]


def test_the_index_tasks_can_be_solved():
    widget = WeightIndex(LAYER.filters, index=":, 0")
    assert widget.selected()[:, 0].all() and not widget.selected()[:, 1:].any()
    widget.index = "2, 2, 2, 2"
    assert "the same numbers mean the same" in widget.sentence


def test_reshape_scrambles_and_transpose_does_not():
    w = LAYER.filters
    stored = w.transpose(2, 3, 1, 0).copy()
    assert stored.shape == (5, 5, 3, 6)
    assert not np.array_equal(stored.reshape(6, 3, 5, 5), w)
    assert np.array_equal(stored.transpose(3, 2, 0, 1), w)


def test_the_second_layer():
    assert 6 * 5 * 5 + 1 == 151 and says("6 · 5 · 5 + 1 = 151")
    assert shapes.output_size(28, 5) == 24 and says("from 28×28 to 24×24")


def test_open_questions():
    assert shapes.conv2d_macs(3, 6, 5, 28) == 4704 * 75 == 352800
    assert says("352,800 multiply-adds") and says("450 + 4,704 parameters")


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
