"""The table of layers: its numbers against formulas and gradients, its looks, its manners."""

import copy
from xml.etree import ElementTree

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from coursekit import models, shapes
from coursekit.models import INPUT_SHAPES, ArchitectureTable, architecture_table


class Branches(nn.Module):
    """Functions instead of modules, branches of different reach, a weight of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(3, 4, 1)
        self.wide = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 5, padding=2))
        self.scale = nn.Parameter(torch.ones(1))
        self.fc = nn.Linear(8 * 6 * 6, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.narrow(x), self.wide(x)], dim=1)
        x = F.relu(x) * self.scale + x
        x = F.max_pool2d(x, 2)
        return self.fc(x.view(x.shape[0], -1))


@pytest.fixture
def branches() -> ArchitectureTable:
    return architecture_table(Branches(), (3, 12, 12))


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("build", INPUT_SHAPES)
def test_rows_agree_with_the_formulas_of_shapes(build, table_of) -> None:
    with torch.device("meta"):
        modules = dict(build().named_modules())
    for row in table_of(build).of_kind("Conv2d"):
        layer = modules[row.name]
        sizes = (layer.in_channels, layer.out_channels, layer.kernel_size)
        bias = layer.bias is not None
        assert row.neurons == shapes.neuron_count(row.output_shape)
        assert row.parameters == shapes.conv2d_parameters(*sizes, layer.groups, bias)
        assert row.macs == shapes.conv2d_macs(*sizes, row.output_shape[1:], layer.groups)
    for row in table_of(build).of_kind("Linear"):
        layer = modules[row.name]
        sizes = (layer.in_features, layer.out_features)
        assert row.neurons == layer.out_features
        assert row.parameters == shapes.linear_parameters(*sizes)
        assert row.macs == shapes.linear_macs(*sizes)


@pytest.mark.parametrize("build", INPUT_SHAPES)
def test_every_parameter_is_counted_once(build, table_of) -> None:
    with torch.device("meta"):
        model = build()
    expected = sum(parameter.numel() for parameter in model.parameters())
    assert table_of(build, training=True).parameters == expected


@pytest.mark.parametrize("build", [models.vgg16, models.zfnet, models.convnetjs_mnist])
def test_receptive_fields_of_a_chain_are_those_of_shapes(build, table_of) -> None:
    with torch.device("meta"):
        modules = dict(build().named_modules())
    windows = []
    for row in table_of(build).of_kind("Conv2d", "MaxPool2d"):
        layer = modules[row.name]
        pair = (layer.kernel_size, layer.stride)
        windows.append(pair if row.kind == "MaxPool2d" else (pair[0][0], pair[1][0]))
        assert row.receptive_field == shapes.receptive_field(windows)


def seen_columns(model: nn.Module, x: Tensor, column: int) -> list[int]:
    """Input columns that one output column really depends on, from the gradient."""
    x = x.clone().requires_grad_()
    model(x)[:, :, 0, column].sum().backward()
    return (x.grad.abs().sum(dim=(0, 1, 2)) > 0).nonzero().flatten().tolist()


def columns_of(row: models.Layer, column: int, width: int) -> list[int]:
    first = row.start + column * row.jump
    return [i for i in range(first, first + row.receptive_field) if 0 <= i < width]


def positive(layer: nn.Module) -> nn.Module:
    for parameter in layer.parameters():
        nn.init.ones_(parameter)
    return layer


@st.composite
def window_layers(draw) -> nn.Module:
    """Convolutions and average poolings without holes, so that every pixel in reach counts."""
    kernel_size, stride = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    padding = draw(st.integers(0, kernel_size // 2))
    if draw(st.booleans()):
        return nn.AvgPool2d((1, kernel_size), (1, stride), (0, padding))
    return positive(nn.Conv2d(2, 2, (1, kernel_size), (1, stride), (0, padding), bias=False))


@settings(max_examples=60)
@given(st.lists(window_layers(), min_size=1, max_size=4))
def test_start_jump_and_field_say_which_pixels_are_seen(layers) -> None:
    model, width = nn.Sequential(*layers), 200
    row = architecture_table(model, (2, 1, width))[-1]
    # A stride beyond the kernel leaves gaps between the pixels seen: the first and last remain.
    last = row.output_shape[-1] - 1
    for column in {0, last // 2, last}:
        seen = seen_columns(model, torch.ones(1, 2, 1, width), column)
        if not seen:
            continue  # a window that stands in the padding alone
        reach = columns_of(row, column, width)
        assert set(seen) <= set(reach)
        if reach[0] > 0:
            assert seen[0] == reach[0]
        if reach[-1] < width - 1:
            assert seen[-1] == reach[-1]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(1, 1, (3, 5), padding="same"),
        nn.Conv2d(1, 1, 3, padding="valid", dilation=2),
        nn.Conv2d(1, 1, 4, padding="same", stride=1),
        nn.AvgPool2d(3),
        nn.AdaptiveAvgPool2d(4),
        nn.AdaptiveAvgPool2d(1),
        models.resnet.BasicBlock(1, 1, stride=2),
        models.Inception(1, 1, 1, 1, 1, 1, 1, as_published=True),
    ],
    ids=lambda layer: str(layer)[:40].split("\n")[0],
)
def test_one_layer_sees_from_its_first_to_its_last_pixel(layer) -> None:
    layer = positive(layer).eval()
    row = architecture_table(layer, (1, 16, 16))[-1]
    last = row.output_shape[-1] - 1
    for column in {0, last // 2, last}:
        seen = seen_columns(layer, torch.rand(1, 1, 16, 16) + 1, column)
        reach = columns_of(row, column, 16)
        assert (seen[0], seen[-1]) == (reach[0], reach[-1])


def test_max_pooling_sees_what_average_pooling_sees() -> None:
    for options in ({}, {"stride": 2}, {"stride": 2, "padding": 1}, {"ceil_mode": True}):
        seen = [
            architecture_table(nn.Sequential(nn.Conv2d(3, 4, 3, 2), pool), (3, 20, 20))[-1]
            for pool in (nn.MaxPool2d(3, **options), nn.AvgPool2d(3, **options))
        ]
        assert len({(r.output_shape, r.receptive_field, r.jump, r.start) for r in seen}) == 1


def test_where_branches_meet_the_widest_counts(branches) -> None:
    assert branches.layer("narrow").receptive_field == 1
    joined = branches.layer("cat")
    assert (joined.receptive_field, joined.start, joined.depth) == (1 + 2 + 4, -3, 2)


def test_functions_without_a_module_have_rows_too(branches) -> None:
    kinds = [row.kind for row in branches]
    conv = ["Conv2d"] * 3
    assert kinds == ["input", *conv, "cat", "relu", "mul", "add", "max_pool2d", "Linear"]
    assert branches.layer("mul").parameters == 1
    assert branches.layer("max_pool2d").output_shape == (8, 6, 6)
    assert branches[-1].receptive_field == 7 + 1 + 5 * 2  # 6 columns behind the pool, 2 apart


def test_a_layer_used_twice_is_counted_once() -> None:
    shared = nn.Conv2d(4, 4, 3, padding=1)
    table = architecture_table(nn.Sequential(shared, nn.ReLU(), shared), (4, 8, 8))
    assert [row.parameters for row in table.of_kind("Conv2d")] == [148, 0]
    assert [row.macs for row in table.of_kind("Conv2d")] == [9_216, 9_216]


def test_memory_counts_new_arrays_only() -> None:
    def memory(*layers: nn.Module, training: bool = False) -> int:
        return architecture_table(nn.Sequential(*layers), (1, 10, 10), training).memory

    image = 4 * 10 * 10
    assert memory(nn.ReLU()) == 2 * image
    assert memory(nn.ReLU(inplace=True)) == image
    assert memory(nn.Flatten()) == image
    assert memory(nn.Dropout()) == image
    assert memory(nn.Dropout(), training=True) == 2 * image
    assert memory(nn.Conv2d(1, 1, 1).half()) == 2 * image / 2


def test_a_perceptron_sees_all_its_features() -> None:
    table = architecture_table(nn.Sequential(nn.Linear(20, 5), nn.ReLU(), nn.Linear(5, 2)), (20,))
    assert [row.receptive_field for row in table] == [1, 20, 20, 20]
    assert (table.neurons, table.macs, table.depth) == (7, 110, 2)


def test_networks_may_decide_by_the_images_size() -> None:
    assert "adaptive_avg_pool2d" not in {row.kind for row in _table_of_vgg(224)}
    assert "adaptive_avg_pool2d" in {row.kind for row in _table_of_vgg(256)}


def _table_of_vgg(size: int) -> ArchitectureTable:
    with torch.device("meta"):
        return architecture_table(models.vgg11(), (3, size, size))


# --- manners ------------------------------------------------------------------------------------


def test_the_network_stays_as_it_is() -> None:
    torch.manual_seed(0)
    model = models.resnet18(num_classes=3)
    model.layer1.eval()
    before = copy.deepcopy(model.state_dict())
    modes = [module.training for module in model.modules()]
    architecture_table(model, (3, 32, 32), training=True)
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(tensor, before[key]) for key, tensor in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())
    assert model(torch.zeros(2, 3, 32, 32)).device.type == "cpu"


def test_an_image_that_does_not_fit_is_explained() -> None:
    with pytest.raises(ValueError, match="not take an image of shape") as caught:
        architecture_table(models.example_convnet(), (3, 20, 20))
    sentence = str(caught.value)
    assert "Sequential does not take an image of shape (3, 20, 20): after pool3" in sentence
    assert sentence.endswith("give (channels, height, width) as the network expects them")


def test_it_is_a_sequence_with_totals(branches) -> None:
    assert len(branches) == len(list(branches)) == 10
    assert branches[0].name == "input"
    assert branches[-1] is branches[9]
    assert branches.layer("wide.1") in branches
    first = branches[:4]
    assert isinstance(first, ArchitectureTable)
    assert first.parameters == sum(row.parameters for row in branches[1:4])
    total = branches.of_kind("Conv2d").macs + branches.of_kind("Linear").macs
    assert branches.macs == total
    assert branches.of_kind("LSTM").depth == 0
    with pytest.raises(KeyError, match=r"no layer 'conv9'; its layers are input, narrow, wide\.0"):
        branches.layer("conv9")


# --- looks --------------------------------------------------------------------------------------


def test_the_text_is_aligned_and_ends_in_totals(table_of) -> None:
    table = table_of(models.convnetjs_cifar)
    title, headings, rule, *rows, rule_again, foot = str(table).splitlines()
    assert title == "Sequential"
    assert len(rows) == len(table)
    assert rule == rule_again == "─" * len(headings)
    assert all(len(line) == len(headings) for line in rows)
    assert foot.split()[:3] == ["total", "depth", "4"]
    assert "22,466" in foot
    assert repr(table) == str(table)
    assert "16×32×32" in rows[1]


def test_the_html_is_one_well_formed_table(table_of) -> None:
    table = table_of(models.alexnet_2012)
    html = ElementTree.fromstring(table._repr_html_())
    assert html.tag == "table"
    assert html.findtext("caption") == "AlexNet2012"
    assert len(html.findall("tbody/tr")) == len(table)
    assert {th.get("scope") for th in html.findall("thead/tr/th")} == {"col"}
    foot = [cell.text for cell in html.findall("tfoot/tr/td")]
    assert foot[:5] == ["total", "depth 8", None, "659,272", "60,965,224"]
    columns = {len(row) for row in html.iter("tr")}
    assert len(columns) == 1


def test_names_are_escaped_in_html() -> None:
    row = models.Layer("<a & b>", "Conv2d", (1,), 1, 1, 1, 4, 1, 1, 0, 1)
    html = ArchitectureTable("<net>", [row])._repr_html_()
    assert "&lt;a &amp; b&gt;" in html
    assert "<net>" not in html


def test_rows_know_their_weights_and_windows():
    net = nn.Sequential(
        nn.Conv2d(4, 6, 5, stride=2, padding=1, groups=2),
        nn.MaxPool2d(3, 2),
        nn.Flatten(),
        nn.Linear(6 * 7 * 7, 10),
    )
    rows = architecture_table(net, (4, 32, 32))[1:]
    assert [row.weights for row in rows] == [(6, 2, 5, 5), (), (10, 294)]
    assert [row.groups for row in rows] == [2, 1, 1]
    assert [row.window for row in rows] == [(32, 5, 2, 1), (15, 3, 2, 0), (7, 7, 1, 0)]
