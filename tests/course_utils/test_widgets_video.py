"""Lecture 6's clips play under a slider, and a pixel that is asked looks back."""

import pytest
import torch

from course_utils import plots, widgets
from course_utils.models import UNet
from course_utils.plots import Movie, Picture

TITLE = "A grey clip takes its colours from its first frame"


@pytest.fixture(scope="module")
def clips():
    return torch.rand(2, 5, 3, 24, 24, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def in_front(monkeypatch):
    monkeypatch.setenv("COURSE_WIDGETS", "on")


@pytest.fixture
def player(clips):
    return lambda: widgets.player({"grey": clips[0], "truth": clips[1]}, title=TITLE)


@pytest.fixture
def looking(clips):
    torch.manual_seed(0)
    model = UNet(1, 2, 4)
    return lambda **start: widgets.look_back(model, clips, temperature=0.1, **start)


def controls(box):
    return {control.description: control for control in box.children[0].children}


def shown(box):
    return box.children[1].value


def test_without_a_front_end_the_player_is_a_film_and_the_look_back_a_figure(player, looking):
    assert isinstance(player(), Movie)
    assert isinstance(looking(), Picture)


def test_the_slider_chooses_the_frame(in_front, player, clips):
    box = player()
    slider = controls(box)["frame"]
    assert (slider.min, slider.max, slider.value) == (1, 5, 1)
    slider.value = 4
    versions = {"grey": clips[0], "truth": clips[1]}
    assert shown(box) == plots.moment(versions, 3, title=TITLE).html()
    assert "Frame 4 of 5" in shown(box)


def test_play_moves_the_slider(in_front, player):
    box = player()
    play, slider = box.children[0].children
    assert (play.min, play.max) == (1, 5)
    play.value = 3
    assert slider.value == 3
    assert "Frame 3 of 5" in shown(box)
    slider.value = 2
    assert play.value == 2


def test_the_pixel_asked_is_the_sliders(in_front, looking):
    box = looking(clip=1, frame=4, pixel=(3, 20))
    assert "row 3, column 20" in shown(box)
    before = shown(box)
    for name, value in (("row", 9), ("column", 0), ("frame", 2), ("clip", 0)):
        controls(box)[name].value = value
        assert shown(box) != before
        before = shown(box)
    assert "row 9, column 0" in before
    assert "Frame 2" in before


def test_every_pixel_can_be_asked(in_front, looking):
    box = looking()
    for corner in ((0, 0), (23, 23)):
        controls(box)["row"].value, controls(box)["column"].value = corner
        assert f"row {corner[0]}, column {corner[1]} looks" in shown(box)


def test_descriptions_are_not_cut_off(in_front, player, looking):
    for box in (player(), looking()):
        for control in controls(box).values():
            if control.description:
                assert control.style.description_width == "initial"


def test_looking_leaves_the_networks_mode_alone(clips):
    model = UNet(1, 2, 4).train()
    widgets.look_back(model, clips, temperature=0.1)
    assert model.training
