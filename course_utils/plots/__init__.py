"""Figures as functions: each returns a `Picture`, a matplotlib figure that carries its alt text."""

from course_utils.plots.attack import ascent, confidences, panda
from course_utils.plots.explain import (
    accuracy_against_eps,
    bars,
    logit_line,
    logits_along,
    shift_against_pixels,
    slope,
    straightness,
)
from course_utils.plots.gallery import cues, gallery, which_is_which
from course_utils.plots.illusion import drifting_discs, two_illusions
from course_utils.plots.picture import PALETTE, Picture, folded, new, percent, show, styled

__all__ = [
    "PALETTE",
    "Picture",
    "accuracy_against_eps",
    "ascent",
    "bars",
    "confidences",
    "cues",
    "drifting_discs",
    "folded",
    "gallery",
    "logit_line",
    "logits_along",
    "new",
    "panda",
    "percent",
    "shift_against_pixels",
    "show",
    "slope",
    "straightness",
    "styled",
    "two_illusions",
    "which_is_which",
]
