# %% [markdown]
# # Recognition
#
# "What is in this picture?" is not one question but many, and each wants an answer of another
# kind: a yes, a name, a list of boxes, a label for every pixel. **At the end you have answered six
# of them yourself, scored your answers with two measures that you wrote, and seen why a network
# that learns its own features beats features made by hand.**
#
# You will learn to
#
# * tell six recognition tasks apart by what they return;
# * score boxes and label maps with intersection over union;
# * say what makes look-alikes hard for templates of pixels;
# * read a linear classifier as one template per class, and compute its scores;
# * see in a picture what the layers before it do for the last layer.
#
# You need Python with NumPy arrays, and lecture 00 for how exercises and checks work. The lecture
# takes about 85 minutes with its three exercises. All cells together run in under half a minute on
# a laptop's CPU; two small networks are trained on the way.
#
# Run the next cell first. It loads the tools. Its last line makes PyTorch compute on one core, so
# that everybody gets the same numbers.

# %% [markdown] tags=["instructor"]
# Time: 2 min. Ask what the room's phones recognized today: faces, a parking meter, a plant. Collect
# five answers and keep them for the table of six tasks.
#
# Tip: this lecture is about questions and scores. Resist explaining convolution; lectures 02 to 04
# do.

# %%
import numpy as np
import torch

from coursekit import check, mine, models, plots
from coursekit.data import Batches, load
from coursekit.data.features import gradient_histograms, gradients
from coursekit.data.scene import market_scene
from coursekit.inspection import activations, fit_linear, probe, right_share
from coursekit.predictions import reveal
from coursekit.training import constant, evaluate, fit, sgd

torch.set_num_threads(1)

# %% [markdown]
# ## What can one ask of a picture?
#
# Here are six questions about one scene. The last column is what this section is about: the kind of
# answer, as a program would return it.
#
# | task | question | what is returned |
# |---|---|---|
# | **verification** | Is this a street light? | `True` or `False` |
# | **detection** | Where are the people? | a list of boxes |
# | **identification** | Which palace is this? | the name of one individual |
# | **semantic segmentation** | What does each pixel belong to? | an array of labels |
# | **scene categorization** | What kind of place is this? | one label for the image |
# | **activity recognition** | What are these two doing? | one label for what people do |
#
# The scene is below. Choose a task at the left, answer it, and read in the box at the right what
# your answer is made of. "Compare with the truth" shows how right you are. We know the truth
# exactly, because the picture and its truth were drawn by the same program.

# %% [markdown] tags=["instructor"]
# Time: 12 min. Let the room answer all six tasks aloud while you click; give segmentation one
# minute and stop.
#
# Tip: ask which of the six could be answered by somebody who sees the picture for a tenth of a
# second. Scene categorization works, counting the people does not.

# %%
from coursekit.widgets import TaskPicker

TaskPicker()

# %% [markdown]
# ### What is the difference between "a palace" and "the Potala Palace"?
#
# A **category** has many members, and any of them will do. An **individual** exists once. "Is this a
# palace?" asks for the category, "which palace is this?" for the individual. Recognizing a
# category means to ignore what differs between its members; identifying an individual means to
# look for exactly that.
#
# Verification is the smallest task: one place, one category, yes or no. Give it many categories and
# let it choose one, and it is called **classification**, the task of most of this course.
#
# ### How much is an answer?
#
# `market_scene()` holds the picture, and the truth for every task. A verification returns a single
# yes or no. **Predict:** how many labels does a segmentation of this scene return? The picture's
# shape is printed below your guess: rows, columns, and three numbers a pixel for its color.

# %%
guess = None
scene = market_scene()
print(scene.image.shape)
reveal(guess, scene.labels.size)

