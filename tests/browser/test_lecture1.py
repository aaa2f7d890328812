"""Lecture 1 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

import re

import jupytext
import pytest

from tests.browser.conftest import ROOT

NAME = "01_adversarial_examples"


@pytest.fixture
def lecture(lab) -> str:
    """The lecture straight from its source, without outputs: what is seen afterwards was made by the run."""
    source = ROOT / "notebooks" / "source" / "lectures" / f"{NAME}.py"
    notebook = jupytext.read(source)
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    jupytext.write(notebook, lab.folder / "lectures" / f"{NAME}.ipynb")
    return f"lectures/{NAME}.ipynb"


def cell_with(page, text: str):
    return page.locator(".jp-CodeCell").filter(has_text=text).first


def test_lecture_1_runs_in_jupyterlab_and_its_sliders_change_the_pictures(
    lecture, open_notebook, run_all, screenshot
):
    from playwright.sync_api import expect

    expect.set_options(timeout=120_000)
    page = open_notebook(lecture)
    run_all(page)
    assert (
        page.locator(".jp-OutputArea [data-mime-type='application/vnd.jupyter.error']").count() == 0
    )
    assert (
        page.locator(
            ".jp-OutputArea [data-mime-type='application/vnd.jupyter.stderr']"
        ).all_inner_texts()
        == []
    )
    images = page.locator(".jp-OutputArea img")
    assert images.count() >= 14
    alts = [image.get_attribute("alt") for image in images.all()]
    assert all(alts), "a figure has no alt text"

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
    for number, cell in enumerate(page.locator(".jp-CodeCell:has(.jp-OutputArea img)").all()):
        cell.scroll_into_view_if_needed()
        screenshot(cell, f"figure-{number:02}")


def test_the_lecture_as_it_is_handed_out_shows_its_pictures_before_it_is_run(
    lab, open_notebook, screenshot
):
    name = f"lectures/{NAME}.ipynb"
    built = ROOT / "notebooks" / name
    if not built.is_file():
        pytest.skip("the lecture is not built: make notebooks")
    (lab.folder / "lectures" / "as_built.ipynb").write_bytes(built.read_bytes())
    page = open_notebook("lectures/as_built.ipynb", theme="JupyterLab Dark")
    images = page.locator(".jp-OutputArea img").all()
    assert len(images) >= 14
    for image in images:
        assert image.get_attribute("alt")
        assert image.evaluate("img => img.complete && img.naturalWidth > 300")
    images[3].scroll_into_view_if_needed()
    screenshot(page, "as-built")
