"""An attack seen: the three panels of the panda figure, and the ascent step by step."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from course_utils.plots.picture import (
    BLUE,
    FAINT,
    GREY,
    INK,
    PURPLE,
    VERMILLION,
    Picture,
    draw_image,
    new,
    percent,
    styled,
)

BYTE = 1 / 255
# Behind a class's name, beside its colour: the truth, and what the attacker wants.
MARKS = {BLUE: "✓", VERMILLION: "●", PURPLE: "●"}
# The panda figure's three columns, as fractions of its width.
PANEL_HEADS = ("the picture", "the sign of the gradient", "the sum")
PANEL_LEFTS = (0.012, 0.372, 0.718)
PANEL_WIDTH = 0.264


def confidences(model: nn.Module, x: Tensor) -> Tensor:
    """Softmax of the logits: (N, 3, H, W) in [0, 1] -> (N, C), on the CPU, no graph kept."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            return model(x).softmax(dim=1).cpu()
    finally:
        model.train(was_training)


@styled
def panda(
    model: nn.Module,
    x: Tensor,
    direction: Tensor,
    eps: float,
    classes: Sequence[str],
    *,
    truth: int | None = None,
    target: int | None = None,
) -> Picture:
    """image + eps x direction = image, with what the network says of each of the three.

    Args:
        model: takes (N, 3, H, W) in [0, 1], returns logits (N, C).
        x: (1, 3, H, W) in [0, 1].
        direction: (1, 3, H, W) of -1, 0 and 1, usually the sign of the input gradient.
        eps: in pixel units, 8/255 for instance.
        classes: the C names.
        truth: the class of x; without it, what the network says of x.
        target: the class that the attacker wants, drawn in its own colour.

    The picture in the middle is (direction + 1) / 2, and so is what the network is shown of it.

    Source: Goodfellow, Shlens and Szegedy 2015, figure 1 (arXiv 1412.6572).
    """
    result = (x + eps * direction).clamp(0, 1)
    panels = torch.cat([x, (direction + 1) / 2, result])  # (3, 3, H, W)
    says = confidences(model, panels)  # (3, C)
    truth = int(says[0].argmax()) if truth is None else truth
    before, after = int(says[0].argmax()), int(says[2].argmax())
    title, alt = _panda_words(says, before, after, eps, classes)
    picture = new(10, 5.75, title=title, alt=alt, fixed=True)
    colours = {truth: BLUE} if target is None else {truth: BLUE, target: PURPLE}
    for column, (head, left) in enumerate(zip(PANEL_HEADS, PANEL_LEFTS, strict=True)):
        top = picture.add_axes((left, 0.395, PANEL_WIDTH, PANEL_WIDTH * 10 / 5.75))
        draw_image(top, panels[column], title=head)
        best = int(says[column].argmax())
        sign = "" if column == 1 else (" ✓" if best == truth else " ✗")
        label = f"{_short(classes[best], 26)}{sign}\n{percent(float(says[column, best]))}"
        top.set_xlabel(label, fontsize=13, fontweight="bold")
        bars = picture.add_axes((left, 0.09, PANEL_WIDTH, 0.185))
        confidence_bars(
            bars, says[column], classes, colours, wrong=VERMILLION if column == 2 else GREY
        )
    middle = 0.395 + PANEL_WIDTH * 10 / 5.75 / 2
    picture.text(0.325, middle, f"+\n{_in_bytes(eps)} ×", ha="center", va="center", fontsize=15)
    picture.text(0.677, middle, "=", ha="center", va="center", fontsize=22)
    return picture


def _panda_words(
    says: Tensor, before: int, after: int, eps: float, classes: Sequence[str]
) -> tuple[str, str]:
    was, now = classes[before], classes[after]
    sure, still = percent(float(says[0, before])), percent(float(says[2, after]))
    if before == after:
        title = f"No pixel moved by more than {_in_bytes(eps)}, and the {was} is still a {now} ({still})"
    else:
        title = (
            f"No pixel moved by more than {_in_bytes(eps)}, and the {was} became a {now} ({still})"
        )
    noise = int(says[1].argmax())
    alt = (
        f"Three pictures in a row. Left: a picture that the network calls {was} with confidence {sure}. "
        f"Middle: the sign of the gradient, coloured noise, called {classes[noise]} with "
        f"{percent(float(says[1, noise]))}. Right: the picture plus {_in_bytes(eps)} times that noise, "
        f"called {now} with {still}. Below each, bars of its three largest confidences."
    )
    return title, alt


