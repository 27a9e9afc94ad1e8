"""Answers to the exercises of lecture 13 as students write them: valid ones, and unlisted bugs."""

import math

import numpy as np

from coursekit.exercises import Case

# --- valid --------------------------------------------------------------------------------------


def prelu_by_parts(x, a):
    return np.maximum(x, 0) + a.reshape(1, -1, 1, 1) * np.minimum(x, 0)


def prelu_by_loops(x, a):
    out = np.array(x, dtype=np.float32)
    for n, c, i, j in np.ndindex(x.shape):
        if x[n, c, i, j] < 0:
            out[n, c, i, j] = x[n, c, i, j] * (a[c] if len(a) > 1 else a[0])
    return out


def prelu_by_mask(x, a):
    slope = np.broadcast_to(a, (x.shape[1],))[None, :, None, None]
    negative = x < 0
    return x * (1 - negative) + x * slope * negative


def backward_by_parts(dout, x, a):
    slope = a.reshape(1, -1, 1, 1)
    dx = dout * np.where(x > 0, 1.0, slope)
    each = (np.minimum(x, 0) * dout).sum(axis=(0, 2, 3))
    return dx, each if len(a) > 1 else each.sum(keepdims=True)


def backward_by_loops(dout, x, a):
    dx, da = np.zeros_like(x), np.zeros(len(a))
    for n, c, i, j in np.ndindex(x.shape):
        m = c if len(a) > 1 else 0
        if x[n, c, i, j] > 0:
            dx[n, c, i, j] = dout[n, c, i, j]
        else:
            dx[n, c, i, j] = a[m] * dout[n, c, i, j]
            da[m] += x[n, c, i, j] * dout[n, c, i, j]
    return dx, da


def backward_in_single(dout, x, a):
    dout, x = dout.astype(np.float32), x.astype(np.float32)
    dx = dout.copy()
    slopes = np.zeros_like(x) + a[:, None, None]
    dx[x < 0] *= slopes[x < 0]
    each = np.where(x < 0, x * dout, 0)
    da = [each[:, c].sum() for c in range(x.shape[1])]
    return [dx, da if len(a) > 1 else [sum(da)]]


def std_by_math(in_channels, kernel_size, slope=0.0):
    return math.sqrt(2 / (in_channels * kernel_size * kernel_size * (1 + slope * slope)))


def std_by_gain(in_channels, kernel_size, slope=0.0):
    gain = (2 / (1 + slope**2)) ** 0.5
    return np.float32(gain / np.prod([in_channels, kernel_size, kernel_size]) ** 0.5)


def error_by_counting(guesses, truths):
    found = 0
    for n in range(len(truths)):
        if truths[n] in guesses[n][:5]:
            found += 1
    return 100 - 100 * found / len(truths)


def error_in_numpy(guesses, truths):
    first = np.array([one[:5] for one in guesses])
    return np.mean((first != np.array(truths)[:, None]).all(axis=1)) * 100


def ensemble_by_loops(scores):
    members, images, classes = scores.shape
    chosen = []
    for n in range(images):
        total = np.zeros(classes)
        for m in range(members):
            powers = np.exp(scores[m, n] - scores[m, n].max())
            total += powers / powers.sum()
        chosen.append(int(total.argmax()))
    return chosen


def ensemble_in_single(scores):
    scores = scores.astype(np.float32)
    powers = np.exp(scores - np.max(scores, axis=2, keepdims=True))
    p = powers / np.sum(powers, axis=2)[:, :, None]
    return np.argmax(p.sum(axis=0), axis=1)


