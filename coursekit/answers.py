"""Calling a student's function: safely, with a time limit, and with its failures put into words.

Self-contained on purpose (standard library and NumPy): the sealed grading worker runs this file
too, and must see nothing of the exercises.
"""

import contextlib
import copy
import ctypes
import dis
import functools
import inspect
import io
import linecache
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

MOST_PRINTED = 2_000  # characters of a student's debug prints worth keeping
MOST_LINE = 120  # characters of a student's line worth quoting


@dataclass(frozen=True)
class Outcome:
    """What one call came to: a value, or a failure put into words.

    failure: None | "not attempted" | "raised" | "too slow" | "forbidden" | "stopped" (by the
    student) | "lost" (the process died). ``sentence`` says the failure; ``changed_input`` that an
    argument was written to; ``printed`` the start of what the function printed meanwhile.
    """

    value: Any = None
    failure: str | None = None
    sentence: str = ""
    changed_input: bool = False
    printed: str = ""


class Beginning(io.StringIO):
    """Keeps the first characters written to it, so that endless prints fill no memory."""

    def write(self, text: str) -> int:
        """Keep what there is room for."""
        super().write(text[: max(0, MOST_PRINTED - self.tell())])
        return len(text)

    def close(self) -> None:
        """Stay open: it stands in for an output that a student's code may close."""


class TimeUp(BaseException):
    """Raised inside a student's function when its time is over."""


def call(
    function: Callable[..., Any],
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    seconds: float = 5.0,
) -> Outcome:
    """Call a function on copies of its arguments and describe what happened.

    >>> call(divmod, (7, 2)).value
    (3, 1)
    >>> call(divmod, (7, 0)).failure
    'raised'
    """
    given = copy.deepcopy((tuple(args), dict(kwargs or {})))
    spare = copy.deepcopy(given)
    outcome = attempt(function, *given, seconds)
    return outcome if outcome.failure else replace(outcome, changed_input=not same(given, spare))


def attempt(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], seconds: float
) -> Outcome:
    """Call a function on these very arguments and describe what happened, but for them."""
    printed = Beginning()

    def failed(failure: str, sentence: str) -> Outcome:
        """What a call that gave no value came to."""
        return Outcome(failure=failure, sentence=sentence, printed=printed.getvalue())

    try:
        with _quiet(printed), _in_this_folder(), time_limit(seconds):
            value = function(*args, **kwargs)
            if inspect.iscoroutine(value):  # of an `async def`, which would warn on stderr
                value.close()
    except TimeUp:
        return failed("too slow", f"it had not answered after {seconds:g} s")
    except NotImplementedError:
        return failed("not attempted", "not attempted yet")
    except KeyboardInterrupt:
        return failed("stopped", "was interrupted before it had answered")
    except BaseException as error:
        return failed("raised", crash_in_words(error, function))
    return Outcome(value=value, printed=printed.getvalue())


def by_position(function: Callable[..., Any], names: Sequence[str]) -> Callable[..., Any]:
    """A function that was written with other parameter names, called as if it had these.

    Only the order counts then: as many parameters, and none of these names at another place.
    Every other function comes back as it is.

    >>> by_position(lambda size, pad=0: size - pad, ("size", "padding"))(5, padding=1)
    4
    """
    own = _parameters(function)
    if own is None or len(own) != len(names) or list(own) == list(names):
        return function
    if any(name in names and names.index(name) != place for place, name in enumerate(own)):
        return function
    theirs = dict(zip(names, own, strict=True))

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        """The same function, its keywords renamed."""
        return function(*args, **{theirs.get(name, name): kwargs[name] for name in kwargs})

    return called


def _parameters(function: Any) -> list[str] | None:
    """Names of a plain function's parameters; None where they can be given in other ways."""
    code = getattr(function, "__code__", None)
    if not isinstance(function, FunctionType) or code.co_flags & (CO_VARARGS | CO_VARKEYWORDS):
        return None
    if code.co_kwonlyargcount or code.co_posonlyargcount:
        return None
    return list(code.co_varnames[: code.co_argcount])


