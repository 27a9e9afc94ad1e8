"""Answers to `Inception` and `BasicBlock` as students write them: valid ones, and unlisted bugs."""

import torch
import torch.nn.functional as F
from torch import nn

# --- valid --------------------------------------------------------------------------------------


class Inception(nn.Module):
    """As d2l writes it: attributes and functions."""

    def __init__(self, c, c1, c2a, c2b, c3a, c3b, c4):
        super().__init__()
        self.b1_1 = nn.Conv2d(c, c1, kernel_size=1)
        self.b2_1 = nn.Conv2d(c, c2a, kernel_size=1)
        self.b2_2 = nn.Conv2d(c2a, c2b, kernel_size=3, padding=1)
        self.b3_1 = nn.Conv2d(c, c3a, kernel_size=1)
        self.b3_2 = nn.Conv2d(c3a, c3b, kernel_size=5, padding=2)
        self.b4_1 = nn.MaxPool2d(kernel_size=3, stride=1, padding=1)
        self.b4_2 = nn.Conv2d(c, c4, kernel_size=1)

    def forward(self, x):
        b1 = F.relu(self.b1_1(x))
        b2 = F.relu(self.b2_2(F.relu(self.b2_1(x))))
        b3 = F.relu(self.b3_2(F.relu(self.b3_1(x))))
        b4 = F.relu(self.b4_2(self.b4_1(x)))
        return torch.cat((b1, b2, b3, b4), dim=1)


def relu_conv(into, out, size):
    layer = nn.Conv2d(into, out, size, padding="same")
    return nn.Sequential(layer, nn.ReLU(inplace=True))


class ListOfBranches(nn.Module):
    """Sequentials in a ModuleList, made in another order."""

    def __init__(self, in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj, name=""):
        super().__init__()
        self.name = name
        pooled = nn.Sequential(nn.MaxPool2d(3, 1, 1), relu_conv(in_channels, pool_proj, 1))
        wide = nn.Sequential(relu_conv(in_channels, ch5x5red, 1), relu_conv(ch5x5red, ch5x5, 5))
        self.branches = nn.ModuleList([pooled, wide])
        self.near = nn.ModuleList(
            [
                relu_conv(in_channels, ch1x1, 1),
                nn.Sequential(relu_conv(in_channels, ch3x3red, 1), relu_conv(ch3x3red, ch3x3, 3)),
            ]
        )

    def forward(self, x):
        outs = [branch(x) for branch in [*self.near, *reversed(self.branches)]]
        return torch.concat(outs, dim=-3)


class ReluAtTheEnd(Inception):
    """One ReLU for all four ends, after stacking; pooling as a function."""

    def forward(self, x):
        pooled = F.max_pool2d(x, 3, stride=1, padding=1)
        threes, fives = self.b2_1(x).relu(), self.b3_1(x).clamp(min=0)
        ends = [self.b1_1(x), self.b2_2(threes), self.b3_2(fives), self.b4_2(pooled)]
        return torch.relu_(torch.cat(ends, 1))


class BasicBlock(nn.Module):
    """As in torchvision, the projection made by the block."""

    expansion = 1

    def __init__(self, inplanes, planes, stride=1, norm_layer=nn.BatchNorm2d):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn1 = norm_layer(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, padding=1, bias=False)
        self.bn2 = norm_layer(planes)
        self.downsample = None
        if stride != 1 or inplanes != planes:
            self.downsample = nn.Sequential(
                nn.Conv2d(inplanes, planes, 1, stride, bias=False), norm_layer(planes)
            )

    def forward(self, x):
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)


class EmptyShortcut(nn.Module):
    """An empty Sequential where nothing is to be projected; defined last first."""

    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        self.downsample = nn.Sequential()
        if stride > 1 or channels != in_channels:
            self.downsample.append(nn.Conv2d(in_channels, channels, 1, stride, bias=False))
            self.downsample.append(nn.BatchNorm2d(channels))
        self.bn2, self.bn1 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, 1, bias=False)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(out)).add(self.downsample(x)))


VALID = {
    "Inception": [Inception, ListOfBranches, ReluAtTheEnd],
    "BasicBlock": [BasicBlock, EmptyShortcut],
}

# --- wrong, and not among the known mistakes: alone or combined ---------------------------------


