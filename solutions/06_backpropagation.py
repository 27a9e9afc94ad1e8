# %% [markdown]
# # Backpropagation
#
# A network learns by asking one question of every number in it: if you were a little larger, would
# the error grow or shrink? **At the end you hold a backward pass of your own that answers it for a
# whole convolution, that agrees with PyTorch at every stride and padding, and that teaches a filter
# what to do.**
#
# You will learn to
#
# * say what a gradient is, and measure one by wiggling;
# * walk the chain rule back through a neuron, with numbers;
# * add up every use of a pixel, of a weight and of a bias in a convolution;
# * check a gradient: forward first, in float64, with a step of about 1e-5;
# * tell why shared weights need a sum and a locally connected layer does not.
#
# You need the convolution of lecture 04 with the stride and padding of lecture 05, and locally
# connected layers from lecture 03. What a derivative is, we recall. The lecture takes about 115
# minutes with its four exercises; all cells together run in well under a minute on a laptop's CPU.
#
# The next cell loads the tools.

# %% [markdown] tags=["instructor"]
# Time: 2 min. Ask who remembers the chain rule. Few do, and it does not matter: the lecture needs
# only slopes that multiply and slopes that add.
#
# Tip: write "how much does the loss change if I wiggle this?" on the board and leave it there. Every
# gradient of the lecture answers this question.

# %%
import numpy as np
import torch
from torch.nn.functional import conv2d

from coursekit import check, mine, plots
from coursekit.data import photograph
from coursekit.layers import relative_error
from coursekit.predictions import reveal
from coursekit.widgets import BackwardStepper

# %% [markdown]
# ## What is a gradient?
#
# Training needs one number that says how wrong the network is: the **loss** $L$. Zero would be
# perfect. Take the smallest network there is. It has one weight $w$, its input is 2, its output is
# $2w$, and the output should be 1. As the loss we take the squared difference:
#
# $$L(w) = (2w - 1)^2$$
#
# At $w = 1$ the output is 2, so $L = 1$. Should $w$ grow or shrink? Try both: $L(1.01) = 1.0404$ and
# $L(0.99) = 0.9604$. A larger $w$ makes it worse. Between the two, $w$ changed by 0.02 and the loss
# by 0.08, four times as much.
#
# This factor is the **slope** of the loss at $w = 1$, also called its derivative and written
#
# $$\frac{\partial L}{\partial w} = 4$$
#
# Read it as: near here, the loss changes 4 times as much as $w$ does.

# %% [markdown] tags=["instructor"]
# Time: 8 min. Let the room compute L(1.01) and L(0.99) by calculator before the word slope falls.
#
# Tip: the sign first, the size later. Positive means "growing hurts".

# %%
w = np.linspace(-0.25, 1.5, 60)
near = np.linspace(0.6, 1.4, 2)
plots.plot_curves(
    {"loss": (w, (2 * w - 1) ** 2), "slope 4": (near, 1 + 4 * (near - 1))},
    x_label="weight w",
    y_label="loss L",
    title="the loss, and its slope at w = 1",
    alt="The loss against the weight, a parabola with its lowest point at w = 0.5, and a straight "
    "line of slope 4 that touches it at w = 1.",
)

# %% [markdown]
# ### Where does the weight want to go?
#
# To make the loss smaller, move *against* the slope: here to the left. Step by step the weight goes
# down the curve, and the steps end where the slope is 0.
#
# **Predict:** at which $w$ is that? Write your number in place of `None`, then run the cell.

# %%
guess = None
reveal(guess, 0.5)

# %% [markdown]
# ### What if there are many numbers?
#
# At $w = 0.5$ the output $2w$ is 1, as it should be. The loss is 0 there, and the curve is level.
#
# A network has millions of weights. Each has a slope of its own, found while all others stand still.
# All these slopes together are the **gradient**: an array with one number for each number of the
# weights, so it has *the same shape* as they have.
#
# In code we write `dw` for the array of all $\partial L/\partial w$, `db` for the biases, `dx` for
# the input, and `dout` for the output of a layer. The loss stays one number; only what we wiggle
# changes. If a `dx` of yours ever has another shape than `x`, it is wrong.

