"""Grey pictures coloured, and the colours between which a network chooses at one pixel."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_utils.plots.picture import (
    GREY,
    INK,
    PAPER,
    Picture,
    draw_image,
    new,
    percent,
    sentence,
    styled,
)

if TYPE_CHECKING:
    from course_utils.selfsup import ColourBins

# Not from selfsup: a lab that is graded does without that room.
LUMA = torch.tensor([0.299, 0.587, 0.114])
# Up to which hue, in degrees, a colour has which name.
_HUES = (
    (15, "red"), (42, "orange"), (68, "yellow"), (160, "green"), (200, "teal"), (255, "blue"),
    (292, "purple"), (345, "pink"), (360, "red"),
)  # fmt: skip
_MARKERS = "Xs*DP^"
HEIGHT = 6.7  # of the figure of one pixel, in inches


def colour_word(rgb: Tensor) -> str:
    """A colour's name, for those who can't see it: 'dull orange', 'blue', 'grey' … of (3,) in [0, 1]."""
    red, green, blue = rgb.tolist()
    spread = max(red, green, blue) - min(red, green, blue)
    if spread < 0.06:
        return "grey"
    degrees = 360 * colorsys.rgb_to_hsv(red, green, blue)[0]
    name = next(name for most, name in _HUES if degrees <= most)
    return f"dull {name}" if spread < 0.32 else name


@styled
def coloured(
    grey: Tensor,
    x: Tensor,
    versions: Mapping[str, Tensor],
    *,
    title: str = "Grey pictures, coloured; below each its saturation",
) -> Picture:
    """A row for each picture: grey, as each method colours it, and the truth.

    Args:
        grey: (N, 1, H, W) in [0, 1].
        x: (N, 3, H, W) in [0, 1], the truth.
        versions: who coloured it -> (N, 3, H, W) in [0, 1].
        title: what to see.

    Raises:
        ValueError: a version of another shape than the truth.
    """
    for name, version in versions.items():
        if version.shape != x.shape:
            raise ValueError(
                f"the truth has shape {tuple(x.shape)}, the version {name!r} {tuple(version.shape)}: "
                "give one coloured picture for each"
            )
    columns = {"grey": grey.expand_as(x), **versions, "the truth": x}
    vivid = {name: _saturations(version) for name, version in columns.items()}
    told = "; ".join(
        f"{name}: {percent(float(vivid[name].mean()))}" for name in columns if name != "grey"
    )
    alt = sentence(title, f"{len(x)} pictures. Mean saturation: {told}")
    height = 0.85 + len(x) * (9.6 / len(columns) + 0.3)
    picture = new(10, height, title=title, alt=alt)
    axes = picture.subplots(len(x), len(columns), squeeze=False)
    for row, line in enumerate(axes):
        for ax, (name, version) in zip(line, columns.items(), strict=True):
            draw_image(ax, version[row], title=name if row == 0 else "")
            if name != "grey":
                ax.set_xlabel(f"saturation {percent(float(vivid[name][row]))}")
    return picture


def _saturations(x: Tensor) -> Tensor:
    """Root mean square of each picture's chroma: (N,)."""
    luma = (x * LUMA.to(x).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    return (x - luma).square().mean(dim=(1, 2, 3)).sqrt().detach().cpu()


@styled
def colour_choices(
    versions: Mapping[str, Tensor],
    row: int,
    column: int,
    shares: Tensor,
    bins: ColourBins,
    *,
    title: str = "At one pixel: the colours that the network thinks possible, and the one it is given",
) -> Picture:
    """One pixel of a picture: how each version colours it, and the distribution from which that comes.

    Args:
        versions: name -> (3, H, W) in [0, 1], the grey picture first; all of the same grey.
        row, column: the pixel.
        shares: (B,) the network's distribution over the bins at this pixel.
        bins: where they lie.
        title: what to see.

    Raises:
        ValueError: shares that aren't one a bin.
    """
    _check_shares(shares, bins)
    shares = shares.detach().cpu()
    pixels = {name: version[:, row, column].cpu() for name, version in versions.items()}
    luma = float((next(iter(pixels.values())) * LUMA).sum())
    looks = bins.colours(luma)  # (B, 3)
    best = shares.topk(5)
    likely = [f"{colour_word(looks[b])} {percent(float(shares[b]))}" for b in best.indices]
    where = f"The pixel in row {row}, column {column}"
    alt = sentence(title, _told_of_choices(where, pixels, likely))
    picture = new(10, HEIGHT, title=title, alt=alt, fixed=True)
    axes = _boxes(picture, len(versions))
    for ax, (name, version) in zip(axes, versions.items(), strict=False):
        draw_image(ax, version, title=name)
        _crosshair(ax, row, column)
        ax.set_xlabel(f"there: {colour_word(pixels[name])}", fontsize=12)
    _plane(axes[-2], shares, bins, looks, dict(list(pixels.items())[1:]))
    _bars(axes[-1], best.values, looks[best.indices], likely)
    return picture


def _check_shares(shares: Tensor, bins: ColourBins) -> None:
    if shares.shape != (len(bins),):
        raise ValueError(
            f"shares must be ({len(bins)},), one a bin, got {tuple(shares.shape)}: "
            "model(grey)[0, :, row, column].softmax(dim=0)"
        )


def _told_of_choices(where: str, pixels: Mapping[str, Tensor], likely: list[str]) -> str:
    words = "; ".join(f"{name}: {colour_word(rgb)}" for name, rgb in pixels.items())
    return f"{where}. {words}. The network's likeliest colours: {', '.join(likely)}"


def _boxes(picture: Picture, versions: int) -> list[Axes]:
    """Axes for a row of pictures, and below it two more: for the plane and for the bars."""
    # In inches: every picture the same side, whatever the words below it.
    side = min(9.6 / versions - 0.15, 2.3)
    gap = (9.8 - versions * side) / versions
    boxes = [
        (0.1 + gap / 2 + i * (side + gap), HEIGHT - 0.85 - side, side, side)
        for i in range(versions)
    ]
    boxes += [(0.75, 0.6, 2.3, 2.3), (6.35, 0.6, 3.4, 2.3)]
    return [
        picture.add_axes((left / 10, low / HEIGHT, width / 10, height / HEIGHT))
        for left, low, width, height in boxes
    ]


def _crosshair(ax: Axes, row: int, column: int) -> None:
    # White below: readable on pictures of any colour.
    for colour, width in ((PAPER, 4.5), (INK, 2.0)):
        look: dict[str, Any] = {"mfc": "none", "mec": colour, "mew": width, "ms": 13}
        ax.plot([column], [row], "o", **look)


def _plane(
    ax: Axes, shares: Tensor, bins: ColourBins, looks: Tensor, answers: Mapping[str, Tensor]
) -> None:
    """The bins as discs, each as large as it is likely, and where the answers lie among them."""
    from course_utils.selfsup.colour_bins import to_plane

    blue, red = bins.centres.T
    ax.scatter(blue, red, s=6, color=GREY, zorder=1)
    seen = shares > 0.002
    ax.scatter(
        blue[seen], red[seen], s=1400 * shares[seen], c=looks[seen].numpy(), ec=GREY, zorder=2
    )
    for marker, (name, rgb) in zip(_MARKERS, answers.items(), strict=False):
        x, y = to_plane(rgb.view(1, 3, 1, 1)).flatten().tolist()
        ax.scatter(
            [x],
            [y],
            marker=marker,
            s=150 if marker == "*" else 90,
            c=INK,
            ec=PAPER,
            linewidth=1.4,
            label=name,
            zorder=3,
        )
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    reach = bins.radius + bins.step / 2
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.set_xticks([-0.3, 0, 0.3])
    ax.set_yticks([-0.3, 0, 0.3])
    ax.set_xlabel("Cb: to the right more blue")
    ax.set_ylabel("Cr: upwards more red")


def _bars(ax: Axes, shares: Tensor, looks: Tensor, words: list[str]) -> None:
    places = range(len(shares))
    ax.barh(places, (100 * shares).tolist(), color=looks.numpy(), edgecolor=GREY, height=0.7)
    ax.set_yticks(places, words)
    ax.invert_yaxis()
    ax.set_xlim(0, 50 if float(shares[0]) < 0.5 else 100)
    ax.set_xlabel("the network's likeliest colours there, %")


@styled
def colour_weights(
    bins: ColourBins,
    shares: Tensor,
    *,
    title: str = "Most pixels are hardly coloured; so the rare colours weigh more in the loss",
) -> Picture:
    """The bins in the plane of chroma: how often each is needed, and what it weighs.

    Args:
        bins: with their weights, `ColourBins.weighted`.
        shares: (B,) of the pixels, `ColourBins.shares`.
        title: what to see.
    """
    looks = bins.colours(0.55)
    common, rare = int(shares.argmax()), int(bins.weights.argmax())
    told = (
        f"Left: {percent(float(shares.max()))} of the pixels are {colour_word(looks[common])}; "
        f"right: weights from {float(bins.weights.min()):.2f} ({colour_word(looks[common])}) to "
        f"{float(bins.weights[rare]):.2f}"
    )
    picture = new(10, 5.2, title=title, alt=sentence(title, told))
    axes = picture.subplots(1, 2)
    heads = ("area: share of the pixels", "area: weight in the loss")
    for ax, values, head in zip(axes, (shares, bins.weights), heads, strict=True):
        blue, red = bins.centres.T
        area = 2200 * values / values.max() if ax is axes[0] else 700 * values / values.max()
        ax.scatter(blue, red, s=area.clamp(min=2), c=looks.numpy(), ec=GREY)
        ax.set_title(head)
        reach = bins.radius + bins.step
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        ax.set_xlabel("Cb: to the right more blue")
        ax.set_ylabel("Cr: upwards more red")
    return picture
