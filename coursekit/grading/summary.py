"""One page for the instructor: how the class did, what it got wrong, and who needs a look."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import median

from coursekit.exercises import EXERCISES
from coursekit.files import write_whole
from coursekit.grading.marks import Row, number
from coursekit.grading.notebooks import Notebook
from coursekit.grading.page import page
from coursekit.grading.record import GRADED, Record, file_name
from coursekit.grading.similarity import Pair, similar_pairs
from coursekit.grading.submission import Submission

NAME = "summary.html"
BINS = 10  # of the distribution
MOST_EXAMPLES = 3  # students named for a mistake
MOST_LINES, MOST_WIDE = 14, 200  # lines of an example, and characters of one
MOST_PAIRS = 30
STATES = ("passed", "partly", "failed", "not attempted")
_STYLE = (
    "table{border-collapse:collapse}th,td{padding:.2em 1.2em .2em 0}"
    "thead th,thead td{border-bottom:1px solid var(--line)}td.n{text-align:right}"
    "pre{background:var(--code);padding:.5em .8em;overflow:auto}summary{cursor:pointer}"
)


@dataclass(frozen=True)
class Mistaken:
    """A known mistake of an exercise, and who made it."""

    exercise: str
    mistake: str
    students: tuple[str, ...]


def write_summary(
    out: Path,
    records: Sequence[Record],
    rows: Sequence[Row],
    submissions: Sequence[Submission],
    stubs: Mapping[str, str],
) -> None:
    """Write summary.html. stubs: the code of each lecture as handed out."""
    parts = [
        "<h1>Summary of the class</h1>",
        _totals(rows),
        _exercises(records, rows),
        _mistakes(records, {one.student: one for one in submissions}),
        _looks(rows),
        _pairs(_alike(submissions, stubs)),
    ]
    write_whole(out / NAME, page("Summary of the class", "".join(parts), _STYLE))


def _totals(rows: Sequence[Row]) -> str:
    most = rows[0].most if rows else 0
    if not most:
        return "<p>Nothing could be graded.</p>"
    totals = [row.total for row in rows]
    words = (
        f"{len(rows)} students; median {number(median(totals))} of {number(most)} points, "
        f"mean {number(round(sum(totals) / len(totals), 2))}."
    )
    counts = Counter(min(int(total / most * BINS), BINS - 1) for total in totals)
    bars = {
        f"{number(low * most / BINS)} to {number((low + 1) * most / BINS)}": counts[low]
        for low in range(BINS)
    }
    return f"<h2>How many points</h2><p>{words}</p>{_bars(bars, 'points', 'students')}"


def _bars(bars: Mapping[str, int], label: str, unit: str) -> str:
    """A table that is a picture as well: one bar a line."""
    most = max([*bars.values(), 1])
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{_bar(count / most)}</td>'
        f'<td class="n">{count}</td></tr>'
        for name, count in bars.items()
    )
    head = f'<tr><th scope="col">{label}</th><td></td><th scope="col">{unit}</th></tr>'
    return f"<table><thead>{head}</thead><tbody>{lines}</tbody></table>"


def _bar(share: float) -> str:
    return (
        f'<svg width="240" height="14" aria-hidden="true"><rect width="{240 * share:.0f}" '
        'height="14" fill="var(--bar)"/></svg>'
    )


def _head(*words: str) -> str:
    cells = "".join(f'<th scope="col">{word}</th>' for word in words)
    return f"<thead><tr>{cells}</tr></thead>"


def _exercises(records: Sequence[Record], rows: Sequence[Row]) -> str:
    names = list(rows[0].worth) if rows else []
    reports = {name: [] for name in names}
    for record in records:
        for one in record.marks:
            reports[one.report.exercise].append(one.report)
    lines = ""
    for name in names:
        states = Counter(report.status for report in reports[name])
        mean = round(sum(row.points[name] for row in rows) / len(rows), 2)
        hard = _hardest(reports[name])
        lines += (
            f'<tr><th scope="row">{escape(name)}</th>'
            f'<td class="n">{number(mean)} of {number(rows[0].worth[name])}</td>'
            + "".join(f'<td class="n">{states[state]}</td>' for state in STATES)
            + f"<td>{escape(hard)}</td></tr>"
        )
    heads = ["exercise", "points, mean", *STATES, "most often wrong"]
    return f"<h2>By exercise</h2><table>{_head(*heads)}<tbody>{lines}</tbody></table>"


def _hardest(reports: Sequence) -> str:
    """The group of cases that most of those who tried got wrong."""
    wrong = Counter(
        group.label
        for report in reports
        if report.status in ("partly", "failed")
        for group in report.groups
        if not group.passed
    )
    return "; ".join(f"{label} ({count})" for label, count in wrong.most_common(1))


# --- mistakes ------------------------------------------------------------------------------------


def frequent_mistakes(records: Sequence[Record]) -> list[Mistaken]:
    """The known mistakes of a class, the most frequent first."""
    made: dict[tuple[str, str], list[str]] = {}
    for record in records:
        for one in record.marks:
            if one.report.mistake:
                key = one.report.exercise, one.report.mistake
                made.setdefault(key, []).append(record.student)
    found = [Mistaken(*key, tuple(sorted(students))) for key, students in made.items()]
    return sorted(found, key=lambda one: (-len(one.students), one.exercise, one.mistake))


def _mistakes(records: Sequence[Record], submissions: Mapping[str, Submission]) -> str:
    parts = ["<h2>Most frequent mistakes</h2>"]
    found = frequent_mistakes(records)
    if not found:
        return parts[0] + "<p>No answer equals a known mistake.</p>"
    for one in found:
        known = EXERCISES[one.exercise].mistakes.get(one.mistake)
        sentence = known.sentence if known else one.mistake
        students = ", ".join(one.students[:MOST_EXAMPLES])
        more = f" and {len(one.students) - MOST_EXAMPLES} more"
        source = _source(one.exercise, submissions.get(one.students[0]))
        parts.append(
            f"<p><strong>{len(one.students)} × {escape(one.exercise)}</strong>: "
            f"{escape(sentence)} <small>({escape(one.mistake)})</small></p>"
            f"<details><summary>{escape(students)}{more * (len(one.students) > MOST_EXAMPLES)}"
            f"</summary><pre>{escape(source)}</pre></details>"
        )
    return "".join(parts)


def _source(exercise: str, submission: Submission | None) -> str:
    """The lines of a student's function, without its description."""
    notebook = submission.notebooks.get(EXERCISES[exercise].lecture) if submission else None
    text = own_source(exercise, notebook) if notebook else ""
    lines = [line for line in _without_descriptions(text.splitlines()) if line.strip()]
    more = ["…"] if len(lines) > MOST_LINES else []
    return "\n".join([line[:MOST_WIDE] for line in lines[:MOST_LINES]] + more)


