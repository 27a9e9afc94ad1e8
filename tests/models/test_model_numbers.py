"""The lectures' numbers about networks, each computed from the network itself."""

import doctest
import importlib
import pkgutil

import pytest
import torch

import coursekit.models
from coursekit import models, shapes
from coursekit.models.googlenet import MODULES, TABLE_1_PARAMETERS

FILES = [module.name for module in pkgutil.iter_modules(coursekit.models.__path__)]
PAPERS = ("alexnet", "googlenet", "prelunet", "resnet", "small", "vgg", "zfnet")


@pytest.mark.parametrize("name", FILES)
def test_the_promises_at_the_top_of_each_file_hold(name) -> None:
    module = importlib.import_module(f"coursekit.models.{name}")
    results = doctest.testmod(module)
    assert results.failed == 0
    assert results.attempted >= 2 or name not in PAPERS


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (models.alexnet, 61_100_840),
        (models.alexnet_2012, 60_965_224),
        (models.zfnet, 62_357_608),
        (models.vgg11, 132_863_336),
        (models.vgg16, 138_357_544),
        (models.vgg19, 143_667_240),
        (models.googlenet_2014, 6_998_552),
        (models.googlenet, 6_624_904),
        (models.resnet18, 11_689_512),
        (models.resnet34, 21_797_672),
        (models.resnet50, 25_557_032),
        (models.resnet101, 44_549_160),
        (models.resnet152, 60_192_808),
        (models.example_convnet, 6_440),
        (models.convnetjs_mnist, 5_994),
        (models.convnetjs_cifar, 22_466),
        (models.lenet5, 61_706),
    ],
)
def test_parameters(build, parameters, table_of) -> None:
    assert table_of(build).parameters == parameters


@pytest.mark.parametrize(
    ("build", "billions"),
    [
        (models.alexnet_2012, 0.724),
        (models.alexnet, 0.714),
        (models.vgg16, 15.470),
        (models.vgg19, 19.632),
        (models.googlenet, 1.498),
        (models.resnet34, 3.664),
        (models.resnet50, 4.089),
        (models.resnet152, 11.514),
    ],
)
def test_multiply_adds(build, billions, table_of) -> None:
    assert round(table_of(build).macs / 1e9, 3) == billions


@pytest.mark.parametrize(
    ("build", "depth"),
    [
        (models.alexnet, 8),
        (models.alexnet_2012, 8),
        (models.zfnet, 8),
        (models.vgg11, 11),
        (models.vgg16, 16),
        (models.vgg19, 19),
        (models.prelunet, 19),
        (models.googlenet_2014, 22),
        (models.googlenet, 22),
        (models.resnet18, 18),
        (models.resnet34, 34),
        (models.resnet50, 50),
        (models.resnet101, 101),
        (models.resnet152, 152),
    ],
)
def test_depth_counts_the_layers_with_weights_on_the_longest_way(build, depth, table_of) -> None:
    assert table_of(build).depth == depth


# --- AlexNet ------------------------------------------------------------------------------------


def test_alexnets_neurons_layer_by_layer(table_of) -> None:
    table = table_of(models.alexnet_2012)
    neurons = [row.neurons for row in table if row.neurons]
    assert neurons == [290_400, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000]
    assert table.neurons == 659_272
    caption = [55 * 48 * 96, *neurons[1:]]  # one side of conv1 replaced by the depth of one GPU
    assert (caption[0], sum(caption)) == (253_440, 622_312)


def test_alexnets_parameters_layer_by_layer(table_of) -> None:
    parameters = [row.parameters for row in table_of(models.alexnet_2012) if row.parameters]
    assert parameters[:5] == [34_944, 307_456, 885_120, 663_936, 442_624]
    assert parameters[5:] == [37_752_832, 16_781_312, 4_097_000]


def test_alexnet_without_groups() -> None:
    with torch.device("meta"):
        table = models.architecture_table(models.alexnet_2012(groups=1), (3, 227, 227))
    assert table.parameters == 62_378_344
    assert round(table.macs / 1e9, 3) == 1.135


def test_where_alexnets_parameters_and_work_are(table_of) -> None:
    table = table_of(models.alexnet_2012)
    connected, convolutions = table.of_kind("Linear"), table.of_kind("Conv2d")
    assert round(100 * connected.parameters / table.parameters, 1) == 96.2
    assert round(100 * convolutions.macs / table.macs, 1) == 91.9


def test_alexnets_receptive_fields(table_of) -> None:
    table = table_of(models.alexnet_2012)
    rows = table.of_kind("Conv2d", "MaxPool2d")
    assert [row.receptive_field for row in rows] == [11, 19, 51, 67, 99, 131, 163, 195]


def test_alexnet_as_published_does_not_take_224_pixels() -> None:
    with torch.device("meta"), pytest.raises(ValueError, match=r"not take .*\(3, 224, 224\)"):
        models.architecture_table(models.alexnet_2012(), (3, 224, 224))


# --- ZFNet --------------------------------------------------------------------------------------


