"""Pictures of a check: well-formed, in words too, right about where the answers differ."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from coursekit import drawings

SVG = "{http://www.w3.org/2000/svg}"


def words_of(picture):
    root = ElementTree.fromstring(picture)
    return root.get("aria-label"), [node.text for node in root.iter(f"{SVG}text")]


def test_the_worst_plane_is_shown_with_its_index():
    expected = np.arange(120.0).reshape(2, 3, 4, 5)
    got = expected.copy()
    got[1, 2, 3, 4] += 50
    label, words = words_of(drawings.expected_got_difference(expected, got))
    assert "at index (1, 2)" in label
    assert "1 of 20 values differ" in label
    assert words.count("50") == 1


@pytest.mark.parametrize("shape", [(3,), (1, 1), (40, 60), (2, 2, 2, 2, 2)])
def test_any_shape_is_drawn(shape):
    expected = np.ones(shape)
    label, words = words_of(drawings.expected_got_difference(expected, expected * 2))
    assert "yours" in words and label


def test_nan_and_infinity_are_written_out():
    got = np.array([[np.nan, np.inf, 0.0]])
    _, words = words_of(drawings.expected_got_difference(np.zeros((1, 3)), got))
    assert {"nan", "inf"} <= set(words)


def test_a_large_array_is_cut_around_its_worst_place():
    expected, got = np.zeros((100, 100)), np.zeros((100, 100))
    got[70, 80] = 7
    _, words = words_of(drawings.expected_got_difference(expected, got))
    assert words.count("7") == 2  # in yours and in the difference
    assert len(words) <= 3 + 3 * drawings.MOST_CELLS**2


def test_windows_over_the_edge_are_marked():
    fits = drawings.windows_on_pixels(8, 3, 2, 0, 1, count=3)
    hangs = drawings.windows_on_pixels(8, 3, 2, 0, 1, count=4)
    assert "#b3261e" not in fits
    assert hangs.count("#b3261e") == 3


def test_words_are_escaped():
    assert "&lt;b&gt;" in drawings.text(0, 0, "<b>")


def test_titles_fit_over_narrow_planes():
    picture = drawings.expected_got_difference(np.zeros((1, 2)), np.ones((1, 2)))
    root = ElementTree.fromstring(picture)
    last = next(n for n in root.iter(f"{SVG}text") if n.text == "yours − right")
    assert float(last.get("x")) + 80 <= float(root.get("width"))
