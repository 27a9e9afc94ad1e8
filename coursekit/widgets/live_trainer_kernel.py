"""Where trainers stand in a notebook's kernel: who is replaced, and who stops on an interrupt."""

import contextlib
import signal
import threading
from time import monotonic
from typing import Any
from weakref import WeakSet

_TRAINERS: "WeakSet[Any]" = WeakSet()
_cells = {"running": 0, "ended": monotonic()}


def enter(trainer: Any) -> None:
    """Note a new trainer; those it replaces are stopped.

    It replaces the trainer that an earlier run of the same cell made, and any that trains the
    same weights.
    """
    for other in list(_TRAINERS):
        same_cell = trainer.cell is not None and trainer.cell == other.cell
        if same_cell or _share_weights(trainer.net, other.net):
            other.replaced()
    _TRAINERS.add(trainer)


def _share_weights(net: Any, other: Any) -> bool:
    mine = {id(parameter) for parameter in net.parameters()}
    return any(id(parameter) in mine for parameter in other.parameters())


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    return shell if hasattr(shell, "kernel") else None


def this_cell() -> str | None:
    """What tells the running cell from others; None outside of notebooks."""
    shell = _shell()
    if shell is None:
        return None
    parent = shell.get_parent() or {}
    code = parent.get("content", {}).get("code")
    return parent.get("metadata", {}).get("cellId") or code


def names() -> dict[str, Any]:
    """The variables of the notebook, by which a net's definition may call its parts."""
    shell = _shell()
    return dict(shell.user_ns) if shell else {}


def listen() -> None:
    """Let the notebook's interrupt button pause trainers, also between cells.

    ipykernel ignores the signal while no cell runs, so it gets a handler for that time.
    """
    shell = _shell()
    if shell is None or threading.current_thread() is not threading.main_thread():
        return
    if getattr(shell.kernel, "saved_sigint_handler", None) is not _between_cells:
        shell.kernel.saved_sigint_handler = _between_cells
    for event, answer in (("pre_run_cell", _cell_begins), ("post_run_cell", _cell_ends)):
        with contextlib.suppress(ValueError):  # not there yet
            shell.events.unregister(event, answer)
        shell.events.register(event, answer)
    _cells["running"] = 1  # made in a cell


def quiet_since(heard: float) -> float:
    """Seconds for which a page could have been heard and was not."""
    return 0.0 if _cells["running"] else monotonic() - max(heard, _cells["ended"])


def pause_all(why: str) -> None:
    """Pause every trainer that is running."""
    for trainer in list(_TRAINERS):
        if trainer.running:
            trainer.pause(wait=False, why=why)


def _between_cells(_signal: int, _frame: Any) -> None:
    pause_all("The kernel was interrupted, so training was paused.")


def _cell_begins(_info: Any = None) -> None:
    _cells["running"] = 1


def _cell_ends(result: Any = None) -> None:
    _cells.update(running=0, ended=monotonic())
    if isinstance(getattr(result, "error_in_exec", None), KeyboardInterrupt):
        _between_cells(signal.SIGINT, None)
