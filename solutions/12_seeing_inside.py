# %% [markdown]
# # Seeing inside
#
# A trained network is millions of numbers. In 2013, Matthew Zeiler and Rob Fergus turned them into
# pictures, saw what was wrong with AlexNet, repaired it, and won. **At the end you can browse every
# unit of a network that you have trained: its filter, the patches of images that excite it most, the
# pixels to which it owes that, and the part of an image by which the network decides.**
#
# You will learn to
#
# * check a published architecture against its own numbers;
# * show the filters of a first layer so that a dead one looks dead;
# * cut out of the images exactly what a unit of any layer saw;
# * walk from a unit back to the pixels, with the switches of the poolings;
# * measure which part of an image a classifier goes by, and doubt pretty pictures.
#
# You need max pooling with its switches (lecture 07), backpropagation through convolutions (lecture
# 06), receptive fields (lecture 05) and AlexNet (lectures 09 and 10). The lecture takes about 110
# minutes with its four exercises. All cells together run in under a minute on a laptop's CPU.
#
# Run the next cell first.

# %% [markdown] tags=["instructor"]
# Time: 5 min. Slides 55 to 57 show a drawing of ZFNet, its first filters and its top patches. Here
# the students make such pictures of a network of their own.
#
# Tip: show slide 57 for half a minute without a word, and let them guess what unit does what.

# %%
from collections import OrderedDict
from copy import deepcopy

import numpy as np
import torch
from torch import nn
from torch.nn.functional import conv_transpose2d

from coursekit import check, inspection, layers, mine, plots, shapes
from coursekit.data import Augmentation, Batches, cifar10_or_photos, load
from coursekit.models import alexnet_mini, architecture_table, zfnet
from coursekit.networks import open_network
from coursekit.predictions import reveal
from coursekit.training import evaluate, fit, sgd
from coursekit.widgets import PatchBrowser

torch.set_num_threads(1)  # networks this small are fastest on one core

# %% [markdown]
# ## What did they change in AlexNet?
#
# When Zeiler and Fergus looked at AlexNet's first two layers, they saw two faults. Some filters were
# dead. And the stride of 4 skipped so many places that the second layer showed *aliasing*, patterns
# that come from the skipping and not from the image. So they made the first kernels smaller and the
# first stride shorter: 7×7 with stride 2 instead of 11×11 with stride 4. This is **ZFNet**, which won
# ImageNet's competition of 2013 under the name Clarifai. What won was an average of several such
# networks (lecture 13 tells why that helps).
#
# The paper draws the network as a row of sizes: a crop of 224×224 pixels, 96 filters of 7×7 with
# stride 2, 110×110 outputs, pooling 3×3 with stride 2, 55×55 outputs. At the end 6·6·256 = 9216
# numbers enter the fully connected layers.
#
# **Predict:** taken literally, without any padding, how wide is the output of a 7×7 window with stride
# 2 on 224 pixels?

# %% [markdown] tags=["instructor"]
# Time: 12 min. Slide 55. Let the room compute 110 and 55 from the drawing. Both fail.
#
# Tip: nobody made a mistake on purpose. The code had a padding that the drawing does not show; it is
# the normal state of a published architecture.

# %%
guess = None
reveal(guess, shapes.output_size(224, 7, stride=2))

# %% [markdown]
# ### Repair the drawing
#
# (224 − 7)/2 = 108.5: the last window would hang over the edge, so 109 windows fit, and not 110. One
# ring of zeros gives the paper's number. The pooling fails the same way: (110 − 3)/2 = 53.5, so 54
# windows fit and 55 are drawn. Either the pooling has a padding of 1, or it rounds up (`ceil_mode` in
# PyTorch): its last window hangs over the edge and takes the maximum of what is there.

# %%
print("conv1, padding 0 and 1:", [shapes.output_size(224, 7, 2, padding) for padding in (0, 1)])
maps = torch.zeros(1, 1, 110, 110)
for settings in ({}, {"ceil_mode": True}, {"padding": 1}):
    print("pool1", settings or "as drawn", nn.MaxPool2d(3, 2, **settings)(maps).shape[2])

# %% [markdown]
# ### Does the rest fit?
#
# It does, once both are repaired. The next cell builds the whole network without memory for its
# weights (device "meta"). It prints the size after the last pooling, and for each convolution the size
# of its output and the receptive field, the pixels that one output sees.

# %%
with torch.device("meta"):
    table = architecture_table(zfnet(), (3, 224, 224))
