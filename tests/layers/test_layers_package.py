import inspect
import subprocess
import sys

from coursekit import layers


def test_importing_brings_in_neither_torch_nor_matplotlib():
    code = (
        "import sys, coursekit.layers; print('torch' in sys.modules, 'matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_every_fast_layer_has_its_plain_loops():
    fast = {name for name in layers.__all__ if name.endswith(("_forward", "_backward"))}
    loops = {name.removesuffix("_loops") for name in layers.__all__ if name.endswith("_loops")}
    assert fast == loops - {"softmax_cross_entropy"}
    assert {name.removesuffix("_backward") for name in fast if name.endswith("_backward")} == {
        name.removesuffix("_forward") for name in fast if name.endswith("_forward")
    }


def test_loops_take_what_the_fast_ones_take():
    for name in layers.__all__:
        if name.endswith("_loops"):
            fast = inspect.signature(getattr(layers, name.removesuffix("_loops"))).parameters
            loops = inspect.signature(getattr(layers, name)).parameters
            # max_pool2d_backward also accepts a stored index; the loops always look again.
            assert [p for p in fast if p != "index"] == list(loops), name


def test_the_list_is_complete():
    public = {name for name, value in vars(layers).items() if inspect.isfunction(value)}
    assert public == set(layers.__all__)
