# %% [markdown]
# # SimCLR
#
# **Nobody tells the network what is in a picture. It is only told which two pictures are the same one. Why does it then learn what a cat is?**
#
# Lectures 3 and 4 asked a network for something that we know by construction: how a picture was turned, where a patch comes from. This one asks for less, and gets more.
# You need [cross-entropy](../../../docs/glossary.md#cross-entropy), [data augmentation](../../../docs/glossary.md#augmentation), and the idea of a [pretext task](../../../docs/glossary.md#pretext-task). At the end stands a question about all three methods, and about the first two lectures.
#
# | | | minutes |
# |---|---|---|
# | 1 | The same thing, seen twice | 10 |
# | 2 | Which changes? | 15 |
# | 3 | The loss, by hand, on four pictures | 20 |
# | 4 | The temperature | 10 |
# | 5 | Pretraining | 5 |
# | 6 | What has it learnt? | 10 |
# | 7 | Before or after the head? | 10 |
# | 8 | Why do simple transformations suffice? | 10 |
# | 9 | What is a label worth? | 10 |
# | 10 | Are self-supervised features more robust? | 15 |
#
# Run *Before we start* once. After that every section runs on its own, in any order.
# Answers are folded away: think first, then click. Things to try are marked from ●○○○○ (a minute) to ●●●●● (an evening).

# %% [markdown]
# ## Before we start
#
# The world of the other lectures, and five encoders: same architecture, same number of weights. One has learnt nothing, three have learnt without labels (one in each of these three lectures), one with 8,000 labels.
# Nothing is downloaded; the first run takes a moment to draw.

# %%
import torch
import torch.nn.functional as F

from course_utils import attacks, data, device, models, plots, results, robustness, selfsup
from course_utils import training, widgets
from course_utils.data.world import world
from course_utils.models.pretext import ProjectionHead, SimCLRNet

where = device.pick()
pictures = data.load("world", device=where)
classes = pictures.classes
x, y = next(pictures.test.batches(300))  # (300, 3, 48, 48) in [0, 1], and their classes (300,)

# %%
net = models.zoo.load("world_simclr", where)  # an encoder with its head
torch.manual_seed(0)
encoders = {
    "random encoder": models.Encoder().eval().to(where),
    "rotation": models.zoo.load("world_rotation", where).encoder,
    "patches": models.zoo.load("world_patches", where).encoder,
    "SimCLR": net.encoder,
    "supervised": models.zoo.load("world_classifier", where).encoder,
}
print(device.describe(where))

# %% [markdown]
# ## 1 · The same thing, seen twice
#
# **A game first.** Six pictures. Each one was cut, perhaps mirrored, and recoloured, twice, with different luck. One result lies above, the other below. *Who belongs to whom?*

# %%
augment = selfsup.Augmentation()
chance = torch.Generator().manual_seed(7)
first, second = [augment(x[6:12], chance) for _ in range(2)]
order = torch.randperm(6, generator=chance)  # the lower row is shuffled
widgets.find_the_pairs(first, second[order], order.argsort().tolist())

# %% [markdown]
# <details><summary><b>Think.</b> What did you go by? And what did you not go by?</summary>
#
# Hardly by colour: it was different in both. Nor by where in the picture the thing was. You went by what survives: a sail above a hull, whiskers, spots on a cap. <b>Whoever plays this game well has to know what things look like</b>, whatever light
# falls on them and from wherever one looks. Nobody had to tell you that one of them was called a cat.
# </details>
#
# That is all of **[SimCLR](../../../docs/glossary.md#simclr)** (Chen, Kornblith, Norouzi and Hinton 2020, arXiv 2002.05709): let a network play this game, with some hundred pictures at a time.

# %%
augment, chance = selfsup.Augmentation(), torch.Generator().manual_seed(1)
drawn = torch.stack([augment(x[:2], chance) for _ in range(2)], dim=1).flatten(0, 1)  # (4, …)
title = "SimCLR in one picture: two views of one picture together, everybody else apart"
plots.simclr_flow(x[:2], drawn, title=title)

