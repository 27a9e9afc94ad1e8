# %% [markdown]
# # Training a first ConvNet
#
# You have written the layers of a ConvNet, forward and backward. What is missing is everything
# that makes them learn. **At the end a whole network made of nothing but your own NumPy functions
# reads handwritten digits, PyTorch walks beside it with the same losses, and you have watched a
# famous small ConvNet learn and looked at every number it computes for one image.**
#
# You will learn to
#
# * measure a network, by the share it gets right and by a loss that it can descend;
# * choose inputs and first weights so that learning starts at all;
# * move the weights, with momentum, weight decay and a learning rate that changes;
# * train a whole network, and find out early when something is wrong;
# * keep it from learning the training images by heart.
#
# You need convolution and its gradients (lectures 04 and 06) and max pooling (lecture 07). The
# lecture takes about 125 minutes with its five exercises. All cells together run in about half a
# minute on a laptop's CPU.
#
# Run the next cell first. `QUICK` is set while the course itself is being built and tested; the
# cells that train for long then do less, and say how much.

# %% [markdown] tags=["instructor"]
# Time: 3 min. Slide 2 of the deck announces "training ConvNets" as its third part. The slides then
# show the layers and one gradient, and no training. This lecture keeps the promise.
#
# Tip: ask what is missing between "we can compute gradients" and "it learns". Collect the answers;
# the section headings are mostly among them.

# %%
import os
from collections import OrderedDict
from time import perf_counter

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from coursekit import check, layers, mine, plots
from coursekit.data import Augmentation, Batches, cifar10_or_photos, load, photograph
from coursekit.inspection import activations
from coursekit.models import architecture_table, example_convnet
from coursekit.predictions import reveal
from coursekit.training import evaluate, fit, sgd

QUICK = os.environ.get("COURSEKIT_QUICK") == "1"
torch.set_num_threads(1)  # networks this small are fastest on one core

# %% [markdown]
# ## How many images are right?
#
# A classifier ends in one **score** for each class, and answers with the class of the largest
# score. For $N$ images and $K$ classes the scores are an array $(N, K)$, and the right classes, the
# **labels**, an array $(N,)$ of whole numbers. **Accuracy** is the share of images whose answer is
# right.
#
# Images come in batches, and the last batch is often short. **Predict:** nine batches of 100 images
# are all right, and a last batch of 10 images is all wrong. What is the accuracy? Three decimals
# will do.

# %% [markdown] tags=["instructor"]
# Time: 10 min with the exercise. It is the easy one, so let everybody finish it.
#
# Tip: most answers to the prediction are 0.9, the mean of ten accuracies. Let somebody who wrote 0.9
# explain it, and ask how much each of the 10 wrong images has weighed.

# %%
guess = None
reveal(guess, round(900 / 910, 3))

# %% [markdown]
# ### Count images, not batches
#
# 900 of 910 images are right. The mean of the ten accuracies would be 0.900, because the 10 wrong
# images would weigh as much as 100 others.
#
# **Exercise.** Count the right images and all images over all batches, then divide once.
# `scores.argmax(axis=1)` gives the place of the largest score in each row.


# %% exercise="accuracy"
def accuracy(batches):
    """Share of the images whose largest score is the right class's: one number from 0 to 1.

    batches: list of pairs (scores, labels), of shapes (n, K) and (n,); n may differ.
    For example, accuracy([(np.array([[5.0, 1.0], [4.0, 2.0]]), np.array([0, 1]))]) is 0.5.
    """
    ### BEGIN SOLUTION
    right = total = 0
    for scores, labels in batches:
        right += (scores.argmax(axis=1) == labels).sum()
        total += len(labels)
    return right / total
    ### END SOLUTION


# %% check="accuracy" points=1
check(accuracy)

# %% [markdown]
# ## What does a wrong answer cost?
#
# Why not train on accuracy? Move one weight by a hair. The scores move by a hair, and no image
# changes its answer: accuracy stays where it was. Its slope is zero nearly everywhere, so it tells
# no weight where to go. We need a number that improves a little when the scores improve a little.
#
# First turn the scores $s_1, \dots, s_K$ of one image into probabilities. **Softmax** makes all of
# them positive with $e^s$ and divides by their sum:
#
# $$p_k = \frac{e^{s_k}}{\sum_j e^{s_j}}$$
#
# The larger score gets the larger probability, and together they are 1. The scores 2, 1, 0 become
# 0.67, 0.24 and 0.09.
#
# ### Pay for surprise
#
# Let $y$ be the right class. The **cross-entropy** loss of the image is
#
# $$L = -\ln p_y$$
#
# with the natural logarithm. A network that gives the right class probability 1 pays nothing; for
# 0.5 it pays 0.69, and for 0.01 already 4.61. The surer it is of something else, the more it pays.
#
# A network that has not learned anything gives all classes about the same probability.
# **Predict:** what does an image cost then, with ten classes? One decimal will do.

# %% [markdown] tags=["instructor"]
# Time: 20 min with the exercise. Derive the gradient on the board; it is two lines, and the result
# (p minus one-hot) is worth remembering for life.
#
# Tip: ask for the loss of pure guessing before every first training run, for 10 and for 1000
# classes.

