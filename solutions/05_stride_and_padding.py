# %% [markdown]
# # Stride and padding
#
# How far does the window step, and how many zeros stand around the image? Two small numbers decide
# how large a convolution's output is, and what each output can see. **At the end you hold four
# functions of your own that predict the size of any convolution PyTorch can build, and that
# recompute, from nothing but a list of layers, how much of a photograph AlexNet and VGG-16 see.**
#
# You will learn to
#
# * predict the output size for any stride, padding and dilation;
# * tell which pixels no window reads, and when a stride really halves an image;
# * choose the padding that keeps the size, for odd and for even kernels;
# * recognize on a photograph what zeros at the border and skipped pixels do;
# * compute how many pixels one output of a whole network can see.
#
# You need to know that a convolution slides a window over an image and that every stop gives one
# number (lecture 04). The lecture takes about 95 minutes with its four exercises. All cells together
# run in under half a minute on a laptop's CPU.
#
# Run the next cell first. It loads the tools; `reveal` compares your predictions with the answers
# and tells nothing until you have written one.

# %% [markdown] tags=["instructor"]
# Time: 2 min. Say what the four functions will be good for: nobody computes these sizes by hand
# twice.
#
# Tip: open the lecture in JupyterLab beside the slides; every prediction cell accepts the
# audience's number.

# %%
from itertools import product

import numpy as np
import torch
from torch.nn.functional import conv2d

from coursekit import check, mine, plots, shapes
from coursekit.data import photograph
from coursekit.predictions import reveal

# %% [markdown]
# ## How far does the window step?
#
# At every stop the layer computes the same thing as in lecture 04: the sum, over channels, rows
# and columns, of pixel times weight, plus a bias. Here we only ask *where* it stops.
#
# The **stride** $s$ is the step from one stop to the next, in pixels. Rows and columns follow the
# same rule, so one row is enough to think with; an image that is not square asks twice.
#
# Take 7 pixels and a kernel of size $k = 3$, so the window is 3 wide. With stride 1 it can start at
# pixels 0, 1, 2, 3 and 4: five outputs. **Predict:** how many are there if it moves two pixels at a
# time? Write your number in place of `None`, then run the cell.

# %% [markdown] tags=["instructor"]
# Time: 8 min. Ask for hands before anybody runs a cell, write the votes on the board, and leave
# them there.
#
# Tip: most wrong answers are 4 ("7 divided by 2, rounded up") or 3.5. Both divide the width
# instead of counting starting places; say so when the formula comes.

# %%
guess = None
reveal(guess, shapes.output_size(7, 3, stride=2))

# %% [markdown]
# ### Count the stops
#
# The window moves on as long as all of it still stands on the row. Here `#` is a pixel it reads:
#
# ```text
# pixels     0 1 2 3 4 5 6
# window 0   # # # . . . .
# window 1   . . # # # . .
# window 2   . . . . # # #
# ```
#
# Three stops. The slide this picture comes from warns that a stride of 2 "may not cover all of the
# input" and adds that "the output is also half the size". Check both: is any pixel free of `#`? Is
# 3 half of 7?
#
# Neither holds *here*. The warning is still worth having, because both things do happen at other
# sizes, and you will find out at which.

# %% [markdown]
# ### Give the row one more pixel
#
# Eight pixels, and still three windows. The hatched pixel is read by none of them: the next window
# would start at pixel 6 and hang over the edge.

# %%
plots.show_windows(
    8,
    3,
    stride=2,
    unread=[7],
    title="8 pixels, kernel 3, stride 2",
    alt="A row of 8 pixels and three windows of 3, which start at pixels 0, 2 and 4; "
    "pixel 7 is hatched because no window reads it.",
)

# %% [markdown]
# ## What stands beyond the edge?
#
# **Padding** $p$ puts $p$ zeros on *each* end of every row and column before the window starts. A
# 7×7 image with padding 1 becomes 9×9: the image, with a ring of zeros around it. The next cell
# prints it. (Some books, *Dive into Deep Learning* among them, write $p$ for both ends together. Look
# before you copy a formula.)
#
# **Predict:** a window of 3×3 walks over this padded image with stride 2. How many outputs are
# there in one row?

