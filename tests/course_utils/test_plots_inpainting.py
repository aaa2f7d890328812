"""The figures and the widget of inpainting show the hole where it is, and the errors that the fills have."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from course_utils import plots, selfsup, widgets
from course_utils.models import UNet
from course_utils.plots import Picture
from course_utils.plots.inpainting import hole_errors
from tests.course_utils.figure_promises import PROMISES


@pytest.fixture(scope="module")
def x():
    return torch.rand(3, 3, 24, 24, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def mask():
    return selfsup.square_mask(3, 24, 4, 10, 8)


@pytest.fixture(scope="module")
def fills(x, mask):
    return {"mean colour": selfsup.mean_fill(x, mask), "lines": selfsup.bilinear_fill(x, mask)}


@pytest.fixture(scope="module")
def figures(x, mask, fills):
    one = {"network": [0.05, 0.1], "lines": [0.06, 0.12]}
    return {
        "holes": plots.filled_holes(x, mask, fills),
        "nothing missing": plots.filled_holes(x, torch.zeros_like(mask), fills),
        "widths": plots.fills_by_width([8, 16], one, {name: [0.2, 0.1] for name in one}),
    }


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_figure_of_inpainting_keeps_what_figures_promise(figures, promise):
    for name, figure in figures.items():
        promise(name, figure)
    assert plt.get_fignums() == []


def test_the_error_is_each_pictures_own_inside_its_hole(x, mask, fills):
    errors = hole_errors(fills["lines"], x, mask)
    for picture in range(3):
        off = (fills["lines"] - x)[picture, :, 4:12, 10:18].double().numpy()
        assert float(errors[picture]) == pytest.approx(np.sqrt(np.mean(off**2)), rel=1e-5)


def test_panels_stand_under_their_names_with_their_errors(figures, x, fills, mask):
    rows = np.array(figures["holes"].axes).reshape(3, 4)
    heads = [ax.get_title() for ax in rows[0]]
    assert heads == ["the hole", "mean colour", "lines", "what was there"]
    for row, panels in enumerate(rows):
        for ax, want in zip(panels[1:], (*fills.values(), x), strict=True):
            shown = torch.as_tensor(ax.images[0].get_array()).permute(2, 0, 1)
            assert torch.equal(shown, want[row])
        error = plots.percent(float(hole_errors(fills["lines"], x, mask)[row]))
        assert panels[2].get_xlabel() == f"error {error}"
    assert "Pictures with a hole: 3." in figures["holes"].alt


def test_the_hole_is_hidden_and_nothing_else(figures, x):
    shown = torch.as_tensor(figures["holes"].axes[0].images[0].get_array()).permute(2, 0, 1)
    assert (shown[:, 4:12, 10:18] == 1).all()
    visible = selfsup.square_mask(1, 24, 4, 10, 8)[0].expand(3, -1, -1) == 0
    assert torch.equal(shown[visible], x[0][visible])
    hatched = figures["holes"].axes[0].patches[0]
    assert hatched.get_bbox().bounds == (9.5, 3.5, 8, 8)


def test_a_fill_of_other_pictures_is_refused(x, mask):
    with pytest.raises(ValueError, match=r"the fill 'half' \(1, 3, 24, 24\)"):
        plots.filled_holes(x, mask, {"half": x[:1]})


def test_the_curves_are_drawn_in_percent(figures):
    left, right = figures["widths"].axes
    assert list(left.lines[1].get_ydata()) == pytest.approx([6, 12])
    assert list(right.lines[0].get_ydata()) == pytest.approx([20, 10])
    assert "In holes 16 pixels wide, network: error 10.0 %" in figures["widths"].alt


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return UNet(4, 3, 4).eval()


def test_without_a_front_end_the_widget_is_its_figure(network, x):
    figure = widgets.fill_the_hole(network, x)
    assert isinstance(figure, Picture)
    assert "A hole of 8 x 8 pixels at row 8, column 8." in figure.alt
    assert [ax.get_title() for ax in figure.axes][3] == "network"


def test_the_best_fill_is_named(network, x):
    """In noise nothing is nearer than the mean; on a slope of colour straight lines are."""
    assert "Nearest to the truth: mean colour" in widgets.fill_the_hole(network, x).alt
    slope = torch.linspace(0, 1, 24).expand(1, 3, 24, 24)
    assert "Nearest to the truth: straight lines" in widgets.fill_the_hole(network, slope).alt


def test_every_slider_redraws_and_a_hole_never_leaves_the_picture(monkeypatch, network, x):
    monkeypatch.setenv("COURSE_WIDGETS", "on")
    box = widgets.fill_the_hole(network, x, row=2, column=3, width=6)
    sliders = {control.description: control for control in box.children[0].children}
    assert all(s.style.description_width == "initial" for s in sliders.values())
    seen = {box.children[1].value}
    moves = {"picture": 2, "hole: top row": 23, "hole: left column": 0, "hole: width, pixels": 12}
    for name, value in moves.items():
        sliders[name].value = value
        seen.add(box.children[1].value)
    assert len(seen) == 5
    told = re.search(r'alt="([^"]*)"', box.children[1].value)[1]
    assert "A hole of 12 x 12 pixels at row 12, column 0." in told


def test_with_pictures_to_borrow_from_one_of_them_fills_the_hole(network, x):
    figure = widgets.fill_the_hole(network, x, borrow=x.flip(0))
    panel = next(ax for ax in figure.axes if ax.get_title() == "another picture")
    assert panel.get_xlabel() == "error 0.0 %"  # it found itself
