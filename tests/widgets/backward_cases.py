"""Random backward steppers with what Python makes of them, for the tests under node."""

import random

import numpy as np

from coursekit.widgets import BackwardStepper
from coursekit.widgets.backward_state import chosen, terms


def backward_cases(count: int = 80) -> list[dict]:
    """Snapshots with Python's sentence, terms, gradients and uses."""
    dice, numbers = random.Random(1), np.random.default_rng(1)
    return [_described(_random_stepper(dice, numbers)) for _ in range(count)]


def _random_stepper(dice: random.Random, numbers: np.random.Generator) -> BackwardStepper:
    channels, filters, size = (dice.randint(1, 3) for _ in range(3))
    x = numbers.normal(size=(channels, dice.randint(2, 7), dice.randint(2, 7))).round(1)
    w = numbers.normal(size=(filters, channels, size, size)).round(1)
    stepper = BackwardStepper(
        x,
        w,
        stride=dice.randint(1, 4),
        padding=dice.randint(0, 2),
        mode=dice.choice(["dx", "dw", "db"]),
        backward=dice.choice([None, _doubled]),
        predict=dice.random() < 0.15,
    )
    stepper.pixel = tuple(dice.randrange(n) for n in x.shape)
    stepper.weight = tuple(dice.randrange(n) for n in w.shape)
    stepper.filter = dice.randrange(filters)
    if dice.random() < 0.5:
        stepper.term = dice.randint(0, len(stepper.terms()))
    return stepper


def _doubled(dout, x, w, stride, padding):
    return 0 * x + 2.5, 0 * w - 0.125, 0 * w[:, 0, 0, 0]


def _described(stepper: BackwardStepper) -> dict:
    possible = stepper.possible()
    gradients = stepper.gradients() if possible else {}
    found = [[*term.place, term.dout, term.factor, term.name] for term in terms(stepper)]
    return {
        "state": stepper.snapshot()["state"],
        "sentence": stepper.sentence,
        "terms": found,
        "gradients": {name: array.ravel().tolist() for name, array in gradients.items()},
        "uses": stepper.uses().tolist(),
        "chosen": list(chosen(stepper)),
    }
