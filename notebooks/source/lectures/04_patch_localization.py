# %% [markdown]
# # Where does this piece belong?
#
# **A puzzle with two pieces, no labels, and a network that learns what things look like from it. Unless it finds a way to cheat.**
#
# In lecture 3 the data provided the labels by being turned. Here they come from cutting: take two pieces out of a picture and ask where the second lies, as seen from the first.
# You need lecture 3's words (*[pretext task](../../../docs/glossary.md#pretext-task)*, *[downstream task](../../../docs/glossary.md#downstream-task)*, *[linear probe](../../../docs/glossary.md#linear-probe)*) and a CNN that you could train yourself.
#
# | | | minutes |
# |---|---|---|
# | 1 | Try it yourself | 10 |
# | 2 | Labels from a pair of scissors | 10 |
# | 3 | One encoder, looked through twice | 15 |
# | 4 | What looks alike? | 10 |
# | 5 | What is it worth? | 15 |
# | 6 | The first shortcut: borders | 10 |
# | 7 | The second shortcut: a cheap lens | 20 |
#
# Run *Before we start* once. After that every section runs on its own, in any order.
# Answers are folded away: think first, then click. Things to try are marked from ●○○○○ (a minute) to ●●●●● (an evening).

# %% [markdown]
# ## Before we start
#
# The pictures are the world's, and this time we take those that come **without labels**: 8,000 of them. Two networks were trained on such pictures by [the task of this lecture](../../../docs/glossary.md#patch-localisation).
# Which one of them is to be trusted is for you to find out.

# %%
import torch

from course_utils import data, device, models, plots, results, selfsup, training, widgets
from course_utils.data.world import render, sample
from course_utils.models.pretext import PatchNet

# %%
where = device.pick()
pictures = data.load("world", device=where)
classes = pictures.classes
PATCH, GAP, JITTER = 16, 4, 2  # in pixels; the pictures have 48
network = models.zoo.load("world_patches", where)
cheat = models.zoo.load("world_patches_cheat", where)
x = pictures.validation[:300].images  # (300, 3, 48, 48) in [0, 1]
print(device.describe(where))

# %% [markdown]
# ## 1 · Try it yourself
#
# Below are two patches of one picture. The blue one came from somewhere; the orange one from one of the eight places around it. **Which one? Click.** After each answer you see the picture, and
# what a network would have said.

# %%
widgets.patch_quiz(x[:20], PATCH, GAP, JITTER, model=network, seed=4)

# %% [markdown]
# Do ten. Then stop and ask yourself how you did it.
#
# <details><summary><b>Think.</b> What did you need to know to get one right?</summary>
#
# You saw a wheel, and knew that a wheel is <i>below</i> a window. You saw an ear, and knew that whiskers are under it. Nobody can tell the place of a piece without an idea of the <b>thing</b>: which parts it has, and how
# they lie to each other. That is what the task is for. (And some you got right in another way: a line ran on from one piece into the other. Remember that one, it comes back.)
# </details>
#
# <details><summary><b>Think.</b> Which pairs can nobody solve?</summary>
#
# Two pieces of plain background, say. A task that makes its own labels does not ask whether they can be known. So 100 % is out of reach, and nobody minds: the pairs that can be solved are the teachers.
# </details>

# %% [markdown]
# ## 2 · Labels from a pair of scissors
#
# Doersch, Gupta and Efros (2015, arXiv 1505.05192) had the idea. Number the eight places around a patch row by row, the middle left out:
#
# $$\begin{matrix} 0 & 1 & 2 \\ 3 & \cdot & 4 \\ 5 & 6 & 7 \end{matrix}$$
#
# Cut a patch of $P$ pixels anywhere. Position $p$ names a direction $(r, c) \in \{-1, 0, 1\}^2$. The second patch is cut from
#
# $$\text{place}_2 \;=\; \text{place}_1 + (P + \text{gap}) \cdot (r, c) + \text{jitter}, \qquad \text{jitter} \in \{-J, \dots, J\}^2 \text{ by chance.}$$
#
# The label is $p$. It was known before anybody looked at the picture. Move the sliders: dotted is where the neighbours *would* lie.

