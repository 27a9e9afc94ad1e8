"""The patch browser without a browser: its patches, projections, words, and the twin in node."""

import random

import numpy as np
import pytest
import torch
from patch_cases import tiny_browser, tiny_dataset, tiny_net
from twins import node_agrees

from coursekit.exercises import EXERCISES
from coursekit.inspection import activations, deconvnet

PLACES = [("relu1", 0), ("relu1", 3), ("relu2", 0), ("relu2", 4)]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("layer", "unit"), PLACES)
def test_patches_are_those_of_the_exercise(channels, layer, unit):
    browser, dataset, net = tiny_browser(channels), tiny_dataset(channels), tiny_net(channels)
    browser.layer, browser.unit = layer, unit
    shown = browser.shown_layer()
    maps = activations(net, dataset.normalize(dataset.test.images))[layer][:, unit].double()
    numbers, patches = EXERCISES["top_patches"].reference(
        maps.numpy(),
        dataset.test.images.numpy().astype(float) - 128,  # so that the padding is 0
        shown["size"],
        shown["jump"],
        shown["start"],
        k=7,
    )
    np.testing.assert_array_equal(browser.patches(), patches.transpose(0, 2, 3, 1) + 128)
    np.testing.assert_array_equal(browser.found["numbers"][shown["images"][unit]], numbers)


def test_projections_are_the_deconvnets():
    browser, dataset = tiny_browser(), tiny_dataset()
    layer = browser.layers[1]
    numbers = browser.found["numbers"][layer["images"][1]]
    back = deconvnet(tiny_net(), dataset.normalize(dataset.test.images)[numbers], "relu2", 1)
    levels = (128 + 127 * back / back.abs().max()).round().numpy()
    for (top, left, bottom, right), whole, shown in zip(
        layer["boxes"][1], levels, layer["projections"][1], strict=True
    ):
        rows = [i for i in range(top, bottom) if 0 <= i < 12]
        columns = [j for j in range(left, right) if 0 <= j < 10]
        inside = shown[np.ix_([i - top for i in rows], [j - left for j in columns])]
        np.testing.assert_allclose(inside, whole[:, rows][:, :, columns].transpose(1, 2, 0), atol=1)


def test_sentence_word_for_word():
    browser = tiny_browser()
    assert browser.sentence == (
        "relu1, unit 0 of 0 to 3: 7 images excite it most, in patches of 3×3 pixels. Patch 1, "
        "activation 1.84: rows 6 to 8, columns 5 to 7 of test image 14."
    )
    browser.layer, browser.unit = "relu2", 2
    assert browser.sentence == (
        "relu2, unit 2 of 0 to 4, responds to none of the 24 images: it is dead."
    )


def test_own_image():
    browser, dataset, net = tiny_browser(), tiny_dataset(), tiny_net()
    own = dataset.test.images[5]
    browser.own = own.numpy()
    expected = activations(net, dataset.normalize(own[None]))
    for name, maps in zip(("relu1", "relu2"), browser.own_maps, strict=True):
        np.testing.assert_array_equal(maps, expected[name][0].numpy())
    assert "On your image its largest activation is" in browser.sentence
    before = browser.sentence
    for bad in (np.zeros((5, 5, 3)), "cat", np.full((12, 10, 3), np.nan), np.zeros((0, 0, 3))):
        browser.own = bad
        assert browser.problem.startswith("own ")
        assert browser.sentence == before
    browser.own = None
    assert (browser.problem, browser.own_maps) == ("", [])


def test_bad_settings_leave_a_sentence():
    browser = tiny_browser()
    browser.layer = "conv9"
    assert "layer is 'conv9'; choose one of relu1, relu2" in browser.problem
    browser.unit, browser.patch = 1.5, 40
    assert "unit is 1.5" in browser.problem
    assert "patch is 40; the last one is 6" in browser.problem
    assert (browser.layer, browser.unit, browser.patch) == ("relu1", 0, 6)
    browser.layer, browser.unit = "relu2", 4
    browser.layer = "relu1"
    assert browser.unit == 3
    assert repr(browser) == "PatchBrowser(layer='relu1', unit=3, patch=6)"


@pytest.mark.parametrize("layers", [("fc",), ("conv9",)])
def test_layers_without_maps_are_refused(layers):
    with pytest.raises(ValueError, match=r"has no layer .* with maps; choose out of .*conv1"):
        tiny_browser(layers=layers)


def test_most_and_too_few_images():
    assert len(tiny_browser(most=2).layers[1]["values"]) == 2
    with pytest.raises(ValueError, match="There are 3 images"):
        tiny_browser(images=3)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
def test_still_picture(own, channels):
    browser = tiny_browser(channels)
    browser.own = tiny_dataset(channels).test.images[0].numpy() if own else None
    stills = [browser.still(), browser.still()]
    browser.layer, browser.unit = "relu2", 2
    assert stills[0] == stills[1] != browser.still()


def described(dice, unit=None):
    browser = tiny_browser(dice.choice([1, 3]))
    if dice.random() < 0.7:
        browser.own = torch.randint(0, 256, browser.image_shape, dtype=torch.uint8).numpy()
    browser.layer = "relu2" if unit else dice.choice(["relu1", "relu2"])
    browser.unit = unit or dice.randrange(len(browser.shown_layer()["values"]))
    browser.patch = dice.randrange(7)
    state = browser.snapshot()["state"]
    patches = browser.patches().reshape(7, -1).tolist()
    return {"state": state, "sentence": browser.sentence, "patches": patches}


def test_the_browser_says_and_crops_the_same(tmp_path):
    dice = random.Random(0)
    torch.manual_seed(1)
    cases = [described(dice, unit) for unit in [2, *[None] * 12]]
    node_agrees(tmp_path, "patch_check.mjs", "COURSEKIT_PATCHES", cases)