# %% [markdown]
# * **Augment** every picture twice: of $N$ pictures come $2N$ [views](../../../docs/glossary.md#view).
# * The **encoder** $f$, a CNN, makes features $h = f(x)$ of each view. They are what we are after.
# * The **[head](../../../docs/glossary.md#projection-head)** $g$, a small MLP, makes a projection $z = g(h)$ of the features. Only there the views are compared.
# * **Pull** the two views of a picture together, and **push** all others apart. Afterwards keep $f$ and throw $g$ away.
#
# <details><summary><b>Think.</b> Pulling alone would be simpler. Why also push?</summary>
#
# Because there is a perfect way to pull everything together: answer the same for every picture. The loss would be zero, and the features worthless. This is called <b>[collapse](../../../docs/glossary.md#collapse)</b>. Pushing apart forbids it: to stay away from all others, a
# view has to say something that the others don't. (There are methods without a push. Each needs another guard against collapse, and it is worth asking for it whenever you read of one.)
# </details>
#
# <details><summary><b>Think.</b> Two different cats in one batch are pushed apart as well. Isn't that wrong?</summary>
#
# It is. Nobody has labels, so nobody knows. In ten classes one stranger in ten is of the same kind. But the wrong pushes go in all directions, while the right pull comes every time. And a network that has to tell cat from cat <i>and</i> cat from
# house, with the same few numbers, puts cats near each other anyway: they share what survives the augmentation.
# </details>

# %% [markdown]
# ## 2 · Which changes?
#
# The whole teaching lies in the augmentation: **what it changes, the network is told to ignore.** Here are the course's changes, each one alone. *Which of them leave a thing what it is?*

# %%
one, g = x[[4]].expand(4, -1, -1, -1), torch.Generator().manual_seed(3)
plots.augmentations(
    {
        "crop and resize": selfsup.random_resized_crop(one, (0.2, 1.0), g),
        "crop, resize and flip": selfsup.flip(selfsup.random_resized_crop(one, (0.2, 1.0), g), g),
        "colour jitter": selfsup.colour_jitter(one, 1.0, g),
        "grey, now and then": selfsup.greyscale(one, 0.5, g),
        "distort": selfsup.distort(one, 0.06, g),
        "rotate": selfsup.rotate(one, 90, g),
        "cutout": selfsup.cutout(one, 18, g),
        "noise": selfsup.noise(one, 0.15, g),
    },
    title="Eight ways to change a picture. Which of them should a network not mind?",
)

# %% [markdown]
# Now in a row, and as strong as you like. Move the sliders until you would no longer recognise it yourself.

# %%
widgets.augmentations(x[:8], crop=20, flip=1, colour=1.0, grey=0.2, picture=4)

# %% [markdown]
# **Try it.**
#
# * ●○○○○ Switch all off but the crop, and take it down to 5 %. What do the views of one picture have in common now? Would two of them overlap?
# * ●○○○○ Switch all off but the colour. Which of your own cues survive?
# * ●●○○○ Choose strengths at which you would just find the pairs of section 1. Compare with your neighbour.
#
# ### A cheat
#
# Suppose we only [crop](../../../docs/glossary.md#random-resized-crop). Two crops of one picture hold different parts of a thing, so the network has to learn which parts go together. *Has it?*
#
# Here is a player who knows one single thing about a view: **its mean colour**, three numbers. No network, no shapes. How often will it find the partner among 127 others?


# %%
def mean_colour(views):
    return views.mean(dim=(2, 3))  # (N, 3)


def finds_the_partner(augment, describe, n=64, seed=0):
    """How often the nearest of the 2n - 1 other views is the partner, by distance."""
    chance = torch.Generator().manual_seed(seed)
    views = torch.cat([augment(x[:n], chance), augment(x[:n], chance)])  # (2n, 3, H, W)
    far = torch.cdist(describe(views), describe(views)).fill_diagonal_(torch.inf)
    partner = torch.arange(2 * n, device=far.device).roll(n)
    return float((far.argmin(dim=1) == partner).float().mean())


# %%
games = {
    "crop": selfsup.Augmentation(flip=False, colour=0, grey=0),
    "crop + colour jitter": selfsup.Augmentation(flip=False, grey=0),
    "crop + colour jitter + grey": selfsup.Augmentation(flip=False),
}
found = {n: {"partner found": finds_the_partner(a, mean_colour)} for n, a in games.items()}
title = "With crops alone three numbers win most rounds. Colour jitter takes the cheat away"
unit = "rounds won by mean colour alone, 128 views"
plots.side_by_side(found, title=title, unit=unit, chance=1 / 127)

# %%
pairs = {}
for name in ("crop", "crop + colour jitter"):
    chance = torch.Generator().manual_seed(5)
    pairs[name] = torch.stack([games[name](x[[0, 3]], chance) for _ in range(2)], dim=1)
title = "The same for the eye, two pictures: with crops alone, equal pictures have equal histograms"
plots.colour_histograms(pairs, title=title)

