# %% [markdown]
# # Convolution
#
# One layer made ConvNets what they are, and you can write it in fifteen lines. **At the end you hold
# that layer twice: once in loops that say what it does, once as a single matrix product that is many
# times as fast. Both agree with PyTorch, and your own code finds the edges in a photograph.**
#
# You will learn to
#
# * compute one output, one map and a whole layer, for many filters and images at once;
# * tell convolution from cross-correlation, and say why a network does not care;
# * make a filter that blurs, sharpens, or finds edges;
# * count how much work a layer is, and turn its loops into one matrix product;
# * say where a whole network keeps its parameters, and where its memory.
#
# You need the neuron that sees a chunk, and weight sharing (lecture 03). The lecture takes about 120
# minutes with its three exercises. All cells together run in under half a minute on a laptop's CPU.
#
# Run the next cell first. It loads the tools.

# %% [markdown] tags=["instructor"]
# Time: 2 min. Say what comes: no new idea about neurons today. The layer of lecture 03 gets written,
# gets fast, and gets stacked.
#
# Tip: ask who has ever used a blur or "find edges" in a photo editor. They have used a convolution.

# %%
from timeit import repeat

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch.nn.functional import conv2d

from coursekit import check, layers, mine, models, plots
from coursekit.data import photograph
from coursekit.predictions import reveal
from coursekit.widgets import ConvolutionStepper

torch.set_num_threads(1)  # layers this small are fastest on one core

# %% [markdown]
# ## What comes out of one stop?
#
# Recall lecture 03. A neuron sees a chunk of the volume at full depth, and all neurons of a slice
# share one set of weights, the **filter**. Now turn the view around. Instead of many neurons that
# agree, think of *one* filter that visits all of their places, one stop after the other.
#
# Below, the filter slides over the rim of a coffee cup: 5×5 pixels in three channels, in tenths so
# that you can redo every sum. The filter is 3×3 and has three channels as well. Step with the arrow
# keys. At each stop, look at three things: the window, the products, the one number that comes out.

# %% [markdown] tags=["instructor"]
# Time: 10 min. Slide 37. Step through the first row of stops slowly, then let somebody else steer.
#
# Tip: ask how many numbers come out of one stop. Three, one for each channel, is the wrong answer
# that survives longest.

# %%
rim = ConvolutionStepper().image[:, :5, :5]
stepper = ConvolutionStepper(rim, bias=1)
stepper

# %% [markdown]
# ### Write down the sum
#
# Call the image $x$, the filter $w$ and its bias $b$. At the stop in row $i$ and column $j$ comes out
#
# $$\text{out}_{ij} = \sum_{c} \sum_{u} \sum_{v} x_{c,\,i+u,\,j+v}\; w_{c,u,v} + b$$
#
# where $c$ counts the channels, and $u$ and $v$ the rows and columns of the filter, from 0 on. Read
# the index of $x$ aloud: in channel $c$, go to the window's corner $(i, j)$, then $u$ rows down and
# $v$ columns to the right. It is the neuron of lecture 03, and $(i, j)$ says where it looks.
#
# Python writes the window as a slice. Check the first stop on the picture's numbers: the channels
# should add 0.4, 0 and 0.1, and the bias 1.

# %%
x, w, b = stepper.image.astype(float), stepper.weights.astype(float), stepper.bias
chunk = x[:, 0:3, 0:3]  # (3, 3, 3): all channels, rows 0 to 2, columns 0 to 2
print((chunk * w).sum(axis=(1, 2)).round(1), (np.sum(chunk * w) + b).round(1))

# %% [markdown]
# ### Why always the full depth?
#
# The filter moves down and to the right. It never moves from channel to channel: it reaches through
# all of them at once, and adds them up. That is why nobody writes its depth. A "5×5 filter" on a color
# image is 3×5×5, and on a volume of depth 6 it is 6×5×5.
#
# <details><summary>What if the depths do not match? Decide, then open.</summary>
#
# Then there are numbers without a partner, and the sum makes no sense. NumPy and PyTorch stop with an
# error. One case is dangerous: a filter of depth 1 multiplies with *every* channel in NumPy, and
# nobody complains. Print your shapes.
# </details>
#
# ## How many stops are there?
#
# The window has to stay on the image. In a row of 5 pixels, a window 3 wide can start at 0, 1 and 2:
# $5 - 3 + 1 = 3$ stops. Downward it is the same, so one filter puts out a **map** of 3×3.
#
# **Predict:** a 5×5 filter slides over a color image of 3×32×32. How many numbers does its map have?
# Write your number in place of `None`, then run the cell.