# %% [markdown]
# ## How right is a box?
#
# A segmentation labels every pixel, $120 \cdot 192 = 23{,}040$ times; a verification says one yes or no.
# And a yes is right or wrong, whereas a box can be *nearly* right. Below are the true boxes of the
# five people, and five boxes as a detector might return them. A box is written (left, top, right,
# bottom), in pixels counted from the upper left corner of the image; x grows to the right and y grows
# **down**.
#
# Look at each solid box: would you call it right?

# %% [markdown] tags=["instructor"]
# Time: 14 min with the exercise. Vote on each solid box before anybody computes: right or wrong? The
# room will disagree about two of them, which is the point.
#
# Tip: somebody will propose "share of the person that is inside the box". Draw a box around the
# whole image and ask for its score.

# %%
found = [(29, 77, 38, 92), (39, 82, 61, 119), (62, 78, 72, 102), (112, 84, 121, 108)]
found.append((174, 42, 190, 72))
plots.show_boxes(
    scene.image,
    {"truth": scene.people, "detector": found},
    alt="The market scene with a dashed box around each of five people, and five solid boxes: two "
    "close around a person, one that covers little of a child, one that misses a person's legs, and "
    "one on a tree.",
)

# %% [markdown]
# ### Compare what is shared with what is covered
#
# Let $A$ and $B$ be two boxes. Take the area that lies in both, and divide it by the area that lies
# in at least one of them: **intersection over union**, short IoU.
#
# $$\text{IoU}(A, B) = \frac{|A \cap B|}{|A \cup B|}$$
#
# The bars $|\;|$ stand for an area in pixels. A box that is too small loses in the intersection, one
# that is too large loses in the union. Only a box that is exactly right gets 1.
#
# Two boxes, 2 pixels wide and 2 high, one of them a pixel further right:
#
# ```text
# column       0 1 2
# first box    # # .
# second box   . # #
# ```
#
# **Predict** their IoU. Write it as a fraction, such as `1 / 4`.

# %%
guess = None
reveal(guess, 1 / 3)

# %% [markdown]
# ### How do you compute the intersection?
#
# They share one column of three, so the IoU is 1/3. Half of each box is right, and yet the score is
# lower than a half: IoU is strict.
#
# The intersection of two boxes is a box again. Its left edge is the one further right of the two
# left edges, a maximum; its right edge is the one further left, a minimum. Top and bottom follow the
# same rule. Its width is right − left, with no pixel added, because the right edge is the first
# column *outside*.
#
# If the boxes are apart, right − left is negative. There is no intersection then, and its width
# counts as 0. Take care of width and height separately: a negative width times a negative height
# is a positive area.
#
# The union needs no box of its own. Add both areas; the shared pixels are then counted twice, so
# subtract them once:
#
# $$|A \cup B| = |A| + |B| - |A \cap B|$$
#
# **Exercise.** Write `iou`.


# %% exercise="iou"
def iou(box_a, box_b):
    """Intersection over union of two boxes: one number from 0 to 1.

    A box is (left, top, right, bottom) in pixels, counted from the image's upper left corner: it is
    right − left wide and bottom − top high. Boxes that are apart or only touch have IoU 0.
    For example, iou((0, 0, 2, 2), (1, 0, 3, 2)) is 1/3.
    """
    ### BEGIN SOLUTION
    width = min(box_a[2], box_b[2]) - max(box_a[0], box_b[0])
    height = min(box_a[3], box_b[3]) - max(box_a[1], box_b[1])
    shared = max(0, width) * max(0, height)
    area_a = (box_a[2] - box_a[0]) * (box_a[3] - box_a[1])
    area_b = (box_b[2] - box_b[0]) * (box_b[3] - box_b[1])
    return shared / (area_a + area_b - shared)
    ### END SOLUTION


# %% check="iou" points=2
check(iou)

# %% [markdown]
# ### Which of the five people were found?
#
# By custom a box counts as right from an IoU of 0.5 on (the PASCAL VOC challenge; Everingham et al.,
# 2010). From here on `mine("iou")` is your function if its check has passed, and the course's until
# then. For each person, take the best of the detector's boxes.