# %%
guess = None
reveal(guess, round(float(np.log(10)), 1))

# %% [markdown]
# ### Remember ln 10
#
# Every class has probability 1/10, so each image costs $-\ln \tfrac{1}{10} = \ln 10 = 2.303$. With 1000
# classes it is $\ln 1000 = 6.908$. Look at the first loss of every
# training run: if it is far from this number, something is wrong before learning begins. This check
# costs nothing and finds many bugs.
#
# ### Which way should the scores move?
#
# Put the two formulas together. The logarithm takes the fraction apart:
#
# $$L = \ln \sum_j e^{s_j} - s_y$$
#
# The slope of the first part by $s_k$ is $e^{s_k} / \sum_j e^{s_j}$, which is $p_k$ again; the
# second part only counts for the right class:
#
# $$\frac{\partial L}{\partial s_k} = p_k - [k = y]$$
#
# The bracket $[k = y]$ is 1 for the right class and 0 for all others. So the right score is pushed
# up by what its probability lacks, and each wrong one down by the probability it holds. For the
# three scores above, and the middle class as the right one, that is 0.67, 0.24 − 1 = −0.76 and
# 0.09. Wiggle the scores to see whether that is so:

# %%
scores = np.array([[2.0, 1.0, 0.0]])
print("probabilities:", layers.softmax(scores).round(2))
slope = layers.numerical_gradient(lambda s: np.log(np.exp(s).sum()) - s[0, 1], scores)
print("slopes:       ", slope.round(2))

# %% [markdown]
# ### How large is exp(1000)?
#
# Too large for a computer: it gives `inf`, and `inf / inf` is no number. Scores of 1000 do occur
# while a network goes wrong. But adding one number to all scores of an image changes no
# probability. So first subtract from each row *its own* largest score $m$:
#
# $$\ln \sum_j e^{s_j} = m + \ln \sum_j e^{s_j - m}$$
#
# Now the largest power is $e^0 = 1$, and nothing overflows. Compute the loss from this logarithm,
# and not as the logarithm of a probability, which may have been rounded to 0.
#
# **Exercise.** Write loss and gradient for a batch. The loss is the *mean* over the $N$ images, so
# the gradient has a $1/N$ as well. `a[np.arange(N), labels]` picks one number from each row of `a`.


# %% exercise="softmax_cross_entropy"
def softmax_cross_entropy(scores, labels):
    """Mean of -log(probability of the right class), and its gradient (N, K): (loss, dscores).

    scores: floats (N, K) of any size, which stay as they are. labels: (N,), from 0 to K - 1.
    For example, np.zeros((1, 4)) and np.array([2]) give 1.3863 and [[0.25, 0.25, -0.75, 0.25]].
    """
    ### BEGIN SOLUTION
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    images = np.arange(len(scores))
    loss = -log_p[images, labels].mean()
    dscores = np.exp(log_p)
    dscores[images, labels] -= 1
    return loss, dscores / len(scores)
    ### END SOLUTION


# %% check="softmax_cross_entropy" points=3
check(softmax_cross_entropy)

# %% [markdown]
# ## What is in a whole network?
#
# Most classical ConvNets follow one pattern: convolutions with ReLUs, a pooling now and then, a
# fully connected layer at the end that gives one score for each class, and softmax. Andrej
# Karpathy's example for Stanford's course CS231n is the pattern at its smallest, and learns in the
# browser:
#
# ```text
# image 3×32×32
# [ conv – relu – conv – relu – pool ]  three times
# fully connected: 10 scores
# softmax
# ```
#
# Each convolution is noted as "10x3x3 filters, stride 1, pad 1", and each pooling takes the maximum
# of 2×2 with stride 2. **Predict:** how many parameters, weights and biases, has the *second*
# convolution? Write the number down; the table of all layers has the answer.

# %% [markdown] tags=["instructor"]
# Time: 8 min. Slides 39 and 54. Let the room walk through the sizes: 32, 32, 16, 16, 16, 8, 8, 8, 4.
#
# Tip: the common answer to the prediction is 100. It takes the slide's notation at its word.

# %%
architecture_table(example_convnet(), (3, 32, 32))

