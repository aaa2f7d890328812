"""Every widget by keyboard alone, in JupyterLab: reached by Tab, seen to have the focus, named, and worked by keys."""

from __future__ import annotations

import re

import nbformat
import pytest

from course_utils import widgets
from course_utils.plots.contrast import LINES, contrast
from tests.browser.all_widgets import WIDGETS, notebook

NOT_WIDGETS = {"Note", "climb", "eps_slider", "explore", "uphill", "imagenet_a", "real_panda"}
CONTROLS = "[role=slider], [contenteditable=true], select, input, button:not(:disabled)"
ENOUGH_TABS = 200

# What has the focus: its cell, its place among the cell's controls, and the ring around it.
FOCUSED = """controls => {
    const one = document.activeElement, cell = one.closest('.jp-Cell'), style = getComputedStyle(one);
    if (!one.closest('.jp-OutputArea')) return null;
    const all = [...cell.querySelectorAll('.jp-OutputArea')].flatMap(area => [...area.querySelectorAll(controls)]);
    return {
        cell: [...document.querySelectorAll('.jp-Cell')].indexOf(cell), place: all.indexOf(one),
        ring: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth), colour: style.outlineColor,
        ground: getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor,
    };
}"""
ACTIVE_CELL = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"


def test_the_notebook_shows_every_widget_of_the_course():
    """real_panda and imagenet_a need downloads; the others that are left out draw nothing themselves."""
    assert set(WIDGETS) == set(widgets.__all__) - NOT_WIDGETS


@pytest.fixture
def opened(lab, open_notebook, run_all):
    """(page, the outputs of the widgets' cells by name), everything run."""
    nbformat.write(notebook(), lab.folder / "all_widgets.ipynb")
    with open_notebook("all_widgets.ipynb") as page:
        run_all(page)
        cells = page.locator(".jp-Cell")
        outputs = {
            name: cells.nth(place).locator(".jp-OutputArea")
            for place, name in enumerate(WIDGETS, start=1)
        }
        for name, output in outputs.items():
            output.locator("img").wait_for(state="attached")
            assert output.locator("img").get_attribute("alt"), name
        yield page, outputs


def walk(page) -> list[dict]:
    """What has the focus after each Tab, from the first cell on to the end of the last widget."""
    page.locator(".jp-Cell").first.locator(".jp-InputPrompt").click()
    page.keyboard.press("Escape")
    stops, met = [], False
    for _ in range(ENOUGH_TABS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED, CONTROLS)
        if stop:
            stops.append(stop)
        elif met and stops[-1]["cell"] == len(WIDGETS):
            return stops
        met = met or bool(stop)
    pytest.fail(f"no end after {ENOUGH_TABS} Tabs; the last stops: {stops[-3:]}")


def rgb(css: str) -> tuple[float, ...]:
    return tuple(int(value) / 255 for value in re.findall(r"\d+", css)[:3])


def in_theme(page, theme: str) -> None:
    page.evaluate(
        "theme => { window.jupyterapp.commands.execute('apputils:change-theme', {theme}); }", theme
    )
    page.wait_for_function(
        "theme => document.body.dataset.jpThemeName === theme"
        " && getComputedStyle(document.body).getPropertyValue('--jp-brand-color1') !== ''",
        arg=theme,
    )


def test_tab_reaches_every_control_in_order_and_a_ring_shows_where_it_is(opened, screenshot):
    page, outputs = opened
    stops = walk(page)
    for place, (name, output) in enumerate(outputs.items(), start=1):
        there = [stop["place"] for stop in stops if stop["cell"] == place]
        assert there == list(range(output.locator(CONTROLS).count())), name
    for stop in stops:
        assert stop["ring"] >= 2, stop
    nameless = r'^\s*- (slider|textbox|combobox|spinbutton|button)(:| ""|$)'
    for name, output in outputs.items():
        assert not re.findall(nameless, output.aria_snapshot(), re.MULTILINE), name
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        in_theme(page, theme)
        for name in ("panda", "cue_swap", "patch_quiz", "player"):
            outputs[name].locator(CONTROLS).first.focus()
            stop = page.evaluate(FOCUSED, CONTROLS)
            assert contrast(rgb(stop["colour"]), rgb(stop["ground"])) >= LINES, (theme, stop)
            screenshot(page, f"{name}-{theme[-5:].strip()}")


# Widget -> the control and the key that changes its picture.
KEYS = {
    "panda": ("slider", "eps, in 1/255", "ArrowRight"),
    "ascent": ("combobox", "target", "ArrowDown"),
    "which_is_which": ("button", "Show the answers", "Space"),
    "phone": ("slider", "turned by, degrees", "ArrowLeft"),
    "patch_quiz": ("button", "↘", "Enter"),
    "sample_by_hand": ("slider", "gap", "ArrowUp"),
    "cue_swap": ("combobox", "colour", "ArrowDown"),
    "sticker": ("slider", "x (to the right)", "ArrowLeft"),
    "spoil": ("combobox", "corruption", "ArrowDown"),
    "temperature": ("slider", "temperature", "End"),
    "picture_map": ("combobox", "thing", "ArrowDown"),
    "fill_the_hole": ("slider", "hole: top row", "ArrowDown"),
    "player": ("slider", "frame", "ArrowRight"),
}


def test_keys_work_the_widgets_and_nothing_else_in_the_notebook(opened):
    from playwright.sync_api import expect

    expect.set_options(timeout=60_000)
    page, outputs = opened
    count = page.locator(".jp-Cell").count()
    for name, (role, control, key) in KEYS.items():
        picture = outputs[name].locator("img")
        before = picture.get_attribute("src")
        outputs[name].get_by_role(role, name=control, exact=True).focus()
        cell = page.evaluate(ACTIVE_CELL)
        page.keyboard.press(key)
        expect(picture).not_to_have_attribute("src", before)
        assert page.evaluate(ACTIVE_CELL) == cell, f"{name}: {key} moved to another cell"
    assert page.locator(".jp-Cell").count() == count

    game = outputs["rotation_game"]
    game.get_by_role("button", name="upside down").focus()
    page.keyboard.press("Space")
    expect(game.get_by_role("button", name="next picture")).to_be_focused()
    page.keyboard.press("Enter")
    expect(game.locator("img")).to_have_attribute("alt", re.compile("Picture 2 of 2"))
    expect(game.get_by_role("button", name="upright")).to_be_focused()

    play = outputs["player"].get_by_role("button", name="Play")
    play.focus()
    page.keyboard.press("Space")
    expect(outputs["player"].locator("img")).to_have_attribute("alt", re.compile("Frame 4 of 4"))
