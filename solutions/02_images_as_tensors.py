# %% [markdown]
# # Images as tensors
#
# A photograph reaches a network as a block of numbers. There are classic ways to get that block
# wrong, and most of them raise no error. **At the end you hold five functions of your own that count,
# cut, turn and scale the numbers of any image, and you have seen a ConvNet go nearly blind when
# its pixels change places, while another network notices nothing.**
#
# You will learn to
#
# * read a picture as numbers: channels, levels, bits and bytes;
# * spot where 8-bit arithmetic goes wrong, and put it right;
# * turn an image from the order of files to the order of PyTorch;
# * find a pixel by row and column, and tell both from x and y;
# * bring images to the scale that networks learn from, and say what is lost by flattening them.
#
# You need NumPy arrays, their shape and their slices. The lecture takes about 90 minutes with its
# five exercises. All cells together run in under half a minute on a laptop's CPU.
#
# Run the next cell first. It loads the tools and a photograph that comes with the course.

# %% [markdown] tags=["instructor"]
# Time: 2 min. Say what the bugs of this lecture have in common: the program runs, and the accuracy
# is poor.
#
# Tip: open the lecture in JupyterLab beside the slides; the microscope works in both.

# %%
import numpy as np
import torch
from torch import nn

from coursekit import check, mine, plots
from coursekit.data import Batches, half_size, load, photograph, shuffle_pixels
from coursekit.data.pixels import pixel_order
from coursekit.predictions import reveal
from coursekit.training import evaluate, fit, sgd

torch.set_num_threads(1)  # networks this small are fastest on one core
image = photograph("coffee", size=(60, 80))

# %% [markdown]
# ## What is an image made of?
#
# `image` is an array with three axes: 60 rows, 80 columns, and 3 channels. An array of numbers, with
# however many axes, is also called a **tensor**; this one is a 3-D tensor.
#
# A **channel** is what remains if you keep one kind of number from every pixel: all the reds, all
# the greens or all the blues. It has rows and columns and nothing else, so it is a 2-D array.
#
# **Predict:** how many numbers does one channel of this image hold? Write yours in place of `None`,
# then run the cell.

# %% [markdown] tags=["instructor"]
# Time: 8 min. Let the room name a place in the photograph, then point the microscope at it.
#
# Tip: ask what the numbers of white foam, of black coffee and of the red saucer will be before
# pointing there.

# %%
guess = None
reveal(guess, image[:, :, 0].size)

# %% [markdown]
# ### Look at the channels
#
# $60 \cdot 80 = 4800$ numbers, a third of the image's 14,400.
#
# Each channel is a gray picture of its own. A bright spot in the red channel says "much red here";
# it does not say that the spot looks red. The white rim of the cup is bright in all three.

# %%
plots.show_channels(
    image,
    axis=-1,
    alt="The red, green and blue channel of a cup of coffee as gray pictures: the white rim is "
    "bright in all three, the saucer in red only.",
)

# %% [markdown]
# ### Put it under the microscope
#
# Point at the picture below, or click it and press the arrow keys. The middle shows the pixels
# around the one you chose, each with its three numbers; the right shows the bits and the memory,
# which come next.
#
# Find
#
# 1. a pixel whose three numbers lie close together: what color is it?
# 2. a pixel with much red and hardly any blue;
# 3. the largest number you can. You will not find one above 255.

# %%
from coursekit.widgets import PixelMicroscope

PixelMicroscope(image)

# %% [markdown]
# ## How much room does a picture take?
#
# Computers store numbers as **bits**, digits that are 0 or 1. Image files usually spend 8 bits on
# each number. Bit $i$, counted from 0 on the right, is worth $2^i$:
#
# $$200 = 128 + 64 + 8 = 1\cdot 2^7 + 1\cdot 2^6 + 0\cdot 2^5 + 0\cdot 2^4 + 1\cdot 2^3 + 0\cdot 2^2
# + 0\cdot 2^1 + 0\cdot 2^0$$
#
# Eight digits can be set in $2^8 = 256$ ways. Each way is a **level**, from 0 (black) to 255 (as
# bright as it gets). The count is 256 and the maximum is 255, because zero is a level too. NumPy
# calls such a number `uint8`: unsigned (never negative), integer, 8 bits.
#
# A pixel with three channels takes 24 bits. **Predict:** how many different colors can it show?