# %% [markdown] tags=["instructor"]
# Time: 8 min. Slide 37, its lower half: a map of 28×28.
#
# Tip: 2352 is 28·28·3, from those who still keep the channels apart. 729 is 27·27.

# %%
guess = None
reveal(guess, 28 * 28)

# %% [markdown]
# ### Fill one map
#
# There are $32 - 5 + 1 = 28$ stops in a row and 28 rows of them: 784 numbers, one map, no depth left.
#
# In code, a map is two loops around the sum. Allocate the result first, in floats, then visit every
# stop. For the cup this should give the 3×3 numbers of the picture.

# %%
out = np.zeros((3, 3))
for i in range(3):
    for j in range(3):
        out[i, j] = np.sum(x[:, i : i + 3, j : j + 3] * w) + b
print(out.round(1))
print("as in the picture:", np.allclose(out, stepper.output()))

# %% [markdown]
# ## Which way round is the filter?
#
# Here is a good way to find out what a layer does to its input: feed it an image that is 0
# everywhere, with a single 1. Every output is then *one* weight, namely the one that stood on the 1.
#
# The filter below holds the numbers 1 to 9, in reading order. **Predict:** which number stands in the
# top left corner of the map?

# %% [markdown] tags=["instructor"]
# Time: 8 min. Draw the first stop on the board: the window at the top left, and the 1 under its last
# tap.
#
# Tip: this is the only place in the course where the word cross-correlation matters. Say it once, and
# let it go.

# %%
dot = np.zeros((5, 5))
dot[2, 2] = 1
digits = np.arange(1.0, 10).reshape(3, 3)
turned = conv2d(*(torch.tensor(array)[None, None] for array in (dot, digits)))[0, 0].numpy()
guess = None
reveal(guess, int(turned[0, 0]))

# %% [markdown]
# ### Look at the whole map
#
# At the first stop the window covers rows 0 to 2 and columns 0 to 2, so the 1 lies under the *last*
# weight. At the last stop it lies under the first. The filter comes out turned by 180°.

# %%
plots.show_numbers(
    [dot, digits, turned],
    titles=["image", "filter", "map"],
    roles=["input", "weights", "output"],
    alt="An image of 5 by 5 zeros with a 1 in the middle, a filter with the numbers 1 to 9 in "
    "reading order, and the map, which holds the numbers 9 to 1.",
)

# %% [markdown]
# ### One word for two things
#
# In mathematics, **convolution** turns the filter by 180° first, so that a single 1 prints it
# upright. What we compute does not turn it, and is called **cross-correlation**. NumPy has both for
# rows of numbers; the next cell shows the difference.
#
# Every deep learning library computes cross-correlation and calls it convolution. It makes no
# difference to a network: its weights are learned, so it learns them the way they are used. It does
# make a difference when you type in a filter from a textbook, or carry weights from one program to
# another. From here on we say convolution as well, and mean the sum above. Do not turn your filters.

# %%
print("np.convolve: ", np.convolve([0, 0, 1, 0, 0], [1, 2, 3], "valid"))
print("np.correlate:", np.correlate([0, 0, 1, 0, 0], [1, 2, 3], "valid"))

