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
from course_utils.plots.physical import (
    answers,
    film,
    impersonation,
    patch_and_uses,
)
from course_utils.plots.picture import PALETTE, Picture, folded, new, percent, show, styled
from course_utils.plots.poses import viewpoints
from course_utils.plots.robustness import corruption_grid, error_curves, side_by_side

__all__ = [
    "PALETTE",
    "Picture",
    "accuracy_against_eps",
    "answers",
    "ascent",
    "bars",
    "confidences",
    "corruption_grid",
    "cues",
    "drifting_discs",
    "error_curves",
    "film",
    "folded",
    "gallery",
    "impersonation",
    "logit_line",
    "logits_along",
    "new",
    "panda",
    "patch_and_uses",
    "percent",
    "shift_against_pixels",
    "show",
    "side_by_side",
    "slope",
    "straightness",
    "styled",
    "two_illusions",
    "viewpoints",
    "which_is_which",
]
