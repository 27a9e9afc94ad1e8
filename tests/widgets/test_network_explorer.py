"""The network explorer without a browser: torch's numbers, words, forgiving inputs, node twin."""

import random
import re

import numpy as np
import pytest
import torch
from network_cases import random_net, tiny_explorer, tiny_images, tiny_net
from torch import nn
from twins import node_agrees

from coursekit.models import example_convnet, lenet5
from coursekit.widgets import NetworkExplorer
from coursekit.widgets.network_state import full_color, neuron_sum


def test_activations_are_the_models():
    net, images = tiny_net().eval(), tiny_images()
    explorer = tiny_explorer(mean=[0.4, 0.5, 0.6], std=0.5)
    explorer.image = 2
    x = (torch.from_numpy(images[2:]) - torch.tensor([0.4, 0.5, 0.6]).view(3, 1, 1)) / 0.5
    found = explorer.activations()
    np.testing.assert_allclose(found["input"], x[0].numpy(), atol=1e-6)
    np.testing.assert_allclose(found["softmax"], net(x).softmax(1)[0].detach(), atol=1e-5)
    np.testing.assert_allclose(found["conv1"], net.conv1(x)[0].detach(), atol=1e-5)
    assert (found["conv1"] < 0).any(), "the ReLU in place must not change what it was given"


def test_sentence_word_for_word():
    explorer = tiny_explorer()
    says = "For image 0 the network says fish, probability 0.36."
    expected = {
        "input": "input, unit 1 of 0 to 2, row 0, column 0 of 8 by 6: the network gets 0.26.",
        "conv1": "conv1, unit 1 of 0 to 3, row 0, column 0 of 8 by 6: channel 0 adds 0.05, "
        "channel 1 adds −0.34, channel 2 adds 0.04; with the bias 0.03 the result is −0.22.",
        "relu1": "relu1, unit 1 of 0 to 3, row 0, column 0 of 8 by 6: max(0, −0.22) is 0.",
        "pool1": "pool1, unit 1 of 0 to 3, row 0, column 0 of 4 by 3: the largest of 4 numbers "
        "is 0, from row 0, column 0 of relu1.",
        "flatten": "flatten, unit 1 of 0 to 47: 0.13, the number of unit 0, row 0, column 1 of "
        "pool1.",
        "fc": "fc, unit 1 of 0 to 2: channel 0 adds −0.03, channel 1 adds −0.04, channel 2 adds "
        "−0.02, channel 3 adds 0.01; with the bias 0.07 the result is −0.01.",
        "softmax": "softmax, unit 1 of 0 to 2: the score is −0.01; e to the score less the "
        "largest score is 0.97, divided by their sum 2.76 it is 0.35.",
    }
    for name, text in expected.items():
        explorer.layer, explorer.unit, explorer.position = name, 1, (0, 0)
        assert explorer.sentence == f"{text} {says}"


def test_partial_sums_are_those_of_single_channels():
    """A convolution that sees one channel only gives that channel's share and the bias."""
    explorer, net = tiny_explorer(), tiny_net()
    found = neuron_sum(explorer.layers[1], explorer.activations()["input"], 2, (3, 5))
    x = torch.from_numpy(tiny_images()[:1])
    for c, part in enumerate(found.parts):
        alone = torch.zeros_like(x)
        alone[:, c] = x[:, c]
        expected = (net.conv1(alone) - net.conv1.bias.view(-1, 1, 1))[0, 2, 3, 5].item()
        assert part == pytest.approx(expected, abs=1e-6)


def test_uint8_images_are_divided_by_255():
    levels = (tiny_images() * 255).astype(np.uint8)
    explorer = NetworkExplorer(tiny_net(), levels)
    np.testing.assert_allclose(explorer.images, levels / 255, atol=1e-6)
    assert explorer.network["range"] == [0, 1]
    assert NetworkExplorer(tiny_net(), torch.from_numpy(levels)).images.max() <= 1
    assert NetworkExplorer(tiny_net(), tiny_images() * 16).network["range"][1] > 15