# %% [markdown]
# ## How do six filters make a new image?
#
# One filter, one map. Six filters draw six maps, each with its own weights and its own bias, and we
# stack them: a volume of 6×28×28. The slides write 28×28×6 and call it a **new image**, one of depth
# 6. It has rows, columns and channels like any image, and the next layer can take it as its input.
#
# Images come in batches, so add an axis for them, too. The layer takes three arrays:
#
# | array | shape | for the layer on the slide |
# |---|---|---|
# | images `x` | $(N, C, H, W)$ | (2, 3, 32, 32) for two images |
# | filters `w` | $(F, C, k_H, k_W)$ | (6, 3, 5, 5) |
# | biases `b` | $(F,)$ | (6,) |
# | result | $(N, F, H', W')$ | (2, 6, 28, 28) |
#
# Image $n$ and filter $f$ give the map `out[n, f]`, and it depends on no other image and no other
# filter:
#
# $$\text{out}_{n,f,i,j} = \sum_{c,u,v} x_{n,c,\,i+u,\,j+v}\; w_{f,c,u,v} + b_f$$
#
# ### Two more arguments
#
# Real layers have two more settings. Lecture 05 is about nothing else; here is all you need to write
# them down.
#
# * **Padding** $p$ puts $p$ rows of zeros above and below each channel, and $p$ columns of zeros at its
#   left and right. `np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))` does it: one pair for each axis,
#   zeros before and after. Images and channels get none. Then go on with the padded image.
# * **Stride** $s$ is the step from one stop to the next, the same downward and to the right. Output
#   $(i, j)$ has its window's corner at row $i \cdot s$ and column $j \cdot s$ of the padded image.
#
# Fewer stops fit with a larger stride. The first stop, and as many whole steps as there is room for:
#
# $$H' = \left\lfloor \frac{H + 2p - k_H}{s} \right\rfloor + 1, \qquad
# W' = \left\lfloor \frac{W + 2p - k_W}{s} \right\rfloor + 1$$
#
# The brackets ⌊ ⌋ round down, as Python's `//` does. With $p = 0$ and $s = 1$ this is the
# $H - k_H + 1$ from above: 28 for 32 and 5.
#
# ### Exercise: conv2d_forward
#
# Take it in stages, and run the check after each of them.
#
# 1. *One output number.* Cut the chunk for stop (0, 0) out of `x[0]`, as above.
# 2. *One map.* Put the two loops around it, and write to `out[0, 0]`. The result has its four axes from
#    the start.
# 3. *All maps.* Loop over filters, too, and over images; or cut the chunk out of all images at once,
#    `x[:, :, …]` of shape (N, C, kH, kW), and sum over its last three axes with
#    `np.sum(…, axis=(1, 2, 3))`.
# 4. *Padding, then stride.*
#
# No ReLU: it is a step of its own, behind the layer.

# %% [markdown] tags=["instructor"]
# Time: 30 min with the exercise. Slide 38. The check gives points group by group: a layer for one
# image without padding is already worth something, so nobody should wait for the perfect version.
#
# Tip: let them get all groups without padding and stride right first. Who is stuck writes the seven
# shapes on paper: x, w, b, chunk, w[f], chunk * w[f], out.


