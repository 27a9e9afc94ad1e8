# %% [markdown]
# # Rectifiers and ensembles
#
# In February 2015 a paper announced a network that was wrong less often than a human. This last
# lecture takes the result apart: a better rectifier, a better start, several networks that decide
# together, and a number to compare with. **At the end you hold five functions of your own that
# rebuild each of these steps, a network of thirty layers that learns because of one of them, and a
# reasoned answer to the question whether the machine won.**
#
# You will learn to
#
# * let a rectifier learn its own slope, forward and backward;
# * derive how large first weights must be, and show what happens with the wrong size;
# * compute a top-5 error, and tell what it counts and what it leaves out;
# * let several networks decide together, and see why that helps;
# * read a table of results critically.
#
# You need convolution and its gradient (lectures 04 and 06), softmax and training (lecture 08). The
# lecture takes about 95 minutes with its five exercises. All cells together run in about half a
# minute on a laptop's CPU.
#
# Run the next cell first. `QUICK` is set while the course itself is being built and tested; the
# cells that train for long then do less, and say how much.

# %% [markdown] tags=["instructor"]
# Time: 2 min. Slides 58 to 60: the paper "Delving deep into rectifiers: surpassing human-level
# performance on ImageNet classification" by He, Zhang, Ren and Sun.
#
# Tip: ask who believes the title. Count the hands, and ask again at the end.

# %%
import os
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn.functional import conv2d

from coursekit import check, layers, mine, plots
from coursekit.data import Batches, cifar10_or_photos, load
from coursekit.models import alexnet_mini, example_convnet
from coursekit.predictions import reveal
from coursekit.training import evaluate, fit, predict, sgd

QUICK = os.environ.get("COURSEKIT_QUICK") == "1"
torch.set_num_threads(1)  # networks this small are fastest on one core

# %% [markdown]
# ## What does a ReLU throw away?
#
# A **ReLU** keeps positive numbers and turns all others into 0. −0.1 and −100 look the same behind
# it, and both get a gradient of 0: whatever made them negative learns nothing from this image.
#
# A **leaky ReLU** lets a little through. It multiplies negative numbers by a small fixed slope, such
# as 0.01. But who says 0.01? He and his colleagues (2015) let the network decide. Their
# **parametric ReLU**, PReLU, has a slope $a_c$ for each channel $c$, and learns it like a weight:
#
# $$f(x) = \begin{cases} x & \text{if } x > 0 \\ a_c\, x & \text{otherwise} \end{cases}$$
#
# All slopes start at 0.25. **Predict:** what does a PReLU with the slope 0.25 make of −8?

# %% [markdown] tags=["instructor"]
# Time: 12 min with the exercise. Draw the three curves on the board: ReLU, leaky ReLU, PReLU with
# a slope that is itself a question.
#
# Tip: ask which slope makes it a ReLU, and which makes it nothing at all.

# %%
guess = None
reveal(guess, -8 * 0.25)

# %% [markdown]
# ### Is it the larger of x and a·x?
#
# −8 is negative, so it is multiplied: 0.25 · (−8) = −2. A short way to write this is popular:
# `np.maximum(x, a * x)`. For a slope between 0 and 1 it is right. But a
# learned slope goes where it likes. Take $x = -4$ and $a = 2$: the formula gives −8, and the larger
# of −4 and −8 is −4. So ask for the sign of $x$.
#
# One more thing: the slopes belong to the *channels*. `x` has four axes, (N, C, H, W), and `a` has
# one, (C,). NumPy aligns shapes from the right, and would lay the slopes along the columns.
# `a.reshape(-1, 1, 1)` has the shape (C, 1, 1), which fits. Some networks share one slope between
# all channels; then `a` has the shape (1,), and the same line works.
#
# **Exercise.** Write PReLU. `np.where(condition, one, other)` chooses number by number.


# %% exercise="prelu_forward"
def prelu_forward(x, a):
    """Keep positive numbers, multiply the others by their channel's slope: an array shaped as x.

    x: (N, C, H, W). a: slopes, (C,), one for each channel, or (1,), one for all; any numbers.
    For example, -4 in a channel with the slope 0.25 becomes -1, and 3 stays 3.
    """
    ### BEGIN SOLUTION
    return np.where(x > 0, x, a.reshape(-1, 1, 1) * x)
    ### END SOLUTION


# %% check="prelu_forward" points=1
check(prelu_forward)

# %% [markdown]
# ### Look at the curves
#
# Your function draws four slopes. Which of them is a ReLU? Which gives the absolute value of its
# input?

