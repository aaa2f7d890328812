"""What the browser tests of all lectures do: open one without its outputs, find cells, see no error."""

from __future__ import annotations

import base64
import io
import re

import jupytext
from PIL import Image

from tests.browser.conftest import ROOT, Lab


def without_outputs(lab: Lab, name: str) -> str:
    """The lecture straight from its source: what is seen afterwards was made by the run.

    Returns:
        Its path in JupyterLab.
    """
    notebook = jupytext.read(ROOT / "notebooks" / "source" / "lectures" / f"{name}.py")
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    jupytext.write(notebook, lab.folder / "lectures" / f"{name}.ipynb")
    return f"lectures/{name}.ipynb"


def cell_with(page, text: str):
    return page.locator(".jp-CodeCell").filter(has_text=text).first


def shows_no_error(page) -> None:
    output = ".jp-OutputArea [data-mime-type='application/vnd.jupyter.{}']"
    assert page.locator(output.format("error")).count() == 0
    assert page.locator(output.format("stderr")).all_inner_texts() == []


def every_figure_has_alt_text(page, at_least: int) -> None:
    images = page.locator(".jp-OutputArea img")
    assert images.count() >= at_least
    assert all(image.get_attribute("alt") for image in images.all()), "a figure has no alt text"


def press(cell, slider: int, key: str, times: int = 1) -> None:
    """Moves one of a cell's sliders by a key."""
    handle = cell.get_by_role("slider").nth(slider)
    handle.scroll_into_view_if_needed()
    handle.focus()
    for _ in range(times):
        handle.press(key)


def changed(cell, expect, before: Image.Image, words: str) -> None:
    """The picture is another one now, and its alt text says what was asked for."""
    expect(cell.locator("img")).to_have_attribute("alt", re.compile(words))
    expect(cell.locator("img")).to_have_count(1)
    assert picture_in(cell).tobytes() != before.tobytes()


def each_figure_to(screenshot, page) -> None:
    """A screenshot of every cell that shows a figure, for people to look at."""
    for number, cell in enumerate(page.locator(".jp-CodeCell:has(.jp-OutputArea img)").all()):
        cell.scroll_into_view_if_needed()
        screenshot(cell, f"figure-{number:02}")


def shows_its_pictures(page, figures: int, screenshot) -> None:
    """A notebook as it was built, before anything is run: every figure is there and can be seen."""
    every_figure_has_alt_text(page, figures)
    for number, image in enumerate(page.locator(".jp-OutputArea img").all()):
        assert image.evaluate("img => img.complete && img.naturalWidth > 300")
        image.scroll_into_view_if_needed()
        screenshot(image, f"as-built-{number:02}")


def picture_in(cell) -> Image.Image:
    """The figure that a cell shows, as pixels."""
    source = cell.locator("img").get_attribute("src")
    return Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).convert("RGB")


def as_handed_out(lab: Lab, name: str) -> str:
    """A copy of the built notebook, outputs and all; its path in JupyterLab, or '' where it isn't built."""
    built = ROOT / "notebooks" / "lectures" / f"{name}.ipynb"
    if not built.is_file():
        return ""
    (lab.folder / "lectures" / f"as_built_{name}.ipynb").write_bytes(built.read_bytes())
    return f"lectures/as_built_{name}.ipynb"
