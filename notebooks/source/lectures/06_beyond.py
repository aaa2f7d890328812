# %% [markdown]
# # Beyond classification
#
# **So far the pictures made up the questions, and nobody cared for the answers. What if the answer is what we want?**
#
# Fill a hole. Sort a heap. Colour an old photograph, and then a film. Four tasks whose labels were in the data all along, and each is of use by itself.
# You need [self-supervision](../../../docs/glossary.md#self-supervision) as in lectures 3 to 5, [mean squared error](../../../docs/glossary.md#squared-error), cross-entropy and softmax. Nothing else.
#
# | | | minutes |
# |---|---|---|
# | 1 | Fill the hole | 20 |
# | 2 | Things of a kind | 25 |
# | 3 | Grey to colour | 20 |
# | 4 | A film coloured from its first frame | 20 |
# | 5 | A film of your own | 5 |
# | 6 | What they share | 15 |
#
# Run *Before we start* once. After that every section runs on its own, in any order.
# Answers are folded away: think first, then click. Things to try are marked from ●○○○○ (a minute) to ●●●●● (an evening).

# %% [markdown]
# ## Before we start
#
# The world that you know; and **clips**, short films drawn by the same hand. Four networks answer with a *picture* as large as the one that came in: a **[U-Net](../../../docs/glossary.md#u-net)** goes down to see the whole, and up again with the details handed across (Ronneberger et al. 2015, arXiv 1505.04597).
# All were trained on pictures without labels; only one of the encoders has seen any, for comparison. Nothing is downloaded; the first run takes a moment to draw.

# %%
import torch
import torch.nn.functional as F

from course_utils import data, device, models, plots, results, selfsup, training, widgets
from course_utils.data import video
from course_utils.data.clips import Clips, clips
from course_utils.data.world import render, sample

where = device.pick()
pictures = data.load("world", device=where)
classes = pictures.classes
x, y = next(pictures.validation.batches(300))  # (300, 3, 48, 48) in [0, 1], and classes (300,)

# %%
painter = models.zoo.load("world_inpainting", where)  # fills holes
mean_colour = models.zoo.load("world_colouring", where)  # colours by squared error
rebalanced = models.zoo.load("world_colouring_rebalanced", where)  # colours by choosing
follower = models.zoo.load("clips_colouring", where)  # finds things again
TEMPERATURE = 0.05  # of its pointing
print(device.describe(where))

# %%
torch.manual_seed(0)
encoders = {
    "random encoder": models.Encoder().eval().to(where),
    "rotation": models.zoo.load("world_rotation", where).encoder,
    "patches": models.zoo.load("world_patches", where).encoder,
    "SimCLR": models.zoo.load("world_simclr", where).encoder,
    "supervised": models.zoo.load("world_classifier", where).encoder,
}
sorter = models.zoo.load("world_clusters", where).encoder  # two that taught themselves by sorting
second = models.zoo.load("world_clusters_rotation", where).encoder

# %% [markdown]
# ## 1 · Fill the hole
#
# **Somebody has cut a hole into your photograph. What was there?** Move the hole about. Before you look at what the network paints: *say what you would paint, and what you went by.*

# %%
widgets.fill_the_hole(painter, x[:12], borrow=pictures.unlabelled[:1000].images)

# %% [markdown]
# **Try it.**
#
# * ●○○○○ A small hole in the plain ground: a child could fill it. How?
# * ●○○○○ A hole on the rim of the thing. What does the network do that smearing colours from border to border doesn't?
# * ●○○○○ A hole over the whole thing. What is left to go by? Does the network paint a thing?
# * ●○○○○ *Another picture* is cut out of that one of 1,000 others which fits best around the hole. Is it ever right? Is it ever blurred?
#
# The task is called **[inpainting](../../../docs/glossary.md#inpainting)**, and as a pretext task it came with the name *context encoder* (Pathak et al. 2016, arXiv 1604.07379). The label is what was cut out, so it costs nothing.
# Two rivals need no network: the mean colour of what can still be seen, and straight lines of colour from border to border (*bilinear*).

# %%
mask = selfsup.hole_mask(6, 48, 0.12, torch.Generator().manual_seed(5)).to(where)  # 1 = missing
fills = {
    "mean of the rest": selfsup.mean_fill(x[12:18], mask),
    "bilinear": selfsup.bilinear_fill(x[12:18], mask),
    "network": selfsup.inpaint(painter, x[12:18], mask),
}
title = "The network begins with straight lines of colour, and adds what it knows of things"
plots.filled_holes(x[12:18], mask, fills, title=title)

# %% [markdown]
# How wrong is a fill? Only what was missing counts. With $M$ the missing pixels and $\hat x$ the network's answer,
#
# $$L \;=\; \frac{1}{3\,|M|} \sum_{i \in M} \big\| \hat x_i - x_i \big\|^2 .$$

# %%
lines = selfsup.bilinear_fill(x[12:18], mask)  # it begins with the straight lines
with torch.no_grad():
    answer = lines + painter(torch.cat([lines, mask], dim=1))  # and adds what it knows
missing = mask.bool().expand_as(answer)
by_hand = (answer - x[12:18])[missing].square().mean()
library = selfsup.inpainting_loss(answer, x[12:18], mask)
print(f"by hand {float(by_hand):.6f}, by the library {float(library):.6f}")

# %% [markdown]
# The network sees four channels: the picture with straight lines in its hole, and the mask. It answers what is to be added to the lines.
#
# <details><summary><b>Think.</b> Why does it need the mask? The picture is there, filled and all.</summary>
#
# Smooth places exist without a hole. And the loss counts missing pixels only: nobody asks what the network says about visible ones, and `inpaint` keeps those as they were. So it should know which are which.
# </details>
#
# ### Why is it blurred?
#
# You saw it: the larger the hole, the softer the fill. Bad training? Let us ask a question to which we know *all* answers. Here is a hole, and ten pictures that agree in every pixel around it, to the last bit. Any of them might have been it.