# %% [markdown] tags=["instructor"]
# Time: 8 min. Ask which of the nine taps of the corner window stand on the image (four) before
# showing the averages.
#
# Tip: "padding 1" adds two to the width. A good third of a class adds one.

# %%
guess = None
print(np.pad(np.ones((7, 7), dtype=int), 1))
reveal(guess, shapes.output_size(7, 3, stride=2, padding=1))

# %% [markdown]
# ### What do the zeros change?
#
# The padded row has 9 pixels, and windows start at 0, 2, 4 and 6 of them. Four outputs: the 7×7
# image becomes 4×4.
#
# But the zeros enter the sums as well. An image that is 1 everywhere shows how: a 3×3 window with
# nine weights of 1/9 averages what it reads, so every output should be 1.

# %%
average = torch.full((1, 1, 3, 3), 1 / 9)
print(conv2d(torch.ones(1, 1, 5, 5), average, padding=1)[0, 0].numpy().round(2))

# %% [markdown]
# In the corner only 4 of the 9 taps stand on the image, and the average drops to 4/9 = 0.44. At an
# edge it is 6/9 = 0.67. A zero is not neutral: for a picture it is *black*.
#
# ### The same on a photograph
#
# Below, eight such layers in a row, each with padding 1. The blur comes from the averaging, the
# dark rim along the edges from the zeros, and every further layer carries it further inward.
# Networks learn to live with the rim, and even to use it: it tells a neuron how near the border it
# is (Islam, Jia and Bruce, 2020).

# %%
sky = torch.tensor(photograph("china", size=(96, 128)).mean(axis=2) / 255).float()
y = sky[None, None]
for _ in range(8):
    y = conv2d(y, average, padding=1)
plots.show_grid(
    [sky, y[0, 0]],
    titles=["photograph", "after 8 averaging layers"],
    alt="A gray photograph of a temple under a bright sky, and the same after eight averaging "
    "layers with padding 1: blurred, and with a dark rim along all four edges.",
)

# %% [markdown]
# ## How can three weights reach further?
#
# A kernel's places, one for each weight along the row, are its *taps*. **Dilation** $d$ spreads them
# apart: they stand $d$ pixels from one another, and the pixels between two taps are skipped. The
# number of weights stays the same. With $k = 3$ and $d = 2$:
#
# ```text
# pixels     0 1 2 3 4 5 6 7 8
# window 0   # . # . # . . . .
# window 1   . # . # . # . . .
# window 2   . . # . # . # . .
# window 3   . . . # . # . # .
# window 4   . . . . # . # . #
# ```
#
# From its first tap to its last, both counted, the kernel spans
#
# $$e = d\,(k - 1) + 1$$
#
# pixels, here $2 \cdot 2 + 1 = 5$. We call $e$ the kernel's **extent**. With $d = 1$ there are no
# holes, and the extent is the kernel size.
#
# <details><summary>How wide is a kernel of 3 with dilation 3? Decide, then open.</summary>
#
# 3 · (3 − 1) + 1 = 7 pixels: taps at 0, 3 and 6.
# </details>
#
# Let PyTorch add up the pixels numbered 0 to 8 in this way. Window 0 should give 0 + 2 + 4.

# %% [markdown] tags=["instructor"]
# Time: 5 min. Draw the taps on the board as fence posts: k posts have k − 1 gaps.
#
# Tip: PyTorch counts dilation 1 as "no holes". Some students expect 0.

# %%
row = torch.arange(9.0).reshape(1, 1, 1, 9)
print(conv2d(row, torch.ones(1, 1, 1, 3), dilation=2).flatten().tolist())

