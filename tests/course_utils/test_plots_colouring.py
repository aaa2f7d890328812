"""The figures of colouring keep what figures promise, and say in words what they show in colour."""

import matplotlib.pyplot as plt
import pytest
import torch

from course_utils import plots
from course_utils.plots.colouring import colour_word
from course_utils.selfsup.colour_bins import ColourBins
from course_utils.selfsup.colouring import saturation, to_grey
from tests.course_utils.figure_promises import PROMISES


@pytest.fixture(scope="module")
def images():
    return torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def shares():
    values = torch.full((37,), 0.1 / 35)
    values[0], values[18] = 0.6, 0.3
    return values


def choices(images, shares, **options):
    grey = to_grey(images).expand_as(images)[0]
    versions = {"grey": grey, "mean": images[1], "choice": images[2], "truth": images[0]}
    return plots.colour_choices(versions, 3, 12, shares, ColourBins(), **options)


@pytest.fixture(scope="module")
def figures(images, shares):
    grey, bins = to_grey(images), ColourBins()
    return {
        "coloured": plots.coloured(
            grey, images, {"mean": images.flip(0), "choice": images.roll(1, 0)}
        ),
        "one": plots.coloured(grey[:1], images[:1], {"mean": images[1:2]}, title="One"),
        "choices": choices(images, shares, title="A pixel"),
        "weights": plots.colour_weights(bins.weighted(shares), shares),
    }


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_figure_of_colouring_keeps_what_figures_promise(figures, promise):
    for name, figure in figures.items():
        promise(name, figure)
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("rgb", "word"),
    [
        ((0.5, 0.52, 0.5), "grey"),
        ((0.81, 0.25, 0.24), "red"),
        ((0.93, 0.52, 0.2), "orange"),
        ((0.95, 0.77, 0.24), "yellow"),
        ((0.31, 0.6, 0.29), "dull green"),
        ((0.18, 0.61, 0.59), "teal"),
        ((0.25, 0.45, 0.77), "blue"),
        ((0.53, 0.34, 0.69), "purple"),
        ((0.9, 0.3, 0.7), "pink"),
        ((0.9, 0.2, 0.25), "red"),
    ],
)
def test_colours_have_the_names_that_people_give_them(rgb, word):
    assert colour_word(torch.tensor(rgb)) == word


def test_below_each_picture_stands_its_own_saturation(figures, images):
    axes = figures["coloured"].axes
    assert [ax.get_title() for ax in axes[:4]] == ["grey", "mean", "choice", "the truth"]
    for row in range(4):
        grey, mean, _, truth = axes[4 * row : 4 * row + 4]
        assert grey.get_xlabel() == ""
        assert truth.get_xlabel() == f"saturation {100 * saturation(images[row : row + 1]):.1f} %"
        flipped = images[3 - row : 4 - row]
        assert mean.get_xlabel() == f"saturation {100 * saturation(flipped):.1f} %"


def test_the_pixel_is_marked_where_it_is_and_named_in_every_version(figures, images):
    figure = figures["choices"]
    versions = (to_grey(images).expand_as(images)[0], images[1], images[2], images[0])
    for ax, version in zip(figure.axes[:4], versions, strict=True):
        assert [line.get_xydata().tolist() for line in ax.lines] == [[[12, 3]]] * 2
        assert ax.get_xlabel() == f"there: {colour_word(version[:, 3, 12])}"
    assert "row 3, column 12. grey: grey; mean: " in figure.alt


def test_the_bars_are_the_likeliest_bins_in_order(figures):
    bars = figures["choices"].axes[5]
    assert [bar.get_width() for bar in bars.patches[:2]] == pytest.approx([60, 30])
    assert len(bars.patches) == 5
    labels = [label.get_text() for label in bars.get_yticklabels()]
    assert labels[0].endswith("60.0 %")
    assert labels[1] == "grey 30.0 %"
    assert labels[0] in figures["choices"].alt


def test_the_answers_lie_in_the_plane_where_their_colours_do(figures, images):
    plane = figures["choices"].axes[4]
    points = {one.get_label(): one.get_offsets()[0].tolist() for one in plane.collections[2:]}
    assert list(points) == ["mean", "choice", "truth"]
    for name, image in (("mean", images[1]), ("truth", images[0])):
        red, green, blue = image[:, 3, 12].tolist()
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        expected = [(blue - luma) / 1.772, (red - luma) / 1.402]
        assert points[name] == pytest.approx(expected, abs=1e-5)


def test_what_does_not_fit_is_refused_with_a_remedy(images, shares):
    with pytest.raises(ValueError, match=r"the version 'mean' \(2, 3, 16, 16\): give one coloured"):
        plots.coloured(to_grey(images), images, {"mean": images[:2]})
    with pytest.raises(ValueError, match=r"\(37,\), one a bin, got \(5,\): model\(grey\)"):
        choices(images, shares[:5])
