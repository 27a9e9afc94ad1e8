"""Learning-rate schedules: functions from progress (0 at the start, 1 at the end) to a factor."""

from collections.abc import Callable, Sequence
from math import cos, pi

Schedule = Callable[[float], float]


def constant(progress: float) -> float:
    """Leave the learning rate as it is.

    >>> constant(0.7)
    1.0
    """
    return 1.0


def step(at: Sequence[float] = (0.5, 0.75), factor: float = 0.1) -> Schedule:
    """Multiply the learning rate by `factor` at given points.

    Args:
        at: parts of the training after which the rate drops, 0…1, as AlexNet's was dropped by hand
            (Krizhevsky et al., 2012).

    >>> schedule = step(at=(0.5, 0.75), factor=0.1)
    >>> [round(schedule(progress), 3) for progress in (0, 0.5, 0.9)]
    [1.0, 0.1, 0.01]
    """
    return lambda progress: factor ** sum(progress >= point for point in at)


def cosine(progress: float) -> float:
    """Fall from 1 to 0 along half a cosine.

    As Loshchilov and Hutter (2017), without restarts.

    >>> [round(cosine(progress), 3) for progress in (0, 0.5, 1)]
    [1.0, 0.5, 0.0]
    """
    return (1 + cos(pi * progress)) / 2


def one_cycle(warmup: float = 0.25, start: float = 0.1, end: float = 0.0) -> Schedule:
    """Rise in a straight line, then fall in one (Smith, 2018).

    Args:
        warmup: part of the training spent rising, 0…1.
        start, end: factors at the first and the last step; the peak is 1.

    >>> schedule = one_cycle(warmup=0.25, start=0.2)
    >>> [round(schedule(progress), 3) for progress in (0, 0.125, 0.25, 0.625, 1)]
    [0.2, 0.6, 1.0, 0.5, 0.0]
    """

    def schedule(progress: float) -> float:
        if progress < warmup:
            return start + (1 - start) * progress / warmup
        return 1 + (end - 1) * (progress - warmup) / (1 - warmup)

    return schedule