# %% [markdown]
# ## How does the chain rule walk back?
#
# Now one neuron with two inputs. It multiplies, adds, and cuts off what is negative:
#
# $$z = w_0 x_0 + w_1 x_1 + b, \qquad h = \max(0, z), \qquad L = (h - 1)^2$$
#
# First **forward**: with $x = (2, -1)$, $w = (1, 3)$ and $b = 4$ we get $z = 2 - 3 + 4 = 3$, then
# $h = 3$ and $L = 4$.
#
# Then **backward**, from the loss to the front. At every station we ask only for the slope of this
# one step, and multiply it by what arrived from behind. That is the **chain rule**: slopes of steps
# that follow one another multiply.
#
# ```text
# forward    x, w, b  ── sum ──▶  z = 3  ── relu ──▶  h = 3  ── (h−1)² ──▶  L = 4
# backward                 ∂L/∂z = 4·1 = 4  ◀──  ∂L/∂h = 2·(3−1) = 4  ◀──
# ```
#
# The last step, $(h-1)^2$, has the slope $2(h-1) = 4$. ReLU has the slope 1 where $z$ is positive,
# so 4 arrives at $z$.
#
# ### Who stood beside it?
#
# What does $z$ do when $w_0$ grows by a little? $w_0$ is multiplied by $x_0 = 2$, so $z$ grows twice
# as much. **In a product, the slope of one factor is the other factor.** And in a sum every part is
# handed the full slope, so $b$ has slope 1.
#
# **Predict:** 4 arrived at $z$. What is $\partial L/\partial w_0$?

# %% [markdown] tags=["instructor"]
# Time: 12 min with the exercise. Draw the chain on the board, forward in green, backward in purple.
# Let the room fill in the purple numbers.
#
# Tip: at the product, ask "who stood beside the weight?" It works for the whole lecture.

# %%
guess = None
reveal(guess, 8)

# %% [markdown]
# ### Take all of them
#
# The same for every number: weights get $4 \cdot x$, inputs get $4 \cdot w$, the bias gets 4. In
# code, six lines forward and backward.

# %%
x, w, b = np.array([2.0, -1.0]), np.array([1.0, 3.0]), 4.0
z = w @ x + b
h = max(0.0, z)
dh = 2 * (h - 1)
dz = dh if z > 0 else 0.0
print("dw", dz * x, "dx", dz * w, "db", dz)

# %% [markdown]
# ### What does ReLU do to a gradient?
#
# Had $z$ been negative, $h$ would be 0, and wiggling $z$ a little would change nothing: slope 0. Then
# 0 arrives at the weights, and this neuron learns nothing from this input. ReLU is a gate. Where
# its *input* was positive, the gradient passes unchanged; elsewhere it is stopped. Exactly at 0
# there is a kink, and any slope from 0 to 1 is accepted. PyTorch takes 0.
#
# **Exercise.** Write the gate for arrays of any shape. `dout` is what arrives from behind. One line
# is enough.


# %% exercise="relu_backward"
def relu_backward(dout, x):
    """Gradient of ReLU by its input.

    dout: gradient of the loss by ReLU's output, any shape. x: ReLU's input, of the same shape.
    Returns an array of that shape: dout where x is positive, 0 where x is negative.
    For example, relu_backward(np.array([5.0, 7.0]), np.array([-1.5, 2.0])) is [0, 7].
    """
    ### BEGIN SOLUTION
    return dout * (x > 0)
    ### END SOLUTION


# %% check="relu_backward" points=1
check(relu_backward)

# %% [markdown]
# ## How do you measure a gradient?
#
# Formulas for slopes can be wrong, and so can code. A measurement is slower and hard to get wrong:
# wiggle one number, look at the loss, put the number back. With a small step $h$,
#
# $$\frac{\partial L}{\partial x} \approx \frac{L(x + h) - L(x - h)}{2h}$$
#
# This is the **central difference**: one look to each side. It would be cheaper to look to one side
# only, $(L(x + h) - L(x))/h$. **Predict:** what does that give for $L(x) = x^2$ at $x = 0$ with
# $h = 1$? The true slope there is 0.

# %% [markdown] tags=["instructor"]
# Time: 14 min with the exercise. Sketch x² with both chords; the central one is parallel to the
# tangent.
#
# Tip: the usual slip in the exercise is a number that is not put back. The check names it.