# %%
scene = sample(1, seed=3)[[0] * 10].with_(tilt=0.0, hidden=False, distractor=False)
scene = scene.with_(label=range(10), centre=(0.0, 0.0), size=0.42)
ten = render(scene, device=where).float() / 255  # (10, 3, 48, 48)
hole = selfsup.square_mask(10, 48, 11, 11, 26).to(where)
print("difference outside of the hole:", float(((ten - ten[:1]) * (1 - hole)).abs().max()))
guess = ten.mean(dim=0, keepdim=True)
painted = selfsup.inpaint(painter, ten[:1], hole[:1])
question = ten[:1] * (1 - hole[:1]) + 0.5 * hole[:1]
shown = torch.cat([question, ten, guess, painted])
captions = ["what you see", *classes, "the mean of all ten", "the network"]
plots.gallery(
    shown, captions, title="One question, ten right answers. Which do you paint?", columns=5
)

# %% [markdown]
# You have to give *one* answer, and pay its squared distance to the truth, which may be any of the ten. What does each answer cost on average?

# %%
answers = torch.cat([ten, guess, painted])  # (12, 3, 48, 48)
apart = (answers[:, None] - ten[None]).square() * hole[0]  # (12, 10, 3, 48, 48)
cost = apart.sum(dim=(2, 3, 4)).mean(dim=1) / (3 * hole[0].sum())  # (12,)
names = [*classes, "the mean of all ten", "the network"]
plots.bars(
    {name: round(1000 * float(c), 2) for name, c in zip(names, cost, strict=True)},
    title="Whoever paints a thing is nearly always wrong. The blurred mean costs least",
    unit="expected squared error in the hole, thousandths",
    highlight=["the mean of all ten"],
)

# %% [markdown]
# It is no accident. Whatever the answers $X$ that are possible,
#
# $$\mathbb{E}\,\|X - c\|^2 \;=\; \mathbb{E}\,\|X - \mathbb{E}X\|^2 \;+\; \|\mathbb{E}X - c\|^2 ,$$
#
# and the first part can't be helped. So the best $c$ is $\mathbb{E}X$: **under squared error the best answer is the mean of all that could be there**, and the mean of ten sharp things is no thing at all.
# The network isn't vague because it is bad. It is vague because it is asked to be. Keep this in mind: it comes back in section 3, in colour.
#
# <details><summary><b>Think.</b> The network did not paint the ghost of the ten. Is it wrong?</summary>
#
# It knows other pictures than our ten. In its world things are larger than this one: where there is nothing but ground all around a hole, there was nearly always ground in it. The mean is taken over all that <i>its</i> pictures hold in such a place. You were told about the ten things; it wasn't.
# </details>
#
# The same on true pictures: fill the hole from the picture that fits best around it, of 1,000 others; then from the mean of the ten that fit best.

# %%
others = pictures.unlabelled[:1000].images
fills = {
    "one that fits": selfsup.neighbour_fill(x[12:15], mask[:3], others),
    "mean of ten": selfsup.neighbour_fill(x[12:15], mask[:3], others, k=10),
    "network": selfsup.inpaint(painter, x[12:15], mask[:3]),
}
title = "A piece of another picture: sharp, and wrong. The mean of ten: blurred, and less wrong"
plots.filled_holes(x[12:15], mask[:3], fills, title=title)

# %% [markdown]
# <details><summary><b>Think.</b> Which loss would make it paint <i>one</i> sharp thing?</summary>
#
# One that doesn't ask "how far from the truth?", but "<b>could this be true?</b>". Pathak et al. add a second network that is trained to tell fills from real pictures, and the first one is rewarded for fooling it: the <i>adversarial loss</i>. Their fills become sharp.
# They are no nearer to the truth for it: a sharp wrong thing costs more than a blur. We leave that loss out: two networks that chase each other are hard to train in a lecture.
# </details>
#
# <details><summary><b>Think.</b> A scan of a lung has a stripe of missing data. Which of the two would you take: the blurred fill or the sharp one?</summary>
#
# Hardly the sharp one: it looks like tissue, and it was invented. A blur says "here I don't know". For a holiday photograph it is the other way round.
# </details>
#
# ### Train it
#
# The loop is the one you know. In little, as much as fits into a lecture:

# %%
PICTURES, EPOCHS = device.sized(cpu=(1024, 2), gpu=(8000, 10))  # gpu: the real thing
torch.manual_seed(0)
mine = models.UNet(4, 3, 16).to(where)
torch.nn.init.zeros_(mine.leave.weight)  # it begins with the straight lines and nothing else
torch.nn.init.zeros_(mine.leave.bias)
task, unseen = selfsup.inpainting(), pictures.validation[:300]
errors = {"straight lines": training.evaluate(mine, unseen, task)["loss"]}
rule = {"batch_size": 16, "lr": 5e-3, "progress": False}
training.fit(mine, pictures.unlabelled[:PICTURES], epochs=EPOCHS, objective=task, **rule)
for name, network in {"trained just now": mine, "the lecture's network": painter}.items():
    errors[name] = training.evaluate(network, unseen, task)["loss"]
for name, loss in errors.items():
    print(f"{name:22} squared error in the hole {loss:.4f}")

# %% [markdown]
# Measured with care, on all test pictures. Two numbers for each: how far off, and how *sharp*, by the differences of neighbouring pixels inside the hole, as a share of the true picture's.

# %%
beyond, tasks = results.beyond(), {}
for name, what in {
    "how far off": "inpainting: ",
    "how sharp": "inpainting, gradient energy: ",
}.items():
    tasks[name] = {n.removeprefix(what): m for n, m in beyond.items() if n.startswith(what)}
unit = {"how far off": "RMS error in holes of 16 x 16 pixels; lower is better"}
unit |= {"how sharp": "gradient energy, of the truth's"}
title = "Near to the truth and sharp: squared error rewards only the first"
plots.against_baselines(tasks, title=title, unit=unit, columns=1)

# %% [markdown]
# *Means over three seeds, each with a network of its own: `benchmarks/beyond_table.py`, in `benchmarks/results/beyond.md`.*

# %% [markdown]
# ## 2 · Things of a kind
#
# **Here is a heap of pictures, and nobody tells you what they are. Put what belongs together onto piles.** How many piles? And sorted by *what*?

# %%
plots.gallery(
    x[:24], [""] * 24, title="Sort this heap. Into how many piles, and by what?", columns=8
)

