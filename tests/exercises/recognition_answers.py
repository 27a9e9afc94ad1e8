"""Answers to the exercises of lecture 01 as students write them: valid ones, and unlisted bugs."""

import numpy as np

from coursekit.exercises import Case

# --- valid --------------------------------------------------------------------------------------


def iou_by_clamping(box_a, box_b):
    ax0, ay0, ax1, ay1 = box_a
    bx0, by0, bx1, by1 = box_b
    w = max(0, min(ax1, bx1) - max(ax0, bx0))
    h = max(0, min(ay1, by1) - max(ay0, by0))
    inter = w * h
    union = (ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0) - inter
    return inter / union


def iou_by_cases(box_a, box_b):
    left, top = max(box_a[0], box_b[0]), max(box_a[1], box_b[1])
    right, bottom = min(box_a[2], box_b[2]), min(box_a[3], box_b[3])
    if right <= left or bottom <= top:
        return 0
    area = (right - left) * (bottom - top)
    both = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (box_a, box_b))
    return area / (both - area)


def iou_in_numpy(box_a, box_b):
    a, b = np.array(box_a, dtype=np.float32), np.array(box_b, dtype=np.float32)
    sides = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
    inter = sides.prod()
    return inter / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - inter)


def mean_iou_by_masks(prediction, truth, num_classes):
    total, count = 0.0, 0
    for label in range(num_classes):
        p, t = prediction == label, truth == label
        union = np.logical_or(p, t).sum()
        if union:
            total += np.logical_and(p, t).sum() / union
            count += 1
    return total / count


def mean_iou_by_confusion(prediction, truth, num_classes):
    table = np.zeros((num_classes, num_classes), dtype=int)
    np.add.at(table, (truth.ravel(), prediction.ravel()), 1)
    inter = np.diag(table)
    union = table.sum(axis=0) + table.sum(axis=1) - inter
    return np.mean(inter[union > 0] / union[union > 0])


def mean_iou_by_pixels(prediction, truth, num_classes):
    ious = []
    for label in range(num_classes):
        inter = union = 0
        for i in range(truth.shape[0]):
            for j in range(truth.shape[1]):
                p, t = prediction[i, j] == label, truth[i, j] == label
                inter += p and t
                union += p or t
        ious.append(inter / union if union else np.nan)
    return np.nanmean(ious)


def scores_by_matrix(x, w, b):
    return x @ w.T + b


def scores_by_einsum(x, w, b):
    return np.einsum("nd,kd->nk", x, w) + b[None, :]


def scores_by_loops(x, w, b):
    out = np.zeros((len(x), len(w)), dtype=np.float32)
    for n in range(len(x)):
        for k in range(len(w)):
            out[n, k] = b[k]
            for d in range(x.shape[1]):
                out[n, k] += x[n, d] * w[k, d]
    return out


def scores_as_lists(x, w, b):
    return [[float(np.dot(row, t) + c) for t, c in zip(w, b, strict=True)] for row in x]


def iou_with_a_guarded_denominator(box_a, box_b):
    """As object detectors have it."""
    width = max(0, min(box_a[2], box_b[2]) - max(box_a[0], box_b[0]))
    height = max(0, min(box_a[3], box_b[3]) - max(box_a[1], box_b[1]))
    area_a = (box_a[2] - box_a[0]) * (box_a[3] - box_a[1])
    area_b = (box_b[2] - box_b[0]) * (box_b[3] - box_b[1])
    return width * height / float(area_a + area_b - width * height + 1e-6)


