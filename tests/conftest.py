"""For all tests: every run tries the same examples and draws the same numbers."""

import sys

import pytest
from hypothesis import settings

collect_ignore_glob = ["conftest.py"]  # holds no examples

settings.register_profile("same examples", derandomize=True, deadline=None)
settings.load_profile("same examples")


@pytest.fixture(autouse=True)
def same_numbers():
    """Seed PyTorch where it is loaded; NumPy's generators have their seeds."""
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)
