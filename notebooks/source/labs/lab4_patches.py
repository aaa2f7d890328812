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
# # Lab 4 · Where does this piece belong?
#
# Cut two pieces out of a picture and ask: *[where does the second lie](../../../docs/glossary.md#patch-localisation), as seen from the first?* To answer
# you have to know that roofs are above doors and keels below masts. Nobody has to label anything for
# this game: whoever cuts the pieces knows the answer. So a network can play it a million times and learn
# what things look like on the way (Doersch, Gupta, Efros 2015, arXiv 1505.05192). If it plays fair.
# There are ways to win without looking at the things at all, and today you meet them.
#
# | exercise | you write | difficulty | minutes | points |
# |---|---|---|---|---|
# | 1 | `neighbour_offset` | ●○○○○ | 10 | 10 |
# | 2 | `sample_pair` | ●●●●○ | 40 | 20 |
# | 3 | `pair_batch` | ●●○○○ | 10 | 10 |
# | 4 | `drop_colour` | ●●●○○ | 20 | 10 |
# | 5 | `PatchNet` | ●●○○○ | 15 | 15 |
# | 6 | `pretext_step` | ●●○○○ | 15 | 10 |
# | 7 | `nearest` | ●●○○○ | 15 | 15 |
# | 8 | a written answer | ●●○○○ | 25 | 10 |
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
# - **It leaves the model as it found it:** the training flag of every submodule, every parameter and
#   every parameter's `.grad`. A training step is the exception: it is meant to change the model, runs in
#   train mode and leaves the model there.
# - **Randomness** comes from `generator` where there is one: same seed, same result. `generator=None`
#   means torch's own. A generator lives on the CPU unless the caller made it elsewhere.
# - It works for **any N** (1, an odd number, a short last batch), any square H = W, on a CPU and on a GPU.
#
# The cells under each exercise check what you wrote. When you hand in, the same cells run again with
# further checks of the same promises.

# %%
import torch
import torch.nn.functional as F
from torch import nn

from course_utils import device, models, plots
from course_utils.data.world import CLASSES, world
from course_utils.models import evaluating

print(device.describe())

# %% [markdown]
# A thousand pictures. They have labels, and we throw them away.

# %%
images = world(1000, seed=3490, device=device.pick()).images
patch_size, gap, jitter = 16, 4, 2  # in pixels; the pictures are 48 x 48
print(f"{len(images)} pictures of {tuple(images.shape[1:])}, no labels")

# %% [markdown]
# ## 1 · Eight neighbours
# ●○○○○ · 10 minutes · 10 points
#
# A patch has eight neighbours. We number them row by row, as one reads, and leave out the patch itself:
#
# | left | middle | right |
# |---|---|---|
# | **0** | **1** | **2** |
# | **3** | centre | **4** |
# | **5** | **6** | **7** |
#
# Write `neighbour_offset`: from the number of a position to its (row, column), counted in steps from the
# centre. Rows count downwards, so position 1, straight above, is (-1, 0). A position that does not exist
# is a `ValueError`.

# %% [markdown]
# <details><summary><b>Help:</b> "position 4 leads to the centre itself"</summary>
#
# In a grid of nine places the centre is place 4. It is left out, so position 4 is the place behind it,
# and so is each position from there on.
# </details>
# <details><summary><b>Help:</b> from a place in the grid to row and column</summary>
#
# `divmod(place, 3)` gives the row and the column, from 0 to 2. The centre is (1, 1). Or write the eight
# pairs down in a list.
# </details>
# <details><summary><b>Help:</b> "position -1 gives …"</summary>
#
# A list takes -1 for its last entry, and does not complain. Look at the number before you use it:
# `raise ValueError(f"position must be 0 to 7, got {position}")`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "neighbour_offset", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def neighbour_offset(position):
    """Where the neighbour at `position` lies, in steps from the centre.

    Args: position 0 to 7, row by row, the centre left out.
    Returns: (row, column), each -1, 0 or 1; rows count downwards.
    Raises: ValueError when there is no such position.
    """
    ### BEGIN SOLUTION
    if position not in range(8):
        raise ValueError(f"position must be a whole number from 0 to 7, got {position}")
    row, column = divmod(position if position < 4 else position + 1, 3)
    return row - 1, column - 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_neighbour_offset", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def row_by_row_around_the_centre():
    """Positions 0 to 7 lie up left, up, up right, left, right, down left, down, down right, as (row, column)."""
    import torch

    found = []
    for position in range(8):
        pair = check.tuple_of(neighbour_offset(position), ("row", "column"))
        steps = zip(pair, ("row", "column"), strict=True)
        found.append(
            [check.whole(step, -9, 9, f"the {name} of position {position}") for step, name in steps]
        )
    places = torch.tensor([[row, column] for row in (-1, 0, 1) for column in (-1, 0, 1)])
    expected = torch.cat([places[:4], places[5:]])
    around = torch.tensor([0, 1, 2, 5, 8, 7, 6, 3])
    check.close(
        torch.tensor(found),
        expected,
        what="the table of (row, column) for positions 0 to 7",
        mistakes={
            "position 4 leads to the centre itself: it is left out, so from there on every position is "
            "one place further": places[:8],
            "position 4 leads to the centre itself; the positions behind it are right": torch.cat(
                [places[:5], places[6:]]
            ),
            "the row comes first, then the column: position 1 lies straight above, (-1, 0)": expected.flip(
                1
            ),
            "rows and columns are counted from 0 to 2: count them from the centre, -1 to 1": expected
            + 1,
            "rows count downwards: position 1, straight above, is (-1, 0)": expected
            * torch.tensor([-1, 1]),
            "columns count to the right: position 3, on the left, is (0, -1)": expected
            * torch.tensor([1, -1]),
            "that is the way from the neighbour to the centre: position 0 lies up left, (-1, -1)": -expected,
            "the positions are numbered round the centre: number them row by row": places[around],
        },
        hint="Row by row, as one reads, without the centre",
    )


