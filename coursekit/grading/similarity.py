"""Which answers of a class are more alike than chance explains: a hint, never an accusation.

Answers are compared as sequences of tokens, names of variables, comments and layout aside. Runs of
a few tokens that the handed-out stub holds do not count, and a run weighs the less the more of the
class wrote it: an exercise of five lines has few good answers, and many students write the same.
"""

import io
import keyword
import math
import tokenize
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

RUN = 6  # tokens that are compared at a time
ALIKE = 0.75  # of the weight of the smaller answer that both share
TELLING = 40.0  # weight that a pair must share: about thirty tokens that few others wrote
MOST_TOKENS = 20_000
SKIPPED = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENCODING, tokenize.ENDMARKER,
}  # fmt: skip

Runs = frozenset[tuple[str, ...]]


class Pair(NamedTuple):
    """Two students, and the share of the smaller answer that is in the other as well."""

    one: str
    other: str
    share: float


def similar_pairs(answers: Mapping[str, str], stub: str = "") -> list[Pair]:
    """The pairs of a class whose answers are alike, the most alike first.

    answers: source by student. stub: what everybody was handed.

    >>> similar_pairs({"ada": "x = 1", "bob": "x = 1"})
    []
    """
    handed_out = runs(stub)
    found = {student: runs(source) - handed_out for student, source in answers.items()}
    weights = _weights(found.values())
    pairs = [_pair(one, other, found, weights) for one, other in combinations(sorted(found), 2)]
    return sorted(filter(None, pairs), key=lambda pair: (-pair.share, pair.one, pair.other))


def _weights(found: Iterable[Runs]) -> dict[tuple[str, ...], float]:
    """How telling each run is: nothing if all have it, the more the fewer do.

    A run of a single student says nothing about pairs, and of two the most.
    """
    found = list(found)
    counts = Counter(run for one in found for run in one)
    return {run: math.log(len(found) / max(count, 2)) for run, count in counts.items()}


def _pair(
    one: str, other: str, found: Mapping[str, Runs], weights: Mapping[tuple[str, ...], float]
) -> Pair | None:
    shared = sum(weights[run] for run in found[one] & found[other])
    if shared < TELLING:
        return None
    smaller = min(sum(weights[run] for run in found[student]) for student in (one, other))
    return Pair(one, other, shared / smaller) if shared >= ALIKE * smaller else None


def runs(source: str) -> Runs:
    """All runs of tokens of a source; of what cannot be read as Python, as far as it can.

    >>> runs("total = total + row[i]") == runs("s=s+x[k]  # another name")
    True
    """
    tokens = _tokens(source)
    return frozenset(tuple(tokens[at : at + RUN]) for at in range(len(tokens) - RUN + 1))


def _tokens(source: str) -> list[str]:
    found: list[str] = []
    fresh = True  # whether a statement begins, where a text alone is a docstring
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in SKIPPED:
                fresh = fresh or token.type in (tokenize.NEWLINE, tokenize.INDENT)
                continue
            if not (fresh and token.type == tokenize.STRING):
                found.append(_plain(token))
            fresh = False
            if len(found) >= MOST_TOKENS:
                break
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass  # what was read until here is compared
    return found


def _plain(token: tokenize.TokenInfo) -> str:
    """A token without what a copyist changes first: names, and how a text is quoted."""
    if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
        return "name"
    return "text" if token.type == tokenize.STRING else token.string
