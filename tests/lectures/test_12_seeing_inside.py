"""What lecture 12 says is so: ZFNet's numbers, the small network's, and what the pictures show."""

import ast
from collections import OrderedDict
from copy import deepcopy

import numpy as np
import pytest
import torch
from reading import Lecture
from torch import nn

from coursekit import inspection, mine, shapes
from coursekit.data import Augmentation, Batches, cifar10_or_photos, is_here, load
from coursekit.exercises import EXERCISES
from coursekit.models import alexnet_2012, alexnet_mini, architecture_table, zfnet
from coursekit.training import evaluate, fit, sgd

LECTURE = Lecture("12_seeing_inside")
says = LECTURE.says


@pytest.fixture(autouse=True, scope="module")
def one_core():
    """As in the lecture: small networks wait for each other on several cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def cell(words):
    """The one code cell of the lecture with these words in it."""
    (found,) = [part for part in LECTURE.source.split("\n# %%") if words in part]
    return found.split("\n", 1)[1]


@pytest.fixture(scope="module")
def trained():
    """The names of the lecture once its network is trained."""
    names = {"nn": nn, "torch": torch, "OrderedDict": OrderedDict, "Batches": Batches}
    names |= {"load": load, "evaluate": evaluate, "print": lambda *_: None}
    for words in ("def start(net)", 'kept["all"] ='):
        exec(compile(ast.parse(cell(words)), words, "exec"), names)
    return names


def test_the_drawing_and_its_repair():
    assert ((224 - 7) / 2, (110 - 3) / 2) == (108.5, 53.5)
    assert [shapes.output_size(224, 7, 2, padding) for padding in (0, 1)] == [109, 110]
    assert says("(224 − 7)/2 = 108.5") and says("so 109 windows fit, and not 110")
    assert says("(110 − 3)/2 = 53.5, so 54 windows fit and 55 are drawn")
    maps = torch.zeros(1, 1, 110, 110)
    for settings, side in (({}, 54), ({"ceil_mode": True}, 55), ({"padding": 1}, 55)):
        assert nn.MaxPool2d(3, 2, **settings)(maps).shape[2] == side


def test_zfnets_numbers():
    with torch.device("meta"):
        table = architecture_table(zfnet(), (3, 224, 224))
        ungrouped = architecture_table(alexnet_2012(groups=1), (3, 227, 227)).parameters
    assert f"{table.parameters:,}" == "62,357,608" and says("62,357,608 parameters")
    assert 0.99 < table.parameters / ungrouped < 1 and says("nearly as many as AlexNet without")
    assert [row.receptive_field for row in table.of_kind("Conv2d")] == [7, 27, 75, 107, 139]
    assert says("sees 7, 27, 75, 107 and 139 pixels")
    assert 6 * 6 * 256 == 9216 and says("6·6·256 = 9216")
    assert table.layer("classifier.fc6").receptive_field == 331 and says("fc6 of ZFNet sees 331")


def test_levels_and_places():
    assert 0.5 - 2 / 8 == 0.25 and says("A quarter: $\\tfrac12 - \\tfrac28$")
    assert -8 + 4 * 3 == 4 and says("Rows 4 to 23: twenty of them")
    assert says("row 4 // 3 = 1 and column 4 % 3 = 1")
    assert shapes.output_size(32, 8, stride=4) == 7 and says("(32 − 8)/4 + 1 = 7")


def test_what_the_small_network_sees(trained):
    table = architecture_table(trained["net"], (3, 32, 32))
    views = {name: table.layer(name) for name in ("relu1", "relu2", "relu3")}
    assert [row.receptive_field for row in views.values()] == [5, 10, 20]
    assert (views["relu3"].jump, views["relu3"].start) == (4, -8)
    assert says("Together 2 + 2 + 4 = 8")


def test_it_learns_and_filter_5_stays_dead(trained):
    net, data = trained["net"], trained["data"]
    assert evaluate(net, Batches(data, "test")).accuracy > 0.9
    assert not net.conv1.weight[5].any()
    assert np.flatnonzero(inspection.filter_pictures(net.conv1.weight).dead).tolist() == [5]
    silent = inspection.active_share(net, Batches(data, "test"), "relu1") == 0
    assert np.flatnonzero(silent).tolist() == [5]
    sizes = [kept.abs().max().item() for kept in trained["kept"].values()]
    assert sizes[0] < sizes[1] < sizes[2] and sizes[0] < sizes[2] / 5


def test_the_ground_is_dark_once_the_square_has_its_color(trained):
    net, data = trained["net"], trained["data"]
    x = data.normalize(data.test.images[:40])
    beside = {"gray": [], "ground": []}
    for image, label in zip(x, data.test.labels[:40].tolist(), strict=True):
        ground = image[:, [0, 0, -1, -1], [0, -1, 0, -1]].median(1).values[:, None, None]
        for name, shift in (("gray", torch.zeros(3, 1, 1)), ("ground", ground)):
            left = inspection.occlusion_map(net, image, label, 8, 4, fill=shift)
            drop = net(image[None]).softmax(1)[0, label] - left
            beside[name].append(max(drop[0, 0], drop[0, -1], drop[-1, 0], drop[-1, -1]).item())
    assert np.mean(beside["ground"]) < 0.05
    assert np.mean(beside["gray"]) > 4 * np.mean(beside["ground"])


def test_guided_gradients_of_the_trained_network_are_smoother(trained):
    net, data = trained["net"], trained["data"]
    fresh = deepcopy(net)
    trained["start"](fresh)
    x = data.normalize(data.test.images[:20])
    rough = []
    for one in (net, fresh):
        backs = [inspection.guided_gradients(one, x, "relu3", unit) for unit in range(32)]
        back = torch.cat(backs)
        rough.append(((back[..., 1:] - back[..., :-1]).square().sum() / back.square().sum()).item())
    assert rough[0] < rough[1] / 2


def share_of_one_color(data):
    """Train lecture 10's network as the lecture does; how much of its first filters has no form."""
    torch.manual_seed(0)
    net = alexnet_mini()
    batches = Batches(data, "train", 64, augment=Augmentation(shift=2, flip=True))
    fit(net, batches, epochs=3, optimizer=sgd(net, lr=0.02))
    w = net.conv1.weight.detach()
    return (49 * w.mean((2, 3)).square().sum() / w.square().sum()).item()


