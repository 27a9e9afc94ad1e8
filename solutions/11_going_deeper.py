# %% [markdown]
# # Going deeper
#
# AlexNet had eight layers. Three years later the winner had 152. What had to be invented in between?
# **At the end you hold an inception module and a residual block of your own, you have counted
# the layers and parameters of three famous networks, and you have watched a deep network fail to
# learn and your own block repair it.**
#
# You will learn to
#
# * tell where the parameters of a deep network sit, and check a published claim about them;
# * narrow maps with 1×1 convolutions, and stack branches;
# * count the depth of a network that branches;
# * normalize a batch, in training and at test time;
# * explain what degradation is, and what a shortcut changes.
#
# You need convolution, padding and receptive fields (lectures 04 and 05), training (08) and
# AlexNet (09). The lecture takes about 125 minutes with its five exercises. All cells together run in
# about a minute on a laptop's CPU.
#
# Run the next cell first. `QUICK` is set while the course itself is being built and tested; the cells
# that train then do less, and say how much.

# %% [markdown] tags=["instructor"]
# Time: 3 min. Slides 46, 52 and 53. Write the three depths on the board: 16, 22, 152.
#
# Tip: ask why nobody stacked 152 layers in 2012. Collect the guesses; "vanishing gradients" will be
# among them, and the lecture measures whether that is so.

# %%
import os

import numpy as np
import torch
from torch import nn

from coursekit import check, mine, models, plots, shapes
from coursekit.data import Batches, load
from coursekit.inspection import gradient_norms
from coursekit.models.googlenet import MODULES, TABLE_1_PARAMETERS
from coursekit.models.weights import PUBLISHED_ACCURACY
from coursekit.predictions import reveal
from coursekit.training import fit, sgd
from coursekit.widgets import ArchitectureExplorer

QUICK = os.environ.get("COURSEKIT_QUICK") == "1"
torch.set_num_threads(1)  # networks this small are fastest on one core

# %% [markdown]
# ## How does VGG get to 16 layers?
#
# VGG (Simonyan and Zisserman, 2014) has one idea: use nothing but small kernels, and many of them.
# Every convolution has a kernel of 3, stride 1 and padding 1, which keeps the size (lecture 05). So
# one can stack as many as one likes; only the poolings halve the maps.
#
# Three such layers see 7×7 pixels, like one layer of 7×7. With $C$ channels in and out they need
# $3 \cdot 3 \cdot 3 \cdot C^2 = 27\,C^2$ weights instead of $49\,C^2$, and they have three ReLUs instead of
# one.
#
# The tables of this lecture are computed from the networks themselves. A model on PyTorch's device
# "meta" has shapes but no numbers, so that even 138 million parameters take no memory. Do all
# convolutions of VGG-16 keep the size? The cell prints it behind each convolution and each pooling.


# %%
def table_of(build):
    """Table of all layers of a network, without making its weights."""
    with torch.device("meta"):
        return models.architecture_table(build(), models.INPUT_SHAPES[build])


vgg = table_of(models.vgg16)
sizes = [row.output_shape[1] for row in vgg.of_kind("Conv2d", "MaxPool2d")]
print("convolutions:", len(vgg.of_kind("Conv2d")), "fully connected:", len(vgg.of_kind("Linear")))
print("sizes:", sizes)

# %% [markdown]
# ### Where are its parameters?
#
# Thirteen convolutions, in five groups, and the size changes only where a group ends. With three fully
# connected layers that makes 16.
#
# VGG-16 has 138,357,544 parameters, more than twice AlexNet's. Its first fully connected layer takes
# 512 maps of 7×7 and gives 4096 numbers. **Predict:** what percentage of all parameters is in this one
# layer? A whole number will do. Write it in place of `None`.

# %% [markdown] tags=["instructor"]
# Time: 10 min. Let the room compute 512 · 7 · 7 · 4096 on paper before anybody runs the cell.
#
# Tip: then ask what would happen to this layer if the maps were averaged to 1×1 first. That is the
# next network.

# %%
guess = None
reveal(guess, round(100 * vgg.layer("classifier.0").parameters / vgg.parameters))

# %% [markdown]
# ### Look at all of them
#
# $512 \cdot 7 \cdot 7 \cdot 4096 = 102{,}760{,}448$ weights, 74 % of all parameters. The depth is in the convolutions, and
# they are cheap: all thirteen have 14.7 million parameters together, and the first fully connected
# layer alone has 102.8 million. Look for it below, beside AlexNet's layers. Then choose
# multiply-adds instead of parameters: which layers are large now?

# %%
tables = {"VGG-16": vgg, "AlexNet": table_of(models.alexnet_2012)}
ArchitectureExplorer(tables, compared="AlexNet", quantity="parameters", layer="classifier.0")