def _without_descriptions(lines: Sequence[str]) -> Iterator[str]:
    """Lines that are not within three quotes that begin a line."""
    inside = False
    for line in lines:
        if inside or line.strip().startswith('"""'):
            inside ^= line.count('"""') % 2 == 1
        else:
            yield line


def own_source(exercise: str, notebook: Notebook) -> str:
    """The last cell that defines an exercise, which is the one that counts."""
    defines = re.compile(rf"\b(?:def|class)\s+{exercise}\b|^{exercise}\s*=", re.MULTILINE)
    found = [cell.source for cell in notebook.cells if defines.search(cell.source)]
    return found[-1] if found else ""


# --- who needs a look ----------------------------------------------------------------------------


def _looks(rows: Sequence[Row]) -> str:
    lines = "".join(
        f'<tr><th scope="row"><a href="feedback/{file_name(row.student)}.html">'
        f"{escape(row.student)}</a></th><td>{escape(row.status)}</td><td>{escape(row.note)}</td></tr>"
        for row in rows
        if row.status != GRADED
    )
    title = "<h2>Who needs a look</h2>"
    head = _head("student", "status", "why")
    return f"{title}<table>{head}{lines}</table>" if lines else f"{title}<p>Nobody.</p>"


def _alike(submissions: Sequence[Submission], stubs: Mapping[str, str]) -> list[tuple[str, Pair]]:
    """Pairs of each lecture whose answers are alike, over all of its exercises together."""
    found = []
    for lecture in sorted({name for one in submissions for name in one.notebooks}):
        names = [name for name, one in EXERCISES.items() if one.lecture == lecture]
        answers = {
            one.student: "\n".join(own_source(name, one.notebooks[lecture]) for name in names)
            for one in submissions
            if lecture in one.notebooks
        }
        pairs = similar_pairs(answers, stubs.get(lecture, ""))
        found += [(lecture, pair) for pair in pairs]
    return found[:MOST_PAIRS]


def _pairs(found: Sequence[tuple[str, Pair]]) -> str:
    title = "<h2>Answers that are alike</h2>"
    if not found:
        return f"{title}<p>No two answers are more alike than chance explains.</p>"
    lines = "".join(
        f"<tr><td>{escape(pair.one)}</td><td>{escape(pair.other)}</td>"
        f'<td class="n">{pair.share:.0%}</td><td>{escape(lecture)}</td></tr>'
        for lecture, pair in found
    )
    return (
        f"{title}<p>A hint to read both, and no more: people who learn together write alike. "
        "Names, comments and layout were left aside, and what the handed-out notebook holds or "
        f"what many wrote.</p><table>{_head('one', 'other', 'alike', 'lecture')}{lines}</table>"
    )