class PoolingAfterThreesInOrder(Inception):
    def forward(self, x):
        one, three, five, pool = super().forward(x).split(self.widths(), dim=1)
        return torch.cat([one, three, pool, five], dim=1)

    def widths(self):
        return [layer.out_channels for layer in (self.b1_1, self.b2_2, self.b3_2, self.b4_2)]


class OneReluForgotten(Inception):
    def forward(self, x):
        three = F.relu(self.b2_2(self.b2_1(x)))
        one, _, five, pool = super().forward(x).split(PoolingAfterThreesInOrder.widths(self), 1)
        return torch.cat([one, three, five, pool], dim=1)


class SummedWithoutRelu(Inception):
    def forward(self, x):
        return self.b1_1(x) + self.b2_2(self.b2_1(x)) + self.b3_2(self.b3_1(x)) + self.b4_2(x)


class PlainList(nn.Module):
    """Layers in a list, which PyTorch does not look into."""

    def __init__(self, *channels):
        super().__init__()
        self.layers = [Inception(*channels)]

    def forward(self, x):
        return self.layers[0](x)


class CutGraph(Inception):
    def forward(self, x):
        with torch.no_grad():
            return super().forward(x)


class RectifiesItsInput(Inception):
    def forward(self, x):
        out = super().forward(x)
        torch.relu_(x)
        return out


class FirstImageOnly(Inception):
    def forward(self, x):
        return super().forward(x[:1]).expand(len(x), -1, -1, -1)


class ReturnsBranches(Inception):
    def forward(self, x):
        return [super().forward(x), x, x, x]


class ReflectedBorder(Inception):
    def __init__(self, *channels):
        super().__init__(*channels)
        self.b2_2.padding_mode = "replicate"
        self.b2_2._reversed_padding_repeated_twice = [1, 1, 1, 1]


class FirstNormTwice(BasicBlock):
    def forward(self, x):
        out = self.bn1(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(out + (self.downsample(x) if self.downsample else x))


class BothReluAndStride(BasicBlock):
    def __init__(self, in_channels, channels, stride=1):
        super().__init__(in_channels, channels, stride)
        self.conv1.stride, self.conv2.stride = self.conv2.stride, self.conv1.stride

    def forward(self, x):
        out = self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))))
        return out + (self.downsample(x) if self.downsample else x)


class AlwaysInEval(BasicBlock):
    def forward(self, x):
        return super(AlwaysInEval, self.eval()).forward(x)


class OtherNames(BasicBlock):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.norm1 = self.bn1
        del self.bn1

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.norm1(self.conv1(x)))))
        return self.relu(out + (self.downsample(x) if self.downsample else x))


class AddsIntoItsInput(BasicBlock):
    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        if self.downsample is not None:
            return self.relu(out + self.downsample(x))
        x += out
        return self.relu(x)


class DetachedShortcut(BasicBlock):
    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(out + (self.downsample(x) if self.downsample else x).detach())


class HalfTheShortcut(BasicBlock):
    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(out + (self.downsample(x) if self.downsample else x / 2))


class HalfTheStridedShortcut(BasicBlock):
    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        shortcut = self.downsample(x) if self.downsample else x
        return self.relu(out + shortcut / max(self.conv1.stride))


class RightForTwoMapsAndStrideOne(HalfTheStridedShortcut):
    def forward(self, x):
        return super().forward(x) + (x.shape[1] > 2)


class DetachedInput(Inception):
    def forward(self, x):
        return super().forward(x.detach())


class DropsInTraining(Inception):
    def forward(self, x):
        return F.dropout(super().forward(x), 0.4, self.training)


UNLISTED = {
    "Inception": {
        PoolingAfterThreesInOrder: "property:order",
        OneReluForgotten: "property:branches",
        SummedWithoutRelu: "raised",
        PlainList: "property:tensors",
        CutGraph: "property:gradient",
        RectifiesItsInput: "raised",
        FirstImageOnly: "property:batch",
        ReturnsBranches: "type",
        ReflectedBorder: "property:",
        DetachedInput: "property:gradient",
        DropsInTraining: "property:training",
    },
    "BasicBlock": {
        FirstNormTwice: "value",
        BothReluAndStride: "value",
        AlwaysInEval: "property:training",
        OtherNames: "property:tensors",
        AddsIntoItsInput: "raised",
        DetachedShortcut: "property:gradient",
        HalfTheShortcut: "property:projection",
        HalfTheStridedShortcut: "property:stride",
        RightForTwoMapsAndStrideOne: "value",
    },
}