# %% [markdown]
# ## What does GoogLeNet put in place of one kernel?
#
# Which kernel should a layer have, 1, 3 or 5? GoogLeNet (Szegedy et al., 2014) takes all of them, and
# a pooling as well. Its **inception module** has four branches that look at the *same* maps:
#
# ```text
#                      ┌─ 1×1 ────────────────▶  64 maps ─┐
#                      ├─ 1×1 ─▶ 96 ─▶ 3×3 ───▶ 128 maps ─┤
#   192 maps, 28×28 ───┤                                  ├─ stacked: 256 maps, 28×28
#                      ├─ 1×1 ─▶ 16 ─▶ 5×5 ───▶  32 maps ─┤
#                      └─ 3×3 pooling ─▶ 1×1 ─▶  32 maps ─┘
# ```
#
# The maps of the branches are *stacked* along the channels: 64 + 128 + 32 + 32 = 256. Adding them is not
# possible, since 64 maps and 128 maps do not fit. All branches keep the size: the 3×3 has padding 1,
# the 5×5 padding 2, and the pooling padding 1 *and stride 1*.
#
# ### What is a 1×1 convolution good for?
#
# Its window is one pixel. But it reaches through all channels, as every filter does: each of its outputs
# is a weighted sum of the 192 numbers at one place. So it turns 192 maps into 16 mixtures of
# them, and the expensive 5×5 then meets 16 maps instead of 192. The paper calls it a *reduction*.
#
# **Predict:** 5×5 directly from 192 to 32 maps, or 1×1 to 16 and then 5×5 to 32. How many times fewer
# multiply-adds does the second way need? Round to a whole number.

# %% [markdown] tags=["instructor"]
# Time: 12 min with the first exercise. Compute one place: 192 · 25 · 32 against 192 · 16 + 16 · 25 · 32.
#
# Tip: whoever says "a 1×1 convolution does nothing" thinks of one channel. Draw the column of 192.

# %%
direct = shapes.conv2d_macs(192, 32, kernel_size=5, out_size=28)
reduced = shapes.conv2d_macs(192, 16, 1, out_size=28) + shapes.conv2d_macs(16, 32, 5, out_size=28)
guess = None
reveal(guess, round(direct / reduced))

# %% [markdown]
# ### See what the reductions save
#
# At one place it is $192 \cdot 25 \cdot 32 = 153{,}600$ against $192 \cdot 16 + 16 \cdot 25 \cdot 32 = 15{,}872$,
# 9.7 times fewer. The 3×3 branch saves less, since its reduction keeps half of the maps. The cell draws
# both branches, for all $28 \cdot 28$ places, in millions of multiply-adds.

# %%
threes = shapes.conv2d_macs(192, 128, 3, out_size=28)
reduced_threes = shapes.conv2d_macs(192, 96, 1, out_size=28)
reduced_threes += shapes.conv2d_macs(96, 128, 3, out_size=28)
ways = {"5×5": direct, "1×1, then 5×5": reduced, "3×3": threes, "1×1, then 3×3": reduced_threes}
plots.plot_bars(
    {name: round(macs / 1e6, 1) for name, macs in ways.items()},
    x_label="million multiply-adds",
    title="two branches of the first module, without and with reductions",
    alt="Four bars: 5×5 directly 120.4 million multiply-adds, with a reduction 12.4; 3×3 directly "
    "173.4 million, with a reduction 101.2.",
)

# %% [markdown]
# ### Exercise: inception_parameters
#
# A convolution from $C$ to $F$ maps with kernel $k$ has $F\,(C\,k^2 + 1)$ parameters; the 1 is the
# bias. Count all six convolutions of a module. The six numbers of maps come in the order in which
# the paper's Table 1 prints them; "red" means reduction.


# %% exercise="inception_parameters"
def inception_parameters(in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj):
    """Weights and biases of an inception module: an int.

    Four branches from in_channels maps: 1×1 to ch1x1; 1×1 to ch3x3red, then 3×3 to ch3x3; 1×1 to
    ch5x5red, then 5×5 to ch5x5; pooling, then 1×1 to pool_proj.
    For example, inception_parameters(192, 64, 96, 128, 16, 32, 32) is 163696.
    """
    ### BEGIN SOLUTION
    convolutions = [(in_channels, ch1x1, 1), (in_channels, ch3x3red, 1), (ch3x3red, ch3x3, 3)]
    convolutions += [(in_channels, ch5x5red, 1), (ch5x5red, ch5x5, 5), (in_channels, pool_proj, 1)]
    return sum(f * (c * k * k + 1) for c, f, k in convolutions)
    ### END SOLUTION


# %% check="inception_parameters" points=1
check(inception_parameters)

