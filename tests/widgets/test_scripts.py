"""How the widgets' files travel: modules joined to one, colors kept in step, Lab's settings."""

import json
import re
import sys
import tomllib
from pathlib import Path

import coursekit.widgets
from coursekit.widgets.scripts import joined
from coursekit.widgets.still import FILLS, HUES

ROOT = Path(__file__).parents[2]
WIDGETS = Path(coursekit.widgets.__file__).parent


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


def test_lab_settings_are_installed_and_known_to_lab():
    shared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    target = shared["targets"]["wheel"]["shared-data"]["coursekit/widgets/lab_settings.json"]
    assert target == "share/jupyter/lab/settings/overrides.d/coursekit.json"
    for plugin, values in json.loads((WIDGETS / "lab_settings.json").read_text()).items():
        package, schema = plugin.split(":")
        folder = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas" / package
        known = json.loads((folder / f"{schema}.json").read_text("utf-8"))["properties"]
        assert values.keys() <= known.keys()
