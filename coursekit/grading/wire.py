"""Messages between the grader and the sealed worker.

A frame is two lengths, a JSON header and one block of raw numbers; reading a forged one can at
worst fail. Self-contained: the worker runs this file too.
"""

import json
import socket
import struct
from collections.abc import Callable
from typing import Any

from coursekit.grading.values import MOST_NUMBERS, BadFrame, Packer, TooBig, unpack

__all__ = ["BadFrame", "Closed", "TooBig", "receive", "send"]

MOST_HEADER = 4 << 20  # bytes of one frame's JSON
LENGTHS = struct.Struct(">II")


class Closed(Exception):
    """The other side is gone."""


def send(
    channel: socket.socket,
    message: dict[str, Any],
    values: Any = (),
    functions: list[Callable[..., Any]] | None = None,
) -> None:
    """Send a message and, beside it, values of any plain kind.

    functions: where given, functions and random generators cross too; the functions are put on
    this list, and the other side gets their positions. Raises TooBig for values over the limits,
    Closed when nobody listens.
    """
    packer = Packer(functions)
    header = json.dumps({**message, "values": packer.pack(values)}).encode()
    if len(header) > MOST_HEADER or packer.size > MOST_NUMBERS:
        raise TooBig(f"more than {MOST_NUMBERS >> 20} MB of numbers or {MOST_HEADER >> 20} of text")
    try:
        channel.sendall(LENGTHS.pack(len(header), packer.size) + header + b"".join(packer.parts))
    except OSError as problem:
        raise Closed(str(problem)) from problem


def receive(
    channel: socket.socket,
    tick: Callable[[], None] | None = None,
    function: Callable[[int], Any] | None = None,
) -> tuple[dict[str, Any], Any]:
    """The next message and its values.

    tick: called before every read, at least as often as the channel's timeout; raises to give up.
    function: makes the stand-in for a function that was sent; without it functions and generators
    are refused.
    Raises Closed at the end of the stream and BadFrame for anything that is no frame.
    """
    header_size, payload_size = LENGTHS.unpack(_exactly(channel, LENGTHS.size, tick))
    if header_size > MOST_HEADER or payload_size > MOST_NUMBERS:
        raise BadFrame(f"a frame of {header_size} and {payload_size} bytes")
    header = bytes(_exactly(channel, header_size, tick))
    payload = _exactly(channel, payload_size, tick)
    try:
        message = json.loads(header)
        if not isinstance(message, dict):
            raise BadFrame("a header that is no object")
        return message, unpack(message.pop("values", None), payload, function)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as problem:
        raise BadFrame(f"{type(problem).__name__} in a frame") from problem


def _exactly(channel: socket.socket, size: int, tick: Callable[[], None] | None) -> bytearray:
    block = bytearray(size)
    view, done = memoryview(block), 0
    while done < size:
        if tick:
            tick()
        try:
            count = channel.recv_into(view[done:])
        except TimeoutError:
            continue
        except OSError as problem:
            raise Closed(str(problem)) from problem
        if not count:
            raise Closed("the stream ended")
        done += count
    return block
