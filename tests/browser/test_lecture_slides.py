"""The slides of the real lectures, opened from disk without a network."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SLIDES = Path(__file__).parents[2] / "build" / "slides"
LECTURES = sorted(p.stem for p in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
READY = """() => Reveal.isReady() && (!document.querySelector(".ck-embedded")
  || document.documentElement.hasAttribute("data-coursekit-ready"))"""  # widgets live, if any
TOO_LARGE = """() => Reveal.getSlides().map((slide) => slide.querySelector(".page"))
  .filter((page) => page && (page.scrollHeight > 721 || page.scrollWidth > 1281))
  .map((page) => page.querySelector("h1, h2")?.textContent)"""
SENTENCE = ".ck-stepper .ck-sentence"


def open_slides(offline_page, stem):
    path = SLIDES / f"{stem}.html"
    assert path.exists(), "run `make slides` first"
    offline_page.page.set_viewport_size({"width": 1280, "height": 720})
    offline_page.page.goto(path.as_uri())
    offline_page.page.wait_for_function(READY)
    return offline_page.page


def show_slide_with(page, selector):
    page.evaluate(
        """(selector) => {
          const section = document.querySelector(selector).closest(".page").closest("section");
          const place = Reveal.getIndices(section);
          Reveal.slide(place.h, place.v);
        }""",
        selector,
    )
    page.wait_for_selector(selector, state="visible")


@pytest.mark.parametrize("stem", LECTURES)
def test_no_slide_of_a_lecture_overflows(offline_page, stem):
    page = open_slides(offline_page, stem)
    assert page.evaluate("Reveal.getTotalSlides()") >= 15
    assert page.evaluate(TOO_LARGE) == []
    assert offline_page.problems == []
    offline_page.screenshot(f"slides_{stem}")


def test_no_widget_shrinks_to_nothing(offline_page):
    """One that asks for its container's width is as wide as the page, not as wide as nothing."""
    page = open_slides(offline_page, "01_recognition")
    show_slide_with(page, ".ck-picker")
    assert page.locator(".ck-picker:visible").bounding_box()["width"] > 900


@pytest.mark.parametrize("stem", LECTURES)
def test_every_picture_on_the_slides_has_words(offline_page, stem):
    page = open_slides(offline_page, stem)
    bare = "() => [...document.images].filter((each) => !each.alt).length"
    assert page.evaluate("() => document.images.length") >= 3
    assert page.evaluate(bare) == 0


def test_the_stepper_lives_on_its_slide(offline_page):
    page = open_slides(offline_page, "05_stride_and_padding")
    show_slide_with(page, SENTENCE)
    before, place = page.inner_text(SENTENCE), page.evaluate("location.hash")
    assert before.startswith("Output row 1, column 1 of 3 by 3")
    page.locator(".ck-result .ck-cell").first.click()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "(before) => document.querySelector('.ck-stepper .ck-sentence').innerText !== before",
        arg=before,
    )
    assert page.inner_text(SENTENCE).startswith("Output row 1, column 2 of 3 by 3")
    assert page.evaluate("location.hash") == place, "an arrow in the widget turned the page"
    page.get_by_label("Stride s").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => document.querySelectorAll('.ck-result .ck-cell').length === 25")
    assert "undefined" not in page.inner_text(".ck-stepper")
    offline_page.screenshot("slides_stepper")


def test_speaker_notes_tell_the_time(offline_page):
    page = open_slides(offline_page, "05_stride_and_padding")
    notes = page.evaluate(
        "() => [...document.querySelectorAll('aside.notes')].map(n => n.innerText)"
    )
    assert sum("Time:" in note for note in notes) >= 5
