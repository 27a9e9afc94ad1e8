"""The networks of the course in PyTorch, one architecture a file, and the table of each."""

from coursekit.models.alexnet import (
    AlexNet,
    AlexNet2012,
    alexnet,
    alexnet_2012,
    local_response_norm,
)
from coursekit.models.googlenet import (
    GoogLeNet,
    GoogLeNetOutputs,
    Inception,
    googlenet,
    googlenet_2014,
)
from coursekit.models.plain import PlainBlock, digit_stack
from coursekit.models.prelunet import PReLUNet, prelunet
from coursekit.models.resnet import (
    BasicBlock,
    Bottleneck,
    ResNet,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
)
from coursekit.models.small import (
    alexnet_cifar,
    alexnet_mini,
    convnetjs_cifar,
    convnetjs_mnist,
    example_convnet,
    lenet5,
)
from coursekit.models.table import ArchitectureTable, Layer
from coursekit.models.tracing import architecture_table
from coursekit.models.vgg import VGG, vgg11, vgg16, vgg19
from coursekit.models.weights import WeightsUnavailable
from coursekit.models.zfnet import ZFNet, zfnet

# Every network of the course, and one image it takes: (C, H, W).
INPUT_SHAPES = {
    alexnet_2012: (3, 227, 227),
    alexnet: (3, 224, 224),
    zfnet: (3, 224, 224),
    vgg11: (3, 224, 224),
    vgg16: (3, 224, 224),
    vgg19: (3, 224, 224),
    googlenet_2014: (3, 224, 224),
    googlenet: (3, 224, 224),
    prelunet: (3, 224, 224),
    resnet18: (3, 224, 224),
    resnet34: (3, 224, 224),
    resnet50: (3, 224, 224),
    resnet101: (3, 224, 224),
    resnet152: (3, 224, 224),
    lenet5: (1, 32, 32),
    example_convnet: (3, 32, 32),
    convnetjs_mnist: (1, 24, 24),
    convnetjs_cifar: (3, 32, 32),
    alexnet_mini: (3, 32, 32),
    alexnet_cifar: (3, 32, 32),
}

__all__ = [
    "INPUT_SHAPES",
    "VGG",
    "AlexNet",
    "AlexNet2012",
    "ArchitectureTable",
    "BasicBlock",
    "Bottleneck",
    "GoogLeNet",
    "GoogLeNetOutputs",
    "Inception",
    "Layer",
    "PReLUNet",
    "PlainBlock",
    "ResNet",
    "WeightsUnavailable",
    "ZFNet",
    "alexnet",
    "alexnet_2012",
    "alexnet_cifar",
    "alexnet_mini",
    "architecture_table",
    "convnetjs_cifar",
    "convnetjs_mnist",
    "digit_stack",
    "example_convnet",
    "googlenet",
    "googlenet_2014",
    "lenet5",
    "local_response_norm",
    "prelunet",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "vgg11",
    "vgg16",
    "vgg19",
    "zfnet",
]
