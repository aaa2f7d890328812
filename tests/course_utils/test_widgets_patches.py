"""Lecture 4's widgets follow their controls, and without a front end each is its figure."""

import re

import pytest
import torch

from course_utils import widgets
from course_utils.models import Encoder
from course_utils.models.pretext import PatchNet
from course_utils.plots import Picture
from course_utils.widgets.patches import PatchQuiz


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return PatchNet(Encoder(4)).eval()


@pytest.fixture(scope="module")
def images():
    return torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def in_front(monkeypatch):
    monkeypatch.setenv("COURSE_WIDGETS", "on")


@pytest.fixture
def made(network, images):
    return {
        "quiz": lambda: widgets.patch_quiz(images, 8, 2, 1, model=network),
        "by hand": lambda: widgets.sample_by_hand(images, patch_size=8, gap=2),
        "lens": lambda: widgets.lens({"net": network}, images, 8, 2, 1, strength=6),
    }


def controls(box):
    return {control.description: control for control in box.children[0].children}


def shown(box):
    return box.children[1].value


@pytest.mark.parametrize("name", ["quiz", "by hand", "lens"])
def test_without_a_front_end_a_widget_is_its_figure(made, name):
    assert isinstance(made[name](), Picture)


@pytest.mark.parametrize("name", ["by hand", "lens"])
def test_descriptions_are_not_cut_off(in_front, made, name):
    for control in controls(made[name]()).values():
        assert control.style.description_width == "initial"


def test_a_click_answers_and_the_next_pair_is_asked_without_its_answer(in_front, made):
    box = made["quiz"]()
    board, further = box.children[0].children
    assert [b.description for b in board.children] == list("↖↑↗←●→↙↓↘")
    assert board.children[4].disabled
    before = shown(box)
    assert "Pair 1 of 5" in before
    board.children[7].click()
    assert re.search(r"(Right|No): .* You have [01] of 1, the network [01] of 1", shown(box))
    assert "the reader said below;" in shown(box)
    further.click()
    assert "Pair 2 of 5: where does" in shown(box)


def test_the_first_answer_counts_and_the_score_adds_up(network, images):
    quiz = PatchQuiz(images, 8, 2, 1, model=network)
    truth = quiz.positions.tolist()
    quiz.answer(truth[0])
    quiz.answer((truth[0] + 1) % 8)
    assert quiz.score().startswith("Right")
    for pair in range(1, 5):
        quiz.move_on()
        quiz.answer((truth[pair] + 1) % 8)
    with torch.no_grad():
        said = network(quiz.centres, quiz.neighbours).argmax(1)
    wins = int((said == quiz.positions).sum())
    assert f"You have 1 of 5, the network {wins} of 5" in quiz.score()
    quiz.move_on()
    assert quiz.pair == 0, "round again"


def test_the_quiz_shows_each_pair_as_it_was_cut(images):
    quiz = PatchQuiz(images, 8, 2, 1, seed=3)
    for pair, ((y, x), (v, u)) in enumerate(quiz.corners.tolist()):
        assert torch.equal(quiz.centres[pair], images[pair, :, y : y + 8, x : x + 8])
        assert torch.equal(quiz.neighbours[pair], images[pair, :, v : v + 8, u : u + 8])


def test_every_slider_changes_the_pair_and_what_can_not_be_cut_is_told(in_front, made):
    box = made["by hand"]()
    seen = {shown(box)}
    for name, value in {
        "picture": 2,
        "patch size": 6,
        "gap": 5,
        "jitter": 3,
        "draw again": 7,
    }.items():
        controls(box)[name].value = value
        seen.add(shown(box))
    assert len(seen) == 6
    assert "Patches of 6 pixels, gap 5, jitter 3" in shown(box)
    controls(box)["patch size"].value = 16
    controls(box)["jitter"].value = 0
    assert "no pair of patches fits" in shown(box)


def test_the_lens_is_turned_and_the_accuracy_follows(in_front, made):
    box = made["lens"]()
    before = shown(box)
    assert "Red 6 % larger than blue" in before
    controls(box)["fringes, %"].value = 0
    assert shown(box) != before
    assert re.search(r"Right on 5 pairs: net \d+\.0 %", shown(box))
