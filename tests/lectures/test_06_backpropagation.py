"""What lecture 06 says is so: every number of its prose, recomputed here and by PyTorch."""

import numpy as np
import pytest
import torch
from reading import Lecture
from torch.nn.functional import conv2d

from coursekit import layers
from coursekit.data import photograph
from coursekit.widgets import BackwardStepper

LECTURE = Lecture("06_backpropagation")
says = LECTURE.says
ROW = np.array([1.0, 2.0, 3.0]).reshape(1, 1, 1, 3)
KERNEL = np.array([5.0, 7.0]).reshape(1, 1, 1, 2)
DOUT = np.array([1.0, 10.0]).reshape(1, 1, 1, 2)


def uses(size: int, stride: int, padding: int) -> np.ndarray:
    """How many 3×3 windows read each pixel, as PyTorch counts them."""
    image = torch.ones(1, 1, size, size, requires_grad=True)
    conv2d(image, torch.ones(1, 1, 3, 3), stride=stride, padding=padding).sum().backward()
    return image.grad[0, 0].numpy()


def test_the_slope_of_one_weight():
    def loss(w):
        return (2 * w - 1) ** 2

    assert (loss(1.01), loss(0.99)) == pytest.approx((1.0404, 0.9604))
    assert says("$L(1.01) = 1.0404$") and says("$L(0.99) = 0.9604$")
    assert (loss(1.01) - loss(0.99)) / 0.02 == pytest.approx(4)
    assert loss(1.01) - loss(0.99) == pytest.approx(0.08)
    assert loss(0.5) == 0


def test_the_neuron_by_autograd():
    x, w, b = (torch.tensor(v, requires_grad=True) for v in ([2.0, -1.0], [1.0, 3.0], 4.0))
    z = w @ x + b
    ((torch.relu(z) - 1) ** 2).backward()
    assert (z.item(), (torch.relu(z) - 1).square().item()) == (3, 4)
    assert (w.grad.tolist(), x.grad.tolist(), b.grad.item()) == ([8, -4], [4, 12], 4)
    assert says("weights get $4 \\cdot x$, inputs get $4 \\cdot w$, the bias gets 4")


def test_a_silent_neuron_learns_nothing():
    w = torch.tensor([1.0, 3.0], requires_grad=True)
    ((torch.relu(w @ torch.tensor([2.0, -1.0])) - 1) ** 2).backward()
    assert w.grad.tolist() == [0, 0]


def test_one_side_and_both_sides():
    assert ((0 + 1) ** 2 - 0) / 1 == 1
    assert layers.numerical_gradient(lambda x: (x**2).sum(), np.zeros(1), h=1) == 0
    assert says("One side is off by 1, both sides give $(1 - 1)/2 = 0$")


def test_errors_shrink_like_h_and_like_its_square():
    def one_sided(h):
        return abs((np.exp(h) - 1) / h - 1)

    def central(h):
        return abs((np.exp(h) - np.exp(-h)) / (2 * h) - 1)

    assert one_sided(1e-3) / one_sided(1e-2) == pytest.approx(0.1, rel=0.02)
    assert central(1e-3) / central(1e-2) == pytest.approx(0.01, rel=0.02)


def test_the_row_of_three_pixels():
    assert layers.conv2d_forward(ROW, KERNEL, np.zeros(1)).ravel().tolist() == [19, 31]
    assert says("1·5 + 2·7 = 19") and says("2·5 + 3·7 = 31")
    dx, dw, db = (part.ravel().tolist() for part in layers.conv2d_backward(DOUT, ROW, KERNEL))
    assert (dx, dw, db) == ([5, 57, 70], [21, 32], [11])
    assert says("dx = [5, 57, 70], dw = [21, 32] and db = [11]")
    assert says(r"$1 \cdot 7 + 10 \cdot 5 = 57$") and says(r"$1 \cdot 1 + 10 \cdot 2 = 21$")
    assert says(r"gets $1 \cdot 2 + 10 \cdot 3 = 32$, and the bias $1 + 10 = 11$")


def test_wiggling_the_middle_pixel():
    wiggled = ROW + np.array([0, 0.1, 0])
    moved = layers.conv2d_forward(wiggled, KERNEL, np.zeros(1)) - [19, 31]
    assert moved.ravel() == pytest.approx([0.7, 0.5])
    assert says("Output 0 moves by 0.7 and output 1 by 0.5")


def test_a_5_by_5_image_has_25_pixels_and_9_outputs():
    stepper = BackwardStepper()
    assert (stepper.x[0].size, stepper.dout[0].size) == (25, 9)
    assert says("a 5×5 image under a 3×3 kernel has 25 pixels and 9 outputs")


def test_the_tasks_at_the_stepper():
    stepper = BackwardStepper()
    corners = [(0, 0), (0, 4), (4, 0), (4, 4)]
    assert [tuple(map(int, place)) for place in np.argwhere(stepper.uses() == 1)] == corners
    stepper.stride = 3
    assert stepper.uses().max() == 1


def test_how_often_pixels_are_used():
    plain, padded, strided = uses(7, 1, 0), uses(7, 1, 1), uses(7, 2, 1)
    assert (plain[0, 0], plain.max()) == (1, 9)
    assert (padded[0, 0], padded.max()) == (4, 9)
    assert (strided[0, 0], set(strided.ravel())) == (1, {1, 2, 4})
    assert says("one use in the corner against nine inside")
    assert says("Padding 1 softens that to 4 against 9")
    assert [2 * i - 1 for i in range(4)] == [-1, 1, 3, 5] and says("start at −1, 1, 3 and 5")


