"""README.md's table names what exists, and leaves no attack out."""

import fnmatch
import re
from pathlib import Path

import pytest
from attacks import attacks
from submissions import CLASS
from tricks import tricks

HERE = Path(__file__).parent
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (HERE / "README.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
    and not line.startswith(("| promise", "| attack |", "| harm", "| fault"))
]
KNOWN = {"attack": {*attacks("", 0, ""), *tricks()}, "class": set(CLASS)}


def named(reference):
    """The submissions that a reference stands for."""
    kind, name = reference.split(":")
    return {f"{kind}:{one}" for one in fnmatch.filter(KNOWN[kind], name)}


def exists(reference):
    if reference.startswith(("attack:", "class:")):
        return bool(named(reference))
    place, _, test = reference.partition("::")
    path = (HERE / place) if "/" not in place else HERE.parents[1] / place
    return path.is_file() and re.search(rf"^def {test}\(" if test else "", path.read_text(), re.M)


@pytest.mark.parametrize(("promise", "held_by"), ROWS, ids=[row[0] for row in ROWS])
def test_what_holds_a_promise_exists(promise, held_by):
    for reference in held_by.split(","):
        assert exists(reference.strip()), reference


def test_every_attack_stands_for_something():
    found = [one.strip() for _, held_by in ROWS for one in held_by.split(",")]
    told = {name for one in found if one.startswith("attack:") for name in named(one)}
    assert told == {f"attack:{name}" for name in KNOWN["attack"]}
