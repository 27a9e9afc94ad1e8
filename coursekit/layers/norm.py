"""Normalization: across neighboring maps (AlexNet), or over the batch (batch normalization)."""

from typing import Literal

import numpy as np

from coursekit.layers.inputs import Floats, fraction, is_whole, require_floats, require_shape

Convention = Literal["paper", "pytorch"]


def local_response_norm_forward(
    x: Floats,
    size: int = 5,
    alpha: float = 1e-4,
    beta: float = 0.75,
    k: float = 2.0,
    *,
    convention: Convention,
) -> Floats:
    """Divide each number by the strength of its neighbors across maps.

    out = x / (k + a·Σ x²)^beta, the sum over the ``size`` maps around each map at the same pixel,
    fewer at the ends. The defaults are AlexNet's (Krizhevsky, Sutskever, Hinton, 2012).
    convention: what alpha means. "paper": a = alpha. "pytorch": a = alpha / size, so that PyTorch
    needs alpha = 5e-4 where the paper writes 1e-4.
    x: (N, C, H, W); returns the same shape. An even size reaches one map further to the front.
    Raises ValueError for shapes, sizes and conventions, TypeError for dtypes.

    >>> x = np.full((1, 3, 1, 1), 2.0)
    >>> local_response_norm_forward(x, size=3, alpha=1, beta=1, k=0, convention="paper").ravel()
    array([0.25      , 0.16666667, 0.25      ])
    """
    a, beta, k = _lrn_constants(x, size, alpha, beta, k, convention)
    return x * (k + a * _sum_of_neighbors(x**2, size // 2, (size - 1) // 2)) ** -beta


def local_response_norm_backward(
    dout: Floats,
    x: Floats,
    size: int = 5,
    alpha: float = 1e-4,
    beta: float = 0.75,
    k: float = 2.0,
    *,
    convention: Convention,
) -> Floats:
    """Gradient of local response normalization.

    A number is divided by its own scale and stands in the scale of its neighbors: two terms.
    dout: gradient by the output (N, C, H, W); the rest as given to
    ``local_response_norm_forward``. Returns dx (N, C, H, W).
    """
    a, beta, k = _lrn_constants(x, size, alpha, beta, k, convention)
    _require_dout(dout, x)
    before, after = size // 2, (size - 1) // 2
    scale = k + a * _sum_of_neighbors(x**2, before, after)
    blame = dout * x * scale ** (-beta - 1)
    # Those in whose window I stand: my own window, mirrored.
    return dout * scale**-beta - 2 * a * beta * x * _sum_of_neighbors(blame, after, before)


def batch_norm2d_forward(
    x: Floats,
    gamma: Floats,
    beta: Floats,
    running_mean: Floats,
    running_var: Floats,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Floats, Floats, Floats]:
    """Give each channel mean beta and standard deviation gamma.

    x: (N, C, H, W). gamma, beta, running_mean, running_var: (C,).
    In training the batch's own mean and (biased) variance are used, and the running values move by
    ``momentum`` towards them (new = 0.9·old + 0.1·batch; the variance unbiased, as in PyTorch).
    Otherwise the running values are used and stay.
    Returns (out, running_mean, running_var); the arrays given are not changed.
    Ioffe, Szegedy (2015). Raises ValueError for shapes and numbers that do not fit, TypeError for
    dtypes.

    >>> x = np.array([1.0, 3.0]).reshape(2, 1, 1, 1)
    >>> one, zero = np.ones(1), np.zeros(1)
    >>> out, mean, var = batch_norm2d_forward(x, one, zero, zero, one, eps=0)
    >>> out.ravel(), mean, var
    (array([-1.,  1.]), array([0.2]), array([1.1]))
    """
    _require_channels(x, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    momentum, eps = fraction("momentum", momentum), float(eps)
    if not training:
        normalized, _ = _normalized(x, running_mean, running_var, eps)
        out = _per_map(gamma) * normalized + _per_map(beta)
        return out, running_mean.copy(), running_var.copy()
    mean, var = _batch_statistics(x)
    normalized, _ = _normalized(x, mean, var, eps)
    count = x.size // x.shape[1]
    unbiased = var * (count / (count - 1))
    return (
        _per_map(gamma) * normalized + _per_map(beta),
        (1 - momentum) * running_mean + momentum * mean,
        (1 - momentum) * running_var + momentum * unbiased,
    )


def batch_norm2d_backward(
    dout: Floats,
    x: Floats,
    gamma: Floats,
    running_mean: Floats,
    running_var: Floats,
    training: bool = True,
    eps: float = 1e-5,
) -> tuple[Floats, Floats, Floats]:
    """Gradients of batch normalization's loss by x, gamma and beta.

    In training the batch's mean and variance depend on every x, so the mean of the gradient and
    its part along the normalized x are taken out; otherwise only the scale remains.
    dout: gradient by the output (N, C, H, W); the rest as given to ``batch_norm2d_forward``.
    Returns (dx, dgamma, dbeta), shaped as x, gamma and beta.
    """
    _require_channels(x, gamma=gamma, running_mean=running_mean, running_var=running_var)
    _require_dout(dout, x)
    mean, var = _batch_statistics(x) if training else (running_mean, running_var)
    normalized, scale = _normalized(x, mean, var, float(eps))
    dgamma, dbeta = (dout * normalized).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))
    if not training:
        return _per_map(gamma) * scale * dout, dgamma, dbeta
    count = x.size // x.shape[1]
    useless = _per_map(dbeta / count) + normalized * _per_map(dgamma / count)
    return _per_map(gamma) * scale * (dout - useless), dgamma, dbeta


def local_response_norm_forward_loops(
    x: Floats,
    size: int = 5,
    alpha: float = 1e-4,
    beta: float = 0.75,
    k: float = 2.0,
    *,
    convention: Convention,
) -> Floats:
    """``local_response_norm_forward`` in plain loops: one number at a time."""
    a, beta, k = _lrn_constants(x, size, alpha, beta, k, convention)
    out = np.empty_like(x)
    for n, c, i, j in np.ndindex(x.shape):
        neighbors = x[n, max(0, c - size // 2) : c + (size - 1) // 2 + 1, i, j]
        out[n, c, i, j] = x[n, c, i, j] / (k + a * np.sum(neighbors**2)) ** beta
    return out


def local_response_norm_backward_loops(
    dout: Floats,
    x: Floats,
    size: int = 5,
    alpha: float = 1e-4,
    beta: float = 0.75,
    k: float = 2.0,
    *,
    convention: Convention,
) -> Floats:
    """``local_response_norm_backward`` in plain loops: one output number at a time."""
    a, beta, k = _lrn_constants(x, size, alpha, beta, k, convention)
    _require_dout(dout, x)
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(x.shape):
        near = slice(max(0, c - size // 2), c + (size - 1) // 2 + 1)
        scale = k + a * np.sum(x[n, near, i, j] ** 2)
        blame = dout[n, c, i, j] * x[n, c, i, j] * scale ** (-beta - 1)
        dx[n, c, i, j] += dout[n, c, i, j] * scale**-beta
        dx[n, near, i, j] -= 2 * a * beta * x[n, near, i, j] * blame
    return dx


def batch_norm2d_forward_loops(
    x: Floats,
    gamma: Floats,
    beta: Floats,
    running_mean: Floats,
    running_var: Floats,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Floats, Floats, Floats]:
    """``batch_norm2d_forward`` in plain loops: one channel at a time."""
    _require_channels(x, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    out, new_mean, new_var = np.empty_like(x), running_mean.copy(), running_var.copy()
    for c in range(x.shape[1]):
        mean, var = running_mean[c], running_var[c]
        if training:
            mean, var, count = x[:, c].mean(), x[:, c].var(), x[:, c].size
            new_mean[c] = (1 - momentum) * running_mean[c] + momentum * mean
            new_var[c] = (1 - momentum) * running_var[c] + momentum * var * count / (count - 1)
        out[:, c] = gamma[c] * (x[:, c] - mean) / np.sqrt(var + eps) + beta[c]
    return out, new_mean, new_var


def batch_norm2d_backward_loops(
    dout: Floats,
    x: Floats,
    gamma: Floats,
    running_mean: Floats,
    running_var: Floats,
    training: bool = True,
    eps: float = 1e-5,
) -> tuple[Floats, Floats, Floats]:
    """``batch_norm2d_backward`` in plain loops: one channel at a time."""
    _require_channels(x, gamma=gamma, running_mean=running_mean, running_var=running_var)
    _require_dout(dout, x)
    dx, dgamma, dbeta = np.empty_like(x), np.empty_like(gamma), np.empty_like(gamma)
    for c in range(x.shape[1]):
        mean, var = running_mean[c], running_var[c]
        if training:
            mean, var = x[:, c].mean(), x[:, c].var()
        normalized = (x[:, c] - mean) / np.sqrt(var + eps)
        dgamma[c], dbeta[c] = np.sum(dout[:, c] * normalized), np.sum(dout[:, c])
        direct = dout[:, c]
        if training:
            direct = direct - direct.mean() - normalized * np.mean(direct * normalized)
        dx[:, c] = gamma[c] / np.sqrt(var + eps) * direct
    return dx, dgamma, dbeta


def _lrn_constants(
    x: Floats, size: int, alpha: float, beta: float, k: float, convention: Convention
) -> tuple[float, float, float]:
    """Check them; (a, beta, k) as plain floats, which leave x's dtype alone."""
    require_floats(x=x)
    require_shape("x", x, (None,) * 4, "(N, C, H, W)")
    if not is_whole(size, least=1):
        raise ValueError(f"size is {size!r}; expected a whole number of maps, at least 1")
    if convention not in ("paper", "pytorch"):
        raise ValueError(f'convention is {convention!r}; expected "paper" or "pytorch"')
    a = alpha if convention == "paper" else alpha / size
    return float(a), float(beta), float(k)


def _sum_of_neighbors(x: Floats, before: int, after: int) -> Floats:
    """Sum over the maps from ``before`` in front of each map to ``after`` behind it."""
    n, c, h, w = x.shape
    padded = np.zeros((n, before + c + after, h, w), x.dtype)
    padded[:, before : before + c] = x
    return sum(padded[:, i : i + c] for i in range(before + after + 1))


def _per_map(values: Floats) -> Floats:
    """One number for each channel, shaped to meet (N, C, H, W)."""
    return values[:, np.newaxis, np.newaxis]


def _normalized(x: Floats, mean: Floats, var: Floats, eps: float) -> tuple[Floats, Floats]:
    """x less its mean times its scale, and the scale 1/√(var + eps)."""
    scale = _per_map(1 / np.sqrt(var + eps))
    return (x - _per_map(mean)) * scale, scale


def _batch_statistics(x: Floats) -> tuple[Floats, Floats]:
    """Mean and biased variance of each channel over batch and pixels."""
    if x.size == x.shape[1]:
        raise ValueError(
            f"x has shape {x.shape}: one number for each channel, which has no variance; "
            "expected more than one in training: use a larger batch, or training=False"
        )
    return x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))


def _require_channels(x: Floats, **arrays: Floats) -> None:
    require_floats(x=x, **arrays)
    require_shape("x", x, (None,) * 4, "(N, C, H, W)")
    for name, array in arrays.items():
        require_shape(name, array, (x.shape[1],), "(C,)")


def _require_dout(dout: Floats, x: Floats) -> None:
    require_floats(dout=dout, x=x)
    require_shape("dout", dout, x.shape, "(N, C, H, W)")
