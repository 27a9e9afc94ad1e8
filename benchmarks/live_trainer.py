"""What watching costs: the live trainer beside the same training loop alone, in one run.

    python benchmarks/live_trainer.py [--rounds 24] [--seconds 1.5] [--net example_convnet]

Both train in a notebook's kernel, in a background thread: the live trainer, which measures
accuracies and sends its numbers, curves and pictures all the while to a listener that reads them
and answers as a page does; and the plain loop of five lines that anyone would write, on batches
drawn in the same way. They take turns, a few seconds each, so that the noise of the machine meets
both. `ratio` is the plain loop's examples a second divided by the live trainer's, minus one: the
share of speed that watching costs, at the median of the rounds. The limit is 10 %. `cpu_ratio`
compares the kernel's processor seconds an example, all threads counted; other programs disturb it
less.
Results go to results/live_trainer.json.
"""

import argparse
import json
import os
import time
from pathlib import Path
from queue import Empty
from statistics import median
from typing import Any

import psutil
from jupyter_client import KernelManager
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results" / "live_trainer.json"
LIMIT = 0.10

# Run in the kernel. The plain loop gets its own copy of the net.
SET_UP = """
import copy, json, threading, time
import torch, torch.nn.functional as F
from coursekit import data, models, training
from coursekit.widgets import LiveTrainer
from coursekit.widgets.live_trainer_worker import sparing_a_core

dataset = data.load("photo_patches").with_validation()
net = models.{net}(len(dataset.class_names))
trainer = LiveTrainer(copy.deepcopy(net), dataset, lr=0.002, batch_size={batch_size})

class Plain:
    def __init__(self):
        self.net = net.to(memory_format=torch.channels_last)
        self.batches = data.Batches(dataset, batch_size={batch_size})
        self.optimizer = training.sgd(self.net, lr=0.002)
        self.stop, self.examples = False, 0

    def work(self):
        with sparing_a_core():
            self.net.train()
            while not self.stop:
                self.epoch()

    def epoch(self):
        for x, labels in self.batches:
            loss = F.cross_entropy(self.net(x), labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.examples += len(labels)
            if self.stop or not torch.isfinite(loss):
                return

plain = Plain()

def rate(examples, seconds):
    begun, started, used = examples(), time.perf_counter(), time.process_time()
    time.sleep(seconds)
    used, count = time.process_time() - used, max(1, examples() - begun)
    return [count / (time.perf_counter() - started), used / count]

def plain_rate(seconds):
    plain.stop = False
    thread = threading.Thread(target=plain.work)
    thread.start()
    time.sleep(0.3)
    found = rate(lambda: plain.examples, seconds)
    plain.stop = True
    thread.join()
    return found

def live_begins():
    trainer.start()
    time.sleep(0.3)

def live_rate(seconds):
    return rate(lambda: trainer.examples, seconds)
"""


class Kernel:
    """A notebook's kernel, and a listener on its messages that answers as a page does."""

    def __init__(self) -> None:
        self.manager = KernelManager()
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        self.comm, self.news, self.bytes = "", 0, 0

    def close(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code: str, value: str = "None", limit: float = 300) -> Any:
        """Run code, reading all messages meanwhile; the value of an expression after it."""
        wish = {"value": f"__import__('json').dumps({value})"}
        asked = self.client.execute(code, user_expressions=wish)
        end = time.monotonic() + limit
        while time.monotonic() < end:
            self.listen(0.05)
            try:
                reply = self.client.get_shell_msg(timeout=0.01)
            except Empty:
                continue
            if reply["parent_header"].get("msg_id") == asked:
                return self._value(reply["content"])
        raise TimeoutError(code)

    def _value(self, content: dict[str, Any]) -> Any:
        if content["status"] != "ok":
            raise RuntimeError("\n".join(content["traceback"]))
        answer = content["user_expressions"]["value"]
        if answer["status"] != "ok":
            raise RuntimeError(answer["evalue"])
        return json.loads(answer["data"]["text/plain"].strip("'"))

    def listen(self, seconds: float) -> None:
        """Read what the kernel sends, for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self._take(self.client.get_iopub_msg(timeout=left))
            except Empty:
                return

    def _take(self, message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "comm_open" and "_esm" in str(content.get("data"))[:100_000]:
            self.comm = content["comm_id"]
        custom = content.get("data", {}).get("method") == "custom" if "data" in content else False
        if message["msg_type"] == "comm_msg" and custom:
            self.news += 1
            self.bytes += sum(len(buffer) for buffer in message["buffers"])

    def tell(self, wish: str) -> None:
        """Send a page's wish to the trainer."""
        data = {"method": "custom", "content": {"do": wish, "view": "benchmark"}}
        content = {"comm_id": self.comm, "data": data}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", content))