# %% [markdown] tags=["instructor"]
# Time: 12 min with the exercise. In the microscope, walk the bit slider from 7 down to 0 and ask
# from which bit on the cup is gone.
#
# Tip: "256 levels, maximum 255" is worth a sentence of its own; the other pair, 256 and 256, is a
# known slip in the next section's exercise.

# %%
guess = None
reveal(guess, 2**24)

# %% [markdown]
# ### Which bits hold the picture?
#
# 256 levels of red times 256 of green times 256 of blue: $2^{24} = 16{,}777{,}216$ colors.
#
# Keep one bit of every number and throw the other seven away. The bit worth 128 says "bright or
# dark". Each lower bit is worth half as much, and the lowest changes a level by 1, which no eye can
# see. `>>` shifts the bits to the right, and `& 1` keeps the last one.

# %%
green = image[:, :, 1]
bits = [7, 6, 4, 0]
plots.show_grid(
    [(green >> bit & 1).astype(float) for bit in bits],
    titles=[f"bit {bit}: worth {2**bit}" for bit in bits],
    alt="Four bits of the green channel, white for 1: bit 7 shows the cup as a black and white "
    "shape, bit 6 its outlines, bit 4 bands, and bit 0 is noise.",
)

# %% [markdown]
# ### From bits to bytes
#
# Eight bits are one **byte**. An image of $C$ channels, $H$ rows and $W$ columns therefore takes
#
# $$C \cdot H \cdot W \cdot \frac{\text{bits of one number}}{8}\ \text{bytes.}$$
#
# CIFAR-10, a collection of small photographs that you will meet often, has images of 3×32×32
# numbers: 3,072 bytes each. Networks compute in `float32`, which takes 32 bits for every number,
# and need 12,288 bytes for the same picture.
#
# Images come in **batches**, several at once, with the number of images $N$ as the first axis:
# $(N, C, H, W)$. All axes are multiplied, however many there are. Bytes come in whole numbers, so divide
# with `//`, which stays with them.
#
# **Exercise.** Count the bytes of a tensor of any shape.


# %% exercise="storage_bytes"
def storage_bytes(shape, bits=8):
    """Bytes that an uncompressed tensor takes: an int.

    shape: any number of axes, such as (C, H, W) for an image or (N, C, H, W) for a batch.
    bits: of one number, 8 for pixel values as they are stored, 32 for float32.
    For example, storage_bytes((3, 32, 32)) is 3072, and with bits=32 it is 12288.
    """
    ### BEGIN SOLUTION
    numbers = 1
    for size in shape:
        numbers *= size
    return numbers * bits // 8
    ### END SOLUTION


# %% check="storage_bytes" points=1
check(storage_bytes)

# %% [markdown]
# ### How large is a whole data set?
#
# `mine("storage_bytes")` is *your* function if its check has passed, and the course's until then.
# Ask it about the 50,000 training images of CIFAR-10, as bytes and as floats. The difference is why
# data sets lie on the disk as bytes and become floats late, often one batch at a time.

# %%
size = mine("storage_bytes")
for bits in (8, 32):
    print(f"{bits:2} bits: {size((50_000, 3, 32, 32), bits) / 1e6} MB")

# %% [markdown]
# ## What comes after 255?
#
# Make the photograph brighter: add 100 to every number. **Predict:** a pixel holds 200, and both
# numbers are `uint8`. What does NumPy give for 200 + 100?

# %% [markdown] tags=["instructor"]
# Time: 12 min with the exercise. Let them set the microscope to "Add 100", point at the white rim,
# and switch between wrap, saturate and float32.
#
# Tip: the likely answers are 300, 255 and an error. All three are reasonable, and none is right;
# that is the point.