# %%
forward = mine("prelu_forward")
x = np.linspace(3, -4, 29)  # from right to left, so that the names stand where the curves part
axes = plots.plot_curves(
    {
        f"a = {a}": (x, forward(x.reshape(1, 1, 1, -1), np.array([a])).ravel())
        for a in (1.0, 0.25, 0.0, -1.0)
    },
    x_label="x",
    y_label="f(x)",
    title=f"drawn with {forward}",
    alt="Four PReLUs: the same straight line for positive x; for negative x they part, down to -4 "
    "for the slope 1, to -1 for 0.25, flat at 0 for the slope 0, and up to 4 for the slope -1.",
)
for name in axes.texts:
    name.set(ha="right", x=-8)
axes.set_xlim(-5.6, 3.2)
axes

# %% [markdown]
# ## How does a slope learn?
#
# Backward, a PReLU has two things to tell (lecture 06 did the same for a convolution). `dout` is the
# gradient of the loss by its output. Where $x$ was positive, the output followed $x$ one to one;
# elsewhere it followed $a_c$ times as fast:
#
# $$dx = \begin{cases} dout & \text{if } x > 0 \\ a_c \cdot dout & \text{otherwise} \end{cases}$$
#
# And the slope? Raise $a_c$ by a hair. The output $a_c x$ of each negative number in channel $c$ moves
# by $x$ hairs, and no other output moves at all. Every one of them changes the loss, so all of them
# are *added*, over images, rows and columns:
#
# $$da_c = \sum_{x \le 0 \text{ in channel } c} x \cdot dout$$
#
# **Predict:** one channel holds the numbers −2, 3, −1, and `dout` is 10, 10, 5. What is $da$?

# %% [markdown] tags=["instructor"]
# Time: 15 min with the exercise. The sum is the point: a number used in many places gets the sum of
# their gradients, as the weights of a convolution do.
#
# Tip: common answers to the prediction are 5 (the positive number was let in) and −15 (x left out).

# %%
guess = None
reveal(guess, -2 * 10 + -1 * 5)

# %% [markdown]
# ### Exercise: prelu_backward
#
# −2 · 10 and −1 · 5 make −25; the 3 did not use the slope. Write both gradients.
# `each.sum(axis=(0, 2, 3))` adds up images, rows and columns, and leaves one number for each channel.
# If all channels share a single slope, it also collects from all of them: add up once more, and keep
# the shape (1,).


# %% exercise="prelu_backward"
def prelu_backward(dout, x, a):
    """Gradients of the loss by a PReLU's input and slopes: (dx, da), shaped as x and as a.

    dout: gradient by the output, shaped as x, (N, C, H, W). a: slopes, (C,) or (1,).
    For example, one channel with x = [-2, 3], dout = [1, 10] and the slope 0.25 gives dx = [0.25, 10]
    and da = [-2].
    """
    ### BEGIN SOLUTION
    dx = np.where(x > 0, dout, a.reshape(-1, 1, 1) * dout)
    da = np.where(x > 0, 0, x * dout).sum(axis=(0, 2, 3))
    if len(a) == 1:
        da = da.sum(keepdims=True)
    return dx, da
    ### END SOLUTION


# %% check="prelu_backward" points=2
check(prelu_backward)

# %% [markdown]
# ### Is it right?
#
# As in lecture 06: wiggle the slopes a little, and see how much a loss changes. Three channels, and a
# loss that multiplies each output by its `dout` and adds up.

# %%
backward, rng = mine("prelu_backward"), np.random.default_rng(0)
x, dout, a = rng.normal(size=(4, 3, 5, 5)), rng.normal(size=(4, 3, 5, 5)), np.array([0.25, -0.5, 2])
wiggled = layers.numerical_gradient(lambda a: (forward(x, a) * dout).sum(), a)
print("wiggled: ", wiggled.round(3))
print("computed:", backward(dout, x, a)[1].round(3), "with", backward)

# %% [markdown]
# ### Watch three slopes learn
#
# Now a test of the idea itself. Three channels of random numbers, and three wishes: the first channel
# should come out as from a ReLU, the second as its absolute value, the third unchanged. All slopes
# start at 0.25, and gradient descent on the squared error does the rest. Where should the three curves
# end?

# %%
x = rng.normal(size=(32, 3, 4, 4))
wish = np.stack([np.maximum(x[:, 0], 0), np.abs(x[:, 1]), x[:, 2]], axis=1)
a, path = np.full(3, 0.25), []
for _ in range(40):
    path.append(a)
    dout = (forward(x, a) - wish) / 512  # 512 numbers in a channel
    a = a - 0.2 * backward(dout, x, a)[1]
