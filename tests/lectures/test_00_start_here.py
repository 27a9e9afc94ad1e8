"""What lecture 00 says is so: its numbers, and its map of the course."""

import re

import numpy as np
import pytest
from reading import SOLUTIONS, Lecture

from coursekit.data import PHOTOGRAPHS, photograph
from coursekit.exercises import EXERCISES

LECTURE = Lecture("00_start_here")
says = LECTURE.says
ROWS = re.findall(r"^# \| (\W*\d\d .*?) \| .* \| (.*?) \|$", LECTURE.source, flags=re.MULTILINE)


def test_the_map_names_fourteen_lectures():
    numbers = [re.search(r"\d\d", lecture)[0] for lecture, _ in ROWS]
    assert numbers == [f"{n:02d}" for n in range(14)]


@pytest.mark.parametrize(("lecture", "state"), ROWS)
def test_the_map_knows_which_lectures_are_there(lecture, state):
    number = re.search(r"\d\d", lecture)[0]
    sources = [path.stem for path in SOLUTIONS.glob(f"{number}_*.py")]
    expected = "you are here" if number == "00" else "ready" if sources else "not there yet"
    assert state == expected
    if state == "ready":
        assert f"]({sources[0]}.ipynb)" in lecture


def test_the_numbers_of_the_coffee_cup():
    coffee = photograph("coffee", size=32)
    assert coffee.shape == (32, 32, 3)
    assert says("32 rows, 32 columns, 3 channels")
    assert says(rf"$32 \cdot 32 \cdot 3 = {coffee.size}$")


def test_the_numbers_of_six_photographs():
    count = EXERCISES["count_numbers"].reference
    numbers = {name: count(*photograph(name).shape) for name in list(PHOTOGRAPHS)[:6]}
    assert min(numbers, key=numbers.get) == "chelsea"
    assert max(numbers, key=numbers.get) == "retina"
    assert says(f"from {numbers['chelsea']:,} for the cat")
    assert says(f"to {numbers['retina']:,} for the retina")


def test_the_gray_photograph_of_the_open_question():
    assert says(f"512 · 512 · 1 = {EXERCISES['count_numbers'].reference(512, 512, 1):,}.")


def test_the_wrong_attempt_is_told_what_the_lecture_says():
    from coursekit import check

    report = check(lambda h, w, c=3: h * w, exercise="count_numbers", keep=False)
    assert report.mistake == "channels-forgotten"
    assert [group.label for group in report.groups if group.passed] == ["gray images"]


def test_the_two_lines_of_numpy():
    numbers = np.array([[1, 2, 3], [4, 5, 6]])
    assert numbers.sum(axis=0).tolist() == [5, 7, 9] and says("the sum of each column: [5, 7, 9]")
    assert numbers.sum(axis=1).tolist() == [6, 15] and says("[6, 15] is the sum along axis 1")
    assert numbers[:, 1:3].shape == (2, 2) and says("the columns 1 and 2, counted from 0: [2, 2]")


def test_the_instructors_minutes_add_up():
    assert says(f"about {LECTURE.minutes} minutes")
