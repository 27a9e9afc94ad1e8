"""Which answers of a class are more alike than chance explains: a hint, never an accusation.

Answers are compared as sequences of tokens, names of variables, comments and layout aside. Runs of
a few tokens that the handed-out stub holds do not count, and a run weighs the less the more of the
class wrote it: an exercise of five lines has few good answers, and many students write the same.
"""

import io
import keyword
import math
import tokenize
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

RUN = 6  # tokens that are compared at a time
ALIKE = 0.75  # of the weight of the smaller answer that both share
TELLING = 40.0  # weight that a pair must share: about thirty tokens that few others wrote
MOST_TOKENS = 20_000
BLOCK = 4_096  # runs that are weighed at a time
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
    students = sorted(answers)
    shared = _shared([runs(answers[student]) - handed_out for student in students])
    pairs = [
        Pair(students[one], students[other], float(share))
        for one, other, share in zip(*_alike(shared), strict=True)
    ]
    return sorted(pairs, key=lambda pair: (-pair.share, pair.one, pair.other))


def _shared(found: Sequence[Runs]) -> np.ndarray:
    """(students, students) weight of the runs that two answers share; its own on the diagonal.

    A run weighs nothing if all have it, the more the fewer do; one of a single student says
    nothing about pairs, and weighs as one of two.
    """
    holders: dict[tuple[str, ...], list[int]] = {}
    for number, one in enumerate(found):
        for run in one:
            holders.setdefault(run, []).append(number)
    total = np.zeros((len(found), len(found)))
    several = iter(holders.values())
    while block := list(islice(several, BLOCK)):
        held = np.zeros((len(found), len(block)))
        for column, who in enumerate(block):
            held[who, column] = math.sqrt(math.log(max(len(found), 2) / max(len(who), 2)))
        total += held @ held.T
    return total


def _alike(shared: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pairs, one number below the other, that share enough, and what share it is."""
    own = np.diagonal(shared)
    smaller = np.minimum.outer(own, own)
    one, other = np.nonzero(np.triu((shared >= TELLING) & (shared >= ALIKE * smaller), 1))
    return one, other, shared[one, other] / smaller[one, other]


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
