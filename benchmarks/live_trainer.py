"""What watching costs: the live trainer beside the same training loop alone, in one run.

    python benchmarks/live_trainer.py [--rounds 60] [--seconds 0.5] [--net example_convnet …]

Three train in the kernel of a JupyterLab whose page shows the live trainer, in a background thread:
`live`, the trainer, which measures accuracies and sends its numbers, curves and pictures all the
while to the page that draws them; `unwatched`, the very same loop, which keeps its numbers to
itself; and `plain`, five lines that anyone would write, on batches drawn in the same way. They take
turns, half a second each, and which of them begins changes every round, so that the noise of the
machine meets all. A turn is counted from the end of one batch to the end of another.

`wall` is the unwatched loop's examples a second divided by the live trainer's, minus one: the share
of speed that watching costs, at the median of the rounds. `cpu` compares the kernel's processor
seconds an example, all threads counted; other programs disturb it less. Beside each stands the
interval that holds the median in 95 of 100 draws of the rounds. The limit is 10 %: it is kept, or
missed, only where the whole interval says so. What the loop itself costs beside the plain one, its
accuracies after each epoch above all, is printed too. Results go to results/live_trainer.json.
"""

import argparse
import json
import os
import random
import sys
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "live_trainer.json"
LIMIT = 0.10
NETS = ["example_convnet", "convnetjs_cifar", "alexnet_mini"]

# Run in the kernel. The plain loop gets its own copy of the net.
SET_UP = """
import copy, threading, time
import torch, torch.nn.functional as F
from coursekit import data, models, training
from coursekit.widgets import LiveTrainer
from coursekit.widgets.live_trainer_worker import sparing_a_core

dataset = data.load("photo_patches").with_validation()
net = models.{net}(len(dataset.class_names))
trainer = LiveTrainer(copy.deepcopy(net), dataset, lr=0.002, batch_size=32)

class Plain:
    '''Trains in a thread of its own between start and pause.'''
    def __init__(self):
        self.net = net.to(memory_format=torch.channels_last)
        self.batches = data.Batches(dataset, batch_size=32)
        self.optimizer = training.sgd(self.net, lr=0.002)
        self.examples, self.thread = 0, None

    def start(self):
        self.wanted = True
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def pause(self):
        self.wanted = False
        self.thread.join()

    def work(self):
        with sparing_a_core():
            self.net.train()
            while self.wanted:
                self.epoch()

    def epoch(self):
        for x, labels in self.batches:
            loss = F.cross_entropy(self.net(x), labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.examples += len(labels)
            if not self.wanted or not torch.isfinite(loss):
                return

class Unwatched(Plain):
    def __init__(self):
        owner = LiveTrainer(copy.deepcopy(net), dataset, lr=0.002, batch_size=32)
        self.loop, self.setting, self.thread = owner._loop, owner.setting, None

    @property
    def examples(self):
        return self.loop.examples

    def work(self):
        with sparing_a_core():
            while self.wanted and not self.loop.history.stopped:
                self.loop.step(self.setting)

def after_a_batch(loop):
    before = loop.examples
    while loop.examples == before:
        time.sleep(0.0005)
    return loop.examples, time.perf_counter(), time.process_time()

def turn(loop):
    loop.start()
    time.sleep({settle})
    first = after_a_batch(loop)
    time.sleep({seconds})
    count, wall, cpu = (b - a for a, b in zip(first, after_a_batch(loop)))
    loop.pause()
    if loop is trainer:
        trainer._worker.wait()
    return count / wall, cpu / count

def race():
    for number in range({rounds} + 1):
        loops = [plain, unwatched, trainer]
        turns = loops[number % 3:] + loops[:number % 3]
        found = dict((loop, turn(loop)) for loop in turns)
        if number:  # the first warms up
            rounds.append([found[loop] for loop in loops])

plain, unwatched, rounds = Plain(), Unwatched(), []
"""
BEGIN = "racer = threading.Thread(target=race, daemon=True)\nracer.start()"


