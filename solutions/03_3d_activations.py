# %% [markdown]
# # Neurons in a volume
#
# A ConvNet is a neural network with two changes: its activations are arrays with three axes, and
# its neurons share their weights. This lecture makes both changes, one after the other. **At the end
# you hold four functions of your own: one neuron, a column of neurons, a layer in which nobody
# shares, and a count that shows how sharing turns 14,455,392 numbers to learn into 456.**
#
# You will learn to
#
# * compute what one neuron of a volume puts out, by hand and in NumPy;
# * build a column of neurons, and a whole volume out of columns;
# * tell convolution, locally connected and fully connected layers apart, and count their parameters;
# * test whether a layer's output moves along when the picture moves;
# * read a weight's index in PyTorch's and in TensorFlow's order.
#
# You need to know what a neuron is (a weighted sum, a bias, a ReLU), and that a color image is an
# array of shape (3, height, width) (lecture 02). The lecture takes about 105 minutes with its four
# exercises. All cells together run in under half a minute on a laptop's CPU.
#
# Run the next cell first. It loads the tools and a photograph of 32×32 pixels, in hundredths from
# 0 to 1, so that you can redo every sum.

# %% [markdown] tags=["instructor"]
# Time: 2 min. Put the first sentence on the board and leave it there: two changes, and today makes
# both of them.
#
# Tip: ask who can say how many weights a fully connected layer on a 32×32 color image has per
# neuron. The 3,072 is needed twice today.

# %%
import numpy as np
import torch
from torch.nn.functional import conv2d

from coursekit import check, mine, models, plots
from coursekit.data import photograph
from coursekit.predictions import reveal
from coursekit.widgets import VolumeExplorer, WeightIndex

image = (photograph("coffee", size=32) / 255).round(2).transpose(2, 0, 1)
print(image.shape, image.size)

# %% [markdown]
# ## What does one neuron see?
#
# So far a network took vectors. To feed it this photograph, you would write its 3,072 numbers into
# one long row, and every neuron of the next layer would look at all of them. Lecture 02 has shown
# what gets lost: in the long row nobody knows anymore which pixels were neighbors.
#
# The first change: leave the image as it is, a **volume** of 3×32×32 numbers, and let the next layer
# be a volume as well.
#
# ```text
# before   3072 numbers in a row   →   neurons in a row   →   scores in a row
# now      a volume 3×32×32        →   a volume 6×28×28   →   …
# ```
#
# A volume's first axis is its **depth**. The image has depth 3, its three channels. (A network has a
# depth, too: how many layers follow one another. Ask "depth of what?" whenever you read the word.)
#
# ### Look at one neuron
#
# A neuron of the new layer does not see everything. It sees a **chunk** of the input: 5 rows and 5
# columns, and always the *full depth*, so 3×5×5 numbers. For each of them it has a weight of its own.
#
# Below stand both volumes. The orange box is the chunk, the black square is the neuron. Click
# somewhere else in the output, or move with the arrow keys, and watch the chunk follow. Leave the three
# boxes at the top alone for now; their turn comes.

# %% [markdown] tags=["instructor"]
# Time: 16 min with the exercise. Draw the box of the input and the box of the output on the board,
# then one neuron as a dot in the second box, and its chunk in the first.
#
# Tip: the most common wrong answer to the prediction is 25. The neuron looks through all three
# channels; a "5×5 filter" is 3×5×5, and nobody writes the 3.

# %%
VolumeExplorer(image, neurons=1, position=(0, 19, 5))

# %% [markdown]
# **Predict:** how many numbers does this one neuron have to learn, its bias included?

# %%
guess = None
reveal(guess, 3 * 5 * 5 + 1)

# %% [markdown]
# ### Write down the sum
#
# Call the place where the neuron looks $r$, for "region". Its chunk is $x^r$, its weights are $W$,
# its bias is $b$. Then its output is
#
# $$h^r = \sum_{i} \sum_{j} \sum_{k} x^r_{ijk}\, W_{ijk} + b$$
#
# Here $i$ counts the channels, $j$ the rows and $k$ the columns of the chunk. It is one sum over
# three axes: every number of the chunk times the weight at the same place, all added up. The bias
# comes in once. There are 75 weights, one bias, and *one* number comes out.
#
# Check it on the picture's numbers. The neuron's chunk starts at row 19 and column 5. Its weights are
# negative on the left and positive on the right: it looks for places that get brighter.

