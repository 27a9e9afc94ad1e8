"""The networks run: shapes on the meta device, values on the CPU, and papers' details."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from coursekit import models
from coursekit.models import INPUT_SHAPES

# Of images this small, so that the test computer has little to do.
SMALL_IMAGES = {
    models.alexnet: (3, 64, 64),
    models.alexnet_2012: (3, 227, 227),
    models.zfnet: (3, 224, 224),
    models.googlenet: (3, 64, 64),
    models.googlenet_2014: (3, 224, 224),
    models.resnet18: (3, 32, 32),
    models.resnet50: (3, 32, 32),
    models.lenet5: (1, 32, 32),
    models.example_convnet: (3, 32, 32),
    models.convnetjs_mnist: (1, 24, 24),
    models.convnetjs_cifar: (3, 32, 32),
    models.alexnet_mini: (3, 32, 32),
    models.alexnet_cifar: (3, 32, 32),
}


@pytest.mark.parametrize("build", INPUT_SHAPES)
def test_images_become_logits(build) -> None:
    with torch.device("meta"):
        model, images = build(num_classes=7).eval(), torch.empty(2, *INPUT_SHAPES[build])
    assert model(images).shape == (2, 7)


@pytest.mark.parametrize("build", SMALL_IMAGES)
def test_values_are_finite_and_differ_between_images(build) -> None:
    torch.manual_seed(0)
    model = build(num_classes=5).eval()
    with torch.no_grad():
        logits = model(torch.randn(2, *SMALL_IMAGES[build]))
    assert logits.shape == (2, 5)
    assert logits.isfinite().all()
    assert not torch.equal(logits[0], logits[1])


@pytest.mark.parametrize(
    ("build", "smallest"),
    [(models.alexnet, 63), (models.vgg11, 32), (models.resnet18, 1), (models.prelunet, 16)],
)
def test_other_image_sizes_are_taken_too(build, smallest) -> None:
    with torch.device("meta"):
        model = build().eval()
        for size in (smallest, 128, 320):
            assert model(torch.empty(1, 3, size, size + 7)).shape == (1, 1000)


def test_vgg_pools_to_49_places_whatever_the_image() -> None:
    stages = ((4,), (4,))
    vgg = models.VGG(stages, num_classes=3).eval()
    vgg.classifier[0] = nn.Linear(4 * 7 * 7, 4096)
    x = torch.randn(1, 3, 56, 56)
    expected = vgg.classifier(F.adaptive_avg_pool2d(vgg.features(x), 7).flatten(1))
    torch.testing.assert_close(vgg(x), expected)


# --- AlexNet's details --------------------------------------------------------------------------


def test_local_response_norm_is_the_papers_formula() -> None:
    n, alpha, beta, k = 5, 1e-4, 0.75, 2.0
    a = np.random.default_rng(0).normal(0, 100, (1, 9, 2, 3))  # large, so that the sum matters
    expected = np.empty_like(a)
    for i in range(9):
        neighbors = a[:, max(0, i - n // 2) : i + n // 2 + 1]
        expected[:, i] = a[:, i] / (k + alpha * (neighbors**2).sum(axis=1)) ** beta
    norm = models.local_response_norm(n, alpha, beta, k)
    np.testing.assert_allclose(norm(torch.from_numpy(a)).numpy(), expected, rtol=1e-12)
    as_written = nn.LocalResponseNorm(n, alpha, beta, k)(torch.from_numpy(a)).numpy()
    assert not np.allclose(as_written, expected, rtol=0.01)


def test_alexnet_starts_as_the_paper_says() -> None:
    torch.manual_seed(0)
    model = models.alexnet_2012()
    layers = {name: m for name, m in model.named_modules() if isinstance(m, nn.Conv2d | nn.Linear)}
    for name, layer in layers.items():
        assert layer.weight.std().item() == pytest.approx(0.01, rel=0.03)
        active = name.endswith(("conv2", "conv4", "conv5", "fc6", "fc7"))
        assert (layer.bias == (1 if active else 0)).all()


def test_groups_see_only_their_own_half() -> None:
    conv2 = models.AlexNet2012(num_classes=2).features.conv2
    maps = torch.zeros(1, 96, 5, 5)
    silent = conv2(maps)
    maps[:, :48] = 1  # the first GPU's maps
    changed = (conv2(maps) != silent).flatten(2).any(dim=2)[0]
    assert changed[:128].all()
    assert not changed[128:].any()


# --- GoogLeNet's details ------------------------------------------------------------------------


@pytest.mark.parametrize("build", [models.googlenet, models.googlenet_2014])
def test_googlenet_in_training_gives_three_logits(build) -> None:
    torch.manual_seed(0)
    model = build(num_classes=4)
    outputs = model(torch.randn(2, 3, 224, 224))
    assert outputs._fields == ("logits", "aux_logits2", "aux_logits1")
    assert [logits.shape for logits in outputs] == [(2, 4)] * 3
    sum(logits.sum() for logits in outputs).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_googlenet_without_heads_gives_one() -> None:
    with torch.device("meta"):
        model = models.googlenet(num_classes=4, aux_logits=False)
        assert model(torch.empty(2, 3, 64, 64)).shape == (2, 4)


def test_googlenet_shifts_images_to_tensorflows_range() -> None:
    torch.manual_seed(0)
    model = models.googlenet(num_classes=3, aux_logits=False).eval()
    pixels = torch.rand(1, 3, 64, 64)  # 0…1, as in a file
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    expected = model(2 * pixels - 1)
    model.transform_input = True
    torch.testing.assert_close(model((pixels - mean) / std), expected, rtol=1e-4, atol=1e-5)


def test_inception_stacks_its_branches() -> None:
    module = models.Inception(8, 3, 2, 4, 2, 5, 6, as_published=True).eval()
    x = torch.randn(2, 8, 7, 7)
    out = module(x)
    assert out.shape == (2, 3 + 4 + 5 + 6, 7, 7)
    torch.testing.assert_close(out[:, :3], module.branch1(x))
    torch.testing.assert_close(out[:, -6:], module.branch4(x))


# --- ResNet's and PReLU-net's details -----------------------------------------------------------


@pytest.mark.parametrize("block", [models.BasicBlock, models.Bottleneck])
def test_a_block_that_learned_nothing_only_rectifies(block) -> None:
    block = block(8 * block.expansion, 8).eval()
    last = block.bn3 if hasattr(block, "bn3") else block.bn2
    nn.init.zeros_(last.weight)
    x = torch.randn(2, block.conv1.in_channels, 5, 5)
    torch.testing.assert_close(block(x), x.relu())


@pytest.mark.parametrize("block", [models.BasicBlock, models.Bottleneck])
def test_a_block_with_a_stride_halves_the_maps(block) -> None:
    out = block(16, 8, stride=2)(torch.randn(2, 16, 9, 9))
    assert out.shape == (2, 8 * block.expansion, 5, 5)


def test_prelunet_keeps_the_signals_size_through_its_convolutions() -> None:
    torch.manual_seed(0)
    model = models.PReLUNet(((16,) * 8,))
    signal = torch.randn(4, 3, 64, 64)
    deviations = []
    for layer in model.features:
        signal = layer(signal)
        if isinstance(layer, nn.Conv2d):
            deviations.append(signal.std().item())
    assert max(deviations[1:]) / min(deviations[1:]) < 4
    slopes = [layer.weight for layer in model.modules() if isinstance(layer, nn.PReLU)]
    assert all((slope == 0.25).all() for slope in slopes)


# --- the small ones learn -----------------------------------------------------------------------


def stripes(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (N, 3, 32, 32) of stripes in four directions, and the directions (N,)."""
    labels = torch.arange(count) % 4
    angle = (labels * math.pi / 4).view(-1, 1, 1)
    phase = 2 * math.pi * torch.rand(count, 1, 1)
    row, column = torch.arange(32.0).view(32, 1), torch.arange(32.0).view(1, 32)
    waves = torch.sin(angle.cos() * row + angle.sin() * column + phase)
    images = waves[:, None] + 0.3 * torch.randn(count, 3, 32, 32)
    return images, labels


