"""Slides before a browser lays them out: what is on them, what is not, and bad input."""

import base64
import io
import re
import shutil
from pathlib import Path

import pytest
from nbformat.v4 import new_output
from PIL import Image

from coursekit.building.copies import make_copy
from coursekit.building.course import Course
from coursekit.building.deck import png_size, slides_of
from coursekit.building.lectures import Run
from coursekit.building.problem import BuildProblem
from coursekit.building.prose import BadProse, parts, to_html, to_mathml
from coursekit.building.shown import shown_code
from coursekit.building.slides import build_slides, page
from coursekit.building.source import Lecture, read_lecture
from coursekit.predictions import ANSWER

SOURCES = Path(__file__).parents[1] / "fixtures" / "solutions"
HERE = Path()
TIME = re.compile(r'<pre class="output">\d+\.\d+</pre>')


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    folder = tmp_path_factory.mktemp("slides")
    shutil.copytree(SOURCES, folder / "solutions")
    course = Course(folder)
    assert [outcome.problem for outcome in build_slides(course, (), Run(timeout=60))] == [None]
    return course


@pytest.fixture(scope="module")
def text(course) -> str:
    return course.slides("01_doubling").read_text()


def new_lecture(folder: Path, source: str) -> Lecture:
    path = folder / "solutions" / "07_x.py"
    path.parent.mkdir()
    path.write_text(source)
    return read_lecture(path)


def unrun_slides(folder: Path, source: str, solutions: bool = False):
    lecture = new_lecture(folder, source)
    return slides_of(lecture, make_copy(lecture, "solved"), solutions)


def test_the_file_needs_nothing_else(text):
    page_itself = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    addresses = re.findall(r"""\b(?:src|href)=["']([^"']*)|url\(["']?([^)]*)""", page_itself)
    assert {(one or other)[:5] for one, other in addresses} == {"data:"}
    assert '<link rel="stylesheet' not in text
    assert "sourceMappingURL" not in text


def test_building_slides_again_changes_nothing_but_times(course):
    path = course.slides("01_doubling")
    before = path.read_text()
    (outcome,) = build_slides(course, (), Run(timeout=60, force=True))
    assert (outcome.problem, outcome.changed) == (None, (path,))
    before, after = (TIME.subn("", text) for text in (before, path.read_text()))
    assert before == after
    assert before[1] == 1


def test_topics_are_sections_and_parts_are_articles(text):
    body = text[text.index("<main") : text.index("</main>")]
    assert body.count("<section>") == 3  # the title, and two headings of level 2
    assert re.findall(r"<h2>(.*?)</h2>", body) == [
        "Doubling",
        "How does a doubled number look?",
        "The function",
        "A large product",
    ]
    assert body.count('<p class="topic">Write it yourself</p>') == 2


@pytest.mark.parametrize("solutions", [False, True])
def test_exercises_show_no_solution_unless_asked(tmp_path, solutions):
    source = (SOURCES / "01_doubling.py").read_text()
    plain = re.sub(r"<[^>]+>", "", page(unrun_slides(tmp_path, source, solutions)))
    assert "raise NotImplementedError" in plain
    assert ("return twice" in plain) == solutions
    assert "a check says something" not in plain
    assert "SOLUTION" not in plain


def test_notes_and_their_total_time(text):
    notes = re.findall(r'<aside class="notes">(.*?)</aside>', text, flags=re.DOTALL)
    assert "<strong>Total time: 7 min</strong>" in notes[0]
    assert "<em>what is twice three?</em>" in notes[0]
    assert "Close with a question." in notes[-1]


def test_a_prediction_hides_its_code_and_folds_its_answer(tmp_path):
    source = "# %% [markdown]\n# # T\n# %%\nguess = None\nx = 6\nreveal(guess, 7 * x)\n"
    lecture = new_lecture(tmp_path, source)
    copy = make_copy(lecture, "solved")
    said = {"text/plain": "Your turn: guess.", ANSWER: "<42>"}
    copy.cells[1].outputs = [new_output("execute_result", said, execution_count=1)]
    text = "".join(slides_of(lecture, copy, solutions=False)[0].blocks)
    assert "<details><summary>The answer</summary>\n<p>&lt;42&gt;</p></details>" in text
    assert '<span class="n">x</span>' in text
    assert "Your turn" not in text
    assert "reveal" not in text


