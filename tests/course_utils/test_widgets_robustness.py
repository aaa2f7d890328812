"""Lecture 2's widgets follow their controls, and without a front end each is its figure."""

import pytest
import torch

from course_utils import plots, robustness, widgets
from course_utils.data.world import BACKGROUNDS, CLASSES, COLOURS, render, sample
from course_utils.plots import Picture


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 16 * 16, 10))


@pytest.fixture(scope="module")
def images():
    return render(sample(3, seed=1), 16).float() / 255


@pytest.fixture
def in_front(monkeypatch):
    monkeypatch.setenv("COURSE_WIDGETS", "on")


def controls(box):
    return {control.description: control for control in box.children[0].children}


def shown(box):
    return box.children[1].value


@pytest.fixture
def made(network, images):
    """Each widget, made anew for every test."""
    turned = {"plain": lambda yaw: images[:1], "turned": lambda yaw: images[:1].rot90(yaw, (2, 3))}
    return {
        "cue_swap": lambda **o: widgets.cue_swap({"net": network}, sample(1, seed=3), size=16, **o),
        "sticker": lambda **o: widgets.sticker(
            network, images, torch.tensor([0, 1, 2]), torch.rand(3, 6, 6), CLASSES, 4, **o
        ),
        "viewer": lambda: widgets.viewer(
            network, turned, {"yaw": (0, 3, 1, 0)}, CLASSES, truth=0, target=4
        ),
        "spoil": lambda: widgets.spoil(
            {"one": network, "two": network}, images[:1], torch.tensor([2]), CLASSES
        ),
    }


@pytest.mark.parametrize("name", ["cue_swap", "sticker", "viewer", "spoil"])
def test_without_a_front_end_a_widget_is_its_figure(made, name):
    assert isinstance(made[name](), Picture)


@pytest.mark.parametrize("name", ["cue_swap", "sticker", "viewer", "spoil"])
def test_descriptions_are_not_cut_off(in_front, made, name):
    for control in controls(made[name]()).values():
        assert control.style.description_width == "initial"


def test_swapping_a_cue_back_brings_the_first_figure_back(in_front, made):
    box = made["cue_swap"]()
    before = shown(box)
    assert "nothing changed" in before
    background = controls(box)["background"]
    as_it_was = background.value
    background.value = next(name for name in BACKGROUNDS if name != as_it_was)
    assert f"background: {background.value}: the network net says" in shown(box)
    background.value = as_it_was
    assert shown(box) == before


def test_only_the_picked_cue_changes_in_the_picture(network, monkeypatch):
    drawn = []
    monkeypatch.setattr(plots, "cues", lambda images, *args, **kw: drawn.append(images))
    scene = sample(1, seed=3)
    other = COLOURS[(int(scene.colour) + 1) % len(COLOURS)]
    widgets.cue_swap({"net": network}, scene, size=16, colour=other)
    wanted = torch.cat([render(scene, 16), render(scene.with_(colour=other), 16)]).float() / 255
    assert torch.equal(drawn[0], wanted)


def test_a_cue_that_does_not_exist_is_named_with_those_there_are(made):
    with pytest.raises(ValueError, match=r"there is no background = 'moon'; choose from .*meadow"):
        made["cue_swap"](background="moon")
    with pytest.raises(ValueError, match="there is no mood = 'sad'; choose from network: net"):
        made["cue_swap"](mood="sad")


def test_every_slider_moves_the_sticker(in_front, made):
    box = made["sticker"]()
    seen = {shown(box)}
    for name, value in {
        "picture": 2,
        "x (to the right)": -0.3,
        "y (down)": 0.4,
        "angle, degrees": -90,
        "size, % of the side": 45,
    }.items():
        controls(box)[name].value = value
        seen.add(shown(box))
    assert len(seen) == 6
    assert "sticker at (-0.3, 0.4)" in shown(box)
    assert "20 % of the picture" in shown(box)


def test_the_sticker_lies_where_the_sliders_say(monkeypatch, network, images):
    drawn = []
    monkeypatch.setattr(plots, "answers", lambda images, *args, **kw: drawn.append(images))
    red = torch.tensor([1.0, 0, 0]).view(3, 1, 1).expand(3, 4, 4)
    widgets.sticker(
        network, images, torch.tensor([0, 1, 2]), red, CLASSES, 4, x=0.5, y=-0.5, angle=0, size=25
    )
    changed = (drawn[0][0] != images[0]).any(0).nonzero()  # rows and columns
    assert changed.min(0).values.tolist() == [2, 10]
    assert changed.max(0).values.tolist() == [5, 13]


def test_a_knob_turns_the_thing_and_the_words_follow(in_front, made):
    box = made["viewer"]()
    before = shown(box)
    controls(box)["yaw"].value = 2
    assert shown(box) != before
    assert "Yaw 2: called" in shown(box)


def test_every_corruption_can_be_picked_and_its_severity_changed(in_front, made):
    box = made["spoil"]()
    assert list(controls(box)["corruption"].options) == list(robustness.CORRUPTIONS)
    seen = {shown(box)}
    controls(box)["severity"].value = 5
    seen.add(shown(box))
    controls(box)["corruption"].value = list(robustness.CORRUPTIONS)[-1]
    seen.add(shown(box))
    assert len(seen) == 3
    assert "of severity 5: one says" in shown(box)


def test_imagenet_a_is_not_fetched_unless_asked_for():
    assert "688 MB" in repr(widgets.imagenet_a())


def test_an_imagenet_a_that_is_not_there_says_so_in_a_line(tmp_path):
    assert "there is no such file" in repr(widgets.imagenet_a(tmp_path / "imagenet-a.tar"))


def test_imagenet_a_shows_the_accuracy_and_the_mistakes(monkeypatch):
    """With a stand-in network and eight stand-in photographs."""
    from course_utils import data
    from course_utils.data.dataset import Dataset, Split
    from course_utils.models import imagenet

    chance = torch.Generator().manual_seed(0)
    pixels = torch.randint(256, (8, 3, 16, 16), generator=chance, dtype=torch.uint8)
    photos = Split(pixels, torch.arange(8))
    names = tuple(f"class {i}" for i in range(200))
    monkeypatch.setattr(
        data,
        "load",
        lambda *a, **o: Dataset("imagenet_a", names, photos[:0], photos[:0], photos, ""),
    )
    torch.manual_seed(0)
    thousand = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 16 * 16, 1000))
    monkeypatch.setattr(imagenet, "resnet50", lambda **options: thousand)
    figure = widgets.imagenet_a("imagenet-a.tar", pictures=8, show=4)
    assert "of 8 pictures of ImageNet-A" in figure.get_suptitle()
    assert len([ax for ax in figure.axes if ax.images]) == 4
