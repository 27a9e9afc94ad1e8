"""What grading shows: axe-core finds nothing to complain about, in light and in dark."""

import json
import sys
from pathlib import Path

import pytest
from test_accessibility import complaints

from coursekit.grading.batch import grade_folder

sys.path.insert(0, str(Path(__file__).parents[1] / "grading"))
import handins as h

pytestmark = pytest.mark.browser

FORGOT = h.with_body("output_size", "return (w_in + 2 * padding - kernel_size) // stride")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder of a graded class: one right, one wrong, one who copied that, one unreadable."""
    folder, out = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out")
    wrong = h.answered(output_size=FORGOT)
    for student, notebook in {"ada": h.solved(), "bob": wrong, "eve": wrong}.items():
        (folder / student).mkdir()
        (folder / student / f"{h.LECTURE}.ipynb").write_text(json.dumps(notebook))
    (folder / "broken.ipynb").write_text("{")
    grade_folder(folder, out, executor=h.Here())
    return out


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["summary", "feedback/bob", "feedback/broken"])
def test_pages(offline_page, graded, name, scheme):
    page = offline_page.page
    page.emulate_media(color_scheme=scheme)
    page.goto((graded / f"{name}.html").as_uri())
    offline_page.screenshot(f"grading-{name.replace('/', '-')}-{scheme}")
    lightness = "(color) => Number(getComputedStyle(document.body)[color].match(/[0-9]+/)[0])"
    paper, text = (page.evaluate(lightness, one) for one in ("backgroundColor", "color"))
    assert (paper > text) == (scheme == "light")
    assert complaints(page, "body") == []
