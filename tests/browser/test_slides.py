"""The slides in a real browser, from a file, offline: nothing overflows, widgets live."""

import re
from pathlib import Path

import pytest

from coursekit.building.course import Course
from coursekit.building.lectures import Run
from coursekit.building.slides import build_slides

pytestmark = pytest.mark.browser

FIXTURES = Path(__file__).parents[1] / "fixtures" / "solutions"
WORDS = "A sentence of a length that lectures do have, said once more for the sake of the page. "
# Everything that could leave a page: long code, lists, tables, prose, outputs, pictures.
STRESS = "".join(
    [
        f"# %% [markdown]\n# # A title so long that it needs more than one line of the page\n#\n"
        f"# {WORDS * 2}\n#\n# You will learn\n#\n# * {WORDS}\n# * {WORDS}\n",
        "# %% [markdown]\n# ## What fits on a page?\n",
        *(f"#\n# {WORDS * 5}\n" for _ in range(4)),
        "# %% [markdown]\n# ### A long list\n#\n",
        *(f"# {n}. {WORDS}\n" for n in range(1, 25)),
        "# %% [markdown]\n# ### A long table\n#\n# | n | what |\n# |---|---|\n",
        *(f"# | {n} | {WORDS} |\n" for n in range(40)),
        "# %% [markdown]\n# ### Long code\n",
        "# %%\n",
        *(f"value_{n} = {n}  # {'x' * 70}\n" for n in range(70)),
        "# %% [markdown]\n# ### Long output\n",
        "# %%\nfor n in range(80):\n    print(n, 'y' * 80)\n",
        "# %% [markdown]\n# ### A wide line\n",
        "# %%\nprint('z' * 300)\n",
        "# %% [markdown]\n# ### A wide formula\n#\n# $$" + " + ".join(["x_{abc}^2"] * 40) + "$$\n",
        "# %% [markdown]\n# ### A folded answer\n#\n"
        f"# <details><summary>Open me.</summary>\n#\n# {WORDS * 12}\n# </details>\n",
        *(
            f"# %% [markdown]\n# ### A sentence around a formula\n#\n# {WORDS * before}\n#\n"
            f"# The kernel spans\n#\n# $$e$$\n#\n# pixels. {WORDS * 6}\n"
            for before in range(5, 16)  # the page ends somewhere in between
        ),
        f"# %% [markdown]\n# ### A picture after much prose\n#\n# {WORDS * 6}\n",
        "# %%\nimport base64, io\nfrom IPython.display import HTML, display\n"
        "from PIL import Image\n"
        "for size in ((2000, 300), (300, 2000), (60, 40)):\n"
        "    file = io.BytesIO()\n    Image.new('RGB', size, '#0072B2').save(file, 'PNG')\n"
        "    data = {'image/png': base64.b64encode(file.getvalue()).decode()}\n"
        "    display(data, raw=True, metadata={'image/png': {'alt': str(size)}})\n",
        "# %% [markdown]\n# ### A tall report made of sections\n",
        "# %%\nHTML('<section>' + '<p>A line of a report.</p>' * 30 + '</section>')\n",
    ]
)
MEASURE = """() => {
  const page = Reveal.getCurrentSlide().querySelector(".page");
  const frame = page.getBoundingClientRect();
  const outside = [...page.querySelectorAll(".body *")]
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([each, box]) => box.width > 0 && each.closest("math") === null
      && (box.bottom > frame.bottom + 1 || box.right > frame.right + 1))
    .map(([each]) => each.outerHTML.slice(0, 80));
  const body = page.querySelector(".body");
  const code = [...page.querySelectorAll("pre")].map((pre) => [pre.scrollWidth, pre.clientWidth]);
  return {title: page.querySelector("h2").textContent, height: page.scrollHeight,
          width: page.scrollWidth, outside, code, spare: body.clientHeight - body.scrollHeight};
}"""
WIDGET = ".ck-embedded button"


