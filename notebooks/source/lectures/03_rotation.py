# %% [markdown]
# # Self-supervision: which way is up?
#
# **Pictures are free, labels are not. How much can a network learn before anybody has told it anything?**
#
# The first two lectures broke networks that had all the labels they could wish for. From here on labels are scarce, and we look for another teacher: the pictures themselves.
# You need what you know: how a CNN is trained, and what [transfer learning](../../../docs/glossary.md#transfer-learning) is.
#
# | | | minutes |
# |---|---|---|
# | 1 | Labels are expensive | 10 |
# | 2 | Pretext and downstream | 10 |
# | 3 | The rotation game | 10 |
# | 4 | Rotation by hand | 5 |
# | 5 | Pretraining | 15 |
# | 6 | What is it worth? | 20 |
# | 7 | Is the phone upside down? | 10 |
# | 8 | The network that cheats | 20 |
#
# Run *Before we start* once. After that every section runs on its own, in any order.
# Answers are folded away: think first, then click. Things to try are marked from ●○○○○ (a minute) to ●●●●● (an evening).

# %% [markdown]
# ## Before we start
#
# The world is the one that you know: ten kinds of things, drawn by the course itself. New is a pile of 8,000 pictures **without labels**, and two networks that have never seen a label.
# Nothing is downloaded; the first run takes a moment to draw.

# %%
import math

import torch
import torch.nn.functional as F

from course_utils import data, device, models, plots, results, selfsup, training, widgets
from course_utils.data.world import render, sample
from course_utils.plots.rotation import TURNED

# %%
where = device.pick()
pictures = data.load("world", device=where)
classes = pictures.classes
network = models.zoo.load("world_rotation", where)  # says how a picture was turned
cheat = models.zoo.load("world_rotation_cheat", where)  # so does this one; section 8 tells how
x, y = next(pictures.validation.batches(300))  # (300, 3, 48, 48) in [0, 1], and classes (300,)
print(device.describe(where), "·", len(pictures.unlabelled), "pictures without labels")

# %% [markdown]
# ## 1 · Labels are expensive
#
# **A question first.** ImageNet has 14 million pictures. You are quick: two seconds for each, and you never make a mistake. *How long does it take you, without sleep? And how long did it take them?*
#
# <details><summary><b>Think, then click.</b></summary>
#
# Two seconds times 14 million are 324 days and nights. The people behind ImageNet took <b>three years</b>, with a crowd of paid helpers, and that was for cats and cars, which everybody can name. For a tumour on a scan, a rare beetle or a crack in
# a turbine blade one needs an expert, and experts do not sit there for two seconds a picture.
# </details>
#
# "Then take a network that knows ImageNet and [fine-tune](../../../docs/glossary.md#fine-tuning) it." Often that is right. But general features may not suffice for special images: a radar picture or a slide under a microscope looks like nothing on ImageNet.
#
# So what happens with few labels? Here is all that our first student gets: ten pictures of each class.

# %%
few = selfsup.few_labels(pictures.train, 10, seed=0)
first = [int((few.labels == c).nonzero()[0]) for c in range(10)]
title = "One of the ten pictures of each class. Would ten of each do for you?"
plots.gallery(few[first].images, classes, title=title, columns=5)


# %%
def from_scratch(labels_a_class, updates=60):
    split = selfsup.few_labels(pictures.train, labels_a_class, seed=0)
    torch.manual_seed(0)
    return selfsup.fine_tune(models.Encoder().to(where), split, updates=updates, lr=3e-3)


beginner = from_scratch(10)
seen = training.evaluate(beginner, few)["accuracy"]
new = training.evaluate(beginner, pictures.validation[:300])["accuracy"]
print(f"on its own 100 pictures {plots.percent(seen)}, on new ones {plots.percent(new)}")

# %% [markdown]
# It learnt its hundred pictures. It did not learn what a cat is. The same with other numbers of labels, and equally many updates for all:

# %%
curve = {}
for n in (1, 3, 10, 30, 100):
    new = training.evaluate(from_scratch(n), pictures.validation[:300])["accuracy"]
    curve[n] = results.Measured((new,))