# %% [markdown]
# ### Build the module
#
# `nn.Sequential` knows only one layer after the other. For branches, write a class: `__init__` makes
# the layers and keeps each as an attribute of `self`, so that PyTorch finds its weights;
# `forward` says what happens to the maps. You need
#
# * `nn.Conv2d(in_channels, out_channels, kernel_size, padding=…)`;
# * `nn.MaxPool2d(kernel_size, stride=…, padding=…)`, which moves by its own size if you give no
#   stride;
# * `torch.relu`, after *every* convolution, the reductions included;
# * `torch.cat([…], dim=1)`, which stacks arrays $(N, C, H, W)$ along the channels.
#
# **Exercise.** Write both methods. The names of the layers are up to you; the order of the stacked maps
# is that of the picture.

# %% [markdown] tags=["instructor"]
# Time: 18 min with the exercise. Have them write the output size of every branch beside the picture
# first.
#
# Tip: most errors are the pooling's stride. The check names it.


# %% exercise="Inception"
class Inception(nn.Module):
    """Four branches over the same maps, stacked: 1×1, 3×3, 5×5, pooling.

    (N, in_channels, H, W) to (N, ch1x1 + ch3x3 + ch5x5 + pool_proj, H, W). Every convolution has
    biases and a ReLU behind it; there is no batch normalization.
    For example, Inception(192, 64, 96, 128, 16, 32, 32) makes (1, 256, 28, 28) of (1, 192, 28, 28).
    """

    def __init__(self, in_channels, ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, pool_proj):
        super().__init__()
        ### BEGIN SOLUTION
        self.one = nn.Conv2d(in_channels, ch1x1, 1)
        self.three_reduced = nn.Conv2d(in_channels, ch3x3red, 1)
        self.three = nn.Conv2d(ch3x3red, ch3x3, 3, padding=1)
        self.five_reduced = nn.Conv2d(in_channels, ch5x5red, 1)
        self.five = nn.Conv2d(ch5x5red, ch5x5, 5, padding=2)
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)
        self.projection = nn.Conv2d(in_channels, pool_proj, 1)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        one = torch.relu(self.one(x))
        three = torch.relu(self.three(torch.relu(self.three_reduced(x))))
        five = torch.relu(self.five(torch.relu(self.five_reduced(x))))
        pooled = torch.relu(self.projection(self.pool(x)))
        return torch.cat([one, three, five, pooled], dim=1)
        ### END SOLUTION


# %% check="Inception" points=3
check(Inception)

# %% [markdown]
# ### Do your two answers agree?
#
# `MODULES` holds the rows of the paper's Table 1 by their names there. Build the first module, "3a", send random maps through it,
# and compare the parameters that PyTorch finds in it with your formula.

# %%
module, formula = mine("Inception"), mine("inception_parameters")
first = module(192, *MODULES["3a"])
counted = sum(weights.numel() for weights in first.parameters())
print(module, "gives", tuple(first(torch.randn(1, 192, 28, 28)).shape))
print(formula, "gives", formula(192, *MODULES["3a"]), "and PyTorch counts", counted)

# %% [markdown]
# ## How deep is a network that branches?
#
# "22 layers", says the slide on GoogLeNet. Its picture shows far more boxes. What is counted?
#
# * Only layers *with weights*: convolutions and fully connected ones. ReLU and pooling do not count,
#   and neither does batch normalization, by custom, although it learns a few numbers.
# * Only along the *longest way* from the image to the scores. Branches side by side do not make
#   a network deeper.
#
# (This depth has nothing to do with the depth of a volume, which is its number of channels.)
#
# Write a network as a Python list. A text is a layer, a list is a block of layers one after
# another, and a **tuple** holds branches, each a list:
#
# ```text
# ["conv", "relu", "max_pool", "linear"]                depth 2
# ["conv", ["conv", "relu"], "linear"]                  depth 3
# ["conv", (["conv"], ["conv", "relu", "conv"])]        depth 1 + 2 = 3
# ```
#
# **Predict:** how many layers does one inception module add to the depth?

# %% [markdown] tags=["instructor"]
# Time: 12 min with the exercise. Walk one way through the module with a finger, and count aloud.
#
# Tip: the common wrong answer to the prediction is 6, all its convolutions.

# %%
guess = None
reveal(guess, 2)

# %% [markdown]
# ### Exercise: count_layers
#
# Two: a reduction and the kernel behind it. Blocks and branches may lie inside one another as deep as they
# like, so let your function call *itself* on the parts: a list's depth is the sum of its
# parts' depths, a tuple's is the largest one. `isinstance(net, str)` tells whether it is one layer. An empty branch
# `[]` has depth 0.


# %% exercise="count_layers"
def count_layers(net):
    """Layers with weights on the longest way through a network: an int.

    net: a list of texts (layers; "conv" and "linear" count), lists (blocks) and tuples (branches).
    For example, count_layers(["conv", (["conv", "conv"], []), "max_pool", "linear"]) is 4.
    """
    ### BEGIN SOLUTION
    if isinstance(net, str):
        return int(net in ("conv", "linear"))
    depths = [count_layers(part) for part in net]
    return max(depths, default=0) if isinstance(net, tuple) else sum(depths)
    ### END SOLUTION


