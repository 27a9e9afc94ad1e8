"""The live trainer without a browser: its loop, its thread, what it says and shows."""

import gc
import json
import re
import subprocess
import sys
import threading
import time
import warnings
import weakref

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit import data, inspection, training
from coursekit.data import Augmentation, Batches
from coursekit.models import alexnet_mini, convnetjs_mnist, example_convnet
from coursekit.problem import Problem
from coursekit.widgets import LiveTrainer, live_trainer_worker
from coursekit.widgets.forgiving import unpack
from coursekit.widgets.live_trainer_looking import describe, look
from coursekit.widgets.live_trainer_net import as_code, built
from coursekit.widgets.live_trainer_pictures import layer_pictures
from coursekit.widgets.live_trainer_sets import read_sets
from coursekit.widgets.live_trainer_stream import Stream
from coursekit.widgets.live_trainer_worker import Allowance, Worker


def images(count=120, seed=0, size=8):
    """Three classes that differ by a bright row, (N, 1, size, size)."""
    numbers = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    x = torch.randn(count, 1, size, size, generator=numbers)
    x[torch.arange(count), 0, 2 * labels] += 2
    return x, labels


def small_net(outputs=3):
    torch.manual_seed(0)
    conv, linear = nn.Conv2d(1, 4, 3, padding=1), nn.Linear(64, outputs)
    return nn.Sequential(conv, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), linear)


def trainer(net=None, **settings):
    return LiveTrainer(net or small_net(), images(), images(60, seed=1), **settings)


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "LiveTrainer"]


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def collected(look):
    gc.collect()
    return look()


@pytest.fixture(autouse=True)
def no_thread_stays():
    """Whatever a test does, no thread is alive after it."""
    yield
    wait_until(lambda: not threads() or not collected(threads))


# ---- the loop ----


@pytest.fixture(scope="module")
def patches():
    return data.load("photo_patches").smaller(300, 100).with_validation(0.2)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_losses_are_those_of_the_plain_loop(patches, momentum):
    torch.manual_seed(0)
    net = example_convnet()
    start = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    shift = Augmentation(shift=1)
    batches = Batches(patches, batch_size=32, seed=3, augment=shift)
    validation = Batches(patches, "validation")
    history = training.fit(
        net,
        batches,
        validation,
        epochs=2,
        optimizer=training.sgd(net, 0.01, momentum, 1e-3),
        schedule=training.constant,
        precision=torch.float32,
    )
    net.load_state_dict(start)
    live = LiveTrainer(
        net, patches, lr=0.01, momentum=momentum, weight_decay=1e-3, seed=3, augment=shift
    )
    live.run(epochs=2)
    np.testing.assert_allclose(live.history.loss, history.loss, rtol=1e-4)
    assert live.history.lr == history.lr
    assert len(live.history.accuracy) == 2
    np.testing.assert_allclose(live.history.accuracy, history.accuracy, atol=0.021)


def test_background_and_cell_train_alike():
    here, there = trainer(), trainer()
    here.run(steps=30)
    there.start()
    wait_until(lambda: there.steps >= 30)
    there.pause()
    assert there.history.loss[:30] == here.history.loss


@settings(max_examples=30)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=12), st.integers(0, 3))
def test_every_image_comes_at_most_once_an_epoch(sizes, seed):
    sets = read_sets(images(40), None, None, None, None, torch.device("cpu"))
    stream, seen = Stream(sets.train, None, seed), {}
    for size in sizes:
        x, labels = stream.next(size)
        assert len(x) == len(labels) == min(size, 40)
        found = seen.setdefault(stream.epoch, [])
        found += [image.numpy().tobytes() for image in x]
        assert len(set(found)) == len(found)


