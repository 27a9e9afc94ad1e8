"""What lecture 10 says is so: its arithmetic, its stored numbers, and that its programs run."""

import ast
import json
from math import log
from pathlib import Path

import numpy as np
import pytest
import torch
from reading import Lecture
from torch.nn.functional import cross_entropy

from coursekit import mine, training
from coursekit.data import Augmentation, Batches, load
from coursekit.models import alexnet, alexnet_2012, alexnet_cifar, alexnet_mini, architecture_table

LECTURE = Lecture("10_gpu_training")
says = LECTURE.says
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "training.json"


@pytest.fixture(autouse=True)
def one_core():
    """As in the lecture: small networks wait for each other on several cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def constant(name):
    """The value that the lecture's cells give to a name."""
    for node in ast.parse(LECTURE.source).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return ast.literal_eval(node.value)
    raise LookupError(name)


def parameters(net):
    return sum(weight.numel() for weight in net.parameters())


def test_it_says_that_no_gpu_was_there():
    assert says("nobody has had a GPU while this lecture was written")
    assert constant("SCALE") == "laptop"


def test_the_first_loss_is_that_of_guessing():
    torch.manual_seed(0)
    for net, room in ((alexnet_mini(), 0.004), (alexnet_cifar(), 0.1)):
        loss = cross_entropy(net(torch.randn(8, 3, 32, 32)), torch.arange(8))
        assert loss.item() == pytest.approx(log(10), abs=room)


def test_what_images_weigh():
    cifar = 50_000 * 3 * 32 * 32
    assert (cifar / 1e6, round(cifar / 1e6), round(4 * cifar / 1e6)) == (153.6, 154, 614)
    assert says("154 MB as bytes and 614 MB as 32-bit floats")
    assert round(1.28e6 * 3 * 224**2 / 1e9) == 193
    assert says("are 193 GB")


def test_what_training_keeps_in_memory():
    net = alexnet_cifar()
    one, batch = (training.bytes_for_backward(net, torch.randn(n, 3, 32, 32)) for n in (1, 8))
    assert parameters(net) == 8_974_730
    assert batch == 8 * one
    assert round(one / 1e6, 3) == 1.495
    assert round(12 * parameters(net) / 1e6, 1) == 107.7
    assert 72 * one < 12 * parameters(net) < 73 * one
    assert f"{107.7 / 1.495:.2f}" == "72.04"
    assert says("107.7 / 1.495 = 72.04, so 72 images take a little less")


def test_full_size_alexnet_in_memory():
    kept = training.bytes_for_backward(alexnet(num_classes=10), torch.randn(1, 3, 224, 224))
    weights = 12 * parameters(alexnet())
    assert (round(kept / 1e6, 1), round(128 * kept / 1e6)) == (3.7, 474)
    assert (parameters(alexnet()), round(weights / 1e6)) == (61_100_840, 733)
    assert round((weights + 128 * kept) / 1e9, 1) == 1.2
    assert says("takes 474 MB") and says("take 733 MB") and says("that is 1.2 GB")
    ten = parameters(alexnet(num_classes=10))
    assert (round(ten / 1e6), round(4 * ten / 1e6)) == (57, 228)
    assert says("57 million weights move") and says("would fill another 228 MB")


def test_bfloat16_rounds_small_steps_away():
    one = torch.ones(1, dtype=torch.bfloat16)
    assert (one - 0.001).item() == 1
    assert (one - 0.003).item() == 1 - 1 / 256
    assert torch.finfo(torch.bfloat16).eps == 2.0**-7  # 8 binary digits, the first always 1
    assert torch.finfo(torch.float16).eps == 2.0**-10
    assert torch.finfo(torch.float16).smallest_normal / 2**10 == pytest.approx(6e-8, rel=0.01)
    assert torch.tensor(1e-8).half() == 0 < torch.tensor(1e-8).bfloat16()


def test_rates():
    assert round(0.02 * 1024 / 128, 2) == 0.16
    assert says("to 1024 images: 0.16")
    cycle = mine("one_cycle")
    rates = [cycle(t, 200, 1.0, 50) for t in range(200)]
    assert (rates[0], max(rates), rates.index(max(rates))) == (0.1, 1.0, 50)
    jumps = training.step(at=(0.4, 0.65, 0.85))
    falls = [t for t in range(1, 200) if jumps(t / 200) < jumps((t - 1) / 200)]
    assert falls == [80, 130, 170]


