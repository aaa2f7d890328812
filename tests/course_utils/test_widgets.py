"""A widget is a figure and its controls: it follows them, and without a front end it is the figure."""

import sys

import ipywidgets
import pytest
import torch

from course_utils import plots, widgets
from course_utils._front_end import front_end
from course_utils.plots import Picture

CLASSES = ("house", "tree", "car", "fish")


@pytest.fixture
def model():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 12 * 12, len(CLASSES)))


@pytest.fixture
def picture(model):
    x = torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(1))
    return x, model(x).argmax(1)


@pytest.fixture
def in_front(monkeypatch):
    monkeypatch.setenv("COURSE_WIDGETS", "on")


def controls(box):
    return {control.description: control for control in box.children[0].children}


def shown(box):
    return box.children[1].value


def test_without_a_front_end_a_widget_is_its_figure(model, picture):
    x, y = picture
    made = [
        widgets.panda(model, x, y, CLASSES),
        widgets.ascent(model, x, y, CLASSES, steps=3),
        widgets.ascent(model, x, y, CLASSES, steps=3, target=CLASSES[int(y) - 1]),
        widgets.which_is_which(x.repeat(2, 1, 1, 1), [True, False], ["a", "b"]),
    ]
    assert all(isinstance(figure, Picture) for figure in made)


def test_the_eps_slider_changes_picture_and_words(in_front, model, picture):
    box = widgets.panda(model, *picture, CLASSES, eps=8)
    before = shown(box)
    assert "8/255" in before
    controls(box)["eps, in 1/255"].value = 20
    assert shown(box) != before
    assert "20/255" in shown(box)
    assert shown(box).count("<img") == 1
    controls(box)["eps, in 1/255"].value = 8
    assert shown(box) == before


def test_moving_the_slider_takes_no_gradient(in_front, model, picture, monkeypatch):
    box = widgets.panda(model, *picture, CLASSES)

    def refuse(*arguments, **options):
        raise AssertionError("a gradient was taken")

    monkeypatch.setattr(torch.autograd, "grad", refuse)
    controls(box)["eps, in 1/255"].value = 3
    assert "3/255" in shown(box)


def test_step_eps_and_target_all_drive_the_ascent(in_front, model, picture):
    x, y = picture
    others = [name for index, name in enumerate(CLASSES) if index != int(y)]
    box = widgets.ascent(model, x, y, CLASSES, target=others[0], eps=8, steps=4)
    seen = {shown(box)}
    assert CLASSES[int(y)] not in controls(box)["target"].options
    controls(box)["step"].value = 1
    seen.add(shown(box))
    controls(box)["eps, in 1/255"].value = 2
    seen.add(shown(box))
    controls(box)["target"].value = others[1]
    seen.add(shown(box))
    assert len(seen) == 4
    assert f"towards {others[1]}" in shown(box)


def test_a_target_that_is_no_class_is_named_with_those_there_are(model, picture):
    with pytest.raises(ValueError, match="no class is called 'zebra'; there are: house, tree"):
        widgets.ascent(model, *picture, CLASSES, target="zebra")


def test_the_quiz_counts_after_the_button(in_front, picture):
    x, _ = picture
    box = widgets.which_is_which(x.repeat(2, 1, 1, 1), [True, False], ["a", "b"])
    box.children[0].children[0].value = "natural"
    assert "You had" not in shown(box)
    box.children[0].children[-1].value = True
    assert "You had 1 of 2" in shown(box)


def test_descriptions_are_not_cut_off(in_front, model, picture):
    box = widgets.ascent(model, *picture, CLASSES, steps=2, target=CLASSES[int(picture[1]) - 1])
    for control in controls(box).values():
        assert control.style.description_width == "initial"


def test_an_error_in_drawing_is_told_in_the_figure_s_place(in_front):
    def draw(n):
        if n > 1:
            raise ValueError("n must be < 2")
        return plots.bars({"a": 1}, title="One bar", unit="one")

    slider = ipywidgets.IntSlider(value=1, max=3)
    box = widgets.explore(draw, {"n": slider})
    slider.value = 2
    assert "n must be &lt; 2" in shown(box)
    slider.value = 1
    assert "<img" in shown(box)


def test_climb_begins_with_the_clean_picture_and_stays_in_the_ball(model, picture):
    x, y = picture
    frames, says = widgets.climb(model, x, y, 8 / 255, steps=5)
    assert frames.shape == (6, 3, 12, 12)
    assert torch.equal(frames[0], x[0])
    assert float((frames - x).abs().max()) <= 8 / 255 + 1e-6
    assert float(says[-1, int(y)]) < float(says[0, int(y)])