# %%
guess = None
pixel = np.array([200], dtype=np.uint8)
reveal(guess, int((pixel + 100)[0]))

# %% [markdown]
# ### Why 44?
#
# 300 does not fit into 8 bits. NumPy keeps the lowest eight and drops the rest without a word: the
# sum starts again at 0 after 255, and $300 - 256 = 44$. This is **overflow**. It happens at the
# other end as well: $10 - 20$ is $-10$, and becomes $-10 + 256 = 246$.
#
# An average can go wrong in the same way, because the sum comes first. The middle between 200 and
# 100 is 150:

# %%
a, b = np.array([[200], [100]], dtype=np.uint8)
print("10 - 20 =", np.array([10], dtype=np.uint8) - 20)
print("(200 + 100) / 2 =", (a + b) / 2)
print("in floats:", (a.astype(float) + b) / 2)

# %% [markdown]
# ### Come back to bytes safely
#
# The rule: compute in floats, and return to `uint8` at the very end. Returning takes three steps,
# because a float can be 300, −10 or 127.9:
#
# * **round** to the nearest whole number (`astype` alone cuts the fraction off: 127.9 → 127);
# * **clip** to 0…255: what is darker than black is black, what is brighter than white is white.
#   This is also called saturating;
# * **cast** to `uint8`.
#
# **Exercise.** Write the three steps. `np.round` and `np.clip` do the first two.


# %% exercise="to_uint8"
def to_uint8(x):
    """Turn real numbers into pixel values: an array of the same shape, dtype uint8.

    x: floats of any shape, meant to lie between 0 (black) and 255 (white). Every number is rounded
    to the nearest whole number; what lies below 0 becomes 0, and what lies above 255 becomes 255.
    For example, to_uint8(np.array([-1.0, 127.9, 256.0])) is [0, 128, 255].
    """
    ### BEGIN SOLUTION
    return np.clip(np.round(x), 0, 255).astype(np.uint8)
    ### END SOLUTION


# %% check="to_uint8" points=2
check(to_uint8)

# %% [markdown]
# ### See both on the photograph
#
# In the middle, 100 was added to the bytes. On the right it was added to floats, which your function
# then brought back. Where does the middle picture go wrong first: where the photograph is dark or
# where it is bright?
#
# <details><summary>Look first, then open this.</summary>
#
# Where it is bright, since only sums above 255 wrap around. And nothing warned you: a network would
# have trained on the middle picture without complaint.
# </details>

# %%
to_levels = mine("to_uint8")
plots.show_grid(
    [image, image + 100, to_levels(image.astype(float) + 100)],
    titles=["photograph", "+ 100 in uint8", f"{to_levels}"],
    alt="A cup of coffee; the same with 100 added in 8 bits, in which the bright rim and table have "
    "turned into wrong, darker colors; and with 100 added in floats and clipped, only brighter.",
)

# %% [markdown]
# ## Which axis comes first?
#
# Image files, cameras and matplotlib keep the three numbers of a pixel together. The array is
# **HWC**: height, width, channels. PyTorch wants **CHW**: the whole red channel, then all of green,
# then all of blue. It is the better order for layers that work on one channel as a picture.
#
# Memory has no axes; it is one long row of numbers. The order decides where a number stands in it,
# counted from 0:
#
# $$\text{HWC: } (\text{row} \cdot W + \text{column}) \cdot C + \text{channel} \qquad
# \text{CHW: } (\text{channel} \cdot H + \text{row}) \cdot W + \text{column}$$
#
# Both count what lies in front of the number: whole rows, then whole pixels, then channels, or
# whole channels, then whole rows, then pixels.
#
# **Predict:** an HWC image has $H = W = 32$ and $C = 3$. Where in memory stands the green number
# (channel 1) of the pixel in row 2 and column 5?

# %% [markdown] tags=["instructor"]
# Time: 14 min with the exercise. Switch the microscope between HWC and CHW and watch the marks on
# the bar: together, then a third of the memory apart.
#
# Tip: 1,093 is the place in the order CHW, 207 is the red number of the same pixel, and 209 counts
# from 1.