# %% [markdown]
# A network is at least as clever as three numbers. Given crops alone it would learn *that*, be right nearly always, and stop learning. **A pretext task is as good as its cheapest solution is dear.** You have seen it twice: the horizon of lecture 3, the
# borders and colour fringes of lecture 4. [Colour jitter](../../../docs/glossary.md#colour-jitter) is SimCLR's guard.
#
# <details><summary><b>Think.</b> And colour jitter without the crop? What would be the cheapest solution then?</summary>
#
# Both views show everything, at the same place. The outline of the whole picture, a blurred grey copy of it, is enough: nothing has to be known about things, nor about parts. The crop is what makes the network go from a part to another part of the same thing.
# Section 8 measures what each of the two is worth.
# </details>

# %% [markdown]
# ## 3 · The loss, by hand, on four pictures
#
# Four pictures, two views of each, eight views in all. The first views come first, then the second ones: the partner of view $i$ is view $i + 4$, and back.
#
# The network makes a projection $z$ of each view. **How alike are two of them?** Take the [cosine](../../../docs/glossary.md#cosine-similarity) of the angle between them: 1 is the same direction, 0 is nothing in common, −1 is opposite.

# %%
augment, chance = selfsup.Augmentation(), torch.Generator().manual_seed(4)
views = torch.cat([augment(x[:4], chance), augment(x[:4], chance)])  # (8, 3, 48, 48)
with torch.no_grad():
    z = F.normalize(net(views), dim=1)  # (8, 64), each of length 1
s = z @ z.T  # (8, 8) cosines
plots.similarity_matrix(
    views, s, title="Read a row: who is most like this view? Framed: its partner"
)

# %% [markdown]
# Now let every view *vote*. Each row is a classification problem: **which of the seven others is my partner?** The cosines, divided by a [temperature](../../../docs/glossary.md#temperature) $\tau$, are the [logits](../../../docs/glossary.md#logits). Itself it may not choose. You know what to do with logits:
#
# $$p_{ij} = \frac{\exp(s_{ij} / \tau)}{\sum_{k \ne i} \exp(s_{ik} / \tau)} \qquad\qquad
# L \;=\; \frac{1}{2N} \sum_{i=1}^{2N} -\ln p_{i,\,\text{partner}(i)}$$
#
# That is cross-entropy, with the partner for a label. The paper calls it **[NT-Xent](../../../docs/glossary.md#nt-xent)**: *normalised* (the cosine), *temperature-scaled* (the $\tau$) *cross-entropy*.

# %%
TEMPERATURE = 0.5
title = "The same matrix as chances. At the end of each row: what the row pays"
plots.loss_by_hand(views, s, TEMPERATURE, title=title)

# %% [markdown]
# *Check one row with a pocket calculator before you go on.* Then in code:

# %%
weight = (s / TEMPERATURE).exp()  # (8, 8)
weight.fill_diagonal_(0)  # nobody is compared with itself
row, partner = torch.arange(8), torch.arange(8).roll(4)  # 4, 5, 6, 7, 0, 1, 2, 3
by_hand = -(weight[row, partner] / weight.sum(1)).log().mean()
library = selfsup.nt_xent(z[:4], z[4:], TEMPERATURE)
print(f"by hand {float(by_hand):.6f}, by the library {float(library):.6f}")

# %% [markdown]
# What does somebody pay who knows nothing? Ask the encoder that has learnt nothing.

# %%
torch.manual_seed(0)
beginner = SimCLRNet(models.Encoder(), ProjectionHead(128, 128, 64)).eval().to(where)
with torch.no_grad():
    blank = selfsup.similarity(beginner(views))  # (8, 8)
title = "Before training every view looks like every other: each row pays ln 7 = 1.95"
plots.loss_by_hand(views, blank, TEMPERATURE, title=title)

# %% [markdown]
# **Try it.**
#
# * ●○○○○ What does the loss become when all $z$ are equal, for $N$ pictures? (Seven strangers and partners, all equally likely, for four.) This is the number to compare the first epoch with.
# * ●○○○○ What is the *least* that this loss can be, for two pictures whose views fall onto $(1, 0)$ and $(0, 1)$ at $\tau = 0.5$? Work it out, then ask `selfsup.nt_xent`.
# * ●●○○○ Leave `fill_diagonal_` out. Which way does the loss go? Which mistake in a program would that be?
# * ●●●○○ In the lab you write it so that it survives $\tau = 0.01$ in half precision. Try the five lines above with `z.half()` and $\tau = 0.01$. What breaks, and where have you met the remedy before?
#
# <details><summary>The answers to the first two.</summary>
#
# $\ln(2N - 1)$: every one of the $2N - 1$ others has the same chance. And $\ln(1 + 2 e^{-2}) \approx 0.24$: the partner's logit is 2, both strangers' are 0. Not zero: with a cosine nobody can be more alike than 1 or more different than −1, so at a given temperature there is a floor.
# </details>