# %%
overlap = mine("iou")
for person in scene.people:
    best = max(overlap(box, person) for box in found)
    print(f"{person}: IoU {best:.2f}, {'found' if best >= 0.5 else 'missed'}")

# %% [markdown]
# Three of five. The seller's box passes; the child's box shares hardly anything
# with her. The last of the detector's boxes, on the tree, finds nobody.
#
# Compare with your own verdicts. For a small box a pixel is much: the seller's is off by one or two
# on each side, and its IoU is down at 0.53 already. And the number alone does not say *what* is
# wrong.

# %% [markdown]
# ## How right is a label map?
#
# A segmentation returns one label for every pixel. The obvious score is the share of pixels whose
# label is right. Here it is at work on a row of four pixels, with class 0 for the ground and
# class 1 for a person:
#
# ```text
# truth        0 0 0 1
# prediction   0 0 0 0
# ```
#
# Three of four pixels are right, 75 %, and the person is gone. Rare classes hardly count.
#
# IoU helps again, one class at a time. The pixels that both maps give to a class are its
# intersection, the pixels that at least one of them does are its union. Then take the mean over the
# classes, so that each has the same say:
#
# $$\text{mIoU} = \frac{1}{K} \sum_k \frac{|P_k \cap T_k|}{|P_k \cup T_k|}$$
#
# $P_k$ are the pixels that the prediction gives to class $k$, $T_k$ those that the truth does, and
# $K$ is the number of classes. **Predict** the mean IoU of the row above.

# %% [markdown] tags=["instructor"]
# Time: 14 min with the exercise. Compute class 0 together on the board (3 of 4), let them do class 1
# alone.
#
# Tip: "and if a class occurs nowhere?" comes up by itself if you wait. 0 divided by 0 is not 0.

# %%
guess = None
reveal(guess, 0.375)

# %% [markdown]
# ### What about a class that is nowhere?
#
# Class 0 has 3 pixels in the intersection and 4 in the union, class 1 has 0 and 1: the mean of 3/4
# and 0 is 0.375.
#
# A class that occurs in neither map has an empty union, and 0/0 is no number. Nothing was right
# about it and nothing wrong, so it is left out of the mean. A class that only *one* of the maps has
# stays in: its IoU is 0, and it has earned that.
#
# **Exercise.** Write `mean_iou`. In NumPy, `prediction == k` is a map of True and False, `&` and `|`
# combine two of them, and `np.sum` counts what is True.


# %% exercise="mean_iou"
def mean_iou(prediction, truth, num_classes):
    """Mean over the classes of intersection over union: one number from 0 to 1.

    prediction, truth: label maps (H, W) of whole numbers from 0 to num_classes − 1. A class that
    occurs in neither map is left out of the mean.
    For example, mean_iou(np.array([[0, 1, 1]]), np.array([[0, 0, 1]]), 3) is 0.5: 1/2 for class 0,
    1/2 for class 1, and class 2 is left out.
    """
    ### BEGIN SOLUTION
    ious = []
    for k in range(num_classes):
        union = np.sum((prediction == k) | (truth == k))
        if union > 0:
            ious.append(np.sum((prediction == k) & (truth == k)) / union)
    return float(np.mean(ious))
    ### END SOLUTION


# %% check="mean_iou" points=3
check(mean_iou)

# %% [markdown]
# ### Label the scene without looking
#
# Two lazy answers for the market scene. The first calls every pixel ground. The second is perfect,
# except that it calls all people ground.

# %%
score, truth = mine("mean_iou"), scene.labels
ground, people = scene.class_names.index("ground"), scene.class_names.index("people")
everything_ground = np.full_like(truth, ground)
nobody = np.where(truth == people, ground, truth)
for answer in (everything_ground, nobody):
    print(f"{np.mean(answer == truth):.0%} right, mean IoU {score(answer, truth, 7):.2f}")

