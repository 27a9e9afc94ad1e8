"""Answers as students write them; the slug above each is the mistake its check must name."""

import numpy as np


# mask-on-dout
def relu_backward(dout, x):
    return dout * (dout > 0)


# not-set-back
def numerical_gradient(f, x, h=1e-5):
    dx = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        before = x[place]
        x[place] = before + h
        above = f(x)
        x[place] = before - h
        dx[place] = (above - f(x)) / (2 * h)
    return dx


# dx-empty-without-padding
def conv2d_backward(dout, x, w, stride=1, padding=0):
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
    for n, f, i, j in np.ndindex(dout.shape):
        rows = slice(i * stride, i * stride + w.shape[2])
        cols = slice(j * stride, j * stride + w.shape[3])
        dpadded[n, :, rows, cols] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * padded[n, :, rows, cols]
    return dpadded[:, :, padding:-padding, padding:-padding], dw, dout.sum(axis=(0, 2, 3))


# dx-overwritten
def locally_connected_backward(dout, x, w):
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for n, f, i, j in np.ndindex(dout.shape):
        rows, cols = slice(i, i + w.shape[4]), slice(j, j + w.shape[5])
        dx[n, :, rows, cols] = dout[n, f, i, j] * w[f, i, j]
        dw[f, i, j] += dout[n, f, i, j] * x[n, :, rows, cols]
    return dx, dw, dout.sum(axis=0)
