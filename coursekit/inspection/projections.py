"""Which pixels a unit owes its activation to: three answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from coursekit.inspection.activations import recorded
from coursekit.training.measuring import evaluating


def deconvnet(model: nn.Module, x: Tensor, layer: str, unit: int) -> Tensor:
    """Project a unit's strongest activation back to the pixels.

    As Zeiler and Fergus (2014) did: everything else in the layer is set to 0, and the rest goes
    back through the transposed filters, through the switches of the max poolings, and through
    ReLUs, which let pass what is positive on the way *back*.

    Args:
        x: images (N, C, H, W).
        layer: name of the unit's layer, with outputs (N, units, H', W') or (N, units).
        unit: number of the map.

    Returns:
        (N, C, H, W), in the units of the images; 0 where the unit does not look.

    Raises:
        ValueError: there is no such layer or unit, or the model's rectifiers are no nn.ReLU.
    """
    return _project(model, x, layer, unit, lambda gradient, _: gradient.clamp_min(0))


def guided_gradients(model: nn.Module, x: Tensor, layer: str, unit: int) -> Tensor:
    """Return the gradient of a unit's strongest activation, without inhibition.

    Guided backpropagation (Springenberg et al., 2015): a ReLU lets pass only what is positive on
    the way back and was positive on the way forward.

    Args and Returns as for `deconvnet`.
    """
    return _project(model, x, layer, unit, lambda gradient, z: gradient.clamp_min(0) * (z > 0))


Rule = Callable[[Tensor, Tensor], Tensor]  # (gradient behind, input) -> gradient in front


def _project(model: nn.Module, x: Tensor, layer: str, unit: int, rule: Rule) -> Tensor:
    x = x.detach().clone().requires_grad_()
    with (
        evaluating(model),
        _rectifiers(model, rule),
        torch.enable_grad(),
        recorded(model, [layer]) as outputs,
    ):
        model(x)
        (gradient,) = torch.autograd.grad(outputs[layer], x, _strongest(outputs[layer], unit))
    return gradient


def _strongest(output: Tensor, unit: int) -> Tensor:
    """The layer's output with all but one activation of the unit set to 0."""
    if not 0 <= unit < output.shape[1]:
        raise ValueError(f"unit is {unit}, but the layer's units are 0 to {output.shape[1] - 1}.")
    maps = output.detach()[:, unit].reshape(len(output), -1)
    value, place = maps.max(1, keepdim=True)
    kept = torch.zeros_like(output)
    kept[:, unit] = torch.zeros_like(maps).scatter(1, place, value).view_as(output[:, unit])
    return kept


@contextmanager
def _rectifiers(model: nn.Module, rule: Rule) -> Iterator[None]:
    """Let every nn.ReLU go backward by `rule` while the block runs."""
    places = [
        (parent, name)
        for parent in model.modules()
        for name, child in parent.named_children()
        if isinstance(child, nn.ReLU)
    ]
    if not places:
        raise ValueError(
            f"{type(model).__name__} has no nn.ReLU layers; write its rectifiers as nn.ReLU, not "
            "as functions, to project through them."
        )
    kept = [parent._modules[name] for parent, name in places]
    try:
        for parent, name in places:
            parent._modules[name] = _Rectifier(rule)
        yield
    finally:
        for (parent, name), relu in zip(places, kept, strict=True):
            parent._modules[name] = relu


class _Rectifier(nn.Module):
    """max(x, 0) forward, a rule of its own backward."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.rule = rule

    def forward(self, x: Tensor) -> Tensor:
        """Rectify x, of any shape."""
        return _Rectify.apply(x, self.rule)


class _Rectify(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, rule: Rule) -> Tensor:
        ctx.save_for_backward(x)
        ctx.rule = rule
        return x.clamp_min(0)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        return ctx.rule(gradient, *ctx.saved_tensors), None


def occlusion_map(
    model: nn.Module, x: Tensor, label: int, size: int = 8, stride: int = 4, fill: float = 0.0
) -> Tensor:
    """Return a class's probability while a square hides part of the image.

    Low where the square hides what the model went by (Zeiler and Fergus, 2014, figure 7).

    Args:
        x: one image (C, H, W).
        label: the class.
        size: side of the square in pixels.
        stride: pixels from one place of the square to the next.
        fill: its value; 0 is the mean color of normalized images.

    Returns:
        probabilities (rows, columns), one for each place of the square, the first at the top left
        corner.

    Raises:
        ValueError: the square is larger than the image.
    """
    h, w = x.shape[1:]
    if not 0 < size <= min(h, w):
        raise ValueError(f"size is {size}, but must be 1 to {min(h, w)} in an image of {h}×{w}.")
    tops, lefts = range(0, h - size + 1, stride), range(0, w - size + 1, stride)
    hidden = x.repeat(len(tops) * len(lefts), 1, 1, 1)
    places = [(top, left) for top in tops for left in lefts]
    for image, (top, left) in zip(hidden, places, strict=True):
        image[:, top : top + size, left : left + size] = fill
    with evaluating(model):
        probabilities = [model(part).softmax(1)[:, label] for part in hidden.split(64)]
    return torch.cat(probabilities).view(len(tops), len(lefts))
