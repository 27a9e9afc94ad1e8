"""What a check shows of answers that are arrays, or several of them."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from backpropagation_answers import conv_by_loops

from coursekit import diagnosis
from coursekit.checking import local_answer
from coursekit.exercises import EXERCISES
from coursekit.exercises.parts import Parts


def report_on(name, function):
    exercise = EXERCISES[name]
    return diagnosis.examine(exercise, local_answer(exercise, function))


def test_a_wrong_dtype_is_shown_as_such():
    def to_uint8(x):
        return np.clip(np.round(x), 0, 255).astype(int)

    example = report_on("to_uint8", to_uint8).example
    assert example.got == "[0] of dtype int64"
    assert example.expected == "[0] of dtype uint8"


def test_several_arrays_are_shown_by_their_numbers_or_shapes():
    def conv2d_backward(dout, x, w, stride=1, padding=0):
        dx, dw, db = conv_by_loops(dout, x, w, stride, padding)
        return dx, dw + (dw.size > 1), db

    example = report_on("conv2d_backward", conv2d_backward).example
    assert "array(" not in example.got
    assert example.got.startswith("([[[[") and example.got.endswith(")")


@pytest.mark.parametrize(("part", "name"), [(0, "dx"), (1, "dw")])
def test_the_part_that_is_wrong_is_drawn_and_named(part, name):
    def conv2d_backward(dout, x, w, stride=1, padding=0):
        parts = list(conv_by_loops(dout, x, w, stride, padding))
        parts[part] = parts[part] * np.linspace(1, 2, parts[part].size).reshape(parts[part].shape)
        return parts

    picture = report_on("conv2d_backward", conv2d_backward).example.picture
    root = ElementTree.fromstring(picture)
    assert root.get("aria-label").startswith(f"{name}: ")


def test_a_right_part_earns_its_points_beside_a_wrong_one():
    def conv2d_backward(dout, x, w, stride=1, padding=0):
        dx, dw, db = conv_by_loops(dout, x, w, stride, padding)
        return dx, dw / 3, db

    groups = {g.label: g.passed for g in report_on("conv2d_backward", conv2d_backward).groups}
    assert (groups["dx alone"], groups["dw alone"], groups["db alone"]) == (True, False, True)


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (None, "it returned nothing"),
        (np.zeros(3), "where (out, index) are asked for"),
        ([np.zeros(2)], "it returned 1 values, not (out, index)"),
        ((np.zeros(2), np.zeros(3)), "index: its shape is (3,), not (2,)"),
    ],
)
def test_what_is_missing_is_said_by_name(got, sentence):
    case = EXERCISES["max_pool2d_forward"].cases(np.random.default_rng(0))[0]
    parts = Parts("out", "index")
    assert sentence in parts.agrees(got, (np.zeros(2), np.zeros(2)), case).sentence


def test_a_loss_is_written_as_one_would_type_it():
    report = report_on("numerical_gradient", lambda f, x, h=1e-5: np.zeros(x.shape))
    assert report.example.call.startswith("numerical_gradient(lambda x: ")