# %% [markdown]
# ## How big is the output?
#
# Now count the stops for any layer. A row of $w_{\text{in}}$ pixels has $w_{\text{in}} + 2p$ with its padding, and
# the first window covers $e$ of them. What is left, $w_{\text{in}} + 2p - e$ pixels, is room for further steps of $s$
# pixels each. Only whole steps count, which is what the brackets ⌊ ⌋ say ("round down"):
#
# $$w_{\text{out}} = \left\lfloor \frac{w_{\text{in}} + 2p - e}{s} \right\rfloor + 1$$
#
# On the pictures above: 7 pixels and stride 2 leave (7 − 3)/2 = 2 steps, and the first stop makes
# 3 outputs. For 8 pixels it is 5/2 = 2.5 steps, so 2, and 3 outputs again.

# %% [markdown] tags=["instructor"]
# Time: 20 min with the exercise. Let them write it; the check names the usual slips (the + 1, padding
# counted once, rounding up, dividing too early).
#
# Tip: whoever is done early finds the error message for a kernel of 5 on 3 pixels.

# %% [markdown]
# ### What about a remainder?
#
# The Stanford CS231n notes and CNN Explainer accept a layer only if the division has no remainder.
# They have a point: with a remainder, pixels at the right and bottom edge may never be read, and
# often it is a slip in the settings. PyTorch rounds down instead, so that every image size works,
# and well-known networks rely on it. ResNet's first layer takes 224 pixels with kernel 7, stride 2 and padding 3: 223/2 = 111.5
# steps, so 112 outputs. A rule without remainders would reject it.
#
# If not even one window fits, there is no output, and the honest answer is an error.
#
# **Exercise.** Write the formula as `output_size`. Python's `//` rounds down; with a negative
# number it goes on quietly, so look at that case first.


# %% exercise="output_size"
def output_size(w_in, kernel_size, stride=1, padding=0, dilation=1):
    """Width of a convolution's output, in pixels: a whole number (int).

    w_in: pixels in one row. kernel_size: taps of the kernel. stride: pixels from one window to the
    next. padding: zeros on each end of the row. dilation: pixels from one tap to the next.

    Raises ValueError if the kernel's extent is wider than the padded row.
    For example, output_size(7, 3) is 5 and output_size(7, 3, stride=2) is 3.
    """
    ### BEGIN SOLUTION
    room = w_in + 2 * padding - (dilation * (kernel_size - 1) + 1)
    if room < 0:
        raise ValueError("the kernel is wider than the padded row")
    return room // stride + 1
    ### END SOLUTION


# %% check="output_size" points=3
check(output_size)

# %% [markdown]
# ### Does PyTorch agree?
#
# From here on `mine("output_size")` is *your* function if its check has passed, and the course's
# until then. Build 144 different layers in PyTorch and compare their real output widths with it.

# %%
size = mine("output_size")
options = list(product((16, 17, 32), (1, 3, 4, 7), (1, 2, 3), (0, 3), (1, 2)))
agreed = 0
for w, k, s, p, d in options:
    layer = torch.nn.Conv2d(1, 1, k, stride=s, padding=p, dilation=d)
    agreed += layer(torch.zeros(1, 1, w, w)).shape[-1] == size(w, k, s, p, d)
print(f"{agreed} of {len(options)} layers have the predicted width")

# %% [markdown]
# ### What does a stride do to every width?
#
# The function draws the picture: output size against input size for a kernel of 3. Follow the
# curve of stride 2 from 7 to 8.

# %%
widths = range(3, 21)
plots.plot_curves(
    {f"stride {s}": (widths, [size(w, 3, stride=s) for w in widths]) for s in (1, 2, 3)},
    x_label="input width (pixels)",
    y_label="output width (pixels)",
    title=f"drawn with {size}",
    dots=True,
    alt="Output width against input width for a kernel of 3: a straight line for stride 1, "
    "stairs two pixels long for stride 2 and three pixels long for stride 3.",
)

