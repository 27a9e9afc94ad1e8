"""Answers as students write them; the slug above each is the mistake its check must name."""

import numpy as np


# each-filter-on-its-own
def filter_grid(w, columns, gap=1):
    filters, channels, height, width = w.shape
    rows = (filters + columns - 1) // columns
    picture = np.ones((rows * (height + gap) - gap, columns * (width + gap) - gap, channels))
    for n, one in enumerate(w):
        row, column = divmod(n, columns)
        top, left = row * (height + gap), column * (width + gap)
        level = 0.5 + one / (2 * max(np.abs(one).max(), 1e-12))
        picture[top : top + height, left : left + width] = level.transpose(1, 2, 0)
    return picture


# start-ignored
def top_patches(maps, images, receptive_field, jump, start, k=9):
    numbers = np.argsort(-maps.max(axis=(1, 2)))[:k]
    patches = []
    for n in numbers:
        i, j = np.unravel_index(maps[n].argmax(), maps[n].shape)
        padded = np.pad(images[n], ((0, 0), (0, receptive_field), (0, receptive_field)))
        top, left = jump * i, jump * j
        patches.append(padded[:, top : top + receptive_field, left : left + receptive_field])
    return numbers, np.stack(patches)


# ones
def unpool(pooled, index, height, width):
    out = np.zeros((*pooled.shape[:2], height * width))
    for n, c in np.ndindex(pooled.shape[:2]):
        out[n, c, index[n, c].ravel()] = 1
    return out.reshape(*pooled.shape[:2], height, width)


# score-instead-of-drop
def occlusion_map(classify, x, label, size=8, stride=4, fill=0.0):
    tops = range(0, x.shape[1] - size + 1, stride)
    lefts = range(0, x.shape[2] - size + 1, stride)
    scores = np.zeros((len(tops), len(lefts)))
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            hidden = x.copy()
            hidden[:, top : top + size, left : left + size] = fill
            scores[i, j] = classify(hidden[np.newaxis])[0, label]
    return scores
