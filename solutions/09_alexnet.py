# %% [markdown]
# # AlexNet, number by number
#
# In 2012 one network changed computer vision. Its paper is nine pages long and full of numbers,
# and one of them cannot be right. **At the end you hold four functions of your own: two that
# recompute every count of the paper, one that is its forgotten layer, and one that builds the
# network in PyTorch so exactly that the weights everybody downloads fit in.**
#
# You will learn to
#
# * find out which image a published network takes, and which entry of a published table is wrong;
# * count neurons, parameters and multiply-adds, and tell the three apart;
# * explain a convolution in groups, and what two graphics cards had to do with it;
# * compute local response normalization, with the paper's constants and with PyTorch's;
# * build AlexNet so that its state dict has the published names and shapes.
#
# You need to know output sizes and receptive fields (lecture 05), pooling (lecture 07) and
# dropout (lecture 08). The lecture takes about 115 minutes with its four exercises. All cells
# together run in under half a minute on a laptop's CPU; no training, no download.
#
# Run the next cell first. It loads the tools.

# %% [markdown] tags=["instructor"]
# Time: 2 min. Hand out the caption of the paper's Figure 2 as text: nine numbers, one of them
# wrong.
#
# Tip: do not say which.

# %%
from collections import OrderedDict

import numpy as np
import torch
from torch import nn
from torch.nn.functional import conv2d

from coursekit import check, mine, models, plots
from coursekit.predictions import reveal
from coursekit.widgets import ArchitectureExplorer

# %% [markdown]
# ## What won in 2012?
#
# ImageNet's yearly contest asked for the class of a photograph, one of a thousand. An answer was
# a list of five classes, and it counted as wrong if the true one was not among them: the **top-5
# error**. (The **top-1 error** looks at the first class of the list only.) In 2012 the best entry was
# wrong on 15.3 % of the test images. The second best, without a deep network, was wrong on 26.2 %. Two
# years later nearly everybody used convolutional networks.
#
# The winner came from Alex Krizhevsky, Ilya Sutskever and Geoffrey Hinton. Its parts were not
# new: convolutions, poolings and backpropagation are from the 1980s. New were its size, 1.2
# million labeled images to learn from, two graphics cards (GPUs) to learn on, and a handful of
# tricks. We will meet them all.
#
# ### The whole network in eleven lines
#
# A layer stands here as (kind, maps that come out, kernel size, stride, padding). "linear" is a fully
# connected layer; it has neurons instead of maps. A ReLU follows every layer that has weights, except
# the last.
#
# **Predict:** how many layers have weights? A pooling has none.

# %% [markdown] tags=["instructor"]
# Time: 8 min. Slide 13, and slide 51 for the list of layers.
#
# Tip: ask what "top-5 error" means before showing the numbers; the word comes back in lecture 13.

# %%
layers = [
    ("conv", 96, 11, 4, 0),
    ("pool", 96, 3, 2, 0),
    ("conv", 256, 5, 1, 2),
    ("pool", 256, 3, 2, 0),
    ("conv", 384, 3, 1, 1),
    ("conv", 384, 3, 1, 1),
    ("conv", 256, 3, 1, 1),
    ("pool", 256, 3, 2, 0),
    ("linear", 4096, None, None, None),
    ("linear", 4096, None, None, None),
    ("linear", 1000, None, None, None),
]
guess = None
reveal(guess, sum(kind != "pool" for kind, *_ in layers))

# %% [markdown]
# ## Which image does it take?
#
# Eight layers have weights: five convolutions and three fully connected ones. Already the first of them
# raises a question. The paper says 224×224 pixels. This layer has a kernel of 11 and a stride of 4, its drawing
# shows maps of 55×55, and it names no padding. Lecture 05 gave you the formula:
#
# $$w_{\text{out}} = \left\lfloor \frac{w_{\text{in}} + 2p - k}{s} \right\rfloor + 1$$
#
# For 224 pixels and $p = 0$ the fraction is 213/4 = 53.25. With the first stop that makes 54.25,
# and there are no quarter pixels.
#
# **Predict:** how many pixels wide is an image that, without any padding, gives 55 with nothing left
# over?

