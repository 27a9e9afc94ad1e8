"""Stand-ins take what notebooks do with packages that the worker lacks, and never stop them."""

import subprocess
import sys

import pytest

from coursekit.grading.stand_ins import stand_in

FINDER = """
import sys
from coursekit.grading import stand_ins
sys.meta_path.append(stand_ins.Finder({"check": print}))
for name in [name for name in sys.modules if name.split(".")[0] == "coursekit"]:
    del sys.modules[name]
sys.path[:] = [place for place in sys.path if "python3" in place and "site-" not in place]
sys.meta_path[:] = [one for one in sys.meta_path if "editable" not in repr(one).lower()]
exec(compile(CODE, "<cell 1>", "exec"), {"__name__": "__main__"})
"""


def run_cell(code):
    """Run code as a student's cell, in a process without any packages."""
    program = FINDER.replace("CODE", repr(code))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "import matplotlib.pyplot as plt\nfig, (a, b) = plt.subplots(2)\na.plot([1])\nplt.show()",
        "from torch.nn import Module, relu\nclass Net(Module):\n    pass\nrelu(Net()(3).sum())",
        "import torch\n@torch.no_grad()\ndef f():\n    return 3\nassert f() == 3",
        "import numba\n@numba.njit\ndef f():\n    return 3\nassert f() == 3",
        "import torch\nwith torch.no_grad() as x:\n    y = -x * 2 / 3 + x[0] @ x\nassert not y",
        "import torch\nfor x in torch.loader:\n    1 / 0",
        "import torch\nfirst, *rest = torch.loader",
        "from coursekit import *\ncheck(3)",
        "from coursekit import check, plots, widgets\nfrom coursekit.data import load\nload(3)",
        "import coursekit.exercises\nassert not coursekit.exercises.EXERCISES",
        "import tqdm\nassert len(tqdm.tqdm(3)) == 0 and float(tqdm.x) == 0",
    ],
)
def test_cells_go_through(code):
    status, said = run_cell(code)
    assert status == 0, said


def test_only_a_students_own_import_gets_one():
    library = "try:\n    import nowhere\nexcept ImportError:\n    missed = True"
    status, said = run_cell(
        f"import nowhere as own\ndel __import__('sys').modules['nowhere']\n"
        f"exec(compile({library!r}, 'library.py', 'exec'))\nassert missed"
    )
    assert status == 0, said


def test_a_stand_in_says_what_it_stands_for():
    assert stand_in("torch.nn").functional.relu.__module__ == "torch.nn"
    assert not hasattr(stand_in("torch"), "__array__")