# %% [markdown]
# A map without a single person has 97 % of its pixels right. The mean IoU takes off about a
# seventh, the share of one class in seven.
#
# ### Score your own answers
#
# The same picker again, scored by your functions as soon as they have passed. Can you
#
# 1. find all five people? The one on the path is small, so a pixel counts;
# 2. paint a label map with a mean IoU above 0.5? The tiles are coarse: nobody reaches 1.

# %%
TaskPicker("detection", iou=mine("iou"), mean_iou=mine("mean_iou"))

# %% [markdown]
# ### Who decides what is true?
#
# In the truth of this scene the street light is "building", since the list of seven classes has
# nothing better for it, and you see ground *through* the stalls. Somebody decided so. Every data
# set has such decisions, and a network learns them along with everything else.

# %% [markdown]
# ## Why did everybody change over in 2012?
#
# For years the yardstick of classification was ILSVRC, the ImageNet challenge: 1,000 categories and
# over a million training photographs. A program gives five guesses for each picture; if the right
# category is not among them, that is a **top-5 error**.
#
# The winner of 2012, AlexNet, was a convolutional network (ConvNet), the first one to win it. In 2013, MIT
# Technology Review put deep learning on its list of the year's ten breakthrough technologies. The
# chart shows what happened.

# %% [markdown] tags=["instructor"]
# Time: 6 min. Read the chart as a story: in 2012 one entry is a network, two years later all good
# entries are.
#
# Tip: ask what "5.1 for a person" should mean before you tell them that it is one person.

# %%
errors = {"2012 runner-up": 26.2, "2012 AlexNet": 15.3, "2013 Clarifai": 11.7, "2014 VGG": 7.32}
errors |= {"2014 GoogLeNet": 6.66, "2015 PReLU-net": 4.94, "2015 ResNet": 3.57, "one person": 5.1}
plots.plot_bars(
    errors,
    x_label="top-5 error (% of the photographs)",
    title="From 2012 on, every winner is a ConvNet",
    alt="Bars of the top-5 error: 26.2 % for the runner-up of 2012, which is no network, then 15.3 "
    "for AlexNet, 11.7 for Clarifai, 7.32 for VGG, 6.66 for GoogLeNet, 4.94 for PReLU-net and 3.57 "
    "for ResNet; 5.1 for one person.",
)

# %% [markdown]
# ### How should you read such a chart?
#
# With care. Three things that it does not say:
#
# * AlexNet's 15.3 was reached with extra training images; with those of the challenge alone it was
#   16.4. Clarifai's 11.7 is *without* extra images. The usual chart mixes the two.
# * AlexNet, Clarifai, GoogLeNet and ResNet won their year, VGG came second. PReLU-net took no part:
#   its authors measured it on the test images of 2012 and published the result in February 2015.
# * The person is one well-trained researcher, who looked at 1,500 of the pictures. A second one, with less
#   training, got 12.0 on 258 of them (Russakovsky et al., 2015).
#
# None of this changes the story: the error fell to less than a quarter of 15.3 in three years.
#
# ### Why not earlier?
#
# The network of 2012 was no new idea. A ConvNet read handwritten zip codes in 1989, and its successor
# LeNet-5 read bank checks in the nineties (LeCun et al., 1989 and 1998). What was new were the
# million labeled photographs, and graphics cards for games: two of them trained AlexNet in less than
# a week.
#
# ### How many numbers go in?
#
# The drawing of AlexNet in the paper of 2012 says how many numbers each layer holds, and at its left
# stands the input: a color photograph of 224×224 pixels. **Predict:** how many numbers is that?
#
# <details><summary>What does the paper say? Open this after your guess.</summary>
#
# "150,528–253,440–186,624–64,896–64,896–43,264–4096–4096–1000". The first number is right. One of
# the others cannot be, and in lecture 09 you find out which.
# </details>

