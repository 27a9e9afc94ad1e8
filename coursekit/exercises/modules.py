"""Exercises whose answer is an nn.Module: what is asked of it, compared and shown.

A probe of `coursekit.probes` builds the module and asks; see there for the questions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coursekit import drawings
from coursekit.exercises.agreement import Disagreement, disagreement
from coursekit.exercises.exercise import Case, Property
from coursekit.exercises.properties import contrast

Rows = list[list[Any]]  # [name, shape] of every tensor of a state dict
NAMES = "names and shapes"  # the group that looks at the state dict
CALLS = {
    "output": "{}.eval()({})",
    "training": "{}.train()({})",
    "gradient": "gradient of {} by {}",
}
MOST_ROWS = 24  # of a state dict in a picture


@dataclass(frozen=True)
class ModuleCase(Case):
    """One question to a module: args are (question, arguments, x, seed) of the probe."""

    def written(self, name: str) -> str:
        """The call as a student would type it.

        >>> asked("", "output", (4, 8), np.zeros((1, 4, 5, 6))).written("BasicBlock")
        'BasicBlock(4, 8).eval()(array of shape (1, 4, 5, 6))'
        """
        question, arguments = self.args[:2]
        built = f"{name}({', '.join(map(repr, arguments))})"
        if question == "tensors":
            return f"{built}.state_dict()"
        x = self.args[2]
        words = str(x.tolist()) if x.size <= 9 else f"array of shape {x.shape}"
        return CALLS[question].format(built, words)

    def arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        """What the module is built from, defaults included, the question, and how many images.

        >>> case = asked("", "output", (4, 8), np.zeros((1, 4, 5, 6)))
        >>> case.arguments(lambda in_channels, channels, stride=1: 0)
        {'in_channels': 4, 'channels': 8, 'stride': 1, 'question': 'output', 'count': 1}
        """
        question, built = self.args[:2]
        count = 0 if question == "tensors" else len(self.args[2])
        return Case("", built).arguments(function) | {"question": question, "count": count}


def asked(
    group: str, question: str, arguments: tuple, x: np.ndarray | None = None, seed: int = 0
) -> ModuleCase:
    """A case that builds a module from its arguments and asks one question.

    x: input (N, C, H, W), made float32. seed: of the weights.
    """
    if question == "tensors":
        return ModuleCase(group, (question, arguments))
    return ModuleCase(group, (question, arguments, x.astype(np.float32), seed))


def images(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random maps of mean 0, so that a ReLU has something to do. Returns float32 (N, C, H, W)."""
    return rng.normal(size=shape).astype(np.float32)


class Compared:
    """Compares answers about a module.

    named: whether the names of its tensors are prescribed, or only their shapes.
    """

    def __init__(self, named: bool) -> None:
        self.named = named

    def agrees(self, got: Any, expected: Any, case: Case) -> Disagreement | None:
        """The first difference; of state dicts, in words."""
        if case.args[0] != "tensors":
            return disagreement(got, expected)
        words = _difference(*(_listed(one[0], self.named) for one in (got, expected)))
        return Disagreement("value", words) if words else None

    def alike(self, got: Any, other: Any, case: Case) -> Disagreement | None:
        """Whether a known mistake gives the same, whatever the names of the tensors.

        Layers count as well where the mistake has them as modules: a wrong padding may show in
        nothing else, because every pass ends in an error.
        """
        if case.args[0] != "tensors":
            return disagreement(got, other)
        same = _listed(got[0], named=False) == _listed(other[0], named=False)
        kinds = {kind for kind, _ in other[1]}
        layers = sorted(layer for layer in got[1] if layer[0] in kinds)
        return None if same and layers == sorted(other[1]) else Disagreement("value", "differs")

    def draw(self, case: Case, expected: Any, got: Any) -> str:
        """State dicts side by side; of maps: expected, got, and their difference."""
        if case.args[0] != "tensors":
            mine, right = np.asarray(got), np.asarray(expected)
            same = mine.shape == right.shape
            return drawings.expected_got_difference(right, mine) if same else ""
        return _side_by_side(_listed(got[0], self.named), _listed(expected[0], self.named))

    def property(self, arguments: tuple) -> Property:
        """What is missing in the state dict, or is there and should not be."""

        def verdict(got: list[Any], expected: list[Any]) -> str | None:
            pairs = (got[0][0], expected[0][0])
            words = _difference(*(_listed(rows, self.named) for rows in pairs))
            return words and f"Not everything in the state dict is right: {words}."

        return Property("tensors", (asked("", "tensors", arguments),), verdict)