@pytest.fixture(scope="module")
def slides(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    course = Course(tmp_path_factory.mktemp("course"))
    sources = course.root / "solutions"
    sources.mkdir()
    (sources / "01_doubling.py").write_text((FIXTURES / "01_doubling.py").read_text())
    (sources / "02_stress.py").write_text(STRESS)
    outcomes = list(build_slides(course, (), Run(timeout=60)))
    assert [outcome.problem for outcome in outcomes] == [None, None]
    return {outcome.stem: course.slides(outcome.stem) for outcome in outcomes}


@pytest.fixture
def show(offline_page):
    """Open a deck and wait until it is laid out."""

    def opened(path: Path, query: str = ""):
        page = offline_page.page
        page.set_viewport_size({"width": 1280, "height": 720})
        page.emulate_media(reduced_motion="reduce")
        page.goto(f"file://{path}{query}")
        page.wait_for_selector("html[data-slides-ready]", state="attached", timeout=30_000)
        assert offline_page.problems == []
        return page

    return opened


def total(page) -> int:
    return page.evaluate("Reveal.getTotalSlides()")


def go_to(page, selector: str) -> None:
    """Turn to the page that holds an element."""
    page.evaluate(
        """(selector) => {
          const page = document.querySelector(`.slides ${selector}`).closest(".page");
          const { h, v } = Reveal.getIndices(page.parentElement);
          Reveal.slide(h, v);
        }""",
        selector,
    )


@pytest.mark.parametrize("stem", ["01_doubling", "02_stress"])
def test_no_page_overflows(show, stem, slides):
    page = show(slides[stem])
    seen = []
    for _ in range(total(page)):
        found = page.evaluate(MEASURE)
        seen.append(found["title"])
        assert (found["height"], found["width"]) == (720, 1280), found
        assert found["outside"] == [], found
        assert all(there <= space + 1 for there, space in found["code"]), found
        page.evaluate("Reveal.next()")
    assert page.evaluate("Reveal.isLastSlide()")
    assert len(seen) > (5 if stem == "01_doubling" else 20)


def test_nothing_of_the_lecture_is_lost(show, slides):
    page = show(slides["02_stress"])
    text = page.evaluate("document.querySelector('.slides').textContent")
    for line in range(70):
        assert f"value_{line} =" in text
    items = page.locator(".slides ol > li")
    assert items.count() == 24
    starts = page.evaluate("[...document.querySelectorAll('.slides ol')].map((ol) => ol.start)")
    assert starts == sorted(set(starts))
    assert page.locator(".slides tbody tr").count() == 40
    assert page.locator(".slides section p", has_text="A line of a report.").count() == 30


def pages_of(page, title: str) -> list[str]:
    """Texts of the pages of a slide."""
    return page.evaluate(
        """(title) => [...document.querySelectorAll(".slides .page")]
          .filter((page) => page.querySelector("h2").textContent.startsWith(title))
          .map((page) => page.querySelector(".body").textContent)""",
        title,
    )


def test_a_sentence_around_a_formula_is_not_torn(show, slides):
    found = pages_of(show(slides["02_stress"]), "A sentence around a formula")
    assert len(found) > 11
    ends = [text for text in found if "pixels." in text]
    assert len(ends) == 11
    assert all(re.search(r"The kernel spans\s*e\s*pixels\.", text) for text in ends)


def test_what_is_too_wide_shrinks_beside_its_words(show, slides):
    (only,) = pages_of(show(slides["02_stress"]), "A wide line")
    assert "print" in only and "z" * 300 in only


def test_opening_a_folded_answer_stays_on_its_page(show, slides):
    page = show(slides["02_stress"])
    go_to(page, "details")
    assert not page.evaluate("document.querySelector('.present details').open")
    page.locator("details summary").click()
    assert page.evaluate("document.querySelector('details').open")
    assert page.evaluate(MEASURE)["outside"] == []


def test_widgets_are_live_and_keep_their_keys(show, slides):
    page = show(slides["01_doubling"])
    go_to(page, ".ck-embedded")
    button = page.locator(WIDGET)
    assert button.inner_text() == "doubled: 6"
    button.click()
    assert button.inner_text() == "doubled: 8"
    assert page.locator(".ck-embedded img").is_hidden()
    here = page.evaluate("Reveal.getIndices()")
    for key in ("ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Enter"):
        button.press(key)
    assert page.evaluate("Reveal.getIndices()") == here
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices()") != here


def test_a_widget_that_grows_stays_on_its_page(show, slides):
    page = show(slides["01_doubling"])
    go_to(page, ".ck-embedded")
    button = page.locator(WIDGET)
    for _ in range(3):
        button.click()
    assert button.evaluate("(button) => button.offsetHeight") == 900
    page.wait_for_function("Reveal.getCurrentSlide().querySelector('.page').scrollHeight <= 720")
    assert button.bounding_box()["y"] + button.bounding_box()["height"] <= 720


def test_formulas_are_drawn_but_not_in_code(show, slides):
    page = show(slides["01_doubling"])
    assert page.locator(".slides math").count() == 2
    assert page.locator("code math").count() == 0
    assert "$2x$" in page.locator(".slides p code").first.text_content()
    go_to(page, "math[display=block]")
    box = page.locator("section.present math[display=block]").first.bounding_box()
    assert box["width"] > 100
    assert box["height"] > 20


def test_the_speaker_view_opens_from_the_file(show, slides):
    page = show(slides["01_doubling"])
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    notes = speaker.locator(".speaker-controls-notes .value")
    notes.filter(has_text="Total time: 7 min").wait_for(timeout=30_000)
    assert notes.locator("em").inner_text() == "what is twice three?"
    page.evaluate("while (!Reveal.isLastSlide()) Reveal.next()")
    notes.filter(has_text="Close with a question").wait_for(timeout=10_000)


def test_printing_gives_every_page(show, slides, tmp_path):
    page = show(slides["02_stress"])
    pages = total(page)
    page = show(slides["02_stress"], "?print-pdf")
    page.wait_for_function("document.querySelectorAll('.pdf-page').length > 0")
    assert page.locator(".pdf-page").count() == pages
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert pdf.count(b"/Type /Page\n") == pages


def test_paper_gets_the_still_pictures(show, slides):
    page = show(slides["01_doubling"], "?print-pdf")
    assert page.locator(".ck-embedded img").is_visible()
    assert page.locator(WIDGET).count() == 0


def test_without_scripts_it_is_a_document_with_still_pictures(chromium, slides):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{slides['01_doubling']}")
    assert page.locator("img[alt='A blue square stands still.']").is_visible()
    assert page.locator("h2", has_text="How does a doubled number look?").is_visible()
    assert page.locator("pre", has_text="NotImplementedError").is_visible()
    context.close()