def test_what_lecture_10s_network_sees():
    seen = architecture_table(alexnet_mini(), (3, 32, 32)).layer("relu3").receptive_field
    assert seen == 35 and says("sees 35 pixels of an image that has 32")
    assert seen - 32 == 3 and says("35 − 32: three rows, and three columns")
    assert alexnet_mini().conv1.weight.shape == (32, 3, 7, 7)


@pytest.mark.slow
def test_photographs_give_filters_of_one_color():
    assert share_of_one_color(load("photo_patches").with_validation(0.1)) > 0.6


@pytest.mark.slow
@pytest.mark.skipif(not is_here("cifar10"), reason="COURSEKIT_DATA holds no CIFAR-10")
def test_cifar10_gives_edges():
    data = cifar10_or_photos().smaller(10_000, 2_000).with_validation(0.1)
    assert share_of_one_color(data) < 0.4


def test_the_examples_in_the_exercises():
    assert mine("filter_grid")(np.array([[[[2.0]], [[0.0]], [[-1.0]]]]), 1).tolist() == [
        [[1.0, 0.5, 0.25]]
    ]
    names = [name for name in EXERCISES if EXERCISES[name].lecture == "12_seeing_inside"]
    assert sorted(names) == ["filter_grid", "occlusion_map", "top_patches", "unpool"]
    assert says("with its four exercises")


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
