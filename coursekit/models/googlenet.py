"""GoogLeNet: four kernel sizes side by side, and the network finds out which it needs.

Christian Szegedy and others: "Going deeper with convolutions", 2014; winner of ILSVRC 2014 with
6.66 % top-5 error.

Special: inception modules; 1×1 convolutions that narrow the maps before the wide kernels; global
average pooling in place of the large fully connected layers; two auxiliary classifiers halfway,
which bring gradient into the lower layers and are thrown away after training. The paper says
"12 times fewer parameters" than AlexNet; its own list of layers says:

>>> import torch
>>> from coursekit.models import alexnet_2012, architecture_table, googlenet_2014
>>> with torch.device("meta"):
...     table = architecture_table(googlenet_2014(), (3, 224, 224))
...     alexnet = architecture_table(alexnet_2012(), (3, 227, 227))
>>> print(f"{table.depth} layers, {table.parameters:,} parameters")
22 layers, 6,998,552 parameters
>>> print(f"{alexnet.parameters / table.parameters:.1f} times fewer")
8.7 times fewer
"""

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from coursekit.models.alexnet import local_response_norm
from coursekit.models.weights import published

# Table 1 of the paper: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool proj
MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
# The column "params" of the same table as printed, in K. The paper does not say what K is, and not
# all rows are those of its layers; conv2 and linear are, exactly, with K = 1024 and no biases.
TABLE_1_PARAMETERS = {
    "conv1": 2.7,
    "conv2": 112,
    "3a": 159,
    "3b": 380,
    "4a": 364,
    "4b": 437,
    "4c": 463,
    "4d": 580,
    "4e": 840,
    "5a": 1072,
    "5b": 1388,
    "linear": 1000,
}


class GoogLeNetOutputs(NamedTuple):
    """What training gets: logits (N, num_classes) of the end and of the two heads on the way."""

    logits: Tensor
    aux_logits2: Tensor
    aux_logits1: Tensor


def googlenet(
    num_classes: int = 1000, aux_logits: bool = True, pretrained: bool = False
) -> "GoogLeNet":
    """Build GoogLeNet as torchvision has it, with batch normalization.

    Images (N, 3, 224, 224); 6,624,904 parameters for 1000 classes without the auxiliary heads.
    Its "5×5" branch is 3×3, an old mistake that the published weights have made permanent.
    pretrained: load the published ImageNet weights (50 MB); without auxiliary heads, whose
    weights in that file were never trained.
    """
    if not pretrained:
        return GoogLeNet(num_classes, aux_logits)
    model = published("googlenet", GoogLeNet, num_classes)
    model.transform_input = True
    model.aux1 = model.aux2 = None
    return model


def googlenet_2014(num_classes: int = 1000, aux_logits: bool = True) -> "GoogLeNet":
    """Build GoogLeNet as published: biases, 5×5 kernels, local response normalization.

    Images (N, 3, 224, 224); 6,998,552 parameters for 1000 classes, 13,378,280 with the two
    auxiliary heads.
    """
    return GoogLeNet(num_classes, aux_logits, as_published=True)


