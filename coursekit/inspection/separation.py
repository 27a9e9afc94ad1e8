"""How well straight lines tell classes apart: linear classifiers on any features."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from coursekit.data.dataset import Dataset, Examples
from coursekit.inspection.activations import recorded
from coursekit.training.measuring import evaluating


def fit_linear(x: np.ndarray, labels: np.ndarray, decay: float = 0.05) -> tuple[np.ndarray, ...]:
    """Fit a linear classifier by least squares.

    The scores of an image should be 1 for its class and 0 for the others. Large weights are held
    back (ridge regression; Hoerl and Kennard, 1970): the sum of their squares is added to the
    squared error, times `decay` and the features' mean sum of squares, so that the units of the
    features do not matter.

    x: features (N, D). labels: whole numbers from 0 to K − 1, (N,). Returns weights (K, D) and
    biases (K,) in float64: the scores of images x are x @ w.T + b.

    >>> w, b = fit_linear(np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([0, 0, 1, 1]))
    >>> np.argmax(np.array([[2.0], [9.0]]) @ w.T + b, axis=1)
    array([0, 1])
    """
    x = np.asarray(x, np.float64)
    targets = np.eye(int(labels.max()) + 1)[labels]
    mean, share = x.mean(axis=0), targets.mean(axis=0)
    centered, wanted = x - mean, targets - share
    spread = np.square(centered).sum() / x.shape[1]
    decay *= spread or 1.0  # features that never change: any will do
    if len(x) < x.shape[1]:  # fewer images than features: the smaller system of the two
        weights = centered.T @ _solved(centered @ centered.T, wanted, decay)
    else:
        weights = _solved(centered.T @ centered, centered.T @ wanted, decay)
    return weights.T, share - mean @ weights


def _solved(squares: np.ndarray, wanted: np.ndarray, decay: float) -> np.ndarray:
    squares[np.diag_indices_from(squares)] += decay
    return np.linalg.solve(squares, wanted)


def right_share(scores: np.ndarray, labels: np.ndarray) -> float:
    """Part of the images whose highest score is that of their class.

    scores: (N, K). labels: (N,).

    >>> right_share(np.array([[0.2, 0.9], [0.4, 0.1]]), np.array([1, 1]))
    0.5
    """
    return float(np.mean(np.argmax(scores, axis=1) == np.asarray(labels)))


def probe(
    model: nn.Module,
    dataset: Dataset,
    layer: str | None,
    classes: Sequence[int] | None = None,
    most: int = 1000,
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a linear classifier to what one layer computes (Alain and Bengio, 2016).

    layer: its name, or None for the pixels themselves. classes: the labels to tell apart, all by
    default. most: training images that are used, the first ones.

    Returns the classifier's scores (N, K) for the test images of these classes, and their labels
    (N,), counted from 0 in the order of `classes`, which go up.
    """
    classes = list(classes if classes is not None else range(len(dataset.class_names)))
    parts = []
    for images, labels in (Examples(*(part[:most] for part in dataset.train)), dataset.test):
        chosen = torch.isin(labels, torch.tensor(classes))
        features = _features(model, dataset.normalize(images[chosen]), layer)
        parts.append((features, np.searchsorted(classes, labels[chosen].numpy())))
    (known, known_labels), (new, new_labels) = parts
    weights, biases = fit_linear(known, known_labels)
    return new @ weights.T + biases, new_labels


def _features(model: nn.Module, x: Tensor, layer: str | None) -> np.ndarray:
    """Outputs of a layer as rows (N, D)."""
    if layer is None:
        return x.flatten(1).numpy()
    with evaluating(model), recorded(model, [layer]) as outputs:
        model(x)
    return outputs[layer].flatten(1).numpy()
