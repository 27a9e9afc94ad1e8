"""ResNet: a layer that need only learn what to add.

Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun: "Deep residual learning for image recognition",
2015; winner of ILSVRC 2015 with 3.57 % top-5 error.

Special: every two or three convolutions a shortcut adds the block's input to its output, so a
block that learns nothing does no harm and the gradient has a way around every one. 152 layers,
eight times VGG's, for less work than VGG's and under half its parameters; the depth counts
convolutions and the one fully connected layer on the longest way:

>>> import torch
>>> from coursekit.models import architecture_table, resnet34, resnet152
>>> for build in (resnet34, resnet152):
...     with torch.device("meta"):
...         table = architecture_table(build(), (3, 224, 224))
...     print(f"{table.depth} layers, {table.parameters:,} parameters, {table.macs / 1e9:.3f} G")
34 layers, 21,797,672 parameters, 3.664 G
152 layers, 60,192,808 parameters, 11.514 G
"""

from torch import Tensor, nn

from coursekit.models.weights import published


def resnet18(num_classes: int = 1000, pretrained: bool = False) -> "ResNet":
    """Build ResNet with 18 layers: 11,689,512 parameters for 1000 classes.

    Images (N, 3, 224, 224). pretrained: load the published ImageNet weights (45 MB).
    """
    return _resnet("resnet18", BasicBlock, (2, 2, 2, 2), num_classes, pretrained)


def resnet34(num_classes: int = 1000, pretrained: bool = False) -> "ResNet":
    """Build ResNet with 34 layers: 21,797,672 parameters for 1000 classes.

    Images (N, 3, 224, 224). pretrained: load the published ImageNet weights (83 MB).
    """
    return _resnet("resnet34", BasicBlock, (3, 4, 6, 3), num_classes, pretrained)


def resnet50(num_classes: int = 1000, pretrained: bool = False) -> "ResNet":
    """Build ResNet with 50 layers: 25,557,032 parameters for 1000 classes.

    Images (N, 3, 224, 224). pretrained: load the published ImageNet weights (98 MB).
    """
    return _resnet("resnet50", Bottleneck, (3, 4, 6, 3), num_classes, pretrained)


def resnet101(num_classes: int = 1000, pretrained: bool = False) -> "ResNet":
    """Build ResNet with 101 layers: 44,549,160 parameters for 1000 classes.

    Images (N, 3, 224, 224). pretrained: load the published ImageNet weights (171 MB).
    """
    return _resnet("resnet101", Bottleneck, (3, 4, 23, 3), num_classes, pretrained)


def resnet152(num_classes: int = 1000, pretrained: bool = False) -> "ResNet":
    """Build ResNet with 152 layers: 60,192,808 parameters for 1000 classes.

    Images (N, 3, 224, 224). pretrained: load the published ImageNet weights (230 MB).
    """
    return _resnet("resnet152", Bottleneck, (3, 8, 36, 3), num_classes, pretrained)


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a shortcut around them.

    (N, in_channels, H, W) to (N, channels, H/stride, W/stride).
    """

    expansion = 1  # output channels for each of `channels`

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = _projection(in_channels, channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Add, then ReLU, in this order."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(out + shortcut)


class Bottleneck(nn.Module):
    """A 3×3 convolution between two 1×1 ones that narrow and widen, and a shortcut.

    (N, in_channels, H, W) to (N, 4 · channels, H/stride, W/stride). The stride sits in the 3×3,
    as in everyone's implementation; the paper has it in the first 1×1, which skips three pixels
    out of four.
    """

    expansion = 4

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        out_channels = channels * self.expansion
        self.conv1 = nn.Conv2d(in_channels, channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _projection(in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Add, then ReLU, in this order."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(out + shortcut)


class ResNet(nn.Module):
    """A stem, four stages of residual blocks, and a single Linear; torchvision's names.

    block: BasicBlock or Bottleneck. blocks: how many of them in each stage.
    """

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck],
        blocks: tuple[int, int, int, int],
        num_classes: int = 1000,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        wide = block.expansion
        self.layer1 = _stage(block, 64, 64, blocks[0])
        self.layer2 = _stage(block, 64 * wide, 128, blocks[1], stride=2)
        self.layer3 = _stage(block, 128 * wide, 256, blocks[2], stride=2)
        self.layer4 = _stage(block, 256 * wide, 512, blocks[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512 * wide, num_classes)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, 3, H, W) to logits (N, num_classes).

        H and W may be anything.
        """
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))  # (N, 64, 56, 56) of 224×224
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))  # (N, 512 · expansion, 7, 7)
        return self.fc(self.avgpool(x).flatten(1))


def _stage(
    block: type[BasicBlock | Bottleneck],
    in_channels: int,
    channels: int,
    count: int,
    stride: int = 1,
) -> nn.Sequential:
    """Blocks of one width; the first changes size and depth, the others keep them."""
    out_channels = channels * block.expansion
    rest = [block(out_channels, channels) for _ in range(count - 1)]
    return nn.Sequential(block(in_channels, channels, stride), *rest)


def _projection(in_channels: int, out_channels: int, stride: int) -> nn.Sequential | None:
    """A 1×1 convolution for shortcuts that change shape; others need none."""
    if stride == 1 and in_channels == out_channels:
        return None
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
    )


def _resnet(
    name: str,
    block: type[BasicBlock | Bottleneck],
    blocks: tuple[int, int, int, int],
    num_classes: int,
    pretrained: bool,
) -> ResNet:
    if pretrained:
        return published(name, lambda: ResNet(block, blocks), num_classes)
    return ResNet(block, blocks, num_classes)