# %% exercise="conv2d_forward"
def conv2d_forward(x, w, b, stride=1, padding=0):
    """Slide filters over images, one map for each filter: floats (N, F, H', W').

    x: images (N, C, H, W). w: filters (F, C, kH, kW), not turned around. b: biases (F,). All three
    stay as they are. stride: pixels from one window to the next, downward and to the right.
    padding: rows and columns of zeros on all four sides of every channel.
    H' is (H + 2·padding − kH) // stride + 1, and W' likewise.
    For example, two images (2, 3, 32, 32) and filters (6, 3, 5, 5) give (2, 6, 28, 28).
    """
    ### BEGIN SOLUTION
    kh, kw = w.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (padded.shape[2] - kh) // stride + 1
    columns = (padded.shape[3] - kw) // stride + 1
    out = np.zeros((len(x), len(w), rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            chunk = padded[:, :, top : top + kh, left : left + kw]  # (N, C, kH, kW)
            for f in range(len(w)):
                out[:, f, i, j] = np.sum(chunk * w[f], axis=(1, 2, 3)) + b[f]
    return out
    ### END SOLUTION


# %% check="conv2d_forward" points=5
check(conv2d_forward)

# %% [markdown]
# ### Does PyTorch agree?
#
# From here on `mine("conv2d_forward")` is *your* layer if its check has passed, and the course's until
# then. Give the same random numbers to it and to PyTorch, for eight settings.

# %%
conv = mine("conv2d_forward")
rng = np.random.default_rng(0)
images, filters, biases = rng.normal(size=(2, 3, 12, 9)), rng.normal(size=(6, 3, 5, 4)), np.ones(6)
tensors = [torch.tensor(array) for array in (images, filters, biases)]
agreed = 0
for stride, padding in ((1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (1, 2), (2, 2), (3, 3)):
    theirs = conv2d(*tensors, stride=stride, padding=padding).numpy()
    agreed += np.allclose(conv(images, filters, biases, stride, padding), theirs)
print(f"{agreed} of 8 settings agree")

# %% [markdown]
# ### Watch your layer work
#
# The stepper again, and now its output is computed by `mine("conv2d_forward")`. Each number is compared
# with the sum; one that differs is marked. Try this:
#
# 1. Edit the pixel in the middle of channel 1, and then of channel 3. How many outputs change?
# 2. Edit the weights until the map is a copy of the middle of one channel.
# 3. Set all weights to 0, and then the bias to 2. What does the map show?
# 4. Break your layer on purpose: copy your function into a new cell, leave out the bias, name it
#    `broken`, and run `ConvolutionStepper(rim, bias=1, forward=broken)`.
#
# <details><summary>What did you find?</summary>
#
# All nine windows read the pixel in the middle, each with another weight. Of the weights in channel 1
# six are not 0, so six outputs change; in channel 3 it is one. A single weight of 1, in the middle of
# one channel, and a bias of 0 copy the 3×3 pixels in the middle. With weights of 0 each output is the
# bias. Without the bias all nine outputs differ.
# </details>

# %%
ConvolutionStepper(rim, bias=1, position=(1, 2), forward=conv)

# %% [markdown]
# ## What can one filter do to a photograph?
#
# Long before networks learned filters, people made them by hand. Three classics:
#
# $$\text{blur: } \frac{1}{49}\begin{pmatrix} 1 & \cdots & 1 \\ \vdots & & \vdots \\ 1 & \cdots & 1
# \end{pmatrix} \qquad
# \text{edges: } \frac{1}{4}\begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix} \qquad
# \text{sharpen: } \begin{pmatrix} 0 & -1 & 0 \\ -1 & 5 & -1 \\ 0 & -1 & 0 \end{pmatrix}$$
#
# * Blur has 7×7 equal weights: the mean of what the window sees.
# * Edges (Sobel and Feldman, 1968): what is right, less what is left. On its side: below, less above.
# * Sharpen: five times the pixel, less its four neighbors.
#
# **Predict:** part of the sky is even, every pixel 0.5. What does *sharpen* make of it?

# %% [markdown] tags=["instructor"]
# Time: 11 min. Let the room say what a filter will do from its nine numbers, before the picture.
#
# Tip: first ask for the sum of the weights. 1 keeps even areas as they are, 0 makes them black.

# %%
guess = None
reveal(guess, 0.5 * (5 - 4))

# %% [markdown]
# ### Let your layer look
#
# On an even area the filter gives the pixel times the *sum of its weights*. It is 1 for blur and
# sharpen, so even areas stay. It is 0 for the edge filter, so even areas vanish and only change is
# left.
#
# Here they are on a photograph. An edge is a large number when it gets brighter to the right, and a
# large negative one when it gets darker; the picture shows the size without the sign. The last
# panel puts both directions together, $\sqrt{e_1^2 + e_2^2}$.

# %%
photo = photograph("camera", size=112) / 255
edge = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4
sharpen = np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])
kernels = {"blur": np.full((7, 7), 1 / 49), "sharpen": sharpen}
kernels |= {"left to right": edge, "top to bottom": edge.T}
maps = {name: conv(photo[None, None], k[None, None], np.zeros(1)) for name, k in kernels.items()}
maps["both directions"] = np.hypot(maps["left to right"], maps["top to bottom"])
print(f"computed with {conv}")
plots.show_grid(
    [photo, *(np.abs(out[0, 0]).clip(0, 1) for out in maps.values())],
    titles=["photograph", *maps],
    columns=3,
    alt="A photographer behind a tripod in six panels: as he is; blurred; sharpened; bright upright "
    "outlines on black; bright level outlines on black; and all outlines together.",
)

# %% [markdown]
# Find the upright edge of his leg, near the bottom: one of the two edge filters sees it, the other does
# not. And compare the shapes: the larger the filter, the more of the rim is lost.
#
# Two things are new in a ConvNet. Nobody types its filters in; it *learns* them, and first layers often
# come out as edge filters again. And its filters go through depth. In the second layer a filter
# combines the maps of the first, and so finds edges that meet in a corner, or lines that make a grid.
#
# ## How much work is a layer?
#
# Sharing saves weights. It does not save work: each output number still takes its own sum. Count the
# **multiply-adds**, a multiplication and the addition after it, as one. The addition of the bias we
# leave out.
#
# One output of the layer above multiplies $3 \cdot 5 \cdot 5 = 75$ pairs. There are
# $6 \cdot 28 \cdot 28 = 4{,}704$ outputs, so one image costs
#
# $$4{,}704 \cdot 75 = 352{,}800$$
#
# multiply-adds. Behind it comes a layer of ten 5×5 filters. It takes the 6×28×28 volume, and its maps
# are 24×24. **Predict:** how many multiply-adds does *this* layer need?

# %% [markdown] tags=["instructor"]
# Time: 9 min with the exercise. Keep three counts apart on the board: neurons 4,704, parameters 456,
# multiply-adds 352,800.
#
# Tip: 144,000 forgets the depth, 86,400 counts one filter, 432,000 keeps the old depth of 3.

# %%
guess = None
reveal(guess, 10 * 24 * 24 * 6 * 5 * 5)

# %% [markdown]
# ### Exercise: conv2d_macs
#
# More than twice as much, 864,000, though the image got smaller: the filters now go through six
# channels, and there are ten of them. In general, $F$ filters of $C \cdot k \cdot k$ weights that
# draw maps of $H' \times W'$ need
#
# $$F \cdot H' \cdot W' \cdot C \cdot k \cdot k$$
#
# Mind the word FLOPs in papers. Some count a multiply-add as one operation, others as two.


# %% exercise="conv2d_macs"
def conv2d_macs(in_channels, out_channels, kernel_size, out_size):
    """Multiply-adds of a convolution on one image: a whole number (int).

    in_channels: depth of the input. out_channels: how many filters. kernel_size: one number, the
    kernel is square. out_size: (height, width) of the output. Biases are not counted.
    For example, conv2d_macs(3, 6, 5, (28, 28)) is 352800.
    """
    ### BEGIN SOLUTION
    height, width = out_size
    return in_channels * kernel_size**2 * out_channels * height * width
    ### END SOLUTION


# %% check="conv2d_macs" points=1
check(conv2d_macs)

# %% [markdown]
# ### How often does each weight work?
#
# Compare the first layer's 450 weights with its 352,800 multiply-adds. Your function counts, for
# smaller and larger images.

# %%
work = mine("conv2d_macs")
for side in (32, 64, 224):
    out_side = side - 5 + 1
    macs = work(3, 6, 5, (out_side, out_side))
    print(f"{side}×{side} pixels: {macs:,} multiply-adds, each weight used {macs // 450:,} times")

# %% [markdown]
# Each weight is used once at every stop. So the work grows with the area of the image, and the weights
# stay what they are.
#
# ## How do loops become one product?
#
# Your layer is right, and slow: Python runs the loops, one stop after the other. But every stop does
# the same, it multiplies a window by the filters. Many sums of products at once are what a *matrix
# product* is, and for that computers have the fastest code there is.
#
# So write each window as one **column** of numbers, in the order of `w[f].ravel()`: channel by
# channel, row by row. Write each filter as one **row** in the same order. Then
#
# $$\underbrace{(F,\; C k_H k_W)}_{\text{filters}} \;\cdot\;
# \underbrace{(C k_H k_W,\; H' W')}_{\text{windows}} \;=\; \underbrace{(F,\; H' W')}_{\text{maps}}$$
#
# Row times column is the sum over $c$, $u$ and $v$. Making the columns is known as **im2col**, image
# to columns (Chellapilla, Puri and Simard, 2006). Here for one image of 3×3 pixels and one filter of
# 2×2: four windows, four columns. Find the window at the bottom right in the last column.

# %% [markdown] tags=["instructor"]
# Time: 25 min with the exercise. Build the columns of the 3×3 image on the board, one window at a time,
# before showing the picture.
#
# Tip: the trap is the one of lecture 03. A reshape without moving axes gives the right shape and wrong
# columns; the check says so.

# %%
small, kernel = np.arange(1.0, 10).reshape(3, 3), np.array([[1.0, 0], [0, 1]])
columns = np.array([small[i : i + 2, j : j + 2].ravel() for i in (0, 1) for j in (0, 1)]).T
plots.show_numbers(
    [small, kernel.reshape(1, 4), columns, kernel.reshape(1, 4) @ columns],
    titles=["image", "filter", "columns", "map, flat"],
    roles=["input", "weights", "input", "output"],
    alt="An image with the numbers 1 to 9, a filter as the row 1, 0, 0, 1, four columns with the "
    "four windows of the image, and the map as the row 6, 8, 12, 14.",
)

# %% [markdown]
# ### Get all windows without a loop
#
# NumPy's `sliding_window_view(array, kernel_shape, axis)` returns all windows at once. It copies
# nothing, and only says where in memory each window lies. The axes of the places come first, the axes
# inside of the windows are put at the end. On the 3×3 image, the window at place (1, 1) should be the
# last column from above.
#
# For a batch, `sliding_window_view(x, (kH, kW), axis=(2, 3))` has the shape
# $(N, C, H', W', k_H, k_W)$, for stride 1. A stride takes every $s$-th place:
# `windows[:, :, ::s, ::s]`.

# %%
windows = sliding_window_view(small, (2, 2), axis=(0, 1))
print(windows.shape, windows[1, 1].ravel())

# %% [markdown]
# ### What does it cost?
#
# A pixel in the middle of the image lies in 25 windows of 5×5, and is written into 25 columns.
# **Predict:** one image of the layer above has 3 · 32 · 32 = 3,072 numbers. How many do its columns
# hold?

# %%
guess = None
reveal(guess, 75 * 784)

# %% [markdown]
# ### Exercise: conv2d_im2col
#
# 75 · 784 = 58,800, nineteen times as many as the image. We pay with memory for speed.
#
# Return the maps and the columns. Four steps:
#
# 1. Pad, and take the windows with their stride: $(N, C, H', W', k_H, k_W)$.
# 2. A column runs through $C$, $k_H$ and $k_W$, so these axes have to stand side by side. *Move* the
#    axes with `transpose` to $(N, C, k_H, k_W, H', W')$. Only then cut with `reshape` to
#    $(N, C k_H k_W, H' W')$. In lecture 03 you saw what a reshape alone would do.
# 3. Filters as rows: `w.reshape(F, -1)`. Multiply with `@`, which treats each image of the batch by
#    itself. Then the biases, one for each *row*: `b[:, np.newaxis]` has the shape (F, 1).
# 4. Cut the flat maps into rows again: $(N, F, H', W')$.


# %% exercise="conv2d_im2col"
def conv2d_im2col(x, w, b, stride=1, padding=0):
    """Convolve by one matrix product of filters and windows: a pair (out, columns).

    x, w, b, stride, padding, and out (N, F, H', W'): as in conv2d_forward.
    columns: (N, C·kH·kW, H'·W'), one window of the padded image in each column. Windows follow one
    another row by row; the numbers of a window stand in the order of w[f].ravel().
    For example, the image [[[[1, 2, 3]]]] and the filter [[[[1, 10]]]] with bias 0 have the columns
    [[[1, 2], [2, 3]]] and give [[[[21, 32]]]].
    """
    ### BEGIN SOLUTION
    n, c, (f, _, kh, kw) = len(x), x.shape[1], w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    rows, places = windows.shape[2:4]
    columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * kh * kw, rows * places)
    out = w.reshape(f, -1) @ columns + b[:, np.newaxis]
    return out.reshape(n, f, rows, places), columns
    ### END SOLUTION


