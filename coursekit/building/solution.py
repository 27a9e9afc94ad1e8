"""The solution blocks of an exercise: found, hidden for students, unmarked for teachers."""

import re
from dataclasses import dataclass

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
# Anything that looks like a marker but is not one would hand the solution to the students.
_LOOKS_LIKE_MARKER = re.compile(r"^\s*#+\s*(BEGIN|END)[\s_-]*SOLUTIONS?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """Lines ``begin``..``end`` of a cell, both markers included, counted from 0."""

    begin: int
    end: int
    indent: str


class BadMarker(ValueError):
    """A misplaced solution marker; ``offset`` is its line in the cell."""

    def __init__(self, offset: int, sentence: str):
        super().__init__(sentence)
        self.offset = offset


def solution_blocks(source: str) -> list[Block]:
    """Where the solutions of one cell begin and end.

    Raises BadMarker for an unmatched, nested or misspelled marker.

    >>> solution_blocks("def one():\\n    ### BEGIN SOLUTION\\n    return 1\\n    ### END SOLUTION")
    [Block(begin=1, end=3, indent='    ')]
    """
    blocks, opened = [], None
    lines = source.splitlines()
    for number, line in enumerate(lines):
        if not _LOOKS_LIKE_MARKER.match(line):
            continue
        _require_marker(number, line.strip(), opened)
        if line.strip() == BEGIN:
            opened = number
        else:
            indent = lines[opened][: len(lines[opened]) - len(lines[opened].lstrip())]
            blocks.append(Block(opened, number, indent))
            opened = None
    if opened is not None:
        raise BadMarker(opened, f"found {BEGIN} without its {END}; add the missing marker")
    return blocks


def _require_marker(number: int, marker: str, opened: int | None) -> None:
    if marker not in (BEGIN, END):
        raise BadMarker(number, f"found {marker!r}; write exactly {BEGIN!r} or {END!r}")
    if marker == BEGIN and opened is not None:
        raise BadMarker(number, f"found {BEGIN} inside another solution; close the first one")
    if marker == END and opened is None:
        raise BadMarker(number, f"found {END} without a {BEGIN} before it; add or remove one")


def hide_solution(source: str, exercise: str) -> str:
    """The student's text: every solution replaced by NotImplementedError.

    >>> print(hide_solution("### BEGIN SOLUTION\\nx = 1\\n### END SOLUTION\\n# after", "x"))
    raise NotImplementedError("x")
    # after
    """
    lines = source.splitlines()
    for block in reversed(solution_blocks(source)):
        stub = f'{block.indent}raise NotImplementedError("{exercise}")'
        lines[block.begin : block.end + 1] = [stub]
    return "\n".join(lines)


def unmark_solution(source: str) -> str:
    """The teacher's text: the solution stays, its markers go.

    >>> unmark_solution("### BEGIN SOLUTION\\nx = 1\\n### END SOLUTION")
    'x = 1'
    """
    return "\n".join(line for line in source.splitlines() if line.strip() not in (BEGIN, END))
