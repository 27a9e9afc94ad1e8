"""From an answer to a Report: run the groups, then name the mistake or say what can be seen.

The answer is anything that turns a Case into an Outcome: the student's function in this kernel, or
one in a sealed process. The reference, the expected values and the marks stay on this side.
"""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coursekit import answers, drawings
from coursekit.answers import Outcome
from coursekit.exercises.agreement import Disagreement, as_array
from coursekit.exercises.exercise import Case, Exercise, Property
from coursekit.exercises.wording import cut, written
from coursekit.reports import Example, GroupResult, Printed, Report, readable

Answer = Callable[[Case], Outcome]
FINAL = {"not attempted", "forbidden", "too slow", "stopped", "lost"}  # no use in calling it again
FORM = ("raised", "type", "shape", "dtype", "not finite")  # complaints about more than a value
KEEPS_INPUTS = "leaves its inputs unchanged"
# Where an error is right any will do, but for those that a slip of the pen raises.
SLIP = re.compile(
    r"\braised (Name|UnboundLocal|Type|Attribute|Import|ModuleNotFound|Recursion)Error"
)
MOST_DRAWS = 1000  # of a group's cases, until all its mistakes are what they have to be
SEARCH_SECONDS = 0.5  # spent on looking for a smaller failing input


@dataclass(frozen=True)
class Tried:
    """One case, what the answer made of it, what is right, and the complaint if they differ."""

    case: Case
    got: Outcome
    expected: Outcome
    complaint: Disagreement | None


@dataclass(frozen=True)
class Finding:
    """What the diagnosis says, and what it rests on."""

    found: str
    sentence: str
    hint: str = ""
    mistake: str | None = None


def examine(exercise: Exercise, answer: Answer, cases: Sequence[Case] = ()) -> Report:
    """Try an answer on every case of an exercise and report.

    cases: of one draw; a check's are those of seed 0, the grader's of a fresh one.
    """
    cases = cases or draw(exercise, 0)
    tried = _try_all(exercise, answer, cases)
    if tried[0].got.failure == "not attempted":
        return _report(exercise, "not attempted", (), f"{exercise.name} is not attempted yet.")
    groups = _groups(exercise, tried, len(cases))
    if all(group.passed for group in groups):
        labels = ", ".join(group.label for group in groups)
        report = _report(exercise, "passed", groups, f"All groups are right: {labels}.")
        return replace(report, printed=_printed(exercise, tried))
    finding = _diagnose(exercise, answer, tried)
    shown = _failure_to_show(exercise, answer, tried, finding)
    example = _example(exercise, shown) if shown else None
    status = "partly" if any(group.points for group in groups) else "failed"
    report = _report(exercise, status, groups, finding.sentence, finding, example)
    return replace(report, printed=_printed(exercise, [shown, *tried] if shown else tried))


def _report(
    exercise: Exercise,
    status: str,
    groups: tuple[GroupResult, ...],
    sentence: str,
    finding: Finding | None = None,
    example: Example | None = None,
) -> Report:
    return Report(
        exercise=exercise.name,
        status=status,
        points=round(sum(group.points for group in groups), 2),
        max_points=exercise.points,
        sentence=sentence,
        mistake=finding.mistake if finding else None,
        hint=finding.hint if finding else "",
        groups=groups,
        example=example,
        found=finding.found if finding else "",
    )


# --- trying ------------------------------------------------------------------------------------


def draw(exercise: Exercise, seed: int) -> list[Case]:
    """An exercise's random cases; what its known mistakes earn on them is no matter of luck.

    Raises RuntimeError for an exercise that asks of a group what no draw fulfills.
    """
    rng = np.random.default_rng(seed)
    cases = exercise.cases(rng)
    for group in dict.fromkeys((*exercise.shows, *exercise.hides)):
        for _ in range(MOST_DRAWS):
            if _is_settled(exercise, group, cases):
                break
            others = (case for case in exercise.cases(rng) if case.group == group)
            cases = [next(others) if case.group == group else case for case in cases]
        else:
            raise RuntimeError(
                f"{exercise.name}: no draw of {group!r} shows and hides what it has to"
            )
    return cases