# %%
chunk = image[:, 19:24, 5:10]
weights = np.tile([-0.2, -0.2, 0.0, 0.2, 0.2], (3, 5, 1))
parts = (chunk * weights).sum(axis=(1, 2))
print("by channel:", parts.round(2), "together:", parts.sum().round(2))

# %% [markdown]
# ### Exercise: neuron_output
#
# These are the three channel sums and the result that the picture shows beside its volumes. Now
# write the neuron as a function, for a chunk of any shape. No ReLU yet; it has its place in the
# next section.


# %% exercise="neuron_output"
def neuron_output(chunk, weights, bias):
    """Output of one neuron, before its ReLU: one number.

    chunk: what it sees, (C, kH, kW). weights: (C, kH, kW), one for each number of the chunk.
    bias: one number.
    For example, a chunk of 75 ones with weights of 2 and a bias of 1 gives 151.0.
    """
    ### BEGIN SOLUTION
    return float(np.sum(chunk * weights) + bias)
    ### END SOLUTION


# %% check="neuron_output" points=1
check(neuron_output)

# %% [markdown]
# ## What does a second neuron add?
#
# One neuron looks for one thing. So let a second one look at the *same* chunk, with its own weights
# and its own bias:
#
# $$h^r_1 = \sum_{ijk} x^r_{ijk}\, W_{1,ijk} + b_1 \qquad\qquad h^r_2 = \sum_{ijk} x^r_{ijk}\, W_{2,ijk} + b_2$$
#
# Behind each of them stands a **ReLU**, as in any network: $\max(0, h)$, which lets positive numbers
# through and turns negative ones into 0. Each neuron has its own, and it sees nothing but its $h$.
#
# **Predict:** both biases are 0, and the second neuron's weights are the first one's times −1. After
# the ReLU, how many of the two outputs can be larger than 0 at the same place?

# %% [markdown] tags=["instructor"]
# Time: 14 min with the exercise. Let the room name things that neurons at one place could look for:
# edges, colors, brightness.
#
# Tip: whoever says 2 forgot that both see the same chunk. This pair comes back in trained networks:
# first layers often hold a filter and its negative.

# %%
guess = None
reveal(guess, 1)

# %% [markdown]
# ### Stack them into a column
#
# One at most: $h^r_2 = -h^r_1$, and a number and its negative are never both above 0. One neuron
# says how much brighter it gets from left to right, the other how much darker. Neither could say both.
#
# Nothing stops at two. $D$ neurons that see one chunk put out $D$ numbers, and we write them behind
# one another, along the depth of the output: a **column** of shape $D \times 1 \times 1$.
#
# Keep their weights together, too. One neuron has an array (3, 5, 5), so $D$ neurons have an array
# with *four* axes: `w` of shape $(D, 3, 5, 5)$, where `w[d]` belongs to neuron $d$. The biases are
# `b` of shape $(D,)$.
#
# ### Exercise: neuron_column
#
# Return the $D$ numbers of a column. You may call your own `neuron_output`.


# %% exercise="neuron_column"
def neuron_column(chunk, weights, biases):
    """Outputs of D neurons that see the same chunk, before their ReLUs: an array (D,).

    chunk: (C, kH, kW). weights: (D, C, kH, kW), those of neuron d are weights[d]. biases: (D,).
    For example, a chunk of 75 ones, weights of shape (2, 3, 5, 5) that are all 1, and the biases
    0 and 5 give [75., 80.].
    """
    ### BEGIN SOLUTION
    return np.array([np.sum(chunk * w) + b for w, b in zip(weights, biases, strict=True)])
    ### END SOLUTION


# %% check="neuron_column" points=2
check(neuron_column)

# %% [markdown]
# ### Let six neurons look
#
# The pictures of this lecture use six hand-made neurons. Number 0 is the one you know. The others
# look for edges from top to bottom, for bright spots, for red, for edges along a diagonal, and for
# brightness. The cell takes their weights out of the explorer.

# %%
layer = VolumeExplorer(image).volume()
w, b = layer.filters, layer.biases
column = mine("neuron_column")(chunk, w, b)
print(w.shape, b.shape, column.round(2), np.maximum(column, 0).round(2))

