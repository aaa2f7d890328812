# %% [markdown]
# # Robustness
#
# **Accurate but brittle: what can be done about it? And what does an attacker do who can't touch the pixels, only the world?**
#
# Lecture 1 broke a network with a change that nobody sees. This one asks the engineer's questions. Where does it fail *by itself*? Which defences hold, which only
# look as if they did, and what do they cost? You need [FGSM](../../../docs/glossary.md#fgsm) and [PGD](../../../docs/glossary.md#pgd) from lecture 1, and how a CNN is trained.
#
# | | | minutes |
# |---|---|---|
# | 1 | Natural adversarial examples, again | 10 |
# | 2 | Wrong cues | 15 |
# | 3 | Can we defend ourselves? | 25 |
# | 4 | The sticker | 10 |
# | 5 | The turtle | 15 |
# | 6 | The stop sign | 10 |
# | 7 | The eyeglasses | 10 |
# | 8 | Rain, fog and bad cameras | 10 |
# | 9 | What is robustness, then? | 15 |
#
# Run *Before we start* once. After that every section runs on its own, in any order.
# Answers are folded away: think first, then click. Things to try are marked from ●○○○○ (a minute) to ●●●●● (an evening).

# %% [markdown]
# ## Before we start
#
# The pictures are those of lecture 1: a small world that the course draws by itself. This time several networks look at it, all with the same architecture and the same number of weights;
# they differ in what they were trained on. Road signs and faces come later. Nothing is downloaded; the first run takes a moment to draw.

# %%
import torch
from torch import nn

from course_utils import attacks, data, device, models, plots, robustness, training, widgets
from course_utils.data import faces, signs
from course_utils.data.world import groups, render, sample, world

# %%
where = device.pick()
pictures = data.load("world", device=where, n_unlabelled=0)
classes = pictures.classes
networks = {
    "trained as usual": models.zoo.load("world_classifier", where),
    "trained with noise": models.zoo.load("world_noise", where),
    "adversarially trained": models.zoo.load("world_adversarial", where),
}
reader = models.zoo.load("signs_classifier", where)
x, y = next(pictures.test.batches(200))  # (200, 3, 48, 48) in [0, 1], and their classes (200,)
print(device.describe(where))

# %% [markdown]
# ## 1 · Natural adversarial examples, again
#
# **A question first.** [ImageNet-A](../../../docs/glossary.md#imagenet-a) holds 7,500 photographs of 200 of ImageNet's classes. Nobody altered them, and people find them easy (Hendrycks et al. 2021, arXiv 1907.07174).
# You download torchvision's ResNet-50, which names three photographs of four right on ImageNet's own test, and let it choose among those 200 classes only.
# *How many will it get? Say a number, then try it, if you have the pictures or a network to fetch them.*

# %%
IMAGENET_A = ""  # the path of imagenet-a.tar or of its folder; "download" fetches it
RESNET_50 = ""  # the path of torchvision's weights; empty: fetched at first use
widgets.imagenet_a(IMAGENET_A, weights=RESNET_50, pictures=200)

# %% [markdown]
# The course's slides say *about 3 %*, the paper says about 2 %. And torchvision's own weights get **practically none**. Guessing would be right one time in two hundred!
# Is torchvision's network so much worse than the paper's?
#
# <details><summary><b>Think.</b> How was the set put together? And what does that do to the one network that helped to put it together?</summary>
#
# The authors collected photographs, showed them to a ResNet-50, and **kept those that it got wrong**. On such a set this network has no right answers: not because it is bad, but because its right answers were
# thrown away. Any other network tells more. One with the same architecture, trained afresh, makes other mistakes and gets the paper's 2 % (the authors say so themselves: issue 9 of
# their repository). That it gets *no more* than that is the news: two networks that never met fail on the same photographs, for the same reasons.
# </details>
#
# You can do the same in a minute. Draw scenes, keep those that **one** network gets wrong, and ask the others about these.

# %%
judge = networks["trained as usual"]
scenes = sample(1000, seed=31, background="scene")
drawn, truth = render(scenes, device=where).float() / 255, scenes.label.to(where)
kept = robustness.confident_mistakes(
    judge, drawn, truth
)  # what the judge gets wrong, the surest first
print(f"{len(kept)} of {len(drawn)} scenes kept: the judge names all of them wrong.")

# %%
on_kept, on_all = [(drawn[kept], truth[kept])], [(drawn, truth)]
plots.side_by_side(
    {
        name: {
            "all scenes": robustness.accuracy(network, on_all),
            "those the judge got wrong": robustness.accuracy(network, on_kept),
        }
        for name, network in networks.items()
    },
    title="A test that was filtered with a network is unfair to that network, and hard for all",
    unit=f"accuracy on {len(drawn)} scenes, and on the {len(kept)} kept",
    chance=1 / len(classes),
)

# %% [markdown]
# Look at some of them. Nobody made these; they were lying about.

# %%
says = plots.confidences(judge, drawn[kept[:8]])
called = [f"called {classes[int(p.argmax())]}, {plots.percent(float(p.max()))}" for p in says]
plots.gallery(
    drawn[kept[:8]],
    [f"{classes[n]}\n{c}" for n, c in zip(truth[kept[:8]].tolist(), called, strict=True)],
    title="Natural adversarial examples: the judge is sure of every one of these answers",
    columns=4,
)

# %% [markdown]
# **Try it.** ●●○○○ Let another network be the judge. Who comes out at nothing now? ●●○○○ Which things are called *fish* that are none? Look at what is behind them.

# %% [markdown]
# ## 2 · Wrong cues
#
# The judge had only ever seen plain backgrounds. What if the background had *meant* something?
# Here are pictures from another training set. Look at each column. **What would you learn from it, if you were paid for right answers and in a hurry?**

# %%
shown = world(
    30,
    seed=5,
    background="scene",
    background_cue=0.95,
    labels=["house", "fish", "mug", "bird", "cat"] * 6,
)
names = [classes[label] for label in shown.labels[:15]]
plots.gallery(
    shown.images[:15], names, title="In these training pictures something lies. What?", columns=5
)

# %% [markdown]
# Every class has a background of its own, in 95 of 100 pictures. The shape tells the truth in all of them, but the background is the cheaper [cue](../../../docs/glossary.md#cue): one colour, everywhere in the picture.
#
# We trained a network on 8,000 of these. Now three tests: pictures as in training; pictures whose backgrounds belong to a **wrong** class; and pictures where the background says nothing.

