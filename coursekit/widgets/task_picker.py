"""Pick one of six recognition tasks, answer it on a drawn scene, compare with the truth."""

from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets

from coursekit.widgets import picker_state
from coursekit.widgets.forgiving import Array, Forgiving
from coursekit.widgets.picker_scores import score_boxes, score_tiles
from coursekit.widgets.picker_tasks import SCENE, TASKS, TRUE_TILES, parcel
from coursekit.widgets.picture import LivePicture

MOST_BOXES = 12


class TaskName(Forgiving):
    """Name of one of the six tasks."""

    def read(self, value: Any) -> str:
        """The name; raises ValueError."""
        if value not in list(TASKS):
            raise ValueError(f"is {value!r}; choose one of {', '.join(TASKS)}")
        return value


class TaskNames(Forgiving):
    """Names of tasks, each once, as a list."""

    def read(self, value: Any) -> list[str]:
        """The names in the order of the tasks; raises ValueError."""
        if not isinstance(value, list | tuple) or not all(name in list(TASKS) for name in value):
            raise ValueError(f"is {value!r}; give a list of names out of {', '.join(TASKS)}")
        return [name for name in TASKS if name in value]


class Choices(Forgiving):
    """Chosen options: a dict from the task's name to one of its options."""

    def read(self, value: Any) -> dict[str, str]:
        """A copy; raises ValueError."""
        if not isinstance(value, dict):
            raise ValueError(f"is {value!r}; give a dict such as {{'verification': 'True'}}")
        for name, option in value.items():
            options = TASKS[name].options if name in list(TASKS) else ()
            if option not in options:
                known = ", ".join(options) or "no options"
                raise ValueError(f"has {option!r} for {name!r}; this task has {known}")
        return dict(value)


class Boxes(Forgiving):
    """Up to 12 boxes (left, top, right, bottom) in pixels, inside the picture."""

    def read(self, value: Any) -> list[list[float]]:
        """Lists of four numbers; raises ValueError."""
        height, width = SCENE.labels.shape
        try:
            array = np.array(list(value), dtype=np.float64).reshape(-1, 4)
        except (TypeError, ValueError):
            raise ValueError("could not be read as boxes (left, top, right, bottom)") from None
        if len(array) > MOST_BOXES:
            raise ValueError(f"are {len(array)}; this picture takes at most {MOST_BOXES}")
        inside = (array >= 0).all() and (array <= [width, height, width, height]).all()
        if not inside or not (array[:, :2] < array[:, 2:]).all():
            raise ValueError(
                f"need left < right ≤ {width} and top < bottom ≤ {height}, all of them at least 0"
            )
        return [
            [int(side) if side == int(side) else side for side in box] for box in array.tolist()
        ]


class Tiles(Array):
    """Label of every tile of 8×8 pixels, (15, 24), from 0 to 6."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(TRUE_TILES.shape, **keywords)

    def read(self, value: Any) -> np.ndarray:
        """Contiguous float32 copy; raises ValueError."""
        array = super().read(value)
        if array.shape != self.largest:
            raise ValueError(f"has shape {array.shape}; expected {self.largest}, a label a tile")
        if not np.isin(array, range(len(SCENE.class_names))).all():
            raise ValueError(f"needs whole numbers from 0 to {len(SCENE.class_names) - 1}")
        return array


class TaskPicker(LivePicture):
    """Asks six kinds of question about one scene and shows what each answer is made of.

    iou, mean_iou: the functions that score boxes and label maps, a student's or the course's; the
    browser's own rule without them. Everything can be read back and set: ``picker.task``,
    ``picker.choices``, ``picker.boxes``, ``picker.tiles``, ``picker.compared``,
    ``picker.sentence``.
    """

    script = "task_picker.js"
    remembered = ("tiles", "task", "boxes", "choices", "compared")
    scene = traitlets.Dict(help="picture, truth and questions").tag(sync=True)
    task = TaskName("verification").tag(sync=True)
    choices = Choices({}).tag(sync=True)
    boxes = Boxes([]).tag(sync=True)
    tiles = Tiles()
    compared = TaskNames([]).tag(sync=True)
    answer = traitlets.Dict(help="numbers of `iou` and `mean_iou`").tag(sync=True)

    def __init__(
        self,
        task: str = "verification",
        *,
        iou: Callable[..., float] | None = None,
        mean_iou: Callable[..., float] | None = None,
    ) -> None:
        self._scorers = {"iou": iou, "mean_iou": mean_iou}
        super().__init__(
            scene=parcel(SCENE), tiles=np.zeros(TRUE_TILES.shape), choices={}, boxes=[], compared=[]
        )
        self._take(None)
        self.observe(self._take, ["task", "choices", "boxes", "tiles", "compared"])
        self.task = task

    def true_answer(self) -> None:
        """Answer every task as the truth has it, and compare all of them."""
        self.choices = {name: task.truth for name, task in TASKS.items() if task.options}
        self.boxes, self.tiles, self.compared = SCENE.people, TRUE_TILES, list(TASKS)

    def _take(self, change: Any) -> None:
        """Let the student's functions score what they are about; say what is shown."""
        iou, mean_iou = self._scorers["iou"], self._scorers["mean_iou"]
        replies = dict(self.answer)
        if iou is not None and (change is None or change.name == "boxes"):
            replies["iou"] = score_boxes(iou, self.boxes)
        if mean_iou is not None and (change is None or change.name == "tiles"):
            replies["mean_iou"] = score_tiles(mean_iou, self.tiles)
        self.answer = replies
        self.sentence = picker_state.sentence(self)

    def __repr__(self) -> str:
        return f"TaskPicker(task={self.task!r})"

    def draw(self, figure: Any) -> None:
        """Draw the scene with the present answer beside the list of tasks."""
        from coursekit.widgets.picker_still import draw

        draw(self, figure)