# %% check="conv2d_im2col" points=4
check(conv2d_im2col)

# %% [markdown]
# ### Which is faster, and by how much?
#
# Eight images go through the layer of the slide, 2.8 million multiply-adds: once in plain loops, one
# output number after the other (the course's, so that the race is the same for everybody), once as
# one product, once in PyTorch. **Predict:** the multiplications are the same ones. How many times as
# long do the loops take?
#
# The first cell lets each run three times, keeps its best time, and asks whether product and PyTorch
# agree. The second one draws the times. It comes without its picture, since times belong to the
# machine that measures them: run it on yours. Then put your own `conv2d_forward` into the race.

# %%
tensors = [torch.tensor(rng.normal(size=shape)) for shape in ((8, 3, 32, 32), (6, 3, 5, 5), (6,))]
arrays = [tensor.numpy() for tensor in tensors]


def milliseconds(layer, inputs):
    """Shortest of three runs."""
    return round(1000 * min(repeat(lambda: layer(*inputs), number=1, repeat=3)), 2)


product = mine("conv2d_im2col")
times = {"loops": milliseconds(layers.conv2d_forward_loops, arrays)}
times |= {"one product": milliseconds(product, arrays), "PyTorch": milliseconds(conv2d, tensors)}
print("the same as PyTorch:", np.allclose(product(*arrays)[0], conv2d(*tensors)))
print("at least five times as fast as loops:", times["loops"] > 5 * times["one product"])