last = table.layer("features.pool5").output_shape
print(f"{table.parameters:,} parameters; at the end {last}, {np.prod(last)} numbers")
for row in table.of_kind("Conv2d"):
    print(f"{row.name:15} {row.output_shape}  sees {row.receptive_field} pixels")

# %% [markdown]
# 62,357,608 parameters: nearly as many as AlexNet without its two groups. A unit of the five
# convolutions sees 7, 27, 75, 107 and 139 pixels. Keep these five numbers: they are the sizes of the
# patches on slide 57.
#
# ## Train a network that you can look into
#
# Sixty million parameters are too many for these minutes. We begin with three convolutions, and with
# images of which we know what is in them: `shapes`, generated by the course, each with one colored
# shape on a colored ground. So we will notice when a picture of the network misleads us. The last
# section turns to photographs, and to the AlexNet-style network of lecture 10.
#
# The ReLUs are modules, `nn.ReLU()`, so that we can take hold of them later. The first filters start
# tiny, to be seen growing. And we plant a fault: **filter 5 starts with weights 0 and a bias of −1.**
# Its output is −1 everywhere, and the ReLU makes it 0.
#
# **Predict:** after the training, what is the largest weight of filter 5?

# %% [markdown] tags=["instructor"]
# Time: 10 min. The training takes some seconds. Use them for the votes on filter 5.
#
# Tip: ask for the gradient of a ReLU whose input is negative for every image (lecture 06).

# %%
guess = None
reveal(guess, 0)

# %% [markdown]
# ### Give it no gradient
#
# The answer is 0, without any computing. Its ReLU lets no gradient pass, so no step ever moves the
# filter. Nothing will bring it back: it is *dead*. In real networks, one large step of the bias is
# enough to kill a filter in this way.
#
# The cell builds the network, and `start` draws its first weights as in lecture 08: He's rule for the
# inner layers, small ones for the first and the last.

# %%
data = load("shapes")
net = nn.Sequential(
    OrderedDict(
        conv1=nn.Conv2d(3, 16, kernel_size=5, padding=2),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(kernel_size=2),
        conv2=nn.Conv2d(16, 24, kernel_size=3, padding=1),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(kernel_size=2),
        conv3=nn.Conv2d(24, 32, kernel_size=3, padding=1),
        relu3=nn.ReLU(),
        pool3=nn.MaxPool2d(kernel_size=2),
        flatten=nn.Flatten(),
        fc=nn.Linear(32 * 4 * 4, 10),
    )
)


def start(net):
    """Draw first weights; plant a dead filter, number 5."""
    torch.manual_seed(0)
    for layer in (net.conv1, net.conv2, net.conv3, net.fc):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    for layer in (net.conv1, net.fc):
        nn.init.normal_(layer.weight, std=0.01)
    with torch.no_grad():
        net.conv1.weight[5], net.conv1.bias[5] = 0, -1


# %% [markdown]
# ### Keep some filters on the way
#
# Then the loop of lecture 08, three epochs, the last with a smaller rate, some seconds on one core. Three
# times we keep a copy of the first layer's weights: before the training, after 100 steps and after all.
# At the end, the network is measured on images that it has never seen.

