"""What the browser tests of all lectures do: open one without its outputs, find cells, see no error."""

from __future__ import annotations

import base64
import io

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
