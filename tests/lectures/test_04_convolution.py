"""What lecture 04 says is so: every number of its prose, recomputed here and by PyTorch."""

from timeit import repeat

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from reading import Lecture
from torch import nn
from torch.nn.functional import conv2d

from coursekit import layers, models, shapes
from coursekit.data import photograph
from coursekit.exercises.convolution import conv2d_forward
from coursekit.exercises.convolution_as_product import conv2d_im2col
from coursekit.exercises.multiply_adds import conv2d_macs
from coursekit.widgets import ConvolutionStepper

LECTURE = Lecture("04_convolution")
says = LECTURE.says
RIM = ConvolutionStepper().image[:, :5, :5]
EDGE = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4
SHARPEN = np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])


def layer(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """One map of one gray image."""
    return conv2d_forward(x[None, None], kernel[None, None], np.zeros(1))[0, 0]


def table(build):
    """Architecture of a network of the course, built without its weights."""
    with torch.device("meta"):
        return models.architecture_table(build(), models.INPUT_SHAPES[build])


def test_the_first_stop():
    stepper = ConvolutionStepper(RIM, bias=1)
    x, w = stepper.image.astype(float), stepper.weights.astype(float)
    assert (x.shape, w.shape) == ((3, 5, 5), (3, 3, 3))
    sums = (x[:, :3, :3] * w).sum(axis=(1, 2))
    np.testing.assert_allclose(sums, [0.4, 0, 0.1], atol=1e-6)
    assert says("the channels should add 0.4, 0 and 0.1, and the bias 1")
    np.testing.assert_allclose(x * 10, (x * 10).round(), atol=1e-5)  # "in tenths"


def test_a_filter_of_depth_one_meets_every_channel_without_an_error():
    x, w = np.ones((3, 5, 5)), np.ones((1, 5, 5))
    assert np.sum(x * w) == 75
    with pytest.raises(RuntimeError, match="channels"):
        conv2d(torch.ones(1, 3, 5, 5), torch.ones(1, 1, 5, 5))


def test_stops():
    assert shapes.output_size(5, 3) == 3 and says("$5 - 3 + 1 = 3$ stops")
    assert shapes.output_size(32, 5) == 28 and 28 * 28 == 784
    assert says("28 rows of them: 784 numbers")
    assert (28 * 28 * 3, 27 * 27) == (2352, 729) and says("2352 is 28·28·3") and says("729 is")


def test_a_single_one_prints_the_filter_turned():
    dot = np.zeros((5, 5))
    dot[2, 2] = 1
    digits = np.arange(1.0, 10).reshape(3, 3)
    assert np.array_equal(layer(dot, digits), digits[::-1, ::-1])
    assert layer(dot, digits)[0, 0] == 9
    assert np.convolve([0, 0, 1, 0, 0], [1, 2, 3], "valid").tolist() == [1, 2, 3]
    assert np.correlate([0, 0, 1, 0, 0], [1, 2, 3], "valid").tolist() == [3, 2, 1]


def test_the_layer_of_the_slide():
    out = conv2d_forward(np.zeros((2, 3, 32, 32)), np.zeros((6, 3, 5, 5)), np.zeros(6))
    assert out.shape == (2, 6, 28, 28)
    assert says("| result | $(N, F, H', W')$ | (2, 6, 28, 28) |")


def test_examples_of_the_exercises():
    assert conv2d_macs(3, 6, 5, (28, 28)) == 352800
    x, w = np.array([[[[1.0, 2, 3]]]]), np.array([[[[1.0, 10]]]])
    out, columns = conv2d_im2col(x, w, np.zeros(1))
    assert (out.tolist(), columns.tolist()) == ([[[[21, 32]]]], [[[1, 2], [2, 3]]])


def test_the_steppers_tasks():
    stepper = ConvolutionStepper(RIM, bias=1)
    before = stepper.output()
    for channel, changed in ((0, 6), (2, 1)):
        image = RIM.copy()
        image[channel, 2, 2] += 5
        after = ConvolutionStepper(image, bias=1).output()
        assert (~np.isclose(before, after)).sum() == changed
    assert says("six outputs change; in channel 3 it is one")
    copy = np.zeros_like(stepper.weights)
    copy[1, 1, 1] = 1
    np.testing.assert_allclose(ConvolutionStepper(RIM, copy).output(), RIM[1, 1:4, 1:4])
    assert (ConvolutionStepper(RIM, 0 * copy, bias=2).output() == 2).all()
    assert (~np.isclose(before, before - 1)).sum() == 9
    assert says("the 3×3 pixels in the middle") and says("all nine outputs differ")


def test_what_filters_do_to_an_even_area():
    for kernel, factor in ((np.full((7, 7), 1 / 49), 1), (SHARPEN, 1), (EDGE, 0)):
        assert kernel.sum() == pytest.approx(factor)
        assert layer(np.full((9, 9), 0.5), kernel) == pytest.approx(0.5 * factor)


def test_one_edge_filter_sees_the_leg_and_the_other_does_not():
    photo = photograph("camera", size=112) / 255
    upright, level = (np.abs(layer(photo, k))[85:108, 28:36].max(axis=1) for k in (EDGE, EDGE.T))
    assert upright.mean() > 3 * level.mean()
    assert layer(photo, np.ones((7, 7))).shape == (106, 106)


def test_the_edge_filter_splits():
    assert np.array_equal(np.outer([1, 2, 1], [-1, 0, 1]), 4 * EDGE)
    assert says("a column $(1, 2, 1)$ times a row $(-1, 0, 1)$")


def test_multiply_adds():
    assert 6 * 28 * 28 == 4704 and 4704 * 75 == 352800
    assert conv2d_macs(6, 10, 5, (24, 24)) == 864000 and says("More than twice as much, 864,000")
    assert 2 < 864000 / 352800 < 3
    wrong = 10 * 24 * 24 * 25, 24 * 24 * 150, 10 * 24 * 24 * 75
    assert wrong == (144000, 86400, 432000)
    assert says("144,000 forgets the depth, 86,400 counts one filter, 432,000 keeps the old depth")
    assert 450 * 784 == 352800 and says("the first layer's 450 weights")
    for side in (32, 64, 224):
        assert conv2d_macs(3, 6, 5, (side - 4, side - 4)) % 450 == 0
    side = shapes.output_size(224, 7)
    assert side == 218 and says(f"147 = {conv2d_macs(3, 64, 7, (side, side)):,}")
    macs = conv2d_macs(3, 6, 5, (28, 28)) * 8
    assert round(macs / 1e6, 1) == 2.8 and says("2.8 million multiply-adds")


def test_four_windows_of_a_small_image():
    small, kernel = np.arange(1.0, 10).reshape(1, 1, 3, 3), np.eye(2)[None, None]
    out, columns = conv2d_im2col(small, kernel, np.zeros(1))
    assert out.ravel().tolist() == [6, 8, 12, 14] and says("the map as the row 6, 8, 12, 14")
    assert columns[0, :, -1].tolist() == [5, 6, 8, 9]
    assert sliding_window_view(small[0, 0], (2, 2))[1, 1].ravel().tolist() == [5, 6, 8, 9]


def test_what_columns_cost():
    x, w = np.ones((1, 3, 32, 32)), np.ones((6, 3, 5, 5))
    columns = conv2d_im2col(x, w, np.zeros(6))[1]
    assert columns.size == 58800 and round(columns.size / x.size) == 19
    assert says("75 · 784 = 58,800, nineteen times as many as the image")
    ones = np.ones((1, 1, 5, 5), dtype=int)
    reads = layers.conv2d_backward(np.ones((1, 1, 28, 28)), x[:, :1], 1.0 * ones)[0][0, 0]
    assert reads[16, 16] == 25 and says("lies in 25 windows of 5×5")


def test_the_product_is_faster_than_the_loops():
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape) for shape in ((8, 3, 32, 32), (6, 3, 5, 5), (6,))]
    loops, product = (
        min(repeat(lambda each=each: each(*arrays), number=1, repeat=3))
        for each in (layers.conv2d_forward_loops, conv2d_im2col)
    )
    assert loops > 10 * product  # the lecture's cell asks for five; "many times as fast"


