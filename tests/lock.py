"""Write requirements.lock: the exact versions installed in this environment."""

import argparse
import importlib.metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
HEAD = """\
# Every version the course is tested with. Written by `make lock`; installed by `make lab`.
# torch is the CPU build where the index offers one; a CUDA build of the same version works too.
"""
NOT_OURS = {"coursekit", "pip", "setuptools", "wheel"}


def installed() -> list[str]:
    """name==version of every package here, local version labels left out."""
    found: dict[str, str] = {}
    for dist in importlib.metadata.distributions():
        name = dist.metadata["Name"].lower().replace("_", "-")
        found.setdefault(name, dist.version.split("+")[0])  # what is imported comes first
    return [f"{name}=={found[name]}" for name in sorted(found) if name not in NOT_OURS]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", required=True)
    parser.parse_args()
    LOCK.write_text(HEAD + "\n".join(installed()) + "\n", encoding="utf-8")