VALID = {
    "iou": [iou_by_clamping, iou_by_cases, iou_in_numpy, iou_with_a_guarded_denominator],
    "mean_iou": [mean_iou_by_masks, mean_iou_by_confusion, mean_iou_by_pixels],
    "linear_scores": [scores_by_matrix, scores_by_einsum, scores_by_loops, scores_as_lists],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def iou_union_from_the_hull_and_unclamped(box_a, box_b):
    w = min(box_a[2], box_b[2]) - max(box_a[0], box_b[0])
    h = min(box_a[3], box_b[3]) - max(box_a[1], box_b[1])
    hull = (max(box_a[2], box_b[2]) - min(box_a[0], box_b[0])) * (
        max(box_a[3], box_b[3]) - min(box_a[1], box_b[1])
    )
    return w * h / hull


def iou_of_perimeters(box_a, box_b):
    inter = iou_by_clamping(box_a, box_b)
    return inter**0.5


def iou_only_if_left_first(box_a, box_b):
    return iou_by_clamping(box_a, box_b) if box_a[0] <= box_b[0] else 0.0


def iou_rounded(box_a, box_b):
    return round(iou_by_clamping(box_a, box_b), 1)


def iou_as_text(box_a, box_b):
    return f"{iou_by_clamping(box_a, box_b):.2f}"


def iou_printed(box_a, box_b):
    print(iou_by_clamping(box_a, box_b))  # noqa: T201


def mean_iou_zero_absent_and_dice(prediction, truth, num_classes):
    p = np.array([(prediction == k).sum() for k in range(num_classes)])
    t = np.array([(truth == k).sum() for k in range(num_classes)])
    both = np.array([((prediction == k) & (truth == k)).sum() for k in range(num_classes)])
    return np.mean(2 * both / np.maximum(p + t, 1))


def mean_iou_by_class(prediction, truth, num_classes):
    return [1.0] * num_classes


def mean_iou_of_rows(prediction, truth, num_classes):
    rows = zip(prediction, truth, strict=True)
    return np.mean([mean_iou_by_masks(p[None], t[None], num_classes) for p, t in rows])


def scores_without_bias_and_softmax(x, w, b):
    raised = np.exp(x @ w.T)
    return raised / raised.sum(axis=1, keepdims=True)


def scores_squared(x, w, b):
    return x**2 @ w.T + b


def scores_of_last_image(x, w, b):
    out = np.zeros((len(x), len(w)))
    out[-1] = w @ x[-1] + b
    return out


def scores_scaled(x, w, b):
    return x @ w.T / 3 + b


def scores_added_in_place(x, w, b):
    b += 0.5
    return x @ w.T + b - 0.5


def scores_divided_by_the_classes(x, w, b):
    return x @ w.T / len(w) + b


def iou_over_one_pixel_at_least(box_a, box_b):
    width = max(0, min(box_a[2], box_b[2]) - max(box_a[0], box_b[0]))
    height = max(0, min(box_a[3], box_b[3]) - max(box_a[1], box_b[1]))
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in (box_a, box_b)]
    return width * height / max(sum(areas) - width * height, 1)


def iou_between_0_and_1(box_a, box_b):
    width = min(box_a[2], box_b[2]) - max(box_a[0], box_b[0])
    height = min(box_a[3], box_b[3]) - max(box_a[1], box_b[1])
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in (box_a, box_b)]
    return min(1, max(0, width * height / (sum(areas) - width * height)))


UNLISTED = {
    "iou": {
        iou_union_from_the_hull_and_unclamped: "property:apart",
        iou_of_perimeters: "property:",
        iou_only_if_left_first: "value",
        iou_rounded: "property:",
        iou_as_text: "type",
        iou_printed: "type",
        iou_over_one_pixel_at_least: "value",
        iou_between_0_and_1: "property:apart-both-ways",
    },
    "mean_iou": {
        mean_iou_zero_absent_and_dice: "property:",
        mean_iou_by_class: "type",
        mean_iou_of_rows: "value",
    },
    "linear_scores": {
        scores_without_bias_and_softmax: "property:zero-image",
        scores_squared: "property:linear",
        scores_of_last_image: "property:batch",
        scores_scaled: "property:constant-ratio",
        scores_added_in_place: "changed input",
        scores_divided_by_the_classes: "property:constant-ratio",
    },
}

# --- inputs of all kinds ------------------------------------------------------------------------


def any_boxes(rng):
    boxes = [(x, y, x + w, y + h) for x, y, w, h in rng.integers(1, 9, (2, 4)).tolist()]
    return Case("wide", tuple(boxes))


def any_maps(rng):
    num_classes, shape = int(rng.integers(1, 6)), tuple(rng.integers(1, 6, 2))
    maps = rng.integers(0, num_classes, (2, *shape))
    return Case("wide", (maps[0], maps[1], num_classes))


def any_scores(rng):
    n, d, k = rng.integers(1, 6, 3)
    return Case("wide", (rng.normal(size=(n, d)), rng.normal(size=(k, d)), rng.normal(size=k)))


WIDE = {"iou": any_boxes, "mean_iou": any_maps, "linear_scores": any_scores}
