"""Lecture 3 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import re
from functools import partial

from course_utils.plots.rotation import TURNED
from tests.browser.lectures import (
    cell_with,
    patiently,
    picture_in,
    press,
    runs_and_moves,
    says,
    shows_its_pictures,
    without_outputs,
)

NAME = "03_rotation"
FIGURES = 17


def _play(game) -> None:
    button = partial(game.get_by_role, "button")
    says(game, "Picture 1 of 8: how was it turned?")
    riddle = picture_in(game)
    patiently(button(name="next picture")).to_be_disabled()
    button(name="upside down").click()
    says(game, "You say upside down, the network says")
    says(game, r"you \d of 1, the network \d of 1")
    answered = picture_in(game)
    assert answered.tobytes() != riddle.tobytes()
    for name in TURNED:
        patiently(button(name=re.compile(f"^{name}$"))).to_be_disabled()
    button(name="next picture").click()
    says(game, "Picture 2 of 8")
    assert picture_in(game).tobytes() != answered.tobytes()


def _turn_the_phone(phone) -> None:
    says(phone, "Picture 0, turned by 130°")
    press(phone, 1, "ArrowLeft", 4)
    says(phone, "turned by 90°")
    press(phone, 0, "ArrowRight", 2)
    says(phone, "Picture 2, turned by 90°")


MOVES = {"widgets.rotation_game(": _play, "widgets.phone(": _turn_the_phone}


def test_lecture_3_runs_in_jupyterlab_and_every_widget_changes_its_picture(
    lab, open_notebook, run_all, screenshot
):
    with open_notebook(without_outputs(lab, NAME)) as page:
        runs_and_moves(page, run_all, MOVES, FIGURES, screenshot)


def test_lecture_3_as_it_is_handed_out_can_be_seen_and_read(handed_out, screenshot):
    shows_its_pictures(handed_out, FIGURES, screenshot)


def test_the_cheat_believes_the_scene_and_the_honest_one_the_thing(handed_out):
    alt = cell_with(handed_out, "verdict[name]").locator("img").get_attribute("alt")
    told = {
        name: float(share)
        for name, share in re.findall(
            r"trained (.+?): thing turned: believes the thing ([\d.]+) %", alt
        )
    }
    assert told["before plain walls"] > 50
    assert told["outdoors"] < 10