# %%
guess = None
reveal(guess, 224 * 224 * 3)

# %% [markdown]
# ## Why is recognition hard?
#
# $224 \cdot 224 \cdot 3 = 150{,}528$ numbers go in, and a name should come out. What stands in the way?
#
# In 2016 Karen Zack's photographs "chihuahua or muffin?" went around the world: brown blobs with
# dark dots, all of them. Ours are drawn, so that we can make thousands. A chihuahua has two eyes
# above a nose, a muffin has blueberries anywhere. Blob, ground and size are random, and dots cover the
# same area in both.
#
# The first six pictures come from the test set, and two of them are muffins. Which? The last two
# pictures are *averages*: of 1,000 chihuahuas, and of 1,000 muffins.

# %% [markdown] tags=["instructor"]
# Time: 14 min with the exercise. Show the pictures for two seconds, hide them, and ask for the
# muffins; then ask how they did it. Most counted dots.
#
# Tip: "Counting dots" is a rule for this data set only. Ask for a rule that a photograph would obey.

# %%
pairs = load("look_alikes")
x, labels = pairs.train.images.numpy(), pairs.train.labels.numpy()
averages = [x[labels == k].mean(axis=0) / 255 for k in (0, 1)]
pictures = [*pairs.test.images[:6].numpy() / 255, *averages]
plots.show_grid(
    [np.moveaxis(picture, 0, 2) for picture in pictures],  # channels last, as the plot wants them
    titles=["0", "1", "2", "3", "4", "5", "average chihuahua", "average muffin"],
    alt="Six drawn pictures of brown disks with dark dots on colored grounds, and two averages, "
    "both of them a brown haze on gray, without any dots.",
)

# %% [markdown]
# ### Predict: which are the muffins?
#
# Write the numbers of the two muffins as a list, such as `[0, 1]`.

# %%
guess = None
reveal(guess, [2, 4])

# %% [markdown]
# ### Compare with a template
#
# Numbers 2 and 4 have five small dots and no face. You saw that wherever the blob sat, on whatever
# ground. How would a program?
#
# The oldest idea: keep one picture per class, a **template**, and compare. To compare means to
# multiply each pixel by the template's number at the same place and to add everything up. Write the
# picture as one row of $D$ numbers $x_1 \ldots x_D$, and the template of class $k$ as $w_{k1} \ldots
# w_{kD}$. The **score** of class $k$ is
#
# $$s_k = \sum_{d=1}^{D} w_{kd}\, x_d + b_k$$
#
# The **bias** $b_k$ is one more number per class, for what does not depend on the picture. The class
# with the highest score wins. This is a **linear classifier**, and it works on any $D$ numbers that
# describe a picture, its **features**. Here the features are the pixels.
#
# Three features, two classes, by hand: $x = (1, 2, 0)$, templates $(1, 0, 5)$ and $(0, 3, 1)$, biases
# $0$ and $-4$. The scores are $1 + 0 + 0 + 0 = 1$ and $0 + 6 + 0 - 4 = 2$, so class 1 wins.
#
# ### Write all scores at once
#
# With $N$ pictures, put them as rows into one array $x$ of shape $(N, D)$. The templates are the
# rows of $w$, shape $(K, D)$, and the biases have shape $(K,)$. The result has a row for each picture
# and a column for each class: $(N, K)$. In NumPy, `a @ b` combines rows of `a` with *columns* of
# `b`, and `w.T` is `w` with its rows turned into columns.
#
# **Exercise.** Write `linear_scores`. Return the scores themselves: not the winner, and no
# probabilities.


# %% exercise="linear_scores"
def linear_scores(x, w, b):
    """Scores of a linear classifier, one for each image and class: an array (N, K).

    x: N images as rows of D features (N, D). w: one template for each of K classes (K, D). b: one
    bias for each class (K,).
    For example, linear_scores(np.array([[1, 2]]), np.array([[3, 4], [0, 1]]), np.array([1, 1])) is
    [[12, 3]].
    """
    ### BEGIN SOLUTION
    return x @ w.T + b
    ### END SOLUTION


