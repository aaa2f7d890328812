"""Lecture 6 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import base64
import io
import re

from PIL import Image, ImageSequence

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

NAME = "06_beyond"
FIGURES = 33


def _move_the_hole(hole) -> None:
    press(hole, 2, "ArrowRight", 3)
    says(hole, "hole of 16 x 16 pixels at row 16, column 19")


def _other_piles(piles) -> None:
    pick(piles, 0, "rotation")
    says(piles, "rotation, 10 clusters: purity")


def _other_pixel(colours) -> None:
    press(colours, 1, "ArrowLeft", 2)
    says(colours, "Row 20, column 18: the mean is")


def _earlier_frame(pointer) -> None:
    press(pointer, 1, "ArrowLeft", 3)
    says(pointer, "Frame 5: where this pixel looks")


def _play(film) -> None:
    says(film, "Frame 1 of 8")
    first = picture_in(film)
    press(film, 0, "ArrowRight", 7)
    says(film, "Frame 8 of 8")
    assert picture_in(film).tobytes() != first.tobytes()
    film.get_by_role("button").first.click()  # it begins anew after the last frame
    says(film, "Frame [2-7] of 8")
    film.get_by_role("button").first.click()  # and halts


def _step(film) -> None:
    press(film, 0, "ArrowRight", 5)
    says(film, "Frame 6 of 16")


MOVES = {
    "widgets.fill_the_hole(": _move_the_hole,
    "widgets.cluster_browser(": _other_piles,
    "widgets.colour_picker(": _other_pixel,
    "widgets.look_back(": _earlier_frame,
    "widgets.player(versions, title=title)": _play,
    'title="A film of your own': _step,
}


def test_lecture_6_runs_in_jupyterlab_and_every_widget_changes_its_picture(
    lab, open_notebook, run_all, screenshot
):
    with open_notebook(without_outputs(lab, NAME)) as page:
        runs_and_moves(page, run_all, MOVES, FIGURES, screenshot)


def test_lecture_6_as_it_is_handed_out_can_be_seen_and_read(handed_out, screenshot):
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