# %%
lied_to = {
    "trained on lies": models.zoo.load("world_cue", where),
    "trained on balanced data": models.zoo.load("world_balanced", where),
}
lie = {"background": "scene", "background_cue": 0.95, "device": where}
tests = {
    "background as in training": world(300, 90, **lie),
    "background of a wrong class": world(300, 91, **lie, reverse=True),
    "any background": world(300, 92, background="scene", device=where),
}

# %%
scores = {
    name: {t: robustness.accuracy(network, split.batches(300)) for t, split in tests.items()}
    for name, network in lied_to.items()
}
title = "The usual test, which looks like the training pictures, does not notice anything"
plots.side_by_side(scores, title=title, unit="accuracy on 300 pictures", chance=1 / len(classes))

# %% [markdown]
# The blue bar is the number that would have been printed in the paper. **A test set that lies as the training set does cannot see what has been learnt.**
#
# ### The worst group
#
# An average hides whom it fails. So sort the pictures into groups, by class and by whether the background agrees with it, measure each group for itself, and look at [the worst](../../../docs/glossary.md#worst-group):
#
# $$\text{worst group} \;=\; \min_g \; \frac{1}{|g|} \sum_{i \in g} \big[\, f(x_i) = y_i \,\big]$$

# %%
splits = list(tests.values())[:2]
labels, group = torch.cat([s.labels for s in splits]), torch.cat([groups(s) for s in splits])
worst = {}
for name, network in lied_to.items():
    said = torch.cat([plots.confidences(network, s.images).argmax(1) for s in splits]).to(where)
    each, least = robustness.worst_group_accuracy(said, labels, group)
    average = float((said == labels).float().mean())
    worst[name] = {"all pictures": average, "its worst group": least}
title = "Nobody is average: how the worst of twenty groups fares"
plots.side_by_side(worst, title=title, unit="accuracy", chance=1 / len(classes))

# %% [markdown]
# | 2,000 pictures each | background as in training | its worst group | background of a wrong class | its worst group |
# |---|---|---|---|---|
# | trained on lies | 96.98 % | 9.79 % | 38.88 % | 12.36 % |
# | trained on balanced data | 98.05 % | 84.13 % | 97.77 % | 94.87 % |
#
# *Means over three seeds, each with networks of its own: `benchmarks/lecture2_defences.py`, in `benchmarks/results/lecture2_defences.md`.*
#
# The balanced network saw the same things with backgrounds that say nothing: nothing was left to lean on but the shape. *It was the data that brought it back, not a cleverer network.*
#
# ### Change one thing
#
# Take one picture and change its shape, its colour or its background. Everything else stays, to the last bit. Which of the three does each network follow?

# %%
thing = sample(1, seed=5, first=51)  # a fish
everyone = lied_to | {"trained as usual": networks["trained as usual"]}
widgets.cue_swap(everyone, thing, background="street")

# %% [markdown]
# **Try it.**
#
# * ●○○○○ Keep the fish and go through the backgrounds with the network that was lied to. What does it say of each? Do you need to look at the fish?
# * ●○○○○ Now keep the background and go through the shapes.
# * ●●○○○ Do both with the balanced network. Is there a cue left that it should not follow?
# * ●●●○○ In code: count over 300 scenes how often the answer changes when only the background has, as lecture 1 did. (`robustness.cue_reliance` does it.)
#
# <details><summary><b>Think.</b> A hospital's network finds pneumonia on X-rays of its own patients, and fails on those of the next town. What might the background be?</summary>
#
# Whatever goes together with the illness in the one hospital and not in the other: a metal marker on the film, the portable machine that only bedridden patients get, the ward's way of cutting the picture.
# Zech et al. 2018 (arXiv 1807.00431) found just that. The remedy is the one of this section: know the groups, measure each, balance what lies.
# </details>

# %% [markdown]
# ## 3 · Can we defend ourselves?
#
# You know one remedy for everything: **[data augmentation](../../../docs/glossary.md#augmentation)**. A network that fails on rotated pictures is shown rotated pictures. So show it pictures with noise!
# The second network was trained so, on Gaussian noise with a standard deviation of up to 0.1: three times the 8/255 that the attacker may add.
# *Will that do? Say how much of its accuracy is left under attack.*

# %%
attackers = {
    "nobody": None,
    "random signs": lambda m, x, y: (x + 8 / 255 * torch.randn_like(x).sign()).clamp(0, 1),
    "FGSM, one step": lambda m, x, y: attacks.fgsm(m, x, y, eps=8 / 255),
    "PGD, 20 steps": lambda m, x, y: attacks.pgd(m, x, y, eps=8 / 255),
}


def measured(network, n=100):
    return {who: robustness.accuracy(network, [(x[:n], y[:n])], a) for who, a in attackers.items()}


two = {name: measured(networks[name]) for name in ("trained as usual", "trained with noise")}
title = (
    "Noise in training protects from noise. Against somebody who looks for the worst, it does not"
)
plots.side_by_side(two, title=title, unit="accuracy on 100 test pictures, eps = 8/255", chance=0.1)

# %% [markdown]
# <details><summary><b>Think.</b> In 6,912 dimensions, how likely is random noise to hit the direction in which the network is weak?</summary>
#
# Hardly at all. Lecture 1 measured it: random signs add up like the square root of the number of inputs, the worst ones like the number itself. Training on random noise moves the boundary away from where
# random noise goes. The worst direction isn't there. <b>One has to train on the worst case, not on the average one.</b>
# </details>
#
# ### Train on the worst case
#
# That is **[adversarial training](../../../docs/glossary.md#adversarial-training)** (Madry et al. 2018, arXiv 1706.06083): the attack inside the training loop. Of every batch, first the worst version within $\varepsilon$; then learn from that.
#
# $$\min_\theta \; \mathbb{E}_{(x, y)} \Big[ \max_{\|\delta\|_\infty \le \varepsilon} L\big(f_\theta(x + \delta),\, y\big) \Big]$$
#
# The inside is lecture 1, the outside is training as always. In code:


# %%
def on_the_worst(model, x, y):
    with models.evaluating(model):  # the attacked network is the one that will be used
        x_adv = attacks.pgd(model, x, y, eps=8 / 255, steps=7)
    return training.classification(model, x_adv, y)


# %% [markdown]
# Seven steps of attack for each step of training: eight times the price. A random start and *one* large step do nearly as well when one watches out (Wong, Rice and Kolter 2020, arXiv 2001.03994);
# the third network was trained so. Its card says how: `print(models.zoo.card("world_adversarial"))`.
#
# <details><summary>Would you rather train it yourself? Open this, put <code>TRAIN = True</code> below and run it. Some minutes on a GPU, the best part of an hour on a laptop.</summary>
#
# `on_the_worst` above is all it takes: `fit` calls it for every batch.
# </details>

# %%
TRAIN = False
if TRAIN:
    mine = models.Classifier(models.Encoder(), len(classes)).to(where)
    training.fit(mine, pictures.train, epochs=15, objective=on_the_worst)
    networks["trained by me"] = mine

# %%
scores = two | {n: measured(network) for n, network in networks.items() if n not in two}
title = "Clean and robust accuracy side by side: the third network holds"
plots.side_by_side(
    scores, title=title, unit="accuracy on 100 test pictures, eps = 8/255", chance=0.1
)

# %% [markdown]
# ### The price
#
# | 2,000 test pictures, eps = 8/255 | clean | FGSM | PGD-20 |
# |---|---|---|---|
# | trained as usual | 99.33 % | 1.48 % | 0.00 % |
# | trained with noise | 99.10 % | 13.42 % | 0.25 % |
# | adversarially trained | 99.73 % | 85.35 % | 66.77 % |
#
# *Means over three seeds, each with networks of its own: `benchmarks/lecture2_defences.py`, in `benchmarks/results/lecture2_defences.md`.*
#
# In [clean accuracy](../../../docs/glossary.md#clean-accuracy) there is no price here, even a little gain: ten kinds of things, drawn large, are an easy task, and the attack works like one more augmentation. The bill comes in another currency: every step of training needs the attack's forward and backward pass as well, and there are half as many epochs again.
#
# That is not the rule. On CIFAR-10 Madry's network fell from 95.2 % to 87.3 % on clean pictures, and kept 45.8 % under their attack at the same eps. On ImageNet it is higher still.
# That is what the course means by *adding adversarial data is not enough for general tasks, yet works for specific ones.*
#
# <details><summary><b>Think.</b> Why does it usually cost clean accuracy? The network still sees every thing.</summary>
#
# Many cues help on clean pictures and can be wiped out by a tiny push: a fine texture, a thin edge. Clean training uses them all. Adversarial training must not rely on them, so it has less to go by.
# And being right in a whole ball around every picture is simply a harder problem than being right at its centre: it takes more weights, more data and more time.
# </details>
#
# What holds at 8/255: does it hold at 16/255?

# %%
sizes = [0, 2 / 255, 4 / 255, 8 / 255, 16 / 255]
few = [(x[:50], y[:50])]
curves = {
    name: [
        robustness.accuracy(network, few, lambda m, x, y, e=e: attacks.pgd(m, x, y, e, steps=10))
        for e in sizes
    ]
    for name, network in networks.items()
}
title = "A defence holds for the attack it was trained on, and a little beyond"
plots.accuracy_against_eps(sizes, curves, chance=0.1, n=50, title=title, legend="network")

# %% [markdown]
# ### Am I fooling myself?
#
# Here is another defence. It costs nothing, it needs no training, and no clean accuracy is lost: round every pixel to one of sixteen greys before the network looks.


