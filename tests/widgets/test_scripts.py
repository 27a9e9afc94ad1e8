"""How the widgets' files travel: modules joined to one, colors kept in step, Lab's settings."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import coursekit.widgets
from coursekit import widgets
from coursekit.widgets.scripts import joined
from coursekit.widgets.still import FILLS, HUES

ROOT = Path(__file__).parents[2]
WIDGETS = Path(coursekit.widgets.__file__).parent
NAMES = [name for name in widgets.__all__ if name != "LivePicture"]
# VS Code and Colab load a widget's module from a blob: nothing can be imported beside it, and
# Colab's page is a frame of its own, whose storage and network the module must not count on.
FOREIGN = "|".join(
    [
        r"\b(import\b|eval\(|new Function|fetch\(|XMLHttpRequest|WebSocket)",
        r"\b(importScripts|require)\(",
        r"(local|session)Storage|document\.(querySelector|getElement|cookie|head|write)",
        r"jupyterapp|https?://(?!www\.w3\.org/)",
    ]
)


def test_modules_become_one_and_each_runs_once(tmp_path):
    (tmp_path / "base.js").write_text("const hidden = 1;\nexport const one = hidden;\n")
    (tmp_path / "kit.js").write_text(
        'import { one } from "./base.js";\n'
        "const hidden = 2;\nexport function two() { return one + hidden; }\n"
    )
    (tmp_path / "entry.js").write_text(
        'import { one } from "./base.js";\nimport {\n  two as both,\n} from "./kit.js";\n'
        "const hidden = 3;\nexport default { render: () => one + both() + hidden };\n"
    )
    assert joined(tmp_path / "entry.js") == (
        "const module_base_js = (() => {\nconst hidden = 1;\nconst one = hidden;\n"
        "return { one };\n})();\n"
        "const module_kit_js = (() => {\nconst { one } = module_base_js;\n"
        "const hidden = 2;\nfunction two() { return one + hidden; }\nreturn { two };\n})();\n"
        "const { one } = module_base_js;\nconst {\n  two: both,\n} = module_kit_js;\n"
        "const hidden = 3;\nexport default { render: () => one + both() + hidden };\n"
    )


def test_still_pictures_use_the_colors_of_the_style_sheet():
    sheet = (WIDGETS / "kit.css").read_text("utf-8")
    for name, color in HUES.items():
        (light,) = re.findall(rf"--ck-{name}: light-dark\((#\w+),", sheet)
        assert light == color
        (light,) = re.findall(rf"--ck-{name}-fill: light-dark\((#\w+),", sheet)
        assert light == FILLS[name]


@pytest.mark.parametrize(
    "sheet",
    [path for path in sorted(WIDGETS.glob("*.css")) if path.stem != "kit"],
    ids=lambda p: p.stem,
)
def test_a_style_sheet_reaches_into_no_other_widget(sheet):
    """All of a sheet is within a rule of the class that its own widget's root has."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL).strip()
    script = sheet.with_suffix(".js").read_text("utf-8")
    (own,) = re.findall(r'shell\.root\.classList\.add\("([\w-]+)"\)', script)
    assert text.startswith(f":where(.{own}) {{\n")
    depth = list(itertools.accumulate({"{": 1, "}": -1}.get(letter, 0) for letter in text))
    assert depth.index(0, text.index("{")) == len(text) - 1


def test_lab_settings_are_installed_and_known_to_lab():
    shared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    target = shared["targets"]["wheel"]["shared-data"]["coursekit/widgets/lab_settings.json"]
    assert target == "share/jupyter/lab/settings/overrides.d/coursekit.json"
    for plugin, values in json.loads((WIDGETS / "lab_settings.json").read_text()).items():
        package, schema = plugin.split(":")
        folder = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas" / package
        known = json.loads((folder / f"{schema}.json").read_text("utf-8"))["properties"]
        assert values.keys() <= known.keys()


def code(text):
    """A script without its comments and quoted words, in which anything may be said."""
    quoted = r"\"(?:[^\"\\\n]|\\.)*\"|//[^\n]*|/\*.*?\*/"
    return re.sub(quoted, lambda match: match[0][:1] * 2, text, flags=re.DOTALL)


def test_foreign_code_would_be_seen():
    bad = ['import { a } from "./b.js";', "await import(x)", "fetch(url)", "`https://cdn.org/x`"]
    for line in [*bad, "document.querySelector(x)", "localStorage.x", "eval(x)"]:
        assert re.search(FOREIGN, code(line)), line
    assert not re.search(FOREIGN, code('a("import fetch( it"); // https://x.org'))


@pytest.mark.parametrize("name", NAMES)
def test_module_is_one_file_without_imports_or_network_as_vscode_and_colab_need_it(name):
    script = code(str(getattr(widgets, name)._esm))
    assert not re.search(FOREIGN, script), re.search(FOREIGN, script)
    assert script.count("\nexport default { render };") == 1


@pytest.mark.parametrize("name", NAMES)
def test_module_touches_no_page_before_it_renders(name, tmp_path):
    """Node has no document: whatever the module does at its top must do without."""
    node = shutil.which("node")
    if node is None:
        assert os.environ.get("CI") != "true", "CI must have node"
        pytest.skip("node is not installed")
    (tmp_path / "widget.mjs").write_text(str(getattr(widgets, name)._esm), "utf-8")
    asks = "import('./widget.mjs').then((module) => console.log(Object.keys(module.default)))"
    done = subprocess.run([node, "-e", asks], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "[ 'render' ]\n", done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_styles_reach_only_the_courses_own_elements(name):
    sheet = re.sub(r"/\*.*?\*/", "", str(getattr(widgets, name)._css), flags=re.DOTALL)
    assert not re.search(r"@import|url\(", sheet)
    for selectors in re.findall(r"(?:^|[{}])\s*([^{}@;]+)\{", sheet):
        for one in re.split(r",(?![^(]*\))", selectors):
            assert ".ck-" in one, one
