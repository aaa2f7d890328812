"""Lecture 4's widgets: the quiz to click, a pair sampled by hand, and a lens to make worse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from .. import plots
from .._front_end import front_end
from ..models import evaluating
from ..plots import Picture
from ..plots.patches import PLACES, WORDS
from .access import accessible
from .explore import explore, labelled


class PatchQuiz:
    """Pairs of patches, and what was answered so far. The widget shows it, a test can play it.

    Args: as for `patch_quiz`.
    """

    def __init__(
        self,
        images: Tensor,
        patch_size: int,
        gap: int,
        jitter: int = 0,
        *,
        model: nn.Module | None = None,
        seed: int = 0,
    ) -> None:
        from ..selfsup.patches import cut, pair_places

        chance = torch.Generator().manual_seed(seed)
        corners, self.positions = pair_places(
            len(images), images.shape[2:], patch_size, gap, jitter, chance
        )
        self.images, self.corners = images, corners.transpose(0, 1)  # (N, 2, 2)
        self.centres, self.neighbours = (cut(images, c, patch_size) for c in corners)
        self.network = None
        if model is not None:
            with evaluating(model), torch.no_grad():
                self.network = model(self.centres, self.neighbours).softmax(dim=1).cpu()  # (N, 8)
        self.guesses: dict[int, int] = {}  # pair -> place: the first answer counts
        self.pair = 0

    def answer(self, place: int) -> None:
        self.guesses.setdefault(self.pair, place)

    def move_on(self) -> None:
        self.pair = (self.pair + 1) % len(self.images)

    def draw(self) -> Picture:
        pair = self.pair
        two = self.centres[pair], self.neighbours[pair]
        if pair not in self.guesses:
            where = f"Pair {pair + 1} of {len(self.images)}"
            title = f"{where}: where does the orange patch lie, as seen from the blue one?"
            return plots.patch_quiz(*two, title=title)
        return plots.patch_quiz(
            *two,
            position=int(self.positions[pair]),
            guess=self.guesses[pair],
            network=None if self.network is None else self.network[pair],
            whole=(self.images[pair], self.corners[pair]),
            title=self.score(),
        )

    def score(self) -> str:
        """How the reader, and the network on the same pairs, did so far."""
        pairs = sorted(self.guesses)
        right = sum(self.guesses[pair] == int(self.positions[pair]) for pair in pairs)
        last = self.guesses[self.pair] == int(self.positions[self.pair])
        told = f"{'Right' if last else 'No'}: {WORDS[int(self.positions[self.pair])]}. "
        told += f"You have {right} of {len(pairs)}"
        if self.network is not None:
            found = self.network[pairs].argmax(dim=1) == self.positions[pairs]
            told += f", the network {int(found.sum())} of {len(pairs)}"
        return f"{told}; guessing gives one in eight"


def patch_quiz(
    images: Tensor,
    patch_size: int,
    gap: int,
    jitter: int = 0,
    *,
    model: nn.Module | None = None,
    seed: int = 0,
) -> Any:
    """Try it yourself: two patches, eight buttons around the place of the first, and the score.

    Args:
        images: (N, 3, H, W) in [0, 1]; one pair from each.
        patch_size, gap, jitter: in pixels, as for `selfsup.sample_pair`.
        model: a PatchNet that plays along; its bets are shown with the answer.
        seed: of the pairs.

    Returns:
        The quiz to click, or without a front end the first pair, unanswered.
    """
    quiz = PatchQuiz(images, patch_size, gap, jitter, model=model, seed=seed)
    if not front_end():
        return quiz.draw()
    import ipywidgets

    figure = ipywidgets.HTML(value=quiz.draw().html(), layout={"width": "100%"})

    def button(text: str, does: Any, width: str = "52px", **options: Any) -> Any:
        made = ipywidgets.Button(description=text, layout={"width": width}, **options)

        def clicked(_: Any) -> None:
            does()
            figure.value = quiz.draw().html()

        made.on_click(clicked)
        return made

    places = [
        button(PLACES[place], lambda place=place: quiz.answer(place), tooltip=WORDS[place])
        for place in range(8)
    ]
    middle = ipywidgets.Button(description="●", disabled=True, layout={"width": "52px"})
    board = ipywidgets.GridBox(
        [*places[:4], middle, *places[4:]],
        layout={"grid_template_columns": "repeat(3, 60px)", "width": "190px"},
    )
    further = button("Next pair", quiz.move_on, "110px")
    return accessible(ipywidgets.HBox([board, further]), figure)


def sample_by_hand(
    images: Tensor, *, patch_size: int = 14, gap: int = 4, jitter: int = 0, seed: int = 0
) -> Any:
    """A pair cut out of a picture, with sliders for the patch's size, the gap, the jitter and the draw.

    Args:
        images: (N, 3, H, W) in [0, 1].
        patch_size, gap, jitter: the sliders' starts, in pixels.
        seed: the first draw's.
    """
    from ..selfsup.patches import pair_places

    side = images.shape[-1]

    def draw(picture: int, patch_size: int, gap: int, jitter: int, seed: int) -> Picture:
        chance = torch.Generator().manual_seed(seed)
        corners, position = pair_places(1, images.shape[2:], patch_size, gap, jitter, chance)
        place = int(position)
        title = f"Cut twice, and the label comes for nothing: position {place}, {WORDS[place]}"
        return plots.pair_in_picture(
            images[picture], corners[:, 0], patch_size, place, gap=gap, jitter=jitter, title=title
        )

    return explore(
        draw,
        {
            "picture": _whole("picture", 0, len(images) - 1, 0),
            "patch_size": _whole("patch size", 6, side // 2, patch_size),
            "gap": _whole("gap", 0, 12, gap),
            "jitter": _whole("jitter", 0, 6, jitter),
            "seed": _whole("draw again", 0, 99, seed),
        },
    )


def lens(
    networks: Mapping[str, nn.Module],
    images: Tensor,
    patch_size: int,
    gap: int,
    jitter: int,
    *,
    strength: int = 6,
    most: int = 10,
    show: int = 0,
) -> Any:
    """A slider for how cheap the lens is; the picture through it, and how the networks do on all of them.

    Args:
        networks: name -> PatchNet.
        images: (N, 3, H, W) in [0, 1]; one pair from each, the same at every strength.
        patch_size, gap, jitter: in pixels.
        strength: the slider's start, percent by which red is larger than blue.
        most: the slider's end.
        show: which picture is shown.
    """
    from ..selfsup.patches import colour_fringes, pair_batch

    def draw(strength: int) -> Picture:
        seen = colour_fringes(images, strength / 100)
        pair = pair_batch(seen, patch_size, gap, jitter, torch.Generator().manual_seed(0))
        right = {name: _accuracy(model, pair) for name, model in networks.items()}
        told = ", ".join(f"{name} {plots.percent(value)}" for name, value in right.items())
        title = f"Red {strength} % larger than blue. Right on {len(images)} pairs: {told}"
        return plots.lens(images[show], seen[show], title=title)

    return explore(draw, {"strength": _whole("fringes, %", 0, most, strength)})


def _accuracy(model: nn.Module, pair: tuple[Tensor, Tensor, Tensor]) -> float:
    centres, neighbours, positions = pair
    with evaluating(model), torch.no_grad():
        return float((model(centres, neighbours).argmax(dim=1) == positions).float().mean())


def _whole(text: str, least: int, most: int, start: int) -> Any:
    import ipywidgets

    return ipywidgets.IntSlider(
        value=start, min=least, max=most, continuous_update=False, **labelled(text)
    )