# %% [markdown]
# ### What does "10x3x3" leave out?
#
# The second convolution has 910 parameters. Who takes "10x3x3" at its word gets 10·3·3 + 10 = 100:
# the notation leaves out the depth. A filter always reaches through all channels of its input, so
# the filters of the first convolution are 3×3×3, and those of all others 10×3×3, ten of each.
#
# That makes 6,440 parameters, a quarter of them in the fully connected layer. With 1000 classes that
# layer alone would have 161,000, and the convolutions still 4,830: in classical networks, most
# parameters sit at the end.
#
# The deck counts 17 layers: six convolutions, six ReLUs, three poolings, one fully connected layer,
# and softmax. The table shows no softmax, because PyTorch's `cross_entropy` contains it. Give that
# function scores, never probabilities: with softmax applied twice, ten classes can never cost less
# than 1.46, however good the network is, and no error message tells.
#
# ## How do you start?
#
# ### Center the input
#
# The gradient of a weight is the gradient of its neuron times the pixel it looks at (lecture 06).
# Pixels from 0 to 255 are never negative. Then, for one image, *all* weights of a neuron can only go
# up together or down together, and the way to a good place becomes a zigzag.
#
# So subtract the mean and divide by the standard deviation, channel by channel. Both numbers come
# from the *training* images alone; validation and test images are treated with the same numbers,
# since in real life they have not been seen yet. For the digits that come with scikit-learn, which we
# are going to train on:
#
# | | mean | deviation | below zero |
# |---|---|---|---|
# | pixels, 0 to 1 | 0.31 | 0.38 | 0 % |
# | centered | 0.00 | 1.00 | 61 % |
#
# ### Draw small random weights, but how small?
#
# If all weights are 0, all filters of a layer compute the same, get the same gradient, and stay the
# same for ever. Random numbers break the tie. Their size matters: a layer with too small weights
# shrinks its signal, and six layers shrink it six times.
#
# A neuron adds up $n$ products, its *fan-in*: $10 \cdot 3 \cdot 3 = 90$ from the second convolution
# on. For layers followed by a ReLU, He et al. (2015) draw weights with the standard deviation
#
# $$\sqrt{2 / n}$$
#
# where the 2 makes up for the half that ReLU throws away. The next cell gives random images to
# Karpathy's network and measures how widely the outputs of each convolution spread, for three ways
# to draw the weights. PyTorch's own default amounts to $\sqrt{1/(3n)}$. The scale of the figure is
# logarithmic: each line down is ten times less. At the end of which network would you still trust the
# gradient?

# %% [markdown] tags=["instructor"]
# Time: 12 min. Spend most of it on the figure: the axis is logarithmic, and the lower curves are
# networks that stand still.
#
# Tip: lecture 13 derives the factor 2 of He's rule. Here "ReLU throws half away" is enough.


# %%
def spreads(std_of):
    """Standard deviation of each convolution's outputs; std_of: fan-in -> that of its weights."""
    net = example_convnet()
    for layer in net:
        if isinstance(layer, nn.Conv2d):
            nn.init.normal_(layer.weight, std=std_of(layer.weight[0].numel()))
            nn.init.zeros_(layer.bias)
    outputs = activations(net, torch.randn(16, 3, 32, 32))
    return [outputs[f"conv{i}"].std().item() for i in range(1, 7)]


torch.manual_seed(0)
ways = {"He": lambda n: (2 / n) ** 0.5, "PyTorch": lambda n: (1 / (3 * n)) ** 0.5}
ways["0.01"] = lambda n: 0.01
axes = plots.plot_curves(
    {name: (range(1, 7), spreads(std_of)) for name, std_of in ways.items()},
    x_label="convolution",
    y_label="deviation of its outputs",
    title="three ways to draw the first weights",
    dots=True,
    alt="Deviation of the outputs of six convolutions on a logarithmic scale: with He's weights it "
    "stays near 1, with PyTorch's default it falls, with weights of 0.01 it falls below a millionth.",
)
axes.set_yscale("log")
axes

# %% [markdown]
# ### Check the first loss
#
# He's rule keeps the signal alive through all convolutions. The last layer has no ReLU behind it. If
# its weights are large, the untrained network is sure of classes that it cannot know, and that costs
# more than guessing. So they start smaller. The next cell compares the first loss of 500 random images
# with $\ln 10 = 2.303$, for He's $\sqrt{2/160} = 0.11$ in the last layer and for 0.01.


# %%
def start(net, last=0.01):
    """Draw first weights: He's for the convolutions, deviation `last` for the scores."""
    for layer in net:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    nn.init.normal_(net.fc.weight, std=last)
    return net


torch.manual_seed(0)
x, labels = torch.randn(500, 3, 32, 32), torch.arange(500) % 10
for last in (0.11, 0.01):
    print(
        f"last layer {last}: first loss {cross_entropy(start(example_convnet(), last)(x), labels):.1f}"
    )

# %% [markdown]
# ## How do the weights move?
#
# Against the gradient. With the **learning rate** `lr`, one step of gradient descent is
#
# $$w \leftarrow w - \text{lr} \cdot \frac{\partial L}{\partial w}$$
#
# How large may the rate be? Take the loss $L = \frac{a}{2} w^2$, a valley with curvature $a$. Its
# gradient is $a\,w$, so every step multiplies $w$ by $1 - \text{lr} \cdot a$. If that factor is
# smaller than −1, each step jumps farther to the other side, and the loss explodes.
#
# **Predict:** for curvature $a = 25$, at which rate does that begin? Two decimals will do.

# %% [markdown] tags=["instructor"]
# Time: 18 min with the exercise. Draw the valley on the board before the figure is shown: steep
# across, flat along.
#
# Tip: 1 − 25·lr = −1. Whoever says 0.04 has found the best rate for that direction; praise it.

# %%
guess = None
reveal(guess, 2 / 25)

