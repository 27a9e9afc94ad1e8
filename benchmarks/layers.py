"""The course's NumPy layers beside torch.nn.functional, in one run.

    python benchmarks/layers.py [--rounds 15] [--patience 2]

Each round times our layer and PyTorch's one after the other on the same float32 arrays, so that
whatever else the machine does slows both; the median of the rounds' ratios is compared with the
limit the course promises. Once with one thread, once with two. Beside it stands the ratio of the
processor seconds used, which other programs disturb less; with one thread on an idle machine the
two agree. With two threads on two cores any other program spoils the race, so a round first waits,
``patience`` seconds at most, until the machine is quiet; how many rounds found it so is recorded.
Results go to results/layers.json.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

# Some images set these for machines other than this one; NumPy's BLAS should choose for itself,
# and does so when it is loaded.
for _name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(_name, None)

import numpy as np  # noqa: E402
import psutil  # noqa: E402
import torch  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import track  # noqa: E402
from rich.table import Table  # noqa: E402
from threadpoolctl import threadpool_info, threadpool_limits  # noqa: E402
from torch.nn import functional  # noqa: E402

from coursekit import layers  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "layers.json"
SHORTEST = 0.01  # seconds that one measurement takes at least, by calling several times
QUIET = 15  # percent of all processors that others may be using
PAUSE = 0.03  # seconds in which one library's idle threads stop spinning before the other's turn


class Race(NamedTuple):
    """One layer, ours and PyTorch's; ours may take ``limit`` times as long."""

    name: str
    ours: Callable[[], object]
    torchs: Callable[[], object]
    limit: float


class Effort(NamedTuple):
    """How often to measure, and how long to wait for a quiet machine."""

    rounds: int
    patience: float


class Seconds(NamedTuple):
    """What one call took: on the clock, and of all processors."""

    wall: float
    cpu: float


def main() -> None:
    """Measure everything, print the table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="measurements of each pair")
    parser.add_argument("--patience", type=float, default=2, help="seconds to wait for quiet")
    effort = Effort(**vars(parser.parse_args()))
    rows = [row for threads in (1, 2) for row in measure(threads, effort)]
    report = {"machine": machine(), **effort._asdict(), "results": rows}
    RESULTS.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    Console().print(table(rows))


def measure(threads: int, effort: Effort) -> list[dict]:
    """One row for each layer, measured with that many threads."""
    torch.set_num_threads(threads)
    with threadpool_limits(threads):
        return [
            {"threads": threads, **run(race, effort)}
            for race in track(list(races()), f"{threads} thread(s)", transient=True)
        ]


def run(race: Race, effort: Effort) -> dict:
    """Median times in milliseconds and the median of the rounds' ratios."""
    calls = max(1, round(SHORTEST / timed(race.torchs, 3).wall))
    quiet, pairs = 0, []
    for _ in range(effort.rounds):
        quiet += wait_for_quiet(effort.patience)
        pairs.append((timed(race.ours, calls), timed(race.torchs, calls)))
    return {
        "layer": race.name,
        "ours_ms": round(1000 * median(ours.wall for ours, _ in pairs), 3),
        "torch_ms": round(1000 * median(torchs.wall for _, torchs in pairs), 3),
        "ratio": round(median(ours.wall / torchs.wall for ours, torchs in pairs), 2),
        "cpu_ratio": round(median(ours.cpu / torchs.cpu for ours, torchs in pairs), 2),
        "limit": race.limit,
        "quiet_rounds": quiet,
    }


