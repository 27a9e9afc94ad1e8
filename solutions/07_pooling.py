# %% [markdown]
# # Pooling
#
# A network has found an edge, a corner or an eye at thousands of places. Must it remember each of
# them? **At the end you hold a max pooling of your own that makes maps smaller, remembers which
# pixel won each window, and hands the gradient back to exactly those pixels, as PyTorch does.**
#
# You will learn to
#
# * pool a stack of maps, and predict how small they become;
# * choose between the maximum and the average, with a photograph and with noise at hand;
# * send a gradient back through the stored index, and add where windows overlap;
# * say which ways to treat equal maxima are right, and check it;
# * hand the gradient of an average back in equal parts.
#
# You need the output size from lecture 05 and, from lecture 06, what `dout` and `dx` are and how
# a gradient is measured. The lecture takes about 85 minutes with its three exercises. All cells
# together run in under half a minute on a laptop's CPU.
#
# The next cell loads the tools.

# %% [markdown] tags=["instructor"]
# Time: 2 min. Show any feature map of a trained network and ask who needs all of its numbers.
#
# Tip: pooling has no weights. Say it early; students look for what it learns.

# %%
import numpy as np
import torch
from torch.nn.functional import max_pool2d

from coursekit import check, layers, mine, plots, shapes
from coursekit.data import photograph
from coursekit.predictions import reveal
from coursekit.widgets import PoolingRouter

# %% [markdown]
# ## What does pooling keep?
#
# **Pooling** slides a window over a map, as a convolution does, but there are no weights. Each
# window becomes one number. In **max pooling** it is the largest number of the window.
#
# The most common setting is a window of 2×2 with stride 2: windows side by side, none overlap. Here
# is a map of 4×4, so four windows:
#
# ```text
#  1   3 |  2   0
#  5   2 |  4   4
# -------+-------
# -1  -6 |  0   8
# -3  -2 |  7   1
# ```
#
# **Predict** all four maxima, row by row, as a list such as `[1, 2, 3, 4]`. Mind the minus signs.

# %% [markdown] tags=["instructor"]
# Time: 10 min. Do the four windows in turn, one student each, before anybody runs the cell.
#
# Tip: the lower left window has only negative numbers. Who says 0 started the search at 0, a
# frequent slip in code too.

# %%
guess = None
reveal(guess, [5, 4, -1, 8])

# %% [markdown]
# ### See what is left
#
# In the lower left window all four numbers are negative, and the largest of them is −1. There is no 0 in
# it. Sixteen numbers went in, four came out: **a 2×2 pooling with stride 2 drops 75 % of the numbers.**
# What it keeps is the strongest response of each neighborhood, and roughly where it was.

# %%
x = np.array([[1.0, 3, 2, 0], [5, 2, 4, 4], [-1, -6, 0, 8], [-3, -2, 7, 1]])[None, None]
out, index = layers.max_pool2d_forward(x, 2)
plots.show_numbers(
    [x[0, 0], out[0, 0]],
    titles=["map", "2×2 max pooling, stride 2"],
    roles=["input", "output"],
    alt="A map of 4 by 4 numbers and its four maxima: 5 and 4 above, −1 and 8 below.",
)

# %% [markdown]
# ### How small does a map become?
#
# Windows stop where those of a convolution stop, so the formula of lecture 05 holds, with window
# $k$, stride $s$ and no padding:
#
# $$H' = \left\lfloor \frac{H - k}{s} \right\rfloor + 1$$
#
# The same holds for the width. If no stride is named, pooling takes $s = k$, in PyTorch and here.
# Pixels at the lower and right edge that fill no window are left out. AlexNet's windows of 3×3 with
# stride 2 turn 55 pixels into 27.
#
# **Predict:** a map is 7 pixels wide. How many pixels wide is it after pooling with 2×2 and stride 2?

# %%
guess = None
reveal(guess, shapes.output_size(7, 2, stride=2))

# %% [markdown]
# ### What shrinks, and what does not?
#
# $\lfloor (7 - 2)/2 \rfloor + 1 = 3$: six columns fill three windows, and the seventh is left out.
#
# Only the two spatial axes shrink. Pooling works on **each map independently**: 64 maps go in, 64 smaller
# maps come out, and no number of one map meets a number of another.
#
# The cell pools the three color channels of a photograph by 4×4 windows, and each of the three small
# pictures is made from one channel alone. Then it sets green and blue to zero and pools again: red
# comes out as before.

