"""What a live trainer says: its sentence, and the text that stands in stored notebooks."""

from typing import Any

from coursekit.widgets.wording import count_text

PHASES = {
    "ready": "Ready to train",
    "running": "Training",
    "pausing": "Pausing after this batch",
    "paused": "Paused",
    "stopped": "Stopped",
}


def sentence(phase: str, readouts: dict[str, Any]) -> str:
    """What the picture shows, in a sentence or two.

    >>> sentence("ready", {"steps": 0, "examples": 0, "loss": None})
    'Ready to train.'
    """
    if not readouts.get("steps"):
        return f"{PHASES[phase]}."
    text = f"{PHASES[phase]} after {counted(readouts['steps'], 'batch', 'batches')}"
    text += f", {counted(readouts['examples'], 'example', 'examples')} seen"
    if readouts.get("loss") is not None:
        text += f": loss {readouts['loss']:.2f}"
    parts = [
        f"{name} {percent(readouts[key])}"
        for name, key in (("training", "train_accuracy"), ("validation", "validation_accuracy"))
        if readouts.get(key) is not None
    ]
    if readouts.get("test_accuracy") is not None:
        images = counted(readouts["test_images"], "image", "images")
        parts.append(f"test {percent(readouts['test_accuracy'])} of {images}")
    return f"{text}. Accuracy: {', '.join(parts)}." if parts else f"{text}."


def counted(number: int, one: str, many: str) -> str:
    """Number with its noun; thousands apart.

    >>> counted(1, "batch", "batches"), counted(6400, "example", "examples")
    ('1 batch', '6,400 examples')
    """
    return f"{number:,} {one if number == 1 else many}"


def percent(share: float) -> str:
    """Share of 1 in percent with one decimal.

    >>> percent(0.625)
    '62.5 %'
    """
    return f"{100 * share:.1f} %"


def stable_text(parameters: int, layers: int, steps: int) -> str:
    """What can be said without results, which differ from machine to machine."""
    trained = f"trained for {counted(steps, 'batch', 'batches')}" if steps else "not trained yet"
    return (
        f"LiveTrainer: a network of {count_text(layers, 'layer')} with "
        f"{counted(parameters, 'parameter', 'parameters')}, {trained}."
    )


def slow(seconds: float, size: int) -> str:
    """What to say of batches that take seconds."""
    return (
        f"One batch of {counted(size, 'image', 'images')} takes {seconds:.1f} s, and nothing "
        "answers before it ends; a smaller batch size or a smaller net is faster."
    )