# %% [markdown] tags=["instructor"]
# Time: 8 min. Let them solve (w − 11)/4 + 1 = 55 on paper.
#
# Tip: the answer most give first is 224 + 4 = 228, which also gives 55, but leaves a pixel over.

# %%
guess = None
reveal(guess, 54 * 4 + 11)

# %% [markdown]
# ### Three ways to 55
#
# From the first stop to the 55th there are 54 moves of 4 pixels, and the last window needs 11:
# $54 \cdot 4 + 11 = 227$.
#
# `mine("output_size")` is your function from lecture 05 if its check has passed. The middle
# column is the formula before rounding.

# %%
size = mine("output_size")
for w, p in ((224, 0), (224, 2), (227, 0)):
    exact = (w + 2 * p - 11) / 4 + 1
    print(f"{w} pixels, padding {p}: {exact}, rounded down {size(w, 11, 4, p)}")

# %% [markdown]
# 224 pixels as they are give 54 and not 55, so the paper itself cannot have used 224 without padding.
# Two repairs are in use. The well-known copy for Caffe, a library of that time, takes **227** pixels,
# which fit exactly. PyTorch's takes **224** with padding 2 and rounds down. We take 227 for the network
# of 2012 from here on.
#
# ## How many neurons are there?
#
# A **neuron** is one value that a layer computes; a layer with 96 maps of 55×55 computes
# 96 · 55 · 55 of them. A **parameter** is one number that it learns. The two are easily confused:
# sharing weights saves parameters, and not a single neuron.
#
# The caption of the paper's Figure 2, which the slide repeats, says: "the network's input is
# 150,528-dimensional, and the number of neurons in the network's remaining layers is given by
# 253,440–186,624–64,896–64,896–43,264–4096–4096–1000".
#
# Begin with the input. **Predict:** is 150,528 the number of values in an RGB image of 224×224 or
# of 227×227? Write 224 or 227.

# %% [markdown] tags=["instructor"]
# Time: 18 min with the exercise. After the check, ask the room to find what 253,440 is made of
# before opening the next cell.
#
# Tip: 253,440 ends in 0, so 5 divides it; 290,400 divided by 253,440 is 55/48. Whoever finds the
# 48 is done.

# %%
guess = None
reveal(guess, 224 if 224 * 224 * 3 == 150_528 else 227)

# %% [markdown]
# ### Exercise: neuron_counts
#
# $224 \cdot 224 \cdot 3 = 150{,}528$, so the caption goes on with 224; an image of 227×227 has 154,587
# values. Now the layers. Walk from
# the image to the scores and keep track of height and width:
#
# * a convolution or a pooling changes both by the formula above, each axis for itself;
# * a convolution then has maps · height · width neurons; a pooling has none, it only makes the maps
#   smaller;
# * a fully connected layer has as many neurons as the list says, and no height or width anymore.
#   That is the same as maps of 1×1.


# %% exercise="neuron_counts"
def neuron_counts(input_shape, layers):
    """Neurons of every layer of a network that has weights: a list of ints.

    input_shape: (C, H, W) of the image. layers: from the image to the scores, each of them
    (kind, out_channels, kernel_size, stride, padding). kind is "conv", "pool" or "linear"; a
    "linear" layer has out_channels neurons that see everything before them, and None for the rest.
    One number for every "conv" and "linear"; a "pool" has no neurons of its own.
    For example, neuron_counts((3, 32, 32), [("conv", 6, 5, 1, 0), ("pool", 6, 2, 2, 0)]) is [4704].
    """
    ### BEGIN SOLUTION
    height, width = input_shape[1:]
    counts = []
    for kind, channels, kernel_size, stride, padding in layers:
        if kind == "linear":
            height, width = 1, 1
        else:
            height = (height + 2 * padding - kernel_size) // stride + 1
            width = (width + 2 * padding - kernel_size) // stride + 1
        if kind != "pool":
            counts.append(channels * height * width)
    return counts
    ### END SOLUTION


# %% check="neuron_counts" points=2
check(neuron_counts)

# %% [markdown]
# ### Which number of the caption is wrong?
#
# Put your counts beside the paper's. One line will differ.