# %% [markdown]
# ### Move the window yourself
#
# Every step of the stairs is $s$ pixels long: those widths share one output size, and all but the
# first of them leave a remainder.
#
# The stepper below takes its output size from the same function. Step through it with the arrow
# keys. With "Ask me first" ticked you predict every size before you see it, and "Another question"
# draws a layer at random: answer twenty, and where one is wrong, read why. Can you find
#
# 1. a setting that leaves pixels unread (they are hatched);
# 2. two settings with the same output size, one of which reads every pixel and the other does not?

# %%
from coursekit.widgets import ConvolutionStepper

ConvolutionStepper(output_size=mine("output_size"), stride=2)

# %% [markdown]
# ### Which image does AlexNet take?
#
# The AlexNet paper (Krizhevsky, Sutskever and Hinton, 2012) writes of 224×224 images and a first
# layer with kernel 11 and stride 4; its drawing shows 55×55 outputs. It names no padding. Can that
# be? **Predict:** which image gives 55 without any rounding, 224 pixels as they are, 224 with padding
# 2, or 227?
#
# <details><summary>Open this after you have run the cell.</summary>
#
# 224 pixels without padding give 54, not 55. The well-known Caffe version of AlexNet takes 227
# pixels, which fit exactly; torchvision's takes 224 with padding 2 and rounds down. A small slip in
# a great paper, and thousands of readers have stumbled over it.
# </details>

# %%
for w, p in ((224, 0), (224, 2), (227, 0)):
    print(f"{w} pixels, padding {p}: {(w + 2 * p - 11) / 4 + 1}, rounded {size(w, 11, 4, p)}")

# %% [markdown]
# ## Which pixels does no window read?
#
# There are two ways to miss a pixel: it is left over at the end, or it lies in a gap. Gaps appear
# when the stride is larger than the kernel, and between the taps of a dilated kernel.
#
# Number the image's pixels from 0, so that padding has no numbers. Window $i$ starts at
# $i \cdot s - p$, and its tap $u$ (from 0 to $k - 1$) reads the pixel
#
# $$i \cdot s - p + u \cdot d$$
#
# if there is such a pixel. A pixel that no pair $(i, u)$ reaches is uncovered.
#
# **Exercise.** Collect every position that some tap reads; return those that are left. For
# the number of windows, copy your formula from above, or call your own `output_size` once it has
# passed.

# %% [markdown] tags=["instructor"]
# Time: 14 min with the exercise. Ask for one layer with a gap and one with a leftover before anybody
# writes code.
#
# Tip: a set of read positions is enough. Whoever writes case distinctions will miss one; let the
# check tell them which.


