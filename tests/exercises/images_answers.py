"""Answers to the exercises of lecture 02 as students write them: valid ones, and unlisted bugs."""

import numpy as np

from coursekit.exercises import Case

# --- valid --------------------------------------------------------------------------------------


def chw_by_transpose(image):
    return image.transpose(2, 0, 1)


def chw_by_moveaxis(image):
    return np.moveaxis(image, -1, 0)


def chw_by_stacking(image):
    return np.stack([image[:, :, c] for c in range(image.shape[2])])


def chw_by_loops(image):
    h, w, c = image.shape
    out = np.empty((c, h, w), dtype=image.dtype)
    for i in range(h):
        for j in range(w):
            out[:, i, j] = image[i, j]
    return out


def chw_as_lists(image):
    return [[[n.item() for n in row] for row in image[:, :, c]] for c in range(image.shape[2])]


def uint8_by_clip(x):
    return np.clip(np.round(x), 0, 255).astype(np.uint8)


def uint8_by_half(x):
    return np.floor(np.minimum(np.maximum(x, 0), 255) + 0.5).astype("uint8")


def uint8_by_loop(x):
    out = np.zeros(x.shape, dtype=np.uint8)
    for place in np.ndindex(x.shape):
        out[place] = min(max(round(float(x[place])), 0), 255)
    return out


def bytes_by_prod(shape, bits=8):
    return int(np.prod(shape)) * bits // 8


