# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 2 · Robustness
#
# In lab 1 you broke a network with changes that nobody sees. Out there, nobody promises you a small
# eps. It rains. Somebody glues a sticker on the scene. A sign is seen from the side, and half of it is
# covered. Today you are the engineer who has to sign the paper that says *"this network may be used"*:
# first you measure where it fails, then you harden it, and then you attack it as somebody would who
# has nothing but a printer and a pair of scissors.
#
# | exercise | you write | difficulty | minutes | points |
# |---|---|---|---|---|
# | 1 | `worst_group_accuracy` | ●●○○○ | 15 | 10 |
# | 2 | `mean_corruption_error` | ●○○○○ | 10 | 10 |
# | 3 | `adversarial_training_step` | ●●●○○ | 20 | 20 |
# | 4 | `paste_patch` | ●●●●○ | 35 | 15 |
# | 5 | `train_patch` | ●●●●○ | 30 | 15 |
# | 6 | `eot_gradient` | ●●●○○ | 15 | 10 |
# | 7 | `masked_pgd` | ●●○○○ | 15 | 10 |
# | 8 | a written answer, in pairs | ●●○○○ | 25 | 10 |
#
# Everything runs on a laptop without a GPU, and without a network. Stuck? Under each exercise there is
# folded help, sorted by what you see. Each exercise stands alone: one that does not work yet does not
# block the checks of the next.

# %% [markdown]
# ## The conventions of all labs
#
# - **Images** are float tensors (N, 3, H, W) in [0, 1]; **labels** are int64 (N,). `eps` and step sizes
#   are in those pixel units: 8/255, never 8. **Models** take [0, 1] images and return logits (N, C); the
#   normalisation is inside.
# - **A function returns new tensors** on the device and in the dtype of its input, detached from any
#   graph unless it is marked *differentiable*. It never writes into its inputs.
# - **It leaves the model as it found it:** the training flag of every submodule, every parameter and
#   every parameter's `.grad`. Attacks and evaluations put the model in eval mode while they work; then
#   every submodule gets its own flag back. `with evaluating(model):` does both. A training step is the
#   exception: it is meant to change the model, runs in train mode and leaves the model there.
# - **Randomness** comes from `generator` where there is one: same seed, same result. A generator lives on
#   the CPU unless the caller made it elsewhere.
# - It works for **any N** (1, an odd number, a short last batch), any square H = W, on a CPU and on a GPU.
#
# The cells under each exercise check what you wrote. When you hand in, the same cells run again with
# further checks of the same promises.

# %%
import math

import torch
import torch.nn.functional as F

from course_utils import device, models, plots
from course_utils.data.world import BACKGROUNDS, CLASSES, world
from course_utils.models import evaluating

print(device.describe())

# %% [markdown]
# The network of lab 1, and 100 pictures that it has never seen:

# %%
model = models.zoo.load("world_classifier", device=device.pick())
pictures = world(100, seed=3486, device=device.pick())
x, y = pictures.images, pictures.labels
with torch.no_grad():
    prediction = model(x).argmax(dim=1)
print(f"{(prediction == y).float().mean():.0%} of these {len(x)} pictures are named correctly")

# %% [markdown]
# ## 1 · The average hides somebody: worst-group accuracy
# ●●○○○ · 15 minutes · 10 points
#
# A test set that is nine tenths sunshine gives a fine accuracy to a network that is lost in the rain.
# So cut the pictures into **groups** (by weather, place, camera, by who is in the picture …) and look at
# each: the **[worst-group accuracy](../../../docs/glossary.md#worst-group)** is the smallest of the groups' accuracies.
#
# Write `worst_group_accuracy`. It returns two things: a dictionary from a group's number to its
# accuracy, and the smallest accuracy in it. A group that no picture belongs to has no accuracy, so it
# is not in the dictionary.

# %% [markdown]
# <details><summary><b>Help:</b> "has an entry for …, which the data does not have"</summary>
#
# The numbers of the groups have gaps. `groups.unique()` holds those that occur, and no others.
# </details>
# <details><summary><b>Help:</b> "has tensors for keys"</summary>
#
# Two tensors that hold the same number are different keys, so nobody could look anything up. `.item()`,
# or `.tolist()` for many, makes plain numbers of them.
# </details>
# <details><summary><b>Help:</b> picking out a group</summary>
#
# `groups == 3` is a tensor of True and False, and `correct[groups == 3]` are the entries of `correct` at
# which it is True.
# </details>


