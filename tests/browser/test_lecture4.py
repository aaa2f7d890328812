"""Lecture 4 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import re

import pytest

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

NAME = "04_patch_localization"
FIGURES = 17
BLUE, VERMILLION = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)


def test_lecture_4_runs_in_jupyterlab_and_its_widgets_follow_mouse_and_keys(
    lab, open_notebook, run_all, screenshot
):
    from playwright.sync_api import expect

    expect.set_options(timeout=120_000)
    page = open_notebook(without_outputs(lab, NAME))
    run_all(page)
    shows_no_error(page)
    every_figure_has_alt_text(page, FIGURES)

    quiz = cell_with(page, "widgets.patch_quiz(")
    expect(quiz.locator("img")).to_have_attribute("alt", re.compile("Pair 1 of 20"))
    unanswered = picture_in(quiz)
    screenshot(quiz, "quiz")
    quiz.get_by_role("button", name="↘").click()
    expect(quiz.locator("img")).to_have_attribute("alt", re.compile("the reader said below right"))
    assert picture_in(quiz).tobytes() != unanswered.tobytes()
    screenshot(quiz, "quiz-answered")
    quiz.get_by_role("button", name="Next pair").click()
    expect(quiz.locator("img")).to_have_attribute("alt", re.compile("Pair 2 of 20"))
    quiz.get_by_role("button", name="↑", exact=True).click()
    expect(quiz.locator("img")).to_have_attribute(
        "alt", re.compile(r"You have \d of 2, the network \d of 2")
    )

    board = quiz.get_by_role("button").all()
    rows = sorted({round(button.bounding_box()["y"]) for button in board[:9]})
    assert len(rows) == 3, "the eight places do not lie around the middle"

    cut = cell_with(page, "widgets.sample_by_hand(")
    before = picture_in(cut)
    press(cut, 2, "ArrowRight", 2)  # the gap
    expect(cut.locator("img")).to_have_attribute("alt", re.compile("gap 6"))
    press(cut, 4, "ArrowRight")
    press(cut, 0, "ArrowRight")
    assert picture_in(cut).tobytes() != before.tobytes()
    screenshot(cut, "by-hand")

    lens = cell_with(page, "widgets.lens(")
    expect(lens.locator("img")).to_have_attribute("alt", re.compile("Red 6 % larger"))
    through = picture_in(lens)
    press(lens, 0, "ArrowLeft", 6)
    expect(lens.locator("img")).to_have_attribute("alt", re.compile("Red 0 % larger"))
    assert picture_in(lens).tobytes() != through.tobytes()
    screenshot(lens, "lens")
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
