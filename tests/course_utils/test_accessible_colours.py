"""The course's colours stand out from paper, and from each other for people who don't see red or green."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.plots import clusters, labels, rotation
from course_utils.plots.contrast import LINES, TEXT, contrast, ink_on, readable
from course_utils.plots.picture import BLUE, FAINT, GREY, INK, PALETTE, PAPER, VERMILLION
from tests.course_utils.colour_vision import VISION, difference, lab, seen

CLEARLY_APART = 9.0  # CIEDE2000; about 1 is just noticed when two colours touch

GROUPS = {
    "palette": PALETTE,
    "methods": tuple(labels.COLOURS.values()),
    "turns": rotation.COLOURS,
    "clusters": tuple(set(clusters.BARS.values())),
    "right, wrong, neither": (BLUE, VERMILLION, GREY),
}


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("group", GROUPS)
def test_colours_that_stand_for_different_things_stay_apart(group, vision):
    for one, other in itertools.combinations(GROUPS[group], 2):
        apart = difference(lab(one, vision), lab(other, vision))
        assert apart >= CLEARLY_APART, f"{one} and {other}: {apart:.1f}"


@pytest.mark.parametrize("colour", sorted({*PALETTE, *labels.COLOURS.values(), GREY, FAINT}))
def test_what_draws_lines_stands_out_from_paper(colour):
    assert contrast(colour, PAPER) >= LINES


@pytest.mark.parametrize("colour", [INK, GREY, *map(readable, PALETTE)])
def test_what_writes_texts_stands_out_from_paper(colour):
    assert contrast(colour, PAPER) >= TEXT


@given(rgb=st.tuples(*[st.floats(0, 1)] * 3))
def test_on_any_ground_one_ink_can_be_read(rgb):
    assert contrast(ink_on(rgb), rgb) >= TEXT


@pytest.mark.parametrize("colour", PALETTE)
def test_a_readable_colour_keeps_its_hue(colour):
    """It is the same colour times a number, up to the rounding to whole bytes."""
    shade, own = (np.asarray(lab(c))[1:] for c in (readable(colour), colour))
    if np.hypot(*own) > 10:
        assert shade @ own / np.hypot(*shade) / np.hypot(*own) > 0.99


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#FFFFFF", "#000000", 21.0), ("#767676", "#FFFFFF", 4.54), ("#FF0000", "#FFFFFF", 4.0)],
)
def test_contrast_is_wcag_s(one, other, ratio):
    """Figures that WebAIM's contrast checker gives."""
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_differences_are_those_of_the_papers_test_data(one, other, wanted):
    """Sharma, Wu and Dalal 2005, table 1: pairs 1, 17, 19 and 34."""
    assert difference(np.array(one), np.array(other)) == pytest.approx(wanted, abs=1e-4)


def test_who_does_not_see_green_takes_red_and_olive_for_the_same():
    red, olive = "#B22222", "#6B6B00"
    assert difference(lab(red), lab(olive)) > 40
    assert difference(lab(red, "deuteranopia"), lab(olive, "deuteranopia")) < 15


def test_greys_look_the_same_to_everybody():
    greys = np.linspace(0, 1, 11)[:, None].repeat(3, axis=1)
    for vision in VISION:
        np.testing.assert_allclose(seen(greys, vision), greys, atol=1e-3)