def same(a: Any, b: Any) -> bool:
    """Whether two nested arguments hold the same values (nan equals nan)."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if callable(a) or not isinstance(a, (int, float, complex, str, bool, type(None))):
        return True  # functions, modules and generators have no contents to compare
    return bool(a == b) or (a != a and b != b)


def crash_in_words(error: BaseException, function: Callable[..., Any]) -> str:
    """Say which of the student's own lines raised what.

    >>> crash_in_words(ValueError("no"), len)
    'it raised ValueError: no'
    """
    what = type(error).__name__ + (f": {_first_line(error)}" if _first_line(error) else "")
    files = {code.co_filename for code in _codes_of(function)}
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    last = frames[-1] if frames else None
    line = last and (last.line or linecache.getline(last.filename, last.lineno)).strip()
    if not line:  # written in C, or by a program that keeps no source
        return f"it raised {what}"
    return f"its line `{line if len(line) <= MOST_LINE else line[:MOST_LINE] + '…'}` raised {what}"


def modules_used(function: Callable[..., Any]) -> set[str]:
    """Names of the packages a function reaches through its global names, helpers included.

    >>> def f(x): return np.sum(x)
    >>> modules_used(f)
    {'numpy'}
    """
    found: set[str] = set()
    seen: set[int] = set()
    waiting = [function]
    own = getattr(function, "__module__", None)
    while waiting:
        current = _unwrapped(waiting.pop())
        written_here = isinstance(current, type) and current.__module__ == own
        if not (isinstance(current, FunctionType) or written_here) or id(current) in seen:
            continue
        seen.add(id(current))
        reached = _reached(current)
        homes = {_home_of(value) for value in reached} | _imported_inside(current)
        found |= {home.split(".")[0] for home in homes - {"", current.__module__}}
        waiting += reached
    return found


def _reached(function: FunctionType | type) -> list[Any]:
    """What a function's global and enclosing names stand for; a class's methods and bases."""
    if isinstance(function, type):
        return [*_methods(function), *function.__mro__[1:-1]]
    names = {name for code in _codes_of(function) for name in code.co_names}
    space = inspect.getclosurevars(function).nonlocals
    return [{**function.__globals__, **space}.get(name) for name in names | space.keys()]


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeUp in the block when it runs longer than this.

    In the main thread an alarm signal does it (which also ends a sleep); elsewhere a watchdog
    thread. Both repeat, so that an answer catching every exception is stopped as well.
    """
    alarm = getattr(signal, "SIGALRM", None)
    if alarm is None or threading.current_thread() is not threading.main_thread():
        with _watchdog(seconds):
            yield
        return
    before, traced = signal.signal(alarm, _alarm_handler()), sys.gettrace()
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.02)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(alarm, before)
        sys.settrace(traced)


def _alarm_handler() -> Callable[[int, Any], None]:
    """Raises TimeUp wherever the student's code is; once it is caught, in the handler as well."""
    swallowed = 0

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal swallowed
        if frame is None or frame.f_code.co_filename in (__file__, contextlib.__file__):
            return  # already on the way out
        swallowed += 1
        if swallowed > 5:
            frame.f_trace = _raiser_after_exceptions()
            sys.settrace(frame.f_trace)
        raise TimeUp

    return stop


def _raiser_after_exceptions() -> Callable[..., Any]:
    """A trace function that raises TimeUp on the first line that handles an exception.

    `while True: try … except: …` is never left by an exception inside the try alone; one raised
    in its handler gets out.
    """
    handling = False

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal handling
        if handling and event == "line":
            raise TimeUp
        handling = handling or event == "exception"
        return trace

    return trace


@contextlib.contextmanager
def _watchdog(seconds: float) -> Iterator[None]:
    done = threading.Event()
    target = ctypes.c_ulong(threading.get_ident())

    def watch() -> None:
        wait = seconds
        while not done.wait(wait):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(TimeUp))
            wait = 0.02

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        ctypes.pythonapi.PyThreadState_SetAsyncExc(target, None)


@contextlib.contextmanager
def _quiet(printed: io.StringIO) -> Iterator[None]:
    """Keep prints and warnings of a student's function out of the notebook."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _in_this_folder() -> Iterator[None]:
    """Come back to the folder, where a student's function goes to another one."""
    here = ""
    with contextlib.suppress(OSError):  # it may be gone
        here = os.getcwd()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.chdir(here)


def _first_line(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except BaseException:  # a student's exception class may fail at printing itself
        return ""
    return lines[0][:200] if lines else ""


def _unwrapped(function: Any) -> Any:
    """What a decorator, a recorder, a probe or a partial was put around; of an object its class."""
    for _ in range(10):
        function = getattr(function, "__dict__", {}).get("__wrapped__", function)
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, MethodType):
            function = function.__func__
    is_object = callable(function) and not isinstance(function, FunctionType | type)
    return type(function) if is_object else function


def _methods(written: type) -> list[FunctionType]:
    """The functions that a class defines itself."""
    bare = (getattr(value, "__func__", value) for value in vars(written).values())
    return [value for value in bare if isinstance(value, FunctionType)]


def _codes_of(function: Callable[..., Any]) -> list[CodeType]:
    """The code objects of a function, or a class's methods, and of everything defined inside."""
    function = _unwrapped(function)
    functions = _methods(function) if isinstance(function, type) else [function]
    codes = [getattr(one, "__code__", None) for one in functions]
    found, waiting = [], [code for code in codes if isinstance(code, CodeType)]
    while waiting:
        found.append(waiting.pop())
        waiting += [const for const in found[-1].co_consts if isinstance(const, CodeType)]
    return found


def _home_of(value: Any) -> str:
    if isinstance(value, ModuleType):
        return value.__name__
    home = getattr(value, "__module__", None) if callable(value) else None
    return home if isinstance(home, str) else ""


def _imported_inside(function: FunctionType) -> set[str]:
    """Names that import statements inside the function's body bring in."""
    return {
        instruction.argval
        for code in _codes_of(function)
        for instruction in dis.get_instructions(code)
        if instruction.opname == "IMPORT_NAME"
    }
