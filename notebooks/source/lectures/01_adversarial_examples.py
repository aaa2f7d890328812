# %% [markdown]
# # Adversarial examples
#
# **A network that is nearly always right. A change that nobody can see. And then it is nearly always wrong.**
#
# This is the first half of the story of *Adversarial Examples and Self-supervision*. You need what you know already:
# how a CNN is trained in PyTorch, and what a gradient is. You will leave with a tool that breaks almost any image
# classifier, and with an idea of why it can.
#
# | | | minutes |
# |---|---|---|
# | 1 | Better than human: what does the number mean? | 5 |
# | 2 | The panda | 15 |
# | 3 | Two kinds of trouble | 5 |
# | 4 | Natural adversarial examples | 5 |
# | 5 | Wrong cues | 10 |
# | 6 | Made on purpose: climbing the loss | 15 |
# | 7 | You can be fooled too | 5 |
# | 8 | Why do they always exist? | 15 |
#
# Run *Before we start* once. After that every section runs on its own, in any order.
# Answers are folded away: think first, then click. Things to try are marked from ●○○○○ (a minute) to ●●●●● (an evening).

# %% [markdown]
# ## Before we start
#
# Everything here happens in a small world that the course draws by itself: ten kinds of things, each one different
# from every other. A small CNN has learnt to name them. Nothing is downloaded; the first run takes a moment to draw.

# %%
import torch
import torch.nn.functional as F

from course_utils import attacks, data, device, models, plots, robustness, training, widgets
from course_utils.data.world import render, sample

DATA = "world"  # also: "cifar10", "stl10", "imagenette", "folder:PATH"; those need TRAIN below
where = device.pick()
pictures = data.load(DATA, device=where, **({"n_unlabelled": 0} if DATA == "world" else {}))
classes = pictures.classes
model = models.zoo.load("world_classifier", where)
x, y = next(pictures.test.batches(1000))  # (1000, 3, 48, 48) in [0, 1], and their classes (1000,)
print(device.describe(where))

# %% [markdown]
# <details><summary>Would you rather train the network yourself, or use other pictures? Open this.</summary>
#
# Put another name in `DATA`, or just set `TRAIN = True` in the next cell, and run it. Some minutes on a laptop, seconds on a GPU.
# Sections 3, 4 and 5 draw new scenes and need the world's network; all others work on any pictures.
# </details>

# %%
TRAIN = DATA != "world"
if TRAIN:
    model = models.Classifier(models.Encoder(), pictures.num_classes).to(where)
    training.fit(model, pictures.train, pictures.validation, epochs=20, early_stop=4)
    model.eval()

# %% [markdown]
# ## 1 · Better than human: what does the number mean?
#
# **A question first.** Here is a famous number. Would you put this network into a car?

# %%
top5_error = {
    "ResNet-50": 7.8,
    "Inception-v3": 5.3,
    "a trained person": 5.1,
    "an ensemble of ResNets": 3.57,
}
plots.bars(
    top5_error,
    title="On ImageNet the machines passed a trained person in 2015",
    unit="top-5 error in %, lower is better",
    highlight=["a trained person"],
)

# %% [markdown]
# Five guesses for each photograph, a thousand classes to choose from, and the error is the share of photographs with
# no right guess. *Sources: ResNet-50 and Inception-v3 as quoted in the course; the person is the better of two
# trained annotators (Russakovsky et al. 2015, arXiv 1409.0575); the ensemble is He et al. 2015 (arXiv 1512.03385).*
#
# The best network changes every few months. What does *better than human* really say? That on **pictures drawn from
# the same hat as the training pictures**, the network errs less often. Nothing else. When people and networks were both
# asked again on freshly collected photographs, the people were as good as before, and every network was worse
# (Shankar et al. 2020, *Evaluating machine accuracy on ImageNet*).
#
# Let us read our own network's number. Here are some of the pictures, and here is how often it is right.

# %%
plots.gallery(
    x[:10],
    [classes[label] for label in y[:10]],
    title="Ten of the thousand pictures, and what they show",
    columns=5,
)

# %%
clean = robustness.accuracy(model, [(x, y)])
print(f"{clean:.1%} of {len(x)} pictures that it has never seen are named right.")

