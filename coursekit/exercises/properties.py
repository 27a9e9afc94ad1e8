"""Properties of right answers, for bugs that nobody listed: what can be seen, and no more."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from coursekit.exercises.agreement import Disagreement, disagreement
from coursekit.exercises.exercise import Case, Property
from coursekit.exercises.wording import cut, written

Pick = Callable[[Any], Any]  # the part of an answer that a property looks at


def anything(**arguments: Any) -> bool:
    """Every input there is."""
    return True


def whole(value: Any) -> Any:
    """All of the answer."""
    return value


def part(position: int) -> Pick:
    """One of several returned values."""
    return lambda value: value[position]


def expects(slug: str, case: Case, why: str, pick: Pick = whole) -> Property:
    """One telling input: what must come out and why, and what did."""

    def words(mine: Any, right: Any) -> str:
        return f"{why}: {short(right)}. Yours gives {short(mine)}."

    return telling(slug, case, words, pick)


def telling(
    slug: str,
    case: Case,
    words: Callable[[Any, Any], str],
    pick: Pick = whole,
    agrees: Callable[[Any, Any, Case], Disagreement | None] = disagreement,
) -> Property:
    """One input whose result says enough; words: of (got, expected), where they differ."""

    def verdict(got: list[Any], expected: list[Any]) -> str | None:
        mine, right = pick(got[0]), pick(expected[0])
        return None if agrees(mine, right, case) is None else words(mine, right)

    return Property(slug, (case,), verdict)


def contrast(
    slug: str,
    easy: Case,
    hard: Case,
    sentence: str,
    pick: Pick = whole,
    right_for: Callable[..., Any] | None = None,
) -> Property:
    """Right on one input, wrong on another that adds one thing.

    right_for: the inputs that the sentence calls right, where these are more than the easy one.
    """

    def verdict(got: list[Any], expected: list[Any]) -> str | None:
        wrong = [
            disagreement(pick(mine), pick(right)) is not None
            for mine, right in zip(got, expected, strict=True)
        ]
        return sentence if wrong == [False, True] else None

    return Property(slug, (easy, hard), verdict, right_for)


def scales(slug: str, case: Case, scaled: Case, sentence: str, pick: Pick = whole) -> Property:
    """Minus twice the input must give minus twice the result."""

    def verdict(got: list[Any], expected: list[Any]) -> str | None:
        once, other = (np.asarray(pick(value), dtype=float) for value in got)
        return None if disagreement(other, -2 * once) is None else sentence

    return Property(slug, (case, scaled), verdict)


def constant_ratio(
    cases: Sequence[Case], pick: Pick = whole, name: str = "", when: str = ""
) -> Property:
    """All values are the same multiple of the right ones: says which.

    name: what the values are called where an answer has several parts, such as "dw".
    when: what the cases have in common, if the sentence is about such inputs alone.
    """

    def verdict(got: list[Any], expected: list[Any]) -> str | None:
        pairs = [(pick(mine), pick(right)) for mine, right in zip(got, expected, strict=True)]
        found = [ratio(mine, right) for mine, right in pairs if np.any(right) or np.any(mine)]
        if any(one is None for one in found) or all(one == 1 for one in found):
            return None
        what = f"{when}, every value" if when else "Every value"
        what += f" of {name}" if name else ""
        if not any(found):
            return f"{what} is 0."
        words = list(dict.fromkeys(as_fraction(one) for one in found))
        if len(words) == 1:
            return f"{what} is {words[0]} times the right one. Where does such a factor come from?"
        # Any single number is some multiple of another, and 0 is no factor of an input.
        if np.size(pick(expected[0])) == 1 or not all(found):
            return None
        return (
            f"{what} is a constant times the right one: {words[0]} for one input, "
            f"{words[1]} for another. Which number of the input is that?"
        )

    slug = "constant-ratio" + (f"-{name}" if name else "")
    return Property(slug, tuple(cases), verdict, about=None if when else anything)


def constant_offset(case: Case, sentence: str) -> Property:
    """Each map (the last two axes) is off by one constant."""

    def verdict(got: list[Any], expected: list[Any]) -> str | None:
        gaps = [_by_map(mine) - _by_map(right) for mine, right in zip(got, expected, strict=True)]
        constant = all(np.allclose(gap, gap[:, :1]) for gap in gaps)
        return sentence if constant and all(gap.any() for gap in gaps) else None

    return Property("constant-offset", (case,), verdict, about=anything)


def _by_map(value: Any) -> np.ndarray:
    """One row of numbers for each map."""
    maps = np.asarray(value, dtype=float)
    return maps.reshape(-1, maps.shape[-2] * maps.shape[-1])


def which_parts(case: Case, names: Sequence[str]) -> Property:
    """Where an answer has several parts: which of them are right."""

    def verdict(got: list[Any], expected: list[Any]) -> str | None:
        right, wrong = [], []
        for name, mine, theirs in zip(names, got[0], expected[0], strict=True):
            (wrong if disagreement(mine, theirs) else right).append(name)
        if not right or not wrong:
            return None
        return f"On one such input {_listed(right)} right and {_listed(wrong)} not."

    return Property("which-parts", (case,), verdict)


def _listed(names: Sequence[str]) -> str:
    """Names with their verb.

    >>> _listed(["dx"]), _listed(["dx", "dw"])
    ('dx is', 'dx and dw are')
    """
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"


def only_border(
    case: Case,
    sentence: str,
    pick: Pick = whole,
    slug: str = "border",
    about: Callable[..., bool] | None = None,
) -> Property:
    """Wrong in the outermost ring of the last two axes, right inside.

    case: one whose result has an inside. about: the inputs that the sentence speaks of.
    """

    def is_border_alone(mine: Any, right: Any) -> bool:
        gap = np.asarray(pick(mine), dtype=float) - np.asarray(pick(right))
        return np.allclose(gap[..., 1:-1, 1:-1], 0) and not np.allclose(gap, 0)

    def verdict(got: list[Any], expected: list[Any]) -> str | None:
        return sentence if all(map(is_border_alone, got, expected)) else None

    return Property(slug, (case,), verdict, about=about)


def ratio(got: Any, expected: Any) -> float | None:
    """The factor that all values are off by, or None.

    >>> ratio(np.array([2.0, 4.0]), np.array([1.0, 2.0]))
    2.0
    """
    mine, right = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    if mine.shape != right.shape or not right.any():
        return None
    at = np.unravel_index(np.abs(right).argmax(), right.shape)
    factor = float(mine[at] / right[at])
    if disagreement(mine, right * factor) is not None:
        return None
    return 1.0 if np.isclose(factor, 1) else factor


def as_fraction(value: float) -> str:
    """A factor as one would say it.

    >>> as_fraction(1 / 27), as_fraction(4.0), as_fraction(0.70711)
    ('1/27', '4', '0.7071')
    """
    near = Fraction(value).limit_denominator(400)
    return str(near) if abs(float(near) - value) < 1e-6 * abs(value) else f"{value:.4g}"


def short(value: Any) -> str:
    """A result in words that fit into a sentence.

    >>> short(np.int64(3)), short(np.zeros(2)), short(np.zeros((9, 9)))
    ('3', '[0.0, 0.0]', 'an array of shape (9, 9)')
    """
    if isinstance(value, np.ndarray) and value.size <= 12:
        return written(value.tolist())
    words = cut(written(value, most=80), 80)
    return f"an {words}" if words.startswith("array of shape") else words