# %%
widgets.sample_by_hand(x[:20], patch_size=PATCH, gap=GAP, jitter=0)

# %% [markdown]
# **Try it.**
#
# * ●○○○○ Make the patches large. How many of the eight places are left, and why must the sampler know that?
# * ●○○○○ What do [gap](../../../docs/glossary.md#gap) and [jitter](../../../docs/glossary.md#jitter) do to the pair? *Why would anybody want that?* Write your guess down; sections 6 and 7 check it.
#
# In code it is a loop-free line for a whole batch: each picture with its own place and position.

# %%
centres, neighbours, positions = selfsup.pair_batch(x[:200], PATCH, GAP, JITTER)
print(centres.shape, neighbours.shape, positions.shape)
print("how often each position:", positions.bincount(minlength=8).tolist())
mixed = torch.stack([centres[:6], neighbours[:6]], dim=1).flatten(0, 1)  # (12, 3, 16, 16)
words = [t for p in positions[:6].tolist() for t in ("this patch", f"its neighbour:\nposition {p}")]
title = "Six pairs from the batch: the labels cost nothing"
plots.gallery(mixed, words, title=title, columns=6)

# %% [markdown]
# ## 3 · One encoder, looked through twice
#
# **A question first.** The network gets two patches. Should it have one [encoder](../../../docs/glossary.md#encoder) for both, or two?
#
# <details><summary><b>Think.</b></summary>
#
# One. A wheel is a wheel, whether it is the first piece or the second; two encoders would have to learn it twice, and we want <i>one</i> encoder at the end. Only what comes after must know which piece was which:
# it gets the two feature vectors side by side, the centre's first.
# </details>
#
# $$h_1 = f(\text{patch}_1), \quad h_2 = f(\text{patch}_2), \qquad \text{logits} = W\,[h_1; h_2] + b \;\in \mathbb{R}^8, \qquad L = \text{cross-entropy}(\text{logits}, p)$$
#
# The loss is the one you know. Here is the whole pretext task, as a function that `training.fit` descends; `y` are labels, and nobody looks at them:


# %%
def puzzle(model, x, y):
    centres, neighbours, positions = selfsup.pair_batch(x, PATCH, GAP, JITTER)
    logits = model(centres, neighbours)  # (B, 8)
    right = (logits.argmax(dim=1) == positions.to(logits.device)).float().mean()
    return {
        "loss": torch.nn.functional.cross_entropy(logits, positions.to(logits.device)),
        "accuracy": right,
    }


# %% [markdown]
# Now let it work. On a CPU the cell below shows it a quarter of the pictures, three times: you see it get going. The network that you loaded has seen all of them many times.
#
# <details><summary>Would you rather train it yourself? Open this.</summary>
#
# Put <code>EPOCHS = 24</code> and <code>PICTURES = 8000</code>. A few minutes on a laptop. `print(models.zoo.card("world_patches"))` says how the loaded one was trained.
# </details>

# %%
PICTURES, EPOCHS = device.sized(cpu=(2000, 3), gpu=(8000, 24))
mine = PatchNet(models.Encoder()).to(where)
training.fit(mine, pictures.unlabelled[:PICTURES], epochs=EPOCHS, objective=puzzle, progress=False)

# %%
task = selfsup.patches(PATCH, GAP, JITTER, drop_colour=False)
torch.manual_seed(0)
trained = {
    "guessing": 1 / 8,
    "my own, a little trained": training.evaluate(mine, pictures.validation, task)["accuracy"],
    "trained on all of them": training.evaluate(network, pictures.validation, task)["accuracy"],
}
plots.bars(
    {name: round(100 * right, 1) for name, right in trained.items()},
    title="From no label at all it has learnt where things belong",
    unit="right positions in %, 1,000 pairs from pictures that it has not seen",
)

# %% [markdown]
# Guessing gives one in eight. Where does it put its bets? Shaded is what it believes; most of its mistakes are next door to the truth.

