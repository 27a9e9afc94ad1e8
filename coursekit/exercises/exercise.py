"""What one exercise is: its cases in groups, its known mistakes, its properties."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coursekit.exercises.agreement import Disagreement, disagreement
from coursekit.exercises.wording import written


@dataclass(frozen=True)
class Case:
    """One call of the student's function, in a labeled group such as "stride".

    outcomes: what the reference and the known mistakes make of it, once that was asked.
    """

    group: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    outcomes: dict[Callable[..., Any], Any] = field(default_factory=dict, compare=False, repr=False)

    def written(self, name: str) -> str:
        """The call as a student would type it; large arrays by their shape, long values cut.

        >>> Case("stride", (7, 3), {"stride": 2}).written("output_size")
        'output_size(7, 3, stride=2)'
        """
        parts = [written(value) for value in self.args]
        parts += [f"{key}={written(value)}" for key, value in self.kwargs.items()]
        return f"{name}({', '.join(parts)})"

    def arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        """What a function's parameters stand for in this call, defaults included.

        >>> Case("stride", (7, 3)).arguments(lambda w_in, kernel_size, stride=1: 0)
        {'w_in': 7, 'kernel_size': 3, 'stride': 1}
        """
        bound = inspect.signature(function).bind(*self.args, **self.kwargs)
        bound.apply_defaults()
        return bound.arguments

    def size(self) -> float:
        """How much there is to look at: numbers in all arguments, then their magnitude."""
        values = np.concatenate([_numbers(v) for v in (*self.args, *self.kwargs.values())] or [[]])
        return len(values) + float(np.minimum(np.abs(values), 1e6).sum()) / 1e9


@dataclass(frozen=True)
class Mistake:
    """A bug students really write: a wrong variant, what it does, and the tutor's question.

    ``sentence`` completes "Your answer equals what one gets if …"; ``hint`` asks for one look at
    one thing and gives no code away.
    """

    function: Callable[..., Any]
    sentence: str
    hint: str


@dataclass(frozen=True)
class Property:
    """Something every right answer has; asked when no known mistake fits.

    ``verdict(got, expected)`` takes the values for ``cases`` in order and returns the sentence a
    student reads, or None when the property holds. right_for: where the sentence calls some inputs
    right, which ones; takes a case's arguments by name. about: where it speaks of more inputs than
    ``cases``, which ones; the verdict is then one on all of these that the answer was tried on.
    Either is said only if no case that the answer was tried on contradicts it.
    """

    slug: str
    cases: tuple[Case, ...]
    verdict: Callable[[list[Any], list[Any]], str | None]
    right_for: Callable[..., Any] | None = None
    about: Callable[..., bool] | None = None


@dataclass(frozen=True)
class Exercise:
    """One exercise: what is asked, how it is tried, and what usually goes wrong.

    name: the function's name, which is also the cell's and the mark's.
    cases: makes the random cases from a generator; each group is worth an equal part of the points.
    shows, hides: by group, the mistakes that would be wrong there in most draws of the cases, or
    right in most, and are so in all: what an answer earns is then the same for every class.
    smallest: inputs from the simplest upward; the first on which an answer fails is shown to it.
    agrees: compares (got, expected, case); None means the answer is valid.
    alike: compares an answer with a known mistake's, in the same way but for ties.
    may_use: packages an answer may call besides NumPy and the standard library.
    probe: where the answer is a class or a network: the program of `coursekit.probes` that a case's
    inputs are given to, and that asks it for plain values.
    draw: a picture (SVG text) of (case, expected, got), where numbers alone say too little.
    seconds: time limit of one call.
    """

    name: str
    lecture: str
    points: float
    reference: Callable[..., Any]
    cases: Callable[[np.random.Generator], list[Case]]
    mistakes: Mapping[str, Mistake] = field(default_factory=dict)
    properties: tuple[Property, ...] = ()
    shows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    smallest: Callable[[], Iterable[Case]] = tuple
    agrees: Callable[[Any, Any, Case], Disagreement | None] = disagreement
    alike: Callable[[Any, Any, Case], Disagreement | None] = disagreement
    may_use: tuple[str, ...] = ()
    probe: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None
    draw: Callable[[Case, Any, Any], str] | None = None
    seconds: float = 2.0

    @property
    def parameters(self) -> tuple[str, ...]:
        """What the arguments are called; nothing where a probe asks the answer."""
        return () if self.probe else tuple(inspect.signature(self.reference).parameters)

    def taking_cases(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        """What a case's inputs are given to: the answer, or the probe that asks it."""
        return self.probe(answer) if self.probe else answer


def _numbers(value: Any) -> np.ndarray:
    """All numbers in an argument; whatever is none counts as one 0."""
    if isinstance(value, (list, tuple)):
        return np.concatenate([_numbers(one) for one in value] or [np.zeros(0)])
    try:
        return np.asarray(value, dtype=float).ravel()
    except (TypeError, ValueError):  # text, None, functions
        return np.zeros(1)