# %% tags=["slow"]
start(net)
optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
batches, kept = Batches(data, "train", 32), {}
for epoch, lr in enumerate((0.02, 0.02, 0.004)):
    optimizer.param_groups[0]["lr"] = lr
    for step, (x, labels) in enumerate(batches):
        if epoch == 0 and step in (0, 100):
            kept[step] = net.conv1.weight.detach().clone()
        loss = nn.functional.cross_entropy(net(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
kept["all"] = net.conv1.weight.detach().clone()
print(f"{evaluate(net, Batches(data, 'test')).accuracy:.0%} of the test images are right")

# %% [markdown]
# ## How do you show a filter?
#
# A filter of the first layer has shape $(3, k, k)$: as many channels as a color image. So it *is* a
# small color image, except that weights are negative, too. Let weight 0 be middle gray, 0.5, and
# divide by the largest magnitude $m$:
#
# $$\text{level} = \frac{1}{2} + \frac{w}{2m}$$
#
# Then $m$ is shown as 1 and $-m$ as 0. The question is: the largest magnitude of *what*? If every
# filter has its own $m$, each of them looks strong. A filter whose weights are all 0.001 would be as
# bright as the best. **One $m$ for all filters** keeps the comparison honest. It is also the only safe
# choice: a filter of zeros has $m = 0$.
#
# **Predict:** the largest magnitude in a layer is 4. Which level has a weight of −2?

# %% [markdown] tags=["instructor"]
# Time: 18 min with the exercise. Slide 56. CS231n's famous `visualize_grid` stretches every filter on
# its own, from its smallest to its largest weight. It looks better and hides the dead ones.
#
# Tip: ask what a middle-gray square on slide 56 would mean.

# %%
guess = None
reveal(guess, 0.5 + -2 / (2 * 4))

# %% [markdown]
# ### Put them into one picture
#
# A quarter: $\tfrac12 - \tfrac28$. Matplotlib wants the channels last, so a filter (3, kH, kW) has to be transposed to
# (kH, kW, 3). Filter $n$ stands in row `n // columns` and column `n % columns`, and between
# neighbors there is a gap, so its upper left corner is at row `n // columns * (kH + gap)`.
#
# **Exercise.** Show all filters on one scale. The last row may not be full; gaps and empty places are
# white, 1.


# %% exercise="filter_grid"
def filter_grid(w, columns, gap=1):
    """Show the filters of a first layer in one picture (H, W, 3), on one common scale.

    w: weights (F, 3, kH, kW), not all of them 0. columns: filters in a row; they come row by row,
    and the last row may not be full. gap: white pixels between neighboring filters.
    H = rows·kH + (rows − 1)·gap, and W likewise. Weight 0 is 0.5, the largest magnitude of all
    filters 1 or, where negative, 0. Gaps and empty places are 1.
    For example, w = [[[[2.0]], [[0.0]], [[-1.0]]]] and columns 1 give [[[1.0, 0.5, 0.25]]].
    """
    ### BEGIN SOLUTION
    filters, channels, height, width = w.shape
    levels = 0.5 + w / (2 * np.abs(w).max())
    rows = -(-filters // columns)
    shape = rows * (height + gap) - gap, columns * (width + gap) - gap, channels
    picture = np.ones(shape)
    for n in range(filters):
        top, left = n // columns * (height + gap), n % columns * (width + gap)
        picture[top : top + height, left : left + width] = levels[n].transpose(1, 2, 0)
    return picture
    ### END SOLUTION


# %% check="filter_grid" points=2
check(filter_grid)

# %% [markdown]
# ### Watch them grow
#
# Before, on the way and after. One scale per layer is not enough here: three pictures with a scale of
# their own would all look equally strong. So all three sets go through your function at once, as 48
# filters, and are cut apart afterwards. Where is filter 5? Count from 0, row by row.

# %% tags=["slow"]
draw = mine("filter_grid")
whole = draw(torch.cat(list(kept.values())).numpy(), columns=4)
plots.show_grid(
    np.split(np.pad(whole, ((0, 1), (0, 0), (0, 0)), constant_values=1), 3),
    titles=[f"before ({draw.whose})", "after 100 steps", "after all steps"],
    columns=3,
    alt="Sixteen filters of 5×5 three times, drawn by filter_grid: gray before the "
    "training, then with edges and colors in all but one, which stays flat gray.",
)

# %% [markdown]
# Before the training the filters are nearly gray: their weights are there, but tiny beside what comes.
# Afterwards many are edges: one color on one side, another on the other, in various directions. Some
# have hardly grown; without the common scale they would look as strong as the rest. Filter 5, in the
# second row and second column, is flat gray in all three.
#
# ### Let the computer flag it
#
# An eye tires at 96 filters. Two flags find the dead: a filter whose weights hardly differ, and a unit
# whose ReLU is above 0 on no image at all. The second flag works in every layer.

# %% tags=["slow"]
flat = inspection.filter_pictures(net.conv1.weight).dead
print("flat filters:", np.flatnonzero(flat).tolist())
silent = inspection.active_share(net, Batches(data, "test"), "relu1") == 0
print("silent on every test image:", np.flatnonzero(silent).tolist())

# %% [markdown]
# ## What does a unit like best?
#
# In deeper layers a filter has 16 or 24 channels, and is no color image. So ask differently: *which
# images excite this unit most?* A **unit** is one map of a layer; it computes the same thing at every
# place. Run all images through the network. For each image take the unit's strongest place. Sort the
# images by that number, and keep the best nine.
#
# At most one place of an image counts. Otherwise nine neighboring places of one striking image
# would fill the list.
#
# ### Cut out what it saw
#
# A unit did not see the whole image. By lecture 05, an output at row $i$ sees `receptive_field` rows,
# and its neighbor's field lies `jump` pixels further (the product of all strides so far). The only new
# number is where it begins:
#
# $$\text{first row} = \text{start} + \text{jump} \cdot i$$
#
# Paddings push `start` below 0: there, the first output looks at zeros outside of the image. Each
# padding of $p$ counts $p$ times the jump at its place.

# %%
table = architecture_table(net, (3, 32, 32))
for name in ("relu1", "relu2", "relu3"):
    row = table.layer(name)
    print(f"{name}: sees {row.receptive_field} pixels, jump {row.jump}, start {row.start}")

# %% [markdown]
# Check `start` by hand: conv1 has a padding of 2 at jump 1, conv2 one of 1 at jump 2, conv3 one of 1 at
# jump 4. Together 2 + 2 + 4 = 8.
#
# **Predict:** a unit of `relu3` is strongest at row 3 of its map. Which is the first row of the image
# that it sees there?

# %% [markdown] tags=["instructor"]
# Time: 20 min with the exercise. Slide 57. The caption of the slide says "patches from validation
# images that give maximal activation"; ask how one knows where to cut.
#
# Tip: the favorite wrong way is to stretch the map over the image and cut around the bright spot. It
# is off by up to half a receptive field at the borders.

# %%
guess = None
reveal(guess, -8 + 4 * 3)

# %% [markdown]
# ### Write it
#
# Rows 4 to 23: twenty of them. At row 0 it would be rows −8 to 11, and eight rows are outside.
#
# **Exercise.** `maps` holds one unit's activations on all images. `maps[n].argmax()` counts places row
# by row; `np.unravel_index(place, shape)` turns such a number into row and column. What lies outside
# of an image is 0: put a margin of zeros around it before you cut, and shift the corner by as much.


# %% exercise="top_patches"
def top_patches(maps, images, receptive_field, jump, start, k=9):
    """Cut out the k patches of images that one unit responds to most: (numbers, patches).

    maps: the unit's activations (N, H', W') on images (N, C, H, W), no two equal. Of every image
    only the strongest place counts. Row i of a map sees receptive_field rows of the image from
    start + jump·i on; columns likewise.
    numbers: the images', strongest first, (k,). patches: (k, C, receptive_field, receptive_field),
    0 outside of the image.
    For example, maps [[[1.0, 2.0]], [[5.0, 3.0]]], images [[[[1.0, 2.0, 3.0]]],
    [[[4.0, 5.0, 6.0]]]], receptive_field 1, jump 2, start 0 and k = 2 give the numbers [1, 0] and
    two patches, 4.0 and 3.0.
    """
    ### BEGIN SOLUTION
    numbers = maps.max(axis=(1, 2)).argsort()[::-1][:k]
    margin, patches = receptive_field, []
    for number in numbers:
        row, column = np.unravel_index(maps[number].argmax(), maps.shape[1:])
        top, left = margin + start + jump * row, margin + start + jump * column
        padded = np.pad(images[number], ((0, 0), (margin, margin), (margin, margin)))
        patches.append(padded[:, top : top + receptive_field, left : left + receptive_field])
    return numbers, np.stack(patches)
    ### END SOLUTION


# %% check="top_patches" points=3
check(top_patches)

# %% [markdown]
# ### Look at two units of the last layer
#
# Here are the two units of `relu3` with the largest responses, a row each, on the 1000 test images. Do
# not ask "what class is
# it?" but "what do these five have in common?". Black is outside of the image.

# %% tags=["slow"]
find, outputs = mine("top_patches"), inspection.activations(net, data.normalize(data.test.images))
images, rows = data.test.images.numpy(), []
view = (row.receptive_field, row.jump, row.start)
loudest = outputs["relu3"].amax((0, 2, 3)).argsort(descending=True)[:2].tolist()
for unit in loudest:
    maps = outputs["relu3"][:, unit].numpy()
    rows += list(find(maps, images, *view, k=5)[1].astype(np.uint8).transpose(0, 2, 3, 1))
print("cut out by top_patches:", find.whose)
plots.show_grid(
    rows,
    titles=[f"unit {unit}" for unit in loudest for _ in range(5)],
    columns=5,
    alt="Patches of 20×20 pixels cut out by top_patches: five for each of two units; "
    "those of one unit share a part such as an edge or a corner, in different colors.",
)

# %% [markdown]
# The patches of one unit share a *part*, such as an arc, a corner or a line, while their colors differ
# widely. Some units answer to more than one thing. Slide 57 shows the same at full size, from edges in
# layer 1 to faces and wheels in layer 5.
#
# ## How do you go back to the pixels?
#
# A patch shows everything in the field, including what the unit ignores. **Which pixels made it
# respond?** Set all activations of the layer to 0 but the unit's strongest one, and send this one
# number back to the image. Zeiler and Fergus called the machine for this a *deconvnet*. It undoes layer
# after layer:
#
# * *convolution*: through the same filters, transposed. That is the way of the gradient (lecture 06).
#   The name promises more than it does: nothing is inverted, and the pixels are not recovered.
# * *max pooling*: back to the place where the maximum was, and 0 elsewhere. The places are the
#   **switches** that the pooling noted on its way forward (lecture 07).
# * *ReLU*: a ReLU again, on what comes back.
#
# Take a map 3 wide and 2 high. Its pooled values are 7 and 5, and the switches 4 and 2, counted row by
# row. **Predict:** in which row and column does the 7 land? Write `[row, column]`.

# %% [markdown] tags=["instructor"]
# Time: 15 min with the exercise. The paper's figure 1 is worth drawing: the network upward on the
# right, the deconvnet downward on the left, the switches as arrows between them.
#
# Tip: without switches the 7 could have been anywhere. This is why projections look so sharp.

# %%
guess = None
reveal(guess, [1, 1])

# %% [markdown]
# ### Undo the pooling
#
# Position 4 is row 4 // 3 = 1 and column 4 % 3 = 1. No division is needed if you lay each map out
# flat first.
#
# **Exercise.** Each map has switches of its own. `np.put_along_axis(a, index, values, axis)` writes
# into `a` in place; loops over images and maps are fine, too.


# %% exercise="unpool"
def unpool(pooled, index, height, width):
    """Put every pooled value back where its maximum was: (N, C, height, width), 0 elsewhere.

    pooled: (N, C, H', W'). index: of the same shape, the position of each maximum in its own map
    before pooling, row·width + column; no position comes twice in a map. height, width: of the
    maps before pooling.
    For example, pooled [[[[7.0, 5.0]]]], index [[[[4, 2]]]], height 2 and width 3 give
    [[[[0, 0, 5], [0, 7, 0]]]].
    """
    ### BEGIN SOLUTION
    maps = pooled.shape[:2]
    out = np.zeros((*maps, height * width))
    np.put_along_axis(out, index.reshape(*maps, -1), pooled.reshape(*maps, -1), axis=2)
    return out.reshape(*maps, height, width)
    ### END SOLUTION


# %% check="unpool" points=1
check(unpool)

# %% [markdown]
# ### Walk back by hand
#
# With `unpool`, the whole way from `relu2` to the pixels is five lines. Read them from the layer back
# to the image: filters of conv2, switches of pool1, ReLU, filters of conv1. The course's `deconvnet`
# does the same for any layer of any network. Do the two agree?

# %% tags=["slow"]
x = data.normalize(data.test.images[:1])
one, back = inspection.activations(net, x), mine("unpool")
unit = int(one["relu2"].amax((0, 2, 3)).argmax())
_, switches = layers.max_pool2d_forward(one["relu1"].double().numpy(), 2)
strongest = one["relu2"] * (one["relu2"] == one["relu2"][:, unit].max())
signal = conv_transpose2d(strongest, net.conv2.weight.detach(), padding=1)
signal = torch.tensor(back(signal.double().numpy(), switches, 32, 32)).float().clamp_min(0)
by_hand = conv_transpose2d(signal, net.conv1.weight.detach(), padding=2)
print(
    "same as deconvnet:",
    torch.allclose(by_hand, inspection.deconvnet(net, x, "relu2", unit), atol=1e-4),
)

# %% [markdown]
# ### Compare two rules for the ReLU
#
# The true gradient passes a ReLU where the *forward* input was positive. The deconvnet passes what is
# positive on the way *back*. **Guided gradients** (Springenberg et al., 2015) ask for both. This one
# rule is the whole difference.
#
# Below, two images that excite one unit of `relu3` most, each with its projection and its guided
# gradient. The last column is a control: guided gradients in the same network as it was *before the
# training*, for the unit that responds most there. What do you expect to see?

# %% tags=["slow"]
fresh = deepcopy(net)
start(fresh)
best = outputs["relu3"][:, loudest[0]].amax((1, 2)).argsort(descending=True)[:2]
x = data.normalize(data.test.images[best])
other = int(inspection.activations(fresh, x)["relu3"].amax((2, 3)).sum(0).argmax())
backs = [inspection.deconvnet(net, x, "relu3", loudest[0])]
backs.append(inspection.guided_gradients(net, x, "relu3", loudest[0]))
backs.append(inspection.guided_gradients(fresh, x, "relu3", other))
levels = [0.5 + back / (2 * back.abs().amax((1, 2, 3), keepdim=True)) for back in backs]
shown = torch.stack([data.test.images[best] / 255, *levels], dim=1)
plots.show_grid(
    shown.flatten(0, 1).permute(0, 2, 3, 1).numpy(),
    titles=["image", "deconvnet", "guided", "untrained"] * 2,
    alt="Two rows of four pictures: an image of a shape, one unit's projection by the deconvnet and by "
    "guided gradients, both colored edges on gray, and speckle from an untrained network.",
)

# %% [markdown]
# ### Was it learned?
#
# The two rules agree about the place: colored edges along a part of the outline, and flat gray where
# the unit does not look. The untrained network gives speckle. So here the edges are indeed something
# that was *learned*, and the test is passed.
#
# Make this test each time. In large networks it has failed: Adebayo et al. (2018) found that guided
# gradients hardly change when the upper layers forget all they have learned. Nie, Zhang and Patel
# (2018) explained it: such rules tend to redraw the image, whatever the unit stands for. A sharp
# outline alone is no proof that a unit *knows* the object.
#
# ## Which part of the image decides?
#
# The next method needs no way back at all, and works for any classifier, even one that you can only
# ask. Hide a square of the image behind gray. Ask for the score again. If it drops much, the square
# hid what the classifier goes by. Then move the square, and make a map of the drops:
#
# $$\text{drop} = \text{score of the image} - \text{score with the square}$$
#
# A drop can be negative: hiding a part may help the class.
#
# **Predict:** in an image of 32×32, a square of 8×8 moves by 4 pixels and never hangs over the edge.
# How many places has it in one row?

# %% [markdown] tags=["instructor"]
# Time: 14 min with the exercise. In the paper, hiding the dog's face destroys "Pomeranian", and the
# most likely class becomes "tennis ball", which lies in the dog's mouth.
#
# Tip: ask what gray is for a network. The mean color is a choice, and black gives other maps.

# %%
guess = None
reveal(guess, shapes.output_size(32, 8, stride=4))

# %% [markdown]
# ### Hide and ask
#
# It is lecture 05's output size once more: (32 − 8)/4 + 1 = 7.
#
# **Exercise.** `classify` takes images (N, C, H, W) and
# returns scores (N, classes). Two traps: every square needs a *fresh copy* of the image, and the class
# looked at is always `label`, even where another class wins.


# %% exercise="occlusion_map"
def occlusion_map(classify, x, label, size=8, stride=4, fill=0.0):
    """Measure how much a score drops while a square hides part of the image: (rows, columns).

    classify: takes images (N, C, H, W), returns scores (N, classes). x: one image (C, H, W), which
    stays as it is. label: the class whose score is looked at. size: side of the square. stride:
    pixels from one place to the next; the first is the upper left corner, and none hangs over the
    edge. fill: value of the hidden pixels in all channels.
    For example, classify = lambda images: images.sum(axis=(2, 3)), x = [[[1.0, 5.0]]], label 0,
    size 1 and stride 1 give [[1.0, 5.0]].
    """
    ### BEGIN SOLUTION
    height, width = x.shape[1:]
    before = classify(x[np.newaxis])[0, label]
    tops, lefts = range(0, height - size + 1, stride), range(0, width - size + 1, stride)
    drops = np.zeros((len(tops), len(lefts)))
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            hidden = x.copy()
            hidden[:, top : top + size, left : left + size] = fill
            drops[i, j] = before - classify(hidden[np.newaxis])[0, label]
    return drops
    ### END SOLUTION


# %% check="occlusion_map" points=2
check(occlusion_map)

# %% [markdown]
# ### Where does the network look?
#
# As scores we take probabilities. The fill 0 is gray, the mean color, since the images are normalized.
# Four test images, and below them the drops of the right class: white is the largest of all, black is
# no drop.
#
# `coursekit.inspection.occlusion_map` gives the probability that is *left*, as the paper's figure 7
# does: dark where the object is. Yours gives the drop. The two add up to the probability of the whole
# image, and the cell checks that.


# %% tags=["slow"]
def classify(images):
    """Probabilities (N, 10) of images (N, 3, 32, 32)."""
    with torch.no_grad():
        return net(torch.tensor(images).float()).softmax(1).numpy()


measure, pixels, labels = mine("occlusion_map"), data.test.images[:4], data.test.labels[:4].tolist()
x = data.normalize(pixels).double().numpy()
drops = [measure(classify, image, k, stride=2) for image, k in zip(x, labels, strict=True)]
left = inspection.occlusion_map(net, torch.tensor(x[0]).float(), labels[0], stride=2).numpy()
print("drop + left = all:", np.allclose(drops[0] + left, classify(x[:1])[0, labels[0]], atol=1e-4))
pictures = [*pixels.permute(0, 2, 3, 1).numpy() / 255]
plots.show_grid(
    pictures + [drop.clip(0) / np.max(drops) for drop in drops],
    titles=[data.class_names[k] for k in labels] + [f"drop ({measure.whose})"] * 4,
    alt="Four images of shapes and, below them, maps of drops of the right class's probability; some "
    "are bright where the square hides the ground beside the shape.",
)

# %% [markdown]
# ### What went wrong?
#
# Look at the maps with bright places *beside* the shape. Does the network go by the ground there? Do not
# believe it yet. What does the network see when the gray square stands on a bare ground? A gray square.
# And `square` is one of its ten classes. **The square that should hide something has become an
# object.** On photographs a gray patch is less suggestive, but never nothing.
#
# Hide with the image's own ground color instead. There is no need to change your function: subtract
# the ground from the image, so that 0 *is* the ground, and let `classify` add it again. The ground is
# the median of the four corners. Which parts of the maps will go dark?

# %% tags=["slow"]
drops = []
for image, k in zip(x, labels, strict=True):
    ground = np.median(image[:, [0, 0, -1, -1], [0, -1, 0, -1]], axis=1)[:, np.newaxis, np.newaxis]
    drops.append(measure(lambda y, g=ground: classify(y + g), image - ground, k, stride=2))
plots.show_grid(
    pictures + [drop.clip(0) / np.max(drops) for drop in drops],
    titles=[data.class_names[k] for k in labels] + [f"drop ({measure.whose})"] * 4,
    alt="The same four images and their maps of drops when the square has the color of the ground: "
    "bright only where it hides parts of the shape.",
)

# %% [markdown]
# Now the ground is dark, as it should be: a piece of ground on the ground hides nothing. What stays
# bright are parts of the shape, by which the network tells this class from its neighbors. Where a whole
# map is nearly black, the network needs no single part: whatever is hidden, the rest suffices.
#
# ## What has your AlexNet learned?
#
# Shapes are easy to read because we made them. Now real images, and the AlexNet-style network of
# lecture 10: 32 first filters of 7×7 with stride 2, and two more convolutions. If you ran lecture 10
# in this folder, the cell opens the network that you trained there. Otherwise it trains the same one
# for three epochs.
#
# The images are CIFAR-10 if you have it in the folder named by `COURSEKIT_DATA`, otherwise patches of
# the photographs that come with the course. The cell says which.
#
# **Predict:** a unit of its `relu3` sees 35 pixels of an image that has 32. How many rows of its
# patch are outside of the image, at least?

# %% [markdown] tags=["instructor"]
# Time: 11 min. Let them race for the most surprising unit.
#
# Tip: the slider of the units listens to the arrow keys, and so do the patches.

# %%
guess = None
reveal(guess, architecture_table(alexnet_mini(), (3, 32, 32)).layer("relu3").receptive_field - 32)

# %% [markdown]
# ### Open it
#
# 35 − 32: three rows, and three columns, and more for most places of the map. The next cell opens the network, or
# trains it.

# %% tags=["slow"]
pictures = cifar10_or_photos().smaller(10_000, 2_000).with_validation(0.1)
alex, whence = open_network("lecture_10", pictures.name), "from lecture 10"
if alex is None:
    torch.manual_seed(0)
    alex, whence = alexnet_mini(), "trained now"
    batches = Batches(pictures, "train", 64, augment=Augmentation(shift=2, flip=True))
    fit(alex, batches, epochs=3, optimizer=sgd(alex, lr=0.02))
share = evaluate(alex, Batches(pictures, "test")).accuracy
print(f"{pictures.name}, network {whence}: {share:.0%} of the test images are right")

# %% [markdown]
# ### Compare its first filters with AlexNet's
#
# In the AlexNet paper, and in slide 56, most first filters are edges in all directions, in gray or
# between two opposite colors, and some are blobs of color. Which of them do you find here, drawn on
# one scale by your function?

# %% tags=["slow"]
first = alex.conv1.weight.detach().numpy()
whole, middle = draw(first, columns=8), 4 * (first.shape[3] + 1)
plots.show_grid(
    [whole[:, : middle - 1], whole[:, middle:]],
    titles=[f"trained on {pictures.name}", f"the other half ({draw.whose})"],
    columns=2,
    alt=f"First filters of the AlexNet-style network trained on {pictures.name}, as small color "
    "pictures on one common scale; those that hardly grew are nearly gray.",
)

# %% [markdown]
# With CIFAR-10 you see edges, light beside dark, and blue beside orange, after less than a minute of
# training. With the packaged photographs most filters are patches of one color. This is no fault of the
# network: the ten photographs can be told apart by their colors, and a network learns no more than its
# task asks for. Edges need a task for which color is not enough.
#
# ### Browse every unit
#
# All of it in one place: choose a layer and a unit, then walk through its nine patches. The first 500
# test images were searched. Each patch has its deconvnet projection with it. At the right you see
# where it was cut out, and what the unit does on one image of your choice, here a test image. The
# browser opens at the unit of `relu2` with the largest response. Try
#
# 1. a unit of `relu1`: do its patches look like its filter above?
# 2. a unit of `relu3` whose nine patches come from different classes: what do they share?
# 3. patches with a gray margin: where in their image do they lie?
# 4. an image of your own, 32×32 in color: `browser.own = array`.
#
# `PatchBrowser(net, data)` opens the network of shapes in the same way. What does it say of `relu1`,
# unit 5?

# %% tags=["slow"]
browser = PatchBrowser(alex, pictures, own=pictures.test.images[0])
browser.layer = "relu2"
browser.unit = int(browser.shown_layer()["values"][:, 0].argmax())
browser

# %% [markdown]
# ## What do you take along?
#
# * ZFNet's drawing needs a padding of 1 in conv1 and a pooling that rounds up (or pads): then 110, 55
#   and 6·6·256 = 9216 come out, and 62,357,608 parameters.
# * Filters of a first layer are color images. One scale for all of them, or the dead look alive.
# * A unit's top patches: at most one of each image, cut out from start + jump·i on, as large as the
#   receptive field. In ZFNet that is 7, 27, 75, 107 and 139 pixels.
# * A deconvnet walks back through transposed filters, switches and ReLUs. It differs from the gradient
#   and from guided gradients only in what its ReLUs pass.
# * Occlusion asks any classifier by what it decides; and a picture of an untrained network tells how
#   much of a pretty picture is due to learning.
#
# Which of the four exercises have you passed? `from coursekit import progress; progress("12")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 5 min. Write filters, top patches, deconvnet and occlusion on the board. For each, collect what
# it shows, and one way in which it can mislead.
#
# Tip: the four ways were all met today: a scale of one's own, a patch full of what the unit ignores,
# an outline from untrained weights, and a gray square taken for an object.

# %% [markdown]
# ### Open questions
#
# <details><summary>Without the switches, where would you put a pooled value back?</summary>
#
# Anywhere in its window: at the middle, say, or a share of it everywhere. The projections become
# blurred. The switches come from *this* image, so a projection is a picture of this image's response,
# and not of the unit as such.
# </details>
#
# <details><summary>By the rule of lecture 05, fc6 of ZFNet sees 331 pixels. The image has 224.
# How?</summary>
#
# Receptive fields grow by the rule, whether or not there is an image. A unit of fc6 sees the whole image
# and zeros around it. Cut to the image, all its top patches would be whole images.
# </details>
#
# <details><summary>Can a unit be dead on all test images and still matter?</summary>
#
# Yes: it may answer to something that the test images do not contain. "Dead" always means dead on the
# images that were tried. Filter 5 is the safe case: it is 0 whatever the image is.
# </details>
#
# ### Further reading
#
# * Zeiler and Fergus (2014), [Visualizing and understanding convolutional
#   networks](https://arxiv.org/abs/1311.2901): the paper of this lecture; look at figures 2, 6 and 7.
# * Springenberg, Dosovitskiy, Brox and Riedmiller (2015), [Striving for
#   simplicity](https://arxiv.org/abs/1412.6806): guided backpropagation, and a network without pooling.
# * Yosinski et al. (2015), [Understanding neural networks through deep
#   visualization](https://arxiv.org/abs/1506.06579): the DeepVis toolbox, browsing live by camera.
# * Adebayo et al. (2018), [Sanity checks for saliency maps](https://arxiv.org/abs/1810.03292): which
#   pictures change when the network forgets what it has learned, and which do not.
# * Olah, Mordvintsev and Schubert (2017), [Feature
#   visualization](https://distill.pub/2017/feature-visualization/): images *made* to excite a unit.
#
# **Next:** lecture 13 looks at the rectifiers themselves, at first weights for thirty layers, and at
# networks that vote.
