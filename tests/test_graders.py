"""Graders are graded: every known mistake is named, every valid answer passes, no bug slips by."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alexnet_answers import norm_over_k
from collected import UNLISTED, VALID, WIDE
from convolution_answers import conv_without_stride_yet
from mutants import mutants_of
from sizes_answers import Remembering, plus_one_forgotten_and_no_error
from students_loops import BUGS, combined_bugs
from training_answers import (
    crop_of_the_first_channel,
    crop_unless_mirrored,
    loss_in_single_as_python_number,
)

from coursekit import answers, diagnosis
from coursekit.checking import local_answer
from coursekit.exercises import EXERCISES, Case
from coursekit.reports import Report

MISTAKES = [(name, slug) for name, ex in EXERCISES.items() for slug in ex.mistakes]
TABLE = Path(__file__).parents[1] / "build" / "tables" / "graders.md"
SEEDS = (0, 1, 2)  # 0 is a check's; the grader takes a fresh one
# Mistakes that are nothing but an error where none belongs.
ERRORS = {
    "output_size": ("fractions-rejected",),
    "conv2d_forward": ("left-over-pixels-refused",),
    # and whose layers have the sizes that make every pass an error
    "Inception": (
        "convolutions-not-padded",
        "pooling-not-padded",
        "fives-padded-like-threes",
        "pooling-with-stride-3",
        "pooling-with-stride-3-not-padded",
    ),
    "BasicBlock": ("projection-without-stride", "convolutions-not-padded", "stride-in-both"),
    "alexnet": ("first-not-padded",),
}
MUTANTS_DIAGNOSED = 16  # of each exercise
verdicts: dict[tuple[str, str], str] = {}
seconds: dict[str, float] = {}  # of the slowest check of each exercise


def report_on(name: str, function: Callable[..., Any], seed: int = 0) -> Report:
    exercise = EXERCISES[name]
    return diagnosis.examine(
        exercise, local_answer(exercise, function), diagnosis.draw(exercise, seed)
    )


@pytest.fixture(scope="module", autouse=True)
def table(request: pytest.FixtureRequest) -> Iterator[None]:
    """Print exercise × mistake → named / caught / missed; write it down when all were tried."""
    yield
    if not verdicts:
        return
    lines = ["| exercise | mistake | verdict |", "|---|---|---|"]
    lines += [f"| {name} | {slug} | {verdict} |" for (name, slug), verdict in verdicts.items()]
    named = sum(verdict == "named" for verdict in verdicts.values())
    lines += ["", "| exercise | slowest check of a mistake |", "|---|---|"]
    lines += [f"| {name} | {slowest:.2f} s |" for name, slowest in seconds.items()]
    lines += ["", f"{named} of {len(verdicts)} known mistakes are named.", ""]
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        print("", *lines, sep="\n")  # noqa: T201
    if len(verdicts) == len(MISTAKES):
        TABLE.parent.mkdir(parents=True, exist_ok=True)
        TABLE.write_text("\n".join(lines), encoding="utf-8")


def test_every_exercise_has_valid_answers_here():
    assert VALID.keys() == UNLISTED.keys() == EXERCISES.keys()
    assert all(VALID.values())


def test_exercises_come_in_the_order_of_the_lectures():
    lectures = [exercise.lecture for exercise in EXERCISES.values()]
    assert lectures == sorted(lectures)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_passes_and_earns_all_points(name):
    for seed in range(5):
        report = report_on(name, EXERCISES[name].reference, seed)
        assert (report.status, report.points) == ("passed", EXERCISES[name].points)


@pytest.mark.parametrize("name", EXERCISES)
def test_valid_answers_pass(name):
    for function in VALID[name]:
        for seed in (0, 1):
            report = report_on(name, function, seed)
            assert report.status == "passed", f"{function.__name__}: {report}"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "slug"), MISTAKES)
def test_known_mistakes_are_named(name, slug):
    mistake = EXERCISES[name].mistakes[slug]
    start = time.process_time()
    reports = [report_on(name, mistake.function, seed) for seed in SEEDS]
    seconds[name] = max(seconds.get(name, 0), (time.process_time() - start) / len(SEEDS))
    passed = any(report.status == "passed" for report in reports)
    named = all(report.mistake == slug for report in reports)
    verdicts[name, slug] = "missed" if passed else "named" if named else "caught"
    for report in reports:
        assert report.mistake == slug, f"called {report.mistake or report.found}"
        assert report.hint == mistake.hint
        assert 0 <= report.points < report.max_points
    example = reports[0].example
    assert example.got != example.expected or example.picture
    passed = [{group.label for group in report.groups if group.passed} for report in reports]
    lucky = set.union(*passed) - set.intersection(*passed)
    assert not lucky, (
        "right or wrong by the luck of the draw: name it in the exercise's shows or hides"
    )
    assert seconds[name] < 10  # the table tells; a busy machine doubles it


@pytest.mark.slow
@pytest.mark.parametrize(("name", "slug"), MISTAKES)
def test_no_name_rests_on_crashes_alone(name, slug):
    """An answer that only crashes where a mistake is wrong has another bug."""
    exercise = EXERCISES[name]
    wrong = local_answer(exercise, exercise.mistakes[slug].function)

    def crashing(case):
        got = wrong(case)
        failed = diagnosis.judge(exercise, case, got).complaint
        return answers.Outcome(failure="raised", sentence="it crashed") if failed else got

    report = diagnosis.examine(exercise, crashing)
    assert report.mistake in (None, *ERRORS.get(name, ())), report


@pytest.mark.parametrize("name", EXERCISES)
def test_unlisted_bugs_get_no_name_and_the_right_ground(name):
    for function, ground in UNLISTED[name].items():
        report = report_on(name, function)
        assert report.mistake is None, f"{function.__name__} was called {report.mistake}"
        assert report.found.startswith(ground), f"{function.__name__}: {report.found}: {report}"
        assert report.status in ("failed", "partly")


def by_the_ground(ground: str, words: str) -> list[Any]:
    """Unlisted bugs, with their exercises, that rest on a property and have these words in them."""
    return [
        (name, function)
        for name, bugs in UNLISTED.items()
        for function, found in bugs.items()
        if found.startswith(ground) and words in function.__name__
    ]


@pytest.mark.parametrize(("name", "function"), by_the_ground("property:constant-ratio", "_by_the_"))
def test_a_factor_that_depends_on_the_input_is_not_called_one(name, function):
    sentence = report_on(name, function).sentence
    assert "Which number of the input is that?" in sentence, sentence


def test_a_loss_in_single_precision_passes_whatever_is_drawn():
    """Its own dtype is lost where it is returned as a Python number."""
    for seed in range(15, 25):
        report = report_on("softmax_cross_entropy", loss_in_single_as_python_number, seed)
        assert report.status == "passed", report


def test_a_factor_is_called_the_same_for_every_value_only_where_it_is():
    sentence = report_on("local_response_norm", norm_over_k).sentence
    assert "1/2 for one input, 1 for another" in sentence  # k is 2 in most cases


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (crop_of_the_first_channel, "wrong for one of three channels that is"),
        (crop_unless_mirrored, "wrong for one that is shifted and mirrored"),
    ],
)
def test_what_a_contrast_says_of_a_crop_is_true_of_its_easy_cases(function, words):
    assert words in report_on("random_crop_flip", function).sentence


@pytest.mark.slow
@pytest.mark.parametrize("name", BUGS)
def test_bugs_in_plain_loops_get_their_names(name):
    for function, slug in BUGS[name]:
        for seed in (0, 1):
            report = report_on(name, function, seed)
            assert report.mistake == slug, f"{function.__name__}: {report}"


def test_a_known_mistake_is_named_whether_or_not_impossible_input_is_refused():
    report = report_on("output_size", plus_one_forgotten_and_no_error)
    assert report.mistake == "plus-one-forgotten"


def test_a_part_that_is_not_written_yet_costs_its_own_points_only():
    report = report_on("conv2d_forward", conv_without_stride_yet)
    assert report.sentence.endswith("it raised NotImplementedError.")
    missing = {group.label for group in report.groups if not group.passed}
    assert missing == {"stride", "padding and stride"}


def test_a_wrong_answer_that_runs_out_of_time_is_not_called_unsteady():
    exercise = replace(EXERCISES["count_numbers"], seconds=0.05)

    def slow(height, width, channels=3):
        time.sleep(0.03)
        return 0

    assert diagnosis.examine(exercise, local_answer(exercise, slow)).found == "too slow"


def test_an_answer_that_remembers_is_found_out():
    report = report_on("output_size", Remembering())
    assert report.found == "unsteady"
    assert report.status != "passed"


@pytest.mark.parametrize("name", EXERCISES)
def test_a_stub_is_not_attempted(name):
    def stub(*args, **kwargs):
        raise NotImplementedError(name)

    report = report_on(name, stub)
    assert (report.status, report.points) == ("not attempted", 0)


@pytest.mark.parametrize("name", EXERCISES)
def test_hints_ask_one_short_question_and_give_no_code_away(name):
    for slug, mistake in EXERCISES[name].mistakes.items():
        assert "?" in mistake.hint and len(mistake.hint) < 120, slug
        assert "//" not in mistake.hint
        assert mistake.sentence[0].islower() or mistake.sentence[0] in "`1", slug
        assert not mistake.sentence.endswith(".")


@pytest.mark.parametrize("name", EXERCISES)
def test_properties_hold_for_the_reference_and_for_valid_answers(name):
    for function in (EXERCISES[name].reference, *VALID[name]):
        answer = local_answer(EXERCISES[name], function)
        assert diagnosis._broken_property(EXERCISES[name], answer) is None


# --- mutation: change one operator, constant or name at a time ------------------------------------


@cache
def expected_of(name: str, seed: int) -> list[tuple[Case, Any]]:
    cases = diagnosis.draw(EXERCISES[name], seed)
    return [(case, reference_outcome(name, case)) for case in cases]


@cache
def strange_inputs(name: str) -> list[tuple[Case, Any]]:
    """Inputs that a check does not use."""
    rng = np.random.default_rng(12345)
    cases = [case for seed in range(100, 104) for case in EXERCISES[name].cases(rng)]
    cases += islice(EXERCISES[name].smallest(), 200)
    if name in WIDE:
        cases += [WIDE[name](rng) for _ in range(120)]
    return [(case, reference_outcome(name, case)) for case in cases]


def reference_outcome(name: str, case: Case) -> answers.Outcome:
    return outcome_of(name, EXERCISES[name].reference, case, seconds=60)


def outcome_of(
    name: str, answer: Callable[..., Any], case: Case, seconds: float = 0.5
) -> answers.Outcome:
    exercise = EXERCISES[name]
    if exercise.probe:  # networks take their time
        seconds = max(seconds, exercise.seconds)
    return answers.call(exercise.taking_cases(answer), case.args, case.kwargs, seconds)


def is_told_apart(name: str, mutant: Callable[..., Any], inputs: list[tuple[Case, Any]]) -> bool:
    """Whether some input shows that the mutant is wrong."""
    exercise = EXERCISES[name]
    for case, expected in inputs:
        got = outcome_of(name, mutant, case)
        complaint = diagnosis._complaint(exercise, case, got, expected)
        if complaint or (got.changed_input and not expected.changed_input):
            return True
    return False


def all_mutants(name: str) -> list[tuple[str, Callable[..., Any]]]:
    functions = [EXERCISES[name].reference, *VALID[name]]
    return [mutant for function in functions for mutant in mutants_of(function)]


@pytest.mark.slow
@pytest.mark.parametrize("name", EXERCISES)
def test_mutants_of_right_answers_fail(name):
    killed, survived = 0, []
    for words, mutant in all_mutants(name):
        if is_told_apart(name, mutant, expected_of(name, 0)):
            killed += 1
        elif is_told_apart(name, mutant, strange_inputs(name)):
            survived.append(words)
    assert killed >= 3
    assert len(survived) <= 0.01 * (killed + len(survived)), survived


def is_truly(name: str, slug: str, answer: Callable[..., Any]) -> bool:
    """Whether the answer equals the known mistake on inputs that the check did not use."""
    exercise = EXERCISES[name]
    for case, expected in strange_inputs(name):
        if expected.failure:
            continue
        one = diagnosis.Tried(case, outcome_of(name, answer, case), expected, None)
        other = outcome_of(name, exercise.mistakes[slug].function, case)
        if not diagnosis._same_outcome(exercise, one, other):
            return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", EXERCISES)
def test_a_mutants_name_holds_on_inputs_that_the_check_did_not_use(name):
    mutants = all_mutants(name)
    for words, mutant in mutants[:: max(1, len(mutants) // MUTANTS_DIAGNOSED)]:
        slug = report_on(name, mutant).mistake
        assert slug is None or is_truly(name, slug, mutant), f"{words}: {slug}"


@pytest.mark.slow
def test_two_bugs_at_once_get_no_wrong_name():
    for answer in islice(combined_bugs(), 0, None, 4):
        report = report_on("conv2d_forward", answer)
        assert report.status in ("failed", "partly")
        slug = report.mistake
        assert slug is None or is_truly("conv2d_forward", slug, answer), f"{slug}: {report}"
