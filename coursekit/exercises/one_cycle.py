"""Exercise of lecture 10: a learning rate that rises, then falls."""

from collections.abc import Callable
from itertools import product

import numpy as np

from coursekit.exercises.exercise import Case, Exercise, Mistake
from coursekit.exercises.factors import common_factor
from coursekit.exercises.properties import expects


def one_cycle(
    step: int, total_steps: int, max_lr: float, warmup_steps: int, start: float = 0.1
) -> float:
    """Learning rate of one step: up in a straight line, then down in one.

    step: from 0 to total_steps − 1. At step 0 the rate is start · max_lr; it rises by the same
    amount every step and is max_lr at step warmup_steps; from there it falls by the same amount
    every step and would be 0 at step total_steps, which is never taken. 0 < warmup_steps <
    total_steps. Leslie Smith (2018). Returns one number.

    >>> [one_cycle(step, 8, 1.0, warmup_steps=4, start=0.5) for step in (0, 2, 4, 6)]
    [0.5, 0.75, 1.0, 0.5]
    """
    if step < warmup_steps:
        return max_lr * (start + (1 - start) * step / warmup_steps)
    return max_lr * (total_steps - step) / (total_steps - warmup_steps)


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for _ in range(3):
        warmup = int(rng.integers(5, 20))
        total = warmup + int(rng.integers(21, 60))
        schedule = (total, float(rng.integers(1, 20)) / 8, warmup)
        start = {"start": float(rng.choice([0.0625, 0.25, 0.5]))}
        rising, falling = int(rng.integers(1, warmup)), int(rng.integers(warmup + 1, total - 1))
        cases += [
            Case("first step", (0, *schedule), start),
            Case("rising", (rising, *schedule), start),
            Case("rising", (warmup - 1, *schedule)),
            Case("the peak", (warmup, *schedule), start),
            Case("falling", (falling, *schedule), start),
            Case("falling", (warmup + 1, *schedule)),
            Case("last step", (total - 1, *schedule), start),
        ]
    return cases


def _small() -> list[Case]:
    steps = product((8, 5), (1.0, 0.5), (4, 2), ({"start": 0.5}, {}), range(8))
    return [
        Case("small", (step, total, rate, warmup), start)
        for total, rate, warmup, start, step in steps
        if step < total
    ]


def _from(
    rise: Callable[..., float] = lambda step, warmup, start: start + (1 - start) * step / warmup,
    fall: Callable[..., float] = lambda step, total, warmup: (total - step) / (total - warmup),
) -> Callable[..., float]:
    """A function like one_cycle from the factors on the way up and on the way down."""

    def one_cycle(
        step: int, total_steps: int, max_lr: float, warmup_steps: int, start: float = 0.1
    ) -> float:
        if step < warmup_steps:
            return float(max_lr * rise(step, warmup_steps, start))
        return float(max_lr * fall(step, total_steps, warmup_steps))

    return one_cycle


def _late_peak(
    step: int, total_steps: int, max_lr: float, warmup_steps: int, start: float = 0.1
) -> float:
    """Without the peak's own step: the way up ends at the last step before it."""
    if step < warmup_steps:
        return max_lr * (start + (1 - start) * step / max(warmup_steps - 1, 1))
    return max_lr * (total_steps - step) / (total_steps - warmup_steps)


def _start_as_rate(
    step: int, total_steps: int, max_lr: float, warmup_steps: int, start: float = 0.1
) -> float:
    if step < warmup_steps:
        return start + (max_lr - start) * step / warmup_steps
    return max_lr * (total_steps - step) / (total_steps - warmup_steps)


def _always_rising(
    step: int, total_steps: int, max_lr: float, warmup_steps: int, start: float = 0.1
) -> float:
    return max_lr * (start + (1 - start) * step / warmup_steps)


def _always_falling(
    step: int, total_steps: int, max_lr: float, warmup_steps: int, start: float = 0.1
) -> float:
    return max_lr * (total_steps - step) / (total_steps - warmup_steps)


def _factor(
    step: int, total_steps: int, max_lr: float, warmup_steps: int, start: float = 0.1
) -> float:
    return one_cycle(step, total_steps, 1.0, warmup_steps, start)


def _times_start(
    step: int, total_steps: int, max_lr: float, warmup_steps: int, start: float = 0.1
) -> float:
    return one_cycle(step, total_steps, max_lr * start, warmup_steps, start)


