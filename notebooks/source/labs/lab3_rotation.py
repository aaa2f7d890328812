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
# # Lab 3 · Which way up?
#
# Somebody hands you a disk with a few thousand pictures, and of only a hundred of them says what they
# show. Labels cost time and money; pictures do not. Is there anything to be learned from the rest? In
# this lab you turn every picture on its side and on its head, and train a network to say how you turned
# it: the answer is known, because it was you who did it. Whoever can tell which way up a boat goes must
# have noticed the sail. Then you look at what the network has learned on the way, with the hundred
# labels that you have.
#
# | exercise | you write | difficulty | minutes | points |
# |---|---|---|---|---|
# | 1 | `rotate_batch` | ●●○○○ | 15 | 15 |
# | 2 | `rotation_task` | ●●○○○ | 10 | 15 |
# | 3 | `RotationNet` | ●●○○○ | 10 | 10 |
# | 4 | `pretext_step` | ●●●○○ | 20 | 15 |
# | 5 | `extract_features` | ●●●○○ | 20 | 15 |
# | 6 | `linear_probe` | ●●●○○ | 25 | 10 |
# | 7 | `upside_down` | ●●○○○ | 10 | 10 |
# | 8 | a written answer | ●●○○○ | 20 | 10 |
#
# Everything runs on a laptop without a GPU, and without a network. Stuck? Under each exercise there is
# folded help, sorted by what you see. Each exercise stands alone: one that does not work yet does not
# block the checks of the next.

# %% [markdown]
# ## The conventions of all labs
#
# - **Images** are float tensors (N, 3, H, W) in [0, 1]; **labels** are int64 (N,). **Models** take [0, 1]
#   images and return logits (N, C); the normalisation is inside. An **[encoder](../../../docs/glossary.md#encoder)** takes the same images and
#   returns [features](../../../docs/glossary.md#features) (N, D).
# - **A function returns new tensors** on the device and in the dtype of its input, detached from any
#   graph unless it is marked *differentiable*. It never writes into its inputs.
# - **It leaves the model as it found it:** the training flag of every submodule, every parameter and
#   every parameter's `.grad`. Whatever only looks at a model puts it in eval mode while it works; then
#   every submodule gets its own flag back. `with evaluating(model):` does both. A training step is the
#   exception: it is meant to change the model, runs in train mode and leaves the model there.
# - It works for **any N** (1, an odd number, a short last batch), any square H = W, on a CPU and on a GPU.
#
# The cells under each exercise check what you wrote. When you hand in, the same cells run again with
# further checks of the same promises.

# %%
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import device, models, plots
from course_utils.data.world import world
from course_utils.models import evaluating

print(device.describe())

# %% [markdown]
# Pictures, and for the moment nobody tells us what they show:

# %%
x = world(40, seed=3489, device=device.pick()).images
plots.gallery(x[:10], ["?"] * 10, columns=5, title="Ten pictures without a label")

# %% [markdown]
# ## 1 · Turning pictures
# ●●○○○ · 15 minutes · 15 points
#
# A turn by a right angle is the one rotation that costs nothing: no pixel has to be invented, they only
# change places. So nothing about a turned picture gives away that it was turned, no blurred edge and no
# black corner, nothing but **what is to be seen on it**. That is why the labels below are 0, 90, 180 and
# 270 degrees, and not every angle (Gidaris, Singh, Komodakis 2018, arXiv 1803.07728).
#
# Write `rotate_batch`. Picture $i$ is turned **counter-clockwise**, as seen, by $90\,k_i$ degrees: each has
# its own $k_i$ from 0 to 3. A turn by 90 degrees takes the top right corner to the top left, and the top
# left corner to the bottom left.

# %% [markdown]
# <details><summary><b>Help:</b> "turned clockwise"</summary>
#
# Rows count downwards in a tensor, so signs from geometry class may be the wrong way round. Try it on a
# picture of 2 x 2 pixels, and follow one corner.
# </details>
# <details><summary><b>Help:</b> "a mirror image"</summary>
#
# Swapping rows and columns (`transpose`) reflects a picture in its diagonal; `flip` reflects it as well.
# A reflection is no turn: writing comes out as in a mirror. Two of them, one after the other, are one.
# </details>
# <details><summary><b>Help:</b> "every picture is turned like the first one"</summary>
#
# Either go through the pictures one by one and put the results together with `torch.stack`, or go
# through the four values of k and treat all pictures `k == value` together.
# </details>


# %% nbgrader={"grade": false, "grade_id": "rotate_batch", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def rotate_batch(x, k):
    """Turns picture i counter-clockwise by 90 k[i] degrees, exactly: pixels change places, nothing else.

    Args: x (N, 3, H, H); k (N,) int64, each from 0 to 3.
    Returns: (N, 3, H, H).
    """
    ### BEGIN SOLUTION
    turned = x.detach().clone()
    for turns in (1, 2, 3):
        turned[k == turns] = x.detach()[k == turns].rot90(turns, dims=(2, 3))
    return turned
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_rotate_batch", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def four_turns_by_hand():
    """The picture 1 2 / 3 4, turned by 0, 90, 180 and 270 degrees: 12/34, then 24/13, 43/21 and 31/42."""
    import torch

    colours = torch.tensor([0.0, 0.3, 0.5]).view(3, 1, 1)
    by_hand = [[[1, 2], [3, 4]], [[2, 4], [1, 3]], [[4, 3], [2, 1]], [[3, 1], [4, 2]]]
    pages = (
        0.1 * torch.tensor(by_hand)[:, None] + colours
    )  # (4, 3, 2, 2): turned by 0, 90, 180 and 270 degrees
    k = torch.tensor([1, 0, 3, 2])
    x = pages[[0, 0, 0, 0]]
    turned = check.tensor(rotate_batch(x.clone(), k), like=x)
    mirrored = (
        "the turned pictures are mirror images: transposing alone, or flipping once, is no turn"
    )
    check.close(
        turned,
        pages[k],
        what="the picture turned by 90, 0, 270 and 180 degrees",
        atol=1e-6,
        mistakes={
            "the pictures are turned clockwise: counter-clockwise takes the top right corner to the top "
            "left": pages[-k % 4],
            "nothing is turned": x,
            "every picture is turned like the first one: each has its own k[i]": pages[
                [1, 1, 1, 1]
            ],
            "every picture is turned like the last one: each has its own k[i]": pages[[2, 2, 2, 2]],
            "the pictures come back sorted by k: picture i must stay at place i": pages,
            "only by 180 degrees are pictures turned": pages[[0, 0, 0, 2]],
        },
        hint=next(
            (
                mirrored
                for page in turned
                for reflection in (pages.flip(3), pages.mT)
                if bool((page == reflection).flatten(1).all(dim=1).any())
            ),
            "Follow one corner of the picture of 2 x 2 pixels",
        ),
    )


