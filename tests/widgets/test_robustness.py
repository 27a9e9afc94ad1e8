"""Every widget, every array and every function it takes: a sentence for what cannot be drawn."""

import re
import time

import numpy as np
import pytest
from network_cases import tiny_explorer
from patch_cases import tiny_browser

from coursekit import widgets

SMALL = {"PatchBrowser": tiny_browser, "NetworkExplorer": tiny_explorer}
NAMES = [name for name in widgets.__all__ if name not in ("LivePicture", "LiveTrainer")]
PLACES = [
    ("TaskPicker", "tiles"),
    ("PixelMicroscope", "image"),
    ("VolumeExplorer", "image"),
    ("VolumeExplorer", "weights"),
    ("VolumeExplorer", "bias"),
    ("WeightIndex", "weights"),
    ("ConvolutionStepper", "image"),
    ("ConvolutionStepper", "weights"),
    ("BackwardStepper", "x"),
    ("BackwardStepper", "w"),
    ("BackwardStepper", "dout"),
    ("PoolingRouter", "x"),
    ("PoolingRouter", "dout"),
    ("PatchBrowser", "own"),
    ("NetworkExplorer", "own"),
    ("NetworkExplorer", "images"),
]
BAD = {
    "huge": np.zeros((2000, 2000)),
    "huge volume": np.zeros((3, 2000, 2000)),
    "huge batch": np.zeros((999, 3, 64, 64)),
    "empty": np.zeros((0,)),
    "empty volume": np.zeros((3, 0, 4)),
    "0-d": np.array(5.0),
    "five axes": np.zeros((1, 1, 1, 1, 1)),
    "words": np.array(["a", "b"]),
    "objects": np.array([object(), None]),
    "complex": np.ones((3, 5, 5)) * 1j,
    "ragged": [[1, 2], [3]],
    "text": "cat",
    "function": len,
}
SAME = {
    "integers": lambda x: np.round(x).astype(np.int64),
    "bool": lambda x: x > x.mean(),
    "not contiguous": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "reversed": lambda x: x[..., ::-1],
    "Fortran's order": np.asfortranarray,
    "big-endian": lambda x: x.astype(x.dtype.newbyteorder(">")),
    "half precision": lambda x: x.astype(np.float16) if x.dtype.kind == "f" else x,
}


def made(name):
    """A widget as it is by default; of a tiny network where it needs one."""
    return SMALL.get(name, getattr(widgets, name, None))()


def present(name, trait):
    """The array that a trait has, or a fitting one where it has none."""
    widget = made(name)
    if trait != "own":
        return widget, np.asarray(getattr(widget, trait))
    return widget, np.random.default_rng(0).random(widget.image_shape, np.float32)


def test_every_array_is_in_the_matrix():
    found = {
        (name, trait)
        for name in NAMES
        for trait, value in made(name)._trait_values.items()
        if isinstance(value, np.ndarray)
    }
    assert found <= set(PLACES)


@pytest.mark.parametrize(("name", "trait"), PLACES)
def test_arrays_that_cannot_be_drawn_leave_a_sentence_and_the_picture(name, trait):
    widget, good = present(name, trait)
    setattr(widget, trait, good)
    before, said = getattr(widget, trait), widget.sentence
    wrong = {"nan": good * np.nan, "infinite": good + np.inf, "none of a kind": good[..., :0]}
    for kind, bad in (BAD | wrong).items():
        setattr(widget, trait, bad)
        assert widget.problem.startswith(trait), kind
        assert widget.problem.endswith("."), kind
        assert "Traceback" not in widget.problem, kind
        np.testing.assert_array_equal(getattr(widget, trait), before, kind)
        assert widget.sentence == said, kind
    assert widget.still().startswith(b"\x89PNG")
    setattr(widget, trait, good)
    assert widget.problem == ""


@pytest.mark.parametrize(("name", "trait"), PLACES)
def test_arrays_of_any_kind_and_layout_are_drawn(name, trait):
    widget, good = present(name, trait)
    for kind, change in SAME.items():
        given = change(good)
        given.flags.writeable = False
        setattr(widget, trait, given)
        assert widget.problem == "", kind
        kept = getattr(widget, trait)
        assert kept.shape == given.shape, kind
        assert kept.flags.c_contiguous, kind
        if kept.dtype == np.float32:
            np.testing.assert_array_equal(kept, given.astype(np.float32), kind)
    assert widget.still().startswith(b"\x89PNG")


# ---- a student's function ----


def raises(*given, **named):
    """Stops."""
    raise ZeroDivisionError("division by zero")


def returns_nothing(*given, **named):
    """Forgets to return."""


def wrong_shape(*given, **named):
    """Gives numbers of another shape."""
    return np.zeros((7, 7, 7, 7, 7))


def wrong_kind(*given, **named):
    """Gives words."""
    return "many"


def not_finite(*given, **named):
    """Gives nan."""
    return np.nan


def slow(*given, **named):
    """Takes much longer than five seconds."""
    time.sleep(60)


TAKING = [
    ("ConvolutionStepper", "output_size"),
    ("ConvolutionStepper", "forward"),
    ("BackwardStepper", "backward"),
    ("PoolingRouter", "forward"),
    ("PoolingRouter", "backward"),
    ("VolumeExplorer", "column"),
    ("TaskPicker", "iou"),
    ("TaskPicker", "mean_iou"),
]
FAILING = [raises, returns_nothing, wrong_shape, wrong_kind, not_finite]
NAMED = ["ZeroDivisionError", "gives ", "gave ", "says no number"]


def asked(name, argument, function):
    """A widget that has asked the function, and all that it says in words."""
    widget = getattr(widgets, name)(**{argument: function})
    if name == "TaskPicker":
        widget.task = "detection" if argument == "iou" else "segmentation"
        widget.boxes = [(10, 10, 40, 40)]
        widget.compared = [widget.task]
    return widget, f"{widget.problem} {widget.sentence} {getattr(widget, 'answer', '')!r}"


@pytest.mark.parametrize("function", FAILING, ids=lambda function: function.__name__)
@pytest.mark.parametrize(("name", "argument"), TAKING)
def test_a_function_that_fails_leaves_words_and_a_picture(name, argument, function):
    widget, words = asked(name, argument, function)
    assert any(name in words for name in NAMED), words
    assert "Traceback" not in words
    assert widget.sentence.endswith(".")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "argument"), TAKING)
def test_a_function_that_takes_too_long_is_given_up(name, argument):
    started = time.monotonic()
    widget, words = asked(name, argument, slow)
    assert time.monotonic() - started < 30
    assert re.search(r"had not answered .*after \d s", words), words
    assert widget.sentence.endswith(".")
