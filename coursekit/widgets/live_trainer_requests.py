"""What a page may ask of a live trainer: its buttons, files and pictures."""

import json
from typing import Any

import numpy as np

from coursekit.problem import Problem
from coursekit.widgets import live_trainer_kernel as kernel
from coursekit.widgets.live_trainer_net import built

LARGEST_FILE = 8_000_000  # bytes; Jupyter cuts the line at ten million


def serve(trainer: Any, content: dict[str, Any], buffers: Any) -> None:
    """Do what a page asks; raises Problem when it cannot be done.

    Nothing here waits for a batch: a page's request runs in the notebook's main thread.
    """
    _ANSWERS[content["do"]](trainer, content, buffers)


def _start(trainer: Any, *_: Any) -> None:
    trainer.start()


def _pause(trainer: Any, *_: Any) -> None:
    trainer.pause(wait=False)


def _step(trainer: Any, *_: Any) -> None:
    if trainer.running:
        trainer.pause(wait=False)
    else:
        trainer.later(trainer.one_batch)


def _restart(trainer: Any, *_: Any) -> None:
    trainer.restart(wait=False)


def _clear(trainer: Any, *_: Any) -> None:
    trainer.clear_graph()


def _save(trainer: Any, *_: Any) -> None:
    trainer.later(lambda: trainer.send({"kind": "file", "name": "network.json"}, [_file(trainer)]))


def _file(trainer: Any) -> bytes:
    return json.dumps(trainer.saved()).encode()


def _load(trainer: Any, _content: Any, buffers: Any) -> None:
    data = bytes(buffers[0]) if buffers else b""
    if len(data) > LARGEST_FILE:
        raise Problem("The file is larger than 8 MB; use trainer.restore(path) in a cell instead.")
    trainer.restore(data.decode("utf-8", "replace") or "{}", wait=False)


def _pretrained(trainer: Any, *_: Any) -> None:
    trainer.load_pretrained(wait=False)


def _network(trainer: Any, content: dict[str, Any], _buffers: Any) -> None:
    trainer.change_net(built(str(content.get("code", "")), kernel.names()), wait=False)


def _own(trainer: Any, content: dict[str, Any], buffers: Any) -> None:
    size = content.get("size")
    try:
        image = np.frombuffer(bytes(buffers[0]), np.uint8).reshape(*size, 3)
    except (ValueError, TypeError, IndexError):
        raise Problem("The picture could not be read; choose a PNG or a JPEG.") from None
    trainer.later(lambda: trainer.show_own(image))


def _test(trainer: Any, *_: Any) -> None:
    trainer.later(trainer.test_all)


_ANSWERS = {
    "start": _start,
    "pause": _pause,
    "step": _step,
    "restart": _restart,
    "clear": _clear,
    "save": _save,
    "load": _load,
    "pretrained": _pretrained,
    "network": _network,
    "own": _own,
    "test": _test,
}
REQUESTS = frozenset(_ANSWERS)
