"""Time to an accuracy on CIFAR-10: our loop beside PyTorch's first tutorial, in one run.

    COURSEKIT_DATA=… python benchmarks/training.py [--no-tutorial] [--airbench airbench94.py]

Ours: SpeedNet given to `coursekit.training.fit`. Each accuracy has its own recipe, since a
schedule has to know where it ends, and is reached when the mean over the seeds is; the seconds are
the median's, from the images as bytes in memory to the trained weights. Measuring accuracy is not
counted.
The peer: "Training a classifier" of pytorch.org/tutorials (its net, SGD with lr 0.001 and momentum
0.9, batches of 4 from two worker processes), measured every half epoch until it reaches 60 %.
On a GPU, `--airbench` times a copy of Keller Jordan's airbench94.py beside our recipe for 94 %.
Processor seconds stand beside those of the clock, since other programs disturb them less; on a busy
machine both only mean something with `--threads 1`, as threads that wait for each other burn time.
Results go to results/training.json.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from statistics import mean, median

import numpy as np
import psutil
import torch
import torch.nn.functional as F
from PIL import Image
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from coursekit import data, training
from coursekit.models.speed import speednet

RESULTS = Path(__file__).parent / "results" / "training.json"


@dataclass(frozen=True)
class Recipe:
    """What it takes to reach an accuracy."""

    target: float
    images: int
    epochs: int
    widths: tuple[int, ...]
    batch_size: int
    lr: float
    shift: int = 0
    flip: bool = True
    cutout: int = 0
    kernel_size: int = 4
    stride: int = 2


RECIPES = (
    Recipe(0.60, images=24_000, epochs=1, widths=(64, 96), batch_size=64, lr=0.5, flip=False),
    Recipe(0.70, images=44_000, epochs=1, widths=(64, 96), batch_size=64, lr=0.5),
    Recipe(0.80, images=50_000, epochs=4, widths=(64, 128), batch_size=256, lr=1.0, shift=1),
)
ON_GPU = Recipe(
    0.94,
    images=50_000,
    epochs=12,
    widths=(64, 256, 256),
    batch_size=1024,
    lr=2.0,
    shift=2,
    cutout=4,
    kernel_size=2,
    stride=1,
)


def main() -> None:
    """Race, print the table, write the results."""
    options = parsed()
    if options.threads:
        torch.set_num_threads(options.threads)
    dataset = data.load("cifar10")
    device = training.best_device()
    recipes = RECIPES if device.type == "cpu" else (*RECIPES, ON_GPU)
    rows = ours(recipes, dataset, device, options.seeds)
    if options.airbench:
        rows.append(airbench(options.airbench, dataset))
    if not options.no_tutorial:
        rows.append(tutorial(dataset, device, options.epochs))
    report = {"machine": machine(device), "data": options.data or dataset.source, "results": rows}
    if not options.dry:
        RESULTS.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    Console().print(table(rows))


def parsed() -> argparse.Namespace:
    """The options on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="runs of each of our recipes")
    parser.add_argument("--epochs", type=int, default=12, help="the most the tutorial may take")
    parser.add_argument("--threads", type=int, help="of each library; the peer's workers extra")
    parser.add_argument("--no-tutorial", action="store_true", help="only ours")
    parser.add_argument("--airbench", type=Path, help="a copy of airbench94.py, on a GPU")
    parser.add_argument("--data", help="what to call the data, where they are not the official")
    parser.add_argument("--dry", action="store_true", help="write no results")
    return parser.parse_args()


# --- ours -----------------------------------------------------------------------------------