def bytes_by_array(shape, bits=8):
    return np.zeros(shape, dtype=np.uint8).nbytes * (bits // 8)


def bytes_by_loop(shape, bits=8):
    count = 1
    for length in shape:
        count *= length
    return count * bits // 8


def patch_by_slices(image, row, column, height, width):
    return image[:, row : row + height, column : column + width]


def patch_by_copy(image, row, column, height, width):
    out = np.zeros((len(image), height, width), dtype=image.dtype)
    for i in range(height):
        for j in range(width):
            out[:, i, j] = image[:, row + i, column + j]
    return out


def patch_by_index(image, row, column, height, width):
    rows = np.arange(row, row + height)
    columns = np.arange(column, column + width)
    return image[:, rows[:, None], columns]


def statistics_by_axes(images):
    return images.mean(axis=(0, 2, 3)), images.std(axis=(0, 2, 3))


def statistics_by_rows(images):
    rows = np.moveaxis(images, 1, 0).reshape(images.shape[1], -1).astype(float)
    mean = rows.mean(axis=1)
    return [mean, np.sqrt((rows**2).mean(axis=1) - mean**2)]


def statistics_by_channels(images):
    mean = [images[:, c].mean() for c in range(images.shape[1])]
    std = [((images[:, c] - m) ** 2).mean() ** 0.5 for c, m in enumerate(mean)]
    return np.array(mean), np.array(std)


def statistics_in_single(images):
    singles = images.astype(np.float32)
    return singles.mean(axis=(0, 2, 3)), singles.std(axis=(0, 2, 3))


def statistics_stacked(images):
    return np.array([images.mean(axis=(0, 2, 3)), images.std(axis=(0, 2, 3))])


VALID = {
    "to_chw": [chw_by_transpose, chw_by_moveaxis, chw_by_stacking, chw_by_loops, chw_as_lists],
    "to_uint8": [uint8_by_clip, uint8_by_half, uint8_by_loop],
    "storage_bytes": [bytes_by_prod, bytes_by_array, bytes_by_loop],
    "extract_patch": [patch_by_slices, patch_by_copy, patch_by_index],
    "channel_statistics": [
        statistics_by_axes,
        statistics_by_rows,
        statistics_by_channels,
        statistics_in_single,
        statistics_stacked,
    ],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def chw_mirrored_and_reversed(image):
    return image[::-1, :, ::-1].transpose(2, 0, 1)


def chw_rotated(image):
    return np.rot90(image).transpose(2, 0, 1)


def chw_sorted(image):
    return np.sort(image.transpose(2, 0, 1), axis=1)


def uint8_clipped_before_a_shift(x):
    return (np.clip(x, 0, 255) + 0.6).astype(np.uint8)


def uint8_as_int(x):
    return np.clip(np.round(x), 0, 255).astype(int)


def uint8_in_place(x):
    np.clip(np.round(x), 0, 255, out=x)
    return x.astype(np.uint8)


def uint8_tens(x):
    return np.clip(np.round(x, -1), 0, 255).astype(np.uint8)


def bytes_as_float(shape, bits=8):
    return np.prod(shape) * bits / 8


def bytes_of_square(shape, bits=8):
    return shape[0] * shape[-1] ** 2 * bits // 8


def patch_turned(image, row, column, height, width):
    return image[:, row : row + height, column : column + width][:, ::-1]


def patch_exchanged_and_short(image, row, column, height, width):
    return image[:, column : column + height - 1, row : row + width - 1]


def patch_zeroed(image, row, column, height, width):
    patch = image[:, row : row + height, column : column + width].copy()
    image[:, row : row + height, column : column + width] = 0
    return patch


def patch_of_two_channels(image, row, column, height, width):
    patch = image[:, row : row + height, column : column + width].copy()
    patch[2:] = 0
    return patch


def statistics_only_mean(images):
    return images.mean(axis=(0, 2, 3))


def statistics_variance_by_image(images):
    return images.mean(axis=(0, 2, 3)), images.var(axis=(2, 3)).mean(axis=0)


def statistics_median(images):
    return np.median(images, axis=(0, 2, 3)), images.std(axis=(0, 2, 3))


def statistics_doubled(images):
    return images.mean(axis=(0, 2, 3)), 2 * images.std(axis=(0, 2, 3))


UNLISTED = {
    "to_chw": {
        chw_mirrored_and_reversed: "property:",
        chw_rotated: "shape",
        chw_sorted: "property:rows",
    },
    "to_uint8": {
        uint8_clipped_before_a_shift: "property:down",
        uint8_as_int: "dtype",
        uint8_in_place: "changed input",
        uint8_tens: "property:whole",
    },
    "storage_bytes": {bytes_as_float: "type", bytes_of_square: "property:axes"},
    "extract_patch": {
        patch_turned: "property:whole-image",
        patch_exchanged_and_short: "shape",
        patch_zeroed: "changed input",
        patch_of_two_channels: "property:channels",
    },
    "channel_statistics": {
        statistics_only_mean: "type",
        statistics_variance_by_image: "property:",
        statistics_median: "property:",
        statistics_doubled: "property:",
    },
}

# --- inputs of all kinds ------------------------------------------------------------------------


def any_image(rng):
    return Case("wide", (rng.integers(0, 256, rng.integers(1, 6, 3), dtype=np.uint8),))


def any_levels(rng):
    x = rng.integers(-600, 900, rng.integers(1, 5, 3)) + rng.choice([-0.4, 0, 0.3])
    return Case("wide", (x,))


def any_shape(rng):
    shape = tuple(rng.integers(1, 9, rng.integers(1, 6)).tolist())
    return Case("wide", (shape, int(rng.choice([8, 16, 32, 64]))))


def any_patch(rng):
    c, h, w = rng.integers(1, 7, 3).tolist()
    row, column = int(rng.integers(h)), int(rng.integers(w))
    height, width = int(rng.integers(1, h - row + 1)), int(rng.integers(1, w - column + 1))
    return Case("wide", (rng.normal(size=(c, h, w)), row, column, height, width))


def any_batch(rng):
    return Case("wide", (rng.normal(size=rng.integers(1, 5, 4)),))


WIDE = {
    "to_chw": any_image,
    "to_uint8": any_levels,
    "storage_bytes": any_shape,
    "extract_patch": any_patch,
    "channel_statistics": any_batch,
}