class Kernel:
    """As much of ipykernel as `front_end` looks at."""

    def __init__(self, metadata):
        self.metadata = metadata

    def get_parent(self, channel):
        return {"metadata": self.metadata}


@pytest.mark.parametrize(("metadata", "interactive"), [({"cellId": "a1"}, True), ({}, False)])
def test_a_front_end_is_known_by_the_cell_id_it_sends(monkeypatch, metadata, interactive):
    shell = type("Shell", (), {"kernel": Kernel(metadata)})()
    monkeypatch.delenv("COURSE_WIDGETS", raising=False)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert front_end() is interactive


def test_plain_python_and_ipython_without_a_kernel_have_no_front_end(monkeypatch):
    monkeypatch.delenv("COURSE_WIDGETS", raising=False)
    assert front_end() is False
    monkeypatch.setitem(sys.modules, "google.colab", object())
    assert front_end() is False


@pytest.fixture
def offline(monkeypatch):
    from course_utils.data import DownloadError
    from course_utils.models import imagenet

    def googlenet(*arguments, **options):
        raise DownloadError("no connection to example.org\nput googlenet.pth into ~/.cache")

    monkeypatch.setattr(imagenet, "googlenet", googlenet)


def test_the_real_panda_without_weights_says_so_in_a_line(offline):
    note = widgets.real_panda("panda.jpg")
    assert isinstance(note, widgets.Note)
    assert "no connection to example.org put googlenet.pth" in repr(note)
    assert "\n" not in repr(note)
    assert "<em>" in note._repr_html_()


def test_a_weights_file_that_is_not_there_says_so_in_a_line():
    assert "no weights file" in repr(widgets.real_panda("panda.jpg", weights="nowhere.safetensors"))


@pytest.fixture
def small_network(monkeypatch):
    """GoogLeNet's place taken by a network of the same kind with untrained weights and 16 pixels."""
    from course_utils.models import imagenet

    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 16 * 16, len(CLASSES)))
    small = imagenet.ImagenetModel(network, CLASSES, resize=18, crop=16).eval()
    monkeypatch.setattr(imagenet, "googlenet", lambda *arguments, **options: small)
    return small


@pytest.fixture
def photo(tmp_path):
    from PIL import Image

    file = tmp_path / "photo.png"
    Image.linear_gradient("L").convert("RGB").resize((40, 30)).save(file)
    return file


def test_the_real_panda_draws_any_picture(small_network, photo):
    assert isinstance(widgets.real_panda(photo), Picture)


@pytest.mark.parametrize("content", [None, b"not a picture"])
def test_a_picture_that_can_t_be_read_is_told_in_a_line(small_network, tmp_path, content):
    file = tmp_path / "broken.jpg"
    if content is not None:
        file.write_bytes(content)
    assert "broken.jpg" in repr(widgets.real_panda(file))


def test_the_real_panda_without_a_picture_says_how_to_give_one(small_network):
    assert "real_panda('my_picture.jpg')" in repr(widgets.real_panda())


@pytest.mark.parametrize("version", [7, 8])
def test_an_uploaded_picture_is_drawn_in_both_forms_that_ipywidgets_gives(
    in_front, small_network, photo, version
):
    box = widgets.real_panda()
    button = box.children[0]
    content = {"content": memoryview(photo.read_bytes()), "name": "photo.png"}
    value = {"photo.png": content} if version == 7 else (content,)
    for handler in button._trait_notifiers["value"]["change"]:
        if callable(handler) and getattr(handler, "__name__", "") == "opened":
            handler({"new": value})
    assert "<img" in shown(box.children[1])
    assert box.children[0] is button


def test_a_network_too_sure_of_itself_still_gives_its_gradient():
    """Where float32 rounds the confidence to 1, the plain gradient loses the true class."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 8 * 8, 5))
    x = torch.rand(1, 3, 8, 8)
    y = network(x).argmax(1)
    with torch.no_grad():
        network[1].bias[y] += 30
    assert float(network(x).detach().softmax(1).max()) == 1
    direction = widgets.uphill(network, x, y)
    odds = network.double()(x.double()).detach().softmax(1)[0]  # (C,)
    odds[y] = 0
    odds[y] = -odds.sum()
    wanted = (odds @ network[1].weight.detach()).view_as(x).sign()
    assert torch.equal(direction.double(), wanted)
