"""Fills in the grade sheet that a learning platform exported, ready to be imported again.

Moodle's grading worksheet has the columns Identifier, Full name, Email address, Maximum Grade and
Grade. Canvas's gradebook has Student, ID, SIS User ID and SIS Login ID, a column for each
assignment, and a row "Points Possible" above the students.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from coursekit.files import write_whole
from coursekit.grading.marks import Row, number
from coursekit.problem import Problem

# Columns that tell who a row is about.
WHO = {
    "identifier", "full name", "email address", "id number", "username",
    "student", "id", "sis user id", "sis login id", "email", "login",
}  # fmt: skip
MOODLE_NUMBER = re.compile(r"^(?:Participant|Teilnehmer/in|Participante)\s*(\d+)$", re.IGNORECASE)
OWN_NUMBER = re.compile(r"_(\d+)$")  # in a student's name, from a platform's download
POSSIBLE = "points possible"


@dataclass(frozen=True)
class Sheet:
    """A platform's grade sheet: its heading, its lines, and how it is written."""

    columns: list[str]
    lines: list[list[str]]
    delimiter: str
    bom: bool


def fill_in(sheet: Path, rows: Sequence[Row], out: Path, column: str | None = None) -> list[str]:
    """Write ``out``: the sheet with everybody's total in one column, scaled to its maximum.

    column: of Canvas, the assignment's; Moodle's is Grade. Returns the students that the sheet
    does not have. Raises Problem where the sheet or the column cannot be used.
    """
    found = _read(sheet)
    place = _column(found, column, sheet)
    people = _people(found, sheet)
    missing = []
    for row in rows:
        lines = {people[key] for key in _keys_of(row.student) if key in people}
        if len(lines) > 1:
            raise Problem(f"{sheet}: {row.student} fits several of its lines; correct the names")
        if not lines:
            missing.append(row.student)
        for line in lines:
            found.lines[line][place] = number(_scaled(row, found, line, place))
    write_whole(out, _text(found))
    return missing


def require_usable(sheet: Path, column: str | None = None) -> None:
    """Raise Problem now rather than after a class was graded, where ``fill_in`` would."""
    found = _read(sheet)
    _column(found, column, sheet)
    _people(found, sheet)


def _read(path: Path) -> Sheet:
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as problem:
        raise Problem(f"{path}: cannot be read ({problem.strerror})") from problem
    except UnicodeDecodeError as problem:
        raise Problem(f"{path}: is not UTF-8 text; export it as CSV once more") from problem
    bom, text = text.startswith("\ufeff"), text.removeprefix("\ufeff")
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    lines = [line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if line]
    if not lines:
        raise Problem(f"{path}: is empty; give the grade sheet that the platform exported")
    columns = lines[0]
    short = [line + [""] * (len(columns) - len(line)) for line in lines[1:]]
    return Sheet(columns, short, delimiter, bom)


def _column(sheet: Sheet, wanted: str | None, path: Path) -> int:
    names = [name.strip() for name in sheet.columns]
    if wanted is None and "Grade" in names:
        return names.index("Grade")
    others = ", ".join(name for name in names if name.lower() not in WHO)
    if wanted is None:
        raise Problem(f"{path}: say which column gets the marks, with --column; it has {others}")
    fitting = [place for place, name in enumerate(names) if _fits(name, wanted)]
    if len(fitting) != 1:
        number_found = "no" if not fitting else "more than one"
        raise Problem(f"{path}: {number_found} column is called {wanted!r}; it has {others}")
    return fitting[0]


def _fits(name: str, wanted: str) -> bool:
    """Whether a column is the one: by its name, without Canvas's number behind it."""
    return wanted in (name, re.sub(r"\s*\(\d+\)$", "", name))


def _people(sheet: Sheet, path: Path) -> dict[str, int]:
    """The line of each student, by everything that names them; names of two people name nobody."""
    telling = [n for n, name in enumerate(sheet.columns) if name.strip().lower() in WHO]
    if not telling:
        raise Problem(f"{path}: has no column that names students; is it the exported grade sheet?")
    lines: dict[str, int] = {}
    shared: set[str] = set()
    for number_, line in enumerate(sheet.lines):
        for key in {_plain(line[place]) for place in telling} - {""}:
            shared |= {key} & lines.keys()
            lines[key] = number_
    return {key: line for key, line in lines.items() if key not in shared}


def _plain(text: str) -> str:
    moodle = MOODLE_NUMBER.match(text.strip())
    return (moodle[1] if moodle else text.strip()).casefold()


def _keys_of(student: str) -> list[str]:
    """What may name a student in a sheet, the surest first and alone if it is there."""
    own = OWN_NUMBER.search(student)
    if own:
        return [own[1]]
    return [student.casefold()]


def _scaled(row: Row, sheet: Sheet, line: int, place: int) -> float:
    """The total in the sheet's own points."""
    most = _maximum(sheet, line, place)
    return row.total * most / row.most if most and row.most else row.total


def _maximum(sheet: Sheet, line: int, place: int) -> float | None:
    names = [name.strip().lower() for name in sheet.columns]
    if "maximum grade" in names:
        return _as_number(sheet.lines[line][names.index("maximum grade")])
    for other in sheet.lines:
        if other[0].strip().lower() == POSSIBLE:
            return _as_number(other[place])
    return None


def _as_number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", ".")) or None
    except ValueError:
        return None


def _text(sheet: Sheet) -> str:
    text = io.StringIO()
    lines = csv.writer(text, delimiter=sheet.delimiter, lineterminator="\n")
    lines.writerows([sheet.columns, *sheet.lines])
    return "\ufeff" * sheet.bom + text.getvalue()
