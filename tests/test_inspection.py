"""Looking inside: each answer is compared with one found another way."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from coursekit import data, inspection
from coursekit.models import resnet18
from coursekit.models.speed import speednet, whitening_filters


def small_net(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 5, 5, stride=2, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, 2, padding=1),
        nn.BatchNorm2d(5),
        nn.Conv2d(5, 6, 3),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Linear(6 * 6 * 6, 4),
    )


@pytest.fixture
def net():
    net = small_net()
    net(torch.randn(50, 3, 32, 32))  # gives the normalization something to remember
    return net.train()


def images(count=40, seed=0):
    return torch.randn(count, 3, 32, 32, generator=torch.Generator().manual_seed(seed))


# --- activations ----------------------------------------------------------------------------


def test_activations_are_those_of_the_layers_one_by_one(net):
    x = images(3)
    outputs = inspection.activations(net, x)
    assert list(outputs) == [str(i) for i in range(8)]
    assert net.training
    net.eval()
    with torch.no_grad():
        for i, layer in enumerate(net):
            x = layer(x.clone())
            torch.testing.assert_close(outputs[str(i)], x)
    assert (outputs["0"] < 0).any()  # not what the ReLU made of it in place
    assert all(not module._forward_hooks for module in net.modules())


def test_a_layer_used_twice_is_recorded_twice():
    outputs = inspection.activations(resnet18(num_classes=10), torch.randn(1, 3, 64, 64))
    assert outputs["layer1.0.relu"].shape == outputs["layer1.0.relu (2)"].shape
    assert (outputs["layer1.0.relu"] != outputs["layer1.0.relu (2)"]).any()


def test_an_unknown_layer_lists_the_layers(net):
    with pytest.raises(ValueError, match=r"no layer 'conv9'; choose one of 0, 1, 2"):
        inspection.top_patches(net, [(images(), None)], ["conv9"])


def test_active_share_finds_the_dead(net):
    net[4].bias.data[2] = -1e6
    x = images(30)
    share = inspection.active_share(net, [(x[:20], None), (x[20:], None)], "5")
    assert share[2] == 0
    positive = inspection.activations(net, x)["5"].amax((2, 3)) > 0
    torch.testing.assert_close(share, positive.float().mean(0))


# --- top patches ----------------------------------------------------------------------------


def traced_box(model, layer, place, shape=(3, 32, 32)):
    """Bounding box of the pixels with a gradient, in a twin in which none is lost."""
    twin = copy.deepcopy(model).eval().double()
    for module in twin.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.MaxPool2d):
                pool = nn.AvgPool2d(child.kernel_size, child.stride, child.padding)
                module._modules[name] = pool
            if isinstance(child, nn.ReLU):
                module._modules[name] = nn.Identity()
    for parameter in twin.parameters():
        parameter.data.fill_(1.0)
    x = torch.zeros(1, *shape, dtype=torch.double, requires_grad=True)
    found = {}
    name = layer.split(" ")[0]  # of a layer used twice, the last use is meant
    twin.get_submodule(name).register_forward_hook(lambda *a: found.update(out=a[2]))
    twin(x)
    found["out"][(0, 0, *place)].backward()
    rows, columns = x.grad[0, 0].nonzero().T
    return [rows.min(), columns.min(), rows.max() + 1, columns.max() + 1]


@pytest.mark.parametrize("layer", ["1", "2", "5"])
def test_boxes_are_exactly_the_pixels_with_a_gradient(net, layer):
    x = images()
    top = inspection.top_patches(net, [(x[:30], None), (x[30:], None)], [layer], k=3)[layer]
    maps = inspection.activations(net, x)[layer]
    units = maps.shape[1]
    assert top.values.shape == top.images.shape == (units, 3)
    for unit in range(units):
        for value, number, box in zip(
            top.values[unit], top.images[unit], top.boxes[unit], strict=True
        ):
            assert value == maps[number, unit].max()
            place = divmod(int(maps[number, unit].argmax()), maps.shape[3])
            assert box.clamp(0, 32).tolist() == traced_box(net, layer, place)


@pytest.mark.parametrize("layer", ["layer1.1.relu (2)", "layer2.0.conv2", "layer2.0.relu (2)"])
def test_boxes_are_right_where_branches_meet(layer):
    model = resnet18(num_classes=10)
    x = torch.randn(2, 3, 96, 96)
    top = inspection.top_patches(model, [(x, None)], [layer], k=1)[layer]
    maps = inspection.activations(model, x)[layer]
    for unit in (0, 7):
        number = int(top.images[unit, 0])
        place = divmod(int(maps[number, unit].argmax()), maps.shape[3])
        expected = traced_box(model, layer, place, (3, 96, 96))
        assert top.boxes[unit, 0].clamp(0, 96).tolist() == expected


def test_each_image_comes_once_and_the_best_come_first(net):
    x = images(60)
    x[7] *= 50  # would fill every panel
    result = inspection.top_patches(net, [(x[:25], None), (x[25:], None)], ["5", "7"], k=9)
    for layer, top in result.items():
        maps = inspection.activations(net, x)[layer].view(60, top.values.shape[0], -1)
        expected, order = maps.amax(2).T.sort(dim=1, descending=True, stable=True)
        torch.testing.assert_close(top.values, expected[:, :9])
        assert torch.equal(top.images, order[:, :9])
        assert all(len(set(row)) == 9 for row in top.images.tolist())


def test_a_fully_connected_unit_sees_the_whole_image(net):
    top = inspection.top_patches(net, [(images(), None)], ["7"], k=2)["7"]
    assert top.boxes.tolist() == [[[0, 0, 32, 32]] * 2] * 4


def test_patches_are_cut_out_of_the_images_and_padded_outside(net):
    pictures = torch.randint(256, (8, 3, 32, 32), dtype=torch.uint8)
    pictures[:, :, 0, 0] = 255
    net[0].weight.data[0] = 0
    net[0].weight.data[0, :, 1, 1] = 1  # this unit likes the very corner
    batches = [(pictures.float() / 128 - 1, None)]
    top = inspection.top_patches(net, batches, ["0"], k=4)["0"]
    outside = 0
    for unit in range(5):
        patches = top.patches(unit, pictures, fill=99)
        assert patches.shape == (4, 3, 5, 5)
        for patch, number, box in zip(patches, top.images[unit], top.boxes[unit], strict=True):
            for row in range(5):
                for column in range(5):
                    y, x = int(box[0]) + row, int(box[1]) + column
                    inside = 0 <= y < 32 and 0 <= x < 32
                    outside += not inside
                    expected = pictures[number, :, y, x] if inside else torch.full((3,), 99)
                    assert patch[:, row, column].tolist() == expected.tolist()
    assert outside


def test_more_patches_than_images_is_a_sentence(net):
    with pytest.raises(ValueError, match="3 images, but the best 9"):
        inspection.top_patches(net, [(images(3), None)], ["1"])


# --- projections ----------------------------------------------------------------------------


def by_hand(net, x, unit):
    """The deconvnet of the paper, operation by operation, for layer 5 of the small net."""
    conv1, _, _, norm, conv2 = list(net.eval())[:5]
    with torch.no_grad():
        first = conv1(x).relu()
        pooled, switches = F.max_pool2d(first, 3, 2, 1, return_indices=True)
        second = conv2(norm(pooled)).relu()
        kept = torch.zeros_like(second)
        for n, maps in enumerate(second[:, unit]):
            place = divmod(int(maps.argmax()), maps.shape[1])
            kept[n, unit][place] = maps[place]
        back = F.conv_transpose2d(kept.relu(), conv2.weight)
        back = back * (norm.weight / (norm.running_var + norm.eps).sqrt()).view(1, -1, 1, 1)
        unpooled = torch.zeros_like(first).flatten(2)  # overlapping windows: the sum
        unpooled.scatter_add_(2, switches.flatten(2), back.flatten(2))
        unpooled = unpooled.view_as(first).relu()
        size = x.shape[2] - ((first.shape[2] - 1) * 2 - 2 + 5)
        return F.conv_transpose2d(unpooled, conv1.weight, None, 2, 1, output_padding=size)


def test_deconvnet_is_that_of_the_paper(net):
    x = images(4)
    for unit in range(6):
        found = inspection.deconvnet(net, x, "5", unit)
        torch.testing.assert_close(found, by_hand(net, x, unit), atol=1e-6, rtol=1e-4)
    assert found.abs().sum() > 0


def test_projections_stay_within_what_the_unit_sees(net):
    x = images(6)
    top = inspection.top_patches(net, [(x, None)], ["5"], k=6)["5"]
    for project in (inspection.deconvnet, inspection.guided_gradients):
        for number, box in zip(top.images[1].tolist(), top.boxes[1], strict=True):
            found = project(net, x[number : number + 1], "5", 1)[0].abs().sum(0)
            y0, x0, y1, x1 = box.clamp(0, 32).tolist()
            inside = found[y0:y1, x0:x1].sum()
            torch.testing.assert_close(found.sum(), inside)


def test_guided_gradients_are_gradients_where_nothing_is_negative(net):
    x = images(2)
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            module.weight.data.abs_()
            module.bias.data.fill_(100)  # every ReLU is open and nothing inhibits
    net[3].weight.data.abs_()
    twin = copy.deepcopy(net).eval()
    leaf = x.clone().requires_grad_()
    maps = twin[:6](leaf)
    best = maps[:, 2].flatten(1).max(1).values
    (expected,) = torch.autograd.grad((best * best.detach()).sum(), leaf)
    found = inspection.guided_gradients(net, x, "5", 2)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_guided_gradients_pass_only_where_both_ways_are_open():
    net = nn.Sequential(nn.Flatten(), nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 1))
    net[1].weight.data = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    net[3].weight.data, net[3].bias.data = torch.tensor([[1.0, -1.0]]), torch.tensor([5.0])
    x = torch.tensor([3.0, -2.0]).view(1, 1, 1, 2)
    assert inspection.guided_gradients(net, x, "3", 0).flatten().tolist() == [8.0, 0.0]
    net[3].weight.data = torch.tensor([[-1.0, 1.0]])
    assert inspection.guided_gradients(net, x, "3", 0).flatten().tolist() == [0.0, 0.0]
    assert inspection.deconvnet(net, x, "3", 0).flatten().tolist() == [0.0, 2.0]


def test_projecting_leaves_the_model_as_it_was(net):
    before, layers = copy.deepcopy(net.state_dict()), list(net.modules())
    inspection.deconvnet(net, images(2), "5", 0)
    with pytest.raises(ValueError, match="units are 0 to 5"):
        inspection.deconvnet(net, images(2), "5", 6)
    assert list(net.modules()) == layers
    assert net.training
    assert all(torch.equal(before[key], value) for key, value in net.state_dict().items())
    assert all(parameter.grad is None for parameter in net.parameters())


def test_a_model_without_relu_layers_is_a_sentence():
    with pytest.raises(ValueError, match=r"no nn\.ReLU layers"):
        inspection.deconvnet(nn.Sequential(nn.Conv2d(3, 2, 3)), images(1), "0", 0)


def test_occlusion_is_low_where_the_evidence_is():
    class Corner(nn.Module):
        def forward(self, x):
            light = x[:, :, 12:16, 20:24].mean((1, 2, 3))
            return torch.stack([light * 5, torch.zeros_like(light)], 1)

    found = inspection.occlusion_map(Corner(), torch.ones(3, 32, 32), 0, size=4, stride=4)
    expected = torch.full((8, 8), torch.tensor([5.0, 0.0]).softmax(0)[0].item())
    expected[3, 5] = 0.5
    torch.testing.assert_close(found, expected)
    with pytest.raises(ValueError, match="size is 33"):
        inspection.occlusion_map(Corner(), torch.ones(3, 32, 32), 0, size=33)
    assert inspection.occlusion_map(Corner(), torch.ones(3, 32, 30), 0, 8, 5).shape == (5, 5)


# --- filters --------------------------------------------------------------------------------


def test_filters_share_one_scale_and_dead_ones_are_flagged():
    weight = torch.randn(8, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    weight[3] *= 0.001
    weight[6] = 0
    found = inspection.filter_pictures(weight)
    assert found.pictures.shape == (8, 5, 5, 3)
    assert found.pictures.dtype == np.uint8
    assert np.flatnonzero(found.dead).tolist() == [3, 6]
    assert (found.pictures[6] == 128).all()
    assert np.ptp(found.pictures[3].astype(int)) <= 1
    expected = 128 + 127 * weight.permute(0, 2, 3, 1) / weight.abs().max()
    assert abs(found.pictures - expected.numpy()).max() <= 0.5
    assert found.scale == weight.abs().max()
    assert inspection.filter_pictures(weight[:, :1]).pictures.shape == (8, 5, 5)
    assert inspection.filter_pictures(torch.zeros(2, 3, 3, 3)).dead.all()


def test_deeper_filters_are_not_shown_as_colors():
    with pytest.raises(ValueError, match="deeper layer"):
        inspection.filter_pictures(torch.zeros(2, 4, 3, 3))


# --- the fast net ---------------------------------------------------------------------------


def test_whitening_filters_whiten():
    dataset = data.load("photo_patches")
    x = dataset.normalize(dataset.train.images[:600]).double()
    filters = whitening_filters(x, 4, smallest=1e-6)
    out = F.conv2d(x, filters[:48], stride=2).transpose(0, 1).flatten(1)
    torch.testing.assert_close(torch.cov(out), torch.eye(48).double(), atol=0.02, rtol=0)
    assert torch.equal(filters[48:], -filters[:48])


def test_speednet_starts_as_the_identity_and_keeps_its_first_layer():
    net = speednet(images(64), widths=(96, 96)).eval()
    x = images(4)
    with torch.no_grad():
        whitened = net[:2](x)
        torch.testing.assert_close(net[2](whitened), whitened)
    assert not net[0].weight.requires_grad