def test_settings_hold_from_the_next_batch_on():
    live = trainer()
    live.run(steps=3)
    live.lr, live.momentum, live.batch_size, live.weight_decay = 0.5, 0.0, 7, 0.1
    before = live.examples
    weights = {name: p.detach().clone() for name, p in live.net.named_parameters()}
    live.step()
    assert live.history.lr == [0.02, 0.02, 0.02, 0.5]
    assert live.examples - before == 7
    for name, parameter in live.net.named_parameters():
        decay = 0.1 if parameter.ndim > 1 else 0
        step = 0.5 * (parameter.grad + decay * weights[name])
        torch.testing.assert_close(parameter.detach(), weights[name] - step)
    assert [text for _, text in live.curves["marks"]] == [
        "lr 0.5",
        "momentum 0",
        "batch_size 7",
        "weight_decay 0.1",
    ]


def test_settings_change_while_training_runs():
    live = trainer()
    live.start()
    wait_until(lambda: live.steps > 5)
    live.lr = 0.001
    wait_until(lambda: live.history.lr[-1] == 0.001)
    live.pause()
    assert live.history.lr[0] == 0.02


def test_decay_loss_is_half_the_decay_times_the_squares():
    live = trainer(weight_decay=0.3)
    squares = sum((p**2).sum().item() for p in live.net.parameters() if p.ndim > 1)
    assert live.readouts["decay_loss"] == pytest.approx(0.15 * squares, rel=1e-5)


def test_test_accuracy_counts_every_image_once_at_the_present_weights():
    live = LiveTrainer(small_net(), images(), images(1100, seed=1))
    live.run(steps=20)
    score = live.test()
    live.net.eval()
    with torch.no_grad():
        x, labels = images(1100, seed=1)
        right = (live.net(x).argmax(1) == labels).float().mean().item()
    assert score.images == live.readouts["test_images"] == 1100
    assert live.readouts["test_accuracy"] == score.accuracy == pytest.approx(right)
    live.step()
    assert live.readouts["test_images"] == 1000


def test_first_images_of_a_measured_set_are_a_fair_sample():
    x, labels = images(90)
    order = labels.argsort()  # all of one class first
    live = LiveTrainer(small_net(), images(), (x[order], labels[order]))
    assert live._sets.test.labels[:9].bincount().tolist() == [3, 3, 3]


def test_snapshot_goes_on_exactly_from_there():
    live = trainer(augment=Augmentation(shift=1))
    live.run(steps=7)
    saved = json.loads(json.dumps(live.snapshot()))
    live.lr, live.batch_size = 0.1, 16
    live.run(steps=5)
    live.restore(saved)
    assert (live.steps, live.lr, live.batch_size) == (7, 0.02, 32)
    live.run(steps=5)
    other = trainer(augment=Augmentation(shift=1))
    other.run(steps=12)
    assert live.history.loss == other.history.loss
    assert live.gradients == other.gradients


def test_restart_is_the_beginning_again():
    live = trainer()
    live.run(steps=8)
    first = live.history.loss
    live.restart()
    assert (live.steps, live.examples, live.phase) == (0, 0, "ready")
    live.run(steps=8)
    assert live.history.loss == first


def test_restart_while_running_goes_on():
    live = trainer()
    live.start()
    wait_until(lambda: live.steps > 50)
    live.restart()
    wait_until(lambda: 0 < live.steps < 50)
    assert live.running
    live.pause()


def test_pretrained_weights_are_a_button(tmp_path):
    given = small_net()
    torch.save(given.state_dict(), tmp_path / "weights.pth")
    live = trainer(nn.Sequential(*small_net()), pretrained=tmp_path / "weights.pth")
    live.run(steps=5)
    assert live.has_pretrained
    live.load_pretrained()
    assert live.steps == 0
    torch.testing.assert_close(live.net.state_dict(), given.state_dict())
    with pytest.raises(Problem, match="no pretrained weights"):
        trainer().load_pretrained()


def test_gradients_by_layer_over_time():
    live = trainer()
    live.run(steps=11)
    found = live.gradients
    assert found["steps"] == [1, 6, 11]
    last = live.net[4].weight.grad.square().mean().sqrt().item()
    assert found["layers"]["4"][-1] == pytest.approx(last)
    assert found["layers"].keys() == {"0", "4"}


# ---- the thread ----


