"""Lecture 3's figures say what to see, in words too; its game keeps the score, its phone turns as the slider says."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils import plots, widgets
from course_utils.models import Classifier, Encoder
from course_utils.plots import Picture
from course_utils.plots.rotation import TURNED
from course_utils.widgets.rotation import RotationGame, tilted
from tests.course_utils.figure_promises import PROMISES

TURNS = torch.tensor([2, 0, 3, 1])


@pytest.fixture(scope="module")
def images():
    return torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def says():
    """Right about the first three, wrong about the last."""
    answers = torch.tensor([2, 0, 3, 3])
    return torch.nn.functional.one_hot(answers, 4) * 0.6 + 0.1


@pytest.fixture(scope="module")
def figures(images, says):
    angles = torch.arange(-180, 181, 60)
    way = torch.rand(len(angles), 4, generator=torch.Generator().manual_seed(1)).softmax(1)
    return {
        "flow": plots.pretext_flow(
            images, list("0123"), images[:3], ["house", "sailing boat", "cat"], question="how?"
        ),
        "riddle": plots.rotation_quiz(images, TURNS),
        "answers": plots.rotation_quiz(images, TURNS, says=says, title="What it says"),
        "round": plots.rotation_round(images[0], 2, says[0], title="Round 1"),
        "answered": plots.rotation_round(images[0], 2, says[0], title="Round 1", guess=1),
        "mistakes": plots.mistaken_for(torch.eye(4) * 7 + 1, TURNED, title="Mistaken"),
        "turning": plots.turning(images[0], 60, angles, way, title="Turned by 60°"),
    }


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_figure_of_lecture_3_keeps_what_figures_promise(figures, promise):
    for name, figure in figures.items():
        promise(name, figure)
    assert plt.get_fignums() == []


def test_a_riddle_does_not_give_its_answers_away(figures):
    for name in ("riddle", "round"):
        figure = figures[name]
        words = figure.alt + " ".join(ax.get_xlabel() for ax in figure.axes)
        assert not any(name in words for name in TURNED)
    assert all(bar.get_width() == 0 for bar in figures["round"].axes[1].patches)


def test_answers_are_marked_right_or_wrong_and_corrected(figures):
    labels = [ax.get_xlabel() for ax in figures["answers"].axes]
    assert [label[0] for label in labels] == ["✓", "✓", "✓", "✗"]
    assert labels[3].endswith("it is a quarter left")
    frames = {ax.spines["top"].get_edgecolor() for ax in figures["answers"].axes}
    assert len(frames) == 2


def test_an_answered_round_tells_all_three(figures):
    told = figures["answered"].alt
    assert "It is upside down. You say a quarter left, the network says upside down, 70.0 %" in told


def test_shares_of_mistakes_are_of_each_truth():
    counts = torch.tensor([[3, 1], [0, 2]])
    figure = plots.mistaken_for(counts, ["a", "b"], title="T")
    written = [text.get_text() for text in figure.axes[0].texts]
    assert written == ["75.0 %", "25.0 %", "0.0 %", "100.0 %"]


def test_a_truth_that_never_occurred_has_no_shares():
    with pytest.raises(ValueError, match="'b' never occurred"):
        plots.mistaken_for(torch.tensor([[3, 1], [0, 0]]), ["a", "b"], title="T")


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Classifier(Encoder(4), 4).eval()


def test_the_game_turns_its_pictures_and_counts_first_answers_only(network, images):
    game = RotationGame(network, images, TURNS)
    for turned, x, k in zip(game.images, images, TURNS.tolist(), strict=True):
        assert torch.equal(turned.rot90(-k, (1, 2)), x)
    assert game.score().startswith("you 0 of 0")
    game.guess(1)  # it is 2
    game.guess(2)
    assert game.score().startswith("you 0 of 1")
    game.next()
    game.next()  # nothing was answered yet
    assert game.round == 1
    game.guess(0)
    assert game.score().startswith("you 1 of 2")


def test_the_network_s_score_is_its_own(images, says):
    game = RotationGame(Classifier(Encoder(4), 4), images, TURNS)
    game.says = says
    for _ in range(4):
        game.guess(0)
        game.next()
    assert (game.round, game.guesses) == (0, []), "a new game"
    for _ in range(3):
        game.guess(0)
        game.next()
    game.guess(0)
    assert game.score() == "you 1 of 4, the network 3 of 4"


def test_without_a_front_end_both_widgets_are_figures(network, images):
    assert isinstance(widgets.rotation_game(network, images, TURNS), Picture)
    assert isinstance(widgets.phone(network, images), Picture)


@pytest.fixture
def in_front(monkeypatch):
    monkeypatch.setenv("COURSE_WIDGETS", "on")


def test_the_buttons_of_the_game_lead_through_it(in_front, network, images):
    box = widgets.rotation_game(network, images[:2], TURNS[:2])
    (bar, figure, _), seen = box.children, set()
    *answers, onwards = bar.children
    assert [button.description for button in answers] == list(TURNED)
    assert onwards.disabled
    seen.add(figure.value)
    answers[2].click()
    assert "right! So far you 1 of 1" in figure.value
    assert all(button.disabled for button in answers)
    seen.add(figure.value)
    onwards.click()
    assert "Picture 2 of 2: how was it turned?" in figure.value
    assert not any(button.disabled for button in answers)
    seen.add(figure.value)
    answers[3].click()
    assert "wrong! So far you 1 of 2" in figure.value
    assert onwards.description == "play again"
    seen.add(figure.value)
    onwards.click()
    assert "Picture 1 of 2" in figure.value
    assert len(seen) == 4


def test_the_phone_s_sliders_change_the_figure(in_front, network, images):
    bar, figure, _ = widgets.phone(network, images, angle=130).children
    picture, angle = bar.children
    seen = {figure.value}
    assert "Picture 0, turned by 130°" in figure.value
    angle.value = -90
    seen.add(figure.value)
    picture.value = 3
    seen.add(figure.value)
    assert len(seen) == 3
    assert "Picture 3, turned by -90°" in figure.value
    for control in (picture, angle):
        assert control.style.description_width == "initial"


@given(st.integers(-4, 4))
def test_tilting_by_right_angles_is_turning(k):
    x = torch.rand(2, 3, 9, 9, generator=torch.Generator().manual_seed(2))
    turned = tilted(x, torch.full((2,), 90 * k))
    assert torch.allclose(turned, x.rot90(k, (2, 3)), atol=1e-4)


def test_a_tilted_picture_has_no_empty_corners():
    x = torch.full((1, 3, 16, 16), 0.7)
    assert torch.allclose(tilted(x, torch.tensor([37])), x, atol=1e-5)
