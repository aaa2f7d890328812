"""Figures as functions: each returns a `Picture`, a matplotlib figure that carries its alt text."""

from course_utils.plots.attack import ascent, confidences, panda
from course_utils.plots.baselines import against_baselines
from course_utils.plots.clusters import cluster_accuracies, cluster_rows, cluster_table
from course_utils.plots.colouring import colour_choices, colour_weights, coloured
from course_utils.plots.embedding import (
    features_of,
    flat,
    neighbour_agreement,
    neighbours,
    picture_map,
)
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
from course_utils.plots.inpainting import filled_holes, fills_by_width
from course_utils.plots.labels import label_efficiency, representations
from course_utils.plots.patches import (
    lens,
    nearest_rows,
    pair_in_picture,
    patch_quiz,
    read_places,
)
from course_utils.plots.physical import (
    answers,
    film,
    impersonation,
    patch_and_uses,
)
from course_utils.plots.picture import PALETTE, Picture, folded, new, percent, show, styled
from course_utils.plots.points import point_piles
from course_utils.plots.poses import viewpoints
from course_utils.plots.robustness import corruption_grid, error_curves, side_by_side
from course_utils.plots.rotation import (
    mistaken_for,
    pretext_flow,
    rotation_quiz,
    rotation_round,
    turning,
)
from course_utils.plots.simclr import (
    augmentations,
    colour_histograms,
    find_the_pairs,
    loss_by_hand,
    similarity_matrix,
    temperature,
    views,
)
from course_utils.plots.simclr_flow import simclr_flow
from course_utils.plots.video import Movie, attention_map, frames, moment, movie

__all__ = [
    "PALETTE",
    "Movie",
    "Picture",
    "accuracy_against_eps",
    "against_baselines",
    "answers",
    "ascent",
    "attention_map",
    "augmentations",
    "bars",
    "cluster_accuracies",
    "cluster_rows",
    "cluster_table",
    "colour_choices",
    "colour_histograms",
    "colour_weights",
    "coloured",
    "confidences",
    "corruption_grid",
    "cues",
    "drifting_discs",
    "error_curves",
    "features_of",
    "filled_holes",
    "fills_by_width",
    "film",
    "find_the_pairs",
    "flat",
    "folded",
    "frames",
    "gallery",
    "impersonation",
    "label_efficiency",
    "lens",
    "logit_line",
    "logits_along",
    "loss_by_hand",
    "mistaken_for",
    "moment",
    "movie",
    "nearest_rows",
    "neighbour_agreement",
    "neighbours",
    "new",
    "pair_in_picture",
    "panda",
    "patch_and_uses",
    "patch_quiz",
    "percent",
    "picture_map",
    "point_piles",
    "pretext_flow",
    "read_places",
    "representations",
    "rotation_quiz",
    "rotation_round",
    "shift_against_pixels",
    "show",
    "side_by_side",
    "simclr_flow",
    "similarity_matrix",
    "slope",
    "straightness",
    "styled",
    "temperature",
    "turning",
    "two_illusions",
    "viewpoints",
    "views",
    "which_is_which",
]
