"""Two views of a picture: the pairs to find, the augmentations, the similarity matrix and the loss read off it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_utils.plots.contrast import ink_on
from course_utils.plots.gallery import gallery
from course_utils.plots.picture import (
    BLUE,
    GREY,
    INK,
    PALETTE,
    VERMILLION,
    Picture,
    draw_image,
    new,
    outline,
    percent,
    sentence,
    styled,
)

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# The two pictures whose histograms are compared: name, sign, colour and marker.
PICTURES = (("first picture", "●", BLUE, "o"), ("second picture", "▲", VERMILLION, "^"))


@styled
def find_the_pairs(
    first: Tensor,
    second: Tensor,
    partner: Sequence[int],
    *,
    guesses: Sequence[int | None] | None = None,
    reveal: bool = False,
) -> Picture:
    """The quiz of views: lettered ones above, numbered ones below, and which two come from one picture?

    Args:
        first: (N, 3, H, W) in [0, 1], a view of each picture; N at most 8.
        second: (N, 3, H, W), the other views in another order.
        partner: N places in `second`, the partner of each one in `first`.
        guesses: the reader's places, None for none yet; marked when revealed.
        reveal: frame the pairs, and count what was right.
    """
    n = len(first)
    guesses = list(guesses) if guesses is not None else [None] * n
    above, below = list(LETTERS[:n]), [str(place + 1) for place in range(n)]
    if not reveal:
        title = "Each picture above has its other view below. Who belongs to whom?"
        alt = f"{title} {n} views lettered {above[0]} to {above[-1]}, and {n} numbered 1 to {n}."
        return gallery(torch.cat([first, second]), above + below, title=title, alt=alt, columns=n)
    frames: list[str | None] = [None] * (2 * n)
    for i, place in enumerate(partner):
        mark = "" if guesses[i] is None else " ✓" if guesses[i] == place else " ✗"
        frames[i] = frames[n + place] = PALETTE[i]
        above[i], below[place] = f"{LETTERS[i]} = {place + 1}{mark}", f"{place + 1} = {LETTERS[i]}"
    right = sum(guess == place for guess, place in zip(guesses, partner, strict=True))
    asked = any(guess is not None for guess in guesses)
    score = f"You had {right} of {n}." if asked else "The answers."
    title = f"{score} Equal frames: two views of one picture"
    return gallery(torch.cat([first, second]), above + below, title=title, columns=n, frames=frames)


@styled
def augmentations(draws: Mapping[str, Tensor], *, title: str, columns: int = 2) -> Picture:
    """What each augmentation makes of one picture: a group for each, drawn several times.

    Args:
        draws: name -> (K, 3, H, W) in [0, 1]; every group has the same K.
        columns: groups side by side.
    """
    each = len(next(iter(draws.values())))
    if odd := [name for name, images in draws.items() if len(images) != each]:
        raise ValueError(f"{odd[0]!r} has {len(draws[odd[0]])} pictures, the first group {each}")
    rows = math.ceil(len(draws) / columns)
    height = 0.6 + rows * (9.4 / (each * columns) + 0.36)
    told = f"Each drawn {each} times: {', '.join(draws)}"
    picture = new(10, height, title=title, alt=sentence(title, told))
    panels = picture.subfigures(rows, columns, squeeze=False, wspace=0.03)
    for panel, name in zip(panels.flat, draws, strict=False):
        panel.suptitle(name, x=0.02, ha="left", fontsize=12)
        for ax, image in zip(panel.subplots(1, each, squeeze=False).flat, draws[name], strict=True):
            draw_image(ax, image)
    return picture


@styled
def views(image: Tensor, drawn: Tensor, *, title: str, columns: int = 6) -> Picture:
    """One picture, framed, and views of it.

    Args:
        image: (3, H, W) in [0, 1].
        drawn: (K, 3, H, W).
    """
    images = torch.cat([image[None], drawn])
    frames = [BLUE] + [None] * len(drawn)
    captions = ["the picture"] + [""] * len(drawn)
    alt = sentence(title, f"The picture, and {len(drawn)} views of it")
    return gallery(images, captions, title=title, columns=columns, alt=alt, frames=frames)


@styled
def colour_histograms(views: Mapping[str, Tensor], *, title: str, bins: int = 24) -> Picture:
    """Two views of each of two pictures, and how bright their pixels are: do the curves give the pair away?

    Args:
        views: how they were made -> (2, 2, 3, H, W) in [0, 1]: picture, then view.
        bins: of the histogram over all pixels and channels.
    """
    gaps = {
        name: f"{name}: partners' curves overlap by {percent(_overlap(pairs, bins, True))}, "
        f"strangers' by {percent(_overlap(pairs, bins, False))}"
        for name, pairs in views.items()
    }
    height = 1.0 + 2.15 * len(views)
    picture = new(10, height, title=title, alt=sentence(title, "; ".join(gaps.values())))
    axes = picture.subplots(len(views), 5, width_ratios=[1, 1, 1, 1, 2.4], squeeze=False)
    for place in range(4):
        who, sign = PICTURES[place // 2][:2]
        axes[0, place].set_title(f"{sign} {who}", fontsize=10)
    for row, (name, pairs) in zip(axes, views.items(), strict=True):
        for place, ax in enumerate(row[:4]):
            draw_image(ax, pairs[place // 2, place % 2], frame=PICTURES[place // 2][2])
        row[0].set_ylabel(name, fontsize=12)
        _draw_histograms(row[4], pairs, bins)
    return picture


def _draw_histograms(ax: Axes, pairs: Tensor, bins: int) -> None:
    middle = (np.arange(bins) + 0.5) / bins
    for (who, sign, colour, marker), two in zip(PICTURES, pairs, strict=True):
        look: dict[str, Any] = {"color": colour, "marker": marker, "markevery": 3, "markersize": 5}
        for style, view in zip(("-", "--"), two, strict=True):
            ax.plot(middle, _histogram(view, bins), linestyle=style, label=f"{who} {sign}", **look)
    ax.set_xlabel("pixel value")
    ax.set_ylabel("share of pixels")
    ax.set_yticks([])
    ax.set_xlim(0, 1)


def _histogram(view: Tensor, bins: int) -> np.ndarray:
    counts = torch.histc(view.float().cpu(), bins, 0, 1)
    return (counts / counts.sum()).numpy()


def _overlap(pairs: Tensor, bins: int, partners: bool) -> float:
    """The area that two histograms share, the mean over the pairs of partners (or of strangers)."""
    curves = [[_histogram(view, bins) for view in two] for two in pairs]
    both = [(curves[0][0], curves[0][1]), (curves[1][0], curves[1][1])]
    if not partners:
        both = [(a, b) for a in curves[0] for b in curves[1]]
    return float(np.mean([np.minimum(a, b).sum() for a, b in both]))


@styled
def similarity_matrix(views: Tensor, similarity: Tensor, *, title: str) -> Picture:
    """How alike any two views are, a number in each square, and the squares of partners framed.

    Args:
        views: (2N, 3, H, W) in [0, 1]: N first views, then the N second ones in the same order.
        similarity: (2N, 2N) cosines.
    """
    partner = partners(len(views))
    own, other = _partners_and_strangers(similarity)
    told = f"Mean cosine of partners {own:.2f}, of strangers {other:.2f}"
    picture = new(10, 8, title=title, alt=sentence(title, told))
    ax = picture.subplots()
    shown = similarity.detach().float().cpu().numpy()
    drawn = _matrix(ax, views, shown, cmap="RdBu_r", low=-1, high=1, form="{:.2f}")
    _frame_partners(ax, partner)
    picture.colorbar(drawn, ax=ax, label="cosine", shrink=0.7, ticks=[-1, 0, 1])
    return picture


def partners(views: int) -> list[int]:
    """The place of each view's partner, where all first views come before all second ones.

    Raises:
        ValueError: an odd number of views, or fewer than two pairs.
    """
    if views % 2 or views < 4:
        raise ValueError(f"{views} views: give both views of two pictures or more")
    return [(i + views // 2) % views for i in range(views)]


def chances(similarity: Tensor, temperature: float) -> Tensor:
    """How NT-Xent shares each view's attention among the others: softmax of cosine / temperature, itself left out.

    Args:
        similarity: (M, M) cosines.
        temperature: > 0.

    Returns:
        (M, M) float64 on the CPU, rows that sum to 1, zeros on the diagonal.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be above 0, got {temperature}")
    logits = similarity.detach().cpu().double() / temperature
    return logits.fill_diagonal_(-torch.inf).softmax(dim=1)