# %% exercise="uncovered_pixels"
def uncovered_pixels(w_in, kernel_size, stride=1, padding=0, dilation=1):
    """Positions of the image's pixels that no window reads: a list of ints, [] if there are none.

    Arguments as in output_size. The image's first pixel has position 0; padding has no positions
    and never appears in the list.
    For example, uncovered_pixels(8, 3, stride=2) is [7].
    """
    ### BEGIN SOLUTION
    windows = (w_in + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1
    read = set()
    for i in range(windows):
        for u in range(kernel_size):
            read.add(i * stride - padding + u * dilation)
    return [position for position in range(w_in) if position not in read]
    ### END SOLUTION


# %% check="uncovered_pixels" points=2
check(uncovered_pixels)

# %% [markdown]
# ### See them on a photograph
#
# One row of the astronaut's photograph, a kernel of 2 and a stride of 3. Which pixels are lost:
# leftovers, gaps, or both?

# %%
row = photograph("astronaut", size=15)[8]
unread = mine("uncovered_pixels")
plots.show_windows(
    row,
    2,
    stride=3,
    unread=unread(len(row), 2, stride=3),
    title=f"15 pixels, kernel 2, stride 3, drawn with {unread}",
    alt="A row of 15 pixels of a photograph with five windows of two, three pixels apart; pixels "
    "2, 5, 8, 11 and 14 are hatched because no window reads them.",
)

# %% [markdown]
# ### So when is the slide right?
#
# Four gaps and one leftover. ResNet does this on purpose: its shortcuts use a kernel of 1 with
# stride 2, which reads one pixel in four of the image and ignores the rest.
#
# Back to the slide: "may not cover all of the input" and "half the size". Let your functions answer
# for a kernel of 3 with stride 2, without padding and with padding 1.

# %%
for p in (0, 1):
    for w in (6, 7, 8, 9):
        out, lost = size(w, 3, 2, p), unread(w, 3, 2, p)
        half = "exactly" if 2 * out == w else "not"
        print(f"padding {p}: {w} → {out}, {half} half, unread {lost}")

# %% [markdown]
# Without padding an even width loses its last pixel, and no width is halved. With padding 1 an even
# width is halved exactly, and no pixel is lost. So each sentence of the slide is right for some
# layers, and for this kernel and stride never both at once.

# %% [markdown]
# ## How do you keep the size?
#
# Deep networks stack many layers. If each of them cut two pixels off, a 32×32 image would be
# 2×2 after fifteen. With stride 1 the width stays the same when the zeros make up for the extent:
#
# $$w_{\text{in}} + p_{\text{before}} + p_{\text{after}} - e + 1 = w_{\text{in}} \quad\Rightarrow\quad
# p_{\text{before}} + p_{\text{after}} = e - 1$$
#
# A kernel of 3 needs two zeros, one on each side. **Predict:** how many zeros, over both sides
# together, does a kernel of 4 need?

# %% [markdown] tags=["instructor"]
# Time: 10 min with the exercise. Let them find all pairs (k, p) that keep the size, as a table on
# the board: (1, 0), (3, 1), (5, 2), (7, 3), and nothing for even k.
#
# Tip: this is why kernels are odd in practice.

# %%
guess = None
reveal(guess, sum(shapes.same_padding(4)))

# %% [markdown]
# ### Exercise: same_padding
#
# Three zeros, which two sides cannot share evenly. PyTorch's `padding="same"` puts the spare one
# after the row: one before, two after. Return both numbers, for any kernel and dilation.


# %% exercise="same_padding"
def same_padding(kernel_size, dilation=1):
    """Zeros (before, after) that keep the width at stride 1: a pair of ints.

    The two differ by at most one; if the number of zeros is odd, the spare one goes after.
    For example, same_padding(3) is (1, 1).
    """
    ### BEGIN SOLUTION
    total = dilation * (kernel_size - 1)
    return total // 2, total - total // 2
    ### END SOLUTION


# %% check="same_padding" points=2
check(same_padding)

# %% [markdown]
# ### Walk through VGG-16
#
# Thirteen convolutions, all with kernel 3, stride 1 and padding `same_padding(3)`, and a 2×2 pooling
# with stride 2 after each group. Which of these eighteen layers change the size?

# %%
width, (before, after) = 224, mine("same_padding")(3)
for group, convolutions in enumerate((2, 2, 3, 3, 3), start=1):
    for _ in range(convolutions):
        width = size(width + before + after, 3)
    print(f"group {group}: {convolutions} convolutions end at {width},", end=" ")
    width = size(width, 2, stride=2)
    print(f"the pooling at {width}")

# %% [markdown]
# ## What does a stride throw away?
#
# A layer with stride 2 computes what the same layer with stride 1 computes, at every second row and
# every second column. Three of four numbers are never computed. That is the point of a stride, it
# saves work; and it is a loss, because fine detail falls between the stops.
#
# Four layers of stride 2 keep one position in 16 along each axis. Below, a brick wall passes through
# two layers of stride 16: one with a kernel of a single tap, one whose 16×16 taps average.

# %% [markdown] tags=["instructor"]
# Time: 7 min. Walk back from the screen while the brick picture is up: the false pattern is what
# people at the back of the room see first.
#
# Tip: ask what a network will learn from a pattern that is not in the picture.

# %%
wall = torch.tensor(photograph("brick") / 255).float()[None, None]
picked = conv2d(wall, torch.ones(1, 1, 1, 1), stride=16)
averaged = conv2d(wall, torch.full((1, 1, 16, 16), 1 / 256), stride=16)
plots.show_grid(
    [wall[0, 0], picked[0, 0], averaged[0, 0]],
    titles=["photograph", "every 16th pixel", "averages of 16×16"],
    alt="A brick wall; every 16th pixel of it, which shows broken arcs that are not on the wall; "
    "and averages of 16 by 16 pixels, which keep the upright joints.",
)

# %% [markdown]
# The arcs in the middle picture are not on the wall. Detail finer than the stride does not vanish,
# it turns into a false pattern. This is **aliasing**. Averaging first keeps what the small image can
# hold. A network could learn to do so; trained networks often have not (Zhang, 2019).

# %% [markdown]
# ## How far does one output see?
#
# One output of a 3-wide layer sees 3 pixels. Put a second layer on top: its output sees three
# neighbors of the first layer, and through them more pixels. The number of input pixels that can
# change one output, along one axis, is its **receptive field**.
#
# **Predict:** three 3-wide layers with stride 1, one after the other. How many pixels does one
# output see?

# %% [markdown] tags=["instructor"]
# Time: 16 min with the exercise. Draw the cone from the top down, one layer at a time, and let the
# room call the width of each level.
#
# Tip: the common answers to the prediction are 9 (kernels added up) and 27 (multiplied).

# %%
guess = None
reveal(guess, shapes.receptive_field([(3, 1), (3, 1), (3, 1)]))

# %% [markdown]
# ### Look down the cone
#
# Each layer adds one pixel on either side, $k - 1 = 2$ in all: 1, 3, 5, 7.

# %%
plots.show_stack(
    [(3, 1), (3, 1), (3, 1)],
    title="three layers, kernel 3, stride 1",
    alt="A cone from one output down through three values and five values to seven pixels.",
)

# %% [markdown]
# ### What changes with a stride?
#
# After a layer with stride 2, two neighbors stand 2 input pixels apart, and the next kernel reaches
# twice as far. Call the distance between neighbors, in input pixels, the **jump** $j$. It starts at
# 1 and is multiplied by every stride on the way. Layer $l$ adds $k_l - 1$ gaps, each as wide as the
# jump *in front of* it:
#
# $$r = 1 + \sum_l (k_l - 1)\, j_l, \qquad j_l = s_1 s_2 \cdots s_{l-1}$$
#
# Three layers of 3: $1 + 2 + 2 + 2 = 7$. A kernel of 3 with stride 2, then a kernel of 3:
# $1 + 2 \cdot 1 + 2 \cdot 2 = 7$.
#
# **Exercise.** Write it as `receptive_field`. A layer is a pair `(kernel_size, stride)`; poolings are
# layers too.


# %% exercise="receptive_field"
def receptive_field(layers):
    """Input pixels that one output of a stack of layers sees, along one axis: an int.

    layers: a list of pairs (kernel_size, stride), the layer nearest to the image first.
    For example, receptive_field([(3, 1), (3, 1)]) is 5; without any layer it is 1.
    """
    ### BEGIN SOLUTION
    field, jump = 1, 1
    for kernel_size, stride in layers:
        field += (kernel_size - 1) * jump
        jump *= stride
    return field
    ### END SOLUTION


# %% check="receptive_field" points=3
check(receptive_field)

# %% [markdown]
# ### What do AlexNet and VGG-16 see?
#
# Both networks, layer by layer, up to their last pooling. Your function draws both curves.

# %%
sees = mine("receptive_field")
alexnet = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)]
vgg16 = [layer for n in (2, 2, 3, 3, 3) for layer in [(3, 1)] * n + [(2, 2)]]
growth = {
    name: [sees(net[:depth]) for depth in range(1, len(net) + 1)]
    for name, net in {"AlexNet": alexnet, "VGG-16": vgg16}.items()
}
print(growth["AlexNet"])
plots.plot_curves(
    {f"{name}: {seen[-1]}": (range(1, len(seen) + 1), seen) for name, seen in growth.items()},
    x_label="layers (convolutions and poolings)",
    y_label="receptive field (pixels)",
    title=f"drawn with {sees}",
    dots=True,
    alt="Receptive field against depth: AlexNet rises to 195 pixels in 8 layers, VGG-16 to 212 "
    "pixels in 18 layers.",
)

