"""What lecture 13 says is so: its numbers, and what its trainings show."""

import ast
from itertools import pairwise

import numpy as np
import pytest
import torch
from reading import Lecture
from torch import nn
from torch.nn.functional import conv2d

from coursekit import layers, mine
from coursekit.data import Batches, cifar10_or_photos, is_here, load
from coursekit.exercises import EXERCISES
from coursekit.models import alexnet_mini, architecture_table, example_convnet, prelunet
from coursekit.training import evaluate, fit, predict, sgd

LECTURE = Lecture("13_rectifiers_and_ensembles")
says = LECTURE.says
he = EXERCISES["he_std"].reference


@pytest.fixture(autouse=True)
def one_core():
    """As in the lecture."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def code():
    """What the lecture's cells define: functions, and the table."""
    tree = ast.parse(LECTURE.source)
    kept = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    kept += [node for node in tree.body if ast.unparse(node).startswith("TABLE_7 =")]
    names = {"np": np, "nn": nn, "torch": torch, "conv2d": conv2d, "pairwise": pairwise}
    exec(compile(ast.Module(kept, []), "13", "exec"), names)
    return names


CODE = code()


def slope(dout, x, a):
    return mine("prelu_backward")(
        *(np.array(one, float).reshape(1, 1, 1, -1) for one in (dout, x)), a
    )


def test_numbers_of_the_rectifier():
    one = np.full((1, 1, 1, 1), -4.0)
    assert mine("prelu_forward")(one, np.array([2.0])).item() == -8
    eight = mine("prelu_forward")(2 * one, np.array([0.25])).item()
    assert eight == -2 and says("0.25 · (−8) = −2")
    assert max(-4.0, 2 * -4.0) == -4 and says("The larger of −4 and −8 is −4".lower())
    dx, da = slope([10, 10, 5], [-2, 3, -1], np.array([0.25]))
    assert da.tolist() == [-25] and dx.ravel().tolist() == [2.5, 10, 1.25]
    assert says("make −25")


def test_the_usual_wrong_predictions_of_da():
    assert -2 * 10 + 3 * 10 - 1 * 5 == 5
    assert -(10 + 5) == -15
    assert says("are 5 (the positive number was let in) and −15 (x left out)")


def test_three_slopes_go_where_they_are_wanted():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(32, 3, 4, 4))
    assert x[:, 0].size == 512
    wish = np.stack([np.maximum(x[:, 0], 0), np.abs(x[:, 1]), x[:, 2]], axis=1)
    a = np.full(3, 0.25)
    for _ in range(40):
        a = a - 0.2 * layers.prelu_backward((layers.prelu_forward(x, a) - wish) / 512, x, a)[1]
    np.testing.assert_allclose(a, [0, -1, 1], atol=0.05)


def test_slopes_are_few():
    with torch.device("meta"):
        table = architecture_table(prelunet(), (3, 224, 224))
    assert table.of_kind("PReLU").parameters == 14_688 and says("14,688 of 178 million")
    assert round(table.parameters / 1e6) == 178


def test_a_relu_halves_the_mean_square_and_not_the_variance():
    y = np.random.default_rng(1).normal(size=1_000_000)
    kept = np.maximum(y, 0)
    assert np.mean(kept**2) == pytest.approx(0.5, abs=0.004)
    assert kept.var() == pytest.approx(1 / 3, abs=0.02)


def test_a_neurons_mean_square():
    """E[y²] = n v E[x²], also for numbers that do not scatter around 0."""
    rng = np.random.default_rng(0)
    x, w = rng.random((1, 90)), rng.normal(size=(90, 200_000)) * 0.1
    assert np.mean((x @ w) ** 2) == pytest.approx(90 * 0.01 * np.mean(x**2), rel=0.02)


def test_behind_ten_and_thirty_layers():
    a, b = (CODE["spreads"](he(32, 3, slope=s)) for s in (0.0, 1.0))
    assert (f"{a[9]:.2f}", f"{b[9]:.3f}") == ("0.51", "0.016")
    assert says("0.51 against 0.016 behind ten layers: 32 times")
    assert a[9] / b[9] == pytest.approx(32, rel=0.001)
    assert min(a) > 0.1
    assert 5e-6 < b[29] < 2e-5 and says("down to a hundred-thousandth")


def test_other_seeds():
    found = [CODE["spreads"](he(32, 3), seed=seed, depth=10)[9] for seed in range(24)]
    assert 0.25 < min(found) < 0.35
    assert 2 < max(found) < 3
    assert says("from 0.3 to 2.5")