@styled
def loss_by_hand(views: Tensor, similarity: Tensor, temperature: float, *, title: str) -> Picture:
    """NT-Xent as a table: in each row how likely each other view is the partner, and -ln of the right one.

    Args:
        views: (2N, 3, H, W) in [0, 1]: N first views, then the N second ones in the same order.
        similarity: (2N, 2N) cosines.
    """
    partner = partners(len(views))
    p = chances(similarity, temperature).numpy()
    losses = [-math.log(max(p[i, j], 1e-300)) for i, j in enumerate(partner)]
    rows = ", ".join(f"{loss:.2f}" for loss in losses)
    told = f"-ln p of the eight rows: {rows}; mean {np.mean(losses):.3f}"
    told = told.replace("eight", str(len(losses)))
    picture = new(10, 7.4, title=title, alt=sentence(title, told))
    ax = picture.subplots()
    _matrix(ax, views, 100 * p, cmap="Blues", low=0, high=100, form="{:.0f}")
    _frame_partners(ax, partner)
    right = len(views) + 0.5
    for row, loss in enumerate(losses):
        ax.text(right, row, f"−ln {p[row, partner[row]]:.3f} = {loss:.2f}", va="center")
    ax.text(right, -1, "loss of the row", va="center", fontweight="bold")
    mean = f"mean of all: {np.mean(losses):.3f}"
    ax.text(right, len(views) + 0.1, mean, va="center", fontweight="bold")
    ax.set_xlim(-1.6, len(views) + 3.2)
    ax.set_xlabel("chance to be taken for the partner, in %", loc="left")
    return picture


