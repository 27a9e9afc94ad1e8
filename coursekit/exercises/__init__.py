"""The specification of every exercise of the course, one file a concept."""

from coursekit.exercises import boxes, label_maps, linear_scores, sizes, start
from coursekit.exercises.exercise import Case, Exercise, Mistake, Property

EXERCISES: dict[str, Exercise] = {
    value.name: value
    for concept in (start, boxes, label_maps, linear_scores, sizes)  # in the order of the lectures
    for value in vars(concept).values()
    if isinstance(value, Exercise)
}

__all__ = ["EXERCISES", "Case", "Exercise", "Mistake", "Property"]