# %%
guess = None
numbers = np.arange(32 * 32 * 3).reshape(32, 32, 3)
reveal(guess, int(numbers[2, 5, 1]))

# %% [markdown]
# ### Move axes, do not re-cut
#
# In front of that green number lie $2 \cdot 32 + 5 = 69$ whole pixels, which are 207 numbers, and one
# red. So it stands at position 208.
#
# There are two ways to get from the shape (60, 80, 3) to (3, 60, 80), and one of them is wrong.
# `reshape` leaves all numbers where they stand and cuts the row anew: the first 60 · 80 numbers,
# reds, greens and blues mixed, become "channel 0". `transpose` names the old axes in their new
# order, and every number keeps its row, its column and its channel.
#
# Both results have the right shape, so no error tells them apart. Look at channel 0 of each:

# %%
recut = image.reshape(3, 60, 80)
moved = image.transpose(2, 0, 1)
plots.show_grid(
    [recut[0], moved[0]],
    titles=["reshape, channel 0", "transpose, channel 0"],
    alt="Channel 0 made in two ways: after reshape, flat repeated stripes in which no cup can be "
    "recognized; after transpose, the red channel with the cup.",
)

# %% [markdown]
# Keep this in mind as a test: **look at one channel as a picture.** Use an image that is wider than
# tall, or you will not notice when height and width are exchanged.
#
# **Exercise.** Turn an image from HWC to CHW.


# %% exercise="to_chw"
def to_chw(image):
    """Move the channels of an image to the front: an array (C, H, W) of the same dtype.

    image: (H, W, C), as image files are read. Channel c of the result is the picture
    image[:, :, c], unturned.
    For example, to_chw(np.zeros((32, 48, 3))).shape is (3, 32, 48).
    """
    ### BEGIN SOLUTION
    return image.transpose(2, 0, 1)
    ### END SOLUTION


# %% check="to_chw" points=1
check(to_chw)

# %% [markdown]
# ### Hand it to PyTorch
#
# A convolution (lecture 04) takes batches of floats $(N, C, H, W)$. For a single image, put an axis
# of length 1 in front with `[None]`. If the channels stay last, PyTorch takes the 60 rows for 60
# channels. Read its complaint now, and you will know it when you meet it again.

# %%
layer = nn.Conv2d(in_channels=3, out_channels=6, kernel_size=5)
x = torch.tensor(mine("to_chw")(image)).float()[None]
print(tuple(x.shape), "→", tuple(layer(x).shape))
try:
    layer(torch.tensor(image).float()[None])
except RuntimeError as error:
    print(error)

# %% [markdown]
# ## Where is row 12, column 70?
#
# Arrays say the **row** first, counted downward from the top, then the **column**, counted to the
# right. Both start at 0. Drawing programs, mouse positions and face detectors say **x** first, to
# the right, and then **y**, downward. So
#
# $$x = \text{column}, \qquad y = \text{row}, \qquad \texttt{image[y, x]}.$$
#
# Sizes are exchanged in the same way: this image has the shape (60, 80), and an image program calls
# it 80×60.
#
# **Predict:** a face detector reports x = 70 and y = 12. Which two numbers stand in the brackets,
# `image[?, ?]`? Write them as a list.

# %% [markdown] tags=["instructor"]
# Time: 10 min with the exercise. Draw the axes on the board: rows down, columns right, and y down as
# well, against everything school has taught.
#
# Tip: let somebody type image[70, 12] and read the error aloud. It is the lucky case.

# %%
guess = None
reveal(guess, [12, 70])