def test_start_returns_at_once_and_pause_ends_the_thread():
    class Slow(nn.Flatten):
        def forward(self, x):
            time.sleep(self.training)
            return super().forward(x)

    live = trainer(nn.Sequential(Slow(), nn.Linear(64, 3)))
    live.start()
    assert live.steps == 0
    live.pause()
    wait_until(lambda: not threads())
    live = trainer()
    live.start()
    wait_until(lambda: live.steps > 10)
    assert len(threads()) == 1
    live.pause()
    assert not threads()
    assert (live.phase, live.running) == ("paused", False)
    steps = live.steps
    time.sleep(0.1)
    assert live.steps == steps


def test_pause_and_resume_often():
    live = trainer()
    for _ in range(20):
        live.start()
        live.start()
        live.pause(wait=False)
        live.pause(wait=False)
    live.start()
    wait_until(lambda: live.running and live.steps > 0)
    assert len(threads()) == 1
    live.pause()


def test_a_dropped_trainer_ends_its_thread():
    gone = weakref.ref(trainer(autostart=True))
    wait_until(lambda: collected(gone) is None and not threads())


def test_a_trainer_that_is_shown_lives_on_without_a_name():
    live = trainer()
    live._repr_mimebundle_()
    kept = weakref.ref(live)
    del live
    gc.collect()
    assert kept() is not None
    kept().close()


def test_closing_the_widget_ends_the_thread():
    live = trainer(autostart=True)
    wait_until(lambda: live.steps > 3)
    live.close()
    wait_until(lambda: not threads())


def test_a_second_trainer_of_the_same_weights_stops_the_first():
    net = small_net()
    first = trainer(net, autostart=True)
    wait_until(lambda: first.steps > 3)
    second = trainer(net)
    wait_until(lambda: not threads())
    assert first.problem == "Another LiveTrainer took over, so this one was paused."
    second.start()
    wait_until(lambda: second.steps > 3)
    second.pause()


def test_trainers_of_different_cells_run_side_by_side():
    first, second = trainer(autostart=True), trainer(autostart=True)
    wait_until(lambda: first.steps > 3 and second.steps > 3)
    assert len(threads()) == 2
    first.pause()
    second.pause()


def test_an_interrupted_cell_leaves_a_trainer_that_goes_on():
    class Interrupted(nn.Flatten):
        """The interrupt arrives in the third batch."""

        calls = 0

        def forward(self, x):
            Interrupted.calls += self.training
            if Interrupted.calls == 3 and self.training:
                raise KeyboardInterrupt
            return super().forward(x)

    live = trainer(nn.Sequential(Interrupted(), nn.Linear(64, 3)))
    with pytest.raises(KeyboardInterrupt):
        live.run(steps=10)
    assert (live.phase, live.steps) == ("paused", 2)
    live.run(steps=2)
    assert live.steps == 4


def test_a_closed_picture_pauses():
    live = trainer()
    live._listen({"do": "hello", "view": "a"}, [])
    live.start()
    wait_until(lambda: live.steps > 3)
    live._listen({"do": "bye", "view": "a"}, [])
    wait_until(lambda: not live.running)
    assert live.problem == "The picture was closed, so training was paused."
    live.start()  # from Python, without a picture
    live._left -= 100
    steps = live.steps
    wait_until(lambda: live.steps > steps + 20)
    live.pause()


def test_pages_that_fall_silent_pause(monkeypatch):
    monkeypatch.setattr("coursekit.widgets.live_trainer_kernel._cells", {"running": 0, "ended": 0})
    live = trainer()
    live._listen({"do": "hello", "view": "a"}, [])
    live._heard -= 100
    live.start()  # from then on it listens
    steps = live.steps
    wait_until(lambda: live.steps > steps + 20)
    live._heard -= 100
    wait_until(lambda: not live.running)
    assert live.problem.startswith("No page has answered for half a minute")
    monkeypatch.setattr("coursekit.widgets.live_trainer_kernel._cells", {"running": 1, "ended": 0})
    live.start()
    live._heard -= 100
    steps = live.steps
    wait_until(lambda: live.steps > steps + 20)  # a cell runs, so no page can be heard
    live.pause()


