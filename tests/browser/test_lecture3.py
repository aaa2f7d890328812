"""Lecture 3 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import re

import pytest

from course_utils.plots.rotation import TURNED
from tests.browser.lectures import (
    as_handed_out,
    cell_with,
    each_figure_to,
    every_figure_has_alt_text,
    picture_in,
    press,
    shows_its_pictures,
    shows_no_error,
    without_outputs,
)

NAME = "03_rotation"
FIGURES = 17


def test_lecture_3_runs_in_jupyterlab_and_its_widgets_answer_the_mouse_and_the_keys(
    lab, open_notebook, run_all, screenshot
):
    from playwright.sync_api import expect

    expect.set_options(timeout=120_000)
    page = open_notebook(without_outputs(lab, NAME))
    run_all(page)
    shows_no_error(page)
    every_figure_has_alt_text(page, FIGURES)

    game = cell_with(page, "widgets.rotation_game(")
    image, button = game.locator("img"), lambda name: game.get_by_role("button", name=name)
    expect(image).to_have_attribute("alt", re.compile("Picture 1 of 8: how was it turned?"))
    riddle = picture_in(game)
    expect(button("next picture")).to_be_disabled()
    button("upside down").click()
    expect(image).to_have_attribute("alt", re.compile("You say upside down, the network says"))
    expect(image).to_have_attribute("alt", re.compile(r"you \d of 1, the network \d of 1"))
    answered = picture_in(game)
    assert answered.tobytes() != riddle.tobytes()
    for name in TURNED:
        expect(button(re.compile(f"^{name}$"))).to_be_disabled()
    screenshot(game, "game")
    button("next picture").click()
    expect(image).to_have_attribute("alt", re.compile("Picture 2 of 8"))
    assert picture_in(game).tobytes() != answered.tobytes()
    expect(image).to_have_count(1)

    phone = cell_with(page, "widgets.phone(")
    expect(phone.locator("img")).to_have_attribute("alt", re.compile("Picture 0, turned by 130°"))
    before = picture_in(phone)
    press(phone, 1, "ArrowLeft", 4)
    expect(phone.locator("img")).to_have_attribute("alt", re.compile("turned by 90°"))
    press(phone, 0, "ArrowRight", 2)
    expect(phone.locator("img")).to_have_attribute("alt", re.compile("Picture 2, turned by 90°"))
    assert picture_in(phone).tobytes() != before.tobytes()
    screenshot(phone, "phone")
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
