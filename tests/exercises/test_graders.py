"""Graders are graded: every known mistake is named, every valid answer passes, no bug slips by."""

import ast
import inspect
import textwrap

import numpy as np
import pytest
from sizes_answers import UNLISTED, VALID, Remembering, plus_one_forgotten_and_no_error

from coursekit import answers, diagnosis
from coursekit.checking import local_answer
from coursekit.exercises import EXERCISES

MISTAKES = [(name, slug) for name, ex in EXERCISES.items() for slug in ex.mistakes]


def report_on(name, function, seed=0):
    exercise = EXERCISES[name]
    return diagnosis.examine(exercise, local_answer(exercise, function), seed)


def test_every_exercise_has_valid_answers_here():
    assert VALID.keys() == UNLISTED.keys() == EXERCISES.keys()


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_passes_and_earns_all_points(name):
    for seed in range(5):
        report = report_on(name, EXERCISES[name].reference, seed)
        assert (report.status, report.points) == ("passed", EXERCISES[name].points)


@pytest.mark.parametrize("name", EXERCISES)
def test_valid_answers_pass(name):
    for function in VALID[name]:
        report = report_on(name, function)
        assert report.status == "passed", f"{function.__name__}: {report}"


@pytest.mark.parametrize(("name", "slug"), MISTAKES)
def test_known_mistakes_are_named(name, slug):
    mistake = EXERCISES[name].mistakes[slug]
    for seed in range(5):
        report = report_on(name, mistake.function, seed)
        assert report.mistake == slug, f"called {report.mistake or report.found}"
        assert report.hint == mistake.hint
        assert 0 <= report.points < report.max_points


@pytest.mark.parametrize(("name", "slug"), MISTAKES)
def test_the_example_shows_the_mistake(name, slug):
    example = report_on(name, EXERCISES[name].mistakes[slug].function).example
    assert example.got != example.expected


@pytest.mark.parametrize("name", EXERCISES)
def test_unlisted_bugs_get_no_name_and_the_right_ground(name):
    for function, ground in UNLISTED[name].items():
        report = report_on(name, function)
        assert report.mistake is None, f"{function.__name__} was called {report.mistake}"
        assert report.found.startswith(ground), f"{function.__name__}: {report.found}: {report}"
        assert report.status in ("failed", "partly")


def test_a_known_mistake_is_named_whether_or_not_impossible_input_is_refused():
    report = report_on("output_size", plus_one_forgotten_and_no_error)
    assert report.mistake == "plus-one-forgotten"


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
    for mistake in EXERCISES[name].mistakes.values():
        assert "?" in mistake.hint and len(mistake.hint) < 120
        assert "//" not in mistake.hint
        assert mistake.sentence[0].islower() or mistake.sentence[0] == "`"
        assert not mistake.sentence.endswith(".")


# --- mutation: change one operator, constant or comparison of the reference at a time -------------

SWAPS = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add, ast.FloorDiv],
    ast.FloorDiv: [ast.Mult, ast.Div],
    ast.Lt: [ast.LtE, ast.Gt],
    ast.NotIn: [ast.In],
}


def mutants_of(function):
    """(description, function) for every single change of the function's source."""
    source = textwrap.dedent(inspect.getsource(function))
    count = sum(1 for _ in ast.walk(ast.parse(source)))
    for position in range(count):
        for choice in range(3):
            tree = ast.parse(source)
            node = list(ast.walk(tree))[position]
            if not mutate(node, choice):
                continue
            space = dict(function.__globals__)
            exec(compile(ast.fix_missing_locations(tree), "<mutant>", "exec"), space)
            yield ast.unparse(node), space[function.__name__]


def mutate(node, choice):
    """Change the node in place; False where this choice changes nothing."""
    if isinstance(node, ast.BinOp):
        swaps = SWAPS.get(type(node.op), [])
        if choice < len(swaps):
            node.op = swaps[choice]()
            return True
    if isinstance(node, ast.Compare) and choice < len(SWAPS.get(type(node.ops[0]), [])):
        node.ops[0] = SWAPS[type(node.ops[0])][choice]()
        return True
    if isinstance(node, ast.Constant) and type(node.value) is int and choice < 2:
        node.value += (1, -1)[choice]
        return True
    if isinstance(node, ast.AugAssign) and choice < len(SWAPS.get(type(node.op), [])):
        node.op = SWAPS[type(node.op)][choice]()
        return True
    return False


def is_equivalent(exercise, mutant):
    """Whether no input we can think of tells the mutant from the reference."""
    cases = list(exercise.smallest())
    for seed in range(100, 110):
        cases += exercise.cases(np.random.default_rng(seed))
    return not any(
        diagnosis.judge(
            exercise, case, answers.call(mutant, case.args, case.kwargs, seconds=0.5)
        ).complaint
        for case in cases
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", EXERCISES)
def test_mutants_of_the_reference_fail(name):
    exercise = EXERCISES[name]
    killed, survived = 0, []
    for words, mutant in mutants_of(exercise.reference):
        if report_on(name, mutant).status != "passed":
            killed += 1
        elif not is_equivalent(exercise, mutant):
            survived.append(words)
    assert killed >= 3
    assert len(survived) <= 0.01 * (killed + len(survived)), survived