# %% [markdown]
# ### Why small kernels?
#
# At its last pooling, no output of either network sees the whole image: 195 of 227 pixels, and 212
# of 224. The fully connected layers behind it put the views together.
#
# VGG gets there with small kernels. Three 3×3 layers see 7×7 pixels, and so does one 7×7 layer. With
# $C$ channels going in and coming out of every layer, count the weights, without biases:
#
# $$3 \cdot (3 \cdot 3 \cdot C \cdot C) = 27\,C^2 \qquad\text{against}\qquad 7 \cdot 7 \cdot C \cdot C = 49\,C^2$$
#
# For 64 channels that is 110,592 against 200,704. The stack saves almost half, and it has three
# ReLUs where the single layer has one.

# %% [markdown]
# ## What do you take along?
#
# * The output size counts the first stop and the whole steps that still fit:
#   $\lfloor (w_{\text{in}} + 2p - e)/s \rfloor + 1$, with the extent $e = d(k-1)+1$.
# * A pixel goes unread as a leftover at the end or in a gap. Stride 2 halves exactly for a kernel of
#   3 with padding 1 and an even width.
# * $e - 1$ zeros keep the width at stride 1; an even kernel gets one more on one side.
# * Zeros darken the border, and a stride lets fine detail fall between the stops.
# * A layer widens the receptive field by $(k-1)$ times the product of the strides before it.
#
# Which of the four exercises have you passed? `from coursekit import progress; progress("05")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 5 min. Sizes in chorus: call out width, kernel, stride and padding, ten times, faster and
# faster.
#
# Tip: 32, 5, 1, 2 keeps its size; 224, 7, 2, 3 gives 112; end with 5, 7, 1, 0, which gives nothing.