def wait_for_quiet(patience: float) -> bool:
    """Whether other programs left the processors alone within ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while psutil.cpu_percent(interval=0.2) > QUIET:
        if time.monotonic() > deadline:
            return False
    return True


def timed(function: Callable[[], object], calls: int) -> Seconds:
    """Mean seconds of one call, after one that warms up."""
    time.sleep(PAUSE)
    function()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        function()
    return Seconds((time.perf_counter() - wall) / calls, (time.process_time() - cpu) / calls)


def races() -> list[Race]:
    """Every pair to be measured.

    AlexNet's second layer, a middle layer, CS231n's test of fast layers; two poolings.
    """
    return [
        *conv_races((32, 64, 27, 27), (192, 64, 5, 5), 1, 2, forward=1.4, backward=1.6),
        *conv_races((16, 128, 28, 28), (128, 128, 3, 3), 1, 1, forward=1.4, backward=1.6),
        *conv_races((100, 3, 31, 31), (25, 3, 3, 3), 2, 1, forward=2.0, backward=2.0),
        *pool_races((32, 64, 27, 27), 3, 2, limit=3.0),
        *pool_races((16, 128, 28, 28), 2, 2, limit=3.0),
    ]


def conv_races(
    x_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    stride: int,
    padding: int,
    forward: float,
    backward: float,
) -> list[Race]:
    """conv2d forward, and backward for x, w and b."""
    name = f"x {times(x_shape)} w {times(w_shape)} s{stride} p{padding}"
    x, w, b = (normal(shape) for shape in (x_shape, w_shape, w_shape[:1]))
    tensors = [torch.from_numpy(array).requires_grad_() for array in (x, w, b)]
    out = functional.conv2d(*tensors, stride=stride, padding=padding)
    dout = normal(out.shape)
    dtensor = torch.from_numpy(dout)

    @torch.no_grad()
    def torch_forward() -> object:
        return functional.conv2d(*tensors, stride=stride, padding=padding)

    return [
        Race(
            f"conv2d forward {name}",
            lambda: layers.conv2d_forward(x, w, b, stride, padding),
            torch_forward,
            forward,
        ),
        Race(
            f"conv2d backward {name}",
            lambda: layers.conv2d_backward(dout, x, w, stride, padding),
            lambda: torch.autograd.grad(out, tensors, dtensor, retain_graph=True),
            backward,
        ),
    ]


def pool_races(x_shape: tuple[int, ...], kernel_size: int, stride: int, limit: float) -> list[Race]:
    """max_pool2d after a ReLU, where equal numbers are common.

    PyTorch's backward uses the index that forward stored, so ours is given it too; the third race
    is backward from x alone, for which PyTorch has to run forward as well.
    """
    name = f"x {times(x_shape)} k{kernel_size} s{stride}"
    x = np.maximum(normal(x_shape), 0)
    tensor = torch.from_numpy(x).requires_grad_()
    out = functional.max_pool2d(tensor, kernel_size, stride)
    dout = normal(out.shape)
    dtensor = torch.from_numpy(dout)
    _, index = layers.max_pool2d_forward(x, kernel_size, stride)

    @torch.no_grad()
    def torch_forward() -> object:
        return functional.max_pool2d(tensor, kernel_size, stride, return_indices=True)

    def torch_both() -> object:
        return torch.autograd.grad(
            functional.max_pool2d(tensor, kernel_size, stride), tensor, dtensor
        )

    return [
        Race(
            f"max_pool2d forward {name}",
            lambda: layers.max_pool2d_forward(x, kernel_size, stride),
            torch_forward,
            limit,
        ),
        Race(
            f"max_pool2d backward, index kept {name}",
            lambda: layers.max_pool2d_backward(dout, x, kernel_size, stride, index=index),
            lambda: torch.autograd.grad(out, tensor, dtensor, retain_graph=True),
            limit,
        ),
        Race(
            f"max_pool2d backward from x {name}",
            lambda: layers.max_pool2d_backward(dout, x, kernel_size, stride),
            torch_both,
            limit,
        ),
    ]


def normal(shape: tuple[int, ...]) -> np.ndarray:
    """Normal float32 numbers, the same in every run."""
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def times(shape: tuple[int, ...]) -> str:
    """A shape as one writes it: 32×64×27×27."""
    return "×".join(map(str, shape))


def machine() -> dict:
    """What the numbers depend on."""
    blas = next(info for info in threadpool_info() if info["user_api"] == "blas")
    return {
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numpy_blas": f"{blas['internal_api']} {blas['version']}",
        "numpy_blas_kernel": blas.get("architecture"),
        "torch": torch.__version__,
        "torch_cpu_capability": torch.backends.cpu.get_cpu_capability(),
    }


def table(rows: list[dict]) -> Table:
    """The rows as a table; a ratio over its limit is red."""
    result = Table(title="NumPy layers beside torch.nn.functional, float32")
    for heading in ("threads", "layer", "ours ms", "torch ms", "ratio", "cpu ratio", "limit"):
        result.add_column(heading, justify="left" if heading == "layer" else "right")
    for row in rows:
        color = "green" if row["ratio"] <= row["limit"] else "bold red"
        ratio = f"[{color}]{row['ratio']:.2f}[/]"
        cells = (row["threads"], row["layer"], row["ours_ms"], row["torch_ms"], ratio)
        result.add_row(*map(str, cells), f"{row['cpu_ratio']:.2f}", f"{row['limit']:.1f}")
    return result


if __name__ == "__main__":
    main()
