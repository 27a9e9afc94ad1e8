"""Several processes under torchrun train as one."""

import json
import runpy
import subprocess
import sys

import pytest
import torch

TOGETHER = """
import json, sys, torch
from torch import nn
from coursekit import data, training

torch.set_num_threads(1)
dataset = data.load("digits").with_validation(0.2)
with training.processes() as here:
    torch.manual_seed(here.rank)  # different weights, which the first process's must replace
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10)
    )
    share = {"rank": here.rank, "processes": here.count, "device": here.device}
    history = training.fit(
        model.to(here.device),
        data.Batches(dataset, batch_size=100, **share),
        data.Batches(dataset, "validation", batch_size=64, **share),
        epochs=2, ema=0.9, precision=torch.float32, checkpoint=sys.argv[1] + "/run.pt",
    )
    with open(f"{sys.argv[1]}/{here.count}-{here.rank}.json", "w") as file:
        json.dump([history.loss, history.epochs[-1]], file)
"""


@pytest.mark.slow
def test_two_processes_have_the_curve_of_one(tmp_path, monkeypatch):
    script = tmp_path / "train.py"
    script.write_text(TOGETHER)
    monkeypatch.setattr(sys, "argv", ["train.py", str(tmp_path)])
    threads = torch.get_num_threads()
    runpy.run_path(str(script))
    torch.set_num_threads(threads)
    (tmp_path / "run.pt").unlink()

    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [sys.executable, *torchrun, str(script), str(tmp_path)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    assert (tmp_path / "run.pt").exists()
    loss, score = json.loads((tmp_path / "1-0.json").read_text())
    for rank in (0, 1):
        loss_of_two, score_of_two = json.loads((tmp_path / f"2-{rank}.json").read_text())
        assert loss_of_two == pytest.approx(loss, abs=1e-4)
        assert score_of_two == pytest.approx(score, abs=1e-3)
    assert len(loss) == 22