title = "From scratch: every step to the right was paid for by somebody with a mouse"
unit = "accuracy on 300 new pictures"
plots.label_efficiency({"from scratch": curve}, title=title, unit=unit)

# %% [markdown]
# That was in a hurry: one network for each point, and sixty updates. Measured with care (three networks for each number, their learning rate chosen on [validation pictures](../../../docs/glossary.md#validation-split), up to 600 updates):
#
# | test accuracy | 10 labels a class | 50 labels a class | all, 800 a class |
# |---|---|---|---|
# | from scratch | 23.82 % | 83.30 % | 99.02 % |
#
# *Means over three seeds: `benchmarks/selfsup_labels.py`, in `benchmarks/results/selfsup_labels.md`.*
#
# The gap between the first column and the last is what labels are worth. **Today's question: how much of it can be had without them?**
#
# **Try it.** ●○○○○ Let the beginner train ten times as long, `from_scratch(10, updates=600)`. Does patience replace labels? ●●○○○ Does [augmentation](../../../docs/glossary.md#augmentation)? (`selfsup.flip` mirrors a batch at random;
# `fine_tune` takes it as `augment=`.)

# %% [markdown]
# ## 2 · Pretext and downstream
#
# *Supervised* learning has a label for every picture. *Unsupervised* learning has none and looks for structure, [clusters](../../../docs/glossary.md#cluster) for instance. Between them stands **[self-supervision](../../../docs/glossary.md#self-supervision)**: it trains as supervised learning does, with inputs, labels
# and a loss, but **the data provides the labels**.
#
# How? Take something away from a picture, or do something to it, and ask the network what it was. You know the answer, because *you* did it. Such a question is called a **[pretext task](../../../docs/glossary.md#pretext-task)**: nobody wants its answer.

# %%
one = x[0]
plots.pretext_flow(
    torch.stack([one.rot90(k, (1, 2)) for k in range(4)]),
    ["0°", "90°", "180°", "270°"],
    x[1:5],
    [classes[c] for c in y[1:5]],
    question="how was it turned?",
)

# %% [markdown]
# Pretext training gives intermediate representations, **[features](../../../docs/glossary.md#features)**. The [head](../../../docs/glossary.md#head) that answers the pretext question is thrown away; the [encoder](../../../docs/glossary.md#encoder) below it goes on to the task that we do care about, the [**downstream** task](../../../docs/glossary.md#downstream-task).
#
# So how do you tell whether a pretext task was a good one? *Not* by how well it is solved. Only by what the features are worth downstream. In this course every method faces the same four questions:
#
# 1. **[Linear probe](../../../docs/glossary.md#linear-probe).** Freeze the encoder, fit one linear layer on its features. *Can a plane tell the classes apart?*
# 2. **[k nearest neighbours](../../../docs/glossary.md#k-nn).** Fit nothing at all: a picture gets the class of the labelled pictures with the most similar features. *Do like things lie together?*
# 3. **Fine-tuning.** Train everything, from the encoder's weights on. *Is it a good place to start?*
# 4. **Few labels.** Each of the three with 10, with 50 and with all labels of a class. *What is it worth when labels are scarce?*
#
# Every figure is a mean over at least three [seeds](../../../docs/glossary.md#seed), every setting is chosen on validation pictures, and the test pictures are looked at once.
#
# <details><summary><b>Think.</b> Invent a pretext task for pictures, for videos, and for texts. What would a network have to understand to solve it?</summary>
#
# Pictures: colour a grey one; fill a hole; say which of two patches lies left of the other (lecture 4); find the other half. Videos: which frame comes first? does this sound belong to it? Texts: which word is missing, which one comes next?
# That last one is how every large language model begins. A good question can't be answered by a trick: remember this when we come to section 8.
# </details>

# %% [markdown]
# ## 3 · The rotation game
#
# The first pretext task of this course is a [children's game](../../../docs/glossary.md#rotation-prediction) (Gidaris, Singh and Komodakis 2018, arXiv 1803.07728). A picture is turned by 0, 90, 180 or 270 degrees, counter-clockwise. **How was it turned?**
# Play it against the network. It has made up its mind before you click, and shows its answer after you did.

