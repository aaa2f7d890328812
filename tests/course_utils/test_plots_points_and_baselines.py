"""Points on piles and methods beside their rivals: lecture 6's own two figures say what they show."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_hex

from course_utils import plots
from course_utils.plots.picture import BLUE, GREY
from course_utils.results import Measured
from tests.course_utils.figure_promises import PROMISES

KINDS = torch.tensor([0, 1, 0, 1])
POINTS = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
TASKS = {
    "holes": {"network": Measured((0.05, 0.07)), "mean": Measured((0.2, 0.2))},
    "film": {"network": Measured((0.01,)), "grey": Measured((0.1,)), "copied": Measured((0.08,))},
}


@pytest.fixture(scope="module")
def figures():
    piles = {"at first": (POINTS, torch.tensor([0, 0, 1, 1])), "then": (POINTS, KINDS)}
    return {
        "points": plots.point_piles(piles, KINDS, title="Colour is the pile"),
        "baselines": plots.against_baselines(TASKS, title="All of them", unit="error"),
        "one": plots.against_baselines({"holes": TASKS["holes"]}, title="One", unit="error"),
    }


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_both_figures_keep_what_figures_promise(figures, promise):
    for name, figure in figures.items():
        promise(name, figure)
    assert plt.get_fignums() == []


def test_the_words_tell_what_each_pile_holds(figures):
    assert "at first: a pile of 1 + 1, a pile of 1 + 1" in figures["points"].alt
    assert "then: a pile of 2 + 0, a pile of 0 + 2" in figures["points"].alt


def test_a_point_has_the_colour_of_its_pile_and_its_place(figures):
    first, then = figures["points"].axes
    assert len(first.collections) == len(then.collections) == 2  # one shape a kind
    of_kind_0 = then.collections[0]
    assert of_kind_0.get_offsets().tolist() == [[0, 0], [0, 1]]
    assert len({tuple(colour) for colour in of_kind_0.get_facecolors()}) == 1
    assert len({tuple(colour) for colour in first.collections[0].get_facecolors()}) == 2


def test_bars_are_the_means_and_the_method_stands_out(figures):
    holes = figures["baselines"].axes[0]
    assert [bar.get_width() for bar in holes.patches] == pytest.approx([0.06, 0.2])
    colours = [to_hex(bar.get_facecolor()) for bar in holes.patches]
    assert colours == [BLUE.lower(), GREY.lower()]
    assert "network 6.0 %, mean 20.0 %" in figures["baselines"].alt


def test_every_bar_and_its_number_lie_inside_their_panel(figures):
    for ax in figures["baselines"].axes:
        assert ax.get_xlim()[1] > max(bar.get_width() for bar in ax.patches) * 1.2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"panels": {}}, "no panel"),
        ({"panels": {"a": (POINTS[:3], KINDS)}}, r"\(3, 2\)"),
        ({"panels": {"a": (POINTS, KINDS + 8)}}, "at most 8"),
    ],
)
def test_points_that_cannot_be_drawn_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        plots.point_piles(**arguments, kinds=KINDS, title="x")


@pytest.mark.parametrize(
    ("tasks", "unit", "words"),
    [
        ({}, "error", "at least one task"),
        ({"holes": {}}, "error", "somebody"),
        (TASKS, {"holes": "error"}, "no unit for film"),
    ],
)
def test_tasks_that_cannot_be_drawn_are_refused(tasks, unit, words):
    with pytest.raises(ValueError, match=words):
        plots.against_baselines(tasks, title="x", unit=unit)
