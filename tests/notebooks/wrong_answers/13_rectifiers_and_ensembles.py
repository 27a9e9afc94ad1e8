"""Answers as students write them; the slug above each is the mistake its check must name."""

import numpy as np


# maximum-of-both
def prelu_forward(x, a):
    return np.maximum(x, a.reshape(-1, 1, 1) * x)


# da-without-x
def prelu_backward(dout, x, a):
    negative = x < 0
    dx = np.where(negative, a.reshape(-1, 1, 1) * dout, dout)
    da = (negative * dout).sum(axis=(0, 2, 3))
    return dx, da if len(a) > 1 else da.sum(keepdims=True)


# kernel-not-squared
def he_std(in_channels, kernel_size, slope=0.0):
    return np.sqrt(2 / ((1 + slope**2) * in_channels * kernel_size))


# accuracy-returned
def top5_error(guesses, truths):
    found = [truth in names[:5] for names, truth in zip(guesses, truths, strict=True)]
    return 100 * sum(found) / len(found)


# scores-averaged
def ensemble_predict(scores):
    return scores.mean(axis=0).argmax(axis=1)