# %% [markdown]
# ## 4 · The temperature
#
# The cosines only run from −1 to 1. A [softmax](../../../docs/glossary.md#softmax) of such small numbers is nearly flat: everybody gets some of the attention. Dividing by a small $\tau$ spreads them. *What would you expect for a very small one, what for a very large one?*
#
# Six sailing boats this time: strangers that are hard to tell apart.

# %%
augment, chance = selfsup.Augmentation(), torch.Generator().manual_seed(4)
boats = x[y == classes.index("sailing boat")][:6]
views = torch.cat([augment(boats, chance), augment(boats, chance)])  # (12, 3, 48, 48)
with torch.no_grad():
    s = selfsup.similarity(net(views))  # (12, 12)
widgets.temperature(views, s, start=0.2)

# %% [markdown]
# **Try it.**
#
# * ●○○○○ Go from one end of the slider to the other. Where does the chance go, and to whom?
# * ●○○○○ Find a view whose partner is *not* the nearest. What does a low temperature make of it?
#
# The gradient says it in a line. For the cosine of view $i$ with another one $j$,
#
# $$\frac{\partial L_i}{\partial s_{ij}} \;=\; \frac{1}{\tau} \Big( p_{ij} - \big[\,j = \text{partner}(i)\,\big] \Big).$$
#
# The partner is pulled by what is missing to 1. Every stranger is pushed away **by its share of the attention**. At a high temperature all strangers are pushed alike, also those that are far away already. At a low one only the nearest are pushed, hard: the *[hard negatives](../../../docs/glossary.md#hard-negative)*.
# Too low, and the whole effort goes into the one or two strangers that look most alike, and those are often just the other boat.
#
# <details><summary><b>Think.</b> Which temperature gives the lowest loss? Is that the one to choose?</summary>
#
# A low one, where pairs are found at all: the chances go to 0 and 1. So losses at two temperatures can't be compared, just as pretext accuracies of two pretext tasks can't. It is chosen like every hyper-parameter here: pretrain, then probe on <b>validation</b> pictures. Chen et al.
# did, and took 0.1 for ImageNet and 0.5 for CIFAR-10; the network of this lecture has 0.2.
# </details>

# %% [markdown]
# ## 5 · Pretraining
#
# The loop is the one of lecture 1. Only the objective is new, and it doesn't look at the labels. In little, as much as fits into a lecture:

# %%
PICTURES, EPOCHS = device.sized(cpu=(2048, 4), gpu=(8000, 30))  # gpu: the real thing
torch.manual_seed(0)
mine = SimCLRNet(models.Encoder(), ProjectionHead(128, 128, 64)).to(where)
history = training.fit(
    mine,
    pictures.unlabelled[:PICTURES],
    epochs=EPOCHS,
    batch_size=64,
    objective=selfsup.simclr(selfsup.Augmentation(size=32), temperature=0.2),
)
plots.show(history.plot(), alt="Loss falling and accuracy rising over the few epochs of training.")

# %% [markdown]
# *Accuracy* is how often the nearest of the 127 other views of the batch is the partner. Guessing would be right less than one time in a hundred.
#
# Our `net` had all 8,000 pictures and more time. The game on pictures that nobody has trained on:

# %%
torch.manual_seed(0)
beginner = SimCLRNet(models.Encoder(), ProjectionHead(128, 128, 64)).to(where)
players = {"no training": beginner, "the training above": mine, "the lecture's network": net}
game = selfsup.simclr(selfsup.Augmentation(size=32), temperature=0.2)
won = {
    name: {
        "partner found": training.evaluate(player, pictures.validation[:512], game, 128)["accuracy"]
    }
    for name, player in players.items()
}
title = "Who finds the partner? It takes more than a minute to learn"
plots.side_by_side(won, title=title, unit="512 validation pictures, 128 at a time", chance=1 / 255)

# %% [markdown]
# And here is what its card says of it:

# %%
print(models.zoo.card("world_simclr"))

# %% [markdown]
# <details><summary>Would you rather train it all yourself? Open this.</summary>
#
# Put `PICTURES, EPOCHS = 8000, 30` and `batch_size=256` above, run the cell again (the card above says how long it took on one core), then `encoders["SimCLR"] = mine.encoder` and `net = mine`.
# On other pictures: `pictures = data.load("cifar10")` or `"stl10"`, whose unlabelled part has 100,000 photographs, which is what it was made for.
# </details>
#
# <details><summary><b>Think.</b> Chen et al. trained with batches of up to 8,192 pictures. Why would a large batch help this loss, more than it helps cross-entropy with labels?</summary>
#
# The batch <i>is</i> the set of wrong answers. Among 15 strangers the partner is easily found by a rough guess; among 16,000 there is always one that looks nearly the same, and only details help. With labels the number of wrong answers is fixed by the number of classes.
# </details>

