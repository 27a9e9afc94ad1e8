"""What lecture 09 says is so: every number of its prose, recomputed here and by PyTorch."""

import numpy as np
import pytest
import torch
from reading import Lecture
from torch import nn

from coursekit import models
from coursekit.exercises.grouped import grouped_parameters
from coursekit.exercises.neuron_counts import ALEXNET, neuron_counts
from coursekit.exercises.response_norm import local_response_norm
from coursekit.shapes import output_size, receptive_field
from coursekit.widgets.explorer_tables import known_tables

LECTURE = Lecture("09_alexnet")
says = LECTURE.says
TABLE = known_tables()["AlexNet (2012)"]
WEIGHTED = TABLE.of_kind("Conv2d", "Linear")
PAPER = [253_440, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000]


@pytest.mark.parametrize(
    ("layer", "out"), [((224, 11, 4), 54), ((224, 11, 4, 2), 55), ((227, 11, 4), 55)]
)
def test_which_image_it_takes(layer, out):
    assert nn.Conv2d(1, 1, *layer[1:])(torch.zeros(1, 1, layer[0], layer[0])).shape[-1] == out
    assert output_size(*layer) == out


def test_quarter_pixels():
    assert (224 - 11) / 4 == 53.25
    assert says("the fraction is 213/4 = 53.25") and says("54.25")
    assert [w for w in range(220, 240) if (w - 11) / 4 + 1 == 55] == [227]
    assert says(r"$54 \cdot 4 + 11 = 227$")
    assert output_size(228, 11, 4) == 55  # the instructor's tip
    assert (224 * 224 * 3, 227 * 227 * 3) == (150_528, 154_587)
    assert says(r"$224 \cdot 224 \cdot 3 = 150{,}528$") and says("154,587")


def test_the_list_of_layers_is_the_network():
    assert neuron_counts((3, 227, 227), ALEXNET) == [row.neurons for row in WEIGHTED]
    for kind, *numbers in ALEXNET:
        written = ", ".join(map(str, numbers))
        assert f'("{kind}", {written})' in LECTURE.source
    assert [kind for kind, *_ in ALEXNET if kind != "pool"] == ["conv"] * 5 + ["linear"] * 3
    assert says("Eight layers have weights: five convolutions and three fully connected ones")


def test_the_captions_slip():
    counts = neuron_counts((3, 227, 227), ALEXNET)
    assert [i for i, (a, b) in enumerate(zip(counts, PAPER, strict=True)) if a != b] == [0]
    assert counts[0] == 96 * 55 * 55 == 290_400
    assert PAPER[0] == 55 * 48 * 96
    assert PAPER[0] % (55 * 55) != 0
    assert PAPER[0] // 55 // 96 == 48 and counts[0] // 55 // 96 == 55
    assert 290_400 * 48 == 253_440 * 55
    assert (sum(counts), sum(PAPER)) == (659_272, 622_312)
    assert says("253,440–186,624–64,896–64,896–43,264–4096–4096–1000")
    assert says("**659,272**") and says("622,312")


def test_parameters():
    assert TABLE.parameters == 60_965_224
    assert [row.parameters for row in WEIGHTED][:5] == [34944, 307456, 885120, 663936, 442624]
    with torch.device("meta"):
        one_group = models.alexnet_2012(groups=1)
    total = sum(parameter.numel() for parameter in one_group.parameters())
    assert total == 62_378_344
    assert 0.02 < 1 - TABLE.parameters / total < 0.025  # "little over two percent"
    assert says("**60,965,224**") and says("62,378,344")
    assert grouped_parameters(256, 4096, 6) == TABLE.layer("classifier.fc6").parameters


def test_shares_of_parameters_and_work():
    linear, conv = TABLE.of_kind("Linear"), TABLE.of_kind("Conv2d")
    assert f"{linear.parameters / TABLE.parameters:.1%}" == "96.2%"
    assert f"{conv.macs / TABLE.macs:.1%}" == "91.9%"
    with torch.device("meta"):
        one_group = models.architecture_table(models.alexnet_2012(groups=1), (3, 227, 227))
    assert TABLE.macs == 724_406_816 and says("290,400, 60,965,224 and 724,406,816")
    assert (round(TABLE.macs / 1e9, 3), round(one_group.macs / 1e9, 3)) == (0.724, 1.135)
    assert says("1.135 billion multiply-adds instead of 0.724 billion")