def live_round(kernel: Kernel, seconds: float) -> dict[str, float]:
    """One turn of the live trainer, watched."""
    kernel.tell("hello")
    kernel.run("live_begins()")
    kernel.news = kernel.bytes = 0
    rate, cpu = kernel.run(f"found = live_rate({seconds})", "found")
    round_ = {"rate": rate, "cpu": cpu}
    round_ |= {"news_s": kernel.news / seconds, "bytes_s": kernel.bytes / seconds}
    kernel.run("trainer.pause(); trainer._worker.wait(); problem = trainer.problem", "problem")
    return round_


def race(net: str, batch_size: int, rounds: int, seconds: float) -> dict[str, Any]:
    """Plain and live in turns; their rates in examples a second, and the median ratio."""
    kernel = Kernel()
    try:
        kernel.run(SET_UP.format(net=net, batch_size=batch_size))
        kernel.listen(0.5)
        pairs = [
            (kernel.run(f"found = plain_rate({seconds})", "found"), live_round(kernel, seconds))
            for _ in range(rounds + 1)
        ][1:]  # the first warms up
        problem = kernel.run("", "trainer.problem")
    finally:
        kernel.close()
    if problem:
        raise RuntimeError(problem)
    ratios = [plain / live["rate"] - 1 for (plain, _), live in pairs]
    cpu_ratios = [live["cpu"] / cpu - 1 for (_, cpu), live in pairs]
    return {
        "net": net,
        "batch_size": batch_size,
        "plain_examples_s": round(median(plain for (plain, _), _ in pairs)),
        "live_examples_s": round(median(live["rate"] for _, live in pairs)),
        "news_s": round(median(live["news_s"] for _, live in pairs), 1),
        "kilobytes_s": round(median(live["bytes_s"] for _, live in pairs) / 1000),
        "ratio": round(median(ratios), 3),
        "cpu_ratio": round(median(cpu_ratios), 3),
        "ratios": [round(ratio, 3) for ratio in sorted(ratios)],
    }


def main() -> None:
    """Race for each net, print the table, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--net", action="append", help="of coursekit.models; several are allowed")
    parser.add_argument("--dry", action="store_true", help="write no results")
    options = parser.parse_args()
    nets = options.net or ["example_convnet", "convnetjs_cifar", "alexnet_mini"]
    load = round(psutil.getloadavg()[0], 1)
    rows = [race(net, 32, options.rounds, options.seconds) for net in nets]
    shown = Table(
        "net", "plain examples/s", "live examples/s", "news/s", "kB/s", "cost", "cpu", "limit"
    )
    for row in rows:
        numbers = [row["plain_examples_s"], row["live_examples_s"], row["news_s"]]
        cost = [
            row["kilobytes_s"],
            f"{row['ratio']:.1%}",
            f"{row['cpu_ratio']:.1%}",
            f"{LIMIT:.0%}",
        ]
        shown.add_row(row["net"], *map(str, numbers + cost))
    Console().print(shown)
    if not options.dry:
        machine = {"cores": os.cpu_count(), "load_before": load}
        report = {"machine": machine, "limit": LIMIT, "results": rows}
        RESULTS.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
