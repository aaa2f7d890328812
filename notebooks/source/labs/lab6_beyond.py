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
# # Bonus lab 6 · Beyond classification
#
# In an attic stands a box. In it are photographs with pieces torn out, black-and-white prints, a heap of
# pictures that nobody ever sorted, and a reel of grey film. Nobody is left who could tell you what was in the
# holes or what colour the house was. But you have other pictures, whole and in colour, and from these you can
# make any number of exercises whose answer you know: tear out a piece, take away the colour, and learn to
# give it back. Nobody has to write a label for that. Today you restore the box, and you learn to say how
# far the result can be trusted.
#
# | exercise | you write | difficulty | minutes | points |
# |---|---|---|---|---|
# | 1 | `hole_mask` | ●●○○○ | 15 | 15 |
# | 2 | `inpainting_loss` | ●●○○○ | 15 | 15 |
# | 3 | `to_grey` | ●○○○○ | 5 | 10 |
# | 4 | `colour_loss` | ●●●○○ | 20 | 15 |
# | 5 | `cluster_accuracy` | ●●●●○ | 30 | 20 |
# | 6 | `propagate_colour` | ●●●○○ | 25 | 15 |
# | 7 | a written answer, prepared in pairs | ●●○○○ | 30 | 10 |
#
# Everything runs on a laptop without a GPU, and without a network. Stuck? Under each exercise there is
# folded help, sorted by what you see. Each exercise stands alone: one that does not work yet does not
# block the checks of the next.

# %% [markdown]
# ## The conventions of all labs
#
# - **Images** are float tensors (N, 3, H, W) in [0, 1]; **labels** are int64 (N,). **Models** take [0, 1]
#   images; the normalisation is inside.
# - **A function returns new tensors** on the device and in the dtype of its input, detached from any
#   graph unless it is marked *differentiable*. It never writes into its inputs.
# - **Randomness** comes from `generator` where there is one: same seed, same result. `generator=None`
#   means torch's own. A generator lives on the CPU unless the caller made it elsewhere.
# - It works for **any N** (1, an odd number, a short last batch), any square H = W, on a CPU and on a GPU.
#
# The cells under each exercise check what you wrote. When you hand in, the same cells run again with
# further checks of the same promises.

# %%
import torch
import torch.nn.functional as F

from course_utils import device, models, plots, training
from course_utils.data.clips import Clips, clips
from course_utils.data.world import CLASSES, world
from course_utils.models import UNet, evaluating

torch.set_num_threads(1)  # networks as small as today's are quickest on one core
print(device.describe())

# %% [markdown]
# The torn photographs are from an album of the sea: sailing boats and nothing else. Four hundred pictures of that
# kind are whole, to learn from; a hundred others stand for those in the box.

# %%
sea = {"size": 32, "labels": "sailing boat", "background": "sea", "colour_cue": 1.0}
whole = world(400, seed=3490, **sea, device=device.pick())
box = world(100, seed=3491, **sea, device=device.pick())
x = box.images[:8]
print(f"{len(whole)} pictures of {tuple(x.shape[1:])} to learn from, {len(box)} in the box")

# %% [markdown]
# ## 1 · A hole in every picture
# ●●○○○ · 15 minutes · 15 points
#
# To learn how to fill holes one needs pictures with holes and the pieces that are missing. So we take whole
# pictures and make the holes ourselves (Pathak et al. 2016, arXiv 1604.07379, call it *[inpainting](../../../docs/glossary.md#inpainting)*).
#
# Write `hole_mask`. For each of n pictures of `size` x `size` pixels it makes a mask that is **1 where the
# picture is missing** and 0 where it is there:
#
# - the hole is one **square**, the same size in all pictures, with about `fraction` of the picture's area. So its
#   side is the **square root** of the fraction, times `size`, rounded to whole pixels;
# - it lies **wholly inside** the picture, each picture's at a place of its own, and all places at which it
#   fits are equally likely.
#
# The masks are floats of shape (n, 1, size, size), so that `x * (1 - mask)` keeps what is there in all three
# channels.

# %% [markdown]
# <details><summary><b>Help:</b> "fraction is a part of the area, not of the side"</summary>
#
# A hole of half the side has a quarter of the area.
# </details>
# <details><summary><b>Help:</b> "never reaches the last row or column"</summary>
#
# `torch.randint(0, high, …)` draws up to high - 1. A square of 4 in a picture of 8 may begin at 0, 1, 2, 3
# or 4: five places, size - side + 1 of them.
# </details>
# <details><summary><b>Help:</b> "the first and the last place come too rarely"</summary>
#
# `round(u * 4)` for u from 0 to 1 gives 0 for u below 1/8, but 1 for u from 1/8 to 3/8: the ends get half of
# what the others get. Draw whole numbers with `torch.randint`.
# </details>
# <details><summary><b>Help:</b> many squares without a loop</summary>
#
# Compare the numbers of the rows, (1, size), with the squares' first rows, (n, 1): what is at least the
# first and less than the first plus the side is inside, (n, size). Likewise for the columns. A pixel is missing
# where both hold: `rows[:, None, :, None] & columns[:, None, None, :]`. A loop does it as well.
# </details>