# %% [markdown]
# ## What happens at the next place?
#
# One column knows what is at one place. Now repeat it across the input: one pixel to the right, and
# so on through the row; then the next row. A chunk of 5 columns can start at columns 0 to 27, so
# there are 28 places in a row, and 28 rows of them. (Lecture 05 moves in larger steps and beyond the
# edge.)
#
# **Predict:** with 6 neurons at every place, how many neurons does the layer have?

# %% [markdown] tags=["instructor"]
# Time: 20 min with the exercise. This is the hinge of the lecture. Ask "whose weights does the
# neuron next door use?" and let them argue before you name the two answers.
#
# Tip: the exercise's six axes frighten. Read the shape aloud together: for each map, for each place,
# one chunk's worth of weights.

# %%
guess = None
reveal(guess, 28 * 28 * 6)

# %% [markdown]
# ### Whose weights does the neighbor use?
#
# The columns together are a volume of $6 \times 28 \times 28$: 4,704 neurons. And here is the
# question on which everything depends. The neuron next door sees another chunk. Which weights does it
# have?
#
# * **Its own.** Every neuron learns its own 75 weights and its own bias. The layer is **locally
#   connected**.
# * **The same.** All the neurons in one slice of the output share one set of weights and one bias.
#   This is **weight sharing**, the second change, and the layer is a **convolution**.
#
# In both, a neuron sees nothing but its chunk. In a **fully connected** layer it would see the whole
# volume.
#
# ### Exercise: locally_connected_forward
#
# Build the first of them. The weights of neuron (f, i, j) are `w[f, i, j]`, an array (C, kH, kW), so
# `w` has six axes: map, row and column of the neuron, then channel, row and column in its chunk.
# `x` holds N images at once. The chunk of neuron (f, i, j) starts at row i and column j, whatever f
# is.


# %% exercise="locally_connected_forward"
def locally_connected_forward(x, w, b):
    """Weight each chunk of the images with weights of its own: floats (N, F, H', W').

    x: images (N, C, H, W). w: (F, H', W', C, kH, kW). b: (F, H', W'), one bias for each neuron.
    Neuron (f, i, j) sees rows i to i + kH and columns j to j + kW (ends excluded) of all channels.
    For example, one image of ones (1, 1, 2, 2), the 1×1 weights 0, 1, 2, 3 of its four places and
    biases of 0 give [[[[0., 1.], [2., 3.]]]].
    """
    ### BEGIN SOLUTION
    maps, rows, columns, _, kh, kw = w.shape
    out = np.zeros((len(x), maps, rows, columns))
    for i in range(rows):
        for j in range(columns):
            chunks = x[:, :, i : i + kh, j : j + kw]  # (N, C, kH, kW)
            for f in range(maps):
                out[:, f, i, j] = np.sum(chunks * w[f, i, j], axis=(1, 2, 3)) + b[f, i, j]
    return out
    ### END SOLUTION


# %% check="locally_connected_forward" points=3
check(locally_connected_forward)

# %% [markdown]
# ### Now share
#
# What if all neurons of a map happen to have the same weights? Repeat `w[f]` at each of the 28×28
# places, and let your locally connected layer run. PyTorch's `conv2d` gets the six sets of weights
# once. Are the results the same?

# %%
local = mine("locally_connected_forward")
repeated = np.broadcast_to(w[:, None, None], (6, 28, 28, 3, 5, 5))
ours = local(image[None], repeated, np.broadcast_to(b[:, None, None], (6, 28, 28)))
theirs = conv2d(*(torch.tensor(array) for array in (image[None], w, b)))
print("the same:", np.allclose(ours, theirs), ours.shape)

# %% [markdown]
# ## How many numbers does each kind learn?
#
# So **a convolution is a locally connected layer whose neurons agree.** What is the agreement worth?
#
# Take the layer of the picture: 3×32×32 in, 6×28×28 out, chunks of 3×5×5. All three kinds have
# 4,704 neurons. They differ in how many *parameters* they learn: weights and biases. Neurons are
# values that are computed, parameters are values that are learned; do not mix them up.
#
# **Predict:** how many parameters does the convolution have?

# %% [markdown] tags=["instructor"]
# Time: 14 min with the exercise. Collect the votes for all three kinds before revealing one.
#
# Tip: 450 forgets the biases, 156 the depth, and 357,504 is the locally connected layer.

# %%
guess = None
reveal(guess, 6 * (3 * 5 * 5 + 1))