# %% [markdown]
# A fine number. **Now break it.** Every pixel value of every picture moves by 8/255: three hundredths of the way from black to white.
# *Before you run the cell: how much accuracy does that cost? Say a number aloud.*

# %%
changed = attacks.fgsm(model, x, y, eps=8 / 255)
broken = robustness.accuracy(model, [(changed, y)])
print(f"Before: {clean:.1%} right.  After: {broken:.1%} right.  Guessing: {1 / len(classes):.0%}.")

# %% [markdown]
# Look at what the network saw.

# %%
before, after = plots.confidences(model, x[:5]), plots.confidences(model, changed[:5])
says = [f"{classes[int(p.argmax())]}, {plots.percent(float(p.max()))}" for p in (*before, *after)]
plots.gallery(
    torch.cat([x[:5], changed[:5]]),
    says,
    title="What the network says: above of the pictures, below of their changed copies",
    columns=5,
)

# %% [markdown]
# The things are all still there. Nobody would name them otherwise. So the number was true, and it told us little:
# **accuracy says how a network does on the pictures we happened to test, not how far from them it can be trusted.**
#
# <details><summary><b>Think.</b> Guessing blindly is right one time in ten. How can a network that learnt so much do worse than guessing?</summary>
#
# Guessing is wrong by accident. Here somebody asked the network, for each picture, *in which direction would you be most wrong?*
# and went there. To be wrong that reliably you need to know the answer: the attack uses the network's own knowledge against it.
# </details>

# %% [markdown]
# ## 2 · The panda
#
# In 2015 Goodfellow, Shlens and Szegedy (arXiv 1412.6572) printed a figure that everybody in the field knows. GoogLeNet looks at a
# photograph and says *panda*, 57.7 % sure. Add 0.007 times a picture of coloured noise, which by itself it calls *nematode* at 8.2 %. The sum looks
# like the same panda. GoogLeNet says **gibbon, 99.3 % sure.**
#
# Here is the same figure, on our network.

# %%
PICTURE = 4  # try others
one, label = x[[PICTURE]], y[[PICTURE]]  # (1, 3, 48, 48), (1,)
widgets.panda(model, one, label, classes, eps=8)

# %% [markdown]
# **Try it.** Move the slider (the arrow keys work too).
#
# * ●○○○○ What is the smallest [eps](../../../docs/glossary.md#eps) that changes the answer? Can you see the change at that eps?
# * ●○○○○ Push eps up to 32. Is the network always *surer* of its mistake the further you go?
# * ●○○○○ Read the middle panel. What does the network say of the noise alone?
#
# ### Where does the noise come from?
#
# You know how to train: compute the loss, ask how it depends on each **weight**, and move the weights a little *down* the gradient.
# Now hold the weights still. Ask how the loss depends on each **pixel**, and move the pixels *up*:
#
# $$x' \;=\; x + \varepsilon \cdot \operatorname{sign}\big(\nabla_x\, L(f(x),\, y)\big)$$
#
# One step, and of the gradient only the sign: every pixel value takes the whole step that it is allowed, in the direction that hurts.
# That is the **fast gradient sign method**, [FGSM](../../../docs/glossary.md#fgsm). In code:

# %%
image = one.clone().requires_grad_()
loss = F.cross_entropy(model(image), label)
loss.backward()  # back-propagation as always, and then one layer further: into the pixels
direction = image.grad.sign()  # (1, 3, 48, 48) of -1, 0, 1
plots.panda(model, one, direction, 4 / 255, classes, truth=int(label))

