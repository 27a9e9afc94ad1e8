"""Exercise of lecture 09: AlexNet in PyTorch, ready for its published weights."""

from functools import cache
from typing import Any

import numpy as np

from coursekit import probes
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.modules import (
    NAMES,
    Compared,
    asked,
    built_by,
    for_one,
    images,
    in_training,
)
from coursekit.exercises.properties import contrast


def alexnet(num_classes: int = 1000) -> Any:
    """Build the one-tower AlexNet that everyone downloads.

    Five convolutions to 64, 192, 384, 256 and 256 maps: 11×11 with stride 4 and padding 2, 5×5
    with padding 2, then 3×3 with padding 1; ReLU after each; 3×3 max pooling with stride 2 after
    the first, second and fifth. Then three fully connected layers, 4096, 4096 and num_classes,
    with ReLU between them and nn.Dropout, p = 0.5, before the first and the second.
    Returns an nn.Module from images (N, 3, 224, 224) to logits (N, num_classes) whose state dict
    has torchvision's names, features.0.weight to classifier.6.bias: for 1000 classes 61,100,840
    parameters, and the published weights load unchanged. Krizhevsky (2014).
    """
    from coursekit.models.alexnet import alexnet as published

    return published(num_classes)


def _cases(rng: np.random.Generator) -> list[Case]:
    seed = int(rng.integers(1 << 31))
    few = int(rng.integers(2, 30))

    def output(group: str, arguments: tuple, count: int = 1, question: str = "output") -> Case:
        return asked(group, question, arguments, images(rng, count, 3, 224, 224), seed)

    return [
        asked(NAMES, "tensors", ()),
        asked(NAMES, "tensors", (few,)),
        output("one image", (few,)),
        output("training", (few,), question="training"),
        output("two images", (few,), 2),
    ]


@cache
def _image(count: int = 1) -> np.ndarray:
    return images(np.random.default_rng(1), count, 3, 224, 224)


def _output(*arguments: int, question: str = "output", count: int = 1) -> Case:
    return asked("small", question, arguments, _image(count))


def _examples() -> tuple[Case, ...]:
    built = [asked("small", "tensors", arguments) for arguments in ((2,), ())]
    return *built, _output(2), _output(2, question="training")


def _wrong(**changes: Any) -> Any:
    def load() -> Any:
        """The wrong network, changed in this way."""
        from coursekit.exercises import wrong_alexnets as wrong

        way = wrong.Way(**changes)
        return lambda *classes: wrong.AlexNet(*classes, way=way)

    return built_by(load, "alexnet")


_FIRST = "How large are the maps after the first convolution, of 224×224 pixels?"
_MODE = "Does the same image give the same answer twice, after eval() and after train()?"
_PLACES = "Between which layers stands dropout in the docstring?"
_LOGITS = "Which values may a logit have?"
_WIDTHS = "How many filters of the first layer were on each of the two GPUs, and how many are here?"
MISTAKES = {
    "first-not-padded": Mistake(
        _wrong(padding=0), "the first convolution has no padding, as for 227 pixels", _FIRST
    ),
    "first-not-padded-then-averaged": Mistake(
        _wrong(padding=0, pooled_to=6),
        "the first convolution has no padding, and the average pooling hides it",
        _FIRST,
    ),
    "pooling-does-not-overlap": Mistake(
        _wrong(pool_size=2),
        "the pooling windows are 2×2 and do not overlap",
        "By how much do neighboring pooling windows overlap in AlexNet?",
    ),
    "relu-forgotten": Mistake(
        _wrong(rectified_maps=False, rectified_hidden=False),
        "there is no ReLU",
        "What are two layers in a row without anything between them?",
    ),
    "relu-after-convolutions-forgotten": Mistake(
        _wrong(rectified_maps=False),
        "no ReLU follows the convolutions",
        "What are two layers in a row without anything between them?",
    ),
    "relu-between-linear-layers-forgotten": Mistake(
        _wrong(rectified_hidden=False),
        "no ReLU stands between the fully connected layers",
        "What are two layers in a row without anything between them?",
    ),
    "logits-rectified": Mistake(_wrong(end="relu"), "a ReLU follows the last layer", _LOGITS),
    "softmax-at-the-end": Mistake(
        _wrong(end="softmax"),
        "a softmax follows the last layer",
        "What does PyTorch's cross-entropy do first with what it gets?",
    ),
    "dropout-forgotten": Mistake(_wrong(dropout=()), "there is no dropout", _MODE),
    "dropout-after-the-hidden-layers": Mistake(
        _wrong(dropout=(1, 2)),
        "dropout follows the hidden layers, as in the paper of 2012",
        _PLACES,
    ),
    "dropout-before-every-layer": Mistake(
        _wrong(dropout=(0, 1, 2)), "there is dropout before the last layer, too", _PLACES
    ),
    "dropout-only-once": Mistake(
        _wrong(dropout=(0,)), "there is dropout before the first linear layer only", _PLACES
    ),
    "dropout-before-the-second-only": Mistake(
        _wrong(dropout=(1,)), "there is dropout before the second linear layer only", _PLACES
    ),
    "dropout-never-ends": Mistake(
        _wrong(always_dropping=True), "dropout goes on after eval()", _MODE
    ),
    "flattened-pixel-by-pixel": Mistake(
        _wrong(rows_first=False),
        "the maps are flattened with the channels last",
        "Which value comes second in your flattened maps: the next pixel or the next map?",
    ),
    "response-normalized": Mistake(
        _wrong(normalized=True),
        "local response normalization follows the first two convolutions",
        "Which layers does the docstring name after the first convolution?",
    ),
    "widths-of-2012": Mistake(
        _wrong(channels=(96, 256, 384, 384, 256)),
        "the convolutions are as wide as in the paper of 2012",
        _WIDTHS,
    ),
    "two-towers": Mistake(
        _wrong(channels=(96, 256, 384, 384, 256), groups=2),
        "the network is that of 2012, with two groups",
        _WIDTHS,
    ),
    "biases-forgotten": Mistake(
        _wrong(bias=False), "no layer has biases", "Which numbers does a filter learn?"
    ),
}

COMPARED = Compared(named=True)
ALEXNET = Exercise(
    name="alexnet",
    lecture="09_alexnet",
    points=4,
    reference=alexnet,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        COMPARED.property((2,)),
        contrast(
            "default",
            asked("", "tensors", (1000,)),
            asked("", "tensors", ()),
            "Your network is right for 1000 classes, but not when you leave the number out.",
        ),
        in_training((2,), _image(), "Right after eval(), wrong after train(): look at dropout."),
        for_one(_output(2), _output(2, count=2), "network"),
    ),
    smallest=_examples,
    agrees=COMPARED.agrees,
    alike=COMPARED.alike,
    may_use=("torch",),
    probe=probes.large_module,
    draw=COMPARED.draw,
    seconds=15.0,  # a network that sets its own first weights makes torch load more of itself
)
