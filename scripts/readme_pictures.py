"""The pictures of the README: `python -m scripts.readme_pictures` writes docs/images/*.png.

panda: of fifty mushrooms the one on which the network is the surest of its mistake.
lecture: lecture 1 in JupyterLab, run as far as its first widget.
check: lab 1 in JupyterLab, its first exercise solved with a mistake that is often made.
report: the page of the sample class; `autograder demo` has to have written it.

Names of some of these as arguments: only those. JupyterLab and Chromium as in tests/browser.
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import torch
from nbformat import NotebookNode
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from course_utils import attacks, models, plots
from course_utils.data.world import CLASSES, world
from tests.browser.conftest import CHROMIUM_FLAGS, KERNEL_READY, running_lab

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "images"
EPS = 8 / 255
WIDTH = 1160  # pixels
COLOURS = 192  # enough for these, where all of them take too many bytes
MOST_BYTES = 150_000

OF_THE_MEAN = """\
# @input_gradient
def input_gradient(model, x, y):
    z = x.detach().clone().requires_grad_()
    with evaluating(model):
        (gradient,) = torch.autograd.grad(F.cross_entropy(model(z), y), z)
    return gradient
"""


def panda() -> None:
    model = models.zoo.load("world_classifier")
    mushrooms = world(50, seed=1, labels="mushroom")
    fooled = attacks.fgsm(model, mushrooms.images, mushrooms.labels, EPS)
    says = plots.confidences(model, fooled)  # (50, 10)
    says[torch.arange(50), mushrooms.labels] = 0
    best = mushrooms[says.amax(dim=1).argmax()[None]]
    x, y = best.images, best.labels
    direction = attacks.input_gradient(model, x, y).sign()
    write("panda", plots.panda(model, x, direction, EPS, CLASSES, truth=int(y)).png())


def lecture() -> None:
    """Cells up to the first widget."""
    source = ROOT / "notebooks" / "source" / "lectures" / "01_adversarial_examples.py"
    notebook = jupytext.read(source)
    last = next(i for i, cell in enumerate(notebook.cells) if "\nwidgets." in cell.source)
    notebook.cells = notebook.cells[: last + 1]
    with opened(notebook, "01_adversarial_examples", height=860) as page:
        page.locator(".jp-OutputArea img").last.wait_for()
        cell = page.locator(".jp-CodeCell").last
        cell.evaluate("cell => cell.scrollIntoView({block: 'end'})")
        page.wait_for_timeout(1500)
        write("lecture", page.screenshot())


def check() -> None:
    """From the exercise's code to the diagnosis under its first check."""
    notebook = nbformat.read(ROOT / "notebooks" / "labs" / "lab1_adversarial.ipynb", as_version=4)
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    notebook.cells[ids.index("input_gradient")].source = OF_THE_MEAN
    notebook.cells = notebook.cells[: ids.index("test_input_gradient") + 1]
    notebook.cells.append(nbformat.v4.new_markdown_cell("&nbsp;"))  # room below the diagnosis
    with opened(notebook, "lab1_adversarial", height=760) as page:
        said = page.locator(".jp-OutputArea-output").filter(has_text="✗").last
        said.wait_for()
        page.locator(".jp-Cell").last.evaluate("cell => cell.scrollIntoView({block: 'end'})")
        page.wait_for_timeout(1500)
        write("check", page.screenshot())


def report() -> None:
    written = ROOT / "course" / "demo" / "reports" / "lab1_adversarial.html"
    if not written.is_file():
        raise SystemExit(f"{written.relative_to(ROOT)} is not there: run `autograder demo` first")
    # The sample that looks for solutions names this machine's folders.
    html = written.read_text(encoding="utf-8").replace(str(ROOT), "…")
    with browser(height=1150) as new_page:
        page = new_page()
        page.set_content(html)
        write("report", page.screenshot())


@contextmanager
def opened(notebook: NotebookNode, name: str, height: int) -> Iterator[Page]:
    """The notebook in JupyterLab, its cells run as far as they go."""
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    with tempfile.TemporaryDirectory() as home, browser(height) as new_page:
        folder = Path(home, "notebooks")
        folder.mkdir()
        nbformat.write(notebook, folder / f"{name}.ipynb")
        with running_lab(Path(home), folder) as lab:
            page = new_page()
            page.set_default_timeout(300_000)
            page.goto(f"{lab.url}/lab/tree/{name}.ipynb?reset&token={lab.token}")
            page.wait_for_selector(".jp-Notebook .jp-Cell")
            page.wait_for_function(KERNEL_READY)
            page.keyboard.press("Control+b")  # the list of files is folded away
            page.evaluate(
                "() => { window.allRan = false; window.jupyterapp.commands"
                ".execute('notebook:run-all-cells').finally(() => { window.allRan = true; }); }"
            )
            page.wait_for_function("window.allRan")
            yield page


@contextmanager
def browser(height: int) -> Iterator[Callable[[], Page]]:
    """() -> a new page in a Chromium of its own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield lambda: launched.new_page(viewport={"width": WIDTH, "height": height})
        launched.close()


def write(name: str, png: bytes) -> None:
    """Writes the picture as small as PNG makes it, with fewer colours where that is too large."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    small = _packed(picture)
    if len(small) > MOST_BYTES:
        small = _packed(picture.quantize(COLOURS, dither=Image.Dither.NONE))
    if len(small) > MOST_BYTES:
        raise SystemExit(f"{name}.png has {len(small):,} bytes, more than {MOST_BYTES:,}")
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.png").write_bytes(small)
    print(f"{name}.png: {len(small):,} bytes")


def _packed(picture: Image.Image) -> bytes:
    packed = io.BytesIO()
    picture.save(packed, "PNG", optimize=True)
    return packed.getvalue()


PICTURES: dict[str, Callable[[], Any]] = {
    "panda": panda,
    "lecture": lecture,
    "check": check,
    "report": report,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PICTURES)}")
    asked = parser.parse_args().names
    if unknown := sorted(set(asked) - set(PICTURES)):
        parser.error(f"no picture {unknown[0]}; there are: {', '.join(PICTURES)}")
    for name in asked or PICTURES:
        PICTURES[name]()