def test_where_smoothed_labels_are_cheapest():
    loss = mine("label_smoothing_loss")
    row, label = np.array([[0.0, 0.0, 0.0, 0.0]]), np.array([2])
    assert loss(row, label, 0.2) == pytest.approx(log(4))
    assert (0.2 / 4, round(0.8 + 0.2 / 4, 2)) == (0.05, 0.85)
    grid = np.arange(0, 20, 0.01)
    costs = [loss(np.array([[score] + [0.0] * 9]), np.array([0]), 0.1) for score in grid]
    assert grid[np.argmin(costs)] == pytest.approx(log(0.91 / 0.01), abs=0.01)
    assert round(log(0.91 / 0.01), 1) == 4.5
    assert round(min(costs), 2) == 0.50


def test_the_stored_times_are_the_benchmarks():
    rows = json.loads(RESULTS.read_text())
    names = {"ours": "ours", "PyTorch tutorial": "tutorial"}
    found = {
        f"{names[row['who']]}, {100 * row['target']:.0f} %": row["wall_s"]
        for row in rows["results"]
    }
    assert constant("SECONDS") == found
    assert all(row["reached"] for row in rows["results"])
    assert (rows["machine"]["cores"], rows["data"]) == (2, "CIFAR-10 (JPEG copies)")
    assert {row["recipe"]["batch_size"] for row in rows["results"] if "recipe" in row} == {64, 256}
    assert round(found["tutorial, 60 %"] / found["ours, 60 %"]) == 78


def test_unequal_shares_spoil_the_mean():
    assert ((1 + 5) / 2, (3 * 1 + 5) / 4) == (3, 2)
    assert [mine("shard_indices")(5, rank, 2) for rank in (0, 1)] == [[0, 2, 4], [1, 3, 0]]
    dealt = [image for rank in range(3) for image in mine("shard_indices")(7, rank, 3)]
    assert sorted(image for image in set(dealt) if dealt.count(image) == 2) == [0, 1]


def test_how_long_alexnet_takes():
    operations = 1.2e6 * 90 * 3 * 2 * 0.724e9
    assert round(operations / 1e17, 1) == 4.7
    days = operations / (2 * 1.58e12) / 86_400
    assert round(days, 1) == 1.7 and round(2 * 1.58, 2) == 3.16
    assert 0.28 < days / 5.5 < 0.36
    assert round(operations / 3.12e14 / 60) == 25
    with torch.device("meta"):
        table = architecture_table(alexnet_2012(), (3, 227, 227))
    assert round(table.macs / 1e9, 3) == 0.724


@pytest.mark.slow
def test_the_small_alexnet_learns():
    torch.manual_seed(0)
    data = load("photo_patches").with_validation(0.1)
    net, cycle = alexnet_mini(), mine("one_cycle")
    batches = Batches(data, batch_size=64, augment=Augmentation(shift=2, flip=True))
    steps = 2 * len(batches)
    history = training.fit(
        net,
        batches,
        epochs=2,
        optimizer=training.sgd(net, lr=0.02),
        schedule=lambda progress: cycle(round(progress * steps), steps, 1.0, steps // 4),
        label_smoothing=0.1,
    )
    assert history.loss[0] == pytest.approx(log(10), abs=0.05)
    assert max(history.lr) == pytest.approx(0.02)
    logits, labels = (part.numpy() for part in training.predict(net, Batches(data, "test")))
    for k in range(1, 10):
        assert mine("top_k_accuracy")(logits, labels, k) > k / 10 + 0.02 * (10 - k)


def test_the_program_for_many_processes_runs_alone(tmp_path):
    program = tmp_path / "train.py"
    program.write_text(constant("PROGRAM"))
    exec(compile(program.read_text(), str(program), "exec"), {"__file__": str(program)})
    losses = json.loads((tmp_path / "train.1").read_text())
    assert len(losses) == 28
    assert losses[-1] < losses[0]


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