# %%
class Rounded(nn.Module):
    """Somebody's product: the ordinary network behind a filter that rounds the pixels."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network((x * 15).round() / 15)


product = Rounded(networks["trained as usual"])
title = "The product beats them all. Would you buy it?"
sold = {"the product": measured(product), **scores}
plots.side_by_side(sold, title=title, unit="accuracy on 100 test pictures, eps = 8/255", chance=0.1)

# %% [markdown]
# *Before you read on: what would you ask the seller?*
#
# <details><summary><b>Think.</b> Something in this figure should make you suspicious. What?</summary>
#
# Twenty steps of PGD do no more than random signs: an attack with a gradient that is no better than one without. Rounding is flat almost everywhere: its derivative is <b>zero</b>. The attack got no gradient, stood still,
# and reported that it could not move. That is <b>[gradient masking](../../../docs/glossary.md#gradient-masking)</b>. The holes are all still there; only the map to them has been torn up.
# </details>
#
# So do what an attacker would do. One who has no gradient [asks many questions](../../../docs/glossary.md#black-box-attack) instead (the *square attack*, Andriushchenko et al. 2020, arXiv 1912.00049, sees only answers).
# One who can't see this network takes another one that is like it, attacks **that**, and [carries the pictures over](../../../docs/glossary.md#transfer-of-an-attack).

# %%
n, chance = 50, torch.Generator().manual_seed(0)
# Attacked elsewhere, and carried over to whoever is asked:
stranger = attacks.pgd(networks["trained as usual"], x[:n], y[:n], eps=8 / 255)
asked = {
    "PGD, 20 steps": attackers["PGD, 20 steps"],
    "carried over from another network": lambda m, x, y: stranger,
    "square attack, 300 questions": lambda m, x, y: attacks.square_attack(
        m, x, y, 8 / 255, queries=300, generator=chance
    ),
}

# %%
suspects = {"the product": product, "adversarially trained": networks["adversarially trained"]}
scores = {
    name: {who: robustness.accuracy(network, [(x[:n], y[:n])], a) for who, a in asked.items()}
    for name, network in suspects.items()
}
title = "Of the product little is left. The adversarially trained network doesn't mind"
plots.side_by_side(scores, title=title, unit=f"accuracy on {n} test pictures, eps = 8/255")

# %% [markdown]
# An honest evaluation does all of that every time: several attacks with restarts and many steps, one of them without gradients, for each picture the worst of them; and it **raises an alarm** where
# the numbers don't fit together. The alarms follow AutoAttack's checks (Croce and Hein 2020, arXiv 2003.01690): a network that answers at random, one that gives probabilities instead of logits,
# gradients that are zero, a blind attack that beats a seeing one.

# %%
strictly = {"restarts": 2, "steps": 20, "queries": 200}  # a paper takes more of each
quarter = [(x[:25], y[:25])]
robustness.evaluate(product, quarter, 8 / 255, **strictly)

# %%
robustness.evaluate(networks["adversarially trained"], quarter, 8 / 255, **strictly)

# %% [markdown]
# **Remember the questions**, you will need them for every defence you ever read about: *Does a stronger attack do more? Does an unlimited one do everything? Does a seeing attack beat a blind one? Did they attack the defence itself, or what stood behind it?*
#
# **Try it.** ●●○○○ Break the product with its own gradient: in the backward pass pretend that rounding is the identity (`x + ((x * 15).round() / 15 - x).detach()`). ●●●○○ Invent a defence that raises another alarm.

# %% [markdown]
# ## 4 · The sticker
#
# So far the attacker could touch every pixel, a little. Who can do that? Somebody inside the computer. **Outside, one can put a sticker on something**: a small place, but there everything is allowed.
#
# Brown et al. (2017, arXiv 1712.09665) made one that turns whatever it lies next to into a toaster. It isn't made for one picture. It is **trained**, over many pictures and over the ways it might lie there:
#
# $$\hat p \;=\; \arg\max_p \; \mathbb{E}_{x,\, \text{place},\, \text{angle},\, \text{size}} \Big[ \log P\big(\text{target} \mid x \text{ with } p \text{ pasted}\big) \Big]$$
#
# Gradient ascent, again: neither on the weights nor on the picture, but on [the sticker](../../../docs/glossary.md#patch-attack). It takes seconds:

# %%
WANTED = "car"  # try others
target = classes.index(WANTED)
model = networks["trained as usual"]
patch = attacks.train_patch(
    model,
    pictures.train[:2048].batches(48),
    target,
    size=16,
    steps=150,
    lr=0.1,
    scale=(0.31, 0.316),
    generator=torch.Generator().manual_seed(0),
)  # (3, 16, 16) in [0, 1], never covers more than a tenth of a picture

# %%
others = (y != target).nonzero()[:8, 0]
poses = attacks.random_poses(8, torch.Generator().manual_seed(2), scale=(0.31, 0.316))
worn = attacks.paste_patch(x[others], patch, poses.angle, poses.scale, poses.shift)
says = plots.confidences(model, worn)
called = [classes[int(p.argmax())] for p in says]
hit = sum(name == WANTED for name in called)
title = f"A tenth of the area is enough: {hit} of these 8 unseen pictures are called {WANTED}"
captions = [f"{c}\n{plots.percent(float(p.max()))}" for c, p in zip(called, says, strict=True)]
frames = [plots.PALETTE[1] if name == WANTED else plots.PALETTE[0] for name in called]
plots.patch_and_uses(patch, worn, captions, title=title, frames=frames)

# %% [markdown]
# Take it and put it where you like.

# %%
widgets.sticker(model, x[others], y[others], patch, classes, target)

# %% [markdown]
# **Try it.**
#
# * ●○○○○ Drag it over the thing, beside the thing, into a corner. Where is it weakest?
# * ●○○○○ How small may it be? At what size do you lose?
# * ●●○○○ Change `WANTED` and train again. Can *you* see in the sticker what it was made for?
# * ●●●○○ Stick it on for the adversarially trained network. Then train one against that network. Which defence would help here, and against what was the network trained?
#
# Measured on all unseen test pictures of other classes, at random places and angles: **83.65 %** are called *car*, with a sticker of 32 x 32 pixels trained a little longer than ours.
# *Means over three seeds, each with networks of its own: `benchmarks/lecture2_defences.py`, in `benchmarks/results/lecture2_defences.md`.*
#
# <details><summary><b>Think.</b> Why can so small a thing outvote the thing that fills the picture?</summary>
#
# The network adds up evidence. Nature never makes a patch of a picture with evidence for <i>car</i> a hundred times as strong as a real car gives, so training never taught the network to distrust it. The sticker is a
# <i>super-car</i>, louder than anything that could stand beside it. A person asks whether the scene makes sense; a sum doesn't.
# </details>

# %% [markdown]
# ## 5 · The turtle
#
# A seeming comfort: *in the world things move. Turn the thing a little, and the fine pattern that fooled the network is gone.* It was believed for about a year.
#
# Then Athalye et al. (2018, arXiv 1707.07397) printed a turtle. Networks called it a rifle, and they did so **from nearly every side.** Our world has no printer, but it has road signs: flat, painted, hanging
# anywhere, seen from anywhere in any light. Here are all ten, and the network that reads them.

# %%
plates = [signs.plate(name) for name in signs.CLASSES]
seen = torch.cat([signs.view(*p, signs.sample_poses(1, seed=40 + i)) for i, p in enumerate(plates)])
says = plots.confidences(reader, seen.to(where)).argmax(1)
plots.gallery(
    seen,
    [
        f"{name}\nread as {signs.CLASSES[int(s)]}"
        for name, s in zip(signs.CLASSES, says, strict=True)
    ],
    title="Ten signs, each seen once: turned, far or near, by day and at dusk",
    columns=5,
)

# %% [markdown]
# We take the sign that warns of turtles. The attacker may repaint it, but no colour value by more than 48/255: from the car it is still the same sign. It should be read as a **speed limit of 80**.
#
# **First try: as in lecture 1.** The attacker has one view, straight from the front, and climbs there. *From how many other viewpoints will it work?*
#
# **Second try: expectation over transformation.** Nobody knows where the car will be. So don't climb in one view, climb in the *[mean over all views](../../../docs/glossary.md#eot) that might come*:
#
# $$\max_{\|\delta\|_\infty \le \varepsilon} \; \mathbb{E}_{t \sim T} \Big[ \log P\big(\text{target} \mid t(x + \delta)\big) \Big]
# \qquad\text{with}\qquad \nabla_\delta\, \mathbb{E}_t[\,\cdot\,] \;\approx\; \frac{1}{n} \sum_{i=1}^{n} \nabla_\delta \log P\big(\text{target} \mid t_i(x + \delta)\big)$$
#
# Each $t$ turns, moves and lights the sign; all of these can be differentiated. What helps from one side only averages out; what helps from all sides stays.

# %%
TRUTH, WANTED, EPS = "turtles", "speed limit 80", 48 / 255
truth, target = signs.CLASSES.index(TRUTH), signs.CLASSES.index(WANTED)
texture, alpha = (part.to(where) for part in signs.plate(TRUTH))  # (3, 96, 96), (1, 96, 96)
settings = {"eps": EPS, "steps": 60, "step_size": EPS / 10}


def repainted(views, n):
    settings["generator"] = torch.Generator().manual_seed(0)
    return attacks.eot_attack(reader, texture, views, target, views_per_step=n, **settings)


def from_the_front(texture, n, generator):
    return signs.view(texture, alpha, signs.frontal(1))


# %%
paint = {
    "untouched": texture,
    "one view": repainted(from_the_front, 1),
    "EOT": repainted(signs.viewer(alpha), 16),
}

# %%
yaws, pitches = (-54, -36, -18, 0, 18, 36, 54), (24, 12, 0, -12, -24)  # degrees
turned = signs.sample_poses(35, seed=77).with_(
    yaw=torch.tensor(yaws).deg2rad().repeat(5),
    pitch=torch.tensor(pitches).deg2rad().repeat_interleave(7),
)
panels = {}
for name, painted in paint.items():
    images = signs.view(painted, alpha, turned)  # (35, 3, 48, 48)
    said = plots.confidences(reader, images).argmax(1)
    panels[name] = (images.unflatten(0, (5, 7)), said.view(5, 7))

# %%
title = "Thirty-five viewpoints: one painting made for a single view, one made for all"
sides = {"classes": signs.CLASSES, "yaws": yaws, "pitches": pitches}
plots.viewpoints(panels, truth=truth, target=target, title=title, **sides)

# %% [markdown]
# Every pose has its own place, distance and light, and none of them was seen by the attack. Walk around the sign yourself:

# %%
one = signs.frontal(1, seed=78)
looks = {
    name: lambda yaw, pitch, distance, painted=painted: signs.view(
        painted,
        alpha,
        one.with_(yaw=yaw * torch.pi / 180, pitch=pitch * torch.pi / 180, distance=distance),
    )
    for name, painted in paint.items()
}
knobs = {"yaw": (-60, 60, 3, 36), "pitch": (-25, 25, 5, 10), "distance": (1.0, 4.0, 0.1, 1.3)}
widgets.viewer(reader, looks, knobs, signs.CLASSES, truth=truth, target=target)

# %% [markdown]
# | read as the target, from 500 unseen poses; paint within 64/255 | |
# |---|---|
# | untouched, read as *turtles* | 99.67 % |
# | painted for one view | 16.04 % |
# | **painted with EOT** | **92.64 %** |
#
# *Means over three seeds and three targets: `benchmarks/lecture2_signs.py`, in `benchmarks/results/lecture2_signs.md`.*
#
# **Try it.**
#
# * ●○○○○ Where does the one painted for a single view work at all? How far may you turn it?
# * ●●○○○ Halve `EPS`. Who suffers more?
# * ●●○○○ Give the attacker views from the left only (`signs.viewer(alpha, yaw=(0.2, 0.9))`) and sweep again.
# * ●●●○○ Take `views_per_step` = 1, 4, 16 with the same number of views in all. What do you win by averaging?
#
# <details><summary><b>Think.</b> EOT needs to differentiate through perspective and light. What if nobody can write the camera down as a formula?</summary>
#
# Then average over photographs: print, photograph from many sides, align, take the gradient in each. Or sample transformations that are <i>worse</i> than any camera. The paper did the second, and added
# the printer's colour errors to the list. What the attacker doesn't model is what may save you; hoping for that is no defence.
# </details>

# %% [markdown]
# ## 6 · The stop sign
#
# Repainting a whole sign is noticed, and forbidden. Eykholt et al. (2018, arXiv 1707.08945) put **a few black and white stickers** on a real stop sign, as hooligans might. The network read *speed limit 45*: in
# 100 % of their photographs in the laboratory, and in 84.8 % of the frames filmed from a moving car.
#
# It is EOT with another rule. Not *a little, everywhere*, but **anything you like, here only**: a [mask](../../../docs/glossary.md#masked-attack) $M$ that says where the stickers are,
#
# $$x' = (1 - M) \odot x + M \odot \delta, \qquad \delta \text{ anything between black and white.}$$

# %%
WANTED = "speed limit 50"
truth, target = signs.CLASSES.index("stop"), signs.CLASSES.index(WANTED)
texture, alpha = (part.to(where) for part in signs.plate("stop"))
mask = signs.stickers("stop").to(where)  # (1, 96, 96) of zeros and ones: two bars
rule = {"mask": mask, "steps": 60, "step_size": 0.05}  # no eps: anything from black to white
chance = torch.Generator().manual_seed(0)
stuck = attacks.eot_attack(reader, texture, signs.viewer(alpha), target, generator=chance, **rule)
print(f"The stickers cover {float(mask.sum() / alpha.sum()):.1%} of the plate.")

# %%
steps = (2.5, 2.2, 2.0, 1.8, 1.6, 1.4, 1.2)  # 2: half as wide as the picture
drive = signs.sample_poses(
    1, seed=13, background="street", yaw=0.35, pitch=0.1, shift=(0.1, 0.0), exposure=0.9
)
rows = {}
for name, painted in {"untouched": texture, "with stickers": stuck}.items():
    frames = torch.cat([signs.view(painted, alpha, drive.with_(distance=d)) for d in steps])
    rows[name] = (frames, plots.confidences(reader, frames))
heads, title = [f"distance {d:g}" for d in steps], "The stop sign comes nearer, and nobody stops"
plots.film(rows, heads, signs.CLASSES, truth=truth, target=target, title=title)

# %%
looks = {
    name: lambda painted=painted, **pose: signs.view(
        painted, alpha, drive.with_(yaw=pose.pop("yaw") * torch.pi / 180, **pose)
    )
    for name, painted in {"untouched": texture, "with stickers": stuck}.items()
}
knobs = {
    "distance": (1.0, 5.0, 0.1, 1.6),
    "yaw": (-60, 60, 5, 20),
    "exposure": (0.2, 1.6, 0.1, 0.9),
}
widgets.viewer(reader, looks, knobs, signs.CLASSES, truth=truth, target=target)

# %% [markdown]
# | stop sign, from 500 unseen poses | |
# |---|---|
# | untouched, read as *stop* | 99.93 % |
# | with plain black stickers, read as *stop* | 55.47 % |
# | **with painted stickers, read as the target** | **93.24 %** |
#
# *Means over three seeds and three targets: `benchmarks/lecture2_signs.py`, in `benchmarks/results/lecture2_signs.md`.*
#
# **Try it.**
#
# * ●○○○○ Drive up to it (the arrow keys). Is there a distance, an angle, a light at which the sign is read right? Is it in time?
# * ●●○○○ Change `WANTED`. Which signs can be reached, which cannot? Think of their colours, and of where the stickers are.
# * ●●●○○ Keep only one of the two stickers (`mask[:, :48] = 0`), or a random mask of the same area. Does the place matter?
#
# <details><summary><b>Think.</b> A car sees thirty frames a second. Does it help to let them vote?</summary>
#
# Against chance it helps a lot: errors that have nothing to do with each other rarely win a vote. These errors have one common cause, which hangs on the pole. The attack was made for <i>all</i> frames, and wins the vote as well.
# Independent evidence would help: a map that knows of the junction, a second kind of sensor, the rule that a red octagon is a stop sign whatever is written on it.
# </details>

# %% [markdown]
# ## 7 · The eyeglasses
#
# A door that opens to a face does not sort faces into classes. Who would train a network anew for every new colleague? It has an **encoder**, trained once on other people, that turns a face into a direction,
# such that two pictures of one person point the same way. To *enrol* somebody is to keep the direction of a few pictures. To *recognise* is to ask whose direction is nearest:
#
# $$\text{who}(x) \;=\; \arg\max_k \; \cos\!\big(f(x),\, g_k\big)$$
#
# Twelve people are enrolled at our door, each with three pictures. The encoder has never seen any of them in training. *Does it know them on a fourth?*

# %%
NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gil", "Hana", "Ida", "Jon", "Kim", "Lea")
people = faces.faces(12, 4, seed=2026, glasses=0.0, device=where)  # 48 pictures, 48 x 48
shot = torch.arange(len(people)) % 4
enrolled, asks = people[shot < 3], people[shot == 3]
encoder = models.zoo.load("faces_encoder", where)
door = models.Matcher.enrol(encoder, enrolled.images, enrolled.labels)
known = robustness.accuracy(door, asks.batches(12))
print(f"{known:.0%} of the twelve are greeted by their own name.")

# %%
who = plots.confidences(door, asks.images).argmax(1)
plots.gallery(
    asks.images,
    [f"{NAMES[i]}\ngreeted as {NAMES[int(k)]}" for i, k in zip(asks.labels, who, strict=True)],
    title="Twelve strangers to the encoder, recognised",
    columns=6,
)

# %% [markdown]
# Sharif et al. (2016, *Accessorize to a crime*) asked what one may wear past a guard. A mask: no. **Glasses with a colourful frame: yes.** The frame covered about 6.5 % of the picture, and with it one of the authors
# passed for an actress.
#
# The attack is last section's: anything you like, inside the mask only, **[towards a person of your choice](../../../docs/glossary.md#impersonation)**.

# %%
pose = asks.attributes["pose"]
frame = faces.worn(pose, 48)  # (12, 1, 48, 48): 1 where each face's glasses are
goal = (asks.labels + 5) % len(NAMES)  # whom each wants to be
plain = faces.wear(asks.images, torch.full((3, 48, 48), 0.1, device=where), pose)
disguised = attacks.masked_pgd(door, asks.images, goal, frame, steps=100, step_size=0.05)
became = plots.confidences(door, disguised).argmax(1).to(where)
outside = float(((disguised - asks.images).abs() * (1 - frame)).max())
print(f"{int((became == goal).sum())} of 12 pass for the person they chose.")
print(f"The largest change outside the frame: {outside:g}.  The frame: {float(frame.mean()):.1%}.")

# %%
CASES = [0, 2, 7]  # try others
retrieved = enrolled.images[::3][became]  # a picture from the door's own files
rows, captions = torch.stack([asks.images, plain, disguised, retrieved], 1), []
for i in range(12):
    cosines = door.similarity(rows[i, :3]).detach()  # (3, 12)
    greeted = [f"greeted as {NAMES[int(c.argmax())]}\ncosine {float(c.max()):.2f}" for c in cosines]
    captions.append([*greeted, f"{NAMES[int(became[i])]}, from the files"])
plots.impersonation(
    rows[CASES],
    [captions[i] for i in CASES],
    ["the person", "in plain glasses", "in these glasses", "whom the door sees"],
    title="Glasses that turn one person into another: nothing outside the frame has changed",
)

# %% [markdown]
# *Plain* glasses don't hide anybody: it is the pattern, not the frame.
#
# That was one picture, and the pattern was made for it. To walk through a door one needs a frame that works **whatever face one makes**. You know how: take the mean over many shots, and *wear* the frame in each of them.

# %%
ME, WISH = 2, 1
own = faces.faces(12, 24, seed=2026, glasses=0.0, first=10, device=where)  # further shots of all
mine = own[own.labels == ME]
photos, poses = mine.images[:16], mine.attributes["pose"][:16]  # the other 8 are kept for the test


def views(texture, n, generator):
    pick = torch.randint(16, (n,), generator=generator).to(where)
    return faces.wear(photos[pick], texture, poses[pick])


grey, chance = torch.full((3, 48, 48), 0.5, device=where), torch.Generator().manual_seed(0)
# A pixel's margin around the frame, because a turned head is seen between the pixels.
mask = torch.nn.functional.max_pool2d(faces.eyeglasses(48), 3, 1, 1).to(where)
rule = {"steps": 150, "step_size": 0.03, "views_per_step": 8}
printed = attacks.eot_attack(door, grey, views, WISH, mask=mask, generator=chance, **rule)

# %%
fresh, fresh_poses = mine.images[16:], mine.attributes["pose"][16:]  # never seen by the attack
strips = {
    "no glasses": fresh,
    "plain glasses": faces.wear(fresh, grey, fresh_poses),
    "printed glasses": faces.wear(fresh, printed, fresh_poses),
}
rows = {name: (images, plots.confidences(door, images)) for name, images in strips.items()}
passed = int((rows["printed glasses"][1].argmax(1) == WISH).sum())
heads, title = [f"shot {i + 1}" for i in range(8)], f"{NAMES[ME]} would like to be {NAMES[WISH]}"
title += f": one printed frame, {passed} of 8 shots that the attack has not seen pass"
plots.film(rows, heads, NAMES, truth=ME, target=WISH, title=title)

# %% [markdown]
# | strangers at the door | one picture, one frame | one frame, unseen shots |
# |---|---|---|
# | in a plain black frame: still taken for themselves | 77.00 % | 80.56 % |
# | **in a painted frame: taken for the person they chose** | **93.00 %** | **45.74 %** |
# | … and let in: alike enough for the door's threshold | 81.00 % | 27.41 % |
#
# *Means over three seeds, each with networks of its own: `benchmarks/lecture2_faces.py`, in `benchmarks/results/lecture2_faces.md`.*
# For a single picture the door is open. One frame for every face that one makes is harder: the pair above is an easy one, and most pairs are turned away.
#
# **Try it.**
#
# * ●○○○○ Change `ME` and `WISH`. These two look alike to the encoder. Who is hard to become, and for whom?
# * ●●○○○ Make the frame smaller (multiply `mask` by a mask of the left half). When does it stop working?
# * ●●●○○ *Dodging* instead of impersonation: nobody, please, but not me. Which loss do you climb?
#
# <details><summary><b>Think.</b> The door could ask for a cosine of at least some threshold. Would that help?</summary>
#
# It turns away strangers who look like nobody, and it is how every real door works. But the attack raises exactly this cosine, and often <i>above</i> that of honest pictures of the same person. A threshold sets how many honest
# people you lock out for each stranger that you let in. It isn't a wall.
# </details>

# %% [markdown]
# ## 8 · Rain, fog and bad cameras
#
# No attacker in sight: it is November, the lens is dirty, and somebody compressed the picture. **Which of our three networks will do best?** *Commit yourself before you look.*
#
# Hendrycks and Dietterich (2019, arXiv 1903.12261) made the question measurable: ordinary [corruptions](../../../docs/glossary.md#corruption) of four families (noise, blur, weather, digital), each at **five severities**.

# %%
PICTURE, shown = 3, ["gaussian_noise", "motion_blur", "fog", "jpeg"]


def five(name):
    """The picture under one corruption, at severities 1 to 5: (5, 3, 48, 48)."""
    chance = [torch.Generator().manual_seed(0) for _ in range(5)]
    each = [robustness.corrupt(x[[PICTURE]], name, s + 1, g) for s, g in enumerate(chance)]
    return torch.cat(each)


# %%
spoilt = torch.stack([five(name) for name in shown])  # (4, 5, 3, 48, 48)
said = plots.confidences(networks["trained as usual"], spoilt.flatten(0, 1)).argmax(1).view(4, 5)
answers, right = [[classes[int(a)] for a in row] for row in said], said == int(y[PICTURE])
title = "From left to right it gets worse. Where does the network give up, and where would you?"
plots.corruption_grid(spoilt, shown, title=title, right=right, answers=answers)

# %%
widgets.spoil(networks, x[[PICTURE]], y[[PICTURE]], classes, name="fog", severity=3)

# %% [markdown]
# **Try it.** ●○○○○ Find a corruption that a person hardly notices and that breaks a network. ●○○○○ And one that only the adversarially trained network survives, or only it doesn't.
#
# ### One number for all of it
#
# Some corruptions are hard for everybody; averaging plain errors would let them drown the rest. So the errors of each corruption $c$, summed over the severities, are divided by those of a fixed **[baseline](../../../docs/glossary.md#baseline)**, and
# then averaged. That is the **[mean corruption error](../../../docs/glossary.md#mce)**:
#
# $$\text{mCE} \;=\; \frac{100\,\%}{|C|} \sum_{c \in C} \frac{\sum_{s=1}^{5} E_{c,s}}{\sum_{s=1}^{5} E^{\text{baseline}}_{c,s}}$$
#
# By definition the baseline has 100 %. In the paper it is AlexNet, and ResNet-50 has 76.7 %. For us it is the network that was trained as usual.

# %%
few, chance = pictures.test[:100], torch.Generator().manual_seed(0)
errors = {
    name: robustness.corruption_errors(network, few, generator=chance)
    for name, network in networks.items()
}
clean = {name: 1 - robustness.accuracy(n, few.batches(100)) for name, n in networks.items()}
title = "Which network would you take into the rain, which into the snow, which to an old camera?"
plots.error_curves(errors, title=title, clean=clean)

# %% [markdown]
# Read the panels one by one. Training with noise helped most against noise. Adversarial training helped against noise, blur and compression, of which it never saw any: what a small push can't change, a small smear
# can't either. Against snow, fog and a loss of contrast all three are equally helpless: those aren't small in any norm, and nobody has trained for them. **Robust is not a property of a network. It is a property of a network and a perturbation.**

# %%
baseline = errors["trained as usual"]
mce = {name: round(robustness.mean_corruption_error(e, baseline), 1) for name, e in errors.items()}
title = "Mean corruption error of the three, against the one trained as usual"
plots.bars(mce, title=title, unit="mCE in %, lower is better", highlight=["trained as usual"])

# %% [markdown]
# | 500 test pictures, 16 corruptions, 5 severities | mean error | mCE |
# |---|---|---|
# | trained as usual | 23.98 % | 100.00 % |
# | trained with noise | 15.84 % | 75.91 % |
# | adversarially trained | 11.93 % | 55.53 % |
#
# *Means over three seeds, each with networks of its own: `benchmarks/lecture2_defences.py`, in `benchmarks/results/lecture2_defences.md`.*
#
#
# One number is good for a ranking and hides why. The same mCE can mean *a little better everywhere* or *perfect against noise, and worse in the snow*: look at the panels first.

# %% [markdown]
# ## 9 · What is robustness, then?
#
# > **[Robustness](../../../docs/glossary.md#robustness) is the ability to tolerate perturbations that might affect the system's functions.**
#
# *Which* perturbations, and *who* makes them? That is where one word hides three questions. You have met all three today.
#
# **Somebody wants it to fail: security.** The sticker, the turtle, the stop sign and the glasses were made by an adversary who looks for the worst case and finds it. Here averages mean nothing. What counts is: who is the
# attacker, what may he touch, what does he know? Each of our attacks answered differently (every pixel a little; a tenth of the picture, anything; two bars; a frame of glasses), and a defence against one
# said nothing about the next. The adversarially trained network never met a sticker. And *am I fooling myself?* is a question of security: an attacker does not stop where your evaluation stopped.
#
# **Nobody wants anything, the world is just large: safety.** Fog, a bad lens and a new town don't look for your weakest spot, but they come every day. Here an average is meaningful, if it is taken over what will
# come: that is the mCE. But the *worst group* is safety too. A system that is right on average and always wrong for the same people is not safe for them.
#
# **It does something else than you meant, perfectly: alignment.** The network of section 2 was not weak. It did what it was paid for: it predicted labels from whatever predicted them. We wanted it to look at the thing, and
# never said so. Nothing was attacked and nothing was corrupted; our *wish* and our *training signal* differed, and the usual test could not tell. Knowing how a system fails **before** it does (reversing the
# cue, asking the worst group, changing one thing at a time) is what [alignment](../../../docs/glossary.md#alignment) means in practice: not hoping that it learnt what you meant, but testing where the two would part.
#
# <details><summary><b>Think.</b> Sort these: a self-driving car that does not see a white lorry against a bright sky; a spam filter that learns to trust a sender who has been patient for a year; a medical network that finds the
# ruler beside the melanoma.</summary>
#
# The lorry is safety: nobody meant it, the world was unusual. The spammer is security. The ruler is alignment: doctors put rulers beside what worries them, and the network does its task on the training set by a cue that we never meant
# (Narla et al. 2018, <i>Automated classification of skin lesions</i>). Real cases mix: an attacker may use the ruler.
# </details>
#
# ### In pairs: where does it matter?
#
# *Ten minutes, two people, one sheet of paper. Lab 2 asks you to write down what you found.*
#
# 1. Name **three applications of computer vision that depend crucially on robustness**. For each: who or what would perturb it? Is that security, safety or alignment?
# 2. For each, **in which ways could its training data be augmented?** Be concrete: which transformation, how strong, how would you draw it? Which of today's experiments says that this helps, and which says that it won't?
# 3. How would you **measure** it? Against whom? Name the worst group. What alarm would tell you that you are fooling yourself?
# 4. What can't be augmented away, and what would you do about that instead?
#
# <details><summary>Stuck? Some places to begin.</summary>
#
# A door that opens to a face. A camera over a conveyor belt of pills. Counting whales from the air. A car in a country whose signs look different. A filter that keeps pictures out of a social network, whose users read about it.
# </details>

# %% [markdown]
# ## What to remember
#
# 1. **Natural adversarial examples are found where networks lean on wrong cues.** The usual test set lies in the same way as the training set; reverse the cue, ask the worst group.
# 2. **Balanced data repairs a cue. Random noise does not repair an attack.** Train on the worst case, not on the average one: $\min_\theta \max_\delta$.
# 3. **Adversarial training holds, at a price**, and only against what it was trained on.
# 4. **An evaluation that can't fail proves nothing**: more steps, restarts, a blind attack; look for masked gradients.
# 5. **Attacks leave the computer**: train the sticker over all pictures, the paint over all views (expectation over transformation), and keep inside a mask.
# 6. **Robust against what?** Security, safety, alignment: name the perturbation before you name a number.
#
# ## To discuss
#
# * Who should pay for robustness, when the clean accuracy that is printed in the brochure goes down?
# * Is a person robust? Against which of today's attacks?
# * A worst group of one person: is that a group?
# * May one publish a sticker that works?
# * Self-supervised features come in the next lectures. Would you expect them to lean on other cues? How would you find out?
#
# ## Now you
#
# **Lab 2** (`notebooks/labs/lab2_robustness.ipynb`): you write `worst_group_accuracy`, `mean_corruption_error`, `adversarial_training_step`, `paste_patch`, `train_patch`, `eot_gradient` and `masked_pgd`,
# and with them the cue test, the defence, the sticker, the turtle and the glasses of this lecture. And the exercise in pairs becomes a page of your own.
#
# ## References
#
# * Hendrycks, Zhao, Basart, Steinhardt, Song: *Natural adversarial examples*, CVPR 2021, [arXiv 1907.07174](https://arxiv.org/abs/1907.07174): ImageNet-A.
# * Madry, Makelov, Schmidt, Tsipras, Vladu: *Towards deep learning models resistant to adversarial attacks*, ICLR 2018, [arXiv 1706.06083](https://arxiv.org/abs/1706.06083); Wong, Rice, Kolter: *Fast is better than free*, ICLR 2020,
#   [arXiv 2001.03994](https://arxiv.org/abs/2001.03994): adversarial training, and its quick form.
# * Croce, Hein: *Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks*, ICML 2020, [arXiv 2003.01690](https://arxiv.org/abs/2003.01690): AutoAttack; Andriushchenko, Croce, Flammarion, Hein:
#   *Square attack*, ECCV 2020, [arXiv 1912.00049](https://arxiv.org/abs/1912.00049).
# * Brown, Mané, Roy, Abadi, Gilmer: *Adversarial patch*, 2017, [arXiv 1712.09665](https://arxiv.org/abs/1712.09665).
# * Athalye, Engstrom, Ilyas, Kwok: *Synthesizing robust adversarial examples*, ICML 2018, [arXiv 1707.07397](https://arxiv.org/abs/1707.07397): the turtle.
# * Eykholt et al.: *Robust physical-world attacks on deep learning visual classification*, CVPR 2018, [arXiv 1707.08945](https://arxiv.org/abs/1707.08945): the stop sign.
# * Sharif, Bhagavatula, Bauer, Reiter: *Accessorize to a crime*, CCS 2016: the eyeglasses.
# * Hendrycks, Dietterich: *Benchmarking neural network robustness to common corruptions and perturbations*, ICLR 2019, [arXiv 1903.12261](https://arxiv.org/abs/1903.12261).
# * Zech et al.: *Variable generalization performance of a deep learning model to detect pneumonia in chest radiographs*, PLOS Medicine 2018, [arXiv 1807.00431](https://arxiv.org/abs/1807.00431);
#   Narla, Kuprel, Sarin, Novoa, Ko: *Automated classification of skin lesions: from pixels to practice*, Journal of Investigative Dermatology 2018.
