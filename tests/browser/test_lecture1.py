"""Lecture 1 as a student meets it: JupyterLab, a browser, a mouse and a keyboard."""

from __future__ import annotations

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


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_lecture_1_runs_in_jupyterlab_and_its_sliders_change_the_pictures(
    lecture, open_notebook, run_all, screenshot, theme
):
    page = open_notebook(lecture, theme)
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

    panda = cell_with(page, "widgets.panda(")
    before = panda.locator("img").get_attribute("src")
    slider = panda.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    screenshot(page, "panda")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowLeft")
    picture = panda.locator("img")
    page.wait_for_function(
        "([img, old]) => img.src !== old", arg=[picture.element_handle(), before]
    )
    page.wait_for_function("img => img.alt.includes('5/255')", arg=picture.element_handle())
    assert panda.locator("img").count() == 1, "the figure is there twice"
    screenshot(page, "panda-moved")

    targeted = cell_with(page, "target=")
    before = targeted.locator("img").get_attribute("alt")
    targeted.locator("select").select_option(index=0)
    page.wait_for_function(
        "([img, old]) => img.alt !== old", arg=[targeted.locator("img").element_handle(), before]
    )
    targeted.scroll_into_view_if_needed()
    screenshot(page, "targeted")
    for number, image in enumerate(images.all()):
        image.scroll_into_view_if_needed()
        screenshot(page, f"figure-{number:02}")
