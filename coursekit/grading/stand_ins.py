"""Lifeless stand-ins for packages that the sealed worker does not have.

A notebook begins with `import matplotlib.pyplot as plt` and draws; none of it matters for a mark,
and none of it may stop the cells that do. Self-contained: only the worker uses this file.
"""

import dis
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType, FunctionType, ModuleType
from typing import Any

CELL = "<cell "  # how the file name of a student's cell begins


class Lifeless:
    """An object on which everything works and nothing happens."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return stand_in(self.__module__)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Nothing; a function or class comes back as it is, so that decorators do no harm."""
        if len(args) == 1 and not kwargs and isinstance(args[0], (FunctionType, type)):
            return args[0]
        return stand_in(self.__module__)

    def __iter__(self) -> Iterator[Any]:
        """As many items as `fig, axes = …` asks for; none for a loop."""
        wanted = _unpacked_into(sys._getframe(1))
        return iter([stand_in(self.__module__) for _ in range(wanted)])

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def __getitem__(self, key: Any) -> Any:
        return stand_in(self.__module__)

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (Lifeless,)

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0

    def __int__(self) -> int:
        return 0

    __index__ = __int__


def _add_operators() -> None:
    def nothing(self: Lifeless, *others: Any) -> Any:
        """Another stand-in, whatever is calculated."""
        return stand_in(self.__module__)

    two_sided = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or")
    names = [f"{side}{name}" for name in two_sided for side in ("", "r")]
    for name in [*names, "neg", "pos", "abs", "invert", "lt", "le", "gt", "ge"]:
        setattr(Lifeless, f"__{name}__", nothing)


_add_operators()


def stand_in(home: str) -> Lifeless:
    """A lifeless object that says which package it stands for.

    >>> stand_in("matplotlib.pyplot").subplots(2, 2).__module__
    'matplotlib.pyplot'
    """
    made = Lifeless()
    made.__dict__["__module__"] = home
    return made


def _unpacked_into(frame: FrameType) -> int:
    """How many names the frame's current instruction unpacks into; 0 where it does not."""
    running = [i for i in dis.get_instructions(frame.f_code) if i.offset == frame.f_lasti]
    if not running or running[0].opname not in ("UNPACK_SEQUENCE", "UNPACK_EX"):
        return 0
    return (running[0].arg or 0) & 0xFF


class LifelessModule(ModuleType):
    """A package that is not there; whatever is asked of it is a stand-in."""

    def __init__(self, name: str, known: dict[str, Any]) -> None:
        super().__init__(name)
        self.__dict__.update(known, __path__=[], __all__=sorted(known))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return stand_in(self.__name__)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers a student's imports of packages that nobody else finds.

    names: what `from coursekit import …` gets, by name.
    """

    def __init__(self, names: dict[str, Callable[..., Any]]) -> None:
        self.names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec for what a cell imports, and for all below it."""
        parent = fullname.rpartition(".")[0]
        if parent:
            wanted = isinstance(sys.modules.get(parent), LifelessModule)
        else:
            wanted = _asked_by_a_cell()
        if not wanted:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """An empty module."""
        return LifelessModule(spec.name, self.names if spec.name == "coursekit" else {})

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: there is no code."""


def _asked_by_a_cell() -> bool:
    """Whether the import statement being run stands in a student's cell."""
    frame: FrameType | None = sys._getframe(2)
    while frame and frame.f_code.co_filename.startswith("<frozen importlib._bootstrap"):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(CELL)
