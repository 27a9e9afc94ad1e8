"""What this machine has for the course, and what each missing thing would cost."""

import importlib
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

import psutil

from coursekit import __version__

PACKAGES = ("numpy", "torch", "matplotlib", "jupyterlab", "ipywidgets", "anywidget", "scikit-image")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
NEEDED_MEMORY = 2.0  # GiB, the most one notebook uses


@dataclass(frozen=True)
class Finding:
    """One thing looked for: whether it is there, what was found, what its absence costs."""

    name: str
    present: bool
    found: str
    cost: str = ""
    needed: bool = False


class Checkup:
    """All findings; shows itself. The text form is the same on every healthy machine."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings

    @property
    def ready(self) -> bool:
        """Whether the lectures run here."""
        return all(one.present for one in self.findings if one.needed)

    def __repr__(self) -> str:
        missing = [one for one in self.findings if one.needed and not one.present]
        if not missing:
            return "This machine is ready for the course."
        return "\n".join(f"{one.name}: {one.found}. {one.cost}" for one in missing)

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{escape(one.name)}</th>'
            f'<td style="text-align:left">{"there" if one.present else "missing"}</td>'
            f'<td style="text-align:left">{escape(one.found)}</td>'
            f'<td style="text-align:left">{"" if one.present else escape(one.cost)}</td></tr>'
            for one in self.findings
        )
        return f"<p><strong>{escape(repr(self))}</strong></p><table>{rows}</table>"


def examine() -> Checkup:
    """Look for everything the course can use."""
    looks: list[Callable[[], Finding]] = [
        _python,
        *(lambda name=name: _package(name) for name in PACKAGES),
        _device,
        _memory,
        _progress_file,
        _datasets,
        _browser,
        _sandbox,
        _node,
    ]
    return Checkup([look() for look in looks])


def _python() -> Finding:
    return Finding(
        "Python",
        sys.version_info >= (3, 11),
        f"{platform.python_version()} on {platform.system()} {platform.machine()}, "
        f"coursekit {__version__}",
        "Install Python 3.11 or newer.",
        needed=True,
    )


def _package(name: str) -> Finding:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "not installed", "Run `make lab` once more.", needed=True)
    locked = _locked_versions().get(name)
    note = "" if locked in (None, version.split("+")[0]) else f" (tested with {locked})"
    return Finding(name, True, version + note, needed=True)


def _locked_versions() -> dict[str, str]:
    """The tested versions, where the course's own folder is at hand."""
    lock = Path(__file__).parent.parent / "requirements.lock"
    if not lock.is_file():
        return {}
    lines = lock.read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line and line[0] != "#")


def _device() -> Finding:
    cores = f"{os.cpu_count()} CPU cores"
    if not importlib.util.find_spec("torch"):
        return Finding("GPU", False, cores, "Without torch there is none to use.")
    torch = importlib.import_module("torch")
    if torch.cuda.is_available():
        return Finding("GPU", True, f"{torch.cuda.get_device_name()}, {cores}")
    if torch.backends.mps.is_available():
        return Finding("GPU", True, f"Apple MPS, {cores}")
    return Finding("GPU", False, cores, "Nothing is lost: every lecture runs on the CPU.")


def _memory() -> Finding:
    free = psutil.virtual_memory().available / 2**30
    return Finding(
        "memory",
        free >= NEEDED_MEMORY,
        f"{free:.1f} GiB free",
        f"A lecture may need {NEEDED_MEMORY:g} GiB; close other programs.",
        needed=True,
    )


def _progress_file() -> Finding:
    from coursekit.records import record_file

    path = record_file()
    writable = os.access(path if path.exists() else path.parent, os.W_OK)
    return Finding("progress", writable, str(path), "Checks work; your progress is not kept.")


def _datasets() -> Finding:
    folder = os.environ.get("COURSEKIT_DATA")
    if not folder:
        return Finding(
            "datasets",
            False,
            "COURSEKIT_DATA is not set",
            "Lectures use the packaged photographs instead of CIFAR-10.",
        )
    path = Path(folder)
    names = sorted(p.name for p in path.iterdir() if p.is_dir()) if path.is_dir() else []
    cost = f"Put datasets into {folder}, or let a lecture download them."
    return Finding("datasets", bool(names), ", ".join(names) or "nothing there yet", cost)


def _browser() -> Finding:
    found = next((path for path in map(shutil.which, BROWSERS) if path), "")
    return Finding("browser", bool(found), found or "no Chromium", "`make test` cannot drive one.")


def _sandbox() -> Finding:
    cost = "`coursekit grade` still limits time and memory, but seals nothing off."
    if not shutil.which("bwrap"):
        return Finding("sandbox", False, "bubblewrap is not installed", cost)
    trial = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    works = subprocess.run(trial, capture_output=True, check=False).returncode == 0
    found = "bubblewrap works" if works else "bubblewrap may not make namespaces here"
    return Finding("sandbox", works, found, cost)


def _node() -> Finding:
    found = shutil.which("node") or ""
    return Finding("node", bool(found), found or "no Node.js", "The widgets' own tests do not run.")
