"""The figures of clusters say which pictures are wrong, in words and marks too; the browser clusters anew."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from course_utils import plots, selfsup, widgets
from course_utils.plots import Picture
from course_utils.plots.picture import VERMILLION
from course_utils.results import Measured
from tests.course_utils.figure_promises import PROMISES

CLASSES = ("house", "tree", "sailing boat")
#                            cluster 0: 3 of 4 trees; 1: houses; 2: nobody; 3: half boats
ASSIGNMENTS = torch.tensor([0, 0, 0, 0, 1, 1, 3, 3])
LABELS = torch.tensor([1, 1, 0, 1, 0, 0, 2, 1])


@pytest.fixture(scope="module")
def images():
    return torch.rand(8, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def figures(images):
    measured = {"pixels": Measured((0.2, 0.22)), "DeepCluster": Measured((0.5,))}
    many = torch.arange(8)
    return {
        "rows": plots.cluster_rows(images, ASSIGNMENTS, LABELS, CLASSES, title="Rows"),
        "few of many rows": plots.cluster_rows(
            images, many, LABELS, CLASSES, title="Some", most=4, shown=3
        ),
        "table": plots.cluster_table(ASSIGNMENTS, LABELS, CLASSES, title="Table"),
        "bars": plots.cluster_accuracies(measured, title="Bars", chance=0.14),
        "bars alone": plots.cluster_accuracies(measured, title="Bars"),
    }


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_figure_of_clusters_keeps_what_figures_promise(figures, promise):
    for name, figure in figures.items():
        promise(name, figure)
    assert plt.get_fignums() == []


def marks(figure: Picture) -> list[tuple[int, int]]:
    """(row, column) of the pictures with a cross."""
    (ax,) = figure.axes
    places = [text.get_position() for text in ax.texts if text.get_text() == "✗"]
    return [(int(y), int(x)) for x, y in places]


def test_rows_are_named_and_the_purest_is_on_top(figures):
    (ax,) = figures["rows"].axes
    names = [text.get_text() for text in ax.texts if text.get_text() in CLASSES]
    assert names == ["house", "tree", "tree"] or names == ["house", "tree", "sailing boat"]
    told = figures["rows"].alt
    assert "house: 100.0 % of 2; tree: 75.0 % of 4" in told
    assert len(ax.images) == 8  # the empty cluster has no row


def test_wrong_pictures_alone_have_a_cross_and_a_frame(figures):
    places = marks(figures["rows"])
    assert places[0] == (1, 2)  # the house among the trees
    assert len(places) == 2  # and one of the two in the mixed row
    (ax,) = figures["rows"].axes
    frames = [p for p in ax.patches if isinstance(p, Rectangle) and not p.get_fill()]
    assert len(frames) == 2


def test_of_many_clusters_both_ends_are_shown_and_the_rest_is_counted(figures):
    told = figures["few of many rows"].alt
    assert "4 clusters between these are not shown" in told
    assert "4 rows between these left out" in figures["few of many rows"].axes[0].get_xlabel()
    assert len(figures["few of many rows"].axes[0].images) == 4


def test_the_framed_numbers_are_what_cluster_accuracy_counts(figures):
    right = round(selfsup.cluster_accuracy(ASSIGNMENTS, LABELS) * len(LABELS))
    assert f"In frames {right} of 8 pictures" in figures["table"].alt
    (ax,) = figures["table"].axes
    framed = [
        (round(p.get_x() + 0.46), round(p.get_y() + 0.44))
        for p in ax.patches
        if isinstance(p, Rectangle) and to_hex(p.get_edgecolor()) == VERMILLION.lower()
    ]
    numbers = {tuple(text.get_position()): int(text.get_text()) for text in ax.texts}
    assert sum(numbers[place] for place in framed) == right
    assert sum(numbers.values()) == len(LABELS)


def test_bars_say_their_numbers_and_refuse_to_be_empty(figures):
    assert "pixels 21.0 % ± 1.4; DeepCluster 50.0 % ± 0.0" in figures["bars"].alt
    with pytest.raises(ValueError, match="`measured` is empty"):
        plots.cluster_accuracies({}, title="None")


def test_every_method_that_learns_has_a_bar_of_its_own_colour():
    learn = [
        "rotation",
        "patches",
        "SimCLR",
        "supervised",
        "DeepCluster",
        "DeepCluster from rotation",
    ]
    idle = ["pixels", "edges", "random encoder", "by lot"]
    picture = plots.cluster_accuracies(dict.fromkeys(learn + idle, Measured((0.5,))), title="t")
    colours = [bar.get_facecolor() for bar in picture.axes[0].patches]
    assert len(set(colours[: len(learn)])) == len(learn)
    assert not set(colours[: len(learn)]) & set(colours[len(learn) :])


def test_rows_refuse_what_does_not_fit_together(images):
    with pytest.raises(ValueError, match="8 pictures, 7 assignments and 8 labels"):
        plots.cluster_rows(images, ASSIGNMENTS[:7], LABELS, CLASSES, title="No")


def heaps() -> dict[str, torch.Tensor]:
    far = 9.0 * torch.nn.functional.one_hot(LABELS, 3)
    return {"colours": torch.rand(8, 4), "things": far + 0.01 * torch.rand(8, 3)}


def test_the_browser_clusters_the_chosen_features_anew(images, monkeypatch):
    monkeypatch.setenv("COURSE_WIDGETS", "on")
    box = widgets.cluster_browser(images, heaps(), LABELS, CLASSES, start="things", k=3)
    (encoder, k), figure = box.children[0].children, box.children[1]
    assert "things, 3 clusters: purity 100.0 %, cluster accuracy 100.0 %" in figure.value
    before = figure.value
    k.value = 2
    assert "things, 2 clusters" in figure.value
    encoder.value = "colours"
    assert "colours, 2 clusters" in figure.value
    encoder.value, k.value = "things", 3
    assert figure.value == before


def test_without_a_front_end_the_browser_shows_its_first_rows(images, monkeypatch):
    monkeypatch.setenv("COURSE_WIDGETS", "off")
    shown = widgets.cluster_browser(images, heaps(), LABELS, CLASSES, start="things", k=3)
    assert isinstance(shown, Picture)
    assert "things, 3 clusters" in shown.alt


def test_the_browser_says_what_it_needs(images):
    with pytest.raises(ValueError, match="no encoder 'ours'; there are: colours, things"):
        widgets.cluster_browser(images, heaps(), LABELS, CLASSES, start="ours")
    with pytest.raises(ValueError, match=r"'piles' must be \(8, D\), a row a picture, got \(8,\)"):
        widgets.cluster_browser(images, {"piles": ASSIGNMENTS}, LABELS, CLASSES)
    with pytest.raises(ValueError, match="`features` is empty"):
        widgets.cluster_browser(images, {}, LABELS, CLASSES)