# %% [markdown]
# ### Give it momentum
#
# The factor is −1 where $1 - 25 \cdot \text{lr} = -1$, and that is at a rate of 2/25 = 0.08. Above it,
# the weight ends every step farther from 0 than before.
#
# A real loss has steep and flat directions at the same time. The steepest one limits the rate; the
# flat ones then crawl. **Momentum** lets the weights roll: a velocity $v$ collects gradients, and a
# direction in which they agree step after step becomes faster, while a zigzag cancels itself.
#
# $$v \leftarrow m\,v + g \qquad\qquad w \leftarrow w - \text{lr} \cdot v$$
#
# $m$ is usually 0.9, $g$ is the gradient, and the *new* velocity moves the weights. This is
# PyTorch's form. Some courses put the rate into the velocity, $v \leftarrow m\,v - \text{lr} \cdot g$:
# the same path as long as the rate stays the same, with another number stored.
#
# ### Let weights decay
#
# **Weight decay** $\lambda$ pulls every weight toward 0, so that only those stay large that the data
# keep asking for. It joins the gradient before everything else:
#
# $$g = \frac{\partial L}{\partial w} + \lambda\,w$$
#
# <details><summary>Rate 0.1, weight decay 0.01, no momentum and no other gradient: how much of a
# weight is left after 1000 steps? Decide, then open.</summary>
#
# Each step keeps 1 − 0.1 · 0.01 = 0.999 of it; 0.999 to the power 1000 is 0.37.
# </details>
#
# **Exercise.** Write one step. Take care of the order: decay into the gradient, gradient into the
# velocity, velocity into the weights. "SGD" is *stochastic* gradient descent: the gradient comes
# from one batch and not from all images.


# %% exercise="sgd_momentum_step"
def sgd_momentum_step(w, dw, v, lr, momentum=0.9, weight_decay=0.0):
    """New weights and new velocity after one step downhill: (w, v), two new arrays.

    w, dw, v: weights, gradient, velocity before the step, all of one shape; they stay as they are.
    For example, w = [1.0], dw = [2.0], v = [10.0] and lr=0.1 give ([-0.1], [11.0]).
    """
    ### BEGIN SOLUTION
    gradient = dw + weight_decay * w
    v = momentum * v + gradient
    return w - lr * v, v
    ### END SOLUTION


# %% check="sgd_momentum_step" points=2
check(sgd_momentum_step)

# %% [markdown]
# ### See the valley
#
# Two weights, curvature 1 along the valley and 25 across. Your step walks 30 times from the same
# place with the same rate, once without momentum and once with 0.7. The gray lines are places of
# equal loss. Which path crawls, and what does the other one pay for its speed?

# %%
step, curvature = mine("sgd_momentum_step"), np.array([1.0, 25.0])
paths = {}
for name, momentum in {"plain": 0.0, "momentum": 0.7}.items():
    w, v, places = np.array([-9.0, 2.0]), np.zeros(2), []
    for _ in range(30):
        places.append(w)
        w, v = step(w, curvature * w, v, lr=0.03, momentum=momentum)
    paths[name] = np.transpose(places)
axes = plots.plot_curves(
    paths,
    x_label="weight along the valley",
    y_label="weight across it",
    title=f"30 steps, drawn with {step}",
    dots=True,
    alt="Two paths of 30 steps in a long narrow valley: plain descent reaches the floor at once and "
    "then crawls, less than two thirds of the way; momentum swings from side to side and arrives.",
)
along, across = np.meshgrid(np.linspace(-10, 4, 80), np.linspace(-3, 3, 60))
loss = (along**2 + 25 * across**2) / 2
axes.contour(along, across, loss, levels=[1, 5, 15, 30, 50, 80], colors="0.7", linewidths=0.8)
axes.texts[0].xyann = (-60, -14)  # below its path, away from the other
axes

# %% [markdown]
# ### Change the rate on the way
#
# Large steps travel, small steps settle. So the rate usually falls during training: in jumps, as
# AlexNet's did; along half a cosine; or after a short rise, which lets the first wild gradients
# pass. A **schedule** gives the factor on the rate for every moment of the training:
#
# | part of the training done | 0 | 1/4 | 1/2 | 3/4 | 1 |
# |---|---|---|---|---|---|
# | jumps | 1 | 1 | 0.1 | 0.01 | 0.01 |
# | half a cosine | 1 | 0.85 | 0.5 | 0.15 | 0 |
# | one cycle | 0.1 | 1 | 0.67 | 0.33 | 0 |
#
# ## Train a network of your own layers
#
# Everything is there. The network is a small one for 8×8 digits: two convolutions with 8 and 16
# filters, each with a ReLU and a 2×2 pooling, and a fully connected layer.
#
# Its layers are your functions from lectures 04, 06 and 07, as far as their checks passed there.
# `mine` brings them over, checks them once more, and says whose each one is. Those that you left
# open are the course's.

# %% [markdown] tags=["instructor"]
# Time: 20 min. This is the heart of the course: 40 lines, nothing hidden. Read forward and backward
# side by side, from the outside in.
#
# Tip: loops in pure Python are slow; the training below stops after 20 seconds wherever it is, and
# is better than guessing by then.

# %%
USED = ["conv2d_forward", "conv2d_backward", "relu_backward"]
USED += ["max_pool2d_forward", "max_pool2d_backward"]
conv, conv_back, relu_back, pool, pool_back = used = [mine(name) for name in USED]
print(*used, sep="\n")

