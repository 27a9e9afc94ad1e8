"""The pooling router without a browser: routing, ties, sentences, bad input, the browser's twin."""

import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import node_agrees

from coursekit import layers
from coursekit.exercises import EXERCISES
from coursekit.widgets import PoolingRouter
from coursekit.widgets.pooling_answer import answer
from coursekit.widgets.pooling_state import KINDS, RULES, TIES, routed

LAST = (
    "Window [1, 2], 6 of 6: the maximum is x[3, 5] = 8, index 3·7 + 5 = 26. Its dout is added at "
    "dx[3, 5]: 0 + 4 = 4. "
)


def ints(shape, seed):
    return np.random.default_rng(seed).integers(-2, 4, shape).astype(np.float32)


@settings(max_examples=60)
@given(
    st.integers(1, 4), st.integers(1, 4), st.integers(4, 8), st.integers(4, 9), st.integers(0, 9)
)
def test_numbers_are_the_layers(k, stride, height, width, seed):
    router = PoolingRouter(ints((height, width), seed), None, k, stride)
    x, dout = (np.float64(part)[None, None] for part in (router.x, router.dout))
    out, index = layers.max_pool2d_forward(x, k, stride)
    assert [window.value for window in router.windows()] == out.ravel().tolist()
    first = [row * width + col for row, col in (w.winners[0] for w in router.windows())]
    assert first == index.ravel().tolist()
    right = layers.max_pool2d_backward(dout, x, k, stride)[0, 0]
    np.testing.assert_allclose(router.gradient(), right, atol=1e-6)
    router.ties = "even split"
    assert router.gradient().sum() == pytest.approx(dout.sum(), abs=1e-5)
    router.kind = "average"
    right = layers.avg_pool2d_backward(dout, x, k, stride)[0, 0]
    np.testing.assert_allclose(router.gradient(), right, atol=1e-6)


def test_the_sentence_follows_the_windows():
    router = PoolingRouter()
    assert router.sentence == (
        LAST + "Pixel x[1, 2] receives from windows [0, 0] and [0, 1]: 3 + 2 = 5. dout adds up to "
        "17, dx to 17."
    )
    router.step = 2
    assert router.sentence == (
        "Window [0, 1], 2 of 6: the maximum is x[1, 2] = 9, index 1·7 + 2 = 9. Its dout is added "
        "at dx[1, 2]: 3 + 2 = 5."
    )
    router.step = 0
    assert router.sentence == (
        "No window has handed on its gradient yet: dx is 0 everywhere. Step to begin."
    )


def test_overwriting_loses_what_was_there():
    router = PoolingRouter(rule="overwrite")
    assert router.gradient()[1, 2] == 2
    assert router.sentence.endswith(
        "3 + 2 = 5. Overwriting keeps the last, 2. dout adds up to 17, dx to 14: gradient was lost."
    )
    router.step = 2
    assert router.sentence.endswith("Its dout 2 overwrites dx[1, 2]: the 3 there is lost.")
    np.testing.assert_array_equal(routed(router, rule="accumulate"), PoolingRouter().gradient())


def test_equal_maxima_take_turns_or_share():
    router = PoolingRouter()
    router.step = 3
    assert router.sentence == (
        "Window [0, 2], 3 of 6: 9 pixels hold the maximum 0; the first is x[0, 4], index "
        "0·7 + 4 = 4. Its dout is added at dx[0, 4]: 0 + 9 = 9."
    )
    router.ties = "even split"
    router.step = 3
    assert router.sentence == (
        "Window [0, 2], 3 of 6: 9 pixels hold the maximum 0 and share the gradient. Each receives "
        "1/9 of its dout 9: 1."
    )


def test_average_hands_everyone_a_part():
    router = PoolingRouter(kind="average")
    router.step = 1
    assert router.sentence == (
        "Window [0, 0], 1 of 6: the mean of its 9 pixels is 2.67. Each receives 1/9 of its dout "
        "3: 0.33."
    )


def test_a_window_that_does_not_fit_says_so_and_comes_back():
    router = PoolingRouter(np.ones((2, 5)))
    assert router.sentence == (
        "No output: a window of 3 × 3 pixels does not fit into a map of 2 × 5. Take a smaller "
        "window."
    )
    assert router.still()
    router.kernel_size = 2
    assert router.sentence.startswith("Window [0, 1], 2 of 2:")