# %% [markdown]
# <details><summary><b>Think.</b> Why the sign, and not the gradient itself?</summary>
#
# To first order the loss changes by $\delta \cdot \nabla L = \sum_i \delta_i\, (\nabla L)_i$. We allow each pixel value to move by at most $\varepsilon$: $|\delta_i| \le \varepsilon$.
# Each term of the sum is largest on its own, when $\delta_i = \varepsilon \operatorname{sign} (\nabla L)_i$. The gain is $\varepsilon\, \|\nabla L\|_1$: remember this sum, it comes back in section 8.
# With another rule for what "small" means (for instance the Euclidean length) another direction is best. The lab has both.
# </details>
#
# <details><summary><b>Think.</b> What does eps = 8/255 mean, and why do we never write eps = 8?</summary>
#
# An image file stores each colour of each pixel as a whole number from 0 to 255. Our images run from 0 to 1, so one grey level is 1/255.
# eps lives in the same units as the pixels. The 0.007 of the famous figure was one such level, in the units that its network used.
# </details>
#
# <details><summary><b>For the curious.</b> Can a network be too sure to be attacked?</summary>
#
# It can look so. The gradient of the cross-entropy holds the factor $1 - p$, and where the network is *very* sure, float32 rounds $p$ to 1 and the factor to 0: the true class drops out
# of the gradient, and FGSM walks off in a useless direction. That is not robustness, it is rounding. Our widgets climb the log odds $\log\frac{1-p}{p}$ instead, which rise exactly where the loss rises, and never round to nothing.
# When a defence works by hiding the gradient, one speaks of *gradient masking*; the next lecture meets it again.
# </details>
#
# ### The real panda
#
# The same with a real network and a photograph of yours: torchvision's GoogLeNet, with its published weights (50 MB, downloaded once).
# Write the path of a picture, or leave it empty and choose one by the button. No network at hand? Then the cell says so in a line, and nothing is lost.

# %%
MY_PICTURE = ""  # "holiday/panda.jpg"
MY_WEIGHTS = ""  # weights of torchvision's squeezenet1_0 in a local file, instead of GoogLeNet's
widgets.real_panda(MY_PICTURE, weights=MY_WEIGHTS, eps=2)

# %% [markdown]
# ## 3 · Two kinds of trouble
#
# A picture that a person finds easy and a network gets wrong is an **[adversarial example](../../../docs/glossary.md#adversarial-example)**. There are two ways to come by one.
#
# * **[Natural](../../../docs/glossary.md#natural-adversarial-example)**: nobody touched the picture. The world made it, and the network can't cope.
# * **[Synthetic](../../../docs/glossary.md#synthetic-adversarial-example)**: somebody computed a change, on purpose.
#
# All of these pictures fool our network. **Which is which?** Look closely, choose, then show the answers.

# %%
pool = sample(2000, seed=14)  # scenes that nobody has seen
drawn, truth = render(pool, device=where).float() / 255, pool.label.to(where)
found = robustness.confident_mistakes(model, drawn, truth)[:4]  # natural: found by searching
others = pool.hidden.to(where).nonzero()[8:12, 0]  # synthetic: computed
made = attacks.pgd(model, drawn[others], truth[others], eps=6 / 255)
order = torch.randperm(8, generator=torch.Generator().manual_seed(3))
quiz = torch.cat([drawn[found], made])[order]
names = truth[torch.cat([found, others])][order]
called = plots.confidences(model, quiz).argmax(1)
says = [f"{classes[n]}, called {classes[c]}" for n, c in zip(names, called, strict=True)]
natural = [bool(i < 4) for i in order]
widgets.which_is_which(quiz, natural, says)

# %% [markdown]
# <details><summary><b>A hint: how to tell.</b></summary>
#
# In the synthetic ones there is a faint woven pattern all over, also where nothing is: every pixel has moved, and by nearly the same amount.
# In the natural ones the background is as calm as always; if anything is odd, it is the thing itself or what stands in front of it.
# </details>

# %%
revealed = plots.which_is_which(quiz, natural, says, reveal=True)
plots.folded(revealed, "The answers (click)")

# %% [markdown]
# ## 4 · Natural adversarial examples
#
# In 2021 Hendrycks and colleagues (arXiv 1907.07174) went looking for photographs that are easy for people and hard for networks. They collected 7,500, in
# 200 of ImageNet's classes, none of them altered: **[ImageNet-A](../../../docs/glossary.md#imagenet-a)**. A pretrained ResNet-50, so proud on the usual test, gets **about 3 %** of them right.
#
# > a dragonfly called *manhole cover* · a bullfrog called *fox squirrel* · a butterfly called *washing machine* · a jay called *jeep*
#
# (A later lecture lets you run that test.) Does our little world hold such pictures too? Nobody has put any there. We can only **search**:
# draw thousands of new scenes, and keep those where the network is wrong *and sure of it*.

