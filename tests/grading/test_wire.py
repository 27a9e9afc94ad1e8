"""What crosses between grader and worker: plain values, whole and unchanged, and nothing else."""

import json
import math
import socket
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursekit import answers
from coursekit.grading import wire


def there_and_back(values, functions=None, function=None):
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    theirs.settimeout(10)
    with ours, theirs:
        wire.send(ours, {}, values, functions)
        ours.shutdown(socket.SHUT_WR)
        return wire.receive(theirs, function=function)[1]


numbers = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
arrays = hnp.arrays(
    st.sampled_from(["?", "i1", "u1", "i4", "i8", "f4", "f8", "c16"]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
plain = st.recursive(
    st.one_of(numbers, arrays),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ),
    max_leaves=12,
)


@given(plain)
def test_plain_values_come_back_as_they_were(value):
    back = there_and_back(value)
    assert type(back) is type(value)
    assert answers.same(back, value)


def test_other_byte_orders_become_ours():
    back = there_and_back(np.array([1.5, 2.5], ">f8").reshape(2, 1)[::-1])
    assert (back.dtype.str, back.tolist()) == ("<f8", [[2.5], [1.5]])


def test_rarer_kinds_come_back():
    value = (
        {1, 2},
        frozenset({3}),
        range(2, 9, 3),
        np.float32(0.5),
        np.int64(4),
        -math.inf,
        10**40,
    )
    back = there_and_back(value)
    assert back == ({1, 2}, {3}, range(2, 9, 3), 0.5, 4, -math.inf, 10**40)
    assert (type(back[3]), type(back[4])) == (np.float32, np.int64)


@pytest.mark.parametrize("odd", [object(), len, (x for x in ()), 3j, np.array(["a"]), "x" * 5000])
def test_other_objects_lose_their_life_and_keep_their_name(odd):
    back = there_and_back((odd,))[0]
    assert type(back).__name__ == type(odd).__name__
    assert not callable(back)
    assert len(repr(back)) <= 80


def test_subclasses_lose_their_tricks():
    class Yes(int):
        __eq__ = lambda *anything: True  # noqa: E731
        __hash__ = int.__hash__

    back = there_and_back([Yes(3)])
    assert back == [3]
    assert type(back[0]) is int


def test_functions_and_generators_cross_only_on_request():
    rng = np.random.default_rng(5)
    functions = []
    back = there_and_back((abs, rng), functions, function=lambda position: ("asks", position))
    assert (back[0], functions) == (("asks", 0), [abs])
    assert back[1].random() == np.random.default_rng(5).random()
    assert repr(there_and_back((abs,))[0]) == repr(abs)
    with pytest.raises(wire.BadFrame):
        there_and_back((abs,), [])


def test_tensors_are_tensors_for_students_and_arrays_for_the_grader():
    import torch

    tensor = torch.arange(6.0).reshape(2, 3)
    given = there_and_back((tensor,), [], function=abs)[0]
    returned = there_and_back((tensor.requires_grad_(),))[0]
    assert torch.equal(given, tensor)
    assert np.array_equal(returned, tensor.detach().numpy())


def test_too_much_is_refused_before_it_is_sent():
    for value in ([0] * 300_000, np.zeros(wire.MOST_NUMBERS + 1, "u1")):
        with pytest.raises(wire.TooBig):
            there_and_back(value)
    endless = []
    endless.append(endless)
    assert "list" in repr(type(there_and_back(endless)))


def frame(header, payload=b""):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack(">II", len(header), len(payload)) + header + payload


FORGED = {
    "not JSON": frame(b"\x80\x04pickled"),
    "not an object": frame([1]),
    "unknown kind": frame({"values": {"z": []}}),
    "two kinds": frame({"values": {"t": [], "s": []}}),
    "object dtype": frame({"values": {"a": [0, "|O", [1]]}}, bytes(8)),
    "text dtype": frame({"values": {"a": [0, "<U8", [1]]}}, bytes(64)),
    "negative shape": frame({"values": {"a": [0, "<f8", [-1]]}}, bytes(8)),
    "huge shape": frame({"values": {"a": [0, "<f8", [1 << 40, 1 << 40]]}}, bytes(8)),
    "beyond the payload": frame({"values": {"a": [8, "<f8", [1]]}}, bytes(8)),
    "before the payload": frame({"values": {"a": [-8, "<f8", [1]]}}, bytes(8)),
    "a shape of text": frame({"values": {"a": [0, "<f8", ["1"]]}}, bytes(8)),
    "a function": frame({"values": {"f": 0}}),
    "a generator": frame({"values": {"g": {}}}),
    "nested": frame(b'{"values": ' + b"[" * 60 + b"]" * 60 + b"}"),
    "deeply nested": frame(b'{"values": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "unhashable": frame({"values": {"s": [[1]]}}),
    "a range of floats": frame({"values": {"r": [0.5, 1, 1]}}),
    "no number": frame(b'{"values": ' + b"9" * 5000 + b"}"),
    "a huge header": struct.pack(">II", 0xFFFFFFFF, 0),
    "a huge payload": struct.pack(">II", 2, 0xFFFFFFFF) + b"{}",
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_frames_are_recognized(name):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(5)
        theirs.settimeout(5)
        ours.sendall(FORGED[name])
        with pytest.raises(wire.BadFrame):
            wire.receive(theirs)


def test_a_cut_stream_is_the_end():
    ours, theirs = socket.socketpair()
    with theirs:
        ours.sendall(frame({})[:-1])
        ours.close()
        with pytest.raises(wire.Closed):
            wire.receive(theirs)


def test_waiting_can_be_given_up():
    def enough():
        raise RuntimeError("enough")

    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(RuntimeError, match="enough"):
        wire.receive(theirs, tick=enough)