# %% tags=["timed"]
plots.plot_bars(
    times,
    x_label="milliseconds for eight images, on this machine",
    title=f"{product}: {times['loops'] / times['one product']:.0f} times as fast as loops",
    alt="Bars of three times: that of the loops is long, those of one product and of PyTorch are "
    "too short to be seen beside it.",
)

# %% [markdown]
# The same multiplications, the same sums, the same result. What the loops lose, they lose in Python,
# between the sums. Libraries go further: they cut the columns into blocks that fit into the processor's
# cache, or build them while they multiply, and never store them all (Chetlur et al., 2014).
#
# ## Where does a network keep its numbers?
#
# A ConvNet is a sequence of such layers, with a ReLU behind each. The new image of one is the input of
# the next, so the depth of its filters is decided: it is the number of filters in the layer before.
#
# **Predict:** behind the 6×28×28 volume come ten 5×5 filters. What shape has the next volume? Write a
# list of three numbers: depth, rows, columns.

# %% [markdown] tags=["instructor"]
# Time: 12 min. Slides 36 and 39. Let the room propose the next layer of the sequence, and type it in.
#
# Tip: ask where a network on your telephone should be made smaller: the file, the memory, or the time?
# The figure shows that these are three different answers.

# %%
guess = None
reveal(guess, [10, 24, 24])

