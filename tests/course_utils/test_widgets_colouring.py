"""The pixel to pick follows its sliders, and without a front end it is its figure."""

import re

import pytest
import torch

from course_utils import widgets
from course_utils.models import UNet
from course_utils.plots import Picture


@pytest.fixture
def made():
    torch.manual_seed(0)
    mean, choice = UNet(1, 3, 4), UNet(1, 37, 4)
    images = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    return lambda: widgets.colour_picker(mean, choice, images)


def controls(box):
    return {control.description: control for control in box.children[0].children}


def test_without_a_front_end_it_is_its_figure_of_the_pixel_in_the_middle(made):
    figure = made()
    assert isinstance(figure, Picture)
    assert "Row 8, column 8: the mean is" in figure.alt


def test_every_slider_changes_the_figure_and_none_is_cut_off(monkeypatch, made):
    monkeypatch.setenv("COURSE_WIDGETS", "on")
    box = made()
    assert all(c.style.description_width == "initial" for c in controls(box).values())
    seen = {box.children[1].value}
    for name, value in {"picture": 2, "row": 3, "column": 14, "temperature": 0.05}.items():
        controls(box)[name].value = value
        seen.add(box.children[1].value)
    assert len(seen) == 5
    assert re.search(
        r"Row 3, column 14: the mean is .*, the choice .*, the truth", box.children[1].value
    )


def test_the_sliders_end_where_the_pictures_do(monkeypatch, made):
    monkeypatch.setenv("COURSE_WIDGETS", "on")
    ends = {name: control.max for name, control in controls(made()).items()}
    assert ends == {"picture": 2, "row": 15, "column": 15, "temperature": 1}
