"""check(), mine() and progress() as a notebook uses them."""

import json
import multiprocessing
import stat
import threading

import numpy as np
import pytest

import coursekit
from coursekit import checking, layers, records
from coursekit.checking import check, mine, progress
from coursekit.exercises import Case
from coursekit.exercises.agreement import disagreement
from coursekit.reports import Report


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(checking, "_passed", {})
    return tmp_path / "progress.json"


def count_numbers(height, width, channels=3):
    return height * width * channels


def forgets_channels(height, width, channels=3):
    return height * width


def test_the_package_offers_check_mine_and_progress():
    assert coursekit.check is check
    assert coursekit.mine is mine
    assert coursekit.progress is progress
    assert "check" in dir(coursekit)
    with pytest.raises(AttributeError, match="coursekit has no 'chekc'"):
        coursekit.chekc


def test_a_right_answer(own_progress):
    report = check(count_numbers)
    assert (report.status, report.points, report.mistake) == ("passed", 1, None)
    assert json.loads(own_progress.read_text())["exercises"]["count_numbers"]["status"] == "passed"


def test_a_wrong_answer_is_named_with_its_smallest_input():
    report = check(forgets_channels, exercise="count_numbers")
    assert report.status == "partly"
    assert report.mistake == "channels-forgotten"
    assert report.example.call == "count_numbers(1, 1, 3)"
    assert "Look here: One pixel of a color image" in repr(report)


def test_mine_is_the_courses_until_the_check_has_passed():
    assert mine("count_numbers").whose == "the course's"
    check(forgets_channels, exercise="count_numbers")
    assert mine("count_numbers").whose == "the course's"
    check(count_numbers)
    assert mine("count_numbers").whose == "yours"
    assert mine("count_numbers")(2, 2) == 12
    check(forgets_channels, exercise="count_numbers")
    assert mine("count_numbers").whose == "the course's"


def test_a_demonstration_leaves_no_trace(own_progress):
    check(forgets_channels, exercise="count_numbers", keep=False)
    assert not own_progress.exists()


def test_not_attempted_is_quiet(own_progress):
    def count_numbers(height, width, channels=3):
        raise NotImplementedError("count_numbers")

    report = check(count_numbers)
    assert report.status == "not attempted"
    assert not own_progress.exists()


def test_under_nbgrader_a_check_is_a_number(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    points = check(forgets_channels, exercise="count_numbers")
    assert type(points) is float
    assert 0 < points < 1


def test_ready_made_layers_are_refused_in_words():
    import torch

    def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):
        layer = torch.nn.Conv1d(1, 1, kernel_size, stride, padding, dilation)
        return layer(torch.zeros(1, w_in)).shape[-1]

    report = check(output_size)
    assert report.points == 0
    assert report.sentence == "output_size calls torch; the point is to write this one yourself."


def test_an_answer_through_mine_is_refused():
    report = check(calls_mine, exercise="output_size")
    assert report.points == 0
    assert "calls coursekit" in report.sentence


def calls_mine(w_in, kernel_size, stride=1, padding=0, dilation=1):
    return mine("output_size")(w_in, kernel_size, stride, padding, dilation)


def test_something_that_is_no_function():
    assert "is int, not a function" in check(5, exercise="output_size").sentence


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(ValueError, match=r"no exercise named 'spam'.*output_size"):
        check(lambda: 1, exercise="spam")
    with pytest.raises(ValueError, match="no exercise named 'spam'"):
        mine("spam")


def test_html_is_safe_and_says_its_status():
    class Nasty:
        def __repr__(self):
            return "<script>alert(1)</script>"

    html = check(lambda *a, **k: Nasty(), exercise="count_numbers")._repr_html_()
    assert "<script>" not in html
    assert "count_numbers: failed" in html
    assert 'aria-label="Check of count_numbers"' in html


def test_what_the_code_printed_is_shown_for_the_example():
    def count_numbers(height, width, channels=3):
        print(f"\x1b[31m<b>{height}</b>\x1b[0m\x07")  # noqa: T201
        return height * width

    report = check(count_numbers)
    assert (report.printed.call, report.printed.text) == (report.example.call, "<b>1</b>")
    assert "Your code printed, for count_numbers(1, 1, 3):\n  | <b>1</b>" in repr(report)
    html = report._repr_html_()
    assert "Your code printed" in html
    assert "&lt;b&gt;1&lt;/b&gt;" in html
    assert "<b>" not in html


def test_a_right_answer_may_print_and_much_of_it_is_cut():
    def chatty(height, width, channels=3):
        print(*range(1000), sep="\n")  # noqa: T201
        return count_numbers(height, width, channels)

    report = check(chatty, exercise="count_numbers")
    assert report.status == "passed"
    assert report.printed.text.split("\n") == [*map(str, range(12)), "…"]
    assert check(count_numbers).printed is None