_DOWN = "Print the rate at the peak, and one, two and three steps later. How does it go on?"
_UP = "Print the rates of the first steps. Which one is the first, and do they rise evenly?"
MISTAKES = {
    "starts-at-zero": Mistake(
        _from(rise=lambda step, warmup, start: step / warmup), "the rate starts at 0", _UP
    ),
    "start-is-ignored-to-the-peak": Mistake(
        _from(rise=lambda step, warmup, start: 1.0), "the rate is max_lr from the start", _UP
    ),
    "start-added-on-top": Mistake(
        _from(rise=lambda step, warmup, start: start + step / warmup),
        "the start is added to a rise of the full height",
        "How high is the rate in the last step before the peak? Is it above max_lr?",
    ),
    "constant-at-the-start": Mistake(
        _from(rise=lambda step, warmup, start: start), "the rate waits before it jumps up", _UP
    ),
    "reaches-the-peak-early": Mistake(
        _late_peak,
        "the peak is reached one step early",
        "At which step should the rate be max_lr for the first time?",
    ),
    "one-step-ahead": Mistake(
        _from(rise=lambda step, warmup, start: start + (1 - start) * (step + 1) / warmup),
        "the rise is one step ahead",
        "Which rate do you give at step 0?",
    ),
    "start-taken-as-a-rate": Mistake(
        _start_as_rate,
        "start is taken for a learning rate, and not for a part of max_lr",
        "Double max_lr: which rates should double, and which do?",
    ),
    "stays-at-the-peak": Mistake(
        _from(fall=lambda step, total, warmup: 1.0), "the rate stays at max_lr", _DOWN
    ),
    "falls-over-all-steps": Mistake(
        _from(fall=lambda step, total, warmup: (total - step) / total),
        "the fall is measured over all steps, from step 0",
        "Which rate do you give at the peak?",
    ),
    "falls-from-zero": Mistake(
        _from(fall=lambda step, total, warmup: 1 - step / (total - warmup)),
        "the fall counts the steps from 0, and not from the peak",
        "Can a learning rate be below 0? From which step on does the rate fall?",
    ),
    "falls-with-the-rising-slope": Mistake(
        _from(fall=lambda step, total, warmup: 1 - (step - warmup) / warmup),
        "the way down is as long as the way up",
        "How many steps lie before the peak, and how many after it?",
    ),
    "zero-one-step-early": Mistake(
        _from(fall=lambda step, total, warmup: (total - 1 - step) / (total - 1 - warmup)),
        "the rate is 0 at the last step already",
        "What does the last step change if its rate is 0?",
    ),
    "rises-again": Mistake(
        _from(fall=lambda step, total, warmup: (step - warmup) / (total - warmup)),
        "the rate drops to 0 at the peak and rises again",
        _DOWN,
    ),
    "cosine-fall": Mistake(
        _from(
            fall=lambda step, total, warmup: (
                (1 + np.cos(np.pi * (step - warmup) / (total - warmup))) / 2
            )
        ),
        "the rate falls along a cosine",
        _DOWN,
    ),
    "never-falls": Mistake(
        _always_rising,
        "the rate rises for ever",
        "What should happen to the rate after step warmup_steps?",
    ),
    "never-rises": Mistake(
        _always_falling,
        "the rate falls from the first step on",
        "Which rate do you give at step 0? Is it below max_lr?",
    ),
    "factor-returned": Mistake(
        _factor,
        "the result is not multiplied by max_lr",
        "Double max_lr: does your result double?",
    ),
    "start-everywhere": Mistake(
        _times_start,
        "every rate is multiplied by start",
        "Which rate do you give at the peak, and which one should it be?",
    ),
}

_SCHEDULE = (8, 1.0, 4)
ONE_CYCLE = Exercise(
    name="one_cycle",
    lecture="10_gpu_training",
    points=1,
    reference=one_cycle,
    cases=_cases,
    mistakes=MISTAKES,
    properties=(
        common_factor([Case("", (at, *_SCHEDULE), {"start": 0.5}) for at in (1, 4, 6)]),
        expects(
            "first", Case("", (0, *_SCHEDULE), {"start": 0.5}), "Step 0 has the rate start · max_lr"
        ),
        expects("peak", Case("", (4, *_SCHEDULE), {"start": 0.5}), "The peak is max_lr"),
        expects(
            "rising",
            Case("", (2, *_SCHEDULE), {"start": 0.5}),
            "Half the way up, the rate is in the middle between 0.5 and 1",
        ),
        expects(
            "falling",
            Case("", (6, *_SCHEDULE), {"start": 0.5}),
            "Half the way down, the rate is half of max_lr",
        ),
        expects(
            "last",
            Case("", (7, *_SCHEDULE), {"start": 0.5}),
            "One step before the end, a quarter of the way down is left",
        ),
        expects("without-start", Case("", (0, *_SCHEDULE)), "Without start it is 0.1"),
        expects("max-lr", Case("", (4, 8, 0.5, 4)), "With another max_lr the peak is that one"),
    ),
    smallest=_small,
)
