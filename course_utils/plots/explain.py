"""Numbers drawn: scores read and broken, accuracy against eps, the straight line, the many dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from course_utils.plots.picture import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    INK,
    PALETTE,
    VERMILLION,
    Picture,
    new,
    percent,
    sentence,
    styled,
)

MARKERS = "osD^vP*X"


@styled
def bars(
    values: Mapping[str, float], *, title: str, unit: str, highlight: Sequence[str] = ()
) -> Picture:
    """One horizontal bar a name, its number written at its end.

    Args:
        values: name -> number.
        unit: what the axis says, for instance 'top-5 error, %'.
        highlight: names whose bars stand out.
    """
    told = "; ".join(f"{name}: {value:g}" for name, value in values.items())
    picture = new(10, 1.3 + 0.5 * len(values), title=title, alt=sentence(title, f"{unit}: {told}"))
    ax = picture.subplots()
    for row, (name, value) in enumerate(values.items()):
        chosen = name in highlight
        ax.barh(row, value, color=VERMILLION if chosen else BLUE, height=0.62)
        weight = "bold" if chosen else "normal"
        ax.text(value, row, f" {value:g}", va="center", fontsize=12, fontweight=weight)
    ax.set_yticks(range(len(values)), list(values))
    ax.invert_yaxis()
    ax.set_xlim(0, 1.12 * max(*values.values(), 1e-9))
    ax.set_xlabel(unit)
    return picture


@styled
def accuracy_against_eps(
    eps: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    *,
    chance: float | None = None,
    n: int | None = None,
    title: str = "The accuracy that we were proud of stands at eps = 0, and only there",
    legend: str = "attack",
) -> Picture:
    """Accuracy against the attack's size, one curve an attack (or a network).

    Args:
        eps: sizes in pixel units, ascending.
        curves: attack -> its accuracies, fractions.
        chance: accuracy of guessing, drawn as a dotted line.
        n: how many images it was measured on, told in the axis label.
        title: what to see.
        legend: what the curves are.
    """
    told = "; ".join(
        f"{name}: "
        + ", ".join(f"{percent(a)} at {255 * e:.3g}/255" for e, a in zip(eps, values, strict=True))
        for name, values in curves.items()
    )
    picture = new(10, 4.6, title=title, alt=sentence(title, told))
    ax = picture.subplots()
    x = [255 * e for e in eps]
    for (name, values), colour, marker in zip(curves.items(), PALETTE, MARKERS, strict=False):
        ax.plot(x, values, color=colour, marker=marker, label=name, clip_on=False, zorder=3)
    if chance is not None:
        ax.axhline(chance, color=GREY, linestyle=":", linewidth=1.5)
        ax.text(x[-1], chance + 0.015, "guessing", ha="right", color=INK, fontsize=10)
    ax.set_ylim(0, 1)
    ax.set_xlim(0, x[-1])
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    ax.set_xlabel("eps, in units of 1/255")
    ax.set_ylabel("accuracy" + (f" on {n} images" if n else ""))
    ax.grid(axis="y")
    ax.legend(title=legend, loc="center right")
    return picture


@styled
def logit_line(
    model: nn.Module,
    x: Tensor,
    directions: Mapping[str, Tensor],
    eps: float,
    classes: Sequence[str],
    *,
    truth: int,
    points: int = 41,
) -> Picture:
    """The logits on straight lines out of a picture: one panel a direction, one curve a class.

    Dotted, for the true class and the one that wins: the straight line that the slope at the picture predicts.

    Args:
        x: (1, 3, H, W) in [0, 1]. The line isn't clamped to [0, 1], so that it is a line.
        directions: what to call it -> (1, 3, H, W) of entries -1 and 1, so that all are equally long.
        eps: how far to walk, in pixel units.
        truth: the picture's class.
    """
    walk = torch.linspace(0, eps, points, device=x.device)
    lines = {name: logits_along(model, x, way, walk) for name, way in directions.items()}
    rival = int(next(iter(lines.values()))[-1].argmax())
    fits = {name: straightness(walk.cpu(), line[:, truth]) for name, line in lines.items()}
    name, fit = next(iter(fits.items()))
    title = f"The logit of {classes[truth]} on a straight walk: R² = {fit:.3f} {name}"
    told = "; ".join(
        f"{name}: {classes[truth]} from {float(line[0, truth]):.1f} to {float(line[-1, truth]):.1f}, "
        f"{classes[rival]} from {float(line[0, rival]):.1f} to {float(line[-1, rival]):.1f}"
        for name, line in lines.items()
    )
    alt = sentence(title, f"Logits from the picture to {255 * eps:.3g}/255 away, {told}")
    picture = new(10, 4.6, title=title, alt=alt)
    axes = picture.subplots(1, len(lines), sharey=True, squeeze=False)[0]
    for ax, (name, line) in zip(axes, lines.items(), strict=True):
        slopes = _slope_at_start(model, x, directions[name])
        _logit_panel(
            ax, 255 * walk.cpu(), line, walk.cpu()[:, None] * slopes, classes, truth, rival
        )
        ax.set_title(name)
    axes[0].set_ylabel("logit")
    axes[-1].legend(loc="best", fontsize=10)
    return picture


def logits_along(model: nn.Module, x: Tensor, direction: Tensor, walk: Tensor) -> Tensor:
    """Logits at x + t * direction for each t in `walk` (T,): (T, C) on the CPU."""
    with torch.no_grad():
        return model(x + walk.view(-1, 1, 1, 1) * direction).cpu()


def _slope_at_start(model: nn.Module, x: Tensor, direction: Tensor) -> Tensor:
    """How fast each logit changes at x along `direction`, per pixel unit: (C,)."""
    h = 0.05 / 255
    back, forth = logits_along(model, x, direction, torch.tensor([-h, h], device=x.device))
    return (forth - back) / (2 * h)


def straightness(t: Tensor, values: Tensor) -> float:
    """R squared of the least-squares straight line through (t, values), both (T,); 1 is a straight line."""
    t, values = t.double(), values.double()
    if float(values.var()) == 0:
        return 1.0
    return float(torch.corrcoef(torch.stack([t, values]))[0, 1] ** 2)


def _logit_panel(
    ax: Axes, t: Tensor, line: Tensor, rise: Tensor, classes: Sequence[str], truth: int, rival: int
) -> None:
    for index in range(min(line.shape[1], 50)):
        if index not in (truth, rival):
            ax.plot(t, line[:, index], color=FAINT, linewidth=0.9)
    for index, colour, style, dots in ((truth, BLUE, "-", 1.1), (rival, VERMILLION, "--", 1.8)):
        ax.plot(
            t,
            line[0, index] + rise[:, index],
            ":",
            color=colour,
            linewidth=dots,
            scalex=False,
            scaley=False,
        )
        ax.plot(t, line[:, index], style, color=colour, label=classes[index])
    ax.set_xlim(0, float(t[-1]))
    ax.set_xlabel("how far from the picture, in units of 1/255")


@styled
def shift_against_pixels(
    pixels: Sequence[int],
    panels: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    title: str,
    unit: str,
) -> Picture:
    """How far a perturbation of fixed size moves a score, against the number of inputs; log-log, a panel a classifier.

    Args:
        pixels: the numbers of inputs d.
        panels: what is measured -> at each d the largest shift (eps times the 1-norm of the weights),
            and the typical one of random signs of the same size.
        unit: what the vertical axis says.
    """
    told = "; ".join(
        f"{name}: worst case from {worst[0]:.2g} at {pixels[0]:,} inputs to {worst[-1]:.2g} at {pixels[-1]:,}, "
        f"random signs from {chance[0]:.2g} to {chance[-1]:.2g}"
        for name, (worst, chance) in panels.items()
    )
    picture = new(10, 4.6, title=title, alt=sentence(title, told))
    axes = picture.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for ax, (name, (worst, chance)) in zip(axes, panels.items(), strict=True):
        ax.plot(pixels, worst, marker="o", color=VERMILLION, label="the worst case, eps · ‖w‖₁")
        ax.plot(
            pixels, chance, "--", marker="s", color=GREEN, label="random signs of the same size"
        )
        ax.set_title(name)
        _mark_gaps(ax, pixels, worst, chance)
    axes[0].set_ylabel(unit)
    axes[0].legend(loc="upper left", fontsize=10)
    return picture


def _mark_gaps(
    ax: Axes, pixels: Sequence[int], worst: Sequence[float], chance: Sequence[float]
) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    for at, side in ((0, "left"), (-1, "right")):
        low, high = chance[at], worst[at]
        ax.annotate(
            "",
            (pixels[at], high),
            (pixels[at], low),
            arrowprops={"arrowstyle": "<->", "color": GREY},
        )
        text = f" × {high / low:.0f} "
        ax.text(
            pixels[at],
            (low * high) ** 0.5,
            text,
            ha=side,
            va="center",
            fontsize=13,
            fontweight="bold",
        )
    ax.set_xticks(list(pixels), [f"{d:,}" for d in pixels], fontsize=10)
    ax.minorticks_off()
    ax.grid(alpha=0.6)
    ax.set_xlabel("number of inputs d")
    ax.margins(y=0.25)


def slope(x: Sequence[float], y: Sequence[float]) -> float:
    """The power p of the best fit y ~ x^p (least squares on the logarithms)."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])
