# %% [markdown]
# # Training on a GPU
#
# AlexNet took five to six days on two graphics cards. Lecture 08 trained a network in seconds,
# but a small one. What stands between the two is a machine that computes faster, and a program
# that lets it. **At the end you have one notebook that trains a small AlexNet on this machine's
# CPU, and a large one on a GPU, with a single word changed, and you have seen two processes train
# one network with the losses of one.**
#
# You will learn to
#
# * write a training loop that runs wherever the network lies;
# * measure what a batch costs, in time and in memory, and use the switches that make it cheaper;
# * raise and lower the learning rate as large batches need it;
# * train for top-1 and top-5 with labels that leave some doubt;
# * share one training run among several processes, GPUs or machines.
#
# You need the training loop (lecture 08) and AlexNet (lecture 09). The lecture takes about
# 125 minutes with its four exercises. All cells together run in less than a minute on a laptop's CPU.
#
# Be warned: **nobody has had a GPU while this lecture was written.** Every stored picture and number
# was made on a CPU with two cores. The code asks for a GPU and is written for one,
# but its large settings have not been run. Where the text tells what a GPU does, it tells what its
# makers and other people have measured. Two pictures show how fast a machine is; they are not
# stored, since it should be yours: run their cells.

# %% [markdown] tags=["instructor"]
# Time: 3 min. The deck has no slide on this; slide 13 shows the network that needed it.
#
# Tip: if you have a GPU at hand, run the notebook with `SCALE = "gpu"` before class, and show your
# pictures beside the stored ones. The shapes of the curves are the lesson; no number of yours will
# be the same.

# %% [markdown]
# ## Where does a network compute?
#
# A CPU has a few cores that can do anything. A **GPU** has thousands of small arithmetic units that
# do the same thing to many numbers at once, and memory of its own. A convolution is millions of
# equal multiply-adds, so it fits.
#
# PyTorch calls the place where a tensor lies its **device**: `cpu`, `cuda` (NVIDIA, and AMD), `mps`
# (Apple) or `xpu` (Intel). Two tensors can only meet on one device, otherwise there is an error. So
# a loop that is to run anywhere asks once where it is, and moves everything there.
#
# The next cell holds the one word to change, `SCALE`, and what follows from it: network, images in a
# batch, learning rate, epochs.

# %%
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from coursekit import check, mine, plots, training
from coursekit.data import Augmentation, Batches, cifar10_or_photos, load, photograph
from coursekit.models import alexnet, alexnet_cifar, alexnet_mini
from coursekit.networks import keep_network
from coursekit.predictions import reveal

SCALE = "laptop"  # or "gpu"
PLANS = {
    "laptop": {"net": alexnet_mini, "batch": 64, "lr": 0.02, "epochs": 5, "workers": 0},
    "gpu": {"net": alexnet_cifar, "batch": 512, "lr": 0.04, "epochs": 40, "workers": 8},
}
PLAN = PLANS[SCALE]
QUICK = os.environ.get("COURSEKIT_QUICK") == "1"  # set while the course is built and tested
torch.set_num_threads(1)  # networks this small are fastest on one core

# %% [markdown]
# ### Move the network once and the batches always
#
# `net.to(device)` moves the weights, in place. `x.to(device)` gives back a copy of a tensor on the
# device, or the tensor itself where it lies there already. The rest is the loop of lecture 08.
# Build the optimizer *after* moving the network: it holds on to the weights that it is given.
#
# The step returns the loss as a tensor and does not print it. That is on purpose. The CPU only
# *orders* work from a GPU and runs ahead; `loss.item()` has to wait until everything ordered is done.
# Read a loss now and then, not in every step.
#
# What should the first loss be, for ten classes?

# %% [markdown] tags=["instructor"]
# Time: 12 min. The three lines to point at: `.to(device)` of the network, of the images, of the
# labels.
#
# Tip: let the room guess the error message when one of the three is missing, then provoke it: on a
# machine without GPU, `torch.zeros(2, device="meta") + torch.zeros(2)` gives the same kind.

# %%
device = training.best_device()  # a GPU if there is one