def test_inputs_are_written_short_and_without_addresses():
    scores = (np.zeros((50, 10)), np.zeros(50, int))
    written = Case("", ([scores] * 30, count_numbers, lambda x: x, object())).written("accuracy")
    assert written.startswith("accuracy([(array of shape (50, 10), array of shape (50,)), ")
    assert written.endswith("… 30 in all], count_numbers, a function, <object>)")
    assert len(written) < 320


def test_a_crash_on_a_list_of_arrays_is_one_short_sentence():
    report = check(lambda batches: batches[0] + 1, exercise="accuracy")
    assert report.found == "raised"
    assert len(report.sentence) < 200


def test_a_wrong_size_is_drawn():
    def too_many(w_in, kernel_size, stride=1, padding=0, dilation=1):
        return (w_in + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 2

    picture = check(too_many, exercise="output_size").example.picture
    assert picture.startswith("<svg")
    assert 'role="img"' in picture


# --- progress -------------------------------------------------------------------------------------


def test_the_best_result_is_kept():
    check(count_numbers)
    check(forgets_channels, exercise="count_numbers")
    row = next(r for r in progress().rows if r.exercise == "count_numbers")
    assert (row.status, row.points) == ("passed", 1)
    assert "1 of" in repr(progress())
    assert "<table>" in progress()._repr_html_()


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", '{"exercises": 5}', '{"exercises": {"a": 1}}']
)
def test_a_damaged_file_is_started_anew(own_progress, text):
    own_progress.write_text(text)
    assert progress().points == 0
    check(count_numbers)
    assert progress().points == 1


def test_an_unwritable_folder_is_said_and_nothing_is_lost(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(tmp_path / "file" / "progress.json"))
    report = check(count_numbers)
    assert report.status == "passed"
    assert report.notes[0].startswith("Your progress could not be written to progress.json")


def test_a_full_disk_leaves_the_old_file(own_progress, monkeypatch):
    check(count_numbers)
    before = own_progress.read_text()

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(records.os, "replace", full)
    report = check(forgets_channels, exercise="count_numbers")
    assert "No space left on device" in report.notes[0]
    assert own_progress.read_text() == before
    assert not list(own_progress.parent.glob("*.part"))


def keep_many(name):
    for i in range(20):
        records.keep(Report(f"{name}{i}", "passed", 1, 1, ""))


def test_two_notebooks_never_lose_each_others_marks(own_progress):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=keep_many, args=(name,)) for name in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(json.loads(own_progress.read_text())["exercises"]) == 40
    assert stat.S_ISREG(own_progress.stat().st_mode)


def test_a_check_outside_the_main_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(check(count_numbers)))
    thread.start()
    thread.join()
    assert found[0].status == "passed"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "it returned nothing (None)"),
        (np.ones(2) * 1j, "an array of shape (2,) and dtype complex128"),
        (np.array([None]), "an array of shape (1,) and dtype object"),
        ((np.ones(20), None), "(array of shape (20,), None)"),
        (np.ma.masked_all((2, 1, 1, 1)), "its shape is (2, 1, 1, 1)"),
    ],
)
def test_what_is_no_array_of_numbers_is_described(value, words):
    report = check(lambda x, w, b, stride=1, padding=0: value, exercise="conv2d_forward")
    assert words in report.sentence


def test_a_list_that_is_far_too_long_is_not_read():
    class Long(list):
        def __iter__(self):
            raise AssertionError("read")

        __getitem__ = __array__ = __iter__

    words = "its length is 200000, not 1"
    assert disagreement(Long([0.0] * 200_000), np.zeros((1, 2))).sentence == words
    report = check(lambda *_, **__: [0.0] * 200_000, exercise="conv2d_forward", keep=False)
    assert words in report.sentence


def test_masked_numbers_are_missing_numbers():
    answer = mine("conv2d_forward").function

    def masked(x, w, b, stride=1, padding=0):
        out = np.ma.masked_array(answer(x, w, b, stride, padding))
        out[..., 0] = np.ma.masked
        return out

    masked.__module__ = "coursekit.exercises.tests"  # so that it may call the course's own
    report = check(masked, exercise="conv2d_forward")
    assert report.found == "not finite"


@pytest.mark.parametrize("function", [layers.conv2d_forward, mine("conv2d_forward")])
def test_what_the_course_has_is_no_answer(function):
    report = check(function, exercise="conv2d_forward", keep=False)
    assert report.status == "failed"
    assert "is the course's own" in report.sentence
