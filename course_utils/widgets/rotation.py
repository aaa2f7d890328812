"""Lecture 3's widgets: the rotation game, and a phone turned in the hand."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .. import plots
from .._front_end import front_end
from ..plots import Picture
from ..plots.rotation import TURNED
from .access import accessible, focus_on
from .explore import explore, labelled

STEP = 10  # degrees between two places of the phone's slider


class RotationGame:
    """The rounds and the score of the game; what there is to see is `picture()`.

    Args:
        model: rotation network, (N, 3, H, H) in [0, 1] -> logits (N, 4).
        images: (N, 3, H, H) in [0, 1], upright.
        turns: (N,) how each is to be turned: 0 to 3, times 90 degrees counter-clockwise.
    """

    def __init__(self, model: nn.Module, images: Tensor, turns: Tensor) -> None:
        rows = [x.rot90(int(k), (1, 2)) for x, k in zip(images, turns, strict=True)]
        self.images, self.turns = torch.stack(rows), turns
        self.says = plots.confidences(model, self.images)  # (N, 4)
        self.guesses: list[int] = []
        self.round = 0

    def guess(self, turn: int) -> None:
        """The player's answer in this round; only the first one counts."""
        if len(self.guesses) == self.round:
            self.guesses.append(turn)

    def next(self) -> None:
        """On to the next picture once this one has been answered; after the last one, a new game."""
        if len(self.guesses) > self.round:
            self.round += 1
        if self.round == len(self.images):
            self.round, self.guesses = 0, []

    def score(self) -> str:
        """Who was right how often so far."""
        n = len(self.guesses)
        mine = sum(g == int(k) for g, k in zip(self.guesses, self.turns, strict=False))
        its = int((self.says[:n].argmax(dim=1) == self.turns[:n].cpu()).sum())
        return f"you {mine} of {n}, the network {its} of {n}"

    def picture(self) -> Picture:
        answered = len(self.guesses) > self.round
        head = f"Picture {self.round + 1} of {len(self.images)}"
        if answered:
            right = self.guesses[self.round] == int(self.turns[self.round])
            title = f"{head}: {'right' if right else 'wrong'}! So far {self.score()}"
        else:
            title = f"{head}: how was it turned? So far {self.score()}"
        guess = self.guesses[self.round] if answered else None
        at = self.round
        return plots.rotation_round(
            self.images[at], int(self.turns[at]), self.says[at], title=title, guess=guess
        )


def rotation_game(model: nn.Module, images: Tensor, turns: Tensor) -> Any:
    """Guess how a picture was turned before the network's answer is shown: four buttons, and one to go on.

    Args: as for `RotationGame`. Without a front end, all its pictures as a riddle.
    """
    game = RotationGame(model, images, turns)
    if not front_end():
        return plots.rotation_quiz(game.images, turns)
    import ipywidgets

    figure = ipywidgets.HTML(value=game.picture().html(), layout={"width": "100%"})
    answers = [ipywidgets.Button(description=name, layout={"width": "150px"}) for name in TURNED]
    onwards = ipywidgets.Button(
        description="next picture", button_style="primary", disabled=True, layout={"width": "150px"}
    )

    def show() -> None:
        answered = len(game.guesses) > game.round
        for button in answers:
            button.disabled = answered
        onwards.disabled = not answered
        onwards.description = (
            "play again" if answered and game.round + 1 == len(images) else "next picture"
        )
        figure.value = game.picture().html()

    def answer(turn: int) -> None:
        game.guess(turn)
        show()
        focus_on(onwards)

    def go_on(_: Any) -> None:
        game.next()
        show()
        focus_on(answers[0])

    for turn, button in enumerate(answers):
        button.on_click(lambda _, turn=turn: answer(turn))
    onwards.on_click(go_on)
    bar = ipywidgets.Box([*answers, onwards], layout={"flex_flow": "row wrap", "width": "100%"})
    return accessible(bar, figure)


def tilted(x: Tensor, degrees: Tensor) -> Tensor:
    """Pictures turned by any angle, the corners filled with their mirror image.

    Args:
        x: (N, 3, H, H) in [0, 1].
        degrees: (N,) counter-clockwise.

    Returns:
        (N, 3, H, H) in [0, 1]; turned by right angles, x's own pixels in other places.
    """
    angle = degrees.to(x) * (math.pi / 180)
    cos, sin = angle.cos(), angle.sin()
    zero = torch.zeros_like(cos)
    rows = torch.stack([cos, -sin, zero, sin, cos, zero], dim=1).view(-1, 2, 3)
    grid = F.affine_grid(rows, list(x.shape), align_corners=False)
    seen = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
    return seen.clamp(0, 1)


def phone(model: nn.Module, images: Tensor, *, angle: int = 180) -> Any:
    """A phone turned in the hand: sliders for the picture and for the angle, and what the network makes of it.

    Args:
        model: rotation network, (N, 3, H, H) in [0, 1] -> logits (N, 4).
        images: (N, 3, H, H) in [0, 1], upright.
        angle: where the slider stands at first, in degrees counter-clockwise.
    """
    import ipywidgets

    angles = torch.arange(-180, 181, STEP)

    @cache
    def film(picture: int) -> tuple[Tensor, Tensor]:
        views = tilted(images[[picture]].expand(len(angles), -1, -1, -1), angles)
        return views, plots.confidences(model, views)

    def draw(picture: int, angle: int) -> Picture:
        views, says = film(picture)
        at = int((angles - angle).abs().argmin())
        answer = TURNED[int(says[at].argmax())]
        title = f"Picture {picture}, turned by {angle}°: the network says {answer}"
        return plots.turning(views[at], angle, angles, says, title=title)

    return explore(
        draw,
        {
            "picture": ipywidgets.IntSlider(
                value=0, min=0, max=len(images) - 1, **labelled("picture")
            ),
            "angle": ipywidgets.IntSlider(
                value=angle, min=-180, max=180, step=STEP, **labelled("turned by, degrees", "420px")
            ),
        },
    )
