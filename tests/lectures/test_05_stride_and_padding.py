"""What lecture 05 says is so: every number of its prose, recomputed here and by PyTorch."""

import numpy as np
import pytest
import torch
from reading import Lecture
from torch.nn import Conv2d
from torch.nn.functional import conv2d

from coursekit.data import photograph
from coursekit.exercises.receptive_field import ALEXNET, VGG16
from coursekit.shapes import (
    kernel_extent,
    output_size,
    receptive_field,
    same_padding,
    uncovered_pixels,
)

LECTURE = Lecture("05_stride_and_padding")
says = LECTURE.says
AVERAGE = torch.full((1, 1, 3, 3), 1 / 9)


def width(w_in: int, *layer: int) -> int:
    """Output width as PyTorch makes it: kernel_size, stride, padding, dilation."""
    return Conv2d(1, 1, *layer)(torch.zeros(1, 1, w_in, w_in)).shape[-1]


@pytest.mark.parametrize(
    ("layer", "out", "words"),
    [
        ((7, 3), 5, "pixels 0, 1, 2, 3 and 4: five outputs"),
        ((7, 3, 2), 3, "Three stops"),
        ((8, 3, 2), 3, "Eight pixels, and still three windows"),
        ((7, 3, 2, 1), 4, "the 7×7 image becomes 4×4"),
        ((9, 3, 1, 0, 2), 5, "window 4   . . . . # . # . #"),
        ((224, 7, 2, 3), 112, "223/2 = 111.5 steps, so 112 outputs"),
        ((224, 11, 4), 54, "224 pixels without padding give 54, not 55"),
        ((224, 11, 4, 2), 55, "torchvision's takes 224 with padding 2 and rounds down"),
        ((227, 11, 4), 55, "takes 227 pixels, which fit exactly"),
        ((32, 5, 1, 2), 32, "32, 5, 1, 2 keeps its size"),
        ((224, 7, 2, 3), 112, "224, 7, 2, 3 gives 112"),
    ],
)
def test_sizes(layer, out, words):
    assert output_size(*layer) == width(*layer) == out
    assert says(words)


def test_a_kernel_that_does_not_fit():
    with pytest.raises(ValueError):
        output_size(5, 7, 1, 0)
    assert says("end with 5, 7, 1, 0, which gives nothing")


def test_the_layers_that_leave_no_remainder():
    assert [(w + 2 * p - 11) / 4 + 1 for w, p in ((224, 0), (224, 2), (227, 0))] == [
        54.25,
        55.25,
        55,
    ]
    assert (224 + 2 * 3 - 7) == 223


def test_the_slides_picture_is_covered_and_not_halved():
    assert uncovered_pixels(7, 3, stride=2) == []
    assert 2 * output_size(7, 3, stride=2) != 7
    assert uncovered_pixels(8, 3, stride=2) == [7]


@pytest.mark.parametrize("w", range(4, 120))
def test_when_each_sentence_of_the_slide_is_right(w):
    even = w % 2 == 0
    assert (uncovered_pixels(w, 3, 2) == [w - 1]) == even
    assert 2 * output_size(w, 3, 2) != w
    assert (2 * output_size(w, 3, 2, 1) == w) == even
    assert uncovered_pixels(w, 3, 2, 1) == []


def test_the_steppers_tasks_can_be_solved():
    assert output_size(7, 3, stride=2) == output_size(7, 2, stride=2)
    assert uncovered_pixels(7, 3, stride=2) == [] != uncovered_pixels(7, 2, stride=2)


def test_a_ring_of_zeros():
    assert np.pad(np.ones((7, 7)), 1).shape == (9, 9)
    averages = conv2d(torch.ones(1, 1, 5, 5), AVERAGE, padding=1)[0, 0]
    assert averages[0, 0].item() == pytest.approx(4 / 9)
    assert averages[0, 2].item() == pytest.approx(6 / 9)
    assert says("4/9 = 0.44") and says("6/9 = 0.67")


def test_zeros_darken_the_rim_of_the_photograph():
    sky = torch.tensor(photograph("china", size=(96, 128)).mean(axis=2) / 255).float()[None, None]
    y = sky
    for _ in range(8):
        y = conv2d(y, AVERAGE, padding=1)
    assert y[..., 0, 40:].mean() < 0.5 * sky[..., 0, 40:].mean()
    assert y[..., 16, 60:100].mean() == pytest.approx(sky[..., 16, 60:100].mean().item(), abs=0.05)