# %% [markdown]
# ### Stack layers
#
# Ten filters make ten maps, and each loses four rows and four columns: 10×24×24. The cell builds the
# whole sequence with random filters. Look at the second axis of each `w`. Then put a layer of your
# own into the list, as a pair of filters and kernel size. How many layers of 5×5 can you stack before
# nothing is left?
#
# <details><summary>Open this after you have tried.</summary>
#
# Each layer of 5×5 takes four rows and four columns away: 28, 24, 20, 16, 12, 8, 4. After seven layers
# the volume is 4×4, and no window fits anymore. Padding prevents that (lecture 05).
# </details>

# %%
volume = photograph("coffee", size=32).transpose(2, 0, 1)[None] / 255
print("image", volume.shape)
for filter_count, kernel_size in [(6, 5), (10, 5), (16, 3)]:
    w = rng.normal(size=(filter_count, volume.shape[1], kernel_size, kernel_size)) / 10
    volume = np.maximum(conv(volume, w, np.zeros(filter_count)), 0)
    print("w", w.shape, "→ volume", volume.shape)

# %% [markdown]
# ### Walk through a typical network
#
# VGG-16 (Simonyan and Zisserman, 2014) is the pattern at its clearest. All convolutions are 3×3 with
# padding 1, which keeps the size. Between the groups a pooling (lecture 07) halves rows and columns. At
# the end, fully connected layers turn the last volume into 1000 scores, one for each class.
#
# ```text
# image                                3×224×224
# conv 64,  conv 64,              pool   64×112×112
# conv 128, conv 128,             pool   128×56×56
# conv 256, conv 256, conv 256,   pool   256×28×28
# conv 512, conv 512, conv 512,   pool   512×14×14
# conv 512, conv 512, conv 512,   pool   512×7×7
# fully connected 4096, 4096, 1000
# ```
#
# There are sixteen layers with weights; count them from 1. **Predict:** which of them has the most
# parameters?

# %%
guess = None
reveal(guess, 14)

# %% [markdown]
# ### Look at all three costs
#
# For every layer with weights: its share of all parameters, of the memory that one image's volumes
# take, and of the multiply-adds. The cell builds the network without its weights, on PyTorch's "meta"
# device, which keeps only shapes.

# %%
with torch.device("meta"):
    table = models.architecture_table(models.vgg16(), (3, 224, 224))
weighted = table.of_kind("Conv2d", "Linear")
words = {"Conv2d": "convolution", "Linear": "fully connected"}
plots.plot_shares(
    [f"{words[layer.kind]} {n}" for n, layer in enumerate(weighted, start=1)],
    {
        "parameters": [layer.parameters for layer in weighted],
        "memory": [layer.memory for layer in weighted],
        "multiply-adds": [layer.macs for layer in weighted],
    },
    alt="Shares of the sixteen layers of VGG-16. Parameters: 74 percent in layer 14. Memory: 24 "
    "percent in each of layers 1 and 2, then less and less. Multiply-adds: spread over layers 2 to 13.",
)

# %% [markdown]
# Three costs, three places. **Parameters sit at the end**: layer 14 connects each of its 4096 neurons
# with all 512 · 7 · 7 = 25,088 numbers, which makes 103 million weights. **Memory sits at the front**,
# where the volumes are large. **Work sits in the convolutions**, in all of them but the first.
#
# ### Recompute a famous sum
#
# The notes of Stanford's CS231n list the volumes of this network one by one. As their total they give
# 24 million numbers, or 93 MB for one image at four bytes a number. Many others have copied it. Is it
# so? Let the table add up, poolings and image included.
#
# <details><summary>Open this after you have run the cell.</summary>
#
# The list in the notes is right, its sum is not: 15.2 million numbers, 61 MB (or 58 MiB, in units of
# 1,048,576 bytes). Adding up takes a minute, and it is always worth it.
# </details>

