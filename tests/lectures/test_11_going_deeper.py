"""What lecture 11 says is so: its counts, its ratios, and what its small networks show."""

import doctest

import numpy as np
import pytest
import torch
from reading import Lecture

from coursekit import inspection, layers, models, shapes
from coursekit.data import Batches, load
from coursekit.exercises import EXERCISES
from coursekit.models.googlenet import MODULES, TABLE_1_PARAMETERS
from coursekit.models.weights import PUBLISHED_ACCURACY
from coursekit.training import fit, sgd

LECTURE = Lecture("11_going_deeper")
says = LECTURE.says
depth = EXERCISES["count_layers"].reference


@pytest.fixture(autouse=True)
def one_core():
    """As in the lecture: small networks wait for each other on several cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def table_of(build):
    with torch.device("meta"):
        return models.architecture_table(build(), models.INPUT_SHAPES[build])


def test_vgg():
    table = table_of(models.vgg16)
    first = table.layer("classifier.0").parameters
    others = table.of_kind("Linear").parameters - first
    convolutions = table.of_kind("Conv2d").parameters
    assert (table.parameters, 512 * 7 * 7 * 4096) == (138_357_544, 102_760_448)
    assert says("138,357,544 parameters") and says("= 102{,}760{,}448$ weights")
    assert [round(n / 1e6, 1) for n in (first, others, convolutions)] == [102.8, 20.9, 14.7]
    assert says("14.7 million parameters together") and says("layer alone has 102.8 million")
    assert round(100 * first / table.parameters) == 74
    assert says("weights, 74 % of all parameters")
    assert says("three quarters of its 138 million parameters")
    assert table.parameters > 2 * table_of(models.alexnet_2012).parameters
    assert shapes.receptive_field([(3, 1)] * 3) == 7


def test_what_reductions_save():
    assert (192 * 25 * 32, 192 * 16 + 16 * 25 * 32) == (153_600, 15_872)
    assert says(r"$192 \cdot 25 \cdot 32 = 153{,}600$") and says("= 15{,}872$")
    assert round(153_600 / 15_872, 1) == 9.7 and says("9.7 times fewer")
    ways = [(192 * 25 * 32,), (192 * 16, 16 * 25 * 32), (192 * 9 * 128,), (192 * 96, 96 * 9 * 128)]
    assert [round(28 * 28 * sum(way) / 1e6, 1) for way in ways] == [120.4, 12.4, 173.4, 101.2]
    assert says(
        "5×5 directly 120.4 million multiply-adds, with a reduction 12.4; 3×3 directly 173.4"
    )


def test_the_depths():
    branch = ["conv", "relu", "conv", "relu"]
    module = (["conv", "relu"], branch, branch, ["max_pool", "conv", "relu"])
    assert depth([module]) == 2
    assert depth(["conv", ["conv", "relu"], "linear"]) == 3
    assert depth(["conv", (["conv"], ["conv", "relu", "conv"])]) == 3
    built = {
        models.vgg16: 16,
        models.googlenet_2014: 22,
        models.resnet34: 34,
        models.resnet152: 152,
    }
    assert {build: table_of(build).depth for build in built} == built
    assert 1 + 2 + 9 * 2 + 1 == 22
    poolings = table_of(models.googlenet_2014).of_kind("MaxPool2d", "AdaptiveAvgPool2d")
    on_the_way = [row for row in poolings if "branch" not in row.name]
    assert 22 + len(on_the_way) == 27
    assert says("With the five poolings on the way it would be 27")


def test_how_many_times_fewer():
    alexnet, table = table_of(models.alexnet_2012).parameters, table_of(models.googlenet_2014)
    stem = sum(table.layer(f"conv{i}.conv").parameters for i in (1, 2, 3))
    assert (stem, table.layer("fc").parameters) == (124_416, 1_025_000)
    assert table.parameters == 6_998_552
    printed = sum(TABLE_1_PARAMETERS.values())
    assert f"{printed:,.1f}" == "6,797.7"
    assert round(alexnet / table.parameters, 1) == 8.7
    assert says(f"{alexnet:,} / {table.parameters:,} is 8.7")
    assert round(alexnet / (1000 * printed), 1) == 9.0
    assert round(alexnet / (1024 * printed), 1) == 8.8
    modern = table_of(models.alexnet).parameters / table_of(models.googlenet).parameters
    assert round(modern, 1) == 9.2
    assert round(alexnet / table.of_kind("Conv2d").parameters, 1) == 10.2
    assert round(alexnet / 12e6, 1) == 5.1
    assert says("needs a GoogLeNet of about 5.1 million")
    with torch.device("meta"):
        heads = models.architecture_table(models.googlenet_2014(), (3, 224, 224), training=True)
    assert heads.parameters == 13_378_280
    assert says("13,378,280 parameters in training")
    assert table_of(models.googlenet).parameters == 6_624_904
    assert list(MODULES["3a"]) == [64, 96, 128, 16, 32, 32]


def test_the_example_of_batch_normalization():
    x, one, zero = np.array([1.0, 3.0]).reshape(2, 1, 1, 1), np.ones(1), np.zeros(1)
    out, mean, var = layers.batch_norm2d_forward(x, one, zero, zero, one)
    assert out.ravel() == pytest.approx([-1, 1], abs=1e-4)
    assert (mean[0], var[0]) == pytest.approx((0.2, 1.1))
    assert (x.var(), x.var(ddof=1)) == (1, 2)


def test_thirty_layers_lose_the_signal():
    torch.manual_seed(0)
    x = torch.randn(16, 8, 8, 8)
    for _ in range(30):
        x = torch.nn.Conv2d(8, 8, 3, padding=1, bias=False)(x.relu()).detach()
    assert 0 < x.std() < 1e-9
    assert 0.6**30 < 1e-6


def last_loss(block, blocks, seed, epochs):
    torch.manual_seed(seed)
    net, batches = (
        models.digit_stack(block, blocks),
        Batches(load("digits"), "train", 64, seed=seed),
    )
    history = fit(net, batches, epochs=epochs, optimizer=sgd(net, lr=0.1))
    return np.mean(history.loss[-10:])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_degradation_and_its_cure(seed):
    shallow, deep = (last_loss(models.PlainBlock, n, seed, 3) for n in (3, 12))
    residual_shallow, residual = (last_loss(models.BasicBlock, n, seed, 3) for n in (3, 12))
    assert deep > shallow + 0.3
    assert residual < deep - 0.5
    assert residual < residual_shallow + 0.1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_gradients_explode_without_shortcuts(seed):
    x, labels = next(iter(Batches(load("digits"), "train", 256)))
    ratios = []
    for block in (models.PlainBlock, models.BasicBlock):
        torch.manual_seed(seed)
        norms = inspection.gradient_norms(models.digit_stack(block, 27), x, labels)
        assert len(norms) == 55
        ratios.append(np.mean(norms[1:6]) / np.mean(norms[-5:]))
    assert ratios[0] > 150
    assert ratios[1] < 12


def test_gradient_norms_do_what_their_example_says():
    assert doctest.testmod(inspection.gradients).failed == 0


def test_resnets_projections():
    for build, convolutions, projections in ((models.resnet34, 36, 3), (models.resnet152, 155, 4)):
        table = table_of(build)
        found = [row for row in table.of_kind("Conv2d") if "downsample" in row.name]
        assert (len(table.of_kind("Conv2d")), len(found)) == (convolutions, projections)
        assert convolutions - projections == table.depth - 1
    assert says("36 and 155 instead of 33 and 151") and says("projections, 3 and 4")


def test_what_accuracy_costs():
    costs = {name: table_of(getattr(models, name)).macs / 1e9 for name in PUBLISHED_ACCURACY}
    rounded = {name: round(cost, 3) for name, cost in costs.items()}
    assert rounded == {
        "alexnet": 0.714,
        "vgg16": 15.470,
        "googlenet": 1.498,
        "resnet34": 3.664,
        "resnet152": 11.514,
    }
    names = {"AlexNet": "alexnet", "GoogLeNet": "googlenet", "ResNet-34": "resnet34"}
    for words, name in (names | {"ResNet-152": "resnet152", "VGG-16": "vgg16"}).items():
        top1, top5 = PUBLISHED_ACCURACY[name]
        billion = " billion" if name == "alexnet" else ""
        assert says(f"{words} {costs[name]:.1f}{billion}, {top1:.0f} and {top5:.0f}")
    assert PUBLISHED_ACCURACY["resnet34"] > PUBLISHED_ACCURACY["vgg16"]
    assert PUBLISHED_ACCURACY["resnet34"][1] > PUBLISHED_ACCURACY["vgg16"][1]
    assert 0.2 < costs["resnet34"] / costs["vgg16"] < 0.26
    assert costs["googlenet"] / costs["vgg16"] < 0.1
    assert round(100 - PUBLISHED_ACCURACY["googlenet"][1], 1) == 10.5
    assert says("One network and one crop err on 10.5 %")


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
