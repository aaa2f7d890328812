"""Lecture 4 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import re

from tests.browser.lectures import (
    cell_with,
    picture_in,
    press,
    runs_and_moves,
    says,
    shows_its_pictures,
    without_outputs,
)

NAME = "04_patch_localization"
FIGURES = 17
BLUE, VERMILLION = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)


def _guess(quiz) -> None:
    says(quiz, "Pair 1 of 20")
    unanswered = picture_in(quiz)
    board = quiz.get_by_role("button").all()
    rows = {round(button.bounding_box()["y"]) for button in board[:9]}
    assert len(rows) == 3, "the eight places do not lie around the middle"
    quiz.get_by_role("button", name="↘").click()
    says(quiz, "the reader said below right")
    assert picture_in(quiz).tobytes() != unanswered.tobytes()
    quiz.get_by_role("button", name="Next pair").click()
    says(quiz, "Pair 2 of 20")
    quiz.get_by_role("button", name="↑", exact=True).click()
    says(quiz, r"You have \d of 2, the network \d of 2")


def _wider_gap(cut) -> None:
    press(cut, 2, "ArrowRight", 2)  # the gap
    says(cut, "gap 6")
    press(cut, 4, "ArrowRight")
    press(cut, 0, "ArrowRight")


def _a_better_lens(lens) -> None:
    says(lens, "Red 6 % larger")
    press(lens, 0, "ArrowLeft", 6)
    says(lens, "Red 0 % larger")


MOVES = {
    "widgets.patch_quiz(": _guess,
    "widgets.sample_by_hand(": _wider_gap,
    "widgets.lens(": _a_better_lens,
}


def test_lecture_4_runs_in_jupyterlab_and_every_widget_changes_its_picture(
    lab, open_notebook, run_all, screenshot
):
    with open_notebook(without_outputs(lab, NAME)) as page:
        runs_and_moves(page, run_all, MOVES, FIGURES, screenshot)


def test_lecture_4_as_it_is_handed_out_can_be_seen_and_read(handed_out, screenshot):
    shows_its_pictures(handed_out, FIGURES, screenshot)


def test_as_handed_out_only_the_cheat_is_right_where_there_is_nothing(handed_out, screenshot):
    cell = cell_with(handed_out, "Where there is nothing to recognise")
    alt = cell.locator("img").get_attribute("alt")
    rates = re.findall(r"nothing ([\d.]+) %, nothing, through the lens ([\d.]+) %", alt)
    (honest, honest_through), (cheat, cheat_through) = [tuple(map(float, pair)) for pair in rates]
    assert cheat_through > 2 * max(honest, honest_through)
    assert cheat_through > 2 * cheat
    quiz = list(picture_in(cell_with(handed_out, "widgets.patch_quiz(")).getdata())
    assert quiz.count(BLUE) > 500
    assert quiz.count(VERMILLION) > 500
    cell.scroll_into_view_if_needed()
    screenshot(handed_out, "nothing")
