# %% [markdown]
# # Start here
#
# **In a quarter of an hour you know that this machine can run the whole course, and you have passed
# your first exercise.**
#
# You will learn
#
# * how to read a lecture: predict first, then run;
# * how an exercise works, and what a check says about a wrong answer;
# * how to move a live picture, and when your own code draws it;
# * where your progress is kept, and how to hand in.
#
# You need Python as far as functions and lists, and the shape of a NumPy array. No network, no
# account and no graphics card: everything here runs on a laptop's CPU in a few seconds, and takes
# you about 15 minutes.
#
# A notebook is a column of cells. Click a cell and press **Shift+Enter** to run it and go on to the
# next. The first one loads this course's tools; run it now.

# %% [markdown] tags=["instructor"]
# Time: 1 min. Everybody opens this notebook on their own machine now; the rest of the hour is
# wasted on those whose installation fails at minute 40.
#
# Tip: **Run → Run All Cells** works on every notebook of the course, untouched or solved.

# %%
import numpy as np

from coursekit import check, mine, plots, progress
from coursekit.data import PHOTOGRAPHS, photograph
from coursekit.doctor import examine
from coursekit.predictions import reveal

# %% [markdown]
# ## Is everything ready?
#
# The next cell looks for everything the course needs: Python and its packages with their versions,
# memory, and a graphics card, which is welcome and not needed. It prints one sentence if all is
# well, and otherwise what is missing and what to do about it.

# %% [markdown] tags=["instructor"]
# Time: 1 min. Ask for hands of those who do not read "This machine is ready".
#
# Tip: a missing package nearly always means that JupyterLab was started from another environment.
# Close it and start it with `make lab`.

# %%
print(examine())

# %% [markdown]
# ### Can it compute?
#
# A network is mostly sums of products. Let PyTorch multiply two small matrices on the fastest
# device it finds, a graphics card if there is one and the CPU otherwise.

# %%
import torch

device = "cuda" if torch.cuda.is_available() else "cpu"
ones = torch.ones(3, 3, device=device)
print("computing:", "ready" if (ones @ ones == 3).all() else "wrong result; ask for help")

# %% [markdown]
# ### Which machine is this?
#
# For a question to your teacher or a bug report, name your versions. Add a cell below this one with
# the **+** button, write `examine()` into it without `print`, and run it: you get the whole table.
#
# Adding cells is always fine. They are yours, and no check minds them.

# %% [markdown]
# ## How does a lecture work?
#
# Each section asks a question, shows a picture, writes down the rule, and lets you try it. Often you
# are asked to **predict** before you run. Do: a wrong prediction is remembered better than a right
# answer that was only read.
#
# Here is a photograph that comes with the course. Its title gives its shape: 32 rows, 32 columns, 3
# channels.

# %% [markdown] tags=["instructor"]
# Time: 3 min. Read the first prediction aloud and wait until everybody has written a number.
#
# Tip: the common first answer is 1,024, the number of pixels. Do not correct it; the exercise will.

# %%
coffee = photograph("coffee", size=32)
plots.show_image(
    coffee,
    title="coffee",
    alt="A cup of coffee on a saucer with a spoon, so coarse that single pixels show.",
)

# %% [markdown]
# ### Predict: how many numbers?
#
# How many numbers does the computer store for this photograph? Write yours in place of `None`, then
# run the cell. Without a guess it tells you nothing.

# %%
guess = None
reveal(guess, coffee.size)

# %% [markdown]
# ### Look into a pixel
#
# A color image stores three numbers for every pixel: how much red, how much green, how much blue.
# Each of them fills a picture of its own, called a **channel**.

# %%
plots.show_channels(
    coffee,
    axis=-1,
    alt="The red, green and blue channel of the coffee photograph as gray pictures; the wooden "
    "table is bright in red and dark in blue.",
)

# %% [markdown]
# ### Write down the rule
#
# An image with $h$ rows, $w$ columns and $c$ channels holds
#
# $$n = h \cdot w \cdot c$$
#
# numbers. For the coffee cup that is $32 \cdot 32 \cdot 3 = 3072$. NumPy counts the same:

# %%
print(coffee.shape, coffee.size)

# %% [markdown]
# ## Is your NumPy fresh?
#
# The lectures assume that you can read a shape and a slice. Test yourself on two lines. `numbers` has 2
# rows and 3 columns. Its axis 0 goes down, from row to row; its axis 1 goes right, from column to
# column:
#
# ```text
# 1 2 3
# 4 5 6
# ```
#
# **Predict:** what is `numbers.sum(axis=0)`? Write a list.

