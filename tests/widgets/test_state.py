"""What a reader has set in a widget can be kept as JSON, and set again elsewhere."""

import json

import numpy as np
import pytest
import torch
from network_cases import tiny_explorer
from patch_cases import tiny_browser

from coursekit import widgets

# How a widget is made, and what a reader then sets, one after the other.
READERS = {
    "TaskPicker": (widgets.TaskPicker, {"task": "detection"}),
    "PixelMicroscope": (
        widgets.PixelMicroscope,
        {"position": (3, 4), "order": "CHW", "dtype": "uint8", "brightness": 40, "bit": 6},
    ),
    "VolumeExplorer": (
        widgets.VolumeExplorer,
        {"sharing": "locally connected", "position": (2, 5, 7), "relu": True},
    ),
    "WeightIndex": (widgets.WeightIndex, {"index": "1, :, 0, 2", "order": "TensorFlow"}),
    "ConvolutionStepper": (
        widgets.ConvolutionStepper,
        {"kernel_size": 2, "bias": 0.5, "stride": 2, "padding": 1, "position": (2, 3)},
    ),
    "BackwardStepper": (
        widgets.BackwardStepper,
        {"mode": "dw", "weight": (0, 0, 1, 1), "padding": 1, "term": 3},
    ),
    "PoolingRouter": (
        widgets.PoolingRouter,
        {"kernel_size": 3, "stride": 1, "rule": "overwrite", "ties": "even split", "step": 2},
    ),
    "ArchitectureExplorer": (
        widgets.ArchitectureExplorer,
        {"network": "VGG-16 (2014)", "order": "largest first", "layer": 4, "scale": "logarithmic"},
    ),
    "PatchBrowser": (tiny_browser, {"layer": "relu2", "unit": 1, "patch": 2}),
    "NetworkExplorer": (tiny_explorer, {"image": 1, "layer": "pool1", "unit": 1}),
}


def made(name):
    torch.manual_seed(0)
    return READERS[name][0]()


@pytest.mark.parametrize("name", READERS)
def test_a_state_goes_through_json_into_another_widget(name):
    widget, fresh = made(name), made(name)
    for trait, value in READERS[name][1].items():
        setattr(widget, trait, value)
        assert getattr(widget, trait) == value, (widget.problem, trait)
    assert widget.sentence != fresh.sentence
    fresh.state = json.loads(json.dumps(widget.state))
    assert fresh.problem == ""
    assert fresh.state == widget.state
    assert fresh.sentence == widget.sentence
    assert fresh.still() == widget.still()


@pytest.mark.parametrize("name", READERS)
def test_back_to_where_it_was(name):
    widget = made(name)
    before, said = widget.state, widget.sentence
    for trait, value in READERS[name][1].items():
        setattr(widget, trait, value)
    widget.state = before
    assert (widget.state, widget.sentence) == (before, said)


@pytest.mark.parametrize("name", READERS)
def test_what_is_remembered_is_what_the_page_changes(name):
    widget = made(name)
    assert set(widget.remembered) <= set(widget.keys)
    assert not {"sentence", "problem", "feedback", "score", "answer"} & set(widget.remembered)


def test_edited_numbers_come_back():
    widget, fresh = widgets.ConvolutionStepper(), widgets.ConvolutionStepper()
    widget.weights = widget.weights + 1
    widget.image = np.arange(75.0).reshape(3, 5, 5)
    fresh.state = json.loads(json.dumps(widget.state))
    assert np.array_equal(fresh.weights, widget.weights)
    assert np.array_equal(fresh.output(), widget.output())


def test_a_state_that_does_not_fit_is_a_sentence():
    stepper = widgets.ConvolutionStepper()
    said = stepper.sentence
    stepper.state = {"strides": 2}
    assert stepper.problem.startswith("The state has strides; this picture remembers image, ")
    stepper.state = {"stride": 99, "position": "everywhere"}
    assert "stride is 99; this picture takes a whole number from 1 to 4" in stepper.problem
    assert "position is 'everywhere', which this picture cannot take" in stepper.problem
    assert stepper.sentence == said
    stepper.state = {"stride": 2}
    assert stepper.problem == ""
