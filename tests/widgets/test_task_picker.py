"""The task picker without a browser: scores, sentence, bad values, students' functions."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from coursekit.exercises.boxes import iou
from coursekit.exercises.label_maps import mean_iou
from coursekit.widgets import TaskPicker
from coursekit.widgets.picker_scores import matched, mean_overlap, overlap, overlaps, right_share
from coursekit.widgets.picker_state import output_text
from coursekit.widgets.picker_tasks import SCENE, TASKS, TRUE_TILES, pixels


def random_box(dice):
    left, top = dice.randint(0, 150), dice.randint(0, 90)
    return left, top, left + dice.randint(1, 42), top + dice.randint(1, 30)


def near(box, dice):
    """A person's box, with each side moved a little."""
    left, top, right, bottom = box
    shift = [dice.randint(-2, 2) for _ in range(4)]
    return left + shift[0], top + shift[1], right + 3 + shift[2], min(120, bottom + shift[3])


def random_picker(dice, functions):
    picker = TaskPicker(dice.choice(list(TASKS)), **functions)
    people = [near(box, dice) for box in SCENE.people if dice.random() < 0.7]
    picker.boxes = people + [random_box(dice) for _ in range(dice.randint(0, 2))]
    wrong = np.random.default_rng(dice.randint(0, 99)).integers(0, 7, TRUE_TILES.shape)
    picker.tiles = np.where(np.random.default_rng(1).random(wrong.shape) < 0.5, TRUE_TILES, wrong)
    picker.choices = {
        name: dice.choice(task.options)
        for name, task in TASKS.items()
        if task.options and dice.random() < 0.7
    }
    picker.compared = [name for name in TASKS if dice.random() < 0.7]
    return picker


def described(picker):
    table = overlaps(picker.boxes)
    return {
        "state": picker.snapshot()["state"],
        "sentence": picker.sentence,
        "output": output_text(picker),
        "overlaps": table,
        "matched": matched(table),
        "right": right_share(picker.tiles),
        "mean": mean_overlap(picker.tiles),
    }