def test_the_small_alexnet_learns_within_seconds() -> None:
    torch.manual_seed(0)
    images, labels = stripes(256)
    model = models.alexnet_mini(num_classes=4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for batch in torch.arange(256).view(-1, 64).repeat(8, 1):
        loss = F.cross_entropy(model(images[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(math.log(4), rel=0.05)
    new_images, new_labels = stripes(64)
    with torch.no_grad():
        assert (model(new_images).argmax(dim=1) == new_labels).float().mean() > 0.95


def test_the_large_one_for_32_pixels_starts_at_ln_10_with_gradients_everywhere() -> None:
    torch.manual_seed(0)
    model = models.alexnet_cifar()
    loss = F.cross_entropy(model(torch.randn(8, 3, 32, 32)), torch.arange(8))
    assert loss.item() == pytest.approx(math.log(10), rel=0.05)
    loss.backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in model.parameters())


@pytest.mark.parametrize("build", [models.example_convnet, models.lenet5, models.alexnet_mini])
def test_small_networks_leave_every_activation_as_it_was(build) -> None:
    model, x = build(), torch.randn(1, *INPUT_SHAPES[build])
    activations = [x]
    for layer in model:
        before = activations[-1].clone()
        activations.append(layer(activations[-1]))
        assert torch.equal(activations[-2], before)
