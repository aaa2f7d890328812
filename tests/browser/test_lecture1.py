"""Lecture 1 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import re

import pytest

from tests.browser.lectures import (
    as_handed_out,
    cell_with,
    each_figure_to,
    every_figure_has_alt_text,
    shows_no_error,
    without_outputs,
)

NAME = "01_adversarial_examples"


def test_lecture_1_runs_in_jupyterlab_and_its_sliders_change_the_pictures(
    lab, open_notebook, run_all, screenshot
):
    from playwright.sync_api import expect

    expect.set_options(timeout=120_000)
    page = open_notebook(without_outputs(lab, NAME))
    run_all(page)
    shows_no_error(page)
    every_figure_has_alt_text(page, 14)

    # The image element itself is replaced at every redraw: look for it anew each time.
    panda = cell_with(page, "widgets.panda(")
    before = panda.locator("img").get_attribute("src")
    slider = panda.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    screenshot(page, "panda")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowLeft")
    expect(panda.locator("img")).to_have_attribute("alt", re.compile("plus 5/255"))
    expect(panda.locator("img")).not_to_have_attribute("src", before)
    expect(panda.locator("img")).to_have_count(1)
    screenshot(page, "panda-moved")

    targeted = cell_with(page, "target=goal")
    targeted.locator("select").select_option("mug")
    expect(targeted.locator("img")).to_have_attribute("alt", re.compile("towards mug"))
    targeted.scroll_into_view_if_needed()
    screenshot(page, "targeted")

    quiz = cell_with(page, "widgets.which_is_which(")
    quiz.locator("select").first.select_option("natural")
    quiz.get_by_text("Show the answers").click()
    expect(quiz.locator("img")).to_have_attribute("alt", re.compile(r"You had \d of 8"))
    each_figure_to(screenshot, page)


def test_the_lecture_as_it_is_handed_out_shows_its_pictures_before_it_is_run(
    lab, open_notebook, screenshot
):
    path = as_handed_out(lab, NAME)
    if not path:
        pytest.skip("the lecture is not built: make notebooks")
    page = open_notebook(path, theme="JupyterLab Dark")
    images = page.locator(".jp-OutputArea img").all()
    assert len(images) >= 14
    for image in images:
        assert image.get_attribute("alt")
        assert image.evaluate("img => img.complete && img.naturalWidth > 300")
    images[3].scroll_into_view_if_needed()
    screenshot(page, "as-built")