# %% check="linear_scores" points=2
check(linear_scores)

# %% [markdown]
# ### Can templates tell chihuahuas from muffins?
#
# Choose the best templates there are: `fit_linear` finds the $w$ and $b$ whose scores come closest
# to 1 for the right class and 0 for the other, over all 2,000 training pictures (least squares;
# lecture 08 is about fitting). Then score them on pictures that it has not seen. Guessing gets 50 %.

# %%
linear = mine("linear_scores")
x_test, labels_test = pairs.test.images.numpy(), pairs.test.labels.numpy()
w, b = fit_linear(x.reshape(2000, -1) / 255, labels)
for name, images, wanted in (("training", x, labels), ("new", x_test, labels_test)):
    scores = linear(images.reshape(len(images), -1) / 255, w, b)
    print(f"{name} pictures: {right_share(scores, wanted):.0%} right")

# %% [markdown]
# With $2 \cdot 3072 + 2 = 6{,}146$ numbers, the classifier learns most of its training pictures by
# heart, and hardly anything about new ones. A template knows *where* something is dark. In these pictures
# nothing has a fixed place, so the places say nothing: the averages above show no dots at all.
#
# Photographs are worse. The same object appears elsewhere, larger, turned, in other light, half
# hidden; and another one looks like it in all of these.
#
# ### Can a small ConvNet?
#
# Now a network of three convolution layers and one linear classifier, trained on the same 2,000
# pictures. You need not know yet what it does inside; lectures 02 to 08 build it. It sees each
# picture four times.

# %%
torch.manual_seed(0)
net = models.convnetjs_cifar(num_classes=2)
fit(net, Batches(pairs, batch_size=32), epochs=4, optimizer=sgd(net, lr=0.05))
share = evaluate(net, Batches(pairs, "test")).accuracy
print("more than nine of ten new pictures right:", share > 0.9)

# %% [markdown]
# The network has about 20,000 numbers to learn, three times as many as the templates. But what
# counts is how it uses them: it compares small patches, the same way everywhere in the picture.
# Where the dog sits hardly matters to it.

# %% [markdown]
# ## What did people do before?
#
# They did not feed pixels to a linear classifier, they knew better. They described the picture first,
# by **features** made by hand, and put the linear classifier on top:
#
# ```text
# picture  →  features, made by hand  →  linear classifier  →  scores
# ```
#
# The best known feature of the 2000s is the histogram of gradients. Where the brightness changes
# there is an edge; note its strength and its direction. Cut the picture into cells of 8×8 pixels, and
# count in each cell how much edge there is in each of nine directions. Where exactly in the cell
# the edge lies is forgotten, and so is the color.

# %% [markdown] tags=["instructor"]
# Time: 8 min. Ask which changes of a picture leave the histogram as it is: color, brightness, a
# shift by a pixel or two.
#
# Tip: everything in it was decided by people: cell size, number of directions, how to normalize.
# Whole careers went into such choices.

# %%
shapes = load("shapes")
forms = shapes.smaller(train=2000, test=1000)
striped = forms.class_names.index("stripes")
picture = forms.train.images[forms.train.labels == striped][:1].numpy()
(strength,), (angle,) = gradients(picture)
strength /= strength.max()
upright = np.abs(angle - np.pi / 2) > np.pi / 4  # the brightness changes across
plots.show_grid(
    [np.moveaxis(picture[0], 0, 2) / 255, strength, strength * upright, strength * ~upright],
    titles=["picture", "strength of edges", "upright edges", "level edges"],
    alt="A striped square, turned a little; the strength of its edges as a gray picture; and the "
    "same with only the upright edges and with only the level ones.",
)