### BEGIN HIDDEN TESTS
@check.promise
def every_picture_its_own_turn():
    """Each picture is turned by its own k, and comes back at its own place, exactly."""
    import torch

    def turned(x, k):
        return torch.stack(
            [picture.rot90(int(turns), (1, 2)) for picture, turns in zip(x, k, strict=True)]
        )

    for n, size in ((12, 8), (7, 5), (5, 3)):
        x, _ = check.tiny_batch(n, size=size, seed=n)
        k = torch.tensor([3, 0, 1, 2, 1, 3, 2, 0, 0, 1, 2, 3])[:n]
        answer = check.tensor(rotate_batch(x.clone(), k.clone()), like=x)
        order = k.argsort(stable=True)
        check.close(
            answer,
            turned(x, k),
            what=f"{n} pictures, each turned by its own k",
            atol=1e-6,
            mistakes={
                "the pictures are turned clockwise: counter-clockwise takes the top right corner to the "
                "top left": turned(x, -k),
                "every picture is turned like the first one: each has its own k[i]": turned(
                    x, k[:1].expand(n)
                ),
                "every picture is turned like the last one: each has its own k[i]": turned(
                    x, k[-1:].expand(n)
                ),
                "the pictures come back sorted by k: picture i must stay at place i": turned(x, k)[
                    order
                ],
                "nothing is turned": x,
                "all are turned by 180 degrees at most: turn by 90 k[i] degrees": turned(
                    x, 2 * (k > 0)
                ),
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_rotate_batch_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def pixels_only_change_places():
    """A turned picture has the same numbers as before, bit by bit; four turns by 90 degrees are none."""
    import torch

    x, _ = check.tiny_batch(5, size=7, seed=2)
    turned = x.clone()
    for _ in range(4):
        turned = check.tensor(rotate_batch(turned, torch.ones(5, dtype=torch.int64)), like=x)
        for colour in range(3):
            check.that(
                torch.equal(
                    turned[:, colour].flatten(1).sort().values,
                    x[:, colour].flatten(1).sort().values,
                ),
                "the pixels of a turned picture are not the numbers it had before: let them change places "
                "within their colour channel, without interpolating or rounding",
            )
    check.close(turned, x, what="the picture after four turns by 90 degrees", atol=0, rtol=0)


### BEGIN HIDDEN TESTS
@check.promise
def exact_at_any_angle():
    """Also by 180 and 270 degrees, in float32, for any size: the very same numbers at their new places."""
    import torch

    for where in check.devices():
        for n, size in ((4, 6), (3, 9), (2, 32)):
            x, _ = check.tiny_batch(n, size=size, seed=n, dtype=torch.float32)
            x, k = x.to(where), (torch.arange(n, device=where) * 3 + n) % 4
            expected = torch.stack([x[i].rot90(int(k[i]), (1, 2)) for i in range(n)])
            answer = check.tensor(rotate_batch(x.clone(), k), like=x)
            check.that(
                torch.equal(
                    answer.flatten(1).sort().values.cpu(), x.flatten(1).sort().values.cpu()
                ),
                "the pixels of a turned picture are not the numbers it had before: let them change places, "
                "without interpolating or rounding",
            )
            check.close(answer, expected, what=f"pictures of {size} x {size}", atol=0, rtol=0)


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_rotate_batch_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def what_was_given_stays_as_it_was():
    """x and k stay as they were, and the result is a new tensor, also where nothing is turned."""
    import torch

    x, _ = check.tiny_batch(4, seed=3)
    for k in (torch.tensor([1, 3, 2, 0]), torch.zeros(4, dtype=torch.int64)):
        with check.unchanged(x, k):
            turned = check.tensor(rotate_batch(x, k), like=x)
        check.that(turned is not x, "the result is x itself: return a new tensor (`x.clone()`)")
        ways = [
            torch.stack([x[i].rot90(int(way * k[i]), (1, 2)) for i in range(4)]) for way in (1, -1)
        ]
        check.close(
            turned, min(ways, key=lambda way: (way - turned).abs().sum()), what="the turned picture"
        )


### BEGIN HIDDEN TESTS
@check.promise
def any_number_of_pictures():
    """One picture, or many that are all turned alike, in float32 and float64, on any device."""
    import torch

    for where in check.devices():
        for n, turns, dtype in (
            (1, 1, torch.float32),
            (1, 3, torch.float64),
            (3, 2, torch.float32),
            (3, 0, torch.float32),
        ):
            x, _ = check.tiny_batch(n, size=6, seed=turns, dtype=dtype)
            x, k = x.to(where), torch.full((n,), turns, device=where)
            with check.unchanged(x, k):
                turned = check.tensor(rotate_batch(x, k), like=x)
            ways = [x.rot90(way * turns, (2, 3)) for way in (1, -1)]
            check.close(
                turned,
                min(ways, key=lambda way: (way - turned).abs().sum()),
                what=f"{n} pictures with k = {turns}",
            )


### END HIDDEN TESTS

# %% [markdown]
# **What you should see:** each picture four times, and each turned a quarter further to the left than the
# one before it.

# %%
four = x[:3].repeat_interleave(4, dim=0)  # (12, 3, H, W): each picture four times
turns = torch.arange(4, device=x.device).repeat(3)
plots.gallery(
    rotate_batch(four, turns),
    [f"{90 * k}°" for k in turns.tolist()],
    columns=4,
    title="Three pictures, turned counter-clockwise by hand",
)

# %% [markdown]
# ## 2 · Labels for nothing
# ●●○○○ · 10 minutes · 15 points
#
# Now make a classification task of it, with four classes. From N pictures come 4N: first all of them
# as they are, then all of them turned by 90 degrees, by 180, by 270; and 4N labels that say so:
#
# $$ \big(\,x_1 \dots x_N,\; R_{90}x_1 \dots R_{90}x_N,\; R_{180}x_1 \dots,\; R_{270}x_1 \dots\big) \qquad
#    \big(\,0 \dots 0,\; 1 \dots 1,\; 2 \dots 2,\; 3 \dots 3\big) $$
#
# Every picture is there in all four positions, so no position is more frequent than another, and a
# network that does not look at the picture is right one time in four.

# %% [markdown]
# <details><summary><b>Help:</b> "picture by picture"</summary>
#
# Two orders are natural: all pictures with k = 0, then all with k = 1 …; or the first picture four times,
# then the second four times. Here it is the first. `torch.cat` puts batches behind each other.
# </details>
# <details><summary><b>Help:</b> "labels must have dtype torch.int64"</summary>
#
# `F.cross_entropy` takes class numbers in int64 only. `torch.arange` and `torch.full` of whole numbers
# make them; so does `.long()`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "rotation_task", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def rotation_task(x):
    """Every picture in all four positions, and in which of them it is.

    Args: x (N, 3, H, H).
    Returns: (images (4N, 3, H, H): all at k = 0, then all at k = 1, k = 2, k = 3; labels k (4N,) int64).
    """
    ### BEGIN SOLUTION
    labels = torch.arange(4, device=x.device).repeat_interleave(len(x))
    return rotate_batch(x.repeat(4, 1, 1, 1), labels), labels
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_rotation_task", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def labels_in_four_blocks():
    """From 3 pictures 12 labels in int64: 0 0 0 1 1 1 2 2 2 3 3 3; and the first 3 of 12 images are the pictures."""
    import torch

    x, _ = check.tiny_batch(3)
    images, labels = check.tuple_of(rotation_task(x.clone()), ("images", "labels"))
    check.tensor(labels, shape=(12,), dtype=torch.int64, what="labels")
    check.close(
        labels,
        torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]),
        what="the labels",
        mistakes={
            "the labels go picture by picture (0 1 2 3 0 1 2 3 …): all zeros come first, then all ones": torch.tensor(
                [0, 1, 2, 3] * 3
            ),
            "the labels count from 1: k goes from 0 to 3": torch.tensor(
                [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]
            ),
            "the labels are in degrees: they are k = 0, 1, 2, 3": torch.tensor(
                [0, 0, 0, 90, 90, 90, 180, 180, 180, 270, 270, 270]
            ),
            "the labels are all alike": torch.zeros(12),
        },
    )
    check.tensor(images, shape=(12, 3, 8, 8), dtype=x.dtype, what="images")
    check.close(
        images[:3],
        x,
        what="the first block of images (k = 0)",
        mistakes={
            "the images go picture by picture: all pictures at k = 0 come first, then all at k = 1": lambda: (
                torch.stack([x[0].rot90(k, (1, 2)) for k in (0, 1, 2)])
            ),
            "the images go picture by picture (and turned clockwise): all at k = 0 come first": lambda: (
                torch.stack([x[0].rot90(-k, (1, 2)) for k in (0, 1, 2)])
            ),
            "the first picture comes three times: all pictures at k = 0 come first, then all at k = 1": x[
                :1
            ].expand(3, 3, 8, 8),
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def blocks_of_any_length():
    """For any N: N labels of each k in four blocks; in each block the pictures in their order, in some position."""
    import torch

    for n, size in ((1, 8), (6, 5), (11, 4)):
        x, _ = check.tiny_batch(n, size=size, seed=n)
        images, labels = check.tuple_of(rotation_task(x.clone()), ("images", "labels"))
        check.tensor(labels, shape=(4 * n,), dtype=torch.int64, what="labels")
        check.close(
            labels,
            torch.tensor([k for k in range(4) for _ in range(n)]),
            what=f"the labels for N = {n}",
            mistakes={
                "the labels go picture by picture (0 1 2 3 0 1 2 3 …): all zeros come first, then all "
                "ones": torch.tensor([0, 1, 2, 3] * n),
            },
        )
        check.tensor(images, shape=(4 * n, 3, size, size), dtype=x.dtype, what="images")
        check.close(images[:n], x, what="the first block of images (k = 0)")
        for k in (1, 2, 3):
            block = images[k * n : (k + 1) * n]
            check.that(
                not torch.equal(block, x),
                f"block {k} holds the pictures as they are: nothing is turned there",
            )
            positions = [x.rot90(turns, (2, 3)) for turns in range(4)]
            positions += [position.flip(3) for position in positions]
            same = torch.stack(
                [(block == position).flatten(1).all(dim=1) for position in positions]
            )
            check.that(
                bool(same.any(dim=0).all()),
                f"block {k} does not hold the pictures in their order: image k N + i is picture i, turned by "
                "90 k degrees",
            )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_rotation_task_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_label_says_how_it_is_turned():
    """The picture 1 2 / 3 4 comes as 12/34 with label 0, 24/13 with 1, 43/21 with 2 and 31/42 with 3."""
    import torch

    by_hand = [[[1, 2], [3, 4]], [[2, 4], [1, 3]], [[4, 3], [2, 1]], [[3, 1], [4, 2]]]
    pages = 0.1 * torch.tensor(by_hand)[:, None] + torch.tensor([0.0, 0.3, 0.5]).view(3, 1, 1)
    images, labels = check.tuple_of(rotation_task(pages[:1].clone()), ("images", "labels"))
    images = check.tensor(images, like=pages, what="images")
    labels = check.tensor(labels, shape=(4,), what="labels").long()
    wrong = [k for k in labels.unique().tolist() if not 0 <= k < 4]
    check.that(not wrong, f"the labels hold {wrong}: they are k = 0, 1, 2, 3")
    check.close(
        images,
        pages[labels],
        what="the four positions",
        mistakes={
            "the pictures are turned clockwise: k = 1 is a quarter counter-clockwise": pages[
                -labels % 4
            ],
            "nothing is turned": pages[[0, 0, 0, 0]],
            "the positions are mirror images: transposing or flipping once is no turn": pages.mT,
            "the turns add up: each block is turned from x, not from the block before": pages[
                [0, 1, 3, 2]
            ],
        },
        hint="Block k holds the pictures turned counter-clockwise by 90 k degrees",
    )


### BEGIN HIDDEN TESTS
@check.promise
def all_positions_of_every_picture():
    """Image k N + i is picture i turned counter-clockwise by 90 k degrees, exactly, whatever N and H."""
    import torch

    for n, size in ((5, 8), (2, 7)):
        x, _ = check.tiny_batch(n, size=size, seed=n)
        images, _ = check.tuple_of(rotation_task(x.clone()), ("images", "labels"))
        check.tensor(images, shape=(4 * n, 3, size, size), dtype=x.dtype, what="images")

        def task(turns, x=x):
            return torch.cat([x.rot90(k, (2, 3)) for k in turns])

        check.close(
            images,
            task(range(4)),
            what="the images",
            atol=0,
            rtol=0,
            mistakes={
                "the pictures are turned clockwise: k = 1 is a quarter counter-clockwise": task(
                    (0, 3, 2, 1)
                ),
                "the turns add up: each block is turned from x, not from the block before": task(
                    (0, 1, 3, 2)
                ),
                "nothing is turned": task((0, 0, 0, 0)),
                "the images go picture by picture: all pictures at k = 0 come first, then all at "
                "k = 1": task(range(4)).unflatten(0, (4, n)).transpose(0, 1).flatten(0, 1),
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_rotation_task_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_pictures_stay_as_they_were():
    """x stays as it was, float32 stays float32, and images and labels are on the device of x."""
    import torch

    for where in check.devices():
        x, _ = check.tiny_batch(3, dtype=torch.float32)
        x = x.to(where)
        with check.unchanged(x):
            images, labels = check.tuple_of(rotation_task(x), ("images", "labels"))
        check.tensor(images, like=x, shape=(12, 3, 8, 8), what="images")
        check.tensor(labels, like=x, shape=(12,), dtype=torch.int64, what="labels")


### BEGIN HIDDEN TESTS
@check.promise
def the_same_task_every_time():
    """No chance is in it: the same pictures give the same task, and that of some pictures is part of that of all."""
    import torch

    x, _ = check.tiny_batch(5, size=9, seed=4)
    with check.unchanged(x):
        images, labels = check.tuple_of(rotation_task(x), ("images", "labels"))
        again, more = check.tuple_of(rotation_task(x[:2].clone()), ("images", "labels"))
    images = check.tensor(images, shape=(20, 3, 9, 9), what="images")
    labels = check.tensor(labels, shape=(20,), dtype=torch.int64, what="labels")
    again = check.tensor(again, shape=(8, 3, 9, 9), what="images")
    more = check.tensor(more, shape=(8,), dtype=torch.int64, what="labels")
    first_two = torch.tensor([0, 1, 5, 6, 10, 11, 15, 16])
    check.close(again, images[first_two], what="the images of the first two pictures", atol=0)
    check.close(more, labels[first_two], what="the labels of the first two pictures")


### END HIDDEN TESTS

# %% [markdown]
# The game that the network will play. Can you do it? Cover the captions.

# %%
images, labels = rotation_task(x)
torch.manual_seed(3)
drawn = torch.randperm(len(images))[:10].to(x.device)
plots.gallery(
    images[drawn],
    [f"label {k}: {90 * k}°" for k in labels[drawn].tolist()],
    columns=5,
    title="Pictures that label themselves",
)

# %% [markdown]
# ## 3 · An encoder with a question on top
# ●●○○○ · 10 minutes · 10 points
#
# What answers the question has two parts. The **encoder** turns a picture into D features; the **[head](../../../docs/glossary.md#head)**
# turns the features into four logits. Only the encoder will be used later; the head is thrown away when
# the game is over. So the network must not work with a copy of the encoder: whoever handed it over wants
# to find it trained.
#
# Write `RotationNet`. Its `self.encoder` is the very encoder that it was given, its head one linear layer
# of `feature_dim` inputs, and `forward` returns logits (N, 4): no [softmax](../../../docs/glossary.md#softmax), which the loss brings along.

# %% [markdown]
# <details><summary><b>Help:</b> "cannot assign module before Module.__init__() call"</summary>
#
# `super().__init__()` comes first: it makes the tables into which layers are entered.
# </details>
# <details><summary><b>Help:</b> "the head has no parameters" or "the head is made anew"</summary>
#
# A layer that is made inside `forward` forgets everything at once, and no optimizer ever hears of it.
# Layers are made in `__init__` and kept as attributes of `self`.
# </details>
# <details><summary><b>Help:</b> "the encoder gets no gradient"</summary>
#
# `.detach()` or `torch.no_grad()` between encoder and head would let the head learn and leave the encoder
# as it is. Here it is the encoder that we want.
# </details>


# %% nbgrader={"grade": false, "grade_id": "RotationNet", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
class RotationNet(nn.Module):
    """An encoder, images (N, 3, H, W) -> features (N, feature_dim), with a head that gives logits (N, 4).

    Args: encoder, kept as self.encoder (itself, not a copy); feature_dim, an int.
    """

    def __init__(self, encoder, feature_dim):
        super().__init__()
        ### BEGIN SOLUTION
        self.encoder = encoder
        self.head = nn.Linear(feature_dim, 4)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.head(self.encoder(x))
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_RotationNet", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def four_logits_a_picture():
    """Encoders of 5 and of 9 features, batches of 6 pictures and of 1: logits (N, 4), of either sign."""
    import torch
    from torch import nn

    for feature_dim, n in ((5, 6), (9, 1), (9, 40)):
        encoder = check.tiny_classifier(feature_dim, seed=feature_dim, dtype=torch.float32)
        net = RotationNet(encoder, feature_dim)
        check.that(
            isinstance(net, nn.Module),
            f"RotationNet(…) must be an nn.Module, got {type(net).__name__}",
        )
        net.eval()
        x, _ = check.tiny_batch(n, seed=n, dtype=torch.float32)
        logits = net(x)
        logits = check.tensor(logits, shape=(n, 4), what="the answer", differentiable=True).detach()
        check.that(
            not torch.allclose(logits.sum(dim=1), torch.ones(n), atol=1e-4)
            or bool((logits < 0).any()),
            "the answers are probabilities (softmax): return the logits, the cross-entropy does the rest",
        )
        check.that(
            n < 40 or bool((logits < 0).any()),
            "no logit is ever below 0: the head ends with its linear layer, without an activation",
        )


### BEGIN HIDDEN TESTS
@check.promise
def the_head_is_kept():
    """The same picture gets the same answer every time; the head has parameters, and the answer follows them."""
    import torch
    from torch import nn

    encoder = check.tiny_classifier(7, seed=1, dtype=torch.float32)
    net = RotationNet(encoder, 7)
    check.that(
        isinstance(net, nn.Module),
        f"RotationNet(…) must be an nn.Module, got {type(net).__name__}",
    )
    net.eval()
    x, _ = check.tiny_batch(5, size=9, dtype=torch.float32)
    first = check.tensor(net(x), shape=(5, 4), what="the answer", differentiable=True)
    again = check.tensor(net(x), shape=(5, 4), what="the answer", differentiable=True)
    check.close(
        again,
        first.detach(),
        what="the answer to the same pictures a second time",
        hint="Is the head made anew in each forward pass? Make it in __init__",
    )
    alone = check.tensor(net(x[2:3]), shape=(1, 4), what="the answer", differentiable=True)
    check.close(alone, first[2:3].detach(), what="the logits of a picture by itself")
    own = [p for p in net.parameters() if all(p is not other for other in encoder.parameters())]
    check.that(
        bool(own),
        "the head has no parameters that an optimizer could find: keep its layer as an attribute of self",
    )
    slopes = torch.autograd.grad(first.square().sum(), own, allow_unused=True)
    check.that(
        any(slope is not None and bool(slope.abs().sum() > 0) for slope in slopes),
        "the parameters of the head play no part in the logits",
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_RotationNet_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_encoder_that_was_given():
    """net.encoder is the encoder itself; its weights are among the parameters, get gradients, decide the logits."""
    import torch
    from torch import nn

    encoder = check.tiny_classifier(6, seed=2, dtype=torch.float32)
    x, _ = check.tiny_batch(5, dtype=torch.float32)
    with check.unchanged(encoder):
        net = RotationNet(encoder, 6)
    check.that(
        isinstance(net, nn.Module),
        f"RotationNet(…) must be an nn.Module, got {type(net).__name__}",
    )
    own = getattr(net, "encoder", None)
    check.that(own is not None, "the network has no part called `encoder`: keep it as self.encoder")
    check.that(
        own is encoder,
        "net.encoder is a copy, or another thing than the encoder that was given: keep the encoder itself",
    )
    found = {id(parameter) for parameter in net.parameters()}
    check.that(
        all(id(parameter) in found for parameter in encoder.parameters()),
        "the encoder's weights are not among net.parameters(): keep it as self.encoder, not in a list",
    )
    with torch.no_grad():  # whatever a head begins with, it has weights now
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    net.eval()
    logits = check.tensor(net(x), shape=(5, 4), what="the answer", differentiable=True)
    check.that(
        logits.requires_grad,
        "the encoder gets no gradient: no detach() and no torch.no_grad() in forward",
    )
    slopes = torch.autograd.grad(logits.square().sum(), [*encoder.parameters()], allow_unused=True)
    check.that(
        all(slope is not None and bool(slope.abs().sum() > 0) for slope in slopes),
        "the encoder gets no gradient: no detach() and no torch.no_grad() between encoder and head",
    )


### BEGIN HIDDEN TESTS
@check.promise
def what_is_learned_is_learned_by_the_encoder():
    """The logits follow the encoder's weights as they are now; flags reach the encoder, and stay as they are set."""
    import torch
    from torch import nn

    encoder = check.tiny_classifier(6, fragile=True, seed=3, dtype=torch.float32)
    encoder.drop.p = 0.0  # what is dropped at random can't be compared
    x, _ = check.tiny_batch(5, dtype=torch.float32)
    encoder.train()
    with check.unchanged(encoder):
        net = RotationNet(encoder, 6)
    check.that(
        isinstance(net, nn.Module),
        f"RotationNet(…) must be an nn.Module, got {type(net).__name__}",
    )
    check.that(
        getattr(net, "encoder", None) is encoder,
        "net.encoder is not the encoder that was given: keep the encoder itself, not a copy",
    )
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    net.eval()
    check.that(not encoder.norm.training, "net.eval() does not reach the encoder")
    with check.unchanged(net):
        before = check.tensor(net(x), shape=(5, 4), what="the answer", differentiable=True)
    with torch.no_grad():
        encoder.conv.weight.mul_(-1)
    after = check.tensor(net(x), shape=(5, 4), what="the answer", differentiable=True)
    check.that(
        not torch.allclose(before, after, atol=1e-4),
        "the logits do not change when the encoder's weights do: forward must use self.encoder",
    )
    net.train()
    mean = encoder.norm.running_mean.clone()
    with check.changing(net):
        net(x)
    check.that(
        all(part.training for part in encoder.modules()),
        "forward switches the encoder to eval mode: leave the flags to whoever calls it",
    )
    check.that(
        not torch.equal(encoder.norm.running_mean, mean),
        "in train mode the encoder works in eval mode all the same: leave the flags to whoever calls it",
    )


### END HIDDEN TESTS

# %%
torch.manual_seed(0)
small = models.Encoder(width=8).to(device.pick())
net = RotationNet(small, small.feature_dim).to(device.pick())
parts = {name: sum(p.numel() for p in part.parameters()) for name, part in net.named_children()}
print("weights by part:", parts)
print("logits of two pictures, before anything is learned:", net(x[:2]).detach().cpu())

# %% [markdown]
# ## 4 · A step of the pretext task
# ●●●○○ · 20 minutes · 15 points
#
# One training step: take a batch of pictures, make the [rotation task](../../../docs/glossary.md#rotation-prediction) of it, and go one step of the
# optimizer down the **mean** [cross-entropy](../../../docs/glossary.md#cross-entropy) over all 4N turned pictures,
#
# $$ \frac{1}{4N} \sum_{i=1}^{N} \sum_{k=0}^{3} \mathrm{CE}\big(f(R_k x_i),\, k\big). $$
#
# Write `pretext_step`. It returns the loss and the accuracy of the step, two floats: the fraction of the
# 4N turned pictures that the network got right, **as it was before the step**. It works in train mode and
# leaves the model there.

# %% [markdown]
# <details><summary><b>Help:</b> "gradients from before the step are part of it"</summary>
#
# `loss.backward()` *adds* to what is in every `.grad`. `optimizer.zero_grad()` empties them first.
# </details>
# <details><summary><b>Help:</b> "the optimiser made no step"</summary>
#
# Three calls belong together: `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`, in this
# order. A `zero_grad()` between the other two throws away what was just computed.
# </details>
# <details><summary><b>Help:</b> "must be a Python float, got a tensor"</summary>
#
# `.item()` makes a number of a tensor that holds one. A loss that is kept as a tensor keeps the whole
# graph of its step in memory.
# </details>


# %% nbgrader={"grade": false, "grade_id": "pretext_step", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def pretext_step(model, optimizer, x):
    """One step of the optimizer on the rotation task of x, in train mode.

    Args: model, images -> logits (N, 4); optimizer over its parameters; x (N, 3, H, H) in [0, 1].
    Returns: (mean cross-entropy, accuracy) over all 4N pictures, before the step, as floats.
    """
    ### BEGIN SOLUTION
    images, labels = rotation_task(x)
    model.train()
    logits = model(images)
    loss = F.cross_entropy(logits, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), (logits.argmax(dim=1) == labels).float().mean().item()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_pretext_step", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def one_step_on_all_four_rotations():
    """Plain gradient descent: the step, the loss and the accuracy are those of all 4N turned pictures."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    def task(turns):
        images = torch.cat([x.rot90(k, (2, 3)) for k in turns])
        return images, torch.tensor([k for k in turns for _ in x])

    def loss_of(model, turns=(0, 1, 2, 3), labels=None, reduction="mean"):
        images, right = task(turns)
        return cross_entropy(
            model(images), right if labels is None else labels, reduction=reduction
        )

    def slope(model, *given, **more):
        found = torch.autograd.grad(loss_of(model, *given, **more), [*model.parameters()])
        return torch.cat([part.flatten() for part in found])

    def weights(model):
        return torch.cat([part.detach().flatten() for part in model.parameters()])

    def accuracy(model, turns=(0, 1, 2, 3)):
        images, right = task(turns)
        return float((model(images).argmax(dim=1) == right).double().mean())

    def several_steps(batches):
        other = copy.deepcopy(twin)
        own = torch.optim.SGD(other.parameters(), lr=0.01)
        for turns in batches:
            own.zero_grad()
            loss_of(other, turns).backward()
            own.step()
        return weights(twin) - weights(other)

    model, (x, _) = check.tiny_classifier(seed=3), check.tiny_batch(6, seed=3)
    with torch.no_grad():  # no answer shall be the likeliest for all pictures
        model.head.bias.sub_(model(task(range(4))[0]).mean(dim=0) / 10)
    model.train()
    twin = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with check.changing(model, optimizer):
        answer = pretext_step(model, optimizer, x.clone())
    loss, right = check.tuple_of(answer, ("loss", "accuracy"))
    g = slope(twin)
    shuffled = torch.arange(4).repeat(len(x))
    check.close(
        weights(twin) - weights(model),
        0.01 * g,
        what="the change of the weights",
        atol=1e-9,
        mistakes={
            "the optimiser made no step: zero_grad(), backward(), then step()": 0 * g,
            "only the pictures as they are take part: train on all four rotations": lambda: (
                0.01 * slope(twin, (0,))
            ),
            "the pictures as they are take no part: train on all four rotations": lambda: (
                0.01 * slope(twin, (1, 2, 3))
            ),
            "only one rotation takes part, 90 degrees": lambda: 0.01 * slope(twin, (1,)),
            "only one rotation takes part, 180 degrees": lambda: 0.01 * slope(twin, (2,)),
            "only one rotation takes part, 270 degrees: is the loss overwritten in a loop?": lambda: (
                0.01 * slope(twin, (3,))
            ),
            "the labels do not belong to the pictures: is one in blocks and the other picture by picture?": lambda: (
                0.01 * slope(twin, labels=shuffled)
            ),
            "the pictures are turned clockwise, the labels count the other way": lambda: (
                0.01 * slope(twin, labels=torch.tensor([k for k in (0, 3, 2, 1) for _ in x]))
            ),
            "all labels are 0: the label is k": lambda: (
                0.01 * slope(twin, labels=torch.zeros(4 * len(x), dtype=torch.int64))
            ),
            "the step is that of the sum of the four rotations' losses: use the mean over all 4N": 0.04
            * g,
            "the step is that of the summed loss: use the mean cross-entropy": 0.01
            * slope(twin, reduction="sum"),
            "the step goes up the loss": -0.01 * g,
            "the step is made twice": lambda: several_steps([(0, 1, 2, 3)] * 2),
            "a step is made for each rotation: one step on all four": lambda: several_steps(
                [(0,), (1,), (2,), (3,)]
            ),
        },
    )
    check.close(
        check.number(loss, "the loss"),
        loss_of(twin).item(),
        what="the loss",
        mistakes={
            "that is the loss after the step: return the one that the step was made on": loss_of(
                model
            ).item(),
            "that is the sum of the four rotations' losses: return the mean over all 4N": 4
            * loss_of(twin).item(),
            "that is the summed loss: return the mean": loss_of(twin, reduction="sum").item(),
            "that is the accuracy: return (loss, accuracy), in this order": accuracy(twin),
            "that is the loss of the pictures as they are, without the turned ones": loss_of(
                twin, (0,)
            ).item(),
        },
    )
    check.close(
        check.number(right, "the accuracy"),
        accuracy(twin),
        what="the accuracy",
        mistakes={
            "the accuracy is in percent: return the fraction": 100 * accuracy(twin),
            "that is the number of pictures that are right: divide by 4N": 24 * accuracy(twin),
            "the number of pictures that are right is divided by N: there are 4N of them": 4
            * accuracy(twin),
            "that is the error rate: return the accuracy": 1 - accuracy(twin),
            "that is the accuracy after the step: return that of the logits the step was made on": accuracy(
                model
            ),
            "that is the accuracy on the pictures as they are, without the turned ones": accuracy(
                twin, (0,)
            ),
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def step_after_step_as_the_optimizer_makes_them():
    """With momentum, weight decay or Adam, over several steps and batches: loss, accuracy and weights."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    for make in (
        lambda parts: torch.optim.SGD(parts, lr=0.02, momentum=0.9, weight_decay=0.01),
        lambda parts: torch.optim.Adam(parts, lr=0.01),
    ):
        model = check.tiny_classifier(seed=4).train()
        twin = copy.deepcopy(model)
        optimizer, other = make(model.parameters()), make(twin.parameters())
        for number, n in enumerate((4, 1, 5)):
            x, _ = check.tiny_batch(n, size=8 + number, seed=number)
            with check.changing(model, optimizer):
                answer = pretext_step(model, optimizer, x.clone())
            loss, right = check.tuple_of(answer, ("loss", "accuracy"))
            images = torch.cat([x.rot90(k, (2, 3)) for k in range(4)])
            labels = torch.tensor([k for k in range(4) for _ in x])
            logits = twin(images)
            expected = cross_entropy(logits, labels)
            other.zero_grad()
            expected.backward()
            other.step()
            check.close(
                check.number(loss, "the loss"),
                expected.item(),
                what=f"the loss of step {number + 1}",
            )
            check.close(
                check.number(right, "the accuracy"),
                float((logits.argmax(dim=1) == labels).double().mean()),
                what=f"the accuracy of step {number + 1}",
            )
        for (name, one), two in zip(model.named_parameters(), twin.parameters(), strict=True):
            check.close(one, two, what=f"the parameter {name} after three steps", atol=1e-7)


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_pretext_step_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def in_train_mode_which_stays_on():
    """A model with BatchNorm that came in eval mode: the step is made in train mode, and train mode stays on."""
    import torch

    model, (x, _) = check.tiny_classifier(fragile=True), check.tiny_batch(6)
    model.drop.p = 0.0  # what is dropped at random can't be compared
    mean = model.norm.running_mean.clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with check.changing(model, optimizer):
        answer = pretext_step(model, optimizer, x.clone())
    check.tuple_of(answer, ("loss", "accuracy"))
    check.that(
        not torch.equal(model.norm.running_mean, mean),
        "BatchNorm has noted nothing: the step must be made in train mode, call model.train() before it",
    )
    check.that(
        all(part.training for part in model.modules()),
        "the model is left in eval mode: a training step leaves it in train mode",
    )


### BEGIN HIDDEN TESTS
@check.promise
def the_loss_is_that_of_train_mode():
    """The loss and the step are those of a model in train mode, whatever mode it came in, in float32, on any device."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    for where in check.devices():
        for training in (False, True):
            model = check.tiny_classifier(fragile=True, dtype=torch.float32).to(where)
            model.drop.p = 0.0
            x, _ = check.tiny_batch(5, seed=3, dtype=torch.float32)
            x = x.to(where)
            blocks = [x.rot90(k, (2, 3)) for k in range(4)]
            with torch.no_grad():  # no answer shall be the likeliest for all pictures
                model.head.bias.sub_(model(torch.cat(blocks)).mean(dim=0) / 10)
            labels = torch.arange(4, device=where).repeat_interleave(5)
            twins = [copy.deepcopy(model).train() for _ in range(2)]
            # the four blocks in one forward pass, and in four: BatchNorm tells them apart, the task does not;
            # turned this way or that: what this check is about is the mode
            logits = [twins[0](torch.cat(blocks)), torch.cat([twins[1](part) for part in blocks])]
            ways = [(one, way) for one in logits for way in (labels, -labels % 4)]
            losses = [cross_entropy(*way).item() for way in ways]
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
            model.train(training)
            with check.changing(model, optimizer):
                answer = pretext_step(model, optimizer, x.clone())
            loss, right = check.tuple_of(answer, ("loss", "accuracy"))
            loss = check.number(loss, "the loss")
            own = min(range(4), key=lambda way: abs(loss - losses[way]))
            logits, labels = ways[own]
            with torch.no_grad():
                in_eval = twins[0].eval()(torch.cat(blocks)).argmax(dim=1)
            check.close(
                loss,
                losses[own],
                what="the loss in train mode",
                atol=1e-4,
                hint="Is the forward pass made in train mode?",
            )
            check.close(
                check.number(right, "the accuracy"),
                float((logits.argmax(dim=1) == labels).double().mean()),
                what="the accuracy in train mode",
                mistakes={
                    "that is the accuracy in eval mode, from another forward pass: take it from the logits "
                    "that the step was made on": float((in_eval == labels).double().mean())
                },
            )
            check.that(
                all(part.training for part in model.modules()),
                "the model is left in eval mode: a training step leaves it in train mode",
            )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_pretext_step_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def no_gradient_is_left_over():
    """Gradients from before play no part in the step, and x stays as it was."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    model, (x, _) = check.tiny_classifier(seed=5), check.tiny_batch(4, seed=5)
    model.train()
    twin = copy.deepcopy(model)
    images = torch.cat([x.rot90(k, (2, 3)) for k in range(4)])
    labels = torch.tensor([k for k in range(4) for _ in x])
    parameters = [*twin.parameters()]
    slopes = [  # turned this way or that: what this check is about is what comes before
        torch.autograd.grad(cross_entropy(twin(images), way), parameters)
        for way in (labels, -labels % 4)
    ]
    left = torch.autograd.grad(3 * twin(x.flip(3)).square().mean(), parameters)
    for parameter, gradient in zip(model.parameters(), left, strict=True):
        parameter.grad = gradient.clone()  # as if somebody had stopped in the middle of a step
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with check.changing(model, optimizer), check.unchanged(x):
        answer = pretext_step(model, optimizer, x)
    check.tuple_of(answer, ("loss", "accuracy"))
    *slopes, left = (torch.cat([part.flatten() for part in parts]) for parts in (*slopes, left))
    moved = torch.cat(
        [
            (old - new).detach().flatten()
            for old, new in zip(parameters, model.parameters(), strict=True)
        ]
    )
    own = min(slopes, key=lambda g: min((moved - 0.01 * (g + more)).norm() for more in (0, left)))
    check.close(
        moved,
        0.01 * own,
        what="the change of the weights",
        atol=1e-9,
        mistakes={
            "gradients from before the step are part of it: call optimizer.zero_grad() before backward()": 0.01
            * (own + left),
            "the optimiser made no step: is zero_grad() called between backward() and step()?": 0
            * own,
        },
        hint="Are gradients from before part of the step?",
    )


### BEGIN HIDDEN TESTS
@check.promise
def nothing_of_one_step_is_left_in_the_next():
    """Three steps, one after the other: each is that of its own batch alone."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    model = check.tiny_classifier(seed=6).train()
    twins = [copy.deepcopy(model) for _ in range(2)]  # turned this way and that
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for number in range(3):
        x, _ = check.tiny_batch(3, seed=number)
        with check.changing(model, optimizer), check.unchanged(x):
            answer = pretext_step(model, optimizer, x)
        check.tuple_of(answer, ("loss", "accuracy"))
        images = torch.cat([x.rot90(k, (2, 3)) for k in range(4)])
        labels = torch.tensor([k for k in range(4) for _ in x])
        for twin, way in zip(twins, (labels, -labels % 4), strict=True):
            found = torch.autograd.grad(cross_entropy(twin(images), way), [*twin.parameters()])
            with torch.no_grad():
                for parameter, gradient in zip(twin.parameters(), found, strict=True):
                    parameter.sub_(0.01 * gradient)
    after, *ways = (
        torch.cat([part.detach().flatten() for part in one.parameters()]) for one in (model, *twins)
    )
    check.close(
        after,
        min(ways, key=lambda way: (after - way).norm()),
        what="the weights after three steps",
        atol=1e-8,
        hint="Are gradients of the step before left over?",
    )


### END HIDDEN TESTS

# %% [markdown]
# Let it play, with small pictures and a small encoder, for a few seconds. The last line is about turned
# pictures that it has never seen.
#
# **What you should see:** the loss begins near ln 4 = 1.39, that of a network which knows nothing, and
# falls; the accuracy leaves chance, 25 %, far behind, and on unseen pictures too.

# %%
unlabelled = world(1200, seed=3490, size=24, device=device.pick())
unseen, positions = rotation_task(world(100, seed=3491, size=24, device=device.pick()).images)
optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3)
generator = torch.Generator().manual_seed(0)
for epoch in range(4):
    steps = [
        pretext_step(net, optimizer, images)
        for images, _ in unlabelled.batches(50, shuffle=True, generator=generator)
    ]
    loss, accuracy = torch.tensor(steps).mean(dim=0).tolist()
    print(f"epoch {epoch + 1}: loss {loss:.2f}, accuracy {accuracy:.0%}")
with evaluating(net), torch.no_grad():
    print(f"on unseen pictures: {(net(unseen).argmax(dim=1) == positions).float().mean():.0%}")

# %% [markdown]
# ## 5 · What has the encoder learned? Features of labelled pictures
# ●●●○○ · 20 minutes · 15 points
#
# The game is over: the head goes into the bin, and the encoder that remains makes D numbers of each
# picture. Those are worth computing once and keeping, for the labelled pictures that you have.
#
# `batches` is anything that one can loop over *once* and gives pairs (x, y). Write `extract_features`. It
# returns the features of all pictures and their labels, (N, D) and (N,), **in the order in which they
# came**. It only looks at the encoder: eval mode meanwhile, every flag back afterwards, and no graph on
# what it returns.

# %% [markdown]
# <details><summary><b>Help:</b> "still carries a graph"</summary>
#
# Nobody trains here. Under `with torch.no_grad():` torch does not note how the features came about, which
# saves time and a great deal of memory.
# </details>
# <details><summary><b>Help:</b> "The layer … was in eval mode before the call and is in train mode after it"</summary>
#
# `encoder.train()` at the end switches *every* layer to train mode, also those that somebody had frozen.
# `with evaluating(encoder):` gives each its own flag back.
# </details>
# <details><summary><b>Help:</b> putting batches together</summary>
#
# Collect the batches' features in a list and the labels in another, and put each together once, after the
# loop, with `torch.cat`. The last batch may be shorter than the others.
# </details>


# %% nbgrader={"grade": false, "grade_id": "extract_features", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def extract_features(encoder, batches):
    """The encoder's features of all pictures and their labels, in the order in which they come.

    Args: encoder, images (N, 3, H, W) -> (N, D), used in eval mode; batches: iterable of (x, y).
    Returns: (features (N, D), detached; labels (N,) int64).
    """
    ### BEGIN SOLUTION
    features, labels = [], []
    with evaluating(encoder), torch.no_grad():
        for x, y in batches:
            features.append(encoder(x))
            labels.append(y)
    return torch.cat(features), torch.cat(labels)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_extract_features", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def features_and_labels_in_their_order():
    """Batches of 5, 5 and 1 pictures: the features of all 11, and their labels, in their order."""
    import torch

    encoder = check.tiny_classifier(6, seed=1)
    x, y = check.tiny_batch(11, num_classes=10, seed=1)
    with torch.no_grad():
        expected = encoder(x)
    batches = [(x[:5], y[:5]), (x[5:10], y[5:10]), (x[10:], y[10:])]
    answer = extract_features(encoder, [(a.clone(), b.clone()) for a, b in batches])
    features, labels = check.tuple_of(answer, ("features", "labels"))
    for found, those_of in (
        (features, "of the last batch only: put the batches together with torch.cat"),
        (labels, "of the last batch only: put the batches together with torch.cat"),
    ):
        check.that(
            not isinstance(found, torch.Tensor) or len(found) != 1,
            f"features or labels are those {those_of}",
        )
    check.that(
        not isinstance(features, torch.Tensor) or len(features) != 10,
        "the short last batch is left out",
    )
    features = check.tensor(
        features, shape=(11, 6), dtype=x.dtype, what="features", differentiable=True
    )
    labels = check.tensor(labels, shape=(11,), dtype=torch.int64, what="labels")
    sort = y.argsort(stable=True)
    lengths = expected.norm(dim=1, keepdim=True)
    check.close(
        features,
        expected,
        what="the features",
        atol=1e-7,
        mistakes={
            "the features are sorted by label: keep the order in which the pictures come": expected[
                sort
            ],
            "the features come in the reverse order": expected.flip(0),
            "the features are scaled to length 1: return them as the encoder gives them": expected
            / lengths,
            "the features are standardised: return them as the encoder gives them": (
                expected - expected.mean(dim=0)
            )
            / expected.std(dim=0),
        },
    )
    check.close(
        labels,
        y,
        what="the labels",
        mistakes={
            "the labels are what the encoder's largest feature says: return the y of the batches": expected.argmax(
                dim=1
            ),
            "the labels are sorted, or in another order than the features": y[sort],
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def batches_that_come_once():
    """Batches of any size, even one, from something that can be looped over only once; never shuffled."""
    import torch

    for n, size, step in ((13, 8, 4), (1, 5, 3), (6, 9, 1), (7, 6, 7)):
        encoder = check.tiny_classifier(3, seed=n)
        x, y = check.tiny_batch(n, size=size, num_classes=5, seed=n)
        with torch.no_grad():
            expected = encoder(x)
        batches = ((x[i : i + step].clone(), y[i : i + step].clone()) for i in range(0, n, step))
        answer = extract_features(encoder, batches)
        features, labels = check.tuple_of(answer, ("features", "labels"))
        features = check.tensor(
            features, shape=(n, 3), dtype=x.dtype, what="features", differentiable=True
        )
        labels = check.tensor(labels, shape=(n,), dtype=torch.int64, what="labels")
        check.close(
            features,
            expected,
            what=f"the features of {n} pictures in batches of {step}",
            atol=1e-7,
            hint="Batches may be looped over only once, and come in their order",
        )
        check.close(labels, y, what="the labels")


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_extract_features_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def in_eval_mode_and_every_flag_back():
    """With BatchNorm and Dropout: the features of eval mode, and every layer's own flag back afterwards."""
    import torch

    encoder = check.tiny_classifier(5, fragile=True, seed=2)
    x, y = check.tiny_batch(9, seed=2)
    with torch.no_grad():
        expected = encoder(x)
        by_batch = torch.cat([encoder(part - part.mean()) for part in (x[:6], x[6:])])
    encoder.train()
    encoder.drop.eval()  # somebody has switched this layer off
    with check.unchanged(encoder, x, y):
        answer = extract_features(encoder, [(x[:6], y[:6]), (x[6:], y[6:])])
    features, labels = check.tuple_of(answer, ("features", "labels"))
    features = check.tensor(
        features, shape=(9, 5), dtype=x.dtype, what="features", differentiable=True
    )
    check.close(
        features,
        expected,
        what="the features",
        atol=1e-7,
        mistakes={"each batch is centred by itself: return what the encoder gives": by_batch},
        hint="Did the encoder work in train mode? BatchNorm and Dropout answer differently there",
    )
    check.close(
        check.tensor(labels, shape=(9,), dtype=torch.int64, what="labels"), y, what="labels"
    )


### BEGIN HIDDEN TESTS
@check.promise
def the_flags_come_back_whatever_they_were():
    """An encoder all in train mode, one in eval mode, one with gradients from before: all as it was, in float32 too."""
    import torch

    for where in check.devices():
        for training in (True, False):
            encoder = check.tiny_classifier(4, fragile=True, dtype=torch.float32).to(where)
            x, y = (part.to(where) for part in check.tiny_batch(7, dtype=torch.float32))
            encoder(x).square().mean().backward()  # as if a training step had just been made
            with torch.no_grad():
                expected = encoder(x)
            encoder.train(training)
            batches = ((x[i : i + 3], y[i : i + 3]) for i in range(0, 7, 3))
            with check.unchanged(encoder, x, y):
                answer = extract_features(encoder, batches)
            features, _ = check.tuple_of(answer, ("features", "labels"))
            features = check.tensor(
                features, like=x, shape=(7, 4), what="features", differentiable=True
            )
            check.close(features, expected, what="the features", atol=1e-4)


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_extract_features_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def no_graph_is_kept():
    """The features are detached: nothing can be trained through them by mistake; their type stays the encoder's."""
    import torch

    for dtype in (torch.float64, torch.float32):
        encoder = check.tiny_classifier(6, dtype=dtype)
        x, y = check.tiny_batch(4, dtype=dtype)
        answer = extract_features(encoder, [(x[:3], y[:3]), (x[3:], y[3:])])
        features, labels = check.tuple_of(answer, ("features", "labels"))
        check.tensor(features, shape=(4, 6), dtype=dtype, what="features")
        check.tensor(labels, shape=(4,), dtype=torch.int64, what="labels")


### BEGIN HIDDEN TESTS
@check.promise
def on_the_device_of_the_pictures():
    """Features and labels are on the device of the pictures, and gradients stay switched on for whoever comes next."""
    import torch

    for where in check.devices():
        encoder = check.tiny_classifier(3, dtype=torch.float32).to(where)
        x, y = (part.to(where) for part in check.tiny_batch(3, dtype=torch.float32))
        answer = extract_features(encoder, [(x, y)])
        features, labels = check.tuple_of(answer, ("features", "labels"))
        check.tensor(features, like=x, shape=(3, 3), what="features")
        check.tensor(labels, like=y, what="labels")
        check.that(
            torch.is_grad_enabled(),
            "gradients are switched off for everybody afterwards: use `with torch.no_grad():`",
        )


### END HIDDEN TESTS

# %% [markdown]
# So short a game with small pictures makes no good encoder. `world_rotation` has played it longer, with
# eight thousand pictures; nobody ever told it what they show. Beside it: one that has learned nothing, and
# one that was trained with all labels, the network of lab 1. Ten labelled pictures of each class are all
# that we have; five hundred others are there to be asked about.

# %%
torch.manual_seed(0)
encoders = {
    "random weights": models.Encoder().to(device.pick()),
    "rotation, no labels": models.zoo.load("world_rotation", device=device.pick()).encoder,
    "trained with all labels": models.zoo.load("world_classifier", device=device.pick()).encoder,
}
few = world(100, seed=3492, labels=[*range(10)] * 10, device=device.pick())  # ten of each class
asked = world(500, seed=3493, device=device.pick())
features = {
    name: (extract_features(encoder, few.batches(64)), extract_features(encoder, asked.batches(64)))
    for name, encoder in encoders.items()
}
for name, ((known, _), (others, _)) in features.items():
    print(f"{name}: {tuple(known.shape)} and {tuple(others.shape)}")

# %% [markdown]
# ## 6 · The linear probe
# ●●●○○ · 25 minutes · 10 points
#
# How good are features? The usual answer: as good as the simplest classifier that gets nothing else to
# see. A **[linear probe](../../../docs/glossary.md#linear-probe)** is a multinomial logistic regression, one linear layer with softmax and
# cross-entropy, on features that no longer change. If it can tell the classes apart, then the encoder has
# already done the work.
#
# One feature may go from 0 to 0.01 and the next from 0 to 100, so each is **standardised** first: minus its
# mean, divided by its standard deviation. Whose mean? That of the **training** features, for the test
# features as well. In use pictures come one at a time, and a single picture has no mean.
#
# Write `linear_probe`. It returns the accuracy on the test features as a float. For the regression use
# scikit-learn's `LogisticRegression`, or a linear layer that you train until it has converged.

# %% [markdown]
# <details><summary><b>Help:</b> "by their own mean and deviation"</summary>
#
# Compute mean and deviation once, from the training features, and use the same two for both. If the test
# set held boats only, its own mean would subtract everything that boats have in common.
# </details>
# <details><summary><b>Help:</b> "Input contains NaN"</summary>
#
# A feature that is the same for all training pictures has deviation 0. `.clamp(min=1e-8)` on the
# deviations before you divide keeps it harmless.
# </details>
# <details><summary><b>Help:</b> scikit-learn and tensors</summary>
#
# `model.fit(features, labels)` and `model.score(features, labels)` take NumPy arrays: `.cpu().numpy()`.
# A warning that it did not converge goes away with `max_iter=1000`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "linear_probe", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def linear_probe(train_features, train_labels, test_features, test_labels):
    """Test accuracy of a multinomial logistic regression on features standardised by the training set's statistics.

    Args: features (N, D) and (M, D); labels (N,) and (M,) int64, from 0 to C - 1.
    Returns: the fraction of test labels that it finds, a float.
    """
    ### BEGIN SOLUTION
    from sklearn.linear_model import LogisticRegression

    mean, deviation = train_features.mean(dim=0), train_features.std(dim=0).clamp(min=1e-8)
    train, test = (
        ((features - mean) / deviation).double().cpu().numpy()
        for features in (train_features, test_features)
    )
    probe = LogisticRegression(max_iter=1000).fit(train, train_labels.cpu().numpy())
    return float(probe.score(test, test_labels.cpu().numpy()))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_linear_probe", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_fraction_of_test_labels_it_finds():
    """Three far clusters, and 6 of 24 test labels that are wrong on purpose: the accuracy is 0.75."""
    import torch

    corners = torch.tensor([[2.0, 0.0, 3.0, 1.0], [-1.0, 2.0, 0.0, -1.0], [-1.0, -2.0, -3.0, 0.0]])
    train_y, test_y = torch.arange(3).repeat(20), torch.arange(3).repeat(8)
    train, test = (corners[y] + 0.2 * torch.randn(len(y), 4) for y in (train_y, test_y))
    test_y[:6] = (test_y[:6] + 1) % 3
    accuracy = check.number(linear_probe(train, train_y, test, test_y), "the accuracy")
    check.close(
        accuracy,
        0.75,
        what="the accuracy",
        mistakes={
            "that is the accuracy on the training features: return that on the test features": 1.0,
            "the accuracy is in percent: return the fraction": 75.0,
            "that is the number of test labels found: divide by how many there are": 18.0,
            "that is the error rate: return the accuracy": 0.25,
        },
        hint="Clusters this far apart are all found, once the regression has converged; 6 of 24 labels are wrong "
        "on purpose",
    )


### BEGIN HIDDEN TESTS
@check.promise
def learned_from_the_training_labels_alone():
    """A cluster that has another label in the test set is named as in training: the test labels teach nothing."""
    import torch

    corners = torch.tensor([[2.0, 0.0, 1.0], [-1.0, 2.0, 0.0], [-1.0, -2.0, -1.0]])
    train_y, shown = torch.arange(3).repeat(10), torch.arange(3).repeat(40)
    train, test = (corners[y] + 0.1 * torch.randn(len(y), 3) for y in (train_y, shown))
    test_y = torch.where(shown == 2, 0, shown)
    accuracy = check.number(linear_probe(train, train_y, test, test_y), "the accuracy")
    check.that(
        accuracy < 0.8,
        f"the accuracy is {accuracy:.2f}, but a third of the test labels can't be known from the training set: the probe "
        "has learned from the test labels; fit it on the training set alone",
    )
    check.close(
        accuracy,
        2 / 3,
        what="the accuracy",
        hint="Is the regression fitted until it has converged?",
    )


@check.promise
def as_good_as_a_plane_can_be_and_no_better():
    """Where planes can tell the classes apart, it does; where none can (crosswise clusters), it does not."""
    import torch

    def both(make, n):
        y = torch.arange(2).repeat(n)
        return make(y), y

    def crosswise(y):  # class 0 in two opposite corners, class 1 in the other two
        side = 2.0 * torch.randint(0, 2, (len(y),)) - 1
        places = torch.stack([side, side * (1 - 2 * y)], dim=1)
        return 2 * places + 0.2 * torch.randn(len(y), 2)

    def strips(y):  # two long strips side by side, aslant
        side = 2.0 * y - 1
        along, across = 4 * torch.rand(len(y)) - 2 + 0.6 * side, 0.5 * side
        across = across * (1 + 0.2 * torch.rand(len(y)))
        return torch.stack([along + across, along - across], dim=1)

    accuracy = check.number(
        linear_probe(*both(crosswise, 100), *both(crosswise, 50)), "the accuracy"
    )
    check.that(
        accuracy < 0.85,
        f"the accuracy is {accuracy:.2f} where no plane reaches more than 0.75: a linear probe is one linear layer, "
        "without hidden layers or neighbours",
    )
    accuracy = check.number(linear_probe(*both(strips, 200), *both(strips, 40)), "the accuracy")
    check.that(
        accuracy > 0.9,
        f"the accuracy is {accuracy:.2f} where a plane reaches 1: fit a logistic regression, until it has converged "
        "(classes are not told apart by their means alone)",
    )
    y, other = torch.arange(3).repeat(100), torch.arange(3).repeat(30)
    row, asked = (
        torch.stack([3 * (of - 1.0) + 0.6 * torch.rand(len(of)), torch.randn(len(of))], dim=1)
        for of in (y, other)
    )
    accuracy = check.number(linear_probe(row, y, asked, other), "the accuracy")
    check.that(
        accuracy > 0.9,
        f"the accuracy is {accuracy:.2f} on three classes in a row, where logistic regression reaches 1: fit it with "
        "the cross-entropy, not with squared errors, until it has converged",
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_linear_probe_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def a_test_set_of_one_class():
    """A test set of one class only is named as it would be among others: its own mean says nothing."""
    import torch

    y, other = torch.arange(2).repeat(30), torch.ones(40, dtype=torch.int64)
    train, test = (
        torch.stack([2.0 * of - 1, torch.zeros(len(of)), -1.0 * of], dim=1)
        + 0.2 * torch.randn(len(of), 3)
        for of in (y, other)
    )
    accuracy = check.number(linear_probe(train, y, test, other), "the accuracy")
    check.that(
        accuracy > 0.95,
        f"the accuracy is {accuracy:.2f} instead of 1: are the test features standardised by their own mean and "
        "deviation? Use those of the training features",
    )


@check.promise
def test_features_are_treated_like_training_features():
    """Features that lie far from 0: what is subtracted in training is subtracted in the test as well."""
    import torch

    y, other = torch.arange(2).repeat(30), torch.arange(2).repeat(20)
    train, test = (
        torch.tensor([8.0, -5.0])
        + torch.stack([2.0 * of - 1, 1 - 2.0 * of], dim=1)
        + 0.2 * torch.randn(len(of), 2)
        for of in (y, other)
    )
    accuracy = check.number(linear_probe(train, y, test, other), "the accuracy")
    check.that(
        accuracy > 0.95,
        f"the accuracy is {accuracy:.2f} instead of 1: the test features must be standardised as the training features "
        "are, column by column, (test - mean) / deviation, with the statistics of the training features",
    )


### BEGIN HIDDEN TESTS
@check.promise
def features_of_very_different_size():
    """The feature that tells is a million times smaller than one that does not: each is standardised by itself."""
    import torch

    y, other = torch.arange(2).repeat(30), torch.arange(2).repeat(20)
    train, test = (
        torch.stack(
            [
                0.1 + 1e-3 * (2.0 * of - 1 + 0.15 * torch.randn(len(of))),
                100 + 1e3 * torch.randn(len(of)),
                50 + torch.randn(len(of)),
            ],
            dim=1,
        )
        for of in (y, other)
    )
    accuracy = check.number(linear_probe(train, y, test, other), "the accuracy")
    check.that(
        accuracy > 0.95,
        f"the accuracy is {accuracy:.2f} instead of 1: standardise each feature (each column) by its own mean and its "
        "own deviation over the training pictures",
    )


@check.promise
def statistics_of_the_training_set_alone():
    """One test picture with a huge feature changes nothing for the others: statistics come from training alone."""
    import torch

    y, other = torch.arange(2).repeat(30), torch.arange(2).repeat(20)
    train, test = (
        torch.stack([2.0 * of - 1, torch.zeros(len(of))], dim=1) + 0.15 * torch.randn(len(of), 2)
        for of in (y, other)
    )
    test[0, 0] = -1e5
    accuracy = check.number(linear_probe(train, y, test, other), "the accuracy")
    check.that(
        accuracy > 0.95,
        f"the accuracy is {accuracy:.2f} instead of 1: mean and deviation must come from the training features alone, "
        "not from all features together, nor from the test features",
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_linear_probe_3", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def features_and_labels_stay_as_they_were():
    """Nothing is written into the four tensors; a test set of one picture will do."""
    import torch

    corners = 3 * torch.tensor([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    y, other = torch.arange(4).repeat(8), torch.tensor([2])
    train, test = (corners[of] + 0.2 * torch.randn(len(of), 2) for of in (y, other))
    with check.unchanged(train, y, test, other):
        accuracy = linear_probe(train, y, test, other)
    check.close(check.number(accuracy, "the accuracy"), 1.0, what="the accuracy on one picture")


### BEGIN HIDDEN TESTS
@check.promise
def any_number_of_classes():
    """Two classes or seven, labels in any order, more features than pictures, on any device."""
    import torch

    for where in check.devices():
        for classes, n, width in ((2, 12, 3), (7, 35, 7), (3, 9, 20)):
            y = torch.arange(classes).repeat(n // classes)[torch.randperm(n)]
            other = torch.arange(classes).flip(0)
            corners = 3 * torch.randn(classes, width)
            train, test = (
                (corners[of] + 0.1 * torch.randn(len(of), width)).to(where) for of in (y, other)
            )
            y, other = y.to(where), other.to(where)
            with check.unchanged(train, y, test, other):
                accuracy = linear_probe(train, y, test, other)
            check.close(
                check.number(accuracy, "the accuracy"),
                1.0,
                what=f"the accuracy on {classes} classes far apart",
            )


### END HIDDEN TESTS

# %% [markdown]
# The same hundred labels for each encoder.
#
# **What you should see:** features of random weights are hardly better than guessing, which is right one
# time in ten. Without a single label, the rotation game has found features that are worth more than twice
# as many right answers. With all labels of the training set the features are better still. Those cost more.

# %%
probes = {
    name: round(100 * linear_probe(*known, *others), 1)
    for name, (known, others) in features.items()
}
plots.bars(
    probes,
    title="What a linear probe makes of ten labels a class",
    unit="accuracy on 500 unseen pictures, %",
    highlight=["rotation, no labels"],
)

# %% [markdown]
# ## 7 · Useful by itself: is the phone upside down?
# ●●○○○ · 10 minutes · 10 points
#
# For once the pretext task is a task: before a phone shows a picture, it would like to know whether the
# camera was held upside down. Two answers are possible, 0 and 180 degrees, so compare these two. What the
# network thinks of 90 and 270 degrees is beside the question, even when it finds one of them likeliest.
#
# Write `upside_down`. It returns True for each picture for which the rotation network finds 180 degrees
# likelier than 0. It only looks at the model.

# %% [markdown]
# <details><summary><b>Help:</b> "that asks whether 180 degrees is the likeliest of all four"</summary>
#
# A picture with logits (1, 5, 2, 0) is called "90 degrees" by the network. But of the two answers that are
# possible here, the logit of 180 degrees (2) is larger than that of 0 degrees (1).
# </details>
# <details><summary><b>Help:</b> do I need the softmax?</summary>
#
# The probabilities of one picture are all divided by the same number. Which of two is larger does not
# depend on it.
# </details>


# %% nbgrader={"grade": false, "grade_id": "upside_down", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def upside_down(model, x):
    """True where the rotation network finds 180 degrees likelier than 0.

    Args: model, images -> logits (N, 4) of 0, 90, 180 and 270 degrees, used in eval mode; x (N, 3, H, H).
    Returns: (N,) bool.
    """
    ### BEGIN SOLUTION
    with evaluating(model), torch.no_grad():
        logits = model(x)
    return logits[:, 2] > logits[:, 0]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_upside_down", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_likelier_of_two():
    """For 60 pictures True or False, whether the logit of 180 degrees is larger than that of 0 degrees."""
    import torch

    model, (x, _) = check.tiny_classifier(seed=9), check.tiny_batch(60, seed=9)
    with torch.no_grad():  # no answer shall be the likeliest for all pictures
        model.head.bias.sub_(model(x).mean(dim=0) / 10)
        logits = model(x)
    answer = upside_down(model, x.clone())
    answer = check.tensor(answer, shape=(60,), dtype=torch.bool, what="the answer")
    zero, quarter, half, three = logits.T
    check.close(
        answer,
        half > zero,
        what="the answer",
        mistakes={
            "that asks whether 180 degrees is the likeliest of all four: compare it with 0 degrees alone": logits.argmax(
                dim=1
            )
            == 2,
            "that asks whether 0 degrees is not the likeliest of all four: compare 180 with 0 degrees": logits.argmax(
                dim=1
            )
            != 0,
            "that is the other way round: True where 180 degrees is likelier": half < zero,
            "that asks whether the logit of 180 degrees is above 0: compare it with that of 0 degrees": half
            > 0,
            "that asks whether 180 degrees has more than half of the probability: compare it with 0 degrees": logits.softmax(
                dim=1
            )[:, 2]
            > 0.5,
            "that compares 90 with 0 degrees: 180 degrees has number 2": quarter > zero,
            "that compares 270 with 0 degrees: 180 degrees has number 2": three > zero,
            "that compares 180 with 90 degrees: 0 degrees has number 0": half > quarter,
            "that compares 270 with 90 degrees: 180 has number 2, 0 degrees number 0": three
            > quarter,
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def whatever_the_other_two_say():
    """Also where 90 or 270 degrees is the likeliest, where all logits are negative, and where two are equal (False)."""
    import torch
    from torch import nn

    for seed, n in ((5, 1), (6, 7), (7, 90)):
        model, (x, _) = check.tiny_classifier(seed=seed), check.tiny_batch(n, size=9, seed=seed)
        with torch.no_grad():  # the second is the likeliest most of the time, none is above 0
            model.head.bias.sub_(model(x).mean(dim=0) / 10)
            model.head.bias.add_(torch.tensor([-3.3, -3.0, -3.3, -3.2]))
            logits = model(x)
        answer = upside_down(model, x.clone())
        answer = check.tensor(answer, shape=(n,), dtype=torch.bool, what="the answer")
        check.close(
            answer,
            logits[:, 2] > logits[:, 0],
            what="the answer",
            mistakes={
                "that asks whether 180 degrees is the likeliest of all four: compare it with 0 degrees alone": logits.argmax(
                    dim=1
                )
                == 2,
                "that asks whether 0 degrees is not the likeliest of all four: compare 180 with 0 degrees": logits.argmax(
                    dim=1
                )
                != 0,
            },
        )
    head = nn.Linear(12, 4)
    with torch.no_grad():
        head.weight.zero_()
        head.bias.copy_(torch.tensor([0.5, 2.0, 0.5, -1.0]))
    answer = upside_down(nn.Sequential(nn.Flatten(), head), torch.rand(3, 3, 2, 2))
    answer = check.tensor(answer, shape=(3,), dtype=torch.bool, what="the answer")
    check.that(
        not bool(answer.any()),
        "where both are equally likely the answer must be False: `>`, not `>=`",
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_upside_down_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_model_and_the_pictures_stay_as_they_were():
    """With BatchNorm and Dropout: the answer of eval mode, and everything as it was, every layer's own flag too."""
    import torch

    model, (x, _) = check.tiny_classifier(fragile=True, seed=1), check.tiny_batch(30, seed=1)
    with torch.no_grad():  # no answer shall be the likeliest for all pictures
        model.head.bias.sub_(model(x).mean(dim=0) / 10)
        logits = model(x)
    model(x).square().mean().backward()
    model.train()
    model.drop.eval()  # somebody has switched this layer off
    with check.unchanged(model, x):
        answer = upside_down(model, x)
    answer = check.tensor(answer, shape=(30,), dtype=torch.bool, what="the answer")
    check.close(
        answer,
        logits[:, 2] > logits[:, 0],
        what="the answer",
        hint="Did the model work in train mode? BatchNorm and Dropout answer differently there",
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_mode_and_number():
    """Models all in train mode and all in eval mode, one picture and many, float32, any device: the same promises."""
    import torch

    for where in check.devices():
        for training, n in ((True, 25), (False, 1), (True, 1)):
            model = check.tiny_classifier(fragile=True, seed=2, dtype=torch.float32).to(where)
            x, _ = check.tiny_batch(n, size=7, seed=2, dtype=torch.float32)
            x = x.to(where)
            with torch.no_grad():
                logits = model(x)
            model.train(training)
            with check.unchanged(model, x):
                answer = upside_down(model, x)
            answer = check.tensor(answer, shape=(n,), dtype=torch.bool, what="the answer")
            check.that(
                answer.device == x.device,
                f"the answer must be on the device of x, {x.device}, got {answer.device}",
            )
            check.close(answer, logits[:, 2] > logits[:, 0], what="the answer")


### END HIDDEN TESTS

# %% [markdown]
# Two hundred pictures before plain backgrounds, as in training, and two hundred before scenes such as the
# network has never met; every other one stands on its head.
#
# **What you should see:** before plain backgrounds nearly all are judged rightly, without anybody ever having
# said what stands on what; before scenes there are more errors. Look at them: would you have known?

# %%
rotation_network = models.zoo.load("world_rotation", device=device.pick())
on_its_head = torch.arange(200, device=device.pick()) % 2 == 1
for background in ("plain", "scene"):
    album = world(200, seed=3494, background=background, device=device.pick()).images
    held = rotate_batch(album, 2 * on_its_head.long())
    says = upside_down(rotation_network, held)
    right = says == on_its_head
    print(f"before a {background} background {right.float().mean():.0%} are judged rightly")
shown = right.int().argsort(stable=True)[:10]
plots.gallery(
    held[shown],
    ["turn me round" if flag else "fine as it is" for flag in says[shown].tolist()],
    columns=5,
    title="What the phone says before scenes: its errors come first",
)

# %% [markdown]
# ## 8 · In your own words
# ●●○○○ · 20 minutes · 10 points, graded by a person
#
# A start-up shows you its new network: *"It tells rotations of our satellite pictures apart with 99 %
# accuracy, so its features must be excellent. Fine-tune it for finding ships, ten labels will do."*
# Answer in 150 to 250 words. A full answer
#
# - says what the **[pretext task](../../../docs/glossary.md#pretext-task)** and the **[downstream task](../../../docs/glossary.md#downstream-task)** are, here and in this lab, and which of the
#   two accuracies one cares for in the end, with two numbers that you measured above (3 points),
# - says how a network could be very good at telling rotations apart and still have features that are of no
#   use, with one example of such a [shortcut](../../../docs/glossary.md#shortcut) (3 points),
# - says for pictures from above, where nothing has an up and a down, what becomes of the rotation task, and
#   proposes another one (2 points),
# - says what you would measure before you believe them, on which data, and against what (2 points).

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# === BEGIN SOLUTION
# (What a full answer has: pretext, telling rotations apart, with labels that cost nothing; downstream, naming
# ships or the things of the world with few labels; only the second counts, with the pretext accuracy of
# exercise 4 and the probes of exercise 6 as numbers; a shortcut such as the horizon, the light from above,
# shadows, a date printed in a corner or lens marks, which tell the rotation and nothing about the things;
# from above there is no upright position, so what remains to be learned are such marks, and a task such as
# neighbouring patches or contrasting two views fits better; a linear probe or fine-tuning with the few
# labels on pictures held out, against random weights, training from scratch and an ordinary pretrained
# network, over several draws of the labels.)
# === END SOLUTION

# %% [markdown]
# ---
# **Before you hand in:** *Kernel → Restart Kernel and Run All Cells*. Then save the notebook, under the
# name it has.