# %% check="count_layers" points=2
check(count_layers)

# %% [markdown]
# ### Count VGG and GoogLeNet
#
# GoogLeNet begins with three convolutions, has nine modules with poolings between them, then
# *averages* each map to one number, and ends in one fully connected layer.

# %%
depth, branch = mine("count_layers"), ["conv", "relu", "conv", "relu"]
inception = (["conv", "relu"], branch, branch, ["max_pool", "conv", "relu"])
vgg16 = [["conv", "relu"] * n + ["max_pool"] for n in (2, 2, 3, 3, 3)] + ["linear"] * 3
googlenet = ["conv", "max_pool", "conv", "conv", "max_pool", [inception] * 2, "max_pool"]
googlenet += [[inception] * 5, "max_pool", [inception] * 2, "avg_pool", "linear"]
print(f"VGG-16: {depth(vgg16)}, GoogLeNet: {depth(googlenet)}, counted with {depth}")

# %% [markdown]
# ## Has GoogLeNet 12 times fewer parameters?
#
# 1 + 2 + 9·2 + 1 = 22: the slide is right. (With the five poolings on the way it would be 27; the
# paper names both numbers.) The slide also says "12 times fewer parameters than AlexNet",
# and so does the paper. Recompute it. AlexNet as published has 60,965,224 parameters (lecture 09). From
# GoogLeNet's own list of layers, with biases and without the two auxiliary classifiers, which are
# thrown away after training:
#
# | part | parameters |
# |---|---|
# | the first three convolutions | 124,416 |
# | nine inception modules | your formula, added up |
# | the fully connected layer, 1024 to 1000 | 1,025,000 |
#
# **Predict:** how many times fewer are that? Let your formula do the sum, then decide, to one decimal.

# %% [markdown] tags=["instructor"]
# Time: 12 min. Let groups look for the 12 in different places: layer list, printed column,
# torchvision, without the classifier.
#
# Tip: the point is not to catch anybody. A number that everybody repeats may never have been
# recomputed, and it takes ten lines.

# %%
total, in_channels = 124_416 + 1_025_000, 192
for widths in MODULES.values():
    total += formula(in_channels, *widths)
    in_channels = widths[0] + widths[2] + widths[4] + widths[5]
print(f"{total:,} parameters, counted with {formula}")

# %%
alexnet = table_of(models.alexnet_2012).parameters
guess = None
reveal(guess, round(alexnet / total, 1))

# %% [markdown]
# ### Where could the 12 come from?
#
# 60,965,224 / 6,998,552 is 8.7. Perhaps another count gives 12? The paper's Table 1 prints a column of parameters, in "K". Add
# it up. Try torchvision's two networks, which differ a little from the papers. Leave GoogLeNet's
# last layer out. And divide the rounded numbers that people quote, 60 and 5 million.

# %%
table, modern = table_of(models.googlenet_2014), table_of(models.googlenet)
claims = {
    "layer list": alexnet / total,
    "Table 1, K = 1000": alexnet / (1000 * sum(TABLE_1_PARAMETERS.values())),
    "torchvision": table_of(models.alexnet).parameters / modern.parameters,
    "without GoogLeNet's last layer": alexnet / table.of_kind("Conv2d").parameters,
    "60 million / 5 million": 60 / 5,
}
plots.plot_bars(
    {name: round(ratio, 1) for name, ratio in claims.items()},
    x_label="AlexNet's parameters / GoogLeNet's",
    title="how many times fewer?",
    alt="Five bars: by the layer list 8.7 times fewer, by Table 1 9.0, in torchvision 9.2, without "
    "the last layer 10.2, and 12 for 60 million over 5 million.",
)