@pytest.mark.parametrize("seed", [0, 1])
def test_thirty_layers_learn_with_one_rule_only(seed):
    digits, found = load("digits"), {}
    for a in (0.0, 1.0):
        torch.manual_seed(seed)
        net = CODE["thirty_layers"](lambda n, a=a: he(n, 1, slope=a))
        assert sum(isinstance(layer, nn.Linear) for layer in net) == 30
        fit(net, Batches(digits, batch_size=32), epochs=5, optimizer=sgd(net, lr=0.01))
        found[a] = evaluate(net, Batches(digits, "test"))
    assert found[0.0].accuracy > 0.5
    assert found[1.0].loss == pytest.approx(np.log(10), abs=0.005)
    assert found[1.0].accuracy < 0.15
    torch.manual_seed(seed)
    two = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    fit(two, Batches(digits, batch_size=32), epochs=5, optimizer=sgd(two, lr=0.01))
    assert evaluate(two, Batches(digits, "test")).accuracy > found[0.0].accuracy + 0.1


def test_the_shown_images():
    places = np.repeat([1, 2, 3, 4, 5], [10, 1, 2, 1, 1])
    assert [(places <= k).sum() for k in range(1, 6)] == [10, 11, 13, 14, 15]
    assert says("| fifteen successes (slide 58) | 10 | 1 | 2 | 1 | 1 | 0 |")
    assert says("| nine failures (slide 60) | 0 | 0 | 0 | 0 | 0 | 9 |")
    good, bad = [CODE["five_names"](p) for p in places], [CODE["five_names"](0)] * 9
    error = [mine("top5_error")(names, ["right"] * len(names)) for names in (good, bad, good + bad)]
    assert error == [0, 100, 37.5] and says("0, 100 and 37.5 percent")


def test_what_the_errors_come_to():
    assert round(0.0494 * 100_000) == 4940 and says("about 4,940 misses")
    assert 100 * (1 - 5 / 1000) == 99.5 and says("an error of 99.5 %")
    assert round(0.7**3 + 3 * 0.7**2 * 0.3, 3) == 0.784 and says("0.784")


def test_the_table_of_three_networks():
    table = np.array([[0.90, 0.05, 0.05], [0.30, 0.40, 0.30], [0.30, 0.40, 0.30]])
    assert table.mean(axis=0).round(2).tolist() == [0.50, 0.28, 0.22]
    assert says("| mean | **0.50** | 0.28 | 0.22 |")


def gain(data, build, lr, members, epochs):
    """Train an ensemble as the lecture does; by how much it beats its best member."""
    labels, scores = data.test.labels.numpy(), []
    for seed in range(members):
        torch.manual_seed(seed)
        net = build()
        for layer in net[:-1]:
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, std=he(layer.in_channels, layer.kernel_size[0]))
                nn.init.zeros_(layer.bias)
        nn.init.normal_(net[-1].weight, std=0.01)
        batches = Batches(data, "train", 32, seed=seed)
        fit(net, batches, epochs=epochs, optimizer=sgd(net, lr=lr))
        scores.append(predict(net, Batches(data, "test"))[0].numpy())
    stack = np.stack(scores).astype(float)
    p = np.stack([layers.softmax(one) for one in stack])[:, range(len(labels)), labels]
    assert -np.log(p.mean(axis=0)).mean() < -np.log(p).mean()
    alone = (stack.argmax(axis=2) == labels).mean(axis=1)
    return (mine("ensemble_predict")(stack) == labels).mean() - alone.max()


@pytest.mark.slow
@pytest.mark.parametrize(("members", "epochs"), [(3, 6), (5, 8)])
def test_together_they_beat_each(members, epochs):
    """In the quick run and in the whole one."""
    data = load("photo_patches").smaller(1000, 500)
    assert gain(data, example_convnet, 0.01, members, epochs) > 0.01


@pytest.mark.slow
@pytest.mark.skipif(not is_here("cifar10"), reason="COURSEKIT_DATA holds no CIFAR-10")
def test_together_alexnets_beat_each_on_cifar10():
    data = cifar10_or_photos().smaller(1500, 1000)
    assert gain(data, alexnet_mini, 0.02, members=3, epochs=12) > 0.01


def test_table_7_as_published():
    """He and others (2015), Table 7: top-5 error, several networks, test images.

    The errors of single networks on the validation images are in ResNet's Table 4, too.
    """
    assert list(CODE["TABLE_7"].values()) == [8.06, 7.32, 6.66, 6.8, 5.98, 4.94]
    below = [name for name, error in CODE["TABLE_7"].items() if error < 5.1]
    assert below == ["PReLU-nets, after"]
    assert 5.71 > 5.1 and says("With 5.71, no single network had passed the human")
    assert says("the best single PReLU-net has 5.71, VGG 7.1 and GoogLeNet 7.89")


def test_the_human():
    """76 errors, as sorted by himself (Karpathy, 2015; Russakovsky and others, 2015)."""
    assert 28 + 18 + 4 + 12 + 5 + 9 == 76 and f"{100 * 76 / 1500:.1f}" == "5.1"
    scatter = (76 / 1500 * (1 - 76 / 1500) / 1500) ** 0.5
    assert scatter / 3 > 0.0016 and 2 < 0.0016 * 1500 < 3
    assert f"{100 * (76 - 17) / 1500:.1f} %" == "3.9 %" and says("59 of 1500 remain, 3.9 %")


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
