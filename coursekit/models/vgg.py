"""VGG: nothing but 3×3 convolutions, and many of them.

Karen Simonyan, Andrew Zisserman: "Very deep convolutional networks for large-scale image
recognition", 2014.

Special: every convolution is 3×3 with padding 1 and keeps the size; every pooling halves it and
the number of channels doubles until 512. Three 3×3 see as far as one 7×7, with fewer weights and
two more ReLUs. The largest of all networks here, and most of it is the first Linear:

>>> import torch
>>> from coursekit.models import architecture_table, vgg16
>>> with torch.device("meta"):
...     table = architecture_table(vgg16(), (3, 224, 224))
>>> print(f"{table.parameters:,} parameters, {table.macs / 1e9:.2f} G multiply-adds")
138,357,544 parameters, 15.47 G multiply-adds
>>> print(f"{table.memory // 4:,} activations, {table.memory / 2**20:.1f} MiB")
15,237,608 activations, 58.1 MiB
"""

from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.models.weights import published

# Columns A, D and E of the paper's Table 1: channels of the convolutions between two poolings.
VGG11 = ((64,), (128,), (256,) * 2, (512,) * 2, (512,) * 2)
VGG16 = ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3)
VGG19 = ((64,) * 2, (128,) * 2, (256,) * 4, (512,) * 4, (512,) * 4)


def vgg11(num_classes: int = 1000, pretrained: bool = False) -> "VGG":
    """Build VGG with 11 layers: 132,863,336 parameters for 1000 classes.

    Images (N, 3, 224, 224). pretrained: load the published ImageNet weights (507 MB).
    """
    return _vgg("vgg11", VGG11, num_classes, pretrained)


def vgg16(num_classes: int = 1000, pretrained: bool = False) -> "VGG":
    """Build VGG with 16 layers: 138,357,544 parameters for 1000 classes.

    Images (N, 3, 224, 224). pretrained: load the published ImageNet weights (528 MB).
    """
    return _vgg("vgg16", VGG16, num_classes, pretrained)


def vgg19(num_classes: int = 1000, pretrained: bool = False) -> "VGG":
    """Build VGG with 19 layers: 143,667,240 parameters for 1000 classes.

    Images (N, 3, 224, 224). pretrained: load the published ImageNet weights (548 MB).
    """
    return _vgg("vgg19", VGG19, num_classes, pretrained)


class VGG(nn.Module):
    """Stages of 3×3 convolutions, each ended by a pooling; torchvision's names.

    stages: the output channels of every convolution, stage by stage.
    """

    def __init__(self, stages: tuple[tuple[int, ...], ...], num_classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(*_convolutions(stages))
        self.classifier = nn.Sequential(
            nn.Linear(stages[-1][-1] * 7 * 7, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, num_classes),
        )
        for layer in self.features:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, 3, H, W) to logits (N, num_classes).

        H and W may be anything from 32 pixels on.
        """
        x = self.features(x)
        if x.shape[2:] != (7, 7):  # an image that is not 224×224
            x = F.adaptive_avg_pool2d(x, 7)
        return self.classifier(x.flatten(1))


def _convolutions(stages: tuple[tuple[int, ...], ...]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    in_channels = 3
    for stage in stages:
        for out_channels in stage:
            layers.append(nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1))
            layers.append(nn.ReLU(inplace=True))
            in_channels = out_channels
        layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return layers


def _vgg(name: str, stages: tuple[tuple[int, ...], ...], num_classes: int, pretrained: bool) -> VGG:
    if pretrained:
        return published(name, lambda: VGG(stages), num_classes)
    return VGG(stages, num_classes)