# %% [markdown] tags=["instructor"]
# Time: 2 min. Count how many are surprised by either answer. If it is more than a third, spend ten
# minutes on axes and slices before lecture 02.
#
# Tip: [6, 15] is the sum along axis 1; (2, 3) takes the slice to include its end.

# %%
guess = None
numbers = np.array([[1, 2, 3], [4, 5, 6]])
reveal(guess, numbers.sum(axis=0).tolist())

# %% [markdown]
# ### And a slice?
#
# The axis that is named is added up and disappears. Axis 0 goes down, so what remains is the sum of each
# column: [5, 7, 9].
#
# A slice `a:b` starts at `a` and ends before `b`, and a colon alone takes everything. **Predict:** what
# is the shape of `numbers[:, 1:3]`? Write it as a list.

# %%
guess = None
reveal(guess, list(numbers[:, 1:3].shape))

# %% [markdown]
# ### Was that news to you?
#
# The slice takes all rows, and the columns 1 and 2, counted from 0: [2, 2]. If either of the two answers
# was a surprise, read the introduction to NumPy that is listed at the end of this lecture. It takes
# half an hour and saves many.
#
# ## How does an exercise work?
#
# You get a function with a description and no body. You write the body, run the cell, and run the
# check below it. The check tries your function on many inputs. If something is wrong it looks for
# the mistake that explains *all* of your answers and names it.
#
# See what that looks like. Somebody counted the pixels and stopped there:

# %% [markdown] tags=["instructor"]
# Time: 3 min. Run the wrong attempt on the projector and let somebody read the report aloud.
#
# Tip: encourage wrong attempts. Checks can be run as often as one likes; only the best result
# counts.


# %%
def first_try(height, width, channels=3):
    return height * width


# %% [markdown]
# The check is told which exercise this wants to be, and not to keep the result.

# %%
check(first_try, exercise="count_numbers", keep=False)

# %% [markdown]
# ### How to read a report
#
# The first line says how far the answer is and how many points it gets. Then comes the mistake in
# one sentence, the smallest input that shows it, and one question to think about. The last line
# lists the groups of inputs: gray images were right, and that part of the point is already earned.

# %% [markdown]
# ### Exercise: count_numbers
#
# Now you. Replace the line with `raise NotImplementedError` by your own; until then, the check says
# "not attempted yet", and nothing else breaks. If your answer is wrong, change it and run both
# cells again.


# %% exercise="count_numbers"
def count_numbers(height, width, channels=3):
    """How many numbers an image holds: an int.

    height: rows. width: columns. channels: numbers for each pixel, 3 for color and 1 for gray.
    For example, count_numbers(32, 32) is 3072.
    """
    ### BEGIN SOLUTION
    return height * width * channels
    ### END SOLUTION


# %% check="count_numbers" points=1
check(count_numbers)

# %% [markdown]
# ### Your code at work
#
# Whatever comes later never waits for you: `mine("count_numbers")` is your function once its check
# has passed, and the course's until then. The title of the next picture says whose it was. It
# counts the numbers in six of the course's photographs.

# %%
count = mine("count_numbers")
plots.plot_bars(
    {name: count(*photograph(name).shape) for name in list(PHOTOGRAPHS)[:6]},
    x_label="numbers stored",
    title=f"counted with {count}",
    alt="Bars: how many numbers six photographs store, from 405,900 for the cat to 5,972,763 for "
    "the retina.",
)

# %% [markdown]
# ## How does a live picture work?
#
# Some pictures answer while you play with them, like this one: a small window slides over an image
# and computes one number at every stop. You will meet it again in lectures 04 and 05, so it need
# not make sense yet.
#
# Click it, then press the keys it names. If nothing moves, the notebook shows only a still picture:
# run the cell again, and if that does not help, restart JupyterLab.

# %% [markdown] tags=["instructor"]
# Time: 1 min. Everything in the live pictures works with the keyboard, and a line of text below
# says what is shown; screen readers read it out.
#
# Tip: a picture that does not react is the one thing the first cells cannot find out. Check by eye.

# %%
from coursekit.widgets import ConvolutionStepper

ConvolutionStepper(image=np.eye(4)[None], kernel_size=2)