def train_step(net, x, labels, optimizer):
    x, labels = x.to(device), labels.to(device)
    loss = cross_entropy(net(x), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


torch.manual_seed(0)
net = PLAN["net"]().to(device)
optimizer = training.sgd(net, lr=0.01)
loss = train_step(net, torch.randn(8, 3, 32, 32), torch.arange(8), optimizer)
print(f"first loss {loss.item():.2f} on the device {loss.device.type}")

# %% [markdown]
# It is ln 10 = 2.30, as it should be.
#
# ## What does a batch cost?
#
# ### Measure the time
#
# Give the network one image, and the arithmetic units wait: each layer is started, does a little,
# and ends. Give it many, and starting costs the same while the work fills the machine. This is why
# throughput, **images a second**, depends on the size of the batch.
#
# To measure it, read the clock only when the device is done, with `torch.accelerator.synchronize()`.
# Without it you measure how fast the CPU gives orders. And do not count the first step, which fetches
# memory. `images_per_second` takes care of both, and takes the fastest of five steps: other
# programs on the machine can only slow a step down.
#
# Where do you expect the curve to rise, and where to stop rising?

# %% [markdown] tags=["instructor"]
# Time: 17 min with both predictions. Draw the expected curve on the board before running the cell.
#
# Tip: on a CPU the curve often falls again at the end, when a batch no longer fits the cache. On a
# GPU it flattens much later.

# %% tags=["timed"]
sizes = {"laptop": (1, 4, 16, 64, 256), "gpu": (1, 8, 64, 512, 4096)}[SCALE]
rates = []
for size in sizes:
    x, labels = torch.randn(size, 3, 32, 32, device=device), torch.arange(size, device=device) % 10
    rates.append(training.images_per_second(net, x, labels))
axes = plots.plot_curves(
    {device.type: (sizes, rates)},
    x_label="images in a batch",
    y_label="images a second",
    title="forward and backward",
    alt="Images a second against the size of the batch, as measured on this "
    "machine: beyond some size, a larger batch gains nothing.",
    dots=True,
)
axes.set_ylim(bottom=0)
axes.set_xscale("log", base=2)
axes.set_xticks(sizes, sizes)
axes.minorticks_off()

# %% [markdown]
# ### Feed the device
#
# On a CPU the curve is soon flat: one image or a few keep it busy. A GPU with thousands of units needs
# hundreds: small batches are the most common reason why one is no faster than a CPU. PyTorch's own first
# tutorial, "Training a classifier", wonders why there is no massive speedup on a GPU, and answers
# that its network is small. So it is. Its batches of *four* images starve the GPU as well.
#
# ### Keep the images on the device
#
# The other common reason is that the images arrive too slowly. Here arithmetic helps.
# **Predict:** CIFAR-10 has 50,000 training images of 3×32×32 bytes. How many megabytes (millions of
# bytes) are they together? Whole numbers will do.

# %%
guess = None
reveal(guess, round(50_000 * 3 * 32 * 32 / 1e6))

# %% [markdown]
# ### Does the whole set fit?
#
# 50,000 · 3 · 32 · 32 is 153.6 million: 154 MB as bytes and 614 MB as 32-bit floats, with four bytes for
# each number. The whole set fits into the memory of any GPU of today. So `Batches(data, device=device)` moves it there *once*, and crops and mirrors whole batches on the
# device. Nothing travels during training.
#
# ImageNet's 1.28 million images, cropped to 224×224, are 193 GB. They cannot stay. Then several
# **worker processes** read and crop the next batches while the GPU computes the present one, and
# bytes travel instead of floats, a quarter as much. Two switches let the copying run beside the
# computing: `pin_memory=True` puts a batch where the GPU can fetch it by itself, and
# `.to(device, non_blocking=True)` does not wait for it. All this is done inside the loader that the last
# section uses.
#
# ### Measure the memory
#
# A network in training needs memory for three things:
#
# * each weight, its gradient and its velocity: 4 + 4 + 4 bytes. AlexNet for CIFAR, `alexnet_cifar`,
#   has 8,974,730 parameters, which makes 108 MB;
# * for each image, what the backward pass will ask for: the inputs of convolutions, the outputs of
#   ReLUs, the places of maxima (lectures 06 and 07);
# * some room to work.
#
# The second kind can be counted: PyTorch hands over each tensor that it keeps. One image in
# `alexnet_cifar` costs 1.495 MB. **Predict:** from which batch size on do the images take more memory
# than the 107.7 MB of the weights and what belongs to them?

# %%
guess = None
reveal(guess, int(np.ceil(107.7 / 1.495)))

# %% [markdown]
# ### Find the crossing
#
# 107.7 / 1.495 = 72.04, so 72 images take a little less than the weights, and 73 take more. The rising
# line below is measured, batch by batch: where does it cross the level one?

# %% tags=["slow"]
large = alexnet_cifar().to(device)
sizes = (1, 32, 64, 96)
weights = 12 * sum(w.numel() for w in large.parameters()) / 1e6
kept = [
    training.bytes_for_backward(large, torch.randn(n, 3, 32, 32, device=device)) / 1e6
    for n in sizes
]
plots.plot_curves(
    {
        "kept for the\nbackward pass": (sizes, kept),
        "weights, gradients,\nvelocities": (sizes, [weights] * 4),
    },
    x_label="images in a batch",
    y_label="memory (MB)",
    title="alexnet_cifar in training",
    alt="Memory against the size of the batch: what is kept for the backward pass rises in a "
    "straight line and crosses the level of weights, gradients and velocities, 108 MB, near 72.",
    dots=True,
)

# %% [markdown]
# The answer to "out of memory" is a smaller batch. Where the batch must stay as it is, take two halves
# of it and one step after both: gradients add up by themselves until you clear them. On an NVIDIA GPU `torch.cuda.max_memory_allocated()` tells the
# highest total so far, including the room to work.
#
# ## Which switches make it faster?
#
# Three switches change no line of the network.
#
# 1. **Channels last.** In memory, the numbers of one pixel stand side by side instead of the numbers
#    of one channel: `net.to(memory_format=torch.channels_last)`, and the same for the images. Shapes
#    and results stay; only the order in memory changes. Fast convolutions want it.
# 2. **Mixed precision.** Convolutions and matrix products compute with 16 bits instead of 32, inside
#    `with torch.autocast(device.type, dtype=torch.bfloat16):`. Half the bytes travel, and GPUs have
#    special units for it.
# 3. **Compile.** `torch.compile(net)` translates the network once, and melts small operations such
#    as ReLU into their neighbors. The first step takes long, so it pays on long runs; it is used
#    below on a GPU only.
#
# ### Why "mixed"?
#
# A number in **bfloat16** has as large a range as a 32-bit float, but only 8 binary digits.
# **Predict:** a weight of 1 is kept in bfloat16, and a hundred steps take 0.001 from it each. Where
# does it end?

# %% [markdown] tags=["instructor"]
# Time: 14 min. Let them vote on the prediction: 0.9, something near it, or 1.0.
#
# Tip: the second line of the printout is the reason for GradScaler in older code: float16 has more
# digits and a smaller range. Say that bfloat16 needs none.

# %%
guess = None
w = torch.ones(1, dtype=torch.bfloat16)
for _ in range(100):
    w -= 0.001
reveal(guess, round(w.item(), 3))

# %% [markdown]
# ### Keep the weights in 32 bits
#
# It is still 1: the next smaller bfloat16 number is 1 − 1/256, and each step is rounded away. So the
# weights, the loss and the optimizer stay in 32 bits, and only the products are short. That is the
# mixture.
#
# **float16** has 11 binary digits, but its smallest number is about 0.00000006. Smaller gradients
# become 0 there, so it needs the loss scaled up (`torch.amp.GradScaler`). Look at one small gradient
# in both formats:

# %%
tiny = torch.tensor(1e-8)
print("lost as float16: ", tiny.half().item() == 0)
print("lost as bfloat16:", tiny.bfloat16().item() == 0)

# %% [markdown]
# ### Throw the switches
#
# The figure shows how many times as fast the network becomes, against plain 32-bit floats with the
# channels first. Some CPUs have units for bfloat16 and gain; others imitate it and become slower.
# `training.best_precision(device)` knows which. Before you trust a switch, measure it on *your*
# machine, as here.

# %% tags=["timed"]
x = torch.randn(PLAN["batch"], 3, 32, 32, device=device)
labels = torch.arange(len(x), device=device) % 10
last = x.contiguous(memory_format=torch.channels_last)
short, speed = {"precision": torch.bfloat16}, {}
speed["32 bits, channels first"] = training.images_per_second(net, x, labels)
net.to(memory_format=torch.channels_last)
speed["channels last"] = training.images_per_second(net, last, labels)
speed["and bfloat16"] = training.images_per_second(net, last, labels, **short)
if device.type == "cuda":
    speed["and compiled"] = training.images_per_second(torch.compile(net), last, labels, **short)
first = speed["32 bits, channels first"]
plots.plot_bars(
    {name: round(rate / first, 1) for name, rate in speed.items()},
    x_label="images a second, as multiples of the first bar",
    title=f"what the switches do on this machine ({device.type})",
    alt="Bars: how many times as fast forward and backward become with the channels last, and "
    "with bfloat16 in addition, against 32-bit floats with the channels first.",
)

# %% [markdown]
# `training.fit` throws the first two by itself, the second where `best_precision` says so, and the
# third with `compile=True`.
#
# ## How should the learning rate move?
#
# A GPU likes large batches. The gradient of a large batch is the mean over more images, so it is
# less noisy; but an epoch then has fewer steps. To come as far with fewer steps, each must be
# longer: with $k$ times as large a batch, take $k$ times the learning rate (Goyal et al., 2017). From
# 128 images and rate 0.02 to 1024 images: 0.16. Nothing proves this rule, and it ends somewhere. For
# Goyal's networks it held up to 8192 images.
#
# At the very start it fails. The first weights are random, their gradients large and changing, and a
# long step throws them far. So begin with a small rate and raise it: **warm-up**. And at the end, come
# down, so that the weights settle. AlexNet's authors divided their rate by ten, three times, whenever
# the validation error stood still.
#
# Leslie Smith (2018) joined both into **one cycle**: up in a straight line, down in a straight line.
#
# ```text
# rate
# max_lr            /\
#                 /    \
#               /         \
# start·max_lr /              \
#              0   warmup_steps   total_steps
# ```
#
# Let $t$ be the step, $w$ the number of warm-up steps, $T$ that of all steps, and $s$ the part of
# `max_lr` to start from. On the way up, for $t < w$, the rate is
#
# $$\text{max\_lr} \cdot \left(s + (1 - s)\,\frac{t}{w}\right)$$
#
# and from the peak on
#
# $$\text{max\_lr} \cdot \frac{T - t}{T - w}$$
#
# **Exercise.** Write the rate of one step. Check at the joints: $t = 0$ gives $s$ times the maximum,
# $t = w$ the maximum, and 0 would come at $t = T$, a step that is never taken.

# %% [markdown] tags=["instructor"]
# Time: 15 min with the exercise.
#
# Tip: the common mistake is a way down that starts too low, (T − t)/T. Ask for the rate at the peak.


# %% exercise="one_cycle"
def one_cycle(step, total_steps, max_lr, warmup_steps, start=0.1):
    """Learning rate of one step, up in a straight line, then down in one: one number.

    Step 0 has start * max_lr, step warmup_steps has max_lr, step total_steps would have 0.
    For example, one_cycle(2, 8, 1.0, warmup_steps=4, start=0.5) is 0.75, and step 6 has 0.5.
    """
    ### BEGIN SOLUTION
    if step < warmup_steps:
        return max_lr * (start + (1 - start) * step / warmup_steps)
    return max_lr * (total_steps - step) / (total_steps - warmup_steps)
    ### END SOLUTION


# %% check="one_cycle" points=1
check(one_cycle)

# %% [markdown]
# ### See it beside the others
#
# Jumps are AlexNet's, half a cosine is the most popular today (Loshchilov and Hutter, 2017), and the
# cycle is yours once its check has passed.

# %%
cycle, steps = mine("one_cycle"), range(200)
jumps = training.step(at=(0.4, 0.65, 0.85))
axes = plots.plot_curves(
    {
        "AlexNet's jumps": (steps, [jumps(t / 200) for t in steps]),
        "half a cosine": (steps, [training.cosine(t / 200) for t in steps]),
        f"one cycle\n({cycle.whose})": (steps, [cycle(t, 200, 1.0, 50) for t in steps]),
    },
    x_label="step",
    y_label="learning rate, as a part of the largest",
    alt="Three schedules over 200 steps: jumps down by ten at steps 80, 130 and 170; half a cosine "
    "from 1 to 0; one cycle from 0.1 up to 1 at step 50 and down to 0 in a straight line.",
)
for label, beside in zip(axes.texts, [(80, 1.0), (84, 0.28), (20, 0.3)], strict=True):
    label.xy = beside

# %% [markdown]
# ## How sure should it be?
#
# Cross-entropy wants the right class to have probability 1. No finite scores give that, so a network
# that has everything right goes on growing its scores, and becomes very sure of its mistakes too.
#
# **Label smoothing** (Szegedy et al., 2016) asks for less. Take a little probability $\varepsilon$, say
# 0.2, and spread it evenly over *all* $K$ classes; the right one keeps the remaining
# $1 - \varepsilon$ on top of its share. For $K = 4$ the target of class 2 is
#
# ```text
# class              0     1     2     3
# before             0     0     1     0
# smoothed by 0.2    0.05  0.05  0.85  0.05
# ```
#
# The targets $q_k$ add up to 1 again. The loss of an image is the cross-entropy with all of them,
# where only the right class counted before:
#
# $$L = -\sum_k q_k \ln p_k$$
#
# As in lecture 08, compute $\ln p_k$ from the scores with the largest score of each row subtracted
# first:
#
# $$\ln p_k = s_k - m - \ln \sum_j e^{s_j - m}$$
#
# **Exercise.** Write the mean loss of a batch. `np.eye(K)[labels]` has a row for each image, with a 1
# in the place of its class.

# %% [markdown] tags=["instructor"]
# Time: 18 min with the exercise.
#
# Tip: ask what the targets of one image add up to. Half of all mistakes break that sum.


# %% exercise="label_smoothing_loss"
def label_smoothing_loss(scores, labels, smoothing=0.1):
    """Mean cross-entropy against labels that leave some doubt: one number.

    scores: (N, K). labels: right classes (N,). smoothing: spread evenly over all K classes, 0 to 1.
    For example, scores [[0.0, np.log(3.0)]], labels [1] and smoothing 0.5 give 0.5623.
    """
    ### BEGIN SOLUTION
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    classes = scores.shape[1]
    target = (1 - smoothing) * np.eye(classes)[labels] + smoothing / classes
    return float(-(target * log_p).sum(axis=1).mean())
    ### END SOLUTION


# %% check="label_smoothing_loss" points=2
check(label_smoothing_loss)

# %% [markdown]
# ### Compare with PyTorch
#
# PyTorch's `cross_entropy` has the same as an option. Then raise the score of the right class
# among ten, all others at 0, and watch what an image costs with smoothing 0.1: where is it cheapest?

# %%
smooth = mine("label_smoothing_loss")
rng = np.random.default_rng(0)
scores, labels = rng.normal(size=(6, 10)), rng.integers(0, 10, 6)
theirs = cross_entropy(torch.tensor(scores), torch.tensor(labels), label_smoothing=0.1).item()
print("the same as PyTorch:", abs(smooth(scores, labels, 0.1) - theirs) < 1e-9)
for score in (0, 2, 4.5, 7, 20):
    row = np.array([[score] + [0.0] * 9])
    print(f"score {score:>4}   loss {smooth(row, np.array([0]), 0.1):.2f}")

# %% [markdown]
# At 4.5 it is cheapest, and then too much certainty is paid for. Note the floor: with ten classes and
# smoothing 0.1 no loss can be below 0.50. A training curve that stops there is no failure.
#
# ## Train an AlexNet-style network
#
# ### Give it five guesses
#
# In ImageNet many pictures show several things, and one has been called right. So the competition
# counted an image as found if the right class was among the *five* best guesses: **top-5**. Its
# opposite, the top-5 error, is the 15.3 % that made AlexNet famous.
#
# `scores.argsort(axis=1)` gives, for each image, the classes in the order of their scores, the
# *smallest first*. For scores 5, 4, 1 it gives 2, 1, 0. With $k = 2$ the guesses are the last two, 1
# and 0.
#
# **Exercise.** Take the $k$ best classes of each image, look for the label among them, and return the
# share of images for which it is there. `labels[:, np.newaxis]` stands the labels upright, (N, 1),
# so that each row is compared with its own; `.any(axis=1)` asks for one hit in a row.

# %% [markdown] tags=["instructor"]
# Time: 18 min with the exercise and the run. While it trains, ask which curve will be higher.
#
# Tip: ten classes make top-5 easy, since guessing has 50 %. With ImageNet's 1000 it is half a percent.


# %% exercise="top_k_accuracy"
def top_k_accuracy(scores, labels, k=5):
    """Share of images whose right class is among the k best scores: a number from 0 to 1.

    scores: (N, K). labels: right classes (N,), from 0 to K - 1. k: from 1 to K.
    For example, scores [[5.0, 4.0, 1.0], [0.0, 3.0, 2.0]] and labels [1, 0] with k = 2 give 0.5.
    """
    ### BEGIN SOLUTION
    best = scores.argsort(axis=1)[:, -k:]
    return float((best == labels[:, np.newaxis]).any(axis=1).mean())
    ### END SOLUTION


# %% check="top_k_accuracy" points=1
check(top_k_accuracy)

# %% [markdown]
# ### Put everything together
#
# The data are CIFAR-10 if you have it in the folder named by `COURSEKIT_DATA`, otherwise patches of
# the photographs that come with the course; the cell says which. They lie on the device from the
# start. The network is `alexnet_mini`, three convolutions and two fully connected layers, or with
# `SCALE = "gpu"` the large `alexnet_cifar` with all eight of AlexNet's layers. Loss, schedule,
# mixed precision and layout are those of this lecture; a quick run has two epochs.

# %% tags=["slow"]
data = cifar10_or_photos()
if SCALE == "laptop":
    data = data.smaller(10_000, 2_000)
data = data.with_validation(0.1)
print(data)
torch.manual_seed(0)
net, epochs = PLAN["net"]().to(device), 2 if QUICK else PLAN["epochs"]
augment = Augmentation(shift=2, flip=True)
batches = Batches(data, batch_size=PLAN["batch"], augment=augment, device=device)
steps = epochs * len(batches)
history = training.fit(
    net,
    batches,
    Batches(data, "validation", device=device),
    epochs=epochs,
    optimizer=training.sgd(net, lr=PLAN["lr"]),
    schedule=lambda progress: cycle(round(progress * steps), steps, 1.0, max(1, steps // 4)),
    label_smoothing=0.1,
)
print(keep_network(net, "lecture_10", PLAN["net"], data.name))
history.plot()

# %% [markdown]
# The network is kept on the disk, because lecture 12 opens it and looks inside.
#
# The rate rises during the first quarter of the run. In a run as short as this one no schedule
# beats the others clearly: a constant rate often does as well.
#
# Now the test images, once. The curve gives the network 1, 2, … 10 guesses; the straight line is pure
# guessing.

# %% tags=["slow"]
top_k, ks = mine("top_k_accuracy"), range(1, 11)
logits, labels = (
    found.numpy() for found in training.predict(net, Batches(data, "test", device=device))
)
axes = plots.plot_curves(
    {
        f"trained\n({top_k.whose} count)": (ks, [top_k(logits, labels, k) for k in ks]),
        "guessing": (ks, [k / 10 for k in ks]),
    },
    x_label="guesses for each image, k",
    y_label="share of test images found",
    title=f"{epochs} epochs on {data.name}",
    alt="The share of test images whose class is among the k best guesses, for k from 1 to 10: it "
    "lies above the straight line of guessing and meets it at 1 for ten guesses.",
    dots=True,
)
for label, beside in zip(axes.texts, [(3.2, 0.62), (5, 0.45)], strict=True):
    label.xy = beside

# %% [markdown]
# ### Look at what a good recipe is worth
#
# You need no GPU for this. The figure shows stored times from two CPU cores, with CIFAR-10 as JPEG
# copies: PyTorch's first tutorial to 60 % of the test images, and the course's `speednet` to 60, 70
# and 80 %. `speednet` follows Keller Jordan (2024). It has what this lecture is about: images in
# memory, batches of 64 to 256, mixed precision, one cycle, label smoothing; besides, batch
# normalization, and a first layer that is computed from the images instead of learned.

# %%
SECONDS = {"tutorial, 60 %": 353.0, "ours, 60 %": 4.5, "ours, 70 %": 8.4, "ours, 80 %": 36.1}
plots.plot_bars(
    SECONDS,
    x_label="seconds on two CPU cores (stored, not measured now)",
    title="time to an accuracy on CIFAR-10",
    alt="Bars: the tutorial takes 353 seconds to 60 percent; the course's net takes 4.5 seconds to "
    "60, 8.4 to 70 and 36.1 to 80 percent.",
)

# %% [markdown]
# The tutorial takes 78 times as long to the same 60 %. To be fair: it wants to be understood, and
# never claimed to be fast. But look for such factors in your program before you look for a faster
# machine.
#
# ## What can several processes share?
#
# With two GPUs, or twenty machines, start one **process** for each. All hold the same network. In
# every step each takes *its share* of the batch and computes gradients. Then all gradients are
# averaged, everybody takes the same step, and the networks stay equal. This is **data parallelism**;
# PyTorch calls it `DistributedDataParallel`. AlexNet's authors shared the *network* instead, half of
# the maps on each card, because it did not fit into 3 GB.
#
# The number of processes is the *world size*, and the number of a process, from 0 on, its *rank*.
#
# **Predict:** process 0 has three images, and their mean gradient is 1. Process 1 has one image, with
# gradient 5. The right answer is the mean over all four images. The processes average their two
# means. By how much is that too large?

# %% [markdown] tags=["instructor"]
# Time: 15 min with the exercise.
#
# Tip: deal real cards to three students, seven cards in all. Who is short, and what do the others do
# meanwhile?

# %%
guess = None
reveal(guess, (1 + 5) / 2 - (3 * 1 + 1 * 5) / 4)

# %% [markdown]
# ### Deal equal shares
#
# The mean of the means is 3, the right mean 2. Mean of means and mean of all agree only if the shares
# are equally large. There is a worse reason: averaging waits for everybody. A process with one batch
# less has gone home, and the others wait for ever.
#
# So the images, in random order, are dealt out like cards, one to each process, round after round. If
# the last round is short, it is filled up with images from the beginning again, as PyTorch's
# `DistributedSampler` does. Five images for two processes:
#
# ```text
# round      1   2   3
# process 0  0   2   4
# process 1  1   3   0      image 5 does not exist: 0 again
# ```
#
# In round number $r$, counted from 0, process `rank` gets number `rank + r · world_size`.
#
# **Exercise.** Return the images of one process. How many rounds are there? Which operation turns 5
# into 0 where there are 5 images?


# %% exercise="shard_indices"
def shard_indices(num_images, rank, world_size):
    """Images that one of several processes trains on, dealt out like cards: whole numbers.

    rank: this process, from 0 to world_size - 1. A short last round is filled up from image 0 on.
    For example, shard_indices(5, 0, 2) is [0, 2, 4] and shard_indices(5, 1, 2) is [1, 3, 0].
    """
    ### BEGIN SOLUTION
    rounds = -(-num_images // world_size)
    return [(rank + turn * world_size) % num_images for turn in range(rounds)]
    ### END SOLUTION


# %% check="shard_indices" points=1
check(shard_indices)

# %% [markdown]
# Seven images for three processes, a row for each. Which images are seen twice?

# %%
shards = mine("shard_indices")
for rank in range(3):
    print(f"process {rank}:", [int(image) for image in shards(7, rank, 3)])

# %% [markdown]
# ### Run two processes
#
# Here is a whole program for any number of GPUs on any number of machines. `processes()` finds out who
# it is, `Batches` takes its share, and `fit` wraps the network into `DistributedDataParallel`. All
# processes shuffle with the same seed, so in each step their shares together are the batch that one
# process would have, and the losses must be the same.

# %%
PROGRAM = """
import json, pathlib, torch
from coursekit import data, models, training

torch.set_num_threads(1)
digits = data.load("digits")
with training.processes() as here:
    torch.manual_seed(here.rank)  # different weights, which those of process 0 replace
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.ReLU(),
        torch.nn.Flatten(), torch.nn.Linear(512, 10),
    ).to(here.device)
    share = {"rank": here.rank, "processes": here.count, "device": here.device}
    batches = data.Batches(digits, batch_size=100, **share)
    history = training.fit(net, batches, epochs=2, precision=torch.float32)
    if here.rank == 0:
        pathlib.Path(__file__).with_suffix(f".{here.count}").write_text(json.dumps(history.loss))
"""

# %% [markdown]
# `torchrun` starts the processes and tells each its rank. Here they are two on one CPU, talking
# through *gloo*; on GPUs it is NVIDIA's *nccl*. Each process needs a GPU of its own, so the cell hides
# yours, if you have one, with `CUDA_VISIBLE_DEVICES`. It starts the program with one process and with
# two, and draws both loss curves. It takes some ten seconds, most of them for starting.

# %% tags=["slow"]
hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
losses, torchrun = {}, [sys.executable, "-m", "torch.distributed.run", "--standalone"]
with tempfile.TemporaryDirectory() as folder:
    program = Path(folder) / "train.py"
    program.write_text(PROGRAM)
    for count in (1, 2):
        command = [*torchrun, "--nproc-per-node", str(count), str(program)]
        subprocess.run(command, check=True, capture_output=True, timeout=120, env=hidden)
        losses[count] = json.loads(program.with_suffix(f".{count}").read_text())
steps = range(1, len(losses[1]) + 1)
axes = plots.plot_curves(
    {"one process": (steps, losses[1])},
    x_label="steps",
    y_label="loss",
    title="the same run by one process and by two",
    alt="Loss against steps: the circles of two processes lie on the line of one process.",
)
axes.plot(steps, losses[2], "o", color="0.2", markerfacecolor="none")
axes.text(10, losses[2][8], "circles: two processes", color="0.2", va="center")
gap = max(abs(one - two) for one, two in zip(losses[1], losses[2], strict=True))
print("largest difference below 0.0001:", gap < 1e-4)

# %% [markdown]
# The circles lie on the line. Two processes on one CPU win nothing; two GPUs compute the same twice as
# fast, less the time for exchanging gradients. With several machines only the command changes, and
# every machine runs it:
#
# ```text
# torchrun --nnodes 2 --nproc-per-node 4 --rdzv-backend c10d --rdzv-endpoint first-machine:29500 train.py
# ```
#
# `c10d` is PyTorch's own way for machines to find one another, here at port 29500 of the first. That is
# a world of eight processes. Batches *per process* stay as they were if the whole batch grows
# eightfold, and with it the learning rate: that was the rule of the section on rates.
#
# ## What does a full-size AlexNet need?
#
# AlexNet was trained on 1.2 million images, 90 times each. One image costs 0.724 billion multiply-adds
# forward (lecture 09) and about twice as much backward. A multiply-add is two operations. Together:
#
# $$1.2 \cdot 10^6 \cdot 90 \cdot 3 \cdot 2 \cdot 0.724 \cdot 10^9 = 4.7 \cdot 10^{17}$$
#
# **Predict:** two cards of 2010, GTX 580, promise $1.58 \cdot 10^{12}$ operations a second each. How
# many days would AlexNet take if they kept their promise all the time? One decimal will do.

# %% [markdown] tags=["instructor"]
# Time: 8 min.
#
# Tip: the paper says five to six days. A third of the promise is a good result for the first program
# of its kind.

# %%
guess = None
reveal(guess, round(1.2e6 * 90 * 3 * 2 * 0.724e9 / (2 * 1.58e12) / 86_400, 1))

# %% [markdown]
# ### Did the cards keep their promise?
#
# Both together promise $3.16 \cdot 10^{12}$ operations a second, a day has 86,400 seconds, and
# $4.7 \cdot 10^{17}$ divided by both is 1.7. So 1.7 days promised, and five to six days taken: about a third. An A100 of 2020 promises
# $3.12 \cdot 10^{14}$ operations a second in bfloat16, and would need 25 minutes at its full speed.
#
# ### Train it on Imagenette
#
# **Imagenette** (Howard, 2019) is ten easy classes of ImageNet, 9,469 training images in folders. With
# `SCALE = "gpu"` the cell loads it (downloading it once) and trains the one-tower AlexNet at
# 224×224. On a laptop it takes two steps with eight packaged photographs, to show that nothing but
# time is missing: the loss of the first step is that of guessing, and 57 million weights move. (They
# move without momentum there, since the velocities would fill another 228 MB.)

# %% tags=["slow"]
torch.manual_seed(0)
if SCALE == "gpu":
    nette, epochs, momentum = load("imagenette"), PLAN["epochs"], 0.9
    how = {"size": 224, "workers": PLAN["workers"], "device": device}
    train, test = nette.batches(**how), nette.batches("test", **how)
else:
    names = ("astronaut", "chelsea", "coffee", "rocket", "hubble", "retina", "china", "flower")
    pixels = np.stack([photograph(name, size=224) for name in names])
    x = torch.tensor(pixels).permute(0, 3, 1, 2).float() / 255 - 0.5
    train, test, epochs, momentum = [(x, torch.arange(8))], None, 2, 0.0
net = alexnet(num_classes=10).to(device)
optimizer = training.sgd(net, lr=0.01, momentum=momentum)
history = training.fit(net, train, test, epochs=epochs, optimizer=optimizer)
kept = training.bytes_for_backward(net, torch.randn(1, 3, 224, 224, device=device))
print(f"{len(history.loss)} steps, first loss {history.loss[0]:.1f}")
print(f"{kept / 1e6:.1f} MB kept for the backward pass of one image")

# %% [markdown]
# One image keeps 3.7 MB, and a batch of AlexNet's 128 takes 474 MB. Weights, gradients and velocities
# of all 61,100,840 parameters, with 1000 classes, take 733 MB. Together
# that is 1.2 GB: with a frugal program one card of 3 GB would do for this one-tower version.
#
# ## What do you take along?
#
# * Ask for the device once; network, images and labels go there. Read losses rarely, since reading
#   waits.
# * Throughput grows with the batch until the machine is busy; memory grows in a straight line.
#   Images in the device's memory, channels last, mixed precision and compiling are switches: measure
#   each.
# * $k$ times the batch, $k$ times the rate, with a warm-up; then down to 0.
# * Smoothed labels keep the scores finite, and raise the lowest possible loss; top-5 gives five
#   guesses.
# * Several processes share each batch in equal parts and average their gradients: the same losses as
#   one.
#
# Which of the four exercises have you passed? `from coursekit import progress; progress("10")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 5 min. Give each group one symptom: out of memory, a GPU that is busy 30 % of the time, a loss
# that explodes after the batch grew, processes that wait for ever. Which section has the remedy?
#
# Tip: for the exploding loss ask for the warm-up first, then for the rate.

# %% [markdown]
# ### Open questions
#
# <details><summary>Your GPU is busy 30 % of the time. What do you look at first?</summary>
#
# Whether it waits for images. Train on one batch that stays on the device: if that is much faster,
# the loader is too slow (more workers, smaller files, images kept in memory). If it is not, the batch
# is too small, or something reads a number from the GPU in every step.
# </details>
#
# <details><summary>A layer of batch normalization computes mean and deviation of its batch. What
# happens with two processes?</summary>
#
# Each uses the images of its own share, so the losses are no longer those of one process. With large
# shares it hardly matters. With small ones `torch.nn.SyncBatchNorm` computes them over all processes.
# </details>
#
# <details><summary>With 1000 classes, which top-5 accuracy has a network that guesses? And with
# ten?</summary>
#
# Five of 1000, half a percent; five of ten, 50 %. A top-5 number says little without the number of
# classes.
# </details>
#
# ### Further reading
#
# * Krizhevsky (2014), [One weird trick for parallelizing convolutional neural
#   networks](https://arxiv.org/abs/1404.5997): why convolutions share images and fully connected layers
#   share weights.
# * Goyal et al. (2017), [Accurate, large minibatch SGD: training ImageNet in 1
#   hour](https://arxiv.org/abs/1706.02677): the rule for the rate, the warm-up, and where they end.
# * Micikevicius et al. (2018), [Mixed precision training](https://arxiv.org/abs/1710.03740): what must
#   stay in 32 bits, and why float16 needs a scaled loss.
# * Li et al. (2020), [PyTorch distributed](https://arxiv.org/abs/2006.15704): how
#   DistributedDataParallel hides the exchange behind the backward pass.
# * Jordan (2024), [94% on CIFAR-10 in 3.29 seconds on a single
#   GPU](https://arxiv.org/abs/2404.00498): each trick measured on its own.
#
# **Next:** lecture 11 goes deeper, from AlexNet's eight layers to more than a hundred.
