"""What README promises is there."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LECTURE_ROWS = re.findall(r"^\| \[(\d\d) [^|]*\.ipynb\) \| ([^|]*) \|[^|]*\|$", README, re.M)
SECTION_ROWS = re.findall(r"^\| ([\d–]+) \| [^|]* \| (\d\d): ([^|]*) \|$", README, re.M)


def test_every_lecture_has_a_row():
    sources = sorted(path.name[:2] for path in (ROOT / "solutions").glob("*.py"))
    assert [number for number, _ in LECTURE_ROWS] == sources


def numbers_of(words):
    """Slide numbers in words such as "16, 19–35"."""
    ranges = re.findall(r"(\d+)(?:–(\d+))?", words)
    return {n for first, last in ranges for n in range(int(first), int(last or first) + 1)}


def test_every_slide_of_the_deck_is_in_some_lecture():
    slides = set().union(*(numbers_of(words) for _, words in LECTURE_ROWS))
    assert slides == set(range(1, 61))


def test_every_slide_of_a_lecture_has_a_section():
    sections = {(lecture, n) for slides, lecture, _ in SECTION_ROWS for n in numbers_of(slides)}
    for lecture, slides in LECTURE_ROWS:
        if lecture != "00":
            assert {(lecture, n) for n in numbers_of(slides)} <= sections, lecture


@pytest.mark.parametrize(("slides", "lecture", "sections"), SECTION_ROWS)
def test_the_sections_named_for_slides_exist(slides, lecture, sections):
    (source,) = (ROOT / "solutions").glob(f"{lecture}_*.py")
    for section in sections.split("; "):
        assert f"\n# ## {section}\n" in source.read_text(encoding="utf-8")


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!http)[^)]+)\)", README))
def test_links_lead_somewhere(target):
    assert (ROOT / target).exists()


def test_make_help_lists_the_promised_verbs():
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    verbs = set(re.findall(r"make ([a-z-]+)", said.stdout))
    assert {"lab", "test", "test-fast", "notebooks", "slides", "grade", "bench", "clean"} <= verbs
