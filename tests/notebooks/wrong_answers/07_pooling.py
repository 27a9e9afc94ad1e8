"""Answers as students write them; the slug above each is the mistake its check must name."""

import numpy as np


# index-in-the-window
def max_pool2d_forward(x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    n, c, height, width = x.shape
    rows, columns = (height - kernel_size) // stride + 1, (width - kernel_size) // stride + 1
    out, index = np.zeros((n, c, rows, columns)), np.zeros((n, c, rows, columns), dtype=int)
    for a, b, i, j in np.ndindex(out.shape):
        top, left = i * stride, j * stride
        window = x[a, b, top : top + kernel_size, left : left + kernel_size]
        out[a, b, i, j] = window.max()
        index[a, b, i, j] = window.argmax()
    return out, index


# overwritten
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    dx = np.zeros(x.shape)
    for a, b, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        window = x[a, b, top : top + kernel_size, left : left + kernel_size]
        u, v = divmod(window.argmax(), kernel_size)
        dx[a, b, top + u, left + v] = dout[a, b, i, j]
    return dx


# not-divided
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    dx = np.zeros(x.shape)
    for a, b, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        dx[a, b, top : top + kernel_size, left : left + kernel_size] += dout[a, b, i, j]
    return dx