# %%
photo = photograph("astronaut", size=128).transpose(2, 0, 1)[None] / 255
small, _ = layers.max_pool2d_forward(photo, 4)
only_red = photo * np.array([1, 0, 0]).reshape(1, 3, 1, 1)
alone, _ = layers.max_pool2d_forward(only_red, 4)
print(photo.shape, "becomes", small.shape)
print("red as before:", np.array_equal(small[:, 0], alone[:, 0]))
plots.show_channels(
    small[0],
    names=["red, pooled", "green, pooled", "blue, pooled"],
    alt="The red, green and blue channel of the astronaut's photograph, each pooled to 32 by 32.",
)

# %% [markdown]
# ## Where was the maximum?
#
# Going forward, the value is enough. Going back, we will need to know *which pixel it was*. So max
# pooling writes down a second array, the **index**.
#
# PyTorch counts pixels row by row through the whole map: in a map of width $W$, the pixel in
# row $r$ and column $q$ has the index
#
# $$r \cdot W + q$$
#
# It is a place in the *map*, not in the window. NumPy's `argmax` gives the place in what you hand
# it, here the window. `divmod` turns such a number into a row and a column: it divides by the width of
# the window and returns the quotient and the remainder. Where a number occurs twice, `argmax` takes
# the first.
#
# The cell does it for the 8, whose window starts at row 2 and column 2 of the map.

# %% [markdown] tags=["instructor"]
# Time: 15 min with the exercise. Let the room compute the index of the 8 by hand first.
#
# Tip: the common slip is to return the place in the window. With one window nobody sees it; ask
# for the window at the lower right.

# %%
window = x[0, 0, 2:4, 2:4]
u, v = divmod(window.argmax(), 2)
print("in the window: row", u, "column", v, "- in the map: row", 2 + u, "column", 2 + v)
print("index", (2 + u) * 4 + (2 + v))

# %% [markdown]
# ### Exercise: max_pool2d_forward
#
# Write it for a whole batch of maps. Steps that work:
#
# 1. take `kernel_size` as the stride if there is none, and compute the two output sizes;
# 2. make two arrays of that shape, the index with `dtype=int`;
# 3. walk over all outputs with `np.ndindex`; output $(i, j)$ has its window at row $i \cdot s$ and
#    column $j \cdot s$;
# 4. store the window's maximum, and its place in the map.


# %% exercise="max_pool2d_forward"
def max_pool2d_forward(x, kernel_size, stride=None):
    """The largest number of each window, and where it is.

    x: maps (N, C, H, W). kernel_size: height and width of the windows, in pixels. stride: pixels
    from one window to the next; without it windows stand side by side. Windows that hang over the
    edge are left out. Returns (out, index), both (N, C, H', W'): the maxima, and as whole numbers
    the position of each in its map, counted row by row. Of several maxima any will do.
    For example, for the map [[1, 5, 2], [3, 0, 7]], window 2 and stride 1, out holds [[5, 7]] and
    index [[1, 5]].
    """
    ### BEGIN SOLUTION
    stride = kernel_size if stride is None else stride
    n, c, height, width = x.shape
    rows, columns = (height - kernel_size) // stride + 1, (width - kernel_size) // stride + 1
    out = np.zeros((n, c, rows, columns))
    index = np.zeros((n, c, rows, columns), dtype=int)
    for image, channel, i, j in np.ndindex(out.shape):
        top, left = i * stride, j * stride
        window = x[image, channel, top : top + kernel_size, left : left + kernel_size]
        u, v = divmod(window.argmax(), kernel_size)
        out[image, channel, i, j] = window[u, v]
        index[image, channel, i, j] = (top + u) * width + left + v
    return out, index
    ### END SOLUTION


# %% check="max_pool2d_forward" points=3
check(max_pool2d_forward)

# %% [markdown]
# ### Does PyTorch agree?
#
# `mine("max_pool2d_forward")` is your function once its check has passed, the course's until then.
# PyTorch returns the index too, if asked. We compare both arrays, for windows of 2×2 with stride 2
# and for 3×3 with stride 2, as in AlexNet, where neighbors share a row or a column of pixels.