def test_browser_says_and_computes_what_python_does(tmp_path):
    node = shutil.which("node")
    if node is None:
        assert os.environ.get("CI") != "true", "CI must have node"
        pytest.skip("node is not installed; the browser tests run the same modules")
    dice = random.Random(0)
    kinds = [{}, {"iou": iou, "mean_iou": mean_iou}, {"iou": lambda a, b: 0.75}]
    kinds += [{"mean_iou": lambda prediction, truth, num_classes: [1, 2]}]
    pickers = [described(random_picker(dice, dice.choice(kinds))) for _ in range(60)]
    cases = tmp_path / "pickers.json"
    cases.write_text(json.dumps(pickers))
    done = subprocess.run(
        [node, "--test", str(Path(__file__).with_name("picker_check.mjs"))],
        env=os.environ | {"COURSEKIT_PICKERS": str(cases)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_scores_are_those_of_the_exercises():
    dice = random.Random(1)
    for _ in range(50):
        a, b = random_box(dice), random_box(dice)
        assert overlap(a, b) == pytest.approx(iou(a, b))
    tiles = np.random.default_rng(0).integers(0, 7, TRUE_TILES.shape)
    assert mean_overlap(tiles) == pytest.approx(mean_iou(pixels(tiles), SCENE.labels, 7))


def test_each_person_is_found_once_and_by_the_best_box():
    boxes = [SCENE.people[0], SCENE.people[0], (0, 0, 20, 20)]
    assert matched(overlaps(boxes)) == [0, None, None]
    worse = (*SCENE.people[1][:3], SCENE.people[1][3] - 8)
    assert matched(overlaps([worse, SCENE.people[1]])) == [None, 1]


def test_sentences():
    picker = TaskPicker()
    assert picker.sentence == (
        "Verification: Is this a street light? Not answered yet; the output is yes or no."
    )
    picker.choices = {"verification": "False"}
    assert picker.sentence == (
        "Verification: Is this a street light? Your output, yes or no: False."
    )
    picker.compared = ["verification"]
    assert picker.sentence.endswith(": False. The truth is True.")
    picker.task = "activity"
    picker.choices = {"activity": "buying fruit"}
    picker.compared = ["activity"]
    assert picker.sentence == (
        "Activity recognition: What are these two doing? Your output, one label for what people "
        'do: ((41, 83, 74, 120), "buying fruit"). Right.'
    )


def test_everything_right():
    picker = TaskPicker("detection", iou=iou, mean_iou=mean_iou)
    picker.true_answer()
    assert picker.sentence.endswith(
        "5 boxes. 5 of 5 people found; a box counts from an IoU of 0.5. Scored by your iou."
    )
    picker.task = "segmentation"
    assert picker.sentence.endswith("Scored by your mean_iou.")
    for name in ("verification", "identification", "scene", "activity"):
        picker.task = name
        assert picker.sentence.endswith(" Right.")


def raises(a, b):
    return 1 / 0


def hangs(a, b):
    while True:
        pass


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (raises, "raised ZeroDivisionError: division by zero. Scored by the course's."),
        (lambda a, b: (1, 2), "gave (1, 2) for (2, 2, 9, 9) and (30, 78, 36, 90); expected one"),
        (lambda a, b: None, "gave None for"),
        (lambda a, b: float("nan"), "gave nan for"),
        (hangs, "had not answered after 2 s. Scored by the course's."),
        (lambda a, b: 0.75, "1 of 5 people found; a box counts from an IoU of 0.5. Scored by your"),
        (lambda a, b: 0.75, "5 of 5 numbers differ from the course's."),
    ],
)
def test_students_functions_that_fail_leave_a_sentence(function, words):
    picker = TaskPicker("detection", iou=function)
    picker.boxes = [(2, 2, 9, 9)]
    picker.compared = ["detection"]
    assert words in picker.sentence


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("task", "cooking", "task is 'cooking'; choose one of verification"),
        ("task", ["detection"], "task is ['detection']"),
        ("boxes", [(5, 5, 2, 9)], "boxes need left < right"),
        ("boxes", [(0, 0, 500, 9)], "boxes need left < right"),
        ("boxes", [(0, 0, float("nan"), 9)], "boxes need left < right"),
        ("boxes", 3, "boxes could not be read"),
        ("boxes", [(1, 1, 3, 3)] * 13, "boxes are 13; this picture takes at most 12"),
        ("tiles", np.zeros((2, 2)), "tiles has shape (2, 2); expected (15, 24)"),
        ("tiles", np.full((15, 24), 7), "tiles needs whole numbers from 0 to 6"),
        ("tiles", np.full((15, 24), np.nan), "tiles holds 360 values that cannot be drawn"),
        ("choices", {"scene": "desert"}, "choices has 'desert' for 'scene'"),
        ("choices", {"detection": "yes"}, "this task has no options"),
        ("choices", 4, "choices is 4; give a dict"),
        ("compared", ["all"], "compared is ['all']; give a list of names"),
    ],
)
def test_bad_values_leave_a_sentence_and_the_picture(name, value, words):
    picker = TaskPicker("detection")
    picker.boxes = [(1, 2, 30, 40)]
    before = picker.snapshot()["state"][name]
    setattr(picker, name, value)
    assert words in picker.problem
    assert picker.snapshot()["state"][name] == before
    assert picker.still()


def test_several_values_in_one_message_as_a_browser_sends_them():
    picker = TaskPicker("detection", iou=iou)
    picker.boxes = [(1, 2, 30, 40)]
    picker.set_state({"compared": ["detection"], "boxes": [list(SCENE.people[0])], "choices": {}})
    assert picker.sentence.endswith(
        "1 of 5 people found; a box counts from an IoU of 0.5. Scored by your iou."
    )
    picker.set_state({"boxes": [], "compared": []})
    assert picker.sentence.endswith("Not answered yet; the output is a list of boxes.")


def test_numpy_boxes_are_kept_as_plain_numbers():
    picker = TaskPicker("detection")
    picker.boxes = np.array([[1, 2, 30, 40.5]])
    assert picker.boxes == [[1, 2, 30, 40.5]]
    assert output_text(picker) == "[(1, 2, 30, 40.5)]"


def test_still_picture_and_text_are_stable():
    picker = TaskPicker("segmentation")
    picker.true_answer()
    bundle = picker._repr_mimebundle_()[0]
    assert bundle["text/plain"] == picker.sentence
    assert picker.still() == picker.still()
    assert repr(picker) == "TaskPicker(task='segmentation')"