def test_the_second_stepper_shows_zeros_of_the_padding():
    image = photograph("coffee", size=5)[..., :2].transpose(2, 0, 1) // 26 / 10
    assert image.shape == (2, 5, 5)
    assert 0 <= image.min() < image.max() < 1
    stepper = BackwardStepper(image, np.ones((2, 2, 3, 3)), stride=2, padding=1, mode="dw")
    assert {"padding"} < {term.name for term in stepper.terms()}
    stepper.mode = "dx"
    assert {term.place[0] for term in stepper.terms()} == {0, 1}


def test_an_assignment_is_right_where_windows_do_not_overlap():
    rng = np.random.default_rng(0)
    x, w, dout = (rng.normal(size=(1, 1, n, n)) for n in (6, 3, 2))
    overwritten = np.zeros_like(x)
    for i, j in np.ndindex(2, 2):
        rows, cols = slice(3 * i, 3 * i + 3), slice(3 * j, 3 * j + 3)
        overwritten[0, 0, rows, cols] = dout[0, 0, i, j] * w[0, 0]
    np.testing.assert_allclose(layers.conv2d_backward(dout, x, w, 3)[0], overwritten)


def test_a_slice_up_to_minus_zero_is_empty():
    assert len(np.arange(5)[0:-0]) == 0


def test_a_gradient_check_does_not_find_a_forgotten_stride():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(1, 1, 6, 5)), rng.normal(size=(1, 1, 3, 3))
    dout = rng.normal(size=(1, 1, 6, 5))
    dw = layers.conv2d_backward(dout, x, w, 1, 1)[1]
    layers.check_gradient(
        lambda w: (layers.conv2d_forward(x, w, np.zeros(1), 1, 1) * dout).sum(), w, dw
    )
    assert layers.conv2d_forward(x, w, np.zeros(1), 2, 1).shape[2] == 3
    assert says("stride 2 makes 3 rows of 6, stride 1 makes 6")


def error(dtype: type, h: float) -> float:
    """Relative error of a central difference of exp at 1."""
    above, below = np.exp(dtype(1) + dtype(h)), np.exp(dtype(1) - dtype(h))
    return abs((above - below) / dtype(2 * h) - np.e) / np.e


def test_the_best_step():
    steps = 10.0 ** -np.arange(0, 12.5, 0.5)
    double, single = ([error(kind, h) for h in steps] for kind in (np.float64, np.float32))
    assert 1e-7 <= steps[np.argmin(double)] <= 1e-5
    assert error(np.float64, 1e-5) < 1e-9
    assert steps[np.argmin(single)] >= 1e-4
    assert min(single) > 1e-6
    assert min(single) > 5_000 * error(np.float64, 1e-5)
    assert all(error(np.float32, h) == 1 for h in steps[steps < 2e-8])
    assert double[-1] > 1000 * min(double)


def test_the_kink_of_relu():
    slope = layers.numerical_gradient(lambda x: np.maximum(x, 0).sum(), np.zeros(1))
    assert slope == pytest.approx(0.5)


def test_the_locally_connected_row():
    w = np.array([5.0, 7, 11, 13]).reshape(1, 1, 2, 1, 1, 2)
    parts = layers.locally_connected_backward(DOUT, ROW, w)
    dx, dw, db = (part.ravel().tolist() for part in parts)
    assert (dx, dw, db) == ([5, 117, 130], [1, 2, 20, 30], [1, 10])
    assert says("dx = [5, 117, 130], dw = [1, 2] and [20, 30], and db = [1, 10]")
    assert says(r"$1 \cdot 7 + 10 \cdot 11 = 117$")


def learned(rate: float, rounds: int) -> tuple[np.ndarray, float]:
    """The filter after some rounds of gradient descent, and its loss."""
    grass = photograph("grass")[100:124, 100:124] / 255
    x = (grass - grass.mean())[None, None]
    secret = np.array([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])
    target = layers.conv2d_forward(x, secret, np.zeros(1))
    w = np.zeros((1, 1, 3, 3))
    for _ in range(rounds):
        dout = layers.conv2d_forward(x, w, np.zeros(1)) - target
        w = w - rate * layers.conv2d_backward(dout, x, w)[1]
    difference = layers.conv2d_forward(x, w, np.zeros(1)) - target
    return w[0, 0], 0.5 * (difference**2).sum()


def test_the_filter_finds_the_secret():
    w, loss = learned(0.02, 100)
    np.testing.assert_array_equal(w.round(1), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    assert np.abs(w - w.round(1)).max() < 0.04  # not near the edge of rounding
    assert loss < 0.01
    early, _ = learned(0.02, 5)
    assert (early[:, 0] < -0.5).all()
    assert (early[:, 2] > 0.5).all()


def test_twice_the_learning_rate_explodes():
    assert learned(0.04, 100)[1] > 1000


def test_dx_is_a_convolution_with_the_kernel_turned_round():
    rng = np.random.default_rng(0)
    x, w, dout = (rng.normal(size=size) for size in ((1, 1, 6, 5), (1, 1, 3, 3), (1, 1, 4, 3)))
    dx = layers.conv2d_backward(dout, x, w)[0]
    turned = layers.conv2d_forward(dout, w[:, :, ::-1, ::-1].copy(), np.zeros(1), 1, 2)
    np.testing.assert_allclose(turned, dx)


def test_numerical_gradients_of_alexnet():
    from coursekit.models import alexnet

    weights = sum(p.numel() for p in alexnet().parameters())
    assert round(weights / 1e6) == 61
    assert says("AlexNet has 61 million weights, so one step would cost 122 million forward passes")


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
