"""A function's source with all that it needs, so that another notebook can define it again.

Students write a layer in one lecture and use it in the next, in another kernel. What is carried
over is text: the function, the functions and constants of the notebook that it uses, and imports.
"""

import ast
import inspect
import linecache
import sys
import textwrap
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

MOST = 20_000  # characters worth carrying
PLAIN = (int, float, str, bool, bytes, type(None))


class Unclear(Exception):
    """Something that cannot be written down as source."""


def self_contained(function: Callable[..., Any], name: str) -> str | None:
    """Source that defines a function, under a name, in an empty module.

    Returns None where that is not possible: it uses an array of its notebook, say.

    >>> self_contained(len, "size")
    'from builtins import len as size'
    """
    parts: dict[str, str] = {}
    try:
        _add(name, function, _home(function), parts)
    except (Unclear, OSError, TypeError, SyntaxError, RecursionError):
        return None
    text = "\n".join(parts.values())
    return text if len(text) <= MOST else None


def defined(text: str, name: str) -> Callable[..., Any] | None:
    """What source defines under a name, or None if it defines nothing callable."""
    place = f"<your {name}>"
    linecache.cache[place] = (len(text), None, text.splitlines(True), place)
    module = ModuleType("your answers")
    try:
        exec(compile(text, place, "exec", dont_inherit=True), module.__dict__)
    except Exception:  # it ran where it was written; if it does not here, it is not carried over
        return None
    found = module.__dict__.get(name)
    return found if callable(found) else None


def _home(value: Any) -> str:
    return getattr(_bare(value), "__module__", None) or ""


def _bare(value: Any) -> Any:
    """The function behind mine(…)."""
    return getattr(value, "function", value) if hasattr(value, "whose") else value


def _add(name: str, value: Any, home: str, parts: dict[str, str]) -> None:
    """Write down what a name stands for, after all that it needs itself."""
    value = _bare(value)
    if name in parts:
        return
    if isinstance(value, ModuleType):
        parts[name] = f"import {value.__name__} as {name}"
    elif isinstance(value, PLAIN) or (isinstance(value, tuple) and _is_literal(value)):
        parts[name] = f"{name} = {value!r}"
    elif isinstance(value, FunctionType | type) and value.__module__ == home:
        _add_own(name, value, home, parts)
    else:
        parts[name] = _import_of(name, value)


def _is_literal(value: Any) -> bool:
    try:
        return ast.literal_eval(repr(value)) == value
    except (ValueError, SyntaxError):
        return False


def _add_own(name: str, value: Any, home: str, parts: dict[str, str]) -> None:
    """A function or class of the same notebook, by its source."""
    if getattr(value, "__closure__", None):
        raise Unclear(name)
    parts[name] = ""  # it may name itself
    text = _source(value)
    space = sys.modules[home].__dict__ if isinstance(value, type) else value.__globals__
    used = [node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)]
    for other in dict.fromkeys(used):
        if other in space and other not in (name, value.__name__):
            _add(other, space[other], home, parts)
    del parts[name]  # what it needs stands before it
    alias = f"\n{name} = {value.__name__}" if name != value.__name__ else ""
    parts[name] = text + alias


def _source(value: Any) -> str:
    if isinstance(value, FunctionType):
        return textwrap.dedent(inspect.getsource(value))
    # inspect finds no class of a notebook, whose module has no file; its methods know their cell.
    own = [one for one in vars(value).values() if isinstance(one, FunctionType)]
    if not own:
        raise Unclear(value.__name__)
    text = "".join(linecache.getlines(own[0].__code__.co_filename))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and node.name == value.__name__:
            return textwrap.dedent(ast.get_source_segment(text, node, padded=True) or "")
    raise Unclear(value.__name__)


def _import_of(name: str, value: Any) -> str:
    module, own = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    if module and getattr(sys.modules.get(module), own, None) is value:
        return f"from {module} import {own} as {name}"
    raise Unclear(name)