# %%
scenes = sample(3000, seed=2026)
drawn, truth = render(scenes, device=where).float() / 255, scenes.label.to(where)
found = robustness.confident_mistakes(model, drawn, truth)  # where it is wrong, the surest first
says = plots.confidences(model, drawn[found])  # (M, 10)
sure = int((says.max(1).values > 0.9).sum())
print(f"{len(found)} of {len(drawn)} named wrong, {sure} of them with more than 90 % confidence.")

# %%
names = [classes[label] for label in truth[found[:8]]]
called = [f"called {classes[int(p.argmax())]}, {plots.percent(float(p.max()))}" for p in says[:8]]
plots.gallery(
    drawn[found[:8]],
    [f"{name}\n{answer}" for name, answer in zip(names, called, strict=True)],
    title="Nobody touched these. What made the network so sure?",
    columns=4,
)

# %% [markdown]
# **Try it.** ●●○○○ Change the seed and look at twenty of them. Can you sort them into kinds? What is it that went wrong in each kind?
# That is the next section's question.

# %% [markdown]
# ## 5 · Wrong cues
#
# Why would anybody call a candle a jack-o'-lantern? Because of its **shape**, as with the lycaenidae (a small butterfly) called *broom*. A dragonfly is called *skunk*,
# or *banana*, for its **colour**. A candle, and a mushroom, are called *nail*, for the **background** that they share with nails.
#
# A network is paid for right answers, not for right reasons. Anything in the picture that goes together with the answer is a **[cue](../../../docs/glossary.md#cue)**, and the network takes whatever is cheapest.
# In a photograph all cues come at once. In a drawn world we can change **one thing and nothing else**, down to the last bit.

# %%
thing = sample(1, seed=5, labels="fish", first=21)
versions = {
    "as it was": thing,
    "another shape": thing.with_(label="cat"),
    "another colour": thing.with_(colour="green"),
    "another background": thing.with_(background="meadow"),
}
images = torch.cat([render(scene, device=where) for scene in versions.values()]).float() / 255
says, truths = plots.confidences(model, images), [int(scene.label) for scene in versions.values()]
title = "One fish, and one thing changed at a time"
plots.cues(images, says, list(versions), classes, truth=truths, title=title)

# %% [markdown]
# A fish is a fish in any colour; on a meadow it is something else. The network has never seen anything *on* something.
# **Try it.** ●○○○○ Put it into another scene: `"sea"`, `"street"`, `"room"`, `"desert"`, `"night"`. ●●○○○ Give it two changes at once.
#
# We chose this fish because it shows the point. One picture is an anecdote. Do it three hundred times and count: **how often does the answer change, when only this has changed?**

# %%
many = sample(300, seed=8)


def another(cue):
    return robustness.with_changed(many, cue, torch.Generator().manual_seed(0))


changed = {
    "the shape": another("shape"),
    "the colour": another("colour"),
    "the background: another plain one": another("background"),
    "the background: a meadow": many.with_(background="meadow"),
    "the side the light comes from": many.with_(light=torch.pi - many.light),
}

# %%
found = robustness.cue_reliance(model, many, changed)
flips = {what: round(100 * share, 1) for what, share in found.items()}
title = "How often the answer changes, when only this has changed"
plots.bars(flips, title=title, unit="% of 300 pictures", highlight=["the shape"])

# %% [markdown]
# <details><summary><b>Think.</b> Which of these bars <i>should</i> be long, and which should be zero?</summary>
#
# Shape is what the label means: change it, and the answer ought to change every time. All the others should be zero: a green mug is a mug.
# A bar that is longer than zero is a cue that the network leans on though nobody asked it to, or a kind of picture that it has never met.
# </details>
#
# Here the training pictures were fair: colour and background said nothing about the class. In the next lecture they will lie, and you will see what a network makes of that.