# %% [markdown]
# <details><summary><b>Think.</b> Is there one right way to sort it?</summary>
#
# No. By thing, by colour, by background, by large and small: all of these are orders, and the pictures don't say which of them is meant. You sorted by thing because you care for things. <b>A clustering answers the question that its features ask.</b>
# </details>
#
# The oldest machine for it is **[k-means](../../../docs/glossary.md#k-means)**: every picture is a point, every pile (*[cluster](../../../docs/glossary.md#cluster)*) has a centre. First on the pixels themselves, 6,912 numbers a picture. *By what will it sort?*

# %%
title = "Sorted by pixels. What do the pictures of a row have in common?"
pile = selfsup.kmeans(selfsup.whiten(x.flatten(1)), 10, seed=0)
plots.cluster_rows(x, pile, y, classes, title=title)

# %% [markdown]
# Light, colour, background, where it is dark and where it isn't: that fills most of the pixels. A thing that moves by its own width shares hardly a pixel with itself.
# Beside each row stands its **[purity](../../../docs/glossary.md#purity)**: the share of the kind that is commonest in it.
#
# ### k-means by hand, on points
#
# Two steps, again and again: *everybody goes to the nearest centre; every centre moves to the middle of those who came.* Each step can only lessen
#
# $$\sum_{n} \big\| h_n - c_{a_n} \big\|^2 , \qquad a_n = \text{the pile of point } n .$$


# %%
def k_means(points, k, steps=10):
    centres = points[:k]  # begin anywhere
    for _ in range(steps):
        pile = torch.cdist(points, centres).argmin(dim=1)  # (N,) go to the nearest
        centres = torch.stack([points[pile == c].mean(dim=0) for c in range(k)])  # and move
    return pile


torch.manual_seed(1)
kind = torch.arange(60) % 3  # three kinds of points; nobody is told
points = torch.stack([1.3 * torch.randn(60), kind - 1 + 0.18 * torch.randn(60)], dim=1)  # (60, 2)

# %%
title = "k-means at work. Colour: the pile. Shape: what the point really is"
steps = {f"after {n} step{'s' * (n > 1)}": (points, k_means(points, 3, n)) for n in (1, 2, 10)}
plots.point_piles(steps, kind, title=title)

# %% [markdown]
# It has sorted from left to right. The kinds lie one above the other, but the points differ *more* from left to right, and that is all that distances know. Remember this: it is the background again.
#
# ### Better points
#
# k-means is as good as the space in which it looks. So give it features instead of pixels: those of the three lectures, which never saw a label, and for comparison those of the supervised network. All are **[whitened](../../../docs/glossary.md#whitening)** first: turned and stretched until no direction varies more than another.
# *Who sorts best? Write down an order before you look.*

# %%
features = {"pixels": x.flatten(1)}
features |= {name: plots.features_of(encoder, x) for name, encoder in encoders.items()}
white = {name: selfsup.whiten(h) for name, h in features.items()}
widgets.cluster_browser(x, white, y, classes, start="SimCLR")

# %% [markdown]
# **Try it.**
#
# * ●○○○○ Go through all of them. For each say in two words by what it sorts.
# * ●○○○○ Look at SimCLR's purest row, and at its least pure one. What do the pictures of the latter have in common? (Lecture 5 has foreseen it.)
# * ●●○○○ k = 30 instead of 10. Purity goes up. *Must it?*
#
# <details><summary>The answer to the last.</summary>
#
# Nearly always: with a pile for every picture purity is 1, and nothing is sorted. So purity is only to be compared at the same number of piles. A stricter judge follows.
# </details>
#
# ### How good is a sorting?
#
# The piles have numbers, the kinds have names, and nobody said which belongs to which. So take [the best of all ways](../../../docs/glossary.md#cluster-accuracy) to give each pile a kind **of its own**:
#
# $$\text{cluster accuracy} \;=\; \max_{\pi} \; \frac1N \sum_{n=1}^{N} \big[\, \pi(a_n) = y_n \,\big] .$$
#
# By hand, for three kinds there are six ways:

# %%
three = [classes.index(name) for name in ("sailing boat", "mug", "cat")]
among = torch.isin(y, torch.tensor(three, device=where))
pile = selfsup.kmeans(white["SimCLR"][among], 3, seed=0)
truth = torch.tensor([three.index(c) for c in y[among].tolist()])
count = torch.bincount(3 * pile.to(truth.device) + truth, minlength=9).view(3, 3)  # row: the pile
ways = torch.tensor([[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
right = count[torch.arange(3), ways].sum(dim=1)  # (6,)
by_hand, library = right.max() / count.sum(), selfsup.cluster_accuracy(pile, truth)
print(count, f"by hand {float(by_hand):.4f}, by the library {float(library):.4f}", sep="\n")

# %% [markdown]
# Ten kinds have 3,628,800 ways; the *[Hungarian method](../../../docs/glossary.md#hungarian-method)* finds the best one without trying them all. Our 300 pictures, with the match in frames:

# %%
piles = {name: selfsup.kmeans(h, 10, seed=0) for name, h in white.items()}
title = "Sorted by SimCLR's features: which pile may stand for which kind?"
plots.cluster_table(piles["SimCLR"], y, classes, title=title)

# %% [markdown]
# Look for a kind on two piles, and for two kinds on one: both cost accuracy. The first is harmless for most uses, the second isn't. Now all of them:

# %%
found = {n: results.Measured((selfsup.cluster_accuracy(p, y),)) for n, p in piles.items()}
title = "Ten piles from 300 pictures. No label was used to sort; labels only judge"
plots.cluster_accuracies(found, title=title)

# %% [markdown]
# ### DeepCluster: let the points move too
#
# Here is a thought that ought not to work. Sort the features of an *untrained* network. Bad piles, but better than none. Now **take the piles for labels** and train the network to tell them apart. Its features get a little better; sort again; train again.
# That is **[DeepCluster](../../../docs/glossary.md#deepcluster)** (Caron et al. 2018, arXiv 1807.05520):
#
# $$\text{sort:}\quad \min_{c,\,a} \sum_n \big\| f_\theta(x_n) - c_{a_n} \big\|^2 \qquad\qquad \text{learn:}\quad \min_{\theta,\,W} \sum_n \text{cross-entropy}\big(W f_\theta(x_n),\; a_n\big)$$
#
# On our 60 points, with an encoder that one can look at: two numbers in, two features out. The augmentation says that left and right don't matter: it moves the points along while the network learns.


# %%
def learn(look, encoder, pile, jitter):
    head = torch.nn.Linear(2, 3)  # new in each round: the piles' numbers mean something else now
    optimiser = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=0.01)
    for _ in range(60):
        moved = points + jitter * torch.randn_like(points)  # the augmentation
        optimiser.zero_grad()
        F.cross_entropy(head(look(moved)), pile).backward()
        optimiser.step()


# %%
def deep_cluster(jitter, seed=5, rounds=6):
    torch.manual_seed(seed)
    layers = torch.nn.Linear(2, 32), torch.nn.ReLU(), torch.nn.Linear(32, 2)
    encoder = torch.nn.Sequential(*layers)
    standard = torch.nn.BatchNorm1d(2, affine=False)  # no feature counts more than the other
    past = []
    for _ in range(rounds):
        h = standard(encoder(points)).detach()  # (60, 2)
        past.append((h, k_means(h, 3)))  # sort
        learn(lambda p: standard(encoder(p)), encoder, past[-1][1], jitter)  # learn
    return past


# %%
past = deep_cluster(jitter=torch.tensor([1.3, 0.1]))
right = [round(60 * selfsup.cluster_accuracy(pile, kind)) for _, pile in past]
panels = {f"round {r}: {right[r]} of 60": past[r] for r in (0, 1, 2, 4)}
title = "Sort, learn, sort again: the kinds come apart, and nobody has named them"
plots.point_piles(panels, kind, title=title)

# %%
for name, jitter in {"moved along": (1.3, 0.1), "left where they are": (0.0, 0.0)}.items():
    past = deep_cluster(torch.tensor(jitter))
    right = [round(60 * selfsup.cluster_accuracy(pile, kind)) for _, pile in past]
    print(f"points {name}: {', '.join(map(str, right))} of 60 on their pile, round by round")

# %% [markdown]
# What k-means could not do on the points, it can do on features that were *made* by sorting and learning. And as in lecture 5 **the augmentation is the teacher**: without it the network learns whatever piles there were, and is confirmed in them.
# Nothing guarantees it: another start may get stuck, or find the kinds and lose them again.
#
# **Try it.** ●○○○○ `deep_cluster` with other seeds, 0 and 2 for instance. ●●○○○ k-means on `selfsup.whiten(points)`. Does stretching alone do it? ●●●○○ Let the head live on from round to round. What goes wrong?
#
# <details><summary><b>Think.</b> There is a cheap solution again. Which piles make the cross-entropy zero with no effort?</summary>
#
# All points on <i>one</i> pile. Then there is nothing to tell apart. It is the [collapse](../../../docs/glossary.md#collapse) of lecture 5 once more, and it needs a guard: pictures are drawn so that every <i>pile</i> turns up equally often, however small it is. And the features are whitened before
# they are sorted, so that no single direction decides.
# </details>
#
# ### Train it
#
# On pictures the cheapest thing to sort by is colour, and a network that begins with piles of equal colour never gets away from them. So Caron et al. show it **edges** only, and so do we:

# %%
title = "What DeepCluster is shown"
plots.gallery(selfsup.edges(x[:6]), [classes[c] for c in y[:6]], title=title, columns=6)

# %%
PICTURES, ROUNDS = device.sized(cpu=(1000, 2), gpu=(8000, 9))  # gpu: as long as the real thing
torch.manual_seed(0)
mine = models.Encoder().to(where)
views = selfsup.Augmentation(crop=(0.4, 1.0), colour=0, grey=0, size=32)  # edges have no colour
rule = {"augment": views, "see": selfsup.edges, "progress": False}
selfsup.deep_cluster(mine, pictures.unlabelled[:PICTURES], k=30, rounds=ROUNDS, **rule)
h = selfsup.whiten(plots.features_of(mine, selfsup.edges(x)))
right = selfsup.cluster_accuracy(selfsup.kmeans(h, 10, seed=0), y)
print(f"{ROUNDS} rounds on {PICTURES} pictures: cluster accuracy {plots.percent(right)}")

# %% [markdown]
# The lecture's network had all 8,000 pictures and more rounds. Its piles:

# %%
h = selfsup.whiten(plots.features_of(sorter, selfsup.edges(x)))
title = "DeepCluster from scratch: it began with nothing and never saw a label"
plots.cluster_rows(x, selfsup.kmeans(h, 10, seed=0), y, classes, title=title)

# %% [markdown]
# Must one begin with nothing? Rotation's features are better piles to begin with. A second network **goes on from lecture 3**: the rotation encoder, sorted and trained on its piles, in colour. *Better or worse than either? Say first.*

# %%
h = selfsup.whiten(plots.features_of(second, x))
title = "DeepCluster that goes on from the rotation encoder"
plots.cluster_rows(x, selfsup.kmeans(h, 10, seed=0), y, classes, title=title)

# %% [markdown]
# Measured with care, on all test pictures:

# %%
found = {n: m for n, m in results.beyond().items() if n.startswith("clusters: ")}
found = {name.removeprefix("clusters: "): m for name, m in found.items()}
title = "Ten piles, measured: how many pictures lie on the pile of their kind"
plots.cluster_accuracies(found, title=title, unit="cluster accuracy, 2,000 test pictures")

# %% [markdown]
# *Means over three seeds, each with networks of its own: `benchmarks/beyond_table.py`, in `benchmarks/results/beyond.md`.*
#
# Read four things. Pixels, and the network that has learnt nothing, sort by what lies on the surface. DeepCluster from scratch sorts far better than the untrained network with which it began, and found that by itself.
# But look at its whisker: three seeds end far apart. The piles of the first rounds decide much, and the rows above show the luckiest of the three. Who goes on from rotation gains much over rotation, and over a start from nothing no more than luck may bring. (Caron et al. 2019, arXiv 1905.01278, put the two together on millions of photographs.)
# And SimCLR, which was never asked to sort, sorts best of all that saw no label, every time.
#
# <details><summary><b>Think.</b> The supervised encoder sorts without a mistake, or nearly so. Is it fair to compare?</summary>
#
# It shows how far one can get, no more: it was trained on just these ten kinds, and so its features have ten heaps. Ask it to sort by background, and see.
# </details>

# %% [markdown]
# ## 3 · Grey to colour
#
# **What colour is this?** Say it aloud, for the thing and for the ground behind it, before you scroll on.

# %%
outdoors = data.load("world", colour_cue=0.6, background="scene", device=where)
truth, kinds = next(outdoors.validation.batches(300))  # (300, 3, 48, 48), and classes (300,)
grey = selfsup.to_grey(truth)  # (300, 1, 48, 48)
SHOW = torch.tensor([0, 1, 2, 3, 4])
title = "Five pictures that have lost their colours. Which had they?"
words = [classes[c] for c in kinds[SHOW]]
plots.gallery(grey[SHOW].expand(-1, 3, -1, -1), words, title=title, columns=5)

# %% [markdown]
# <details><summary><b>Think.</b> Where were you sure, and how did you know?</summary>
#
# You recognised it, and some things have a colour of their own: a meadow is green, the sea is blue. Others may have any: a car, a mug, an umbrella. In these pictures a thing has the colour of its class more often than not, and else any of ten. So to colour a picture one must know
# <i>what</i> is in it; that makes it a pretext task (Zhang, Isola and Efros 2016, arXiv 1603.08511). And one must know <i>when it can't be known</i>. The rest of this section is about that.
# </details>

# %%
bins = selfsup.ColourBins()
versions = {
    "mean colour": selfsup.colour(mean_colour, grey),
    "rebalanced": selfsup.colour(rebalanced, grey, bins),
}
shown = {name: images[SHOW] for name, images in versions.items()}
title = "Coloured by two networks, and as they were. Where do the two disagree?"
plots.coloured(grey[SHOW], truth[SHOW], shown, title=title)

# %% [markdown]
# A picture is its [grey value](../../../docs/glossary.md#luma) $g$ plus its **[chroma](../../../docs/glossary.md#chroma)** $c$, what is left without the grey. The grey is known; the network is asked for $c$. The first of the two pays the squared error,
#
# $$L \;=\; \frac{1}{N} \sum_i \big\| \hat c_i - c_i \big\|^2 , \qquad c = x - g, \qquad g = 0.299\,R + 0.587\,G + 0.114\,B .$$

# %%
rgb = torch.tensor([0.299, 0.587, 0.114], device=where).view(3, 1, 1)
g = (truth * rgb).sum(dim=1, keepdim=True)  # (300, 1, 48, 48)
c = truth - g  # (300, 3, 48, 48): below 0 where a colour is missing
with torch.no_grad():
    c_hat = selfsup.chroma(mean_colour(g))
by_hand = (c_hat - c).square().sum(dim=1).mean()
library = selfsup.colour_loss(c_hat, truth, torch.ones_like(g))
print(f"by hand {float(by_hand):.6f}, by the library {float(library):.6f}")

# %% [markdown]
# You know from section 1 what squared error does where several answers are possible: **it takes their mean.** An umbrella may be red, blue or yellow. The mean of all colours is a dull one that no umbrella ever had.
#
# ### Choosing instead of measuring
#
# So don't ask for a number. Cut the plane of colours into [bins](../../../docs/glossary.md#colour-bins), and ask *which bin*, as in classification. The answer is a **distribution**, and a distribution can say: "red or blue, hardly anything between".
# Point at a pixel, and see what the network thinks possible there.

# %%
widgets.colour_picker(mean_colour, rebalanced, truth[:20], picture=3, row=22, column=18)

# %% [markdown]
# **Try it.**
#
# * ●○○○○ A pixel of the ground, one of the thing. Where is the distribution one heap, where several?
# * ●○○○○ Temperature 1, then 0.05. What happens to the chosen colour, and what becomes of the picture?
# * ●●○○○ Find a pixel where the mean colour lies between two heaps, in a place where hardly anything has its colour.
#
# From a distribution to one colour there are several ways. The most likely bin is vivid but spotty, since neighbours may choose differently. The mean leads back to the dull colours. Zhang et al. go between the two: they make the distribution *sharper* with a temperature $T = 0.38$, and take the mean of that (the **[annealed mean](../../../docs/glossary.md#annealed-mean)**):
#
# $$\hat c \;=\; \sum_b \frac{p_b^{1/T}}{\sum_{b'} p_{b'}^{1/T}} \; c_b .$$

# %%
PICTURE, ROW, COLUMN = 3, 22, 18
with torch.no_grad():
    logits = rebalanced(grey[[PICTURE]])  # (1, B, 48, 48): one score for every bin
p = logits[0, :, ROW, COLUMN].softmax(dim=0)  # (B,) at one pixel
for T in (1.0, 0.38, 0.05):
    sharper = p ** (1 / T) / (p ** (1 / T)).sum()
    blue, red = (sharper @ bins.centres.to(where)).tolist()
    print(
        f"T = {T}: blueness {blue:+.3f}, redness {red:+.3f}; the surest bin has {sharper.max():.2f}"
    )

# %%
looks = {"grey": grey[PICTURE].expand(3, -1, -1)}
looks |= {name: images[PICTURE] for name, images in versions.items()}
title = "One pixel: a distribution says more than its mean"
plots.colour_choices(looks | {"the truth": truth[PICTURE]}, ROW, COLUMN, p, bins, title=title)

# %% [markdown]
# It is a car, and the cars of this world are blue more often than they are anything else. Blue is the best bet; this one was not. The chosen colour is vivid *and wrong*; the mean is dull and less wrong; only the distribution says how things are.
#
# ### Rare colours
#
# One thing is missing. Most pixels are dull: sand, walls, shade. A network that is to be right about *most pixels* may forget that red exists. So in the loss a pixel of a rare colour **[weighs more](../../../docs/glossary.md#class-rebalancing)**: one over the share $\hat p_b$ of its bin, with a constant mixed in so that the very rarest don't rule ($\lambda = 1/2$, $B$ bins):
#
# $$w_b \;\propto\; \Big( (1 - \lambda)\, \hat p_b + \frac{\lambda}{B} \Big)^{-1} .$$

# %%
shares = bins.shares(outdoors.train[:1000].batches(250))  # (B,) how often each bin is needed
w = 1 / (0.5 * shares + 0.5 / len(bins))
w = w / (w * shares).sum()  # the mean pixel weighs 1
weighted = bins.weighted(shares)
print(f"largest difference to the library {float((w - weighted.weights).abs().max()):.1e}")
plots.colour_weights(weighted, shares)

# %% [markdown]
# Nothing is free. *Which of the two networks has the smaller squared error? Which makes livelier pictures? Which finds the rare colours?* Decide before you look.

# %%
beyond, tasks = results.beyond(), {}
asked = {"squared error": "", "liveliness": ", saturation", "rare colours": ", balanced accuracy"}
for name, what in asked.items():
    rows = {n: m for n, m in beyond.items() if n.startswith(f"colouring{what}: ")}
    tasks[name] = {n.split(": ")[1]: m for n, m in rows.items()}
unit = {"squared error": "RMS error of the chroma; lower is better"}
unit |= {"liveliness": "RMS of the chroma; best: as the truth"}
unit |= {"rare colours": "right pixels, every colour counting the same"}
title = "Each network wins at what it was asked for"
both = ("network (mean colour)", "network (rebalanced)")
plots.against_baselines(tasks, title=title, unit=unit, highlight=both)

# %% [markdown]
# *Means over three seeds, each with networks of its own, 2,000 test pictures: `benchmarks/beyond_table.py`, in `benchmarks/results/beyond.md`.*
#
# <details><summary><b>Think.</b> Whom would you ask to colour a holiday photograph, and whom a historical one?</summary>
#
# People prefer the lively one: asked which of two pictures was the real one, they took the paper's colouring for it in 32 % of the trials (Zhang et al. 2016, arXiv 1603.08511). For a document neither will do: a colour that was made up looks as sure as one that was known. The distribution would be the honest answer, and nobody hangs it on a wall.
# </details>
#
# ### Train it

# %%
PICTURES, EPOCHS = device.sized(cpu=(1024, 2), gpu=(8000, 5))  # gpu: the real thing
torch.manual_seed(0)
mine = models.UNet(1, 3).to(where)
some, rule = outdoors.unlabelled[:PICTURES], {"batch_size": 64, "lr": 1e-2, "progress": False}
training.fit(mine, some, epochs=EPOCHS, objective=selfsup.colouring(), **rule)
title = "What a little training gives, and what more of it"
shown = {"trained just now": selfsup.colour(mine, grey[SHOW])}
shown["the lecture's"] = versions["mean colour"][SHOW]
plots.coloured(grey[SHOW], truth[SHOW], shown, title=title)

# %% [markdown]
# ## 4 · A film coloured from its first frame
#
# A single grey mug may have any colour. **But suppose that you have seen it in colour, a moment ago.** Here is a clip: the first frame is in colour, the others have lost theirs. *Which colour belongs where in the last frame, and how do you know?*

# %%
films = Clips(data.load("clips", device=where).validation)
SHOW = 0  # try others, up to 49
film = films.images[SHOW]  # (8, 3, 48, 48)
grey = selfsup.to_grey(film)  # (8, 1, 48, 48)
given = torch.cat([film[:1], grey[1:].expand(-1, 3, -1, -1)])
plots.frames({"given": given}, title="One frame in colour, seven in grey. Colour the last one")

# %% [markdown]
# <details><summary><b>Think.</b> What did you do?</summary>
#
# You looked for <i>the same place of the same thing</i> in the first frame, and took its colour from there. You didn't have to know what things are called, nor which colours they usually have. But you had to find them again, although they had moved, turned and grown.
# </details>
#
# That is the idea of Vondrick et al. (2018, arXiv 1806.09594): **[colour by pointing](../../../docs/glossary.md#video-colouring).** The network never says a colour. It says for each pixel *where to look* in the first frame, and the colour is copied from there. There is no lack of films in colour, and the true colours, which were only hidden, are the label.
#
# ### Pointing without a network
#
# The simplest way to find a place again: look for the same grey value. Every pixel $i$ of the new frame looks at all pixels $j$ of the first one,
#
# $$A_{ij} \;=\; \operatorname*{softmax}_j \Big( - (g_i - g'_j)^2 / T \Big), \qquad \hat c_i \;=\; \sum_j A_{ij}\, c'_j .$$

# %%
T = 3e-4  # in squared grey difference
first, last = grey[0].flatten(), grey[7].flatten()  # (2304,) each
A = (-((last[:, None] - first[None, :]) ** 2) / T).softmax(dim=1)  # (2304, 2304)
by_hand = (film[0].flatten(1) @ A.T).view(3, 48, 48)
library = selfsup.propagate_colour(grey[0], grey[7], film[0], T)
print(f"largest difference {float((by_hand - library).abs().max()):.1e}")

# %% [markdown]
# *What will go wrong?* Two things of equal grey are one and the same to it.
#
# ### Pointing with features
#
# So let a network describe every place by more than its grey: $f_i$, some numbers that take in what is around it. (A place has 2 x 2 pixels here: four times fewer of them, and sixteen times fewer pairs.) The rest stays as it was.
#
# $$A_{ij} \;=\; \operatorname*{softmax}_j \Big( - \big\| f_i - f'_j \big\|^2 / T \Big), \qquad \hat c_i \;=\; \sum_j A_{ij}\, c'_j .$$
#
# You may know it by its other name: **[attention](../../../docs/glossary.md#attention)**. The new frame asks, the first frame offers keys, and its colours are the values.

# %%
f = selfsup.embed(follower, grey[[0, 7]]).detach()  # (2, D, 24, 24), each of length 1
key, query = f.flatten(2)  # (D, 576) each: the first frame, the last
A = (-(torch.cdist(query.T, key.T) ** 2) / TEMPERATURE).softmax(dim=1)  # (576, 576)
value = F.avg_pool2d(selfsup.chroma(film[:1]), 2).view(3, 576)  # the first frame's colours
carried = F.interpolate((value @ A.T).view(1, 3, 24, 24), scale_factor=2, mode="bilinear")
by_hand = (grey[7] + carried[0]).clamp(0, 1)  # the fine detail is in the grey
library = selfsup.colour_clip(follower, grey, film[0], TEMPERATURE)[7]
print(f"largest difference {float((by_hand - library).abs().max()):.1e}")

# %% [markdown]
# Point at a pixel of a later frame, and see where it looks in the first.

# %%
widgets.look_back(follower, films.images[:8], temperature=TEMPERATURE, pixel=(17, 33))

# %% [markdown]
# **Try it.**
#
# * ●○○○○ A pixel inside a thing, one on its edge, one of the background. Whose attention is sharp?
# * ●○○○○ A pixel that the first frame doesn't show: the camera has moved on. Where does it look, for want of better?
# * ●●○○○ Find a pixel that looks at the wrong thing. What have the two in common?
#
# Now as a film. *In which version do the colours stay behind, in which do they go astray?*

# %%
by_grey = [selfsup.propagate_colour(grey[0], g, film[0], T) for g in grey]
versions = {
    "colours left in place": (grey + selfsup.chroma(film[:1])).clamp(0, 1),
    "by grey value": torch.stack(by_grey),
    "by the network": selfsup.colour_clip(follower, grey, film[0], TEMPERATURE),
    "as it was": film,
}
title = "Seven grey frames, coloured from the first"
widgets.player(versions, title=title)

# %%
plots.frames(versions, title="The same, frame by frame: look at the last ones", every=2)

# %% [markdown]
# ### Tracking for free
#
# The network points at where a place *was*. Nobody says that only colours may be fetched from there. Lay a mask over what moves in the first frame, and fetch the mask:

# %%
mask = films.thing[SHOW]  # (8, 48, 48) bool: where the moving things really are
followed = selfsup.track(follower, grey, mask[0], TEMPERATURE)  # knows the first frame's only
stayed = mask[:1].expand_as(mask)
overlap = {"followed": selfsup.iou(followed, mask), "left in place": selfsup.iou(stayed, mask)}
told = ", ".join(f"{name} {float(o[7]):.2f}" for name, o in overlap.items())
dark = 0.25 * grey.expand(-1, 3, -1, -1)
tracks = {"followed": followed, "left in place": stayed, "really there": mask}
lit = {name: torch.where(where_it_is[:, None], film, dark) for name, where_it_is in tracks.items()}
title = f"Followed by a network that nobody taught to follow. Overlap in frame 8: {told}"
plots.frames(lit, title=title, every=2)

# %% [markdown]
# The overlap is *[intersection over union](../../../docs/glossary.md#iou)*: pixels in both masks, over pixels in either; 1 is perfect. And this is the title of the paper: *Tracking emerges by colorizing videos*. To copy the right colour one has to find the right thing, and whoever finds it can follow it. **The colour was the pretext.**
#
# <details><summary><b>Think.</b> Why learn from colours, if one wants to track? Why not from films in which people have outlined every thing?</summary>
#
# Because outlines are the dearest of all labels: a mask for every thing in every frame. And colour costs nothing and is nearly as good: things mostly keep it from one frame to the next. Where they don't (a lamp is switched on, a screen shows a film), this teacher is wrong.
# </details>
#
# <details><summary><b>Think.</b> Why is the network given grey frames only, although the colours are there?</summary>
#
# With colours on its input it would find each place by its colour: the cheapest way, and useless as soon as two things look alike, or the light changes. Taking the colour away leaves shape, texture and place. A cheap way closed is lecture 4 again.
# </details>
#
# Measured, on 100 clips:

# %%
beyond, groups = results.beyond(), {}
for name, prefix in {"colours": "video: ", "following": "video, tracking: "}.items():
    groups[name] = {n.removeprefix(prefix): m for n, m in beyond.items() if n.startswith(prefix)}
title = "Coloured and followed: the network beside those that learn nothing"
unit = {
    "colours": "RMS error of the chroma; lower is better",
    "following": "overlap; higher is better",
}
plots.against_baselines(groups, title=title, unit=unit)

# %% [markdown]
# *Means over three seeds, each with a network of its own: `benchmarks/beyond_table.py`, in `benchmarks/results/beyond.md`.*
#
# ### Train it

# %%
CLIPS, EPOCHS = device.sized(cpu=(64, 2), gpu=(400, 14))  # gpu: the real thing
torch.manual_seed(0)
mine = models.UNet(1, 4, 16).to(where)
some = Clips(data.load("clips", device=where).train)[:CLIPS]
task = selfsup.video_colouring(TEMPERATURE)
losses = [training.evaluate(mine, films, task, 10)["loss"]]
training.fit(mine, some, epochs=EPOCHS, batch_size=16, objective=task, progress=False)
losses += [training.evaluate(model, films, task, 10)["loss"] for model in (mine, follower)]
print("untrained {:.5f}, trained just now {:.5f}, the lecture's network {:.5f}".format(*losses))

# %% [markdown]
# ## 5 · A film of your own
#
# The network has only ever seen the course's clips. *Will it follow your hand, your dog, a passing car?* Give it a few seconds in which something moves and the camera doesn't jump. An animated GIF works everywhere; for mp4 and the like a reader must be installed (Colab has one), and if there is none the message says what to do.

# %%
FILM = None  # for instance "my_film.mp4"; on Colab upload it first
try:
    own = video.read(FILM, frames=16, seconds=2) if FILM else None
except ValueError as error:
    print(error)
    own = None
if own is None:  # another of the course's clips, twice as slow as those that it knows
    own = Clips(clips(1, seed=7, frames=16)).images[0]
own = own.to(where)  # (16, 3, 48, 48)

# %%
grey = selfsup.to_grey(own)
coloured = selfsup.colour_clip(follower, grey, own[0], TEMPERATURE)
versions = {"grey": grey.expand(-1, 3, -1, -1), "from its first frame": coloured, "as it was": own}
widgets.player(versions, title="A film of your own, coloured from its first frame")

# %%
plots.frames(versions, title="When does the network lose its way?", every=3)

# %% [markdown]
# **Try it.**
#
# * ●○○○○ Two things of different colours that pass each other. Does one take the other's colour?
# * ●●○○○ Let something come in that the first frame doesn't have. Where does its colour come from?
# * ●●●○○ Take a longer film. Where the first frame is too far away, take the last *coloured* frame for a reference instead, frame by frame. What is gained, and what adds up?

# %% [markdown]
# ## 6 · What they share
#
# Four tasks, and no label was ever bought. Each took something away that had been there: a piece, the order, the colour, the colour of all frames but one. **Which simple rival does each have to beat, and does it?**

# %%
beyond = results.beyond()
shown = {"inpainting": "Fill the hole", "colouring": "Grey to colour", "video": "Colour a film"}
tasks = {
    name: {who.split(": ")[1]: m for who, m in beyond.items() if who.startswith(f"{task}: ")}
    for task, name in shown.items()
}
title = "Every network beside the rivals that need none"
unit = "RMS error, % of the pixel range; lower is better"
networks = ("network", "network (mean colour)", "network (rebalanced)")
plots.against_baselines(tasks, title=title, unit=unit, highlight=networks)

# %% [markdown]
# *Means over three seeds, each with networks of its own, on test pictures and clips: `benchmarks/beyond_table.py`, in `benchmarks/results/beyond.md`.*
#
# | the task | what was taken away | what one has to know | the rival that needs no network | what it is blind to |
# |---|---|---|---|---|
# | inpainting | a piece | how outlines and surfaces go on | straight lines of colour | which of many possible contents it was: it paints their mean |
# | clustering | nothing; it makes its own labels | what the augmentation leaves | k-means on pixels | what *you* would have sorted by; how many kinds there are |
# | colouring | the colour | what the thing is | one colour for all | things that may have any colour |
# | film | the colour of all frames but one | where each place was before | the first frame's colours, left where they were | what the first frame doesn't show |
#
# Look down the columns.
#
# * **The label was in the data all along.** You only have to hide it.
# * **A loss says what happens where the answer isn't unique.** Squared error takes the mean: blur in section 1, brown in section 3. Choosing keeps the alternatives apart. Pointing needs no alternatives: the answer lies in the first frame.
# * **A network is as good as its rival makes it look.** Straight lines fill small holes well; colours that stay in place are right wherever nothing moved. Without a rival, no error means anything.
# * **And the answer may serve something else.** The film's pointer follows things, although it was only asked for colours. That is how all of this began: in lecture 3 nobody wanted to know how a picture had been turned.
#
# <details><summary><b>Think.</b> Hide something else. What would have to be known to give it back: sound from a film? the depth of a photograph taken with two lenses? the next word?</summary>
#
# Sound: what is struck, who speaks, and when. Depth: where things end and which is in front; the second lens is the label. The next word: nearly everything, in the end. That last one is the task with which all large language models begin; and its masked cousin, many small holes in one picture, became
# one of the strongest ways to pretrain networks for images (He et al. 2022, arXiv 2111.06377). Squared error on pixels, section 1: it is still in there.
# </details>
#
# **Try it.** ●●○○○ Take the encoder of the inpainting network (`painter.enter` and `painter.down`), average its features over the picture, and probe them as in lecture 3. ●●●○○ Attack the follower: which small noise on the grey frame makes a thing take the wrong colour? Lecture 1 has all that you need. ●●●●● Train all four on photographs (`data.load("stl10")`, 100,000 without labels).

# %% [markdown]
# ## What to remember
#
# 1. **Hide a part, and it becomes a label.** The answer may be useful by itself, or only what was learnt on the way.
# 2. **Squared error answers with the mean of all that is possible**: blurred fills, brown cars. It is the question's fault.
# 3. **A distribution can say that it doesn't know.** The annealed mean takes one colour out of it; rebalancing keeps rare colours alive.
# 4. **k-means is as good as its features.** Purity only counts at an equal number of piles; cluster accuracy gives each pile a kind of its own.
# 5. **DeepCluster**: sort, learn the piles, sort again. The augmentation decides what the piles are not about, and collapse needs a guard.
# 6. **Attention copies**: compare, softmax, weighted mean. What is copied may be a colour, a mask, or anything that the first frame has.
# 7. **Name the rival.** An error means something only beside that of a method that understands nothing.
#
# ## To discuss
#
# * An old photograph is coloured by a network and printed in a schoolbook. What should stand below it?
# * A pile has no name. Who gives it one, and what happens to those pictures that fit into no pile?
# * A camera that fills holes removes a passer-by from your picture. And from evidence?
# * Which of the four would you use to find a tumour? Which would you not let near it?
#
# ## Now you
#
# **Lab 6** (`notebooks/labs/lab6_beyond.ipynb`, a bonus): you write `hole_mask`, `inpainting_loss`, `to_grey`, `colour_loss`, `cluster_accuracy` and `propagate_colour`, and with them you train a network that fills holes, colour pictures and a film.
#
# ## References
#
# * Pathak, Krähenbühl, Donahue, Darrell, Efros: *Context encoders: feature learning by inpainting*, CVPR 2016, [arXiv 1604.07379](https://arxiv.org/abs/1604.07379).
# * Caron, Bojanowski, Joulin, Douze: *Deep clustering for unsupervised learning of visual features*, ECCV 2018, [arXiv 1807.05520](https://arxiv.org/abs/1807.05520).
# * Caron, Bojanowski, Mairal, Joulin: *Unsupervised pre-training of image features on non-curated data*, ICCV 2019, [arXiv 1905.01278](https://arxiv.org/abs/1905.01278).
# * Zhang, Isola, Efros: *Colorful image colorization*, ECCV 2016, [arXiv 1603.08511](https://arxiv.org/abs/1603.08511).
# * Vondrick, Shrivastava, Fathi, Guadarrama, Murphy: *Tracking emerges by colorizing videos*, ECCV 2018, [arXiv 1806.09594](https://arxiv.org/abs/1806.09594).
# * Ronneberger, Fischer, Brox: *U-Net: convolutional networks for biomedical image segmentation*, MICCAI 2015, [arXiv 1505.04597](https://arxiv.org/abs/1505.04597): the network of sections 1, 3 and 4.
# * He, Chen, Xie, Li, Dollár, Girshick: *Masked autoencoders are scalable vision learners*, CVPR 2022, [arXiv 2111.06377](https://arxiv.org/abs/2111.06377).
