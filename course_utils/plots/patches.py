"""Lecture 4's figures: pairs of patches in their picture, the quiz's board, neighbours, and a lens's fringes."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from course_utils.plots.picture import (
    BLUE,
    GREY,
    INK,
    SKY,
    VERMILLION,
    Picture,
    draw_image,
    new,
    outline,
    percent,
    sentence,
    styled,
)

# Row by row around the centre, as the labs number them.
PLACES = ("↖", "↑", "↗", "←", "→", "↙", "↓", "↘")
WORDS = (
    "above left", "above", "above right", "left", "right", "below left", "below", "below right",
)  # fmt: skip


PAPER_GREY = "#F2F2F2"
BETS = "shaded, in %: the network's bets"
# What is written over a patch needs paper below it.
_ON: dict[bool, dict] = {
    False: {},
    True: {"bbox": {"fc": "#FFFFFF", "ec": "none", "alpha": 0.85, "pad": 2.0}},
}


def _cell(position: int) -> tuple[int, int]:
    """(row, column) in {-1, 0, 1} of a position 0..7."""
    row, column = divmod(position + (position >= 4), 3)
    return row - 1, column - 1


@styled
def pair_in_picture(
    image: Tensor,
    corners: Tensor,
    patch_size: int,
    position: int,
    *,
    gap: int,
    jitter: int = 0,
    title: str,
) -> Picture:
    """A picture with the two patches framed, the eight places of the grid dotted, and both patches large.

    Args:
        image: (3, H, W) in [0, 1].
        corners: (2, 2) upper left corners, the centre's first, each (row, column).
        patch_size, gap, jitter: in pixels, as they were sampled.
        position: 0..7, the neighbour's.
    """
    told = (
        f"Patches of {patch_size} pixels, gap {gap}, jitter {jitter}: the centre patch at row "
        f"{int(corners[0, 0])}, column {int(corners[0, 1])}, its neighbour {WORDS[position]} "
        f"(position {position}) at row {int(corners[1, 0])}, column {int(corners[1, 1])}"
    )
    picture = new(10, 4.9, title=title, alt=sentence(title, told))
    axes = picture.subplots(1, 3, width_ratios=[2.1, 1, 1])
    draw_image(axes[0], image, title=f"gap {gap}, jitter {jitter}")
    axes[0].set_xlabel("dotted: where the other neighbours would lie")
    _grid(axes[0], corners[0], patch_size, gap)
    heads = ("the patch", f"its neighbour: position {position} {PLACES[position]}")
    for index, (colour, head) in enumerate(zip((BLUE, VERMILLION), heads, strict=True)):
        _frame(axes[0], corners[index], patch_size, colour)
        row, column = corners[index].tolist()
        patch = image[:, row : row + patch_size, column : column + patch_size]
        draw_image(axes[1 + index], patch, title=head, frame=colour)
    return picture


def _grid(ax: Axes, corner: Tensor, patch_size: int, gap: int) -> None:
    """The eight places around a patch, dotted, as far as they lie in the picture."""
    bottom, left = ax.get_ylim()[0], ax.get_xlim()[0]
    right, top = ax.get_xlim()[1], ax.get_ylim()[1]
    for position in range(8):
        row, column = _cell(position)
        y = float(corner[0]) + row * (patch_size + gap) - 0.5
        x = float(corner[1]) + column * (patch_size + gap) - 0.5
        inside = left <= x and x + patch_size <= right and top <= y and y + patch_size <= bottom
        if inside:
            outline(ax, (x, y), patch_size, patch_size, INK, linestyle=":", linewidth=1.4)


def _frame(ax: Axes, corner: Tensor, patch_size: int, colour: str) -> None:
    y, x = (float(c) - 0.5 for c in corner)
    outline(ax, (x, y), patch_size, patch_size, colour)


@styled
def patch_quiz(
    centre: Tensor,
    neighbour: Tensor,
    *,
    position: int | None = None,
    guess: int | None = None,
    network: Tensor | None = None,
    whole: tuple[Tensor, Tensor] | None = None,
    title: str = "Where does the orange patch lie, as seen from the blue one?",
) -> Picture:
    """Two patches and a board of eight places; with `position` the answer as well.

    Args:
        centre, neighbour: (3, P, P) in [0, 1].
        position: the answer 0..7, or None while the reader thinks.
        guess: the reader's answer; shown with a mark when `position` is given.
        network: (8,) probabilities, written into the places when `position` is given.
        whole: the picture (3, H, W) and both patches' corners (2, 2), shown when `position` is given.
    """
    solved = position is not None
    panels = 4 if solved and whole is not None else 3
    picture = new(10, 3.9 if panels == 3 else 3.8, title=title, alt="")
    axes = picture.subplots(1, panels, width_ratios=[1, 1, 1.6, 1.6][:panels])
    draw_image(axes[0], centre, title="the patch", frame=BLUE)
    draw_image(axes[1], neighbour, title="where was this one?", frame=VERMILLION)
    _board(axes[2], centre, neighbour, position, guess, network)
    if solved and whole is not None:
        draw_image(axes[3], whole[0], title="in the picture")
        axes[3].set_xlabel("from where both were cut")
        for corner, colour in zip(whole[1], (BLUE, VERMILLION), strict=True):
            _frame(axes[3], corner, centre.shape[-1], colour)
    picture.alt = sentence(title, _told_of_quiz(position, guess, network))
    return picture


def _told_of_quiz(position: int | None, guess: int | None, network: Tensor | None) -> str:
    if position is None:
        return "Two patches of one picture, and a board with eight numbered places around the first"
    told = [f"It lies {WORDS[position]} (position {position})"]
    if guess is not None:
        told.append(f"the reader said {WORDS[guess]}")
    if network is not None:
        best = int(network.argmax())
        told.append(f"the network says {WORDS[best]} with {percent(float(network[best]))}")
    return "; ".join(told)


def _board(
    ax: Axes,
    centre: Tensor,
    neighbour: Tensor,
    position: int | None,
    guess: int | None,
    network: Tensor | None,
) -> None:
    """Three by three squares of side 1, the patch in the middle; y grows downwards."""
    ax.set(xlim=(-1.55, 1.55), ylim=(1.55, -1.55), xticks=[], yticks=[], aspect="equal")
    ax.set_title("the eight places" if position is None else "the answer")
    ax.set_xlabel("blue: the patch" if network is None or position is None else BETS)
    for spine in ax.spines.values():
        spine.set_visible(False)
    _put(ax, centre, 0, 0, BLUE)
    for place in range(8):
        row, column = _cell(place)
        if place == position:
            _put(ax, neighbour, row, column, VERMILLION)
        else:
            shade = SKY if position is not None and network is not None else PAPER_GREY
            strength = float(network[place]) if shade == SKY and network is not None else 1.0
            corner = (column - 0.45, row - 0.45)
            ax.add_patch(Rectangle(corner, 0.9, 0.9, fc=(shade, strength), ec=GREY))
        text = _in_cell(place, position, guess, network)
        ax.text(column, row, text, ha="center", va="center", fontsize=11, **_ON[place == position])


def _in_cell(place: int, position: int | None, guess: int | None, network: Tensor | None) -> str:
    if position is None:
        return f"{PLACES[place]}\n{place}"
    lines = []
    if guess == place:
        lines.append("you ✓" if guess == position else "you ✗")
    if network is not None:
        lines.append(f"{100 * float(network[place]):.0f} %")
    return "\n".join(lines)


def _put(ax: Axes, patch: Tensor, row: int, column: int, frame: str) -> None:
    pixels = patch.detach().cpu().permute(1, 2, 0).clamp(0, 1).numpy()
    box = (column - 0.45, column + 0.45, row + 0.45, row - 0.45)
    ax.imshow(pixels, extent=box, interpolation="nearest", zorder=2)
    ax.add_patch(
        Rectangle((column - 0.45, row - 0.45), 0.9, 0.9, fill=False, ec=frame, lw=3, zorder=3)
    )


@styled
def nearest_rows(
    queries: Tensor, found: Mapping[str, Tensor], *, title: str, wholes: Tensor | None = None
) -> Picture:
    """For each query patch the nearest ones, as each of several measures finds them.

    Args:
        queries: (Q, 3, P, P) in [0, 1]; one row each.
        found: what was compared -> (Q, K, 3, P, P), the nearest first; one block of columns each.
        wholes: (Q, 3, H, W), the picture from which each query was cut, shown first.
    """
    blocks = [*found.values()]
    wide = sum(block.shape[1] for block in blocks)
    first = 1 if wholes is None else 2
    columns = first + wide + len(blocks)  # an empty narrow column before each block
    ratios = [1.0] * first
    for block in blocks:
        ratios += [0.35] + [1.0] * block.shape[1]
    side = 10 / sum(ratios)
    told = f"{len(queries)} query patches; beside each its nearest by {', '.join(found)}"
    picture = new(10, 0.95 + len(queries) * (side + 0.04), title=title, alt=sentence(title, told))
    axes = picture.subplots(len(queries), columns, squeeze=False, width_ratios=ratios)
    for ax in axes.flat:
        ax.axis("off")
    for row, query in enumerate(queries):
        if wholes is not None:
            draw_image(axes[row, 0], wholes[row])
        draw_image(axes[row, first - 1], query)
        column = first
        for block in blocks:
            for place in range(block.shape[1]):
                draw_image(axes[row, column + 1 + place], block[row, place])
            column += 1 + block.shape[1]
    axes[0, first - 1].set_title("the patch", fontsize=10)
    column = first
    for name, block in found.items():
        axes[0, column + 1 + (block.shape[1] - 1) // 2].set_title(name, fontsize=11)
        column += 1 + block.shape[1]
    return picture


@styled
def lens(before: Tensor, after: Tensor, *, title: str, crop: int = 16) -> Picture:
    """A picture before and after a lens with colour fringes: whole, its middle, and the worst place large.

    Args:
        before, after: (3, H, W) in [0, 1].
        crop: side of the magnified squares in pixels.
    """
    side = before.shape[-1]
    cuts = {"the middle": ((side - crop) // 2,) * 2, "far out": _widest(before, after, crop)}
    told = "The middle looks the same in both; farther out edges become coloured"
    picture = new(10, 6.6, title=title, alt=sentence(title, told))
    axes = picture.subplots(2, 1 + len(cuts))
    for row, (name, image) in enumerate({"a perfect lens": before, "a cheap lens": after}.items()):
        draw_image(axes[row, 0], image, title=name)
        axes[row, 0].set_xlabel("framed: what is enlarged")
        for column, (what, (y, x)) in enumerate(cuts.items(), start=1):
            part = image[:, y : y + crop, x : x + crop]
            draw_image(axes[row, column], part, title=what)
            _frame(axes[row, 0], torch.tensor([y, x]), crop, INK)
    return picture


def _widest(before: Tensor, after: Tensor, crop: int) -> tuple[int, int]:
    """The corner (row, column) of the square in which the two pictures differ most."""
    change = (before - after).square().sum(dim=0)[None, None]  # (1, 1, H, W)
    means = torch.nn.functional.avg_pool2d(change, crop, stride=1)[0, 0]
    row, column = divmod(int(means.argmax()), means.shape[1])
    return row, column


@styled
def read_places(
    true: Tensor, read: Mapping[str, Tensor], *, side: int, title: str, patch_size: int
) -> Picture:
    """From where patches were cut, and where somebody believes they were cut: an arrow from one to the other.

    Args:
        true: (N, 2) corners (row, column) in pixels.
        read: who -> (N, 2) corners as read from the patches alone.
        side: of the pictures, in pixels.
        patch_size: side of the patches.
    """
    true = true.detach().cpu().float()
    read = {who: guess.detach().cpu().float() for who, guess in read.items()}
    errors = {who: float((guess - true).norm(dim=1).mean()) for who, guess in read.items()}
    told = "; ".join(f"{who}: {error:.1f} pixels off on average" for who, error in errors.items())
    picture = new(10, 6.1, title=title, alt=sentence(title, told))
    axes = picture.subplots(1, len(read), squeeze=False, sharey=True)[0]
    half = patch_size / 2
    for ax, (who, guess) in zip(axes, read.items(), strict=True):
        for start, end in zip((true + half).tolist(), (guess + half).tolist(), strict=True):
            ax.plot([start[1], end[1]], [start[0], end[0]], color=GREY, linewidth=0.9, zorder=1)
        ax.scatter(*(true + half).T.flip(0), color=BLUE, s=22, label="cut here", zorder=2)
        ax.scatter(
            *(guess + half).T.flip(0), color=VERMILLION, s=26, marker="X", label="read", zorder=3
        )
        ax.set(xlim=(0, side), ylim=(side, 0), aspect="equal", xlabel="column, pixels")
        ax.set_title(f"{who}: {errors[who]:.1f} pixels off")
    axes[0].set_ylabel("row, pixels")
    axes[-1].legend(loc="upper right", fontsize=10, frameon=True)
    return picture
