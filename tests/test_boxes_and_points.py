"""Pictures of lecture 01: boxes on an image, three classes in a plane; probes of a network."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from torch import nn

from coursekit import plots
from coursekit.data.dataset import Dataset, Examples
from coursekit.drawings import OUTPUT, WEIGHTS
from coursekit.inspection import probe, right_share
from coursekit.plots.points import CORNERS

SCENE = np.zeros((20, 30, 3), np.uint8)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_boxes_stand_where_they_are_and_kinds_differ_in_color_and_line():
    boxes = {"truth": [(1, 2, 5, 9)], "detector": [(3, 4, 8, 6), (0, 0, 2, 2)]}
    axes = plots.show_boxes(SCENE, boxes, alt="Three boxes.")
    drawn = [patch for patch in axes.patches if patch.get_linewidth() == 2]
    assert [patch.get_bbox().bounds for patch in drawn] == [
        (1, 2, 4, 7),
        (3, 4, 5, 2),
        (0, 0, 2, 2),
    ]
    looks = [(to_hex(patch.get_edgecolor()).upper(), patch.get_linestyle()) for patch in drawn]
    assert looks == [(OUTPUT, "--"), (WEIGHTS, "-"), (WEIGHTS, "-")]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["truth", "detector"]
    assert plots.description(axes) == "Three boxes."


def test_each_class_has_the_third_around_its_corner():
    scores = np.random.default_rng(0).dirichlet([1, 1, 1], 50)
    nearest = np.linalg.norm(scores @ CORNERS - CORNERS[:, None], axis=2).argmin(axis=0)
    assert (nearest == scores.argmax(axis=1)).all()
    views = {"first": (scores, scores.argmax(axis=1)), "second": (scores, np.zeros(50, int))}
    axes = plots.plot_three_classes(views, ("a", "b", "c"), alt="Two planes of points.")
    planes = axes.figure.axes
    assert [plane.get_title() for plane in planes] == ["first", "second"]
    assert [len(group.get_offsets()) for group in planes[1].collections] == [50, 0, 0]
    assert plots.description(axes) == "Two planes of points."


@pytest.fixture
def lines():
    """Noise; the class is 2 where the first pixel is brighter than the second, otherwise 0."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (600, 1, 4, 4), generator=generator, dtype=torch.uint8)
    labels = (images[:, 0, 0, 0] > images[:, 0, 0, 1]).long() * 2
    half = Examples(images[:300], labels[:300]), Examples(images[300:], labels[300:])
    return Dataset("lines", *half, class_names=("a", "b", "c"), source="Generated.")


def test_a_probe_finds_what_a_layer_computes_and_not_what_it_drops(lines):
    difference = nn.Conv2d(1, 1, (1, 2), bias=False)
    difference.weight.data = torch.tensor([[[[1.0, -1.0]]]])
    net = nn.Sequential(difference, nn.Flatten(), nn.Linear(12, 1), nn.Linear(1, 3))
    nn.init.zeros_(net[2].weight)
    scores, labels = probe(net, lines, "0", classes=(0, 2))
    assert scores.shape == (300, 2)
    assert set(labels) == {0, 1}
    assert right_share(scores, labels) > 0.9
    assert right_share(*probe(net, lines, "2", classes=(0, 2))) < 0.65
    assert right_share(*probe(net, lines, None, classes=(0, 2))) > 0.9


def test_a_probe_says_which_layers_there_are(lines):
    with pytest.raises(ValueError, match="no layer 'conv9'"):
        probe(nn.Sequential(nn.Flatten()), lines, "conv9")