# %%
chosen = torch.tensor([36, 41, 9, 281, 25, 77, 34, 94])
turns = torch.tensor([2, 0, 3, 2, 1, 1, 3, 0], device=where)  # times 90 degrees, to the left
widgets.rotation_game(network, x[chosen], turns)

# %% [markdown]
# <details><summary><b>Think.</b> How did <i>you</i> do it? Could you play this game with things that you have never seen?</summary>
#
# You recognised the thing first: this is a house, and a roof is on top. Or you saw a part: wheels, a trunk, eyes above a mouth. Either way you needed to know <i>what</i> and <i>where</i>. That is the bet of this lecture: a network that wins the
# game has learnt to see things and their parts, although nobody ever told it a name.
# </details>
#
# Here is what the network says of all eight:

# %%
turned = selfsup.rotate_batch(x[chosen], turns)
says = plots.confidences(network, turned)
won = int((says.argmax(1).to(where) == turns).sum())
title = f"The network has {won} of 8, and nobody has ever told it what any of these things is"
plots.rotation_quiz(turned, turns, says=says, title=title)

# %% [markdown]
# ## 4 · Rotation by hand
#
# One picture, four copies, four labels that cost nothing. The loss is the mean [cross-entropy](../../../docs/glossary.md#cross-entropy) over the four, with $R_k$ the turn by $90k$ degrees:
#
# $$L(\theta) \;=\; -\frac{1}{4} \sum_{k=0}^{3} \log p_\theta\big(k \,\big|\, R_k\, x\big)$$
#
# Five lines:

# %%
picture = x[88]  # (3, 48, 48)
four = torch.stack([picture.rot90(k, (1, 2)) for k in range(4)])  # (4, 3, 48, 48)
labels = torch.arange(4, device=where)  # nobody had to look
logits = network(four)  # (4, 4)
loss = F.cross_entropy(logits, labels)
print(f"loss {loss.item():.3f}; guessing would cost ln 4 = {math.log(4):.3f}")

# %%
title = f"Four copies, four labels, one loss: {loss.item():.3f}"
plots.rotation_quiz(four, labels, says=logits.detach().softmax(1), title=title)

# %% [markdown]
# Why 90 degrees? Because such a turn only moves pixels: nothing is interpolated, no corner is left empty, so the pixels themselves don't tell that anything was done. A turn by 45 degrees would give itself away by
# its blur and its corners, and the network would learn to see *those*.
#
# <details><summary><b>Think.</b> You may have used rotation as an <i>augmentation</i>: turned pictures with the same label. Here the turn <i>is</i> the label. What does each of the two teach about up and down?</summary>
#
# The opposite. Augmentation says: a turned cat is a cat, forget how it was turned. The pretext task says: know exactly how it was turned. Both show the network every picture in every position, so a turned picture is nothing new to either
# of them. But the features differ: one set does not change with the turn, the other must. Which is better depends on what comes downstream. For satellite pictures, where nothing is upside down, rotation is no pretext task at all.
# </details>

# %% [markdown]
# ## 5 · Pretraining
#
# The whole course has one training loop; self-supervision is another objective in it. `selfsup.rotation` is section 4 for a batch. Watch it work for a moment, on 1,000 of the pictures that nobody labelled:

# %%
# The second pair takes a quarter of an hour on one core of a CPU.
PICTURES, EPOCHS = device.sized(cpu=(1000, 1), gpu=(8000, 6))
torch.manual_seed(0)
mine = models.Classifier(models.Encoder(), 4).to(where)
before = training.evaluate(mine, pictures.validation[:100], selfsup.rotation)
some = pictures.unlabelled[:PICTURES]
rule = {"epochs": EPOCHS, "batch_size": 16, "device": where, "progress": EPOCHS > 1}
training.fit(mine, some, objective=selfsup.rotation, **rule)
after = training.evaluate(mine, pictures.validation[:100], selfsup.rotation)
for name, means in {"before": before, "after": after}.items():
    told = plots.percent(means["accuracy"])
    print(f"{name} training: {told} of 400 turned validation pictures, loss {means['loss']:.2f}")

