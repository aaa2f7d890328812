"""Lecture 5 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import re

from tests.browser.lectures import (
    cell_with,
    patiently,
    pick,
    picture_in,
    press,
    runs_and_moves,
    says,
    shows_its_pictures,
    without_outputs,
)

NAME = "05_simclr"
FIGURES = 24
BLUE, VERMILLION = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)


def _answer(quiz) -> None:
    pick(quiz, 0, "3")
    quiz.get_by_role("button", name="Show the answers").click()
    says(quiz, r"You had [01] of 6")


def _cut_holes(views) -> None:
    press(views, 6, "ArrowRight", 5)  # cutout
    says(views, "crop, flip, colour, grey, cutout")


def _warmer(row) -> None:
    says(row, r"Temperature 0\.2:")
    press(row, 0, "ArrowRight", 8)  # 0.4 in the exponent of ten
    says(row, r"Temperature 0\.50\d:")
    source = row.locator("img").get_attribute("src")
    press(row, 1, "ArrowRight", 2)  # another view's row
    patiently(row.locator("img")).not_to_have_attribute("src", source)


def _other_maps(atlas) -> None:
    pick(atlas, 2, "fish")
    says(atlas, "SimCLR, t-SNE.*In front: fish")
    before = picture_in(atlas)
    pick(atlas, 0, "random encoder")
    pick(atlas, 1, "PCA")
    says(atlas, "random encoder, PCA")
    assert picture_in(atlas).tobytes() != before.tobytes()


MOVES = {
    "widgets.find_the_pairs(": _answer,
    "widgets.augmentations(": _cut_holes,
    "widgets.temperature(": _warmer,
    "widgets.picture_map(": _other_maps,
}


def test_lecture_5_runs_in_jupyterlab_and_every_widget_changes_its_picture(
    lab, open_notebook, run_all, screenshot
):
    with open_notebook(without_outputs(lab, NAME)) as page:
        runs_and_moves(page, run_all, MOVES, FIGURES, screenshot)


def test_lecture_5_as_it_is_handed_out_can_be_seen_and_read(handed_out, screenshot):
    shows_its_pictures(handed_out, FIGURES, screenshot)


def test_partners_are_told_apart_from_strangers_and_simclr_s_neighbours_are_of_one_kind(handed_out):
    alt = cell_with(handed_out, "plots.similarity_matrix(").locator("img").get_attribute("alt")
    partners, strangers = (float(n) for n in re.findall(r"(-?\d\.\d+)", alt))
    assert partners > strangers + 0.5
    near = cell_with(handed_out, "plots.neighbours(")
    alt = near.locator("img").get_attribute("alt")
    of_20 = {name: int(n) for name, n in re.findall(r"([\w ]+): (\d+) of 20 neighbours", alt)}
    assert of_20[" SimCLR"] > of_20[" random encoder"] + 5
    pixels = list(picture_in(near).getdata())
    assert pixels.count(BLUE) > 2000, "no neighbour is framed as right"
    assert pixels.count(VERMILLION) > 2000, "no neighbour is framed as wrong"