# %% [markdown]
# ## Where is your progress kept?
#
# Every check writes its result into a small file, `progress.json`, beside the notebooks. Nothing
# leaves your machine. The best result of each exercise counts, and closing the notebook loses
# nothing. Below are the exercises of this lecture; `progress()` without a number shows those of the
# whole course.

# %% [markdown] tags=["instructor"]
# Time: 1 min. The file belongs to the student; marks come from the notebook that is handed in.
#
# Tip: whoever wants to start anew deletes it, or keeps it under another name.

# %%
progress("00")

# %% [markdown]
# ## How do you hand in?
#
# 1. Choose **Kernel → Restart Kernel and Run All Cells**, so that the notebook does from top to
#    bottom what you think it does.
# 2. Save it.
# 3. Hand in the notebook file itself, such as `05_stride_and_padding.ipynb`, where your class asks
#    for it.
#
# Please keep the exercise's cells and the names of its functions; the grader looks for them. Your
# own cells and functions are welcome. The grader tries other inputs than the check does, and you get
# the same kind of report back.

# %% [markdown] tags=["instructor"]
# Time: 1 min. Say where your class hands in and until when.
#
# Tip: `coursekit grade FOLDER --out MARKS` grades a folder of notebooks.

# %% [markdown]
# ## What is in the course?
#
# | lecture | question | state |
# |---|---|---|
# | **00 start here** | Does everything work? | you are here |
# | [01 recognition](01_recognition.ipynb) | What is recognition, and why is it hard? | ready |
# | [02 images as tensors](02_images_as_tensors.ipynb) | How does a computer store a picture? | ready |
# | [03 3-D activations](03_3d_activations.ipynb) | What does a neuron in a volume see? | ready |
# | [04 convolution](04_convolution.ipynb) | What happens when all neurons share their weights? | ready |
# | [05 stride and padding](05_stride_and_padding.ipynb) | How big is the output, and what does it see? | ready |
# | [06 backpropagation](06_backpropagation.ipynb) | How does the gradient get back through a convolution? | ready |
# | [07 pooling](07_pooling.ipynb) | How does an image get smaller and keep what matters? | ready |
# | [08 training](08_training.ipynb) | How does a first ConvNet learn, end to end? | ready |
# | [09 AlexNet](09_alexnet.ipynb) | What was in the network of 2012? | ready |
# | [10 GPU training](10_gpu_training.ipynb) | What changes on a graphics card? | ready |
# | [11 going deeper](11_going_deeper.ipynb) | What made VGG, GoogLeNet and ResNet work? | ready |
# | [12 seeing inside](12_seeing_inside.ipynb) | What do the neurons of a trained network respond to? | ready |
# | [13 rectifiers and ensembles](13_rectifiers_and_ensembles.ipynb) | How were human results surpassed? | ready |

# %% [markdown] tags=["instructor"]
# Time: 1 min. Say which lectures your class will take, and when. They build on one another: functions
# that students wrote in one are used in the next.
#
# Tip: 01 can be taught at any time; 02 to 06 want to be taken in order.

# %% [markdown]
# ## What do you take along?
#
# * Predict first, then run: cells with `guess = None` wait for you.
# * A check names the mistake, shows the smallest input that has it, and asks one question.
# * `mine("…")` stands for your function as soon as its check has passed.
# * Live pictures answer to mouse and keyboard; when in doubt, run the cell again.
# * `progress()` shows how far you are; you hand in the notebook file.

# %% [markdown] tags=["instructor"]
# Time: 1 min. Ask who has read "passed" today. Whoever has not stays until it is there.

# %% [markdown]
# ### Open questions
#
# <details><summary>How many numbers does a gray photograph of 512×512 pixels store?</summary>
#
# 512 · 512 · 1 = 262,144.
# </details>
#
# <details><summary>Is a number in such an image the same as a byte?</summary>
#
# For photographs in files, mostly yes: one number from 0 to 255 fits into one byte. A network
# computes with numbers of four bytes. Lecture 02 looks into it.
# </details>

# %% [markdown]
# ### Further reading
#
# * [JupyterLab's user guide](https://jupyterlab.readthedocs.io/en/stable/user/interface.html): the
#   interface, with all keyboard shortcuts.
# * [NumPy: the absolute basics for beginners](https://numpy.org/doc/stable/user/absolute_beginners.html):
#   shapes, axes and slices, which every lecture uses.
#
# **Next:** [01 recognition](01_recognition.ipynb) asks what it means to recognize something, and why
# it is hard.