# %% [markdown]
# ## 6 · What has it learnt?
#
# *Nobody ever said "cat".* Take five pictures and ask each encoder which of 300 lie nearest to them.

# %%
features = {name: plots.features_of(encoder, x) for name, encoder in encoders.items()}
asked = [int((y == kind).nonzero()[0]) for kind in (9, 0, 3, 7, 2)]
three = {name: features[name] for name in ("random encoder", "SimCLR", "supervised")}
title = "Ask for what is alike: an untrained encoder goes by colour. And SimCLR?"
plots.neighbours(x, y, asked, three, title=title)

# %% [markdown]
# Now all 300 at once: a **map of pictures**. Each lies where its features put it, and alike ones lie together. Choose the encoder, and a thing that shall stand out.

# %%
widgets.picture_map(x, y, features, classes, encoder="SimCLR")

# %% [markdown]
# **Try it.**
#
# * ●○○○○ Go through the five encoders. By what is each map sorted? Look at the backgrounds before you look at the things.
# * ●○○○○ In SimCLR's map choose one class after the other. Which ones lie in one heap, which in several? What do the heaps have in common?
# * ●●○○○ Compare with PCA, which shows the two directions of largest spread. What does [t-SNE](../../../docs/glossary.md#t-sne) hide that PCA shows, and the other way round?
#
# <details><summary><b>Think.</b> On the map, are distances between far groups to be trusted?</summary>
#
# Not with t-SNE: it keeps neighbours neighbours, and puts the rest where there is room (van der Maaten and Hinton 2008). The number in the title doesn't come from the map but from the features themselves: how often the nearest neighbour of a picture shows the same thing.
# </details>

# %%
share = {name: {"same thing": plots.neighbour_agreement(f, y)} for name, f in features.items()}
title = "How often the nearest neighbour shows the same thing. Nobody told SimCLR what it is"
plots.side_by_side(share, title=title, unit="of 300 test pictures", chance=1 / len(classes))

# %% [markdown]
# ## 7 · Before or after the head?
#
# The loss is taken on $z$. There the views of a picture lie close together, as was asked for. And yet one throws the head away and keeps $h$. *Which of the two would you give to a colleague who wants to classify cats, and which to one who wants to know how a photograph was taken?*
#
# Take 500 labelled pictures, crop some and darken some, and ask three [linear probes](../../../docs/glossary.md#linear-probe): what does it show, was it cropped, was it darkened?


# %%
def changed(images, seed):
    """The pictures, cropped and darkened where two coins say so, and how the coins fell."""
    chance = torch.Generator().manual_seed(seed)
    cropped, dark = torch.randint(2, (2, len(images)), generator=chance).to(where)
    part = selfsup.random_resized_crop(images, (0.3, 0.5), chance)
    images = torch.where(cropped.view(-1, 1, 1, 1) == 1, part, images)
    return images * (1 - 0.4 * dark.view(-1, 1, 1, 1)), cropped, dark


few = selfsup.few_labels(pictures.train, 50, seed=0)
(seen, *coins), (unseen, *test_coins) = changed(few.images, 1), changed(x, 2)
questions = ["what does it show?", "was it cropped?", "was it darkened?"]

# %%
h = [plots.features_of(net.encoder, images) for images in (seen, unseen)]  # (500, 128), (300, 128)
z = [net.head(part).detach() for part in h]  # (500, 64), (300, 64)
found = {}
for name, (train, test) in {"h, before the head": h, "z, after the head": z}.items():
    answers = zip(questions, [few.labels, *coins], [y, *test_coins], strict=True)
    found[name] = {q: selfsup.linear_probe(train, a, test, truth) for q, a, truth in answers}
title = "The head forgets what the loss calls unimportant. The features before it know more"
unit = "linear probe, 300 test pictures; guessing is right 10 %, 50 % and 50 %"
plots.side_by_side(found, title=title, unit=unit)

# %% [markdown]
# The loss rewards $z$ for *not* noticing what the augmentation changes: light, colour, place, size. The head is where that is wiped out, so that the encoder doesn't have to do all of it. Chen et al. found the same with other means: asked by how much a picture had been rotated, features before the head knew it in 67.6 % of the cases,
# those after it in 25.6 %, which is guessing (arXiv 2002.05709, table 3).
#
# Measured on all test pictures, with three networks:

