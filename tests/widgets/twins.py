"""Runs a widget's JavaScript in node on cases that Python has answered."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest


def node_agrees(tmp_path, script, variable, cases):
    """node --test of a script that reads the cases from the file named by a variable."""
    node = shutil.which("node")
    if node is None:
        assert os.environ.get("CI") != "true", "CI must have node"
        pytest.skip("node is not installed; the browser tests run the same modules")
    place = tmp_path / "cases.json"
    place.write_text(json.dumps(cases))
    done = subprocess.run(
        [node, "--test", str(Path(__file__).with_name(script))],
        env=os.environ | {variable: str(place)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-4000:]
