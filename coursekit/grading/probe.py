"""Finds out how well this machine can seal, by trying from the inside."""

import socket

from coursekit.grading.sandbox import OPEN, PACKAGE, Way, ways
from coursekit.grading.sealed import CannotStart, Lost, SealedWorker

PROBE = """
import socket
def works(attempt, *args):
    try:
        attempt(*args).close()
        return True
    except OSError:
        return False
def probe(paths, port):
    reached = works(socket.create_connection, ("127.0.0.1", port), 1)
    return [path for path in paths if works(open, path)], reached
"""


def best_way() -> tuple[Way, str]:
    """The strongest way that works here, and why no sealed one does.

    A way counts as sealed only if code inside it was seen to find neither the course's files nor
    a port that is open on this machine.
    """
    why = "bubblewrap (bwrap) is not installed"
    for way in ways():
        if way is OPEN:
            break
        try:
            leaks = _leaks(way)
        except (CannotStart, Lost) as problem:
            why = f"bubblewrap does not work here ({problem})"
            continue
        if not leaks:
            return way, ""
        why = f"inside bubblewrap a student's code still {' and '.join(leaks)}"
    return OPEN, why


def open_leaks() -> list[str]:
    """What a student's code can do here outside of a sandbox."""
    return [*_leaks(OPEN), "shares memory, disk and process numbers with everything else"]


def _leaks(way: Way) -> list[str]:
    """What a probe in a worker could reach that it should not."""
    secret = [str(PACKAGE / "exercises" / "__init__.py"), "/etc/passwd"]
    with SealedWorker(way) as worker, socket.create_server(("127.0.0.1", 0)) as server:
        run = worker.run("probe")
        cells = [["<cell probe>", PROBE, False]]
        run.ask({"do": "cells", "cells": cells, "seconds": 5, "cell_seconds": 5}, (), 10)
        port = server.getsockname()[1]
        _, (seen, _) = run.ask({"do": "call", "seconds": 5}, ((secret, port), {}), 10)
        worker.end(run)
    reads, reaches = seen
    found = [f"reads {reads[0]}"] if reads else []
    return [*found, "reaches the network"] if reaches else found
