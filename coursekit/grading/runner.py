"""Runs one notebook's cells, then calls one function of it, as the grader asks.

What runs here is a stranger's: nothing in this process is secret and nothing it says is believed
but the values it returns. Self-contained: only the worker uses this file.
"""

import ast
import builtins
import contextlib
import linecache
import os
import resource
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

from coursekit import answers, probes
from coursekit.grading import lockdown, stand_ins, wire
from coursekit.grading.definitions import defines
from coursekit.grading.values import clean

MOST_SENTENCE = 400  # characters of what a failure may say
Reply = tuple[dict[str, Any], Any]  # a message, and the values beside it


class Runner:
    """One exercise's run: the notebook's cells, then the calls."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.wanted = ""  # the exercise's name
        self.found: Any = None  # the last function of that name
        self.module = ModuleType("__main__")

    def serve(self) -> None:
        """Answer requests until the grader hangs up."""
        handlers = {
            "begin": self.begin,
            "cells": self.run_cells,
            "about": self.about,
            "call": self.call,
        }
        while True:
            message, values = wire.receive(self.channel, function=self._function)
            for reply in handlers[message["do"]](message, values):
                self._reply(*reply)

    def _reply(self, reply: dict[str, Any], values: Any) -> None:
        try:
            wire.send(self.channel, reply, values)
        except wire.Closed:
            raise
        except Exception as problem:  # a student's object may fail at anything
            size = isinstance(problem, (wire.TooBig, MemoryError))
            words = "it returned more than may be handed over" if size else "its result is no value"
            wire.send(self.channel, {"failure": "raised", "sentence": words})

    def _function(self, position: int) -> Callable[..., Any]:
        """Stands for a function of the grader's: asks it and hands on what it says."""

        def ask(*args: Any) -> Any:
            """What the grader's function says."""
            wire.send(self.channel, {"ask": position}, args)
            message, value = wire.receive(self.channel)
            if "raised" in message:
                raise getattr(builtins, message["raised"], RuntimeError)(message["text"])
            return value

        return ask

    def begin(self, message: dict[str, Any], values: Any) -> Iterator[Reply]:
        """Set the limits, and the world a notebook expects.

        Replies which of the kernel's filters hold.
        """
        self.wanted = message["exercise"]
        for name, most in message["limits"].items():
            _limit(getattr(resource, name), most)
        held = lockdown.lock(message["readable"], [os.devnull, os.getcwd()])
        names = {
            "check": lambda *args, **kwargs: None,
            "progress": lambda *args, **kwargs: None,
            "mine": self._mine,
        }
        for name in [name for name in sys.modules if name.split(".")[0] == "coursekit"]:
            del sys.modules[name]
        sys.meta_path.append(stand_ins.Finder(names))
        sys.modules["__main__"] = self.module
        builtins.input = lambda *args: ""
        quiet = stand_ins.stand_in("IPython")
        self.module.__dict__.update(get_ipython=lambda: quiet, display=lambda *args, **kwargs: None)
        yield held, ()

    def _mine(self, name: str) -> Callable[..., Any]:
        """The notebook's own function; there is no other one here."""
        return self.module.__dict__[name]

    # --- cells ---

    def run_cells(self, message: dict[str, Any], values: Any) -> Iterator[Reply]:
        """Run cells in order; say of each, when it ended, how it went.

        After some seconds only definitions are run.
        """
        stop = time.monotonic() + message["seconds"]
        for name, source, definitions in message["cells"]:
            with warnings_off(), Silence():
                hurried = definitions or time.monotonic() > stop
                kind, sentence = self._run_cell(name, source, hurried, message["cell_seconds"])
            yield {"kind": kind, "sentence": sentence}, ()

    def _run_cell(
        self, name: str, source: str, definitions: bool, seconds: float
    ) -> tuple[str, str]:
        """Run a cell statement by statement, after a failure only its definitions."""
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        stop = time.monotonic() + seconds
        try:
            statements = ast.parse(source, name).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
            return "syntax", _syntax_in_words(problem, source)
        first = None
        for statement in statements:
            if not (first or definitions) or defines(statement):
                left = max(stop - time.monotonic(), 0.2)
                problem = self._run_statement(statement, name, left)
                first = first or problem
        return first or ("", "")

    def _run_statement(
        self, statement: ast.stmt, name: str, seconds: float
    ) -> tuple[str, str] | None:
        """What went wrong in a statement, if anything: its kind and a sentence."""
        namespace = self.module.__dict__
        code = None
        try:
            with answers.time_limit(seconds):
                code = compile(ast.Module([statement], []), name, "exec", dont_inherit=True)
                exec(code, namespace)
        except answers.TimeUp:
            return "too slow", f"had not ended after {seconds:.0f} s"
        except SyntaxError as problem:
            return "syntax", _syntax_in_words(problem, "")
        except BaseException as problem:
            words = answers.crash_in_words(problem, FunctionType(code, {})) if code else "failed"
            return "raised", _short(words.removeprefix("it ").removeprefix("its "))
        finally:
            found = namespace.get(self.wanted)
            if isinstance(found, FunctionType) or (callable(found) and not _lifeless(found)):
                self.found = found
        return None

    # --- calls ---

    def about(self, message: dict[str, Any], values: Any) -> Iterator[Reply]:
        """Whether the exercise's function exists, and which packages it uses."""
        there = self.module.__dict__.get(self.wanted)
        used: list[str] = []
        with contextlib.suppress(Exception):  # an odd function may not let itself be looked at
            used = sorted(answers.modules_used(self.found)) if self.found else []
        yield (
            {
                "function": self.found is not None,
                "instead": type(there).__name__ if there is not None else "",
                "uses": used,
            },
            (),
        )

    def call(self, message: dict[str, Any], values: Any) -> Iterator[Reply]:
        """Call the student's function, or the probe that asks it; the inputs go back as well."""
        args, kwargs = values
        probe = probes.PROBES.get(message.get("probe"))
        named = answers.by_position(self.found, message.get("parameters", ()))
        recorded = Recorded(probe(self.found) if probe else named)
        outcome = answers.attempt(recorded, args, kwargs, message["seconds"])
        reply = {
            "failure": outcome.failure,
            "sentence": _short(outcome.sentence),
            "printed": outcome.printed,
        }
        yield reply, (outcome.value, recorded.given)


class Recorded:
    """A function that remembers the arguments it was called with."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.given: Any = ((), {})
        self.__wrapped__ = function  # where to look for the student's own lines

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.given = (args, kwargs)
        return self.function(*args, **kwargs)


class Silence:
    """Swallows what a cell prints."""

    def __enter__(self) -> None:
        self.before = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")

    def __exit__(self, *error: Any) -> None:
        sys.stdout, sys.stderr = self.before


@contextlib.contextmanager
def warnings_off() -> Iterator[None]:
    """Without warnings, which would only go to a closed stderr."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _limit(kind: int, most: int) -> None:
    allowed = resource.getrlimit(kind)[1]
    most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
    resource.setrlimit(kind, (most, most))


def _lifeless(value: Any) -> bool:
    return isinstance(value, stand_ins.Lifeless)


def _syntax_in_words(problem: BaseException, source: str) -> str:
    if not isinstance(problem, SyntaxError) or not problem.lineno:
        return _short(f"cannot be read as Python ({type(problem).__name__})")
    lines = source.splitlines()
    line = lines[problem.lineno - 1].strip()[:80] if problem.lineno <= len(lines) else ""
    return _short(f"cannot be read as Python: {problem.msg}, in line {problem.lineno}, `{line}`")


def _short(text: Any) -> str:
    return clean(text, MOST_SENTENCE)