def _is_settled(exercise: Exercise, group: str, cases: list[Case]) -> bool:
    """Whether the mistakes that may be right or wrong in a group are there what they have to be."""

    def is_wrong(slug: str) -> bool:
        wrong = exercise.mistakes[slug].function
        ours = (case for case in cases if case.group == group)
        return any(
            judge(exercise, one, _outcome_of(exercise, wrong, one)).complaint for one in ours
        )

    shown = all(is_wrong(slug) for slug in exercise.shows.get(group, ()))
    return shown and not any(is_wrong(slug) for slug in exercise.hides.get(group, ()))


def _try_all(exercise: Exercise, answer: Answer, cases: Sequence[Case]) -> list[Tried]:
    """Every case once, then one of each group again: an answer must not depend on what came before.

    Stops calling an answer that hangs or died; its remaining cases count as failed the same way.
    """
    again = list({case.group: case for case in cases}.values())
    stop = time.monotonic() + 6 * exercise.seconds
    tried: list[Tried] = []
    final: Outcome | None = None
    for case in (*cases, *again):
        got = final or answer(case)
        if tried and got.failure == "not attempted" and not final:  # a part of it alone
            got = Outcome(failure="raised", sentence="it raised NotImplementedError")
        tried.append(judge(exercise, case, got))
        if got.failure in FINAL:
            final = got
        elif time.monotonic() > stop:
            final = Outcome(failure="too slow", sentence="all its cases together took too long")
    return tried


def judge(exercise: Exercise, case: Case, got: Outcome) -> Tried:
    """Compare one outcome with the reference's."""
    expected = _outcome_of(exercise, exercise.reference, case)
    try:
        complaint = _complaint(exercise, case, got, expected)
    except BaseException:  # a student's object may fail at being compared or printed
        complaint = Disagreement("type", "it returned something that cannot be compared")
    return Tried(case, got, expected, complaint)


def _outcome_of(exercise: Exercise, function: Callable[..., Any], case: Case) -> Outcome:
    """What the reference, or a known mistake, makes of a case; asked once."""
    if function not in case.outcomes:
        asked = exercise.taking_cases(function)
        case.outcomes[function] = answers.call(asked, case.args, case.kwargs, seconds=60)
    return case.outcomes[function]


def _complaint(
    exercise: Exercise, case: Case, got: Outcome, expected: Outcome
) -> Disagreement | None:
    if expected.failure and got.failure not in FINAL:
        if got.failure != "raised":
            words = "it gave an answer where none exists: raise a ValueError"
            return Disagreement("no error", words)
        if not SLIP.search(got.sentence):
            return None
        return Disagreement("other error", f"{got.sentence}; raise a ValueError there")
    if got.failure:
        return Disagreement(got.failure, got.sentence)
    return exercise.agrees(got.value, expected.value, case)


def _groups(exercise: Exercise, tried: list[Tried], first_round: int) -> tuple[GroupResult, ...]:
    """Points by group; one more group where there are arrays that could be written to.

    An answer that gives no right value earns nothing for refusing impossible input either, nor for
    leaving its arguments alone.
    """
    passed = dict.fromkeys((one.case.group for one in tried), True)
    for one in tried:
        passed[one.case.group] &= one.complaint is None
    valued = {one.case.group for one in tried if not one.expected.failure}
    any_right = any(passed[label] for label in valued)
    if any(isinstance(a, (np.ndarray, list)) for a in tried[0].case.args):
        passed[KEEPS_INPUTS] = not any(one.got.changed_input for one in tried[:first_round])
    passed = {label: ok and any_right for label, ok in passed.items()}
    share = exercise.points / len(passed)
    return tuple(GroupResult(label, ok, share * ok, share) for label, ok in passed.items())


# --- naming the mistake ------------------------------------------------------------------------


def _diagnose(exercise: Exercise, answer: Answer, tried: list[Tried]) -> Finding:
    wrong = [one for one in tried if one.complaint]
    if not wrong:
        return Finding(
            "changed input",
            "The results are right, but the function writes into its input; "
            "whoever calls it still needs those values.",
            "Compare the input before and after the call. Which line writes to it?",
        )
    ended = next((one for one in wrong if one.got.failure in FINAL), None)
    if ended:
        return Finding(ended.got.failure, _final_sentence(exercise, ended))
    return (
        _unsteady(exercise, tried)
        or _known_mistake(exercise, tried)
        or _crash_or_form(exercise, wrong)
        or _broken_property(exercise, answer, tried)
        or _honest_fallback(exercise, tried, wrong)
    )