def test_douts_come_back_when_their_size_does():
    router = PoolingRouter()
    own = router.dout.copy()
    router.stride = 1
    assert router.dout.shape == (3, 5)
    router.stride = 2
    np.testing.assert_array_equal(router.dout, own)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"x": np.full((5, 5), np.nan)}, "x holds 25 values that cannot be drawn"),
        ({"x": np.ones((64, 64))}, "x has shape (64, 64)"),
        ({"x": "photo"}, "x could not be read as numbers"),
        ({"x": np.ones((0, 3))}, "x is empty"),
        ({"dout": np.ones((3, 3))}, "dout has shape (3, 3); the output has (2, 3)"),
        ({"stride": 0}, "stride is 0"),
        ({"kernel_size": 2.5}, "kernel_size is 2.5"),
        ({"kind": "min"}, "kind is 'min'; this picture takes 'max' or 'average'"),
        ({"rule": None}, "rule is None"),
        ({"pixel": (0, 9)}, "pixel (0, 9) is outside the picture; the nearest is (0, 6)"),
        ({"step": 40}, "step 40 is outside the picture; the nearest is 6"),
    ],
)
def test_bad_values_leave_one_sentence_and_a_picture(values, sentence):
    router = PoolingRouter()
    for name, value in values.items():
        setattr(router, name, value)
    assert sentence in router.problem
    assert router.sentence.startswith("Window [1, 2]")
    assert router.still()


def test_the_students_numbers_are_compared():
    router = PoolingRouter(backward=layers.max_pool2d_backward)
    assert router.sentence.endswith("Your max_pool2d_backward gives 5.")
    router.rule = "overwrite"
    assert "gives" not in router.sentence
    router.stride = 3
    assert router.answer["stride"] == 3


def _raises(dout, x, kernel_size, stride=None):
    return dout / 0 + x


def _one_array(x, kernel_size, stride=None):
    return x


def _wrong_shape(dout, x, kernel_size, stride=None):
    return x[0]


def _not_finite(dout, x, kernel_size, stride=None):
    return x * np.nan


@pytest.mark.parametrize(
    ("part", "function", "problem"),
    [
        ("backward", _raises, "its line `return dout / 0 + x` raised ValueError"),
        ("forward", _one_array, "gives ndarray; expected 2 arrays (out, index)"),
        ("backward", _wrong_shape, "gives a dx of shape (1, 5, 7); expected (1, 1, 5, 7)"),
        ("backward", _not_finite, "gives a dx that holds something else than finite numbers"),
    ],
)
def test_a_function_that_fails_leaves_a_sentence(part, function, problem):
    router = PoolingRouter(**{part: function})
    assert router.answer[part]["problem"].startswith(problem)
    assert router.answer[part]["numbers"] is None
    assert router.sentence.startswith(LAST)


def test_a_function_that_never_ends_is_stopped():
    start = time.monotonic()
    reply = answer(PoolingRouter(), None, lambda *args: time.sleep(30), seconds=0.2)
    assert time.monotonic() - start < 5
    assert reply["backward"]["problem"] == "it had not answered after 0.2 s"


def test_prediction_hides_the_gradient_after_a_change():
    router = PoolingRouter(predict=True)
    assert router.sentence == (
        "What is ∂L/∂x[1, 2]? Windows of 3 with stride 2, max pooling. Type the number, then check."
    )
    router.prediction, router.revealed = 5, True
    router.step = 1
    assert router.revealed
    router.pixel = (0, 0)
    assert (router.revealed, router.prediction) == (False, None)


def test_what_the_browser_sends_is_kept():
    router = PoolingRouter()
    dout = np.ones((3, 5), np.float32)
    parcel = {"shape": [3, 5], "dtype": "float32", "data": memoryview(dout.tobytes())}
    router.set_state({"stride": 1, "dout": parcel, "step": 15})
    np.testing.assert_array_equal(router.dout, dout)
    assert (router.problem, router.step) == ("", 15)


def test_texts_are_stable():
    router = PoolingRouter(rule="overwrite")
    assert repr(router) == ('PoolingRouter(kernel_size=3, stride=2, kind="max", rule="overwrite")')
    bundle, metadata = router._repr_mimebundle_()
    assert bundle["text/plain"] == metadata["image/png"]["alt"] == router.sentence
    assert router.still() == router.still()


def _wrong(slug):
    return EXERCISES["max_pool2d_backward"].mistakes[slug].function


def described(dice):
    router = PoolingRouter(
        ints((dice.randint(1, 8), dice.randint(1, 9)), dice.randint(0, 99)),
        None,
        dice.randint(1, 4),
        dice.randint(1, 4),
        dice.choice(KINDS),
        ties=dice.choice(TIES),
        rule=dice.choice(RULES),
        backward=dice.choice([None, layers.max_pool2d_backward, _wrong("overwritten")]),
        predict=dice.random() < 0.1,
    )
    router.pixel = tuple(dice.randrange(n) for n in router.x.shape)
    if dice.random() < 0.5:
        router.step = dice.randint(0, len(router.windows()))
    return {
        "state": router.snapshot()["state"],
        "sentence": router.sentence,
        "gradient": routed(router, router.step).ravel().tolist(),
    }


def test_the_browser_says_the_same(tmp_path):
    dice = random.Random(0)
    cases = [described(dice) for _ in range(200)]
    node_agrees(tmp_path, "pooling_check.mjs", "COURSEKIT_POOLINGS", cases)
