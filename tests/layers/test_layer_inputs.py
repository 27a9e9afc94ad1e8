"""Bad input gets one sentence that names what was given and what was expected."""

import numpy as np
import pytest

from coursekit import layers
from coursekit.layers.inputs import pair

X, W, B = np.ones((2, 4, 7, 9)), np.ones((6, 4, 3, 5)), np.ones(6)
DOUT = np.ones((2, 6, 5, 5))
MAPS, WIDE = np.ones((2, 4, 3, 4)), np.ones((6, 5, 5, 4, 3, 5))


def image(dtype):
    return np.ones((2, 4, 7, 9), dtype)


@pytest.mark.parametrize("name", [n for n in layers.__all__ if n.startswith("conv2d_forward")])
@pytest.mark.parametrize(
    ("arguments", "settings", "error", "message"),
    [
        ((image(int), W, B), {}, TypeError, "x has dtype int64; .* float32 or float64"),
        ((image(np.uint8), W, B), {}, TypeError, "x has dtype uint8"),
        ((image(object), W, B), {}, TypeError, "x has dtype object"),
        ((image(np.float16), W, B), {}, TypeError, "x has dtype float16"),
        ((image(complex), W, B), {}, TypeError, "x has dtype complex128"),
        ((X.tolist(), W, B), {}, TypeError, "x is of type list; expected a NumPy array"),
        ((X, W.astype(np.float32), B), {}, TypeError, "x float64, w float32.*expected one"),
        ((X, W, B.astype(np.float32)), {}, TypeError, "w float64, b float32"),
        ((X, W, None), {}, TypeError, "b is of type NoneType"),
        ((X[0], W, B), {}, ValueError, r"x has shape \(4, 7, 9\); expected \(N, C, H, W\)"),
        ((X[:0], W, B), {}, ValueError, r"x has shape \(0, 4, 7, 9\)"),
        ((X, W[0], B), {}, ValueError, r"w has shape \(4, 3, 5\)"),
        ((X, W[:, :3], B), {}, ValueError, r"w has shape \(6, 3, 3, 5\); .*\(6, 4, 3, 5\)"),
        ((X, W, B[:5]), {}, ValueError, r"b has shape \(5,\); expected \(F,\) = \(6,\)"),
        ((X, W, B), {"padding": -1}, ValueError, "padding is -1; expected .* at least 0"),
        ((X, W, B), {"padding": (0, -2)}, ValueError, r"padding is \(0, -2\)"),
        ((X, W, B), {"padding": 0.5}, ValueError, "padding is 0.5"),
        ((X, W, B), {"padding": "same"}, ValueError, "padding is 'same'"),
        ((X, W, B), {"stride": 0}, ValueError, "stride is 0; expected .* at least 1"),
        ((X, W, B), {"stride": (1, 1, 1)}, ValueError, r"stride is \(1, 1, 1\)"),
        ((X, W, B), {"stride": True}, ValueError, "stride is True"),
        ((X, W, B), {"dilation": 0}, ValueError, "dilation is 0"),
        ((X, W, B), {"dilation": 4}, ValueError, "spans 9×17 pixels, .* image of 7×9"),
        ((X[:, :, :2], W, B), {}, ValueError, r"kernel_size \(3, 5\) .* 3×5 .* 2×9"),
        ((X, W, B), {"groups": 3}, ValueError, "groups is 3; .* 4 channels of x .* 6 filters"),
        ((X, W, B), {"groups": 4}, ValueError, "groups is 4"),
        ((X, W, B), {"groups": 0}, ValueError, "groups is 0"),
        ((X, W, B), {"groups": 2}, ValueError, r"w has shape .*; expected .*\(6, 2, 3, 5\)"),
    ],
)
def test_convolution_refuses(name, arguments, settings, error, message):
    with pytest.raises(error, match=message):
        getattr(layers, name)(*arguments, **settings)