def _final_sentence(exercise: Exercise, one: Tried) -> str:
    call = one.case.written(exercise.name)
    if one.got.failure == "too slow":
        return (
            f"The check stopped {call}: {one.got.sentence}. Look for a loop that never ends, or "
            "for work that grows faster than the input."
        )
    if one.got.failure == "lost":
        return f"Calling {call} ended the whole Python process: {one.got.sentence}."
    return f"{exercise.name} {one.got.sentence}."


def _unsteady(exercise: Exercise, tried: list[Tried]) -> Finding | None:
    """The same call twice must give the same answer."""
    seen: dict[int, Tried] = {}
    for one in tried:
        before = seen.setdefault(id(one.case), one)
        if before is not one and _is_another(exercise, before, one):
            return Finding(
                "unsteady",
                "The same call gave a different answer the second time.",
                "What does the function remember from one call to the next, or draw at random?",
            )
    return None


def _is_another(exercise: Exercise, first: Tried, again: Tried) -> bool:
    """Whether a second call was right where the first was wrong, or wrong in another way."""
    kinds = {one.complaint and one.complaint.kind for one in (first, again)}
    if kinds != {"value"}:
        return None in kinds and len(kinds) > 1
    same = answers.same(again.got.value, first.got.value)
    return not same and not _same_outcome(exercise, again, first.got)


def _known_mistake(exercise: Exercise, tried: list[Tried]) -> Finding | None:
    """The one known mistake that gives the same outcome on every case, if it is exactly one.

    Cases where an error is right count only when all others are: an answer with a wrong formula
    has that mistake, whether or not it also forgets to refuse impossible input.
    """
    possible = [one for one in tried if not one.expected.failure]
    scope = possible if any(one.complaint for one in possible) else tried
    matching = [
        (slug, mistake)
        for slug, mistake in exercise.mistakes.items()
        if _is_variant(exercise, scope, mistake.function)
    ]
    if len(matching) != 1:
        return None
    slug, mistake = matching[0]
    sentence = f"Your answer equals what one gets if {mistake.sentence}."
    return Finding("mistake", sentence, mistake.hint, slug)


def _is_variant(exercise: Exercise, tried: list[Tried], variant: Callable[..., Any]) -> bool:
    """Whether a wrong variant gives the same outcome on all these cases."""
    return all(
        _same_outcome(exercise, one, _outcome_of(exercise, variant, one.case)) for one in tried
    )


def _same_outcome(exercise: Exercise, one: Tried, other: Outcome) -> bool:
    if one.got.failure or other.failure:
        return one.got.failure == other.failure == "raised"
    if one.got.changed_input != other.changed_input:
        return False
    try:
        return exercise.alike(one.got.value, other.value, one.case) is None
    except BaseException:  # an odd object is no known mistake
        return False


def _crash_or_form(exercise: Exercise, wrong: list[Tried]) -> Finding | None:
    """A crash, or a value of the wrong type, shape or dtype, on the smallest such case."""
    for kind in FORM:
        found = [one for one in wrong if one.complaint.kind == kind]
        if found:
            one = min(found, key=lambda t: t.case.size())
            call = one.case.written(exercise.name)
            return Finding(one.complaint.kind, f"For {call}, {one.complaint.sentence}.")
    return None


def _broken_property(
    exercise: Exercise, answer: Answer, before: Sequence[Tried] = ()
) -> Finding | None:
    """The first property that fails, in the exercise's order, and is true of all tried before."""
    for known in exercise.properties:
        if known.right_for and _are_some_wrong(exercise, known, before):
            continue
        asked = [judge(exercise, case, answer(case)) for case in known.cases]
        if _verdict(known, asked):
            verdict = _verdict(known, asked + _spoken_of(exercise, known, before))
            if verdict:
                return Finding(f"property:{known.slug}", verdict)
    return None


def _spoken_of(exercise: Exercise, known: Property, tried: Sequence[Tried]) -> list[Tried]:
    """The cases that a property's sentence speaks of, where it speaks of more than its own."""
    if not known.about:
        return []
    possible = [one for one in tried if not one.expected.failure]
    return [one for one in possible if known.about(**one.case.arguments(exercise.reference))]