# %% [markdown]
# ### Count the three kinds
#
# One set of weights holds $C \cdot k \cdot k$ numbers and a bias, for $C$ input channels and chunks
# $k$ wide. Then ask how often there is such a set:
#
# | kind | sets | numbers in a set |
# |---|---|---|
# | convolution | one for each slice: $F$ | $C \cdot k \cdot k + 1$ |
# | locally connected | one for each neuron: $F \cdot H' \cdot W'$ | $C \cdot k \cdot k + 1$ |
# | fully connected | one for each neuron: $F \cdot H' \cdot W'$ | $C \cdot H \cdot W + 1$ |
#
# $F$ is the number of slices in the output, $H \times W$ the size of the input, and $H' = H - k + 1$
# and $W' = W - k + 1$ that of the output. For the layer above the first row gives
# $6 \cdot (75 + 1) = 456$.
#
# **Exercise.** Write all three as `parameter_count`. In a fully connected layer the kernel only
# decides how large the output is.


# %% exercise="parameter_count"
def parameter_count(kind, in_shape, out_channels, kernel_size):
    """Weights and biases of a layer: a whole number (int).

    kind: "convolution", "locally connected" or "fully connected". in_shape: (C, H, W) of the input.
    out_channels: slices of the output. kernel_size: width and height of a chunk, in pixels. Stride
    1 and no padding: the output is (out_channels, H − kernel_size + 1, W − kernel_size + 1).
    For example, parameter_count("convolution", (3, 32, 32), 6, 5) is 456.
    """
    ### BEGIN SOLUTION
    channels, height, width = in_shape
    places = (height - kernel_size + 1) * (width - kernel_size + 1)
    chunk = channels * kernel_size * kernel_size
    if kind == "convolution":
        return out_channels * (chunk + 1)
    if kind == "locally connected":
        return out_channels * places * (chunk + 1)
    return out_channels * places * (channels * height * width + 1)
    ### END SOLUTION


# %% check="parameter_count" points=3
check(parameter_count)

# %% [markdown]
# ### Compare them, and let the image grow
#
# First the three numbers of the layer above. Then the same layer on larger and larger images. Mind
# the axis at the left: each line up is ten times more.

# %%
count = mine("parameter_count")
kinds = ("convolution", "locally connected", "fully connected")
widths = range(8, 225, 8)
print({kind: f"{count(kind, (3, 32, 32), 6, 5):,}" for kind in kinds})
axes = plots.plot_curves(
    {kind: (widths, [count(kind, (3, width, width), 6, 5) for width in widths]) for kind in kinds},
    x_label="width and height of the image (pixels)",
    y_label="parameters",
    title=f"counted with {count}",
    alt="Parameters against image size on a logarithmic scale: the convolution stays at 456, the "
    "locally connected layer rises to about 22 million and the fully connected to 44 billion.",
)
axes.set_yscale("log")
axes

# %% [markdown]
# The convolution does not care how large the image is. At 224 pixels, a common size, the fully
# connected layer would need 44 billion numbers, more than most machines can hold.
#
# ### See what was saved
#
# Any such layer is one matrix: a row for each neuron, a column for each number of the input. Below,
# 16 neurons on a gray image of 6×6 pixels, with chunks of 3×3. Gray levels are weights, black is "no
# weight here".
#
# The first matrix holds 16 · 36 = 576 different weights. Seeing only a chunk sets most of them to 0
# and leaves 16 · 9 = 144. Sharing makes all rows carry the same nine numbers. Each kind is a special
# case of the one to its left: a fully connected layer *could* learn to be a convolution. It would
# have to find out by itself, 16 times over, what the convolution is told in advance.

# %%
pixels = torch.eye(36).reshape(36, 1, 6, 6)  # image n is 1 at pixel n and 0 elsewhere
kernel = torch.linspace(0.3, 1, 9).reshape(1, 1, 3, 3)
shared = conv2d(pixels, kernel).reshape(36, 16).T
full = 0.3 + 0.7 * torch.rand(16, 36, generator=torch.Generator().manual_seed(0))
plots.show_grid(
    [full, full * (shared != 0), shared],
    titles=["fully connected", "locally connected", "convolution"],
    columns=3,
    alt="Three matrices of 16 rows and 36 columns: one full of different grays, one black outside "
    "of short dashes along a diagonal, and one in which the dashes of all rows look the same.",
)