# %%
chance = torch.Generator().manual_seed(3)
centres, neighbours, positions = selfsup.pair_batch(x, PATCH, GAP, JITTER, chance)
with torch.no_grad():
    bets = network(centres, neighbours).softmax(dim=1)  # (300, 8)
order = bets.gather(1, positions[:, None])[:, 0].argsort(descending=True)
SHOW = order[5]  # also: order[-5], one that it gets wrong
title = f"The network gives the right place {plots.percent(float(bets[SHOW, positions[SHOW]]))}"
plots.patch_quiz(
    centres[SHOW], neighbours[SHOW], position=int(positions[SHOW]), network=bets[SHOW], title=title
)

# %% [markdown]
# **Try it.**
#
# * ●○○○○ Look at `order[-5]`. Would you have been right?
# * ●●○○○ Give it the same patch twice, `network(centres, centres)`. What does it say, and from what?
# * ●●●○○ Which positions are the hardest? Count the right answers for each of the eight.
#
# <details><summary><b>Think.</b> With larger patches the accuracy goes up. Are the features better for it?</summary>
#
# Not necessarily. In a small picture large patches leave few places: one from the upper left corner can have its neighbour only to the right and below. The task became easier; why should one learn more from an easier task?
# <b>We do not care for the pretext accuracy. We care for what the features are worth</b>: section 5.
# </details>

# %% [markdown]
# ## 4 · What looks alike?
#
# Before any number: *look*. Cut a thousand patches, and ask for each which others have nearly the same [features](../../../docs/glossary.md#features), by the [cosine](../../../docs/glossary.md#cosine-similarity) of the angle between them:
#
# $$\cos(h, h') \;=\; \frac{h \cdot h'}{\|h\|\,\|h'\|}$$
#
# **What do you expect of raw pixels, and of a network that has learnt nothing?**

# %%
chance = torch.Generator().manual_seed(7)
bank, _, _ = selfsup.pair_batch(
    pictures.validation.images, PATCH, 0, 0, chance
)  # (1000, 3, 16, 16)
torch.manual_seed(0)
measures = {
    "the puzzle's features": network.encoder,
    "an untrained encoder": models.Encoder().to(where).eval(),
    "raw pixels": torch.nn.Flatten(),
}
QUERIES = torch.tensor([493, 728, 834, 955, 527, 61])  # try others

# %%
found = {}
for name, features in measures.items():
    with torch.no_grad():
        h = features(bank)  # (1000, D)
    others = selfsup.nearest(h[QUERIES], h, k=5)[:, 1:]  # the nearest is the patch itself
    found[name] = bank[others]  # (6, 4, 3, 16, 16)
title = "Nearest patches of a thousand: what does each measure take for the same?"
plots.nearest_rows(bank[QUERIES], found, title=title, wholes=pictures.validation[QUERIES].images)

# %% [markdown]
# Pixels, and a network that has learnt nothing, look for the same tones. The puzzle's features hardly care for tones: they look for the same **place in a thing**. A lower edge with ground under it finds lower edges, a right-hand
# side finds right-hand sides, the middle of a body finds middles of bodies, in any colour. Now and then it is the same kind of thing, and a wheel finds a wheel; more often it isn't.
# It has learnt what the task asked for: *where* before *what*. Keep that in mind for the next section.
#
# **Try it.** ●○○○○ Other `QUERIES`. Find a patch for which the pixels do better, and say why. ●●○○○ Take `cheat.encoder` into the comparison. ●●○○○ Take whole pictures instead of patches: `network.encoder(x)`. Do classes come together?

# %% [markdown]
# ## 5 · What is it worth?
#
# Now the **downstream task**: name the ten things, from *ten labelled pictures of each*. The encoder stays as it is; a linear classifier is fitted on its features (the *linear probe* of lecture 3).
# It has only ever seen patches of 16 pixels. Now it looks at whole pictures.