# %%
guess = None
reveal(guess, 1)

# %% [markdown]
# ### Exercise: numerical_gradient
#
# One side is off by 1, both sides give $(1 - 1)/2 = 0$, which is right. Near a smooth place the
# one-sided error shrinks like $h$, the central one like $h^2$.
#
# Write it for an array of any shape. `np.ndindex(x.shape)` walks over all places of an array, and
# `x[place]` is one number of it. Wiggle one number at a time, all others at rest, on a copy, and
# put it back before you go on.


# %% exercise="numerical_gradient"
def numerical_gradient(f, x, h=1e-5):
    """Gradient of a loss by central differences.

    f: takes a float64 array shaped as x and returns one number. x: float64, any shape; after the
    call it holds the same numbers as before. h: the step.
    Returns an array shaped as x: for each number, (f with it h larger − f with it h smaller) / 2h.
    For example, with f = lambda x: (x**2).sum() and x = np.array([3.0, -1.0]) it is [6, -2].
    """
    ### BEGIN SOLUTION
    wiggled, dx = x.copy(), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        wiggled[place] = x[place] + h
        above = f(wiggled)
        wiggled[place] = x[place] - h
        below = f(wiggled)
        wiggled[place] = x[place]
        dx[place] = (above - below) / (2 * h)
    return dx
    ### END SOLUTION


# %% check="numerical_gradient" points=2
check(numerical_gradient)

# %% [markdown]
# ## Which outputs used this pixel?
#
# So far every number was used once. In a convolution a pixel is read by many windows. Take one row
# of three pixels $x = (1, 2, 3)$ and the kernel $(5, 7)$:
#
# ```text
# pixels      1     2     3
# output 0    ×5    ×7             1·5 + 2·7 = 19
# output 1          ×5    ×7       2·5 + 3·7 = 31
# ```
#
# The middle pixel goes into *both* outputs: into output 0 through the weight 7, into output 1
# through the weight 5. Wiggle it by 0.1. Output 0 moves by 0.7 and output 1 by 0.5, and the loss
# feels both.
#
# How strongly the loss depends on each output is known already; it came from behind as `dout`. Say
# `dout = (1, 10)`. **Predict:** what is $\partial L/\partial x$ for the middle pixel?

# %% [markdown] tags=["instructor"]
# Time: 14 min. Do the row of three pixels by hand for all three pixels: 5, 57 and 70.
#
# Tip: the wrong answer to wait for is 50, only the last output. It is `dx[...] = …` instead of `+=`
# in the exercise to come.

# %%
guess = None
reveal(guess, 57)

# %% [markdown]
# ### Add up all the ways
#
# $1 \cdot 7 + 10 \cdot 5 = 57$. **If a number is used several times, its gradient is the sum over
# all uses.** Slopes along one way multiply, different ways add. That is all there is to the backward
# pass of a convolution.
#
# Measure it. From here on `mine("numerical_gradient")` is your function if its check has passed, and
# the course's until then. For a given `dout`, a loss with exactly this gradient at the output is
# $L = \sum \text{out} \cdot \text{dout}$, because in a product the slope is the other factor. This
# trick turns any layer into something we can measure.
#
# `mine("conv2d_forward")` is your function from lecture 04 if it passed its check there.

# %%
measure, forward = mine("numerical_gradient"), mine("conv2d_forward")
row = np.array([1.0, 2.0, 3.0]).reshape(1, 1, 1, 3)
kernel = np.array([5.0, 7.0]).reshape(1, 1, 1, 2)
dout = np.array([1.0, 10.0]).reshape(1, 1, 1, 2)
print(measure(lambda x: (forward(x, kernel, np.zeros(1)) * dout).sum(), row).round(4))