@pytest.mark.slow
def test_a_script_may_end_while_training_runs():
    code = """
import time, torch
from torch import nn
from coursekit.widgets import LiveTrainer
x, labels = torch.randn(300, 1, 16, 16), torch.arange(300) % 3
net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(8 * 14 * 14, 3))
trainer = LiveTrainer(net, (x, labels), autostart=True)
while trainer.steps < 5:
    time.sleep(0.01)
"""
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_job_that_fails_tells_who_waits_and_spares_the_thread():
    class Owner:
        def turn(self):
            return False

        def rest(self):
            pass

    owner = Owner()
    worker = Worker(owner.turn, owner.rest)
    with pytest.raises(ZeroDivisionError):
        worker.do(lambda: 1 / 0).result()
    assert worker.do(lambda: 5).result() == 5
    worker.begin()
    wait_until(lambda: not worker.turning)


def test_allowance_keeps_to_its_share(monkeypatch):
    spent = []
    monkeypatch.setattr(live_trainer_worker, "perf_counter", lambda: sum(spent))
    allowance = Allowance(0.05, pause=0)
    for _ in range(400):
        allowance.earn(0.01)
        allowance.spend(lambda: spent.append(0.004))
    assert 0.045 < sum(spent) / 4 < 0.055
    rare = Allowance(0.5, pause=10)
    rare.earn(1)
    for _ in range(3):
        rare.spend(lambda: spent.append(1))
    assert spent.count(1) == 1


# ---- what goes wrong ----