def test_the_sequence():
    sides = [32]
    while sides[-1] >= 5:
        sides.append(shapes.output_size(sides[-1], 5))
    assert sides[1:] == [28, 24, 20, 16, 12, 8, 4]
    assert says("each loses four rows and four columns: 10×24×24")
    assert says("28, 24, 20, 16, 12, 8, 4. After seven layers the volume is 4×4")


def test_the_volumes_of_vgg():
    rows = table(models.vgg16)
    pools = [row.output_shape for row in rows.of_kind("MaxPool2d")]
    assert pools == [(64, 112, 112), (128, 56, 56), (256, 28, 28), (512, 14, 14), (512, 7, 7)]
    for shape in pools:
        assert says("×".join(map(str, shape)))
    convolutions = [row.output_shape[0] for row in rows.of_kind("Conv2d")]
    assert convolutions == [64] * 2 + [128] * 2 + [256] * 3 + [512] * 6
    assert [row.output_shape for row in rows.of_kind("Linear")] == [(4096,), (4096,), (1000,)]


def test_three_costs_in_three_places():
    rows = table(models.vgg16).of_kind("Conv2d", "Linear")
    assert len(rows) == 16 and says("sixteen layers with weights")
    most = max(range(16), key=lambda n: rows[n].parameters) + 1
    assert most == 14 and says("reveal(guess, 14)")
    assert round(100 * rows[13].parameters / rows.parameters) == 74 and says("74 percent in layer")
    assert 512 * 7 * 7 == 25088 and round(25088 * 4096 / 1e6) == 103
    assert says("512 · 7 · 7 = 25,088 numbers, which makes 103 million weights")
    memory = [round(100 * row.memory / rows.memory) for row in rows]
    assert memory[:2] == [24, 24] and memory == sorted(memory, reverse=True)
    work = [row.macs / rows.macs for row in rows]
    assert min(work[1:13]) > 2 * max(work[0], *work[13:])


