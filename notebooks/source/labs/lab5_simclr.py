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
# # Lab 5 · SimCLR
#
# Somebody gives you a disk full of pictures and not a single label, and asks for a network that *sees*.
# You can't tell it what anything is. But you know one thing about every picture: crop it a little
# closer, turn its colours a little, and it still shows the same. Today that one thing becomes a loss,
# and a network that starts from nothing will sort things that nobody has ever named to it.
#
# | exercise | you write | difficulty | minutes | points |
# |---|---|---|---|---|
# | 1 | `random_resized_crop` | ●●●●○ | 30 | 10 |
# | 2 | `cutout` | ●●○○○ | 10 | 5 |
# | 3 | `two_views` | ●○○○○ | 5 | 10 |
# | 4 | `ProjectionHead` | ●●○○○ | 10 | 10 |
# | 5 | `similarity` | ●●○○○ | 10 | 10 |
# | 6 | `nt_xent` | ●●●●● | 40 | 20 |
# | 7 | `simclr_step` | ●●●○○ | 20 | 15 |
# | 8 | `knn_accuracy` | ●●●○○ | 25 | 10 |
# | 9 | a written answer | ●●○○○ | 25 | 10 |
#
# Everything runs on a laptop without a GPU, and without a network. Stuck? Under each exercise there is
# folded help, sorted by what you see. Each exercise stands alone: one that does not work yet does not
# block the checks of the next. Only the training step is built from what you wrote before it.

# %% [markdown]
# ## The conventions of all labs
#
# - **Images** are float tensors (N, 3, H, W) in [0, 1]; **labels** are int64 (N,). An **encoder** takes
#   [0, 1] images and returns features (N, D); the normalisation of pixels is inside.
# - **A function returns new tensors** on the device and in the dtype of its input, detached from any
#   graph unless it is marked *differentiable*. It never writes into its inputs.
# - **It leaves a model as it found it**, training flags, parameters and gradients. A training step is
#   the exception: it is meant to change the model, runs in train mode and leaves the model there.
# - **Randomness** comes from `generator` where there is one: same seed, same result. A generator lives on
#   the CPU unless the caller made it elsewhere.
# - It works for **any N** (1, an odd number, a short last batch), any square H = W, on a CPU and on a GPU.
#
# The cells under each exercise check what you wrote. When you hand in, the same cells run again with
# further checks of the same promises.

# %%
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import device, plots
from course_utils.data.world import CLASSES, world
from course_utils.models import Encoder, evaluating

print(device.describe())

# %% [markdown]
# A thousand pictures without labels. (They have some, but we look away until exercise 8.)

# %%
unlabelled = world(1000, seed=3490, size=32, device=device.pick())
x = unlabelled.images[:6]
print(f"{len(unlabelled)} pictures of {x.shape[-1]} x {x.shape[-1]} pixels")
# %% [markdown]
# ## 1 · The same thing, seen closer: random resized crop
# ●●●●○ · 30 minutes · 10 points
#
# The most important of [SimCLR](../../../docs/glossary.md#simclr)'s [augmentations](../../../docs/glossary.md#augmentation) (Chen et al. 2020, arXiv 2002.05709): [cut a random piece](../../../docs/glossary.md#random-resized-crop)
# out of each picture and blow it up to the full size. Two such pieces are a whole and a part of it, or
# two neighbouring parts; to tell that they belong together, a network must know what a thing looks like
# when it is large, small, and half outside.
#
# For each picture of the batch draw
#
# - the **area** of its crop, as a fraction of the picture's: uniform in `scale = (low, high)`. The crop
#   is a square, so its side is the **square root** of that, as a fraction of the picture's side;
# - its **place**, uniform among those at which the crop lies wholly inside, across and down independently.
#
# Then resize the crop to (H, W), for instance bilinearly. Write `random_resized_crop`. A loop over the
# pictures that slices and calls `F.interpolate` is right; so is `affine_grid` with `grid_sample`, which
# crops the whole batch at once. In its coordinates [-1, 1] a crop with the side $s$ (a fraction) and the
# centre $c$ is read by the matrix
#
# $$ \begin{pmatrix} s & 0 & c_x \\ 0 & s & c_y \end{pmatrix}
#    \qquad\text{and lies inside as long as}\qquad |c_x|, |c_y| \le 1 - s . $$

# %% [markdown]
# <details><summary><b>Help:</b> "scale is the area, and the side is its square root"</summary>
#
# A crop of half the side has a quarter of the area.
# </details>
# <details><summary><b>Help:</b> "every picture has the same crop"</summary>
#
# Draw N numbers, not one: `torch.rand(len(x), generator=generator)`. With a loop, draw inside the loop.
# </details>
# <details><summary><b>Help:</b> "the crop is larger than the picture"</summary>
#
# The matrix leads from a place in the *result* to the place in the picture that it shows. A crop of half
# the side moves half as far in the picture as in the result: the matrix holds s, not 1 / s.
# </details>
# <details><summary><b>Help:</b> dark lines along the edges of the result</summary>
#
# At the very edge of a picture `grid_sample` mixes in what lies outside, by default black.
# `padding_mode="border"` repeats the last pixel instead.
# </details>
# <details><summary><b>Help:</b> "Expected all tensors to be on the same device"</summary>
#
# `torch.rand(…, generator=generator)` draws where the generator lives, on the CPU as a rule. Draw there
# and send the numbers on: `.to(x)` gives a tensor the device and the dtype of x.
# </details>


# %% nbgrader={"grade": false, "grade_id": "random_resized_crop", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def random_resized_crop(x, scale, generator=None):
    """Cuts a random square out of each picture and resizes it to the picture's size.

    Args: x (N, 3, H, W) in [0, 1]; scale: a pair (low, high), the area of a crop as a fraction of the
        picture's is uniform between them; generator: all randomness.
    Returns: (N, 3, H, W), each picture its own crop.
    """
    ### BEGIN SOLUTION
    low, high = scale
    where = "cpu" if generator is None else generator.device
    area, across, down = torch.rand(3, len(x), generator=generator, device=where).to(x)
    side = (low + (high - low) * area).sqrt()
    room, zero = 1 - side, torch.zeros_like(side)
    rows = [side, zero, room * (2 * across - 1), zero, side, room * (2 * down - 1)]
    theta = torch.stack(rows, dim=1).view(-1, 2, 3)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)  # (N, H, W, 2)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_random_resized_crop", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def each_picture_its_own_square_inside_it():
    """Of pictures that grow brighter to the right and downwards each result shows a square of its own, wholly inside."""
    import torch

    # Nothing here depends on the order of the draws or on the interpolation: the brightness tells the
    # place, to about a pixel (1/32), and only the middle of the result is looked at.
    n, low, high, pixel = 200, 0.1, 0.4, 1 / 32
    ramp = (torch.arange(32) + 0.5) / 32
    x = torch.empty(n, 3, 32, 32)
    x[:, 0], x[:, 1] = ramp, ramp[:, None]
    x[:, 2] = ((torch.arange(n) + 1) / (n + 1)).view(-1, 1, 1)  # whose picture it is
    generator = torch.Generator().manual_seed(0)
    result = random_resized_crop(x.clone(), (low, high), generator=generator)
    middle = check.tensor(result, like=x, differentiable=True).detach()[:, :, 8:24, 8:24]
    away = ramp[8:24] - 0.5
    slopes = (
        torch.stack(  # of columns (0) and rows (1): across, then down
            [
                (middle[:, :2].mean(dim=2) * away).sum(dim=2),
                (middle[:, :2].mean(dim=3) * away).sum(dim=2),
            ],
            dim=2,
        )
        / (away**2).sum()
    )  # (N, 2, 2)
    across, down = slopes[:, 0, 0], slopes[:, 1, 1]
    place = middle[:, :2].mean(dim=(2, 3)) - torch.stack([across, down], dim=1) / 2  # left and top
    turned = slopes[:, [0, 1], [1, 0]].abs().amax()
    check.that(
        float(turned) < 0.05 or float(across.abs().min()) > 0.05,
        "rows and columns are swapped: affine_grid's first coordinate leads to the right, the second down",
    )
    check.that(float(turned) < 0.05, "the crop is turned: cut it out upright")
    check.that(
        float(across.min()) > -0.05 and float(down.min()) > -0.05,
        "the crop is mirrored: cropping leaves left and right, top and bottom",
    )
    check.that(
        float(across.max()) < 1 + pixel,
        "the crop is larger than the picture: the matrix leads from the result to the picture, so it holds "
        "the side s, not 1 / s",
    )
    straight = (
        middle[:, :2].mean(dim=(2, 3))[:, :, None] + slopes[:, [0, 1], [0, 1]][:, :, None] * away
    )
    profiles = torch.stack([middle[:, 0].mean(dim=1), middle[:, 1].mean(dim=2)], dim=1)
    check.that(
        float((profiles - straight).abs().max()) < 1.4 * pixel
        and min(float(across.min()), float(down.min())) > 0.05,
        "a crop leaves the picture, so that a part of the result is no piece of it: the room for its place "
        "is what its side leaves",
    )
    check.close(
        middle[:, 2],
        x[:, 2, 8:24, 8:24],
        what="the third channel, which is the same all over each picture",
        atol=1e-3,
        hint="Result i must be a piece of picture i, its colours as they were",
    )
    check.that(
        float((across - down).abs().max()) < 3 * pixel,
        "the crop is not square: draw one side a picture, for both directions",
    )
    end = place + torch.stack([across, down], dim=1)
    check.that(
        float(place.min()) > -1.2 * pixel and float(end.max()) < 1 + 1.2 * pixel,
        f"a crop leaves the picture (from {float(place.min()):.2f} to {float(end.max()):.2f} of its side): "
        "the room for its place is what its side leaves",
    )
    check.that(
        float(across.std()) > 0.01 or float(place.std(dim=0).max()) > 0.01,
        "every picture has the same crop: draw a side and a place for each",
    )
    check.that(
        float(across.std()) > 0.01,
        "all crops have the same size: draw the area of each, uniform in scale",
    )
    check.that(
        float((place / (1 - across[:, None])).std(dim=0).min()) > 0.05,
        "all crops lie in the same place: draw one for each picture, across and down",
    )
    smallest, largest = float(across.min()), float(across.max())
    check.that(
        not (low - pixel < smallest < low + 0.08 and largest < high + pixel),
        f"the sides span {smallest:.2f} to {largest:.2f} for scale = ({low}, {high}): scale is the area, and "
        "the side is its square root",
    )
    check.that(
        low**0.5 - 1.6 * pixel < smallest and largest < high**0.5 + 1.6 * pixel,
        f"the crops' areas span {smallest**2:.2f} to {largest**2:.2f} of the picture's for "
        f"scale = ({low}, {high})",
    )


