"""Lecture 5's widgets follow their controls, and without a front end each is its figure."""

import subprocess
import sys

import pytest
import torch

from course_utils import plots, widgets
from course_utils.plots import Picture
from course_utils.widgets.simclr import views_of

CLASSES = ("house", "tree", "car")


@pytest.fixture(scope="module")
def images():
    return torch.rand(8, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def in_front(monkeypatch):
    monkeypatch.setenv("COURSE_WIDGETS", "on")


def controls(box):
    return {control.description: control for control in box.children[0].children}


def shown(box):
    return box.children[1].value


@pytest.fixture
def made(images):
    """Each widget, made anew for every test."""
    chance = torch.Generator().manual_seed(1)
    features = {"one": torch.randn(8, 4, generator=chance), "two": torch.randn(8, 4)}
    z = torch.nn.functional.normalize(torch.randn(8, 4, generator=chance), dim=1)
    labels = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])
    return {
        "find_the_pairs": lambda: widgets.find_the_pairs(images[:3], images[3:6], [2, 0, 1]),
        "augmentations": lambda **o: widgets.augmentations(images, shown=2, **o),
        "temperature": lambda: widgets.temperature(images, z @ z.T),
        "picture_map": lambda **o: widgets.picture_map(images, labels, features, CLASSES, **o),
    }


NAMES = ("find_the_pairs", "augmentations", "temperature", "picture_map")


@pytest.mark.parametrize("name", NAMES)
def test_without_a_front_end_a_widget_is_its_figure(made, name):
    assert isinstance(made[name](), Picture)


@pytest.mark.parametrize("name", NAMES)
def test_descriptions_are_not_cut_off(in_front, made, name):
    for control in made[name]().children[0].children:
        if not control.description.startswith("Show"):  # a button fits its own words
            assert control.style.description_width == "initial"


def test_the_quiz_counts_after_the_button(in_front, made):
    box = made["find_the_pairs"]()
    asked = controls(box)
    asked["A"].value, asked["B"].value = "3", "2"
    assert "You had" not in shown(box)
    asked["Show the answers"].value = True
    assert "You had 1 of 3" in shown(box)


def test_every_slider_of_the_augmentations_changes_the_views(in_front, made):
    box = made["augmentations"]()
    assert "Nothing is changed yet" in shown(box)
    seen = {shown(box)}
    for name, value in {
        "smallest crop, % of the area": 30,
        "flip": 1,
        "colour jitter": 0.8,
        "how often grey": 0.5,
        "distort": 0.05,
        "rotate, up to degrees": 45,
        "cutout, pixels": 6,
        "noise": 0.1,
        "picture": 3,
        "draw again": 2,
    }.items():
        controls(box)[name].value = value
        seen.add(shown(box))
    assert len(seen) == 11
    assert "crop, flip, colour, grey, distort, rotate, cutout, noise" in shown(box)


OFF = {
    "crop": 100, "flip": 0, "colour": 0, "grey": 0, "distort": 0, "rotate": 0, "cutout": 0, "noise": 0,
}  # fmt: skip


def test_with_everything_off_a_view_is_the_picture(images):
    drawn = views_of(images[0], 4, 0, OFF)
    assert torch.equal(drawn, images[0].expand(4, -1, -1, -1))


def test_views_are_the_same_for_the_same_draw_and_differ_from_each_other(images):
    strength = OFF | {"crop": 20, "colour": 1.0}
    first, again, other = (views_of(images[0], 4, seed, strength) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first[0], first[1])


def test_a_slider_that_does_not_exist_is_named_with_those_there_are(made):
    with pytest.raises(ValueError, match="there is no slider 'blur'; there are: crop, flip"):
        made["augmentations"](blur=1)


def test_temperature_and_view_drive_the_row(in_front, made):
    box = made["temperature"]()
    before = shown(box)
    assert "Temperature 0.5" in before
    controls(box)["temperature"].value = 0.05
    assert "Temperature 0.05" in shown(box)
    cold = shown(box)
    controls(box)["view"].value = 3
    assert shown(box) not in (before, cold)


def test_the_map_follows_encoder_method_and_thing(in_front, made):
    box = made["picture_map"]()
    seen = {shown(box)}
    for name, value in {"encoder": "two", "method": "PCA", "thing": "car"}.items():
        controls(box)[name].value = value
        seen.add(shown(box))
    assert len(seen) == 4
    assert "two, PCA" in shown(box)
    assert "In front: car" in shown(box)
    assert "2 of them not faded" in shown(box)


def test_a_map_is_laid_out_once(in_front, made, monkeypatch):
    calls = []
    real = plots.flat
    monkeypatch.setattr(plots, "flat", lambda *a: calls.append(a) or real(*a))
    box = made["picture_map"](method="PCA")
    for thing in CLASSES:
        controls(box)["thing"].value = thing
    assert len(calls) == 1


def test_a_choice_that_does_not_exist_is_named_with_those_there_are(made):
    with pytest.raises(ValueError, match=r"there is no method = 'UMAP'; choose from encoder: one"):
        made["picture_map"](method="UMAP")


def test_plots_and_widgets_can_be_had_while_self_supervision_is_withheld():
    """The labs that ask for SimCLR hide the package's own; the rest must not need it to be imported."""
    code = "import sys; from course_utils import plots, widgets; print([m for m in sys.modules if 'selfsup' in m or 'pretext' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