names = ("ReLU wanted", "absolute value", "no change")
plots.plot_curves(
    {name: (range(40), slopes) for name, slopes in zip(names, np.transpose(path), strict=True)},
    x_label="steps of gradient descent",
    y_label="slope",
    title=f"learned with {backward}",
    alt="Three slopes that start at 0.25: one falls to 0, one to -1, and one rises to 1.",
)

# %% [markdown]
# The slopes go to 0, −1 and 1. One PReLU can become a ReLU, an absolute value, or no rectifier at
# all, whatever the loss asks for.
#
# It is cheap: in the PReLU-net of the course's package, 14,688 of 178 million parameters are slopes.
# One detail from the paper: no weight decay on slopes, since it would pull each of them to 0, back to
# a ReLU.
#
# Did it help? In the paper, one network (model A; top-5 error on the validation images, each seen at
# several sizes) came down from 6.51 % with ReLU to 6.28 % with PReLU. A gain, and a small one. What
# comes next was taken up by everybody.
#
# ## How large should the first weights be?
#
# Lecture 08 used the rule $\sqrt{2/n}$ and promised a reason. Here it is. A neuron adds up $n$
# products $w_i x_i$; $n$ is its **fan-in**, channels times kernel height times kernel width. Draw the
# weights at random around 0, with variance $v$. Then the neuron's output $y$ scatters around 0 too,
# and its mean square is
#
# $$E[y^2] = n \cdot v \cdot E[x^2]$$
#
# because mixed products $w_i w_j$ cancel on average. Now the ReLU. $y$ is negative half of the time;
# those squares become 0, the others stay. What arrives at the next layer has *half* the mean square:
#
# $$E[x_{\text{next}}^2] = \tfrac12 \, n \cdot v \cdot E[x^2]$$
#
# The signal keeps its size if $\tfrac12 n v = 1$, so $v = 2/n$, and the standard deviation is
# $\sqrt{2/n}$. The older rule of Xavier Glorot (2010) has no rectifier in it: $v = 1/n$.
#
# ### Half of what?
#
# One often reads that a ReLU halves the *variance*. Measure it on a million random numbers: which of
# the two is halved?

# %% [markdown] tags=["instructor"]
# Time: 15 min with the exercise. Derive it slowly; the two lines are the reason why deep networks
# start at all.
#
# Tip: let somebody say why the mean square is followed through the layers, and not the variance.

# %%
y = rng.normal(size=1_000_000)
kept = np.maximum(y, 0)
print(f"mean square: {np.mean(y**2):.2f} before, {np.mean(kept**2):.2f} behind the ReLU")
print(f"variance:    {y.var():.2f} before, {kept.var():.2f} behind the ReLU")

# %% [markdown]
# It is the mean square. The variance falls to a third, because the numbers behind a ReLU no longer
# scatter around 0. The next layer multiplies them by random weights, so the mean square is what
# counts.
#
# ### What ten layers make of it
#
# **Predict:** two networks of ten layers start from the same random numbers, one scaled to $v = 2/n$,
# the other to $v = 1/n$. How many times smaller is the standard deviation behind the last ReLU in the
# second?

# %%
guess = None
reveal(guess, round((2**0.5) ** 10))

# %% [markdown]
# ### Exercise: he_std
#
# Each layer loses the factor $\sqrt{1/2}$, and $\sqrt2^{\,10} = 2^5 = 32$.
#
# With a PReLU, negative numbers are not lost: they keep $a^2$ of their square. The half becomes
# $(1 + a^2)/2$, and the rule
#
# $$\text{std} = \sqrt{\frac{2}{(1 + a^2)\, n}}$$
#
# For $a = 0$ that is the rule for ReLU, for $a = 1$ nothing is rectified and it is Xavier's. Mind that
# it is a standard deviation, the root of a variance, and that $n$ counts all three: channels, rows and
# columns of the kernel.


# %% exercise="he_std"
def he_std(in_channels, kernel_size, slope=0.0):
    """Standard deviation to draw a convolution's first weights with: one number.

    kernel_size: of a square kernel, in pixels. slope: of the rectifier for negative numbers.
    For example, he_std(2, 1) is 1.0 and he_std(2, 2) is 0.5.
    """
    ### BEGIN SOLUTION
    fan_in = in_channels * kernel_size**2
    return (2 / ((1 + slope**2) * fan_in)) ** 0.5
    ### END SOLUTION


# %% check="he_std" points=1
check(he_std)

