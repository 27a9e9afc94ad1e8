"""The task picker moved by hand, in a page without a kernel and in JupyterLab."""

import pytest
from test_stepper import FAINT, OVERFLOWS

from coursekit.widgets import TaskPicker
from coursekit.widgets.page import host_script, widget_html
from coursekit.widgets.picker_scores import overlaps
from coursekit.widgets.picker_tasks import SCENE, TASKS, TRUE_TILES

pytestmark = pytest.mark.browser

SENTENCE = ".ck-picker .ck-sentence"
TASK = ".ck-tasks [data-value={}]"
MAKE = "from coursekit.widgets import TaskPicker\npicker = TaskPicker({})\npicker"
# Pixels of the page for pixels of the scene.
SPOT = """([x, y]) => {
  const edge = document.querySelector(".ck-scene").getBoundingClientRect();
  return [edge.left + (x / 192) * edge.width, edge.top + (y / 120) * edge.height];
}"""


@pytest.fixture
def opened(offline_page, tmp_path, monkeypatch):
    """A function that opens a picker in a page without a kernel."""
    monkeypatch.setenv("COURSEKIT_SNAPSHOT", "1")

    def open_(picker):
        path = tmp_path / "page.html"
        widget = widget_html(picker._repr_mimebundle_()[0])
        path.write_text(f"<!doctype html><meta charset='utf-8'>{widget}{host_script()}", "utf-8")
        offline_page.page.goto(path.as_uri())
        offline_page.page.wait_for_selector("[data-coursekit-ready]", state="attached")
        return offline_page.page

    yield open_
    assert offline_page.problems == []


def drag(page, start, end):
    """Drag from one pixel of the scene to another."""
    page.mouse.move(*page.evaluate(SPOT, list(start)))
    page.mouse.down()
    page.mouse.move(*page.evaluate(SPOT, [(a + b) / 2 for a, b in zip(start, end, strict=True)]))
    page.mouse.move(*page.evaluate(SPOT, list(end)))
    page.mouse.up()


def test_choose_answer_and_compare(opened):
    page = opened(TaskPicker())
    assert page.get_by_role("button", name="Compare").is_disabled()
    page.get_by_role("radio", name="no", exact=True).click()
    assert page.inner_text(".ck-value") == "False"
    page.get_by_role("button", name="Compare").click()
    picker = TaskPicker()
    picker.choices, picker.compared = {"verification": "False"}, ["verification"]
    assert page.inner_text(SENTENCE) == picker.sentence
    assert page.inner_text(TASK.format("verification")).endswith("answered")
    page.get_by_role("button", name="Start this task over").click()
    assert page.inner_text(SENTENCE) == TaskPicker().sentence


@pytest.mark.parametrize("name", list(TASKS))
def test_each_task_says_what_it_returns(opened, name):
    page = opened(TaskPicker())
    page.click(TASK.format(name))
    assert page.inner_text(SENTENCE) == TaskPicker(name).sentence
    assert page.inner_text(".ck-asked") == TASKS[name].question
    page.get_by_role("radio", name=TASKS[name].title).press("ArrowDown")
    following = [*TASKS, *TASKS][list(TASKS).index(name) + 1]
    assert page.inner_text(SENTENCE) == TaskPicker(following).sentence


def test_boxes_are_drawn_moved_and_resized_by_the_mouse(opened):
    page = opened(TaskPicker("detection"))
    drag(page, (30, 78), (36, 90))
    assert page.inner_text(".ck-value") == "[(30, 78, 36, 90)]"
    drag(page, (33, 84), (43, 64))
    assert page.inner_text(".ck-value") == "[(40, 58, 46, 70)]"
    drag(page, (46, 70), (60, 110))
    assert page.inner_text(".ck-value") == "[(40, 58, 60, 110)]"
    page.get_by_role("button", name="Compare").click()
    picker = TaskPicker("detection")
    picker.boxes, picker.compared = [(40, 58, 60, 110)], ["detection"]
    assert page.inner_text(SENTENCE) == picker.sentence
    best = max(overlaps(picker.boxes)[0])
    assert float(page.text_content(".ck-score")) == pytest.approx(best, abs=0.006)


def test_boxes_by_keyboard(opened):
    page = opened(TaskPicker("detection"))
    page.get_by_role("button", name="Add a box").press("Enter")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    assert page.inner_text(".ck-value") == "[(87, 47, 104, 75)]"
    page.get_by_role("button", name="Add a box").click()
    page.keyboard.press("Delete")
    assert page.inner_text(".ck-value") == "[(87, 47, 104, 75)]"
    assert page.get_by_role("button", name="Box 1: left 87").count() == 1


def test_tiles_are_painted_by_mouse_and_keyboard(opened):
    page = opened(TaskPicker("segmentation"))
    page.get_by_role("radio", name="ground").click()
    drag(page, (2, 82), (190, 118))
    tiles = TRUE_TILES * 0
    tiles[10:] = 6
    picker = TaskPicker("segmentation")
    picker.tiles = tiles
    assert page.inner_text(SENTENCE) == picker.sentence
    page.get_by_role("radio", name="trees").click()
    page.locator(".ck-cursor").focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+ArrowRight")
    tiles[10, :2] = 0
    tiles[0, :2] = 2
    tiles[10, :2] = 6
    picker.tiles, picker.compared = tiles, ["segmentation"]
    page.get_by_role("button", name="Compare").click()
    assert page.inner_text(SENTENCE) == picker.sentence
    struck = page.locator(".ck-strike[visibility=visible]").count()
    assert struck == (tiles != TRUE_TILES).sum()


def test_students_iou_scores_in_jupyterlab(lab):
    lab.open_cells(
        "def iou(a, b):\n    return 0.75", MAKE.format('"detection", iou=iou'), "after = 1"
    )
    lab.run_all()
    page = lab.page
    page.wait_for_selector(".ck-scene")
    cells = page.locator(".jp-Cell").count()
    page.locator(".ck-scene").scroll_into_view_if_needed()
    drag(page, (30, 78), (36, 90))
    page.get_by_role("button", name="Compare").click()
    page.wait_for_function(
        f"() => document.querySelector('{SENTENCE}').innerText.includes('Scored by your iou')"
    )
    assert page.inner_text(SENTENCE) == lab.kernel_eval("picker.sentence")
    assert "5 of 5 numbers differ from the course's." in page.inner_text(SENTENCE)
    page.locator(".ck-box").focus()
    for key in ("a", "b", "d", "d", "ArrowDown"):
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells
    assert lab.kernel_eval("picker.boxes") == [[30, 79, 36, 91]]
    assert lab.errors() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screenshots_fit_and_can_be_read(offline_page, opened, scheme):
    """Kept under build/screenshots for people to look at."""
    offline_page.page.emulate_media(color_scheme=scheme)
    picker = TaskPicker("detection")
    picker.boxes, picker.compared = SCENE.people[:2], ["detection"]
    page = opened(picker)
    for width in (1200, 760, 420):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OVERFLOWS) == []
        offline_page.screenshot(f"picker_{scheme}_{width}", ".ck-picker")
    for name in TASKS:
        page.click(TASK.format(name))
        faint = [line for line in page.evaluate(FAINT) if "SVGAnimatedString" not in line]
        assert faint == []
