"""What lecture 07 says is so: every number of its prose, recomputed here and by PyTorch."""

import numpy as np
import pytest
import torch
from reading import Lecture
from torch.nn.functional import avg_pool2d, max_pool2d

from coursekit import layers
from coursekit.data import photograph
from coursekit.shapes import output_size
from coursekit.widgets import PoolingRouter

LECTURE = Lecture("07_pooling")
says = LECTURE.says
MAP = np.array([[1.0, 3, 2, 0], [5, 2, 4, 4], [-1, -6, 0, 8], [-3, -2, 7, 1]])[None, None]
POOLS = {
    "max": lambda x, k: layers.max_pool2d_forward(x, k)[0],
    "average": layers.avg_pool2d_forward,
    "min": lambda x, k: -layers.max_pool2d_forward(-x, k)[0],
    "L2": lambda x, k: layers.avg_pool2d_forward(x**2, k) ** 0.5,
}


def gray() -> np.ndarray:
    return photograph("china", size=128).mean(axis=2)[None, None] / 255


def edges() -> np.ndarray:
    vertical = np.array([[[[-1.0, 0, 1]] * 3]])
    found = np.maximum(0, layers.conv2d_forward(gray(), vertical, np.zeros(1), padding=1))
    found[..., [0, -1]] = 0
    return found


def test_the_four_windows():
    assert max_pool2d(torch.tensor(MAP), 2).flatten().tolist() == [5, 4, -1, 8]
    assert says("reveal(guess, [5, 4, -1, 8])")
    assert 1 - 4 / MAP.size == 0.75 and says("drops 75 % of the numbers")


def test_sizes():
    assert max_pool2d(torch.zeros(1, 1, 7, 7), 2).shape[-1] == output_size(7, 2, stride=2) == 3
    assert max_pool2d(torch.zeros(1, 1, 55, 55), 3, 2).shape[-1] == 27
    assert says("turn 55 pixels into 27")
    assert says(r"$\lfloor (7 - 2)/2 \rfloor + 1 = 3$")


def test_the_index_of_the_eight():
    _, index = max_pool2d(torch.tensor(MAP), 2, return_indices=True)
    assert index[0, 0, 1, 1] == 2 * 4 + 3 == 11


def test_noise_moves_the_maximum_and_hardly_the_average():
    noisy = gray() + 0.2 * np.random.default_rng(0).standard_normal(gray().shape)
    change = {name: np.abs(each(noisy, 4) - each(gray(), 4)).mean() for name, each in POOLS.items()}
    assert change["average"] == pytest.approx(0.04, abs=0.005)
    assert change["max"] == pytest.approx(0.29, abs=0.01)
    assert sorted(change, key=change.get)[:2] == ["average", "L2"]
    assert change["L2"] < 2 * change["average"] < change["max"] / 3
    assert says("it changes by about 0.04, the maximum by about 0.29")


def test_averages_dilute_edges():
    found = edges()
    assert POOLS["max"](found, 8).max() == found.max()
    assert POOLS["average"](found, 8).max() < 0.3 * found.max()
    assert says("one clear yes and 63 times nothing") and says("1/64")


def found_by(pool, side: int, noise: float) -> float:
    noises = noise * np.random.default_rng(2).standard_normal((2, 4000, side**2))
    there, absent = np.maximum(0, noises)
    there[:, 0] += 1
    return float((pool(there, axis=1) > pool(absent, axis=1)).mean())


def test_one_response_in_a_noisy_window():
    assert min(found_by(np.max, side, 0.25) for side in (2, 4, 8, 16)) > 0.98
    falling = [found_by(np.mean, side, 0.25) for side in (2, 4, 8, 16)]
    assert falling == sorted(falling, reverse=True)
    assert falling[0] > 0.97 and 0.55 < falling[-1] < 0.68
    assert found_by(np.max, 16, 0.4) < 0.85


def test_what_global_average_pooling_saves():
    assert 7 * 7 * 1024 * 1000 == 50_176_000 == 49 * 1_024_000
    assert says("50,176,000 weights become 1,024,000, 49 times fewer")
    x = torch.rand(1, 4, 7, 7, dtype=torch.float64)
    means = layers.global_avg_pool2d_forward(x.numpy())
    assert np.allclose(means, avg_pool2d(x, 7).flatten(1))


def test_a_small_shift_may_change_nothing():
    impulse = np.zeros((3, 1, 1, 8))
    for image, place in enumerate((2, 3, 4)):
        impulse[image, 0, 0, place] = 1
    out = layers.max_pool2d_forward(np.repeat(impulse, 2, axis=2), 2)[0]
    assert np.array_equal(out[0], out[1]) and not np.array_equal(out[1], out[2])


def test_the_nine_wins_twice():
    x = torch.tensor([[[[1.0, 9, 2], [0, 4, 3]]]], requires_grad=True)
    (max_pool2d(x, 2, 1) * torch.tensor([3.0, 5])).sum().backward()
    assert x.grad[0, 0].tolist() == [[0, 8, 0], [0, 0, 0]]


def test_the_routers_tasks_can_be_solved():
    router = PoolingRouter()
    lost = router.gradient().sum()
    router.rule = "overwrite"
    assert lost - router.gradient().sum() == 3
    assert [len(window.winners) for window in router.windows()].count(9) == 1
    router.stride = 3
    overwritten = router.gradient()
    router.rule = "accumulate"
    assert np.array_equal(overwritten, router.gradient())


def test_how_often_windows_are_zeros_only():
    random_maps = np.maximum(0, np.random.default_rng(0).standard_normal((1, 64, 128, 128)))
    random, real = (
        (layers.max_pool2d_forward(x, 2)[0] == 0).mean() for x in (random_maps, edges())
    )
    assert random == pytest.approx(1 / 16, abs=0.002)
    assert real > 2 * random and says("more than twice as much")
    assert says("One in sixteen: a half, multiplied four times, is 6.25 %") and 0.5**4 == 0.0625


def test_which_gradients_are_valid_at_a_tie():
    flat = torch.zeros(1, 1, 2, 2, requires_grad=True)
    (8 * max_pool2d(flat, 2)).sum().backward()
    assert flat.grad.flatten().tolist() == [8, 0, 0, 0]

    def loss(x):
        return 8 * layers.max_pool2d_forward(x, 2)[0].sum()

    zeros, h = np.zeros((1, 1, 2, 2)), 1e-5
    assert (loss(zeros + h) - loss(zeros - h)) / (2 * h) == pytest.approx(8)
    assert np.allclose(layers.gradcheck.numerical_gradient(loss, zeros), 4)
    assert 4 * 8 == 32 and says("predicts 32, four times too much")


def test_an_average_hands_out_equal_parts():
    x = torch.zeros(1, 1, 2, 3, requires_grad=True)
    (8 * avg_pool2d(x, 2)).sum().backward()
    assert x.grad[0, 0].tolist() == [[2, 2, 0], [2, 2, 0]]


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
