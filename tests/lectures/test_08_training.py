"""What lecture 08 says is so: its numbers, its network in NumPy, and what its training shows."""

import ast
from collections import OrderedDict
from time import perf_counter

import numpy as np
import pytest
import torch
from reading import Lecture
from torch import nn
from torch.nn.functional import cross_entropy

from coursekit import layers, mine
from coursekit.data import Augmentation, Batches, load
from coursekit.inspection import activations
from coursekit.layers import numerical_gradient, softmax, softmax_cross_entropy
from coursekit.models import architecture_table, convnetjs_mnist, example_convnet
from coursekit.training import fit, schedules, sgd

LECTURE = Lecture("08_training")
says = LECTURE.says


@pytest.fixture(autouse=True)
def one_core():
    """As in the lecture: small networks wait for each other on several cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def functions():
    """The functions that the lecture's cells define, given the course's layers."""
    tree = ast.parse(LECTURE.source)
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = {"np": np, "nn": nn, "torch": torch, "mine": mine, "perf_counter": perf_counter}
    names |= {"example_convnet": example_convnet, "activations": activations}
    names |= {"conv": layers.conv2d_forward, "conv_back": layers.conv2d_backward}
    names |= {"pool": layers.max_pool2d_forward, "pool_back": layers.max_pool2d_backward}
    names |= {"relu_back": layers.relu_backward, "step": mine("sgd_momentum_step")}
    exec(compile(tree, "08_training", "exec"), names)
    return names


CODE = functions()


def digits_net():
    """The lecture's network for digits, and its first weights as arrays."""
    torch.manual_seed(0)
    net = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 8, 3, padding=1),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(8, 16, 3, padding=1),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc=nn.Linear(64, 10),
        )
    )
    net = CODE["start"](net).double()
    return net, {name: w.detach().numpy().copy() for name, w in net.named_parameters()}


@pytest.fixture(scope="module")
def digits():
    data = load("digits")
    parts = (data.train, data.test)
    return [(data.normalize(x).double().numpy(), y.numpy()) for x, y in parts]


def test_a_short_batch_must_not_weigh_as_much_as_a_long_one():
    wrong = [(np.array([[1.0, 0.0]] * n), np.full(n, y)) for n, y in [(100, 0)] * 9 + [(10, 1)]]
    assert mine("accuracy")(wrong) == pytest.approx(900 / 910)
    assert np.mean([mine("accuracy")([batch]) for batch in wrong]) == pytest.approx(0.9)
    assert says("900 of 910") and says("would be 0.900")


def test_costs():
    assert softmax(np.array([[2.0, 1.0, 0.0]])).round(2).tolist() == [[0.67, 0.24, 0.09]]
    assert says("become 0.67, 0.24 and 0.09")
    assert [round(float(-np.log(p)), 2) for p in (0.5, 0.01)] == [0.69, 4.61]
    assert says("for 0.5 it pays 0.69, and for 0.01 already 4.61")
    for classes, words in ((10, "2.303"), (1000, "6.908")):
        loss, _ = softmax_cross_entropy(np.zeros((1, classes)), np.array([0]))
        assert f"{loss:.3f}" == words
        assert says(words)


def test_slopes():
    scores, label = np.array([[2.0, 1.0, 0.0]]), np.array([1])
    slope = numerical_gradient(lambda s: softmax_cross_entropy(s, label)[0], scores)
    assert slope.round(2).tolist() == [[0.67, -0.76, 0.09]]
    assert says("0.67, 0.24 − 1 = −0.76 and 0.09")