def test_zfnets_sizes_and_receptive_fields(table_of) -> None:
    table = table_of(models.zfnet)
    sizes = [row.output_shape[1] for row in table.of_kind("Conv2d", "MaxPool2d")]
    assert sizes == [110, 55, 26, 13, 13, 13, 13, 6]
    assert [row.receptive_field for row in table.of_kind("Conv2d")] == [7, 27, 75, 107, 139]
    assert shapes.neuron_count(table.layer("features.pool5").output_shape) == 9_216


# --- VGG ----------------------------------------------------------------------------------------


def test_vgg16s_activations_and_receptive_field(table_of) -> None:
    table = table_of(models.vgg16)
    assert table.memory / 4 == 15_237_608
    assert round(table.memory / 2**20, 1) == 58.1
    assert table.of_kind("MaxPool2d")[-1].receptive_field == 212
    assert table.of_kind("Linear").parameters == 123_642_856


def test_all_of_vgg16s_convolutions_keep_the_size(table_of) -> None:
    table = table_of(models.vgg16)
    before = {row.name: table[i - 1] for i, row in enumerate(table)}
    convolutions = table.of_kind("Conv2d")
    kept = [
        row for row in convolutions if row.output_shape[1:] == before[row.name].output_shape[1:]
    ]
    assert len(kept) == len(convolutions) == 13


# --- GoogLeNet ----------------------------------------------------------------------------------


def test_googlenets_parameters_with_heads_and_without_classifiers(table_of) -> None:
    alone = table_of(models.googlenet_2014)
    assert alone.of_kind("Conv2d").parameters == 5_973_552
    assert alone.of_kind("Linear").parameters == 1_025_000
    with_heads = table_of(models.googlenet_2014, training=True)
    assert with_heads.parameters == 13_378_280


def test_googlenet_is_not_twelve_times_smaller_than_alexnet(table_of) -> None:
    alexnet, alone = table_of(models.alexnet_2012), table_of(models.googlenet_2014)
    assert round(alexnet.parameters / alone.parameters, 1) == 8.7
    assert round(alexnet.parameters / alone.of_kind("Conv2d").parameters, 1) == 10.2
    torchvisions = table_of(models.googlenet)
    assert round(table_of(models.alexnet).parameters / torchvisions.parameters, 1) == 9.2


def test_what_the_paper_itself_prints_is_not_twelve_times_smaller_either(table_of) -> None:
    printed = sum(TABLE_1_PARAMETERS.values())
    assert round(printed, 1) == 6_797.7
    alexnet = table_of(models.alexnet_2012).parameters
    assert round(alexnet / (1000 * printed), 1) == 9.0
    assert round(alexnet / (1024 * printed), 1) == 8.8


def test_rows_of_googlenets_table_that_are_exactly_its_layers(table_of) -> None:
    table = table_of(models.googlenet_2014)
    rows = {"conv2": ("conv2.conv", "conv3.conv"), "linear": ("fc",)}
    for printed, names in rows.items():
        layers = [table.layer(name) for name in names]
        weights = sum(layer.parameters - layer.output_shape[0] for layer in layers)
        assert weights == 1024 * TABLE_1_PARAMETERS[printed]


def test_inception_modules_have_the_parameters_of_the_formula(table_of) -> None:
    table, in_channels = table_of(models.googlenet_2014), 192
    for name, widths in MODULES.items():
        rows = [row for row in table if row.name.startswith(f"inception{name}.")]
        formula = shapes.inception_parameters(in_channels, *widths)
        assert sum(row.parameters for row in rows) == formula
        in_channels = rows[-1].output_shape[0]
    assert in_channels == 1024


# --- ResNet -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "convolutions", "projections", "field"),
    [
        (models.resnet34, 36, 3, 899),
        (models.resnet50, 53, 4, 427),
        (models.resnet152, 155, 4, 1451),
    ],
)
def test_resnets_convolutions_and_receptive_field(
    build, convolutions, projections, field, table_of
) -> None:
    table = table_of(build)
    rows = table.of_kind("Conv2d")
    assert len(rows) == convolutions
    assert sum("downsample" in row.name for row in rows) == projections
    assert len(rows) - projections + 1 == table.depth
    assert [row for row in table if row.name.startswith("layer4")][-1].receptive_field == field
    assert max(row.output_shape[0] for row in table_of(models.resnet152)) == 2048


# --- PReLU-net and the small ones ---------------------------------------------------------------


def test_prelunet_has_one_slope_for_each_channel(table_of) -> None:
    table = table_of(models.prelunet)
    for row in table.of_kind("PReLU"):
        assert row.parameters == row.output_shape[0]
    assert round(table.macs / 1e10, 1) == 1.9


def test_the_example_convnet_has_seventeen_layers_with_its_softmax(table_of) -> None:
    table = table_of(models.example_convnet)
    computing = table[1:]  # row 0 is the input
    assert len(computing) + len(["softmax, in the loss"]) == 17
    parameters = [row.parameters for row in table if row.parameters]
    assert parameters == [280, *[910] * 5, 1610]


def test_small_alexnets_say_how_many_parameters_they_have(table_of) -> None:
    for build in (models.alexnet_mini, models.alexnet_cifar):
        assert f"{table_of(build).parameters:,} parameters" in build.__doc__
