"""Softmax and the cross-entropy loss of a classifier."""

import numpy as np
import numpy.typing as npt

from coursekit.layers.inputs import Floats, require_floats, require_shape

Labels = npt.NDArray[np.integer]


def softmax(scores: Floats) -> Floats:
    """Probabilities that grow with the scores and sum to 1.

    scores: logits (N, K). Returns (N, K), each row summing to 1.

    >>> softmax(np.array([[0.0, np.log(3.0)], [1000.0, 1000.0]]))
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    return np.exp(_log_softmax(scores))


def softmax_cross_entropy(scores: Floats, labels: Labels) -> tuple[np.floating, Floats]:
    """Mean of −log(probability of the right class), and its gradient.

    scores: logits (N, K). labels: right classes (N,), whole numbers from 0 to K − 1.
    Returns loss, one number in scores' dtype, and dscores (N, K) = (softmax − one-hot) / N.
    Raises ValueError for shapes and labels that do not fit, TypeError for dtypes.

    >>> loss, dscores = softmax_cross_entropy(np.zeros((1, 4)), np.array([2]))
    >>> print(f"{loss:.4f}", dscores)  # guessing among 4 costs ln 4
    1.3863 [[ 0.25  0.25 -0.75  0.25]]
    """
    _require_labels(labels, scores)
    log_probabilities = _log_softmax(scores)
    samples = np.arange(len(scores))
    loss = -log_probabilities[samples, labels].mean()
    dscores = np.exp(log_probabilities)
    dscores[samples, labels] -= 1
    return loss, dscores / len(scores)


def softmax_cross_entropy_loops(scores: Floats, labels: Labels) -> tuple[np.floating, Floats]:
    """``softmax_cross_entropy`` in plain loops: one image at a time."""
    _require_labels(labels, scores)
    loss, dscores = scores.dtype.type(0), np.empty_like(scores)
    for n, (row, label) in enumerate(zip(scores, labels, strict=True)):
        powers = np.exp(row - row.max())  # the largest power is 1: nothing overflows
        loss += (np.log(powers.sum()) + row.max() - row[label]) / len(scores)
        for k, power in enumerate(powers):
            dscores[n, k] = (power / powers.sum() - (k == label)) / len(scores)
    return loss, dscores


def _log_softmax(scores: Floats) -> Floats:
    require_floats(scores=scores)
    require_shape("scores", scores, (None, None), "(N, K)")
    # Each row less its own maximum: exp never overflows, and no row spoils another.
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _require_labels(labels: Labels, scores: Floats) -> None:
    require_floats(scores=scores)
    require_shape("scores", scores, (None, None), "(N, K)")
    if not isinstance(labels, np.ndarray) or not np.issubdtype(labels.dtype, np.integer):
        kind = getattr(labels, "dtype", type(labels).__name__)
        raise TypeError(f"labels are of type {kind}; expected an array of whole numbers (N,)")
    require_shape("labels", labels, (len(scores),), "(N,)")
    if labels.min() < 0 or labels.max() >= scores.shape[1]:
        raise ValueError(
            f"labels go from {labels.min()} to {labels.max()}; "
            f"expected classes from 0 to {scores.shape[1] - 1}"
        )
