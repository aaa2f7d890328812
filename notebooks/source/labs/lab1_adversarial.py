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
# # Lab 1 · Adversarial examples
#
# In front of you lies a network that names the things in small pictures, and it is good at it. By the
# end of this lab you will have brought it down, with changes so small that you have to amplify them to
# see them, and you will know why it could not help it.
#
# | exercise | you write | difficulty | minutes | points |
# |---|---|---|---|---|
# | 1 | `input_gradient` | ●●○○○ | 15 | 10 |
# | 2 | `fgsm` | ●●○○○ | 10 | 15 |
# | 3 | `fgsm_targeted` | ●●○○○ | 10 | 10 |
# | 4 | `project_linf` | ●●○○○ | 10 | 10 |
# | 5 | `project_l2` | ●●●○○ | 20 | 10 |
# | 6 | `pgd` | ●●●●○ | 30 | 20 |
# | 7 | `accuracy_under_attack` | ●●●○○ | 20 | 10 |
# | 8 | `worst_case_shift` | ●●●○○ | 10 | 5 |
# | 9 | a written answer | ●●○○○ | 20 | 10 |
#
# Everything runs on a laptop without a GPU, and without a network. Stuck? Under each exercise there is
# folded help, sorted by what you see. Each exercise stands alone: one that does not work yet does not
# block the checks of the next.

# %% [markdown]
# ## The conventions of all labs
#
# - **Images** are float tensors (N, 3, H, W) in [0, 1]; **labels** are int64 (N,). `eps` and step sizes
#   are in those pixel units: 8/255, never 8. **Models** take [0, 1] images and return [logits](../../../docs/glossary.md#logits) (N, C); the
#   normalisation is inside.
# - **A function returns new tensors** on the device and in the dtype of its input, detached from any
#   graph. It never writes into its inputs.
# - **It leaves the model as it found it:** the training flag of every submodule, every parameter and
#   every parameter's `.grad`. Attacks and evaluations put the model in [eval mode](../../../docs/glossary.md#eval-mode) while they work; then
#   every submodule gets its own flag back. `with evaluating(model):` does both.
# - **Randomness** comes from `generator` where there is one: same seed, same result. A [generator](../../../docs/glossary.md#generator) lives on
#   the CPU unless the caller made it elsewhere.
# - It works for **any N** (1, an odd number, a short last batch), any square H = W, on a CPU and on a GPU.
#
# The cells under each exercise check what you wrote. When you hand in, the same cells run again with
# further checks of the same promises.

# %%
import torch
import torch.nn.functional as F

from course_utils import data, device, models, plots
from course_utils.data.world import CLASSES, world
from course_utils.models import evaluating

print(device.describe())

# %% [markdown]
# The network and 100 pictures that it has never seen:

# %%
model = models.zoo.load("world_classifier", device=device.pick())
pictures = world(100, seed=3485, device=device.pick())
x, y = pictures.images, pictures.labels
with torch.no_grad():
    prediction = model(x).argmax(dim=1)
print(f"{(prediction == y).float().mean():.0%} of these {len(x)} pictures are named correctly")
plots.gallery(
    x[:10],
    [CLASSES[i] for i in prediction[:10]],
    columns=5,
    title="What the network sees, and what it says",
)

# %% [markdown]
# ## 1 · The gradient of the loss with respect to the picture
# ●●○○○ · 15 minutes · 10 points
#
# To train a network you ask: *how should the weights change to make the loss smaller?* An attacker
# turns that around twice: *how should the **picture** change to make the loss **larger**?* The answer is
# a gradient all the same, only with respect to another thing:
#
# $$ g \;=\; \nabla_x \sum_{i=1}^{N} \mathrm{CE}\big(f(x_i),\, y_i\big) $$
#
# The **sum** matters: with it, row $i$ of $g$ depends on picture $i$ alone. With the mean, every
# gradient would shrink as the batch grows.
#
# Write `input_gradient`. It returns g, shaped like x.

# %% [markdown]
# <details><summary><b>Help:</b> "element 0 of tensors does not require grad"</summary>
#
# The picture is data, so torch does not track it. Make a copy that it does track: first
# `.detach().clone()`, then `.requires_grad_()`.
# </details>
# <details><summary><b>Help:</b> "the .grad of the model's parameter … was changed"</summary>
#
# `loss.backward()` fills the `.grad` of everything that took part: the picture and all the weights, and
# those gradients would still be there at the next training step. `torch.autograd.grad(loss, x)` returns
# a tuple with the one gradient that you want, and touches nothing.
# </details>
# <details><summary><b>Help:</b> "an input was left with requires_grad=True"</summary>
#
# `x.requires_grad_()` changes the caller's tensor. Work on a copy.
# </details>