# %% [markdown]
# ### Which windows reach a pixel?
#
# In two dimensions it is the same picture. Recall from lecture 05 which pixel the window at place
# $i$ reads through its tap $u$: pixel $i \cdot s + u - p$, with stride $s$ and padding $p$. So a pixel
# in row $r$ and column $q$ is read by output $(i, j)$ if there are taps $u$ and $v$ with
#
# $$i \cdot s + u - p = r, \qquad j \cdot s + v - p = q$$
#
# and its gradient is the sum over all of them, and over all filters $f$, since each filter looked at
# this pixel as well:
#
# $$\frac{\partial L}{\partial x[c, r, q]} = \sum_f \sum_{(i, u)} \sum_{(j, v)} \text{dout}[f, i, j] \cdot w[f, c, u, v]$$
#
# The slide that this section belongs to says so too: a sum over all outputs. But it uses the same
# letters $i', j', k'$ for the place of an output and for the place of a pixel. Those are two
# different lists: a 5×5 image under a 3×3 kernel has 25 pixels and 9 outputs. We keep $(c, r, q)$
# for a pixel and $(f, i, j)$ for an output.
#
# ### Walk the terms yourself
#
# Click a pixel of `x`, or move there with the arrow keys. All outputs that read it light up in `dout`, each
# with the weight that it read the pixel through. Step through the terms and watch the sum grow. Then
#
# 1. find the pixels that only one output read;
# 2. set the stride to 3: is there still a pixel that two outputs read?
# 3. tick "Ask me first" and predict how many terms a pixel has.

# %%
BackwardStepper()

# %% [markdown]
# ### Do all pixels count equally?
#
# No. The corner of an image is read once, a pixel in the middle nine times. Counting is easy with a
# backward pass: if every `dout` and every weight is 1, each use adds 1, and `dx` is the number of
# uses. PyTorch can count for us, with `conv2d` in front and its `backward` behind.
#
# **Predict:** with padding 1 and stride 2, how many windows read the pixel in the corner of a 7×7
# image?

# %%
guess = None
reveal(guess, 1)


# %%
def uses(size, stride, padding):
    image = torch.ones(1, 1, size, size, requires_grad=True)
    conv2d(image, torch.ones(1, 1, 3, 3), stride=stride, padding=padding).sum().backward()
    return image.grad[0, 0].numpy()


plots.show_numbers(
    [uses(7, 1, 0), uses(7, 1, 1), uses(7, 2, 1)],
    titles=["stride 1, padding 0", "stride 1, padding 1", "stride 2, padding 1"],
    roles="gradient",
    alt="How many windows of 3 by 3 read each pixel of a 7 by 7 image: from 1 in the corner to 9 "
    "inside without padding, from 4 to 9 with padding 1, and a pattern of 1, 2 and 4 with stride 2.",
)

# %% [markdown]
# Without padding the border is neglected: one use in the corner against nine inside, so the corner
# gets a ninth of the terms. Padding 1 softens that to 4 against 9. With stride 2 windows
# start at −1, 1, 3 and 5, so only the first of them reads pixel 0, and the uses alternate: 1, 2 or 4, in
# a checkered pattern. So do gradients in the image, and you can see it as a grid in pictures of them.

# %% [markdown]
# ## Where else was each number used?
#
# The slide gives $\partial L/\partial x$ only. That is the message to the layer below. To *learn*,
# a layer needs $\partial L/\partial w$ and $\partial L/\partial b$, so let us derive them. Nothing
# new is needed: list the uses, take the partner in each product, add.
#
# **A weight** $w[f, c, u, v]$ was used at every place $(i, j)$ of its filter's map, and in every image
# $n$. Its partner there was the pixel under its tap, in the padded image $\hat x$:
#
# $$\frac{\partial L}{\partial w[f, c, u, v]} = \sum_n \sum_i \sum_j \text{dout}[n, f, i, j] \cdot \hat x[n, c, i s + u, j s + v]$$
#
# **A bias** $b[f]$ was added to every output of its map, with slope 1:
#
# $$\frac{\partial L}{\partial b[f]} = \sum_n \sum_i \sum_j \text{dout}[n, f, i, j]$$
#
# Nothing is averaged: if the loss is a mean over images, its $1/N$ is in `dout` already.
#
# **Predict:** back to the row $(1, 2, 3)$ with `dout = (1, 10)`. What is the gradient of the first
# weight, the 5?

# %% [markdown] tags=["instructor"]
# Time: 28 min with the exercise, most of it for the exercise. Compute dw = (21, 32) and db = 11 on the
# board before anybody codes.
#
# Tip: who is stuck should start with one image, one filter, stride 1 and no padding, and let the
# check say which groups pass.

