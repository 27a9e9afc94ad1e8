"""One module text out of several plain ES modules, as a browser takes it from a notebook."""

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{(?P<names>[^}]*)\} from "\./(?P<file>[\w.]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|let|class) (?P<name>\w+))", re.M)


def joined(script: Path) -> str:
    """One ES module: a script and everything it imports.

    Modules beside the script, named as ``import { a, b } from "./kit.js";``, become functions
    that run once and return what they export, so their private names cannot meet.
    """
    parts: dict[str, str] = {}
    _add_imports(script, parts)
    return "".join(parts.values()) + _linked(script.read_text("utf-8"))


def _add_imports(script: Path, parts: dict[str, str]) -> None:
    for match in _IMPORT.finditer(script.read_text("utf-8")):
        file = match["file"]
        if file not in parts:
            _add_imports(script.with_name(file), parts)
            parts[file] = _as_function(script.with_name(file))


def _as_function(script: Path) -> str:
    text = script.read_text("utf-8")
    names = ", ".join(match["name"] for match in _EXPORT.finditer(text))
    body = _EXPORT.sub("", _linked(text))
    return f"const {_variable(script.name)} = (() => {{\n{body}return {{ {names} }};\n}})();\n"


def _linked(text: str) -> str:
    """Text whose imports read the variables that hold the other modules."""

    def from_variable(match: re.Match) -> str:
        names = re.sub(r"(\w+) as (\w+)", r"\1: \2", match["names"])
        return f"const {{{names}}} = {_variable(match['file'])};\n"

    return _IMPORT.sub(from_variable, text)


def _variable(file: str) -> str:
    return "module_" + re.sub(r"\W", "_", file)
