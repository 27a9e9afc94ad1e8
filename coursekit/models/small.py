"""Small networks: the classics of the first lectures, and AlexNets for images of 32×32 pixels.

Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner: "Gradient-based learning applied to
document recognition", 1998 (LeNet-5); Andrej Karpathy: the example ConvNet of the CS231n course
and the demonstrations of ConvNetJS, 2014–2015.

Special: each is a plain nn.Sequential with named layers, none of which works in place, so that
every activation can be looked at; all but alexnet_cifar train in seconds on a CPU:

>>> from coursekit.models import architecture_table
>>> nets = {example_convnet: (3, 32, 32), lenet5: (1, 32, 32)}
>>> nets |= {convnetjs_mnist: (1, 24, 24), convnetjs_cifar: (3, 32, 32)}
>>> [architecture_table(build(), image).parameters for build, image in nets.items()]
[6440, 61706, 5994, 22466]
"""

from collections import OrderedDict

from torch import nn


def example_convnet(num_classes: int = 10) -> nn.Sequential:
    """Build Karpathy's example: [conv–relu–conv–relu–pool]×3–fc, ten 3×3 filters each.

    Images (N, 3, 32, 32) to logits; 6,440 parameters. The lecture's seventeenth layer, softmax,
    is part of PyTorch's cross-entropy loss.
    """
    layers: dict[str, nn.Module] = {}
    in_channels = 3
    for i in range(1, 7):
        layers[f"conv{i}"] = nn.Conv2d(in_channels, 10, kernel_size=3, padding=1)
        layers[f"relu{i}"] = nn.ReLU()
        if i % 2 == 0:
            layers[f"pool{i // 2}"] = nn.MaxPool2d(kernel_size=2)
        in_channels = 10
    return _sequential(**layers, flatten=nn.Flatten(), fc=nn.Linear(10 * 4 * 4, num_classes))


def convnetjs_mnist(num_classes: int = 10) -> nn.Sequential:
    """Build the network of ConvNetJS's MNIST demonstration: 5,994 parameters.

    Images (N, 1, 24, 24), crops of MNIST's 28×28, to logits (N, num_classes).
    """
    return _sequential(
        conv1=nn.Conv2d(1, 8, kernel_size=5, padding=2),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(kernel_size=2),
        conv2=nn.Conv2d(8, 16, kernel_size=5, padding=2),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(kernel_size=3),
        flatten=nn.Flatten(),
        fc=nn.Linear(16 * 4 * 4, num_classes),
    )


def convnetjs_cifar(num_classes: int = 10) -> nn.Sequential:
    """Build the network of ConvNetJS's CIFAR-10 demonstration: 22,466 parameters.

    Images (N, 3, 32, 32) to logits (N, num_classes).
    """
    return _sequential(
        conv1=nn.Conv2d(3, 16, kernel_size=5, padding=2),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(kernel_size=2),
        conv2=nn.Conv2d(16, 20, kernel_size=5, padding=2),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(kernel_size=2),
        conv3=nn.Conv2d(20, 20, kernel_size=5, padding=2),
        relu3=nn.ReLU(),
        pool3=nn.MaxPool2d(kernel_size=2),
        flatten=nn.Flatten(),
        fc=nn.Linear(20 * 4 * 4, num_classes),
    )


def lenet5(num_classes: int = 10) -> nn.Sequential:
    """Build LeNet-5: 61,706 parameters for 10 classes.

    Images (N, 1, 32, 32) to logits (N, num_classes). The paper's 60,000 come from a second
    convolution that saw only some of the maps, and from poolings that learned a scale and an
    offset for each map.
    """
    return _sequential(
        c1=nn.Conv2d(1, 6, kernel_size=5),
        tanh1=nn.Tanh(),
        s2=nn.AvgPool2d(kernel_size=2),
        c3=nn.Conv2d(6, 16, kernel_size=5),
        tanh3=nn.Tanh(),
        s4=nn.AvgPool2d(kernel_size=2),
        c5=nn.Conv2d(16, 120, kernel_size=5),
        tanh5=nn.Tanh(),
        flatten=nn.Flatten(),
        f6=nn.Linear(120, 84),
        tanh6=nn.Tanh(),
        output=nn.Linear(84, num_classes),
    )


def alexnet_mini(num_classes: int = 10) -> nn.Sequential:
    """Build an AlexNet for 32×32 pixels that a CPU trains in seconds.

    Images (N, 3, 32, 32) to logits (N, num_classes); 309,418 parameters for 10 classes. Large
    first kernels with a stride, overlapping poolings; without dropout, since in seconds nothing
    overfits. The first filters start as small as AlexNet's, so that one can watch them grow.
    """
    net = _sequential(
        conv1=nn.Conv2d(3, 32, kernel_size=7, stride=2, padding=3),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        conv2=nn.Conv2d(32, 64, kernel_size=5, padding=2),
        relu2=nn.ReLU(),
        conv3=nn.Conv2d(64, 96, kernel_size=3, padding=1),
        relu3=nn.ReLU(),
        pool3=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        flatten=nn.Flatten(),
        fc4=nn.Linear(96 * 4 * 4, 128),
        relu4=nn.ReLU(),
        fc5=nn.Linear(128, num_classes),
    )
    _initialize(net, small=(net.conv1, net.fc5))
    return net


def alexnet_cifar(num_classes: int = 10) -> nn.Sequential:
    """Build an AlexNet for 32×32 pixels with the original's depth, for a GPU.

    Images (N, 3, 32, 32) to logits (N, num_classes); 8,974,730 parameters for 10 classes. Five
    convolutions of AlexNet's widths with kernels that suit the small image, overlapping
    poolings, three fully connected layers, dropout.
    """
    net = _sequential(
        conv1=nn.Conv2d(3, 96, kernel_size=5, padding=2),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        conv2=nn.Conv2d(96, 256, kernel_size=5, padding=2),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        conv3=nn.Conv2d(256, 384, kernel_size=3, padding=1),
        relu3=nn.ReLU(),
        conv4=nn.Conv2d(384, 384, kernel_size=3, padding=1),
        relu4=nn.ReLU(),
        conv5=nn.Conv2d(384, 256, kernel_size=3, padding=1),
        relu5=nn.ReLU(),
        pool5=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        flatten=nn.Flatten(),
        fc6=nn.Linear(256 * 4 * 4, 1024),
        relu6=nn.ReLU(),
        drop6=nn.Dropout(),
        fc7=nn.Linear(1024, 1024),
        relu7=nn.ReLU(),
        drop7=nn.Dropout(),
        fc8=nn.Linear(1024, num_classes),
    )
    _initialize(net, small=(net.fc8,))
    return net


def _initialize(net: nn.Sequential, small: tuple[nn.Module, ...]) -> None:
    """Weights of deviation 1/√fan_in, or 0.01 in layers that should start near nothing.

    That is a little less than He's √(2/fan_in): overlapping max pooling makes up for the rest.
    """
    for layer in net:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
            nn.init.zeros_(layer.bias)
    for layer in small:  # in the last layer, it makes the loss start at ln(num_classes)
        nn.init.normal_(layer.weight, std=0.01)


def _sequential(**layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(OrderedDict(layers))
