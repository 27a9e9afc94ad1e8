"""The training loop: it learns, it resumes, it measures right, it works in several processes."""

import math
import subprocess
import sys
from functools import partial

import nbclient
import nbformat
import pytest
import torch
import torch.nn.functional as F
from jupyter_client import AsyncKernelManager
from torch import nn

from coursekit import data, training
from coursekit.building.execution import sockets_in
from coursekit.data.progressbar import progress_bar, somebody_watches
from coursekit.training import CheckpointMismatch, MovingAverage, evaluate, fit, sgd


@pytest.fixture(scope="module")
def dataset():
    return data.load("digits").with_validation(0.2)


def net(dropout=0.0, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Flatten(),
        nn.Linear(512, 10),
    )


def batches(dataset, part="train", **more):
    return data.Batches(dataset, part, batch_size=100, **more)


# --- fit ------------------------------------------------------------------------------------


def test_it_learns_digits_and_notes_everything(dataset):
    model, train = net(), batches(dataset)
    history = fit(model, train, batches(dataset, "validation"), epochs=4)
    assert history.accuracy[-1] > 0.9
    assert len(history.epochs) == len(history.seconds) == 4
    assert len(history.loss) == len(history.lr) == 4 * len(train)
    assert history.seconds == sorted(history.seconds)
    assert evaluate(model, batches(dataset, "validation")) == pytest.approx(
        history.epochs[-1], rel=0.02
    )
    assert repr(history).startswith(f"4 epochs, {4 * len(train)} steps: loss 2.")
    assert "validation accuracy" in repr(history)


def test_one_step_is_the_textbook_step():
    x, labels = torch.randn(6, 1, 8, 8), torch.arange(6)
    model, twin = net(), net()
    optimizer = sgd(model, lr=0.5)
    history = fit(
        model,
        [(x, labels)],
        optimizer=optimizer,
        schedule=training.constant,
        label_smoothing=0.1,
        precision=torch.float32,
    )
    loss = F.cross_entropy(twin(x), labels, label_smoothing=0.1)
    loss.backward()
    sgd_of_twin = sgd(twin, lr=0.5)
    sgd_of_twin.step()
    assert history.loss == pytest.approx([loss.item()])
    for mine, expected in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(mine, expected, atol=1e-5, rtol=1e-5)


def test_learning_rate_follows_the_schedule_and_is_given_back(dataset):
    model = net()
    optimizer = sgd(model, lr=0.2)
    history = fit(model, batches(dataset), epochs=2, optimizer=optimizer, schedule=training.cosine)
    steps = len(history.lr)
    expected = [0.1 * (1 + math.cos(math.pi * i / steps)) for i in range(steps)]
    assert history.lr == pytest.approx(expected)
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 0.2]


def test_learning_rate_is_given_back_after_an_interruption(dataset):
    def interrupted():
        yield torch.randn(4, 1, 8, 8), torch.arange(4)
        raise KeyboardInterrupt

    class Cut(list):
        def __iter__(self):
            return interrupted()

    model = net()
    optimizer = sgd(model, lr=0.2)
    with pytest.raises(KeyboardInterrupt):
        fit(model, Cut([1, 2, 3]), optimizer=optimizer)
    assert optimizer.param_groups[0]["lr"] == 0.2


def test_an_exploding_run_stops_with_a_sentence(dataset):
    model = net()
    with pytest.warns(RuntimeWarning, match="loss became"):
        history = fit(model, batches(dataset), epochs=50, optimizer=sgd(model, lr=1e12, momentum=0))
    assert "try a smaller one" in history.stopped
    assert history.stopped in repr(history)
    first_bad = next(i for i, loss in enumerate(history.loss) if not math.isfinite(loss))
    assert f"step {first_bad + 1} " in history.stopped
    assert len(history.loss) <= first_bad + 16


def test_a_nan_on_the_last_step_is_seen_and_not_saved(tmp_path):
    model = net()
    bad = [(torch.full((2, 1, 8, 8), math.nan), torch.tensor([0, 1]))]
    with pytest.warns(RuntimeWarning, match="step 1"):
        fit(model, bad, checkpoint=tmp_path / "run.pt")
    assert not (tmp_path / "run.pt").exists()


def test_bfloat16_learns_too(dataset):
    history = fit(
        net(), batches(dataset), batches(dataset, "validation"), epochs=4, precision=torch.bfloat16
    )
    assert history.accuracy[-1] > 0.9


