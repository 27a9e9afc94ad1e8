"""The six questions of the task picker: what each one asks, returns, and takes for true."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from coursekit.data.scene import TILE, Box, Scene, market_scene, tile_labels
from coursekit.widgets.forgiving import pack


@dataclass(frozen=True)
class Task:
    """One question about the scene.

    output: what an answer is made of, in words. options: answers to choose from, none where boxes
    or a label map are drawn. truth: the right option. focus: the box it is about, or None.
    """

    name: str
    title: str
    question: str
    output: str
    options: tuple[str, ...] = ()
    truth: str = ""
    focus: Box | None = None


def tasks(scene: Scene) -> tuple[Task, ...]:
    """The six tasks, in the order of the lecture."""
    return (
        Task(
            "verification",
            "Verification",
            "Is this a street light?",
            "yes or no",
            ("True", "False"),
            "True",
            scene.street_light,
        ),
        Task("detection", "Detection", "Where are the people?", "a list of boxes"),
        Task(
            "identification",
            "Identification",
            "Which palace is this?",
            "the name of one individual",
            ("Versailles", "Potala Palace", "Schönbrunn", "Taj Mahal"),
            "Potala Palace",
            scene.palace,
        ),
        Task(
            "segmentation",
            "Semantic segmentation",
            "What does each pixel belong to?",
            "one label for every pixel",
        ),
        Task(
            "scene",
            "Scene categorization",
            "What kind of place is this?",
            "one label for the whole image",
            ("harbor", "kitchen", "outdoor market", "football ground"),
            "outdoor market",
        ),
        Task(
            "activity",
            "Activity recognition",
            "What are these two doing?",
            "one label for what people do",
            ("waiting for a bus", "playing chess", "dancing", "buying fruit"),
            "buying fruit",
            scene.group,
        ),
    )


def parcel(scene: Scene) -> dict[str, Any]:
    """The scene and its tasks as they travel to the browser."""
    height, width = scene.labels.shape
    return {
        "width": width,
        "height": height,
        "tile": TILE,
        "names": list(scene.class_names),
        "parts": [[part.color, [list(point) for point in part.points]] for part in scene.parts],
        "people": [list(box) for box in scene.people],
        "labels": pack(scene.labels),
        "tiles": pack(tile_labels(scene.labels)),
        "tasks": [asdict(task) for task in tasks(scene)],
    }


SCENE = market_scene()
TASKS = {task.name: task for task in tasks(SCENE)}
TRUE_TILES = tile_labels(SCENE.labels)


def pixels(tiles: np.ndarray) -> np.ndarray:
    """Label map (H, W) of whole numbers out of a map of tiles."""
    return np.kron(tiles.astype(np.int64), np.ones((TILE, TILE), np.int64))
