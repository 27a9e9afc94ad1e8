"""What lecture 02 says is so: its numbers, its pictures, and what shuffled pixels do."""

import numpy as np
import pytest
import torch
from reading import Lecture
from torch import nn

from coursekit.data import Batches, half_size, load, photograph, shuffle_pixels
from coursekit.exercises import EXERCISES
from coursekit.training import evaluate, fit, sgd
from coursekit.widgets.microscope_state import flat_position

LECTURE = Lecture("02_images_as_tensors")
says = LECTURE.says
IMAGE = photograph("coffee", size=(60, 80))


def reference(name):
    return EXERCISES[name].reference


def test_the_photograph():
    assert IMAGE.shape == (60, 80, 3)
    assert says("60 rows, 80 columns, and 3 channels")
    assert IMAGE.max() <= 255 and IMAGE.dtype == np.uint8
    assert (60 * 80, IMAGE.size) == (4800, 14400)
    assert says("4800$ numbers, a third of the image's 14,400")


def test_the_white_rim_is_bright_in_all_channels_and_the_saucer_in_red_only():
    assert (IMAGE[29, 38:42] > 190).all()
    assert says("The white rim of the cup is bright in all three")
    saucer = IMAGE[24:40, 8:14].mean(axis=(0, 1))
    assert saucer[0] > 150
    assert max(saucer[1:]) < 80


def test_pixels_that_the_student_is_sent_to_find():
    spread = np.ptp(IMAGE.astype(int), axis=2)
    assert (spread <= 25).sum() >= 20
    assert ((IMAGE[..., 0] > 150) & (IMAGE[..., 2] < 40)).sum() >= 500


def test_bits_and_levels():
    assert sum(2**bit for bit in (7, 6, 3)) == 200 == 0b11001000
    assert says("200 = 128 + 64 + 8")
    assert (2**8, sum(2**bit for bit in range(8))) == (256, 255)
    assert 3 * 8 == 24 and 2**24 == 256**3 == 16_777_216 and says("16{,}777{,}216$ colors")


def test_high_bits_hold_the_picture_and_the_lowest_is_noise():
    """Neighbors agree in the highest bit, and as often as by chance in the lowest."""
    green = IMAGE[:, :, 1]
    agree = [np.mean((green >> bit & 1)[:, 1:] == (green >> bit & 1)[:, :-1]) for bit in range(8)]
    assert agree[7] > 0.9
    assert agree[0] == pytest.approx(0.5, abs=0.03)


def test_bytes():
    count = reference("storage_bytes")
    assert says(f"numbers: {count((3, 32, 32)):,} bytes each")
    assert says(f"and need {count((3, 32, 32), 32):,} bytes")
    assert (count((50_000, 3, 32, 32)), count((50_000, 3, 32, 32), 32)) == (
        153_600_000,
        614_400_000,
    )


def test_overflow():
    byte = np.array([200, 100, 10], dtype=np.uint8)
    assert (byte + 100).tolist()[0] == 300 - 256 == 44
    assert (byte - 20).tolist()[2] == 10 - 20 + 256 == 246
    assert ((byte[0:1] + byte[1:2]) / 2).item() == 22
    assert (200 + 100) / 2 == 150 and says("100 is 150")
    assert np.array([127.9]).astype(np.uint8) == 127


def test_only_the_bright_parts_go_wrong():
    wrong = np.minimum(IMAGE.astype(int) + 100, 255) != (IMAGE + 100)
    assert np.array_equal(wrong, IMAGE > 155)
    assert 0.1 < wrong.mean() < 0.9


def test_places_in_memory():
    assert flat_position((2, 5), 1, (32, 32, 3), "HWC") == (2 * 32 + 5) * 3 + 1 == 208
    assert says(r"lie $2 \cdot 32 + 5 = 69$ whole pixels, which are 207 numbers, and one red")
    assert flat_position((2, 5), 1, (32, 32, 3), "CHW") == 1093 and says("1,093 is the place in")
    assert flat_position((2, 5), 0, (32, 32, 3), "HWC") == 207 and says("stands at position 208")