def test_the_numbers_of_karpathys_network():
    table = architecture_table(example_convnet(), (3, 32, 32))
    assert (table.parameters, table.layer("conv2").parameters) == (6440, 910)
    assert table.of_kind("Conv2d").parameters == 4830
    assert 0.24 < table.layer("fc").parameters / table.parameters < 0.26
    wide = architecture_table(example_convnet(1000), (3, 32, 32))
    assert wide.layer("fc").parameters == 161_000
    kinds = [row.kind for row in table[1:]]
    counts = [kinds.count(kind) for kind in ("Conv2d", "ReLU", "MaxPool2d", "Linear")]
    assert counts == [6, 6, 3, 1]
    assert sum(counts) + 1 == 17  # with softmax
    assert says("17 layers: six convolutions, six ReLUs, three poolings, one fully connected")
    assert says("has 910 parameters") and says("6,440 parameters") and says("161,000")


def test_softmax_twice_never_costs_less():
    surest = torch.eye(10)[:1]
    assert cross_entropy(surest, torch.tensor([0])).item() == pytest.approx(1.46, abs=0.005)
    assert says("can never cost less than 1.46")


def test_the_table_of_centered_digits():
    data = load("digits")
    for words, x in (
        ("pixels, 0 to 1", data.train.images / 255),
        ("centered", data.normalize(data.train.images)),
    ):
        below = (x < 0).float().mean()
        assert says(f"| {words} | {abs(x.mean()):.2f} | {x.std():.2f} | {100 * below:.0f} % |")


def test_what_the_first_weights_do_to_the_signal():
    torch.manual_seed(0)
    he = CODE["spreads"](lambda n: (2 / n) ** 0.5)
    default = CODE["spreads"](lambda n: (1 / (3 * n)) ** 0.5)
    small = CODE["spreads"](lambda n: 0.01)
    assert all(0.4 < std < 4 for std in he)
    assert default[-1] < he[-1] / 50
    assert small[-1] < 3e-6
    weights = example_convnet().conv2.weight
    assert weights.std().item() == pytest.approx((1 / (3 * 90)) ** 0.5, rel=0.05)


@pytest.mark.parametrize(("last", "low", "high"), [(0.11, 3, 20), (0.01, 2.25, 2.4)])
def test_the_first_loss(last, low, high):
    torch.manual_seed(0)
    x, labels = torch.randn(500, 3, 32, 32), torch.arange(500) % 10
    loss = cross_entropy(CODE["start"](example_convnet(), last)(x), labels).item()
    assert low < loss < high
    assert round((2 / 160) ** 0.5, 2) == 0.11


def walk(momentum, lr=0.03, steps=30):
    w, v = np.array([-9.0, 2.0]), np.zeros(2)
    for _ in range(steps - 1):
        w, v = mine("sgd_momentum_step")(w, w * [1, 25], v, lr, momentum)
    return w


def test_the_two_paths_in_the_valley():
    plain, rolling = walk(0.0), walk(0.7)
    assert 0.5 < (plain[0] + 9) / 9 < 2 / 3  # "less than two thirds of the way"
    assert abs(plain[1]) < 1e-6
    assert np.hypot(*rolling) < 0.5
    assert abs(walk(0.0, lr=0.079, steps=200)[1]) < 2 < abs(walk(0.0, lr=0.081, steps=200)[1])
    assert says("a rate of 2/25 = 0.08")


def test_what_decay_leaves():
    assert round(0.999**1000, 2) == 0.37
    assert says("to the power 1000 is 0.37")


def test_the_table_of_schedules():
    named = {"jumps": schedules.step(), "half a cosine": schedules.cosine}
    named |= {"one cycle": schedules.one_cycle()}
    for name, factor in named.items():
        row = [f"{round(factor(moment), 2):g}" for moment in (0, 0.25, 0.5, 0.75, 1)]
        assert says(f"| {' | '.join([name, *row])} |")