# %% [markdown]
# ## Does the output move with the image?
#
# Sharing saves parameters. It also says something about pictures: *what is worth looking for here is
# worth looking for everywhere*. A cup is a cup at the left and at the right. So if the picture moves
# two pixels to the right, the slices of a convolution should show the same numbers two pixels further
# to the right.
#
# **Predict:** the photograph moves two pixels to the right. In each slice 28×26 neurons have a
# counterpart two pixels to the left that saw the same chunk before. In slice 0 of a *convolution*,
# how many of these 728 give the number that their counterpart gave?

# %% [markdown] tags=["instructor"]
# Time: 10 min. Let somebody at the keyboard switch between the three kinds while the neuron stays
# where it is, then move it.
#
# Tip: mathematicians call this equivariance. It is not invariance: the output moves, it does not
# stay the same.

# %%
guess = None
reveal(guess, 28 * 26)

# %% [markdown]
# ### Test both kinds
#
# The same test in code, for the convolution and for a locally connected layer whose 4,704 sets of
# weights were drawn at random. Both are computed by your own layer, once it has passed its check.

# %%
moved = np.roll(image, 2, axis=2)  # the two columns that fall off come back at the left
drawn = np.random.default_rng(0).normal(size=(6, 28, 28, 3, 5, 5))
for name, everywhere in {"shared weights": repeated, "own weights": drawn}.items():
    before, after = (local(x[None], everywhere, np.zeros((6, 28, 28))) for x in (image, moved))
    same = np.isclose(after[0, 0, :, 2:], before[0, 0, :, :-2])
    print(f"{name}: {same.sum()} of {same.size} neurons of slice 0 agree")

# %% [markdown]
# ### Switch sharing on and off
#
# The explorer again, and now the boxes at the top: choose one of the three kinds. The column at the
# right holds the numbers of `mine("neuron_column")`. Try this:
#
# 1. Move the neuron and look at its weights. Do they come along? Choose "Locally connected" and move
#    it again.
# 2. Add a neuron to the column. By how much does each of the three counts grow?
# 3. Move the image, with each of the three kinds.
# 4. Switch the ReLU on: which of the slices' pixels change?
#
# <details><summary>What did you find?</summary>
#
# Only shared weights come along. A neuron more costs the convolution 76 parameters, the locally
# connected layer 28 · 28 · 76 = 59,584 and the fully connected one 28 · 28 · 3,073 = 2,409,232. Only the
# convolution's numbers move along with the image. The ReLU wipes out what was negative, the gray
# pixels.
# </details>

# %%
VolumeExplorer(image, column=mine("neuron_column"), position=(2, 8, 12))

# %% [markdown]
# ## What does one set of weights draw?
#
# With sharing, one set of weights meets all 784 chunks and fills one whole slice of the output. The
# slice is a picture: bright where the neuron found what it looks for. It is called an **activation
# map** (or feature map), and the set of weights a **filter** (or kernel). So:
#
# > one filter, one slice; $D$ filters, a volume of depth $D$.
#
# Below, the six slices of our layer after the ReLU.

# %% [markdown] tags=["instructor"]
# Time: 8 min. Ask for each slice which of the six neurons drew it, before reading the titles.
#
# Tip: slice 3 shows where the photograph is red. Compare it with slice 5, the brightness.

# %%
names = ("left to right", "top to bottom", "bright spots", "red", "diagonal", "brightness")
plots.show_grid(
    np.maximum(ours[0], 0) / np.maximum(ours[0], 0).max(axis=(1, 2), keepdims=True),
    titles=[f"{d}: {name}" for d, name in enumerate(names)],
    columns=3,
    alt="Six gray pictures of the cup: rims that get brighter to the right, rims that get brighter "
    "downward, the whole rim, the reddish table, diagonal rims, and the bright upper half.",
)

# %% [markdown]
# ### How many filters do real layers have?
#
# The slide says "~64 to 1024 filters". Let three networks that made history answer: AlexNet as
# published in 2012, VGG-16 of 2014 and ResNet-152 of 2015. The cell builds them without their weights
# (on PyTorch's "meta" device, which keeps only shapes) and prints how many filters their convolutions
# have. What do you expect for the largest?
#
# <details><summary>Open this after you have run the cell.</summary>
#
# AlexNet has 96 to 384 and VGG-16 64 to 512, which fits. ResNet-152 has up to 2,048. The slide's range
# is that of the networks of its time, and too narrow today. Downward as well: the network you train in
# lecture 08 has ten filters in each convolution.
# </details>

