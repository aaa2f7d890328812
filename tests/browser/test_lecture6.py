"""Lecture 6 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import base64
import io
import re

import pytest
from PIL import Image, ImageSequence

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

NAME = "06_beyond"
FIGURES = 33


def test_lecture_6_runs_in_jupyterlab_and_its_widgets_follow_mouse_and_keys(
    lab, open_notebook, run_all, screenshot
):
    from playwright.sync_api import expect

    expect.set_options(timeout=120_000)
    page = open_notebook(without_outputs(lab, NAME))
    run_all(page)
    shows_no_error(page)
    every_figure_has_alt_text(page, FIGURES)

    hole = cell_with(page, "widgets.fill_the_hole(")
    before = picture_in(hole)
    press(hole, 2, "ArrowRight", 3)
    changed(hole, expect, before, "hole of 16 x 16 pixels at row 16, column 19")
    screenshot(hole, "hole")

    piles = cell_with(page, "widgets.cluster_browser(")
    before = picture_in(piles)
    piles.locator("select").select_option("rotation")
    changed(piles, expect, before, "rotation, 10 clusters: purity")
    screenshot(piles, "piles")

    colours = cell_with(page, "widgets.colour_picker(")
    before = picture_in(colours)
    press(colours, 1, "ArrowLeft", 2)
    changed(colours, expect, before, "Row 20, column 18: the mean is")
    screenshot(colours, "colours")

    pointer = cell_with(page, "widgets.look_back(")
    before = picture_in(pointer)
    press(pointer, 1, "ArrowLeft", 3)
    changed(pointer, expect, before, "Frame 5: where this pixel looks")
    screenshot(pointer, "pointer")

    film = cell_with(page, 'title = "Seven grey frames, coloured from the first"')
    expect(film.locator("img")).to_have_attribute("alt", re.compile("Frame 1 of 8"))
    before = picture_in(film)
    press(film, 0, "ArrowRight", 7)
    changed(film, expect, before, "Frame 8 of 8")
    screenshot(film, "film")
    film.get_by_role("button").first.click()  # play: it begins anew after the last frame
    expect(film.locator("img")).to_have_attribute("alt", re.compile("Frame [1-7] of 8"))
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


def test_as_handed_out_the_films_move_and_the_thing_is_followed(handed_out):
    for asked, frames in (("Seven grey frames, coloured", 8), ("A film of your own, coloured", 16)):
        source = cell_with(handed_out, asked).locator("img").get_attribute("src")
        kind, _, data = source.partition(",")
        assert "image/gif" in kind
        film = Image.open(io.BytesIO(base64.b64decode(data)))
        shown = {frame.convert("RGB").tobytes() for frame in ImageSequence.Iterator(film)}
        assert len(shown) == frames
    alt = cell_with(handed_out, "selfsup.track(").locator("img").get_attribute("alt")
    found = re.findall(r"(?:followed|left in place) (\d\.\d+)", alt)
    followed, left = map(float, found)
    assert followed > left + 0.3