# %% [markdown]
# The network that comes with the course has seen all 8,000, six times; its card says more (`print(models.zoo.card("world_rotation"))`). How good did it become?

# %%
tasks, truth = selfsup.rotation_task(x)  # (1200, 3, 48, 48), (1200,)
says = plots.confidences(network, tasks).to(where)  # (1200, 4)
answers = says.argmax(1)
counts = torch.bincount(4 * truth + answers, minlength=16).view(4, 4)  # row: the truth
right = float((answers == truth).float().mean())
title = f"Pretext accuracy {plots.percent(right)}: what is mistaken for what?"
plots.mistaken_for(counts, TURNED, title=title)

# %% [markdown]
# On the test pictures it is 97.39 %, where guessing gives 25 %. Look at the mistakes of which it is surest, and ask yourself whether *you* would have been right:

# %%
wrong = (answers != truth).nonzero()[:, 0]
surest = wrong[says[wrong].amax(1).argsort(descending=True)][:8]
title = "Surely wrong: what would you have said?"
plots.rotation_quiz(tasks[surest], truth[surest], says=says[surest], title=title)

# %% [markdown]
# **Try it.** ●○○○○ Which of the ten things makes most mistakes? Count them: `classes[y[i % 300]]` is the thing of task `i`. ●●●○○ Train your own with all 8,000 (`PICTURES, EPOCHS = 8000, 6`). ●●●○○ Leave out the quarter turns: is
# *upright or upside down* enough for good features?

# %% [markdown]
# ## 6 · What is it worth?
#
# Throw the head away. What is left, the encoder, turns a picture into 128 numbers. First with the naked eye: for five pictures, the four most similar of 1,000, by the [cosine](../../../docs/glossary.md#cosine-similarity) of their features. Beside it an encoder of the same
# architecture with **random** weights. *What would you expect of that one?*

# %%
torch.manual_seed(0)
encoders = {"random encoder": models.Encoder().to(where).eval(), "rotation": network.encoder}
pool, kinds = next(pictures.validation.batches(1000))
features = {name: plots.features_of(encoder, pool) for name, encoder in encoders.items()}
alike = {n: plots.percent(plots.neighbour_agreement(f, kinds)) for n, f in features.items()}
told = ", ".join(f"{name} {share}" for name, share in alike.items())
queries = [int((kinds == c).nonzero()[1]) for c in (0, 2, 3, 5, 6)]
title = f"How often the nearest picture shows the same thing: {told}"
plots.neighbours(pool, kinds, queries, features, title=title)

# %% [markdown]
# Nobody has told it the names. Yet what belongs together begins to lie together: not everywhere, but twice as often as with random features.
#
# Now in numbers, and with **ten labels a class**: the hundred pictures that were too few in section 1. A linear layer on frozen features, and the vote of five neighbours:

# %%
few = selfsup.few_labels(pictures.train, 10, seed=0)
tests = {name: selfsup.extract_features(e, [(x, y)]) for name, e in encoders.items()}
worth = {}
for name, encoder in encoders.items():
    known = selfsup.extract_features(encoder, few.batches(100))
    worth[name] = {
        "linear probe": selfsup.linear_probe(*known, *tests[name], C=0.1),
        "5 nearest neighbours": selfsup.knn_accuracy(*known, *tests[name], k=5),
    }
title = "With the same hundred labels: what the features were worth"
unit = "accuracy on 300 validation pictures"
plots.side_by_side(worth, title=title, unit=unit, chance=0.1)

# %% [markdown]
# That took a second: the encoder is not trained at all, only the few weights of a linear layer, or none. Compare it with the beginner of section 1, who had the same hundred pictures.
#
# All of it with care, and with more labels. *Supervised* is the encoder of the classifier of lecture 1: it has seen all 8,000 labels before, and shows how far one could get.