def test_what_the_explorer_lets_one_find():
    assert TABLE.layer("classifier.fc6").parameters > TABLE.parameters / 2
    work = max(TABLE, key=lambda row: row.macs)
    assert (work.name, work.macs) == ("features.conv2", 223_948_800)
    inception = known_tables()["GoogLeNet (2014)"]
    assert 8.5 < TABLE.parameters / inception.parameters < 9.5 and inception.macs > TABLE.macs
    assert says(f"{inception.parameters:,} parameters and {inception.macs:,} multiply-adds")
    smaller = [t for t in known_tables().values() if t.parameters < TABLE.parameters / 8]
    assert smaller == [inception]
    assert len(inception.of_kind("Linear")) == 1
    vgg = known_tables()["VGG-16 (2014)"]
    assert vgg.parameters > TABLE.parameters and vgg.macs > TABLE.macs


def test_receptive_fields():
    windows = [(k, s) for kind, _, k, s, _ in ALEXNET if kind != "linear"]
    fields = [receptive_field(windows[: i + 1]) for i in range(8)]
    assert fields == [11, 19, 51, 67, 99, 131, 163, 195]
    assert TABLE.layer("features.pool5").jump == 32
    assert TABLE.layer("classifier.fc6").receptive_field == 195 + 5 * 32 == 355


def test_local_response_normalization():
    x = np.random.default_rng(1).uniform(0, 300, (2, 8, 3, 3))
    for alpha, same in ((5e-4, True), (1e-4, False)):
        theirs = nn.LocalResponseNorm(5, alpha=alpha, beta=0.75, k=2.0)(torch.tensor(x)).numpy()
        assert np.allclose(theirs, local_response_norm(x)) == same
    assert round(2**0.75, 2) == 1.68
    small = np.full((1, 5, 1, 1), 1.0)
    np.testing.assert_allclose(local_response_norm(small), small / 2**0.75, rtol=2e-4)
    alone = np.zeros((1, 5, 1, 1))
    alone[0, 2] = 100
    assert local_response_norm(alone)[0, 2, 0, 0] == pytest.approx(100 / 3**0.75)
    ones = local_response_norm(np.ones((1, 3, 2, 2)), size=1, alpha=1, beta=1, k=1)
    assert (ones == 0.5).all()  # the docstring's example


def test_a_lonely_value_turns_around_at_200():
    own = np.linspace(0, 300, 301)
    x = np.zeros((301, 5, 1, 1))
    x[:, 2, 0, 0] = own
    assert own[local_response_norm(x)[:, 2, 0, 0].argmax()] == 200
    assert says("turns around at 200")


def test_which_beta_turns_a_curve_around():
    x = np.zeros((301, 5, 1, 1))
    x[:, 2, 0, 0] = np.linspace(0, 30_000, 301)
    for beta, rises in ((0.75, False), (0.51, False), (0.5, True), (0.4, True)):
        curve = local_response_norm(x, beta=beta)[:, 2, 0, 0]
        assert (np.diff(curve) > 0).all() == rises, beta
    assert local_response_norm(x, beta=0.5).max() == pytest.approx(100, abs=0.1)
    assert says(r"flattens toward $1/\sqrt{\alpha} = 100$")


def test_overlapping_windows():
    for w, out in ((55, 27), (27, 13), (13, 6)):
        assert output_size(w, 3, 2) == output_size(w, 2, 2) == out
    assert says("55, 27 and 13 pixels turn into 27, 13 and 6 either way")
    reads = np.bincount([2 * window + tap for window in range(27) for tap in range(3)])
    assert (len(reads), reads.sum(), (reads == 2).sum()) == (55, 81, 26)
    assert says("27 windows read 81 pixels in all, and there are 55: 26 are read a second time")


def test_dropout_guards_most_of_the_parameters():
    hidden = sum(TABLE.layer(f"classifier.{name}").parameters for name in ("fc6", "fc7"))
    assert round(hidden / 1e6, 1) == 54.5 and round(hidden / 1.2e6) == 45
    assert 0.88 < hidden / TABLE.parameters < 0.9  # "nearly nine tenths"


def test_the_one_tower():
    table = known_tables()["AlexNet in one tower (2014)"]
    assert table.parameters == 61_100_840
    assert TABLE.parameters < table.parameters < 62_378_344
    with torch.device("meta"):
        names = list(models.alexnet().state_dict())
    assert (names[0], names[-1], len(names)) == ("features.0.weight", "classifier.6.bias", 16)
    places = [name.split(".")[1] for name in names if name.endswith("weight")]
    assert places == ["0", "3", "6", "8", "10", "1", "4", "6"]
    assert says("features 0, 3, 6, 8, 10 and classifier 1, 4, 6")
    assert 256 * 6 * 6 == 9216
    assert round(table.parameters * 4 / 2**20) == 233 and says("233 MB")


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