# %%
title = "Before or after the head: which is worth more for the classes?"
plots.label_efficiency(
    results.head_against_encoder(), title=title, unit="linear probe, test accuracy"
)

# %% [markdown]
# *`benchmarks/selfsup_labels.py`, in `benchmarks/results/selfsup_labels.md`.*
#
# <details><summary><b>Think.</b> Would a head help rotation, or patch localisation?</summary>
#
# They have one: the linear layer on top. It is thrown away for the same reason. The last layers of a network serve its task; the further away the task that you care for, the earlier you should tap. You know it from transfer learning.
# </details>

# %% [markdown]
# ## 8 · Why do simple transformations suffice?
#
# Cutting, mirroring, recolouring: a child's tricks, and nothing in them knows what a cat is. *Why is that enough?*
#
# * **It is the only thing that we are sure of.** Without labels there is no way to know which two pictures show the same thing, except for one: *a picture and its own copy*. Everything else would be a guess.
# * **A consistent answer is a strong demand.** To answer the same for an ear on the left in green and a paw on the right in grey, and something else for every other picture, a network has to go by what these have in common. There isn't much: shape, parts, how they go together.
# * **And that is nearly what the classes are.** People made their words for things, not for light and viewpoint. The augmentation says *light and viewpoint don't matter*, and this little knowledge, put in by hand, is the only supervision there is.
#
# If so, then it must show when one of the tricks is missing. Section 2 promised it. *Say in advance: which one will be missed most?*

# %%
plots.representations(
    {f"{n} labels a class": results.ablation(labels=n) for n in (10, 50)},
    title="One step of the augmentation left out, pretrained again from the start",
    unit="linear probe, test accuracy",
    columns=2,
)

# %% [markdown]
# *Each pretrained for 10 epochs instead of 30. Means over three seeds, each with networks of its own: `benchmarks/simclr_ablation.py`, in `benchmarks/results/simclr_ablation.md`.*
#
# Remember the cheat of section 2 when you read it: **a step is worth what the network would do without it.** Leave out the one that guards against a cheat, and the game becomes easier and the features worse. Without colour jitter, hardly more than guessing is left.
#
# <details><summary><b>Think.</b> Your pictures are aerial photographs of fields, and the classes are crops. Which augmentations do you take, which do you leave out?</summary>
#
# Rotation by any angle: there is no up. Crops, yes. Strong colour jitter: no! The shade of green <i>is</i> the class. Perhaps a little brightness, for the hour of day. <b>An augmentation is a claim about what doesn't matter</b>, and in another task it matters. X-rays have no colours to jitter and must not be mirrored (the heart!);
# handwriting must not be rotated by 180 degrees (6 and 9).
# </details>
#
# **Try it.** ●●●○○ The three other changes of section 2, distort, [cutout](../../../docs/glossary.md#cutout) and noise, aren't in our recipe. Pretrain with one of them (section 5, a GPU helps), and probe on *validation* pictures. ●●●●○ Which augmentation would you invent for the world's ten classes?

# %% [markdown]
# ## 9 · What is a label worth?
#
# The question that began this half of the course: labels are expensive. Here are all methods of lectures 3, 4 and 5 on one plot. Each got the same pictures, the same encoder, and the same downstream work: 10, 50 or all labels of a class, used in a linear probe and in [fine-tuning](../../../docs/glossary.md#fine-tuning); of the two the better one, chosen on validation pictures.
#
# *From scratch* is the honest rival: the same number of updates, the same batches, the same augmentation, but it begins with nothing.

# %%
title = "With few labels, what was learnt without any decides"
plots.label_efficiency(results.label_curves(), title=title, highlight=["SimCLR", "from scratch"])

# %% [markdown]
# Read it in two ways.
#
# * **Upwards**, at 10 labels a class: how many points does a method win?
# * **Sideways**: draw a line from a method at 10 labels to the right until it meets *from scratch*. So many labels did the pretraining save. It is the number to show to those who pay for labels.
#
# And the four measures apart? A linear probe asks: *do the classes lie on two sides of a plane?* [k-NN](../../../docs/glossary.md#k-nn): *are neighbours alike?* Fine-tuning: *is it a good place to start from?* Not every method is good at each.

# %%
curves = {
    f"{method}, {measure}": curve
    for measure in (results.LINEAR, results.NEIGHBOURS, results.FINE_TUNING)
    for method, curve in results.label_curves(measure).items()
    if method == "SimCLR"
}
title = "SimCLR's features, used in three ways"
plots.label_efficiency(curves, title=title)

