"""Answers as students write them; the slug above each is the mistake its check must name."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


# first-bias-everywhere
def conv2d_forward(x, w, b, stride=1, padding=0):
    n, _, height, width = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (height + 2 * padding - kh) // stride + 1
    columns = (width + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            chunk = padded[:, None, :, top : top + kh, left : left + kw]
            out[:, :, i, j] = np.sum(chunk * w, axis=(2, 3, 4)) + b[0]
    return out


# depth-forgotten
def conv2d_macs(in_channels, out_channels, kernel_size, out_size):
    return out_channels * out_size[0] * out_size[1] * kernel_size**2


# axes-never-moved
def conv2d_im2col(x, w, b, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    n, c, rows, wide, kh, kw = windows.shape
    columns = windows.reshape(n, c * kh * kw, rows * wide)
    out = w.reshape(len(w), -1) @ columns + b[:, np.newaxis]
    return out.reshape(n, len(w), rows, wide), columns