# %%
asked = pictures.validation[:500]
torch.manual_seed(0)
encoders = {
    "untrained": models.Encoder().to(where),
    "the puzzle, no labels": network.encoder,
    "the other one": cheat.encoder,
    "supervised, 8,000 labels": models.zoo.load("world_classifier", where).encoder,
}


def probe(encoder, per_class=10, draws=3):
    f, labels = selfsup.extract_features(encoder, asked.batches(250))
    known = [selfsup.few_labels(pictures.train, per_class, seed=s) for s in range(draws)]
    fitted = [selfsup.extract_features(encoder, split.batches(250)) for split in known]
    return sum(selfsup.linear_probe(*some, f, labels) for some in fitted) / draws


# %%
values = {name: {"10 labels a class": probe(encoder)} for name, encoder in encoders.items()}
title = "Ten labels a class, four encoders: what was learnt without labels carries over"
plots.side_by_side(values, title=title, unit="linear probe, 500 validation pictures", chance=0.1)

# %% [markdown]
# *The other one* is the second network that you loaded: the same task, as many pictures, the same training.
# **At the puzzle it is the better one, and here it is the worse.** Sections 6 and 7 are about how that can be.
#
# All of it with care, with more labels, and beside training from scratch:

# %%
curves = results.label_curves()
methods = ("random encoder", "from scratch", "rotation", "patches", "supervised")
title = "What a puzzle is worth: most where labels are few"
unit = "test accuracy, best of linear probe and fine-tuning"
plots.label_efficiency(
    {m: curves[m] for m in methods}, title=title, unit=unit, highlight=("patches",)
)

# %%
for measure in ("linear probe", "k-NN", "fine-tuning"):
    for method, curve in results.label_curves(measure).items():
        if method in methods:
            told = ", ".join(f"{labels} labels: {right}" for labels, right in curve.items())
            print(f"{measure:12} {method:15} {told}")

# %% [markdown]
# *Test accuracy and its standard deviation, means over three seeds: `benchmarks/selfsup_labels.py`, in `benchmarks/results/selfsup_labels.md`. Training from scratch had as many updates as fine-tuning, and a learning rate chosen for it.*
#
# With ten labels a class the puzzle is worth more than all that we could do to training from scratch; with all labels nobody needs it. And rotation, which saw whole pictures, is worth more: a better pretext task asks for
# more of what you need downstream. *Where* is not yet *what*.
#
# **Try it.** ●○○○○ Other draws of the labels: `draws=10`. How much is luck? ●●○○○ 50 labels a class. Who gains most? ●●●○○ [Fine-tune](../../../docs/glossary.md#fine-tuning) the encoder instead, with `selfsup.fine_tune`.
#
# <details><summary><b>Think.</b> The encoder learnt on patches of 16 pixels and is asked about pictures of 48. What might go wrong, and why does it work at all?</summary>
#
# It is convolutional and averages over places at the end, so it takes any size: a whole picture is seen as many overlapping patches, and their features are averaged. But a part of every patch was its edge, where convolutions see
# zeros; inside a picture there is no such edge. And things larger than a patch were never seen whole. Rotation, which turned whole pictures, has the advantage here.
# </details>

# %% [markdown]
# ## 6 · The first shortcut: borders
#
# In section 1 some pairs were easy because *a line ran on*. Let us take that seriously, as a lazy student would. Cut the patches so that they **touch** (gap 0, no jitter), put the second piece on each of the eight
# places in turn, and look how well the pixels fit along the border. No network, no training, nothing is recognised:


# %%
def lazy(centres, neighbours):
    """The position where the touching pixels differ least. selfsup.match_borders is this."""
    edge = {-1: slice(0, 1), 0: slice(None), 1: slice(-1, None)}
    misfit = []
    for p in range(8):
        r, c = selfsup.neighbour_offset(p)
        ours, theirs = centres[:, :, edge[r], edge[c]], neighbours[:, :, edge[-r], edge[-c]]
        misfit.append(((ours - theirs) ** 2).mean(dim=(1, 2, 3)))
    return torch.stack(misfit, dim=1).argmin(dim=1)