class Raising(nn.Module):
    """A student's layer with a mistake."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(64, 3)

    def forward(self, x):
        return self.fc(x)  # the flatten was forgotten


class Grumpy(nn.Linear):
    """Stops in the fourth batch."""

    def forward(self, x):
        self.count = getattr(self, "count", 0) + self.training
        if self.count > 3 and self.training:
            raise RuntimeError("no more")
        return super().forward(x.flatten(1))


def test_a_net_that_raises_stops_with_a_sentence():
    live = trainer(Raising())
    assert live.problem.startswith("The net stopped with RuntimeError: mat1 and mat2 shapes")
    live.run(steps=5)
    assert (live.phase, live.steps) == ("stopped", 0)
    assert live.still()


def test_a_net_that_raises_later_keeps_what_it_had():
    live = trainer(Grumpy(64, 3), autostart=True)
    wait_until(lambda: live.phase == "stopped")
    assert live.problem == "The net stopped with RuntimeError: no more."
    assert live.steps == 3
    assert live.sentence.startswith("Stopped after 3 batches, 96 examples seen: loss ")


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        (small_net(2), "(1, 2)"),
        (nn.Conv2d(1, 3, 3), "(1, 3, 6, 6)"),
    ],
)
def test_outputs_that_do_not_fit_the_labels_are_named(net, shape):
    live = trainer(net)
    assert live.problem == (
        f"The net's output for 1 image is {shape}; these labels need (1, 3), one number a class: "
        "change the last layers."
    )
    live.start()
    wait_until(lambda: live.phase == "stopped")
    assert live.steps == 0


def test_a_loss_that_is_no_number_stops_with_a_sentence():
    live = trainer(lr=100, momentum=0.99)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        live.run(steps=300)
    assert live.phase == "stopped"
    assert "so training stopped; try a smaller one. Restart first." in live.problem
    live.start()
    assert not live.running
    json.dumps(live.snapshot(), allow_nan=True)
    json.dumps([live.readouts, live.layers], allow_nan=False)
    live.lr = 0.01
    live.restart()
    live.run(steps=5)
    assert (live.phase, live.steps, live.problem) == ("paused", 5, "")


def test_a_net_that_takes_seconds_is_named_and_freezes_nothing():
    class Slow(nn.Flatten):
        def forward(self, x):
            time.sleep(2.5 * self.training)
            return super().forward(x)

    live = trainer(nn.Sequential(Slow(), nn.Linear(64, 3)))
    live.start()
    time.sleep(0.3)
    live.lr = 0.5
    live.pause()
    assert live.phase == "pausing"
    wait_until(lambda: live.phase == "paused")
    assert re.fullmatch(
        r"One batch of 32 images takes \d\.\d s, and nothing answers before it ends; a smaller "
        r"batch size or a smaller net is faster\.",
        live.problem,
    )


def test_a_net_that_is_slow_to_look_at_does_not_hold_the_cell():
    class Slow(nn.Flatten):
        def forward(self, x):
            time.sleep(1.5)
            return super().forward(x)

    live = trainer(nn.Sequential(Slow(), nn.Linear(64, 3)))
    assert live.layers == []
    assert live.still()
    wait_until(lambda: not threads())
    assert len(live.layers) == 2


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("lr", -1),
        ("lr", float("nan")),
        ("lr", "fast"),
        ("momentum", 1.0),
        ("batch_size", 0),
        ("batch_size", 2.5),
        ("weight_decay", np.inf),
    ],
)
def test_bad_settings_leave_a_sentence_and_what_was(name, bad):
    live = trainer()
    before = getattr(live, name)
    setattr(live, name, bad)
    assert getattr(live, name) == before
    assert live.problem.startswith(f"{name} ")
    assert live.problem.endswith("The picture keeps what it had.")
    live.step()
    assert live.steps == 1


X, LABELS = images()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (5, "train_set is 5; expected a data set"),
        ((X, LABELS[:4]), "images of shape (120, 1, 8, 8) and labels of shape (4,)"),
        ((X[0], LABELS[:1]), "expected (N, C, H, W) and (N,)"),
        ((X, LABELS.float()), "labels of torch.float32"),
        ((X, LABELS - 1), "from -1"),
        ((X * np.nan, LABELS), "holds 7680 values that are nan or infinite"),
        ((X[:0], LABELS[:0]), "images of shape (0, 1, 8, 8)"),
        ((X[:3], LABELS[:3]), "pass validation_set=None"),
    ],
)
def test_sets_that_cannot_be_read_are_named(given, words):
    with pytest.raises(Problem) as problem:
        LiveTrainer(small_net(), given)
    assert words in str(problem.value)


def test_test_images_of_another_size_are_named():
    with pytest.raises(Problem, match=r"test_set has images of \(1, 9, 9\)"):
        LiveTrainer(small_net(), images(), images(size=9))
    with pytest.raises(Problem, match="expected an nn\\.Module"):
        LiveTrainer(lambda x: x, images())
    with pytest.raises(Problem, match="no weights to train"):
        LiveTrainer(nn.Flatten(), images())
    with pytest.raises(Problem, match="2 class_names, but labels go up to 2"):
        trainer(class_names=["a", "b"])


@pytest.mark.parametrize("convert", [np.asarray, np.asfortranarray, lambda x: x[:, :, ::-1]])
def test_numpy_arrays_of_any_layout_are_images(convert):
    x, labels = images()
    live = LiveTrainer(small_net(), (convert(x.numpy()), labels.numpy()), validation_set=None)
    live.step()
    assert live.problem == ""
    assert live.totals == {"train": 120, "validation": 0, "test": 0, "parameters": 235}


def test_bytes_are_normalized_as_the_data_set_does(patches):
    live = LiveTrainer(example_convnet(), patches)
    torch.testing.assert_close(live._sets.train.x, patches.normalize(patches.train.images))
    pair = LiveTrainer(example_convnet(), patches.train, patches.test, validation_set=None)
    torch.testing.assert_close(pair._sets.train.x, live._sets.train.x)
    assert pair._sets.test.x.mean().abs() < 0.3


def test_a_small_batch_can_be_overfitted():
    x, labels = images(12)
    live = LiveTrainer(small_net(), (x, labels), validation_set=None, batch_size=32)
    live.run(steps=60)
    assert live.examples == 12 * 60
    assert live.readouts["train_accuracy"] > 0.9


# ---- what is shown ----


def test_activations_are_those_of_inspection(patches):
    torch.manual_seed(0)
    net = example_convnet()
    x = patches.normalize(patches.test.images[:1])
    seen = look(net, x, patches.test.labels[:1], 10)
    expected = inspection.activations(net, x)
    assert [one.name for one in seen] == list(expected)
    for one in seen:
        torch.testing.assert_close(one.activation, expected[one.name][0])


def test_gradients_of_activations_say_how_the_loss_moves():
    net = small_net().double()
    x, label = images(1)[0].double(), torch.tensor([2])
    seen = {one.name: one for one in look(net, x, label, 3)}
    step = torch.zeros(4, 8, 8, dtype=torch.double)
    step[1, 2, 3] = 1e-6
    tail = net[1:]

    def loss(change):
        return nn.functional.cross_entropy(tail(seen["0"].activation[None] + change), label)

    slope = (loss(step) - loss(-step)) / 2e-6
    assert seen["0"].gradient[1, 2, 3].item() == pytest.approx(slope.item(), abs=1e-7)
    assert all(p.grad is None for p in net.parameters())


def test_in_place_layers_and_layers_used_twice_are_seen():
    relu = nn.ReLU(inplace=True)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), relu, nn.Conv2d(2, 2, 3), relu, nn.Flatten(),
                        nn.Linear(32, 3))  # fmt: skip
    seen = look(net, images(1)[0], torch.tensor([0]), 3)
    assert [one.name for one in seen] == ["0", "1", "2", "1 (2)", "4", "5"]
    assert seen[0].activation.min() < 0 <= seen[1].activation.min()
    assert all(one.gradient is not None for one in seen)


def test_looking_changes_neither_weights_nor_modes_nor_statistics():
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(), nn.Flatten(),
                        nn.Linear(72, 3))  # fmt: skip
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    look(net, images(1)[0], torch.tensor([0]), 3)
    torch.testing.assert_close(net.state_dict(), before)
    assert all(module.training for module in net.modules())


def test_facts_of_layers():
    net = convnetjs_mnist()
    facts = describe(look(net, torch.zeros(1, 1, 24, 24), torch.tensor([0]), 10))
    assert facts[0] == {
        "name": "conv1",
        "kind": "Conv2d",
        "size": "8×24×24",
        "window": "5×5, stride 1, padding 2",
        "parameters": "8·1·5·5 + 8 = 208",
    }
    total = sum(
        int(f["parameters"].split("= ")[1].replace(",", "")) for f in facts if f["parameters"]
    )
    assert total == 5994


def test_pictures_hold_the_numbers():
    net = small_net()
    x, labels = images(1)
    nn.functional.cross_entropy(net(x), labels).backward()
    seen = look(net, x, labels, 3)
    layers, bytes_ = layer_pictures(seen)
    names = list(layers[0]["pictures"])
    assert names == ["activations", "activation gradients", "weights", "weight gradients"]
    for name, values in (
        ("activations", seen[0].activation),
        ("weights", net[0].weight[:, 0]),
        ("weight gradients", net[0].weight.grad[:, 0]),
    ):
        picture = layers[0]["pictures"][name]
        part = bytes_[picture["at"] : picture["at"] + np.prod(picture["shape"])]
        read = (part.reshape(picture["shape"]).astype(float) - 128) / 127 * picture["scale"]
        np.testing.assert_allclose(read, values.detach(), atol=picture["scale"] / 250)
    assert layers[0]["activation"] == [seen[0].activation.min(), seen[0].activation.max()]


def test_first_weights_are_in_color(patches):
    live = LiveTrainer(alexnet_mini(), patches)
    live.step()
    shown = live.pictures["layers"][0]["weights"]
    assert (shown["shape"], shown["of"]) == ([24, 7, 7, 3], 32)
    expected = inspection.filter_pictures(live.net.conv1.weight[:24]).pictures
    data_ = unpack(live.pictures["data"])
    np.testing.assert_array_equal(data_[shown["at"] :][: expected.size], expected.ravel())


def test_answers_are_the_likeliest_three():
    live = trainer(class_names=["top", "middle", "low"])
    live.run(steps=20)
    live.net.eval()
    with torch.no_grad():
        chances = live.net(live._report.shown.x).softmax(1)
    for row, top in zip(chances, live.tests["answers"], strict=True):
        assert [p for _, p in top] == pytest.approx(sorted(row.tolist(), reverse=True))
        assert top[0][0] == ["top", "middle", "low"][row.argmax()]


def test_own_pictures_of_many_kinds():
    live = trainer(class_names=["top", "middle", "low"])
    live.run(steps=60)
    picture = np.zeros((64, 100), np.uint8)
    picture[32:40] = 255  # the bright row of class 2, eight times as large
    for own in (picture, picture / 255, np.stack([picture] * 3, 2), picture[None]):
        answers = live.predict(own)
        assert answers[0][0] == "low"
        assert sum(p for _, p in answers) == pytest.approx(1, abs=1e-5)
    for bad in (np.zeros((0, 3)), np.full((4, 4), np.nan), np.zeros((2, 2, 2, 2)), "x"):
        with pytest.raises(Problem, match="The picture has"):
            live.predict(bad)


def test_another_image_is_looked_at_by_choice():
    live = trainer()
    before = live.layers[0]["activation"]
    live.probe = 3
    wait_until(lambda: live.layers[0]["activation"] != before)


def test_a_net_as_code_and_back():
    for net in (small_net(), example_convnet(), convnetjs_mnist(), alexnet_mini()):
        assert repr(built(as_code(net, {}), {})) == repr(net)
    assert as_code(Raising(), {"Raising": Raising}) == "Raising()"
    assert as_code(Raising(), {}) == ""
    assert isinstance(built("Raising()", {"Raising": Raising}), Raising)
    with pytest.raises(Problem, match="stops with NameError"):
        built("unknown", {})


def test_another_net_takes_over():
    live = trainer()
    live.run(steps=5)
    live.change_net(nn.Sequential(nn.Flatten(), nn.Linear(64, 3)))
    assert (live.steps, len(live.layers), live.totals["parameters"]) == (0, 2, 195)
    live.run(steps=5)
    assert live.problem == ""


def test_damaged_and_foreign_snapshots_change_nothing(tmp_path):
    live = trainer()
    live.run(steps=4)
    other = LiveTrainer(nn.Sequential(nn.Flatten(), nn.Linear(64, 3)), images())
    path = tmp_path / "other.json"
    path.write_text(json.dumps(other.saved()))
    for bad, words in (
        ({}, "no saved network"),
        ("{not json", "no saved network"),
        (path, "0.weight is missing there and \\(4, 1, 3, 3\\) here"),
        (tmp_path / "none.json", "could not be read"),
        (live.saved() | {"state": {"weights": 3}}, "no saved network"),
    ):
        with pytest.raises(Problem, match=words):
            live.restore(bad)
    assert live.steps == 4


def test_sentence_word_for_word():
    live = trainer()
    assert live.sentence == "Ready to train."
    live.run(steps=40)
    found = live.readouts
    assert live.sentence == (
        f"Paused after 40 batches, 1,280 examples seen: loss {found['loss']:.2f}. Accuracy: "
        f"training {100 * found['train_accuracy']:.1f} %, "
        f"validation {100 * found['validation_accuracy']:.1f} %, "
        f"test {100 * found['test_accuracy']:.1f} % of 60 images."
    )


def test_text_of_notebooks_holds_no_results_and_the_picture_tells_them():
    live = trainer()
    live.run(steps=10)
    bundle, metadata = live._repr_mimebundle_()
    assert (
        bundle["text/plain"]
        == repr(live)
        == ("LiveTrainer: a network of 5 layers with 235 parameters, trained for 10 batches.")
    )
    assert metadata["image/png"]["alt"] == live.sentence
    live.close()


def test_a_run_does_not_depend_on_time(monkeypatch):
    fast = trainer()
    fast.run(steps=30)
    monkeypatch.setattr(Allowance, "spend", lambda *_: None)
    slow = trainer()
    slow.run(steps=30)
    assert slow.still() == fast.still()
    assert slow.sentence == fast.sentence


def test_page_state_holds_no_weights(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SNAPSHOT", "1")
    live = trainer()
    live.run(steps=3)
    bundle, _ = live._repr_mimebundle_()
    snapshot = json.loads(
        json.dumps(bundle["application/vnd.coursekit.widget+json"], allow_nan=False)
    )
    assert snapshot.keys() == {"module", "css", "state"}
    assert snapshot["state"]["readouts"]["steps"] == 3
    live.close()