# %%
curves = results.label_curves()
methods = ("random encoder", "from scratch", "rotation", "supervised")
title = "What rotation is worth: most where labels are few, little where there are plenty"
unit = "test accuracy, best of linear probe and fine-tuning"
plots.label_efficiency({m: curves[m] for m in methods}, title=title, unit=unit)

# %% [markdown]
# | test accuracy | 10 labels a class | 50 labels a class | all, 800 a class |
# |---|---|---|---|
# | from scratch | 23.82 % | 83.30 % | 99.02 % |
# | rotation, linear probe | 60.12 % | 80.52 % | 91.75 % |
# | rotation, k-NN | 40.27 % | 54.35 % | 70.97 % |
# | rotation, fine-tuning | 71.73 % | 91.15 % | 98.88 % |
# | random encoder, linear probe | 17.15 % | 23.50 % | 36.43 % |
#
# *Means over three seeds: `benchmarks/selfsup_labels.py`, in `benchmarks/results/selfsup_labels.md`. Training from scratch had as many updates as fine-tuning, and a learning rate chosen for it.*
#
# Read it line by line. With ten labels a class [pretraining](../../../docs/glossary.md#pretraining) is worth more than all that we could do to training from scratch. With all labels it is worth nothing any more: frozen features lose to training from scratch, fine-tuning
# draws level, for now the labels say it themselves. And the same holds outside our small world: with a network pretrained on rotations the authors came to a mean average precision of 54.4 % in detecting objects on PASCAL VOC, 2.4 points below pretraining with all of ImageNet's labels (1803.07728, abstract).
#
# <details><summary><b>Think.</b> Why do random features get more than one in ten right, as guessing would?</summary>
#
# A random encoder throws little away: colours, edges and blobs go through its random filters and can still be told apart behind them. A linear layer finds what there is to find. So a random encoder is the honest
# baseline, not guessing: whatever a pretext task teaches must be above it.
# </details>
#
# **Try it.** ●○○○○ Another draw of the hundred labels: `seed=1`. How much does luck matter? ●●○○○ Other values of `C` and `k`. Where would you look to choose them, and where not?
# ●●●○○ Fine-tune: `selfsup.fine_tune(network.encoder, few, updates=100)`, and evaluate it as in section 1.

# %% [markdown]
# ## 7 · Is the phone upside down?
#
# Once in a while the answer to a pretext question is wanted after all. You photograph, and later the picture lies on its head, because the phone did not know how it was held. A rotation network is a detector of that, for nothing:
#
# $$\text{upside down} \quad\Longleftrightarrow\quad p_\theta(180° \mid x) \;>\; p_\theta(0° \mid x)$$

# %%
heads = torch.arange(len(x), device=where) % 2  # every second one stands on its head
held = selfsup.rotate_batch(x, 2 * heads)
found = selfsup.upside_down(network, held)
right = (found == heads.bool()).float()
by_class = {classes[c]: round(100 * float(right[y == c].mean()), 1) for c in range(10)}
title = (
    f"Upright or upside down? Right for {plots.percent(float(right.mean()))} of {len(x)} pictures"
)
plots.bars(by_class, title=title, unit="right, % of the pictures of each class")

# %% [markdown]
# But nobody holds a phone at exactly 90 degrees, and the network was never shown anything in between. *What will it say at 45°? And will it know that it doesn't know?*

# %%
widgets.phone(network, x[[36, 41, 9, 60, 2, 77]], angle=130)

# %% [markdown]
# **Try it.**
#
# * ●○○○○ Go slowly from 0° to 90°. Where does it change its mind, and how sure is it at that place?
# * ●○○○○ Find a picture with which it is sure and wrong.
# * ●●○○○ Turn the screen only when the network is sure, and leave it otherwise. Which threshold would you choose? What do you pay for it?
#
# <details><summary><b>Think.</b> A real phone knows which way is down without looking: it has a sensor for gravity. When is the picture the better witness?</summary>
#
# When you photograph the table from above: gravity then points through the screen and says nothing about the sides. And for pictures that came without a sensor: scans, old films, whatever is on the web.
# </details>