# %% [markdown]
# ### Open questions
#
# <details><summary>Which other layers halve every even width exactly?</summary>
#
# All at stride 2: kernel 2 without padding, kernel 4 with padding 1, kernel 5 with padding 2, kernel
# 7 with padding 3, and so on. ResNet's first layer is the last of them.
# </details>
#
# <details><summary>Do all pixels of a receptive field count equally?</summary>
#
# No. More paths lead to the pixels in the middle, so their influence is larger; it falls off
# roughly like a bell curve. See Luo et al. below.
# </details>
#
# <details><summary>What could stand at the border instead of zeros?</summary>
#
# The nearest pixel (`padding_mode="replicate"`), the image mirrored (`"reflect"`) or continued from
# the opposite side (`"circular"`). Which suits your pictures?
# </details>

# %% [markdown]
# ### Further reading
#
# * Dumoulin and Visin (2016), [A guide to convolution arithmetic for deep
#   learning](https://arxiv.org/abs/1603.07285): every case of this lecture as a picture.
# * Araujo, Norris and Sim (2019), [Computing receptive fields of convolutional neural
#   networks](https://distill.pub/2019/computing-receptive-fields/): the formula derived, with
#   numbers for many networks.
# * Luo et al. (2016), [Understanding the effective receptive field](https://arxiv.org/abs/1701.04128):
#   how much of the field really counts.
# * Zhang (2019), [Making convolutional networks shift-invariant
#   again](https://arxiv.org/abs/1904.11486): blur before you stride.
# * Islam, Jia and Bruce (2020), [How much position information do convolutional neural networks
#   encode?](https://arxiv.org/abs/2001.08248): what networks do with the zeros.
#
# **Next:** lecture 06 sends gradients backward through the convolution, and your stride and padding
# come back with them.