def _are_some_wrong(exercise: Exercise, known: Property, tried: Sequence[Tried]) -> bool:
    """Whether one of the cases is wrong that a property would call right."""
    wrong = (one.case.arguments(exercise.reference) for one in tried if one.complaint)
    return any(known.right_for(**arguments) for arguments in wrong)


def _verdict(known: Property, tried: Sequence[Tried]) -> str | None:
    """What a property says of some cases; None as well where it cannot be judged."""
    if any(one.got.failure or one.expected.failure for one in tried):
        return None
    try:
        return known.verdict(
            [one.got.value for one in tried], [one.expected.value for one in tried]
        )
    except BaseException:  # a value of an odd type
        return None


def _honest_fallback(exercise: Exercise, tried: list[Tried], wrong: list[Tried]) -> Finding:
    right = len(tried) - len(wrong)
    groups = dict.fromkeys(one.case.group for one in wrong)
    if all(one.expected.failure for one in wrong):
        least = min(wrong, key=lambda t: t.case.size())
        call, words = least.case.written(exercise.name), least.complaint.sentence
        return Finding(least.complaint.kind, f"For {call}, {words}.")
    sentence = f"{right} of {len(tried)} cases are right; the others are in: {', '.join(groups)}."
    return Finding("value", sentence)


# --- showing it --------------------------------------------------------------------------------


def _failure_to_show(
    exercise: Exercise, answer: Answer, tried: list[Tried], finding: Finding
) -> Tried | None:
    """The smallest failing case, searched among simple inputs first."""
    if finding.found in FINAL or finding.found in ("changed input", "unsteady"):
        return None
    shown = _smallest_failure(exercise, answer, exercise.smallest(), finding.found)
    if shown is None:
        wrong = [one for one in tried if one.complaint]
        same_kind = [one for one in wrong if one.complaint.kind == finding.found]
        shown = min(same_kind or wrong, key=lambda one: one.case.size())
    return shown


def _example(exercise: Exercise, shown: Tried) -> Example:
    with_dtype = shown.complaint.kind == "dtype"
    return Example(
        call=shown.case.written(exercise.name),
        got=_shown(shown.got, with_dtype),
        expected=_shown(shown.expected, with_dtype),
        picture=_picture(exercise, shown),
    )


def _printed(exercise: Exercise, tried: list[Tried]) -> Printed | None:
    """What the first of these calls that printed anything printed."""
    for one in tried:
        text = readable(one.got.printed)
        if text:
            return Printed(one.case.written(exercise.name), text)
    return None


def _smallest_failure(
    exercise: Exercise, answer: Answer, cases: Iterable[Case], found: str
) -> Tried | None:
    """The first failing case whose failure is of the kind found; one with a value, if there is."""
    stop = time.monotonic() + SEARCH_SECONDS
    crashed = None
    for case in cases:
        one = judge(exercise, case, answer(case))
        if one.got.failure in FINAL or time.monotonic() > stop:
            break
        if not one.complaint or (found in FORM and one.complaint.kind != found):
            continue
        if not one.got.failure:
            return one
        crashed = crashed or one
    return crashed


def _shown(outcome: Outcome, with_dtype: bool = False) -> str:
    if outcome.failure:
        return "an error" if outcome.failure == "raised" else outcome.failure
    try:
        words = written(outcome.value)
        if with_dtype and hasattr(outcome.value, "dtype"):
            words += f" of dtype {outcome.value.dtype}"
    except BaseException:  # a student's object may not print
        return f"a {type(outcome.value).__name__}"
    return cut(words, 120)


def _picture(exercise: Exercise, one: Tried) -> str:
    if one.expected.failure or one.got.failure:
        return ""
    try:
        if exercise.draw:
            return exercise.draw(one.case, one.expected.value, one.got.value)
        if one.complaint.kind == "shape":
            return ""
        right, mine = as_array(one.expected.value), as_array(one.got.value)
        if right is None or mine is None or right.shape != mine.shape or right.size < 2:
            return ""
        return drawings.expected_got_difference(right, mine)
    except BaseException:  # no picture is better than a traceback at a student
        return ""