# %% [markdown]
# ### Cut out a patch
#
# y is the row, and the row comes first: `image[12, 70]`. Here the other order would be an error,
# since there is no row 70. In a square image it would quietly be another pixel.
#
# A rectangle of pixels is called a **patch**. Its upper left pixel has a row and a column, and its
# height and width say where it ends. A slice `a[2:5]` holds the positions 2, 3 and 4: it ends
# *before* its second number, so $n$ positions from $r$ on are `a[r : r + n]`.
#
# A patch keeps all channels. Networks will look at images patch by patch: a neuron of lecture 03
# sees 3×5×5 numbers, all channels of a patch of five rows and five columns.
#
# **Exercise.** Cut a patch out of an image (C, H, W).


# %% exercise="extract_patch"
def extract_patch(image, row, column, height, width):
    """Cut a patch out of an image, all channels of it: an array (C, height, width).

    image: (C, H, W). row, column: of the patch's upper left pixel, counted from 0. height, width:
    of the patch, in pixels; it lies inside the image.
    For example, a patch with height 2 and width 1 at row 1 and column 2 of [[[0, 1, 2, 3],
    [4, 5, 6, 7], [8, 9, 10, 11]]] is [[[6], [10]]].
    """
    ### BEGIN SOLUTION
    return image[:, row : row + height, column : column + width]
    ### END SOLUTION


# %% check="extract_patch" points=2
check(extract_patch)

# %% [markdown]
# ### Find the spoon
#
# The bowl of the spoon lies around row 43 and column 50. Two functions of this lecture cut out 17
# rows and 20 columns. matplotlib wants the channels last again; `transpose(1, 2, 0)` puts them there.

# %%
cut = mine("extract_patch")
patch = cut(mine("to_chw")(image), row=35, column=41, height=17, width=20)
plots.show_grid(
    [image, patch.transpose(1, 2, 0)],
    titles=["photograph", f"{cut}"],
    alt="The photograph of the cup, and a patch of 17 rows and 20 columns with the shining "
    "bowl of the spoon.",
)

# %% [markdown]
# ## On which scale do networks learn?
#
# Levels from 0 to 255 are awkward for learning: they are large, and all of them are positive.
# Training goes faster when the inputs lie around 0 and spread about 1. Why, lecture 08 shows. So
# each channel $c$ is shifted by its mean $\mu_c$ and divided by its standard deviation $\sigma_c$:
#
# $$\hat{x}_{c} = \frac{x_c - \mu_c}{\sigma_c}$$
#
# The **standard deviation** says how far the numbers typically lie from their mean: the root of the
# mean squared distance. This is **normalization**.
#
# ### Three numbers, not three thousand
#
# There is one $\mu$ and one $\sigma$ for each channel, taken over all pixels of all images. In a
# batch $(N, C, H, W)$ those are the axes 0, 2 and 3; axis 1 stays. NumPy's `mean` and `std` take
# several axes at once: `axis=(0, 2, 3)`.
#
# They are taken from the *training* images only. The test images play the part of pictures that
# nobody has seen; whoever uses their mean has already looked.
#
# **Exercise.** Compute both for a batch.

# %% [markdown] tags=["instructor"]
# Time: 12 min with the exercise. Ask which axes a mean over "all pixels of all images" runs
# along, before anybody types `axis=`.
#
# Tip: the check tells five ways of choosing the wrong axes apart.


# %% exercise="channel_statistics"
def channel_statistics(images):
    """Mean and standard deviation of each channel: a pair (mean, std) of arrays (C,).

    images: (N, C, H, W), floats or uint8. Both are taken over all pixels of all images, in the
    images' own units. The standard deviation is the root of the mean squared distance from the
    mean (divided by the number of values, not one less).
    For example, [[[[1.0, 3.0]], [[5.0, 5.0]]]] has the means [2, 5] and the deviations [1, 0].
    """
    ### BEGIN SOLUTION
    return images.mean(axis=(0, 2, 3)), images.std(axis=(0, 2, 3))
    ### END SOLUTION


# %% check="channel_statistics" points=2
check(channel_statistics)

# %% [markdown]
# ### Normalize a data set
#
# `shapes` is a data set the course generates: colored disks, crosses, frames and so on, ten kinds,
# drawn at random places. We take it at half size, 3×16×16, to save time. `[:, None, None]` gives
# the three numbers two more axes, so that each channel meets its own.