# %%
guess = None
reveal(guess, 21)

# %% [markdown]
# ### See a weight and a bias at work
#
# Output 0 used the 5 on the first pixel, output 1 used it on the second: $1 \cdot 1 + 10 \cdot 2 = 21$. The 7
# gets $1 \cdot 2 + 10 \cdot 3 = 32$, and the bias $1 + 10 = 11$.
#
# The same picture as before, now for two channels and two filters, with padding 1 and stride 2. It
# starts with a weight: every place of its filter lights up, with the pixel it met there. Some of
# them are zeros of the padding. Switch to "of a bias", and back to a pixel: how many filters
# contribute now?

# %%
two_by_two = np.array([[[[1, 0, -1]] * 3] * 2, [[[1, 2, 1], [0, 0, 0], [-1, -2, -1]]] * 2])
image = photograph("coffee", size=5)[..., :2].transpose(2, 0, 1) // 26 / 10
BackwardStepper(image, two_by_two, stride=2, padding=1, mode="dw")

# %% [markdown]
# ### Think from the outputs
#
# The formulas ask for each pixel which outputs used it. In code the other direction is easier: go
# through the *outputs*, and let each of them hand its share to everything it used. Output
# $(n, f, i, j)$ was made from one chunk of the padded image, so
#
# ```text
# gradient of the chunk  +=  dout[n, f, i, j] · w[f]
# dw[f]                  +=  dout[n, f, i, j] · the chunk
# db[f]                  +=  dout[n, f, i, j]
# ```
#
# The `+=` is the sum over uses. With `=`, only the last use would survive, and the result would
# still be right wherever windows do not overlap. That makes it a bug that hides.
#
# Two things to watch. The chunk starts at row `i * stride` of the *padded* image, exactly where the
# forward pass read it. And the gradient of the padded image has a rim that nobody asked for: cut it
# off with `[p : p + H]`. The shorter `[p:-p]` fails for padding 0, because `a[0:-0]` is empty.
#
# ### Exercise: conv2d_backward
#
# Write it in plain loops; `for n, f, i, j in np.ndindex(dout.shape)` walks over all outputs. Speed
# does not matter here.


# %% exercise="conv2d_backward"
def conv2d_backward(dout, x, w, stride=1, padding=0):
    """Gradients of a convolution by its input, weights and biases.

    dout: gradient of the loss by the output of conv2d_forward(x, w, b, stride, padding),
    (N, F, H', W'). x: images (N, C, H, W). w: filters (F, C, kH, kW).
    Returns (dx, dw, db), shaped as x, w and b: (N, C, H, W), (F, C, kH, kW) and (F,). Every use
    counts, nothing is averaged; dout, x and w stay as they are.
    For example, for the image [1, 2, 3], the kernel [5, 7] and dout [1, 10] it gives
    dx = [5, 57, 70], dw = [21, 32] and db = [11].
    """
    ### BEGIN SOLUTION
    ring = (padding, padding)
    padded = np.pad(x, [(0, 0), (0, 0), ring, ring])
    dpadded, dw, db = np.zeros(padded.shape), np.zeros(w.shape), np.zeros(len(w))
    for n, f, i, j in np.ndindex(dout.shape):
        rows = slice(i * stride, i * stride + w.shape[2])
        cols = slice(j * stride, j * stride + w.shape[3])
        dpadded[n, :, rows, cols] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * padded[n, :, rows, cols]
        db[f] += dout[n, f, i, j]
    height, width = x.shape[2:]
    return dpadded[:, :, padding : padding + height, padding : padding + width], dw, db
    ### END SOLUTION


# %% check="conv2d_backward" points=6
check(conv2d_backward)

# %% [markdown]
# ### Watch your own function
#
# The stepper below draws the numbers of `mine("conv2d_backward")`: yours if the check has passed.
# You can also give it a function that is not finished, `backward=conv2d_backward` without `mine`.
# Then every number that differs from the sum of its terms is struck through in red, and the line at
# the bottom counts them.

# %%
BackwardStepper(backward=mine("conv2d_backward"), padding=1)

