"""Exercise of lecture 11: ResNet's block, which need only learn what to add."""

from typing import Any

import numpy as np

from coursekit import probes
from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.modules import (
    NAMES,
    Compared,
    asked,
    built_by,
    images,
    in_training,
    with_gradient,
)
from coursekit.exercises.properties import contrast


def BasicBlock(in_channels: int, channels: int, stride: int = 1) -> Any:  # stands in for a class
    """Build the residual block of ResNet-18 and -34.

    3×3 convolution, normalization, ReLU, 3×3 convolution, normalization; then the shortcut is
    added, then ReLU. The first convolution takes the stride, both are padded by 1, none has
    biases. The shortcut is the input itself where shapes fit, otherwise a 1×1 convolution with
    the stride and a normalization. Returns an nn.Module from (N, in_channels, H, W) to
    (N, channels, ⌈H/stride⌉, ⌈W/stride⌉), with torchvision's names: conv1, bn1, conv2, bn2,
    downsample.0, downsample.1. He and others (2015), figure 2.
    """
    from coursekit.models.resnet import BasicBlock as published

    return published(in_channels, channels, stride)


def _cases(rng: np.random.Generator) -> list[Case]:
    seed = int(rng.integers(1 << 31))

    def output(group: str, block: tuple[int, ...], *shape: int, question: str = "output") -> Case:
        count, *sides = shape
        return asked(group, question, block, images(rng, count, block[0], *sides), seed)

    few, more = (int(n) for n in rng.choice(np.arange(3, 9), 2, replace=False))
    return [
        output("identity shortcut", (few, few), 1, 6, 7),
        output("identity shortcut", (more, more), 3, 5, 4),
        output("stride 2", (few, more, 2), 2, 6, 8),
        output("stride 2", (few, few, 2), 2, 7, 5),
        output("another number of maps", (few, more), 2, 5, 6),
        output("another number of maps", (more, few), 1, 4, 5),
        output("training", (few, few), 3, 5, 6, question="training"),
        output("training", (few, more, 2), 3, 6, 5, question="training"),
        asked(NAMES, "tensors", (64, 64)),
        asked(NAMES, "tensors", (64, 64, 2)),
        asked(NAMES, "tensors", (64, 128, 2)),
        asked(NAMES, "tensors", (few, more)),
        output("gradient", (few, few), 2, 4, 5, question="gradient"),
        output("gradient", (few, more, 2), 2, 6, 5, question="gradient"),
    ]


def _maps(channels: int, *sides: int) -> np.ndarray:
    """One image of few different numbers, both signs."""
    shape = (1, channels, *sides)
    return np.arange(np.prod(shape)).reshape(shape) * 7 % 11 / 4 - 1.0


def _output(block: tuple[int, ...], *sides: int, question: str = "output") -> Case:
    return asked("small", question, block, _maps(block[0], *sides))


_EXAMPLES = (  # what is built, then what comes out
    asked("small", "tensors", (1, 1)),
    asked("small", "tensors", (1, 1, 2)),
    asked("small", "tensors", (1, 2)),
    _output((1, 1), 1, 2),
    _output((1, 1), 3, 3),
    _output((2, 2), 3, 4),
    _output((1, 2), 3, 3),
    _output((1, 1, 2), 3, 3),
    _output((2, 3, 2), 4, 5),
)


def _wrong(**changes: Any) -> Any:
    def load() -> Any:
        """The wrong block, changed in this way."""
        from coursekit.exercises import wrong_blocks as wrong

        way = wrong.Way(**changes)
        return lambda *sizes: wrong.BasicBlock(*sizes, way=way)

    return built_by(load, "BasicBlock")