# %%
pictures = half_size(load("shapes").smaller(2000, 1000))
train = pictures.train.images.numpy()
mean, std = mine("channel_statistics")(train)
x = (train - mean[:, None, None]) / std[:, None, None]
print("before:", x.shape, train.dtype, "from", train.min(), "to", train.max())
print(
    "after: means", abs(x.mean(axis=(0, 2, 3))).round(3), "spreads", x.std(axis=(0, 2, 3)).round(3)
)

# %% [markdown]
# Means of 0 and spreads of 1, in every channel. Printing such numbers after every step is a good habit:
# statistics come in the units of their images, and no error tells when units do not match. Those of
# ImageNet, for red $\mu = 0.485$ and $\sigma = 0.229$, belong to images from 0 to 1, in which middle gray
# becomes $(128/255 - 0.485)/0.229 = 0.07$. Fed with levels, the same code gives
# $(128 - 0.485)/0.229 = 556.8$.
#
# ## What does flattening lose?
#
# Now the deck's question: *what shape should the activations have?* Activations are the numbers that
# flow through a network, and the first of them is the image. A classical network, a **multilayer
# perceptron** or **MLP**, takes a plain list. The image is flattened: $3 \times 16 \times 16$
# becomes 768 numbers in a row. No number is lost. Is anything else?
#
# What gets lost is *who is next to whom*. In the list, a pixel and the one below it stand 16
# positions apart, and nothing says that these two belong together. To see whether this matters,
# destroy the neighborhoods: draw **one** random order of the 256 pixel positions, and move the
# pixels of every image in this order, training and test alike. The same numbers, in other places.

# %% [markdown] tags=["instructor"]
# Time: 15 min. Collect votes for each network before the training cell: the same, a little worse,
# or much worse.
#
# Tip: many expect the MLP to suffer. Ask how it would notice: which of its 768 inputs is "next to"
# which is written nowhere.

# %%
shuffled = shuffle_pixels(pictures)
both = [
    part.test.images[n].permute(1, 2, 0).numpy() for part in (pictures, shuffled) for n in (0, 1)
]
plots.show_grid(
    both,
    titles=["as drawn", "as drawn", "shuffled", "shuffled"],
    alt="Two small pictures of colored shapes, and the same two with their pixels moved to new "
    "places, in which no shape can be recognized.",
)

# %% [markdown]
# ### Two networks
#
# The MLP flattens at once: 768 inputs, 64 values in between, 10 scores. The ConvNet first looks
# at 3×3 neighborhoods, twice, and flattens what they found. Its layers are explained in lectures
# 03, 04 and 07; here it is enough that they look at neighbors.
#
# **Predict:** each network is trained twice from scratch, on the pictures as drawn and on the
# shuffled ones. Which of them suffers: `"MLP"`, `"ConvNet"`, `"both"` or `"none"`?

# %%
guess = None
reveal(guess, "ConvNet")


# %%
def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(768, 64), nn.ReLU(), nn.Linear(64, 10))