# %% [markdown]
# ## Is it right?
#
# A backward pass can be checked without knowing the answer: measure. But in this order:
#
# 1. **Forward first**, against numbers from elsewhere.
# 2. Then each gradient against central differences, in **float64** with $h \approx 10^{-5}$.
# 3. At awkward sizes: stride 2, padding 0 *and* more, more rows than columns, two images. A
#    well-known course checks its convolution at stride 1 only, where a forgotten stride goes unnoticed.
#
# Which numbers can come from elsewhere? PyTorch's. And how near is near enough? We take the largest
# difference, divided by the largest number: `relative_error`. Below $10^{-6}$ is fine.

# %% [markdown] tags=["instructor"]
# Time: 12 min. Ask what a gradient check cannot find, before you show the example.
#
# Tip: leave the figure of error against h up for a while. Ask where the left branch would be in
# float16.

# %%
rng = np.random.default_rng(0)
x, w, b = rng.normal(size=(2, 2, 6, 5)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=3)
expected = conv2d(*map(torch.tensor, (x, w, b)), stride=2, padding=1).numpy()
print(forward, "agrees:", relative_error(forward(x, w, b, 2, 1), expected) < 1e-6)

# %% [markdown]
# ### Then the gradients
#
# Three measurements, one for each of `x`, `w` and `b`, with the trick from above: the loss is the
# sum of output times `dout`.

# %%
dout = rng.normal(size=expected.shape)
losses = {
    "dx": (lambda x: (forward(x, w, b, 2, 1) * dout).sum(), x),
    "dw": (lambda w: (forward(x, w, b, 2, 1) * dout).sum(), w),
    "db": (lambda b: (forward(x, w, b, 2, 1) * dout).sum(), b),
}
gradients = mine("conv2d_backward")(dout, x, w, 2, 1)
for (name, (loss, at)), gradient in zip(losses.items(), gradients, strict=True):
    print(name, gradient.shape, "agrees:", relative_error(gradient, measure(loss, at)) < 1e-6)

# %% [markdown]
# ### Why forward first?
#
# Somebody was asked for a layer with stride 2 and forgot the stride, in both passes. **Predict:**
# does the gradient check find it? Write `True` or `False`.

# %%
guess = None
wide = rng.normal(size=(2, 3, 6, 5))
dw = mine("conv2d_backward")(wide, x, w, 1, 1)[1]
passes = relative_error(dw, measure(lambda w: (forward(x, w, b, 1, 1) * wide).sum(), w)) < 1e-6
reveal(guess, not passes)

# %% [markdown]
# ### What does the check compare?
#
# It does not find it. The backward pass is the right one *for the forward pass it was given*, and
# that one is wrong. A gradient check compares the two passes with each other, and never with what
# you wanted. A shape or a number from elsewhere finds it at once: stride 2 makes 3 rows of 6, stride
# 1 makes 6.
#
# ### Which step is best?
#
# A smaller $h$ should be better. Try it on $e^x$ at 1, whose slope is $e$, in float64 and in
# float32. The next cell measures with steps from 1 down to $10^{-12}$.

# %%
steps = 10.0 ** -np.arange(0, 12.5, 0.5)


def error(dtype, h):
    above, below = np.exp(dtype(1) + dtype(h)), np.exp(dtype(1) - dtype(h))
    return abs((above - below) / dtype(2 * h) - np.e) / np.e


axes = plots.plot_curves(
    {kind.__name__: (steps, [error(kind, h) for h in steps]) for kind in (np.float64, np.float32)},
    x_label="step h, smaller to the right",
    y_label="relative error",
    title="central differences of exp at 1",
    alt="Relative error against the step, both on logarithmic axes. In float64 the error falls to "
    "about 1e-11 at a step of 1e-5 and rises again; in float32 it is never below 1e-6 and is 1, "
    "all wrong, for steps of 1e-8 and less.",
)
axes.set(xscale="log", yscale="log", xlim=(2, 1e-14))
axes

# %% [markdown]
# Two errors fight. From the left the curves fall like $h^2$: the loss is curved, and a shorter look
# sees less of the curve. Further right they rise again: $L(x + h)$ and $L(x - h)$ agree in almost all of
# their digits, the difference keeps only the last few, and dividing by a tiny $2h$ blows their
# rounding up. In float64, with 16 digits, the lowest point is near $h = 10^{-5}$. In float32, with 7
# digits, it comes far earlier and lies many thousand times as high. At $10^{-8}$ float32 cannot tell
# $1 + h$ from 1: the measured slope is 0.
#
# One more trap: near a kink the two sides see different slopes. At exactly 0 a central difference
# gives ReLU the slope 0.5. If a check fails at a few numbers only, see whether they sit on a kink.

