"""Sliders and pickers over the plots: each widget is one figure function and the controls of its arguments.

Every function returns something that a notebook shows when it is a cell's last value: the controls with the
figure below where a person can move them, and the figure alone where nobody can (a notebook executed by a
program, plain Python). `COURSE_WIDGETS=on` or `off` in the environment overrides the guess.
"""

from .attack import ascent, climb, panda, real_panda, uphill, which_is_which
from .clusters import cluster_browser
from .colouring import colour_picker
from .explore import Note, eps_slider, explore
from .inpainting import fill_the_hole
from .patches import lens, patch_quiz, sample_by_hand
from .robustness import cue_swap, imagenet_a, spoil, sticker, viewer
from .rotation import phone, rotation_game
from .simclr import augmentations, find_the_pairs, picture_map, temperature
from .video import look_back, player

__all__ = [
    "Note",
    "ascent",
    "augmentations",
    "climb",
    "cluster_browser",
    "colour_picker",
    "cue_swap",
    "eps_slider",
    "explore",
    "fill_the_hole",
    "find_the_pairs",
    "imagenet_a",
    "lens",
    "look_back",
    "panda",
    "patch_quiz",
    "phone",
    "picture_map",
    "player",
    "real_panda",
    "rotation_game",
    "sample_by_hand",
    "spoil",
    "sticker",
    "temperature",
    "uphill",
    "viewer",
    "which_is_which",
]