# %%
SMALL, right = 12, {}
images = pictures.validation.images
for gap, jitter in ((0, 0), (0, 2), (4, 0), (4, 2)):
    chance = torch.Generator().manual_seed(0)
    *pair, positions = selfsup.pair_batch(images, SMALL, gap, jitter, chance)
    found = float((lazy(*pair) == positions).float().mean())
    right[f"gap {gap}, jitter {jitter}"] = round(100 * found, 1)
title = "The puzzle solved without understanding a thing, as long as the pieces touch"
plots.bars(right, title=title, unit="right positions in %; guessing gives 12.5")

# %% [markdown]
# That was a rule made by hand. **Would a network find it?** Here is one that can find nothing else: all that it sees of the two patches are these eight misfits, eight numbers. It has no encoder. It has never seen a picture.

# %%
cuts = {"touching": (0, 0), "with gap and jitter": (4, 2)}
puzzles = {name: selfsup.patches(SMALL, *cut, drop_colour=False) for name, cut in cuts.items()}
scores = {}
for name, task in puzzles.items():
    torch.manual_seed(0)
    blind = selfsup.BorderNet().to(where)
    training.fit(
        blind, pictures.unlabelled, epochs=2, lr=1e-2, batch_size=64, objective=task, progress=False
    )
    scores[f"trained on pairs\n{name}"] = {
        f"asked about pairs {other}": training.evaluate(blind, pictures.validation, asked)[
            "accuracy"
        ]
        for other, asked in puzzles.items()
    }

# %%
title = "Eight numbers from the border, no picture: the network cheats while the pieces touch"
plots.side_by_side(scores, title=title, unit="right positions, validation", chance=1 / 8)

# %% [markdown]
# A rule like this is simpler than wheels and windows, and it is *right*. A network that can see borders may find it first; the loss is content, and training stops looking for more.
# That is a **[shortcut](../../../docs/glossary.md#shortcut)**: a way to solve the task that we set and to learn nothing of what we meant. You have met it before; in lecture 2 it was called a wrong [cue](../../../docs/glossary.md#cue).
#
# The remedy is to break the rule without breaking the task. **A gap** removes the pixels that would touch. **Jitter** makes sure that even a line that goes on across the gap does not arrive where it is expected.
# A wheel is still below a window.
#
# *Means over three seeds of the rule and of this network, on test pictures: `benchmarks/lecture4_shortcuts.py`, in `benchmarks/results/lecture4_shortcuts.md`.*
#
# Something is left over. Which sides of the two pieces are plain and which are not tells a little about how they lie, and no gap takes that away. One can make a shortcut narrow; closing it is another matter.
#
# **Try it.** ●○○○○ Change `SMALL` to 8 and to 20. Which patches give more away? ●●○○○ How large must the gap be here? ●●●○○ Improve the lazy student: compare slopes across the border, not only values.
#
# <details><summary><b>Think.</b> Our network of section 3 joins its two halves in <i>one linear layer</i>. Could it have used the borders?</summary>
#
# Hardly. Its logits are a sum: what the first patch says, plus what the second says. To compare a pixel here with a pixel there something must <i>multiply</i>, or bend, after the two have met. The network of the paper has
# several layers there, so it can compare, and needs the gap. A weak head is a remedy too. It also makes the honest task harder.
# </details>

# %% [markdown]
# ## 7 · The second shortcut: a cheap lens
#
# The authors had gap and jitter in place, and some of the nearest neighbours still made no sense: patches of quite different things, which only came **from the same place in their pictures**. How can a
# patch know from where it was cut?
#
# A simple lens bends blue light a little more than red. So the three colours of a photograph are three pictures of slightly different *size*: they agree in the middle, and drift apart towards the edges. That is
# *[chromatic aberration](../../../docs/glossary.md#chromatic-aberration)*, and people hardly see it. Our world has no lens. We make one: red magnified a little more than green, green more than blue.

# %%
widgets.lens(
    {"network": network, "the other one": cheat}, x, PATCH, GAP, JITTER, strength=6, show=8
)