# %%
for build in (models.alexnet_2012, models.vgg16, models.resnet152):
    with torch.device("meta"):
        table = models.architecture_table(build(), models.INPUT_SHAPES[build])
    filters = sorted({row.output_shape[0] for row in table.of_kind("Conv2d")})
    print(f"{build.__name__}: {', '.join(map(str, filters))}")

# %% [markdown]
# ## Which weight is w[2, 0, 3, 1]?
#
# The weights of a convolution have four axes, and you have used them already. In PyTorch's order:
#
# $$(\text{output depth},\ \text{input depth},\ \text{kernel height},\ \text{kernel width})$$
#
# Read an index from left to right as a way in: which filter, which of its channels, which row in it,
# which column. `w[2]` is a whole filter, `w[2, 0]` is its part for the first channel, and
# `w[2, 0, 3, 1]` is one number. Our layer has the shape (6, 3, 5, 5), as has
# `torch.nn.Conv2d(3, 6, kernel_size=5).weight`.
#
# ### Find it in memory
#
# Memory has no axes. There the 450 weights stand one after the other, and the last axis runs
# fastest: first the five numbers of a row, then the next row, then the next channel, then the next
# filter. To find a weight, count what lies before it.
#
# **Predict:** at which position, counted from 0, stands `w[2, 0, 3, 1]`? Two filters of 75 numbers
# lie before it, no channel, three rows of five, and one number.

# %% [markdown] tags=["instructor"]
# Time: 10 min. Call out indices and let people point at the picture, then point and let them call
# the index.
#
# Tip: the order is worth the minutes. Weights in the wrong order load without an error as often as
# not, and the network knows nothing.

# %%
guess = None
reveal(guess, np.ravel_multi_index((2, 0, 3, 1), (6, 3, 5, 5)))

# %% [markdown]
# ### Point at weights
#
# $2 \cdot 75 + 0 \cdot 25 + 3 \cdot 5 + 1 = 166$ weights lie before it, and counting starts at 0.
#
# The picture shows all six filters, each with its three channels. Click a weight and read its index,
# or type an index and see where it is; a colon stands for a whole axis. Can you find
#
# 1. the index that marks channel 0 of *every* filter?
# 2. an index that means the same weight in both orders?
#
# The dashed frame is the trap. TensorFlow keeps its weights as (kernel height, kernel width, input
# depth, output depth), and the frame shows where the same four numbers lead there.

# %%
WeightIndex(w, index=(1, 2, 0, 3))

# %% [markdown]
# ### Step into the trap
#
# You are given weights from TensorFlow, an array (5, 5, 3, 6), and need PyTorch's (6, 3, 5, 5). Two
# calls give the right shape: `reshape` keeps the order in memory and cuts it up anew, `transpose`
# moves the axes. Which of them gives the right weights?
#
# Both have the right shape, so no error will ever tell you. Whenever you carry arrays from one
# framework to another, look at one filter as a picture.

# %%
stored = w.transpose(2, 3, 1, 0).copy()  # the same weights, as TensorFlow keeps them
for name, array in {
    "reshape": stored.reshape(6, 3, 5, 5),
    "transpose": stored.transpose(3, 2, 0, 1),
}.items():
    print(f"{name}: shape {array.shape}, all weights in place: {np.array_equal(array, w)}")

# %% [markdown]
# ## How do you unravel a volume?
#
# Look back at the first section. *Before:* vectors, and a layer of neurons that all see everything.
# *Now:* volumes, and layers of neurons that see a chunk and share. To look at a volume, unravel it:
# lay its slices side by side and look at each as a picture. "Unravel the volumes" in the explorer
# does so with input and output.
#
# And since the output is a volume again, the next layer can do the same: see chunks of it, at its
# full depth.
#
# **Predict:** behind our 6×28×28 volume comes a convolution with chunks of 5×5. How many weights, with
# the bias, does *one* of its neurons use?

# %% [markdown] tags=["instructor"]
# Time: 6 min. Switch the explorer to unraveled while you say it.
#
# Tip: 76 again is the usual wrong answer. The depth is that of the volume in front, 6, and no longer
# 3.

# %%
guess = None
reveal(guess, 6 * 5 * 5 + 1)

