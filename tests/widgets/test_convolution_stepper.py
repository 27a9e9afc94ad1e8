"""The stepper without a browser: numbers, sizes by whose function, sentence, prediction."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit import shapes
from coursekit.widgets import ConvolutionStepper
from coursekit.widgets.convolution_stepper import cup
from coursekit.widgets.stepper_state import size_table


def direct(image, weights, bias, stride, padding, dilation):
    """Convolution (H', W') straight from its definition, one tap at a time."""
    padded = np.pad(np.float64(image), [(0, 0), (padding, padding), (padding, padding)])
    k = weights.shape[1]
    rows, cols = (shapes.output_size(n, k, stride, padding, dilation) for n in image.shape[1:])
    out = np.full((rows, cols), float(bias))
    for (i, j), u, v in (
        (p, u, v) for p in np.ndindex(out.shape) for u in range(k) for v in range(k)
    ):
        out[i, j] += (
            padded[:, i * stride + u * dilation, j * stride + v * dilation] @ weights[:, u, v]
        )
    return out


@settings(max_examples=60)
@given(
    st.integers(1, 4), st.integers(1, 3), st.integers(0, 3), st.integers(1, 2), st.integers(0, 99)
)
def test_output_is_the_sum_over_all_taps_and_channels(k, stride, padding, dilation, seed):
    numbers = np.random.default_rng(seed)
    image = numbers.normal(size=(2, 8, 9)).astype(np.float32)
    weights = numbers.normal(size=(2, k, k)).astype(np.float32)
    stepper = ConvolutionStepper(
        image, weights, 0.5, stride=stride, padding=padding, dilation=dilation
    )
    expected = direct(image, weights, 0.5, stride, padding, dilation)
    np.testing.assert_allclose(stepper.output(), expected, atol=1e-9)


def test_default_image_is_the_photograph_it_says_it_is():
    data = pytest.importorskip("skimage.data", reason="scikit-image holds the photograph")
    from skimage.transform import resize

    corner = data.coffee()[60:160, 140:240]
    tenths = np.floor(resize(corner, (7, 7), anti_aliasing=True) * 10) / 10
    np.testing.assert_allclose(cup(), tenths.transpose(2, 0, 1), atol=1e-6)


def test_sentence_says_place_parts_and_sum():
    stepper = ConvolutionStepper(bias=0.5)
    stepper.position = (0, 1)
    parts = [(cup()[c, 0:3, 1:4] * stepper.weights[c]).sum() for c in range(3)]
    assert np.allclose(parts, [0.7, 0.2, 0.4])
    assert stepper.sentence == (
        "Output row 1, column 2 of 5 by 5: channel 1 adds 0.7, channel 2 adds 0.2, "
        "channel 3 adds 0.4; with the bias 0.5 the sum is 1.8."
    )


def test_sentence_counts_what_is_never_read():
    stepper = ConvolutionStepper(np.zeros((1, 8, 9)), stride=2)
    assert stepper.sentence.endswith("Never read: 1 row of the input.")
    assert stepper.never_read() == ([7], [])


def test_impossible_setting_says_so_and_comes_back():
    stepper = ConvolutionStepper(kernel_size=5, dilation=3)
    assert stepper.sentence == (
        "No output: the kernel spans 13 pixels, the padded input only 7. "
        "Take a smaller kernel or dilation, or more padding."
    )
    assert stepper.still()
    stepper.dilation = 1
    assert stepper.sentence.startswith("Output row 1, column 1 of 3 by 3:")


def test_settings_out_of_range_keep_the_picture():
    stepper = ConvolutionStepper(kernel_size=9, stride=0)
    assert (stepper.kernel_size, stepper.stride) == (3, 1)
    assert "kernel_size is 9" in stepper.problem
    assert "stride is 0" in stepper.problem
    stepper.kernel_size = 5
    assert "kernel_size" not in stepper.problem


def test_position_outside_the_output_goes_to_the_nearest():
    stepper = ConvolutionStepper()
    stepper.position = (9, 2)
    assert stepper.position == (4, 2)
    assert stepper.problem == "position (9, 2) is outside the output; the nearest is (4, 2)"
    stepper.stride = 2
    assert stepper.position == (2, 2)


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (np.zeros((3, 3, 5)), "weights are 3 by 5; this picture draws square kernels"),
        (np.zeros((1, 3, 3)), "weights have 1 channels and the image 3; give as many"),
        (np.full((3, 3, 3), np.nan), "weights holds 27 values"),
    ],
)
def test_weights_that_cannot_be_drawn_keep_the_kernel(weights, sentence):
    stepper = ConvolutionStepper(weights=weights)
    assert sentence in stepper.problem
    assert stepper.weights.shape == (3, 3, 3)


def test_kernels_come_back_when_their_size_does():
    own = np.arange(27.0).reshape(3, 3, 3)
    stepper = ConvolutionStepper(weights=own)
    stepper.kernel_size = 5
    assert stepper.weights.shape == (3, 5, 5)
    stepper.kernel_size = 3
    np.testing.assert_array_equal(stepper.weights, own)


def test_image_of_other_depth_gets_weights_that_fit():
    stepper = ConvolutionStepper()
    stepper.image = np.ones((1, 4, 6))
    assert stepper.weights.shape == (1, 3, 3)
    assert stepper.problem == ""
    assert "of 2 by 4" in stepper.sentence


def test_sizes_come_from_the_function_given():
    def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):
        print("called")  # noqa: T201 (a student's debugging must not flood the notebook)
        return (w_in - kernel_size) // stride + 1

    output_size.whose = "yours"
    stepper = ConvolutionStepper(padding=1, output_size=output_size)
    assert stepper.table["whose"] == "yours"
    assert stepper.output().shape == (5, 5)
    assert "Your output_size says 5 by 5; 7 by 7 windows fit." in stepper.sentence


def test_sizes_too_large_are_drawn_as_windows_past_the_edge():
    stepper = ConvolutionStepper(output_size=lambda w, k, s=1, p=0, d=1: w - k + 2)
    stepper.position = (0, 5)
    assert np.isnan(stepper.output()[0, 5])
    assert "this window reaches past the padded input" in stepper.sentence


@pytest.mark.parametrize(
    "answer", [None, "3", float("nan"), -2, 0, 2.5, 10**12, 10**400, np.zeros(2)]
)
def test_sizes_that_cannot_be_drawn_fall_back_on_what_fits(answer):
    stepper = ConvolutionStepper(output_size=lambda *setting: answer)
    assert stepper.output().shape == (5, 5)
    assert "5 by 5 windows fit" in stepper.sentence


def test_size_function_that_raises_or_lacks_dilation():
    def fails(w_in, kernel_size, stride=1, padding=0):
        if kernel_size > w_in + 2 * padding:
            raise ValueError("too wide")
        return (w_in + 2 * padding - kernel_size) // stride + 1

    table = size_table(fails, 3)
    assert len(table) == 7 * 4 * 5 * 3
    assert table[0] == 3
    assert table[1] is None
    assert table[-1] is None


def test_whose_sizes():
    def course(*setting):
        return shapes.output_size(*setting)

    course.whose = "the course's"
    assert ConvolutionStepper().table["whose"] == "the course's"
    assert ConvolutionStepper(output_size=course).table["whose"] == "the course's"
    assert ConvolutionStepper(output_size=lambda *s: 1).table["whose"] == "yours"


def test_student_convolution_is_asked_again_when_something_changes():
    def conv2d_forward(x, w, b, stride=1, padding=0):
        x[:] = 0  # an answer may spoil its input
        return np.full((1, 1, 5, 5), 0.25)

    stepper = ConvolutionStepper(forward=conv2d_forward)
    assert stepper.image.any()
    assert stepper.sentence.endswith("Your conv2d_forward gives 0.25.")
    stepper.stride = 2
    assert stepper.answer["problem"] == "gives shape (1, 1, 5, 5); expected (1, 1, 3, 3)"
    stepper.stride = 1
    stepper.dilation = 2
    assert "TypeError" in stepper.answer["problem"]


def test_prediction_hides_the_size_after_a_change():
    stepper = ConvolutionStepper(predict=True)
    assert not stepper.revealed
    assert stepper.sentence == (
        "How wide is the output? The input is 7 by 7, kernel size 3, stride 1, padding 0, "
        "dilation 1. Type the width, then check."
    )
    stepper.prediction, stepper.revealed = 5, True
    assert stepper.sentence.startswith("Output row 1")
    stepper.bias = 1
    assert stepper.revealed
    stepper.stride = 2
    assert (stepper.revealed, stepper.prediction) == (False, None)


def test_random_questions_are_about_layers_that_fit_and_never_the_same_twice():
    stepper = ConvolutionStepper(np.ones((1, 4, 6)))
    asked = set()
    for seed in range(60):
        before = stepper.setting
        stepper.ask_another(seed)
        assert stepper.possible()
        assert stepper.setting != before
        assert (stepper.predict, stepper.revealed) == (True, False)
        assert stepper.sentence.startswith("How wide is the output?")
        asked.add(stepper.setting)
    assert len(asked) > 50
    stepper.ask_another(59)
    stepper.ask_another(3)
    again = stepper.setting
    stepper.ask_another(59)
    stepper.ask_another(3)
    assert stepper.setting == again
    assert stepper.score == (0, 0)


def test_what_the_browser_sends_is_kept():
    """A message with several traits at once, as the page sends it when a slider moves."""
    stepper = ConvolutionStepper()
    weights = np.ones((3, 5, 5), np.float32)
    parcel = {"shape": [3, 5, 5], "dtype": "float32", "data": memoryview(weights.tobytes())}
    stepper.set_state({"kernel_size": 5, "weights": parcel, "position": [2, 1]})
    np.testing.assert_array_equal(stepper.weights, weights)
    assert stepper.position == (2, 1)
    assert "row 3, column 2 of 3 by 3" in stepper.sentence