def confidence_bars(
    ax: Axes,
    says: Tensor,
    classes: Sequence[str],
    colours: dict[int, str],
    *,
    k: int = 3,
    wrong: str = GREY,
) -> None:
    """Horizontal bars of the k largest confidences in `says` (C,), largest on top.

    `colours` maps a class to its bar's colour, and its name gets the mark that goes with it; any other
    class is grey, or `wrong` when it comes first.
    """
    best = says.topk(min(k, len(says))).indices.tolist()
    for row, index in enumerate(best):
        colour = colours.get(index, wrong if row == 0 else GREY)
        ax.barh(row, float(says[index]), color=colour, height=0.36)
        name = f"{_short(classes[index], 24)} {MARKS.get(colours.get(index, ''), '')}".rstrip()
        ax.text(0, row - 0.25, name, va="bottom", fontsize=10)
        ax.text(1, row - 0.25, percent(float(says[index])), va="bottom", ha="right", fontsize=10)
    ax.set_xlim(0, 1)
    ax.set_ylim(len(best) - 0.6, -0.85)
    ax.set_yticks([])
    ax.set_xticks([0, 0.5, 1], ["0", "50", "100"], fontsize=9)
    ax.set_xlabel("confidence, %", fontsize=10, labelpad=1)
    ax.spines["left"].set_visible(False)


@styled
def ascent(
    frames: Tensor,
    says: Tensor,
    step: int,
    eps: float,
    classes: Sequence[str],
    *,
    truth: int,
    target: int | None = None,
) -> Picture:
    """One step of an iterative attack: the picture, what was added so far, and the climb of the confidences.

    Args:
        frames: (T + 1, 3, H, W), the clean picture first, then the picture after each step.
        says: (T + 1, C), the network's confidences on them.
        step: which frame to show, 0 to T.
        eps: radius of the ball in pixel units; what was added is drawn from -eps (dark) to eps (light).
        truth: the picture's class.
        target: the class that the attack climbs towards; None when it only flees the truth.
    """
    now = int(says[step].argmax())
    rival = target if target is not None else int(says[-1].argmax())
    goal = f"towards {classes[rival]}" if target is not None else f"away from {classes[truth]}"
    title = f"Step {step} of {len(frames) - 1}, {goal}: now {classes[now]}, {percent(float(says[step, now]))}"
    alt = (
        f"{title}. Left: the picture after this step. Middle: what was added to it so far, magnified. "
        f"Right: a curve over the steps; {classes[truth]} goes from {percent(float(says[0, truth]))} to "
        f"{percent(float(says[-1, truth]))}, {classes[rival]} from {percent(float(says[0, rival]))} to "
        f"{percent(float(says[-1, rival]))}."
    )
    picture = new(10, 4.2, title=title, alt=alt, fixed=True)
    place = {"left": 0.01, "right": 0.98, "top": 0.84, "bottom": 0.13, "wspace": 0.06}
    left, middle, right = picture.subplots(1, 3, gridspec_kw={**place, "width_ratios": [1, 1, 1.1]})
    right.set_position((0.73, 0.13, 0.25, 0.71))
    draw_image(left, frames[step], title="the picture now")
    scale = max(eps, 1e-8)
    draw_image(
        middle, (frames[step] - frames[0]) / (2 * scale) + 0.5, title="what was added so far"
    )
    middle.set_xlabel(f"grey is 0, full colour ± {_in_bytes(eps)}", fontsize=10)
    _climb(right, says, step, classes, truth, rival)
    return picture


def _climb(
    ax: Axes, says: Tensor, step: int, classes: Sequence[str], truth: int, rival: int
) -> None:
    steps = range(len(says))
    for index in range(says.shape[1]):
        if index not in (truth, rival):
            ax.plot(steps, says[:, index], color=FAINT, linewidth=0.9)
    lines = [(truth, BLUE, "-")] + ([(rival, VERMILLION, "--")] if rival != truth else [])
    for index, colour, style in lines:
        ax.plot(steps, says[:, index], style, color=colour, label=classes[index])
        ax.plot(step, says[step, index], "o", color=colour, markersize=8)
    ax.axvline(step, color=INK, linewidth=0.8, linestyle=":")
    ax.set_ylim(-0.03, 1.03)
    ax.set_xlim(-0.5, len(says) - 0.5)
    ax.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    ax.set_xlabel("step")
    ax.set_title("confidence")
    ax.legend(loc="center right", fontsize=10, frameon=True, framealpha=1, edgecolor="white")


def _in_bytes(eps: float) -> str:
    """8/255 -> '8/255', 0.5/255 -> '0.5/255'."""
    return f"{eps / BYTE:.3g}/255"


def _short(name: str, width: int) -> str:
    return textwrap.shorten(name.split(",")[0], width=width, placeholder="…")