# %% [markdown]
# ### Measure it in thirty layers
#
# Thirty convolutions with 32 channels, kernel 3, padding 1, each with a ReLU behind it. `slope=0` is
# He's rule; `slope=1` asks your function for Xavier's. Both start from the same random numbers.


# %%
def spreads(std, seed=2, channels=32, depth=30):
    """Standard deviation behind each of `depth` ReLUs, for first weights with deviation std."""
    torch.manual_seed(seed)
    x, found = torch.randn(8, channels, 32, 32), []
    for _ in range(depth):
        x = conv2d(x, std * torch.randn(channels, channels, 3, 3), padding=1).relu()
        found.append(x.std().item())
    return found


he = mine("he_std")
behind = {"He": spreads(he(32, 3)), "Xavier": spreads(he(32, 3, slope=1.0))}
for rule, found in behind.items():
    print(f"{rule}: {found[9]:.3f} behind ten layers, {found[29]:.1g} behind thirty")

# %% [markdown]
# 0.51 against 0.016 behind ten layers: 32 times. The 0.51 depends on the draw (other seeds give
# from 0.3 to 2.5), the 32 does not. He's signal shrinks a little as well, because of the zeros
# that padding puts at the border. Below, the scale is logarithmic: a straight fall means the same loss
# in every layer.

# %%
axes = plots.plot_curves(
    {rule: (range(1, 31), found) for rule, found in behind.items()},
    x_label="layer",
    y_label="deviation behind its ReLU",
    title=f"thirty layers, drawn with {he}",
    dots=True,
    alt="Deviation behind thirty ReLUs on a logarithmic scale: with He's rule it stays above a "
    "tenth, with Xavier's it falls in a straight line below a hundred-thousandth.",
)
axes.set_yscale("log")
axes

# %% [markdown]
# ## Do thirty layers learn?
#
# The signal of the second network is down to a hundred-thousandth. Going backward, its gradients
# shrink in the same way. Is that only small, or is it too small to learn from?
#
# Thirty layers, the digits that come with scikit-learn, and everything else equal. To be fast, the
# layers are fully connected, 64 numbers wide: convolutions with a kernel of 1 on an image of one
# pixel, so `he(64, 1)` is the deviation of their first weights. **Predict:** guessing among ten classes costs
# $\ln 10 = 2.30$. What will the network with Xavier's first weights cost after its training?

# %% [markdown] tags=["instructor"]
# Time: 8 min. Start the training cell before the explanation; it takes a few seconds.
#
# Tip: the paper has this figure for 30 layers on ImageNet: one curve falls, the other stays flat.


# %%
def thirty_layers(std, width=64):
    """Thirty layers for digits; std: fan-in -> standard deviation of the first weights."""
    sizes, stack = [64] + [width] * 29 + [10], [nn.Flatten()]
    for n_in, n_out in pairwise(sizes):
        layer = nn.Linear(n_in, n_out)
        nn.init.normal_(layer.weight, std=std(n_in))
        nn.init.zeros_(layer.bias)
        stack += [layer, nn.ReLU()]
    return nn.Sequential(*stack[:-1])  # no ReLU behind the scores


guess = None
reveal(guess, 2.30)

# %% [markdown]
# ### Train both
#
# Same data, same order, same learning rate, same random numbers for the first weights up to their
# size. The figure shows the mean loss of every ten steps.

