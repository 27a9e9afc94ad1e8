"""Several processes, on one machine or many, that train one model together under torchrun."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from coursekit.training.hardware import best_device


class Processes(NamedTuple):
    """Which of how many processes this is, and the device it computes on."""

    rank: int
    count: int
    device: torch.device


@contextmanager
def processes() -> Iterator[Processes]:
    """Join the processes that torchrun started; without torchrun, be the only one.

    `fit` and `evaluate` inside the block work together over all of them::

        # torchrun --nproc-per-node 2 train.py
        with processes() as here:
            train = Batches(dataset, rank=here.rank, processes=here.count, device=here.device)
            fit(model.to(here.device), train)
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    device = best_device()
    if count == 1:
        yield Processes(0, 1, device)
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    else:
        device = torch.device("cpu")  # gloo exchanges nothing that lies on other accelerators
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Processes(dist.get_rank(), count, device)
        dist.barrier()  # nobody leaves while others still exchange
    finally:
        gc.collect()  # a wrapped model would keep the group's threads until the process aborts
        dist.destroy_process_group()


def together(model: nn.Module) -> nn.Module:
    """Return the model so that its gradients are averaged over all processes."""
    if not dist.is_initialized():
        return model
    on_gpu = next(model.parameters()).device.type == "cuda"
    return DistributedDataParallel(
        model, device_ids=[torch.cuda.current_device()] if on_gpu else None
    )


def is_first() -> bool:
    """Tell whether this process is the one that writes files and bars."""
    return not dist.is_initialized() or dist.get_rank() == 0


def sum_over_processes(values: Tensor, device: torch.device) -> Tensor:
    """Add up a tensor over all processes; alone, return it."""
    if not dist.is_initialized():
        return values
    values = values.to(device)  # nccl moves only what lies on a GPU
    dist.all_reduce(values)
    return values.cpu()


def mean_over_processes(values: Tensor) -> Tensor:
    """Average a tensor over all processes; alone, return it."""
    if not dist.is_initialized():
        return values
    return sum_over_processes(values, values.device) / dist.get_world_size()
