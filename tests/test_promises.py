"""The tables of promises name what exists, and leave no attack out."""

import fnmatch
import re
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
sys.path.append(str(TESTS / "grading"))

from attacks import attacks  # noqa: E402
from submissions import CLASS  # noqa: E402
from tricks import tricks  # noqa: E402

TABLES = {name: TESTS / name / "README.md" for name in ("grading", "widgets")}
ROW = re.compile(r"^\| (?!promise|attack|harm|fault|feature)(.+?) \| (.+) \|$", re.M)
HELD = [
    (name, promise, [one.strip() for one in held_by.split(",")])
    for name, table in TABLES.items()
    for promise, held_by in ROW.findall(table.read_text(encoding="utf-8"))
]
KNOWN = {"attack": {*attacks("", 0, ""), *tricks()}, "class": set(CLASS)}


def named(reference):
    """The submissions that a reference stands for."""
    kind, name = reference.split(":")
    return {f"{kind}:{one}" for one in fnmatch.filter(KNOWN[kind], name)}


def exists(reference, folder):
    if reference.startswith(("attack:", "class:")):
        return bool(named(reference))
    place, _, test = reference.partition("::")
    near = (TESTS / folder / place, TESTS / place, TESTS.parent / place)
    path = next((path for path in near if path.is_file()), None)
    return path and re.search(rf"^def {test}\(" if test else "", path.read_text("utf-8"), re.M)


@pytest.mark.parametrize(("folder", "promise", "references"), HELD, ids=[one[1] for one in HELD])
def test_what_holds_a_promise_exists(folder, promise, references):
    for reference in references:
        assert exists(reference, folder), reference


def test_tables_are_read():
    assert [sum(folder == name for folder, *_ in HELD) > 30 for name in TABLES] == [True, True]


def test_every_attack_stands_for_something():
    told = {
        name
        for _, _, references in HELD
        for one in references
        if one.startswith("attack:")
        for name in named(one)
    }
    assert told == {f"attack:{name}" for name in KNOWN["attack"]}
