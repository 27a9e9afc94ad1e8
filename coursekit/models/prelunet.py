"""PReLU-net: rectifiers that learn their own slope, and an initialization for great depth.

Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun: "Delving deep into rectifiers: surpassing
human-level performance on ImageNet classification", 2015; six networks of the kind, averaged,
reached 4.94 % top-5 error where a trained human had 5.1 %.

Special: PReLU, which lets negative values through with a slope learned for each channel; weights
drawn with standard deviation √(2 / ((1 + slope²) · fan_in)), which keeps the signal's size from
the first layer to the last; pooling into a pyramid of 7×7, 3×3, 2×2 and 1×1 windows. Here is
model A of Table 3, whose work the paper gives as 1.9·10¹⁰. (An independent copy on GitHub,
nutszebra/prelu_net, has the same layers, and an average in the pyramid's place.)

>>> import torch
>>> from coursekit.models import architecture_table, prelunet
>>> with torch.device("meta"):
...     table = architecture_table(prelunet(), (3, 224, 224))
>>> print(f"{table.depth} layers, {table.macs / 1e10:.1f}e10 multiply-adds")
19 layers, 1.9e10 multiply-adds
>>> slopes = table.of_kind("PReLU").parameters
>>> print(f"{slopes:,} slopes among {table.parameters:,} parameters")
14,688 slopes among 178,032,072 parameters
"""

import torch
from torch import Tensor, nn

# Channels of the convolutions at 56×56, 28×28 and 14×14 pixels.
MODEL_A = ((256,) * 5, (512,) * 5, (512,) * 5)
PYRAMID = (7, 3, 2, 1)
FIRST_SLOPE = 0.25


def prelunet(num_classes: int = 1000) -> "PReLUNet":
    """Build model A of the paper: 19 layers.

    Images (N, 3, 224, 224).
    """
    return PReLUNet(MODEL_A, num_classes)


class PReLUNet(nn.Module):
    """A 7×7 convolution, stages of 3×3 ones, a pyramid of poolings, three Linears.

    stages: the output channels of every 3×3 convolution, stage by stage.
    """

    def __init__(self, stages: tuple[tuple[int, ...], ...], num_classes: int = 1000) -> None:
        super().__init__()
        layers = [nn.Conv2d(3, 96, kernel_size=7, stride=2, padding=3), _prelu(96)]
        in_channels = 96
        for stage in stages:
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            for out_channels in stage:
                layers.append(nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1))
                layers.append(_prelu(out_channels))
                in_channels = out_channels
        self.features = nn.Sequential(*layers)
        self.pyramid = PyramidPool(PYRAMID)
        self.classifier = nn.Sequential(
            nn.Linear(in_channels * sum(side**2 for side in PYRAMID), 4096),
            _prelu(4096),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            _prelu(4096),
            nn.Dropout(),
            nn.Linear(4096, num_classes),
        )
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, a=FIRST_SLOPE)
                nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, 3, H, W) to logits (N, num_classes).

        H and W may be anything from 16 pixels on.
        """
        return self.classifier(self.pyramid(self.features(x)))


class PyramidPool(nn.Module):
    """Max pooling into several grids at once (He and others, 2014: "SPP-net").

    (N, C, H, W) to (N, C · Σ side²), whatever H and W are.
    """

    def __init__(self, sides: tuple[int, ...]) -> None:
        super().__init__()
        self.grids = nn.ModuleList(nn.AdaptiveMaxPool2d(side) for side in sides)

    def forward(self, x: Tensor) -> Tensor:
        """The grids' maxima side by side in one vector."""
        return torch.cat([grid(x).flatten(1) for grid in self.grids], dim=1)


def _prelu(channels: int) -> nn.PReLU:
    return nn.PReLU(channels, init=FIRST_SLOPE)
