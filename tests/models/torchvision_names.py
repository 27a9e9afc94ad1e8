"""Names and shapes in torchvision's published files, written down without our networks.

Each function returns name -> shape for one architecture, 1000 classes.
"""

Shapes = dict[str, tuple[int, ...]]


def _weight_and_bias(name: str, *shape: int) -> Shapes:
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def _batch_norm(name: str, channels: int) -> Shapes:
    statistics = {f"{name}.running_mean": (channels,), f"{name}.running_var": (channels,)}
    return _weight_and_bias(name, channels) | statistics | {f"{name}.num_batches_tracked": ()}


def alexnet() -> Shapes:
    """Convolutions at 0, 3, 6, 8, 10 of features; Linears at 1, 4, 6 of classifier."""
    return (
        _weight_and_bias("features.0", 64, 3, 11, 11)
        | _weight_and_bias("features.3", 192, 64, 5, 5)
        | _weight_and_bias("features.6", 384, 192, 3, 3)
        | _weight_and_bias("features.8", 256, 384, 3, 3)
        | _weight_and_bias("features.10", 256, 256, 3, 3)
        | _weight_and_bias("classifier.1", 4096, 9216)
        | _weight_and_bias("classifier.4", 4096, 4096)
        | _weight_and_bias("classifier.6", 1000, 4096)
    )


def vgg(positions: list[int], channels: list[int]) -> Shapes:
    """Convolutions at these positions of features; Linears at 0, 3, 6 of classifier."""
    shapes: Shapes = {}
    for position, c_in, c_out in zip(positions, [3, *channels], channels, strict=False):
        shapes |= _weight_and_bias(f"features.{position}", c_out, c_in, 3, 3)
    return (
        shapes
        | _weight_and_bias("classifier.0", 4096, 25088)
        | _weight_and_bias("classifier.3", 4096, 4096)
        | _weight_and_bias("classifier.6", 1000, 4096)
    )


def vgg11() -> Shapes:
    """Column A of the paper."""
    return vgg([0, 3, 6, 8, 11, 13, 16, 18], [64, 128, 256, 256, 512, 512, 512, 512])


def vgg16() -> Shapes:
    """Column D of the paper."""
    positions = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]
    return vgg(positions, [64, 64, 128, 128, 256, 256, 256, *[512] * 6])


def vgg19() -> Shapes:
    """Column E of the paper."""
    positions = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]
    return vgg(positions, [64, 64, 128, 128, *[256] * 4, *[512] * 8])


def _conv_bn(name: str, *shape: int) -> Shapes:
    return {f"{name}.conv.weight": shape} | _batch_norm(f"{name}.bn", shape[0])


def _inception(name: str, c_in: int, c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> Shapes:
    return (
        _conv_bn(f"{name}.branch1", c1, c_in, 1, 1)
        | _conv_bn(f"{name}.branch2.0", r3, c_in, 1, 1)
        | _conv_bn(f"{name}.branch2.1", c3, r3, 3, 3)
        | _conv_bn(f"{name}.branch3.0", r5, c_in, 1, 1)
        | _conv_bn(f"{name}.branch3.1", c5, r5, 3, 3)  # not 5×5
        | _conv_bn(f"{name}.branch4.1", p, c_in, 1, 1)
    )


def _auxiliary(name: str, c_in: int) -> Shapes:
    return (
        _conv_bn(f"{name}.conv", 128, c_in, 1, 1)
        | _weight_and_bias(f"{name}.fc1", 1024, 2048)
        | _weight_and_bias(f"{name}.fc2", 1000, 1024)
    )


def googlenet() -> Shapes:
    """With both auxiliary heads, which the published file holds."""
    return (
        _conv_bn("conv1", 64, 3, 7, 7)
        | _conv_bn("conv2", 64, 64, 1, 1)
        | _conv_bn("conv3", 192, 64, 3, 3)
        | _inception("inception3a", 192, 64, 96, 128, 16, 32, 32)
        | _inception("inception3b", 256, 128, 128, 192, 32, 96, 64)
        | _inception("inception4a", 480, 192, 96, 208, 16, 48, 64)
        | _inception("inception4b", 512, 160, 112, 224, 24, 64, 64)
        | _inception("inception4c", 512, 128, 128, 256, 24, 64, 64)
        | _inception("inception4d", 512, 112, 144, 288, 32, 64, 64)
        | _inception("inception4e", 528, 256, 160, 320, 32, 128, 128)
        | _inception("inception5a", 832, 256, 160, 320, 32, 128, 128)
        | _inception("inception5b", 832, 384, 192, 384, 48, 128, 128)
        | _auxiliary("aux1", 512)
        | _auxiliary("aux2", 528)
        | _weight_and_bias("fc", 1000, 1024)
    )


def resnet(blocks: list[int], kernels: list[int], expansion: int) -> Shapes:
    """Kernels: sizes of a block's convolutions, numbered from 1 as their norms are."""
    shapes = {"conv1.weight": (64, 3, 7, 7)} | _batch_norm("bn1", 64)
    c_in = 64
    for stage, count in enumerate(blocks, start=1):
        width = 64 * 2 ** (stage - 1)
        for number in range(count):
            block = f"layer{stage}.{number}"
            shapes |= _block(block, c_in, width, kernels, expansion)
            if number == 0 and c_in != width * expansion:
                shapes[f"{block}.downsample.0.weight"] = (width * expansion, c_in, 1, 1)
                shapes |= _batch_norm(f"{block}.downsample.1", width * expansion)
            c_in = width * expansion
    return shapes | _weight_and_bias("fc", 1000, c_in)


def _block(block: str, c_in: int, width: int, kernels: list[int], expansion: int) -> Shapes:
    shapes: Shapes = {}
    outputs = [width] * (len(kernels) - 1) + [width * expansion]
    for i, (kernel, c_out) in enumerate(zip(kernels, outputs, strict=True), start=1):
        shapes[f"{block}.conv{i}.weight"] = (c_out, c_in, kernel, kernel)
        shapes |= _batch_norm(f"{block}.bn{i}", c_out)
        c_in = c_out
    return shapes


# name -> (shapes, number of keys, parameters that torchvision's documentation gives)
PUBLISHED = {
    "alexnet": (alexnet(), 16, 61_100_840),
    "vgg11": (vgg11(), 22, 132_863_336),
    "vgg16": (vgg16(), 32, 138_357_544),
    "vgg19": (vgg19(), 38, 143_667_240),
    "googlenet": (googlenet(), 364, 13_004_888),  # 6,624,904 without the heads
    "resnet18": (resnet([2, 2, 2, 2], [3, 3], 1), 122, 11_689_512),
    "resnet34": (resnet([3, 4, 6, 3], [3, 3], 1), 218, 21_797_672),
    "resnet50": (resnet([3, 4, 6, 3], [1, 3, 1], 4), 320, 25_557_032),
    "resnet101": (resnet([3, 4, 23, 3], [1, 3, 1], 4), 626, 44_549_160),
    "resnet152": (resnet([3, 8, 36, 3], [1, 3, 1], 4), 932, 60_192_808),
}