def ours(
    recipes: tuple[Recipe, ...], dataset: data.Dataset, device: torch.device, seeds: int
) -> list[dict]:
    """One row for each recipe: mean accuracy and median seconds over the seeds.

    The recipes take turns, so that whatever else the machine does slows all of them.
    """
    test = data.Batches(dataset, "test", batch_size=500, device=device)
    precision = training.best_precision(device)
    runs: dict[Recipe, list[tuple[float, float, float]]] = {recipe: [] for recipe in recipes}
    for recipe in recipes:
        train(recipe, dataset.smaller(2000, 10), device, 0)  # wakes the libraries up
    for seed, recipe in product(range(seeds), recipes):
        clock = Clock()
        model = train(recipe, dataset, device, seed)
        seconds = clock.seconds()
        runs[recipe].append((training.evaluate(model, test, precision).accuracy, *seconds))
        Console().print(recipe.target, runs[recipe][-1])
    return [our_row(recipe, runs[recipe]) for recipe in recipes]


def our_row(recipe: Recipe, runs: list[tuple[float, float, float]]) -> dict:
    """The row of a recipe from its runs: accuracy, wall seconds, processor seconds."""
    accuracies, walls, cpus = zip(*runs, strict=True)
    return {
        "who": "ours",
        "target": recipe.target,
        "accuracy": round(mean(accuracies), 4),
        "lowest": round(min(accuracies), 4),
        "reached": mean(accuracies) >= recipe.target,
        "wall_s": round(median(walls), 1),
        "cpu_s": round(median(cpus), 1),
        "every_wall_s": [round(wall, 1) for wall in walls],
        "recipe": asdict(recipe),
    }


def train(recipe: Recipe, dataset: data.Dataset, device: torch.device, seed: int) -> nn.Module:
    """Run a recipe from the images in memory to the weights."""
    torch.manual_seed(seed)
    if recipe.images < len(dataset.train.labels):
        dataset = dataset.smaller(recipe.images, 10, seed)
    augment = data.Augmentation(shift=recipe.shift, flip=recipe.flip, cutout=recipe.cutout)
    batches = data.Batches(
        dataset, batch_size=recipe.batch_size, augment=augment, device=device, seed=seed
    )
    model = speednet(batches.images, recipe.widths, recipe.kernel_size, recipe.stride)
    model.to(device)
    training.fit(
        model,
        batches,
        epochs=recipe.epochs,
        optimizer=training.sgd(model, lr=recipe.lr, weight_decay=1e-3),
        schedule=training.one_cycle(warmup=0.2),
        label_smoothing=0.1,
    )
    return model


# --- the tutorial ---------------------------------------------------------------------------


class TutorialNet(nn.Module):
    """The network of the tutorial, as it stands there."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, 3, 32, 32) to logits (N, 10)."""
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class TutorialImages(torch.utils.data.Dataset):
    """What torchvision's CIFAR10, ToTensor and Normalize do to one image."""

    def __init__(self, examples: data.Examples) -> None:
        self.pixels = examples.images.permute(0, 2, 3, 1).contiguous().numpy()  # (N, H, W, C)
        self.labels = examples.labels.tolist()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        image = np.array(Image.fromarray(self.pixels[i]), copy=True)
        x = torch.from_numpy(image).permute(2, 0, 1).contiguous().to(torch.float32).div(255)
        mean = std = torch.tensor((0.5, 0.5, 0.5)).view(-1, 1, 1)
        return x.sub_(mean).div_(std), self.labels[i]


def tutorial(dataset: data.Dataset, device: torch.device, epochs: int) -> dict:
    """One row: the tutorial's recipe, until it has 60 %."""
    torch.manual_seed(0)
    model = TutorialNet().to(device)
    test = torch.utils.data.DataLoader(TutorialImages(dataset.test), batch_size=500)
    clock, curve = Clock(), []
    for epoch in tutorial_halves(model, TutorialImages(dataset.train), device, epochs):
        wall, cpu = clock.seconds()
        accuracy = training.evaluate(model, test).accuracy
        curve.append({"epoch": epoch, "accuracy": accuracy, "wall_s": wall, "cpu_s": cpu})
        Console().print(curve[-1])
        if accuracy >= 0.6:
            break
        clock.pause_since(wall, cpu)
    return {
        "who": "PyTorch tutorial",
        "target": 0.6,
        "accuracy": curve[-1]["accuracy"],
        "reached": curve[-1]["accuracy"] >= 0.6,
        "wall_s": round(curve[-1]["wall_s"], 1),
        "cpu_s": round(curve[-1]["cpu_s"], 1),
        "curve": curve,
    }


