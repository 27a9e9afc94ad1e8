"""What a training step costs, measured."""

import torch
from torch import nn

from coursekit.models import alexnet_cifar
from coursekit.training import bytes_for_backward, images_per_second


def test_images_per_second_leaves_the_model_as_it_was():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))
    before = {name: w.clone() for name, w in model.state_dict().items()}
    x, labels = torch.randn(6, 3, 8, 8), torch.arange(6)
    for precision in (torch.float32, torch.bfloat16):
        assert images_per_second(model, x, labels, precision=precision, steps=1) > 0
    assert all(torch.equal(before[name], w) for name, w in model.state_dict().items())
    assert all(w.grad is None for w in model.parameters())


def test_a_convolution_keeps_its_input_and_a_relu_its_output():
    model = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU())
    x = torch.randn(2, 3, 8, 8)
    assert bytes_for_backward(model, x) == 4 * (2 * 3 * 8 * 8 + 2 * 4 * 8 * 8)


def test_nothing_is_kept_without_gradients_and_twice_as_much_for_twice_the_images():
    model = alexnet_cifar()
    two, four = (bytes_for_backward(model, torch.randn(n, 3, 32, 32)) for n in (2, 4))
    assert four == 2 * two
    model.requires_grad_(False)
    assert bytes_for_backward(model, torch.randn(2, 3, 32, 32)) == 0
