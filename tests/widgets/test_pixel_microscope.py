"""The microscope without a browser: numbers as NumPy has them, memory, sentence, bad values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.widgets import PixelMicroscope
from coursekit.widgets.pixel_microscope import color_field

PICTURE = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3) * 3


@settings(max_examples=40)
@given(st.integers(-255, 255), st.sampled_from(["wrap", "saturate"]))
def test_bytes_add_as_in_numpy(brightness, overflow):
    scope = PixelMicroscope(PICTURE, brightness=brightness, overflow=overflow)
    wide = PICTURE.astype(int) + brightness
    expected = wide.astype(np.uint8) if overflow == "wrap" else wide.clip(0, 255)
    np.testing.assert_array_equal(scope.shown(), expected)
    assert scope.shown().dtype == np.uint8


def test_floats_do_not_overflow():
    scope = PixelMicroscope(PICTURE, (3, 5), dtype="float32", brightness=102)
    np.testing.assert_allclose(scope.values, (PICTURE[3, 5] + 102.0) / 255)
    assert scope.values.max() > 1


@pytest.mark.parametrize("order", ["HWC", "CHW"])
def test_places_in_memory_are_those_of_numpy(order):
    memory = (PICTURE if order == "HWC" else PICTURE.transpose(2, 0, 1)).ravel()
    scope = PixelMicroscope(PICTURE, (2, 4), order=order)
    np.testing.assert_array_equal(memory[scope.flat_positions()], PICTURE[2, 4])


def test_sentence():
    scope = PixelMicroscope(np.full((2, 3, 3), (200, 120, 40), np.uint8), (1, 2))
    assert scope.sentence == (
        "Row 1, column 2 of 2 by 3: red 200, green 120, blue 40. Stored as HWC, "
        "image[1, 2, 0] is number 15 of the 18 in memory, counted from 0."
    )
    scope.brightness, scope.bit, scope.order = 100, 5, "CHW"
    assert scope.sentence == (
        "Row 1, column 2 of 2 by 3: red 200, green 120, blue 40. Adding 100 gives red 44, "
        "green 220, blue 140; in the whole picture 6 of 18 numbers wrap around. Bit 5, worth 32: "
        "red 1, green 0, blue 0. Stored as CHW, image[0, 1, 2] is number 5 of the 18 in memory, "
        "counted from 0."
    )
    scope.overflow = "saturate"
    assert "Adding 100 gives red 255, green 220, blue 140; in the whole picture 6" in scope.sentence
    scope.dtype, scope.brightness = "float32", -102
    assert scope.sentence.startswith(
        "Row 1, column 2 of 2 by 3: red 0.784, green 0.471, blue 0.157. Adding −0.400 gives "
        "red 0.384, green 0.071, blue −0.243; in the whole picture 6 of 18 numbers leave the "
        "range 0 to 1 and are kept. Stored as CHW"
    )


@pytest.mark.parametrize(
    ("image", "shape"),
    [
        (np.zeros((4, 5)), (4, 5, 1)),
        (np.zeros((4, 5, 1), bool), (4, 5, 1)),
        (np.zeros((3, 4, 5)), (4, 5, 3)),
        (np.zeros((3, 7, 3)), (3, 7, 3)),
        (np.asfortranarray(np.zeros((6, 4, 3), np.int64))[::2], (3, 4, 3)),
        ([[0, 255], [1, 2]], (2, 2, 1)),
    ],
)
def test_any_picture_is_kept_as_bytes_with_channels_last(image, shape):
    scope = PixelMicroscope(image)
    assert scope.problem == ""
    assert scope.image.shape == shape
    assert scope.image.dtype == np.uint8
    assert scope.image.flags.c_contiguous


def test_floats_become_levels():
    assert PixelMicroscope(np.array([[0, 0.5, 1]])).image.ravel().tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (np.full((2, 2), 1.5), "holds floats from 1.5 to 1.5; floats have to run from 0 to 1"),
        (np.full((2, 2), -1), "holds whole numbers from -1 to -1; whole numbers have to run from"),
        (np.full((2, 2), np.nan), "holds nan or infinite values"),
        (np.zeros((0, 2)), "is empty"),
        (np.zeros((2, 2, 4)), "has shape (2, 2, 4); expected (H, W), (H, W, C) or (C, H, W)"),
        (np.zeros((2, 900)), "at most 512 by 512 pixels: pass a crop"),
        ("picture", "give whole numbers or floats"),
        ([[1, 2], [3]], "could not be read as numbers"),
        (5, "has shape ()"),
        (object(), "give whole numbers or floats"),
    ],
)
def test_picture_that_cannot_be_shown_leaves_a_sentence(image, sentence):
    scope = PixelMicroscope(image)
    assert sentence in scope.problem
    np.testing.assert_array_equal(scope.image, color_field())


@pytest.mark.parametrize(
    ("name", "bad", "sentence"),
    [
        ("position", "ab", "position is 'ab'; this picture takes (row, column)"),
        ("position", (1.5, 2), "position is (1.5, 2); this picture takes (row, column)"),
        ("position", None, "position is None"),
        ("dtype", "float16", "dtype is 'float16'; this picture takes 'uint8' or 'float32'"),
        ("order", 3, "order is 3; this picture takes 'HWC' or 'CHW'"),
        ("bit", 8, "bit is 8; this picture takes a whole number from 0 to 7"),
        ("brightness", 1e9, "takes a whole number from -255 to 255"),
        ("overflow", None, "overflow is None"),
    ],
)
def test_bad_settings_keep_the_picture(name, bad, sentence):
    scope = PixelMicroscope(PICTURE)
    before = getattr(scope, name)
    setattr(scope, name, bad)
    assert sentence in scope.problem
    assert getattr(scope, name) == before
    setattr(scope, name, before)


def test_position_outside_goes_to_the_nearest():
    scope = PixelMicroscope(PICTURE)
    scope.position = (9, -1)
    assert scope.position == (3, 0)
    assert scope.problem == "position (9, -1) is outside the image; the nearest is (3, 0)."
    scope.position = (1, 5)
    scope.image = PICTURE[:1, :2]
    assert (scope.position, scope.problem) == ((0, 1), "")
    assert scope.sentence.startswith("Row 0, column 1 of 1 by 2")


def test_what_the_browser_sends_is_kept():
    scope = PixelMicroscope(PICTURE)
    scope.set_state({"position": [2, 1], "bit": 7, "brightness": 5, "order": "CHW"})
    assert (scope.position, scope.bit, scope.order) == ((2, 1), 7, "CHW")
    assert "Adding 5" in scope.sentence


def test_text_form_and_still_picture():
    scope = PixelMicroscope(PICTURE, bit=7)
    assert repr(scope) == (
        "PixelMicroscope(position=(2, 3), dtype='uint8', order='HWC', bit=7, brightness=0, "
        "overflow='wrap')"
    )
    before = scope.still()
    scope.dtype, scope.brightness = "float32", 40
    assert scope.still() != before
    scope.image = PICTURE[:1, :1, :1]
    assert scope.still().startswith(b"\x89PNG")