### BEGIN HIDDEN TESTS
@check.promise
def other_sizes_and_scales():
    """The same for large, small and single pictures, large crops and small ones: square, inside, of the area asked for."""
    import torch

    for n, size, low, high in ((20, 64, 0.05, 0.2), (40, 24, 0.5, 1.0), (1, 40, 0.3, 0.3)):
        pixel, fourth = 1 / size, size // 4
        ramp = (torch.arange(size) + 0.5) / size
        x = torch.empty(n, 3, size, size)
        x[:, 0], x[:, 1], x[:, 2] = ramp, ramp[:, None], 0.25
        generator = torch.Generator().manual_seed(size)
        result = random_resized_crop(x.clone(), (low, high), generator=generator)
        inner = slice(fourth, size - fourth)
        middle = check.tensor(result, like=x, differentiable=True).detach()[:, :, inner, inner]
        away = ramp[inner] - 0.5
        scaled = (away / (away**2).sum()).float()
        across = (middle[:, 0].mean(dim=1) * scaled).sum(dim=1)
        down = (middle[:, 1].mean(dim=2) * scaled).sum(dim=1)
        centre = middle[:, :2].mean(dim=(2, 3))
        sides = torch.stack([across, down], dim=1)
        words = f"for H = W = {size} and scale = ({low}, {high})"
        check.that(
            float((across - down).abs().max()) < 3 * pixel, f"the crop is not square {words}"
        )
        check.that(
            float((centre - sides / 2).min()) > -1.2 * pixel
            and float((centre + sides / 2).max()) < 1 + 1.2 * pixel,
            f"a crop leaves the picture {words}",
        )
        check.that(
            low**0.5 - 1.6 * pixel < float(sides.min())
            and float(sides.max()) < high**0.5 + 1.6 * pixel,
            f"the crops' areas span {float(sides.min()) ** 2:.2f} to {float(sides.max()) ** 2:.2f} of the "
            f"picture's {words}",
        )
        check.close(middle[:, 2], x[:, 2, inner, inner], what="an even colour", atol=1e-3)


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_random_resized_crop_2", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def areas_and_places_are_uniform():
    """A thousand crops between a twenty-fifth of the picture and all of it: areas and places are uniform and unrelated."""
    import torch

    # What is right misses these bounds for less than one seed in a million: five and more standard
    # deviations of a thousand draws, and beyond them what sides of whole pixels, rounded up or down,
    # and either way to align corners, do to the mean (0.035).
    n, low, high = 1000, 0.04, 1.0
    ramp = (torch.arange(32) + 0.5) / 32
    x = torch.empty(n, 3, 32, 32)
    x[:, 0], x[:, 1], x[:, 2] = ramp, ramp[:, None], 0.5
    generator = torch.Generator().manual_seed(1)
    result = random_resized_crop(x.clone(), (low, high), generator=generator)
    middle = check.tensor(result, like=x, differentiable=True).detach()[:, :, 8:24, 8:24]
    away = ramp[8:24] - 0.5
    side = (middle[:, 0].mean(dim=1) * away).sum(dim=1) / (away**2).sum()
    area = (side**2 - low) / (high - low)  # uniform in [0, 1]
    some = side < 0.8  # where there is room for a place
    place = (middle[:, :2].mean(dim=(2, 3)) - side[:, None] / 2) / (1 - side[:, None])
    across, down = place[some].T
    mean, spread = float(area.mean()), float(area.std())
    check.that(
        not (abs(mean - 0.39) < 0.031 and 0.25 < spread < 0.35),
        "small crops come too often: draw the area uniformly and take its square root, instead of drawing "
        "the side uniformly between the roots",
    )
    check.that(
        abs(mean - 0.5) < 0.08 and abs(spread - 0.289) < 0.045,
        f"the areas are not uniform in scale: on the way from low to high they lie at {mean:.2f} on average, "
        f"with a standard deviation of {spread:.2f}; expected 0.50 and 0.29",
    )
    both = torch.corrcoef(torch.stack([across, down, area[some]])).abs()
    related = "place and size of a crop are related: draw a number for each"
    check.that(
        float(both[0, 1]) < 0.8,
        "the places across and down are related, so all crops lie on a diagonal: draw two numbers",
    )
    check.that(float(both[:2, 2].max()) < 0.8, related)
    check.that(
        all(abs(float(part.mean()) - 0.5) < 0.12 for part in (across, down)),
        f"the crops crowd at one side (on the way from one edge to the other they lie at "
        f"{float(across.mean()):.2f} across and {float(down.mean()):.2f} down on average): draw the place "
        "uniformly among those at which the crop lies inside",
    )
    check.that(float(both[0, 1]) < 0.3, "the places across and down are related: draw two numbers")
    check.that(float(both[:2, 2].max()) < 0.3, related)
    check.that(
        all(0.23 < float(part.std()) < 0.36 for part in (across, down)),
        "the crops' places are not uniform: they crowd in the middle or at the edges",
    )