# %% [markdown]
# ### What is left of the claim?
#
# No published list of layers gives 12; it needs a GoogLeNet of about 5.1 million. Its own table says
# 6.8 million (6,797.7 K), its layers say 6,998,552. The table is a puzzle by itself: two of its rows are
# exactly the layers' weights if K means 1024 and biases are left out, and the others are not. With
# K = 1024 the ratio would be 8.8.
#
# The heart of the claim stands: far fewer parameters, and better answers. The reason is not
# the modules alone. GoogLeNet averages each of its last 1024 maps of 7×7 to one number (**global average
# pooling**), so its only fully connected layer has one million parameters, where VGG's first has 103.
#
# ## How do you keep numbers in range?
#
# Each layer multiplies the spread of its maps by some factor. Stack 30 layers, and a factor of 0.6
# leaves nothing. Careful first weights help (lecture 08), but they only hold at the start.
#
# **Batch normalization** (Ioffe and Szegedy, 2015) brings every channel back to mean 0 and variance 1, in
# every layer, at every step. For a channel, take all its numbers in the batch: $N$ images times
# $H \cdot W$ pixels. With their mean $\mu$ and variance $\sigma^2$,
#
# $$\hat{x} = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \qquad \text{out} = \gamma\,\hat{x} + \beta$$
#
# $\varepsilon = 10^{-5}$ avoids a division by 0. $\gamma$ and $\beta$ are learned, one of each per channel:
# the network may choose another scale and offset if that is better. $\beta$ also makes the bias of the
# convolution in front useless, so it is left out.
#
# ### What if there is no batch?
#
# At test time an image should get the same answer whoever stands beside it. So training keeps
# **running** values of mean and variance, and moves them a little at every batch:
#
# $$\text{running} \leftarrow (1 - m) \cdot \text{running} + m \cdot \text{batch}$$
#
# with momentum $m = 0.1$. (Some texts swap $m$ and $1 - m$.) At test time, in PyTorch after
# `model.eval()`, the running values normalize, and stay.
#
# **Predict:** a channel holds the two numbers 1 and 3, and its running mean is 0. What is the running
# mean after this batch?

# %% [markdown] tags=["instructor"]
# Time: 18 min with the exercise. Draw (N, C, H, W) as a pile of images, and color what belongs to
# one channel: axes 0, 2 and 3.
#
# Tip: model.eval() is this switch. Forgetting it is the most common batch normalization bug.

# %%
guess = None
reveal(guess, 0.2)

# %% [markdown]
# ### Exercise: batch_norm2d_forward
#
# The batch's mean is 2, and a tenth of it is taken over: $0.9 \cdot 0 + 0.1 \cdot 2 = 0.2$. There are two
# variances, and PyTorch uses both. The
# *biased* one divides the sum of squares by the count $n$ (`x.var(...)` in NumPy), and normalizes. The
# *unbiased* one divides by $n - 1$ (`ddof=1`), and is what the running variance takes over. For 1 and 3 that
# is 1 and 2.
#
# `x.mean(axis=(0, 2, 3))` gives one number per channel, of shape $(C,)$. To compute with $x$, a vector has to
# stand on the channel axis: `v[:, None, None]`, of shape $(C, 1, 1)$. Return new arrays; the given
# ones stay.