# %%
pool = mine("max_pool2d_forward")
maps = np.random.default_rng(0).standard_normal((2, 3, 9, 11))
for k, s in ((2, 2), (3, 2)):
    theirs, places = max_pool2d(torch.tensor(maps), k, s, return_indices=True)
    out, index = pool(maps, k, s)
    same = np.allclose(out, theirs) and np.array_equal(index, places)
    print(f"{k}×{k}/{s}: {out.shape[2]}×{out.shape[3]}, values and indices as PyTorch's: {same}")

# %% [markdown]
# ## Why not the average?
#
# One could also keep the mean of each window, its smallest number, or its **L2 norm**: square the
# numbers, add them, take the root. (Below we divide by the number of pixels before the root, so
# that a gray area keeps its gray.) The slide calls the maximum the most common choice and asks why
# the average may be poor. Is it? We will try it on pixels, and then on what a network pools.
#
# First by numbers: the four windows of the map above, in all four ways. The smallest number of $x$ is
# minus the largest of $-x$, so that max pooling can find it.

# %% [markdown] tags=["instructor"]
# Time: 18 min. Ask for a vote on the noisy picture before it appears: which of the four will look
# best? Most follow the slide and say max.
#
# Tip: this section contradicts a first impression twice. Leave time for it.

# %%
pools = {
    "max": lambda x, k: layers.max_pool2d_forward(x, k)[0],
    "average": layers.avg_pool2d_forward,
    "min": lambda x, k: -layers.max_pool2d_forward(-x, k)[0],
    "L2": lambda x, k: layers.avg_pool2d_forward(x**2, k) ** 0.5,
}
for name, each in pools.items():
    print(f"{name}:", each(x, 2).round(2).ravel().tolist())

# %% [markdown]
# ### What does noise do?
#
# Now a real photograph, pooled by windows of 4×4. Then the same with noise added to every pixel, of a
# standard deviation of 0.2 where black is 0 and white is 1. (A picture of your own does as well: put
# its file's name in place of `"china"`, for example `"cat.jpg"`.) Which of the four poolings
# changes least? **Predict** by its name in quotes, for example `"max"`.

# %%
guess = None
gray = photograph("china", size=128).mean(axis=2)[None, None] / 255
noisy = gray + 0.2 * np.random.default_rng(0).standard_normal(gray.shape)
change = {name: np.abs(each(noisy, 4) - each(gray, 4)).mean() for name, each in pools.items()}
reveal(guess, min(change, key=change.get))

# %% [markdown]
# ### Look at it
#
# Above the clean photograph, below the noisy one. The maximum picks the brightest of sixteen noisy
# pixels, so everything shifts toward white. The minimum does the opposite. In the
# average the noise of sixteen pixels partly cancels. The L2 norm averages too, and comes close to it.
#
# So for *pixels* the average is good: it changes by about 0.04, the maximum by about 0.29. If
# averaging is poor, the reason must lie elsewhere.

# %%
plots.show_grid(
    [each(one, 4)[0, 0].clip(0, 1) for one in (gray, noisy) for each in pools.values()],
    titles=[*pools, *(f"off by {change[name]:.2f}" for name in pools)],
    alt="A temple pooled in four ways, above without and below with noise: with noise max is nearly "
    "white and min nearly black, average and L2 still show the temple.",
)

# %% [markdown]
# ### What do networks pool?
#
# Not pixels but **responses**: maps that are zero almost everywhere and large where a filter has
# found what it looks for. There the question of a window is not "how bright on the whole?" but "was
# it there?" In a window of 8×8, one clear yes and 63 times nothing is a yes. The average makes it 1/64.
#
# We let a filter look for edges from dark to bright, cut off the negatives with ReLU, and pool
# by 8×8. The three pictures share one scale of gray.

# %%
vertical = np.array([[[[-1.0, 0, 1]] * 3]])
edges = np.maximum(0, layers.conv2d_forward(gray, vertical, np.zeros(1), padding=1))
edges[..., [0, -1]] = 0  # the zeros of the padding look like edges
kept = {name: pools[name](edges, 8) for name in ("max", "average")}
plots.show_grid(
    [edges[0, 0], *(one[0, 0] for one in kept.values())],
    titles=["edges", "max keeps them", "average dilutes them"],
    columns=3,
    alt="Edges of the temple as thin bright lines; pooled by the maximum they stay bright, pooled "
    "by the average they are faint.",
)

