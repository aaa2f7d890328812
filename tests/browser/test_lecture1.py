"""Lecture 1 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.browser.lectures import (
    pick,
    press,
    runs_and_moves,
    says,
    shows_its_pictures,
    without_outputs,
)

NAME = "01_adversarial_examples"
FIGURES = 14


def _less_eps(panda) -> None:
    press(panda, 0, "ArrowLeft", 3)
    says(panda, "plus 5/255")


def _more_of_the_real_one(real) -> None:
    says(real, "plus 2/255")
    press(real, 0, "ArrowRight", 2)
    says(real, "plus 3/255")


def _answers(quiz) -> None:
    pick(quiz, 0, "natural")
    quiz.get_by_text("Show the answers").click()
    says(quiz, r"You had \d of 8")


def _earlier_step(climb) -> None:
    press(climb, 0, "ArrowLeft", 10)
    says(climb, "Step 10 of 20")


def _towards_a_mug(climb) -> None:
    pick(climb, 0, "mug")
    says(climb, "towards mug")


MOVES = {
    "widgets.panda(": _less_eps,
    "widgets.real_panda(": _more_of_the_real_one,
    "widgets.which_is_which(": _answers,
    "eps=4, steps=20": _earlier_step,
    "target=goal": _towards_a_mug,
}


@pytest.fixture
def mine(lab) -> dict[str, str]:
    """A picture and a network of the right shape for the real panda: nothing is downloaded, nothing recognised."""
    import torch
    from safetensors.torch import save_file

    from course_utils._torchvision import ensure

    torch.manual_seed(0)
    picture, weights = lab.folder / "mine.png", lab.folder / "squeezenet.safetensors"
    Image.linear_gradient("L").convert("RGB").save(picture)
    save_file(ensure().models.squeezenet1_0(weights=None).state_dict(), weights)
    return {"MY_PICTURE": picture.as_posix(), "MY_WEIGHTS": weights.as_posix()}


def test_lecture_1_runs_in_jupyterlab_and_every_widget_changes_its_picture(
    lab, open_notebook, run_all, screenshot, mine
):
    with open_notebook(without_outputs(lab, NAME, **mine)) as page:
        runs_and_moves(page, run_all, MOVES, FIGURES, screenshot)


def test_lecture_1_as_it_is_handed_out_can_be_seen_and_read(handed_out, screenshot):
    shows_its_pictures(handed_out, FIGURES, screenshot)