# %% [markdown]
# ## 6 · Made on purpose: climbing the loss
#
# Training asks: *how can I change the weights to make the error small?* An attacker asks:
#
# > **How can I change this noise to make the error large?**
#
# It is the same machine, run the other way: [gradient **ascent**](../../../docs/glossary.md#gradient-ascent) on the image instead of descent on the weights. FGSM takes one big step. Better: many small ones,
# and after each one come back to where a person sees nothing, the [ball](../../../docs/glossary.md#norm-ball) of radius $\varepsilon$ around the picture:
#
# $$x_{t+1} \;=\; \Pi_{\varepsilon}\big(x_t + \alpha \cdot \operatorname{sign} \nabla_x L(f(x_t), y)\big)$$
#
# $\Pi_\varepsilon$ [puts back](../../../docs/glossary.md#projection) every pixel value that has strayed more than $\varepsilon$, or out of [0, 1]. This is **[PGD](../../../docs/glossary.md#pgd)**, projected gradient descent
# (Madry et al. 2018, arXiv 1706.06083), and it is still the first attack that a defence has to face. Watch it climb.

# %%
PICTURE = 7
widgets.ascent(model, x[[PICTURE]], y[[PICTURE]], classes, eps=4, steps=20)

# %% [markdown]
# **[Any wrong answer](../../../docs/glossary.md#untargeted-attack)** was good enough there. But the sign can be turned round: go *down* the loss of a class **of your choice**. A [targeted attack](../../../docs/glossary.md#targeted-attack). You choose.

# %%
goal = classes[(int(y[PICTURE]) + 3) % len(classes)]  # the picker below has the others
widgets.ascent(model, x[[PICTURE]], y[[PICTURE]], classes, target=goal, eps=8)

# %% [markdown]
# **Try it.**
#
# * ●○○○○ Which target is the easiest to reach from here, which the hardest? (Lower eps until only some are reached.)
# * ●●○○○ Look at *what was added*. Is there anything of the target in it? Compare two targets.
# * ●●●○○ In code: for each of 50 pictures find the smallest eps at which PGD succeeds, by bisection. Draw the histogram.
#
# ### How strong is it?
#
# On one picture everything is an anecdote, so: [accuracy against eps](../../../docs/glossary.md#accuracy-under-attack), for the one big step, for the many small ones, and for random noise of the same size.

# %%
sizes = [0, 1 / 255, 2 / 255, 4 / 255, 8 / 255, 16 / 255]
batch = [(x[:100], y[:100])]
attackers = {
    "random signs": lambda m, x, y, eps: (x + eps * torch.randn_like(x).sign()).clamp(0, 1),
    "FGSM, one step": attacks.fgsm,
    "PGD, 20 steps": attacks.pgd,
}
curves = {
    name: [
        robustness.accuracy(model, batch, lambda m, x, y, e=e, a=a: a(m, x, y, eps=e))
        for e in sizes
    ]
    for name, a in attackers.items()
}
plots.accuracy_against_eps(sizes, curves, chance=1 / len(classes), n=100)

# %% [markdown]
# <details><summary><b>Think.</b> To do what the attacks do, random noise has to be several times as large. Why is the network so much safer from chance than from malice?</summary>
#
# Hold on to the question: section 8 answers it.
# </details>
#
# <details><summary><b>Think.</b> A colleague shows you a network that FGSM hardly hurts. Is it robust?</summary>
#
# Not yet. A single step can miss what twenty find: the curves above are the proof. A defence is as good as it is against the <i>strongest</i> attack that anybody has tried,
# and the history of the field is full of defences that fell as soon as somebody tried harder.
# </details>

# %% [markdown]
# ## 7 · You can be fooled too
#
# Look at the left picture. Nothing in it moves: it is a still image, and you may cover all discs but one to check. Your visual system disagrees.
# It was not built for black, blue, white and yellow steps in just this order, and this picture was built for it.

# %%
PICTURE = 15
fooled = attacks.pgd(model, x[[PICTURE]], y[[PICTURE]], eps=4 / 255)
says = plots.confidences(model, fooled)[0]
caption = f"you: {classes[int(y[PICTURE])]}\nthe network: {classes[int(says.argmax())]}, {plots.percent(float(says.max()))}"
plots.two_illusions(plots.drifting_discs(), fooled[0], caption)

# %% [markdown]
# Both are pictures made to drive a system where its builder never tested it. The difference is worth a thought: **you know that the discs stand still.**
# You have a second way to find out, and you can say *my eyes are playing tricks*. The network has one answer, and it is sure of it.
#
# *The illusion is a peripheral drift (Fraser and Wilcox 1979; Kitaoka and Ashida 2003). Some people see it strongly, others not at all.*

