"""The widgets' modules under node, against numbers and sentences that Python made."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from backward_cases import backward_cases
from microscope_cases import microscope_cases

from coursekit import shapes
from coursekit.widgets import ConvolutionStepper
from coursekit.widgets.backward_state import generated
from coursekit.widgets.stepper_state import generated_weights
from coursekit.widgets.wording import number_text

HERE = Path(__file__).parent


def _layers() -> list[dict]:
    settings = [(w, k, s, p, d) for w in (1, 4, 7, 8, 12) for k in range(1, 8) for s in range(1, 5)
                for p in range(5) for d in (1, 2, 3)]  # fmt: skip
    return [_layer(*setting) for setting in settings]


def _layer(width: int, kernel_size: int, stride: int, padding: int, dilation: int) -> dict:
    setting = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
    setting["dilation"] = dilation
    try:
        size = shapes.output_size(width, **setting)
        unread = shapes.uncovered_pixels(width, **setting)
    except ValueError:
        size = unread = None
    return {"width": width, "setting": setting, "size": size, "unread": unread}


def _steppers() -> list[dict]:
    """Snapshots of random steppers, with the sentence and the output that Python has for them."""
    dice = random.Random(0)
    numbers = np.random.default_rng(0)
    return [_described(_random_stepper(dice, numbers)) for _ in range(80)]


def _random_stepper(dice: random.Random, numbers: np.random.Generator) -> ConvolutionStepper:
    shape = (dice.randint(1, 4), dice.randint(3, 10), dice.randint(3, 10))
    sizes = [None, lambda w, k, s=1, p=0, d=1: (w + 2 * p - k) / s + 1]
    forwards = [None, lambda x, w, b, stride, padding: np.zeros((1, 1, 3, 3)) + 0.125]
    stepper = ConvolutionStepper(
        image=numbers.normal(size=shape).round(1),
        bias=round(dice.uniform(-1, 1), 1),
        kernel_size=dice.randint(1, 5),
        stride=dice.randint(1, 4),
        padding=dice.randint(0, 2),
        dilation=dice.randint(1, 2),
        output_size=dice.choice(sizes),
        forward=dice.choice(forwards),
        predict=dice.random() < 0.2,
    )
    rows, cols = (axis.drawn or 1 for axis in stepper.axes())
    stepper.position = (dice.randrange(rows), dice.randrange(cols))
    return stepper


def _described(stepper: ConvolutionStepper) -> dict:
    output = stepper.output() if stepper.possible() else np.zeros((0, 0))
    known = [None if np.isnan(value) else value for value in output.ravel()]
    return {
        "state": stepper.snapshot()["state"],
        "sentence": stepper.sentence,
        "size": list(output.shape),
        "output": known,
        "code": repr(stepper),
    }


def _cases() -> dict:
    values = [
        0.0,
        0.125,
        -0.375,
        2.5e-7,
        0.004999,
        0.005,
        -0.0035,
        0.00095,
        0.000949,
        999999.994,
        1e6,
        -3.4e-5,
        12.0,
        0.1 + 0.2,
    ]
    values += list(np.random.default_rng(1).normal(0, 10.0 ** np.arange(-8, 8), (40, 16)).ravel())
    kernels = [
        (c, k, generated_weights(c, k).ravel().tolist()) for c in (1, 3, 5) for k in (1, 3, 4)
    ]
    return {
        "layers": _layers(),
        "numbers": [[float(value), number_text(value)] for value in values],
        "kernels": kernels,
        "steppers": _steppers(),
        "backward": backward_cases(),
        "generated": [
            {"shape": shape, "data": generated(*shape).ravel().tolist()}
            for shape in ((2, 3, 4), (3, 2, 3, 3))
        ],
        "microscopes": microscope_cases(),
        "joined": str(ConvolutionStepper._esm),
    }


def test_modules_under_node(tmp_path):
    node = shutil.which("node")
    if node is None:
        assert os.environ.get("CI") != "true", "CI must have node"
        pytest.skip("node is not installed; the browser tests run the same modules")
    cases = tmp_path / "cases.json"
    cases.write_text(json.dumps(_cases()))
    done = subprocess.run(
        [node, "--test", *sorted(map(str, HERE.glob("*.test.mjs")))],
        env=os.environ | {"COURSEKIT_CASES": str(cases)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