# %% [markdown]
# ## Why does a locally connected layer need no sum?
#
# In lecture 03 we met the layer that looks through the same windows but has separate weights at
# every place: `w[f, i, j]` is the kernel of neuron $(f, i, j)$ alone. How often was one of *its*
# weights used? Once in each image, at its own place. So the sum over places disappears:
#
# $$\frac{\partial L}{\partial w[f, i, j, c, u, v]} = \sum_n \text{dout}[n, f, i, j] \cdot x[n, c, i + u, j + v]$$
#
# The same for its biases. A *pixel* is still read by many neurons, so `dx` is a sum as before, only
# each neuron hands its share on through weights of its own.
#
# **Predict:** the row $(1, 2, 3)$ under the weights $(5, 7)$ and $(11, 13)$, `dout = (1, 10)`. What is
# the gradient of the middle pixel?

# %% [markdown] tags=["instructor"]
# Time: 12 min with the exercise. It is conv2d_backward with longer indices and without stride and
# padding; most students need five minutes.
#
# Tip: the question "how many uses?" for x, w, b, in both layers, makes a table of six that is worth
# the board.

# %%
guess = None
reveal(guess, 117)

# %% [markdown]
# ### Exercise: locally_connected_backward
#
# $1 \cdot 7 + 10 \cdot 11 = 117$. Copy your loop over the outputs and change what has to change. The
# layer has stride 1 and no padding.


# %% exercise="locally_connected_backward"
def locally_connected_backward(dout, x, w):
    """Gradients of a locally connected layer by input, weights and biases.

    dout: gradient of the loss by the output, (N, F, H', W'). x: images (N, C, H, W).
    w: (F, H', W', C, kH, kW); w[f, i, j] are the weights of neuron (f, i, j).
    Returns (dx, dw, db), shaped as x, w and b, which is (F, H', W'); dout, x and w stay as they
    are. For example, for x = [1, 2, 3] under the weights [5, 7] and [11, 13] and dout [1, 10] it
    gives dx = [5, 117, 130], dw = [1, 2] and [20, 30], and db = [1, 10].
    """
    ### BEGIN SOLUTION
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(w.shape[:3])
    for n, f, i, j in np.ndindex(dout.shape):
        rows, cols = slice(i, i + w.shape[4]), slice(j, j + w.shape[5])
        dx[n, :, rows, cols] += dout[n, f, i, j] * w[f, i, j]
        dw[f, i, j] += dout[n, f, i, j] * x[n, :, rows, cols]
        db[f, i, j] += dout[n, f, i, j]
    return dx, dw, db
    ### END SOLUTION


# %% check="locally_connected_backward" points=3
check(locally_connected_backward)

# %% [markdown]
# ### Share the weights again
#
# Give every place the *same* weights, and the locally connected layer computes a convolution. Its
# `dw` then has one kernel's gradient for each place. What do you get when you add them up over the
# places? Decide, then run the cell.

# %%
local = np.broadcast_to(w[:, None, None], (3, 4, 3, 2, 3, 3)).copy()
dout = rng.normal(size=(2, 3, 4, 3))
separate = mine("locally_connected_backward")(dout, x, local)[1]
shared = mine("conv2d_backward")(dout, x, w)[1]
print("shapes", separate.shape, "and", shared.shape)
print("the sum over places is the convolution's dw:", np.allclose(separate.sum((1, 2)), shared))

# %% [markdown]
# ## Train a filter
#
# So sharing weights in the forward pass *is* a sum in the backward pass, and every weight of a
# convolution collects evidence from all places. That is why it can learn from a single picture. See
# for yourself.
#
# Somebody has filtered a photograph of grass with a secret 3×3 kernel. We have the
# photograph and the result, nothing else. Start with a kernel of zeros and let the gradient find the
# secret one:
#
# 1. forward: filter the photograph with the present kernel;
# 2. the loss is half the sum of squared differences, so `dout` is the difference itself;
# 3. backward: `dw` says how each weight changes the loss;
# 4. move every weight a little *against* its slope. How little is the **learning rate**, here 0.02.
#
# Repeating this is called **gradient descent**. The picture shows the kernel in rounds 0, 5 and 100.