@pytest.mark.parametrize("suffix", ["", "_loops"])
@pytest.mark.parametrize(
    ("function", "arguments", "settings", "error", "message"),
    [
        ("conv2d_backward", (DOUT[:, :5], X, W), {}, ValueError, r"dout .*\(2, 6, 5, 5\)"),
        ("conv2d_backward", (DOUT, X, W), {"stride": 2}, ValueError, r"dout .*\(2, 6, 3, 3\)"),
        ("conv2d_backward", (DOUT.astype(int), X, W), {}, TypeError, "dout has dtype int64"),
        ("locally_connected_forward", (X, W, B), {}, ValueError, r"w has shape .*\(F, H', W'"),
        ("locally_connected_forward", (X, WIDE, B), {}, ValueError, r"b has shape .*\(6, 5, 5\)"),
        ("locally_connected_forward", (X, WIDE, B), {"stride": 2}, ValueError, r"\(6, 3, 3, 4"),
        ("locally_connected_backward", (X, X, WIDE), {}, ValueError, r"dout .*\(2, 6, 5, 5\)"),
        ("max_pool2d_forward", (image(int), 2), {}, TypeError, "x has dtype int64"),
        ("max_pool2d_forward", (X[0], 2), {}, ValueError, r"x has shape \(4, 7, 9\)"),
        ("max_pool2d_forward", (X, 0), {}, ValueError, "kernel_size is 0"),
        ("max_pool2d_forward", (X, (8, 2)), {}, ValueError, "spans 8×2 .* image of 7×9"),
        ("max_pool2d_forward", (X, 2), {"padding": 2}, ValueError, "at most half the kernel"),
        ("max_pool2d_forward", (X, 2), {"stride": 0}, ValueError, "stride is 0"),
        ("max_pool2d_backward", (MAPS, X, 3), {}, ValueError, r"dout .*\(2, 4, 2, 3\)"),
        ("avg_pool2d_forward", (X, 2), {"padding": -1}, ValueError, "padding is -1"),
        ("avg_pool2d_backward", (MAPS, X, 3), {}, ValueError, r"dout .*\(2, 4, 2, 3\)"),
        ("global_avg_pool2d_forward", (B,), {}, ValueError, r"x has shape \(6,\)"),
        ("global_avg_pool2d_backward", (B, X), {}, ValueError, r"dout .*\(2, 4\)"),
        ("linear_forward", (X, W, B), {}, ValueError, r"x has shape .*\(N, D\)"),
        ("linear_forward", (X[0, 0], W[0, 0], B), {}, ValueError, r"w .*\(K, D\) = \(\?, 9\)"),
        ("linear_forward", (X[0, 0], X[0, 0], B), {}, ValueError, r"b .*\(7,\)"),
        ("linear_backward", (B, X[0, 0], X[0, 0]), {}, ValueError, r"dout .*\(7, 7\)"),
        ("relu_forward", (image(int),), {}, TypeError, "x has dtype int64"),
        ("relu_backward", (X[:1], X), {}, ValueError, r"dout .*\(2, 4, 7, 9\)"),
        ("prelu_forward", (X, B), {}, ValueError, r"a has shape \(6,\); .*\(C,\) = \(4,\)"),
        ("prelu_forward", (B, B), {}, ValueError, r"x has shape \(6,\); .* two axes"),
        ("prelu_backward", (X[:1], X, B[:4]), {}, ValueError, r"dout .*\(2, 4, 7, 9\)"),
        ("dropout_backward", (X[:1], X), {}, ValueError, r"dout .*\(2, 4, 7, 9\)"),
        ("batch_norm2d_forward", (X, B, B, B, B), {}, ValueError, r"gamma .*\(C,\) = \(4,\)"),
        ("batch_norm2d_backward", (X[:1], X, *[B[:4]] * 3), {}, ValueError, r"dout .*\(2, 4"),
        (
            "local_response_norm_backward",
            (X[:1], X),
            {"convention": "paper"},
            ValueError,
            r"dout has shape \(1, 4, 7, 9\); .*\(2, 4, 7, 9\)",
        ),
    ],
)
def test_layers_refuse(function, suffix, arguments, settings, error, message):
    with pytest.raises(error, match=message):
        getattr(layers, function + suffix)(*arguments, **settings)


@pytest.mark.parametrize("size", [2, np.int64(2), (2, 2), [2, 2], (np.int32(2), 2)])
def test_a_size_may_be_given_in_any_of_these_ways(size):
    assert pair("stride", size) == (2, 2)
    assert all(type(number) is int for number in pair("stride", size))


def test_momentum_must_be_a_fraction():
    with pytest.raises(ValueError, match="momentum is 2; expected a number from 0 to 1"):
        layers.batch_norm2d_forward(X, *[B[:4]] * 4, momentum=2)
