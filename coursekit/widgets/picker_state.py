"""What the task picker holds, in words: output, verdict, the sentence that is spoken."""

from math import floor
from typing import Any

from coursekit.widgets.picker_scores import (
    matched,
    mean_overlap,
    overlaps,
    right_share,
)
from coursekit.widgets.picker_tasks import SCENE, TASKS, TRUE_TILES
from coursekit.widgets.wording import number_text


def answered(picker: Any, name: str) -> bool:
    """Whether there is an answer to this task."""
    if name == "detection":
        return bool(picker.boxes)
    if name == "segmentation":
        return bool(picker.tiles.any())
    return name in picker.choices


def output_text(picker: Any) -> str:
    """The answer to the present task, written as the value that a program would return."""
    task = TASKS[picker.task]
    if task.name == "detection":
        return f"[{', '.join(_tuple(box) for box in picker.boxes)}]"
    if task.name == "segmentation":
        height, width = SCENE.labels.shape
        return f"array of shape ({height}, {width}): {_shares(picker)}"
    choice = picker.choices.get(task.name)
    if choice is None:
        return "?"
    if task.name == "activity":
        return f'({_tuple(task.focus)}, "{choice}")'
    return choice if task.name == "verification" else f'"{choice}"'


def _tuple(box: Any) -> str:
    return f"({', '.join(number_text(side) for side in box)})"


def _shares(picker: Any) -> str:
    """The classes of the label map with their parts of the picture."""
    flat = picker.tiles.astype(int).ravel().tolist()
    counts = [(name, flat.count(label)) for label, name in enumerate(SCENE.class_names)]
    return ", ".join(f"{percent(n / len(flat))} {name}" for name, n in counts if n)


def percent(share: float) -> str:
    """Share in whole percent, halves up, as in the browser.

    >>> percent(0.125)
    '13 %'
    """
    return f"{floor(100 * share + 0.5)} %"


def sentence(picker: Any) -> str:
    """What the picker shows, in a few sentences, word for word as in the browser."""
    task = TASKS[picker.task]
    start = f"{task.title}: {task.question}"
    if not answered(picker, task.name):
        return f"{start} Not answered yet; the output is {task.output}."
    start += f" Your output, {task.output}: {_said(picker)}."
    return f"{start} {verdict(picker)}".strip()


def _said(picker: Any) -> str:
    """The output as one can say it; boxes and pixels are counted, not read out."""
    if picker.task == "detection":
        return _boxes(len(picker.boxes))
    return output_text(picker)


def _boxes(number: int) -> str:
    return f"{number} box" + ("" if number == 1 else "es")


def verdict(picker: Any) -> str:
    """How right the answer is, once it is compared with the truth; otherwise nothing."""
    task = TASKS[picker.task]
    if task.name not in picker.compared or not answered(picker, task.name):
        return ""
    if task.name == "detection":
        return _boxes_verdict(picker)
    if task.name == "segmentation":
        return _tiles_verdict(picker)
    return "Right." if picker.choices[task.name] == task.truth else f"The truth is {task.truth}."


def _reply(picker: Any, name: str) -> dict[str, Any] | None:
    """What the student's function said, if it was asked about exactly this."""
    found = picker.answer.get(name)
    asked = picker.boxes if name == "iou" else picker.tiles.astype(int).ravel().tolist()
    return found if found and found["asked"] == asked else None


def table(picker: Any) -> list[list[float]]:
    """Overlaps that count: the student's where there are some, otherwise the course's."""
    reply = _reply(picker, "iou")
    return reply["numbers"] if reply and reply["numbers"] is not None else overlaps(picker.boxes)


def _boxes_verdict(picker: Any) -> str:
    found = [person for person in matched(table(picker)) if person is not None]
    people, idle = len(SCENE.people), len(picker.boxes) - len(found)
    text = f"{len(found)} of {people} people found"
    if idle:
        text += f", {_boxes(idle)} too many"
    text += "; a box counts from an IoU of 0.5."
    return f"{text} {_whose(_reply(picker, 'iou'), _differing(picker))}".strip()


def _differing(picker: Any) -> str:
    """In how many pairs of boxes the student's numbers are not the course's."""
    ours = overlaps(picker.boxes)
    pairs = [
        abs(a - b) > 1e-6
        for row, other in zip(table(picker), ours, strict=True)
        for a, b in zip(row, other, strict=True)
    ]
    return f"{sum(pairs)} of {len(pairs)} numbers differ from the course's." if any(pairs) else ""


def _tiles_verdict(picker: Any) -> str:
    reply = _reply(picker, "mean_iou")
    course, best = mean_overlap(picker.tiles), number_text(mean_overlap(TRUE_TILES))
    value = reply["numbers"] if reply and reply["numbers"] is not None else course
    differs = f"The course's gives {number_text(course)}." if abs(value - course) > 1e-6 else ""
    text = (
        f"{percent(right_share(picker.tiles))} of the pixels are right, the mean IoU is "
        f"{number_text(value)}; with the best class in every tile it would be {best}."
    )
    return f"{text} {_whose(reply, differs)}".strip()


def _whose(reply: dict[str, Any] | None, differs: str) -> str:
    """Whose function scored, and what is wrong with it."""
    if not reply:
        return ""
    if reply["problem"]:
        return f"Your {reply['name']} {reply['problem']}. Scored by the course's."
    owner = "your" if reply["whose"] == "yours" else "the course's"
    return f"Scored by {owner} {reply['name']}. {differs}".strip()