# %% tags=["slow"]
digits, epochs, curves = load("digits"), 3 if QUICK else 6, {}
for rule, slope in {"He": 0.0, "Xavier": 1.0}.items():
    torch.manual_seed(0)
    net = thirty_layers(lambda n, slope=slope: he(n, 1, slope=slope))
    run = fit(net, Batches(digits, batch_size=32), epochs=epochs, optimizer=sgd(net, lr=0.01))
    loss = np.array(run.loss[: len(run.loss) // 10 * 10]).reshape(-1, 10).mean(axis=1)
    curves[rule] = (range(10, 10 * len(loss) + 1, 10), loss)
    right = evaluate(net, Batches(digits, "test")).accuracy
    print(f"{rule}: {right:.0%} of the test images are right after {epochs} epochs")
plots.plot_curves(
    curves,
    x_label="steps",
    y_label="training loss",
    title="thirty layers on digits",
    alt="Training loss against steps for thirty layers: with Xavier's first weights it stays flat at "
    "2.3, the cost of guessing; with He's it falls.",
)

# %% [markdown]
# ### What does the flat line say?
#
# With He's first weights the network learns. With Xavier's the loss stays at 2.30: whatever the image is,
# next to nothing of it arrives behind thirty layers, so all ten scores are nearly equal, and so are the
# probabilities. No error message tells; the flat line does.
#
# Do not conclude that thirty plain layers are a good idea. Two layers read these digits better. The
# paper says the same of its own: the thirty-layer network trained, and its error was worse than that
# of the fourteen-layer one. He's rule lets depth *start*. To make depth pay took the shortcuts of
# ResNet, later in the same year, by the same four authors. And with batch normalization, which
# rescales every layer's numbers, the first weights matter much less.
#
# ## Is the right name among five?
#
# ImageNet's images often show several things, and only one of them is the label. So the contest,
# ILSVRC, lets a network name **five** classes. The image counts as an error only if the label is not
# among them. In percent of the images, that is the **top-5 error**.
#
# The deck shows fifteen images on which the PReLU-nets did well, each with its five names. Below
# stands only what one needs for scoring: at which place the right name stood.
#
# | place of the right name | 1 | 2 | 3 | 4 | 5 | nowhere |
# |---|---|---|---|---|---|---|
# | fifteen successes (slide 58) | 10 | 1 | 2 | 1 | 1 | 0 |
# | nine failures (slide 60) | 0 | 0 | 0 | 0 | 0 | 9 |
#
# **Predict:** on how many of the fifteen is the right name among the first *three*?

# %% [markdown] tags=["instructor"]
# Time: 12 min with the exercise. Show the slide itself if you have the deck, cover the table, and let
# the room score: "in which line is the right name?"
#
# Tip: of the first nine images on slide 58, seven are right at the first guess and all nine among
# five.

# %%
guess = None
reveal(guess, 10 + 1 + 2)

# %% [markdown]
# ### Score all fifteen
#
# 10 + 1 + 2 = 13. The more names one may give, the better one looks. The next cell counts for one to
# five names.

# %%
places = np.repeat([1, 2, 3, 4, 5], [10, 1, 2, 1, 1])
for k in range(1, 6):
    print(f"top-{k}: {(places <= k).sum()} of 15 right")

# %% [markdown]
# ### Exercise: top5_error
#
# Write the measure of the contest. An image is missed if its right name is not among its *first* five
# guesses; longer lists do not help. Compare whole names: a catamaran is no cat. The result is in
# percent, from 0 to 100, as the tables print it.


# %% exercise="top5_error"
def top5_error(guesses, truths):
    """Percent of the images whose class is not among the first five guesses: from 0 to 100.

    guesses: for each of N images a list of names, best first; five or more. truths: N right names.
    For example, guesses [["fox", "dog", "cat", "owl", "bee"]] and truths ["cat"] give 0.0.
    """
    ### BEGIN SOLUTION
    missed = 0
    for names, truth in zip(guesses, truths, strict=True):
        missed += truth not in names[:5]
    return 100 * missed / len(truths)
    ### END SOLUTION


# %% check="top5_error" points=1
check(top5_error)

# %% [markdown]
# ### What do shown images say?
#
# Your function scores the fifteen successes, the nine failures, and all twenty-four.


# %%
def five_names(place):
    """Five guesses with "right" at this place, from 1; 0: nowhere."""
    return ["right" if one == place else f"wrong {one}" for one in range(1, 6)]


error = mine("top5_error")
shown = {"successes": [five_names(p) for p in places], "failures": [five_names(0)] * 9}
shown["all shown"] = shown["successes"] + shown["failures"]
for which, guesses in shown.items():
    print(f"{which}: top-5 error {error(guesses, ['right'] * len(guesses)):.1f} %")

# %% [markdown]
# 0, 100 and 37.5 percent, and none of them says anything about the network: the images were chosen
# for the page. The number that counts is 4.94 % of 100,000 test images, about 4,940 misses.
#
# Measure it against something, too. Five different names out of 1000, at random, contain the right one
# for 5 images in 1000: an error of 99.5 %.
#
# ## Do several networks know more?
#
# The 4.94 % are not the work of one network. Six of them looked at every image, and their answers were
# combined. AlexNet, Clarifai and GoogLeNet had won ILSVRC in the same way. Such a group is an **ensemble**.
#
# Why should it help? Suppose three networks are right on 70 % of the images each, and their errors have
# nothing to do with one another. Let them vote. The majority is right if all three are ($0.7^3$) or if
# exactly two are ($3 \cdot 0.7^2 \cdot 0.3$). **Predict:** on which share of the images? Three decimals
# will do.

# %% [markdown] tags=["instructor"]
# Time: 15 min with the exercise. Start the training cell early; it takes longest in this lecture.
#
# Tip: let the room vote on something nobody knows, such as the height of the building, and average the
# answers.

# %%
guess = None
reveal(guess, round(0.7**3 + 3 * 0.7**2 * 0.3, 3))

# %% [markdown]
# ### Average the probabilities
#
# 0.784, and no network has learned anything new. In real life the gain is smaller: networks trained on
# the same images find the same images hard.
#
# A vote forgets how sure a network is. Better: turn each network's scores into probabilities, and
# average those. With $M$ networks, and $p_k^{(m)}$ for the probability that network $m$ gives class $k$,
#
# $$\bar p_k = \frac{1}{M} \sum_{m=1}^{M} p_k^{(m)}$$
#
# | | cat | dog | owl |
# |---|---|---|---|
# | network 1 | 0.90 | 0.05 | 0.05 |
# | network 2 | 0.30 | 0.40 | 0.30 |
# | network 3 | 0.30 | 0.40 | 0.30 |
# | mean | **0.50** | 0.28 | 0.22 |
#
# Two of three would vote for the dog. The mean listens to the one that is sure.
#
# ### Exercise: ensemble_predict
#
# The scores of all networks come as one array $(M, N, K)$: networks, images, classes. Softmax runs over
# the classes, the last axis. As in lecture 08, subtract from each row *its own* largest score before
# `np.exp`, since scores of 1000 may come. Then average over the networks, and take for each image the
# class with the largest mean. Averaging the scores themselves would be different: a network that shouts
# 900 would drown all others.


# %% exercise="ensemble_predict"
def ensemble_predict(scores):
    """Classes that several networks choose by their mean probabilities: whole numbers (N,).

    scores: (M, N, K) of M networks for N images and K classes; any size, so 1000 is no mistake.
    For example, [[[9.0, 0.0]], [[0.0, 0.1]]], one image and two networks, gives [0].
    """
    ### BEGIN SOLUTION
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    probabilities = powers / powers.sum(axis=2, keepdims=True)
    return probabilities.mean(axis=0).argmax(axis=1)
    ### END SOLUTION


# %% check="ensemble_predict" points=2
check(ensemble_predict)

# %% [markdown]
# ### Do it for real
#
# Several copies of one network, each with other first weights (for its convolutions, your `he_std` says
# how large) and another order of the same training images.
#
# The data are CIFAR-10 if you have it in the folder named by `COURSEKIT_DATA`; then the members are the
# AlexNet-style networks of lecture 10. Otherwise they are Karpathy's small networks of lecture 08, on
# patches of the photographs that come with the course. The cell says which.

# %% tags=["slow"]
data, scores = cifar10_or_photos(), []
if data.name == "cifar10":
    data, build, lr, epochs = data.smaller(1500, 1000), alexnet_mini, 0.02, 12
else:
    data, build, lr, epochs = data.smaller(1000, 500), example_convnet, 0.01, 6 if QUICK else 8
for seed in range(3 if QUICK else 5):
    torch.manual_seed(seed)
    net = build()
    for layer in net[:-1]:
        if isinstance(layer, nn.Conv2d):
            nn.init.normal_(layer.weight, std=he(layer.in_channels, layer.kernel_size[0]))
            nn.init.zeros_(layer.bias)
    nn.init.normal_(net[-1].weight, std=0.01)
    batches = Batches(data, "train", 32, seed=seed)
    fit(net, batches, epochs=epochs, optimizer=sgd(net, lr=lr))
    scores.append(predict(net, Batches(data, "test"))[0].numpy())
print(f"{len(scores)} times {build.__name__}, {epochs} epochs each, trained on {data.name}")

# %% [markdown]
# ### Let them decide together
#
# On the same test images: each network alone, and all of them by your function.

# %% tags=["slow"]
labels, together = data.test.labels.numpy(), mine("ensemble_predict")
found = {f"network {i + 1}": alone.argmax(axis=1) for i, alone in enumerate(scores)}
found["together"] = together(np.stack(scores))
plots.plot_bars(
    {name: round(100 * float((classes == labels).mean()), 1) for name, classes in found.items()},
    x_label="test images that are right (percent)",
    title=f"{data.name}, decided with {together}",
    alt="Bars of the percent of test images that are right: one for each network alone, and the "
    "longest one for all of them together.",
)

# %% [markdown]
# Together they beat each of them, the best one included. The price: every member has to be trained,
# and has to look at every image. If your members were Karpathy's networks, try `build = alexnet_mini`
# on the same patches: each of them is better. Is the gain as large? What must be true of their errors?
#
# One part of this needs no luck. Because $-\ln$ curves upward, the cross-entropy of the averaged
# probabilities is never above the *mean* of the members' cross-entropies. That it is better than the
# *best* member is what one usually finds, and no law: add one network that has learned nothing, and it may
# fail.
#
# ## Did the machine see better than we do?
#
# Here is the table of slides 59 and 60, Table 7 of the paper: top-5 errors of *ensembles* on the test
# images of ILSVRC 2012. The first three were entries in the contest of 2014. The others came after it,
# when the results of the contest were known.

# %% [markdown] tags=["instructor"]
# Time: 12 min. Let the room rank the entries under "same rules" before the discussion: contest or
# after, one network or several.
#
# Tip: repeat the vote from the start of the lecture after the section on the one human.

# %%
TABLE_7 = {
    "SPP-nets, contest": 8.06,
    "VGG, contest": 7.32,
    "GoogLeNet, contest": 6.66,
    "VGG (paper, version 5), after": 6.8,
    "Baidu, after": 5.98,
    "PReLU-nets, after": 4.94,
}
axes = plots.plot_bars(
    TABLE_7,
    x_label="top-5 error (percent)",
    title="Table 7, and one trained human (dashed, at 5.1)",
    alt="Bars of six top-5 errors, from 8.06 percent for SPP-nets to 4.94 for PReLU-nets, the only "
    "one that ends left of a line at 5.1, a trained human.",
)
axes.axvline(5.1, color="black", linestyle="--", linewidth=1)
for value in axes.texts:
    value.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
axes

# %% [markdown]
# ### Are the rules the same?
#
# A comparison is as good as its rules. Three of them differ here or elsewhere in the literature:
#
# * **contest or after.** In the contest nobody knows what the others can do, and the number of entries
#   is limited. VGG's 7.32 were seven networks in the contest; its 6.8 were two better ones, months
#   later.
# * **one network or several.** On the validation images, the best single PReLU-net has 5.71, VGG 7.1
#   and GoogLeNet 7.89. You may find each of these beside an ensemble's number in the same table.
# * **one look or many.** All numbers above come from many crops and sizes of each image. The VGG-16
#   that torchvision offers misses 9.618 % with a single crop: the same architecture, other rules.
#
# With 5.71, no single network had passed the human.
#
# ### How sure is 5.1?
#
# The 5.1 % is *one* person, Andrej Karpathy, on 1500 test images, after training on 500
# (Russakovsky et al., 2015). He missed 76. A second person missed 12 % of 258.
#
# A share $e$ measured on $n$ images would scatter, with other images, by about
#
# $$\sqrt{e\,(1 - e)/n}$$
#
# **Predict** before you run: is the gap between 5.1 and 4.94 larger or smaller than that?

# %%
e, n = 76 / 1500, 1500
print(f"human: {100 * e:.2f} %, scatter {100 * (e * (1 - e) / n) ** 0.5:.2f} percentage points")
print(f"gap to the PReLU-nets: {5.1 - 4.94:.2f}, which is {0.0016 * n:.1f} of {n} images")

# %% [markdown]
# ### What can 1500 images tell?
#
# The gap is less than a third of the scatter, two or three images. "As good as one trained human on
# this test" is what the data can bear. The authors are careful in the text, more than in the title:
# they write that the result does not mean that machines see better in general.
#
# What did the human miss? He sorted his 76 errors himself:
#
# | reason | images |
# |---|---|
# | close relatives, such as breeds of dogs | 28 |
# | did not think of the class, or hardly knew it | 18 + 4 |
# | several things in the image, another was the label | 12 |
# | the label is wrong | 5 |
# | other | 9 |
#
# The test asks for 120 breeds of dogs. That is a strength of networks, and no everyday skill of ours.
#
# ### Is the label fair?
#
# Slide 60 shows nine failures of the PReLU-nets: three images labeled *letter opener*, three *spotlight*
# and three *restaurant*. All fifteen names given for each label are wrong, 0 of 9 are found. The paper
# shows them because these are the three hardest of the thousand classes: 49 %, 38 % and 36 % of their
# images are missed, while 113 classes have no error at all. Think of such photographs before you open
# the cards, and decide: is it the network's error?
#
# <details><summary>Card 1: a spotlight lights what it is meant to show.</summary>
#
# Who looks at a lit stage names the musician or the piano. The label names the lamp. Five guesses are
# quickly used up on what the light falls on. To know that the lamp is meant, one has to guess what the
# person who labeled the image was asked.
# </details>
#
# <details><summary>Card 2: a restaurant is a place, and a table with glasses is a thing.</summary>
#
# Glass, bottle, plate and dish are things in the image; restaurant is where they are. Both are true. The
# measure accepts one.
# </details>
#
# <details><summary>Card 3: a letter opener looks like a knife.</summary>
#
# Here the label is as fair as can be, and the answer is wrong. But who has never opened a letter with a
# knife? What makes it a letter opener is its use.
# </details>
#
# <details><summary>Card 4: how many labels would have to be fixed?</summary>
#
# Of the human's 76 errors, 12 + 5 = 17 are the label's fault rather than his. Without them 59 of 1500
# remain, 3.9 %. Years later others labeled the validation images again, with every class that is
# there (Beyer et al., 2020), and found that networks had begun to learn the habits of the old labels.
# </details>

# %% [markdown]
# ## What do you take along?
#
# * A PReLU learns a slope for each channel; backward, the slope collects $x \cdot dout$ from all negative
#   numbers of its channel.
# * A ReLU halves the mean square, so first weights need $v = 2/n$. With $1/n$ the signal of ten layers is
#   32 times smaller, and thirty layers do not start.
# * The top-5 error counts images whose one label is not among five names. Chosen examples say nothing
#   about it.
# * Averaged probabilities of several networks usually beat the best of them, for several times the work.
# * 4.94 against 5.1: an ensemble against one person on 1500 images, with a gap below the scatter.
#
# Which exercises have you passed, here and in the whole course? `from coursekit import progress;
# progress()` in a cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 4 min. Close the course with the list below, and ask for the vote once more: who believes the
# title now?
#
# Tip: give each group one figure of a recent paper and the five questions.

# %% [markdown]
# ### What can you do now?
#
# You began with "an image is a tensor of numbers". You can now write every layer of a ConvNet, forward
# and backward, and prove each gradient by wiggling. You can count the parameters, the outputs and the
# work of any architecture before you build it. You can start, train and repair a network, look inside
# it, and say how good it is, by which rules.
#
# ### How to read a paper
#
# In AlexNet's paper and in the deck you found numbers that do not add up, and in this lecture numbers
# that do not compare. That is no reason to trust nobody. It is a reason to ask five questions:
#
# 1. **Compared with what?** With guessing, with the simplest method, with the best earlier one?
# 2. **Same rules?** Same data, one network or several, validation or test, one look or many?
# 3. **How sure?** How many images, how many seeds, how large is the scatter?
# 4. **What exactly helped?** Was one thing changed at a time?
# 5. **Can I recompute it?** A size, a parameter count, a share: take a pencil, or your own functions.

# %% [markdown]
# ### Open questions
#
# <details><summary>Two Linear layers follow each other with nothing in between. Which rule for their
# first weights, and what do they lose?</summary>
#
# Slope 1: nothing is rectified, so $v = 1/n$, Xavier's rule. What they lose is their depth: together
# they compute one linear function.
# </details>
#
# <details><summary>The rule here keeps the forward signal. What would keep the gradient?</summary>
#
# The same argument backward counts fan-out, the outputs that one input reaches: $v = 2/n_{\text{out}}$.
# With as many channels in as out the two agree. The paper shows that either is enough.
# </details>
#
# <details><summary>Can one network stand in for an ensemble?</summary>
#
# It can learn the ensemble's averaged probabilities in place of the labels (distillation, Hinton, Vinyals
# and Dean, 2015), and often keeps most of the gain at the price of one.
# </details>
#
# ### Further reading
#
# * He, Zhang, Ren and Sun (2015), [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852): the
#   paper of this lecture; you can now check most of it.
# * Glorot and Bengio (2010), [Understanding the difficulty of training deep feedforward neural
#   networks](https://proceedings.mlr.press/v9/glorot10a.html): the rule without the rectifier.
# * Russakovsky et al. (2015), [ImageNet large scale visual recognition
#   challenge](https://arxiv.org/abs/1409.0575): how the contest works, and who the human is.
# * Karpathy (2014), [What I learned from competing against a ConvNet on
#   ImageNet](https://karpathy.github.io/2014/09/02/what-i-learned-from-competing-against-a-convnet-on-imagenet/):
#   what 5.1 % felt like.
# * Beyer et al. (2020), [Are we done with ImageNet?](https://arxiv.org/abs/2006.07159): the labels made
#   anew, and what is left of the progress.
#
# **Next:** no lecture follows. Go on with [Dive into deep learning](https://d2l.ai): chapters on detection,
# segmentation and attention, with code; or with Stanford's [CS231n](https://cs231n.github.io): notes and
# assignments next to which yours will look familiar. Best of all, take a paper you like, and recompute its
# first table.
