"""The architecture explorer without a browser: numbers, formulas, sentence, twin under node."""

import json
import os
import random
import re
import shutil
import subprocess
from math import floor, prod
from pathlib import Path

import pytest
from torch import nn

from coursekit.models import architecture_table
from coursekit.widgets import ArchitectureExplorer
from coursekit.widgets.explorer_state import ORDERS, SCALES, SHOWN
from coursekit.widgets.explorer_tables import QUANTITIES, formula, known_tables, value_of

NET = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(6, 4, 3, groups=2))
SMALL = architecture_table(NET, (3, 32, 32))


def computed(text):
    """What the left side of a formula comes to; None where there is nothing to compute."""
    made, equals, _ = text.partition(" = ")
    if not equals or "number of" in made:
        return None
    plain = re.sub(r"[a-z⌊⌋]", lambda m: {"⌊": "floor(", "⌋": ")"}.get(m[0], ""), made)
    plain = plain.replace("·", "*").replace("−", "-").replace(",", "")
    return eval(plain, {"floor": floor})


@pytest.mark.parametrize("name", known_tables())
def test_every_formula_comes_to_the_number_of_the_table(name):
    checked = 0
    for row in known_tables()[name]:
        for quantity in QUANTITIES:
            text = formula(row, quantity)
            assert text.startswith(f"{value_of(row, quantity):,}") or " = " in text
            if computed(text) is not None:
                checked += 1
                assert computed(text) == value_of(row, quantity), (row.name, text)
    assert checked > 2 * len(known_tables()[name])


@pytest.mark.parametrize("name", known_tables())
def test_layers_with_weights_explain_themselves(name):
    for row in known_tables()[name]:
        if row.weights:
            assert all(" = " in formula(row, q) for q in ("parameters", "multiply-adds"))
            assert row.macs == row.neurons * prod(row.weights[1:])


def test_the_networks_are_those_of_the_papers():
    explorer = ArchitectureExplorer()
    totals = {name: sum(t["values"]["parameters"]) for name, t in explorer.tables.items()}
    assert totals == {
        "AlexNet (2012)": 60_965_224,
        "AlexNet in one tower (2014)": 61_100_840,
        "ZFNet (2013)": 62_357_608,
        "VGG-16 (2014)": 138_357_544,
        "GoogLeNet (2014)": 6_998_552,
        "ResNet-34 (2015)": 21_797_672,
    }


def test_sentence_word_for_word():
    explorer = ArchitectureExplorer(layer="conv2")
    assert explorer.sentence == (
        "AlexNet (2012), layer 5 of 22: conv2 (Conv2d), output 256×27×27. Parameters: 256 · (96/2 "
        "· 5 · 5 + 1) = 307,456. That is 0.5 % of the network's 60,965,224 parameters."
    )
    explorer.compared, explorer.quantity = "VGG-16 (2014)", "receptive field"
    assert explorer.sentence == (
        "AlexNet (2012), layer 5 of 22: conv2 (Conv2d), output 256×27×27. Receptive field: 19 + "
        "(5 − 1) · 8 = 51. AlexNet (2012) has 355 pixels at most, VGG-16 (2014) 404: 1.1 times as "
        "many."
    )


def test_selected_from_python_and_read_back():
    explorer = ArchitectureExplorer(SMALL)
    explorer.select("3")
    assert explorer.row()["parameters"] == 4 * (3 * 9 + 1)
    assert explorer.row() | {"name": "3", "kind": "Conv2d"} == explorer.row()
    explorer.order, explorer.quantity = "largest first", "memory"
    assert explorer.rows() == sorted(explorer.rows(), key=lambda i: -SMALL[i].memory)
    explorer.shown = "layers with weights"
    assert explorer.rows() == [1, 4]
    explorer.tables = {"mine": SMALL, "AlexNet": known_tables()["AlexNet (2012)"]}
    assert (explorer.network, explorer.compared) == ("mine", "")
    explorer.compared = "AlexNet"
    explorer.select("fc6", side=1)
    assert explorer.row()["parameters"] == 37_752_832


@pytest.mark.parametrize("tables", [3, "AlexNet", [], {}, [1], {"a": None}, NET, float("nan")])
def test_what_is_no_table_leaves_a_sentence(tables):
    explorer = ArchitectureExplorer(tables)
    assert explorer.problem.startswith("tables ")
    assert explorer.network == "AlexNet (2012)"
    assert explorer.still()
    assert "Traceback" not in explorer.problem


def test_bad_settings_keep_the_picture():
    explorer = ArchitectureExplorer(SMALL, quantity="flops", layer="fc9", order="random")
    for part in ("quantity is 'flops'", "layer is 'fc9'", "order is 'random'"):
        assert part in explorer.problem
    explorer.network, explorer.compared, explorer.layer = "LeNet", None, 10**6
    assert "network is 'LeNet'" in explorer.problem
    assert "layer is 1000000" in explorer.problem
    explorer.layer = 500  # no such layer here: the last one is shown
    assert explorer.row()["name"] == "3"
    assert repr(explorer) == "ArchitectureExplorer(network='Sequential', quantity='neurons')"


def described(dice):
    names = [*known_tables()]
    explorer = ArchitectureExplorer(
        network=dice.choice(names),
        compared=dice.choice(["", *names]),
        quantity=dice.choice([*QUANTITIES]),
        layer=dice.randrange(160),
        order=dice.choice(ORDERS),
        scale=dice.choice(SCALES),
        shown=dice.choice(SHOWN),
    )
    explorer.side = dice.randrange(2)
    state = {name: getattr(explorer, name) for name in explorer.snapshot()["state"]}
    state.pop("tables")
    return {"state": state, "sentence": explorer.sentence, "rows": explorer.rows()}


def test_the_browser_says_the_same(tmp_path):
    node = shutil.which("node")
    if node is None:
        assert os.environ.get("CI") != "true", "CI must have node"
        pytest.skip("node is not installed; the browser tests run the same modules")
    dice = random.Random(0)
    cases = {
        "tables": ArchitectureExplorer().tables,
        "explorers": [described(dice) for _ in range(120)],
    }
    path = tmp_path / "explorers.json"
    path.write_text(json.dumps(cases))
    done = subprocess.run(
        [node, "--test", str(Path(__file__).with_name("explorer_check.mjs"))],
        env=os.environ | {"COURSEKIT_EXPLORERS": str(path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-4000:]
