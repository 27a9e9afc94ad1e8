"""Answers to the exercises of lecture 10 as students write them: valid ones, and unlisted bugs."""

import math

import numpy as np

from coursekit.exercises import Case

# --- valid --------------------------------------------------------------------------------------


def top_k_by_loops(scores, labels, k=5):
    found = 0
    for row, label in zip(scores, labels, strict=True):
        if label in sorted(range(len(row)), key=lambda one: -row[one])[:k]:
            found += 1
    return found / len(labels)


def top_k_by_rank(scores, labels, k=5):
    right = scores[np.arange(len(labels)), labels]
    better = (scores > right[:, None]).sum(axis=1)
    return np.mean(better < k)


def top_k_by_partition(scores, labels, k=5, *, verbose=False):
    classes = scores.shape[1]
    best = np.argpartition(scores, classes - k, axis=1)[:, classes - k :]
    return np.float32(np.mean([label in row for row, label in zip(best, labels, strict=True)]))


def rate_by_interpolation(step, total_steps, max_lr, warmup_steps, start=0.1):
    return np.interp(step, [0, warmup_steps, total_steps], [start * max_lr, max_lr, 0])


def rate_by_steps(step, total_steps, max_lr, warmup_steps, start=0.1):
    rate = start * max_lr
    for done in range(step):
        if done < warmup_steps:
            rate += max_lr * (1 - start) / warmup_steps
        else:
            rate -= max_lr / (total_steps - warmup_steps)
    return rate


def rate_by_cases(step, total_steps, max_lr, warmup_steps, start=0.1):
    if step <= warmup_steps:
        low = start * max_lr
        return low + (max_lr - low) * (step / warmup_steps)
    left = total_steps - step
    return max_lr * left / (total_steps - warmup_steps)


def shard_by_padding(num_images, rank, world_size):
    order = list(range(num_images))
    while len(order) % world_size:
        order.append(order[len(order) - num_images])
    return order[rank::world_size]


def shard_in_numpy(num_images, rank, world_size):
    per_process = math.ceil(num_images / world_size)
    dealt = np.arange(per_process * world_size) % num_images
    return dealt.reshape(per_process, world_size)[:, rank]


