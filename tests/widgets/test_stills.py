"""Still pictures, measured after they are laid out: nothing touches or runs out of its place."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from patch_cases import tiny_browser
from torch import nn

from coursekit.widgets import BackwardStepper, ConvolutionStepper, LiveTrainer, PoolingRouter


def drawn(widget):
    """The figure of a widget's still picture, and what measures it."""
    figure = Figure(figsize=(9, 3.6), dpi=110, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    widget.draw(figure)
    canvas.draw()
    return figure, canvas.get_renderer()


def normal(*shape, digits=2):
    return np.random.default_rng(sum(shape)).normal(size=shape).round(digits)


STEPPERS = {
    "by default": lambda: BackwardStepper(),
    "dout of 5×5": lambda: BackwardStepper(normal(1, 7, 7), normal(1, 1, 3, 3)),
    "two filters": lambda: BackwardStepper(normal(1, 7, 7), normal(2, 1, 3, 3)),
    "weights": lambda: BackwardStepper(normal(1, 7, 7), normal(2, 1, 3, 3), mode="dw"),
    "large numbers": lambda: BackwardStepper(1000 * normal(1, 5, 5), padding=1),
    "six channels": lambda: ConvolutionStepper(normal(6, 12, 12), padding=2),
    "output": lambda: ConvolutionStepper(normal(1, 10, 10), normal(1, 2, 2)),
    "pooling": lambda: PoolingRouter(100 * normal(8, 8)),
}


@pytest.mark.parametrize("name", STEPPERS)
def test_numbers_lie_within_their_cells(name):
    figure, _ = drawn(STEPPERS[name]())
    found = [
        artist
        for axes in figure.axes
        for artist in axes.get_children()
        if hasattr(artist, "places") and artist.cells is not axes.transData
    ]
    assert sum(len(artist.places) for artist in found) > 20
    for artist in found:
        for (x, y, text), (vertices, _) in zip(artist.places, artist.outlines(), strict=True):
            corners = [(x - 0.5, y - 0.5), (x + 0.5, y + 0.5)]
            (left, bottom), (right, top) = np.sort(artist.cells.transform(corners), axis=0)
            assert left < vertices[:, 0].min() < vertices[:, 0].max() < right, text
            assert bottom < vertices[:, 1].min() < vertices[:, 1].max() < top, text


def test_the_box_of_a_receptive_field_stays_on_its_image():
    browser = tiny_browser()
    browser.layer, browser.unit = "relu2", 0
    assert (browser.shown_layer()["boxes"][0, 0] < 0).any()
    figure, _ = drawn(browser)
    axes, image = figure.axes[-1], figure.axes[-1].get_window_extent()
    frames = [patch for patch in axes.patches if not patch.get_fill()]
    assert len(frames) == 2
    for frame in frames:
        assert frame.get_window_extent().x0 < image.x0 - 10
        assert image.x0 - 0.03 * image.width < frame.get_clip_box().x0 < image.x0
        assert frame.get_clip_on()


def test_names_under_the_test_images_do_not_touch():
    names = ["immunohistochemistry", "china", "motorcycles", "mammoths", "swimming woman"]
    x, labels = torch.rand(40, 1, 8, 8), torch.arange(40) % 5
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Flatten(), nn.Linear(108, 5))
    trainer = LiveTrainer(net, (x, labels), (x, labels), class_names=names)
    trainer.run(steps=2)
    figure, renderer = drawn(trainer)
    axes = figure.axes[-1]
    boxes = [text.get_window_extent(renderer) for text in axes.texts]
    assert len(boxes) > 4
    for one, other in pairwise(boxes):
        assert one.x1 < other.x0