def in_training(arguments: tuple, x: np.ndarray, sentence: str) -> Property:
    """Right after eval(), wrong after train()."""
    easy, hard = (asked("", question, arguments, x) for question in ("output", "training"))
    return contrast("training", easy, hard, sentence, right_for=_is_output)


def with_gradient(arguments: tuple, x: np.ndarray) -> Property:
    """Right forward, but nothing or something else comes back."""
    easy, hard = (asked("", question, arguments, x) for question in ("output", "gradient"))
    words = "The outputs are right, but not the gradient: where is the way back cut or overwritten?"
    return contrast("gradient", easy, hard, words, right_for=_is_output)


def for_one(easy: Case, hard: Case, what: str) -> Property:
    """Right for one image, wrong for two."""
    words = f"Your {what} is right for one image, and wrong for two."
    return contrast("batch", easy, hard, words, right_for=_is_of_one)


def _is_output(question: str, **_: Any) -> bool:
    return question == "output"


def _is_of_one(count: int, **_: Any) -> bool:
    return count == 1


def built_by(make: Callable[[], Callable[..., Any]], name: str, **changes: Any) -> Callable:
    """A class's stand-in that loads it, and torch with it, when it is first called.

    make: returns the class. changes: keywords it gets besides its arguments.
    """

    def build(*arguments: Any) -> Any:
        """The module."""
        return make()(*arguments, **changes)

    build.__name__ = name
    return build


def _listed(rows: Rows, named: bool) -> list[str]:
    """The tensors, each in a few words."""
    if named:
        return [f"{name} {tuple(shape)}" for name, shape in rows]
    kinds = ((name.rpartition(".")[2], tuple(shape)) for name, shape in rows)
    return sorted(f"{kind} {shape}" for kind, shape in kinds)


def _left_over(these: Sequence[str], those: Sequence[str]) -> list[str]:
    rest = list(those)
    return [one for one in these if one not in rest or rest.remove(one)]


def _difference(mine: Sequence[str], right: Sequence[str]) -> str | None:
    if not mine:
        return "it holds nothing; are the layers attributes of `self`, and not in a plain list"
    missing, extra = _left_over(right, mine), _left_over(mine, right)
    parts = [
        f"{what} {_some(these)}" for what, these in (("lacks", missing), ("has", extra)) if these
    ]
    return f"it {' and '.join(parts)}" if parts else None


def _some(these: Sequence[str]) -> str:
    more = f" and {len(these) - 2} more" if len(these) > 2 else ""
    return ", ".join(these[:2]) + more


def _side_by_side(mine: Sequence[str], right: Sequence[str]) -> str:
    """Two lists of tensors; what the other one lacks stands out in orange."""
    body = ""
    for left, title, these, those in ((0, "yours", mine, right), (290, "right", right, mine)):
        odd = _left_over(these, those)
        body += drawings.text(left, 10, title)
        for row, one in enumerate(these[:MOST_ROWS]):
            mark, color = ("≠ ", drawings.WEIGHTS) if one in odd else ("", drawings.INK)
            body += drawings.text(left, 30 + 16 * row, mark + one, color)
    height = 36 + 16 * min(MOST_ROWS, max(len(mine), len(right)))
    words = f"State dicts: yours has {len(mine)} tensors, the right one {len(right)}"
    return drawings.svg(580, height, body, words)
