"""ZFNet: AlexNet after somebody looked inside it.

Matthew Zeiler, Rob Fergus: "Visualizing and understanding convolutional networks", 2013; several
such networks, averaged, won ILSVRC 2013 as Clarifai.

Special: pictures of AlexNet's first two layers showed dead filters and aliasing, so the first
kernels shrank from 11×11/4 to 7×7/2 and the second layer got a stride. The paper's 110×110 maps
need a padding of 1, its 55×55 a pooling window that hangs over the edge (ceil mode):

>>> import torch
>>> from coursekit.models import architecture_table, zfnet
>>> with torch.device("meta"):
...     table = architecture_table(zfnet(), (3, 224, 224))
>>> [row.output_shape[1] for row in table if row.kind in ("Conv2d", "MaxPool2d")]
[110, 55, 26, 13, 13, 13, 13, 6]
>>> [row.receptive_field for row in table.of_kind("Conv2d")]
[7, 27, 75, 107, 139]
>>> f"{table.parameters:,} parameters"
'62,357,608 parameters'
"""

from collections import OrderedDict

from torch import Tensor, nn

from coursekit.models.alexnet import fully_connected, local_response_norm


def zfnet(num_classes: int = 1000) -> "ZFNet":
    """Build the network of the paper's figure 3.

    Images (N, 3, 224, 224); 62,357,608 parameters for 1000 classes.
    """
    return ZFNet(num_classes)


class ZFNet(nn.Module):
    """Five convolutions and three fully connected layers; contrast normalized across maps."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(3, 96, kernel_size=7, stride=2, padding=1),
                relu1=nn.ReLU(inplace=True),
                pool1=nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
                norm1=local_response_norm(),
                conv2=nn.Conv2d(96, 256, kernel_size=5, stride=2),
                relu2=nn.ReLU(inplace=True),
                pool2=nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
                norm2=local_response_norm(),
                conv3=nn.Conv2d(256, 384, kernel_size=3, padding=1),
                relu3=nn.ReLU(inplace=True),
                conv4=nn.Conv2d(384, 384, kernel_size=3, padding=1),
                relu4=nn.ReLU(inplace=True),
                conv5=nn.Conv2d(384, 256, kernel_size=3, padding=1),
                relu5=nn.ReLU(inplace=True),
                pool5=nn.MaxPool2d(kernel_size=3, stride=2),
            )
        )
        self.classifier = fully_connected(num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, 3, 224, 224) to logits (N, num_classes)."""
        return self.classifier(self.features(x).flatten(1))
