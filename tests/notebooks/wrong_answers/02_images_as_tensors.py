"""Answers as students write them; the slug above each is the mistake its check must name."""

import numpy as np


# always-one-byte
def storage_bytes(shape, bits=8):
    count = 1
    for n in shape:
        count = count * n
    return count


# not-clipped
def to_uint8(x):
    return np.round(x).astype(np.uint8)


# reshaped
def to_chw(image):
    h, w, c = image.shape
    return image.reshape(c, h, w)


# x-and-y-exchanged
def extract_patch(image, row, column, height, width):
    return image[:, column : column + width, row : row + height]


# image-by-image
def channel_statistics(images):
    return images.mean(axis=(2, 3)), images.std(axis=(2, 3))