# %% [markdown]
# ### Does it survive noise?
#
# Now both at once. Take pairs of windows. Both hold noise of standard deviation 0.25 behind a ReLU;
# to one of them we add a single response of 1. How often does the window with the response get the
# larger pooled number? Guessing gives 50 %. The cell tries 2,000 pairs for each size.
#
# For the average, one response drowns as the window grows. The maximum finds it nearly every time.
# (If you raise the noise to 0.4, the maximum suffers too.) Boureau, Ponce and
# LeCun (2010) worked this out: the rarer the feature, the better the maximum.

# %%
rng, found = np.random.default_rng(1), {"max": [], "average": []}
for k in (2, 4, 8, 16):
    there, absent = np.maximum(0, 0.25 * rng.standard_normal((2, 2000, k * k)))
    there[:, 0] += 1
    for name, one_number in (("max", np.max), ("average", np.mean)):
        wins = one_number(there, axis=1) > one_number(absent, axis=1)
        found[name].append(100 * wins.mean())
plots.plot_curves(
    {name: ([2, 4, 8, 16], percent) for name, percent in found.items()},
    x_label="side of the window (pixels)",
    y_label="response found (%)",
    title="one response in a noisy window",
    dots=True,
    alt="How often a single response is found against the window's side: the maximum stays near "
    "100 percent, the average falls from near 100 to about 60.",
)

# %% [markdown]
# ### Where is the average right?
#
# "The average is poor" would be too much. GoogLeNet (2014) and ResNet (2015), the networks of lecture
# 11, end with **global average pooling**: one window as large as the map, so each map becomes one number (Lin, Chen and
# Yan, 2013). At the end the question *is* "how much of this is in the picture?", and a mean over all places
# answers it. It also takes pictures of any size.
#
# And it saves weights. GoogLeNet ends in 1,024 maps of 7×7, and a linear layer makes 1,000 scores.
# **Predict:** by which factor does averaging each map first shrink that layer's weights?

