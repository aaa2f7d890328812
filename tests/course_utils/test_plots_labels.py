"""Figures that compare representations: what every figure promises, and names that never overlap."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.text import Text

from course_utils import plots, results
from course_utils.plots.contrast import readable
from course_utils.plots.labels import spread_out
from course_utils.results import Measured
from tests.course_utils.figure_promises import PROMISES

METHODS = ("random encoder", "from scratch", "rotation", "patches", "SimCLR", "supervised")


def close_curves():
    return {
        name: {n: Measured((0.9 + 0.001 * i, 0.92 + 0.001 * i)) for n in (10, 50, 800)}
        for i, name in enumerate(METHODS)
    }


def every_figure():
    robust = {
        what: {name: Measured((0.1 * i, 0.1 * i + 0.05)) for i, name in enumerate(METHODS[:5])}
        for what in ("clean", "FGSM, eps 1/255", "corrupted", "before scenes")
    }
    return {
        "measured curves": plots.label_efficiency(results.label_curves(), title="Few labels"),
        "close curves": plots.label_efficiency(
            close_curves(), title="All alike", highlight=["SimCLR"], chance=None
        ),
        "other methods": plots.label_efficiency(
            {"ours": {5: Measured((0.3,))}, "theirs": {5: Measured((0.2,))}}, title="One number"
        ),
        "robustness": plots.representations(robust, title="Nobody is robust"),
        "one panel": plots.representations({"clean": robust["clean"]}, title="One panel"),
    }


@pytest.fixture(scope="module")
def figures():
    return every_figure()


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_every_figure_keeps_what_figures_promise(figures, promise):
    for name, figure in figures.items():
        promise(name, figure)


def test_no_name_covers_another(figures):
    for name in ("measured curves", "close curves"):
        figure = figures[name]
        FigureCanvasAgg(figure).draw()
        boxes = [  # Text's, for an annotation counts its line as well
            Text.get_window_extent(text) for text in figure.axes[0].texts if "%" in text.get_text()
        ]
        assert len(boxes) == 2 * len(METHODS)
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i]), name


def test_each_curve_is_named_with_its_own_number_at_both_ends(figures):
    told = [text.get_text() for text in figures["measured curves"].axes[0].texts]
    for method, curve in results.label_curves().items():
        first, last = min(curve), max(curve)
        assert f"{method}  {plots.percent(curve[first].mean)}" in told
        assert f"{plots.percent(curve[last].mean)}  {method}" in told


def test_a_method_has_one_colour_in_every_figure(figures):
    labels = {
        text.get_text().split("  ")[0]: text.get_color()
        for text in figures["close curves"].axes[0].texts
    }
    bars = figures["one panel"].axes[0]
    for place, method in enumerate(METHODS[:5]):
        colour = to_hex(bars.patches[place].get_facecolor())
        assert labels[method] == readable(colour)


def test_what_cannot_be_compared_is_refused():
    curves = close_curves()
    del curves["SimCLR"][50]
    with pytest.raises(ValueError, match="'SimCLR' was measured with"):
        plots.label_efficiency(curves, title="x")
    with pytest.raises(ValueError, match="no curve"):
        plots.label_efficiency({}, title="x")
    with pytest.raises(ValueError, match="give all the same"):
        plots.representations(
            {"a": {"x": Measured((1.0,))}, "b": {"y": Measured((1.0,))}}, title="x"
        )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_spreading_keeps_the_order_and_the_distance(values):
    moved = spread_out(values, 0.05)
    order = sorted(range(len(values)), key=lambda i: values[i])
    gaps = [moved[b] - moved[a] for a, b in pairwise(order)]
    assert all(gap >= 0.05 - 1e-9 for gap in gaps)
    if all(values[b] - values[a] >= 0.05 for a, b in pairwise(order)):
        assert moved == pytest.approx(values)