# %% [markdown]
# ## 8 · Why do they always exist?
#
# Is it a bug of this network? People thought so: too deep, too curved, overfitted. The truth is nearly the opposite.
#
# ### Too straight
#
# Walk from the picture in a straight line along the sign of the gradient, and watch the [logits](../../../docs/glossary.md#logits). Then walk just as far in a random direction.
# The dotted lines are what the slope at the picture, the first step alone, would predict.

# %%
PICTURE = 4
one, label = x[[PICTURE]], y[[PICTURE]]
uphill = attacks.input_gradient(model, one, label).sign()
by_chance = torch.randn(one.shape, generator=torch.Generator().manual_seed(1)).sign().to(where)
plots.logit_line(
    model,
    one,
    {"along the sign of the gradient": uphill, "along random signs": by_chance},
    eps=5 / 255,
    classes=classes,
    truth=int(label),
)

# %% [markdown]
# Convolutions are linear. ReLUs are linear in pieces. We chose them so, because what is linear is easy to train; and near a picture the whole network behaves almost like one big linear function
# (1412.6572). A straight line has no sense of *enough*: where a little evidence for *cat* makes it a little surer, a lot of nonsense makes it very sure.
#
# ### Too many dimensions
#
# Take that seriously, and let the score be linear: $s(x) = w \cdot x$. Each of the $d$ pixel values may move by $\varepsilon$. How far can the score move?
#
# $$\max_{|\delta_i| \le \varepsilon} w \cdot \delta \;=\; \sum_{i=1}^{d} \varepsilon\, |w_i| \;=\; \varepsilon\, \|w\|_1$$
#
# Nothing holds this sum back but the number of terms. If the weights' size is $m$ on average, the score moves by $\varepsilon\, m\, d$: **the more pixels, the further, while no pixel moves any more than before.**
# Chance can't do that. With random signs most terms cancel, and of $d$ terms only about $\sqrt d$ are left.
#
# Measure both shifts, for two scores: a **fresh** layer with PyTorch's random weights, and a linear classifier **trained** to tell houses from fish
# in the same scenes, drawn with more and more pixels.


# %%
def shifts(w, eps=2 / 255):
    """How far w·x moves in the worst case, and typically under random signs of the same size."""
    signs = torch.randn(300, len(w), generator=torch.Generator().manual_seed(0)).sign()
    return float(eps * w.abs().sum()), float((eps * signs @ w).abs().mean())


def trained(scenes, side, sign):
    """Ridge regression in its dual form: weights (d,) of a score near +1 for one class, -1 for the other."""
    pixels = render(scenes, side).flatten(1).float() / 255  # (N, d)
    centred = pixels - pixels.mean(0)
    gram = centred @ centred.T  # (N, N)
    return centred.T @ torch.linalg.solve(
        gram + 0.1 * gram.diagonal().mean() * torch.eye(len(gram)), sign
    )


# %%
sides, scenes = (8, 12, 16, 24, 32, 48), sample(500, seed=7, labels=["house", "fish"] * 250)
inputs, sign = [3 * side**2 for side in sides], torch.tensor([1.0, -1.0]).repeat(250)
torch.manual_seed(0)
panels = {
    "a fresh layer": [shifts(torch.nn.Linear(d, 1).weight.detach()[0]) for d in inputs],
    "trained: house or fish?": [shifts(trained(scenes, side, sign)) for side in sides],
}

# %%
powers = [plots.slope(inputs, [a / b for a, b in pairs]) for pairs in panels.values()]
plots.shift_against_pixels(
    inputs,
    {name: tuple(zip(*pairs, strict=True)) for name, pairs in panels.items()},
    title=f"With the number of inputs the gap between malice and chance grows: d^{powers[0]:.2f}, d^{powers[1]:.2f}",
    unit="shift of the score for eps = 2/255",
)

