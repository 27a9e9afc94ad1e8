"""Answers to the exercises of lecture 08 as students write them: valid ones, and unlisted bugs."""

import numpy as np

from coursekit.exercises import Case

# --- valid --------------------------------------------------------------------------------------


def loss_by_probabilities(scores, labels):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    n = len(scores)
    loss = -np.log(p[np.arange(n), labels]).sum() / n
    p[np.arange(n), labels] -= 1
    return loss, p / n


def loss_by_loops(scores, labels):
    count, k = scores.shape
    loss, dscores = 0.0, np.zeros((count, k))
    for i in range(count):
        row = scores[i] - max(scores[i])
        total = np.exp(row).sum()
        loss += (np.log(total) - row[labels[i]]) / count
        for j in range(k):
            dscores[i, j] = (np.exp(row[j]) / total - (j == labels[i])) / count
    return loss, dscores


def loss_by_one_hot(scores, labels):
    scores = scores.astype(np.float32)
    shifted = scores - scores.max(axis=1)[:, None]
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1))[:, None]
    target = np.eye(scores.shape[1])[labels].astype(np.float32)
    return [
        -(target * log_p).sum(axis=1).mean(),
        (np.exp(log_p) - target) / np.float32(len(scores)),
    ]


def step_by_formula(w, dw, v, lr, momentum=0.9, weight_decay=0.0):
    g = dw + weight_decay * w
    v_new = momentum * v + g
    w_new = w - lr * v_new
    return w_new, v_new


def step_by_loops(w, dw, v, lr, momentum=0.9, weight_decay=0.0):
    w, v = w.copy(), v.copy()
    for place in np.ndindex(w.shape):
        v[place] = momentum * v[place] + dw[place] + weight_decay * w[place]
        w[place] -= lr * v[place]
    return [w, v]


def step_in_single(w, dw, v, lr, momentum=0.9, weight_decay=0.0, *, nesterov=False):
    w, dw, v = (np.array(one, dtype=np.float32) for one in (w, dw, v))
    v *= momentum
    v += dw
    v += weight_decay * w
    return w - np.float32(lr) * v, v


def dropout_by_mask(x, p, uniform, training=True):
    if not training:
        return x, np.ones_like(x)
    mask = np.where(uniform < p, 0.0, 1 / (1 - p))
    return x * mask, mask


def dropout_by_loops(x, p, uniform, training=True):
    out, mask = np.zeros_like(x), np.zeros_like(x)
    for place in np.ndindex(x.shape):
        if not training:
            mask[place] = 1
        elif uniform[place] >= p:
            mask[place] = 1 / (1 - p)
        out[place] = x[place] * mask[place]
    return out, mask


def dropout_in_single(x, p, uniform, training=True):
    keep = 1 - p if training else 1
    mask = (uniform > 1 - keep).astype(np.float32) if training else np.ones(x.shape, np.float32)
    mask /= keep
    return [x.astype(np.float32) * mask, mask]


def crop_by_fancy_index(x, padding, offsets, flips):
    n, _, h, w = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    out = np.zeros_like(x)
    for i in range(n):
        row, column = offsets[i]
        out[i] = padded[i, :, row : row + h, column : column + w]
        if flips[i]:
            out[i] = out[i, :, :, ::-1].copy()
    return out


def crop_by_pixels(x, padding, offsets, flips):
    n, _, h, w = x.shape
    out = np.zeros(x.shape)
    for m in range(n):
        for i in range(h):
            for j in range(w):
                top = i + offsets[m, 0] - padding
                left = (w - 1 - j if flips[m] else j) + offsets[m, 1] - padding
                if 0 <= top < h and 0 <= left < w:
                    out[m, :, i, j] = x[m, :, top, left]
    return out


def crop_as_list(x, padding, offsets, flips):
    images = []
    for image, (row, column), flip in zip(x, offsets, flips, strict=True):
        padded = np.zeros(
            (image.shape[0], image.shape[1] + 2 * padding, image.shape[2] + 2 * padding)
        )
        padded[:, padding : padding + image.shape[1], padding : padding + image.shape[2]] = image
        crop = padded[:, row : row + image.shape[1], column : column + image.shape[2]]
        images.append(np.fliplr(crop.transpose(1, 2, 0)).transpose(2, 0, 1) if flip else crop)
    return np.array(images)


def accuracy_by_counting(batches):
    right = seen = 0
    for scores, labels in batches:
        right += (np.argmax(scores, axis=1) == labels).sum()
        seen += len(labels)
    return right / seen


def accuracy_by_joining(batches):
    scores = np.concatenate([scores for scores, _ in batches])
    labels = np.concatenate([labels for _, labels in batches])
    return np.mean(scores.argmax(axis=1) == labels)


def accuracy_by_images(batches):
    hits = []
    for scores, labels in batches:
        for row, label in zip(scores.tolist(), labels.tolist(), strict=True):
            hits.append(row.index(max(row)) == label)
    return np.float32(sum(hits) / len(hits))


def accuracy_by_weighting(batches):
    total = 0.0
    for scores, labels in batches:
        total += np.mean(scores.argmax(1) == labels) * len(labels)
    return total / sum([len(labels) for _, labels in batches])