def convnet():
    seeing = [nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    seeing += [nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*seeing, nn.Flatten(), nn.Linear(32 * 4 * 4, 10))


# %% [markdown]
# ### Train them
#
# `fit` shows all training images to the network six times and changes its weights; lecture 08 takes
# it apart. Accuracy is the part of the 1,000 test images that got the right one of ten names.
# Guessing would give 10 %.


# %% tags=["slow"]
def accuracy(build, data, lr):
    torch.manual_seed(0)
    net = build()
    fit(net, Batches(data, batch_size=50), epochs=6, optimizer=sgd(net, lr=lr))
    return round(100 * evaluate(net, Batches(data, "test")).accuracy)


score = {
    f"{name}, {how}": accuracy(build, data, lr)
    for name, build, lr in (("MLP", mlp, 0.02), ("ConvNet", convnet, 0.05))
    for how, data in (("as drawn", pictures), ("shuffled", shuffled))
}
plots.plot_bars(
    score,
    x_label="test accuracy (%)",
    title="2,000 training images of generated shapes",
    alt="Test accuracy in percent: the MLP is about as good on shuffled pictures as on those as "
    "drawn, and poor on both; the ConvNet is very good as drawn and loses about half of its "
    "accuracy on the shuffled ones.",
)

# %% [markdown]
# ### What happened?
#
# The MLP did not notice. It is poor at this task, because a shape can stand anywhere, but it is
# *equally* poor on both versions. The ConvNet's lead came from the neighborhoods. Without them it
# fell by about half.
#
# For the MLP this is more than an observation. Take any MLP, and reorder the columns of its first
# weights in the way the pixels were reordered: on shuffled pictures this twin gives the very scores
# that the first one gives on the pictures as drawn. So whatever can be learned from one version
# can be learned from the other.
#
# So the answer to the deck's question is: keep the shape. Activations stay blocks of channels, rows
# and columns as long as it matters who is next to whom, and flattening waits until the end.

# %%
net, twin = mlp(), mlp()
order = pixel_order(16, 16)  # the one that shuffle_pixels used
twin.load_state_dict(net.state_dict())
columns = net[1].weight.reshape(64, 3, 256)[:, :, order]
twin[1].weight = nn.Parameter(columns.reshape(64, 768))
scores = net(pictures.normalize(pictures.test.images))
of_twin = twin(shuffled.normalize(shuffled.test.images))
print("the twin gives the same scores:", torch.allclose(scores, of_twin, atol=1e-4))

# %% [markdown]
# ## What do you take along?
#
# * A channel is a 2-D array; an image is three of them, 8 bits a number, 24 bits a pixel; an image
#   of 3×32×32 takes 3,072 bytes.
# * 256 levels, maximum 255. `uint8` wraps around in silence: compute in floats, then round, clip
#   and cast.
# * Files say HWC, PyTorch says CHW. `transpose` moves axes, `reshape` re-cuts the memory.
# * Rows first, then columns: `image[y, x]`. A slice of $n$ from $r$ on is `r : r + n`.
# * Normalize by channel with the training images' statistics. Flattening keeps every number and
#   forgets who was next to whom.
#
# Which of the five exercises have you passed? `from coursekit import progress; progress("02")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 5 min. Show spoiled pictures and let the room name the bug from what it sees: `image[:, :, ::-1]`
# (red and blue exchanged), `image.transpose(1, 0, 2)` (mirrored at the diagonal), `image + 60`.
#
# Tip: whoever names one says how to undo it, too.

# %% [markdown]
# ### Open questions
#
# <details><summary>What if every image were shuffled in an order of its own?</summary>
#
# Then the MLP would suffer too: its input number 17 would mean another place in each image. Only
# what does not depend on places would be left to learn, such as how much red there is.
# </details>
#
# <details><summary>Does transpose copy the image?</summary>
#
# No. It returns a view: the same memory, read with other step widths (`image.strides`). Change
# the view and the image changes as well. `np.ascontiguousarray` makes a copy in the new order.
# </details>
#
# <details><summary>Why is the lowest bit of a photograph noise?</summary>
#
# A sensor counts light that arrives at random, and rounding to levels adds its own error. Both are
# about as large as the lowest bits are worth. Some people hide messages there.
# </details>

# %% [markdown]
# ### Further reading
#
# * Harris et al. (2020), [Array programming with NumPy](https://www.nature.com/articles/s41586-020-2649-2):
#   shapes, strides and views in six pages.
# * van der Walt et al. (2014), [scikit-image: image processing in
#   Python](https://peerj.com/articles/453/): the library whose photographs you see here, and its
#   rules for dtypes.
# * Krizhevsky (2009), [Learning multiple layers of features from tiny
#   images](https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf): where CIFAR-10 comes
#   from.
# * LeCun et al. (1998), [Efficient BackProp](https://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf):
#   section 4.3 says why inputs are normalized.
#
# **Next:** lecture 03 puts neurons into a volume of activations, and lets them share their weights.
