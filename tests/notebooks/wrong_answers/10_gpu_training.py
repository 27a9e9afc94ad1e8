"""Answers as students write them; the slug above each is the mistake its check must name."""

import numpy as np


# falls-over-all-steps
def one_cycle(step, total_steps, max_lr, warmup_steps, start=0.1):
    if step < warmup_steps:
        return max_lr * (start + (1 - start) * step / warmup_steps)
    return max_lr * (total_steps - step) / total_steps


# spread-over-the-others
def label_smoothing_loss(scores, labels, smoothing=0.1):
    n, k = scores.shape
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = np.full((n, k), smoothing / (k - 1))
    target[np.arange(n), labels] = 1 - smoothing
    return -(target * log_p).sum() / n


# worst-classes
def top_k_accuracy(scores, labels, k=5):
    best = scores.argsort(axis=1)[:, :k]
    return float(np.mean([label in row for label, row in zip(labels, best, strict=True)]))


# last-round-ragged
def shard_indices(num_images, rank, world_size):
    return list(range(num_images))[rank::world_size]