# %% [markdown]
# **The other one** is out. It was trained on pictures through this lens, with nothing done against it. Move the slider to 0: take the lens away, and it does not know what to do. Move it up: it shines.
#
# *But perhaps it knows things as well?* Ask it about pictures in which there is **nothing to know**: plain backgrounds with a little grain.

# %%
scenes = sample(300, seed=77)
nothing = render(
    scenes.with_(centre=(9.0, 9.0), hidden=False, distractor=False), device=where
).float()
nothing = nothing / 255
through = selfsup.colour_fringes(nothing, 0.06)
both = torch.cat([nothing[:5], through[:5]])
words = ["nothing"] * 5 + ["through the lens"] * 5
title = "Ten pictures of nothing. Can you tell where in its picture a piece of one was?"
plots.gallery(both, words, title=title, columns=5)

# %%
right = {}
for name, model in {"network": network, "the other one": cheat}.items():
    right[name] = {}
    for what, images in {"nothing": nothing, "nothing, through the lens": through}.items():
        chance = torch.Generator().manual_seed(0)
        centres, neighbours, positions = selfsup.pair_batch(images, PATCH, GAP, JITTER, chance)
        with torch.no_grad():
            said = model(centres, neighbours).argmax(dim=1)
        right[name][what] = float((said == positions).float().mean())
title = "Where there is nothing to recognise, only a cheat can be right"
plots.side_by_side(right, title=title, unit="right positions, 300 pairs", chance=1 / 8)

# %% [markdown]
# It can even say *from where* in the picture each single patch came. The authors made the same test. Fit a linear map from features to places on some patches, and read the places of others:

# %%
chance = torch.Generator().manual_seed(1)
spots = torch.randint(0, 48 - PATCH + 1, (300, 2), generator=chance).to(where)  # upper left corners
pieces = selfsup.cut(through, spots, PATCH)  # (300, 3, 16, 16)
known, new, read = slice(0, 260), slice(260, 300), {}
for name, model in {"network": network, "the other one": cheat}.items():
    with torch.no_grad():
        h = model.encoder(pieces)
    h = torch.cat([h, h.new_ones(300, 1)], dim=1)  # (300, D + 1)
    ridge = h[known].T @ h[known] + 0.1 * torch.eye(h.shape[1], device=where)
    read[name] = h[new] @ torch.linalg.solve(ridge, h[known].T @ spots[known].to(h))
title = "Patches of nothing: where they were cut, and where the features say they were"
plots.read_places(spots[new], read, side=48, patch_size=PATCH, title=title)

# %% [markdown]
# ### Colour dropping
#
# The fringes lie *between* the colours. So [keep one colour channel](../../../docs/glossary.md#colour-dropping) of each patch, at random, and replace the other two by noise: shapes stay, and there is nothing left to compare.

# %%
few = selfsup.pair_batch(selfsup.colour_fringes(x[:6]), PATCH, GAP, JITTER)[0]
torch.manual_seed(0)
shown = torch.cat([few, selfsup.drop_colour(few)])
words = ["a patch"] * 6 + ["its colour dropped"] * 6
plots.gallery(shown, words, title="One channel stays; the others become faint noise", columns=6)

# %% [markdown]
# What does it do, and what does it cost? Here are small trainings, with three [seeds](../../../docs/glossary.md#seed) each, on a quarter of the pictures:

# %%
figures = results.load("lecture4_shortcuts")["figures"]  # name -> one fraction a seed
mean = {name: results.Measured(tuple(seeds)).mean for name, seeds in figures.items()}
trainings = ("perfect lens", "cheap lens", "cheap lens, colour dropped")
asked = ("own pictures", "perfect lens", "pictures of nothing")
title = "The small cheat has begun: right where there is nothing to see. Dropping colours takes most of it away"
plots.side_by_side(
    {f"trained: {t}": {f"asked: {a}": mean[f"{t}: {a}"] for a in asked} for t in trainings},
    title=title,
    unit="right positions, means over three seeds",
    chance=1 / 8,
)