# %% [markdown]
# *All means over three seeds, each with networks of its own: `benchmarks/selfsup_labels.py`, in `benchmarks/results/selfsup_labels.md`.*
#
# On ImageNet the same picture, larger: a linear probe on SimCLR's features reached 76.5 % top-1, as much as a ResNet-50 trained with all labels; with one label in a hundred, fine-tuning gave 85.8 % top-5, better than AlexNet with all of them (Chen et al. 2020, arXiv 2002.05709).
#
# <details><summary><b>Think.</b> With all labels the curves come together. So was the pretraining for nothing?</summary>
#
# For these pictures, yes: 8,000 labels are enough to learn ten kinds of things. The gain lies where labels are few, and that is the usual case: one doctor, one afternoon. And a second one: the same encoder serves the <i>next</i> question about the same pictures.
# </details>

# %% [markdown]
# ## 10 · Are self-supervised features more robust?
#
# Back to where the course began. Lecture 1 broke a network that had been trained with labels; lecture 2 showed how it leans on wrong cues. These encoders never saw a label. *Are they harder to fool? Commit yourself: more robust, less, or the same? Under attack? In the rain? When the background lies?*
#
# Arguments for *more*: they didn't learn the shortcut from picture to label. They were *trained* to ignore colour and place. Arguments for *less*: nobody told them what matters, so they keep everything, and an attacker can use everything. Let us look.
#
# Each encoder gets a linear head, trained on the same 500 labelled pictures (50 of each class). Encoder and head together are a network like any other, and PGD goes through it.

# %%
few = selfsup.few_labels(pictures.train, 50, seed=0)
networks = {}
for name, encoder in encoders.items():
    networks[name] = models.Classifier(encoder, len(classes)).eval()
    networks[name].head = selfsup.fit_linear(plots.features_of(encoder, few.images), few.labels)

# %%
SIZES, N = [0, 0.5 / 255, 1 / 255, 2 / 255], 50
batch = [(x[:N], y[:N])]
curves = {
    name: [
        robustness.accuracy(network, batch, lambda m, x, y, e=e: attacks.pgd(m, x, y, e, steps=5))
        for e in SIZES
    ]
    for name, network in networks.items()
}
title = "Five representations under attack: who falls first?"
plots.accuracy_against_eps(SIZES, curves, chance=0.1, n=N, title=title, legend="features")

# %% [markdown]
# Read it with lecture 2 in mind: a network that is often wrong when nobody attacks can't lose much. Compare those that begin at about the same height. And note how small the sizes are: 1/255 is one level of grey.
#
# Now lies, as in lecture 2. The heads are trained on pictures in which each class has a **colour** of its own, nineteen times in twenty; or a **background** of its own. Then the cues change sides: all that was learnt from them is wrong. The encoders stay as they are.
# *Which of the two lies will SimCLR believe? Think of what it was trained to ignore.*

# %%
lies = {
    "colours lie": {"colour_cue": 0.95},
    "backgrounds lie": {"background": "scene", "background_cue": 0.95},
}
believed = {name: {} for name in encoders}
for what, lie in lies.items():
    told = world(400, 70, **lie, device=where)
    turned = world(300, 72, **lie, device=where, reverse=True)
    for name, encoder in encoders.items():
        liar = models.Classifier(encoder, len(classes)).eval()
        liar.head = selfsup.fit_linear(plots.features_of(encoder, told.images), told.labels)
        believed[name][what] = robustness.accuracy(liar, turned.batches(300))
title = "A probe takes what the features offer it. Which features offer the lie?"
plots.side_by_side(believed, title=title, unit="300 pictures, cues reversed", chance=0.1)

# %% [markdown]
# Both were one seed and few pictures. Measured properly, with the corruptions of lecture 2 beside them:

# %%
shown = ["clean", "PGD-20, eps 0.5/255", "PGD-20, eps 1/255"]
shown += ["corrupted", "colour cue matched", "colour cue reversed"]
shown += ["before scenes", "background cue matched", "background cue reversed"]
measured = results.robustness()
title = "Five representations, one kind of head: what is left of the accuracy"
plots.representations({name: measured[name] for name in shown}, title=title)

# %%
mce = {name: round(100 * m.mean, 1) for name, m in results.corruption_error().items()}
title = "Mean corruption error, the supervised network being 100"
plots.bars(mce, title=title, unit="mCE in %, lower is better", highlight=["supervised"])

