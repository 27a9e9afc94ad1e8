"""Where the reader wants no motion nothing glides; elsewhere some things do."""

import pytest
from test_accessibility import NAMES, made
from test_live_trainer_page import recorded  # noqa: F401
from test_stepper import page_with

pytestmark = pytest.mark.browser

# What could move: elements with a transition or an animation, and those that are moving now.
MOVING = """() => [...document.querySelectorAll(".ck-root, .ck-root *")].filter((part) => {
  const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(part);
  return !/^0s(, 0s)*$/.test(transitionDuration) || animationName !== "none"
    || scrollBehavior === "smooth";
}).map((part) => part.getAttribute("class"))
  .concat(document.getAnimations().map((one) => one.constructor.name))"""
# Heights of the two volumes over the next twelve frames, after the box is ticked.
UNRAVEL = """() => new Promise((done) => {
  const volumes = document.querySelector(".ck-volumes");
  const seen = [];
  const look = () => {
    seen.push(volumes.style.height);
    if (seen.length < 12) requestAnimationFrame(look);
    else done(new Set(seen.slice(1)).size);
  };
  const labels = [...document.querySelectorAll("label")];
  labels.find((label) => label.innerText.includes("Unravel")).click();
  requestAnimationFrame(look);
})"""


def opened(offline_page, motion, address):
    page = offline_page.page
    page.emulate_media(reduced_motion=motion)
    page.goto(address)
    page.wait_for_selector("[data-coursekit-ready]")
    return page


def play(page):
    for button in page.get_by_role("button", name="Play", exact=True).all():
        if button.is_enabled():
            button.click()


@pytest.mark.parametrize("name", [*NAMES, "NetworkExplorer", "PatchBrowser"])
def test_nothing_glides(offline_page, tmp_path, monkeypatch, name):
    page = opened(offline_page, "reduce", page_with(tmp_path, monkeypatch, made(name)))
    play(page)
    for box in page.locator("input[type=range]").all():
        box.press("ArrowRight")
    assert page.evaluate(MOVING) == []


def test_nothing_glides_in_a_trainer(offline_page, recorded):  # noqa: F811
    page = opened(offline_page, "reduce", recorded[0])
    page.locator(".ck-layer input").nth(2).check()
    assert page.evaluate(MOVING) == []


@pytest.mark.parametrize("name", ["ConvolutionStepper", "ArchitectureExplorer"])
def test_motion_is_found_where_it_is_welcome(offline_page, tmp_path, monkeypatch, name):
    page = opened(offline_page, "no-preference", page_with(tmp_path, monkeypatch, made(name)))
    play(page)
    assert page.evaluate(MOVING) != []


def test_a_window_moved_by_hand_is_there_at_once(offline_page, tmp_path, monkeypatch):
    page = opened(
        offline_page, "no-preference", page_with(tmp_path, monkeypatch, made("ConvolutionStepper"))
    )
    page.focus(".ck-result .ck-cell[tabindex='0']")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(MOVING) == []


@pytest.mark.parametrize(("motion", "glides"), [("reduce", False), ("no-preference", True)])
def test_volumes_unravel_at_once_or_gliding(offline_page, tmp_path, monkeypatch, motion, glides):
    page = opened(offline_page, motion, page_with(tmp_path, monkeypatch, made("VolumeExplorer")))
    assert (page.evaluate(UNRAVEL) > 1) == glides
