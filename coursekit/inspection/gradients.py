"""How much gradient arrives at every layer."""

from torch import Tensor, nn
from torch.nn.functional import cross_entropy


def gradient_norms(model: nn.Module, x: Tensor, labels: Tensor) -> list[float]:
    """Norm of the gradient at the weights of every convolution.

    x: images (N, C, H, W), labels (N,): one batch, whose cross-entropy is the loss. Returns the
    norms in the order in which the model holds its convolutions; its gradients are cleared before.

    >>> import torch
    >>> net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> gradient_norms(net, torch.zeros(4, 1, 8, 8), torch.zeros(4, dtype=torch.long))
    [0.0]
    """
    model.zero_grad()
    cross_entropy(model(x), labels).backward()
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d)]
    return [layer.weight.grad.norm().item() for layer in layers]