VALID = {
    "prelu_forward": [prelu_by_parts, prelu_by_loops, prelu_by_mask],
    "prelu_backward": [backward_by_parts, backward_by_loops, backward_in_single],
    "he_std": [std_by_math, std_by_gain],
    "top5_error": [error_by_counting, error_in_numpy],
    "ensemble_predict": [ensemble_by_loops, ensemble_in_single],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


def prelu_first_slope_and_sign_lost(x, a):
    return np.where(x > 0, x, -a[0] * x)


def prelu_squared_slope(x, a):
    return prelu_by_parts(x, a**2)


def prelu_in_place(x, a):
    out = prelu_by_parts(x, a)
    x[:] = out
    return out


def backward_doubled(dout, x, a):
    dx, da = backward_by_parts(dout, x, a)
    return 2 * dx, da


def backward_da_squared(dout, x, a):
    dx, da = backward_by_parts(dout, x, a)
    return dx, da * np.abs(da)


def backward_dx_only(dout, x, a):
    return backward_by_parts(dout, x, a)[0]


def std_tripled(in_channels, kernel_size, slope=0.0):
    return 3 * std_by_math(in_channels, kernel_size, slope)


def std_of_four_fifths(in_channels, kernel_size, slope=0.0):
    return std_by_math(in_channels + 1, kernel_size + 1, slope)


def error_halved(guesses, truths):
    return error_by_counting(guesses, truths) / 2


def error_top_3(guesses, truths):
    return error_by_counting([one[:3] for one in guesses], truths)


def error_of_pairs(guesses, truths):
    return [error_by_counting([g], [t]) for g, t in zip(guesses, truths, strict=True)]


def ensemble_of_squares(scores):
    return ensemble_by_loops(2 * scores)


def ensemble_one_more(scores):
    return np.array(ensemble_by_loops(scores)) + 1


def ensemble_as_floats(scores):
    return np.array(ensemble_by_loops(scores), dtype=float)


def ensemble_shifted_by_the_mean(scores):
    powers = np.exp(scores - scores.mean(axis=2, keepdims=True))
    return (powers / powers.sum(axis=2, keepdims=True)).mean(axis=0).argmax(axis=1)


def error_of_every_guess(guesses, truths):
    return error_by_counting(guesses, truths) / len(guesses[0])


def std_measured(in_channels, kernel_size, slope=0.0):
    drawn = np.random.default_rng().normal(size=1000)
    return (drawn * std_by_math(in_channels, kernel_size, slope)).std()


def error_by_beginnings(guesses, truths):
    pairs = zip(guesses, truths, strict=True)
    return 100 * np.mean([not any(n.startswith(t) for n in g[:5]) for g, t in pairs])


def error_of_sorted_names(guesses, truths):
    return error_by_counting([sorted(one) for one in guesses], truths)


UNLISTED = {
    "prelu_forward": {
        prelu_first_slope_and_sign_lost: "property:negative",
        prelu_squared_slope: "property:negative",
        prelu_in_place: "changed input",
    },
    "prelu_backward": {
        backward_doubled: "property:constant-ratio-dx",
        backward_da_squared: "property:",
        backward_dx_only: "type",
    },
    "he_std": {
        std_tripled: "property:common-factor",
        std_of_four_fifths: "property:one-pixel",
        std_measured: "unsteady",
    },
    "top5_error": {
        error_halved: "property:common-factor",
        error_top_3: "property:fifth",
        error_of_pairs: "type",
        error_of_every_guess: "property:missed",
        error_by_beginnings: "value",
        error_of_sorted_names: "property:sixth",
    },
    "ensemble_predict": {
        ensemble_of_squares: "",
        ensemble_one_more: "property:one-network",
        ensemble_as_floats: "dtype",
        ensemble_shifted_by_the_mean: "value",
    },
}

# --- inputs of all kinds ------------------------------------------------------------------------


def any_prelu(rng):
    shape = rng.integers(1, 5, 4)
    return Case("wide", (rng.normal(size=shape), rng.normal(size=rng.choice([1, shape[1]]))))


def any_gradient(rng):
    x, a = any_prelu(rng).args
    return Case("wide", (rng.normal(size=x.shape), x, a))


def any_fan(rng):
    c, k = rng.integers(1, 20, 2).tolist()
    return Case("wide", (c, k), {"slope": float(rng.uniform(-0.9, 0.9))})


WIDE = {"prelu_forward": any_prelu, "prelu_backward": any_gradient, "he_std": any_fan}