# %% [markdown]
# ### Look into a second layer
#
# Six channels now, so 6 · 5 · 5 + 1 = 151. The cell puts a second layer on top of the first, with
# four filters drawn at random, and unravels what comes out. Nobody has trained it; lecture 08 shows
# what training makes of such slices.

# %%
random_filters = np.random.default_rng(3).normal(size=(4, 6, 5, 5)) / np.sqrt(150)
first = torch.tensor(np.maximum(ours, 0))
second = conv2d(first, torch.tensor(random_filters)).clamp(min=0)[0].numpy()
plots.show_grid(
    second / second.max(axis=(1, 2), keepdims=True),
    titles=[f"slice {d}" for d in range(4)],
    alt="Four gray pictures of 24 by 24 pixels: random mixtures of the first layer's slices, in "
    "which the round outline of the cup can still be seen.",
)

# %% [markdown]
# The volume shrinks from 28×28 to 24×24 and its depth is now 4, one slice for each filter. That is
# the whole plan of a ConvNet: volume after volume, each made from chunks of the one before.
#
# <details><summary>Say the two changes again. Which of them brought the third axis, and which the
# small number of parameters?</summary>
#
# A ConvNet is a neural network with activations in three axes and with weight sharing. The first
# change gave the neurons places, and with places, chunks: 14,455,392 parameters became 357,504. The
# second took them from 357,504 to 456.
# </details>

# %% [markdown]
# ## What do you take along?
#
# * A neuron of a volume sees a chunk, at full depth: 3×5×5 numbers, as many weights, one bias, one
#   number out. Its ReLU comes after the sum.
# * $D$ neurons at one place are a column $D \times 1 \times 1$; columns at every place are a volume.
# * Own weights make a layer locally connected (357,504 parameters), shared ones a convolution (456),
#   and seeing everything a fully connected layer (14,455,392).
# * With shared weights the output moves along with the image. One filter draws one slice.
# * PyTorch's weights are (output depth, input depth, kernel height, kernel width); `reshape` does not
#   translate from another order, `transpose` does.
#
# Which of the four exercises have you passed? `from coursekit import progress; progress("03")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 5 min. Write 456, 357,504 and 14,455,392 on the board, and let the room derive each of them from
# 75 weights and a bias, without notes.
#
# Tip: then ask for the count of a layer with 1×1 chunks on the same image and six filters: 6 · 4 = 24.

# %% [markdown]
# ### Open questions
#
# <details><summary>Does sharing make the layer faster, too?</summary>
#
# No. Each of the 4,704 neurons still multiplies its 75 numbers: 352,800 multiply-adds, shared or not.
# Sharing saves numbers to learn and to store. Lecture 04 counts the work.
# </details>
#
# <details><summary>When would you rather not share?</summary>
#
# When things stand at fixed places. If all your pictures are faces, turned upright, with the eyes
# always in the same rows, a neuron that looks for eyes there is worth weights of its own. DeepFace did
# that: three of its layers are locally connected (Taigman et al., 2014).
# </details>
#
# <details><summary>Could neurons share their weights and keep their own biases?</summary>
#
# They could; some libraries call it an untied bias. The layer above would have 450 + 4,704
# parameters, and its output would no longer move along with the image.
# </details>
#
# <details><summary>What does a chunk of 1×1 pixels see?</summary>
#
# One pixel at full depth. Such a layer mixes the channels of each place, and lecture 11 is full of
# them.
# </details>

# %% [markdown]
# ### Further reading
#
# * LeCun et al. (1989), [Backpropagation applied to handwritten zip code
#   recognition](https://doi.org/10.1162/neco.1989.1.4.541): weight sharing at work, with its
#   parameters counted.
# * Fukushima (1980), [Neocognitron](https://doi.org/10.1007/BF00344251): planes of cells that share
#   what they look for, before anybody trained them by gradients.
# * Taigman et al. (2014), [DeepFace: closing the gap to human-level performance in face
#   verification](https://openaccess.thecvf.com/content_cvpr_2014/html/Taigman_DeepFace_Closing_the_2014_CVPR_paper.html):
#   where locally connected layers are the right choice.
# * Karpathy and others (2015), [CS231n notes on convolutional
#   networks](https://cs231n.github.io/convolutional-networks/): the same volumes, columns and slices
#   in other words.
#
# **Next:** lecture 04 slides one filter over the image, stop by stop, and makes the layer fast.
