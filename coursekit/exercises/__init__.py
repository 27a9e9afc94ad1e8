"""The specification of every exercise of the course, one file a concept."""

from coursekit.exercises import (
    accuracy,
    augmentation,
    batch_norm,
    boxes,
    convolution,
    convolution_as_product,
    cross_entropy,
    depth,
    dropout,
    ensemble,
    grouped,
    he_init,
    images,
    inception,
    label_maps,
    label_smoothing,
    linear_scores,
    momentum,
    multiply_adds,
    one_cycle,
    output_size,
    patches,
    prelu,
    receptive_field,
    response_norm,
    same_padding,
    shards,
    start,
    storage,
    top_five,
    top_k,
    uncovered_pixels,
)
from coursekit.exercises.exercise import Case, Exercise, Mistake, Property

CONCEPTS = (  # in the order of the lectures
    start,
    boxes,
    label_maps,
    linear_scores,
    images,
    storage,
    patches,
    convolution,
    convolution_as_product,
    multiply_adds,
    output_size,
    same_padding,
    uncovered_pixels,
    receptive_field,
    cross_entropy,
    momentum,
    dropout,
    augmentation,
    accuracy,
    grouped,
    response_norm,
    top_k,
    one_cycle,
    shards,
    label_smoothing,
    inception,
    batch_norm,
    depth,
    prelu,
    he_init,
    top_five,
    ensemble,
)
EXERCISES: dict[str, Exercise] = {
    value.name: value
    for concept in CONCEPTS
    for value in vars(concept).values()
    if isinstance(value, Exercise)
}

__all__ = ["EXERCISES", "Case", "Exercise", "Mistake", "Property"]