_FIT = "What has to be added to what? Write down both shapes."
_NEGATIVE = "Can your block take something away from its input?"
_BETWEEN = "What stands between the two convolutions in the figure?"
_RELU_END = "Can a value of your output be negative?"
MISTAKES = {
    "relu-before-the-addition": Mistake(
        _wrong(second="nr", end=""), "the last ReLU comes before the addition", _NEGATIVE
    ),
    "relu-before-and-after-the-addition": Mistake(
        _wrong(second="nr"), "there is a ReLU before the addition as well as after it", _NEGATIVE
    ),
    "relu-on-the-shortcut": Mistake(
        _wrong(shortcut="r"),
        "the shortcut goes through a ReLU",
        "What arrives at the addition where the input is negative?",
    ),
    "relu-on-both-before-the-addition": Mistake(
        _wrong(second="nr", shortcut="r", end=""),
        "both ways go through a ReLU, and their sum does not",
        _NEGATIVE,
    ),
    "relu-at-the-end-forgotten": Mistake(_wrong(end=""), "no ReLU follows the addition", _RELU_END),
    "relu-between-forgotten": Mistake(
        _wrong(first="n"), "no ReLU stands between the convolutions", _BETWEEN
    ),
    "relu-forgotten": Mistake(_wrong(first="n", end=""), "there is no ReLU", _RELU_END),
    "relu-before-the-normalization": Mistake(
        _wrong(first="rn"), "the first ReLU comes before the normalization", _BETWEEN
    ),
    "pre-activation": Mistake(
        _wrong(pre_activation=True, end=""),
        "normalization and ReLU come before the convolutions, as in the paper of 2016",
        "What does the figure of the 2015 paper show first?",
    ),
    "shortcut-forgotten": Mistake(
        _wrong(shortcut="none"),
        "nothing is added",
        "With all weights 0, what should the block give?",
    ),
    "stacked": Mistake(
        _wrong(join="stack"),
        "the shortcut is stacked onto the maps, not added to them",
        "64 maps go in. How many should come out?",
    ),
    "projection-missing": Mistake(_wrong(projected="never"), "there is no projection", _FIT),
    "projection-missing-for-stride": Mistake(
        _wrong(projected="for width"), "only another number of maps gets a projection", _FIT
    ),
    "projection-missing-for-width": Mistake(
        _wrong(projected="for stride"), "only a stride gets a projection", _FIT
    ),
    "projection-always": Mistake(
        _wrong(projected="always"),
        "every shortcut has a projection",
        "How many parameters does a shortcut need where both shapes are the same?",
    ),
    "projection-not-normalized": Mistake(
        _wrong(projection="c"),
        "no normalization follows the projection",
        "Which layers has downsample in the published weights?",
    ),
    "projection-rectified": Mistake(
        _wrong(projection="cnr"),
        "a ReLU follows the projection",
        "What does the projection have to bring to the addition where it is negative?",
    ),
    "projection-without-stride": Mistake(
        _wrong(projection_stride=False), "the projection does not take the stride", _FIT
    ),
    "stride-in-the-second": Mistake(
        _wrong(stride_in=2),
        "the second convolution takes the stride",
        "Which of the two convolutions makes the maps smaller?",
    ),
    "stride-in-both": Mistake(_wrong(stride_in=3), "both convolutions take the stride", _FIT),
    "convolutions-not-padded": Mistake(_wrong(padding=0), "the convolutions have no padding", _FIT),
    "norms-forgotten": Mistake(
        _wrong(first="r", second="", projection="c"),
        "there is no normalization",
        "Which four layers does the docstring name?",
    ),
    "second-norm-forgotten": Mistake(
        _wrong(second=""),
        "no normalization follows the second convolution",
        "What follows the second convolution in the figure?",
    ),
    "biases-kept": Mistake(
        _wrong(bias=True),
        "the convolutions keep their biases",
        "Add 5 to every value of a map. What does the normalization make of it?",
    ),
}

COMPARED = Compared(named=True)
_RIGHT, _STRIDE, _WIDER = (2, 2), (2, 2, 2), (2, 3)
_BATCH = np.concatenate([_maps(2, 4, 5), -_maps(2, 4, 5), _maps(2, 4, 5)[..., ::-1]])
BASIC_BLOCK = Exercise(
    name="BasicBlock",
    lecture="11_going_deeper",
    points=3,
    reference=BasicBlock,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        COMPARED.property(_RIGHT),
        COMPARED.property(_STRIDE),
        COMPARED.property(_WIDER),
        in_training(_RIGHT, _BATCH, "Your block is right after eval(), and wrong after train()."),
        contrast(
            "stride",
            _output(_RIGHT, 4, 5),
            _output(_STRIDE, 4, 5),
            "Your block is right with stride 1, and wrong with stride 2.",
            right_for=lambda stride, **_: stride == 1,
        ),
        contrast(
            "width",
            _output(_RIGHT, 4, 5),
            _output(_WIDER, 4, 5),
            "Your block is right for as many maps as before, and wrong for another number.",
            right_for=lambda in_channels, channels, **_: in_channels == channels,
        ),
        contrast(
            "projection",
            _output(_WIDER, 4, 5),
            _output(_RIGHT, 4, 5),
            "Your block is right with a projection, and wrong where the shortcut is the input.",
            right_for=lambda in_channels, channels, stride, **_: (
                (in_channels, 1) != (channels, stride)
            ),
        ),
        with_gradient(_RIGHT, _maps(2, 4, 5)),
    ),
    shows={
        "training": ("projection-rectified",),
        "gradient": ("projection-rectified",),
    },
    smallest=lambda: _EXAMPLES,
    agrees=COMPARED.agrees,
    alike=COMPARED.alike,
    may_use=("torch",),
    probe=probes.named_module,
    draw=COMPARED.draw,
)