# %%
guess = None
flattened, averaged = 7 * 7 * 1024 * 1000, 1024 * 1000
reveal(guess, flattened // averaged)

# %% [markdown]
# ### What gets lost?
#
# 50,176,000 weights become 1,024,000, 49 times fewer: one number of each map in place of $7 \cdot 7$.
# What gets lost is *where* in the picture each response was. At the very end, when only the name is asked for, that is a good trade; in the middle of a
# network it would not be.
#
# <details><summary>Does pooling make a network blind to shifts?</summary>
#
# Only to small ones. If a response moves by one pixel and stays in its window, the output does not
# change at all; if it crosses into the next window, it does. Pooling forgives a little shift.
# </details>

# %% [markdown]
# ## Who receives the gradient?
#
# Now backward. `dout` holds one number for each output, and we look for `dx`, one for each pixel.
# Ask as in lecture 06: if I wiggle this pixel a little, what changes?
#
# * I wiggle the maximum of a window: the output moves exactly as much. Slope 1.
# * I wiggle any other pixel of it: nothing happens. Slope 0.
#
# So the whole `dout` of a window goes to the pixel that won, and that pixel is written in the
# index. The others receive 0. The slide puts it like this: the gradient from above "is the
# input gradient at that index". **Predict:** the map below is pooled with windows of 2×2 and stride 1,
# and `dout` is (3, 5). What is the gradient of the 9?
#
# ```text
# 1  9  2
# 0  4  3
# ```

# %% [markdown] tags=["instructor"]
# Time: 20 min with the widget and the exercise. Collect answers: 3, 5 and 8 all come up. 3 and 5
# both read the slide's sentence as "is".
#
# Tip: in the widget, switch to "overwrite" and step; the hatched cell is the point of the section.

# %%
guess = None
reveal(guess, 8)

# %% [markdown]
# ### Add, do not write over
#
# The 9 is the maximum of *both* windows. Wiggle it by 0.1 and both outputs move by 0.1, so the loss
# moves by $0.1 \cdot 3 + 0.1 \cdot 5$. A number that is used twice has the sum of both gradients, as in
# lecture 06. So the careful sentence is: the gradient from above **is added** at that index.
#
# $$\frac{\partial L}{\partial x[m]} = \sum_{(i, j):\ \text{index}[i, j] = m} \text{dout}[i, j]$$
#
# Read it as: pixel number $m$ collects the `dout` of every window whose index is $m$. With windows of
# 2×2 and stride 2 no pixel is in two windows, and overwriting does the same. With AlexNet's windows
# of 3×3 and stride 2 they overlap, and overwriting loses gradient. (The paper pools that way on purpose: it
# reports slightly smaller errors than without overlap. Krizhevsky, Sutskever and Hinton, 2012.)
#
# Many tests, the Stanford CS231n assignment's among them, try 2×2 with stride 2 only, and never notice.
#
# Measure the 9: the cell wiggles every pixel of the map above, as in lecture 06.

# %%
twice = np.array([[1.0, 9, 2], [0, 4, 3]])[None, None]
dout = np.array([3.0, 5]).reshape(1, 1, 1, 2)
measure = mine("numerical_gradient")
print(measure(lambda x: (layers.max_pool2d_forward(x, 2, 1)[0] * dout).sum(), twice)[0, 0].round(4))

# %% [markdown]
# ### Route it yourself
#
# The router below has windows of 3×3 with stride 2. Go to the first window and step: each window
# finds its maximum, writes its index, and hands its `dout` to that pixel. Then
#
# 1. switch to "overwrite" and step again: which gradient is lost, and how much of it?
# 2. find the window with nine equal maxima, and try both rules for it;
# 3. set the stride to 3: why is there no difference between accumulate and overwrite anymore?
# 4. tick "Ask me first", click a pixel, and predict its gradient.

# %%
PoolingRouter()

# %% [markdown]
# ### Exercise: max_pool2d_backward
#
# It gets `dout` and the map `x`. Find the maximum of each window again, as in your forward pass
# (copy the loop, or call your own function and use its index), and add the window's `dout` at its
# place. Start from zeros of the shape of `x`, in floats.


# %% exercise="max_pool2d_backward"
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    """Gradient of max pooling by its input.

    dout: gradient of the loss by the output of max_pool2d_forward(x, kernel_size, stride),
    (N, C, H', W'). x: maps (N, C, H, W). kernel_size, stride: as in the forward pass. Returns
    floats (N, C, H, W): each window hands its dout to the pixel that is its maximum, and a pixel
    that is the maximum of several windows receives them all. Of several maxima in a window, one
    receives the gradient, or all of them equal parts. dout and x stay as they are.
    For example, for dout [[5]], the map [[1, 2], [3, 0]] and window 2, it is [[0, 0], [5, 0]].
    """
    ### BEGIN SOLUTION
    stride = kernel_size if stride is None else stride
    dx = np.zeros(x.shape)
    for image, channel, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        window = x[image, channel, top : top + kernel_size, left : left + kernel_size]
        u, v = divmod(window.argmax(), kernel_size)
        dx[image, channel, top + u, left + v] += dout[image, channel, i, j]
    return dx
    ### END SOLUTION


# %% check="max_pool2d_backward" points=4
check(max_pool2d_backward)

# %% [markdown]
# ### Your functions in the router
#
# The router now gets both functions and says below the picture whose they are. Any number of
# theirs that is wrong is hatched. Change numbers of the map: does your gradient follow?

# %%
PoolingRouter(forward=mine("max_pool2d_forward"), backward=mine("max_pool2d_backward"))

# %% [markdown]
# ## What if several pixels are largest?
#
# "Ties do not happen," one is tempted to say: two floats are rarely equal. But ReLU turns about
# half of all numbers into the *same* one, 0. A 2×2 window is a tie of four zeros if all four
# were negative. **Predict:** if each number is negative with probability 1/2, independently, in what
# percentage of the windows does that happen?

# %% [markdown] tags=["instructor"]
# Time: 10 min. Let them multiply: a half, four times.
#
# Tip: flat regions of images (sky, borders, screenshots) give ties as well, without any ReLU.

# %%
guess = None
reveal(guess, 100 / 2**4)

# %% [markdown]
# ### Count them
#
# One in sixteen: a half, multiplied four times, is 6.25 %. Count it on random numbers, and then on the edges of the photograph, where
# neighbors resemble one another.

# %%
random_maps = np.maximum(0, np.random.default_rng(0).standard_normal((1, 64, 128, 128)))
for name, responses in (("random numbers", random_maps), ("edges of the photograph", edges)):
    largest, _ = layers.max_pool2d_forward(responses, 2)
    print(f"{name}: {100 * (largest == 0).mean():.1f} % of the windows are zeros only")

# %% [markdown]
# On a photograph it is more than twice as much. A programmer's comment in the CS231n code calls ties
# unlikely; behind a ReLU they are common.
#
# ### Which gradient is right then?
#
# At a tie the maximum has a kink, as ReLU has at 0, and more than one answer is accepted. Such an answer
# is called a **subgradient**. For a flat window with `dout` = 8, three kinds are valid:
#
# ```text
# first maximum    any single one    even split
#    8  0              0  0             2  2
#    0  0              8  0             2  2
# ```
#
# PyTorch's `max_pool2d` takes the first. In code one sees a fourth: `mask = (x == x.max())`, then
# `dx = mask * dout`, which gives 8 to *each* of them. Is that valid as well? The cell writes down
# all four and measures, pixel by pixel.

# %%
flat = np.zeros((1, 1, 2, 2))
candidates = {
    "first": np.array([[8.0, 0], [0, 0]]),
    "any single one": np.array([[0.0, 0], [8, 0]]),
    "even split": np.full((2, 2), 2.0),
    "8 to each": np.full((2, 2), 8.0),
}


def loss(x):
    return 8 * layers.max_pool2d_forward(x, 2)[0].sum()


print(mine("numerical_gradient")(loss, flat)[0, 0])

# %% [markdown]
# ### Measure where there is no kink
#
# Wiggling one number gives 4 for each pixel: half of 8, because up it wins and down another one
# takes over. That agrees with none of the four, since the measurement was made right at the kink.
#
# But wiggle all four *together* by $h$. Now the maximum moves by exactly $h$, up or down, and there is no
# kink. The measured slope is
#
# $$\frac{L(x + h) - L(x - h)}{2h} = 8$$
#
# A gradient predicts this slope too: all four pixels move by the same $h$, so it is the sum of its four
# numbers. The cell compares.

# %%
h = 1e-5
print("measured:", round((loss(flat + h) - loss(flat - h)) / (2 * h), 4))
for name, dx in candidates.items():
    print(f"{name}: predicts {dx.sum():g}")

# %% [markdown]
# "8 to each" predicts 32, four times too much: it hands out gradient that nobody sent. The other three
# hand out exactly what came in. The check of your exercise accepts those three, and no others.
#
# <details><summary>Why did nobody notice?</summary>
#
# If a ReLU stands in front of the pooling, it stops the gradient of every pixel that was not
# positive, and the surplus of all-zero windows disappears with it. For ties of positive numbers and
# for pooling without a ReLU in front, it stays.
# </details>

# %% [markdown]
# ## Where does an average send it?
#
# Every pixel of a window is in the mean with the weight $1/k^2$. Wiggle any of them by 0.1 and the
# mean moves by $0.1/k^2$. So each pixel receives an equal part:
#
# $$\frac{\partial L}{\partial x[r, q]} = \sum_{\text{windows that hold } (r, q)} \frac{\text{dout}[i, j]}{k^2}$$
#
# No index is needed, and there are no ties. Where windows overlap, the parts are added, as ever.
#
# **Exercise.** Hand out the parts. A slice such as `dx[image, channel, top : top + kernel_size, left : left + kernel_size]`
# is the whole window, and `+=` adds one number to all of it.

# %% [markdown] tags=["instructor"]
# Time: 8 min with the exercise. It is the loop from before with one line changed.
#
# Tip: a good test of oneself: `dx` must add up to the same as `dout`.


# %% exercise="avg_pool2d_backward"
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    """Gradient of average pooling by its input.

    dout: gradient of the loss by the output of average pooling, (N, C, H', W'). x: maps
    (N, C, H, W). kernel_size: height and width of the windows. stride: pixels from one window to
    the next; without it windows stand side by side. Returns floats (N, C, H, W): each window hands
    every pixel of it an equal part of its dout, and a pixel in several windows receives a part
    from each. dout and x stay as they are.
    For example, for dout [[8]], a map of 2×3 and window 2, it is [[2, 2, 0], [2, 2, 0]].
    """
    ### BEGIN SOLUTION
    stride = kernel_size if stride is None else stride
    dx = np.zeros(x.shape)
    for image, channel, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        here = dx[image, channel, top : top + kernel_size, left : left + kernel_size]
        here += dout[image, channel, i, j] / kernel_size**2
    return dx
    ### END SOLUTION


# %% check="avg_pool2d_backward" points=2
check(avg_pool2d_backward)

# %% [markdown]
# ### Compare both on one map
#
# The same map and the same `dout` go back through both poolings, drawn by your functions if they
# have passed. How many pixels receive a gradient? Behind the maximum one in each window does, behind the
# average all do.

# %%
bump = np.array([[0.0, 1, 0, 2], [3, 0, 1, 0], [0, 0, 4, 1], [2, 1, 0, 0]])[None, None]
ones = np.full((1, 1, 2, 2), 4.0)
routes = [mine("max_pool2d_backward"), mine("avg_pool2d_backward")]
plots.show_numbers(
    [bump[0, 0], *(route(ones, bump, 2)[0, 0] for route in routes)],
    titles=[
        "map",
        *(f"dx, {n}: {r.whose}" for n, r in zip(("max", "average"), routes, strict=True)),
    ],
    roles=["input", "gradient", "gradient"],
    alt="A map of 4 by 4 numbers; behind max pooling one pixel of each window has the gradient 4 "
    "and the others 0, behind average pooling all sixteen have 1.",
)

# %% [markdown]
# ## What do you take along?
#
# * Pooling makes each map smaller on its own and learns nothing; 2×2 with stride 2 drops 75 %.
# * The maximum asks "was it there?", which suits rare responses; the average asks "how much?" and
#   belongs to the end of the network, or to noisy pixels.
# * Max pooling stores an index, and the gradient from above is *added* at that index; where windows
#   overlap, overwriting loses some.
# * At ties the first, any single one or an even split are right; one to each is not.
# * An average hands every pixel of the window an equal part.
#
# Which of the three exercises have you passed? `from coursekit import progress; progress("07")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 2 min. Ask for the slide's sentence, corrected, in the students' own words.
#
# Tip: whoever says "added at the index" has understood the lecture.

# %% [markdown]
# ### Open questions
#
# <details><summary>Could a convolution with stride 2 do the job of pooling?</summary>
#
# Yes. It makes maps smaller too, and it learns how. Springenberg et al. (2014) replaced
# every max pooling by such a convolution and did as well; ResNet pools only twice, once by the maximum and once by the average.
# </details>
#
# <details><summary>What should stand in the padding of a max pooling?</summary>
#
# Minus infinity, so that it never wins. With zeros, windows at the border of a negative map would
# answer 0.
# </details>
#
# <details><summary>Can pooling be undone?</summary>
#
# Only partly: with the index, one can put each maximum back to its place and zeros elsewhere. That
# is *unpooling*; it is how one can look inside a network, and lecture 12 does.
# </details>

# %% [markdown]
# ### Further reading
#
# * Boureau, Ponce and LeCun (2010), [A theoretical analysis of feature pooling in visual
#   recognition](https://nyuscholars.nyu.edu/en/publications/a-theoretical-analysis-of-feature-pooling-in-visual-recognition): when the maximum is better, and
#   when the average.
# * Lin, Chen and Yan (2013), [Network in network](https://arxiv.org/abs/1312.4400): global average
#   pooling appears.
# * Springenberg et al. (2014), [Striving for simplicity: the all convolutional
#   net](https://arxiv.org/abs/1412.6806): strides instead of max pooling.
# * Zhang (2019), [Making convolutional networks shift-invariant
#   again](https://arxiv.org/abs/1904.11486): what pooling does to shifts, and a repair.
#
# **Next:** lecture 08 puts convolution, ReLU and pooling together and trains a whole network.
