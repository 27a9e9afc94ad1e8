"""Outputs of earlier runs, so that unchanged code need not run again."""

import hashlib
import json
import sys
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursekit.files import write_whole

_PACKAGE = Path(__file__).parents[1]


def restore_outputs(notebook: NotebookNode, place: Path, lock: Path) -> bool:
    """Put the outputs of an earlier run into a copy.

    place: where ``save_outputs`` left them; lock: the file of pinned versions. Returns whether
    that run was of the same code, coursekit and versions.
    """
    try:
        saved = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(saved, dict) or saved.get("key") != _key(notebook, lock):
        return False
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, outputs in zip(codes, saved["outputs"], strict=True):
        cell.outputs = [nbformat.from_dict(output) for output in outputs]
    for count, cell in enumerate(codes, start=1):
        cell.execution_count = count
    return True


def save_outputs(notebook: NotebookNode, place: Path, lock: Path) -> None:
    """Keep the outputs of a run for ``restore_outputs``."""
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    write_whole(place, json.dumps({"key": _key(notebook, lock), "outputs": outputs}))


def _key(notebook: NotebookNode, lock: Path) -> str:
    codes = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    parts = [json.dumps(codes), _package_digest(), sys.version]
    parts.append(lock.read_text(encoding="utf-8") if lock.is_file() else "")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _package_digest() -> str:
    """A digest of coursekit itself: its code draws the pictures and writes the sentences."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(_PACKAGE)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
