"""Answers to the exercises of lecture 12 as students write them: valid ones, and unlisted bugs."""

import numpy as np

from coursekit.exercises import Case
from coursekit.exercises.occlusion import MIXED

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


def patches_by_steps(maps, images, receptive_field, jump, start, k=9):
    strengths = [one.max() for one in maps]
    numbers = sorted(range(len(maps)), key=lambda n: -strengths[n])[:k]
    patches = np.zeros((k, images.shape[1], receptive_field, receptive_field))
    for rank, n in enumerate(numbers):
        i, j = divmod(int(np.argmax(maps[n])), maps.shape[2])
        for u in range(receptive_field):
            for v in range(receptive_field):
                row, column = start + jump * i + u, start + jump * j + v
                if 0 <= row < images.shape[2] and 0 <= column < images.shape[3]:
                    patches[rank, :, u, v] = images[n, :, row, column]
    return numbers, patches


def patches_by_padding_all(maps, images, receptive_field, jump, start, k=9):
    flat = maps.reshape(len(maps), -1)
    numbers = np.argsort(-flat.max(axis=1))[:k]
    places = flat.argmax(axis=1)[numbers]
    m = receptive_field
    padded = np.pad(images, ((0, 0), (0, 0), (m, m), (m, m)))
    tops = places // maps.shape[2] * jump + start + m
    lefts = places % maps.shape[2] * jump + start + m
    return numbers.tolist(), [
        padded[n, :, t : t + m, left : left + m]
        for n, t, left in zip(numbers, tops, lefts, strict=True)
    ]


def patches_by_clipping(maps, images, receptive_field, jump, start, k=9):
    h, w = images.shape[2:]
    best = sorted(((one.max(), n) for n, one in enumerate(maps)), reverse=True)[:k]
    patches = np.zeros((len(best), images.shape[1], receptive_field, receptive_field), np.float32)
    for rank, (value, n) in enumerate(best):
        i, j = np.argwhere(maps[n] == value)[0]
        top, left = start + jump * i, start + jump * j
        rows = np.clip([top, top + receptive_field], 0, h)
        columns = np.clip([left, left + receptive_field], 0, w)
        inside = images[n, :, rows[0] : rows[1], columns[0] : columns[1]]
        patches[rank, :, rows[0] - top : rows[1] - top, columns[0] - left : columns[1] - left] = (
            inside
        )
    return np.array([n for _, n in best]), patches


def occlusion_by_batch(classify, x, label, size=8, stride=4, fill=0.0):
    tops = np.arange(0, x.shape[1] - size + 1, stride)
    lefts = np.arange(0, x.shape[2] - size + 1, stride)
    batch = np.stack([x] * (1 + len(tops) * len(lefts)))
    for n, (top, left) in enumerate((t, left) for t in tops for left in lefts):
        batch[n + 1, :, top : top + size, left : left + size] = fill
    scores = classify(batch)[:, label]
    return (scores[0] - scores[1:]).reshape(len(tops), len(lefts))


def occlusion_restoring(classify, x, label, size=8, stride=4, fill=0.0):
    rows = []
    before = classify(x[None])[0][label]
    for top in range(0, x.shape[1] - size + 1, stride):
        row = []
        for left in range(0, x.shape[2] - size + 1, stride):
            kept = x[:, top : top + size, left : left + size].copy()
            x[:, top : top + size, left : left + size] = fill
            row.append(before - classify(x[None])[0][label])
            x[:, top : top + size, left : left + size] = kept
        rows.append(row)
    return rows