def test_a_compiled_model_takes_the_same_steps(dataset, monkeypatch):
    # traced, but run by PyTorch itself: the default backend wants a C++ compiler
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
    curves = []
    for compile in (False, True):
        history = fit(net(), batches(dataset), compile=compile, precision=torch.float32)
        curves.append(history.loss)
    assert curves[0] == pytest.approx(curves[1], abs=1e-4)


# --- checkpoints ----------------------------------------------------------------------------


class Stop(Exception):
    """Stands for the power cut."""


@pytest.mark.parametrize("ema", [None, 0.9])
def test_a_resumed_run_has_the_same_curve(dataset, tmp_path, ema):
    def run(model, path=None, validation=None):
        train = batches(dataset, augment=data.Augmentation(shift=1))
        validation = validation or batches(dataset, "validation")
        history = fit(model, train, validation, epochs=4, ema=ema, checkpoint=path)
        return history, model

    torch.manual_seed(1)
    whole, model = run(net(dropout=0.3))

    class CutAfterTwoEpochs(list):
        epochs = 0

        def __iter__(self):
            self.epochs += 1
            if self.epochs == 3:
                raise Stop
            return super().__iter__()

    path = tmp_path / "new" / "run.pt"
    with pytest.raises(Stop):
        run(net(dropout=0.3), path, CutAfterTwoEpochs(batches(dataset, "validation")))
    torch.manual_seed(99)  # whatever happened in between
    resumed, other = run(net(dropout=0.3, seed=5), path)
    assert resumed.loss == whole.loss
    assert resumed.lr == whole.lr
    assert resumed.epochs == whole.epochs
    for mine, expected in zip(
        other.state_dict().values(), model.state_dict().values(), strict=True
    ):
        assert torch.equal(mine, expected)

    again, _ = run(net(dropout=0.3, seed=6), path)
    assert again == resumed
    assert [p.name for p in path.parent.iterdir()] == ["run.pt"]


def test_a_checkpoint_of_another_run_is_refused_and_kept(dataset, tmp_path):
    path = tmp_path / "run.pt"
    fit(net(), batches(dataset), checkpoint=path)
    content = path.read_bytes()
    with pytest.raises(CheckpointMismatch, match=r"epochs=1, but now it is 2; delete"):
        fit(net(), batches(dataset), epochs=2, checkpoint=path)
    other = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    with pytest.raises(CheckpointMismatch, match=r"another model.*delete it"):
        fit(other, batches(dataset), checkpoint=path)
    with pytest.raises(CheckpointMismatch, match=r"ema=None, but now it is 0\.9"):
        fit(net(), batches(dataset), ema=0.9, checkpoint=path)
    assert path.read_bytes() == content
    for damaged in (content[:1000], b"", b"not a checkpoint at all"):
        path.write_bytes(damaged)
        with pytest.raises(CheckpointMismatch, match="delete it"):
            fit(net(), batches(dataset), checkpoint=path)


# --- measuring ------------------------------------------------------------------------------


def test_evaluate_counts_every_image_the_same():
    torch.manual_seed(0)
    model = net()
    x, labels = torch.randn(11, 1, 8, 8), torch.randint(10, (11,))
    model.eval()
    with torch.no_grad():
        logits = model(x)
    model.train()
    score = evaluate(model, [(x[:8], labels[:8]), (x[8:10], labels[8:10]), (x[10:], labels[10:])])
    assert score.loss == pytest.approx(F.cross_entropy(logits, labels).item(), rel=1e-5)
    assert score.accuracy == pytest.approx((logits.argmax(1) == labels).float().mean().item())
    assert score.images == 11


def test_evaluate_gives_every_layer_its_mode_back():
    model = net(dropout=0.5)
    model[1].eval()  # a frozen normalization
    before = [module.training for module in model.modules()]
    statistics = model[1].running_mean.clone()
    first = evaluate(model, [(torch.randn(4, 1, 8, 8), torch.arange(4))])
    assert [module.training for module in model.modules()] == before
    assert torch.equal(model[1].running_mean, statistics)
    assert first.images == 4
    with pytest.raises(ValueError, match="4D"), training.evaluating(model):
        model(torch.randn(1, 2, 3))
    assert [module.training for module in model.modules()] == before


