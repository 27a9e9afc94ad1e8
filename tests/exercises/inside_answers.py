"""Answers to the exercises of lecture 12 as students write them: valid ones, and unlisted bugs."""

import numpy as np

# --- valid --------------------------------------------------------------------------------------


def unpool_by_loops(pooled, index, height, width):
    out = np.zeros((*pooled.shape[:2], height, width), dtype=np.float32)
    for n, c, i, j in np.ndindex(pooled.shape):
        row, column = divmod(int(index[n, c, i, j]), width)
        out[n, c, row, column] = pooled[n, c, i, j]
    return out


def unpool_by_maps(pooled, index, height, width):
    n, c = pooled.shape[:2]
    out = np.zeros((n * c, height * width))
    rows = np.arange(n * c)[:, None]
    out[rows, index.reshape(n * c, -1)] = pooled.reshape(n * c, -1)
    return out.reshape(n, c, height, width)


VALID = {"unpool": [unpool_by_loops, unpool_by_maps]}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def unpool_doubled(pooled, index, height, width):
    return 2 * unpool_by_maps(pooled, index, height, width)


def unpool_upside_down(pooled, index, height, width):
    return unpool_by_maps(pooled, index, height, width)[:, :, ::-1]


def unpool_flat(pooled, index, height, width):
    return unpool_by_maps(pooled, index, height, width).reshape(*pooled.shape[:2], -1)


UNLISTED = {
    "unpool": {
        unpool_doubled: "property:constant-ratio",
        unpool_upside_down: "property:two-values",
        unpool_flat: "shape",
    },
}