# %%
print(f"volumes of one image: {table.memory // 4:,} numbers, {table.memory / 1e6:.0f} MB")
print(f"parameters: {table.parameters:,} numbers, {4 * table.parameters / 1e6:.0f} MB")

# %% [markdown]
# Parameters are stored once, volumes once for *each image* of a batch. When a network only answers, a
# volume can go as soon as the next one is there. Training needs them all again on the way back (lecture
# 06). From ten images on, VGG-16's volumes outweigh its 138 million parameters.
#
# ### Is this pattern typical?
#
# Compare three networks: which part of the parameters is in fully connected layers, and which part of
# the work is in convolutions? ResNet averages each of its last maps down to one number before its only
# fully connected layer.

# %%
for build in (models.alexnet_2012, models.vgg16, models.resnet34):
    with torch.device("meta"):
        net = models.architecture_table(build(), models.INPUT_SHAPES[build])
    full = net.of_kind("Linear").parameters / net.parameters
    moved = net.of_kind("Conv2d").macs / net.macs
    print(f"{build.__name__}: {full:.1%} of the parameters, {moved:.1%} of the work")

# %% [markdown]
# In the classics nearly all parameters are in the fully connected layers: 96.2 % in AlexNet. ResNet
# shows that it need not be so. The work has always been in the convolutions.
#
# ## What do you take along?
#
# * A filter slides over rows and columns, always at full depth. One stop, one number; one filter, one
#   map; six filters, a new image of depth 6.
# * What networks compute is cross-correlation: the filter is not turned around. Everybody calls it
#   convolution.
# * The sum of its weights says what a filter does to even areas: 1 keeps them, 0 leaves only edges.
# * A layer needs $F \cdot H' \cdot W' \cdot C \cdot k \cdot k$ multiply-adds. As one matrix product of
#   filters and columns it runs many times as fast as in loops, and takes more memory.
# * In the classic networks parameters are at the end, memory at the front, and the work in the
#   convolutions.
#
# Which of the three exercises have you passed? `from coursekit import progress; progress("04")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 5 min. A color image of 224×224 meets 64 filters of 7×7, without padding. Let the room say the
# shape of the weights, the shape of the output, and the multiply-adds.
#
# Tip: (64, 3, 7, 7), 64×218×218, and 64 · 218 · 218 · 147 = 447,105,792.

# %% [markdown]
# ### Open questions
#
# <details><summary>What does im2col do for a 1×1 kernel with stride 1?</summary>
#
# Nothing. Each window is one pixel at full depth, so the image itself, reshaped to $(C, HW)$, is the
# matrix of columns. A 1×1 convolution *is* a matrix product, which is one reason why modern networks
# like it.
# </details>
#
# <details><summary>Could VGG's layer 14 be a convolution?</summary>
#
# Yes, with 4096 filters of 7×7 on the 512×7×7 volume. There is only one stop, and the weights are the
# same 512 · 7 · 7 · 4096. Written so, the network can take larger images, and gives a map of scores.
# </details>
#
# <details><summary>Can one know the edge filter's answer without computing nine products?</summary>
#
# It is a column $(1, 2, 1)$ times a row $(-1, 0, 1)$. So two passes with three weights each do the
# work of nine. A blur splits in the same way; most learned filters do not.
# </details>
#
# ### Further reading
#
# * LeCun, Bottou, Bengio and Haffner (1998), [Gradient-based learning applied to document
#   recognition](https://doi.org/10.1109/5.726791): LeNet-5, a whole ConvNet that read checks, layer by
#   layer.
# * Canny (1986), [A computational approach to edge
#   detection](https://doi.org/10.1109/TPAMI.1986.4767851): how far one gets with filters made by hand
#   and thought through.
# * Chellapilla, Puri and Simard (2006), [High performance convolutional neural networks for document
#   processing](https://inria.hal.science/inria-00112631): the matrix product, when it was new.
# * Chetlur et al. (2014), [cuDNN: efficient primitives for deep
#   learning](https://arxiv.org/abs/1410.0759): the same product on a GPU, without storing the columns.
# * Karpathy and others (2015), [CS231n notes on convolutional
#   networks](https://cs231n.github.io/convolutional-networks/): with an animated convolution, and the
#   list of VGG's volumes to add up.
#
# **Next:** lecture 05 takes up the two arguments you have met in passing: stride and padding.
