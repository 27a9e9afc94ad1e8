"""Choosing the device and the number format that are fastest on this machine."""

import torch
from torch import Tensor, nn


def best_device() -> torch.device:
    """Return the accelerator of this machine, else the CPU.

    >>> best_device().type in ("cuda", "mps", "xpu", "cpu")
    True
    """
    return torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")


def best_precision(device: torch.device) -> torch.dtype:
    """Return bfloat16 where the device multiplies it faster, else float32.

    On a CPU that takes matrix instructions (AMX) or bfloat16 dot products; elsewhere bfloat16 is
    emulated and slower.
    """
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(False) else torch.float32
    fast = device.type == "cpu" and torch.backends.cpu.get_cpu_capability() == "AVX512"
    return torch.bfloat16 if fast and torch.cpu._is_amx_tile_supported() else torch.float32


def in_precision(precision: torch.dtype, model: nn.Module, x: Tensor) -> Tensor:
    """Return the model's logits in float32, its convolutions computed in `precision`.

    Weights stay float32; with float32 this is model(x).
    """
    with torch.autocast(x.device.type, dtype=precision, enabled=precision != torch.float32):
        return model(x).float()
