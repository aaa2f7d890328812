"""Lecture 5 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import re

import pytest

from tests.browser.lectures import (
    as_handed_out,
    cell_with,
    changed,
    each_figure_to,
    every_figure_has_alt_text,
    picture_in,
    press,
    shows_its_pictures,
    shows_no_error,
    without_outputs,
)

NAME = "05_simclr"
FIGURES = 24
BLUE, VERMILLION = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)


def test_lecture_5_runs_in_jupyterlab_and_its_widgets_follow_mouse_and_keys(
    lab, open_notebook, run_all, screenshot
):
    from playwright.sync_api import expect

    expect.set_options(timeout=120_000)
    page = open_notebook(without_outputs(lab, NAME))
    run_all(page)
    shows_no_error(page)
    every_figure_has_alt_text(page, FIGURES)

    quiz = cell_with(page, "widgets.find_the_pairs(")
    before = picture_in(quiz)
    quiz.locator("select").nth(0).select_option("3")
    quiz.get_by_role("button", name="Show the answers").click()
    changed(quiz, expect, before, r"You had [01] of 6")
    screenshot(quiz, "quiz")

    views = cell_with(page, "widgets.augmentations(")
    before = picture_in(views)
    press(views, 6, "ArrowRight", 5)  # cutout
    changed(views, expect, before, "crop, flip, colour, grey, cutout")
    screenshot(views, "augmentations")

    row = cell_with(page, "widgets.temperature(")
    before = picture_in(row)
    expect(row.locator("img")).to_have_attribute("alt", re.compile(r"Temperature 0\.2:"))
    press(row, 0, "ArrowRight", 8)  # 0.4 in the exponent of ten
    changed(row, expect, before, r"Temperature 0\.50\d:")
    source = row.locator("img").get_attribute("src")
    press(row, 1, "ArrowRight", 2)  # another view's row
    expect(row.locator("img")).not_to_have_attribute("src", source)
    screenshot(row, "temperature")

    atlas = cell_with(page, "widgets.picture_map(")
    before = picture_in(atlas)
    atlas.locator("select").nth(2).select_option("fish")
    changed(atlas, expect, before, "SimCLR, t-SNE.*In front: fish")
    screenshot(atlas, "fish")
    before = picture_in(atlas)
    atlas.locator("select").nth(0).select_option("random encoder")
    atlas.locator("select").nth(1).select_option("PCA")
    changed(atlas, expect, before, "random encoder, PCA")
    each_figure_to(screenshot, page)


@pytest.fixture
def handed_out(lab, open_notebook):
    path = as_handed_out(lab, NAME)
    if not path:
        pytest.skip("the lecture is not built: make notebooks")
    return open_notebook(path, theme="JupyterLab Dark")


def test_the_lecture_as_it_is_handed_out_shows_its_pictures_before_it_is_run(
    handed_out, screenshot
):
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