def test_a_formula_keeps_the_full_stop_behind_it():
    made = to_html("Here $a$ ends. And $b$.", HERE)
    assert re.search(r'<span class="whole"><span class="math inline">.*b.*</span>\.</span>', made)
    assert made.count("whole") == 1


def test_pictures_carry_their_size_and_words(text):
    assert 'alt="A line through the doubles of 1, 2 and 3." width="640" height="400"' in text
    assert '<img data-still alt="A blue square stands still."' in text


def test_formulas_become_mathml_but_not_in_code():
    made = to_html("$x_1$ and `$x_2$`\n\n```\n$x_3$ $$x_4$$\n```\n\n$$x_5$$\n\n3 $ and 4 $", HERE)
    assert made.count("<math") == 2
    assert "$x_2$" in made
    assert "$x_3$ $$x_4$$" in made
    assert "3 $ and 4 $" in made


def test_a_formula_over_several_lines_is_one():
    assert to_html("$$a = b\n+ c$$", HERE).count("<math") == 1


@pytest.mark.parametrize("formula", [r"\left( x", r"x_{1", r"\nosuch x"])
def test_a_broken_formula_is_named(formula):
    with pytest.raises(BadProse, match="cannot be read"):
        to_mathml(formula)


def test_a_broken_formula_is_named_with_its_line(tmp_path):
    with pytest.raises(BuildProblem, match=r"07_x\.py:3: the formula"):
        unrun_slides(tmp_path, "# %% [markdown]\n# # T\n# %% [markdown]\n# $x_{1$\n")


def test_a_lecture_without_a_title_is_named(tmp_path):
    with pytest.raises(BuildProblem, match=r"07_x\.py:1: .* without a title"):
        unrun_slides(tmp_path, "# %%\nx = 1\n")


def test_local_pictures_come_along_and_others_are_refused(tmp_path):
    (tmp_path / "dot.svg").write_text("<svg/>")
    made = to_html('![a dot](dot.svg "title")', tmp_path)
    assert 'src="data:image/svg+xml;base64,' in made
    assert 'alt="a dot"' in made
    for address in ("https://example.org/dot.png", "missing.png"):
        with pytest.raises(BadProse, match="is not a file beside the notebooks"):
            to_html(f"![x]({address})", tmp_path)


def test_links_to_lectures_lead_to_their_slides():
    assert 'href="05_x.html"' in to_html("[next](05_x.ipynb)", HERE)
    assert 'href="https://a.org/b.ipynb"' in to_html("[there](https://a.org/b.ipynb)", HERE)


def test_prose_is_cut_at_headings_only():
    found = list(
        parts("intro\n\n# A *b*\n\ntext\n\n```\n# no heading\n```\n\n### C\n\n#### D", HERE)
    )
    assert [(part.level, part.title) for part in found] == [(0, ""), (1, "A <em>b</em>"), (3, "C")]
    assert "# no heading" in found[1].body
    assert "<h4>D</h4>" in found[2].body


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("import a\nfrom b import c", ""),
        ("import a\na.b()", "import a\na.b()"),
        ("f(\n    1,\n    alt='x',\n)", "f(1)"),
        ("f(\n    1,\n    alt='x'\n    'y',\n    b=[2],\n)", "f(1, b=[2])"),
        ("f(1, alt='x')", "f(1, alt='x')"),
        ("f(\n    1,  # why\n    alt='x',\n)", "f(\n    1,  # why\n)"),
        ("é = f(\n    'é',\n    alt='é',\n)\nb = 1", "é = f('é')\nb = 1"),
        ("if a:\n    f(\n        alt='x',\n    )", "if a:\n    f(\n    )"),
        ("%timeit f()", "%timeit f()"),
    ],
)
def test_code_is_shown_without_alternative_texts(source, shown):
    assert shown_code(source) == shown


def test_png_size_reads_the_header():
    file = io.BytesIO()
    Image.new("L", (300, 7)).save(file, "PNG")
    assert png_size(base64.b64encode(file.getvalue()).decode()) == (300, 7)


def test_code_is_escaped(tmp_path):
    slides = unrun_slides(tmp_path, "# %% [markdown]\n# # T\n# %%\nx = 1 < 2\n")
    assert "&lt;" in page(slides)