class GoogLeNet(nn.Module):
    """A stem, nine inception modules, one Linear; torchvision's names.

    transform_input: set for weights trained in TensorFlow, which want values in -1…1.
    """

    def __init__(
        self, num_classes: int = 1000, aux_logits: bool = True, as_published: bool = False
    ) -> None:
        super().__init__()
        self.transform_input = False
        norm = local_response_norm if as_published else nn.Identity
        conv = partial(ConvReLU, batch_norm=not as_published)
        halve = partial(nn.MaxPool2d, kernel_size=3, stride=2, ceil_mode=True)
        self.conv1 = conv(3, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1, self.norm1 = halve(), norm()
        self.conv2 = conv(64, 64, kernel_size=1)
        self.conv3 = conv(64, 192, kernel_size=3, padding=1)
        self.norm2, self.maxpool2 = norm(), halve()
        in_channels = 192
        for name, widths in MODULES.items():
            module = Inception(in_channels, *widths, as_published=as_published)
            self.add_module(f"inception{name}", module)
            in_channels = module.out_channels
        self.maxpool3 = halve()
        self.maxpool4 = halve(kernel_size=3 if as_published else 2)
        self.aux1 = self.aux2 = None
        if aux_logits:
            self.aux1 = AuxiliaryHead(512, num_classes, as_published)
            self.aux2 = AuxiliaryHead(528, num_classes, as_published)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.4 if as_published else 0.2)
        self.fc = nn.Linear(in_channels, num_classes)

    def forward(self, x: Tensor) -> Tensor | GoogLeNetOutputs:
        """Images (N, 3, 224, 224) to logits (N, num_classes).

        In training, with auxiliary heads, to the logits of all three classifiers.
        """
        x = _in_tensorflows_range(x) if self.transform_input else x
        x = self.norm1(self.maxpool1(self.conv1(x)))  # (N, 64, 56, 56)
        x = self.maxpool2(self.norm2(self.conv3(self.conv2(x))))  # (N, 192, 28, 28)
        x = self.maxpool3(self.inception3b(self.inception3a(x)))  # (N, 480, 14, 14)
        early = self.inception4a(x)  # (N, 512, 14, 14)
        late = self.inception4d(self.inception4c(self.inception4b(early)))  # (N, 528, 14, 14)
        x = self.maxpool4(self.inception4e(late))  # (N, 832, 7, 7)
        x = self.avgpool(self.inception5b(self.inception5a(x)))  # (N, 1024, 1, 1)
        logits = self.fc(self.dropout(x.flatten(1)))
        if not self.training or self.aux1 is None:
            return logits
        return GoogLeNetOutputs(logits, self.aux2(late), self.aux1(early))


class Inception(nn.Module):
    """Four branches over the same maps, stacked along the channels.

    (N, in_channels, H, W) to (N, ch1x1 + ch3x3 + ch5x5 + pool_proj, H, W). The numbers are those
    of a row of the paper's Table 1: "red" are the 1×1 reductions before the wide kernels.
    """

    def __init__(
        self,
        in_channels: int,
        ch1x1: int,
        ch3x3red: int,
        ch3x3: int,
        ch5x5red: int,
        ch5x5: int,
        pool_proj: int,
        as_published: bool = False,
    ) -> None:
        super().__init__()
        conv = partial(ConvReLU, batch_norm=not as_published)
        wide = (
            {"kernel_size": 5, "padding": 2} if as_published else {"kernel_size": 3, "padding": 1}
        )
        self.out_channels = ch1x1 + ch3x3 + ch5x5 + pool_proj
        self.branch1 = conv(in_channels, ch1x1, kernel_size=1)
        self.branch2 = nn.Sequential(
            conv(in_channels, ch3x3red, kernel_size=1),
            conv(ch3x3red, ch3x3, kernel_size=3, padding=1),
        )
        self.branch3 = nn.Sequential(
            conv(in_channels, ch5x5red, kernel_size=1),
            conv(ch5x5red, ch5x5, **wide),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1),
            conv(in_channels, pool_proj, kernel_size=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """All branches see x; their maps are stacked, not added."""
        branches = (self.branch1, self.branch2, self.branch3, self.branch4)
        return torch.cat([branch(x) for branch in branches], dim=1)


class AuxiliaryHead(nn.Module):
    """A small classifier halfway up: (N, in_channels, 14, 14) to logits (N, num_classes)."""

    def __init__(self, in_channels: int, num_classes: int, as_published: bool = False) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(5, stride=3) if as_published else nn.AdaptiveAvgPool2d(4)
        self.conv = ConvReLU(in_channels, 128, kernel_size=1, batch_norm=not as_published)
        self.fc1 = nn.Linear(128 * 4 * 4, 1024)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(0.7)
        self.fc2 = nn.Linear(1024, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Pool to 4×4, narrow to 128 maps, classify."""
        x = self.conv(self.pool(x)).flatten(1)
        return self.fc2(self.dropout(self.relu(self.fc1(x))))


class ConvReLU(nn.Module):
    """A convolution and its ReLU, with batch normalization between them or with biases."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel_size, stride, padding, bias=not batch_norm
        )
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001) if batch_norm else nn.Identity()
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, H, W) to (N, out_channels, H', W'), nothing below 0."""
        return self.relu(self.bn(self.conv(x)))


def _in_tensorflows_range(x: Tensor) -> Tensor:
    """From ImageNet's mean 0 and deviation 1 per channel to -1…1."""
    mean = torch.tensor([0.485, 0.456, 0.406], dtype=x.dtype, device=x.device).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225], dtype=x.dtype, device=x.device).view(3, 1, 1)
    return (x * std + mean - 0.5) / 0.5