def occlusion_by_mask(classify, x, label, size=8, stride=4, fill=0.0):
    _, h, w = x.shape
    out = np.empty(((h - size) // stride + 1, (w - size) // stride + 1), np.float32)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            mask = np.zeros((h, w), bool)
            mask[i * stride : i * stride + size, j * stride : j * stride + size] = True
            scores = classify(np.stack([x, np.where(mask, fill, x)]))
            out[i, j] = scores[0, label] - scores[1, label]
    return out


def grid_by_rows(w, columns, gap=1):
    f, c, kh, kw = w.shape
    scale = max(w.max(), -w.min())
    tiles = [(one / scale + 1) / 2 for one in w.transpose(0, 2, 3, 1)]
    rows = []
    for start in range(0, f, columns):
        row = np.ones((kh, columns * (kw + gap) - gap, c))
        for place, tile in enumerate(tiles[start : start + columns]):
            row[:, place * (kw + gap) : place * (kw + gap) + kw] = tile
        rows += [row, np.ones((gap, row.shape[1], c))]
    return np.concatenate(rows[:-1])


def grid_by_pixels(w, columns, gap=1):
    f, c, kh, kw = w.shape
    scale = np.abs(w).max()
    rows = (f + columns - 1) // columns
    height, width = rows * kh + (rows - 1) * gap, columns * kw + (columns - 1) * gap
    out = np.ones((height, width, c), np.float32)
    for n in range(f):
        i, j = n // columns, n % columns
        for u in range(kh):
            for v in range(kw):
                out[i * (kh + gap) + u, j * (kw + gap) + v] = 0.5 + 0.5 * w[n, :, u, v] / scale
    return out


def grid_by_reshape(w, columns, gap=1):
    f, c, kh, kw = w.shape
    rows = int(np.ceil(f / columns))
    cells = np.ones((rows * columns, kh + gap, kw + gap, c))
    cells[:f, :kh, :kw] = np.moveaxis(w, 1, 3) / np.abs(w).max() / 2 + 0.5
    cells = cells.reshape(rows, columns, kh + gap, kw + gap, c).swapaxes(1, 2)
    picture = cells.reshape(rows * (kh + gap), columns * (kw + gap), c)
    return picture[: picture.shape[0] - gap, : picture.shape[1] - gap]


VALID = {
    "unpool": [unpool_by_loops, unpool_by_maps],
    "top_patches": [patches_by_steps, patches_by_padding_all, patches_by_clipping],
    "occlusion_map": [occlusion_by_batch, occlusion_restoring, occlusion_by_mask],
    "filter_grid": [grid_by_rows, grid_by_pixels, grid_by_reshape],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def unpool_doubled(pooled, index, height, width):
    return 2 * unpool_by_maps(pooled, index, height, width)


def unpool_upside_down(pooled, index, height, width):
    return unpool_by_maps(pooled, index, height, width)[:, :, ::-1]


def unpool_flat(pooled, index, height, width):
    return unpool_by_maps(pooled, index, height, width).reshape(*pooled.shape[:2], -1)


def patches_weakest_and_jump_ignored(maps, images, receptive_field, jump, start, k=9):
    return patches_by_steps(-maps, images, receptive_field, 1, start, k)


def patches_mirrored(maps, images, receptive_field, jump, start, k=9):
    numbers, patches = patches_by_steps(maps, images, receptive_field, jump, start, k)
    return numbers, patches[..., ::-1]


def patches_channels_last(maps, images, receptive_field, jump, start, k=9):
    numbers, patches = patches_by_steps(maps, images, receptive_field, jump, start, k)
    return numbers, patches.transpose(0, 2, 3, 1)


def patches_without_border(maps, images, receptive_field, jump, start, k=9):
    numbers = maps.max(axis=(1, 2)).argsort()[::-1][:k]
    patches = np.zeros((k, images.shape[1], receptive_field, receptive_field))
    for rank, n in enumerate(numbers):
        i, j = np.unravel_index(maps[n].argmax(), maps[n].shape)
        top, left = start + jump * i, start + jump * j
        patches[rank] = images[n, :, top : top + receptive_field, left : left + receptive_field]
    return numbers, patches


def patches_alone(maps, images, receptive_field, jump, start, k=9):
    return patches_by_steps(maps, images, receptive_field, jump, start, k)[1]


def patches_outside_minus_one(maps, images, receptive_field, jump, start, k=9):
    numbers, patches = patches_by_steps(maps, images, receptive_field, jump, start, k)
    return numbers, np.where(patches == 0, -1, patches)


def occlusion_of_one_channel_reversed(classify, x, label, size=8, stride=4, fill=0.0):
    def only_first(images):
        return classify(np.concatenate([images[:, :1], np.tile(x[1:], (len(images), 1, 1, 1))], 1))

    return -occlusion_by_batch(only_first, x, label, size, stride, fill)


def occlusion_doubled(classify, x, label, size=8, stride=4, fill=0.0):
    return 2 * occlusion_by_batch(classify, x, label, size, stride, fill)


def occlusion_without_batch(classify, x, label, size=8, stride=4, fill=0.0):
    return classify(x)[label] - occlusion_by_batch(classify, x, label, size, stride, fill)


def occlusion_upside_down(classify, x, label, size=8, stride=4, fill=0.0):
    return occlusion_by_batch(classify, x, label, size, stride, fill)[::-1]


def occlusion_darkened(classify, x, label, size=8, stride=4, fill=0.0):
    return occlusion_by_batch(lambda images: classify(images + fill), x, label, size, stride, 0)


def occlusion_of_bars(classify, x, label, size=8, stride=4, fill=0.0):
    drops = []
    for top in range(0, x.shape[1] - size + 1, stride):
        hidden = x.copy()
        hidden[:, top : top + size] = fill
        drops.append(classify(x[None])[0, label] - classify(hidden[None])[0, label])
    return np.array(drops)


def grid_on_its_own_and_reversed(w, columns, gap=1):
    own = w / np.maximum(np.abs(w).max(axis=(1, 2, 3), keepdims=True), 1e-9)
    return 1 - grid_by_rows(own, columns, gap)


def grid_standardized(w, columns, gap=1):
    return grid_by_rows(np.clip((w - w.mean()) / w.std(), -1, 1), columns, gap)


def grid_in_gray_and_without_gap(w, columns, gap=1):
    return grid_by_rows(np.repeat(w.mean(axis=1, keepdims=True), 3, axis=1), columns, 0)


def grid_of_uint8(w, columns, gap=1):
    return (255 * grid_by_rows(w, columns, gap)).astype(np.uint8)


def grid_in_place(w, columns, gap=1):
    w /= np.abs(w).max()
    return grid_by_rows(w, columns, gap)


def grid_last_filter_twice(w, columns, gap=1):
    missing = -len(w) % columns
    return grid_by_rows(np.concatenate([w] + [w[-1:]] * missing), columns, gap)


def unpool_into_the_first_map(pooled, index, height, width):
    out = np.zeros((*pooled.shape[:2], height, width))
    out.flat[index.ravel()] = pooled.ravel()
    return out


def grid_on_the_scale_of_the_first(w, columns, gap=1):
    scale = np.abs(w[0]).max()
    return grid_by_rows(w.clip(-scale, scale), columns, gap)


def patches_behind_a_relu(maps, images, receptive_field, jump, start, k=9):
    return patches_by_steps(np.maximum(maps, 0), images, receptive_field, jump, start, k)


def unpool_unless_at_zero(pooled, index, height, width):
    return unpool_by_loops(pooled, index, height, width) * (np.arange(height * width) > 0).reshape(
        height, width
    )


UNLISTED = {
    "top_patches": {
        patches_weakest_and_jump_ignored: "property:",
        patches_mirrored: "property:field",
        patches_channels_last: "shape",
        patches_without_border: "raised",
        patches_alone: "type",
        patches_outside_minus_one: "property:border",
        patches_behind_a_relu: "value",
    },
    "occlusion_map": {
        occlusion_of_one_channel_reversed: "property:",
        occlusion_doubled: "property:constant-ratio",
        occlusion_without_batch: "raised",
        occlusion_upside_down: "property:rows",
        occlusion_darkened: "property:fill",
        occlusion_of_bars: "shape",
    },
    "filter_grid": {
        grid_on_its_own_and_reversed: "property:levels",
        grid_standardized: "property:",
        grid_in_gray_and_without_gap: "shape",
        grid_of_uint8: "dtype",
        grid_in_place: "changed input",
        grid_last_filter_twice: "property:last-row",
        grid_on_the_scale_of_the_first: "value",
    },
    "unpool": {
        unpool_doubled: "property:constant-ratio",
        unpool_upside_down: "property:two-values",
        unpool_flat: "shape",
        unpool_into_the_first_map: "value",
        unpool_unless_at_zero: "value",
    },
}

# --- inputs of all kinds ------------------------------------------------------------------------


def any_maps(rng):
    n, c, field, jump, padding = map(int, rng.integers((1, 1, 1, 1, 0), (7, 4, 6, 5, 3)))
    h, w = rng.integers(6, 15, 2)
    padding = min(padding, field - 1)
    sizes = [(side + 2 * padding - field) // jump + 1 for side in (h, w)]
    view = field, jump, -padding
    drawn = rng.normal(size=(n, *sizes)), rng.normal(size=(n, c, h, w))
    return Case("wide", (*drawn, *view), {"k": int(rng.integers(1, n + 1))})


def any_image(rng):
    c, h, w, size, stride = map(int, rng.integers((1, 4, 4, 1, 1), (4, 9, 9, 5, 4)))
    x, label = rng.normal(size=(c, h, w)), int(rng.integers(c))
    return Case("wide", (MIXED, x, label, size, stride), {"fill": float(rng.normal())})


def any_filters(rng):
    f, kh, kw, columns, gap = map(int, rng.integers((1, 1, 1, 1, 0), (8, 5, 5, 5, 3)))
    return Case("wide", (rng.normal(size=(f, 3, kh, kw)), columns, gap))


WIDE = {"top_patches": any_maps, "occlusion_map": any_image, "filter_grid": any_filters}
