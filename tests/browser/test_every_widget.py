"""No widget of a lecture or lab without a browser test that moves it; needs no browser itself."""

from __future__ import annotations

import ast
import importlib
import re

import jupytext
import pytest

from tests.browser.conftest import ROOT

SOURCES = sorted((ROOT / "notebooks" / "source").glob("l*/*.py"))
TESTS = sorted((ROOT / "tests" / "browser").glob("test_lecture*.py"))


def modules() -> dict:
    """The browser tests of lectures, by the lecture's name."""
    found = [importlib.import_module(f"tests.browser.{path.stem}") for path in TESTS]
    return {module.NAME: module for module in found}


def code_cells(source) -> list[str]:
    cells = jupytext.read(source).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def widget_calls(code: str) -> list[str]:
    """The widgets that a cell makes: widgets.panda(…) -> ["panda"]."""
    if "widgets" not in code:
        return []
    plain = re.sub(r"^[%!].*$", "", code, flags=re.MULTILINE)
    return [
        node.func.attr
        for node in ast.walk(ast.parse(plain))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("widgets", "ipywidgets")
    ]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_widget_of_a_source_is_moved_by_a_test(source):
    """When this fails: give MOVES in tests/browser/test_lectureN.py what a person does with that widget."""
    module = modules().get(source.stem)
    assert module or source.parent.name == "labs", "no tests/browser/test_lectureN.py has this NAME"
    moves = module.MOVES if module else {}
    cells = code_cells(source)
    for code in cells:
        called = widget_calls(code)
        moved = [text for text in moves if text in code]
        assert len(called) == len(moved) <= 1, f"{called}, moved by {moved}:\n{code}"
    for text in moves:
        assert sum(text in code for code in cells) == 1, f"{text!r} is not one cell's alone"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_widgets_are_called_by_their_module_so_that_the_test_above_finds_them(source):
    text = source.read_text(encoding="utf-8")
    for other in ("course_utils.widgets import", "ipywidgets import", "widgets as", "import *"):
        assert other not in text


def test_what_is_called_a_widget():
    assert widget_calls("x = 1\nwidgets.panda(x)") == ["panda"]
    assert widget_calls("%matplotlib inline\nipywidgets.IntSlider()") == ["IntSlider"]
    assert widget_calls("# widgets.panda()\nplots.panda(widgets)") == []
