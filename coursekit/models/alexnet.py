"""AlexNet: the network that won ILSVRC 2012 and made everybody look.

Alex Krizhevsky, Ilya Sutskever, Geoffrey Hinton: "ImageNet classification with deep convolutional
neural networks", 2012; the one-tower version is Krizhevsky's "One weird trick for parallelizing
convolutional neural networks", 2014.

Special: ReLU instead of tanh, dropout, pooling windows that overlap, local response
normalization, and convolutions split into two groups because one GPU had 3 GB. Nearly all
parameters are in the fully connected layers, nearly all work is in the convolutions:

>>> import torch
>>> from coursekit.models import alexnet_2012, architecture_table
>>> with torch.device("meta"):
...     table = architecture_table(alexnet_2012(), (3, 227, 227))
>>> print(f"{table.neurons:,} neurons, {table.parameters:,} parameters, depth {table.depth}")
659,272 neurons, 60,965,224 parameters, depth 8
>>> f"{table.of_kind('Linear').parameters / table.parameters:.1%} of the parameters"
'96.2% of the parameters'
>>> f"{table.of_kind('Conv2d').macs / table.macs:.1%} of {table.macs / 1e9:.3f} G multiply-adds"
'91.9% of 0.724 G multiply-adds'
"""

from collections import OrderedDict

from torch import Tensor, nn
from torch.nn import functional as F

from coursekit.models.weights import published


def alexnet(num_classes: int = 1000, pretrained: bool = False) -> "AlexNet":
    """Build the one-tower AlexNet that everyone downloads.

    Images (N, 3, 224, 224); 61,100,840 parameters for 1000 classes.
    pretrained: load the published ImageNet weights (233 MB, downloaded once).
    """
    if pretrained:
        return published("alexnet", AlexNet, num_classes)
    return AlexNet(num_classes)


def alexnet_2012(num_classes: int = 1000, groups: int = 2) -> "AlexNet2012":
    """Build AlexNet as published, two groups and all.

    Images (N, 3, 227, 227): the paper says 224, but 55×55 maps need 227.
    groups: 1 for what one larger GPU would have allowed, 62,378,344 parameters.
    """
    return AlexNet2012(num_classes, groups)


class AlexNet(nn.Module):
    """AlexNet in one tower, 64-192-384-256-256, without normalization; torchvision's names."""

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(64, 192, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(192, 384, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, 3, H, W) to logits (N, num_classes).

        H and W may be anything from 63 pixels on.
        """
        x = self.features(x)
        if x.shape[2:] != (6, 6):  # an image that is not 224×224
            x = F.adaptive_avg_pool2d(x, 6)
        return self.classifier(x.flatten(1))


class AlexNet2012(nn.Module):
    """AlexNet layer by layer as in the paper, with its initialization (section 5)."""

    def __init__(self, num_classes: int = 1000, groups: int = 2) -> None:
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(3, 96, kernel_size=11, stride=4),
                relu1=nn.ReLU(inplace=True),
                norm1=local_response_norm(),
                pool1=nn.MaxPool2d(kernel_size=3, stride=2),
                conv2=nn.Conv2d(96, 256, kernel_size=5, padding=2, groups=groups),
                relu2=nn.ReLU(inplace=True),
                norm2=local_response_norm(),
                pool2=nn.MaxPool2d(kernel_size=3, stride=2),
                conv3=nn.Conv2d(256, 384, kernel_size=3, padding=1),
                relu3=nn.ReLU(inplace=True),
                conv4=nn.Conv2d(384, 384, kernel_size=3, padding=1, groups=groups),
                relu4=nn.ReLU(inplace=True),
                conv5=nn.Conv2d(384, 256, kernel_size=3, padding=1, groups=groups),
                relu5=nn.ReLU(inplace=True),
                pool5=nn.MaxPool2d(kernel_size=3, stride=2),
            )
        )
        self.classifier = fully_connected(num_classes)
        self._initialize()

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, 3, 227, 227) to logits (N, num_classes)."""
        return self.classifier(self.features(x).flatten(1))

    def _initialize(self) -> None:
        # Biases of 1 give these ReLUs positive inputs, so that they learn from the first step.
        active = {self.features.conv2, self.features.conv4, self.features.conv5}
        active |= {self.classifier.fc6, self.classifier.fc7}
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.normal_(layer.weight, std=0.01)
                nn.init.constant_(layer.bias, 1.0 if layer in active else 0.0)


def fully_connected(num_classes: int = 1000) -> nn.Sequential:
    """Build AlexNet's last three layers, which ZFNet took over.

    Flattened maps (N, 9216) to logits (N, num_classes).
    """
    return nn.Sequential(
        OrderedDict(
            fc6=nn.Linear(256 * 6 * 6, 4096),
            relu6=nn.ReLU(inplace=True),
            drop6=nn.Dropout(),
            fc7=nn.Linear(4096, 4096),
            relu7=nn.ReLU(inplace=True),
            drop7=nn.Dropout(),
            fc8=nn.Linear(4096, num_classes),
        )
    )


def local_response_norm(
    n: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0
) -> nn.LocalResponseNorm:
    """Build the normalization of section 3.3, with the paper's four constants.

    b_i = a_i / (k + alpha · Σ a_j²)^beta over the n maps j around map i. PyTorch takes the mean
    of the n squares where the paper takes their sum, so its alpha has to be n times as large.

    >>> local_response_norm().alpha
    0.0005
    """
    return nn.LocalResponseNorm(n, alpha=n * alpha, beta=beta, k=k)
