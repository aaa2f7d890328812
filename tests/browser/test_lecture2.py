"""Lecture 2 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import re

from tests.browser.lectures import (
    cell_with,
    pick,
    picture_in,
    press,
    runs_and_moves,
    says,
    shows_its_pictures,
    without_outputs,
)

NAME = "02_robustness"
FIGURES = 24
BLUE, VERMILLION = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)


def _other_cues(cues) -> None:
    pick(cues, 3, "night")
    says(cues, "background: night")
    pick(cues, 1, "mug")
    says(cues, "shape: mug")


def _drag(sticker) -> None:
    says(sticker, r"at \(0\.55, 0\.55\)")
    press(sticker, 1, "ArrowLeft", 4)
    press(sticker, 2, "ArrowUp")
    says(sticker, r"at \(0\.35, 0\.6\)")


def _turn(turtle) -> None:
    press(turtle, 0, "ArrowRight")
    says(turtle, "Yaw 39")


def _come_nearer(stop) -> None:
    press(stop, 0, "ArrowRight", 3)
    says(stop, r"Distance 1\.9")


def _spoil_more(spoilt) -> None:
    pick(spoilt, 0, "pixelate")
    press(spoilt, 0, "ArrowRight", 2)
    says(spoilt, "pixelate of severity 5")


MOVES = {
    "widgets.imagenet_a(": None,
    "widgets.cue_swap(": _other_cues,
    "widgets.sticker(": _drag,
    '"pitch": (-25, 25': _turn,
    '"exposure": (0.2': _come_nearer,
    "widgets.spoil(": _spoil_more,
}


def test_lecture_2_runs_in_jupyterlab_and_every_widget_changes_its_picture(
    lab, open_notebook, run_all, screenshot
):
    with open_notebook(without_outputs(lab, NAME)) as page:
        runs_and_moves(page, run_all, MOVES, FIGURES, screenshot)


def test_lecture_2_as_it_is_handed_out_can_be_seen_and_read(handed_out, screenshot):
    shows_its_pictures(handed_out, FIGURES, screenshot)


def test_the_sweep_is_coloured_and_eot_turns_most_poses_to_the_target(handed_out, screenshot):
    sweep = cell_with(handed_out, "plots.viewpoints(")
    alt = sweep.locator("img").get_attribute("alt")
    target = {
        name: int(n) for name, n in re.findall(r"([\w ]+): correct \d+ of 35, target (\d+)", alt)
    }
    assert target[" untouched"] == 0
    assert target[" EOT"] > 2 * target[" one view"]
    pixels = list(picture_in(sweep).getdata())
    assert pixels.count(BLUE) > 2000, "no pose is framed as correct"
    assert pixels.count(VERMILLION) > 2000, "no pose is framed as the target"
    sweep.scroll_into_view_if_needed()
    screenshot(handed_out, "sweep")
