"""Rearranged pixels: halved images, and one order for all images of a data set."""

import pytest
import torch

from coursekit.data import half_size, load, shuffle_pixels
from coursekit.data.pixels import pixel_order


@pytest.fixture(scope="module")
def digits():
    return load("digits").with_validation(0.1)


def test_half_size_averages_squares(digits):
    halved = half_size(digits)
    for part in ("train", "validation", "test"):
        whole, small = getattr(digits, part), getattr(halved, part)
        assert torch.equal(whole.labels, small.labels)
        squares = whole.images[:, :, 2:4, 4:6].float().mean(dim=(2, 3))
        assert torch.allclose(small.images[:, :, 1, 2].float(), squares, atol=0.5)
    assert halved.test.images.dtype == torch.uint8


def test_shuffling_loses_nothing_and_can_be_undone(digits):
    shuffled = shuffle_pixels(digits, seed=3)
    back = pixel_order(8, 8, seed=3).argsort()
    for part in ("train", "validation", "test"):
        before, after = getattr(digits, part).images, getattr(shuffled, part).images
        assert not torch.equal(before, after)
        assert torch.equal(after.flatten(2)[:, :, back].reshape(before.shape), before)


def test_all_images_and_channels_share_one_order():
    images = load("shapes").smaller(20, 10)
    shuffled = shuffle_pixels(images)
    first = pixel_order(32, 32)[0]
    row, column = divmod(int(first), 32)
    for part in ("train", "test"):
        moved, there = getattr(shuffled, part).images, getattr(images, part).images
        assert torch.equal(moved[:, :, 0, 0], there[:, :, row, column])


def test_another_seed_is_another_order():
    assert not torch.equal(pixel_order(8, 8, 0), pixel_order(8, 8, 1))
    assert torch.equal(pixel_order(8, 8, 1), pixel_order(8, 8, 1))