# %% nbgrader={"grade": false, "grade_id": "worst_group_accuracy", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def worst_group_accuracy(predictions, labels, groups):
    """The accuracy of each group of pictures, and the smallest of them.

    Args: predictions, labels, groups, all (N,) int64.
    Returns: (dictionary group -> accuracy as a float, the smallest accuracy as a float).
    """
    ### BEGIN SOLUTION
    correct = predictions == labels
    accuracies = {
        group: correct[groups == group].double().mean().item() for group in groups.unique().tolist()
    }
    return accuracies, min(accuracies.values())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_worst_group_accuracy", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def three_groups_by_hand():
    """Groups 0, 2 and 7 with 3 of 4, 1 of 2 and 2 of 3 pictures right: 0.75, 0.5 and 2/3; the worst is 0.5."""
    import torch

    groups = torch.tensor([0, 0, 2, 7, 7, 0, 2, 7, 0])
    labels = torch.tensor([1, 3, 2, 0, 1, 2, 3, 4, 0])
    predictions = torch.tensor([1, 3, 2, 0, 2, 2, 1, 4, 5])
    accuracies, worst = check.tuple_of(
        worst_group_accuracy(predictions, labels, groups), ("accuracies", "worst")
    )
    expected = torch.tensor([3 / 4, 1 / 2, 2 / 3])
    check.close(
        check.table(accuracies, (0, 2, 7), "the dictionary of accuracies"),
        expected,
        what="the accuracies of groups 0, 2 and 7",
        mistakes={
            "these are error rates: return the accuracies": 1 - expected,
            "these are numbers of correct pictures: divide by the size of the group": torch.tensor(
                [3.0, 1.0, 2.0]
            ),
            "these are in percent: return fractions": 100 * expected,
            "the correct pictures of a group are divided by the number of all pictures: divide by the "
            "size of the group": torch.tensor([3 / 9, 1 / 9, 2 / 9]),
        },
    )
    check.close(
        check.number(worst, "the worst accuracy"),
        0.5,
        what="the worst accuracy",
        mistakes={
            "that is the largest accuracy: return the smallest": 0.75,
            "that is the accuracy over all pictures: return the smallest of the groups'": 6 / 9,
            "that is the mean over the groups: return the smallest": float(expected.mean()),
            "that is the number of the worst group: return its accuracy": 2.0,
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def groups_of_any_size():
    """Every group that occurs has its own accuracy, whatever its number, size and place in the data."""
    import torch

    for n, many in ((200, 5), (37, 12)):
        numbers = torch.arange(many) ** 2 + 3
        groups = numbers[torch.randint(0, many, (n,))]
        labels = torch.randint(0, 4, (n,))
        predictions = torch.where(torch.rand(n) < 0.6, labels, torch.randint(0, 4, (n,)))
        there = sorted(set(groups.tolist()))
        right = (predictions == labels).double()
        expected = torch.stack([right[groups == group].mean() for group in there])
        accuracies, worst = check.tuple_of(
            worst_group_accuracy(predictions.clone(), labels.clone(), groups.clone()),
            ("accuracies", "worst"),
        )
        check.close(
            check.table(accuracies, there, "the dictionary of accuracies"),
            expected,
            what="the groups' accuracies",
            mistakes={
                "these are the accuracies of the classes: sort the pictures by group": lambda: (
                    torch.stack([right[labels == group].mean() for group in there])
                ),
            },
        )
        check.close(
            check.number(worst, "the worst accuracy"),
            expected.min(),
            what="the worst accuracy",
            mistakes={
                "that is the accuracy of the smallest group: return the smallest accuracy": lambda: (
                    expected[torch.stack([(groups == g).sum() for g in there]).argmin()]
                ),
                "that is the accuracy over all pictures: return the smallest of the groups'": right.mean(),
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_worst_group_accuracy_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def a_group_that_is_always_wrong():
    """A group whose pictures are all wrong has accuracy 0, and that is the worst; the inputs stay as they are."""
    import torch

    groups = torch.tensor([4, 4, 9])
    labels = torch.tensor([0, 1, 2])
    predictions = torch.tensor([1, 0, 2])
    with check.unchanged(predictions, labels, groups):
        accuracies, worst = check.tuple_of(
            worst_group_accuracy(predictions, labels, groups), ("accuracies", "worst")
        )
    found = check.table(accuracies, (4, 9), "the dictionary of accuracies")
    check.close(found, torch.tensor([0.0, 1.0]), what="the accuracies of groups 4 and 9")
    check.close(check.number(worst, "the worst accuracy"), 0.0, what="the worst accuracy")


### BEGIN HIDDEN TESTS
@check.promise
def one_group_one_picture():
    """Also for a single picture, a single group, a large group number, all wrong, and on any device."""
    import torch

    for where in check.devices():
        for groups, predictions, labels, expected in (
            ([5], [2], [2], {5: 1.0}),
            ([5], [2], [1], {5: 0.0}),
            ([5003, 5003, 5003], [0, 1, 2], [0, 1, 1], {5003: 2 / 3}),
            ([2, 0, 2, 0, 8], [1, 1, 1, 1, 1], [1, 0, 0, 2, 3], {0: 0.0, 2: 0.5, 8: 0.0}),
        ):
            given = [torch.tensor(part, device=where) for part in (predictions, labels, groups)]
            with check.unchanged(*given):
                accuracies, worst = check.tuple_of(
                    worst_group_accuracy(*given), ("accuracies", "worst")
                )
            check.close(
                check.table(accuracies, expected, "the dictionary of accuracies"),
                torch.tensor([*expected.values()]),
                what=f"the accuracies of the groups {sorted(expected)}",
            )
            check.close(
                check.number(worst, "the worst accuracy"),
                min(expected.values()),
                what="the worst accuracy",
            )


### END HIDDEN TESTS

# %% [markdown]
# The network was trained before plain backgrounds. Here are 600 new pictures before scenes, and the
# scene is the group.
#
# **What you should see:** about three quarters of all pictures are right, and before some backgrounds
# nearly all of them; but there are others before which the network is wrong more often than right.

# %%
scenes = world(600, seed=3487, background="scene", device=device.pick())
with torch.no_grad():
    said = model(scenes.images).argmax(dim=1)
table, worst = worst_group_accuracy(said, scenes.labels, scenes.attributes["background"])
by_name = {BACKGROUNDS[group]: round(100 * accuracy, 1) for group, accuracy in table.items()}
print(f"over all pictures: {(said == scenes.labels).float().mean():.1%}, worst group: {worst:.1%}")
plots.bars(
    by_name,
    title="One average, ten answers",
    unit="accuracy before this background, %",
    highlight=[min(by_name, key=by_name.get)],
)

# %% [markdown]
# ## 2 · Weather and worn lenses: mean corruption error
# ●○○○○ · 10 minutes · 10 points
#
# Noise, blur, fog, poor compression: nobody attacks, pictures just get worse, each kind of **[corruption](../../../docs/glossary.md#corruption)**
# at several **severities**. How to put it all into [one number](../../../docs/glossary.md#mce)? Some corruptions are harder than others
# for every network, so each is measured against a **[baseline](../../../docs/glossary.md#baseline)** network (Hendrycks and Dietterich 2019,
# arXiv 1903.12261). With $E_{c,s}$ the error rate under corruption $c$ at severity $s$:
#
# $$ \mathrm{CE}_c = \frac{\sum_s E_{c,s}}{\sum_s E^{\,\mathrm{base}}_{c,s}} \qquad
#    \mathrm{mCE} = 100 \cdot \frac{1}{C} \sum_c \mathrm{CE}_c $$
#
# The baseline itself has 100; less is better. Both dictionaries lead from the name of a corruption to
# the list of its error rates, mildest first.

# %% [markdown]
# <details><summary><b>Help:</b> "the ratio is taken severity by severity"</summary>
#
# At severity 1 the baseline hardly errs, and a ratio with a tiny number below says nothing. Add up over
# the severities first, then divide.
# </details>
# <details><summary><b>Help:</b> "all corruptions are added up before the division"</summary>
#
# Then a corruption with many errors would drown the others. Each corruption has its own quotient; the
# mean comes last.
# </details>


# %% nbgrader={"grade": false, "grade_id": "mean_corruption_error", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def mean_corruption_error(errors, baseline):
    """Errors under corruptions relative to a baseline network's, averaged over the corruptions, in percent.

    Args: errors, baseline: dictionaries corruption name -> list of error rates by severity.
    Returns: a float; 100 for the baseline itself.
    """
    ### BEGIN SOLUTION
    ratios = [sum(errors[name]) / sum(baseline[name]) for name in errors]
    return 100 * sum(ratios) / len(ratios)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_mean_corruption_error", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def two_corruptions_by_hand():
    """Noise 0.6 against 1.2, fog 0.9 against 1.0: half and nine tenths of the baseline's errors, so mCE = 70."""
    errors = {"noise": [0.1, 0.2, 0.3], "fog": [0.1, 0.3, 0.5]}
    baseline = {"noise": [0.1, 0.4, 0.7], "fog": [0.2, 0.3, 0.5]}
    by_severity = [
        sum(e / b for e, b in zip(errors[name], baseline[name], strict=True)) / 3 for name in errors
    ]
    check.close(
        check.number(mean_corruption_error(errors, baseline), "the mCE"),
        70.0,
        what="the mCE",
        mistakes={
            "that is a fraction: the mCE is in percent": 0.7,
            "the ratio is taken severity by severity: sum over the severities, then divide": 50
            * sum(by_severity),
            "all corruptions are added up before the division: divide for each corruption, then average": 100
            * 1.5
            / 2.2,
            "the ratio is upside down: the model's errors over the baseline's": 50
            * (1.2 / 0.6 + 1.0 / 0.9),
            "that is the sum over the corruptions: take the mean": 140.0,
            "the baseline plays no part: divide by its errors": 100 * 1.5 / 6,
            "only the highest severity counts: sum over all severities": 50 * (3 / 7 + 1),
            "only one corruption counts: average over all of them": 50.0,
            "that is what is won against the baseline: return what is left of its errors": 30.0,
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def sums_before_ratios_before_the_mean():
    """For any number of corruptions and severities; the baseline against itself has 100."""
    import torch

    for corruptions, severities in ((6, 5), (3, 2), (15, 5)):
        rates = 0.05 + 0.9 * torch.rand(2, corruptions, severities, dtype=torch.float64)
        errors, baseline = (
            {f"corruption {i}": row for i, row in enumerate(table.tolist())} for table in rates
        )
        one, two = rates.sum(dim=2)
        check.close(
            check.number(mean_corruption_error(errors, baseline), "the mCE"),
            100 * (one / two).mean(),
            what="the mCE",
            mistakes={
                "that is a fraction: the mCE is in percent": (one / two).mean(),
                "the ratio is taken severity by severity: sum over the severities, then divide": 100
                * (rates[0] / rates[1]).mean(),
                "all corruptions are added up before the division: divide for each corruption, then average": 100
                * one.sum()
                / two.sum(),
                "the ratio is upside down: the model's errors over the baseline's": 100
                * (two / one).mean(),
                "that is the median over the corruptions: take the mean": 100
                * (one / two).median(),
            },
        )
        check.close(
            check.number(mean_corruption_error(baseline, dict(baseline)), "the mCE"),
            100.0,
            what="the mCE of the baseline itself",
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_mean_corruption_error_2", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def corruptions_are_matched_by_name():
    """The two dictionaries may list the corruptions in different orders; neither of them changes."""
    errors = {"blur": [0.2, 0.4], "rain": [0.1, 0.2]}
    baseline = {"rain": [0.3, 0.3], "blur": [0.4, 0.8]}
    with check.unchanged(errors, baseline):
        found = mean_corruption_error(errors, baseline)
    check.close(
        check.number(found, "the mCE"),
        50.0,
        what="the mCE",
        mistakes={
            "the corruptions are matched by their place in the dictionaries: match them by name": 50
            * (0.6 / 0.6 + 0.3 / 1.2)
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def one_corruption_one_severity():
    """Also for a single corruption, a single severity, unequal numbers of severities, and no errors at all."""
    for errors, baseline, expected in (
        ({"noise": [0.3]}, {"noise": [0.6]}, 50.0),
        ({"noise": [0.0, 0.0]}, {"noise": [0.5, 0.5]}, 0.0),
        ({"noise": [1.0, 0.5]}, {"noise": [0.25, 0.25]}, 300.0),
        (
            {"a": [0.1], "b": [0.1, 0.2, 0.3], "c": [0.4, 0.4]},
            {"c": [0.5, 0.3], "a": [0.4], "b": [0.2, 0.2, 0.2]},
            75.0,
        ),
    ):
        with check.unchanged(errors, baseline):
            found = mean_corruption_error(errors, baseline)
        check.close(check.number(found, "the mCE"), expected, what=f"the mCE of {errors}")


### END HIDDEN TESTS

# %% [markdown]
# Does a simple remedy help? Our second "network" is the same one, looking through a soft lens: each
# picture is smoothed before the network sees it.
#
# **What you should see:** the lens helps against noise and harms elsewhere. A defence against one kind
# of trouble is no defence against trouble; that is why one number is made of many.

# %%
CORRUPTIONS = {  # severity 1 to 5
    "noise": lambda x, s: x + 0.04 * s * torch.randn(x.shape, device=x.device),
    "specks": lambda x, s: torch.where(torch.rand(x.shape, device=x.device) < 0.01 * s, 1.0, x),
    "blur": lambda x, s: F.avg_pool2d(x, 2 * s + 1, stride=1, padding=s, count_include_pad=False),
    "fog": lambda x, s: x + 0.15 * s * (0.8 - x),
    "pixels": lambda x, s: F.interpolate(
        F.adaptive_avg_pool2d(x, 48 // (s + 1)), size=48, mode="nearest"
    ),
}


def errors_of(network):
    torch.manual_seed(0)
    return {
        name: [
            (network(corrupt(x, s).clamp(0, 1)).argmax(dim=1) != y).float().mean().item()
            for s in range(1, 6)
        ]
        for name, corrupt in CORRUPTIONS.items()
    }


with torch.no_grad():
    baseline = errors_of(model)
    softened = errors_of(lambda x: model(F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)))
relative = {
    name: round(mean_corruption_error({name: softened[name]}, {name: baseline[name]}))
    for name in CORRUPTIONS
}
print(f"mCE of the network behind the soft lens: {mean_corruption_error(softened, baseline):.0f}")
plots.bars(
    relative,
    title="Better than the bare network below 100, worse above",
    unit="errors, in percent of the bare network's",
    highlight=[name for name, value in relative.items() if value > 100],
)

# %% [markdown]
# ## 3 · Hardening: a step of adversarial training
# ●●●○○ · 20 minutes · 20 points
#
# The one defence that has stood for years is the plainest: [train on](../../../docs/glossary.md#adversarial-training) what the attacker would show you
# (Madry et al. 2018, arXiv 1706.06083). Each training step solves a small part of
#
# $$ \min_\theta \; \mathbb{E}_{(x, y)} \Big[ \max_{\|\delta\|_\infty \le \varepsilon}
#    \mathrm{CE}\big(f_\theta(x + \delta),\, y\big) \Big] $$
#
# First the inner maximum: `attack(model, x, y)` returns `x_adv`. The attacker attacks the network that
# will be *used*, so the model is in **eval mode** meanwhile. Then the outer minimum: one ordinary step of
# the optimiser on the mean cross-entropy of the **adversarial** batch, in **[train mode](../../../docs/glossary.md#train-mode)**.
#
# Write `adversarial_training_step`. It returns the loss of the step as a float and leaves the model in
# train mode.

# %% [markdown]
# <details><summary><b>Help:</b> "gradients that the attack left in the parameters"</summary>
#
# An attack that calls `loss.backward()` fills the `.grad` of every weight with gradients *up* the loss.
# `optimizer.zero_grad()` has to come after the attack, just before your own `backward()`.
# </details>
# <details><summary><b>Help:</b> "the running statistics"</summary>
#
# In train mode BatchNorm notes the mean and variance of whatever passes. It should note the adversarial
# batch once, and nothing of what the attack tries out: `model.eval()` before the attack,
# `model.train()` after it.
# </details>
# <details><summary><b>Help:</b> "the attack was called under torch.no_grad()"</summary>
#
# An attack needs gradients with respect to the picture.
# </details>


# %% nbgrader={"grade": false, "grade_id": "adversarial_training_step", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def adversarial_training_step(model, optimizer, x, y, attack):
    """Attacks the batch, then makes one step of the optimizer on the attacked batch.

    Args: model; optimizer over its parameters; x (N, 3, H, W) in [0, 1]; y (N,) int64;
        attack: callable (model, x, y) -> x_adv, called in eval mode.
    Returns: the mean cross-entropy of the adversarial batch, in train mode, as a float.
    """
    ### BEGIN SOLUTION
    model.eval()
    x_adv = attack(model, x, y)
    model.train()
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_adversarial_training_step", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def one_step_on_what_the_attack_returns():
    """Plain gradient descent, an attack that turns pictures into negatives: the step is that of the negatives."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    def slope(model, x, reduction="mean"):
        loss = cross_entropy(model(x), y, reduction=reduction)
        found = torch.autograd.grad(loss, [*model.parameters()])
        return torch.cat([part.flatten() for part in found])

    def weights(model):
        return torch.cat([part.detach().flatten() for part in model.parameters()])

    def after_two():
        other = copy.deepcopy(twin)
        once_more = torch.optim.SGD(other.parameters(), lr=0.01)
        for _ in range(2):
            once_more.zero_grad()
            cross_entropy(other(x_adv), y).backward()
            once_more.step()
        return weights(twin) - weights(other)

    def negative(model, x, y):
        given.append((x.detach().clone(), y.clone()))
        return 1 - x

    given = []
    model, (x, y) = check.tiny_classifier(seed=3), check.tiny_batch(6, seed=3)
    model.train()
    twin, x_adv = copy.deepcopy(model), 1 - x
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with check.changing(model, optimizer):
        loss = adversarial_training_step(model, optimizer, x.clone(), y.clone(), negative)
    check.that(
        bool(given) and torch.equal(given[0][0], x) and torch.equal(given[0][1], y),
        "the attack must get x and y as they were given: x_adv = attack(model, x, y)",
    )
    g = slope(twin, x_adv)
    check.close(
        weights(twin) - weights(model),
        0.01 * g,
        what="the change of the weights",
        atol=1e-9,
        mistakes={
            "the optimiser made no step: backward(), then optimizer.step()": 0 * g,
            "the step is that of the clean batch: train on what the attack returns": 0.01
            * slope(twin, x),
            "the step is that of clean and adversarial batch together: train on the adversarial one": 0.01
            * (g + slope(twin, x)),
            "the step is that of half clean, half adversarial: train on the adversarial batch": 0.005
            * (g + slope(twin, x)),
            "the step is that of the summed loss: use the mean cross-entropy": 0.01
            * slope(twin, x_adv, "sum"),
            "the step goes up the loss": -0.01 * g,
            "the step is made twice": after_two,
        },
    )
    check.close(
        check.number(loss, "the loss"),
        cross_entropy(twin(x_adv), y).item(),
        what="the loss",
        mistakes={
            "that is the loss of the clean batch: return that of the adversarial one": cross_entropy(
                twin(x), y
            ).item(),
            "that is the summed loss: return the mean": len(x)
            * cross_entropy(twin(x_adv), y).item(),
            "that is the loss after the step: return the one that the step was made on": cross_entropy(
                model(x_adv), y
            ).item(),
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def step_after_step_as_the_optimizer_makes_them():
    """With momentum, weight decay or Adam, over several steps and batches: the steps of the attacked batches."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    def attack(model, x, y):
        x = x.clone().requires_grad_()
        (g,) = torch.autograd.grad(cross_entropy(model(x), y, reduction="sum"), x)
        return (x.detach() + 0.1 * g.sign()).clamp(0, 1)

    for make in (
        lambda parts: torch.optim.SGD(parts, lr=0.02, momentum=0.9, weight_decay=0.01),
        lambda parts: torch.optim.Adam(parts, lr=0.01),
    ):
        model = check.tiny_classifier(seed=4).train()
        twin = copy.deepcopy(model)
        optimizer, other = make(model.parameters()), make(twin.parameters())
        for number, n in enumerate((4, 1, 5)):
            x, y = check.tiny_batch(n, seed=number)
            with check.changing(model, optimizer):
                loss = adversarial_training_step(model, optimizer, x.clone(), y.clone(), attack)
            other.zero_grad()
            expected = cross_entropy(twin(attack(twin, x, y)), y)
            other.zero_grad()
            expected.backward()
            other.step()
            check.close(
                check.number(loss, "the loss"),
                expected.item(),
                what=f"the loss of step {number + 1}",
            )
        for (name, one), two in zip(model.named_parameters(), twin.parameters(), strict=True):
            check.close(one, two, what=f"the parameter {name} after three steps", atol=1e-7)


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_adversarial_training_step_2", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_attack_meets_eval_mode_and_the_step_is_made_in_train_mode():
    """With BatchNorm: the attack meets eval mode, with gradients on; the step is made in train mode, which stays on."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    def attack(model, x, y):
        modes.append((any(part.training for part in model.modules()), torch.is_grad_enabled()))
        model(x)  # in train mode BatchNorm would note this
        return 1 - x

    modes = []
    model, (x, y) = check.tiny_classifier(fragile=True), check.tiny_batch(6)
    model.train()
    model.drop.p = 0.0  # what is dropped at random can't be compared
    twin = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with check.changing(model, optimizer):
        loss = adversarial_training_step(model, optimizer, x.clone(), y.clone(), attack)
    check.that(bool(modes), "the attack was not called: x_adv = attack(model, x, y)")
    check.that(
        not any(training for training, _ in modes),
        "the attack met the model in train mode: call model.eval() before it",
    )
    check.that(
        all(gradients for _, gradients in modes),
        "the attack was called under torch.no_grad(): it needs gradients",
    )
    check.that(
        all(part.training for part in model.modules()),
        "the model is left in eval mode: a training step leaves it in train mode",
    )
    other = copy.deepcopy(twin)
    before = twin.norm.running_mean.clone()
    expected = cross_entropy(twin(1 - x), y)
    after = twin.norm.running_mean.clone()
    own = torch.optim.SGD(twin.parameters(), lr=0.01)
    expected.backward()
    own.step()
    twin(x)  # the clean batch after the step
    other(x), other(1 - x)  # the clean batch before it
    check.close(
        model.norm.running_mean,
        after,
        what="BatchNorm's running mean after the step",
        atol=1e-9,
        mistakes={
            "the running statistics have noted nothing: the step itself must run in train mode, "
            "call model.train() after the attack": before,
            "the running statistics have noted the clean batch as well: only the adversarial batch "
            "passes in train mode": twin.norm.running_mean,
            "the running statistics have noted the clean batch first: only the adversarial batch passes "
            "in train mode": other.norm.running_mean,
        },
        hint="Only the adversarial batch passes in train mode, and only once",
    )
    check.close(check.number(loss, "the loss"), expected.item(), what="the loss in train mode")


### BEGIN HIDDEN TESTS
@check.promise
def from_eval_mode_too():
    """A model that came in eval mode, single pictures, float32, any device: the step is made in train mode."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    def attack(model, x, y):
        modes.append(any(part.training for part in model.modules()))
        return (x + 0.1 * model(x).mean()).clamp(0, 1).detach()

    for where in check.devices():
        for n in (1, 5):
            modes = []
            model = check.tiny_classifier(fragile=True, dtype=torch.float32).to(where)
            model.drop.p = 0.0
            x, y = (part.to(where) for part in check.tiny_batch(n, dtype=torch.float32))
            twin = copy.deepcopy(model)
            x_adv = attack(twin, x, y)
            twin.train()
            expected = cross_entropy(twin(x_adv), y)
            found = torch.autograd.grad(expected, [*twin.parameters()], allow_unused=True)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
            with check.changing(model, optimizer):
                loss = adversarial_training_step(model, optimizer, x, y, attack)
            check.that(
                not any(modes),
                "the attack met the model in train mode: call model.eval() before it",
            )
            check.that(
                all(part.training for part in model.modules()),
                "the model is left in eval mode: a training step leaves it in train mode, also where "
                "the model came in eval mode",
            )
            check.close(
                check.number(loss, "the loss"),
                expected.item(),
                what="the loss in train mode of a model that came in eval mode",
            )
            check.close(
                model.norm.running_mean,
                twin.norm.running_mean,
                what="BatchNorm's running mean after the step",
            )
            for (name, one), two, g in zip(
                model.named_parameters(), twin.parameters(), found, strict=True
            ):
                check.close(one, two - 0.01 * g, what=f"the parameter {name} after the step")


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_adversarial_training_step_3", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def no_gradient_is_left_over():
    """Gradients from before, and those that the attack leaves in the parameters, play no part in the step."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    def attack(model, x, y):
        x = x.clone().requires_grad_()
        cross_entropy(
            model(x), y, reduction="sum"
        ).backward()  # fills the parameters' gradients too
        return (x.detach() + 0.1 * x.grad.sign()).clamp(0, 1)

    def weights(model):
        return torch.cat([part.detach().flatten() for part in model.parameters()])

    def slope(model, x, reduction="mean"):
        loss = cross_entropy(model(x), y, reduction=reduction)
        return torch.cat([g.flatten() for g in torch.autograd.grad(loss, [*model.parameters()])])

    model, (x, y) = check.tiny_classifier(seed=5), check.tiny_batch(4, seed=5)
    model.train()
    twin = copy.deepcopy(model)
    old = 3 * cross_entropy(model(x.flip(3)), y)
    old.backward()  # as if somebody had stopped in the middle of a step
    left = torch.cat([part.grad.flatten() for part in model.parameters()])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with check.changing(model, optimizer), check.unchanged(x, y):
        adversarial_training_step(model, optimizer, x, y, attack)
    g, attackers = slope(twin, attack(twin, x, y)), slope(twin, x, "sum")
    check.close(
        weights(twin) - weights(model),
        0.01 * g,
        what="the change of the weights",
        atol=1e-9,
        mistakes={
            "gradients that the attack left in the parameters are part of the step: call "
            "optimizer.zero_grad() after the attack": 0.01 * (g + attackers),
            "gradients from before the step are part of it: call optimizer.zero_grad() before backward()": 0.01
            * (g + left),
            "gradients from before the step and those that the attack left are part of it: call "
            "optimizer.zero_grad() after the attack, before backward()": 0.01
            * (g + attackers + left),
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def nothing_of_one_step_is_left_in_the_next():
    """Three steps with momentum, the attack leaving gradients each time; the attack gets x and y as they were given."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    given = []

    def attack(model, x, y):
        given.append((x.detach().clone(), y.clone()))
        x = x.clone().requires_grad_()
        cross_entropy(model(x), y).backward()
        return (x.detach() + 0.05 * x.grad.sign()).clamp(0, 1)

    model = check.tiny_classifier(seed=6).train()
    twin = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    other = torch.optim.SGD(twin.parameters(), lr=0.01, momentum=0.9)
    for number in range(3):
        x, y = check.tiny_batch(3, seed=number)
        with check.changing(model, optimizer), check.unchanged(x, y):
            adversarial_training_step(model, optimizer, x, y, attack)
        check.that(
            bool(given) and torch.equal(given[-1][0], x) and torch.equal(given[-1][1], y),
            "the attack must get x and y as they were given: attack(model, x, y)",
        )
        x_adv = attack(twin, x, y)
        other.zero_grad()
        cross_entropy(twin(x_adv), y).backward()
        other.step()
    for (name, one), two in zip(model.named_parameters(), twin.parameters(), strict=True):
        check.close(
            one,
            two,
            what=f"the parameter {name} after three steps",
            atol=1e-8,
            hint="Are gradients left over from the attack, or from the step before?",
        )


### END HIDDEN TESTS

# %% [markdown]
# Train the network of lab 1 a little further, on pictures that a fast attacker has gone over first: one
# step of the sign method from a random start (Wong, Rice, Kolter 2020, arXiv 2001.03994). Then let a
# stronger attacker than the one it was trained with measure it: ten steps of PGD, no pixel further than
# 4/255.
#
# **What you should see:** before, hardly a picture survives the attack; after so little training a good
# part of them do. The price: a few clean pictures are lost.

# %%
import copy

from course_utils import attacks


def fast_attack(model, x, y, eps=4 / 255):
    start = (x + eps * (2 * torch.rand_like(x) - 1)).clamp(0, 1)
    step = 1.25 * eps * attacks.input_gradient(model, start, y).sign()
    return (x + (start + step - x).clamp(-eps, eps)).clamp(0, 1)


def clean_and_robust(network):
    generator = torch.Generator().manual_seed(0)
    x_adv = attacks.pgd(network, x, y, 4 / 255, steps=10, generator=generator)
    with evaluating(network), torch.no_grad():
        return [(network(z).argmax(dim=1) == y).float().mean().item() for z in (x, x_adv)]


training = world(1200, seed=3488, device=device.pick())
hardened = copy.deepcopy(model)
optimizer = torch.optim.AdamW(hardened.parameters(), lr=1e-3)
torch.manual_seed(0)
for images, labels in training.batches(25):
    loss = adversarial_training_step(hardened, optimizer, images, labels, fast_attack)
for name, network in {"as it was": model, "hardened": hardened}.items():
    clean, robust = clean_and_robust(network)
    print(f"{name:10}: {clean:4.0%} right on clean pictures, {robust:4.0%} under PGD at 4/255")

# %% [markdown]
# ## 4 · A sticker in the scene
# ●●●●○ · 35 minutes · 15 points
#
# An attacker with a printer can't change every pixel a little. But a few pixels as much as they like: a
# **[sticker](../../../docs/glossary.md#patch-attack)**, anywhere in the scene, turned and scaled as it happens to lie (Brown et al. 2017, arXiv
# 1712.09665). To train one we must paste it in a way that gradients pass through.
#
# `affine_grid` and `grid_sample` do that. They ask the question backwards: *for each pixel of the
# picture, where in the patch does its colour come from?* With coordinates in [-1, 1], x to the right and
# y **down**, a pixel at $p$ belongs to the place
#
# $$ q \;=\; \frac{1}{\text{scale}}
#    \begin{pmatrix} \cos\alpha & -\sin\alpha \\ \sin\alpha & \cos\alpha \end{pmatrix}
#    (p - \text{shift}) $$
#
# of a patch that is turned by $\alpha$ counter-clockwise as seen, has `scale` times the picture's side,
# and its centre at `shift`. `affine_grid` wants this as a matrix (N, 2, 3): the left (2, 2) part is the
# matrix above, and the right column is what is left of $q$ at $p = 0$.
#
# Where the picture shows no patch, `grid_sample` answers 0, and along the patch's edges something in
# between. To know *how much* patch there is at a pixel, send a **mask** of ones, shaped like the patch,
# the same way. Then
#
# $$ \text{result} \;=\; x\,(1 - \text{mask}) + \text{sampled patch} . $$
#
# Write `paste_patch`, with `mode="bilinear"`, `padding_mode="zeros"` and `align_corners=False` (in both
# functions). Each picture of the batch has its own angle, scale and shift.

# %% [markdown]
# <details><summary><b>Help:</b> "the patch turns clockwise"</summary>
#
# y points down here, which turns the usual rotation matrix round; the one above takes account of it.
# </details>
# <details><summary><b>Help:</b> the patch lies in the wrong place, though it has the right size</summary>
#
# The right column of the matrix is minus the (2, 2) part times shift. For a batch:
# `-(linear @ shift[:, :, None])` has shape (N, 2, 1), ready to be put beside `linear` (N, 2, 2) with
# `torch.cat(…, dim=2)`.
# </details>
# <details><summary><b>Help:</b> building N matrices at once</summary>
#
# `torch.stack([a, b, c, d], dim=1).view(-1, 2, 2)` makes of four tensors (N,) the matrices with rows
# (a, b) and (c, d).
# </details>
# <details><summary><b>Help:</b> "expected … input and grid to have same batch size"</summary>
#
# One patch, N pictures: `patch.expand(len(x), *patch.shape)` shows it N times without copying it.
# </details>
# <details><summary><b>Help:</b> "black pixels of the patch are see-through"</summary>
#
# A black pixel of the patch is no hole. What is covered is known by the mask, not by the colours.
# </details>


# %% nbgrader={"grade": false, "grade_id": "paste_patch", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def paste_patch(x, patch, angle, scale, shift):
    """Pastes one square patch on every picture, turned, scaled and moved; differentiable in patch.

    Args: x (N, 3, H, W) in [0, 1]; patch (3, s, s) in [0, 1]; angle (N,) in radians, counter-clockwise
        as seen; scale (N,), the patch's side as a fraction of the picture's; shift (N, 2), where the
        centre goes in [-1, 1] coordinates, x to the right, y down.
    Returns: (N, 3, H, W), x (1 - mask) + sampled patch.
    """
    ### BEGIN SOLUTION
    cos, sin = angle.cos() / scale, angle.sin() / scale
    linear = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    theta = torch.cat([linear, -(linear @ shift[:, :, None])], dim=2)  # (N, 2, 3)
    grid = F.affine_grid(theta.to(x.dtype), list(x.shape), align_corners=False)  # (N, H, W, 2)
    patches = patch.expand(len(x), *patch.shape)  # (N, 3, s, s)
    mask = F.grid_sample(torch.ones_like(patches), grid, align_corners=False)
    return x * (1 - mask) + F.grid_sample(patches, grid, align_corners=False)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_paste_patch", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def upright_on_whole_pixels():
    """At angle 0 and scale 0.5 a 4 x 4 patch covers 4 x 4 pixels of an 8 x 8 picture, exactly, where shift says."""
    import torch

    from torch.nn.functional import avg_pool2d, interpolate

    x, _ = check.tiny_batch(3)
    patch = torch.rand(3, 4, 4, dtype=x.dtype)
    shift = torch.tensor([[0.5, -0.5], [-0.5, 0.0], [0.0, 0.0]], dtype=x.dtype)

    def pasted(moves):  # right and down, in units of half a picture
        result = x.clone()
        for picture, (right, down) in zip(result, moves.tolist(), strict=True):
            row, column = round(2 + 4 * down), round(2 + 4 * right)
            picture[:, row : row + 4, column : column + 4] = patch
        return result

    def covers(moves):  # 1 where the patch lies, 0 elsewhere
        return (pasted(moves) != x).to(x.dtype)

    angle, scale = torch.zeros(3, dtype=x.dtype), torch.full((3,), 0.5, dtype=x.dtype)
    result = check.tensor(paste_patch(x.clone(), patch.clone(), angle, scale, shift), like=x)
    middle = result[2]
    twice, four_times = (
        interpolate(patch[None], scale_factor=by, mode="bilinear")[0] for by in (2, 4)
    )
    check.that(
        not torch.allclose(middle, four_times[:, 4:12, 4:12]),
        "the patch is much too large: the matrix must hold 1 / scale, it leads from the picture to the patch",
    )
    check.that(
        not torch.allclose(middle[:, 1:7, 1:7], twice[:, 1:7, 1:7]),
        "the patch is twice as large as it should be: scale is its whole side over the picture's",
    )
    check.that(
        not torch.allclose(middle[:, 3:5, 3:5], avg_pool2d(patch, 2)),
        "the patch is half as large as it should be: scale is its whole side over the picture's",
    )
    places = (
        3 * torch.arange(8, dtype=x.dtype) / 4 - 1.125
    )  # of the pixels, if corners were aligned
    reach = (1 - (places[:, None] - torch.arange(4)).abs()).clamp(min=0)  # (8, 4)
    covered = reach.sum(dim=1)[:, None] * reach.sum(dim=1)
    check.that(
        not torch.allclose(middle, x[2] * (1 - covered) + reach @ patch @ reach.T),
        "align_corners is True: it must be False in affine_grid and in grid_sample",
    )
    check.close(
        result,
        pasted(shift),
        what="the pictures with the patch at the top right, on the left and in the middle",
        atol=1e-6,
        mistakes={
            "the second entry of shift leads down the picture, not up": pasted(
                shift * torch.tensor([1.0, -1.0])
            ),
            "the first entry of shift leads to the right (x), the second down (y)": pasted(
                shift.flip(1)
            ),
            "the patch is moved the opposite way: the right column of the matrix is minus the left "
            "part times shift": pasted(-shift),
            "shift is not multiplied by the matrix, so the patch is moved by scale times shift": pasted(
                shift / 2
            ),
            "the patch is moved the opposite way, and by scale times shift: the right column of the "
            "matrix is minus the left part times shift": pasted(-shift / 2),
            "the patch is added to the picture: multiply x by 1 - mask": x
            + pasted(shift) * covers(shift),
            "shift is ignored: the patch always lies in the middle": pasted(0 * shift),
            "every picture has the pose of the first: each has its own": pasted(
                shift[:1].expand(3, 2)
            ),
            "nothing is pasted: the result is x itself": x,
        },
        hint="The matrix leads from the picture to the patch, so it holds 1 / scale",
    )


@check.promise
def a_black_patch_covers_and_edges_are_blended():
    """A black patch on white, a quarter of a pixel off the grid: black inside, three quarters and one quarter at its sides."""
    import torch

    x = torch.ones(1, 3, 8, 8)
    zero, half = torch.zeros(1), torch.full((1,), 0.5)
    result = paste_patch(x.clone(), torch.zeros(3, 4, 4), zero, half, torch.tensor([[0.0625, 0.0]]))
    blended, sharp, thick = x.clone(), x.clone(), x.clone()
    blended[:, :, 2:6, 2:7] = torch.tensor([0.25, 0.0, 0.0, 0.0, 0.75])
    sharp[:, :, 2:6, 2:6], thick[:, :, 2:6, 2:7] = 0, 0
    not_blended = (
        "the edges are not blended: sample the mask as the patch, bilinearly, and don't round it"
    )
    check.close(
        check.tensor(result, like=x),
        blended,
        what="the black patch on white",
        atol=1e-5,
        mistakes={
            "black pixels of the patch are see-through: sample a mask of ones like the patch": x,
            not_blended: sharp,
            f"{not_blended} up": thick,
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def upright_at_any_size_and_place():
    """At angle 0: each pixel is the bilinear mixture of patch and picture, whatever the sizes, scales and shifts."""
    import torch

    def paste(x, patch, angle, scale, shift, blend="mask", corners=False, nearest=False):
        n, side, s = len(x), x.shape[-1], patch.shape[-1]
        centre = (2 * torch.arange(side, dtype=x.dtype) + 1) / side - 1
        p = torch.stack(torch.meshgrid(centre, centre, indexing="xy")).view(1, 2, -1)
        right, down = (p - shift[:, :, None]).unbind(dim=1)  # (N, pixels)
        cos, sin = angle.cos()[:, None], angle.sin()[:, None]
        weights = []
        for q in ((cos * right - sin * down), (sin * right + cos * down)):
            q = q / scale[:, None]
            at = (q + 1) / 2 * (s - 1) if corners else ((q + 1) * s - 1) / 2
            far = ((at.round() if nearest else at)[:, None] - torch.arange(s)[:, None]).abs()
            weights.append((1 - far).clamp(min=0))  # (N, s, pixels)
        both = torch.einsum("njp,nip->nijp", *weights)
        mask = both.sum(dim=(1, 2)).view(n, 1, side, side)
        sampled = torch.einsum("cij,nijp->ncp", patch, both).view(x.shape)
        if blend == "added":
            return x + sampled
        if blend == "colour":
            return torch.where(sampled.sum(dim=1, keepdim=True) > 0, sampled, x)
        if blend == "hard":
            return torch.where(mask > 0.5, sampled, x)
        return x * (1 - mask) + sampled

    for n, side, s in ((4, 8, 5), (1, 13, 4), (3, 10, 12)):
        x = check.tiny_batch(n, size=side, seed=n)[0]
        patch = torch.rand(3, s, s, dtype=x.dtype)
        angle = torch.zeros(n, dtype=x.dtype)
        scale = 0.25 + 0.5 * torch.rand(n, dtype=x.dtype)
        shift = 1.6 * torch.rand(n, 2, dtype=x.dtype) - 0.8
        poses = (angle, scale, shift)
        result = paste_patch(x.clone(), patch.clone(), *(part.clone() for part in poses))
        check.close(
            check.tensor(result, like=x),
            paste(x, patch, *poses),
            what=f"the pasted pictures for N = {n}, H = W = {side}, s = {s}",
            atol=1e-6,
            mistakes={
                "the matrix must hold 1 / scale: it leads from the picture to the patch": lambda: (
                    paste(x, patch, angle, 1 / scale, shift)
                ),
                "the patch is half as large as it should be: scale is its whole side over the picture's": lambda: (
                    paste(x, patch, angle, scale / 2, shift)
                ),
                "the patch is twice as large as it should be: scale is its whole side over the picture's": lambda: (
                    paste(x, patch, angle, 2 * scale, shift)
                ),
                "the patch is moved the opposite way": lambda: paste(
                    x, patch, angle, scale, -shift
                ),
                "the second entry of shift leads down the picture, not up": lambda: paste(
                    x, patch, angle, scale, shift * torch.tensor([1.0, -1.0])
                ),
                "the first entry of shift leads to the right (x), the second down (y)": lambda: (
                    paste(x, patch, angle, scale, shift.flip(1))
                ),
                "shift is not multiplied by the matrix, so the patch is moved by scale times shift": lambda: (
                    paste(x, patch, angle, scale, scale[:, None] * shift)
                ),
                "the patch is moved the opposite way, and by scale times shift: the right column of the "
                "matrix is minus the left part times shift": lambda: paste(
                    x, patch, angle, scale, -scale[:, None] * shift
                ),
                "every picture has the pose of the first: each has its own": lambda: paste(
                    x, patch, angle, scale[:1].expand(n), shift[:1].expand(n, 2)
                ),
                "the patch is added to the picture: multiply x by 1 - mask": lambda: paste(
                    x, patch, *poses, blend="added"
                ),
                "the edges are not blended: sample the mask like the patch, and don't round it": lambda: (
                    paste(x, patch, *poses, blend="hard")
                ),
                "black pixels of the patch are see-through: sample a mask of ones like the patch": lambda: (
                    paste(x, patch, *poses, blend="colour")
                ),
                "align_corners is True: it must be False in affine_grid and in grid_sample": lambda: (
                    paste(x, patch, *poses, corners=True)
                ),
                "the nearest pixel of the patch is taken: sample bilinearly": lambda: paste(
                    x, patch, *poses, nearest=True
                ),
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_paste_patch_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def quarter_turns_counter_clockwise():
    """A quarter and a half turn: the patch as numpy.rot90 turns it, and its centre where shift says all the same."""
    import math

    import torch

    x, _ = check.tiny_batch(2)
    patch = torch.rand(3, 4, 4, dtype=x.dtype)
    angle = torch.tensor([math.pi / 2, math.pi], dtype=x.dtype)
    scale = torch.full((2,), 0.5, dtype=x.dtype)
    shift = torch.tensor([[0.5, -0.5], [0.5, 0.0]], dtype=x.dtype)

    def pasted(turns, corners=((0, 4), (2, 4))):
        result = x.clone()
        for picture, k, (row, column) in zip(result, turns, corners, strict=True):
            picture[:, row : row + 4, column : column + 4] = patch.rot90(k, (1, 2))
        return result

    result = check.tensor(paste_patch(x.clone(), patch.clone(), angle, scale, shift), like=x)
    from_upright = float((result - pasted((0, 0))).abs().mean())
    check.that(
        not 1e-6 < from_upright < 0.03,
        "the patch has hardly turned: angle is taken for degrees, it is in radians",
    )
    check.close(
        result,
        pasted((1, 2)),
        what="the pictures with the turned patch",
        atol=1e-6,
        mistakes={
            "the patch turns clockwise: counter-clockwise as seen is meant, and y points down": pasted(
                (-1, 2)
            ),
            "angle is ignored: the patch is upright": pasted((0, 0)),
            "the place is turned along with the patch: turn about the patch's own centre": pasted(
                (1, 2), ((0, 0), (2, 0))
            ),
            "the place is turned along with the patch, and clockwise: turn about the patch's own "
            "centre": pasted((-1, 2), ((4, 4), (2, 0))),
            "every picture has the pose of the first: each has its own": pasted(
                (1, 1), ((0, 4), (0, 4))
            ),
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_angle():
    """At any angle, negative ones and whole turns too: each pixel is the bilinear mixture of patch and picture."""
    import math

    import torch

    def paste(x, patch, angle, scale, shift):
        n, side, s = len(x), x.shape[-1], patch.shape[-1]
        centre = (2 * torch.arange(side, dtype=x.dtype) + 1) / side - 1
        p = torch.stack(torch.meshgrid(centre, centre, indexing="xy")).view(1, 2, -1)
        right, down = (p - shift[:, :, None]).unbind(dim=1)  # (N, pixels)
        cos, sin = angle.cos()[:, None], angle.sin()[:, None]
        weights = []
        for q in ((cos * right - sin * down), (sin * right + cos * down)):
            at = ((q / scale[:, None] + 1) * s - 1) / 2
            weights.append((1 - (at[:, None] - torch.arange(s)[:, None]).abs()).clamp(min=0))
        both = torch.einsum("njp,nip->nijp", *weights)  # (N, s, s, pixels)
        mask = both.sum(dim=(1, 2)).view(n, 1, side, side)
        return x * (1 - mask) + torch.einsum("cij,nijp->ncp", patch, both).view(x.shape)

    for n, side, s in ((4, 8, 5), (1, 13, 4), (3, 10, 12)):
        x = check.tiny_batch(n, size=side, seed=n)[0]
        patch = torch.rand(3, s, s, dtype=x.dtype)
        angle = 14 * torch.rand(n, dtype=x.dtype) - 7
        scale = 0.25 + 0.5 * torch.rand(n, dtype=x.dtype)
        shift = 1.6 * torch.rand(n, 2, dtype=x.dtype) - 0.8
        cos, sin = angle.cos(), angle.sin()
        turned = torch.stack(
            [cos * shift[:, 0] + sin * shift[:, 1], cos * shift[:, 1] - sin * shift[:, 0]], dim=1
        )
        result = paste_patch(x.clone(), patch.clone(), angle.clone(), scale.clone(), shift.clone())
        check.close(
            check.tensor(result, like=x),
            paste(x, patch, angle, scale, shift),
            what=f"the pasted pictures for N = {n}, H = W = {side}, s = {s}",
            atol=1e-6,
            mistakes={
                "the patch turns clockwise: counter-clockwise as seen is meant, and y points down": lambda: (
                    paste(x, patch, -angle, scale, shift)
                ),
                "angle is taken for degrees: it is in radians": lambda: paste(
                    x, patch, angle * math.pi / 180, scale, shift
                ),
                "angle is ignored: the patch is upright": lambda: paste(
                    x, patch, 0 * angle, scale, shift
                ),
                "the place is turned along with the patch: turn about the patch's own centre": lambda: (
                    paste(x, patch, angle, scale, turned)
                ),
                "every picture has the angle of the first: each has its own": lambda: paste(
                    x, patch, angle[:1].expand(n), scale, shift
                ),
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_paste_patch_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def gradients_reach_the_patch():
    """Pasted whole on two pictures, each pixel of the patch counts twice in the sum of the result; no input changes."""
    import torch

    x, _ = check.tiny_batch(2)
    patch = torch.rand(3, 4, 4, dtype=x.dtype, requires_grad=True)
    angle, scale = torch.zeros(2, dtype=x.dtype), torch.full((2,), 0.5, dtype=x.dtype)
    shift = torch.tensor([[0.5, 0.0], [-0.5, 0.5]], dtype=x.dtype)
    with check.unchanged(x, patch, angle, scale, shift):
        result = paste_patch(x, patch, angle, scale, shift)
    result = check.tensor(result, like=x, differentiable=True)
    check.that(
        result.requires_grad,
        "the result does not depend on the patch any more: no .detach(), .data or torch.no_grad() here",
    )
    (g,) = torch.autograd.grad(result.sum(), patch, allow_unused=True)
    check.that(g is not None, "no gradient reaches the patch: paste the patch itself, not a copy")
    check.close(g, torch.full_like(g, 2.0), what="the gradient of the sum", atol=1e-6)


### BEGIN HIDDEN TESTS
@check.promise
def the_result_is_linear_in_the_patch():
    """The gradient foretells what a change of the patch does; float32 too, on any device, the rest of the picture intact."""
    import torch

    for where in check.devices():
        for dtype, n in ((torch.float64, 3), (torch.float32, 1)):
            x = check.tiny_batch(n, size=12, seed=n, dtype=dtype)[0].to(where)
            patch, d, look = (
                0.5 * torch.rand(shape, dtype=dtype).to(where)
                for shape in ((3, 5, 5), (3, 5, 5), x.shape)
            )
            angle = torch.zeros(n, dtype=dtype, device=where)
            scale = torch.full((n,), 0.3, dtype=dtype, device=where)
            shift = torch.full((n, 2), 0.4, dtype=dtype, device=where)
            leaf = patch.clone().requires_grad_()
            with check.unchanged(x, leaf, angle, scale, shift):
                result = paste_patch(x, leaf, angle, scale, shift)
            result = check.tensor(result, like=x, differentiable=True)
            check.that(
                result.requires_grad,
                "the result does not depend on the patch any more: no .detach() or torch.no_grad() here",
            )
            (g,) = torch.autograd.grad((look * result).sum(), leaf)
            other = paste_patch(x, patch + d, angle, scale, shift)
            other = check.tensor(other, like=x)
            rise = (look * (other - result.detach())).sum()
            check.close(
                (g * d).sum(), rise, what="the change that the gradient foretells", rtol=1e-3
            )
            left = result.detach()[:, :, :, :5]
            check.that(torch.equal(left, x[:, :, :, :5]), "pixels outside the patch have changed")


### END HIDDEN TESTS

# %% [markdown]
# **What you should see:** the same letter every time, never mirrored, blended at its edges.

# %%
sticker = torch.ones(3, 16, 16, device=x.device) * torch.tensor(
    [1.0, 0.85, 0.1], device=x.device
).view(3, 1, 1)
for rows, columns in (
    (slice(3, 13), slice(4, 6)),
    (slice(3, 5), slice(4, 12)),
    (slice(7, 9), slice(4, 10)),
):
    sticker[:, rows, columns] = 0.05
angles = torch.arange(8, device=x.device) * math.pi / 4
scales = torch.linspace(0.25, 0.5, 8, device=x.device)
shifts = torch.tensor([[a, b] for b in (-0.4, 0.4) for a in (-0.45, -0.15, 0.15, 0.45)]).to(
    x.device
)
plots.gallery(
    paste_patch(x[:8], sticker, angles, scales, shifts),
    [
        f"{math.degrees(a):.0f}°, {s:.0%} of the side"
        for a, s in zip(angles.tolist(), scales.tolist(), strict=True)
    ],
    title="One sticker, eight poses: counter-clockwise, larger from picture to picture",
)

# %% [markdown]
# ## 5 · Training the sticker
# ●●●●○ · 30 minutes · 15 points
#
# A sticker is printed once and then lies where it lies: on pictures that nobody has seen yet, at a size
# and an angle that nobody knows. So it is trained on the *expectation* over both. Each step takes the
# next batch, pastes the patch on each picture at a **random pose**, and changes the patch, nothing else,
# so that the network says `target`:
#
# $$ \min_{p \in [0, 1]^{3 \times s \times s}} \; \mathbb{E}_{x,\,\text{pose}}
#    \Big[ \mathrm{CE}\big(f(\mathrm{paste}(x, p, \text{pose})),\, \text{target}\big) \Big] $$
#
# Write `train_patch`. The poses are yours to draw: any angle, a scale between 0.2 and 0.5, and a place
# at which the whole patch, its corners too, is inside the picture. How you descend is yours as well:
# sign steps of size `lr`, Adam with learning rate `lr` … A step is one batch; when `batches` has come to
# its end before `steps` are done, it begins anew. The labels in `batches` play no part. Return the
# patch (3, size, size), in [0, 1].

# %% [markdown]
# <details><summary><b>Help:</b> how far may the centre go?</summary>
#
# In [-1, 1] coordinates the picture's half side is 1, and the patch's is `scale`. Turned by `angle`, the
# patch reaches `scale * (|cos| + |sin|)` to each side of its centre. What is left until 1 is the room
# for shift.
# </details>
# <details><summary><b>Help:</b> "stops after one pass over the batches"</summary>
#
# `itertools.cycle(batches)` begins anew at the end, and `itertools.islice(…, steps)` takes as many as
# you need. Or two loops, and a counter that ends both.
# </details>
# <details><summary><b>Help:</b> "the same seed gave two results"</summary>
#
# Everything random must come from `generator`: the angles, scales, shifts, and the patch's start if it
# is random. `torch.rand(n, generator=generator)`.
# </details>
# <details><summary><b>Help:</b> "is no leaf", or `.grad` is None</summary>
#
# A leaf is a tensor that you made, not computed. Before each step: `patch = patch.detach()`, then
# `patch.requires_grad_()`. With an optimiser: make the patch a leaf once, and clamp it in place under
# `torch.no_grad()`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "train_patch", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def train_patch(model, batches, target, size, steps, lr, generator=None):
    """One patch for all pictures, trained so that the model says target wherever the patch lies.

    Args: model; batches: iterable of (x, y), gone through again and again; target: an int, the class
        wanted; size: the patch's side in pixels; steps: how many batches to train on; lr: size of a
        step; generator: all randomness.
    Returns: the patch (3, size, size) in [0, 1], detached.
    """
    ### BEGIN SOLUTION
    from itertools import cycle, islice

    where = "cpu" if generator is None else generator.device

    def uniform(*shape):
        return torch.rand(shape, generator=generator, device=where)

    patch = uniform(3, size, size)
    with evaluating(model):
        for x, _ in islice(cycle(batches), steps):
            angle = 2 * torch.pi * uniform(len(x))
            scale = 0.2 + 0.3 * uniform(len(x))
            room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
            shift = room[:, None] * (2 * uniform(len(x), 2) - 1)
            leaf = patch.to(x).requires_grad_()
            pasted = paste_patch(x, leaf, angle.to(x), scale.to(x), shift.to(x))
            wanted = torch.full((len(x),), target, device=x.device)
            (gradient,) = torch.autograd.grad(F.cross_entropy(model(pasted), wanted), leaf)
            patch = (leaf.detach() - lr * gradient.sign()).clamp(0, 1)
    return patch
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_train_patch", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def unseen_pictures_with_the_patch_read_as_the_target():
    """A patch trained for 40 steps against a network that hangs on colours takes 7 in 10 unseen pictures to its target."""
    import torch
    from torch.nn.functional import interpolate

    def covered(x, patch):  # upright and turned by quarters, 7 to 16 of 32 pixels wide, anywhere
        generator = torch.Generator().manual_seed(0)
        result = x.clone()
        for i, picture in enumerate(result):
            k = 7 + i % 10
            small = interpolate(patch[None], size=(k, k), mode="bilinear", antialias=True)[0]
            row, column = torch.randint(0, 33 - k, (2,), generator=generator).tolist()
            picture[:, row : row + k, column : column + k] = small.rot90(i % 4, (1, 2))
        return result

    model, target = check.gullible_classifier(seed=1), 1
    x, y = check.tiny_batch(16, size=32, dtype=torch.float32)
    patch = train_patch(
        model,
        [(x[:8], y[:8]), (x[8:], y[8:])],
        target,
        8,
        40,
        0.2,
        generator=torch.Generator().manual_seed(0),
    )
    patch = check.tensor(patch, shape=(3, 8, 8), dtype=torch.float32, what="the patch")
    check.that(
        float(patch.min()) >= 0 and float(patch.max()) <= 1,
        "the patch leaves [0, 1], and nobody can print that: clamp it after every step",
    )
    unseen, _ = check.tiny_batch(60, size=32, seed=1, dtype=torch.float32)
    with torch.no_grad():
        with_patch = model(covered(unseen, patch))
        with_grey = model(covered(unseen, torch.full_like(patch, 0.5)))
    says = with_patch.argmax(dim=1)
    share = float((says == target).double().mean())
    seen = f"{share:.0%} of unseen pictures with the patch read as the target"
    check.that(
        share >= 0.7 or float((with_patch - with_grey)[:, target].mean()) > 0,
        f"{seen}: the patch drives the network away from the target, go down the cross-entropy of target",
    )
    check.that(
        share >= 0.7 or float((says == 0).double().mean()) > 0.3,
        f"{seen}: the patch changes what the network says, but not to target: use the cross-entropy of target",
    )
    check.that(
        share >= 0.7,
        f"{seen}, expected at least 70 %: is the patch trained at all, `steps` times, at random poses?",
    )


### BEGIN HIDDEN TESTS
@check.promise
def another_network_and_another_target():
    """The same against another network, for another target, odd sizes and short batches, whatever the labels are."""
    import torch
    from torch.nn.functional import interpolate

    model, target = check.gullible_classifier(seed=2), 2
    x, _ = check.tiny_batch(11, size=24, dtype=torch.float32)
    y = torch.full((11,), target)
    batches = [(x[:5], y[:5]), (x[5:10], y[5:10]), (x[10:], y[10:])]
    generator = torch.Generator().manual_seed(5)
    patch = train_patch(model, batches, target, 7, 45, 0.2, generator=generator)
    patch = check.tensor(patch, shape=(3, 7, 7), dtype=torch.float32, what="the patch")
    check.that(
        float(patch.min()) >= 0 and float(patch.max()) <= 1,
        "the patch leaves [0, 1], and nobody can print that: clamp it after every step",
    )
    unseen, _ = check.tiny_batch(60, size=24, seed=9, dtype=torch.float32)
    for i, picture in enumerate(unseen):
        k = 6 + i % 7
        small = interpolate(patch[None], size=(k, k), mode="bilinear", antialias=True)[0]
        row, column = torch.randint(0, 25 - k, (2,)).tolist()
        picture[:, row : row + k, column : column + k] = small.rot90(i % 4, (1, 2))
    with torch.no_grad():
        share = float((model(unseen).argmax(dim=1) == target).double().mean())
    check.that(
        share >= 0.6,
        f"{share:.0%} of unseen pictures with the patch read as the target, expected at least 60 %",
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_train_patch_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def random_poses_wholly_inside():
    """What the network is shown: a patch of 0.2 to 0.5 of the side, wholly inside, in ever new places, at any angle."""
    import torch

    class Watched(torch.nn.Module):  # notes on which pictures the patch is trained
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            if x.requires_grad:
                shown.append(x.detach().clone())
            return self.inner(x)

    shown, clean = [], 0.3137
    x, y = torch.full((3, 3, 64, 64), clean), torch.zeros(3, dtype=torch.int64)
    model = Watched(check.gullible_classifier(seed=1)).eval()
    generator = torch.Generator().manual_seed(1)
    train_patch(model, [(x, y)], 1, 16, 24, 0.05, generator=generator)
    check.that(
        bool(shown),
        "the network never saw a patch that could learn: train it on what the model says",
    )
    poses = []
    for picture in torch.cat(shown):
        changed = (picture - clean).abs().amax(dim=0) > 1e-3  # (64, 64)
        if not bool(changed.any()):
            poses.append((0.0, 0.0, 1.0, 0.0, 0.0))
            continue
        rows, columns = changed.any(dim=1).nonzero()[:, 0], changed.any(dim=0).nonzero()[:, 0]
        high, wide = (int(span.max() - span.min()) + 1 for span in (rows, columns))
        side = float(changed.sum()) ** 0.5
        places = [float(span.min() + span.max()) / 128 for span in (rows, columns)]
        # its blurred edge makes a 16 x 16 patch one sixteenth wider
        poses.append((side / 64 / (1 + 1 / 16), abs(high - wide), max(high, wide) / side, *places))
    scale, unequal, reach, row, column = torch.tensor(poses).T
    check.that(
        bool((scale > 0).all()),
        "the network was shown a picture without the patch: paste it on every one, inside the picture",
    )
    check.that(
        bool((unequal <= 3).all()),
        "the patch reaches beyond the picture's edge: its turned corners must be inside as well",
    )
    check.that(
        bool((scale > 0.17).all()) and bool((scale < 0.54).all()),
        f"the patch's side is {float(scale.min()):.2f} to {float(scale.max()):.2f} of the picture's: draw "
        "the scale between 0.2 and 0.5",
    )
    check.that(
        float(row.std()) > 0.04 and float(column.std()) > 0.04,
        "the patch always lies in the same place: draw a shift for every picture",
    )
    check.that(
        float((reach > 1.3).double().mean()) > 0.1,
        "the patch hardly turns: draw any angle between 0 and 2 pi",
    )
    check.that(
        float(scale.std()) > 0.02,
        "the patch always has the same size: draw the scale between 0.2 and 0.5",
    )


# %% nbgrader={"grade": true, "grade_id": "test_train_patch_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_batches_come_round_and_the_seed_decides():
    """Seven steps over three batches: 0, 1, 2, 0, 1, 2, 0. The same seed gives the same patch, another another."""
    import torch

    class Watched(torch.nn.Module):  # notes whose turn it is
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, x):
            if x.requires_grad:
                turns.append(round(10 * float(x.detach().median())))
            return self.inner(x)

    turns = []
    model = check.gullible_classifier(seed=1)
    batches = [
        (torch.full((n, 3, 16, 16), grey), torch.zeros(n, dtype=torch.int64))
        for n, grey in ((2, 0.2), (2, 0.4), (1, 0.7))
    ]
    generator = torch.Generator().manual_seed(0)
    train_patch(Watched(model).eval(), batches, 1, 6, 7, 0.02, generator=generator)
    steps = [now for now, before in zip(turns, [None, *turns], strict=False) if now != before]
    check.that(
        set(steps) == {2, 4, 7},
        f"of three batches, the network was shown {len(set(steps))}: go through all of them",
    )
    check.that(
        len(steps) > 3,
        "the training stops after one pass over the batches: begin anew until `steps` are done",
    )
    check.that(
        len(steps) < 14,
        f"asked for 7 steps, the training went through {len(steps)} batches: a step is one batch, "
        "not one pass over all of them",
    )
    check.that(
        steps == [2, 4, 7, 2, 4, 7, 2],
        f"asked for 7 steps over three batches, the training made {len(steps)}, or left their order",
    )
    x, y = check.tiny_batch(4, size=16, dtype=torch.float32)
    patches = []
    for seed in (1, 1, 2):
        generator = torch.Generator().manual_seed(seed)
        with check.unchanged(x, y):
            patch = train_patch(model, [(x, y)], 1, 6, 3, 0.02, generator=generator)
        patches.append(check.tensor(patch, shape=(3, 6, 6), what="the patch"))
    first, again, other = patches
    check.close(
        again, first, what="the same seed gave two results: draw all from the generator. The patch"
    )
    check.that(
        not torch.allclose(first, other),
        "two seeds gave one result: draw the poses from the generator",
    )


### BEGIN HIDDEN TESTS
@check.promise
def only_the_patch_changes():
    """Model, gradients, flags and pictures stay as they were, BatchNorm sees nothing; any device, any iterable, no generator."""
    import torch
    from torch.nn.functional import cross_entropy

    class Batches:
        def __iter__(self):
            yield x[:3], y[:3]
            yield x[3:], y[3:]

    for where in check.devices():
        model = check.gullible_classifier(seed=1, fragile=True).to(where)
        x, y = (part.to(where) for part in check.tiny_batch(4, size=16, dtype=torch.float32))
        cross_entropy(model(x), y).backward()  # as if a training step had just been made
        model.train()
        model[3].eval()  # somebody has switched this layer off
        with check.unchanged(model, x, y):
            patch = train_patch(model, Batches(), 2, 5, 3, 0.05)
        patch = check.tensor(patch, shape=(3, 5, 5), dtype=torch.float32, what="the patch")
        check.that(
            patch.device == x.device, f"the patch is on {patch.device}, the pictures on {x.device}"
        )


### END HIDDEN TESTS

# %% [markdown]
# **What you should see:** a grey square of the same size makes no house of anything. The trained patch
# does, on pictures that it was not trained on: seldom where it is small, mostly where it covers nearly
# half the side.

# %%
target = CLASSES.index("house")
generator = torch.Generator().manual_seed(0)
batches = list(world(640, seed=3489, device=device.pick()).batches(16))
patch = train_patch(model, batches, target, size=24, steps=150, lr=0.05, generator=generator)

others = x[y != target]  # the patch has seen none of them
n = len(others)
for low in (0.2, 0.3, 0.4):
    angle = 2 * math.pi * torch.rand(n, generator=generator).to(x)
    scale = low + 0.1 * torch.rand(n, generator=generator).to(x)
    room = 1 - scale * (angle.cos().abs() + angle.sin().abs())
    shift = room[:, None] * (2 * torch.rand(n, 2, generator=generator).to(x) - 1)
    shares = []
    for square in (torch.full_like(patch, 0.5), patch):
        pasted = paste_patch(others, square, angle, scale, shift)
        with torch.no_grad():
            says = model(pasted).argmax(dim=1)
        shares.append((says == target).float().mean().item())
    print(
        f"{low:.0%} to {low + 0.1:.0%} of the side: read as house with the grey square "
        f"{shares[0]:3.0%}, with the patch {shares[1]:3.0%} of {n} unseen pictures"
    )
plots.gallery(
    torch.cat([F.interpolate(patch[None], size=48), pasted[:9]]),
    ["the patch", *(CLASSES[label] for label in says[:9])],
    columns=5,
    title="The patch, and what the network calls the pictures that it lies on",
)

# %% [markdown]
# ## 6 · From every side: expectation over transformation
# ●●●○○ · 15 minutes · 10 points
#
# The attacks of lab 1 work on the picture as it is. Print it, turn the print a little, look from further
# off, and the network is right again: the noise was made for one view only. The remedy, for the
# attacker, is to use the gradient of the **[mean over many views](../../../docs/glossary.md#eot)** (Athalye et al. 2018, arXiv
# 1707.07397). With transformations $t_1 \dots t_K$ of a batch:
#
# $$ g \;=\; \frac{1}{K} \sum_{k=1}^{K} \nabla_x \sum_{i=1}^{N} \mathrm{CE}\big(f(t_k(x))_i,\, y_i\big) $$
#
# The gradient is taken with respect to x, the picture *before* the transformation, so it has to pass
# through $t_k$. Write `eot_gradient`.

# %% [markdown]
# <details><summary><b>Help:</b> "the gradient is that of the transformed picture"</summary>
#
# Make x the leaf, not `transform(x)`: the transformation is part of what you differentiate.
# </details>
# <details><summary><b>Help:</b> "Trying to backward through the graph a second time"</summary>
#
# Each gradient needs a forward pass of its own: call the model inside the loop over the
# transformations.
# </details>


# %% nbgrader={"grade": false, "grade_id": "eot_gradient", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def eot_gradient(model, x, y, transforms):
    """Mean over transforms of the gradient of the summed cross-entropy with respect to x.

    Args: model; x (N, 3, H, W) in [0, 1]; y (N,) int64; transforms: a list of callables, batch -> batch.
    Returns: (N, 3, H, W), detached.
    """
    ### BEGIN SOLUTION
    total = torch.zeros_like(x)
    for transform in transforms:
        leaf = x.detach().clone().requires_grad_()
        loss = F.cross_entropy(model(transform(leaf)), y, reduction="sum")
        total = total + torch.autograd.grad(loss, leaf)[0]
    return total / len(transforms)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_eot_gradient", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_gradient_foretells_the_mean_loss():
    """A tiny step d changes the summed loss, averaged over the transformations, by gradient · d."""
    import torch
    from torch.nn.functional import cross_entropy

    def rise(labels, views):  # of the views' summed losses together, a million times what d gives
        with torch.no_grad():
            up, down = (
                sum(
                    cross_entropy(model(view(x + side * d)), labels, reduction="sum")
                    for view in views
                )
                for side in (1, -1)
            )
        return 1e6 * (up - down) / 2

    model, (x, y) = check.tiny_classifier(seed=2), check.tiny_batch(5, seed=2)
    transforms = [lambda z: z.flip(3), lambda z: 0.6 * z + 0.1, lambda z: z.roll(2, 2) ** 2]

    def rise_of(loss):  # a million times what d gives
        with torch.no_grad():
            return 1e6 * (loss(x + d) - loss(x - d)) / 2

    def chained(z):
        for view in transforms:
            z = view(z)
        return z

    def of_mean_logits(z):
        return cross_entropy(sum(model(view(z)) for view in transforms) / 3, y, reduction="sum")

    def of_transformed(side):  # the step made on the transformed pictures
        with torch.no_grad():
            views = [model(view(x) + side * d) for view in transforms]
        return sum(cross_entropy(logits, y, reduction="sum") for logits in views) / 3

    d = 1e-6 * torch.randn(x.shape, dtype=x.dtype)
    gradient = check.tensor(eot_gradient(model, x.clone(), y, transforms), like=x)
    check.that(
        not bool((gradient.abs() == 1).all()),
        "that is the sign of the gradient: return the gradient itself",
    )
    check.that(
        not torch.allclose(3 * gradient, (3 * gradient).round(), atol=1e-9),
        "the signs are averaged: average the gradients themselves",
    )
    check.close(
        1e6 * (gradient * d).sum(),
        rise(y, transforms) / 3,
        what="the change of the mean loss that your gradient foretells (times a million)",
        rtol=1e-3,
        mistakes={
            "the gradients are added up: divide by the number of transformations": rise(
                y, transforms
            ),
            "the gradient is that of the mean loss: sum over the batch (reduction='sum')": rise(
                y, transforms
            )
            / 3
            / len(x),
            "only the last transformation counts: average over all of them": rise(
                y, transforms[-1:]
            ),
            "only the first transformation counts: average over all of them": rise(
                y, transforms[:1]
            ),
            "the gradients of all but the last transformation are lost": rise(y, transforms[-1:])
            / 3,
            "the gradient is that of the untransformed picture: the model must see transform(x)": rise(
                y, [lambda z: z]
            ),
            "the gradient has the wrong sign: it must point up the loss": -rise(y, transforms) / 3,
            "the gradient is that of the transformed picture: differentiate with respect to x, through "
            "the transformation": 1e6 * (of_transformed(1) - of_transformed(-1)) / 2,
            "the gradient is that of the mean picture: average gradients, not pictures": rise(
                y, [lambda z: sum(view(z) for view in transforms) / 3]
            ),
            "the gradient is that of the mean logits: average the losses' gradients": rise_of(
                of_mean_logits
            ),
            "the transformations are chained: each one starts from x": rise(y, [chained]),
        },
        hint="Differentiate with respect to x, through each transformation, and average",
    )


### BEGIN HIDDEN TESTS
@check.promise
def every_pixel_has_its_own_mean_slope():
    """Each entry is the mean over the transformations of the slope of the summed cross-entropy, whatever N is."""
    import torch
    from torch.nn.functional import cross_entropy

    def slope(x, loss):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(loss(x), x)[0]

    for n, size, transforms in (
        (4, 8, [lambda z: z.roll(1, 3), lambda z: z.flip(2) * 0.7, lambda z: (z + 0.1) ** 2]),
        (1, 9, [lambda z: 1 - z, lambda z: z.transpose(2, 3)]),
    ):
        model, (x, y) = check.tiny_classifier(seed=n), check.tiny_batch(n, size=size, seed=n)
        views = len(transforms)

        def mean_of(loss):
            return sum(slope(x, lambda z: loss(view, z)) for view in transforms) / views

        def summed(view, z, labels=None):
            labels = y if labels is None else labels
            return cross_entropy(model(view(z)), labels, reduction="sum")

        def chained(z):
            for view in transforms:
                z = view(z)
            return z

        expected = mean_of(summed)
        gradient = check.tensor(eot_gradient(model, x.clone(), y.clone(), transforms), like=x)
        check.close(
            gradient,
            expected,
            what=f"the gradient for N = {n} and {views} transformations",
            atol=1e-7,
            mistakes={
                "the gradients are added up: divide by the number of transformations": views
                * expected,
                "the gradient is that of the mean loss: sum over the batch (reduction='sum')": expected
                / n,
                "the gradient is that of the transformed picture: differentiate with respect to x, "
                "through the transformation": lambda: (
                    sum(
                        slope(view(x), lambda z: cross_entropy(model(z), y, reduction="sum"))
                        for view in transforms
                    )
                    / views
                ),
                "the gradient is that of the mean picture: average gradients, not pictures": lambda: (
                    slope(
                        x,
                        lambda z: cross_entropy(
                            model(sum(view(z) for view in transforms) / views), y, reduction="sum"
                        ),
                    )
                ),
                "the gradient is that of the mean logits: average the losses' gradients": lambda: (
                    slope(
                        x,
                        lambda z: cross_entropy(
                            sum(model(view(z)) for view in transforms) / views, y, reduction="sum"
                        ),
                    )
                ),
                "the transformations are chained: each one starts from x": lambda: slope(
                    x, lambda z: summed(chained, z)
                ),
                "that is the sign of the gradient: return the gradient itself": expected.sign(),
                "the signs are averaged: average the gradients themselves": lambda: (
                    sum(slope(x, lambda z: summed(view, z)).sign() for view in transforms) / views
                ),
                "the loss uses the predicted class: use the label y": lambda: mean_of(
                    lambda view, z: summed(view, z, model(x).argmax(dim=1))
                ),
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_eot_gradient_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def nothing_else_changes():
    """The gradient is right for one transformation too, and pictures, model, flags and gradients stay as they were."""
    import torch
    from torch.nn.functional import cross_entropy

    model, (x, y) = check.tiny_classifier(), check.tiny_batch(3)
    cross_entropy(model(x), y).backward()  # as if a training step had just been made
    model.train()
    z = x.clone().requires_grad_()
    loss = cross_entropy(model(z.roll(1, 2)), y, reduction="sum")
    (expected,) = torch.autograd.grad(loss, z)
    with check.unchanged(model, x, y):
        gradient = eot_gradient(model, x, y, [lambda z: z.roll(1, 2)])
    check.close(check.tensor(gradient, like=x), expected, what="the gradient", atol=1e-7)


### BEGIN HIDDEN TESTS
@check.promise
def models_and_transformations_of_any_kind():
    """With BatchNorm in eval mode, a frozen model, transformations in a tuple, one that ignores the picture, float32."""
    import torch
    from torch.nn.functional import cross_entropy

    transforms = (lambda z: z.flip(3), lambda z: torch.zeros_like(z) + 0 * z, lambda z: z.sqrt())
    for frozen in (False, True):
        for where in check.devices():
            model = check.tiny_classifier(fragile=True, dtype=torch.float32).to(where)
            model.requires_grad_(not frozen)
            x, y = (part.to(where) for part in check.tiny_batch(2, dtype=torch.float32))
            x = 0.2 + 0.6 * x  # the root has no slope at 0
            expected = torch.zeros_like(x)
            for transform in transforms:
                z = x.clone().requires_grad_()
                loss = cross_entropy(model(transform(z)), y, reduction="sum")
                expected += torch.autograd.grad(loss, z)[0] / 3
            with check.unchanged(model, x, y):
                gradient = eot_gradient(model, x, y, transforms)
            check.close(check.tensor(gradient, like=x), expected, what="the gradient", atol=1e-5)


### END HIDDEN TESTS

# %% [markdown]
# The same picture, twice attacked with 30 small steps towards `target` and at most 12/255 a pixel: once as
# it hangs on the wall, once with `eot_gradient` over turned, moved and scaled views. Then both are looked
# at from 50 views that neither attack knew.
#
# **What you should see:** straight on, both attacks reach the target. From elsewhere the plain one mostly
# fails, and the one over many views mostly holds.


# %%
def random_view(generator):
    angle, right, down = (0.6 * torch.rand(3, generator=generator) - 0.3).tolist()
    zoom = 1 + 0.3 * torch.rand(1, generator=generator).item()
    rows = [[math.cos(angle), -math.sin(angle), right], [math.sin(angle), math.cos(angle), down]]

    def view(pictures):
        theta = zoom * torch.tensor(rows, device=pictures.device).expand(len(pictures), 2, 3)
        grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
        return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)

    return view


def towards(target, start, views, eps=12 / 255, steps=30):
    picture = start
    for _ in range(steps):
        g = eot_gradient(model, picture, target, views())
        picture = start + (picture - 2 / 255 * g.sign() - start).clamp(-eps, eps)
        picture = picture.clamp(0, 1)
    return picture


generator = torch.Generator().manual_seed(0)
start = x[y == CLASSES.index("fish")][:4]
goal = torch.full((len(start),), CLASSES.index("mushroom"), device=x.device)
plain = towards(goal, start, lambda: [lambda z: z])
robust = towards(goal, start, lambda: [random_view(generator) for _ in range(6)])
unseen = [random_view(generator) for _ in range(50)]
with torch.no_grad():
    for name, picture in {"plain attack": plain, "over many views": robust}.items():
        straight = (model(picture).argmax(dim=1) == goal).float().mean()
        turned = torch.stack([(model(view(picture)).argmax(dim=1) == goal) for view in unseen])
        print(
            f"{name:16}: read as mushroom straight on {straight:4.0%}, from unseen views {turned.float().mean():4.0%}"
        )
plots.gallery(
    torch.cat([unseen[i](picture[:1]) for picture in (plain, robust) for i in range(5)]),
    [
        CLASSES[model(unseen[i](picture[:1])).argmax()]
        for picture in (plain, robust)
        for i in range(5)
    ],
    columns=5,
    title="Five unseen views of one fish: attacked straight on (above), and over many views (below)",
)

# %% [markdown]
# ## 7 · Scissors: an attack inside a mask
# ●●○○○ · 15 minutes · 10 points
#
# Two strips of tape on a stop sign (Eykholt et al. 2018, arXiv 1707.08945), a pair of glasses on a face
# (Sharif et al. 2016): the attacker may change *a few places*, but there as much as they like. With a
# [mask](../../../docs/glossary.md#masked-attack) $m$ of ones where changes are allowed and zeros elsewhere, each step goes down the cross-entropy
# of the target, inside the mask only:
#
# $$ x^{(0)} = x \qquad x^{(t+1)} = \mathrm{clamp}_{[0,1]}\big(x^{(t)} - \alpha \, m \odot
#    \mathrm{sign}\,\nabla_x \mathrm{CE}(f(x^{(t)}), \text{target})\big) $$
#
# There is no eps: [0, 1] is the only limit. Write `masked_pgd`. `steps=0` returns x.

# %% [markdown]
# <details><summary><b>Help:</b> "pixels outside the mask have changed"</summary>
#
# Multiply the step by the mask: a step of zero changes nothing. The mask (1, H, W) broadcasts over
# pictures and channels by itself.
# </details>
# <details><summary><b>Help:</b> "the clamp comes only after the last step"</summary>
#
# The next gradient must be that of a picture that can be seen: clamp after every step.
# </details>


# %% nbgrader={"grade": false, "grade_id": "masked_pgd", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def masked_pgd(model, x, target, mask, step_size, steps):
    """Sign steps down the cross-entropy of target, inside the mask only, clamped to [0, 1] after each.

    Args: model; x (N, 3, H, W) in [0, 1]; target (N,) int64; mask (1, H, W), 1 where x may change, else 0;
        step_size in pixel units; steps >= 0.
    Returns: x_adv (N, 3, H, W), detached.
    """
    ### BEGIN SOLUTION
    x_adv = x.detach().clone()
    with evaluating(model):
        for _ in range(steps):
            leaf = x_adv.requires_grad_()
            loss = F.cross_entropy(model(leaf), target, reduction="sum")
            (gradient,) = torch.autograd.grad(loss, leaf)
            x_adv = (leaf.detach() - step_size * mask * gradient.sign()).clamp(0, 1)
    return x_adv
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_masked_pgd", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def only_inside_the_mask_and_towards_the_target():
    """Outside the mask nothing changes, inside pixels may go far; all in [0, 1]; the target becomes likelier."""
    import torch
    from torch.nn.functional import cross_entropy

    model, (x, y) = check.tiny_classifier(), check.tiny_batch(5)
    target = (y + 1) % 4
    mask = torch.zeros(1, 8, 8, dtype=x.dtype)
    mask[:, 2:6, 1:7] = 1
    x_adv = check.tensor(masked_pgd(model, x.clone(), target, mask, 0.04, 8), like=x)
    check.in_range(x_adv)
    moved = (x_adv - x).abs()
    check.that(
        float((moved * (1 - mask)).max()) <= 1e-7,
        "pixels outside the mask have changed: multiply each step by the mask",
    )
    before, after = (cross_entropy(model(z), target, reduction="none") for z in (x, x_adv))
    check.that(
        bool((after < before).all()),
        "the target did not become likelier: step down the cross-entropy of target, - step_size * sign",
    )
    check.that(
        float(moved.max()) > 0.2,
        f"after 8 steps of 0.04 no pixel has moved by more than {float(moved.max()):.2f}: inside the mask "
        "the change has no limit but [0, 1]",
    )


### BEGIN HIDDEN TESTS
@check.promise
def every_step_from_where_it_stands():
    """Each step: x - step_size · mask · sign of the gradient of the target's loss, clamped, beginning at x."""
    import torch
    from torch.nn.functional import cross_entropy

    def slope(model, x, target):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(cross_entropy(model(x), target, reduction="sum"), x)[0]

    def walk(steps, step_size, direction=torch.sign, at_start=False, clamp_each=True, eps=None):
        z = x
        for _ in range(steps):
            z = z - step_size * mask * direction(slope(model, x if at_start else z, target))
            if eps is not None:
                z = x + (z - x).clamp(-eps, eps)
            if clamp_each:
                z = z.clamp(0, 1)
        return z.clamp(0, 1)

    for n, size, step_size, steps in ((4, 8, 0.1, 7), (1, 9, 0.05, 3), (3, 8, 0.3, 5)):
        model, (x, y) = check.tiny_classifier(seed=n), check.tiny_batch(n, size=size, seed=n)
        target = (y + 2) % 4
        mask = (torch.rand(1, size, size) < 0.4).to(x.dtype)
        x_adv = masked_pgd(model, x.clone(), target.clone(), mask.clone(), step_size, steps)
        x_adv = check.tensor(x_adv, like=x)
        check.in_range(x_adv)
        check.that(
            float(((x_adv - x) * (1 - mask)).abs().max()) <= 1e-7,
            "pixels outside the mask have changed: multiply each step by the mask",
        )
        check.close(
            x_adv,
            walk(steps, step_size),
            what=f"the result of {steps} steps",
            atol=1e-6,
            mistakes={
                "the clamp comes only after the last step: clamp after every step": lambda: walk(
                    steps, step_size, clamp_each=False
                ),
                "every step uses the gradient at x: use the gradient where the picture now is": lambda: (
                    walk(steps, step_size, at_start=True)
                ),
                "the steps go away from the target: subtract step_size * sign(gradient)": lambda: (
                    walk(steps, -step_size)
                ),
                "the gradient is used without its sign": lambda: walk(
                    steps, step_size, direction=lambda g: g
                ),
                "the gradient is scaled to length 1: this attack takes its sign": lambda: walk(
                    steps,
                    step_size,
                    direction=lambda g: g / g.flatten(1).norm(dim=1).view(-1, 1, 1, 1),
                ),
                "there is one step too few": lambda: walk(steps - 1, step_size),
                "there is one step too many": lambda: walk(steps + 1, step_size),
                "the change is limited to step_size: inside the mask it has no limit but [0, 1]": lambda: (
                    walk(steps, step_size, eps=step_size)
                ),
                "only one step is taken": lambda: walk(1, step_size),
                "nothing happened: the result is x itself": x,
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_masked_pgd_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_model_and_the_inputs_stay_as_they_were():
    """With BatchNorm and Dropout: the walk of the model in eval mode, and everything as it was; 0 steps give x."""
    import torch
    from torch.nn.functional import cross_entropy

    model, (x, y) = check.tiny_classifier(fragile=True), check.tiny_batch(3)
    target = (y + 1) % 4
    mask = torch.zeros(1, 8, 8, dtype=x.dtype)
    mask[:, :, :4] = 1
    z = x
    for _ in range(3):
        leaf = z.clone().requires_grad_()
        (g,) = torch.autograd.grad(cross_entropy(model(leaf), target, reduction="sum"), leaf)
        z = (z - 0.05 * mask * g.sign()).clamp(0, 1)
    cross_entropy(model(x), y).backward()
    model.train()
    model.drop.eval()  # somebody has switched this layer off
    with check.unchanged(model, x, target, mask):
        x_adv = masked_pgd(model, x, target, mask, 0.05, 3)
    check.close(
        check.tensor(x_adv, like=x),
        z,
        what="the adversarial picture",
        atol=1e-6,
        hint="Did the model work in train mode? Dropout draws at random there",
    )
    with check.unchanged(model, x, target, mask):
        none = masked_pgd(model, x, target, mask, 0.05, 0)
    check.close(check.tensor(none, like=x), x, what="the result of 0 steps", atol=1e-7)


### BEGIN HIDDEN TESTS
@check.promise
def any_mode_mask_and_number():
    """Also with a model all in train mode, an empty mask, a full one, a single picture, float32, any device."""
    import torch
    from torch.nn.functional import cross_entropy

    for n, size, inside in ((1, 8, 1.0), (3, 13, 0.5), (2, 8, 0.0)):
        for where in check.devices():
            model = check.tiny_classifier(fragile=True, dtype=torch.float32).to(where)
            x, y = (part.to(where) for part in check.tiny_batch(n, size=size, dtype=torch.float32))
            target = (y + 1) % 4
            mask = (torch.rand(1, size, size) < inside).float().to(where)
            clean = cross_entropy(model(x), target, reduction="none")
            model.train()
            with check.unchanged(model, x, target, mask):
                x_adv = check.tensor(masked_pgd(model, x, target, mask, 0.02, 3), like=x)
            check.in_range(x_adv)
            check.that(
                float(((x_adv - x) * (1 - mask)).abs().max()) <= 1e-6,
                "pixels outside the mask have changed: multiply each step by the mask",
            )
            attacked = cross_entropy(model.eval()(x_adv), target, reduction="none")
            check.that(
                inside == 0 or bool((attacked < clean).all()),
                f"the target did not become likelier for N = {n}, H = W = {size}",
            )


### END HIDDEN TESTS

# %%
strips = torch.zeros(1, 48, 48, device=x.device)
strips[:, 12:17, 6:42] = 1
strips[:, 31:36, 6:42] = 1
chosen = y != CLASSES.index("umbrella")
goal = torch.full_like(y[chosen], CLASSES.index("umbrella"))
taped = masked_pgd(model, x[chosen], goal, strips, step_size=0.05, steps=40)
with torch.no_grad():
    says = model(taped).argmax(dim=1)
print(
    f"the strips cover {strips.mean():.0%} of a picture; {(says == goal).float().mean():.0%} of "
    f"{len(goal)} pictures read as umbrella; largest change outside: "
    f"{((taped - x[chosen]) * (1 - strips)).abs().max():.0f}"
)
plots.gallery(
    torch.cat([x[chosen][:5], taped[:5]]),
    [CLASSES[label] for label in torch.cat([y[chosen][:5], says[:5]])],
    columns=5,
    title="Two strips of tape, made to measure for each picture",
)

# %% [markdown]
# **What you should see:** nothing outside the strips has changed, nobody could overlook them, and nearly
# every picture reads as the target. Not every attack has to hide.

# %% [markdown]
# ## 8 · In pairs: where does it matter?
# ●●○○○ · 25 minutes · 10 points, graded by a person
#
# Work with a partner; each of you hands in the text that you agreed on, with both names in its first
# line. Take ten minutes each to be the engineer who wants to ship and the inspector who does not, then
# swap. In 200 to 300 words:
#
# - Name **two applications of computer vision that depend crucially on [robustness](../../../docs/glossary.md#robustness)**, and one that hardly
#   does, and say what makes the difference: who is harmed by an error, and whether somebody gains by
#   causing one (3 points).
# - For each of the two, say **in which ways its data could be augmented**: name the perturbations it will
#   really meet, and how to draw training pictures with them (3 points).
# - Use at least two numbers that you measured above to say what such augmentation bought, what it cost,
#   and what it did not help against (2 points).
# - Say which measurement you would ask for before you sign: worst group, corruptions, or which attack;
#   and why the average accuracy does not do (2 points).

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# === BEGIN SOLUTION
# (What a full answer has: two applications such as driving, medical images, access control by face, and
# one such as sorting holiday photographs, told apart by harm and by an adversary's gain; perturbations
# that fit the application, with how to draw them, such as rain and glare, other scanners, glasses and
# stickers at random poses; two numbers, such as robust and clean accuracy before and after exercise 3, or
# an mCE, with what was lost or not helped; a measurement named, with the reason that an average hides
# groups, corruptions and attackers.)
# === END SOLUTION

# %% [markdown]
# ---
# **Before you hand in:** *Kernel → Restart Kernel and Run All Cells*. Then save the notebook, under the
# name it has.