def test_both_ways_to_chw_have_the_same_shape():
    recut, moved = IMAGE.reshape(3, 60, 80), reference("to_chw")(IMAGE)
    assert recut.shape == moved.shape
    assert np.array_equal(moved[0], IMAGE[:, :, 0])
    assert (recut == moved).mean() < 0.1


def test_what_pytorch_says_to_channels_last():
    with pytest.raises(RuntimeError, match="to have 3 channels, but got 60 channels instead"):
        nn.Conv2d(3, 6, 5)(torch.tensor(IMAGE).float()[None])


def test_units_that_do_not_match():
    right, wrong = ((level - 0.485) / 0.229 for level in (128 / 255, 128))
    assert says(f"(128/255 - 0.485)/0.229 = {right:.2f}$")
    assert says(f"(128 - 0.485)/0.229 = {wrong:.1f}$")


def test_row_and_column():
    with pytest.raises(IndexError):
        IMAGE[70, 12]
    assert IMAGE[12, 70].shape == (3,)
    assert list(range(10))[2:5] == [2, 3, 4]


def test_the_patch_holds_the_spoon():
    """Its middle shines, the saucer around it is red."""
    patch = IMAGE[35:52, 41:61].astype(int)
    assert patch.shape == (17, 20, 3) and says("cut out 17 rows and 20 columns")
    grayest = np.ptp(patch, axis=2) + (255 - patch.min(axis=2))
    row, column = np.unravel_index(grayest.argmin(), grayest.shape)
    assert abs(row + 35 - 43) <= 6 and abs(column + 41 - 50) <= 6


def test_transpose_is_a_view():
    small = IMAGE.copy()
    small.transpose(2, 0, 1)[0, 3, 4] = 77
    assert small[3, 4, 0] == 77


def test_the_size_of_a_flattened_picture():
    assert 3 * 16 * 16 == 768 and says("becomes 768 numbers in a row")
    below = [flat_position((row, 4), 0, (16, 16, 3), "CHW") for row in (6, 7)]
    assert below[1] - below[0] == 16 and says("stand 16 positions apart")


@pytest.fixture(scope="module")
def pictures():
    return half_size(load("shapes").smaller(2000, 1000))


def test_the_two_data_sets_share_their_statistics(pictures):
    shuffled = shuffle_pixels(pictures)
    assert torch.allclose(pictures.mean, shuffled.mean)
    assert torch.allclose(pictures.std, shuffled.std)
    assert len(pictures.test.labels) == 1000 and len(pictures.class_names) == 10


def learned(build, data, lr, seed):
    torch.manual_seed(seed)
    net = build()
    fit(net, Batches(data, batch_size=50), epochs=6, optimizer=sgd(net, lr=lr))
    return evaluate(net, Batches(data, "test")).accuracy


@pytest.fixture(scope="module")
def builders():
    """The lecture's own two functions."""
    source = LECTURE.source
    code = source[source.index("def mlp():") : source.index("# %% [markdown]\n# ### Train them")]
    names = {"nn": nn}
    exec(code, names)
    return names["mlp"], names["convnet"]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_convnet_suffers_and_the_mlp_does_not(pictures, builders, seed):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    mlp, convnet = builders
    shuffled = shuffle_pixels(pictures)
    dull = [learned(mlp, data, 0.02, seed) for data in (pictures, shuffled)]
    keen = [learned(convnet, data, 0.05, seed) for data in (pictures, shuffled)]
    torch.set_num_threads(threads)
    assert abs(dull[0] - dull[1]) < 0.08 and min(dull) > 0.15 and max(dull) < 0.5
    assert keen[0] > 0.85
    assert 0.35 < keen[1] / keen[0] < 0.62  # "by about half"


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
