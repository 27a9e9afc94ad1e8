"""Answers as students write them; the slug above each is the mistake its check must name."""


# gap-counted-as-overlap
def iou(box_a, box_b):
    width = min(box_a[2], box_b[2]) - max(box_a[0], box_b[0])
    height = min(box_a[3], box_b[3]) - max(box_a[1], box_b[1])
    area_a = (box_a[2] - box_a[0]) * (box_a[3] - box_a[1])
    area_b = (box_b[2] - box_b[0]) * (box_b[3] - box_b[1])
    return width * height / (area_a + area_b - width * height)


# pixel-accuracy
def mean_iou(prediction, truth, num_classes):
    return np.mean(prediction == truth)


# bias-forgotten
def linear_scores(x, w, b):
    return x @ w.T