# %% [markdown] tags=["instructor"]
# Time: 8 min. Run it with the students' own functions.
#
# Tip: try a learning rate of 0.04. The loss explodes, and lecture 08 has a reason to exist.

# %%
grass = photograph("grass")[100:124, 100:124] / 255
x = (grass - grass.mean())[None, None]
secret = np.array([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])
target = forward(x, secret, np.zeros(1))
w, kernels, titles = np.zeros((1, 1, 3, 3)), [], []
for turn in range(101):
    dout = forward(x, w, np.zeros(1)) - target
    if turn in (0, 5, 100):
        kernels.append(w[0, 0].round(1) + 0.0)
        titles.append(f"round {turn}, loss {0.5 * (dout**2).sum():.2g}")
    w = w - 0.02 * mine("conv2d_backward")(dout, x, w)[1]
plots.show_numbers(
    kernels,
    titles=titles,
    roles="weights",
    alt="The kernel in rounds 0, 5 and 100, rounded to tenths: zeros, then negative on the left and "
    "positive on the right, then exactly the secret kernel; the loss falls to almost nothing.",
)

# %% [markdown]
# The secret was Sobel's kernel for upright edges, and it came out to the last tenth. Nobody told
# the filter a single weight; it only ever saw differences.

# %% [markdown]
# ## What do you take along?
#
# * A gradient has one slope for each number, and the shape of what it belongs to. Central differences
#   measure it.
# * Slopes of steps in a row multiply; in a product, the slope of one factor is the other. ReLU is a
#   gate that its input opens.
# * In a convolution every use adds: a pixel over all outputs that read it, `dout · w`; a weight over
#   all places and images, `dout · x`; a bias over all `dout`.
# * Check the forward pass first, then the gradients, in float64 with $h \approx 10^{-5}$, at stride 2
#   and with two images. A gradient check cannot see a wrong forward pass.
# * Shared weights make the sum over places; a locally connected layer has none, except in `dx`.
#
# Which of the four exercises have you passed? `from coursekit import progress; progress("06")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 5 min. For a pixel, a weight and a bias, in a convolution and in a locally connected layer: who
# used it, and what stood beside it? Six answers, from six people.
#
# Tip: only two of the six change when sharing is given up, the weight's and the bias's.

# %% [markdown]
# ### Open questions
#
# <details><summary>Why does one hear that the backward pass of a convolution is a convolution?</summary>
#
# At stride 1 it is one: `dx` is `dout`, padded by k − 1, under the kernel turned by 180°, because a
# pixel meets the taps in reverse order as the window passes. You needed no turning, because you
# handed shares on from the outputs.
# </details>
#
# <details><summary>What does the backward pass have to remember from the forward pass?</summary>
#
# The input of every layer: `dw` multiplies by `x`, and ReLU asks for its sign. That is why training
# takes far more memory than using a network.
# </details>
#
# <details><summary>Why not train with numerical gradients and save all this?</summary>
#
# Two forward passes for every weight. AlexNet has 61 million weights, so one step would cost 122
# million forward passes. The backward pass costs about as much as two.
# </details>

# %% [markdown]
# ### Further reading
#
# * Rumelhart, Hinton and Williams (1986), [Learning representations by back-propagating
#   errors](https://www.nature.com/articles/323533a0): four pages that started it.
# * Olah (2015), [Calculus on computational
#   graphs](https://colah.github.io/posts/2015-08-Backprop/): why one walks backward and not forward.
# * Karpathy (2016), [Yes you should understand
#   backprop](https://karpathy.medium.com/yes-you-should-understand-backprop-e2f06eab496b): what goes
#   wrong for those who do not.
# * Baydin et al. (2018), [Automatic differentiation in machine learning: a
#   survey](https://arxiv.org/abs/1502.05767): how PyTorch does it for any program.
#
# **Next:** lecture 07 makes images smaller by pooling, and asks where the gradient of a maximum goes.
