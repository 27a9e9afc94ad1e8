"""Answers as students write them; the slug above each is the mistake its check must name."""

import numpy as np


# mean-of-the-batches
def accuracy(batches):
    return float(np.mean([(s.argmax(axis=1) == y).mean() for s, y in batches]))


# no-maximum-subtracted
def softmax_cross_entropy(scores, labels):
    powers = np.exp(scores)
    p = powers / powers.sum(axis=1, keepdims=True)
    images = np.arange(len(scores))
    loss = -np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p / len(scores)


# old-velocity-used
def sgd_momentum_step(w, dw, v, lr, momentum=0.9, weight_decay=0.0):
    return w - lr * v, momentum * v + dw + weight_decay * w


# channels-reversed
def random_crop_flip(x, padding, offsets, flips):
    out = np.empty_like(x)
    for n in range(len(x)):
        padded = np.pad(x[n], ((0, 0), (padding, padding), (padding, padding)))
        row, column = offsets[n]
        out[n] = padded[:, row : row + x.shape[2], column : column + x.shape[3]]
        if flips[n]:
            out[n] = out[n][::-1].copy()
    return out


# not-scaled
def dropout_forward(x, p, uniform, training=True):
    mask = (uniform >= p).astype(float) if training else np.ones_like(x)
    return x * mask, mask