def test_predict_returns_the_logits_of_all_images(dataset):
    model = net()
    logits, labels = training.predict(model, batches(dataset, "test"))
    assert logits.shape == (360, 10)
    assert not logits.requires_grad
    assert torch.equal(labels, dataset.test.labels)
    with pytest.raises(ValueError, match="no images"):
        training.predict(model, [])


# --- optimizer, average, schedules ----------------------------------------------------------


def test_only_weights_decay():
    model = net()
    groups = sgd(model, weight_decay=0.1).param_groups
    assert {id(p) for p in groups[0]["params"]} == {id(model[0].weight), id(model[5].weight)}
    assert groups[1]["weight_decay"] == 0
    model[0].weight.requires_grad_(False)
    assert len(sgd(model).param_groups[0]["params"]) == 1


def test_the_average_is_the_average():
    model = nn.Linear(1, 1, bias=False)
    average = MovingAverage(model, 0.5)
    expected = model.weight.item()
    for steps in range(1, 40):
        model.weight.data.fill_(steps)
        average.update(model)
        keep = min(0.5, steps / (steps + 10))
        expected = keep * expected + (1 - keep) * steps
    assert average.model.weight.item() == pytest.approx(expected)
    average.copy_to(model)
    assert model.weight.item() == pytest.approx(expected)
    with pytest.raises(ValueError, match="decay is 1"):
        MovingAverage(model, 1)


def test_ema_measures_and_returns_the_average(dataset):
    model = net()
    history = fit(model, batches(dataset), batches(dataset, "validation"), epochs=3, ema=0.9)
    assert evaluate(model, batches(dataset, "validation")) == pytest.approx(
        history.epochs[-1], rel=0.02
    )
    assert history.accuracy[-1] > 0.85
    assert all(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize(
    "schedule", [training.constant, training.step(), training.cosine, training.one_cycle()]
)
def test_schedules_stay_between_0_and_1(schedule):
    factors = [schedule(i / 100) for i in range(101)]
    assert 0 <= min(factors) <= max(factors) == 1


# --- history and bar ------------------------------------------------------------------------


def test_the_history_draws_itself(dataset):
    import matplotlib

    matplotlib.use("Agg")
    history = fit(net(), batches(dataset), batches(dataset, "validation"), epochs=2)
    ax = history.plot()
    assert ax.get_xlabel() == "step"
    assert "loss" in ax.get_ylabel()
    first, beside = ax.figure.axes
    assert first is ax
    points = beside.get_lines()[0].get_xydata()
    assert points[:, 0].tolist() == [len(history.loss) / 2, len(history.loss)]
    assert points[:, 1].tolist() == history.accuracy
    assert fit(net(), batches(dataset)).plot().figure.axes[1:] == []
    assert repr(training.History()) == "no training yet"


def test_training_needs_no_matplotlib_until_it_draws():
    code = "import sys, coursekit.training; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_is_written_where_nobody_watches(dataset, capfd, monkeypatch):
    fit(net(), batches(dataset))
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.delenv("COURSEKIT_QUICK", raising=False)
    assert somebody_watches()
    monkeypatch.setenv("COURSEKIT_QUICK", "1")
    assert not somebody_watches()


def test_the_bar_shows_where_somebody_watches_and_goes(monkeypatch, capsys):
    monkeypatch.delenv("COURSEKIT_QUICK", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress_bar("training", 4) as bar:
        bar.move_to(3, "epoch 1 of 2")
        bar.move_to(4, "too soon after the last to be drawn")
    lines = [line.strip() for line in capsys.readouterr().err.split("\r")]
    lines = [line for line in lines if line]
    assert lines == ["training [######################        ] 75% epoch 1 of 2"]
    with pytest.raises(KeyError), progress_bar("download") as bar:
        bar.update(5000)
        raise KeyError
    shown = capsys.readouterr().err
    assert "download 5,000" in shown
    assert shown.endswith(" " * 79 + "\r")
    with progress_bar("training", 4, shown=False) as bar:
        bar.update(1)
    assert capsys.readouterr().err == ""


def test_the_bar_leaves_no_widget_in_a_notebook(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSEKIT_QUICK", raising=False)
    code = """
from coursekit.data.progressbar import progress_bar
with progress_bar("training", 4) as bar:
    bar.move_to(2, "half")
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    kernel = AsyncKernelManager(kernel_name="python3", **sockets_in(tmp_path))
    nbclient.NotebookClient(notebook, km=kernel, timeout=60).execute()
    (output,) = notebook.cells[0].outputs
    assert output.data == {"text/plain": ""}