def shard_as_tuple(num_images, rank, world_size):
    rounds = -(-num_images // world_size)
    return tuple((rank + world_size * i) % num_images for i in range(rounds))


def smoothing_by_two_parts(scores, labels, smoothing=0.1):
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    right = -log_p[np.arange(len(labels)), labels]
    spread = -log_p.mean(axis=1)
    return np.mean((1 - smoothing) * right + smoothing * spread)


def smoothing_by_loops(scores, labels, smoothing=0.1):
    n, k = scores.shape
    total = 0.0
    for i in range(n):
        row = scores[i] - np.max(scores[i])
        log_sum = np.log(np.sum(np.exp(row)))
        for j in range(k):
            target = smoothing / k
            if j == labels[i]:
                target += 1 - smoothing
            total -= target * (row[j] - log_sum)
    return total / n


def smoothing_by_target(scores, labels, smoothing=0.1):
    scores = np.asarray(scores, dtype=np.float32)
    k = scores.shape[1]
    target = np.full(scores.shape, smoothing / k)
    target[np.arange(len(labels)), labels] = 1 - smoothing + smoothing / k
    powers = np.exp(scores - scores.max(axis=1)[:, None])
    p = powers / powers.sum(axis=1)[:, None]
    return np.float32(-(target * np.log(p)).sum() / len(scores))


VALID = {
    "top_k_accuracy": [top_k_by_loops, top_k_by_rank, top_k_by_partition],
    "one_cycle": [rate_by_interpolation, rate_by_steps, rate_by_cases],
    "shard_indices": [shard_by_padding, shard_in_numpy, shard_as_tuple],
    "label_smoothing_loss": [smoothing_by_two_parts, smoothing_by_loops, smoothing_by_target],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def top_k_worst_in_percent(scores, labels, k=5):
    return 100 * top_k_by_rank(-scores, labels, k)


def top_k_of_twice_as_many(scores, labels, k=5):
    return top_k_by_rank(scores, labels, 2 * k)


def top_k_hits(scores, labels, k=5):
    return scores.argsort(axis=1)[:, -k:] == labels[:, None]


def top_k_without_default(scores, labels, k):
    return top_k_by_rank(scores, labels, k)


def rate_by_cosine_both_ways(step, total_steps, max_lr, warmup_steps, start=0.1):
    factor = rate_by_interpolation(step, total_steps, 1, warmup_steps, start)
    return max_lr * (1 - math.cos(math.pi * factor)) / 2


def rate_doubled(step, total_steps, max_lr, warmup_steps, start=0.1):
    return 2 * rate_by_cases(step, total_steps, max_lr, warmup_steps, start)


def rate_from_zero_to_start(step, total_steps, max_lr, warmup_steps, start=0.1):
    return max_lr * np.interp(step, [0, warmup_steps, total_steps], [0, 1, start])


def rate_as_text(step, total_steps, max_lr, warmup_steps, start=0.1):
    return f"{rate_by_cases(step, total_steps, max_lr, warmup_steps, start):.3f}"


def shard_reversed_and_ragged(num_images, rank, world_size):
    return list(range(rank, num_images, world_size))[::-1]


def shard_as_set(num_images, rank, world_size):
    return set(shard_by_padding(num_images, rank, world_size))


def shard_sorted(num_images, rank, world_size):
    return sorted(shard_by_padding(num_images, rank, world_size))


def shard_as_floats(num_images, rank, world_size):
    return [float(one) for one in shard_by_padding(num_images, rank, world_size)]


def smoothing_doubled(scores, labels, smoothing=0.1):
    return smoothing_by_loops(scores, labels, min(1, 2 * smoothing))


def smoothing_of_the_mean_image(scores, labels, smoothing=0.1):
    mean = scores.mean(axis=0, keepdims=True)
    return np.mean([smoothing_by_loops(mean, np.array([label]), smoothing) for label in labels])


def smoothing_wrong_default(scores, labels, smoothing=0.2):
    return smoothing_by_loops(scores, labels, smoothing)


def smoothing_per_image(scores, labels, smoothing=0.1):
    pairs = zip(scores, labels, strict=True)
    return np.array([smoothing_by_loops(s[None], [y], smoothing) for s, y in pairs])


def rate_times_the_warmup(step, total_steps, max_lr, warmup_steps, start=0.1):
    return warmup_steps * rate_by_cases(step, total_steps, max_lr, warmup_steps, start)


def smoothing_times_the_classes(scores, labels, smoothing=0.1):
    return scores.shape[1] * smoothing_by_loops(scores, labels, smoothing)


def top_k_among_the_digits(scores, labels, k=5):
    best = scores.argsort(axis=1)[:, -k:]
    return float(np.mean([str(label) in str(row) for row, label in zip(best, labels, strict=True)]))


UNLISTED = {
    "top_k_accuracy": {
        top_k_worst_in_percent: "property:",
        top_k_of_twice_as_many: "property:second",
        top_k_hits: "type",
        top_k_without_default: "raised",
        top_k_among_the_digits: "value",
    },
    "one_cycle": {
        rate_by_cosine_both_ways: "property:rising",
        rate_doubled: "property:common-factor",
        rate_from_zero_to_start: "property:first",
        rate_as_text: "type",
        rate_times_the_warmup: "property:first",
    },
    "shard_indices": {
        shard_reversed_and_ragged: "shape",
        shard_as_set: "type",
        shard_sorted: "property:filled",
        shard_as_floats: "type",
    },
    "label_smoothing_loss": {
        smoothing_doubled: "property:",
        smoothing_of_the_mean_image: "property:batch",
        smoothing_wrong_default: "property:default",
        smoothing_per_image: "type",
        smoothing_times_the_classes: "property:guessing",
    },
}

# --- inputs of all kinds ------------------------------------------------------------------------


def any_ranks(rng):
    n, k = rng.integers(1, 9, 2)
    scores = rng.normal(size=(n, k))
    return Case("wide", (scores, rng.integers(0, k, n)), {"k": int(rng.integers(1, k + 1))})


def any_rate(rng):
    warmup = int(rng.integers(1, 9))
    total = warmup + int(rng.integers(1, 12))
    step = int(rng.integers(0, total))
    return Case("wide", (step, total, float(rng.random()), warmup), {"start": float(rng.random())})


def any_shard(rng):
    world = int(rng.integers(1, 6))
    return Case("wide", (int(rng.integers(world, 20)), int(rng.integers(0, world)), world))


def any_smoothing(rng):
    n, k = rng.integers(1, 6, 2) + np.array([0, 1])
    return Case("wide", (rng.normal(size=(n, k)), rng.integers(0, k, n), float(rng.random())))


WIDE = {
    "top_k_accuracy": any_ranks,
    "one_cycle": any_rate,
    "shard_indices": any_shard,
    "label_smoothing_loss": any_smoothing,
}