# %% exercise="batch_norm2d_forward"
def batch_norm2d_forward(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Normalize each channel of a batch: (out, running_mean, running_var), new arrays.

    x: (N, C, H, W). gamma, beta, running_mean, running_var: (C,). In training the batch's mean and
    biased variance normalize, and the running values move toward its mean and unbiased variance;
    with training=False the running values normalize, and stay.
    For example, with channel [1.0, 3.0], gamma 1, beta 0, running mean 0 and variance 1, out is
    about [-1, 1], the running mean 0.2, the running variance 0.9 · 1 + 0.1 · 2 = 1.1.
    """
    ### BEGIN SOLUTION
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        unbiased = x.var(axis=(0, 2, 3), ddof=1)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * unbiased
    normalized = (x - mean[:, None, None]) / np.sqrt(var + eps)[:, None, None]
    out = gamma[:, None, None] * normalized + beta[:, None, None]
    return out, running_mean.copy(), running_var.copy()
    ### END SOLUTION


# %% check="batch_norm2d_forward" points=3
check(batch_norm2d_forward)

# %% [markdown]
# ### Send a batch through 30 layers
#
# Random images, 30 convolutions with PyTorch's first weights, a ReLU after each, with and without your
# normalization in between. How widely do the numbers spread after each convolution? The vertical axis is
# logarithmic: equal steps down divide by equal factors.

# %%
norm, one, zero = mine("batch_norm2d_forward"), np.ones(8), np.zeros(8)
spreads = {"plain": [], "normalized": []}
for name, spread in spreads.items():
    torch.manual_seed(0)
    x = torch.randn(16, 8, 8, 8)
    for _ in range(30):
        x = nn.Conv2d(8, 8, 3, padding=1, bias=False)(x.relu()).detach()
        if name == "normalized":
            x = torch.tensor(norm(x.numpy().astype(float), one, zero, zero, one)[0]).float()
        spread.append(x.std().item())
axes = plots.plot_curves(
    {name: (range(1, 31), spread) for name, spread in spreads.items()},
    x_label="layer",
    y_label="standard deviation",
    title=f"30 layers, normalized with {norm}",
    alt="Standard deviation of the numbers after each of 30 layers on a logarithmic scale: normalized it stays "
    "at 1, plain it falls in a straight line to less than a billionth.",
)
axes.set_yscale("log")
axes

# %% [markdown]
# ## Does deeper mean better?
#
# Now nothing stands in the way of very deep networks, it seems. Take a network of 8 layers and put 18
# more in the middle. The deeper one can do all that the shallow one can: its additional layers
# only need to hand on what they get. So its *training* loss should become at least as low. Does it?
#
# Try it on scikit-learn's handwritten digits, 8×8 pixels, which come with the course. `PlainBlock` has
# two convolutions of 3×3 with 8 maps, each normalized and followed by ReLU. `digit_stack` puts blocks
# between a first convolution and a fully connected layer, so 3 blocks make $1 + 2 \cdot 3 + 1 = 8$
# layers, and 12 blocks make 26.
#
# The random first weights start from a **seed**. One run may be luck, so we average over seeds. `fit` is
# lecture 08's loop; the loss it keeps is that of the training batches. We look at the mean of every
# ten steps.

# %% [markdown] tags=["instructor"]
# Time: 12 min. Take a vote before the training cell: will 26 layers end with a lower, the same or a
# higher training loss than 8?
#
# Tip: insist on the word training. "Overfitting" is the answer you will hear, and it cannot be the
# explanation: an overfitting network is good on its training images.

# %%
digits = load("digits")


def train(block, blocks, seed):
    """Train a stack; returns its loss, averaged over every ten steps."""
    torch.manual_seed(seed)
    net, batches = models.digit_stack(block, blocks), Batches(digits, "train", 64, seed=seed)
    history = fit(net, batches, epochs=EPOCHS, optimizer=sgd(net, lr=0.1))
    losses = np.array(history.loss)
    return losses[: len(losses) // 10 * 10].reshape(-1, 10).mean(axis=1)


# %% [markdown]
# ### Train 8 and 26 plain layers
#
# Write down your guess: which of the two ends lower?

# %% tags=["slow"]
SEEDS, EPOCHS = ([0], 3) if QUICK else ([0, 1], 4)
curves = {}
for blocks in (12, 3):
    runs = [train(models.PlainBlock, blocks, seed) for seed in SEEDS]
    curves[f"plain, {2 * blocks + 2} layers"] = np.mean(runs, axis=0)
steps = 10 * np.arange(1, len(runs[0]) + 1)
print(f"mean of {len(SEEDS)} seed(s), {EPOCHS} epochs of {len(digits.train.images):,} digits")
plots.plot_curves(
    {name: (steps, losses) for name, losses in curves.items()},
    x_label="steps",
    y_label="training loss",
    title="plain networks: the deeper one is worse",
    alt="Training loss of two plain networks: the one of 8 layers falls steeply, the one of 26 layers "
    "falls slowly and stays far above it.",
)

# %% [markdown]
# ### What is wrong here?
#
# The deeper network is worse, *on the images it trains on*. So this is not overfitting. It could copy
# the shallow one and let 18 layers hand on what they get, but the optimizer does not find that
# solution in the same number of steps. He et al. (2015) called it **degradation**. They saw it with 20
# and 56 layers on CIFAR-10 and with 18 and 34 on ImageNet, after full training.
#
# Why is it hard? Think of one block that should change nothing. Its weights would have to be a very
# special set of numbers: each filter 1 in the middle of its own map and 0 elsewhere, through a
# normalization and a ReLU. Random small weights are far from that.
#
# ## What does a shortcut change?
#
# If handing on is hard to learn, build it in. A **residual block** adds its input to what its two
# convolutions make of it:
#
# $$\text{out} = \text{ReLU}\big(F(x) + x\big)$$
#
# ```text
#        ┌──────────────── shortcut ────────────────┐
#   x ───┤                                          (+) ─▶ relu ─▶ out
#        └─ conv1 ─▶ bn1 ─▶ relu ─▶ conv2 ─▶ bn2 ───┘
# ```
#
# ("bn" is batch normalization.) Now $F$ only has to learn what to *add*, the residual. To change nothing, it needs to be 0. Note
# where the second ReLU stands: behind the addition. In front of it, $F$ could never be negative, and a
# block could only ever add.
#
# ### What if the shapes differ?
#
# Some blocks halve the size (their `conv1` has stride 2) and double the channels. Then $x$ does not fit
# $F(x)$, and the shortcut gets a **projection**: a 1×1 convolution with the same stride, and a
# normalization. Only then; everywhere else the shortcut has no weights at all.
#
# ResNet-34 has four groups of 3, 4, 6 and 3 blocks. A first convolution and a pooling give the 64
# channels with which the first group works; each further group begins with a block that halves and
# doubles. **Predict:** how many projections does ResNet-34 have?

# %% [markdown] tags=["instructor"]
# Time: 18 min with the exercise. Ask what the block gives if all weights of F are 0, for a positive
# and for a negative x.
#
# Tip: "+ or stacked?" GoogLeNet stacks, ResNet adds. Adding needs equal shapes, and costs nothing.

# %%
guess = None
reveal(guess, 3)

# %% [markdown]
# ### Exercise: BasicBlock
#
# Three projections: the first block of the second, third and fourth group has one each. The first group
# gets its 64 channels at the size it works with, so all its shortcuts are bare.
#
# The names of the layers are fixed here, so that published weights fit your block: `conv1`, `bn1`,
# `conv2`, `bn2`, and `downsample` for the projection, an `nn.Sequential` of convolution and
# normalization. Both 3×3 convolutions have padding 1; no convolution has biases
# (`bias=False`). `nn.BatchNorm2d(channels)` is your normalization with the running values inside.


# %% exercise="BasicBlock"
class BasicBlock(nn.Module):
    """Two normalized 3×3 convolutions and a shortcut around them.

    (N, in_channels, H, W) to (N, channels, H/stride, W/stride), rounded up. conv1 has the stride.
    If stride is not 1 or the channels differ, downsample is a 1×1 convolution with this stride
    and a normalization; otherwise the shortcut is x itself.
    For example, BasicBlock(64, 128, stride=2) makes (1, 128, 28, 28) of (1, 64, 56, 56).
    """

    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or in_channels != channels:
            projection = nn.Conv2d(in_channels, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(channels))
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        out = torch.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        shortcut = x if self.downsample is None else self.downsample(x)
        return torch.relu(out + shortcut)
        ### END SOLUTION


# %% check="BasicBlock" points=3
check(BasicBlock)

# %% [markdown]
# ### Train the same depths with shortcuts
#
# The same digits, seeds, steps and learning rate. The only difference is the addition.
# Where will the curve of 26 layers be now? The cell also
# prints the last losses of all four networks.

# %% tags=["slow"]
block = mine("BasicBlock")
for blocks in (12, 3):
    runs = [train(block, blocks, seed) for seed in SEEDS]
    curves[f"residual, {2 * blocks + 2} layers"] = np.mean(runs, axis=0)
for name, losses in curves.items():
    print(f"{name:20} {losses[-1]:.2f}")
plots.plot_curves(
    {name: (steps, losses) for name, losses in curves.items() if "26" in name},
    x_label="steps",
    y_label="training loss",
    title=f"26 layers, trained with {block}",
    alt="Training loss of two networks of 26 layers: the plain one falls slowly, the residual one "
    "falls steeply and ends far below it.",
)

# %% [markdown]
# ### Is it the gradient?
#
# "Gradients vanish in deep networks" is the usual story. Measure it. Below are networks of 56 layers
# before any training, one batch, one backward pass, and for each convolution the length (norm) of the
# gradient of its weights. Layer 1 is next to the image. A line that falls to the left
# means that the gradient vanishes on its way back; a line that rises to the left, that it explodes.

# %%
x, labels = next(iter(Batches(digits, "train", 256)))
norms = {}
for name, kind in {"plain": models.PlainBlock, "residual": block}.items():
    torch.manual_seed(0)
    norms[name] = gradient_norms(models.digit_stack(kind, 27), x, labels)
axes = plots.plot_curves(
    {name: (range(1, len(values) + 1), values) for name, values in norms.items()},
    x_label="layer",
    y_label="norm of the gradient",
    title=f"56 layers before training, with {block}",
    alt="Norm of the gradient by layer on a logarithmic scale: in the plain network it grows toward "
    "the first layers by more than a factor of a hundred, in the residual one it changes little.",
)
axes.set_yscale("log")
axes

# %% [markdown]
# ### What do you see?
#
# With shortcuts, depth did no harm: 26 layers ended about as low as 8, or lower. And the gradients?
#
# In the plain network the gradient does *not* vanish: batch normalization prevents that, as He et al.
# already noted. Here it explodes toward the image. The first layers get gradients hundreds of times
# larger than the last, and no single learning rate suits both (Yang et al., 2019, explain why). With
# shortcuts all layers get gradients of a similar size: in $F(x) + x$ the slope of the second part is
# 1, so there is a way back around every block.
#
# That is one reason, not the whole story. Another one: with shortcuts the network *starts* as
# something close to a shallow one, and grows deep as it learns.
#
# ### Count ResNets
#
# ResNet-152 uses blocks of *three* convolutions, 1×1, 3×3, 1×1: narrow, work, widen, as in GoogLeNet.
# Each way around a block is a branch, and the projection another. Let your function count.


# %%
def resnet(groups, convolutions):
    """A ResNet as a list: groups of residual blocks of some convolutions each."""
    blocks = [(["conv"] * convolutions, []) for _ in range(sum(groups))]
    return ["conv", "max_pool", *blocks, "avg_pool", "linear"]


print(depth(resnet((3, 4, 6, 3), 2)), depth(resnet((3, 8, 36, 3), 3)), "counted with", depth)
for build in (models.resnet34, models.resnet152):
    table = table_of(build)
    print(f"{table.parameters:,} parameters, {len(table.of_kind('Conv2d'))} convolutions")

# %% [markdown]
# $1 + 2\,(3 + 4 + 6 + 3) + 1 = 34$ and $1 + 3\,(3 + 8 + 36 + 3) + 1 = 152$: the slide is right. The models
# hold more convolutions than their depth minus one, 36 and 155 instead of 33 and 151. The rest are the
# projections, 3 and 4, which lie beside the longest way.
#
# ## What does accuracy cost?
#
# Depth costs work. Below are published accuracies on ImageNet, for the weights that torchvision distributes,
# one crop of each validation image. The lower end of each line is **top-1**, the share of images whose
# first answer is right; the upper end is **top-5**, where the right one is among the first five. Across: the
# multiply-adds for one image, computed here. (Papers often call them FLOPs; who counts
# multiplication and addition separately gets twice as many.)
#
# Before you run the cell: which network does the most work, and which would you not use anymore?

# %% [markdown] tags=["instructor"]
# Time: 5 min. Let them find the network that is beaten in both directions.
#
# Tip: these are not the competition's numbers. There, several networks and many crops were averaged.

# %%
points = {}
for name, (top1, top5) in PUBLISHED_ACCURACY.items():
    cost = table_of(getattr(models, name)).macs / 1e9
    points[name] = ([cost, cost], [top1, top5])
axes = plots.plot_curves(
    points,
    x_label="billion multiply-adds for one image",
    y_label="accuracy (%)",
    title="top-1 (below) and top-5 (above)",
    dots=True,
    alt="Top-1 and top-5 accuracy against multiply-adds: AlexNet 0.7 billion, 57 and 79 %; GoogLeNet "
    "1.5, 70 and 90; ResNet-34 3.7, 73 and 91; ResNet-152 11.5, 78 and 94; VGG-16 15.5, 72 and 90.",
)
axes.set(xscale="log", xlim=(0.5, 40))
axes.set_xticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
axes

# %% [markdown]
# VGG-16 does the most work and has the most parameters, and ResNet-34 is better in both
# numbers for a quarter of the work. GoogLeNet comes close to VGG for a tenth. Depth pays, if it is built well.
#
# (In the competition GoogLeNet's top-5 error was 6.66 %, from seven networks and 144 crops of every
# image, averaged. One network and one crop err on 10.5 %. Compare only what was measured alike.)
#
# ## What do you take along?
#
# * VGG-16 stacks thirteen 3×3 convolutions that keep the size; three quarters of its 138 million
#   parameters are in one fully connected layer. GoogLeNet has 8.7 to 9.2 times fewer than AlexNet, not 12.
# * A 1×1 convolution mixes channels and makes the wide kernels cheap; branches are stacked.
# * Depth counts layers with weights on the longest way: 16, 22, 34, 152.
# * Batch normalization uses the batch in training and running values at test time.
# * Plain deep networks train worse than shallow ones; with shortcuts, blocks learn what to add, and
#   gradients stay even.
#
# Which of the five exercises have you passed? `from coursekit import progress; progress("11")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 5 min. Four depths, 16, 22, 34 and 152: for each, one pair of students writes the sum that gives
# it on the board.
#
# Tip: then ask again why nobody stacked 152 layers in 2012, and compare with the guesses of the start.

# %% [markdown]
# ### Open questions
#
# <details><summary>What were GoogLeNet's auxiliary classifiers for?</summary>
#
# Two small classifiers half way up brought gradient to the lower layers. With them the network has
# 13,378,280 parameters in training. Batch normalization and shortcuts have made them unnecessary.
# </details>
#
# <details><summary>Why does torchvision's GoogLeNet have fewer parameters, 6,624,904?</summary>
#
# Its "5×5" branch has a 3×3 kernel, an old slip that its published weights have made permanent, and it has
# batch normalization in place of biases.
# </details>
#
# <details><summary>Does batch normalization work with a batch of one image?</summary>
#
# In training only while a channel has several pixels, and badly. Group normalization (Wu and He, 2018)
# normalizes within each image instead.
# </details>
#
# ### Further reading
#
# * Simonyan and Zisserman (2014), [Very deep convolutional networks for large-scale image
#   recognition](https://arxiv.org/abs/1409.1556): VGG; section 2.3 argues for small kernels.
# * Szegedy et al. (2014), [Going deeper with convolutions](https://arxiv.org/abs/1409.4842): GoogLeNet;
#   Table 1 is the one you added up.
# * Ioffe and Szegedy (2015), [Batch normalization](https://arxiv.org/abs/1502.03167): the method, and
#   an explanation of its success that is still debated.
# * He et al. (2015), [Deep residual learning for image recognition](https://arxiv.org/abs/1512.03385):
#   figure 1 is degradation, figure 2 is your block.
# * Yang et al. (2019), [A mean field theory of batch normalization](https://arxiv.org/abs/1902.08129): why
#   gradients explode in normalized networks without shortcuts.
#
# **Next:** lecture 12 looks inside a trained network: what do all these layers see?