# %% [markdown]
# ### Walk forward, and back again
#
# From images (N, 1, 8, 8) to scores (N, 10). Pooling halves the size twice, 8 to 4 to 2, so the
# fully connected layer reads 16·2·2 = 64 numbers. All parameters stand in one dictionary `w`. What
# the way back will need is kept.
#
# The way back visits the same stations in the opposite order. Each takes the gradient by its output
# and returns that by its input; convolutions and the fully connected layer leave their parameters'
# gradients behind. `d["conv1.bias"]` is the gradient of that bias.


# %%
def forward(x, w):
    """Scores (N, 10) of images (N, 1, 8, 8), and all that the backward walk needs."""
    h1 = conv(x, w["conv1.weight"], w["conv1.bias"], padding=1)
    a1 = np.maximum(h1, 0)
    p1, _ = pool(a1, 2)
    h2 = conv(p1, w["conv2.weight"], w["conv2.bias"], padding=1)
    a2 = np.maximum(h2, 0)
    p2, _ = pool(a2, 2)
    flat = p2.reshape(len(x), -1)
    scores = flat @ w["fc.weight"].T + w["fc.bias"]
    return scores, (x, h1, a1, p1, h2, a2, p2)


def backward(dscores, kept, w):
    """Gradients of the loss by all parameters, under the parameters' names."""
    x, h1, a1, p1, h2, a2, p2 = kept
    d = {"fc.weight": dscores.T @ p2.reshape(len(x), -1), "fc.bias": dscores.sum(axis=0)}
    dp2 = (dscores @ w["fc.weight"]).reshape(p2.shape)
    dh2 = relu_back(pool_back(dp2, a2, 2), h2)
    dp1, d["conv2.weight"], d["conv2.bias"] = conv_back(dh2, p1, w["conv2.weight"], padding=1)
    dh1 = relu_back(pool_back(dp1, a1, 2), h1)
    _, d["conv1.weight"], d["conv1.bias"] = conv_back(dh1, x, w["conv1.weight"], padding=1)
    return d


# %% [markdown]
# ### Draw first weights
#
# PyTorch will walk beside us later, so build the same network there, let `start` draw its weights
# (`double` means float64), and copy them. The parameters' names are PyTorch's.

# %%
twin = nn.Sequential(
    OrderedDict(
        conv1=nn.Conv2d(1, 8, kernel_size=3, padding=1),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(8, 16, kernel_size=3, padding=1),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        fc=nn.Linear(64, 10),
    )
)
torch.manual_seed(0)
start(twin).double()
first = {name: w.detach().numpy().copy() for name, w in twin.named_parameters()}
print({name: w.shape for name, w in first.items()})

# %% [markdown]
# ### Repeat, on a small batch first
#
# This is all of training: draw a batch, walk forward, compute the loss, walk backward, move every
# parameter a little. If your layers are slow loops, it stops after 20 seconds, wherever it is; give
# it more time then.
#
# Before you train on everything, let the network learn 20 images by heart. It has 1,898 parameters
# for them, so it must get all of them right, and the loss must come close to 0. If it does not,
# there is a bug, and you have found it in a second instead of an hour.


# %%
def train(images, labels, w, steps, lr=0.05):
    """Train the parameters w in place; returns the loss of every step."""
    rng, losses, started = np.random.default_rng(1), [], perf_counter()
    v = {name: np.zeros_like(array) for name, array in w.items()}
    while len(losses) < steps and perf_counter() - started < 20:
        batch = rng.choice(len(images), min(32, len(images)), replace=False)
        scores, kept = forward(images[batch], w)
        loss, dscores = mine("softmax_cross_entropy")(scores, labels[batch])
        d = backward(dscores, kept, w)
        for name in w:
            w[name], v[name] = step(w[name], d[name], v[name], lr)
        losses.append(loss)
    return losses


digits = load("digits")
images = digits.normalize(digits.train.images).double().numpy()
labels, by_heart = digits.train.labels.numpy(), dict(first)
losses = train(images[:20], labels[:20], by_heart, steps=60)
right = mine("accuracy")([(forward(images[:20], by_heart)[0], labels[:20])])
print(f"loss {losses[0]:.1f} → {losses[-1]:.1f}, {right:.0%} of 20 images right")

# %% [markdown]
# ### Now all images
#
# The loss starts near $\ln 10$ and all 20 images are right, so the machinery works. Train on all
# 1,437 training images, 200 batches of 32. Each point of the curve is the mean of ten steps.
#
# Then the question that matters: the 360 test images took no part in training. Your `accuracy` gets
# them in four batches, the last one short. Beside it, the network that knows only 20 images.

# %%
weights = dict(first)
losses = train(images, labels, weights, steps=200)
test_images = digits.normalize(digits.test.images).double().numpy()
parts = [
    (test_images[i : i + 100], digits.test.labels.numpy()[i : i + 100]) for i in range(0, 360, 100)
]
for name, w in {"20 images by heart": by_heart, "all images": weights}.items():
    share = mine("accuracy")([(forward(x, w)[0], y) for x, y in parts])
    print(f"{name}: {share:.2f} of the test images are right")
