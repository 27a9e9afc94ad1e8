"""The specification of every exercise of the course, one file a concept."""

from coursekit.exercises import sizes, start
from coursekit.exercises.exercise import Case, Exercise, Mistake, Property

EXERCISES: dict[str, Exercise] = {
    value.name: value
    for concept in (start, sizes)
    for value in vars(concept).values()
    if isinstance(value, Exercise)
}

__all__ = ["EXERCISES", "Case", "Exercise", "Mistake", "Property"]