# %%
trained = ("perfect lens", "perfect lens, colour dropped", *trainings[1:], "untrained encoder")
worth = {name: round(100 * mean[f"{name}: linear probe"], 1) for name in trained}
title = "And what are their features worth?"
unit = "linear probe with 10 labels a class, pictures through the perfect lens, in %"
plots.bars(worth, title=title, unit=unit, highlight=["cheap lens"])

# %% [markdown]
# *Means over three seeds, test pictures: `benchmarks/lecture4_shortcuts.py`, in `benchmarks/results/lecture4_shortcuts.md`.*
#
# Even a small training has begun to cheat. Through its own lens it does better than honest work, on pictures of nothing it is far above guessing, and its features are worth less than honest ones.
# Colour dropping takes most of the cheat away: where there is nothing, little is read. **But the remedy has a price**: with two colours of three gone the puzzle is harder, and in so short a training the features lose by it as much as by the cheat. For our own pictures,
# which have no fringes, we do without it.
#
# **Try it.**
#
# * ●○○○○ How weak may the fringes be before the other one loses its way? Use the slider.
# * ●●○○○ Would turning pictures to grey do as well as dropping two channels? What does the encoder see afterwards, when it is used on coloured pictures?
# * ●●●●○ Train a third network through the lens *with* colour dropping (`selfsup.patches(16, 4, 2, drop_colour=True)`) and put it into the figures of this section.
#
# <details><summary><b>Think.</b> How would you have found out, without knowing of lenses?</summary>
#
# As the authors did: look at the nearest neighbours, not at the loss. A pretext accuracy that is <i>too good</i> is a warning. Test on pictures where the task can't be solved. Take the suspected cue away and see whether the
# accuracy falls. And measure what you want, not what you train: the downstream task told at once, in section 5.
# </details>
#
# <details><summary><b>Think.</b> Which shortcuts might the rotation task of lecture 3 have?</summary>
#
# A horizon, light that always comes from above, black corners of pictures that were turned with interpolation, the date that a camera prints into the lower right corner. Whatever tells <i>up</i> without telling <i>what</i>.
# </details>

# %% [markdown]
# ## What to remember
#
# 1. **Cutting a picture makes labels**: which of eight places is the other patch's? To know it one must know the parts of things.
# 2. **One encoder, looked through twice**; only the last layer knows which patch was which.
# 3. **[Pretext accuracy](../../../docs/glossary.md#pretext-accuracy) is not feature quality.** The cheat was better at the puzzle and worse at everything else.
# 4. **Networks take the cheapest way that works.** Borders and colour fringes are such ways. Gap, jitter and colour dropping close them without closing the task.
# 5. **Look for the shortcut on purpose**: nearest neighbours, pictures of nothing, the cue taken away, and the downstream measure.
#
# ## To discuss
#
# * Is a person who solves a jigsaw puzzle by the form of the pieces cheating?
# * Where does a supervised network have shortcuts, and who would notice?
# * Your camera corrects its lens in software. Is the shortcut gone from your photographs?
# * Would you rather remove a shortcut from the data or from the network?
#
# ## Now you
#
# **Lab 4** (`notebooks/labs/lab4_patches.ipynb`): you write `neighbour_offset`, `sample_pair`, `pair_batch`, `drop_colour`, `PatchNet`, `pretext_step` and `nearest`, and train the network that plays the quiz.
#
# **Next lecture:** the pretext task that won: *these two views show the same picture.*
#
# ## References
#
# * Doersch, Gupta, Efros: *Unsupervised visual representation learning by context prediction*, ICCV 2015, [arXiv 1505.05192](https://arxiv.org/abs/1505.05192): the task, both shortcuts, and their remedies (section 3.1).
# * Noroozi, Favaro: *Unsupervised learning of visual representations by solving jigsaw puzzles*, ECCV 2016, [arXiv 1603.09246](https://arxiv.org/abs/1603.09246): nine pieces at once, and more shortcuts.
# * Geirhos et al.: *Shortcut learning in deep neural networks*, Nature Machine Intelligence 2020, [arXiv 2004.07780](https://arxiv.org/abs/2004.07780).