def test_the_famous_sum():
    rows = table(models.vgg16)
    assert rows.memory // 4 == 15237608
    assert round(rows.memory / 1e6) == 61 and round(rows.memory / 2**20) == 58
    assert says("15.2 million numbers, 61 MB (or 58 MiB, in units of 1,048,576 bytes)")
    assert round(rows.parameters / 1e6) == 138
    assert 9 * rows.memory < 4 * rows.parameters < 10 * rows.memory
    assert says("From ten images on, VGG-16's volumes outweigh its 138 million parameters")


@pytest.mark.parametrize(
    ("build", "parameters", "work"),
    [(models.alexnet_2012, 96.2, 91.9), (models.vgg16, 89.4, 99.2), (models.resnet34, 2.4, 100.0)],
)
def test_shares_of_three_networks(build, parameters, work):
    rows = table(build)
    assert round(100 * rows.of_kind("Linear").parameters / rows.parameters, 1) == parameters
    assert round(100 * rows.of_kind("Conv2d").macs / rows.macs, 1) == work
    assert says("96.2 % in AlexNet")


def test_open_questions():
    x, w = np.random.default_rng(0).normal(size=(1, 4, 3, 5)), np.ones((2, 4, 1, 1))
    assert np.array_equal(conv2d_im2col(x, w, np.zeros(2))[1][0], x[0].reshape(4, 15))
    with torch.device("meta"):
        as_convolution = nn.Conv2d(512, 4096, 7)
    fourteenth = table(models.vgg16).of_kind("Linear")[0]
    assert as_convolution.weight.numel() + 4096 == fourteenth.parameters


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