# %% nbgrader={"grade": false, "grade_id": "hole_mask", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def hole_mask(n, size, fraction, generator=None):
    """Masks with one square hole each, at a random place wholly inside the picture.

    Args: n: how many; size: side of the pictures in pixels; fraction: of the area that is missing, 0 to 1;
        generator: all randomness.
    Returns: (n, 1, size, size) of zeros and ones, float; 1 is missing.
    """
    ### BEGIN SOLUTION
    side = round(size * fraction**0.5)
    where = "cpu" if generator is None else generator.device
    first = torch.randint(0, size - side + 1, (2, n, 1), generator=generator, device=where)
    at = torch.arange(size, device=where)
    rows, columns = (at >= first) & (at < first + side)  # (n, size) each
    return (rows[:, None, :, None] & columns[:, None, None, :]).float()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_hole_mask", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def one_square_of_the_right_size():
    """Each of 300 masks of 16 x 16 with fraction 1/4 has exactly one square of 8 x 8 ones, wholly inside, and zeros around it."""
    import torch

    n, size, side = 300, 16, 8
    generator = torch.Generator().manual_seed(0)
    found = hole_mask(n, size, 0.25, generator=generator)
    found = check.tensor(found, shape=(n, 1, size, size), what="the masks").double()[:, 0]
    values = found.unique().tolist()
    check.that(
        set(values) <= {0.0, 1.0},
        f"the masks hold {len(values)} values between {values[0]:.2f} and {values[-1]:.2f}: only 0 and 1",
    )
    check.that(1.0 in values, "nothing is missing: the hole is 1, what is there is 0")
    check.that(0.0 in values, "everything is missing: the hole is 1, what is there is 0")
    count = found.sum(dim=(1, 2))
    check.that(
        not bool((count == size**2 - side**2).all()),
        "the mask is turned round: 1 is what is missing, 0 what is there",
    )
    missing = found > 0
    rows, columns = missing.any(dim=2), missing.any(dim=1)  # (n, size) each
    high, wide = rows.sum(dim=1), columns.sum(dim=1)
    check.that(
        bool((count == high * wide).all()),
        "what is missing is no full rectangle: one square a picture, without gaps",
    )
    check.that(
        int(high.min()) == int(high.max()) and int(wide.min()) == int(wide.max()),
        f"the holes are {int(high.min())} to {int(high.max())} pixels high and {int(wide.min())} to "
        f"{int(wide.max())} wide for fraction = 1/4 of 16 x 16: they reach beyond the edge, or differ in size; "
        "each must be 8 x 8 and lie wholly inside",
    )
    high, wide = int(high[0]), int(wide[0])
    check.that(
        high == wide,
        f"the hole is {high} pixels high and {wide} wide: it must be a square",
    )
    check.that(
        high != 4,
        "the side is a quarter of the picture's, so a sixteenth is missing: fraction is a part of the area, "
        "not of the side; take its square root",
    )
    check.that(
        high not in (side - 1, side + 1),
        f"the side is {high} pixels for fraction = 1/4 of 16 x 16, one pixel off: it must be 8",
    )
    check.that(
        high == side,
        f"the side is {high} pixels for fraction = 1/4 of 16 x 16: size times the square root of fraction is 8",
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_size_and_fraction():
    """The same for other sizes and fractions: the side is size times the root of fraction, to the nearest pixel or so."""
    import torch

    for n, size, fraction in (
        (40, 12, 0.25),
        (9, 9, 0.4),
        (5, 48, 0.1),
        (7, 10, 0.5),
        (6, 32, 0.0625),
    ):
        generator = torch.Generator().manual_seed(size)
        found = hole_mask(n, size, fraction, generator=generator)
        missing = check.tensor(found, shape=(n, 1, size, size), what="the masks").double()[:, 0] > 0
        words = f"for size = {size}, fraction = {fraction}"
        side = size * fraction**0.5
        high, wide = missing.any(dim=2).sum(dim=1), missing.any(dim=1).sum(dim=1)
        check.that(
            bool((high == wide).all()) and bool((missing.sum(dim=(1, 2)) == high * wide).all()),
            f"what is missing is no full square in each picture {words}",
        )
        check.that(
            all(abs(one - side) < 1 for one in high.tolist()),
            f"the holes' sides are {high.unique().tolist()} pixels {words}; expected about {side:.1f}",
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_hole_mask_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def all_places_are_equally_likely():
    """In two thousand masks of 8 x 8 with a hole of 4 x 4, all five rows and five columns at which it may begin are alike."""
    import torch

    # Each of 5 places is expected 400 times, with a standard deviation of 18, each of 25 pairs 80 times, with
    # one of 9: bounds of six deviations are missed by fair draws less than once in ten million seeds.
    n, last = 2000, 4
    found = hole_mask(n, 8, 0.25, generator=torch.Generator().manual_seed(3))
    missing = check.tensor(found, shape=(n, 1, 8, 8), what="the masks").double()[:, 0] > 0
    top = missing.any(dim=2).double().argmax(dim=1)
    left = missing.any(dim=1).double().argmax(dim=1)
    check.that(
        len(top.unique()) > 1 or len(left.unique()) > 1,
        "every picture has its hole at the same place: draw a place for each",
    )
    check.that(
        len(top.unique()) > 1 and len(left.unique()) > 1,
        "all holes begin in the same row or the same column: draw both",
    )
    check.that(
        not bool((top == left).all()),
        "the hole always lies on the diagonal: draw two numbers, one for the row and one for the column",
    )
    rows, columns = torch.bincount(top, minlength=8), torch.bincount(left, minlength=8)
    for counts in (rows, columns):
        check.that(
            int(counts[last]) > 0,
            "the hole never reaches the last row or column: it may begin at 0 to size - side, that is 4, "
            "inclusive",
        )
        check.that(
            int(counts[0]) > 0,
            "the hole never begins in the first row or column: it may begin at 0",
        )
        check.that(
            int(counts[last + 1 :].sum()) == 0,
            "holes begin so late that a part of them lies outside: they may begin at 0 to size - side",
        )
        ends, middle = float(counts[[0, last]].double().mean()), float(counts[2])
        check.that(
            ends < 1.45 * middle,
            "the holes crowd at the picture's edge: do not push back inside what lies outside, but draw only "
            "places that fit",
        )
        check.that(
            middle < 1.45 * ends,
            "the first and the last place come too rarely: draw whole numbers, torch.randint(0, size - side + "
            "1, …), instead of rounding",
        )
        check.that(
            all(290 < count < 510 for count in counts[: last + 1].tolist()),
            f"of 2000 holes {counts[: last + 1].tolist()} begin at 0, 1, 2, 3 and 4: all are equally likely",
        )
    pairs = torch.bincount(5 * top + left, minlength=25)
    check.that(
        int(pairs.min()) > 25 and int(pairs.max()) < 136,
        "row and column of a hole are related: draw two numbers that know nothing of each other",
    )


# %% nbgrader={"grade": true, "grade_id": "test_hole_mask_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_seed_decides_and_the_masks_are_floats():
    """The same seed gives the same masks, another one others; one picture, and a hole as large as the picture; floats."""
    import torch

    results = []
    for seed in (1, 1, 2):
        generator = torch.Generator().manual_seed(seed)
        found = check.tensor(
            hole_mask(6, 20, 0.1, generator=generator), shape=(6, 1, 20, 20), what="the masks"
        )
        check.that(
            found.is_floating_point(),
            f"the masks have dtype {found.dtype}: return floats, so that 1 - mask and sums can be taken",
        )
        results.append(found)
    first, again, other = results
    check.close(
        again,
        first,
        what="the same seed gave two results: draw all from the generator. The mask",
    )
    check.that(
        not torch.equal(first, other), "two seeds gave one result: draw all from the generator"
    )
    everything = hole_mask(1, 8, 1.0, generator=torch.Generator().manual_seed(0))
    check.close(
        check.tensor(everything, shape=(1, 1, 8, 8), what="the mask"),
        torch.ones(1, 1, 8, 8),
        what="the mask with fraction 1, the whole picture,",
    )


### BEGIN HIDDEN TESTS
@check.promise
def without_a_generator():
    """Also without a generator, where two calls give two results; one generator used twice goes on; single pictures, odd sizes."""
    import torch

    for n, size in ((1, 33), (3, 24), (2, 9)):
        for generator in (None, torch.Generator().manual_seed(5)):
            results = [
                check.tensor(
                    hole_mask(n, size, 0.05, generator=generator),
                    shape=(n, 1, size, size),
                    what="the masks",
                )
                for _ in range(10)
            ]
            check.that(
                any(not torch.equal(results[0], one) for one in results[1:]),
                "ten calls gave one result: do not set a seed yourself, and let the generator go on",
            )
            check.that(
                all(int(one.sum(dim=(1, 2, 3)).min()) > 0 for one in results),
                f"a picture has no hole for size = {size}, fraction = 0.05",
            )


### END HIDDEN TESTS

# %% [markdown]
# **What you should see:** eight pictures, each with a hole of an eighth of its area somewhere else.

# %%
mask = hole_mask(len(x), x.shape[-1], 1 / 8, torch.Generator().manual_seed(0)).to(x)
torn = x * (1 - mask) + 0.5 * mask  # what is missing is grey
plots.gallery(
    torn,
    [""] * 8,
    columns=8,
    title="Eight torn pictures. What was there?",
    alt="Eight pictures of sailing boats at sea, each with a grey square somewhere else.",
)

# %% [markdown]
# ## 2 · Only the hole counts
# ●●○○○ · 15 minutes · 15 points
#
# A network looks at the torn picture and paints a whole one. What it paints where the picture is there
# anyway does not matter; we lay the picture over it. So the loss is the [mean squared error](../../../docs/glossary.md#squared-error) of the **missing**
# pixels only:
#
# $$ \mathcal{L} \;=\; \frac{\sum_{i,c,p} m_{ip}\,(\hat x_{icp} - x_{icp})^2}{3 \sum_{i,p} m_{ip}} $$
#
# over pictures i, channels c and pixels p. It is **pooled over the batch**: each missing pixel counts alike, no matter
# whose it is. And when nothing is missing at all, nothing can be wrong: the loss is 0.
#
# Write `inpainting_loss`. It is *differentiable*: it returns a scalar tensor through which gradients reach the
# prediction.

# %% [markdown]
# <details><summary><b>Help:</b> "divided by the number of all values"</summary>
#
# `F.mse_loss(prediction * mask, x * mask)` sums the right errors, but takes the mean over the visible pixels as
# well, where the error is 0.
# </details>
# <details><summary><b>Help:</b> "the number of missing pixels": there are three channels</summary>
#
# The mask has one channel, the pictures three. `mask.sum()` counts pixels, so it counts a third of the errors
# that were summed.
# </details>
# <details><summary><b>Help:</b> NaN when nothing is missing</summary>
#
# 0 / 0 is NaN. `count.clamp(min=1)` changes no count of at least 1, and turns 0 / 0 into 0 / 1.
# </details>


# %% nbgrader={"grade": false, "grade_id": "inpainting_loss", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def inpainting_loss(prediction, x, mask):
    """Mean squared error of the missing pixels, over all channels, pooled over the batch; differentiable.

    Args: prediction, x (N, 3, H, W); mask (N, 1, H, W) of zeros and ones, 1 is missing.
    Returns: a scalar tensor; 0 when nothing is missing.
    """
    ### BEGIN SOLUTION
    squared = (prediction - x) ** 2 * mask  # (N, 3, H, W)
    return squared.sum() / (prediction.shape[1] * mask.sum()).clamp(min=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_inpainting_loss", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_mean_over_what_is_missing():
    """One missing pixel, off by 0.1, 0.2 and 0.3: 0.14 / 3. And three pictures with holes of 1, 4 and 9 pixels, pooled."""
    import torch

    mask = torch.zeros(3, 1, 6, 6, dtype=torch.float64)
    for i in range(3):
        mask[i, :, 1 : 2 + i, 2 : 3 + i] = 1
    x = torch.rand(3, 3, 6, 6, dtype=torch.float64)
    # each picture and channel errs in its own measure, so that each mistake has its own value
    measure = torch.tensor([0.3, 0.7, 1.5], dtype=torch.float64)
    error = torch.randn_like(x) * measure.view(-1, 1, 1, 1) * (0.5 + measure.view(1, -1, 1, 1))
    error = 0.1 * (error + 0.2)
    squared, count = error**2 * mask, mask.sum()
    result = inpainting_loss(x + error, x.clone(), mask.clone())
    check.close(
        check.tensor(result, shape=(), what="the loss", differentiable=True),
        squared.sum() / (3 * count),
        what="the loss of three pictures",
        atol=1e-8,
        mistakes={
            "the errors of the visible pixels are taken: mask is 1 where the picture is missing": (
                error**2 * (1 - mask)
            ).sum()
            / (3 * (1 - mask).sum()),
            "all pixels count, also the visible ones: multiply the squared errors by the mask": (
                error**2
            ).mean(),
            "the errors of the hole are divided by the number of all values, also the visible ones: divide by "
            "3 times the number of missing pixels": squared.mean(),
            "all errors are summed, also those of the visible pixels: multiply them by the mask": (
                error**2
            ).sum()
            / (3 * count),
            "the errors of three channels are divided by the number of missing pixels: divide by 3 times that": (
                squared.sum() / count
            ),
            "each picture counts alike: pool the batch, so that each missing pixel counts alike": (
                squared.sum(dim=(1, 2, 3)) / (3 * mask.sum(dim=(1, 2, 3)))
            ).mean(),
            "the squared errors are summed: divide by 3 times the number of missing pixels": squared.sum(),
            "the sum is divided by the number of pictures: divide by 3 times the number of missing pixels": (
                squared.sum() / 3
            ),
            "these are absolute errors: square them": (error.abs() * mask).sum() / (3 * count),
            "the root is taken: return the mean squared error itself": (
                squared.sum() / (3 * count)
            ).sqrt(),
            "the mean of the errors is squared: square each error, then take the mean": (
                (error * mask).sum() / (3 * count)
            )
            ** 2,
            "only the first channel counts: the mask holds for all three": squared[:, 0].sum()
            / count,
            "the result is halved: it is the plain mean of the squared errors": squared.sum()
            / (6 * count),
            "one is added to the count, which makes every loss smaller: clamp the count at 1 instead": (
                squared.sum() / (3 * count + 1)
            ),
            "one is added to the number of pixels, which makes every loss smaller: clamp it at 1 instead": (
                squared.sum() / (3 * (count + 1))
            ),
            "the sign is wrong: a loss grows with the errors": -squared.sum() / (3 * count),
        },
        hint="The squared errors of the missing pixels in all channels, over 3 times their number",
    )
    single = torch.zeros(1, 1, 4, 4, dtype=torch.float64)
    single[0, 0, 1, 2] = 1
    x = torch.full((1, 3, 4, 4), 0.5, dtype=torch.float64)
    off = x + torch.tensor([0.1, -0.2, 0.3], dtype=torch.float64).view(1, 3, 1, 1)
    result = inpainting_loss(off, x.clone(), single)
    check.close(
        check.tensor(result, shape=(), what="the loss", differentiable=True),
        0.14 / 3,
        what="the loss of one pixel that is off by 0.1, -0.2 and 0.3",
        atol=1e-8,
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_number_of_holes():
    """Holes of any shape, several in a picture, one picture and many, whole pictures missing: the formula, term by term."""
    import torch

    for n, size, share in ((1, 7, 0.3), (5, 4, 0.6), (2, 9, 1.0), (4, 6, 0.05)):
        x, prediction = torch.rand(2, n, 3, size, size, dtype=torch.float64)
        mask = (torch.rand(n, 1, size, size) < share).double()
        mask[0, 0, 0, 0] = 1
        total, count = 0.0, 0
        for i, _, row, column in (mask > 0).nonzero().tolist():
            for channel in range(3):
                total += (
                    float(prediction[i, channel, row, column] - x[i, channel, row, column]) ** 2
                )
                count += 1
        result = inpainting_loss(prediction.clone(), x.clone(), mask.clone())
        check.close(
            check.tensor(result, shape=(), what="the loss", differentiable=True),
            total / count,
            what=f"the loss of {n} pictures of {size} x {size}",
            atol=1e-8,
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_inpainting_loss_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_gradient_is_that_of_the_hole():
    """The gradient with respect to the prediction is 0 where the picture is visible, and points away from x in the hole."""
    import torch

    x, start = torch.rand(2, 3, 3, 5, 5, dtype=torch.float64)
    mask = (torch.rand(3, 1, 5, 5) < 0.3).double()
    mask[0, 0, 0, 0] = 1
    prediction = start.clone().requires_grad_()
    loss = inpainting_loss(prediction, x.clone(), mask.clone())
    check.that(
        not isinstance(loss, float),
        "the loss is a float, which has no gradient: return the tensor, without .item()",
    )
    loss = check.tensor(loss, shape=(), what="the loss", differentiable=True)
    check.that(
        loss.requires_grad,
        "the loss has no gradient: no .detach(), .data, .item() or torch.no_grad() on the way, and no NumPy",
    )
    (g,) = torch.autograd.grad(loss, prediction, allow_unused=True)
    check.that(g is not None, "no gradient reaches the prediction: is it detached?")
    outside = float((g * (1 - mask)).abs().max())
    expected = 2 * (start - x) * mask / (3 * mask.sum())
    away = 2 * (start - x)
    per_picture = away * mask / (9 * mask.sum(dim=(1, 2, 3), keepdim=True).clamp(min=1))
    check.close(
        g,
        expected,
        what="the gradient",
        atol=1e-9,
        mistakes={
            "the gradient is that of the summed errors: take the mean over what is missing": away
            * mask,
            "the gradient is that of the mean over all pixels: only the missing ones count": away
            / away.numel(),
            "the gradient is too small by the visible pixels: divide by 3 times the number of missing ones": (
                away * mask / away.numel()
            ),
            "the gradient is three times too large: divide by 3 times the number of missing pixels": 3
            * expected,
            "each picture counts alike: pool the batch, so that each missing pixel counts alike": per_picture,
            "the gradient is that of the visible pixels: mask is 1 where the picture is missing": away
            * (1 - mask)
            / (3 * (1 - mask).sum()),
        },
        hint="It reaches visible pixels"
        if outside > 1e-9
        else "It stays in the hole, but its size is off",
    )


### BEGIN HIDDEN TESTS
@check.promise
def a_step_down_paints_the_hole():
    """In float32, on any device: a step of the right length against the gradient puts x into the hole and nothing elsewhere."""
    import torch

    for where in check.devices():
        for n, size in ((1, 6), (4, 5)):
            x, start = torch.rand(2, n, 3, size, size, device=where)
            mask = (torch.rand(n, 1, size, size, device=where) < 0.4).float()
            mask[0, 0, 1, 1] = 1
            prediction = start.clone().requires_grad_()
            loss = inpainting_loss(prediction, x.clone(), mask.clone())
            loss = check.tensor(loss, shape=(), like=x, what="the loss", differentiable=True)
            check.that(loss.requires_grad, "the loss has no gradient: it is differentiable")
            (g,) = torch.autograd.grad(loss, prediction, allow_unused=True)
            check.that(g is not None, "no gradient reaches the prediction: is it detached?")
            check.close(
                start - 1.5 * mask.sum() * g,
                torch.where(mask > 0, x, start),
                what="the picture after a step of the right length",
                atol=1e-4,
            )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_inpainting_loss_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def nothing_missing_costs_nothing():
    """The loss is 0, not NaN, when nothing is missing; pictures without a hole add nothing; the inputs stay as they are."""
    import torch

    x, prediction = torch.rand(2, 3, 3, 5, 5, dtype=torch.float64)
    mask = torch.zeros(3, 1, 5, 5, dtype=torch.float64)
    leaf = prediction.clone().requires_grad_()
    with check.unchanged(leaf, x, mask):
        loss = inpainting_loss(leaf, x, mask)
    check.that(
        not isinstance(loss, torch.Tensor) or bool(torch.isfinite(loss.detach()).all()),
        "the loss is NaN when nothing is missing (0 / 0): divide by at least 1, for instance count.clamp(min=1)",
    )
    loss = check.tensor(loss, shape=(), dtype=x.dtype, what="the loss", differentiable=True)
    check.close(loss, 0.0, what="the loss when nothing is missing", atol=1e-12)
    if loss.requires_grad:
        (g,) = torch.autograd.grad(loss, leaf, allow_unused=True)
        check.that(
            g is None or not bool(g.isnan().any()),
            "the gradient is NaN when nothing is missing: torch.where after 0 / 0 saves the value, not the "
            "gradient; divide by at least 1 instead",
        )
        if g is not None:
            check.close(g, torch.zeros_like(g), what="the gradient when nothing is missing")
    mask[1, 0, 2:4, 1:3] = 1
    with check.unchanged(prediction, x, mask):
        loss = inpainting_loss(prediction, x, mask)
    expected = ((prediction - x)[1, :, 2:4, 1:3] ** 2).mean()
    check.that(
        not isinstance(loss, torch.Tensor) or bool(torch.isfinite(loss.detach()).all()),
        "the loss is NaN when one of the pictures has no hole: pool the batch, one division for all",
    )
    check.close(
        check.tensor(loss, shape=(), what="the loss", differentiable=True),
        expected,
        what="the loss where only the second of three pictures has a hole",
        atol=1e-9,
        mistakes={
            "pictures without a hole make the loss smaller: pool the batch, one division for all": expected
            / 3
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_dtype_and_device():
    """The same in float32 and float64, for one picture and odd sizes, on any device; the dtype of the loss is that of x."""
    import torch

    for where in check.devices():
        for n, size, dtype in ((1, 3, torch.float32), (2, 7, torch.float64), (5, 4, torch.float32)):
            x, prediction = torch.rand(2, n, 3, size, size, dtype=dtype, device=where)
            for full in (0, 1):
                mask = torch.full((n, 1, size, size), float(full), dtype=dtype, device=where)
                with check.unchanged(prediction, x, mask):
                    loss = inpainting_loss(prediction, x, mask)
                check.close(
                    check.tensor(loss, shape=(), like=x, what="the loss", differentiable=True),
                    full * ((prediction - x) ** 2).mean(),
                    what=f"the loss when {'everything' if full else 'nothing'} is missing",
                )


### END HIDDEN TESTS

# %% [markdown]
# Now train: a small [U-Net](../../../docs/glossary.md#u-net) (Ronneberger et al. 2015, arXiv 1505.04597) sees the torn picture and the mask, four
# channels, and paints three. You give it the exercises, twelve new holes for each picture, and the loss.


# %%
def see(x, mask):
    """What the network is shown: the picture, grey where it is missing, and the mask."""
    return torch.cat([x * (1 - mask) + 0.5 * mask, mask], dim=1)


def repair(network, x, mask):
    """What is there stays; what is missing is what the network paints."""
    with evaluating(network), torch.no_grad():
        return (x * (1 - mask) + network(see(x, mask)) * mask).clamp(0, 1)


def fill_holes(network, x, y):
    mask = hole_mask(len(x), x.shape[-1], 1 / 8).to(x)
    return {"loss": inpainting_loss(network(see(x, mask)), x, mask)}


torch.manual_seed(0)
painter = UNet(4, 3, width=16)
settings = {"batch_size": 16, "lr": 8e-3, "progress": False}
history = training.fit(painter, whole, objective=fill_holes, epochs=12, **settings)
for epoch in history.epochs[::3] + history.epochs[-1:]:
    print(f"epoch {epoch['epoch']:2}: loss {epoch['train_loss']:.4f}")

# %% [markdown]
# **What you should see:** the loss falls, and the network is clearly better than the mean of what is visible. It
# has found out that a picture is bright above and blue below, and roughly where the horizon goes on. Of what
# lies wholly inside the hole it paints **fog**: the mean of all that might have been there.

# %%
mask = hole_mask(len(box), x.shape[-1], 1 / 8, torch.Generator().manual_seed(0)).to(x)
visible = box.images * (1 - mask)
mean = visible.sum(dim=(2, 3), keepdim=True) / (1 - mask).sum(dim=(2, 3), keepdim=True)
restored = {
    "left grey": visible + 0.5 * mask,
    "the mean of the visible": visible + mean * mask,
    "your network": repair(painter, box.images, mask),
}
errors = {
    name: round(100 * inpainting_loss(pictures, box.images, mask).item() ** 0.5, 1)
    for name, pictures in restored.items()
}
plots.bars(
    errors,
    title="How far off are the missing pixels?",
    unit="root of the mean squared error, % of the range",
    highlight=["your network"],
)

# %% [markdown]
# The last row is no sea at all: the same network, and pictures such as it has never met. **What you should
# see:** it is no less sure of itself. What does it make of a street, and of a rainy day?

# %%
elsewhere = world(6, seed=3492, size=32, background="scene", device=device.pick()).images
rows = {
    "torn": restored["left grey"][:6],
    "restored": restored["your network"][:6],
    "as it was": box.images[:6],
    "restored, too": repair(painter, elsewhere, mask[:6]),
}
plots.gallery(
    torch.cat(list(rows.values())),
    [name for name in rows for _ in range(6)],
    columns=6,
    title="Who has only seen the sea finds it everywhere",
)

# %% [markdown]
# ## 3 · Taking the colour away
# ●○○○○ · 5 minutes · 10 points
#
# The next exercises to be made from whole pictures are black-and-white prints. The eye does not find all
# colours equally bright: pure green looks far brighter than pure blue. Television therefore weighs the channels
# (ITU-R BT.601) and calls the result **[luma](../../../docs/glossary.md#luma)**:
#
# $$ Y \;=\; 0.299\,R + 0.587\,G + 0.114\,B $$
#
# Write `to_grey`. The result has one channel, and keeps its place for it: (N, 1, H, W). Use plain tensor
# arithmetic, and let gradients pass (no `.detach()`): in exercise 4 it becomes part of a loss.

# %% [markdown]
# <details><summary><b>Help:</b> the result has no channel any more</summary>
#
# `x[:, 0]` has shape (N, H, W), `x[:, 0:1]` has (N, 1, H, W). Sums have an argument for it: `keepdim=True`.
# </details>
# <details><summary><b>Help:</b> "Expected all tensors to be on the same device"</summary>
#
# `x.new_tensor([0.299, 0.587, 0.114])` has the device and the dtype of x.
# </details>


# %% nbgrader={"grade": false, "grade_id": "to_grey", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def to_grey(x):
    """The luma of each pixel (ITU-R BT.601): 0.299 R + 0.587 G + 0.114 B.

    Args: x (N, 3, H, W).
    Returns: (N, 1, H, W).
    """
    ### BEGIN SOLUTION
    return 0.299 * x[:, 0:1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:3]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_to_grey", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def luma_of_every_pixel():
    """Red becomes 0.299, green 0.587, blue 0.114, white 1, black 0, and any other colour the weighted sum."""
    import torch

    colours = torch.tensor(
        [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [0, 0, 0], [0.5, 0.25, 0.75]],
        dtype=torch.float64,
    )
    x = torch.rand(2, 3, 6, 6, dtype=torch.float64)
    x[0, :, 2] = colours.T
    red, green, blue = x.unbind(dim=1)
    expected = 0.299 * red + 0.587 * green + 0.114 * blue
    grey = check.tensor(to_grey(x.clone()), what="the grey pictures", differentiable=True)
    if grey.shape == x.shape and torch.equal(grey[:, 0], grey[:, 1]):
        grey = grey[:, 0]  # the next check speaks of the shape
    check.that(
        grey.numel() == expected.numel(),
        f"the grey pictures have shape {tuple(grey.shape)} for x of shape (2, 3, 6, 6): one channel, (2, 1, 6, 6)",
    )
    # Some libraries round 0.299 to 0.2989: a ten-thousandth, which no eye sees.
    check.close(
        grey.reshape(2, 6, 6),
        expected,
        what="the luma",
        atol=1.5e-4,
        rtol=0,
        mistakes={
            "that is the plain mean of the channels: weigh them by 0.299, 0.587 and 0.114": x.mean(
                dim=1
            ),
            "the channels are in the wrong order: 0.299 belongs to red (channel 0), 0.114 to blue (channel 2)": (
                0.114 * red + 0.587 * green + 0.299 * blue
            ),
            "these are the weights of BT.709: use those of BT.601, 0.299, 0.587 and 0.114": (
                0.2126 * red + 0.7152 * green + 0.0722 * blue
            ),
            "that is the largest channel: take the weighted sum of all three": x.amax(dim=1),
            "that is the mean of the largest and the smallest channel: take the weighted sum of all three": (
                x.amax(dim=1) + x.amin(dim=1)
            )
            / 2,
            "that is the plain sum of the channels: weigh them by 0.299, 0.587 and 0.114": x.sum(
                dim=1
            ),
            "the weighted sum is divided by 3: the weights add up to 1 already": expected / 3,
            "that is the negative: white is 1": 1 - expected,
            "that is the green channel alone: take the weighted sum of all three": green,
            "that is the red channel alone: take the weighted sum of all three": red,
            "that is the Euclidean length of the colours: take the weighted sum": x.norm(dim=1),
            "the result is in 0 to 255: leave it in [0, 1]": 255 * expected,
            "the result is rounded to 256 steps: leave it as it is": (255 * expected).round() / 255,
            "the result is cut down to 256 steps: leave it as it is": (255 * expected).floor()
            / 255,
            "two of the weights are swapped: 0.299 is red's, 0.587 green's": (
                0.587 * red + 0.299 * green + 0.114 * blue
            ),
            "two of the weights are swapped: 0.587 is green's, 0.114 blue's": (
                0.299 * red + 0.114 * green + 0.587 * blue
            ),
        },
        hint="0.299 R + 0.587 G + 0.114 B",
    )


# %% nbgrader={"grade": true, "grade_id": "test_to_grey_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def one_channel_in_its_place():
    """The result has shape (N, 1, H, W) and the dtype of x, also for one picture of 3 x 3 pixels; x stays as it is."""
    import torch

    for n, size, dtype in ((4, 5, torch.float64), (1, 3, torch.float32), (3, 3, torch.float64)):
        x, _ = check.tiny_batch(n, size=size, dtype=dtype)
        with check.unchanged(x):
            grey = to_grey(x)
        grey = check.tensor(
            grey, shape=(n, 1, size, size), like=x, what="the result", differentiable=True
        )
        expected = torch.einsum("nchw,c->nhw", x.double(), torch.tensor([299.0, 587, 114]).double())
        check.close(
            grey[:, 0],
            expected / 1000,
            what=f"the luma of {n} pictures of {size} x {size}",
            atol=1.5e-4,
            hint="Do the weights belong to the channels? With W = 3 they also fit the columns",
        )


### BEGIN HIDDEN TESTS
@check.promise
def any_device_and_values():
    """On any device, in float32 and float64, for many pictures; values outside [0, 1], as a network paints them, too."""
    import torch

    for where in check.devices():
        for n, size, dtype in ((7, 4, torch.float32), (1, 9, torch.float64), (2, 1, torch.float32)):
            x = 3 * torch.randn(n, 3, size, size, dtype=dtype, device=where)
            with check.unchanged(x):
                grey = to_grey(x)
            grey = check.tensor(
                grey, shape=(n, 1, size, size), like=x, what="the result", differentiable=True
            )
            expected = 0.299 * x[:, :1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:]
            check.close(grey, expected, what="the luma of any values", atol=2e-3)


### END HIDDEN TESTS

# %% [markdown]
# **What you should see:** four things in colour, and as they lie in the box. Which of the greys was red?

# %%
tinted = {"size": 32, "background": "scene", "colour_cue": 0.9}
album = world(600, seed=3493, **tinted, device=device.pick())
prints = world(200, seed=3494, **tinted, device=device.pick()).images
grey = to_grey(prints)
plots.gallery(
    torch.cat([prints[:6], grey[:6].expand(-1, 3, -1, -1)]),
    ["as it was"] * 6 + ["the print in the box"] * 6,
    columns=6,
    title="A red and a green of the same luma are the same grey",
)

# %% [markdown]
# ## 4 · Giving it back
# ●●●○○ · 20 minutes · 15 points
#
# A network that colours prints knows the grey already. What it has to add is the **[chroma](../../../docs/glossary.md#chroma)**, what is left of
# a colour when its grey is taken away: RGB minus luma, three numbers a pixel (0 for every grey). So the loss
# compares chroma with chroma, and an error in brightness costs nothing:
#
# $$ \mathcal{L} \;=\; \frac{\sum_{i,p} w_{ip} \, \sum_c \big( k(\hat x)_{icp} - k(x)_{icp} \big)^2}
#    {\sum_{i,p} w_{ip}} \qquad\qquad k(x) \;=\; x - \mathrm{grey}(x) $$
#
# Here w is a weight for each pixel, (N, 1, H, W). Most pixels of most pictures are nearly grey, and a network that
# minimises the plain mean takes that as advice (Zhang, Isola, Efros 2016, arXiv 1603.08511). Weights let the few
# vivid pixels speak up. The squared errors are **summed** over the three components and **divided by the sum
# of the weights**: so it does not matter in which unit the weights are.
#
# Write `colour_loss`. It is *differentiable*.

# %% [markdown]
# <details><summary><b>Help:</b> "the colours are compared, not the chroma"</summary>
#
# Each picture loses its own grey: `prediction - to_grey(prediction)` and `x - to_grey(x)`. Take the same
# grey from both and it cancels.
# </details>
# <details><summary><b>Help:</b> "the grey of the prediction is detached"</summary>
#
# The grey of the prediction depends on the prediction, so gradients go through it as well: no `.detach()` and no
# `torch.no_grad()`, not in `to_grey` either.
# </details>
# <details><summary><b>Help:</b> "divided by 3 times the sum of the weights"</summary>
#
# `weight.expand(-1, 3, -1, -1).sum()` counts each weight three times. Sum the squared errors over the channels
# first, `sum(dim=1, keepdim=True)`, and everything has one number a pixel.
# </details>


# %% nbgrader={"grade": false, "grade_id": "colour_loss", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def colour_loss(prediction, x, weight):
    """Squared error of the chroma (RGB minus luma), summed over its components, weighted mean over pixels.

    Args: prediction, x (N, 3, H, W), RGB; weight (N, 1, H, W), not negative.
    Returns: a scalar tensor; differentiable.
    """
    ### BEGIN SOLUTION
    error = (prediction - to_grey(prediction)) - (x - to_grey(x))  # (N, 3, H, W)
    squared = (error**2).sum(dim=1, keepdim=True)  # (N, 1, H, W)
    return (weight * squared).sum() / weight.sum()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_colour_loss", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def chroma_against_chroma():
    """Red painted where a grey was costs 0.670, whichever grey it was; and random pictures; all weights 1."""
    import torch

    def luma(z, weights=(0.299, 0.587, 0.114)):
        return torch.einsum("nchw,c->nhw", z, z.new_tensor(weights))[:, None]

    def mean(errors):
        return errors.sum(dim=1).mean()

    x, prediction = torch.rand(2, 3, 3, 4, 4, dtype=torch.float64)
    prediction = 0.8 * prediction + 0.3
    ones = torch.ones(3, 1, 4, 4, dtype=torch.float64)
    difference = prediction - x
    chroma = difference - luma(difference)
    plain = difference - difference.mean(dim=1, keepdim=True)
    hdtv = difference - luma(difference, (0.2126, 0.7152, 0.0722))
    result = colour_loss(prediction.clone(), x.clone(), ones.clone())
    # a rounded 0.2989 in to_grey is fine here, too
    check.close(
        check.tensor(result, shape=(), what="the loss", differentiable=True),
        mean(chroma**2),
        what="the loss of random pictures",
        rtol=1e-3,
        mistakes={
            "the colours are compared, not the chroma: each of the two loses its own grey": mean(
                difference**2
            ),
            "the grey is the plain mean of the channels: use the luma of to_grey": mean(plain**2),
            "the plain mean of the channels is the grey, and the errors are averaged over them: use to_grey, "
            "and sum": (plain**2).mean(),
            "the grey has the weights of BT.709: use to_grey": mean(hdtv**2),
            "the errors are averaged over the three components: sum them": (chroma**2).mean(),
            "the colours are compared, not the chroma, and the errors are averaged over the channels: take "
            "each one's grey away, and sum": (difference**2).mean(),
            "the errors are summed over the pixels: divide by the sum of the weights": (
                chroma**2
            ).sum(),
            "the sum is divided by the number of pictures: divide by the sum of the weights": (
                chroma**2
            ).sum()
            / 3,
            "these are absolute errors: square them": mean(chroma.abs()),
            "these are Euclidean distances: sum the squares over the components, and take no root": chroma.norm(
                dim=1
            ).mean(),
            "the root of the mean is taken: return the mean of the squares": mean(chroma**2).sqrt(),
            "the grey pictures are compared, and the chroma is not: take the grey away from the colours": (
                luma(difference) ** 2
            ).mean(),
            "the prediction's grey is still in it: take it away as from x": mean(
                (prediction - x + luma(x)) ** 2
            ),
            "the grey of x is still in it: take it away as from the prediction": mean(
                (prediction - luma(prediction) - x) ** 2
            ),
            "the chroma of the prediction and of x are added: subtract them": mean(
                (prediction + x - luma(prediction + x)) ** 2
            ),
            "the components are summed before they are squared: square each": (
                chroma.sum(dim=1) ** 2
            ).mean(),
            "only the strengths of the two chromas are compared: subtract them component by component": (
                ((prediction - luma(prediction)).norm(dim=1) - (x - luma(x)).norm(dim=1)) ** 2
            ).mean(),
            "the sign is wrong: a loss grows with the errors": -mean(chroma**2),
            "the result is halved": mean(chroma**2) / 2,
        },
        hint="Chroma is RGB minus to_grey, of the prediction and of x; sum the squares over the three components",
    )
    red = torch.zeros(1, 3, 2, 2, dtype=torch.float64)
    red[:, 0] = 1
    for value in (0.0, 0.299, 0.8):
        result = colour_loss(red.clone(), torch.full_like(red, value), torch.ones_like(red[:, :1]))
        check.close(
            check.tensor(result, shape=(), what="the loss", differentiable=True),
            0.701**2 + 2 * 0.299**2,
            what=f"the loss of red where a grey of {value} was",
            rtol=1e-3,
            hint="Only the chroma counts: no grey has any",
        )


### BEGIN HIDDEN TESTS
@check.promise
def brightness_is_free():
    """Pictures that differ in brightness alone, pixel by pixel, cost nothing; any colours by the formula, term by term."""
    import torch

    for n, size in ((1, 5), (4, 3)):
        x, prediction = torch.rand(2, n, 3, size, size, dtype=torch.float64)
        brighter = x + torch.randn(n, 1, size, size, dtype=torch.float64)
        ones = torch.ones(n, 1, size, size, dtype=torch.float64)
        result = colour_loss(brighter, x.clone(), ones.clone())
        check.close(
            check.tensor(result, shape=(), what="the loss", differentiable=True),
            0.0,
            what="the loss of pictures that differ in brightness alone",
            atol=1e-6,
        )
        total = 0.0
        for p, q in zip(
            prediction.movedim(1, -1).reshape(-1, 3).tolist(),
            x.movedim(1, -1).reshape(-1, 3).tolist(),
            strict=True,
        ):
            shift = sum(w * (a - b) for w, a, b in zip((0.299, 0.587, 0.114), p, q, strict=True))
            total += sum((a - b - shift) ** 2 for a, b in zip(p, q, strict=True))
        result = colour_loss(prediction.clone(), x.clone(), ones)
        check.close(
            check.tensor(result, shape=(), what="the loss", differentiable=True),
            total / (n * size * size),
            what=f"the loss of {n} pictures of {size} x {size}",
            rtol=1e-3,
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_colour_loss_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def a_weighted_mean():
    """Pixels count by their weights, pooled over the batch; weights seven times as large change nothing, zero ones leave out."""
    import torch

    # The errors have no luma, so that even who compares the colours themselves earns this check.
    x = torch.rand(3, 3, 4, 4, dtype=torch.float64)
    error = torch.randn(3, 3, 4, 4, dtype=torch.float64) * torch.tensor(
        [0.2, 0.6, 1.4], dtype=torch.float64
    ).view(3, 1, 1, 1)
    error[:, 1] = -(0.299 * error[:, 0] + 0.114 * error[:, 2]) / 0.587
    squared = (error**2).sum(dim=1, keepdim=True)
    weight = torch.rand(3, 1, 4, 4, dtype=torch.float64) * torch.tensor(
        [3.0, 1.0, 0.3], dtype=torch.float64
    ).view(3, 1, 1, 1)
    weight[0, 0, :2] = 0
    per_picture = (weight * squared).sum(dim=(1, 2, 3)) / weight.sum(dim=(1, 2, 3))
    total, sums = (weight * squared).sum(), weight.sum()
    result = colour_loss(x + error, x.clone(), weight.clone())
    result = check.tensor(result, shape=(), what="the loss", differentiable=True)
    check.close(
        result,
        total / sums,
        what="the weighted loss",
        rtol=1e-3,
        mistakes={
            "the weights play no part: multiply each pixel's squared error by its own": squared.mean(),
            "the weighted errors are divided by the number of pixels: divide by the sum of the weights": total
            / 48,
            "the weighted errors are divided by the number of all values: divide by the sum of the weights": total
            / 144,
            "the weighted errors are divided by 3 times the sum of the weights, or averaged over the "
            "components: sum over the components, and divide by the sum itself": total / sums / 3,
            "each picture counts alike: pool the batch, one sum of weights for all": per_picture.mean(),
            "each picture has a mean of its own, and these are summed: pool the batch": per_picture.sum(),
            "the weighted errors are summed: divide by the sum of the weights": total,
            "the weights are squared: multiply the squared errors, not the errors, by them": (
                weight**2 * squared
            ).sum()
            / sums,
            "the weights are squared, above and below: multiply the squared errors by them once": (
                weight**2 * squared
            ).sum()
            / (weight**2).sum(),
            "the weighted errors are divided by the sum of the weights and by the number of pixels: one of them "
            "is too much": total / sums / 48,
            "pixels of weight above 0 all count alike: multiply by the weight itself": (
                squared * (weight > 0)
            ).sum()
            / (weight > 0).sum(),
            "the weights are scaled by the largest of them: divide by their sum": total
            / weight.max()
            / 48,
            "one is added to the sum of the weights, which makes the loss smaller": total
            / (sums + 1),
            "the errors are divided by the weights instead of multiplied": float("inf"),
        },
        hint="The weighted squared errors, summed over everything, over the sum of the weights",
    )
    again = colour_loss(x + error, x.clone(), 7 * weight)
    check.close(
        check.tensor(again, shape=(), what="the loss", differentiable=True),
        result,
        what="the loss with weights seven times as large",
        hint="Divided by the sum of the weights it stays what it was",
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_weights():
    """One pixel of weight 1 among zeros; tiny and huge weights; one picture and many: the weighted mean, term by term."""
    import torch

    for n, size, scale in ((1, 3, 1.0), (2, 5, 1e-4), (5, 4, 1e4)):
        x, prediction = torch.rand(2, n, 3, size, size, dtype=torch.float64)
        difference = prediction - x
        luma = 0.299 * difference[:, :1] + 0.587 * difference[:, 1:2] + 0.114 * difference[:, 2:]
        squared = ((difference - luma) ** 2).sum(dim=1, keepdim=True)
        single = torch.zeros(n, 1, size, size, dtype=torch.float64)
        single[n - 1, 0, 1, 2] = 1
        for weight in (scale * torch.rand(n, 1, size, size, dtype=torch.float64), single):
            pairs = zip(weight.flatten().tolist(), squared.flatten().tolist(), strict=True)
            expected = sum(w * s for w, s in pairs) / sum(weight.flatten().tolist())
            result = colour_loss(prediction.clone(), x.clone(), weight.clone())
            check.close(
                check.tensor(result, shape=(), what="the loss", differentiable=True),
                expected,
                what=f"the loss with weights of {float(weight.max()):.2g} and less",
                rtol=1e-3,
            )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_colour_loss_3", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_gradient_leaves_the_brightness_alone():
    """The gradient with respect to the prediction is that of the formula, its own grey included; the inputs stay as they are."""
    import torch

    x, start = torch.rand(2, 3, 3, 4, 4, dtype=torch.float64)
    weight = torch.rand(3, 1, 4, 4, dtype=torch.float64)
    prediction = start.clone().requires_grad_()
    with check.unchanged(prediction, x, weight):
        loss = colour_loss(prediction, x, weight)
    check.that(
        not isinstance(loss, float),
        "the loss is a float, which has no gradient: return the tensor, without .item()",
    )
    loss = check.tensor(loss, shape=(), dtype=x.dtype, what="the loss", differentiable=True)
    check.that(
        loss.requires_grad,
        "the loss has no gradient: no .detach(), .data, .item() or torch.no_grad() on the way, and no NumPy",
    )
    (g,) = torch.autograd.grad(loss, prediction, allow_unused=True)
    check.that(g is not None, "no gradient reaches the prediction: is it detached?")
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64).view(1, 3, 1, 1)
    difference = start - x
    chroma = difference - (weights * difference).sum(dim=1, keepdim=True)
    held = 2 * weight * chroma / weight.sum()
    expected = held - weights * held.sum(dim=1, keepdim=True)
    check.close(
        g,
        expected,
        what="the gradient",
        atol=2e-5,
        rtol=1e-3,
        mistakes={
            "the grey of the prediction is detached: gradients go through to_grey as well, so nothing pulls "
            "at the brightness": held,
            "the gradient pulls at the brightness, too: compare the chroma, not the colours": 2
            * weight
            * difference
            / weight.sum(),
            "the gradient is three times too small: sum over the components": expected / 3,
            "the gradient is that of the plain mean: multiply by the weights and divide by their sum": (
                expected * weight.sum() / weight / 48
            ),
            "the gradient is that of the weighted sum divided by the number of pixels: divide by the sum of "
            "the weights": expected * weight.sum() / 48,
        },
        hint="Is something on the way detached, or rounded?",
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_dtype_and_device():
    """In float32 and float64, for one picture and odd sizes, on any device: loss and gradient, in the dtype of x."""
    import torch

    for where in check.devices():
        for n, size, dtype in ((1, 3, torch.float32), (4, 5, torch.float64), (3, 8, torch.float32)):
            x, start = torch.rand(2, n, 3, size, size, dtype=dtype, device=where)
            weight = torch.rand(n, 1, size, size, dtype=dtype, device=where)
            prediction = start.clone().requires_grad_()
            with check.unchanged(prediction, x, weight):
                loss = colour_loss(prediction, x, weight)
            loss = check.tensor(loss, shape=(), like=x, what="the loss", differentiable=True)
            check.that(loss.requires_grad, "the loss has no gradient: it is differentiable")
            (g,) = torch.autograd.grad(loss, prediction, allow_unused=True)
            check.that(g is not None, "no gradient reaches the prediction: is it detached?")
            leaf = start.double().requires_grad_()
            d = leaf - x.double()
            d = d - (0.299 * d[:, :1] + 0.587 * d[:, 1:2] + 0.114 * d[:, 2:])
            value = (weight.double() * d**2).sum() / weight.double().sum()
            check.close(loss, value, what="the loss", rtol=1e-3)
            check.close(
                g,
                torch.autograd.grad(value, leaf)[0],
                what="the gradient",
                atol=2e-5,
                rtol=2e-3,
            )


### END HIDDEN TESTS

# %% [markdown]
# Two networks learn to colour, from the same pictures in which most things have a colour of their own, and for
# the same time. For the one all pixels weigh alike, for the other a pixel weighs by how vivid it is.
#
# **What you should see:** sky, sea and sand get their colours, and the second network's are stronger: nearer to
# the truth where that is vivid, and no nearer on the whole. The things stay almost grey. To colour a fish one
# has to see that it is a fish, which takes longer than this. And who hesitates between a red mug and a green
# one does best, in the mean, with what lies between: mud.


# %%
def vividness(x):
    return (x - to_grey(x)).norm(dim=1, keepdim=True)  # (N, 1, H, W)


def colouring(weigh):
    """Trains a network to colour, with the weights weigh(x), and colours the prints of the box."""

    def objective(network, x, y):
        return {"loss": colour_loss(network(to_grey(x)), x, weigh(x))}

    torch.manual_seed(0)
    network = UNet(1, 3, width=16)
    training.fit(network, album, objective=objective, epochs=6, **settings)
    with evaluating(network), torch.no_grad():
        painted = network(grey)
        return (grey + painted - to_grey(painted)).clamp(0, 1)


all_alike = colouring(lambda x: torch.ones_like(x[:, :1]))

# %%
by_vividness = colouring(lambda x: 0.02 + vividness(x) ** 2)

# %%
coloured = {
    "left grey": grey.expand(-1, 3, -1, -1),
    "all pixels alike": all_alike,
    "by vividness": by_vividness,
    "as it was": prints,
}
evenly, vivid = torch.ones_like(grey), vividness(prints) ** 2
for name, pictures in coloured.items():
    errors = [100 * colour_loss(pictures, prints, w).item() ** 0.5 for w in (evenly, vivid)]
    print(
        f"{name:16}: off by {errors[0]:4.1f} % on all pixels, {errors[1]:4.1f} % on vivid ones; "
        f"vividness {100 * vividness(pictures).mean():4.1f} %"
    )

# %%
plots.gallery(
    torch.cat([pictures[:6] for pictures in coloured.values()]),
    [name for name in coloured for _ in range(6)],
    columns=6,
    title="Prints, coloured by two networks, and as they were",
)

# %% [markdown]
# ## 5 · Sorting the heap
# ●●●●○ · 30 minutes · 20 points
#
# The heap has never been sorted, and nobody will write labels. But a network can give each picture features,
# and [k-means](../../../docs/glossary.md#k-means) puts pictures with similar features into one of k boxes (Caron et al. 2018, arXiv 1807.05520, train
# networks this way). How good is the sorting? Box 3 need not be class 3: **the numbers of the boxes mean
# nothing.** So we look for the best possible way to name them: each cluster stands for at most one class, each
# class has at most one cluster, and as many pictures as possible lie in the cluster of their class. Their
# share **of all pictures** is the [cluster accuracy](../../../docs/glossary.md#cluster-accuracy).
#
# | | cat | dog | owl |
# |---|---|---|---|
# | **cluster 0** | 6 | 5 | 0 |
# | **cluster 1** | 5 | 0 | 1 |
# | **cluster 2** | 0 | 1 | 2 |
#
# Who begins with the largest number calls cluster 0 *cat*, and has nothing left for cluster 1: 6 + 0 + 2, or
# 6 + 1 + 1. The best way is cluster 0 *dog*, cluster 1 *cat*, cluster 2 *owl*: 5 + 5 + 2 = 12 of 20.
#
# Write `cluster_accuracy`. There may be **more clusters than classes** (pictures in a cluster without a class
# are not right) **or fewer**, and numbers may be left out: clusters 2, 7 and 40 are three clusters. You need not
# search yourself: ten clusters and ten classes have 3.6 million matchings, but SciPy finds the best of them at
# once (the *[Hungarian method](../../../docs/glossary.md#hungarian-method)*): `linear_sum_assignment`, in `scipy.optimize`. It also takes tables that are not
# square.

# %% [markdown]
# <details><summary><b>Help:</b> the table</summary>
#
# `assignments.unique(return_inverse=True)` gives the numbers that occur and, for each picture, the place of its
# own among them. With r rows and c columns, `row * c + column` numbers the cells of the table, and
# `torch.bincount` counts how often each occurs. A loop over the pictures does it as well.
# </details>
# <details><summary><b>Help:</b> "that is the worst matching"</summary>
#
# `linear_sum_assignment(cost)` looks for the smallest sum. Give it `maximize=True`, or minus the counts.
# </details>
# <details><summary><b>Help:</b> "several clusters count for one class"</summary>
#
# Calling each cluster by its most frequent class is known as *purity*. It grows by itself with the number of
# clusters: as many clusters as pictures, and it is 100 %.
# </details>
# <details><summary><b>Help:</b> NumPy or torch?</summary>
#
# `linear_sum_assignment` takes a NumPy array, `table.cpu().numpy()`, and returns the rows and the columns of
# the matched cells: `table[rows, columns].sum()`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "cluster_accuracy", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def cluster_accuracy(assignments, labels):
    """The share of all pictures that lie in the cluster of their class, under the best one-to-one matching.

    Args: assignments, labels (N,) int64, any numbers; as many clusters as classes, more or fewer.
    Returns: a float, 0 to 1.
    """
    ### BEGIN SOLUTION
    from scipy.optimize import linear_sum_assignment

    clusters, row = assignments.unique(return_inverse=True)
    classes, column = labels.unique(return_inverse=True)
    cells = row * len(classes) + column
    table = torch.bincount(cells, minlength=len(clusters) * len(classes))
    table = table.view(len(clusters), len(classes)).cpu().numpy()
    rows, columns = linear_sum_assignment(table, maximize=True)
    return int(table[rows, columns].sum()) / len(labels)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_cluster_accuracy", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_best_one_to_one_matching():
    """Four clusters and classes, of which the largest number first is not the best way, give 18 of 40; the table above 12 of 20."""
    import itertools

    import torch

    def pictures(table):
        pairs = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
        order = torch.randperm(len(pairs)).tolist()
        return torch.tensor([pairs[k] for k in order]).T

    def matched(table, best=max):
        size = range(len(table))
        return best(sum(table[i][j] for i, j in enumerate(p)) for p in itertools.permutations(size))

    def greedy(table):
        rows, columns, total = set(), set(), 0
        cells = [(n, i, j) for i, row in enumerate(table) for j, n in enumerate(row)]
        for n, i, j in sorted(cells, key=lambda cell: -cell[0]):
            if i not in rows and j not in columns:
                rows, columns, total = rows | {i}, columns | {j}, total + n
        return total

    def in_turn(table):  # each cluster takes the best class that is left
        left, total = set(range(len(table))), 0
        for row in table:
            j = max(left, key=lambda j: row[j])
            left, total = left - {j}, total + row[j]
        return total

    for table in (
        [[2, 2, 0, 1], [4, 1, 4, 4], [1, 7, 0, 6], [2, 6, 0, 0]],
        [[6, 5, 0], [5, 0, 1], [0, 1, 2]],
    ):
        n, best = sum(map(sum, table)), matched(table)
        a, y = pictures(table)
        result = cluster_accuracy(a.clone(), y.clone())
        if isinstance(result, torch.Tensor) and result.numel() == 1:
            result = float(result)  # a later check asks for a float
        columns = list(zip(*table, strict=True))
        balanced = max(
            sum(table[i][j] / sum(columns[j]) for i, j in enumerate(p)) / len(table)
            for p in itertools.permutations(range(len(table)))
        )
        check.close(
            check.number(result, "the accuracy"),
            best / n,
            what=f"the accuracy of {n} pictures",
            atol=1e-6,
            mistakes={
                "the numbers of the clusters are taken for classes: they mean nothing, look for the best "
                "matching": sum(table[i][i] for i in range(len(table))) / n,
                "several clusters count for one class: each cluster is called by its most frequent class "
                "(purity); a class has one cluster": sum(map(max, table)) / n,
                "several classes count for one cluster: each class takes the cluster in which it is most "
                "frequent; a cluster has one class": sum(map(max, columns)) / n,
                "the largest number is matched first, then what is left: that is not always the best matching; "
                "use linear_sum_assignment": greedy(table) / n,
                "the clusters choose one after the other: that is not always the best matching; use "
                "linear_sum_assignment": in_turn(table) / n,
                "the classes choose one after the other: that is not always the best matching; use "
                "linear_sum_assignment": in_turn(columns) / n,
                "that is the worst matching: linear_sum_assignment looks for the smallest sum unless told "
                "maximize=True": matched(table, min) / n,
                "that is the share of wrong pictures: return that of the right ones": 1 - best / n,
                "that is in percent: return a fraction": 100 * best / n,
                "that is a number of pictures: divide by all of them": float(best),
                "the classes are averaged, large and small alike: count pictures": balanced,
                "the right pictures are divided by the number of clusters: divide by that of all pictures": (
                    best / len(table)
                ),
            },
            hint="Of all ways to match clusters with classes one to one, the one with the most pictures",
        )


### BEGIN HIDDEN TESTS
@check.promise
def any_table():
    """Random tables with up to six clusters and classes, names changed at will: the best of all matchings."""
    import itertools

    import torch

    for k, n in ((2, 9), (3, 50), (5, 60), (6, 200)):
        names, classes = torch.randperm(k), torch.randperm(k)
        y = torch.cat([torch.arange(k), torch.randint(0, k, (n,))])
        a = torch.where(torch.rand(n + k) < 0.4, names[y], torch.randint(0, k, (n + k,)))
        a[:k] = torch.arange(k)
        table = [[int(((a == i) & (y == j)).sum()) for j in range(k)] for i in range(k)]
        best = max(
            sum(table[i][j] for i, j in enumerate(p)) for p in itertools.permutations(range(k))
        )
        result = cluster_accuracy(a.clone(), classes[y])
        if isinstance(result, torch.Tensor) and result.numel() == 1:
            result = float(result)
        check.close(
            check.number(result, "the accuracy"),
            best / (n + k),
            what=f"the accuracy of {n + k} pictures in {k} clusters",
            atol=1e-6,
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_cluster_accuracy_2", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def more_clusters_than_classes_and_fewer():
    """Five clusters of three classes: two stay without a class, and theirs are not right. Two clusters of four classes alike."""
    import itertools

    import torch

    for table in (
        [[4, 1, 0], [3, 0, 1], [0, 6, 1], [1, 5, 2], [2, 0, 4]],
        [[5, 1, 4, 0], [4, 0, 1, 2]],
    ):
        pairs = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
        a, y = torch.tensor([pairs[k] for k in torch.randperm(len(pairs)).tolist()]).T
        n, columns = len(pairs), list(zip(*table, strict=True))
        tall = len(table) > len(columns)
        long, short = (table, columns) if tall else (columns, table)
        ways = list(itertools.permutations(range(len(long)), len(short)))
        ways.sort(key=lambda way: -sum(long[i][j] for j, i in enumerate(way)))
        best = sum(long[i][j] for j, i in enumerate(ways[0]))
        there = sum(sum(long[i]) for i in ways[0])  # in matched clusters, or of matched classes
        first = range(len(short))  # clusters (classes) beyond the number of the others are cut off
        cut = max(
            sum(long[i][j] for j, i in enumerate(way)) for way in itertools.permutations(first)
        )
        within = sum(sum(long[i]) for i in first)
        result = cluster_accuracy(a.clone(), y.clone())
        if isinstance(result, torch.Tensor) and result.numel() == 1:
            result = float(result)
        check.close(
            check.number(result, "the accuracy"),
            best / n,
            what=f"the accuracy with {len(table)} clusters of {len(columns)} classes",
            atol=1e-6,
            mistakes={
                "several clusters count for one class: each class has at most one cluster": sum(
                    map(max, table)
                )
                / n,
                "several classes count for one cluster: each cluster stands for at most one class": sum(
                    map(max, columns)
                )
                / n,
                "only the pictures of matched clusters and classes are counted below: divide by the number of "
                "all pictures": best / there,
                "clusters or classes with large numbers are left out of the matching: all of them take part": (
                    cut / n
                ),
                "clusters or classes with large numbers are left out altogether: all of them take part": (
                    cut / within
                ),
                "that is the worst matching: linear_sum_assignment looks for the smallest sum unless told "
                "maximize=True": min(sum(long[i][j] for j, i in enumerate(way)) for way in ways)
                / n,
            },
            hint="Each cluster stands for at most one class, each class has at most one cluster; divide by all "
            "pictures",
        )


### BEGIN HIDDEN TESTS
@check.promise
def very_unequal_counts():
    """One cluster of everything, a cluster for each picture, one class in many clusters; random counts: the best matching."""
    import itertools

    import torch

    def measured(a, y):
        result = cluster_accuracy(a.clone(), y.clone())
        if isinstance(result, torch.Tensor) and result.numel() == 1:
            result = float(result)
        return check.number(result, "the accuracy")

    y = torch.tensor([0, 1, 1, 2, 1, 0, 3])
    words = "the accuracy with all pictures in one cluster"
    check.close(measured(torch.zeros_like(y), y), 3 / 7, what=words, atol=1e-6)
    words = "the accuracy with a cluster for each picture"
    check.close(measured(torch.arange(7), y), 4 / 7, what=words, atol=1e-6)
    words = "the accuracy with one class in three clusters"
    check.close(measured(torch.tensor([0, 1, 1, 2, 1, 0, 1]), 0 * y), 4 / 7, what=words, atol=1e-6)
    for k, c in ((6, 2), (3, 5), (4, 3), (2, 6)):
        a = torch.cat([torch.arange(k), torch.randint(0, k, (60,))])
        y = torch.cat([torch.randint(0, c, (k,)), torch.arange(c), torch.randint(0, c, (60 - c,))])
        y = torch.where(torch.rand(60 + k) < 0.3, a % c, y)
        table = [[int(((a == i) & (y == j)).sum()) for j in range(c)] for i in range(k)]
        long = table if k > c else list(zip(*table, strict=True))
        ways = itertools.permutations(range(len(long)), min(k, c))
        best = max(sum(long[i][j] for j, i in enumerate(way)) for way in ways)
        words = f"the accuracy with {k} clusters of {c} classes"
        check.close(measured(a, y), best / (60 + k), what=words, atol=1e-6)


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_cluster_accuracy_3", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def numbers_that_are_left_out():
    """Clusters 2, 7 and 40 of the classes 1, 3 and 90 are three clusters of three classes."""
    import torch

    a = torch.tensor([2, 2, 2, 7, 7, 40, 40, 40, 7])
    y = torch.tensor([3, 3, 90, 90, 90, 1, 1, 3, 1])
    result = cluster_accuracy(a.clone(), y.clone())
    if isinstance(result, torch.Tensor) and result.numel() == 1:
        result = float(result)
    check.close(
        check.number(result, "the accuracy"),
        6 / 9,
        what="the accuracy with clusters 2, 7 and 40",
        atol=1e-6,
        mistakes={
            "clusters whose numbers are larger than that of the last class are left out: any numbers may occur": 2
            / 9,
            "no picture is in its place: do the numbers lead to the right rows and columns of the table?": 0.0,
        },
        hint="Any numbers may occur: .unique(return_inverse=True) counts them through from 0",
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_gaps():
    """Gaps anywhere, large numbers, more clusters than classes at that: the same as with numbers in a row."""
    import torch

    y = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2, 2, 1])
    a = torch.tensor([1, 1, 0, 0, 2, 2, 3, 3, 2, 2])
    for clusters, classes in (
        ([0, 1, 2, 5], [0, 1, 2]),
        ([3, 1, 9, 200], [5, 4, 11]),
        ([100, 4, 7, 0], [1, 0, 60]),
    ):
        result = cluster_accuracy(torch.tensor(clusters)[a], torch.tensor(classes)[y])
        if isinstance(result, torch.Tensor) and result.numel() == 1:
            result = float(result)
        check.close(
            check.number(result, "the accuracy"),
            0.6,
            what=f"the accuracy with clusters {sorted(clusters)} of classes {sorted(classes)}",
            atol=1e-6,
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_cluster_accuracy_4", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def a_float_and_inputs_as_they_were():
    """The result is a float, 1.0 for a perfect sorting under other names and for a single picture; the inputs stay."""
    import torch

    for a, y in (([2, 0, 1, 1, 2], [0, 1, 2, 2, 0]), ([4], [7])):
        given = torch.tensor(a), torch.tensor(y)
        with check.unchanged(*given):
            result = cluster_accuracy(*given)
        check.close(
            check.number(result, "the accuracy"),
            1.0,
            what=f"the accuracy of clusters {a} for labels {y}",
            atol=1e-6,
        )


### BEGIN HIDDEN TESTS
@check.promise
def many_pictures_on_any_device():
    """Two thousand pictures in six clusters, on any device: a float, and the order of the pictures plays no part."""
    import torch

    for where in check.devices():
        y = torch.randint(0, 6, (2000,), device=where)
        a = torch.where(torch.rand(2000, device=where) < 0.7, (y + 2) % 6, 5 - y)
        best = ((y + 2) % 6 == a).double().mean().item()
        order = torch.randperm(2000).to(where)
        for given in ((a, y), (a[order], y[order]), (y, a)):
            with check.unchanged(*given):
                result = cluster_accuracy(*given)
            check.close(check.number(result, "the accuracy"), best, what="the accuracy", atol=1e-6)


### END HIDDEN TESTS

# %% [markdown]
# Five hundred pictures in a heap, sorted into ten boxes by k-means: once by their pixels, once by the features of
# an encoder that has learnt nothing, and by those of the encoders of labs 3 to 5, which have never seen a
# label. The last had labels; it is there to show what is possible.
#
# **What you should see:** ten classes, so chance is a little more than 10 %. Pixels and random features are hardly
# better; SimCLR's boxes are the best of those that nobody labelled, by far.

# %%
from sklearn.cluster import KMeans

heap = world(500, seed=3495, device=device.pick())
torch.manual_seed(0)
encoders = {
    "never trained": models.Encoder().to(device.pick()).eval(),
    "rotation": models.zoo.load("world_rotation", device=device.pick()).encoder,
    "patches": models.zoo.load("world_patches", device=device.pick()).encoder,
    "SimCLR": models.zoo.load("world_simclr", device=device.pick()).encoder,
    "with labels": models.zoo.load("world_classifier", device=device.pick()).encoder,
}
features = {"pixels": heap.images.flatten(1)}
with torch.no_grad():
    features |= {name: encoder(heap.images) for name, encoder in encoders.items()}


def boxes(vectors, k):
    vectors = F.normalize(vectors - vectors.mean(dim=0), dim=1).cpu().numpy()
    return torch.from_numpy(KMeans(k, n_init=4, random_state=0).fit_predict(vectors)).long()


sorted_by = {name: boxes(vectors, 10) for name, vectors in features.items()}
labels = heap.labels.cpu()
shares = {name: 100 * cluster_accuracy(found, labels) for name, found in sorted_by.items()}
plots.bars(
    {name: round(share, 1) for name, share in shares.items()},
    title="Ten boxes, ten classes: how well do they match?",
    unit="cluster accuracy, % (chance a little over 10 %)",
    highlight=["SimCLR"],
)

# %% [markdown]
# Four of SimCLR's boxes, a row each: the two [purest](../../../docs/glossary.md#purity) and the two most mixed. Pictures in orange frames are not
# of the most frequent class of their box. **What you should see:** what did the encoder find alike in them,
# where it was not the thing?

# %%
found = sorted_by["SimCLR"]
counts = torch.stack([labels[found == box].bincount(minlength=10) for box in range(10)])
pure = (counts.max(dim=1).values / counts.sum(dim=1)).argsort(descending=True)
shown = pure[[0, 1, -2, -1]]
chosen = torch.cat([(found == box).nonzero()[:8, 0] for box in shown])
odd = labels[chosen] != counts.argmax(dim=1)[found[chosen]]
plots.gallery(
    heap.images[chosen.to(heap.images.device)],
    [CLASSES[label] for label in labels[chosen]],
    columns=8,
    frames=[plots.PALETTE[1] if flag else None for flag in odd],
    title="Four boxes that nobody named",
)

# %% [markdown]
# And why must each class have only one box? Here SimCLR's features in more and more boxes. **What you should
# see:** when each box may be called by its most frequent class, more boxes always look better, up to 100 %
# for a box a picture. The cluster accuracy is not taken in: it is highest with as many boxes as classes.

# %%
print("boxes    most frequent class    cluster accuracy")
for k in (5, 10, 20, 50, 200, 500):
    found = torch.arange(500) if k == 500 else boxes(features["SimCLR"], k)
    purity = sum(labels[found == box].bincount().max().item() for box in found.unique()) / 500
    print(f"{k:5} {purity:20.0%} {cluster_accuracy(found, labels):20.0%}")

# %% [markdown]
# ## 6 · A film, coloured from its first frame
# ●●●○○ · 25 minutes · 15 points
#
# Of the grey reel somebody has coloured the first frame by hand. For the other frames nothing has to be
# guessed: their colours are in the first frame, only elsewhere. Each pixel of a later frame, the **target**, looks
# back at all pixels of the first, the **reference**, and takes the mean of their colours, those most that
# resemble it most (Vondrick et al. 2018, arXiv 1806.09594). Here alike means alike in grey:
#
# $$ c_i \;=\; \sum_j A_{ij}\, c^{\mathrm{ref}}_j \qquad\qquad
#    A_{ij} \;=\; \frac{\exp\!\big({-(g_i - g^{\mathrm{ref}}_j)^2 / \tau}\big)}
#                      {\sum_k \exp\!\big({-(g_i - g^{\mathrm{ref}}_k)^2 / \tau}\big)} $$
#
# Each pixel i of the target has weights over all pixels j of the reference, which add up to 1: a softmax,
# *[attention](../../../docs/glossary.md#attention)*. The **temperature** $\tau$ says how choosy it is. Very cold, only the most similar grey counts
# (several that are equally similar count alike); very hot, all count alike.
#
# Write `propagate_colour`. It must survive temperatures as low as $10^{-12}$, where every one of those
# exponentials is 0 in a float.

# %% [markdown]
# <details><summary><b>Help:</b> all pairs of pixels at once</summary>
#
# `grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)` is the table of all differences: a row for each
# pixel of the target, a column for each of the reference, (HW, HW).
# </details>
# <details><summary><b>Help:</b> "NaN at temperature 1e-12"</summary>
#
# When all exponentials are 0, their sum is 0 too. `torch.softmax` subtracts the largest exponent first, which
# changes nothing in the formula, and makes the largest exponential 1.
# </details>
# <details><summary><b>Help:</b> "the weights of a target pixel do not add up to 1"</summary>
#
# The softmax runs over the reference's pixels. With the target's in the rows, that is `dim=1`.
# </details>
# <details><summary><b>Help:</b> colours come out shuffled</summary>
#
# `colour_reference.view(-1, 3)` does not turn (3, H, W) into a list of colours; it cuts the red channel into
# pieces of three. `flatten(1)` gives (3, HW), with a colour in each column.
# </details>


# %% nbgrader={"grade": false, "grade_id": "propagate_colour", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def propagate_colour(grey_reference, grey_target, colour_reference, temperature):
    """Colours each pixel of the target with the mean colour of the reference's pixels of a similar grey.

    Args: grey_reference, grey_target (1, H, W); colour_reference (3, H, W); temperature > 0: a squared
        difference of grey of this size makes a pixel count e times less.
    Returns: (3, H, W).
    """
    ### BEGIN SOLUTION
    difference = grey_target.reshape(-1, 1) - grey_reference.reshape(1, -1)  # (HW, HW)
    attention = torch.softmax(-(difference**2) / temperature, dim=1)
    colours = colour_reference.flatten(1) @ attention.T  # (3, HW)
    return colours.view_as(colour_reference)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_propagate_colour", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_mean_colour_of_similar_greys():
    """Black pixels that are red, white ones that are blue: at temperature 1 / ln 3 black becomes 3/4 red; and random frames."""
    import math

    import torch

    reference, target = torch.rand(2, 1, 5, 5, dtype=torch.float64)
    colours = torch.rand(3, 5, 5, dtype=torch.float64)

    def told(t=0.3, look=None, how="softmax", flip=False, axis=1):
        a, b = (target, reference) if not flip else (reference, target)
        d = a.reshape(-1, 1) - b.reshape(1, -1)
        logits = -(d**2) / t if look is None else look(d, t)
        weights = logits.softmax(dim=axis)
        if how == "exp":
            weights = logits.exp()
        if how == "share":
            weights = logits.exp() / logits.exp().sum()
        if how == "hard":
            weights = torch.nn.functional.one_hot(logits.argmax(dim=1), 25).double()
        return (weights @ colours.flatten(1).T).T.reshape(3, 5, 5)

    expected = told()
    shuffled = torch.softmax(
        -((target.reshape(-1, 1) - reference.reshape(1, -1)) ** 2) / 0.3, dim=1
    )
    result = propagate_colour(reference.clone(), target.clone(), colours.clone(), 0.3)
    check.close(
        check.tensor(result, shape=(3, 5, 5), what="the colours"),
        expected,
        what="the colours of random frames at temperature 0.3",
        atol=1e-7,
        mistakes={
            "the difference of grey is not squared": told(look=lambda d, t: -d.abs() / t),
            "the difference of grey is taken with its sign: square it": told(
                look=lambda d, t: -d / t
            ),
            "the difference of grey is taken with its sign, and the other way round: square it": told(
                look=lambda d, t: d / t
            ),
            "the squared difference is multiplied by the temperature: divide": told(
                look=lambda d, t: -(d**2) * t
            ),
            "the temperature plays no part: divide the squared difference by it": told(t=1.0),
            "the temperature is squared: divide the squared difference by the temperature itself": told(
                t=0.09
            ),
            "the squared difference is halved: divide it by the temperature, no more": told(t=0.6),
            "it is divided by twice the squared temperature, as in a Gaussian: divide by the temperature": (
                told(t=0.18)
            ),
            "it is divided by the root of the temperature: divide by the temperature itself": told(
                t=0.3**0.5
            ),
            "the sign is wrong: unlike greys count most; take minus the squared difference": told(
                look=lambda d, t: d**2 / t
            ),
            "only the most similar pixel counts: take the softmax-weighted mean of all": told(
                how="hard"
            ),
            "the weights are not divided by their sum: take a softmax": told(how="exp"),
            "the weights are divided by the sum of the whole table: each target pixel has its own sum": told(
                how="share"
            ),
            "the softmax runs over the target's pixels, so the weights of a target pixel do not add up to 1: "
            "take it over the reference's": told(axis=0),
            "reference and target are mixed up: the target's pixels look at the reference's": told(
                flip=True
            ),
            "rows and columns are swapped: the colours lie mirrored along the diagonal": expected.transpose(
                1, 2
            ),
            "colours come out shuffled: (3, H, W) is flattened to (3, HW), not viewed as (HW, 3)": (
                shuffled @ colours.reshape(-1, 3)
            ).T.reshape(3, 5, 5),
            "colours come out shuffled at the end: turn (HW, 3) round before it becomes (3, H, W)": (
                shuffled @ colours.flatten(1).T
            ).reshape(3, 5, 5),
            "colours come out shuffled on the way in and out: (3, H, W) is flattened to (3, HW)": (
                shuffled @ colours.reshape(-1, 3)
            ).reshape(3, 5, 5),
            "every pixel gets the mean colour: the weights depend on the greys": colours.mean(
                dim=(1, 2), keepdim=True
            ).expand(3, 5, 5),
            "these are the reference's colours, each in its old place": colours,
            "the weighted colours are divided by the number of pixels: a softmax adds up to 1 already": (
                expected / 25
            ),
        },
        hint="A softmax over the reference's pixels of minus the squared grey difference over the temperature",
    )
    grey = torch.tensor([[[0.0, 0.0], [1.0, 1.0]]], dtype=torch.float64)
    red_blue = torch.stack([1 - grey[0], 0 * grey[0], grey[0]])
    result = propagate_colour(grey.clone(), 1 - grey, red_blue, 1 / math.log(3))
    result = check.tensor(result, shape=(3, 2, 2), what="the colours")
    check.close(
        result,
        0.25 + 0.5 * red_blue.flip(1) - torch.tensor([0, 0.25, 0]).double().view(3, 1, 1),
        what="the colours of white above black, seen from red black above blue white",
        atol=1e-6,
    )


### BEGIN HIDDEN TESTS
@check.promise
def pixel_by_pixel():
    """Frames of other sizes and other temperatures, worked out pixel by pixel."""
    import math

    import torch

    for size, temperature in ((1, 0.1), (2, 1.0), (3, 0.02), (4, 5.0)):
        reference, target = torch.rand(2, 1, size, size, dtype=torch.float64)
        colours = torch.rand(3, size, size, dtype=torch.float64)
        expected = torch.zeros(3, size, size, dtype=torch.float64)
        for row in range(size):
            for column in range(size):
                g = float(target[0, row, column])
                weights = [
                    math.exp(-((g - r) ** 2) / temperature) for r in reference.flatten().tolist()
                ]
                share = torch.tensor(weights, dtype=torch.float64) / sum(weights)
                expected[:, row, column] = (colours.flatten(1) * share).sum(dim=1)
        result = propagate_colour(reference.clone(), target.clone(), colours.clone(), temperature)
        check.close(
            check.tensor(result, shape=(3, size, size), what="the colours"),
            expected,
            what=f"the colours of frames of {size} x {size} at temperature {temperature}",
            atol=1e-7,
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_propagate_colour_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def icy_and_glowing_temperatures():
    """At temperature 1e-6, or 1e-12, each pixel has the colour of the most similar grey, equal ones mixed; at 1e6 the mean of all."""
    import torch

    reference = torch.tensor([[[0.1, 0.3, 0.5], [0.7, 0.9, 0.5], [0.0, 0.2, 1.0]]])
    target = torch.tensor([[[0.52, 0.12, 0.68], [0.93, 0.31, 0.5], [1.0, 0.03, 0.22]]])
    colours = torch.rand(3, 3, 3)
    nearest = [[2, 5], [0], [3], [4], [1], [2, 5], [8], [6], [7]]
    flat = colours.flatten(1)
    expected = torch.stack([flat[:, which].mean(dim=1) for which in nearest], dim=1).view(3, 3, 3)
    first = torch.stack([flat[:, which[0]] for which in nearest], dim=1).view(3, 3, 3)
    for dtype, cold in ((torch.float32, 1e-6), (torch.float64, 1e-12)):
        result = propagate_colour(reference.to(dtype), target.to(dtype), colours.to(dtype), cold)
        check.that(
            not isinstance(result, torch.Tensor) or bool(torch.isfinite(result.detach()).all()),
            f"NaN at temperature {cold}: every exponential is 0, and so is their sum; torch.softmax of the "
            "exponents avoids it",
        )
        result = check.tensor(result, shape=(3, 3, 3), dtype=dtype, what="the colours")
        alone = torch.zeros_like(expected)
        alone[:, [1, 2], [2, 0]] = expected[:, [1, 2], [2, 0]]  # where a grey is met exactly
        check.close(
            result,
            expected,
            what=f"the colours at temperature {cold}",
            atol=1e-4,
            mistakes={
                "pixels whose grey is nowhere in the reference become black at low temperatures: a tiny number "
                "in the denominator avoids NaN, but not this; use torch.softmax": alone,
                "of equally similar greys only the first counts: they count alike": first,
                "pixels become the mean of all colours at low temperatures: they may be as low as "
                "that, do not bound it from below": flat.mean(dim=1).view(3, 1, 1).expand(3, 3, 3),
            },
            hint="The colour of the most similar grey; is the temperature bounded from below, or something added?",
        )
        result = propagate_colour(reference.to(dtype), target.to(dtype), colours.to(dtype), 1e6)
        check.close(
            check.tensor(result, shape=(3, 3, 3), dtype=dtype, what="the colours"),
            flat.mean(dim=1).view(3, 1, 1).expand(3, 3, 3),
            what="the colours at temperature 1e6, the mean of all,",
            atol=1e-4,
        )


### BEGIN HIDDEN TESTS
@check.promise
def a_frame_seen_from_itself():
    """When no grey comes twice, a cold look of a frame at itself, or at itself shuffled, finds every colour again."""
    import torch

    for size, temperature, dtype in ((4, 1e-9, torch.float64), (7, 1e-12, torch.float32)):
        grey = (torch.randperm(size * size).to(dtype) / size**2).view(1, size, size)
        colours = torch.rand(3, size, size, dtype=dtype)
        order = torch.randperm(size * size)
        for which in (torch.arange(size * size), order):
            target = grey.flatten()[which].view(1, size, size)
            result = propagate_colour(grey.clone(), target, colours.clone(), temperature)
            check.close(
                check.tensor(result, shape=(3, size, size), dtype=dtype, what="the colours"),
                colours.flatten(1)[:, which].view(3, size, size),
                what=f"the colours of a shuffled frame at temperature {temperature}",
                atol=1e-4,
            )
    far = propagate_colour(
        torch.zeros(1, 2, 2), torch.ones(1, 2, 2), torch.full((3, 2, 2), 0.4), 1e-3
    )
    check.close(
        check.tensor(far, shape=(3, 2, 2), what="the colours"),
        torch.full((3, 2, 2), 0.4),
        what="the colours of a white frame seen from a black one, all 0.4,",
        atol=1e-3,
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_propagate_colour_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def any_size_and_dtype():
    """The result is (3, H, W) in the dtype of the colours, for odd sizes and a single pixel too; the inputs stay as they are."""
    import torch

    for size, dtype in ((5, torch.float32), (1, torch.float64), (8, torch.float64)):
        reference, target = torch.rand(2, 1, size, size, dtype=dtype)
        colours = torch.rand(3, size, size, dtype=dtype)
        with check.unchanged(reference, target, colours):
            result = propagate_colour(reference, target, colours, 0.05)
        result = check.tensor(result, like=colours, what="the result")
        d = target.reshape(-1, 1).double() - reference.reshape(1, -1).double()
        weights = torch.softmax(-(d**2) / 0.05, dim=1)
        check.close(
            result,
            torch.einsum("ij,cj->ci", weights, colours.flatten(1).double()).view(3, size, size),
            what=f"the colours of frames of {size} x {size} in {dtype}",
        )


### BEGIN HIDDEN TESTS
@check.promise
def places_play_no_part_on_any_device():
    """The reference may be shuffled, on any device: only greys and colours count, not where they are."""
    import torch

    for where in check.devices():
        for size, dtype in ((6, torch.float32), (12, torch.float64)):
            reference, target = torch.rand(2, 1, size, size, dtype=dtype, device=where)
            colours = torch.rand(3, size, size, dtype=dtype, device=where)
            order = torch.randperm(size * size).to(where)
            given = (
                reference.flatten()[order].view_as(reference),
                target,
                colours.flatten(1)[:, order].view_as(colours),
            )
            with check.unchanged(*given):
                shuffled = propagate_colour(*given, 0.01)
            result = propagate_colour(reference, target, colours, 0.01)
            result = check.tensor(result, like=colours, what="the result")
            check.close(
                check.tensor(shuffled, like=colours, what="the result"),
                result,
                what="the colours from a shuffled reference",
                atol=1e-4,
            )
            d = target.reshape(-1, 1).double() - reference.reshape(1, -1).double()
            weights = torch.softmax(-(d**2) / 0.01, dim=1)
            expected = torch.einsum("ij,cj->ci", weights, colours.flatten(1).double())
            check.close(result.flatten(1), expected, what="the colours", atol=1e-4)


### END HIDDEN TESTS

# %% [markdown]
# Two films of eight frames. Brightness is known in every frame, so only the chroma is taken over, and the grey
# stays the frame's own. For comparison, the lazy way: the first frame's colours, left where they were.
#
# **What you should see:** the colours go with the fish, while the lazy way leaves a coloured shadow behind.

# %%
films = Clips(clips(12, seed=3496))[torch.tensor([5, 10])].images.to(device.pick())


def colour_film(film, temperature):
    grey = to_grey(film)  # (T, 1, H, W)
    found = torch.stack([propagate_colour(grey[0], frame, film[0], temperature) for frame in grey])
    return grey + found - to_grey(found)


def leave_in_place(film):
    return to_grey(film) + film[:1] - to_grey(film[:1])


def versions(film):
    made = {
        "grey": to_grey(film).expand_as(film),
        "left in place": leave_in_place(film),
        "taken along": colour_film(film, 1e-3),
        "as it was": film,
    }
    return {name: frames.clamp(0, 1).cpu() for name, frames in made.items()}


plots.movie(versions(films[0]), title="The first film, coloured from its first frame")

# %% [markdown]
# **What you should see:** in the second film tree and wall have the same grey, so grey cannot tell them apart, and
# the tree takes the colour of the wall. Vondrick's remedy: let a network learn *what* to compare, from films in
# colour, with this very formula, in which the grey gives way to features. Lecture 6 does that.

# %%
plots.frames(versions(films[1]), title="The second film: when grey is not enough", every=2)

# %% [markdown]
# How cold should it be? **What you should see:** it matters little, as long as it is cold: up to 0.001 or so. At 1
# all greys count alike, and everything takes one mean colour.

# %%
print("error of the chroma in frames 2 to 8, % of the range")
ways = {"left grey": lambda film: to_grey(film).expand_as(film), "left in place": leave_in_place}
for temperature in (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0):
    ways[f"taken along, {temperature}"] = lambda film, t=temperature: colour_film(film, t)
for name, way in ways.items():
    errors = [
        100 * colour_loss(way(film)[1:], film[1:], torch.ones_like(film[1:, :1])).item() ** 0.5
        for film in films
    ]
    print(f"{name:20}  first film {errors[0]:5.1f}   second film {errors[1]:5.1f}")

# %% [markdown]
# ## 7 · In pairs, then in your own words: what was never there
# ●●○○○ · 30 minutes · 10 points, graded by a person
#
# **In pairs (10 minutes).** Choose a use of one of today's four tasks: taking a passer-by out of a photograph,
# colouring a film of 1920 for television, sorting an archive of ten thousand X-rays, filling the gaps that clouds
# leave in satellite pictures … One of you **sells** it: where do the exercises come from without a label, and how do
# you show that it works? The other **doubts**: what will it make up, who will believe it, what does your figure
# not show? After five minutes change sides.
#
# **Alone,** in 200 to 300 words, with the use that you talked about:
#
# - In each of the four tasks, **what is hidden, what is given,** and where does the right answer come from
#   (2 points)?
# - Holes were filled with fog, mugs painted in mud. **Explain why** the mean squared error asks for just that,
#   with one of your own figures or pictures, and name a remedy and what it costs (3 points).
# - The seller's part: **which figure would you show** a customer, measured on which pictures, against which simple
#   baseline? And how could that figure be good while the result is bad, or the other way round (3 points)?
# - The doubter's part: what in the result **was never there**, when would that do harm, and how should the
#   result be shown so that nobody takes it for evidence (2 points)?

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# === BEGIN SOLUTION
# (What a full answer has: hidden are a square, the chroma, nothing but the names of the groups, and the colours
# of later frames; given the surroundings, the luma, the pictures' own likeness, and the first frame; the right
# answer is what was hidden, so it costs nothing, while clusters have none and are judged by labels afterwards.
# Where several answers are possible, the mean of them has the least squared error, though it is none of them:
# blurred holes, brown between red and green; with a figure such as the error or the vividness of the two
# colouring networks. Remedies: weights or classes of colours, a loss that a second network learns (adversarial),
# a sample instead of the mean; they cost a larger mean error, or invented details that look sure. A figure on
# pictures held out, of the kind the customer has, against grey, the mean of the visible or pixels' clusters; a
# sharp, believable filling can have a larger error than fog, a small mean error can hide that every vivid
# thing is grey, purity grows with the number of clusters. Harm where a made-up detail is believed: a face, a
# number plate, a tumour, a ship under clouds, a uniform's colour; so mark what was filled, keep the original, show
# several versions, and do not use it as a proof.)
# === END SOLUTION

# %% [markdown]
# ---
# **Before you hand in:** *Kernel → Restart Kernel and Run All Cells*. Then save the notebook, under the
# name it has.