# %% [markdown]
# ## 8 · The network that cheats
#
# Our things stood before plain walls. Take them outdoors, into scenes with sky, sea and street, and train a second network in the same way: same encoder, same 8,000 pictures without labels, same six epochs. That is the network `cheat`.
#
# **Before you look:** its pictures are richer. *Will its [pretext accuracy](../../../docs/glossary.md#pretext-accuracy) be higher or lower? Will its features be better or worse?*

# %%
scenes = sample(200, seed=8, background="scene")
outdoors, things = render(scenes, device=where).float() / 255, scenes.label.to(where)
names = [classes[c] for c in scenes.label[:10]]
plots.gallery(outdoors[:10], names, title="The same ten things, outdoors", columns=5)


# %%
def pretext_accuracy(net, images):
    tasks, turns = selfsup.rotation_task(images)
    answers = plots.confidences(net, tasks).argmax(1).to(where)
    return float((answers == turns).float().mean())


few = selfsup.few_labels(pictures.train, 10, seed=0)
both = {"trained before plain walls": (network, x[:200]), "trained outdoors": (cheat, outdoors)}
report = {}
for name, (net, own) in both.items():
    known = selfsup.extract_features(net.encoder, few.batches(100))
    asked = selfsup.extract_features(net.encoder, [(x, y)])
    probe = selfsup.linear_probe(*known, *asked, C=0.1)
    report[name] = {"pretext accuracy": pretext_accuracy(net, own), "linear probe": probe}
title = "The better a network is at its pretext task, the better its features. Is that so?"
plots.side_by_side(report, title=title, unit="accuracy on validation pictures; ten labels a class")

# %% [markdown]
# It is nearly *perfect* at the game, and its features are worth hardly more than guessing. What does it look at?
#
# Be a detective: the world can be redrawn with one thing changed and all else as it was. Here we turn **only the thing** and leave the scene upright; and we take the thing **away** and turn an empty scene.

# %%
empty = scenes.with_(centre=(9, 9), hidden=False, distractor=False)  # far outside
on_its_head = scenes.with_(tilt=scenes.tilt + math.pi)  # only the thing, not the scene
nothing = render(empty, device=where).float() / 255
thing_turned = render(on_its_head, device=where).float() / 255
three = torch.cat([outdoors[:5], thing_turned[:5], nothing[:5].rot90(2, (2, 3))])
captions = ["as it was"] * 5 + ["only the thing turned"] * 5 + ["empty, turned"] * 5
plots.gallery(three, captions, title="What would you say: upright or upside down?", columns=5)

# %%
verdict = {}
for name, (net, _) in both.items():
    said = plots.confidences(net, thing_turned).argmax(1)
    verdict[name] = {
        "thing turned: believes the thing": float((said == 2).float().mean()),
        "thing turned: believes the scene": float((said == 0).float().mean()),
        "empty scene: pretext accuracy": pretext_accuracy(net, nothing),
    }
title = "Whom does it believe, and can it play the game when there is nothing to see?"
plots.side_by_side(verdict, title=title, unit="200 scenes", chance=0.25)

