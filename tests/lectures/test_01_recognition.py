"""What lecture 01 says is so: every number of its prose, recomputed here."""

import numpy as np
import pytest
import torch
from reading import Lecture

from coursekit.data import Batches, load
from coursekit.data.features import gradient_histograms
from coursekit.data.scene import market_scene
from coursekit.exercises.boxes import iou
from coursekit.exercises.label_maps import mean_iou
from coursekit.inspection import activations, fit_linear, probe, right_share
from coursekit.models import convnetjs_cifar
from coursekit.training import constant, evaluate, fit, sgd
from coursekit.widgets.picker_tasks import TASKS, TRUE_TILES, pixels

LECTURE = Lecture("01_recognition")
says = LECTURE.says
SCENE = market_scene()
FOUND = [(29, 77, 38, 92), (39, 82, 61, 119), (62, 78, 72, 102), (112, 84, 121, 108)]
FOUND.append((174, 42, 190, 72))


@pytest.fixture(scope="module", autouse=True)
def one_core():
    """As in the lecture."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def look_alikes():
    return load("look_alikes")


@pytest.fixture(scope="module")
def shapes():
    return load("shapes")


def rows(images):
    return images.numpy().reshape(len(images), -1) / 255


def test_the_table_names_the_tasks_of_the_picker():
    assert len(TASKS) == 6
    for task in TASKS.values():
        assert says(f"**{task.title.lower()}**") and says(task.question)


def test_how_much_an_answer_is():
    assert SCENE.labels.shape == (120, 192) and SCENE.labels.size == 23_040
    assert says(r"$120 \cdot 192 = 23{,}040$ times")


def test_boxes():
    assert says(str(FOUND[:4])[1:-1]) and says(f"found.append({FOUND[4]})")
    best = [max(iou(box, person) for box in FOUND) for person in SCENE.people]
    assert [value >= 0.5 for value in best] == [True, True, False, False, True]
    assert says("Three of five.")
    assert best[2] < 0.1
    assert f"{best[0]:.2f}" == "0.53"
    shifts = np.abs(np.subtract(FOUND[0], SCENE.people[0]))
    assert set(shifts.tolist()) == {1, 2}
    assert max(iou(FOUND[4], person) for person in SCENE.people) == 0
    trees = SCENE.class_names.index("trees")
    left, top, right, bottom = FOUND[4]
    assert (SCENE.labels[top:bottom, left:right] == trees).mean() > 0.9
    assert iou((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)


def test_label_maps():
    truth = np.array([[0, 0, 0, 1]])
    assert mean_iou(0 * truth, truth, 2) == 0.375
    ground, people = (SCENE.class_names.index(name) for name in ("ground", "people"))
    nobody = np.where(SCENE.labels == people, ground, SCENE.labels)
    assert says(f"has {np.mean(nobody == SCENE.labels):.0%} of its pixels right".replace("%", " %"))
    assert 1 - mean_iou(nobody, SCENE.labels, 7) == pytest.approx(1 / 7, abs=0.03)
    assert 0.5 < mean_iou(pixels(TRUE_TILES), SCENE.labels, 7) < 1  # the picker's second task


def test_the_street_light_is_filed_under_building():
    left, top, right, bottom = SCENE.street_light
    lamp = SCENE.labels[top + 20 : bottom - 8, (left + right) // 2]
    assert (lamp == SCENE.class_names.index("building")).all()
    assert SCENE.labels[85, 165] == SCENE.class_names.index("ground")  # through the right stall


def test_numbers_of_the_challenge():
    assert 3.57 < 15.3 / 4
    assert 224 * 224 * 3 == 150_528 and says("150,528") and says(r"3 = 150{,}528$ numbers")


def test_scores_by_hand():
    x, w, b = np.array([1, 2, 0]), np.array([[1, 0, 5], [0, 3, 1]]), np.array([0, -4])
    assert (w @ x + b).tolist() == [1, 2]
    assert says("The scores are $1 + 0 + 0 + 0 = 1$ and $0 + 6 + 0 - 4 = 2$")


def test_which_are_the_muffins(look_alikes):
    assert np.flatnonzero(look_alikes.test.labels[:6]).tolist() == [2, 4]
    assert says("Numbers 2 and 4 have five small dots and no face")
    assert look_alikes.train.labels.bincount().tolist() == [1000, 1000]


def test_templates_fail_on_look_alikes(look_alikes):
    w, b = fit_linear(rows(look_alikes.train.images), look_alikes.train.labels.numpy())
    old, new = (
        right_share(rows(images) @ w.T + b, labels)
        for images, labels in (look_alikes.train, look_alikes.test)
    )
    assert w.size + b.size == 6146 and says("6{,}146")
    assert old > 0.85
    assert new < 0.65


def test_a_small_convnet_does_not_fail(look_alikes):
    torch.manual_seed(0)
    net = convnetjs_cifar(num_classes=2)
    fit(net, Batches(look_alikes, batch_size=32), epochs=4, optimizer=sgd(net, lr=0.05))
    assert evaluate(net, Batches(look_alikes, "test")).accuracy > 0.93
    count = sum(parameter.numel() for parameter in net.parameters())
    assert round(count, -3) == 20_000 and round(count / 6146) == 3
    layers = activations(net, look_alikes.normalize(look_alikes.test.images))
    w, b = net.fc.weight.detach().numpy(), net.fc.bias.detach().numpy()
    assert layers["flatten"].shape[1] == 320
    assert np.allclose(layers["flatten"].numpy() @ w.T + b, layers["fc"].numpy(), atol=1e-3)


def test_features_made_by_hand_beat_pixels(shapes):
    forms = shapes.smaller(train=2000, test=1000)
    right = []
    for features in (lambda images: images.reshape(len(images), -1) / 255, gradient_histograms):
        w, b = fit_linear(features(forms.train.images.numpy()), forms.train.labels.numpy())
        scores = features(forms.test.images.numpy()) @ w.T + b
        right.append(right_share(scores, forms.test.labels))
    assert w.shape == (10, 144)
    assert right[0] < 0.25
    assert right[1] > 3 * right[0]
    assert f"{right[1]:.0%}" == "64%" and says("at 64 %")


@pytest.mark.slow
def test_classes_move_apart_and_every_stage_helps(shapes):
    torch.manual_seed(0)
    net = convnetjs_cifar(num_classes=10)
    optimizer, trio = sgd(net), []
    for epoch in range(4):
        if epoch > 0:
            batches = Batches(shapes, batch_size=64, seed=epoch)
            fit(net, batches, optimizer=optimizer, schedule=constant)
        scores, labels = probe(net, shapes, "flatten", classes=(0, 2, 4))
        assert np.allclose(scores.sum(axis=1), 1)
        trio.append(right_share(scores, labels))
    assert trio[0] < 0.6
    assert trio[3] > 0.95
    torch.manual_seed(0)
    stages = (None, "pool1", "pool2", "pool3")
    trained, random = (
        [right_share(*probe(each, shapes, stage)) for stage in stages]
        for each in (net, convnetjs_cifar(num_classes=10))
    )
    assert trained[0] == random[0] == pytest.approx(0.2, abs=0.03)
    assert sorted(trained) == trained
    assert trained[1] < 0.64 < trained[2]  # where the histograms stand
    assert trained[3] > 0.93
    assert max(random) == pytest.approx(0.42, abs=0.08)


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