def test_the_numpy_network_walks_back_right(digits):
    (x, y), _ = digits
    _, w = digits_net()
    assert sum(array.size for array in w.values()) == 1898
    assert says("1,898 parameters")
    scores, kept = CODE["forward"](x[:3], w)
    gradients = CODE["backward"](softmax_cross_entropy(scores, y[:3])[1], kept, w)
    assert gradients.keys() == w.keys()
    for name in ("conv1.bias", "conv2.bias", "fc.bias", "conv1.weight"):

        def loss(array, name=name):
            scores, _ = CODE["forward"](x[:3], w | {name: array})
            return softmax_cross_entropy(scores, y[:3])[0]

        assert np.allclose(gradients[name], numerical_gradient(loss, w[name]), atol=1e-7)


def test_it_learns_twenty_images_by_heart_and_then_all(digits):
    (x, y), (test_x, test_y) = digits
    by_heart, weights = digits_net()[1], digits_net()[1]
    small = CODE["train"](x[:20], y[:20], by_heart, steps=60)
    losses = CODE["train"](x, y, weights, steps=200)
    assert (CODE["forward"](x[:20], by_heart)[0].argmax(axis=1) == y[:20]).all()
    assert small[0] == pytest.approx(2.3, abs=0.1)
    assert small[-1] < 0.02
    assert np.mean(losses[:10]) > 1.5
    assert np.mean(losses[50:60]) < 0.8
    assert np.mean(losses[-10:]) < 0.3
    shares = [
        (CODE["forward"](test_x, w)[0].argmax(axis=1) == test_y).mean() for w in (by_heart, weights)
    ]
    assert shares[0] < shares[1] - 0.1
    assert shares[1] > 0.8
    assert (len(x), len(test_x)) == (1437, 360)


def test_pytorch_walks_beside_it(digits):
    (x, y), _ = digits
    net, weights = digits_net()
    losses = CODE["train"](x, y, weights, steps=10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    rng = np.random.default_rng(1)
    for ours in losses:
        batch = rng.choice(len(x), 32, replace=False)
        loss = cross_entropy(net(torch.tensor(x[batch])), torch.tensor(y[batch]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        assert ours == pytest.approx(loss.item(), abs=1e-9)


def few_photographs(change):
    torch.manual_seed(2)
    data = load("photo_patches").with_validation(0.1).smaller(300, 100)
    net = CODE["start"](example_convnet())
    train, unseen = Batches(data, "train", 32, augment=change), Batches(data, "validation")
    history = fit(net, train, unseen, epochs=40, optimizer=sgd(net, lr=0.01))
    return [score.loss for score in history.epochs]


@pytest.mark.slow
def test_without_augmentation_the_loss_on_unseen_images_rises_again():
    plain, augmented = few_photographs(None), few_photographs(Augmentation(shift=4, flip=True))
    assert plain[-1] > 1.15 * min(plain)
    assert augmented[-1] < plain[-1] - 0.3


@pytest.mark.slow
def test_karpathys_network_learns():
    torch.manual_seed(0)
    data = load("photo_patches").with_validation(0.1)
    net = CODE["start"](example_convnet())
    batches = Batches(data, "train", 32, augment=Augmentation(shift=2))
    history = fit(net, batches, Batches(data, "validation"), epochs=3, optimizer=sgd(net, lr=0.02))
    assert history.loss[0] == pytest.approx(np.log(10), abs=0.1)
    assert history.accuracy[-1] > 0.5


def test_forgotten_zero_grad():
    w, gradient, places = 1.0, 0.0, []
    for _ in range(400):
        gradient += w
        w -= 0.1 * gradient
        places.append(w)
    assert [round(place, 3) for place in places[:5]] == [0.9, 0.71, 0.449, 0.143, -0.177]
    assert max(np.abs(places[-30:])) > 0.9
    assert says("0.9, 0.71, 0.449, 0.143, −0.177")


def test_what_convnetjs_never_sees_of_a_digit():
    first = convnetjs_mnist().conv1
    last = (24 - 1) * first.stride[0] - first.padding[0] + first.kernel_size[0] - 1
    assert last == 25
    assert says("reads up to pixel 25. Rows and columns 26 and 27 never enter")


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