def _matrix(ax: Axes, views: Tensor, values: np.ndarray, *, cmap: str, low, high, form: str):
    """Squares with their values; the views stand above and to the left of them."""
    n = len(views)
    masked = np.ma.masked_array(values, np.eye(n, dtype=bool))
    drawn = ax.imshow(masked, cmap=cmap, vmin=low, vmax=high)
    for i in range(n):
        for j in range(n):
            if i == j:
                ax.text(j, i, "–", ha="center", va="center", color=GREY)
                continue
            ink = ink_on(drawn.to_rgba(values[i, j]))
            ax.text(j, i, form.format(values[i, j]), ha="center", va="center", color=ink)
    for i, view in enumerate(views.detach().cpu()):
        pixels = view.permute(1, 2, 0).clamp(0, 1).numpy()
        ax.imshow(pixels, extent=(-1.48, -0.56, i + 0.46, i - 0.46), interpolation="nearest")
        ax.imshow(pixels, extent=(i - 0.46, i + 0.46, -0.56, -1.48), interpolation="nearest")
    ax.set_xlim(-1.6, n - 0.4)
    ax.set_ylim(n - 0.4, -1.6)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xlabel("… compared with this view")
    ax.set_ylabel("this view …")
    return drawn


def _frame_partners(ax: Axes, partner: Sequence[int]) -> None:
    for i, j in enumerate(partner):
        outline(ax, (j - 0.47, i - 0.47), 0.94, 0.94, INK)


def _partners_and_strangers(similarity: Tensor) -> tuple[float, float]:
    """Mean similarity of partners, and of all others (nobody with itself)."""
    s = similarity.detach().cpu().double()
    own = torch.zeros_like(s, dtype=torch.bool)
    own[range(len(s)), partners(len(s))] = True
    other = ~own & ~torch.eye(len(s), dtype=torch.bool)
    return float(s[own].mean()), float(s[other].mean())


@styled
def temperature(views: Tensor, similarity: Tensor, temperature: float, view: int = 0) -> Picture:
    """One row of the matrix at one temperature: the cosines, and what the softmax makes of them.

    Args:
        views: (2N, 3, H, W) in [0, 1]: N first views, then the N second ones.
        similarity: (2N, 2N) cosines.
        view: whose row.
    """
    n, partner = len(views), partners(len(views))[view]
    p = chances(similarity, temperature)[view]
    others = [j for j in range(n) if j != view]
    strangers = [j for j in others if j != partner]
    nearest = max(strangers, key=lambda j: float(similarity[view, j]))
    away = sum(float(p[j]) for j in strangers)
    share = float(p[nearest]) / away if away > 0 else 1.0
    title = (
        f"Temperature {temperature:.3g}: the partner gets {percent(float(p[partner]))}; of the push against "
        f"strangers, {percent(share)} falls on the nearest one"
    )
    told = f"The row's loss is {-math.log(max(float(p[partner]), 1e-300)):.2f}"
    picture = new(10, 6.2, title=title, alt=sentence(title, told))
    top, middle, below = picture.subplots(3, 1, height_ratios=[1.15, 1, 1], sharex=True)
    _strip(top, views, {view: "it asks", partner: "partner", nearest: "nearest"})
    cosines = [float(similarity[view, j]) for j in others]
    attention = [float(p[j]) for j in others]
    colours = [BLUE if j == partner else VERMILLION if j == nearest else GREY for j in others]
    hatches = ["///" if j == nearest else "" for j in others]
    middle.bar(others, cosines, color=colours, hatch=hatches, width=0.7)
    middle.set_ylim(min(0.0, *cosines) - 0.1, 1.05)
    middle.axhline(0, color=INK, linewidth=0.8)
    middle.set_ylabel("cosine")
    middle.set_xlabel("the same at every temperature", fontsize=10)
    below.bar(others, attention, color=colours, hatch=hatches, width=0.7)
    for j, chance in zip(others, attention, strict=True):
        below.text(j, chance, percent(chance), ha="center", va="bottom", fontsize=10)
    below.set_ylim(0, 1.2)
    below.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    below.set_ylabel("chance")
    below.set_xlabel("view")
    below.set_xticks([partner, nearest], ["partner", "nearest"], fontsize=10)
    return picture


def _strip(ax: Axes, views: Tensor, names: Mapping[int, str]) -> None:
    """The views in a row, those that have a part to play named above."""
    n = len(views)
    for j, image in enumerate(views.detach().cpu()):
        pixels = image.permute(1, 2, 0).clamp(0, 1).numpy()
        # Into a square box of its own: the bars below share this axis, which is not as high as wide.
        box = ax.inset_axes((j - 0.45, 0, 0.9, 0.9), transform=ax.transData)
        box.imshow(pixels, interpolation="nearest")
        box.axis("off")
        word = names.get(j, "")
        ax.text(j, 0.95, word, ha="center", va="bottom", fontweight="bold", fontsize=10)
    ax.set_xlim(-0.6, n - 0.4)
    ax.set_ylim(0, 1.15)
    ax.set_aspect("auto")
    ax.axis("off")
