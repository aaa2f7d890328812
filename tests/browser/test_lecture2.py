"""Lecture 2 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

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

NAME = "02_robustness"
FIGURES = 24
BLUE, VERMILLION = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)


def test_lecture_2_runs_in_jupyterlab_and_its_widgets_follow_the_keys(
    lab, open_notebook, run_all, screenshot
):
    from playwright.sync_api import expect

    expect.set_options(timeout=120_000)
    page = open_notebook(without_outputs(lab, NAME))
    run_all(page)
    shows_no_error(page)
    every_figure_has_alt_text(page, FIGURES)

    cues = cell_with(page, "widgets.cue_swap(")
    cues.locator("select").nth(3).select_option("night")
    expect(cues.locator("img")).to_have_attribute("alt", re.compile("background: night"))
    cues.locator("select").nth(1).select_option("mug")
    expect(cues.locator("img")).to_have_attribute("alt", re.compile("shape: mug"))
    screenshot(cues, "cues")

    sticker = cell_with(page, "widgets.sticker(")
    expect(sticker.locator("img")).to_have_attribute("alt", re.compile(r"at \(0\.55, 0\.55\)"))
    before = picture_in(sticker)
    press(sticker, 1, "ArrowLeft", 4)
    press(sticker, 2, "ArrowUp")
    expect(sticker.locator("img")).to_have_attribute("alt", re.compile(r"at \(0\.35, 0\.6\)"))
    assert picture_in(sticker).tobytes() != before.tobytes()
    expect(sticker.locator("img")).to_have_count(1)
    screenshot(sticker, "sticker")

    turtle = cell_with(page, '"pitch": (-25, 25')
    press(turtle, 0, "ArrowRight")
    expect(turtle.locator("img")).to_have_attribute("alt", re.compile("Yaw 39"))
    screenshot(turtle, "turtle")
    stop = cell_with(page, '"exposure": (0.2')
    press(stop, 0, "ArrowRight", 3)
    expect(stop.locator("img")).to_have_attribute("alt", re.compile(r"Distance 1\.9"))
    screenshot(stop, "stop")

    spoilt = cell_with(page, "widgets.spoil(")
    spoilt.locator("select").select_option("pixelate")
    press(spoilt, 0, "ArrowRight", 2)
    expect(spoilt.locator("img")).to_have_attribute("alt", re.compile("pixelate of severity 5"))
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