# %% [markdown]
# There it is. The second network plays the game with **nothing in the picture**: sky is bright and on top, the ground is below, done. It reads the horizon. The house standing on its roof in the middle does not
# disturb it. Nobody told it to look at things; it was told to say how a picture was turned, and it found the cheapest way.
#
# | 2,000 test pictures, 10 labels a class for the probe | trained before plain walls | trained outdoors | random encoder |
# |---|---|---|---|
# | pretext accuracy, pictures as in training | 97.39 % | 99.98 % | – |
# | pretext accuracy, empty scenes | 30.57 % | 99.99 % | – |
# | only the thing turned over: believes the thing | 72.28 % | 0.00 % | – |
# | only the thing turned over: believes the scene | 15.05 % | 99.92 % | – |
# | linear probe, plain walls | 59.71 % | 14.63 % | 16.77 % |
# | linear probe, outdoors | 31.37 % | 12.53 % | 12.78 % |
#
# *Means over three seeds, each with networks of its own; the probes over three draws of the labels: `benchmarks/lecture3_horizon.py`, in `benchmarks/results/lecture3_horizon.md`.*
#
# Look at the last two lines: for telling the things apart its features are worth **less than random ones**, before plain walls and in its own scenes. A random encoder at least throws nothing away.
#
# Does that sound familiar? In lecture 2 a network was given backgrounds that tell the class, and learnt the background. There the labels were people's, here they are the data's own. **A network learns what solves the task, not what you had in mind.**
#
# > **Pretext accuracy is not feature quality.** The task must have no [easy way out](../../../docs/glossary.md#shortcut); and whether it has one, only the downstream task can tell.
#
# <details><summary><b>Think.</b> "When a measure becomes a target, it ceases to be a good measure." Where in this lecture was the measure, where the target?</summary>
#
# We measure whether a network sees things by whether it can tell their rotation. As long as the only way to the answer leads through the thing, the measure is good. Once the network is <i>trained</i> on the answer, it takes any way there is, and
# scenes offer a shorter one. The remedy isn't a better network but a better question: plain walls, crops without a horizon, gaps between patches (lecture 4), colours jittered (lecture 5).
# </details>
#
# <details><summary><b>Think.</b> Real photographs have horizons too. Why does rotation work on ImageNet all the same?</summary>
#
# In many of them: there a network does learn sky-above-ground, and it is part of what it learns. But photographs are more varied than our ten scenes: close-ups, indoors, things that fill the picture. On those the horizon does not help, and the loss
# keeps asking. In our world outdoors, the cheap cue works in nearly every picture, and nothing is left to ask for.
# </details>
#
# **Try it.** ●●○○○ Do the cheat's features name the *scene*? Probe for `scenes.background` instead of the class. ●●●○○ Take the easy way out away: crop each outdoor picture to the thing before turning it, and train again. ●●●●○ Which of the ten
# scenes gives the least away? Measure it for each background by itself, then train on that one only.

# %% [markdown]
# ## What to remember
#
# 1. **Labels are expensive, pictures are not.** In self-supervision the data provides the labels.
# 2. **Pretext, then downstream:** train on a question that nobody asks, keep the encoder, throw the head away.
# 3. **Four measures, always the same:** linear probe, k-NN, fine-tuning, and each of them with few labels; against a random encoder and against training from scratch with equal means.
# 4. **Rotation:** four copies, four labels. To say which way is up one has to see what it is. And it tells when a picture stands on its head.
# 5. **Pretext accuracy is not feature quality.** A network takes the easy way out; look for it before it does.
#
# ## To discuss
#
# * For which pictures is rotation a bad pretext task? Name three kinds.
# * You have 100 labels and an afternoon: label 200 more pictures, or pretrain? How would you decide?
# * The pictures without labels were drawn by the same hand as the labelled ones. On the web they aren't. What changes?
# * Would you publish the network that cheats? Its accuracy is higher.
#
# ## Now you
#
# **Lab 3** (`notebooks/labs/lab3_rotation.ipynb`): you write `rotate_batch`, `rotation_task`, `RotationNet`, `pretext_step`, `extract_features`, `linear_probe` and `upside_down`, and with them pretrain a network of your own, and find out what it
# is worth.
#
# ## References
#
# * Gidaris, Singh, Komodakis: *Unsupervised representation learning by predicting image rotations*, ICLR 2018, [arXiv 1803.07728](https://arxiv.org/abs/1803.07728).
# * Deng, Dong, Socher, Li, Li, Fei-Fei: *ImageNet: a large-scale hierarchical image database*, CVPR 2009.
# * Doersch, Gupta, Efros: *Unsupervised visual representation learning by context prediction*, ICCV 2015, [arXiv 1505.05192](https://arxiv.org/abs/1505.05192): lecture 4, and the first to report such shortcuts.
# * Geirhos et al.: *Shortcut learning in deep neural networks*, Nature Machine Intelligence 2020, [arXiv 2004.07780](https://arxiv.org/abs/2004.07780): the easy way out, in general.
