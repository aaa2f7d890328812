"""What the browser tests of all lectures do: open one, find cells, move its widgets, see no error."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Mapping

import jupytext
from PIL import Image

from tests.browser.conftest import ROOT, Lab
from tests.browser.readable import can_be_read

# Text of a widget's cell that no other cell has -> what a person does there, told the cell; None: it has
# nothing to move.
Moves = Mapping[str, Callable | None]
CONTROLS = "input:visible, select:visible, button:visible, [role=slider]:visible"


def without_outputs(lab: Lab, name: str, **edits: str) -> str:
    """The lecture straight from its source: what is seen afterwards was made by the run.

    Args:
        edits: names that the source sets to "", and what a student would write there.

    Returns:
        Its path in JupyterLab.
    """
    text = (ROOT / "notebooks" / "source" / "lectures" / f"{name}.py").read_text(encoding="utf-8")
    for old, new in edits.items():
        assert f'{old} = ""' in text, f"{name} no longer asks for {old}"
        text = text.replace(f'{old} = ""', f"{old} = {new!r}")
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    jupytext.write(notebook, lab.folder / "lectures" / f"{name}.ipynb")
    return f"lectures/{name}.ipynb"


def runs_and_moves(
    page, run_all: Callable, moves: Moves, figures: int, screenshot: Callable
) -> None:
    """Run All without an error, every widget moved and its picture seen to change.

    Args:
        figures: how many the lecture shows at least.
    """
    run_all(page)
    shows_no_error(page)
    every_figure_has_alt_text(page, figures)
    for text, move in moves.items():
        cell = cell_with(page, text)
        if move is None:
            assert cell.locator(".jp-OutputArea").locator(CONTROLS).count() == 0, text
            continue
        shown = picture_in(cell) if cell.locator("img").count() else None
        move(cell)
        # A redraw puts another image element in the place of the one before.
        patiently(cell.locator("img")).to_have_count(1)
        assert shown is None or picture_in(cell).tobytes() != shown.tobytes(), text
        screenshot(cell, re.sub(r"\W+", "-", text).strip("-"))
    each_figure_to(screenshot, page)


def patiently(locator):
    """Playwright's `expect` with time enough for a slow redraw."""
    from playwright.sync_api import expect

    expect.set_options(timeout=120_000)
    return expect(locator)


def says(cell, words: str) -> None:
    """The alt text of the cell's picture holds that, now or soon."""
    patiently(cell.locator("img")).to_have_attribute("alt", re.compile(words))


def pick(cell, which: int, choice: str) -> None:
    """Chooses from one of a cell's drop-down lists."""
    cell.locator("select").nth(which).select_option(choice)


def press(cell, slider: int, key: str, times: int = 1) -> None:
    """Moves one of a cell's sliders by a key."""
    handle = cell.get_by_role("slider").nth(slider)
    handle.scroll_into_view_if_needed()
    handle.focus()
    for _ in range(times):
        handle.press(key)


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


def each_figure_to(screenshot, page) -> None:
    """A screenshot of every cell that shows a figure, for people to look at."""
    for number, cell in enumerate(page.locator(".jp-CodeCell:has(.jp-OutputArea img)").all()):
        screenshot(cell, f"figure-{number:02}")


def shows_its_pictures(page, figures: int, screenshot) -> None:
    """A notebook as it was built, before anything is run: every figure is there, and all can be read."""
    every_figure_has_alt_text(page, figures)
    seen = "all => all.every(img => img.complete && img.naturalWidth > 300)"
    assert page.locator(".jp-OutputArea img").evaluate_all(seen)
    can_be_read(page, lambda theme: screenshot(page, theme))


def picture_in(cell) -> Image.Image:
    """The figure that a cell shows, as pixels."""
    source = cell.locator("img").get_attribute("src")
    return Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).convert("RGB")