def test_race(lab):
    """Not a test: the fixtures of the browser tests give a JupyterLab."""
    settings = json.loads(os.environ["RACE"])
    load = round(os.getloadavg()[0], 1)
    rows = [raced(lab, net, settings) for net in settings["nets"]]
    show(rows)
    if not settings["dry"]:
        machine = {"cores": os.cpu_count(), "load_before": load}
        report = {"machine": machine, "limit": LIMIT, "together": together(rows), "results": rows}
        RESULTS.write_text(json.dumps(report, indent=1) + "\n")


def raced(lab, net: str, settings: dict[str, Any]) -> dict[str, Any]:
    """All three in turns, in a notebook of their own; one row of results."""
    values = {name: settings[name] for name in ("rounds", "seconds")}
    code = SET_UP.format(net=net, settle=0.15, **values)
    lab.open_cells(code, "trainer", name=f"{net}.ipynb")
    lab.run_all()
    lab.page.wait_for_selector(".ck-trainer .ck-labeled:not([disabled])")
    assert lab.errors() == []
    lab.kernel_run(BEGIN)
    while lab.kernel_eval("racer.is_alive()"):
        lab.page.wait_for_timeout(2000)
    rounds, problem = lab.kernel_eval("[rounds, trainer.problem]")
    assert len(rounds) == values["rounds"], problem
    lab.page.evaluate("() => window.rig.panel.sessionContext.shutdown()")
    return {"net": net, **summary(rounds)}


def summary(rounds: list[list[list[float]]]) -> dict[str, Any]:
    """Medians and intervals of rounds of [rate, cpu] of the plain, the unwatched, the live loop."""
    wall = [unwatched[0] / live[0] - 1 for _, unwatched, live in rounds]
    cpu = [live[1] / unwatched[1] - 1 for _, unwatched, live in rounds]
    names = ("plain", "unwatched", "live")
    found = {
        f"{name}_examples_s": round(median(each[n][0] for each in rounds))
        for n, name in enumerate(names)
    }
    for name, ratios in {"ratio": wall, "cpu_ratio": cpu}.items():
        found[name] = round(median(ratios), 3)
        found[f"{name}_between"] = [round(each, 3) for each in interval(ratios)]
        found[f"{name}_verdict"] = verdict(*found[f"{name}_between"])
    return found | {"ratios": sorted(round(each, 3) for each in wall)}


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What watching costs, over the rounds of all networks."""
    ratios = [ratio for row in rows for ratio in row["ratios"]]
    between = [round(each, 3) for each in interval(ratios)]
    return {"ratio": round(median(ratios), 3), "between": between, "verdict": verdict(*between)}


def interval(ratios: list[float], draws: int = 2000) -> tuple[float, float]:
    """Where the median lies in 95 of 100 draws of as many rounds, with replacement."""
    dice = random.Random(0)
    medians = sorted(median(dice.choices(ratios, k=len(ratios))) for _ in range(draws))
    return medians[draws // 40], medians[-draws // 40]


def verdict(low: float, high: float) -> str:
    """Whether the limit is kept.

    >>> verdict(0.02, 0.06), verdict(0.05, 0.2)
    ('kept', 'undecided: take more rounds or a quieter machine')
    """
    if high <= LIMIT:
        return "kept"
    return "missed" if low > LIMIT else "undecided: take more rounds or a quieter machine"


def show(rows: list[dict[str, Any]]) -> None:
    """Print the table."""
    names = ("plain", "unwatched", "live")
    table = Table(
        "net, examples/s", *names, "wall", "cpu", f"{LIMIT:.0%} by wall", f"{LIMIT:.0%} by cpu"
    )
    for row in rows:
        ratios = [
            f"{row[name]:.1%} ({row[f'{name}_between'][0]:.1%} to {row[f'{name}_between'][1]:.1%})"
            for name in ("ratio", "cpu_ratio")
        ]
        rates = [str(row[f"{name}_examples_s"]) for name in names]
        table.add_row(row["net"], *rates, *ratios, row["ratio_verdict"], row["cpu_ratio_verdict"])
    Console(width=150).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--net", nargs="*", dest="nets", default=NETS, help="of coursekit.models")
    parser.add_argument("--dry", action="store_true", help="write no results")
    os.environ["RACE"] = json.dumps(vars(parser.parse_args()))
    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    sys.exit(pytest.main(["-q", "-s", "-p", "conftest", "-p", "no:cacheprovider", __file__]))