# %% nbgrader={"grade": false, "grade_id": "input_gradient", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def input_gradient(model, x, y):
    """Gradient of the cross-entropy, summed over the batch, with respect to x.

    Args: model; x (N, 3, H, W) in [0, 1]; y (N,) int64.
    Returns: (N, 3, H, W), detached.
    """
    ### BEGIN SOLUTION
    x = x.detach().clone().requires_grad_()
    loss = F.cross_entropy(model(x), y, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, x)
    return gradient
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_input_gradient", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_gradient_foretells_the_loss():
    """A tiny step d changes the summed loss by gradient · d."""
    import torch
    from torch.nn.functional import cross_entropy

    def rise(labels):  # of the summed loss, a million times what the step d gives
        with torch.no_grad():
            up, down = (
                cross_entropy(model(x + side * d), labels, reduction="sum") for side in (1, -1)
            )
        return 1e6 * (up - down) / 2

    model, (x, y) = check.tiny_classifier(), check.tiny_batch(5)
    d = 1e-6 * torch.randn(x.shape, dtype=x.dtype)
    gradient = check.tensor(input_gradient(model, x.clone(), y), like=x)
    lengths = gradient.flatten(1).norm(dim=1)
    check.that(
        not bool((gradient.abs() == 1).all()),
        "that is the sign of the gradient: return the gradient itself, fgsm takes its sign",
    )
    check.that(
        not torch.allclose(lengths, torch.ones_like(lengths)),
        "the gradient is rescaled to length 1: return it as it is",
    )
    check.close(
        1e6 * (gradient * d).sum(),
        rise(y),
        what="the change of the loss that your gradient foretells (times a million)",
        rtol=1e-3,
        mistakes={
            "the gradient is that of the mean loss: sum over the batch (reduction='sum')": rise(y)
            / len(x),
            "the gradient has the wrong sign: it must point up the loss": -rise(y),
            "the loss uses the predicted class: use the label y": lambda: rise(
                model(x).argmax(dim=1)
            ),
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def every_pixel_has_its_own_slope():
    """Each entry is the slope of the summed cross-entropy at y for that pixel, whatever N is."""
    import torch
    from torch.nn.functional import cross_entropy

    def slope(model, x, y, reduction="sum"):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(cross_entropy(model(x), y, reduction=reduction), x)[0]

    for n, size in ((1, 8), (5, 8), (4, 13)):
        model, (x, y) = check.tiny_classifier(seed=n), check.tiny_batch(n, size=size, seed=n)
        expected = slope(model, x, y)
        gradient = check.tensor(input_gradient(model, x.clone(), y.clone()), like=x)
        check.close(
            gradient,
            expected,
            what=f"the gradient for N = {n}",
            atol=1e-7,
            mistakes={
                "the gradient is that of the mean loss: sum over the batch (reduction='sum')": expected
                / n,
                "the gradient has the wrong sign: it must point up the loss": -expected,
                "that is the sign of the gradient: return the gradient itself, fgsm takes its sign": expected.sign(),
                "the loss uses the predicted class: use the label y": lambda: slope(
                    model, x, model(x).argmax(dim=1)
                ),
                "the gradient is rescaled: return it as it is": lambda: (
                    expected / expected.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
                ),
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_input_gradient_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def nothing_else_changes():
    """The gradient is right, and the picture, the model and its gradients stay as they were."""
    import torch
    from torch.nn.functional import cross_entropy

    model, (x, y) = check.tiny_classifier(), check.tiny_batch(3)
    cross_entropy(model(x), y).backward()  # as if a training step had just been made
    z = x.clone().requires_grad_()
    (expected,) = torch.autograd.grad(cross_entropy(model(z), y, reduction="sum"), z)
    with check.unchanged(model, x, y):
        gradient = input_gradient(model, x, y)
    check.close(check.tensor(gradient, like=x), expected, what="the gradient", atol=1e-7)


### BEGIN HIDDEN TESTS
@check.promise
def it_works_for_models_of_any_kind():
    """A model in train mode keeps its flag, one without gradients yet gets none, a frozen one works, float32 stays."""
    import torch
    from torch.nn.functional import cross_entropy

    for frozen in (False, True):
        for where in check.devices():
            model = (
                check.tiny_classifier(dtype=torch.float32)
                .to(where)
                .train()
                .requires_grad_(not frozen)
            )
            x, y = (part.to(where) for part in check.tiny_batch(3, dtype=torch.float32))
            z = x.clone().requires_grad_()
            (expected,) = torch.autograd.grad(cross_entropy(model(z), y, reduction="sum"), z)
            with check.unchanged(model, x, y):
                gradient = input_gradient(model, x, y)
            check.close(check.tensor(gradient, like=x), expected, what="the gradient", atol=1e-5)


### END HIDDEN TESTS

# %% [markdown]
# Where does the network's opinion hang on the picture?
#
# **What you should see:** the bright pixels crowd around the thing, but as a fine grain, not along its
# outline. No person would look there.

# %%
g = input_gradient(model, x[:5], y[:5])
size = g.abs().amax(dim=1, keepdim=True)  # (5, 1, H, W), the largest of the three channels
size = (size / size.amax(dim=(2, 3), keepdim=True)).sqrt().expand_as(g)
plots.gallery(
    torch.cat([x[:5], size]),
    [CLASSES[i] for i in y[:5]] + ["its sensitive pixels"] * 5,
    columns=5,
    title="Bright below: where a small change of the picture moves the loss most",
)

# %% [markdown]
# ## 2 · One step: the fast gradient sign method
# ●●○○○ · 10 minutes · 15 points
#
# If no pixel may move by more than [eps](../../../docs/glossary.md#eps), which small change raises the loss most? To first order the
# loss changes by $g \cdot \delta$; the largest value of that with $|\delta_j| \le \varepsilon$ is reached
# when every pixel goes all the way, in the direction of its own slope:
#
# $$ x_{adv} \;=\; \mathrm{clamp}_{[0,1]}\big(x + \varepsilon\,\mathrm{sign}(g)\big) $$
#
# That is [the panda of the lecture](../../../docs/glossary.md#fgsm) (Goodfellow, Shlens, Szegedy 2015, arXiv 1412.6572).

# %% [markdown]
# <details><summary><b>Help:</b> "the perturbation leaves [0, 1]"</summary>
#
# A pixel that was white can't get whiter. `.clamp(0, 1)` comes last.
# </details>
# <details><summary><b>Help:</b> "the layer … was in eval mode before the call and is in train mode after it"</summary>
#
# `model.train()` at the end switches *every* layer to train mode, also those that somebody had frozen.
# Wrap the work in `with evaluating(model):`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "fgsm", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def fgsm(model, x, y, eps):
    """One untargeted step of size eps up the loss of y, result clamped to [0, 1].

    Args: model; x (N, 3, H, W) in [0, 1]; y (N,) int64; eps >= 0 in pixel units.
    Returns: x_adv (N, 3, H, W), detached.
    """
    ### BEGIN SOLUTION
    with evaluating(model):
        gradient = input_gradient(model, x, y)
    return (x + eps * gradient.sign()).clamp(0, 1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_fgsm", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_step_stays_small_and_raises_the_loss():
    """No pixel moves further than eps or leaves [0, 1], and the loss of every picture rises."""
    from torch.nn.functional import cross_entropy

    eps = 2 / 255
    model, (x, y) = check.tiny_classifier(), check.tiny_batch(6)
    x_adv = check.tensor(fgsm(model, x.clone(), y, eps), like=x)
    check.in_range(x_adv)
    check.in_ball(x_adv, x, eps)
    before, after = (cross_entropy(model(z), y, reduction="none") for z in (x, x_adv))
    check.that(
        bool((after > before).all()),
        "the loss of y did not rise: step along the sign of its gradient, x + eps * sign",
    )


### BEGIN HIDDEN TESTS
@check.promise
def the_step_is_the_sign_of_the_gradient():
    """x_adv = clamp(x + eps · sign(gradient of the loss of y))."""
    import torch
    from torch.nn.functional import cross_entropy

    def slope(model, x, y):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(cross_entropy(model(x), y, reduction="sum"), x)[0]

    for n, eps in ((5, 8 / 255), (1, 0.1), (4, 0.3)):
        model, (x, y) = check.tiny_classifier(seed=n), check.tiny_batch(n, seed=n)
        g = slope(model, x, y)
        x_adv = check.tensor(fgsm(model, x.clone(), y.clone(), eps), like=x)
        check.in_range(x_adv)
        check.close(
            x_adv,
            (x + eps * g.sign()).clamp(0, 1),
            what="the adversarial picture",
            atol=1e-6,
            mistakes={
                "the step goes down the loss: add eps * sign(gradient), do not subtract it": (
                    x - eps * g.sign()
                ).clamp(0, 1),
                "the gradient is used without its sign: every pixel moves by all of eps": (
                    x + eps * g
                ).clamp(0, 1),
                "the gradient is scaled to length eps: fgsm takes its sign": lambda: (
                    x + eps * g / g.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
                ).clamp(0, 1),
                "the gradient is scaled by its largest entry: fgsm takes its sign": lambda: (
                    x + eps * g / g.abs().amax(dim=(1, 2, 3), keepdim=True)
                ).clamp(0, 1),
                "eps is divided by 255, but it is in pixel units already": (
                    x + eps / 255 * g.sign()
                ).clamp(0, 1),
                "the loss uses the predicted class: use the label y": lambda: (
                    x + eps * slope(model, x, model(x).argmax(dim=1)).sign()
                ).clamp(0, 1),
                "only the perturbation is returned: return x plus it, clamped": eps * g.sign(),
                "nothing happened: the result is x itself": x,
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_fgsm_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_model_works_in_eval_mode_and_gets_its_flags_back():
    """With BatchNorm and Dropout: the step of the model in eval mode, and every layer's own flag back."""
    import torch
    from torch.nn.functional import cross_entropy

    model, (x, y) = check.tiny_classifier(fragile=True), check.tiny_batch(5)
    z = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(cross_entropy(model(z), y, reduction="sum"), z)
    cross_entropy(model(x), y).backward()
    model.train()
    model.drop.eval()  # somebody has switched this layer off
    with check.unchanged(model, x, y):
        x_adv = fgsm(model, x, y, 8 / 255)
    check.close(
        check.tensor(x_adv, like=x),
        (x + 8 / 255 * g.sign()).clamp(0, 1),
        what="the adversarial picture",
        atol=1e-6,
        hint="Did the model work in train mode? Dropout draws at random there",
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_mode_size_and_number():
    """Also with a model all in train mode, a single picture, another size, eps = 0, float32."""
    import torch
    from torch.nn.functional import cross_entropy

    for n, size, eps in ((1, 8, 8 / 255), (3, 13, 0.05), (2, 8, 0.0)):
        for where in check.devices():
            model = check.tiny_classifier(fragile=True, dtype=torch.float32).to(where)
            x, y = (part.to(where) for part in check.tiny_batch(n, size=size, dtype=torch.float32))
            z = x.clone().requires_grad_()
            (g,) = torch.autograd.grad(cross_entropy(model(z), y, reduction="sum"), z)
            clear = g.abs() > 1e-4 * g.abs().max()  # elsewhere rounding may decide the sign
            model.train()
            with check.unchanged(model, x, y):
                x_adv = check.tensor(fgsm(model, x, y, eps), like=x)
            check.in_range(x_adv)
            check.in_ball(x_adv, x, eps)
            check.close(
                x_adv[clear],
                (x + eps * g.sign()).clamp(0, 1)[clear],
                what=f"the adversarial picture for N = {n}, eps = {eps:.3f}",
                atol=1e-6,
            )


### END HIDDEN TESTS

# %%
x_adv = fgsm(model, x, y, eps=8 / 255)
with torch.no_grad():
    fooled = model(x_adv).argmax(dim=1)
print(
    f"correct before {(prediction == y).float().mean():.0%}, after one step {(fooled == y).float().mean():.0%}"
)
plots.gallery(
    torch.cat([x[:5], x_adv[:5]]),
    [CLASSES[i] for i in torch.cat([prediction[:5], fooled[:5]])],
    columns=5,
    title="One step of 8/255, below: the same things to you, others to the network",
)

# %% [markdown]
# **What you should see:** hardly any picture keeps its name, and all that you notice is a little grain.

# %% [markdown]
# ## 3 · One step towards a class of your choice
# ●●○○○ · 10 minutes · 10 points
#
# Making the network wrong is one thing; making it say *[what you want](../../../docs/glossary.md#targeted-attack)* is another. Take the
# cross-entropy of the class you want, `target`, and go **down**.

# %% [markdown]
# <details><summary><b>Help:</b> "the step goes away from the target"</summary>
#
# The cross-entropy of `target` is large when the network does not believe in it. You want it small.
# </details>
# <details><summary><b>Help:</b> one step does not always reach the target</summary>
#
# That is so, and no mistake: it is easier to leave the right class in one straight step than to arrive
# at a given one. Exercise 6 takes many small ones.
# </details>


# %% nbgrader={"grade": false, "grade_id": "fgsm_targeted", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def fgsm_targeted(model, x, target, eps):
    """One step of size eps down the cross-entropy of target, result clamped to [0, 1].

    Args: model; x (N, 3, H, W) in [0, 1]; target (N,) int64, the classes wanted; eps >= 0.
    Returns: x_adv (N, 3, H, W), detached.
    """
    ### BEGIN SOLUTION
    with evaluating(model):
        gradient = input_gradient(model, x, target)
    return (x - eps * gradient.sign()).clamp(0, 1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_fgsm_targeted", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_target_gets_likelier():
    """No pixel moves further than eps or leaves [0, 1], and the target becomes likelier in every picture."""
    from torch.nn.functional import cross_entropy

    eps = 2 / 255
    model, (x, y) = check.tiny_classifier(), check.tiny_batch(6)
    target = (y + 1) % 4
    x_adv = check.tensor(fgsm_targeted(model, x.clone(), target, eps), like=x)
    check.in_range(x_adv)
    check.in_ball(x_adv, x, eps)
    before, after = (cross_entropy(model(z), target, reduction="none") for z in (x, x_adv))
    check.that(
        bool((after < before).all()),
        "the step goes away from the target: go down the cross-entropy of target, x - eps * sign",
    )


### BEGIN HIDDEN TESTS
@check.promise
def the_step_goes_down_the_loss_of_the_target():
    """x_adv = clamp(x - eps · sign(gradient of the cross-entropy of target))."""
    import torch
    from torch.nn.functional import cross_entropy

    def slope(model, x, y):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(cross_entropy(model(x), y, reduction="sum"), x)[0]

    for n, eps in ((5, 8 / 255), (1, 0.1), (4, 0.3)):
        model, (x, y) = check.tiny_classifier(seed=n), check.tiny_batch(n, seed=n)
        target = (y + 2) % 4
        g = slope(model, x, target)
        x_adv = check.tensor(fgsm_targeted(model, x.clone(), target.clone(), eps), like=x)
        check.in_range(x_adv)
        check.close(
            x_adv,
            (x - eps * g.sign()).clamp(0, 1),
            what="the adversarial picture",
            atol=1e-6,
            mistakes={
                "the step goes away from the target: subtract eps * sign(gradient)": (
                    x + eps * g.sign()
                ).clamp(0, 1),
                "the gradient is used without its sign: every pixel moves by all of eps": (
                    x - eps * g
                ).clamp(0, 1),
                "the gradient is scaled to length eps: take its sign": lambda: (
                    x - eps * g / g.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
                ).clamp(0, 1),
                "the loss is that of the predicted class: use that of target": lambda: (
                    x - eps * slope(model, x, model(x).argmax(dim=1)).sign()
                ).clamp(0, 1),
                "the step leaves the predicted class, whatever the target is: use the loss of target": lambda: (
                    (x + eps * slope(model, x, model(x).argmax(dim=1)).sign()).clamp(0, 1)
                ),
                "eps is divided by 255, but it is in pixel units already": (
                    x - eps / 255 * g.sign()
                ).clamp(0, 1),
                "only the perturbation is returned: return x plus it, clamped": -eps * g.sign(),
                "nothing happened: the result is x itself": x,
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_fgsm_targeted_2", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_model_and_the_inputs_stay_as_they_were():
    """With BatchNorm and Dropout: the step of the model in eval mode, and everything as it was."""
    import torch
    from torch.nn.functional import cross_entropy

    model, (x, y) = check.tiny_classifier(fragile=True), check.tiny_batch(5)
    target = (y + 1) % 4
    z = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(cross_entropy(model(z), target, reduction="sum"), z)
    cross_entropy(model(x), y).backward()
    model.train()
    model.drop.eval()  # somebody has switched this layer off
    with check.unchanged(model, x, target):
        x_adv = fgsm_targeted(model, x, target, 8 / 255)
    check.close(
        check.tensor(x_adv, like=x),
        (x - 8 / 255 * g.sign()).clamp(0, 1),
        what="the adversarial picture",
        atol=1e-6,
        hint="Did the model work in train mode? Dropout draws at random there",
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_mode_size_and_number():
    """Also with a model all in train mode, a single picture, another size, eps = 0, float32."""
    import torch
    from torch.nn.functional import cross_entropy

    for n, size, eps in ((1, 8, 8 / 255), (3, 13, 0.05), (2, 8, 0.0)):
        for where in check.devices():
            model = check.tiny_classifier(fragile=True, dtype=torch.float32).to(where)
            x, y = (part.to(where) for part in check.tiny_batch(n, size=size, dtype=torch.float32))
            target = (y + 1) % 4
            z = x.clone().requires_grad_()
            (g,) = torch.autograd.grad(cross_entropy(model(z), target, reduction="sum"), z)
            clear = g.abs() > 1e-4 * g.abs().max()  # elsewhere rounding may decide the sign
            model.train()
            with check.unchanged(model, x, target):
                x_adv = check.tensor(fgsm_targeted(model, x, target, eps), like=x)
            check.in_range(x_adv)
            check.close(
                x_adv[clear],
                (x - eps * g.sign()).clamp(0, 1)[clear],
                what=f"the adversarial picture for N = {n}, eps = {eps:.3f}",
                atol=1e-6,
            )


### END HIDDEN TESTS

# %%
target = torch.full_like(y, CLASSES.index("cat"))
x_cat = fgsm_targeted(model, x, target, eps=8 / 255)
with torch.no_grad():
    says_cat = model(x_cat).argmax(dim=1) == target
print(
    f"called a cat before: {(prediction == target).float().mean():.0%}, after one step: {says_cat.float().mean():.0%}"
)

# %% [markdown]
# ## 4 · Staying inside: the L-infinity ball
# ●●○○○ · 10 minutes · 10 points
#
# Many small steps beat a large one, but they add up. After each, we put the picture back to the
# **nearest** point that is allowed: [no pixel further than eps](../../../docs/glossary.md#l-infinity) from where it was, and every pixel in
# [0, 1]. Both sets are boxes, so their intersection is a box, and the nearest point of a box is found
# pixel by pixel.

# %% [markdown]
# <details><summary><b>Help:</b> "the whole perturbation is scaled"</summary>
#
# Scaling keeps the direction, but it also moves pixels that were fine. The nearest point of a box
# leaves those alone.
# </details>


# %% nbgrader={"grade": false, "grade_id": "project_linf", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def project_linf(x_adv, x, eps):
    """The point nearest to x_adv in both the L-infinity ball of radius eps around x and [0, 1].

    Args: x_adv, x (N, 3, H, W), x in [0, 1]; eps >= 0.
    Returns: (N, 3, H, W).
    """
    ### BEGIN SOLUTION
    perturbation = (x_adv - x).clamp(-eps, eps)
    return (x + perturbation).clamp(0, 1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_project_linf", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def four_pixels_by_hand():
    """With eps = 0.1: 0.5 pushed to 0.9 comes back to 0.6; 0.95 to 1.0; 0.5 to 0.45 stays; 0.02 to -0.3 ends at 0."""
    import torch

    x = torch.tensor([0.5, 0.95, 0.5, 0.02]).view(1, 1, 2, 2).expand(1, 3, 2, 2).clone()
    x_adv = torch.tensor([0.9, 1.3, 0.45, -0.3]).view(1, 1, 2, 2).expand(1, 3, 2, 2).clone()
    expected = torch.tensor([0.6, 1.0, 0.45, 0.0]).view(1, 1, 2, 2).expand(1, 3, 2, 2)
    result = check.tensor(project_linf(x_adv, x, 0.1), like=x)
    check.in_range(result)
    check.in_ball(result, x, 0.1)
    delta = x_adv - x
    check.close(
        result,
        expected,
        what="the projection",
        mistakes={
            "the whole perturbation is scaled: move only the pixels that are too far away, each by itself": (
                x + delta * 0.1 / delta.abs().max()
            ).clamp(0, 1),
            "every pixel is put on the edge of the ball: one that is near enough stays where it is": (
                x + 0.1 * delta.sign()
            ).clamp(0, 1),
            "the perturbation is thrown away: the result is x itself": x,
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def the_nearest_point_of_both_boxes():
    """Each pixel goes to the nearest value within eps of x and within [0, 1]."""
    import torch

    for n, size, eps in ((5, 8, 8 / 255), (1, 5, 0.3), (3, 4, 0.0)):
        x, _ = check.tiny_batch(n, size=size, seed=n)
        x_adv = x + 2 * max(eps, 0.1) * torch.randn(x.shape, dtype=x.dtype)
        delta = x_adv - x
        expected = torch.minimum(
            torch.maximum(x_adv, (x - eps).clamp(min=0)), (x + eps).clamp(max=1)
        )
        result = check.tensor(project_linf(x_adv.clone(), x.clone(), eps), like=x)
        check.in_range(result)
        check.in_ball(result, x, eps)
        worst = delta.abs().amax(dim=(1, 2, 3), keepdim=True)
        check.close(
            result,
            expected,
            what="the projection",
            mistakes={
                "the whole perturbation is scaled: move only the pixels that are too far away": (
                    x + delta * (eps / worst).clamp(max=1)
                ).clamp(0, 1),
                "every pixel is put on the edge of the ball: one that is near enough stays": (
                    x + eps * delta.sign()
                ).clamp(0, 1),
                "the perturbation is projected onto an L2 ball: here each pixel has its own limit": lambda: (
                    (
                        x
                        + delta
                        * (eps / delta.flatten(1).norm(dim=1)).clamp(max=1).view(-1, 1, 1, 1)
                    ).clamp(0, 1)
                ),
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_project_linf_2", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def what_is_inside_stays_and_the_inputs_too():
    """A point inside comes back as it was, projecting twice is projecting once, and neither input changes."""
    import torch

    x, _ = check.tiny_batch(4, dtype=torch.float32)
    far = x + 0.5 * torch.randn(x.shape)
    with check.unchanged(far, x):
        once = check.tensor(project_linf(far, x, 0.1), like=x)
    check.in_range(once)
    check.in_ball(once, x, 0.1)
    check.close(project_linf(once.clone(), x, 0.1), once, what="a point that was inside", atol=1e-6)


### BEGIN HIDDEN TESTS
@check.promise
def nearest_in_any_dtype_with_inputs_unharmed():
    """float32 and float64 stay what they are, on any device, and the result is the nearest point."""
    import torch

    for where in check.devices():
        for dtype in (torch.float32, torch.float64):
            x = check.tiny_batch(2, size=7, dtype=dtype)[0].to(where)
            x_adv = x + 0.2 * torch.randn(x.shape, dtype=dtype).to(where)
            expected = torch.minimum(
                torch.maximum(x_adv, (x - 0.1).clamp(min=0)), (x + 0.1).clamp(max=1)
            )
            with check.unchanged(x_adv, x):
                result = check.tensor(project_linf(x_adv, x, 0.1), like=x)
            check.close(result, expected, what="the projection", atol=1e-6)


### END HIDDEN TESTS

# %% [markdown]
# ## 5 · Staying inside: the L2 ball
# ●●●○○ · 20 minutes · 10 points
#
# Another way to say "small": the *[length](../../../docs/glossary.md#l2)* of the perturbation of each picture, over all its channels
# and pixels, is at most eps,
#
# $$ \|\delta_i\|_2 = \sqrt{\textstyle\sum_{c,h,w} \delta_{i,c,h,w}^2} \;\le\; \varepsilon . $$
#
# Outside, the nearest point of the ball lies on the way back to x: **scale** the perturbation to length
# eps. Inside, leave it alone. Then clamp to [0, 1], which only makes it shorter. Each picture has its
# own ball.

# %% [markdown]
# <details><summary><b>Help:</b> "NaN"</summary>
#
# A picture without a perturbation has length 0, and 0/0 is not a number. Keep the divisor away from
# zero, for instance by `.clamp(min=1e-12)`.
# </details>
# <details><summary><b>Help:</b> shapes do not fit</summary>
#
# The lengths are (N,), the perturbation is (N, 3, H, W). `.view(-1, 1, 1, 1)` gives (N, 1, 1, 1), which
# broadcasts.
# </details>
# <details><summary><b>Help:</b> "all pictures share one length"</summary>
#
# `delta.norm()` is one number for the whole batch. `delta.flatten(1).norm(dim=1)` is one a picture.
# </details>


# %% nbgrader={"grade": false, "grade_id": "project_l2", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def project_l2(x_adv, x, eps):
    """Scales each picture's perturbation onto its L2 ball of radius eps when it lies outside, then clamps.

    Args: x_adv, x (N, 3, H, W), x in [0, 1]; eps >= 0.
    Returns: (N, 3, H, W).
    """
    ### BEGIN SOLUTION
    perturbation = x_adv - x
    length = perturbation.flatten(1).norm(dim=1).view(-1, 1, 1, 1)  # (N, 1, 1, 1)
    factor = (eps / length.clamp(min=1e-12)).clamp(max=1)
    return (x + factor * perturbation).clamp(0, 1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_project_l2", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def two_pictures_by_hand():
    """With eps = 1: a perturbation of length 2 is halved, one of length 0.5 stays as it is."""
    import torch

    x = torch.full((2, 3, 4, 4), 0.5)
    delta = torch.ones(2, 3, 4, 4) / 48**0.5  # length 1
    delta[0] *= 2
    delta[1] *= 0.5
    result = check.tensor(project_l2(x + delta, x.clone(), 1.0), like=x)
    check.close(
        (result - x).flatten(1).norm(dim=1),
        torch.tensor([1.0, 0.5]),
        what="the length of each perturbation",
        mistakes={
            "a perturbation inside the ball was made longer: leave it alone": torch.tensor(
                [1.0, 1.0]
            ),
            "all pictures share one length: each picture has its own ball": torch.tensor([2.0, 0.5])
            / (4 + 0.25) ** 0.5,
            "nothing was scaled": torch.tensor([2.0, 0.5]),
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def each_picture_on_its_own_ball():
    """The perturbation keeps its direction, gets at most length eps, each picture for itself; then the clamp."""
    import torch

    for n, size, eps in ((5, 8, 0.5), (1, 6, 0.3), (4, 9, 2.0)):
        x, _ = check.tiny_batch(n, size=size, seed=n)
        factor = torch.linspace(0.3, 3, n, dtype=x.dtype).view(-1, 1, 1, 1)
        noise = torch.randn(x.shape, dtype=x.dtype)
        delta = factor * eps * noise / noise.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        length = delta.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        short = (x + delta).clamp(0, 1) - x
        mistakes = {
            "a perturbation inside the ball was made longer: leave it alone": (
                x + delta * eps / length
            ).clamp(0, 1),
            "all pictures share one length: each picture has its own ball": (
                x + delta * (eps / delta.norm()).clamp(max=1)
            ).clamp(0, 1),
            "each channel is scaled by itself: the length is over channels and pixels together": (
                x + delta * (eps / delta.flatten(2).norm(dim=2)).clamp(max=1)[:, :, None, None]
            ).clamp(0, 1),
            "the length is squared: take the square root": (
                x + delta * (eps / length**2).clamp(max=1)
            ).clamp(0, 1),
            "the clamp comes first: scale, then clamp": x
            + short * (eps / short.flatten(1).norm(dim=1).view(-1, 1, 1, 1)).clamp(max=1),
            "each pixel is cut at eps: that is the L-infinity ball": (
                x + delta.clamp(-eps, eps)
            ).clamp(0, 1),
            "the length is a sum of absolute values (L1): use the L2 length": (
                x + delta * (eps / delta.abs().sum(dim=(1, 2, 3), keepdim=True)).clamp(max=1)
            ).clamp(0, 1),
            "nothing was scaled": (x + delta).clamp(0, 1),
        }
        result = check.tensor(project_l2(x + delta, x.clone(), eps), like=x)
        check.in_range(result)
        check.close(
            result,
            (x + delta * (eps / length).clamp(max=1)).clamp(0, 1),
            what="the projection",
            mistakes=mistakes,
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_project_l2_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def no_perturbation_no_nan():
    """A picture without a perturbation comes back as it was beside one that is scaled; no input changes."""
    import torch

    x, _ = check.tiny_batch(3, dtype=torch.float32)
    x_adv = x.clone()
    x_adv[1] += 0.2
    with check.unchanged(x_adv, x):
        result = check.tensor(project_l2(x_adv, x, 0.5), like=x)
    check.close(result[0], x[0], what="the picture without a perturbation", atol=1e-6)
    expected = (x[1] + 0.5 / 192**0.5).clamp(0, 1)  # 192 equal steps of together length 0.5
    check.close(result[1], expected, what="the picture with a perturbation")


### BEGIN HIDDEN TESTS
@check.promise
def a_ball_of_radius_zero_and_tiny_perturbations():
    """eps = 0 gives x, also where there is no perturbation; a tiny perturbation inside stays; any dtype and device."""
    import torch

    for where in check.devices():
        for dtype in (torch.float32, torch.float64):
            x = check.tiny_batch(3, size=6, dtype=dtype)[0].to(where)
            x_adv = x.clone()
            x_adv[1:] = (x_adv[1:] - 0.3).abs()
            with check.unchanged(x_adv, x):
                result = check.tensor(project_l2(x_adv, x, 0.0), like=x)
            check.close(result, x, what="the projection onto a ball of radius 0", atol=1e-6)
            inside = (x + 1e-4 * torch.randn(x.shape, dtype=dtype).to(where)).clamp(0, 1)
            result = check.tensor(project_l2(inside, x, 1.0), like=x)
            check.close(
                result - x, inside - x, what="a tiny perturbation inside the ball", atol=1e-6
            )
            delta = x_adv - x
            length = delta.flatten(1).norm(dim=1).clamp(min=1e-12).view(-1, 1, 1, 1)
            result = check.tensor(project_l2(x_adv, x, 0.7), like=x)
            check.close(
                result, (x + delta * (0.7 / length).clamp(max=1)).clamp(0, 1), what="the projection"
            )


### END HIDDEN TESTS

# %% [markdown]
# ## 6 · Many steps: projected gradient descent
# ●●●●○ · 30 minutes · 20 points
#
# [The attack](../../../docs/glossary.md#pgd) that defences are measured by (Madry et al. 2018, arXiv 1706.06083): start somewhere in the
# ball, then again and again a small step along the sign of the gradient *where you are now*, and back
# into the ball:
#
# $$ x^{(0)} = \mathrm{clamp}_{[0,1]}(x + u), \quad u \sim \mathcal{U}[-\varepsilon, \varepsilon] \qquad
#    x^{(t+1)} = \Pi_{\varepsilon}\big(x^{(t)} + \alpha\,\mathrm{sign}\,\nabla L(x^{(t)})\big) $$
#
# $\Pi_\varepsilon$ is your `project_linf`, around the **original** x. Without `random_start` it begins at
# x itself; `steps=0` then returns x.

# %% [markdown]
# <details><summary><b>Help:</b> "the perturbation is up to … large but eps is …"</summary>
#
# Project around the original picture, not around the last iterate: a ball that walks along holds nothing
# back.
# </details>
# <details><summary><b>Help:</b> "the same seed gave two results"</summary>
#
# `torch.rand_like` knows no generator. `torch.rand(x.shape, generator=generator)` does, and so does
# `torch.empty_like(x).uniform_(-eps, eps, generator=generator)`; on a GPU, draw where the generator lives
# and move the noise.
# </details>
# <details><summary><b>Help:</b> "the noise is not uniform"</summary>
#
# `torch.rand` is uniform in [0, 1]. Stretch and shift it to [-eps, eps], a number of its own for every
# pixel of every picture.
# </details>
# <details><summary><b>Help:</b> it gets slower with every step, or the memory grows</summary>
#
# The graph of all steps is still attached. The iterate must be detached after each step; if
# `input_gradient` works on a detached copy, it is.
# </details>


# %% nbgrader={"grade": false, "grade_id": "pgd", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def pgd(model, x, y, eps, step_size, steps, random_start=True, generator=None):
    """L-infinity PGD: steps along the sign of the gradient, projected after each.

    Args: model; x (N, 3, H, W) in [0, 1]; y (N,) int64; eps, step_size in pixel units; steps >= 0;
        random_start: begin at a uniform point of the ball, clamped to [0, 1]; generator: its randomness.
    Returns: x_adv (N, 3, H, W), detached.
    """
    ### BEGIN SOLUTION
    x_adv = x.detach().clone()
    if random_start:
        where = x.device if generator is None else generator.device
        uniform = torch.rand(x.shape, generator=generator, dtype=x.dtype, device=where).to(x.device)
        x_adv = (x + eps * (2 * uniform - 1)).clamp(0, 1)
    with evaluating(model):
        for _ in range(steps):
            x_adv = x_adv + step_size * input_gradient(model, x_adv, y).sign()
            x_adv = project_linf(x_adv, x, eps)
    return x_adv
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_pgd", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def steps_inside_the_ball_that_raise_the_loss():
    """Without a random start: inside the ball and [0, 1], more loss than one step gives, and x itself for 0 steps."""
    from torch.nn.functional import cross_entropy

    eps = 8 / 255
    model, (x, y) = check.tiny_classifier(), check.tiny_batch(5)
    x_adv = check.tensor(pgd(model, x.clone(), y, eps, 2 / 255, 10, random_start=False), like=x)
    check.in_range(x_adv)
    check.in_ball(x_adv, x, eps)
    before, after = (cross_entropy(model(z), y, reduction="none") for z in (x, x_adv))
    check.that(
        bool((after > before).all()),
        "the loss of y did not rise: step along the sign of its gradient",
    )
    none = check.tensor(pgd(model, x.clone(), y, eps, 2 / 255, 0, random_start=False), like=x)
    check.close(none, x, what="the result of 0 steps without a random start", atol=1e-6)


### BEGIN HIDDEN TESTS
@check.promise
def every_step_from_where_it_stands_and_back_into_the_ball():
    """After each step: the gradient where the picture now is, its sign, then the projection around x."""
    import torch
    from torch.nn.functional import cross_entropy

    def slope(model, x, y):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(cross_entropy(model(x), y, reduction="sum"), x)[0]

    def walk(
        model,
        x,
        y,
        eps,
        step_size,
        steps,
        direction=torch.sign,
        at_start=False,
        project_each=True,
        label=None,
    ):
        z = x
        for _ in range(steps):
            labels = model(z).argmax(dim=1) if label == "predicted" else y
            z = z + step_size * direction(slope(model, x if at_start else z, labels))
            if project_each:
                z = (x + (z - x).clamp(-eps, eps)).clamp(0, 1)
        return (x + (z - x).clamp(-eps, eps)).clamp(0, 1)

    for n, eps, step_size, steps in (
        (4, 0.1, 0.04, 7),
        (1, 8 / 255, 2 / 255, 3),
        (3, 0.25, 0.1, 5),
    ):
        model, (x, y) = check.tiny_classifier(seed=n), check.tiny_batch(n, seed=n)
        setting = (model, x, y, eps)
        x_adv = check.tensor(
            pgd(model, x.clone(), y.clone(), eps, step_size, steps, random_start=False), like=x
        )
        check.in_range(x_adv)
        check.in_ball(x_adv, x, eps)
        check.close(
            x_adv,
            walk(*setting, step_size, steps),
            what=f"the result of {steps} steps",
            atol=1e-6,
            mistakes={
                "the projection comes only after the last step: project after every step": lambda: (
                    walk(*setting, step_size, steps, project_each=False)
                ),
                "every step uses the gradient at x: use the gradient where the picture now is": lambda: (
                    walk(*setting, step_size, steps, at_start=True)
                ),
                "the steps go down the loss: step along +sign(gradient)": lambda: walk(
                    *setting, -step_size, steps
                ),
                "the gradient is used without its sign": lambda: walk(
                    *setting, step_size, steps, direction=lambda g: g
                ),
                "the gradient is scaled to length 1: this attack takes its sign": lambda: walk(
                    *setting,
                    step_size,
                    steps,
                    direction=lambda g: g / g.flatten(1).norm(dim=1).view(-1, 1, 1, 1),
                ),
                "there is one step too few": lambda: walk(*setting, step_size, steps - 1),
                "there is one step too many": lambda: walk(*setting, step_size, steps + 1),
                "only one step is taken": lambda: walk(*setting, step_size, 1),
                "the step has size eps: use step_size": lambda: walk(*setting, eps, steps),
                "the step has size eps / steps: use step_size": lambda: walk(
                    *setting, eps / steps, steps
                ),
                "the loss uses the predicted class: use the label y": lambda: walk(
                    *setting, step_size, steps, label="predicted"
                ),
                "nothing happened: the result is x itself": x,
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_pgd_2", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def a_random_start_inside_the_ball():
    """By default it starts at random, inside the ball and [0, 1]; the same seed gives the same result, another another."""
    import torch

    def seeded(seed):
        return torch.Generator().manual_seed(seed)

    model, (x, y) = check.tiny_classifier(), check.tiny_batch(4)
    first, again, other = (
        check.tensor(pgd(model, x.clone(), y, 0.1, 0.01, 2, generator=seeded(s)), like=x)
        for s in (1, 1, 2)
    )
    check.in_range(first)
    check.in_ball(first, x, 0.1)
    check.close(
        again, first, what="the same seed gave two results: draw from the generator", atol=1e-6
    )
    check.that(
        not torch.allclose(first, other),
        "two seeds gave one result: the start must be random by default, drawn from the generator",
    )


### BEGIN HIDDEN TESTS
@check.promise
def the_start_is_uniform_in_the_ball():
    """The start is uniform in [-eps, eps], independent for every pixel of every picture, and the steps begin there."""
    import torch

    def offsets(x, steps=0, step_size=0.0):
        model, y = check.tiny_classifier(), torch.zeros(len(x), dtype=torch.int64)
        generator = torch.Generator().manual_seed(3)
        x_adv = pgd(
            model, x.clone(), y, 0.1, step_size, steps, random_start=True, generator=generator
        )
        return (check.tensor(x_adv, like=x, what="the result") - x) / 0.1  # in units of eps

    grey = torch.full((60, 3, 12, 12), 0.5, dtype=torch.float64)
    u = offsets(grey)
    check.that(float(u.abs().max()) > 0, "there is no random start: with steps=0 the result is x")
    check.that(
        float(u.abs().max()) <= 1 + 1e-6,
        f"the noise reaches {float(u.abs().max()):.2f} eps: it must be inside the ball",
    )
    same = (
        bool((u == u[:, :1, :1, :1]).all())
        or bool((u == u[:1]).all())
        or bool((u == u[:, :1]).all())
    )
    check.that(
        not same, "the noise repeats: draw a number of its own for every pixel of every picture"
    )
    check.that(
        abs(float(u.mean())) < 0.05,
        f"the noise is not uniform in [-eps, eps]: its mean is {float(u.mean()):.2f} eps, expected 0",
    )
    inner = float((u.abs() < 0.5).double().mean())
    check.that(
        abs(inner - 0.5) < 0.05 and float(u.abs().max()) > 0.98,
        f"the noise is not uniform in [-eps, eps]: {inner:.0%} of it lies within eps/2, expected half",
    )
    walked = offsets(grey, steps=1, step_size=0.001)
    check.that(
        float(walked.abs().mean()) > 0.3,
        "the steps do not begin at the random start: the start was drawn, then lost",
    )
    edge = (torch.arange(12) % 2).double().expand(20, 3, 12, 12)  # black and white columns
    u = offsets(edge)
    start = edge + 0.1 * u
    check.that(
        float(start.min()) >= 0 and float(start.max()) <= 1,
        "the random start leaves [0, 1]: clamp it",
    )
    still = float((u == 0).double().mean())
    check.that(
        abs(still - 0.5) < 0.05,
        "on black and white pixels, where half of the noise points out of [0, 1], clamp the start to [0, 1]",
    )


@check.promise
def with_a_random_start_too_each_step_is_projected():
    """With a random start: inside the ball and [0, 1] and, on a smooth model, as high as the deterministic walk."""
    import torch
    from torch.nn.functional import cross_entropy

    model, (x, y) = check.tiny_classifier(seed=5), check.tiny_batch(6, seed=5)
    generator = torch.Generator().manual_seed(0)
    started = check.tensor(pgd(model, x.clone(), y, 0.05, 0.02, 12, generator=generator), like=x)
    plain = check.tensor(pgd(model, x.clone(), y, 0.05, 0.02, 12, random_start=False), like=x)
    check.in_range(started)
    check.in_ball(started, x, 0.05)
    check.in_ball(plain, x, 0.05)
    clean, high, low = (
        float(cross_entropy(model(z), y, reduction="sum")) for z in (x, started, plain)
    )
    check.that(
        low > clean and high - clean > 0.8 * (low - clean),
        "with a random start the loss hardly rises",
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_pgd_3", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_model_and_the_inputs_stay_as_they_were():
    """With BatchNorm and Dropout: the walk of the model in eval mode, and everything as it was, whatever the start."""
    import torch
    from torch.nn.functional import cross_entropy

    model, (x, y) = check.tiny_classifier(fragile=True), check.tiny_batch(3)
    z = x
    for _ in range(4):
        leaf = z.clone().requires_grad_()
        (g,) = torch.autograd.grad(cross_entropy(model(leaf), y, reduction="sum"), leaf)
        z = (x + (z + 0.02 * g.sign() - x).clamp(-0.05, 0.05)).clamp(0, 1)
    cross_entropy(model(x), y).backward()
    model.train()
    model.drop.eval()  # somebody has switched this layer off
    with check.unchanged(model, x, y):
        x_adv = pgd(model, x, y, 0.05, 0.02, 4, random_start=False)
    check.close(
        check.tensor(x_adv, like=x),
        z,
        what="the adversarial picture",
        atol=1e-6,
        hint="Did the model work in train mode? Dropout draws at random there",
    )
    with check.unchanged(model, x, y):
        x_adv = check.tensor(pgd(model, x, y, 0.05, 0.02, 2, random_start=True), like=x)
    check.in_ball(x_adv, x, 0.05)


### BEGIN HIDDEN TESTS
@check.promise
def any_mode_size_and_number():
    """Also with a model all in train mode, a single picture, another size, float32, 0 steps, eps = 0."""
    import torch
    from torch.nn.functional import cross_entropy

    for n, size, eps, steps in ((1, 8, 0.03, 3), (3, 13, 0.05, 2), (2, 8, 0.0, 2), (2, 8, 0.03, 0)):
        for where in check.devices():
            model = check.tiny_classifier(fragile=True, dtype=torch.float32).to(where)
            x, y = (part.to(where) for part in check.tiny_batch(n, size=size, dtype=torch.float32))
            clean = cross_entropy(model(x), y, reduction="none")
            model.train()
            with check.unchanged(model, x, y):
                x_adv = check.tensor(pgd(model, x, y, eps, 0.02, steps, random_start=False), like=x)
            check.in_range(x_adv)
            check.in_ball(x_adv, x, eps)
            attacked = cross_entropy(model.eval()(x_adv), y, reduction="none")
            if eps * steps > 0:
                check.that(
                    bool((attacked > clean).all()),
                    f"the loss did not rise for N = {n}, H = W = {size}",
                )
            else:
                check.close(x_adv, x, what=f"the result for eps = {eps}, {steps} steps", atol=1e-6)
            generator = torch.Generator().manual_seed(0)
            started = pgd(model, x, y, eps, 0.02, steps, generator=generator)
            check.in_ball(check.tensor(started, like=x), x, eps)


### END HIDDEN TESTS

# %%
eps = 4 / 255
x_one = fgsm(model, x, y, eps)
x_ten = pgd(
    model, x, y, eps, step_size=1 / 255, steps=10, generator=torch.Generator().manual_seed(0)
)
with torch.no_grad():
    after_one, after_ten = model(x_one).argmax(dim=1), model(x_ten).argmax(dim=1)
print(f"correct after one step of 4/255: {(after_one == y).float().mean():.0%}")
print(f"correct after ten steps in the same ball: {(after_ten == y).float().mean():.0%}")
plots.gallery(
    torch.cat([x[:5], x_ten[:5]]),
    [CLASSES[i] for i in torch.cat([prediction[:5], after_ten[:5]])],
    columns=5,
    title="Ten small steps inside a ball of half the size, below",
)

# %% [markdown]
# **What you should see:** with half the eps of exercise 2, one step leaves a good part of the pictures
# right; ten steps in the same ball leave next to none.

# %% [markdown]
# ## 7 · Measuring: accuracy under attack
# ●●●○○ · 20 minutes · 10 points
#
# One number makes networks comparable: the fraction of **all** pictures that are still classified
# correctly after the attack. The last batch is usually shorter than the others, so the mean of the
# batches' accuracies is not that number.
#
# `attack` is any function `attack(model, x, y)` that returns `x_adv`, or None for no attack at all.
# `batches` is anything that one can loop over *once* and gives pairs (x, y).

# %% [markdown]
# <details><summary><b>Help:</b> "the attack was called under torch.no_grad()"</summary>
#
# The attack needs gradients, the measurement does not. Put only the line with the prediction under
# `torch.no_grad()`.
# </details>
# <details><summary><b>Help:</b> "the mean of the batches' accuracies"</summary>
#
# Count the pictures that are right, count the pictures, divide at the end.
# </details>


# %% nbgrader={"grade": false, "grade_id": "accuracy_under_attack", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def accuracy_under_attack(model, attack, batches):
    """Fraction of all images that the model, in eval mode, classifies correctly after the attack.

    Args: model; attack: callable (model, x, y) -> x_adv, or None; batches: iterable of (x, y).
    Returns: a float in [0, 1].
    """
    ### BEGIN SOLUTION
    correct = total = 0
    with evaluating(model):
        for x, y in batches:
            if attack is not None:
                x = attack(model, x, y)
            with torch.no_grad():
                correct += (model(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    return correct / total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_accuracy_under_attack", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_fraction_of_all_images():
    """Batches of 5, 5 and 1 pictures: the fraction of all 11 that are right, as a float."""
    model, (x, _) = check.tiny_classifier(), check.tiny_batch(11)
    y = model(x).argmax(dim=1)
    y[-1] = (y[-1] + 1) % 4  # the one in the short batch is wrong
    batches = [(x[:5], y[:5]), (x[5:10], y[5:10]), (x[10:], y[10:])]
    check.close(
        check.number(accuracy_under_attack(model, None, batches)),
        10 / 11,
        what="the accuracy",
        mistakes={
            "that is the mean of the batches' accuracies: count the correct images, then divide once": 2
            / 3,
            "that is in percent: return the fraction": 1000 / 11,
            "that is the number of correct images: divide by the number of images": 10.0,
            "that is the error rate: return the accuracy": 1 / 11,
            "that is the accuracy of the last batch alone": 0.0,
            "the short last batch is left out": 1.0,
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def the_attacked_pictures_count():
    """The attack gets (model, x, y) of each batch, with gradients on; what it returns is measured, against y."""
    import torch
    from torch.nn.functional import cross_entropy

    model, (x, y) = check.tiny_classifier(seed=4), check.tiny_batch(13, seed=4)
    batches = [(x[:6], y[:6]), (x[6:12], y[6:12]), (x[12:], y[12:])]

    def step(model, x, y):
        check.that(
            torch.is_grad_enabled(),
            "the attack was called under torch.no_grad(): it needs gradients, only the prediction does not",
        )
        x = x.clone().requires_grad_()
        (g,) = torch.autograd.grad(cross_entropy(model(x), y, reduction="sum"), x)
        return (x + 0.02 * g.sign()).clamp(0, 1).detach()

    def accuracy(x):
        return float((model(x).argmax(dim=1) == y).double().mean())

    attacked = torch.cat([step(model, *batch) for batch in batches])
    clean = accuracy(x)
    check.close(
        check.number(accuracy_under_attack(model, step, list(batches))),
        accuracy(attacked),
        what="the accuracy under attack",
        mistakes={
            "that is the clean accuracy: classify what the attack returns": clean,
            "that is the fraction whose prediction did not change: compare with y": float(
                (model(attacked).argmax(dim=1) == model(x).argmax(dim=1)).double().mean()
            ),
            "that is the mean of the batches' accuracies: count, then divide once": lambda: (
                sum(
                    float((model(step(model, *b)).argmax(dim=1) == b[1]).double().mean())
                    for b in batches
                )
                / len(batches)
            ),
        },
    )
    check.close(
        check.number(accuracy_under_attack(model, None, iter(batches))),
        clean,
        what="the clean accuracy (attack=None) over batches that can be looped over only once",
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_accuracy_under_attack_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def measured_in_eval_mode():
    """With BatchNorm and Dropout: measured in eval mode, and every layer's own flag back afterwards."""
    model, (x, _) = check.tiny_classifier(fragile=True), check.tiny_batch(40)
    y = model(x).argmax(dim=1)
    model.train()
    model.drop.eval()  # somebody has switched this layer off
    with check.unchanged(model, x, y):
        accuracy = check.number(
            accuracy_under_attack(model, None, [(x[:25], y[:25]), (x[25:], y[25:])])
        )
    check.close(
        accuracy,
        1.0,
        what="the accuracy",
        hint="Did the model work in train mode? Dropout draws at random there",
    )


### BEGIN HIDDEN TESTS
@check.promise
def the_flags_come_back_whatever_they_were():
    """A model all in train mode, a generator of batches, an attack, float32, any device: the same promises."""
    import torch

    for where in check.devices():
        model = check.tiny_classifier(fragile=True, dtype=torch.float32).to(where)
        x, y = (part.to(where) for part in check.tiny_batch(31, dtype=torch.float32))
        expected = float((model(1 - x).argmax(dim=1) == y).double().mean())
        model.train()

        def invert(model, x, y):
            return 1 - x

        batches = ((x[i : i + 7], y[i : i + 7]) for i in range(0, 31, 7))
        with check.unchanged(model, x, y):
            accuracy = check.number(accuracy_under_attack(model, invert, batches))
        check.close(accuracy, expected, what="the accuracy under attack")


### END HIDDEN TESTS

# %% [markdown]
# The curve that the whole field draws: accuracy against eps.

# %%
batches = [(x[:32], y[:32]), (x[32:50], y[32:50])]
budgets = [b / 255 for b in (0, 1, 2, 4, 8)]
one_step = [
    accuracy_under_attack(model, lambda m, a, b, eps=eps: fgsm(m, a, b, eps), batches)
    for eps in budgets
]
five_steps = [
    accuracy_under_attack(model, lambda m, a, b, eps=eps: pgd(m, a, b, eps, eps / 2, 5), batches)
    for eps in budgets
]
curves = {"fgsm": one_step, "pgd, 5 steps": five_steps}
plots.accuracy_against_eps(budgets, curves, chance=0.1, n=50)

# %% [markdown]
# ## 8 · Why: the linear argument
# ●●●○○ · 10 minutes · 5 points
#
# Take the simplest model there is, a linear score $s(x) = w \cdot x$. An adversary may change every
# pixel by at most eps. By how much can the score rise, and which change does it?
#
# Work it out on paper first: each pixel contributes $w_j \delta_j$ with $|\delta_j| \le \varepsilon$. Then
# look at your result as the number of pixels grows.

# %% [markdown]
# <details><summary><b>Help:</b> I do not see it</summary>
#
# For one pixel with weight 3 and eps = 0.1, the best change is +0.1 and it adds 0.3. With weight -3 it
# is -0.1, and it adds 0.3 as well.
# </details>


# %% nbgrader={"grade": false, "grade_id": "worst_case_shift", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def worst_case_shift(w, eps):
    """The largest rise of w·x under an L-infinity perturbation of size eps, and that perturbation.

    Args: w, any shape; eps >= 0.
    Returns: (rise as a float, perturbation shaped like w).
    """
    ### BEGIN SOLUTION
    return eps * w.abs().sum().item(), eps * w.sign()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_worst_case_shift", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def three_weights_by_hand():
    """For w = (3, -4, 0.5) and eps = 0.1 the score can rise by 0.75, and the perturbation does exactly that."""
    import torch

    w = torch.tensor([3.0, -4.0, 0.5])
    rise, perturbation = check.tuple_of(worst_case_shift(w, 0.1), ("rise", "perturbation"))
    check.close(
        check.number(rise, "the rise"),
        0.75,
        what="the rise",
        mistakes={
            "negative weights must add too: sum their absolute values": -0.05,
            "that is eps times the L2 norm of w: every pixel may move by all of eps": 0.1
            * (9 + 16 + 0.25) ** 0.5,
            "only the largest weight is used: every pixel may move": 0.4,
            "that is the L1 norm of w: multiply by eps": 7.5,
            "that is the mean over the weights: sum them": 0.25,
        },
    )
    check.tensor(perturbation, like=w, what="the perturbation")
    check.in_ball(perturbation, torch.zeros(3), 0.1)
    check.close((w * perturbation).sum(), 0.75, what="the rise that your perturbation causes")


### BEGIN HIDDEN TESTS
@check.promise
def no_other_perturbation_does_better():
    """The rise is eps times the sum of |w|, for weights of any shape and sign."""
    import torch

    for shape, eps in (((3, 8, 8), 8 / 255), ((1,), 0.5), ((7, 5), 0.01)):
        w = torch.randn(shape, dtype=torch.float64)
        rise, perturbation = check.tuple_of(
            worst_case_shift(w.clone(), eps), ("rise", "perturbation")
        )
        check.close(
            check.number(rise, "the rise"),
            eps * float(w.abs().sum()),
            what=f"the rise for weights of shape {shape}",
            mistakes={
                "that is eps times the L2 norm of w: every pixel may move by all of eps": eps
                * float(w.norm()),
                "negative weights must add too: sum their absolute values": eps * float(w.sum()),
            },
        )
        check.tensor(perturbation, like=w, what="the perturbation")
        check.in_ball(perturbation, torch.zeros_like(w), eps)
        check.close(
            (w * perturbation).sum(),
            eps * w.abs().sum(),
            what="the rise that your perturbation causes",
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_worst_case_shift_2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def weights_of_zero_and_eps_of_zero():
    """Weights that are zero and eps = 0 make no NaN; w stays as it is; float32 stays float32."""
    import torch

    for where in check.devices():
        for w, eps in (
            (torch.tensor([[0.0, -2.0], [1.0, 0.0]]), 0.1),
            (torch.ones(4), 0.0),
            (torch.zeros(3), 0.2),
        ):
            w = w.to(where)
            with check.unchanged(w):
                rise, perturbation = check.tuple_of(
                    worst_case_shift(w, eps), ("rise", "perturbation")
                )
            check.close(check.number(rise, "the rise"), eps * float(w.abs().sum()), what="the rise")
            check.tensor(perturbation, like=w, what="the perturbation")
            check.in_ball(perturbation, torch.zeros_like(w), eps)
            check.close(
                (w * perturbation).sum(),
                eps * w.abs().sum(),
                what="the rise that your perturbation causes",
            )


# %% [markdown]
# With weights of a fixed typical size, the rise grows with the number of pixels, while eps, what a
# person sees, stays the same:

# %%
for side in (8, 16, 32, 64, 224):
    w = torch.randn(3, side, side) / (3 * side * side) ** 0.5  # length about 1, whatever the size
    rise, _ = worst_case_shift(w, 8 / 255)
    print(f"{side:4d} x {side:<4d} pixels: the score of a picture can be shifted by {rise:6.2f}")

# %% [markdown]
# ## 9 · In your own words
# ●●○○○ · 20 minutes · 10 points, graded by a person
#
# A colleague says: *"Our network is right on nineteen pictures out of twenty. Nobody can see a change
# of 8/255, so it can't matter."* Answer in 150 to 250 words. A full answer
#
# - uses at least two numbers that you measured above (3 points),
# - explains with exercise 8 why a change too small to see can still decide (3 points),
# - says how a [*natural* adversarial example](../../../docs/glossary.md#natural-adversarial-example) differs from the ones you made, with an example (2 points),
# - names one application where this matters and one where it does not, and why (2 points).

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# === BEGIN SOLUTION
# (What a full answer has: two measured numbers such as the accuracy before and after ten steps; the sum
# over many pixels, each adding eps times its weight, in the direction the weights point; a natural
# example is an unmodified picture that is wrong because of its cues; an application with an adversary or
# a high price of errors beside one without.)
# === END SOLUTION

# %% [markdown]
# ## On real data, if you like
#
# Ungraded. The same functions on photographs: CIFAR-10 comes over the network (162 MB, once), and when
# there is none the cell says which file to put where. The world's network has never seen a photograph,
# so this trains a small one first, which takes some minutes on a CPU.

# %%
TRY_REAL_DATA = False
if TRY_REAL_DATA:
    from course_utils import training

    cifar = data.load("cifar10", device=device.pick())
    real_model = models.Classifier(models.Encoder(), num_classes=10).to(device.pick())
    training.fit(real_model, cifar.train, cifar.validation, epochs=3, seed=0)
    real_batches = list(cifar.test[:500].batches(100))
    for name, attack in {
        "clean": None,
        "fgsm at 8/255": lambda m, a, b: fgsm(m, a, b, 8 / 255),
    }.items():
        print(f"{name}: {accuracy_under_attack(real_model, attack, real_batches):.1%}")

# %% [markdown]
# ---
# **Before you hand in:** *Kernel → Restart Kernel and Run All Cells*. Then save the notebook, under the
# name it has.
