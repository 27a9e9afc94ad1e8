"""The instructor's page: what the class got wrong, by name, and who needs a look."""

import json
import re

import handins as h
import pytest

from coursekit.grading import batch
from coursekit.grading.summary import frequent_mistakes

FORGOT = h.with_body(
    "output_size", "return (w_in + 2 * padding - dilation * (kernel_size - 1) - 1) // stride"
)
IGNORED = h.with_body("same_padding", "before = (kernel_size - 1) // 2\nreturn before, before")
ODD = """
def receptive_field(layers):
    seen, jumps = [1], [1]
    for position in range(len(layers) - 1, -1, -1):
        pair = layers[len(layers) - 1 - position]
        wide, far = pair[0], pair[1]
        if not isinstance(wide, int) or wide < 1:
            raise TypeError(f"odd kernel {wide!r}")
        seen.append(seen[-1] + sum(jumps[-1] for _ in range(wide)) - jumps[-1])
        jumps.append(jumps[-1] + jumps[-1] * (far - 1))
        assert len(seen) == len(jumps) and seen[-1] > 0
    result = seen.pop() if len(seen) > 1 else 1
    return result * 2 + 3 if result < 0 else result
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory, release):
    folder, out = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out")
    students = {f"s{n:02d}": h.solved() for n in range(6)}
    students |= {f"f{n}": h.answered(output_size=FORGOT) for n in range(4)}
    students |= {"<b>mallory</b>": h.answered(same_padding=IGNORED), "lazy": h.untouched()}
    students |= {"ada": h.answered(receptive_field=ODD)}
    students |= {"eve": h.answered(receptive_field=ODD.replace("jumps", "steps"))}
    for student, notebook in students.items():
        (folder / student.replace("/", "_")).mkdir()
        place = folder / student.replace("/", "_") / f"{h.LECTURE}.ipynb"
        place.write_text(json.dumps(notebook))
    (folder / "broken.ipynb").write_text("{")
    records = batch.grade_folder(folder, out, release=release, executor=h.Here())
    return records, (out / "summary.html").read_text(encoding="utf-8")


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_most_frequent_mistake_comes_first(page):
    records, _ = page
    first, second, *_ = frequent_mistakes(records)
    assert (first.mistake, len(first.students)) == ("plus-one-forgotten", 4)
    assert second.exercise == "same_padding"


def test_it_is_shown_with_the_lines_of_one_who_made_it(page):
    assert "4 × output_size" in words(page[1])
    assert "f0, f1, f2 and 1 more" in words(page[1])
    line = "return (w_in + 2 * padding - dilation * (kernel_size - 1) - 1) // stride"
    assert line in page[1]
    assert "pixels in one row" not in page[1]  # the description is left out


def test_every_exercise_has_its_row(page):
    text = words(page[1])
    assert "output_size 1.8 of 3 9 0 4 1 plain (4)" in text
    assert "receptive_field 2.6 of 3 13 0 0 1" in text
    assert "15 students" in text


def test_who_needs_a_look_and_why(page):
    text = words(page[1])
    assert re.search(r"broken unreadable .*breaks off|broken unreadable .*not a notebook", text)
    assert 'href="feedback/broken.html"' in page[1]


def test_copies_are_a_hint(page):
    text = words(page[1])
    assert re.search(r"ada eve \d+%", text)
    assert "A hint to read both, and no more" in text


def test_names_of_strangers_are_no_html(page):
    assert "<b>mallory" not in page[1]
    for outside in ("<script", "<link", "src=", "@import", "url("):
        assert outside not in page[1]
