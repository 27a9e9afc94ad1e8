"""Which files of the installed packages a sealed worker gets to see."""

import re
import site
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata, util
from pathlib import Path, PurePath


@cache
def package_paths(names: tuple[str, ...]) -> dict[str, Path]:
    """Folders and modules of some packages and all they need.

    names: import names, which are also the names on PyPI. Packages that are not installed are
    left out, and so is coursekit, which holds the answers.

    >>> sorted(package_paths(("numpy",)))[0]
    'numpy'
    """
    found: dict[str, Path] = {}
    seen = {"coursekit"}
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        found |= {path.name: path for path in _entries(name, distribution) if path.exists()}
        waiting += _required(distribution)
    return found


def _entries(name: str, distribution: metadata.Distribution) -> Iterator[Path]:
    """What an installed package put directly into site-packages."""
    tops = {PurePath(file).parts[0] for file in distribution.files or ()}
    if not tops:  # some installers keep no list
        spec = util.find_spec(name)
        yield from (Path(place) for place in (spec.submodule_search_locations or ()) if spec)
    for top in tops - {"..", "__pycache__"}:
        if not top.endswith((".pth", ".dist-info", ".egg-info")):
            yield Path(str(distribution.locate_file(top)))


def _required(distribution: metadata.Distribution) -> Iterator[str]:
    for line in distribution.requires or ():
        matched = re.match(r"[A-Za-z0-9._-]+", line)
        if matched and "extra" not in line.partition(";")[2]:
            yield matched.group()


def third_party_folders() -> set[Path]:
    """Every folder that holds installed packages, coursekit's own included."""
    bases = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    found = [*site.getsitepackages(sorted(bases)), site.getusersitepackages()]
    found += [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    return {Path(entry) for entry in found} | {Path(__file__).parents[2]}
