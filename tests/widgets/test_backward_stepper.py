"""The backward stepper without a browser: terms, gradients, sentence, prediction, bad input."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit import layers
from coursekit.exercises import EXERCISES
from coursekit.widgets import BackwardStepper
from coursekit.widgets.backward_answer import answer

IMAGE = np.arange(25.0).reshape(1, 5, 5)
KERNEL = np.array([[[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]]])


@settings(max_examples=60)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(0, 99))
def test_terms_of_every_number_add_up_to_the_layers_gradient(k, stride, padding, seed):
    numbers = np.random.default_rng(seed)
    x, w = numbers.normal(size=(2, 4, 5)), numbers.normal(size=(2, 2, k, k))
    stepper = BackwardStepper(x, w, stride=stride, padding=padding)
    right = layers.conv2d_backward(
        *(np.float64(part) for part in (stepper.dout[None], stepper.x[None], stepper.w)),
        stride,
        padding,
    )
    choices = (("dx", "pixel", right[0][0]), ("dw", "weight", right[1]), ("db", "filter", right[2]))
    for mode, choice, gradient in choices:
        stepper.mode = mode
        index = tuple(int(numbers.integers(n)) for n in gradient.shape)
        setattr(stepper, choice, index if choice != "filter" else index[0])
        total = sum(term.product for term in stepper.terms())
        assert total == pytest.approx(gradient[index], abs=1e-6)


@settings(max_examples=40)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2))
def test_uses_are_the_gradient_of_ones(k, stride, padding):
    stepper = BackwardStepper(np.ones((1, 5, 6)), np.ones((2, 1, k, k)), None, stride, padding)
    ones = np.ones((1, *stepper.dout.shape))
    dx, _, _ = layers.conv2d_backward(
        ones, np.ones((1, 1, 5, 6)), np.ones((2, 1, k, k)), stride, padding
    )
    np.testing.assert_array_equal(stepper.uses(), dx[0, 0])


def test_sentence_names_place_numbers_and_running_sum():
    stepper = BackwardStepper(IMAGE, KERNEL, np.full((1, 3, 3), 2.0))
    stepper.pixel = (0, 0, 1)
    assert stepper.sentence == (
        "Pixel x[0, 0, 1] was read by 2 outputs. Term 2 of 2: dout[0, 0, 1] times w[0, 0, 0, 0], "
        "2 × 1 = 2; the sum is 6."
    )
    stepper.term = 1
    assert stepper.sentence.endswith(
        "Term 1 of 2: dout[0, 0, 0] times w[0, 0, 0, 1], 2 × 2 = 4; the sum so far is 4."
    )
    stepper.mode = "dw"
    assert stepper.sentence == (
        "Weight w[0, 0, 0, 0] was used at 9 places. Term 9 of 9: dout[0, 2, 2] times x[0, 2, 2], "
        "2 × 12 = 24; the sum is 108."
    )
    stepper.mode = "db"
    assert stepper.sentence == (
        "Bias b[0] was added to 9 outputs. Term 9 of 9: dout[0, 2, 2] = 2; the sum is 18."
    )


def test_padding_and_unread_pixels_are_said():
    stepper = BackwardStepper(IMAGE, KERNEL, padding=1, mode="dw")
    stepper.term = 1
    assert "times a zero of the padding, 1 × 0 = 0" in stepper.sentence
    stepper = BackwardStepper(np.ones((1, 6, 6)), KERNEL, stride=2)
    stepper.pixel = (0, 5, 0)
    assert stepper.sentence == "No output read x[0, 5, 0]: its gradient is 0."
    assert stepper.uses()[5, 0] == stepper.term == 0


def test_impossible_setting_says_so_and_comes_back():
    stepper = BackwardStepper(np.ones((1, 2, 2)))
    assert stepper.sentence == (
        "No output: the kernel is 3 pixels wide, the padded input only 2. Take more padding."
    )
    assert stepper.still()
    stepper.padding = 1
    assert stepper.sentence.startswith("Pixel x[0, 1, 1] was read by 4 outputs.")


def test_douts_come_back_when_their_size_does():
    own = np.arange(9.0).reshape(1, 3, 3)
    stepper = BackwardStepper(dout=own)
    stepper.padding = 1
    assert stepper.dout.shape == (1, 5, 5)
    stepper.padding = 0
    np.testing.assert_array_equal(stepper.dout, own)


def test_image_of_other_depth_gets_weights_that_fit():
    stepper = BackwardStepper()
    stepper.x = np.ones((3, 6, 4))
    assert (stepper.w.shape, stepper.dout.shape) == ((1, 3, 3, 3), (1, 4, 2))
    assert stepper.problem == ""


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"x": np.full((1, 5, 5), np.nan)}, "x holds 25 values that cannot be drawn"),
        ({"x": np.ones((1, 64, 64))}, "x has shape (1, 64, 64)"),
        ({"x": "photo"}, "x could not be read as numbers"),
        ({"w": np.ones((1, 1, 2, 3))}, "w is 2 by 3; this picture draws square kernels"),
        ({"w": np.ones((1, 4, 3, 3))}, "w has shape (1, 4, 3, 3); this picture draws at most"),
        ({"w": np.ones((1, 2, 3, 3))}, "w has 2 channels and x 1; give as many"),
        ({"dout": np.ones((1, 2, 2))}, "dout has shape (1, 2, 2); the output has (1, 3, 3)"),
        ({"stride": 0}, "stride is 0"),
        ({"padding": 1.5}, "padding is 1.5"),
        ({"mode": "dz"}, 'mode is \'dz\'; expected "dx", "dw" or "db"'),
        ({"pixel": (0, 9, 2)}, "pixel (0, 9, 2) is outside the picture; the nearest is (0, 4, 2)"),
        ({"filter": 3}, "filter 3 is outside the picture; the nearest is 0"),
        ({"term": 40}, "term 40 is outside the picture; the nearest is 9"),
    ],
)
def test_bad_values_leave_one_sentence_and_a_picture(values, sentence):
    stepper = BackwardStepper()
    for name, value in values.items():
        setattr(stepper, name, value)
    assert sentence in stepper.problem
    assert stepper.sentence.startswith("Pixel x[0, ")
    assert stepper.still()


def test_the_students_numbers_are_compared():
    stepper = BackwardStepper(backward=layers.conv2d_backward)
    assert stepper.sentence.endswith("Your conv2d_backward gives 9.25.")
    stepper.term = 2
    assert "gives" not in stepper.sentence
    stepper.stride = 2
    assert stepper.answer["stride"] == 2


def _raises(dout, x, w, stride=1, padding=0):
    return dout / 0 + x


def _forgets_db(dout, x, w, stride=1, padding=0):
    return x, w


def _wrong_shape(dout, x, w, stride=1, padding=0):
    return x[0], w, w[:, 0, 0, 0]


def _not_finite(dout, x, w, stride=1, padding=0):
    return x * np.nan, w, w[:, 0, 0, 0]


@pytest.mark.parametrize(
    ("backward", "problem"),
    [
        (_raises, "its line `return dout / 0 + x` raised ValueError: operands could not"),
        (_forgets_db, "gives tuple; expected 3 arrays (dx, dw, db)"),
        (_wrong_shape, "gives a dx of shape (1, 5, 5); expected (1, 1, 5, 5)"),
        (_not_finite, "gives a dx that holds something else than finite numbers"),
    ],
)
def test_a_backward_that_fails_leaves_a_sentence(backward, problem):
    stepper = BackwardStepper(backward=backward)
    assert stepper.answer["problem"].startswith(problem)
    assert stepper.answer["numbers"] is None
    assert stepper.sentence.endswith("the sum is 9.25.")


def test_a_backward_that_never_ends_is_stopped():
    stepper = BackwardStepper()
    start = time.monotonic()
    reply = answer(stepper, lambda *args, **sizes: time.sleep(30), seconds=0.2)
    assert time.monotonic() - start < 5
    assert reply["problem"] == "it had not answered after 0.2 s"


def test_known_mistakes_show_in_the_picture():
    for slug in ("dx-overwritten", "dw-rotated", "db-mean"):
        wrong = EXERCISES["conv2d_backward"].mistakes[slug].function
        stepper = BackwardStepper(IMAGE, KERNEL, backward=wrong)
        assert stepper.answer["problem"] == ""
        right = stepper.gradients()
        shown = stepper.answer["numbers"]
        differ = [n for n in right if not np.allclose(np.frombuffer(shown[n]["data"], "f4"),
                                                      right[n].ravel())]  # fmt: skip
        assert differ == [slug[:2]]


def test_prediction_hides_the_terms_after_a_change():
    stepper = BackwardStepper(predict=True)
    assert stepper.sentence == (
        "How many terms does ∂L/∂x[0, 2, 2] add up? Stride 1, padding 0. Type the number, "
        "then check."
    )
    stepper.prediction, stepper.revealed = 9, True
    assert stepper.sentence.startswith("Pixel x[0, 2, 2] was read by 9 outputs.")
    stepper.term = 1
    assert stepper.revealed
    stepper.pixel = (0, 0, 0)
    assert (stepper.revealed, stepper.prediction) == (False, None)


def test_what_the_browser_sends_is_kept():
    """A message with several traits at once, as the page sends it when a slider moves."""
    stepper = BackwardStepper()
    dout = np.ones((1, 5, 5), np.float32)
    parcel = {"shape": [1, 5, 5], "dtype": "float32", "data": memoryview(dout.tobytes())}
    stepper.set_state({"padding": 1, "dout": parcel, "term": 9})
    np.testing.assert_array_equal(stepper.dout, dout)
    assert stepper.problem == ""
    stepper.set_state({"pixel": [0, 1, 1], "term": 9})
    assert (stepper.pixel, stepper.term) == ((0, 1, 1), 9)


def test_texts_are_stable():
    stepper = BackwardStepper(stride=2, mode="dw")
    assert repr(stepper) == 'BackwardStepper(stride=2, padding=0, mode="dw")'
    bundle, metadata = stepper._repr_mimebundle_()
    assert bundle["text/plain"] == metadata["image/png"]["alt"] == stepper.sentence
    assert stepper.still() == stepper.still()