### BEGIN HIDDEN TESTS
@check.promise
def the_same_answer_every_time():
    """Positions asked for twice, in another order, give the same places; opposite positions lie opposite."""

    def asked(position):
        pair = check.tuple_of(neighbour_offset(position), ("row", "column"))
        return tuple(check.whole(step, -1, 1, f"a step to position {position}") for step in pair)

    first = {position: asked(position) for position in range(8)}
    for position in (5, 0, 7, 2, 4, 3, 6, 1):
        again = asked(position)
        check.that(
            again == first[position],
            f"position {position} is {first[position]} at first and {again} later",
        )
        row, column = first[7 - position]
        check.that(
            again == (-row, -column),
            f"positions {position} and {7 - position} must lie opposite, got {again} and {(row, column)}",
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_neighbour_offset_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def a_position_that_does_not_exist():
    """Positions 8 and -1 raise ValueError."""
    for position in (8, -1):
        check.raises(
            ValueError,
            neighbour_offset,
            position,
            what=f"position {position}",
            because="it does not exist",
        )


### BEGIN HIDDEN TESTS
@check.promise
def far_outside():
    """So do positions further outside on either side; 0 and 7 do not."""
    for position in (9, 10, 100, -2, -7, -8, -9, -100):
        check.raises(
            ValueError,
            neighbour_offset,
            position,
            what=f"position {position}",
            because="it does not exist",
        )
    for position in (0, 7):
        check.tuple_of(neighbour_offset(position), ("row", "column"))


### END HIDDEN TESTS

# %% [markdown]
# **What you should see:** one picture in nine pieces, each in its place and under its number.

# %%
side, space, middle = 14, 3, 17  # nine patches fill the picture: 3 x 14 + 2 x 3 = 48 pixels
pieces = {"centre": images[2, :, middle : middle + side, middle : middle + side]}
for position in range(8):
    row, column = (middle + step * (side + space) for step in neighbour_offset(position))
    pieces[str(position)] = images[2, :, row : row + side, column : column + side]
order = ["0", "1", "2", "3", "centre", "4", "5", "6", "7"]
plots.gallery(
    torch.stack([pieces[name] for name in order]),
    order,
    columns=3,
    title="One patch and its eight neighbours",
)

# %% [markdown]
# ## 2 · Two pieces of one picture
# ●●●●○ · 40 minutes · 20 points
#
# Now draw a **pair**: a centre patch anywhere in the picture, one of its eight neighbours, and the number
# of its position, which is the answer to be learnt. Both patches are `patch_size` pixels a side.
#
# - **The gap.** If the neighbour touched the centre, lines and colours would run on from one to the
#   other, and the answer could be read off the edges. So the neighbour's *grid place* leaves a [gap](../../../docs/glossary.md#gap): its
#   corner is `patch_size + gap` pixels away from the centre's, in each direction that the position names
#   (and 0 pixels in the other).
# - **The jitter.** From its grid place the neighbour [is moved](../../../docs/glossary.md#jitter) by whole numbers of pixels, one for the
#   rows and one for the columns, each anything from `-jitter` to `+jitter`, both ends included.
# - **Both patches lie wholly inside** the picture. Such a pair *fits*. A neighbour far off its grid place
#   towards the centre may fit where one on it would not. When nothing fits at all, that is a `ValueError`.
# - **What is likely.** The *position* is uniform among the positions for which something fits. Given the
#   position, the *places* are uniform: every combination of a centre's place and a neighbour's place that
#   fits is as likely as any other.
#
# Write `sample_pair`. Rows and columns know nothing of each other, so you can draw along one after the
# other.

# %% [markdown]
# <details><summary><b>Help:</b> how to begin</summary>
#
# Along one axis there are `size - patch_size + 1` places for a patch, so at most a few thousand pairs
# (centre, neighbour). Two loops can list those that fit; one `torch.randint` picks one of the list. Do it
# for the rows, then for the columns.
# </details>
# <details><summary><b>Help:</b> "only … of 128 pairs are diagonal neighbours"</summary>
#
# Diagonal neighbours need room in both directions, so fewer of them fit. If you throw away a pair that
# does not fit and draw *everything* again, the rarer position loses. Draw the position first, keep it,
# and draw places until they fit.
# </details>
# <details><summary><b>Help:</b> "the neighbour is never moved by …"</summary>
#
# The upper end of `torch.randint(low, high, …)` is not drawn.
# </details>
# <details><summary><b>Help:</b> "part of it lies outside the picture"</summary>
#
# Slices beyond the edge are silently cut short, and negative ones count from the other end. Both
# corners must lie between 0 and `size - patch_size`.
# </details>
# <details><summary><b>Help:</b> a number from torch's generator</summary>
#
# `torch.randint(low, high, (), generator=generator).item()` is a plain int from low to high - 1.
# </details>


# %% nbgrader={"grade": false, "grade_id": "sample_pair", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def sample_pair(image, patch_size, gap, jitter, generator=None):
    """Two patches of a picture, and where the second lies as seen from the first.

    Args: image (3, H, W); patch_size, gap and jitter in pixels; generator: torch.Generator or None.
    Returns: (centre (3, patch_size, patch_size), neighbour (the same), position 0 to 7 as an int).
    Raises: ValueError when no pair fits.
    """

    ### BEGIN SOLUTION
    def fitting(size, step):  # along one axis: the corners (centre, neighbour) that fit
        last = size - patch_size
        moves = range(-jitter, jitter + 1)
        pairs = [
            (c, c + step * (patch_size + gap) + move) for c in range(last + 1) for move in moves
        ]
        return [(c, n) for c, n in pairs if 0 <= n <= last]

    def pick(among):
        return among[torch.randint(len(among), (), generator=generator).item()]

    rows, columns = ({step: fitting(size, step) for step in (-1, 0, 1)} for size in image.shape[1:])
    offsets = {position: neighbour_offset(position) for position in range(8)}
    fits = [p for p, (row, column) in offsets.items() if rows[row] and columns[column]]
    if not fits:
        raise ValueError(f"no two patches of {patch_size} pixels fit: take smaller ones")
    position = pick(fits)
    corners = zip(
        pick(rows[offsets[position][0]]), pick(columns[offsets[position][1]]), strict=True
    )
    centre, neighbour = (
        image[:, row : row + patch_size, column : column + patch_size].clone()
        for row, column in corners
    )
    return centre, neighbour, position
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_sample_pair", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def patch_and_gap_away_in_the_directions_of_the_position():
    """Without jitter: two pieces of the picture, their corners patch_size + gap apart as the position says."""
    import torch

    size, patch_size, gap, many = 40, 6, 3, 24
    generator = torch.Generator().manual_seed(1)
    image = torch.rand(3, size, size)
    # red and green tell from which row and column a pixel comes
    image[0], image[1] = torch.arange(size)[:, None] / 64, torch.arange(size) / 64

    def corner(patch, what):
        if (
            isinstance(patch, torch.Tensor)
            and patch.dim() == 3
            and min(patch.shape[1:]) < patch_size
        ):
            check.fail(
                f"{what} has shape {tuple(patch.shape)}: part of it lies outside the picture. Draw places "
                "at which both patches lie wholly inside"
            )
        patch = check.tensor(patch, shape=(3, patch_size, patch_size), dtype=image.dtype, what=what)
        row, column = (patch[:2, 0, 0] * 64).round().long().tolist()
        piece = image[:, row : row + patch_size, column : column + patch_size]
        check.that(
            piece.shape == patch.shape and not torch.equal(patch.transpose(1, 2), piece),
            f"{what} is transposed: the picture is (channels, rows, columns)",
        )
        check.that(
            torch.equal(patch, piece),
            f"{what} is no piece of the picture: image[:, row : row + patch_size, column : column + patch_size]",
        )
        return [row, column]

    centres, neighbours, positions = [], [], []
    for _ in range(many):
        answer = sample_pair(image.clone(), patch_size, gap, 0, generator=generator)
        one, two, position = check.tuple_of(answer, ("centre", "neighbour", "position"))
        centres.append(corner(one, "the centre patch"))
        neighbours.append(corner(two, "the neighbour patch"))
        positions.append(check.whole(position, 0, 7, "the position"))
    centres, neighbours, positions = map(torch.tensor, (centres, neighbours, positions))
    places = torch.tensor([[row, column] for row in (-1, 0, 1) for column in (-1, 0, 1)])
    offsets, counted = torch.cat([places[:4], places[5:]])[positions], places[positions]
    far = patch_size + gap
    check.close(
        neighbours - centres,
        offsets * far,
        what="the way from the centre's corner to the neighbour's, in (rows, columns),",
        mistakes={
            "the gap is forgotten: the neighbour lies patch_size + gap away": offsets * patch_size,
            "the patch's own size is forgotten: the neighbour lies patch_size + gap away": offsets
            * gap,
            "the gap counts twice: the neighbour lies patch_size + gap away": offsets * (far + gap),
            "the gap is taken off: the neighbour lies patch_size + gap away": offsets
            * (patch_size - gap),
            "the neighbour is one pixel too near: its corner lies patch_size + gap away": offsets
            * (far - 1),
            "the neighbour is one pixel too far: its corner lies patch_size + gap away": offsets
            * (far + 1),
            "row and column are swapped: the first axis of a picture are its rows": offsets.flip(1)
            * far,
            "there is a gap between rows, but none between columns": offsets
            * torch.tensor([far, patch_size]),
            "there is a gap between columns, but none between rows": offsets
            * torch.tensor([patch_size, far]),
            "the neighbour lies on the opposite side: the centre comes first, and the position is that of "
            "the neighbour as seen from it": -offsets * far,
            "the centre is counted as a position: from 4 on every position is one place further": counted
            * far,
            "the neighbour is the centre itself": 0 * offsets,
        },
        hint="patch_size + gap times what neighbour_offset says",
    )
    for axis, name in enumerate(("row", "column")):
        check.that(
            len(centres[:, axis].unique()) > 3,
            f"the centre patch hardly moves: in 24 pairs its {name} is one of {centres[:, axis].unique().tolist()}. "
            "Draw its place anew every time",
        )
    check.that(
        len(positions.unique()) > 2,
        f"in 24 pairs the position is one of {positions.unique().tolist()}: draw it anew every time",
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_size_gap_and_device():
    """The same for other sizes, without a gap, float64, any device, without a generator; the picture stays as it was."""
    import torch

    places = torch.tensor([[row, column] for row in (-1, 0, 1) for column in (-1, 0, 1)])
    offsets = torch.cat([places[:4], places[5:]])
    for size, patch_size, gap, dtype in ((19, 5, 0, torch.float64), (33, 9, 7, torch.float32)):
        for where in check.devices():
            image = torch.rand(3, size, size, dtype=dtype)
            image[0], image[1] = torch.arange(size)[:, None] / 64, torch.arange(size) / 64
            image = image.to(where)
            for _ in range(10):
                with check.unchanged(image):
                    answer = sample_pair(image, patch_size, gap, 0)
                *pair, position = check.tuple_of(answer, ("centre", "neighbour", "position"))
                position = check.whole(position, 0, 7, "the position")
                corners = []
                for patch, what in zip(pair, ("the centre", "the neighbour"), strict=True):
                    shape = (3, patch_size, patch_size)
                    patch = check.tensor(patch, like=image, shape=shape, what=what)
                    row, column = (patch[:2, 0, 0] * 64).round().long().tolist()
                    check.that(
                        torch.equal(
                            patch, image[:, row : row + patch_size, column : column + patch_size]
                        ),
                        f"{what} patch is no piece of the picture",
                    )
                    corners.append(torch.tensor([row, column]))
                check.close(
                    corners[1] - corners[0],
                    offsets[position] * (patch_size + gap),
                    what=f"the way from the centre's corner to the neighbour's, position {position},",
                )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_sample_pair_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def jitter_of_its_own_for_rows_and_columns():
    """With jitter 2 the neighbour is moved by -2 to 2 rows and, independently, by -2 to 2 columns, at every position."""
    import torch

    size, patch_size, gap, jitter, many = 40, 6, 3, 2, 60
    generator = torch.Generator().manual_seed(2)
    image = torch.rand(3, size, size)
    image[0], image[1] = torch.arange(size)[:, None] / 64, torch.arange(size) / 64
    places = torch.tensor([[row, column] for row in (-1, 0, 1) for column in (-1, 0, 1)])
    offsets = torch.cat([places[:4], places[5:]])
    moved, named = [], []
    for _ in range(many):
        answer = sample_pair(image.clone(), patch_size, gap, jitter, generator=generator)
        one, two, position = check.tuple_of(answer, ("centre", "neighbour", "position"))
        shape = (3, patch_size, patch_size)
        one = check.tensor(one, shape=shape, what="the centre patch")
        two = check.tensor(two, shape=shape, what="the neighbour patch")
        way = ((two - one)[:2, 0, 0] * 64).round().long()
        named.append(offsets[check.whole(position, 0, 7, "the position")])
        moved.append(way - named[-1] * (patch_size + gap))
    moved, named = torch.stack(moved), torch.stack(named)  # (60, 2)
    check.that(
        bool((moved != 0).any()),
        "the neighbour is never moved off its grid place: add a whole number from -jitter to jitter",
    )
    worst = int(moved.abs().max())
    check.that(
        worst <= 2 * jitter,
        f"the neighbour lies up to {worst} pixels off its grid place, patch_size + gap from the centre's; "
        "jitter allows 2",
    )
    check.that(
        worst <= jitter,
        f"the neighbour is moved by up to {worst} pixels, but jitter is 2: it is moved once, from its grid "
        "place, and the centre is not",
    )
    for axis, name in enumerate(("rows", "columns")):
        check.that(
            bool((moved[:, axis] != 0).any()),
            f"the neighbour is never moved along the {name}: each direction has its own jitter",
        )
    check.that(
        not bool((moved[:, 0] == moved[:, 1]).all())
        and not bool((moved[:, 0] == -moved[:, 1]).all()),
        "rows and columns are moved by the same number: draw one for the rows and one for the columns",
    )
    # A right version is moved by each of the five numbers with a chance of about one in five along
    # either axis: none of what follows fails it more often than once in a million.
    check.that(
        bool((moved[named == 0] != 0).any()),
        "a neighbour beside the centre is never moved up or down, nor one above it left or right: the "
        "jitter does not depend on the position",
    )
    check.that(
        bool((moved[named != 0] != 0).any()),
        "the neighbour is only moved sideways, never nearer to the centre or further off",
    )
    absent = [move for move in range(-jitter, jitter + 1) if not bool((moved == move).any())]
    hint = ""
    if absent == [jitter]:
        hint = ": torch.randint does not draw its upper end, so make it jitter + 1"
    elif absent and max(absent) < 0:
        hint = ": it must go up and left as well, from -jitter on"
    check.that(
        not absent,
        f"in 60 pairs with jitter 2 the neighbour is never moved by {', '.join(map(str, absent))}{hint}",
    )


### BEGIN HIDDEN TESTS
@check.promise
def the_seed_decides():
    """The same seed gives the same pair, other seeds others, whatever was drawn before; jitter 1 moves by -1, 0 and 1."""
    import torch

    image = torch.rand(3, 24, 24)
    image[0], image[1] = torch.arange(24)[:, None] / 64, torch.arange(24) / 64
    places = torch.tensor([[row, column] for row in (-1, 0, 1) for column in (-1, 0, 1)])
    offsets = torch.cat([places[:4], places[5:]])

    def drawn(generator=None):
        answer = sample_pair(image, 5, 2, 1, generator=generator)
        *pair, position = check.tuple_of(answer, ("centre", "neighbour", "position"))
        pair = [check.tensor(patch, shape=(3, 5, 5), what="a patch") for patch in pair]
        return *pair, check.whole(position, 0, 7, "the position")

    first, again, *others = (drawn(torch.Generator().manual_seed(seed)) for seed in (5, 5, 6, 7, 8))
    check.that(
        all(torch.equal(first[i], again[i]) for i in (0, 1)) and first[2] == again[2],
        "the same seed gave two different pairs: draw everything from the generator",
    )
    check.that(
        any(not torch.equal(first[0], other[0]) for other in others),
        "four seeds gave the same centre patch: draw from the generator",
    )
    found = set()
    for _ in range(20):
        one, two, position = drawn()
        way = ((two - one)[:2, 0, 0] * 64).round().long()
        found |= set((way - 7 * offsets[position]).tolist())
    # 40 draws: a right version misses one of three numbers less than once in a million
    check.that(
        found == {-1, 0, 1},
        f"with jitter 1 the neighbour is moved by {sorted(found)}: it must be -1, 0 and 1",
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_sample_pair_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def when_nothing_fits():
    """Two patches of 6 do not fit into 10 pixels: ValueError. Moved together by 3 they do: a pair."""
    import torch

    image = torch.rand(3, 10, 10)
    for patch_size, gap, jitter in ((6, 0, 0), (6, 0, 1), (4, 3, 0)):
        case = f"patch_size {patch_size}, gap {gap} and jitter {jitter} in 10 x 10 pixels"
        check.raises(
            ValueError,
            sample_pair,
            image.clone(),
            patch_size,
            gap,
            jitter,
            what=case,
            because="nothing fits",
            answered=f"{case}: nothing fits, but a pair came back. Raise ValueError",
        )
    for patch_size, gap, jitter in ((6, 0, 3), (5, 0, 0), (4, 2, 0)):
        case = f"patch_size {patch_size}, gap {gap} and jitter {jitter} in 10 x 10 pixels"
        try:
            answer = sample_pair(image.clone(), patch_size, gap, jitter)
        except ValueError as error:
            check.fail(
                f"{case} raises ValueError ({error}), but there are pairs that fit: the neighbour's place "
                "after the jitter decides"
            )
        one, two, _ = check.tuple_of(answer, ("centre", "neighbour", "position"))
        for patch, what in ((one, "the centre patch"), (two, "the neighbour patch")):
            check.tensor(patch, shape=(3, patch_size, patch_size), what=what)


### BEGIN HIDDEN TESTS
@check.promise
def wholly_inside_where_it_is_narrow():
    """In a picture in which hardly anything fits, 40 pairs lie wholly inside; larger patches than pictures do not fit."""
    import torch

    image = torch.rand(3, 14, 14)
    image[0], image[1] = torch.arange(14)[:, None] / 64, torch.arange(14) / 64
    for _ in range(40):
        try:
            answer = sample_pair(image, 6, 1, 2)
        except ValueError as error:
            check.fail(
                f"ValueError ({error}) where pairs fit: patch_size 6, gap 1, jitter 2, 14 x 14 pixels"
            )
        one, two, _ = check.tuple_of(answer, ("centre", "neighbour", "position"))
        for patch, what in ((one, "the centre patch"), (two, "the neighbour patch")):
            patch = check.tensor(patch, shape=(3, 6, 6), what=what)
            row, column = (patch[:2, 0, 0] * 64).round().long().tolist()
            check.that(
                torch.equal(patch, image[:, row : row + 6, column : column + 6]),
                f"{what} is no piece of the picture",
            )
    for size, patch_size, gap, jitter in (
        (5, 6, 0, 0),
        (16, 8, 1, 0),
        (48, 20, 9, 0),
    ):
        case = f"patch_size {patch_size}, gap {gap} and jitter {jitter} in {size} x {size} pixels"
        check.raises(
            ValueError,
            sample_pair,
            torch.rand(3, size, size),
            patch_size,
            gap,
            jitter,
            what=case,
            because="nothing fits",
            answered=f"{case}: nothing fits, but a pair came back. Raise ValueError",
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_sample_pair_4", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def positions_first_then_places_as_likely_as_each_other():
    """Where there is little room, all eight positions are equally likely still, and so are all places that fit."""
    import torch

    # Along an axis that the position names, the corners of centre and neighbour are 17 + k apart, and
    # k = -6 … 0 leaves 7 … 1 places: 28 pairs in all.
    size, patch_size, gap, jitter, many = 33, 16, 1, 6, 128
    last, far = size - patch_size, patch_size + gap
    generator = torch.Generator().manual_seed(3)
    image = torch.rand(3, size, size)
    image[0], image[1] = torch.arange(size)[:, None] / 64, torch.arange(size) / 64
    places = torch.tensor([[row, column] for row in (-1, 0, 1) for column in (-1, 0, 1)])
    offsets = torch.cat([places[:4], places[5:]])
    corners, positions = [], []
    for _ in range(many):
        try:
            answer = sample_pair(image.clone(), patch_size, gap, jitter, generator=generator)
        except ValueError as error:
            check.fail(
                f"ValueError ({error}) where pairs fit: the neighbour's place after the jitter decides"
            )
        one, two, position = check.tuple_of(answer, ("centre", "neighbour", "position"))
        shape = (3, patch_size, patch_size)
        one = check.tensor(one, shape=shape, what="the centre patch")
        two = check.tensor(two, shape=shape, what="the neighbour patch")
        corners.append(torch.stack([(patch[:2, 0, 0] * 64).round() for patch in (one, two)]))
        positions.append(check.whole(position, 0, 7, "the position"))
    centres, neighbours = torch.stack(corners).unbind(dim=1)  # (128, 2)
    positions = torch.tensor(positions)
    steps = offsets[positions]
    # Every bound below is five standard deviations or more from what a right version draws: it fails
    # one such version in a million, whatever the order in which that one draws.
    diagonal = int((steps != 0).all(dim=1).sum())
    check.that(
        diagonal > 35,
        f"only {diagonal} of 128 pairs are diagonal neighbours, half of them should be: draw the position "
        "first and keep it; drawing it anew until a pair fits favours positions with more room",
    )
    counts = torch.bincount(positions, minlength=8).tolist()
    check.that(
        min(counts) > 0 and max(counts) < 40,
        f"in 128 pairs the positions 0 to 7 come {counts} times: all must be equally likely",
    )
    named, free = steps != 0, steps == 0
    nearer = -((neighbours - centres) - steps * far)[named] * steps[named]  # 0 … 6 pixels
    edge = torch.where(steps > 0, centres, last - centres)[
        named
    ]  # of the centre, from the far edge
    slack = 5.2 * 3**0.5 / len(nearer) ** 0.5  # both have mean 2 or 4 and standard deviation 3**0.5
    for value, expected, what in (
        (nearer, 4, "the neighbour is moved towards the centre"),
        (edge, 2, "the centre lies from the edge that faces away from the neighbour"),
    ):
        mean = float(value.double().mean())
        check.that(
            abs(mean - expected) < slack,
            f"where there is little room, {what} by {mean:.1f} pixels on average, and it should be "
            f"{expected}: every combination of places that fits must be as likely as any other. "
            "Is the jitter (or the centre) drawn first, without asking how many places it leaves?",
        )
    beside = centres[free].double()  # (about 64,), of 0 … 17
    check.that(
        float(beside.max() - beside.min()) >= 9 and abs(float(beside.mean()) - last / 2) < 4.5,
        "along an axis that the position does not name, the places of the centre do not spread over the picture",
    )


# %% [markdown]
# Try it yourself. Each row is one pair, the centre first. Where does the second patch lie? Note your
# five answers before you look at the line below the pictures.

# %%
generator = torch.Generator().manual_seed(4)
pairs = [sample_pair(images[i], patch_size, gap, jitter, generator) for i in range(10, 15)]
print("the answers:", ", ".join(str(position) for _, _, position in pairs))
plots.gallery(
    torch.stack([patch for centre, neighbour, _ in pairs for patch in (centre, neighbour)]),
    [name for i in range(5) for name in (f"pair {i + 1}: the centre", "and this one lies …?")],
    columns=4,
    title="Which neighbour is it, 0 to 7?",
)

# %% [markdown]
# ## 3 · A batch of pairs
# ●●○○○ · 10 minutes · 10 points
#
# A network learns from many pairs at once. Write `pair_batch`: **one pair from each picture**, each with
# a draw of its own. It returns three tensors: the centres (N, 3, patch_size, patch_size), the neighbours
# of the same shape, and the positions (N,) as int64, which `F.cross_entropy` wants for labels.

# %% [markdown]
# <details><summary><b>Help:</b> from a list of triples to three tensors</summary>
#
# `zip(*triples)` gives all centres, all neighbours and all positions. `torch.stack` lays patches on top
# of each other, `torch.tensor` makes one tensor of many ints.
# </details>
# <details><summary><b>Help:</b> "every picture has the same draw"</summary>
#
# Draw anew for each picture, from the one generator: don't make a new generator with the same seed.
# </details>


# %% nbgrader={"grade": false, "grade_id": "pair_batch", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def pair_batch(images, patch_size, gap, jitter, generator=None):
    """One pair of patches from each picture, as `sample_pair` draws them.

    Args: images (N, 3, H, W); the others as for sample_pair.
    Returns: (centres (N, 3, patch_size, patch_size), neighbours (the same), positions (N,) int64).
    """
    ### BEGIN SOLUTION
    pairs = [sample_pair(image, patch_size, gap, jitter, generator) for image in images]
    centres, neighbours, positions = zip(*pairs, strict=True)
    labels = torch.tensor(positions, device=images.device)
    return torch.stack(centres), torch.stack(neighbours), labels
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_pair_batch", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def each_picture_gives_one_pair():
    """Centre and neighbour number i are pieces of picture i, and lie as position number i says."""
    import torch

    n, size, patch_size, gap = 12, 24, 5, 2
    images = torch.rand(n, 3, size, size)
    # red and green tell from which row and column a pixel comes, blue from which picture
    images[:, 0], images[:, 1] = torch.arange(size)[:, None] / 64, torch.arange(size) / 64
    images[:, 2] = torch.arange(n)[:, None, None] / 64
    answer = pair_batch(
        images.clone(), patch_size, gap, 0, generator=torch.Generator().manual_seed(1)
    )
    centres, neighbours, positions = check.tuple_of(answer, ("centres", "neighbours", "positions"))
    shape = (n, 3, patch_size, patch_size)
    positions = check.tensor(positions, shape=(n,), dtype=torch.int64, what="the positions")
    check.that(
        int(positions.min()) >= 0 and int(positions.max()) <= 7,
        f"the positions are {positions.tolist()}: they must be 0 to 7",
    )
    corners = []
    for patches, what in ((centres, "the centres"), (neighbours, "the neighbours")):
        patches = check.tensor(patches, shape=shape, dtype=images.dtype, what=what)
        codes = (patches[:, :, 0, 0] * 64).round().long()  # (N, 3): row, column, picture
        check.close(
            codes[:, 2],
            torch.arange(n),
            what=f"the numbers of the pictures that {what} come from",
            mistakes={
                "all patches come from the first picture: take one pair from each": torch.zeros(n),
                "all patches come from the last picture: take one pair from each": torch.full(
                    (n,), n - 1
                ),
            },
            hint="Pair i comes from picture i",
        )
        for i, (row, column) in enumerate(codes[:, :2].tolist()):
            piece = images[i, :, row : row + patch_size, column : column + patch_size]
            check.that(
                torch.equal(patches[i], piece), f"number {i} of {what} is no piece of picture {i}"
            )
        corners.append(codes[:, :2])
    places = torch.tensor([[row, column] for row in (-1, 0, 1) for column in (-1, 0, 1)])
    offsets = torch.cat([places[:4], places[5:]])
    expected = offsets[positions] * (patch_size + gap)
    check.close(
        corners[1] - corners[0],
        expected,
        what="the ways from the centres' corners to the neighbours', in (rows, columns),",
        mistakes={
            "centres and neighbours are swapped: the centres come first": -expected,
            "the gap is forgotten: the neighbours lie patch_size + gap away": offsets[positions]
            * patch_size,
            "row and column are swapped": expected.flip(1),
        },
        hint="Position i belongs to pair i; the gap comes before the jitter",
    )


### BEGIN HIDDEN TESTS
@check.promise
def one_picture_or_seven():
    """Also for N = 1 and an odd N, with jitter, float64, on any device, without a generator; the pictures stay as they were."""
    import torch

    places = torch.tensor([[row, column] for row in (-1, 0, 1) for column in (-1, 0, 1)])
    offsets = torch.cat([places[:4], places[5:]])
    for n, size, patch_size, gap, jitter, dtype in (
        (1, 20, 4, 3, 0, torch.float32),
        (7, 31, 8, 2, 2, torch.float64),
    ):
        for where in check.devices():
            images = torch.rand(n, 3, size, size, dtype=dtype)
            images[:, 0], images[:, 1] = torch.arange(size)[:, None] / 64, torch.arange(size) / 64
            images = images.to(where)
            with check.unchanged(images):
                answer = pair_batch(images, patch_size, gap, jitter)
            centres, neighbours, positions = check.tuple_of(
                answer, ("centres", "neighbours", "positions")
            )
            check.tensor(positions, shape=(n,), dtype=torch.int64, what="the positions")
            check.that(
                int(positions.min()) >= 0 and int(positions.max()) <= 7,
                f"the positions are {positions.tolist()}: they must be 0 to 7",
            )
            check.that(
                positions.device == images.device,
                f"the positions are on {positions.device}, the pictures on {images.device}",
            )
            corners = []
            for patches, what in ((centres, "the centres"), (neighbours, "the neighbours")):
                shape = (n, 3, patch_size, patch_size)
                patches = check.tensor(patches, like=images, shape=shape, what=what)
                corner = (patches[:, :2, 0, 0] * 64).round().long().cpu()
                for i, (row, column) in enumerate(corner.tolist()):
                    piece = images[i, :, row : row + patch_size, column : column + patch_size]
                    check.that(
                        torch.equal(patches[i], piece), f"number {i} of {what} is no piece of it"
                    )
                corners.append(corner)
            moved = corners[1] - corners[0] - offsets[positions.cpu()] * (patch_size + gap)
            check.that(
                int(moved.abs().max()) <= jitter,
                f"a neighbour lies {int(moved.abs().max())} pixels off its grid place, jitter is {jitter}",
            )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_pair_batch_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def each_picture_has_a_draw_of_its_own():
    """Of 200 pictures each has its own position, places and jitter, and the seed decides all of them."""
    import torch

    n, size, patch_size, gap, jitter = 200, 12, 3, 1, 1
    image = torch.rand(3, size, size)
    image[0], image[1] = torch.arange(size)[:, None] / 64, torch.arange(size) / 64
    images = image.expand(n, 3, size, size).clone()
    drawn = []
    for seed in (1, 1, 2):
        generator = torch.Generator().manual_seed(seed)
        answer = pair_batch(images, patch_size, gap, jitter, generator=generator)
        drawn.append(check.tuple_of(answer, ("centres", "neighbours", "positions")))
    shape = (n, 3, patch_size, patch_size)
    for number in (0, 1):
        patches = [check.tensor(one[number], shape=shape, what="the patches") for one in drawn]
        first, again, other = patches
        check.that(
            torch.equal(first, again), "the same seed gave two results: draw all from the generator"
        )
        check.that(
            not torch.equal(first, other), "two seeds gave one result: draw from the generator"
        )
    centres, neighbours, positions = drawn[0]
    positions = check.tensor(positions, shape=(n,), dtype=torch.int64, what="the positions")
    check.that(
        int(positions.min()) >= 0 and int(positions.max()) <= 7,
        "there are positions outside 0 to 7",
    )
    # Every bound is far beyond what a right version draws once in a million.
    check.that(
        len(positions.unique()) > 1,
        "every picture has the same draw: all positions are "
        f"{int(positions[0])}. Draw one position a picture",
    )
    counts = torch.bincount(positions, minlength=8)
    check.that(
        int(counts.min()) > 3 and int(counts.max()) < 60,
        f"of 200 pairs the positions 0 to 7 have {counts.tolist()}: all must be equally likely",
    )
    corners = (centres[:, :2, 0, 0] * 64).round()
    check.that(
        len(corners.unique(dim=0)) > 20,
        f"the 200 centres have only {len(corners.unique(dim=0))} places: draw one for each picture",
    )
    places = torch.tensor([[row, column] for row in (-1, 0, 1) for column in (-1, 0, 1)])
    offsets = torch.cat([places[:4], places[5:]])[positions]
    way = ((neighbours - centres)[:, :2, 0, 0] * 64).round()
    moved = way - offsets * (patch_size + gap)
    check.that(
        len(moved.unique(dim=0)) == 9 or int(moved.abs().max()) > jitter,
        f"the neighbours are moved in {len(moved.unique(dim=0))} ways, with jitter 1 there are nine: "
        "draw the jitter for each picture, rows and columns apart",
    )
    check.that(
        int(moved.abs().max()) <= jitter,
        f"neighbours lie up to {int(moved.abs().max())} pixels off their grid place, jitter is 1",
    )


### BEGIN HIDDEN TESTS
@check.promise
def as_likely_as_they_should_be():
    """With jitter 1 and plenty of room each of -1, 0 and 1 has a third; with little room half the positions are corners."""
    import torch

    places = torch.tensor([[row, column] for row in (-1, 0, 1) for column in (-1, 0, 1)])
    offsets = torch.cat([places[:4], places[5:]])

    def moves(n, size, patch_size, gap, jitter, seed):
        image = torch.zeros(3, size, size)
        image[0], image[1] = torch.arange(size)[:, None] / 64, torch.arange(size) / 64
        images = image.expand(n, 3, size, size).clone()
        generator = torch.Generator().manual_seed(seed)
        answer = pair_batch(images, patch_size, gap, jitter, generator=generator)
        found = check.tuple_of(answer, ("centres", "neighbours", "positions"))
        shape = (n, 3, patch_size, patch_size)
        centres, neighbours = (
            check.tensor(part, shape=shape, what="the patches") for part in found[:2]
        )
        positions = check.tensor(found[2], shape=(n,), dtype=torch.int64, what="the positions")
        check.that(
            int(positions.min()) >= 0 and int(positions.max()) <= 7,
            "there are positions outside 0 to 7",
        )
        steps = offsets[positions]
        way = ((neighbours - centres)[:, :2, 0, 0] * 64).round()
        return way - steps * (patch_size + gap), steps

    # 600 moves, each of the three numbers with a chance between 0.32 and 0.34: 0.1 are five standard deviations
    moved, _ = moves(300, 60, 2, 0, 1, seed=7)
    shares = [float((moved == move).double().mean()) for move in (-1, 0, 1)]
    check.that(
        all(0.233 < share < 0.433 for share in shares),
        f"with jitter 1 the neighbours are moved by -1, 0 and 1 with shares {shares[0]:.2f}, {shares[1]:.2f} "
        f"and {shares[2]:.2f}: each must have about a third",
    )
    # 18 of 19 pairs that fit lie straight beside or above each other, but every position counts the same:
    # 150 of 300 are diagonal, and 106 are five standard deviations below
    _, steps = moves(300, 34, 17, 0, 0, seed=8)
    diagonal = int((steps != 0).all(dim=1).sum())
    check.that(
        diagonal > 106,
        f"where there is little room only {diagonal} of 300 pairs are diagonal neighbours, half of them "
        "should be: the position comes first, then the places",
    )


### END HIDDEN TESTS

# %% [markdown]
# **The first shortcut.** Here is a player without eyes for things. It knows that the neighbour shares a side
# with the centre (positions 1, 3, 4 and 6), looks at the pixels along the sides, and asks which two would fit
# together best. It has learnt nothing, and there is nothing in it that could learn.
#
# **What you should see:** as long as the patches touch, it is mostly right. Jitter alone troubles it; a gap
# leaves it little more than guessing.


# %%
def best_fitting_sides(centres, neighbours):
    """The position of those four beside the centre at which the sides agree best; (N,)."""
    sides = {  # position -> (side of the centre, side of the neighbour that it would touch)
        1: (centres[:, :, 0], neighbours[:, :, -1]),
        3: (centres[:, :, :, 0], neighbours[:, :, :, -1]),
        4: (centres[:, :, :, -1], neighbours[:, :, :, 0]),
        6: (centres[:, :, -1], neighbours[:, :, 0]),
    }
    differences = [(one - two).abs().mean(dim=(1, 2)) for one, two in sides.values()]
    return torch.tensor([*sides], device=centres.device)[torch.stack(differences).argmin(dim=0)]


for name, (g, j) in {
    "touching": (0, 0),
    "jitter": (0, jitter),
    "gap": (gap, 0),
    "both": (gap, jitter),
}.items():
    generator = torch.Generator().manual_seed(5)
    centres, neighbours, positions = pair_batch(images, patch_size, g, j, generator)
    beside = (positions[:, None] == torch.tensor([1, 3, 4, 6], device=positions.device)).any(dim=1)
    says = best_fitting_sides(centres, neighbours)
    right = (says == positions)[beside].float().mean()
    print(
        f"{name:8}: {right:.0%} of the neighbours that share a side are placed rightly (chance 25%)"
    )

# %% [markdown]
# ## 4 · Against colour fringes: dropping colours
# ●●●○○ · 20 minutes · 10 points
#
# The second [shortcut](../../../docs/glossary.md#shortcut) was found by people who wondered why their network knew *where in the photograph* a
# patch of bare wall came from (section 3.1 of the paper). A lens bends each colour a little differently, so
# towards the corners of a photograph red, green and blue [drift apart](../../../docs/glossary.md#chromatic-aberration), too little for us to notice and plenty
# for a network. And when the places of two patches are known, so is the answer.
#
# The remedy is to [take the colours away](../../../docs/glossary.md#colour-dropping): in each patch, independently,
#
# - keep **one channel**, drawn at random, as it is;
# - replace each of the **other two** by Gaussian noise **around the kept channel's mean**, with **one
#   hundredth of the kept channel's standard deviation**. Every pixel of both channels has a draw of its own.
#
# With one channel left there is nothing that could drift apart. Write `drop_colour`.

# %% [markdown]
# <details><summary><b>Help:</b> picking one channel of each patch</summary>
#
# `patches[torch.arange(n), kept]` takes channel `kept[i]` of patch i, for all patches at once.
# </details>
# <details><summary><b>Help:</b> mean and spread that broadcast</summary>
#
# `channel.mean(dim=(1, 2))` has shape (N,); `[:, None, None, None]` makes it (N, 1, 1, 1), which fits all
# channels and pixels. A fresh `torch.randn` of the patches' shape holds noise for every pixel.
# </details>
# <details><summary><b>Help:</b> "an input was written into"</summary>
#
# `patches[i, 1] = …` writes into the caller's tensor. Write into `patches.clone()`.
# </details>


# %% nbgrader={"grade": false, "grade_id": "drop_colour", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def drop_colour(patches, generator=None):
    """Keeps one random channel of each patch; the other two become faint noise around its mean.

    Args: patches (N, 3, H, W) in [0, 1]; generator: torch.Generator or None.
    Returns: (N, 3, H, W). The noise has a hundredth of the kept channel's standard deviation.
    """
    ### BEGIN SOLUTION
    n = len(patches)
    kept = torch.randint(3, (n,), generator=generator).to(patches.device)
    noise = torch.randn(patches.shape, generator=generator, dtype=patches.dtype).to(patches.device)
    channel = patches[torch.arange(n, device=patches.device), kept].flatten(1)  # (N, H W)
    mean, std = (of.view(n, 1, 1, 1) for of in (channel.mean(dim=1), channel.std(dim=1)))
    is_kept = F.one_hot(kept, 3).bool().view(n, 3, 1, 1)
    return torch.where(is_kept, patches, mean + std / 100 * noise)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_drop_colour", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def one_channel_stays_and_two_become_faint_noise():
    """One channel of each patch stays as it is; the others are noise around its mean, with a hundredth of its spread."""
    import torch

    n, side = 48, 20
    generator = torch.Generator().manual_seed(1)

    def uniform(*shape):
        return torch.rand(shape, generator=generator)

    # three channels of each patch with different means, and spreads of 2, 5 and 12.5 % in any order; half of
    # the patches have a third of all this
    faint = torch.where(torch.arange(n) % 2 == 0, 1.0, 0.3).view(n, 1, 1, 1)
    spreads = (
        torch.tensor([0.02, 0.05, 0.125])[uniform(n, 3).argsort(dim=1)].view(n, 3, 1, 1) * faint
    )
    means = (
        torch.tensor([-0.15, 0, 0.15])[uniform(n, 3).argsort(dim=1)].view(n, 3, 1, 1) * faint + 0.5
    )
    patches = means + spreads * (2 * uniform(n, 3, side, side) - 1) * 3**0.5
    result = drop_colour(patches.clone(), generator=torch.Generator().manual_seed(2))
    result = check.tensor(result, like=patches, what="the patches")
    same = (result == patches).flatten(2).all(dim=2)  # (n, 3)
    kept_of_each = same.sum(dim=1)
    check.that(
        not bool((kept_of_each == 3).all()),
        "nothing was dropped: the patches came back as they were",
    )
    check.that(
        not bool((kept_of_each == 0).all()),
        "no channel is kept as it is: one of the three stays, to the last bit",
    )
    check.that(
        not bool((kept_of_each == 2).all()),
        "only one channel is replaced: keep one and replace two",
    )
    check.that(
        bool((kept_of_each == 1).all()),
        f"in the patches {sorted(kept_of_each.unique().tolist())} channels are kept: it must be one in each",
    )
    # A right version misses a channel 48 times, or all but misses one, less than once in a million.
    kept = same.int().argmax(dim=1)
    counts = torch.bincount(kept, minlength=3).tolist()
    check.that(
        max(counts) < n,
        "every patch keeps the same channel: draw one for each patch",
    )
    for number, count in enumerate(counts):
        check.that(count > 0, f"channel {number} is never kept: draw from all three")
    channel = patches[torch.arange(n), kept]  # (n, side, side)
    others = result[~same].view(n, 2, side, side)
    before = patches[~same].view(n, 2, side, side)
    spread = others.std(dim=(2, 3))  # (n, 2): of 400 pixels, so good to 3.5 %
    std = channel.std(dim=(1, 2))[:, None].expand(n, 2)
    whole = patches.std(dim=(1, 2, 3))[:, None].expand(n, 2)
    check.close(
        spread,
        std / 100,
        what="the standard deviation of the two channels that were replaced",
        atol=1e-6,
        rtol=0.3,
        mistakes={
            "the replaced channels have no noise, or one number for all their pixels: every pixel has a "
            "draw of its own": 0 * std,
            "the noise has the whole standard deviation of the kept channel: take a hundredth of it": std,
            "the noise has a tenth of the standard deviation, a hundredth of the variance: take a hundredth "
            "of the standard deviation": std / 10,
            "the noise is scaled by the kept channel's variance: take its standard deviation": std
            ** 2
            / 100,
            "the noise has standard deviation 0.01 in every patch: scale it by that of the kept channel": torch.full_like(
                std, 0.01
            ),
            "the noise has standard deviation 1": torch.ones_like(std),
            "the noise is that of torch.rand, between 0 and 1: Gaussian noise comes from torch.randn": std
            / 100
            / 12**0.5,
            "the noise is scaled by the replaced channel's own standard deviation: take the kept channel's": before.std(
                dim=(2, 3)
            )
            / 100,
            "the noise is scaled by the standard deviation of the whole patch: take the kept channel's": whole
            / 100,
            "the noise is scaled by one standard deviation for the whole batch: each patch has its own": patches.std().expand(
                n, 2
            )
            / 100,
            "the noise is scaled by one standard deviation for all kept channels together: each patch has "
            "its own": channel.std().expand(n, 2) / 100,
            "the noise is added to the old channel: replace it": (
                before.var(dim=(2, 3)) + (std / 100) ** 2
            ).sqrt(),
        },
        hint="A hundredth of the kept channel's",
    )
    mean = channel.mean(dim=(1, 2))[:, None].expand(n, 2)
    check.close(
        others.mean(dim=(2, 3)),
        mean,
        what="the mean of the two channels that were replaced",
        atol=1e-3,
        rtol=0,
        mistakes={
            "the noise lies around 0: it must lie around the kept channel's mean": 0 * mean,
            "the noise lies around the replaced channel's own mean: take the kept channel's": before.mean(
                dim=(2, 3)
            ),
            "the noise lies around the mean of the whole patch: take the kept channel's": patches.mean(
                dim=(1, 2, 3)
            )[:, None].expand(n, 2),
            "the noise lies around one mean for the whole batch: each patch has its own": channel.mean().expand(
                n, 2
            ),
            "the noise lies around 0.5: it must lie around the kept channel's mean": torch.full_like(
                mean, 0.5
            ),
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def fresh_gaussian_noise_in_every_pixel():
    """The noise is Gaussian, and neither two channels nor two patches share it."""
    import torch

    n, side = 20, 24
    patches = 0.3 + 0.4 * torch.rand(n, 3, side, side, dtype=torch.float64)
    result = drop_colour(patches.clone(), generator=torch.Generator().manual_seed(3))
    result = check.tensor(result, like=patches, what="the patches")
    same = (result == patches).flatten(2).all(dim=2)
    check.that(
        bool((same.sum(dim=1) == 1).all()), "keep one channel of each patch, and replace two"
    )
    channel = patches[same]  # (n, side, side)
    others = result[~same].view(n, 2, side, side)
    noise = (others - channel.mean(dim=(1, 2)).view(n, 1, 1, 1)) * 100
    noise = (noise / channel.std(dim=(1, 2)).view(n, 1, 1, 1)).flatten(2)  # (n, 2, 576)
    check.that(
        abs(float((noise[:, 0] * noise[:, 1]).mean())) < 0.5,
        "both replaced channels of a patch have the same noise: draw one number for every pixel of each",
    )
    check.that(
        abs(float((noise[:-1] * noise[1:]).mean())) < 0.5,
        "all patches have the same noise: draw it for each of them",
    )
    inner = noise.view(n, 2, side, side)
    check.that(
        abs(float((inner[..., 1:, :] * inner[..., :-1, :]).mean())) < 0.5
        and abs(float((inner[..., 1:] * inner[..., :-1]).mean())) < 0.5,
        "the pixels of a row or a column share their noise: draw one number for each",
    )
    # 23,040 draws: 4.6 % of a Gaussian's lie beyond two standard deviations, give or take 0.14 %
    tails = float((noise.abs() > 2).double().mean())
    check.that(
        0.03 < tails < 0.065,
        f"{tails:.1%} of the noise lies beyond two standard deviations, with Gaussian noise it is 4.6 %: "
        "use torch.randn",
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_drop_colour_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_seed_decides_and_the_patches_stay():
    """The same seed gives the same result, another seed another; the patches that were given stay as they were."""
    import torch

    patches = 0.2 + 0.6 * torch.rand(9, 3, 6, 6)
    results = []
    for seed in (1, 1, 2, 3):
        with check.unchanged(patches):
            found = drop_colour(patches, generator=torch.Generator().manual_seed(seed))
        results.append(check.tensor(found, like=patches, what="the patches"))
    first, again, *others = results
    check.that(
        torch.equal(first, again),
        "the same seed gave two results: draw both the channels and the noise from the generator",
    )
    for other in others:
        check.that(
            not torch.equal(first, other), "two seeds gave one result: draw from the generator"
        )
    kept = [(result == patches).flatten(2).all(dim=2).int().argmax(dim=1) for result in results]
    check.that(
        not torch.equal(kept[0], kept[2]) or not torch.equal(kept[0], kept[3]),
        "whatever the seed, patch by patch the same channels are kept: draw them from the generator",
    )


### BEGIN HIDDEN TESTS
@check.promise
def any_number_and_kind_of_patches():
    """One patch, many, one-coloured ones, float64, any device, no generator; each channel is kept as often as the others."""
    import torch

    for where in check.devices():
        for n, side, dtype in ((1, 9, torch.float32), (5, 12, torch.float64)):
            patches = (0.2 + 0.6 * torch.rand(n, 3, side, side, dtype=dtype)).to(where)
            with check.unchanged(patches):
                result = check.tensor(drop_colour(patches), like=patches, what="the patches")
            same = (result == patches).flatten(2).all(dim=2)
            check.that(
                bool((same.sum(dim=1) == 1).all()),
                "keep one channel of each patch, and replace two",
            )
    plain = torch.tensor([0.25, 0.5, 0.75]).view(1, 3, 1, 1).expand(4, 3, 8, 8).clone()
    result = check.tensor(drop_colour(plain.clone()), like=plain, what="the one-coloured patches")
    check.that(
        bool(((result - result[:, :, :1, :1]).abs() < 1e-6).all())
        and bool(((result[:, 0] - result[:, 1]).abs() < 1e-6).all())
        and bool(((result[:, 0] - result[:, 2]).abs() < 1e-6).all()),
        "a patch of one colour has no spread, so its replaced channels are its kept channel's mean exactly",
    )
    # 300 patches: each channel is kept by 100, give or take 8
    patches = 0.2 + 0.6 * torch.rand(300, 3, 4, 4)
    result = drop_colour(patches.clone(), generator=torch.Generator().manual_seed(4))
    result = check.tensor(result, like=patches, what="the patches")
    counts = (result == patches).flatten(2).all(dim=2).sum(dim=0).tolist()
    check.that(
        min(counts) > 55 and max(counts) < 145,
        f"of 300 patches {counts} keep the first, second and third channel: draw them equally often",
    )


### END HIDDEN TESTS

# %% [markdown]
# Our pictures have no lens, so we make a bad one: red is drawn a little larger than green, blue a little
# smaller. Then another player without eyes for things: it asks by how many pixels red has to be moved
# sideways to fit blue best, and says "from the left edge" or "from the right edge" accordingly.
#
# **What you should see:** the fringes, and that they betray where in the picture a patch was cut. Behind
# `drop_colour` there is nothing left to compare, and the player is down to guessing.


# %%
def bad_lens(x, strength=0.03):
    """Red larger by `strength`, blue smaller, both about the middle of the picture."""
    channels = []
    for channel, zoom in zip(x.split(1, dim=1), (1 - strength, 1.0, 1 + strength), strict=True):
        theta = torch.tensor([[zoom, 0.0, 0.0], [0.0, zoom, 0.0]], device=x.device).expand(
            len(x), 2, 3
        )
        grid = F.affine_grid(theta, list(channel.shape), align_corners=False)
        channels.append(F.grid_sample(channel, grid, padding_mode="border", align_corners=False))
    return torch.cat(channels, dim=1)


def red_against_blue(patches, most=2):
    """By how many pixels the edges of red lie to the right of those of blue; (N,)."""
    edges = patches[:, :, :, 1:] - patches[:, :, :, :-1]
    red, blue = edges[:, 0], edges[:, 2, :, most:-most]
    wide = blue.shape[-1]
    fits = [(red[:, :, s : s + wide] * blue).sum(dim=(1, 2)).abs() for s in range(2 * most + 1)]
    return torch.stack(fits).argmax(dim=0) - most


generator = torch.Generator().manual_seed(6)
for name, seen in {"a good lens": images, "a bad lens": bad_lens(images)}.items():
    middle = slice(16, 16 + patch_size)
    left, right = seen[:, :, middle, :patch_size], seen[:, :, middle, -patch_size:]
    for what, change in {
        "three channels": lambda z: z,
        "dropped": lambda z: drop_colour(z, generator),
    }.items():
        moved = torch.cat([-red_against_blue(change(left)), red_against_blue(change(right))])
        share = (moved > 0).float().mean() + (
            moved == 0
        ).float().mean() / 2  # it tosses a coin at 0
        print(
            f"{name:11}, {what:14}: the edge is found for {share:.0%} of the patches (chance 50%)"
        )
shown = torch.stack([images[20], *bad_lens(images[20:21]), images[21], *bad_lens(images[21:22])])
plots.gallery(
    torch.cat([shown, drop_colour(shown, generator)]),
    ["a good lens", "a bad lens"] * 2 + ["good, colours dropped", "bad, colours dropped"] * 2,
    columns=4,
    title="What a bad lens does to edges, and what is left of it in one channel",
)

# %% [markdown]
# ## 5 · One encoder, two patches
# ●●○○○ · 15 minutes · 15 points
#
# The network looks at both patches with the **same** [encoder](../../../docs/glossary.md#encoder): what it learns of roofs from the centre, it
# knows for the neighbour too. Each patch becomes a feature vector of length D = `feature_dim`; the two are
# laid **side by side, the centre's first**, (N, 2 D), and a linear layer makes eight logits of them.
#
# $$ \text{logits} \;=\; W \begin{pmatrix} f(\text{centre}) \\ f(\text{neighbour}) \end{pmatrix} + b $$
#
# Side by side, not added up: in a sum nobody could tell any more which patch is the centre.
#
# Write `PatchNet`. It uses the encoder that it was given, not a copy: when the game is over we throw the
# linear layer away and keep the encoder.

# %% [markdown]
# <details><summary><b>Help:</b> what a module needs</summary>
#
# `super().__init__()` stays the first line. In `__init__` each layer, the encoder too, becomes an attribute
# (`self.encoder = encoder`); then its parameters are the network's, and an optimizer finds them. `forward`
# says what happens to the patches.
# </details>
# <details><summary><b>Help:</b> "mat1 and mat2 shapes cannot be multiplied"</summary>
#
# Two feature vectors side by side have 2 × feature_dim entries: `torch.cat([…, …], dim=1)`.
# </details>
# <details><summary><b>Help:</b> "these are probabilities"</summary>
#
# `F.cross_entropy` takes logits and does the rest. No softmax in the network.
# </details>


# %% nbgrader={"grade": false, "grade_id": "PatchNet", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
class PatchNet(nn.Module):
    """Which of the eight neighbours of `centre` is `neighbour`? One encoder looks at both.

    PatchNet(encoder, feature_dim): encoder takes (N, 3, H, W) to features (N, feature_dim).
    forward(centre, neighbour), both (N, 3, H, W): logits (N, 8).
    """

    def __init__(self, encoder, feature_dim):
        super().__init__()
        ### BEGIN SOLUTION
        self.encoder = encoder
        self.head = nn.Linear(2 * feature_dim, 8)
        ### END SOLUTION

    def forward(self, centre, neighbour):
        ### BEGIN SOLUTION
        both = torch.cat([self.encoder(centre), self.encoder(neighbour)], dim=1)  # (N, 2 D)
        return self.head(both)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_PatchNet", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def eight_logits_from_both_patches():
    """Eight logits for every pair, in which both patches count, each in its own way."""
    import torch
    from torch import nn

    encoder = nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 4, 10))
    with torch.no_grad():  # features that spread widely around 0
        encoder[1].weight.normal_()
        encoder[1].bias.copy_(-encoder[1].weight.sum(dim=1) / 2)
    net = PatchNet(encoder, 10)
    check.that(
        isinstance(net, nn.Module), "PatchNet must be a torch.nn.Module: class PatchNet(nn.Module)"
    )
    net.eval()
    centre, neighbour = torch.rand(2, 40, 3, 4, 4)
    logits = net(centre, neighbour)
    logits = check.tensor(
        logits, shape=(40, 8), dtype=torch.float32, what="the logits", differentiable=True
    )
    check.that(
        logits.requires_grad,
        "the logits carry no graph: nothing could be learnt. Don't detach them",
    )
    logits = logits.detach()

    def same(one, two):
        return torch.allclose(net(one, two).detach(), logits, atol=1e-5)

    check.that(
        not torch.allclose(logits.sum(dim=1), torch.ones(40), atol=1e-4)
        or bool((logits < 0).any()),
        "these are probabilities: return the logits, cross_entropy does the softmax itself",
    )
    check.that(
        bool((logits < 0).any()),
        "no logit is ever negative: there is an activation behind the last layer, take it away",
    )
    check.that(
        not same(centre.flip(0), neighbour),
        "other centres give the same logits: the centre plays no part",
    )
    check.that(
        not same(centre, neighbour.flip(0)),
        "other neighbours give the same logits: the neighbour plays no part",
    )
    check.that(
        not same(neighbour, centre),
        "centre and neighbour can be swapped and the logits stay: lay their features side by side "
        "(torch.cat), don't add them up",
    )
    more = 0.3 * torch.rand(40, 3, 4, 4)
    check.that(
        not same(centre + more, neighbour + more),
        "only the difference of the two feature vectors counts: lay them side by side (torch.cat)",
    )


### BEGIN HIDDEN TESTS
@check.promise
def pairs_do_not_mix():
    """The logits of a pair do not depend on the others of its batch; the course's encoder, any N, any patch size."""
    import torch

    from course_utils import models

    for where in check.devices():
        encoder = models.Encoder(width=4).to(where)
        net = PatchNet(encoder, 16)
        check.that(isinstance(net, torch.nn.Module), "PatchNet must be a torch.nn.Module")
        net.to(where).eval()
        for n, side in ((5, 12), (1, 17)):
            centre, neighbour = torch.rand(2, n, 3, side, side, device=where)
            together = check.tensor(
                net(centre, neighbour), shape=(n, 8), what="the logits", differentiable=True
            )
            for i in range(n):
                alone = net(centre[i : i + 1], neighbour[i : i + 1])
                alone = check.tensor(alone, shape=(1, 8), what="the logits", differentiable=True)
                check.close(
                    alone,
                    together[i : i + 1],
                    what=f"the logits of pair {i} alone and among {n}",
                    atol=1e-4,
                )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_PatchNet_2", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def one_encoder_and_it_is_the_one_that_was_given():
    """The given encoder itself is part of the network, looks at both patches, and there is no second one."""
    import torch
    from torch import nn

    encoder = nn.Sequential(nn.Flatten(), nn.Linear(12, 7), nn.Tanh(), nn.Linear(7, 5))
    net = PatchNet(encoder, 5)
    check.that(
        isinstance(net, nn.Module), "PatchNet must be a torch.nn.Module: class PatchNet(nn.Module)"
    )
    given = {id(part) for part in encoder.parameters()}
    own = {id(part) for part in net.parameters()}
    others = [part for part in net.parameters() if id(part) not in given]
    copies = any(
        part.shape == weight.shape and torch.equal(part, weight)
        for part in others
        for weight in encoder.parameters()
    )
    check.that(
        given <= own,
        "the network holds a copy of the encoder: use the one that was given, self.encoder = encoder"
        if copies
        else "the encoder's parameters are not among the network's: keep it as an attribute, "
        "self.encoder = encoder",
    )
    check.that(
        not copies,
        "the network has a second encoder, a copy of the first: one looks at both patches",
    )
    net.eval()
    centre, neighbour = torch.rand(2, 6, 3, 2, 2)

    def logits():
        found = net(centre, neighbour)
        return check.tensor(found, shape=(6, 8), what="the logits", differentiable=True).detach()

    before = logits()
    with torch.no_grad():
        for part in encoder.parameters():
            part.zero_()
    after = logits()
    check.that(
        not torch.allclose(before, after, atol=1e-6),
        "the given encoder was emptied and the logits stay: it does not look at the patches",
    )
    check.that(
        torch.allclose(after, after[:1].expand(6, 8), atol=1e-6),
        "the given encoder was emptied and the logits still depend on the patches: something else looks at "
        "them, a second encoder perhaps",
    )


### BEGIN HIDDEN TESTS
@check.promise
def the_encoder_learns_from_both_patches():
    """Gradients reach the encoder through the centre and through the neighbour; train and eval mode reach it too."""
    import torch
    from torch import nn
    from torch.nn.functional import cross_entropy

    encoder = nn.Sequential(nn.Flatten(), nn.Linear(12, 6, bias=False))
    net = PatchNet(encoder, 6)
    check.that(
        isinstance(net, nn.Module), "PatchNet must be a torch.nn.Module: class PatchNet(nn.Module)"
    )
    net.eval()
    check.that(
        not encoder.training, "net.eval() does not reach the encoder: self.encoder = encoder"
    )
    net.train()
    check.that(encoder.training, "net.train() does not reach the encoder: self.encoder = encoder")
    net.eval()
    patches = torch.rand(2, 4, 12)
    patches[0, :, 6:], patches[1, :, :6] = 0, 0  # each patch moves its own half of the weights
    centre, neighbour = patches.view(2, 4, 3, 2, 2)
    logits = net(centre, neighbour)
    check.tensor(logits, shape=(4, 8), what="the logits", differentiable=True)
    check.that(logits.requires_grad, "the logits carry no graph: don't detach them")
    cross_entropy(logits, torch.tensor([0, 3, 5, 7])).backward()
    gradient = encoder[1].weight.grad
    check.that(gradient is not None, "no gradient reaches the encoder")
    check.that(
        float(gradient[:, :6].abs().sum()) > 0,
        "no gradient reaches the encoder through the centre: don't detach its features",
    )
    check.that(
        float(gradient[:, 6:].abs().sum()) > 0,
        "no gradient reaches the encoder through the neighbour: don't detach its features",
    )
    learns = [
        part for part in net.parameters() if part is not encoder[1].weight and part.grad is not None
    ]
    check.that(
        bool(learns), "nothing but the encoder learns: the layer behind it must be an attribute too"
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_PatchNet_3", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def the_centre_comes_first():
    """The centre's features are the first half of what the layer behind the encoder gets, the neighbour's the second."""
    import torch
    from torch import nn

    def silenced(half):
        """Whether centre and neighbour still count when the layer ignores one half of what it gets."""
        encoder = nn.Sequential(nn.Flatten(), nn.Linear(12, 9), nn.Tanh())
        net = PatchNet(encoder, 9)
        check.that(isinstance(net, nn.Module), "PatchNet must be a torch.nn.Module")
        net.eval()
        given = {id(part) for part in encoder.parameters()}
        layers = [
            part
            for part in net.parameters()
            if id(part) not in given and part.dim() == 2 and part.shape[1] == 18
        ]
        if not layers:
            return None
        with torch.no_grad():  # of several, the first is the one behind the encoder
            layers[0][:, 9 * half : 9 * half + 9] = 0
        centre, neighbour = torch.rand(2, 6, 3, 2, 2)
        pairs = (centre, neighbour), (centre.flip(0), neighbour), (centre, neighbour.flip(0))
        logits, *others = (
            check.tensor(net(*pair), shape=(6, 8), what="the logits", differentiable=True).detach()
            for pair in pairs
        )
        return [not torch.allclose(logits, other, atol=1e-6) for other in others]

    first, second = silenced(0), silenced(1)
    if first is not None:  # two layers, one a patch, are as good
        check.that(
            first != [True, False] and second != [False, True],
            "the neighbour's features come first: put the centre's first, torch.cat([centre's, neighbour's], dim=1)",
        )
        check.that(
            first == [False, True] and second == [True, False],
            "the two feature vectors do not lie side by side: torch.cat([centre's, neighbour's], dim=1), "
            "(N, 2 * feature_dim)",
        )


### BEGIN HIDDEN TESTS
@check.promise
def any_feature_dim():
    """For other encoders and feature_dim 1, 3 and 32: the logits of one pair and of four."""
    import torch
    from torch import nn

    for feature_dim in (1, 3, 32):
        encoder = nn.Sequential(nn.Conv2d(3, feature_dim, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        net = PatchNet(encoder, feature_dim)
        check.that(isinstance(net, nn.Module), "PatchNet must be a torch.nn.Module")
        net.eval()
        for n in (1, 4):
            logits = net(torch.rand(n, 3, 6, 6), torch.rand(n, 3, 6, 6))
            check.tensor(logits, shape=(n, 8), what="the logits", differentiable=True)


### END HIDDEN TESTS

# %% [markdown]
# ## 6 · One training step
# ●●○○○ · 15 minutes · 10 points
#
# Where the neighbour lies is an ordinary classification with eight classes; only the labels came for free.
# Write `pretext_step`: one step of the optimizer, in **train mode**, on the mean cross-entropy of the eight
# logits. It returns two floats: the loss, and the accuracy, which is the fraction of pairs whose largest
# logit is that of the right position. Both are those of the logits that the step is made on. The model
# stays in train mode.

# %% [markdown]
# <details><summary><b>Help:</b> "gradients from before the step are part of it"</summary>
#
# `backward()` adds to whatever the parameters' `.grad` holds. `optimizer.zero_grad()` comes before it.
# </details>
# <details><summary><b>Help:</b> "the running statistics have noted the batch twice"</summary>
#
# The model was called a second time in train mode, for the accuracy perhaps. The logits of the first call
# are all you need.
# </details>


# %% nbgrader={"grade": false, "grade_id": "pretext_step", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def pretext_step(model, optimizer, centres, neighbours, positions):
    """One training step on a batch of pairs.

    Args: model: (centres, neighbours) -> logits (N, 8); optimizer over its parameters; centres and
        neighbours (N, 3, H, W) in [0, 1]; positions (N,) int64.
    Returns: (mean cross-entropy, accuracy in [0, 1]) of the batch before the step, both floats.
    """
    ### BEGIN SOLUTION
    model.train()
    logits = model(centres, neighbours)
    loss = F.cross_entropy(logits, positions)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    accuracy = (logits.argmax(dim=1) == positions).double().mean()
    return loss.item(), accuracy.item()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_pretext_step", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def one_step_of_plain_gradient_descent():
    """With plain gradient descent: the step of the mean cross-entropy, that loss, and the fraction of right positions."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    class Pair(torch.nn.Module):  # looks at both patches, and not at both alike
        def __init__(self):
            super().__init__()
            self.inner = check.tiny_classifier(8, seed=3)

        def forward(self, centres, neighbours):
            return self.inner(centres - 0.4 * neighbours.flip(3))

    def slope(one, two, reduction="mean"):
        loss = cross_entropy(twin(one, two), positions, reduction=reduction)
        return torch.cat([g.flatten() for g in torch.autograd.grad(loss, [*twin.parameters()])])

    def weights(model):
        return torch.cat([part.detach().flatten() for part in model.parameters()])

    def after_two():
        other = copy.deepcopy(twin)
        once_more = torch.optim.SGD(other.parameters(), lr=0.01)
        for _ in range(2):
            once_more.zero_grad()
            cross_entropy(other(centres, neighbours), positions).backward()
            once_more.step()
        return weights(twin) - weights(other)

    model = Pair().train()
    twin = copy.deepcopy(model)
    (centres, _), (neighbours, _) = check.tiny_batch(8, seed=1), check.tiny_batch(8, seed=2)
    positions = twin(centres, neighbours).argmax(dim=1)
    positions[:3] = (positions[:3] + 1) % 8  # five of eight are right
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with check.changing(model, optimizer):
        answer = pretext_step(
            model, optimizer, centres.clone(), neighbours.clone(), positions.clone()
        )
    loss, accuracy = check.tuple_of(answer, ("loss", "accuracy"))
    g = slope(centres, neighbours)
    check.close(
        weights(twin) - weights(model),
        0.01 * g,
        what="the change of the weights",
        atol=1e-9,
        mistakes={
            "the optimizer made no step: backward(), then optimizer.step()": 0 * g,
            "centres and neighbours are swapped: model(centres, neighbours)": 0.01
            * slope(neighbours, centres),
            "the step is that of the summed loss: use the mean cross-entropy": 0.01
            * slope(centres, neighbours, "sum"),
            "the step goes up the loss": -0.01 * g,
            "the step is made twice: make it once": after_two,
        },
        hint="backward() and step(), on the mean cross-entropy: make it once",
    )
    expected = cross_entropy(twin(centres, neighbours), positions).item()
    check.close(
        check.number(loss, "the loss"),
        expected,
        what="the loss",
        mistakes={
            "that is the summed loss: return the mean": 8 * expected,
            "that is the loss after the step: return the one that the step was made on": cross_entropy(
                model(centres, neighbours), positions
            ).item(),
            "accuracy and loss are swapped: the loss comes first": 5 / 8,
        },
    )
    check.close(
        check.number(accuracy, "the accuracy"),
        5 / 8,
        what="the accuracy",
        mistakes={
            "that is in percent: return a fraction": 62.5,
            "that is the number of right positions: divide by the size of the batch": 5.0,
            "that is the error rate: return the fraction that is right": 3 / 8,
            "the accuracy is that of another call with centres and neighbours swapped": lambda: (
                (twin(neighbours, centres).argmax(dim=1) == positions).double().mean()
            ),
        },
        hint="The fraction of pairs whose largest logit is that of the right position",
    )


### BEGIN HIDDEN TESTS
@check.promise
def step_after_step_as_the_optimizer_makes_them():
    """With momentum, weight decay or Adam, over several batches of any size: the losses, accuracies and steps of each."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    class Pair(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = check.tiny_classifier(8, seed=4)

        def forward(self, centres, neighbours):
            return self.inner(centres - 0.4 * neighbours.flip(3))

    for make in (
        lambda parts: torch.optim.SGD(parts, lr=0.02, momentum=0.9, weight_decay=0.01),
        lambda parts: torch.optim.Adam(parts, lr=0.01),
    ):
        model = Pair().train()
        twin = copy.deepcopy(model)
        optimizer, other = make(model.parameters()), make(twin.parameters())
        for number, n in enumerate((4, 1, 5)):
            centres, positions = check.tiny_batch(n, num_classes=8, seed=number)
            neighbours, _ = check.tiny_batch(n, seed=10 + number)
            with check.changing(model, optimizer):
                answer = pretext_step(
                    model, optimizer, centres.clone(), neighbours.clone(), positions.clone()
                )
            loss, accuracy = check.tuple_of(answer, ("loss", "accuracy"))
            logits = twin(centres, neighbours)
            expected = cross_entropy(logits, positions)
            other.zero_grad()
            expected.backward()
            other.step()
            check.close(
                check.number(loss, "the loss"),
                expected.item(),
                what=f"the loss of step {number + 1}",
            )
            check.close(
                check.number(accuracy, "the accuracy"),
                (logits.argmax(dim=1) == positions).double().mean(),
                what=f"the accuracy of step {number + 1}",
                mistakes={
                    "that is the accuracy after the step: return that of the logits it was made on": lambda: (
                        (twin(centres, neighbours).argmax(dim=1) == positions).double().mean()
                    )
                },
            )
        for (name, one), two in zip(model.named_parameters(), twin.parameters(), strict=True):
            check.close(one, two, what=f"the parameter {name} after three steps", atol=1e-7)


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_pretext_step_2", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def in_train_mode_and_once():
    """With BatchNorm: the batch passes in train mode, once, also when the model came in eval mode; train mode stays on."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    class Pair(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = check.tiny_classifier(8, fragile=True, seed=5)
            self.inner.drop.p = 0.0  # what is dropped at random can't be compared

        def forward(self, centres, neighbours):
            return self.inner(centres - 0.4 * neighbours.flip(3))

    centres, positions = check.tiny_batch(6, num_classes=8, seed=1)
    neighbours, _ = check.tiny_batch(6, seed=2)
    for came in (True, False):
        model = Pair().train(came)
        twin = copy.deepcopy(model).train()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        with check.changing(model, optimizer):
            answer = pretext_step(
                model, optimizer, centres.clone(), neighbours.clone(), positions.clone()
            )
        loss, _ = check.tuple_of(answer, ("loss", "accuracy"))
        before = twin.inner.norm.running_mean.clone()
        expected = cross_entropy(twin(centres, neighbours), positions).item()
        after = twin.inner.norm.running_mean.clone()
        twin(centres, neighbours)
        way = "train" if came else "eval"
        check.that(
            all(part.training for part in model.modules()),
            f"a model that came in {way} mode is left in eval mode: a training step leaves it in train mode",
        )
        check.close(
            model.inner.norm.running_mean,
            after,
            what="BatchNorm's running mean after the step",
            atol=1e-9,
            mistakes={
                f"the running statistics of a model that came in {way} mode have noted nothing: call "
                "model.train() before the step": before,
                "the running statistics have noted the batch twice: call the model once": twin.inner.norm.running_mean,
            },
            hint="The batch passes in train mode, and only once",
        )
        check.close(check.number(loss, "the loss"), expected, what="the loss in train mode")


### BEGIN HIDDEN TESTS
@check.promise
def single_pairs_and_short_numbers():
    """A single pair, float32, any device: the loss in train mode, two floats, train mode on."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    class Pair(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = check.tiny_classifier(8, fragile=True, seed=6, dtype=torch.float32)
            self.inner.drop.p = 0.0

        def forward(self, centres, neighbours):
            return self.inner(centres - 0.4 * neighbours.flip(3))

    for where in check.devices():
        for n in (1, 3):
            model = Pair().eval().to(where)
            twin = copy.deepcopy(model).train()
            (centres, positions), (neighbours, _) = (
                check.tiny_batch(n, num_classes=8, seed=seed, dtype=torch.float32)
                for seed in (3, 4)
            )
            centres, neighbours, positions = (
                part.to(where) for part in (centres, neighbours, positions)
            )
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
            with check.changing(model, optimizer), check.unchanged(centres, neighbours, positions):
                answer = pretext_step(model, optimizer, centres, neighbours, positions)
            loss, accuracy = check.tuple_of(answer, ("loss", "accuracy"))
            check.that(
                all(part.training for part in model.modules()),
                "the model is left in eval mode: a training step leaves it in train mode",
            )
            expected = cross_entropy(twin(centres, neighbours), positions).item()
            check.close(check.number(loss, "the loss"), expected, what="the loss in train mode")
            check.number(accuracy, "the accuracy")
            check.close(
                model.inner.norm.running_mean,
                twin.inner.norm.running_mean,
                what="BatchNorm's running mean after the step",
            )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_pretext_step_3", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def no_gradient_is_left_over():
    """Gradients from before play no part in the step, and the batch stays as it was."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    class Pair(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = check.tiny_classifier(8, seed=7)

        def forward(self, centres, neighbours):
            return self.inner(centres - 0.4 * neighbours.flip(3))

    def weights(model):
        return torch.cat([part.detach().flatten() for part in model.parameters()])

    (centres, positions), (neighbours, _) = (
        check.tiny_batch(4, num_classes=8, seed=seed) for seed in (5, 6)
    )
    model = Pair().train()
    twin = copy.deepcopy(model)
    (
        3 * cross_entropy(model(neighbours, centres), positions)
    ).backward()  # somebody stopped half way
    left = torch.cat([part.grad.flatten() for part in model.parameters()])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with check.changing(model, optimizer), check.unchanged(centres, neighbours, positions):
        pretext_step(model, optimizer, centres, neighbours, positions)
    loss = cross_entropy(twin(centres, neighbours), positions)
    g = torch.cat([part.flatten() for part in torch.autograd.grad(loss, [*twin.parameters()])])
    check.close(
        weights(twin) - weights(model),
        0.01 * g,
        what="the change of the weights",
        atol=1e-9,
        mistakes={
            "gradients from before the step are part of it: call optimizer.zero_grad() before backward()": 0.01
            * (g + left),
            "the optimizer made no step: zero_grad() comes before backward(), not between it and step()": 0
            * g,
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def nothing_of_one_step_is_left_in_the_next():
    """Three steps with momentum: the parameters are those of three steps made one by one."""
    import copy

    import torch
    from torch.nn.functional import cross_entropy

    class Pair(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = check.tiny_classifier(8, seed=8)

        def forward(self, centres, neighbours):
            return self.inner(centres - 0.4 * neighbours.flip(3))

    model = Pair().train()
    twin = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    other = torch.optim.SGD(twin.parameters(), lr=0.01, momentum=0.9)
    for number in range(3):
        (centres, positions), (neighbours, _) = (
            check.tiny_batch(3, num_classes=8, seed=seed) for seed in (number, 7 + number)
        )
        with check.changing(model, optimizer):
            pretext_step(model, optimizer, centres, neighbours, positions)
        other.zero_grad()
        cross_entropy(twin(centres, neighbours), positions).backward()
        other.step()
    for (name, one), two in zip(model.named_parameters(), twin.parameters(), strict=True):
        check.close(
            one,
            two,
            what=f"the parameter {name} after three steps",
            atol=1e-8,
            hint="Are gradients left over from the step before?",
        )


### END HIDDEN TESTS

# %% [markdown]
# A small network plays 80 rounds with 64 pictures each, fairly: with gap, jitter and dropped colours. That
# is next to nothing; those of the next exercise have played for much longer. It is measured on
# pictures that it has not seen.
#
# **What you should see:** the loss sinks, and the accuracy climbs to well over the 12.5 % of guessing.

# %%
unseen = world(400, seed=3491, device=device.pick())
torch.manual_seed(0)
encoder = models.Encoder().to(device.pick())
net = PatchNet(encoder, encoder.feature_dim).to(device.pick())
optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
generator = torch.Generator().manual_seed(7)


def game(pictures, generator):
    """A fair round: (centres, neighbours, positions)."""
    centres, neighbours, positions = pair_batch(pictures, patch_size, gap, jitter, generator)
    return drop_colour(centres, generator), drop_colour(neighbours, generator), positions


rounds = []
for _ in range(80):
    chosen = images[torch.randint(len(images), (64,), generator=generator).to(images.device)]
    rounds.append(pretext_step(net, optimizer, *game(chosen, generator)))
for first in range(0, 80, 20):
    loss, accuracy = torch.tensor(rounds[first : first + 20]).mean(dim=0)
    print(f"rounds {first + 1:2} to {first + 20:2}: loss {loss:.2f}, {accuracy:.0%} placed rightly")
centres, neighbours, positions = game(unseen.images, generator)
with evaluating(net), torch.no_grad():
    right = (net(centres, neighbours).argmax(dim=1) == positions).float().mean()
print(f"unseen pictures: {right:.0%} placed rightly (chance 12.5%)")

# %% [markdown]
# ## 7 · Who looks alike?
# ●●○○○ · 15 minutes · 15 points
#
# Nobody needs a machine that says where patches lie. The [pretext task](../../../docs/glossary.md#pretext-task) has done its work when the encoder's
# features bring together what belongs together. The quickest way to see whether they do: take a picture,
# and look for the others whose features are **most similar**. How long a feature vector is says little,
# where it points says much, so similarity is the **[cosine](../../../docs/glossary.md#cosine-similarity)** of the angle between two vectors:
#
# $$ \mathrm{sim}(q, b) \;=\; \frac{q \cdot b}{\lVert q \rVert \, \lVert b \rVert} $$
#
# Write `nearest`: for each query the numbers of the k rows of `bank` with the largest cosine similarity,
# **best first**. A vector of zeros points nowhere; it must not make NaN, and it is no better than any other.

# %% [markdown]
# <details><summary><b>Help:</b> all similarities at once</summary>
#
# `F.normalize(v, dim=1)` gives each row length 1, and leaves rows of zeros as they are. The cosines of all
# pairs are then one matrix product, (Q, D) times (D, M).
# </details>
# <details><summary><b>Help:</b> "the rows with the largest dot product are found"</summary>
#
# A long row of the bank has large products with everything. Give the rows of the bank length 1 first.
# </details>
# <details><summary><b>Help:</b> the k largest of each row</summary>
#
# `similarity.topk(k, dim=1)` sorts them, largest first; `.indices` says where they stood.
# </details>


# %% nbgrader={"grade": false, "grade_id": "nearest", "locked": false, "points": 0, "schema_version": 3, "solution": true, "task": false}
def nearest(query, bank, k):
    """The k rows of `bank` with the largest cosine similarity to each query, best first.

    Args: query (Q, D); bank (M, D); k from 1 to M.
    Returns: the numbers of the rows, (Q, k) int64.
    """
    ### BEGIN SOLUTION
    similarity = F.normalize(query, dim=1) @ F.normalize(bank, dim=1).T  # (Q, M)
    return similarity.topk(k, dim=1).indices
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_nearest", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def arrows_in_the_plane():
    """Arrows of many lengths at 0, 10, 35, 80, 130 and 200 degrees: the two nearest in direction, the nearer one first."""
    import torch

    degrees = torch.tensor([130.0, 200.0, 0.0, 35.0, 80.0, 10.0], dtype=torch.float64)
    lengths = torch.tensor([9.0, 1.0, 1.5, 3.0, 0.2, 1.0], dtype=torch.float64)
    arrows = torch.stack([degrees.deg2rad().cos(), degrees.deg2rad().sin()], dim=1)
    bank = lengths[:, None] * arrows
    asked = torch.tensor([187.0, 30.0, 60.0, 95.0], dtype=torch.float64)
    query = torch.stack([asked.deg2rad().cos(), asked.deg2rad().sin()], dim=1)
    query = query * torch.tensor([[1.0], [0.3], [2.0], [0.7]], dtype=torch.float64)
    found = nearest(query.clone(), bank.clone(), 2)
    if isinstance(found, torch.Tensor) and found.is_floating_point():
        check.fail(
            "these are no numbers of rows but floats: return where the largest are, `.indices`"
        )
    found = check.tensor(found, shape=(4, 2), what="the numbers of the rows")
    similarity = (query / query.norm(dim=1, keepdim=True)) @ arrows.T

    def first_two(scores):
        return scores.argsort(dim=1, descending=True)[:, :2]

    check.close(
        found,
        first_two(similarity),
        what="the two nearest rows of each query",
        mistakes={
            "the farthest are found: the largest cosine is the nearest": first_two(-similarity),
            "they are the right ones, but worst first": first_two(similarity).flip(1),
            "the rows with the largest dot product are found, and long ones are preferred: divide by the "
            "lengths": first_two(query @ bank.T),
            "the rows at the smallest distance are found: compare directions, not places": first_two(
                -torch.cdist(query, bank)
            ),
            "the sign is lost: an arrow that points the opposite way is the farthest": first_two(
                similarity.abs()
            ),
            "each dimension is scaled instead of each row: normalise along dim=1": first_two(
                (query / query.norm(dim=0)) @ (bank / bank.norm(dim=0)).T
            ),
            "every query has the answer of the first": first_two(similarity)[:1].expand(4, 2),
            "the best is left out: is it taken for the query itself? The bank does not hold the query": similarity.argsort(
                dim=1, descending=True
            )[:, 1:3],
            "the rows are numbered from 1: the first is number 0": first_two(similarity) + 1,
            "the right rows, but sorted by their number: sort them by similarity": first_two(
                similarity
            )
            .sort(dim=1)
            .values,
        },
    )


### BEGIN HIDDEN TESTS
@check.promise
def many_queries_in_many_dimensions():
    """For any numbers of queries, rows and dimensions: the k largest cosines, in order."""
    import torch

    for queries, rows, dimensions, k in ((30, 50, 7, 5), (5, 40, 64, 3), (12, 9, 3, 9)):
        lengths = torch.rand(rows, 1, dtype=torch.float64) * 3 + 0.05
        bank = torch.randn(rows, dimensions, dtype=torch.float64) * lengths + 0.3
        query = torch.randn(queries, dimensions, dtype=torch.float64) + 0.3
        found = check.tensor(
            nearest(query.clone(), bank.clone(), k),
            shape=(queries, k),
            what="the numbers of the rows",
        ).long()
        check.that(
            int(found.min()) >= 0 and int(found.max()) < rows,
            f"the bank has rows 0 to {rows - 1}, got {int(found.min())} to {int(found.max())}",
        )

        def unit(v):
            return v / v.norm(dim=1, keepdim=True)

        similarity = unit(query) @ unit(bank).T
        case = f"of {k} among {rows} rows in {dimensions} dimensions"

        def of(scores):  # the similarities of the rows that these scores would choose
            return similarity.gather(1, scores.topk(k, dim=1).indices)

        check.close(
            similarity.gather(1, found),
            of(similarity),
            what=f"the similarities of the rows found, {case},",
            atol=1e-6,
            mistakes={
                "the farthest are found: the largest cosine is the nearest": of(-similarity),
                "the rows with the largest dot product are found: divide by the lengths of the rows": of(
                    query @ bank.T
                ),
                "the rows at the smallest distance are found: compare directions": of(
                    -torch.cdist(query, bank)
                ),
                "the sign is lost: opposite directions are the farthest": of(similarity.abs()),
                "each dimension is scaled instead of each row: normalise along dim=1": of(
                    (query / query.norm(dim=0)) @ (bank / bank.norm(dim=0)).T
                ),
                "the mean is taken off first: that is a correlation, not the cosine": of(
                    unit(query - query.mean(dim=1, keepdim=True))
                    @ unit(bank - bank.mean(dim=1, keepdim=True)).T
                ),
                "the right rows, but worst first": of(similarity).flip(1),
            },
        )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_nearest_2", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def vectors_of_zeros_make_no_nan():
    """A row of zeros in the bank is not the nearest of anything that has a nearer one; a query of zeros gets k rows."""
    import torch

    bank = torch.tensor([[0.0, 0.0], [1.0, 1.0], [2.0, 0.1], [0.3, 0.5], [0.0, 0.0]])
    query = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 1.5]])
    expected = torch.tensor([[2, 1], [3, 1], [3, 1]])
    found = check.tensor(nearest(query, bank, 2), shape=(3, 2), what="the numbers of the rows")
    check.that(
        not bool(((found == 0) | (found == 4)).any()),
        "a row of zeros is found before rows that point the same way: dividing by its length 0 gives NaN, "
        "which counts as the largest. F.normalize keeps it at 0",
    )
    check.close(found, expected, what="the nearest rows beside rows of zeros")
    found = check.tensor(
        nearest(torch.zeros(2, 2), bank, 3),
        shape=(2, 3),
        what="the nearest rows of a query of zeros",
    )
    check.that(
        all(len(set(row)) == 3 and set(row) <= set(range(5)) for row in found.tolist()),
        f"a query of zeros gets the rows {found.tolist()}: any three different ones of 0 to 4 would do",
    )


### BEGIN HIDDEN TESTS
@check.promise
def zeros_here_and_there():
    """Among many, in float64: rows of zeros are never found before rows that point the same way, other queries are untouched."""
    import torch

    bank = torch.rand(30, 6, dtype=torch.float64) + 0.1  # every cosine is positive
    query = torch.rand(9, 6, dtype=torch.float64) + 0.1
    bank[::7] = 0
    query[4] = 0
    found = check.tensor(
        nearest(query, bank, 8), shape=(9, 8), what="the numbers of the rows"
    ).long()
    others = [i for i in range(9) if i != 4]
    check.that(
        int(found.min()) >= 0 and int(found.max()) < 30,
        f"the bank has rows 0 to 29, got {int(found.min())} to {int(found.max())}",
    )
    cosine = torch.nn.functional.cosine_similarity(query[others][:, None], bank[None], dim=2)
    check.that(
        not bool((found[others] % 7 == 0).any()),
        "a row of zeros is found before rows that point the same way: F.normalize keeps it at 0",
    )
    check.close(
        cosine.gather(1, found[others]),
        cosine.topk(8, dim=1).values,
        what="the similarities of the rows found beside rows and queries of zeros",
    )
    check.that(
        len(set(found[4].tolist())) == 8,
        f"a query of zeros gets the rows {found[4].tolist()}: any eight different ones would do",
    )


### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_nearest_3", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
from course_utils import check


@check.promise
def one_query_one_row():
    """Also for a single query, k = 1 and k = all rows; whole numbers come back, and the inputs stay as they were."""
    import torch

    bank = torch.tensor([[1.0, 2.0, 0.0], [4.0, 0.0, 1.0], [0.1, 0.1, 0.3], [-1.0, -2.0, 0.5]])
    query = torch.tensor([[0.0, 0.5, 2.0]])
    for k in (1, 4):
        with check.unchanged(query, bank):
            found = nearest(query, bank, k)
        if isinstance(found, torch.Tensor) and found.is_floating_point():
            check.fail("these are no numbers of rows but floats: return where the largest are")
        found = check.tensor(found, shape=(1, k), what=f"the numbers of the rows for k = {k}")
        check.close(
            found, torch.tensor([[2, 1, 0, 3]])[:, :k], what=f"the rows for one query and k = {k}"
        )
    alone = check.tensor(nearest(query, bank[:1], 1), shape=(1, 1), what="the only row's number")
    check.close(alone, torch.zeros(1, 1), what="the only row's number")


### BEGIN HIDDEN TESTS
@check.promise
def any_device_and_dtype():
    """On any device, float32 and float64, features of any scale; the answer is on that device."""
    import torch

    for where in check.devices():
        for dtype, scale in ((torch.float32, 100.0), (torch.float64, 0.01)):
            query = (scale * torch.randn(7, 12, dtype=dtype)).to(where)
            bank = (scale * torch.randn(25, 12, dtype=dtype)).to(where)
            with check.unchanged(query, bank):
                found = nearest(query, bank, 4)
            found = check.tensor(found, shape=(7, 4), what="the numbers of the rows")
            check.that(
                found.device == query.device,
                f"the answer is on {found.device}, the features on {query.device}",
            )
            check.that(
                int(found.min()) >= 0 and int(found.max()) < 25,
                f"the bank has rows 0 to 24, got {int(found.min())} to {int(found.max())}",
            )
            cosine = torch.nn.functional.cosine_similarity(query[:, None], bank[None], dim=2)
            check.close(
                cosine.gather(1, found.long()),
                cosine.topk(4, dim=1).values,
                what="the similarities of the rows found",
            )


### END HIDDEN TESTS

# %% [markdown]
# Two networks have played the game for long, with gap and jitter. One had fair pictures. The other, the
# cheat, had the same ones through a bad lens, and nothing was done about it.
#
# **What you should see:** behind its bad lens the cheat plays better than the fair one. Behind a good lens,
# little is left of its art.

# %%
fair, cheat = (
    models.zoo.load(name, device=device.pick()) for name in ("world_patches", "world_patches_cheat")
)
for name, network, pictures in (
    ("the fair one, good lens", fair, unseen.images),
    ("the cheat, bad lens", cheat, bad_lens(unseen.images)),
    ("the cheat, good lens", cheat, unseen.images),
):
    generator = torch.Generator().manual_seed(8)
    centres, neighbours, positions = pair_batch(pictures, patch_size, gap, jitter, generator)
    with torch.no_grad():
        right = (network(centres, neighbours).argmax(dim=1) == positions).float().mean()
    print(f"{name:24}: {right:.0%} placed rightly (chance 12.5%)")

# %% [markdown]
# So who has the better eyes? Four encoders look at 400 whole pictures that none of them has seen: one that
# was never trained, yours of a minute ago, the cheat's and the fair one. For each picture we ask for the five
# most similar others, and count how many show the same class. (Here the labels come back, to judge; no
# encoder ever had them.)
#
# **What you should see:** winning the game was not what mattered.

# %%
torch.manual_seed(1)
encoders = {
    "never trained": models.Encoder().to(device.pick()).eval(),
    "yours": net.encoder.eval(),
    "cheat, bad lens": cheat.encoder,
    "fair, long": fair.encoder,
}
shares, found = {}, {}
for name, looking in encoders.items():
    with torch.no_grad():
        features = looking(unseen.images)
    features = features - features.mean(dim=0)  # what all pictures share tells them not apart
    found[name] = nearest(features, features, 6)[:, 1:]  # the nearest is the picture itself
    same = unseen.labels[found[name]] == unseen.labels[:, None]
    shares[name] = round(100 * same.float().mean().item(), 1)
plots.bars(
    shares,
    title="The five most similar pictures: how many show the same thing?",
    unit="of the same class, % (chance 10 %)",
    highlight=["fair, long"],
)

# %%
names = ["umbrella", "house", "car", "fish"]
queries = [
    int((unseen.labels == CLASSES.index(name)).nonzero()[0]) for name in names if name in CLASSES
]
rows = [[query, *found["fair, long"][query, :4].tolist()] for query in queries]
plots.gallery(
    unseen.images[torch.tensor(rows, device=unseen.images.device).flatten()],
    [CLASSES[unseen.labels[i]] for row in rows for i in row],
    columns=5,
    title="Asked for the first of each row, the fair encoder brings the other four",
)

# %% [markdown]
# ## 8 · In your own words: shortcuts
# ●●○○○ · 25 minutes · 10 points, graded by a person
#
# A network found a way to win that its teachers had not thought of. In 200 to 300 words:
#
# - Name **two shortcuts** that you met above. For each: what does the network read, which remedy closes it,
#   and what do your numbers say about how well it is closed (3 points)?
# - Think up **one more**, in a kind of pictures that you know (X-rays, satellite pictures, video frames,
#   photographs with a date in the corner …): a way to place patches rightly without knowing any thing. How
#   would you find out whether your network uses it, and how would you close it (3 points)?
# - The cheat was better at the game than the fair network. **Why is accuracy in the pretext task no measure
#   of what the features are worth**, and what would you measure instead (2 points)?
# - Every remedy takes something away: gap, jitter and dropped colours all make the game harder. When would
#   one of them **cost more than it brings** (2 points)?

# %% [markdown] nbgrader={"grade": true, "grade_id": "written", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# === BEGIN SOLUTION
# (What a full answer has: borders that touch, closed by gap and jitter, and colour fringes, closed by dropping
# colours, each with the numbers of its player before and after; a shortcut that fits the chosen pictures, such
# as vignetting, a horizon or sky that is always on top, a scanner's frame, a burnt-in date, compression blocks
# in step with the grid, with a test that shows it, such as a player that sees only this, or pictures with it
# removed or moved, and a remedy that fits; that the pretext task is a means, its accuracy rises by shortcuts
# that the features do not profit from, so measure a downstream task, such as nearest neighbours or a linear
# probe with few labels, on held-out pictures; a case where what is taken away is the thing to be learnt, such
# as colour for ripeness of fruit, fine continuing texture, or patches that become too small beside a large gap.)
# === END SOLUTION

# %% [markdown]
# ---
# **Before you hand in:** *Kernel → Restart Kernel and Run All Cells*. Then save the notebook, under the
# name it has.
