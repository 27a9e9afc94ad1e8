"""Tables of all the networks, traced once."""

from collections.abc import Callable
from functools import cache

import pytest
import torch
from torch import nn

from coursekit.models import INPUT_SHAPES, ArchitectureTable, architecture_table


@pytest.fixture(scope="session")
def table_of() -> Callable[..., ArchitectureTable]:
    """The table of a network from its builder; the network itself never takes up memory."""

    @cache
    def table(build: Callable[..., nn.Module], training: bool = False) -> ArchitectureTable:
        with torch.device("meta"):
            return architecture_table(build(), INPUT_SHAPES[build], training)

    return table