def tutorial_halves(
    model: nn.Module, images: TutorialImages, device: torch.device, epochs: int
) -> Iterator[float]:
    """Train as the tutorial does, handing over after every half epoch."""
    loader = torch.utils.data.DataLoader(images, batch_size=4, shuffle=True, num_workers=2)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    for epoch in range(epochs):
        running_loss = 0.0
        for i, (inputs, labels) in enumerate(loader, 1):
            inputs, labels = inputs.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
            if i == len(loader) // 2 or i == len(loader):
                yield epoch + i / len(loader)


# --- airbench -------------------------------------------------------------------------------


def airbench(path: Path, dataset: data.Dataset) -> dict:
    """One row: a copy of airbench94.py, warmed up as it does itself."""
    spec = importlib.util.spec_from_file_location("airbench94", path.resolve())
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with tempfile.TemporaryDirectory() as place:
        write_for_airbench(dataset, Path(place) / "cifar10")
        os.chdir(place)
        module.main("warmup")
        clock = Clock()
        accuracy = float(module.main(0))
        wall, cpu = clock.seconds()
    return {
        "who": "airbench94",
        "target": 0.94,
        "accuracy": round(accuracy, 4),
        "reached": accuracy >= 0.94,
        "wall_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
    }


def write_for_airbench(dataset: data.Dataset, folder: Path) -> None:
    """Save the images as airbench keeps them, so that it downloads nothing."""
    folder.mkdir()
    for part, examples in (("train", dataset.train), ("test", dataset.test)):
        images = examples.images.permute(0, 2, 3, 1).contiguous()
        content = {"images": images, "labels": examples.labels, "classes": dataset.class_names}
        torch.save(content, folder / f"{part}.pt")


# --- clock, machine, table ------------------------------------------------------------------


class Clock:
    """Seconds since it was made: of the wall, and of all processors, workers included."""

    def __init__(self) -> None:
        self.start = self._now()

    def seconds(self) -> tuple[float, float]:
        """Wall and processor seconds so far; waits for the GPU."""
        wall, cpu = self._now()
        return wall - self.start[0], cpu - self.start[1]

    def pause_since(self, wall: float, cpu: float) -> None:
        """Go on from an earlier reading; the time since is forgotten."""
        now = self._now()
        self.start = now[0] - wall, now[1] - cpu

    def _now(self) -> tuple[float, float]:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        me = psutil.Process()
        cpu = sum(me.cpu_times()[:4])  # user, system, and those of workers that have ended
        for worker in me.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # it ends, and is counted above
                cpu += sum(worker.cpu_times()[:2])
        return time.perf_counter(), cpu


def machine(device: torch.device) -> dict:
    """What the times depend on."""
    gpu = torch.cuda.get_device_name() if device.type == "cuda" else None
    return {
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": round(psutil.getloadavg()[2], 1),  # mean of the last quarter of an hour
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torch_cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "matrix_instructions": torch.cpu._is_amx_tile_supported(),
        "gpu": gpu,
    }


def table(rows: list[dict]) -> Table:
    """The results, with times as multiples of ours to 60 %."""
    first = rows[0]
    shown = Table("who", "target", "accuracy", "wall s", "× ours to 60 %", "cpu s", "×")
    for row in rows:
        shown.add_row(
            row["who"],
            f"{row['target']:.0%}",
            f"{row['accuracy']:.1%}" + ("" if row["reached"] else " (not reached)"),
            str(row["wall_s"]),
            f"{row['wall_s'] / first['wall_s']:.1f}",
            str(row["cpu_s"]),
            f"{row['cpu_s'] / first['cpu_s']:.1f}",
        )
    return shown


if __name__ == "__main__":
    main()