# %% [markdown]
# ### Pixels against hand-made features
#
# The data set `shapes` has ten classes: disks, squares, crosses and others, in random colors at
# random places. Guessing gets 10 %. Fit one linear classifier to the pixels and one to the
# histograms, and score both on new pictures with the same function, `linear_scores`.

# %%
makers = {"pixels": lambda images: images.reshape(len(images), -1) / 255}
makers["gradient histograms"] = gradient_histograms
for name, features in makers.items():
    old, new = (features(part.images.numpy()) for part in (forms.train, forms.test))
    w, b = fit_linear(old, forms.train.labels.numpy())
    share = right_share(linear(new, w, b), forms.test.labels)
    print(f"{name}: {w.shape[1]} features, {share:.0%} right")

# %% [markdown]
# With 144 hand-made numbers instead of 3,072 pixels, the same classifier is right three times as
# often. Good features make an easy problem out of a hard one. But somebody has to invent them, and
# for every new kind of picture again. What if the features were learned as well?

# %% [markdown]
# ## What does the last layer do?
#
# Look at the end of the network that told chihuahuas from muffins. Its last layer, named `fc`, takes
# 320 numbers from the layer before and returns two scores, with weights and a bias for each class.
# That is your `linear_scores`. `activations` returns what every layer computes; compare.

# %% [markdown] tags=["instructor"]
# Time: 10 min. Before the picture of the planes, ask what the points should look like if the last
# layer is to succeed with straight lines.
#
# Tip: "end to end" means that features and classifier are fitted together, to one goal. Say it
# twice; it is the deck's main sentence here.

# %%
layers = activations(net, pairs.normalize(pairs.test.images))
features, scores = layers["flatten"].numpy(), layers["fc"].numpy()
w, b = net.fc.weight.detach().numpy(), net.fc.bias.detach().numpy()
print(features.shape, "→", scores.shape)
print(
    "the last layer is a linear classifier:", np.allclose(linear(features, w, b), scores, atol=1e-3)
)

# %% [markdown]
# The last layer of most ConvNets is a linear classifier. All layers before it make its features, and
# the whole is fitted together, from the pixels to the scores: **end to end**. If the last layer can
# only draw straight lines, the others must move the classes until straight lines suffice.
#
# ### Watch the classes move apart
#
# Train a fresh network on all 5,000 pictures of `shapes`, and stop before the first epoch and after
# each of three (an **epoch** is one pass through the training pictures). At each stop, `probe` takes
# the 320 features of the pictures of three classes, fits a linear classifier to those of the
# training pictures, and returns its scores for new ones.
#
# Three scores that add up to 1 have their place in a plane, so the picture below loses nothing: each
# class has its corner, and the straight lines between the tinted thirds are where two scores are
# equal.

# %%
torch.manual_seed(0)
net, views = models.convnetjs_cifar(num_classes=10), {}
optimizer = sgd(net)
for epoch in range(4):
    if epoch > 0:
        batches = Batches(shapes, batch_size=64, seed=epoch)
        fit(net, batches, optimizer=optimizer, schedule=constant)
    scores, wanted = probe(net, shapes, "flatten", classes=(0, 2, 4))
    views[f"epoch {epoch}: {right_share(scores, wanted):.0%} right"] = scores, wanted

# %% [markdown]
# **Predict** before you draw it: where are the points before training, when all weights are random?

# %%
plots.plot_three_classes(
    views,
    names=("disk", "square", "triangle"),
    alt="Four planes in a row, each in three tinted thirds, with points of three classes: mixed "
    "before training; then the triangles come away from the rest; in the end disks, squares and "
    "triangles form three clouds, each in its own third.",
)

