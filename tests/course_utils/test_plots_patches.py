"""Lecture 4's figures say what to see, and mark the place that they speak of."""

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_rgba

from course_utils import plots, selfsup
from course_utils.plots.patches import PLACES, WORDS
from course_utils.plots.picture import BLUE, VERMILLION
from tests.course_utils.figure_promises import PROMISES

P, GAP = 8, 2


@pytest.fixture(scope="module")
def images():
    return torch.rand(6, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def figures(images):
    corners = torch.tensor([[12, 12], [2, 12]])
    one, other = images[0, :, :P, :P], images[1, :, :P, :P]
    bets = torch.tensor([0.5, 0.2, 0.1, 0.1, 0.05, 0.03, 0.01, 0.01])
    answer = {"position": 1, "network": bets, "title": "Solved"}
    found = images[:3, None, :, :P, :P].expand(-1, 4, -1, -1, -1)
    spots = torch.rand(9, 2) * 24
    return {
        "pair": plots.pair_in_picture(images[0], corners, P, 1, gap=GAP, title="A pair"),
        "quiz": plots.patch_quiz(one, other),
        "solved": plots.patch_quiz(one, other, guess=3, whole=(images[0], corners), **answer),
        "solved without its picture": plots.patch_quiz(one, other, guess=1, **answer),
        "nearest": plots.nearest_rows(found[:, 0], {"features": found, "pixels": found}, title="T"),
        "nearest, with pictures": plots.nearest_rows(
            found[:, 0], {"features": found}, title="T", wholes=images[:3]
        ),
        "lens": plots.lens(images[0], selfsup.colour_fringes(images[:1])[0], title="A lens"),
        "places": plots.read_places(
            spots, {"one": spots + 1, "other": spots}, side=32, patch_size=P, title="Places"
        ),
    }


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_figure_of_lecture_4_keeps_what_figures_promise(figures, promise):
    for name, figure in figures.items():
        promise(name, figure)
    assert plt.get_fignums() == []


def test_words_and_arrows_point_where_the_position_lies():
    for position in range(8):
        row, column = selfsup.neighbour_offset(position)
        assert ("above" in WORDS[position], "below" in WORDS[position]) == (row < 0, row > 0)
        assert ("left" in WORDS[position], "right" in WORDS[position]) == (column < 0, column > 0)
    assert dict(zip(PLACES, WORDS, strict=True))["↗"] == "above right"


def frames(ax, colour):
    """Upper left corners (row, column) of the squares drawn in a colour."""
    return [
        (box.get_y() + 0.5, box.get_x() + 0.5)
        for box in ax.patches
        if box.get_edgecolor() == to_rgba(colour)
    ]


def test_the_frames_lie_where_the_patches_were_cut(figures, images):
    whole, centre, neighbour = figures["pair"].axes
    assert frames(whole, BLUE) == [(12, 12)]
    assert frames(whole, VERMILLION) == [(2, 12)]
    shown = torch.as_tensor(centre.images[0].get_array()).permute(2, 0, 1)
    assert torch.equal(shown, images[0, :, 12:20, 12:20])
    shown = torch.as_tensor(neighbour.images[0].get_array()).permute(2, 0, 1)
    assert torch.equal(shown, images[0, :, 2:10, 12:20])
    assert "above (position 1)" in figures["pair"].alt


def test_dotted_are_the_places_that_lie_in_the_picture(images):
    """From the upper left corner only three neighbours fit."""
    corners = torch.tensor([[0, 0], [0, 10]])
    figure = plots.pair_in_picture(images[0], corners, P, 4, gap=GAP, title="T")
    dotted = [box for box in figure.axes[0].patches if box.get_linestyle() == ":"]
    assert [(box.get_y() + 0.5, box.get_x() + 0.5) for box in dotted] == [
        (0, 10),
        (10, 0),
        (10, 10),
    ]


def test_the_unanswered_quiz_does_not_tell(figures):
    """Neither the board nor the words know where the second patch lies."""
    quiz = figures["quiz"]
    assert not any(word in quiz.alt for word in ("above", "below", "position 1"))
    board = quiz.axes[2]
    assert len(board.images) == 1, "only the centre lies on the board"
    assert [text.get_text().split("\n")[1] for text in board.texts] == list("01234567")


def test_the_answer_lies_on_the_board_with_both_players_marks(figures):
    board = figures["solved"].axes[2]
    assert len(board.images) == 2
    assert board.images[1].get_extent() == pytest.approx([-0.45, 0.45, -0.55, -1.45])  # above
    texts = [text.get_text() for text in board.texts]
    assert texts[3] == "you ✗\n10 %"
    assert texts[1] == "20 %"
    assert "lies above (position 1); the reader said left; the network says above left" in (
        figures["solved"].alt
    )
    right = figures["solved without its picture"].axes[2].texts[1].get_text()
    assert right == "you ✓\n20 %"


def test_the_lens_is_shown_where_it_is_worst():
    """One pixel column far out differs: the magnified square holds it."""
    before = torch.zeros(3, 32, 32)
    after = before.clone()
    after[:, 28:, 30] = 1
    figure = plots.lens(before, after, title="T", crop=8)
    far_out = figure.axes[5].images[0].get_array()
    assert far_out.sum() == 3 * 4


def test_who_reads_places_well_is_said_in_pixels(figures):
    assert "one: 1.4 pixels off on average; other: 0.0 pixels off" in figures["places"].alt