def loss_in_single_as_python_number(scores, labels):
    scores = scores.astype(np.float32)
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    right = np.eye(scores.shape[1], dtype=np.float32)[labels]
    loss = -(right * log_p).sum(axis=1).mean()
    return loss.item(), (np.exp(log_p) - right) / len(scores)


VALID = {
    "softmax_cross_entropy": [
        loss_by_probabilities,
        loss_by_loops,
        loss_by_one_hot,
    ],
    "sgd_momentum_step": [step_by_formula, step_by_loops, step_in_single],
    "dropout_forward": [dropout_by_mask, dropout_by_loops, dropout_in_single],
    "random_crop_flip": [crop_by_fancy_index, crop_by_pixels, crop_as_list],
    "accuracy": [
        accuracy_by_counting,
        accuracy_by_joining,
        accuracy_by_images,
        accuracy_by_weighting,
    ],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def loss_reversed_and_summed(scores, labels):
    loss, dscores = loss_by_probabilities(scores, labels)
    return -loss * len(scores), dscores


def loss_tripled(scores, labels):
    loss, dscores = loss_by_probabilities(scores, labels)
    return 3 * loss, dscores


def loss_clipped(scores, labels):
    loss, dscores = loss_by_probabilities(scores, labels)
    return min(loss, 16.1), dscores


def loss_without_gradient(scores, labels):
    return loss_by_probabilities(scores, labels)[0]


def loss_gradient_of_wrong_classes_only(scores, labels):
    loss, dscores = loss_by_probabilities(scores, labels)
    return loss, np.maximum(dscores, 0)


def loss_shifting_in_place(scores, labels):
    scores -= scores.max(axis=1, keepdims=True)
    return loss_by_probabilities(scores, labels)


def step_uphill_without_momentum(w, dw, v, lr, momentum=0.9, weight_decay=0.0):
    return w + lr * dw, dw


def step_in_place(w, dw, v, lr, momentum=0.9, weight_decay=0.0):
    v *= momentum
    v += dw + weight_decay * w
    w -= lr * v
    return w, v


def step_velocity_doubled(w, dw, v, lr, momentum=0.9, weight_decay=0.0):
    w, v = step_by_formula(w, dw, v, lr, momentum, weight_decay)
    return w, 2 * v


def step_momentum_squared(w, dw, v, lr, momentum=0.9, weight_decay=0.0):
    return step_by_formula(w, dw, v, lr, momentum**2, weight_decay)


def step_decay_of_squares(w, dw, v, lr, momentum=0.9, weight_decay=0.0):
    return step_by_formula(w, dw + weight_decay * w * abs(w), v, lr, momentum, 0)


def step_without_options(w, dw, v, lr):
    return step_by_formula(w, dw, v, lr)


def dropout_of_rows(x, p, uniform, training=True):
    if not training:
        return x, np.ones_like(x)
    mask = np.ones_like(x) * (uniform.ravel()[0] >= p) / (1 - p)
    return x * mask, mask


def dropout_squared_scale_and_active(x, p, uniform, training=True):
    mask = (uniform >= p) / (1 - p) ** 2
    return x * mask, mask


def dropout_tripled(x, p, uniform, training=True):
    out, mask = dropout_by_mask(x, p, uniform, training)
    return 3 * out, 3 * mask


def dropout_without_mask(x, p, uniform, training=True):
    return dropout_by_mask(x, p, uniform, training)[0]


def dropout_for_halves(x, p, uniform, training=True):
    if not training:
        return x, np.ones_like(x)
    mask = (uniform >= p) * 2.0 * (p > 0) + (p == 0)
    return x * mask, mask


def crop_upside_down_and_never_shifted(x, padding, offsets, flips):
    return np.where(flips[:, None, None, None], x[:, :, ::-1], x)


def crop_too_far(x, padding, offsets, flips):
    return crop_by_fancy_index(x, padding + 1, offsets + 2, flips)


def crop_into_x(x, padding, offsets, flips):
    x[:] = crop_by_fancy_index(x, padding, offsets, flips)
    return x


def crop_padded_with_ones(x, padding, offsets, flips):
    return crop_by_fancy_index(x - 1, padding, offsets, flips) + 1


def crop_of_the_first(x, padding, offsets, flips):
    return crop_by_fancy_index(x, padding, offsets, flips)[:1]


def accuracy_in_percent_of_batches(batches):
    return 100 * np.mean([np.mean(s.argmax(1) == y) for s, y in batches])


def accuracy_of_class_zero(batches):
    return np.mean([np.mean(y == 0) for _, y in batches])


def accuracy_tripled(batches):
    return 3 * accuracy_by_counting(batches)


def accuracy_by_batch(batches):
    return [np.mean(s.argmax(1) == y) for s, y in batches]


def loss_minimum_subtracted(scores, labels):
    powers = np.exp(scores - scores.min(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    images = np.arange(len(labels))
    loss = -np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p / len(labels)


def loss_summed_over_classes_of_two_maxima(scores, labels):
    """One maximum for all images, and the gradient is not averaged."""
    powers = np.exp(scores - scores.max())
    p = powers / powers.sum(axis=1, keepdims=True)
    images = np.arange(len(labels))
    loss = -np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p


def accuracy_in_whole_numbers(batches):
    return int(accuracy_by_counting(batches))


def accuracy_in_percent_of_the_scores(batches):
    right = sum((scores.argmax(axis=1) == labels).sum() for scores, labels in batches)
    return 100 * right / sum(scores.size for scores, _ in batches)


def accuracy_by_halving(batches):
    mean = 0.0
    for scores, labels in batches:
        mean = (mean + np.mean(scores.argmax(axis=1) == labels)) / 2
    return mean


def crop_of_the_first_channel(x, padding, offsets, flips):
    out = crop_by_fancy_index(x, 0, 0 * offsets, flips)
    out[:, 0] = crop_by_fancy_index(x, padding, offsets, flips)[:, 0]
    return out


def crop_unless_mirrored(x, padding, offsets, flips):
    cropped = crop_by_fancy_index(x, padding, offsets, flips)
    return np.where(flips[:, None, None, None], x[..., ::-1], cropped)


def dropout_without_mask_at_test_time(x, p, uniform, training=True):
    return dropout_by_mask(x, p, uniform) if training else (x, None)


def dropout_by_its_own_draws(x, p, uniform, training=True):
    return dropout_by_mask(x, p, np.random.random(x.shape), training)


def crop_flips_taken_from_the_end(x, padding, offsets, flips):
    return crop_by_fancy_index(x, padding, offsets, flips[::-1])


UNLISTED = {
    "softmax_cross_entropy": {
        loss_reversed_and_summed: "property:",
        loss_tripled: "property:common-factor",
        loss_clipped: "property:sure-and-wrong",
        loss_without_gradient: "type",
        loss_gradient_of_wrong_classes_only: "property:guessing-gradient",
        loss_shifting_in_place: "changed input",
        loss_minimum_subtracted: "not finite",
        loss_summed_over_classes_of_two_maxima: "not finite",
    },
    "sgd_momentum_step": {
        step_uphill_without_momentum: "property:plain-descent",
        step_in_place: "changed input",
        step_velocity_doubled: "property:",
        step_momentum_squared: "property:coasting",
        step_decay_of_squares: "property:weight-decay",
        step_without_options: "raised",
    },
    "dropout_forward": {
        dropout_of_rows: "property:",
        dropout_squared_scale_and_active: "property:test-time",
        dropout_tripled: "property:",
        dropout_without_mask: "type",
        dropout_for_halves: "property:",
        dropout_without_mask_at_test_time: "type",
        dropout_by_its_own_draws: "unsteady",
    },
    "random_crop_flip": {
        crop_upside_down_and_never_shifted: "property:mirrored",
        crop_too_far: "property:",
        crop_into_x: "changed input",
        crop_padded_with_ones: "property:left",
        crop_of_the_first: "shape",
        crop_of_the_first_channel: "property:columns",
        crop_unless_mirrored: "property:both",
        crop_flips_taken_from_the_end: "property:batch",
    },
    "accuracy": {
        accuracy_in_percent_of_batches: "property:",
        accuracy_of_class_zero: "property:",
        accuracy_tripled: "property:common-factor",
        accuracy_by_batch: "type",
        accuracy_in_whole_numbers: "property:one-batch",
        accuracy_in_percent_of_the_scores: "property:one-right",
        accuracy_by_halving: "property:one-right",
    },
}

# --- inputs of all kinds ------------------------------------------------------------------------


def any_scores(rng):
    n, k = rng.integers(1, 6, 2)
    return Case("wide", (rng.normal(size=(n, k + 1)) * 5, rng.integers(0, k + 1, n)))


def any_step(rng):
    arrays = rng.normal(size=(3, *rng.integers(1, 4, rng.integers(1, 4))))
    named = {"momentum": float(rng.random()), "weight_decay": float(rng.random())}
    return Case("wide", (*arrays, float(rng.random())), named)


def any_dropout(rng):
    shape = rng.integers(1, 5, rng.integers(1, 4))
    drawn = rng.normal(size=shape), float(rng.random() * 0.9), rng.random(shape)
    return Case("wide", drawn, {"training": bool(rng.random() < 0.8)})


def any_crop(rng):
    n, c, h, w, padding = rng.integers(1, 5, 5).tolist()
    offsets = rng.integers(0, 2 * padding + 1, (n, 2))
    return Case("wide", (rng.normal(size=(n, c, h, w)), padding, offsets, rng.random(n) < 0.5))


def any_batches(rng):
    k, sizes = int(rng.integers(2, 5)), rng.integers(1, 6, rng.integers(1, 4))
    batches = [(rng.normal(size=(n, k)), rng.integers(0, k, n)) for n in sizes]
    return Case("wide", (batches,))


WIDE = {
    "softmax_cross_entropy": any_scores,
    "sgd_momentum_step": any_step,
    "dropout_forward": any_dropout,
    "random_crop_flip": any_crop,
    "accuracy": any_batches,
}