def test_own_image_and_back():
    explorer = tiny_explorer()
    before = explorer.sentence
    explorer.own = tiny_images()[1]
    assert "For your image the network says" in explorer.sentence
    own = explorer.activations()["fc"]
    explorer.own, explorer.image = None, 1
    np.testing.assert_array_equal(explorer.activations()["fc"], own)
    explorer.image = 0
    assert explorer.sentence == before


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("own", np.zeros((3, 5, 5)), "own has shape (3, 5, 5); the network takes (3, 8, 6)"),
        ("own", np.full((3, 8, 6), np.nan), "own holds 144 values that cannot be drawn"),
        ("own", "cat", "own could not be read as numbers"),
        ("images", np.zeros((2, 1, 8, 6)), "images have shape (2, 1, 8, 6)"),
        ("images", np.zeros((0, 3, 8, 6)), "images is empty"),
        ("image", 7, "image is 7; the last one is 2"),
        ("image", -1, "image is -1"),
        ("layer", "conv9", "layer is 'conv9'; choose one of input, conv1, relu1"),
        ("unit", 400, "unit is 400; the last one is 3"),
        ("unit", 1.5, "unit is 1.5"),
        ("channel", 3, "channel is 3; the last one is 2"),
        ("position", (90, 2), "position (90, 2) is outside the map"),
    ],
)
def test_bad_values_leave_a_sentence(name, value, said):
    explorer = tiny_explorer()
    setattr(explorer, name, value)
    assert said in explorer.problem
    setattr(explorer, name, getattr(tiny_explorer(), name))
    assert explorer.problem == ""


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (lenet5(), "layer 'tanh1' is Tanh; the browser computes Conv2d, ReLU,"),
        (nn.Conv2d(3, 4, 3), "model is Conv2d; expected nn.Sequential"),
        (nn.Sequential(nn.Conv2d(1, 4, 3)), "layer '0' does not take what reaches it"),
        (nn.Sequential(nn.Conv2d(3, 4, 3)), "expected one score a class"),
        (nn.Sequential(), "model has no layers"),
        (nn.Sequential(nn.MaxPool2d(3, ceil_mode=True)), "layer '0' has ceil_mode=True"),
        (nn.Sequential(nn.Flatten(), nn.Linear(144, 3000)), "435,000 parameters"),
    ],
)
def test_networks_that_the_browser_cannot_compute(model, said):
    images = np.zeros((1, 1, 32, 32)) if "tanh" in said else tiny_images()
    with pytest.raises(ValueError, match=re.escape(said)):
        NetworkExplorer(model, images)


def test_broken_weights_images_and_names_are_said():
    broken = tiny_net()
    nn.init.constant_(broken.fc.bias, float("nan"))
    with pytest.raises(ValueError, match=r"fc.bias holds nan or infinite values"):
        NetworkExplorer(broken, tiny_images())
    with pytest.raises(ValueError, match="images has shape"):
        NetworkExplorer(tiny_net(), tiny_images()[0])
    with pytest.raises(ValueError, match="class_names has 1 words; the network tells 3 apart"):
        tiny_explorer(class_names=["cat"])
    with pytest.raises(ValueError, match="std"):
        tiny_explorer(std=0)


def test_text_and_still_picture():
    explorer = tiny_explorer()
    assert repr(explorer) == "NetworkExplorer(layer='conv1', unit=0, position=(4, 3))"
    stills = set()
    for layer in explorer.layers:
        explorer.layer = layer["name"]
        stills.add(explorer.still())
    assert len(stills) == len(explorer.layers)
    assert explorer.still() in stills
    assert explorer._repr_mimebundle_()[0]["text/plain"] == explorer.sentence


def test_the_convnet_of_the_lecture_opens():
    explorer = NetworkExplorer(example_convnet(), np.zeros((2, 3, 32, 32), np.uint8), layer="fc")
    assert len(explorer.layers) == 19
    assert re.match(r"fc, unit 0 of 0 to 9: 10 channels add −?\d", explorer.sentence)


def described(dice):
    shape = (dice.choice([1, 3]), dice.randint(3, 9), dice.randint(3, 9))
    net = random_net(dice, shape).eval()
    images = np.random.default_rng(dice.randrange(10**6)).normal(size=(2, *shape))
    explorer = NetworkExplorer(net, images, mean=0.3, std=0.7, layer="input")
    explorer.image = dice.randrange(2)
    layer = dice.choice(explorer.layers)
    explorer.layer, explorer.unit = layer["name"], dice.randrange(layer["shape"][0])
    explorer.position = tuple(dice.randrange(n) for n in (*layer["shape"], 1, 1)[1:3])
    x, outputs = torch.from_numpy((images[explorer.image] - 0.3) / 0.7).float()[None], []
    with torch.no_grad():
        for module in [nn.Identity(), *net]:
            x = module(x.clone())
            if not isinstance(module, nn.Dropout):
                outputs.append(x.flatten().tolist())
    if not isinstance(net[-1], nn.Softmax):
        outputs.append(x.softmax(1).flatten().tolist())
    explorer.color_range = dice.choice(["layer", "unit", "network"])
    colors = [
        [full_color(explorer, at, unit) for unit in range(one["shape"][0])]
        for at, one in enumerate(explorer.layers)
    ]
    case = {"sentence": explorer.sentence, "outputs": outputs, "colors": colors}
    return case | {"state": explorer.snapshot()["state"]}


def test_the_browser_computes_and_says_the_same(tmp_path):
    dice = random.Random(0)
    cases = [described(dice) for _ in range(60)]
    node_agrees(tmp_path, "network_check.mjs", "COURSEKIT_NETWORKS", cases)


def test_whose_largest_number_gets_the_full_color():
    explorer = tiny_explorer()
    at = [layer["name"] for layer in explorer.layers].index("conv1")
    whole, all_layers = abs(explorer.outputs[at]).max(), max(abs(o).max() for o in explorer.outputs)
    own = [abs(one).max() for one in explorer.outputs[at]]
    expected = {"layer": [whole] * 4, "unit": own, "network": [all_layers] * 4}
    stills = set()
    for words, numbers in expected.items():
        explorer.color_range = words
        found = [full_color(explorer, at, unit) for unit in range(4)]
        np.testing.assert_allclose(found, numbers)
        stills.add(explorer.still())
    assert len(stills) == 3
    explorer.color_range = "everything"
    assert explorer.problem.startswith("color_range is 'everything'; this picture takes 'layer'")