# %% [markdown]
# The lines stay where they are; the *points* move. The classifier at the end is as simple as the
# one that failed on pixels. The network has learned to bring its pictures into a form in which
# that is enough: the classes have become **linearly separable**.
#
# ### Where in the network does it happen?
#
# A linear classifier fitted to a layer in the middle is called a **probe**: it tells how much of the
# work is done there. Probe the pixels, and what comes out of each of the three poolings (the ends of
# the network's three stages), for the trained network and for one with random weights.

# %%
torch.manual_seed(0)
nets = {"trained": net, "random weights": models.convnetjs_cifar(num_classes=10)}
stages = (None, "pool1", "pool2", "pool3")
curves = {
    name: (range(4), [100 * right_share(*probe(each, shapes, stage)) for stage in stages])
    for name, each in nets.items()
}
plots.plot_curves(
    curves,
    x_label="stages passed (0: the pixels)",
    y_label="right on new pictures (%)",
    title="a linear classifier on what each stage computes",
    dots=True,
    alt="Accuracy of linear probes: both networks start at a fifth on the pixels; the trained one "
    "rises with every stage to nearly 100 %, the one with random weights stays at about 40 %.",
)

# %% [markdown]
# Even random layers help at first: they respond to edges of some kind. But only training makes
# every stage better than the one before. The hand-made histograms, at 64 %, stand somewhere between
# the first stage and the second.

# %% [markdown]
# ## What do you take along?
#
# * Recognition tasks differ in what they return: yes or no, boxes, a name, a label for the image, or
#   one for every pixel.
# * IoU divides what two boxes share by what they cover; the mean over classes scores label maps, and
#   rare classes count.
# * Look-alikes defeat templates of pixels, since a template knows places, and things have none.
# * A linear classifier scores features with one template and one bias for each class:
#   $s = W x + b$.
# * The last layer of most ConvNets is such a classifier, and the layers before it make the classes
#   linearly separable. Before 2012, people made the features by hand.
#
# Which of the three exercises have you passed? `from coursekit import progress; progress("01")` in a
# cell of your own tells.

# %% [markdown] tags=["instructor"]
# Time: 5 min. Ask for products that recognize something, on a telephone or in a car, and let the room
# say which of the six tasks each of them does.
#
# Tip: unlocking a telephone by face is verification. Finding all photographs of one's grandmother is
# identification, and drawing the box around her is detection.

# %% [markdown]
# ### Open questions
#
# <details><summary>Can two boxes have the same IoU with a person and yet be of different use?</summary>
#
# Yes. One may cut off the head and the other the feet. IoU counts pixels, and for it all of them are
# the same.
# </details>
#
# <details><summary>Is a detector with 5 of 5 people found always better than one with 4 of 5?</summary>
#
# Not if it returns a hundred boxes to get there. Detectors are scored by both: how many people they
# find, and how many of their boxes find somebody.
# </details>
#
# <details><summary>How would you cheat a verification task?</summary>
#
# If 99 of 100 questions have the answer no, always say no and be right 99 % of the time. It is the lazy
# label map once more.
# </details>

# %% [markdown]
# ### Further reading
#
# * Everingham et al. (2010), [The PASCAL visual object classes (VOC)
#   challenge](https://doi.org/10.1007/s11263-009-0275-4): where the measures of this lecture come
#   from, and why.
# * Russakovsky et al. (2015), [ImageNet large scale visual recognition
#   challenge](https://arxiv.org/abs/1409.0575): all years of the challenge, and what people score.
# * Dalal and Triggs (2005), [Histograms of oriented gradients for human
#   detection](https://doi.org/10.1109/CVPR.2005.177): the hand-made features at their best.
# * Alain and Bengio (2016), [Understanding intermediate layers using linear classifier
#   probes](https://arxiv.org/abs/1610.01644): the last figure of this lecture, for deep networks.
# * Torralba and Efros (2011), [Unbiased look at dataset bias](https://doi.org/10.1109/CVPR.2011.5995347):
#   which decisions of its makers a data set carries.
#
# **Next:** lecture 02 looks at what all this starts from, the numbers of an image.