# %% nbgrader={"grade": true, "grade_id": "test_random_resized_crop_3", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_seed_decides_and_the_input_stays():
    """The same seed gives the same crops, another one others; scale (1, 1) gives the picture itself; x stays as it is."""
    import torch

    x, _ = check.tiny_batch(4, size=16, dtype=torch.float32)
    results = []
    for seed in (1, 1, 2):
        generator = torch.Generator().manual_seed(seed)
        with check.unchanged(x):
            result = random_resized_crop(x, (0.2, 0.8), generator=generator)
        results.append(check.tensor(result, like=x, differentiable=True).detach())
    first, again, other = results
    check.close(
        again, first, what="the same seed gave two results: draw all from the generator. The crop"
    )
    check.that(
        not torch.allclose(first, other), "two seeds gave one result: draw from the generator"
    )
    whole = random_resized_crop(x.clone(), (1.0, 1.0), generator=torch.Generator().manual_seed(0))
    check.close(
        check.tensor(whole, like=x, differentiable=True),
        x,
        what="the crop with scale (1, 1)",
        atol=1e-3,
        hint="It is the whole picture. With affine_grid and grid_sample: is align_corners the same in both?",
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_number_size_and_device():
    """Also for single pictures, odd sizes, float64, without a generator, on any device; two calls give two results."""
    import torch

    for where in check.devices():
        for n, size, dtype in (
            (1, 17, torch.float32),
            (3, 9, torch.float64),
            (5, 16, torch.float32),
        ):
            x = check.tiny_batch(n, size=size, dtype=dtype)[0].to(where)
            with check.unchanged(x):
                results = [random_resized_crop(x, (0.3, 0.7)) for _ in range(8)]
            results = [check.tensor(one, like=x, differentiable=True).detach() for one in results]
            check.that(
                any(not torch.allclose(results[0], one) for one in results[1:]),
                "eight calls without a generator gave one result: do not set a seed yourself",
            )
            generator = torch.Generator().manual_seed(0)
            result = random_resized_crop(x, (0.3, 0.7), generator=generator)
            check.tensor(result, like=x, differentiable=True)


### END HIDDEN TESTS

# %% [markdown]
# **What you should see:** twelve pieces of one picture, no two alike, some closer and some further off,
# none with a dark rim.

# %%
generator = torch.Generator().manual_seed(0)
pieces = random_resized_crop(x[:1].expand(12, -1, -1, -1), (0.2, 1.0), generator=generator)
plots.gallery(
    pieces,
    [""] * 12,
    columns=6,
    title="One picture, cropped twelve times: a fifth of it to all of it",
)

# %% [markdown]
# ## 2 · A hole in the picture: cutout
# ●●○○○ · 10 minutes · 5 points
#
# A network that knows a cat by its ears alone is helpless before a cat behind a fence. So [cover](../../../docs/glossary.md#cutout) a random
# square of the training picture with grey (DeVries and Taylor 2017, arXiv 1708.04552): what is left has to
# do.
#
# Write `cutout`. In each picture a square of `size` x `size` pixels, at a place of its own, wholly inside
# the picture, becomes 0.5 in all three channels. Nothing else changes.

# %% [markdown]
# <details><summary><b>Help:</b> "never reaches the last row or column"</summary>
#
# `torch.randint(0, high, …)` draws up to high - 1. A square of 3 in a picture of 8 may begin at 0, 1, 2,
# 3, 4 or 5: six places, H - size + 1 of them.
# </details>
# <details><summary><b>Help:</b> many squares without a loop</summary>
#
# Compare the numbers of the rows, (1, H), with the squares' first rows, (N, 1): what is at least the first
# and less than the first plus size is inside, (N, H). Likewise for the columns. A pixel is covered where
# both hold: `rows[:, None, :, None] & columns[:, None, None, :]`. A loop does it as well.
# </details>


# %% nbgrader={"grade": false, "grade_id": "cutout", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def cutout(x, size, generator=None):
    """Covers a random square of each picture with 0.5.

    Args: x (N, 3, H, W) in [0, 1]; size: the square's side in pixels, 1 to H; generator: all randomness.
    Returns: (N, 3, H, W).
    """
    ### BEGIN SOLUTION
    side = x.shape[-1]
    where = "cpu" if generator is None else generator.device
    first = torch.randint(0, side - size + 1, (2, len(x), 1), generator=generator, device=where)
    at = torch.arange(side, device=where)
    rows, columns = (at >= first) & (at < first + size)  # (N, side) each
    hole = rows[:, None, :, None] & columns[:, None, None, :]  # (N, 1, H, W)
    return x.masked_fill(hole.to(x.device), 0.5)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_cutout", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def a_square_of_grey_in_each_picture():
    """In each of 300 pictures of 8 x 8 exactly one square of 3 x 3 becomes 0.5, each at a place of its own, anywhere inside."""
    import torch

    # None of 6 places is missed by 300 uniform draws but for one seed in 10^22.
    n, size, side = 300, 3, 8
    x = 0.4 * torch.rand(n, 3, side, side, dtype=torch.float64)  # no pixel is 0.5 yet
    result = check.tensor(
        cutout(x.clone(), size, generator=torch.Generator().manual_seed(0)),
        like=x,
        differentiable=True,
    ).detach()
    changed = result != x  # (N, 3, H, W)
    check.that(bool(changed.any()), "no pixel is covered: return the pictures with their squares")
    values = result[changed]
    check.that(not bool((values == 0).all()), "the square is black: set it to 0.5")
    check.that(bool((values == 0.5).all()), "the square is not 0.5 all over: set its pixels to 0.5")
    check.that(
        bool((changed.all(dim=1) == changed.any(dim=1)).all()),
        "the square is not the same in all three channels: cover all of them at the same place",
    )
    covered = changed.any(dim=1)  # (N, H, W)
    rows, columns = covered.any(dim=2), covered.any(dim=1)  # (N, H), (N, W)
    high, wide = rows.sum(dim=1), columns.sum(dim=1)
    check.that(
        int(high.min()) == int(high.max()) and int(wide.min()) == int(wide.max()),
        f"the square is {int(high.min())} to {int(high.max())} pixels high for size = {size}: it reaches "
        "beyond the edge of some pictures, and must lie wholly inside",
    )
    check.that(
        int(high[0]) == size and int(wide[0]) == size,
        f"the square covers {int(high[0])} x {int(wide[0])} pixels for size = {size}",
    )
    check.that(
        bool((covered.sum(dim=(1, 2)) == size * size).all()),
        "what is covered is no full square, or more than one",
    )
    top, left = rows.double().argmax(dim=1), columns.double().argmax(dim=1)
    check.that(
        len(top.unique()) > 1 or len(left.unique()) > 1,
        "every picture is covered at the same place: draw a place for each",
    )
    check.that(
        not bool((top == left).all()),
        "the square always lies on the diagonal: draw two numbers, one for the row and one for the column",
    )
    last = side - size
    check.that(
        last in top and last in left,
        f"the square never reaches the last row or column: its first row is 0 to H - size, that is {last}, "
        "inclusive",
    )
    check.that(
        len(top.unique()) == last + 1 and len(left.unique()) == last + 1,
        f"the square's first row is one of {top.unique().tolist()}, its first column one of "
        f"{left.unique().tolist()}: both may be 0 to {last}",
    )


### BEGIN HIDDEN TESTS
@check.promise
def squares_of_any_size():
    """The same for odd and even squares in pictures of other sizes."""
    import torch

    for n, size, side in ((7, 4, 9), (5, 1, 6), (6, 5, 6)):
        x = 0.4 * torch.rand(n, 3, side, side)
        generator = torch.Generator().manual_seed(size)
        result = cutout(x.clone(), size, generator=generator)
        result = check.tensor(result, like=x, differentiable=True).detach()
        changed = result != x
        check.that(bool((result[changed] == 0.5).all()), "the square is not 0.5 all over")
        counts = changed.sum(dim=(2, 3))
        rows, columns = changed.any(dim=3).sum(dim=2), changed.any(dim=2).sum(dim=2)
        check.that(
            bool((counts == size**2).all() and (rows == size).all() and (columns == size).all()),
            f"what is covered is no square of {size} x {size} pixels for H = W = {side}",
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_cutout_2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_whole_picture_too():
    """A square as large as the picture covers all of it; the same seed covers the same places; x stays as it is."""
    import torch

    x, _ = check.tiny_batch(4, dtype=torch.float32)
    with check.unchanged(x):
        result = cutout(x, 8, generator=torch.Generator().manual_seed(0))
    check.close(
        check.tensor(result, like=x, differentiable=True),
        torch.full_like(x, 0.5),
        what="the picture under a square of its own size",
    )
    results = []
    for seed in (1, 1, 2):
        generator = torch.Generator().manual_seed(seed)
        with check.unchanged(x):
            result = cutout(x, 2, generator=generator)
        results.append(check.tensor(result, like=x, differentiable=True).detach())
    first, again, other = results
    check.close(
        again,
        first,
        what="the same seed gave two results: draw all from the generator. The picture",
    )
    check.that(
        not torch.allclose(first, other), "two seeds gave one result: draw from the generator"
    )


### BEGIN HIDDEN TESTS
@check.promise
def a_single_picture_and_any_device():
    """Also for one picture, in float64, without a generator, on any device; two calls give two results."""
    import torch

    for where in check.devices():
        for n, side, dtype in ((1, 33, torch.float64), (3, 40, torch.float32)):
            x = check.tiny_batch(n, size=side, dtype=dtype)[0].to(where)
            with check.unchanged(x):
                results = [cutout(x, 2) for _ in range(6)]
            results = [check.tensor(one, like=x, differentiable=True).detach() for one in results]
            check.that(
                any(not torch.equal(results[0], one) for one in results[1:]),
                "six calls without a generator gave one result: do not set a seed yourself",
            )
            generator = torch.Generator().manual_seed(0)
            check.tensor(cutout(x, 2, generator=generator), like=x, differentiable=True)


### END HIDDEN TESTS

# %% [markdown]
# **What you should see:** six pictures, each with a grey square somewhere else.

# %%
covered = cutout(x, 12, generator=torch.Generator().manual_seed(0))
plots.gallery(
    covered, [""] * 6, columns=6, title="What is behind the square? You still know the rest"
)

# %% [markdown]
# ## 3 · Two views of everything
# ●○○○○ · 5 minutes · 10 points
#
# Now put augmentations together. This one is given: a crop, half of the pictures mirrored, brightness,
# contrast and the three channels changed at random, and one picture in five grey.


# %%
def recolour(x, generator=None):
    """Random brightness, tint and contrast, and one picture in five grey; each picture its own."""
    brightness, contrast = 0.6 + 0.8 * torch.rand(2, len(x), 1, 1, 1, generator=generator).to(x)
    tint = 0.6 + 0.8 * torch.rand(len(x), 3, 1, 1, generator=generator).to(x)
    grey = torch.rand(len(x), 1, 1, 1, generator=generator).to(x) < 0.2
    x = x * brightness * tint
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    x = (x - mean) * contrast + mean
    return torch.where(grey, x.mean(dim=1, keepdim=True), x).clamp(0, 1)


def augment(x):
    x = random_resized_crop(x, (0.25, 1.0))
    mirrored = torch.rand(len(x), 1, 1, 1).to(x) < 0.5
    return recolour(torch.where(mirrored, x.flip(3), x))


# %% [markdown]
# Write `two_views`: two **independent** calls of `augment` on the batch x, as a pair. That is all, and it
# is the heart of the method: picture i of the one and picture i of the other [view](../../../docs/glossary.md#view) are the only pairs
# that anybody will ever call alike.

# %% [markdown]
# <details><summary><b>Help:</b> "both views are the same tensor"</summary>
#
# `augment` draws anew each time that it is called. So it has to be called twice.
# </details>


# %% nbgrader={"grade": false, "grade_id": "two_views", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def two_views(x, augment):
    """Two independently augmented versions of a batch.

    Args: x (N, 3, H, W) in [0, 1]; augment: a callable, batch -> batch, that draws anew at each call.
    Returns: (view1, view2), each (N, 3, H, W).
    """
    ### BEGIN SOLUTION
    return augment(x), augment(x)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_two_views", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def augment_is_called_twice_on_x():
    """`augment` is called twice, each time on x itself, and the two answers are the two views."""
    import torch

    def augment(z):
        given.append(z.detach().clone())
        answers.append(0.5 * z + 0.1 * len(given))
        return answers[-1].clone()

    given, answers = [], []
    x, _ = check.tiny_batch(3)
    views = check.tuple_of(two_views(x.clone(), augment), ("view1", "view2"))
    one, two = (check.tensor(v, what=w) for v, w in zip(views, ("view1", "view2"), strict=True))
    check.that(bool(given), "augment was never called: both views are augmented")
    check.that(
        not (len(given) == 1 and len(given[0]) == 2 * len(x)),
        "augment was called once, on both halves together: call it twice, each time on x",
    )
    check.that(
        not (one.shape == two.shape and torch.equal(one, two)),
        "both views are the same tensor: call augment once for each",
    )
    check.that(
        not any(view.shape == x.shape and torch.equal(view, x) for view in (one, two)),
        "one of the views is x itself: both are augmented",
    )
    check.that(
        all(len(z) == len(x) for z in given),
        "augment got a part of the batch: give it the whole of x, twice",
    )
    check.that(
        len(given) < 2 or torch.equal(given[1], x) or not torch.equal(given[1], answers[0]),
        "the second view is made from the first: call augment on x both times",
    )
    check.that(
        all(torch.equal(z, x) for z in given), "augment must get x as it was given, both times"
    )
    check.that(
        len(given) == 2, f"augment was called {len(given)} times: two calls make the two views"
    )
    for view, name in ((one, "view1"), (two, "view2")):
        check.that(
            any(view.shape == a.shape and torch.equal(view, a) for a in answers),
            f"{name} is not what augment returned: hand it on as it is",
        )


# %% nbgrader={"grade": true, "grade_id": "test_two_views_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def whatever_augment_does():
    """Views are handed on as augment returned them, whatever their size and range; x stays as it is; one picture will do."""
    import torch

    def smaller(z):  # and outside [0, 1]
        turns.append(len(turns) + 1)
        return turns[-1] * z[:, :, ::2, 1::2] - 0.7

    for n in (1, 5):
        turns = []
        x, _ = check.tiny_batch(n, dtype=torch.float32)
        with check.unchanged(x):
            views = two_views(x, smaller)
        one, two = check.tuple_of(views, ("view1", "view2"))
        expected = [k * x[:, :, ::2, 1::2] - 0.7 for k in (1, 2)]
        found = [check.tensor(v, like=expected[0], what="a view") for v in (one, two)]
        swapped = torch.equal(found[0], expected[1]) and torch.equal(found[1], expected[0])
        for view, answer in zip(found, expected, strict=True):
            check.close(
                view,
                view if swapped else answer,
                what="a view",
                hint="Hand on what augment returned, as it is, each picture at its place",
            )


### BEGIN HIDDEN TESTS
@check.promise
def picture_i_is_picture_i_in_both():
    """The pictures keep their places in both views, on any device, with an augmentation that draws at random."""
    import torch

    def shaken(z):
        noise = torch.rand(z.shape, generator=generator).to(z)
        answers.append(0.9 * z + 0.1 * noise)
        return answers[-1].clone()

    for where in check.devices():
        generator = torch.Generator().manual_seed(0)
        for n in (1, 2, 7):
            answers = []
            x = check.tiny_batch(n, size=5, dtype=torch.float32)[0].to(where)
            with check.unchanged(x):
                views = check.tuple_of(two_views(x, shaken), ("view1", "view2"))
            one, two = (check.tensor(view, like=x, what="a view") for view in views)
            check.that(not torch.equal(one, two), "both views are the same tensor")
            check.that(
                len(answers) == 2,
                f"augment was called {len(answers)} times: two calls make two views",
            )
            check.that(
                all(any(torch.equal(view, a) for a in answers) for view in (one, two)),
                "a view is not what augment returned: hand it on as it is, each picture at its place",
            )


### END HIDDEN TESTS

# %% [markdown]
# **What you should see:** above and below the same thing, and yet hardly a pixel alike.

# %%
torch.manual_seed(0)
view1, view2 = two_views(x, augment)
plots.gallery(
    torch.cat([view1, view2]),
    [f"view 1 of picture {i}" for i in range(6)] + [f"view 2 of picture {i}" for i in range(6)],
    columns=6,
    title="Two views of six pictures",
)

# %% [markdown]
# ## 4 · A head to throw away
# ●●○○○ · 10 minutes · 10 points
#
# The loss of exercise 6 wants both views of a picture to have *the same* vector, so whatever the
# augmentation changes (colour, size, place) has to be forgotten. Features that have forgotten colour are
# poor features. SimCLR's trick: let a [small network on top of the encoder](../../../docs/glossary.md#projection-head) do the forgetting, and throw it
# away after the training. What lies below it may keep what the head drops.
#
# Write the class `ProjectionHead`: a linear layer from `in_dim` to `hidden_dim`, a ReLU, a linear layer
# from `hidden_dim` to `out_dim`. Nothing before, nothing behind.

# %% [markdown]
# <details><summary><b>Help:</b> "cannot assign module before Module.__init__() call"</summary>
#
# `super().__init__()` comes first: it prepares the place where layers are kept.
# </details>
# <details><summary><b>Help:</b> "has no parameters"</summary>
#
# A layer is found when it is an attribute of the module, `self.first = nn.Linear(…)`, or part of an
# `nn.Sequential` that is. In a plain list it is not, and an optimiser would never see it. A layer that is
# made in `forward` is a new one, untrained, at each call.
# </details>


# %% nbgrader={"grade": false, "grade_id": "ProjectionHead", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
class ProjectionHead(nn.Module):
    """Linear, ReLU, linear: from the encoder's features to the vectors that the loss compares.

    Args: in_dim, hidden_dim, out_dim: how many numbers go in, are between, and come out.
    """

    def __init__(self, in_dim, hidden_dim, out_dim):
        super().__init__()
        ### BEGIN SOLUTION
        self.first = nn.Linear(in_dim, hidden_dim)
        self.second = nn.Linear(hidden_dim, out_dim)
        ### END SOLUTION

    def forward(self, features):
        """features (N, in_dim) -> (N, out_dim)."""
        ### BEGIN SOLUTION
        return self.second(F.relu(self.first(features)))
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_ProjectionHead", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def linear_relu_linear():
    """ProjectionHead(5, 7, 3) has the weights of two linear layers, and its answer is the second of the ReLU of the first."""
    import torch
    from torch.nn.functional import gelu, leaky_relu, linear, normalize, relu, sigmoid, tanh

    head = ProjectionHead(5, 7, 3)
    check.that(
        isinstance(head, torch.nn.Module),
        f"ProjectionHead(5, 7, 3) must be an nn.Module, got {type(head).__name__}",
    )
    x = torch.randn(8, 5)
    result = head(x)
    check.that(result is not None, "forward gives None: it needs a `return`")
    result = check.tensor(result, shape=(8, 3), what="head(features)", differentiable=True)
    parts = [parameter.detach().clone() for parameter in head.parameters()]
    check.that(
        bool(parts),
        "the head has no parameters: make its layers in __init__ and keep each as an attribute of self, "
        "not in a plain list",
    )
    matrices = [tuple(part.shape) for part in parts if part.dim() == 2]
    vectors = [part for part in parts if part.dim() == 1]
    told = ", ".join(f"{wide} to {high}" for high, wide in matrices)
    check.that(
        len(matrices) == 2, f"there are {len(matrices)} linear layers ({told}): two are asked for"
    )
    check.that(
        sorted(matrices) == [(3, 7), (7, 5)],
        f"the layers lead from {told}: expected 5 to 7 (in_dim to hidden_dim) and 7 to 3 (hidden_dim to out_dim)",
    )
    check.that(
        sum(len(part) == 7 for part in vectors) <= 1
        and sum(len(part) == 3 for part in vectors) <= 1,
        "there are more weights than those of two linear layers: nothing but linear, ReLU, linear, so no "
        "normalisation layer",
    )
    shapes = {tuple(part.shape): part for part in parts}
    first, second = shapes[7, 5], shapes[3, 7]
    one, two = shapes.get((7,)), shapes.get((3,))
    inner = linear(x, first, one)
    check.close(
        result,
        linear(relu(inner), second, two),
        what="head(features)",
        mistakes={
            "there is no ReLU between the layers": linear(inner, second, two),
            "the ReLU comes after the second layer: it belongs between the two": relu(
                linear(inner, second, two)
            ),
            "there is a ReLU after the second layer as well: nothing comes behind it": relu(
                linear(relu(inner), second, two)
            ),
            "the ReLU comes before the first layer: it belongs between the two": linear(
                linear(relu(x), first, one), second, two
            ),
            "there is a ReLU before the first layer as well": linear(
                relu(linear(relu(x), first, one)), second, two
            ),
            "there is a tanh between the layers, not a ReLU": linear(tanh(inner), second, two),
            "there is a sigmoid between the layers, not a ReLU": linear(
                sigmoid(inner), second, two
            ),
            "there is a GELU between the layers, not a ReLU": linear(gelu(inner), second, two),
            "there is a leaky ReLU between the layers, not a ReLU": linear(
                leaky_relu(inner), second, two
            ),
            "the answer is given length 1: the loss does that, the head ends with its linear layer": normalize(
                linear(relu(inner), second, two), dim=1
            ),
        },
        hint="Linear, ReLU, linear, and nothing else",
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_dimensions():
    """For other dimensions and batches, in train mode and in eval mode: linear, ReLU, linear."""
    import torch
    from torch.nn.functional import linear, relu

    for n, dims in ((1, (4, 6, 2)), (5, (3, 2, 9)), (6, (8, 5, 4))):
        head = ProjectionHead(*dims)
        for training in (True, False):
            head.train(training)
            x = torch.randn(n, dims[0])
            result = check.tensor(head(x), shape=(n, dims[2]), differentiable=True)
            shapes = {tuple(part.shape): part.detach() for part in head.parameters()}
            matrices = sorted(shape for shape in shapes if len(shape) == 2)
            check.that(
                matrices == sorted([(dims[1], dims[0]), (dims[2], dims[1])]),
                f"for ProjectionHead{dims} the weights have the shapes {matrices}",
            )
            inner = relu(linear(x, shapes[dims[1], dims[0]], shapes.get((dims[1],))))
            expected = linear(inner, shapes[dims[2], dims[1]], shapes.get((dims[2],)))
            mode = "train" if training else "eval"
            check.close(
                result, expected, what=f"head(features) in {mode} mode", hint="Is it random?"
            )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_ProjectionHead_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def it_can_be_trained():
    """Gradients reach every weight and the features; the same features give the same answer; two heads are two."""
    import torch

    head = ProjectionHead(4, 6, 3)
    x = torch.randn(7, 4, requires_grad=True)
    with check.unchanged(x):
        result = check.tensor(head(x), shape=(7, 3), what="head(features)", differentiable=True)
    check.that(
        result.requires_grad, "no gradient comes back: no .detach() or torch.no_grad() in forward"
    )
    parameters = list(head.parameters())
    check.that(
        bool(parameters), "the head has no parameters: keep its layers as attributes of self"
    )
    found = torch.autograd.grad((result**2).sum(), [x, *parameters], allow_unused=True)
    check.that(found[0] is not None, "no gradient reaches the features: is something detached?")
    check.that(
        all(g is not None and bool((g != 0).any()) for g in found[1:]),
        "no gradient reaches some of the weights: are both layers used, and none of them detached?",
    )
    again = check.tensor(head(x.detach()), shape=(7, 3), differentiable=True)
    check.close(
        again,
        result,
        what="the answer to the same features",
        hint="Two calls gave two answers: nothing in forward may be random, or made anew",
    )
    other = list(ProjectionHead(4, 6, 3).parameters())
    check.that(
        not any(
            torch.equal(one, two)
            for one, two in zip(parameters, other, strict=False)
            if one.dim() > 1
        ),
        "two heads have the same weights: let the layers draw their own",
    )


# %% [markdown]
# In this lab the encoder gives 64 numbers, and the head makes 64 others of them. How much is that?

# %%
head = ProjectionHead(64, 64, 64)
encoder = Encoder(width=16)
for name, network in {"encoder": encoder, "head": head}.items():
    print(f"{name}: {sum(p.numel() for p in network.parameters()):,} weights")

# %% [markdown]
# ## 5 · How alike are two vectors?
# ●●○○○ · 10 minutes · 10 points
#
# The **[cosine similarity](../../../docs/glossary.md#cosine-similarity)** of two vectors is their product after both have been given length 1: 1 when
# they point the same way, 0 at a right angle, -1 when they are opposed. Length plays no part, so a
# network can't make two pictures more alike by shouting.
#
# $$ S_{ij} \;=\; \frac{z_i \cdot z_j}{\|z_i\|\,\|z_j\|} $$
#
# Write `similarity` for all pairs of rows of z at once. It is *differentiable*. A row of zeros points
# nowhere: its similarities are 0, not NaN.

# %% [markdown]
# <details><summary><b>Help:</b> "the result has NaN"</summary>
#
# 0 / 0 is NaN. `F.normalize(z, dim=1)` divides each row by its length, or by a tiny number where the
# length is zero.
# </details>
# <details><summary><b>Help:</b> all pairs at once</summary>
#
# Entry (i, j) of `z @ z.T` is the product of row i and row j.
# </details>


# %% nbgrader={"grade": false, "grade_id": "similarity", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def similarity(z):
    """Cosine similarity of each row with each; differentiable.

    Args: z (M, D).
    Returns: (M, M); 0 where a row is all zeros.
    """
    ### BEGIN SOLUTION
    z = F.normalize(z, dim=1)
    return z @ z.T
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_similarity", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def four_vectors_by_hand():
    """(3, 4), (4, 3), (-6, -8) and (0.3, -0.4): the first two at 0.96, the first and third opposed, at -1."""
    import torch

    z = torch.tensor([[3.0, 4.0], [4.0, 3.0], [-6.0, -8.0], [0.3, -0.4]], dtype=torch.float64)
    expected = torch.tensor(
        [
            [1.0, 0.96, -1.0, -0.28],
            [0.96, 1.0, -0.96, 0.0],
            [-1.0, -0.96, 1.0, 0.28],
            [-0.28, 0.0, 0.28, 1.0],
        ],
        dtype=torch.float64,
    )
    eye = torch.eye(4, dtype=torch.float64)
    lengths = z.norm(dim=1, keepdim=True)

    def centred():
        moved = z - z.mean(dim=1, keepdim=True)
        return moved @ moved.T / (moved.norm(dim=1, keepdim=True) * moved.norm(dim=1))

    result = similarity(z.clone())
    check.close(
        check.tensor(result, shape=(4, 4), dtype=z.dtype),
        expected,
        what="the similarities",
        atol=1e-6,
        mistakes={
            "these are plain products: divide by the lengths of both rows": z @ z.T,
            "only one of the two rows is divided by its length: divide by both": z @ z.T / lengths,
            "the products are divided by the squared length of one row: divide by the lengths of both": z
            @ z.T
            / lengths**2,
            "only one of the two rows is divided by its length: divide by both lengths": z
            @ z.T
            / lengths.T,
            "the columns are given length 1, not the rows: normalise along dim=1": lambda: (
                (z / z.norm(dim=0)) @ (z / z.norm(dim=0)).T
            ),
            "all of z is divided by one length: each row has its own": z @ z.T / z.norm() ** 2,
            "these are distances (1 - cosine): return the cosines": 1 - expected,
            "these are Euclidean distances: return the cosines": torch.cdist(z, z),
            "the sign is lost: opposite vectors have -1": expected.abs(),
            "the diagonal is taken out: each row's similarity to itself is 1": expected - eye,
            "the similarities are moved to [0, 1]: opposite vectors have -1": (1 + expected) / 2,
            "the mean of each row is taken off first: that is a correlation": centred,
            "the lengths are the rows' largest entries: use the Euclidean length": lambda: (
                z @ z.T / (z.abs().amax(dim=1, keepdim=True) * z.abs().amax(dim=1))
            ),
            "the lengths are the sums of absolute values: use the Euclidean length": lambda: (
                z @ z.T / (z.abs().sum(dim=1, keepdim=True) * z.abs().sum(dim=1))
            ),
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_vectors():
    """Any number of vectors of any dimension and length: each entry is the cosine of its two rows."""
    import torch

    for m, d in ((5, 3), (8, 40), (2, 1)):
        z = torch.randn(m, d, dtype=torch.float64) * 10 ** (4 * torch.rand(m, 1).double() - 1)
        expected = torch.stack(
            [torch.stack([a @ b / (a @ a).sqrt() / (b @ b).sqrt() for b in z]) for a in z]
        )
        result = check.tensor(similarity(z.clone()), shape=(m, m), dtype=z.dtype)
        check.close(result, expected, what=f"the similarities of {m} vectors in {d} dimensions")


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_similarity_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def zeros_and_gradients():
    """A row of zeros has similarity 0 to all; the gradient foretells how the similarities change; z stays as it is."""
    import torch

    z = torch.tensor([[3.0, 4.0], [0.0, 0.0], [4.0, 3.0]], dtype=torch.float64)
    with check.unchanged(z):
        result = similarity(z)
    check.that(
        not isinstance(result, torch.Tensor) or bool(torch.isfinite(result.detach()).all()),
        "a row of zeros makes NaN (0 / 0): F.normalize, or a tiny number beside the length, avoids it",
    )
    expected = torch.tensor([[1, 0, 0.96], [0, 0, 0], [0.96, 0, 1]], dtype=torch.float64)
    found = check.tensor(result, shape=(3, 3), dtype=z.dtype)
    found = found * (1 - torch.diag(torch.tensor([0.0, 1.0, 0.0])))  # 0 / 0 with itself is anything
    check.close(found, expected, what="the similarities with a row of zeros among them", atol=1e-6)
    z = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    look, d = torch.randn(5, 5, dtype=torch.float64), 1e-5 * torch.randn(5, 3, dtype=torch.float64)
    with check.unchanged(z):
        result = similarity(z)
    result = check.tensor(result, shape=(5, 5), dtype=z.dtype, differentiable=True)
    check.that(
        result.requires_grad,
        "no gradient comes back: no .detach(), .data, .item() or torch.no_grad() here, and no NumPy",
    )
    (g,) = torch.autograd.grad((look * result).sum(), z, allow_unused=True)
    check.that(g is not None, "no gradient reaches z: compute with z itself, not with a copy")
    cosines = lambda v: v @ v.T / (v.norm(dim=1, keepdim=True) * v.norm(dim=1))
    with torch.no_grad():
        rise = (look * (cosines(z + d) - cosines(z - d))).sum() / 2
        lengths = z.norm(dim=1, keepdim=True)
    leaf = z.detach().clone().requires_grad_()
    (held,) = torch.autograd.grad((look * (leaf @ leaf.T / (lengths * lengths.T))).sum(), leaf)
    check.close(
        1e5 * (g * d).sum(),
        1e5 * rise,
        what="the change of the similarities that the gradient foretells (times 100,000)",
        rtol=1e-3,
        mistakes={
            "the lengths are detached: gradients go through them as well": 1e5 * (held * d).sum()
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def one_vector_and_any_device():
    """Also for a single vector, only zeros, float32, on any device."""
    import torch

    for where in check.devices():
        for m, d in ((1, 4), (6, 128)):
            z = torch.randn(m, d, device=where)
            z[m // 2] *= 0 if m > 1 else 1
            leaf = z.clone().requires_grad_()
            with check.unchanged(leaf):
                result = similarity(leaf)
            result = check.tensor(result, shape=(m, m), like=z, differentiable=True)
            check.that(result.requires_grad, "no gradient comes back: similarity is differentiable")
            unit = z / z.norm(dim=1, keepdim=True).clamp(min=1e-9)
            off = 1 - torch.eye(m, device=where) * (z.norm(dim=1) == 0)
            check.close(result * off, unit @ unit.T, what="the similarities in float32")
        check.close(
            check.tensor(similarity(torch.zeros(1, 3, device=where)), shape=(1, 1)) * 0,
            torch.zeros(1, 1),
            what="the similarities of zeros",
        )


### END HIDDEN TESTS

# %% [markdown]
# Here is what an encoder **that has learnt nothing** makes of twelve views of six pictures. View 1 and
# view 2 of one picture are partners; their squares are framed.
#
# **What you should see:** all numbers are large, and hardly differ. To a random network all pictures look
# the same, and partners are no more alike than strangers.

# %%
torch.manual_seed(0)
encoder = Encoder(width=16).to(x.device)
with evaluating(encoder), torch.no_grad():
    features = encoder(torch.cat([view1, view2]))
plots.similarity_matrix(
    torch.cat([view1, view2]),
    similarity(features),
    title="Before training: everything resembles everything",
)

# %% [markdown]
# ## 6 · The loss that pulls and pushes: NT-Xent
# ●●●●● · 40 minutes · 20 points
#
# A batch of N pictures has 2N views, with vectors $z_1 \dots z_{2N}$: first all of the first views, then all
# of the second. Each view now plays a quiz: *one of the other 2N - 1 views is my partner, which?* Its
# answer is a softmax over the similarities, and its loss the cross-entropy of the right answer:
#
# $$ \ell_i \;=\; -\log \frac{\exp(S_{i,p(i)} / \tau)}{\sum_{j \ne i} \exp(S_{ij} / \tau)}
#    \qquad\qquad \mathcal{L} \;=\; \frac{1}{2N} \sum_{i=1}^{2N} \ell_i $$
#
# where $p(i)$ is the partner of view i, the other view of the same picture. View i itself is left out of
# the sum: it would win every time. The **[temperature](../../../docs/glossary.md#temperature)** $\tau$ says how sharp the softmax is. All 2N
# views are asked, those of z2 as well. The name: *[normalised temperature-scaled cross entropy](../../../docs/glossary.md#nt-xent)*.
#
# Write `nt_xent`. It returns a scalar tensor with a gradient. It must survive a temperature of 0.01,
# where $\exp(1/\tau)$ is more than a float can hold, and vectors in half precision, as a GPU likes them.

# %% [markdown]
# <details><summary><b>Help:</b> where is my partner?</summary>
#
# With `z = torch.cat([z1, z2])`, the partner of view i is view i + N for the first half, i - N for the
# second. `torch.arange(2 * N).roll(N)` lists them all.
# </details>
# <details><summary><b>Help:</b> leaving out the diagonal</summary>
#
# Set it to minus infinity before the softmax, for `exp(-inf)` is 0. Setting it to 0 does not do:
# `exp(0)` is 1. `S.masked_fill(torch.eye(2 * N, dtype=torch.bool, device=S.device), float("-inf"))`.
# </details>
# <details><summary><b>Help:</b> "exp overflows"</summary>
#
# `torch.logsumexp` and `F.cross_entropy` subtract the largest entry before they take exponentials, so
# nothing overflows. `F.cross_entropy(logits, partner)` is the whole mean of the formula at once.
# </details>
# <details><summary><b>Help:</b> half precision</summary>
#
# A float16 has three decimal digits and ends at 65,504. Turn the vectors into float32 first, `.float()`,
# and the rest is as always. Gradients find their way back through it.
# </details>


# %% nbgrader={"grade": false, "grade_id": "nt_xent", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def nt_xent(z1, z2, temperature):
    """NT-Xent: each of the 2N views must pick out its partner among the 2N - 1 others.

    Args: z1, z2 (N, D), row i of both from picture i; temperature > 0.
    Returns: the mean over all 2N views, a scalar tensor with a gradient.
    """
    ### BEGIN SOLUTION
    z = torch.cat([z1, z2])  # (2N, D)
    if z.dtype in (torch.float16, torch.bfloat16):
        z = z.float()
    logits = similarity(z) / temperature  # (2N, 2N)
    itself = torch.eye(len(z), dtype=torch.bool, device=z.device)
    partner = torch.arange(len(z), device=z.device).roll(len(z1))
    return F.cross_entropy(logits.masked_fill(itself, float("-inf")), partner)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_nt_xent", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def by_hand_for_two_pictures_and_for_any_number():
    """Two pictures at right angles, temperature 0.5: ln(1 + 2 / e²). N pictures all alike: ln(2N - 1). And random ones."""
    import math

    import torch
    from torch.nn.functional import cross_entropy, normalize

    def wrong(z1, z2, t, **how):  # NT-Xent, or what comes out with one mistake
        n, z = len(z1), torch.cat([z1, z2])
        unit = z if how.get("plain") else normalize(z, dim=how.get("dim", 1))
        s = unit @ unit.T
        s = -torch.cdist(unit, unit) if how.get("distances") else s
        s = s * t if how.get("times") else s / how.get("divisor", t)
        itself = torch.eye(2 * n, dtype=torch.bool)
        if "diagonal" in how:
            s = torch.where(itself, how["diagonal"](s), s)
        partner = torch.arange(2 * n).roll(n)
        partner = partner if "partner" not in how else how["partner"](torch.arange(2 * n))
        if how.get("across"):  # other view's rows only
            s = torch.where(
                (torch.arange(2 * n) < n)[:, None] == (torch.arange(2 * n) < n), float("-inf"), s
            )
        rows = cross_entropy(s, partner, reduction="none")
        if how.get("no partner below"):
            below = s.scatter(1, partner[:, None], float("-inf")).logsumexp(dim=1)
            rows = below - s.gather(1, partner[:, None])[:, 0]
        return rows[: how.get("rows", 2 * n)]

    out = {"diagonal": lambda s: torch.full_like(s, float("-inf"))}
    golden = torch.eye(2, dtype=torch.float64)
    loss = check.tensor(nt_xent(golden, golden.clone(), 0.5), shape=(), what="the loss")
    randoms = torch.randn(2, 6, 4, dtype=torch.float64)
    z1, z2 = 2 * randoms[0], randoms[0] + randoms[1]
    # told apart on the random vectors, where no two mistakes give the same
    random = check.tensor(nt_xent(z1.clone(), z2.clone(), 0.4), shape=(), what="the loss")
    rows = wrong(z1, z2, 0.4, **out)
    check.close(
        random,
        rows.mean(),
        what="the loss of six random pictures at temperature 0.4",
        atol=1e-6,
        mistakes={
            "self-pairs are part of the sum: leave j = i out": wrong(z1, z2, 0.4).mean(),
            "self-pairs are set to 0, which counts as e^0 = 1: set them to minus infinity": wrong(
                z1, z2, 0.4, diagonal=torch.zeros_like
            ).mean(),
            "only the first views are asked: average over all 2N": rows[:6].mean(),
            "only the second views are asked: average over all 2N": rows[6:].mean(),
            "the losses are summed: take the mean over the 2N views": rows.sum(),
            "the sum over 2N views is divided by N: divide by 2N": 2 * rows.mean(),
            "the mean is halved: divide the sum over the 2N views by 2N, no more": rows.mean() / 2,
            "the first views' losses are divided by 2N: all 2N views are asked": rows[:6].sum()
            / 12,
            "the sign is wrong: the loss is minus the logarithm": -rows.mean(),
            "the similarities are multiplied by the temperature: divide": wrong(
                z1, z2, 0.4, times=True, **out
            ).mean(),
            "the temperature plays no part: divide the similarities by it": wrong(
                z1, z2, 0.4, divisor=1.0, **out
            ).mean(),
            "the temperature is used squared or twice: divide by it once": wrong(
                z1, z2, 0.4, divisor=0.16, **out
            ).mean(),
            "the vectors are not given length 1: use cosine similarities": wrong(
                z1, z2, 0.4, plain=True, **out
            ).mean(),
            "the columns are given length 1, not the rows: normalise along dim=1": wrong(
                z1, z2, 0.4, dim=0, **out
            ).mean(),
            "these are distances: use cosine similarities": wrong(
                z1, z2, 0.4, distances=True, **out
            ).mean(),
            "the partners are one off: with z1 above z2, the partner of view i is view i + N": wrong(
                z1, z2, 0.4, partner=lambda i: (i + 7) % 12, **out
            ).mean(),
            "the partners are one off: with z1 above z2, the partner of view i is view i + N (N = 6)": wrong(
                z1, z2, 0.4, partner=lambda i: (i + 5) % 12, **out
            ).mean(),
            "the partner is taken to be the neighbour (0 and 1, 2 and 3 …): z1 lies above z2, so the partner of "
            "view i is view i + N": wrong(z1, z2, 0.4, partner=lambda i: i ^ 1, **out).mean(),
            "only views of the other kind are pushed away: all 2N - 1 others are in the sum, also the views "
            "of the same kind": wrong(z1, z2, 0.4, across=True).mean(),
            "only views of the other kind are pushed away, and only the first views asked: ask all 2N, with all "
            "2N - 1 others in the sum": wrong(z1, z2, 0.4, across=True)[:6].mean(),
            "the partner is missing from the sum below: it is one of the 2N - 1 others": wrong(
                z1, z2, 0.4, **{"no partner below": True}, **out
            ).mean(),
            "that is the mean probability of the partner: take minus the logarithm of each": (-rows)
            .exp()
            .mean(),
            "the logarithm of the mean probability is taken: take the mean of the logarithms": -(
                -rows
            )
            .exp()
            .mean()
            .log(),
        },
        hint="Are view i + N and view i partners, and is j = i left out?",
    )
    check.close(loss, math.log(1 + 2 * math.exp(-2)), what="the loss of two pictures", atol=1e-6)
    for n in (2, 3, 5):
        same = torch.ones(n, 3, dtype=torch.float64)
        loss = check.tensor(nt_xent(same, 2 * same, 0.3), shape=(), what="the loss")
        check.close(
            loss, math.log(2 * n - 1), what=f"the loss of {n} pictures all alike", atol=1e-6
        )


### BEGIN HIDDEN TESTS
@check.promise
def any_number_and_temperature():
    """One picture has loss 0; any number, any temperature: the formula, worked out term by term."""
    import math

    import torch

    for n, d, temperature in ((1, 3, 0.5), (2, 5, 1.0), (5, 2, 0.1), (7, 8, 0.05), (4, 3, 3.0)):
        z1, z2 = torch.randn(2, n, d, dtype=torch.float64)
        z = [[float(a) for a in row] for row in torch.cat([z1, z2])]
        total = 0.0
        for i in range(2 * n):
            terms = {}
            for j in range(2 * n):
                product = sum(a * b for a, b in zip(z[i], z[j], strict=True))
                terms[j] = product / math.dist(z[i], [0] * d) / math.dist(z[j], [0] * d)
            others = sum(math.exp(terms[j] / temperature) for j in range(2 * n) if j != i)
            total += math.log(others) - terms[(i + n) % (2 * n)] / temperature
        loss = check.tensor(nt_xent(z1.clone(), z2.clone(), temperature), shape=(), what="the loss")
        check.close(
            loss,
            total / (2 * n),
            what=f"the loss for N = {n}, temperature {temperature}",
            atol=1e-5,
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_nt_xent_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_gradient_reaches_both_views():
    """The loss has a gradient with respect to z1 and to z2, and it is that of the formula; z1 and z2 stay as they are."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    def reference(first, second, keys=None):
        z = normalize(torch.cat([first, second]), dim=1)
        s = z @ (z if keys is None else normalize(keys, dim=1)).T / 0.3
        s = s.masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
        return cross_entropy(s, torch.arange(len(z)).roll(len(first)))

    z1, z2 = torch.randn(2, 5, 4, dtype=torch.float64)
    one, two = z1.clone().requires_grad_(), z2.clone().requires_grad_()
    with check.unchanged(one, two):
        loss = nt_xent(one, two, 0.3)
    check.that(
        not isinstance(loss, float),
        "the loss is a float, which has no gradient: return the tensor, without .item()",
    )
    loss = check.tensor(loss, shape=(), what="the loss", differentiable=True)
    check.that(
        loss.requires_grad,
        "the loss has no gradient: no .detach(), .data, .item() or torch.no_grad() on the way",
    )
    g1, g2 = torch.autograd.grad(loss, [one, two], allow_unused=True)
    check.that(g1 is not None, "no gradient reaches z1: is it detached?")
    check.that(g2 is not None, "no gradient reaches z2: is it detached?")
    leaves = [z1.clone().requires_grad_(), z2.clone().requires_grad_()]
    expected = torch.cat(torch.autograd.grad(reference(*leaves), leaves))
    held = torch.autograd.grad(reference(*leaves, keys=torch.cat([z1, z2])), leaves)
    check.close(
        torch.cat([g1, g2]),
        expected,
        what="the gradient",
        atol=1e-7,
        mistakes={
            "the others in each row are detached: gradients go through both vectors of a pair": torch.cat(
                held
            ),
            "the gradient is that of the sum: take the mean": 10 * expected,
        },
        hint="Is something on the way detached, or rounded?",
    )


### BEGIN HIDDEN TESTS
@check.promise
def a_step_down_makes_partners_likelier():
    """In float32, for odd numbers, on any device: the gradient is that of the formula, also where only one side needs it."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    for where in check.devices():
        for n, temperature in ((3, 0.1), (8, 0.5)):
            z1, z2 = torch.randn(2, n, 6, device=where)
            one = z1.clone().requires_grad_()
            with check.unchanged(one, z2):
                loss = nt_xent(one, z2, temperature)
            loss = check.tensor(loss, shape=(), what="the loss", differentiable=True)
            check.that(loss.requires_grad, "the loss has no gradient with respect to z1")
            (g,) = torch.autograd.grad(loss, one, allow_unused=True)
            check.that(g is not None, "no gradient reaches z1: is it detached?")
            leaf = z1.double().requires_grad_()
            z = normalize(torch.cat([leaf, z2.double()]), dim=1)
            s = (z @ z.T / temperature).masked_fill(
                torch.eye(2 * n, dtype=torch.bool, device=where), float("-inf")
            )
            value = cross_entropy(s, torch.arange(2 * n, device=where).roll(n))
            check.close(loss, value, what="the loss in float32", atol=1e-4)
            check.close(
                g, torch.autograd.grad(value, leaf)[0], what="the gradient in float32", atol=1e-4
            )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_nt_xent_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def cold_temperatures():
    """At temperature 0.01, in float32, the loss and its gradient are finite and right: exp(1 / 0.01) is not."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    def reference(first, second):
        z = normalize(torch.cat([first, second]), dim=1)
        s = (z @ z.T / 0.01).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
        return cross_entropy(s, torch.arange(len(z)).roll(len(first)))

    z1 = torch.randn(6, 8)
    z2 = z1 + 0.3 * torch.randn(6, 8)
    for second, which in (
        (z2, "close partners"),
        (-z2, "opposed partners"),
        (z1, "equal partners"),
    ):
        one = z1.clone().requires_grad_()
        loss = nt_xent(one, second.clone(), 0.01)
        check.that(
            not isinstance(loss, torch.Tensor) or bool(torch.isfinite(loss.detach()).all()),
            f"the loss of {which} is {float(loss.detach().mean()) if isinstance(loss, torch.Tensor) else loss} at "
            "temperature 0.01: exp overflows, use torch.logsumexp or F.cross_entropy on the similarities "
            "themselves",
        )
        loss = check.tensor(loss, shape=(), what="the loss", differentiable=True)
        check.close(
            loss,
            reference(z1.double(), second.double()),
            what=f"the loss of {which} at temperature 0.01",
            atol=1e-3,
            rtol=1e-3,
            hint="Nothing may be added inside the logarithm, or cut off, to keep it finite",
        )
        check.that(loss.requires_grad, "the loss has no gradient")
        (g,) = torch.autograd.grad(loss, one, allow_unused=True)
        check.that(
            g is not None and bool(torch.isfinite(g).all()),
            f"the gradient of {which} is not finite at temperature 0.01",
        )


### BEGIN HIDDEN TESTS
@check.promise
def half_precision():
    """Vectors in float16 and bfloat16, at temperatures 0.5, 0.1 and 0.01: finite, and right to what such numbers can tell."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    z1 = torch.randn(6, 8)
    z2 = z1 + 0.8 * torch.randn(6, 8)
    # How far the loss may be off when all is computed in half precision: the error of a similarity, 2^-9
    # or 2^-6 at worst, over the temperature, and twice, for the partner and the others.
    for dtype, error in ((torch.float16, 2**-9), (torch.bfloat16, 2**-6)):
        for temperature in (0.5, 0.1, 0.01):
            one, two = z1.to(dtype).requires_grad_(), z2.to(dtype)
            loss = nt_xent(one, two, temperature)
            loss = check.tensor(loss, shape=(), what=f"the loss in {dtype}", differentiable=True)
            z = normalize(torch.cat([one, two]).detach().double(), dim=1)
            s = z @ z.T / temperature
            s = s.masked_fill(torch.eye(12, dtype=torch.bool), float("-inf"))
            expected = cross_entropy(s, torch.arange(12).roll(6))
            check.close(
                loss,
                expected,
                what=f"the loss in {dtype} at temperature {temperature}",
                atol=2 * error / temperature + 0.03,
                rtol=0.02,
                hint="Turn the vectors into float32 first",
            )
            check.that(loss.requires_grad, f"the loss has no gradient in {dtype}")
            (g,) = torch.autograd.grad(loss, one, allow_unused=True)
            check.that(
                g is not None and bool(torch.isfinite(g).all()),
                f"the gradient is not finite in {dtype} at temperature {temperature}: turn the vectors into "
                "float32 first",
            )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_nt_xent_4", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def nobody_comes_first():
    """z1 and z2 may change places, the pictures their order and every vector its length: the loss stays what it is."""
    import torch

    for n in (2, 5):
        z1, z2 = torch.randn(2, n, 4, dtype=torch.float64)
        order = torch.randperm(n)
        lengths = 0.2 + 5 * torch.rand(n, 1, dtype=torch.float64)
        with check.unchanged(z1, z2):
            loss = check.tensor(nt_xent(z1, z2, 0.2), shape=(), what="the loss")
        for words, other in (
            ("z1 and z2 have changed places", (z2, z1)),
            ("the pictures come in another order", (z1[order], z2[order])),
            ("the vectors of z1 have other lengths", (lengths * z1, z2)),
        ):
            again = check.tensor(
                nt_xent(*(part.clone() for part in other), 0.2), shape=(), what="the loss"
            )
            check.close(again, loss, what=f"the loss when {words}", atol=1e-6)


### BEGIN HIDDEN TESTS
@check.promise
def one_picture_and_large_batches():
    """A single picture has nobody to be mixed up with: 0. And 100 random pictures in 64 dimensions, by the formula."""
    import torch

    for dtype in (torch.float64, torch.float32):
        z1, z2 = torch.randn(2, 1, 4, dtype=dtype)
        loss = check.tensor(nt_xent(z1, z2, 0.1), shape=(), what="the loss of one picture")
        check.close(loss, 0.0, what="the loss of one picture", atol=1e-5)
    z1, z2 = torch.randn(2, 100, 64, dtype=torch.float64)
    z = torch.cat([z1, z2])
    z = z / z.norm(dim=1, keepdim=True)
    e = (z @ z.T / 0.5).exp()
    others = e.sum(dim=1) - e.diag()
    expected = (others.log() - (z[:100] * z[100:]).sum(dim=1).repeat(2) / 0.5).mean()
    loss = check.tensor(nt_xent(z1, z2, 0.5), shape=(), what="the loss")
    check.close(loss, expected, what="the loss of 100 pictures", atol=1e-5)


### END HIDDEN TESTS

# %% [markdown]
# Two pictures in the plane, on opposite sides, the two views of each at an angle to each other. **What you
# should see:** as partners come together the loss falls. At the cold temperature it falls to nothing as soon
# as partners are clearly closer than strangers; the warm one is never quite content.

# %%
print("angle between partners    temperature 0.1    temperature 0.5")
for degrees in (180, 120, 90, 60, 30, 0):
    half = torch.tensor(degrees / 2).deg2rad()
    up, down = torch.stack([half.cos(), half.sin()]), torch.stack([half.cos(), -half.sin()])
    first, second = torch.stack([up, -up]), torch.stack([down, -down])
    losses = [nt_xent(first, second, temperature).item() for temperature in (0.1, 0.5)]
    print(f"{degrees:20}° {losses[0]:18.3f} {losses[1]:18.3f}")

# %% [markdown]
# ## 7 · One step of SimCLR
# ●●●○○ · 20 minutes · 15 points
#
# Everything is there. A step takes a batch without labels, makes two views of it, sends them through the
# encoder and the head, and makes one step of the optimiser down NT-Xent.
#
# **Both views go through the networks in one pass**, as one batch of 2N pictures. It is quicker, and it is
# not the same: in train mode BatchNorm looks at the batch as a whole. With two passes each view would be
# normalised by the mean of its own kind, and its running statistics would be updated twice.
#
# Write `simclr_step`. Encoder and head are in train mode, and stay there; the optimiser has the parameters
# of both. Return the loss as a float.

# %% [markdown]
# <details><summary><b>Help:</b> two from one</summary>
#
# `torch.cat([view1, view2])` makes one batch of 2N pictures, and `z.chunk(2)` cuts the result into its
# halves again.
# </details>
# <details><summary><b>Help:</b> "gradients from before the step are part of it"</summary>
#
# `backward()` adds to what is in `.grad`. `optimizer.zero_grad()` empties it.
# </details>


# %% nbgrader={"grade": false, "grade_id": "simclr_step", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def simclr_step(encoder, head, optimizer, x, augment, temperature):
    """One training step of SimCLR.

    Args: encoder (N, 3, H, W) -> (N, D); head (N, D) -> (N, out); optimizer over the parameters of both;
        x (N, 3, H, W) in [0, 1]; augment: a callable, batch -> batch; temperature of the loss.
    Returns: NT-Xent of the two views before the step, as a float.
    """
    ### BEGIN SOLUTION
    encoder.train()
    head.train()
    views = torch.cat(two_views(x, augment))  # (2N, 3, H, W)
    z1, z2 = head(encoder(views)).chunk(2)
    loss = nt_xent(z1, z2, temperature)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_simclr_step", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def one_step_down_the_loss_of_two_views():
    """Plain gradient descent, two known views: encoder and head make the step of NT-Xent on their 2N vectors."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy, normalize

    def augment(z):
        given.append(z.detach().clone())
        return [0.9 * z + 0.05, 1 - z.flip(3)][(len(given) - 1) % 2]

    def loss_of(
        first, second, t=0.3, encoder=None, head=None, keep=1.0, use_head=True, partner=None
    ):
        z = (encoder or twins[0])(torch.cat([first, second]))
        z = normalize((head or twins[1])(z) if use_head else z, dim=1)
        s = (z @ z.T / t).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
        return keep * cross_entropy(s, torch.arange(len(z)).roll(5) if partner is None else partner)

    def slope(loss):
        parts = [p for twin in twins for p in twin.parameters()]
        found = torch.autograd.grad(loss, parts, allow_unused=True)
        return torch.cat(
            [
                (torch.zeros_like(p) if g is None else g).flatten()
                for p, g in zip(parts, found, strict=True)
            ]
        )

    def weights(*models):
        return torch.cat([p.detach().flatten() for model in models for p in model.parameters()])

    def after_two():
        others = [copy.deepcopy(twin) for twin in twins]
        once_more = torch.optim.SGD([p for o in others for p in o.parameters()], lr=0.1)
        for _ in range(2):
            once_more.zero_grad()
            loss_of(one, two, encoder=others[0], head=others[1]).backward()
            once_more.step()
        return weights(*twins) - weights(*others)

    given = []
    x = check.tiny_batch(5)[0]
    encoder = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.Tanh(), torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten()
    ).double()
    head = torch.nn.Sequential(
        torch.nn.Linear(16, 6), torch.nn.Tanh(), torch.nn.Linear(6, 4)
    ).double()
    for parameter in (*encoder.parameters(), *head.parameters()):
        parameter.data.normal_()
    twins = copy.deepcopy(encoder), copy.deepcopy(head)
    one, two = 0.9 * x + 0.05, 1 - x.flip(3)
    optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.1)
    with check.changing(encoder, head, optimizer):
        value = simclr_step(encoder, head, optimizer, x.clone(), augment, 0.3)
    check.that(bool(given), "augment was not called: the views are made from x by two_views")
    check.that(
        len(given) == 2 and all(g.shape == x.shape and torch.equal(g, x) for g in given),
        f"augment was called {len(given)} times, or not on x: two views, each from x",
    )
    changed = weights(*twins) - weights(encoder, head)
    g, of_encoder = slope(loss_of(one, two)), sum(p.numel() for p in encoder.parameters())
    only_head, only_encoder = g.clone(), g.clone()
    only_head[:of_encoder], only_encoder[of_encoder:] = 0, 0
    check.close(
        changed,
        0.1 * g,
        what="the change of the weights",
        atol=1e-8,
        mistakes={
            "the optimiser made no step: backward(), then optimizer.step()": 0 * g,
            "only the head has learnt: gradients must reach the encoder, so no torch.no_grad() or .detach() "
            "on its features": 0.1 * only_head,
            "only the encoder has learnt: gradients must reach the head": 0.1 * only_encoder,
            "the head plays no part: the loss compares head(encoder(views))": 0.1
            * slope(loss_of(one, two, use_head=False)),
            "both views are the first one: make two": 0.1 * slope(loss_of(one, one)),
            "both views are the second one: make two": 0.1 * slope(loss_of(two, two)),
            "one of the views is x itself: both are augmented": 0.1 * slope(loss_of(x, one)),
            "one of the views is x itself, the other augmented: both are": 0.1
            * slope(loss_of(x, two)),
            "the views are not augmented": 0.1 * slope(loss_of(x, x)),
            "the temperature plays no part: hand it on to nt_xent": 0.1
            * slope(loss_of(one, two, t=1.0)),
            "the temperature is 0.5 whatever is asked for: hand it on to nt_xent": 0.1
            * slope(loss_of(one, two, t=0.5)),
            "the step goes up the loss": -0.1 * g,
            "the step is made twice": after_two,
            "the step is that of the summed loss: the loss is a mean": 10 * 0.1 * g,
            "the wrong vectors are taken for partners: with view 1 above view 2, the halves are "
            "z.chunk(2)": 0.1 * slope(loss_of(one, two, partner=torch.arange(10) ^ 1)),
        },
        hint="Are the checks of nt_xent (exercise 6) all green? The step goes down the loss that it gives",
    )
    expected = float(loss_of(one, two).detach())
    check.close(
        check.number(value, "the loss"),
        expected,
        what="the loss",
        mistakes={
            "that is the summed loss: return the mean": 10 * expected,
            "that is the loss after the step: return the one that the step was made on": lambda: (
                loss_of(one, two, encoder=encoder, head=head).detach()
            ),
        },
    )


# %% nbgrader={"grade": true, "grade_id": "test_simclr_step_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def both_views_pass_together_in_train_mode():
    """With BatchNorm in both networks: the 2N pictures pass once, in train mode, and both networks stay in train mode."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy, normalize

    def augment(z):
        turns.append(1)
        return [0.3 * z, 1 - 0.5 * z.flip(3)][(len(turns) - 1) % 2]

    def loss_of(passes, encoder, head):
        z = normalize(torch.cat([head(encoder(part)) for part in passes]), dim=1)
        s = (z @ z.T / 0.2).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
        return float(cross_entropy(s, torch.arange(len(z)).roll(len(x))).detach())

    turns, x = [], check.tiny_batch(6)[0]
    encoder = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3),
        torch.nn.BatchNorm2d(4),
        torch.nn.Tanh(),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
    ).double()
    head = torch.nn.Sequential(
        torch.nn.Linear(4, 5), torch.nn.BatchNorm1d(5), torch.nn.Tanh(), torch.nn.Linear(5, 3)
    ).double()
    for parameter in (*encoder.parameters(), *head.parameters()):
        parameter.data.normal_()
    encoder.train(), head.train()
    twins = [[copy.deepcopy(m) for m in (encoder, head)] for _ in range(4)]
    optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.01)
    with check.changing(encoder, head, optimizer):
        value = simclr_step(encoder, head, optimizer, x.clone(), augment, 0.2)
    value = check.number(value, "the loss")
    for network, name in ((encoder, "encoder"), (head, "head")):
        check.that(
            all(part.training for part in network.modules()),
            f"the {name} is left in eval mode: a training step leaves it in train mode",
        )
    views = 0.3 * x, 1 - 0.5 * x.flip(3)
    expected = loss_of([torch.cat(views)], *twins[0])
    separate = loss_of(views, *twins[1])
    mixed = float("nan")
    with torch.no_grad():  # through the encoder apart, through the head together
        parts = torch.cat([twins[2][0](view) for view in views])
        mixed = loss_of([parts], torch.nn.Identity(), twins[2][1])
    in_eval = loss_of([torch.cat(views)], *(m.eval() for m in twins[3]))
    check.close(
        value,
        expected,
        what="the loss in train mode",
        mistakes={
            "the views pass one after the other: send them through in one pass, torch.cat([view1, view2])": separate,
            "the views pass the encoder one after the other: send them through in one pass": mixed,
            "the networks work in eval mode: a training step calls .train() on both": in_eval,
        },
        hint="Do both views pass in train mode, in one batch?",
    )
    for network, twin, at, name in (
        (encoder, twins[0][0], 1, "encoder"),
        (head, twins[0][1], 1, "head"),
    ):
        check.close(
            network[at].running_mean,
            twin[at].running_mean,
            what=f"the running mean of the {name}'s BatchNorm after the step",
            atol=1e-8,
            hint="The views pass the networks once, both together, in train mode, and nothing else does",
        )


### BEGIN HIDDEN TESTS
@check.promise
def from_eval_mode_too():
    """Networks that came in eval mode, single pictures, float32, any device: the step is made in train mode."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy, normalize

    def augment(z):
        turns.append(1)
        return z * (0.4 + 0.3 * (len(turns) % 2))

    for where in check.devices():
        for n in (1, 5):
            turns, x = [], check.tiny_batch(n, dtype=torch.float32)[0].to(where)
            encoder = torch.nn.Sequential(
                torch.nn.Conv2d(3, 4, 3),
                torch.nn.BatchNorm2d(4),
                torch.nn.Tanh(),
                torch.nn.AdaptiveAvgPool2d(2),
                torch.nn.Flatten(),
            ).to(where)
            head = torch.nn.Sequential(
                torch.nn.Linear(16, 5), torch.nn.BatchNorm1d(5), torch.nn.Linear(5, 3)
            ).to(where)
            if n == 5:
                encoder.eval(), head.eval()
            else:
                encoder[1].eval()  # one layer alone
            twins = copy.deepcopy(encoder).train(), copy.deepcopy(head).train()
            optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.01)
            with check.changing(encoder, head, optimizer), check.unchanged(x):
                value = simclr_step(encoder, head, optimizer, x, augment, 0.5)
            for network, name in ((encoder, "encoder"), (head, "head")):
                check.that(
                    all(part.training for part in network.modules()),
                    f"the {name} is left in eval mode, which it came in: a training step calls .train()",
                )
            z = normalize(twins[1](twins[0](torch.cat([0.7 * x, 0.4 * x]))), dim=1)
            s = z @ z.T / 0.5
            s = s.masked_fill(torch.eye(2 * n, dtype=torch.bool, device=where), float("-inf"))
            expected = cross_entropy(s, torch.arange(2 * n, device=where).roll(n))
            check.close(
                check.number(value, "the loss"),
                float(expected.detach()),
                what="the loss in train mode of networks that came in eval mode",
                atol=1e-4,
            )
            check.close(
                encoder[1].running_mean,
                twins[0][1].running_mean,
                what="the running mean of the encoder's BatchNorm after the step",
            )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_simclr_step_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def no_gradient_is_left_over():
    """Gradients from before play no part, and three steps with momentum are the optimizer's own three; x stays as it is."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy, normalize

    def augment(z):
        turns.append(1)
        return z * (0.4 + 0.3 * (len(turns) % 2))

    def loss_of(encoder, head, x):
        z = normalize(head(encoder(torch.cat([0.7 * x, 0.4 * x]))), dim=1)
        s = (z @ z.T / 0.4).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
        return cross_entropy(s, torch.arange(len(z)).roll(len(x)))

    def weights(*models):
        return torch.cat([p.detach().flatten() for model in models for p in model.parameters()])

    def walk(steps, clear=True, momentum=0.9, inherits=False):
        pair = copy.deepcopy(begin[0]), copy.deepcopy(begin[1])
        parts = [p for m in pair for p in m.parameters()]
        for p, g in zip(parts, old, strict=True):
            p.grad = g.clone() if inherits else None
        own = torch.optim.SGD(parts, lr=0.05, momentum=momentum)
        for number in range(steps):
            if clear:
                own.zero_grad()
            loss_of(*pair, check.tiny_batch(4, seed=number)[0]).backward()
            own.step()
        return weights(*pair)

    turns = []
    encoder = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.Tanh(), torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten()
    ).double()
    head = torch.nn.Sequential(torch.nn.Linear(16, 6), torch.nn.Tanh(), torch.nn.Linear(6, 4))
    head.double()
    for parameter in (*encoder.parameters(), *head.parameters()):
        parameter.data.normal_()
    begin = copy.deepcopy(encoder), copy.deepcopy(head)
    parameters = [*encoder.parameters(), *head.parameters()]
    loss_of(encoder, head, check.tiny_batch(3, seed=9)[0]).backward()  # somebody stopped half way
    old = [p.grad.clone() for p in parameters]
    optimizer = torch.optim.SGD(parameters, lr=0.05, momentum=0.9)
    for number in range(3):
        x = check.tiny_batch(4, seed=number)[0]
        with check.changing(encoder, head, optimizer), check.unchanged(x):
            simclr_step(encoder, head, optimizer, x, augment, 0.4)
        check.close(
            weights(encoder, head),
            walk(number + 1),
            what=f"the weights after step {number + 1}",
            atol=1e-7,
            mistakes={
                "gradients from before the step are part of it: call optimizer.zero_grad() before backward()": lambda: (
                    walk(number + 1, clear=False, inherits=True)
                ),
                "gradients are never emptied: call optimizer.zero_grad() in every step": lambda: (
                    walk(number + 1, clear=False)
                ),
                "the optimizer's momentum is lost: use the optimizer that is given": lambda: walk(
                    number + 1, momentum=0.0
                ),
            },
            hint="One step of the given optimizer a call, with the gradients of this batch alone",
        )


# %% [markdown]
# Now train, with an encoder that has seen nothing, on pictures that nobody has named: three times through
# all of them, then three times more, each a few seconds.
#
# **What you should see:** who guesses among the 99 other views has a loss of ln 99 = 4.6. At first the
# network is hardly better. Then it falls.

# %%
torch.manual_seed(0)
encoder = Encoder(width=16).to(x.device)
untrained = Encoder(width=16).to(x.device)
head = ProjectionHead(encoder.feature_dim, 64, 64).to(x.device)
optimizer = torch.optim.AdamW([*encoder.parameters(), *head.parameters()], lr=2e-3)
order = torch.Generator().manual_seed(0)


def pretrain(epochs):
    for _ in range(epochs):
        losses = [
            simclr_step(encoder, head, optimizer, pictures, augment, 0.2)
            for pictures, _ in unlabelled.batches(50, shuffle=True, generator=order)
        ]
        print(f"once more through all pictures: mean loss {sum(losses) / len(losses):.2f}")


pretrain(3)

# %%
pretrain(3)

# %% [markdown]
# The same twelve views again. **What you should see:** after so short a training it is far from perfect.
# But partners, in the frames, are all rather alike, and strangers no longer are: cars go with cars, and trees
# with mushrooms.

# %%
with evaluating(encoder), evaluating(head), torch.no_grad():
    z = head(encoder(torch.cat([view1, view2])))
plots.similarity_matrix(
    torch.cat([view1, view2]),
    similarity(z),
    title="After a little training: strangers have moved apart",
)

# %% [markdown]
# ## 8 · What is it worth? Ask the neighbours
# ●●●○○ · 25 minutes · 10 points
#
# A low loss is no use by itself. What we want to know: do pictures of the same *kind* lie close together,
# although nobody ever said what kinds there are? The plainest test trains nothing at all: give each test
# picture the class that most of its **[k nearest neighbours](../../../docs/glossary.md#k-nn)** have, among pictures whose classes are known,
# and count how often that is right.
#
# - Near means a large cosine similarity of the features.
# - The k nearest vote, one vote each. Where classes have equally many votes, that one wins whose votes have
#   the larger **summed similarity**.
#
# Write `knn_accuracy`. It returns the fraction of test pictures that get their own class, as a float.

# %% [markdown]
# <details><summary><b>Help:</b> "ties go to the smaller class"</summary>
#
# `torch.mode` and `bincount(…).argmax()` take the smallest of the classes with the most votes. Add up the
# similarities of each class's votes too, and among those with the most votes take the largest sum. One
# way: votes + similarities / (k + 1), for the sum of k similarities never reaches k + 1.
# </details>
# <details><summary><b>Help:</b> counting votes for all test pictures at once</summary>
#
# `topk` gives the neighbours' numbers (T, k), and `train_labels[numbers]` their classes. `F.one_hot` of
# these, (T, k, C), summed over k, counts the votes of each class. A loop over the test pictures is right as
# well.
# </details>


# %% nbgrader={"grade": false, "grade_id": "knn_accuracy", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def knn_accuracy(train_features, train_labels, test_features, test_labels, k):
    """How often the majority of the k most cosine-similar training pictures names the right class.

    Args: train_features (N, D); train_labels (N,) int64; test_features (T, D); test_labels (T,) int64;
        k, 1 to N.
    Returns: the fraction of test pictures whose class is right, as a float; ties go to the class with the
        larger summed similarity.
    """
    ### BEGIN SOLUTION
    train, test = F.normalize(train_features, dim=1), F.normalize(test_features, dim=1)
    near, numbers = (test @ train.T).topk(k, dim=1)  # (T, k)
    votes = F.one_hot(train_labels[numbers], int(train_labels.max()) + 1).to(near)  # (T, k, C)
    count, total = votes.sum(dim=1), (votes * near[:, :, None]).sum(dim=1)  # (T, C)
    most = count == count.max(dim=1, keepdim=True).values
    answers = total.masked_fill(~most, float("-inf")).argmax(dim=1)
    return (answers == test_labels).double().mean().item()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_knn_accuracy", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_nearest_by_cosine_vote():
    """With three classes and k = 1, 5 and 7: the vote of the most cosine-similar pictures, one vote each."""
    import torch

    def votes_of(row, alike, k):  # class -> (votes, summed similarity)
        score = {}
        for _, i in sorted(zip(row, range(len(row)), strict=True), reverse=True)[:k]:
            votes, total = score.get(i % 3, (0, 0.0))
            score[i % 3] = (votes + 1, total + alike[i])
        return score

    def answers(k, near, weigh=False):  # near (T, N): the larger the nearer
        found = []
        for row, alike in zip(near.tolist(), cosine.tolist(), strict=True):
            score = votes_of(row, alike, k)
            found.append(max(score, key=lambda c: score[c][1] if weigh else score[c]))
        return torch.tensor(found)

    def has_tie(row, k):
        most = sorted(votes for votes, _ in votes_of(row, row, k).values())
        return most[-1] in most[:-1]

    train_labels = torch.arange(60) % 3
    ends = torch.randn(3, 4, dtype=torch.float64)
    lengths = torch.exp(1.5 * torch.randn(360, 1, dtype=torch.float64))
    everything = torch.randn(360, 4, dtype=torch.float64)
    everything[:60] += 1.2 * ends[train_labels]
    train, test = (lengths * everything).split((60, 300))
    cosine = (test / test.norm(dim=1, keepdim=True)) @ (train / train.norm(dim=1, keepdim=True)).T
    # ties have a check of their own
    clear = [i for i, row in enumerate(cosine.tolist()) if not any(has_tie(row, k) for k in (5, 7))]
    test, cosine = test[clear[:160]], cosine[clear[:160]]
    distance = (test[:, None] - train).norm(dim=2)
    for k in (1, 5, 7):
        right = answers(k, cosine)
        # three in four of the labels are what the neighbours say, so that each mistake has its own score
        labels = torch.where(torch.arange(160) % 4 > 0, right, (right + 1) % 3)

        def share(*how, **more):
            return lambda: (answers(*how, **more) == labels).double().mean().item()

        result = knn_accuracy(train.clone(), train_labels.clone(), test.clone(), labels.clone(), k)
        check.close(
            check.number(result, "the accuracy"),
            0.75,
            what=f"the accuracy with k = {k}",
            atol=1e-6,
            mistakes={
                "that is the error rate: return the accuracy": 0.25,
                "that is in percent: return a fraction": 75.0,
                "that is the number of right answers: divide by the number of test pictures": 120.0,
                "the right answers are divided by the number of training pictures": 120 / 60,
                "the neighbours are the nearest by Euclidean distance: use cosine similarity": share(
                    k, -distance
                ),
                "the neighbours are those with the largest plain product: divide by the lengths": share(
                    k, test @ train.T
                ),
                "these are the furthest neighbours, not the nearest: take the largest similarities": share(
                    k, -cosine
                ),
                "only the nearest neighbour is asked: let k of them vote": share(1, cosine),
                "one neighbour too many votes": share(k + 1, cosine),
                "the nearest neighbour is left out: that is right only where a picture is among its own "
                "neighbours": share(k, cosine - 9.0 * (cosine == cosine.amax(1, keepdim=True))),
                "all training pictures vote: only the k nearest do": share(60, cosine),
                "the votes are weighted by similarity: each of the k has one vote": share(
                    k, cosine, weigh=True
                ),
            },
        )


# %% nbgrader={"grade": true, "grade_id": "test_knn_accuracy_2", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def ties_go_to_the_larger_summed_similarity():
    """With two votes each, the class whose two are more similar wins, whatever its number and wherever it stands."""
    import torch

    def at(*degrees):
        angle = torch.tensor(degrees, dtype=torch.float64) * torch.pi / 180
        return torch.stack([angle.cos(), angle.sin()], dim=1)

    # From 0 degrees: class 5 at 5 and 30 (0.996 + 0.866), class 2 at -20 and -22 (0.940 + 0.927): 2 wins by
    # the sum, 5 has the nearest. From 90 degrees: class 7 wins and has the nearest, class 1 the smaller number.
    train = at(5, 30, -20, -22, 88, 99, 85, 120, 200)
    labels = torch.tensor([5, 5, 2, 2, 7, 7, 1, 1, 5])
    for degrees, right, answer, diagnosis in (
        (90, 7, 1, "ties go to the smaller class: the larger summed similarity decides"),
        (
            0,
            2,
            5,
            "ties go to the class of the nearest neighbour, or of the larger number: the larger summed "
            "similarity decides",
        ),
    ):
        result = knn_accuracy(train.clone(), labels.clone(), at(degrees), torch.tensor([answer]), 4)
        check.that(check.number(result, "the accuracy") != 1.0, diagnosis)
        result = knn_accuracy(train.clone(), labels.clone(), at(degrees), torch.tensor([right]), 4)
        check.close(
            check.number(result, "the accuracy"),
            1.0,
            what="the accuracy where two classes have two votes each",
            hint="Ties go to the class with the larger summed similarity",
        )


### BEGIN HIDDEN TESTS
@check.promise
def ties_among_many():
    """Among many classes and even numbers of neighbours, where ties are frequent and similarities negative too."""
    import torch

    train = torch.randn(30, 3, dtype=torch.float64)
    train_labels = torch.randint(0, 6, (30,)) * 3 + 1
    test = torch.randn(80, 3, dtype=torch.float64)
    cosine = (test / test.norm(dim=1, keepdim=True)) @ (train / train.norm(dim=1, keepdim=True)).T

    def said(k):
        found = []
        for row in cosine.tolist():
            score = {}
            for alike, label in sorted(zip(row, train_labels.tolist(), strict=True))[::-1][:k]:
                votes, total = score.get(label, (0, 0.0))
                score[label] = (votes + 1, total + alike)
            found.append(max(score, key=score.get))
        return torch.tensor(found)

    for k in (2, 4, 12, 30):
        labels = said(k)
        result = knn_accuracy(train.clone(), train_labels.clone(), test.clone(), labels, k)
        check.close(
            check.number(result, "the accuracy"),
            1.0,
            what=f"the accuracy with k = {k}, where the labels are what the neighbours say",
            atol=1e-6,
            mistakes={
                "one neighbour too many votes": lambda: (said(k + 1) == labels).double().mean(),
                "one neighbour too few votes": lambda: (said(k - 1) == labels).double().mean(),
            },
            hint="Ties go to the class with the larger summed similarity, also where that is negative",
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_knn_accuracy_3", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def any_labels_and_numbers():
    """Labels with gaps, classes that are only in the test, one test picture, k = 1; the result is a float, the inputs stay."""
    import torch

    train = torch.eye(3, dtype=torch.float64)
    train_labels = torch.tensor([3, 11, 7])
    test = torch.tensor([[5.0, 1, 0], [0, 1, 9], [0, 4, 1], [1, 0, 0]], dtype=torch.float64)
    for rows, labels, expected in (
        (slice(0, 4), [3, 7, 11, 3], 1.0),
        (slice(0, 4), [3, 7, 11, 20], 0.75),
        (slice(1, 2), [7], 1.0),
        (slice(1, 2), [0], 0.0),
    ):
        given = (train, train_labels, test[rows].clone(), torch.tensor(labels))
        with check.unchanged(*given):
            result = knn_accuracy(*given, 1)
        check.close(
            check.number(result, "the accuracy"),
            expected,
            what=f"the accuracy for test labels {labels}",
            atol=1e-6,
        )


### BEGIN HIDDEN TESTS
@check.promise
def float32_and_any_device():
    """In float32, on any device, with as many neighbours as there are training pictures."""
    import torch

    for where in check.devices():
        train, test = torch.randn(9, 5, device=where), torch.randn(4, 5, device=where)
        train_labels = torch.tensor([0, 0, 0, 0, 0, 1, 1, 2, 2], device=where)
        labels = torch.tensor([0, 1, 0, 2], device=where)
        with check.unchanged(train, train_labels, test, labels):
            result = knn_accuracy(train, train_labels, test, labels, 9)
        check.close(
            check.number(result, "the accuracy"),
            0.5,
            what="the accuracy where all nine training pictures vote",
            atol=1e-6,
        )


### END HIDDEN TESTS

# %% [markdown]
# Only now do labels come in: 500 pictures to ask, and 500 others to be named.
#
# **What you should see:** ten classes, so chance is 10 %. An encoder with random weights does a little
# better than that; the trained one about twice as well as the random one or more, and it has never seen a
# label. The head's output is worth less than the encoder's.

# %%
asked = world(500, seed=3491, size=32, device=device.pick())
named = world(500, seed=3492, size=32, device=device.pick())


def features_of(network, pictures):
    with evaluating(network), torch.no_grad():
        return network(pictures.images)


networks = {
    "random encoder": untrained,
    "after SimCLR, behind the head": nn.Sequential(encoder, head),
    "after SimCLR, encoder": encoder,
}
worth = {
    name: knn_accuracy(
        features_of(network, asked), asked.labels, features_of(network, named), named.labels, 10
    )
    for name, network in networks.items()
}
plots.bars(
    {name: round(100 * share, 1) for name, share in worth.items()},
    title="Classes that nobody named in the training",
    unit="k-NN accuracy with k = 10, %",
    highlight=["after SimCLR, encoder"],
)

# %% [markdown]
# And whom does a picture find? The first of each row, framed, asks; the others answer.

# %%
features = F.normalize(features_of(encoder, named), dim=1)
chosen = torch.tensor([(named.labels == c).nonzero()[0].item() for c in (0, 3, 5)])
rows = (features[chosen] @ features.T).topk(6, dim=1).indices  # each finds itself first
plots.gallery(
    named.images[rows.flatten()],
    [CLASSES[label] for label in named.labels[rows.flatten()]],
    columns=6,
    frames=[plots.PALETTE[0] if i % 6 == 0 else None for i in range(18)],
    title="A picture and its five nearest, after training without labels",
)

# %% [markdown]
# ## 9 · In your own words: what should a representation ignore?
# ●●○○○ · 25 minutes · 10 points, graded by a person
#
# You never told the network what a thing is, only what does **not** matter. First an experiment: leave one
# augmentation out of `augment` (the crop, or the colours), or put one in (`cutout`), run the training and
# the evaluation again, and note the figures before and after. Then, in 200 to 300 words:
#
# - Explain why two views of a picture teach anything without labels: what would the network learn to look
#   at if the crop alone were used, or the colours alone? Use your experiment's loss and k-NN accuracy
#   (4 points). Is a lower loss a better network?
# - Each augmentation is a claim about the world. Name an application of computer vision in which one of
#   those above is a **false** claim, what its features would then be blind to, and what you would use in
#   its place (3 points).
# - Why does the loss need the other pictures of the batch at all? What is the simplest network that makes
#   all partners perfectly alike (1 point)?
# - The head is thrown away although it was trained with the rest. Say why, with your figures (2 points).

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# === BEGIN SOLUTION
# (What a full answer has: the loss asks which views belong together, so the network uses whatever tells
# them fastest; pieces of one picture share their colours, so with crops alone it may go by colour, and with
# colours alone by the exact layout of pixels; two figures from the experiment, and the remark that a
# lower loss can mean an easier quiz, so only the k-NN accuracy compares. A false claim such as colour for
# ripe fruit, birds or skin, mirroring for text, road signs or the side of an organ, scale for microscopy or
# tumours, with what goes blind and a fitting replacement. Without others, a constant vector is perfect.
# The head may forget colour and place for the loss, the encoder below it still has them; the k-NN accuracy
# before and after the head.)
# === END SOLUTION

# %% [markdown]
# ---
# **Before you hand in:** *Kernel → Restart Kernel and Run All Cells*. Then save the notebook, under the
# name it has.