tens = [np.mean(losses[i : i + 10]) for i in range(0, len(losses), 10)]
steps = 10 * np.arange(1, len(tens) + 1)
plots.plot_curves(
    {"training": (steps, tens), "guessing": (steps, np.full(len(steps), np.log(10)))},
    x_label="steps",
    y_label="loss",
    title=f"a ConvNet in NumPy, with {conv}",
    alt="Loss against training steps: it starts at the line of guessing, 2.303, falls steeply in the "
    "first fifty steps and ends close to 0.",
)

# %% [markdown]
# Guessing gives 0.10. A network of NumPy functions reads most digits it has never seen, and the one
# that learned 20 images by heart does clearly worse: a small loss on the training images is not yet
# knowledge.
#
# ### Is it the same in PyTorch?
#
# PyTorch computes the backward walk by itself, and its network still has the first weights. The loop
# says five things: scores, loss, clear the old gradients, walk backward, step. The clearing is
# PyTorch's peculiarity: `backward` *adds* to the gradients that are there. The batches are drawn as
# above, with the same seed. If your layers are right, the losses must agree to the last digits.

# %%
optimizer = torch.optim.SGD(twin.parameters(), lr=0.05, momentum=0.9)
rng, twin_losses = np.random.default_rng(1), []
for _ in range(10):
    batch = rng.choice(len(images), 32, replace=False)
    loss = cross_entropy(twin(torch.tensor(images[batch])), torch.tensor(labels[batch]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    twin_losses.append(loss.item())
for ours, theirs in list(zip(losses, twin_losses, strict=False))[:5]:
    print(f"NumPy {ours:.6f}   PyTorch {theirs:.6f}   same: {abs(ours - theirs) < 1e-9}")

# %% [markdown]
# ## How do you keep it from learning by heart?
#
# More images are the best answer, and the cheapest source of more images are those you have. A cat
# that stands four pixels further left is still a cat, and so is its mirror image. **Augmentation**
# changes every training image at random each time it is used, in ways that keep its class.
#
# *Crop*: put zeros around the image, then cut out a window of the old size anywhere. *Flip*: mirror
# left and right, for half of the images. For one row of three pixels and padding 1:
#
# ```text
# pixels                1 2 3
# padded              0 1 2 3 0
# offset 0            0 1 2         mirrored: 2 1 0
# offset 1              1 2 3
# offset 2                2 3 0
# ```
#
# Two warnings. A mirrored 3 is no digit any more: flip only what stays in its class. And only
# *training* images are changed. Measure on the images as they are, or the same network has another
# accuracy each time.
#
# **Exercise.** Crop and mirror a batch, each image in its own way. `np.pad` puts zeros around; an
# image's axes are channel, row, column.

# %% [markdown] tags=["instructor"]
# Time: 19 min with the two exercises. Ask for changes that keep the class for photographs, digits,
# and X-rays of the chest (the heart is on the left).
#
# Tip: draws come as arguments in both exercises, so that an answer can be checked. In real code they
# are drawn inside.


# %% exercise="random_crop_flip"
def random_crop_flip(x, padding, offsets, flips):
    """Shift every image by a few pixels and mirror some of them: new images (N, C, H, W).

    x: images (N, C, H, W), which stay as they are. padding: pixels of zeros put on all four sides
    of every image. offsets: (N, 2), drawn for you: row and column, from 0 to 2·padding, of the
    padded image's pixel that becomes the upper left one. flips: (N,) of bool, drawn for you: the
    images to mirror left to right after cropping.
    For example, x = [[[[1.0, 2.0]]]], padding 1, offsets [[1, 0]] and flips [True] give
    [[[[1.0, 0.0]]]].
    """
    ### BEGIN SOLUTION
    height, width = x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    out = np.empty_like(x)
    for n, (row, column) in enumerate(offsets):
        crop = padded[n, :, row : row + height, column : column + width]
        out[n] = crop[:, :, ::-1] if flips[n] else crop
    return out
    ### END SOLUTION


# %% check="random_crop_flip" points=2
check(random_crop_flip)

# %% [markdown]
# ### See one cat four times
#
# Each title gives the crop's offset, row and column. Which copies are mirror images, and where do
# the zeros stand in them?

# %%
rng, augment = np.random.default_rng(2), mine("random_crop_flip")
cats = np.repeat(photograph("chelsea", size=48).transpose(2, 0, 1)[None], 4, axis=0)
offsets, flips = rng.integers(0, 2 * 6 + 1, (4, 2)), rng.random(4) < 0.5
plots.show_grid(
    augment(cats, 6, offsets, flips).transpose(0, 2, 3, 1),
    titles=[
        f"{row}, {column}{', flip' if f else ''}"
        for (row, column), f in zip(offsets, flips, strict=True)
    ],
    alt="Four versions of one photograph of a cat, each shifted by another amount with black at "
    "the edges; some of them are mirror images.",
)

# %% [markdown]
# ### Silence half of the neurons
#
# **Dropout** (Srivastava et al., 2014) changes the network instead of the image. In training, each
# number is set to 0 with probability $p$, in every step anew, so that no neuron can lean on one
# other neuron. The survivors are divided by $1 - p$, so that the mean stays: of four numbers 3 with
# $p = 0.25$ three survive on average, and each becomes 4. At test time nothing is dropped and
# nothing is scaled.
#
# $p$ is the probability of being *dropped*, as in PyTorch. AlexNet's authors and CS231n call the
# probability of *staying* $p$; for their 0.5 it makes no difference, for others it does.
#
# **Exercise.** `uniform` holds one random number from 0 to 1 for each number of `x`; where it is
# below $p$, the number is dropped. The *mask* holds the factor of each number, 0 or $1/(1-p)$, and
# 1 for all at test time, when `training` is `False`. The output is `x * mask`; return both, because
# the way back multiplies by the *same* mask.


# %% exercise="dropout_forward"
def dropout_forward(x, p, uniform, training=True):
    """Silence numbers at random and scale the others up: (out, mask), both of x's shape.

    x: any shape. p: probability of being *dropped*, 0 ≤ p < 1. uniform: of x's shape, from 0 to 1.
    For example, x = [3.0, 3.0], p = 0.25 and uniform = [0.1, 0.7] give out [0.0, 4.0].
    """
    ### BEGIN SOLUTION
    mask = (uniform >= p) / (1 - p) if training else np.ones(x.shape)
    return x * mask, mask
    ### END SOLUTION


# %% check="dropout_forward" points=2
check(dropout_forward)

# %% [markdown]
# ### Say which mode you are in
#
# The mean stays in both modes, and in training the same image gives another answer each time. So a
# PyTorch network has to know: `net.train()` before training, `net.eval()` before measuring, and
# `train()` again afterwards. Both mistakes run without an error. Forget `eval()`, and you measure a
# network with holes; forget `train()` after the first measurement, and the rest of the training has
# no dropout.

# %%
out, _ = mine("dropout_forward")(np.ones(9999), 0.25, np.random.default_rng(0).random(9999))
print(f"mean before 1.0, after {out.mean():.1f}")
net = nn.Sequential(nn.Linear(64, 50), nn.ReLU(), nn.Dropout(0.5), nn.Linear(50, 10))
x = torch.ones(1, 64)
print("train: same answer twice?", torch.equal(net.train()(x), net.train()(x)))
print("eval:  same answer twice?", torch.equal(net.eval()(x), net.eval()(x)))

# %% [markdown]
# ### Does augmentation help?
#
# Try it where it is needed: Karpathy's network with only 300 training images. The data are CIFAR-10
# if you have it in the folder named by `COURSEKIT_DATA`, otherwise patches of the photographs that
# come with the course; the cell says which. A tenth of the training images are held out for
# **validation**, to decide things like this one. The test images stay untouched until the end.
#
# `fit` is the loop you have written, with all the rest around it: batches, schedule, measuring on
# the validation images after every epoch (an **epoch** is one walk through all training images). The
# figure shows the loss on images that no gradient ever came from.

# %% tags=["slow"]
data = cifar10_or_photos().smaller(10_000, 2_000).with_validation(0.1)
print(data)
few, epochs, curves = data.smaller(300, 100), 40, {}
for name, change in {"as they are": None, "augmented": Augmentation(shift=4, flip=True)}.items():
    torch.manual_seed(2)
    net = start(example_convnet())
    batches = Batches(few, "train", 32, augment=change)
    unseen = Batches(few, "validation")
    history = fit(net, batches, unseen, epochs=epochs, optimizer=sgd(net, lr=0.01))
    curves[name] = (range(1, epochs + 1), [score.loss for score in history.epochs])
plots.plot_curves(
    curves,
    x_label="epochs",
    y_label="validation loss",
    title=f"300 training images of {data.name}",
    alt="Validation loss against epochs, for 300 training images as they are and for the same "
    "images augmented.",
)

# %% [markdown]
# Without augmentation the loss on unseen images falls, turns, and rises again: the network gets ever
# surer of what it has learned by heart, and pays for it. With augmentation it learns more slowly and
# goes on falling longer. Weight decay and dropout pull in the same direction.
#
# ## Train Karpathy's network
#
# Now all training images, the photographs or CIFAR-10. First weights as above, rate 0.02, one cycle,
# small weight decay. Afterwards try PyTorch's own first weights, `net = example_convnet()`, and a rate
# of 0.05: what do the first hundred steps look like?
#
# At the end all decisions are made, so the test images may speak, once.

# %% [markdown] tags=["instructor"]
# Time: 10 min. Read the curve aloud: first loss against 2.303, then the fall, then the gap.
#
# Tip: with CIFAR-10 the numbers are lower than with the photographs. 6,440 parameters are few, and
# CIFAR-10 is harder.

# %% tags=["slow"]
torch.manual_seed(0)
net, epochs = start(example_convnet()), 3 if QUICK else 10
batches = Batches(data, "train", 32, augment=Augmentation(shift=2))
history = fit(net, batches, Batches(data, "validation"), epochs=epochs, optimizer=sgd(net, lr=0.02))
score = evaluate(net, Batches(data, "test"))
print(
    f"{epochs} epochs on {data.name}: {score.accuracy:.0%} of {score.images} test images are right"
)
history.plot()

# %% [markdown]
# ### Look at every number
#
# Here is everything the network computes for one test image: a column is a layer, a small square a
# map, in color where its numbers are above zero and gray where they are below. Follow it from left
# to right. What do the ReLUs cut off? When does the picture stop looking like a picture?
#
# Then click a map, or walk there with the arrow keys, and choose a neuron in the large map. Beside
# it stands the sum that makes it. Try
#
# 1. a neuron of `conv2` at the border: what are its inputs outside the image?
# 2. a neuron of `pool1`: which of its four numbers went on, and where did it stand?
# 3. to draw on the image until the network says something else. Which maps changed?

# %% tags=["slow"]
from coursekit.widgets import NetworkExplorer

NetworkExplorer(
    net, data.test.images[3:15], data.class_names, mean=data.mean, std=data.std, layer="conv2"
)

# %% [markdown]
# The first convolutions answer to edges and colors, and the image stays recognizable in them. Later
# maps are small and coarse, and many are empty behind their ReLU. A ReLU whose map is empty for
# *every* image is dead and will not learn any more; choose other images to find out. The column
# `fc` holds the ten scores, and softmax turns them into the probabilities.
#
# Nothing here is more than you have written yourself: the padding that joins the sum at the border
# is zeros, a pooling passes on its largest number, and every other number is such a sum with a
# bias, or its positive part.
#
# ### Play with the training
#
# Karpathy's ConvNetJS made such training something to watch in 2014. The trainer below does so with
# Karpathy's network and PyTorch. The cell trains a little, 40 steps in a quick run and 400
# otherwise. Then press its play button and change the settings while it runs. Try
#
# 1. a learning rate ten times as large: what happens to the loss, and to the activations?
# 2. momentum 0, and back to 0.9;
# 3. to save a snapshot, spoil the network, and restore it.

# %% tags=["slow"]
from coursekit.widgets import LiveTrainer

torch.manual_seed(0)
trainer = LiveTrainer(start(example_convnet()), data, lr=0.01)
trainer.run(steps=40 if QUICK else 400)
trainer

# %% [markdown]
# ## What do you take along?
#
# * Accuracy counts images over all batches; cross-entropy, $-\ln p_y$, is the loss with a slope,
#   $p_k - [k = y]$. Guessing among ten costs 2.303.
# * Centered inputs, He's deviation $\sqrt{2/n}$ and a small last layer let learning start.
# * A step: decay into the gradient, gradient into the velocity, velocity into the weights; the rate
#   is limited by the steepest direction and falls toward the end.
# * Check the first loss, overfit a small batch, then train on everything. Your own layers are enough,
#   and PyTorch computes the same.
# * Augmentation, dropout and weight decay work against learning by heart; measure in `eval` mode, on
#   images that no gradient came from.
#
# Which of the five exercises have you passed? `from coursekit import progress; progress("08")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 5 min. Put the steps of a first training run on the board out of order, and let the room sort
# them: center the input, draw the weights, check the first loss, overfit a small batch, train on
# everything, measure on validation images, measure on test images.
#
# Tip: ask at every step which mistake it would have caught.

# %% [markdown]
# ### Open questions
#
# <details><summary>What happens if you forget `optimizer.zero_grad()`?</summary>
#
# Old gradients are added to new ones, a momentum of 1 that nobody asked for. On the loss w²/2 with
# rate 0.1, the weight 1 goes 0.9, 0.71, 0.449, 0.143, −0.177, and swings on for ever instead of
# settling.
# </details>
#
# <details><summary>Does it matter for the NumPy network how ties in a pooling window are
# broken?</summary>
#
# Here, hardly. The pooled maps come from a ReLU, so nearly all ties are zeros that were negative
# before it, and the ReLU's gradient is 0 for each of them: whoever gets it loses it again.
# </details>
#
# <details><summary>The MNIST demo of ConvNetJS declares inputs of 24×24, and today's code feeds it
# images of 28×28. What does its first layer, 5×5 with padding 2, never see?</summary>
#
# It computes 24 outputs along each axis, and the last of them reads up to pixel 25. Rows and columns
# 26 and 27 never enter. The demo still learns, since digits have an empty border; nothing in the
# loss tells.
# </details>
#
# ### Further reading
#
# * Karpathy (2019), [A recipe for training neural networks](https://karpathy.github.io/2019/04/25/recipe/):
#   the order in which to check things, from the first loss to overfitting on purpose.
# * CS231n (2015, still kept up), [Neural networks part 3: learning and
#   evaluation](https://cs231n.github.io/neural-networks-3/): sanity checks, updates, schedules.
# * He, Zhang, Ren and Sun (2015), [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852):
#   where the 2 in the initialization comes from; lecture 13 returns to it.
# * Srivastava et al. (2014), [Dropout: a simple way to prevent neural networks from
#   overfitting](https://jmlr.org/papers/v15/srivastava14a.html): dropout, with all experiments.
# * Sutskever, Martens, Dahl and Hinton (2013), [On the importance of initialization and momentum in
#   deep learning](https://proceedings.mlr.press/v28/sutskever13.html): why these two go together.
#
# **Next:** lecture 09 takes all of this to the network that won in 2012, AlexNet.