def test_extents():
    assert (kernel_extent(3, 2), kernel_extent(3, 3)) == (5, 7)
    assert says(r"here $2 \cdot 2 + 1 = 5$") and says("3 · (3 − 1) + 1 = 7 pixels")


def test_what_the_row_of_the_astronaut_loses():
    assert uncovered_pixels(15, 2, stride=3) == [2, 5, 8, 11, 14]
    assert says("Four gaps and one leftover") and says("2, 5, 8, 11 and 14 are hatched")


def test_a_shortcut_of_resnet_reads_one_pixel_in_four():
    read = 56 - len(uncovered_pixels(56, 1, stride=2))
    assert read**2 / 56**2 == 1 / 4


def test_fifteen_layers_without_padding():
    size = 32
    for _ in range(15):
        size = output_size(size, 3)
    assert size == 2
    assert says("a 32×32 image would be 2×2 after fifteen")


@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_an_even_kernel_gets_its_spare_zero_after():
    assert same_padding(4) == (1, 2)
    row = torch.arange(8.0)[None, None]
    taps = torch.tensor([[[1.0, 10, 100, 1000]]])
    same = torch.nn.functional.conv1d(row, taps, padding="same")
    by_hand = torch.nn.functional.conv1d(torch.nn.functional.pad(row, same_padding(4)), taps)
    assert torch.equal(same, by_hand)


def test_only_the_poolings_of_vgg_change_the_size():
    size, sizes = 224, []
    for kernel_size, stride in VGG16:
        size = output_size(size, kernel_size, stride, padding=1 if kernel_size == 3 else 0)
        sizes.append(size)
    before = [224, *sizes[:-1]]
    kept = [layer for layer, a, b in zip(VGG16, before, sizes, strict=True) if a == b]
    assert kept == [(3, 1)] * 13
    assert (len(VGG16), sizes[-1]) == (18, 7)
    assert says("Thirteen convolutions") and says("these eighteen layers")


def test_a_stride_computes_every_second_output():
    x = torch.rand(1, 1, 41, 64, generator=torch.Generator().manual_seed(0))
    every = conv2d(x, AVERAGE)
    second = conv2d(x, AVERAGE, stride=2)
    assert torch.allclose(second, every[:, :, ::2, ::2])
    assert says("Three of four numbers are never computed")


def test_four_strides_of_two_keep_one_position_in_sixteen():
    field, positions = 512, 512
    for _ in range(4):
        positions = output_size(positions, 2, stride=2)
    assert field // positions == 16


def test_three_small_layers_or_one_large_one():
    assert receptive_field([(3, 1)] * 3) == receptive_field([(7, 1)]) == 7
    assert receptive_field([(3, 2), (3, 1)]) == 1 + 2 * 1 + 2 * 2 == 7
    three = 3 * Conv2d(64, 64, 3, bias=False).weight.numel()
    one = Conv2d(64, 64, 7, bias=False).weight.numel()
    assert (three, one) == (27 * 64**2, 49 * 64**2)
    assert says(f"{three:,} against {one:,}")
    assert 0.4 < 1 - three / one < 0.5  # "almost half"


def test_what_alexnet_and_vgg_see():
    fields = [receptive_field(ALEXNET[:depth]) for depth in range(1, 9)]
    assert fields == [11, 19, 51, 67, 99, 131, 163, 195]
    assert receptive_field(VGG16) == 212
    assert says("195 of 227 pixels, and 212 of 224")
    assert says("195 pixels in 8 layers, VGG-16 to 212 pixels in 18 layers")


@pytest.mark.parametrize(("k", "p"), [(2, 0), (4, 1), (5, 2), (7, 3)])
def test_layers_of_the_open_question_halve_every_even_width(k, p):
    assert all(output_size(w, k, 2, p) * 2 == w for w in range(8, 120, 2))


def test_what_one_pixel_of_the_input_reaches():
    x = torch.zeros(1, 1, 15, 15, requires_grad=True)
    y = x
    for _ in range(3):
        y = conv2d(y, AVERAGE)
    y[0, 0, 4, 4].backward()
    reached = (x.grad[0, 0].abs().sum(dim=0) > 0).sum().item()
    assert reached == receptive_field([(3, 1)] * 3)
    assert x.grad[0, 0, 7, 7] == x.grad.max()  # the middle counts most


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