# %%
counts = mine("neuron_counts")((3, 227, 227), layers)
paper = [253_440, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000]
names = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]
for name, ours, theirs in zip(names, counts, paper, strict=True):
    print(f"{name}: {ours:7,} neurons, the paper says {theirs:7,}")

# %% [markdown]
# ### Where does 253,440 come from?
#
# The first layer has 96 maps of 55×55, so 290,400 neurons. 253,440 is no multiple of 55 · 55 at
# all. Divide by 55 once and by 96 once, and see what is left. The second line adds up all layers, first
# with our number and then with the caption's.

# %%
print(290_400 // 55 // 96, 253_440 // 55 // 96, 253_440 == 55 * 48 * 96)
print(sum(counts), sum(paper))

# %% [markdown]
# The caption multiplied 55 · **48** · 96: one side of the map was exchanged for 48, the number of
# maps on each graphics card. All other entries are right.
#
# The sums help to judge it. The paper's summary speaks of "650,000
# neurons". With 290,400 the sum is **659,272**, with the caption's number it would be 622,312.
# The first is nearer, so it seems that the authors counted right and slipped when they wrote the
# caption.
#
# ### Where do the neurons sit?
#
# Two layers hold most of them, and they are the first two: large maps make many values.

# %%
plots.plot_bars(
    dict(zip(names, counts, strict=True)),
    x_label="neurons",
    title=f"neurons of AlexNet, counted by {mine('neuron_counts')}",
    alt="Bars of AlexNet's neurons by layer: 290,400 in conv1, 186,624 in conv2, 64,896 in conv3 and "
    "conv4, 43,264 in conv5, and at most 4,096 in the fully connected layers.",
)

# %% [markdown]
# ## How do you split a network over two GPUs?
#
# The cards of 2012 had 3 GB of memory, too little for this network. So its authors cut it in two.
# Half the maps of every layer live on each card, and in conv2, conv4 and conv5 a filter sees only
# the maps of its own card. In conv3 and in the fully connected layers all see everything.
#
# Today this is a **convolution in groups**. With $g$ groups, maps in and maps out are dealt into
# $g$ equal heaps, and the filters of one heap see only the maps of the same heap.
#
# Below, a 1 means "this filter sees this map", for 8 maps in and 8 filters.

# %% [markdown] tags=["instructor"]
# Time: 18 min with the exercise. Draw the 96 maps as two heaps of 48 and one filter of conv2 as a
# box that reaches through one heap only.
#
# Tip: "groups ignored" is the mistake that everybody's first parameter table has: 62,378,344.

# %%
heap = np.arange(8) // 4
plots.show_numbers(
    [np.ones((8, 8)), (heap[:, None] == heap).astype(float)],
    titles=["one group: filters down, maps across", "two groups"],
    roles="weights",
    alt="Two squares of 8 by 8 cells, filters down and maps across: with one group every cell holds a "
    "1; with two groups only the upper left and the lower right quarter do.",
)

# %% [markdown]
# ### Is it really the same as two networks?
#
# Take a small layer with two groups. Cut its input and its filters in half, compute each half
# alone, put the results behind one another. That should be the grouped layer's result, up to
# rounding.

# %%
generator = torch.Generator().manual_seed(0)
x, w = (torch.randn(*shape, generator=generator) for shape in ((1, 4, 9, 9), (6, 2, 3, 3)))
together = conv2d(x, w, groups=2)
halves = [conv2d(x[:, 2 * g : 2 * g + 2], w[3 * g : 3 * g + 3]) for g in (0, 1)]
print(torch.allclose(together, torch.cat(halves, dim=1), atol=1e-6))

# %% [markdown]
# ### Count what groups save
#
# A filter reaches through all maps *it sees*. With $C$ maps in, $F$ filters, a kernel of $k$ and
# $g$ groups it sees $C/g$ of them, and it has one bias:
#
# $$\text{parameters} = F \cdot \left( \frac{C}{g} \cdot k \cdot k + 1 \right)$$
#
# The biases are not divided: every filter keeps its own, in whichever heap it is. The weights are
# divided by $g$ once, and not twice. conv2 has 96 maps in, 256 filters, a kernel of 5 and two
# groups: each of its filters reaches through 48 maps.
#
# ### Exercise: grouped_parameters
#
# Write the formula for any number of groups, with and without biases. Groups that do not divide
# both numbers of channels cannot be dealt into equal heaps: raise a `ValueError` then.


# %% exercise="grouped_parameters"
def grouped_parameters(in_channels, out_channels, kernel_size, groups=1, bias=True):
    """Weights and biases of a convolution in groups, counted: an int.

    kernel_size: of a square kernel, in pixels. groups: the channels are split into this many equal
    groups, in and out, and each group of filters sees its own group of channels only. bias: whether
    every filter has one. Raises ValueError where groups does not divide both numbers of channels.
    For example, grouped_parameters(3, 6, 5) is 456.
    """
    ### BEGIN SOLUTION
    if in_channels % groups or out_channels % groups:
        raise ValueError("groups must divide both numbers of channels")
    return out_channels * (in_channels // groups * kernel_size**2 + bias)
    ### END SOLUTION


# %% check="grouped_parameters" points=2
check(grouped_parameters)

# %% [markdown]
# ### Count all of AlexNet
#
# A fully connected layer is a convolution as wide as the maps before it. fc6 sees 256 maps of
# 6×6, so it counts as 4096 filters with a kernel of 6; fc7 and fc8 have a kernel of 1. The list below
# holds (maps in, maps out, kernel size, groups) of all eight layers.

# %%
count = mine("grouped_parameters")
wiring = [(3, 96, 11, 1), (96, 256, 5, 2), (256, 384, 3, 1), (384, 384, 3, 2), (384, 256, 3, 2)]
wiring += [(256, 4096, 6, 1), (4096, 4096, 1, 1), (4096, 1000, 1, 1)]
parameters = [count(*layer) for layer in wiring]
print(parameters)
print("two groups:", sum(parameters), "one group:", sum(count(*layer[:3]) for layer in wiring))

# %% [markdown]
# **60,965,224** parameters, the paper's "60 million". Without groups it would be 62,378,344: the
# two cards saved little over two percent of the parameters, because nearly all of them are
# somewhere else. What they brought was room. With half as many maps the network would have fitted on
# one card, and the paper reports that the network on two was wrong less often than that one, by 1.7
# percentage points (top-1).
#
# ## Where are the parameters, where is the work?
#
# A **multiply-add** is one multiplication and the addition after it. Every neuron does one for
# each of its weights, so a layer's work is
#
# $$\text{multiply-adds} = \text{neurons} \cdot \frac{C}{g} \cdot k \cdot k$$
#
# A convolution uses each weight at every place of the map; a fully connected layer uses each weight
# once. So the two kinds of layers should differ.
#
# **Predict:** how many percent of the parameters are in the three fully connected layers? A whole
# number will do.

# %% [markdown] tags=["instructor"]
# Time: 14 min. Let them write the percentage down first; most guess below 50.
#
# Tip: in the explorer, switch between "parameters" and "multiply-adds" a few times without a word.

# %%
guess = None
reveal(guess, round(100 * sum(parameters[5:]) / sum(parameters)))

# %% [markdown]
# ### Compute both shares
#
# A filter's weights are its parameters without its bias. Multiply them by the neurons of the layer.

# %%
filters = [out for _, out, *_ in wiring]
work = [n * (p // f - 1) for n, p, f in zip(counts, parameters, filters, strict=True)]
print(f"{sum(parameters[5:]) / sum(parameters):.1%} of the parameters are fully connected")
print(f"{sum(work[:5]) / sum(work):.1%} of {sum(work):,} multiply-adds are in the convolutions")

# %% [markdown]
# **96.2 %** of the parameters are in the fully connected layers, and **91.9 %** of the work is in
# the convolutions. So memory and time are spent at opposite ends of the network. Whoever wants a
# smaller file must look at fc6; whoever wants a faster network must look at conv2. (Without
# groups the work would be 1.135 billion multiply-adds instead of 0.724 billion. There the two
# cards did save.)
#
# ### Look at every layer
#
# The explorer shows each layer as a bar. Choose what the bars mean, then click a layer or move with
# the arrow keys: its formula appears with its numbers. Try to find
#
# 1. the one layer that holds more than half of all parameters;
# 2. the layer that does the most work;
# 3. a network that needs almost nine times fewer parameters than AlexNet, and more work.

# %%
ArchitectureExplorer(shown="layers with weights", layer="conv2")

# %% [markdown]
# <details><summary>Compare your findings.</summary>
#
# 1. fc6: 37,752,832 of 60,965,224.
# 2. conv2: 223,948,800 multiply-adds, in spite of its groups.
# 3. GoogLeNet: 6,998,552 parameters and 1,582,671,872 multiply-adds. It has a single fully
#    connected layer, behind an average over each map. VGG-16 went the other way: more of
#    everything.
# </details>
#
# ### What does each layer see?
#
# The explorer shows the receptive field as well. Your function from lecture 05 computes it from
# kernel sizes and strides.

# %%
sees = mine("receptive_field")
windows = [(kernel_size, stride) for kind, _, kernel_size, stride, _ in layers if kind != "linear"]
stages = ["conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5"]
fields = {name: sees(windows[: i + 1]) for i, name in enumerate(stages)}
plots.plot_bars(
    fields,
    x_label="pixels of the image that one value sees, along one axis",
    title=f"receptive fields in AlexNet, computed by {sees}",
    alt="Bars of receptive fields that grow from 11 pixels in conv1 over 19, 51, 67, 99, 131 and 163 to "
    "195 pixels in pool5.",
)

# %% [markdown]
# conv1 sees 11 pixels, a bit of an edge or a spot of color. After pool5 a value sees 195 of 227
# pixels: nearly everything, but not quite. Only fc6 puts all places together. Its window takes 6
# values, each 32 pixels from the next, so it reaches 195 + 5 · 32 = 355 pixels, the whole image
# and padding around it.
#
# ## What does normalization do?
#
# After the ReLU of conv1 and of conv2 the paper puts a layer that you will rarely meet today:
# **local response normalization**. It was borrowed from the brain, where an excited neuron calms
# its neighbors.
#
# "Neighbors" here are other *maps at the same pixel*. Let $a_i$ be the value of map $i$ at some
# pixel. It is divided by a number that grows with the squares of the $n$ maps around it:
#
# $$b_i = \frac{a_i}{\left( k + \alpha \sum_{j} a_j^2 \right)^{\beta}}, \qquad
# i - \tfrac{n-1}{2} \le j \le i + \tfrac{n-1}{2}$$
#
# The sum stops at the first and at the last map. Map $i$ is its own neighbor, too. The $k$ here is a
# number of its own and no kernel size. The paper chose $k = 2$, $n = 5$, $\alpha = 10^{-4}$ and
# $\beta = 0.75$ on a validation set.

# %% [markdown] tags=["instructor"]
# Time: 14 min with the exercise. Write five maps at one pixel on the board, 0 0 100 0 0, and let
# the room compute the middle one: 100 / 3^0.75.
#
# Tip: axis 1 is the axis of maps. Students who take a 5×5 square of pixels get that named by the
# check.

# %% [markdown]
# ### Exercise: local_response_norm
#
# Square all values. For every map, add up the squares of the maps from $i - (n-1)/2$ to
# $i + (n-1)/2$, as far as they exist; a slice along axis 1 does that for the whole batch at once.
# Python's slices stop at the end by themselves, but a negative start would count from the back.
# Then divide.


# %% exercise="local_response_norm"
def local_response_norm(x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    """Divide each number by the strength of its neighbors across maps.

    x: (N, C, H, W). Each number is divided by (k + alpha · S) to the power of beta, where S is the
    sum of the squares at the same pixel in size maps: the number's own map and (size − 1) / 2
    on either side, fewer at the ends; size is odd. alpha is the paper's.
    Returns x's shape; x stays as it is.
    For example, maps of ones with size=1, alpha=1, beta=1 and k=1 become maps of 0.5.
    """
    ### BEGIN SOLUTION
    squares = x**2
    reach = size // 2
    scale = np.empty(x.shape)
    for i in range(x.shape[1]):
        neighbors = squares[:, max(0, i - reach) : i + reach + 1]
        scale[:, i] = (k + alpha * neighbors.sum(axis=1)) ** beta
    return x / scale
    ### END SOLUTION


# %% check="local_response_norm" points=2
check(local_response_norm)

# %% [markdown]
# ### What becomes of a value?
#
# One value grows from 0 to 300 while its four neighbors stay at 0, at 100 or at 200. Such values
# are what AlexNet had in mind: its images went from 0 to 255 with only the mean taken away.

# %%
normalize = mine("local_response_norm")
own = np.linspace(0, 300, 61)
curves = {}
for others in (0, 100, 200):
    maps = np.full((61, 5, 1, 1), float(others))
    maps[:, 2, 0, 0] = own
    curves[f"neighbors {others}"] = (own, normalize(maps)[:, 2, 0, 0])
plots.plot_curves(
    curves,
    x_label="value before",
    y_label="value after",
    title=f"local response normalization by {normalize}",
    alt="Value after normalization against value before, for neighbors of 0, 100 and 200: all three "
    "curves rise and flatten; the stronger the neighbors, the lower the curve.",
)

# %% [markdown]
# Strong neighbors hold a value down, and a value holds itself down: the curves flatten, and the
# top one even turns around at 200. With values near 1, as networks have them today, $\alpha \sum
# a^2$ is next to nothing. Then the layer divides everything by $2^{0.75} = 1.68$ and does nothing
# else.
#
# Give `normalize` another `alpha` or `beta` in the cell above and run it again. With which `beta` does
# the top curve no longer turn around?
#
# <details><summary>Compare your findings.</summary>
#
# With 0.5 or less. At 0.5, a large value is divided by about $\sqrt{\alpha}$ times itself, so its curve
# flattens toward $1/\sqrt{\alpha} = 100$. A larger `alpha` moves the bend to smaller values.
# </details>
#
# ### Why does PyTorch need another alpha?
#
# PyTorch has the layer as well, and it means something else by `alpha`: it takes the *mean* of
# the $n$ squares where the paper takes their *sum*.
#
# **Predict:** which `alpha` makes PyTorch's layer with size 5 equal to the paper's $10^{-4}$?

# %%
guess = None
reveal(guess, 5 * 1e-4)

# %% [markdown]
# ### Compare the two
#
# A mean of five squares is a fifth of their sum, so `alpha` has to be five times as large:
# $5 \cdot 10^{-4}$. Try both on the same values, up to 300. The first line should be `True`, the second
# `False`.

# %%
x = np.random.default_rng(0).uniform(0, 300, size=(1, 8, 4, 4))
for alpha in (5e-4, 1e-4):
    theirs = nn.LocalResponseNorm(5, alpha=alpha, beta=0.75, k=2.0)(torch.tensor(x)).numpy()
    print(f"PyTorch with alpha={alpha}: {np.allclose(theirs, normalize(x))}")

# %% [markdown]
# Whoever copies the paper's $10^{-4}$ into PyTorch normalizes five times too weakly, and hardly
# notices. The layer matters little: the paper reports 1.4 percentage points (top-1), and VGG
# found no gain at all in 2014. The AlexNet that you will build at the end has left it out.
#
# ## What else was new?
#
# **ReLU.** Before 2012 most networks used tanh. The paper shows a small network that reaches the
# same training error about six times sooner with ReLU.
#
# **Overlapping pooling.** Windows of 3 with stride 2 share a row and a column with their
# neighbors. The paper reports 0.4 percentage points less error (top-1) than with windows of 2 and
# stride 2. The maps become equally small: 55, 27 and 13 pixels turn into 27, 13 and 6 either way.

# %% [markdown] tags=["instructor"]
# Time: 8 min. The numbers of the paper are small, single runs; ask whether 0.4 points are more than
# luck.
#
# Tip: overlapping windows are why gradients must be added in the backward pass of lecture 07.

# %% [markdown]
# ### Which pixels are read twice?
#
# **Predict:** 27 windows of 3, with stride 2, stand on a row of 55 pixels. How many pixels do two
# windows read?

# %%
guess = None
reads = np.bincount([2 * window + tap for window in range(27) for tap in range(3)])
reveal(guess, int((reads == 2).sum()))

# %% [markdown]
# ### Where do two windows meet?
#
# 27 windows read 81 pixels in all, and there are 55: 26 are read a second time, one between every
# two windows.
#
# ### Dropout
#
# fc6 and fc7 hold 54.5 million parameters, 45 for each of the 1.2 million images. To keep them
# from learning by heart, the paper switches off half of their 4096 outputs at random in every
# step (lecture 08). It says that without dropout the network "exhibits substantial overfitting",
# and that with it training takes about twice as many steps. **Augmentation** works against
# learning by heart as well: random crops of 224 pixels, mirrored half of the time, and shifted colors.
#
# ## Build it
#
# In 2014 Krizhevsky published a second AlexNet, for one card: no groups, no normalization, and
# fewer maps in the first layers, 64-192-384-256-256. (Its paper's footnote says 384 for the
# fourth layer, his published code 256. The copies follow the code.) This is the one that everyone
# downloads. It takes 224×224 pixels with padding 2 in its first layer.
#
# A network's **state dict** is a dictionary of all its tensors by name. To load published weights, the
# names must agree. PyTorch names a parameter after the places where it stands. In `features = nn.Sequential(conv, relu, pool, conv, …)` the first convolution is
# `features.0`, the second is `features.3`: layers without parameters count, too. Here are the
# published names, with the shape of each tensor.

# %% [markdown] tags=["instructor"]
# Time: 20 min with the exercise. Let them count places in the list of names before they write code:
# features 0, 3, 6, 8, 10 and classifier 1, 4, 6.
#
# Tip: whoever uses `nn.Sequential(OrderedDict(…))` needs no class; a class with a `forward` is as
# good.

# %%
with torch.device("meta"):  # shapes only: nothing is stored, nothing is downloaded
    published = models.alexnet().state_dict()
for name, tensor in published.items():
    if name.endswith("weight"):
        print(f"{name:20} {tuple(tensor.shape)}")

# %% [markdown]
# ### Read the gaps
#
# Between `features.0` and `features.3` there are two places, a ReLU and a pooling. Between
# `features.6` and `features.8` only one: a ReLU. The classifier begins with place 1, so place 0 is
# something without parameters: here dropout stands *before* the first and the second fully
# connected layer, not after them as in 2012.
#
# 9216 is 256 · 6 · 6: the maps behind the last pooling, flattened map by map, as `nn.Flatten` does.
#
# ### Exercise: alexnet
#
# Everything you need stands in the docstring and in the names above. If you prefer no class,
# `nn.Sequential(OrderedDict(features=…, flatten=nn.Flatten(), classifier=…))` gives parts their
# names. The check builds your network, compares names and shapes, and sends images through; it
# takes a few seconds.


# %% exercise="alexnet"
def alexnet(num_classes=1000):
    """Build the one-tower AlexNet that everyone downloads: an nn.Module.

    Five convolutions to 64, 192, 384, 256 and 256 maps: 11×11 with stride 4 and padding 2, 5×5
    with padding 2, then 3×3 with padding 1; ReLU after each; 3×3 max pooling with stride 2 after
    the first, second and fifth. Then three fully connected layers, 4096, 4096 and num_classes,
    with ReLU between them and nn.Dropout, p = 0.5, before the first and the second.
    From images (N, 3, 224, 224) to logits (N, num_classes). For example, alexnet(10) on two
    images gives shape (2, 10). Its state dict has the names features.0.weight to classifier.6.bias.
    """
    ### BEGIN SOLUTION
    features, maps_in = [], 3
    for i, (maps, k, s, p) in enumerate(
        [(64, 11, 4, 2), (192, 5, 1, 2), (384, 3, 1, 1), (256, 3, 1, 1), (256, 3, 1, 1)]
    ):
        features += [nn.Conv2d(maps_in, maps, k, stride=s, padding=p), nn.ReLU()]
        features += [nn.MaxPool2d(3, stride=2)] if i in (0, 1, 4) else []
        maps_in = maps
    hidden = [nn.Dropout(0.5), nn.Linear(256 * 6 * 6, 4096), nn.ReLU()]
    hidden += [nn.Dropout(0.5), nn.Linear(4096, 4096), nn.ReLU()]
    classifier = nn.Sequential(*hidden, nn.Linear(4096, num_classes))
    parts = {"features": nn.Sequential(*features), "flatten": nn.Flatten()}
    return nn.Sequential(OrderedDict(**parts, classifier=classifier))
    ### END SOLUTION


# %% check="alexnet" points=4
check(alexnet)

# %% [markdown]
# ### Would the published weights fit?
#
# Compare names and shapes, count, and let the course's table follow one image through your network.

# %%
with torch.device("meta"):
    net = mine("alexnet")()
shapes = {name: tensor.shape for name, tensor in net.state_dict().items()}
print(shapes == {name: tensor.shape for name, tensor in published.items()})
table = models.architecture_table(net, (3, 224, 224))
print(f"{table.parameters:,} parameters, {table.neurons:,} neurons, {table.macs:,} multiply-adds")

# %% [markdown]
# **61,100,840** parameters: a little more than in 2012, because its layers have no groups, and a
# little less than 62,378,344, because they are narrower. With a connection to the internet, two lines
# load the published weights into your AlexNet (233 MB, once):
#
# ```python
# net = alexnet()
# net.load_state_dict(models.alexnet(pretrained=True).state_dict())
# ```
#
# ### Compare it with what came later
#
# Any table can be given to the explorer, your own as well. Here your network stands beside
# ResNet-34 of 2015, which lecture 11 builds. Which of the two spreads its work more evenly over its
# layers?

# %%
with torch.device("meta"):
    later = models.architecture_table(models.resnet34(), (3, 224, 224))
ArchitectureExplorer(
    {str(mine("alexnet")): table, "ResNet-34": later},
    compared="ResNet-34",
    quantity="multiply-adds",
    shown="layers with weights",
)

# %% [markdown]
# ## What do you take along?
#
# * 224 pixels without padding cannot give 55; 227 can, or 224 with padding 2. And 253,440 is
#   55 · 48 · 96 where 55 · 55 · 96 = 290,400 was meant.
# * Neurons are computed, parameters are learned, multiply-adds are the work: 659,272, 60,965,224
#   and 0.724 billion. Almost all parameters are fully connected, almost all work is convolution.
# * In a convolution with $g$ groups each filter sees $C/g$ maps. AlexNet's groups were its two
#   cards.
# * Local response normalization divides a value by the strength of its neighbors across maps;
#   PyTorch's `alpha` is the paper's times $n$.
# * A state dict fits when names and shapes agree, and the names are places in the network.
#
# Which of the four exercises have you passed? `from coursekit import progress; progress("09")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 5 min. Write 290,400, 60,965,224 and 724,406,816 on the board without a word beside them. Which
# one is neurons, which parameters, which multiply-adds, and of what?
#
# Tip: end with the caption. Whoever finds a wrong number in a famous paper once will look again.

# %% [markdown]
# ### Open questions
#
# <details><summary>Why are the filters on the two cards so different?</summary>
#
# In the paper's Figure 3 one card's filters of conv1 are mostly gray edges, the other's mostly
# color. It happens in every run, whatever the start. Groups that cannot see one another seem to
# divide the labor; nobody told them to.
# </details>
#
# <details><summary>What would you save by dropping fc6 and fc7?</summary>
#
# Nearly nine tenths of the parameters. GoogLeNet and ResNet average each map to one number and
# need one fully connected layer only. Lecture 11 does so.
# </details>
#
# <details><summary>Is a group for every channel of any use?</summary>
#
# Yes. With $g = C$ each filter sees one map only. Followed by 1×1 kernels that mix the maps, such
# "depthwise" layers are the core of networks for phones (Howard et al., 2017).
# </details>
#
# ### Further reading
#
# * Krizhevsky, Sutskever and Hinton (2012), [ImageNet classification with deep convolutional
#   neural
#   networks](https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks):
#   the paper. You can now check every number in it.
# * Krizhevsky (2014), [One weird trick for parallelizing convolutional neural
#   networks](https://arxiv.org/abs/1404.5997): the one-tower network, in a footnote of a paper
#   about many cards.
# * Simonyan and Zisserman (2014), [Very deep convolutional networks for large-scale image
#   recognition](https://arxiv.org/abs/1409.1556): tried local response normalization and dropped
#   it.
# * Howard et al. (2017), [MobileNets](https://arxiv.org/abs/1704.04861): groups taken to the end.
#
# **Next:** lecture 10 trains an AlexNet-style network, on a GPU if there is one.