# %% [markdown]
# On the left the worst case grows, and chance stays where it is: PyTorch makes a fresh layer's weights smaller the more inputs it has, $m$ like $1/\sqrt d$, so that its scores come out
# equally large for any $d$. Of $\varepsilon\, m\, d$ that leaves a growth like $\sqrt d$, and nothing that an attacker would have to fear.
#
# <details><summary><b>Think.</b> On the right the worst case flattens, yet the gap goes on growing. Why?</summary>
#
# More pixels of the same scene tell the same story again: neighbours look alike, and the classifier spreads its weight over them, each one getting less.
# So the worst case stops growing once the scene is resolved. But chance gets weaker all the time: among more and more terms, more cancel.
# What an attack gains over noise is $\|w\|_1 / \|w\|_2$, and for weights spread like a bell curve that is about $0.8 \sqrt d$. A photograph for GoogLeNet has $d = 3 \times 224 \times 224 = 150{,}528$.
# </details>
#
# ### Then is there no way out?
#
# The argument doesn't need a linear score. In a space of so many dimensions nearly everything lies close to every boundary. Gilmer et al. (arXiv 1801.02774) took the simplest problem they could think of, two spheres one inside
# the other, and showed: as long as a model errs at all, however rarely, nearly every point has an error close by, and closer the more dimensions there are.
# Shafahi et al. (arXiv 1809.02104) showed for whole families of problems that no classifier escapes: a class that fills even a modest share of the space has, within a small step of almost everything else, a point of its own.
#
# So: **not a bug of one network, and not something that better training simply removes.** That does not make it hopeless. Natural pictures fill only a sliver of that space, and one can move the
# boundaries away from them, at a price. The next lecture pays it.

# %% [markdown]
# ## What to remember
#
# 1. **Accuracy is measured on pictures like the training pictures.** It says nothing about the picture next door.
# 2. **Adversarial examples are natural or synthetic**: found, because the network leans on wrong cues; or made, by climbing the loss.
# 3. **The attack is training turned round**: the same gradient, taken with respect to the pixels, and followed up.
# 4. **FGSM is one step, PGD is many with a projection**; with a target, go down the target's loss instead.
# 5. **They exist because networks are too straight, in too many dimensions**: $\varepsilon \|w\|_1$, thousands of tiny pushes that all agree.
#
# ## To discuss
#
# * Our attacker knew the network's weights. What could one do who can only ask for answers?
# * Where does a natural adversarial example do more harm than a synthetic one?
# * An eight-bit camera rounds every pixel. Does that protect against eps = 1/255? Against eps = 4/255?
# * Is "a person sees no difference" the right line between fair and unfair changes? What about a rotated picture?
# * Would you call the human eye brittle?
#
# ## Now you
#
# **Lab 1** (`notebooks/labs/lab1_adversarial.ipynb`): you write `input_gradient`, `fgsm`, `fgsm_targeted`, `project_linf`, `project_l2`, `pgd`, `accuracy_under_attack` and `worst_case_shift`,
# and break the network of this lecture with your own hands.
#
# ## References
#
# * Goodfellow, Shlens, Szegedy: *Explaining and harnessing adversarial examples*, ICLR 2015, [arXiv 1412.6572](https://arxiv.org/abs/1412.6572): the panda, FGSM, the linear explanation.
# * Madry, Makelov, Schmidt, Tsipras, Vladu: *Towards deep learning models resistant to adversarial attacks*, ICLR 2018, [arXiv 1706.06083](https://arxiv.org/abs/1706.06083): PGD.
# * Hendrycks, Zhao, Basart, Steinhardt, Song: *Natural adversarial examples*, CVPR 2021, [arXiv 1907.07174](https://arxiv.org/abs/1907.07174): ImageNet-A.
# * Gilmer et al.: *Adversarial spheres*, 2018, [arXiv 1801.02774](https://arxiv.org/abs/1801.02774); Shafahi et al.: *Are adversarial examples inevitable?*, ICLR 2019, [arXiv 1809.02104](https://arxiv.org/abs/1809.02104).
# * Russakovsky et al.: *ImageNet large scale visual recognition challenge*, IJCV 2015, [arXiv 1409.0575](https://arxiv.org/abs/1409.0575); He et al.: *Deep residual learning*, [arXiv 1512.03385](https://arxiv.org/abs/1512.03385);
#   Shankar et al.: *Evaluating machine accuracy on ImageNet*, ICML 2020.