# %% [markdown]
# *Means over three seeds, each with networks of its own: `benchmarks/selfsup_robustness.py`, in `benchmarks/results/selfsup_robustness.md`.*
#
# Be fair when you compare: the supervised encoder has seen 8,000 labels of just these classes, in pictures whose colours and backgrounds said nothing. The others have seen no label at all.
#
# What others found, on photographs and with large networks:
#
# * Rotation prediction *beside* supervised training made networks more robust against attacks, corruptions and wrong labels (Hendrycks et al. 2019, arXiv 1906.12340).
# * Self-supervised networks make strikingly similar mistakes to supervised ones, with the same leaning towards texture and, SimCLR excepted, the same weakness against noise (Geirhos et al. 2020, arXiv 2010.08377).
#
# So there is no simple yes. **A representation is robust against what it was trained to ignore**, and an augmentation is a list of that. Colour jitter changed every colour of every picture: whoever had to recognise a mug in spite of it doesn't go by colour, and a lying colour finds little to take hold of.
# But no augmentation ever put a mug before another background. The background is the same in both views, so it helps to find the partner, and so it is in the features, for whoever wants to be lied to.
#
# And the attack? No crop and no jitter looks like $\varepsilon \cdot \operatorname{sign}(\nabla_x L)$; nothing here was bought against it. You know what would buy it: views that are attacked. (That has been done. *How would you write that objective? You have both halves.*)
#
# <details><summary><b>Think.</b> An attacker has your encoder, which you downloaded like everybody else, but not your head. Can they do harm?</summary>
#
# Yes. Push the <i>features</i> of a picture as far away as possible, or towards those of another picture, without any label: most heads on top will fall. One public encoder under a thousand products is one target for a thousand attacks.
# </details>
#
# **Try it.** ●●○○○ Give the heads all labels instead of 500. Does it change the order? ●●●○○ Attack the features as in the last answer (`F.cosine_similarity` instead of the loss) and carry the pictures over to all five heads. ●●●●○ Pretrain SimCLR on scenes (`data.load("world", background="scene")`). Is the background still offered first?

# %% [markdown]
# ## What to remember
#
# 1. **Two views of one picture together, everything else apart**: the labels are the pictures themselves.
# 2. **NT-Xent is cross-entropy** over "which of the others is my partner?": cosines over a temperature as logits. Knowing nothing costs $\ln(2N - 1)$.
# 3. **The temperature** says how much the nearest strangers count.
# 4. **The augmentation is the teacher**: it says what does not matter, and it must leave no cheap way to cheat. Crop and colour need each other.
# 5. **Keep the encoder, throw the head away**: the head forgets on purpose.
# 6. **Judge by what the features are worth downstream**, with few labels, never by loss or accuracy of the pretext task.
# 7. **Robust against what?** Against what was asked for. The question of lecture 2 has not gone away.
#
# ## To discuss
#
# * An augmentation is knowledge put in by hand. Is it still *self*-supervision?
# * What would be two views of a sound? Of a sentence? Of a patient?
# * Two photographs of one place on two days: a pair that no augmentation can draw. Where do you get such pairs for nothing, and what would a network learn from them?
# * Whose pictures are the 8,000 without labels? Labels cost money, so somebody looked at them. What happens when nobody does?
#
# ## Now you
#
# **Lab 5** (`notebooks/labs/lab5_simclr.ipynb`): you write `random_resized_crop`, `cutout`, `two_views`, `ProjectionHead`, `similarity`, `nt_xent`, `simclr_step` and `knn_accuracy`, and with them a SimCLR of your own.
#
# ## References
#
# * Chen, Kornblith, Norouzi, Hinton: *A simple framework for contrastive learning of visual representations*, ICML 2020, [arXiv 2002.05709](https://arxiv.org/abs/2002.05709).
# * Gidaris, Singh, Komodakis: *Unsupervised representation learning by predicting image rotations*, ICLR 2018, [arXiv 1803.07728](https://arxiv.org/abs/1803.07728): lecture 3.
# * Doersch, Gupta, Efros: *Unsupervised visual representation learning by context prediction*, ICCV 2015, [arXiv 1505.05192](https://arxiv.org/abs/1505.05192): lecture 4.
# * van der Maaten, Hinton: *Visualizing data using t-SNE*, JMLR 2008.
# * Hendrycks, Mazeika, Kadavath, Song: *Using self-supervised learning can improve model robustness and uncertainty*, NeurIPS 2019, [arXiv 1906.12340](https://arxiv.org/abs/1906.12340).
# * Geirhos, Narayanappa, Mitzkus, Bethge, Wichmann, Brendel: *On the surprising similarities between supervised and self-supervised models*, 2020, [arXiv 2010.08377](https://arxiv.org/abs/2010.08377).
