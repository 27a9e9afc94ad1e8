"""Answers to `alexnet` as students write them: valid ones, and unlisted bugs."""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn

# --- valid --------------------------------------------------------------------------------------


class AlexNet(nn.Module):
    """As in torchvision, with its average pooling."""

    def __init__(self, num_classes=1000, dropout=0.5):
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
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x):
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


def one_sequential(num_classes=1000, width=4096):
    """Without a class, ReLU before dropout, padding by name."""

    def conv(into, out, size, **named):
        return [nn.Conv2d(into, out, size, **named), nn.ReLU()]

    pool = nn.MaxPool2d(3, 2)
    features = [*conv(3, 64, 11, stride=4, padding=2), pool, *conv(64, 192, 5, padding="same")]
    features += [pool, *conv(192, 384, 3, padding=1), *conv(384, 256, 3, padding=(1, 1))]
    features += [*conv(256, 256, 3, padding="same"), nn.MaxPool2d(3, stride=2)]
    classifier = [nn.Dropout(), nn.Linear(9216, width), nn.Dropout(0.5), nn.ReLU()]
    classifier = [nn.Flatten(), *classifier, nn.Linear(width, width), nn.ReLU()]
    names = ("flat", "0", "1", "2", "3", "4", "5", "6")
    layers = OrderedDict(zip(names, [*classifier, nn.Linear(width, num_classes)], strict=True))
    return nn.Sequential(
        OrderedDict(features=nn.Sequential(*features), classifier=nn.Sequential(layers))
    )


class WithFunctions(nn.Module):
    """Layers with weights as modules, everything else as functions."""

    def __init__(self, num_classes=1000):
        super().__init__()
        linears = {"1": nn.Linear(9216, 4096), "4": nn.Linear(4096, 4096)}
        self.classifier = nn.ModuleDict({**linears, "6": nn.Linear(4096, num_classes)})
        convs = {"0": nn.Conv2d(3, 64, 11, 4, 2), "3": nn.Conv2d(64, 192, 5, 1, 2)}
        convs |= {"6": nn.Conv2d(192, 384, 3, 1, 1), "8": nn.Conv2d(384, 256, 3, 1, 1)}
        self.features = nn.ModuleDict(convs | {"10": nn.Conv2d(256, 256, 3, 1, 1)})

    def forward(self, x):
        conv = self.features
        x = F.max_pool2d(F.relu(conv["0"](x)), 3, 2)
        x = F.max_pool2d(F.relu(conv["3"](x)), 3, 2)
        x = F.relu(conv["8"](F.relu(conv["6"](x))))
        x = F.max_pool2d(F.relu(conv["10"](x)), 3, 2).view(-1, 256 * 6 * 6)
        x = F.dropout(x, training=self.training)
        x = F.dropout(F.relu(self.classifier["1"](x)), 0.5, self.training)
        return self.classifier["6"](F.relu(self.classifier["4"](x)))


def initialized(num_classes=1000):
    """A net that looks after its own first weights."""
    net = AlexNet(num_classes)
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)
    assert sum(p.numel() for p in net.parameters()) > 57e6
    return net


VALID = {"alexnet": [AlexNet, one_sequential, WithFunctions, initialized]}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


class OwnNames(AlexNet):
    """Right, but its state dict has other names."""

    def __init__(self, num_classes=1000):
        super().__init__(num_classes)
        self.layers, self.head = self.features, self.classifier
        del self.features, self.classifier

    def forward(self, x):
        return self.head(self.layers(x).flatten(1))


def ten_classes_by_default(num_classes=10):
    return AlexNet(num_classes)


def always_1000_classes(num_classes=1000):
    return AlexNet()


def last_relu_of_the_features_forgotten(num_classes=1000):
    net = AlexNet(num_classes)
    net.features[11] = nn.Identity()
    return net


def low_dropout(num_classes=1000):
    return AlexNet(num_classes, dropout=0.2)


def pooling_and_relu(num_classes=1000):
    net = last_relu_of_the_features_forgotten(num_classes)
    net.features[2] = nn.MaxPool2d(2)
    return net


def one_layer_too_few(num_classes=1000):
    net = AlexNet(num_classes)
    del net.features[8:10]
    net.features[6] = nn.Conv2d(192, 256, 3, padding=1)
    return net


class NoForward(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.features = nn.Conv2d(3, 64, 11, 4, 2)

        def forward(self, x):
            return self.features(x)


def no_module(num_classes=1000):
    return AlexNet(num_classes).features[0].weight


class FlattensEverything(AlexNet):
    def forward(self, x):
        return self.classifier(self.features(x).flatten())


def already_built(num_classes=1000):
    return AlexNet


class Rolled(AlexNet):
    """Right for one image alone."""

    def forward(self, x):
        return super().forward(x).roll(1, dims=0)


UNLISTED = {
    "alexnet": {
        OwnNames: "property:tensors",
        ten_classes_by_default: "property:default",
        always_1000_classes: "shape",
        last_relu_of_the_features_forgotten: "value",
        low_dropout: "property:training",
        pooling_and_relu: "value",
        one_layer_too_few: "property:tensors",
        NoForward: "raised",
        no_module: "raised",
        FlattensEverything: "raised",
        already_built: "raised",
        Rolled: "property:batch",
    }
}
