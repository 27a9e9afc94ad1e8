"""What every layer is held to: PyTorch's numbers, its own loops, inputs left alone."""

import numpy as np
import torch
from hypothesis import settings
from hypothesis import strategies as st

TOLERANCE = {np.dtype(np.float64): 1e-10, np.dtype(np.float32): 1e-5}

DTYPES = st.sampled_from([np.float64, np.float32])
SEEDS = st.integers(0, 2**32 - 1)


def examples(count):
    return settings(max_examples=count)


def numbers(shape, seed, dtype=np.float64):
    """Normal numbers in an array that nobody can write to."""
    array = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    array.flags.writeable = False
    return array


def tied_numbers(shape, seed, dtype=np.float64):
    """Small whole numbers, so that equal ones are common; read-only."""
    array = np.random.default_rng(seed).integers(-1, 2, shape).astype(dtype)
    array.flags.writeable = False
    return array


def assert_agree(got, expected, dtype):
    """Same shape, the dtype asked for, and close relative to the largest number."""
    expected = np.asarray(expected)
    assert got.shape == expected.shape
    assert got.dtype == dtype
    # Numbers are of order one; where all are tiny by cancellation, rounding is not.
    scale = max(np.abs(expected).max(initial=0), 0.1)
    difference = np.abs(got.astype(np.float64) - expected).max(initial=0)
    assert difference <= TOLERANCE[np.dtype(dtype)] * scale


def assert_all_agree(got, expected, dtype):
    assert len(got) == len(expected)
    for one, other in zip(got, expected, strict=True):
        assert_agree(one, other, dtype)


def assert_fresh(outputs, inputs):
    """No output is a view of an input: changing one later must not change the other."""
    for output in outputs:
        assert not any(np.shares_memory(output, array) for array in inputs)


def torch_gradients(f, inputs, dout):
    """f's output and the gradients by each input, from PyTorch."""
    tensors = [torch.from_numpy(array.copy()).requires_grad_() for array in inputs]
    out = f(*tensors)
    gradients = torch.autograd.grad(out, tensors, torch.from_numpy(np.array(dout)))
    return out.detach().numpy(), [gradient.numpy() for gradient in gradients]
