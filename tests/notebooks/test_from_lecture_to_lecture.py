"""What a student wrote in one lecture draws the pictures of the next one, in another kernel."""

import nbformat.v4 as v4
import pytest

from coursekit.building.execution import run_copy

pytestmark = pytest.mark.slow

WRITES = [
    "import numpy as np\nfrom coursekit import check, mine",
    "def room(w, p):\n    return w + 2 * p",
    "def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):\n"
    "    left = room(w_in, padding) - dilation * (kernel_size - 1) - 1\n"
    "    if left < 0:\n        raise ValueError\n"
    "    return int(np.floor(left / stride)) + 1",
    "print(check(output_size).status)",
    "import torch\nfrom torch import nn\nfrom torch.nn import functional as F",
    "class BasicBlock(nn.Module):\n"
    "    def __init__(self, in_channels, channels, stride=1):\n"
    "        super().__init__()\n"
    "        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, 1, bias=False)\n"
    "        self.bn1 = nn.BatchNorm2d(channels)\n"
    "        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)\n"
    "        self.bn2 = nn.BatchNorm2d(channels)\n"
    "        self.downsample = None\n"
    "        if stride != 1 or in_channels != channels:\n"
    "            self.downsample = nn.Sequential(\n"
    "                nn.Conv2d(in_channels, channels, 1, stride, bias=False),\n"
    "                nn.BatchNorm2d(channels))\n"
    "    def forward(self, x):\n"
    "        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))\n"
    "        return F.relu(y + (x if self.downsample is None else self.downsample(x)))",
    "print(check(BasicBlock).status)",
]
USES = [
    "from coursekit import mine\nsize, block = mine('output_size'), mine('BasicBlock')",
    "import torch\nprint(size, size(8, 3, 2), block, block(3, 8, 2)(torch.ones(1, 3, 8, 8)).shape)",
]


def printed(cells, folder):
    """Run cells in a kernel of their own, whose progress is kept in a folder."""
    place = str(folder / "progress.json")
    first = f"import os\nos.environ['COURSEKIT_PROGRESS'] = {place!r}"
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in [first, *cells]])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    run_copy(notebook, timeout=120)
    return "".join(
        out.get("text", "") for cell in notebook.cells for out in cell.outputs if out
    ).splitlines()


def test_a_function_and_a_class_are_carried_over(tmp_path):
    assert printed(WRITES, tmp_path) == ["passed", "passed"]
    said = printed(USES, tmp_path)
    assert said == ["output_size (yours) 3 BasicBlock (yours) torch.Size([1, 8, 4, 4])"]
